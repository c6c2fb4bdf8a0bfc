"""What the writers of 837P, 837I and 837D share: the levels, the parties, the other payers. Each kind adds its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import (
    AttachmentReference,
    Claim,
    ConditionIndicator,
    Contract,
    Coverage,
    Drug,
    Line,
    LineAdjudication,
    Payer,
    Person,
    PriorPayment,
    Provider,
    Repricing,
)
from claimwright.claims.positions.claim import PAYER_ASSIGNED
from claimwright.claims.to_x12.parties import Code, Part, PolicyWriter, Receiver, Submitter, Words
from claimwright.x12.writer import TransactionBuilder

# The references of a repricer, first and adjusted: of a claim (True), of a line.
REPRICED = {True: ("9A", "9C"), False: ("9B", "9D")}
CODES_PER_HI = 12
NUMBERS_PER_PER = 3


class PartyWriter(PolicyWriter):
    """Providers, persons and payers, and the segments that claims and lines of any kind have."""

    def contact(self, provider: Provider) -> None:
        """PER, three numbers in each; the extension right behind its telephone."""
        numbers = [
            (kind, value)
            for kind, value in (
                ("TE", provider.phone), ("EX", provider.phone_extension), ("FX", provider.fax), ("EM", provider.email),
            )
            if value
        ]  # fmt: skip
        if not numbers and not provider.contact_name:
            return
        for at in range(0, max(len(numbers), 1), NUMBERS_PER_PER):
            pairs = [part for pair in numbers[at : at + NUMBERS_PER_PER] for part in pair]
            self.add("PER", "IC", Words(provider.contact_name) if at == 0 else "", *pairs)

    def provider(self, entity: str, provider: Provider, taxonomy: str = "", *, addressed: bool = False) -> None:
        """NM1, PRV where the loop has one, N3 and N4 where it has them, REF."""
        self.name(entity, provider)
        if taxonomy and provider.taxonomy:
            self.add("PRV", taxonomy, "PXC", Code(provider.taxonomy))
        if addressed:
            self.address(provider.address)
        self.references(provider.secondary_ids)
        for qualifier, value, payer in provider.other_payer_ids:
            self.add("REF", qualifier, Code(value), "", ("2U", Code(payer)))

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

    def payer(self, payer: Payer, entity: str = "PR") -> None:
        self.add("NM1", entity, "2", Words(payer.name), "", "", "", "", payer.id_qualifier, Code(payer.payer_id))
        self.address(payer.address)

    def reference(self, qualifier: str, value: str) -> None:
        if value.strip():  # a number of blanks is none, and would be a segment that ends with its qualifier
            self.add("REF", qualifier, Code(value))

    def money(self, qualifier: str, amount: Decimal | None) -> None:
        if amount is not None:
            self.add("AMT", qualifier, amount)

    def day(self, qualifier: str, on: date | None) -> None:
        if on is not None:
            self.add("DTP", qualifier, "D8", on)

    def days(self, qualifier: str, start: date | None, end: date | None) -> None:
        """One day as D8, a range as RD8."""
        if start is None:
            return
        if end is None or end == start:
            self.add("DTP", qualifier, "D8", start)
        else:
            self.add("DTP", qualifier, "RD8", f"{start:%Y%m%d}-{end:%Y%m%d}")

    def attachments(self, attachments: Iterable[AttachmentReference]) -> None:
        for attachment in attachments:
            number = attachment.control_number
            self.add("PWK", attachment.report_type, attachment.transmission, "", "", "AC" if number else "", number)

    def contract(self, obligated: Decimal | None, contract: Contract | None) -> None:
        if contract is not None:
            self.add(
                "CN1",
                contract.kind,
                contract.amount,
                contract.percent,
                Code(contract.code),
                contract.discount_percent,
                Code(contract.version),
            )
        elif obligated is not None:
            self.add("CN1", "09", obligated)

    def repricing_references(self, repricing: Repricing | None, *, of_claim: bool) -> None:
        if repricing is not None:
            first, adjusted = REPRICED[of_claim]
            self.reference(first, repricing.reference)
            self.reference(adjusted, repricing.adjusted_reference)

    def repricing(self, terms: Repricing | None) -> None:
        """HCP, where there are terms and not references alone."""
        if terms is None or not (terms.method or terms.reject_reason):
            return
        self.add(
            "HCP",
            terms.method,
            terms.allowed_amount,
            terms.savings_amount,
            Code(terms.organization_id),
            terms.rate,
            Code(terms.group_code),
            terms.group_amount,
            Code(terms.revenue_code),
            terms.procedure_qualifier,
            Code(terms.procedure_code),
            terms.unit_basis,
            terms.units,
            terms.reject_reason,
            terms.compliance,
            terms.exception,
        )

    def information(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.add("K3", Words(text))

    def conditions(self, conditions: Iterable[ConditionIndicator]) -> None:
        for condition in conditions:
            self.add("CRC", condition.category, "Y" if condition.applies else "N", *condition.codes)

    def coded(self, composites: Sequence[Part]) -> None:
        """HI segments, twelve codes in each."""
        for at in range(0, len(composites), CODES_PER_HI):
            self.add("HI", *composites[at : at + CODES_PER_HI])

    def drug(self, drug: Drug | None) -> None:
        if drug is None:
            return
        self.add("LIN", "", drug.qualifier, Code(drug.ndc))
        if drug.quantity is not None:
            self.add("CTP", "", "", "", drug.quantity, (drug.unit,))
        self.reference("VY", drug.link_number)
        self.reference("XZ", drug.prescription_number)

    def adjudication(self, adjudication: LineAdjudication) -> None:
        self.add(
            "SVD",
            Code(adjudication.payer_id),
            adjudication.paid_amount,
            procedure(
                adjudication.procedure_qualifier,
                adjudication.procedure_code,
                adjudication.modifiers,
                adjudication.description,
            ),
            Code(adjudication.revenue_code),
            adjudication.units,
            adjudication.bundled_into or "",
        )
        self.adjustments(adjudication.adjustments)
        self.day("573", adjudication.adjudication_date)
        self.money("EAF", adjudication.remaining_liability)


class ClaimWriter(PartyWriter):
    """Writes the levels of an 837 in their order. A kind sets `guide` and writes `claim`.

    `carries_insurance_type`: SBR05 has a place. `billing_ids`: the REF qualifiers of 2010AA besides the tax number.
    """

    guide = ""
    carries_insurance_type = True
    billing_ids: tuple[str, ...] | None = None  # None: any

    def __init__(self, builder: TransactionBuilder) -> None:
        super().__init__(builder)
        self.level = 0  # the last HL01

    def claim(self, claim: Claim) -> None:
        """2300 and all below it."""
        raise NotImplementedError

    def patient_condition(self, claim: Claim) -> Sequence[Part]:
        """PAT05 and after, where the kind has them."""
        return ()

    def patient_contact(self, claim: Claim) -> None:
        """PER of the patient, where the kind has one."""

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
            key = (claim.billing_provider, claim.pay_to_address, claim.pay_to_plan, claim.currency)
            billing = by_billing.setdefault(key, {})
            billing.setdefault(self.subscriber_key(claim), {}).setdefault(self.patient_key(claim), []).append(claim)
        for subscribers in by_billing.values():
            first = next(iter(next(iter(subscribers.values())).values()))[0]
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
        if claim.currency:
            self.add("CUR", "85", claim.currency)
        self.name("85", provider)
        self.address(provider.address)
        self.reference(provider.tax_id_qualifier, provider.tax_id)
        own = [pair for pair in provider.secondary_ids if pair[0] not in PAYER_ASSIGNED]
        self.references([pair for pair in own if self.billing_ids is None or pair[0] in self.billing_ids])
        self.contact(provider)
        if claim.pay_to_address is not None:
            self.add("NM1", "87", "2" if provider.is_organization else "1")
            self.address(claim.pay_to_address)
        if claim.pay_to_plan is not None:
            self.payer(claim.pay_to_plan, "PE")
            self.references(claim.pay_to_plan.secondary_ids)

    def subscriber(self, claim: Claim) -> None:
        coverage, own = claim.coverage, is_subscriber(claim)
        self.subscriber_information(coverage, "18" if own else "")
        condition = self.patient_condition(claim) if own else ()
        if condition:
            self.add("PAT", "", "", "", "", *condition)
        person = claim.patient if own else coverage.subscriber
        self.person("IL", person, coverage.member_id, organization=coverage.subscriber_is_organization)
        if own:
            self.demographics(person)
        self.references(coverage.subscriber_ids)
        if own:
            self.reference("Y4", coverage.property_claim_number)
            self.patient_contact(claim)
        self.payer(coverage.payer)
        self.references(coverage.payer.secondary_ids)
        self.references([pair for pair in claim.billing_provider.secondary_ids if pair[0] in PAYER_ASSIGNED])

    def subscriber_information(self, coverage: Coverage, relationship: str) -> None:
        self.add(
            "SBR",
            coverage.sequence,
            relationship,
            Code(coverage.group_number),
            Words(coverage.group_name),
            coverage.insurance_type if self.carries_insurance_type else "",
            "",
            "",
            "",
            coverage.payer.filing_indicator,
        )

    def patient(self, claim: Claim) -> None:
        self.add("PAT", claim.coverage.relationship, "", "", "", *self.patient_condition(claim))
        self.person("QC", claim.patient)
        self.demographics(claim.patient)
        self.reference("Y4", claim.coverage.property_claim_number)
        self.references(claim.coverage.patient_ids)
        self.patient_contact(claim)

    def other_subscribers(self, claim: Claim) -> None:
        for prior in claim.prior_payments:
            self.other_subscriber(prior)

    def other_subscriber(self, prior: PriorPayment) -> None:
        """2320 and 2330A and after of one other payer; the amounts only where that payer has decided."""
        coverage, payer = prior.coverage, prior.coverage.payer
        self.subscriber_information(coverage, coverage.relationship)
        self.adjustments(prior.adjustments)
        if prior.adjudicated:
            self.add("AMT", "D", prior.paid_amount)
        self.money("A8", prior.non_covered_amount)
        self.money("EAF", prior.remaining_liability)
        self.add("OI", "", "", coverage.benefits_assigned, prior.patient_signature, "", coverage.release_of_information)
        self.adjudication_details(prior)
        self.person("IL", coverage.subscriber, coverage.member_id, organization=coverage.subscriber_is_organization)
        self.address(coverage.subscriber.address)
        self.references(coverage.subscriber_ids)
        self.payer(payer)
        self.day("573", prior.adjudication_date)
        self.references(payer.secondary_ids)
        self.reference("G1", prior.prior_authorization)
        self.reference("9F", prior.referral)
        self.reference("T4", "Y" if prior.is_adjustment else "")
        self.reference("G3", prior.predetermination_number)
        self.reference("F8", prior.payer_claim_number)
        for provider in prior.providers:
            self.add("NM1", provider.role, "2" if provider.is_organization else "1")
            self.references(provider.ids)

    def adjudication_details(self, prior: PriorPayment) -> None:
        """MOA, and what the kind has beside it."""
        if prior.remarks:
            self.add("MOA", "", "", *prior.remarks)

    def line_references(self, line: Line) -> None:
        for reference in line.other_references:
            self.add("REF", reference.qualifier, Code(reference.value), "", ("2U", Code(reference.payer_id)))

    def subscriber_key(self, claim: Claim) -> object:
        """All that 2000B, 2010BA and 2010BB hold: claims that differ in it do not share a subscriber loop."""
        coverage, own = claim.coverage, is_subscriber(claim)
        told = msgspec.structs.replace(
            coverage,
            relationship="",
            subscriber=Person(),
            start=None,
            end=None,
            accepts_assignment="",
            benefits_assigned="",
            release_of_information="",
            property_claim_number=coverage.property_claim_number if own else "",
            patient_ids=(),
        )
        holder = (*_told(claim.patient), *self.own_patient_key(claim)) if own else _told(coverage.subscriber)[:4]
        return own, told, holder

    def patient_key(self, claim: Claim) -> object:
        if is_subscriber(claim):
            return None
        coverage = claim.coverage
        told = (coverage.relationship, coverage.property_claim_number, coverage.patient_ids)
        return *told, *_told(claim.patient), *self.own_patient_key(claim)

    def own_patient_key(self, claim: Claim) -> tuple[object, ...]:
        """What else this kind tells of the patient beside the claim: PAT and PER."""
        return ()


def procedure(qualifier: str, code: str, modifiers: Sequence[str], description: str) -> Part:
    """A composite medical procedure; "" where there is no code."""
    if not code:
        return ""
    filled = [*modifiers, "", "", "", ""][:4] if description else list(modifiers)
    return (qualifier, Code(code), *filled, Words(description))


def line_procedure(line: Line) -> Part:
    return procedure(line.procedure_qualifier, line.procedure_code, line.modifiers, line.description)


def is_subscriber(claim: Claim) -> bool:
    """Whether the patient is, or is sent as, the subscriber: no 2000C then."""
    return claim.coverage.relationship in ("18", "") and not claim.coverage.subscriber_is_organization


def same_person(one: Provider, other: Provider) -> bool:
    """The same individual: by NPI where both have one, else by value. An organization is never an individual."""
    if one.is_organization != other.is_organization:
        return False
    return one.npi == other.npi if one.npi and other.npi else one == other


def _told(person: Person) -> tuple[object, ...]:
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
