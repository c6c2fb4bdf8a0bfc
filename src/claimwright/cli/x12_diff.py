"""`claimwright x12 diff`: what two X12 files say differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.words import Refused, plural, print_json
from claimwright.cli.x12_sources import Json, Source, found_sources, say

if TYPE_CHECKING:
    from claimwright.x12.differing import Difference

STYLES = {"removed": "red", "added": "green", "changed": "yellow"}
MARKS = {"removed": "-", "added": "+", "changed": "~"}


def diff(
    before: Annotated[str, typer.Argument(help="An X12 file, or - for standard input.", metavar="A")],
    after: Annotated[str, typer.Argument(help="Another.", metavar="B")],
    control_numbers: Annotated[bool, typer.Option("--control-numbers", help="Compare control numbers too.")] = False,
    times: Annotated[bool, typer.Option("--times", help="Compare date and time of ISA and GS too.")] = False,
    most: Annotated[int, typer.Option(min=0, help="Differences shown; 0 = all. All are counted.")] = 200,
    as_json: Json = False,
) -> None:
    """Compare two X12 files by segment and element, whatever separators, line breaks and control numbers they have.

    Exit status 0 when both say the same, 1 when they differ, 2 when a file is not there or not X12.
    """
    from claimwright.x12.differing import differences

    one, other = _source(before), _source(after)
    if one.path == other.path == "-":
        raise Refused("only one of the two can be standard input")
    found = 0
    with one.open() as left, other.open() as right:
        for difference in differences(left, right, control_numbers=control_numbers, times=times):
            found += 1
            if most and found > most:
                continue
            if as_json:
                print_json(_answer(difference))
            else:
                _print(difference)
    if not as_json:
        if most and found > most:
            say(f"and {plural(found - most, 'more difference')}: --most shows more", "dim")
        say(f"{plural(found, 'segment')} differ{'s' if found == 1 else ''}." if found else "Both say the same.", "bold")
    raise typer.Exit(1 if found else 0)


def _source(path: str) -> Source:
    sources = list(found_sources([path]))
    if len(sources) != 1:
        raise Refused(f"{path}: compare two files: this is a folder or an archive of {len(sources)}")
    if isinstance(sources[0], Refused):
        raise sources[0]
    return sources[0]


def _answer(difference: Difference) -> dict[str, object]:
    before, after = difference.before, difference.after
    return {
        "kind": difference.kind, "segment_id": difference.segment_id, "loop": difference.loop,
        "before": {"segment": before.number, "line": before.line, "byte": before.offset} if before else None,
        "after": {"segment": after.number, "line": after.line, "byte": after.offset} if after else None,
        "changes": [
            {"element": one.element, "component": one.component, "before": one.before, "after": one.after}
            for one in difference.changes
        ],
    }  # fmt: skip


def _print(difference: Difference) -> None:
    before, after = difference.before, difference.after
    segment = after or before
    assert segment is not None
    numbers = dict.fromkeys(one.line for one in (before, after) if one is not None)
    lines = " -> ".join(f"line {number}" for number in numbers)
    place = f"{f'loop {difference.loop}, ' if difference.loop else ''}{lines}"
    mark, style = MARKS[difference.kind], STYLES[difference.kind]
    if difference.kind != "changed":
        text = segment.delimiters.element.join(segment.elements)
        say(f"{mark} {text}   ({place})", style)
        return
    say(f"{mark} {_named(difference)}   ({place})", style)
    for change in difference.changes:
        at = f"{difference.segment_id}{change.element:02d}" + (f"-{change.component}" if change.component else "")
        say(f"    {at}: {change.before or '(empty)'} -> {change.after or '(empty)'}")


def _named(difference: Difference) -> str:
    """The segment by its id and, where that did not change, its qualifier."""
    segment = difference.after or difference.before
    assert segment is not None
    changed = {change.element for change in difference.changes}
    first = segment[1] if 1 not in changed else ""
    return f"{difference.segment_id}{segment.delimiters.element}{first}" if first else difference.segment_id
