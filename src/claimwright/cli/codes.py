"""`claimwright codes ...`: what is loaded, for which dates of service, and how it came there. No database, no Django."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from claimwright.cli.words import Refused, console, plural, print_json, read_bytes, table

if TYPE_CHECKING:
    from claimwright.codes.library import ImportReport, Library, Step
    from claimwright.codes.library_sets import Dates, LoadedSet
    from claimwright.codes.releases import CodeSets, Entry

app = typer.Typer(help="Code sets and tables by date of service: import, look up, take back.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
Folder = Annotated[
    Path | None,
    typer.Option("--codes", help="The library's folder; CLAIMWRIGHT_CODES, or codes in the installation's folder.",
                 metavar="FOLDER"),
]  # fmt: skip
Day = Annotated[str, typer.Option("--on", help="The date of service, YYYY-MM-DD.", metavar="DATE")]
YEARLY_SETS = ("icd10cm", "icd10pcs")  # the lists of a new fiscal year have always changed
SAMPLES = (("added", "+"), ("removed", "-"), ("changed", "~"))
REFUSALS_SHOWN = 10


def library_folder(given: Path | None = None) -> Path:
    """The folder given, else that of CLAIMWRIGHT_CODES, else `codes` in the installation's own. Raises Refused."""
    from claimwright.cli.office import choose_home
    from claimwright.codes.library_sets import codes_folder

    folder = given or codes_folder(choose_home())
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is no folder: the library of code sets is one (CLAIMWRIGHT_CODES or --codes)")
    return folder


def loaded_code_sets(given: Path | None = None) -> CodeSets:
    """What is shipped and imported. Raises Refused for a folder that is not there or a library that is damaged."""
    from claimwright.codes.library_journal import LibraryDamaged
    from claimwright.codes.library_sets import code_sets

    if given is not None and not given.is_dir():
        raise Refused(f"{given} is no folder: --codes is a library that `claimwright codes import` filled")
    try:
        return code_sets(library_folder(given))
    except LibraryDamaged as problem:
        raise Refused(str(problem)) from None


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} is a date such as 2026-10-01") from None


def _library(folder: Path | None) -> Library:
    from claimwright.codes.library import Library

    return Library(library_folder(folder))


def _npis(path: Path | None) -> frozenset[str] | None:
    """The NPIs of a file, one a line; of a table the first column. Raises Refused naming the line of what is none."""
    from claimwright.codes.identifiers import Npi

    if path is None:
        return None
    found = set()
    for line, text in enumerate(read_bytes(path).decode("utf-8-sig", "replace").splitlines(), 1):
        npi = re.split(r"[,;\t ]", text.strip())[0].strip('"')
        if Npi(npi).is_valid:
            found.add(npi)
        elif npi and not (line == 1 and npi.upper() == "NPI"):
            raise Refused(f"{path} line {line}: this is no NPI: one of ten digits on each line, for --only")
    if not found:
        raise Refused(f"{path} holds no NPI: one on each line, for --only")
    return frozenset(found)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


# Importing -----------------------------------------------------------------------------------------------------------


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Official files or own lists, zipped or not.", metavar="FILE...")],
    start: Annotated[str, typer.Option(help="First day in force, where the file does not say.", metavar="DATE")] = "",
    end: Annotated[str, typer.Option(help="First day no longer in force.", metavar="DATE")] = "",
    set_name: Annotated[str, typer.Option("--set", help="Which set a plain list is of, such as cpt or revenue.")] = "",
    label: Annotated[str, typer.Option(help="A name for the release.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and show the changes; take nothing.")] = False,
    supersede: Annotated[bool, typer.Option(help="Let the new release win where dates overlap.")] = False,
    smaller: Annotated[bool, typer.Option(help="Take it although many codes are gone.")] = False,
    only: Annotated[
        Path | None,
        typer.Option(help="Of a list of providers keep these NPIs: a file with one a line.", metavar="FILE"),
    ] = None,
    codes: Folder = None,
    as_json: Json = False,
) -> None:
    """Take files into the library, whole or not at all, and say what changes.

    What a file is, is seen from its content. The same content again changes nothing. Exit status 2 when a file is
    refused: every reason is told with its line, and what was loaded before still is.
    """
    from claimwright.codes.library import Asked, CannotImport, LibraryDamaged

    asked = Asked(
        start=_day(start, "--start"), end=_day(end, "--end"), label=label, set_name=set_name, only=_npis(only)
    )
    try:
        report = _library(codes).import_files(
            files, asked=asked, at=datetime.now(UTC), by=_who(), dry_run=dry_run, supersede=supersede, smaller=smaller
        )
    except CannotImport as problem:
        if as_json:
            print_json({"refusals": problem.refusals, "more": problem.more, "taken": False})
            raise typer.Exit(2) from None
        told = [str(refusal) for refusal in problem.refusals[:REFUSALS_SHOWN]]
        more = len(problem.refusals) - len(told) + problem.more
        told += [f"and {more:,} more"] if more else []
        raise Refused("nothing was taken\n  " + "\n  ".join(told)) from None
    except LibraryDamaged as problem:
        raise Refused(str(problem)) from None
    except OSError as problem:
        raise Refused(f"nothing was taken: {problem.strerror or problem}: {problem.filename or codes or ''}") from None
    if as_json:
        print_json({"steps": report.steps, "passed_over": report.passed_over, "taken": report.written})
    else:
        _print_import(report, dry_run)


def _print_import(report: ImportReport, dry_run: bool) -> None:
    from claimwright.codes.library import in_words

    for step in report.steps:
        console.print(in_words(step), markup=False)
        for note in (*step.record.notes, *_doubts(step)):
            console.print(f"  {note}", markup=False)
        if step.action != "same":
            for name, mark in SAMPLES:
                if sample := getattr(step.changes, f"{name}_sample"):
                    rest = getattr(step.changes, name) - len(sample)
                    console.print(f"  {mark} {', '.join(sample)}{f' and {rest:,} more' if rest else ''}", markup=False)
    if report.passed_over:
        console.print(f"passed over: {', '.join(report.passed_over)}", markup=False)
    if dry_run:
        console.print("nothing was taken: this was a dry run")
    elif not report.is_new:
        console.print("nothing new: all of it is loaded already")


def _doubts(step: Step) -> Iterator[str]:
    """A fiscal year with the very codes of another is most likely the other's file under a new name."""
    from claimwright.codes.code_sets import shipped

    record, changes = step.record, step.changes
    changed = changes.added or changes.removed or changes.changed
    if step.action != "add" or record.set_name not in YEARLY_SETS or changed or not changes.same:
        return
    is_new_year = record.start is not None and (record.start.month, record.start.day) == (10, 1)
    if is_new_year and not any(release.start == record.start for release in shipped().releases(record.set_name)):
        yield f"every code is as in the release before it: make sure that the file is of {record.label}"


@app.command("formats")
def formats(as_json: Json = False) -> None:
    """List the files that can be imported."""
    from claimwright.codes.library import all_loaders

    rows = sorted((loader.name, loader.reads, loader.sets) for loader in all_loaders())
    if as_json:
        print_json([{"name": name, "reads": reads, "sets": sets} for name, reads, sets in rows])
        return
    columns = (("File", "left"), ("Sets", "left"))
    console.print(table("", columns, ((reads, ", ".join(sets)) for _, reads, sets in rows)))


@app.command("rollback")
def rollback(
    set_name: Annotated[str, typer.Argument(help="The set; without it, all that the last import brought.")] = "",
    codes: Folder = None,
    as_json: Json = False,
) -> None:
    """Go back to before the last import of a set. The journal keeps both; nothing is lost."""
    from claimwright.codes.code_sets import shipped
    from claimwright.codes.library import CannotImport, LibraryDamaged, span

    library = _library(codes)
    try:
        names = library.rollback(set_name, at=datetime.now(UTC), by=_who())
        state = library.state()
    except (CannotImport, LibraryDamaged) as problem:
        raise Refused(str(problem)) from None
    if as_json:
        print_json({"sets": {name: state.releases.get(name, ()) for name in names}})
        return
    for name in names:
        left = ", ".join(f"{each.label} ({span(each.start, each.end)})" for each in state.releases.get(name, ()))
        none_left = "back to what is shipped" if shipped().loaded(name) else "nothing of it is loaded now"
        console.print(f"{name}: {f'back to {left}' if left else none_left}", markup=False)


@app.command("history")
def history(codes: Folder = None, as_json: Json = False) -> None:
    """Tell every import and rollback."""
    from claimwright.codes.library_journal import LibraryDamaged

    try:
        entries = _library(codes).state().entries
    except LibraryDamaged as problem:
        raise Refused(str(problem)) from None
    if as_json:
        print_json(entries)
        return
    for entry in entries:
        head = f"{entry.number}  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.action}  {entry.by}"
        console.print(head, style="bold", markup=False)
        for line in (*entry.told, *(f"{name}: taken back" for name in entry.undone)):
            console.print(f"   {line}", markup=False)
    if not entries:
        console.print("nothing was imported yet: what is shipped is in force")


# Looking -------------------------------------------------------------------------------------------------------------


@app.command("status")
def status(codes: Folder = None, as_json: Json = False) -> None:
    """Tell what is loaded, which dates of service can be judged, what is missing, and which edits cannot run for it."""
    from claimwright.codes.library_journal import LibraryDamaged
    from claimwright.codes.library_sets import status as status_of
    from claimwright.edits.missing_sets import edits_by_missing_set, never_loaded

    folder = library_folder(codes)
    try:
        known = status_of(folder)
    except LibraryDamaged as problem:
        raise Refused(str(problem)) from None
    rows = [*known, *never_loaded({each.name for each in known})]
    loaded = {each.name for each in rows if each.loaded}
    unable, poorer = edits_by_missing_set(loaded), edits_by_missing_set(loaded, using=True)
    answers = [
        {"name": each.name, "loaded": each.loaded, "editions": each.editions, "note": each.note,
         "by_form_only": each.by_form, "judged": _spans(each), "edits_that_cannot_run": unable.get(each.name, ()),
         "edits_that_see_less": poorer.get(each.name, ())}
        for each in rows
    ]  # fmt: skip
    if as_json:
        print_json({"folder": str(folder), "sets": answers})
        return
    _print_status(folder, rows, unable, poorer)


def _spans(each: LoadedSet) -> Sequence[Dates]:
    return each.judged if each.judged else ([(None, None)] if each.by_form else [])


def _print_status(
    folder: Path,
    rows: Iterable[LoadedSet],
    unable: dict[str, tuple[str, ...]],
    poorer: dict[str, tuple[str, ...]],
) -> None:
    from claimwright.codes.library import span

    shown = list(rows)
    columns = (("Set", "left"), ("Dates of service judged", "left"), ("Rows", "right"), ("Release and source", "left"))
    lines = []
    for each in shown:
        if not each.loaded:
            continue
        judged = "; ".join(span(*dates) for dates in each.judged) or "all dates, by form alone"
        for number, edition in enumerate(each.editions or (None,)):
            origin = "imported" if edition and edition.imported else "shipped"
            told = f"{edition.label}, {origin}: {edition.source}" if edition else each.note
            rows_told = f"{edition.rows:,}" if edition else ""
            if edition and len(each.editions) > 1:
                judged = span(edition.start, edition.end)
            lines.append((each.name if not number else "", judged, rows_told, told))
    console.print(table(f"Loaded (library {folder})", columns, lines))
    missing = [each for each in shown if not each.loaded]
    if missing:
        headings = (
            *(("Missing", "left"), ("Edits that cannot run", "left"), ("Edits that see less", "left")),
            ("How to have it", "left"),
        )
        ways = (
            (each.name, ", ".join(unable.get(each.name, ())) or "none", ", ".join(poorer.get(each.name, ())), each.note)
            for each in missing
        )
        console.print()
        console.print(table("Not loaded", headings, ways))


@app.command("show")
def show(
    set_name: Annotated[str, typer.Argument(help="The set, such as icd10cm.", metavar="SET")],
    code: Annotated[str, typer.Argument(help="The code, with or without a dot.", metavar="CODE")],
    on: Day = "",
    codes: Folder = None,
    as_json: Json = False,
) -> None:
    """Show a code as it is on a date of service: in force or not, its title, and what is known of it.

    Of a table (fees, NCCI, limits, indexes, providers) its rows; a second code or a modifier narrows them: "11042 97597".
    Exit status 1 when it is not valid on that day, or not in the table.
    """
    from claimwright.codes.library_sets import in_force

    sets = loaded_code_sets(codes)
    if set_name not in sets.names():
        raise Refused(f"there is no set {set_name}; there are: {', '.join(sets.names())}")
    day = _day(on, "--on")
    if sets.get(set_name) is None and sets.tables(set_name):
        _show_rows(sets, set_name, code.strip(), day, as_json)
    wanted = code.strip().replace(".", "").upper() if set_name in ("icd10cm", "icd10pcs") else code.strip()
    state = sets.state(set_name, wanted, day)
    entry = sets.entry(set_name, wanted, day) or sets.entry(set_name, wanted)
    answer = {"set": set_name, "code": wanted, "on": day, "state": str(state), "entry": entry}
    if as_json:
        print_json(answer)
    else:
        _print_entry(wanted, str(state).replace("_", " "), day, entry, in_force(sets, set_name, entry, day))
    raise typer.Exit(0 if state == "valid" else 1)


def _show_rows(sets: CodeSets, set_name: str, code: str, day: date | None, as_json: bool) -> NoReturn:
    from claimwright.cli.code_tables import print_answers, table_answers

    answers = table_answers(sets.tables(set_name), code, day)
    if as_json:
        covered = day is None or sets.covers(set_name, day)
        print_json({"set": set_name, "code": code, "on": day, "covered": covered, "releases": answers})
    elif day is not None and not sets.covers(set_name, day):
        console.print(f"{code}: {set_name} does not cover {day}", style="bold", markup=False)
    else:
        print_answers(set_name, code, day, answers)
    raise typer.Exit(0 if answers else 1)


def _print_entry(code: str, state: str, day: date | None, entry: Entry | None, held: Dates) -> None:
    from claimwright.codes.library import span

    when = f" on {day}" if day else ""
    console.print(f"{code}: {state}{when}", style="bold", markup=False)
    if entry is not None:
        console.print(f"  {entry.label or '(no title is loaded)'}", markup=False)
        console.print(f"  in force: {span(*held)}", markup=False)
        for name, value in entry.attributes.items():
            console.print(f"  {name.replace('_', ' ')}: {value}", markup=False)


@app.command("search")
def search(
    text: Annotated[list[str], typer.Argument(help="A code, its beginning, or words of the title.", metavar="TEXT...")],
    set_name: Annotated[str, typer.Option("--set", help="The set to search.")] = "icd10cm",
    on: Day = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 20,
    codes: Folder = None,
    as_json: Json = False,
) -> None:
    """Find codes by the code's beginning or by words of their titles. Exit status 1 when there are none."""
    from claimwright.codes import code_search

    sets = loaded_code_sets(codes)
    if not sets.loaded(set_name):
        raise Refused(f"{set_name} is not loaded; there are: {', '.join(n for n in sets.names() if sets.releases(n))}")
    if not sets.releases(set_name):
        raise Refused(f"{set_name} has no titles to search: claimwright codes show {set_name} CODE tells what it has")
    found = code_search.search(sets, set_name, " ".join(text), _day(on, "--on"), limit)
    if as_json:
        print_json([_found(entry) for entry in found])
    else:
        for entry in found:
            console.print(f"{entry.code:<8}{'' if entry.billable else '(category) '}{entry.label}", markup=False)
        told = plural(len(found), "code") if found else f"no code of {set_name} fits"
        console.print(f"{told}; there may be more: --limit" if len(found) == limit else told)
    raise typer.Exit(0 if found else 1)


def _found(entry: Entry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "label": entry.label,
        "billable": entry.billable,
        "start": entry.start,
        "end": entry.end,
    }
