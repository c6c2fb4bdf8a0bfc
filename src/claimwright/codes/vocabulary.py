"""The code sets as the wire's checker asks for them: `state(code_set, code, on)` in plain text."""

from __future__ import annotations

from datetime import date

from claimwright.codes.code_sets import CodeSets, shipped

# The names that implementation guides give to outside lists, beside our own.
NAMES = {
    "states": "state",
    "country": "country",
    "countries": "country",
    "currency": "currency",
    "entity_id": "entity",
    "remark_code": "rarc",
    "remark": "rarc",
    "adjustment_reason": "carc",
    "adj_reason": "carc",
    "claim_adjustment_reason": "carc",
    "service_type": "service_type",
    "claim_status_cat": "claim_status_category",
    "claim_status": "claim_status",
    "place_of_service": "pos",
    "diagnosis": "icd10cm",
    "icd10": "icd10cm",
    "provider_taxonomy": "taxonomy",
}


class CodeVocabulary:
    """Answers the checker from code sets; the shipped ones unless others are given."""

    __slots__ = ("_sets",)

    def __init__(self, sets: CodeSets | None = None) -> None:
        self._sets = sets or shipped()

    def state(self, code_set: str, code: str, on: date | None) -> str:
        """valid, unknown, not_effective, not_billable, not_loaded or not_covered."""
        return str(self._sets.state(NAMES.get(code_set, code_set), code, on))
