"""Authorizations and documents on their pages: recorded, changed with what they were, put on a claim, kept and looked at."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.web.authorizations.conftest import asking, on_file
from tests.web.patients.test_cards_and_answers import png
from tests.web.workbench.test_charge_entry import covered, enter  # noqa: F401
from tests.web.workbench.test_front_desk import as_role, clean, desk, payer, register, text, within  # noqa: F401


def a_pdf(pages=1):
    """A whole file of blank pages."""
    content = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        made.save(content)
    return content.getvalue()


PDF = a_pdf()
AUTHORIZATION = {
    "kind": "authorization", "status": "approved", "number": "A77", "start": "07/01/2026", "through": "10/31/2026",
    "units_approved": "2", "codes": "87880, 97110-97530 GP", "diagnoses": "J02 J06.9", "places": "11",
}  # fmt: skip


def cells(client, **changes):
    return AUTHORIZATION | {"patient_text": client.patient.record_number, "payer": payer(client, "NMUT")} | changes


def record(client, **changes):
    from claimwright.web.authorizations.models import Authorization

    response = client.post(reverse("save_new_authorization"), cells(client, **changes))
    assert response.status_code == 302, text(response)[:4000]
    with within(client):
        return Authorization.objects.order_by("-created_at").first()


# Authorizations ------------------------------------------------------------------------------------------------------


def test_one_is_recorded_shown_and_changed_with_what_it_was(covered):  # noqa: F811
    body = clean(text(covered.get(reverse("new_authorization"), {"patient": covered.patient.pk})))
    assert covered.patient.record_number in body and f'value="{payer(covered, "NMUT")}" selected' in body
    row = record(covered)
    assert row.end == date(2026, 11, 1) and row.units_approved == Decimal(2)
    assert row.codes == [{"first": "87880"}, {"first": "97110", "last": "97530", "modifiers": ["GP"]}]
    body = clean(text(covered.get(reverse("authorization", args=[row.pk]))))
    for words in ("A77", "2 of 2", "07/01/2026 to 10/31/2026", "87880, 97110-97530 GP", "J06.9", "Nothing yet"):
        assert words in body, words
    form = text(covered.get(reverse("edit_authorization", args=[row.pk])))
    assert 'value="10/31/2026"' in form and 'value="97110-97530 GP' not in form and "97110-97530 GP" in form
    save = reverse("save_authorization", args=[row.pk])
    assert covered.post(save, cells(covered, units_approved="5", number="A78")).status_code == 302
    body = text(covered.get(reverse("authorization", args=[row.pk])))
    assert "5 of 5" in body and "Number: A77 → A78" in body and "End:" not in body.split("What it was before")[1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"patient_text": "NOBODY"}, "No patient matches"),
        ({"payer": ""}, "No payer is chosen"),
        ({"number": ""}, "an approved one has a number"),
        ({"number": "PENDING"}, "is a word"),
        ({"through": "06/01/2026"}, "the last day is before the first"),
        ({"start": "1/1/26"}, "no day of the calendar"),
        ({"units_approved": "-1"}, "no number of them"),
        ({"visits_approved": "1.5"}, "no number of them"),
        ({"codes": "9711"}, "no procedure code"),
        ({"codes": "97530-97110"}, "has no order"),
        ({"diagnoses": "99"}, "no diagnosis code"),
        ({"providers": "1111111111"}, "not on file"),
        ({"places": "office"}, "two digits"),
        ({"status": "maybe"}, "none of the choices"),
    ],
)
def test_what_cannot_be_comes_back_as_it_was_typed(covered, changes, told):  # noqa: F811
    from claimwright.web.authorizations.models import Authorization

    body = clean(text(covered.post(reverse("save_new_authorization"), cells(covered, **changes))))
    assert told in body and 'value="10/31/2026"' in body or "through" in changes
    with within(covered):
        assert not Authorization.objects.exists()


def test_the_lists_tell_what_waits_runs_out_and_is_used_up(covered):  # noqa: F811
    from claimwright.web.authorizations.models import Authorization

    record(covered, number="SOON", through="10/10/2026")
    record(covered, number="LOW", units_approved="0", through="12/31/2026")
    record(covered, number="", status="requested", payer_reference="REF9", units_approved="")
    with within(covered):
        Authorization.objects.filter(payer_reference="REF9").update(decision_due="2026-09-01T12:00Z")
    pages = {view: clean(text(covered.get(reverse("authorizations"), {"view": view}))) for view in ("pending", "expiring", "low", "all")}  # fmt: skip
    assert "REF9" in pages["pending"] and "SOON" not in pages["pending"] and "09/01/2026 12:00" in pages["pending"]
    assert "SOON" in pages["expiring"] and "LOW" not in pages["expiring"]
    assert "0 of 0 units" in pages["low"] and "SOON" not in pages["low"]
    assert all(one in pages["all"] for one in ("SOON", "LOW", "REF9"))
    found = text(covered.get(reverse("authorizations"), {"q": "soon"}))
    assert "SOON" in found and "REF9" not in found


def test_the_one_that_fits_goes_on_the_claim_and_is_used(covered):  # noqa: F811
    from claimwright.web.submissions.models import ClaimVersion

    with within(covered):
        asking(covered.clinic)
    enter(covered, **{"line2-code": "87880", "line2-units": "1", "line2-pointers": "A"})
    with within(covered):
        version = ClaimVersion.objects.get()
        assert version.findings.filter(open=True, edit_id="AUT01").exists()
        good = on_file(covered.patient, number="G1")
        other = on_file(covered.patient, number="X1", status="denied")
    address = reverse("claim_authorizations", args=[version.pk])
    body = clean(text(covered.get(address)))
    assert "NMUT list 2026-07" in body and "Line 2" in body and "99213: it" in body and "No line" in body
    assert address in text(covered.get(reverse("claim", args=[version.claim_id])))
    put = reverse("put_authorization", args=[version.pk, good.pk])
    assert "G1 is on the claim" in text(covered.post(put, {"line": "2"}, follow=True))
    with within(covered):
        version.refresh_from_db()
        assert version.content["lines"][1]["prior_authorization"] == "G1" and version.state == "READY"
        assert not version.findings.filter(open=True, edit_id="AUT01").exists()
        other.refresh_from_db()
    body = text(covered.get(reverse("authorization", args=[good.pk])))
    assert "Reserved" in body and version.control_number in body and "1 of 2" in body
    assert "On the claim" in text(covered.get(address))


# Documents -----------------------------------------------------------------------------------------------------------


def upload(client, content=PDF, name="letter.pdf", **changes):
    form = {"kind": "authorization", "patient_text": client.patient.record_number} | changes
    return client.post(reverse("upload_document"), form | {"file": SimpleUploadedFile(name, content)})


def the_document(client):
    from claimwright.web.authorizations.models import Document

    with within(client):
        return Document.objects.defer("content").order_by("-added_at").first()


def test_a_paper_goes_in_with_its_links_and_comes_out_with_a_trail(covered):  # noqa: F811
    from claimwright.web.core.models import AuditEvent

    row = record(covered)
    assert upload(covered, authorization="a77", received_on="09/01/2026").status_code == 302
    kept = the_document(covered)
    body = clean(text(covered.get(reverse("document", args=[kept.pk]))))
    assert "Authorization letter" in body and "Authorization A77" in body.replace("</td><td>", " ").replace(
        f'<a href="{reverse("authorization", args=[row.pk])}">', ""
    )
    assert "letter.pdf" in text(covered.get(reverse("authorization", args=[row.pk])))
    shown = covered.get(reverse("document_content", args=[kept.pk]))
    assert shown.content == PDF and shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in shown.headers["Cache-Control"]
    saved = covered.get(reverse("document_content", args=[kept.pk]), {"save": "on"})
    assert saved.headers["Content-Disposition"].startswith("attachment")
    with within(covered):
        assert AuditEvent.objects.filter(action="document.read", subject_id=str(kept.pk)).count() == 2
    assert "Authorization letter" in text(covered.get(reverse("documents"), {"q": "sample"}))
    assert "No document matches" in text(covered.get(reverse("documents"), {"q": "nobody"}))


@pytest.mark.parametrize(
    ("content", "changes", "told"),
    [
        (b"MZ\x00\x01program", {}, "Programs, archives"),
        (b"<html><script>x</script></html>", {}, "Web pages are not kept"),
        (PDF, {"kind": ""}, "The kind is missing"),
        (PDF, {"authorization": "NONE"}, "none of this number"),
        (PDF, {"signed_on": "13/13/2026"}, "no day of the calendar"),
        (PDF, {"received_on": "10/05/2026"}, "lies in the future"),
        (PDF, {"patient_text": "NOBODY"}, "No patient matches"),
    ],
)
def test_what_is_not_kept_is_told_and_nothing_is_kept(covered, content, changes, told):  # noqa: F811
    body = clean(text(upload(covered, content, **changes)))
    assert told in body
    assert the_document(covered) is None


def test_a_file_of_another_patient_is_not_linked(covered):  # noqa: F811
    record(covered)
    covered.patient = register(covered, first_name="Robert", last_name="Miller", birth_date="1950-02-01", ssn="", phone1="", phone1_may_text="", email="")  # fmt: skip
    assert "another patient" in text(upload(covered, authorization="A77"))


def test_without_a_file_or_with_one_too_large(covered):  # noqa: F811
    assert "No file is chosen" in text(covered.post(reverse("upload_document"), {"kind": "note"}))
    assert "larger than 20 MB" in text(upload(covered, b"%PDF-" + b"x" * (20 * 1024 * 1024 + 1)))
    assert the_document(covered) is None


def test_what_cannot_be_read_is_listed_and_replaced(covered):  # noqa: F811
    broken = png()[: len(png()) // 2]
    told = text(covered.get(upload(covered, broken, name="scan.png").headers["Location"]))
    kept = the_document(covered)
    assert kept.state == "unreadable" and "Replace it" in told and "cannot be read" in told
    listed = text(covered.get(reverse("documents"), {"state": "unreadable"}))
    assert "1 cannot be read" in listed and "scan.png" in listed
    shown = covered.get(reverse("document_content", args=[kept.pk]))
    assert shown.headers["Content-Disposition"].startswith("attachment")
    replace = reverse("replace_document", args=[kept.pk])
    assert "Choose the file" in text(covered.post(replace, follow=True))
    assert "the same file" in text(covered.post(replace, {"file": SimpleUploadedFile("s.png", broken)}, follow=True))
    assert "Kept" in text(covered.post(replace, {"file": SimpleUploadedFile("s.png", png())}, follow=True))
    assert the_document(covered).state == "readable"


def test_signed_numbered_linked_held(covered):  # noqa: F811
    from claimwright.web.submissions.models import ClaimVersion

    enter(covered)
    upload(covered, kind="note")
    kept = the_document(covered)
    address = reverse("document", args=[kept.pk])
    assert "Not yet" in text(covered.get(address))

    def act(name, **values):
        return text(covered.post(reverse(name, args=[kept.pk]), values, follow=True))

    assert "write the day" in act("sign_document", signed_on="soon")
    assert "in the future" in act("sign_document", signed_on="12/31/2026")
    assert "09/02/2026" in act("sign_document", signed_on="09/02/2026", signed_by="Dr A")
    assert "Its control number is D" in act("number_document")
    assert "none of this number" in act("link_document", kind="claim", number="NONE")
    with within(covered):
        number = ClaimVersion.objects.get().control_number
    assert number in act("link_document", kind="claim", number=number)
    with within(covered):
        link = kept.links.get()
    close = reverse("unlink_document", args=[link.pk])
    assert "say why" in text(covered.post(close, follow=True))
    assert "Closed: wrong visit" in text(covered.post(close, {"reason": "wrong visit"}, follow=True))
    assert "may not hold documents against deletion" in act("hold_document", reason="audit")
    as_role(covered, "manager")
    assert "Held: audit" in act("hold_document", reason="audit")
    assert "The hold is lifted" in act("hold_document", reason="")


# Doors ---------------------------------------------------------------------------------------------------------------

PAGES = ["authorizations", "new_authorization", "documents"]


@pytest.mark.parametrize("name", PAGES)
def test_nobody_sees_a_page_without_signing_in(desk, name):  # noqa: F811
    from django.test import Client

    assert Client().get(reverse(name)).status_code == 302
    assert desk.get(reverse(name)).status_code == 200
    assert desk.post(reverse(name)).status_code == 405


def test_another_tenants_papers_are_not_found(covered, other_tenant):  # noqa: F811
    from claimwright.web.authorizations.papers import add_document
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Practice
    from claimwright.web.submissions.models import ClaimVersion
    from tests.lib import practices

    with tenant_scope(other_tenant):
        practices.take_in(SimpleNamespace(practice=Practice.objects.get()), practices.superbill_row())
        version = ClaimVersion.objects.get()
        row = on_file(version.claim.patient)
        paper = add_document(kind="note", name="n.pdf", content=PDF, patient=version.claim.patient,
                             links=[("authorization", row.pk)])  # fmt: skip
        link = paper.links.get()
    gets = [("authorization", row), ("edit_authorization", row), ("document", paper), ("document_content", paper),
            ("claim_authorizations", version)]  # fmt: skip
    for name, one in gets:
        assert covered.get(reverse(name, args=[one.pk])).status_code == 404, name
        assert covered.post(reverse(name, args=[one.pk])).status_code == 405, name
    posts = [("save_authorization", row), ("replace_document", paper), ("sign_document", paper),
             ("link_document", paper), ("number_document", paper), ("unlink_document", link)]  # fmt: skip
    for name, one in posts:
        assert covered.post(reverse(name, args=[one.pk]), {}).status_code == 404, name
        assert covered.get(reverse(name, args=[one.pk])).status_code == 405, name
    hold = reverse("hold_document", args=[paper.pk])
    assert covered.post(hold).status_code == 403, "not for a biller, whose ever paper it is"
    own = record(covered)
    assert covered.post(reverse("put_authorization", args=[version.pk, own.pk])).status_code == 404
    assert "TESTER" not in text(covered.get(reverse("documents"))) + text(covered.get(reverse("authorizations"), {"view": "all"}))  # fmt: skip


def test_lists_grow_and_queries_do_not(covered):  # noqa: F811
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        counts = []
        for name, values in (("authorizations", {"view": "all"}), ("documents", {})):
            covered.get(reverse(name), values)
            with CaptureQueriesContext(connection) as queries:
                covered.get(reverse(name), values)
            counts.append(len(queries))
        return counts

    record(covered)
    upload(covered)
    before = asked()
    for number in range(5):
        record(covered, number=f"B{number}")
        upload(covered, a_pdf(number + 2))
    assert asked() == before and max(before) <= 22
