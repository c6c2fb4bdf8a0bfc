"""What the documents say is so: links lead somewhere, examples run, words are defined, plans match the code."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import claimwright
from claimwright.billing.lifecycle import State
from claimwright.billing.posting.plan import Worklist as PostingWorklist
from claimwright.edits.catalogue import CATALOGUE
from claimwright.ledger.accounts import BUCKETS, Kind
from claimwright.web.core.worklists import Worklist
from tests.house.source_files import PACKAGE, ROOT

README = ROOT / "README.md"
GLOSSARY = ROOT / "GLOSSARY.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FIRST_SCREEN_LINES = 15

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.MULTILINE)
SWEEPING = re.compile(r"HIPAA[- ](compliant|certified)|is HIPAA|blazing|seamless|effortless", re.IGNORECASE)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """The document without its code blocks."""
    return FENCED.sub("", text)


def block(path: Path, language: str) -> str:
    """The one fenced block of that language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", text_of(path), re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"{path.name} has {len(found)} blocks of {language}"
    return str(found[0])


def headings(text: str) -> list[str]:
    return [title for _, title in HEADING.findall(prose(text))]


def broken_links(path: Path, text: str) -> Iterator[str]:
    """Links of a document to files that are not there, or to headings that the file does not have."""
    for target in LINK.findall(prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or anchor and anchor not in {anchor_of(title) for title in headings(text_of(file))}:
            yield target


def anchor_of(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def first_cells(section: str) -> list[str]:
    """The names in backticks that begin the rows of the glossary's table under a heading."""
    _, _, rest = text_of(GLOSSARY).partition(f"\n## {section}\n")
    table, _, _ = rest.partition("\n## ")
    return re.findall(r"^\|`([^`]+)`\|", table, re.MULTILINE)


def verbs(group: TyperGroup, name: str = "claimwright") -> Iterator[tuple[str, set[str]]]:
    """Every verb as a user types it, with its options; one that runs by itself counts beside its sub-verbs."""
    for word, command in group.commands.items():
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            yield f"{name} {word}", {option for parameter in command.params for option in parameter.opts}
        if isinstance(command, TyperGroup):
            yield from verbs(command, f"{name} {word}")


@cache
def registered_verbs() -> dict[str, set[str]]:
    from claimwright.cli import app

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(verbs(group))


def missing_verbs(text: str) -> list[str]:
    return [verb for verb in registered_verbs() if f"`{verb}" not in text]


# Every document ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path):
    assert list(broken_links(path, text_of(path))) == []


def test_a_broken_link_is_caught():
    text = "[a](no-such-page.md) [b](GLOSSARY.md#no-such-noun) [c](GLOSSARY.md#encounter) [d](https://x.example)"
    assert list(broken_links(README, text)) == ["no-such-page.md", "GLOSSARY.md#no-such-noun"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_headings_are_unique_within_a_document(path):
    repeated = [title for title, times in Counter(headings(text_of(path))).items() if times > 1]
    assert repeated == []


def test_no_document_promises_what_software_cannot():
    found = {path.name: SWEEPING.findall(text_of(path)) for path in DOCUMENTS if SWEEPING.search(text_of(path))}
    assert found == {}
    assert SWEEPING.search("Claimwright is HIPAA compliant")


# README --------------------------------------------------------------------------------------------------------------


def test_both_commands_stand_on_the_first_screen():
    first = text_of(README).splitlines()[:FIRST_SCREEN_LINES]
    for command in ("make demo", "make test"):
        assert any(line.strip().startswith(command) for line in first), command
        target = command.removeprefix("make ")
        assert re.search(rf"^{target}:", text_of(ROOT / "Makefile"), re.MULTILINE), target


def test_the_example_runs_and_prints_what_is_shown():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block(README, "python")],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == block(README, "text")


def test_every_verb_is_named():
    assert len(registered_verbs()) > 10
    assert missing_verbs(text_of(README)) == []
    assert missing_verbs("`claimwright report aging`") == [
        verb for verb in registered_verbs() if verb != "claimwright report aging"
    ]


def test_verbs_without_json_are_those_that_serve():
    without = sorted(verb for verb, options in registered_verbs().items() if "--json" not in options)
    assert without == [
        "claimwright backup key",
        "claimwright listen",
        "claimwright sandbox",
        "claimwright sandbox real-time",
        "claimwright serve",
        "claimwright worker",
    ]


def test_no_verb_is_made_up():
    named = set(re.findall(r"`(claimwright [a-z -]+[a-z])", text_of(README)))
    known = set(registered_verbs())
    assert [words for words in sorted(named) if words not in known] == []


def test_the_number_of_edits_is_right():
    (number,) = re.findall(r"\[(\d+) edits\]", text_of(README))
    assert int(number) == len(CATALOGUE)
    assert f"with {number} edits" in text_of(ROOT / "CHANGELOG.md")


def test_every_room_has_its_row():
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    for path in (README, ROOT / "docs" / "house.md"):
        assert rooms - set(re.findall(r"^\|`([a-z0-9]+)`\|", text_of(path), re.MULTILINE)) == set(), path.name


def test_the_picture_is_well_formed():
    from xml.etree import ElementTree

    words = {text.strip() for text in ElementTree.parse(ROOT / "docs" / "picture.svg").getroot().itertext()}
    assert {"Encounter", "Claim", "Edits", "837", "Clearinghouse", "835", "Ledger", "Denial", "Close"} <= words


# Changelog and plan --------------------------------------------------------------------------------------------------


def test_the_changelog_begins_with_this_version():
    (first, *_) = re.findall(r"^## ([0-9]+\.[0-9]+\.[0-9]+)", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert first == claimwright.__version__ == project["version"]


def test_the_plan_shows_the_floors_that_are_checked():
    plan = ROOT / "docs" / "house.md"
    floors, apps = (
        [layer.replace("claimwright.", "") for layer in contract["layers"]]
        for contract in tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    assert block(plan, "floors").split("\n")[:-1] == floors
    assert block(plan, "apps").split("\n")[:-1] == apps
    assert {name for layer in apps for name in layer.split(" | ")} == {
        path.parent.name for path in (PACKAGE / "web").glob("*/apps.py")
    }


@pytest.mark.parametrize("folder", ["decisions", "how-it-works", "edits"])
def test_every_page_is_in_its_index(folder):
    pages = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"README.md"}
    assert pages == {link for link in LINK.findall(text_of(ROOT / "docs" / folder / "README.md")) if "/" not in link}


def test_every_page_is_led_to_from_the_readme():
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert pages - set(LINK.findall(text_of(README))) == set()


def test_a_decision_begins_with_the_line_to_quote():
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        title, blank, quote, *_ = text_of(path).splitlines()
        assert title.startswith(f"# {path.name[:4]} ") and not blank and quote.startswith("> "), path.name


def test_what_the_decisions_point_to_is_there():
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        for name in re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", text_of(path)):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


# Glossary ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("Account kinds", {kind.value for kind in Kind}),
        ("Claim states", {state.value for state in State} - {""}),
        ("Worklists", {name.value for enum in (Worklist, PostingWorklist) for name in enum}),
    ],
)
def test_every_name_has_one_entry(section, names):
    entries = first_cells(section)
    assert [name for name, times in Counter(entries).items() if times > 1] == []
    assert sorted(names - set(entries)) == [], "give each its row in GLOSSARY.md"
    assert sorted(set(entries) - names) == [], "rows of GLOSSARY.md for what is no more"


def test_the_buckets_are_explained():
    _, _, rest = text_of(GLOSSARY).partition("\n### Bucket\n")
    entry, _, _ = rest.partition("\n### ")
    assert all(bucket in entry for bucket in BUCKETS)


def test_every_noun_has_a_definition():
    entries = re.split(r"^### ", text_of(GLOSSARY), flags=re.MULTILINE)[1:]
    assert len(entries) > 60
    for entry in entries:
        title, _, rest = entry.partition("\n")
        definition, _, _ = rest.partition("\n## ")
        assert len(definition.split()) > 5, title
