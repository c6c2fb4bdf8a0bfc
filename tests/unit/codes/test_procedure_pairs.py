"""The mapped file of procedure pairs: what goes in comes out, by date, and quickly."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimwright.codes.add_ons import AddOnRow, AddOnTable, open_add_ons, write_add_ons
from claimwright.codes.procedure_pairs import (
    MappedPairs,
    PairEdit,
    PairOverlap,
    PairRows,
    PairTable,
    ProcedurePairs,
    write_pairs,
)
from claimwright.codes.unit_limits import LimitTable, UnitLimit, UnitLimits, open_limits, write_limits

DAY = date(2026, 8, 31)
CODES = ("0001A", "0001U", "00100", "11042", "99213", "A0425", "G0008", "Z9999")


def a_pair(column1: str, column2: str, start: date, end: date | None = None, indicator: str = "1") -> PairEdit:
    return PairEdit(column1=column1, column2=column2, indicator=indicator, start=start, end=end)


def test_a_file_gives_back_its_rows_in_order(tmp_path: Path) -> None:
    pairs = [
        a_pair("G0008", "0001A", date(2022, 1, 1), date(2024, 1, 1), "0"),
        a_pair("0001A", "G0008", date(2022, 1, 1), None, "9"),
        a_pair("0001A", "00100", date(1996, 1, 1), date(2005, 4, 1)),
        a_pair("0001A", "00100", date(2007, 4, 1)),
    ]
    path = tmp_path / "pairs"
    write_pairs(path, pairs, date(1996, 1, 1), date(2026, 10, 1))
    mapped = MappedPairs(path)
    assert isinstance(mapped, ProcedurePairs)
    assert list(mapped) == [pairs[2], pairs[3], pairs[1], pairs[0]]
    assert len(mapped) == 4
    assert (mapped.start, mapped.end) == (date(1996, 1, 1), date(2026, 10, 1))
    assert mapped.covers(date(2026, 9, 30)) and not mapped.covers(date(2026, 10, 1))
    assert mapped.history("0001A", "00100") == (pairs[2], pairs[3])
    assert mapped.history("00100", "0001A") == () == mapped.history("99999", "0001A")
    assert mapped.column1_codes() == ("0001A", "G0008")


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    pairs = [a_pair(one, two, date(2020, 1, n + 1)) for n, one in enumerate(CODES) for two in CODES if one != two]
    shuffled = pairs[:]
    random.Random(7).shuffle(shuffled)
    write_pairs(tmp_path / "one", pairs)
    write_pairs(tmp_path / "two", [*shuffled, shuffled[0]])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.sampled_from(CODES),
        st.integers(0, 2000),
        st.one_of(st.none(), st.integers(1, 400)),
        st.sampled_from("019"),
    ),
    max_size=30,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_ROWS, st.lists(st.integers(-10, 2500), min_size=1, max_size=5))
def test_the_file_answers_as_the_table_in_memory(
    tmp_path: Path, rows: list[tuple[str, str, int, int | None, str]], days: list[int]
) -> None:
    base = date(2015, 1, 1)
    pairs: list[PairEdit] = []
    for one, two, start, length, indicator in rows:
        first = base + timedelta(start)
        end = None if length is None else first + timedelta(length)
        held = [row for row in pairs if (row.column1, row.column2) == (one, two)]
        apart = all(
            (row.end is not None and row.end <= first) or (end is not None and end <= row.start) for row in held
        )
        if apart and one != two:
            pairs.append(a_pair(one, two, first, end, indicator))
    write_pairs(tmp_path / "pairs", pairs)
    mapped, table = MappedPairs(tmp_path / "pairs"), PairTable(pairs)
    for day in days:
        on = base + timedelta(day)
        for one in (*CODES, "77777", "toolong", ""):
            for two in (*CODES, "77777"):
                assert mapped.find(one, two, on) == table.find(one, two, on)
    named = sorted({(row.column1, row.column2) for row in pairs})
    assert sorted(mapped.among(CODES, base)) == named == sorted(table.among(CODES, base))


def test_rows_of_one_pair_may_not_overlap(tmp_path: Path) -> None:
    touching = [
        a_pair("0001A", "99213", date(2022, 1, 1), date(2023, 1, 1)),
        a_pair("0001A", "99213", date(2023, 1, 1), None, "0"),
    ]
    write_pairs(tmp_path / "pairs", touching)
    assert MappedPairs(tmp_path / "pairs").find("0001A", "99213", date(2023, 1, 1)) == touching[1]
    overlapping = [*touching[:1], a_pair("0001A", "99213", date(2022, 12, 31), None, "0")]
    with pytest.raises(PairOverlap) as refused:
        write_pairs(tmp_path / "pairs", overlapping)
    assert (refused.value.column1, refused.value.column2, refused.value.on) == ("0001A", "99213", date(2022, 12, 31))


@pytest.mark.parametrize("day", [date(1979, 12, 31), date(2160, 1, 1)])
def test_days_that_do_not_fit_are_refused(tmp_path: Path, day: date) -> None:
    with pytest.raises(ValueError, match="outside 1980 to 2158"):
        write_pairs(tmp_path / "pairs", [a_pair("0001A", "99213", day)])


def test_a_code_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="five characters"):
        write_pairs(tmp_path / "pairs", [a_pair("213", "99213", DAY)])


def test_a_damaged_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    write_pairs(path, [a_pair("0001A", "99213", DAY), a_pair("0001A", "G0008", DAY)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-16])
    with pytest.raises(ValueError, match="cut off"):
        MappedPairs(path)
    path.write_bytes(b"something else entirely")
    with pytest.raises(ValueError, match="no procedure pairs"):
        MappedPairs(path)
    path.write_bytes(whole.replace(b'"little"', b'"sdrawk"'))
    with pytest.raises(ValueError, match="another kind of machine"):
        MappedPairs(path)


def test_an_empty_file_of_pairs_answers_none(tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs", [])
    mapped = MappedPairs(tmp_path / "pairs")
    assert len(mapped) == 0 and mapped.find("0001A", "99213", DAY) is None and mapped.among(CODES, DAY) == []


def test_opening_and_asking_are_quick(tmp_path: Path) -> None:
    """200,000 rows here; bench/scrub.py measures three million. Limits leave room for a slow machine."""
    rows = PairRows()
    numbers = [rows.code_number(f"{code:05d}") for code in range(10_000, 12_000)]
    term = rows.term_number(date(2020, 1, 1), None, "1")
    rng = random.Random(1)
    for first in numbers[:1000]:
        rows.values += [rows.pair_number(first, second) + term for second in rng.sample(numbers, 200)]
    rows.sort()
    rows.write(tmp_path / "pairs", None, None)
    begin = time.perf_counter()
    mapped = MappedPairs(tmp_path / "pairs")
    assert time.perf_counter() - begin < 0.5
    begin = time.perf_counter()
    for number in range(10_000):
        mapped.find(f"{10_000 + number % 1000}", "11500", DAY)
    assert (time.perf_counter() - begin) / 10_000 < 50e-6


def test_limits_come_back_as_they_were(tmp_path: Path) -> None:
    limits = [UnitLimit(code="0009U", units=2, indicator=3), UnitLimit(code="0001U", units=1, indicator=2)]
    write_limits(tmp_path / "limits", limits, date(2026, 7, 1), date(2026, 10, 1))
    held = open_limits(tmp_path / "limits")
    assert isinstance(held, LimitTable) and isinstance(held, UnitLimits)
    assert list(held) == limits[::-1] and len(held) == 2
    assert held.limit("0009U", DAY) == limits[0] and held.limit("0009", DAY) is None
    assert held.covers(date(2026, 7, 1)) and not held.covers(date(2026, 6, 30)) and not held.covers(date(2026, 10, 1))


def test_add_ons_come_back_as_they_were(tmp_path: Path) -> None:
    add_ons = [
        AddOnRow(code="22614", kind=1, primary="22612", start=date(2013, 1, 1)),
        AddOnRow(code="22614", kind=1, primary="22600", start=date(2013, 1, 1), end=date(2020, 1, 1)),
        AddOnRow(code="93320", kind=2),
    ]
    write_add_ons(tmp_path / "add_ons", [*add_ons, add_ons[0]], None, date(2026, 10, 1))
    held = open_add_ons(tmp_path / "add_ons")
    assert sorted(held, key=str) == sorted(add_ons, key=str) and len(held) == 3
    found = held.add_on("22614", date(2020, 1, 1))
    assert found is not None and found.primaries == {"22612"} and found.kind == 1
    assert held.add_on("22612", DAY) is None


def test_where_add_on_types_disagree_the_payer_has_room() -> None:
    rows = [AddOnRow(code="74713", kind=1, primary="74712"), AddOnRow(code="74713", kind=2)]
    found = AddOnTable(rows).add_on("74713", DAY)
    assert found is not None and found.kind == 3 and found.primaries == {"74712"}
