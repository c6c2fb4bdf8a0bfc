"""Fields of a form as the pages draw them: label, value, choices and what is wrong with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from claimwright.billing.registration import Fault


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is text, date, select, tick, file or area. `hint` stands under the field, `wide` takes a whole row."""

    name: str
    label: str
    kind: str = "text"
    choices: Mapping[str, str] = {}
    hint: str = ""
    longest: int = 0
    required: bool = False
    wide: bool = False
    numeric: bool = False


class Shown(msgspec.Struct, frozen=True):
    """A field with what stands in it and the faults of it; the first faulty field, or the first of all, has the focus."""

    field: Field
    value: str
    faults: tuple[Fault, ...]
    has_focus: bool = False


class Group(msgspec.Struct, frozen=True):
    title: str
    fields: tuple[Shown, ...]


def bound(
    groups: Sequence[tuple[str, Sequence[Field]]],
    cells: Mapping[str, str],
    faults: Iterable[Fault] = (),
    *,
    begins_here: bool = True,
) -> list[Group]:
    """The groups with values and faults. A fault of a field that is not on the page stands with the first field.

    `begins_here`: where nothing is wrong, the first field has the focus.
    """
    told = list(faults)
    names = [field.name for _, fields in groups for field in fields]
    by_field: dict[str, list[Fault]] = {}
    for fault in told:
        by_field.setdefault(fault.field if fault.field in names else names[0], []).append(fault)
    focus = next((name for name in names if name in by_field), names[0] if begins_here else "")
    return [
        Group(
            title,
            tuple(
                Shown(field, cells.get(field.name, ""), tuple(by_field.get(field.name, ())), field.name == focus)
                for field in fields
            ),
        )
        for title, fields in groups
    ]


def posted(data: Mapping[str, str], groups: Sequence[tuple[str, Sequence[Field]]]) -> dict[str, str]:
    """The cells of these fields as they came."""
    return {field.name: str(data.get(field.name, "")) for _, fields in groups for field in fields}
