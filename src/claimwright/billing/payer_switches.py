"""What a payer asks of every claim in one value each: yes or no, a choice, a number, a pattern, a list of codes.

One row a field of `PayerProfile`, in groups. What holds for some services or from a day on are rules: `payer_rules`.
A blank, a no, or the first choice is how nothing is asked: the edit named is quiet then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from claimwright.billing import payer_cells as cell
from claimwright.billing.payer_cells import ListOf, PayerCells
from claimwright.billing.registration import NEWBORN_NAMES, Fault
from claimwright.claims.nouns import Noun
from claimwright.edits.payer_profile import PayerProfile


class Kind(StrEnum):
    """How a cell is written."""

    YES = "yes"
    CHOICE = "choice"
    WHOLE = "whole"  # a whole number; blank where it may be
    PATTERN = "pattern"  # a regular expression
    RANGES = "ranges"  # procedure codes
    CODES = "codes"  # other short codes
    WORDS = "words"  # texts with bars between them


class Switch(Noun, frozen=True, kw_only=True):
    """One field of the profile: what we call it, how it is written, what a blank means. `least` and `most` bound a number."""

    field: str
    label: str
    kind: Kind = Kind.YES
    hint: str = ""
    choices: Mapping[str, str] = {}
    least: int = 0
    most: int = 365
    optional: bool = False
    codes: str = ""  # of LISTS: what the codes are
    longest: int = 200


LISTS: Mapping[str, ListOf] = {
    "modifiers": cell.MODIFIERS, "filing_indicators": cell.FILING_INDICATORS, "frequencies": cell.FREQUENCIES,
    "statuses": cell.STATUSES,
}  # fmt: skip
BAR = "|"  # between texts that hold commas and semicolons
AS_ITS_KIND = "kind"  # for ncci_program None
_NAMES = {"": "Not known"} | {
    rule: text.format(sex="BOY", letter="A", mother="ANNA") for rule, text in NEWBORN_NAMES.items()
}
_SIDES = {"side": "Side alone is missing", "all": "All of them", "": "None"}
_NCCI = {
    AS_ITS_KIND: "Its kind of payer",
    "": "None",
    "medicare": "Medicare's tables",
    "medicaid": "Medicaid's tables",
}
_BILATERAL = {
    "one_line": "One line with 50, one unit",
    "two_units": "One line with 50, two units",
    "two_lines": "Two lines, RT and LT",
}


def _codes(field: str, label: str, codes: str, hint: str) -> Switch:
    return Switch(field=field, label=label, kind=Kind.CODES, codes=codes, hint=hint)


def _ranges(field: str, label: str, hint: str) -> Switch:
    return Switch(field=field, label=label, kind=Kind.RANGES, hint=hint, longest=4000)


def _choice(field: str, label: str, choices: Mapping[str, str], hint: str = "") -> Switch:
    return Switch(field=field, label=label, kind=Kind.CHOICE, choices=choices, hint=hint)


def _days(field: str, label: str, hint: str = "", *, least: int = 0, most: int = 365, optional: bool = False) -> Switch:
    return Switch(field=field, label=label, kind=Kind.WHOLE, hint=hint, least=least, most=most, optional=optional)


def _pattern(field: str, label: str, hint: str) -> Switch:
    return Switch(field=field, label=label, kind=Kind.PATTERN, hint=hint)


GROUPS: tuple[tuple[str, tuple[Switch, ...]], ...] = (
    ("Identity", (
        _pattern("member_id_pattern", "Form of a member id", "Regular expression, such as [A-Z]{3}[0-9]{9}; blank: any"),
        _codes("filing_indicators", "Filing indicators it takes", "filing_indicators", "SBR09, such as CI, HM; blank: any"),
        _codes("frequency_codes", "Claim frequency codes it takes", "frequencies", "1 first, 7 replacement, 8 void"),
        Switch(field="electronic", label="Takes claims electronically"),
        Switch(field="patient_is_subscriber", label="Has no dependents: everybody has an id of their own"),
        Switch(field="requires_taxonomy", label="Asks for the taxonomy of who bills"),
        _choice("identifier_basis", "NPI and tax id are those in force on", {"service": "the day of service", "receipt": "the day it receives the claim"}),
        _days("eligibility_days", "Eligibility answer counts for (days)"),
        _days("newborn_days", "Newborn under the mother's id (days)", "Blank: not known", optional=True),
        _choice("newborn_naming", "A child without a name is called", _NAMES),
    )),
    ("Coordination of benefits", (
        Switch(field="pays_last", label="Pays after every other coverage"),
        Switch(field="pays_after_employer_plan", label="Pays after an employer's plan where the law says so: asks the questionnaire"),
        Switch(field="covers_injuries_of_others", label="Pays for an injury, whatever plan the patient has"),
        Switch(field="insurance_type_when_secondary", label="As secondary, asks why (SBR05)"),
        Switch(field="obligated_amount_when_secondary", label="As secondary, asks the amount we are obligated to accept (CN1)"),
        Switch(field="patient_paid_may_split_payment", label="Splits its payment where the claim says what the patient paid"),
        _days("crossover_wait_days", "Wait for its crossover (days)", most=180),
    )),
    ("Dates and spans", (
        _choice("span_limit", "A span of days may not cross", {"": "Nothing known", "month": "the end of a month", "year": "the end of a year"}),
        _choice("span_scope", "That holds for", {"claim": "the claim as a whole", "line": "each line"}),
        _ranges("daily_codes", "Codes billed for a range of days, one unit a day", "Such as 99231-99233"),
        _ranges("single_day_codes", "Codes billed one day a line", "Such as 99202-99215"),
        _days("presumed_receipt_days", "Decision received after (days)", "From its date; then the days to appeal begin", most=30),
        _days("decision_days", "Decides a request within (days)", "Where no law sets fewer; blank: not known", least=1, optional=True),
        _pattern("authorization_number_pattern", "Form of its authorization numbers", "Regular expression; blank: any (AUT08)"),
        _pattern("referral_number_pattern", "Form of its referral numbers", "Regular expression; blank: any (AUT08)"),
    )),
    ("Procedures and diagnoses", (
        _choice("bilateral_format", "Both sides are billed as", _BILATERAL),
        Switch(field="prefers_x_modifiers", label="Wants XE, XP, XS or XU in place of 59"),
        Switch(field="refuses_modifier_51", label="Refuses modifier 51"),
        _choice("ncci_program", "Follows the NCCI edits of", _NCCI),
        Switch(field="ncci_supplier", label="Applies the unit limits of suppliers"),
        _codes("unpaid_statuses", "Fee schedule statuses it never pays", "statuses", "Of Medicare's, such as B, N, P (PX10)"),
        Switch(field="requires_clia", label="Asks for the CLIA number of laboratory tests (PX29)"),
        Switch(field="requires_therapy_modifiers", label="Asks for GN, GO or GP on therapy, and counts its thresholds"),
        _choice("vaccine_billing", "A vaccine is billed", {"both": "With its administration", "either": "Alone too, either one"}),
        Switch(field="edits_sex", label="Compares diagnoses with the sex on file"),
        _choice("unspecified_diagnoses", "Wary of unspecified diagnoses", _SIDES, "A warning only (DX13)"),
        Switch(field="one_place", label="One place of service on a claim"),
    )),
    ("Providers", (
        Switch(field="requires_person_rendering", label="A person renders, not an organization"),
        Switch(field="one_rendering", label="One rendering provider on a claim"),
        Switch(field="requires_provider_enrolment", label="Every rendering provider is enrolled with it, known to us or not"),
        Switch(field="requires_ordering", label="Asks who ordered laboratory, imaging and equipment (PRV05)"),
        Switch(field="checks_ordering", label="Who orders or refers must be enrolled and of a specialty that may (PECOS)"),
        _codes("supervised_modifiers", "Modifiers that ask for the supervisor", "modifiers", "Blank: none"),
        _codes("purchased_modifiers", "Modifiers that ask for seller and price", "modifiers", "Blank: none"),
    )),
    ("Drugs and equipment", (
        _ranges("ndc_required", "Codes that need the NDC", "Such as J0120-J9999; blank: none known"),
        Switch(field="requires_waste_modifier", label="Asks for JW or JZ on drugs of a single dose"),
        Switch(field="requires_equipment_data", label="Asks for RR, NU or UE and the statement of coverage of equipment"),
    )),
    ("Where this stands", (
        Switch(field="sources", label="Sources of these rules", kind=Kind.WORDS, hint="Manuals and pages, with | between them", longest=200),
    )),
)  # fmt: skip
SWITCHES: Mapping[str, Switch] = {one.field: one for _, rows in GROUPS for one in rows}

# Read ----------------------------------------------------------------------------------------------------------------


def _read_whole(form: PayerCells, row: Switch) -> Any:
    return form.whole(row.field, row.label, least=row.least, most=row.most, optional=row.optional)


def _read_choice(form: PayerCells, row: Switch) -> Any:
    value = form.choice(row.field, row.choices)
    return None if row.field == "ncci_program" and value == AS_ITS_KIND else value


_READERS: Mapping[Kind, Callable[[PayerCells, Switch], Any]] = {
    Kind.YES: lambda form, row: form.yes(row.field),
    Kind.CHOICE: _read_choice,
    Kind.WHOLE: _read_whole,
    Kind.PATTERN: lambda form, row: form.pattern(row.field, row.label),
    Kind.RANGES: lambda form, row: form.codes(row.field),
    Kind.CODES: lambda form, row: form.listed(row.field, LISTS[row.codes]),
    Kind.WORDS: lambda form, row: form.texts(row.field, row.label, row.longest, between=BAR),
}


def read_switches(cells: Mapping[str, str], before: PayerProfile) -> tuple[PayerProfile, tuple[Fault, ...]]:
    """The profile with what the cells say; every other field of it stays. With a fault it is not to be saved."""
    form = PayerCells(cells)
    read = {row.field: _READERS[row.kind](form, row) for row in SWITCHES.values()}
    if "1" not in read["frequency_codes"] and not any(one.field == "frequency_codes" for one in form.faults):
        form.fault("frequency_codes", "It takes no first claim", "Write 1, and 7 and 8 where it takes those")
    if form.faults:
        return before, tuple(form.faults)
    return msgspec.structs.replace(before, **read), ()


# Spelled -------------------------------------------------------------------------------------------------------------


def _cell(row: Switch, value: Any) -> str:
    if row.kind is Kind.YES:
        return "on" if value else ""
    if row.kind is Kind.RANGES:
        return cell.codes_cell(value)
    if row.kind is Kind.CODES:
        return ", ".join(value)
    if row.kind is Kind.WORDS:
        return f" {BAR} ".join(value)
    if row.field == "ncci_program" and value is None:
        return AS_ITS_KIND
    return "" if value is None else str(value)


def switch_cells(profile: PayerProfile) -> dict[str, str]:
    """The cells as they hold now: a tick is "on" or blank, codes as `99202-99215, 70551`."""
    return {name: _cell(row, getattr(profile, name)) for name, row in SWITCHES.items()}


def changes(before: PayerProfile, after: PayerProfile) -> Iterator[tuple[str, str, str]]:
    """Field, from, to of each switch that changed, as it is written in the form; yes and no in words."""
    old, new = switch_cells(before), switch_cells(after)
    for name, row in SWITCHES.items():
        if old[name] != new[name]:
            words = {"on": "yes", "": "no"} if row.kind is Kind.YES else {"": "blank"}
            yield name, words.get(old[name], old[name]), words.get(new[name], new[name])
