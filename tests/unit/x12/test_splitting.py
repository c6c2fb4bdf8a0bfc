"""Splitting and joining: nothing is lost, and parts of what was right are right."""

from __future__ import annotations

from collections import Counter

import pytest

from claimwright.x12 import Document, read
from claimwright.x12.check import check
from claimwright.x12.joining import Joiner, JoinRefused
from claimwright.x12.splitting import WAYS, SplitRefused, split
from tests.lib.golden_x12 import FILES, PASSING, name_of, of_kind
from tests.lib.x12_samples import CLEAN

CLAIM_FILES = of_kind("837P", "837I", "837D")
ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")


def parts(data: bytes, by: str, **how: int) -> dict[int, bytes]:
    texts: dict[int, str] = {}
    for piece in split(data, by, **how):
        texts[piece.part] = texts.get(piece.part, "") + piece.text
    return {part: text.encode("latin-1") for part, text in texts.items()}


def joined(*sources: bytes, **how: int) -> bytes:
    return "".join(Joiner([lambda data=data: data for data in sources], **how)).encode("latin-1")


def faults(data: bytes) -> set[str]:
    return {fault.id for fault in check(data)}


def inner(document: Document) -> list[list[str]]:
    """The elements of all transactions without their ST and SE."""
    return [
        segment.elements
        for transaction in document.transactions()
        for segment in transaction.segments
        if segment.id not in ENVELOPE
    ]


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_parts_have_no_fault_that_the_whole_had_not(path, by):
    data = path.read_bytes()
    try:
        found = parts(data, by)
    except SplitRefused:
        return
    whole = faults(data)
    for part in found.values():
        assert faults(part) <= whole


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_by_transaction_and_by_interchange_lose_nothing(path):
    data = path.read_bytes()
    whole = read(data)
    try:
        found = parts(data, "transaction")
    except SplitRefused:
        return
    assert [row for part in found.values() for row in inner(read(part))] == inner(whole)
    assert b"".join(parts(data, "interchange").values()).count(b"ST") == data[data.find(b"ISA") :].count(b"ST")


@pytest.mark.parametrize("path", CLAIM_FILES, ids=name_of)
@pytest.mark.parametrize("claims", [1, 2, 3])
def test_by_claim_keeps_every_claim_and_its_lines(path, claims):
    data = path.read_bytes()
    try:
        found = parts(data, "claim", claims=claims)
    except SplitRefused:
        return
    for name in ("CLM", "SV1", "SV2", "SV3", "DTP", "CAS", "HI"):
        before = [one.elements for one in read(data).segments if one.id == name]
        after = [one.elements for part in found.values() for one in read(part).segments if one.id == name]
        assert after == before, name
    for part in found.values():
        assert 1 <= sum(one.id == "CLM" for one in read(part).segments) <= claims


def test_a_subscriber_with_a_claim_and_a_dependent_is_told_apart():
    own = CLEAN["837P"].decode()
    claim = own[own.index("CLM*") : own.index("SE*42")]
    dependent = (
        "HL*3*2*23*0~\nPAT*19~\nNM1*QC*1*ABLE*TIM~\nN3*5 OAK STREET~\nN4*SPRINGFIELD*IL*62701~\nDMG*D8*20150102*M~\n"
    )
    both = claim + dependent + claim.replace("CLAIM-1", "CLAIM-2")
    count = 42 + dependent.count("~") + claim.count("~")
    family = own.replace("HL*2*1*22*0", "HL*2*1*22*1").replace(claim, both).replace("SE*42*", f"SE*{count}*")
    base = faults(family.encode())
    alone = parts(family.encode(), "claim")
    assert [part.count(b"HL*2*1*22*0") for part in alone.values()] == [1, 0]
    assert [part.count(b"HL*2*1*22*1") for part in alone.values()] == [0, 1]
    together = parts(family.encode(), "claim", claims=2)
    assert len(together) == 1 and together[1].count(b"HL*2*1*22*1") == 1
    for part in (*alone.values(), *together.values()):
        assert faults(part) <= base


def test_by_provider_gathers_what_is_one_providers():
    data = joined(*(path.read_bytes() for path in of_kind("837P", passing=True)))
    found = parts(data, "provider")
    claims = Counter(one[1] for one in read(data).segments if one.id == "CLM")
    assert Counter(one[1] for part in found.values() for one in read(part).segments if one.id == "CLM") == claims
    for part in found.values():
        names = {one[9] or one[3] for one in read(part).segments if one.id == "NM1" and one[1] == "85"}
        assert len(names) == 1


def test_payments_go_to_their_payees():
    files = of_kind("835", passing=True)
    data = joined(*(path.read_bytes() for path in files))
    found = parts(data, "provider")
    assert sum(len(list(read(part).transactions())) for part in found.values()) == len(files)
    for part in found.values():
        assert len({one[4] or one[2] for one in read(part).segments if one.id == "N1" and one[1] == "PE"}) == 1


@pytest.mark.parametrize(
    ("data", "by", "says"),
    [
        (CLEAN["835"], "claim", "one payment"),
        (CLEAN["999"], "claim", "cannot be split by claim"),
        (CLEAN["837P"], "color", "one of"),
        (CLEAN["837P"][CLEAN["837P"].index(b"ST*") :], "transaction", ""),
    ],
)
def test_what_would_not_be_valid_is_refused_in_a_sentence(data, by, says):
    if not says:
        assert parts(data, by) == {}  # no ISA: no segments at all
        return
    with pytest.raises(SplitRefused, match=says):
        parts(data, by)


def test_control_numbers_can_be_given():
    found = parts(joined(CLEAN["837P"], CLEAN["837P"]), "transaction", control_number=41)
    assert [read(part).interchanges[0].control_number for part in found.values()] == ["000000041", "000000042"]
    assert all(not faults(part) for part in found.values())


# Joining -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted({path.relative_to(path.parents[2]).parts[0] for path in PASSING}))
def test_joined_files_hold_all_transactions_and_no_new_fault(kind):
    sources = [path.read_bytes() for path in of_kind(kind, passing=True)]
    data = joined(*sources)
    document = read(data)
    assert sum(len(list(read(one).transactions())) for one in sources) == len(list(document.transactions()))
    assert faults(data) <= set().union(*(faults(one) for one in sources))
    numbers = [interchange.control_number for interchange in document.interchanges]
    assert len(set(numbers)) == len(numbers)


def test_transactions_are_numbered_and_keep_every_other_element():
    data = joined(CLEAN["835"], CLEAN["835"], CLEAN["837P"])
    document = read(data)
    assert [[one.control_number for one in group.transactions] for one in document.interchanges for group in one.groups] == [
        ["0001", "0002"], ["0001"]
    ]  # fmt: skip
    assert inner(document) == inner(read(CLEAN["835"])) * 2 + inner(read(CLEAN["837P"]))
    assert not faults(data)


def test_other_separators_are_taken_over():
    other = CLEAN["835"].replace(b"*", b"|").replace(b":", b">").replace(b"~\n", b"~")
    document = read(joined(CLEAN["835"], other))
    assert len(document.interchanges) == 1
    assert inner(document) == inner(read(CLEAN["835"])) * 2


def test_splitting_what_was_joined_gives_the_parts_back():
    found = parts(joined(CLEAN["837P"], CLEAN["837P"]), "transaction")
    assert [inner(read(part)) for part in found.values()] == [inner(read(CLEAN["837P"]))] * 2


def test_a_file_that_was_cut_off_is_refused():
    with pytest.raises(JoinRefused, match="no SE"):
        joined(CLEAN["835"][: CLEAN["835"].index(b"SE*29")])
