"""The diagnosis codes of October: every office loads the new fiscal year's, and so do these.

What CDC publishes for that year is not there yet when the year is simulated: the codes of the year before are loaded
again under the new one's name, from a file of the same form.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from claimwright.codes.library import Library
from claimwright.codes.library_sets import codes_folder
from claimwright.codes.library_shapes import Asked
from claimwright.codes.tables import read_text


def carry_over_diagnoses(home: Path, *, at: datetime) -> None:
    """Load fiscal year 2027 into the code library of `home`, once."""
    library = Library(codes_folder(home))
    if library.state().entries:
        return
    lines = []
    for number, row in enumerate(read_text("icd10cm-2026.tsv.xz").splitlines(), 1):
        code, billable, title = row.split("\t")
        lines.append(f"{number:05d} {code:<7} {billable} {title[:60]:<60} {title}\r\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "icd10cm_order_2027.txt"
        path.write_text("".join(lines), encoding="utf-8", newline="")
        library.import_files([path], asked=Asked(), at=at, by="simulation")
