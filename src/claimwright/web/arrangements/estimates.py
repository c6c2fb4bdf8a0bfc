"""Good-faith estimates: asked for or owed, priced, given in versions, compared with the bill, disputed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import msgspec
from django.db import transaction

from claimwright.billing import good_faith_estimates as rules
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.documents import good_faith_estimate as papers
from claimwright.documents.patient_paper import language_of
from claimwright.web.arrangements.letters import letterhead_of, name_of
from claimwright.web.arrangements.models import EstimateRequest, GoodFaithEstimate
from claimwright.web.charges.models import Encounter
from claimwright.web.contracts.selectors import contract_for, price_check
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Charge, Payer, Practice
from claimwright.web.practice.selectors import charge_master, policies_of

SELF_PAY = "self_pay"  # Payer.kind under which a practice keeps its self-pay contract


class ServiceWanted(msgspec.Struct, frozen=True, kw_only=True):
    """One service of ours to be priced. `description` blank: the practice's own words of its charge master."""

    code: str
    units: Decimal = Decimal(1)
    modifiers: tuple[str, ...] = ()
    diagnosis_codes: tuple[str, ...] = ()
    description: str = ""


def visit_key(encounter_id: object) -> str:
    return f"gfe-visit:{encounter_id}"


def request_key(request: EstimateRequest) -> str:
    return f"gfe-request:{request.pk}"


@transaction.atomic
def request_estimate(
    *, patient: Patient, wanted: str, requested_on: date | None = None, encounter: Encounter | None = None
) -> EstimateRequest:
    """The patient asks what care will cost, in any words: the clock starts. Raises EstimateRefused for no words."""
    if not wanted.strip():
        raise rules.EstimateRefused("wanted: say what the patient asks the price of")
    on = requested_on or clock.today()
    if on > clock.today():
        raise rules.EstimateRefused("requested: today or earlier")
    due = rules.estimate_clock(requested_on=on).due_on
    assert due is not None  # a request always starts a clock
    request = EstimateRequest.objects.create(
        practice=patient.practice, patient=patient, encounter=encounter, wanted=wanted.strip()[:200], requested_on=on,
        answer_by=due, taken_by=actor(),
    )  # fmt: skip
    raise_work_item(
        worklist=Worklist.GFE_DUE, key=request_key(request), reason_code="ON_REQUEST", due_date=due,
        reason="A patient asked for an estimate", what_to_do="Issue the estimate from the patient's estimates",
        subject_type="patient", subject_id=patient.pk, practice_id=patient.practice_id,
    )  # fmt: skip
    record_audit(action="estimate.requested", subject_type="patient", subject_id=patient.pk)
    return request


@transaction.atomic
def issue_estimate(
    *, patient: Patient, services: Sequence[ServiceWanted], primary_service: str, encounter: Encounter | None = None,
    request: EstimateRequest | None = None, service_on: date | None = None, recurs_until: date | None = None,
    co_providers: Iterable[rules.EstimateItem] = (), others: Iterable[rules.OtherService] = (),
) -> GoodFaithEstimate:  # fmt: skip
    """Price and give a first version. Raises EstimateRefused for what has no price or lacks what the rule asks for."""
    row = _build(
        patient, services, primary_service, encounter, service_on or (encounter.date_from if encounter else None),
        recurs_until, co_providers, others,
    )  # fmt: skip
    row.number, row.version = f"GFE{next_number(name='estimate'):07d}", 1
    due = _clock_of(encounter, request)
    row.answer_by = due.due_on
    return _give(row, request)


@transaction.atomic
def revise_estimate(
    *, estimate: GoodFaithEstimate, services: Sequence[ServiceWanted], primary_service: str = "",
    service_on: date | None = None, recurs_until: date | None = None,
    co_providers: Iterable[rules.EstimateItem] = (), others: Iterable[rules.OtherService] = (),
) -> GoodFaithEstimate:  # fmt: skip
    """What is expected has changed: a new version that replaces the last one. Raises EstimateRefused for an older one."""
    held = GoodFaithEstimate.objects.select_related("patient__practice", "encounter").get(pk=estimate.pk)
    if GoodFaithEstimate.objects.filter(replaces=held).exists():
        raise rules.EstimateRefused("estimate: a newer version is there; change that one")
    row = _build(
        held.patient, services, primary_service or held.primary_service, held.encounter, service_on or held.service_on,
        recurs_until, co_providers, others,
    )  # fmt: skip
    row.number, row.version, row.replaces = held.number, held.version + 1, held
    row.answer_by = rules.new_version_due(row.service_on) if row.service_on else None
    return _give(row, None)


def _clock_of(encounter: Encounter | None, request: EstimateRequest | None) -> rules.EstimateClock:
    return rules.estimate_clock(
        scheduled_on=scheduled_on(encounter) if encounter else None,
        service_on=encounter.date_from if encounter else None,
        requested_on=request.requested_on if request else None,
    )


def scheduled_on(encounter: Encounter) -> date:
    """The day the visit got the date it has: when it was last moved, else when it was made."""
    moved = encounter.moves.filter(event="reschedule").order_by("-at").first()
    if moved is None:
        return encounter.received_on
    return max(encounter.received_on, min(clock.day_of(moved.at), clock.today()))


def _build(
    patient: Patient, services: Sequence[ServiceWanted], primary_service: str, encounter: Encounter | None,
    service_on: date | None, recurs_until: date | None, co_providers: Iterable[rules.EstimateItem],
    others: Iterable[rules.OtherService],
) -> GoodFaithEstimate:  # fmt: skip
    if encounter is not None and encounter.patient_id != patient.pk:
        raise rules.EstimateRefused("visit: choose one of this patient")
    today = clock.today()
    items = (*_priced(patient.practice, services, service_on or today), *co_providers)
    noun = msgspec.convert(patient.content, PatientNoun)
    content = rules.Estimate(
        patient_name=name_of(patient), birth_date=patient.birth_date or noun.birth_date, items=items,
        primary_service=primary_service.strip(), service_on=service_on, recurs_until=recurs_until,
        diagnosis_codes=tuple(dict.fromkeys(code for item in items for code in item.diagnosis_codes)),
        others=tuple(others), issued_on=today,
    )  # fmt: skip
    rules.check_estimate(content)
    return GoodFaithEstimate(
        practice=patient.practice, patient=patient, encounter=encounter, primary_service=content.primary_service[:120],
        service_on=service_on, issued_on=today, issued_by=actor(), keep_until=rules.keep_until(today),
        language=language_of(patient.language), total=content.total, content=msgspec.to_builtins(content),
    )  # fmt: skip


def _priced(practice: Practice, services: Sequence[ServiceWanted], on: date) -> list[rules.EstimateItem]:
    """Our own services at the self-pay contract's price, else the charge master's less the practice's discount."""
    master = charge_master(practice, [one.code for one in services])
    words = dict(
        Charge.objects.filter(practice=practice, modifier="", code__in=[one.code for one in services])
        .exclude(description="").order_by("start").values_list("code", "description")
    )  # fmt: skip
    payer = Payer.objects.filter(kind=SELF_PAY).order_by("key").first()
    contract = contract_for(payer.pk, practice.tax_id, on) if payer else None
    made = []
    for number, one in enumerate(services, start=1):
        price = master.price(one.code, one.modifiers, on)
        contracted = None
        if contract is not None:
            contracted = price_check(contract.pk, code=one.code, on=on, modifiers=one.modifiers).allowed
        charge = rules.self_pay_price(price, one.units, contracted=contracted, policies=policies_of(practice))
        if charge is None:
            raise rules.EstimateRefused(
                f"service {number}: {one.code} has no price on {on}; add it to the charge master"
            )
        made.append(
            rules.EstimateItem(
                code=one.code, description=one.description.strip() or words.get(one.code, ""), units=one.units,
                diagnosis_codes=one.diagnosis_codes, charge=charge, on=on, provider_name=practice.name,
                provider_npi=practice.npi, provider_tax_id=practice.tax_id, place=_state(practice),
            )
        )  # fmt: skip
    return made


def _state(practice: Practice) -> str:
    return str((practice.content.get("address") or {}).get("state", ""))


def _give(row: GoodFaithEstimate, request: EstimateRequest | None) -> GoodFaithEstimate:
    row.pdf = papers.render_estimate(document_of(row))
    row.sha256 = hashlib.sha256(row.pdf).hexdigest()
    row.save(force_insert=True)
    keys = [visit_key(row.encounter_id)] if row.encounter_id else []
    if request is not None:
        EstimateRequest.objects.filter(pk=request.pk).update(is_answered=True)
        keys.append(request_key(request))
    resolve_work_items(keys=keys, resolution=f"given {row.number}")
    record_audit(
        action="estimate.issued", subject_type="estimate", subject_id=row.pk, detail=f"{row.number} v{row.version}"
    )
    return row


def content_of(estimate: GoodFaithEstimate) -> rules.Estimate:
    return msgspec.convert(estimate.content, rules.Estimate)


def document_of(row: GoodFaithEstimate) -> papers.EstimateDocument:
    """The paper of a version: services by who bills them, the convening provider first."""
    content = content_of(row) if isinstance(row.content, dict) else row.content
    by_provider: dict[tuple[str, str, str, str], list[papers.EstimateLine]] = {}
    for item in content.items:
        key = (item.provider_name, item.provider_npi, item.provider_tax_id, item.place)
        by_provider.setdefault(key, []).append(
            papers.EstimateLine(
                code=item.code, description=item.description, diagnosis_codes=item.diagnosis_codes,
                units=f"{item.units.normalize():f}", charge=item.charge,
            )
        )  # fmt: skip
    assert content.birth_date is not None  # checked before
    return papers.EstimateDocument(
        letterhead=letterhead_of(row.patient, with_ids=True), number=row.number, version=row.version,
        replaces_issued_on=row.replaces.issued_on if row.replaces else None, issued_on=row.issued_on,
        language=row.language, patient_name=content.patient_name, birth_date=content.birth_date,
        primary_service=content.primary_service, service_on=content.service_on, recurs_until=content.recurs_until,
        diagnosis_codes=content.diagnosis_codes, total=content.total,
        providers=tuple(
            papers.EstimateProvider(name=name, npi=npi, tax_id=tax_id, place=place, lines=tuple(lines))
            for (name, npi, tax_id, place), lines in by_provider.items()
        ),
        others=tuple(" · ".join(filter(None, (one.description, one.provider_name))) for one in content.others),
        dispute_amount=rules.DISPUTE_EXCESS_AMOUNT,
        dispute_days=(rules.dispute_deadline(row.issued_on) - row.issued_on).days,
    )  # fmt: skip
