"""Claims to files as a partner takes them: split by its limits, numbered in order, each file checked before it is given.

Claims come one by one and files go one by one: what is held are the claims of the open transactions, one for each kind
and purpose, and the text of the open files. A claim that may not be sent is set aside with its faults, and the others
go on: each claim is in exactly one file or set aside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.claims import WRITERS
from claimwright.claims.to_x12.parties import Receiver, Submitter
from claimwright.claims.to_x12.text import TextNotice
from claimwright.x12 import guides, read
from claimwright.x12.building import GuideBuilder, judge
from claimwright.x12.check import check_envelope
from claimwright.x12.control_numbers import ControlNumbers, Series
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.guides import Guide
from claimwright.x12.guides.rows import LoopRows
from claimwright.x12.limits import PartnerLimits
from claimwright.x12.segments import Segment
from claimwright.x12.vocabulary import Vocabulary
from claimwright.x12.writer import InterchangeBuilder, TransactionBuilder, ValueRefused

SITUATIONS = 4  # SNIP level
LONGEST_NUMBER = 999_999_999
TRIAL_NUMBER = "000000001"  # as long as a control number can be: so that sizes are never told too small
CLAIM_LOOP = "2300"
NO_LIMIT = 1 << 62


class ClaimEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of a file: its place among the claims that came, from 0, its CLM01 and its charge."""

    position: int
    control_number: str
    total_charge: Decimal


class TransactionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One ST..SE: ST02, BHT03, its claims as they came, and what is worth a look in it.

    `notices` are texts that are sent otherwise than held; `warnings` faults that no receiver rejects for. Both may
    hold patient data: show, never log.
    """

    control_number: str
    reference: str
    segments: int
    claims: tuple[ClaimEntry, ...]
    notices: tuple[TextNotice, ...] = ()
    warnings: tuple[Fault, ...] = ()


class GroupEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One GS..GE: GS06, the guide, the transactions in order."""

    control_number: int
    guide: str
    transactions: tuple[TransactionEntry, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds. `number` counts the files of the batch from 1, `control_number` is ISA13, `size` in bytes."""

    number: int
    control_number: int
    size: int
    sha256: str
    groups: tuple[GroupEntry, ...]

    def claims(self) -> list[ClaimEntry]:
        return [claim for group in self.groups for transaction in group.transactions for claim in transaction.claims]

    def total_charge(self) -> Decimal:
        return sum((claim.total_charge for claim in self.claims()), Decimal("0.00"))


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that is in no file, and why. `position` is its place among the claims that came, from 0."""

    position: int
    claim: Claim
    faults: tuple[Fault, ...]


class Batch:
    """Iterate for (bytes, manifest) of each file; `set_aside` fills on the way. Can be iterated once."""

    def __init__(
        self,
        claims: Iterable[Claim],
        *,
        submitter: Submitter,
        receiver: Receiver,
        limits: PartnerLimits,
        numbers: ControlNumbers,
        reference: str,
        when: datetime,
        level: int = SITUATIONS,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.set_aside: list[SetAside] = []
        self._maker = _Maker(submitter, receiver, limits, reference, when, level, vocabulary)
        self._maker.prove()
        self._limits, self._numbers, self._when = limits, numbers, when
        self._claims = iter(claims)
        self._shares: dict[tuple[str, str], _Share] = {}
        self._open: dict[str, _OpenFile] = {}
        self._files = 0

    def __iter__(self) -> Iterator[tuple[bytes, Manifest]]:
        for position, claim in enumerate(self._claims):
            try:
                weighed = self._maker.weigh(position, claim)
            except _Refused as refusal:
                self.set_aside.append(SetAside(position=position, claim=claim, faults=refusal.faults))
                continue
            key = (claim.kind, claim.transaction_type)
            share = self._shares.get(key)
            if share is not None and not share.takes(weighed):
                yield from self._close(key)
                share = None
            if share is None:
                share = self._shares[key] = _Share(self._limits, self._maker)
            share.add(weighed)
        for key in list(self._shares):
            yield from self._close(key)
        for name in list(self._open):
            yield self._write(name)

    def _close(self, key: tuple[str, str]) -> Iterator[tuple[bytes, Manifest]]:
        """The transaction is complete: put it into the open file, or into a new one where it no longer fits."""
        share = self._shares.pop(key)
        alone = self._limits.one_guide_per_file or self._limits.groups_per_interchange == 1
        for built in self._build(share.claims):
            name = built.guide if alone else ""
            if name in self._open and not self._open[name].takes(built):
                yield self._write(name)
            if name not in self._open:
                self._open[name] = _OpenFile(self._limits, self._maker)
            self._open[name].add(built)

    def _build(self, claims: list[_Weighed]) -> Iterator[_Built]:
        """The transaction, in parts where it is refused or too large as a whole though no claim of it is."""
        try:
            built = self._maker.build([one.claim for one in claims], [one.position for one in claims])
        except _Refused as refusal:
            if len(claims) == 1:
                (one,) = claims
                self.set_aside.append(SetAside(position=one.position, claim=one.claim, faults=refusal.faults))
                return
            middle = len(claims) // 2
            yield from self._build(claims[:middle])
            yield from self._build(claims[middle:])
            return
        yield built

    def _write(self, name: str) -> tuple[bytes, Manifest]:
        """Give the file its control numbers, in the order in which they stand in it, and its bytes."""
        file, limits = self._open.pop(name), self._limits
        parties = limits.envelope.sender_id, limits.envelope.receiver_id
        interchange = self._numbers.next(Series.INTERCHANGE, *parties)
        builder = InterchangeBuilder(limits.envelope, interchange, self._when, limits.delimiters, limits.line_break)
        groups = []
        for guide, transactions in file.groups:
            group = self._numbers.next(Series.GROUP, *parties)
            texts, entries = [], []
            for built in transactions:
                number = f"{self._numbers.next(Series.TRANSACTION, *parties):04d}"
                texts.append(self._maker.text_of(built, number))
                entries.append(msgspec.structs.replace(built.entry, control_number=number))
            builder.add_group("837", group, guide, texts)
            groups.append(GroupEntry(control_number=group, guide=guide, transactions=tuple(entries)))
        data = builder.build()
        self._files += 1
        digest = hashlib.sha256(data).hexdigest()
        return data, Manifest(
            number=self._files, control_number=interchange, size=len(data), sha256=digest, groups=tuple(groups)
        )


def write_batch(
    claims: Iterable[Claim],
    *,
    submitter: Submitter,
    receiver: Receiver,
    limits: PartnerLimits,
    numbers: ControlNumbers,
    reference: str,
    when: datetime,
    level: int = SITUATIONS,
    vocabulary: Vocabulary | None = None,
) -> Batch:
    """Files of claims for one partner: iterate for (bytes, manifest), and see `set_aside` when it is done.

    Claims of any kind and purpose, as many as there are. A claim with a fault that a receiver rejects for, up to SNIP
    `level` (5 needs a vocabulary), or that alone exceeds `bytes_per_file`, is set aside. BHT03 is `reference`, for the
    second and later transactions with -2, -3 ... behind it. Control numbers are counted for the ids of the
    interchange, and taken when a file is complete: what was never asked for costs none.

    Raises ValueRefused at once where limits, envelope, submitter or receiver cannot be sent to anybody, and
    ControlNumbersRefused, while files are made, where a number is not to be had.
    """
    return Batch(
        claims, submitter=submitter, receiver=receiver, limits=limits, numbers=numbers, reference=reference, when=when,
        level=level, vocabulary=vocabulary,
    )  # fmt: skip


class _Refused(Exception):
    """Claims that cannot be sent as they are, or not together."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class _Weighed(msgspec.Struct):
    """A claim that may be sent, and the bytes that it takes: `body` its own, `levels` those of its provider,
    subscriber and patient levels, known by what stands in them, for other claims to share."""

    claim: Claim
    position: int
    body: int
    levels: list[tuple[int, int]]


class _Built(msgspec.Struct):
    """A transaction without its ST and SE. `size` is what it takes in a file at the most."""

    guide: str
    body: str
    size: int
    entry: TransactionEntry


class _Maker:
    """Builds and judges transactions towards one partner, and knows how many bytes things take."""

    def __init__(
        self, submitter: Submitter, receiver: Receiver, limits: PartnerLimits, reference: str, when: datetime,
        level: int, vocabulary: Vocabulary | None,
    ) -> None:  # fmt: skip
        self._submitter, self._receiver, self._limits = submitter, receiver, limits
        self._reference, self._when, self._level, self._vocabulary = reference, when, level, vocabulary
        self._transactions = 0
        self.most_bytes = limits.bytes_per_file or NO_LIMIT
        self.most_claims = {
            kind: _most_claims(_guide(writer.guide).root) or NO_LIMIT for kind, writer in WRITERS.items()
        }
        self.header = self.file = self.group = 0  # bytes

    def prove(self) -> None:
        """Raises ValueRefused for what no claim could be sent with: limits, envelope, submitter, receiver, BHT03."""
        for problem in self._limits.problems():
            raise ValueRefused("ISA", 0, problem)
        limits = self._limits
        header = GuideBuilder(_guide(WRITERS["P"].guide), TRIAL_NUMBER, limits.delimiters)
        writer = WRITERS["P"](header)
        writer.header(self._submitter, self._receiver, f"{self._reference}-{LONGEST_NUMBER}", self._when, "CH")
        self.header = self._size(header.segments) + len(self._ending("0" * 10, TRIAL_NUMBER)) + len(limits.line_break)
        trial = InterchangeBuilder(
            limits.envelope, LONGEST_NUMBER, self._when, limits.delimiters, limits.line_break
        )  # fmt: skip
        self.file = len(trial.build()) + len(str(LONGEST_NUMBER))
        trial.add_group("837", LONGEST_NUMBER, header.guide, [TransactionBuilder.build(header)])
        data = trial.build()
        self.group = len(data) - self.file - self._size(TransactionBuilder.build(header)) + 2 * len(str(LONGEST_NUMBER))
        for fault in check_envelope(read(data)):
            if fault.severity is Severity.REJECT:
                raise ValueRefused(fault.segment_id, fault.element, fault.message)

    def weigh(self, position: int, claim: Claim) -> _Weighed:
        """The claim in a transaction of its own. Raises _Refused with its faults where it may not be sent."""
        segments, _, faults = self._transaction([claim], TRIAL_NUMBER, f"{self._reference}-{LONGEST_NUMBER}")
        if any(fault.severity is Severity.REJECT for fault in faults):
            raise _Refused(faults)
        if self.file + self.group + self._size(segments) > self.most_bytes:
            raise _Refused([_own_fault(claim, "BATCH-CLAIM-TOO-LARGE", "The claim alone exceeds the bytes of a file")])
        levels: list[tuple[int, int]] = []
        body, key, at = 0, 0, None
        for segment in segments[:-1]:
            text, size = segment.text(), len(segment.text()) + len(self._limits.line_break)
            if segment.id == "HL":
                at = len(levels)
                levels.append((0, size))
            elif segment.id == "CLM" or (at is None and levels):
                at, body = None, body + size
            elif at is not None:
                key = hash((key, text))
                levels[at] = (key, levels[at][1] + size)
        return _Weighed(claim, position, body, levels)

    def build(self, claims: list[Claim], positions: list[int]) -> _Built:
        """One transaction of claims of one kind and purpose. Raises _Refused where they may not be sent together."""
        ordinal = self._transactions + 1
        reference = self._reference if ordinal == 1 else f"{self._reference}-{ordinal}"
        segments, notices, faults = self._transaction(claims, TRIAL_NUMBER, reference)
        size = self._size(segments)
        if any(fault.severity is Severity.REJECT for fault in faults):
            raise _Refused(faults)
        if self.file + self.group + size > self.most_bytes:
            raise _Refused([_own_fault(claims[0], "BATCH-TOO-LARGE", "The transaction exceeds the bytes of a file")])
        self._transactions = ordinal
        entry = TransactionEntry(
            control_number="", reference=reference, segments=len(segments), notices=tuple(notices),
            warnings=tuple(faults), claims=tuple(
                ClaimEntry(
                    position=position, control_number=claim.control_number, total_charge=claim.total_charge or Decimal(0)
                )
                for claim, position in zip(claims, positions, strict=True)
            ),
        )  # fmt: skip
        body = self._limits.line_break.join(segment.text() for segment in segments[1:-1])
        return _Built(WRITERS[claims[0].kind].guide, body, size, entry)

    def text_of(self, built: _Built, control_number: str) -> str:
        beginning = Segment(["ST", "837", control_number, built.guide], self._limits.delimiters).text()
        ending = self._ending(str(built.entry.segments), control_number)
        return self._limits.line_break.join((beginning, built.body, ending))

    def _ending(self, count: str, control_number: str) -> str:
        return Segment(["SE", count, control_number], self._limits.delimiters).text()

    def _transaction(
        self, claims: list[Claim], control_number: str, reference: str
    ) -> tuple[list[Segment], list[TextNotice], list[Fault]]:
        first = claims[0]
        kind = WRITERS.get(first.kind)
        if kind is None:
            raise _Refused([_own_fault(first, "BATCH-KIND", "The claim is none of P, I and D")])
        writer = kind(TransactionBuilder("837", control_number, kind.guide, self._limits.delimiters))
        try:
            writer.header(self._submitter, self._receiver, reference, self._when, first.transaction_type)
            writer.claims(claims)
        except ValueRefused as refusal:
            raise _Refused([_own_fault(first, "BATCH-VALUE", refusal.reason, refusal)]) from None
        segments = writer.builder.build()
        faults = judge(
            _guide(kind.guide), segments, self._limits.delimiters, level=self._level, vocabulary=self._vocabulary
        )
        return segments, writer.notices, faults

    def _size(self, segments: Iterable[Segment]) -> int:
        more = len(self._limits.line_break)
        return sum(len(segment.text()) + more for segment in segments)


class _Share:
    """The claims of one transaction as they gather."""

    def __init__(self, limits: PartnerLimits, maker: _Maker) -> None:
        self.claims: list[_Weighed] = []
        self._most = limits.claims_per_transaction or NO_LIMIT
        self._maker = maker
        self._bytes = 0
        self._levels: dict[int, int] = {}  # claims of each level

    def takes(self, one: _Weighed) -> bool:
        if len(self.claims) >= self._most:
            return False
        if self._levels.get(one.levels[-1][0], 0) >= self._maker.most_claims[one.claim.kind]:
            return False
        levels = len(self._levels) + len(one.levels)
        numbering = 2 * levels * (len(str(levels)) - 1)  # HL01 and HL02 were weighed with one digit
        size = self._bytes + self._added(one) + numbering
        return self._maker.file + self._maker.group + self._maker.header + size <= self._maker.most_bytes

    def add(self, one: _Weighed) -> None:
        self._bytes += self._added(one)
        self.claims.append(one)
        for key, _ in one.levels:
            self._levels[key] = self._levels.get(key, 0) + 1

    def _added(self, one: _Weighed) -> int:
        return one.body + sum(size for key, size in one.levels if key not in self._levels)


class _OpenFile:
    """The transactions of one file as they gather, in their groups."""

    def __init__(self, limits: PartnerLimits, maker: _Maker) -> None:
        self.groups: list[tuple[str, list[_Built]]] = []
        self._limits, self._maker = limits, maker
        self._bytes = maker.file

    def takes(self, built: _Built) -> bool:
        more = built.size
        if self._group_for(built) is None:
            if self._limits.groups_per_interchange and len(self.groups) >= self._limits.groups_per_interchange:
                return False
            more += self._maker.group
        return self._bytes + more <= self._maker.most_bytes

    def add(self, built: _Built) -> None:
        group = self._group_for(built)
        if group is None:
            group = []
            self.groups.append((built.guide, group))
            self._bytes += self._maker.group
        group.append(built)
        self._bytes += built.size

    def _group_for(self, built: _Built) -> list[_Built] | None:
        most = self._limits.transactions_per_group or NO_LIMIT
        return next((found for guide, found in self.groups if guide == built.guide and len(found) < most), None)


def _guide(name: str) -> Guide:
    found = guides.find(name, "837")
    assert found is not None
    return found


def _most_claims(rows: LoopRows) -> int:
    """How many claims the guide lets one subscriber or patient have in a transaction; 0 = any number."""
    for nest in rows.loops:
        most = nest.most if nest.loop.id == CLAIM_LOOP else _most_claims(nest.loop)
        if most:
            return most
    return 0


def _own_fault(claim: Claim, fault_id: str, message: str, at: ValueRefused | None = None) -> Fault:
    return Fault(
        id=fault_id, message=message, segment_id=at.segment_id if at else "CLM", element=at.element if at else 0,
        control_number=claim.control_number,
    )  # fmt: skip
