"""The makers of synthetic sets, one by one: invented people, honest decisions, files that close in any order."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimwright.claims.synthetic import payment, services, stories
from claimwright.claims.synthetic.claims import Episode, cents, episodes, money, part
from claimwright.claims.synthetic.people import PLANS, PRACTICES, SURNAME_ENDS, SURNAME_STARTS, npi, tax_id
from claimwright.claims.synthetic.remittances import Debt, Debts
from claimwright.claims.synthetic.sets import DEFAULT_DATE, KINDS, Options, refuse, write_set
from claimwright.claims.synthetic.streams import InterchangeFile
from claimwright.codes.code_sets import State, shipped
from claimwright.codes.identifiers import Npi, TaxId, Taxonomy
from claimwright.x12 import Envelope, read
from claimwright.x12.check import check

ENOUGH = {kind: 3 * len(stories.DECKS[kind]) for kind in KINDS}


def cases(kind: str, seed: int = 5) -> list[Episode]:
    return list(episodes(seed, kind, ENOUGH[kind], DEFAULT_DATE))


def test_numbers_are_well_formed_and_can_be_nobodys():
    for number in (0, 1, 1101, 99_999_999):
        assert Npi(npi(number)).is_valid and npi(number)[0] == "2"
    assert TaxId(tax_id(7)).is_valid_as("EI")
    for practices in PRACTICES.values():
        for practice in practices:
            for one in (practice.billing, *practice.people):
                assert Npi(one.npi).is_valid and Taxonomy(one.taxonomy).is_valid
    everyone = [one.npi for practices in PRACTICES.values() for practice in practices for one in practice.people]
    assert len(set(everyone)) == len(everyone)


@pytest.mark.parametrize("kind", KINDS)
def test_people_have_names_that_say_they_are_invented(kind):
    names = {f"{start}{end}" for start in SURNAME_STARTS for end in SURNAME_ENDS}
    found = cases(kind)
    assert {person.last_name for episode in found for person in episode.family.people} <= names
    assert {one.phone[:6] for practice in PRACTICES[kind] for one in (practice.billing,)} == {"555555"}
    ids = [cover.member_id for episode in found if episode.first_of_family for cover in episode.family.covers]
    assert len(set(ids)) == len(ids)


def test_codes_are_those_shipped():
    sets = shipped()
    visits = [
        *services.PROFESSIONAL, *services.OUTPATIENT, *services.STAYS, *services.DENTAL, services.PROFESSIONAL_BUNDLED,
        services.PROFESSIONAL_AUTHORIZED, services.INSTITUTIONAL_BUNDLED, services.INSTITUTIONAL_AUTHORIZED,
        services.DENTAL_PLANNED,
    ]  # fmt: skip
    for visit in visits:
        for code in visit.diagnoses:
            assert sets.state("icd10cm", code, DEFAULT_DATE) is State.VALID, code
        for service in visit.services:
            if service.code[:1] in tuple("ABCEGHJKLMPQRSTV"):
                assert sets.state("procedure", service.code, DEFAULT_DATE) is State.VALID, service.code
    for group, reason, remarks in payment.DENIALS:
        assert group in ("CO", "PR")
        assert sets.state("carc", reason, DEFAULT_DATE) is State.VALID
        assert all(sets.state("rarc", remark, DEFAULT_DATE) is State.VALID for remark in remarks)


def test_a_set_shares_its_claims_among_the_kinds():
    assert stories.counts(100, ("P", "I", "D")) == {"P": 60, "I": 25, "D": 15}
    assert stories.counts(7, ("I",)) == {"I": 7}
    for claims in range(1, 40):
        assert sum(stories.counts(claims, ("P", "I", "D")).values()) == claims


@pytest.mark.parametrize("kind", KINDS)
def test_every_deck_tells_every_story(kind):
    told = Counter(story.name for story in stories.deck(9, kind, 3))
    assert told == Counter(story.name for story in stories.DECKS[kind])
    assert stories.deck(9, kind, 3) != stories.deck(9, kind, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_is_the_same_whatever_else_is_made(kind):
    some, more = cases(kind)[:10], list(episodes(5, kind, 10, DEFAULT_DATE))
    assert [one.claim for one in some[:9]] == [one.claim for one in more[:9]]


@pytest.mark.parametrize("kind", KINDS)
def test_decisions_balance_line_by_line(kind):
    for episode in cases(kind):
        decision = payment.decide(episode, episode.claim)
        assert decision.charge == cents(episode.claim.total_charge)
        _balances(decision)
        for place in range(2, len(episode.family.covers) + 1):
            before, decision = decision, payment.decide_next(episode, decision, place)
            assert decision.charge == before.charge
            assert decision.paid + decision.patient == before.patient
            _balances(decision)


def _balances(decision: payment.Decision) -> None:
    for line in decision.lines:
        assert line.charge - sum(amount for _, _, amount in line.reductions) == line.paid
        assert line.paid >= 0
        assert all(amount for _, _, amount in line.reductions)
    own = sum(amount for _, _, amount in decision.reductions)
    if decision.lines:
        assert decision.paid == sum(line.paid for line in decision.lines)
    else:
        assert decision.charge - own == decision.paid


@pytest.mark.parametrize("kind", KINDS)
def test_each_story_ends_as_it_says(kind):
    for episode in cases(kind):
        decision = payment.decide(episode, episode.claim)
        name = episode.story.name
        if name in ("deductible", "denied", "predetermined"):
            assert decision.paid == 0, name
        else:
            assert decision.paid > 0, name
        assert decision.is_denied == (name == "denied")
        if name == "bundled":
            first, second = decision.lines[-2:]
            assert (second.paid, second.bundled_into) == (0, first and episode.claim.lines[-2].number)
            assert first.reductions[0] == ("OA", "94", -second.charge)
        if name == "interest":
            assert decision.interest > 0
        assert decision.status == {True: "19", False: "25" if name == "predetermined" else "1"}[episode.story.forwards]


def test_the_contract_is_followed_to_the_cent():
    """211.00 billed, 62 % allowed; 20.00 of the deductible left; 20 % of the rest is the patient's."""
    plan = PLANS["P"][0]
    episode = next(one for one in cases("P") if one.plan is plan and one.story is stories.PAID)
    therapy = services.PROFESSIONAL[6]
    line = msgspec.structs.replace(episode.claim.lines[0], procedure_code="90837", charge=Decimal("211.00"))
    claim = msgspec.structs.replace(episode.claim, lines=(line,), total_charge=line.charge)
    episode.visit = msgspec.structs.replace(therapy, services=(services.Service("90837", 21_100),))
    episode.deductible[episode.patient] = 2_000
    decision = payment.decide(episode, claim)
    assert decision.lines[0].reductions == (("CO", "45", 8_018), ("PR", "1", 2_000), ("PR", "2", 2_216))
    assert (decision.allowed, decision.paid, decision.patient) == (13_082, 8_866, 4_216)
    assert episode.deductible[episode.patient] == 0


def test_a_reversal_turns_every_amount():
    for episode in cases("I"):
        decision = payment.decide(episode, episode.claim)
        paid = payment.claim_payment(episode, episode.claim, decision, 1, "ICN1")
        back = payment.reversal(paid)
        assert (back.charge, back.paid, back.status) == (-paid.charge, -paid.paid, "22")
        assert [one.amount for one in back.adjustments] == [-one.amount for one in paid.adjustments]
        assert [line.paid for line in back.lines] == [-line.paid for line in paid.lines]
        assert back.patient_responsibility is None and back.interest is None


def test_debts_are_taken_as_far_as_the_money_goes():
    debts = Debts()
    debts.add("PAYER", "NPI", Debt("FB", "EFT1", 300))
    debts.add("PAYER", "NPI", Debt("WO", "ICN1", 200))
    assert debts.take("PAYER", "OTHER", 1_000) == []
    assert debts.take("PAYER", "NPI", -5) == []
    debts.add("PAYER", "NPI", Debt("WO", "ICN2", 70, 3))
    assert debts.take("PAYER", "NPI", 100) == [Debt("FB", "EFT1", 100)]
    assert debts.take("PAYER", "NPI", 250) == [Debt("FB", "EFT1", 200), Debt("WO", "ICN1", 50)]
    assert [(one["code"], one["cents"]) for one in debts.outstanding()] == [("WO", 150), ("WO", 70)]
    assert debts.take("PAYER", "NPI", 900, 3) == [Debt("WO", "ICN1", 150), Debt("WO", "ICN2", 70, 3)]
    assert debts.outstanding() == []


def test_money_and_parts():
    assert (money(12_345), money(-5), cents(Decimal("1.10"))) == (Decimal("123.45"), Decimal("-0.05"), 110)
    assert (part(101, 50), part(99, 1), part(0, 62)) == (51, 1, 0)


def test_transactions_stand_in_the_order_in_which_they_close(tmp_path: Path):
    path = tmp_path / "two.edi"
    envelope = Envelope(sender_id="A", receiver_id="B")
    told: list[dict[str, object]] = []
    file = InterchangeFile(path, envelope, "999", "005010X231A1", 12, datetime(2026, 8, 20, 9, 30), told.append)
    first, second = file.transaction(), file.transaction()
    for one in (first, second):
        one.builder.add("AK1", "HC", one.control_number, "005010X222A1")
        one.drain()
        one.builder.add("AK9", "A", "1", "1", "1")
    second.close(note="second")
    first.close()
    file.close()
    document = read(path.read_bytes())
    assert [one.control_number for one in document.transactions()] == ["0002", "0001"]
    assert [len(one.segments) for one in document.transactions()] == [4, 4]
    assert told[0] == {"file": "two.edi", "control_number": "0002", "segments": 4, "note": "second"}
    assert file.summary()["transactions"] == 2
    assert [fault.id for fault in check(document) if fault.id.startswith("ENV")] == []


def test_a_file_without_transactions_is_not_written(tmp_path: Path):
    file = InterchangeFile(
        tmp_path / "none.edi", Envelope(sender_id="A", receiver_id="B"), "999", "005010X231A1", 1, datetime(2026, 8, 20)
    )
    file.close()
    assert not file.path.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"claims": 0}, {"seed": -1}, {"kinds": ()}, {"kinds": ("P", "P")}, {"kinds": ("X",)},
        {"claims_per_transaction": 0}, {"claims_per_transaction": 5_001},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(wrong, tmp_path: Path):
    with pytest.raises(ValueError):
        refuse(Options(**wrong))
    with pytest.raises(ValueError):
        write_set(tmp_path / "new", Options(**wrong))
    assert not (tmp_path / "new").exists()


def test_the_day_of_the_claims_is_asked_for_and_not_read_from_a_clock():
    early = next(iter(episodes(1, "P", 1, date(2026, 8, 15))))
    late = next(iter(episodes(1, "P", 1, date(2026, 8, 25))))
    assert (late.served - early.served).days == 10
