"""Claims to files by a partner's limits: each claim in one file or set aside, each file numbered, checked and told of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.batches import Batch, Manifest, write_batch
from claimwright.claims.to_x12.parties import Submitter
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import Delimiters, Envelope, Severity, ValueRefused, read
from claimwright.x12.check import check
from claimwright.x12.control_numbers import LAST, ControlNumbersRefused, MemoryControlNumbers, Series
from claimwright.x12.limits import PartnerLimits
from tests.lib.builders import (
    ENVELOPE,
    RECEIVER,
    SUBMITTER,
    WHEN,
    a_claim,
    a_coverage,
    a_dependent_claim,
    a_line,
    a_patient,
    person_of,
)  # fmt: skip
from tests.lib.kind_builders import a_dental_claim, an_inpatient_claim

Files = list[tuple[bytes, Manifest]]


def batch(claims: Iterable[Claim], numbers: MemoryControlNumbers | None = None, **options: Any) -> Batch:
    told: dict[str, Any] = {"level": 4, "reference": "BATCH1", "submitter": SUBMITTER}
    for name in ("level", "reference", "submitter", "vocabulary"):
        if name in options:
            told[name] = options.pop(name)
    limits = PartnerLimits(**({"envelope": ENVELOPE} | options))
    return write_batch(
        claims, receiver=RECEIVER, limits=limits, numbers=numbers or MemoryControlNumbers(), when=WHEN, **told
    )


def claims(count: int, **overrides: Any) -> list[Claim]:
    return [a_claim(control_number=f"CW{number}", **overrides) for number in range(count)]


def patient(number: int) -> Claim:
    """A claim of a patient of its own."""
    who = a_patient(first_name=f"ANNA{number}")
    cover = a_coverage(member_id=f"W{number}", subscriber=person_of(who))
    return a_claim(control_number=f"CW{number}", patient=who, coverage=cover)


def counts(files: Files) -> list[list[list[int]]]:
    """Claims of each transaction of each group of each file."""
    return [
        [[len(one.claims) for one in group.transactions] for group in manifest.groups] for _, manifest in files
    ]  # fmt: skip


def sound(data: bytes) -> bool:
    return not [fault for fault in check(data, level=4) if fault.severity is Severity.REJECT]


def sent(files: Files) -> list[str]:
    return [claim.control_number for data, _ in files for one in read_file(data) for claim in one.claims]


def test_no_claims_no_file() -> None:
    numbers = MemoryControlNumbers()
    assert list(batch([], numbers)) == []
    assert numbers.last(Series.INTERCHANGE, "LAKESIDE01", "CLEARHOUSE") == 0


def test_one_file_of_one_transaction_where_nothing_limits() -> None:
    files = list(batch([patient(number) for number in range(7)]))
    ((data, manifest),) = files
    assert counts(files) == [[[7]]]
    assert sound(data)
    assert (manifest.number, manifest.control_number, manifest.size) == (1, 1, len(data))
    assert manifest.sha256 == hashlib.sha256(data).hexdigest()
    assert [claim.position for claim in manifest.claims()] == list(range(7))
    assert manifest.total_charge() == Decimal("1050.00")
    assert sorted(sent(files)) == sorted(claim.control_number for claim in manifest.claims())


def test_claims_transactions_and_groups_are_limited() -> None:
    given = [patient(number) for number in range(20)]
    made = batch(given, claims_per_transaction=2, transactions_per_group=2, groups_per_interchange=2)
    files = list(made)
    assert counts(files) == [[[2, 2], [2, 2]], [[2, 2], [2, 2]], [[2, 2]]]
    assert all(sound(data) for data, _ in files)
    assert sent(files) == [claim.control_number for claim in given]
    assert [manifest.number for _, manifest in files] == [1, 2, 3]
    assert [manifest.control_number for _, manifest in files] == [1, 2, 3]
    groups = [group for _, manifest in files for group in manifest.groups]
    assert [group.control_number for group in groups] == [1, 2, 3, 4, 5]
    transactions = [one for group in groups for one in group.transactions]
    assert [one.control_number for one in transactions] == [f"{number:04d}" for number in range(1, 11)]
    assert [one.reference for one in transactions][:3] == ["BATCH1", "BATCH1-2", "BATCH1-3"]
    for data, manifest in files:
        (interchange,) = read(data).interchanges
        assert int(interchange.control_number) == manifest.control_number
        assert [int(group.gs[6]) for group in interchange.groups if group.gs] == [
            group.control_number for group in manifest.groups
        ]
        assert [(one.control_number, one.count) for one in interchange.transactions()] == [
            (one.control_number, one.segments) for group in manifest.groups for one in group.transactions
        ]


def test_numbers_go_on_from_the_last_batch() -> None:
    numbers = MemoryControlNumbers()
    numbers.advance(Series.INTERCHANGE, "LAKESIDE01", "CLEARHOUSE", 41)
    ((_, first),) = batch(claims(1), numbers)
    ((_, second),) = batch(claims(1), numbers)
    assert (first.control_number, second.control_number) == (42, 43)
    assert [one.groups[0].control_number for one in (first, second)] == [1, 2]
    assert [one.groups[0].transactions[0].control_number for one in (first, second)] == ["0001", "0002"]


def test_a_used_up_number_stops_the_batch() -> None:
    numbers = MemoryControlNumbers()
    numbers.advance(Series.INTERCHANGE, "LAKESIDE01", "CLEARHOUSE", LAST)
    with pytest.raises(ControlNumbersRefused):
        list(batch(claims(1), numbers))


MIXED = [
    an_inpatient_claim(control_number="I1"), a_claim(control_number="P1"), a_dental_claim(control_number="D1"),
    a_claim(control_number="P2", transaction_type="RP"), an_inpatient_claim(control_number="I2"),
]  # fmt: skip


def test_kinds_and_purposes_have_transactions_of_their_own() -> None:
    files = list(batch(MIXED))
    ((data, manifest),) = files
    assert sound(data)
    assert [(group.guide, len(group.transactions)) for group in manifest.groups] == [
        ("005010X223A2", 1), ("005010X222A1", 2), ("005010X224A2", 1),
    ]  # fmt: skip
    assert sorted(sent(files)) == ["D1", "I1", "I2", "P1", "P2"]


@pytest.mark.parametrize("limits", [{"one_guide_per_file": True}, {"groups_per_interchange": 1}])
def test_guides_can_have_files_of_their_own(limits: dict[str, Any]) -> None:
    files = list(batch(MIXED, **limits))
    assert [[group.guide for group in manifest.groups] for _, manifest in files] == [
        ["005010X223A2"], ["005010X222A1"], ["005010X224A2"],
    ]  # fmt: skip
    assert sorted(sent(files)) == ["D1", "I1", "I2", "P1", "P2"]
    assert [manifest.control_number for _, manifest in files] == [1, 2, 3]


@pytest.mark.parametrize("line_break", ["", "\r\n"])
@pytest.mark.parametrize("limit", [1_500, 2_000, 4_321, 9_999])
def test_bytes_are_limited_and_files_well_filled(limit: int, line_break: str) -> None:
    given = [patient(number) for number in range(60)]
    made = batch(given, bytes_per_file=limit, line_break=line_break)
    files = list(made)
    assert made.set_aside == []
    assert max(len(data) for data, _ in files) <= limit
    assert all(sound(data) for data, _ in files)
    assert sent(files) == [claim.control_number for claim in given]
    claim_bytes = max(len(data) for data, _ in batch(given[:1], line_break=line_break))
    assert all(len(data) > limit - claim_bytes for data, _ in files[:-1])


def test_levels_that_claims_share_are_weighed_once() -> None:
    given = [a_dependent_claim(control_number=f"CW{number}") for number in range(90)]
    files = list(batch(given, bytes_per_file=10_000))
    assert len(files) == 2
    assert len(files[0][0]) > 9_700


def test_a_claim_larger_than_a_file_is_set_aside() -> None:
    large = a_claim(control_number="LARGE", lines=tuple(a_line(number=n, control_number=f"L{n}") for n in range(1, 40)))
    made = batch([*claims(1), large, a_claim(control_number="CW9")], bytes_per_file=2_000)
    files = list(made)
    assert sent(files) == ["CW0", "CW9"]
    ((position, ids),) = [(one.position, [fault.id for fault in one.faults]) for one in made.set_aside]
    assert (position, ids) == (1, ["BATCH-CLAIM-TOO-LARGE"])


def test_more_claims_of_one_patient_than_the_guide_lets_it_have() -> None:
    files = list(batch(claims(230)))
    assert counts(files) == [[[100, 100, 30]]]
    assert sound(files[0][0])


def test_a_transaction_that_is_refused_as_a_whole_is_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimwright.claims.to_x12.batches._most_claims", lambda rows: 0)  # the limit is not known
    files = list(batch(claims(230)))
    assert counts(files) == [[[57, 58, 57, 58]]]
    assert sorted(sent(files)) == sorted(claim.control_number for claim in claims(230))


def bad() -> Iterator[tuple[str, Claim, str]]:
    yield "no lines", a_claim(lines=()), "SNIP2-LOOP-MISSING"
    yield "out of balance", a_claim(total_charge=Decimal("1.00")), "SNIP3-CLAIM-CHARGE"
    yield "no such kind", a_claim(kind="Q"), "BATCH-KIND"
    yield "not writable", a_claim(control_number="CW~1"), "BATCH-VALUE"
    yield "no letter for it", a_claim(patient=a_patient(last_name="山田")), "BATCH-VALUE"
    yield "unknown purpose", a_claim(transaction_type="XX"), "SNIP2-CODE"
    yield "replaces nothing", a_claim(frequency="7"), "SNIP4-REPLACEMENT-REFERENCE"
    yield "empty", Claim(control_number="EMPTY"), "SNIP2-ELEMENT-MISSING"


@pytest.mark.parametrize(
    ("name", "claim", "fault_id"), list(bad()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_bad_claim_is_set_aside_and_named_and_the_others_go(name: str, claim: Claim, fault_id: str) -> None:
    good = claims(4)
    made = batch([*good[:2], claim, *good[2:]], claims_per_transaction=3)
    files = list(made)
    assert sent(files) == [one.control_number for one in good]
    assert all(sound(data) for data, _ in files)
    ((aside),) = made.set_aside
    assert (aside.position, aside.claim) == (2, claim)
    assert fault_id in {fault.id for fault in aside.faults if fault.severity is Severity.REJECT}, name
    assert [entry.position for _, manifest in files for entry in manifest.claims()] == [0, 1, 3, 4]


def test_code_sets_are_looked_at_when_asked_for() -> None:
    wrong = a_claim(control_number="WRONG", lines=(a_line(procedure_code="9921X3"),))
    assert sent(list(batch([wrong]))) == ["WRONG"]
    made = batch([wrong, *claims(1)], level=5, vocabulary=CodeVocabulary())
    assert sent(list(made)) == ["CW0"]
    assert "SNIP5-HCPCS-FORMAT" in {fault.id for fault in made.set_aside[0].faults}


def test_what_is_worth_a_look_stands_in_the_manifest() -> None:
    twice = [a_claim(patient=a_patient(last_name="Müller")), a_claim()]
    ((_, manifest),) = batch(twice)
    (transaction,) = manifest.groups[0].transactions
    assert {notice.segment_id for notice in transaction.notices} == {"NM1"}
    assert "SNIP4-CLAIM-DUPLICATE" in {fault.id for fault in transaction.warnings}


def test_separators_and_line_breaks_are_the_partners() -> None:
    marks = Delimiters(element="|", component=">", repetition="!", terminator="\n")
    ((data, _),) = batch(MIXED, delimiters=marks)
    assert data.startswith(b"ISA|00|") and data.endswith(b"\n") and b"*" not in data and b"~" not in data
    assert sound(data)
    ((data, _),) = batch(MIXED, line_break="\r\n")
    assert data.count(b"~\r\n") == data.count(b"~")
    assert sound(data)


def test_the_envelope_is_the_partners() -> None:
    envelope = Envelope(
        sender_id="123456789", receiver_id="987654321", sender_qualifier="30", receiver_qualifier="01", usage="P",
        application_sender="APP1", application_receiver="APP2", acknowledgement_requested="1",
    )  # fmt: skip
    ((data, _),) = batch(claims(1), envelope=envelope)
    (interchange,) = read(data).interchanges
    assert interchange.isa is not None
    assert [interchange.isa[n].strip() for n in (5, 6, 7, 8, 14, 15)] == [
        "30",
        "123456789",
        "01",
        "987654321",
        "1",
        "P",
    ]
    gs = interchange.groups[0].gs
    assert gs is not None and (gs[2], gs[3]) == ("APP1", "APP2")


@pytest.mark.parametrize(
    "limits",
    [{"claims_per_transaction": -1}, {"transactions_per_group": -1}, {"bytes_per_file": 100}, {"line_break": " "},
     {"delimiters": Delimiters(element=":")}, {"delimiters": Delimiters(terminator="A")},
     {"delimiters": Delimiters(terminator="\n"), "line_break": "\n"}, {"delimiters": Delimiters(element="\n")},
     *({"envelope": msgspec.structs.replace(ENVELOPE, **change)} for change in (
         {"usage": "X"}, {"sender_id": ""}, {"receiver_id": "A" * 16}, {"sender_id": "A"}, {"sender_id": "A*B"},
         {"sender_qualifier": "Z"}, {"receiver_qualifier": "XX"}, {"application_sender": "A" * 16},
         {"acknowledgement_requested": "9"},
     ))],
)  # fmt: skip
def test_limits_that_nobody_can_meet_are_refused_at_once(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueRefused):
        batch(claims(1), **limits)


@pytest.mark.parametrize(
    "change", [{"submitter": Submitter(name="X", identifier="")}, {"reference": "R" * 60}, {"reference": "A~B"}]
)
def test_a_header_that_no_claim_could_go_with_is_refused_at_once(change: dict[str, Any]) -> None:
    with pytest.raises(ValueRefused):
        batch(claims(1), **change)


def test_claims_are_asked_for_as_files_are() -> None:
    asked: list[int] = []

    def source() -> Iterator[Claim]:
        for number in range(1000):
            asked.append(number)
            yield patient(number)

    numbers = MemoryControlNumbers()
    files = iter(batch(source(), numbers, claims_per_transaction=2, transactions_per_group=1, groups_per_interchange=1))
    assert asked == []
    next(files)
    assert len(asked) <= 6
    assert numbers.last(Series.INTERCHANGE, "LAKESIDE01", "CLEARHOUSE") == 1
