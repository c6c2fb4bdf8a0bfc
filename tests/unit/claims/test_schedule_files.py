"""What a file is, told by what is in it: a schedule of one of three kinds, or none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from claimwright.claims.schedule_files import kind_of_schedule
from tests.unit.claims.test_schedule import HEADER, ROW, S12, bundle

ADT = S12.replace("SIU^S12^SIU_S12", "ADT^A04")


def with_encounter():
    made = bundle()
    made["entry"].append({"resource": {"resourceType": "Encounter", "id": "E1", "status": "finished"}})
    return made


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (S12, "hl7"), ("\ufeff" + S12, "hl7"), ("\x0b" + S12 + "\x1c\r", "hl7"), (S12.replace("\r", "\n"), "hl7"),
        ("FHS|^~\\&\rBHS|^~\\&\r" + S12 + "BTS|1\rFTS|1\r", "hl7"), (ADT + S12, "hl7"), (S12.replace("|", "#"), "hl7"),
        (ADT, ""), (ADT.replace("SCHED", "SIU"), ""), ("MSH|^~\\&|SIU", ""), ("MSHRUG|SIU", ""), ("MSH", ""),
        (json.dumps(bundle()), "fhir"), ("\n " + json.dumps(bundle(), indent=1), "fhir"), (json.dumps(with_encounter()), ""),
        ('{"resourceType": "Appointment", "id": "A1"}', "fhir"),  # its refusal says what is wrong with it
        ('{"resourceType": "Bundle"}', ""), ("{", ""),
        (HEADER + ROW, "csv"), ((HEADER + ROW).replace(",", ";"), "csv"), ("\ufeff" + HEADER.upper() + ROW, "csv"),
        ("Appointment ID,Date,Time\n", "csv"), ("external_id,mrn,last,date,time\nV1,1,A,B,C\n", ""), ("appointment_id\n1\n", ""),
        ("ISA*00*", ""), ("<html>appointment_id,date,time", ""), ("", ""), ("\x00\x01", ""), ('"open', ""),
    ],
)  # fmt: skip
def test_kinds(content, kind):
    assert kind_of_schedule(content.encode()) == kind


def test_a_spreadsheets_utf_16_and_a_long_file():
    assert kind_of_schedule((HEADER + ROW).encode("utf-16")) == "csv"
    assert kind_of_schedule((HEADER + ROW * 3000 + "Ä" * 70_000).encode()) == "csv"


@given(some.binary(max_size=300))
def test_junk_never_raises(data):
    for lead in (b"", b"MSH|", b"{", b'{"resourceType":"Appointment"', b"appointment_id,date,time,"):
        assert kind_of_schedule(lead + data) in ("", "hl7", "fhir", "csv")
