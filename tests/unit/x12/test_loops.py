"""The loop tree: nesting by HL02, claims in B or C, tolerance of what is missing or strange."""

from __future__ import annotations

import pytest

from claimwright.x12 import guides, read
from claimwright.x12.loops import Loop, parse
from claimwright.x12.passing import stream_claims
from tests.lib.x12_samples import CLEAN, PROFESSIONAL, interchange


def tree(data: bytes) -> Loop:
    return parse(next(read(data).transactions()))


def outline(loop: Loop) -> str:
    inner = " ".join(outline(one) for one in loop.loops)
    return f"{loop.id}({inner})" if inner else loop.id


OUTLINES = {
    "837P": "ST_LOOP(1000A 1000B 2000A(2010AA 2000B(2010BA 2010BB 2300(2310B 2320(2330A 2330B) 2400(2430) 2400(2430)))))",
    "835": "ST_LOOP(1000A 1000B 2000(2100(2110 2110) 2100))",
    "277CA": "ST_LOOP(2000A(2100A 2200A 2000B(2100B 2200B 2000C(2100C 2200C 2000D(2100D 2200D)))))",
    "999": "ST_LOOP(2000(2100(2110)))",
}


@pytest.mark.parametrize("kind", OUTLINES)
def test_outline(kind: str) -> None:
    root = tree(CLEAN[kind])
    assert outline(root) == OUTLINES[kind]
    assert root.oddities == []


def patient_under_subscriber() -> list[str]:
    """The clean claim moved to a patient level, and a second subscriber with a claim of his own."""
    at = next(index for index, line in enumerate(PROFESSIONAL) if line.startswith("CLM"))
    head, claim = PROFESSIONAL[:at], PROFESSIONAL[at:]
    head = [line.replace("HL*2*1*22*0", "HL*2*1*22*1").replace("SBR*S*18", "SBR*S*") for line in head]
    patient = [
        "HL*3*2*23*0~",
        "PAT*19~",
        "NM1*QC*1*ABLE*ABEL~",
        "N3*5 OAK STREET~",
        "N4*SPRINGFIELD*IL*62701~",
        "DMG*D8*20150102*M~",
    ]
    again = [line.replace("HL*2*1*22*1", "HL*4*1*22*0") for line in head[head.index("HL*2*1*22*1~") :]]
    return [*head, *patient, *claim, *again, *[line.replace("CLAIM-1", "CLAIM-2") for line in claim]]


def test_the_patients_claim_stands_under_the_patient() -> None:
    root = tree(interchange("837", "005010X222A1", patient_under_subscriber()))
    first, second = root.descend("2300")
    assert [first.parent.id if first.parent else "", second.parent.id if second.parent else ""] == ["2000C", "2000B"]
    assert first.ancestor("2000A") is second.ancestor("2000A")


def test_hl02_decides_the_parent_and_a_bad_one_does_not_lose_the_claim() -> None:
    lines = patient_under_subscriber()
    crossed = [line.replace("HL*3*2*23", "HL*3*99*23") for line in lines]
    root = tree(interchange("837", "005010X222A1", crossed))
    assert len(list(root.descend("2300"))) == 2
    assert [oddity.kind for oddity in root.oddities] == ["orphan"]


def test_first_all_find_and_descend() -> None:
    root = tree(CLEAN["835"])
    claims = list(root.descend("2100"))
    assert [claim.segments[0][1] for claim in claims] == ["CLAIM-1", "CLAIM-2"]
    line = claims[0].loops_of("2110")[0]
    assert [segment[1] for segment in line.all("CAS")] == ["CO", "PR"]
    reductions = line.first("CAS", "PR")
    assert reductions is not None and reductions[3] == "20"
    assert line.first("CAS", "OA") is None and claims[0].find("9999") is None


def test_a_claim_payment_without_lx() -> None:
    root = tree(CLEAN["835"].replace(b"LX*1~\n", b""))
    assert [claim.segments[0][1] for claim in root.descend("2100")] == ["CLAIM-1", "CLAIM-2"]


def test_every_segment_ends_in_the_tree_once() -> None:
    for data in CLEAN.values():
        noisy = data.replace(b"~\n", b"~\nZZZ*1~\n").replace(b"N3*", b"NM1*??*")
        transaction = next(read(noisy).transactions())
        held: list[int] = []
        pending = [parse(transaction)]
        while pending:
            loop = pending.pop()
            held.extend(segment.ordinal for segment in loop.segments)
            pending.extend(loop.loops)
        assert sorted(held) == [segment.ordinal for segment in transaction.segments]


def test_without_a_guide_all_stays_in_the_root() -> None:
    transaction = next(read(CLEAN["837P"].replace(b"005010X222A1", b"005010X999")).transactions())
    root = parse(transaction)
    assert (root.id, len(root.segments), root.loops) == ("ST_LOOP", len(transaction.segments), [])
    forced = parse(transaction, guides.find("005010X222A1"))
    assert outline(forced) == OUTLINES["837P"]


def test_streamed_claims_are_the_parsed_claims() -> None:
    data = interchange("837", "005010X222A1", patient_under_subscriber())
    streamed = []
    for view in stream_claims(data):
        billing = view.claim.ancestor("2000A")
        assert billing is not None and billing.find("2010AA") is not None
        streamed.append((outline(view.claim), view.claim.parent.id if view.claim.parent else ""))
    parsed = [(outline(claim), claim.parent.id if claim.parent else "") for claim in tree(data).descend("2300")]
    assert streamed == parsed
    assert [view.claim.segments[0][1] for view in stream_claims(CLEAN["835"])] == ["CLAIM-1", "CLAIM-2"]
