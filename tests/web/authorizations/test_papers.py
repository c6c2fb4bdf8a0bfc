"""Documents: by their bytes, encrypted, once, linked for good, gone only after their time; notices that hold."""

from __future__ import annotations

import struct
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from claimwright.billing.advance_notice import AdvanceNotice, NoticedService
from claimwright.billing.document_policy import KINDS, keep_until
from tests.lib.practices import work_items
from tests.web.authorizations.conftest import a_visit, again, open_findings, register


def a_pdf(text: str = "note") -> bytes:
    import io

    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.drawString(100, 100, text)
    canvas.showPage()
    canvas.drawString(100, 100, "second page")
    canvas.save()
    return out.getvalue()


def a_fax(pages: int = 2) -> bytes:
    """A TIFF with `pages` directories."""
    content, at = b"II*\x00" + struct.pack("<I", 8), 8
    for page in range(pages):
        following = at + 2 + 12 + 4 if page < pages - 1 else 0
        content += struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 1728) + struct.pack("<I", following)
        at = following
    return content


def keep(patient, content, kind="note", **given):
    from claimwright.web.authorizations.papers import add_document

    return add_document(kind=kind, name="scan.bin", content=content, patient=patient, **given)


# What a file is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media_type", "problem", "pages"),
    [
        (a_pdf(), "application/pdf", "", 2),
        (a_pdf()[:200], "application/pdf", "cannot be opened", None),
        (a_fax(3), "image/tiff", "", 3),
        (a_fax(3)[:-6], "image/tiff", "breaks off", None),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff", "breaks off", None),
        (b"MM\x00*\x00\x00\x00\x00", "image/tiff", "no image", None),
        ("Visit note: \u00e4\r\n".encode(), "text/plain", "", None),
        (b'<?xml version="1.0"?><ClinicalDocument/>', "application/xml", "", None),
        (b'<?xml version="1.0"?><ClinicalDoc', "application/xml", "breaks off", None),
        (b"", "", "empty", None),
        (b"MZ\x90\x00" + b"x" * 50, "", "programs", None),
        (b"PK\x03\x04" + b"x" * 50, "", "print it to PDF", None),
        (b"<!DOCTYPE html><html></html>", "", "web pages", None),
        (b'<?xml version="1.0"?><svg onload="x"/>', "", "web pages", None),
        (b"{\\rtf1 x}", "", "rich text", None),
        (b"\x00\x01\x02\xff", "", "no picture, PDF or text", None),
    ],
)
def test_a_file_is_what_its_bytes_say(content, media_type, problem, pages):
    from claimwright.web.authorizations.sniffing import sniff

    seen = sniff(content)
    assert (seen.media_type, seen.pages) == (media_type, pages)
    assert problem in seen.problem and bool(problem) is bool(seen.problem)


def test_a_tiff_that_points_to_itself_ends():
    from claimwright.web.authorizations.sniffing import sniff

    loop = (
        b"II*\x00"
        + struct.pack("<I", 8)
        + struct.pack("<H", 1)
        + struct.pack("<HHII", 256, 3, 1, 1)
        + struct.pack("<I", 8)
    )
    assert sniff(loop).problem == "the picture is damaged"


# Keeping -------------------------------------------------------------------------------------------------------------


def test_a_document_is_encrypted_kept_once_and_read_back_with_an_audit_row(inside):
    from claimwright.web.authorizations.models import Document
    from claimwright.web.authorizations.papers import open_document
    from claimwright.web.core.models import AuditEvent

    patient, content = register(inside), b"Visit note of ANNA"
    visit = uuid4()
    first = keep(patient, content, links=[("encounter", visit)])
    second = keep(patient, content, links=[("encounter", visit), ("authorization", uuid4())])
    assert first.pk == second.pk and Document.objects.count() == 1 and first.links.count() == 2
    assert content not in bytes(first.content) and first.size == len(content)
    assert open_document(document=first) == content
    assert AuditEvent.objects.filter(action="document.read", subject_id=str(first.pk)).count() == 1
    assert keep(patient, content, kind="order").pk != first.pk


@pytest.mark.parametrize(
    ("kind", "content", "given", "says"),
    [
        ("poem", b"x", {}, "not known"),
        ("note", b"", {}, "empty"),
        ("note", b"MZ" + b"\x00" * 99, {}, "programs"),
        ("note", b"x" * (20 * 1024 * 1024 + 1), {}, "larger than 20 MB"),
        ("note", b"x", {"signed_on": date(2026, 10, 1)}, "future"),
        ("note", b"x", {"links": [("sofa", "1")]}, "not to a sofa"),
    ],
)
def test_what_is_not_taken_leaves_nothing(inside, kind, content, given, says):
    from django.db import transaction

    from claimwright.web.authorizations.models import Document
    from claimwright.web.authorizations.papers import DocumentRefused

    with pytest.raises(DocumentRefused, match=says), transaction.atomic():
        keep(register(inside), content, kind, **given)
    assert not Document.objects.exists()


def test_a_scan_that_finds_something_or_fails_keeps_nothing(inside, settings_with_scan):
    from claimwright.web.authorizations.models import Document
    from claimwright.web.authorizations.papers import DocumentRefused

    for found in ("EICAR", OSError()):
        settings_with_scan(found)
        with pytest.raises(DocumentRefused, match="virus scan"):
            keep(register(inside), b"text")
    assert not Document.objects.exists()
    settings_with_scan("")
    assert keep(register(inside), b"text").scanner


@pytest.fixture
def settings_with_scan(monkeypatch):
    from django.conf import settings

    import tests.web.authorizations.test_papers as here

    answers = {}

    def scan(content):
        if isinstance(answers["found"], Exception):
            raise answers["found"]
        return answers["found"]

    monkeypatch.setattr(here, "scan", scan, raising=False)
    monkeypatch.setattr(settings, "VIRUS_SCAN", "tests.web.authorizations.test_papers.scan")
    return lambda found: answers.update(found=found)


def test_what_cannot_be_read_is_listed_and_its_links_go_to_the_one_that_can(inside):
    from claimwright.web.authorizations.papers import DocumentRefused, assign_control_number, replace_document

    patient, visit = register(inside), uuid4()
    broken = keep(patient, a_pdf()[:150], links=[("encounter", visit), ("line", "L1")])
    number = assign_control_number(document=broken)
    assert broken.state == "unreadable" and broken.links.count() == 2
    assert work_items() == [("document_problems", "UNREADABLE_DOCUMENT")]
    with pytest.raises(DocumentRefused, match="same file"):
        replace_document(document=broken, name="again.pdf", content=a_pdf()[:150])
    with pytest.raises(DocumentRefused, match="programs"):
        replace_document(document=broken, name="again.exe", content=b"MZ" + b"0" * 99)
    broken.refresh_from_db()
    assert broken.control_number == number
    whole = replace_document(document=broken, name="again.pdf", content=a_pdf())
    assert whole.state == "readable" and whole.control_number == number
    assert {(one.kind, one.subject_id) for one in whole.links.all()} == {("encounter", str(visit)), ("line", "L1")}
    assert work_items() == [] and broken.links.count() == 2


def test_a_control_number_is_given_once_and_is_nobody_elses(inside):
    from claimwright.web.authorizations.papers import DocumentRefused, assign_control_number

    patient = register(inside)
    first, second = keep(patient, b"one"), keep(patient, b"two")
    number = assign_control_number(document=first)
    assert assign_control_number(document=first) == number != assign_control_number(document=second)
    with pytest.raises(DocumentRefused, match="control number"):
        keep(patient, b"three", control_number=number)


def test_a_wrong_link_is_closed_with_a_reason(inside):
    from claimwright.web.authorizations.papers import DocumentRefused, documents_of, link, unlink

    patient, visit = register(inside), uuid4()
    document = keep(patient, b"x", links=[("encounter", visit)])
    (row,) = document.links.all()
    with pytest.raises(DocumentRefused):
        unlink(document_link=row, reason=" ")
    assert list(documents_of(patient_id=patient.pk, subjects={"encounter": [visit]})) == [document]
    unlink(document_link=row, reason="of another visit")
    assert list(documents_of(patient_id=patient.pk, subjects={"encounter": [visit]})) == []
    assert list(documents_of(patient_id=patient.pk)) == [document]
    link(document=document, kind="encounter", subject_id=visit)
    assert document.links.get().closed_at is None


def test_it_is_destroyed_only_after_its_time_and_without_a_hold(inside):
    from claimwright.web.authorizations.models import Document
    from claimwright.web.authorizations.papers import (
        DocumentRefused,
        destroy,
        due_for_destruction,
        hold,
        open_document,
    )

    patient = register(inside)
    new, old = keep(patient, b"new"), keep(patient, b"old", received_on=date(2016, 9, 29))
    assert list(due_for_destruction()) == [old]
    with pytest.raises(DocumentRefused, match="kept until 2036-09-30"):
        destroy(document=new, reason="old")
    hold(document=old, reason="audit")
    assert list(due_for_destruction()) == []
    with pytest.raises(DocumentRefused, match="hold"):
        destroy(document=old, reason="old")
    hold(document=old, reason="")
    with pytest.raises(DocumentRefused, match="say why"):
        destroy(document=old, reason="")
    destroy(document=old, reason="retention is over")
    old = Document.objects.get(pk=old.pk)
    assert (old.state, bytes(old.content)) == ("destroyed", b"")
    with pytest.raises(DocumentRefused, match="destroyed"):
        open_document(document=old)


def test_every_kind_says_how_long_and_by_which_rule():
    for kind in KINDS.values():
        assert kind.source and keep_until(kind.name, date(2026, 2, 28)) > date(2031, 2, 27)
    assert keep_until("abn", date(2026, 9, 1), date(2026, 9, 5)) == date(2031, 9, 5)


def test_an_attachment_announced_on_a_claim_must_be_on_file(inside):
    import msgspec

    from claimwright.claims.nouns import AttachmentReference, Claim
    from claimwright.web.submissions.services import revise_unsent, scrub

    version = a_visit(inside, cpt="99213", charge="150.00")
    patient = version.claim.patient
    content = msgspec.convert(version.content, Claim)
    flagged = AttachmentReference(report_type="OZ", transmission="EL", control_number="D0000009")
    revise_unsent(version=version, content=msgspec.structs.replace(content, attachments=(flagged,)), reason="asked for")
    scrub(version_ids=[version.pk])
    assert "no document with control number D0000009" in open_findings(version)["PAY07"]
    keep(
        patient,
        b"the record",
        kind="medical_record",
        control_number="D0000009",
        links=[("encounter", version.claim.encounter_id)],
    )
    scrub(version_ids=[version.pk])
    assert again(version).state == "READY"


# Advance notices -----------------------------------------------------------------------------------------------------


def a_notice(**given):
    import msgspec

    service = NoticedService(code="87880", reason="too often", estimated_cost=Decimal("40.00"))
    return msgspec.structs.replace(AdvanceNotice(services=(service,), option="1", signed_on=date(2026, 8, 31)), **given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"services": ()}, "names no service"),
        ({"services": (NoticedService(code="87880", reason="", estimated_cost=Decimal(1)),)}, "why Medicare"),
        ({"services": (NoticedService(code="87880", reason="x"),)}, "estimated cost"),
        ({"option": ""}, "no option"),
        ({"signed_on": date(2026, 10, 1)}, "future"),
        ({"first_service_on": date(2026, 8, 30)}, "after the service"),
    ],
)
def test_a_notice_that_would_not_hold_is_refused(inside, given, says):
    from claimwright.web.authorizations.models import Questionnaire
    from claimwright.web.authorizations.notices import NoticeRefused, record_notice

    with pytest.raises(NoticeRefused, match=says):
        record_notice(patient=register(inside), notice=a_notice(**given))
    assert not Questionnaire.objects.exists()


def test_a_notice_holds_a_year_for_its_code_until_it_is_withdrawn(inside):
    from claimwright.web.authorizations.notices import NoticeRefused, notices_on, record_notice, withdraw_notice

    patient = register(inside)
    paper = keep(patient, b"signed form", kind="abn", signed_on=date(2026, 8, 31))
    row = record_notice(patient=patient, notice=a_notice(), document=paper)

    def holds(code="87880", on=date(2026, 9, 1)):
        return notices_on(patient_id=patient.pk, code=code, on=on) == [row]

    assert holds() and holds(on=date(2027, 8, 30))
    assert not holds("99213") and not holds(on=date(2026, 8, 30)) and not holds(on=date(2027, 8, 31))
    with pytest.raises(NoticeRefused, match="say why"):
        withdraw_notice(notice=row, reason="")
    withdraw_notice(notice=row, reason="patient changed her mind")
    assert not holds()


def test_a_signed_notice_is_a_paper_of_the_lines_it_names(inside):
    import msgspec

    from claimwright.claims.nouns import Claim
    from claimwright.web.authorizations.notices import record_notice
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.on_file import OnFile

    version = a_visit(inside)
    record_notice(patient=version.claim.patient, notice=a_notice())
    version = ClaimVersion.objects.select_related("claim__payer", "claim__patient").get(pk=version.pk)
    content = msgspec.convert(version.content, Claim)
    (fact,) = OnFile([version]).facts(version, content)["documents"]
    assert (fact.kind, fact.signed_on, fact.lines) == ("abn", date(2026, 8, 31), (content.lines[0].control_number,))
