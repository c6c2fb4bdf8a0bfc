"""The library: all or nothing, the same twice is once, history, going back, and deaths at every moment."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from claimwright.codes.code_sets import shipped
from claimwright.codes.library import CannotImport, Library, LibraryDamaged, all_loaders, in_words
from claimwright.codes.library_sets import code_sets, remaining, spans, status
from claimwright.codes.releases import State
from tests.house.source_files import ROOT
from tests.unit.codes.library_files import NOW, library, order_file, order_rows, take, write, zipped

NEXT_YEAR, AUGUST = date(2026, 11, 1), date(2026, 8, 3)
PAYERS = "payer id,payer name\n60054,Example Health\n87726,Another Plan\n"


def snapshot(held: Library) -> dict[str, bytes]:
    """Everything a look-up reads."""
    files = sorted(path for path in held.folder.rglob("*") if path.is_file() and "staging" not in path.parts)
    return {str(path.relative_to(held.folder)): path.read_bytes() for path in files if path.name != "lock"}


def test_an_import_is_in_force_at_once_and_only_for_its_dates(tmp_path):
    held = library(tmp_path)
    assert code_sets(held.folder) is shipped()
    packed = zipped({"icd10cm_order_2027.txt": order_file(("E0111", 1, "New in 2027")), "guide.pdf": b"%PDF"})
    report = take(held, write(tmp_path, "april-2027.zip", packed))
    step = report.steps[0]
    # The archive's name says April: the release speaks from then on only.
    assert (step.record.start, step.record.end) == (date(2027, 4, 1), date(2027, 10, 1))
    sets = code_sets(held.folder)
    assert sets.state("icd10cm", "E0111", date(2027, 5, 1)) is State.VALID
    assert sets.state("icd10cm", "E0111", NEXT_YEAR) is State.NOT_COVERED
    assert sets.state("icd10cm", "E119", AUGUST) is State.VALID  # what is shipped still speaks for its own year
    assert code_sets(held.folder) is sets  # made once until something changes


def test_the_same_again_changes_nothing(tmp_path):
    held = library(tmp_path)
    path = write(tmp_path, "icd10cm_order_2027.txt", order_file())
    assert take(held, path).written
    before = snapshot(held)
    again = take(held, write(tmp_path, "copy-of-icd10cm_order_2027.txt", order_file()))
    assert not again.written and [step.action for step in again.steps] == ["same"]
    assert "is loaded already" in in_words(again.steps[0])
    assert snapshot(held) == before


@pytest.mark.parametrize(
    "wrap", [gzip.compress, lzma.compress, lambda data: zipped({"inner.zip": zipped({"p.csv": data})})]
)
def test_every_usual_wrapping_is_opened(tmp_path, wrap):
    held = library(tmp_path)
    report = take(held, write(tmp_path, "payers", wrap(PAYERS.encode())))
    assert [(step.record.set_name, step.record.rows) for step in report.steps] == [("payer", 2)]
    assert code_sets(held.folder).entry("payer", "60054").label == "Example Health"


def test_a_dry_run_shows_the_changes_and_takes_nothing(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    before = snapshot(held)
    changed = PAYERS.replace("Another Plan", "Renamed Plan") + "00001,Third\n"
    report = take(held, write(tmp_path, "new.csv", changed), dry_run=True)
    changes = report.steps[0].changes
    assert (changes.added, changes.removed, changes.changed, changes.same) == (1, 0, 1, 1)
    assert (changes.added_sample, changes.changed_sample) == (("00001",), ("87726",))
    assert report.is_new and not report.written and snapshot(held) == before


def test_overlap_is_refused_unless_the_new_one_is_to_win(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "icd10cm_order_2027.txt", order_file()))
    before = snapshot(held)
    april = write(tmp_path, "icd10cm_order_April_2027.txt", order_file(("E0111", 1, "New in April")))
    with pytest.raises(CannotImport, match=r"FY2027 from 2027-04-01 .*both speak for the same dates.*--supersede"):
        take(held, april)
    assert snapshot(held) == before
    report = take(held, april, supersede=True)
    assert report.steps[0].shortened == ("FY2027",)
    sets = code_sets(held.folder)
    assert sets.state("icd10cm", "E0111", date(2027, 3, 31)) is State.NOT_EFFECTIVE
    assert sets.state("icd10cm", "E0111", date(2027, 4, 1)) is State.VALID
    held.rollback("icd10cm", at=NOW)
    assert code_sets(held.folder).state("icd10cm", "E0111", date(2027, 4, 1)) is State.UNKNOWN


def test_rollback_goes_back_one_import_at_a_time_and_is_itself_history(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    take(held, write(tmp_path, "payers2.csv", PAYERS.replace("Example", "Renamed")))
    title = lambda: code_sets(held.folder).entry("payer", "60054").label  # noqa: E731 - asked thrice
    assert title() == "Renamed Health"
    assert held.rollback("payer", at=NOW) == ("payer",)
    assert title() == "Example Health"
    assert held.rollback(at=NOW) == ("payer",)
    assert not code_sets(held.folder).loaded("payer")
    with pytest.raises(CannotImport, match="nothing imported of payer"):
        held.rollback("payer", at=NOW)
    assert [entry.action for entry in held.state().entries] == ["import", "import", "rollback", "rollback"]
    take(held, write(tmp_path, "payers.csv", PAYERS))
    assert title() == "Example Health"


def test_rollback_without_a_set_undoes_all_that_the_last_import_brought(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    both = [write(tmp_path, "mods.csv", "modifier,name\nZ9,Own\n"), write(tmp_path, "p.csv", PAYERS + "00002,New\n")]
    take(held, *both)
    assert set(held.rollback(at=NOW)) == {"modifier", "payer"}
    assert held.state().releases.keys() == {"payer"}


def test_one_bad_file_of_two_refuses_both(tmp_path):
    held = library(tmp_path)
    good, bad = write(tmp_path, "payers.csv", PAYERS), write(tmp_path, "cpt.csv", "cpt code\n99213\n9214\n")
    with pytest.raises(CannotImport, match="line 3"):
        take(held, good, bad)
    assert held.state().releases == {} and snapshot(held) == {}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("nothing.csv", b"", "is empty"),
        ("page.txt", b"<html>Sorry, not found</html>", "is a web page"),
        ("table.csv", b"mdc,description\n01,Nervous system\n", "no code set"),
        ("half.zip", zipped({"icd10cm_order_2027.txt": order_file()})[:-40], "damaged"),
        ("half.gz", gzip.compress(PAYERS.encode() * 50)[:-20], "damaged"),
        ("papers.zip", zipped({"guide.pdf": b"%PDF"}), "no file that could be"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_what_is_no_code_set_is_told_and_leaves_no_trace(tmp_path, name, data, told):
    held = library(tmp_path)
    with pytest.raises(CannotImport, match=told):
        take(held, write(tmp_path, name, data))
    with pytest.raises(CannotImport, match="is no file"):
        take(held, tmp_path / "not-there.zip")
    assert snapshot(held) == {} and not list((held.folder / "staging").iterdir())


def test_a_file_that_lost_a_quarter_of_its_codes_is_taken_for_cut_off(tmp_path):
    held = library(tmp_path)
    many = [(f"E{number:03d}", 1, f"Disorder {number}") for number in range(200, 600)]
    take(held, write(tmp_path, "icd10cm_order_2027.txt", order_file(*many)))
    before = snapshot(held)
    fewer = write(tmp_path, "icd10cm_order_2028.txt", order_file(*many[:150]))
    with pytest.raises(CannotImport, match="would lose 250 codes"):
        take(held, fewer, smaller=False)
    assert snapshot(held) == before
    assert take(held, fewer).written


# Deaths --------------------------------------------------------------------------------------------------------------

KILLED = """
    import os, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from claimwright.codes import library, library_journal
    from claimwright.codes.library import Asked, Library

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    moment, folder, file = sys.argv[1:]
    if moment == "before the file is kept":
        Library._keep = die
    elif moment == "between file and journal":
        library_journal.Journal.append = die
    elif moment == "within the line":
        real = os.fsync
        def half(self, entry):
            import msgspec
            with self.path.open("ab") as stream:
                stream.write(b"0123456789abcdef " + msgspec.json.encode(entry)[:40])
                stream.flush()
                real(stream.fileno())
            die()
        library_journal.Journal.append = half
    Library(Path(folder)).import_files([Path(file)], asked=Asked(), at=datetime.now(UTC))
"""


@pytest.mark.parametrize("moment", ["before the file is kept", "between file and journal", "within the line", "never"])
def test_a_process_that_is_killed_leaves_the_loaded_set_as_it_was(tmp_path, moment):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    later = write(tmp_path, "later.csv", PAYERS.replace("Example", "Later"))
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), moment, str(held.folder), str(later)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, check=False,
    )  # fmt: skip
    assert ran.returncode == (0 if moment == "never" else -signal.SIGKILL)
    label = "Later Health" if moment == "never" else "Example Health"  # never: the canary, it does take hold
    assert code_sets(held.folder).entry("payer", "60054").label == label
    assert len(held.state().entries) == (2 if moment == "never" else 1)
    if moment != "never":
        assert take(held, later).written
        assert code_sets(held.folder).entry("payer", "60054").label == "Later Health"
        assert [entry.number for entry in held.state().entries] == [1, 2]
        assert not list((held.folder / "staging").iterdir())  # what the dead one prepared is swept away


def test_a_full_disk_changes_nothing(tmp_path, monkeypatch):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    before = code_sets(held.folder).entry("payer", "60054")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("claimwright.codes.library_journal.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        take(held, write(tmp_path, "later.csv", PAYERS.replace("Example", "Later")))
    monkeypatch.undo()
    assert code_sets(held.folder).entry("payer", "60054") == before


def test_two_imports_at_once_both_count(tmp_path):
    held = library(tmp_path)
    paths = [write(tmp_path, f"{name}.csv", f"{name},name\n{code},One\n") for name, code in LISTS]
    with ThreadPoolExecutor(4) as pool:
        assert all(report.written for report in pool.map(lambda path: take(Library(held.folder), path), paths))
    state = held.state()
    assert [entry.number for entry in state.entries] == [1, 2, 3, 4]
    assert set(state.releases) == {"payer", "revenue", "condition_code", "value_code"}


LISTS = (("payer id", "60054"), ("revenue code", "0450"), ("condition code", "06"), ("value code", "01"))


def test_processes_that_import_at_once_wait_for_each_other(tmp_path):
    held = library(tmp_path)
    paths = [write(tmp_path, f"{name}.csv", f"{name},name\n{code},One\n") for name, code in LISTS]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KILLED), "never", str(held.folder), str(path)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        for path in paths
    ]  # fmt: skip
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    assert len(held.state().releases) == 4


def test_a_changed_journal_and_a_lost_file_are_told(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    lines = held.journal.path.read_bytes()
    held.journal.path.write_bytes(lines.replace(b"payers.csv", b"player.csv"))
    with pytest.raises(LibraryDamaged, match="line 1 was changed"):
        held.state()
    held.journal.path.write_bytes(lines)
    for path in (held.folder / "files").iterdir():
        path.unlink()
    with pytest.raises(LibraryDamaged, match="is missing: import payers.csv again"):
        code_sets(held.folder)


# Dates ---------------------------------------------------------------------------------------------------------------


def test_status_says_which_dates_of_service_can_be_judged(tmp_path):
    held = library(tmp_path)
    known = {each.name: each for each in status(held.folder)}
    assert known["icd10cm"].judged == ((date(2025, 10, 1), date(2026, 10, 1)),)
    assert known["hcpcs"].judged == (
        (date(2019, 1, 1), date(2020, 1, 1)),
        (date(2026, 7, 1), date(2026, 10, 1)),
    )  # fmt: skip
    assert known["npi"].by_form and not known["cpt"].loaded and known["cpt"].note
    take(held, write(tmp_path, "icd10cm_order_2027.txt", order_file()))
    after = {each.name: each for each in status(held.folder)}["icd10cm"]
    assert after.judged == ((date(2025, 10, 1), date(2027, 10, 1)),)
    assert [(edition.label, edition.imported) for edition in after.editions] == [("FY2026", False), ("FY2027", True)]


def test_a_year_without_its_tabular_list_has_no_notes_rather_than_old_ones(tmp_path):
    held = library(tmp_path)
    rows = [row for row in order_rows() if row[0] != "E010"]
    real = [*rows, ("E119", 1, "Type 2 diabetes mellitus without complications"), ("E10", 0, "Type 1 diabetes")]
    take(held, write(tmp_path, "icd10cm_order_2027.txt", order_file(rows=real)))
    sets = code_sets(held.folder)
    assert "E10" in sets.attribute("icd10cm", "E119", "excludes1", AUGUST).split()
    assert sets.attribute("icd10cm", "E119", "excludes1", NEXT_YEAR) == ""
    assert sets.covers("icd10cm_notes", AUGUST) and not sets.covers("icd10cm_notes", NEXT_YEAR)


def test_imported_modifiers_stand_beside_the_numeric_ones(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "mods.csv", "modifier,name\nGA,Own words\n"), start=date(2026, 1, 1))
    sets = code_sets(held.folder)
    assert sets.state("modifier", "25", AUGUST) is State.VALID
    assert sets.entry("modifier", "GA", AUGUST).label == "Own words"
    assert sets.entry("modifier", "GA", date(2025, 12, 31)).label != "Own words"


@pytest.mark.parametrize(
    ("dates", "taken", "left"),
    [
        ((None, None), [(date(2026, 1, 1), date(2027, 1, 1))], [(None, date(2026, 1, 1)), (date(2027, 1, 1), None)]),
        ((date(2026, 1, 1), date(2027, 1, 1)), [(None, None)], []),
        ((date(2026, 1, 1), date(2027, 1, 1)), [(date(2027, 1, 1), None)], [(date(2026, 1, 1), date(2027, 1, 1))]),
        ((date(2026, 1, 1), None), [(date(2026, 7, 1), None)], [(date(2026, 1, 1), date(2026, 7, 1))]),
    ],
)
def test_dates_that_are_left(dates, taken, left):
    assert remaining(dates, taken) == left


def test_spans_that_touch_are_one():
    first, second = date(2026, 1, 1), date(2026, 4, 1)
    assert spans([(second, None), (first, second)]) == [(first, None)]
    assert spans([(first, second), (second + timedelta(days=1), None)]) == [
        (first, second),
        (second + timedelta(days=1), None),
    ]


def test_every_loader_is_named_once_and_speaks_of_its_sets():
    loaders = all_loaders()
    assert len({loader.name for loader in loaders}) == len(loaders)
    for loader in loaders:
        assert loader.reads and loader.sets and loader.format.name.rpartition("/")[2].isdigit(), loader.name


def test_history_is_readable_as_lines_of_json(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", PAYERS))
    _, _, body = held.journal.path.read_text().partition(" ")
    entry = json.loads(body)
    assert (entry["action"], entry["by"], entry["at"]) == ("import", "biller", "2026-11-02T09:30:00Z")
    assert entry["files"][0].startswith("payers.csv ") and entry["told"][0].startswith("payer: ")
