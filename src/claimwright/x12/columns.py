"""The elements that readers want most, loop by loop: of a loop recognized as a whole they come as one row.

A row has its columns in the order of this table, None for what is absent. A use of a segment that the table leaves
out altogether makes the row unavailable (`Loop.row` is then None), and the loop is read segment by segment; a column
without elements only says that the segment may be there.
"""

from __future__ import annotations

import msgspec

from claimwright.x12.guides import Guide


class Column(msgspec.Struct, frozen=True):
    """Elements of one segment. `codes` are values of its first element (or of its first component) that choose the
    guide's use of the segment, empty = any use; `times` how many repeats have columns of their own; with `tail` one more column
    has whatever follows the highest element."""

    segment_id: str
    elements: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    times: int = 1
    tail: bool = False

    @property
    def width(self) -> int:
        return self.times * (len(self.elements) + self.tail)


def column(segment_id: str, elements: str = "", codes: str = "", times: int = 1, tail: bool = False) -> Column:
    return Column(segment_id, tuple(int(one) for one in elements.split()), tuple(codes.split()), times, tail)


_NAME, _STREET, _PLACE = "3 4 5 7 8 9", column("N3", "1 2"), column("N4", "1 2 3 4 7")
_PERSON = (_STREET, _PLACE, column("DMG", "2 3"))

COLUMNS: dict[str, dict[str, tuple[Column, ...]]] = {
    "005010X221A1": {
        "2100": (
            column("CLP", "1 2 3 4 5 6 7 8 9"),
            column("CAS", "1 2 3", times=2, tail=True),
            column("NM1", "3 4 5 7 9", "QC"),
            column("NM1", "9", "IL"),
            column("NM1", "8 9", "82"),
            column("REF", "1 2", "F8", times=2),
            column("REF", "", "0B"),
            column("DTM", "1 2", "232", times=2),
            column("DTM", "", "036"),
            column("DTM", "2", "050"),
            column("PER"),
            column("AMT", "1 2", times=3),
            column("QTY"),
        ),
        "2110": (
            column("SVC", "1 2 3 5 6 7"),
            column("DTM", "1 2", times=2),
            column("CAS", "1 2 3", times=4, tail=True),
            column("REF", "", "G1"),
            column("REF", "2", "6R"),
            column("REF", "", "0B"),
            column("REF", "", "0K"),
            column("AMT", "1 2", times=2),
            column("QTY"),
            column("LQ", "1 2", times=3),
        ),
    },
    "005010X222A1": {
        "2000B": (column("HL", "1 2"), column("SBR", "1 2 3 4 5 9")),
        "2010BA": (column("NM1", "2 " + _NAME), *_PERSON),
        "2010BB": (column("NM1", "3 8 9"), _STREET, _PLACE),
        "2000C": (column("HL", "1 2"), column("PAT", "1", tail=True)),
        "2010CA": (column("NM1", _NAME), *_PERSON),
        "2300": (
            column("CLM", "1 2 5 6 7 8 9 10 11 12 20"),
            column("DTP", "3", "431"),
            column("DTP", "3", "439"),
            column("DTP", "3", "435"),
            column("DTP", "3", "096"),
            column("AMT", "2", "F5"),
            column("REF", "2", "9F"),
            column("REF", "2", "G1"),
            column("REF", "2", "F8"),
            column("REF", "2", "X4"),
            column("REF", "2", "D9"),
            column("REF", "2", "EA"),
            column("HI", "1 2 3 4 5 6 7 8 9 10 11 12", "ABK"),
        ),
        "2310A": (column("NM1", "1 2 " + _NAME),),
        "2310B": (column("NM1", "2 " + _NAME), column("PRV", "3")),
        "2310C": (column("NM1", "2 " + _NAME), _STREET, _PLACE),
        "2400": (
            column("LX", "1"),
            column("SV1", "1 2 3 4 5 7 9 11 12 15"),
            column("DTP", "3", "472"),
            column("REF", "2", "6R"),
        ),
    },
}  # fmt: skip


def columns_of(guide: Guide, loop_id: str) -> tuple[Column, ...]:
    """The columns of a loop; none where nobody asked for any."""
    return COLUMNS.get(guide.id, {}).get(loop_id, ())
