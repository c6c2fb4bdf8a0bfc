"""Sound books: no fault, and no check that looked at nothing."""

from __future__ import annotations


def test_sound_books_have_no_fault_and_no_check_is_vacuous(made):
    for tenant in (made.tenant, made.other):
        report = made.audit(tenant)
        assert [f"{f.invariant} {f.subject}: {f.message}" for f in report.faults] == []
        assert report.balanced
        assert {check.title: check.examined for check in report.checks if not check.examined} == {}
        assert {check.invariant for check in report.checks} == {f"I{number}" for number in range(1, 17)}
