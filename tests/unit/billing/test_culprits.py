"""Where a person begins to correct a denied or held claim."""

from __future__ import annotations

import pytest

from claimwright.billing.culprits import BY_REASON, BY_REMARK, field_of_denial, field_of_path
from claimwright.codes.denials import carc_rules, rarc_rules


def test_every_code_has_a_row_of_its_own():
    assert set(BY_REMARK) <= set(rarc_rules()) and set(BY_REASON) <= set(carc_rules())


@pytest.mark.parametrize(
    ("carc", "remarks", "line", "field"),
    [
        ("16", ("N290",), 1, "rendering"),
        ("16", ("MA130", "N290"), 2, "rendering"),  # MA130 says how it goes again, not what is wrong
        ("4", ("N519",), 2, "line2-modifiers"),
        ("236", (), 3, "line3-modifiers"),
        ("11", (), 0, "line1-pointers"),
        ("197", (), 1, "prior_authorization"),
        ("146", (), 1, "dx1"),
        ("5", (), 1, "place"),
        ("31", (), 1, "registered"),
        ("16", ("M119",), 2, "line2-ndc"),
        ("16", ("M51",), 2, "line2-code"),
        ("16", ("M53",), 1, "line1-units"),
        ("181", (), 1, "line1-code"),
        ("29", (), 1, ""),  # too late: no field is wrong
    ],
)
def test_the_field_of_a_denial(carc, remarks, line, field):
    assert field_of_denial(carc, remarks, line=line) == field


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("lines[1].modifiers", "line2-modifiers"), ("lines[0].diagnosis_pointers", "line1-pointers"),
        ("diagnoses[2].code", "dx3"), ("diagnoses", "dx1"), ("place_of_service", "place"), ("rendering.npi", "rendering"),
        ("coverage.member_id", "registered"), ("institutional.patient_status", "patient_status"),
        ("lines[0].note", "line1-note"), ("lines[1].procedure_code", "line2-code"), ("lines[0].units", "line1-units"),
        ("billing_provider.address", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_field_of_a_finding(path, field):
    assert field_of_path(path) == field
