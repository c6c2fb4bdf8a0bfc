"""Registered coverages by record number, laid over what an intake brought."""

from __future__ import annotations

from datetime import date

from claimwright.claims.from_csv.registration import read_registrations, with_registration
from claimwright.claims.nouns import Encounter
from tests.lib.builders import COMMERCIAL, MEDICARE, a_coverage, a_patient

PAYERS = {"NMUT": COMMERCIAL, "MCR": MEDICARE}
HEADER = "mrn,payer,member_id,group,relationship,subscriber_last,subscriber_first,sequence,start,end,address,city,state,zip\n"
FILE = HEADER + (
    "mrn1001,MCR,1EG4TE5MK73,,self,,,P,2026-01-01,,7 Elm St,Madison,WI,537031111\n"
    "MRN1001,NMUT,W77,GRP9,spouse,Tester,Bob,S,2026-01-01,2026-09-01,,,,\n"
    "MRN2,NMUT,W88,,self,,,,,,,,,\n"
)


def encounter(on: date = date(2026, 8, 31), record_number: str = "mrn1001") -> Encounter:
    patient = a_patient(record_number=record_number)
    return Encounter(patient=patient, date_from=on, coverages=(a_coverage(member_id="OLD"),))


def test_registered_coverages_in_force_win() -> None:
    read = read_registrations(FILE.encode(), PAYERS)
    assert read.problems == ()
    assert {number: len(found) for number, found in read.coverages.items()} == {"MRN1001": 2, "MRN2": 1}
    result = with_registration(encounter(), read.patients)
    assert [(c.sequence, c.payer.payer_id, c.member_id) for c in result.coverages] == [
        ("P", "06302", "1EG4TE5MK73"),
        ("S", "60054", "W77"),
    ]
    own, spouse = result.coverages
    assert result.patient.address.line1 == "7 Elm St"
    assert (own.subscriber.last_name, own.subscriber.address) == ("TESTER", result.patient.address)
    assert (spouse.relationship, spouse.subscriber.first_name) == ("01", "Bob")


def test_a_cover_that_ended_is_left_out() -> None:
    read = read_registrations(FILE.encode(), PAYERS)
    result = with_registration(encounter(date(2026, 9, 1)), read.patients)
    assert [coverage.sequence for coverage in result.coverages] == ["P"]


def test_who_is_not_registered_stays_as_he_came() -> None:
    read = read_registrations(FILE.encode(), PAYERS)
    assert with_registration(encounter(record_number="MRN3"), read.patients) == encounter(record_number="MRN3")


def test_wrong_rows_are_left_out_and_named() -> None:
    rows = (
        "M1,NOPE,W1,,,,,,,,,,,\n"
        "M2,NMUT,,,,,,,,,,,,\n"
        "M3,NMUT,W3,,,,,X,,,,,,\n"
        "M4,NMUT,W4,,,,,P,2026-02-01,2026-01-01,,,,\n"
        "M5,NMUT,W5,,,,,P,,,,,,\n"
        "M5,MCR,W6,,,,,P,2026-01-01,,,,,\n"
        "M5,MCR,W7,,,,,S,2026-01-01,,,,,2115\n"
        ",NMUT,W8,,,,,,,,,,,\n"
    )
    read = read_registrations((HEADER + rows).encode(), PAYERS, name="reg.csv")
    assert [(problem.code, problem.place) for problem in read.problems] == [
        ("UNKNOWN_PAYER", "reg.csv row 2, column payer"),
        ("MISSING_VALUE", "reg.csv row 3, column member_id"),
        ("BAD_CODE", "reg.csv row 4, column sequence"),
        ("BAD_DATE", "reg.csv row 5, column end"),
        ("DUPLICATE_SEQUENCE", "reg.csv row 7, column sequence"),
        ("EXCEL_DAMAGE", "reg.csv row 8, column zip"),
        ("MISSING_VALUE", "reg.csv row 9, column mrn"),
    ]
    assert read.coverages.keys() == {"M5"}
    assert len(read.coverages["M5"]) == 1


def test_a_file_without_its_columns_is_refused() -> None:
    read = read_registrations(b"mrn,payer\n", PAYERS)
    assert read.patients == {}
    assert [problem.code for problem in read.problems] == ["BAD_HEADER"]
