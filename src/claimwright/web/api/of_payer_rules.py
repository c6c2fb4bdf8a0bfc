"""What one payer asks of claims, read and changed: its switches, and its rules with their days and sources.

The cells are those of the page's forms, read by the same readers: a fault names its field and the fix.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.appeals import appeal_levels
from claimwright.billing.payer_rules import SECTIONS, Section, appeal_words, is_over, rule_key, rules_of
from claimwright.billing.payer_switches import switch_cells
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.api.fields import In, Out
from claimwright.web.api.framework import find, operation
from claimwright.web.api.of_patients import refuse
from claimwright.web.api.of_settings import ChangeEntry, Entry, changed
from claimwright.web.core import clock
from claimwright.web.practice import payer_rules as service
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import payer_profile

SectionName = Literal["authorization", "referring", "date", "specialty", "telehealth", "accepted", "appeal"]
Seen = Field(
    default="", max_length=64, description="Of what you read, for this part: refused where it changed meanwhile"
)


class PayerRuleOut(Out):
    rule: str = Field(description="Names the rule by all that it says")
    says: str
    source: str
    start: date | None = Field(description="First day of service; null: any")
    end: date | None = Field(description="First day without it; null: open, or of a kind that has no days")
    is_over: bool


class PayerLevelOut(Out):
    says: str
    source: str


class PayerRulesOut(Out):
    id: UUID
    entry: Entry = Field(description="The switches, as they would be typed")
    rules: dict[str, list[PayerRuleOut]] = Field(description="By section, in their order")
    levels: list[PayerLevelOut] = Field(
        description="The levels of appeal that count: its own, else the law's for its kind"
    )
    seen: dict[str, str] = Field(description="Of `switches` and of each section: what to send as `seen`")


class ChangePayerRules(ChangeEntry):
    seen: str = Seen


class AddPayerRule(In):
    section: SectionName
    entry: Entry = Field(
        description="As on the page, such as kind, codes (99202-99215, 70551 26), places, start, end, source"
    )
    seen: str = Seen


class EndPayerRule(In):
    section: SectionName
    rule: str = Field(max_length=64, description="As it was read")
    on: date | None = Field(default=None, description="First day without it; of a kind that has no days: null")
    reason: str = Field(min_length=1, max_length=service.LONGEST_REASON, description="Why; it stands on the record")


def _rule(section: Section, rule: Any) -> dict[str, Any]:
    return {
        "rule": rule_key(rule), "says": section.says(rule), "source": rule.source, "start": getattr(rule, "start", None),
        "end": getattr(rule, "end", None), "is_over": is_over(rule, clock.today()),
    }  # fmt: skip


def _told(payer: Payer) -> dict[str, Any]:
    profile: PayerProfile = payer_profile(payer)
    return {
        "id": payer.pk, "entry": switch_cells(profile),
        "rules": {key: [_rule(one, rule) for rule in rules_of(profile, one)] for key, one in SECTIONS.items()},
        "levels": [
            {"says": appeal_words(one), "source": one.source}
            for one in profile.appeal_levels or appeal_levels(profile, clock.today())
        ],
        "seen": {"switches": service.seen_switches(profile)}
        | {key: service.seen_rules(profile, one) for key, one in SECTIONS.items()},
    }  # fmt: skip


@operation("GET", "/settings/payers/{uuid:payer_id}/rules", permission="settings.read", answers=PayerRulesOut)
def read_payer_rules(request: HttpRequest, payer_id: UUID) -> Any:
    """What it asks of claims: switches, rules, levels of appeal."""
    return _told(find(Payer, payer_id))


@operation(
    "POST", "/settings/payers/{uuid:payer_id}/rules", permission="settings.work", answers=PayerRulesOut,
    whole_office=True,
)  # fmt: skip
def change_payer_rules(request: HttpRequest, payer_id: UUID, payload: ChangePayerRules) -> Any:
    """Change switches; what is not named stays."""
    payer = find(Payer, payer_id)
    cells = changed(switch_cells(payer_profile(payer)), payload.entry)
    refuse(service.change_payer_rules(payer=payer, cells=cells, seen=payload.seen))
    return read_payer_rules(request, payer_id)


@operation(
    "POST", "/settings/payers/{uuid:payer_id}/rules/add", permission="settings.work", answers=PayerRulesOut, status=201,
    whole_office=True,
)  # fmt: skip
def add_payer_rule(request: HttpRequest, payer_id: UUID, payload: AddPayerRule) -> Any:
    """One more rule; of appeals `number` says which level it replaces."""
    payer = find(Payer, payer_id)
    section = SECTIONS[payload.section]
    cells = changed({**dict.fromkeys(section.cells, ""), **section.usual}, payload.entry)
    refuse(service.add_payer_rule(payer=payer, section=payload.section, cells=cells, seen=payload.seen))
    return read_payer_rules(request, payer_id)


@operation(
    "POST", "/settings/payers/{uuid:payer_id}/rules/end", permission="settings.work", answers=PayerRulesOut,
    whole_office=True,
)  # fmt: skip
def end_payer_rule(request: HttpRequest, payer_id: UUID, payload: EndPayerRule) -> Any:
    """From a day on the rule holds no more; one of a kind without days is taken off."""
    payer = find(Payer, payer_id)
    refuse(
        service.end_payer_rule(
            payer=payer, section=payload.section, key=payload.rule, on=payload.on, reason=payload.reason
        )
    )
    return read_payer_rules(request, payer_id)
