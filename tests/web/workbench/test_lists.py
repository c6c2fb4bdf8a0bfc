"""Filters, totals and the CSV of the claims list, the search box, the raw view, signing in."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest


def rows(client, **wanted):
    """The claims of the filtered list, from its CSV."""
    text = client.get("/claims.csv", wanted).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("wanted", "claims"),
    [
        ({"state": "READY"}, {"CW1005"}),
        ({"payer": "06302"}, {"CW1004", "CW1008"}),
        ({"from": "2026-09-02", "to": "2026-09-22"}, {"CW1006", "CW1008"}),
        ({"worklist": "edit_holds"}, {"CW1004"}),
        ({"limit": "near"}, {"CW1004"}),
        ({"q": "tester, anna"}, {"CW1001", "CW1006"}),
        ({"q": "PCN1001"}, {"CW1001"}),
        ({"q": "W22345678"}, {"CW1003", "CW1008"}),
        ({"from": "no date"}, {"CW1001", "CW1003", "CW1004", "CW1005", "CW1006", "CW1008"}),
        ({"q": "%"}, set()),
    ],
)
def test_filters(client, wanted, claims):
    assert {row["Claim"] for row in rows(client, **wanted)} == claims


def test_the_row_is_the_ledger_and_the_payers_word(client):
    (row,) = rows(client, q="CW1001")
    assert row["Charge"] == "190.00" and row["Allowed"] == "132.00" and row["Paid"] == "85.00"
    assert row["Patient responsibility"] == "47.00" and row["Payer balance"] == "0.00"
    assert row["Patient balance"] == "37.00"  # 47 less 10 of the copay
    assert row["Last reason"] == "PR-1" and row["Age in days"] == "30"


def test_the_total_over_all_pages_is_the_sum_of_the_rows(client, mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.workbench.claims import balance_of, filtered

    for wanted in ({}, {"payer": "60054"}, {"state": "ADJUDICATED"}, {"q": "nobody"}):
        with tenant_scope(mine.tenant):
            total = balance_of(filtered(wanted))
        assert total == sum((Decimal(row["Payer balance"]) for row in rows(client, **wanted)), Decimal("0.00")), wanted


def test_money_is_written_one_way():
    from claimwright.web.workbench.templatetags.workbench import dollars, figure, money, on, state, subject, units

    assert [money(Decimal(text)) for text in ("0", "-1234.5", "1234567.891")] == ["0.00", "(1,234.50)", "1,234,567.89"]
    assert money(None) == "" and dollars(None) == "–" and dollars(Decimal("-2")) == "($2.00)"
    assert on("2026-09-30") == "09/30/2026" and on("") == ""
    assert state("CH_REJECTED") == "Clearinghouse rejected" and state("EDIT_HOLD") == "Held by edits"
    assert figure("days_in_ar") == "Days in A/R" and figure("era_auto_post_rate") == "ERA auto-post rate"
    assert subject("L1001") == "L1001" and subject("86c6198c-82ec-469c-8d01-aaaaaaaaaaaa") == ""
    assert [units(text) for text in ("1.000", "1.500", "10")] == ["1", "1.5", "10"]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("CW1001", "/claims/"), ("pcn1001", "/claims/"), ("EFT0001001", "/remittances/"), ("MRN1007", "/patients/"),
        ("rivera luz", "/patients/"), ("", "/claims/"),
    ],
)  # fmt: skip
def test_the_search_box_goes_to_the_thing(client, text, page):
    response = client.get("/search/", {"q": text})
    assert response.status_code == 302 and response.headers["Location"].startswith(page)


def test_a_segment_is_found_in_the_part_that_was_named():
    """Two transactions in one file: the same place in each is another segment."""
    from claimwright.web.workbench.raw import payment_segments, raw_page
    from tests.lib.builders import a_claim_payment, a_remittance
    from tests.lib.web_data import ENVELOPE, WHEN, remittance

    two = [
        a_remittance(trace_number="ONE"),
        a_remittance((a_claim_payment(control_number="SECOND"),), trace_number="OTHER"),
    ]
    content = remittance.build_interchange(two, envelope=ENVELOPE, control_number=1, group_control_number=1, when=WHEN)
    second = content.find(b"ST*", content.find(b"ST*") + 1)
    for start, trace in ((0, "ONE"), (second, "OTHER")):
        (found,) = [line for line in raw_page(content, segment=3, part_start=start).lines if line.found]
        assert found.text.startswith(f"TRN*1*{trace}") and found.number == 3
    place = content[second : content.find(b"CLP*SECOND")].count(b"~") + 1
    lines = [line.text for line in payment_segments(content, part_start=second, segment=place)]
    assert lines[0].startswith("CLP*SECOND") and not any(text.startswith(("SE*", "PLB")) for text in lines)


def test_a_claims_number_finds_its_segment_where_no_place_is_known():
    from claimwright.web.workbench.raw import raw_page

    content = (Path(__file__).parents[2] / "golden/835/pass/kputnam-era-sample.edi").read_bytes()
    (found,) = [line for line in raw_page(content, holds="7722337").lines if line.found]
    assert found.text.startswith("CLP*7722337*")
    assert not [line for line in raw_page(content, holds="NOT-IN-IT").lines if line.found]


def test_a_file_that_is_no_x12_is_shown_as_text():
    from claimwright.web.workbench.raw import raw_page

    page = raw_page(b"<html>\nGateway timeout\xff\n</html>")
    assert not page.is_x12 and [line.text for line in page.lines][1].startswith("Gateway timeout")
    assert raw_page(b"").lines == []


def test_a_large_file_is_shown_in_parts():
    from claimwright.web.workbench.raw import SEGMENTS_PER_PAGE, raw_page
    from tests.lib.builders import a_claim_payment, a_remittance
    from tests.lib.web_data import ENVELOPE, WHEN, remittance

    many = a_remittance(tuple(a_claim_payment(control_number=f"C{number}") for number in range(300)))
    content = remittance.build_interchange(
        [many], envelope=ENVELOPE, control_number=1, group_control_number=1, when=WHEN
    )
    first = raw_page(content)
    assert len(first.lines) == SEGMENTS_PER_PAGE < first.total and first.previous is None
    after = raw_page(content, start=first.next)
    assert after.lines[0].place == SEGMENTS_PER_PAGE + 1 and after.previous == 0
    late = raw_page(content, segment=first.total - 6)
    assert any(line.found for line in late.lines)


def test_signing_in_and_out_is_in_the_audit_log(mine):
    from django.test import Client

    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import PASSWORD

    client = Client()
    response = client.post("/login/", {"username": "biller", "password": PASSWORD, "next": "https://evil.example/"})
    assert response.status_code == 302 and response.headers["Location"] == "/"
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    with tenant_scope(mine.tenant):
        last = [(row.actor, row.action) for row in AuditEvent.objects.order_by("-sequence")[:2]]
    assert last == [("biller", "session.sign_out"), ("biller", "session.sign_in")]


def test_ledger_entries_are_told_by_their_other_side(mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.workbench.line_money import buckets_used, entries_of, money_by_line, total_of, total_of_lines

    with tenant_scope(mine.tenant):
        money = money_by_line(entries_of(["L1001", "L1002"]))
    first = money["L1001"]
    assert (first.charge, first.insurer, first.patient) == (Decimal("150.00"), Decimal("85.00"), Decimal("10.00"))
    assert first.adjustments == {"CO-45": Decimal("40.00")}
    assert first.balances == {"INS1": Decimal("0.00"), "PAT": Decimal("15.00")}
    total = total_of(money.values())
    assert (
        total.charge - total.insurer - total.patient - sum(total.adjustments.values())
        == total.balance
        == Decimal("37.00")
    )
    assert buckets_used(money.values()) == ["INS1", "PAT"]
    with tenant_scope(mine.tenant):
        assert total_of_lines(["L1001", "L1002"]) == total  # the database's sums, by another way


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("A3:33:IL", "Sent back unprocessed: subscriber and member number not found"),
        ("A7:158:IL", "Rejected: subscriber's date of birth"),
        ("27", "After termination"),
        ("BIL06", "BIL06: ZIP code … lacks its last four digits, or they are 0000"),
        ("UNMATCHED_ERA", "No deposit"),
        ("SOME_NEW_REASON", "Some new reason"),
        ("", ""),
    ],
)
def test_a_reason_code_reads_as_words(code, said):
    from claimwright.web.workbench.words import reason_words

    assert reason_words(code) == said


def test_a_finding_says_where_as_people_count():
    from claimwright.web.workbench.words import place_words

    assert place_words("lines[0].procedure_code") == "Line 1, procedure code"
    assert place_words("lines[2]") == "Line 3"
    assert place_words("rendering.npi") == "Rendering, NPI"
    assert place_words("") == ""


def test_a_figure_shows_dollars_as_dollars_and_things_as_numbers():
    from claimwright.web.workbench.templatetags.workbench import counted

    assert counted(Decimal("213373.91"), "denial_rate_dollars") == "$213,373.91"
    assert counted(Decimal(0), "write_off_rate_small_balance") == "$0.00"
    assert counted(Decimal(3691), "payment_lag") == "3,691"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Diagnosis J069 is invalid on 2026-10-02: unknown", "Diagnosis J06.9 is invalid on 10/02/2026: unknown"),
        ("Diagnoses J069 and M5450 exclude each other (Excludes1 at J06)",
         "Diagnoses J06.9 and M54.50 exclude each other (Excludes1 at J06)"),
        ("73030 has RT (right side), and its diagnosis M25562 is of the left side",
         "73030 has RT (right side), and its diagnosis M25.562 is of the left side"),
        ("Diagnosis I10 is given more than once", "Diagnosis I10 is given more than once"),
        ("J0690 and J0696 go together", "J0690 and J0696 go together"),
    ],
)  # fmt: skip
def test_a_finding_is_told_with_american_days_and_dotted_diagnoses(said, read):
    from claimwright.web.workbench.templatetags.workbench import told

    assert told(said) == read


def test_a_record_or_member_number_is_found_however_it_is_typed(mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient, PatientCoverage
    from claimwright.web.patients.selectors import by_number

    with tenant_scope(mine.tenant):
        patient = Patient.objects.filter(merged_into__isnull=True).first()
        Patient.objects.filter(pk=patient.pk).update(record_number="mRn-Ab7")
        cover = PatientCoverage.objects.exclude(patient=patient).first()
        PatientCoverage.objects.filter(pk=cover.pk).update(member_id="xYz123q")
        for typed in ("mRn-Ab7", "MRN-AB7", "mrn-aB7"):
            assert [row["pk"] for row in by_number(typed)] == [patient.pk]
        assert {row["pk"] for row in by_number("XyZ123Q")} == {cover.patient_id}


def test_patients_stand_in_the_order_of_their_names_not_of_their_letters(client, mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient

    with tenant_scope(mine.tenant):
        names = [Patient.objects.get(last_name=name).pk for name in ("RIVERA", "NOVAK")]
        Patient.objects.filter(pk=names[0]).update(last_name="aardvark")
        Patient.objects.filter(pk=names[1]).update(last_name="AARDWOLF")
    text = client.get("/patients/").content.decode()
    assert 0 < text.lower().index("aardvark") < text.lower().index("aardwolf") < text.lower().index("tester")


def test_times_are_the_offices_own(client, mine):
    """15:30 UTC of a summer's day is 11:30 in New York; the day before midnight is still the day before."""
    import datetime

    from claimwright.web.core import clock
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.models import JobRun

    Tenant.objects.filter(pk=mine.tenant.pk).update(fixed_date=None, time_zone="America/New_York")
    at = datetime.datetime(2026, 7, 1, 15, 30, tzinfo=datetime.UTC)
    with tenant_scope(mine.tenant.pk):
        JobRun.objects.create(job="audit", slot=at, queued_at=at, started_at=at, state="done")
        late = datetime.datetime(2026, 7, 2, 3, 30, tzinfo=datetime.UTC)
        assert clock.day_of(late) == datetime.date(2026, 7, 1)
        assert clock.begins(datetime.date(2026, 7, 1)) == datetime.datetime(2026, 7, 1, 4, 0, tzinfo=datetime.UTC)
    text = client.get("/jobs/").content.decode()
    assert "07/01/2026 11:30" in text and "15:30" not in text


def test_what_is_no_day_changes_nothing_and_is_told(client, mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(mine.tenant):
        version = ClaimVersion.objects.get(state="READY")
    form = {"reason": "the provider is asked", "until": "13/45/2026", "form_key": "0" * 32}
    response = client.post(f"/claims/versions/{version.pk}/hold/", form, follow=True)
    assert "“13/45/2026” is no day" in response.content.decode()
    with tenant_scope(mine.tenant):
        version.refresh_from_db()
    assert version.state == "READY" and version.hold_until is None
    client.post(f"/claims/versions/{version.pk}/hold/", form | {"until": "10/20/2026"})  # the same form, put right
    with tenant_scope(mine.tenant):
        version.refresh_from_db()
    assert version.state == "ON_HOLD" and f"{version.hold_until}" == "2026-10-20"
