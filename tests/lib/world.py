"""A practice in the database with claims that were sent, and remittances for them as files: made through services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.nouns import (
    Adjustment,
    ClaimPayment,
    Coverage,
    Diagnosis,
    Line,
    Patient,
    Person,
    Provider,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
)
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.to_x12.remittance import build_interchange
from claimwright.x12 import Envelope

DAY = date(2026, 9, 1)
PAYEE_NPI, PAYEE_TIN = "1000000004", "391234567"
PAYER_TRACE_ID = "1999999991"
DENIED = (Adjustment(group="CO", reason="16", amount=Decimal("150.00")),)


def set_up(*, payers: Sequence[tuple[str, str]] = (("first", "60054"), ("second", "87726"))) -> dict[str, Any]:
    """Practice, provider, payers and a folderless connection, in the open tenant scope."""
    from claimwright.edits.payers.commercial import COMMERCIAL
    from claimwright.web.exchange.models import Connection
    from claimwright.web.practice import services
    from tests.lib.builders import a_billing_provider

    connection = Connection.objects.create(
        name="ch", kind="folder", sender_id="LAKESIDE01", receiver_id="CLEARHOUSE", usage="T"
    )
    practice = services.save_practice(provider=a_billing_provider(tax_id=PAYEE_TIN), start=date(2015, 1, 1))
    services.save_provider(
        provider=Provider(npi="1234567893", last_name="Okafor", first_name="Ngozi", taxonomy="207Q00000X"),
        practice=practice,
    )
    rows = {}
    for position, (key, payer_id) in enumerate(payers):
        rows[key] = services.save_payer(
            key=key, filing_indicator="CI", connection=connection,
            aliases=[f"{int(PAYER_TRACE_ID) + position}"],
            profile=msgspec.structs.replace(COMMERCIAL, payer_id=payer_id, name=f"Plan {key}", requires_enrolment=False),
        )  # fmt: skip
    return {"practice": practice, "payers": rows, "connection": connection}


def visit(number: int, *, charges: Sequence[str] = ("150.00",), second: bool = False, on: date = DAY) -> EncounterNoun:
    """An encounter of patient `number`; one line a charge."""
    person = {"last_name": f"Sample{number % 500}", "first_name": "Ada", "birth_date": date(1980, 1, 1), "sex": "F"}
    covers = [("P", "60054", f"M{number:06d}")] + ([("S", "87726", f"N{number:06d}")] if second else [])
    codes = ("99213", "87880", "36415", "81002")
    return EncounterNoun(
        external_id=f"test|{number}|{on}", source="csv", patient=Patient(record_number=f"MRN{number:05d}", **person),
        coverages=tuple(
            Coverage(
                sequence=sequence, member_id=member, subscriber=Person(**person),
                payer=msgspec.structs.replace(_payer(), payer_id=payer),
            )
            for sequence, payer, member in covers
        ),
        billing_npi=PAYEE_NPI, rendering=Provider(npi="1234567893", last_name="Okafor", first_name="Ngozi"),
        place_of_service="11", date_from=on, diagnoses=(Diagnosis(code="J029", qualifier="ABK"),),
        lines=tuple(
            Line(
                number=at, procedure_code=codes[at - 1], charge=Decimal(charge), diagnosis_pointers=(1,), date_from=on
            )
            for at, charge in enumerate(charges, 1)
        ),
    )  # fmt: skip


def _payer() -> Any:
    from claimwright.claims.nouns import Payer

    return Payer(payer_id="60054", name="", filing_indicator="CI")


def sent_claims(world: dict[str, Any], visits: Sequence[EncounterNoun], *, send: bool = True) -> list[Any]:
    """Charged, claimed and moved to SENT, or left as DRAFT; the versions to the first payers in the order of `visits`."""
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.charges.models import Encounter
    from claimwright.web.charges.services import lock_charges
    from claimwright.web.patients.models import Patient as PatientRow
    from claimwright.web.patients.models import PatientCoverage
    from claimwright.web.submissions.services import Move, create_claims, move_all

    by_payer_id = {payer.payer_id: payer for payer in world["payers"].values()}
    encounters = []
    patients: dict[str, Any] = {}
    for noun in visits:
        person = noun.patient
        row = patients.get(person.record_number)
        if row is None:
            row, _ = PatientRow.objects.get_or_create(
                practice=world["practice"], record_number=person.record_number,
                defaults={
                    "last_name": person.last_name, "first_name": person.first_name, "birth_date": person.birth_date,
                    "content": msgspec.to_builtins(person),
                },
            )  # fmt: skip
            for cover in noun.coverages:
                PatientCoverage.objects.get_or_create(
                    patient=row, payer=by_payer_id[cover.payer.payer_id], sequence=cover.sequence,
                    member_id=cover.member_id,
                )  # fmt: skip
            patients[person.record_number] = row
        encounters.append(
            Encounter(
                practice=world["practice"], patient=row, external_id=noun.external_id, source=noun.source,
                state=Encounter.State.CODED, date_from=noun.date_from, date_to=noun.date_from, received_on=noun.date_from,
                content=msgspec.to_builtins(noun),
            )
        )  # fmt: skip
    Encounter.objects.bulk_create(encounters, batch_size=1000)
    locked = lock_charges(encounters=encounters)
    versions = create_claims(encounters=locked)
    primary = [version for version in versions if version.claim.sequence == "P"]
    for trigger in (Trigger.PASSED, Trigger.BATCH, Trigger.SEND_CONFIRMED) if send else ():
        move_all(moves=[Move(version=version, trigger=trigger) for version in primary])
    return primary


def paid(
    version: Any, *, paid: str = "85.00", patient: str = "25.00", status: str = "1", **changes: Any
) -> ClaimPayment:
    """A CLP for a one-line claim: paid, patient's share PR-3, the rest CO-45. Negative amounts for a reversal."""
    line = version.content["lines"][0]
    charge, sign = Decimal(line["charge"]), -1 if status == "22" else 1
    paid_amount, share = Decimal(paid), Decimal(patient)
    adjustments = [
        Adjustment(group=group, reason=reason, amount=sign * amount)
        for group, reason, amount in (("CO", "45", charge - paid_amount - share), ("PR", "3", share))
        if amount
    ]
    return msgspec.structs.replace(
        ClaimPayment(
            control_number=version.control_number, status=status, charge=sign * charge, paid=sign * paid_amount,
            patient_responsibility=None if status == "22" else share, filing_indicator="CI",
            payer_claim_number=f"ICN{version.control_number}", facility_code="11", frequency="1",
            patient=Person(last_name=version.claim.patient.last_name, first_name="Ada"),
            lines=(
                RemittanceLine(
                    procedure_code=line["procedure_code"], charge=sign * charge, paid=sign * paid_amount,
                    units_paid=Decimal(1), date_from=DAY, control_number=line["control_number"],
                    adjustments=tuple(adjustments),
                ),
            ),
        ),
        **changes,
    )  # fmt: skip


def remittance(
    claims: Sequence[ClaimPayment],
    *,
    trace: str = "T0001",
    adjustments: Sequence[ProviderAdjustment] = (),
    **changes: Any,
) -> Remittance:
    """A balanced payment of these claims."""
    amount = sum((claim.paid for claim in claims), Decimal("0.00")) - sum(
        (a.amount for a in adjustments), Decimal("0.00")
    )
    fields: dict[str, Any] = {
        "handling": "I" if amount else "H", "amount": amount, "method": "ACH" if amount else "NON",
        "payment_date": DAY + timedelta(days=14), "trace_number": trace, "trace_payer_id": PAYER_TRACE_ID,
        "payer": msgspec.structs.replace(_payer(), name="PLAN FIRST", address=_address()), "payee_name": "LAKESIDE FAMILY MEDICINE",
        "payee_npi": PAYEE_NPI, "payee_tax_id": PAYEE_TIN, "claims": tuple(claims),
        "provider_adjustments": tuple(adjustments), "production_date": DAY + timedelta(days=13),
    }  # fmt: skip
    return Remittance(**(fields | changes))


def _address() -> Any:
    from claimwright.claims.nouns import Address

    return Address(line1="1 MAIN ST", city="MADISON", state="WI", postal_code="537030001")


def as_file(remittances: Sequence[Remittance], *, control_number: int = 1) -> bytes:
    return build_interchange(
        remittances, envelope=Envelope(sender_id="CLEARHOUSE", receiver_id="LAKESIDE01"), control_number=control_number,
        group_control_number=control_number, when=datetime(2026, 9, 15, 8, 0), line_break="\n",
    )  # fmt: skip


def deliver(content: bytes, name: str = "payment.835") -> Any:
    """Bytes into the inbox and split into parts, as `receive` does with a file it fetched."""
    from claimwright.web.exchange.models import InboxPart
    from claimwright.web.exchange.services import store_received
    from claimwright.x12 import read

    file = store_received(source="upload", name=name, content=content)
    if file.parts.exists():
        return file
    document = read(content)
    for ordinal, transaction in enumerate(document.transactions(), 1):
        last = transaction.segments[-1]
        InboxPart.objects.create(
            file=file, ordinal=ordinal, kind="835", byte_start=transaction.st.offset,
            byte_end=last.offset + len(last.text()), transaction_control_number=transaction.control_number,
        )  # fmt: skip
    file.kind = "x12"
    file.state = "done"
    file.save(update_fields=["kind", "state"])
    return file
