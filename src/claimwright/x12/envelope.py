"""SNIP level 1 of the envelope: ISA..IEA, GS..GE, ST..SE, their counts, control numbers and separators."""

from __future__ import annotations

from claimwright.x12 import guides
from claimwright.x12.elements import DATE, TIME, checker_for, is_date, is_time
from claimwright.x12.faults import Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides import control
from claimwright.x12.reader import Nester
from claimwright.x12.segments import FunctionalGroup, Interchange, Segment, Transaction
from claimwright.x12.structure import report_flaws
from claimwright.x12.writer import FUNCTIONAL_IDS

ISA_LENGTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_NOTES = (
    "010",
    "011",
    "012",
    "013",
    "005",
    "006",
    "007",
    "008",
    "014",
    "015",
    "016",
    "017",
    "018",
    "019",
    "020",
    "027",
)
ISA_CODES: dict[int, tuple[str, ...]] = {
    1: ("00", "03"),
    3: ("00", "01"),
    5: ("01", "14", "20", "27", "28", "29", "30", "33", "ZZ"),
    7: ("01", "14", "20", "27", "28", "29", "30", "33", "ZZ"),
    12: ("00501",),
    14: ("0", "1"),
    15: ("P", "T"),
}
ISA_ELEMENTS = 16
GROUP_KINDS = {**FUNCTIONAL_IDS, "997": "FA"}


class EnvelopeCheck:
    """Judges interchanges, groups and transactions as they end. `turn` is called after each segment that stands
    outside any transaction, begins or ends one; `finish` when the source has ended."""

    __slots__ = (
        "_findings",
        "_group",
        "_group_numbers",
        "_interchange",
        "_interchange_numbers",
        "_transaction",
        "_transaction_numbers",
    )

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._interchange: Interchange | None = None
        self._group: FunctionalGroup | None = None
        self._transaction: Transaction | None = None
        self._interchange_numbers: set[tuple[str, str, str]] = set()
        self._group_numbers: set[str] = set()
        self._transaction_numbers: set[str] = set()

    def turn(self, nester: Nester) -> None:
        if self._transaction is not None and nester.transaction is not self._transaction:
            _check_transaction(self._transaction, self._transaction_numbers, self._findings)
        if self._group is not None and nester.group is not self._group:
            _check_group(self._group, self._group_numbers, self._findings)
        if self._interchange is not None and nester.interchange is not self._interchange:
            self._end_interchange(self._interchange)
        if nester.interchange is not self._interchange:
            self._group_numbers = set()
            if nester.interchange is not None and nester.interchange.isa is None:
                self._findings.add(
                    "ENV-ISA-MISSING", "Segments outside any interchange", nester.interchange.first, ta1="022"
                )
        if nester.group is not self._group:
            self._transaction_numbers = set()
        self._interchange, self._group, self._transaction = nester.interchange, nester.group, nester.transaction
        if nester.interchange is not None and nester.interchange.isa is not None:
            for segment in nester.interchange.loose:
                self._findings.add("ENV-LOOSE-SEGMENT", "A segment outside any transaction", segment, ta1="024")
        if nester.interchange is not None:
            for segment in nester.interchange.ta1s:
                report_flaws(segment, control.TA1, None, checker_for(segment.delimiters), self._findings)

    def finish(self) -> None:
        if self._transaction is not None:
            _check_transaction(self._transaction, self._transaction_numbers, self._findings)
        if self._group is not None:
            _check_group(self._group, self._group_numbers, self._findings)
        if self._interchange is not None:
            self._end_interchange(self._interchange)

    def _end_interchange(self, interchange: Interchange) -> None:
        isa = interchange.isa
        if isa is None:
            return
        _check_isa(isa, interchange, self._findings)
        key = (isa[6].strip(), isa[8].strip(), isa[13])
        if key in self._interchange_numbers:
            self._findings.add(
                "ENV-ISA-DUPLICATE", "The same ISA13 twice from one sender", isa, element=13, value=isa[13], ta1="025"
            )
        self._interchange_numbers.add(key)
        _check_iea(interchange, self._findings)


def _check_isa(isa: Segment, interchange: Interchange, findings: Findings) -> None:
    delimiters = interchange.delimiters
    separators = (delimiters.element, delimiters.component, delimiters.repetition, delimiters.terminator)
    if len(set(separators)) < len(separators):
        findings.add(
            "ENV-DELIMITER-CLASH", "One character serves as two separators", isa,
            fix="Element, component, repetition and segment separators must differ", ta1="026",
        )  # fmt: skip
    if len(isa) != ISA_ELEMENTS:
        findings.add("ENV-ISA-ELEMENTS", f"ISA has {len(isa)} elements, not 16", isa, ta1="022")
        return
    if not isa[16]:
        findings.add("ENV-ISA-ELEMENTS", "ISA16, the component separator, is missing", isa, element=16, ta1="027")
    lengths = [len(isa[n]) for n in range(1, ISA_ELEMENTS + 1)]
    if lengths != list(ISA_LENGTHS):
        wrong = next(n for n in range(ISA_ELEMENTS) if lengths[n] != ISA_LENGTHS[n]) + 1
        findings.add(
            "ENV-ISA-LENGTH", f"ISA{wrong:02d} has {lengths[wrong - 1]} characters, not {ISA_LENGTHS[wrong - 1]}", isa,
            severity=Severity.WARN, element=wrong, value=isa[wrong], fix="Pad the ISA's elements to 106 bytes",
            ta1=ISA_NOTES[wrong - 1],
        )  # fmt: skip
    for position, allowed in ISA_CODES.items():
        if position == 12 and interchange.kinds <= {"997"}:
            continue  # 997s are still sent under 00401, and read the same
        if isa[position] not in allowed:
            fault_id = "ENV-VERSION" if position == 12 else "ENV-USAGE" if position == 15 else "ENV-ISA-CODE"
            findings.add(
                fault_id, f"ISA{position:02d} is not one of {' '.join(allowed)}", isa, element=position,
                value=isa[position], ta1=ISA_NOTES[position - 1],
            )  # fmt: skip
    if not is_date("20" + isa[9]):
        findings.add("ENV-ISA-DATE", "ISA09 is no date as YYMMDD", isa, element=9, value=isa[9], ta1="014")
    if not is_time(isa[10]):
        findings.add("ENV-ISA-TIME", "ISA10 is no time as HHMM", isa, element=10, value=isa[10], ta1="015")
    if not (isa[13].isascii() and isa[13].isdigit()) or isa[13].strip("0") == "":
        findings.add("ENV-ISA-CONTROL", "ISA13 is not a positive number", isa, element=13, value=isa[13], ta1="018")
    for position in (6, 8):
        if not isa[position].strip():
            findings.add(
                "ENV-ISA-PARTY", f"ISA{position:02d} is blank", isa, element=position, ta1=ISA_NOTES[position - 1]
            )


def _check_iea(interchange: Interchange, findings: Findings) -> None:
    iea, isa = interchange.iea, interchange.isa
    if iea is None:
        findings.add(
            "ENV-IEA-MISSING", "The interchange has no IEA: the file may be cut short", isa,
            fix="Ask the sender for the whole file", ta1="023",
        )  # fmt: skip
        return
    if isa is not None and iea[2] != isa[13]:
        findings.add(
            "ENV-IEA-CONTROL", "IEA02 is not the control number of ISA13", iea, element=2, value=iea[2], ta1="001"
        )
    if iea[1] != str(interchange.count) and iea[1].lstrip("0") != str(interchange.count):
        findings.add(
            "ENV-IEA-COUNT", f"IEA01 says {iea[1]} groups, {interchange.count} came", iea,
            element=1, value=iea[1], ta1="021",
        )  # fmt: skip


def _check_group(group: FunctionalGroup, numbers: set[str], findings: Findings) -> None:
    gs, ge = group.gs, group.ge
    if gs is None:
        first = group.transactions[0].st if group.transactions else None
        findings.add("ENV-GS-MISSING", "A transaction outside any group", first, ta1="024")
    else:
        _check_gs(gs, findings)
        if gs[6] in numbers:
            findings.add("ENV-GS-DUPLICATE", "The same GS06 twice in one interchange", gs, element=6, value=gs[6])
        numbers.add(gs[6])
        if ge is None:
            findings.add("ENV-GE-MISSING", "The group has no GE: the file may be cut short", gs, ta1="024")
    if ge is not None:
        if gs is not None and ge[2] != gs[6]:
            findings.add("ENV-GE-CONTROL", "GE02 is not the control number of GS06", ge, element=2, value=ge[2])
        if ge[1].lstrip("0") != str(group.count).lstrip("0"):
            findings.add(
                "ENV-GE-COUNT", f"GE01 says {ge[1]} transactions, {group.count} came", ge,
                element=1, value=ge[1],
            )  # fmt: skip


def _check_gs(gs: Segment, findings: Findings) -> None:
    for position in range(1, 9):
        if not gs[position]:
            findings.add("ENV-GS-ELEMENT", f"GS{position:02d} is empty", gs, element=position)
    if gs[4] and not is_date(gs[4]):
        findings.add("ENV-GS-DATE", "GS04 is no date as CCYYMMDD", gs, element=4, value=gs[4], element_code=DATE)
    if gs[5] and not is_time(gs[5]):
        findings.add("ENV-GS-TIME", "GS05 is no time as HHMM", gs, element=5, value=gs[5], element_code=TIME)


def _check_transaction(transaction: Transaction, seen: set[str], findings: Findings) -> None:
    st, se, group = transaction.st, transaction.se, transaction.group
    if se is None:
        findings.add("ENV-SE-MISSING", "The transaction has no SE: it may be cut short", st, segment_id="SE")
    else:
        if se[2] != st[2]:
            findings.add("ENV-SE-CONTROL", "SE02 is not the control number of ST02", se, element=2, value=se[2])
        if se[1].lstrip("0") != str(transaction.count):
            findings.add(
                "ENV-SE-COUNT", f"SE01 says {se[1]} segments, {transaction.count} came", se,
                element=1, value=se[1],
            )  # fmt: skip
    if not st[2]:
        findings.add("ENV-ST-CONTROL", "ST02 is empty", st, element=2, element_code="1")
    elif st[2] in seen:
        findings.add("ENV-ST-DUPLICATE", "The same ST02 twice in one group", st, element=2, value=st[2])
    seen.add(st[2])
    expected = GROUP_KINDS.get(st[1])
    if group.gs is not None and expected is not None and group.gs[1] != expected:
        findings.add(
            "ENV-GROUP-KIND", f"A {expected} group is needed for this kind of transaction", st,
            element=1, value=group.gs[1],
        )  # fmt: skip
    _check_guide(transaction, findings)


def _check_guide(transaction: Transaction, findings: Findings) -> None:
    st, gs = transaction.st, transaction.group.gs
    if st[1] == "997":
        return
    named = [name for name in (st[3], gs[8] if gs else "") if name]
    known = [guides.find(name, st[1]) for name in named]
    if not named or any(guide is None or guide.set_id != st[1] for guide in known):
        findings.add(
            "ENV-GUIDE", "This guide is not known here: only the envelope is checked", st, element=3,
            value=named[0] if named else "", fix="Send it as one of " + " ".join(guides.ids()),
        )  # fmt: skip
    elif len({guide.id for guide in known if guide}) > 1:
        findings.add("ENV-GUIDE-MISMATCH", "ST03 and GS08 name different guides", st, element=3, value=st[3])
