"""The facts of many claims, gathered in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Coverage
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.codes.library_sets import code_sets, codes_folder
from claimwright.edits.facts import (
    ControlNumberUse,
    Facts,
    FilingEvidence,
    OriginalClaim,
    PatientFlags,
    Practice,
    Price,
    PriorAdjudication,
    PriorClaim,
    PriorLine,
    ProviderRecord,
)
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.places import day_for_all, site_of
from claimwright.edits.reference import ncci_program, reference_tables
from claimwright.edits.registry import Registry, entity_types, npis_of, registries
from claimwright.edits.tables import DECIDED_STATES, OPEN_STATES, REPLACING_FREQUENCIES
from claimwright.web.charges.selectors import encounter_records, open_queries_by_encounter
from claimwright.web.contracts.pricing import ClaimToPrice, facts_of
from claimwright.web.core import clock
from claimwright.web.eligibility.selectors import EligibilityFacts
from claimwright.web.patients.selectors import injury_cases, medicare_secondary
from claimwright.web.practice.models import Practice as PracticeRow
from claimwright.web.practice.selectors import biller, charge_master, enrolments_of, payer_profile, provider_nouns
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.on_file import OnFile
from claimwright.web.submissions.surroundings import locum_periods, stays, with_charges
from claimwright.web.submissions.therapy import TherapyBook

ALWAYS = frozenset(
    {"payer", "practice", "charge_master", "patient", "coverages", "prior_claims", "control_numbers", "providers"}
)
SENT_STATES = tuple(OPEN_STATES | DECIDED_STATES)


class FactsGatherer:
    """Loads what the edits need to know of `versions`; `facts(version, content)` answers from memory.

    The versions come with claim, payer, patient and encounter selected. `lock` keeps others from taking units of the
    patients' authorizations until the transaction ends.
    """

    def __init__(self, versions: Sequence[ClaimVersion], *, lock: bool = False) -> None:
        self.today = clock.today()
        self.code_sets = code_sets(codes_folder(settings.HOME))
        self.practices: dict[UUID, Practice] = {}
        self.prices: dict[UUID, dict[str, tuple[Price, ...]]] = {}
        for practice in PracticeRow.objects.filter(pk__in={version.claim.practice_id for version in versions}):
            self.practices[practice.pk] = biller(practice).facts()
            self.prices[practice.pk] = charge_master(practice).by_code
        self.enrolments = enrolments_of(self.practices)
        self.profiles: dict[UUID, PayerProfile] = {}
        visits = {version.claim.encounter_id: version.claim.encounter for version in versions}
        self.open_queries = open_queries_by_encounter(visits)
        self.records = with_charges(encounter_records(tuple(visits.values())))
        self.on_file = OnFile(versions, lock=lock)
        self.contracted = facts_of([to_price(version) for version in versions])
        patients = {version.claim.patient_id for version in versions}
        self.medicare_answers = medicare_secondary(patients)
        self.cases = injury_cases(patients)
        self.history = _history(patients)
        self.eligibility = EligibilityFacts(patients)
        self.stays = stays(patients)
        contents = [msgspec.convert(version.content, ClaimNoun) for version in versions]
        self.locum_periods = locum_periods(contents)
        self.therapy = TherapyBook(
            versions, contents, {pk: found.expected_prices for pk, found in self.contracted.items()}
        )
        self.registries = registries(self.code_sets, self._named(versions, contents))
        own = {
            npi: ProviderRecord(npi=npi, entity_type="2" if noun.is_organization else "1")
            for npi, noun in provider_nouns().items()
        }
        # The registry's word goes before the practice's own record: it is what the payer compares with.
        self.providers = tuple((own | entity_types(self.registries)).values())
        self.siblings: dict[UUID, list[ClaimVersion]] = defaultdict(list)
        chains = {version.claim_id for version in versions if version.number > 1}
        for sibling in ClaimVersion.objects.filter(claim_id__in=chains).order_by("number"):
            self.siblings[sibling.claim_id].append(sibling)

    def _named(self, versions: Sequence[ClaimVersion], contents: Sequence[ClaimNoun]) -> dict[date, set[str]]:
        """By day of service the NPIs that the lists of providers are asked about: the claims', and who came before."""
        wanted: dict[date, set[str]] = defaultdict(set)
        for version, content in zip(versions, contents, strict=True):
            before = self.history.get(version.claim.patient_id, ())
            wanted[content.date_of_service or self.today] |= npis_of(content) | {
                line.rendering_npi for _, prior in before for line in prior.lines
            }
        return wanted

    def profile(self, version: ClaimVersion) -> PayerProfile:
        payer = version.claim.payer
        if payer.pk not in self.profiles:
            self.profiles[payer.pk] = payer_profile(payer)
        return self.profiles[payer.pk]

    def facts(self, version: ClaimVersion, content: ClaimNoun) -> Facts:
        claim = version.claim
        replacing = content.frequency in REPLACING_FREQUENCIES
        profile = self.profile(version)
        program = ncci_program(profile, content.coverage.payer.filing_indicator)
        return Facts(
            today=self.today,
            code_sets=self.code_sets,
            **reference_tables(self.code_sets, content.kind, program=program, supplier=profile.ncci_supplier),
            payer=profile,
            practice=self.practices[claim.practice_id],
            providers=self.providers,
            charge_master=self.prices[claim.practice_id],
            patient=self.on_file.flags(version, content, _flags(claim.patient.content, claim.patient.flags)),
            patient_key=str(claim.patient_id),
            chain=str(claim.pk),
            coverages=_coverages(claim.encounter.content),
            medicare_secondary=self.medicare_answers.get(claim.patient_id),
            cases=self.cases.get(claim.patient_id, ()),
            eligibility=self.eligibility.of(claim.patient_id, claim.payer_id),
            prior_adjudications=_prior_adjudications(content),
            prior_claims=tuple(
                prior
                for encounter, prior in self.history.get(claim.patient_id, ())
                # The same visit billed to its other payer is no repeat, even where one payer covers twice.
                if encounter != claim.encounter_id or prior.chain == str(claim.pk)
            ),
            control_numbers=(
                ControlNumberUse(control_number=version.control_number, chain=str(claim.pk), version=version.number),
            ),
            encounter=self.records.get(claim.encounter_id),
            stays=self.stays.get(claim.patient_id, ()),
            locum_periods=self.locum_periods,
            enrolments=self.enrolments[claim.practice_id],
            registry=self._registry(content),
            therapy_used=self.therapy.used(version),
            **self.on_file.facts(version, content),
            contracts=self.contracted[version.pk].contracts,
            expected_prices=self.contracted[version.pk].expected_prices,
            original=self._original(version) if replacing else None,
            filing=self._filing(version),
            expected=ALWAYS | OnFile.expected | {"original"} if replacing else ALWAYS | OnFile.expected,
        )

    def _registry(self, content: ClaimNoun) -> Registry | None:
        if self.registries is None:
            return None
        return self.registries.get(content.date_of_service or self.today, {})

    def _original(self, version: ClaimVersion) -> OriginalClaim | None:
        """The version before this one that the payer decided."""
        earlier = [one for one in self.siblings[version.claim_id] if one.number < version.number]
        decided = [one for one in earlier if one.payer_claim_number or one.first_adjudicated]
        if not decided:
            return None
        old = decided[-1]
        return OriginalClaim(
            state=old.state,
            lines=tuple(_content_lines(msgspec.convert(old.content, ClaimNoun))),
            adjudicated_on=old.last_adjudicated,
            payer_claim_number=old.payer_claim_number,
        )

    def _filing(self, version: ClaimVersion) -> FilingEvidence | None:
        accepted = [
            one.payer_acknowledged
            for one in self.siblings.get(version.claim_id, ())
            if one.proof_of_filing and one.payer_acknowledged
        ]
        return FilingEvidence(payer_accepted_on=min(accepted)) if accepted else None


def to_price(version: ClaimVersion) -> ClaimToPrice:
    return ClaimToPrice(
        claim_version_id=version.pk,
        payer_id=version.claim.payer_id,
        content=msgspec.convert(version.content, ClaimNoun),
    )


def _flags(content: dict[str, Any], flags: Iterable[str]) -> PatientFlags:
    patient = msgspec.convert(content, PatientNoun)
    return PatientFlags(
        death_date=patient.death_date,
        restricts_disclosure="disclosure_restricted" in flags,
        under_mothers_id="under_mothers_id" in flags,
    )


def _coverages(content: dict[str, Any]) -> tuple[Coverage, ...]:
    return msgspec.convert(content, EncounterNoun).coverages


def _prior_adjudications(content: ClaimNoun) -> tuple[PriorAdjudication, ...]:
    """What the claim itself carries of the payers before: posting put it there."""
    return tuple(
        PriorAdjudication(
            payer_id=prior.coverage.payer.payer_id, decided_on=prior.adjudication_date, paid_amount=prior.paid_amount
        )
        for prior in content.prior_payments
        if prior.adjudicated
    )


def _content_lines(content: ClaimNoun) -> Iterable[PriorLine]:
    for line in content.lines:
        on = line.date_from or day_for_all(content)
        if on is not None:
            rendering = line.rendering or content.rendering or content.billing_provider
            yield PriorLine(
                procedure_code=line.procedure_code, date_from=on, date_to=line.date_to,
                rendering_npi=rendering.npi, modifiers=line.modifiers, units=line.units, charge=line.charge,
                control_number=line.control_number, revenue_code=line.revenue_code, site=site_of(line),
            )  # fmt: skip


def _history(patients: Iterable[UUID]) -> dict[UUID, tuple[tuple[UUID, PriorClaim], ...]]:
    """The claims of each patient that went out, each with its visit and the lines that were sent, by patient."""
    rows = (
        ClaimVersion.objects.filter(claim__patient_id__in=set(patients), state__in=SENT_STATES)
        .order_by("control_number")
        .values_list(
            "control_number", "claim__payer__payer_id", "state", "claim_id", "number", "claim__patient_id", "content",
            "claim__encounter_id",
        )
    )  # fmt: skip
    found: dict[UUID, list[tuple[UUID, PriorClaim]]] = defaultdict(list)
    for number, payer, state, claim, version, patient, content, encounter in rows.iterator(chunk_size=1000):
        noun = msgspec.convert(content, ClaimNoun)
        prior = PriorClaim(
            control_number=number, payer_id=payer, state=state, chain=str(claim), version=version, kind=noun.kind,
            billing_npi=noun.billing_provider.npi, patient_key=str(patient), lines=tuple(_content_lines(noun)),
        )  # fmt: skip
        found[patient].append((encounter, prior))
    return {patient: tuple(claims) for patient, claims in found.items()}
