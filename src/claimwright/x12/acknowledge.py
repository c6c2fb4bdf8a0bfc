"""TA1 and 999 from the faults of a check: what was received is answered, whatever it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import ROOT
from claimwright.x12.segments import Document, FunctionalGroup, Interchange, Transaction
from claimwright.x12.writer import Envelope, InterchangeBuilder, TransactionBuilder

GUIDE = "005010X231A1"
HIGHEST_ACKNOWLEDGED_LEVEL = 2  # balancing, situations and codes are the 277CA's to answer
MOST_COPIED_CHARACTERS = 99  # IK404
MOST_LOOP_CHARACTERS = 4  # IK303, data element 447: 2010AA goes out as 2010
MOST_ELEMENT_FAULTS = 99
ERROR_CODES_ALLOWED = 5

# fault id -> IK502, why the transaction set is not accepted; all others are "5", segments in error
SET_CODES = {
    "ENV-SE-MISSING": "2",
    "ENV-SE-CONTROL": "3",
    "ENV-SE-COUNT": "4",
    "ENV-ST-CONTROL": "7",
    "ENV-ST-DUPLICATE": "23",
    "ENV-GUIDE": "I6",
    "ENV-GUIDE-MISMATCH": "I6",
    "ENV-GROUP-KIND": "1",
}
# fault id -> AK905, why the group is not accepted
GROUP_CODES = {"ENV-GE-MISSING": "3", "ENV-GE-CONTROL": "4", "ENV-GE-COUNT": "5"}
# fault ids that leave the interchange unreadable or unsafe: TA104 R; other interchange faults are E
FATAL = frozenset(
    {
        "ENV-DELIMITER-CLASH",
        "ENV-EMPTY",
        "ENV-IEA-CONTROL",
        "ENV-IEA-COUNT",
        "ENV-IEA-MISSING",
        "ENV-ISA",
        "ENV-ISA-CONTROL",
        "ENV-ISA-DUPLICATE",
        "ENV-ISA-ELEMENTS",
        "ENV-NOT-X12",
        "ENV-VERSION",
    }
)
INTERCHANGE_SEGMENTS = ("ISA", "IEA")
NOTHING_WRONG = "000"
UNREADABLE = ("000000000", "000000", "0000")  # TA101-03 where ISA13, 09 or 10 cannot be repeated


def ta1(interchange: Interchange, faults: Iterable[Fault]) -> tuple[str, str, str, str, str]:
    """TA101-05 for one interchange, ready for `InterchangeBuilder.add_ta1`.

    A = accepted, E = accepted with errors, R = rejected; the note is that of the gravest fault of its envelope.
    """
    isa = interchange.isa
    number, day, time = (
        value if len(value) == len(none) and value.isascii() and value.isdigit() else none
        for value, none in zip((isa[13], isa[9], isa[10]) if isa else UNREADABLE, UNREADABLE, strict=True)
    )
    mine = [fault for fault in faults if fault.ta1 and _is_of(fault, interchange)]
    fatal = [fault for fault in mine if fault.id in FATAL]
    if fatal:
        return number, day, time, "R", fatal[0].ta1
    if mine:
        return number, day, time, "E", mine[0].ta1
    return number, day, time, "A", NOTHING_WRONG


def _is_of(fault: Fault, interchange: Interchange) -> bool:
    """Whether an interchange-level fault lies between this ISA and its IEA. A fault without place concerns all."""
    if not fault.ordinal:
        return True
    first = interchange.isa.ordinal if interchange.isa else 0
    return first <= fault.ordinal <= _last_ordinal(interchange)


def _last_ordinal(interchange: Interchange) -> int:
    ordinals = [segment.ordinal for segment in (interchange.isa, interchange.iea) if segment is not None]
    ordinals += [segment.ordinal for segment in (*interchange.loose, *interchange.ta1s)]
    for group in interchange.groups:
        ordinals += [segment.ordinal for segment in (group.gs, group.ge) if segment is not None]
        ordinals += [transaction.segments[-1].ordinal for transaction in group.transactions]
    return max(ordinals, default=0)


def functional_acknowledgement(
    document: Document,
    faults: Iterable[Fault],
    *,
    envelope: Envelope,
    control_number: int,
    when: datetime,
    group_control_number: int = 1,
    with_ta1: bool = False,
) -> bytes:
    """One interchange with a 999 for every group received but those that are acknowledgements themselves.

    `envelope` is the answer's own sender and receiver. Unknown guides are answered too (IK502 I6). `with_ta1` puts
    a TA1 for each interchange right after the ISA. With no group to answer the TA1s are written in any case.
    """
    found = list(faults)
    builder = InterchangeBuilder(envelope, control_number, when)
    groups = [
        group
        for interchange in document.interchanges
        for group in interchange.groups
        if group.gs is not None and group.gs[1] != "FA"
    ]
    if with_ta1 or not groups:
        for interchange in document.interchanges:
            builder.add_ta1(*ta1(interchange, found))
    answers = [
        _answer_group(group, found, f"{index:04d}").build() for index, group in enumerate(groups, 1)
    ]  # fmt: skip
    if answers:
        builder.add_group("999", group_control_number, GUIDE, answers)
    return builder.build()


def _answer_group(group: FunctionalGroup, faults: Sequence[Fault], control_number: str) -> TransactionBuilder:
    builder = TransactionBuilder("999", control_number, GUIDE)
    gs = group.gs
    assert gs is not None
    builder.add("AK1", _plain(gs[1]), _plain(gs[6]), _plain(gs[8]))
    accepted = 0
    for transaction in group.transactions:
        accepted += _answer_transaction(builder, transaction, faults)
    codes = _group_codes(group, faults)
    received = len(group.transactions)
    verdict = "R" if codes or not accepted else "A" if accepted == received else "P"
    stated = group.ge[1] if group.ge is not None and group.ge[1].isdecimal() else str(received)
    builder.add(
        "AK9", verdict, stated[:6], str(received), "0" if codes else str(accepted), *codes[:ERROR_CODES_ALLOWED]
    )
    return builder


def _group_codes(group: FunctionalGroup, faults: Sequence[Fault]) -> list[str]:
    places = {segment.ordinal for segment in (group.gs, group.ge) if segment is not None}
    return _distinct(GROUP_CODES[fault.id] for fault in faults if fault.id in GROUP_CODES and fault.ordinal in places)


def _answer_transaction(builder: TransactionBuilder, transaction: Transaction, faults: Sequence[Fault]) -> int:
    """AK2 to IK5 of one transaction; 1 when it is accepted, 0 when not."""
    first, last = transaction.segments[0].ordinal, transaction.segments[-1].ordinal
    mine = [
        fault
        for fault in faults
        if first <= fault.ordinal <= last
        and fault.segment
        and fault.snip <= HIGHEST_ACKNOWLEDGED_LEVEL
        and (fault.segment_code or fault.id in SET_CODES)
    ]
    rejecting = [fault for fault in mine if fault.severity is Severity.REJECT]
    builder.add(
        "AK2",
        _plain(transaction.set_id) or "000",
        _plain(transaction.control_number) or "0000",
        _plain(transaction.st[3]),
    )
    by_segment: dict[tuple[int, str, str], list[Fault]] = {}
    for fault in mine:
        if fault.segment_code and fault.id not in SET_CODES:
            by_segment.setdefault((fault.segment, fault.segment_id, fault.segment_code), []).append(fault)
    for (number, segment_id, code), alike in sorted(by_segment.items()):
        _answer_segment(builder, transaction, number, segment_id, code, alike)
    if not rejecting:
        builder.add("IK5", "E" if mine else "A", *(["5"] if mine else []))
        return 1
    codes = _distinct(SET_CODES.get(fault.id, "5") for fault in rejecting)
    builder.add("IK5", "R", *codes[:ERROR_CODES_ALLOWED])
    return 0


def _answer_segment(
    builder: TransactionBuilder, transaction: Transaction, number: int, segment_id: str, code: str, faults: list[Fault]
) -> None:
    loop = faults[0].loop
    builder.add(
        "IK3", _plain(segment_id)[:3] or "XXX", str(number), "" if loop == ROOT else loop[:MOST_LOOP_CHARACTERS], code
    )
    unit = _business_unit(transaction, faults[0])
    if unit[1]:
        builder.add("CTX", unit)
    for fault in faults[:MOST_ELEMENT_FAULTS]:
        if fault.element and fault.element_code:
            place = [str(fault.element), str(fault.component or ""), str(fault.repeat or "")]
            builder.add("IK4", tuple(place), "", fault.element_code, _plain(fault.value)[:MOST_COPIED_CHARACTERS])


def _business_unit(transaction: Transaction, fault: Fault) -> tuple[str, str]:
    """What the sender knows the place by: the claim of an 837, the payment of an 835."""
    if transaction.set_id == "837":
        return "CLM01", _plain(fault.control_number)
    for segment in transaction.segments[:4]:
        if segment.id == "TRN":
            return "TRN02", _plain(segment[2])
    return "", ""


_ANSWER_SEPARATORS = set("*:^~")


def _plain(text: str) -> str:
    """Text that may go into an answer: a copy of a bad value must not break the file that reports it."""
    kept = "".join(c for c in text if " " <= c <= "~" and c not in _ANSWER_SEPARATORS)
    return kept if kept.strip() else ""


def _distinct(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))
