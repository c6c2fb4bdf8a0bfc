"""Encounters in: taken once, held with a reason where something is missing, taken up again when it is there."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.lib import practices
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim, a_patient
from tests.lib.killing import KILLED, run_and_die
from tests.lib.practices import states, store, superbill, superbill_row, take_in, visits, work_items


@pytest.fixture
def inside(tenant, clinic):
    """The test runs in the tenant's scope."""
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def encounters():
    from claimwright.web.charges.models import Encounter

    return sorted(Encounter.objects.values_list("external_id", "state"))


def receivable():
    from claimwright.web.accounts.selectors import totals_by_kind

    return {f"{kind.value}/{bucket}": total for (kind, bucket), total in totals_by_kind().items()}


def test_a_superbill_becomes_charges_and_a_draft(inside):
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.exchange.models import InboxPart

    report = take_in(inside, superbill_row(), superbill_row(cpt="87880", charge="40.00"))
    assert (report.encounters, report.claims, report.held, report.problems) == (1, 1, 0, 0)
    assert states() == {"DRAFT": 1}
    assert receivable() == {"RECEIVABLE/INS1": Decimal("190.00"), "REVENUE/": Decimal("-190.00")}
    ids = list(ChargeLine.objects.values_list("line_id", flat=True))
    assert len(set(ids)) == 2
    assert all(len(line_id) <= 30 for line_id in ids)
    assert [part.fate for part in InboxPart.objects.all()] == ["taken_in"]


def test_the_same_visits_again_are_no_second_charge(inside, other_tenant):
    first = take_in(inside, superbill_row())
    again = take_in(inside, superbill_row())  # the very same bytes
    other = take_in(inside, superbill_row(), superbill_row(external_id="V2", mrn="MRN2"), name="more.csv")
    assert (first.encounters, again.encounters, other.encounters, other.known) == (1, 0, 1, 1)
    assert states() == {"DRAFT": 2}
    assert receivable()["RECEIVABLE/INS1"] == Decimal("300.00")


def test_a_wrong_row_takes_nothing_in_unless_the_good_visits_are_wanted(inside):
    from claimwright.web.operations.intake import take_in_csv

    rows = (superbill_row(), superbill_row(external_id="V2", cpt="9921"))
    assert take_in(inside, *rows).refused
    assert encounters() == []
    assert [worklist for worklist, _ in work_items()] == ["quarantined_files"]
    file = store(superbill(*rows, superbill_row(external_id="V3", mrn="MRN3")))
    report = take_in_csv(file=file, practice=inside.practice, partial=True)
    assert report.encounters == 2


def test_an_unknown_payer_holds_the_visit_until_it_is_set_up(inside):
    from claimwright.web.operations.intake import replay_held_encounters
    from claimwright.web.practice.models import Payer

    assert take_in(inside, superbill_row(payer="STRANGE")).held == 1
    assert work_items() == [("unknown_payer", "UNKNOWN_PAYER")]
    assert receivable() == {}
    assert replay_held_encounters().held == 1
    assert work_items() == [("unknown_payer", "UNKNOWN_PAYER")]
    payer = Payer.objects.get(key="NMUT")
    payer.aliases = ["STRANGE"]
    payer.save()
    report = replay_held_encounters()
    assert (report.encounters, report.held, report.claims) == (1, 0, 1)
    assert work_items() == []
    assert receivable()["RECEIVABLE/INS1"] == Decimal("150.00")
    assert replay_held_encounters().encounters == 0


def test_a_missing_price_holds_the_charge_and_is_never_zero(inside):
    from datetime import date

    from claimwright.web.operations.intake import replay_held_encounters
    from claimwright.web.practice.services import set_price

    take_in(inside, superbill_row(cpt="36415", charge="0.00"), superbill_row(external_id="V2", charge="0", units="2"))
    assert encounters() == [("csv|1000000004|V1", "HELD"), ("csv|1000000004|V2", "CLAIMED")]
    assert work_items() == [("unpriced_charges", "NO_PRICE")]
    assert receivable()["RECEIVABLE/INS1"] == Decimal("300.00")
    set_price(practice=inside.practice, code="36415", amount=Decimal("12.00"), start=date(2026, 9, 1))
    assert replay_held_encounters().held == 1  # the price begins after the date of service
    set_price(practice=inside.practice, code="36415", amount=Decimal("11.00"), start=date(2026, 1, 1))
    assert replay_held_encounters().claims == 1
    assert receivable()["RECEIVABLE/INS1"] == Decimal("311.00")
    assert work_items() == []


def test_another_person_under_the_same_number_is_never_merged(inside):
    from claimwright.web.patients.models import Patient

    take_in(inside, superbill_row())
    report = take_in(inside, superbill_row(external_id="V2", dob="1990-01-01", last="OTHER"), name="b.csv")
    assert report.held == 1
    assert work_items() == [("intake_problems", "PATIENT_CONFLICT")]
    assert [p.last_name for p in Patient.objects.all()] == ["TESTER"]


def code_map(*rows):
    return ("system,code,target_system,target_code,note\n" + "\n".join(rows)).encode()


def bundle():
    """One finished visit: a SNOMED diagnosis, a SNOMED procedure."""

    def coded(kind, identity, field, code, **more):
        return {"resource": {"resourceType": kind, "id": identity, "subject": {"reference": "Patient/p"},
                             "encounter": {"reference": "Encounter/e"},
                             field: {"coding": [{"system": "http://snomed.info/sct", "code": code}]}} | more}  # fmt: skip

    patient = {
        "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-05-17",
        "name": [{"use": "official", "family": "Tester", "given": ["Anna"]}],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "MRN1001"}],
        "address": [{"line": ["12 Birch St"], "city": "Madison", "state": "WI", "postalCode": "537034321"}],
    }  # fmt: skip
    visit = {
        "resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/p"}, "period": {"start": "2020-08-31T09:00:00Z", "end": "2020-08-31T09:30:00Z"},
        "participant": [{"individual": {"reference": "Practitioner/d"}}],
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185349003"}]}],
    }  # fmt: skip
    doctor = {
        "resourceType": "Practitioner", "id": "d", "name": [{"family": "Halvorsen", "given": ["Ingrid"]}],
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
    }  # fmt: skip
    entries = [{"resource": resource} for resource in (patient, doctor, visit)]
    entries.append(coded("Condition", "c", "code", "444814009",
                         clinicalStatus={"coding": [{"code": "active"}]},
                         verificationStatus={"coding": [{"code": "confirmed"}]}))  # fmt: skip
    entries.append(coded("Procedure", "x", "code", "430193006", status="completed",
                         performedPeriod={"start": "2020-08-31T09:00:00Z"}))  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()


REGISTRATION = b"mrn,payer,member_id,relationship\nMRN1001,NMUT,W12345678,self\n"
DAYS = 2191  # 31 August 2020 becomes 31 August 2026


def test_unmapped_codes_wait_on_a_worklist_until_the_map_has_them(inside):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.operations import intake
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import scrub

    first = code_map("snomed,185349003,cpt,99213,", "snomed,444814009,icd10cm,J01.90,")
    assert intake.load_code_map_csv(file=store(first, "map.csv")) == 2
    intake.load_registration_csv(file=store(REGISTRATION, "registration.csv"), practice=inside.practice)
    report = intake.take_in_fhir(file=store(bundle(), "b.json"), practice=inside.practice, shift=lambda day: DAYS)
    assert (report.encounters, report.held, report.claims) == (1, 1, 0)
    assert work_items() == [("intake_unmapped_codes", "UNMAPPED_CODE")]
    item = WorkItem.objects.get(state="open")
    assert "430193006" in item.reason
    assert receivable() == {}
    again = intake.take_in_fhir(file=store(bundle(), "b.json"), practice=inside.practice, shift=lambda day: DAYS)
    assert again.encounters == 0
    better = first + b"\nsnomed,430193006,ignore,,part of the visit"
    assert intake.load_code_map_csv(file=store(better, "map2.csv")) == 3
    assert intake.replay_held_encounters().claims == 1
    assert work_items() == []
    scrub()
    version = ClaimVersion.objects.get()
    assert version.content["lines"][0]["procedure_code"] == "99213"
    assert version.content["coverage"]["member_id"] == "W12345678"
    assert str(version.date_of_service) == "2026-08-31"  # shifted again as it was the first time
    assert version.state == "READY", list(version.findings.values_list("edit_id", "message"))


def test_files_of_the_wrong_kind_are_quarantined_with_the_place(inside):
    from claimwright.web.operations import intake

    bad_map = store(b"system,code,target_system,target_code\nsnomed,1,nonsense,X", "map.csv")
    assert intake.load_code_map_csv(file=bad_map) == 0
    assert intake.take_in_fhir(file=store(b"{not json", "b.json"), practice=inside.practice).refused
    assert intake.take_in_837p(file=store(b"hello", "c.837")).refused
    assert {worklist for worklist, _ in work_items()} == {"quarantined_files"}
    assert len(work_items()) >= 3
    assert encounters() == []


def claims_file(*claims):
    from claimwright.claims.to_x12.professional import build_interchange

    return build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=7, group_control_number=7,
        reference="B1", when=WHEN,
    )  # fmt: skip


def test_a_clients_claims_arrive_over_the_connection_and_are_billed_anew(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.receive import receive

    stranger = a_claim(control_number="CW2")
    import msgspec

    stranger = msgspec.structs.replace(
        stranger, billing_provider=msgspec.structs.replace(stranger.billing_provider, npi="1999999984")
    )
    (clinic.incoming / "client.837").write_bytes(claims_file(a_claim(), stranger))
    report = receive(tenant=tenant)
    assert report.parts == {"837P": 1}
    assert receive(tenant=tenant).encounters == 0
    with tenant_scope(tenant):
        assert [state for _, state in encounters()] == ["CLAIMED", "HELD"]
        assert work_items() == [("other_practice", "OTHER_PRACTICE")]
        assert states() == {"DRAFT": 1}
        assert receivable()["RECEIVABLE/INS1"] == Decimal("150.00")


def test_two_payers_make_a_draft_and_one_that_waits(inside):
    from claimwright.web.operations import intake
    from claimwright.web.submissions.models import Claim

    rows = b"mrn,payer,member_id,relationship,sequence,end\nMRN1001,NMUT,W12345678,self,P,\nMRN1001,PRAIRIE,P7654321,self,S,\nMRN1001,WIMCD,9876543210,self,T,2026-08-31\n"
    intake.load_registration_csv(file=store(rows, "registration.csv"), practice=inside.practice)
    take_in(inside, superbill_row())
    found = list(Claim.objects.order_by("bucket").values_list("sequence", "bucket", "payer__key", "versions__state"))
    assert found == [("P", "INS1", "NMUT", "DRAFT"), ("S", "INS2", "PRAIRIE", "AWAIT_PRIOR")]  # T ended that day


@pytest.mark.parametrize("point", ["intake.after_encounter:2", "intake.after_file"])
def test_a_kill_during_intake_leaves_nothing_half_done(tenant, clinic, point):
    from claimwright.web.core.tenancy import tenant_scope

    content = superbill(*visits(3))
    code = (
        "from claimwright.web.core.tenancy import tenant_scope\n"
        "from claimwright.web.practice.models import Practice\n"
        "from claimwright.web.exchange.services import store_received\n"
        "from claimwright.web.operations.intake import take_in_csv\n"
        f"with tenant_scope('{tenant.pk}'):\n"
        f"    file = store_received(source='upload', name='visits.csv', content={content!r})\n"
        "    take_in_csv(file=file, practice=Practice.objects.get())\n"
    )
    assert run_and_die(code, fail_at=point) == KILLED
    with tenant_scope(tenant):
        assert (encounters(), receivable()) == ([], {})
        take_in(practices.Clinic(practice=clinic.practice, connection=None, outgoing=None, incoming=None), *visits(3))
        assert states() == {"DRAFT": 3}
        assert receivable()["RECEIVABLE/INS1"] == Decimal("450.00")


def test_the_same_record_number_in_another_tenant_is_another_patient(tenant, other_tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.intake import take_in_csv
    from claimwright.web.practice.models import Practice

    with tenant_scope(tenant):
        take_in(clinic, superbill_row())
    with tenant_scope(other_tenant):
        assert encounters() == []
        take_in_csv(file=store(superbill(superbill_row(last="ELSEWHERE"))), practice=Practice.objects.get())
        assert states() == {"DRAFT": 1}
    with tenant_scope(tenant):
        assert a_patient().record_number == "MRN1001"
        assert states() == {"DRAFT": 1}
