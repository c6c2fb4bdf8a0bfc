"""Changing what a payer asks of claims, by what a form holds. As in `office`: faults are answered, and nothing is saved then.

A change counts for claims that are looked at from now on, by their days of service. The audit log holds what a rule was and
what it is: a payer's rules are nobody's secret. `seen` names what the person looked at; where the payer changed meanwhile
nothing is saved. Blank asks for no such proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

import msgspec
from django.db import transaction

from claimwright.billing import payer_rules as rules
from claimwright.billing.payer_rules import SECTIONS, Section
from claimwright.billing.payer_switches import SWITCHES, changes, read_switches, switch_cells
from claimwright.billing.registration import Fault
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.core.services import record_audit
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import payer_profile

Faults = tuple[Fault, ...]
LONGEST_REASON = 200
_SHOWN = 150  # of what was and what is, in the audit log
_MEANWHILE = "It was changed meanwhile, and nothing of yours is saved"
_LOOK = "Look at what stands there now, and save again"


def seen_switches(profile: PayerProfile) -> str:
    """Names the switches as they stand."""
    return hashlib.sha256(msgspec.json.encode(sorted(switch_cells(profile).items()))).hexdigest()[:16]


def seen_rules(profile: PayerProfile, section: Section) -> str:
    """Names the rules of a section as they stand."""
    return rules.seen_of(rules.rules_of(profile, section))


def _taken(payer: Payer) -> tuple[Payer, PayerProfile]:
    row = Payer.objects.select_for_update(of=("self",)).get(pk=payer.pk)
    return row, payer_profile(row)


def _keep(row: Payer, profile: PayerProfile) -> None:
    row.profile = msgspec.to_builtins(profile)
    row.save(update_fields=["profile"])


def _audit(row: Payer, action: str, detail: str) -> None:
    record_audit(action=action, subject_type="payer", subject_id=row.pk, detail=detail)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


@transaction.atomic
def change_payer_rules(*, payer: Payer, cells: Mapping[str, str], seen: str = "") -> Faults:
    """The switches of `billing.payer_switches`; every other rule of the payer stays."""
    row, before = _taken(payer)
    if seen and seen != seen_switches(before):
        return (Fault(field=next(iter(SWITCHES)), says=_MEANWHILE, fix=_LOOK),)
    after, faults = read_switches(cells, before)
    if faults:
        return faults
    changed = list(changes(before, after))
    if changed:
        _keep(row, after)
    for field, was, now in changed:
        _audit(row, "payer.rules", f"{field}: {_cut(was)} -> {_cut(now)}")
    return ()


@transaction.atomic
def add_payer_rule(*, payer: Payer, section: str, cells: Mapping[str, str], seen: str = "") -> Faults:
    """One more rule of a section of `billing.payer_rules`. Raises KeyError for a section that there is not."""
    of, (row, before) = SECTIONS[section], _taken(payer)
    if seen and seen != seen_rules(before, of):
        return (Fault(field="source", says=_MEANWHILE, fix=_LOOK),)
    (after, rule), faults = rules.with_rule(before, of, cells)
    if faults:
        return faults
    _keep(row, after)
    gone = [one for one in rules.rules_of(before, of) if one not in rules.rules_of(after, of)]
    instead = f", in place of {_cut(of.says(gone[0]))}" if gone else ""
    _audit(row, "payer.rule_add", f"{of.field}: {_cut(of.says(rule))}{instead}")
    return ()


@transaction.atomic
def end_payer_rule(*, payer: Payer, section: str, key: str, on: date | None = None, reason: str) -> Faults:
    """From `on` the rule holds no more; one without days is taken off, from now on. `key` is of `billing.payer_rules.rule_key`.

    Raises KeyError for a section that there is not.
    """
    of, (row, before) = SECTIONS[section], _taken(payer)
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST_REASON or not why.isprintable():
        return (Fault(field="reason", says="Why is not said", fix=f"Say it in up to {LONGEST_REASON} characters"),)
    (after, rule), faults = rules.without_rule(before, of, key, on=on)
    if faults or rule is None:
        return faults
    _keep(row, after)
    when = f"ends {on}" if of.ends else "taken off"
    _audit(row, "payer.rule_end", f"{of.field} {when}: {why}: {_cut(of.says(rule))}")
    return ()
