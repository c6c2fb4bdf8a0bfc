"""No edit finds anything on a golden clean claim, and each edit finds the one thing that is planted in one.

`planted.yml` names for each edit a golden claim, one field of it or of its facts, the new value, and the other edits
that find something too. GOLDEN_SEED repeats a seed that failed.
"""

from __future__ import annotations

import os
import re
import secrets
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.claims import build_interchange
from claimwright.edits.catalogue import BY_ID, CATALOGUE
from claimwright.edits.engine import not_armed, run, run_interchange
from claimwright.edits.facts import Facts
from claimwright.edits.interchange import Interchange, Partner, read_interchange
from claimwright.edits.shapes import Scope
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN
from tests.lib.golden_claims import Golden, golden, golden_claims, scenarios

PLANTED = Path(__file__).parent / "planted.yml"
FRESH = int(os.environ.get("GOLDEN_SEED", secrets.randbelow(90_000) + 10))
FIXED = 1
LEAST = 300
# Edits that may be silent on clean claims for want of a fact, each with its reason.
NOT_ARMED: dict[str, str] = {}
STEP = re.compile(r"([A-Za-z0-9_]+)|\[(\d+)\]")


class Plant(msgspec.Struct, frozen=True, kw_only=True):
    """One planted fault: `at` begins with claim or facts; `also` are other edits that it sets off, by their nature.

    A text `=path` within the value is what the clean claim has at that path. With `times` the value is put in so often.
    """

    edit: str
    golden: str
    at: str
    value: Any = None
    also: list[str] = []
    times: int = 0


@lru_cache(maxsize=1)
def plants() -> list[Plant]:
    return msgspec.convert(yaml.safe_load(PLANTED.read_text()), list[Plant])


@pytest.mark.parametrize("seed", [FIXED, FRESH], ids=["fixed", "fresh"])
def test_no_edit_finds_anything_on_a_clean_claim(seed: int) -> None:
    count = 0
    for one in golden_claims(seed):
        count += 1
        assert [(f.edit_id, f.path, f.message) for f in run(one.claim, one.facts)] == [], f"{one.name}, seed {seed}"
        unarmed = {finding.edit_id for finding in not_armed(one.facts)}
        assert unarmed <= NOT_ARMED.keys(), f"{one.name}, seed {seed}"
    assert count >= LEAST


def test_the_clean_claims_are_of_every_kind_and_payer() -> None:
    made = Counter((one.kind, payer) for one in scenarios() for payer in one.payers)
    assert {kind for kind, _ in made} == set("PID")
    for kind, payers in (
        ("P", ("medicare", "medicaid", "blue", "commercial", "hmo", "wc", "auto")),
        ("I", ("medicare_a", "medicaid", "blue", "commercial", "hmo", "wc", "auto")),
        ("D", ("medicaid", "blue", "commercial", "hmo", "auto")),
    ):
        assert all(made[kind, payer] for payer in payers)
    names = [f"{one.kind}-{one.name}-{payer}" for one in scenarios() for payer in one.payers]
    assert len(set(names)) == len(names)


def test_the_same_seed_makes_the_same_claims() -> None:
    for name in ("P-drug-medicare", "I-stay-blue", "D-crown-medicaid"):
        assert golden(name, 7).claim == golden(name, 7).claim
        assert golden(name, 7).claim != golden(name, 8).claim


# Planted faults -------------------------------------------------------------------------------------------------------


def planted(root: Any, path: str, value: Any) -> Any:
    """`root` with one field changed. A path is names and [places]; a place one behind the last appends."""
    return _set(root, [name or int(at) for name, at in STEP.findall(path)], value)


def _set(node: Any, steps: list[str | int], value: Any) -> Any:
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        held = list(node or ())
        item = held[step] if step < len(held) else None
        changed = _set(item, rest, value) if rest else value
        return tuple(held[:step]) + ((changed,)) + tuple(held[step + 1 :])
    if isinstance(node, dict):
        return {**node, step: _set(node.get(step), rest, value) if rest else value}
    kind = type(node)
    kept = {name: getattr(node, name) for name in node.__struct_fields__}
    changed = _set(kept[step], rest, value) if rest else value
    return kind(**{**kept, step: changed})


def _typed(root: Any, path: str, value: Any) -> Any:
    """The root with the value put in as the type that its field has."""
    put = planted(root, path, value)
    first = STEP.match(path)
    assert first is not None
    field = next(one for one in msgspec.structs.fields(root) if one.name == first[1])
    converted = msgspec.convert(msgspec.to_builtins(getattr(put, first[1])), field.type, strict=False)
    return msgspec.structs.replace(root, **{first[1]: converted})


def _got(root: Any, path: str) -> Any:
    for name, at in STEP.findall(path):
        root = root[int(at)] if at else getattr(root, name)
    return root


def _filled(value: Any, claim: Claim) -> Any:
    if isinstance(value, dict):
        return {_filled(key, claim): _filled(item, claim) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, claim) for item in value]
    return _got(claim, value[1:]) if isinstance(value, str) and value.startswith("=") else value


def with_plant(one: Golden, plant: Plant) -> tuple[Claim, Facts]:
    room, _, path = plant.at.partition(".")
    value = _filled(plant.value, one.claim)
    if plant.times:
        value = [value] * plant.times
    if room == "claim":
        return _typed(one.claim, path, value), one.facts
    assert room == "facts", plant.at
    return one.claim, _typed(one.facts, path, value)


@pytest.mark.parametrize("plant", plants(), ids=lambda plant: f"{plant.edit}-{plant.golden}")
def test_what_is_planted_is_found_and_nothing_else(plant: Plant) -> None:
    each = BY_ID[plant.edit]
    one = golden(plant.golden, FIXED)
    if each.scope is Scope.INTERCHANGE:
        file, partner = rendered(one.claim)
        clean = msgspec.structs.replace(one.facts, interchange=file, partner=partner)
        assert run(one.claim, clean) == ()
        one = Golden(one.name, one.claim, clean)
    claim, facts = with_plant(one, plant)
    found = [finding for finding in run(claim, facts) if not finding.could_not_run]
    ids = list(dict.fromkeys(finding.edit_id for finding in found))
    assert plant.edit in ids, [(f.edit_id, f.path, f.message) for f in run(claim, facts)]
    assert sorted(set(ids) - {plant.edit}) == sorted(plant.also), [(f.edit_id, f.path, f.message) for f in found]


def rendered(claim: Claim) -> tuple[Interchange, Partner]:
    """The claim as a file of its own, and the partner it is for."""
    data = build_interchange(
        [claim], submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=42, group_control_number=7,
        reference="BATCH1", when=WHEN,
    )  # fmt: skip
    rows = [segment.split("*") for segment in data.decode().split("~") if segment]
    partner = Partner(
        sender_id="LAKESIDE01", receiver_id="CLEARHOUSE", group_sender_id="LAKESIDE01", group_receiver_id="CLEARHOUSE",
        usage="T",
    )  # fmt: skip
    return read_interchange(rows, claim.kind), partner


@pytest.mark.parametrize("kind", "PID")
def test_no_edit_finds_anything_in_the_files_of_clean_claims(kind: str) -> None:
    for one in golden_claims(FIXED, kind):
        file, partner = rendered(one.claim)
        facts = msgspec.structs.replace(one.facts, interchange=file, partner=partner)
        assert [(f.edit_id, f.path, f.message) for f in run_interchange(facts)] == [], one.name


def test_every_edit_has_a_planted_fault() -> None:
    assert {each.id for each in CATALOGUE} == {plant.edit for plant in plants()}


def test_plants_are_of_all_kinds() -> None:
    kinds = Counter(plant.golden[0] for plant in plants())
    assert kinds["I"] >= 20 and kinds["D"] >= 10
