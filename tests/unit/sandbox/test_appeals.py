"""Appeals: a payer pays after all by reversal and correction, or keeps its decision by letter; each letter once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.sandbox.appeals import Letter, answer_to, post_letter
from claimwright.sandbox.day import advance
from claimwright.sandbox.plan import AppealManners, Plan, Rate, clean, load_plan
from tests.unit.sandbox.made import Sent, Svc, file_of, remittances, upload
from tests.unit.sandbox.test_front_end import DAY

ANSWER_DAYS = 10


def plan_where(granted: str) -> Plan:
    plan = clean(load_plan())
    payers = tuple(
        msgspec.structs.replace(payer, denials=(Rate("necessity", Decimal(1)),) if payer.id == "MCAID" else ())
        for payer in plan.payers
    )
    manners = AppealManners(granted_share=Decimal(granted), answer_days=ANSWER_DAYS)
    return msgspec.structs.replace(plan, payers=payers, appeals=manners)


def lived(root: Path, plan: Plan) -> list[tuple[str, Decimal]]:
    """Status and payment of each CLP: the claim is sent, denied, appealed on day 25, and looked at until day 60."""
    claim = Sent(number="APL01", payer="MCAID", member="W500001", lines=(Svc("99213", "160"),))
    upload(root, "f1.edi", file_of([claim], 1))
    for ahead in range(61):
        if ahead == 25:
            letter = Letter(control_number="APL01", sent_on=DAY + timedelta(days=ahead))
            assert post_letter(root, letter) and not post_letter(root, letter)
        advance(root, DAY + timedelta(days=ahead), plan)
    return [(claim.status, claim.paid) for noun in remittances(root) for claim in noun.claims]


def test_a_granted_appeal_is_a_reversal_and_a_correction_that_pays(tmp_path: Path) -> None:
    decided = lived(tmp_path, plan_where("1"))
    assert len(decided) == 3 and decided[1][0] == "22"
    assert decided[0][1] == decided[1][1] == 0 and decided[-1][1] > 0
    assert answer_to(tmp_path, "APL01") is None


def test_a_payer_that_keeps_its_decision_says_so_by_letter_and_pays_nothing(tmp_path: Path) -> None:
    decided = lived(tmp_path, plan_where("0"))
    assert len(decided) == 1 and decided[0][1] == 0
    answer = answer_to(tmp_path, "APL01")
    assert answer is not None and answer.decided_on == DAY + timedelta(days=25 + ANSWER_DAYS)


def test_a_letter_about_no_claim_of_the_payer_changes_nothing(tmp_path: Path) -> None:
    post_letter(tmp_path, Letter(control_number="NOBODY", sent_on=DAY))
    advance(tmp_path, DAY, plan_where("1"))
    assert answer_to(tmp_path, "NOBODY") is not None
