"""A page shown before the claim went out: what a person then does is judged by the claim as it is now."""

from __future__ import annotations

from typing import Any

import pytest

from claimwright.claims.nouns import Claim as ClaimNoun
from tests.lib import world


@pytest.fixture
def stale(tenant: Any, other_tenant: Any) -> Any:
    """(tenant, a version loaded while READY that has been SENT since)."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(tenant):
        (sent,) = world.sent_claims(world.set_up(), [world.visit(1)])
        version = ClaimVersion.objects.get(pk=sent.pk)
        assert version.state == "SENT"
        version.state = "READY"
    return tenant, version


@pytest.mark.parametrize("shown", ["READY", "DRAFT"])
def test_what_was_sent_is_neither_changed_nor_held(stale, shown):
    import msgspec

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion
    from claimwright.web.submissions.services import StepRefused, hold, revise_unsent

    tenant, version = stale
    before = version.content
    content = msgspec.structs.replace(msgspec.convert(before, ClaimNoun), place_of_service="22")
    for act in (
        lambda: revise_unsent(version=version, content=content, reason="the place was wrong"),
        lambda: hold(version=version, reason="wait"),
    ):
        version.state = shown
        with tenant_scope(tenant):
            events = ClaimEvent.objects.count()
            with pytest.raises(StepRefused):
                act()
            kept = ClaimVersion.objects.get(pk=version.pk)
            assert (kept.state, kept.content, kept.touched) == ("SENT", before, False)
            assert ClaimEvent.objects.count() == events


def test_a_claim_decided_meanwhile_is_not_sent_again_as_pending(stale):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import Move, StepRefused, move_all, resubmit

    tenant, version = stale
    with tenant_scope(tenant):
        move_all(moves=[Move(version=ClaimVersion.objects.get(pk=version.pk), trigger=Trigger.REMITTANCE)])
        version.state = "SENT"
        with pytest.raises(StepRefused, match="ADJUDICATED"):
            resubmit(version=version, reason="no answer")
        assert ClaimVersion.objects.count() == 1
