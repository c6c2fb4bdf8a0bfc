"""Text that goes into a spreadsheet's cell: none of it may run as a formula when a person opens the file."""

from __future__ import annotations

import re

# What starts a formula in some spreadsheet, full-width and small forms too: Excel folds them in East Asian locales.
FORMULA_MARKS = "=+-@|%\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
# A spreadsheet drops blanks before the mark; these have no width or are controls, and are dropped as well.
_UNSEEN = r"\s\x00-\x1f\x7f\u00a0\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
# A cell begins at the text's start, and again after a line end, a tab or a semicolon where the program that opens the
# file divides by those.
_BEGINS = re.compile(rf"(^|[\n\r\t;\x0b\x0c\x85\u2028\u2029])(?=[{_UNSEEN}]*[{re.escape(FORMULA_MARKS)}])")
_CONTROL_FIRST = ("\t", "\r", "\n", "\x00")


def neutral(text: str) -> str:
    """`text` with an apostrophe before whatever would run as a formula; all other text as it is.

    Source of the rule: OWASP, CSV injection; ASVS 5.0 1.2.10. Money is not text: a negative amount is written as a number.
    """
    marked = _BEGINS.sub(r"\1'", text)
    return f"'{marked}" if marked.startswith(_CONTROL_FIRST) else marked
