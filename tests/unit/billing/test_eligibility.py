"""When eligibility is asked, what each AAA leads to, the question and its one alternate."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest

from claimwright.billing.eligibility import (
    BEHAVIOUR_OF_REASON,
    Behaviour,
    CheckPolicy,
    InquiryRefused,
    InquiryTerms,
    Occasion,
    alternate_of,
    date_to_ask,
    decide_refusal,
    inquiry_of,
    is_due_monthly,
    is_recheck,
    is_stale,
    occasion_of_visit,
    plain_name,
    service_types_of,
)
from claimwright.claims.eligibility import EligibilityInquiry
from claimwright.claims.parties import Rejection
from claimwright.claims.to_x12.eligibility import GUIDE, eligibility_inquiry
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.x12 import Envelope
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import a_billing_provider, a_coverage, a_patient

TODAY = date(2026, 9, 30)
TERMS = InquiryTerms(payer_id="E-60054", payer_name="NORTHERN MUTUAL")


def refused(*reasons: str, follow_up: str = "C") -> list[Rejection]:
    return [Rejection(level="subscriber", valid="Y", reason=reason, follow_up=follow_up) for reason in reasons]


@pytest.mark.parametrize(
    ("days_ahead", "arrived", "asked_before", "expected"),
    [
        (-1, True, None, None),
        (0, True, None, Occasion.CHECK_IN),
        (0, True, 1, Occasion.CHECK_IN),
        (0, True, 0, None),
        (0, False, None, Occasion.BEFORE_VISIT),
        (0, False, 3, None),
        (3, False, None, Occasion.BEFORE_VISIT),
        (3, False, 1, Occasion.BEFORE_VISIT),
        (3, False, 0, None),
        (2, False, 1, None),
        (4, False, None, Occasion.SCHEDULED),
        (4, False, 30, None),
        (40, False, None, Occasion.SCHEDULED),
    ],
)
def test_a_visit_is_asked_about_at_scheduling_before_it_and_at_check_in(days_ahead, arrived, asked_before, expected):
    last = None if asked_before is None else TODAY - timedelta(days=asked_before)
    found = occasion_of_visit(on=TODAY + timedelta(days=days_ahead), today=TODAY, arrived=arrived, last_asked=last)
    assert found == expected


@pytest.mark.parametrize(
    ("checked_on", "calendar_month", "expected"),
    [
        (None, False, True),
        (date(2026, 8, 31), False, False),  # exactly thirty days
        (date(2026, 8, 30), False, True),
        (date(2026, 9, 1), True, False),
        (date(2026, 8, 31), True, True),
        (date(2025, 9, 30), True, True),
    ],
)
def test_an_answer_is_good_for_the_policys_days_or_its_month(checked_on, calendar_month, expected):
    assert is_stale(checked_on=checked_on, today=TODAY, policy=CheckPolicy(calendar_month=calendar_month)) is expected


def test_denials_and_months():
    assert [carc for carc in ("26", "27", "31", "32", "33", "177", "200", "16", "45", "197") if is_recheck([carc])] == [
        "26", "27", "31", "32", "33", "177", "200",
    ]  # fmt: skip
    assert is_due_monthly(last_asked=date(2026, 8, 31), today=TODAY) and is_due_monthly(last_asked=None, today=TODAY)
    assert not is_due_monthly(last_asked=date(2026, 9, 1), today=TODAY)


# The table of domain.md section 2, written out a second time.
TABLE = {
    Behaviour.RETRY: "42 80",
    Behaviour.SET_UP: "41 43 44 45 46 47 48 49 50 51 79 97 T4",
    Behaviour.CORRECT_QUERY: "15 33 54 55 56 57 62 63 69 70",
    Behaviour.REGISTRATION: "58 71 60 61",
    Behaviour.ALTERNATE: "64 65 66 67 68 72 73 74 75 76 77 78",
}


def test_every_reason_has_the_behaviour_of_the_table():
    assert {code: behaviour for behaviour, codes in TABLE.items() for code in codes.split()} == BEHAVIOUR_OF_REASON


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 30), (4, None)])
def test_an_unavailable_payer_is_asked_again_three_times_then_waits(tries, minutes):
    found = decide_refusal(refused("42", follow_up="R"), tries=tries, alternate_left=True)
    assert (found.behaviour, found.minutes, found.try_alternate) == (Behaviour.RETRY, minutes, False)


@pytest.mark.parametrize(
    ("follow_up", "minutes", "days"),
    [("N", None, None), ("Y", None, None), ("S", None, None), ("X", None, 10), ("W", None, 30), ("P", 1, None)],
)
def test_the_payers_word_on_when_to_ask_again_is_kept(follow_up, minutes, days):
    found = decide_refusal(refused("80", follow_up=follow_up), tries=1, alternate_left=False)
    assert (found.minutes, found.wait_days) == (minutes, days)


def test_what_governs_where_several_came_and_all_are_told():
    found = decide_refusal(refused("75", "71", "43"), tries=1, alternate_left=True)
    assert found.stops_payer and found.reasons == ("75", "71", "43") and not found.try_alternate
    assert decide_refusal(refused("75", "71"), tries=1, alternate_left=True).behaviour is Behaviour.REGISTRATION
    assert decide_refusal(refused("QQ"), tries=1, alternate_left=True).behaviour is Behaviour.CORRECT_QUERY
    with pytest.raises(ValueError, match="AAA"):
        decide_refusal([], tries=1, alternate_left=True)


def test_one_alternate_then_registration_and_discovery():
    first = decide_refusal(refused("75"), tries=1, alternate_left=True)
    assert first.try_alternate and not first.discover
    second = decide_refusal(refused("75"), tries=1, alternate_left=False)
    assert not second.try_alternate and second.discover


def ask(**given):
    patient = given.pop("patient", a_patient())
    fields = {"provider": a_billing_provider(), "terms": TERMS, "trace": "EL1", "on": TODAY} | given
    return inquiry_of(patient, fields.pop("coverage", a_coverage()), **fields)


def dependent(**given):
    holder = msgspec.structs.replace(a_coverage().subscriber, last_name="HOLDER", first_name="HUGH", suffix="")
    return a_coverage(relationship="19", subscriber=holder, **given)


@pytest.mark.parametrize("coverage", [a_coverage(), dependent()])
def test_the_question_is_one_that_its_guide_accepts(coverage):
    noun = ask(coverage=coverage, service_types=("30", "98"))
    assert (noun.dependent is None) == (coverage.relationship == "18")
    assert noun.subscriber.member_id == coverage.member_id and noun.payer.identifier == "E-60054"
    whole = EligibilityInquiry(reference="EB1", created=TODAY, created_time="0800", inquiries=(noun,))
    content = build_interchange(
        "270", GUIDE, [eligibility_inquiry(whole, "0001")], envelope=Envelope(sender_id="A", receiver_id="B"), when=datetime(2026, 9, 30, 8),
        control_number=1, group_control_number=1,
    )  # fmt: skip
    assert [fault for fault in check(content) if fault.severity is Severity.REJECT] == []
    assert b"EQ*30^98" in content and b"DTP*291*D8*20260930" in content


def test_a_dependent_with_an_own_number_is_asked_about_as_subscriber():
    noun = ask(coverage=dependent(), terms=msgspec.structs.replace(TERMS, dependents_have_own_ids=True))
    assert noun.dependent is None and noun.subscriber.last_name == a_patient().last_name


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"terms": InquiryTerms(payer_id="", payer_name="X")}, "payer's id"),
        ({"provider": a_billing_provider(npi="")}, "NPI"),
        ({"coverage": a_coverage(member_id=""), "patient": a_patient(birth_date=None)}, "member id, or"),
    ],
)
def test_a_question_that_the_guide_refuses_is_not_asked(given, missing):
    with pytest.raises(InquiryRefused, match=missing):
        ask(**given)


def test_the_alternate_swaps_or_drops_the_suffix_and_there_is_only_one():
    as_dependent = ask(coverage=dependent())
    swapped = alternate_of(as_dependent, ("75",), dependent())
    assert swapped is not None and swapped.dependent is None
    assert (swapped.subscriber.last_name, swapped.subscriber.member_id) == (
        a_patient().last_name,
        a_coverage().member_id,
    )
    own = ask(coverage=dependent(), terms=msgspec.structs.replace(TERMS, dependents_have_own_ids=True))
    back = alternate_of(own, ("67",), dependent())
    assert back is not None and back.dependent is not None and back.dependent.insured_relationship == "19"
    assert back.subscriber.last_name == "HOLDER" and back.dependent.identifier == ""
    junior = ask(patient=a_patient(last_name="O'TESTER JR", suffix="JR"))
    plain = alternate_of(junior, ("73",), a_coverage())
    assert plain is not None and (plain.subscriber.last_name, plain.subscriber.suffix) == ("O TESTER", "")
    assert alternate_of(plain, ("73",), a_coverage()) is None
    assert alternate_of(ask(), ("75",), a_coverage()) is None


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("TESTER III", "TESTER"),
        ("SMITH-JONES", "SMITH JONES"),
        ("SR", "SR"),
        ("VIVIAN", "VIVIAN"),
        ("ST. JOHN  JR.", "ST JOHN"),
    ],
)
def test_names_are_compared_without_suffix_and_marks(name, plain):
    assert plain_name(name) == plain


def test_service_types_follow_place_and_provider_as_far_as_the_payer_answers_them():
    assert service_types_of(place="11", taxonomy="207Q00000X") == ("30", "98")
    assert service_types_of(place="11", taxonomy="111N00000X") == ("30", "98", "33")
    assert service_types_of(place="23") == ("30", "86") and service_types_of(place="20") == ("30", "UC")
    assert service_types_of(place="11", taxonomy="225100000X", supported=["PT"]) == ("30", "PT")


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 9, 30), date(2026, 9, 30)), (date(2026, 10, 1), TODAY), (date(2025, 1, 5), date(2025, 1, 5)),
     (date(2027, 1, 1), TODAY)],
)  # fmt: skip
def test_no_day_after_the_current_month_is_asked_about(on, expected):
    assert date_to_ask(on, TODAY) == expected
