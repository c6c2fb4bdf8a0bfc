"""A claim's explanation of benefits: figures and words of that claim alone, the same bytes for the same figures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from typer.testing import CliRunner

from claimwright.claims.nouns import Person
from claimwright.claims.to_x12 import remittance as writer
from claimwright.documents.claim_eob import ClaimNotInRemittance, claims_of, render_claim_eobs, sums
from tests.lib.builders import ENVELOPE, WHEN, a_claim_payment, a_remittance, a_remittance_line

DEDUCTIBLE_LINE = a_remittance_line(
    "87880", "40.00", "0.00", (("CO", "45", "18.00"), ("PR", "1", "22.00")), control_number="L1002"
)
BOTH = (
    a_claim_payment((a_remittance_line(), DEDUCTIBLE_LINE)),
    a_claim_payment(control_number="CW2002", payer_claim_number="PCN2002", patient=Person(last_name="ELSEWHERE")),
)


def pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def test_each_kind_of_adjustment_has_its_column():
    found = {name: str(amount) for name, amount in sums(BOTH[0]).items()}
    assert found == {
        "contractual": "58.00", "deductible": "22.00", "coinsurance": "0.00", "copay": "25.00", "patient": "47.00",
        "other": "0.00",
    }  # fmt: skip


def test_a_claim_is_found_by_either_number_and_only_it_is_printed():
    payment = a_remittance(BOTH)
    assert claims_of(payment, "cw2002 ") == claims_of(payment, "PCN2002") == (BOTH[1],)
    assert pages(render_claim_eobs(payment)) == 2
    one = render_claim_eobs(payment, claims_of(payment, "CW1001"))
    assert pages(one) == 1 and one == render_claim_eobs(payment, (BOTH[0],))
    with pytest.raises(ClaimNotInRemittance):
        claims_of(payment, "CW9999")
    with pytest.raises(ClaimNotInRemittance):
        render_claim_eobs(a_remittance(()))


def test_the_verb_prints_one_claim_of_a_file_and_refuses_an_unknown_one(tmp_path: Path):
    from claimwright.cli import app

    source, target = tmp_path / "a.835", tmp_path / "a.pdf"
    source.write_bytes(
        writer.build_interchange(
            [a_remittance(BOTH), a_remittance((BOTH[1],), trace_number="EFT2")], envelope=ENVELOPE, control_number=1,
            group_control_number=1, when=WHEN,
        )
    )  # fmt: skip
    run = CliRunner().invoke
    assert run(app, ["eob", str(source), "-o", str(target)]).exit_code == 0 and pages(target.read_bytes()) == 3
    assert run(app, ["eob", str(source), "--claim", "CW2002", "-o", str(target), "--force"]).exit_code == 0
    assert pages(target.read_bytes()) == 2
    assert "no claim NONE" in str(
        run(app, ["eob", str(source), "--claim", "NONE", "-o", str(tmp_path / "b.pdf")]).exception
    )
    assert not (tmp_path / "b.pdf").exists()
