"""Reads the base claims and facts, patches them as a case says, and makes them nouns."""

from __future__ import annotations

import copy
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from claimwright.claims.nouns import Claim
from claimwright.codes.add_ons import AddOnRow, AddOnTable
from claimwright.codes.code_sets import shipped
from claimwright.codes.coverage_policies import CoveragePolicy, PolicyTable
from claimwright.codes.drugs import DrugCrosswalk, DrugRow
from claimwright.codes.procedure_pairs import PairEdit, PairTable
from claimwright.codes.relative_values import RelativeValue, RelativeValues
from claimwright.codes.unit_limits import LimitTable, UnitLimit
from claimwright.edits.facts import Facts

HERE = Path(__file__).parent
CASES = HERE / "cases"
_STEP = re.compile(r"([A-Za-z0-9_]+)|\[(\d+)\]")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case: what it shows, the base claim, patches, and for a failing one the paths that are found."""

    name: str
    base: str = "primary"
    claim: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    at: list[str] = []
    could_not_run: bool = False
    severity: str = ""  # where a rule of the case has its own


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, rename={"passing": "pass", "failing": "fail"}):
    passing: list[Case]
    failing: list[Case]


@lru_cache(maxsize=1)
def _base() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / "base.yml").read_text())
    return found


def case_file(edit_id: str) -> CaseFile:
    return msgspec.convert(yaml.safe_load((CASES / f"{edit_id}.yml").read_text()), CaseFile)


def claim_of(base: str = "primary", patches: dict[str, Any] | None = None) -> Claim:
    return msgspec.convert(_patched(_base()["claims"][base], patches or {}), Claim, strict=False)


# Facts that are tables, not rows: a case gives their rows, and optionally the `start` and `end` the table speaks for.
TABLES: dict[str, tuple[type, Any]] = {
    "procedure_pairs": (PairEdit, PairTable),
    "unit_limits": (UnitLimit, LimitTable),
    "add_ons": (AddOnRow, AddOnTable),
    "coverage_policies": (CoveragePolicy, PolicyTable),
    "drugs": (DrugRow, DrugCrosswalk),
    "relative_values": (RelativeValue, RelativeValues.of),
}


def _of_kind(kind: type, value: Any) -> Any:
    """Code types such as Ndc, which are text with questions."""
    return kind(value)


def _table(name: str, given: dict[str, Any]) -> Any:
    row, table = TABLES[name]
    dates = {key: msgspec.convert(given[key], date, strict=False) for key in ("start", "end") if key in given}
    return table(msgspec.convert(given["rows"], list[row], strict=False, dec_hook=_of_kind), **dates)  # type: ignore[valid-type]


def facts_of(patches: dict[str, Any] | None = None) -> Facts:
    """The base facts with the shipped code sets; `code_sets: null` in the patches leaves those out."""
    given = dict(patches or {})
    with_sets = "code_sets" not in given
    given.pop("code_sets", None)
    tree = _patched(_base()["facts"], given)
    tables = {name: _table(name, tree.pop(name)) for name in TABLES if tree.get(name) is not None}
    facts = msgspec.structs.replace(msgspec.convert(tree, Facts, strict=False), **tables)
    return msgspec.structs.replace(facts, code_sets=shipped()) if with_sets else facts


def _patched(tree: dict[str, Any], patches: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(tree)
    for path, value in patches.items():
        steps = [key or int(index) for key, index in _STEP.findall(path)]
        node: Any = result
        for step in steps[:-1]:
            if isinstance(node, dict):
                node = node.setdefault(step, {})
            else:
                node = node[step]
        if isinstance(node, list) and steps[-1] == len(node):
            node.append(value)
        else:
            node[steps[-1]] = value
    return result


TODAY = date(2026, 9, 8)
