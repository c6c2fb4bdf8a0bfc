"""What lies around a visit reaches its edits: stays, substitutes, services charged elsewhere, policies that were imported."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.lib.practices import superbill_row, take_in


@pytest.fixture
def scope(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def found(*ids: str) -> list[tuple[str, str]]:
    """The findings of those edits after a scrub, by edit and claim."""
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.services import scrub

    scrub()
    rows = EditFinding.objects.filter(edit_id__in=ids, open=True).order_by("edit_id", "path")
    return list(rows.values_list("edit_id", "path"))


def visit(external_id: str, **content):
    """The visit as taken in, its content changed."""
    from claimwright.web.charges.models import Encounter

    row = Encounter.objects.get(external_id__contains=external_id)
    row.content |= content
    row.save()
    return row


def test_an_office_visit_within_a_stay_is_held(scope):
    take_in(
        scope,
        superbill_row(external_id="V1", dos_from="2026-08-29", cpt="99214", charge="210.00"),
        superbill_row(external_id="V2", dos_from="2026-08-31"),
    )
    visit("V1", admission_date="2026-08-28", discharge_date="2026-09-02")
    assert found("DAT12") == [("DAT12", "place_of_service")] * 2


def test_a_stay_without_a_discharge_is_not_taken_to_last_for_ever(scope):
    take_in(scope, superbill_row(external_id="V1", dos_from="2026-08-20"), superbill_row(external_id="V2"))
    visit("V1", admission_date="2026-08-18")
    assert found("DAT12") == []


def test_a_visit_that_did_not_happen_tells_of_no_stay(scope):
    take_in(scope, superbill_row(external_id="V1", dos_from="2026-08-28"), superbill_row(external_id="V2"))
    row = visit("V1", admission_date="2026-08-28", discharge_date="2026-09-02")
    row.state = "CANCELLED"
    row.save()
    assert found("DAT12") == []


@pytest.mark.parametrize(("returned", "expected"), [("", 1), ("2026-08-15", 0)])
def test_a_substitute_of_more_than_sixty_days_is_held(scope, returned, expected):
    rows = [
        superbill_row(external_id="V1", dos_from="2026-06-01", mod1="Q6"),
        superbill_row(external_id="V9", dos_from="2026-08-31", mod1="Q6"),
    ]
    if returned:  # the absent physician has worked again: a new run begins
        rows.append(superbill_row(external_id="V5", dos_from=returned))
    take_in(scope, *rows)
    assert found("PRV14") == [("PRV14", "lines[0].modifiers")] * expected


def test_a_service_is_missed_unless_some_claim_of_the_visit_charges_it(scope):
    from claimwright.web.charges.models import ChargeLine, DocumentedService

    take_in(scope, superbill_row(external_id="V1"))
    row = visit("V1")
    row.services_read = True
    row.save()
    DocumentedService.objects.create(encounter=row, kind="procedure", code="96372", source="medication record")
    assert found("LIN11") == [("LIN11", "lines")]
    line = ChargeLine.objects.get(encounter=row)
    ChargeLine.objects.create(
        encounter=row, practice=line.practice, patient=line.patient, line_id="OTHER", number=2, code="96372", units=1,
        charge=40, date_of_service=line.date_of_service, charged_on=line.charged_on,
    )  # fmt: skip
    assert found("LIN11") == []


def test_a_visit_recorded_as_supervised_needs_its_supervisor(scope):
    from claimwright.web.submissions.models import ClaimVersion

    take_in(scope, superbill_row(external_id="V1"))
    row = visit("V1", supervising={"npi": "1234567893", "last_name": "HALVORSEN"})
    row.note_id = "N1"
    row.save()
    assert "supervising" not in ClaimVersion.objects.get().content
    assert found("PRV08") == [("PRV08", "supervising")]


def test_a_policy_that_was_imported_is_asked(scope, tmp_path, monkeypatch):
    from claimwright.codes.library import Asked, Library
    from claimwright.codes.library_sets import CODES_VARIABLE

    table = tmp_path / "policies.csv"
    table.write_text("policy,title,procedures,diagnoses,start\nN190.1,Visits,99213,I10 E11*,2020-01-01\n")
    Library(tmp_path / "codes").import_files([table], asked=Asked(), at=datetime(2026, 9, 1, 9))
    monkeypatch.setenv(CODES_VARIABLE, str(tmp_path / "codes"))
    take_in(scope, superbill_row(external_id="V1"))
    assert found("DX17") == [("DX17", "lines[0].diagnosis_pointers")]


def test_runs_of_substitution():
    from claimwright.edits.history import substitution_starts

    def june(day: int) -> date:
        return date(2026, 6, day)

    assert substitution_starts([]) == ()
    assert substitution_starts([(june(9), True), (june(2), True), (june(20), True)]) == (june(2),)
    assert substitution_starts([(june(2), True), (june(5), False), (june(9), True)]) == (june(2), june(9))
    assert substitution_starts([(june(2), True), (june(2), False), (june(9), True)]) == (june(9),)
