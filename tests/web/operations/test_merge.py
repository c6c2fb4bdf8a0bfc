"""Two records of one person: everything goes to the survivor, nothing sent changes, and undoing puts it back exactly."""

from __future__ import annotations

import contextlib
import itertools
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

D = Decimal
NOT_COMPARED = ("core_auditevent", "core_counter", "accounts_ledgertransfer", "patients_patientmerge", "patients_mergemove", "patients_duplicatepair", "core_workitem")  # fmt: skip
_number = itertools.count(1)


@pytest.fixture
def at_work(tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.credits import list_patient_credits
    from tests.lib.web_data import a_practice_at_work

    with tenant_scope(tenant):
        made = a_practice_at_work()
        list_patient_credits(patient_ids=[patient.pk for patient in made.patients.values()])
        yield made


def snapshot():
    """Every row of the tenant, by table, but for what a merge writes about itself."""
    from claimwright.web.core.isolation import tenant_models

    return {
        model._meta.db_table: {str(row["id"]): row for row in model._default_manager.values()}
        for model in tenant_models()
        if model._meta.db_table not in NOT_COMPARED
    }


def differing(before, after):
    return {
        (table, pk): (before[table].get(pk), after[table].get(pk))
        for table in before
        for pk in {*before[table], *after[table]}
        if before[table].get(pk) != after[table].get(pk)
    }


def ledger():
    from claimwright.web.accounts.models import LedgerTransfer

    return list(LedgerTransfer.objects.order_by("sequence").values_list("sequence", "key", "amount", "hash"))


def own_money(*patients):
    """Credit and fees of each patient."""
    from claimwright.web.accounts.selectors import balances
    from claimwright.web.payments.carried import OWN_KINDS, own_subjects

    subjects = [subject for patient in patients for subject in own_subjects(patient.pk)]
    found = balances(kinds=OWN_KINDS, subjects=subjects)
    return {str(account): amount for account, amount in found.items() if amount}


def merge(survivor, absorbed, reason="one person"):
    from claimwright.web.operations.merge import merge_patients

    return merge_patients(survivor=survivor, absorbed=absorbed, reason=reason)


def unmerge(done, reason="two people"):
    from claimwright.web.operations.merge import unmerge_patients

    unmerge_patients(merge=done, reason=reason)


def sent_contents():
    from claimwright.web.submissions.models import ClaimVersion

    return {str(row.pk): (row.content, row.control_number, row.state) for row in ClaimVersion.objects.all()}


def test_everything_of_the_absorbed_record_is_the_survivors(at_work):
    from claimwright.web.operations.merge import references
    from claimwright.web.patients.models import Patient

    anna, luz = at_work.patients["MRN1001"], at_work.patients["MRN1007"]
    luz.flags = ["qmb"]
    luz.save()
    contents, rows = sent_contents(), ledger()
    merge(anna, luz)
    for model, field in references():
        left = model._default_manager.filter(**{field: luz})
        assert not left.exists() or model._meta.label == "payments.Refund", model
    held = Patient.objects.get(pk=luz.pk)
    assert held.merged_into_id == anna.pk and held.record_number == "MRN1007"
    assert Patient.objects.get(pk=anna.pk).flags == ["qmb"]
    assert sent_contents() == contents
    assert ledger()[: len(rows)] == rows


def test_undone_it_is_as_it_was(at_work):
    anna, luz = at_work.patients["MRN1001"], at_work.patients["MRN1007"]
    before, money, rows = snapshot(), own_money(anna, luz), ledger()
    unmerge(merge(anna, luz))
    assert differing(before, snapshot()) == {}
    assert own_money(anna, luz) == money
    assert ledger()[: len(rows)] == rows


def act(name, people, at):
    """One thing that happens to a patient's account."""
    from claimwright.web.patients.selectors import survivor_of
    from claimwright.web.payments.services import apply_credits, receive_patient_payment, return_payment

    patient = people[at % len(people)]
    patient.refresh_from_db()
    patient = survivor_of(patient)  # of several merges in a row, the last
    if name == "pay":
        receive_patient_payment(
            patient=patient, practice=patient.practice, amount=D(7 + at), method="cash", key=f"act{next(_number)}"
        )
    elif name == "bounce":
        receipt = patient.receipts.filter(state="posted", key__startswith="act").first()
        if receipt is not None:
            return_payment(receipt=receipt)
    elif name == "apply":
        apply_credits(patient_ids=[patient.pk])


ACTS = st.lists(
    st.tuples(st.sampled_from(["pay", "bounce", "apply", "merge", "unmerge"]), st.integers(0, 20)), max_size=9
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@example(acts=[("merge", 0), ("merge", 8), ("pay", 1)])
def test_whatever_happens_the_ledger_only_grows_and_no_cent_is_lost(at_work, acts):
    from django.db import transaction

    from claimwright.ledger.invariants import trial_balance
    from claimwright.web.accounts.selectors import transfers
    from claimwright.web.operations.merge import MergeRefused
    from claimwright.web.patients.models import PatientMerge

    people = list(at_work.patients.values())
    with _rolled_back():
        contents, rows = sent_contents(), ledger()
        for name, at in acts:
            if name == "merge":
                pair = (people[at % 3], people[(at + 1) % 3])
                with contextlib.suppress(MergeRefused), transaction.atomic():
                    merge(*pair)
            elif name == "unmerge":
                done = PatientMerge.objects.filter(undone_at__isnull=True).order_by("-merged_at").first()
                if done is not None:
                    unmerge(done)
            else:
                act(name, people, at)
            now = ledger()
            assert now[: len(rows)] == rows
            rows = now
            assert sent_contents() == contents
        assert trial_balance(transfers()) == []
        for done in PatientMerge.objects.filter(undone_at__isnull=True).order_by("-merged_at"):
            assert own_money(done.absorbed) == {}, "money of a record that is no more"
            unmerge(done)
        for patient in people:
            patient.refresh_from_db()
            assert patient.merged_into_id is None
            assert not [account for account, amount in own_money(patient).items() if "CREDIT" in account and amount > 0]


@contextlib.contextmanager
def _rolled_back():
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_returned_check_of_the_absorbed_record_is_the_survivors_loss(at_work):
    from claimwright.web.accounts.selectors import patient_credits
    from claimwright.web.payments.services import receive_patient_payment, return_payment

    anna, peter = at_work.patients["MRN1001"], at_work.patients["MRN1009"]
    held = patient_credits([str(anna.pk)])[str(anna.pk)]
    receipt = receive_patient_payment(
        patient=peter, practice=peter.practice, amount=D("40.00"), method="check", key="check"
    )
    done = merge(anna, peter)
    assert patient_credits([str(anna.pk)])[str(anna.pk)] == held + D("40.00")
    receipt.refresh_from_db()
    return_payment(receipt=receipt)
    assert patient_credits([str(anna.pk), str(peter.pk)]) == {str(anna.pk): held, str(peter.pk): D("0.00")}
    unmerge(done)
    assert patient_credits([str(anna.pk)])[str(anna.pk)] == held


def test_visits_that_came_under_the_old_number_since_go_back_with_it(at_work):
    from claimwright.web.charges.models import Encounter
    from claimwright.web.patients.services import save_patient
    from tests.lib.builders import a_patient

    anna, peter = at_work.patients["MRN1001"], at_work.patients["MRN1009"]
    done = merge(anna, peter)
    came = a_patient(first_name="Peter", last_name="NOVAK", record_number="MRN1009", sex="M")
    assert save_patient(practice=at_work.practice, patient=came).pk == anna.pk
    visit = Encounter.objects.create(
        practice=at_work.practice, patient=anna, external_id="new", source="csv", state="CODED",
        received_on="2026-09-30", content={"patient": {"record_number": "MRN1009"}},
    )  # fmt: skip
    unmerge(done)
    visit.refresh_from_db()
    assert visit.patient_id == peter.pk


def refused(*patients, match, reason="x"):
    from claimwright.web.operations.merge import MergeRefused

    before = snapshot()
    with pytest.raises(MergeRefused, match=match):
        merge(*patients, reason=reason)
    assert differing(before, snapshot()) == {}


def test_what_may_not_be_merged(at_work):
    from claimwright.web.patients.models import Patient
    from claimwright.web.practice.models import Practice

    anna, luz, peter = at_work.patients.values()
    elsewhere = Practice.objects.create(name="Else", npi="1234567893", tax_id="1")
    stranger = Patient.objects.create(practice=elsewhere, record_number="E1", last_name="TESTER")
    refused(anna, stranger, match="two practices")
    refused(anna, anna, match="one record")
    refused(anna, luz, match="say why", reason=" ")
    merge(anna, luz)
    refused(peter, luz, match="merged already")
    refused(luz, peter, match="merged already")


def test_a_patient_of_another_tenant_is_nobody(at_work, other_tenant):
    from claimwright.web.operations.merge import MergeRefused
    from claimwright.web.patients.models import Patient

    stranger = Patient(practice=at_work.practice, record_number="X")  # a row that this tenant has not
    with pytest.raises(MergeRefused, match="not of this practice"):
        merge(at_work.patients["MRN1001"], stranger)


def test_merges_are_undone_in_turn(at_work):
    from claimwright.web.operations.merge import MergeRefused
    from claimwright.web.patients.selectors import merged_ids, survivor_of

    anna, luz, peter = at_work.patients.values()
    before = snapshot()
    first = merge(luz, peter)
    second = merge(anna, luz)
    peter.refresh_from_db()
    assert survivor_of(peter).pk == anna.pk
    assert set(merged_ids([anna.pk])[anna.pk]) == {anna.pk, luz.pk, peter.pk}
    with pytest.raises(MergeRefused, match="that merge first"):
        unmerge(first)
    unmerge(second)
    unmerge(first)
    with pytest.raises(MergeRefused, match="undone already"):
        unmerge(first)
    assert differing(before, snapshot()) == {}


def test_a_merge_that_fails_half_way_leaves_nothing(at_work, monkeypatch):
    from claimwright.web.operations import merge as room

    def breaks(**_):
        raise RuntimeError("the machine stops")

    monkeypatch.setattr(room, "carry_over", breaks)
    before = snapshot()
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic():
        merge(at_work.patients["MRN1001"], at_work.patients["MRN1007"])
    assert differing(before, snapshot()) == {}


def test_the_books_stand_up_to_the_auditor(tenant):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.credits import list_patient_credits
    from claimwright.web.payments.services import receive_patient_payment
    from tests.lib.web_data import a_practice_at_work

    with tenant_scope(tenant):
        office = a_practice_at_work()
        list_patient_credits(patient_ids=[patient.pk for patient in office.patients.values()])
    before = findings(tenant)
    with tenant_scope(tenant):
        anna, luz = office.patients["MRN1001"], office.patients["MRN1007"]
        receive_patient_payment(patient=luz, practice=luz.practice, amount=D("9.00"), method="cash", key="k")
        done = merge(anna, luz)
    assert findings(tenant) == before
    with tenant_scope(tenant):
        unmerge(done)
    assert findings(tenant) == before


def findings(tenant):
    """What the auditor finds wrong with the ledger and the credits."""
    import psycopg

    from claimwright.auditor import credits
    from claimwright.auditor import ledger as books
    from claimwright.web.bootstrap import connection_text

    with psycopg.connect(connection_text()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('claimwright.tenant', %s, false)", [str(tenant.pk)])
        looked = [
            (check.title, name, problem)
            for check in (*books.CHECKS, *credits.CHECKS)
            for name, problem in check.look(cursor)
        ]
    assert len(looked) > 40  # it saw this tenant's books
    return sorted(row for row in looked if row[2])


def test_a_card_that_both_records_hold_stays_with_each(at_work):
    """One patient has one copy of the same bytes; the other stays where it was and comes back unharmed."""
    from claimwright.web.authorizations.models import Document
    from claimwright.web.authorizations.papers import add_document
    from tests.web.patients.test_cards_and_answers import png

    anna, luz = at_work.patients["MRN1001"], at_work.patients["MRN1007"]
    for patient, content in ((anna, png()), (luz, png()), (luz, png(4, 4))):
        add_document(kind="card", name="card.png", content=content, patient=patient)
    before = snapshot()
    done = merge(anna, luz)
    assert Document.objects.filter(patient=anna).count() == 2
    assert Document.objects.filter(patient=luz).count() == 1
    unmerge(done)
    assert differing(before, snapshot()) == {}
