"""What one payer asks of claims: its switches, its rules with their days and sources, and the forms to change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.appeals import appeal_levels
from claimwright.billing.payer_rules import SECTIONS, Section, appeal_words, is_over, rule_key, rules_of
from claimwright.billing.payer_switches import switch_cells
from claimwright.billing.registration import Fault
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.core import clock
from claimwright.web.practice import payer_rules as service
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import payer_profile
from claimwright.web.workbench import payer_rule_forms as forms
from claimwright.web.workbench.form_fields import bound, posted
from claimwright.web.workbench.pages import action, page, posted_day, show
from claimwright.web.workbench.policies import may

SWITCHES = "switches"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as the page tells it."""

    key: str
    says: str
    source: str
    start: date | None = None
    end: date | None = None
    is_last: bool = False


def _row(section: Section, rule: Any, is_last: bool) -> Row:
    return Row(
        key=rule_key(rule), says=section.says(rule), source=rule.source, start=getattr(rule, "start", None),
        end=getattr(rule, "end", None), is_last=is_last,
    )  # fmt: skip


def _section(
    section: Section, profile: PayerProfile, typed: Mapping[str, str] | None, faults: Sequence[Fault]
) -> dict[str, Any]:
    """A section with its rules, those that are over apart, and its form; `typed` are the cells of a form that came back."""
    today, held = clock.today(), rules_of(profile, section)
    form = forms.FORMS[section.key]
    rows = [(rule, _row(section, rule, at == len(held))) for at, rule in enumerate(held, 1)]
    usual = {f"{section.key}_{name}": value for name, value in section.usual.items()}
    return {
        "key": section.key, "form": form, "ends": section.ends, "in_order": section.key == "appeal",
        "rows": [row for rule, row in rows if not is_over(rule, today)],
        "over": [row for rule, row in rows if is_over(rule, today)],
        "groups": bound(
            forms.rule_groups(section.key, held), typed if typed is not None else usual, faults, begins_here=False
        ),
        "seen": service.seen_rules(profile, section), "is_open": typed is not None,
        "law": [(appeal_words(one), one.source) for one in appeal_levels(profile, today)]
        if section.key == "appeal" and not held else [],
    }  # fmt: skip


def _page(
    request: HttpRequest,
    payer: Payer,
    *,
    at: str = "",
    cells: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
) -> HttpResponse:
    """`at` is the form that came back, with what was typed and its faults."""
    profile = payer_profile(payer)
    switches = cells if cells is not None and at == SWITCHES else switch_cells(profile)
    groups = bound(forms.SWITCH_GROUPS, switches, faults if at == SWITCHES else (), begins_here=False)
    return show(
        request, "workbench/settings_payer_rules.html",
        {
            "payer": payer, "groups": groups, "seen": service.seen_switches(profile), "faults": faults,
            "may_save": may(request, "save_payer_rules"),
            "told": [
                (group.title, [(one.field.label, forms.shown_value(one.field, one.value)) for one in group.fields])
                for group in groups
            ],
            "sections": [
                _section(one, profile, cells if at == key else None, faults if at == key else ())
                for key, one in SECTIONS.items()
            ],
        },
    )  # fmt: skip


def _payer(payer_id: UUID) -> Payer:
    found: Payer = get_object_or_404(Payer, pk=payer_id)
    return found


def _known(section: str) -> Section:
    if section not in SECTIONS:
        raise Http404
    return SECTIONS[section]


@page()
def settings_payer_rules(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    return _page(request, _payer(payer_id))


@action(does="settings.payer_rules_asked")
def save_payer_rules(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    payer = _payer(payer_id)
    cells = posted(request.POST, forms.SWITCH_GROUPS)
    if faults := service.change_payer_rules(payer=payer, cells=cells, seen=request.POST.get("seen") or "none"):
        return _page(request, _payer(payer_id), at=SWITCHES, cells=cells, faults=faults)
    messages.success(request, f"What {payer.name} asks is saved. It counts for what is looked at from now on.")
    return redirect("settings_payer_rules", payer_id=payer.pk)


@action(does="settings.payer_rule_asked")
def add_payer_rule(request: HttpRequest, payer_id: UUID, section: str) -> HttpResponse:
    payer, of = _payer(payer_id), _known(section)
    cells = posted(request.POST, forms.rule_groups(section, rules_of(payer_profile(payer), of)))
    faults = service.add_payer_rule(
        payer=payer, section=section, cells=forms.unprefixed(section, cells), seen=request.POST.get("seen") or "none"
    )
    if faults:
        told = forms.prefixed(section, faults)
        return _page(request, _payer(payer_id), at=section, cells=cells, faults=told)
    messages.success(request, f"{forms.FORMS[section].title}: the {forms.FORMS[section].one} is added.")
    return _to(payer, section)


@action(does="settings.payer_rule_end_asked")
def end_payer_rule(request: HttpRequest, payer_id: UUID, section: str, key: str) -> HttpResponse:
    payer, of = _payer(payer_id), _known(section)
    on = posted_day(request, "on") if of.ends else None
    faults = service.end_payer_rule(
        payer=payer, section=section, key=key, on=on, reason=request.POST.get("reason", "")
    )  # fmt: skip
    for fault in faults:
        messages.error(request, f"Not saved: {fault.says}. {fault.fix}.")
    if not faults:
        done = f"It holds until {on:%m/%d/%Y}, without that day." if on is not None else "It is taken off."
        messages.success(request, done)
    return _to(payer, section)


def _to(payer: Payer, section: str) -> HttpResponse:
    return redirect(f"{reverse('settings_payer_rules', args=[payer.pk])}#{section}")
