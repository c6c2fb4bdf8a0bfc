"""Paper remittances: typed, held to the balances, posted as an 835; the same check by file and by hand is one payment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.faults import office as offices
from tests.lib import world
from tests.web.payments.test_release import at_work, buckets, deliver, ledger_rows, open_items, suspense

CHECK_DAY = world.DAY + timedelta(days=14)


def draft(office: Any, number: str, amount: str, *versions: Any, typed: dict[str, str] | None = None) -> Any:
    """A check with the claims' rows, each line typed alike."""
    from claimwright.web.cashier import services
    from claimwright.web.practice.models import Payer, Practice

    payer, practice = Payer.objects.get(key="NMUT"), Practice.objects.get()
    paper = services.start_paper(
        practice=practice, payer=payer, check_number=number, check_date=CHECK_DAY, amount=Decimal(amount)
    )
    for version in versions:
        (found,) = services.find_versions(payer=payer, practice=practice, text=version.control_number)
        paper = services.add_claim(paper=paper, version=found)
    grid = paper.grid
    for claim in grid["claims"]:
        claim["lines"][0] |= typed or {"allowed": "110", "paid": "85.00", "copay": "25", "adjustments": "co45"}
    return services.save_paper(paper=paper, grid=grid)


def test_a_paper_check_posts_like_an_835_and_the_file_of_it_is_held_not_posted_again(office):
    from claimwright.web.cashier import services
    from claimwright.web.exchange.models import InboxFile
    from claimwright.web.payments.models import Remittance
    from claimwright.web.submissions.models import ClaimVersion

    one, other, third = office.versions
    with at_work(office):
        paper = draft(office, "0004711", "170.00", one, other)
        done = services.post_paper(paper=paper)
        assert (done.fate.value, done.amount, done.exceptions) == ("posted", "170.00", 0)
        row = Remittance.objects.get(number=done.number)
        assert (row.method, row.trace_payer_id, row.trace_number) == ("CHK", world.PAYER_TRACE_ID, "0004711")
        assert (row.paper, InboxFile.objects.get(pk=row.part.file_id).state) == (paper, "done")
        assert ClaimVersion.objects.get(pk=one.pk).state == "ADJUDICATED"
        with pytest.raises(services.PaperRefused, match="posted and cannot be changed"):
            services.post_paper(paper=paper)
        with pytest.raises(services.PaperRefused, match="posted already as"):
            draft(office, "4711", "170.00", third)
    assert buckets(office, one) == buckets(office, other) == {"PAT": Decimal("25.00")}
    rows = ledger_rows(office)
    # The payer's own file of the check, under its own id, and one under an id we never saw.
    claims = [offices.payment(one), offices.payment(other)]
    same, unlike = (
        world.remittance(claims, trace="0004711"),
        world.remittance(claims, trace="4711", trace_payer_id="1777777777"),
    )
    office.put("11.835", world.as_file([same], control_number=11))
    office.put("12.835", world.as_file([unlike], control_number=12))
    offices.run(office)
    with at_work(office):
        states = dict(Remittance.objects.values_list("part__file__name", "state"))
    assert states["11.835"] == "held" and states["12.835"] == "partial"
    assert open_items(office, "remittance_conflicts") == 1 and open_items(office, "second_remittances") == 2
    assert buckets(office, one) == {"PAT": Decimal("25.00")} and suspense(office) == -170
    assert ledger_rows(office) == rows + 2  # the money of 12.835 into Suspense, nothing else
    assert offices.audit_faults(office.tenant) == []


def test_a_check_that_came_by_file_is_refused_on_paper_and_one_that_does_not_add_up_posts_nothing(office):
    from claimwright.web.cashier import paper as papers
    from claimwright.web.cashier import services
    from claimwright.web.payments.models import Remittance

    one, other, third = office.versions
    deliver(office, 10, [offices.payment(one)])
    rows = ledger_rows(office)
    with at_work(office):
        with pytest.raises(services.PaperRefused, match="posted already as R"):
            draft(office, "T10", "85.00", one)
        same_claim = draft(office, "9001", "85.00", one)
        short = draft(office, "9002", "90.00", other)
        with pytest.raises(services.PaperRefused, match="5.00 of the check left") as refused:
            services.post_paper(paper=short)
        assert [fault.place for fault in refused.value.faults] == ["check"]
        assert Remittance.objects.count() == 1
        held = services.post_paper(paper=same_claim)  # another check for a claim that is paid: for a person
        assert (held.fate.value, held.exceptions) == ("posted", 1)
    assert open_items(office, "second_remittances") == 1 and ledger_rows(office) == rows + 1
    with at_work(office):
        services.save_paper(paper=short, grid=short.grid | {"unapplied_reason": "no claim given for 5.00"})
        made, found, total = papers.judge(short.__class__.objects.get(pk=short.pk))
        assert made is not None and made.unapplied == Decimal("5.00") and not [f for f in found if not f.warns]
        assert total.left == Decimal("5.00")
        services.post_paper(paper=short)
    assert buckets(office, other) == {"PAT": Decimal("25.00")} and suspense(office) == -90
    assert open_items(office, "provider_adjustments") == 1
    with at_work(office):
        denied = draft(
            office, "9003", "0.00", third, typed={"paid": "0", "adjustments": "CO16", "remarks": "N290 MA130"}
        )
        with pytest.raises(services.PaperRefused, match="lies ahead"):
            services.start_paper(
                practice=denied.practice, payer=denied.payer, check_number="1", check_date=date(2199, 1, 1),
                amount=Decimal("1.00"),
            )  # fmt: skip
        assert services.post_paper(paper=denied).fate.value == "posted"
    assert buckets(office, third) == {"INS1": Decimal("150.00")} and open_items(office, "denials") == 1
    assert offices.audit_faults(office.tenant) == []
