"""277CA (005010X214) for 837 files: each claim is accepted, or rejected with what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimwright.x12.amounts import amount
from claimwright.x12.claim_status_table import ACCEPTED, LINE, RECEIVED, Status, status_of
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.flow import Placed, stream
from claimwright.x12.permuting import day_of
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Envelope, InterchangeBuilder, Raw, TransactionBuilder

GUIDE = "005010X214"
MOST_STATUSES = 10  # STC segments for one claim or line
LINE_LOOP, CLAIM_LOOP, SERVICES = "2400", "2300", ("SV1", "SV2", "SV3")
LEVELS = {"20": "provider", "22": "subscriber", "23": "patient"}
SERVICE_DATES = ("472", "434")
UNKNOWN_NAME, NO_TRACE = "UNKNOWN", "0"
SEPARATORS = set("*:^~")


class Name(msgspec.Struct, frozen=True):
    """A party as NM1 gives it."""

    kind: str = "2"
    names: tuple[str, str, str, str] = ("", "", "", "")  # last or organization, first, middle, suffix
    qualifier: str = ""
    identifier: str = ""


class Line(msgspec.Struct):
    """A service line with something wrong."""

    number: str = ""
    procedure: tuple[str, ...] = ()
    revenue: str = ""
    charge: Decimal = Decimal(0)
    units: str = ""
    date: str = ""
    statuses: list[Status] = []


class Level(msgspec.Struct, eq=False):
    """A billing provider, subscriber or patient, with what is wrong with it."""

    kind: str
    above: Level | None = None
    name: Name = Name()
    tax_id: str = ""
    statuses: list[Status] = []

    def all_statuses(self) -> list[Status]:
        return [*(self.above.all_statuses() if self.above is not None else []), *self.statuses]


class ClaimAnswered(msgspec.Struct):
    """One claim of an 837 and whether it is taken in."""

    number: str
    charge: Decimal
    level: Level
    type_of_bill: str = ""
    clearinghouse_number: str = ""
    first_date: str = ""
    last_date: str = ""
    lines: list[Line] = []
    statuses: list[Status] = []

    def reasons(self) -> list[Status]:
        """Why it is rejected; empty = accepted."""
        told = [*self.level.all_statuses(), *self.statuses]
        if self.lines and not told:
            told.append(LINE)
        return list(dict.fromkeys(told))[:MOST_STATUSES]


class Batch(msgspec.Struct):
    """One 837 ST..SE to be answered."""

    control_number: str
    reference: str = ""  # BHT03
    submitter: Name = Name()
    receiver: Name = Name()
    statuses: list[Status] = []
    claims: list[ClaimAnswered] = []

    def rejected(self, claim: ClaimAnswered) -> bool:
        return bool(self.statuses or claim.reasons())

    def totals(self, claims: Iterable[ClaimAnswered]) -> tuple[int, Decimal, int, Decimal]:
        """How many are accepted and their charges, how many are rejected and theirs."""
        accepted = rejected = 0
        taken = refused = Decimal(0)
        for claim in claims:
            if self.rejected(claim):
                rejected, refused = rejected + 1, refused + claim.charge
            else:
                accepted, taken = accepted + 1, taken + claim.charge
        return accepted, taken, rejected, refused


def batches_of(source: Path | BinaryIO | bytes, faults: Iterable[Fault]) -> Iterator[Batch]:
    """Each 837 transaction of a source with its claims. Rejecting faults are laid to the claim, line or level in which
    they stand; those before the first level concern all claims."""
    by_ordinal: dict[int, list[Fault]] = {}
    for fault in faults:
        if fault.severity is Severity.REJECT and fault.segment:
            by_ordinal.setdefault(fault.ordinal, []).append(fault)
    reading: _Reading | None = None
    for one in stream(source):
        name = one.segment.elements[0]
        if one.transaction is None or name == "ST":
            if reading is not None:
                yield reading.done()
            reading = _Reading(one) if name == "ST" and one.transaction and one.transaction.set_id == "837" else None
        if reading is not None:
            reading.take(name, one, by_ordinal.get(one.segment.ordinal, ()))
    if reading is not None:
        yield reading.done()


class _Reading:
    """Takes one transaction in, segment by segment."""

    def __init__(self, st: Placed) -> None:
        self.batch = Batch(st.segment[2].strip(), claims=[], statuses=[])
        self._levels: dict[str, Level] = {}
        self._level: Level | None = None
        self._claim: ClaimAnswered | None = None
        self._line: Line | None = None

    def take(self, name: str, one: Placed, faults: Iterable[Fault]) -> None:
        segment, loop = one.segment, one.loop.id if one.loop is not None else ""
        if name == "HL":
            self._begin_level(segment)
        elif name == "CLM":
            self._begin_claim(segment)
        elif name == "LX" and self._claim is not None:
            self._end_line()
            self._line = Line(segment[1].strip(), statuses=[])
        elif name == "NM1":
            self._note_name(segment, loop)
        elif name == "BHT":
            self.batch.reference = segment[3].strip()
        elif self._line is not None:
            self._note_line(name, segment, loop)
        elif self._claim is not None:
            self._note_claim(name, segment, loop)
        elif name == "REF" and loop == "2010AA" and self._level is not None and segment[1] in ("EI", "SY"):
            self._level.tax_id = segment[2].strip()
        for fault in faults:
            self._blame(fault, one)

    def done(self) -> Batch:
        self._end_claim()
        return self.batch

    def _begin_level(self, segment: Segment) -> None:
        self._end_claim()
        kind = LEVELS.get(segment[3], "patient")
        above = self._levels.get({"subscriber": "provider", "patient": "subscriber"}.get(kind, ""))
        self._level = self._levels[kind] = Level(kind, above, Name(), statuses=[])

    def _begin_claim(self, segment: Segment) -> None:
        self._end_claim()
        level = self._level or Level("provider", statuses=[])
        bill = segment.component(5, 1) + segment.component(5, 3) if segment.component(5, 2) == "A" else ""
        self._claim = ClaimAnswered(
            segment[1].strip(), amount(segment[2]) or Decimal(0), level, bill, lines=[], statuses=[]
        )

    def _end_line(self) -> None:
        line, self._line = self._line, None
        claim = self._claim
        if line is None or claim is None:
            return
        if line.date:
            claim.first_date = min(claim.first_date or line.date[:8], line.date[:8])
            claim.last_date = max(claim.last_date, line.date[-8:])
        if line.statuses:
            claim.lines.append(line)

    def _end_claim(self) -> None:
        self._end_line()
        if self._claim is not None:
            self.batch.claims.append(self._claim)
            self._claim = None

    def _note_name(self, segment: Segment, loop: str) -> None:
        name = Name(
            segment[2], (segment.text_of(3), segment.text_of(4), segment.text_of(5), segment.text_of(7)), segment[8],
            segment[9].strip(),
        )  # fmt: skip
        if loop == "1000A":
            self.batch.submitter = name
        elif loop == "1000B":
            self.batch.receiver = name
        elif loop in ("2010AA", "2010BA", "2010CA") and self._level is not None:
            self._level.name = name

    def _note_claim(self, name: str, segment: Segment, loop: str) -> None:
        claim = self._claim
        assert claim is not None
        if loop != CLAIM_LOOP:
            return
        if name == "DTP" and segment[1] in SERVICE_DATES:
            claim.first_date, claim.last_date = segment[3][:8], segment[3][-8:]
        elif name == "REF" and segment[1] == "D9":
            claim.clearinghouse_number = segment[2].strip()

    def _note_line(self, name: str, segment: Segment, loop: str) -> None:
        line = self._line
        assert line is not None
        if loop != LINE_LOOP:
            return
        if name in SERVICES:
            at = 2 if name == "SV2" else 1
            line.procedure = tuple(segment.components(at))
            line.revenue = segment[1].strip() if name == "SV2" else ""
            line.charge = amount(segment[at + 1]) or Decimal(0)
            line.units = segment[{"SV1": 4, "SV2": 5, "SV3": 6}[name]].strip()
        elif name == "DTP" and segment[1] == "472":
            line.date = segment[3].strip()
        elif name == "REF" and segment[1] == "6R":
            line.number = segment[2].strip()

    def _blame(self, fault: Fault, one: Placed) -> None:
        head = one.loop.segments[0] if one.loop is not None and one.loop.segments else None
        status = status_of(fault, head[1] if head is not None and head.elements[0] == "NM1" else "")
        if self._line is not None and fault.loop.startswith("24"):
            self._line.statuses.append(status)
        elif self._claim is not None:
            self._claim.statuses.append(status)
        elif self._level is not None:
            self._level.statuses.append(status)
        else:
            self.batch.statuses.append(status)


def claim_acknowledgement(
    batches: Iterable[Batch],
    *,
    envelope: Envelope,
    control_number: int,
    when: datetime,
    group_control_number: int = 1,
    source: str = "PR",
) -> bytes:
    """One interchange with a 277CA for each batch. `source` is who answers: PR a payer, AY a clearinghouse."""
    builder = InterchangeBuilder(envelope, control_number, when)
    transactions = [
        _Writer(batch, f"{number:04d}", when, source).build() for number, batch in enumerate(batches, 1) if batch.claims
    ]
    builder.add_group("277", group_control_number, GUIDE, transactions)
    return builder.build()


class _Writer:
    """Writes one 277CA."""

    def __init__(self, batch: Batch, control_number: str, when: datetime, source: str) -> None:
        self.batch, self.when, self.source = batch, when, source
        self.today: date = when.date()
        self.builder = TransactionBuilder("277", control_number, GUIDE)
        self.add = self.builder.add
        self._levels = 0

    def build(self) -> list[Segment]:
        batch = self.batch
        trace = _plain(batch.reference) or _plain(batch.control_number) or NO_TRACE
        self.add("BHT", "0085", "08", trace, self.today, self.when.strftime("%H%M"), "TH")
        top = self._level(0, "20", "1")
        self._name(self.source, batch.receiver, "46")
        self.add("TRN", "1", trace)
        self.add("DTP", "050", "D8", self.today)
        self.add("DTP", "009", "D8", self.today)
        sender = self._level(top, "21", "1")
        self._name("41", batch.submitter, "46")
        self.add("TRN", "2", trace)
        accepted, taken, rejected, refused = batch.totals(batch.claims)
        self.add("STC", (*RECEIVED, self.source), self.today, "WQ", taken + refused)
        self._totals("90", "AA", accepted, taken, rejected, refused)
        for provider, claims in _grouped(batch.claims, _provider_of):
            self._provider(sender, provider, claims)
        return self.builder.build()

    def _level(self, above: int, code: str, child: str) -> int:
        self._levels += 1
        self.add("HL", str(self._levels), str(above or ""), code, child)
        return self._levels

    def _name(self, role: str, name: Name, qualifier: str) -> None:
        last, first, middle, suffix = (_plain(part) for part in name.names)
        if name.kind == "2" or role in ("PR", "AY"):
            first = middle = suffix = ""
        self.add(
            "NM1", role, "1" if name.kind == "1" and role not in ("PR", "AY") else "2", last or UNKNOWN_NAME, first,
            middle, "", suffix, qualifier, _plain(name.identifier) or UNKNOWN_NAME,
        )  # fmt: skip

    def _totals(
        self, yes: str, no: str, accepted: int, taken: Decimal, rejected: int, refused: Decimal
    ) -> None:  # fmt: skip
        for qualifier, count in ((yes, accepted), (no, rejected)):
            if count:
                self.add("QTY", qualifier, str(count))
        for qualifier, count, money in (("YU", accepted, taken), ("YY", rejected, refused)):
            if count:
                self.add("AMT", qualifier, money)

    def _provider(self, above: int, provider: Level, claims: list[ClaimAnswered]) -> None:
        number = self._level(above, "19", "1")
        name = provider.name
        if name.qualifier == "XX" and name.identifier:
            self._name("85", name, "XX")
        else:
            self._name("85", msgspec.structs.replace(name, identifier=provider.tax_id or name.identifier), "FI")
        self.add("TRN", "1", NO_TRACE)
        accepted, taken, rejected, refused = self.batch.totals(claims)
        self.add("STC", (*RECEIVED, self.source), "", "WQ", taken + refused)
        self._totals("QA", "QC", accepted, taken, rejected, refused)
        for patient, own in _grouped(claims, lambda claim: claim.level):
            self._patient(number, patient, own)

    def _patient(self, above: int, patient: Level, claims: list[ClaimAnswered]) -> None:
        self._level(above, "PT", "")
        subscriber = patient.above if patient.kind == "patient" and patient.above is not None else patient
        identifier = patient.name.identifier or subscriber.name.identifier
        name = patient.name if any(patient.name.names) else subscriber.name
        self._name("QC", msgspec.structs.replace(name, kind="1", identifier=identifier), "MI")
        for claim in claims:
            self._claim(claim)

    def _claim(self, claim: ClaimAnswered) -> None:
        self.add("TRN", "2", _plain(claim.number) or NO_TRACE)
        reasons = list(dict.fromkeys([*self.batch.statuses, *claim.reasons()]))[:MOST_STATUSES]
        for reason in reasons:
            self.add("STC", _code(reason), self.today, "U", claim.charge)
        if not reasons:
            self.add("STC", (*ACCEPTED, "PR"), self.today, "WQ", claim.charge)
        if claim.clearinghouse_number:
            self.add("REF", "D9", _plain(claim.clearinghouse_number))
        if claim.type_of_bill:
            self.add("REF", "BLT", _plain(claim.type_of_bill))
        first, last = claim.first_date, claim.last_date
        if day_of(first) is None or day_of(last) is None:
            first = last = self.today.strftime("%Y%m%d")  # the guide asks for a date, and the claim has none
        self.add("DTP", "472", "D8" if first == last else "RD8", first if first == last else f"{first}-{last}")
        for line in claim.lines:
            self._line(line)

    def _line(self, line: Line) -> None:
        parts = [_plain(part) for part in line.procedure[:6]]
        if len(parts) < 2 or not parts[1]:
            parts = ["NU", _plain(line.revenue) or "0000"]
        revenue = "" if parts[0] == "NU" else _plain(line.revenue)
        units = line.units if amount(line.units) is not None else ""
        self.add("SVC", tuple(parts), line.charge, "", revenue, "", "", units)
        first, *more = list(dict.fromkeys(line.statuses))[:3]
        rest = [Raw(self.builder.delimiters.component.join(part for part in one if part)) for one in more]
        self.add("STC", _code(first), self.today, "U", *([""] * 6 if rest else []), *rest)
        if line.number:
            self.add("REF", "FJ", _plain(line.number))
        start, _, end = line.date.partition("-")
        if day_of(start) is not None and (not end or day_of(end) is not None):
            self.add("DTP", "472", "RD8" if end else "D8", line.date)


def _code(status: Status) -> tuple[str, ...]:
    return tuple(part for part in status if part)


def _provider_of(claim: ClaimAnswered) -> Level:
    level = claim.level
    while level.above is not None:
        level = level.above
    return level


def _grouped(
    claims: list[ClaimAnswered], key: Callable[[ClaimAnswered], Level]
) -> Iterator[tuple[Level, list[ClaimAnswered]]]:
    """Neighbouring claims of one level."""
    at = 0
    while at < len(claims):
        level, end = key(claims[at]), at + 1
        while end < len(claims) and key(claims[end]) is level:
            end += 1
        yield level, claims[at:end]
        at = end


def _plain(text: str) -> str:
    """Text that may go into an answer."""
    return "".join(one for one in text if " " <= one <= "~" and one not in SEPARATORS).strip()
