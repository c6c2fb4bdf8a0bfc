"""A month closed from the command line: audited, signed for, locked, proved, opened again."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.cli.words import Refused
from tests.lib.web_data import a_practice_at_work, a_user
from tests.web.cli.test_verbs import run, run_json


def test_a_month_is_closed_proved_and_opened_again(tenant, tmp_path):
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import closing

    a_user(tenant, "olive", "owner")
    tenant.fixed_date = date(2026, 8, 31)
    tenant.save()
    with tenant_scope(tenant):
        a_practice_at_work()
    assert "postings" in run("close", "day", "2026-08-31", "--by", "olive")
    tenant.fixed_date = date(2026, 9, 2)
    tenant.save()
    for words in (("close", "month", "2026-8"), ("close", "day", "--by", "nobody"), ("close", "prove", "2026-08"),
                  ("close", "month", "2026-08", "--by", "olive")):  # fmt: skip
        with pytest.raises(Refused):
            run(*words)
    items = {one["item"]: one for one in run_json("close", "check", "2026-08", code=1)}
    assert items["audit"]["count"] == 1 and items["days_closed"]["count"] == 0
    run("close", "audit", "--by", "olive", code=1)  # the practice of the tests keeps no files behind its rows
    month = date(2026, 8, 1)
    with tenant_scope(tenant), acting_as("olive"):
        for one in closing.checklist(month):
            if not one.lets_close:
                closing.sign_off(month=month, item=one.rule.item, reason="looked at")
    assert "clean" in run("close", "check", "2026-08")
    assert "closed" in run("close", "month", "2026-08", "--by", "olive")
    assert "the same bytes" in run("close", "prove", "2026-08", "--into", str(tmp_path / "kept"))
    assert (tmp_path / "kept" / "trial-balance.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "open again" in run("close", "reopen", "2026-08", "--by", "olive", "--reason", "a slip")
