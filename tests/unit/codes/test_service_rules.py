"""The tables of services that need another's name or data of their own, and of who may order."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.codes.service_rules import all_rules, may_order, service

DAY = date(2026, 8, 31)


def test_every_row_is_a_range_with_dates_in_order_and_a_source() -> None:
    rules = list(all_rules())
    assert len(rules) > 40
    for rule in rules:
        assert rule.source and len(rule.first) == len(rule.last) == 5 and rule.first <= rule.last
        assert rule.start is None or rule.end is None or rule.start < rule.end


@pytest.mark.parametrize(
    ("code", "kind"),
    [("80047", "laboratory"), ("80046", ""), ("0012U", "laboratory"), ("0012T", ""), ("71046", "imaging"), ("77067", ""),
     ("77063", ""), ("77066", "imaging"), ("76500", ""), ("E0601", "equipment"), ("J1885", ""), ("99213", ""), ("", "")],
)  # fmt: skip
def test_what_is_done_on_an_order(code: str, kind: str) -> None:
    assert service(code).ordered_on(DAY) == kind


@pytest.mark.parametrize(
    ("code", "expected"),
    [("E0601", (True, True)), ("E0143", (True, False)), ("K0001", (True, True)), ("K0739", (False, False)),
     ("K0820", (True, True)), ("A4253", None), ("99213", None)],
)  # fmt: skip
def test_what_equipment_must_tell(code: str, expected: tuple[bool, bool] | None) -> None:
    rule = service(code).equipment_on(DAY)
    assert (None if rule is None else (rule.pricing, rule.statement)) == expected


@pytest.mark.parametrize(
    ("code", "role"), [("A0425", "mileage"), ("A0428", "base"), ("A0436", "mileage"), ("A0424", ""), ("A0998", "")]
)
def test_transports(code: str, role: str) -> None:
    assert service(code).ambulance_on(DAY) == role


@pytest.mark.parametrize(
    ("taxonomy", "may"),
    [("207Q00000X", True), ("363LF0000X", True), ("1041C0700X", True), ("111N00000X", False), ("225100000X", False),
     ("225X00000X", False), ("", True)],
)  # fmt: skip
def test_who_may_order(taxonomy: str, may: bool) -> None:
    assert may_order(taxonomy) is may


def test_few_services_name_their_specialties() -> None:
    assert service("98940").specialties_on(DAY) == ("111N",)
    assert service("99213").specialties_on(DAY) == service("17000").specialties_on(DAY) == ()
