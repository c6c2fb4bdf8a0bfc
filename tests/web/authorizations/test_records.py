"""Authorizations as rows: what cannot be is refused, every change is kept, what is overdue is chased; tenants stay apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from claimwright.edits.payer_profile import CodeRange
from tests.lib.practices import work_items
from tests.web.authorizations.conftest import on_file, register


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"number": ""}, "has a number"),
        ({"number": "pending"}, "not the payer's number"),
        ({"through": date(2026, 6, 1)}, "before the first"),
        ({"units_approved": Decimal(-1)}, "below zero"),
        ({"codes": [CodeRange(first="99215", last="99202")]}, "99215-99202"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(inside, given, says):
    from claimwright.web.authorizations.models import Authorization
    from claimwright.web.authorizations.services import AuthorizationRefused

    with pytest.raises(AuthorizationRefused, match=says):
        on_file(register(inside), **given)
    assert not Authorization.objects.exists()


def test_a_number_is_on_file_once_but_a_renewal_may_keep_it(inside):
    from claimwright.web.authorizations.services import AuthorizationRefused

    patient = register(inside)
    on_file(patient, "A1")
    with pytest.raises(AuthorizationRefused, match="on file already"):
        on_file(patient, "A1")
    on_file(patient, "A1", start=date(2026, 11, 1), through=date(2026, 12, 31))


def test_every_change_is_kept_with_who_and_why(inside):
    from claimwright.web.authorizations.selectors import history
    from claimwright.web.authorizations.services import AuthorizationRefused, change_authorization
    from claimwright.web.core.services import acting_as

    row = on_file(register(inside), "", status="pended", units_approved=None, call_reference="C-77")
    changes = {"status": "approved", "number": "A9", "units_approved": Decimal(3), "end": date(2026, 12, 1)}
    with acting_as("rita"):
        changed = change_authorization(authorization=row, changes=changes, note="letter of 9/28")
        change_authorization(authorization=row, changes=changes)
    (kept,) = changed.changes.all()
    assert (kept.actor, kept.note, kept.source) == ("rita", "letter of 9/28", "person")
    assert kept.changes == {
        "status": ["pended", "approved"], "number": ["", "A9"], "units_approved": [None, "3"],
        "end": ["2026-11-01", "2026-12-01"],
    }  # fmt: skip
    assert changed.decided_on == date(2026, 9, 30)
    assert [one["actor"] for one in history(changed)] == ["rita"]
    with pytest.raises(AuthorizationRefused, match="not to be changed: patient"):
        change_authorization(authorization=row, changes={"patient": None})


def test_a_payers_cut_below_what_is_planned_is_taken_and_listed(inside):
    from uuid import uuid4

    from claimwright.web.authorizations.services import change_authorization, reserve_for_visit

    row = on_file(register(inside))
    reserve_for_visit(authorization=row, encounter_id=uuid4(), units=Decimal(2))
    change_authorization(authorization=row, changes={"units_approved": Decimal(1)}, source="278")
    assert work_items() == [("authorization_problems", "MORE_TAKEN_THAN_APPROVED")]


@pytest.mark.parametrize(
    ("payer", "asked", "expedited", "due"),
    [
        ("WIMCD", datetime(2026, 9, 1, 15, tzinfo=UTC), False, datetime(2026, 9, 8, 15, tzinfo=UTC)),
        ("WIMCD", datetime(2026, 9, 1, 15, tzinfo=UTC), True, datetime(2026, 9, 4, 15, tzinfo=UTC)),
        ("WIMCD", datetime(2025, 12, 30, 15, tzinfo=UTC), False, datetime(2026, 1, 13, 15, tzinfo=UTC)),
        ("NMUT", datetime(2026, 9, 1, 15, tzinfo=UTC), False, datetime(2026, 9, 16, 15, tzinfo=UTC)),
    ],
)
def test_the_day_a_decision_is_due_is_the_payers(inside, payer, asked, expedited, due):
    from claimwright.web.practice.models import Payer

    row = on_file(
        register(inside),
        "",
        status="requested",
        payer=Payer.objects.get(key=payer),
        requested_at=asked,
        expedited=expedited,
    )
    assert row.decision_due == due


def test_overdue_decisions_are_chased_until_they_come(inside):
    from claimwright.web.authorizations.selectors import awaiting_decision
    from claimwright.web.authorizations.services import change_authorization, list_overdue_decisions
    from claimwright.web.practice.models import Payer

    patient, medicaid = register(inside), Payer.objects.get(key="WIMCD")
    late = on_file(patient, "", status="pended", payer=medicaid, requested_at=datetime(2026, 9, 1, tzinfo=UTC))
    on_file(patient, "", status="pended", payer=medicaid, requested_at=datetime(2026, 9, 29, tzinfo=UTC))
    assert list_overdue_decisions() == list_overdue_decisions() == 1
    assert work_items() == [("authorization_chase", "DECISION_OVERDUE")]
    assert [one.pk == late.pk for one in awaiting_decision()] == [True, False]
    change_authorization(authorization=late, changes={"status": "denied"})
    assert work_items() == []


def test_what_runs_out_and_runs_low_is_shown(inside):
    from uuid import uuid4

    from claimwright.web.authorizations.selectors import expiring, running_low
    from claimwright.web.authorizations.services import expire_authorizations, reserve_for_visit

    patient = register(inside)
    soon = on_file(patient, "A1", through=date(2026, 10, 5))
    on_file(patient, "A2", through=date(2026, 12, 5))
    over = on_file(patient, "A3", through=date(2026, 9, 29))
    assert [one.number for one in expiring()] == ["A1"]
    assert running_low() == []
    reserve_for_visit(authorization=soon, encounter_id=uuid4(), units=Decimal(2))
    assert [row.number for row, _ in running_low()] == ["A1"]
    assert (expire_authorizations(), expire_authorizations()) == (1, 0)
    over.refresh_from_db()
    assert over.status == "expired" and over.changes.count() == 1


def test_an_expired_one_still_covers_the_days_it_was_for(inside):
    from claimwright.web.authorizations.services import expire_authorizations
    from claimwright.web.submissions.services import scrub
    from tests.web.authorizations.conftest import a_visit, again

    on_file(register(inside), "A1", through=date(2026, 9, 15))
    expire_authorizations()
    version = a_visit(inside)
    scrub()
    assert (again(version).state, version.content["prior_authorization"]) == ("READY", "A1")


def test_another_tenant_sees_nothing(tenant, other_tenant, clinic):
    from claimwright.web.authorizations import models
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        from tests.web.authorizations.conftest import asking

        asking(clinic)
        on_file(register(clinic))
    with tenant_scope(other_tenant):
        assert not models.Authorization.objects.exists()


def test_the_end_of_a_day_chases_and_expires(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.day import end_day
    from tests.web.authorizations.conftest import asking

    with tenant_scope(tenant):
        asking(clinic)
        patient = register(clinic)
        on_file(patient, "", status="pended", requested_at=datetime(2026, 9, 1, tzinfo=UTC))
        over = on_file(patient, "A3", through=date(2026, 9, 29))
    for _ in range(2):
        end_day(tenant=tenant)
    with tenant_scope(tenant):
        over.refresh_from_db()
        assert over.status == "expired" and over.changes.count() == 1
        assert work_items() == [("authorization_chase", "DECISION_OVERDUE")]
