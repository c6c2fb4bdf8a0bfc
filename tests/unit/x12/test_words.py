"""Level 5: words by table where one is loaded, by form where none is; what is not loaded is not judged."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import guides
from claimwright.x12.findings import Findings
from claimwright.x12.word_readers import READERS
from claimwright.x12.words import MOST_JUDGES, MOST_WORDS, Judge, judge_of, plans_for
from tests.lib.x12_rules import SOUND, changed, envelope, root_of, words

SHIPPED = CodeVocabulary()


class Fixed:
    """A vocabulary that answers from a table, "valid" to all else, and notes what it was asked."""

    def __init__(self, answers: dict[str, str] | None = None, otherwise: str = "valid") -> None:
        self.answers = answers or {}
        self.otherwise = otherwise
        self.asked: list[tuple[str, str, date | None]] = []

    def state(self, code_set: str, code: str, on: date | None) -> str:
        self.asked.append((code_set, code, on))
        return self.answers.get(code, self.otherwise)


@pytest.mark.parametrize("kind", SOUND)
def test_nothing_is_said_of_a_sound_transaction(kind: str) -> None:
    assert words(changed(kind), SHIPPED) == []


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_not_loaded_is_judged_by_form_alone(kind: str) -> None:
    assert words(changed(kind), Fixed(otherwise="not_loaded")) == []


PLANTED = [
    # what the four free validators miss: wire.md
    ("837P", ("1234567893 => 1234567894",), "SNIP5-NPI-UNKNOWN", "NM1", 9, 0),
    ("837P", ("BEN****XX*1999999984 => BEN****XX*19999999",), "SNIP5-NPI-UNKNOWN", "NM1", 9, 0),
    ("837P", ("ABK:J069 => ABK:J06.9",), "SNIP5-ICD10CM-FORMAT", "HI", 1, 2),
    ("837P", ("ABK:J069 => ABK:J0699",), "SNIP5-ICD10CM-UNKNOWN", "HI", 1, 2),
    ("837P", ("ABF:R051 => ABF:R05",), "SNIP5-ICD10CM-NOT-BILLABLE", "HI", 2, 2),
    ("837P", ("HC:99213 => HC:9921",), "SNIP5-HCPCS-FORMAT", "SV1", 1, 2),
    ("837P", ("HC:99213 => HC:A0000",), "SNIP5-HCPCS-UNKNOWN", "SV1", 1, 2),
    ("837P", ("HC:99213 => HC:99213:2",), "SNIP5-MODIFIER-FORMAT", "SV1", 1, 3),
    ("837P", ("HC:99213 => HC:99213:25:?:59",), "SNIP5-MODIFIER-FORMAT", "SV1", 1, 4),
    ("837P", ("N4*SPRINGFIELD*IL*627011234 => N4*SPRINGFIELD*XX*627011234",), "SNIP5-STATE-UNKNOWN", "N4", 2, 0),
    ("837P", ("207Q00000X => 207Q000000",), "SNIP5-TAXONOMY-UNKNOWN", "PRV", 3, 0),
    ("837P", ("IL*62701 => IL*62701-1234",), "SNIP5-POSTAL-CODE-FORMAT", "N4", 3, 0),
    ("837P", ("IL*627011234 => *627011234*QQ",), "SNIP5-COUNTRY-UNKNOWN", "N4", 4, 0),
    ("837P", ("11:B:1 => 98:B:1",), "SNIP5-POS-UNKNOWN", "CLM", 5, 1),
    ("837P", ("UN*1***1:2 => UN*1*98**1:2",), "SNIP5-POS-UNKNOWN", "SV1", 5, 0),
    ("837P", ("A*Y*Y => A*Y*Y**AA:::QQ",), "SNIP5-STATE-UNKNOWN", "CLM", 11, 4),
    ("837P", ("+DTP*472*D8*20260801 => LIN**N4*1234-5678-90|CTP****1*UN",), "SNIP5-NDC-FORMAT", "LIN", 3, 0),
    ("837P secondary", ("CAS*CO*45*45**253*1 => CAS*CO*45*45**999*1",), "SNIP5-CARC-UNKNOWN", "CAS", 5, 0),
    ("837P secondary", ("SVD*PAYER01*80*HC:99213 => SVD*PAYER01*80*HC:9921X3",), "SNIP5-HCPCS-FORMAT", "SVD", 3, 2),
    ("837I inpatient", ("11:A:1 => XX:A:1",), "SNIP5-TYPE-OF-BILL-FORMAT", "CLM", 5, 1),
    ("837I inpatient", ("ABJ:R0602 => ABJ:R06",), "SNIP5-ICD10CM-NOT-BILLABLE", "HI", 1, 2),
    ("837I inpatient", ("ABF:I10 => ABF:I1X0X",), "SNIP5-ICD10CM-UNKNOWN", "HI", 2, 2),
    ("837I inpatient", ("BBR:0BJ08ZZ => BBR:0BJO8ZZ",), "SNIP5-ICD10PCS-FORMAT", "HI", 1, 2),
    ("837I inpatient", ("SV2*0120 => SV2*120",), "SNIP5-REVENUE-FORMAT", "SV2", 1, 0),
    ("837I inpatient", ("BE:80: => BE:801:",), "SNIP5-VALUE-CODE-FORMAT", "HI", 1, 2),
    ("837I inpatient", ("BG:01 => BG:1",), "SNIP5-CONDITION-CODE-FORMAT", "HI", 1, 2),
    ("837I inpatient", ("BH:11: => BH:1:",), "SNIP5-OCCURRENCE-CODE-FORMAT", "HI", 1, 2),
    ("837I inpatient", ("BI:71: => BI:7:",), "SNIP5-OCCURRENCE-SPAN-CODE-FORMAT", "HI", 1, 2),
    ("837I inpatient", ("HI*BG:01 => HI*DR:ABC",), "SNIP5-DRG-FORMAT", "HI", 1, 2),
    ("837I inpatient", ("HC:99283 => HP:AB",), "SNIP5-HIPPS-FORMAT", "SV2", 2, 2),
    ("837I inpatient", ("+CL1 => REF*LU*QQ",), "SNIP5-STATE-UNKNOWN", "REF", 2, 0),
    ("837P", ("ABK:J069 => BK:4659X",), "SNIP5-ICD9CM-FORMAT", "HI", 1, 2),
    ("837D", ("AD:D2392 => AD:2392",), "SNIP5-CDT-FORMAT", "SV3", 1, 2),
    ("837D", ("TOO*JP*14 => TOO*JP*33",), "SNIP5-TOOTH-FORMAT", "TOO", 2, 0),
    ("837D", ("*01*R => *50*R",), "SNIP5-ORAL-AREA-FORMAT", "SV3", 4, 1),
    ("837D", ("DN2*2*M => DN2*U*M",), "SNIP5-TOOTH-FORMAT", "DN2", 1, 0),
    ("835", ("CAS*CO*45*20 => CAS*CO*999*20",), "SNIP5-CARC-UNKNOWN", "CAS", 2, 0),
    ("835", ("LQ*HE*N19 => LQ*HE*N99999",), "SNIP5-RARC-UNKNOWN", "LQ", 2, 0),
    ("835", ("MOA***MA01 => MOA***MA999",), "SNIP5-RARC-UNKNOWN", "MOA", 3, 0),
    ("835", ("XX*1234567893 => XX*1234567890",), "SNIP5-NPI-UNKNOWN", "N1", 4, 0),
    ("835", ("PLB*1234567893 => PLB*1234567890",), "SNIP5-NPI-UNKNOWN", "PLB", 1, 0),
    ("835", ("N4*CHICAGO*IL => N4*CHICAGO*QQ",), "SNIP5-STATE-UNKNOWN", "N4", 2, 0),
    ("835", ("HC:99213*100*60**1 => HC:99213*100*60*30*1",), "SNIP5-REVENUE-FORMAT", "SVC", 4, 0),
    ("835", ("HC:99213*100*60**1 => HC:99213*100*60**1*HC:1",), "SNIP5-HCPCS-FORMAT", "SVC", 6, 2),
    ("835", ("+DTM*472 => REF*HPI*1234567890",), "SNIP5-NPI-UNKNOWN", "REF", 2, 0),
    ("277CA", ("STC*A2:20:PR => STC*Z9:20:PR",), "SNIP5-CLAIM-STATUS-CATEGORY-UNKNOWN", "STC", 1, 1),
    ("277CA", ("STC*A2:20:PR => STC*A2:9999:PR",), "SNIP5-CLAIM-STATUS-UNKNOWN", "STC", 1, 2),
    ("277CA", ("STC*A2:20:PR => STC*A2:20:??",), "SNIP5-ENTITY-UNKNOWN", "STC", 1, 3),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "changes", "fault_id", "segment_id", "element", "component"), PLANTED)
def test_a_planted_word_is_found(
    kind: str, changes: tuple[str, ...], fault_id: str, segment_id: str, element: int, component: int
) -> None:
    faults = words(changed(kind, *changes), SHIPPED)
    assert [(fault.id, fault.segment_id, fault.element, fault.component) for fault in faults] == [
        (fault_id, segment_id, element, component)
    ]
    assert faults[0].snip == 5 and faults[0].value


RIGHT = [
    ("837P", ("N4*SPRINGFIELD*IL*627011234 => N4*TORONTO*ON*M5V2T6*CA",)),
    ("837P", ("N4*SPRINGFIELD*IL*627011234 => N4*PARIS**75001*FR",)),
    ("837P", ("ABK:J069*ABF:R051 => BK:4659*BF:V700", "20260801 => 20150901", "20260802 => 20150901")),
    ("837P", ("HC:99213 => HC:0042T",)),
    ("837P", ("HC:99213 => ER:ANYTHING",)),
    ("837P", ("BEN****XX*1999999984 => BEN****24*19999",)),
    ("837I inpatient", ("HI*BE:80:::4 => HI*TC:A1",)),
    ("837D", ("TOO*JP*14 => TOO*JP*AS",)),
    ("835", ("PLB*1234567893 => PLB*A234567890",)),
    ("835", ("+LQ => LQ*RX*70",)),
    ("277CA", ("STC*A2:20:PR*20260804*WQ*150 => STC*A2:9999:PR:RX*20260804*WQ*150",)),
    ("277CA", ("+STC*A2 => STC*A2:20:PRP*20260804*WQ*150",)),
]


@pytest.mark.parametrize(("kind", "changes"), RIGHT)
def test_nothing_is_said_of_other_ways_to_be_right(kind: str, changes: tuple[str, ...]) -> None:
    assert words(changed(kind, *changes), SHIPPED) == []


def test_each_word_is_asked_by_its_own_date() -> None:
    asked = Fixed()
    words(changed("837P"), asked)
    first, second = date(2026, 8, 1), date(2026, 8, 2)
    assert {
        ("icd10cm", "J069", first), ("pos", "11", first), ("hcpcs", "99213", first), ("hcpcs", "87880", second),
        ("npi", "1234567893", None), ("states", "IL", None), ("taxonomy", "207Q00000X", None),
    } <= set(asked.asked)  # fmt: skip
    asked = Fixed()
    words(changed("837I inpatient"), asked)
    last = date(2026, 7, 5)
    assert {("icd10cm", "J189", last), ("icd10pcs", "0BJ08ZZ", last), ("revenue", "0120", last)} <= set(asked.asked)
    asked = Fixed()
    words(changed("835"), asked)
    assert {("hcpcs", "99213", first), ("carc", "45", None), ("rarc", "N19", None)} <= set(asked.asked)


def test_not_in_force_is_told_apart() -> None:
    faults = words(changed("837P"), Fixed({"J069": "not_effective"}))
    assert [fault.id for fault in faults] == ["SNIP5-ICD10CM-NOT-EFFECTIVE"]


def test_a_wrong_word_is_told_each_time_it_comes() -> None:
    judge = Judge(Fixed({"99213": "unknown"}))
    for _ in range(3):
        findings = Findings()
        for loop in root_of(changed("837P")).descend("2300"):
            judge.check_loop(loop, findings)
        assert [fault.id for fault in findings.faults] == ["SNIP5-HCPCS-UNKNOWN"]


def test_a_right_word_is_asked_once() -> None:
    vocabulary = Fixed()
    for _ in range(3):
        words(changed("837P"), vocabulary)
    assert len(vocabulary.asked) == len(set(vocabulary.asked))


@pytest.mark.parametrize("kind", SOUND)
def test_a_value_is_judged_once(kind: str) -> None:
    faults = words(changed(kind), Fixed(otherwise="unknown"))
    assert faults and len({(fault.segment, fault.element, fault.component, fault.repeat) for fault in faults}) == len(
        faults
    )


def test_any_guide_that_names_an_outside_list_has_it_judged() -> None:
    """Every @row is judged once: by a plan made of it, or by a reader that knows its segment."""
    for guide in guides.all_guides():
        plans = plans_for(guide)
        pending = [guide.root]
        while pending:
            rows = pending.pop()
            pending.extend(nest.loop for nest in rows.loops)
            for use in rows.segments:
                if any(row.code_set for row in use.shape.rows):
                    assert use.shape.id in plans[rows.id], (guide.name, rows.id, use.shape.id)
                elif use.shape.id in READERS:
                    assert use.shape.id in plans[rows.id]


def test_memory_is_bounded() -> None:
    judge = Judge(Fixed())
    for number in range(MOST_WORDS + 10):
        judge.remember("npi", str(number))
    assert len(judge.fine("npi")) == 10
    assert judge.fine("nothing of that kind") == set()
    judges = [judge_of(Fixed()) for _ in range(MOST_JUDGES + 3)]
    assert judge_of(judges[-1].vocabulary) is judges[-1]
    assert judge_of(judges[0].vocabulary) is not judges[0]


def test_junk_never_raises() -> None:
    for kind, lines in SOUND.items():
        for text in ("", ":", "::::", "\xb2", "^", "A" * 80):
            for at in range(len(lines.split("\n"))):
                spoiled = lines.split("\n")
                spoiled[at] = "*".join([spoiled[at].split("*")[0], *([text] * (spoiled[at].count("*") + 2))])
                words(envelope(kind.split()[0], spoiled), SHIPPED)
