"""Each official file is known by its content, read whole, and refused with line, reason and fix when it is not whole."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.library import CannotImport, Source, recognised
from claimwright.codes.library_sets import code_sets
from claimwright.codes.loaders.list_sets import BY_HEADING, LIST_SETS
from claimwright.codes.releases import State
from tests.unit.codes.library_files import (
    HCPCS_LETTERS,
    anweb_file,
    anweb_line,
    anweb_lines,
    library,
    order_file,
    order_rows,
    take,
    write,
    zipped,
)
from tests.unit.codes.library_workbooks import workbook

AUGUST = date(2026, 8, 3)
START, END = date(2026, 7, 1), date(2026, 10, 1)
QUARTER = {"start": START, "end": END}
PCS = "\r\n".join(f"{first}016{number}70 Bypass of {number}" for first in "0123456789BCDFGHX" for number in "1234")
TAXONOMY_HEADER = "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\n"
CARC = (
    "Code,Description\n"
    '1,"Own words for one.\nStart: 01/01/1995"\n'
    '2,"Own words for two. Start: 01/01/1995 | Last Modified: 06/02/2013 | Stop: 07/01/2025 | Notes: gone"\n'
    'B7,"Own words for B7. Start: 01/01/1995"\n'
)


def told(tmp_path, name, data, **options) -> CannotImport:
    """The refusal of a file, after a look that the set that was loaded is untouched."""
    held = library(tmp_path)
    take(held, write(tmp_path, "payers.csv", "payer id,payer name\n60054,Example\n"))
    before = sorted(path.name for path in (held.folder / "files").iterdir()), held.journal.path.read_bytes()
    with pytest.raises(CannotImport) as refused:
        take(held, write(tmp_path, name, data), **options)
    assert (sorted(path.name for path in (held.folder / "files").iterdir()), held.journal.path.read_bytes()) == before
    for refusal in refused.value.refusals:
        assert refusal.reason and refusal.fix
    return refused.value


# ICD-10 --------------------------------------------------------------------------------------------------------------


def test_the_order_file_wins_over_the_codes_file_of_the_same_zip(tmp_path):
    codes = "".join(f"{code:<8}{title}\r\n" for code, flag, title in order_rows() if flag).encode()
    addenda = b"Add:         A0111  A new code\r\n" * 3
    members = {
        "icd10cm_codes_2027.txt": codes,
        "icd10cm_order_2027.txt": order_file(),
        "icd10cm_order_addenda_2027.txt": addenda,
    }
    held = library(tmp_path)
    report = take(held, write(tmp_path, "2027-code-descriptions.zip", zipped(members)))
    assert [(step.record.set_name, step.record.rows) for step in report.steps] == [("icd10cm", 52)]
    assert report.passed_over == ("2027-code-descriptions.zip/icd10cm_order_addenda_2027.txt",)
    assert code_sets(held.folder).state("icd10cm", "A01", date(2026, 10, 1)) is State.NOT_BILLABLE


def test_the_codes_file_alone_has_no_categories_and_says_so(tmp_path):
    held = library(tmp_path)
    codes = "".join(f"{code:<8}{title}\r\n" for code, flag, title in order_rows() if flag)
    report = take(held, write(tmp_path, "icd10cm_codes_2027.txt", codes))
    assert "no categories" in report.steps[0].record.notes[0]
    assert code_sets(held.folder).state("icd10cm", "A010", date(2026, 10, 1)) is State.VALID


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (lambda data: data[: data.rfind(b"Disorder of Z") + 9], 52, "ends in the middle"),
        (lambda data: b"\r\n".join(data.split(b"\r\n")[:30]) + b"\r\n", 30, "no code that begins with P, Q"),
        (lambda data: data.replace(b"00010 ", b"00011 ", 1), 10, "lines are missing"),
        (lambda data: data.replace(b"E010    1", b"E010    7", 1), 10, "does not begin a line"),
        (lambda data: data.replace(b"00010 E010   ", b"00010 1E10   ", 1), 10, "turned into a number"),
        (lambda data: data.replace(b"00012 F010 ", b"00012 E010 ", 1), 12, "given twice"),
    ],
)
def test_a_damaged_order_file_is_refused_with_its_line(tmp_path, change, line, words):
    refused = told(tmp_path, "icd10cm_order_2027.txt", change(order_file()))
    assert any(refusal.line == line and words in refusal.reason for refusal in refused.refusals), str(refused)


def test_the_year_must_be_known_and_not_contradicted(tmp_path):
    assert "does not say its year" in str(told(tmp_path, "codes.txt", order_file()))
    refused = told(tmp_path, "icd10cm_order_2027.txt", order_file(), start=date(2025, 10, 1))
    assert "fiscal year 2027" in str(refused)
    held = library(tmp_path)
    report = take(held, write(tmp_path, "codes.txt", order_file()), start=date(2026, 10, 1))
    assert (report.steps[0].record.label, report.steps[0].record.end) == ("FY2027", date(2027, 10, 1))


def test_procedures_of_hospitals(tmp_path):
    held = library(tmp_path)
    report = take(held, write(tmp_path, "icd10pcs_codes_2027.txt", PCS + "\r\n"))
    assert report.steps[0].record.set_name == "icd10pcs"
    entry = code_sets(held.folder).entry("icd10pcs", "0016170", date(2026, 10, 1))
    assert entry.label == "Bypass of 1"
    refused = told(tmp_path, "icd10pcs_codes_2027.txt", PCS.partition("X016")[0])
    assert "begins with X" in str(refused)


TABULAR = """<?xml version="1.0"?>
<ICD10CM.tabular><version>2027</version>
<chapter><name>1</name><desc>First (E00-E89)</desc>
 <excludes1><note>whole chapter (P70-P74)</note></excludes1>
 <section id="E08-E13"><desc>Diabetes</desc><useAdditionalCode><note>code to identify use (Z79.-)</note></useAdditionalCode>
  <diag><name>E11</name><desc>Type 2</desc><excludes1><note>type 1 diabetes (E10.-)</note></excludes1>
   <sevenChrDef><extension char="A">initial</extension></sevenChrDef>
   <diag><name>E11.9</name><desc>Plain</desc><codeFirst><note>underlying condition (A00-A02)</note></codeFirst></diag>
  </diag></section></chapter>CHAPTERS</ICD10CM.tabular>""".replace("CHAPTERS", "<chapter><name>x</name></chapter>" * 21)


def test_the_tabular_list_is_inherited_down_and_dated(tmp_path):
    held = library(tmp_path)
    rows = [*order_rows(), ("E11", 0, "Type 2"), ("E119", 1, "Plain"), ("E10", 0, "Type 1"), ("P70", 0, "Transitory")]
    rows += [("A00", 0, "Cholera"), ("A02", 0, "Other"), ("Z79", 0, "Therapy")]
    take(
        held,
        write(tmp_path, "icd10cm_order_2027.txt", order_file(rows=rows)),
        write(tmp_path, "icd10cm-tabular-2027.xml", TABULAR),
    )
    sets = code_sets(held.folder)
    on = date(2026, 12, 1)
    assert sets.covers("icd10cm_notes", on)
    wanted = {"excludes1": "E10 P70", "code_first_codes": "A00 A01 A02", "use_additional_codes": "Z79"}
    assert {name: sets.attribute("icd10cm", "E119", name, on) for name in wanted} == wanted
    assert sets.attribute("icd10cm", "E11", "code_first", on) == ""
    assert sets.table("icd10cm_notes", on).seventh_meanings("E119XXA") == {"A": "initial"}
    assert sets.attribute("icd10cm", "E119", "excludes1", AUGUST)  # what is shipped, for its own year


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TABULAR[:900], "breaks off"),
        (TABULAR.replace("<chapter><name>x</name></chapter>", "", 1), "21 chapters of 22"),
    ],
)
def test_a_part_of_the_tabular_list_is_refused(tmp_path, data, words):
    refused = told(tmp_path, "icd10cm-tabular-2027.xml", data)
    assert words in str(refused) and refused.refusals[0].line >= 1


def test_an_index_is_found_by_its_words(tmp_path):
    held = library(tmp_path)
    index = """<ICD10CM.index><version>2027</version><title>ICD-10-CM INDEX</title><letter><title>F</title>
      <mainTerm><title>Fracture<nemod>(closed)</nemod></title><see>Break</see>
      <term level="1"><title>femur</title><code>S72.-</code></term></mainTerm></letter></ICD10CM.index>"""
    drugs = """<ICD10CM.index><version>2027</version><indexHeading><head col="1">Substance</head></indexHeading>
      <letter><mainTerm><title>Aspirin</title><cell col="2">T39.011</cell><cell col="6">T39.015</cell></mainTerm></letter>
      </ICD10CM.index>"""
    take(
        held,
        write(tmp_path, "icd10cm-index-2027.xml", index),
        write(tmp_path, "icd10cm-drug-2027.xml", drugs),
    )
    sets = code_sets(held.folder)
    on = date(2027, 1, 1)
    assert sets.table("icd10cm_index", on).find("femur fract")[0][:3] == ("Fracture > femur", "", "S72.-")
    assert sets.table("icd10cm_table_drugs", on).find("aspirin")[0][2] == "T39.011||||T39.015|"


# HCPCS ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "width"), [("HCPC2026_JUL_ANWEB.txt", 293), ("HCPC2026_JUL_ANWEB_v2.txt", 320)])
def test_both_widths_of_the_hcpcs_file_are_read(tmp_path, name, width):
    held = library(tmp_path)
    last = [
        anweb_line("V5999", title="Injection, something long", width=width, short="Short", last="20260731"),
        anweb_line("V5999", "4", title="and its second line", width=width),
    ]
    report = take(held, write(tmp_path, name, b"***Disclaimers\r\n\r\n" + anweb_file(*last, width=width)))
    assert [(step.record.set_name, step.record.start) for step in report.steps] == [
        ("hcpcs", START),
        ("modifier", START),
    ]
    sets = code_sets(held.folder)
    assert sets.entry("hcpcs", "V5999", START).label == "Injection, something long and its second line"
    assert sets.state("hcpcs", "V5999", date(2026, 7, 31)) is State.VALID  # the termination date is the last good day
    assert sets.state("hcpcs", "V5999", date(2026, 8, 1)) is State.NOT_EFFECTIVE
    assert sets.state("hcpcs", "J1100", AUGUST) is State.NOT_EFFECTIVE  # known once, not in this quarter's file


def sheet_rows() -> list[list[str]]:
    names = [
        *("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "COV", "BETOS", "ADD DT", "ACT EFF DT"),
        *("TERM DT", "ACTION CD"),
    ]
    rows = [["***Disclaimers"], [], names]
    rows += [
        [f"{letter}1234", "0010", "3", f"Item {letter}", "Short", "C", "O1E", "20100101", "20100101", "", "N"]
        for letter in HCPCS_LETTERS
    ]
    rows.append(["V1234", "0020", "4", "second line", "", "", "", "", "", "", ""])
    return rows


def test_the_workbook_gives_what_the_text_gives(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "HCPC2026_JUL_ANWEB.xlsx", workbook(sheet_rows())))
    assert code_sets(held.folder).entry("hcpcs", "V1234", AUGUST).label == "Item V second line"
    missing = [row[:8] + row[9:] for row in sheet_rows() if len(row) > 8]
    refused = told(tmp_path, "HCPC2026_JUL_ANWEB.xlsx", workbook(missing))
    assert "ACT EFF DT are missing" in str(refused) and refused.refusals[0].line == 1


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (anweb_line("99213", title="Office visit"), "99213 is a CPT code"),
        (anweb_line("D0120", title="Oral exam"), "D0120 is a dental"),
        (anweb_line("1E+10", title="Spoiled"), "turned into a number"),
        (anweb_line("V9999", added="20261301"), "20261301 is no date"),
        (anweb_line("V9999", added="20261001"), "takes effect on 2026-10-01"),
        (anweb_line("V1234", title="Again"), "given twice"),
        (anweb_line("V9999", "4", title="Lost its first line"), "without its first record"),
        (anweb_line("V9999")[:60], "cut off at 60"),
        ("Total records: 12", "no HCPCS record"),
    ],
)
def test_a_bad_record_is_named_by_its_line(tmp_path, extra, words):
    refused = told(tmp_path, "HCPC2026_JUL_ANWEB.txt", anweb_file(extra))
    line = len(anweb_lines()) + 1
    assert any(words in refusal.reason and refusal.line == line for refusal in refused.refusals), str(refused)


def test_a_truncated_hcpcs_file_and_a_wrong_quarter(tmp_path):
    whole = anweb_file()
    assert "ends in the middle" in str(told(tmp_path, "HCPC2026_JUL_ANWEB.txt", whole[:-40]))
    half = b"\r\n".join(whole.split(b"\r\n")[:6]) + b"\r\n"
    assert "cut off" in str(told(tmp_path, "HCPC2026_JUL_ANWEB.txt", half))
    refused = told(tmp_path, "HCPC2026_JUL_ANWEB.txt", whole, start=date(2026, 1, 1), end=date(2026, 4, 1))
    assert "by its name and --start says 2026-01-01" in str(refused)
    assert "does not say its quarter" in str(told(tmp_path, "anweb.txt", whole))


def test_a_bare_list_of_codes_needs_dates_and_takes_titles_from_what_is_shipped(tmp_path):
    data = "A0021\r\nJ1100\r\nV5364\r\nQ9999\r\n"
    assert "does not say its quarter" in str(told(tmp_path, "codes.txt", data))
    held = library(tmp_path)
    take(held, write(tmp_path, "codes.txt", data), start=date(2026, 10, 1), end=date(2027, 1, 1))
    sets = code_sets(held.folder)
    assert sets.entry("hcpcs", "J1100", date(2026, 10, 1)).label.startswith("Injection, dexamethasone")
    assert sets.entry("hcpcs", "Q9999", date(2026, 10, 1)).label == ""
    refused = told(tmp_path, "codes.txt", data + "99213\r\n", **QUARTER)
    assert refused.refusals[0].line == 5 and "CPT code" in str(refused)


# Plain lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "CPT Code,Long Description,Effective Date,Deleted\n99213,Own words,2021-01-01,\n99201,Own words,,2020-12-31\n",
        "Concept Id\tCPT Code\tLong\tMedium\tShort\n1\t99213\tOwn words\tOwn\tO\n2\t99201\tOwn words\tOwn\tO\n",
        "code,start,end\n99213,,\n99201,,2021-01-01\n",
        "Copyright notice of the owner\r\n\r\n99201 OWN WORDS\r\n99213 OWN WORDS\r\n99214 OWN WORDS\r\n",
        "99213\tOwn words here\n99201\tOwn words here\n99214\tOwn words here\n",
    ],
)
def test_cpt_comes_in_the_usual_layouts(tmp_path, data):
    held = library(tmp_path)
    report = take(held, write(tmp_path, "mine.txt", data))
    assert report.steps[0].record.set_name == "cpt"
    sets = code_sets(held.folder)
    assert sets.state("procedure", "99213", AUGUST) is State.VALID
    assert sets.state("procedure", "99999", AUGUST) is State.UNKNOWN
    if "2020-12-31" in data or "2021-01-01\n" in data:
        assert sets.state("cpt", "99201", date(2020, 12, 31)) is State.VALID
        assert sets.state("cpt", "99201", date(2021, 1, 1)) is State.NOT_EFFECTIVE


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        ("cpt code,name\n99213,A\n1.00E+10,B\n", 3, "turned into a number"),
        ("cpt code,name\n99213,A\n1E10,B\n", 3, "turned into a number"),
        ("cpt code,name\n99213,A\n213,B\n", 3, "lost its leading zeros"),
        ("cpt code,name\n99213,A\n10-Jan,B\n", 3, "turned into a date"),
        ("cpt code,name\n99213,A\n99213,B\n", 3, "given twice"),
        ("cpt code,name\n99213,A\nJ1100,B\n", 3, "HCPCS Level II code in a list of CPT"),
        ("cpt code,start,end\n99213,soon,\n", 2, "soon is no date"),
        ("cpt code,start,end\n99213,2021-01-01,2020-01-01\n", 2, "ends before it starts"),
        ("cpt code,name\n99213,A,b,c\n", 2, "cells under 2 headings"),
        ("code,name\n01,A\n02,B\n", 1, "does not say what its codes are"),
        ("revenue code,name\n0450,A\n450,B\n", 3, "lost its leading zeros"),
        ("pos code,name\n11,A\n2,B\n", 3, "lost its leading zeros"),
        ("type of bill,name\n0131,A\n9131,B\n", 3, "has not the form"),
        ("payer id,name\n60054,A\n,B\n", 3, "(blank)"),
    ],
)
def test_a_spoiled_list_names_the_row(tmp_path, data, line, words):
    refused = told(tmp_path, "list.csv", data)
    assert any(refusal.line == line and words in refusal.reason for refusal in refused.refusals), str(refused)


def test_a_workbook_restores_what_it_can_and_refuses_what_it_lost(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "cpt.xlsx", workbook([["cpt code", "name"], [99213, "Own"], ["0001U", "Own"]])))
    assert code_sets(held.folder).state("cpt", "99213", AUGUST) is State.VALID
    refused = told(tmp_path, "rev.xlsx", workbook([["revenue code", "name"], [450, "Own"]]))
    assert refused.refusals[0].line == 2 and "leading zeros" in str(refused)


def test_the_set_asked_for_must_not_contradict_the_column(tmp_path):
    assert "--set says revenue" in str(told(tmp_path, "list.csv", "cpt code\n99213\n", set_name="revenue"))
    assert "no list called nonsense" in str(told(tmp_path, "list.csv", "code\n99213\n", set_name="nonsense"))
    held = library(tmp_path)
    take(held, write(tmp_path, "list.csv", "code,name\n1,A\n2,B\n"), set_name="admission_source")
    assert code_sets(held.folder).entry("admission_source", "2").label == "B"


def test_places_keep_the_facility_flag_and_bills_their_four_digits(tmp_path):
    held = library(tmp_path)
    take(
        held,
        write(tmp_path, "pos.csv", "pos_code,pos_type,pos_name\n11,Non-Facility,Office\n22,Facility,Outpatient\n"),
        write(tmp_path, "tob.csv", "type of bill,name\n131,Own\n"),
    )
    sets = code_sets(held.folder)
    assert [sets.attribute("pos", code, "facility") for code in ("11", "22")] == ["no", "yes"]
    assert sets.state("type_of_bill", "0131", AUGUST) is State.VALID


def test_each_heading_belongs_to_one_list():
    assert len(BY_HEADING) == sum(len(each.headings) for each in LIST_SETS)
    for each in LIST_SETS:
        assert each.matches(each.example), each.name


# X12 and NUCC --------------------------------------------------------------------------------------------------------


def test_dates_of_x12_lists_stand_in_the_description(tmp_path):
    held = library(tmp_path)
    report = take(held, write(tmp_path, "claim-adjustment-reason-codes.csv", CARC))
    assert (report.steps[0].record.set_name, report.steps[0].record.edition) == ("carc", date(2025, 7, 1))
    sets = code_sets(held.folder)
    assert sets.entry("carc", "1", AUGUST).label == "Own words for one."
    assert sets.state("carc", "2", date(2025, 6, 30)) is State.VALID
    assert sets.state("carc", "2", date(2025, 7, 1)) is State.NOT_EFFECTIVE
    assert sets.state("carc", "1", date(1994, 12, 31)) is State.NOT_EFFECTIVE


def test_a_newer_list_takes_the_place_of_the_older_and_never_the_other_way_in_silence(tmp_path):
    held = library(tmp_path)
    take(held, write(tmp_path, "carc.csv", CARC))
    newer = write(tmp_path, "carc-new.csv", CARC + '3,"Own words. Start: 03/01/2026"\n')
    report = take(held, newer)
    assert report.steps[0].replaces and report.steps[0].changes.added == 1
    with pytest.raises(CannotImport, match="is older than"):
        take(held, write(tmp_path, "carc.csv", CARC))


@pytest.mark.parametrize(
    ("name", "code", "wanted"),
    [("remark-codes.csv", "M15", "rarc"), ("x.csv", "MA130", "rarc"), ("508.csv", "20", "claim_status"),
     ("claim-status-category-codes.csv", "A1", "claim_status_category")],
)  # fmt: skip
def test_other_x12_lists(tmp_path, name, code, wanted):
    held = library(tmp_path)
    take(held, write(tmp_path, name, f'Code,Description\n{code},"Own words Start: 01/01/1997"\n'))
    assert code_sets(held.folder).entry(wanted, code, AUGUST).label == "Own words"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1E10,Own words Start: 01/01/1995\n", "turned into a number"),
        ('N5,"Own words Start: 13/45/1995"\n', "has not the form"),
        ('5,"Own words Start: 13/45/1995"\n', "is no date"),
        ("5\n", "no description"),
        ('1,"Again Start: 01/01/1995"\n', "given twice"),
        ('5,"Own words Start: 01/01/1995 Stop: 01/01/1990"\n', "stops before it starts"),
    ],
)
def test_a_bad_row_of_an_x12_list_is_named(tmp_path, row, words):
    refused = told(tmp_path, "carc.csv", CARC + row)
    assert any(words in refusal.reason and refusal.line == 6 for refusal in refused.refusals), str(refused)


def test_taxonomy_of_nucc(tmp_path):
    rows = [f'{number:03d}Q00000X,G,Class {number},Sub,"Words, own",,,Individual' for number in range(600)]
    held = library(tmp_path)
    report = take(held, write(tmp_path, "nucc_taxonomy_261.csv", TAXONOMY_HEADER + "\n".join(rows) + "\n"))
    assert (report.steps[0].record.label, report.steps[0].record.edition) == ("NUCC 26.1", date(2026, 7, 1))
    sets = code_sets(held.folder)
    assert sets.entry("taxonomy", "207Q00000X", AUGUST).label == "Class 207 - Sub"
    assert sets.attribute("taxonomy", "207Q00000X", "section", AUGUST) == "Individual"
    assert sets.state("taxonomy", "999Q00000X", AUGUST) is State.UNKNOWN
    short = told(tmp_path, "nucc_taxonomy_261.csv", TAXONOMY_HEADER + "\n".join(rows[:100]) + "\n")
    assert "only 100 codes" in str(short)


def test_what_a_file_is_does_not_hang_on_its_name(tmp_path):
    files = {"a": order_file(), "b": anweb_file(), "c": CARC.encode(), "d": TABULAR.encode(), "e": PCS.encode()}
    wanted = {"a": "icd10cm", "b": "hcpcs", "c": "x12_list", "d": "icd10cm_tabular", "e": "icd10pcs"}
    for name, data in files.items():
        path = write(tmp_path, name, data)
        loader = recognised(Source(name, lambda path=path: path.open("rb")))
        assert loader is not None and loader.name == wanted[name]
