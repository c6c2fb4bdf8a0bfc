"""Each planted fault is found, at the segment where it was planted; a clean file has none."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.x12 import Fault, Severity
from claimwright.x12.check import check
from tests.lib.pyx12_oracle import check as oracle
from tests.lib.x12_samples import CLEAN


def lines_of(kind: str) -> list[str]:
    return CLEAN[kind].decode().splitlines()


def spoiled(kind: str, change: str, count: bool = True) -> tuple[bytes, int]:
    """The clean file with one change, and the number in ST..SE where it was made.

    `change` is "-PREFIX" (delete the first such line), "+PREFIX => NEW" (insert NEW after it), or "OLD => NEW"
    (replace the first occurrence in the file). SE01 is put right unless `count` is False.
    """
    lines = lines_of(kind)
    start = next(index for index, line in enumerate(lines) if line.startswith("ST*"))
    if change.startswith("-"):
        at = next(index for index, line in enumerate(lines) if line.startswith(change[1:]))
        del lines[at]
    else:
        old, new = change.lstrip("+").split(" => ")
        at = next(index for index, line in enumerate(lines) if old in line)
        if change.startswith("+"):
            at += 1
            lines.insert(at, new)
        else:
            lines[at] = lines[at].replace(old, new, 1)
    if count:
        end = next(index for index, line in enumerate(lines) if line.startswith("SE*"))
        control = lines[end].split("*")[2]
        lines[end] = f"SE*{end - start + 1}*{control}"
    return "\n".join(lines).encode("latin-1"), at - start + 1


def ids(faults: list[Fault]) -> set[str]:
    return {fault.id for fault in faults}


@pytest.mark.parametrize("kind", CLEAN)
def test_a_clean_file_has_no_fault_here_nor_in_pyx12(kind: str) -> None:
    assert check(CLEAN[kind]) == []
    assert oracle(CLEAN[kind]) == []


PLANTED = [
    # kind, change, fault id, IK304, IK403, element
    ("837P", "-N3*12", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("837P", "-PER*IC", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("837P", "-HI*ABK", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("837P", "-OI*", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("837P", "-DTP*472", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("837P", "-NM1*40", "SNIP2-LOOP-MISSING", "3", "", 0),
    ("837P", "-NM1*PR*2*SECOND", "SNIP2-LOOP-MISSING", "3", "", 0),
    ("837P", "+REF*EI => XYZ*1~", "SNIP2-SEGMENT-UNKNOWN", "1", "", 0),
    ("837P", "+REF*EI => NM1*ZZ*1*X~", "SNIP2-SEGMENT-UNEXPECTED", "2", "", 0),
    ("837P", "+BHT => SVD*X*1*HC:99213**1~", "SNIP2-SEGMENT-UNEXPECTED", "2", "", 0),
    ("837P", "+NM1*82 => HI*BP:99213~", "SNIP2-SEGMENT-MISPLACED", "7", "", 0),
    ("837P", "+SV1*HC:99213 => SV1*HC:99214*1*UN*1***1~", "SNIP2-SEGMENT-TOO-MANY", "5", "", 0),
    ("837P", "+REF*6R => REF*6R*LINE1B~", "SNIP2-SEGMENT-TOO-MANY", "5", "", 0),
    ("837P", "+PRV*PE => NM1*82*1*OTHER*OLGA****XX*1234567893~", "SNIP2-LOOP-TOO-MANY", "4", "", 0),
    ("837P", "NM1*82*1*BAKER => NM1*82*1*", "SNIP2-ELEMENT-MISSING", "8", "1", 3),
    ("837P", "CLM*CLAIM-1*150***11:B:1 => CLM*CLAIM-1*150***11:B", "SNIP2-ELEMENT-MISSING", "8", "1", 5),
    ("837P", "CLM*CLAIM-1*150*** => CLM*CLAIM-1*150*X**", "SNIP2-ELEMENT-NOT-USED", "8", "I10", 3),
    ("837P", "SBR*S*18 => SBR*Z*18", "SNIP2-CODE", "8", "7", 1),
    ("837P", "GRP01******CI => GRP01******QQ", "SNIP2-CODE", "8", "7", 9),
    ("837P", "11:B:1*Y*A => 11:B:1*Y*Q", "SNIP2-CODE", "8", "7", 7),
    ("837P", "HC:99213*100*UN => ZZ:99213*100*UN", "SNIP2-CODE", "8", "7", 1),
    ("837P", "N4*SPRINGFIELD*IL*627011234 => N4*SPRINGFIELD*ILL*627011234", "SNIP1-ELEMENT-LONG", "8", "5", 2),
    ("837P", "REF*EI*123456789 => REF*EI*" + "1" * 51, "SNIP1-ELEMENT-LONG", "8", "5", 2),
    ("837P", "NM1*PR*2*SECOND PAYER*****PI*PAYER02 => NM1*PR*2*SECOND PAYER*****PI*P", "SNIP1-ELEMENT-SHORT", "8", "4", 9),
    ("837P", "HC:99213*100*UN => HC:99213*1E2*UN", "SNIP1-NUMBER", "8", "6", 2),
    ("837P", "HC:99213*100*UN => HC:99213*+100*UN", "SNIP1-NUMBER", "8", "6", 2),
    ("837P", "HC:99213*100*UN => HC:99213*100.001*UN", "SNIP1-AMOUNT-DECIMALS", "8", "6", 2),
    ("837P", "D8*19700102 => D8*19700230", "SNIP1-DATE", "8", "8", 2),
    ("837P", "DTP*472*D8*20260801 => DTP*472*D8*20261301", "SNIP1-DATE", "8", "8", 3),
    ("837P", "DTP*472*D8*20260801 => DTP*472*RD8*20260802-20260801", "SNIP1-DATE", "8", "8", 3),
    ("837P", "20260803*0905*CH => 20260803*2560*CH", "SNIP1-TIME", "8", "9", 5),
    ("837P", "BAKER => BA\tKER", "SNIP1-CHARACTER", "8", "6", 3),
    ("837P", "BAKER => BA\xf1KER", "SNIP1-CHARACTER", "8", "6", 3),
    ("837P", "ABLE*ANNA => ABLE^X*ANNA", "SNIP1-REPEATS", "8", "12", 3),
    ("837P", "BAKER*BEN => BA:KER*BEN", "SNIP1-COMPONENTS", "8", "13", 3),
    ("837P", "****XX*1234567893 => ****XX", "SNIP1-SYNTAX", "8", "2", 9),
    ("837P", "N3*12 HILL ROAD => N3*12 HILL ROAD*A*B", "SNIP1-ELEMENT-TOO-MANY", "8", "3", 3),
    ("837P", "HL*2*1*22 => HL*2*7*22", "SNIP2-HL-PARENT", "8", "7", 2),
    ("837P", "HL*2*1*22 => HL*9*1*22", "SNIP2-HL-SEQUENCE", "8", "7", 1),
    ("837P", "LX*2 => LX*3", "SNIP2-LX-SEQUENCE", "8", "7", 1),
    ("837P", "CLM*CLAIM-1*150 => CLM*CLAIM-1*263", "SNIP3-CLAIM-CHARGE", "", "", 2),
    ("837P", "SVD*PAYER01*60 => SVD*PAYER01*59.99", "SNIP3-LINE-ADJUDICATION", "", "", 2),
    ("837P", "AMT*D*80 => AMT*D*70", "SNIP3-PAYER-PAID", "", "", 2),
    ("837P", "11:B:1*Y => 11:B:7*Y", "SNIP4-REPLACEMENT-REFERENCE", "", "", 5),
    ("837P", "UN*1***2~ => UN*1***3~", "SNIP4-DIAGNOSIS-POINTER", "", "", 7),
    ("837P", "22*0~ => 22*1~", "SNIP4-HL-CHILD", "", "", 4),
    ("837P", "-DMG*", "SNIP4-SUBSCRIBER-DEMOGRAPHICS", "3", "", 0),
    ("835", "-N3*1", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("835", "-TRN*1", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("835", "-NM1*QC*1*ABLE", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("835", "CLP*CLAIM-1*1* => CLP*CLAIM-1*99*", "SNIP2-CODE", "8", "7", 2),
    ("835", "CAS*PR*2 => CAS*ZZ*2", "SNIP2-CODE", "8", "7", 1),
    ("835", "20260805~ => 20260231~", "SNIP1-DATE", "8", "8", 16),
    ("835", "SVC*HC:99213*100*60 => SVC*HC:99213*100*59.99", "SNIP3-LINE-BALANCE", "", "", 3),
    ("835", "CLP*CLAIM-1*1*150*100 => CLP*CLAIM-1*1*150*101", "SNIP3-CLAIM-BALANCE", "", "", 4),
    ("835", "BPR*I*170 => BPR*I*170.01", "SNIP3-PAYMENT-BALANCE", "", "", 2),
    ("835", "PLB*1234567893*20261231*WO:OLD1*10 => PLB*1234567893*20261231*WO:OLD1*-10", "SNIP3-PAYMENT-BALANCE", "", "", 2),
    ("277CA", "-STC*A2", "SNIP2-SEGMENT-MISSING", "3", "", 0),
    ("277CA", "STC*A2:20:PR*20260804*WQ => STC*A2:20:PR*20260804*XX", "SNIP2-CODE", "8", "7", 3),
    ("999", "IK5*R*5 => IK5*Q*5", "SNIP2-CODE", "8", "7", 1),
    ("999", "-AK9*", "SNIP2-SEGMENT-MISSING", "3", "", 0),
]  # fmt: skip
PLACED_ELSEWHERE = {"SNIP3-PAYMENT-BALANCE": 2}  # BPR, wherever the amount was spoiled


@pytest.mark.parametrize(("kind", "change", "fault_id", "segment_code", "element_code", "element"), PLANTED)
def test_a_planted_fault_is_found_where_it_was_planted(
    kind: str, change: str, fault_id: str, segment_code: str, element_code: str, element: int
) -> None:
    data, number = spoiled(kind, change)
    faults = check(data)
    found = [fault for fault in faults if fault.id == fault_id]
    assert found, ids(faults)
    expected = PLACED_ELSEWHERE.get(fault_id, number)
    if fault_id == "SNIP4-SUBSCRIBER-DEMOGRAPHICS":
        expected = next(index for index, line in enumerate(lines_of(kind)) if line.startswith("NM1*IL"))
    assert found[0].segment == expected
    assert (found[0].segment_code, found[0].element_code, found[0].element) == (segment_code, element_code, element)
    segment = data.decode("latin-1")[found[0].byte :].split("~")[0]
    if segment_code != "3":
        assert segment.startswith(found[0].segment_id)
    assert found[0].line == data[: found[0].byte].count(b"\n") + 1


CAUGHT_BY_PYX12 = [row for row in PLANTED if row[2].startswith(("SNIP1", "SNIP2"))][::3]  # a third: pyx12 is slow


def test_pyx12_agrees_that_most_planted_guide_faults_are_faults() -> None:
    """Canary of the mutation table itself: an independent engine must refuse nearly all that it says is broken."""
    refused = [row for row in CAUGHT_BY_PYX12 if oracle(spoiled(row[0], row[1])[0])]
    missed = [row[1] for row in CAUGHT_BY_PYX12 if row not in refused]
    assert len(refused) >= len(CAUGHT_BY_PYX12) - 3, missed


ENVELOPE = [
    ("SE*", "SE*99*0001~", "ENV-SE-COUNT", ""),
    ("SE*", "SE*{n}*0002~", "ENV-SE-CONTROL", ""),
    ("GE*", "GE*2*1~", "ENV-GE-COUNT", ""),
    ("GE*", "GE*1*2~", "ENV-GE-CONTROL", ""),
    ("IEA*", "IEA*2*000000101~", "ENV-IEA-COUNT", "021"),
    ("IEA*", "IEA*1*000000102~", "ENV-IEA-CONTROL", "001"),
    ("IEA*", "", "ENV-IEA-MISSING", "023"),
    ("GE*", "", "ENV-GE-MISSING", "024"),
    ("SE*", "", "ENV-SE-MISSING", ""),
]


@pytest.mark.parametrize(("prefix", "new", "fault_id", "note"), ENVELOPE)
def test_envelope_counts_and_control_numbers(prefix: str, new: str, fault_id: str, note: str) -> None:
    lines = lines_of("837P")
    at = next(index for index, line in enumerate(lines) if line.startswith(prefix))
    lines[at] = new.replace("{n}", lines[at].split("*")[1])
    found = [fault for fault in check("\n".join(lines).encode()) if fault.id == fault_id]
    assert [fault.ta1 for fault in found] == [note]


def test_the_same_control_numbers_twice() -> None:
    body = CLEAN["837P"].decode()
    start, end = body.index("ST*"), body.index("GE*")
    twice = body[:end] + body[start:end] + body[end:].replace("GE*1", "GE*2")
    assert "ENV-ST-DUPLICATE" in ids(check(twice.encode()))
    assert "ENV-ISA-DUPLICATE" in ids(check((body + body).encode()))


@pytest.mark.parametrize(
    ("old", "new", "fault_id", "note"),
    [
        ("*0*T*:", "*0*X*:", "ENV-USAGE", "020"),
        ("*^*00501*", "*U*00401*", "ENV-VERSION", "017"),
        ("*260803*", "*261303*", "ENV-ISA-DATE", "014"),
        ("*000000101*0*T", "*000000000*0*T", "ENV-ISA-CONTROL", "018"),
        ("*^*00501*", "*:*00501*", "ENV-DELIMITER-CLASH", "026"),
        ("SENDER         *", "               *", "ENV-ISA-PARTY", "006"),
        ("*ZZ*SENDER", "*QQ*SENDER", "ENV-ISA-CODE", "005"),
    ],
)
def test_isa_elements(old: str, new: str, fault_id: str, note: str) -> None:
    text = CLEAN["837P"].decode().replace(old, new, 1)
    assert [fault.ta1 for fault in check(text.encode()) if fault.id == fault_id] == [note]


@pytest.mark.parametrize("guide", ["004010X098A1", "008020X323", "005010X221A1", "junk"])
def test_an_unknown_or_foreign_guide_is_named_and_the_envelope_still_checked(guide: str) -> None:
    text = CLEAN["837P"].decode().replace("005010X222A1", guide).replace("GE*1*1", "GE*3*1")
    assert {"ENV-GUIDE", "ENV-GE-COUNT"} <= ids(check(text.encode()))


@pytest.mark.parametrize("alias", ["005010X222", "005010X222A2"])
def test_errata_aliases_are_the_same_guide(alias: str) -> None:
    assert check(CLEAN["837P"].replace(b"005010X222A1", alias.encode())) == []


def test_off_by_how_much() -> None:
    data, _ = spoiled("837P", "CLM*CLAIM-1*150 => CLM*CLAIM-1*263")
    assert "off by 113.00" in next(fault.message for fault in check(data) if fault.id == "SNIP3-CLAIM-CHARGE")


def test_faults_inside_a_claim_carry_its_number() -> None:
    data, _ = spoiled("837P", "HC:99213*100*UN => HC:99213*1E2*UN")
    assert {fault.control_number for fault in check(data) if fault.loop == "2400"} == {"CLAIM-1"}


class Words:
    """A vocabulary of almost nothing."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str, date | None]] = set()

    def state(self, code_set: str, code: str, on: date | None) -> str:
        self.asked.add((code_set, code, on))
        if code_set == "hcpcs":
            return "not_loaded"
        return {"R05": "not_billable", "253": "not_effective", "N19": "unknown"}.get(code, "valid")


def test_level_five_asks_the_vocabulary_by_date_of_service() -> None:
    words = Words()
    faults = check(CLEAN["837P"], words)
    assert sorted(ids(faults)) == ["SNIP5-CARC-NOT-EFFECTIVE", "SNIP5-ICD10CM-NOT-BILLABLE"]
    served = date(2026, 8, 1)
    assert {("icd10cm", "J069", served), ("pos", "11", served), ("hcpcs", "87880", served)} <= words.asked
    assert ("npi", "1234567893", None) in words.asked
    assert ids(check(CLEAN["835"], Words())) == {"SNIP5-RARC-UNKNOWN"}


def test_reject_and_warn_are_told_apart() -> None:
    data, _ = spoiled("837P", "N3*12 HILL ROAD => N3*12 HILL ROAD*")
    assert [(fault.id, fault.severity) for fault in check(data)] == [("SNIP1-TRAILING-SEPARATOR", Severity.WARN)]


def test_ta1_is_checked_too() -> None:
    good = b"TA1*000000009*260803*0905*A*000~\n"
    at = CLEAN["999"].index(b"GS*")
    assert check(CLEAN["999"][:at] + good + CLEAN["999"][at:]) == []
    bad = good.replace(b"0905*A*000", b"3339*Q*099")
    assert [(fault.id, fault.element) for fault in check(CLEAN["999"][:at] + bad + CLEAN["999"][at:])] == [
        ("SNIP1-TIME", 3),
        ("SNIP2-CODE", 4),
        ("SNIP2-CODE", 5),
    ]
