"""Money that a decision leaves open on no list comes onto one, and again until it is settled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import Adjustment
from tests.faults import office as offices
from tests.web.payments.test_release import at_work, buckets, deliver


def duplicate(version):
    """The payer calls the claim a duplicate: nothing is paid, and nothing is denied that could be appealed."""
    claim = offices.payment(version, paid="0.00", patient="0.00")
    whole = (Adjustment(group="OA", reason="18", amount=Decimal("150.00")),)
    return msgspec.structs.replace(
        claim, status="1", lines=(msgspec.structs.replace(claim.lines[0], adjustments=whole),)
    )


def days_later(office, days):
    from claimwright.web.core import clock

    with at_work(office):
        office.tenant.fixed_date = clock.today() + timedelta(days=days)
        office.tenant.save()


def waiting(office):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.payments.decided_open import list_open_after_decision

    with at_work(office):
        list_open_after_decision()
        return list(WorkItem.objects.filter(worklist="open_after_decision", state="open"))


def test_a_duplicate_that_nobody_looked_into_comes_up_until_it_is_settled(office):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import resolve_work_items
    from claimwright.web.payments.services import request_write_off

    version = office.versions[0]
    deliver(office, 10, [duplicate(version)])
    assert buckets(office, version) == {"INS1": Decimal("150.00")}
    days_later(office, 8)
    with at_work(office):
        shown = WorkItem.objects.filter(claim_number=version.control_number).exclude(state="done")
        assert shown.exists() and not waiting(office)  # posting asked for a look: that is its list
        resolve_work_items(keys=list(shown.values_list("key", flat=True)), resolution="read")
    (item,) = waiting(office)
    assert (item.amount, item.claim_number) == (Decimal("150.00"), version.control_number)
    with at_work(office):
        resolve_work_items(keys=[item.key], resolution="called")
    assert not waiting(office)  # left alone for as many days again
    days_later(office, 8)
    assert [one.key for one in waiting(office)] == [item.key]
    with at_work(office):
        line_id = version.content["lines"][0]["control_number"]
        request_write_off(
            encounter=version.claim.encounter, line_id=line_id, bucket="INS1", amount=Decimal("150.00"),
            reason="ADMIN-ERROR",
        )  # fmt: skip
    assert len(waiting(office)) == 1  # asked for is not settled: what is listed stays
    from claimwright.web.core.models import User
    from claimwright.web.payments.models import WriteOff
    from claimwright.web.payments.services import approve_write_off

    with at_work(office):
        boss = User.objects.create(username="boss", tenant=office.tenant, role=User.Role.OWNER)
        approve_write_off(write_off=WriteOff.objects.get(), approver=boss)
    assert not waiting(office)


def test_a_settled_claim_is_on_no_list(office):
    version = office.versions[0]
    deliver(office, 10, [offices.payment(version, patient="0.00")])
    days_later(office, 30)
    assert buckets(office, version) == {} and not waiting(office)
