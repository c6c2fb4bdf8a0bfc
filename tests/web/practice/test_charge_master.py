"""Price files in the database and by the verb: shown first, accepted once, refused whole."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

D = Decimal
FILE = b"code,amount,start\n99213,165.00,2026-10-01\n99215,260.00,2026-10-01\n87880,40.00,2026-10-01\n"


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def check(clinic, content=FILE, **more):
    from claimwright.web.practice.charge_master import check_file

    return check_file(practice=clinic.practice, name="fees.csv", content=content, **more)


def accept(made):
    from claimwright.web.practice.charge_master import accept_import, fingerprint, preview

    return accept_import(made=made, seen=fingerprint(preview(made)[1]))


def rows():
    from claimwright.web.practice.models import Charge

    return sorted(Charge.objects.values_list("code", "amount", "start", "end"), key=str)


def test_nothing_changes_before_a_person_accepts(inside):
    before = rows()
    made = check(inside)
    assert (made.state, made.problems, rows()) == ("checked", [], before)
    made = accept(made)
    assert {kind: made.changed[kind] for kind in ("added", "changed", "ended", "unchanged")} == {
        "added": 1, "changed": 1, "ended": 0, "unchanged": 1,
    }  # fmt: skip
    assert ("99213", D("150.00"), date(2025, 1, 1), date(2026, 10, 1)) in rows()
    assert ("99213", D("165.00"), date(2026, 10, 1), None) in rows()


def test_accepted_again_is_accepted_once(inside):
    made = accept(check(inside))
    after = rows()
    accept(made)
    again = accept(check(inside))
    assert rows() == after and again.changed["unchanged"] == 3


def test_a_whole_file_ends_what_it_lacks(inside):
    made = accept(check(inside, whole=True, ends_on=date(2026, 10, 1)))
    assert made.changed["ended"] == 2  # 99214, 93000
    assert ("93000", D("60.00"), date(2025, 1, 1), date(2026, 10, 1)) in rows()


def test_one_fault_refuses_the_file(inside):
    from claimwright.web.practice.charge_master import ImportRefused

    before = rows()
    made = check(inside, FILE + b"100,1.00,2026-10-01\n")
    assert made.state == "refused" and made.problems[0]["code"] == "EXCEL_DAMAGE"
    with pytest.raises(ImportRefused, match="refused"):
        accept(made)
    assert rows() == before


def test_what_changed_since_is_looked_at_again(inside):
    from claimwright.web.practice.charge_master import ImportRefused, accept_import, fingerprint, preview
    from claimwright.web.practice.services import set_price

    made = check(inside)
    seen = fingerprint(preview(made)[1])
    set_price(practice=inside.practice, code="99213", amount=D("155.00"), start=date(2026, 9, 1))
    before = rows()
    with pytest.raises(ImportRefused, match="look at the preview again"):
        accept_import(made=made, seen=seen)
    assert rows() == before


def test_a_visit_is_charged_by_the_price_of_its_day(inside):
    from claimwright.web.practice.selectors import charge_master

    accept(check(inside))
    master = charge_master(inside.practice)
    assert master.price("99213", (), date(2026, 9, 30)) == D("150.00")
    assert master.price("99213", (), date(2026, 10, 1)) == D("165.00")
    assert master.price("99299", (), date(2026, 10, 1)) is None


# The verb ------------------------------------------------------------------------------------------------------------


def run(*words, code=0):
    from claimwright.cli import app

    result = CliRunner().invoke(app, ["charge-master", "import", *map(str, words), "--tenant", "first"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "fees.csv"
    path.write_bytes(FILE)
    return path


def prices(tenant):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return rows()


def test_the_verb_shows_and_takes(tenant, clinic, file):
    before = prices(tenant)
    assert "1 added, 1 changed, 0 ended, 1 unchanged" in run(file, "--dry-run")
    assert prices(tenant) == before
    assert "165.00" in run(file)
    told = json.loads(run(file, "--json"))
    assert told["counts"] == {"added": 0, "changed": 0, "ended": 0, "unchanged": 3}
    assert prices(tenant) != before


def test_the_verb_refuses_a_bad_file(tenant, clinic, file):
    before = prices(tenant)
    file.write_bytes(FILE + b"99214,,2026-10-01\n")
    told = run(file, code=1)
    assert "row 5, column amount" in told and "Nothing was changed" in told
    assert prices(tenant) == before


def test_the_verb_asks_for_the_practice_where_there_are_several(tenant, clinic, file):
    from claimwright.cli.words import Refused
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Practice

    with tenant_scope(tenant):
        Practice.objects.create(name="Second", npi="1234567893", tax_id="1")
    with pytest.raises(Refused, match="1234567893"):
        run(file)
    assert "Done" in run(file, "--practice", "1000000004")
