"""A patient's coverages: by date, their order with its reasons, cards, the questions asked; and insurance found late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.coverage_order import Parents, Plan, Role, Standing
from claimwright.billing.questionnaires import AccidentAnswers, MedicareAnswers
from claimwright.billing.registration import RELATIONSHIPS, Fault, read_day
from claimwright.claims.nouns import Person
from claimwright.web.authorizations.models import Document
from claimwright.web.core import clock
from claimwright.web.operations.rebill import RebillRefused, bill_found_coverage, undo_found_coverage
from claimwright.web.patients.coverages import (
    UNPLACED,
    CoverageRefused,
    NewCoverage,
    add_coverage,
    confirm_order,
    end_coverage,
    faults_of,
    proposed_order,
    replace_coverage,
    rows_of,
)
from claimwright.web.patients.models import CardImage, FoundCoverage, InjuryCase, Patient, PatientCoverage
from claimwright.web.patients.questionnaires import (
    AnswersRefused,
    close_case,
    record_accident,
)
from claimwright.web.patients.registration import details_of, set_parents
from claimwright.web.patients.selectors import latest_questionnaires, questionnaire_is_stale
from claimwright.web.practice.models import Payer
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.queried import record_medicare_answers
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, posted_day, show

PLANS = {
    "": "As the payer is set up", Plan.EMPLOYER: "Employer's plan", Plan.INDIVIDUAL: "Individual plan",
    Plan.MEDICARE: "Medicare", Plan.SUPPLEMENT: "Medicare supplement", Plan.TRICARE: "TRICARE",
    Plan.MEDICAID: "Medicaid", Plan.WORKERS_COMPENSATION: "Workers compensation", Plan.AUTO: "Auto no-fault",
    Plan.LIABILITY: "Liability", Plan.BLACK_LUNG: "Black lung", Plan.VETERANS: "VA", Plan.FEDERAL: "Other federal",
}  # fmt: skip
NOT_BY_WORK = "none"
CARD = "card"  # billing.document_policy.KINDS: a card that came in the post or was scanned with other papers
STANDINGS = {
    Standing.ACTIVE.value: "Works", Standing.RETIREE.value: "Retired or laid off", Standing.COBRA.value: "COBRA",
    NOT_BY_WORK: "Not by work",
}  # fmt: skip
ROLES = {
    Role.NONE: "", Role.COURT_ORDER: "Named by a court", Role.COURT_ORDER_SPOUSE: "Spouse of the one named by a court",
    Role.CUSTODIAL: "Has custody", Role.CUSTODIAL_SPOUSE: "Spouse of the one with custody",
    Role.NON_CUSTODIAL: "Without custody", Role.NON_CUSTODIAL_SPOUSE: "Spouse of the one without custody",
}  # fmt: skip
PARENTS = {
    Parents.UNKNOWN: "Not asked", Parents.TOGETHER: "Live together", Parents.APART: "Apart",
    Parents.JOINT: "Apart, both responsible by court",
}  # fmt: skip


def _groups() -> Sequence[tuple[str, Sequence[Field]]]:
    payers = {"": "", **{str(payer.pk): payer.name for payer in Payer.objects.order_by("name")}}
    return (
        ("Coverage", (
            Field(name="payer", label="Payer", kind="select", choices=payers, required=True),
            Field(name="member_id", label="Member number", longest=80, required=True),
            Field(name="group_number", label="Group number", longest=50),
            Field(name="plan_name", label="Plan", longest=80),
            Field(name="start", label="First day", kind="date", required=True),
            Field(name="end", label="First day without it", kind="date", hint="Blank while it is in force"),
        )),
        ("Whose it is", (
            Field(name="relationship", label="The patient is the subscriber's", kind="select", choices=RELATIONSHIPS),
            Field(name="subscriber_last_name", label="Subscriber's last name", longest=60),
            Field(name="subscriber_first_name", label="Subscriber's first name", longest=35),
            Field(name="subscriber_birth_date", label="Subscriber's date of birth", kind="date"),
        )),
        ("What decides the order", (
            Field(name="plan", label="Kind of plan", kind="select", choices=PLANS),
            Field(name="standing", label="The subscriber", kind="select", choices=STANDINGS),
            Field(name="employer_size", label="People at the employer", longest=6, numeric=True),
            Field(name="covered_since", label="Subscriber covered since", kind="date"),
            Field(name="role", label="Parent, where parents are apart", kind="select", choices=ROLES),
            Field(name="related", label="The care belongs to this case", kind="tick", hint="Injury carriers, VA"),
        )),
        ("Signed", (
            Field(name="benefits_assigned_on", label="Benefits assigned on (AOB)", kind="date"),
            Field(name="release_signed_on", label="Release of information on (ROI)", kind="date"),
            Field(name="other_cover_asked_on", label="Asked for other coverage on", kind="date"),
        )),
    )  # fmt: skip


DAYS = (
    "start", "end", "subscriber_birth_date", "covered_since", "benefits_assigned_on", "release_signed_on",
    "other_cover_asked_on",
)  # fmt: skip


def _read(cells: Mapping[str, str]) -> NewCoverage:
    """Raises CoverageRefused with every cell that cannot be read."""
    faults = []
    days: dict[str, date | None] = {}
    for name in DAYS:
        text = cells.get(name, "").strip()
        days[name] = read_day(text) if text else None
        if text and days[name] is None:
            faults.append(Fault(field=name, says="This is no day of the calendar", fix="Write it as 01/31/2026"))
    try:
        payer = Payer.objects.filter(pk=UUID(cells.get("payer", ""))).first()
    except ValueError:
        payer = None
    if payer is None:
        faults.append(Fault(field="payer", says="No payer is chosen", fix="Choose one; a new payer is set up first"))
    size = cells.get("employer_size", "").strip()
    if size and not (size.isascii() and size.isdigit()):
        faults.append(
            Fault(field="employer_size", says="This is no number of people", fix="Enter digits, or leave it blank")
        )
    if faults or payer is None:
        raise CoverageRefused(*faults)
    plan = cells.get("plan", "")
    standing: dict[str, Any] = {"role": cells.get("role", ""), "related": cells.get("related") == "on"}
    if plan:
        standing["plan"] = plan
    if cells.get("standing") and (plan or payer.kind) not in ("medicare", "medicaid", "tricare"):
        standing["standing"] = "" if cells["standing"] == NOT_BY_WORK else cells["standing"]
    if size:
        standing["employer_size"] = int(size)
    since = days["covered_since"]
    if since is not None:
        standing["covered_since"] = since.isoformat()
    return NewCoverage(
        payer=payer, member_id=cells.get("member_id", ""), relationship=cells.get("relationship", ""),
        subscriber=Person(
            last_name=cells.get("subscriber_last_name", "").strip(), birth_date=days["subscriber_birth_date"],
            first_name=cells.get("subscriber_first_name", "").strip(),
        ),
        group_number=cells.get("group_number", "").strip(), plan_name=cells.get("plan_name", "").strip(),
        start=days["start"], end=days["end"], standing=standing, benefits_assigned_on=days["benefits_assigned_on"],
        release_signed_on=days["release_signed_on"], other_cover_asked_on=days["other_cover_asked_on"],
    )  # fmt: skip


def _patient(patient_id: UUID) -> Patient:
    return get_object_or_404(Patient.objects.select_related("practice", "mother"), pk=patient_id)


# The page ------------------------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, patient: Patient, *, cells: Mapping[str, str] | None = None, faults: Sequence[Fault] = ()
) -> HttpResponse:
    today = clock.today()
    rows = [row for row in rows_of(patient) if row.end is None or row.start is None or row.start < row.end]
    on = read_day(request.GET.get("on", "").strip()) or _day_to_order(rows, today)
    proposal, held = proposed_order(patient=patient, on=on)
    cards: dict[UUID, list[CardImage]] = {row.pk: [] for row in rows}
    for card in CardImage.objects.filter(coverage__in=rows).defer("sealed").order_by("-side", "-received_on", "pk"):
        cards[card.coverage_id].append(card)
    papers = Document.objects.filter(patient=patient, kind=CARD).exclude(state=Document.State.DESTROYED)
    reasons = {reason.first: reason for reason in proposal.reasons}
    shown_date = today.strftime("%m/%d/%Y")
    start = {
        "benefits_assigned_on": shown_date, "release_signed_on": shown_date, "relationship": "18", "standing": "active",
    }  # fmt: skip
    return show(
        request,
        "workbench/coverages.html",
        {
            "patient": patient, "on": on, "rows": [(row, cards[row.pk], _runs(row, on)) for row in rows],
            "groups": bound(_groups(), start if cells is None else cells, faults, begins_here=not rows),
            "faults": faults,
            "ordered": [(held[place.key], place, reasons.get(place.key)) for place in proposal.places],
            "proposal": proposal, "differs": _differs(proposal, held),
            "left_out": [(held[key], why) for key, why in proposal.left_out if key in held],
            "place_faults": faults_of(patient), "parents": PARENTS, "told_parents": details_of(patient).parents,
            "questionnaire": latest_questionnaires([patient.pk]).get(patient.pk),
            "is_stale": questionnaire_is_stale(patient, today), "stale_days": policies_of(patient.practice).medicare_questionnaire_days,
            "has_medicare": any(row.payer.kind in ("medicare", "medicare_advantage") for row in rows),
            "card_papers": papers.defer("content").order_by("-received_on", "pk"),
            "cases": InjuryCase.objects.filter(patient=patient).select_related("carrier").order_by("-happened_on"),
            "found": FoundCoverage.objects.filter(patient=patient).select_related("coverage__payer").order_by("-made_on", "-attempt"),
        },
    )  # fmt: skip


def _day_to_order(rows: Sequence[PatientCoverage], today: date) -> date:
    """From when the order must be told: the day on which the coverages of today without a place begin to meet; else today."""
    running = [row for row in rows if _runs(row, today)]
    if not any(row.sequence == UNPLACED for row in running):
        return today
    return max((row.start for row in running if row.start is not None), default=today)


def _runs(row: PatientCoverage, on: date) -> bool:
    return (row.start is None or row.start <= on) and (row.end is None or on < row.end)


def _differs(proposal: Any, held: Mapping[str, PatientCoverage]) -> bool:
    """Whether the order confirmed is another than the one proposed, or none is confirmed."""
    return any(held[place.key].sequence != place.sequence for place in proposal.places)


@page(reads="patient.read")
def coverages(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    return _page(request, _patient(patient_id))


@action(does="coverage.add_asked")
def save_coverage(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A new coverage; one found after the patient was billed; or another in the place of `replaces`."""
    patient = _patient(patient_id)
    cells = posted(request.POST, _groups())
    try:
        new = _read(cells)
        if request.POST.get("found") == "on":
            done = bill_found_coverage(patient=patient, new=new)
            _say(request, done)
        elif request.POST.get("replaces"):
            old = get_object_or_404(PatientCoverage, pk=request.POST["replaces"], patient=patient)
            replace_coverage(coverage=old, new=new)
            messages.success(request, "Replaced: the old one ends, the new one takes its place.")
        else:
            row = add_coverage(patient=patient, new=new)
            messages.success(request, "Saved as primary." if row.sequence == "P" else "Saved. Confirm who pays first.")
    except CoverageRefused as refused:
        return _page(request, patient, cells=cells, faults=refused.faults)
    return redirect("coverages", patient_id=patient.pk)


def _say(request: HttpRequest, done: FoundCoverage) -> None:
    billed = sum(not one.get("left") for one in done.visits)
    left = len(done.visits) - billed
    text = f"{billed} visit{'' if billed == 1 else 's'} billed to {done.coverage.payer.name}"
    messages.success(request, f"{text}, {left} left as they were." if left else f"{text}.")


@action(does="coverage.order_asked")
def save_order(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The order as a person put it: a number for each coverage, 1 first, blank for one without a part."""
    patient = _patient(patient_id)
    on = posted_day(request, "on")
    numbered = []
    for name, value in request.POST.items():
        if name.startswith("place-") and value.strip().isdigit():
            numbered.append((int(value), name.removeprefix("place-")))
    try:
        order = [UUID(key) for _, key in sorted(numbered)]
    except ValueError:
        order = []
    if on is None or len({place for place, _ in numbered}) != len(numbered) or not order:
        messages.error(request, "Give the day, and each coverage its own number: 1 for who pays first.")
        return redirect("coverages", patient_id=patient.pk)
    proposal, _ = proposed_order(patient=patient, on=on)
    as_proposed = [str(key) for key in order] == list(proposal.order)
    reasons = {reason.first: reason.says for reason in proposal.reasons} if as_proposed else {}
    try:
        confirm_order(patient=patient, on=on, order=order, insurance_type=proposal.msp_type, reasons=reasons)
        messages.success(request, f"The order holds from {on:%m/%d/%Y}.")
    except CoverageRefused as refused:
        messages.error(request, str(refused))
    return redirect("coverages", patient_id=patient.pk)


@action(does="coverage.end_asked")
def finish_coverage(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    row = get_object_or_404(PatientCoverage.objects.select_related("patient", "payer"), pk=coverage_id)
    end = posted_day(request, "end")
    try:
        if end is None:
            messages.error(request, "Enter the first day without it, as 01/31/2026.")
        else:
            end_coverage(coverage=row, end=end, because=request.POST.get("reason", "").strip() or "ended")
            messages.success(request, "Ended; whoever stood behind it moves up from that day.")
    except CoverageRefused as refused:
        messages.error(request, str(refused))
    return redirect("coverages", patient_id=row.patient_id)


@action(does="coverage.found_undo_asked")
def undo_found(request: HttpRequest, found_id: UUID) -> HttpResponse:
    found = get_object_or_404(FoundCoverage.objects.select_related("patient", "coverage"), pk=found_id)
    try:
        undo_found_coverage(found=found, reason=request.POST.get("reason", "").strip() or "undone")
        messages.success(request, "Taken back: the claims are cancelled and the balances are the patient's again.")
    except (RebillRefused, CoverageRefused) as refused:
        messages.error(request, str(refused))
    return redirect("coverages", patient_id=found.patient_id)


# Questions -----------------------------------------------------------------------------------------------------------


def _ticked(request: HttpRequest, name: str) -> bool:
    return request.POST.get(name) == "on"


@action(does="patient.medicare_answers_asked")
def save_medicare_answers(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = _patient(patient_id)
    size = request.POST.get("msp_employer_size", "").strip()
    told = {
        field: _ticked(request, field)
        for field in (
            "black_lung", "federal_program", "veterans_authorized", "work_injury", "no_fault_accident",
            "liability_accident", "has_group_plan", "currently_working", "medicare_was_first",
        )
    } | {
        "basis": request.POST.get("basis", ""), "plan_through": request.POST.get("plan_through", ""),
        "employer_size": int(size) if size.isascii() and size.isdigit() else None,
        "kidney_start": posted_day(request, "kidney_start"),
    }  # fmt: skip
    try:
        answers = msgspec.convert(told, MedicareAnswers)
        row = record_medicare_answers(
            patient=patient, answers=answers, answered_on=posted_day(request, "answered_on") or clock.today()
        )
        messages.success(request, f"{row.finding.get('says', '')}.")
    except msgspec.ValidationError:
        messages.error(request, "Choose why the patient has Medicare.")
    except AnswersRefused as refused:
        messages.error(request, str(refused))
    return redirect("coverages", patient_id=patient.pk)


@action(does="patient.accident_asked")
def save_accident(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = _patient(patient_id)
    answers = AccidentAnswers(
        at_work=_ticked(request, "at_work"), auto=_ticked(request, "auto"), other=_ticked(request, "other"),
        happened_on=posted_day(request, "happened_on"), state=request.POST.get("accident_state", ""),
        carrier=request.POST.get("carrier", "").strip(), case_number=request.POST.get("case_number", "").strip(),
        adjuster_phone=request.POST.get("adjuster_phone", ""),
    )  # fmt: skip
    try:
        case = record_accident(patient=patient, answers=answers, answered_on=clock.today())
        messages.success(request, "The case is open." if case else "No accident: no case is opened.")
    except AnswersRefused as refused:
        messages.error(request, str(refused))
    return redirect("coverages", patient_id=patient.pk)


@action(does="patient.case_close_asked")
def finish_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    case = get_object_or_404(InjuryCase, pk=case_id)
    close_case(case=case, because=request.POST.get("reason", "").strip() or "closed")
    messages.success(request, "The case is closed.")
    return redirect("coverages", patient_id=case.patient_id)


@action(does="patient.parents_asked")
def save_parents(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = _patient(patient_id)
    told = request.POST.get("parents", "")
    if told in {value.value for value in Parents}:
        set_parents(patient=patient, parents=told)
        messages.success(request, "Noted; look at the order proposed.")
    return redirect("coverages", patient_id=patient.pk)
