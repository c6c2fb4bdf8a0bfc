"""The patients' counsellor: payment plans and their defaults, inquiries, financial assistance, good-faith estimates."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.codes.dates import add_months
from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.arrangements.assistance import (
    add_assistance_document,
    apply_for_assistance,
    approve_assistance,
    ask_for_papers,
    deny_assistance,
)
from claimwright.web.arrangements.estimate_bills import confirm_excess
from claimwright.web.arrangements.estimates import ServiceWanted, issue_estimate, request_estimate
from claimwright.web.arrangements.inquiries import open_inquiry, resolve_inquiry
from claimwright.web.arrangements.models import (
    AssistanceApplication,
    EstimateExcess,
    EstimateRequest,
    Inquiry,
    PaymentPlan,
)
from claimwright.web.arrangements.plan_state import standing_of
from claimwright.web.arrangements.plans import accept_plan, cancel_plan, offer_plan, pay_plan
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import Statement

LISTS = (
    Worklist.PLAN_DEFAULTS, Worklist.PLAN_PAYMENTS, Worklist.INQUIRIES, Worklist.ASSISTANCE, Worklist.GFE_DUE,
    Worklist.ESTIMATE_EXCEEDED,
)  # fmt: skip
PLAN_FROM, INSTALMENTS = Decimal("150.00"), 5
WANTS_A_PLAN, WANTS_HELP, ASKS = Decimal("0.30"), Decimal("0.04"), Decimal("0.03")
STOPS_PAYING, HAS_PAPERS = Decimal("0.18"), Decimal("0.75")
WANTS_A_PRICE = Decimal("0.04")  # of the days of an office
ANSWERED_AFTER_DAYS, DECIDED_AFTER_DAYS, DEFAULT_WAITS_DAYS = 5, 8, 20
ASKED_ABOUT = (("amount", "upheld"), ("question", "explained"), ("insurance_not_billed", "explained"))
RUNNING = ("ACTIVE", "GRACE")


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    slug = place.office.slug
    with tenant_scope(place.tenant):
        with acting_as(f"{slug}-biller"):
            for statement in (
                Statement.objects.filter(issued_on=day - timedelta(days=1)).order_by("number").defer("pdf")
            ):
                _answer(place, statement, day, counts)
            _plans(place, day, counts)
            _inquiries(day, counts)
            _estimates(place, day, counts)
        with acting_as(f"{slug}-supervisor"):
            _decide(place, day, counts)
    return counts


def _answer(place: Workplace, statement: Statement, day: date, counts: Counter[str]) -> None:
    """What a statement brings besides money, by a roll of its own: a plan, an application, a question."""
    patient = Patient.objects.select_related("practice").get(pk=statement.patient_id)
    number = statement.number
    if statement.amount_due >= PLAN_FROM and place.chance("plan", number) < WANTS_A_PLAN:

        def plan() -> None:
            offered = offer_plan(patient=patient, starts_on=day + timedelta(days=14), instalments=INSTALMENTS)
            accept_plan(plan=offered)

        attempt(counts, "plans", plan)
    elif place.chance("assistance", number) < WANTS_HELP:
        size = 1 + int(place.chance("household", patient.record_number) * 5)
        income = Decimal(int(place.chance("income", patient.record_number) * 90_000))
        attempt(
            counts, "applications",
            lambda: apply_for_assistance(patient=patient, household_size=size, annual_income=income, residence="IL"),
        )  # fmt: skip
    elif (roll := place.chance("asks", number)) < ASKS:
        topic, _ = ASKED_ABOUT[int(roll / ASKS * len(ASKED_ABOUT))]
        attempt(
            counts, "inquiries",
            lambda: open_inquiry(patient=patient, channel="phone", topic=topic, words="What is this bill for?"),
        )  # fmt: skip


def _plans(place: Workplace, day: date, counts: Counter[str]) -> None:
    """Most pay what is due; some stop after the second instalment, and their plan breaks."""
    for plan in PaymentPlan.objects.filter(state__in=RUNNING).order_by("number"):
        stops = place.chance("stops paying", plan.number) < STOPS_PAYING
        standing = standing_of(plan, day)
        for one in standing.instalments:
            if one.due_on > day or one.left <= 0 or (stops and one.number > 2):
                continue
            attempt(
                counts, "instalments",
                lambda plan=plan, one=one: pay_plan(
                    plan=plan, amount=one.left, method="check", check_number=f"{1000 + one.number}",
                    key=f"plan:{plan.number}:{one.number}",
                ),
            )  # fmt: skip
    for item in items(place, day, (Worklist.PLAN_DEFAULTS,), after_days=DEFAULT_WAITS_DAYS):
        plan = PaymentPlan.objects.filter(pk=item.subject_id).first()
        if plan is None or plan.state != "DEFAULTED":
            resolve_work_items(keys=[item.key], resolution="the plan runs again or has ended")
            continue
        attempt(
            counts, "plans ended",
            lambda plan=plan: cancel_plan(plan=plan, reason="three letters and no payment: asked for as a whole again"),
        )  # fmt: skip
    for item in items(place, day, (Worklist.PLAN_PAYMENTS,), after_days=1):
        resolve_work_items(keys=[item.key], resolution="charged, see the plan's payments")


def _inquiries(day: date, counts: Counter[str]) -> None:
    answers = dict(ASKED_ABOUT)
    rows = Inquiry.objects.filter(state="open", received_on__lte=day - timedelta(days=ANSWERED_AFTER_DAYS))
    for row in rows.order_by("number"):
        attempt(
            counts, "inquiries answered",
            lambda row=row: resolve_inquiry(
                inquiry=row, resolution=answers[row.topic], answer="We have looked at your bill and explain it here."
            ),
        )  # fmt: skip


def _decide(place: Workplace, day: date, counts: Counter[str]) -> None:
    """Somebody other than who took the application decides, once the papers are there."""
    approver = place.person("supervisor")
    rows = AssistanceApplication.objects.filter(
        state__in=["PENDING", "INCOMPLETE"], applied_on__lte=day - timedelta(days=DECIDED_AFTER_DAYS)
    )
    for row in rows.order_by("number"):
        if not row.documents and place.chance("papers", row.number) < HAS_PAPERS:
            attempt(counts, "papers", lambda row=row: add_assistance_document(application=row, kind="tax_return"))
        elif not row.documents and row.state == "PENDING":
            attempt(counts, "papers asked for", lambda row=row: ask_for_papers(application=row))
        elif not row.documents and (row.papers_by is None or row.papers_by > day):
            continue
        elif row.documents and row.scale_percent > 0:
            attempt(
                counts, "assistance approved", lambda row=row: approve_assistance(application=row, approver=approver)
            )
        else:
            attempt(
                counts, "assistance denied",
                lambda row=row: deny_assistance(
                    application=row, approver=approver,
                    reason="the income is above the scale" if row.documents else "the papers never came",
                ),
            )  # fmt: skip


def _estimates(place: Workplace, day: date, counts: Counter[str]) -> None:
    """A patient without insurance asks what care will cost; the estimate goes out within its days."""
    if place.chance("price", day) < WANTS_A_PRICE:
        uninsured = Patient.objects.filter(coverages__isnull=True).order_by("record_number")
        count = uninsured.count()
        if count:
            patient = uninsured[int(place.chance("who", day) * count)]
            attempt(
                counts, "estimates asked for",
                lambda: request_estimate(patient=patient, wanted="What would my next visit cost?"),
            )  # fmt: skip
    visit = place.office.visits[0]
    wanted = [
        ServiceWanted(code=code, units=Decimal(units), diagnosis_codes=visit.diagnoses)
        for code, _, units in visit.lines
    ]
    for request in EstimateRequest.objects.filter(is_answered=False, requested_on__lt=day).order_by("requested_on"):
        attempt(
            counts, "estimates given",
            lambda request=request: issue_estimate(
                patient=request.patient, services=wanted, primary_service="Office visit", request=request,
                service_on=add_months(day, 1),
            ),
        )  # fmt: skip
    for excess in EstimateExcess.objects.filter(state="WARNED").order_by("found_on", "billed_amount"):
        attempt(
            counts, "estimates compared",
            lambda excess=excess: confirm_excess(excess=excess, note="more was found at the visit than expected"),
        )  # fmt: skip
