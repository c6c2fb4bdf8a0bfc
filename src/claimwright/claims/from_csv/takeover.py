"""What another billing system leaves open, as CSV files: patients, coverages, lines, denials, appeals, credits,
plans and notes. A row becomes one noun here; whether the rows fit together, `billing.takeover` says.

Only `open_lines` must be there. A file's columns and what each may hold are in `FILES`, which the templates, the
documentation and the reader share.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.claims.from_csv.registration import COLUMNS as COVERAGE_COLUMNS
from claimwright.claims.from_csv.registration import REQUIRED as COVERAGE_REQUIRED
from claimwright.claims.from_csv.registration import Registration, read_registrations
from claimwright.claims.from_csv.superbill import address_of, phone_of
from claimwright.claims.from_csv.table import Row, read_table
from claimwright.claims.nouns import ZERO, IntakeProblem, Noun, Patient, Payer

BUCKETS = ("INS1", "INS2", "INS3", "PAT")
STATES = ("unsent", "sent", "denied", "paid", "patient")
GROUPS = ("CO", "PR", "OA", "PI")
CREDIT_KINDS = ("patient", "payer")
LONGEST_CONTROL_NUMBER = 20  # CLM01: shortest limit that payers return whole (837P companion practice)

_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]\Z")
_MODIFIER = re.compile(r"[0-9A-Z]{2}\Z")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?\Z")
_OLD_NUMBER = re.compile(r"[!-~]{1,20}\Z")  # printable, without a blank
_X12_MARKS = set("*~:^|>")


class OldRow(Noun, frozen=True, kw_only=True):
    """`place` is file and row as a person finds it in a spreadsheet."""

    place: str = ""


class OpenLine(OldRow, frozen=True, kw_only=True):
    """One charge line with what is still open of it. charge - paid - patient_paid - adjusted = balance + patient_balance -
    what a payer overpaid on it.

    `bucket` is who owes `balance`; `patient_balance` is what the patient owes of the same line beside it.
    """

    claim: str
    record_number: str
    date_of_service: date
    line: int = 0  # 0: not numbered, in the order of the file
    code: str = ""
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    charge: Decimal = ZERO
    payer: str = ""
    bucket: str = "INS1"
    balance: Decimal = ZERO
    patient_balance: Decimal = ZERO
    paid: Decimal = ZERO  # by payers
    patient_paid: Decimal = ZERO
    adjusted: Decimal = ZERO
    state: str = "sent"
    diagnoses: tuple[str, ...] = ()
    place_of_service: str = ""
    rendering_npi: str = ""
    first_submitted: date | None = None
    last_statement: date | None = None
    payer_claim_number: str = ""


class OldDenial(OldRow, frozen=True, kw_only=True):
    claim: str
    code: str
    line: int = 0
    group: str = "CO"
    carc: str = ""
    amount: Decimal = ZERO
    denied_on: date | None = None
    appeal_deadline: date | None = None
    note: str = ""


class OldAppeal(OldRow, frozen=True, kw_only=True):
    """One that is out and not decided; `carc` names the denial of the same claim and code."""

    claim: str
    code: str
    carc: str
    line: int = 0
    level: int = 1
    sent_on: date | None = None
    response_due: date | None = None
    tracking: str = ""
    note: str = ""


class OldCredit(OldRow, frozen=True, kw_only=True):
    """Money we hold for others: a patient's unapplied money, or what a payer overpaid on a line."""

    kind: str
    record_number: str
    amount: Decimal
    cause: str = ""
    claim: str = ""
    code: str = ""
    line: int = 0
    received_on: date | None = None


class OldPlan(OldRow, frozen=True, kw_only=True):
    """Instalments that are left, the next one due on `next_due`; of `claims`, or of all the patient owes."""

    record_number: str
    balance: Decimal
    instalment: Decimal
    next_due: date
    count_left: int
    claims: tuple[str, ...] = ()


class OldNote(OldRow, frozen=True, kw_only=True):
    claim: str
    noted_on: date
    note: str
    spoke_with: str = ""
    next_action: date | None = None


class TakeoverSet(Noun, frozen=True, kw_only=True):
    """All files of one set as read. With a problem that blocks, nothing of it may be loaded."""

    patients: tuple[tuple[str, Patient], ...] = ()  # (place, patient)
    coverages: dict[str, Registration] = {}
    open_lines: tuple[OpenLine, ...] = ()
    denials: tuple[OldDenial, ...] = ()
    appeals: tuple[OldAppeal, ...] = ()
    credits: tuple[OldCredit, ...] = ()
    plans: tuple[OldPlan, ...] = ()
    notes: tuple[OldNote, ...] = ()
    problems: tuple[IntakeProblem, ...] = ()

    @property
    def blocking(self) -> tuple[IntakeProblem, ...]:
        return tuple(problem for problem in self.problems if problem.blocks)


class File(Noun, frozen=True, kw_only=True):
    """The columns of one file in the order of its template; each with what it holds, and one made-up row."""

    name: str
    holds: str
    columns: tuple[tuple[str, str, str], ...]  # (column, what it holds, example)
    required: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column for column, _, _ in self.columns)


FILES: dict[str, File] = {
    one.name: one
    for one in (
        File(
            name="patients", holds="the people, where they are not registered here yet",
            required=("mrn", "last_name", "first_name", "dob", "sex"),
            columns=(
                ("mrn", "record number, the same in all files", "OLD-1001"),
                ("last_name", "", "Example"),
                ("first_name", "", "Pat"),
                ("dob", "date of birth", "1980-02-29"),
                ("sex", "F, M or U", "F"),
                ("address", "", "1 Main St"),
                ("address2", "", ""),
                ("city", "", "Madison"),
                ("state", "", "WI"),
                ("zip", "5 or 9 digits, as text", "53703"),
                ("phone", "", "6085550100"),
            ),
        ),
        File(
            name="coverages", holds="their insurance: the registration file, one row a coverage",
            required=COVERAGE_REQUIRED,
            columns=tuple(
                (column, "as in the registration file", {"mrn": "OLD-1001", "payer": "12345", "member_id": "W1",
                 "sequence": "P", "relationship": "self"}.get(column, ""))
                for column in COVERAGE_COLUMNS
            ),
        ),
        File(
            name="open_lines", holds="every charge line with something open, or on a claim that is in motion",
            required=("claim", "mrn", "dos", "code", "charge", "bucket", "balance", "state"),
            columns=(
                ("claim", "the old claim number as it was sent in CLM01, at most 20 characters", "A1001"),
                ("mrn", "", "OLD-1001"),
                ("dos", "date of service", "2026-08-03"),
                ("line", "number of the line in its claim; needed where two rows would look alike", "1"),
                ("code", "HCPCS or CPT", "99213"),
                ("modifiers", "two characters each, blanks between", "25"),
                ("units", "1 where empty", "1"),
                ("charge", "dollars", "150.00"),
                ("payer", "the payer who has the claim, by the key it has here; empty where the patient paid alone", "12345"),
                ("bucket", "who owes `balance`: INS1, INS2, INS3 or PAT", "INS1"),
                ("balance", "open with `bucket`", "150.00"),
                ("patient_balance", "open with the patient beside it", "0.00"),
                ("paid", "what payers have paid so far", "0.00"),
                ("patient_paid", "what the patient has paid so far", "0.00"),
                ("adjusted", "all that was adjusted so far", "0.00"),
                ("state", "unsent, sent, denied, paid or patient", "sent"),
                ("diagnoses", "ICD-10-CM, blanks between; needed for `unsent`, and to bill again", "J06.9"),
                ("place_of_service", "two digits; needed for `unsent`, and to bill again", "11"),
                ("rendering_npi", "", ""),
                ("first_submitted", "day the claim first went out", "2026-08-05"),
                ("last_statement", "day of the last statement to the patient", ""),
                ("payer_claim_number", "the payer's own number", ""),
            ),
        ),
        File(
            name="denials", holds="denials that somebody still works on",
            required=("claim", "code", "carc", "amount", "denied_on"),
            columns=(
                ("claim", "", "A1002"),
                ("code", "of the denied line", "99214"),
                ("line", "", ""),
                ("group", "CO, PR, OA or PI; CO where empty", "CO"),
                ("carc", "the reason code", "197"),
                ("amount", "denied dollars", "200.00"),
                ("denied_on", "", "2026-08-20"),
                ("appeal_deadline", "last day to appeal; worked out by the payer's rule where empty", "2026-11-20"),
                ("note", "", ""),
            ),
        ),
        File(
            name="appeals", holds="appeals that are out and not decided",
            required=("claim", "code", "carc", "sent_on"),
            columns=(
                ("claim", "", "A1002"),
                ("code", "", "99214"),
                ("line", "", ""),
                ("carc", "of the denial it is about", "197"),
                ("level", "1 where empty", "1"),
                ("sent_on", "", "2026-09-01"),
                ("response_due", "the reviewer's last day", "2026-10-31"),
                ("tracking", "", ""),
                ("note", "", ""),
            ),
        ),
        File(
            name="credits", holds="money held for others",
            required=("kind", "mrn", "amount", "cause"),
            columns=(
                ("kind", "patient: unapplied money; payer: overpaid on a line", "patient"),
                ("mrn", "", "OLD-1001"),
                ("amount", "dollars, without a minus", "25.00"),
                ("cause", "why it is there, in a few words", "copay paid twice"),
                ("claim", "needed for `payer`", ""),
                ("code", "needed for `payer`", ""),
                ("line", "", ""),
                ("received_on", "when the money came", "2026-07-01"),
            ),
        ),
        File(
            name="plans", holds="payment plans that run",
            required=("mrn", "balance", "instalment", "next_due", "count_left"),
            columns=(
                ("mrn", "", "OLD-1001"),
                ("balance", "left to pay; the sum of the patient's balances it is of", "120.00"),
                ("instalment", "", "40.00"),
                ("next_due", "", "2026-10-15"),
                ("count_left", "instalments left", "3"),
                ("claims", "old claim numbers, blanks between; all the patient owes where empty", ""),
            ),
        ),
        File(
            name="notes", holds="what was said about a claim",
            required=("claim", "noted_on", "note"),
            columns=(
                ("claim", "", "A1001"),
                ("noted_on", "", "2026-09-10"),
                ("spoke_with", "", "claims desk"),
                ("note", "", "in process, call again"),
                ("next_action", "day to look again", "2026-10-10"),
            ),
        ),
    )
}  # fmt: skip


def template(name: str) -> bytes:
    """The file's header and one made-up row, as CSV. Raises KeyError for a name that is none of FILES."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(FILES[name].names)
    writer.writerow(example for _, _, example in FILES[name].columns)
    return out.getvalue().encode("utf-8-sig")


def read_takeover(files: Mapping[str, bytes], payers: Mapping[str, Payer]) -> TakeoverSet:
    """The set of these files, by name of FILES (`open_lines` or `open_lines.csv`). Raises nothing.

    `payers` by every key a file may name them by. Problems name file, row and column; rows with one that blocks are
    left out, so that other rows can still be judged.
    """
    problems: list[IntakeProblem] = []
    named: dict[str, bytes] = {}
    for given, data in files.items():
        name = given.rsplit("/", 1)[-1].lower().removesuffix(".csv")
        if name in FILES and name not in named:
            named[name] = data
        else:
            known = "it is there twice" if name in FILES else "it is none of the set"
            problems.append(
                IntakeProblem(code="UNKNOWN_FILE", place=given, message=f"The file cannot be placed: {known}",
                              fix=f"Name the files {', '.join(f'{one}.csv' for one in FILES)}")
            )  # fmt: skip
    if "open_lines" not in named:
        problems.append(
            IntakeProblem(code="MISSING_FILE", place="open_lines.csv", message="The file of open lines is missing",
                          fix="Add it; a template is at hand")
        )  # fmt: skip
    rows: dict[str, list[OldRow | tuple[str, Patient]]] = {}
    for name, read in READERS.items():
        rows[name] = _rows(name, named[name], read, problems) if name in named else []
    coverages: dict[str, Registration] = {}
    if "coverages" in named:
        found = read_registrations(named["coverages"], payers, name="coverages.csv")
        coverages = found.patients
        problems.extend(found.problems)
    return TakeoverSet(
        **{name: tuple(found) for name, found in rows.items()},  # type: ignore[arg-type]
        coverages=coverages,
        problems=tuple(problems),
    )


def _rows(
    name: str, data: bytes, read: Callable[[Row], OldRow | tuple[str, Patient]], problems: list[IntakeProblem]
) -> list[OldRow | tuple[str, Patient]]:
    table = read_table(data, f"{name}.csv", known=FILES[name].names, required=FILES[name].required)
    problems.extend(table.problems)
    found = []
    for row in table.rows:
        for column in FILES[name].required:
            if not row.raw(column).strip():
                row.problem("MISSING_VALUE", column, "The cell is empty", "Fill it in")
        noun = read(row) if row.is_good else None
        problems.extend(row.problems)
        if noun is not None and row.is_good:
            found.append(noun)
    return found


def _place(row: Row) -> str:
    return f"{row.name} row {row.number}"


def _day(row: Row, column: str) -> date:
    """A required day; the row is dropped where it is wrong, whatever stands here."""
    return row.day(column) or date.min


def _money(row: Row, column: str) -> Decimal:
    found = row.amount(column)
    return found if found is not None else ZERO


def _whole(row: Row, column: str, *, empty: int) -> int:
    value = row.raw(column).strip()
    if not value:
        return empty
    if value.isascii() and value.isdigit() and 0 < int(value) < 1000:
        return int(value)
    row.problem("BAD_NUMBER", column, "This is no whole number from 1 to 999", "Write it as 1, 2, 3")
    return empty


def _one_of(row: Row, column: str, allowed: tuple[str, ...], empty: str = "") -> str:
    value = row.raw(column).strip()
    found = {one.upper(): one for one in allowed}.get(value.upper())
    if found is None and value:
        row.problem("BAD_CODE", column, f"It must be one of {', '.join(allowed)}", "Correct the cell")
    return found or empty


def _claim(row: Row, column: str = "claim") -> str:
    """An old claim number in its own case, for the payer returns it so."""
    row.code(column)  # says what a spreadsheet did to it
    value = row.raw(column).replace("\u00a0", " ").strip()
    if value and row.is_good and (not _OLD_NUMBER.match(value) or _X12_MARKS & set(value)):
        row.problem("BAD_CODE", column, "A claim number has at most 20 characters, no blanks and no marks of X12",
                    "Give the number as it was sent in CLM01")  # fmt: skip
    return value


def _codes(row: Row, column: str, form: re.Pattern[str], what: str, most: int) -> tuple[str, ...]:
    values = tuple(row.code(column).replace(",", " ").split())
    if len(values) > most or any(not form.match(value) for value in values):
        row.problem("BAD_CODE", column, f"The cell holds something that is no {what}, or more than {most}",
                    "Write the codes with blanks between")  # fmt: skip
        return ()
    return values


def _procedure(row: Row) -> str:
    value = row.code("code")
    if value and not _CODE.match(value):
        row.problem("BAD_CODE", "code", "This is no HCPCS or CPT code", "Give its five characters, as text")
    return value


def _patient(row: Row) -> tuple[str, Patient]:
    sex = _one_of(row, "sex", ("F", "M", "U"))
    noun = Patient(
        record_number=row.code("mrn"), last_name=row.text("last_name"), first_name=row.text("first_name"),
        birth_date=row.day("dob"), sex=sex, address=address_of(row), phone=phone_of(row),
    )  # fmt: skip
    return _place(row), noun


def _open_line(row: Row) -> OpenLine:
    units = row.quantity("units")
    payer = row.code("payer")
    return OpenLine(
        place=_place(row), claim=_claim(row), record_number=row.code("mrn"), date_of_service=_day(row, "dos"),
        line=_whole(row, "line", empty=0), code=_procedure(row),
        modifiers=_codes(row, "modifiers", _MODIFIER, "modifier", 4), units=units if units is not None else Decimal(1),
        charge=_money(row, "charge"), payer=row.raw("payer").strip() if payer else "",
        bucket=_one_of(row, "bucket", BUCKETS), balance=_money(row, "balance"),
        patient_balance=_money(row, "patient_balance"), paid=_money(row, "paid"), patient_paid=_money(row, "patient_paid"),
        adjusted=_money(row, "adjusted"),
        state=_one_of(row, "state", STATES), diagnoses=_codes(row, "diagnoses", _DIAGNOSIS, "diagnosis", 12),
        place_of_service=row.digits("place_of_service", 2), rendering_npi=row.digits("rendering_npi", 10),
        first_submitted=row.day("first_submitted"), last_statement=row.day("last_statement"),
        payer_claim_number=row.code("payer_claim_number")[:80],
    )  # fmt: skip


def _denial(row: Row) -> OldDenial:
    return OldDenial(
        place=_place(row), claim=_claim(row), code=_procedure(row), line=_whole(row, "line", empty=0),
        group=_one_of(row, "group", GROUPS, "CO"), carc=row.code("carc"), amount=_money(row, "amount"),
        denied_on=row.day("denied_on"), appeal_deadline=row.day("appeal_deadline"), note=row.text("note"),
    )  # fmt: skip


def _appeal(row: Row) -> OldAppeal:
    return OldAppeal(
        place=_place(row), claim=_claim(row), code=_procedure(row), carc=row.code("carc"),
        line=_whole(row, "line", empty=0), level=_whole(row, "level", empty=1), sent_on=row.day("sent_on"),
        response_due=row.day("response_due"), tracking=row.text("tracking"), note=row.text("note"),
    )  # fmt: skip


def _credit(row: Row) -> OldCredit:
    return OldCredit(
        place=_place(row), kind=_one_of(row, "kind", CREDIT_KINDS), record_number=row.code("mrn"),
        amount=_money(row, "amount"), cause=row.text("cause")[:40], claim=_claim(row), code=_procedure(row),
        line=_whole(row, "line", empty=0), received_on=row.day("received_on"),
    )  # fmt: skip


def _plan(row: Row) -> OldPlan:
    return OldPlan(
        place=_place(row), record_number=row.code("mrn"), balance=_money(row, "balance"),
        instalment=_money(row, "instalment"), next_due=_day(row, "next_due"),
        count_left=_whole(row, "count_left", empty=1), claims=tuple(row.raw("claims").replace(",", " ").split()),
    )  # fmt: skip


def _note(row: Row) -> OldNote:
    return OldNote(
        place=_place(row), claim=_claim(row), noted_on=_day(row, "noted_on"), note=row.text("note"),
        spoke_with=row.text("spoke_with"), next_action=row.day("next_action"),
    )  # fmt: skip


READERS: dict[str, Callable[[Row], OldRow | tuple[str, Patient]]] = {
    "patients": _patient, "open_lines": _open_line, "denials": _denial, "appeals": _appeal, "credits": _credit,
    "plans": _plan, "notes": _note,
}  # fmt: skip


def fingerprint_text(read: TakeoverSet) -> bytes:
    """The set's content in one order, problems left out: the same set again has the same text."""
    bare = msgspec.structs.replace(read, problems=())
    return msgspec.json.encode(bare, order="deterministic")
