"""Which edits cannot run, or see less, because a set of codes or a table was never loaded; and what would have to be."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.codes.fact_sets import FACT_SETS, NCCI_MEDICAID_SETS
from claimwright.codes.library import all_loaders
from claimwright.codes.library_sets import LoadedSet
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.facts import FACT_NAMES

# Lists that edits ask through the name "procedure". The edits run without any of them, by the form of the codes; but of a
# list that is loaded, a day that it does not cover cannot be judged, and the claim is held.
_PROCEDURE_LISTS, _OF_PROCEDURES = ("cpt", "hcpcs", "cdt"), ("PX01", "PX02")


def never_loaded(known: set[str]) -> list[LoadedSet]:
    """Tables that only an import brings and that nobody imported."""
    names = {name: loader.reads for loader in reversed(all_loaders()) for name in loader.sets}
    return [
        LoadedSet(name=name, loaded=False, note=f"Import {reads}") for name, reads in names.items() if name not in known
    ]


def edits_by_missing_set(loaded: set[str], *, using: bool = False) -> dict[str, tuple[str, ...]]:
    """The edits that each set holds back: the set, or the fact made of it, is needed and none is loaded.

    A set of NCCI holds them back for its own claims alone. `using`: those that run without it and would see more with it.
    """
    found: dict[str, list[str]] = {}
    for edit in CATALOGUE:
        if using:
            missing = {name for need in edit.uses for name in _sets_missing(need, loaded)}
            missing |= {name for need in edit.needs for name in _sets_beside(need, loaded)}
        else:
            missing = {name for need in edit.needs for name in _sets_missing(need, loaded)}
        for name in sorted(missing):
            found.setdefault(name, []).append(edit.id)
    return {name: tuple(ids) for name, ids in found.items()}


def edits_held_after(loaded: set[str], ending: set[str]) -> dict[str, tuple[str, ...]]:
    """By each of the loaded sets that end together, the edits that hold claims of later days: they could not run."""
    needed = edits_by_missing_set(loaded - ending)
    return {
        name: (*needed.get(name, ()), *(_OF_PROCEDURES if name in _PROCEDURE_LISTS else ())) for name in sorted(ending)
    }


def _sets_missing(need: str, loaded: set[str]) -> Sequence[str]:
    """The sets any of which would give what is needed and not there; of NCCI each that is not loaded."""
    sets = FACT_SETS.get(need)
    if sets is None:
        return (need,) if _is_a_set(need, loaded) else ()
    if need in NCCI_MEDICAID_SETS:
        return [name for name in (*sets, *NCCI_MEDICAID_SETS[need]) if name not in loaded]
    return sets if loaded.isdisjoint(sets) else ()


def _sets_beside(need: str, loaded: set[str]) -> Sequence[str]:
    """The sets that would add to a fact of which another set is loaded."""
    sets = FACT_SETS.get(need, ())
    if need in NCCI_MEDICAID_SETS or loaded.isdisjoint(sets):
        return ()
    return [name for name in sets if name not in loaded]


def _is_a_set(need: str, loaded: set[str]) -> bool:
    """Whether a need is a code set and not a fact of the claim, and is not loaded."""
    return need not in FACT_NAMES and need not in loaded
