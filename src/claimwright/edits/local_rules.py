"""The practice's own rules, one matcher for all of them: compiled by payer and code, so that hundreds cost little.

A rule is about one line at a time. Every condition given must hold; one not given always holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from claimwright.claims.nouns import Claim, Line
from claimwright.edits.compiled import ByIdentity, CodeIndex
from claimwright.edits.records import LocalRule

CONDITIONS = (
    "payer_ids", "codes", "modifiers_any", "modifiers_none", "diagnoses_any", "diagnoses_none", "places",
    "specialties", "states", "youngest", "oldest", "units_over", "missing",
)  # fmt: skip
# What `missing` may name: fields of the line or of the claim whose absence is what the rule stops.
LINE_FIELDS = frozenset(Line.__struct_fields__)
CLAIM_FIELDS = frozenset(Claim.__struct_fields__)


class RuleHit(msgspec.Struct, frozen=True):
    """A rule that a claim meets, at the first line that meets it."""

    rule: LocalRule
    index: int
    path: str


def specificity(rule: LocalRule) -> int:
    """How many conditions a rule has: the more, the nearer it is to the case."""
    return sum(getattr(rule, name) not in ((), None, "") for name in CONDITIONS)


class _Rules:
    """Rules by payer, each payer's by code. Rules of all payers stand in every payer's index, most specific first."""

    __slots__ = ("_by_payer", "_rules")

    def __init__(self, rules: tuple[LocalRule, ...]) -> None:
        self._rules = sorted(rules, key=lambda rule: (-specificity(rule), rule.id))
        self._by_payer: dict[str, CodeIndex[LocalRule]] = {}

    def of(self, payer_id: str) -> CodeIndex[LocalRule]:
        found = self._by_payer.get(payer_id)
        if found is None:
            found = self._by_payer[payer_id] = CodeIndex(
                (rule.codes, rule) for rule in self._rules if not rule.payer_ids or payer_id in rule.payer_ids
            )
        return found


_compiled: ByIdentity[LocalRule, _Rules] = ByIdentity(_Rules)


def matches(claim: Claim, rules: tuple[LocalRule, ...], known_as: tuple[str, ...] = ()) -> Iterator[RuleHit]:
    """The rules the claim meets, each once, most specific first on each line.

    `known_as` are other ids of the claim's payer. The same tuple of rules given again is not compiled again.
    """
    compiled = _compiled(rules)
    payer_id = claim.coverage.payer.payer_id
    indexes = [compiled.of(one) for one in dict.fromkeys((payer_id, *known_as))]
    told: set[str] = set()
    # Rules about any code are asked on every line: those that no line of this claim can meet are set aside first.
    barred = {id(rule) for by_code in indexes for rule in by_code.everywhere if not _may_meet(rule, claim)}
    idle = [barred.issuperset(map(id, by_code.everywhere)) for by_code in indexes]
    for index, line in enumerate(claim.lines):
        for by_code, none_everywhere in zip(indexes, idle, strict=True):
            asked = by_code.at(line.procedure_code)
            if none_everywhere and asked is by_code.everywhere:
                continue
            for rule in asked:
                if id(rule) not in barred and rule.id not in told and meets(rule, claim, line):
                    told.add(rule.id)
                    yield RuleHit(rule, index, _path(rule, index))


def _may_meet(rule: LocalRule, claim: Claim) -> bool:
    """False where a condition fails that is the same for every line."""
    if rule.states and claim.billing_provider.address.state not in rule.states:
        return False
    starts = rule.diagnoses_any
    if not starts:
        return True
    for diagnosis in claim.diagnoses:  # noqa: SIM110  a generator for each rule and claim would cost twice as much
        if diagnosis.code.startswith(starts):
            return True
    return False


def meets(rule: LocalRule, claim: Claim, line: Line) -> bool:
    """Whether the line meets every condition of the rule but its payer and the span of its codes, looked at before."""
    on = line.date_from or claim.date_of_service
    if on is not None and not rule.holds(on):
        return False
    if rule.codes and not any(one.holds(line.procedure_code, line.modifiers) for one in rule.codes):
        return False
    if rule.places and (line.place_of_service or claim.place_of_service) not in rule.places:
        return False
    if rule.modifiers_any and set(rule.modifiers_any).isdisjoint(line.modifiers):
        return False
    if rule.modifiers_none and not set(rule.modifiers_none).isdisjoint(line.modifiers):
        return False
    if rule.units_over is not None and line.units <= rule.units_over:
        return False
    if rule.states and claim.billing_provider.address.state not in rule.states:
        return False
    return (
        _diagnosed(rule, claim, line)
        and _of_specialty(rule, claim, line)
        and _of_age(rule, claim, on)
        and (not rule.missing or _lacks(rule.missing, claim, line))
    )


def _diagnosed(rule: LocalRule, claim: Claim, line: Line) -> bool:
    """Looks at the diagnoses the line points to; at all of the claim's where it points to none."""
    if not rule.diagnoses_any and not rule.diagnoses_none:
        return True
    held = claim.diagnoses
    pointed = [held[at - 1].code for at in line.diagnosis_pointers if 0 < at <= len(held)]
    codes = pointed or [one.code for one in held]
    if rule.diagnoses_any and not any(code.startswith(rule.diagnoses_any) for code in codes):
        return False
    return not (rule.diagnoses_none and any(code.startswith(rule.diagnoses_none) for code in codes))


def _of_specialty(rule: LocalRule, claim: Claim, line: Line) -> bool:
    if not rule.specialties:
        return True
    rendering = line.rendering or claim.rendering or claim.billing_provider
    return rendering.taxonomy.startswith(rule.specialties)


def _of_age(rule: LocalRule, claim: Claim, on: date | None) -> bool:
    """In whole years on the day of service. An age nobody knows meets no limit."""
    if rule.youngest is None and rule.oldest is None:
        return True
    born = claim.patient.birth_date
    if born is None or on is None:
        return False
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return (rule.youngest is None or years >= rule.youngest) and (rule.oldest is None or years <= rule.oldest)


def _lacks(field: str, claim: Claim, line: Line) -> bool:
    """Whether the field is given neither on the line nor on the claim."""
    for holder in (line, claim):
        value = getattr(holder, field, None)
        if value not in (None, "", ()) and not (isinstance(value, str) and not value.strip()):
            return False
    return True


def _path(rule: LocalRule, index: int) -> str:
    if not rule.missing:
        return f"lines[{index}]"
    return f"lines[{index}].{rule.missing}" if rule.missing in LINE_FIELDS else rule.missing


def problems(rule: LocalRule) -> tuple[str, ...]:
    """What is wrong with a rule as written; none when it can be used. Each says what to do."""
    found = []
    if not rule.id.strip():
        found.append("a rule needs an id")
    if not rule.text.strip():
        found.append("a rule needs the sentence that the biller reads")
    if rule.severity not in ("W", "H", "R"):
        found.append("the severity is W (warn), H (hold) or R (reject)")
    if specificity(rule) == 0:
        found.append("a rule without a condition would stop every claim: give a payer, codes or another condition")
    if rule.missing and rule.missing not in LINE_FIELDS | CLAIM_FIELDS:
        found.append(f"neither a line nor a claim has a field {rule.missing}")
    if rule.start is not None and rule.end is not None and rule.end <= rule.start:
        found.append("the rule ends before it starts")
    if rule.youngest is not None and rule.oldest is not None and rule.oldest < rule.youngest:
        found.append("the oldest age is below the youngest")
    found += [
        f"the range {one.first}-{one.last} ends before it starts, or its ends differ in length"
        for one in rule.codes
        if one.last and (len(one.last) != len(one.first) or one.last < one.first)
    ]
    return tuple(found)
