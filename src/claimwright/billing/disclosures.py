"""The accounting of disclosures that a patient may ask for: what belongs in it, for how long, and until when it is due.

Source: 45 CFR 164.528. In it belongs what was disclosed outside treatment, payment and health care operations, without
the patient's authorization, and not to the patient: reports the law asks for, courts, public health, and mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from claimwright.codes.dates import add_months

YEARS_BACK = 6  # 164.528(a)(1): before the day it is asked for
ANSWER_DAYS = 60  # 164.528(c)(1)(i)
EXTENSION_DAYS = 30  # 164.528(c)(1)(ii), once, with a letter that says why

# Why it was disclosed: key, (our words, paragraph of 45 CFR).
BASES: dict[str, tuple[str, str]] = {
    "required_by_law": ("Required by law", "164.512(a)"),
    "public_health": ("Public health", "164.512(b)"),
    "abuse": ("Report of abuse, neglect or violence", "164.512(c)"),
    "oversight": ("Health oversight agency", "164.512(d)"),
    "court": ("Court or tribunal, subpoena", "164.512(e)"),
    "law_enforcement": ("Law enforcement", "164.512(f)"),
    "decedent": ("Coroner, medical examiner or funeral director", "164.512(g)"),
    "organ_donation": ("Organ, eye or tissue donation", "164.512(h)"),
    "research": ("Research under a waiver", "164.512(i)"),
    "threat": ("Serious threat to health or safety", "164.512(j)"),
    "government": ("Specialized government function", "164.512(k)"),
    "workers_compensation": ("Workers' compensation, other than for payment", "164.512(l)"),
    "by_mistake": ("By mistake: sent or shown to somebody who may not have it", "164.528(a)"),
}
# 164.528(a)(2): while these ask for it, an entry is left out of what the patient is given.
MAY_WITHHOLD = ("oversight", "law_enforcement")


class DisclosureRefused(ValueError):
    """What does not belong in the accounting, or says too little; the text says what to do. Nothing is kept."""


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """One disclosure, or a run of them to one recipient for one purpose (`last_on` and `how_often`).

    `address` is empty where it is not known. `withheld_until` is the day up to which an agency asked to keep it from the
    patient.
    """

    disclosed_on: date
    recipient: str
    address: str = ""
    what: str
    purpose: str
    basis: str
    last_on: date | None = None
    how_often: str = ""
    withheld_until: date | None = None


def check(one: Disclosure, *, today: date) -> None:
    """Raise DisclosureRefused unless it has what 164.528(b)(2) asks for: day, recipient, what, and purpose."""
    if one.basis not in BASES:
        raise DisclosureRefused("say why it was disclosed: treatment, payment and operations do not belong here")
    for text, name in ((one.recipient, "who received it"), (one.what, "what was disclosed"), (one.purpose, "what for")):
        if len(text.strip()) < 3:
            raise DisclosureRefused(f"say {name}")
    if one.disclosed_on > today or (one.last_on or one.disclosed_on) > today:
        raise DisclosureRefused("the day lies in the future")
    if one.last_on and one.last_on < one.disclosed_on:
        raise DisclosureRefused("the last day lies before the first")
    if one.last_on and not one.how_often.strip():
        raise DisclosureRefused("say how often it was disclosed up to the last day")
    if one.withheld_until and one.basis not in MAY_WITHHOLD:
        raise DisclosureRefused("only a health oversight agency or law enforcement may ask to keep it from the patient")


def window(asked_on: date) -> tuple[date, date]:
    """(first, last) day that an accounting asked for on a day goes over."""
    return add_months(asked_on, -12 * YEARS_BACK), asked_on


def answer_by(asked_on: date, *, extended: bool = False) -> date:
    """The last day to give it."""
    return asked_on + timedelta(days=ANSWER_DAYS + (EXTENSION_DAYS if extended else 0))


def for_patient(found: Iterable[Disclosure], *, asked_on: date, today: date) -> list[Disclosure]:
    """What the patient is given: of the six years, oldest first, without what is withheld today."""
    first, last = window(asked_on)
    given = [
        one
        for one in found
        if (one.last_on or one.disclosed_on) >= first
        and one.disclosed_on <= last
        and not (one.withheld_until and one.withheld_until >= today)
    ]
    return sorted(given, key=lambda one: (one.disclosed_on, one.recipient))
