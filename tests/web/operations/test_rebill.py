"""Insurance found after the patient was billed: to the cent, once, undoable, and never past a payer's limit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.lib import practices, world

D = Decimal
START = date(2026, 1, 1)


@pytest.fixture
def clinic_here(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def self_pay(clinic, number=1, on="2026-08-31", charge="150.00", mrn="MRN1001"):
    """A visit of a patient without insurance, charged to the patient."""
    import msgspec

    from claimwright.claims.nouns import Encounter as Noun
    from claimwright.web.charges.models import Encounter
    from claimwright.web.charges.services import lock_charges

    practices.take_in(
        clinic,
        practices.superbill_row(external_id=f"SP{number}", dos_from=on, charge=charge, mrn=mrn),
        name=f"{number}.csv",
    )
    # Taken in with the clean row's cover, then without: the practice knew of none.
    row = Encounter.objects.get(external_id__contains=f"SP{number}")
    noun = msgspec.convert(row.content, Noun)
    lines = tuple(msgspec.structs.replace(line, control_number="") for line in noun.lines)
    fresh = Encounter.objects.create(
        practice=row.practice, patient=row.patient, external_id=f"self|{number}", source="csv", state="CODED",
        date_from=row.date_from, date_to=row.date_to, received_on=row.received_on,
        content=msgspec.to_builtins(msgspec.structs.replace(noun, coverages=(), lines=lines)),
    )  # fmt: skip
    lock_charges(encounters=[fresh], self_pay=True)
    return fresh


def new(payer_key="PRAIRIE", **fields):
    from claimwright.web.patients.coverages import NewCoverage
    from claimwright.web.practice.models import Payer

    told = {
        "payer": Payer.objects.get(key=payer_key), "member_id": "P99887766", "start": START,
        "benefits_assigned_on": START, "release_signed_on": START,
    }  # fmt: skip
    return NewCoverage(**(told | fields))


def bill(patient, **fields):
    from claimwright.web.operations.rebill import bill_found_coverage

    return bill_found_coverage(patient=patient, new=new(**fields))


def undo(found, reason="entered for the wrong person"):
    from claimwright.web.operations.rebill import undo_found_coverage

    return undo_found_coverage(found=found, reason=reason)


def balances(encounter):
    from claimwright.web.accounts.selectors import line_balances

    found = {}
    for buckets in line_balances(line.line_id for line in encounter.lines.all()).values():
        for bucket, amount in buckets.items():
            if amount:
                found[bucket] = found.get(bucket, D(0)) + amount
    return found


def credit(patient):
    from claimwright.web.accounts.selectors import patient_credits

    return patient_credits([str(patient.pk)]).get(str(patient.pk), D("0.00"))


def ledger():
    from claimwright.web.accounts.models import LedgerTransfer

    return list(LedgerTransfer.objects.order_by("sequence").values_list("key", "hash"))


def claims_of(encounter):
    from claimwright.web.submissions.models import ClaimVersion

    rows = ClaimVersion.objects.filter(claim__encounter=encounter).order_by("claim__bucket", "number")
    return [
        (row.claim.payer.key, row.claim.bucket, row.content["coverage"].get("sequence", "P"), row.state) for row in rows
    ]


def why_held():
    from claimwright.web.submissions.models import EditFinding

    return list(EditFinding.objects.filter(open=True).values_list("edit_id", "message"))


def pay(patient, amount, key="copay"):
    from claimwright.web.payments.services import receive_patient_payment

    return receive_patient_payment(patient=patient, practice=patient.practice, amount=D(amount), method="card", key=key)


def test_a_self_pay_visit_goes_to_the_insurance_found(clinic_here):
    visit = self_pay(clinic_here)
    assert balances(visit) == {"PAT": D("150.00")}
    before = ledger()
    found = bill(visit.patient)
    visit.refresh_from_db()
    assert found.state == "billed"
    assert balances(visit) == {"INS1": D("150.00")}
    assert claims_of(visit) == [("PRAIRIE", "INS1", "P", "READY")]
    assert ledger()[: len(before)] == before
    (row,) = [one for one in found.visits if not one.get("left")]
    assert (row["amount"], row.get("unapplied", "0.00")) == ("150.00", "0.00")


def test_what_the_patient_paid_becomes_credit_on_hold_and_fits_the_payers_decision(clinic_here):
    from claimwright.web.payments.models import Refund

    visit = self_pay(clinic_here)
    pay(visit.patient, "30.00")
    assert balances(visit) == {"PAT": D("120.00")}
    bill(visit.patient)
    assert balances(visit) == {"INS1": D("150.00")}
    assert credit(visit.patient) == D("30.00")
    assert Refund.objects.get(patient=visit.patient, line_id="").state == "HOLD"


def test_nobody_asks_the_patient_while_the_payer_has_it(clinic_here):
    from claimwright.web.payments.statements import issue_statements

    visit = self_pay(clinic_here)
    assert issue_statements(as_of=date(2026, 9, 30)).issued
    bill(visit.patient)
    run = issue_statements(as_of=date(2026, 11, 30))
    assert run.issued == [] and run.problems == []


def test_doing_it_twice_is_doing_it_once(clinic_here):
    visit = self_pay(clinic_here)
    first = bill(visit.patient)
    rows = ledger()
    assert bill(visit.patient).pk == first.pk
    assert ledger() == rows
    assert len(claims_of(visit)) == 1


def test_it_is_undone_to_the_cent_and_done_again(clinic_here):
    from claimwright.web.patients.models import FoundCoverage

    visit = self_pay(clinic_here)
    pay(visit.patient, "30.00")
    visit.refresh_from_db()
    content, held = visit.content, balances(visit)
    found = undo(bill(visit.patient))
    visit.refresh_from_db()
    assert found.state == "undone" and visit.content == content
    assert (balances(visit), credit(visit.patient)) == (held, D("0.00"))
    assert claims_of(visit) == [("PRAIRIE", "INS1", "P", "CANCELLED")]
    again = bill(visit.patient)
    assert again.pk != found.pk and FoundCoverage.objects.count() == 2
    assert claims_of(visit) == [("PRAIRIE", "INS1", "P", "CANCELLED"), ("PRAIRIE", "INS1", "P", "READY")], why_held()
    assert (balances(visit), credit(visit.patient)) == ({"INS1": D("150.00")}, D("30.00"))


def test_money_of_a_record_that_was_merged_since_is_the_survivors(clinic_here):
    from claimwright.web.cashier.services import unapply_receipt
    from claimwright.web.operations.merge import merge_patients
    from claimwright.web.payments.models import Refund
    from claimwright.web.practice.models import Payer
    from tests.lib.builders import a_patient
    from tests.lib.web_data import a_patient_row

    visit = self_pay(clinic_here)
    absorbed = visit.patient
    receipt = pay(absorbed, "30.00")
    held = balances(visit)
    twin = a_patient(first_name="Anne", record_number="MRN2002")
    survivor = a_patient_row(absorbed.practice, Payer.objects.get(key="NMUT"), twin, "W99")
    merge_patients(survivor=survivor, absorbed=absorbed, reason="one person")
    found = bill(survivor)
    assert (credit(absorbed), credit(survivor)) == (D("0.00"), D("30.00"))
    assert Refund.objects.get(line_id="", patient=survivor).amount == D("30.00")
    undo(found)
    assert (balances(visit), credit(absorbed), credit(survivor)) == (held, D("0.00"), D("0.00"))
    receipt.refresh_from_db()
    assert unapply_receipt(receipt=receipt, reason="meant for another visit") == D("30.00")
    assert (credit(absorbed), credit(survivor)) == (D("0.00"), D("30.00"))


def test_what_went_out_is_not_undone(clinic_here):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.operations.rebill import RebillRefused
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import Move, move_all

    visit = self_pay(clinic_here)
    found = bill(visit.patient)
    version = ClaimVersion.objects.get(claim__encounter=visit)
    move_all(
        moves=[Move(version=version, trigger=Trigger.BATCH), Move(version=version, trigger=Trigger.SEND_CONFIRMED)]
    )
    rows = ledger()
    with pytest.raises(RebillRefused, match=version.control_number):
        undo(found)
    assert ledger() == rows


def test_past_the_payers_limit_nothing_moves_and_a_person_is_told(clinic_here):
    late, fresh = self_pay(clinic_here, on="2026-01-05"), self_pay(clinic_here, 2, on="2026-08-31")
    found = bill(late.patient)
    assert found.state == "billed"
    assert balances(late) == {"PAT": D("150.00")} and claims_of(late) == []
    assert balances(fresh) == {"INS1": D("150.00")}
    assert ("new_coverage", "PAST_FILING") in practices.work_items()
    (row,) = [one for one in found.visits if one.get("left") == "PAST_FILING"]
    assert "filing limit" in row["says"]


def test_a_visit_before_the_coverage_stays(clinic_here):
    visit = self_pay(clinic_here, on="2026-07-31")
    found = bill(visit.patient, start=date(2026, 8, 1))
    assert found.state == "nothing" and found.visits == []
    assert balances(visit) == {"PAT": D("150.00")}


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda visit: visit.patient.flags.append("restricted") or visit.patient.save(), "RESTRICTED"),
        (lambda visit: pay(visit.patient, "150.00"), "NOTHING_OPEN"),
    ],
)
def test_what_cannot_be_billed_is_left_with_its_reason(clinic_here, prepare, code):
    visit = self_pay(clinic_here)
    prepare(visit)
    held, paid = balances(visit), credit(visit.patient)
    found = bill(visit.patient)
    left = [one["left"] for one in found.visits if one["encounter"] == str(visit.pk)]
    assert (found.state, left) == ("nothing", [code])
    assert (balances(visit), credit(visit.patient)) == (held, paid) and claims_of(visit) == []


# After another payer decided -----------------------------------------------------------------------------------------


def decided(office, **payment):
    """The first of the office's claims as its payer answered."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from tests.faults.office import payment as clp

    version = office.versions[0]
    with tenant_scope(office.tenant):
        noun = world.remittance([clp(version, **payment)])
        world.deliver(world.as_file([noun]))
    post(tenant=office.tenant)
    return version


@pytest.fixture
def office(tenant, other_tenant, tmp_path):
    from tests.faults import office as offices

    return offices.open_office(tenant, tmp_path, claims=1)


def test_the_share_of_the_first_payer_goes_to_the_second(office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    version = decided(office)
    with tenant_scope(office.tenant):
        visit = version.claim.encounter
        assert balances(visit) == {"PAT": D("25.00")}
        pay(visit.patient, "5.00")
        content = ClaimVersion.objects.get(pk=version.pk).content
        bill(visit.patient)
        assert balances(visit) == {"INS2": D("25.00")}
        assert credit(visit.patient) == D("5.00")
        (first, second) = claims_of(visit)
        assert first[:3] == ("NMUT", "INS1", "P") and second[:3] == ("PRAIRIE", "INS2", "S")
        later = ClaimVersion.objects.get(claim__encounter=visit, claim__bucket="INS2")
        (prior,) = later.content["prior_payments"]
        assert prior["paid_amount"] == "85.00"
        assert later.content["total_charge"] == "150.00"
        assert ClaimVersion.objects.get(pk=version.pk).content == content  # what was sent says what it said
        assert later.state == "READY", list(later.findings.filter(open=True).values_list("edit_id", "message"))
        undo_it_and_compare(visit, {"PAT": D("20.00")})


def undo_it_and_compare(visit, expected):
    from claimwright.web.patients.models import FoundCoverage

    undo(FoundCoverage.objects.exclude(state="undone").get())
    assert balances(visit) == expected and credit(visit.patient) == D("0.00")


def test_after_an_undo_the_first_payers_share_is_the_patients_again(office):
    """The cancelled claim is no next payer: a corrected decision of the first goes past it."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.positions import load_chains

    version = decided(office)
    with tenant_scope(office.tenant):
        visit = version.claim.encounter
        undo(bill(visit.patient))
        chain = load_chains([visit.pk])[str(visit.pk)]
        assert [(cover.bucket, cover.active) for cover in chain.coverages] == [("INS1", True), ("INS2", False)]


def test_a_payer_that_had_to_pay_first_is_a_persons_decision(office):
    from claimwright.web.core.tenancy import tenant_scope

    version = decided(office)
    with tenant_scope(office.tenant):
        visit = version.claim.encounter
        old = visit.patient.coverages.get()
        old.start = START
        old.content = {**old.content, "relationship": "01", "subscriber": {"birth_date": "1980-01-01"}}
        old.save()
        found = bill(visit.patient)
        assert [one["left"] for one in found.visits] == ["WOULD_BE_FIRST"]
        assert balances(visit) == {"PAT": D("25.00")}
        assert ("new_coverage", "WOULD_BE_FIRST") in practices.work_items()


def test_after_a_payer_only_denied_the_one_found_is_primary(office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.services import transfer_to_patient
    from claimwright.web.submissions.models import ClaimVersion

    version = denied(office)
    with tenant_scope(office.tenant):
        visit = version.claim.encounter
        assert balances(visit) == {"INS1": D("150.00")}
        assert [one["left"] for one in bill(visit.patient).visits] == ["WAITING"]
        assert ("new_coverage", "WAITING") in practices.work_items()
        transfer_to_patient(encounter=visit, bucket="INS1", reason="coverage ended")
        bill(visit.patient)
        assert balances(visit) == {"INS2": D("150.00")}
        assert ("new_coverage", "WAITING") not in practices.work_items()
        later = ClaimVersion.objects.get(claim__encounter=visit, claim__bucket="INS2")
        assert later.content["coverage"].get("sequence", "P") == "P" and not later.content.get("prior_payments")
        assert later.state == "READY", list(later.findings.filter(open=True).values_list("edit_id", "message"))


def denied(office):
    import msgspec

    from claimwright.claims.nouns import Adjustment
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from tests.faults.office import payment as clp

    version = office.versions[0]
    with tenant_scope(office.tenant):
        whole = clp(version, paid="0.00", patient="0.00")
        line = msgspec.structs.replace(
            whole.lines[0], adjustments=(Adjustment(group="CO", reason="27", amount=D("150.00")),)
        )
        world.deliver(world.as_file([world.remittance([msgspec.structs.replace(whole, lines=(line,))])]))
    post(tenant=office.tenant)
    return version


def test_the_found_payers_decision_posts_and_the_patients_money_is_used(tenant, clinic):
    """The circle closes: of 150.00 it pays 100.00, 30.00 are contractual, 20.00 the patient's, who has paid 30.00."""
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from claimwright.web.payments.services import apply_credits
    from claimwright.web.practice.models import Payer
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import Move, move_all
    from tests.faults.office import payment as clp

    with tenant_scope(tenant):
        Payer.objects.filter(key="PRAIRIE").update(aliases=[world.PAYER_TRACE_ID])
        visit = self_pay(clinic, on="2026-09-01")
        pay(visit.patient, "30.00")
        bill(visit.patient)
        version = ClaimVersion.objects.select_related("claim__patient").get(claim__encounter=visit)
        for trigger in (Trigger.BATCH, Trigger.SEND_CONFIRMED):
            move_all(moves=[Move(version=version, trigger=trigger)])
        world.deliver(world.as_file([world.remittance([clp(version, paid="100.00", patient="20.00")])]))
    post(tenant=tenant)
    with tenant_scope(tenant):
        assert balances(visit) == {"PAT": D("20.00")}
        apply_credits(patient_ids=[visit.patient_id])
        assert balances(visit) == {} and credit(visit.patient) == D("10.00")
