"""`claimwright bank import` on a real database: what it says, its exit status, and the same file again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.cli.words import Refused
from tests.lib.bank_lines import Row, as_bai2
from tests.web.cli.test_verbs import office, run, run_json  # noqa: F401


def test_a_statement_is_imported_once_and_a_spoilt_one_not_at_all(office, tmp_path):  # noqa: F811
    file = tmp_path / "day.bai"
    row = Row(code="142", amount=Decimal("85.00"), text="HCCLAIMPMT TRN*1*T1*1999999991\\", reference="B1")
    file.write_bytes(as_bai2(date(2026, 9, 3), [row]))
    with pytest.raises(Refused, match="name the account"):
        run("bank", "import", str(file))
    made = run_json("bank", "import", str(file), "--account", "Operating")
    assert (made["new_lines"], made["matched"], made["open"], made["faults"]) == (1, 0, 1, [])
    assert "imported before" in run("bank", "import", str(file))
    file.write_bytes(file.read_bytes().replace(b",8500,", b",8501,"))
    output = run("bank", "import", str(file), code=1)
    assert "control total" in output and "none of its lines was taken" in output
    csv = tmp_path / "s.csv"
    csv.write_text("Date,Description,Amount\n09/04/2026,DEPOSIT,1.00\n")
    assert "1 new line, 0 known already" in run("bank", "import", str(csv), "--account", "Operating")
    with pytest.raises(Refused, match="no profile nope"):
        run("bank", "import", str(csv), "--account", "X", "--profile", "nope")
