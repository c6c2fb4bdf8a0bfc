"""Intake of other systems' 837P: a claim read becomes an encounter of the practice that bills it anew."""

from __future__ import annotations

import msgspec

from claimwright.claims.from_x12.professional import ClaimRead, ProfessionalRead, problem_of, read_file
from claimwright.claims.nouns import Claim, Coverage, Encounter, IntakeProblem, IntakeResult
from claimwright.x12 import reader
from claimwright.x12.faults import Severity

SEQUENCE_ORDER = "PSTABCDEFGHU"


def intake(data: bytes) -> IntakeResult:
    """All professional claims of a file as encounters, in file order; what could not be read as problems.

    What a claim holds no field for (INFO faults) is no problem of the visit: the encounter holds less anyway.

    `external_id` is sender|GS06|ST02|CLM01. The same claim twice is taken once; another claim under a number already
    used is taken with #2, #3 ... behind it, because a sender's numbering error loses no visit.
    """
    encounters: list[Encounter] = []
    problems: list[IntakeProblem] = [problem_of(fault, "") for fault in reader.read(data).faults]
    seen: dict[str, list[Claim]] = {}
    for transaction in read_file(data):
        problems.extend(problem_of(fault, "") for fault in transaction.faults if fault.severity != Severity.INFO)
        for read in transaction.reads:
            identity = external_id(transaction, read.claim)
            others = seen.setdefault(identity, [])
            if read.claim in others:
                problems.append(_repeated("DUPLICATE_ENCOUNTER", identity, read))
                continue
            others.append(read.claim)
            if len(others) > 1:
                identity = f"{identity}#{len(others)}"
                problems.append(_repeated("REUSED_CONTROL_NUMBER", identity, read))
            problems.extend(problem_of(fault, identity) for fault in read.faults if fault.severity != Severity.INFO)
            encounters.append(encounter_of(read.claim, identity))
    return IntakeResult(encounters=tuple(encounters), problems=tuple(problems))


def external_id(transaction: ProfessionalRead, claim: Claim) -> str:
    return "|".join(
        (
            transaction.sender,
            transaction.group_control_number,
            transaction.transaction_control_number,
            claim.control_number,
        )
    )


def encounter_of(claim: Claim, identity: str) -> Encounter:
    """The visit a claim tells of. What prior payers decided is not taken: their remittances come to us themselves."""
    patient = claim.patient
    if not patient.record_number:
        patient = msgspec.structs.replace(patient, external_ids=(identity.rpartition("|")[0],))
    lines = tuple(msgspec.structs.replace(line, control_number="", adjudications=()) for line in claim.lines)
    return Encounter(
        external_id=identity,
        source="837p",
        patient=patient,
        coverages=_coverages(claim),
        billing_npi=claim.billing_provider.npi,
        rendering=claim.rendering or (None if claim.billing_provider.is_organization else claim.billing_provider),
        referring=claim.referring,
        supervising=claim.supervising,
        facility=claim.facility,
        place_of_service=claim.place_of_service,
        date_from=claim.date_of_service,
        date_to=claim.date_through,
        diagnoses=claim.diagnoses,
        lines=lines,
        prior_authorization=claim.prior_authorization,
        referral=claim.referral,
        causes=claim.causes,
        accident_state=claim.accident_state,
        accident_date=claim.accident_date,
        onset_date=claim.onset_date,
        admission_date=claim.admission_date,
        discharge_date=claim.discharge_date,
        note=claim.note,
    )


def _coverages(claim: Claim) -> tuple[Coverage, ...]:
    """The destination payer's and the others', in the order their sequence codes say."""
    coverages = [claim.coverage, *(prior.coverage for prior in claim.prior_payments)]
    return tuple(sorted(coverages, key=lambda coverage: SEQUENCE_ORDER.find(coverage.sequence or "U")))


REPEATED = {
    "DUPLICATE_ENCOUNTER": "The file holds this very claim twice; the first was taken",
    "REUSED_CONTROL_NUMBER": "Another claim of the file has the same number; both were taken",
}


def _repeated(code: str, identity: str, read: ClaimRead) -> IntakeProblem:
    return IntakeProblem(
        code=code,
        place=f"CLM, segment {read.segment} of its transaction",
        message=REPEATED[code],
        fix="Compare both with the sender",
        encounter=identity,
        blocks=False,
    )
