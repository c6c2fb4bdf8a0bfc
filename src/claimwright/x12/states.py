"""Guides compiled: in each loop, a segment's id and qualifier lead straight to where it belongs.

Walking a tree of possible nodes for each segment is what makes validators slow. Here the first segment of a kind in
a loop pays for the search; every later one is two dictionary look-ups.
"""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.x12.guides import Guide
from claimwright.x12.guides.rows import LoopRows, Nest, Shape, Use

COUNTERS = ("LX", "HL")  # a loop that these open may be entered without them: CLP without LX is common


class Place:
    """A segment's place in a state, ready for the checks: `index` counts the uses of its loop from 0."""

    __slots__ = ("index", "most", "position", "shape", "usage")

    def __init__(self, index: int, use: Use) -> None:
        self.index = index
        self.position = use.position
        self.shape = use.shape
        self.usage = use.usage
        self.most = use.most


class Move:
    """Go up so many loops, open these, and stand at `place`. `backward` when that is earlier than what went before."""

    __slots__ = ("backward", "opens", "place", "up")

    def __init__(self, up: int, opens: tuple[State, ...], place: Place, backward: bool) -> None:
        self.up, self.opens, self.place, self.backward = up, opens, place, backward


class Choice:
    """What a segment id can mean in a state: by the value of its qualifier, else `otherwise`."""

    __slots__ = ("by_value", "component", "otherwise", "position")

    def __init__(self, position: int, component: int) -> None:
        self.position, self.component = position, component
        self.by_value: dict[str, Move] = {}
        self.otherwise: Move | None = None


class State:
    """A loop at one place of the tree. 2300 under the subscriber and 2300 under the patient are two states."""

    __slots__ = (
        "children",
        "choices",
        "compiled",
        "id",
        "most",
        "name",
        "parent",
        "places",
        "position",
        "usage",
    )

    def __init__(self, compiled: Compiled, rows: LoopRows, parent: State | None, nest: Nest | None) -> None:
        self.compiled = compiled
        self.id = rows.id
        self.name = rows.name
        self.parent = parent
        self.position = nest.position if nest else 0
        self.usage = nest.usage if nest else "R"
        self.most = nest.most if nest else 1
        self.places = [Place(index, use) for index, use in enumerate(rows.segments)]
        self.children = [State(compiled, inner.loop, self, inner) for inner in rows.loops]
        self.choices: dict[str, Choice | None] = {}

    @property
    def trigger(self) -> Place:
        return self.places[0]

    def choice(self, segment_id: str) -> Choice | None:
        """What `segment_id` can mean here; searched once, then remembered. None = nothing."""
        if segment_id in self.choices:
            return self.choices[segment_id]
        found = self._search(segment_id)
        self.choices[segment_id] = found
        return found

    def _search(self, segment_id: str) -> Choice | None:
        position, component = self.compiled.qualifiers.get(segment_id, (0, 0))
        choice = Choice(position, component)
        for move in self._moves(segment_id):
            values = qualifier_values(move.place.shape, position, component) if position else ()
            if not values:
                choice.otherwise = choice.otherwise or move
            for value in values:
                choice.by_value.setdefault(value, move)
        return choice if choice.by_value or choice.otherwise else None

    def _moves(self, segment_id: str) -> Iterator[Move]:
        """All meanings, best first: here, below, above in order, above out of order, below a missing counter."""
        yield from self._own(segment_id, 0, None)
        yield from self._below(segment_id, 0, None)
        for forward in (True, False):
            came_from: State = self
            above, up = self.parent, 1
            while above is not None:
                yield from above._own(segment_id, up, came_from, forward)
                yield from above._below(segment_id, up, came_from, forward)
                came_from, above, up = above, above.parent, up + 1
        standing: State | None = self
        up = 0
        while standing is not None:
            yield from standing._through_counters(segment_id, up, ())
            standing, up = standing.parent, up + 1

    def _own(self, segment_id: str, up: int, came_from: State | None, forward: bool = True) -> Iterator[Move]:
        for place in self.places[1:] if self.parent else self.places:
            if place.shape.id == segment_id:
                after = came_from is None or place.position >= came_from.position
                if after is forward:
                    yield Move(up, (), place, not after)

    def _below(self, segment_id: str, up: int, came_from: State | None, forward: bool = True) -> Iterator[Move]:
        for child in self.children:
            if child.places and child.trigger.shape.id == segment_id:
                after = came_from is None or child.position >= came_from.position
                if after is forward:
                    yield Move(up, (child,), child.trigger, not after)

    def _through_counters(self, segment_id: str, up: int, opened: tuple[State, ...]) -> Iterator[Move]:
        for child in self.children:
            if opened and child.trigger.shape.id == segment_id:
                yield Move(up, (*opened, child), child.trigger, False)
            if child.trigger.shape.id in COUNTERS:
                yield from child._through_counters(segment_id, up, (*opened, child))


def qualifier_values(shape: Shape, position: int, component: int) -> tuple[str, ...]:
    for row in shape.rows:
        if row.position == position and row.component == component:
            return row.codes
    return ()


class Compiled:
    """A guide ready to read with. `qualifiers` says which element tells uses of a segment id apart."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.qualifiers: dict[str, tuple[int, int]] = {}
        self.segment_ids: set[str] = set()
        self._find_qualifiers(guide.root)
        self.root = State(self, guide.root, None, None)

    def _find_qualifiers(self, rows: LoopRows) -> None:
        """A segment id needs its qualifier where a loop uses it twice, or opens two kinds of loop with it."""
        shapes: dict[str, list[Shape]] = {}
        for use in rows.segments:
            shapes.setdefault(use.shape.id, []).append(use.shape)
            self.segment_ids.add(use.shape.id)
        for inner in rows.loops:
            trigger = inner.loop.segments[0].shape
            shapes.setdefault(trigger.id, []).append(trigger)
            self._find_qualifiers(inner.loop)
        for segment_id, alike in shapes.items():
            if len(alike) > 1 and segment_id not in self.qualifiers:
                for row in alike[0].rows:
                    if row.codes and row.usage == "R":
                        self.qualifiers[segment_id] = (row.position, row.component)
                        break
        if "HL" in shapes:  # a guide with levels tells them apart by HL03 wherever they stand
            self.qualifiers["HL"] = (3, 0)


_COMPILED: dict[str, Compiled] = {}


def compiled(guide: Guide) -> Compiled:
    """The guide's tables, built once."""
    found = _COMPILED.get(guide.id)
    if found is None or found.guide is not guide:
        found = _COMPILED[guide.id] = Compiled(guide)
    return found
