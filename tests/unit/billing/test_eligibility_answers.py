"""Answers as snapshots, what two of them tell apart, other coverage as candidates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.eligibility_answers import (
    ACTIVE,
    INACTIVE,
    UNKNOWN,
    ChangeKind,
    KnownPayer,
    candidate_of,
    differences,
    snapshot_of,
    unknown_payers,
)
from claimwright.billing.pricing.estimate import benefits_of, estimate
from claimwright.claims.eligibility import Benefit, PatientEligibility
from claimwright.claims.nouns import Address
from claimwright.claims.parties import CoveredPerson, Party, Period, Reference, Rejection
from tests.lib.builders import a_patient

ON = date(2026, 9, 30)
LIVE = Benefit(kind="1", service_types=("30",), insurance_type="HM", plan_name="GOLD")
GONE = Benefit(kind="6", service_types=("30",))
PAYER = Party(role="PR", is_organization=True, last_name="NORTHERN MUTUAL", id_qualifier="PI", identifier="60054")


def told(*benefits: Benefit, dates: tuple[Period, ...] = (), **person) -> PatientEligibility:
    fields = {"last_name": "TESTER", "first_name": "ANNA", "id_qualifier": "MI", "identifier": "W1", "dates": dates}
    return PatientEligibility(payer=PAYER, receiver=Party(role="1P"), benefits=benefits,
                              subscriber=CoveredPerson(**(fields | person)))  # fmt: skip


def names(kind: str, name: str, identifier: str = "", **benefit) -> Benefit:
    party = Party(role="PR", is_organization=True, last_name=name, id_qualifier="PI", identifier=identifier)
    return Benefit(kind=kind, service_types=("30",), entities=(party,), **benefit)


def day(qualifier: str, on: date, end: date | None = None) -> Period:
    return Period(qualifier=qualifier, start=on, end=end)


AAA = Rejection(level="payer", valid="Y", reason="42", follow_up="R")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (told(LIVE), ACTIVE),
        (told(GONE), INACTIVE),
        (told(), UNKNOWN),
        (told(LIVE, GONE), UNKNOWN),
        (told(rejections=(AAA,)), UNKNOWN),
        (told(GONE, rejections=(AAA,)), UNKNOWN),  # unavailable is never inactive
        (PatientEligibility(payer=msgspec.structs.replace(PAYER, rejections=(AAA,))), UNKNOWN),
        (told(LIVE, dates=(day("347", date(2026, 8, 31)),)), UNKNOWN),
    ],
)
def test_status(answer, status):
    found = snapshot_of(answer, on=ON)
    assert found.status == status and bool(found.because) == (status == UNKNOWN)


@pytest.mark.parametrize(
    ("dates", "span"),
    [
        ((day("346", date(2026, 1, 1)), day("347", date(2026, 12, 31))), (date(2026, 1, 1), date(2027, 1, 1))),
        ((day("356", date(2026, 2, 1)),), (date(2026, 2, 1), None)),
        ((day("291", date(2026, 1, 1), date(2026, 12, 31)),), (date(2026, 1, 1), date(2027, 1, 1))),
        ((day("291", ON),), (None, None)),  # the day asked about, given back
        ((day("346", date(2026, 1, 1), date(2026, 9, 30)),), (date(2026, 1, 1), date(2026, 10, 1))),
    ],
)
def test_the_days_of_cover_end_the_day_after_the_last(dates, span):
    found = snapshot_of(told(LIVE, dates=dates), on=ON)
    assert (found.start, found.end) == span


def test_a_snapshot_keeps_who_is_named():
    answer = told(LIVE, names("L", "DALTON"), names("R", "OTHER PLAN", "77", references=(Reference("1W", "M9"),)),
                  names("MC", "CARE ORG", "55"))  # fmt: skip
    found = snapshot_of(answer, on=ON)
    assert found.primary_care is not None and found.primary_care.name == "DALTON"
    assert [(one.name, one.identifier, one.member_id) for one in found.other_payers] == [("OTHER PLAN", "77", "M9")]
    assert (found.plan_name, found.insurance_type, found.member_id) == ("GOLD", "HM", "W1")


def kinds(before: PatientEligibility | None, after: PatientEligibility) -> list[tuple[str, str, str]]:
    old = snapshot_of(before, on=ON) if before is not None else None
    return [(one.kind.value, one.before, one.after) for one in differences(old, snapshot_of(after, on=ON))]


def test_differences_between_two_answers():
    end = (day("347", date(2026, 10, 31)),)
    assert kinds(told(LIVE), told(LIVE)) == []
    assert kinds(told(LIVE), told(GONE)) == [("status", "active", "inactive")]
    assert kinds(told(LIVE), told(LIVE, dates=end)) == [("term_date", "", "2026-10-31")]
    assert kinds(told(LIVE, dates=end), told(LIVE, dates=end)) == []
    assert kinds(told(LIVE), told(LIVE, names("R", "OTHER", "77"))) == [("other_payer", "", "OTHER")]
    assert kinds(told(LIVE, names("L", "ADAMS")), told(LIVE, names("L", "DALTON"))) == [
        ("primary_care", "ADAMS", "DALTON")
    ]
    silver = msgspec.structs.replace(LIVE, plan_name="SILVER")
    assert kinds(told(LIVE), told(silver)) == [("plan", "GOLD", "SILVER")]


def test_silence_and_refusal_are_no_change():
    assert kinds(told(LIVE, names("L", "ADAMS")), told(LIVE)) == []
    assert kinds(told(LIVE), told(rejections=(AAA,))) == []
    assert kinds(None, told(LIVE)) == []


def test_the_first_answer_alerts_of_an_end_and_of_another_payer_only():
    first = told(LIVE, names("R", "OTHER", "77"), names("L", "ADAMS"), dates=(day("347", date(2026, 10, 31)),))
    found = differences(None, snapshot_of(first, on=ON))
    assert [one.kind for one in found] == [ChangeKind.TERM_DATE, ChangeKind.OTHER_PAYER]
    assert all(one.alerts for one in found)
    plan = differences(
        snapshot_of(told(LIVE), on=ON), snapshot_of(told(msgspec.structs.replace(LIVE, plan_name="B")), on=ON)
    )
    assert [one.alerts for one in plan] == [False]


def test_other_payers_that_no_coverage_is_with_are_candidates():
    ended = names("R", "LAPSED", "88", dates=(day("347", date(2026, 8, 31)),))
    found = snapshot_of(told(LIVE, names("R", "OTHER PLAN INC.", "77"), names("R", "KNOWN-PLAN", ""), ended), on=ON)
    known = [KnownPayer(names=("Known Plan", "60054"))]
    assert [one.name for one in unknown_payers(found, known)] == ["OTHER PLAN INC."]
    assert unknown_payers(found, [*known, KnownPayer(names=("77",))]) == ()


def test_a_search_is_scored_and_another_birth_date_is_another_person():
    person = a_patient(last_name="TESTER", first_name="ANNA", birth_date=date(1980, 5, 17), sex="F",
                       address=Address(postal_code="537034321"))  # fmt: skip
    answer = told(LIVE, birth_date=date(1980, 5, 17), sex="F", address=Address(postal_code="53703"))
    found = candidate_of(person, answer, on=ON)
    assert found is not None and (found.score, found.member_id) == (Decimal(100), "W1")
    half = candidate_of(person, told(LIVE, birth_date=date(1980, 5, 17), first_name="BERTA"), on=ON)
    assert half is not None and half.score == Decimal(70)
    for other in (
        told(LIVE, birth_date=date(1980, 5, 18)), told(GONE, birth_date=date(1980, 5, 17)),
        told(LIVE, birth_date=date(1980, 5, 17), identifier=""), told(rejections=(AAA,)),
    ):  # fmt: skip
        assert candidate_of(person, other, on=ON) is None


def test_the_worked_estimate_of_the_domain_from_an_answer():
    own = {"coverage_level": "IND", "in_network": "Y", "service_types": ("30",)}
    answer = told(
        LIVE, Benefit(kind="C", period="29", amount=Decimal(100), **own), Benefit(kind="G", period="29", amount=Decimal(110), **own),
        Benefit(kind="A", percent=Decimal("0.2"), coverage_level="IND", in_network="Y", service_types=("98",)),
        Benefit(kind="B", amount=Decimal(0), coverage_level="IND", in_network="Y", service_types=("98",)),
    )  # fmt: skip
    found = estimate(Decimal(240), benefits_of(answer, service_type="98", on=ON))
    assert (found.low, found.high) == (Decimal("110.00"), Decimal("110.00"))
