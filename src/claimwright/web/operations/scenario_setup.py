"""Making what a scenario names: practices, payers, people, covers, users, authorizations, visits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec

from claimwright.claims.nouns import Address, Diagnosis, Person
from claimwright.claims.nouns import Coverage as CoverageNoun
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Line as LineNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.edits.payer_profile import CodeRange, PayerProfile
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.web.authorizations.services import record_authorization
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.core.models import Tenant, User
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.services import create_connection
from claimwright.web.operations import scenario_file as written
from claimwright.web.operations.scenario_state import Names
from claimwright.web.patients.services import save_coverages, save_patient
from claimwright.web.practice.selectors import payer_noun, payers_by_name
from claimwright.web.practice.services import save_payer, save_practice, save_provider, set_price

SEQUENCES = "PST"
PROFILES: Mapping[str, PayerProfile] = {"medicare": MEDICARE_B, "medicaid": MEDICAID}
DOCTOR = ProviderNoun(npi="1234567893", last_name="HALVORSEN", first_name="INGRID", taxonomy="207Q00000X")
HOME = Address(line1="12 BIRCH ST", city="MADISON", state="WI", postal_code="537034321")
BEFORE = date(2020, 1, 1)
SENDER, RECEIVER = "LAKESIDE01", "CLEARHOUSE"


def connect(folder: Path) -> Connection:
    """A pair of folders that stands for the clearinghouse."""
    for name in ("out", "in"):
        (folder / name).mkdir()
    return create_connection(
        name="Scenario clearinghouse", kind="folder", outgoing=str(folder / "out"), incoming=str(folder / "in"),
        sender_id=SENDER, receiver_id=RECEIVER, receiver_name="CLEARINGHOUSE", submitter_name="LAKESIDE BILLING",
        submitter_contact="BILLING", submitter_phone="6085550142", usage="T",
    )  # fmt: skip


def set_up(scenario: written.Scenario, tenant: Tenant, connection: Connection, names: Names) -> None:
    """Everything but the visits, which come when they are charged."""
    for key, practice in scenario.practices.items():
        line1, city, state, postal_code = practice.address
        names.practices[key] = save_practice(
            provider=ProviderNoun(
                npi=practice.npi, is_organization=True, last_name=practice.name, taxonomy=practice.taxonomy,
                tax_id=practice.tax_id, contact_name="BILLING", phone=practice.phone,
                address=Address(line1=line1, city=city, state=state, postal_code=postal_code),
            ),
            start=BEFORE,
        )  # fmt: skip
    save_provider(provider=DOCTOR, practice=next(iter(names.practices.values())))
    for key, payer in scenario.payers.items():
        names.payers[key] = save_payer(
            key=key, profile=_profile(payer), filing_indicator=payer.filing_indicator,
            aliases=[payer.trace_id] if payer.trace_id else [], connection=connection,
        )  # fmt: skip
    for name, role in scenario.users.items():
        names.users[name] = User.objects.create_user(name, tenant=tenant, role=role)
    for key, patient in scenario.patients.items():
        _patient(key, patient, names)
    for authorization in scenario.authorizations.values():
        record_authorization(
            patient=names.patients[authorization.patient], payer=names.payers[authorization.payer],
            kind="referral" if authorization.kind == "9F" else "authorization", status="approved",
            number=authorization.number, codes=[CodeRange(first=code) for code in authorization.codes],
            units_approved=authorization.units, start=authorization.start, through=authorization.end,
        )  # fmt: skip
    _prices(scenario, names)


def _prices(scenario: written.Scenario, names: Names) -> None:
    """The first charge of a code is its price in the charge master; a visit may charge otherwise."""
    priced: set[tuple[object, str]] = set()
    for visit in scenario.visits.values():
        practice = names.patients[visit.patient].practice
        for line in visit.lines:
            code = line.code.split("-")[0]
            if (practice.pk, code) not in priced:
                priced.add((practice.pk, code))
                set_price(practice=practice, code=code, amount=line.charge / line.units, start=BEFORE)


def _profile(payer: written.Payer) -> PayerProfile:
    """The example rules of its kind, as this payer."""
    return msgspec.structs.replace(
        PROFILES.get(payer.kind, COMMERCIAL), payer_id=payer.id, name=payer.name, kind=payer.kind,
        filing_indicators=(payer.filing_indicator,), frequency_codes=payer.frequencies, requires_enrolment=False,
    )  # fmt: skip


def _split(name: str) -> tuple[str, str]:
    last, _, first = name.partition(",")
    return last.strip(), first.strip()


def _patient(key: str, patient: written.Patient, names: Names) -> None:
    last, first = _split(patient.name)
    practice = names.practices[patient.practice] if patient.practice else next(iter(names.practices.values()))
    row = save_patient(
        practice=practice,
        patient=PatientNoun(
            last_name=last, first_name=first, birth_date=patient.birth_date, sex=patient.sex, record_number=key.upper(),
            address=HOME, phone="6085550199",
        ),
    )  # fmt: skip
    if patient.flags:
        row.flags = list(patient.flags)
        row.save(update_fields=["flags"])
    save_coverages(patient=row, coverages=_coverages(patient, names), payers=payers_by_name())
    names.patients[key] = row


def _coverages(patient: written.Patient, names: Names) -> list[CoverageNoun]:
    """The first is primary, the next secondary, then tertiary."""
    return [
        CoverageNoun(
            sequence=SEQUENCES[place], payer=payer_noun(names.payers[cover.payer]), member_id=cover.member_id,
            relationship=cover.relationship, subscriber=_subscriber(cover, patient), start=BEFORE,
        )
        for place, cover in enumerate(patient.coverages)
    ]  # fmt: skip


def _subscriber(cover: written.Coverage, patient: written.Patient) -> Person:
    last, first = _split(cover.subscriber or patient.name)
    own = cover.relationship == "18"
    return Person(
        last_name=last, first_name=first, address=HOME, birth_date=patient.birth_date if own else date(1985, 4, 12),
        sex=patient.sex if own else "F",
    )  # fmt: skip


def take_in(key: str, scenario: written.Scenario, names: Names) -> Encounter:
    """A coded visit, as an intake leaves it."""
    visit = scenario.visits[key]
    patient = names.patients[visit.patient]
    noun = EncounterNoun(
        external_id=f"scenario|{key}", source="csv", patient=msgspec.convert(patient.content, PatientNoun),
        coverages=tuple(_coverages(scenario.patients[visit.patient], names)), billing_npi=patient.practice.npi,
        rendering=DOCTOR, place_of_service="11", date_from=visit.date, date_to=visit.date,
        diagnoses=tuple(
            Diagnosis(code=code, qualifier="ABK" if place == 0 else "ABF") for place, code in enumerate(visit.diagnoses)
        ),
        lines=tuple(_line(number, line, visit) for number, line in enumerate(visit.lines, 1)),
    )  # fmt: skip
    row = Encounter.objects.create(
        practice=patient.practice, patient=patient, external_id=noun.external_id, source="csv",
        state=Encounter.State.CODED, date_from=visit.date, date_to=visit.date, received_on=clock.today(),
        content=msgspec.to_builtins(noun),
    )  # fmt: skip
    names.visits[key] = row
    return row


def _line(number: int, line: written.Line, visit: written.Visit) -> LineNoun:
    code, *modifiers = line.code.split("-")
    return LineNoun(
        number=number, procedure_code=code, modifiers=tuple(modifiers), charge=line.charge, units=line.units,
        diagnosis_pointers=(1,), date_from=visit.date,
    )  # fmt: skip
