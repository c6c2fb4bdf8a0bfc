"""Migrations from nothing in seconds instead of most of a minute.

Django keeps a rendered copy of every model while it migrates and, at each operation, renders again whatever is related
to the model that changes. Here every table points at the tenant, so one new column renders every model of the product.
What only adds to one model (a model, a field, an index, a constraint) changes no other: that model alone is rendered,
and the state is marked as Django marks it when it puts such work off, so that code in migrations gets a whole one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState


@contextmanager
def quick_states() -> Iterator[None]:
    """While open, models are rendered alone where nothing but they can have changed. For one thread at a time."""
    find: Any = ProjectState._find_reload_model
    adding: list[str] = []

    def found(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        if not (delay or adding):
            related: set[tuple[str, str]] = find(state, app_label, model_name, delay)
            return related
        state.is_delayed = True
        return {(app_label, model_name)}

    def only_adds(method: Any) -> Any:
        def wrapped(state: Any, *arguments: Any, **named: Any) -> None:
            adding.append(method.__name__)
            try:
                method(state, *arguments, **named)
            finally:
                adding.pop()

        return wrapped

    kept = {name: getattr(ProjectState, name) for name in ("_find_reload_model", "add_model", "add_field")}
    changed: Any = ProjectState
    changed._find_reload_model = found
    changed.add_model = only_adds(ProjectState.add_model)
    changed.add_field = only_adds(ProjectState.add_field)
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(ProjectState, name, method)
