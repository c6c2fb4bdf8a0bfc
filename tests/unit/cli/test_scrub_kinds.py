"""`claimwright scrub` on files of every kind: clean claims may go, and each kind is judged by its own guide's edits."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.claims import build_interchange
from claimwright.cli import app
from claimwright.cli.files import scrubbed
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN
from tests.lib.golden_claims import golden, golden_claims
from tests.lib.golden_claims_data import TODAY

runner = CliRunner()


def written(*claims: Claim) -> bytes:
    return build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=1, group_control_number=1,
        reference="BATCH1", when=WHEN,
    )  # fmt: skip


@pytest.mark.parametrize("kind", "PID")
def test_clean_claims_may_go(kind: str) -> None:
    claims = [one.claim for one in golden_claims(1, kind)]
    answer = scrubbed(Path("claims.edi"), written(*claims), TODAY)
    assert [(one["control_number"], one["findings"]) for one in answer["claims"] if not one["may_go"]] == []
    assert len(answer["claims"]) == len(claims) and answer["may_go"]
    # One diagnosis leaves the side open, and the list that is shipped has both: a warning of Medicare's rules.
    assert {finding["id"] for one in answer["claims"] for finding in one["findings"]} <= {"DX13"}


@pytest.mark.parametrize(
    ("name", "changes", "edit"),
    [
        ("I-stay-blue", {"diagnoses": ()}, "DX01"),
        ("I-replacement-blue", {"payer_claim_number": ""}, "PAY03"),
        ("D-check_up-blue", {"frequency": "8"}, "PAY03"),
        ("P-replacement-blue", {"payer_claim_number": ""}, "PAY03"),
    ],
)
def test_the_edits_judge_every_kind(tmp_path: Path, name: str, changes: dict[str, object], edit: str) -> None:
    file = tmp_path / "claims.edi"
    file.write_bytes(written(msgspec.structs.replace(golden(name).claim, **changes)))
    told = runner.invoke(app, ["scrub", str(file), "--json", "--today", TODAY.isoformat()])
    assert told.exit_code == 1, told.output
    (claim,) = json.loads(told.output)["claims"]
    assert not claim["may_go"] and edit in {finding["id"] for finding in claim["findings"]}


def test_kinds_in_one_file_are_each_judged() -> None:
    names = ("P-self-blue", "I-stay-blue", "D-crown-blue")
    answer = scrubbed(Path("mixed.edi"), written(*(golden(name).claim for name in names)), TODAY)
    assert len(answer["claims"]) == 3 and answer["may_go"]
