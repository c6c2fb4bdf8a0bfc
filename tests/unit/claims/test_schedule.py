"""Appointments from HL7 SIU, FHIR and CSV: one noun, faults as data, no exception for any content."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from claimwright.claims.from_csv.schedule import read_schedule
from claimwright.claims.from_fhir.appointments import read_appointments
from claimwright.claims.from_hl7.schedule import read_siu

S12 = (
    "MSH|^~\\&|SCHED|CLINIC|CLAIMWRIGHT|LAKESIDE|20260820101500-0500||SIU^S12^SIU_S12|M1|P|2.5.1\r"
    "SCH|P100|F200||||^routine|OFFICE^Office visit|^Follow-up|30|min|^^30^20260831090000^20260831093000||||||||||||||BOOKED\r"
    "PID|1||MRN1001^^^LAKESIDE^MR~999^^^X^SS||TESTER^ANNA^M||19800517|F|||12 BIRCH ST^^MADISON^WI^53703-4321||(608) 555-0142\r"
    "PV1|1|O|MAIN^^^Main office||||1234567893^DOCTOR^DORA||||||||||||V77\r"
    "RGS|1\rAIS|1||99213^Office visit|20260831090000\rAIL|1||MAIN\rAIP|1||1234567893^DOCTOR^DORA\r"
)


def test_a_new_appointment():
    read = read_siu(S12.encode(), name="siu.hl7")
    assert read.problems == ()
    (found,) = read.appointments
    assert (found.appointment_id, found.status, found.minutes, found.account) == ("F200", "booked", 30, "V77")
    assert found.starts_at == datetime(2026, 8, 31, 9, 0)
    assert (found.practitioner_npi, found.location, found.visit_type) == ("1234567893", "MAIN", "Follow-up")
    patient = found.patient
    assert (patient.record_number, patient.last_name, patient.first_name, patient.sex) == (
        "MRN1001", "TESTER", "ANNA", "F",
    )  # fmt: skip
    assert (patient.birth_date, patient.address.postal_code, patient.phone) == (
        date(1980, 5, 17), "537034321", "6085550142",
    )  # fmt: skip
    assert found.stamp == "20260820101500"


@pytest.mark.parametrize(
    ("trigger", "filler", "status"),
    [
        ("S12", "BOOKED", "booked"), ("S13", "BOOKED", "booked"), ("S14", "", "booked"), ("S14", "NOSHOW", "no_show"),
        ("S14", "STARTED", "arrived"), ("S14", "CANCELLED", "cancelled"), ("S15", "BOOKED", "cancelled"),
        ("S17", "", "cancelled"), ("S26", "", "no_show"),
    ],
)  # fmt: skip
def test_triggers(trigger, filler, status):
    (found,) = read_siu(S12.replace("S12", trigger).replace("BOOKED", filler).encode()).appointments
    assert found.status == status


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_many_messages_with_any_line_end_framed_or_in_a_batch(end):
    framed = "\x0b" + S12 + "\x1c\r" + S12.replace("F200", "F201")
    batch = "FHS|^~\\&\rBHS|^~\\&\r" + framed + "BTS|2\rFTS|1\r"
    read = read_siu(batch.replace("\r", end).encode())
    assert [one.appointment_id for one in read.appointments] == ["F200", "F201"] and not read.problems


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("|F200|", "||", None), ("SCH|P100|F200", "SCH||", "NO_APPOINTMENT_ID"), ("MRN1001^^^LAKESIDE^MR~", "", "NO_RECORD_NUMBER"),
        ("TESTER^ANNA^M", "", "NO_PATIENT"), ("19800517", "19801345", "NO_PATIENT"), ("20260831", "2026XX31", "NO_START"),
        ("SIU^S12", "ADT^A04", "OTHER_MESSAGE"), ("SIU^S12", "SIU^S99", "OTHER_MESSAGE"), ("MSH|^~\\&", "MSH", "BAD_MESSAGE"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_costs_one_message(old, new, code):
    read = read_siu((S12.replace(old, new) + S12.replace("F200", "GOOD")).encode(), name="f")
    assert read.appointments[-1].appointment_id == "GOOD"
    if code is None:
        assert read.appointments[0].appointment_id == "P100"  # the placer's id serves where the filler gave none
    else:
        assert [(one.code, one.place) for one in read.problems] == [(code, "f message 1")]


def test_a_cancellation_needs_its_id_alone():
    text = "MSH|^~\\&|S|C|||20260821||SIU^S15|M2|P|2.3\rSCH||F200||||^Patient ill\r"
    (found,) = read_siu(text.encode()).appointments
    assert (found.status, found.reason, found.appointment_id) == ("cancelled", "Patient ill", "F200")


@pytest.mark.parametrize(
    ("field", "unit", "minutes"),
    [("30", "min", 30), ("1", "HR", 60), ("1800", "S", 30), ("abc", "min", 30), ("", "", 30)],
)
def test_minutes(field, unit, minutes):
    text = S12.replace("|30|min|", f"|{field}|{unit}|")
    assert read_siu(text.encode()).appointments[0].minutes == minutes


def test_a_start_with_its_zone():
    text = S12.replace("20260831090000", "20260831090000-0500")
    assert read_siu(text.encode()).appointments[0].starts_at == datetime(
        2026, 8, 31, 9, tzinfo=timezone(timedelta(hours=-5))
    )


def test_no_hl7_at_all():
    assert [one.code for one in read_siu(b"PID|1", name="x").problems] == ["NOT_HL7"]
    assert [one.code for one in read_siu(b"").problems] == ["NOT_HL7"]


@settings(max_examples=150, deadline=None)
@given(some.data())
def test_no_message_makes_it_raise(data):
    text = list(S12)
    for _ in range(data.draw(some.integers(1, 12))):
        place = data.draw(some.integers(0, len(text) - 1))
        text[place] = data.draw(some.sampled_from(["|", "^", "~", "\\", "&", "\r", "", "M", "9", "\x0b", "é"]))
    read_siu("".join(text).encode())


def test_problems_hold_no_patient_value():
    read = read_siu((S12.replace("F200", "").replace("P100", "") * 2).encode())
    assert read.problems and not any("TESTER" in str(one) or "MRN1001" in str(one) for one in read.problems)


def bundle(**changes):
    appointment = {
        "resourceType": "Appointment", "id": "a1", "identifier": [{"system": "urn:s", "value": "F200"}],
        "status": "booked", "start": "2026-08-31T09:00:00-05:00", "end": "2026-08-31T09:30:00-05:00",
        "serviceType": [{"text": "Follow-up"}], "meta": {"lastUpdated": "2026-08-20T10:15:00-05:00"},
        "participant": [{"actor": {"reference": "Patient/p1"}}, {"actor": {"reference": "Practitioner/d1"}},
                        {"actor": {"reference": "Location/l1"}}],
    }  # fmt: skip
    people = [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1980-05-17", "gender": "female",
         "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "MRN1001"}],
         "name": [{"use": "official", "family": "Tester", "given": ["Anna"]}]},
        {"resourceType": "Practitioner", "id": "d1",
         "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]},
        {"resourceType": "Location", "id": "l1", "name": "Main office"},
    ]  # fmt: skip
    found = {key: value for key, value in (appointment | changes).items() if value is not None}
    resources = [found, *people]
    return json.loads(json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}))


def test_a_fhir_appointment():
    read = read_appointments(bundle(), name="b.json")
    assert read.problems == ()
    (found,) = read.appointments
    assert (found.appointment_id, found.status, found.minutes, found.practitioner_npi) == (
        "F200",
        "booked",
        30,
        "1234567893",
    )
    assert found.starts_at.astimezone(UTC) == datetime(2026, 8, 31, 14, tzinfo=UTC)
    assert (found.patient.record_number, found.location, found.visit_type) == ("MRN1001", "Main office", "Follow-up")
    assert found.stamp == "20260820151500"


@pytest.mark.parametrize(
    ("changes", "codes", "status"),
    [
        ({"status": "fulfilled"}, [], "arrived"), ({"status": "checked-in"}, [], "arrived"),
        ({"status": "noshow"}, [], "no_show"), ({"status": "cancelled", "participant": None, "start": None}, [], "cancelled"),
        ({"status": "entered-in-error"}, [], "cancelled"), ({"status": "proposed"}, ["NOT_BOOKED"], None),
        ({"status": "soon"}, ["UNKNOWN_STATUS"], None), ({"start": "2026-08-31T09:00:00"}, ["NO_START"], None),
        ({"start": 7}, ["NO_START"], None), ({"participant": []}, ["NO_RECORD_NUMBER", "NO_PATIENT"], None),
        ({"identifier": None}, [], "booked"), ({"identifier": None, "id": None}, ["NO_APPOINTMENT_ID"], None),
    ],
)  # fmt: skip
def test_fhir_states_and_faults(changes, codes, status):
    read = read_appointments(bundle(**changes))
    assert [one.code for one in read.problems] == codes
    assert [one.status for one in read.appointments] == ([status] if status else [])


def test_a_bundle_without_appointment():
    assert [one.code for one in read_appointments({"resourceType": "Bundle"}).problems] == ["NO_APPOINTMENT"]


HEADER = "appointment_id,mrn,last,first,dob,sex,date,time,minutes,provider_npi,location,type,status\n"
ROW = "F200,MRN1001,Tester,Anna,1980-05-17,F,2026-08-31,9:00 AM,30,1234567893,MAIN,Follow-up,\n"


def test_a_csv_schedule():
    (found,) = read_schedule((HEADER + ROW).encode()).appointments
    assert (found.appointment_id, found.starts_at, found.minutes) == ("F200", datetime(2026, 8, 31, 9), 30)
    assert found.patient.last_name == "TESTER"


@pytest.mark.parametrize(
    ("text", "hour"), [("9:00", 9), ("12:00 AM", 0), ("12:00 PM", 12), ("1:00 pm", 13), ("23:00", 23), ("09:00:00", 9)]
)
def test_times(text, hour):
    assert read_schedule((HEADER + ROW.replace("9:00 AM", text)).encode()).appointments[0].starts_at.hour == hour


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("9:00 AM", "25:00", "BAD_TIME"), ("9:00 AM", "13:00 PM", "BAD_TIME"), ("9:00 AM", "0.375", "BAD_TIME"),
        ("2026-08-31", "46265", "EXCEL_DAMAGE"), ("1234567893", "1234567890", "BAD_NPI"), ("MRN1001", "", "NO_RECORD_NUMBER"),
        ("F200", "", "NO_APPOINTMENT_ID"), ("F200", "2.0E+05", "EXCEL_DAMAGE"), ("Follow-up,", "Follow-up,maybe", "BAD_CODE"),
        ("1980-05-17", "", "NO_PATIENT"), ("2026-08-31", "", "NO_START"),
    ],
)  # fmt: skip
def test_wrong_rows_are_named_and_the_others_taken(old, new, code):
    read = read_schedule((HEADER + ROW.replace(old, new) + ROW.replace("F200", "F201")).encode(), name="s.csv")
    assert [one.appointment_id for one in read.appointments] == ["F201"]
    assert code in [one.code for one in read.problems] and read.problems[0].place.startswith("s.csv row 2")


def test_an_id_twice_and_a_file_that_is_none():
    read = read_schedule((HEADER + ROW + ROW).encode(), name="s.csv")
    assert len(read.appointments) == 1 and [one.code for one in read.problems] == ["DUPLICATE_ROW"]
    assert [one.code for one in read_schedule(b"a,b\n1,2\n").problems] == ["BAD_HEADER"]
