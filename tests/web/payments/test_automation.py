"""A payer whose remittances wait for a look, and a reason that never posts unseen: set, held, posted, undone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.faults import office as offices
from tests.web.payments.test_release import adjustment, at_work, deliver, held_claims, open_items, suspense


def test_what_people_set_holds_payments_until_they_have_looked(office: Any):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.payments.looked_over import post_looked_over, waits_for_a_look
    from claimwright.web.payments.release import ReleaseRefused
    from claimwright.web.practice.models import Payer, Practice
    from claimwright.web.practice.posting_automation import (
        AutomationRefused,
        add_never_automatic,
        end_never_automatic,
        set_payer_automation,
    )

    first, second, third = office.versions
    with at_work(office):
        payer, practice = Payer.objects.get(pk=first.claim.payer_id), Practice.objects.get(pk=first.claim.practice_id)
        with pytest.raises(AutomationRefused, match="say why"):
            set_payer_automation(payer=payer, posts_by_itself=False, hold_over_amount=None, reason=" ")
        with pytest.raises(AutomationRefused, match="below zero"):
            set_payer_automation(payer=payer, posts_by_itself=True, hold_over_amount=Decimal("-1"), reason="x")
        with pytest.raises(AutomationRefused, match="no CARC"):
            add_never_automatic(practice=practice, carc="CO-45", reason="x")
        set_payer_automation(payer=payer, posts_by_itself=False, hold_over_amount=None, reason="new payer")
    # Nothing of the payer posts: two claims, one adjustment, all of the money in Suspense.
    looked = deliver(
        office, 10, [offices.payment(first), offices.payment(second)], adjustments=[adjustment("L6", "-4.00")]
    )
    assert (looked.state, len(held_claims(office, looked))) == ("partial", 2)
    assert open_items(office, "before_posting") == 3
    assert suspense(office) == -looked.amount
    with at_work(office):
        assert waits_for_a_look(remittance=looked)
        done = post_looked_over(remittance=looked)
        looked.refresh_from_db()
        assert (done.posted, done.still_held, looked.state) == (3, (), "posted")
        with pytest.raises(ReleaseRefused, match="nothing of it waits"):
            post_looked_over(remittance=looked)
    assert (suspense(office), open_items(office, "before_posting")) == (0, 0)
    assert offices.audit_faults(office.tenant) == []
    # On again, but CARC 45 never unseen; taken off the list it posts.
    with at_work(office):
        set_payer_automation(payer=payer, posts_by_itself=True, hold_over_amount=Decimal("100000"), reason="known now")
        entry = add_never_automatic(practice=practice, carc="45", reason="contract under dispute")
        with pytest.raises(AutomationRefused, match="on the list already"):
            add_never_automatic(practice=practice, carc="45", reason="again")
    held = deliver(office, 20, [offices.payment(third)])
    (row,) = held_claims(office, held)
    assert "CARC 45" in row.reason
    with at_work(office):
        end_never_automatic(entry=entry, reason="settled")
        with pytest.raises(AutomationRefused, match="was taken off"):
            end_never_automatic(entry=entry, reason="settled")
        post_looked_over(remittance=held)
        kept = set(AuditEvent.objects.filter(action__startswith="p").values_list("action", flat=True))
    assert {"payer.automation", "practice.never_automatic", "practice.automatic_again"} <= kept
    assert offices.audit_faults(office.tenant) == []
