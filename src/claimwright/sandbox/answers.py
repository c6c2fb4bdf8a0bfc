"""TA1, 999 and 277CA as the sandbox writes them, from verdicts given to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby

import msgspec

from claimwright.codes.money import ZERO
from claimwright.sandbox.plan import Clearinghouse
from claimwright.sandbox.records import Claim
from claimwright.sandbox.wire import Answer
from claimwright.x12 import (
    Envelope,
    Fault,
    FunctionalGroup,
    Interchange,
    InterchangeBuilder,
    Segment,
)

GUIDE_277CA = "005010X214"
GUIDE_999 = "005010X231A1"
BAD_VALUE_LENGTH = 99
LOOP_LENGTH = 4  # IK303 holds four characters; a longer name ("2010AA") is left out rather than cut short


class Status(msgspec.Struct, frozen=True):
    """STC01: category, status code, entity."""

    category: str
    code: str
    entity: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A front end's word on one claim; `icn` is REF*1K where a payer took it in."""

    claim: Claim
    status: Status
    accepted: bool
    icn: str = ""
    trace: str = ""
    member_id: str = ""


def envelope(middle: Clearinghouse, receiver: str, usage: str = "T") -> Envelope:
    """From the clearinghouse to `receiver` (an ISA06 as it came, however odd)."""
    return Envelope(
        sender_id=middle.id,
        sender_qualifier=middle.qualifier,
        receiver_id=_plain(receiver).strip()[:15] or "UNKNOWN",
        usage=usage,
    )


def _builder(middle: Clearinghouse, receiver: str, number: int, day: date, hour: int) -> InterchangeBuilder:
    return InterchangeBuilder(envelope(middle, receiver), number, datetime.combine(day, time(hour)), line_break="\n")


def interchange_acknowledgement(
    interchange: Interchange, note: str, middle: Clearinghouse, number: int, day: date
) -> bytes:
    """A TA1 in an interchange of its own; `note` "000" accepts, any other rejects."""
    isa = interchange.isa
    assert isa is not None
    builder = _builder(middle, isa[6], number, day, 5)
    builder.add_ta1(_plain(isa[13]), _plain(isa[9]), _plain(isa[10]), "A" if note == "000" else "R", note)
    return builder.build()


def interchange_note(interchange: Interchange) -> str:
    """TA105 for the envelope alone: "000" when it is whole."""
    isa, iea = interchange.isa, interchange.iea
    assert isa is not None
    if iea is None:
        return "023"
    if iea[2] != isa[13]:
        return "001"
    if iea[1] != str(len(interchange.groups)):
        return "021"
    if isa[12] != "00501":
        return "017"
    if len(isa) != 16 or not isa[13].isdigit():
        return "018"
    return "000"


def functional_acknowledgement(
    groups: Sequence[tuple[FunctionalGroup, list[list[Fault]]]],
    middle: Clearinghouse,
    receiver: str,
    number: int,
    day: date,
) -> bytes:
    """One 999 for each group; for each of its transactions the faults that reject it (none = accepted)."""
    builder = _builder(middle, receiver, number, day, 5)
    sets = []
    for at, (group, verdicts) in enumerate(groups, 1):
        out = Answer("999", f"{at:04d}", GUIDE_999)
        gs = group.gs
        out.add("AK1", gs[1] if gs else "HC", gs[6] if gs else "0", gs[8] if gs else "")
        for transaction, faults in zip(group.transactions, verdicts, strict=True):
            out.add("AK2", transaction.set_id, transaction.control_number, transaction.st[3])
            _syntax(out, transaction.segments, faults)
            out.add("IK5", *(("R", "5") if faults else ("A",)))
        total, refused = len(verdicts), sum(1 for faults in verdicts if faults)
        code = "A" if not refused else "R" if refused == total else "P"
        included = group.ge[1] if group.ge and group.ge[1].isdigit() else str(total)
        out.add("AK9", code, included, str(total), str(total - refused))
        sets.append(out.build())
    builder.add_group("999", number, GUIDE_999, sets)
    return builder.build()


def _syntax(out: Answer, segments: list[Segment], faults: Iterable[Fault]) -> None:
    """IK3, CTX and IK4 for each fault, those of one segment together."""
    ordered = sorted(faults, key=lambda fault: (fault.segment, fault.element))
    for (segment, segment_id, loop), found in groupby(ordered, key=lambda f: (f.segment, f.segment_id, f.loop)):
        rows = list(found)
        code = next((row.segment_code for row in rows if row.segment_code), "8")
        out.add("IK3", segment_id or "ST", str(segment or 1), loop if len(loop) <= LOOP_LENGTH else "", code)
        number = _claim_at(segments, segment)
        if number:
            out.add("CTX", ("CLM01", number))
        for row in rows:
            if not row.element_code:
                continue
            at = (str(row.element), str(row.component)) if row.component else (str(row.element),)
            out.add("IK4", at, "", row.element_code, _plain(row.value))


def _plain(value: str) -> str:
    return "".join(c for c in value if " " <= c <= "~" and c not in "*:^~")[:BAD_VALUE_LENGTH]


def _claim_at(segments: list[Segment], number: int) -> str:
    """CLM01 of the claim that segment `number` (ST = 1) belongs to, "" above all claims."""
    for segment in reversed(segments[:number]):
        if segment.id == "CLM":
            return _plain(segment[1])
        if segment.id == "HL":
            return ""
    return ""


def claim_acknowledgement(
    batches: Sequence[Sequence[Verdict]],
    source: tuple[str, str, str],
    middle: Clearinghouse,
    number: int,
    received: date,
    day: date,
) -> bytes:
    """A 277CA interchange, one ST for each batch (claims of one 837 transaction).

    `source` is 2100A: AY or PR, name, id. Batch levels always accept: each claim carries its own verdict.
    """
    receiver = batches[0][0].claim.sender
    builder = _builder(middle, receiver, number, day, 5)
    sets = [
        _claim_acknowledgement(batch, source, f"{at:04d}", f"{number:09d}{at:04d}", received, day)
        for at, batch in enumerate(batches, 1)
    ]
    builder.add_group("277", number, GUIDE_277CA, sets)
    return builder.build()


def _claim_acknowledgement(
    batch: Sequence[Verdict], source: tuple[str, str, str], control: str, reference: str, received: date, day: date
) -> list[Segment]:
    out = Answer("277", control, GUIDE_277CA)
    first = batch[0].claim
    out.add("BHT", "0085", "08", reference, day, "0500", "TH")
    out.add("HL", "1", "", "20", "1")
    out.add("NM1", source[0], "2", source[1], "", "", "", "", "46" if source[0] == "AY" else "PI", source[2])
    out.add("TRN", "1", reference)
    out.add("DTP", "050", "D8", received)
    out.add("DTP", "009", "D8", day)
    out.add("HL", "2", "1", "21", "1")
    out.add("NM1", "41", "2", first.submitter_name, "", "", "", "", "46", first.submitter_id)
    out.add("TRN", "2", first.batch)
    out.add("STC", ("A1", "19", source[0]), day, "WQ", _charge(batch))
    _totals(out, batch, "90", "AA")
    hl = 2
    for _, found in groupby(sorted(batch, key=lambda v: v.claim.biller.key), key=lambda v: v.claim.biller.key):
        claims = list(found)
        biller = claims[0].claim.biller
        hl += 1
        provider = hl
        out.add("HL", str(hl), "2", "19", "1")
        id_ = ("XX", biller.npi) if biller.npi else ("FI", biller.tax_id)
        kind = "2" if biller.is_organization else "1"
        out.add("NM1", "85", kind, biller.name, biller.first, "", "", "", *id_)
        out.add("TRN", "1", "0")
        out.add("STC", ("A1", "19", source[0]), "", "WQ", _charge(claims))
        _totals(out, claims, "QA", "QC")
        for verdict in claims:
            hl += 1
            _patient(out, verdict, hl, provider, day)
    return out.build()


def _charge(verdicts: Sequence[Verdict]) -> Decimal:
    return sum((verdict.claim.charge for verdict in verdicts), ZERO)


def _totals(out: Answer, verdicts: Sequence[Verdict], accepted: str, rejected: str) -> None:
    good = [verdict for verdict in verdicts if verdict.accepted]
    bad = [verdict for verdict in verdicts if not verdict.accepted]
    for qualifier, found in ((accepted, good), (rejected, bad)):
        if found:
            out.add("QTY", qualifier, str(len(found)))
    for qualifier, found in (("YU", good), ("YY", bad)):
        if found:
            out.add("AMT", qualifier, _charge(found))


def _patient(out: Answer, verdict: Verdict, hl: int, parent: int, day: date) -> None:
    claim = verdict.claim
    out.add("HL", str(hl), str(parent), "PT")
    member = ("MI", verdict.member_id) if verdict.member_id else ()
    out.add("NM1", "QC", "1", claim.patient.last, claim.patient.first, claim.patient.middle, "", "", *member)
    out.add("TRN", "2", claim.control_number)
    status = verdict.status
    code = (status.category, status.code, status.entity) if status.entity else (status.category, status.code)
    out.add("STC", code, day, "WQ" if verdict.accepted else "U", claim.charge)
    if verdict.icn:
        out.add("REF", "1K", verdict.icn)
    if verdict.trace:
        out.add("REF", "D9", verdict.trace)
    first, last = claim.first_date, claim.last_date
    if first and last and last != first:
        out.add("DTP", "472", "RD8", f"{first:%Y%m%d}-{last:%Y%m%d}")
    else:
        out.add("DTP", "472", "D8", first or day)
