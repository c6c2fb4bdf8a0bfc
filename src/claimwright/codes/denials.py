"""What a denial means and what to try: the tables of reason codes and remark codes, in our own words.

The posting class of a reason code follows from its row alone; `claimwright.billing` draws it from `category` and
`first_action`. A code without a row is UNCLASSIFIED: never adjusted by itself.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import msgspec

from claimwright.codes.tables import read_table

UNCLASSIFIED = "UNCLASSIFIED"
BY_RARC = "BY_RARC"
PATIENT_RESPONSIBILITY = "PATRESP"
NOT_A_DENIAL = "NONDENIAL"

# The token RARC stands where only the remark code tells the action.
ACTIONS = {
    "PP": "patient or next payer",
    "CA": "post the adjustment",
    "IN": "for information",
    "FC": "fix and send",
    "AP": "appeal",
    "MR": "send records",
    "VE": "verify eligibility, bill the right payer",
    "CB": "get or send the other payer's explanation of benefits",
    "AU": "find the authorization or ask for it afterwards",
    "PI": "contact the patient",
    "CR": "credentialing",
    "DU": "find the original",
    "WO": "write off with approval",
    "RARC": "see the remark code",
}
CLOCKS = {
    "C": "corrected-claim limit",
    "A": "appeal limit",
    "T": "timely filing of the new payer",
    "D": "payer's request due date",
    "": "none",
}
NO_WORDS = "A reason our tables have no words for."
UNKNOWN_ADVICE = "ask the payer what it means: the payment of this claim is held until a person decides"
# These say nothing by themselves: an adjustment with one must carry a remark code that is no alert.
NEEDS_REMARK = frozenset({"16", "96", "148", "226", "227", "234", "250", "251", "252", "267", "A1"})


class CarcRule(msgspec.Struct, frozen=True, kw_only=True):
    """One reason code. `actions` in order of trial; `advice` is the same with its conditions, in shorthand."""

    code: str
    label: str
    category: str
    actions: tuple[str, ...]
    advice: str
    clock: str
    group: str = ""
    words: str = ""

    @property
    def first_action(self) -> str:
        """The action that decides the posting, "" when there is none but to wait."""
        return self.actions[0] if self.actions else ""

    @property
    def needs_remark(self) -> bool:
        return self.code in NEEDS_REMARK


class RarcRule(msgspec.Struct, frozen=True, kw_only=True):
    """One remark code: it refines the category or the actions, or has an effect of its own."""

    code: str
    label: str
    category: str = ""
    actions: tuple[str, ...] = ()
    advice: str = ""
    effects: tuple[str, ...] = ()
    alert: bool = False
    words: str = ""


class CategoryDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """A category's chance of recovery (0 to 1) and minutes of work, before own outcomes say better."""

    category: str
    chance: Decimal
    minutes: int
    meaning: str


@lru_cache(maxsize=1)
def carc_rules() -> dict[str, CarcRule]:
    return {
        row["code"]: CarcRule(
            code=row["code"],
            label=row["label"],
            category=row["category"],
            actions=tuple(row["actions"].split()),
            advice=row["advice"],
            clock=row["clock"],
            group=row["group"],
            words=row["words"],
        )
        for row in read_table("carc.tsv")
    }


@lru_cache(maxsize=1)
def rarc_rules() -> dict[str, RarcRule]:
    return {
        row["code"]: RarcRule(
            code=row["code"],
            label=row["label"],
            category=row["category"],
            actions=tuple(row["actions"].split()),
            advice=row["advice"],
            effects=tuple(row["effects"].split()),
            alert=row["alert"] == "1",
            words=row["words"],
        )
        for row in read_table("rarc.tsv")
    }


@lru_cache(maxsize=1)
def _categories() -> dict[str, CategoryDefaults]:
    return {
        row["category"]: CategoryDefaults(
            category=row["category"],
            chance=Decimal(row["chance"]),
            minutes=int(row["minutes"]),
            meaning=row["meaning"],
        )
        for row in read_table("denial_categories.tsv")
    }


def carc_rule(code: str) -> CarcRule | None:
    return carc_rules().get(code)


def rarc_rule(code: str) -> RarcRule | None:
    return rarc_rules().get(code)


def is_alert(rarc: str) -> bool:
    rule = rarc_rule(rarc)
    return rule is not None and rule.alert


def category_defaults(category: str) -> CategoryDefaults | None:
    return _categories().get(category)


def denial_category(carc: str, rarcs: tuple[str, ...] = ()) -> str:
    """The category of a reason code, refined by its remark codes; UNCLASSIFIED for a code without a row.

    A remark code refines BY_RARC and the catch-all codes that need a remark; elsewhere the reason code's own row holds.
    """
    rule = carc_rule(carc)
    if rule is None:
        return UNCLASSIFIED
    if not rule.needs_remark:
        return rule.category
    for rarc in rarcs:
        remark = rarc_rule(rarc)
        if remark is None or remark.alert:
            continue
        if remark.category:
            return remark.category
    return rule.category


def denial_actions(carc: str, rarcs: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Actions to try, in order: the remark codes' first where the reason code leaves it to them."""
    rule = carc_rule(carc)
    if rule is None:
        return ()
    refined = [
        action
        for rarc in rarcs
        if rule.needs_remark and (remark := rarc_rule(rarc)) and not remark.alert
        for action in remark.actions
    ]
    own = [action for action in rule.actions if action != "RARC" or not refined]
    return tuple(dict.fromkeys((*refined, *own)))


@lru_cache(maxsize=1)
def _patient_words() -> dict[tuple[str, str], str]:
    return {(row["key"], row["language"]): row["words"] for row in read_table("patient_words.tsv")}


@lru_cache(maxsize=1)
def _reason_words() -> dict[str, str]:
    return {row["code"]: row["words"] for row in read_table("carc_words.tsv")}


@lru_cache(maxsize=1)
def _advice_words() -> dict[str, str]:
    return {row["advice"]: row["words"] for row in read_table("advice_words.tsv")}


def advice_words(carc: str, rarcs: tuple[str, ...] = ()) -> str:
    """What to do about an adjustment, in a sentence for billers; "" where the code asks for nothing.

    The remark codes speak where the reason code leaves it to them, as in `denial_actions`.
    """
    rule = carc_rule(carc)
    if rule is None:
        return UNKNOWN_ADVICE
    remarks = [found for rarc in rarcs if (found := rarc_rule(rarc)) and found.advice and not found.alert]
    advice = [remark.advice for remark in remarks] if rule.needs_remark and remarks else [rule.advice]
    words = dict.fromkeys(_advice_words().get(text, text) for text in advice if text)
    return "; ".join(words)


def plain_words(code: str, audience: str = "biller", language: str = "en") -> str:
    """Why an amount was adjusted, in one sentence. `code` is a reason or remark code, `audience` biller or patient.

    Billers are told in English. Patients are told the code's own sentence, else its category's, else a general one;
    English stands in for a language without a table. Raises ValueError for another audience.
    """
    if audience == "biller":
        rule = carc_rule(code) or rarc_rule(code)
        return rule.words if rule else _reason_words().get(code, NO_WORDS)
    if audience != "patient":
        raise ValueError("the audience is biller or patient")
    carc = carc_rule(code)
    keys = (code, carc.category if carc else UNCLASSIFIED, UNCLASSIFIED)
    table = _patient_words()
    for tongue in (language, "en"):
        for key in keys:
            if words := table.get((key, tongue)):
                return words
    return ""


def patient_sentence_in(language: str, sentence: str) -> str:
    """A sentence of our table that patients were told, in a language; "" for one that is not of the table."""
    table = _patient_words()
    keys = (key for (key, _), words in table.items() if words == sentence)
    return next((table[key, language] for key in keys if (key, language) in table), "")
