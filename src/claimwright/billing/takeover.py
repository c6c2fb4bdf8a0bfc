"""Opening balances and work in motion from another system: whether a set fits together, ties out, and what it books.

A set is good as a whole or not at all. What it books stands against OPENING accounts, never against revenue, payments or
adjustments of ours, so that no figure of the new system counts what the old one did (docs/decisions/0019).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from claimwright.billing.payment_plans import Plan, PlanRefused, check_terms
from claimwright.billing.policies import Policies
from claimwright.claims.from_csv.takeover import OldCredit, OldPlan, OldRow, OpenLine, TakeoverSet
from claimwright.claims.nouns import ZERO, IntakeProblem, Noun
from claimwright.codes.denials import carc_rule
from claimwright.ledger.accounts import INSURANCE_BUCKETS, Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer

PAT = "PAT"
SELF_PAY = -1
REASON = "OPENING"
SAME_IN_A_CLAIM = ("record_number", "payer", "state", "first_submitted", "payer_claim_number")
PLACES = "PSTABCDEFGHU"
DECIDED = ("denied", "paid", "patient")


class Cover(Noun, frozen=True, kw_only=True):
    """A coverage as it matters here: whose, in which place, in force from `start` up to before `end`."""

    sequence: str
    payer_key: str
    start: date | None = None
    end: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Known(Noun, frozen=True, kw_only=True):
    """What is here already. Record numbers in upper case; `payers` from every name, upper case, to the payer's key."""

    covers: Mapping[str, tuple[Cover, ...]] = {}  # of every patient who is registered here
    payers: Mapping[str, str] = {}
    control_numbers: frozenset[str] = frozenset()  # of the set's claim numbers, those in use here
    providers: frozenset[str] = frozenset()  # NPIs


class OldClaim(Noun, frozen=True, kw_only=True):
    """One claim of the old system with its lines in order. `place` is the payer's among the covers, or SELF_PAY."""

    number: str
    record_number: str
    lines: tuple[OpenLine, ...]
    payer_key: str = ""
    place: int = SELF_PAY
    covers: tuple[Cover, ...] = ()
    keeps_number: bool = True  # False: the number is in use here; the claim gets one of ours

    @property
    def state(self) -> str:
        return self.lines[0].state

    @property
    def bucket(self) -> str:
        """The receivable of the claim's payer."""
        return INSURANCE_BUCKETS[self.place] if self.place != SELF_PAY else PAT

    @property
    def date_of_service(self) -> date:
        return min(line.date_of_service for line in self.lines)


class Judged(Noun, frozen=True, kw_only=True):
    claims: tuple[OldClaim, ...] = ()
    problems: tuple[IntakeProblem, ...] = ()


class ControlTotals(Noun, frozen=True, kw_only=True):
    """Dollars as the old system's A/R report has them; credits without a minus. `by_payer` by payer key, may be empty."""

    insurance: Decimal
    patient: Decimal
    credits: Decimal
    by_payer: Mapping[str, Decimal] = {}

    @property
    def receivable(self) -> Decimal:
        return self.insurance + self.patient - self.credits


class TieRow(Noun, frozen=True, kw_only=True):
    name: str
    stated: Decimal
    found: Decimal

    @property
    def difference(self) -> Decimal:
        return self.found - self.stated


def tie_out(read: TakeoverSet, totals: ControlTotals, payers: Mapping[str, str]) -> tuple[TieRow, ...]:
    """The set's sums beside those stated, every one to be equal to the cent. `payers` as in Known."""
    by_payer: dict[str, Decimal] = defaultdict(lambda: ZERO)
    insurance = patient = ZERO
    for line in read.open_lines:
        patient += line.patient_balance
        if line.bucket == PAT:
            patient += line.balance
        else:
            insurance += line.balance
            by_payer[payers.get(line.payer.upper(), line.payer)] += line.balance
    credits = sum((credit.amount for credit in read.credits), ZERO)
    rows = [
        TieRow(name="Insurance", stated=totals.insurance, found=insurance),
        TieRow(name="Patient", stated=totals.patient, found=patient),
        TieRow(name="Credits", stated=totals.credits, found=credits),
        TieRow(name="Total A/R", stated=totals.receivable, found=insurance + patient - credits),
    ]
    if totals.by_payer:
        rows += [
            TieRow(name=f"Payer {key}", stated=totals.by_payer.get(key, ZERO), found=by_payer.get(key, ZERO))
            for key in sorted({*totals.by_payer, *by_payer})
        ]
    return tuple(rows)


def judge(read: TakeoverSet, known: Known, *, on: date, today: date, policies: Policies) -> Judged:
    """The set's claims, and every fault of its rows by file, row and column. `on` is the day the books begin.

    Rows that could not be read have their problems in `read` and are not judged again.
    """
    problems: list[IntakeProblem] = []
    people = {patient.record_number.upper() for _, patient in read.patients} | set(known.covers)
    claims: dict[str, OldClaim] = {}
    grouped: dict[str, list[OpenLine]] = defaultdict(list)
    for line in read.open_lines:
        grouped[line.claim].append(line)
    credits = payer_credits(read)
    for number, lines in grouped.items():
        found = _claim(number, lines, read, known, people)
        problems.extend(found if isinstance(found, list) else _line_faults(found, credits, on))
        if not isinstance(found, list):
            claims[number] = found
    problems.extend(_repeated_patients(read))
    problems.extend(_credit_faults(read.credits, claims, people, on))
    problems.extend(_denial_faults(read, claims, on))
    problems.extend(_appeal_faults(read, on))
    problems.extend(_note_faults(read, claims, on))
    problems.extend(_plan_faults(read.plans, claims, today, policies))
    problems.extend(_provider_notices(read.open_lines, known))
    return Judged(claims=tuple(claims.values()), problems=tuple(problems))


def fault(row: OldRow, column: str, code: str, message: str, fix: str, *, blocks: bool = True) -> IntakeProblem:
    place = f"{row.place}, column {column}" if column else row.place
    return IntakeProblem(code=code, place=place, message=message, fix=fix, blocks=blocks)


# Claims and lines ----------------------------------------------------------------------------------------------------


def covers_of(record_number: str, on: date, read: TakeoverSet, known: Known) -> tuple[Cover, ...]:
    """The patient's covers in force on `on`, one a place, in order: registered here and of the set."""
    brought = read.coverages.get(record_number)
    covers = [*known.covers.get(record_number, ())]
    for coverage in brought.coverages if brought else ():
        names = (coverage.payer.payer_id.strip().upper(), coverage.payer.name.strip().upper())
        key = next((known.payers[name] for name in names if name in known.payers), "")
        covers.append(Cover(sequence=coverage.sequence, payer_key=key, start=coverage.start, end=coverage.end))
    by_place: dict[str, Cover] = {}
    for cover in covers:
        if cover.in_force(on):
            by_place.setdefault(cover.sequence, cover)
    return tuple(sorted(by_place.values(), key=lambda cover: PLACES.find(cover.sequence)))


def _claim(
    number: str, lines: Sequence[OpenLine], read: TakeoverSet, known: Known, people: set[str]
) -> OldClaim | list[IntakeProblem]:
    """The claim that these rows make, or why they make none."""
    first = lines[0]
    problems = [
        fault(line, name, "ROWS_DIFFER", "Rows of one claim differ in it", "Correct it, or give two claim numbers")
        for line in lines[1:]
        for name in SAME_IN_A_CLAIM
        if getattr(line, name) != getattr(first, name)
    ]
    seen: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        mark = ("line", line.line) if line.line else (line.date_of_service, line.code, line.modifiers, line.charge)
        seen[mark] += 1
        if seen[mark] > 1:
            problems.append(
                fault(line, "line", "DUPLICATE_LINE", "The line is there twice",
                      "Delete one; where both are right, number them in the column line")
            )  # fmt: skip
    if first.record_number not in people:
        problems.append(
            fault(first, "mrn", "UNKNOWN_PATIENT", "Nobody has this record number", "Add the person to patients.csv")
        )
    if not first.payer:
        problems += [
            fault(
                line, "payer", "MISSING_VALUE", "An insurer owes the balance, and no payer is named", "Name the payer"
            )
            for line in lines
            if line.bucket != PAT or line.state != "patient"
        ]
        return problems or OldClaim(number=number, record_number=first.record_number, lines=tuple(lines))
    key = known.payers.get(first.payer.upper(), "")
    covers = covers_of(first.record_number, min(line.date_of_service for line in lines), read, known)
    place = next((at for at, cover in enumerate(covers[: len(INSURANCE_BUCKETS)]) if cover.payer_key == key), SELF_PAY)
    wanted = {line.bucket for line in lines} - {PAT}
    if len(wanted) == 1 and key:  # one payer in two places: the bucket says which cover is meant
        at = INSURANCE_BUCKETS.index(next(iter(wanted)))
        place = at if at < len(covers) and covers[at].payer_key == key else place
    if not key:
        problems.append(fault(first, "payer", "UNKNOWN_PAYER", "The practice has no such payer", "Set the payer up"))
    elif place == SELF_PAY:
        problems.append(
            fault(first, "payer", "NO_COVERAGE", "The patient has no coverage by this payer on the date of service",
                  "Add it to coverages.csv with its place and dates")
        )  # fmt: skip
    else:
        problems += [
            fault(line, "bucket", "WRONG_BUCKET",
                  f"The payer's coverage is {INSURANCE_BUCKETS[place]} on that day", "Correct bucket or coverages")
            for line in lines
            if line.bucket not in (PAT, INSURANCE_BUCKETS[place])
        ]  # fmt: skip
    return problems or OldClaim(
        number=number, record_number=first.record_number, lines=tuple(lines), payer_key=key, place=place, covers=covers,
        keeps_number=number not in known.control_numbers,
    )  # fmt: skip


def payer_credits(read: TakeoverSet) -> dict[tuple[str, str, int], Decimal]:
    """What payers overpaid, by claim, code and line."""
    found: dict[tuple[str, str, int], Decimal] = defaultdict(lambda: ZERO)
    for credit in read.credits:
        if credit.kind == "payer":
            found[credit.claim, credit.code, credit.line] += credit.amount
    return found


def overpaid(line: OpenLine, credits: Mapping[tuple[str, str, int], Decimal]) -> Decimal:
    """The payer's credit on this line; a credit that gives no line number is of the code's only line."""
    numbers = {0, line.line}
    return sum((credits.get((line.claim, line.code, number), ZERO) for number in numbers), ZERO)


def _line_faults(claim: OldClaim, credits: Mapping[tuple[str, str, int], Decimal], on: date) -> Iterator[IntakeProblem]:
    if not claim.keeps_number:
        yield fault(
            claim.lines[0], "claim", "NUMBER_IN_USE", "The claim number is in use here: the claim gets one of ours",
            "Nothing; its answers are matched by the payer's number, or held for a person", blocks=False,
        )  # fmt: skip
    for line in claim.lines:
        credit = overpaid(line, credits)
        left = line.charge - line.paid - line.patient_paid - line.adjusted
        difference = left - (line.balance + line.patient_balance - credit)
        if line.charge <= ZERO:
            yield fault(line, "charge", "BAD_AMOUNT", "A line has a charge above zero", "Give the charge as billed")
        elif difference:
            yield fault(
                line, "balance", "LINE_DOES_NOT_TIE",
                f"Charge less payments and adjustments differs from what is open by {difference}",
                "Correct the amounts, or add the payer's credit to credits.csv",
            )  # fmt: skip
        if line.bucket == PAT and line.patient_balance:
            yield fault(line, "patient_balance", "BAD_AMOUNT", "The bucket is the patient's already",
                        "Give all of it in balance")  # fmt: skip
        if credit and line.bucket != PAT and line.balance:
            yield fault(line, "balance", "CREDIT_AND_BALANCE", "The payer owes the line and overpaid it",
                        "Give one of both, net")  # fmt: skip
        yield from _day_faults(line, on)
    yield from _state_faults(claim)


def _day_faults(line: OpenLine, on: date) -> Iterator[IntakeProblem]:
    sent = line.first_submitted
    if line.date_of_service > on:
        yield fault(line, "dos", "BAD_DATE", "The service lies after the takeover", "Correct the date")
    if sent is not None and not line.date_of_service <= sent <= on:
        yield fault(line, "first_submitted", "BAD_DATE", "The claim went out before the service or after the takeover",
                    "Correct the date")  # fmt: skip
    if line.last_statement is not None and not line.date_of_service <= line.last_statement <= on:
        yield fault(line, "last_statement", "BAD_DATE", "The statement lies before the service or after the takeover",
                    "Correct the date")  # fmt: skip


def _state_faults(claim: OldClaim) -> Iterator[IntakeProblem]:
    first = claim.lines[0]
    owed = any(line.bucket != PAT and line.balance for line in claim.lines)
    if claim.state in ("sent", "denied", "paid") and first.first_submitted is None:
        yield fault(first, "first_submitted", "MISSING_VALUE", "The day the claim went out is not given",
                    "Enter it: filing proof and follow-up run from it")  # fmt: skip
    if claim.state in ("sent", "unsent", "denied") and not owed:
        yield fault(first, "state", "STATE_AND_BALANCE", f"The claim is {claim.state}, and no insurer owes anything",
                    "Correct state or bucket")  # fmt: skip
    if claim.state == "patient" and owed:
        yield fault(first, "state", "STATE_AND_BALANCE", "The claim is with the patient, and an insurer owes a line",
                    "Use sent, denied or paid")  # fmt: skip
    if claim.state != "unsent":
        return
    if claim.bucket != "INS1":
        yield fault(first, "state", "STATE_AND_BALANCE", "Only a first payer's claim can be sent from here",
                    "Send this one from the old system, and bring it as sent")  # fmt: skip
    for line in claim.lines:
        for column in ("diagnoses", "place_of_service"):
            if not getattr(line, column):
                yield fault(line, column, "MISSING_VALUE", "An unsent claim needs it", "Enter it")


def _provider_notices(lines: Iterable[OpenLine], known: Known) -> Iterator[IntakeProblem]:
    for line in lines:
        if line.rendering_npi and line.rendering_npi not in known.providers:
            yield fault(line, "rendering_npi", "UNKNOWN_PROVIDER", "The practice has no such provider",
                        "Set the provider up, or leave the cell empty")  # fmt: skip


# What hangs on them --------------------------------------------------------------------------------------------------


def _repeated_patients(read: TakeoverSet) -> Iterator[IntakeProblem]:
    seen: set[str] = set()
    for place, patient in read.patients:
        if patient.record_number in seen:
            yield fault(OldRow(place=place), "mrn", "DUPLICATE_PATIENT", "The record number is there twice", "Keep one")
        seen.add(patient.record_number)


def line_of(claim: OldClaim | None, code: str, number: int) -> OpenLine | None:
    """The claim's line of this code, and of this number where one is given; None where that names none or several."""
    if claim is None:
        return None
    found = [line for line in claim.lines if line.code == code and number in (0, line.line)]
    return found[0] if len(found) == 1 else None


def _unplaced(row: OldRow, claim: OldClaim | None) -> IntakeProblem:
    if claim is None:
        return fault(row, "claim", "UNKNOWN_CLAIM", "No good claim of open_lines.csv has this number", "Correct it")
    return fault(row, "code", "UNKNOWN_LINE", "It names no line of the claim, or more than one", "Give code and line")


def _credit_faults(
    credits: Iterable[OldCredit], claims: Mapping[str, OldClaim], people: set[str], on: date
) -> Iterator[IntakeProblem]:
    for credit in credits:
        if credit.amount <= ZERO:
            yield fault(credit, "amount", "BAD_AMOUNT", "A credit is above zero", "Write it without a minus")
        if credit.received_on is not None and credit.received_on > on:
            yield fault(credit, "received_on", "BAD_DATE", "The money came after the takeover", "Correct the date")
        if credit.record_number not in people:
            yield fault(credit, "mrn", "UNKNOWN_PATIENT", "Nobody has this record number", "Add them to patients.csv")
        if credit.kind == "payer":
            claim = claims.get(credit.claim)
            if line_of(claim, credit.code, credit.line) is None:
                yield _unplaced(credit, claim)
            elif claim is not None and claim.place == SELF_PAY:
                yield fault(credit, "kind", "NO_PAYER", "The claim has no payer who could overpay it", "Use patient")
            elif claim is not None and claim.record_number != credit.record_number:
                yield fault(credit, "mrn", "ROWS_DIFFER", "The claim is of another patient", "Correct one of both")


def _denial_faults(read: TakeoverSet, claims: Mapping[str, OldClaim], on: date) -> Iterator[IntakeProblem]:
    denied: Counter[tuple[str, str]] = Counter()
    for denial in read.denials:
        claim = claims.get(denial.claim)
        line = line_of(claim, denial.code, denial.line)
        if line is None:
            yield _unplaced(denial, claim)
            continue
        denied[line.place, denial.carc] += 1
        if denied[line.place, denial.carc] > 1:
            yield fault(denial, "carc", "DUPLICATE_DENIAL", "This denial of the line is there twice", "Keep one")
        if carc_rule(denial.carc) is None:
            yield fault(denial, "carc", "UNKNOWN_CARC", "The reason code is in no list", "Correct it")
        if line.state not in ("denied", "paid") or line.bucket == PAT:
            yield fault(denial, "claim", "NOT_DECIDED", "The line is not one that a payer has decided and still owes",
                        "Set the claim's state to denied or paid")  # fmt: skip
        if not ZERO < denial.amount <= line.balance:
            yield fault(denial, "amount", "BAD_AMOUNT", "It is not above zero, or more than the payer's balance",
                        "Give what was denied and is still open")  # fmt: skip
        if denial.denied_on is not None and not line.date_of_service <= denial.denied_on <= on:
            yield fault(denial, "denied_on", "BAD_DATE", "It was denied before the service or after the takeover",
                        "Correct the date")  # fmt: skip
    with_denial = {denial.claim for denial in read.denials}
    for claim in claims.values():
        if claim.state == "denied" and claim.number not in with_denial:
            yield fault(claim.lines[0], "state", "NO_DENIAL", "The claim is denied, and denials.csv does not say why",
                        "Add its denials")  # fmt: skip


def _appeal_faults(read: TakeoverSet, on: date) -> Iterator[IntakeProblem]:
    denied = {(one.claim, one.code, one.line, one.carc): one for one in read.denials}
    seen: set[tuple[object, ...]] = set()
    for appeal in read.appeals:
        mark = (appeal.claim, appeal.code, appeal.line, appeal.carc)
        denial = denied.get(mark)
        if denial is None:
            yield fault(appeal, "carc", "UNKNOWN_DENIAL", "denials.csv has no such denial", "Add it, or correct this")
        elif mark in seen:
            yield fault(appeal, "carc", "DUPLICATE_APPEAL", "An appeal of this denial is open already", "Keep one")
        elif appeal.sent_on is not None and not (denial.denied_on or appeal.sent_on) <= appeal.sent_on <= on:
            yield fault(appeal, "sent_on", "BAD_DATE", "It was sent before the denial or after the takeover",
                        "Correct the date")  # fmt: skip
        seen.add(mark)


def _note_faults(read: TakeoverSet, claims: Mapping[str, OldClaim], on: date) -> Iterator[IntakeProblem]:
    for note in read.notes:
        claim = claims.get(note.claim)
        if claim is None or claim.place == SELF_PAY:
            yield fault(note, "claim", "UNKNOWN_CLAIM", "No claim to a payer has this number", "Correct it")
        if note.noted_on > on or (note.next_action is not None and note.next_action < note.noted_on):
            yield fault(note, "noted_on", "BAD_DATE", "The days cannot be: noted after the takeover, or after the "
                        "next action", "Correct them")  # fmt: skip


def plan_lines(plan: OldPlan, claims: Iterable[OldClaim]) -> list[OpenLine]:
    """The lines the plan is of: the patient owes them, and no payer has anything of their claim."""
    chosen = []
    for claim in claims:
        waits = any(line.bucket != PAT and line.balance for line in claim.lines)
        if claim.record_number == plan.record_number and not waits and (not plan.claims or claim.number in plan.claims):
            chosen += [line for line in claim.lines if owed_by_patient(line)]
    return chosen


def owed_by_patient(line: OpenLine) -> Decimal:
    return line.patient_balance + (line.balance if line.bucket == PAT else ZERO)


def _plan_faults(
    plans: Iterable[OldPlan], claims: Mapping[str, OldClaim], on: date, policies: Policies
) -> Iterator[IntakeProblem]:
    taken: set[str] = set()
    for plan in plans:
        lines = plan_lines(plan, claims.values())
        owed = sum((owed_by_patient(line) for line in lines), ZERO)
        if owed != plan.balance:
            yield fault(plan, "balance", "PLAN_DOES_NOT_TIE", f"The patient owes {owed} on the visits of the plan",
                        "Correct the balance or name its claims")  # fmt: skip
        if taken & {line.place for line in lines}:
            yield fault(plan, "claims", "TWO_PLANS", "Another plan has a visit of this one", "Name the claims of each")
        taken |= {line.place for line in lines}
        terms = Plan(balance=plan.balance, amount=plan.instalment, start=plan.next_due, count=plan.count_left)
        try:
            check_terms(terms, on=on, policies=policies)
        except PlanRefused as refused:
            yield fault(plan, "instalment", "PLAN_REFUSED", f"The plan cannot run: {refused}", "Correct its terms")


# What it books -------------------------------------------------------------------------------------------------------


def opening_entries(
    line: OpenLine, *, line_id: str, payer_bucket: str, credit: Decimal, practice_id: str, key: str, on: date
) -> tuple[Transfer, ...]:
    """The entries that bring one line to what is open of it: charge, payments, adjustments, and moves between buckets.

    `credit` is what the payer of `payer_bucket` overpaid. Keys are `key` and what each entry is.
    """

    def opening(bucket: str) -> Account:
        return Account(Kind.OPENING, practice_id, bucket)

    here = receivable(line_id, line.bucket)
    wanted = [
        ("charge", here, opening("CHARGE"), line.charge),
        ("paid", opening("PAID"), here, line.paid),
        ("patient_paid", opening("PATIENT_PAID"), here, line.patient_paid),
        ("adjusted", opening("ADJUSTED"), here, line.adjusted),
    ]
    if line.bucket != PAT:
        wanted.append(("patient", receivable(line_id, PAT), here, line.patient_balance))
    if line.bucket != payer_bucket:
        wanted.append(("credit", here, receivable(line_id, payer_bucket), credit))
    made = (_entry(debit, credited, amount, f"{key}/{what}", on) for what, debit, credited, amount in wanted)
    return tuple(entry for entry in made if entry is not None)


def opening_credit(patient_id: str, amount: Decimal, *, practice_id: str, key: str, on: date) -> Transfer | None:
    """A patient's unapplied money, held here from now on."""
    credit = Account(Kind.CREDIT, patient_id)
    return _entry(Account(Kind.OPENING, practice_id, "CREDIT"), credit, amount, key, on)


def _entry(debit: Account, credit: Account, amount: Decimal, key: str, on: date) -> Transfer | None:
    return transfer(
        debit=debit, credit=credit, amount=amount, entry_type=EntryType.OPENING, key=key, effective_date=on,
        reason=REASON,
    )  # fmt: skip
