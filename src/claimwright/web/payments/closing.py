"""What else keeps a decided claim open: apps above that know of a dispute with the payer tell it here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from uuid import UUID

# Asked with versions that may close; answers how many disputes about what was paid are open on each.
Source = Callable[[Collection[UUID]], Mapping[UUID, int]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Once, when the app of the disputes is ready. Registering again replaces."""
    _sources[name] = source


def open_variances(version_ids: Collection[UUID]) -> Counter[UUID]:
    """Open variances by version; none where nobody told of any. Domain specification section 6, ADJUDICATED to CLOSED."""
    found: Counter[UUID] = Counter()
    for source in _sources.values() if version_ids else ():
        found.update(source(version_ids))
    return found
