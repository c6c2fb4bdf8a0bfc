"""The facts of a rendered file, read from what our own writer makes, and what mutations of it give."""

from __future__ import annotations

import msgspec
import pytest

from claimwright.claims.nouns import Address
from claimwright.claims.to_x12.professional import build_interchange
from claimwright.edits.engine import run_interchange
from claimwright.edits.facts import Facts
from claimwright.edits.interchange import Interchange, Partner, read_interchange
from tests.edits.cases import TODAY
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim, a_dependent_claim, a_secondary_claim

Rows = list[list[str]]

PARTNER = Partner(
    sender_id="LAKESIDE01",
    receiver_id="CLEARHOUSE",
    group_sender_id="LAKESIDE01",
    group_receiver_id="CLEARHOUSE",
    usage="T",
)


def rendered(**changes: object) -> Rows:
    claims = [a_claim(**changes), a_dependent_claim(), a_secondary_claim()]
    data = build_interchange(
        claims,
        submitter=SUBMITTER,
        receiver=RECEIVER,
        envelope=ENVELOPE,
        control_number=42,
        group_control_number=7,
        reference="B1",
        when=WHEN,
    )
    return [segment.split("*") for segment in data.decode().split("~") if segment]


def read(rows: Rows) -> Interchange:
    return read_interchange(rows)


def found(rows: Rows) -> list[str]:
    file = read(rows)
    partner = msgspec.structs.replace(PARTNER, usage=file.usage)
    return [f.edit_id for f in run_interchange(Facts(today=TODAY, interchange=file, partner=partner))]


def without(rows: Rows, *start: str) -> Rows:
    """The rows without the first that begins so."""
    place = next(i for i, row in enumerate(rows) if tuple(row[: len(start)]) == start)
    return rows[:place] + rows[place + 1 :]


def with_element(rows: Rows, element: int, value: str, *start: str) -> Rows:
    place = next(i for i, row in enumerate(rows) if tuple(row[: len(start)]) == start)
    changed = [*rows[place]]
    changed[element] = value
    return [*rows[:place], changed, *rows[place + 1 :]]


def test_reads_what_our_writer_makes_and_finds_nothing_wrong() -> None:
    file = read(rendered())
    assert file.sender_id == "LAKESIDE01" and file.receiver_id == "CLEARHOUSE"
    assert int(file.control_number) == 42
    assert file.guides == ("005010X222A1",)
    assert file.claims_per_transaction == (3,)
    assert file.submitter_contacts == (("6085550142",),)
    assert file.missing == ()
    assert found(rendered()) == []


@pytest.mark.parametrize(
    ("loop", "start"),
    [
        ("2010AA", ("N3",)),
        ("2010AA", ("REF", "EI")),
        ("2000B", ("SBR",)),
        ("2300", ("HI",)),
        ("2400", ("SV1",)),
        ("2400", ("DTP", "472")),
        ("1000A", ("PER",)),
    ],
)
def test_a_missing_segment_is_named_with_its_loop(loop: str, start: tuple[str, ...]) -> None:
    mutant = without(rendered(), *start)
    assert {missing.loop for missing in read(mutant).missing} == {loop}
    assert {"ENV04", "ENV11"} <= set(found(mutant))


def test_a_missing_receiver_loop_is_named() -> None:
    assert ("1000B", "NM1") in {(m.loop, m.segment_id) for m in read(without(rendered(), "NM1", "40")).missing}


@pytest.mark.parametrize(
    ("edit_id", "element", "value", "start"),
    [
        ("ENV01", 2, "OTHER", ("GS",)),
        ("ENV04", 1, "99", ("SE",)),
        ("ENV04", 2, "8", ("GE",)),
        ("ENV05", 8, "005010X222", ("GS",)),
        ("ENV05", 3, "005010X223A2", ("ST",)),
        ("ENV07", 2, "77", ("HL", "2")),
        ("ENV07", 4, "0", ("HL", "1")),
        ("ENV12", 4, "", ("PER", "IC")),
    ],
)
def test_each_mutation_is_found_by_its_edit(edit_id: str, element: int, value: str, start: tuple[str, ...]) -> None:
    assert edit_id in found(with_element(rendered(), element, value, *start))


def test_a_trailer_of_another_interchange_is_found() -> None:
    assert {"ENV02", "ENV04"} <= set(found(with_element(rendered(), 2, "000000099", "IEA")))


def test_a_pay_to_loop_does_not_hide_the_billing_loop() -> None:
    box = Address(line1="PO BOX 1", city="MADISON", state="WI", postal_code="537010001")
    assert read(rendered(pay_to_address=box)).missing == ()


def test_junk_is_read_without_an_exception() -> None:
    for rows in ([], [["ISA"]], [["SE", "x"]], [["HL"], ["CLM"], ["LX"], ["IEA"]], [[""]]):
        assert isinstance(read_interchange(rows), Interchange)
