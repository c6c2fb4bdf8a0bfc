"""AUT: referrals and prior authorizations: whether the payer asks for one, and whether the one on the claim covers it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.edits.authorizations import (
    AUTHORIZATION,
    FIELDS,
    REFERRAL,
    bare,
    first_that_asks,
    misfits,
    named,
    on_file,
    rules_of,
    service_of,
    shortage,
)
from claimwright.edits.facts import Facts
from claimwright.edits.records import Authorization
from claimwright.edits.shapes import HOLD, PAYER, REJECT, TR3, Finding, Hit, Hits, edit
from claimwright.edits.tables import PLACEHOLDER_IDS, VOID

GUIDE = "005010X222A1"
_PLACE = re.compile(r"lines\[(\d+)\]\.(prior_authorization|referral)")
MANUAL = "Payer billing manual"
LONGEST_NUMBER = 50  # REF02 of 005010X222A1
MISMATCHES = ("status", "code", "provider", "place", "diagnosis")


def link_the_only_one(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The number of the one record on file that fits the line. Not where several do: that is a person's choice."""
    place = _PLACE.fullmatch(finding.path)
    if place is None:
        return None
    index, field = int(place[1]), place[2]
    service = service_of(claim, claim.lines[index])
    kind = next(kind for kind, name in FIELDS.items() if name == field)
    fitting = {
        one.number
        for one in facts.authorizations or ()
        if one.kind == kind and one.number and not misfits(one, service)
    }
    if len(fitting) != 1:
        return None
    linked = msgspec.structs.replace(claim.lines[index], **{field: fitting.pop()})
    return msgspec.structs.replace(claim, lines=(*claim.lines[:index], linked, *claim.lines[index + 1 :]))


@edit(
    "AUT01",
    REJECT,
    says="{0} needs a prior authorization of {1} and the claim has none; {3}. Rule: {2}",
    fix="Link the authorization that fits, or get one from the payer before sending and put its number on the claim",
    cites=[PAYER(MANUAL, "services that need prior authorization"), TR3(GUIDE, "2300 and 2400 REF*G1")],
    needs=("payer",),
    uses=("authorizations",),
    mends=link_the_only_one,
)
def authorization_is_there(claim: Claim, facts: Facts) -> Hits:
    if claim.service_exception:  # REF*4N tells the payer why there is none
        return
    yield from _missing(claim, facts, AUTHORIZATION)


@edit(
    "AUT05",
    REJECT,
    says="{0} needs a referral for this plan of {1} and the claim has none; {3}. Rule: {2}",
    fix="Get the referral of the patient's primary care provider and put its number on the claim",
    cites=[PAYER(MANUAL, "plans that need a referral"), TR3(GUIDE, "2300 and 2400 REF*9F")],
    needs=("payer",),
    uses=("authorizations",),
    mends=link_the_only_one,
)
def referral_is_there(claim: Claim, facts: Facts) -> Hits:
    yield from _missing(claim, facts, REFERRAL)


def _missing(claim: Claim, facts: Facts, kind: str) -> Hits:
    """Each line that needs a number of this kind and has none."""
    payer, field = facts.payer, FIELDS[kind]
    if payer is None or not payer.authorization_rules or getattr(claim, field).strip() or claim.frequency == VOID:
        return
    rules = rules_of(payer, kind)
    if not rules:
        return
    for index, line in enumerate(claim.lines):
        rule = first_that_asks(rules, claim, line)
        if rule is not None and not getattr(line, field).strip():
            yield (
                f"lines[{index}].{field}",
                line.procedure_code or line.revenue_code,
                payer.name or claim.coverage.payer.name or payer.payer_id,
                rule.source or "the payer's list",
                on_file(claim, line, facts, kind),
            )


@edit(
    "AUT02",
    REJECT,
    says="Authorization {0} {1}",
    fix="Link the authorization of that day, or have the payer extend this one",
    cites=[PAYER(MANUAL, "an authorization holds for its dates only")],
    needs=("authorizations",),
)
def service_is_within_the_dates(claim: Claim, facts: Facts) -> Hits:
    yield from _misfitting(claim, facts, AUTHORIZATION, ("dates",))


@edit(
    "AUT03",
    REJECT,
    says="Authorization {0} {1}",
    fix="Request more from the payer, or bill the units that are left",
    cites=[PAYER(MANUAL, "an authorization holds for its units or visits only")],
    needs=("authorizations",),
)
def units_are_left(claim: Claim, facts: Facts) -> Hits:
    yield from _exhausted(claim, facts, AUTHORIZATION)


@edit(
    "AUT04",
    REJECT,
    says="{2} {0} {1}",
    fix="Have the payer amend it, or link the one that is for this service",
    cites=[PAYER(MANUAL, "an authorization holds for its service, provider and place only")],
    needs=("authorizations",),
)
def service_is_the_one_authorized(claim: Claim, facts: Facts) -> Hits:
    for kind, label in ((AUTHORIZATION, "Authorization"), (REFERRAL, "Referral")):
        for one in named(claim, facts, kind):
            for misfit in one.misfits:
                if misfit.kind in MISMATCHES:
                    yield one.path, one.number, misfit.words, label


@edit(
    "AUT06",
    REJECT,
    says="Referral {0} {1}",
    fix="Have the referring provider renew it",
    cites=[PAYER(MANUAL, "a referral holds for its dates and visits only")],
    needs=("authorizations",),
)
def referral_holds(claim: Claim, facts: Facts) -> Hits:
    yield from _misfitting(claim, facts, REFERRAL, ("dates",))
    yield from _exhausted(claim, facts, REFERRAL)


@edit(
    "AUT07",
    HOLD,
    says="{2} {0} {1}",
    fix="Wait for the payer's decision, or escalate it: a claim sent before is denied",
    cites=[
        PAYER(MANUAL, "decision before the claim"),
        PAYER("42 CFR 422.568(b), 438.210(d), 457.495(d)", "7 calendar days, 72 hours where expedited, from 2026"),
    ],
    needs=("authorizations",),
)
def payer_has_decided(claim: Claim, facts: Facts) -> Hits:
    for kind, label in ((AUTHORIZATION, "Authorization"), (REFERRAL, "Referral")):
        yield from ((*hit, label) for hit in _misfitting(claim, facts, kind, ("pending",)))


@edit(
    "AUT08",
    REJECT,
    says="The {0} number does not have the form that this payer gives: {1}",
    fix="Key it again from the payer's letter or portal",
    cites=[PAYER(MANUAL, "form of its authorization numbers"), TR3(GUIDE, "2300 and 2400 REF02 of G1 and 9F")],
    uses=("payer",),
)
def number_has_the_payers_form(claim: Claim, facts: Facts) -> Hits:
    for kind, field in FIELDS.items():
        if (value := getattr(claim, field)) and _is_malformed(value, kind, facts):
            yield field, kind, value
        for index, line in enumerate(claim.lines):
            if (value := getattr(line, field)) and _is_malformed(value, kind, facts):
                yield f"lines[{index}].{field}", kind, value


def _is_malformed(value: str, kind: str, facts: Facts) -> bool:
    text = value.strip()
    if not text or bare(text) in PLACEHOLDER_IDS or not text.isascii() or not text.isprintable():
        return True
    if len(text) > LONGEST_NUMBER or not any(c.isdigit() or c.isalpha() for c in text):
        return True
    return facts.payer is not None and not facts.payer.accepts_number(kind, text)


def _misfitting(claim: Claim, facts: Facts, kind: str, wanted: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for one in named(claim, facts, kind):
        for misfit in one.misfits:
            if misfit.kind in wanted:
                yield one.path, one.number, misfit.words


def _exhausted(claim: Claim, facts: Facts, kind: str) -> Iterator[Hit]:
    """The first line of each record at which the claim as a whole asks for more than is left."""
    if not facts.authorizations:
        return
    taken: dict[Authorization, tuple[Decimal, set[date | None]]] = defaultdict(lambda: (Decimal(0), set()))
    told: set[Authorization] = set()
    for one in named(claim, facts, kind):
        if any(misfit.kind != "units" for misfit in one.misfits):
            continue  # it takes nothing of a record that is not for it: another edit says so
        units, days = taken[one.record]
        units, days = units + one.service.units, days | {one.service.on}
        taken[one.record] = (units, days)
        short = shortage(one.record, units, len(days))
        if short and one.record not in told:
            told.add(one.record)
            yield one.path, one.number, short


EDITS = (
    authorization_is_there,
    service_is_within_the_dates,
    units_are_left,
    service_is_the_one_authorized,
    referral_is_there,
    referral_holds,
    payer_has_decided,
    number_has_the_payers_form,
)
