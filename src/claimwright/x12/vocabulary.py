"""What the wire asks of code tables: a Protocol, so that this room needs no table of its own."""

from __future__ import annotations

from datetime import date
from typing import Protocol

VALID = "valid"
UNKNOWN = "unknown"
NOT_EFFECTIVE = "not_effective"
NOT_BILLABLE = "not_billable"
NOT_LOADED = "not_loaded"


class Vocabulary(Protocol):
    """Code tables by date.

    `code_set` is one of icd10cm, icd9cm, icd10pcs, icd9pcs, hcpcs, cdt, hipps, ndc, pos, revenue, type_of_bill,
    condition_code, occurrence_code, occurrence_span_code, value_code, drg, carc, rarc, npi, taxonomy, states,
    country, postal_code, currency, claim_status, claim_status_category, entity_id, tooth, oral_area, modifier, or
    what a guide's row calls its list. `on` None means the date is not known: judge by existence alone. An answer of
    "not_loaded" means that nothing can be said.
    """

    def state(self, code_set: str, code: str, on: date | None) -> str: ...
