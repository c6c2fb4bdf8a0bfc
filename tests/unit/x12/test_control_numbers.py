"""Control numbers: counted up for each pair of parties, never twice, whatever crashes or runs beside it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from claimwright.x12.control_numbers import (
    LAST,
    ControlNumbers,
    ControlNumbersRefused,
    FileControlNumbers,
    MemoryControlNumbers,
    Series,
)

ISA13, GS06, ST02 = Series.INTERCHANGE, Series.GROUP, Series.TRANSACTION
ME, PAYER = "LAKESIDE01", "60054"
PROGRAM = """
import sys
from pathlib import Path
from claimwright.x12.control_numbers import FileControlNumbers, Series
numbers = FileControlNumbers(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    print(numbers.next(Series.INTERCHANGE, "A", "B"), flush=True)
"""

Kept = MemoryControlNumbers | FileControlNumbers


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "memory":
        return MemoryControlNumbers()
    return FileControlNumbers(tmp_path / "numbers.json", create=True)


@pytest.fixture(params=["memory", "file"])
def wrapping(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "memory":
        return MemoryControlNumbers(wraps=True)
    return FileControlNumbers(tmp_path / "numbers.json", create=True, wraps=True)


def test_each_series_counts_for_each_pair_on_its_own(kept: Kept) -> None:
    numbers: ControlNumbers = kept
    assert [numbers.next(ISA13, ME, PAYER) for _ in range(3)] == [1, 2, 3]
    assert numbers.next(GS06, ME, PAYER) == 1
    assert numbers.next(ST02, ME, PAYER) == 1
    assert numbers.next(ISA13, ME, "OTHER") == 1
    assert numbers.next(ISA13, PAYER, ME) == 1
    assert numbers.next(ISA13, ME, PAYER) == 4
    assert (kept.last(ISA13, ME, PAYER), kept.last(ISA13, "NEW", PAYER)) == (4, 0)


def test_parties_are_not_run_together(kept: Kept) -> None:
    assert kept.next(ISA13, "A B", "C") == 1
    assert kept.next(ISA13, "A", "B C") == 1
    assert kept.next(ISA13, 'A", "B', "C") == 1


def test_it_goes_on_from_a_number_that_is_told(kept: Kept) -> None:
    kept.advance(ISA13, ME, PAYER, 4711)
    assert kept.next(ISA13, ME, PAYER) == 4712
    kept.advance(ISA13, ME, PAYER, 4712)


@pytest.mark.parametrize("last", [4710, 0, -1, LAST + 1])
def test_it_never_goes_back(kept: Kept, last: int) -> None:
    kept.advance(ISA13, ME, PAYER, 4711)
    with pytest.raises(ControlNumbersRefused):
        kept.advance(ISA13, ME, PAYER, last)
    assert kept.next(ISA13, ME, PAYER) == 4712


def test_the_last_number_is_the_last(kept: Kept) -> None:
    kept.advance(ISA13, ME, PAYER, LAST - 1)
    assert kept.next(ISA13, ME, PAYER) == LAST
    for _ in range(2):
        with pytest.raises(ControlNumbersRefused, match="ISA13"):
            kept.next(ISA13, ME, PAYER)
    assert kept.next(GS06, ME, PAYER) == 1


def test_it_begins_again_only_when_told_so(wrapping: Kept) -> None:
    wrapping.advance(ISA13, ME, PAYER, LAST - 1)
    assert [wrapping.next(ISA13, ME, PAYER) for _ in range(3)] == [LAST, 1, 2]


def test_threads_share_it(kept: Kept) -> None:
    found: list[int] = []

    def take() -> None:
        for _ in range(20):
            found.append(kept.next(ISA13, ME, PAYER))

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 101))


# --- the file


def test_the_file_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    assert FileControlNumbers(path, create=True).next(ISA13, ME, PAYER) == 1
    assert FileControlNumbers(path).next(ISA13, ME, PAYER) == 2
    assert FileControlNumbers(path, create=True).next(ISA13, ME, PAYER) == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["numbers.json", "numbers.json.lock"]


def test_a_file_that_is_not_there_is_not_begun_anew(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileControlNumbers(tmp_path / "mistyped.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"last": {}}', json.dumps({"format": "claimwright control numbers 1"}).encode(),
     b'{"format": "claimwright control numbers 1", "last": {"ISA13 []": "7"}}',
     b'{"format": "claimwright control numbers 1", "last": {"ISA13 []": 1000000000}}'],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "numbers.json"
    path.write_bytes(content)
    for create in (False, True):
        with pytest.raises(ControlNumbersRefused, match=r"numbers\.json"):
            FileControlNumbers(path, create=create)
    assert path.read_bytes() == content


def test_an_old_copy_put_back_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    numbers = FileControlNumbers(path, create=True)
    numbers.next(ISA13, ME, PAYER)
    old = path.read_bytes()
    numbers.next(ISA13, ME, PAYER)
    path.write_bytes(old)
    with pytest.raises(ControlNumbersRefused, match="back"):
        numbers.next(ISA13, ME, PAYER)
    assert path.read_bytes() == old


def test_an_old_copy_is_noticed_where_numbers_wrap(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    first, second = FileControlNumbers(path, create=True, wraps=True), FileControlNumbers(path, wraps=True)
    first.advance(ISA13, ME, PAYER, LAST)
    assert second.next(ISA13, ME, PAYER) == 1
    assert first.next(ISA13, ME, PAYER) == 2
    old = path.read_bytes()
    assert first.next(ISA13, ME, PAYER) == 3
    path.write_bytes(old)
    with pytest.raises(ControlNumbersRefused):
        first.next(ISA13, ME, PAYER)


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_a_disk_that_fails_gives_no_number_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "numbers.json"
    numbers = FileControlNumbers(path, create=True)
    assert numbers.next(ISA13, ME, PAYER) == 1
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(failing, fail)
        with pytest.raises(OSError, match="no space"):
            numbers.next(ISA13, ME, PAYER)
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["numbers.json", "numbers.json.lock"]
    assert numbers.next(ISA13, ME, PAYER) == 2


def started(path: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(path), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_beside_each_other_get_different_numbers(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    FileControlNumbers(path, create=True)
    running = [started(path, 40) for _ in range(3)]
    told = [process.communicate(timeout=60)[0].split() for process in running]
    assert sorted(int(number) for numbers in told for number in numbers) == list(range(1, 121))
    for numbers in told:
        assert [int(number) for number in numbers] == sorted(map(int, numbers))


def test_a_killed_process_leaves_a_gap_at_most(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    FileControlNumbers(path, create=True)
    found: list[int] = []
    for wait in (0.01, 0.03, 0.05):
        process = started(path, 1_000_000)
        assert process.stdout is not None
        found.append(int(process.stdout.readline()))
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        found.extend(int(line) for line in process.communicate(timeout=60)[0].splitlines(True) if line.endswith("\n"))
        last = FileControlNumbers(path).last(ISA13, "A", "B")
        assert found[-1] <= last <= found[-1] + 1
    assert found == sorted(set(found))
    assert FileControlNumbers(path).next(ISA13, "A", "B") > found[-1]
