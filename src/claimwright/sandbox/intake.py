"""The clearinghouse's desk: envelope, syntax, claim edits; TA1, 999 and its own 277CA; then on to the payers."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from claimwright.sandbox.answers import (
    Status,
    Verdict,
    claim_acknowledgement,
    functional_acknowledgement,
    interchange_acknowledgement,
    interchange_note,
)
from claimwright.sandbox.behaviour import chain_of, happens, nth
from claimwright.sandbox.books import Books, Delivery
from claimwright.sandbox.eligibility import answer_inquiries
from claimwright.sandbox.front_end import FORWARDED, clearinghouse_refusal, route
from claimwright.sandbox.plan import Member, Plan
from claimwright.sandbox.records import Claim, Record
from claimwright.sandbox.status import answer_status
from claimwright.sandbox.submitted import read_claims
from claimwright.sandbox.syntax import envelope_faults, forced_fault, guide_faults
from claimwright.x12 import Document, Fault, Interchange, Transaction, read

DUPLICATE = "025"
ACKNOWLEDGEMENTS = "FA"
REFUSED_BY_PLAN = "024"  # the file itself is good and may be sent again


class Intake:
    """Takes files one by one; `finish` writes the clearinghouse's 277CAs for all of them."""

    def __init__(self, plan: Plan, books: Books, members: dict[tuple[str, str], Member], day: date) -> None:
        self.plan, self.books, self.members, self.day = plan, books, members, day
        self.counts: Counter[str] = Counter()
        self.verdicts: dict[tuple[str, date], list[Verdict]] = {}

    def take(self, name: str, data: bytes) -> None:
        self.counts["files_received"] += 1
        document = read(data)
        known = [interchange for interchange in document.interchanges if interchange.isa is not None]
        if not known:
            self.counts["files_unreadable"] += 1
            return
        for interchange in known:
            self._interchange(name, interchange, document)

    def _interchange(self, name: str, interchange: Interchange, document: Document) -> None:
        isa, books, middle = interchange.isa, self.books, self.plan.clearinghouse
        assert isa is not None
        key = f"{isa[6].strip()}|{isa[8].strip()}|{isa[13]}"
        note = interchange_note(interchange)
        if note == "000" and key in books.interchanges:
            note = DUPLICATE
        if note == "000":
            ordinal = books.count("interchanges in")
            if nth(ordinal, middle.refuse_interchange.every, middle.refuse_interchange.offset):
                note = REFUSED_BY_PLAN
            else:
                books.interchanges[key] = name
        due = self.day + timedelta(days=middle.acknowledgement_days)
        content = interchange_acknowledgement(interchange, note, middle, books.count("interchange"), due)
        self._deliver("TA1", due, content)
        if note != "000":
            self.counts["interchanges_rejected"] += 1
            return
        groups = []
        for group in interchange.groups:
            if group.gs is not None and group.gs[1] == ACKNOWLEDGEMENTS:
                continue  # a 999 is never answered by a 999
            verdicts = [self._syntax(transaction, document) for transaction in group.transactions]
            groups.append((group, verdicts))
            for transaction, found in zip(group.transactions, verdicts, strict=True):
                self.counts["transactions_rejected" if found else "transactions_accepted"] += 1
                if not found and transaction.set_id == "270":
                    self._inquiries(transaction)
                elif not found and transaction.set_id == "276":
                    self._status_inquiries(transaction)
                elif not found:
                    self._claims(transaction)
        if groups:
            number = books.count("interchange")
            self._deliver("999", due, functional_acknowledgement(groups, middle, isa[6], number, due))

    def _syntax(self, transaction: Transaction, document: Document) -> list[Fault]:
        found = envelope_faults(transaction) or guide_faults(transaction)
        if transaction.set_id in ("270", "276"):
            return found  # planned refusals are of claims, counted in their order
        refuse = self.plan.clearinghouse.refuse_transaction
        if not found and nth(self.books.count("transactions in"), refuse.every, refuse.offset):
            return [forced_fault(transaction)]
        return found

    def _deliver(self, stem: str, due: date, content: bytes) -> None:
        self.books.deliveries.append(Delivery(due=due, stem=stem, content=content.decode("ascii")))

    def _claims(self, transaction: Transaction) -> None:
        for claim in read_claims(transaction):
            self.counts["claims_received"] += 1
            chain = chain_of(claim.control_number, self.plan.version_suffix)
            refusal = clearinghouse_refusal(self.plan, self.books, self.members, claim, chain, self.day)
            self.counts["clearinghouse_rejected" if refusal else "clearinghouse_accepted"] += 1
            number = self.books.count("claims in")
            if refusal is None:
                self._forward(claim, chain)
            self._answer(claim, chain, refusal, f"CW{self.day:%y%j}{number:07d}")

    def _inquiries(self, transaction: Transaction) -> None:
        asked, refused = answer_inquiries(transaction, self.plan, self.books, self.members, self.day)
        self.counts["inquiries_received"] += asked
        self.counts["inquiries_refused"] += refused

    def _status_inquiries(self, transaction: Transaction) -> None:
        asked, lost = answer_status(transaction, self.plan, self.books, self.day)
        self.counts["status_inquiries_received"] += asked
        self.counts["status_inquiries_not_found"] += lost

    def _forward(self, claim: Claim, chain: str) -> None:
        payer = route(self.plan, claim)
        assert payer is not None
        self.books.add(
            Record(
                key=0,
                payer=payer.id,
                claim=claim,
                chain=chain,
                received=self.day,
                arrives=self.day + timedelta(days=self.plan.clearinghouse.forward_days),
                member_id=claim.subscriber.member_id,
            )
        )

    def _answer(self, claim: Claim, chain: str, refusal: Status | None, trace: str) -> None:
        middle = self.plan.clearinghouse
        late = happens(middle.late_share, self.plan.seed, "late", middle.id, chain)
        due = self.day + timedelta(days=middle.acknowledgement_days + (middle.late_days if late else 0))
        verdict = Verdict(
            claim=claim,
            status=refusal or FORWARDED,
            accepted=refusal is None,
            trace=trace,
            member_id=claim.subscriber.member_id,
        )
        self.verdicts.setdefault((claim.sender, due), []).append(verdict)

    def finish(self) -> None:
        middle = self.plan.clearinghouse
        for (_, due), verdicts in sorted(self.verdicts.items()):
            acknowledge(self.plan, self.books, ("AY", middle.name, middle.id), verdicts, self.day, due)


def acknowledge(
    plan: Plan, books: Books, source: tuple[str, str, str], verdicts: list[Verdict], received: date, due: date
) -> None:
    """Put a 277CA for `verdicts` (one receiver) among the deliveries, and a copy where the plan says so."""
    batches: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        batches.setdefault(verdict.claim.batch, []).append(verdict)
    number = books.count("interchange")
    content = claim_acknowledgement(list(batches.values()), source, plan.clearinghouse, number, received, due).decode(
        "ascii"
    )
    stem = f"277CA_{source[2]}"
    books.deliveries.append(Delivery(due=due, stem=stem, content=content))
    repeat = plan.clearinghouse.duplicate_acknowledgement
    if nth(books.count("277CA files"), repeat.every, repeat.offset):
        books.deliveries.append(Delivery(due=due + timedelta(days=1), stem=f"{stem}_COPY", content=content))
