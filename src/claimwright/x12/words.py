"""SNIP level 5: codes judged by outside tables on the date of service, and by their form where no table is loaded.

What a loop's segments say is read by plans made once per guide: for each loop, which of its segments hold words, and
how they are read. Words that were right once are remembered (for as long as memory is bounded), so that a claim that
is right costs a look-up per word. What is not loaded is not judged beyond its form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from claimwright.x12.amounts import day
from claimwright.x12.findings import Findings
from claimwright.x12.guides import Guide
from claimwright.x12.guides.rows import LoopRows, Row
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.vocabulary import NOT_BILLABLE, NOT_EFFECTIVE, NOT_LOADED, VALID, Vocabulary
from claimwright.x12.word_forms import CANONICAL, FORMS, NAMES
from claimwright.x12.word_readers import JUDGED, READERS, Judging, Reader

SAYS = {
    NOT_EFFECTIVE: ("NOT-EFFECTIVE", "is not in force on that date"),
    NOT_BILLABLE: ("NOT-BILLABLE", "is not specific enough to bill"),
}
UNKNOWN = {
    "npi": "is no valid NPI: its length or check digit is wrong",
    "taxonomy": "is no taxonomy code: ten letters and digits, the last an X",
}
CLAIM_LOOPS = {"837": "2300", "835": "2100"}
MOST_WORDS = 60_000
_NOTHING: set[str] = set()


class Judge:
    """Judges words by one vocabulary and remembers what was right. Keep one for a whole file."""

    __slots__ = ("_answers", "_fine", "_size", "vocabulary")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._fine: dict[str, set[str]] = {}
        self._answers: dict[tuple[str, str, str], str] = {}
        self._size = 0

    def fine(self, kind: str) -> set[str]:
        """Texts of that kind that were found right, to be looked up before anything else. Not to be changed."""
        return self._fine.get(kind, _NOTHING)

    def remember(self, kind: str, text: str) -> None:
        if self._size >= MOST_WORDS:
            self._fine.clear()
            self._size = 0
        self._fine.setdefault(kind, set()).add(text)
        self._size += 1

    def word(
        self, code_set: str, code: str, on: str, segment: Segment, loop: Loop, element: int, component: int,
        findings: Findings, repeat: int = 0,
    ) -> bool:  # fmt: skip
        """Whether nothing is wrong with one word; tells what is."""
        name = CANONICAL.get(code_set, code_set)
        form = FORMS.get(name)
        if form is not None and not form.fullmatch(code):
            suffix, says = "FORMAT", "has not the form of its kind"
        else:
            state = self._state(code_set, code, on)
            if state in (VALID, NOT_LOADED):
                return True
            suffix, says = SAYS.get(state) or ("UNKNOWN", UNKNOWN.get(name, "is not in its code list"))
        findings.add(
            f"SNIP5-{name.upper().replace('_', '-')}-{suffix}", f"The {NAMES.get(name, name.replace('_', ' '))} {says}",
            segment, loop, snip=5, element=element, component=component, repeat=repeat, value=code, element_code="7",
        )  # fmt: skip
        return False

    def _state(self, code_set: str, code: str, on: str) -> str:
        key = (code_set, code, on)
        state = self._answers.get(key)
        if state is None:
            if len(self._answers) >= MOST_WORDS:
                self._answers.clear()
            state = self._answers[key] = self.vocabulary.state(code_set, code, _day(on))
        return state

    def check_loop(self, loop: Loop, findings: Findings) -> None:
        """Judge a loop: a claim with all below it, any other loop's own segments. Loops within a claim are left to it."""
        state = loop.state
        if state is None:
            return
        guide = state.compiled.guide
        plans = plans_for(guide)
        plan = plans.get(loop.id)
        if loop.id == CLAIM_LOOPS.get(guide.set_id):
            self._check_claim(loop, plans, findings)
        elif plan is not None and loop.id not in _inside(guide):
            self._check_own(loop, plan, "", findings)

    def _check_claim(self, claim: Loop, plans: dict[str, Plan], findings: Findings) -> None:
        """A claim and all below. Its date is its own (a statement's last day), else that of its first dated line."""
        own: list[tuple[Reader, Segment]] = []
        on = _scan(claim, plans.get(claim.id, _NO_PLAN), own)
        rest: list[Loop] = []
        for inner in claim.loops:
            if inner.id == "2400" or inner.id == "2110":
                words: list[tuple[Reader, Segment]] = []
                date = _scan(inner, plans.get(inner.id, _NO_PLAN), words) or on
                on = on or date
                for reader, segment in words:
                    reader(self, segment, inner, date, findings)
                for below in inner.loops:
                    self._check_below(below, plans, date, findings)
            else:
                rest.append(inner)
        for reader, segment in own:
            reader(self, segment, claim, on, findings)
        for inner in rest:
            self._check_below(inner, plans, on, findings)

    def _check_below(self, loop: Loop, plans: dict[str, Plan], on: str, findings: Findings) -> None:
        plan = plans.get(loop.id)
        if plan is not None:
            for segment in loop.segments:
                reader = plan.get(segment.elements[0])
                if reader is not None:
                    reader(self, segment, loop, on, findings)
        for inner in loop.loops:
            self._check_below(inner, plans, on, findings)

    def _check_own(self, loop: Loop, plan: Plan, on: str, findings: Findings) -> None:
        words: list[tuple[Reader, Segment]] = []
        on = _scan(loop, plan, words) or on
        for reader, segment in words:
            reader(self, segment, loop, on, findings)


Plan = dict[str, Reader]
_NO_PLAN: Plan = {}


def _scan(loop: Loop, plan: Plan, words: list[tuple[Reader, Segment]]) -> str:
    """Collect a loop's segments that hold words, and give its date of service as CCYYMMDD, "" for none."""
    on = ""
    for segment in loop.segments:
        elements = segment.elements
        name = elements[0]
        if name == "DTP":
            if len(elements) > 3 and elements[1] in ("472", "434"):
                text = elements[3]
                on = text[9:17] if elements[1] == "434" and len(text) == 17 else text[:8]
        elif name == "DTM":
            if len(elements) > 2 and elements[1] in ("472", "150", "232"):
                on = elements[2]
        else:
            reader = plan.get(name)
            if reader is not None:
                words.append((reader, segment))
    return on


_DAYS: dict[str, date | None] = {"": None}


def _day(text: str) -> date | None:
    if text not in _DAYS:
        if len(_DAYS) > MOST_WORDS:
            _DAYS.clear()
        _DAYS[text] = day(text)
    return _DAYS[text]


# --- readers made of a guide's rows that name an outside list


class _Listed:
    """The rows of one use of a segment: where its outside codes are, and which use it is."""

    __slots__ = ("qualifier", "rows", "values")

    def __init__(self, rows: tuple[Row, ...], qualifier: int, values: tuple[str, ...]) -> None:
        self.rows, self.qualifier, self.values = rows, qualifier, values


def _listed(uses: list[_Listed]) -> Reader:
    def read(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
        for use in uses:
            if use.values and segment[use.qualifier] not in use.values:
                continue
            for row in use.rows:
                if row.position < len(segment.elements) and segment.elements[row.position]:
                    _check_row(judge, row, segment, loop, findings)
            return

    return read


def _check_row(judge: Judging, row: Row, segment: Segment, loop: Loop, findings: Findings) -> None:
    fine = judge.fine(row.code_set)
    repeats = segment.repeats(row.position)
    for number, text in enumerate(repeats, 1):
        code = text
        if row.component:
            parts = text.split(segment.delimiters.component)
            code = parts[row.component - 1] if len(parts) >= row.component else ""
        if not code or code in fine or code in row.codes:
            continue
        repeat = number if len(repeats) > 1 else 0
        if judge.word(row.code_set, code, "", segment, loop, row.position, row.component, findings, repeat):
            judge.remember(row.code_set, code)


def _both(one: Reader, other: Reader) -> Reader:
    def read(judge: Judging, segment: Segment, loop: Loop, on: str, findings: Findings) -> None:
        one(judge, segment, loop, on, findings)
        other(judge, segment, loop, on, findings)

    return read


_PLANS: dict[int, tuple[Guide, dict[str, Plan], frozenset[str]]] = {}


def plans_for(guide: Guide) -> dict[str, Plan]:
    """By loop id, the readers of the segments that hold words. Made once per guide."""
    return _planned(guide)[1]


def _inside(guide: Guide) -> frozenset[str]:
    return _planned(guide)[2]


def _planned(guide: Guide) -> tuple[Guide, dict[str, Plan], frozenset[str]]:
    found = _PLANS.get(id(guide))  # by identity: hashing a guide would hash its thousand rows
    if found is None:
        plans: dict[str, Plan] = {}
        inside: set[str] = set()
        claim = CLAIM_LOOPS.get(guide.set_id, "")
        for rows in _loops(guide.root):
            plans.setdefault(rows.id, {}).update(_plan(rows))
            if rows.id == claim:
                inside.update(below.id for below in _loops(rows) if below is not rows)
        found = _PLANS[id(guide)] = (guide, plans, frozenset(inside))
    return found


def _loops(rows: LoopRows) -> Iterator[LoopRows]:
    yield rows
    for inner in rows.loops:
        yield from _loops(inner.loop)


def _plan(rows: LoopRows) -> Plan:
    uses: dict[str, list[_Listed]] = {}
    plan: Plan = {}
    for use in rows.segments:
        shape = use.shape
        name = shape.id
        if name in READERS:
            plan[name] = READERS[name]
        skipped = ("pos", *JUDGED.get(name, ()))
        listed = tuple(row for row in shape.rows if row.code_set and row.code_set not in skipped)
        by = next((row for row in shape.rows if row.codes and not row.component and row.usage == "R"), None)
        uses.setdefault(name, []).append(_Listed(listed, by.position if by else 0, by.codes if by else ()))
    for name, found in uses.items():
        if any(one.rows for one in found):
            if len(found) == 1:
                found = [_Listed(found[0].rows, 0, ())]
            reader = _listed([one for one in found if one.rows])
            plan[name] = _both(plan[name], reader) if name in plan else reader
    return plan


# --- the doors


_JUDGES: list[Judge] = []
MOST_JUDGES = 4


def judge_of(vocabulary: Vocabulary) -> Judge:
    """The judge that remembers for this vocabulary. A few are kept, the last used first."""
    for index, judge in enumerate(_JUDGES):
        if judge.vocabulary is vocabulary:
            if index:
                _JUDGES.insert(0, _JUDGES.pop(index))
            return judge
    judge = Judge(vocabulary)
    _JUDGES.insert(0, judge)
    del _JUDGES[MOST_JUDGES:]
    return judge


def word_rules(guide: Guide, vocabulary: Vocabulary) -> dict[str, tuple[Callable[[Loop, Findings], None], ...]]:
    """By loop id, what is to be run when that loop is complete; loops within a claim and those without words have none."""
    judge = judge_of(vocabulary)
    return dict.fromkeys(
        (name for name, plan in plans_for(guide).items() if plan and name not in _inside(guide)), (judge.check_loop,)
    )
