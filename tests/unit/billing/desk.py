"""A practice in memory: visits, claims, a book, and the saving of posting plans. It stands where the database stands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.lifecycle import State
from claimwright.billing.posting import Fate, PostingContext, PostingPlan, post, release
from claimwright.billing.posting.state import (
    ChainPosition,
    CoveragePosition,
    DenialPosition,
    IssuedRefund,
    LinePosition,
    OpenOffset,
    PaymentSeen,
    PracticeIdentity,
    PriorPosting,
    VersionPosition,
)
from claimwright.claims.nouns import (
    Adjustment,
    ClaimPayment,
    Payer,
    Person,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
)
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.book import Book
from claimwright.ledger.transfers import EntryType, Transfer

NPI = "1000000004"
OTHER_NPI = "1000000012"
TIN = "123456789"
OTHER_TIN = "987654321"
PRACTICES = (
    PracticeIdentity(practice_id="north", npis=(NPI,), tax_ids=(TIN, "111223333")),
    PracticeIdentity(practice_id="south", npis=(OTHER_NPI,), tax_ids=(OTHER_TIN,)),
)
DOS = date(2026, 8, 3)
TODAY = date(2026, 9, 1)
BUCKETS = {"P": "INS1", "S": "INS2", "T": "INS3"}


def d(amount: object) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def cas(*parts: object) -> tuple[Adjustment, ...]:
    """`cas("CO-45", 70, "PR-2", 26)`."""
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple(
        Adjustment(group=str(code).split("-")[0], reason=str(code).split("-")[1], amount=d(amount))
        for code, amount in pairs
    )


def svc(code: str, charge: object, paid: object, *parts: object, **more: object) -> RemittanceLine:
    """A service; modifiers after a dash in the code."""
    procedure, *modifiers = code.split("-")
    fields: dict[str, object] = {
        "procedure_code": procedure,
        "modifiers": tuple(modifiers),
        "charge": d(charge),
        "paid": d(paid),
        "adjustments": cas(*parts),
        "date_from": DOS,
        "units_paid": Decimal(1),
    }
    return RemittanceLine(**{**fields, **more})  # type: ignore[arg-type]


def clp(control_number: str, status: object, *services: RemittanceLine, **more: object) -> ClaimPayment:
    """A claim payment whose amounts are those of its services."""
    shares = [a.amount for s in services for a in s.adjustments if a.group == "PR"]
    fields: dict[str, object] = {
        "control_number": control_number,
        "status": str(status),
        "charge": sum((s.charge for s in services), d(0)),
        "paid": sum((s.paid for s in services), d(0)),
        "patient_responsibility": sum(shares, d(0)),
        "lines": services,
        "patient": Person(last_name="SAMPLE", first_name="PAT"),
    }
    return ClaimPayment(**{**fields, **more})  # type: ignore[arg-type]


def reversed_clp(claim: ClaimPayment, **more: object) -> ClaimPayment:
    """The same with every sign changed and status 22."""

    def negate(line: RemittanceLine) -> RemittanceLine:
        return msgspec.structs.replace(
            line,
            charge=-line.charge,
            paid=-line.paid,
            adjustments=tuple(msgspec.structs.replace(a, amount=-a.amount) for a in line.adjustments),
        )

    changes: dict[str, object] = {
        "status": "22",
        "charge": -claim.charge,
        "paid": -claim.paid,
        "patient_responsibility": -(claim.patient_responsibility or d(0)),
        "adjustments": tuple(msgspec.structs.replace(a, amount=-a.amount) for a in claim.adjustments),
        "lines": tuple(negate(line) for line in claim.lines),
    }
    return msgspec.structs.replace(claim, **{**changes, **more})


def plb(code: str, amount: object, reference: str = "") -> ProviderAdjustment:
    return ProviderAdjustment(code=code, amount=d(amount), reference=reference, provider_id=NPI)


def era(trace: str, payer: str, *claims: ClaimPayment, plbs: tuple[ProviderAdjustment, ...] = (), **more: object) -> Remittance:  # fmt: skip
    """A payment with segments numbered and BPR02 what it must be, unless given."""
    number, placed = 8, []
    for claim in claims:
        start = number
        lines = []
        for line in claim.lines:
            number += 3
            lines.append(msgspec.structs.replace(line, segment=number))
        placed.append(msgspec.structs.replace(claim, segment=start, lines=tuple(lines)))
        number += 4
    adjustments = tuple(msgspec.structs.replace(a, segment=number + 1) for a in plbs)
    amount = sum((c.paid for c in claims), d(0)) - sum((a.amount for a in plbs), d(0))
    fields: dict[str, object] = {
        "amount": amount,
        "handling": "I" if amount else "H",
        "method": "ACH" if amount else "NON",
        "payment_date": TODAY,
        "production_date": TODAY,
        "trace_number": trace,
        "trace_payer_id": f"1{payer}",
        "payer": Payer(payer_id=payer, name=f"{payer} PLAN"),
        "payee_npi": NPI,
        "payee_tax_id": TIN,
        "claims": tuple(placed),
        "provider_adjustments": adjustments,
    }
    made = Remittance(**{**fields, **more})  # type: ignore[arg-type]
    print_of = hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(made, transaction_control_number="")))
    return msgspec.structs.replace(made, fingerprint=print_of.hexdigest())


@dataclass
class Visit:
    chain: ChainPosition
    versions: dict[str, VersionPosition] = field(default_factory=dict)
    postings: list[PriorPosting] = field(default_factory=list)
    denials: dict[str, DenialPosition] = field(default_factory=dict)
    held_reversals: list[str] = field(default_factory=list)


class Desk:
    """Implements the Lookup that posting asks, over what was saved."""

    def __init__(self, **context: object) -> None:
        self.book = Book()
        self.visits: dict[str, Visit] = {}
        self.payments: dict[str, PaymentSeen] = {}
        self.remittances: dict[str, Remittance] = {}
        self.offsets: list[OpenOffset] = []
        self.refunds: list[IssuedRefund] = []
        self.plans: list[PostingPlan] = []
        self.context_fields = context
        self.number = 0

    # The practice --------------------------------------------------------------------------------------------------

    def visit(
        self,
        chain_id: str,
        *lines: tuple[str, object],
        payers: tuple[str, ...] = ("CARRIER",),
        practice: str = "north",
        later: State = State.AWAIT_PRIOR,
        flags: dict[str, object] | None = None,
        **more: object,
    ) -> ChainPosition:
        """Charges posted to INS1, a version sent to the first payer, and one waiting for each later payer."""
        covers = tuple(
            CoveragePosition(
                sequence=sequence,
                bucket=BUCKETS[sequence],
                payer_keys=(payer,),
                payer_id=payer,
                member_id=f"M{payer}",
                **(flags or {}),  # type: ignore[arg-type]
            )
            for sequence, payer in zip("PST", payers, strict=False)
        )
        placed = []
        for number, (code, charge) in enumerate(lines, start=1):
            procedure, *modifiers = code.split("-")
            line_id = f"{chain_id}L{number}"
            placed.append(
                LinePosition(
                    line_id=line_id,
                    procedure_code=procedure,
                    modifiers=tuple(modifiers),
                    charge=d(charge),
                    date_of_service=DOS,
                )
            )
            self.write(receivable(line_id, "INS1"), Account(Kind.REVENUE, practice), charge, EntryType.CHARGE)
        total = sum((line.charge for line in placed), d(0))
        fields: dict[str, object] = {
            "chain_id": chain_id,
            "practice_id": practice,
            "patient_id": f"patient-{chain_id}",
            "last_name": "SAMPLE",
            "first_name": "PAT",
            "lines": tuple(placed),
            "coverages": covers,
            "billing_npis": (NPI,),
        }
        visit = Visit(ChainPosition(**{**fields, **more}))  # type: ignore[arg-type]
        self.visits[chain_id] = visit
        for cover in covers:
            first = cover.sequence == "P"
            control = chain_id if first else f"{chain_id}-{cover.sequence}"
            self.version(
                chain_id, control, sequence=cover.sequence, state=State.PAYER_ACCEPTED if first else later, charge=total
            )
        return self.position(visit)

    def version(self, chain_id: str, control_number: str, **fields: object) -> VersionPosition:
        made = VersionPosition(version_id=f"v-{control_number}", control_number=control_number, **fields)  # type: ignore[arg-type]
        self.visits[chain_id].versions[made.version_id] = made
        return made

    def resubmit(self, chain_id: str, control_number: str, frequency: str = "1") -> VersionPosition:
        """Version n+1 to the first payer, sent."""
        versions = [v for v in self.visits[chain_id].versions.values() if v.sequence == "P"]
        last = max(versions, key=lambda v: v.number)
        return self.version(
            chain_id, control_number, number=last.number + 1, frequency=frequency, charge=last.charge,
            state=State.PAYER_ACCEPTED,
        )  # fmt: skip

    def write(self, debit: Account, credit: Account, amount: object, kind: EntryType, on: date = TODAY) -> None:
        self.number += 1
        self.book.append(
            Transfer(
                debit=debit,
                credit=credit,
                amount=d(amount),
                entry_type=kind,
                key=f"desk/{self.number}",
                effective_date=on,
            )  # fmt: skip
        )

    # Posting -------------------------------------------------------------------------------------------------------

    def context(self, remittance: Remittance) -> PostingContext:
        fields: dict[str, object] = {"practices": PRACTICES, "effective_date": TODAY}
        return PostingContext(**{**fields, **self.context_fields})  # type: ignore[arg-type]

    def receive(self, remittance: Remittance) -> PostingPlan:
        plan = post(remittance, self.context(remittance), self)
        self.save(plan, remittance)
        return plan

    def release(self, remittance: Remittance, segment: int, attempt: int = 1) -> PostingPlan:
        plan = release(remittance, segment, self.context(remittance), self, attempt=attempt)
        if plan.fate is Fate.POSTED:
            self.save(plan, remittance)
        return plan

    def save(self, plan: PostingPlan, remittance: Remittance) -> None:
        self.plans.append(plan)
        if plan.fate is not Fate.POSTED:
            return
        self.payments[plan.identity] = PaymentSeen(payment_id=plan.payment_id, fingerprint=remittance.fingerprint)
        self.remittances[plan.identity] = remittance
        self.book.extend(plan.transfers)
        gone = {entry.reverses for entry in plan.transfers if entry.reverses}
        for visit in self.visits.values():
            visit.postings = [
                msgspec.structs.replace(p, undone=p.undone | gone.intersection(entry.key for entry in p.transfers))
                for p in visit.postings
            ]
        for record in plan.records:
            visit = self.visits.get(record.chain_id)
            if visit is None:
                continue
            if not record.posted:
                if record.status == "22" and record.sequence:
                    visit.held_reversals.append(record.sequence)
                continue
            if record.status == "22" and record.sequence in visit.held_reversals:
                visit.held_reversals.remove(record.sequence)
            if record.reverses:
                visit.postings = [
                    msgspec.structs.replace(p, reversed=True) if p.record.record_id == record.reverses else p
                    for p in visit.postings
                ]
                continue
            own = tuple(t for t in plan.transfers if t.key.startswith(f"{record.record_id}/") and not t.reverses)
            visit.postings.append(PriorPosting(record=record, transfers=own))
        outcomes = {claim.version_id: claim.outcome for claim in plan.claims if claim.outcome != "HELD"}
        for event in plan.events:
            for visit in self.visits.values():
                old = visit.versions.get(event.version_id)
                if old is not None and event.moved:
                    assert old.state is event.source
                    outcome = outcomes.get(event.version_id, old.outcome)
                    visit.versions[event.version_id] = msgspec.structs.replace(old, state=event.target, outcome=outcome)
        for version_id, number in plan.payer_claim_numbers:
            for visit in self.visits.values():
                if version_id in visit.versions:
                    old = visit.versions[version_id]
                    visit.versions[version_id] = msgspec.structs.replace(old, payer_claim_number=number)
        self._save_denials(plan)
        self._save_offsets(plan)

    def _save_denials(self, plan: PostingPlan) -> None:
        for update in plan.denial_updates:
            for visit in self.visits.values():
                old = visit.denials.get(update.denial_id)
                if old is not None:
                    visit.denials[update.denial_id] = msgspec.structs.replace(old, state=update.state)
        for new in plan.denials:
            denial_id = f"{new.line_id}/{new.sequence}/{new.reason}"
            self.visits[new.chain_id].denials[denial_id] = DenialPosition(
                denial_id=denial_id, line_id=new.line_id, reason=new.reason, sequence=new.sequence, amount=new.amount
            )

    def _save_offsets(self, plan: PostingPlan) -> None:
        for movement in plan.offsets:
            if movement.amount < 0:
                self.offsets.append(
                    OpenOffset(
                        code=movement.code,
                        reference=movement.reference,
                        amount=-movement.amount,
                        payment=plan.payment_id,
                    )  # fmt: skip
                )
            elif movement.matched_payment:
                for index, offset in enumerate(self.offsets):
                    if (offset.payment, offset.reference) == (movement.matched_payment, movement.matched_reference):
                        left = offset.amount - movement.amount
                        self.offsets[index] = msgspec.structs.replace(offset, amount=left)
        self.offsets = [offset for offset in self.offsets if offset.amount > 0]
        self.refunds = [r for r in self.refunds if r.refund_id not in plan.acknowledged_refunds]

    # Lookup --------------------------------------------------------------------------------------------------------

    def position(self, visit: Visit) -> ChainPosition:
        lines = tuple(
            msgspec.structs.replace(line, balances=self.book.line_balances(line.line_id)) for line in visit.chain.lines
        )
        still_open = tuple(x for x in visit.denials.values() if x.state not in ("OVERTURNED", "WRITTEN_OFF"))
        return msgspec.structs.replace(
            visit.chain,
            lines=lines,
            versions=tuple(visit.versions.values()),
            postings=tuple(visit.postings),
            held_reversals=tuple(visit.held_reversals),
            denials=still_open,
        )

    def by_control_number(self, control_number: str) -> tuple[ChainPosition, ...]:
        return tuple(
            self.position(visit)
            for visit in self.visits.values()
            if any(v.control_number == control_number for v in visit.versions.values())
        )

    def by_payer_claim_number(self, payer_claim_number: str) -> tuple[ChainPosition, ...]:
        return tuple(
            self.position(visit)
            for visit in self.visits.values()
            if any(v.payer_claim_number == payer_claim_number for v in visit.versions.values())
        )

    def candidates(self, claim_payment: ClaimPayment) -> tuple[ChainPosition, ...]:
        return tuple(self.position(visit) for visit in self.visits.values())

    def payment_identity(self, identity: str) -> PaymentSeen | None:
        return self.payments.get(identity)

    def open_offsets(self, subject: str) -> tuple[OpenOffset, ...]:
        return tuple(self.offsets)

    def issued_refunds(self, subject: str) -> tuple[IssuedRefund, ...]:
        return tuple(self.refunds)

    # Reading -------------------------------------------------------------------------------------------------------

    def bucket(self, bucket: str, chain_id: str = "") -> Decimal:
        balances = self.book.balances().items()
        return sum(
            (
                balance
                for account, balance in balances
                if account.kind is Kind.RECEIVABLE and account.bucket == bucket and account.subject.startswith(chain_id)
            ),
            d(0),
        )

    def state(self, control_number: str) -> State:
        return next(
            v.state
            for visit in self.visits.values()
            for v in visit.versions.values()
            if v.control_number == control_number
        )

    def worklists(self, plan: PostingPlan) -> set[str]:
        return {item.worklist.value for item in plan.items}
