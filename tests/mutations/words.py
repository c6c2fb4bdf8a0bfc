"""Level 5 from the guides' tables: wherever a row names an outside list, a word that is not in it."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.x12.guides.elements import ELEMENTS
from claimwright.x12.word_forms import CANONICAL
from tests.mutations.elements import filled, named
from tests.mutations.files import VOCABULARY, Mutant, Sample, Spot

LATER = {
    "SNIP4-*": "a situation asks the same word",
    "SNIP2-CODE": "the row lists values too",
}
NPI_QUALIFIED = {"NM1": (8, 9), "N1": (3, 4), "REF": (1, 2)}
NPI = ("XX", "HPI")


def word_not_listed(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        if not row.code_set or value in row.codes or _pharmacy(sample, spot, position):
            continue
        longest = ELEMENTS.get(row.element, ("AN", 1, 30))[2]
        wrong = next((code for code in _strange(value) if len(code) <= longest and _unknown(row.code_set, code)), None)
        if wrong is not None:
            name = CANONICAL.get(row.code_set, row.code_set).upper().replace("_", "-")
            yield named(
                f"word-not-in-{name.lower()}", 5, sample, spot, sample.with_element(spot, position, wrong, component),
                f"SNIP5-{name}-UNKNOWN SNIP5-{name}-FORMAT", position, component, LATER,
            )  # fmt: skip


def _pharmacy(sample: Sample, spot: Spot, position: int) -> bool:
    """A status of STC01-4 RX is of a list that nobody may ship."""
    return spot.shape.id == "STC" and spot.value(position).endswith(sample.component + "RX")


def _strange(value: str) -> Iterator[str]:
    for letter in "QZ9X":
        yield letter * len(value)
    yield value[:-1] + "?"


def _unknown(code_set: str, code: str) -> bool:
    return VOCABULARY.state(code_set, code, None) == "unknown"


def npi_digit_changed(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    """Each digit of a right NPI changed: the check digit finds any one."""
    kind, number = NPI_QUALIFIED.get(spot.shape.id, (0, 0))
    if not kind or spot.value(kind) not in NPI or VOCABULARY.state("npi", spot.value(number), None) != "valid":
        return
    value = spot.value(number)
    for at in range(len(value)):
        new = value[:at] + str((int(value[at]) + 1) % 10) + value[at + 1 :]
        if at == 0 and new[0] not in "12":
            new = ("2" if value[0] == "1" else "1") + value[1:]
        yield named(
            f"npi-digit-{at + 1}-changed", 5, sample, spot, sample.with_element(spot, number, new),
            "SNIP5-NPI-UNKNOWN", number, 0, LATER,
        )  # fmt: skip
    for kind_of, new in (("npi-cut", value[:9]), ("npi-swapped", _swapped(value))):
        if new != value:
            yield named(
                kind_of, 5, sample, spot, sample.with_element(spot, number, new), "SNIP5-NPI-UNKNOWN", number, 0, LATER
            )


def _swapped(value: str) -> str:
    """Two neighbours changed places; 0 and 9 may, that is the algorithm's one blind spot."""
    for at in range(1, len(value) - 2):
        if value[at] != value[at + 1] and {value[at], value[at + 1]} != {"0", "9"}:
            return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    return value


WORD_KINDS = (word_not_listed, npi_digit_changed)
