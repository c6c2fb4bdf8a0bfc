"""Visits before they are claims: the list by state, and one visit with its record, its moves and its questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.registration import read_day
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Line
from claimwright.codes.money import ZERO, money
from claimwright.coding import evaluation
from claimwright.coding.advice import OTHER, UNDETERMINED, Evidence
from claimwright.coding.queries import QueryRefused, next_escalation
from claimwright.coding.states import NEEDS_REASON, EncounterEvent, EncounterState, NotAllowed, allowed
from claimwright.web.authorizations.services import release_visit
from claimwright.web.charges import visits as visit_services
from claimwright.web.charges.entry import may_be_entered
from claimwright.web.charges.models import Encounter, ProviderQuery
from claimwright.web.charges.moves import move_encounter
from claimwright.web.charges.selectors import evaluation_of, moves_of, query_noun
from claimwright.web.charges.visits import VisitRefused
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.operations.entry import bill_visit
from claimwright.web.practice.models import Provider
from claimwright.web.practice.selectors import charge_master
from claimwright.web.submissions.models import Claim
from claimwright.web.submissions.queried import answer_query, ask_provider, withdraw_query
from claimwright.web.workbench.anesthesia import anesthesia_of
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, rows_of, show
from claimwright.web.workbench.patients import found_by
from claimwright.web.workbench.visit_charges import may_be_corrected
from claimwright.web.workbench.worklist import with_links

# Groups of the list, in the order of a visit's life; the first that has any is shown.
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "to_code": ("To code", ("NOTE_SIGNED", "CODING", "QUERY")),
    "held": ("Held", ("HELD",)),
    "coded": ("Coded, not charged", ("CODED",)),
    "expected": ("On the schedule", ("SCHEDULED", "ARRIVED", "NOTE_OPEN")),
    "charged": ("Charged", ("CHARGES_LOCKED", "CLAIMED")),
    "gone": ("Not billed", ("NO_SHOW", "CANCELLED", "NON_BILLABLE")),
}
# The buttons of a visit: what each event is called, in the order they stand. Others come from elsewhere.
EVENTS: Mapping[EncounterEvent, str] = {
    EncounterEvent.ARRIVE: "Arrived",
    EncounterEvent.OPEN_NOTE: "Note begun",
    EncounterEvent.SIGN_NOTE: "Note signed",
    EncounterEvent.START_CODING: "Start coding",
    EncounterEvent.HOLD: "Hold",
    EncounterEvent.REOPEN_CODING: "Reopen coding",
    EncounterEvent.REOPEN_NOTE: "Reopen the note",
    EncounterEvent.NO_SHOW: "Did not come",
    EncounterEvent.CANCEL: "Cancel",
    EncounterEvent.REINSTATE: "Put back on the schedule",
    EncounterEvent.MARK_NON_BILLABLE: "Not billable",
}
EVENT_WORDS = {event.value: words for event, words in EVENTS.items()} | {
    "reschedule": "Scheduled", "receive": "Charges came", "ask": "Provider asked", "settle": "Query settled",
    "finish_coding": "Coding finished", "lock": "Charges locked", "claim": "Claim made",
}  # fmt: skip
NEEDS_NOTE = (EncounterEvent.OPEN_NOTE, EncounterEvent.SIGN_NOTE)
CODER_OPTIONS = 4  # rows for options beside "other" and "cannot be determined"


# The list ------------------------------------------------------------------------------------------------------------


def found_visits(wanted: Mapping[str, str]) -> QuerySet[Encounter]:
    """By group of states, by the day of the visit, by the patient's name or record number."""
    rows = Encounter.objects.all()
    if wanted.get("group") in GROUPS:
        rows = rows.filter(state__in=GROUPS[wanted["group"]][1])
    if start := read_day(wanted.get("from", "")):
        rows = rows.filter(date_from__gte=start)
    if end := read_day(wanted.get("to", "")):
        rows = rows.filter(date_from__lte=end)
    if wanted.get("q", "").strip():
        rows = rows.filter(patient__in=found_by(wanted["q"]))
    return rows.select_related("patient", "practice").order_by("-date_from", "patient__last_name_folded", "pk")


COLUMNS: Columns = (
    ("Visit", "date_from"), ("Patient", "patient"), ("Record number", "patient.record_number"),
    ("Practice", "practice.name"), ("State", "get_state_display"), ("Services", "codes"), ("Charge", "charge"),
    ("Why it waits", "reason"), ("Came from", "source"),
)  # fmt: skip


def _with_services(rows: list[Encounter]) -> list[Encounter]:
    """Give each visit its codes and what they charge, from its own content."""
    for row in rows:
        noun = msgspec.convert(row.content or {}, EncounterNoun)
        row.codes = ", ".join(line.procedure_code for line in noun.lines)
        row.charge = sum((line.charge for line in noun.lines), ZERO) or None
    return rows


@page(reads="encounter.list")
def visits(request: HttpRequest) -> HttpResponse:
    by_state = dict(Encounter.objects.values_list("state").annotate(count=Count(Value(1))))  # by its index alone
    counts = {key: sum(by_state.get(state, 0) for state in states) for key, (_, states) in GROUPS.items()}
    wanted = request.GET.dict()
    if "group" not in wanted and not wanted.get("q"):
        wanted["group"] = next((key for key, count in counts.items() if count), "to_code")
    every = found_visits(wanted).annotate(open_queries=OPEN_QUERIES)
    if file := exported(request, "visits", COLUMNS, every, ready=_with_services):
        return file
    rows = rows_of(request, every)
    for row in _with_services(list(rows.object_list)):
        row.can_enter = may_be_entered(row)
    groups = [{"key": key, "title": title, "count": counts[key]} for key, (title, _) in GROUPS.items()]
    return show(request, "workbench/visits.html", {"rows": rows, "groups": groups, "wanted": wanted})


# Asked for the rows that are shown: a join would count them for every visit there is.
OPEN_QUERIES = Coalesce(
    Subquery(
        ProviderQuery.objects.filter(encounter=OuterRef("pk"), state=ProviderQuery.State.OPEN)
        .order_by().values("encounter").annotate(count=Count("pk")).values("count")
    ), 0,
)  # fmt: skip


# One visit -----------------------------------------------------------------------------------------------------------


@page(reads="encounter.read")
def visit(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    encounter = _encounter(encounter_id)
    return show(request, "workbench/visit.html", _context(encounter))


def _encounter(encounter_id: UUID) -> Encounter:
    return get_object_or_404(Encounter.objects.select_related("patient", "practice", "file"), pk=encounter_id)


def _context(encounter: Encounter) -> dict[str, Any]:
    noun = msgspec.convert(encounter.content or {}, EncounterNoun)
    events = allowed(EncounterState(encounter.state))
    items = WorkItem.objects.filter(
        state=WorkItem.State.OPEN, subject_type="encounter", subject_id=str(encounter.pk)
    ).order_by("raised_on")
    level = evaluation_of(encounter)
    judged = (
        evaluation.level(level, encounter.date_from) if encounter.date_from and level != evaluation.Visit() else None
    )
    lines = _lines(encounter, noun)
    return {
        "encounter": encounter, "noun": noun, "lines": lines, "level": level, "judged": judged,
        "total": sum((row["charge"] or ZERO for row in lines), ZERO), "diagnoses": _diagnoses(encounter, noun),
        "moves": [{"move": move, "words": EVENT_WORDS.get(move.event, move.event)} for move in moves_of(encounter)],
        "events": [
            {"name": event.value, "words": words, "needs_reason": event in NEEDS_REASON, "needs_note": event in NEEDS_NOTE}
            for event, words in EVENTS.items() if event in events
        ],
        "documented": encounter.documented.order_by("kind", "code"), "anesthesia": anesthesia_of(encounter, noun),
        "queries": [_query(row) for row in encounter.queries.order_by("-asked_on", "pk")],
        "can_enter": may_be_entered(encounter), "can_correct": may_be_corrected(encounter),
        "corrections": encounter.charge_corrections.order_by("at", "line_id"), "can_bill": encounter.state == Encounter.State.CODED,
        "can_ask": EncounterEvent.ASK in events, "other": OTHER, "undetermined": UNDETERMINED,
        "options": _options({}), "providers": list(Provider.objects.order_by("name")),
        "claims": Claim.objects.filter(encounter=encounter).select_related("payer").order_by("sequence", "part"),
        "items": with_links(list(items)), "asked": {},
    }  # fmt: skip


def _options(asked: Mapping[str, str]) -> list[dict[str, str]]:
    names = [f"option{number}" for number in range(1, CODER_OPTIONS + 1)]
    return [{"name": name, "value": asked.get(name, "")} for name in names]


def _lines(encounter: Encounter, noun: EncounterNoun) -> list[dict[str, Any]]:
    """Each with its charge: as entered or locked, else what the price list would make of it today."""
    unpriced = [line.procedure_code for line in noun.lines if line.charge <= ZERO]
    master = charge_master(encounter.practice, unpriced) if unpriced and encounter.practice else None

    def charge(line: Line) -> Decimal | None:
        if line.charge > ZERO or master is None or line.date_from is None:
            return line.charge or None
        price = master.price(line.procedure_code, line.modifiers, line.date_from)
        return None if price is None else money(price * line.units)

    def codes(line: Line) -> list[str]:
        held = noun.diagnoses
        return [held[at - 1].code for at in line.diagnosis_pointers if 0 < at <= len(held)]

    return [{"line": line, "diagnoses": codes(line), "charge": charge(line)} for line in noun.lines]


def _diagnoses(encounter: Encounter, noun: EncounterNoun) -> list[dict[str, str]]:
    sets = loaded_codes()
    rows = []
    for row in noun.diagnoses:
        entry = sets.entry("icd10cm", row.code, encounter.date_from)
        rows.append({"code": row.code, "title": entry.label if entry else ""})
    return rows


def _query(row: ProviderQuery) -> dict[str, Any]:
    content = query_noun(row)
    return {"row": row, "content": content, "next": next_escalation(content, clock.today())}


# Moves ---------------------------------------------------------------------------------------------------------------


SERVICES: Mapping[EncounterEvent, Callable[[Encounter, str, str], object]] = {
    EncounterEvent.ARRIVE: lambda encounter, note, reason: visit_services.arrive(encounter=encounter),
    EncounterEvent.OPEN_NOTE: lambda encounter, note, reason: visit_services.open_note(
        encounter=encounter, note_id=note
    ),
    EncounterEvent.SIGN_NOTE: lambda encounter, note, reason: visit_services.sign_note(
        encounter=encounter, note_id=note
    ),
    EncounterEvent.REOPEN_NOTE: lambda encounter, note, reason: visit_services.reopen_note(
        encounter=encounter, reason=reason
    ),
}


@action(does="encounter.move_asked")
def move_visit(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """One step of the visit's life, where its table allows it."""
    encounter = _encounter(encounter_id)
    reason, note = (request.POST.get(name, "").strip()[:300] for name in ("reason", "note_id"))
    try:
        event = EncounterEvent(request.POST.get("event", ""))
        if event not in EVENTS:
            raise VisitRefused("event: this step is not made here")
        if event in SERVICES:
            SERVICES[event](encounter, note, reason)
        else:
            move_encounter(encounter=encounter, event=event, reason=reason)
        if event in (EncounterEvent.CANCEL, EncounterEvent.NO_SHOW):
            release_visit(encounter_id=encounter.pk, reason=EVENTS[event].lower())
        messages.success(request, f"{EVENTS[event]}: the visit is {encounter.get_state_display().lower()} now.")
    except (VisitRefused, NotAllowed, ValueError) as refused:
        messages.error(request, str(refused))
    return redirect("visit", encounter_id=encounter.pk)


@action(does="encounter.bill_asked")
def charge_visit(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """Lock the charges of a coded visit and make its claim."""
    encounter = _encounter(encounter_id)
    try:
        versions = bill_visit(encounter=encounter)
    except VisitRefused as refused:
        messages.error(request, str(refused))
        return redirect("visit", encounter_id=encounter.pk)
    if versions:
        messages.success(request, f"Claim {versions[0].control_number} is made: {versions[0].state.lower()}.")
        return redirect("claim", claim_id=versions[0].claim_id)
    if encounter.state == Encounter.State.HELD:
        messages.error(request, f"The charges are not locked: {encounter.reason}")
    else:
        messages.success(request, "Charged to the patient; there is no claim.")
    return redirect("visit", encounter_id=encounter.pk)


# Questions to the provider -------------------------------------------------------------------------------------------


@action(does="query.ask_asked")
def ask(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    """Refused with every fault of its wording; what was typed stays on the page then."""
    encounter = _encounter(encounter_id)
    asked = {name: value.strip() for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    options = [asked.get(f"option{number}", "") for number in range(1, CODER_OPTIONS + 1)]
    options = [option for option in options if option]
    try:
        ask_provider(
            encounter=encounter, question=asked.get("question", ""), options=[*options, OTHER, UNDETERMINED] if options else [],
            evidence=[Evidence(source=asked.get("source", "")[:120], excerpt=asked.get("excerpt", ""))],
            provider_npi=asked.get("provider", ""), place=asked.get("place", "")[:60],
        )  # fmt: skip
    except (QueryRefused, NotAllowed) as refused:
        return show(
            request,
            "workbench/visit.html",
            _context(encounter) | {"asked": asked, "options": _options(asked), "ask_refused": str(refused)},
        )
    messages.success(request, "Asked. The visit, or its unsent claim, waits for the answer.")
    return redirect("visit", encounter_id=encounter.pk)


def _settled(request: HttpRequest, query: ProviderQuery, settle: Callable[[], object], says: str) -> HttpResponse:
    try:
        settle()
        messages.success(request, says)
    except (QueryRefused, NotAllowed) as refused:
        messages.error(request, str(refused))
    return redirect("visit", encounter_id=query.encounter_id)


@action(does="query.answer_asked")
def answer(request: HttpRequest, query_id: UUID) -> HttpResponse:
    query = get_object_or_404(ProviderQuery, pk=query_id)
    told = {name: request.POST.get(name, "").strip() for name in ("outcome", "words", "answered_by")}
    return _settled(request, query, lambda: answer_query(query=query, **told), "The answer is kept.")


@action(does="query.withdraw_asked")
def withdraw(request: HttpRequest, query_id: UUID) -> HttpResponse:
    query = get_object_or_404(ProviderQuery, pk=query_id)
    because = request.POST.get("because", "").strip()
    return _settled(request, query, lambda: withdraw_query(query=query, because=because), "The query is withdrawn.")
