"""Visits entered by a person: from the form to a claim that the edits have seen, with every fault beside its field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.web.workbench.test_front_desk import (  # noqa: F401
    as_role,
    clean,
    cover,
    desk,
    register,
    text,
    within,
)

DAY = "08/31/2026"
LINE = {"line1-code": "99213", "line1-units": "1", "line1-pointers": "A"}
VISIT = {"date_from": DAY, "rendering": "1234567893", "place": "11", "dx1": "J06.9", "key": "k1", "do": "lock"} | LINE


@pytest.fixture
def covered(desk):  # noqa: F811
    """The biller's browser; `patient` is registered and covered."""
    desk.patient = register(desk)
    cover(desk, desk.patient)
    return desk


def enter(client, **changes):
    cells = VISIT | {"patient_text": client.patient.record_number} | changes
    return client.post(reverse("save_new_visit"), {name: value for name, value in cells.items() if value is not None})


def encounters(client):
    from claimwright.web.charges.models import Encounter

    with within(client):
        return list(Encounter.objects.order_by("received_on", "pk"))


def only(client):
    (row,) = encounters(client)
    return row


def test_a_visit_becomes_a_claim_in_one_step(covered):
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.submissions.models import ClaimVersion

    body = clean(text(covered.get(reverse("new_visit"))))
    assert 'value="1234567893" selected' in body and "09/30/2026" in body
    response = enter(covered)
    assert response.status_code == 302 and "/claims/" in response.headers["Location"], text(response)[:4000]
    with within(covered):
        version = ClaimVersion.objects.get()
        line = ChargeLine.objects.get()
        assert version.total_charge == Decimal("150.00") == line.charge
        assert version.state == "READY", list(version.findings.values_list("edit_id", "message"))
        assert version.content["diagnoses"][0]["code"] == "J069"
        assert version.content["lines"][0]["diagnosis_pointers"] == [1]
        assert line_balances([line.line_id]) == {line.line_id: {"INS1": Decimal("150.00")}}
    assert only(covered).state == "CLAIMED"
    assert "99213" in text(covered.get(response.headers["Location"]))


def test_every_fault_stands_beside_its_field_and_nothing_is_lost(covered):
    response = enter(covered, date_from="02/30/2026", dx1="J06", dx3="E11.9", **{"line1-pointers": "D", "line1-modifiers": "5", "line1-charge": "12.345"})  # fmt: skip
    body = clean(text(response))
    assert response.status_code == 200 and not encounters(covered)
    for kept in ("02/30/2026", "E11.9", "12.345"):
        assert f'value="{kept}"' in body
    for told in ("no day of the calendar", "Diagnosis B is blank", "two characters", "no amount", "that is not there"):
        assert told in body, told
    assert 'id="line1-faults"' in body and body.count('aria-invalid="true"') >= 5


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dx1": "J06"}, "category"),
        ({"dx1": "Z99.999"}, "no such code"),
        ({"dx1": ""}, "A coded visit has a diagnosis"),
        ({"dx2": "J069"}, "stands here twice"),
        ({"date_from": "10/01/2026"}, "still to come"),
        ({"date_from": "01/01/1979"}, "not born"),
        ({"rendering": "1111111111"}, "No provider is chosen"),
        ({"place": "1"}, "two digits"),
        ({"line1-code": "9921"}, "five characters"),
        ({"line1-code": "J9999X"}, "five characters"),
        ({"line1-units": "0"}, "no units"),
        ({"dx2": "E11.9", "line1-pointers": ""}, "points to no diagnosis"),
        ({"line1-date": "08/30/2026"}, "outside the visit"),
        ({"line1-ndc": "1234567890"}, "one of three numbers"),
        ({"line1-ndc": "00002-1433-80"}, "quantity and unit"),
        ({"line1-modifiers": "25 25"}, "stands here twice"),
        ({"cause_AA": "on", "accident_date": "08/01/2026"}, "An auto accident has a state"),
        ({"cause_OA": "on"}, "The accident has no date"),
        ({"line1-code": None, "line1-pointers": None}, "A coded visit has a line"),
        ({"patient_text": "NOBODY"}, "No patient matches"),
        ({"level_minutes": "2000"}, "no minutes"),
    ],
)
def test_what_cannot_be_is_told(covered, changes, told):
    response = enter(covered, **changes)
    assert response.status_code == 200 and told in text(response)
    assert not encounters(covered)


def test_of_several_patients_one_is_chosen(covered):
    register(covered, first_name="Janet", ssn="", decided_new="on")
    body = text(enter(covered, patient_text="sample"))
    assert "Several patients match" in body and body.count('type="radio"') == 2
    assert enter(covered, patient_text="sample", patient=str(covered.patient.pk)).status_code == 302


def test_without_coverage_the_patient_pays_or_is_asked_first(desk):  # noqa: F811
    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.submissions.models import ClaimVersion

    desk.patient = register(desk)
    body = text(enter(desk))
    assert "No coverage with a place" in body and 'name="self_pay"' in body
    assert enter(desk, self_pay="on").status_code == 302
    with within(desk):
        assert not ClaimVersion.objects.exists()
        (balances,) = line_balances([line.line_id for line in only(desk).lines.all()]).values()
        assert balances == {"PAT": Decimal("150.00")}


def test_the_same_form_twice_is_one_visit_and_another_is_asked(covered):
    assert enter(covered).status_code == 302
    assert enter(covered).status_code == 302
    assert only(covered).state == "CLAIMED"
    assert "has a visit with this provider" in text(enter(covered, key="k2"))
    assert enter(covered, key="k2", second_visit="on").status_code == 302
    assert len(encounters(covered)) == 2


def test_begun_finished_changed_and_locked(covered):
    assert enter(covered, do="draft", dx1="", **{"line1-pointers": ""}).status_code == 302
    row = only(covered)
    assert row.state == "CODING"
    address = reverse("save_entered_visit", args=[row.pk])
    body = text(covered.get(reverse("edit_visit", args=[row.pk])))
    assert 'value="99213"' in body and 'value="08/31/2026"' in body and "Why it changes" not in body
    cells = VISIT | {"patient": str(covered.patient.pk), "do": "code"}
    assert covered.post(address, cells).status_code == 302
    assert only(covered).state == "CODED"
    changed = cells | {"line1-modifiers": "25", "line1-code": "99214"}
    refused = covered.post(address, changed)
    assert refused.status_code == 200 and "reason" in text(refused) and 'value="99214"' in text(refused)
    assert only(covered).state == "CODED" and only(covered).content["lines"][0]["procedure_code"] == "99213"
    assert covered.post(address, changed | {"reason": "the note says so"}).status_code == 302
    row = only(covered)
    assert row.state == "CODED" and row.content["lines"][0]["modifiers"] == ["25"]
    assert covered.post(reverse("charge_visit", args=[row.pk])).status_code == 302
    assert only(covered).state == "CLAIMED"
    assert covered.get(reverse("edit_visit", args=[row.pk])).status_code == 302
    assert "they are locked" in text(covered.post(address, changed | {"reason": "again"}))


def test_a_scheduled_visit_is_the_one_that_is_entered(covered):
    from datetime import UTC, datetime

    from claimwright.web.charges.visits import schedule_visit

    with within(covered):
        planned = schedule_visit(
            practice=covered.patient.practice, patient=covered.patient, appointment_id="A1", interface="siu",
            starts_at=datetime(2026, 8, 31, 15, tzinfo=UTC), on=date(2026, 8, 31), rendering_npi="1234567893",
        )  # fmt: skip
    assert enter(covered).status_code == 302
    row = only(covered)
    assert row.pk == planned.pk and row.state == "CLAIMED" and row.appointment_id == "siu|A1"
    enter(covered)  # the same form pressed twice
    assert only(covered).pk == planned.pk


def test_a_line_without_a_price_holds_the_visit(covered):
    response = enter(covered, **{"line1-code": "99499"})
    row = only(covered)
    assert response.headers["Location"].endswith(f"/visits/{row.pk}/") and row.state == "HELD"
    assert "no price" in text(covered.get(response.headers["Location"]))


def test_what_an_interface_said_of_a_line_stays_with_it(covered):
    from claimwright.web.charges.models import Encounter

    enter(covered, do="draft")
    row = only(covered)
    row.content["lines"][0] |= {"emergency": True, "date_to": "2026-09-02"}
    with within(covered):
        Encounter.objects.filter(pk=row.pk).update(content=row.content)
    covered.post(
        reverse("save_entered_visit", args=[row.pk]),
        VISIT | {"patient": str(covered.patient.pk), "do": "draft", "line1-modifiers": "25", "date_to": "09/02/2026"},
    )
    line = only(covered).content["lines"][0]
    assert line["emergency"] is True and line["date_to"] == "2026-09-02" and line["modifiers"] == ["25"]


def test_more_lines_and_the_level_without_a_script(covered):
    more = text(enter(covered, do="lines"))
    assert 'name="line12-code"' in more and 'value="J06.9"' in more
    level = text(enter(covered, do="level", level_minutes="32"))
    assert "<strong>99203</strong>" in level and "32 minutes earn 99203, 30 are asked" in level and "is new" in level
    level = text(
        enter(covered, do="level", level_patient="established", level_problems="moderate", level_risk="moderate")
    )
    assert "<strong>99214</strong>" in level and "40 minutes" in level
    assert not encounters(covered)
    enter(covered, level_patient="established", level_problems="moderate", level_risk="moderate")
    assert "It supports <strong>99214</strong>" in text(covered.get(reverse("visit", args=[only(covered).pk])))


# While somebody types ------------------------------------------------------------------------------------------------


def found(client, name, **values):
    return client.get(reverse(name), values).json()


def test_codes_are_found_by_words_and_by_their_beginning(covered):
    rows = found(covered, "find_codes", q="diab hyperglyc", on=DAY)["rows"]
    assert {"E10.65", "E11.65"} <= {row["code"] for row in rows}
    assert found(covered, "find_codes", q="J06.9", on=DAY)["rows"][0]["code"] == "J06.9"
    assert found(covered, "find_codes", q="", on=DAY)["rows"] == []
    own = found(covered, "find_codes", set="procedure", q="strep", on=DAY)["rows"]
    assert own[0] == {"code": "87880", "title": "strep", "billable": True}
    assert any(
        row["code"] == "J1100" for row in found(covered, "find_codes", set="procedure", q="dexameth", on=DAY)["rows"]
    )


def test_patients_are_found_with_their_coverage_and_on_record(covered):
    from claimwright.web.core.models import AuditEvent

    (row,) = found(covered, "find_patients", q="sam ja", on=DAY)["rows"]
    assert row["id"] == str(covered.patient.pk) and row["insured"] == "NORTHERN MUTUAL"
    assert found(covered, "find_patients", q="sam ja", on="01/01/2020")["rows"][0]["insured"] == "no coverage"
    assert found(covered, "find_patients", q="s", on=DAY)["rows"] == []
    with within(covered):
        assert AuditEvent.objects.filter(action="patient.list").count() == 3


@pytest.mark.parametrize(
    ("code", "units", "on", "charge"),
    [("99213", "1", DAY, "150.00"), ("87880", "3", DAY, "120.00"), ("99213", "1", "01/01/2024", ""),
     ("99499", "1", DAY, ""), ("99213", "NaN", DAY, ""), ("99213", "x", DAY, "")],
)  # fmt: skip
def test_the_price_is_that_of_the_day(covered, code, units, on, charge):
    assert found(covered, "find_price", code=code, units=units, on=on)["charge"] == charge


def test_the_level_is_told_with_its_reasons(covered):
    told = found(
        covered, "find_level", date_from=DAY, level_minutes="75", level_patient="established", level_medicare="on"
    )
    assert told["code"] == "99215" and told["prolonged"] == "G2212 x 1"
    assert found(covered, "find_level", date_from=DAY)["code"] == ""
    seen = enter(covered)
    assert seen.status_code == 302
    told = found(covered, "find_level", date_from="09/15/2026", level_minutes="20", rendering="1234567893", patient=str(covered.patient.pk))  # fmt: skip
    assert told["code"] == "99213" and "last seen here by this specialty on 08/31/2026" in told["says"][0]


# One visit -----------------------------------------------------------------------------------------------------------


def move(client, row, event, **more):
    return text(client.post(reverse("move_visit", args=[row.pk]), {"event": event} | more, follow=True))


def test_a_visit_takes_its_steps_and_keeps_their_reasons(covered):
    from datetime import UTC, datetime

    from claimwright.web.charges.visits import schedule_visit

    with within(covered):
        row = schedule_visit(
            practice=covered.patient.practice, patient=covered.patient, appointment_id="A1", interface="siu",
            starts_at=datetime(2026, 9, 30, 15, tzinfo=UTC), on=date(2026, 9, 30), rendering_npi="1234567893",
        )  # fmt: skip
    assert "cannot happen" in move(covered, row, "sign_note", note_id="N1")
    assert "Arrived" in move(covered, row, "arrive")
    assert "name the note" in move(covered, row, "sign_note", note_id=" ")
    assert "note signed now" in move(covered, row, "sign_note", note_id="N1")
    assert "needs coding" in move(covered, row, "start_coding")
    assert "needs a reason" in move(covered, row, "mark_non_billable")
    body = clean(move(covered, row, "mark_non_billable", reason="post-operative visit"))
    assert "Post-operative visit" in body and "Not billable" in body
    assert "this step is not made here" in move(covered, row, "claim")
    assert only(covered).state == "NON_BILLABLE"


def question(**changes):
    return {
        "question": "What type of heart failure was treated?", "excerpt": "EF 35%, furosemide", "source": "Note, plan",
        "provider": "1234567893", "option1": "Systolic", "option2": "Diastolic",
    } | changes  # fmt: skip


def test_a_question_is_asked_answered_and_lets_the_visit_go_on(covered):
    from claimwright.web.charges.models import ProviderQuery

    enter(covered, do="code")
    row = only(covered)
    ask = reverse("ask_query", args=[row.pk])
    leading = covered.post(ask, question(question="Please document systolic heart failure so that we get paid?"))
    assert leading.status_code == 200 and "The wording" in text(leading) and "furosemide" in text(leading)
    assert 'value="Systolic"' in text(leading)
    assert covered.post(ask, question()).status_code == 302
    assert only(covered).state == "QUERY"
    body = clean(text(covered.get(reverse("visit", args=[row.pk]))))
    assert "What type of heart failure" in body and "Clinically undetermined" in body and "Enter charges" not in body
    with within(covered):
        query = ProviderQuery.objects.get()
    answer = reverse("answer_query", args=[query.pk])
    assert "none of the options" in text(covered.post(answer, {"outcome": "Maybe", "answered_by": "Dr A"}, follow=True))
    told = text(covered.post(answer, {"outcome": "Systolic", "words": "chronic", "answered_by": "Dr A"}, follow=True))
    assert "Systolic" in told and only(covered).state == "CODING"
    body = text(covered.get(reverse("edit_visit", args=[row.pk])))
    assert "Or the provider" in body and str(query.pk) in body
    cells = VISIT | {"patient": str(covered.patient.pk), "dx2": "I50.22", "because_of": str(query.pk), "do": "code"}
    assert covered.post(reverse("save_entered_visit", args=[row.pk]), cells).status_code == 302
    assert "already" in text(covered.post(reverse("withdraw_query", args=[query.pk]), {"because": "x"}, follow=True))


def test_a_question_about_a_claimed_visit_holds_its_claim(covered):
    from claimwright.web.charges.models import ProviderQuery
    from claimwright.web.submissions.models import ClaimVersion

    enter(covered)
    row = only(covered)
    covered.post(reverse("ask_query", args=[row.pk]), question())
    with within(covered):
        assert ClaimVersion.objects.get().state == "EDIT_HOLD"
        query = ProviderQuery.objects.get()
    covered.post(reverse("withdraw_query", args=[query.pk]), {"because": "the addendum says it"})
    with within(covered):
        assert ClaimVersion.objects.get().state == "READY"


def test_the_list_groups_visits_by_what_they_need(covered):
    enter(covered, do="code")
    body = clean(text(covered.get(reverse("visits"))))
    assert "Coded, not charged" in body and "SAMPLE, Jane" in body.replace("Sample", "SAMPLE") and "99213" in body
    assert "No visit is in this group" in text(covered.get(reverse("visits"), {"group": "held"}))
    assert "No visit matches" in text(covered.get(reverse("visits"), {"q": "nobody"}))


# Doors ---------------------------------------------------------------------------------------------------------------

PAGES = ["visits", "new_visit", "find_codes", "find_patients", "find_price", "find_level"]


@pytest.mark.parametrize("name", PAGES)
def test_nobody_sees_a_page_without_signing_in(desk, name):  # noqa: F811
    from django.test import Client

    assert Client().get(reverse(name)).status_code == 302
    assert desk.get(reverse(name)).status_code == 200
    assert desk.post(reverse(name)).status_code == 405


def test_another_tenants_visit_is_not_found(covered, other_tenant):
    from claimwright.web.charges.models import Encounter, ProviderQuery
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(other_tenant):
        stranger = Encounter.objects.create(external_id="x", source="csv", state="CODED", received_on=date(2026, 9, 1))
        query = ProviderQuery.objects.create(
            encounter=stranger, provider_npi="1", asked_on=date(2026, 9, 1), content={"question": "?"}
        )
    for name in ("visit", "edit_visit"):
        assert covered.get(reverse(name, args=[stranger.pk])).status_code == 404
        assert covered.post(reverse(name, args=[stranger.pk])).status_code == 405
    for name in ("save_entered_visit", "charge_visit", "move_visit", "ask_query"):
        assert covered.post(reverse(name, args=[stranger.pk]), VISIT).status_code == 404
        assert covered.get(reverse(name, args=[stranger.pk])).status_code == 405
    for name in ("answer_query", "withdraw_query"):
        assert covered.post(reverse(name, args=[query.pk]), {}).status_code == 404


def test_reading_a_visit_is_on_record_and_asks_few_questions(covered):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.core.models import AuditEvent

    enter(covered, do="code")
    row = only(covered)
    for name, most in (("visit", 26), ("edit_visit", 24)):
        covered.get(reverse(name, args=[row.pk]))
        with CaptureQueriesContext(connection) as queries:
            covered.get(reverse(name, args=[row.pk]))
        assert len(queries) <= most, [query["sql"][:110] for query in queries]
    with within(covered):
        assert AuditEvent.objects.filter(action="encounter.read", subject_id=str(row.pk)).count() == 4
