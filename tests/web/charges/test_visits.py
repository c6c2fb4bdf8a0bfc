"""A visit from its appointment to its claim: steps in order, what is documented, queries, and the gaps between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from claimwright.claims.nouns import Diagnosis, Line
from claimwright.coding.advice import OTHER, UNDETERMINED, Evidence
from claimwright.coding.evaluation import Visit
from claimwright.coding.queries import QueryRefused
from claimwright.coding.reconciliation import Documented
from claimwright.coding.states import EncounterEvent, NotAllowed
from tests.lib.builders import a_patient
from tests.lib.practices import states, superbill_row, take_in, work_items

ON = date(2026, 8, 31)
NINE = datetime(2026, 8, 31, 14, 0, tzinfo=UTC)
NOTE = [Evidence(excerpt="swelling of the ankle", source="note N1, exam")]
OPTIONS = ["Right ankle", "Left ankle", OTHER, UNDETERMINED]
QUESTION = "The exam describes swelling. Which ankle was examined?"


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


@pytest.fixture
def visit(inside):
    """A scheduled visit of a registered patient."""
    from claimwright.web.charges.visits import schedule_visit
    from claimwright.web.patients.services import save_patient

    patient = save_patient(practice=inside.practice, patient=a_patient(record_number="MRN1001"))
    return schedule_visit(
        practice=inside.practice, patient=patient, appointment_id="A1", interface="hl7", starts_at=NINE, on=ON,
        rendering_npi="1234567893",
    )  # fmt: skip


def day(tenant, on):
    tenant.fixed_date = on
    tenant.save(update_fields=["fixed_date"])


def moves(encounter):
    from claimwright.web.charges.selectors import moves_of

    return [(move.event, move.to_state) for move in moves_of(encounter)]


def signed(visit):
    from claimwright.web.charges import visits

    visits.arrive(encounter=visit, at=NINE)
    return visits.sign_note(encounter=visit, note_id="N1", at=NINE + timedelta(hours=1), on=ON)


def line(code="99213", **more):
    return Line(procedure_code=code, charge=Decimal("150.00"), date_from=ON, diagnosis_pointers=(1,), **more)


def test_the_straight_way_and_its_moves(visit):
    from claimwright.web.charges import visits
    from claimwright.web.charges.services import lock_charges

    visits.arrive(encounter=visit, at=NINE)
    visits.open_note(encounter=visit, note_id="N1")
    visits.sign_note(encounter=visit)
    visits.code_visit(encounter=visit, diagnoses=[Diagnosis(code="J069")], lines=[line()], finished=True)
    assert lock_charges(encounters=[visit]) == [visit]
    assert moves(visit) == [
        ("reschedule", "SCHEDULED"), ("arrive", "ARRIVED"), ("open_note", "NOTE_OPEN"), ("sign_note", "NOTE_SIGNED"),
        ("start_coding", "CODING"), ("finish_coding", "CODED"), ("lock", "CHARGES_LOCKED"),
    ]  # fmt: skip


def test_a_step_out_of_turn_changes_nothing(visit):
    from claimwright.web.charges import visits
    from claimwright.web.charges.models import Encounter
    from claimwright.web.charges.moves import move_encounter

    with pytest.raises(NotAllowed):
        visits.sign_note(encounter=visit, note_id="N1")
    with pytest.raises(NotAllowed, match="needs a reason"):
        move_encounter(encounter=visit, event=EncounterEvent.CANCEL)
    kept = Encounter.objects.get(pk=visit.pk)
    assert (kept.state, kept.note_id, len(moves(kept))) == ("SCHEDULED", "", 1)
    stale = Encounter.objects.get(pk=visit.pk)
    visits.arrive(encounter=visit)
    with pytest.raises(NotAllowed):  # a second person with an old page
        visits.arrive(encounter=stale)


def test_moves_are_only_added(visit):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        visit.moves.update(reason="other")


def test_charges_of_an_interface_find_the_scheduled_visit(inside, visit):
    from claimwright.web.charges import visits
    from claimwright.web.charges.models import Encounter

    visits.answer_accident(encounter=visit, causes=["OA"], on=date(2026, 8, 30))
    signed(visit)
    report = take_in(inside, superbill_row())
    assert (report.encounters, report.claims) == (1, 1)
    only = Encounter.objects.get()
    assert (only.pk, only.external_id, only.appointment_id, only.state) == (
        visit.pk,
        "csv|1000000004|V1",
        "hl7|A1",
        "CLAIMED",
    )
    assert (only.note_id, only.content["causes"], only.content["accident_date"]) == ("N1", ["OA"], "2026-08-30")
    assert moves(only)[-3:] == [("receive", "CODED"), ("lock", "CHARGES_LOCKED"), ("claim", "CLAIMED")]
    again = take_in(inside, superbill_row(), name="again.csv")
    assert (again.encounters, Encounter.objects.count(), states()) == (0, 1, {"DRAFT": 1})


def test_another_provider_or_day_is_another_visit(inside, visit):
    from claimwright.web.charges.models import Encounter

    signed(visit)
    take_in(inside, superbill_row(dos_from="2026-09-01"))
    assert sorted(Encounter.objects.values_list("external_id", "state")) == [
        ("appointment|hl7|A1", "NOTE_SIGNED"), ("csv|1000000004|V1", "CLAIMED"),
    ]  # fmt: skip


def test_what_is_held_keeps_its_items_when_it_finds_the_visit(inside, visit):
    from claimwright.web.core.models import WorkItem

    take_in(inside, superbill_row(payer="NOBODY"))
    visit.refresh_from_db()
    assert visit.state == "HELD"
    assert set(WorkItem.objects.exclude(subject_id="").values_list("subject_id", flat=True)) == {str(visit.pk)}


def test_a_query_holds_coding_until_it_is_answered(visit):
    from claimwright.web.charges import queries, visits

    signed(visit)
    visits.code_visit(encounter=visit, diagnoses=[Diagnosis(code="S93409A")], lines=[line()])
    query = queries.ask_provider(encounter=visit, question=QUESTION, options=OPTIONS, evidence=NOTE)
    assert visit.state == "QUERY" and query.provider_npi == "1234567893"
    assert work_items(worklist="provider_queries", state="open") == [("provider_queries", "STEP_0")]
    with pytest.raises(visits.VisitRefused, match="QUERY"):
        visits.code_visit(encounter=visit, diagnoses=[], lines=[], because_of=query, finished=True)
    with pytest.raises(QueryRefused):
        queries.answer_query(query=query, outcome="Neither")
    answered = queries.answer_query(query=query, outcome="Left ankle", answered_by="dr")
    visit.refresh_from_db()
    assert (visit.state, answered.state) == ("CODING", "answered")
    assert work_items(worklist="provider_queries", state="open") == []
    visits.code_visit(
        encounter=visit, diagnoses=[Diagnosis(code="S93402A")], lines=[line()], because_of=answered, finished=True
    )
    assert visit.state == "CODED"


def test_a_leading_query_is_refused_and_nothing_moves(visit):
    from claimwright.web.charges import queries, visits
    from claimwright.web.charges.models import ProviderQuery

    signed(visit)
    visits.code_visit(encounter=visit, diagnoses=[], lines=[])
    with pytest.raises(QueryRefused, match="tells the provider"):
        queries.ask_provider(encounter=visit, question="Please document left?", options=OPTIONS, evidence=NOTE)
    assert ProviderQuery.objects.count() == 0 and visit.state == "CODING"


def test_a_change_after_coding_needs_its_ground(visit):
    from claimwright.web.charges import queries, visits
    from claimwright.web.charges.moves import move_encounter

    signed(visit)
    visits.code_visit(encounter=visit, diagnoses=[Diagnosis(code="S93409A")], lines=[line()], finished=True)
    query = queries.ask_provider(encounter=visit, question=QUESTION, options=OPTIONS, evidence=NOTE)
    undetermined = queries.answer_query(query=query, outcome=UNDETERMINED, answered_by="dr")
    visit.refresh_from_db()
    with pytest.raises(visits.VisitRefused, match="because_of"):
        visits.code_visit(encounter=visit, diagnoses=[], lines=[], because_of=undetermined)
    with pytest.raises(visits.VisitRefused, match="coded before"):
        visits.code_visit(encounter=visit, diagnoses=[], lines=[])
    visits.code_visit(encounter=visit, diagnoses=[], lines=[line()], reason="wrong line picked", finished=True)
    move_encounter(encounter=visit, event=EncounterEvent.REOPEN_CODING, reason="again")
    assert visit.state == "CODING"


def test_queries_rise_at_two_five_and_ten_days(tenant, visit):
    from claimwright.web.charges import queries, visits
    from claimwright.web.core import clock
    from claimwright.web.core.models import WorkItem

    day(tenant, date(2026, 9, 1))
    signed(visit)
    visits.code_visit(encounter=visit, diagnoses=[], lines=[])
    query = queries.ask_provider(encounter=visit, question=QUESTION, options=OPTIONS, evidence=NOTE)
    risen = []
    for after in range(0, 12):
        day(tenant, date(2026, 9, 1) + timedelta(days=after))
        if queries.escalate_queries():
            item = WorkItem.objects.get(worklist="provider_queries")
            risen.append((after, item.reason_code, item.state, item.due_date and (item.due_date - clock.today()).days))
            WorkItem.objects.update(state="snoozed")
        assert queries.escalate_queries() == 0
    assert risen == [(2, "STEP_1", "open", 3), (5, "STEP_2", "open", 5), (10, "STEP_3", "open", None)]
    queries.withdraw_query(query=query, because="asked by mistake")
    assert work_items(worklist="provider_queries", state="open") == []


def test_a_claim_that_is_made_waits_for_the_answer(inside):
    from claimwright.web.charges.models import Encounter
    from claimwright.web.submissions import queried
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.scrubbing import scrub

    take_in(inside, superbill_row())
    assert scrub().ready == 1
    encounter = Encounter.objects.get()
    query = queried.ask_provider(
        encounter=encounter, question=QUESTION, options=OPTIONS, evidence=NOTE, provider_npi="1234567893"
    )
    assert states() == {"EDIT_HOLD": 1}
    assert [(row.edit_id, row.severity) for row in EditFinding.objects.filter(open=True)] == [("QUERY", "H")]
    queried.answer_query(query=query, outcome="Left ankle", answered_by="dr")
    assert states() == {"READY": 1}
    encounter.refresh_from_db()
    assert encounter.state == "CLAIMED"


def test_what_is_documented_reaches_the_edits(visit):
    from claimwright.web.charges import visits
    from claimwright.web.charges.selectors import encounter_records

    assert encounter_records([visit]) == {}  # nothing was ever documented: nothing is said
    signed(visit)
    found = visits.document_evaluation(
        encounter=visit, visit=Visit(patient="established", problems="low", risk="low", minutes=31)
    )
    assert (found.code, found.basis) == ("99214", "time")
    visits.document_services(encounter=visit, services=[Documented(code="20610", source="N1"),
                                                        Documented(code="80053", source="N1", billed_elsewhere=True)])  # fmt: skip
    visits.document_diagnoses(encounter=visit, codes=["J06.9", "J069", "e11.9"])
    visits.answer_accident(encounter=visit)
    record = encounter_records([visit])[visit.pk]
    assert (record.problems, record.risk, record.data, record.minutes) == ("low", "low", "", 31)
    assert [service.code for service in record.services] == ["20610"]
    assert record.diagnoses == {"J069", "E119"} and record.injury_answered and record.note_signed_on == ON


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"causes": ["XX"], "on": ON}, "causes"), ({"causes": ["EM"]}, "on"),
        ({"causes": ["AA"], "on": ON}, "state"), ({"causes": ["OA"], "on": date(2026, 9, 1)}, "on"),
    ],
)  # fmt: skip
def test_accident_answers_that_cannot_be(visit, answers, field):
    from claimwright.web.charges import visits

    with pytest.raises(visits.VisitRefused, match=f"^{field}:"):
        visits.answer_accident(encounter=visit, **answers)
    assert visit.accident_answered_on is None


def test_gaps_are_raised_once_and_closed_when_gone(tenant, visit):
    from claimwright.web.charges import visits
    from claimwright.web.charges.reconciliation import reconcile_encounters
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import resolve_work_items

    day(tenant, date(2026, 9, 4))
    visits.arrive(encounter=visit, at=NINE)
    first, second = reconcile_encounters(), reconcile_encounters()
    assert first == second
    assert {kind for kind, count in first.items() if count} == {"arrived_without_note", "charge_lag"}
    assert WorkItem.objects.count() == 2
    visits.sign_note(encounter=visit, note_id="N1", at=NINE, on=ON)
    visits.document_services(encounter=visit, services=[Documented(code="20610", source="N1")])
    reconcile_encounters()
    assert sorted(row for row, _ in work_items(state="open")) == ["charge_lag", "note_without_charge"]
    visits.code_visit(encounter=visit, diagnoses=[], lines=[line(), line("93000")], finished=True)
    reconcile_encounters()
    still = {"charge_lag", "documented_without_line", "line_without_documentation"}
    assert {row for row, _ in work_items(state="open")} == still
    resolve_work_items(worklist="documented_without_line", resolution="the hospital bills it")  # a person's word
    reconcile_encounters()
    assert {row for row, _ in work_items(state="open")} == still - {"documented_without_line"}


def test_a_practice_sets_its_own_limits(tenant, inside, visit):
    from claimwright.web.charges import visits
    from claimwright.web.charges.reconciliation import reconcile_encounters

    day(tenant, date(2026, 9, 4))
    inside.practice.policies = {"reconciliation": {"note_hours": 240, "charge_days": 30}}
    inside.practice.save()
    visits.arrive(encounter=visit, at=NINE)
    assert not any(reconcile_encounters().values())
