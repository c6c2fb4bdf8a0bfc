"""Denials that repeat become rules: which pattern of lines one payer keeps denying for one reason, and how surely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from claimwright.claims.nouns import Noun
from claimwright.codes.denials import advice_words, carc_rule
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import LocalRule

# Domain section 8, prevention.
WINDOW_DAYS = 90
FEWEST_DENIED = 5
LEAST_SHARE = Decimal("0.60")
# What an authorization or referral denial tells of: a rule about the missing number spares the claims that have it.
MISSING_BY_CATEGORY = {"AUTH": "prior_authorization", "REF": "referral"}


class LineCase(Noun, frozen=True, kw_only=True):
    """One line that a payer decided. `denied` holds the CARCs of its denials, none where it was allowed."""

    claim_id: str
    payer_id: str
    code: str
    modifiers: tuple[str, ...] = ()
    diagnosis: str = ""  # the first one it points to
    place: str = ""
    missing: tuple[str, ...] = ()  # of MISSING_BY_CATEGORY's fields
    denied: tuple[str, ...] = ()
    decided: date


class Pattern(Noun, frozen=True, kw_only=True):
    """What the lines have in common: a payer, a code, and at most one thing more. `kind` is blank for the code alone."""

    payer_id: str
    carc: str
    code: str
    kind: str = ""  # "", modifier, diagnosis, place, missing
    value: str = ""

    @property
    def key(self) -> str:
        return "|".join((self.payer_id, self.carc, self.code, self.kind, self.value))


class Proposal(Noun, frozen=True, kw_only=True):
    pattern: Pattern
    denied: int  # claims
    claims: int

    @property
    def share(self) -> Decimal:
        return Decimal(self.denied) / self.claims


def _features(line: LineCase) -> list[tuple[str, str]]:
    return [
        ("", ""),
        *(("missing", field) for field in line.missing),
        *(("modifier", modifier) for modifier in line.modifiers),
        *((("diagnosis", line.diagnosis),) if line.diagnosis else ()),
        *((("place", line.place),) if line.place else ()),
    ]


def propose(lines: Iterable[LineCase], today: date) -> list[Proposal]:
    """Patterns of at least 5 denied claims in 90 days that are at least 60 % of such claims; one of each payer, code
    and CARC: what is missing where that is what the reason is about, else the widest that is sure enough."""
    since = today - timedelta(days=WINDOW_DAYS)
    claims: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    denied: dict[tuple[str, str, str, str, str], set[str]] = defaultdict(set)
    for line in lines:
        if not since <= line.decided <= today:
            continue
        for kind, value in _features(line):
            claims[line.payer_id, line.code, kind, value].add(line.claim_id)
            for carc in line.denied:
                denied[line.payer_id, line.code, kind, value, carc].add(line.claim_id)
    best: dict[tuple[str, str, str], Proposal] = {}
    for (payer, code, kind, value, carc), hits in sorted(denied.items()):
        total = len(claims[payer, code, kind, value])
        if len(hits) < FEWEST_DENIED or Decimal(len(hits)) / total < LEAST_SHARE:
            continue
        pattern = Pattern(payer_id=payer, carc=carc, code=code, kind=kind, value=value)
        found = Proposal(pattern=pattern, denied=len(hits), claims=total)
        held = best.get((payer, carc, code))
        if held is None or _rank(found) > _rank(held):
            best[payer, carc, code] = found
    return sorted(best.values(), key=lambda one: (-one.denied, one.pattern.key))


def _rank(proposal: Proposal) -> tuple[bool, bool, int, Decimal]:
    pattern = proposal.pattern
    rule = carc_rule(pattern.carc)
    meant = pattern.kind == "missing" and rule is not None and MISSING_BY_CATEGORY.get(rule.category) == pattern.value
    return (meant, pattern.kind == "", proposal.denied, proposal.share)


def rule_of(proposal: Proposal, *, payer: str) -> LocalRule:
    """The PAY11 rule that a proposal asks for, as a warning. `payer` is the name people know it by."""
    pattern = proposal.pattern
    held = carc_rule(pattern.carc)
    label = held.label if held else pattern.carc
    with_what = {
        "": "", "modifier": f" with modifier {pattern.value}", "diagnosis": f" for {pattern.value}",
        "place": f" at place {pattern.value}", "missing": f" without a {pattern.value.replace('_', ' ')}",
    }[pattern.kind]  # fmt: skip
    text = (
        f"{payer} denied {proposal.denied} of {proposal.claims} claims of {pattern.code}{with_what}"
        f" in {WINDOW_DAYS} days: {pattern.carc} {label}"
    )
    return LocalRule(
        id="", text=text, fix=advice_words(pattern.carc).capitalize() or "Compare the line with the payer's policy",
        severity="W", payer_ids=(pattern.payer_id,), codes=(CodeRange(first=pattern.code),),
        modifiers_any=(pattern.value,) if pattern.kind == "modifier" else (),
        diagnoses_any=(pattern.value,) if pattern.kind == "diagnosis" else (),
        places=(pattern.value,) if pattern.kind == "place" else (),
        missing=pattern.value if pattern.kind == "missing" else "",
        source=f"own denials {pattern.carc}",
    )  # fmt: skip
