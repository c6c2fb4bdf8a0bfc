"""What the web room gives the edits to know: every fact from somewhere, in as many queries for many claims as for one."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.lib import imported_codes as lists
from tests.lib.practices import superbill_row, take_in


@pytest.fixture
def scope(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


MOST_QUERIES = 40


def versions():
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.scrubbing import RELATED

    return list(ClaimVersion.objects.select_related(*RELATED).order_by("control_number"))


def gathered(chosen=None):
    """The facts of each claim version, as a scrub has them."""
    from claimwright.claims.nouns import Claim
    from claimwright.web.submissions.facts import FactsGatherer

    chosen = versions() if chosen is None else chosen
    gatherer = FactsGatherer(chosen)
    return [gatherer.facts(version, msgspec.convert(version.content, Claim)) for version in chosen]


def found(*ids: str) -> list[tuple[str, str]]:
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.services import scrub

    scrub()
    rows = EditFinding.objects.filter(edit_id__in=ids, open=True).order_by("edit_id", "path")
    return list(rows.values_list("edit_id", "path"))


def many(count: int, **cells: str) -> list[dict[str, str]]:
    """Visits of as many patients on as many days, to four payers in turn, each patient with an earlier visit."""
    rows = []
    for n in range(count):
        on = date(2026, 8, 1) + timedelta(days=n % 28)
        payer = ("NMUT", "PRAIRIE", "MEDB", "WIMCD")[n % 4]
        one = superbill_row(
            external_id=f"V{n}", mrn=f"MRN{n:05d}", member_id=f"W{10_000_000 + n}", payer=payer, dos_from=on.isoformat()
        )
        rows += [one | cells, one | {"external_id": f"E{n}", "dos_from": (on - timedelta(days=40)).isoformat()} | cells]
    return rows


def contracts(content: bytes, *keys: str) -> None:
    """A contract of these payers (none: of all) with this rate sheet."""
    from claimwright.web.contracts import services
    from claimwright.web.practice.models import Payer

    tax_id = versions()[0].content["billing_provider"]["tax_id"]
    for payer in Payer.objects.filter(key__in=keys) if keys else Payer.objects.all():
        contract = services.save_contract(payer=payer, tax_id=tax_id, name="Contract")
        services.import_rate_sheet(contract=contract, content=content, start=date(2020, 1, 1))


def test_many_claims_take_as_many_queries_as_few(scope, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(lists.everything(tmp_path)))
    take_in(scope, *many(16, mod1="GP", cpt="97110"))
    contracts(b"code,method,percent\n*,charge_percent,60\n")
    gathered()  # what is read once a process is no matter of the batch
    counts = []
    for chosen in (versions()[:8], versions()):
        with CaptureQueriesContext(connection) as told:
            gathered(chosen)
        counts.append(len(told))
    assert len(versions()) == 32 and counts[0] == counts[1] <= MOST_QUERIES, counts


# The lists of providers ------------------------------------------------------------------------------------------------


def refer(npi: str, last: str = "TESTER") -> None:
    from claimwright.web.submissions.models import ClaimVersion

    version = ClaimVersion.objects.get()
    version.content |= {"referring": {"npi": npi, "last_name": last, "first_name": "ANNA"}}
    version.save()


@pytest.mark.parametrize(
    ("npi", "last", "expected"),
    [
        (lists.LISTED, "TESTER", []),
        (lists.LISTED, "TESTMAN", ["PRV07"]),
        (lists.NOT_LISTED, "TESTER", ["PRV06"]),
        (lists.EXCLUDED, "TESTER", ["PRV10"]),
        (lists.OUT_OF_USE, "TESTER", ["PRV06", "PRV10"]),
    ],
)
def test_the_lists_of_providers_judge_the_claims(scope, tmp_path, monkeypatch, npi, last, expected):
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(lists.import_texts(tmp_path, lists.registry_texts())))
    take_in(scope, superbill_row(payer="MEDB", member_id="1EG4TE5MK73"))
    refer(npi, last)
    assert [edit for edit, _ in found("PRV06", "PRV07", "PRV10", "PRV15")] == expected


def test_without_any_list_nobody_is_judged_and_the_edits_are_not_armed(scope):
    from claimwright.web.submissions.services import scrub

    take_in(scope, superbill_row(payer="MEDB", member_id="1EG4TE5MK73"))
    refer(lists.OUT_OF_USE, "TESTMAN")
    assert {"PRV07", "PRV10"} <= set(scrub().not_armed)
    assert found("PRV06", "PRV07", "PRV10") == [] and gathered()[0].registry is None


def test_the_registry_tells_a_person_from_an_organization(scope, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(lists.import_texts(tmp_path, lists.registry_texts())))
    take_in(scope, superbill_row(payer="MEDB", member_id="1EG4TE5MK73"))
    refer(lists.LISTED)
    assert {record.npi: record.entity_type for record in gathered()[0].providers}[lists.LISTED] == "1"


# Therapy ---------------------------------------------------------------------------------------------------------------


def therapy(*days: str, charge: str = "2000.00", modifier: str = "GP", **cells: str) -> list[dict[str, str]]:
    row = superbill_row(payer="MEDB", member_id="1EG4TE5MK73", cpt="97110", mod1=modifier, charge=charge, **cells)
    return [row | {"external_id": f"V{modifier}{day}", "dos_from": day} for day in days]


def missing_kx() -> list[date]:
    """The days of the claims that PX30 holds for KX."""
    from claimwright.web.submissions.models import EditFinding

    found("PX30")
    rows = EditFinding.objects.filter(edit_id="PX30", open=True, message__contains="KX")
    return sorted(rows.values_list("version__date_of_service", flat=True))


def test_the_claim_that_goes_above_the_years_therapy_needs_kx(scope):
    # 1,000 dollars each: the year's 2,480 are used up with the third, and a new year begins anew.
    take_in(scope, *therapy("2025-12-30", "2026-03-02", "2026-03-04", "2026-03-06", "2026-03-09"))
    assert missing_kx() == []  # no contract, no price: nothing is known
    contracts(b"code,method,percent\n*,charge_percent,50\n", "MEDB")
    assert missing_kx() == [date(2026, 3, 6), date(2026, 3, 9)]


def test_occupational_therapy_has_an_amount_of_its_own_and_kx_settles_it(scope):
    take_in(scope, *therapy("2026-03-02", "2026-03-04"), *therapy("2026-03-03", "2026-03-06", modifier="GO"))
    contracts(b"code,method,percent\n*,charge_percent,100\n", "MEDB")
    assert missing_kx() == [date(2026, 3, 4), date(2026, 3, 6)]
    from claimwright.web.submissions.models import ClaimVersion

    for version in ClaimVersion.objects.all():
        version.content["lines"][0]["modifiers"].append("KX")
        version.save()
    assert missing_kx() == []


def test_another_payers_therapy_and_another_patients_do_not_count(scope):
    row = therapy("2026-03-02")[0]
    take_in(
        scope, *therapy("2026-03-04"), row | {"payer": "NMUT", "member_id": "W12345678"},
        row | {"external_id": "X", "mrn": "MRN2", "last": "OTHER", "member_id": "1EG4TE5MK72"},
    )  # fmt: skip
    contracts(b"code,method,percent\n*,charge_percent,100\n")
    assert missing_kx() == []


def test_what_was_decided_counts_by_the_ledger(tenant, other_tenant, tmp_path):
    from claimwright.billing.allowed import allowed_by_line
    from claimwright.web.accounts.selectors import transfers
    from tests.faults import office as offices
    from tests.web.payments.test_money import denied
    from tests.web.payments.test_release import at_work, deliver

    office = offices.open_office(tenant, tmp_path, claims=3)
    paid, refused, waiting = office.versions
    deliver(office, 10, [offices.payment(paid), denied(refused)])
    with at_work(office):
        lines = {version.pk: version.content["lines"][0]["control_number"] for version in office.versions}
        allowed = allowed_by_line(transfers(line_ids=list(lines.values())), "INS1")
    claim = offices.payment(paid)
    assert allowed[lines[paid.pk]] == claim.paid + claim.patient_responsibility
    assert allowed.get(lines[refused.pk], 0) == 0 and lines[waiting.pk] not in allowed


# Where every fact comes from -------------------------------------------------------------------------------------------

GIVEN = {
    "today": "the clock of the office",
    "code_sets": "the library, over what is shipped",
    "payer": "the payer's profile",
    "practice": "numbers, places and laboratories of the practice",
    "providers": "the practice's own people, and NPPES",
    "charge_master": "the charge master",
    "route": "the payer's connection",
    "patient": "the patient's record and flags",
    "patient_key": "the patient's id",
    "chain": "the claim's id",
    "coverages": "the visit's coverages",
    "contracts": "contracts, once there is one",
    "medicare_secondary": "the latest answers to the questionnaire",
    "cases": "injury cases",
    "prior_adjudications": "what the claim carries of the payers before",
    "prior_claims": "the patient's claims that went out",
    "control_numbers": "the database keeps them unique: the claim's own",
    "original": "the version before, on a replacement",
    "filing": "the payer's acceptance of an earlier version",
    "procedure_pairs": "the library: NCCI",
    "unit_limits": "the library: MUE",
    "add_ons": "the library: add-on codes",
    "coverage_policies": "the library: LCD, NCD and payers' policies",
    "drugs": "the library: NDC crosswalk",
    "relative_values": "the library: fee schedule",
    "authorizations": "the book of authorizations, with what others have taken",
    "documents": "papers and signed notices",
    "encounter": "the visit's note, charges and queries",
    "stays": "visits that tell of an admission",
    "registry": "the library: lists of providers",
    "enrolments": "the practice's standing with payers, where it keeps any",
    "locum_periods": "the days billed with Q5 or Q6",
    "expected_prices": "contracts and fee schedules",
    "therapy_used": "the ledger, and what is on its way",
    "local_rules": "rules of the practice in force",
    "expected": "what this room promises",
}
ELSEWHERE = {
    "interchange": "given when a file is built: submissions.sending",
    "partner": "given when a file is built: submissions.sending",
}
AFTER_AN_ANSWER = {
    "eligibility": "payers' answers, once the patient was asked about",
}


def enrol(version, **other):
    from claimwright.web.practice.models import Enrolment

    claim = version.claim
    given = {"status": "approved", "start": date(2020, 1, 1)} | other
    return Enrolment.objects.create(practice=claim.practice, payer=claim.payer, **given)


def test_an_enrolment_that_is_not_approved_keeps_a_claim_back(scope):
    """Where a practice keeps its enrolments: with none the edit is not armed."""
    from claimwright.web.submissions.models import ClaimVersion, EditFinding
    from claimwright.web.submissions.services import scrub

    take_in(scope, superbill_row(payer="MEDB", member_id="1EG4TE5MK73"))
    version = ClaimVersion.objects.select_related("claim__practice", "claim__payer").get()

    def fired():
        scrub(version_ids=[version.pk])
        return set(
            EditFinding.objects.filter(open=True, edit_id__in=("BIL08", "PRV03")).values_list("edit_id", flat=True)
        )

    assert fired() == set()
    row = enrol(version, status="submitted")
    assert fired() == {"BIL08"}
    row.status = "approved"
    row.save()
    assert fired() == set()
    enrol(version, transaction="participation", npi=version.content["rendering"]["npi"], start=date(2030, 1, 1))
    assert fired() == {"PRV03"}


def test_every_fact_has_a_place_that_it_comes_from():
    from claimwright.edits.facts import Facts

    assert sorted([*GIVEN, *ELSEWHERE, *AFTER_AN_ANSWER]) == sorted(Facts.__struct_fields__)


def test_every_fact_that_is_said_to_be_given_is(scope, tmp_path, monkeypatch):
    """One claim that has everything: a replacement to Medicare, of a patient with answers, with all tables loaded."""
    from claimwright.billing.questionnaires import MedicareAnswers
    from claimwright.web.patients.questionnaires import record_medicare_answers
    from claimwright.web.submissions.models import ClaimVersion

    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(lists.everything(tmp_path)))
    take_in(scope, superbill_row(payer="MEDB", member_id="1EG4TE5MK73"))
    contracts(b"code,method,percent\n*,charge_percent,60\n")
    version = versions()[0]
    enrol(version)
    version.claim.encounter.note_id = "N1"
    version.claim.encounter.save()
    record_medicare_answers(patient=version.claim.patient, answers=MedicareAnswers(), answered_on=date(2026, 9, 1))
    ClaimVersion.objects.filter(pk=version.pk).update(
        payer_claim_number="ICN1", first_adjudicated=date(2026, 9, 5), payer_acknowledged=date(2026, 9, 2),
        proof_of_filing="277CA A2",
    )  # fmt: skip
    ClaimVersion.objects.create(
        claim=version.claim, number=2, control_number="C2", frequency="7", state="DRAFT",
        content=version.content | {"frequency": "7", "control_number": "C2", "payer_claim_number": "ICN1"},
        total_charge=version.total_charge, date_of_service=version.date_of_service, created_on=date(2026, 9, 6),
    )  # fmt: skip
    facts = next(one for one, row in zip(gathered(), versions(), strict=True) if row.number == 2)
    assert [name for name in GIVEN if getattr(facts, name) is None] == []
    assert [name for name in ELSEWHERE if getattr(facts, name) is not None] == []
