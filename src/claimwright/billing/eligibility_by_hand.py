"""What a payer's portal, telephone or letter said, keyed by a person, as the answer a 271 would have been.

So that it is read, compared, estimated by and judged like any other answer. What was not said stays out: it is unknown,
not zero (domain.md section 2).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.billing.eligibility import WHOLE_PLAN
from claimwright.billing.eligibility_answers import ACTIVE, INACTIVE
from claimwright.claims.eligibility import Benefit, PatientEligibility
from claimwright.claims.nouns import Noun
from claimwright.claims.parties import CoveredPerson, Party, Period, Reference

SOURCES = ("portal", "telephone", "letter", "card")


class KeyedAnswerRefused(ValueError):
    """What was keyed cannot be an answer; the message names the field and holds no patient value."""


class KeyedAnswer(Noun, frozen=True, kw_only=True):
    """One answer as a person heard or read it. Dollars; `coinsurance` is the patient's fraction; `last` is the last day.

    `reference` is the call's or the portal's confirmation number: without it nobody can be held to the answer.
    """

    source: str
    reference: str
    told_by: str = ""
    status: str
    start: date | None = None
    last: date | None = None
    plan_name: str = ""
    member_id: str = ""
    group_number: str = ""
    service_type: str = "98"
    in_network: bool = True
    copay: Decimal | None = None
    coinsurance: Decimal | None = None
    deductible: Decimal | None = None
    deductible_left: Decimal | None = None
    out_of_pocket: Decimal | None = None
    out_of_pocket_left: Decimal | None = None
    authorization_required: str = ""  # Y, N, U
    primary_care: str = ""
    other_payer: str = ""
    other_payer_member_id: str = ""
    note: str = ""


def check_keyed(keyed: KeyedAnswer) -> None:
    """Raises KeyedAnswerRefused for the first field that cannot be."""
    amounts = {
        "the copay": keyed.copay, "the deductible": keyed.deductible, "the deductible left": keyed.deductible_left,
        "the out-of-pocket maximum": keyed.out_of_pocket, "what is left of the maximum": keyed.out_of_pocket_left,
    }  # fmt: skip
    faults = [
        (keyed.source not in SOURCES, "the source is the portal, the telephone, a letter or the card"),
        (not keyed.reference.strip(), "the reference is missing: the number of the call, or the portal's confirmation"),
        (keyed.status not in (ACTIVE, INACTIVE), "the status is active or inactive: what is unknown is no answer"),
        (bool(keyed.start and keyed.last and keyed.last < keyed.start), "the last day of cover lies before the first"),
        (keyed.coinsurance is not None and not 0 <= keyed.coinsurance <= 1, "the coinsurance is 0 to 100 percent"),
        (keyed.authorization_required not in ("", "Y", "N", "U"), "whether authorization is needed is yes, no or unknown"),
        *((value is not None and value < 0, f"{name} is below zero") for name, value in amounts.items()),
        (_more(keyed.deductible_left, keyed.deductible), "more of the deductible is left than there is"),
        (_more(keyed.out_of_pocket_left, keyed.out_of_pocket), "more of the maximum is left than there is"),
    ]  # fmt: skip
    for found, says in faults:
        if found:
            raise KeyedAnswerRefused(says)


def _more(left: Decimal | None, whole: Decimal | None) -> bool:
    return left is not None and whole is not None and left > whole


def answer_of(keyed: KeyedAnswer, *, person: CoveredPerson, payer: Party) -> PatientEligibility:
    """The answer as a 271 would have put it. `person` is who was asked about. Raises KeyedAnswerRefused."""
    check_keyed(keyed)
    dates = tuple(
        Period(qualifier=qualifier, start=day) for qualifier, day in (("346", keyed.start), ("347", keyed.last)) if day
    )
    group = (Reference(qualifier="6P", value=keyed.group_number),) if keyed.group_number else ()
    told = CoveredPerson(
        role="IL", last_name=person.last_name, first_name=person.first_name, birth_date=person.birth_date, sex=person.sex,
        references=group, dates=dates, id_qualifier="MI" if keyed.member_id else "", identifier=keyed.member_id,
    )  # fmt: skip
    return PatientEligibility(payer=payer, subscriber=told, benefits=tuple(_benefits(keyed)))


def _benefits(keyed: KeyedAnswer) -> list[Benefit]:
    active = keyed.status == ACTIVE
    messages = (keyed.note,) if keyed.note else ()
    first = Benefit(
        kind="1" if active else "6", service_types=(WHOLE_PLAN,), plan_name=keyed.plan_name, messages=messages,
        authorization_required=keyed.authorization_required,
    )  # fmt: skip
    network = "Y" if keyed.in_network else "N"
    amounts = (
        ("C", WHOLE_PLAN, "23", keyed.deductible), ("C", WHOLE_PLAN, "29", keyed.deductible_left),
        ("G", WHOLE_PLAN, "23", keyed.out_of_pocket), ("G", WHOLE_PLAN, "29", keyed.out_of_pocket_left),
        ("B", keyed.service_type, "27", keyed.copay),
    )  # fmt: skip
    found = [
        Benefit(
            kind=kind, coverage_level="IND", service_types=(service,), period=period, amount=amount, in_network=network
        )
        for kind, service, period, amount in amounts
        if amount is not None
    ]
    if keyed.coinsurance is not None:
        found.append(
            Benefit(
                kind="A", coverage_level="IND", service_types=(keyed.service_type,), percent=keyed.coinsurance,
                in_network=network,
            )
        )  # fmt: skip
    return [first, *found, *_named(keyed)]


def _named(keyed: KeyedAnswer) -> list[Benefit]:
    found = []
    if keyed.primary_care:
        doctor = Party(role="P3", last_name=keyed.primary_care)
        found.append(Benefit(kind="L", service_types=(WHOLE_PLAN,), entities=(doctor,)))
    if keyed.other_payer:
        number = keyed.other_payer_member_id
        references = (Reference(qualifier="1W", value=number),) if number else ()
        other = Party(role="PR", is_organization=True, last_name=keyed.other_payer, references=references)
        found.append(Benefit(kind="R", service_types=(WHOLE_PLAN,), entities=(other,)))
    return found
