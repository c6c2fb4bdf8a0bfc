"""Guides compiled: in each loop, a segment's id and qualifier lead straight to where it belongs.

Walking a tree of possible nodes for each segment is what makes validators slow. Here the first segment of a kind in
a loop pays for the search; every later one is two dictionary look-ups and one regular expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from claimwright.x12.blocks import Block, Part, block
from claimwright.x12.columns import Column, columns_of
from claimwright.x12.elements import Checker, checker_for
from claimwright.x12.guides import Guide
from claimwright.x12.guides.rows import LoopRows, Nest, Shape, Use
from claimwright.x12.patterns import matcher
from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters, Segment

COUNTERS = ("LX", "HL")  # a loop that these open may be entered without them: CLP without LX is common
COLD_LOOKS = 20  # a shape earns its regular expression, a millisecond to compile, by being met that often
HOT = 15  # so does a loop, whose expression takes some milliseconds


class Place:
    """A segment's place in a state. `bit` marks it in `Loop.seen`; `fits` says whether a segment's text is right."""

    __slots__ = ("_checker", "_looks", "bit", "fits", "most", "position", "shape", "usage")

    def __init__(self, bit: int, use: Use, checker: Checker) -> None:
        self.bit = bit
        self.position = use.position
        self.shape = use.shape
        self.usage = use.usage
        self.most = use.most
        self._checker = checker
        self._looks = 0
        self.fits: Callable[[str], object] = self._fits

    def _fits(self, text: str) -> object:
        self._looks += 1
        if self._looks > COLD_LOOKS and self._checker.delimiters.differ:
            self.fits = matcher(self.shape, self._checker.delimiters)
            return self.fits(text)
        return self._checker.fits(text.split(self._checker.delimiters.element), self._checker.rule(self.shape))


NO_BLOCKS: dict[str, Block] = {}


class Move:
    """Go up so many loops, open these, and stand at `place`. `backward` when that is earlier than what went before.

    `stays` when it neither leaves nor opens a loop. `block` recognizes the loop it opens as a whole, by separator.
    """

    __slots__ = ("backward", "block", "opens", "place", "stays", "up")

    def __init__(self, up: int, opens: tuple[State, ...], place: Place, backward: bool) -> None:
        self.up, self.opens, self.place, self.backward = up, opens, place, backward
        self.stays = not up and not opens
        self.block = opens[0].blocks if len(opens) == 1 else NO_BLOCKS


class Choice:
    """What a segment id can mean in a state: by the value of one element or component, else `otherwise`.

    Where that element does not tell all meanings apart, a value leads to a further choice.
    """

    __slots__ = ("by_value", "component", "otherwise", "position")

    def __init__(self, position: int = 0, component: int = 0) -> None:
        self.position, self.component = position, component
        self.by_value: dict[str, Move | Choice] = {}
        self.otherwise: Move | Choice | None = None

    def pick(self, segment: Segment) -> Move | None:
        found: Move | Choice | None = self
        while isinstance(found, Choice):
            if not found.position:
                found = found.otherwise
                continue
            at, component = found.position, found.component
            value = segment.component(at, component) if component else segment[at]
            found = found.by_value.get(value, found.otherwise)
        return found

    def moves(self) -> Iterator[Move]:
        """All meanings that some segment can have."""
        for found in (*self.by_value.values(), self.otherwise):
            if isinstance(found, Choice):
                yield from found.moves()
            elif found is not None:
                yield found


class _ByComponent(dict[str, Move]):
    """Looks a whole element up by its first component."""

    __slots__ = ("_separator",)

    def __init__(self, moves: dict[str, Move], separator: str) -> None:
        super().__init__(moves)
        self._separator = separator

    def __missing__(self, value: str) -> Move:
        first, separator, _ = value.partition(self._separator)
        if not separator:
            raise KeyError
        return self[first]


NOWHERE: tuple[int, dict[str, Move]] = (0, {})


class State:
    """A loop at one place of the tree. 2300 under the subscriber and 2300 under the patient are two states.

    `bit` marks it in its parent's `Loop.seen`, `required` holds the bits of what may not be missing. `moves` leads
    from a segment id to the element that tells its meanings apart and from that element's value to the move; it is
    filled as segments come, and has no entry for what needs a closer look (`choice`). `blocks` recognize the loop as a
    whole once it is `hot`, and `block_seen` is then what `Loop.seen` has at the least. `record` says that the loop is
    the guide's natural record: a claim, a claim payment, a member; `passes` that a stream may let it go when the next
    of its kind comes: it can repeat and lies in no record.
    """

    __slots__ = (
        "_choices",
        "_met",
        "bit",
        "block_seen",
        "blocks",
        "children",
        "compiled",
        "hot",
        "id",
        "moves",
        "most",
        "name",
        "parent",
        "passes",
        "places",
        "position",
        "record",
        "required",
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
        self.record = rows.id in compiled.guide.records
        self.passes = self.most != 1 and not self._within_a_record()
        self.bit = 0
        self.places = [Place(1 << at, use, compiled.checker) for at, use in enumerate(rows.segments)]
        self.children = [State(compiled, inner.loop, self, inner) for inner in rows.loops]
        self.required = sum(place.bit for place in self.places if place.usage == "R" and place.shape.id != "SE")
        for at, child in enumerate(self.children, len(self.places)):
            child.bit = 1 << at
            if child.usage == "R":
                self.required |= child.bit
        self.hot = 0
        self._met = 0
        self.blocks: dict[str, Block] = {}
        self.block_seen = 0
        self._choices: dict[str, Choice | None] = {}
        self.moves: dict[str, tuple[int, dict[str, Move]]] = {}

    def warm(self, seen: int) -> None:
        """Count one more loop of the state. When it has been met often enough it can be recognized as a whole, by the
        segments that have come in it: that is far quicker than by all that might."""
        if not self.compiled.delimiters.differ:
            return
        self.hot += 1
        self._met |= seen
        if self.hot < HOT or self.parent is None:
            return
        self.hot = HOT + 1
        self.block_seen = self.trigger.bit | sum(place.bit for place in self._usual() if place.usage == "R")

    def _usual(self) -> list[Place]:
        """What has come in the loop, or must, before the first of the loops below it."""
        limit = min((child.position for child in self.children), default=None)
        return [
            place for place in self.places[1:]
            if (place.usage == "R" or place.bit & self._met) and (limit is None or place.position <= limit)
        ]  # fmt: skip

    def learn(self, separator: str) -> Block:
        """What recognizes the loop as a whole where segments end in `separator`."""
        columns = columns_of(self.compiled.guide, self.id)
        parts = [
            Part(
                place.shape,
                place.position,
                place is self.trigger or place.usage == "R",  # without its first segment a loop is no match
                place.most,
                _column(place.shape, columns),
            )
            for place in (self.trigger, *self._usual())
        ]
        found = self.blocks[separator] = block(parts, columns, self.compiled.delimiters, separator)
        return found

    def _within_a_record(self) -> bool:
        above = self.parent
        while above is not None and not above.record:
            above = above.parent
        return above is not None

    @property
    def trigger(self) -> Place:
        return self.places[0]

    def place_of(self, segment: Segment) -> Place | None:
        """The place of one of the loop's own segments, its first one aside; None for one that does not belong."""
        choice = self.choice(segment.elements[0])
        move = choice.pick(segment) if choice is not None else None
        return move.place if move is not None and move.stays else None

    def choice(self, segment_id: str) -> Choice | None:
        """What `segment_id` can mean here; searched once, then remembered. None = nothing."""
        if segment_id in self._choices:
            return self._choices[segment_id]
        tiers = list(self._tiers(segment_id))
        meanings = [(tier, move) for tier, moves in enumerate(tiers) for move in moves]
        found = _chosen(meanings, segment_id in self.compiled.asked)
        self._choices[segment_id] = found
        self.moves[segment_id] = self._quick(found)
        return found

    def _quick(self, choice: Choice | None) -> tuple[int, dict[str, Move]]:
        """The choice as two look-ups, as far as it can be told by one element. ST and SE always need a closer look."""
        if choice is None or choice.component > 1:
            return NOWHERE
        if not choice.position:
            move = choice.otherwise
            return (
                (0, {move.place.shape.id: move})
                if isinstance(move, Move) and move.place.shape.id not in ("ST", "SE")
                else NOWHERE
            )
        moves = {value: move for value, move in choice.by_value.items() if isinstance(move, Move)}
        if choice.component:
            return choice.position, _ByComponent(moves, self.compiled.delimiters.component)
        return choice.position, moves

    def _tiers(self, segment_id: str) -> Iterator[list[Move]]:
        """All meanings, best first: here and below, above in order, above out of order, below a missing counter."""
        yield [*self._own(segment_id, 0, None), *self._below(segment_id, 0, None)]
        for forward in (True, False):
            came_from: State = self
            above, up = self.parent, 1
            while above is not None:
                yield [
                    *above._own(segment_id, up, came_from, forward),
                    *above._below(segment_id, up, came_from, forward),
                ]
                came_from, above, up = above, above.parent, up + 1
        standing: State | None = self
        up = 0
        while standing is not None:
            yield list(standing._through_counters(segment_id, up, ()))
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


def _chosen(
    meanings: list[tuple[int, Move]], asks: bool, spent: frozenset[tuple[int, int]] = frozenset()
) -> Choice | None:
    """The choice that reaches most meanings of the nearest tier, by the first element that does.

    Unless `asks`, the first meaning is taken as it is: what is wrong with its qualifier is then told as a wrong code.
    """
    if not meanings:
        return None
    plain = _by_element(meanings, 0, 0)
    if not asks:
        return plain
    options = sorted({
        (row.position, row.component)
        for _, move in meanings for row in move.place.shape.rows if row.codes and row.usage == "R"
    } - spent)  # fmt: skip
    if meanings[0][1].place.shape.id == "HL":
        options = [] if spent else [(3, 0)]  # levels are told apart by HL03 wherever they stand
    nearest = {id(move) for tier, move in meanings if tier == meanings[0][0]}
    best, reached = plain, 0
    for position, component in options:
        choice = _by_element(meanings, position, component)
        score = len(nearest & {id(move) for move in choice.moves()})
        if score > reached:
            best, reached = choice, score
    if best.position:
        _choose_further(best, meanings, spent | {(best.position, best.component)})
    return best


def _by_element(meanings: list[tuple[int, Move]], position: int, component: int) -> Choice:
    choice = Choice(position, component)
    for _, move in meanings:
        values = qualifier_values(move.place.shape, position, component) if position else ()
        if not values:
            choice.otherwise = choice.otherwise or move
        for value in values:
            choice.by_value.setdefault(value, move)
    return choice


def _choose_further(choice: Choice, meanings: list[tuple[int, Move]], spent: frozenset[tuple[int, int]]) -> None:
    """Where one value means several things of the same tier, ask a second element."""
    for value in list(choice.by_value):
        alike = [
            (tier, move)
            for tier, move in meanings
            if value in qualifier_values(move.place.shape, choice.position, choice.component)
        ]
        nearest = [(tier, move) for tier, move in alike if tier == alike[0][0]]
        if len(nearest) > 1:
            further = _chosen(nearest, True, spent)
            if further is not None and len({id(move) for move in further.moves()}) > 1:
                choice.by_value[value] = further
    plain = [
        (tier, move) for tier, move in meanings
        if not qualifier_values(move.place.shape, choice.position, choice.component)
    ]  # fmt: skip
    nearest = [(tier, move) for tier, move in plain if tier == plain[0][0]] if plain else []
    if len(nearest) > 1:
        further = _chosen(nearest, True, spent)
        if further is not None and len({id(move) for move in further.moves()}) > 1:
            choice.otherwise = further


def qualifier_values(shape: Shape, position: int, component: int) -> tuple[str, ...]:
    for row in shape.rows:
        if row.position == position and row.component == component:
            return row.codes
    return ()


def _column(shape: Shape, columns: tuple[Column, ...]) -> Column | None:
    """The column of the table that stands for a use of a segment."""
    values = qualifier_values(shape, 1, 0) or qualifier_values(shape, 1, 1)
    for one in columns:
        if one.segment_id == shape.id and (not one.codes or one.codes[0] in values):
            return one
    return None


class Compiled:
    """A guide ready to read with, for one set of separators. `asked` are the segments that a qualifier tells apart."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self.guide = guide
        self.delimiters = delimiters
        self.checker = checker_for(delimiters)
        self.segment_ids: set[str] = set()
        self.asked: set[str] = set()
        self._note_ids(guide.root)
        self.root = State(self, guide.root, None, None)

    def _note_ids(self, rows: LoopRows) -> None:
        """All segment ids, and those that a loop uses twice or opens two kinds of loop with: they need a qualifier."""
        ids = [use.shape.id for use in rows.segments]
        self.segment_ids.update(ids)
        ids += [inner.loop.segments[0].shape.id for inner in rows.loops]
        self.asked.update(one for one in ids if ids.count(one) > 1 or one == "HL")
        for inner in rows.loops:
            self._note_ids(inner.loop)


_COMPILED: dict[tuple[int, Delimiters], Compiled] = {}
MOST_COMPILED = 64


def compiled(guide: Guide, delimiters: Delimiters = DEFAULT_DELIMITERS) -> Compiled:
    """The guide's tables, built once for a set of separators. Few sets exist; odd ones do not pile up."""
    found = _COMPILED.get((id(guide), delimiters))
    if found is None or found.guide is not guide:
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()
        found = _COMPILED[id(guide), delimiters] = Compiled(guide, delimiters)
    return found
