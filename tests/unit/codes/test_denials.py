"""The denial tables are complete, agree with the domain's table, and speak plain words."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from claimwright.codes.code_sets import State, shipped
from claimwright.codes.denials import (
    ACTIONS,
    BY_RARC,
    CLOCKS,
    NEEDS_REMARK,
    NO_WORDS,
    NOT_A_DENIAL,
    PATIENT_RESPONSIBILITY,
    UNCLASSIFIED,
    UNKNOWN_ADVICE,
    advice_words,
    carc_rule,
    carc_rules,
    category_defaults,
    denial_actions,
    denial_category,
    is_alert,
    plain_words,
    rarc_rule,
    rarc_rules,
)
from claimwright.codes.tables import read_table

EXPECTED = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "denial_table.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
ALERTS = ["MA01", "MA07", "MA13", "MA18", "MA67", "N211", "N432", "N698", "N704", "N781", "N782", "N783", "N830"]


def test_every_row_of_the_domain_table_is_there_and_no_other():
    assert len(EXPECTED) == 164
    assert [(rule.code, rule.category, rule.advice, rule.clock) for rule in carc_rules().values()] == EXPECTED


@pytest.mark.parametrize(
    ("code", "actions"),
    [
        ("1", ("PP",)),
        ("45", ("CA",)),
        ("24", ("CA",)),
        ("253", ("CA",)),
        ("59", ("CA",)),
        ("169", ("CA", "AP")),
        ("23", ("IN",)),
        ("B11", ("IN",)),
        ("18", ("DU",)),
        ("11", ("FC", "AP", "MR")),
        ("29", ("AP", "WO")),
        ("50", ("AP", "MR", "PP")),
        ("97", ("FC", "AP")),
        ("100", ("PI", "PP")),
        ("119", ("VE", "CB", "PP")),
        ("197", ("AU", "FC", "AP")),
        ("257", ()),
        ("A1", ("RARC",)),
        ("96", ("RARC",)),
    ],
)
def test_actions_in_order_of_trial(code, actions):
    rule = carc_rule(code)
    assert rule.actions == actions
    assert rule.first_action == (actions[0] if actions else "")


def test_codes_that_post_as_adjustment_are_exactly_these():
    posted = {code for code, rule in carc_rules().items() if rule.first_action == "CA"}
    assert posted == {
        "24",
        "44",
        "45",
        "59",
        "89",
        "94",
        "104",
        "105",
        "131",
        "144",
        "169",
        "223",
        "237",
        "246",
        "253",
        "303",
        "B4",
    }


def test_every_rule_is_whole():
    for rule in carc_rules().values():
        assert set(rule.actions) <= set(ACTIONS), rule.code
        assert rule.clock in CLOCKS, rule.code
        assert rule.words.endswith((".", "!")) and len(rule.words) > 15, rule.code
        assert rule.actions or rule.code == "257"
        if rule.category not in (PATIENT_RESPONSIBILITY, NOT_A_DENIAL, BY_RARC):
            assert category_defaults(rule.category), rule.code
    for remark in rarc_rules().values():
        assert set(remark.actions) <= set(ACTIONS), remark.code
        assert remark.actions or remark.category or remark.effects or remark.alert, remark.code
        assert remark.words.endswith("."), remark.code


def test_unknown_code_has_no_rule():
    assert carc_rule("999") is None
    assert denial_category("999") == UNCLASSIFIED
    assert denial_actions("999") == ()


def test_alerts_are_the_listed_ones():
    assert sorted(code for code in rarc_rules() if is_alert(code)) == sorted(ALERTS)
    assert not is_alert("N290") and not is_alert("ZZZ")


@pytest.mark.parametrize(
    ("carc", "rarcs", "category", "actions"),
    [
        ("16", ("N290",), "TECH", ("FC",)),
        ("16", ("M62",), "TECH", ("AU", "FC")),
        ("96", ("N115",), "MEDNEC", ("RARC",)),
        ("96", ("MA01", "N130"), "BENEFIT", ("RARC",)),
        ("96", ("N425",), "BENEFIT", ("PP",)),
        ("A1", ("N30",), "ELIG", ("RARC",)),
        ("A1", (), BY_RARC, ("RARC",)),
        ("A1", ("N698",), BY_RARC, ("RARC",)),  # an alert never explains an adjustment by itself
        ("50", ("N30",), "MEDNEC", ("AP", "MR", "PP")),  # its own row holds
    ],
)
def test_remarks_refine(carc, rarcs, category, actions):
    assert denial_category(carc, rarcs) == category
    assert denial_actions(carc, rarcs) == actions


def test_effects_of_remarks():
    assert set(rarc_rule("MA130").effects) == {"new_claim", "no_appeal"}
    assert rarc_rule("N380").effects == ("replacement",)
    assert "no_patient_bill" in rarc_rule("N830").effects
    assert {code for code, rule in rarc_rules().items() if "no_appeal" in rule.effects} == {
        "MA130",
        "N211",
        "N704",
        "MA44",
    }


def test_category_defaults():
    assert (category_defaults("TECH").chance, category_defaults("TECH").minutes) == (Decimal("0.90"), 10)
    assert (category_defaults("TIME").chance, category_defaults("TIME").minutes) == (Decimal("0.15"), 30)
    assert category_defaults(PATIENT_RESPONSIBILITY) is None


def test_codes_with_a_rule_are_codes_of_the_set():
    for code in carc_rules():
        assert shipped().state("carc", code, date(2026, 8, 3)) is State.VALID
    assert set(carc_rules()) >= NEEDS_REMARK


def test_patient_words_exist_in_both_languages_for_every_code():
    general = {language: plain_words("no such code", "patient", language) for language in ("en", "es")}
    for code, rule in carc_rules().items():
        english, spanish = (plain_words(code, "patient", language) for language in ("en", "es"))
        assert english and spanish and english != spanish, code
        assert english not in general.values(), code
        assert rule.label == "" or "CARC" not in english


def test_patient_words_for_their_own_share():
    assert plain_words("1", "patient") == "Your plan says this part goes to your yearly deductible."
    assert "copago" in plain_words("3", "patient", "es")
    assert plain_words("2", "patient", "fr") == plain_words("2", "patient", "en")
    shares = [code for code, rule in carc_rules().items() if rule.category == PATIENT_RESPONSIBILITY]
    own = {plain_words(code, "patient") for code in shares}
    assert len(own) == len(shares)


def test_biller_words():
    assert plain_words("197") == carc_rule("197").words
    assert plain_words("N290") == rarc_rule("N290").words
    assert plain_words("999") == NO_WORDS
    with pytest.raises(ValueError, match="audience"):
        plain_words("1", "doctor")


def test_every_advice_reads_as_words():
    """The shorthand of the tables never reaches a person."""
    shorthand = {token for token in ACTIONS if token != "RARC"}
    for code, rule in carc_rules().items():
        said = advice_words(code)
        assert said, code
        assert not shorthand & set(re.findall(r"\w+", said)), (code, said)
        assert said != rule.advice
    for code, remark in rarc_rules().items():
        if remark.advice and not remark.alert:
            assert advice_words("16", (code,)) != remark.advice, code


def test_the_remark_says_what_to_do_where_the_reason_leaves_it_to_it():
    assert advice_words("16", ("MA01", "M127")) == "send the records asked for"
    assert advice_words("50", ("M127",)) == advice_words("50")
    assert advice_words("A2") == UNKNOWN_ADVICE


def test_words_without_a_row_never_post():
    for code in ("42", "A2", "A7", "P12"):
        assert plain_words(code) != NO_WORDS
        assert carc_rule(code) is None
    assert plain_words("reason_code") == NO_WORDS
    assert not {row["code"] for row in read_table("carc_words.tsv")} & set(carc_rules())
