"""Whatever a claim holds, no edit breaks and none changes its answer: junk is found, never raised."""

from __future__ import annotations

import types
import typing
from datetime import date
from decimal import Decimal
from functools import cache

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.claims.nouns import Claim
from claimwright.edits.engine import run
from claimwright.edits.payers.medicare_b import MEDICARE_B
from tests.edits.cases import facts_of

TEXTS = st.sampled_from(["", " ", "P", "S", "18", "7", "99213", "J069", "S52521", "W19A", "MB", "25", "1234567893"])
TEXTS |= st.text(max_size=8)
LEAVES = {
    str: TEXTS,
    int: st.integers(-3, 60),
    bool: st.booleans(),
    date: st.dates(date(1, 1, 1), date(9999, 12, 31)),
    Decimal: st.decimals(-1000, 1000, places=2) | st.sampled_from([Decimal("0"), Decimal("1E+3"), Decimal("0.0001")]),
}


@cache
def strategy_of(hint: object) -> st.SearchStrategy[object]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is type(None):
        return st.none()
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*(strategy_of(one) for one in arguments))
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(strategy_of(arguments[0]), max_size=3).map(tuple)
        return st.tuples(*(strategy_of(one) for one in arguments))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{name: strategy_of(hints[name]) for name in hint.__struct_fields__})
    return LEAVES[hint]  # type: ignore[index]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_claim_breaks_an_edit(data: st.DataObject) -> None:
    claim = data.draw(strategy_of(Claim))
    assert isinstance(claim, Claim)
    facts = msgspec.structs.replace(facts_of(), payer=MEDICARE_B)
    findings = run(claim, facts)
    assert not [f for f in findings if f.could_not_run and "failed with" in f.message]
    assert findings == run(claim, facts)
    assert findings  # no junk is clean
