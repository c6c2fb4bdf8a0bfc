"""Claim to 837P, 005010X222A1: one transaction of many claims, and the interchange around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from claimwright.claims.nouns import Claim, Coverage, Line, LineAdjudication, Person, PriorPayment, Provider
from claimwright.claims.to_x12.parties import Code, PolicyWriter, Receiver, Submitter, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Envelope, InterchangeBuilder, TransactionBuilder, ValueRefused

GUIDE = "005010X222A1"
CLAIMS_PER_TRANSACTION = 5_000  # 005010X222A1, section 1.3.2: recommended limit of CLM in one ST..SE

# Provider identifiers the payer assigned stand in 2010BB, those of a state or a registry in 2010AA.
PAYER_ASSIGNED = ("G2", "LU")

CLAIM_DATES = (
    ("431", "onset_date"),
    ("454", "initial_treatment_date"),
    ("304", "last_seen_date"),
    ("439", "accident_date"),
    ("484", "last_menstrual_period"),
    ("435", "admission_date"),
    ("096", "discharge_date"),
)
CLAIM_REFERENCES = (
    ("9F", "referral"),
    ("G1", "prior_authorization"),
    ("F8", "payer_claim_number"),
    ("X4", "clia"),
    ("D9", "clearinghouse_trace"),
)


def build_transaction(
    claims: Sequence[Claim],
    *,
    submitter: Submitter,
    receiver: Receiver,
    reference: str,
    when: datetime,
    control_number: str,
    notices: list[TextNotice] | None = None,
) -> list[Segment]:
    """One ST..SE of at most 5,000 claims of one kind (chargeable or reporting). `reference` is BHT03.

    Raises ValueRefused, with segment and element and no value, for text that may not be sent and for too many claims.
    Every text that is sent otherwise than it is held is appended to `notices`.
    """
    if not claims:
        raise ValueRefused("ST", 1, "a transaction has at least one claim")
    if len(claims) > CLAIMS_PER_TRANSACTION:
        raise ValueRefused("ST", 1, f"more than {CLAIMS_PER_TRANSACTION} claims in one transaction")
    kinds = {claim.transaction_type for claim in claims}
    if len(kinds) > 1:
        raise ValueRefused("BHT", 6, "chargeable and reporting claims do not mix in one transaction")
    writer = ProfessionalWriter(TransactionBuilder("837", control_number, GUIDE))
    writer.header(submitter, receiver, reference, when, kinds.pop())
    writer.claims(claims)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


def build_interchange(
    claims: Sequence[Claim],
    *,
    submitter: Submitter,
    receiver: Receiver,
    envelope: Envelope,
    control_number: int,
    group_control_number: int,
    reference: str,
    when: datetime,
    claims_per_transaction: int = CLAIMS_PER_TRANSACTION,
    line_break: str = "",
    notices: list[TextNotice] | None = None,
) -> bytes:
    """One ISA..IEA with one GS and as many ST as the limit asks for.

    ST02 counts from 0001. BHT03 is `reference`, for the second and later transactions with -2, -3 ... after it.
    """
    transactions = []
    for number, share in enumerate(shares(claims, claims_per_transaction), 1):
        transactions.append(
            build_transaction(
                share,
                submitter=submitter,
                receiver=receiver,
                reference=reference if number == 1 else f"{reference}-{number}",
                when=when,
                control_number=f"{number:04d}",
                notices=notices,
            )
        )
    interchange = InterchangeBuilder(envelope, control_number, when, line_break=line_break)
    interchange.add_group("837", group_control_number, GUIDE, transactions)
    return interchange.build()


def shares(claims: Sequence[Claim], limit: int = CLAIMS_PER_TRANSACTION) -> list[list[Claim]]:
    """The claims as they go into transactions: by kind, at most `limit` in each, in order."""
    result: list[list[Claim]] = []
    for kind in dict.fromkeys(claim.transaction_type for claim in claims):
        members = [claim for claim in claims if claim.transaction_type == kind]
        result.extend(members[at : at + limit] for at in range(0, len(members), limit))
    return result


def text_notices(claim: Claim) -> tuple[TextNotice, ...]:
    """What the text policy would change in this claim. Raises ValueRefused where it could not be sent at all."""
    notices: list[TextNotice] = []
    build_transaction(
        [claim],
        submitter=Submitter(name="X", identifier="X"),
        receiver=Receiver(name="X", identifier="X"),
        reference="X",
        when=datetime(2000, 1, 1),  # noqa: DTZ001  a wire time is local and has no zone
        control_number="0001",
        notices=notices,
    )
    return tuple(notices)


class ProfessionalWriter(PolicyWriter):
    """Writes the loops of the 837P in their order; one method for each loop or group of segments."""

    def __init__(self, builder: TransactionBuilder) -> None:
        super().__init__(builder)
        self.level = 0  # the last HL01

    def header(self, submitter: Submitter, receiver: Receiver, reference: str, when: datetime, kind: str) -> None:
        self.add("BHT", "0019", "00", Code(reference), when.strftime("%Y%m%d"), when.strftime("%H%M"), kind)
        self.add("NM1", "41", "2", Words(submitter.name), "", "", "", "", "46", Code(submitter.identifier))
        phone = ("TE", submitter.phone) if submitter.phone else ()
        email = ("EM", submitter.email) if submitter.email else ()
        self.add("PER", "IC", Words(submitter.contact_name), *phone, *email)
        self.add("NM1", "40", "2", Words(receiver.name), "", "", "", "", "46", Code(receiver.identifier))

    def hierarchy(self, parent: int, code: str, has_child: bool) -> int:
        self.level += 1
        self.add("HL", self.level, parent or "", code, "1" if has_child else "0")
        return self.level

    def claims(self, claims: Iterable[Claim]) -> None:
        """2000A by billing provider, in it 2000B by subscriber, in it 2000C by patient, each at first appearance."""
        by_billing: dict[object, dict[object, dict[object, list[Claim]]]] = {}
        for claim in claims:
            billing = by_billing.setdefault((claim.billing_provider, claim.pay_to_address), {})
            billing.setdefault(_subscriber_key(claim), {}).setdefault(_patient_key(claim), []).append(claim)
        for subscribers in by_billing.values():
            first = _first(subscribers)
            self.control_number = first.control_number
            parent = self.hierarchy(0, "20", True)
            self.billing(first)
            for patients in subscribers.values():
                self.subscriber_and_patients(parent, patients)

    def subscriber_and_patients(self, parent: int, patients: dict[object, list[Claim]]) -> None:
        first = next(iter(patients.values()))[0]
        self.control_number = first.control_number
        own = is_subscriber(first)
        level = self.hierarchy(parent, "22", not own)
        self.subscriber(first)
        for claims in patients.values():
            if not own:
                self.control_number = claims[0].control_number
                self.hierarchy(level, "23", False)
                self.patient(claims[0])
            for claim in claims:
                self.control_number = claim.control_number
                self.claim(claim)

    def billing(self, claim: Claim) -> None:
        provider = claim.billing_provider
        if provider.taxonomy:
            self.add("PRV", "BI", "PXC", Code(provider.taxonomy))
        self.name("85", provider)
        self.address(provider.address)
        if provider.tax_id:
            self.add("REF", provider.tax_id_qualifier, Code(provider.tax_id))
        self.references([pair for pair in provider.secondary_ids if pair[0] not in PAYER_ASSIGNED])
        if provider.contact_name or provider.phone:
            self.add("PER", "IC", Words(provider.contact_name), "TE" if provider.phone else "", provider.phone)
        if claim.pay_to_address is not None:
            self.add("NM1", "87", "2" if provider.is_organization else "1")
            self.address(claim.pay_to_address)

    def subscriber(self, claim: Claim) -> None:
        coverage, own = claim.coverage, is_subscriber(claim)
        self.subscriber_information(coverage, "18" if own else "")
        if own and claim.patient.death_date:
            self.add("PAT", "", "", "", "", "D8", claim.patient.death_date)
        person = claim.patient if own else coverage.subscriber
        self.person("IL", person, coverage.member_id, organization=coverage.subscriber_is_organization)
        if own:
            self.demographics(person)
            self.property_number(coverage)
        self.payer(coverage)
        self.references([pair for pair in claim.billing_provider.secondary_ids if pair[0] in PAYER_ASSIGNED])

    def subscriber_information(self, coverage: Coverage, relationship: str) -> None:
        self.add(
            "SBR",
            coverage.sequence,
            relationship,
            Code(coverage.group_number),
            Words(coverage.group_name),
            coverage.insurance_type,
            "",
            "",
            "",
            coverage.payer.filing_indicator,
        )

    def person(self, entity: str, person: Person, member_id: str = "", *, organization: bool = False) -> None:
        self.add(
            "NM1",
            entity,
            "2" if organization else "1",
            Words(person.last_name),
            Words(person.first_name),
            Words(person.middle_name),
            "",
            Words(person.suffix),
            "MI" if member_id else "",
            Code(member_id),
        )

    def demographics(self, person: Person) -> None:
        self.address(person.address)
        if person.birth_date or person.sex:
            self.add("DMG", "D8" if person.birth_date else "", person.birth_date, person.sex)

    def property_number(self, coverage: Coverage) -> None:
        if coverage.property_claim_number:
            self.add("REF", "Y4", Code(coverage.property_claim_number))

    def payer(self, coverage: Coverage) -> None:
        payer = coverage.payer
        self.add("NM1", "PR", "2", Words(payer.name), "", "", "", "", payer.id_qualifier, Code(payer.payer_id))
        self.address(payer.address)
        self.references(payer.secondary_ids)

    def patient(self, claim: Claim) -> None:
        death = claim.patient.death_date
        self.add("PAT", claim.coverage.relationship, "", "", "", "D8" if death else "", death)
        self.person("QC", claim.patient)
        self.demographics(claim.patient)
        self.property_number(claim.coverage)

    def claim(self, claim: Claim) -> None:
        coverage = claim.coverage
        causes = [*claim.causes, "", "", ""][:3]
        self.add(
            "CLM",
            claim.control_number,
            claim.total_charge,
            "",
            "",
            (claim.place_of_service, "B", claim.frequency),
            claim.provider_signature,
            coverage.accepts_assignment,
            coverage.benefits_assigned,
            coverage.release_of_information,
            claim.patient_signature,
            (*causes, Code(claim.accident_state)) if claim.causes or claim.accident_state else "",
            *("" for _ in range(8)),
            claim.delay_reason,
        )
        self.claim_dates(claim)
        for attachment in claim.attachments:
            number = attachment.control_number
            self.add("PWK", attachment.report_type, attachment.transmission, "", "", "AC" if number else "", number)
        if claim.obligated_amount is not None:
            self.add("CN1", "09", claim.obligated_amount)
        if claim.patient_paid is not None:
            self.add("AMT", "F5", claim.patient_paid)
        self.references([(q, value) for q, field in CLAIM_REFERENCES if (value := getattr(claim, field))])
        if claim.patient.record_number:
            self.add("REF", "EA", Code(claim.patient.record_number))
        if claim.note:
            self.add("NTE", claim.note_code, Words(claim.note))
        if claim.diagnoses:
            coded = zip(("ABK", *("ABF" for _ in claim.diagnoses)), claim.diagnoses, strict=False)
            self.add("HI", *((diagnosis.qualifier or default, Code(diagnosis.code)) for default, diagnosis in coded))
        self.claim_providers(claim)
        for prior in claim.prior_payments:
            self.other_subscriber(prior)
        for line in claim.lines:
            self.line(line, claim)

    def claim_dates(self, claim: Claim) -> None:
        for qualifier, field in CLAIM_DATES:
            value: date | None = getattr(claim, field)
            if value is not None:
                self.add("DTP", qualifier, "D8", value)

    def claim_providers(self, claim: Claim) -> None:
        if claim.referring is not None:
            self.provider("DN", claim.referring)
        if claim.rendering is not None and not _same_person(claim.rendering, claim.billing_provider):
            self.provider("82", claim.rendering, taxonomy="PE")
        if claim.facility is not None:
            self.name("77", claim.facility)
            self.address(claim.facility.address)
            self.references(claim.facility.secondary_ids)
        if claim.supervising is not None:
            self.provider("DQ", claim.supervising)

    def provider(self, entity: str, provider: Provider, taxonomy: str = "") -> None:
        self.name(entity, provider)
        if taxonomy and provider.taxonomy:
            self.add("PRV", taxonomy, "PXC", Code(provider.taxonomy))
        self.references(provider.secondary_ids)

    def other_subscriber(self, prior: PriorPayment) -> None:
        """2320, 2330A and 2330B of one other payer; the amounts only where that payer has decided."""
        coverage = prior.coverage
        self.subscriber_information(coverage, coverage.relationship)
        self.adjustments(prior.adjustments)
        if prior.adjudicated:
            self.add("AMT", "D", prior.paid_amount)
        if prior.non_covered_amount is not None:
            self.add("AMT", "A8", prior.non_covered_amount)
        if prior.remaining_liability is not None:
            self.add("AMT", "EAF", prior.remaining_liability)
        self.add("OI", "", "", coverage.benefits_assigned, "", "", coverage.release_of_information)
        if prior.remarks:
            self.add("MOA", "", "", *prior.remarks)
        self.person("IL", coverage.subscriber, coverage.member_id, organization=coverage.subscriber_is_organization)
        self.address(coverage.subscriber.address)
        payer = coverage.payer
        self.add("NM1", "PR", "2", Words(payer.name), "", "", "", "", payer.id_qualifier, Code(payer.payer_id))
        self.address(payer.address)
        if prior.adjudication_date is not None:
            self.add("DTP", "573", "D8", prior.adjudication_date)
        self.references(payer.secondary_ids)
        if prior.payer_claim_number:
            self.add("REF", "F8", Code(prior.payer_claim_number))

    def line(self, line: Line, claim: Claim) -> None:
        self.add("LX", line.number)
        modifiers = [*line.modifiers, "", "", "", ""][:4] if line.description else list(line.modifiers)
        self.add(
            "SV1",
            (line.procedure_qualifier, Code(line.procedure_code), *modifiers, Words(line.description)),
            line.charge,
            line.unit_basis,
            line.units,
            line.place_of_service if line.place_of_service != claim.place_of_service else "",
            "",
            line.diagnosis_pointers,
            "",
            "Y" if line.emergency else "",
        )
        if line.date_from is not None:
            self.service_date(line.date_from, line.date_to)
        if line.obligated_amount is not None:
            self.add("CN1", "09", line.obligated_amount)
        if line.prior_authorization:
            self.add("REF", "G1", Code(line.prior_authorization))
        if line.control_number:
            self.add("REF", "6R", line.control_number)
        if line.clia:
            self.add("REF", "X4", Code(line.clia))
        if line.referral:
            self.add("REF", "9F", Code(line.referral))
        if line.note:
            self.add("NTE", "ADD", Words(line.note))
        if line.drug is not None:
            self.add("LIN", "", "N4", Code(line.drug.ndc))
            if line.drug.quantity is not None:
                self.add("CTP", "", "", "", line.drug.quantity, (line.drug.unit,))
            if line.drug.prescription_number:
                self.add("REF", "XZ", Code(line.drug.prescription_number))
        self.line_providers(line, claim)
        for adjudication in line.adjudications:
            self.adjudication(adjudication)

    def service_date(self, start: date, end: date | None) -> None:
        if end is None or end == start:
            self.add("DTP", "472", "D8", start)
        else:
            self.add("DTP", "472", "RD8", f"{start:%Y%m%d}-{end:%Y%m%d}")

    def line_providers(self, line: Line, claim: Claim) -> None:
        """2420A, D, E and F: only what differs from the claim's. Ordering exists on the line only."""
        rendering = claim.rendering or claim.billing_provider
        if line.rendering is not None and not _same_person(line.rendering, rendering):
            self.provider("82", line.rendering, taxonomy="PE")
        if line.supervising is not None and line.supervising != claim.supervising:
            self.provider("DQ", line.supervising)
        if line.ordering is not None:
            self.name("DK", line.ordering)
            self.address(line.ordering.address)
            self.references(line.ordering.secondary_ids)
        if line.referring is not None and line.referring != claim.referring:
            self.provider("DN", line.referring)

    def adjudication(self, adjudication: LineAdjudication) -> None:
        self.add(
            "SVD",
            Code(adjudication.payer_id),
            adjudication.paid_amount,
            (adjudication.procedure_qualifier, Code(adjudication.procedure_code), *adjudication.modifiers),
            "",
            adjudication.units,
            adjudication.bundled_into or "",
        )
        self.adjustments(adjudication.adjustments)
        if adjudication.adjudication_date is not None:
            self.add("DTP", "573", "D8", adjudication.adjudication_date)
        if adjudication.remaining_liability is not None:
            self.add("AMT", "EAF", adjudication.remaining_liability)


def is_subscriber(claim: Claim) -> bool:
    """Whether the patient is, or is sent as, the subscriber: no 2000C then."""
    return claim.coverage.relationship in ("18", "") and not claim.coverage.subscriber_is_organization


def _same_person(one: Provider, other: Provider) -> bool:
    """The same individual: by NPI where both have one, else by value. An organization is never an individual."""
    if one.is_organization != other.is_organization:
        return False
    return one.npi == other.npi if one.npi and other.npi else one == other


def _subscriber_key(claim: Claim) -> object:
    """All that 2000B, 2010BA and 2010BB hold: claims that differ in it do not share a subscriber loop."""
    coverage = claim.coverage
    own = is_subscriber(claim)
    return (
        own,
        coverage.sequence,
        coverage.payer,
        coverage.member_id,
        coverage.group_number,
        coverage.group_name,
        coverage.insurance_type,
        coverage.subscriber_is_organization,
        _wire_person(claim.patient) if own else _wire_person(coverage.subscriber)[:4],
        coverage.property_claim_number if own else "",
    )


def _patient_key(claim: Claim) -> object:
    if is_subscriber(claim):
        return None
    return claim.coverage.relationship, claim.coverage.property_claim_number, _wire_person(claim.patient)


def _wire_person(person: Person) -> tuple[object, ...]:
    return (
        person.last_name,
        person.first_name,
        person.middle_name,
        person.suffix,
        person.birth_date,
        person.sex,
        person.address,
        person.death_date,
    )


def _first(subscribers: dict[object, dict[object, list[Claim]]]) -> Claim:
    return next(iter(next(iter(subscribers.values())).values()))[0]
