"""What one payer asks, on its page: a rule that is added holds claims, ended it lets later days go, a bad or stale form does nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lib.web_data import a_user

BACKEND = "django.contrib.auth.backends.ModelBackend"
AUTHORIZATION = {
    "authorization_kind": "authorization", "authorization_codes": "99202-99215", "authorization_start": "09/01/2026",
    "authorization_source": "Provider manual 2026, page 12",
}  # fmt: skip


@pytest.fixture(scope="module")
def manager(offices: Any) -> Any:
    from django.test import Client

    made = Client()
    made.force_login(a_user(offices[0].tenant, "the-manager", "manager"), backend=BACKEND)
    return made


@pytest.fixture
def address(mine: Any) -> str:
    return f"/settings/payers/{mine.payer.pk}/rules/"


def text(answer: Any) -> str:
    return answer.content.decode()


def section(answer: Any, key: str) -> dict[str, Any]:
    return next(one for one in answer.context["sections"] if one["key"] == key)


def switches(answer: Any) -> dict[str, str]:
    """What the form of the switches holds, as a browser would send it."""
    cells = {
        shown.field.name: shown.value for group in answer.context["groups"] for shown in group.fields
        if shown.field.kind != "tick" or shown.value
    }  # fmt: skip
    return cells | {"seen": answer.context["seen"]}


def profile(mine: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer
    from claimwright.web.practice.selectors import payer_profile

    with tenant_scope(mine.tenant):
        return payer_profile(Payer.objects.get(pk=mine.payer.pk))


def stopped(mine: Any, version: Any) -> set[str]:
    """The edits about authorizations that stop the claim now."""
    import msgspec

    from claimwright.claims.nouns import Claim
    from claimwright.edits.engine import run
    from claimwright.edits.families import aut
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.facts import FactsGatherer
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(mine.tenant):
        row = ClaimVersion.objects.select_related("claim__payer", "claim__patient", "claim__encounter").get(
            pk=version.pk
        )
        content = msgspec.convert(row.content, Claim, strict=False)
        return {one.edit_id for one in run(content, FactsGatherer([row]).facts(row, content), aut.EDITS)}


def audited(mine: Any) -> list[str]:
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        rows = AuditEvent.objects.filter(action__startswith="payer.rule").order_by("sequence")
        return [f"{row.action}: {row.detail}" for row in rows]


def test_a_rule_added_on_the_page_holds_claims_until_the_day_it_ends(manager: Any, mine: Any, address: str):
    before = manager.get(address)
    assert before.status_code == 200 and "no claim is held for want of an authorization" in text(before)
    assert stopped(mine, mine.ready) == set()  # 09/24/2026
    given = AUTHORIZATION | {"seen": section(before, "authorization")["seen"]}
    wrong = manager.post(f"{address}authorization/add/", given | {"authorization_codes": "99215-99202"})
    assert wrong.status_code == 200 and "Write it as 99202-99215" in text(wrong)
    assert 'value="99215-99202"' in text(wrong) and section(wrong, "authorization")["is_open"]
    assert profile(mine).authorization_rules == ()
    added = manager.post(f"{address}authorization/add/", given, follow=True)
    assert "Prior authorization for 99202-99215" in text(added) and "page 12" in text(added)
    assert stopped(mine, mine.ready) == stopped(mine, mine.sent) == {"AUT01"}
    stale = manager.post(f"{address}authorization/add/", given | {"authorization_source": "Another"})
    assert "changed meanwhile" in text(stale) and len(profile(mine).authorization_rules) == 1
    (row,) = section(added, "authorization")["rows"]
    end = f"{address}authorization/{row.key}/end/"
    for bad in ({"on": "09/24/2026"}, {"on": "24.9.", "reason": "x"}, {"on": "08/01/2026", "reason": "x"}):
        manager.post(end, bad)
        assert profile(mine).authorization_rules[0].end is None
    ended = manager.post(end, {"on": "09/24/2026", "reason": "bulletin 7"}, follow=True)
    assert section(ended, "authorization")["rows"] == [] and len(section(ended, "authorization")["over"]) == 1
    assert stopped(mine, mine.sent) == {"AUT01"}  # 09/22/2026: asked by the rule of its day
    assert stopped(mine, mine.ready) == set()
    assert "meanwhile" in text(manager.post(end, {"on": "09/20/2026", "reason": "again"}, follow=True))
    told = audited(mine)
    assert told[0] == "payer.rule_add: authorization_rules: Prior authorization for 99202-99215"
    assert "ends 2026-09-24: bulletin 7" in told[1] and len(told) == 2


def test_switches_change_and_a_bad_or_stale_form_changes_nothing(manager: Any, mine: Any, address: str):
    given = switches(manager.get(address))
    kept = profile(mine)
    wrong = manager.post(f"{address}save/", given | {"member_id_pattern": "[A-Z", "pays_last": "on"})
    assert "is no regular expression" in text(wrong) and profile(mine) == kept
    assert manager.post(f"{address}save/", given | {"pays_last": "on"}).status_code == 302
    assert profile(mine).pays_last and audited(mine)[-1] == "payer.rules: pays_last: no -> yes"
    stale = manager.post(f"{address}save/", given | {"span_limit": "month"})
    assert "changed meanwhile" in text(stale) and profile(mine).span_limit == ""
    assert manager.post(f"{address}save/", {}).status_code == 200 and profile(mine).pays_last


def test_levels_of_appeal_those_of_the_law_and_who_only_looks(manager: Any, client: Any, mine: Any, address: str):
    shown = manager.get(address)
    assert "external review" in text(shown).lower() and "29 CFR 2560.503-1(h)(3)(i)" in text(shown)
    given = {
        "appeal_name": "reconsideration", "appeal_period_count": "60", "appeal_period_unit": "days", "appeal_method": "mail",
        "appeal_response_unit": "days", "appeal_source": "Manual", "seen": section(shown, "appeal")["seen"],
    }  # fmt: skip
    shown = manager.post(f"{address}appeal/add/", given, follow=True)
    assert "Reconsideration: within 60 days" in text(shown) and section(shown, "appeal")["law"] == []
    (row,) = section(shown, "appeal")["rows"]
    manager.post(f"{address}appeal/{row.key}/end/", {"reason": ""})
    assert len(profile(mine).appeal_levels) == 1
    manager.post(f"{address}appeal/{row.key}/end/", {"reason": "was another plan's"})
    assert profile(mine).appeal_levels == ()
    looked = client.get(address)
    assert looked.status_code == 200 and "<button" not in text(looked).partition("<main")[2].partition("</main")[0]
    assert client.post(f"{address}appeal/add/", given).status_code == 403
    assert manager.post(f"{address}nothing/add/", given).status_code == 404
