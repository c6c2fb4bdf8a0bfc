"""`claimwright x12 check`: everything that is wrong with X12 files, with place, rule and fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.codes import loaded_code_sets
from claimwright.cli.words import Refused, console, plural, print_json
from claimwright.cli.x12_sources import (
    Json,
    Only,
    Paths,
    Refusals,
    Source,
    each_source,
    found_sources,
    kind_of,
    paused,
    progress,
    record_word,
)

if TYPE_CHECKING:
    from claimwright.x12.faults import Fault

Answer = dict[str, Any]
PLACES_SHOWN = 4
IDS_SHOWN = 10
STYLES = {"reject": "red", "warn": "yellow", "info": "dim"}
WORDS = {"reject": "reject", "warn": "warning", "info": "note"}


def check(
    files: Paths,
    level: Annotated[int, typer.Option(min=1, max=5, help="Highest SNIP level looked at; 1 and 2 are one.")] = 5,
    most: Annotated[int, typer.Option(min=0, help="Faults listed for a file; 0 = all. All are counted.")] = 1000,
    jobs: Annotated[int, typer.Option(min=0, help="Files checked at the same time; 0 = one for each core.")] = 1,
    today: Annotated[
        str, typer.Option(help="Judge codes that have no date of their own as of this day.", metavar="DATE")
    ] = "",
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show the values at fault: they may be patient data.")
    ] = False,
    codes: Annotated[
        Path | None,
        typer.Option(
            "--codes", help="A library of imported code sets; what is shipped alone without it.", metavar="FOLDER"
        ),
    ] = None,
    only: Only = "",
    as_json: Json = False,
) -> None:
    """Check X12 files: envelope, structure, balance, situations and codes (SNIP 1 to 5).

    Values at fault are shown by their form alone (A for a letter, 9 for a digit) unless --show-values. With --json one
    line a file. Exit status 0 when no fault rejects, 1 when one does, 2 when a file is not there or not X12.
    """
    day = _day(today)
    told = Told(as_json)
    work = (level, most, day, show_values, codes)
    if codes is not None:
        loaded_code_sets(codes)  # a folder that is wrong is refused once, before any file is read
    if jobs == 1:
        usable = each_source(
            files, only, as_json, lambda source, meter: told.take(checked(source, *work, meter))
        )  # fmt: skip
    else:
        usable = _in_parallel(files, only, as_json, jobs, work, told)
    told.summary()
    raise typer.Exit(0 if usable and not told.rejected else 1 if usable else 2)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("--today is a date such as 2026-09-30") from None


def _in_parallel(files: list[str], only: str, as_json: bool, jobs: int, work: tuple[Any, ...], told: Told) -> bool:
    import os
    from concurrent.futures import ProcessPoolExecutor

    sources, refusals = list(found_sources(files, only)), Refusals(as_json)
    with progress(sources, as_json) as bar, ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        coming = [
            None if isinstance(source, Refused) else pool.submit(_answer_or_reason, source, *work) for source in sources
        ]
        for source, future in zip(sources, coming, strict=True):
            answer = future.result() if future is not None else str(source)
            if isinstance(source, Source):
                bar.at(source)
                bar.advance(source.size)
            if isinstance(answer, str):
                refusals.tell(Refused(answer), source.name if isinstance(source, Source) else "")
            else:
                told.take(answer)
    return refusals.end()


def _answer_or_reason(source: Source, *work: Any) -> Answer | str:
    """For a worker: a Refused comes back as its text."""
    try:
        return checked(source, *work)
    except Refused as reason:
        return str(reason)


def checked(
    source: Source,
    level: int,
    most: int,
    today: date | None = None,
    show_values: bool = False,
    codes: Path | None = None,
    meter: Callable[[int], None] | None = None,
) -> Answer:
    """What is wrong with one file, in the memory of one record and of the faults listed."""
    from claimwright.x12.passing import Pass

    kinds: Counter[str] = Counter()
    records: Counter[str] = Counter()
    severities: Counter[str] = Counter()
    listed: list[Answer] = []
    total = 0
    last: object = None
    with source.open(meter) as file:
        reading = Pass(file, vocabulary(today, codes) if level >= 5 else None, level)

        def keep(faults: list[Fault]) -> None:
            nonlocal total
            for fault in faults:
                severities[fault.severity.value] += 1
                if not most or total < most:
                    listed.append(fault_answer(fault, show_values))
                total += 1

        for record in reading:
            kind = kind_of(record.guide)
            records[kind] += 1
            if record.transaction is not last:
                last = record.transaction
                kinds[f"{kind} {record.guide.id}" if kind != record.guide.id else kind] += 1
            keep(reading.findings.take())
        keep(reading.findings.take())
    return {
        "file": source.name,
        "accepted": not severities["reject"],
        "transactions": reading.transactions,
        "segments": reading.segments,
        "kinds": dict(kinds),
        "records": dict(records),
        "faults_total": total,
        "faults_by_severity": dict(severities),
        "faults": listed,
    }


def vocabulary(today: date | None = None, folder: Path | None = None) -> Any:
    """Codes as the checker asks for them: what is shipped, with the library of `folder` over it where one is given."""
    from claimwright.codes.vocabulary import CodeVocabulary

    codes = CodeVocabulary(loaded_code_sets(folder) if folder is not None else None)
    return codes if today is None else _AsOf(codes, today)


class _AsOf:
    """Judges codes without a date of their own as of a given day."""

    def __init__(self, codes: Any, today: date) -> None:
        self._codes, self._today = codes, today

    def state(self, code_set: str, code: str, on: date | None) -> str:
        return str(self._codes.state(code_set, code, on or self._today))


def fault_answer(fault: Fault, show_values: bool) -> Answer:
    return {
        "id": fault.id, "snip": fault.snip, "severity": fault.severity.value, "segment_id": fault.segment_id,
        "segment": fault.segment, "byte": fault.byte, "line": fault.line, "loop": fault.loop,
        "element": fault.element, "component": fault.component, "repeat": fault.repeat, "claim": fault.control_number,
        "value": fault.value if show_values else form_of(fault.value), "message": fault.message, "fix": fault.fix,
    }  # fmt: skip


def form_of(value: str) -> str:
    """What a value looks like, without what it says: letters become A, digits 9."""
    return "".join("9" if one.isdigit() else "A" if one.isalpha() else one for one in value)


# Printing --------------------------------------------------------------------------------------------------------------


class Told:
    """Prints each answer as it comes, and at the end what they come to."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._files: Counter[str] = Counter()
        self._ids: Counter[str] = Counter()
        self.rejected = 0

    def take(self, answer: Answer) -> None:
        self.rejected += not answer["accepted"]
        self._files["accepted" if answer["accepted"] else "rejected"] += 1
        self._ids.update(fault["id"] for fault in answer["faults"])
        with paused():
            if self._json:
                print_json(answer)
            else:
                _print(answer)

    def summary(self) -> None:
        """What all files together come to, where there is more than one."""
        count = sum(self._files.values())
        if self._json or count < 2:
            return
        console.print(
            f"{plural(count, 'file')}: {self._files['accepted']:,} accepted, {self._files['rejected']:,} rejected.",
            style="bold", markup=False,
        )  # fmt: skip
        if self._ids:
            frequent = ", ".join(f"{fault} {times:,}" for fault, times in self._ids.most_common(IDS_SHOWN))
            console.print(f"Most frequent: {frequent}", style="dim", markup=False, soft_wrap=True)


def _print(answer: Answer) -> None:
    verdict, style = ("accepted", "green") if answer["accepted"] else ("rejected", "red")
    console.print(answer["file"], style="bold", markup=False, end=": ", soft_wrap=True)
    console.print(verdict, style=style, markup=False, end="")
    console.print("".join(f", {part}" for part in _holds(answer)), markup=False, soft_wrap=True)
    for lines in _grouped(answer["faults"]):
        for text, style in lines:
            console.print(text, style=style or None, markup=False, soft_wrap=True)
    more = answer["faults_total"] - len(answer["faults"])
    if more > 0:
        console.print(f"  and {plural(more, 'more fault')}: --most lists more", style="dim", markup=False)


def _holds(answer: Answer) -> Iterator[str]:
    """What the file holds and how many faults it has, in words."""
    kinds = ", ".join(answer["kinds"])
    yield plural(answer["transactions"], "transaction") + (f" ({kinds})" if kinds else "")
    for kind, count in answer["records"].items():
        yield plural(count, record_word(kind))
    if answer["faults_total"]:
        counts = answer["faults_by_severity"]
        told = [plural(counts[name], WORDS[name]) for name in STYLES if name in counts and name != "reject"]
        if "reject" in counts:
            told.insert(0, plural(counts["reject"], "fault") + " that rejects"[: None if counts["reject"] == 1 else -1])
        yield " and ".join(told)


def _grouped(faults: list[Answer]) -> Iterator[list[tuple[str, str]]]:
    """What says the same with the same fix is told once, with its places."""
    groups: dict[tuple[str, str, str, str], list[Answer]] = {}
    for fault in faults:
        groups.setdefault((fault["severity"], fault["id"], fault["message"], fault["fix"]), []).append(fault)
    for (severity, fault_id, message, fix), alike in groups.items():
        lines = [(f"  {WORDS[severity]} {fault_id}  {message}", STYLES[severity])]
        lines += [(f"      {_place(fault)}", "") for fault in alike[:PLACES_SHOWN]]
        if len(alike) > PLACES_SHOWN:
            lines.append((f"      and {plural(len(alike) - PLACES_SHOWN, 'more place')}", "dim"))
        if fix:
            lines.append((f"      fix: {fix}", "dim"))
        yield lines


def _place(fault: Answer) -> str:
    parts = []
    if fault["segment_id"]:
        at = fault["segment_id"] + (f"{fault['element']:02d}" if fault["element"] else "")
        at += f"-{fault['component']}" if fault["component"] else ""
        at += f" (repeat {fault['repeat']})" if fault["repeat"] else ""
        parts.append(at + (f" = {fault['value']}" if fault["value"] else ""))
    if fault["segment"]:
        parts.append(f"segment {fault['segment']}")
    if fault["loop"]:
        parts.append(f"loop {fault['loop']}")
    if fault["line"]:
        parts.append(f"line {fault['line']}")
    parts.append(f"byte {fault['byte']}")
    if fault["claim"]:
        parts.append(f"claim {fault['claim']}")
    return ", ".join(parts)
