"""The front desk's pages: register, order, merge, cards, prices, insurance found late; each by the biller's own forms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.web.patients.test_cards_and_answers import png
from tests.web.patients.test_registration import CELLS

FORM = CELLS | {"channel": "mail", "language": "en", "guarantor": "self"}


@pytest.fixture
def desk(tenant, clinic):
    """(client, clinic) of a biller; the tenant's scope is open for looking at rows."""
    from django.test import Client

    from tests.lib.web_data import a_user

    client = Client(raise_request_exception=True)
    client.force_login(a_user(tenant), backend="django.contrib.auth.backends.ModelBackend")
    client.clinic, client.tenant = clinic, tenant
    return client


def as_role(client, role):
    from claimwright.web.core.models import User

    User.objects.filter(username="biller").update(role=role)


def within(client):
    from claimwright.web.core.tenancy import tenant_scope

    return tenant_scope(client.tenant)


def register(client, **changes):
    """The patient registered by the form."""
    from claimwright.web.patients.models import Patient

    response = client.post(reverse("save_new_patient"), FORM | changes)
    assert response.status_code == 302, response.content.decode()[:3000]
    with within(client):
        return Patient.objects.order_by("-registered_on", "-record_number").first()


def payer(client, key):
    from claimwright.web.practice.models import Payer

    with within(client):
        return str(Payer.objects.get(key=key).pk)


def cover(client, patient, key="NMUT", **changes):
    from claimwright.web.patients.models import PatientCoverage

    cells = {
        "payer": payer(client, key), "member_id": "W12345678", "start": "01/01/2026", "relationship": "18",
        "benefits_assigned_on": "01/02/2026", "release_signed_on": "01/02/2026",
    }  # fmt: skip
    response = client.post(reverse("save_coverage", args=[patient.pk]), cells | changes)
    assert response.status_code == 302, response.content.decode()[:6000]
    with within(client):
        return PatientCoverage.objects.filter(patient=patient, payer__key=key).order_by("-start").first()


def text(response):
    return response.content.decode()


def clean(body):
    assert "<script>" not in body and "style=" not in body and "onclick" not in body
    return body


def test_registering_leads_to_the_coverage(desk):
    assert 'name="last_name"' in clean(text(desk.get(reverse("new_patient"))))
    patient = register(desk)
    response = desk.post(reverse("save_new_patient"), FORM | {"first_name": "Robert", "last_name": "Miller", "birth_date": "1950-02-01", "ssn": "", "phone1": "", "phone1_may_text": "", "email": ""})  # fmt: skip
    assert response.status_code == 302 and response.headers["Location"].endswith("/coverages/")
    assert patient.record_number == "MRN0000001"


def test_a_faulty_form_comes_back_as_it_was_typed_and_saves_nothing(desk):
    from claimwright.web.patients.models import Patient

    response = desk.post(reverse("save_new_patient"), FORM | {"birth_date": "02/30/1980", "state": "ZZ"})
    body = clean(text(response))
    assert response.status_code == 200
    assert 'value="02/30/1980"' in body and "no day of the calendar" in body and 'aria-invalid="true"' in body
    assert 'value="Jane"' in body
    with within(desk):
        assert not Patient.objects.exists()


def test_whoever_may_be_the_same_is_shown_first(desk):
    from claimwright.web.patients.models import DuplicatePair, Patient

    held = register(desk)
    response = desk.post(reverse("save_new_patient"), FORM | {"first_name": "Janet", "ssn": ""})
    body = clean(text(response))
    assert "Perhaps registered already" in body and held.record_number in body and "Same date of birth" in body
    with within(desk):
        assert Patient.objects.count() == 1
    register(desk, first_name="Janet", ssn="", decided_new="on")
    with within(desk):
        assert DuplicatePair.objects.count() == 1


def test_correcting_and_the_number_behind_its_own_door(desk):
    from claimwright.web.core.models import AuditEvent

    patient = register(desk)
    body = clean(text(desk.get(reverse("edit_patient", args=[patient.pk]))))
    assert "123-45-6789" not in body and "123456789" not in body
    assert desk.post(reverse("show_ssn", args=[patient.pk])).status_code == 403
    as_role(desk, "manager")
    shown = desk.post(reverse("show_ssn", args=[patient.pk]))
    assert "123-45-6789" in text(shown) and "no-store" in shown.headers["Cache-Control"]
    with within(desk):
        assert AuditEvent.objects.filter(action="patient.ssn_revealed").count() == 1
    saved = desk.post(reverse("save_patient", args=[patient.pk]), FORM | {"line1": "9 Oak Ave", "ssn": ""})
    assert saved.status_code == 302
    with within(desk):
        patient.refresh_from_db()
        assert patient.content["address"]["line1"] == "9 Oak Ave" and patient.ssn_index


def test_the_order_is_proposed_with_its_reason_and_confirmed(desk):
    from claimwright.web.patients.models import PatientCoverage

    patient = register(desk)
    spouse = {
        "relationship": "01", "subscriber_last_name": "Sample", "subscriber_first_name": "Paul",
        "subscriber_birth_date": "02/03/1975",
    }  # fmt: skip
    first = cover(desk, patient, **spouse)
    second = cover(desk, patient, "PRAIRIE", member_id="P1", start="07/01/2026")
    body = clean(text(desk.get(reverse("coverages", args=[patient.pk]))))
    assert "No place" in body and "covers the patient as its own member" in body and "Confirm this order" in body
    told = {"on": "07/01/2026", f"place-{second.pk}": "1", f"place-{first.pk}": "2"}
    assert desk.post(reverse("save_order", args=[patient.pk]), told).status_code == 302
    with within(desk):
        rows = PatientCoverage.objects.filter(patient=patient, end__isnull=True).order_by("sequence")
        assert [(row.sequence, row.payer.key) for row in rows] == [("P", "PRAIRIE"), ("S", "NMUT")]
    body = text(desk.get(reverse("coverages", args=[patient.pk])))
    assert "No place" not in body and "Change the order" in body


def test_a_faulty_coverage_comes_back(desk):
    patient = register(desk)
    response = desk.post(
        reverse("save_coverage", args=[patient.pk]),
        {"payer": payer(desk, "MEDB"), "member_id": "123", "start": "1/1/26", "relationship": "18"},
    )
    body = clean(text(response))
    assert response.status_code == 200 and "no day of the calendar" in body
    response = desk.post(
        reverse("save_coverage", args=[patient.pk]),
        {"payer": payer(desk, "MEDB"), "member_id": "123", "start": "01/01/2026", "relationship": "18"},
    )
    assert response.status_code == 200 and "Medicare number" in text(response) and 'value="123"' in text(response)


def test_ending_and_replacing(desk):
    patient = register(desk)
    row = cover(desk, patient)
    cover(desk, patient, "PRAIRIE", member_id="P9", start="08/01/2026", replaces=str(row.pk))
    body = text(desk.get(reverse("coverages", args=[patient.pk])))
    assert "P9" in body and "replaced" in body
    with within(desk):
        new = patient.coverages.get(payer__key="PRAIRIE")
        assert new.sequence == "P"
    desk.post(reverse("end_coverage", args=[new.pk]), {"end": "10/01/2026", "reason": "moved"})
    with within(desk):
        new.refresh_from_db()
        assert new.end == date(2026, 10, 1)


def test_a_card_goes_in_and_comes_out_with_a_trail(desk):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from claimwright.web.core.models import AuditEvent
    from claimwright.web.patients.models import CardImage

    patient = register(desk)
    row = cover(desk, patient)
    files = {"front": SimpleUploadedFile("a.png", png()), "back": SimpleUploadedFile("b.html", b"<html>")}
    assert desk.post(reverse("upload_cards", args=[row.pk]), files).status_code == 302
    with within(desk):
        card = CardImage.objects.get()
    response = desk.get(reverse("card_image", args=[card.pk]))
    assert response.content == png() and response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    with within(desk):
        assert AuditEvent.objects.filter(action="card.read", subject_id=str(patient.pk)).count() == 1
    assert "Front" in text(desk.get(reverse("coverages", args=[patient.pk])))


def test_a_card_among_the_documents_stands_beside_the_others(desk):
    from claimwright.web.authorizations.papers import add_document

    patient = register(desk)
    cover(desk, patient)
    assert "Cards among the documents" not in text(desk.get(reverse("coverages", args=[patient.pk])))
    with within(desk):
        card = add_document(kind="card", name="card-by-mail.png", content=png(), patient=patient)
        add_document(kind="consent", name="consent.png", content=png(), patient=patient)
    body = text(desk.get(reverse("coverages", args=[patient.pk])))
    assert "card-by-mail.png" in body
    assert reverse("document", args=[card.pk]) in body
    assert "consent.png" not in body


def test_two_records_are_compared_merged_and_taken_apart(desk):
    from claimwright.web.patients.models import DuplicatePair, PatientMerge

    one = register(desk)
    register(desk, first_name="Janet", ssn="", decided_new="on")
    with within(desk):
        pair = DuplicatePair.objects.get()
    assert "Sample, Jane" in clean(text(desk.get(reverse("duplicates"))))
    body = clean(text(desk.get(reverse("duplicate", args=[pair.pk]))))
    assert "differs" in body and "12 Birch St" in body and 'class="differs">1' not in body and "123456789" not in body
    told = {"survivor": str(one.pk), "reason": "same person"}
    assert desk.post(reverse("merge_patients", args=[pair.pk]), told).status_code == 403
    as_role(desk, "supervisor")
    assert desk.post(reverse("merge_patients", args=[pair.pk]), told).status_code == 302
    with within(desk):
        merge = PatientMerge.objects.get()
    assert "was merged into" in text(desk.get(reverse("patient", args=[merge.absorbed_id])))
    listed = text(desk.get(reverse("patients"), {"q": "MRN0000002"}))
    assert "MRN0000001" in listed and "MRN0000002</td>" not in listed
    assert desk.post(reverse("undo_merge", args=[merge.pk]), {"reason": "sisters"}).status_code == 302
    with within(desk):
        merge.refresh_from_db()
        assert merge.undone_at is not None


def test_two_people_are_kept_apart(desk):
    from claimwright.web.patients.models import DuplicatePair

    register(desk)
    register(desk, first_name="Janet", ssn="", decided_new="on")
    with within(desk):
        pair = DuplicatePair.objects.get()
    desk.post(reverse("keep_apart", args=[pair.pk]), {"reason": "sisters"})
    desk.post(reverse("scan_duplicates"))
    assert "No pair is waiting" in text(desk.get(reverse("duplicates")))


def test_insurance_found_late_is_billed_and_taken_back_by_the_page(desk):
    from claimwright.web.patients.models import FoundCoverage
    from tests.web.operations.test_rebill import balances, self_pay

    with within(desk):
        visit = self_pay(desk.clinic)
        patient = visit.patient
    cover(desk, patient, "PRAIRIE", member_id="P1", found="on")
    with within(desk):
        assert balances(visit) == {"INS1": Decimal("150.00")}
        found = FoundCoverage.objects.get()
    body = clean(text(desk.get(reverse("coverages", args=[patient.pk]))))
    assert "Insurance found late" in body and "Billed as primary" in body
    desk.post(reverse("undo_found", args=[found.pk]), {"reason": "wrong person"})
    with within(desk):
        assert balances(visit) == {"PAT": Decimal("150.00")}
    assert "Undone" in text(desk.get(reverse("coverages", args=[patient.pk])))


def test_questions_and_cases(desk):
    from claimwright.web.patients.models import InjuryCase, MedicareQuestionnaire

    patient = register(desk)
    desk.post(
        reverse("save_medicare_answers", args=[patient.pk]),
        {
            "basis": "age",
            "has_group_plan": "on",
            "currently_working": "on",
            "plan_through": "self",
            "msp_employer_size": "50",
        },
    )
    desk.post(
        reverse("save_accident", args=[patient.pk]),
        {
            "auto": "on",
            "happened_on": "09/01/2026",
            "accident_state": "WI",
            "carrier": "Prairie Auto",
            "case_number": "A77",
        },
    )
    with within(desk):
        assert MedicareQuestionnaire.objects.get().insurance_type == "12"
        case = InjuryCase.objects.get()
    body = clean(text(desk.get(reverse("coverages", args=[patient.pk]))))
    assert "Working aged" in body and "A77" in body
    desk.post(reverse("close_case", args=[case.pk]), {"reason": "settled"})
    assert "Closed" in text(desk.get(reverse("coverages", args=[patient.pk])))


def test_prices_from_a_file_are_looked_at_and_accepted(desk):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from claimwright.web.practice.models import Charge, ChargeMasterImport

    def upload(content):
        desk.post(reverse("upload_prices"), {"file": SimpleUploadedFile("fees.csv", content)})
        with within(desk):
            return (
                ChargeMasterImport.objects.order_by("-pk")
                .filter(name="fees.csv", state__in=["checked", "refused"])
                .first()
            )

    made = upload(b"code,amount,start\n99213,165.00,2026-10-01\n99215,260.00,2026-10-01\n")
    body = clean(text(desk.get(reverse("price_import", args=[made.pk]))))
    assert "165.00" in body and "150.00" in body and "Changed" in body
    seen = body.split('name="seen" value="')[1].split('"')[0] if 'name="seen"' in body else ""
    assert seen == ""  # a biller does not accept
    as_role(desk, "manager")
    body = text(desk.get(reverse("price_import", args=[made.pk])))
    seen = body.split('name="seen" value="')[1].split('"')[0]
    desk.post(reverse("accept_prices", args=[made.pk]), {"seen": seen})
    with within(desk):
        assert Charge.objects.filter(code="99215", amount=Decimal("260.00")).exists()
    assert "Accepted" in text(desk.get(reverse("charge_master")))
    refused = upload(b"code,amount,start\n100,165.00,2026-10-01\n")
    body = clean(text(desk.get(reverse("price_import", args=[refused.pk]))))
    assert "leading zeros were lost" in body and "row 2, column code" in body


PAGES = ["new_patient", "duplicates", "charge_master"]
OF_A_PATIENT = ["edit_patient", "coverages"]


@pytest.mark.parametrize("name", PAGES)
def test_nobody_sees_a_page_without_signing_in(desk, name):
    from django.test import Client

    assert Client().get(reverse(name)).status_code == 302
    assert desk.get(reverse(name)).status_code == 200
    assert desk.post(reverse(name)).status_code == 405


def test_another_tenants_rows_are_not_found(desk, other_tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import CardImage, Patient
    from claimwright.web.practice.models import Practice
    from tests.web.patients.test_coverages import add

    with tenant_scope(other_tenant):
        stranger = Patient.objects.create(
            practice=Practice.objects.first(), record_number="S1", last_name="STRANGER", birth_date=date(1980, 5, 17)
        )
        row = add(stranger)
        card = CardImage.objects.create(
            coverage=row, side="front", name="x", content_type="image/png", size=1, sha256="0", sealed=b"x",
            state="readable", received_on=date(2026, 9, 1), received_by="x",
        )  # fmt: skip
    for name in OF_A_PATIENT:
        assert desk.get(reverse(name, args=[stranger.pk])).status_code == 404
        assert desk.post(reverse(name, args=[stranger.pk])).status_code == 405
    assert desk.get(reverse("card_image", args=[card.pk])).status_code == 404
    for name, pk in (("save_patient", stranger.pk), ("show_ssn", stranger.pk), ("save_coverage", stranger.pk),
                     ("end_coverage", row.pk), ("upload_cards", row.pk), ("save_order", stranger.pk)):  # fmt: skip
        as_role(desk, "manager")
        assert desk.post(reverse(name, args=[pk]), FORM).status_code == 404, name
    assert "STRANGER" not in text(desk.get(reverse("patients")))


@pytest.mark.parametrize("name", ["save_new_patient", "scan_duplicates", "upload_prices"])
def test_acts_are_only_posted(desk, name):
    assert desk.get(reverse(name)).status_code == 405


def test_the_coverage_page_asks_few_questions(desk):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    patient = register(desk)
    for number in range(6):
        cover(desk, patient, member_id=f"W{number}", start=f"0{number + 1}/01/2026", end=f"0{number + 2}/01/2026")
    desk.get(reverse("coverages", args=[patient.pk]))
    with CaptureQueriesContext(connection) as queries:
        desk.get(reverse("coverages", args=[patient.pk]))
    assert len(queries) <= 30, [query["sql"][:100] for query in queries]
