"""The practice's own rules: written as versions, tried on last year's claims, put in force, ended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.registration import Fault, read_day
from claimwright.codes.states import STATE_CODES
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.records import LocalRule as RuleNoun
from claimwright.web.denials.rule_trials import try_rule
from claimwright.web.practice.models import Payer
from claimwright.web.submissions import rules as services
from claimwright.web.submissions.models import ClaimVersion, LocalRule, LocalRuleVersion
from claimwright.web.submissions.rules import RuleRefused, results_of
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.policies import may

SEVERITIES = {"W": "Warn: the claim goes out", "H": "Hold: a person may let it go", "R": "Block: it must be put right"}
MISSING = {
    "": "", "prior_authorization": "Authorization number", "referral": "Referral number", "referring": "Referring provider",
    "supervising": "Supervising provider", "rendering": "Rendering provider", "facility": "Facility",
    "onset_date": "Onset of illness", "last_seen_date": "Last seen on", "admission_date": "Admission",
    "accident_date": "Date of accident", "clia": "Laboratory certificate (CLIA)", "drug": "Drug number (NDC)",
    "note": "Note", "attachments": "Attachment", "special_program": "Special program",
}  # fmt: skip
# Fields of several words, each with the form its words must have and what it is called.
LISTS: Mapping[str, tuple[str, str]] = {
    "modifiers_any": (r"[A-Z0-9]{2}", "modifiers of two characters"),
    "modifiers_none": (r"[A-Z0-9]{2}", "modifiers of two characters"),
    "diagnoses_any": (r"[A-Z][0-9][A-Z0-9]{0,5}", "diagnosis codes or their beginnings"),
    "diagnoses_none": (r"[A-Z][0-9][A-Z0-9]{0,5}", "diagnosis codes or their beginnings"),
    "places": (r"[0-9]{2}", "places of service of two digits"),
    "specialties": (r"[0-9A-Z]{3,10}", "taxonomy codes or their beginnings"),
    "states": (r"[A-Z]{2}", "states of two letters"),
}
NUMBERS = {"youngest": "years", "oldest": "years", "units_over": "units"}


def _payers() -> dict[str, str]:
    return dict(Payer.objects.order_by("name").values_list("payer_id", "name"))


def _groups() -> Sequence[tuple[str, Sequence[Field]]]:
    payers = ", ".join(f"{name} {key}" for key, name in list(_payers().items())[:8])
    return (
        ("What it says", (
            Field(name="name", label="Name", longest=120, required=True),
            Field(name="severity", label="When a claim meets it", kind="select", choices=SEVERITIES),
            Field(name="text", label="What the biller reads", longest=300, required=True, wide=True),
            Field(name="fix", label="How to fix it", longest=300, wide=True),
            Field(name="source", label="Where it comes from", longest=200, hint="Bulletin, contract, denial", wide=True),
        )),
        ("Which claims: every condition given must hold", (
            Field(name="payer_ids", label="Payers, by id", hint=payers or "Blank: every payer", wide=True),
            Field(name="codes", label="Procedures", hint="97110-97530, 99213 25; blank: any", wide=True),
            Field(name="modifiers_any", label="Has one of the modifiers"),
            Field(name="modifiers_none", label="Has none of the modifiers"),
            Field(name="diagnoses_any", label="Has one of the diagnoses", hint="M54 J06.9"),
            Field(name="diagnoses_none", label="Has none of the diagnoses"),
            Field(name="places", label="Places of service", hint="11 02"),
            Field(name="specialties", label="Specialty of the provider", hint="Taxonomy, or its beginning"),
            Field(name="states", label="State of the practice", hint="WI IL"),
            Field(name="youngest", label="Patient at least, years", longest=3, numeric=True),
            Field(name="oldest", label="Patient at most, years", longest=3, numeric=True),
            Field(name="units_over", label="Units above", longest=8, numeric=True),
            Field(name="missing", label="This is missing", kind="select", choices=MISSING),
            Field(name="start", label="Services from", kind="date"),
            Field(name="end", label="to before", kind="date"),
        )),
        ("Why", (Field(name="note", label="Why it is made or changed", longest=300, wide=True),)),
    )  # fmt: skip


# Reading and writing the form ----------------------------------------------------------------------------------------


def read_rule(cells: Mapping[str, str]) -> tuple[RuleNoun, tuple[Fault, ...]]:
    """The rule and every cell that cannot be read; what the rule as a whole lacks, its service says."""
    faults: list[Fault] = []
    lists: dict[str, tuple[str, ...]] = {}
    for name, (form, what) in LISTS.items():
        words = tuple(word.replace(".", "") for word in cells.get(name, "").upper().replace(",", " ").split())
        if not all(re.fullmatch(form, word, re.ASCII) for word in words):
            faults.append(Fault(field=name, says=f"One of these is none of {what}", fix="Set them apart by blanks"))
        lists[name] = words
    unknown = [state for state in lists["states"] if state not in STATE_CODES.values()]
    if unknown:
        faults.append(Fault(field="states", says=f"{unknown[0]} is no state", fix="Write two letters, such as WI"))
    payers, known = tuple(cells.get("payer_ids", "").replace(",", " ").split()), _payers()
    if strange := [one for one in payers if one not in known]:
        faults.append(
            Fault(field="payer_ids", says=f"{strange[0]} is no payer here", fix="Give the ids that claims go to")
        )
    numbers: dict[str, Decimal | None] = {}
    for name, what in NUMBERS.items():
        text = cells.get(name, "").strip()
        whole = r"\d{1,3}" if what == "years" else r"\d{1,5}(\.\d{1,3})?"
        numbers[name] = Decimal(text) if text and re.fullmatch(whole, text, re.ASCII) else None
        if text and numbers[name] is None:
            faults.append(Fault(field=name, says=f"These are no {what}", fix="Enter a number, or leave it blank"))
    days = {}
    for name in ("start", "end"):
        text = cells.get(name, "").strip()
        days[name] = read_day(text) if text else None
        if text and days[name] is None:
            faults.append(Fault(field=name, says="This is no day of the calendar", fix="Write it as 01/31/2026"))
    codes = _codes(cells.get("codes", ""), faults)
    for name, label in (("name", "name"), ("text", "sentence that the biller reads")):
        if not cells.get(name, "").strip():
            faults.append(Fault(field=name, says=f"The {label} is missing", fix="Enter it"))
    if cells.get("severity") not in SEVERITIES or cells.get("missing", "") not in MISSING:
        faults.append(Fault(field="severity", says="This is none of the choices", fix="Choose one of the list"))
    years = {name: int(value) if value is not None else None for name, value in numbers.items() if name != "units_over"}
    rule = RuleNoun(
        id="", text=" ".join(cells.get("text", "").split()), fix=" ".join(cells.get("fix", "").split()),
        source=" ".join(cells.get("source", "").split()), severity=cells.get("severity", ""), payer_ids=payers,
        codes=codes, missing=cells.get("missing", ""), units_over=numbers["units_over"], **years, **lists, **days,
    )  # fmt: skip
    return rule, tuple(faults)


def _codes(text: str, faults: list[Fault]) -> tuple[CodeRange, ...]:
    found = []
    for part in text.upper().split(","):
        words = part.split()
        if not words:
            continue
        first, _, last = words[0].partition("-")
        shaped = all(re.fullmatch(r"[A-Z0-9]{5}", code, re.ASCII) for code in (first, last or first))
        if not shaped or not all(re.fullmatch(r"[A-Z0-9]{2}", mark, re.ASCII) for mark in words[1:]):
            says = "One of these is no procedure code or range"
            faults.append(Fault(field="codes", says=says, fix="Write them as 97110-97530, 99213 25"))
            return ()
        found.append(CodeRange(first=first, last=last, modifiers=tuple(words[1:])))
    return tuple(found)


def cells_of_rule(rule: RuleNoun) -> dict[str, str]:
    """As it would be typed."""
    return {
        "text": rule.text, "fix": rule.fix, "source": rule.source, "severity": rule.severity, "missing": rule.missing,
        "payer_ids": " ".join(rule.payer_ids), "codes": codes_text(rule.codes),
        **{name: " ".join(getattr(rule, name)) for name in LISTS},
        **{name: f"{getattr(rule, name):f}" if name == "units_over" else str(getattr(rule, name))
           for name in NUMBERS if getattr(rule, name) is not None},
        **{name: f"{getattr(rule, name):%m/%d/%Y}" if getattr(rule, name) else "" for name in ("start", "end")},
    }  # fmt: skip


def codes_text(codes: Sequence[CodeRange]) -> str:
    return ", ".join(" ".join((f"{one.first}-{one.last}" if one.last else one.first, *one.modifiers)) for one in codes)


def conditions(rule: RuleNoun) -> list[str]:
    """When a line meets the rule, in sentences."""
    names = _payers()
    told = {
        "Payer": ", ".join(names.get(one, one) for one in rule.payer_ids), "Procedure": codes_text(rule.codes),
        "Modifier is one of": " ".join(rule.modifiers_any), "Modifier is none of": " ".join(rule.modifiers_none),
        "Diagnosis begins with one of": " ".join(rule.diagnoses_any),
        "Diagnosis begins with none of": " ".join(rule.diagnoses_none), "Place of service": " ".join(rule.places),
        "Specialty": " ".join(rule.specialties), "State": " ".join(rule.states),
        "Patient is at least": f"{rule.youngest} years" if rule.youngest is not None else "",
        "Patient is at most": f"{rule.oldest} years" if rule.oldest is not None else "",
        "Units above": f"{rule.units_over.normalize():f}" if rule.units_over is not None else "",
        "Missing": MISSING.get(rule.missing, rule.missing),
        "Services from": f"{rule.start:%m/%d/%Y}" if rule.start else "",
        "Services before": f"{rule.end:%m/%d/%Y}" if rule.end else "",
    }  # fmt: skip
    return [f"{what}: {value}" for what, value in told.items() if value]


# Pages ---------------------------------------------------------------------------------------------------------------


@page()
def rules(request: HttpRequest) -> HttpResponse:
    rows = list(LocalRule.objects.annotate(last=Max("versions__number")).order_by("key"))
    by_rule: dict[UUID, list[LocalRuleVersion]] = {}
    for version in LocalRuleVersion.objects.prefetch_related("trials").order_by("number"):
        by_rule.setdefault(version.rule_id, []).append(version)
    for row in rows:
        versions = by_rule.get(row.pk, [])
        row.shown = next((one for one in versions if one.state == "active"), versions[-1] if versions else None)
        row.draft = next((one for one in reversed(versions) if one.state == "draft"), None)
        if row.shown is not None:
            row.noun = msgspec.convert(row.shown.content, RuleNoun)
            row.trial = max(row.shown.trials.all(), key=lambda one: one.ran_at, default=None)
    return show(
        request,
        "workbench/rules.html",
        {"rows": rows, "may_write": may(request, "save_rule"), "severities": SEVERITIES},
    )


@page()
def rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    row = get_object_or_404(LocalRule, pk=rule_id)
    versions = list(row.versions.prefetch_related("trials").order_by("-number"))
    shown = []
    for version in versions:
        noun = msgspec.convert(version.content, RuleNoun)
        trials = sorted(version.trials.all(), key=lambda one: one.ran_at, reverse=True)
        shown.append(
            {
                "version": version, "rule": noun, "conditions": conditions(noun), "trial": trials[0] if trials else None,
                "says": SEVERITIES.get(noun.severity, noun.severity), "tried": len(trials),
            }
        )  # fmt: skip
    numbers = [number for one in shown[:1] if one["trial"] for number in one["trial"].sample]
    sample = ClaimVersion.objects.filter(control_number__in=numbers).order_by("control_number")
    return show(
        request,
        "workbench/rule.html",
        {
            "rule": row,
            "versions": shown,
            "sample": sample,
            "results": results_of(row),
            "may_write": may(request, "save_rule"),
        },
    )


def _form(
    request: HttpRequest, row: LocalRule | None, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    return show(
        request, "workbench/rule_form.html", {"rule": row, "groups": bound(_groups(), cells, faults), "faults": faults}
    )


@page()
def new_rule(request: HttpRequest) -> HttpResponse:
    return _form(request, None, {"severity": "W"})


@page()
def edit_rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    row = get_object_or_404(LocalRule, pk=rule_id)
    last = row.versions.order_by("-number").first()
    cells = cells_of_rule(msgspec.convert(last.content, RuleNoun)) if last is not None else {}
    return _form(request, row, cells | {"name": row.name})


@action(does="rule.write_asked")
def save_new_rule(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@action(does="rule.write_asked")
def save_rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    return _save(request, get_object_or_404(LocalRule, pk=rule_id))


def _save(request: HttpRequest, row: LocalRule | None) -> HttpResponse:
    cells = posted(request.POST, _groups())
    noun, faults = read_rule(cells)
    if faults:
        return _form(request, row, cells, faults)
    try:
        if row is None:
            made = services.create_rule(name=cells["name"], rule=noun, note=cells["note"])
        else:
            made = services.revise_rule(rule=row, content=noun, note=cells["note"])
    except RuleRefused as refused:
        field = "note" if "why" in str(refused) else "text"
        return _form(request, row, cells, [Fault(field=field, says=str(refused).capitalize(), fix="Put it right")])
    messages.success(request, f"Version {made.number} is a draft: try it on last year's claims.")
    return redirect("rule", rule_id=made.rule_id)


# Acts ----------------------------------------------------------------------------------------------------------------


@action(does="rule.act_asked")
def act_on_rule(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """`do` is try, activate, renew or retire. A dry run touches no claim."""
    version = get_object_or_404(LocalRuleVersion.objects.select_related("rule"), pk=version_id)
    does, told = request.POST.get("do", ""), request.POST
    until = read_day(told.get("until", ""))
    try:
        if told.get("until", "").strip() and until is None:
            raise RuleRefused("the day is no day of the calendar: write it as 01/31/2027")
        if does == "try":
            trial = try_rule(version=version)
            messages.success(request, f"It would have stopped {trial.stopped} of {trial.claims} claims.")
        elif does == "activate":
            services.activate_rule(version=version, expires_on=until)
            messages.success(request, f"Version {version.number} is in force.")
        elif does == "renew" and until is not None:
            services.renew_rule(version=version, until=until)
            messages.success(request, f"It runs until {until:%m/%d/%Y}.")
        elif does == "retire":
            services.retire_rule(version=version, reason=told.get("reason", ""))
            messages.success(request, "It is ended and stays on record.")
        else:
            raise RuleRefused("choose what is to be done, with its day")
    except RuleRefused as refused:
        messages.error(request, f"{refused}.".capitalize())
    return redirect("rule", rule_id=version.rule_id)
