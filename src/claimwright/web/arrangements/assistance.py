"""Financial assistance: an application, its papers, a second person's decision, and what it takes off each day after."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from claimwright.billing import financial_assistance as rules
from claimwright.billing.financial_assistance import AssistanceState
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.arrangements.holds import set_flags
from claimwright.web.arrangements.letters import write_letter
from claimwright.web.arrangements.models import AssistanceApplication
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.payments.credits import lock_visits
from claimwright.web.payments.services import patient_lines
from claimwright.web.practice.selectors import policies_of

OPEN = [state.value for state in rules.OPEN_STATES]


def _key(application: AssistanceApplication) -> str:
    return f"assistance:{application.pk}"


@transaction.atomic
def apply_for_assistance(
    *, patient: Patient, household_size: int, annual_income: Decimal, residence: str = "",
    documents: tuple[str, ...] = (), applied_on: date | None = None,
) -> AssistanceApplication:  # fmt: skip
    """Take an application; from now on nothing is collected until it is decided. `residence` is the state, else the address's.

    Raises AssistanceRefused for a second one beside an open one, or figures that cannot be.
    """
    on = applied_on or clock.today()
    Patient.objects.select_for_update().get(pk=patient.pk)
    if AssistanceApplication.objects.filter(patient=patient, state__in=OPEN).exists():
        raise rules.AssistanceRefused("application: one is open already; decide it first")
    lives_in = (residence or str((patient.content.get("address") or {}).get("state", ""))).upper()[:2]
    measured = rules.measure(
        household_size=household_size, annual_income=annual_income, state=lives_in, on=on,
        policies=policies_of(patient.practice),
    )  # fmt: skip
    application = AssistanceApplication.objects.create(
        practice=patient.practice, patient=patient, number=f"FA{next_number(name='assistance'):07d}",
        household_size=household_size, annual_income=annual_income, residence=lives_in, applied_on=on,
        taken_by=actor(), guideline_amount=measured.guideline, guideline_source=measured.source,
        percent_of_guideline=measured.percent_of_guideline, scale_percent=measured.discount_percent,
        documents=[{"kind": kind, "note": "", "on": on.isoformat()} for kind in documents],
    )  # fmt: skip
    set_flags(patient=patient)
    raise_work_item(
        worklist=Worklist.ASSISTANCE, key=_key(application), reason_code="APPLICATION",
        reason=f"An application for assistance; the scale gives {measured.discount_percent} percent",
        what_to_do="Check the papers; somebody other than who took it decides", subject_type="assistance",
        subject_id=application.pk, practice_id=patient.practice_id,
    )  # fmt: skip
    record_audit(action="assistance.applied", subject_type="assistance", subject_id=application.pk)
    return application


def _open(application: AssistanceApplication) -> AssistanceApplication:
    row = (
        AssistanceApplication.objects.select_for_update(of=("self",))
        .select_related("patient__practice")
        .get(pk=application.pk)
    )
    if row.state not in OPEN:
        raise rules.AssistanceRefused("application: it was decided already")
    return row


@transaction.atomic
def add_assistance_document(*, application: AssistanceApplication, kind: str, note: str = "") -> AssistanceApplication:
    """Note a paper that was brought. Raises AssistanceRefused for a kind of no list."""
    row = _open(application)
    if kind not in rules.DOCUMENTS:
        raise rules.AssistanceRefused(f"document: one of {', '.join(rules.DOCUMENTS)}")
    row.documents = [*row.documents, {"kind": kind, "note": note.strip()[:200], "on": clock.today().isoformat()}]
    row.state, row.papers_by = AssistanceState.PENDING.value, None
    row.save(update_fields=["documents", "state", "papers_by"])
    record_audit(action="assistance.document", subject_type="assistance", subject_id=row.pk, detail=kind)
    return row


@transaction.atomic
def ask_for_papers(*, application: AssistanceApplication) -> AssistanceApplication:
    """Write to the patient that papers are missing; the application stays open."""
    row = _open(application)
    days = policies_of(row.practice).assistance_papers_days
    row.state, row.papers_by = AssistanceState.INCOMPLETE.value, clock.today() + timedelta(days=days)
    row.letter = write_letter(
        patient=row.patient, name="ASSISTANCE_PAPERS", subject_type="assistance", subject_id=row.pk,
        values={"received": row.applied_on, "answer_by": row.papers_by},
    )  # fmt: skip
    row.save(update_fields=["state", "papers_by", "letter"])
    return row


@transaction.atomic
def approve_assistance(
    *, application: AssistanceApplication, approver: User, discount_percent: int | None = None,
    retroactive_from: date | None = None, reason: str = "",
) -> AssistanceApplication:  # fmt: skip
    """Approve: the scale's percent unless another is reasoned. What is open of covered visits is adjusted at once.

    Raises AssistanceRefused for the person who took it, a role too low, no papers, or a window too long.
    """
    row = _open(application)
    measured = rules.Measured(
        guideline=row.guideline_amount, percent_of_guideline=row.percent_of_guideline,
        discount_percent=row.scale_percent, source=row.guideline_source,
    )  # fmt: skip
    made = rules.decide(
        taken_by=row.taken_by, decided_by=approver.get_username(), role=approver.role, measured=measured,
        documents=[paper["kind"] for paper in row.documents], applied_on=row.applied_on, decided_on=clock.today(),
        discount_percent=row.scale_percent if discount_percent is None else discount_percent,
        retroactive_from=retroactive_from, reason=reason, policies=policies_of(row.practice),
    )  # fmt: skip
    row.discount_percent, row.first_service = made.discount_percent, made.first_service
    row.last_service = made.last_service
    _decide(row, AssistanceState.APPROVED, approver, reason)
    row.letter = write_letter(
        patient=row.patient, name="ASSISTANCE_APPROVED", subject_type="assistance", subject_id=row.pk,
        values={
            "received": row.applied_on, "percent": str(made.discount_percent), "first": made.first_service,
            "last": made.last_service,
        },
    )  # fmt: skip
    row.save()
    set_flags(patient=row.patient)
    give_assistance(application=row)
    return row


@transaction.atomic
def deny_assistance(*, application: AssistanceApplication, approver: User, reason: str) -> AssistanceApplication:
    """Refuse, with the reason that the letter tells. Raises AssistanceRefused for one person alone, or no reason."""
    row = _open(application)
    if is_one_person(row.taken_by, approver.get_username()):
        raise rules.AssistanceRefused("who takes an application does not decide it")
    if not reason.strip():
        raise rules.AssistanceRefused("reason: the letter tells the patient why")
    _decide(row, AssistanceState.DENIED, approver, reason)
    row.letter = write_letter(
        patient=row.patient, name="ASSISTANCE_DENIED", subject_type="assistance", subject_id=row.pk,
        values={"received": row.applied_on, "reason": reason.strip()},
    )  # fmt: skip
    row.save()
    set_flags(patient=row.patient)
    return row


def _decide(row: AssistanceApplication, state: AssistanceState, approver: User, reason: str) -> None:
    row.state, row.decided_by, row.decided_on = state.value, approver.get_username(), clock.today()
    row.reason = reason.strip()[:300]
    resolve_work_items(keys=[_key(row)], resolution=state.value)
    record_audit(action=f"assistance.{state.value.lower()}", subject_type="assistance", subject_id=row.pk)


@transaction.atomic
def withdraw_assistance(*, application: AssistanceApplication, reason: str) -> AssistanceApplication:
    """The patient no longer asks, or never brought papers: collecting goes on. Raises AssistanceRefused without a reason."""
    row = _open(application)
    if not reason.strip():
        raise rules.AssistanceRefused("reason: say why it ends undecided")
    row.state, row.reason, row.decided_on = AssistanceState.WITHDRAWN.value, reason.strip()[:300], clock.today()
    row.save(update_fields=["state", "reason", "decided_on"])
    resolve_work_items(keys=[_key(row)], resolution="withdrawn")
    set_flags(patient=row.patient)
    record_audit(action="assistance.withdrawn", subject_type="assistance", subject_id=row.pk)
    return row


@transaction.atomic
def give_assistance(*, application: AssistanceApplication) -> Decimal:
    """Take the percent off what the patient owes of covered visits and was not taken off yet; says how much. Once is enough."""
    determination = rules.Determination(
        discount_percent=application.discount_percent or 0, first_service=application.first_service or date.max,
        last_service=application.last_service or date.min,
    )  # fmt: skip
    lock_visits(patient_id=application.patient_id)
    lines = [line for line in patient_lines(application.patient_id) if line.balance > 0 and line.chain_id]
    book, numbers = _entries([line.line_id for line in lines])
    assisted = []
    for line in lines:
        responsibility, given, balance = rules.shares(line.line_id, book[line.line_id])
        assisted.append(
            rules.AssistedLine(
                line_id=line.line_id, date_of_service=line.date_of_service, responsibility=responsibility,
                given=given, open_balance=balance,
            )
        )  # fmt: skip
    made = rules.take_off(
        assisted, determination, practice_id=str(application.practice_id), key=f"assistance/{application.pk}",
        on=clock.today(), numbers=numbers,
    )  # fmt: skip
    post_transfers(transfers=made)
    total = sum((entry.amount for entry in made), ZERO)
    if total:
        record_audit(action="assistance.given", subject_type="assistance", subject_id=application.pk, detail=str(total))
    return total


def _entries(line_ids: list[str]) -> tuple[dict[str, list[Transfer]], Counter[str]]:
    held = Kind.RECEIVABLE.value
    rows = LedgerTransfer.objects.filter(
        Q(debit_kind=held, debit_subject__in=line_ids) | Q(credit_kind=held, credit_subject__in=line_ids)
    ).order_by("sequence")
    book: dict[str, list[Transfer]] = defaultdict(list)
    numbers: Counter[str] = Counter()
    for row in rows:
        entry = as_transfer(row)
        subjects = {one.subject for one in (entry.debit, entry.credit) if one.kind is Kind.RECEIVABLE}
        for line_id in subjects:
            book[line_id].append(entry)
        if row.key.startswith("assistance/"):
            numbers.update(subjects)
    return book, numbers


def follow_assistance() -> Decimal:
    """Each day: decisions in force take off what newly became the patient's; applications without papers are listed again."""
    total = ZERO
    # A visit inside the window may reach the patient long after the window ended: its date of service decides.
    since = clock.today() - timedelta(days=730)
    for row in AssistanceApplication.objects.filter(state="APPROVED", last_service__gte=since).order_by("number"):
        total += give_assistance(application=row)
    for row in AssistanceApplication.objects.filter(state="INCOMPLETE", papers_by__lt=clock.today()):
        raise_work_item(
            worklist=Worklist.ASSISTANCE, key=f"assistance-papers:{row.pk}:{row.papers_by}", reason_code="NO_PAPERS",
            reason="The papers that were asked for did not come", subject_type="assistance", subject_id=row.pk,
            what_to_do="Call the patient; deny or withdraw the application if nothing comes",
            practice_id=row.practice_id,
        )  # fmt: skip
    return total
