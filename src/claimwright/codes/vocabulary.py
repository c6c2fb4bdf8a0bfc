"""The code sets as the wire's checker asks for them: `state(code_set, code, on)` in plain text."""

from __future__ import annotations

from datetime import date

from claimwright.codes.code_sets import CodeSets, State, shipped

# What implementation guides call our sets, where it differs. A guide's "hcpcs" holds Level I codes too.
NAMES = {
    "hcpcs": "procedure",
    "states": "state",
    "entity_id": "entity",
    "remark_code": "rarc",
    "claim_status_cat": "claim_status_category",
}


class CodeVocabulary:
    """Answers the checker from code sets; the shipped ones unless others are given."""

    __slots__ = ("_sets",)

    def __init__(self, sets: CodeSets | None = None) -> None:
        self._sets = sets or shipped()

    def state(self, code_set: str, code: str, on: date | None) -> str:
        """valid, unknown, not_effective, not_billable or not_loaded.

        A date that no release speaks for is not_loaded too: on the wire it means that nothing can be said.
        """
        state = self._sets.state(NAMES.get(code_set, code_set), code, on)
        return str(State.NOT_LOADED if state is State.NOT_COVERED else state)
