"""Messages of other systems: stored, taken in once through the screens' own services, answered, replayed when mended."""

from __future__ import annotations

import json

import pytest

from tests.lib.practices import work_items
from tests.unit.claims.test_hl7_messages import DG1, PID, PV1, ft1, header, message, segment
from tests.unit.claims.test_schedule import S12, bundle

COVER = segment("IN1", _1="1", _3="60001", _4="NORTHERN MUTUAL", _12="20260101", _17="SEL", _36="W12345678")


def dft(control="M1", *charges, pid=PID):
    return message(header("DFT^P03", control), pid, PV1, *(charges or (ft1(_7="99213^^C4"),)), DG1, own_cover())


def own_cover():
    from tests.lib.builders import COMMERCIAL

    return COVER.replace("60001", COMMERCIAL.payer_id)


def send(tenant, content, source="mllp"):
    """What the sender is answered: the code and the control id."""
    from claimwright.web.operations.interfaces import answer_message

    answer = answer_message(tenant=tenant, content=content, source=source).decode()
    found = next(line for line in answer.split("\r") if line.startswith("MSA")).split("|")
    return found[1], found[2]


def see(tenant, question):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return question()


def visits():
    from claimwright.web.charges.models import ChargeLine, Encounter

    rows = Encounter.objects.order_by("external_id").values_list("source", "state")
    return list(rows), list(ChargeLine.objects.order_by("line_id").values_list("code", flat=True))


def messages_by_state():
    from claimwright.web.operations.models import InterfaceMessage

    rows = InterfaceMessage.objects.order_by("received_at").values_list("kind", "state", "part__fate", "reason_code")
    return list(rows)


def test_a_patient_an_appointment_and_charges_come_by_message_once(tenant, other_tenant, clinic):
    from claimwright.web.patients.models import Patient

    assert send(tenant, message(header("ADT^A04", "A1"), PID, PV1, own_cover())) == ("AA", "A1")
    assert see(tenant, visits) == ([("schedule", "ARRIVED")], [])
    two = ft1(_1="2", _2="T2", _7="87880^^C4")
    charged = message(header("DFT^P03", "D1"), PID, PV1, ft1(_7="99213^^C4", _11="150.00"), two, DG1)  # no IN1
    assert send(tenant, charged) == ("AA", "D1")
    once = ([("hl7", "CLAIMED")], ["99213", "87880"])
    assert see(tenant, visits) == once  # the visit that arrived is the one that is charged; its cover came by the ADT
    assert send(tenant, charged) == ("AA", "D1")  # the same bytes
    assert send(tenant, charged.replace(b"20260826101500", b"20260826111500")) == (
        "AA",
        "D1",
    )  # sent again, another MSH-7
    assert send(tenant, charged.replace(b"|D1|", b"|D2|")) == ("AA", "D2")  # the same charges under a new id
    assert see(tenant, visits) == once
    assert send(tenant, charged.replace(b"|150.00", b"|900.00")) == ("AE", "D1")  # an id used twice
    assert see(tenant, visits) == once
    assert see(tenant, lambda: Patient.objects.get().record_number) == "MRN1"
    assert [row[1] for row in see(tenant, messages_by_state)] == ["done", "done", "duplicate", "done", "failed"]
    assert see(other_tenant, messages_by_state) == []


def test_what_an_update_leaves_out_stays_and_an_older_one_undoes_nothing(tenant, clinic):
    from claimwright.web.patients.models import Patient

    newer = header("ADT^A08", "U2", _6="20260827101500")
    send(tenant, message(header("ADT^A28", "U1"), PID))
    send(tenant, message(newer, segment("PID", _3="MRN1^^^LAKE^MR", _5='NEWNAME^ANNA^""', _7="19800517")))
    send(tenant, message(header("ADT^A08", "U0", _6="20260825101500"), PID))  # older, and came late
    content = see(tenant, lambda: Patient.objects.get().content)
    assert (content["last_name"], content.get("middle_name", ""), content["phone"]) == ("NEWNAME", "", "6085550142")


def test_charges_held_for_a_code_go_out_after_the_mend_and_once(tenant, clinic):
    from claimwright.web.operations.interface_settings import add_code
    from claimwright.web.operations.interfaces import replay_waiting
    from claimwright.web.operations.models import Interface

    assert send(tenant, dft("M1", ft1(_7="OV3"))) == ("AA", "M1")  # it waits here: the sender has nothing to mend
    assert see(tenant, visits) == ([("hl7", "HELD")], [])
    assert ("intake_unmapped_codes", "UNMAPPED_CODE") in see(tenant, work_items)
    assert replay_waiting(tenant=tenant) == (1, 1)
    see(tenant, lambda: add_code(interface=Interface.objects.get(), kind="charge", theirs="OV3", ours="99213"))
    assert replay_waiting(tenant=tenant) == (1, 0)
    assert see(tenant, visits) == ([("hl7", "CLAIMED")], ["99213"])
    assert replay_waiting(tenant=tenant) == (0, 0)
    late = dft("M2", ft1(_2="T9", _7="93000^^C4"))
    assert send(tenant, late) == ("AA", "M2")  # more of the same visit: a second claim would be a duplicate
    assert see(tenant, visits)[0] == [("hl7", "CLAIMED"), ("hl7", "HELD")]
    assert ("intake_problems", "LATE_CHARGE") in see(tenant, work_items)


def test_a_sender_without_practice_waits_and_is_replayed(tenant, clinic):
    from claimwright.web.operations.interface_settings import save_interface
    from claimwright.web.operations.interfaces import replay_waiting
    from claimwright.web.operations.models import Interface
    from claimwright.web.practice.models import Practice

    see(tenant, second)
    assert send(tenant, dft()) == ("AA", "M1")
    assert see(tenant, visits) == ([], [])
    assert see(tenant, work_items) == [("interface_messages", "UNKNOWN_SENDER")]

    def name_it():
        practice = Practice.objects.get(npi=clinic.practice.npi)
        save_interface(
            interface=Interface.objects.get(), practice=practice, is_active=True, takes_test=False, gather_days=0
        )

    see(tenant, name_it)
    assert replay_waiting(tenant=tenant) == (1, 0)
    assert see(tenant, visits) == ([("hl7", "CLAIMED")], ["99213"])
    assert see(tenant, work_items) == []


def second():
    from claimwright.web.practice import services
    from tests.lib.builders import a_billing_provider
    from tests.lib.practices import START

    services.save_practice(provider=a_billing_provider(npi="1993999998"), start=START)


@pytest.mark.parametrize(
    ("content", "answer", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "AR", "NOT_HL7"),
        (message(header("ORU^R01"), PID), "AR", "OTHER_MESSAGE"),
        (message(header("ADT^A08"), segment("PID", _5="TESTER^ANNA")), "AE", "NO_PATIENT"),
    ],
)
def test_what_is_not_taken_is_kept_and_answered(tenant, clinic, content, answer, code):
    assert send(tenant, content)[0] == answer
    ((_, state, fate, found),) = see(tenant, messages_by_state)
    assert (state, found) == ("failed", code)
    assert fate == ("quarantined" if answer == "AR" else "held")
    assert see(tenant, work_items) == [("interface_messages", code)]


def test_what_the_sender_mends_and_sends_again_under_its_id_is_taken(tenant, clinic):
    from claimwright.web.operations.interface_settings import save_interface
    from claimwright.web.operations.interfaces import close_message
    from claimwright.web.operations.models import Interface, InterfaceMessage
    from claimwright.web.patients.models import Patient

    bare, later = message(header("ADT^A08", "B1"), segment("PID", _5="TESTER^ANNA")), b"20260826111500"
    assert send(tenant, bare) == ("AE", "B1")
    assert send(tenant, bare.replace(b"20260826101500", later)) == ("AE", "B1")  # tried again, and waits once
    assert [row[1] for row in see(tenant, messages_by_state)] == ["failed", "duplicate"]
    assert send(tenant, message(header("ADT^A08", "B1"), PID)) == ("AA", "B1")
    assert see(tenant, lambda: Patient.objects.get().record_number) == "MRN1"
    assert [row[1] for row in see(tenant, messages_by_state)] == ["closed", "duplicate", "done"]
    assert see(tenant, work_items) == []
    assert send(tenant, message(header("ADT^A08", "B1"), PID.replace("ANNA", "BEA"))) == ("AE", "B1")  # that one counts
    # What was refused for a cause of ours: the same once more, when the cause is gone.
    a_test = message(header("ADT^A28", "T1", _10="T"), PID.replace("MRN1^", "MRN7^").replace("ANNA", "CARA"))
    assert send(tenant, a_test) == ("AR", "T1")

    def take_tests():
        row = Interface.objects.get()
        save_interface(interface=row, practice=row.practice, is_active=True, takes_test=True, gather_days=0)

    see(tenant, take_tests)
    assert send(tenant, a_test.replace(b"20260826101500", later)) == ("AA", "T1")
    assert see(tenant, Patient.objects.count) == 2
    # Closed by a person: its id is free as well.
    assert send(tenant, bare.replace(b"|B1|", b"|C1|")) == ("AE", "C1")
    see(tenant, lambda: close_message(message=InterfaceMessage.objects.get(control_id="C1"), why="they send it anew"))
    assert send(tenant, message(header("ADT^A08", "C1"), PID)) == ("AA", "C1")


NUL_PLACES = {"MSH-3": b"EHR", "MSH-9": b"ADT^A28", "MSH-10": b"N1", "PID-5": b"TESTER"}


@pytest.mark.parametrize("nul", [b"\x00", b"\\X00\\"], ids=["a byte", "an escape"])
def test_a_nul_costs_no_message_and_no_text_of_a_sender_is_logged(tenant, clinic, nul, caplog):
    from claimwright.web.patients.models import Patient

    sent = message(header("ADT^A28", "N1"), PID)
    for told in NUL_PLACES.values():
        assert told in sent
        sent = sent.replace(told, told[:1] + nul + told[1:], 1)
    assert send(tenant, sent)[0] == "AA"
    assert see(tenant, lambda: Patient.objects.get().last_name) == "TESTER"
    with caplog.at_level("INFO", "claimwright.interfaces"):
        assert send(tenant, message(header("MRN1 TESTER^ANNA"), PID))[0] == "AR"
    said = str([vars(one) for one in caplog.records])
    assert "HL7" in said and "TESTER" not in said


def test_a_bundle_with_a_nul_is_kept_and_refused_in_words(tenant, clinic):
    from claimwright.web.exchange.services import store_received
    from claimwright.web.operations.interfaces import take_file

    content = json.dumps(bundle() | {"meta": {"source": "e\x00hr"}}).encode()
    file = see(tenant, lambda: store_received(source="EHR", name="b.json", content=content))
    (row,) = take_file(tenant=tenant, file_id=file.pk)
    assert (row.state, row.reason_code, row.answer) == ("failed", "BAD_TEXT", "AR")


def test_no_page_and_no_message_reads_its_whole_file_again(tenant, clinic):
    """A file of 20 MB holds thousands of messages: its bytes are read once for all, and for no list at all."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.exchange.services import store_received
    from claimwright.web.operations.interfaces import content_of, take_file, waiting_messages
    from claimwright.web.operations.models import InterfaceMessage

    unread = [message(header("ORU^R01", f"L{n}"), PID) for n in range(3)]
    file = see(tenant, lambda: store_received(source="EHR", name="d.hl7", content=b"".join(unread)))
    with CaptureQueriesContext(connection) as asked:
        take_file(tenant=tenant, file_id=file.pk)
        listed = see(tenant, lambda: list(waiting_messages()))
    assert len(listed) == 3
    assert sum('"exchange_inboxfile"."content"' in one["sql"] for one in asked) == 1
    rows = InterfaceMessage.objects.order_by("part__ordinal").select_related("part")
    assert see(tenant, lambda: [content_of(row) for row in rows]) == unread


def test_a_merge_is_proposed_to_a_person(tenant, clinic):
    from claimwright.web.patients.models import DuplicatePair, Patient

    send(tenant, message(header("ADT^A28", "1"), PID))
    send(tenant, message(header("ADT^A28", "2"), PID.replace("MRN1^", "MRN2^")))
    assert send(tenant, message(header("ADT^A40", "3"), PID, segment("MRG", _1="MRN2^^^LAKE^MR"))) == ("AA", "3")
    assert see(tenant, lambda: DuplicatePair.objects.get().reasons) == ["sender_merged"]
    assert see(tenant, lambda: Patient.objects.filter(merged_into__isnull=False).count()) == 0


def test_files_of_a_connection_hold_messages_of_all_kinds(tenant, clinic):
    from claimwright.web.operations.receive import receive

    lines = b"FHS|^~\\&|EHR\r" + message(header("ADT^A28", "F1"), PID) + S12.encode() + dft("F2") + b"FTS|1\r"
    (clinic.incoming / "day.hl7").write_bytes(lines)
    visit = json.loads(json.dumps(bundle()))
    visit["entry"] += [
        {"resource": {
            "resourceType": "Claim", "id": "c1", "status": "active", "use": "claim", "patient": {"reference": "Patient/p1"},
            "careTeam": [{"sequence": 1, "provider": {"reference": "Practitioner/d1"}}],
            "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": {"coding": [
                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"}]}}],
            "item": [{"sequence": 1, "servicedDate": "2026-08-25", "diagnosisSequence": [1],
                      "locationCodeableConcept": {"coding": [{"code": "11"}]},
                      "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "87880"}]}}],
        }},
        {"resource": {"resourceType": "Coverage", "id": "v1", "status": "active", "subscriberId": "W1",
                      "beneficiary": {"reference": "Patient/p1"}, "relationship": {"coding": [{"code": "self"}]},
                      "payor": [{"reference": "https://evil.example/Organization/1", "display": "NORTHERN MUTUAL"}]}},
    ]  # fmt: skip
    (clinic.incoming / "visits.json").write_bytes(json.dumps(visit).encode())
    report = receive(tenant=tenant)
    assert (report.messages, report.failed, report.quarantined) == (4, 0, 0)
    again = receive(tenant=tenant)
    assert (again.messages, again.files) == (0, 0)
    kinds = sorted(row[:2] for row in see(tenant, messages_by_state))
    assert kinds == [("ADT^A28", "done"), ("DFT^P03", "done"), ("FHIR", "done"), ("SIU^S12", "done")]
    rows, codes = see(tenant, visits)
    assert sorted(rows) == [
        ("fhir", "CLAIMED"),
        ("hl7", "CLAIMED"),
        ("schedule", "SCHEDULED"),
        ("schedule", "SCHEDULED"),
    ]
    assert sorted(codes) == ["87880", "99213"]
