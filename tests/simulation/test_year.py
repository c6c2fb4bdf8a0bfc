"""One practice-month of the simulated year on a real database and a real SFTP server, audited every day; and its parts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

FIRST, LAST = date(2026, 1, 2), date(2026, 1, 30)
VISITS_A_DAY = 5


@pytest.fixture(autouse=True, scope="module")
def django_ready() -> None:
    """The desks can be imported in every test, whichever runs first."""
    import django

    django.setup()


def test_a_practice_month_ends_with_every_cent_in_its_place(database, tmp_path):
    from claimwright.simulation.year.offices import SURGERY
    from claimwright.simulation.year.result import whole_year
    from claimwright.simulation.year.run import run_office, work_days

    office = msgspec.structs.replace(SURGERY, visits_a_day=VISITS_A_DAY)
    run = run_office(office, tmp_path, FIRST, LAST)
    assert run.faults == [] and run.untied == []
    assert run.audits == run.days == len(work_days(FIRST, LAST))
    assert (run.planted, run.planted_found) == (1, 1)
    assert run.homeless == 0 and run.charges > 0
    assert run.charges == -sum(run.settled.values()) + sum(run.open.values()) + run.credits
    assert run.settled["paid by payers"] < 0, "the payers have paid something by now"
    assert run.counts["front"]["repeated encounters"] == 0, "the same file by a second hand changes nothing"
    assert run.counts["payers"]["failed postings"] == 0
    assert run.counts["bank"]["matched by proof"] > 0
    result = whole_year([run], FIRST, LAST, 1.0, scale=False)
    met = {figure.name.strip(): figure.met for figure in result.figures}
    assert met["Planted corruptions found"] and met["together"]
    assert result.write(tmp_path).exists()


def test_the_same_seed_makes_the_same_people_and_visits():
    from claimwright.simulation.year.offices import OFFICES
    from claimwright.simulation.year.people import people
    from claimwright.simulation.year.visits import FrontDesk

    for office in OFFICES.values():
        desks = [FrontDesk(office, people(office, FIRST)) for _ in range(2)]
        days = [[desk.day(day)[:2] for day in (FIRST, LAST)] for desk in desks]
        assert days[0] == days[1]
        assert days[0][0] != days[0][1]


@pytest.mark.parametrize("bank_format", ["bai2", "csv", "ofx"])
def test_a_statement_of_each_format_is_read_back_to_the_cent(bank_format):
    from claimwright.billing.bank_files import read_bank_file
    from claimwright.simulation.year.bank import OPENING_BALANCE, Bank, Paid
    from claimwright.simulation.year.bank_files import FORMATS

    bank = Bank(7)
    for number in range(200):
        bank._send(Paid(f"T{number:05d}", "1900000002", "SANDBOX PAYER", Decimal("100.01") + number, "ACH", FIRST))
    bank.slip(kind="card", amount=Decimal("75.00"), on=FIRST, number="1")
    bank.bounce(amount=Decimal("40.00"), on=FIRST)
    rows = bank.take(date(2026, 3, 1))
    _, write = FORMATS[bank_format]
    read = read_bank_file(write(FIRST, rows, OPENING_BALANCE, "000123"))
    assert read.faults == ()
    assert [line.amount for line in read.statements[0].lines] == [row.amount for row in rows]
    split = [row for row in rows if row.kind == "ach"]
    assert len(split) > 200, "some payments come in two parts or come again"


def test_every_list_has_an_owner():
    from claimwright.simulation.year.owners import owner_of
    from claimwright.web.core.worklists import TITLES

    assert {owner_of(name) for name in TITLES} >= {"Biller", "Front desk", "Manager", "Poster"}
    with pytest.raises(KeyError):
        owner_of("no such list")


def test_every_payer_of_the_manners_is_one_an_office_bills():
    from claimwright.sandbox.adjudicate import DENIALS
    from claimwright.sandbox.plan import load_plan
    from claimwright.simulation.year.offices import OFFICES, PAYERS
    from claimwright.simulation.year.run import MANNERS

    plan = load_plan(MANNERS)
    billed = {PAYERS[key].sandbox_id: PAYERS[key].trace_id for office in OFFICES.values() for key in office.payer_keys}
    assert billed == {payer.id: payer.company_id for payer in plan.payers}
    assert {rate.name for payer in plan.payers for rate in payer.denials} <= set(DENIALS)


def test_a_day_is_a_work_day():
    from claimwright.simulation.year.run import work_days

    assert work_days(date(2026, 1, 1), date(2026, 1, 6)) == [date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 6)]


def test_every_list_is_worked_by_a_desk_of_the_day_or_says_why_a_year_cannot_fill_it():
    from claimwright.simulation.year.run import DESKS
    from claimwright.simulation.year.worked import NOT_RAISED, WORKED
    from claimwright.web.core.worklists import Worklist

    worked = {name for lists in WORKED.values() for name in lists}
    assert set(WORKED) <= {name for name, _ in DESKS}
    assert worked | set(NOT_RAISED) == set(Worklist)
    assert not worked & set(NOT_RAISED)
    assert all(reason.strip() for reason in NOT_RAISED.values())


def test_a_lost_remittance_is_typed_from_its_paper_to_the_cent():
    from claimwright.billing.paper_remittance import PaperHeader, faults, read_grid, running_total
    from claimwright.claims.nouns import Adjustment, ClaimPayment, Payer, RemittanceLine
    from claimwright.simulation.year.desks.lost import grid_of

    cuts = (Adjustment("CO", "45", Decimal("45.00")), Adjustment("PR", "1", Decimal("30.00")))
    line = RemittanceLine(
        procedure_code="99213", charge=Decimal("150.00"), paid=Decimal("75.00"), allowed=Decimal("105.00"),
        control_number="L1", date_from=FIRST, adjustments=cuts,
    )  # fmt: skip
    claim = ClaimPayment(
        control_number="C1", status="1", charge=Decimal("150.00"), paid=Decimal("75.00"), lines=(line,)
    )
    header = PaperHeader(
        payer=Payer(name="PAYER"), trace_payer_id="1900000002", payee_name="OFFICE", payee_npi="1000000004",
        check_number="T1", check_date=FIRST, amount=Decimal("75.00"),
    )  # fmt: skip
    grid = grid_of((claim,), ())
    made, found = read_grid(header, grid)
    assert found == () and made is not None and faults(made) == ()
    assert running_total(grid, header.amount).left == 0
    assert sorted((cut.group, cut.reason, cut.amount) for cut in made.claims[0].lines[0].adjustments) == [
        ("CO", "45", Decimal("45.00")), ("PR", "1", Decimal("30.00")),
    ]  # fmt: skip


def test_no_code_set_ends_before_the_year_does(tmp_path):
    """A set that ends in between holds every claim of later days, as it must: the offices load October's in time."""
    from claimwright.codes.endings import endings
    from claimwright.codes.library_sets import code_sets, codes_folder
    from claimwright.edits.diagnoses import LIST
    from claimwright.simulation.year.codes import carry_over_codes
    from claimwright.simulation.year.stage import LAST_DAY

    carry_over_codes(tmp_path, at=datetime(2026, 1, 2, tzinfo=UTC))
    sets = code_sets(codes_folder(tmp_path))
    assert [one for one in endings(sets, LAST_DAY) if one.last_day < LAST_DAY] == []
    for code in ("E119", "F329", "S72001A"):  # what the notes say goes with them
        told = [sets.entry(LIST, code, on) for on in (date(2026, 9, 15), LAST_DAY)]
        assert told[0].attributes == told[1].attributes
