"""`claimwright edits`: every claim edit, what it finds and whether it runs with the code sets at hand. No database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.files import SEVERITY_WORDS, Answer
from claimwright.cli.words import Refused, console, plural, print_json, table

if TYPE_CHECKING:
    from claimwright.edits.shapes import Edit

app = typer.Typer(help="The claim edits: what each finds, why, and whether it is armed.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
# Where the pages lie: in an installed package beside the edits, in a checkout among the documents.
_PACKAGE = Path(__file__).parents[1] / "edits" / "pages"
_CHECKOUT = Path(__file__).parents[3] / "docs" / "edits"


@app.command("list")
def list_edits(
    family: Annotated[str, typer.Option(help="One family: ENV, BIL, PRV, SUB, DAT, DX, PX ...", metavar="NAME")] = "",
    severity: Annotated[str, typer.Option(help="R rejects, H holds, W warns.", metavar="R|H|W")] = "",
    as_json: Json = False,
) -> None:
    """List the edits in the order they run."""
    from claimwright.edits.catalogue import CATALOGUE, catalogue_version

    chosen = [each for each in CATALOGUE if not family or each.family == family.upper()]
    if not chosen:
        families = ", ".join(dict.fromkeys(each.family for each in CATALOGUE))
        raise Refused(f"--family is one of {families}")
    if severity and severity.upper() not in ("R", "H", "W"):
        raise Refused("--severity is R (reject), H (hold) or W (warn)")
    chosen = [each for each in chosen if not severity or each.severity.value == severity.upper()]
    if as_json:
        print_json({"version": catalogue_version(), "edits": [_answer(each) for each in chosen]})
        return
    rows = [[each.id, SEVERITY_WORDS[each.severity.value], title_of(each), armed(each)] for each in chosen]
    columns = [("Id", "left"), ("When found", "left"), ("What it checks", "left"), ("Armed", "left")]
    console.print(table(f"{plural(len(chosen), 'edit')}, catalogue {catalogue_version()}", columns, rows))


@app.command("show")
def show(
    edit_id: Annotated[str, typer.Argument(help="The edit's id.", metavar="ID", show_default=False)],
    as_json: Json = False,
) -> None:
    """Show one edit: what it finds, why, wrong and right, the fix, the sources, and what it needs."""
    from claimwright.edits.catalogue import BY_ID

    each = BY_ID.get(edit_id.upper())
    if each is None:
        near = ", ".join(id for id in BY_ID if id.startswith(edit_id.upper().rstrip("0123456789")))
        raise Refused(f"there is no edit {edit_id}: {near or 'see `claimwright edits list`'}")
    if as_json:
        print_json({**_answer(each), "page": page_of(each)})
        return
    _print_page(page_of(each) or f"{each.id} {each.says}")
    rows = [
        ("Needs", ", ".join(each.needs) or "nothing but the claim"),
        ("Can use", ", ".join(each.uses)),
        ("Armed", armed(each)),
        ("One key", "mends it where that is safe" if each.mends is not None else "no: a person decides"),
    ]
    console.print()
    for name, text in rows:
        if text:
            console.print(f"{name}: {text}", markup=False, soft_wrap=True)


def _print_page(page: str) -> None:
    """Rendered for a person; the text itself into a file or a pipe, which has no width to wrap at."""
    from rich.markdown import Markdown

    if console.is_terminal:
        console.print(Markdown(page))
    else:
        console.print(page.rstrip("\n"), markup=False, soft_wrap=True)


def armed(each: Edit) -> str:
    """Whether the edit runs with what is shipped: yes, or what has to be loaded or given first."""
    from claimwright.codes.code_sets import shipped
    from claimwright.edits.facts import FACT_NAMES

    sets = shipped()
    lacking = [need for need in each.needs if need not in FACT_NAMES and not sets.loaded(need)]
    lacking += [need for need in each.needs if need in FACT_NAMES]
    if lacking:
        return f"with {', '.join(lacking)}"
    return f"yes; more with {', '.join(each.uses)}" if each.uses else "yes"


def page_of(each: Edit) -> str:
    """The edit's page, "" where the pages are not installed."""
    for folder in (_PACKAGE, _CHECKOUT):
        page = folder / f"{each.id}.md"
        if page.is_file():
            return page.read_text(encoding="utf-8")
    return ""


def title_of(each: Edit) -> str:
    """The page's heading; the edit's own sentence where there is no page."""
    heading = page_of(each).partition("\n")[0]
    return heading.removeprefix(f"# {each.id} ") if heading.startswith("# ") else each.says


def _answer(each: Edit) -> Answer:
    return {
        "id": each.id,
        "family": each.family,
        "severity": each.severity.value,
        "title": title_of(each),
        "says": each.says,
        "fix": each.fix,
        "needs": list(each.needs),
        "uses": list(each.uses),
        "armed": armed(each),
        "mends": each.mends is not None,
        "version": each.version,
        "scope": each.scope.value,
        "sources": [{"source": cite.source, "document": cite.document, "place": cite.place} for cite in each.cites],
    }
