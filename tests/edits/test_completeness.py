"""The house's rule for edits: a docs page, a citation, a pass case and a fail case each; ids for ever."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from claimwright.edits import families
from claimwright.edits.catalogue import BY_ID, CATALOGUE, FAMILIES
from claimwright.edits.facts import FACT_NAMES
from claimwright.edits.shapes import Edit, Severity
from tests.edits.cases import CASES, case_file

DOCS = Path(__file__).parents[2] / "docs" / "edits"
SECTIONS = ("## What it finds", "## Why", "## Wrong", "## Right", "## Fix", "## Source")
EXAMPLES = ("## Wrong", "## Right", "## Fix")
EACH = pytest.mark.parametrize("each", CATALOGUE, ids=lambda each: each.id)

# The catalogue of this release, from the table of edits: id and severity. An id is never taken out or reused.
PUBLISHED = {
    "ENV": "RRRRRRRRWRRR",
    "BIL": "RRRRRRRRWR",
    "PRV": "RRHRRRWRRRRRRHW",
    "SUB": "RRRRRRRRWHRRRRHHR",
    "DAT": "RRRRRRRRRWRH",
    "DX": "RRRRRRRHHHHHWRRRHHW",
    "PX": "RRRHHHHHHRHHRRHRHRRRRHWRRWRRRRRWR",
    "COB": "RRRRRRRRRHHRRHW",
    "AUT": "RRRRRRHR",
    "PAY": "RRRRHRRRWRRH",
    "DUP": "HHHR",
    "TFL": "RWHR",
    "LIN": "RRRRRRWWRRHRRRRHRR",
}


def test_the_catalogue_is_the_published_one() -> None:
    published = {f"{family}{n:02d}": s for family, row in PUBLISHED.items() for n, s in enumerate(row, 1)}
    assert {each.id: each.severity.value for each in CATALOGUE} == published
    assert len(CATALOGUE) == 179


def test_ids_are_unique_and_belong_to_their_family() -> None:
    assert len(BY_ID) == len(CATALOGUE)
    for family in FAMILIES:
        name = family.__name__.rsplit(".", 1)[1].upper()
        assert {each.family for each in family.EDITS} == {name}


def _modules_of(family: ModuleType) -> list[ModuleType]:
    """The family's module and those it is split into: px, px_visits ..."""
    name = family.__name__.rsplit(".", 1)[1]
    names = [module.name for module in pkgutil.iter_modules(families.__path__)]
    return [import_module(f"{families.__name__}.{n}") for n in names if n == name or n.startswith(f"{name}_")]


def test_no_edit_of_a_family_is_left_out_of_its_tuple() -> None:
    for family in FAMILIES:
        values = [value for module in _modules_of(family) for value in vars(module).values()]
        assert {value.id for value in values if isinstance(value, Edit)} == {each.id for each in family.EDITS}


@EACH
def test_has_a_citation_and_says_what_to_do(each: Edit) -> None:
    assert each.cites and all(cite.document and cite.source in "TCMNDPYL" for cite in each.cites)
    assert each.says and each.fix
    assert each.severity in (Severity.REJECT, Severity.HOLD, Severity.WARN)


@EACH
def test_has_a_docs_page_with_every_section(each: Edit) -> None:
    page = (DOCS / f"{each.id}.md").read_text()
    assert page.startswith(f"# {each.id} ")
    for section in SECTIONS:
        body = page.split(section + "\n", 1)[1].split("\n## ", 1)[0].strip()
        assert len(body) > (2 if section in EXAMPLES else 20), f"{each.id} {section}"
    for cite in each.cites:
        assert cite.document in page, f"{each.id}: {cite.document}"
    assert re.sub(r"\W+", " ", re.split(r"[{:]", each.fix)[0]) in re.sub(r"\W+", " ", page), f"{each.id}: {each.fix}"
    for need in each.needs:
        assert f"`{need}`" in page, f"{each.id}: {need}"


@EACH
def test_has_pass_and_fail_cases(each: Edit) -> None:
    found = case_file(each.id)
    assert len(found.passing) >= 2 and len(found.failing) >= 2
    assert all(case.at for case in found.failing)


@EACH
def test_needs_name_facts_or_code_sets(each: Edit) -> None:
    assert set(each.needs) | set(each.uses) <= FACT_NAMES | {"icd10cm", "icd10cm_notes", "modifier"}


def test_no_page_or_case_without_an_edit() -> None:
    for folder, suffix in ((DOCS, ".md"), (CASES, ".yml")):
        assert {p.stem for p in folder.glob(f"*{suffix}")} - {"README"} == set(BY_ID)


@EACH
def test_is_small_and_asks_nothing_of_the_outside(each: Edit) -> None:
    source = inspect.getsource(each.check)
    assert len(source.splitlines()) <= 40
    names = {node.id for node in ast.walk(ast.parse(re.sub(r"\A\s+", "", source))) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"open", "print", "input", "datetime", "time", "setattr", "globals"})
