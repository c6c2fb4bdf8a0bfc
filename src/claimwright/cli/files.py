"""`claimwright scrub`: 837P, 837I and 837D files against the wire's rules and the claim edits. No database, no Django."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.codes import loaded_code_sets
from claimwright.cli.needs import together, wants
from claimwright.cli.words import Refused, console, dollars, plural, print_json, read_bytes
from claimwright.x12 import Document, Severity, read

if TYPE_CHECKING:
    from claimwright.claims.nouns import Claim, IntakeProblem
    from claimwright.codes.releases import CodeSets
    from claimwright.edits.shapes import Finding
    from claimwright.x12.faults import Fault

Json = Annotated[bool, typer.Option("--json", help="One JSON line a file instead of text.")]
Files = Annotated[list[Path], typer.Argument(help="X12 files.", metavar="FILE...", show_default=False)]
Answer = dict[str, Any]

BLOCKING = ("R", "H")
SEVERITY_WORDS = {"R": "reject", "H": "hold", "W": "warning", "I": "note", "warn": "warning", "info": "note"}
PLACES_SHOWN = 4
_LINE = re.compile(r"lines\[(\d+)\]")


def each_file(files: Iterable[Path], as_json: bool, answer: Callable[[Path, bytes], None]) -> bool:
    """Answer every file; one that cannot be used is told of and does not stop the others. True when all could be."""
    usable = True
    for path in files:
        try:
            answer(path, read_bytes(path))
        except Refused as reason:
            usable = False
            print(f"claimwright: {reason}", file=sys.stderr)
            if as_json:
                print_json({"file": str(path), "error": str(reason)})
    return usable


def document_of(path: Path, data: bytes, wanted: str, instead: dict[str, str]) -> Document:
    """The file's segments. Raises Refused where it is no X12 or holds no transaction of the kind wanted."""
    if not data.strip():
        raise Refused(f"{path}: the file is empty: ask the sender to send it again")
    document = read(data)
    if not document.interchanges:
        raise Refused(
            f"{path}: this is no X12 file (no ISA segment): a web page or an error text may stand in its place"
        )
    kinds = sorted({transaction.set_id for transaction in document.transactions()})
    if wanted not in kinds:
        held = f"it holds {', '.join(kinds)}" if any(kinds) else "it holds no transaction at all"
        hint = next((f"; {words}" for kind, words in instead.items() if kind in kinds), "")
        raise Refused(f"{path}: no {wanted} transaction in this file: {held}{hint}")
    return document


def scrub(
    files: Files,
    as_json: Json = False,
    today: Annotated[
        str, typer.Option(help="The day to scrub as of, YYYY-MM-DD; today when not given.", metavar="DATE")
    ] = "",
    codes: Annotated[
        Path | None,
        typer.Option("--codes", help="The library of imported code sets, if not the installation's.", metavar="FOLDER"),
    ] = None,
) -> None:
    """Check 837P, 837I and 837D files: the wire's rules and the claim edits.

    Code sets and tables are those that are shipped and those of the library (`claimwright codes status`).

    Exit status 1 when something may not go out as it is, 2 when a file is not there, not X12 or holds no 837.
    """
    on = _day(today)
    stays = False
    lacking: list[list[Answer]] = []
    sets = loaded_code_sets(codes)

    def one(path: Path, data: bytes) -> None:
        nonlocal stays
        document_of(path, data, "837", {"835": "try `claimwright explain`"})
        answer = scrubbed(path, data, on, sets)
        stays = stays or not answer["may_go"]
        if as_json:
            print_json(answer)
        else:
            _print_scrub(answer)
            lacking.append(answer["lacking"])

    usable = each_file(files, as_json, one)
    _print_lacking(together(lacking))
    if not usable:
        raise typer.Exit(2)
    raise typer.Exit(1 if stays else 0)


def scrubbed(path: Path, data: bytes, today: date, sets: CodeSets | None = None) -> Answer:
    """What the edits, the reading and the wire's rules say of one file. Without `sets`, by what is shipped."""
    from claimwright.claims.from_x12.claims import read_file
    from claimwright.codes.code_sets import shipped
    from claimwright.codes.vocabulary import CodeVocabulary
    from claimwright.edits import engine
    from claimwright.edits.file_facts import facts_of_file
    from claimwright.x12.check import check

    sets = sets or shipped()
    faults = check(data, CodeVocabulary(sets))
    reads = read_file(data)
    claims = [claim for read in reads for claim in read.claims]
    problems = [problem for read in reads for problem in read.problems()]
    found = engine.run_batch(claims, facts_of_file(claims, sets, today))
    rejected = {fault.control_number for fault in faults if fault.severity is Severity.REJECT}
    rejected |= {problem.encounter for problem in problems if problem.blocks}
    answers = [
        _claim(claim, findings, not rejected & {"", claim.control_number})
        for claim, findings in zip(claims, found.claims, strict=True)
    ]
    return {
        "file": str(path),
        "may_go": bool(answers) and not rejected and all(claim["may_go"] for claim in answers),
        "claims": answers,
        "problems": [_problem(problem) for problem in problems],
        "faults": [_fault(fault) for fault in faults],
        "not_armed": sorted({finding.edit_id for finding in found.not_armed}),
        "lacking": wants(found.not_armed),
    }


def _day(text: str) -> date:
    if not text:
        return date.today()  # noqa: DTZ011 - a verb for people: their own calendar day
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("--today is a date such as 2026-09-30") from None


def _claim(claim: Claim, findings: tuple[Finding, ...] | list[Finding], wire_passes: bool) -> Answer:
    return {
        "control_number": claim.control_number,
        "lines": len(claim.lines),
        "charge": str(claim.total_charge),
        "may_go": wire_passes and not any(finding.severity in BLOCKING for finding in findings),
        "findings": [_finding(finding) for finding in findings],
    }


def _finding(finding: Finding) -> Answer:
    return {
        "id": finding.edit_id, "severity": finding.severity.value, "path": finding.path,
        "message": finding.message, "fix": finding.fix,
    }  # fmt: skip


def _problem(problem: IntakeProblem) -> Answer:
    return {
        "id": problem.code, "severity": "reject" if problem.blocks else "warn", "place": problem.place,
        "claim": problem.encounter, "message": problem.message, "fix": problem.fix,
    }  # fmt: skip


def _fault(fault: Fault) -> Answer:
    return {
        "id": fault.id, "snip": fault.snip, "severity": fault.severity.value, "segment_id": fault.segment_id,
        "segment": fault.segment, "byte": fault.byte, "line": fault.line, "loop": fault.loop,
        "element": fault.element, "claim": fault.control_number, "message": fault.message, "fix": fault.fix,
    }  # fmt: skip


# Printing ------------------------------------------------------------------------------------------------------------


def _print_scrub(answer: Answer) -> None:
    console.print(answer["file"], style="bold", markup=False)
    for claim in answer["claims"]:
        verdict = "[green]may go[/green]" if claim["may_go"] else "[red]stays here[/red]"
        number = claim["control_number"] or "without a number"
        console.print(
            f"Claim {number}, {plural(claim['lines'], 'line')}, {dollars(claim['charge'])}:", end=" ", markup=False
        )
        console.print(verdict)
        _print_found(claim["findings"], _claim_place, "")
    if answer["problems"]:
        console.print("Not taken in as it stands:")
        _print_found(answer["problems"], _problem_place, "")
    if answer["faults"]:
        console.print("Against the rules of the file format:")
        _print_found(answer["faults"], _wire_place, "in ")


def _print_lacking(lacking: list[Answer]) -> None:
    """What was not asked of every claim, by what it waits for: files to import first. Once for all files."""
    edits = {edit for one in lacking for edit in one["edits"]}
    if edits:
        console.print(f"{plural(len(edits), 'edit')} did not run, or not on every claim:", style="dim")
    for importable, heading in ((True, "wait for an import"), (False, "need what the office's own system knows")):
        waiting = [one for one in lacking if one["can_be_imported"] is importable]
        if waiting:
            console.print(f"  {sum(len(one['edits']) for one in waiting)} {heading}", style="dim", markup=False)
        for one in waiting:
            told = f"    {one['words']}: {', '.join(one['edits'])}"
            console.print(told, style="dim", markup=False, soft_wrap=True)
    if any(one["can_be_imported"] for one in lacking):
        console.print("  `claimwright codes status` tells how to have what is missing", style="dim", markup=False)


def _print_found(found: list[Answer], place: Callable[[Answer], str], before: str) -> None:
    """What says the same with the same fix is told once, with all its ids and places."""
    groups: dict[tuple[str, str, str], list[Answer]] = {}
    for one in found:
        groups.setdefault((one["severity"], one["message"], one["fix"]), []).append(one)
    for (severity, message, fix), ones in groups.items():
        ids = ", ".join(dict.fromkeys(one["id"] for one in ones))
        places = list(dict.fromkeys(text for one in ones if (text := place(one))))
        more = f" and {len(places) - PLACES_SHOWN} more" if len(places) > PLACES_SHOWN else ""
        where = f" ({before}{'; '.join(places[:PLACES_SHOWN])}{more})" if places else ""
        console.print(
            f"  {SEVERITY_WORDS.get(severity, severity)} {ids}  {message}{where}", markup=False, soft_wrap=True
        )
        if fix:
            console.print(f"      fix: {fix}", markup=False, soft_wrap=True)


def _claim_place(finding: Answer) -> str:
    match = _LINE.match(finding["path"])
    return f"line {int(match[1]) + 1}" if match else ""


def _problem_place(problem: Answer) -> str:
    return str(problem["place"])


def _wire_place(fault: Answer) -> str:
    if not fault["segment_id"]:
        return ""
    element = f"{fault['element']:02d}" if fault["element"] else ""
    segment = f" of segment {fault['segment']}" if fault["segment"] else ""
    claim = f", claim {fault['claim']}" if fault["claim"] else ""
    return f"{fault['segment_id']}{element}{segment}{claim}"
