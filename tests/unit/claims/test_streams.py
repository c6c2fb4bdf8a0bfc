"""Claims and claim payments one at a time: what comes with them, at their end and behind the last."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

from claimwright.claims.from_x12.claim_stream import ClaimStream
from claimwright.claims.from_x12.claims import read_claims
from claimwright.claims.from_x12.payment_stream import PaymentStream
from claimwright.claims.from_x12.remittance import remittance
from claimwright.claims.nouns import Remittance
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import read
from claimwright.x12.check import check
from tests.lib.x12_samples import CLEAN

GOLDEN = Path(__file__).parents[2] / "golden"


def test_payments_come_with_their_remittance() -> None:
    streamed = list(PaymentStream(io.BytesIO(CLEAN["835"])))
    assert [one.payment.control_number for one in streamed] == ["CLAIM-1", "CLAIM-2"]
    assert {one.remittance.trace_number for one in streamed} == {"CHECK01"}
    assert streamed[0].payment.adjustments == () and streamed[0].payment.lines[0].adjustments[0].amount == Decimal(
        "20.00"
    )


def test_each_remittance_is_told_at_its_end_with_its_provider_adjustments() -> None:
    told: list[Remittance] = []
    for path in sorted((GOLDEN / "835" / "pass").glob("*.edi")):
        told.clear()
        data = path.read_bytes()
        claims = sum(1 for _ in PaymentStream(data, on_remittance=told.append))
        whole = [remittance(one).remittance for one in read(data).transactions()]
        assert claims == sum(len(one.claims) for one in whole)
        assert [(one.amount, one.provider_adjustments, one.payer) for one in told] == [
            (one.amount, one.provider_adjustments, one.payer) for one in whole
        ]


def test_a_remittance_without_claims_is_told_too() -> None:
    lines = CLEAN["835"].decode().splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if line.startswith("LX*"))
    last = next(at for at, line in enumerate(lines) if line.startswith("PLB*"))
    told: list[Remittance] = []
    assert not list(PaymentStream("".join(lines[:first] + lines[last:]).encode(), on_remittance=told.append))
    assert [len(one.provider_adjustments) for one in told] == [1]


def test_faults_come_with_the_claim_at_whose_end_they_were_found_and_the_rest_behind_the_last() -> None:
    data = CLEAN["837P"].replace(b"CLM*CLAIM-1*150*", b"CLM*CLAIM-1*151*").replace(b"IEA*1*", b"IEA*2*")
    stream = ClaimStream(data, CodeVocabulary(), level=5)
    found = [fault for one in stream for fault in one.faults if fault.snip <= 5 and not fault.id.startswith("837")]
    assert "SNIP3-CLAIM-CHARGE" in {fault.id for fault in found}
    assert "ENV-IEA-COUNT" in {fault.id for fault in stream.rest}
    assert sorted(map(str, [*found, *stream.rest])) == sorted(map(str, check(data, CodeVocabulary())))


def test_claims_of_every_kind_are_those_of_the_whole_transaction() -> None:
    for kind in ("837P", "837I", "837D"):
        for path in sorted((GOLDEN / kind / "pass").glob("*.edi")):
            data = path.read_bytes()
            whole = [claim for one in read(data).transactions() for claim in read_claims(one).claims]
            assert [one.claim for one in ClaimStream(data)] == whole, path.name
