"""Denials: the list by what an hour on each is worth, one denial with its decision and appeals, counts, letters, rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import msgspec
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.billing.corrections import CORRECTED_BY
from claimwright.billing.denials import OPEN_STATES, AppealState, appeal_may_become
from claimwright.billing.lifecycle import State
from claimwright.billing.root_causes import CAUSES, breakdown
from claimwright.billing.root_causes import VIEWS as TREND_VIEWS
from claimwright.billing.write_offs import REASONS
from claimwright.codes.denials import ACTIONS, advice_words, category_defaults
from claimwright.documents.letters import PLACEHOLDERS
from claimwright.web.authorizations.papers import documents_of
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.core.desks import desk_of
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials import letters
from claimwright.web.denials.appeals import OUT, levels_of, next_level
from claimwright.web.denials.models import Appeal, Denial, LetterTemplate, RuleProposal
from claimwright.web.denials.selectors import cases
from claimwright.web.denials.services import KEY, decision
from claimwright.web.denials.work_in_hand import item_of
from claimwright.web.operations.appeal_packs import BATCH_ACTIONS, papers_for
from claimwright.web.payments.denial_scores import written_off_by_line
from claimwright.web.submissions.models import LocalRuleTrial
from claimwright.web.workbench.claim_versions import why_not_corrected
from claimwright.web.workbench.denial_views import FIRST, VIEWS, due_in_view, in_view
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import page, rows_of, show
from claimwright.web.workbench.policies import has, may
from claimwright.web.workbench.words import state_words
from claimwright.web.workbench.worklist import people_for

OLDER_THAN_DAYS = (30, 60, 90)
TREND_DAYS = 365


def _filtered(wanted: dict[str, str], view: str, username: str) -> QuerySet[Denial]:
    """`username` is who "mine" is."""
    rows = in_view(Denial.objects.all(), view, clock.today())
    if wanted.get("due") == "today":
        rows = due_in_view(rows, view, clock.today())
    for field, name in (("payer", "payer_id"), ("category", "category"), ("carc", "carc")):
        if wanted.get(field):
            rows = rows.filter(**{name: wanted[field]})
    if wanted.get("owner"):
        rows = rows.filter(owner={"mine": username, "nobody": ""}.get(wanted["owner"], wanted["owner"]))
    if wanted.get("amount", "").replace(".", "", 1).isdigit():
        rows = rows.filter(amount__gte=wanted["amount"])
    if wanted.get("older", "").isdigit():
        rows = rows.filter(received_on__lte=clock.today() - timedelta(days=int(wanted["older"])))
    return rows


COLUMNS: Columns = (
    ("Score", "priority"), ("Patient", "version.claim.patient"), ("Claim", "version.control_number"),
    ("Payer", "payer.name"), ("Group", "group"), ("Reason", "carc"), ("Remarks", lambda row: " ".join(row.rarcs)),
    ("Category", "category"), ("Line", "line_id"), ("Amount", "amount"), ("Received on", "received_on"),
    ("Correct by", "corrected_deadline"), ("Appeal by", lambda row: row.appeal_deadline if row.appealable else None),
    ("State", "state"), ("Owner", "owner"),
)  # fmt: skip


@page(reads="denial.list")
def denials(request: HttpRequest) -> HttpResponse:
    """Highest worth of a minute first, older first among equals."""
    wanted = request.GET.dict()
    if wanted.get("payer") and not _is_id(wanted["payer"]):
        wanted["payer"] = ""
    view = wanted["view"] if wanted.get("view") in dict(VIEWS) else FIRST
    chosen = _filtered(wanted, view, request.user.get_username())
    every = chosen.select_related("payer", "version__claim__patient").order_by("-priority", "received_on", "pk")
    every = every.defer("version__content", "payer__profile", "version__claim__patient__content")
    if file := exported(request, "denials", COLUMNS, every):
        return file
    totals = chosen.aggregate(count=Count("id"), amount=Sum("amount"))
    rows = rows_of(request, every)
    lines = ChargeLine.objects.filter(line_id__in=[row.line_id for row in rows.object_list])
    codes = dict(lines.values_list("line_id", "code"))
    opened = Appeal.objects.filter(denial__in=[row.pk for row in rows.object_list], state__in=["DRAFT", *OUT])
    appeals = {one.denial_id: one for one in opened}
    items = {
        one.key: one
        for one in WorkItem.objects.filter(key__in=[f"{KEY}{row.pk}" for row in rows.object_list], state="open")
    }
    for row in rows.object_list:
        row.code = codes.get(row.line_id, "")
        row.late_to_act = row.act_by is not None and row.state == "NEW" and row.act_by < clock.today()
        row.appeal, row.item = appeals.get(row.pk), items.get(f"{KEY}{row.pk}")
    payers = Denial.objects.order_by("payer__name").values_list("payer_id", "payer__name").distinct()
    return show(
        request, "workbench/denials.html",
        {
            "rows": rows, "totals": totals, "view": view, "views": VIEWS, "wanted": wanted, "payers": list(payers),
            "categories": list(Denial.objects.order_by("category").values_list("category", flat=True).distinct()),
            "older": OLDER_THAN_DAYS, "people": people_for("denials"),
            "desk": desk_of(Worklist.DENIALS).label, "leads": has(request, "office.lead"), "batch_actions": BATCH_ACTIONS, "write_off_reasons": REASONS,
            "proposals": RuleProposal.objects.filter(state=RuleProposal.State.OPEN).count(),
        },
    )  # fmt: skip


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _not_corrected(row: Denial) -> str:
    """Why the claim cannot be corrected from here, "" where it can."""
    version = row.version
    if version.claim.versions.filter(number__gt=version.number).exists():
        return "a later version of the claim is there already"
    if State(version.state) not in CORRECTED_BY:
        return f"the claim is {state_words(version.state).lower()}"
    return why_not_corrected(version)


@page(reads="denial.read")
def denial(request: HttpRequest, denial_id: UUID) -> HttpResponse:
    row = get_object_or_404(
        Denial.objects.select_related(
            "payer", "practice", "version__claim__patient", "version__claim__encounter", "version__claim__payer"
        ),
        pk=denial_id,
    )
    appeals = list(row.appeals.order_by("level", "sent_on", "pk"))
    levels = levels_of(row)
    for appeal in appeals:
        appeal.is_out = appeal.state in OUT
        appeal.may_end = [
            state for state in (AppealState.UPHELD, AppealState.DISMISSED, AppealState.WITHDRAWN)
            if appeal_may_become(AppealState(appeal.state), state)
        ]  # fmt: skip
    number, _ = next_level(row)
    following = next((level for level in levels if level.number == number), None)
    remarks, item = tuple(row.rarcs), item_of(row)
    return show(
        request, "workbench/denial.html",
        {
            "row": row, "item": item, "answers": item.reason.partition("\n")[2] if item else "", "people": people_for("denials"), "leads": has(request, "office.lead"),
            "desk": desk_of(Worklist.DENIALS).label, "sleeps": row.snoozed_until is not None and row.snoozed_until > clock.today(),
            "line": ChargeLine.objects.filter(line_id=row.line_id).first(), "appeals": appeals,
            "levels": [msgspec.structs.asdict(level) for level in levels], "following": following,
            "decision": decision(denial=row), "wrong": decision(denial=row, our_data_was_wrong=True, documentation_supports=True),
            "right": decision(denial=row, our_data_was_wrong=False), "advice": advice_words(row.carc, remarks),
            "actions": [ACTIONS.get(token, token) for token in row.actions], "causes": CAUSES,
            "cause": CAUSES.get(row.root_cause, ""), "requests": row.records_requests.order_by("requested_on"),
            "papers": papers_for(row), "kept": documents_of(patient_id=row.version.claim.patient_id, subjects={"denial": [row.pk]}),
            "not_corrected": _not_corrected(row), "is_open": row.state in OPEN_STATES, "draft": next((one for one in appeals if one.state == "DRAFT"), None),
        },
    )  # fmt: skip


TALLIES: Columns = (
    ("Denials of", lambda row: row.name or "not known"), ("Denials", "count"), ("First pass", "first_pass"),
    ("Dollars", "amount"), ("Preventable", "preventable_count"), ("Decided", "decided"), ("Won", "overturned"),
    ("Share won", "overturn_rate"), ("Recovered", "recovered"), ("Avoidable write-off", "avoidable_write_off"),
)  # fmt: skip


@page(reads="denial.trends")
def denial_trends(request: HttpRequest) -> HttpResponse:
    """Denials of a year by any view, and month by month: counts, dollars, what was preventable, what was won."""
    view = request.GET.get("by", "root_cause")
    view = view if view in TREND_VIEWS else "root_cause"
    until = clock.today()
    since = until - timedelta(days=TREND_DAYS)
    found = cases(since=since, until=until, written_off=written_off_by_line(since))
    if request.GET.get("pass") == "first":
        found = [case for case in found if case.first_pass]
    tallies, months = breakdown(found, view), breakdown(found, "month")
    file = exported(request, f"denials-by-{view.replace('_', '-')}", TALLIES, tallies)
    if file or (file := exported(request, "denials-by-month", TALLIES, months, of="months")):
        return file
    most = max((month.amount for month in months), default=0)
    return show(
        request, "workbench/denial_trends.html",
        {
            "view": view, "views": list(TREND_VIEWS), "tallies": tallies, "since": since, "until": until,
            "months": [(month, int(100 * month.amount / most) if most else 0) for month in months],
            "first_pass": request.GET.get("pass") == "first", "count": len(found),
        },
    )  # fmt: skip


@page()
def letter_templates(request: HttpRequest) -> HttpResponse:
    """The letters by category: the practice's own words, or the shipped ones."""
    own = {row.category: row for row in LetterTemplate.objects.filter(active=True)}
    chosen = request.GET.get("category", "")
    chosen = chosen if chosen in letters.categories() else letters.categories()[0]
    defaults = category_defaults(chosen)
    return show(
        request, "workbench/letter_templates.html",
        {
            "categories": [(name, name in own) for name in letters.categories()], "chosen": chosen,
            "text": letters.template_text(chosen), "own": own.get(chosen), "shipped": letters.shipped_template(chosen),
            "meaning": defaults.meaning if defaults else "", "names": PLACEHOLDERS,
        },
    )  # fmt: skip


PROPOSALS: Columns = (
    ("What repeats", "text"), ("Rule", "rule_version.rule.key"), ("Payer", "payer.name"), ("Denied", "denied"),
    ("Claims", "claims"), ("In a year stopped, denied", "trial.denied"), ("Stopped for nothing", "trial.not_denied"),
    ("Stopped, open", "trial.undecided"), ("State", "get_state_display"), ("Proposed on", "proposed_on"),
    ("Decided by", "decided_by"), ("Decided on", "decided_on"), ("Reason", "reason"),
)  # fmt: skip


def _with_trials(rows: Iterable[RuleProposal]) -> None:
    """Give each its words and its latest dry run."""
    of_version = {row.rule_version_id: None for row in rows}
    trials = LocalRuleTrial.objects.filter(version__in=of_version).order_by("version", "-ran_at").distinct("version")
    latest = {one.version_id: one for one in trials}
    for row in rows:
        row.trial, row.text = latest.get(row.rule_version_id), row.rule_version.content["text"]


@page()
def rule_proposals(request: HttpRequest) -> HttpResponse:
    """What repeats, with the dry run of its rule; a supervisor decides."""
    every = RuleProposal.objects.select_related("payer", "rule_version__rule").order_by("-proposed_on", "pattern")
    if file := exported(request, "rules-that-denials-ask-for", PROPOSALS, every, ready=_with_trials):
        return file
    rows = rows_of(request, every)
    rows.object_list = list(rows.object_list)
    _with_trials(rows.object_list)
    return show(
        request, "workbench/rule_proposals.html",
        {"rows": rows, "may_decide": may(request, "decide_proposal")},
    )  # fmt: skip
