"""Fields of a dental claim by the qualifier of their DTP: 005010X224A2."""

from __future__ import annotations

GUIDE = "005010X224A2"
LINE_DATES = {
    "452": "appliance_placement_date",
    "446": "replacement_date",
    "196": "treatment_start_date",
    "198": "treatment_completion_date",
}
