"""The forms of what a payer asks: its switches in their groups, and one small form for each kind of rule.

Each field of a rule's form begins with the key of its section, so that all forms can stand on one page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from claimwright.billing.appeals import METHODS
from claimwright.billing.payer_cells import UNITS
from claimwright.billing.payer_rules import DATES, KINDS, LONGEST_SOURCE
from claimwright.billing.payer_switches import GROUPS, Kind, Switch
from claimwright.billing.registration import Fault
from claimwright.web.workbench.form_fields import Field

Groups = Sequence[tuple[str, Sequence[Field]]]
_CODES = "Such as 99202-99215, 70551 26; a modifier after a range limits it"
_WIDE = (Kind.RANGES, Kind.WORDS)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A section as the page shows it: its title, one rule in words, and what it means that none is known."""

    title: str
    one: str
    empty: str
    fields: tuple[Field, ...]


def _switch(row: Switch) -> Field:
    shown = {Kind.YES: "tick", Kind.CHOICE: "select"}.get(row.kind, "text")
    return Field(
        name=row.field, label=row.label, kind=shown, choices=row.choices, hint=row.hint,
        longest=0 if row.kind in _WIDE else row.longest, numeric=row.kind is Kind.WHOLE,
        wide=row.kind in _WIDE or row.kind is Kind.PATTERN,
    )  # fmt: skip


# What is typed or chosen first, then what is ticked: rows of one height.
SWITCH_GROUPS: Groups = tuple(
    (title, tuple(_switch(row) for row in sorted(rows, key=lambda row: row.kind is Kind.YES))) for title, rows in GROUPS
)


def shown_value(field: Field, cell: str) -> str:
    """A switch for who only looks."""
    if field.kind == "tick":
        return "Yes" if cell else "No"
    return field.choices.get(cell, cell) if field.kind == "select" else cell


def _codes(*, required: bool = False, label: str = "Codes", hint: str = _CODES) -> Field:
    return Field(name="codes", label=label, hint=hint, required=required, wide=True)


_DAYS = (
    Field(name="start", label="From the day of service", kind="date"),
    Field(name="end", label="First day without it", kind="date"),
)
_SOURCE = Field(
    name="source", label="Where the payer says so", longest=LONGEST_SOURCE, required=True, wide=True,
    hint="Manual and page, bulletin and date, call and reference: it is shown with every claim that is held",
)  # fmt: skip
_PLANS = (
    Field(name="groups", label="Plans of these group numbers", hint="With commas; blank: every plan"),
    Field(name="filing_indicators", label="Plans filed as", hint="Such as HM; blank: all"),
)
_ANY = Field(name="any_service", label="Any service: no condition", kind="tick")
_EXCEPT_PLACES = Field(name="except_places", label="Not at places of service", hint="Such as 21, 23")
_EXCEPT_SPECIALTIES = Field(
    name="except_specialties", label="Not by specialties", hint="Such as 207Q, 207R: primary care"
)

FORMS: Mapping[str, Form] = {
    "authorization": Form(
        title="Authorizations and referrals", one="rule",
        empty="No rule is known: no claim is held for want of an authorization or a referral (AUT01, AUT05). What the payer "
              "denies for it comes to the denials desk.",
        fields=(
            Field(name="kind", label="It asks for", kind="select", choices=KINDS), _codes(), _ANY,
            Field(name="places", label="At places of service", hint="Such as 11, 22; blank: anywhere"), _EXCEPT_PLACES,
            Field(name="specialties", label="By specialties", hint="Taxonomy codes or beginnings of them; blank: any"),
            _EXCEPT_SPECIALTIES, *_PLANS,
            Field(name="bill_types", label="Types of bill", hint="After the 0, such as 11: inpatient"),
            Field(name="when_secondary", label="Also where another payer is first", kind="tick"),
            Field(name="emergencies_too", label="Emergencies too", kind="tick", hint="Most plans may not: 45 CFR 149.110(b)(1)"),
            *_DAYS, _SOURCE,
        ),
    ),
    "referring": Form(
        title="Who must be named", one="rule",
        empty="No rule is known: no claim is held because it does not say who referred (PRV04). Who ordered, supervised or sold "
              "is among the switches, under Providers.",
        fields=(_codes(), _ANY, _EXCEPT_PLACES, _EXCEPT_SPECIALTIES, *_PLANS, *_DAYS, _SOURCE),
    ),
    "date": Form(
        title="Days that must stand on the claim", one="rule",
        empty="No rule is known: no claim is held for want of such a day (DAT09).",
        fields=(
            _codes(required=True, label="Code or range"), Field(name="field", label="Day of", kind="select", choices=DATES), _SOURCE,
        ),
    ),
    "specialty": Form(
        title="Specialties it pays", one="rule",
        empty="No rule of its own is known: the specialties that usually bill a code are compared (PRV15, a warning).",
        fields=(
            _codes(required=True, label="Code or range"),
            Field(name="specialties", label="By specialties only", required=True, hint="Taxonomy codes or beginnings of them"), _SOURCE,
        ),
    ),
    "telehealth": Form(
        title="Telehealth", one="pair",
        empty="No pair is known: place of service and modifier of telehealth are not looked at (PX28). Once one stands here, "
              "every telehealth line must suit one.",
        fields=(
            Field(name="place", label="Place of service", longest=2, numeric=True, required=True, hint="02, 10, or 11 with a modifier"),
            Field(name="modifiers", label="With one of", hint="Such as 95, 93; blank: none is asked"),
            Field(name="refused", label="Never with", hint="Such as GT"), _codes(hint="Blank: all that is done remotely"),
            *_DAYS, _SOURCE,
        ),
    ),
    "accepted": Form(
        title="Codes it does not take", one="code",
        empty="None is known: every valid code goes out, but for the statuses among the switches (PX10).",
        fields=(
            _codes(required=True, label="Code or range", hint="Such as 99417, or 99241-99245"),
            Field(name="instead", label="It takes in place", longest=120, required=True, hint="A code, or words: 99202 to 99215"),
            *_DAYS, _SOURCE,
        ),
    ),
    "appeal": Form(
        title="Appeal levels", one="level",
        empty="None of its own is known: those of the law for its kind count.",
        fields=(
            Field(name="name", label="Called", longest=60, required=True),
            Field(name="period_count", label="Asked for within", longest=4, numeric=True, required=True),
            Field(name="period_unit", label="Unit", kind="select", choices=UNITS),
            Field(name="presumed_receipt_days", label="Counted from so many days after its decision", longest=2, numeric=True),
            Field(name="response_count", label="It answers within", longest=4, numeric=True, hint="Blank: no limit"),
            Field(name="response_unit", label="Unit of that", kind="select", choices=UNITS),
            Field(name="minimum_amount", label="Dollars in dispute, at least", longest=12, hint="Blank: any"),
            Field(name="method", label="Goes by", kind="select", choices={one: one.capitalize() for one in METHODS}),
            Field(name="send_to", label="To", wide=True, hint="Lines of the address, fax number or portal, with ; between them"),
            Field(name="escalates", label="No answer in time opens the next level", kind="tick"),
            Field(name="external", label="Decided by an outsider", kind="tick"), _SOURCE,
        ),
    ),
}  # fmt: skip


def rule_groups(section: str, rules: Sequence[Any] = ()) -> Groups:
    """The fields of a section's form; a level of appeal may take the place of one of `rules`."""
    form = FORMS[section]
    fields = form.fields
    if section == "appeal" and rules:
        places = {"": "After the last"} | {
            str(at): f"In place of level {at}, {one.name}" for at, one in enumerate(rules, 1)
        }
        fields = (Field(name="number", label="It stands", kind="select", choices=places, wide=True), *fields)
    named = tuple(msgspec.structs.replace(field, name=f"{section}_{field.name}") for field in fields)
    return ((f"One more {form.one}", named),)


def unprefixed(section: str, cells: Mapping[str, str]) -> dict[str, str]:
    """The cells as the reader knows them."""
    return {name.removeprefix(f"{section}_"): value for name, value in cells.items()}


def prefixed(section: str, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults at the fields of the page."""
    return tuple(Fault(field=f"{section}_{one.field}", says=one.says, fix=one.fix) for one in faults)
