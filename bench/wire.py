"""The wire against its peers: 835 and 837P files of distinct values, read, judged at levels 1 to 3, made into nouns.

Each measurement is a process of its own: CPU seconds of the whole process (its start and imports too) and its peak
memory; bytecode is kept between them. Totals are printed and compared with those counted while the files were written. Peers are measured on 2 MB,
for they are slow and as fast on small files as on large ones (`full` = on the 20 MB too). `python -m bench.wire full`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.wire_files import Totals, write, write_single

MEGABYTE = 1_000_000
SIZE, PEER_SIZE, SINGLE_SIZE = 20 * MEGABYTE, 2 * MEGABYTE, 200 * MEGABYTE
GIGABYTE = 1000 * MEGABYTE
REPEATS = 3


def ours_835(path: Path) -> Totals:
    from claimwright.claims.from_x12.payment_stream import PaymentStream

    totals = Totals()
    stream = PaymentStream(path, level=3)
    for one in stream:
        if one.faults:
            raise ValueError(one.faults[0])
        totals.claims += 1
        totals.lines += len(one.payment.lines)
        totals.charged += int(one.payment.charge * 100)
        totals.paid += int(one.payment.paid * 100)
    if stream.rest:
        raise ValueError(stream.rest[0])
    totals.transactions = stream.passing.transactions
    return totals


def ours_837p(path: Path) -> Totals:
    from claimwright.claims.from_x12.claim_stream import ClaimStream

    totals = Totals()
    stream = ClaimStream(path, level=3)
    for one in stream:
        if one.faults:
            raise ValueError(one.faults[0])
        totals.claims += 1
        totals.lines += len(one.claim.lines)
        totals.charged += int(one.claim.total_charge * 100)
    if stream.rest:
        raise ValueError(stream.rest[0])
    totals.transactions = stream.passing.transactions
    return totals


def ours_check(path: Path) -> Totals:
    from claimwright.x12.check import stream_faults

    for fault in stream_faults(path, level=3):
        raise ValueError(fault)
    return Totals()


def ours_all_levels(path: Path) -> Totals:
    from claimwright.codes.vocabulary import CodeVocabulary
    from claimwright.x12.check import stream_faults

    for fault in stream_faults(path, CodeVocabulary()):
        if fault.severity == "reject" and fault.snip < 4:
            raise ValueError(fault)
    return Totals()


def ours_segments(path: Path) -> Totals:
    from claimwright.x12.reader import stream_elements

    for _ in stream_elements(path):
        pass
    return Totals()


def ours_start(path: Path) -> Totals:
    """Only the start of a process that reads segments."""
    from claimwright.x12.reader import stream_elements

    stream_elements(path)
    return Totals()


def floor(path: Path) -> Totals:
    """The least that makes every element a string: split the file, and split each segment."""
    for segment in path.read_bytes().decode("latin-1").split("~"):
        segment.split("*")
    return Totals()


def pyx12(path: Path) -> Totals:
    import io
    import logging

    import pyx12.params
    import pyx12.x12n_document

    logging.disable(logging.CRITICAL)
    passed = pyx12.x12n_document.x12n_document(
        param=pyx12.params.params(),
        src_file=io.StringIO(path.read_text("latin-1"), newline=""),
        fd_997=io.StringIO(),
        fd_html=None,
        fd_json=None,
    )
    if not passed:
        raise ValueError("pyx12 refuses the file")
    return Totals()


def x12sdk(path: Path) -> Totals:
    from x12sdk.io import X12ModelReader

    with X12ModelReader(str(path)) as reader:
        for _ in reader.models():
            pass
    return Totals()


def oxedi(path: Path) -> Totals:
    import oxedi

    if len(oxedi.parse_file(str(path)).diagnostics):
        raise ValueError("oxedi finds a fault")
    return Totals()


WORK: dict[str, Callable[[Path], Totals]] = {
    "ours_835": ours_835, "ours_837p": ours_837p, "check": ours_check, "all": ours_all_levels,
    "segments": ours_segments, "start": ours_start, "floor": floor, "pyx12": pyx12, "x12sdk": x12sdk, "oxedi": oxedi,
}  # fmt: skip


class Measured(msgspec.Struct):
    """`seconds` of CPU, the peak in MiB, and what was counted."""

    seconds: float
    peak: float
    totals: Totals


def measure(work: str, path: Path, repeats: int = REPEATS) -> Measured | None:
    """The best of a few runs, each a process; None where the peer is not installed or fails."""
    best: Measured | None = None
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # As installed packages are, ours and the peers': compiled to bytecode once, and not again at each start.
    environment |= {"PYTHONPYCACHEPREFIX": str(path.parent / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    for _ in range(repeats):
        command = [sys.executable, "-m", "bench.wire", "one", work, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            print(f"  {work}: {done.stderr.strip().splitlines()[-1][:100] if done.stderr else done.returncode}")
            return None
        found = msgspec.json.decode(done.stdout, type=Measured)
        best = found if best is None or found.seconds < best.seconds else best
    return best


def one(work: str, path: Path) -> None:
    totals = WORK[work](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.process_time(), "peak": peak, "totals": msgspec.to_builtins(totals)}))


def show(label: str, found: Measured | None, size: int, others: dict[str, float]) -> float:
    """One row; `others` are the speeds it is compared with. Returns MB/s."""
    if found is None:
        print(f"  {label:<34}        -")
        return 0.0
    speed = size / MEGABYTE / found.seconds
    ratios = "  ".join(f"{speed / other:6.1f} x {name}" for name, other in others.items() if other)
    print(f"  {label:<34}{speed:9.2f} MB/s {found.peak:7.0f} MiB  {ratios}")
    return speed


def run(full: bool = False) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("835", "837P"):
            compare(kind, Path(folder), full)
        single(Path(folder) / "single.edi", GIGABYTE if full else SINGLE_SIZE)


def compare(kind: str, folder: Path, full: bool) -> None:
    large, small = folder / f"{kind}.edi", folder / f"{kind}-small.edi"
    counted, _ = write(large, kind, SIZE), write(small, kind, PEER_SIZE)
    size, small_size = large.stat().st_size, small.stat().st_size
    print(
        f"{kind}: {size / MEGABYTE:.1f} MB, {counted.transactions} ST, {counted.claims} claims, {counted.lines} lines"
    )
    peers = {}
    for name in ("pyx12", "x12sdk", *(("oxedi",) if kind == "835" else ())):
        path, of = (large, size) if full or name == "oxedi" else (small, small_size)
        peers[name] = show(name, measure(name, path, 2), of, {})
    nouns = measure("ours_835" if kind == "835" else "ours_837p", large)
    show("levels 1-3, every noun made", nouns, size, peers)
    show("levels 1-3", measure("check", large), size, peers)
    show("levels 1-5", measure("all", large, 1), size, peers)
    segments_alone(large, size)
    if nouns is not None:
        right = nouns.totals == counted
        print(f"  totals {'as counted while writing' if right else f'WRONG: {nouns.totals} is not {counted}'}: "
              f"charged {counted.charged / 100:,.2f}, paid {counted.paid / 100:,.2f}")  # fmt: skip


def segments_alone(path: Path, size: int) -> None:
    """The plain way through a file against the floor, as whole processes and without the start of ours."""
    plain, alone, start = (measure(work, path) for work in ("floor", "segments", "start"))
    show("floor: split and split", plain, size, {})
    show("segments alone", alone, size, {})
    if plain is not None and alone is not None and start is not None:
        whole, apart = alone.seconds / plain.seconds, (alone.seconds - start.seconds) / plain.seconds
        print(
            f"  segments alone take {whole:.2f} times the floor, {apart:.2f} times without {start.seconds:.2f} s of start"
        )


def single(path: Path, size: int) -> None:
    counted = write_single(path, size)
    print(f"835 in one ST: {path.stat().st_size / MEGABYTE:.0f} MB, {counted.claims} claims")
    found = measure("ours_835", path, 1)
    show("levels 1-3, every noun made", found, path.stat().st_size, {})
    if found is not None:
        print(f"  totals {'as counted while writing' if found.totals == counted else 'WRONG'}")
    path.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        run(full="full" in sys.argv[1:])
