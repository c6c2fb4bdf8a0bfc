"""What a walk tells as it goes. Whoever judges or takes notes makes a watcher of its own."""

from __future__ import annotations

from collections.abc import Container

from claimwright.x12.segments import Segment
from claimwright.x12.states import Place, State
from claimwright.x12.trees import Loop, Oddity

UNKNOWN = "unknown"  # the guide has no such segment
UNEXPECTED = "unexpected"  # the guide has it, not here
MISPLACED = "misplaced"  # here, but earlier than what went before
ORPHAN = "orphan"  # an HL whose parent is not there or not of the right level


class Watcher:
    """What a walk tells as it goes; this one takes no notice. See `structure.Watch` for the one that judges."""

    judges = False
    closes: Container[str] = ()  # the loops whose end it wants to know of, besides those that lack something

    def odd(self, kind: str, segment: Segment, loop: Loop) -> None:
        """A segment that did not fit."""

    def wrong(self, segment: Segment, place: Place, loop: Loop) -> None:
        """A segment whose elements may be wrong."""

    def repeated(self, segment: Segment, most: int, loop: Loop, opens: State | None) -> None:
        """One use too many of a place, or of a loop in `loop` where `opens` is given."""

    def headless(self, segment: Segment, loop: Loop) -> None:
        """The loop was entered by `segment`, without the LX or HL that opens it."""

    def level(self, number: str, loop: Loop) -> None:
        """An HL of that number has opened the loop."""

    def close(self, loop: Loop) -> None:
        """Nothing more will come in the loop."""


class Noting(Watcher):
    """Notes what did not fit on the root."""

    def __init__(self, root: Loop) -> None:
        self.root = root

    def odd(self, kind: str, segment: Segment, loop: Loop) -> None:
        self.root.oddities.append(Oddity(kind, segment, loop))
