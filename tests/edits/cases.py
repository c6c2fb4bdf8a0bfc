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
from claimwright.codes.code_sets import shipped
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


def facts_of(patches: dict[str, Any] | None = None) -> Facts:
    """The base facts with the shipped code sets; `code_sets: null` in the patches leaves those out."""
    given = dict(patches or {})
    with_sets = "code_sets" not in given
    given.pop("code_sets", None)
    facts = msgspec.convert(_patched(_base()["facts"], given), Facts, strict=False)
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
