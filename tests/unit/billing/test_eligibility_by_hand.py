"""What a person keyed is read as a 271 is: status, days, figures, who is named; and a silence's next moments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.eligibility import again_at, minutes_after_silence
from claimwright.billing.eligibility_answers import ChangeKind, differences, snapshot_of
from claimwright.billing.eligibility_by_hand import KeyedAnswer, KeyedAnswerRefused, answer_of
from claimwright.billing.pricing.estimate import benefits_of, estimate
from claimwright.claims.parties import CoveredPerson, Party

ON = date(2026, 9, 30)
PERSON = CoveredPerson(last_name="TESTER", first_name="ANNA", birth_date=date(1980, 1, 31), sex="F")
PAYER = Party(role="PR", is_organization=True, last_name="NORTHERN MUTUAL", identifier="60054")
KEYED = KeyedAnswer(source="telephone", reference="C-4711", status="active", member_id="W1")


def snapshot(keyed: KeyedAnswer):
    return snapshot_of(answer_of(keyed, person=PERSON, payer=PAYER), on=ON)


def keyed(**given) -> KeyedAnswer:
    return msgspec.structs.replace(KEYED, **given)


def test_it_is_read_and_compared_as_a_271_is():
    before = snapshot(keyed(start=date(2026, 1, 1), primary_care="DR ADAMS"))
    assert (before.status, before.start, before.end, before.member_id) == ("active", date(2026, 1, 1), None, "W1")
    after = snapshot(
        keyed(last=date(2026, 10, 31), primary_care="DR BRIGGS", other_payer="PLAINS", other_payer_member_id="P9")
    )
    assert after.end == date(2026, 11, 1) and after.other_payers[0].member_id == "P9"
    assert {one.kind for one in differences(before, after)} == {
        ChangeKind.TERM_DATE, ChangeKind.OTHER_PAYER, ChangeKind.PRIMARY_CARE,
    }  # fmt: skip
    assert snapshot(keyed(status="inactive")).status == "inactive"


def test_the_worked_estimate_of_the_domain_from_what_was_keyed():
    terms = keyed(
        deductible=Decimal(500), deductible_left=Decimal(100), coinsurance=Decimal("0.2"), copay=Decimal(0),
        out_of_pocket=Decimal(2000), out_of_pocket_left=Decimal(110),
    )  # fmt: skip
    answer = answer_of(terms, person=PERSON, payer=PAYER)
    found = estimate(Decimal(240), benefits_of(answer, service_type="98", on=ON))
    assert (found.low, found.high) == (Decimal("110.00"), Decimal("110.00"))
    silent = estimate(Decimal(240), benefits_of(answer_of(KEYED, person=PERSON, payer=PAYER), service_type="98", on=ON))
    assert not silent.is_exact and "not stated" in silent.label, "what was not said is unknown, not zero"
    outside = benefits_of(answer_of(keyed(copay=Decimal(20), in_network=False), person=PERSON, payer=PAYER),
                          service_type="98", on=ON)  # fmt: skip
    assert outside.copay is None, "a figure out of network is none in network"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"source": "hearsay"}, "source"), ({"reference": "  "}, "reference"), ({"status": "unknown"}, "status"),
        ({"start": ON, "last": date(2026, 9, 29)}, "before the first"), ({"coinsurance": Decimal(20)}, "percent"),
        ({"copay": Decimal(-1)}, "copay"), ({"deductible": Decimal(1), "deductible_left": Decimal(2)}, "left"),
        ({"out_of_pocket": Decimal(1), "out_of_pocket_left": Decimal(2)}, "left"),
        ({"authorization_required": "X"}, "authorization"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_answer_is_refused_without_a_patient_in_the_message(given, says):
    with pytest.raises(KeyedAnswerRefused, match=says) as found:
        answer_of(keyed(**given), person=PERSON, payer=PAYER)
    assert "TESTER" not in str(found.value)


def test_a_silence_is_asked_again_after_1_5_and_30_minutes_and_never_within_ninety_seconds():
    assert [minutes_after_silence(tries=tries) for tries in range(1, 6)] == [1, 5, 30, None, None]
    asked = datetime(2026, 9, 30, 12, 0, 0, tzinfo=UTC)
    at_once = again_at(now=asked.replace(second=2), asked_at=asked, minutes=1)
    assert at_once == asked.replace(minute=1, second=30), "a quick refusal does not make a quick repeat"
    assert again_at(now=asked.replace(minute=1), asked_at=asked, minutes=5) == asked.replace(minute=6)
