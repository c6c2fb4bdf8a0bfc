"""Insurance cards and questionnaires: by content, sealed, listed when unreadable; answers kept with their day."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date

import pytest

from tests.lib.practices import work_items


def png(width=3, height=2):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + b"\x40\x80\xc0" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def jpeg():
    size = b"\xff\xc0\x00\x11\x08\x00\x02\x00\x03\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        + size
        + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00abc\xff\xd9"
    )


def pdf(**options):
    import pikepdf

    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


@pytest.fixture
def coverage(inside):
    from tests.web.patients.test_coverages import add
    from tests.web.patients.test_registration import register

    return add(register(inside).patient)


def upload(coverage, content, side="front", name="card.png"):
    from claimwright.web.patients.cards import add_card

    return add_card(coverage=coverage, side=side, name=name, content=content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(png(), "image/png"), (jpeg(), "image/jpeg"), (pdf(), "application/pdf")],
    ids=["png", "jpeg", "pdf"],
)
def test_a_card_is_kept_sealed_and_opened_with_a_trail(coverage, content, kind):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.patients.cards import open_card

    card = upload(coverage, content, name="card.exe")
    assert (card.content_type, card.state, card.reason) == (kind, "readable", "")
    card.refresh_from_db()
    assert content not in bytes(card.sealed) and content[:20] not in bytes(card.sealed)
    assert open_card(card=card) == content
    assert AuditEvent.objects.filter(action="card.read").count() == 1
    assert upload(coverage, content).pk == card.pk


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (png()[:-8], "breaks off"),
        (png()[:40] + b"\x00" + png()[41:], "damaged"),
        (png(60_000, 2_000), "too large"),
        (jpeg()[:-2], "breaks off"),
        (jpeg()[:30], "breaks off"),
        (b"%PDF-1.7\nnothing", "cannot be opened"),
        (b"RIFF\xff\xff\x00\x00WEBPVP8 ", "breaks off"),
    ],
)
def test_an_unreadable_card_is_kept_with_its_link_and_listed(coverage, content, problem):
    card = upload(coverage, content)
    assert card.state == "unreadable" and problem in card.reason and card.coverage == coverage
    assert work_items() == [("unreadable_cards", "UNREADABLE_CARD")]
    upload(coverage, png())
    assert work_items() == []


def test_a_pdf_with_a_password_cannot_be_read(coverage):
    import pikepdf

    card = upload(coverage, pdf(encryption=pikepdf.Encryption(owner="a", user="b")))
    assert card.state == "unreadable" and "password" in card.reason


@pytest.mark.parametrize(
    ("content", "side", "match"),
    [
        (b"", "front", "empty"),
        (b"<html><script>", "front", "no picture"),
        (b"MZ\x90\x00", "front", "no picture"),
        (b"GIF89a", "front", "no picture"),
        (png() + b"\x00" * 10_500_000, "front", "10 MB"),
        (png(), "side", "front or the back"),
    ],
)
def test_what_is_no_card_is_refused(coverage, content, side, match):
    from claimwright.web.patients.cards import CardRefused
    from claimwright.web.patients.models import CardImage

    with pytest.raises(CardRefused, match=match):
        upload(coverage, content, side=side)
    assert not CardImage.objects.exists()


def finds_something(content):
    return "EICAR"


def finds_nothing(content):
    return ""


def breaks(content):
    raise OSError("no scanner")


@pytest.mark.parametrize(("name", "kept"), [("finds_something", False), ("breaks", False), ("finds_nothing", True)])
def test_the_virus_scan_is_asked(coverage, settings_of, name, kept):
    from claimwright.web.patients.cards import CardRefused

    settings_of("VIRUS_SCAN", f"{__name__}.{name}")
    if kept:
        assert upload(coverage, png()).scanned_by.endswith(name)
    else:
        with pytest.raises(CardRefused, match="virus scan"):
            upload(coverage, png())


@pytest.fixture
def settings_of():
    from django.test import override_settings

    held = []

    def change(name, value):
        override = override_settings(**{name: value})
        override.enable()
        held.append(override)

    yield change
    for override in held:
        override.disable()


# Questionnaires ------------------------------------------------------------------------------------------------------


def test_answers_about_medicare_are_kept_and_decide(coverage):
    from claimwright.billing.coverage_order import Basis
    from claimwright.billing.questionnaires import MedicareAnswers
    from claimwright.web.patients.questionnaires import AnswersRefused, record_medicare_answers
    from claimwright.web.patients.selectors import medicare_secondary, questionnaire_is_stale

    patient = coverage.patient
    assert questionnaire_is_stale(patient, date(2026, 9, 30))
    working = MedicareAnswers(
        basis=Basis.AGE, has_group_plan=True, plan_through="self", currently_working=True, employer_size=50
    )
    row = record_medicare_answers(patient=patient, answers=working, answered_on=date(2026, 9, 1))
    assert (row.medicare_first, row.insurance_type) == (False, "12")
    facts = medicare_secondary([patient.pk])[patient.pk]
    assert facts.employer_plan_active and facts.reason == "12"
    record_medicare_answers(patient=patient, answers=MedicareAnswers(), answered_on=date(2026, 9, 20))
    assert not medicare_secondary([patient.pk])[patient.pk].employer_plan_active
    assert not questionnaire_is_stale(patient, date(2026, 12, 19)) and questionnaire_is_stale(
        patient, date(2026, 12, 20)
    )
    with pytest.raises(AnswersRefused, match="future"):
        record_medicare_answers(patient=patient, answers=working, answered_on=date(2027, 1, 1))


def test_an_accident_opens_a_case_once_until_it_is_closed(coverage):
    from claimwright.billing.questionnaires import AccidentAnswers
    from claimwright.web.patients.questionnaires import AnswersRefused, close_case, record_accident
    from claimwright.web.patients.selectors import injury_cases

    patient, on = coverage.patient, date(2026, 9, 30)
    answers = AccidentAnswers(
        auto=True, happened_on=date(2026, 9, 1), state="WI", carrier="Prairie Auto", case_number="A1"
    )
    case = record_accident(patient=patient, answers=answers, answered_on=on)
    assert record_accident(patient=patient, answers=answers, answered_on=on).pk == case.pk
    assert [(one.kind, one.open) for one in injury_cases([patient.pk])[patient.pk]] == [("AM", True)]
    close_case(case=case, because="settled")
    assert [(one.kind, one.open) for one in injury_cases([patient.pk])[patient.pk]] == [("AM", False)]
    assert record_accident(patient=patient, answers=AccidentAnswers(), answered_on=on) is None
    with pytest.raises(AnswersRefused):
        record_accident(patient=patient, answers=AccidentAnswers(auto=True), answered_on=on)


def held_by(inside, **cells):
    """Edits that a visit's claim does not pass, by the row of a superbill."""
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.scrubbing import scrub
    from tests.lib import practices

    practices.take_in(inside, practices.superbill_row(dos_from="2026-09-15", **cells))
    scrub()
    return set(EditFinding.objects.filter(open=True).values_list("edit_id", flat=True))


def patient_of_row(inside, **answers):
    from claimwright.claims.nouns import Patient
    from claimwright.web.patients.services import save_patient

    person = Patient(
        last_name="TESTER", first_name="ANNA", birth_date=date(1950, 5, 17), sex="F", record_number="MRN1001"
    )
    return save_patient(practice=inside.practice, patient=person)


MEDICARE_ROW = {"payer": "MEDB", "member_id": "1EG4TE5MK73", "dob": "1950-05-17"}


def test_answers_hold_the_claims_they_speak_against(inside):
    """Medicare first though the employer's plan is, by the answers, before it: COB11."""
    from claimwright.billing.coverage_order import Basis
    from claimwright.billing.questionnaires import MedicareAnswers
    from claimwright.web.patients.questionnaires import record_medicare_answers

    answers = MedicareAnswers(
        basis=Basis.AGE, has_group_plan=True, plan_through="spouse", currently_working=True, employer_size=20
    )
    record_medicare_answers(patient=patient_of_row(inside), answers=answers, answered_on=date(2026, 9, 1))
    assert "COB11" in held_by(inside, **MEDICARE_ROW)


def test_without_such_answers_medicare_is_billed(inside):
    patient_of_row(inside)
    assert "COB11" not in held_by(inside, **MEDICARE_ROW)


@pytest.mark.parametrize("is_open", [True, False])
def test_an_open_case_holds_an_injury_billed_to_a_health_plan(inside, is_open):
    from claimwright.billing.questionnaires import AccidentAnswers
    from claimwright.web.patients.questionnaires import close_case, record_accident

    case = record_accident(
        patient=patient_of_row(inside), answers=AccidentAnswers(at_work=True, happened_on=date(2026, 9, 10)),
        answered_on=date(2026, 9, 12),
    )  # fmt: skip
    if not is_open:
        close_case(case=case, because="the carrier denied it")
    assert ("COB14" in held_by(inside, dob="1950-05-17", dx1="S61.011A")) is is_open
