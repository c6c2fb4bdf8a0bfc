"""Enrollment to 834, 005010X220A1."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.claims.enrollment import (
    Disability,
    Enrollment,
    Member,
    MemberCoverage,
    MemberPerson,
    MemberProvider,
    OtherCoverage,
    PolicyAmount,
    ReportingCategory,
)
from claimwright.claims.to_x12.parties import Code, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import TransactionWriter, transaction_number
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Raw, TransactionBuilder

GUIDE = "005010X220A1"


def enrollment(
    enrollment: Enrollment, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of an 834. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    `other_parties` belong to other guides and are not written.
    """
    writer = EnrollmentWriter(TransactionBuilder("834", transaction_number(enrollment, control_number), GUIDE))
    writer.header(enrollment)
    for member in enrollment.members:
        writer.member(member)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


class EnrollmentWriter(TransactionWriter):
    """Writes the loops of the 834 in their order."""

    def header(self, enrollment: Enrollment) -> None:
        self.add(
            "BGN",
            enrollment.purpose,
            Code(enrollment.reference),
            enrollment.created,
            enrollment.created_time,
            enrollment.time_zone,
            Code(enrollment.original_reference),
            "",
            enrollment.action,
        )
        self.reference_list(enrollment.references)
        self.periods(enrollment.dates)
        for total in enrollment.totals:
            self.add("QTY", total.kind, total.count)
        self.short_name(enrollment.sponsor)
        self.short_name(enrollment.payer)
        for one in enrollment.administrators:
            self.short_name(one.party)
            if one.account_number or one.second_account_number:
                self.add("ACT", Code(one.account_number), "", "", "", "", Code(one.second_account_number))

    def member(self, member: Member) -> None:
        self.control_number = member.subscriber_id
        self.membership(member)
        if member.subscriber_id:
            self.add("REF", "0F", Code(member.subscriber_id))
        if member.policy_number:
            self.add("REF", "1L", Code(member.policy_number))
        self.reference_list(member.references)
        self.periods(member.dates)
        self.person(member.person)
        if member.incorrect is not None:
            self.person(member.incorrect)
        for party in member.parties:
            self.party(party, "PER N3")
        for disability in member.disabilities:
            self.disability(disability)
        for coverage in member.coverages:
            self.coverage(coverage)
        if member.categories:
            self.add("LS", "2700")
            for category in member.categories:
                self.category(category)
            self.add("LE", "2700")

    def membership(self, member: Member) -> None:
        self.add(
            "INS",
            "Y" if member.is_subscriber else "N",
            member.relationship,
            member.maintenance_type,
            member.maintenance_reason,
            member.benefit_status,
            (member.medicare_plan, member.medicare_reason),
            member.cobra_event,
            member.employment_status,
            member.student_status,
            member.handicapped,
            "D8" if member.death_date else "",
            member.death_date,
            member.confidentiality,
            "",
            "",
            "",
            member.birth_sequence,
        )

    def person(self, person: MemberPerson) -> None:
        self.party(person, "PER N3")
        self.facts(person)
        for codes in person.employment_classes:
            self.add("EC", *codes)
        if person.income is not None:
            earned = person.income
            self.add(
                "ICM", earned.frequency, earned.amount, earned.hours, Code(earned.location), Code(earned.salary_grade)
            )
        self.amounts(person.amounts)
        if person.health is not None:
            self.add("HLH", person.health.code, person.health.height, person.health.weight)
        for one in person.languages:
            self.add("LUI", one.qualifier, Code(one.code), Words(one.description), one.use)

    def facts(self, person: MemberPerson) -> None:
        races = [(race.code, race.code_list, race.list_code) for race in person.races]
        values = (
            "D8" if person.birth_date else "",
            person.birth_date,
            person.sex,
            person.marital_status,
            Raw(self.builder.repeated("DMG", 5, races)),
            person.citizenship,
            "",
            "",
            "",
            person.collection_code_list,
            Code(person.collection_code),
        )
        told = (person.birth_date, person.sex, person.marital_status, person.races, person.citizenship)
        if any(told) or person.collection_code:
            self.add("DMG", *values)

    def amounts(self, amounts: Sequence[PolicyAmount]) -> None:
        for one in amounts:
            self.add("AMT", one.kind, one.amount)

    def disability(self, disability: Disability) -> None:
        self.add("DSB", disability.kind, "", "", "", "", "", disability.code_qualifier, Code(disability.code))
        self.periods(disability.dates)

    def coverage(self, coverage: MemberCoverage) -> None:
        self.add(
            "HD",
            coverage.maintenance_type,
            "",
            coverage.insurance_line,
            Words(coverage.plan),
            coverage.coverage_level,
            "",
            "",
            "",
            coverage.late_enrollment,
        )
        self.periods(coverage.dates)
        self.amounts(coverage.amounts)
        self.reference_list(coverage.references)
        for card in coverage.cards:
            self.add("IDC", Words(card.plan), card.kind, card.count, card.action)
        for provider in coverage.providers:
            self.provider(provider)
        for other in coverage.other_coverages:
            self.other_coverage(other)

    def provider(self, chosen: MemberProvider) -> None:
        self.add("LX", chosen.number)
        self.party(chosen.provider, "N3 PER")
        if chosen.change is not None:
            change = chosen.change
            self.add("PLA", change.action, change.entity, change.effective_date, "", change.reason)

    def other_coverage(self, other: OtherCoverage) -> None:
        types = Raw(self.builder.repeated("COB", 4, other.service_types))
        self.add("COB", other.sequence, Code(other.policy_number), other.coordination, types)
        self.reference_list(other.references)
        self.periods(other.dates)
        for carrier in other.carriers:
            self.party(carrier, "N3 PER")

    def category(self, category: ReportingCategory) -> None:
        self.add("LX", category.number)
        if category.name or category.reference is not None or category.date is not None:
            self.add("N1", "75", Words(category.name))
        if category.reference is not None:
            self.reference_list((category.reference,))
        if category.date is not None:
            self.periods((category.date,))
