"""Whether a referral or an authorization is asked for, and whether one on file fits a service. A number alone proves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import Claim, Line
from claimwright.edits.compiled import ByIdentity, CodeIndex
from claimwright.edits.facts import Facts
from claimwright.edits.payer_profile import AuthorizationRule, CodeRange, PayerProfile
from claimwright.edits.places import is_emergency, place_of
from claimwright.edits.records import Authorization
from claimwright.edits.tables import VOID

AUTHORIZATION, REFERRAL = "authorization", "referral"
# The field of Claim and Line that carries the number.
FIELDS = {AUTHORIZATION: "prior_authorization", REFERRAL: "referral"}
GRANTED = frozenset(("approved", "partial", "expired"))  # what has expired was granted: its dates say for which days
PENDING = frozenset(("requested", "pended", "retro_requested"))
MINUTES = "MJ"
ONE_DAY = timedelta(days=1)
RECORDS_NAMED = 3
CODES_NAMED = 4


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service as an authorization sees it. `place` and `providers` blank: not known, so not compared."""

    code: str
    modifiers: tuple[str, ...] = ()
    on: date | None = None
    through: date | None = None  # the last day, included
    providers: tuple[str, ...] = ()  # NPIs of rendering and billing provider: one of them must be named
    place: str = ""
    diagnoses: tuple[str, ...] = ()
    units: Decimal = Decimal(1)


class Misfit(msgspec.Struct, frozen=True):
    """Why an authorization does not cover a service. `kind`: status, pending, dates, units, code, provider, place, diagnosis."""

    kind: str
    words: str


class Named(msgspec.Struct, frozen=True):
    """A line that names a number, the record on file that fits it best, and what does not fit."""

    index: int
    path: str
    number: str
    service: Service
    record: Authorization
    misfits: tuple[Misfit, ...]


# What the payer asks --------------------------------------------------------------------------------------------------


def _by_code(rules: tuple[AuthorizationRule, ...]) -> dict[str, CodeIndex[AuthorizationRule]]:
    return {
        kind: CodeIndex((rule.codes, rule) for rule in rules if rule.kind == kind) for kind in (AUTHORIZATION, REFERRAL)
    }


_compiled: ByIdentity[AuthorizationRule, dict[str, CodeIndex[AuthorizationRule]]] = ByIdentity(_by_code)


def rules_of(payer: PayerProfile, kind: str) -> CodeIndex[AuthorizationRule]:
    """The payer's rules of a kind, by code."""
    return _compiled(payer.authorization_rules)[kind]


def rule_for(payer: PayerProfile, claim: Claim, line: Line, kind: str) -> AuthorizationRule | None:
    """The first rule of the payer by which this line needs the payer's word, None where it needs none."""
    return first_that_asks(rules_of(payer, kind), claim, line)


def first_that_asks(rules: CodeIndex[AuthorizationRule], claim: Claim, line: Line) -> AuthorizationRule | None:
    for rule in rules.at(line.procedure_code):
        if asks(rule, claim, line):
            return rule
    return None


def asks(rule: AuthorizationRule, claim: Claim, line: Line) -> bool:
    """Whether the rule is about this line. The span of its codes has been looked at."""
    if rule.bill_types and not claim.type_of_bill[1:].startswith(rule.bill_types):
        return False
    place = place_of(claim, line)
    if rule.emergency_exempt and is_emergency(claim, line):
        return False
    if (rule.places and place not in rule.places) or place in rule.except_places:
        return False
    if rule.codes and not any(one.holds(line.procedure_code, line.modifiers) for one in rule.codes):
        return False
    coverage = claim.coverage
    if coverage.sequence != "P" and not rule.when_secondary:
        return False
    if rule.groups and coverage.group_number not in rule.groups:
        return False
    if rule.filing_indicators and coverage.payer.filing_indicator not in rule.filing_indicators:
        return False
    on = line.date_from or claim.date_of_service
    if on is not None and not rule.holds(on):
        return False
    return _specialty_asked(rule, claim, line)


def _specialty_asked(rule: AuthorizationRule, claim: Claim, line: Line) -> bool:
    if not rule.specialties and not rule.except_specialties:
        return True
    rendering = line.rendering or claim.rendering or claim.billing_provider
    if rule.specialties and not rendering.taxonomy.startswith(rule.specialties):
        return False
    return not (rule.except_specialties and rendering.taxonomy.startswith(rule.except_specialties))


# What is on file ------------------------------------------------------------------------------------------------------


def service_of(claim: Claim, line: Line) -> Service:
    """The line as an authorization sees it. Minutes of anesthesia count as one unit."""
    own = claim.institutional
    people = (line.rendering or claim.rendering, own.attending if own else None, own.operating if own else None)
    providers = (*(one.npi for one in people if one is not None), claim.billing_provider.npi)
    on = line.date_from or claim.date_of_service
    pointed = tuple(
        claim.diagnoses[at - 1].code for at in line.diagnosis_pointers if 0 < at <= len(claim.diagnoses)
    ) or tuple(one.code for one in claim.diagnoses)
    return Service(
        code=line.procedure_code, modifiers=line.modifiers, on=on, through=line.date_to or on,
        providers=tuple(npi for npi in providers if npi), place=place_of(claim, line),
        diagnoses=pointed, units=Decimal(1) if line.unit_basis == MINUTES else line.units,
    )  # fmt: skip


def misfits(record: Authorization, service: Service) -> tuple[Misfit, ...]:
    """All reasons why the record does not cover the service, in the order a person would ask; none when it does."""
    found: list[Misfit] = []
    if record.status in PENDING:
        found.append(Misfit("pending", f"is not decided yet ({record.status.replace('_', ' ')})"))
    elif record.status not in GRANTED:
        found.append(Misfit("status", f"was {record.status} by the payer"))
    dates = _outside(record, service)
    if dates:
        found.append(Misfit("dates", dates))
    if record.codes and not any(one.holds(service.code, service.modifiers) for one in record.codes):
        found.append(Misfit("code", f"is for {spelled(record.codes)}, not {service.code}"))
    if record.provider_npis and service.providers and not set(record.provider_npis) & set(service.providers):
        found.append(Misfit("provider", f"is for provider {record.provider_npis[0]}, not {service.providers[0]}"))
    if record.places and service.place and service.place not in record.places:
        found.append(Misfit("place", f"is for place of service {', '.join(record.places)}, not {service.place}"))
    if record.diagnoses and service.diagnoses and not any(d.startswith(record.diagnoses) for d in service.diagnoses):
        found.append(Misfit("diagnosis", f"is for diagnosis {record.diagnoses[0]}, not {service.diagnoses[0]}"))
    short = shortage(record, service.units, 1)
    if short:
        found.append(Misfit("units", short))
    return tuple(found)


def shortage(record: Authorization, units: Decimal, visits: int) -> str:
    """Why what is left is not enough for so many units and visits; blank when it is."""
    if record.units_left is not None and units > record.units_left:
        return f"has {plain(record.units_left)} units left and {plain(units)} are billed"
    if record.visits_left is not None and visits > record.visits_left:
        return f"has {record.visits_left} visits left and {visits} are billed"
    return ""


def _outside(record: Authorization, service: Service) -> str:
    if record.status == "expired" and record.end is None:
        return "has expired"
    if service.on is None:
        return ""
    if record.start is not None and service.on < record.start:
        return f"starts on {record.start}, after the service of {service.on}"
    last = service.through or service.on
    if record.end is not None and last >= record.end:
        return f"ran out on {record.end - ONE_DAY}, before the service of {last}"
    return ""


def plain(quantity: Decimal) -> str:
    """A quantity as people write it: 2, not 2.000."""
    return f"{quantity.normalize():f}"


def spelled(codes: Sequence[CodeRange]) -> str:
    """Code ranges as people write them, a few of them."""
    parts = [one.first + (f"-{one.last}" if one.last and one.last != one.first else "") for one in codes]
    return ", ".join(parts[:CODES_NAMED]) + (" ..." if len(parts) > CODES_NAMED else "")


def bare(number: str) -> str:
    """A number without what people add in typing: case, spaces, hyphens."""
    return number.upper().replace(" ", "").replace("-", "")


def named(claim: Claim, facts: Facts, kind: str) -> Iterator[Named]:
    """The lines that name a number of this kind which is on file, each with the record that fits it best. None of a void.

    Renewals often keep the number: of several records under one number the one with the fewest misfits counts.
    """
    records = facts.authorizations
    if not records or claim.frequency == VOID:
        return
    field = FIELDS[kind]
    whole: str = getattr(claim, field)
    by_number: dict[str, list[Authorization]] = {}
    for record in records:
        if record.kind == kind and record.number:
            by_number.setdefault(bare(record.number), []).append(record)
    if not by_number:
        return
    for index, line in enumerate(claim.lines):
        own: str = getattr(line, field)
        number = own or whole
        held = by_number.get(bare(number)) if number else None
        if held:
            service = service_of(claim, line)
            record, why = best(held, service)
            yield Named(index, f"lines[{index}].{field}" if own else field, number, service, record, why)


def best(records: Iterable[Authorization], service: Service) -> tuple[Authorization, tuple[Misfit, ...]]:
    """The record that fits best, with its misfits. Raises ValueError where there is none."""
    judged = [(record, misfits(record, service)) for record in records]
    if not judged:
        raise ValueError("no record to choose from")
    return min(judged, key=lambda one: len(one[1]))


def on_file(claim: Claim, line: Line, facts: Facts, kind: str) -> str:
    """In words what is on file for a line that has no number: which fits, or why none does."""
    if facts.authorizations is None:
        return "what is on file is not loaded"
    held = [one for one in facts.authorizations if one.kind == kind]
    if not held:
        return "none is on file"
    service = service_of(claim, line)
    judged = sorted(((record, misfits(record, service)) for record in held), key=lambda one: len(one[1]))
    words = []
    for record, why in judged[:RECORDS_NAMED]:
        label = record.number or f"a {kind} without a number"
        words.append(f"{label} {why[0].words if why else 'fits'}")
    return "on file: " + "; ".join(words)
