"""What the envelope edits look at: the control values of a rendered file, and the profile of the partner it is for.

`read_interchange` takes the file as rows of element texts, because this room does not know the wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Partner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The trading partner as set up with the receiver. `usage` is P production or T test (ISA15)."""

    sender_id: str = ""
    receiver_id: str = ""
    group_sender_id: str = ""
    group_receiver_id: str = ""
    usage: str = ""
    used_control_numbers: frozenset[str] = frozenset()  # ISA13 values already sent


class Level(msgspec.Struct, frozen=True, array_like=True):
    """One HL: its id, its parent's, its level code and its child flag, as texts; `place` is the segment's ordinal."""

    id: str
    parent: str
    code: str
    child: str
    place: int = 0


class Count(msgspec.Struct, frozen=True, array_like=True):
    """A trailer's count and control number beside what was counted and what the header says."""

    segment_id: str  # SE, GE, IEA
    stated: str
    counted: int
    header_control: str
    trailer_control: str


class Missing(msgspec.Struct, frozen=True, array_like=True):
    """A segment that a loop must have and has not: `owner` is what the loop belongs to, a control number where known."""

    loop: str
    segment_id: str
    owner: str = ""


class Interchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ISA..IEA as rendered. `claim_type` is P, I or D; blank where groups of several kinds share the file."""

    claim_type: str = "P"
    sender_id: str = ""  # ISA06, without padding
    receiver_id: str = ""  # ISA08
    group_sender_id: str = ""  # GS02
    group_receiver_id: str = ""  # GS03
    control_number: str = ""  # ISA13
    usage: str = ""  # ISA15
    guides: tuple[str, ...] = ()  # every GS08 and ST03
    counts: tuple[Count, ...] = ()
    levels: tuple[tuple[Level, ...], ...] = ()  # the HLs of each transaction
    claims_per_transaction: tuple[int, ...] = ()
    submitter_contacts: tuple[tuple[str, ...], ...] = ()  # of each transaction, the numbers and addresses of its PER
    missing: tuple[Missing, ...] = ()


CONTACT_QUALIFIERS = ("TE", "EM", "FX")

# What each loop of an 837 must have, by kind of claim: section 2.3.1 of 005010X222A1, X223A2, X224A2. Only what no
# situation excuses; `|` is either. A dental claim may give its date once and may have no diagnosis.
_SHARED_SEGMENTS = {"1000A": ("PER",), "2010AA": ("N3", "N4", "REF*EI|REF*SY"), "2000B": ("SBR",)}
REQUIRED_SEGMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "P": {**_SHARED_SEGMENTS, "2300": ("HI", "LX"), "2400": ("SV1", "DTP*472")},
    "I": {**_SHARED_SEGMENTS, "2300": ("DTP*434", "CL1", "HI", "LX"), "2400": ("SV2",)},
    "D": {**_SHARED_SEGMENTS, "2300": ("LX",), "2400": ("SV3",)},
}
KINDS_BY_GUIDE = {"005010X222": "P", "005010X223": "I", "005010X224": "D"}  # ST03 without its errata
REQUIRED_LOOPS = ("1000A", "1000B", "2000A", "2010AA", "2000B", "2010BA", "2010BB", "2300")
NAME_LOOPS = {"41": "1000A", "40": "1000B", "85": "2010AA", "87": "2010AB", "IL": "2010BA", "PR": "2010BB"}
LEVEL_LOOPS = {"20": "2000A", "22": "2000B", "23": "2000C"}


def read_interchange(rows: Iterable[Sequence[str]], claim_type: str = "P") -> Interchange:
    """The facts of one interchange from its segments, each as the texts of its elements with the segment id first.

    `claim_type` is the kind of claim that the file is meant for; what each transaction must hold goes by its own guide.
    """
    return _Reading(claim_type).read(rows)


class _Reading:
    """One pass over the rows, keeping what the envelope edits compare."""

    def __init__(self, claim_type: str) -> None:
        self.claim_type = claim_type
        self.kind = claim_type or "P"
        self.envelope: dict[str, str] = {}
        self.guides: list[str] = []
        self.counts: list[Count] = []
        self.levels: list[tuple[Level, ...]] = []
        self.claims: list[int] = []
        self.contacts: list[tuple[str, ...]] = []
        self.missing: list[Missing] = []
        self.groups = self.sets = self.segments = 0
        self.group_control = self.set_control = ""
        self.start_transaction()

    def start_transaction(self) -> None:
        self.own_levels: list[Level] = []
        self.own_claims = 0
        self.own_contacts: list[str] = []
        self.loop, self.owner = "", ""
        self.seen: set[str] = set()
        self.loops: set[str] = set()
        self.below_claim = False

    def read(self, rows: Iterable[Sequence[str]]) -> Interchange:
        for place, row in enumerate(rows, 1):
            self.segments += 1
            handler = getattr(self, f"on_{row[0].lower()}", None)
            if handler is not None:
                handler(list(row) + [""] * 17, place)
            self.seen.add(row[0])
            if row[0] in ("REF", "DTP") and len(row) > 1:
                self.seen.add(f"{row[0]}*{row[1]}")
        envelope = self.envelope
        return Interchange(
            claim_type=self.claim_type,
            sender_id=envelope.get("sender_id", ""),
            receiver_id=envelope.get("receiver_id", ""),
            group_sender_id=envelope.get("group_sender_id", ""),
            group_receiver_id=envelope.get("group_receiver_id", ""),
            control_number=envelope.get("control_number", ""),
            usage=envelope.get("usage", ""),
            guides=tuple(dict.fromkeys(self.guides)),
            counts=tuple(self.counts),
            levels=tuple(self.levels),
            claims_per_transaction=tuple(self.claims),
            submitter_contacts=tuple(self.contacts),
            missing=tuple(self.missing),
        )

    def enter(self, loop: str) -> None:
        """Leave the loop so far, noting what it lacked, and begin the next."""
        self.leave()
        self.loop, self.seen = loop, set()
        self.loops.add(loop)

    def leave(self) -> None:
        for segment_id in REQUIRED_SEGMENTS[self.kind].get(self.loop, ()):
            if self.seen.isdisjoint(segment_id.split("|")):
                self.missing.append(Missing(self.loop, segment_id, self.owner))

    def on_isa(self, row: list[str], place: int) -> None:
        self.envelope = {
            "sender_id": row[6].strip(),
            "receiver_id": row[8].strip(),
            "control_number": row[13],
            "usage": row[15],
        }

    def on_gs(self, row: list[str], place: int) -> None:
        self.groups += 1
        self.sets = 0
        self.group_control = row[6]
        self.envelope |= {"group_sender_id": row[2].strip(), "group_receiver_id": row[3].strip()}
        self.guides.append(row[8])

    def on_st(self, row: list[str], place: int) -> None:
        self.sets += 1
        self.segments = 1
        self.set_control = row[2]
        self.kind = KINDS_BY_GUIDE.get(row[3][:10], self.claim_type or "P")
        self.guides.append(row[3])
        self.start_transaction()

    def on_hl(self, row: list[str], place: int) -> None:
        self.own_levels.append(Level(row[1], row[2], row[3], row[4], place))
        self.below_claim = False
        self.owner = ""
        self.enter(LEVEL_LOOPS.get(row[3], "HL"))

    def on_nm1(self, row: list[str], place: int) -> None:
        if not self.below_claim and row[1] in NAME_LOOPS:
            self.enter(NAME_LOOPS[row[1]])

    def on_per(self, row: list[str], place: int) -> None:
        if self.loop == "1000A":
            pairs = zip(row[3:9:2], row[4:9:2], strict=True)
            self.own_contacts.extend(value for qualifier, value in pairs if qualifier in CONTACT_QUALIFIERS and value)

    def on_clm(self, row: list[str], place: int) -> None:
        self.own_claims += 1
        self.below_claim = True
        self.enter("2300")
        self.owner = row[1]

    def on_lx(self, row: list[str], place: int) -> None:
        self.seen.add("LX")
        self.enter("2400")

    def on_se(self, row: list[str], place: int) -> None:
        self.leave()
        self.missing.extend(Missing(loop, "HL" if loop[:4] == "2000" else "NM1") for loop in self.absent_loops())
        self.counts.append(Count("SE", row[1], self.segments, self.set_control, row[2]))
        self.levels.append(tuple(self.own_levels))
        self.claims.append(self.own_claims)
        self.contacts.append(tuple(self.own_contacts))

    def absent_loops(self) -> list[str]:
        return [loop for loop in REQUIRED_LOOPS if loop not in self.loops]

    def on_ge(self, row: list[str], place: int) -> None:
        self.counts.append(Count("GE", row[1], self.sets, self.group_control, row[2]))

    def on_iea(self, row: list[str], place: int) -> None:
        control = self.envelope.get("control_number", "")
        self.counts.append(Count("IEA", row[1], self.groups, control, row[2]))
