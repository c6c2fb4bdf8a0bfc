"""What a payer asks, as typed: every field of the profile has its place, good cells come back as they were, bad ones are named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.appeals import appeal_levels
from claimwright.billing.payer_cells import PayerCells, codes_cell
from claimwright.billing.payer_rules import (
    SECTIONS,
    appeal_words,
    is_over,
    rule_key,
    rules_of,
    seen_of,
    with_rule,
    without_rule,
)
from claimwright.billing.payer_starts import STARTS
from claimwright.billing.payer_switches import SWITCHES, changes, read_switches, switch_cells
from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import AppealLevel, AuthorizationRule, CodeRange, PayerProfile
from claimwright.edits.payers.blue import BLUE
from claimwright.edits.payers.commercial_hmo import COMMERCIAL_HMO
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B

# On the payer's own page, or what it is taken on as.
ELSEWHERE = {"payer_id", "name", "kind", "requires_enrolment", "timely_filing", "appeal_days"}
PROFILES = [start.profile for start in STARTS.values()] + [BLUE, COMMERCIAL_HMO, MEDICAID, MEDICARE_B]
PLAIN = PayerProfile(payer_id="P1")
AUTHORIZATION = SECTIONS["authorization"]
CELLS = {"kind": "authorization", "codes": "70551-70553", "source": "Manual 2026, page 4"}


def fields(faults) -> set[str]:
    assert all(fault.says and fault.fix for fault in faults)
    return {fault.field for fault in faults}


def test_every_field_of_a_profile_is_shown_and_changed_somewhere():
    told = [*SWITCHES, *(one.field for one in SECTIONS.values()), *ELSEWHERE]
    assert sorted(told) == sorted(field.name for field in msgspec.structs.fields(PayerProfile))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.payer_id)
def test_switches_come_back_as_they_were(profile):
    assert read_switches(switch_cells(profile), profile) == (profile, ())
    assert read_switches(switch_cells(profile), PLAIN)[0].ndc_required == profile.ndc_required


def test_a_switch_changes_alone_and_says_from_and_to():
    cells = switch_cells(MEDICARE_B) | {
        "requires_clia": "",
        "span_limit": "month",
        "newborn_days": "31",
        "ncci_program": "",
    }
    after, faults = read_switches(cells, MEDICARE_B)
    assert faults == () and after.follows_ncci == "" and MEDICARE_B.follows_ncci == "medicare"
    assert set(changes(MEDICARE_B, after)) == {
        ("requires_clia", "yes", "no"), ("span_limit", "year", "month"), ("newborn_days", "blank", "31"),
        ("ncci_program", "kind", "blank"),
    }  # fmt: skip
    assert msgspec.structs.replace(
        after, requires_clia=True, span_limit="year", newborn_days=None, ncci_program=None
    ) == (MEDICARE_B)


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("member_id_pattern", "[A-Z"), ("member_id_pattern", "([A-Z]+)+"), ("authorization_number_pattern", "*"),
        ("span_limit", "week"), ("eligibility_days", ""), ("eligibility_days", "366"), ("newborn_days", "-1"),
        ("decision_days", "0"), ("frequency_codes", "7, 8"), ("frequency_codes", "original"), ("pays_last", "maybe"),
        ("ndc_required", "J0120-A9999x"), ("supervised_modifiers", "SUP"), ("unpaid_statuses", "BN"),
        ("bilateral_format", ""), ("filing_indicators", "CIX"), ("sources", "x" * 201),
    ],
)  # fmt: skip
def test_a_bad_switch_is_named_and_nothing_changes(field, cell):
    after, faults = read_switches(switch_cells(MEDICAID) | {field: cell}, MEDICAID)
    assert fields(faults) == {field} and after == MEDICAID


def test_a_pattern_may_repeat_what_has_an_end():
    for text in ("", "([0-9]{3}-){2}[0-9]{3}", "([A-Z]{3})?[0-9]+", r"\d{9}"):
        form = PayerCells({"pattern": text})
        assert (form.pattern("pattern", "The form"), form.faults) == (text, [])


def test_codes_are_read_as_ranges_with_their_modifiers():
    form = PayerCells({"codes": " 99202 – 99215, 70551 tc 26;J0120-J9999, 99202-99215, 0042t,D0120-D0120"})
    read = form.codes("codes")
    assert not form.faults
    assert read == (
        CodeRange(first="99202", last="99215"), CodeRange(first="70551", modifiers=("TC", "26")),
        CodeRange(first="J0120", last="J9999"), CodeRange(first="0042T"), CodeRange(first="D0120"),
    )  # fmt: skip
    assert PayerCells({"codes": codes_cell(read)}).codes("codes") == read


@pytest.mark.parametrize(
    "text",
    ["99215-99202", "99202-", "-99215", "9920", "992021", "99202-J9999", "70551 261", "99202-99205-99215", "J012O", "99202 99203"],
)  # fmt: skip
def test_codes_that_are_none_are_told(text):
    form = PayerCells({"codes": text})
    assert form.codes("codes") == () and fields(form.faults) == {"codes"}


def test_an_authorization_rule_is_read_whole_and_put_into_words():
    cells = CELLS | {
        "codes": "70551-70553, 72148 26", "except_places": "21 23", "except_specialties": "207q, 208000000X",
        "groups": "G 100; g200", "filing_indicators": "hm", "bill_types": "13, 11", "when_secondary": "on", "emergencies_too": "on",
        "start": "10/01/2026", "end": "2027-10-01",
    }  # fmt: skip
    rule, faults = AUTHORIZATION.read(cells)
    assert faults == ()
    assert rule == AuthorizationRule(
        codes=(CodeRange(first="70551", last="70553"), CodeRange(first="72148", modifiers=("26",))),
        except_places=("21", "23"), except_specialties=("207Q", "208000000X"), groups=("G 100", "g200"),
        filing_indicators=("HM",), bill_types=("13", "11"), when_secondary=True, emergency_exempt=False,
        start=date(2026, 10, 1), end=date(2027, 10, 1), source="Manual 2026, page 4",
    )  # fmt: skip
    assert AUTHORIZATION.says(rule) == (
        "Prior authorization for 70551-70553, 72148 with 26; not at place of service 21 or 23; not by specialty 207Q or "
        "208000000X; plans of group G 100 or g200; plans filed as HM; on bills of type 013 or 011; also where another payer is first; "
        "emergencies too"
    )


@pytest.mark.parametrize(
    ("section", "cells", "wrong"),
    [
        ("authorization", {"codes": ""}, {"codes"}),
        ("authorization", {"kind": "consent"}, {"kind"}),
        ("authorization", {"source": " "}, {"source"}),
        ("authorization", {"start": "10/01/2026", "end": "10/01/2026"}, {"end"}),
        ("authorization", {"start": "13/01/2026", "end": "01/01/26"}, {"start", "end"}),
        ("authorization", {"places": "11, 21", "except_places": "21"}, {"except_places"}),
        ("authorization", {"places": "1", "specialties": "Q", "bill_types": "0111"}, {"places", "specialties", "bill_types"}),
        ("referring", {"codes": ""}, {"codes"}),
        ("date", {"codes": "59400, 59410", "field": "onset_date"}, {"codes"}),
        ("date", {"field": "birth_date"}, {"field"}),
        ("specialty", {"specialties": ""}, {"specialties"}),
        ("telehealth", {"place": ""}, {"place"}),
        ("telehealth", {"place": "02, 10", "modifiers": "95", "refused": "GT 95"}, {"place", "refused"}),
        ("accepted", {"codes": "99417 25", "instead": ""}, {"codes", "instead"}),
        ("accepted", {"codes": ""}, {"codes", "instead"}),
        ("appeal", {}, {"name", "period_count", "method"}),
        ("appeal", {"name": "first", "period_count": "180", "method": "mail", "minimum_amount": "-1"}, {"minimum_amount"}),
        ("appeal", {"name": "first", "period_count": "0", "period_unit": "weeks", "method": "dove"}, {"period_count", "period_unit", "method"}),
    ],
)  # fmt: skip
def test_a_bad_rule_is_named_and_nothing_changes(section, cells, wrong):
    (after, _), faults = with_rule(PLAIN, SECTIONS[section], CELLS | cells)
    assert fields(faults) == wrong and after == PLAIN


def test_a_rule_for_any_service_is_said_to_be_one():
    (after, rule), faults = with_rule(PLAIN, AUTHORIZATION, CELLS | {"codes": "", "any_service": "on"})
    assert faults == () and after.authorization_rules == (rule,) and rule.codes == ()
    assert AUTHORIZATION.says(rule) == "Prior authorization for any service"


def test_every_rule_of_the_examples_has_words_and_a_key_of_its_own():
    for profile in PROFILES:
        for section in SECTIONS.values():
            held = rules_of(profile, section)
            assert all("{" not in section.says(rule) and section.says(rule) for rule in held)
            assert len({rule_key(rule) for rule in held}) == len(held)


def test_a_rule_ends_on_its_day_and_stays():
    (held, rule), _ = with_rule(PLAIN, AUTHORIZATION, CELLS | {"start": "01/01/2026"})
    key = rule_key(rule)
    for on in (None, date(2025, 12, 31)):
        (after, _), faults = without_rule(held, AUTHORIZATION, key, on=on)
        assert fields(faults) == {"on"} and after == held
    (after, was), faults = without_rule(held, AUTHORIZATION, key, on=date(2026, 10, 1))
    (ended,) = after.authorization_rules
    assert faults == () and was == rule
    assert (ended.holds(date(2026, 9, 30)), ended.holds(date(2026, 10, 1))) == (True, False)
    assert (is_over(ended, date(2026, 9, 30)), is_over(ended, date(2026, 10, 1))) == (False, True)
    assert "meanwhile" in without_rule(after, AUTHORIZATION, key, on=date(2026, 9, 1))[1][0].says
    assert fields(without_rule(after, AUTHORIZATION, rule_key(ended), on=date(2026, 10, 1))[1]) == {"on"}
    (never, _), faults = without_rule(after, AUTHORIZATION, rule_key(ended), on=date(2026, 1, 1))
    assert faults == () and not never.authorization_rules[0].holds(date(2026, 1, 1))
    assert "already" in with_rule(held, AUTHORIZATION, CELLS | {"start": "2026-01-01"})[1][0].says
    assert seen_of(held.authorization_rules) != seen_of(after.authorization_rules)


def test_levels_of_appeal_take_the_place_of_the_laws_and_go_from_the_last():
    appeal = SECTIONS["appeal"]
    cells = {
        "name": "reconsideration", "period_count": "60", "period_unit": "days", "method": "fax", "send_to": "6085550100",
        "presumed_receipt_days": "5", "response_count": "30", "minimum_amount": "25.00", "escalates": "on", "source": "Manual 9",
    }  # fmt: skip
    assert appeal_levels(PLAIN, date(2026, 9, 30))[0].typical
    (one, first), faults = with_rule(PLAIN, appeal, cells)
    assert faults == () and first == AppealLevel(
        name="reconsideration", period=Period(60), presumed_receipt_days=5, response=Period(30), minimum_amount=Decimal("25.00"),
        escalates=True, method="fax", send_to=("6085550100",), source="Manual 9",
    )  # fmt: skip
    assert appeal_words(first) == (
        "Reconsideration: within 60 days; counted from 5 days after its decision; $25.00 or more in dispute; it answers within "
        "30 days, then the next level is open; by fax to 6085550100"
    )
    assert [level.name for level in appeal_levels(one, date(2026, 9, 30))] == ["reconsideration"]
    (two, second), _ = with_rule(one, appeal, cells | {"name": "review"})
    assert fields(with_rule(two, appeal, cells | {"name": "x", "number": "3"})[1]) == {"number"}
    (changed, _), faults = with_rule(two, appeal, cells | {"period_count": "90", "number": "1"})
    assert faults == () and [level.period.count for level in changed.appeal_levels] == [90, 60]
    assert "last level" in without_rule(two, appeal, rule_key(first), on=None)[1][0].fix
    assert without_rule(two, appeal, rule_key(second), on=None) == ((one, second), ())
