"""The rows that `to-parquet` writes: one a claim, payment, benefit or acknowledgement, and one a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Named = tuple[str, Row]  # table and row

TEXT, TEXTS, WHOLE, WHOLES, MONEY, DAY, YES = "text", "texts", "whole", "wholes", "money", "day", "yes"
ADJUSTMENTS = "adjustments"
Columns = dict[str, str]


def _columns(words: str) -> Columns:
    """Columns from "name name:type ..."; text where no type is told."""
    return {name: kind or TEXT for name, _, kind in (word.partition(":") for word in words.split())}


PLACE = "file transaction position:whole "  # position counts claims, payments ... of a file from 1
TABLES: dict[str, Columns] = {
    "claims": _columns(
        PLACE + "kind control_number frequency transaction_type total_charge:money patient_paid:money billing_npi "
        "billing_name billing_tax_id rendering_npi referring_npi facility_npi place_of_service type_of_bill payer_id "
        "payer_name payer_sequence filing_indicator member_id group_number relationship patient_last_name "
        "patient_first_name patient_birth_date:day patient_sex patient_state patient_postal_code record_number "
        "date_from:day date_to:day admission_date:day discharge_date:day principal_diagnosis diagnoses:texts "
        "prior_authorization payer_claim_number prior_paid:money lines:whole"
    ),
    "claim_lines": _columns(
        PLACE + "line:whole control_number procedure_code procedure_qualifier modifiers:texts revenue_code description "
        "charge:money non_covered_amount:money unit_basis units:money place_of_service diagnosis_pointers:wholes "
        "date_from:day date_to:day rendering_npi drug_code drug_quantity:money drug_unit"
    ),
    "payments": _columns(
        PLACE + "trace_number payment_date:day payment_amount:money payment_method payer_name payer_id payee_name "
        "payee_npi payee_tax_id control_number status charge:money paid:money patient_responsibility:money "
        "filing_indicator payer_claim_number patient_last_name patient_first_name patient_id rendering_npi "
        "date_from:day date_to:day received_date:day allowed:money interest:money adjustments:adjustments "
        "remarks:texts lines:whole"
    ),
    "payment_lines": _columns(
        PLACE + "line:whole control_number procedure_code procedure_qualifier modifiers:texts charge:money paid:money "
        "allowed:money units_paid:money units_billed:money date_from:day date_to:day adjustments:adjustments "
        "remarks:texts"
    ),
    "acknowledgements": _columns(
        PLACE + "source_name source_id level control_number accepted:yes category status entity statuses:texts "
        "charge:money message payer_claim_number clearinghouse_trace effective_date:day billing_npi billing_name "
        "patient_last_name patient_first_name member_id lines:whole"
    ),
    "acknowledgement_lines": _columns(
        PLACE + "line:whole control_number procedure_code modifiers:texts revenue_code charge:money units:money "
        "statuses:texts"
    ),
    "benefits": _columns(
        PLACE + "payer_name payer_id subscriber_last_name subscriber_first_name member_id group_number "
        "patient_last_name patient_first_name patient_birth_date:day relationship kind coverage_level "
        "service_types:texts insurance_type plan_name period amount:money percent:money quantity_qualifier "
        "quantity:money authorization_required in_network procedure_code messages:texts"
    ),
}  # fmt: skip


def claim_rows(place: Row, kind: str, claim: Any) -> Iterator[Named]:
    patient, coverage, billing = claim.patient, claim.coverage, claim.billing_provider
    codes = [one.code for one in claim.diagnoses]
    yield "claims", {
        **place, "kind": kind, "control_number": claim.control_number, "frequency": claim.frequency,
        "transaction_type": claim.transaction_type, "total_charge": claim.total_charge,
        "patient_paid": claim.patient_paid, "billing_npi": billing.npi, "billing_name": billing.name,
        "billing_tax_id": billing.tax_id, "rendering_npi": _npi(claim.rendering), "referring_npi": _npi(claim.referring),
        "facility_npi": _npi(claim.facility), "place_of_service": claim.place_of_service if kind != "837I" else "",
        "type_of_bill": claim.type_of_bill if kind == "837I" else "", "payer_id": coverage.payer.payer_id,
        "payer_name": coverage.payer.name, "payer_sequence": coverage.sequence,
        "filing_indicator": coverage.payer.filing_indicator, "member_id": coverage.member_id,
        "group_number": coverage.group_number, "relationship": coverage.relationship,
        "patient_last_name": patient.last_name, "patient_first_name": patient.first_name,
        "patient_birth_date": patient.birth_date, "patient_sex": patient.sex, "patient_state": patient.address.state,
        "patient_postal_code": patient.address.postal_code, "record_number": patient.record_number,
        "date_from": claim.date_of_service, "date_to": claim.date_through, "admission_date": claim.admission_date,
        "discharge_date": claim.discharge_date, "principal_diagnosis": codes[0] if codes else "", "diagnoses": codes,
        "prior_authorization": claim.prior_authorization, "payer_claim_number": claim.payer_claim_number,
        "prior_paid": sum((one.paid_amount or Decimal(0) for one in claim.prior_payments), Decimal(0)),
        "lines": len(claim.lines),
    }  # fmt: skip
    for number, line in enumerate(claim.lines, 1):
        drug = line.drug
        yield "claim_lines", {
            **place, "line": number, "control_number": line.control_number, "procedure_code": line.procedure_code,
            "procedure_qualifier": line.procedure_qualifier, "modifiers": line.modifiers,
            "revenue_code": line.revenue_code, "description": line.description, "charge": line.charge,
            "non_covered_amount": line.non_covered_amount, "unit_basis": line.unit_basis, "units": line.units,
            "place_of_service": line.place_of_service, "diagnosis_pointers": line.diagnosis_pointers,
            "date_from": line.date_from, "date_to": line.date_to, "rendering_npi": _npi(line.rendering),
            "drug_code": drug.ndc if drug else "", "drug_quantity": drug.quantity if drug else None,
            "drug_unit": drug.unit if drug else "",
        }  # fmt: skip


def payment_rows(place: Row, payment: Row, claim: Any) -> Iterator[Named]:
    """`payment` is what the 835 says of the whole payment: see `payment_of`."""
    patient = claim.patient
    yield "payments", {
        **place, **payment, "control_number": claim.control_number, "status": claim.status, "charge": claim.charge,
        "paid": claim.paid, "patient_responsibility": claim.patient_responsibility,
        "filing_indicator": claim.filing_indicator, "payer_claim_number": claim.payer_claim_number,
        "patient_last_name": patient.last_name, "patient_first_name": patient.first_name,
        "patient_id": claim.patient_id, "rendering_npi": claim.rendering_npi, "date_from": claim.date_from,
        "date_to": claim.date_to, "received_date": claim.received_date, "allowed": claim.allowed,
        "interest": claim.interest, "adjustments": _adjustments(claim), "remarks": claim.remarks,
        "lines": len(claim.lines),
    }  # fmt: skip
    for number, line in enumerate(claim.lines, 1):
        yield "payment_lines", {
            **place, "line": number, "control_number": line.control_number, "procedure_code": line.procedure_code,
            "procedure_qualifier": line.procedure_qualifier, "modifiers": line.modifiers, "charge": line.charge,
            "paid": line.paid, "allowed": line.allowed, "units_paid": line.units_paid,
            "units_billed": line.units_billed, "date_from": line.date_from, "date_to": line.date_to,
            "adjustments": _adjustments(line), "remarks": line.remarks,
        }  # fmt: skip


def payment_of(root: Any) -> Row:
    """What an 835 says of its payment, from the loops above the claims."""
    from claimwright.x12.amounts import amount
    from claimwright.x12.permuting import day_of

    payment, trace = root.first("BPR"), root.first("TRN")
    payer, payee = root.find("1000A"), root.find("1000B")
    paying, paid = (loop.first("N1") if loop else None for loop in (payer, payee))
    by_npi = paid is not None and paid[3] == "XX"
    tax = payee.first("REF", "TJ") if payee else None
    return {
        "trace_number": trace[2].strip() if trace else "",
        "payment_date": day_of(payment[16].strip()) if payment else None,
        "payment_amount": amount(payment[2]) if payment else None,
        "payment_method": payment[4].strip() if payment else "",
        "payer_name": paying.text_of(2) if paying else "",
        "payer_id": trace[3].strip() if trace else "",
        "payee_name": paid.text_of(2) if paid else "",
        "payee_npi": paid[4].strip() if by_npi else "",
        "payee_tax_id": tax[2].strip() if tax else paid[4].strip() if paid and paid[3] == "FI" else "",
    }


def acknowledgement_rows(place: Row, number: Callable[[], int], report: Any) -> Iterator[Named]:
    for item in report.items:
        here = {**place, "position": number()}
        statuses = [_status(one) for one in item.statuses]
        first = item.statuses[0] if item.statuses else None
        yield "acknowledgements", {
            **here, "source_name": report.source_name, "source_id": report.source_id, "level": item.level,
            "control_number": item.control_number, "accepted": item.accepted,
            "category": first.category if first else "", "status": first.code if first else "",
            "entity": first.entity if first else "", "statuses": statuses, "charge": item.charge,
            "message": item.message, "payer_claim_number": item.payer_claim_number,
            "clearinghouse_trace": item.clearinghouse_trace, "effective_date": item.effective_date,
            "billing_npi": item.provider.npi if item.provider else "",
            "billing_name": item.provider.name if item.provider else "",
            "patient_last_name": item.patient.last_name if item.patient else "",
            "patient_first_name": item.patient.first_name if item.patient else "",
            "member_id": item.patient.identifier if item.patient else "", "lines": len(item.lines),
        }  # fmt: skip
        for at, line in enumerate(item.lines, 1):
            procedure = line.procedure
            yield "acknowledgement_lines", {
                **here, "line": at, "control_number": line.control_number,
                "procedure_code": procedure.code if procedure else "",
                "modifiers": procedure.modifiers if procedure else (), "revenue_code": line.revenue_code,
                "charge": line.charge, "units": line.units, "statuses": [_status(one) for one in line.statuses],
            }  # fmt: skip


def benefit_rows(place: Row, number: Callable[[], int], response: Any) -> Iterator[Named]:
    for answer in response.patients:
        subscriber, patient = answer.subscriber, answer.patient
        person = {
            "payer_name": answer.payer.name, "payer_id": answer.payer.identifier,
            "subscriber_last_name": subscriber.last_name if subscriber else "",
            "subscriber_first_name": subscriber.first_name if subscriber else "",
            "member_id": subscriber.member_id if subscriber else "", "group_number": answer.group_number,
            "patient_last_name": patient.last_name if patient else "",
            "patient_first_name": patient.first_name if patient else "",
            "patient_birth_date": patient.birth_date if patient else None,
            "relationship": patient.insured_relationship if patient else "",
        }  # fmt: skip
        for benefit in answer.benefits:
            procedure = benefit.procedure
            yield "benefits", {
                **place, "position": number(), **person, "kind": benefit.kind,
                "coverage_level": benefit.coverage_level, "service_types": benefit.service_types,
                "insurance_type": benefit.insurance_type, "plan_name": benefit.plan_name, "period": benefit.period,
                "amount": benefit.amount, "percent": benefit.percent,
                "quantity_qualifier": benefit.quantity_qualifier, "quantity": benefit.quantity,
                "authorization_required": benefit.authorization_required, "in_network": benefit.in_network,
                "procedure_code": procedure.code if procedure else "", "messages": benefit.messages,
            }  # fmt: skip


def _npi(provider: Any) -> str:
    return provider.npi if provider is not None else ""


def _status(status: Any) -> str:
    return ":".join(part for part in (status.category, status.code, status.entity) if part)


def _adjustments(noun: Any) -> list[Row]:
    found: Iterable[Any] = noun.adjustments
    return [
        {"group": one.group, "reason": one.reason, "amount": one.amount, "quantity": one.quantity} for one in found
    ]  # fmt: skip
