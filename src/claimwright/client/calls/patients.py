"""Calls about patients. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.patients import Coverage, CoverageFields, EndCoverage, NewPatient, PatientFields, PatientOut, PatientRowPage, PlaceFaultOut


class Patients:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_patients(self, *, q: str = "", practice_id: UUID | None = None, cursor: str = "", limit: int = 50) -> PatientRowPage:
        """Patients, newest id first; `q` is a record or member number, or the beginning of a last name, or "last, first"."""
        found: PatientRowPage = self._ask("GET", "/patients", PatientRowPage, query={"q": q, "practice_id": practice_id, "cursor": cursor, "limit": limit})
        return found

    def register_new_patient(self, *, body: NewPatient, key: str = "") -> PatientOut:
        """Register a patient. 409 with the candidates' ids where it may be somebody registered already."""
        found: PatientOut = self._ask("POST", "/patients", PatientOut, body=body, key=key)
        return found

    def read_patient(self, *, patient_id: UUID) -> PatientOut:
        """One patient with coverages. Its ETag is what a correction must name."""
        found: PatientOut = self._ask("GET", f"/patients/{place(patient_id)}", PatientOut)
        return found

    def correct_patient_record(self, *, patient_id: UUID, body: PatientFields, if_match: str, key: str = "") -> PatientOut:
        """The record as it is said here, whole: read it first and send `registration` back with what changed."""
        found: PatientOut = self._ask("PUT", f"/patients/{place(patient_id)}", PatientOut, body=body, if_match=if_match, key=key)
        return found

    def list_coverages(self, *, patient_id: UUID) -> list[Coverage]:
        """All coverages, past ones too."""
        found: list[Coverage] = self._ask("GET", f"/patients/{place(patient_id)}/coverages", list[Coverage])
        return found

    def add_patient_coverage(self, *, patient_id: UUID, body: CoverageFields, key: str = "") -> Coverage:
        """One more coverage. Beside others of its days it has no place until a person confirms their order."""
        found: Coverage = self._ask("POST", f"/patients/{place(patient_id)}/coverages", Coverage, body=body, key=key)
        return found

    def end_patient_coverage(self, *, coverage_id: UUID, body: EndCoverage, key: str = "") -> Coverage:
        """Close a coverage."""
        found: Coverage = self._ask("POST", f"/coverages/{place(coverage_id)}/end", Coverage, body=body, key=key)
        return found

    def list_coverage_faults(self, *, patient_id: UUID) -> list[PlaceFaultOut]:
        """What is wrong with the order of the coverages, by day."""
        found: list[PlaceFaultOut] = self._ask("GET", f"/patients/{place(patient_id)}/coverages/faults", list[PlaceFaultOut])
        return found
