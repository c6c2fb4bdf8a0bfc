"""The practice's own rules: one matcher, each condition alone, and what hundreds of rules cost."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.edits.compiled import ByIdentity
from claimwright.edits.engine import open_blockers, run
from claimwright.edits.families.pay import local_rule_is_kept
from claimwright.edits.local_rules import matches, meets, problems
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import LocalRule
from claimwright.edits.shapes import Severity
from tests.edits.cases import claim_of, facts_of

CLAIM = claim_of("primary")


def rule(**given: Any) -> LocalRule:
    return LocalRule(**{"id": "R1", "text": "t"} | given)


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"payer_ids": ("60054",)}, {"coverage.payer.payer_id": "99999"}),
        ({"codes": (CodeRange(first="99202", last="99215"),)}, {"lines[0].procedure_code": "99281"}),
        ({"codes": (CodeRange(first="99213", modifiers=("25",)),)}, None),
        ({"modifiers_any": ("25", "57")}, None),
        ({"modifiers_none": ("25",)}, {"lines[0].modifiers": ["25"]}),
        ({"diagnoses_any": ("J06", "J02")}, {"diagnoses[0].code": "M5450"}),
        ({"diagnoses_none": ("Z00",)}, {"diagnoses[0].code": "Z0000"}),
        ({"places": ("11",)}, {"lines[0].place_of_service": "22"}),
        ({"specialties": ("207Q",)}, {"rendering.taxonomy": "208D00000X"}),
        ({"states": ("WI",)}, {"billing_provider.address.state": "IL"}),
        ({"youngest": 46}, {"patient.birth_date": date(1980, 9, 1)}),
        ({"oldest": 46}, {"patient.birth_date": date(1979, 8, 31)}),
        ({"oldest": 46}, {"patient.birth_date": None}),
        ({"units_over": Decimal("0.5")}, {"lines[0].units": "0.5"}),
        ({"missing": "referral"}, {"referral": "R9"}),
        ({"missing": "referral"}, {"lines[0].referral": "R9"}),
        ({"missing": "onset_date"}, {"onset_date": date(2026, 8, 1)}),
        ({"start": date(2026, 8, 31), "end": date(2026, 9, 1)}, {"lines[0].date_from": date(2026, 9, 1)}),
    ],
)  # fmt: skip
def test_each_condition_alone(given: dict[str, Any], changes: dict[str, Any] | None) -> None:
    """Met by the base claim and not by the changed one; those with None are met by none of them."""
    one = rule(**given)
    assert bool(list(matches(CLAIM, (one,)))) is (changes is not None)
    if changes is None:
        changed = claim_of("primary", {"lines[0].modifiers": ["25"]})
        assert list(matches(changed, (one,)))
    else:
        assert not list(matches(claim_of("primary", changes), (one,)))


def test_all_conditions_must_hold_together() -> None:
    full = rule(
        payer_ids=("60054",),
        codes=(CodeRange(first="99213"),),
        places=("11",),
        diagnoses_any=("J06",),
        missing="referral",
    )
    assert list(matches(CLAIM, (full,)))
    for name, value in (
        ("payer_ids", ("9",)),
        ("places", ("22",)),
        ("diagnoses_any", ("M",)),
        ("missing", "total_charge"),
    ):
        assert not list(matches(CLAIM, (msgspec.structs.replace(full, **{name: value}),)))


def test_another_id_of_the_payer_counts() -> None:
    one = rule(payer_ids=("NMUT",))
    assert not list(matches(CLAIM, (one,)))
    assert list(matches(CLAIM, (one,), known_as=("NMUT",)))


def test_the_severity_is_the_rules_own_and_decides_what_blocks() -> None:
    rules = tuple(rule(id=f"R{s}", severity=s, payer_ids=("60054",)) for s in "WHR")
    facts = msgspec.structs.replace(facts_of(), local_rules=rules)
    found = run(CLAIM, facts, (local_rule_is_kept,))
    assert sorted(one.severity for one in found) == [Severity.HOLD, Severity.REJECT, Severity.WARN]
    assert sorted(one.values[1] for one in open_blockers(found)) == ["RH", "RR"]


def test_a_rule_of_unknown_severity_is_no_pass() -> None:
    facts = msgspec.structs.replace(facts_of(), local_rules=(rule(severity="X", payer_ids=("60054",)),))
    (finding,) = run(CLAIM, facts, (local_rule_is_kept,))
    assert finding.could_not_run and finding.severity is Severity.HOLD


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"payer_ids": ("1",)}, ""),
        ({}, "without a condition"),
        ({"id": " ", "payer_ids": ("1",)}, "needs an id"),
        ({"text": "", "payer_ids": ("1",)}, "sentence"),
        ({"severity": "I", "payer_ids": ("1",)}, "severity"),
        ({"missing": "shoe_size"}, "shoe_size"),
        ({"payer_ids": ("1",), "start": date(2026, 1, 1), "end": date(2026, 1, 1)}, "ends before"),
        ({"youngest": 9, "oldest": 3}, "oldest"),
        ({"codes": (CodeRange(first="99215", last="99202"),)}, "99215-99202"),
        ({"codes": (CodeRange(first="99215", last="J1100A"),)}, "differ in length"),
    ],
)
def test_a_rule_that_cannot_be_used_says_why(given: dict[str, Any], says: str) -> None:
    found = "; ".join(problems(rule(**given)))
    assert (says in found) if says else found == ""


def test_the_compiled_form_follows_the_rules_given_now() -> None:
    made: list[tuple[int, ...]] = []
    form = ByIdentity(lambda rows: made.append(rows) or len(rows))
    first, second = (1, 2), (1, 2, 3)
    assert [form(first), form(first), form(second), form(first)] == [2, 2, 3, 2]
    assert made == [first, second]


def test_five_hundred_rules_cost_a_claim_that_meets_none_little() -> None:
    rules = tuple(
        rule(
            id=f"R{n}",
            payer_ids=(("60054", "87726")[n % 2],),
            codes=(CodeRange(first=f"{10000 + n * 7:05d}"),),
            missing="referral",
        )
        for n in range(500)
    )
    line = CLAIM.lines[0]
    claim = msgspec.structs.replace(CLAIM, lines=tuple(msgspec.structs.replace(line, number=n) for n in range(6)))
    assert list(matches(claim, rules)) == []
    start = time.perf_counter()
    for _ in range(2_000):
        list(matches(claim, rules))
    each = (time.perf_counter() - start) / 2_000
    slow = sum(meets(one, claim, line) for one in rules)  # one by one it would be this many questions a line
    assert slow == 0 and each < 100e-6
