"""What the payers decide: the sums of the worked examples, denials with a cause, and cures that work."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimwright.sandbox.plan import Benefit, Plan, Trigger, load_plan
from tests.unit.sandbox.made import Clp, Sent, Svc, file_of, medicare_id, remittances, statuses, upload
from tests.unit.sandbox.test_front_end import DAY, after

D = Decimal


def met_plan(**changes: object) -> Plan:
    """The clean plan with every deductible met and one benefit each, so that sums can be written down."""
    plan = load_plan("clean")
    benefits = {
        "MEDB1": Benefit(name="b", coinsurance=D("0.2")),
        "COMM1": Benefit(name="c", copay=D(25), coinsurance=D("0.2")),
        "MCAID": Benefit(name="m"),
        "SUPP1": Benefit(name="s"),
    }
    payers = tuple(
        msgspec.structs.replace(payer, benefits=(benefits[payer.id],), crossover_share=D(1)) for payer in plan.payers
    )
    return msgspec.structs.replace(plan, payers=payers, **changes)


def send(
    root: Path, *claims: Sent, control: int = 1, day: date = DAY, plan: Plan | None = None, days: int = 40
) -> None:
    upload(root, f"{control}.edi", file_of(list(claims), control, day))
    after(root, days, plan or met_plan(), day)


def decisions(root: Path, number: str = "") -> list[Clp]:
    return [claim for paid in remittances(root) for claim in paid.claims if number in ("", claim.number)]


def test_medicare_pays_less_sequestration_and_crosses_over(tmp_path: Path) -> None:
    sent = Sent(number="A1", payer="MEDB1", member=medicare_id(7), lines=(Svc("99214", "200"),), next_payer="SUPP1")
    send(tmp_path, sent)
    first, second = sorted(decisions(tmp_path), key=lambda claim: claim.status)
    assert (first.payer, first.status, first.charge, first.paid, first.responsibility) == (
        "MEDB1", "19", D("200"), D("101.92"), D("26"),
    )  # fmt: skip
    assert first.cuts == [("CO", "45", D("70")), ("CO", "253", D("2.08")), ("PR", "2", D("26"))]
    assert first.forwarded == "SUPP1" and "MA18" in first.remarks
    assert (second.payer, second.number, second.status, second.paid) == ("SUPP1", "A1", "2", D("26"))
    assert second.cuts == [("OA", "23", D("174"))]
    assert [paid.amount for paid in remittances(tmp_path)] == [D("101.92"), D("26")]


def test_medicare_does_not_forward_what_it_denied(tmp_path: Path) -> None:
    sent = Sent(number="A1", payer="MEDB1", member=medicare_id(7), next_payer="SUPP1", rendering=False)
    send(tmp_path, sent)
    (only,) = decisions(tmp_path)
    assert (only.status, only.paid, only.cuts) == ("1", D(0), [("CO", "16", D(150))])
    assert {"MA130", "N290"} <= set(only.remarks)


def test_the_missing_rendering_provider_cures_the_denial(tmp_path: Path) -> None:
    send(tmp_path, Sent(number="A1", rendering=False), days=20)
    send(tmp_path, Sent(number="A1-2"), control=2, day=DAY + timedelta(days=20), days=20)
    before, cured = decisions(tmp_path)
    assert before.cuts == [("CO", "16", D(150))]
    assert cured.number == "A1-2" and cured.paid == D("80") and cured.cuts == [("CO", "45", D(45)), ("PR", "3", D(25))]


def test_a_copay_is_taken_once_and_other_lines_bear_coinsurance(tmp_path: Path) -> None:
    lines = (Svc("99213", "150"), Svc("87880", "40"), Svc("99214", "200"))
    send(tmp_path, Sent(number="A1", lines=lines))
    (claim,) = decisions(tmp_path)
    assert claim.lines == [("99213", D(150), D("80")), ("87880", D(40), D("22.4")), ("99214", D(200), D("152"))]
    assert claim.responsibility == D("30.6")


def test_a_deductible_runs_across_claims_of_the_year_and_can_take_all(tmp_path: Path) -> None:
    plan = met_plan()
    payers = tuple(
        msgspec.structs.replace(
            payer, benefits=(Benefit(name="d", deductible=D(120)),), deductible_met_share=D(0), allowed_share=D("0.5")
        )
        for payer in plan.payers
    )
    plan = msgspec.structs.replace(plan, payers=payers, seed=1)
    first = Sent(number="A1", lines=(Svc("80053", "100", day=date(2026, 8, 3)),))
    second = Sent(number="A2", lines=(Svc("80053", "400", day=date(2026, 8, 4)),))
    send(tmp_path, first, second, plan=plan)
    one, two = decisions(tmp_path)
    taken = sum(
        amount for claim in (one, two) for group, reason, amount in claim.cuts if (group, reason) == ("PR", "1")
    )
    assert D("24") <= taken <= D("120")  # at most four fifths were met elsewhere
    assert two.paid == D(200) - sum(amount for _, reason, amount in two.cuts if reason == "1")
    if one.paid == 0:
        assert one.cuts == [("CO", "45", D(50)), ("PR", "1", D(50))]


def test_the_same_service_twice_is_a_duplicate_and_the_original_stands(tmp_path: Path) -> None:
    send(tmp_path, Sent(number="A1"), Sent(number="A2"), Sent(number="A3", lines=(Svc(modifiers=("76",)),)))
    by_number = {claim.number: claim for claim in decisions(tmp_path)}
    assert by_number["A2"].cuts == [("OA", "18", D(150))] and by_number["A2"].paid == 0
    assert by_number["A1"].paid > 0 and by_number["A3"].paid > 0


def test_a_claim_past_the_filing_limit_is_denied(tmp_path: Path) -> None:
    send(
        tmp_path,
        Sent(number="A1", lines=(Svc(day=DAY - timedelta(days=181)),)),
        Sent(number="A2", lines=(Svc(day=DAY - timedelta(days=180)),), member="W1112223"),
    )
    late, in_time = sorted(decisions(tmp_path), key=lambda claim: claim.number)
    assert late.cuts == [("CO", "29", D(150))] and in_time.paid > 0


def test_a_visit_with_a_procedure_needs_modifier_25(tmp_path: Path) -> None:
    bundled = Sent(number="A1", lines=(Svc("99213"), Svc("20610", "180")))
    apart = Sent(number="A2", member="W7778889", lines=(Svc("99213", modifiers=("25",)), Svc("20610", "180")))
    send(tmp_path, bundled, apart)
    by_number = {claim.number: claim for claim in decisions(tmp_path)}
    assert ("CO", "97", D(150)) in by_number["A1"].cuts and by_number["A1"].paid > 0
    assert all(reason != "97" for _, reason, _ in by_number["A2"].cuts)


def test_a_missing_authorization_is_cured_by_a_replacement(tmp_path: Path) -> None:
    scan = (Svc("72148", "1200"),)
    send(tmp_path, Sent(number="A1", lines=scan), days=20)
    (denied,) = decisions(tmp_path)
    assert denied.cuts == [("CO", "197", D(1200))] and denied.status == "1"
    again = Sent(number="A1-2", lines=scan, frequency="7", original=denied.icn, authorization="AUTH77")
    send(tmp_path, again, control=2, day=DAY + timedelta(days=20), days=20)
    reversal, correction = decisions(tmp_path)[1:]
    assert (reversal.number, reversal.status, reversal.charge, reversal.paid) == ("A1", "22", D(-1200), D(0))
    assert (correction.number, correction.status, correction.original) == ("A1-2", "1", denied.icn)
    assert correction.paid == D("672") and correction.responsibility == D("168")


def test_a_void_takes_the_money_back_with_no_correction(tmp_path: Path) -> None:
    send(tmp_path, Sent(number="A1"), days=20)
    (paid,) = decisions(tmp_path)
    void = Sent(number="A1-2", frequency="8", original=paid.icn)
    more = Sent(number="A9", member="W5554443", lines=(Svc("80053", "400"),))
    send(tmp_path, void, more, control=2, day=DAY + timedelta(days=20), days=20)
    reversal = next(claim for claim in decisions(tmp_path) if claim.status == "22")
    assert (reversal.number, reversal.paid, reversal.cuts) == (
        "A1", -paid.paid, [(group, reason, -amount) for group, reason, amount in paid.cuts],
    )  # fmt: skip
    assert [claim.number for claim in decisions(tmp_path)].count("A1-2") == 0
    assert remittances(tmp_path)[-1].amount == D("224") - paid.paid


@pytest.mark.parametrize(
    ("prior", "paid", "cuts"),
    [
        (("85", (("CO", "45", "40"), ("PR", "3", "25"))), "0", [("OA", "23", D(125)), ("CO", "45", D("5")), ("PR", "3", D("20"))]),
        (("0", (("CO", "45", "18"), ("PR", "1", "132"))), "80", [("OA", "23", D(18)), ("CO", "45", D(27)), ("PR", "3", D(25))]),
        (("60", (("CO", "45", "65"), ("PR", "2", "25"))), "0", [("OA", "23", D(125)), ("PR", "3", D(25))]),
    ],
)  # fmt: skip
def test_a_second_payer_pays_within_its_own_allowance_and_what_was_left(
    tmp_path: Path, prior: tuple[str, tuple[tuple[str, str, str], ...]], paid: str, cuts: list[tuple[str, str, Decimal]]
) -> None:
    sent = Sent(number="A1", sequence="S", prior_payer="MCAID", lines=(Svc("99213", "150", prior=prior),))
    send(tmp_path, sent)
    (claim,) = decisions(tmp_path)
    assert (claim.status, claim.paid, claim.cuts) == ("2", D(paid), cuts)


def test_a_second_payer_wants_the_sequestration_told(tmp_path: Path) -> None:
    hidden = Svc("99214", "200", prior=("101.92", (("CO", "45", "72.08"), ("PR", "2", "26"))))
    told = Svc("99214", "200", prior=("101.92", (("CO", "45", "70"), ("CO", "253", "2.08"), ("PR", "2", "26"))))
    claims = [
        Sent(number=number, payer="SUPP1", member=f"S{number}0000", sequence="S", prior_payer="MEDB1", lines=(line,))
        for number, line in (("A1", hidden), ("A2", told))
    ]
    send(tmp_path, *claims)
    by_number = {claim.number: claim for claim in decisions(tmp_path)}
    assert by_number["A1"].cuts == [("CO", "16", D(200))] and "N811" in by_number["A1"].remarks
    assert by_number["A2"].paid == D(26)


@pytest.mark.parametrize(
    ("fate", "payer", "cut", "remark"),
    [
        ("necessity", "MEDB1", ("CO", "50"), "N115"),
        ("other_payer", "MCAID", ("CO", "22"), "MA92"),
        ("terminated", "COMM1", ("PR", "27"), "N30"),
        ("referral", "COMM1", ("CO", "288"), ""),
        ("authorization", "COMM1", ("CO", "197"), "M62"),
        ("missing_data", "MCAID", ("CO", "16"), "N290"),
    ],
)
def test_a_trigger_brings_its_denial(tmp_path: Path, fate: str, payer: str, cut: tuple[str, str], remark: str) -> None:
    member = medicare_id(3) if payer == "MEDB1" else "W314159265"
    plan = met_plan(triggers=(Trigger(fate=fate, member_id=member),))
    send(
        tmp_path,
        Sent(number="A1", payer=payer, member=member),
        Sent(number="OK", payer="MCAID", member="W99999"),
        plan=plan,
    )
    by_number = {claim.number: claim for claim in decisions(tmp_path)}
    assert by_number["A1"].cuts == [(*cut, D(150))]
    assert not remark or remark in by_number["A1"].remarks
    assert by_number["OK"].paid > 0


def test_a_fate_strikes_a_chain_once_but_a_missing_referral_stays_missing(tmp_path: Path) -> None:
    plan = met_plan(triggers=(Trigger(fate="missing_data", code="99213"), Trigger(fate="referral", code="99214")))
    start = DAY
    for attempt in ("", "-2"):
        claims = [
            Sent(number=f"A1{attempt}"),
            Sent(number=f"B1{attempt}", lines=(Svc("99214", "200"),), member="W22222"),
        ]
        send(tmp_path, *claims, control=len(attempt) + 1, day=start, plan=plan, days=20)
        start += timedelta(days=20)
    found = {claim.number: claim for claim in decisions(tmp_path)}
    assert found["A1"].cuts[0][1] == "16" and found["A1-2"].paid > 0
    assert found["B1"].cuts[0][1] == "288" and found["B1-2"].paid == 0


def test_a_seeded_refusal_of_the_payer(tmp_path: Path) -> None:
    plan = met_plan(triggers=(Trigger(fate="relation", payer="COMM1"),))
    send(tmp_path, Sent(number="A1"), plan=plan)
    assert statuses(tmp_path, "277CA_COMM1")["A1"] == ("A8:255", "U", "")
    assert decisions(tmp_path) == []


def test_the_members_file_decides_cover_and_crossover(tmp_path: Path) -> None:
    tmp_path.joinpath("members.json").write_bytes(
        msgspec.json.encode(
            [
                {"member_id": "W1", "payer": "COMM1", "end": "2026-08-01"},
                {"member_id": "W2", "payer": "COMM1"},
                {"member_id": medicare_id(5), "payer": "MEDB1", "crossover_to": "COMM1", "crossover_member_id": "W2"},
                {"member_id": "M1", "payer": "MCAID"},
            ]
        )
    )
    send(
        tmp_path,
        Sent(number="ENDED", member="W1"),
        Sent(number="UNKNOWN", member="W98765"),
        Sent(number="CROSS", payer="MEDB1", member=medicare_id(5)),
        Sent(number="NOBODY", payer="MCAID", member="M98765"),
    )
    found = {(claim.payer, claim.number): claim for claim in decisions(tmp_path)}
    assert found["COMM1", "ENDED"].cuts == [("PR", "27", D(150))]
    assert statuses(tmp_path, "277CA_COMM1")["UNKNOWN"] == ("A3:33:IL", "U", "")
    assert (found["MCAID", "NOBODY"].status, found["MCAID", "NOBODY"].cuts) == ("4", [("CO", "31", D(150))])
    assert found["MEDB1", "CROSS"].forwarded == "COMM1" and found["COMM1", "CROSS"].status == "2"
    assert ("COMM1", "UNKNOWN") not in found
