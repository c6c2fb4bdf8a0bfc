"""The demonstration's first two weeks on a real database and a real SFTP server: it runs, and the books hold."""

from datetime import date
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture
def short_run(monkeypatch):
    from claimwright.simulation import demo, report

    last = date(2026, 8, 16)
    monkeypatch.setattr(demo, "LAST_DAY", last)
    monkeypatch.setattr(report, "LAST_DAY", last)
    monkeypatch.setattr(demo, "MISHAPS_ON", date(2026, 8, 14))
    return demo


def test_two_weeks_end_in_proved_books(database, short_run, tmp_path):
    from claimwright.simulation.report import gather
    from claimwright.web.core.models import Tenant, WorkItem
    from claimwright.web.core.tenancy import tenant_scope

    steps = []
    tenant, totals = short_run.run(DATA, tmp_path, lambda words, done, of: steps.append((done, of)))
    figures = gather(tenant, totals, tmp_path).figures
    assert steps[-1] == (len(steps), len(steps))
    assert figures["books"]["balanced"], figures["books"]
    assert figures["encounters"] > 100 and set(figures["encounters_by_source"]) == {"csv", "fhir", "837p"}
    assert figures["claims_sent"] > 50 and totals.remittances_posted > 0
    assert (tmp_path / "report.json").exists()
    with tenant_scope(tenant):
        lists = set(WorkItem.objects.values_list("worklist", flat=True))
    assert {"edit_holds", "unknown_reason_codes", "quarantined_remittances", "orphan_acknowledgements"} <= lists
    with tenant_scope(Tenant.objects.get(slug="neighbour")):
        assert WorkItem.objects.count() == 0


def test_moved_dates_stay_in_the_window_and_whole():
    from datetime import timedelta

    from claimwright.simulation.demo import FIRST_DAY, shift_into

    last = date(2026, 8, 20)
    shift = shift_into(FIRST_DAY, last)
    for day in (date(1972, 3, 1), date(2019, 2, 28), date(2026, 9, 30)):
        assert FIRST_DAY <= day + timedelta(days=shift(day)) <= last


def test_the_inputs_are_those_the_script_writes():
    """Whoever changes the script runs it; the superbills are no hand-made files."""
    import csv

    rows = [
        row
        for path in sorted((DATA / "intake" / "csv").glob("superbill-2026*.csv"))
        for row in csv.DictReader(path.open())
    ]
    visits = {row["external_id"] for row in rows}
    assert len(visits) == 704
    assert len({row["mrn"] for row in rows if row["mrn"].startswith("LN")}) >= 4  # mistakes of new patients are in
