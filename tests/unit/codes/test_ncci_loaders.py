"""The loaders of NCCI's files: what they take, what they refuse and with which words."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from claimwright.codes.library import Asked, CannotImport, Library, Record

HEAD = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t",
    "Column1/Column2 Edits\t\t\t\t\t\t",
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale",
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t",
    "\t\t\t\t*=no data\t1=allowed\t",
    "\t\t\t\t\t9=not applicable\t",
)
WHY = "Misuse of Column Two code with Column One code"
MUE_NOTICE = '"CPT codes are copyright 2025 AMA.\n \nCPT(R) is a registered trademark. ",,,\n'
MUE_HEAD = '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
AOC_HEAD = [
    "AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
    "AOC_Edit_DelDT", "Special_Instruction_Notes",
]  # fmt: skip
AT = datetime(2026, 11, 2, 9)
PARTS = tuple(f"ccipra-v322r0-f{part}.txt" for part in range(1, 5))


def a_row(column1: str, column2: str, effective: str = "20200101", deletion: str = "*", indicator: str = "1") -> str:
    return "\t".join((column1, column2, "", effective, deletion, indicator, WHY))


def a_file(folder: Path, rows: Sequence[str], name: str = "ccipra-v322r0.txt", head: Sequence[str] = HEAD) -> Path:
    path = folder / name
    path.write_text("\r\n".join((*head, *rows)) + "\r\n", newline="")
    return path


def taken(folder: Path, *paths: Path, **asked: Any) -> dict[str, Record]:
    library = Library(folder / "library")
    library.import_files(paths, asked=Asked(**asked), at=AT)
    return {name: records[-1] for name, records in library.state().releases.items()}


def opened(folder: Path, record: Record) -> Any:
    return Library(folder / "library").open(record)


def refused(folder: Path, *paths: Path, **asked: Any) -> CannotImport:
    with pytest.raises(CannotImport) as problem:
        taken(folder, *paths, **asked)
    assert not Library(folder / "library").state().releases
    return problem.value


def a_workbook(path: Path, rows: Sequence[Sequence[str | int]]) -> Path:
    """A workbook of one sheet, written by hand: whole numbers as numbers, all else as text."""
    sheet = []
    for number, row in enumerate(rows, 1):
        cells = []
        for place, value in enumerate(row):
            at = f"{'ABCDEFGHIJ'[place]}{number}"
            if isinstance(value, int):
                cells.append(f'<c r="{at}"><v>{value}</v></c>')
            elif value:
                cells.append(f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        sheet.append(f'<row r="{number}">{"".join(cells)}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{"".join(sheet)}</sheetData></worksheet>',
        )
    return path


# Pairs ---------------------------------------------------------------------------------------------------------------


def test_pairs_of_text(tmp_path: Path) -> None:
    rows = [
        a_row("0001A", "36591", "20220101", "20231231", "0"),
        a_row("0001A", "90473", "20220101", "20220101", "9"),
        a_row("00100", "99213"),
        a_row("00100", "99213"),
    ]
    record = taken(tmp_path, a_file(tmp_path, rows))["ncci_pairs_practitioner"]
    assert (record.label, record.rows, record.start, record.end) == (
        "2026 Q3", 2, date(2020, 1, 1), date(2026, 10, 1),
    )  # fmt: skip
    assert record.cumulative and record.edition == date(2026, 7, 1)
    assert record.notes == (
        "1 pairs were deleted on the day they took effect and are never in force",
        "1 rows were given twice",
    )
    pairs = opened(tmp_path, record)
    assert pairs.find("0001A", "36591", date(2023, 12, 31)).indicator == "0"
    assert pairs.find("0001A", "36591", date(2024, 1, 1)) is None
    assert pairs.find("0001A", "90473", date(2022, 1, 1)) is None
    assert pairs.find("00100", "99213", date(2026, 8, 31)).end is None


def test_pairs_of_a_workbook_get_their_zeros_back(tmp_path: Path) -> None:
    head = [line.split("\t") for line in HEAD]
    rows = [[100, 99213, "", 20200101, "*", 1, WHY], ["0001A", 36591, "", 20220101, 20231231, 0, WHY]]
    path = a_workbook(tmp_path / "ccioph-v322r0.xlsx", [*head, *rows])
    record = taken(tmp_path, path)["ncci_pairs_hospital"]
    pairs = opened(tmp_path, record)
    assert pairs.find("00100", "99213", date(2026, 8, 31)).indicator == "1"
    assert pairs.find("0001A", "36591", date(2023, 12, 31)).indicator == "0"


def test_the_parts_of_a_quarter_are_one_release(tmp_path: Path) -> None:
    paths = [a_file(tmp_path, [a_row(f"1{part}000", "99213")], name) for part, name in enumerate(PARTS)]
    held = taken(tmp_path, *paths)
    assert set(held) == {"ncci_pairs_practitioner"}
    assert held["ncci_pairs_practitioner"].rows == 4
    assert len(held["ncci_pairs_practitioner"].sources) == 4


def test_a_missing_part_is_refused(tmp_path: Path) -> None:
    paths = [a_file(tmp_path, [a_row("10000", "99213")], name) for name in PARTS if "f3" not in name]
    problem = refused(tmp_path, *paths)
    assert "f3 missing" in str(problem) and "f1 to f4" in str(problem)


def test_parts_of_two_quarters_are_refused(tmp_path: Path) -> None:
    names = (*PARTS[:3], PARTS[3].replace("322", "321"))
    paths = [a_file(tmp_path, [a_row("10000", "99213")], name) for name in names]
    assert "missing" in str(refused(tmp_path, *paths))


def test_medicaid_pairs_are_a_set_of_their_own(tmp_path: Path) -> None:
    path = a_file(tmp_path, [a_row("10000", "99213")], "medicaid-ncci-2026q3-ptp-edits-practitioner-services.txt")
    assert set(taken(tmp_path, path)) == {"medicaid_ncci_pairs_practitioner"}


def test_the_user_may_say_setting_and_quarter(tmp_path: Path) -> None:
    path = a_file(tmp_path, [a_row("10000", "99213")], "edits.txt")
    assert "tells whom it is for" in str(refused(tmp_path, path))
    assert "quarter" in str(refused(tmp_path, path, set_name="ncci_pairs_hospital"))
    held = taken(tmp_path, path, set_name="ncci_pairs_hospital", start=date(2026, 4, 1))
    assert held["ncci_pairs_hospital"].label == "2026 Q2"


BAD_PAIRS = [
    (a_row("1000", "99213"), "lost its leading zeros"),
    (a_row("1.00E+04", "99213"), "turned into a number"),
    (a_row("1-Mar", "99213"), "turned into a date"),
    (a_row("", "99213"), "no code"),
    (a_row("10000", "992133"), "no procedure code"),
    (a_row("10000", "99213", "20260231"), "no effective date"),
    (a_row("10000", "99213", ""), "blank is no effective date"),
    (a_row("10000", "99213", "19600101"), "no effective date"),
    (a_row("10000", "99213", "20220101", ""), "neither a deletion date nor *"),
    (a_row("10000", "99213", "20220101", "20211231"), "before it took effect"),
    (a_row("10000", "99213", "20261001"), "after the quarter"),
    (a_row("10000", "99213", indicator="2"), "no modifier indicator"),
    (a_row("10000", "99213", indicator=""), "no modifier indicator"),
    ("10000\t99213\t\t20200101", "cut off"),
    (a_row("10000", "99213")[:-9], "cut off"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_PAIRS, ids=lambda value: value if "\t" not in value else "")
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    good = [a_row("10000", "99212"), a_row("10000", "99211")]
    problem = refused(tmp_path, a_file(tmp_path, [*good, row]))
    assert [refusal.line for refusal in problem.refusals] == [9]
    assert reason in str(problem) and problem.refusals[0].fix


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    rows = [a_row("1000", "99213"), a_row("10000", "99213"), a_row("10000", "99213", "20260231")]
    assert [refusal.line for refusal in refused(tmp_path, a_file(tmp_path, rows)).refusals] == [7, 9]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    head = [line.replace("Deletion", "") for line in HEAD]
    problem = refused(tmp_path, a_file(tmp_path, [a_row("10000", "99213")], head=head))
    assert "column Deletion is missing" in str(problem) and problem.refusals[0].line == 3


def test_a_file_without_its_header_is_refused(tmp_path: Path) -> None:
    assert "no header" in str(refused(tmp_path, a_file(tmp_path, [a_row("10000", "99213")], head=())))


def test_an_overlap_is_refused_with_the_line_of_the_second_row(tmp_path: Path) -> None:
    rows = [
        a_row("10000", "99213", "20200101", "20220101"),
        a_row("10000", "99212"),
        a_row("10000", "99213", "20220101", "*", "0"),
    ]
    problem = refused(tmp_path, a_file(tmp_path, rows))
    assert "10000 with 99213 has two rows in force on 2022-01-01" in str(problem)
    assert problem.refusals[0].line == 9


def test_a_wrong_quarter_is_refused(tmp_path: Path) -> None:
    problem = refused(tmp_path, a_file(tmp_path, [a_row("10000", "99213")]), start=date(2026, 4, 1))
    assert "wrong quarter" in str(problem)


def test_a_newer_quarter_takes_the_place_of_the_older_and_says_what_changed(tmp_path: Path) -> None:
    old = [a_row("10000", "99211"), a_row("10000", "99212"), a_row("10000", "99213"), a_row("20000", "99213")]
    new = [a_row("10000", "99211"), a_row("10000", "99212", deletion="20260630"), a_row("20000", "99213"), a_row("30000", "99213", "20260701")]  # fmt: skip
    library = Library(tmp_path / "library")
    library.import_files([a_file(tmp_path, old, "ccipra-v321r0.txt")], asked=Asked(), at=AT)
    report = library.import_files([a_file(tmp_path, new, "ccipra-v322r0.txt")], asked=Asked(), at=AT)
    (step,) = report.steps
    changes = step.changes
    assert (changes.added, changes.removed, changes.changed, changes.same) == (1, 1, 1, 2)
    assert changes.added_sample == ("30000/99213",) and changes.removed_sample == ("10000/99213",)
    assert changes.changed_sample == ("10000/99212",)
    assert [record.label for record in library.state().releases["ncci_pairs_practitioner"]] == ["2026 Q3"]
    again = library.import_files([a_file(tmp_path, new, "ccipra-v322r0.txt")], asked=Asked(), at=AT)
    assert not again.is_new
    with pytest.raises(CannotImport, match="older"):
        library.import_files([a_file(tmp_path, old, "ccipra-v321r0.txt")], asked=Asked(), at=AT)


# Limits --------------------------------------------------------------------------------------------------------------


def a_limit_file(
    folder: Path,
    rows: str,
    name: str = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv",
    head: str = MUE_NOTICE + MUE_HEAD,
) -> Path:
    path = folder / name
    path.write_text(head + rows, newline="")
    return path


GOOD_LIMITS = "0001U,1,2 Date of Service Edit: Policy,Code Descriptor\n88350,4,1 Line Edit,Clinical: Data\n"


@pytest.mark.parametrize(
    ("name", "set_name"),
    [
        ("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "mue_practitioner"),
        ("MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv", "mue_hospital"),
        ("MCR_MUE_DMESupplierServices_Eff_07-01-2026.csv", "mue_supplier"),
        ("MCD_MUE_PractitionerServices_Eff_07-01-2026.csv", "medicaid_mue_practitioner"),
    ],
)
def test_limits_by_setting(tmp_path: Path, name: str, set_name: str) -> None:
    record = taken(tmp_path, a_limit_file(tmp_path, GOOD_LIMITS, name))[set_name]
    assert (record.label, record.start, record.end, record.rows) == (
        "2026 Q3", date(2026, 7, 1), date(2026, 10, 1), 2,
    )  # fmt: skip
    assert not record.cumulative
    limit = opened(tmp_path, record).limit("88350", date(2026, 8, 31))
    assert (limit.units, limit.indicator) == (4, 1)


def test_medicaid_limits_without_indicator_are_for_each_line(tmp_path: Path) -> None:
    head = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Rationale\n"
    name = "medicaid-ncci-q3-2026-mue-practitioner.csv"
    record = taken(tmp_path, a_limit_file(tmp_path, "88350,4,Data\n", name, head))["medicaid_mue_practitioner"]
    assert opened(tmp_path, record).limit("88350", date(2026, 8, 31)).indicator == 1
    other = tmp_path / "other"
    other.mkdir()
    medicare = a_limit_file(other, "88350,4,Data\n", head=head)
    assert "Indicator is missing" in str(refused(other, medicare))


def test_limits_of_a_workbook(tmp_path: Path) -> None:
    rows = [
        ["CPT codes are copyright 2025 AMA."],
        ["HCPCS/\nCPT Code", "Outpatient Hospital Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"],
        [100, 1, "2 Date of Service Edit: Policy", "CMS Policy"],
    ]
    path = a_workbook(tmp_path / "MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.xlsx", rows)
    record = taken(tmp_path, path)["mue_hospital"]
    assert opened(tmp_path, record).limit("00100", date(2026, 7, 1)).indicator == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("100,1,2 Date of Service Edit,x\n", "lost its leading zeros"),
        ("00100,,2 Date of Service Edit,x\n", "blank is no count"),
        ("00100,1.5,2 Date of Service Edit,x\n", "1.5 is no count"),
        ("00100,1,4 Something,x\n", "no indicator"),
        ("00100,1,,x\n", "blank begins with no indicator"),
        ("00100,1\n", "cut off"),
        ("0001U,2,2 Date of Service Edit,x\n", "given twice"),
    ],
)
def test_a_bad_limit_is_refused_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    problem = refused(tmp_path, a_limit_file(tmp_path, GOOD_LIMITS + row))
    assert reason in str(problem)
    assert [refusal.line for refusal in problem.refusals] == [8]


def test_limits_of_two_quarters_stand_side_by_side(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    for quarter, units in (("07-01-2026", "1"), ("10-01-2026", "2")):
        path = a_limit_file(tmp_path, f"0001U,{units},2 Policy,x\n", f"MCR_MUE_PractitionerServices_Eff_{quarter}.csv")
        library.import_files([path], asked=Asked(), at=AT)
    assert [record.label for record in library.state().releases["mue_practitioner"]] == ["2026 Q3", "2026 Q4"]


# Add-on codes --------------------------------------------------------------------------------------------------------


def a_flat_line(kind: str, code: str, primary: str, start: str = "2013001", end: str = "", code_end: str = "") -> str:
    return f"{kind}{code}{code_end:7}{primary}{'':7}{start}{end:7}{'A note':58}"


def test_add_ons_of_a_workbook_and_of_text_are_the_same(tmp_path: Path) -> None:
    rows: list[list[str | int]] = [
        [1, 22614, "", 22612, "", 2013001, "", ""],
        [1, 22614, "", 22630, "", 2013001, 2020366, ""],
        [2, 93320, "", "CCCCC", "", 2013001, "", "Contractor"],
        [1, "0071U", 2025365, "0070U", "", 2018182, "", ""],
    ]
    book = a_workbook(tmp_path / "AOC_V2026Q3-MCR.xlsx", [["Notice"], AOC_HEAD, *rows])
    lines = [
        a_flat_line("1", "22614", "22612"),
        a_flat_line("1", "22614", "22630", end="2020366"),
        a_flat_line("2", "93320", "CCCCC"),
        a_flat_line("1", "0071U", "0070U", "2018182", code_end="2025365"),
    ]
    flat = tmp_path / "AOC_V2026Q3-F-MCR.txt"
    flat.write_text("\r\n".join(lines) + "\r\n", newline="")
    record = taken(tmp_path, book)["add_ons"]
    held = opened(tmp_path, record)
    assert list(held) == list(opened(tmp_path / "flat", taken(tmp_path / "flat", flat)["add_ons"]))
    assert held.add_on("22614", date(2020, 12, 31)).primaries == {"22612", "22630"}
    assert held.add_on("22614", date(2021, 1, 1)).primaries == {"22612"}
    assert held.add_on("93320", date(2026, 8, 31)).kind == 2
    assert held.add_on("0071U", date(2025, 12, 31)) is not None and held.add_on("0071U", date(2026, 1, 1)) is None
    assert (record.start, record.end, record.cumulative) == (date(2013, 1, 1), date(2026, 10, 1), True)


def test_the_zip_of_add_ons_holds_them_twice(tmp_path: Path) -> None:
    book = a_workbook(tmp_path / "AOC_V2026Q3-MCR.xlsx", [["Notice"], [f"{name}_Julian" if "DT" in name else name for name in AOC_HEAD], [1, 22614, "", 22612, "", 2013001, "", ""]])  # fmt: skip
    with zipfile.ZipFile(tmp_path / "AOC_V2026Q3.zip", "w") as archive:
        archive.write(book, "AOC_V2026Q3-MCR.xlsx")
        archive.writestr("AOC_V2026Q3-F-MCR.txt", a_flat_line("1", "22614", "22612") + "\r\n")
    assert taken(tmp_path, tmp_path / "AOC_V2026Q3.zip")["add_ons"].rows == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (a_flat_line("4", "22614", "22612"), "no edit type"),
        (a_flat_line("1", "2261 ", "22612"), "lost its leading zeros"),
        (a_flat_line("1", "22614", "22612", "2013400"), "no such day"),
        (a_flat_line("1", "22614", "22612", "2013366"), "no such day"),
        (a_flat_line("1", "22614", "CCCCC"), "without a primary"),
        (a_flat_line("1", "22614", "22612", end="2012001"), "before it starts"),
        ("122614       226", "cut off"),
    ],
)
def test_a_bad_add_on_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "AOC_V2026Q3-F-MCR.txt"
    path.write_text(f"{a_flat_line('1', '22614', '22610')}\r\n{line}\r\n", newline="")
    problem = refused(tmp_path, path)
    assert reason in str(problem) and [refusal.line for refusal in problem.refusals] == [2]


def test_a_workbook_without_a_column_is_refused(tmp_path: Path) -> None:
    path = a_workbook(
        tmp_path / "AOC_V2026Q3-MCR.xlsx", [["Notice"], AOC_HEAD[:-2], [1, 22614, "", 22612, "", 2013001]]
    )
    assert "aoc edit deldt is missing" in str(refused(tmp_path, path))
