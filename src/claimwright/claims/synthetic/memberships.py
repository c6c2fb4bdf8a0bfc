"""Who is enrolled in which plan, and what is paid for it: the nouns of 834 and 820."""

from __future__ import annotations

from datetime import date, timedelta

from claimwright.claims.enrollment import Enrollment, Member, MemberCoverage, MemberPerson, PolicyAmount
from claimwright.claims.nouns import Address, Person
from claimwright.claims.parties import Party, Period, Reference
from claimwright.claims.premium import BankAccount, PremiumDetail, PremiumPayment, PremiumRemitter
from claimwright.claims.synthetic.claims import money
from claimwright.claims.synthetic.people import SPONSOR_NAME, SPONSOR_TAX_ID, Cover, Family, Plan, relationship

BANKS = (BankAccount(bank_qualifier="01", bank_number="999999992", account_qualifier="DA", account_number="123456"),
         BankAccount(bank_qualifier="01", bank_number="999999992", account_qualifier="DA", account_number="654321"))  # fmt: skip
NO_ADDRESS = Address()


def enrollment(plan: Plan, reference: str, on: date) -> Enrollment:
    """The head of an 834 to one plan; its members are written one family after the other."""
    return Enrollment(
        reference=reference,
        created=on,
        created_time="0800",
        action="2",
        references=(Reference(qualifier="38", value=f"POLICY{plan.payer.payer_id[-2:]}"),),
        dates=(Period(qualifier="007", start=date(on.year, 1, 1)),),
        sponsor=_sponsor("P5"),
        payer=Party(
            role="IN", is_organization=True, last_name=plan.payer.name, id_qualifier="FI", identifier=plan.tax_id
        ),
    )


def _sponsor(role: str) -> Party:
    return Party(role=role, is_organization=True, last_name=SPONSOR_NAME, id_qualifier="FI", identifier=SPONSOR_TAX_ID)


def members(family: Family, cover: Cover, begin: date) -> list[Member]:
    """The holder of the cover, then the others of the family, under the holder's number."""
    order = sorted(range(len(family.people)), key=lambda at: at != cover.holder)
    return [_member(family.people[at], relationship(at, cover.holder), cover, begin) for at in order]


def _member(person: Person, relation: str, cover: Cover, begin: date) -> Member:
    own = relation == "18"
    return Member(
        is_subscriber=own,
        relationship=relation,
        maintenance_type="021",
        maintenance_reason="28",
        benefit_status="A",
        employment_status="FT" if own else "",
        subscriber_id=cover.member_id,
        policy_number=cover.group_number,
        dates=(Period(qualifier="356", start=begin),),
        person=MemberPerson(
            role="IL",
            last_name=person.last_name,
            first_name=person.first_name,
            middle_name=person.middle_name,
            address=person.address if own else NO_ADDRESS,
            birth_date=person.birth_date,
            sex=person.sex,
        ),
        coverages=(
            MemberCoverage(
                maintenance_type="021",
                insurance_line=cover.plan.line,
                coverage_level="FAM" if own else "",
                dates=(Period(qualifier="348", start=begin),),
                amounts=(PolicyAmount(kind="P3", amount=money(cover.plan.premium)),) if own else (),
            ),
        ),
    )


def premium_payment(plan: Plan, trace: str, total: int, on: date) -> PremiumPayment:
    """The head of an 820 to one plan; `total` is the sum of what its remitters pay, in cents."""
    return PremiumPayment(
        handling="C",
        amount=money(total),
        method="ACH",
        format="CTX",
        sender_account=BANKS[0],
        originator_id=f"1{SPONSOR_TAX_ID}",
        receiver_account=BANKS[1],
        payment_date=on,
        trace_kind="1",
        trace_number=trace,
        trace_originator=f"1{SPONSOR_TAX_ID}",
        references=(Reference(qualifier="38", value=f"POLICY{plan.payer.payer_id[-2:]}"),),
        receiver=Party(
            role="PE", is_organization=True, last_name=plan.payer.name, id_qualifier="FI", identifier=plan.tax_id
        ),
        payer=_sponsor("PR"),
    )


def premium_remitter(family: Family, cover: Cover, number: int, month: date) -> PremiumRemitter:
    """What is paid for one subscriber for the month that `month` lies in."""
    holder = family.people[cover.holder]
    begin = month.replace(day=1)
    end = (begin + timedelta(31)).replace(day=1) - timedelta(1)
    return PremiumRemitter(
        number=str(number),
        kind="2J",
        id_qualifier="II",
        identifier=cover.member_id,
        names=(
            Party(
                role="IL",
                last_name=holder.last_name,
                first_name=holder.first_name,
                middle_name=holder.middle_name,
            ),
        ),
        details=(
            PremiumDetail(
                reference_qualifier="AZ",
                reference=cover.group_number,
                action="",
                paid=money(cover.plan.premium),
                billed=money(cover.plan.premium),
                period=Period(qualifier="582", start=begin, end=end),
            ),
        ),
    )
