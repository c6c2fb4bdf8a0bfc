"""What a payer asks of some claims: which services need its word, who must be named, how telehealth is billed, which codes
it does not take, how it is appealed to. Rules are read from the cells of a form, put into words, ended or taken off.

A rule that holds from a day to a day is ended and stays: claims of earlier days are asked by it. Where the profile keeps no
days, a rule is taken off, and the audit log says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from claimwright.billing import payer_cells as cell
from claimwright.billing.appeals import METHODS
from claimwright.billing.payer_cells import PayerCells
from claimwright.billing.registration import Fault
from claimwright.claims.nouns import Noun
from claimwright.edits.payer_profile import (
    AcceptedCode,
    AppealLevel,
    AuthorizationRule,
    CodeRange,
    DateRule,
    PayerProfile,
    ReferringRule,
    SpecialtyRule,
    TelehealthPair,
)

KINDS = {"authorization": "Prior authorization", "referral": "Referral"}
DATES = {
    "onset_date": "the onset", "initial_treatment_date": "the first treatment", "last_seen_date": "the last visit to the treating doctor",
    "last_menstrual_period": "the last menstrual period", "accident_date": "the accident", "admission_date": "the admission",
    "discharge_date": "the discharge",
}  # fmt: skip
LONGEST_SOURCE = 200
Rule = AuthorizationRule | ReferringRule | DateRule | SpecialtyRule | TelehealthPair | AcceptedCode | AppealLevel


class Section(Noun, frozen=True, kw_only=True):
    """Rules of one kind: the field of the profile that holds them, and whether each has days (`ends`).

    `cells` are the names of the cells that `read` takes, `usual` what a new one begins with; the rest begins blank.
    """

    key: str
    field: str
    ends: bool
    cells: tuple[str, ...]
    usual: Mapping[str, str] = {}
    read: Callable[[Mapping[str, str]], tuple[Rule, tuple[Fault, ...]]]
    says: Callable[[Any], str]


# Read ----------------------------------------------------------------------------------------------------------------


def _source(form: PayerCells) -> str:
    return form.text("source", "Where the payer says so", LONGEST_SOURCE, needed=True)


def _narrowed(form: PayerCells, conditions: Mapping[str, Any]) -> None:
    """A rule with no condition asks of every claim: only where somebody says that it does."""
    if not any(conditions.values()) and not form.yes("any_service"):
        form.fault(
            "codes", "Nothing says which services", "Name codes, places, specialties or plans, or tick any service"
        )


def read_authorization(cells: Mapping[str, str]) -> tuple[AuthorizationRule, tuple[Fault, ...]]:
    """Services that need an authorization or a referral (AUT01, AUT05)."""
    form = PayerCells(cells)
    conditions: dict[str, Any] = {
        "codes": form.codes("codes"), "places": form.listed("places", cell.PLACES),
        "except_places": form.listed("except_places", cell.PLACES),
        "specialties": form.listed("specialties", cell.TAXONOMIES),
        "except_specialties": form.listed("except_specialties", cell.TAXONOMIES),
        "groups": form.names("groups", "The group numbers", 50),
        "filing_indicators": form.listed("filing_indicators", cell.FILING_INDICATORS),
        "bill_types": form.listed("bill_types", cell.BILL_TYPES),
    }  # fmt: skip
    kind = form.choice("kind", KINDS)
    _narrowed(form, conditions)
    if both := set(conditions["places"]) & set(conditions["except_places"]):
        form.fault("except_places", f"{min(both)} is asked and excepted", "Leave it in one of the two")
    start, end = form.days()
    return AuthorizationRule(
        kind=kind, **conditions, when_secondary=form.yes("when_secondary"),
        emergency_exempt=not form.yes("emergencies_too"), start=start, end=end, source=_source(form),
    ), tuple(form.faults)  # fmt: skip


def read_referring(cells: Mapping[str, str]) -> tuple[ReferringRule, tuple[Fault, ...]]:
    """Services whose claim names who referred (PRV04)."""
    form = PayerCells(cells)
    conditions: dict[str, Any] = {
        "codes": form.codes("codes"), "except_places": form.listed("except_places", cell.PLACES),
        "except_specialties": form.listed("except_specialties", cell.TAXONOMIES),
        "groups": form.names("groups", "The group numbers", 50),
        "filing_indicators": form.listed("filing_indicators", cell.FILING_INDICATORS),
    }  # fmt: skip
    _narrowed(form, conditions)
    start, end = form.days()
    return ReferringRule(**conditions, start=start, end=end, source=_source(form)), tuple(form.faults)


def read_date_rule(cells: Mapping[str, str]) -> tuple[DateRule, tuple[Fault, ...]]:
    """Codes whose claim carries a date (DAT09)."""
    form = PayerCells(cells)
    rule = DateRule(codes=form.one_range("codes"), field=form.choice("field", DATES), source=_source(form))
    return rule, tuple(form.faults)


def read_specialty(cells: Mapping[str, str]) -> tuple[SpecialtyRule, tuple[Fault, ...]]:
    """Services taken from some specialties only (PRV15)."""
    form = PayerCells(cells)
    rule = SpecialtyRule(
        codes=form.one_range("codes"),
        specialties=form.listed("specialties", cell.TAXONOMIES, needed=True),
        source=_source(form),
    )
    return rule, tuple(form.faults)


def read_telehealth(cells: Mapping[str, str]) -> tuple[TelehealthPair, tuple[Fault, ...]]:
    """One way the payer takes telehealth (PX28)."""
    form = PayerCells(cells)
    places = form.listed("place", cell.PLACES, needed=True)
    if len(places) > 1:
        form.fault("place", "A pair is for one place of service", "Write the other as a pair of its own")
    modifiers, refused = form.listed("modifiers", cell.MODIFIERS), form.listed("refused", cell.MODIFIERS)
    if both := set(modifiers) & set(refused):
        form.fault("refused", f"{min(both)} is asked and refused", "Leave it in one of the two")
    start, end = form.days()
    pair = TelehealthPair(
        place=places[0] if places else "", modifiers=modifiers, refused=refused, codes=form.codes("codes"),
        start=start, end=end, source=_source(form),
    )  # fmt: skip
    return pair, tuple(form.faults)


def read_accepted(cells: Mapping[str, str]) -> tuple[AcceptedCode, tuple[Fault, ...]]:
    """Codes the payer does not take, and what it takes in their place (PX10)."""
    form = PayerCells(cells)
    codes = form.one_range("codes")
    if codes.modifiers:
        form.fault("codes", "A code that is not taken is so with any modifier", "Write the code without modifiers")
    start, end = form.days()
    rule = AcceptedCode(
        codes=codes,
        instead=form.text("instead", "What it takes in place", 120, needed=True),
        start=start,
        end=end,
        source=_source(form),
    )
    return rule, tuple(form.faults)


def read_appeal(cells: Mapping[str, str]) -> tuple[AppealLevel, tuple[Fault, ...]]:
    """One level of the payer's appeals."""
    form = PayerCells(cells)
    period = form.period("period", "The time to ask for it", needed=True)
    assert period is not None  # it is needed: a fault stands for a bad one
    level = AppealLevel(
        name=form.text("name", "What it is called", 60, needed=True), period=period,
        presumed_receipt_days=form.whole("presumed_receipt_days", "The days to receipt", least=0, most=30, optional=True) or 0,
        response=form.period("response", "The payer's own time"),
        minimum_amount=form.amount("minimum_amount", "What must be in dispute"), escalates=form.yes("escalates"),
        external=form.yes("external"), method=form.choice("method", METHODS),
        send_to=form.texts("send_to", "Where it goes", 60), source=_source(form),
    )  # fmt: skip
    return level, tuple(form.faults)


# In words ------------------------------------------------------------------------------------------------------------


def _either(values: tuple[str, ...]) -> str:
    return ", ".join(values[:-1]) + " or " + values[-1] if len(values) > 1 else "".join(values)


def _range_words(one: CodeRange) -> str:
    span = cell.range_cell(CodeRange(first=one.first, last=one.last))
    return f"{span} with {_either(one.modifiers)}" if one.modifiers else span


def codes_words(codes: tuple[CodeRange, ...]) -> str:
    return ", ".join(_range_words(one) for one in codes)


def _conditions(*told: tuple[str, tuple[str, ...]]) -> list[str]:
    return [words.format(_either(values)) for words, values in told if values]


def authorization_words(rule: AuthorizationRule) -> str:
    parts = [f"{KINDS.get(rule.kind, rule.kind)} for {codes_words(rule.codes) or 'any service'}"]
    parts += _conditions(
        ("at place of service {}", rule.places), ("not at place of service {}", rule.except_places),
        ("by specialty {}", rule.specialties), ("not by specialty {}", rule.except_specialties),
        ("plans of group {}", rule.groups), ("plans filed as {}", rule.filing_indicators),
        ("on bills of type {}", tuple(f"0{one}" for one in rule.bill_types)),
    )  # fmt: skip
    parts += ["also where another payer is first"] * rule.when_secondary
    parts += ["emergencies too"] * (not rule.emergency_exempt)
    return "; ".join(parts)


def referring_words(rule: ReferringRule) -> str:
    parts = [f"Who referred, for {codes_words(rule.codes) or 'any service'}"]
    parts += _conditions(
        ("not at place of service {}", rule.except_places), ("not by specialty {}", rule.except_specialties),
        ("plans of group {}", rule.groups), ("plans filed as {}", rule.filing_indicators),
    )  # fmt: skip
    return "; ".join(parts)


def date_words(rule: DateRule) -> str:
    return f"Day of {DATES.get(rule.field, rule.field.replace('_', ' '))}, for {_range_words(rule.codes)}"


def specialty_words(rule: SpecialtyRule) -> str:
    return f"{_range_words(rule.codes)} by specialty {_either(rule.specialties)} only"


def telehealth_words(rule: TelehealthPair) -> str:
    parts = [f"Place of service {rule.place}"]
    parts += [f"with {_either(rule.modifiers)}"] if rule.modifiers else ["with no modifier asked"]
    parts += _conditions(("never with {}", rule.refused))
    parts += [f"for {codes_words(rule.codes)}"] if rule.codes else []
    return ", ".join(parts)


def accepted_words(rule: AcceptedCode) -> str:
    return f"Not {_range_words(rule.codes)}, but {rule.instead}"


def _many(count: int, unit: str) -> str:
    words = unit.replace("_", " ")
    return f"{count} {words[:-1] if count == 1 else words}"


def appeal_words(level: Any) -> str:
    """Of a level of the profile, or of `billing.appeals.Level`: both have the same fields. The law's say no way to send it."""
    parts = [f"{level.name[:1].upper()}{level.name[1:]}: within {_many(level.period.count, level.period.unit)}"]
    if level.presumed_receipt_days:
        parts.append(f"counted from {_many(level.presumed_receipt_days, 'days')} after its decision")
    if level.minimum_amount is not None:
        parts.append(f"${level.minimum_amount:,.2f} or more in dispute")
    if level.response is not None:
        silence = ", then the next level is open" if level.escalates else ""
        parts.append(f"it answers within {_many(level.response.count, level.response.unit)}{silence}")
    parts += ["decided by an outsider"] * level.external
    if isinstance(level, AppealLevel):
        parts.append(f"by {level.method}" + (f" to {', '.join(level.send_to)}" if level.send_to else ""))
    return "; ".join(parts)


_DAYS = ("start", "end", "source")
_PLANS = ("any_service", "except_places", "except_specialties", "groups", "filing_indicators")
SECTIONS: Mapping[str, Section] = {
    one.key: one for one in (
        Section(
            key="authorization", field="authorization_rules", ends=True, usual={"kind": "authorization"},
            cells=("kind", "codes", "places", "specialties", "bill_types", "when_secondary", "emergencies_too", *_PLANS, *_DAYS),
            read=read_authorization, says=authorization_words,
        ),
        Section(
            key="referring", field="referring_rules", ends=True, cells=("codes", *_PLANS, *_DAYS), read=read_referring,
            says=referring_words,
        ),
        Section(
            key="date", field="date_rules", ends=False, cells=("codes", "field", "source"), usual={"field": "onset_date"},
            read=read_date_rule, says=date_words,
        ),
        Section(
            key="specialty", field="specialty_rules", ends=False, cells=("codes", "specialties", "source"), read=read_specialty,
            says=specialty_words,
        ),
        Section(
            key="telehealth", field="telehealth", ends=True, cells=("place", "modifiers", "refused", "codes", *_DAYS),
            read=read_telehealth, says=telehealth_words,
        ),
        Section(
            key="accepted", field="accepted_codes", ends=True, cells=("codes", "instead", *_DAYS), read=read_accepted,
            says=accepted_words,
        ),
        Section(
            key="appeal", field="appeal_levels", ends=False, usual={"method": "mail", "period_unit": "days", "response_unit": "days"},
            cells=(
                "number", "name", "period_count", "period_unit", "presumed_receipt_days", "response_count", "response_unit",
                "minimum_amount", "method", "send_to", "escalates", "external", "source",
            ),
            read=read_appeal, says=appeal_words,
        ),
    )
}  # fmt: skip


# Kept, ended, taken off ----------------------------------------------------------------------------------------------


def rule_key(rule: Rule) -> str:
    """Names a rule by all that it says: a rule that was changed meanwhile has another."""
    return hashlib.sha256(msgspec.json.encode(rule)).hexdigest()[:16]


def seen_of(rules: tuple[Rule, ...]) -> str:
    """Names the rules of a section as they stand now, in their order."""
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:16]


def rules_of(profile: PayerProfile, section: Section) -> tuple[Rule, ...]:
    found: tuple[Rule, ...] = getattr(profile, section.field)
    return found


def _with(profile: PayerProfile, section: Section, rules: tuple[Rule, ...]) -> PayerProfile:
    return msgspec.structs.replace(profile, **{section.field: rules})


def with_rule(
    profile: PayerProfile, section: Section, cells: Mapping[str, str]
) -> tuple[tuple[PayerProfile, Rule], tuple[Fault, ...]]:
    """The profile with the rule of the cells, last of its section; a level of appeal may take another's place (`number`)."""
    rule, faults = section.read(cells)
    held = rules_of(profile, section)
    if not faults and rule in held:
        faults = (Fault(field="source", says="This rule stands here already", fix="Change what differs"),)
    form = PayerCells(cells)
    number = (
        form.whole("number", "The level that it replaces", least=1, most=len(held), optional=True)
        if section.key == "appeal" and held
        else None
    )
    faults = (*faults, *form.faults)
    if faults:
        return (profile, rule), faults
    if number is not None:
        return (_with(profile, section, (*held[: number - 1], rule, *held[number:])), rule), ()
    return (_with(profile, section, (*held, rule)), rule), ()


def without_rule(
    profile: PayerProfile, section: Section, key: str, *, on: date | None
) -> tuple[tuple[PayerProfile, Rule | None], tuple[Fault, ...]]:
    """The profile with the rule ended, and the rule as it was; `on` is the first day that it does not hold.

    A rule without days is taken off; of appeals the last level only, since appeals that are out know theirs by number.
    """
    held = rules_of(profile, section)
    rule = next((one for one in held if rule_key(one) == key), None)
    fault = None
    if rule is None:
        fault = Fault(field="on", says="This rule was changed or taken off meanwhile", fix="Look at the page again")
    elif section.key == "appeal" and rule is not held[-1]:
        fault = Fault(field="on", says="Later levels stand on this one", fix="Take the last level off first")
    elif section.ends:
        fault = _cannot_end(rule, on)
    if fault is not None or rule is None:
        return (profile, rule), (fault,) if fault is not None else ()
    if not section.ends:
        return (_with(profile, section, tuple(one for one in held if one != rule)), rule), ()
    ended = msgspec.structs.replace(rule, end=on)
    return (_with(profile, section, tuple(ended if one == rule else one for one in held)), rule), ()


def _cannot_end(rule: Any, on: date | None) -> Fault | None:
    if on is None:
        return Fault(field="on", says="The first day without it is missing", fix="Write it as 01/31/2026")
    if rule.start is not None and on < rule.start:
        return Fault(
            field="on", says="It would end before it begins", fix=f"Enter {rule.start:%m/%d/%Y} or a later day"
        )
    if rule.end is not None and on >= rule.end:
        return Fault(field="on", says="It ends before that day already", fix="Leave it, or enter an earlier day")
    return None


def is_over(rule: Any, on: date) -> bool:
    """Whether it ended by that day; what begins later is not over."""
    end = getattr(rule, "end", None)
    return end is not None and (end <= on or (rule.start is not None and end <= rule.start))
