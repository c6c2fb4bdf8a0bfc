"""`claimwright x12 copy | format | split | join | mask`: X12 files in, X12 files out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from claimwright.cli.words import Refused, plural, print_json
from claimwright.cli.x12_sources import (
    Force,
    Json,
    Only,
    Out,
    Paths,
    Source,
    each_source,
    found_sources,
    output_for,
    paused,
    say,
    write_pieces,
    writing,
)

if TYPE_CHECKING:
    from claimwright.x12.segments import Delimiters

Answer = dict[str, Any]
FLUSHED_CHARACTERS = 1 << 18
KEY_VARIABLE = "CLAIMWRIGHT_MASK_KEY"
KEY_BYTES = 16
PLURALS = {"city": "cities", "attached bytes": "attached files"}


def copy(
    source: Annotated[str, typer.Argument(help="File, folder, archive, or - for standard input.", metavar="SRC")],
    destination: Annotated[Path, typer.Argument(help="File or folder to write to.", metavar="DST")],
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Copy X12 files through their segments and prove that every byte is the same.

    Exit status 1 when a copy differs from its source, 2 when a file is not there, not X12 or cannot be written.
    """
    from claimwright.x12.flow import Flow

    alone, differs = _alone([source], only), 0

    def one(found: Source, meter: Callable[[int], None]) -> None:
        nonlocal differs
        path = output_for(found, destination, alone)
        with found.open(meter) as file, writing(path, found, force) as target:
            read = _Hashed(file)
            written = write_pieces(Flow(read).pieces(), target)  # type: ignore[arg-type]
        same = _sha256(path) == read.digest()
        differs += not same
        answer = {"file": found.name, "to": str(path), "bytes": written, "sha256": read.digest(), "identical": same}
        verdict = "the same to the byte" if same else "DIFFERS from its source"
        _tell(answer, as_json, f"{found.name} -> {path}: {plural(written, 'byte')}, {verdict}")

    usable = each_source([source], only, as_json, one)
    raise typer.Exit(2 if not usable else 1 if differs else 0)


class _Hashed:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        import hashlib

        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._hash.update(chunk)
        return chunk

    def digest(self) -> str:
        return self._hash.hexdigest()


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _alone(paths: list[str], only: str) -> bool:
    """Whether the arguments mean one file by itself, so that an output may be a file."""
    sources = [source for source in found_sources(paths, only) if isinstance(source, Source)]
    return len(sources) == 1 and not any(Path(path).is_dir() for path in paths)


def _tell(answer: Answer, as_json: bool, text: str) -> None:
    with paused():
        if as_json:
            print_json(answer)
        else:
            say(text)


def reformat(
    files: Paths,
    out: Out = None,
    indent: Annotated[bool, typer.Option("--indent", help="Indent by loop, for reading.")] = False,
    unwrap: Annotated[bool, typer.Option("--unwrap", help="No line breaks between segments.")] = False,
    delimiters: Annotated[
        str, typer.Option(help="Other separators: element, component, repetition, terminator, as '*:^~'.")
    ] = "",
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Lay X12 files out: one segment a line, indented by loop, unwrapped, or with other separators. Data never changes.

    Without --out a single file goes to standard output. Exit status 2 when a file is not there or not X12, or a
    separator asked for stands in its data.
    """
    from claimwright.x12.layout import SeparatorClash, formatted

    if indent and unwrap:
        raise Refused("--indent and --unwrap do not go together")
    separators = _delimiters(delimiters)

    def pieces(source: Source, file: BinaryIO) -> Iterator[str]:
        try:
            yield from formatted(file, line_break="" if unwrap else "\n", indent=indent, delimiters=separators)
        except SeparatorClash as clash:
            raise Refused(f"{source.name}: {clash}") from None

    raise typer.Exit(0 if _rewritten(files, out, only, force, as_json, pieces) else 2)


def _delimiters(text: str) -> Delimiters | None:
    from claimwright.x12.layout import delimiters_from

    try:
        return delimiters_from(text.replace("\\n", "\n")) if text else None
    except ValueError as error:
        raise Refused(f"--delimiters: {error}") from None


def _rewritten(
    files: list[str],
    out: Path | None,
    only: str,
    force: bool,
    as_json: bool,
    pieces: Callable[[Source, BinaryIO], Iterable[str]],
) -> bool:
    """Each file rewritten to its output, or a single one to standard output."""
    alone = _alone(files, only)
    if out is None and (not alone or as_json):
        raise Refused(
            "say where the files go: --out FOLDER" if not alone else "with --json say where it goes: --out FILE"
        )

    def one(source: Source, meter: Callable[[int], None]) -> None:
        with source.open(meter) as file:
            if out is None:
                write_pieces(pieces(source, file), sys.stdout.buffer)
                sys.stdout.flush()
                return
            path = output_for(source, out, alone)
            with writing(path, source, force) as target:
                written = write_pieces(pieces(source, file), target)
        _tell(
            {"file": source.name, "to": str(path), "bytes": written}, as_json,
            f"{source.name} -> {path}: {plural(written, 'byte')}",
        )  # fmt: skip

    return each_source(files, only, as_json, one)


# Split and join --------------------------------------------------------------------------------------------------------


def split(
    files: Paths,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.", metavar="FOLDER")],
    by: Annotated[
        str, typer.Option(help="interchange, transaction, claim, or provider (billing provider, payee).")
    ] = "transaction",
    claims: Annotated[int, typer.Option(min=1, help="With --by claim: claims in a file.")] = 1,
    control_number: Annotated[
        int, typer.Option(min=0, help="Give each file its own ISA13, counting up from here.")
    ] = 0,
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Split X12 files; each part is a valid file with its envelope, levels numbered anew and counts right.

    An 835 is not split by claim, for its payment would not balance. Exit status 2 when a file cannot be split so.
    """
    from claimwright.x12.splitting import SplitRefused
    from claimwright.x12.splitting import split as parts_of

    def one(source: Source, meter: Callable[[int], None]) -> None:
        folder = out
        if Path(source.relative).parent != Path("."):
            folder = output_for(source, out, False).parent
        writer = _Parts(folder, Path(source.relative).stem, force)
        try:
            with source.open(meter) as file:
                for piece in parts_of(file, by, claims, control_number):
                    # a claim's number is its patient's account number, which has no place in the name of a file
                    writer.add(piece.part, piece.label if by != "claim" else "", piece.text)
            names = writer.finish()
        except SplitRefused as reason:
            raise Refused(f"{source.name}: {reason}") from None
        finally:
            writer.discard()
        answer = {"file": source.name, "parts": [str(name) for name in names]}
        into = f"{plural(len(names), 'part')} in {folder}" if names else f"no {by} in it, nothing written"
        _tell(answer, as_json, f"{source.name}: {into}")

    raise typer.Exit(0 if each_source(files, only, as_json, one) else 2)


class _Parts:
    """Writes parts side by side. No part has its name before all are whole; open files do not pile up."""

    def __init__(self, folder: Path, stem: str, force: bool) -> None:
        self._folder, self._stem, self._force = folder, stem, force
        self._texts: dict[int, list[str]] = {}
        self._labels: dict[int, str] = {}
        self._held = 0

    def add(self, part: int, label: str, text: str) -> None:
        self._labels[part] = self._labels.get(part) or label
        self._texts.setdefault(part, []).append(text)
        self._held += len(text)
        if self._held > FLUSHED_CHARACTERS:
            self._flush()

    def finish(self) -> list[Path]:
        self._flush()
        targets = {part: self._target(part) for part in sorted(self._labels)}
        if not self._force:
            for target in targets.values():
                if target.exists():
                    raise Refused(f"{target}: is there already: choose another folder, or --force")
        for part, target in targets.items():
            self._temporary(part).replace(target)
        return list(targets.values())

    def discard(self) -> None:
        """What is left of parts that were not finished."""
        for part in self._labels:
            self._temporary(part).unlink(missing_ok=True)

    def _flush(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for part, texts in self._texts.items():
                with self._temporary(part).open("ab") as file:
                    file.write("".join(texts).encode("latin-1"))
        except OSError as error:
            raise Refused(f"{self._folder}: {error.strerror or 'cannot be written'}") from None
        self._texts.clear()
        self._held = 0

    def _temporary(self, part: int) -> Path:
        return self._folder / f".{self._stem}-{part}.part"

    def _target(self, part: int) -> Path:
        label = "".join(one if one.isalnum() or one in "-_" else "-" for one in self._labels[part]).strip("-")[:40]
        width = len(str(max(self._labels)))
        return self._folder / f"{self._stem}-{part:0{max(width, 3)}d}{f'-{label}' if label else ''}.edi"


def join(
    files: Paths,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.", metavar="FILE")],
    control_number: Annotated[int, typer.Option(min=0, help="ISA13 of the first interchange; others count up.")] = 0,
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Join X12 files: one interchange for each sender, receiver and guide, transactions numbered from 0001.

    TA1 segments answer one interchange and are left out. Exit status 2 when a file is not there, not X12 or cut off.
    """
    from claimwright.x12.joining import Joiner, JoinRefused
    from claimwright.x12.layout import SeparatorClash

    sources = []
    for found in found_sources(files, only):
        if isinstance(found, Refused):
            raise found
        if not found.rereadable:
            raise Refused(f"{found.name}: a stream cannot be joined, for files are read more than once: save it first")
        sources.append(found)
    joiner = Joiner([lambda source=source: _Reopened(source) for source in sources], control_number)
    try:
        with writing(out, None, force) as target:
            written = write_pieces(joiner, target)
            if not written:
                raise Refused("the files hold no transaction to join")
    except (JoinRefused, SeparatorClash) as reason:
        raise Refused(str(reason)) from None
    told = joiner.told
    routes = [
        {"sender": route.sender[1], "receiver": route.receiver[1], "guide": route.guide, "transactions": count}
        for route, count in told.routes.items()
    ]
    answer = {
        "file": str(out),
        "bytes": written,
        "interchanges": routes,
        "ta1_left_out": told.acknowledgements_left_out,
    }
    lines = [f"{plural(len(sources), 'file')} -> {out}: {plural(len(routes), 'interchange')}"]
    lines += [
        f"  {route['sender']} to {route['receiver']}, {route['guide']}: {plural(int(route['transactions']), 'transaction')}"
        for route in routes
    ]
    if told.acknowledgements_left_out:
        lines.append(f"  {plural(told.acknowledgements_left_out, 'TA1')} left out")
    _tell(answer, as_json, "\n".join(lines))


class _Reopened:
    """A source opened when it is first read and closed at its end."""

    def __init__(self, source: Source) -> None:
        self._opened = source.open()
        self._file: BinaryIO | None = None

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            self._file = self._opened.__enter__()
        chunk = self._file.read(size)
        if not chunk:
            self._opened.__exit__(None, None, None)
        return chunk


# Mask ------------------------------------------------------------------------------------------------------------------


def mask(
    files: Paths,
    out: Out = None,
    key: Annotated[
        str, typer.Option(envvar=KEY_VARIABLE, help="Key: the same key masks the same people alike.", show_envvar=True)
    ] = "",
    key_file: Annotated[Path | None, typer.Option(help="File that holds the key.", show_default=False)] = None,
    providers: Annotated[bool, typer.Option("--providers", help="Mask providers too; NPIs stay valid.")] = False,
    keep_claim_numbers: Annotated[
        bool, typer.Option("--keep-claim-numbers", help="Leave account, claim and authorization numbers.")
    ] = False,
    keep_texts: Annotated[bool, typer.Option("--keep-texts", help="Leave notes and messages (NTE, MSG, K3).")] = False,
    only: Only = "",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Replace what tells who patients are: names, numbers, birth dates, addresses, telephones, notes, attached files.

    Lengths, codes, dates of service and amounts stay, so the same faults are found after as before. One person stays
    one person in all files masked with one key. Tells what it left. Exit status 2 when a file is not there or not X12.
    """
    from claimwright.x12.masking import Masker

    secret = _key(key, key_file)
    masker = Masker(
        secret.encode(), providers=providers, claim_numbers=not keep_claim_numbers, texts=not keep_texts
    )  # fmt: skip
    usable = _rewritten(files, out, only, force, as_json, lambda source, file: masker.mask(file))
    answer = {
        "masked": dict(masker.masked),
        "kept": dict(masker.kept),
        "transactions_of_unknown_guide": masker.unplaced,
    }
    if as_json:
        print_json(answer)
    else:
        for line in _masked_lines(masker.masked, masker.kept, masker.unplaced, bool(key or key_file)):
            print(line, file=sys.stderr)
    raise typer.Exit(0 if usable else 2)


def _key(key: str, key_file: Path | None) -> str:
    from claimwright.cli.words import read_bytes

    if key and key_file:
        raise Refused("give --key or --key-file, not both")
    if key_file is not None:
        key = read_bytes(key_file).decode(errors="replace").strip()
        if not key:
            raise Refused(f"{key_file}: the file holds no key")
    if key:
        return key
    import secrets

    return secrets.token_hex(KEY_BYTES)


def _masked_lines(masked: Counter[str], kept: Counter[str], unplaced: int, keyed: bool) -> Iterator[str]:
    done = [
        f"{count:,} {PLURALS.get(kind, f'{kind}s') if count > 1 else kind}" for kind, count in masked.items() if count
    ]
    yield f"Masked: {', '.join(done) or 'nothing'}."
    left = [f"{kind} ({count:,})" for kind, count in kept.items() if count]
    yield f"Left as they were: {'; '.join(left) or 'nothing'}; states, first three digits of ZIP codes, sex, codes, amounts."
    if unplaced:
        yield (
            f"{plural(unplaced, 'transaction')} of a guide that is not known here: masked by segment alone, "
            "look at them before you share them."
        )
    if not keyed:
        yield "No key was given: these masks cannot be made again. Use --key to mask more files alike."
