"""A practice with random rows, seeded: written to the database and kept as plain values to fold over."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer

FIRST_DAY = date(2026, 5, 1)
DAYS = 150
REASONS = ("CO-45", "OA-45", "CO-253", "CO-24", "CO-131", "WO-CHARITY", "WO-SMALL-BALANCE", "WO-TIMELY", "CO-97")
OUTCOMES = ("PAID", "PAID", "PAID", "ZERO_PAID", "PARTIAL", "DENIED", "REPORT_ONLY")


class Answer(msgspec.Struct, kw_only=True):
    """One claim payment on a version."""

    order: int
    outcome: str
    state: str
    paid: Decimal
    untouched: bool
    received_on: date
    deposited_on: date | None
    record_id: str
    practice: Any
    adjustments: list[tuple[str, str, str, Decimal]] = []  # line, group, carc, amount


class Version(msgspec.Struct, kw_only=True):
    claim: str
    sequence: str
    number: int
    control_number: str
    charge: Decimal
    first_sent: date | None
    first_adjudicated: date | None
    acknowledged: bool
    edit_held: bool
    touched: bool
    rejected: bool
    charged_on: date
    encounter: str
    practice: Any
    answers: list[Answer] = []
    denials: set[tuple[str, str]] = set()  # line, carc
    last: bool = True


class LineRow(msgspec.Struct, kw_only=True):
    line_id: str
    encounter: str
    practice: Any
    patient: str
    served: date
    charged_on: date
    charge: Decimal


class Books(msgspec.Struct, kw_only=True):
    """Everything that was written."""

    lines: list[LineRow] = []
    versions: list[Version] = []
    transfers: list[Transfer] = []
    appeals: list[tuple[str, str, date | None, Decimal | None, Any]] = []
    payers: dict[tuple[str, str], str] = {}  # (encounter, bucket): payer's name
    practices: list[Any] = []
    patients: dict[str, Any] = {}  # id: practice


class Maker:
    def __init__(self, seed: int, visits: int = 60) -> None:
        from tests.lib.web_data import a_payer

        self.random, self.visits, self.books, self.number = random.Random(seed), visits, Books(), 0
        self.payers = [a_payer(), a_payer(_other())]

    def day(self, after: date = FIRST_DAY, within: int = DAYS) -> date:
        return after + timedelta(days=self.random.randrange(within))

    def maybe(self, share: float = 0.5) -> bool:
        return self.random.random() < share

    def amount(self, most: Decimal = Decimal(300)) -> Decimal:
        return Decimal(self.random.randrange(1, int(most * 100))) / 100

    def make(self) -> Books:
        from claimwright.web.accounts.services import post_transfers
        from claimwright.web.patients.models import Patient
        from claimwright.web.practice.models import Practice

        for npi in ("1000000004", "1000000012"):
            practice = Practice.objects.create(name=f"Practice {npi}", npi=npi, tax_id="391234567")
            self.books.practices.append(practice)
            for number in range(4):
                patient = Patient.objects.create(
                    practice=practice, record_number=f"M{number}", last_name="Tester", content={}
                )
                self.books.patients[str(patient.pk)] = practice.pk
        for _ in range(self.visits):
            self.visit()
        self.account_lines()
        self.appeals()
        post_transfers(transfers=self.books.transfers)
        return self.books

    def visit(self) -> None:
        from claimwright.web.charges.models import ChargeLine, Encounter

        self.number += 1
        patient_id, practice = self.random.choice(list(self.books.patients.items()))
        served = self.day()
        encounter = Encounter.objects.create(
            practice_id=practice, patient_id=patient_id, external_id=f"E{self.number}", source="csv", state="CLAIMED",
            date_from=served, received_on=served,
        )  # fmt: skip
        lines = []
        for position in range(self.random.randrange(1, 4)):
            line = LineRow(
                line_id=f"L{self.number}x{position}", encounter=str(encounter.pk), practice=practice, patient=patient_id,
                served=served, charged_on=self.day(served, 9), charge=self.amount(),
            )  # fmt: skip
            ChargeLine.objects.create(
                encounter=encounter, practice_id=practice, patient_id=patient_id, line_id=line.line_id, number=position,
                code="99213", units=1, charge=line.charge, date_of_service=served, charged_on=line.charged_on,
            )  # fmt: skip
            lines.append(line)
            self.money(line)
        self.books.lines += lines
        for position in range(self.random.randrange(0, 3)):
            self.claim(encounter, lines, position)

    # Money -----------------------------------------------------------------------------------------------------------

    def write(self, debit: Account, credit: Account, amount: Decimal, kind: EntryType, on: date) -> None:
        self.books.transfers.append(
            Transfer(
                debit=debit, credit=credit, amount=amount, entry_type=kind, key=f"t{len(self.books.transfers)}",
                effective_date=on,
            )
        )  # fmt: skip

    def money(self, line: LineRow) -> None:
        """The charge, then a few moves that need not make sense: only their sums count."""
        practice = str(line.practice)
        bucket = receivable(line.line_id, "INS1")
        revenue = Account(Kind.REVENUE, practice)
        self.write(bucket, revenue, line.charge, EntryType.CHARGE, line.served)
        buckets = [receivable(line.line_id, name) for name in ("INS1", "INS2", "PAT")]
        for _ in range(self.random.randrange(0, 6)):
            own, on = self.random.choice(buckets), self.day(line.served, 60)
            other, kind = self.random.choice(
                [
                    (Account(Kind.REMITTANCE, "R1"), EntryType.INS_PAY),
                    (Account(Kind.SUSPENSE, "R1", "CLP2"), EntryType.HOLD),
                    (Account(Kind.ADJUSTMENT, practice, self.random.choice(REASONS)), EntryType.ADJ),
                    (Account(Kind.CREDIT, line.patient), EntryType.APPLY),
                    (Account(Kind.REFUND, practice, "f1"), EntryType.REFUND),
                    (Account(Kind.BAD_DEBT, line.line_id), EntryType.BAD_DEBT),
                    (Account(Kind.WITHHOLD, "P1"), EntryType.ADJ),
                    (self.random.choice([b for b in buckets if b != own]), EntryType.XFER),
                ]
            )
            sides = (other, own) if self.maybe(0.75) else (own, other)
            self.write(*sides, self.amount(line.charge), kind, on)
        if self.maybe(0.05):
            self.write(revenue, bucket, line.charge, EntryType.REVERSAL, self.day(line.served, 30))

    def account_lines(self) -> None:
        for patient, practice in self.books.patients.items():
            cash, credit = Account(Kind.PATIENT_CASH, str(practice), "card"), Account(Kind.CREDIT, patient)
            self.write(cash, credit, self.amount(), EntryType.PAT_PAY, self.day())
            if self.maybe():
                fee = Account(Kind.FEE, str(practice), "nsf")
                self.write(receivable(f"account-{patient}", "PAT"), fee, Decimal("25.00"), EntryType.FEE, self.day())

    # Claims ----------------------------------------------------------------------------------------------------------

    def claim(self, encounter: Any, lines: list[LineRow], position: int) -> None:
        from claimwright.web.submissions.models import Claim, ClaimVersion

        payer = self.random.choice(self.payers)
        bucket = f"INS{position + 1}"
        row = Claim.objects.create(
            encounter=encounter, practice_id=encounter.practice_id, patient_id=encounter.patient_id, payer=payer,
            sequence="PST"[position], bucket=bucket,
        )  # fmt: skip
        self.books.payers[(str(encounter.pk), bucket)] = payer.name
        versions = []
        for number in range(1, 3 if self.maybe(0.3) else 2):
            self.number += 1
            sent = self.day(lines[0].charged_on, 30) if self.maybe(0.85) else None
            decided = self.day(sent or lines[0].charged_on, 40) if self.maybe(0.7) else None
            version = Version(
                claim=str(row.pk), sequence=row.sequence, number=number, control_number=f"C{self.number:05d}",
                charge=sum((line.charge for line in lines), Decimal("0.00")), first_sent=sent, first_adjudicated=decided,
                acknowledged=self.maybe(0.7), edit_held=self.maybe(0.15), touched=self.maybe(0.15),
                rejected=self.maybe(0.15), charged_on=max(line.charged_on for line in lines),
                encounter=str(encounter.pk), practice=encounter.practice_id,
            )  # fmt: skip
            held = ClaimVersion.objects.create(
                claim=row, number=number, control_number=version.control_number, state="DRAFT", content={},
                total_charge=version.charge, created_on=FIRST_DAY, first_sent=sent, last_sent=sent,
                first_adjudicated=decided, payer_acknowledged=sent if version.acknowledged else None,
                edit_held=version.edit_held, touched=version.touched, rejected=version.rejected,
            )  # fmt: skip
            version.acknowledged = held.payer_acknowledged is not None
            versions.append(version)
            for _ in range(self.random.choice([0, 1, 1, 2]) if decided else 0):
                self.answer(held, version, payer, lines)
        for version in versions[:-1]:
            version.last = False
        self.books.versions += versions

    def answer(self, row: Any, version: Version, payer: Any, lines: list[LineRow]) -> None:
        from claimwright.web.denials.models import Denial
        from claimwright.web.payments.models import AdjudicationRecord, ClaimPayment, Deposit, Remittance
        from tests.lib.web_data import a_received_file

        self.number += 1
        decided = version.first_adjudicated or FIRST_DAY
        answer = Answer(
            order=self.number, outcome=self.random.choice(OUTCOMES),
            state=self.random.choice(["posted", "posted", "posted", "held", "report_only", "released"]),
            paid=self.amount() if self.maybe(0.7) else Decimal("0.00"), untouched=self.maybe(0.8),
            received_on=self.day(decided, 10), deposited_on=self.day(decided, 20) if self.maybe(0.6) else None,
            record_id=f"R{self.number}/CLP1", practice=version.practice,
        )  # fmt: skip
        number = f"R{self.number}"
        remittance = Remittance.objects.create(
            part=a_received_file(f"ST*835*{number}~".encode(), f"{number}.835", "835"), payer=payer, number=number,
            trace_payer_id="1", trace_number=number, payee_id="1", fingerprint=number, amount=answer.paid,
            received_on=answer.received_on, state="posted", content={},
        )  # fmt: skip
        if answer.deposited_on:
            Deposit.objects.create(
                kind="EFT", amount=answer.paid, effective_date=answer.deposited_on, state="MATCHED", key=number,
                remittance=remittance,
            )  # fmt: skip
        payment = ClaimPayment.objects.create(
            remittance=remittance, practice_id=version.practice, version=row, encounter_id=version.encounter,
            payer=payer, segment=1, control_number=version.control_number, status="1", charge=version.charge,
            paid=answer.paid, state=answer.state, outcome=answer.outcome, fingerprint=number,
            record_id=answer.record_id, untouched=answer.untouched, content={}, posting_order=answer.order,
        )  # fmt: skip
        for line in lines:
            for group, carc in (("CO", "45"), ("CO", "197"), ("OA", "18"), ("PR", "1")):
                if not self.maybe(0.05 if carc == "18" else 0.3):
                    continue
                amount = self.amount()
                answer.adjustments.append((line.line_id, group, carc, amount))
                AdjudicationRecord.objects.create(
                    claim_payment=payment, line_id=line.line_id, group=group, carc=carc, amount=amount
                )
                if carc == "197" and self.maybe(0.7) and (line.line_id, carc) not in version.denials:
                    version.denials.add((line.line_id, carc))
                    Denial.objects.create(
                        practice_id=version.practice, version=row, payer=payer, line_id=line.line_id, group=group,
                        carc=carc, amount=amount, category="AUTH", received_on=decided,
                    )  # fmt: skip
        version.answers.append(answer)

    def appeals(self) -> None:
        from claimwright.web.denials.models import Appeal, Denial

        for denial in Denial.objects.order_by("line_id", "carc", "amount"):
            state = self.random.choice(["SENT", "OVERTURNED", "OVERTURNED", "UPHELD", "DISMISSED", "WITHDRAWN"])
            decided = None if state == "SENT" else self.day(FIRST_DAY, DAYS)
            allowed = self.amount() if state == "OVERTURNED" and self.maybe(0.8) else None
            row = Appeal.objects.create(
                denial=denial, state=state, sent_on=FIRST_DAY, decided_on=decided, allowed_amount=allowed
            )
            self.books.appeals.append((str(row.pk), state, decided, allowed, denial.practice_id))


def _other() -> Any:
    from tests.lib.builders import MEDICARE

    return MEDICARE
