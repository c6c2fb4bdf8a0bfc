"""GuideBuilder: refuses a wrong segment at its line, tells what is missing at the end, and says what `check` says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from claimwright.claims.to_x12.claims import WRITERS
from claimwright.x12 import Delimiters, Fault, Segment, Severity, ValueRefused, building, guides, read
from claimwright.x12.building import GuideBuilder, SegmentRefused, TransactionRefused, judge
from claimwright.x12.check import check
from claimwright.x12.guides import Guide
from claimwright.x12.loops import guide_of
from claimwright.x12.writer import Envelope, InterchangeBuilder, Raw
from tests.lib.builders import RECEIVER, SUBMITTER, WHEN, a_claim, a_dependent_claim
from tests.lib.kind_builders import a_dental_claim, an_inpatient_claim

GOLDEN = Path(__file__).parents[2] / "golden"
SECRET = "QZXSECRETQZX"  # stands for a patient's value: no exception may show it


def guide(name: str, set_id: str = "") -> Guide:
    found = guides.find(name, set_id)
    assert found is not None
    return found


PROFESSIONAL = guide("005010X222A1")
REMITTANCE = guide("005010X221A1")


def professional(**options: object) -> GuideBuilder:
    """An 837P as far as the billing provider's number."""
    builder = GuideBuilder(PROFESSIONAL, "0001", **options)  # type: ignore[arg-type]
    builder.add("BHT", "0019", "00", "REF1", date(2026, 9, 8), "0930", "CH")
    builder.add("NM1", "41", "2", "LAKESIDE", None, None, None, None, "46", "LAKE01")
    builder.add("PER", "IC", "BILLING", "TE", "6085550142")
    builder.add("NM1", "40", "2", "CLEARINGHOUSE", None, None, None, None, "46", "CLEAR")
    builder.level("20")
    builder.add("NM1", "85", "2", "LAKESIDE", None, None, None, None, "XX", "1000000004")
    builder.add("N3", "400 MAIN ST")
    builder.add("N4", "MADISON", "WI", "537031234")
    builder.add("REF", "EI", "391234567")
    return builder


def subscriber(builder: GuideBuilder, relationship: str | None = "18") -> GuideBuilder:
    builder.level("22")
    builder.add("SBR", "P", relationship, "GRP1", None, None, None, None, None, "CI")
    builder.add("NM1", "IL", "1", "TESTER", "ANNA", None, None, None, "MI", "W123")
    if relationship:
        builder.add("N3", "12 BIRCH ST")
        builder.add("N4", "MADISON", "WI", "53703")
        builder.add("DMG", "D8", date(1980, 5, 17), "F")
    builder.add("NM1", "PR", "2", "NORTHERN MUTUAL", None, None, None, None, "PI", "60054")
    return builder


def claim(builder: GuideBuilder, number: str = "CW1", lines: int = 1) -> GuideBuilder:
    facility = ("11", "B", "1")
    builder.add("CLM", number, Decimal(150) * lines, None, None, facility, "Y", "A", "Y", "Y")
    builder.add("HI", ("ABK", "J069"))
    for _ in range(lines):
        builder.counter()
        builder.add("SV1", ("HC", "99213"), Decimal("150.00"), "UN", 1, None, None, ("1",))
        builder.add("DTP", "472", "D8", date(2026, 8, 31))
    return builder


def as_file(builder: GuideBuilder, segments: list[Segment]) -> bytes:
    interchange = InterchangeBuilder(Envelope(sender_id="S", receiver_id="R"), 1, WHEN, builder.delimiters)
    interchange.add_group(builder.set_id, 1, builder.guide, [segments])
    return interchange.build()


def rejected(data: bytes) -> list[str]:
    return [fault.id for fault in check(data, level=4) if fault.severity is Severity.REJECT]


def test_a_sound_claim_is_built_and_passes() -> None:
    builder = claim(subscriber(professional()), lines=2)
    segments = builder.build()
    assert [segment.id for segment in segments][-1] == "SE"
    assert segments[-1][1] == str(len(segments))
    assert [segment[1] for segment in segments if segment.id == "LX"] == ["1", "2"]
    assert rejected(as_file(builder, segments)) == []
    assert builder.loop == "2400"


def test_it_may_go_on_after_it_was_built() -> None:
    builder = claim(subscriber(professional()))
    first = builder.build()
    claim(builder, "CW2", 3)
    second = builder.build()
    assert second[: len(first) - 1] == first[:-1]
    assert [segment[1] for segment in second if segment.id == "LX"] == ["1", "1", "2", "3"]
    assert rejected(as_file(builder, second)) == []


# --- refusals at the line

Step = Callable[[GuideBuilder], object]


@dataclass
class Refusal:
    step: Step
    id: str
    loop: str
    at: str
    element: int = 0


REFUSALS = {
    "unknown segment": Refusal(lambda b: b.add("ZZZ", SECRET), "SNIP2-SEGMENT-UNKNOWN", "2010BB", "ZZZ"),
    "misplaced segment": Refusal(lambda b: b.add("SV1", ("HC", SECRET), 1), "SNIP2-SEGMENT-UNEXPECTED", "2010BB", "SV1"),
    "too late": Refusal(lambda b: b.add("PAT", *[None] * 8, "Y"), "SNIP2-SEGMENT-MISPLACED", "2000B", "PAT"),
    "wrong qualifier": Refusal(lambda b: b.add("REF", "QQ", SECRET), "SNIP2-SEGMENT-UNEXPECTED", "2010BB", "REF"),
    "code not listed": Refusal(
        lambda b: b.add("CLM", SECRET, 150, None, None, ("11", "B", "1"), "Y", "Q", "Y", "Y"), "SNIP2-CODE", "2300", "CLM", 7,
    ),
    "element missing": Refusal(lambda b: b.add("CLM", SECRET), "SNIP2-ELEMENT-MISSING", "2300", "CLM", 2),
    "too long": Refusal(lambda b: b.add("N3", SECRET * 9), "SNIP1-ELEMENT-LONG", "2010BB", "N3", 1),
    "not a number": Refusal(
        lambda b: b.add("CLM", "CW1", SECRET, None, None, ("11", "B", "1"), "Y", "A", "Y", "Y"),
        "SNIP1-NUMBER", "2300", "CLM", 2,
    ),
    "three decimals": Refusal(
        lambda b: b.add("CLM", "CW1", Decimal("1.234"), None, None, ("11", "B", "1"), "Y", "A", "Y", "Y"),
        "SNIP1-AMOUNT-DECIMALS", "2300", "CLM", 2,
    ),
    "loop once too often": Refusal(
        lambda b: b.add("NM1", "PR", "2", SECRET, None, None, None, None, "PI", "60054"),
        "SNIP2-LOOP-TOO-MANY", "2010BB", "NM1",
    ),
    "repeats": Refusal(lambda b: b.add("N3", Raw(f"{SECRET}^{SECRET}")), "SNIP1-REPEATS", "2010BB", "N3", 1),
    "element not used": Refusal(lambda b: b.add("N3", "A", "B", SECRET), "SNIP1-ELEMENT-TOO-MANY", "2010BB", "N3", 3),
    "level with a number of its own": Refusal(lambda b: b.add("HL", 9, 1, "22", "0"), "SNIP2-HL-SEQUENCE", "2000B", "HL", 1),
    "level below nothing": Refusal(lambda b: b.level("22", parent=7), "SNIP2-HL-PARENT", "2000B", "HL", 2),
    "level of no kind": Refusal(lambda b: b.level("99"), "SNIP2-SEGMENT-UNEXPECTED", "2010BB", "HL"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_wrong_is_refused_where_it_is_written(name: str) -> None:
    row, builder = REFUSALS[name], subscriber(professional())
    before, loop = list(builder.segments), builder.loop
    with pytest.raises(SegmentRefused) as refusal:
        row.step(builder)
    found = [fault for fault in refusal.value.faults if fault.id == row.id and fault.element == row.element]
    assert [(fault.loop, fault.segment_id, fault.segment) for fault in found] == [(row.loop, row.at, len(before) + 1)]
    text = str(refusal.value)
    assert SECRET not in text and SECRET not in repr(refusal.value)
    assert row.id in text and row.at in text and f"loop {row.loop}" in text
    assert text.count(". ") >= 1  # a fix stands behind the rule
    # The builder is as it was: put right, it goes on and passes.
    assert builder.segments == before and builder.loop == loop
    assert rejected(as_file(builder, claim(builder).build())) == []


def test_a_line_without_its_counter_is_refused() -> None:
    builder = subscriber(professional())
    builder.add("CLM", "CW1", 150, None, None, ("11", "B", "1"), "Y", "A", "Y", "Y")
    builder.add("HI", ("ABK", "J069"))
    with pytest.raises(SegmentRefused) as refusal:
        builder.add("SV1", ("HC", "99213"), 150, "UN", 1, None, None, ("1",))
    assert "LX (loop 2400)" in refusal.value.expected
    builder.counter()
    builder.add("SV1", ("HC", "99213"), 150, "UN", 1, None, None, ("1",))
    builder.add("DTP", "472", "D8", date(2026, 8, 31))
    builder.build()


def test_a_payment_without_its_counter_is_refused() -> None:
    builder = GuideBuilder(REMITTANCE, "0001", level=2)
    builder.add("BPR", "I", 0, "C", "NON", *[None] * 11, date(2026, 9, 8))
    builder.add("TRN", "1", "CHECK1", "1512345678")
    builder.add("N1", "PR", "NORTHERN MUTUAL")
    builder.add("N3", "1 PAYER PLAZA")
    builder.add("N4", "CHICAGO", "IL", "60601")
    builder.add("PER", "BL", "PROVIDER LINE", "TE", "5555550199")
    builder.add("N1", "PE", "LAKESIDE", "XX", "1000000004")
    with pytest.raises(SegmentRefused) as refusal:
        builder.add("CLP", "CW1", "1", 150, 0, None, "12", "PCN1")
    assert [(fault.id, fault.segment_id) for fault in refusal.value.faults] == [("SNIP2-SEGMENT-MISSING", "LX")]
    assert "LX (loop 2000)" in refusal.value.expected
    builder.counter()
    builder.add("CLP", "CW1", "1", 150, 0, None, "12", "PCN1")
    builder.add("NM1", "QC", "1", "TESTER")
    builder.build()


def test_one_segment_too_many_is_refused() -> None:
    builder = claim(subscriber(professional()))
    with pytest.raises(SegmentRefused) as refusal:
        builder.add("DTP", "472", "D8", date(2026, 8, 31))
    assert [fault.id for fault in refusal.value.faults] == ["SNIP2-SEGMENT-TOO-MANY"]


def test_a_refusal_says_what_could_come() -> None:
    builder = professional()
    with pytest.raises(SegmentRefused) as refusal:
        builder.add("CLM", "CW1", 150)
    assert "PER*IC" in refusal.value.expected
    assert "NM1*87 (loop 2010AB)" in refusal.value.expected
    assert "HL***22 (loop 2000B)" in refusal.value.expected
    assert not any(one.startswith(("SE", "N4", "NM1*85")) for one in refusal.value.expected)
    assert "HL***22 (loop 2000B)" in str(refusal.value)


@pytest.mark.parametrize("name", ["ISA", "GS", "ST", "SE", "GE", "IEA"])
@pytest.mark.parametrize("lenient", [False, True])
def test_the_envelope_is_not_the_callers(name: str, lenient: bool) -> None:
    builder = professional(lenient=lenient)
    with pytest.raises(ValueRefused, match="envelope"):
        builder.add(name, "1")
    assert builder.segments[-1].id == "REF"


def test_what_breaks_the_wire_is_refused_even_by_a_lenient_builder() -> None:
    builder = professional(lenient=True)
    with pytest.raises(ValueRefused):
        builder.add("N3", f"{SECRET}~")
    assert builder.segments[-1].id == "REF"


def test_the_control_number_is_judged_too() -> None:
    with pytest.raises(SegmentRefused) as refusal:
        GuideBuilder(PROFESSIONAL, "1")
    assert [(fault.id, fault.element) for fault in refusal.value.faults] == [("SNIP1-ELEMENT-SHORT", 2)]


# --- what is known at the end


def test_what_is_missing_is_told_at_the_end_all_at_once() -> None:
    builder = subscriber(professional())
    builder.add("CLM", "CW1", 175, None, None, ("11", "B", "7"), "Y", "A", "Y", "Y")
    builder.counter()
    builder.add("SV1", ("HC", "99213"), 150, "UN", 1, None, None, ("1",))
    with pytest.raises(TransactionRefused) as refusal:
        builder.build()
    ids = {fault.id for fault in refusal.value.faults}
    assert {
        "SNIP2-SEGMENT-MISSING", "SNIP3-CLAIM-CHARGE", "SNIP4-REPLACEMENT-REFERENCE", "SNIP4-DIAGNOSIS-POINTER",
    } <= ids, ids  # fmt: skip
    missing = {fault.segment_id for fault in refusal.value.faults if fault.id == "SNIP2-SEGMENT-MISSING"}
    assert missing == {"HI", "DTP"}
    text = str(refusal.value)
    assert "SNIP3-CLAIM-CHARGE" in text and "175" not in text
    # What is missing at the end may still be added.
    builder.add("DTP", "472", "D8", date(2026, 8, 31))
    with pytest.raises(TransactionRefused) as refusal:
        builder.build()
    assert {fault.segment_id for fault in refusal.value.faults if fault.id == "SNIP2-SEGMENT-MISSING"} == {"HI"}


def test_the_level_says_how_far_it_looks() -> None:
    def build(level: int) -> None:
        builder = subscriber(professional(level=level))
        builder.add("CLM", "CW1", 175, None, None, ("11", "B", "7"), "Y", "A", "Y", "Y")
        builder.add("HI", ("ABK", "J069"))
        builder.counter()
        builder.add("SV1", ("HC", "99213"), 150, "UN", 1, None, None, ("1",))
        builder.add("DTP", "472", "D8", date(2026, 8, 31))
        builder.build()

    build(2)
    for level, expected in ((3, {3}), (4, {3, 4})):
        with pytest.raises(TransactionRefused) as refusal:
            build(level)
        assert {fault.snip for fault in refusal.value.faults} == expected


def test_many_faults_do_not_make_an_endless_text() -> None:
    builder = subscriber(professional())
    for number in range(30):
        builder.add("CLM", f"CW{number}", 150, None, None, ("11", "B", "1"), "Y", "A", "Y", "Y")
    with pytest.raises(TransactionRefused) as refusal:
        builder.build()
    assert len(refusal.value.faults) >= 60
    assert "more" in str(refusal.value) and len(str(refusal.value)) < 3000


def test_a_lenient_builder_collects() -> None:
    builder = professional(lenient=True)
    builder.add("ZZZ", SECRET)
    assert [fault.id for fault in builder.faults] == ["SNIP2-SEGMENT-UNKNOWN"]
    subscriber(builder)
    builder.add("N3", SECRET * 9)
    claim(builder)
    assert [fault.id for fault in builder.faults] == ["SNIP2-SEGMENT-UNKNOWN", "SNIP1-ELEMENT-LONG"]
    builder.add("REF", "6R", "L1")
    segments = builder.build()
    told = [(fault.id, fault.segment, fault.element) for fault in builder.faults]
    expected = [(fault.id, fault.segment, fault.element) for fault in check(as_file(builder, segments), level=4)]
    assert told == expected and len(told) == 2


# --- levels and counters


def test_levels_number_and_flag_themselves() -> None:
    builder = subscriber(professional(), relationship=None)
    builder.level("23")
    builder.add("PAT", "19")
    builder.add("NM1", "QC", "1", "TESTER", "TIM")
    builder.add("N3", "12 BIRCH ST")
    builder.add("N4", "MADISON", "WI", "53703")
    builder.add("DMG", "D8", date(2015, 5, 17), "M")
    claim(builder)
    claim(subscriber(builder), "CW2")
    builder.level("20")
    builder.add("NM1", "85", "2", "HILLSIDE", None, None, None, None, "XX", "1234567893")
    builder.add("N3", "12 HILL ROAD")
    builder.add("N4", "SPRINGFIELD", "IL", "627011234")
    builder.add("REF", "EI", "123456789")
    claim(subscriber(builder), "CW3")
    segments = builder.build()
    assert [segment.elements[1:] for segment in segments if segment.id == "HL"] == [
        ["1", "", "20", "1"], ["2", "1", "22", "1"], ["3", "2", "23", "0"], ["4", "1", "22", "0"],
        ["5", "", "20", "1"], ["6", "5", "22", "0"],
    ]  # fmt: skip
    assert rejected(as_file(builder, segments)) == []


def test_a_parent_may_be_named_and_must_be_open() -> None:
    builder = professional()
    first = builder.segments[5]
    assert first.id == "HL"
    claim(subscriber(builder))
    assert builder.level("22", parent=first)[2] == "1"
    with pytest.raises(SegmentRefused) as refusal:
        builder.level("23", parent=first)
    assert [(fault.id, fault.element) for fault in refusal.value.faults] == [("SNIP2-HL-PARENT", 2)]


def test_a_level_without_its_child_is_told_at_the_end() -> None:
    builder = professional()
    with pytest.raises(TransactionRefused) as refusal:
        builder.build()
    assert {"SNIP2-LOOP-MISSING", "SNIP4-HL-CHILD"} <= {fault.id for fault in refusal.value.faults}


def test_a_level_that_rejects_promises_a_child_and_has_none() -> None:
    builder = GuideBuilder(guide("005010X279A1", "271"), "0001")
    builder.add("BHT", "0022", "11", "REF1", date(2026, 9, 8), "0930")
    builder.level("20", has_child=True)
    builder.add("AAA", "Y", None, "42", "R")
    builder.add("NM1", "PR", "2", "NORTHERN MUTUAL", None, None, None, None, "PI", "60054")
    segments = builder.build()
    assert [segment[4] for segment in segments if segment.id == "HL"] == ["1"]


def test_a_guide_without_child_flags_at_a_level_gets_none() -> None:
    builder = GuideBuilder(guide("005010X214"), "0001", lenient=True)
    builder.add("BHT", "0085", "08", "ACK1", date(2026, 9, 8), "0930", "TH")
    for code in ("20", "21", "19", "PT"):
        builder.level(code)
    assert [segment.elements[1:] for segment in builder.segments if segment.id == "HL"] == [
        ["1", "", "20", "1"], ["2", "1", "21", "1"], ["3", "2", "19", "1"], ["4", "3", "PT"],
    ]  # fmt: skip


def test_counters_count_through_a_remittance() -> None:
    builder = GuideBuilder(REMITTANCE, "0001", lenient=True)
    for number in range(3):
        builder.counter()
        builder.add("CLP", f"CW{number}", "1", 150, 100, None, "12", "PCN")
    assert [segment[1] for segment in builder.segments if segment.id == "LX"] == ["1", "2", "3"]


def test_counters_of_a_member_count_each_on_its_own() -> None:
    builder = GuideBuilder(guide("005010X220A1"), "0001", lenient=True)
    for _ in range(2):
        builder.add("INS", "Y", "18", "030", None, "A")
        builder.add("HD", "030", None, "HLT")
        for _ in range(2):
            builder.counter()
            builder.add("NM1", "P3", "1", "REED", *[None] * 6, "25")
        builder.add("LS", "2700")
        builder.counter()
        builder.add("N1", "75", "PLANT")
        builder.add("LE", "2700")
    assert [segment[1] for segment in builder.segments if segment.id == "LX"] == ["1", "2", "1"] * 2


# --- against everything there is


@dataclass
class Told:
    guide: Guide
    control: str
    delimiters: Delimiters
    segments: list[Segment]


def transactions(folder: str) -> list[Told]:
    found = []
    for path in sorted(GOLDEN.glob(f"*/{folder}/*.edi")):
        for one in read(path.read_bytes()).transactions():
            chosen = guide_of(one)
            if chosen is not None and not any(segment.id == "BIN" for segment in one.segments):
                found.append(Told(chosen, one.control_number, one.st.delimiters, one.segments[1:]))
    return found


def add(builder: GuideBuilder, segment: Segment) -> None:
    builder.add(segment.id, *(Raw(text) for text in segment.elements[1:]))


def test_every_golden_file_can_be_built() -> None:
    found = transactions("pass")
    assert len(found) > 60
    for one in found:
        builder = GuideBuilder(one.guide, "0001", one.delimiters, level=2)
        for segment in one.segments[:-1]:
            add(builder, segment)
        built = builder.build()
        assert [segment.elements for segment in built[1:-1]] == [segment.elements for segment in one.segments[:-1]]


def own(faults: list[Fault], number: int) -> list[tuple[str, int, int, int, str]]:
    """What is said of a segment itself, not of what is missing before it or does not add up."""
    return sorted(
        (fault.id, fault.element, fault.component, fault.repeat, fault.segment_id)
        for fault in faults
        if fault.segment == number and fault.snip <= 2
    )


def agrees(one: Told, segments: list[Segment]) -> int:
    """The lenient builder says at each segment what the judge of the whole says of it. How many faults there were."""
    builder = GuideBuilder(one.guide, "0001", one.delimiters, lenient=True)
    told: list[list[Fault]] = [[]]
    for segment in segments:
        before = len(builder.faults)
        add(builder, segment)
        told.append(builder.faults[before:])
    whole = [
        fault for fault in judge(one.guide, [*builder.segments], one.delimiters, level=2)
        if not fault.id.startswith(("SNIP2-LS", "SNIP2-LE"))
    ]  # fmt: skip
    for number, faults in enumerate(told, 1):
        at = builder.segments[number - 1].id
        missing = {"SNIP2-SEGMENT-MISSING", "SNIP2-LOOP-MISSING"}
        expected = [one for one in own(whole, number) if one[0] not in missing]
        said = [one for one in own(faults, number) if one[0] not in missing]
        assert said == expected, (one.guide.name, number, at)
        assert {fault.id for fault in faults if fault.id in missing} <= {"SNIP2-SEGMENT-MISSING"}
    return len(whole)


def test_broken_files_are_told_as_they_are_checked() -> None:
    assert sum(agrees(one, [s for s in one.segments if s.id not in ("SE", "ST")]) for one in transactions("fail")) > 100


@pytest.mark.parametrize("seed", range(4))
def test_files_with_segments_moved_doubled_and_lost_are_told_as_they_are_checked(seed: int) -> None:
    chance = random.Random(seed)
    for one in transactions("pass"):
        segments = one.segments[:-1]
        for _ in range(3):
            at, to = chance.randrange(len(segments)), chance.randrange(len(segments))
            deed = chance.choice(("move", "double", "lose"))
            moved = segments[at]
            if deed != "double" and len(segments) > 2:
                segments = [*segments[:at], *segments[at + 1 :]]
            if deed != "lose":
                segments = [*segments[:to], moved, *segments[to:]]
        agrees(one, segments)


@pytest.mark.skipif(not str(building.__file__).endswith(".py"), reason="compiled code cannot be made to overlook")
def test_a_builder_that_overlooks_something_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary of the comparisons above."""
    monkeypatch.setattr("claimwright.x12.building._one_too_many", lambda loop, place: False)
    with pytest.raises(AssertionError):
        for one in transactions("pass"):
            agrees(one, [*one.segments[:1], *one.segments[:-1]])


def test_a_strict_builder_refuses_just_what_a_lenient_one_rejects() -> None:
    for one in transactions("fail"):
        lenient = GuideBuilder(one.guide, "0001", one.delimiters, lenient=True)
        strict = GuideBuilder(one.guide, "0001", one.delimiters)
        for segment in one.segments:
            if segment.id in ("ST", "SE"):
                continue
            before = len(lenient.faults)
            add(lenient, segment)
            wrong = any(fault.severity is Severity.REJECT for fault in lenient.faults[before:])
            if wrong:
                with pytest.raises(SegmentRefused):
                    add(strict, segment)
                break
            add(strict, segment)


@pytest.mark.parametrize("noun", [a_claim(), a_dependent_claim(), an_inpatient_claim(), a_dental_claim()])
def test_the_writers_of_claims_write_into_it(noun) -> None:
    kind = WRITERS[noun.kind]
    builder = GuideBuilder(guide(kind.guide), "0001")
    writer = kind(builder)
    writer.header(SUBMITTER, RECEIVER, "BATCH1", WHEN, noun.transaction_type)
    writer.claims([noun])
    assert rejected(as_file(builder, builder.build())) == []
