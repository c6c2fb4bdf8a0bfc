"""Splitting and combining: every line in exactly one part, every cent kept, and back again."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimwright.billing.claim_parts import (
    SPLITTERS,
    CombineLimits,
    SplitRules,
    combine,
    divide,
    explicit,
    split,
)
from claimwright.billing.claim_versions import VersionRefused, out_of_balance
from claimwright.claims.nouns import Adjustment, AttachmentReference, Claim, Diagnosis, LineAdjudication
from tests.lib.builders import a_claim, a_line, a_patient, a_rendering_provider, a_secondary_claim
from tests.lib.kind_builders import a_dental_claim, an_inpatient_claim

OTHER = a_rendering_provider(npi="1245319599", last_name="ODELL")
ANY = CombineLimits(lines=999, diagnoses=12, period="")


def numbers(n: int) -> str:
    return f"PART{n}"


def line(number: int, **changes):
    return a_line(**({"number": number, "control_number": f"L{number}", "charge": Decimal(number * 10)} | changes))


def content(claim: Claim, one) -> object:
    """What a line says with all that its claim says for it, its place and the order of diagnoses aside."""
    codes = tuple(claim.diagnoses[at - 1].code for at in one.diagnosis_pointers)
    whole = explicit(claim, one)
    bundled = tuple(msgspec.structs.replace(a, bundled_into=0) for a in whole.adjudications)
    return msgspec.structs.replace(whole, number=0, diagnosis_pointers=(), adjudications=bundled), codes


def contents(*claims: Claim) -> dict[str, object]:
    return {one.control_number: content(claim, one) for claim in claims for one in claim.lines}


def split_by(claim: Claim, *by: str, limit: int | None = None) -> tuple[Claim, ...]:
    return split(claim, SplitRules(by=by, lines_per_claim=limit), control_numbers=numbers)


def control_numbers(claim: Claim) -> list[str]:
    return [one.control_number for one in claim.lines]


# Splitting -----------------------------------------------------------------------------------------------------------


def test_by_a_limit_of_lines():
    claim = a_claim(lines=tuple(line(at) for at in range(1, 8)))
    parts = split_by(claim, limit=3)
    assert [control_numbers(part) for part in parts] == [["L1", "L2", "L3"], ["L4", "L5", "L6"], ["L7"]]
    assert [[one.number for one in part.lines] for part in parts] == [[1, 2, 3], [1, 2, 3], [1]]
    assert [part.control_number for part in parts] == ["PART1", "PART2", "PART3"]
    assert [part.total_charge for part in parts] == [Decimal(60), Decimal(150), Decimal(70)]


def test_by_rendering_provider_each_part_says_its_own():
    claim = a_claim(lines=(line(1), line(2, rendering=OTHER), line(3)))
    first, second = split_by(claim, "rendering")
    assert (first.rendering, second.rendering) == (a_rendering_provider(), OTHER)
    assert control_numbers(first) == ["L1", "L3"] and control_numbers(second) == ["L2"]
    assert all(one.rendering is None for part in (first, second) for one in part.lines)


def test_by_place_and_by_laboratory():
    claim = a_claim(
        lines=(line(1), line(2, place_of_service="22"), line(3, clia="05D1111111"), line(4, clia="05D2222222"))
    )
    places = split_by(claim, "place")
    assert [(part.place_of_service, control_numbers(part)) for part in places] == [
        ("11", ["L1", "L3", "L4"]),
        ("22", ["L2"]),
    ]
    labs = split_by(claim, "clia")
    assert [(part.clia, control_numbers(part)) for part in labs] == [
        ("", ["L1", "L2"]), ("05D1111111", ["L3"]), ("05D2222222", ["L4"]),
    ]  # fmt: skip
    assert len(split_by(claim, "place", "clia")) == 4


def test_by_month_and_year():
    claim = a_claim(
        lines=(
            line(1, date_from=date(2025, 12, 31)), line(2, date_from=date(2026, 1, 1)),
            line(3, date_from=date(2026, 1, 30), date_to=date(2026, 1, 31)), line(4, date_from=date(2026, 2, 1)),
        )
    )  # fmt: skip
    assert [control_numbers(part) for part in split_by(claim, "month")] == [["L1"], ["L2", "L3"], ["L4"]]
    assert [control_numbers(part) for part in split_by(claim, "year")] == [["L1"], ["L2", "L3", "L4"]]


@pytest.mark.parametrize(
    ("lines", "by", "words"),
    [
        ((line(1), line(2)), ("rendering",), "nothing keeps these lines apart"),
        ((line(1),), (), "nothing keeps these lines apart"),
        ((line(1), line(2, date_from=None)), ("month",), "line 2 has no date"),
        (
            (line(1), line(2, date_from=date(2026, 1, 31), date_to=date(2026, 2, 1))),
            ("month",),
            "line 2 runs over the end",
        ),
        ((line(1), line(2)), ("colour",), "not split by colour"),
    ],
)
def test_what_cannot_be_split_is_refused(lines, by, words):
    with pytest.raises(VersionRefused, match=words):
        split_by(a_claim(lines=lines), *by)


def test_a_stay_is_not_split_and_a_dental_claim_is():
    with pytest.raises(VersionRefused, match="interim bills"):
        split_by(an_inpatient_claim(), limit=1)
    dental = a_dental_claim()
    if len(dental.lines) > 1:
        assert len(split_by(dental, limit=1)) == len(dental.lines)
    with pytest.raises(VersionRefused, match="at least one line"):
        split_by(a_claim(lines=(line(1), line(2))), limit=0)


def test_prior_payments_go_with_their_lines_and_every_part_balances():
    claim = a_secondary_claim()
    parts = split_by(claim, limit=1)
    assert [part.prior_payments[0].paid_amount for part in parts] == [Decimal("85.00"), Decimal("0.00")]
    assert [out_of_balance(part) for part in parts] == [(), ()]


def test_a_decision_on_the_claim_as_a_whole_cannot_be_divided():
    claim = a_secondary_claim()
    prior = claim.prior_payments[0]
    for changes in (
        {"adjustments": (Adjustment(group="CO", reason="45", amount=Decimal("1.00")),)},
        {"remaining_liability": Decimal("5.00")},
        {"paid_amount": Decimal("85.01")},
    ):
        whole = msgspec.structs.replace(claim, prior_payments=(msgspec.structs.replace(prior, **changes),))
        with pytest.raises(VersionRefused, match="payer 60054 decided on the claim as a whole"):
            split_by(whole, limit=1)


def test_lines_that_a_payer_bundled_stay_together():
    bundled = LineAdjudication(payer_id="X", procedure_code="99213", bundled_into=1)
    claim = a_claim(lines=(line(1), line(2), line(3, adjudications=(bundled,))))
    with pytest.raises(VersionRefused, match="line 3 within line 1"):
        split_by(claim, limit=2)
    together = split_by(a_claim(lines=(line(1, place_of_service="22"), line(2), line(3, adjudications=(
        msgspec.structs.replace(bundled, bundled_into=2),)))), "place")  # fmt: skip
    assert together[1].lines[1].adjudications[0].bundled_into == 1


def test_what_we_are_obliged_to_accept_goes_by_line_or_not_at_all():
    claim = a_claim(lines=(line(1, obligated_amount=Decimal("8.00")), line(2, obligated_amount=Decimal("15.00"))),
                    obligated_amount=Decimal("23.00"))  # fmt: skip
    assert [part.obligated_amount for part in split_by(claim, limit=1)] == [Decimal("8.00"), Decimal("15.00")]
    with pytest.raises(VersionRefused, match=r"CN1\*09"):
        split_by(msgspec.structs.replace(claim, obligated_amount=Decimal("24.00")), limit=1)


def test_what_the_patient_paid_is_divided_to_the_cent():
    claim = a_claim(lines=tuple(line(at, charge=Decimal("10.00")) for at in (1, 2, 3)), patient_paid=Decimal("10.00"))
    assert [part.patient_paid for part in split_by(claim, limit=1)] == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]


@given(
    st.decimals(0, 10**6, places=2, allow_nan=False),
    st.lists(st.decimals(0, 10**5, places=2, allow_nan=False), min_size=1, max_size=12),
)
def test_no_cent_is_lost_in_dividing(amount, weights):
    shares = divide(amount, weights)
    assert sum(shares) == amount and len(shares) == len(weights)
    assert all(share >= 0 and share == share.quantize(Decimal("0.01")) for share in shares)
    if sum(weights) >= amount:
        assert all(share <= weight for share, weight in zip(shares, weights, strict=True))


# Combining -----------------------------------------------------------------------------------------------------------


def visits() -> tuple[Claim, Claim]:
    """A visit of the morning and one of the afternoon, by two providers, with one diagnosis in common."""
    morning = a_claim(
        control_number="A", lines=(line(1), line(2, diagnosis_pointers=(2,))),
        diagnoses=(Diagnosis(code="J069", qualifier="ABK"), Diagnosis(code="I10", qualifier="ABF")),
        patient_paid=Decimal("5.00"), prior_authorization="AUTH1",
    )  # fmt: skip
    afternoon = a_claim(
        control_number="B", lines=(line(3, diagnosis_pointers=(2, 1)),), rendering=OTHER, place_of_service="22",
        diagnoses=(Diagnosis(code="R509", qualifier="ABK"), Diagnosis(code="J069", qualifier="ABF")),
        patient_paid=Decimal("2.50"),
    )  # fmt: skip
    return morning, afternoon


def test_two_visits_of_a_day_are_one_claim():
    whole = combine(visits(), CombineLimits(), control_number="C")
    assert control_numbers(whole) == ["L1", "L2", "L3"] and whole.total_charge == Decimal(60)
    assert [(one.code, one.qualifier) for one in whole.diagnoses] == [("J069", "ABK"), ("I10", "ABF"), ("R509", "ABF")]
    assert [one.diagnosis_pointers for one in whole.lines] == [(1,), (2,), (1, 3)]
    assert (whole.rendering, whole.lines[2].rendering) == (a_rendering_provider(), OTHER)
    assert (whole.place_of_service, whole.lines[2].place_of_service) == ("11", "22")
    assert (whole.prior_authorization, [one.prior_authorization for one in whole.lines]) == ("", ["AUTH1", "AUTH1", ""])
    assert whole.patient_paid == Decimal("7.50") and whole.control_number == "C"
    assert contents(whole) == contents(*visits())


@pytest.mark.parametrize(
    ("changes", "limits", "words"),
    [
        ({"patient": a_patient(record_number="MRN9")}, {}, "not of one patient"),
        ({"kind": "D"}, {}, "not of one kind"),
        ({"billing_provider": a_rendering_provider()}, {}, "not of one billing provider"),
        ({"frequency": "7"}, {}, "first claims only"),
        ({"accident_date": date(2026, 8, 1), "onset_date": date(2026, 8, 1)}, {}, ""),
        ({"note": "x" * 81}, {}, "81 characters"),
        ({"lines": (line(1),)}, {}, "stands on two"),
        ({"lines": (line(3, date_from=date(2026, 9, 1)),)}, {}, "not of one day"),
        ({"lines": (line(3, date_from=date(2026, 9, 1)),)}, {"period": "month"}, "not of one month"),
        ({"lines": (line(3, date_from=date(2026, 9, 1)),)}, {"period": "year"}, ""),
        ({}, {"lines": 2}, "3 lines, one claim takes 2"),
        ({}, {"diagnoses": 2}, "3 diagnoses, one claim takes 2"),
        ({"attachments": tuple(AttachmentReference(control_number=str(at)) for at in range(11))}, {}, "11 attachments"),
        ({"obligated_amount": Decimal("1.00")}, {}, "only some of the claims"),
    ],
)
def test_what_keeps_claims_apart(changes, limits, words):
    morning, afternoon = visits()
    pair = (morning, msgspec.structs.replace(afternoon, **changes))
    if not words:
        assert combine(pair, CombineLimits(**limits), control_number="C").total_charge == Decimal(60)
        return
    with pytest.raises(VersionRefused, match=words):
        combine(pair, CombineLimits(**limits), control_number="C")


def test_claims_that_differ_in_what_is_told_once_are_not_combined():
    morning, afternoon = visits()
    pair = (
        msgspec.structs.replace(morning, onset_date=date(2026, 8, 1)),
        msgspec.structs.replace(afternoon, onset_date=date(2026, 8, 2)),
    )
    with pytest.raises(VersionRefused, match="differ in onset date"):
        combine(pair, CombineLimits(), control_number="C")
    with pytest.raises(VersionRefused, match="nothing to combine"):
        combine(pair[:1], CombineLimits(), control_number="C")
    with pytest.raises(VersionRefused, match="different prior payers"):
        combine((morning, msgspec.structs.replace(afternoon, prior_payments=a_secondary_claim().prior_payments)),
                CombineLimits(), control_number="C")  # fmt: skip


# There and back ------------------------------------------------------------------------------------------------------

PEOPLE = (None, OTHER, a_rendering_provider(npi="1003000126", last_name="VANCE"))
DAYS = tuple(date(2026, month, day) for month, day in ((1, 5), (1, 31), (2, 1), (12, 31)))


@st.composite
def billable(draw: st.DrawFn) -> Claim:
    """A claim whose lines differ in all that claims are split by; sometimes one that a prior payer decided by line."""
    count = draw(st.integers(1, 14))
    prior = draw(st.booleans())
    lines, paid = [], Decimal("0.00")
    for number in range(1, count + 1):
        charge = draw(st.decimals(0, 5000, places=2, allow_nan=False))
        share = draw(st.decimals(0, charge, places=2, allow_nan=False))
        told = LineAdjudication(
            payer_id="60054", paid_amount=share, procedure_code="99213",
            adjustments=(Adjustment(group="PR", reason="1", amount=charge - share),),
        )  # fmt: skip
        paid += share
        lines.append(
            a_line(
                number=number, control_number=f"L{number}", charge=charge, rendering=draw(st.sampled_from(PEOPLE)),
                place_of_service=draw(st.sampled_from(("", "22", "12"))), clia=draw(st.sampled_from(("", "05D1", "05D2"))),
                date_from=draw(st.sampled_from(DAYS)), prior_authorization=draw(st.sampled_from(("", "AUTH9"))),
                diagnosis_pointers=tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))),
                adjudications=(told,) if prior else (),
            )
        )  # fmt: skip
    base = a_secondary_claim() if prior else a_claim()
    payments = tuple(msgspec.structs.replace(one, paid_amount=paid) for one in base.prior_payments)
    total = sum((one.charge for one in lines), Decimal("0.00"))
    return msgspec.structs.replace(
        base, lines=tuple(lines), total_charge=total, prior_payments=payments,
        patient_paid=draw(st.none() | st.decimals(0, total, places=2, allow_nan=False)),
        prior_authorization=draw(st.sampled_from(("", "AUTH1"))), note=draw(st.sampled_from(("", "SEE RECORDS"))),
        diagnoses=tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(("J069", "I10", "R509"))),
    )  # fmt: skip


RULES = st.builds(
    SplitRules, by=st.lists(st.sampled_from(sorted(SPLITTERS)), unique=True).map(tuple),
    lines_per_claim=st.none() | st.integers(1, 6),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(billable(), RULES)
def test_parts_hold_every_line_once_every_cent_and_combine_to_the_whole(claim, rules):
    try:
        parts = split(claim, rules, control_numbers=numbers)
    except VersionRefused as refused:
        assert "nothing keeps these lines apart" in str(refused)
        return
    held = Counter(one.control_number for part in parts for one in part.lines)
    assert held == Counter(one.control_number for one in claim.lines) and set(held.values()) == {1}
    assert sum(part.total_charge for part in parts) == claim.total_charge
    assert all(part.total_charge == sum((one.charge for one in part.lines), Decimal(0)) for part in parts)
    for at, prior in enumerate(claim.prior_payments):
        assert sum(part.prior_payments[at].paid_amount for part in parts) == prior.paid_amount
    if claim.patient_paid is None:
        assert all(part.patient_paid is None for part in parts)
    else:
        assert sum(part.patient_paid for part in parts) == claim.patient_paid
        assert all(part.patient_paid <= part.total_charge for part in parts)
    assert all(out_of_balance(part) == () for part in parts)
    assert contents(*parts) == contents(claim)
    for part in parts:
        assert {tuple(SPLITTERS[name](explicit(part, one)) for name in rules.by) for one in part.lines}.__len__() == 1
        assert rules.lines_per_claim is None or len(part.lines) <= rules.lines_per_claim
    whole = combine(parts, ANY, control_number=claim.control_number)
    assert contents(whole) == contents(claim)
    assert (whole.total_charge, whole.patient_paid) == (claim.total_charge, claim.patient_paid)
    assert whole.prior_payments == claim.prior_payments and whole.note == claim.note
