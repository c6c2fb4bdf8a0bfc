"""Where the X12 verbs read from and write to: files, folders, archives, standard input; progress; safe outputs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import msgspec
import typer

from claimwright.cli.words import Refused, console, plural, print_json

if TYPE_CHECKING:
    from claimwright.x12.guides import Guide
    from claimwright.x12.segments import Transaction

Paths = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders (with all in them), zip and gzip archives; - for standard input.", metavar="FILE...",
        show_default=False,
    ),
]  # fmt: skip
Only = Annotated[
    str, typer.Option("--only", help="Of folders and archives, only names like this: '*.edi'.", metavar="GLOB")
]
Json = Annotated[bool, typer.Option("--json", help="JSON lines instead of text.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="File or folder to write to.", metavar="PATH", show_default=False)
]
Force = Annotated[bool, typer.Option("--force", help="Write over files that are there.")]

STDIN = "-"
HEAD_BYTES = 1 << 16
SHOWN_FROM_BYTES = 4 << 20  # smaller work needs no progress bar
MOST_REFUSED_SHOWN = 10
GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
KINDS = {
    "005010X222A1": "837P", "005010X223A2": "837I", "005010X224A2": "837D", "005010X214": "277CA",
}  # fmt: skip
RECORDS = {"837": "claim", "835": "claim payment", "834": "member", "820": "remitter", "277CA": "claim"}


class Source(msgspec.Struct, frozen=True):
    """One X12 file: on disk, in an archive, or standard input."""

    name: str  # as it is told: archive.zip/member
    relative: str  # under an output folder
    path: str = STDIN
    member: str = ""  # of a zip
    size: int = 0  # bytes to read, unpacked where that is known

    @contextmanager
    def open(self, meter: Callable[[int], None] | None = None) -> Iterator[BinaryIO]:
        """The bytes, unpacked. Raises Refused when they cannot be read or are not X12."""
        try:
            with self._opened() as file:
                yield cast(BinaryIO, _Metered(file, self.name, meter))
        except BrokenPipeError:
            raise  # whoever reads our output has enough: the command line ends quietly
        except OSError as error:
            raise Refused(f"{self.name}: {error.strerror or error}") from None

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if self.path == STDIN:
            yield _standard_input()
            return
        with open(self.path, "rb") as raw:
            if self.member:
                import zipfile

                with zipfile.ZipFile(raw) as archive, archive.open(self.member) as file:
                    yield cast(BinaryIO, file)
                return
            if raw.peek(2).startswith(GZIP_MAGIC):
                import gzip

                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
                return
            yield raw

    @property
    def rereadable(self) -> bool:
        """Whether it can be opened more than once."""
        return self.path != STDIN and Path(self.path).is_file()

    def read(self) -> bytes:
        """All bytes: for what is needed twice and is not on disk."""
        with self.open() as file:
            return file.read()


def _standard_input() -> BinaryIO:
    from io import BufferedReader

    file = sys.stdin.buffer
    if not hasattr(file, "peek"):
        file = BufferedReader(file)  # type: ignore[arg-type]
    magic = file.peek(4)[:4]
    if magic.startswith(GZIP_MAGIC):
        import gzip

        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if magic == ZIP_MAGIC:
        raise Refused("standard input is a zip archive: save it as a file first")
    return cast(BinaryIO, file)


class _Metered:
    """A file that tells how much was read of it, and that first makes sure it is X12."""

    def __init__(self, file: BinaryIO, name: str, meter: Callable[[int], None] | None) -> None:
        self._file, self._name, self._meter = file, name, meter
        self._head = _read(file, HEAD_BYTES, name)
        refuse_what_is_not_x12(self._head, name)

    def read(self, size: int = -1) -> bytes:
        if self._head:
            chunk = self._head if size < 0 or size >= len(self._head) else self._head[:size]
            self._head = self._head[len(chunk) :]
            if size < 0:
                chunk += _read(self._file, -1, self._name)
        else:
            chunk = _read(self._file, size, self._name)
        if self._meter is not None:
            self._meter(len(chunk))
        return chunk


def _read(file: BinaryIO, size: int, name: str) -> bytes:
    """Bytes of a file; an archive that breaks off is refused, for what comes after is not known."""
    import zlib
    from zipfile import BadZipFile

    try:
        return file.read(size)
    except (EOFError, zlib.error, BadZipFile, NotImplementedError):
        raise Refused(f"{name}: the archive is damaged or cut off: ask the sender to send it again") from None


def refuse_what_is_not_x12(head: bytes, name: str) -> None:
    from claimwright.x12.reader import WRAPPERS

    if not head.strip(b" \t\r\n\x00"):
        raise Refused(f"{name}: the file is empty: ask the sender to send it again")
    wrapper = next((says for magic, says in WRAPPERS if head.startswith(magic)), "")
    if wrapper:
        raise Refused(f"{name}: the file is {wrapper}, not X12: unpack, decrypt or convert it first")
    if b"ISA" not in head:
        raise Refused(
            f"{name}: this is no X12 file (no ISA segment): a web page or an error text may stand in its place"
        )


# Finding files ---------------------------------------------------------------------------------------------------------


def found_sources(paths: Iterable[str], only: str = "") -> Iterator[Source | Refused]:
    """Every file meant by the arguments, in order; what is not there or cannot be opened is a Refused in its place."""
    paths = list(paths)
    for text in paths:
        if text == STDIN:
            yield Source("-", "standard-input.edi")
        elif Path(text).is_dir():
            yield from _in_folder(Path(text), only, Path(text).resolve().name if len(paths) > 1 else "")
        elif Path(text).exists():
            yield from _of_file(Path(text), text, Path(text).name, only)
        else:
            yield Refused(f"{text}: there is no such file or folder")


def _in_folder(folder: Path, only: str, under: str) -> Iterator[Source | Refused]:
    """All files of a folder; `under` keeps the outputs of several folders apart."""
    found = False
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            if not name.startswith(".") and (_is_archive(path) or not only or fnmatch(name, only)):
                found = True
                yield from _of_file(path, str(path), str(under / path.relative_to(folder)), only)
    if not found:
        yield Refused(f"{folder}: the folder holds no file{f' like {only}' if only else ''}")


def _is_archive(path: Path) -> bool:
    if not path.is_file():
        return False  # a pipe, of which nothing may be taken before it is read
    try:
        with path.open("rb") as file:
            return file.read(4) == ZIP_MAGIC
    except OSError:
        return False


def _of_file(path: Path, name: str, relative: str, only: str) -> Iterator[Source | Refused]:
    if not _is_archive(path):
        try:
            size = path.stat().st_size
        except OSError as error:
            yield Refused(f"{name}: {error.strerror}")
            return
        yield Source(name, relative.removesuffix(".gz"), str(path), size=size)
        return
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        yield Refused(f"{name}: the archive is damaged: ask the sender to send it again")
        return
    for entry in entries:
        shown = f"{name}/{entry.filename}"
        if entry.is_dir() or (only and not fnmatch(Path(entry.filename).name, only)):
            continue
        if entry.flag_bits & 0x1:
            yield Refused(f"{shown}: encrypted: unpack it with its password first")
            continue
        yield Source(shown, f"{relative}/{entry.filename}", str(path), entry.filename, entry.file_size)


def each_source(
    paths: Iterable[str], only: str, as_json: bool, answer: Callable[[Source, Callable[[int], None]], None]
) -> bool:
    """Answer every file; one that cannot be used is told of and does not stop the others. True when all could be.

    `answer` is given the source and what to call with the bytes it has read.
    """
    sources = list(found_sources(paths, only))
    refusals = Refusals(as_json)
    with progress(sources, as_json) as bar:
        for source in sources:
            try:
                if isinstance(source, Refused):
                    raise source
                bar.at(source)
                answer(source, bar.advance)
            except Refused as reason:
                refusals.tell(reason, source.name if isinstance(source, Source) else "")
    return refusals.end()


class Refusals:
    """Tells of files that could not be used: the first few one by one, then how many more."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._count = 0

    def tell(self, reason: Refused, name: str) -> None:
        self._count += 1
        with paused():
            if self._json:
                print_json({"file": name or str(reason).partition(":")[0], "error": str(reason)})
            if self._count <= MOST_REFUSED_SHOWN:
                print(f"claimwright: {reason}", file=sys.stderr)

    def end(self) -> bool:
        """Tell the rest; True when there was none."""
        more = self._count - MOST_REFUSED_SHOWN
        if more > 0:
            print(
                f"claimwright: and {plural(more, 'more file')} that could not be used: --json names all",
                file=sys.stderr,
            )
        return not self._count


# Progress --------------------------------------------------------------------------------------------------------------


class Bar:
    """A progress bar on a terminal's error stream, or nothing."""

    def __init__(self, total: int, shown: bool) -> None:
        self._progress: Any = None
        self._task: Any = None
        if shown:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._task = self._progress.add_task("", total=total)

    def at(self, source: Source) -> None:
        if self._progress is not None:
            self._progress.update(self._task, description=source.name[-40:])

    def advance(self, count: int) -> None:
        if self._progress is not None:
            self._progress.update(self._task, advance=count)

    def start(self) -> None:
        if self._progress is not None:
            self._progress.start()

    def stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()


_running: list[Bar] = []


@contextmanager
def progress(sources: Iterable[Source | Refused], as_json: bool) -> Iterator[Bar]:
    total = sum(source.size for source in sources if isinstance(source, Source))
    bar = Bar(total, not as_json and total >= SHOWN_FROM_BYTES and sys.stderr.isatty())
    _running.append(bar)
    bar.start()
    try:
        yield bar
    finally:
        bar.stop()
        _running.remove(bar)


@contextmanager
def paused() -> Iterator[None]:
    """Print with the progress bar out of the way."""
    for bar in _running:
        bar.stop()
    try:
        yield
    finally:
        for bar in _running:
            bar.start()


def say(text: str, style: str = "") -> None:
    """A line for people; nothing in it is markup."""
    with paused():
        console.print(text, style=style or None, markup=False, soft_wrap=True)


# Outputs ---------------------------------------------------------------------------------------------------------------


def output_for(source: Source, out: Path, alone: bool) -> Path:
    """Where a source's output goes: `out` itself for a single file, else its place in the folder `out`.

    Names from an archive cannot lead out of the folder.
    """
    if alone and not source.member and not out.is_dir():
        return out
    parts = [part for part in Path(source.relative).parts if part not in ("..", "/", "\\", ".") and ":" not in part]
    return out.joinpath(*parts or ("file.edi",))


@contextmanager
def writing(path: Path, source: Source | None, force: bool) -> Iterator[BinaryIO]:
    """A file to write to that takes its name only when all is written. Raises Refused where it may not be written."""
    if source is not None and not source.member and path.exists() and Path(source.path).exists():
        if path.samefile(source.path):
            raise Refused(f"{path}: is the file that is read: choose another name")
    if path.exists() and not force:
        raise Refused(f"{path}: is there already: choose another name, or --force")
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
        os.replace(part, path)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be written'}") from None
    finally:
        part.unlink(missing_ok=True)


def write_pieces(pieces: Iterable[str], file: BinaryIO) -> int:
    """Text, decoded from bytes one for one, back to bytes; how many."""
    written = 0
    for piece in pieces:
        data = piece.encode("latin-1")
        file.write(data)
        written += len(data)
    return written


# Words -----------------------------------------------------------------------------------------------------------------


def kind_of(guide: Guide) -> str:
    """What people call a guide: 837P, 835, 277CA, 278 request."""
    if guide.set_id == "278":
        return "278 request" if "13" in guide.purposes else "278 response"
    return KINDS.get(guide.id, guide.set_id)


def kind_of_transaction(transaction: Transaction) -> str:
    from claimwright.x12.loops import guide_of

    guide = guide_of(transaction)
    return kind_of(guide) if guide is not None else transaction.set_id


def record_word(kind: str) -> str:
    """What a guide's record is called."""
    return RECORDS.get(kind) or RECORDS.get(kind[:3], "record")
