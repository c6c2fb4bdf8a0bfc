"""834 (005010X220A1, and the exchanges' guides as far as they are alike) to Enrollment. Never raises."""

from __future__ import annotations

from typing import Any

from claimwright.claims.enrollment import (
    Administrator,
    Disability,
    Enrollment,
    EnrollmentTotal,
    Health,
    IdentificationCard,
    Income,
    Language,
    Member,
    MemberCoverage,
    MemberPerson,
    MemberProvider,
    OtherCoverage,
    PolicyAmount,
    ProviderChange,
    Race,
    ReportingCategory,
)
from claimwright.claims.from_x12.parties import PartyValues, Read, opening, references, repeats, text, tree
from claimwright.claims.from_x12.values import reference
from claimwright.claims.parties import Party
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

GUIDE = "005010X220A1"
OWN_REFERENCES = ("0F", "1L")
OTHER_NAMES = ("2100C", "2100D", "2100E", "2100F", "2100G", "2100H")

EnrollmentRead = Read[Enrollment]


def enrollment(transaction: Transaction) -> EnrollmentRead:
    """One ST..SE of an 834. Amounts that are none are 0.00 with a fault that names segment and element."""
    reader = EnrollmentReader("834")
    noun = reader.read(transaction)
    return Read(noun=noun, faults=tuple(reader.faults))


class EnrollmentReader(PartyValues):
    """Reads the loops of one 834."""

    def read(self, transaction: Transaction) -> Enrollment:
        root = tree(transaction, GUIDE, "834")
        begin = root.first("BGN")
        sponsor, payer = root.find("1000A"), root.find("1000B")
        return Enrollment(
            transaction_control_number=transaction.control_number,
            purpose=text(begin, 1),
            reference=text(begin, 2),
            created=self.day(begin, 3),
            created_time=text(begin, 4),
            time_zone=text(begin, 5),
            original_reference=text(begin, 6),
            action=text(begin, 8),
            references=references(root),
            dates=self.periods(root),
            totals=tuple(EnrollmentTotal(kind=text(one, 1), count=self.quantity(one, 2)) for one in root.all("QTY")),
            sponsor=self.party(sponsor),
            payer=self.party(payer),
            administrators=tuple(self.administrator(loop) for loop in root.loops_of("1000C")),
            other_parties=tuple(self._strange_parties(root)),
            members=tuple(self.member(loop) for loop in root.descend("2000")),
        )

    def _strange_parties(self, root: Loop) -> list[Party]:
        """N1 segments that the guide does not know, wherever they were kept; the guide's own come first in a loop."""
        found = []
        for loop in (root, *(loop for loop in root.loops if loop.id.startswith("1000"))):
            for segment in loop.all("N1")[0 if loop is root else 1 :]:
                found.append(self.party(Loop(loop.id, root, None, [segment])))
        return found

    def administrator(self, loop: Loop) -> Administrator:
        account = next((inner.first("ACT") for inner in loop.descend("1100C")), None)
        return Administrator(
            party=self.party(loop), account_number=text(account, 1), second_account_number=text(account, 6)
        )

    def member(self, loop: Loop) -> Member:
        insured = opening(loop, "INS")
        self.loop, self.control_number = loop.id, reference(loop, "0F")
        name, wrong = loop.find("2100A"), loop.find("2100B")
        return Member(
            **self._insured(insured),
            subscriber_id=reference(loop, "0F"),
            policy_number=reference(loop, "1L"),
            references=references(loop, *OWN_REFERENCES),
            dates=self.periods(loop),
            person=self.person(name) if name is not None else MemberPerson(),
            incorrect=self.person(wrong) if wrong is not None else None,
            parties=tuple(self.party(inner) for inner in loop.loops if inner.id in OTHER_NAMES),
            disabilities=tuple(self.disability(inner) for inner in loop.loops_of("2200")),
            coverages=tuple(self.coverage(inner) for inner in loop.descend("2300")),
            categories=tuple(self.category(inner) for inner in loop.descend("2700")),
            segment=insured.number,
        )

    def _insured(self, segment: Segment) -> dict[str, Any]:
        return {
            "is_subscriber": text(segment, 1) == "Y",
            "relationship": text(segment, 2),
            "maintenance_type": text(segment, 3),
            "maintenance_reason": text(segment, 4),
            "benefit_status": text(segment, 5),
            "medicare_plan": segment.component(6, 1).strip(),
            "medicare_reason": segment.component(6, 2).strip(),
            "cobra_event": text(segment, 7),
            "employment_status": text(segment, 8),
            "student_status": text(segment, 9),
            "handicapped": text(segment, 10),
            "death_date": self.day(segment, 12),
            "confidentiality": text(segment, 13),
            "birth_sequence": self.number(segment, 17),
        }

    def person(self, loop: Loop) -> MemberPerson:
        self.loop = loop.id
        facts, earned, health = loop.first("DMG"), loop.first("ICM"), loop.first("HLH")
        return MemberPerson(
            **self._party_fields(loop, ""),
            birth_date=self.day(facts, 2),
            sex=text(facts, 3),
            marital_status=text(facts, 4),
            races=_races(facts),
            citizenship=text(facts, 6),
            collection_code_list=text(facts, 10),
            collection_code=text(facts, 11),
            employment_classes=tuple(
                tuple(text(one, at) for at in (1, 2, 3) if text(one, at)) for one in loop.all("EC")
            ),
            income=self.income(earned) if earned is not None else None,
            amounts=self.amounts(loop),
            health=self.health(health) if health is not None else None,
            languages=tuple(
                Language(qualifier=text(one, 1), code=text(one, 2), description=text(one, 3), use=text(one, 4))
                for one in loop.all("LUI")
            ),
        )

    def income(self, segment: Segment) -> Income:
        return Income(
            frequency=text(segment, 1),
            amount=self.amount(segment, 2),
            hours=self.quantity(segment, 3),
            location=text(segment, 4),
            salary_grade=text(segment, 5),
        )

    def health(self, segment: Segment) -> Health:
        return Health(code=text(segment, 1), height=self.quantity(segment, 2), weight=self.quantity(segment, 3))

    def amounts(self, loop: Loop) -> tuple[PolicyAmount, ...]:
        return tuple(PolicyAmount(kind=text(one, 1), amount=self.amount(one, 2)) for one in loop.all("AMT"))

    def disability(self, loop: Loop) -> Disability:
        self.loop = loop.id
        told = loop.first("DSB")
        return Disability(
            kind=text(told, 1), code_qualifier=text(told, 7), code=text(told, 8), dates=self.periods(loop)
        )

    def coverage(self, loop: Loop) -> MemberCoverage:
        self.loop = loop.id
        held = loop.first("HD")
        return MemberCoverage(
            maintenance_type=text(held, 1),
            insurance_line=text(held, 3),
            plan=text(held, 4),
            coverage_level=text(held, 5),
            late_enrollment=text(held, 9),
            dates=self.periods(loop),
            amounts=self.amounts(loop),
            references=references(loop),
            cards=tuple(
                IdentificationCard(
                    plan=text(one, 1), kind=text(one, 2), count=self.quantity(one, 3), action=text(one, 4)
                )
                for one in loop.all("IDC")
            ),
            providers=tuple(self.provider(inner) for inner in loop.descend("2310")),
            other_coverages=tuple(self.other_coverage(inner) for inner in loop.descend("2320")),
        )

    def provider(self, loop: Loop) -> MemberProvider:
        self.loop = loop.id
        changed = loop.first("PLA")
        change = None
        if changed is not None:
            change = ProviderChange(
                action=text(changed, 1),
                entity=text(changed, 2),
                effective_date=self.day(changed, 3),
                reason=text(changed, 5),
            )
        return MemberProvider(number=text(loop.first("LX"), 1), provider=self.party(loop), change=change)

    def other_coverage(self, loop: Loop) -> OtherCoverage:
        self.loop = loop.id
        told = loop.first("COB")
        return OtherCoverage(
            sequence=text(told, 1),
            policy_number=text(told, 2),
            coordination=text(told, 3),
            service_types=repeats(told, 4),
            references=references(loop),
            dates=self.periods(loop),
            carriers=tuple(self.party(inner) for inner in loop.descend("2330")),
        )

    def category(self, loop: Loop) -> ReportingCategory:
        self.loop = loop.id
        inner = next(loop.descend("2750"), loop)
        named = references(inner)
        dates = self.periods(inner)
        return ReportingCategory(
            number=text(loop.first("LX"), 1),
            name=text(inner.first("N1"), 2),
            reference=named[0] if named else None,
            date=dates[0] if dates else None,
        )


def _races(segment: Segment | None) -> tuple[Race, ...]:
    if segment is None:
        return ()
    found = []
    for one in segment.repeats(5):
        code, code_list, list_code, *_ = [
            *(part.strip() for part in one.split(segment.delimiters.component)),
            "",
            "",
            "",
        ]
        if code or list_code:
            found.append(Race(code=code, code_list=code_list, list_code=list_code))
    return tuple(found)
