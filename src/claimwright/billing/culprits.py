"""Which field of a claim a payer's reason, or a finding of an edit, is about: where a person who corrects it begins.

A payer names no field: it gives a reason (CARC) and remarks (RARC). The table says which field each of them speaks of,
in the names that the form of a claim uses; of a line's field only its kind ("modifiers"), for the denial knows the line.
Source: what each code is about, from our own tables of X12 external code lists 139 (CARC) and 411 (RARC); domain
specification section 8. A code that says nothing about a field has no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LINE_FIELDS = (
    "code",
    "modifiers",
    "units",
    "charge",
    "pointers",
    "ndc",
    "ndc_quantity",
    "revenue_code",
    "tooth",
    "line_note",
)

# By remark first: where a reason only says that something is missing, the remark says what. Each has its row in
# `codes/data/rarc.tsv` or `carc.tsv`, whose label says what it is about.
BY_REMARK: dict[str, str] = {
    **dict.fromkeys(("N290", "N198", "N570", "N95"), "rendering"),
    **dict.fromkeys(("N265", "N286", "N574", "N575"), "referring"),
    **dict.fromkeys(("MA63", "M76", "M81"), "dx1"),
    "M64": "dx2",
    **dict.fromkeys(("N519", "N822", "M80", "N20", "N390", "N525", "M15", "M144"), "modifiers"),
    **dict.fromkeys(("M20", "M51", "N56"), "code"),
    "M53": "units",
    "M79": "charge",
    **dict.fromkeys(("M52", "M59"), "date_from"),
    **dict.fromkeys(("M77", "N428", "N776", "M97"), "place"),
    **dict.fromkeys(("M62", "N54"), "prior_authorization"),
    **dict.fromkeys(("MA27", "MA61", "N329", "N382", "N30", "MA04", "MA83", "MA92"), "registered"),
    **dict.fromkeys(("N115", "N386"), "pointers"),
    "M119": "ndc",
    "N350": "note",
}
BY_REASON: dict[str, str] = {
    **dict.fromkeys(("4", "59", "97", "182", "231", "234", "236"), "modifiers"),
    **dict.fromkeys(("11", "50", "167"), "pointers"),
    **dict.fromkeys(("9", "10", "12", "146"), "dx1"),
    "181": "code",
    "110": "date_from",
    **dict.fromkeys(("5", "58"), "place"),
    **dict.fromkeys(("197", "198", "210", "284", "296", "302"), "prior_authorization"),
    **dict.fromkeys(("243", "287", "288"), "referral"),
    **dict.fromkeys(("8", "170", "171", "172", "185", "206", "207", "208", "B7"), "rendering"),
    **dict.fromkeys(("183", "184"), "referring"),
    **dict.fromkeys(("13", "14", "22", "26", "27", "31", "32", "33", "109", "140"), "registered"),
    **dict.fromkeys(("19", "20", "21"), "cause_EM"),
    "199": "revenue_code",
}

# Findings: the beginning of the path an edit names, to the field that changes it.
BY_PATH: tuple[tuple[str, str], ...] = (
    ("rendering", "rendering"), ("referring", "referring"), ("supervising", "rendering"),
    ("place_of_service", "place"), ("prior_authorization", "prior_authorization"), ("referral", "referral"),
    ("accident_date", "accident_date"), ("accident_state", "accident_state"), ("causes", "cause_EM"),
    ("onset_date", "onset_date"), ("admission_date", "admission_date"), ("discharge_date", "discharge_date"),
    ("note", "note"), ("coverage", "registered"), ("patient", "registered"),
    ("institutional.facility_type", "facility_type"), ("institutional.statement", "statement_from"),
    ("institutional.admission_type", "admission_type"), ("institutional.admission_source", "admission_source"),
    ("institutional.patient_status", "patient_status"), ("institutional.admitting_diagnosis", "admitting"),
    ("institutional.attending", "attending"), ("institutional.operating", "operating"),
    ("institutional.principal_procedure", "procedures"), ("institutional.drg", "drg"),
    ("institutional.values", "value_codes"), ("institutional.occurrences", "occurrences"), ("condition_codes", "conditions"),
)  # fmt: skip
_LINE = re.compile(r"lines?[\[ ]?(\d+)\]?\.?(.*)\Z")
_DIAGNOSIS = re.compile(r"diagnoses?[\[ ]?(\d+)")
_PART_OF_LINE = (
    ("modifier", "modifiers"), ("diagnosis_pointers", "pointers"), ("pointer", "pointers"), ("drug.quantity", "ndc_quantity"),
    ("drug", "ndc"), ("note", "line_note"), ("revenue_code", "revenue_code"), ("dental.teeth", "tooth"),
    ("procedure_code", "code"), ("charge", "charge"), ("units", "units"), ("date", "date_from"),
)  # fmt: skip


def field_of_denial(carc: str, remarks: Iterable[str], *, line: int = 1) -> str:
    """The field of the form that a denial of a line is about, "line2-modifiers"; "" where the codes name none.

    `line` is the number of the denied line, 0 where the claim as a whole was denied.
    """
    for remark in remarks:
        if remark in BY_REMARK:
            return _on_line(BY_REMARK[remark], line)
    return _on_line(BY_REASON.get(carc, ""), line)


def field_of_path(path: str) -> str:
    """The field that changes what an edit's path names; "" where none on the form does."""
    found = _DIAGNOSIS.match(path)
    if found:
        return f"dx{int(found[1]) + 1}"
    if path.startswith("diagnos"):
        return "dx1"
    line = _LINE.match(path)
    if line:
        part = next((field for name, field in _PART_OF_LINE if line[2].startswith(name)), "modifiers")
        return _on_line(part, int(line[1]) + 1)
    return next((field for name, field in BY_PATH if path.startswith(name)), "")


def _on_line(field: str, line: int) -> str:
    if field not in LINE_FIELDS:
        return field
    return f"line{max(line, 1)}-{'note' if field == 'line_note' else field}"
