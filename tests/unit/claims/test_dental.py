"""Dental claims to an 837D and back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.claims.dental import Dental, DentalLine, Tooth, ToothStatus
from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.claims import build_interchange, build_transaction
from claimwright.x12 import ValueRefused
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim
from tests.lib.kind_builders import a_dental_claim, a_dental_line


def written(*claims: Claim) -> bytes:
    return build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=7, group_control_number=3,
        reference="B1", when=WHEN,
    )  # fmt: skip


def read(data: bytes) -> Claim:
    ((claim,),) = [transaction.claims for transaction in read_file(data)]
    return claim


def passes(claim: Claim) -> str:
    """The file's text, once it has passed our checks and been read back equal."""
    data = written(claim)
    assert [fault for fault in check(data) if fault.severity is Severity.REJECT] == []
    assert read(data) == claim
    return data.decode()


def test_a_filling() -> None:
    text = passes(a_dental_claim())
    assert "*X*005010X224A2~" in text
    assert "CLM*CW3001*150***11:B:1*Y*A*Y*Y~NM1*82*1*REED*PAULA****XX*1234567893~PRV*PE*PXC*1223G0001X~" in text
    assert "LX*1~SV3*AD:D2150*150****1~TOO*JP*12*M:O~DTP*472*D8*20260831~REF*6R*L3001~" in text


def test_orthodontics_and_missing_teeth() -> None:
    facts = Dental(
        orthodontic_months_total=24,
        orthodontic_months_remaining=20,
        appliance_placement_date=date(2026, 8, 31),
        tooth_statuses=(ToothStatus(number="1", status="M"), ToothStatus(number="16", status="E")),
    )
    line = a_dental_line(procedure_code="D8080", dental=None)
    text = passes(a_dental_claim(dental=facts, lines=(line,)))
    assert "DTP*452*D8*20260831~DN1*24*20~DN2*1*M****JP~DN2*16*E****JP~" in text


def test_a_crown_that_replaces_another() -> None:
    facts = DentalLine(
        teeth=(Tooth(number="13"),), prosthesis="R", prior_placement_date=date(2015, 5, 1),
        prior_placement_is_estimated=True,
    )  # fmt: skip
    text = passes(a_dental_claim(lines=(a_dental_line(procedure_code="D2750", dental=facts),)))
    assert "SV3*AD:D2750*150***R*1~TOO*JP*13~DTP*472*D8*20260831~DTP*139*D8*20150501~" in text


def test_a_predetermination_asks_before_anything_is_done() -> None:
    line = a_dental_line(date_from=None, dental=DentalLine(oral_cavity_areas=("10", "20")))
    text = passes(a_dental_claim(dental=Dental(predetermination=True), lines=(line,)))
    assert "*Y*A*Y*Y**********PB~" in text
    assert "SV3*AD:D2150*150**10:20**1~" in text


def test_the_claims_own_date_stands_for_its_lines() -> None:
    claim = a_dental_claim(dental=Dental(service_from=date(2026, 8, 30)), lines=(a_dental_line(date_from=None),))
    assert (claim.date_of_service, claim.date_through) == (date(2026, 8, 30), date(2026, 8, 30))
    assert "DTP*472*D8*20260830~" in passes(claim)


def test_a_line_without_a_quantity_is_one_service() -> None:
    data = written(a_dental_claim()).replace(b"*150****1~TOO", b"*150~TOO")
    assert read(data).lines[0].units == Decimal(1)


def test_kinds_do_not_mix_in_one_transaction() -> None:
    with pytest.raises(ValueRefused) as refusal:
        build_transaction(
            [a_dental_claim(), a_claim()], submitter=SUBMITTER, receiver=RECEIVER, reference="B1", when=WHEN,
            control_number="0001",
        )  # fmt: skip
    assert (refusal.value.segment_id, refusal.value.element) == ("ST", 3)
