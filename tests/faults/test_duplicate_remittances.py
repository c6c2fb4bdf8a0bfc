"""Row 6: one remittance that arrives twice, in fourteen ways, is posted once, and the second arrival is seen by a person.

Each case has a claim of its own. It is paid by the first arrival; then the same payment comes again in one of the ways.
Nothing more may be posted to the claim, and what came second is a duplicate, held, or stopped before posting with a
reason: no arrival vanishes. Four cases of each way here, under two seeds, a thousand by `make prove ROW=6`.
"""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.faults import office as offices
from tests.lib import world
from tests.lib.proving import result, scale, seeds, under

FULL_SCALE = 1_000
COMMIT_SCALE = 2  # of each seed
AT_ONCE = 280  # cases in one office: an 835 reading is quick, a database with all is not


class Case:
    """One claim, its payment, and the files in which it came: `first` before `second`; paper is posted by hand."""

    def __init__(
        self, number: int, way: Callable[[Case], None], version: Any, other: Any, chance: random.Random
    ) -> None:
        self.number, self.way, self.version, self.other, self.chance = number, way, version, other, chance
        share = chance.randrange(0, 5000)
        self.paid = Decimal(chance.randrange(100, 10000)) / 100
        self.share = Decimal(share) / 100
        self.trace = f"{chance.choice(('', 'EFT', 'C'))}{chance.randrange(10**6):06d}{number:05d}"
        self.first: dict[str, bytes] = {}
        self.second: dict[str, bytes] = {}
        self.paper_first = self.paper_second = False

    @property
    def name(self) -> str:
        return f"{self.number:06d}"

    def claim(self, version: Any | None = None, **changes: str) -> Any:
        amounts = {"paid": str(self.paid), "patient": str(self.share)} | changes
        return world.paid(version or self.version, **amounts)

    def payment(self, *claims: Any, **changes: Any) -> Any:
        return world.remittance(claims or (self.claim(),), **({"trace": self.trace} | changes))

    def file(self, *payments: Any, step: int = 0) -> bytes:
        return world.as_file(payments or (self.payment(),), control_number=self.number * 4 + step + 1)


# The fourteen ways ---------------------------------------------------------------------------------------------------


def same_bytes(case: Case) -> None:
    case.first["a"] = case.second["a"] = case.file()


def wrapped_anew(case: Case) -> None:
    """The same ST in an interchange with other control numbers, and another day in ISA09."""
    case.first["a"], case.second["b"] = case.file(), case.file(step=1).replace(b"*260915*", b"*260917*")


def other_file_name(case: Case) -> None:
    case.first["a"] = case.file()
    case.second["renamed (copy)"] = case.first["a"]


def compressed(case: Case) -> None:
    case.first["a"] = case.file()
    case.second["b.835.gz"] = gzip.compress(case.first["a"], mtime=case.number)


def other_clearinghouse(case: Case) -> None:
    case.first["a"] = case.file()
    again = case.file(step=1)
    case.second["b"] = again.replace(b"CLEARHOUSE     ", b"OTHERHOUSE     ").replace(b"CLEARHOUSE*", b"OTHERHOUSE*")


def split_by_payee(case: Case) -> None:
    """The payer cuts the payment of two claims in two files of one trace number."""
    mine, others = case.claim(), case.claim(case.other)
    case.first["a"] = case.file(case.payment(mine, others))
    case.second["b"] = case.file(case.payment(mine), step=1)
    case.second["c"] = case.file(case.payment(others), step=2)


def st_renumbered(case: Case) -> None:
    case.first["a"] = case.file()
    again = case.file(step=1)
    case.second["b"] = re.sub(rb"(ST\*835\*|SE\*\d+\*)0001", rb"\g<1>0007", again)


def other_line_ends(case: Case) -> None:
    case.first["a"] = case.file()
    ends = case.chance.choice((b"~\r\n", b"~", b"~\n\n"))
    case.second["b"] = case.file(step=1).replace(b"~\n", ends)


def inside_another_file(case: Case) -> None:
    """Beside other payments in one file, in any place."""
    case.first["a"] = case.file()
    payments = [case.payment(), case.payment(case.claim(case.other), trace=f"{case.trace}X")]
    case.chance.shuffle(payments)
    case.second["b"] = case.file(*payments, step=1)


def paper_then_file(case: Case) -> None:
    case.paper_first = True
    case.second["b"] = case.file()


def file_then_paper(case: Case) -> None:
    case.first["a"] = case.file()
    case.paper_second = True


def same_trace_of_another_payer(case: Case) -> None:
    """Lawful: two payers number alike. The claim was paid by the first; the second's payment of it is no other's."""
    case.first["a"] = case.file()
    case.second["b"] = case.file(case.payment(trace_payer_id="1777777777"), step=1)


def same_claim_in_two_checks(case: Case) -> None:
    case.first["a"] = case.file()
    case.second["b"] = case.file(case.payment(trace=f"{case.trace}B"), step=1)


def corrected_resend(case: Case) -> None:
    """The payer sends the payment again under its trace number with another decision."""
    case.first["a"] = case.file()
    case.second["b"] = case.file(case.payment(case.claim(paid=str(case.paid + 1))), step=1)


WAYS = (
    same_bytes, wrapped_anew, other_file_name, compressed, other_clearinghouse, split_by_payee, st_renumbered,
    other_line_ends, inside_another_file, paper_then_file, file_then_paper, same_trace_of_another_payer,
    same_claim_in_two_checks, corrected_resend,
)  # fmt: skip
# What a person sees of the second arrival. A repeat of the very bytes is a delivery of the first file, noted as repeat.
SEEN = {
    same_bytes: {"repeat"}, other_file_name: {"repeat"}, compressed: {"repeat", "duplicate"}, wrapped_anew: {"duplicate"},
    other_clearinghouse: {"duplicate"}, st_renumbered: {"duplicate"}, other_line_ends: {"duplicate"},
    inside_another_file: {"duplicate"}, split_by_payee: {"held"}, paper_then_file: {"held"}, file_then_paper: {"refused"},
    same_trace_of_another_payer: {"held claim"}, same_claim_in_two_checks: {"held claim"}, corrected_resend: {"held"},
}  # fmt: skip


class Run:
    """An office that receives all first arrivals, then all second ones, and what became of each case."""

    def __init__(self, tenant: Any, count: int, chance: random.Random) -> None:
        self.tenant = tenant
        with self.at_work():
            self.world = world.set_up()
            versions = world.sent_claims(self.world, [world.visit(number) for number in range(2 * count)])
            assert all(version.claim.patient for version in versions)
        self.cases = [
            Case(at, WAYS[at % len(WAYS)], versions[2 * at], versions[2 * at + 1], chance) for at in range(count)
        ]
        for case in self.cases:
            case.way(case)

    def at_work(self) -> Any:
        from claimwright.web.core.tenancy import tenant_scope

        return tenant_scope(self.tenant)

    def arrive(self, which: str) -> None:
        from claimwright.web.exchange.services import store_received
        from claimwright.web.operations.post import post
        from claimwright.web.operations.receive import route_all

        with self.at_work():
            for case in self.cases:
                for name, content in getattr(case, which).items():
                    store_received(source=which, name=f"{case.name}-{name}", content=content)
        route_all(tenant=self.tenant)
        post(tenant=self.tenant)

    def on_paper(self, case: Case) -> str:
        """The check typed by hand: the fate of it, or that it was refused."""
        from claimwright.web.cashier import services

        header = {
            "practice": self.world["practice"], "payer": self.world["payers"]["first"], "check_number": case.trace,
            "check_date": world.DAY + timedelta(days=14), "amount": case.paid,
        }  # fmt: skip
        with self.at_work():
            try:
                paper = services.add_claim(paper=services.start_paper(**header), version=case.version)
                charge = Decimal(case.version.content["lines"][0]["charge"])
                typed = {"allowed": str(case.paid + case.share), "paid": str(case.paid), "copay": str(case.share)}
                rest = charge - case.paid - case.share
                paper.grid["claims"][0]["lines"][0] |= typed | {"adjustments": f"co45 {rest}" if rest else ""}
                services.save_paper(paper=paper, grid=paper.grid)
                return services.post_paper(paper=paper).fate.value
            except services.PaperRefused as refused:
                return f"refused: {refused}"

    def go(self) -> Counter[str]:
        made: Counter[str] = Counter()
        for case in self.cases:
            if case.paper_first:
                assert self.on_paper(case) == "posted"
        self.arrive("first")
        before = {case.number: self.posted_to(case) for case in self.cases}
        for case in self.cases:
            assert before[case.number] == [case.paid], f"{case.way.__name__}: the first arrival did not post"
        self.arrive("second")
        for case in self.cases:
            says = self.on_paper(case) if case.paper_second else ""
            assert self.posted_to(case) == before[case.number], f"{case.way.__name__}, case {case.number}"
            seen = self.seen(case, says)
            assert seen & SEEN[case.way], f"{case.way.__name__}, case {case.number}: {sorted(seen)}"
            made[case.way.__name__] += 1
        self.nothing_vanished()
        return made

    def posted_to(self, case: Case) -> list[Decimal]:
        """Payments of payers on the claim's line; a double posting would be a second one."""
        from claimwright.web.accounts.models import LedgerTransfer

        line = case.version.content["lines"][0]["control_number"]
        with self.at_work():
            rows = LedgerTransfer.objects.filter(credit_subject=line, entry_type="INS_PAY", reverses="")
            return list(rows.values_list("amount", flat=True))

    def seen(self, case: Case, says: str) -> set[str]:
        from claimwright.web.core.models import WorkItem
        from claimwright.web.exchange.models import InboxDelivery
        from claimwright.web.payments.models import ClaimPayment, Remittance

        found = {"refused"} if says.startswith("refused: this check is posted already") else set()
        with self.at_work():
            if InboxDelivery.objects.filter(name__startswith=f"{case.name}-", repeat=True).exists():
                found.add("repeat")
            rows = Remittance.objects.filter(trace_number__startswith=case.trace).exclude(state="posted")
            for row in rows:
                listed = WorkItem.objects.filter(state="open", file_id=row.part.file_id).exists()
                assert listed, f"{row.state} and on no list"
                found.add(row.state)
                if ClaimPayment.objects.filter(remittance=row, state="held").exists():
                    found.add("held claim")
        return found

    def nothing_vanished(self) -> None:
        """Every file is done or quarantined, every part has a fate, every delivery its file (I8)."""
        from claimwright.web.exchange.models import InboxDelivery, InboxFile, InboxPart

        sent = {f"{case.name}-{name}" for case in self.cases for name in (*case.first, *case.second)}
        with self.at_work():
            assert sent <= set(InboxDelivery.objects.values_list("name", flat=True))
            assert not InboxPart.objects.filter(fate="pending").exists()
            assert set(InboxFile.objects.values_list("state", flat=True)) <= {"done", "quarantined"}
        assert offices.audit_faults(self.tenant) == []


@pytest.mark.parametrize("seed", seeds(), ids=("fixed", "fresh"))
def test_a_remittance_that_comes_twice_is_posted_once_and_seen(tenant, seed: int):
    assert len(WAYS) == 14 == len(SEEN)
    with under(seed) as chance:
        made = Run(tenant, len(WAYS) * COMMIT_SCALE, chance).go()
    assert set(made.values()) == {COMMIT_SCALE}


def test_canary_a_second_posting_is_seen(tenant, monkeypatch):
    """A poster that forgets what it knows of payments and of decided claims."""
    from django.db import connections

    from claimwright.web.payments.positions import DatabaseLookup

    run = Run(tenant, len(WAYS), random.Random(1))
    run.cases = [case for case in run.cases if case.way is wrapped_anew]
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP INDEX remittance_identity_once")
    monkeypatch.setattr(DatabaseLookup, "payment_identity", lambda self, identity: None)
    with pytest.raises(AssertionError):
        run.go()


@pytest.mark.prove
def test_row6_fourteen_ways_a_thousand_times(postgres):
    from tests.conftest import _copy, _two_tenants

    made: Counter[str] = Counter()
    with result(6, lambda: f"{made.total():,} second arrivals of {len(made)} kinds: none posted twice, none unseen"):
        left = {seed: scale(FULL_SCALE) * len(WAYS) // 2 for seed in seeds()}
        for seed, count in left.items():
            with under(seed) as chance:
                for at in range(0, count, AT_ONCE):
                    for _ in _copy(postgres):
                        made += Run(_two_tenants()[0], min(AT_ONCE, count - at), chance).go()
