"""Statements: what a patient owes once the payers have decided, printed, kept as printed, once in a cycle.

The minimum and the cycle are the guarantor's: what all their patients owe together counts. The figures stay one
statement a patient, so that each ties to that patient's ledger; `web.statements` sends those of a guarantor as one.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Max, Q

from claimwright.billing import patient as rules
from claimwright.billing.policies import Policies
from claimwright.billing.posting.state import AdjudicationRecord
from claimwright.claims.nouns import ZERO, Address
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.documents.statement import StatementDocument, StatementDoesNotAdd, StatementVisit, render
from claimwright.documents.statement_words import LANGUAGES
from claimwright.ledger.accounts import Kind
from claimwright.ledger.aging import AGE_BUCKETS, age_label
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.accounts.services import as_transfer
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core.services import next_number, raise_work_item, record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.patients.models import Patient
from claimwright.web.payments import models
from claimwright.web.payments.guarantors import Addressee, addressee_of, last_statements, together
from claimwright.web.payments.services import apply_credits
from claimwright.web.practice.models import Charge, Provider
from claimwright.web.practice.selectors import policies_of

ACCOUNT = "account-"  # the subject of a patient's own account line, where fees stand
PATIENTS_AT_ONCE = 200

# What a statement calls a service that the practice gave no words for, and the two lines that are no visit.
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "service": "Medical service",
        "fee": "Returned payment fee",
    },
    "es": {
        "service": "Servicio médico",
        "fee": "Cargo por pago devuelto",
    },
}
# A patient's flags as registration names them, where billing has another word.
FLAG_WORDS = {"disclosure_restricted": "restricted"}

DUE_PATIENTS = """
WITH sides AS (
  SELECT debit_subject AS subject, amount FROM accounts_ledgertransfer
   WHERE debit_kind = 'RECEIVABLE' AND debit_bucket = 'PAT' AND sequence <= %(last)s
  UNION ALL
  SELECT credit_subject, -amount FROM accounts_ledgertransfer
   WHERE credit_kind = 'RECEIVABLE' AND credit_bucket = 'PAT' AND sequence <= %(last)s
), owed AS (SELECT subject, sum(amount) AS balance FROM sides GROUP BY subject)
SELECT patient FROM (
  SELECT l.patient_id::text AS patient, o.balance FROM owed o JOIN charges_chargeline l ON l.line_id = o.subject
  UNION ALL
  SELECT substr(subject, 9), balance FROM owed WHERE subject LIKE 'account-%%'
) balances GROUP BY patient HAVING sum(balance) FILTER (WHERE balance > 0) > 0 ORDER BY patient
"""


class Held(msgspec.Struct, frozen=True):
    """A patient who owes something and got no statement, and why."""

    patient: Patient
    amount: Decimal  # that would be asked for
    reason: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of statements is told by those who know more than the ledger. All by patient id as text."""

    bars: Mapping[str, str] = {}  # why a patient gets none: a dispute, an estimate far below the bill
    tones: Mapping[str, int] = {}  # how the statement speaks, by guarantor key
    plan_notes: Mapping[str, Mapping[str, str]] = {}  # what is agreed on, by language
    withdrawn: Collection[UUID] = ()  # statements taken back: they start no cycle
    only: Collection[str] | None = None  # just these patients, whatever the cycle says
    online: Callable[[str], tuple[str, str]] | None = None  # of a statement's number: address and code to pay at


class StatementRun(msgspec.Struct):
    """One run. `issued` are (number, amount due); `not_sent` counts patients by reason; `problems` are patient ids
    whose figures do not add, listed for a person."""

    issued: list[tuple[str, Decimal]] = msgspec.field(default_factory=list)
    not_sent: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[str] = msgspec.field(default_factory=list)
    rows: list[models.Statement] = msgspec.field(default_factory=list)
    held: list[Held] = msgspec.field(default_factory=list)

    @property
    def amount_due(self) -> Decimal:
        return sum((due for _, due in self.issued), ZERO)


class Visit(msgspec.Struct, frozen=True):
    """One visit of a patient as of the statement's ledger row. It is due when no payer has it open and nothing holds it."""

    printed: StatementVisit
    owed: Decimal  # all of PAT, due or not
    since: date
    payer_open: bool
    hold: str
    encounter_id: object


class _Draft(msgspec.Struct):
    """What one patient would be asked for. `barred`: why nothing, whatever the amount."""

    patient: Patient
    addressee: Addressee
    visits: list[Visit]
    due: list[Visit]
    amount: Decimal
    barred: str


def issue_statements(*, as_of: date, terms: Terms | None = None) -> StatementRun:
    """Issue each statement that may go out on `as_of`, in the caller's tenant scope; doing it twice is doing it once.

    Unused money of the patient is applied first. A visit on hold, or with something still open at a payer, is not
    asked for; suppression flags, the minimum, the cycle and the days after posting hold the whole statement.
    """
    terms = terms or Terms()
    run = StatementRun()
    with connection.cursor() as cursor:  # a second run waits here, then finds the first one's statements
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"statements:{current_tenant().pk}"])
    with_credit = [patient for patient, held in patient_credits(_due_patients(_last_row())).items() if held > 0]
    if with_credit:
        apply_credits(patient_ids=with_credit)
    _draft_all(run, as_of, terms, issue=True)
    models.Statement.objects.bulk_create(run.rows, batch_size=100)
    for row in run.rows:  # last, because the audit chain is written by one at a time
        record_audit(
            action="statement.issued",
            subject_type="statement",
            subject_id=row.pk,
            detail=f"{row.number} {row.amount_due}",
        )
    run.issued = [(row.number, row.amount_due) for row in run.rows]
    return run


def preview_statements(*, as_of: date, terms: Terms | None = None) -> StatementRun:
    """What a run would do on `as_of`, writing nothing: `issued` are record numbers and amounts, `held` says why not."""
    run = StatementRun()
    _draft_all(run, as_of, terms or Terms(), issue=False)
    return run


def _draft_all(run: StatementRun, as_of: date, terms: Terms, *, issue: bool) -> None:
    last = _last_row()
    due = together(_due_patients(last))
    if terms.only is not None:
        due = [patient for patient in due if patient in terms.only]
    reasons: Counter[str] = Counter()
    for at in range(0, len(due), PATIENTS_AT_ONCE):
        batch = _Batch(due[at : at + PATIENTS_AT_ONCE], as_of, last, terms)
        drafts = [batch.draft(patient) for patient in batch.patients]
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for draft in drafts:
            if not draft.barred and draft.amount > 0:
                owed[draft.addressee.key] += draft.amount
        for draft in drafts:
            reason = draft.barred or batch.suppressed(draft, owed[draft.addressee.key])
            if reason:
                reasons[reason] += 1
                run.held.append(Held(draft.patient, draft.amount, reason))
            elif not issue:
                run.issued.append((draft.patient.record_number, draft.amount))
            else:
                _issue_one(run, batch, draft)
    run.not_sent = dict(reasons)


def _issue_one(run: StatementRun, batch: _Batch, draft: _Draft) -> None:
    try:
        run.rows.append(batch.statement(draft))
    except StatementDoesNotAdd as problem:
        run.problems.append(str(draft.patient.pk))
        _list_problem(draft.patient, problem)


def patients_who_owe() -> list[str]:
    """Ids of the patients with anything open in their own bucket, due or not."""
    return _due_patients(_last_row())


def _last_row() -> int:
    """Rows up to the last one seen are all there and never change: everything is read as of it."""
    return LedgerTransfer.objects.aggregate(last=Max("sequence"))["last"] or 0


def _due_patients(last: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(DUE_PATIENTS, {"last": last})
        return [patient for (patient,) in cursor.fetchall()]


def _language(addressee: Addressee) -> str:
    language = addressee.language[:2].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def _list_problem(patient: Patient, problem: StatementDoesNotAdd) -> None:
    raise_work_item(
        worklist="posting_review", key=f"statement:{patient.pk}", reason_code="STATEMENT", reason=str(problem),
        what_to_do="Look at the account's entries; no statement goes out while the figures contradict each other",
        subject_type="patient", subject_id=patient.pk, practice_id=patient.practice_id, reopen=True,
    )  # fmt: skip


class _Batch:
    """What the statements of some patients need, loaded in a handful of queries."""

    def __init__(self, patient_ids: Sequence[str], as_of: date, last: int, terms: Terms) -> None:
        self.as_of, self.last, self.terms = as_of, last, terms
        rows = Patient.objects.filter(pk__in=patient_ids).select_related("practice", "guarantor")
        found = {str(row.pk): row for row in rows}
        self.patients = [found[one] for one in patient_ids if one in found]
        self.encounters: dict[Any, list[Encounter]] = defaultdict(list)
        encounters = Encounter.objects.filter(patient__in=self.patients).defer("content").prefetch_related("lines")
        for encounter in encounters.order_by("date_from", "external_id"):
            self.encounters[encounter.patient_id].append(encounter)
        lines = [line for found in self.encounters.values() for visit in found for line in visit.lines.all()]
        self.transfers = self._transfers([*(line.line_id for line in lines), *(ACCOUNT + str(i) for i in patient_ids)])
        self.records: dict[Any, list[AdjudicationRecord]] = defaultdict(list)
        self.posted: dict[Any, date] = {}
        for encounter_id, working, on in (
            models.ClaimPayment.objects.filter(encounter__patient__in=self.patients)
            .exclude(state="held")
            .order_by("posting_order")
            .values_list("encounter_id", "working", "posted_on")
        ):
            if working:
                self.records[encounter_id].append(msgspec.convert(working, AdjudicationRecord))
            if on is not None:
                self.posted[encounter_id] = max(on, self.posted.get(encounter_id, on))
        # Asked for by name: whatever went out within the cycle.
        self.statements = {} if terms.only is not None else last_statements(self.patients, terms.withdrawn)
        self.providers = dict(Provider.objects.values_list("npi", "name"))
        self.words = self._service_words({line.code for line in lines})

    def _transfers(self, subjects: Sequence[str]) -> dict[str, list[Transfer]]:
        held = Kind.RECEIVABLE.value
        rows = LedgerTransfer.objects.filter(
            Q(debit_kind=held, debit_subject__in=subjects) | Q(credit_kind=held, credit_subject__in=subjects),
            sequence__lte=self.last,
        ).order_by("sequence")
        found: dict[str, list[Transfer]] = defaultdict(list)
        for row in rows:
            entry = as_transfer(row)
            for subject in {a.subject for a in (entry.debit, entry.credit) if a.kind is Kind.RECEIVABLE}:
                found[subject].append(entry)
        return found

    def _service_words(self, codes: Iterable[str]) -> dict[tuple[Any, str], str]:
        """The practice's own words for its codes, the newest price row's."""
        rows = Charge.objects.filter(code__in=set(codes), modifier="").exclude(description="").order_by("start")
        return {
            (practice, code): words for practice, code, words in rows.values_list("practice_id", "code", "description")
        }

    def draft(self, patient: Patient) -> _Draft:
        """The visits of the patient as they would be printed, those that are due, and what bars billing at all."""
        addressee = addressee_of(patient)
        language = _language(addressee)
        visits = [self._visit(encounter, language) for encounter in self.encounters[patient.pk]]
        told = [visit for visit in visits if visit is not None] + self._account_line(patient, language)
        due = [visit for visit in told if not visit.hold and not visit.payer_open]
        amount = sum((visit.owed for visit in due), ZERO)
        barred = rules.barred_by(self._flags(patient)) or self.terms.bars.get(str(patient.pk), "")
        if not barred and amount <= 0 and any(visit.hold and visit.owed > 0 for visit in told):
            barred = "the visits are on hold"
        return _Draft(patient, addressee, told, due, amount, barred)

    def statement(self, draft: _Draft) -> models.Statement:
        """Raises StatementDoesNotAdd."""
        patient, visits = draft.patient, draft.visits
        shown = [visit for visit in visits if not visit.hold and (visit.owed or visit.payer_open)]
        number = f"ST{next_number(name='ST'):07d}"
        document = self._document(draft, number, shown, policies_of(patient.practice))
        pdf = render(document)
        held = sorted(str(visit.encounter_id) for visit in visits if visit.hold)
        return models.Statement(
            practice=patient.practice, patient=patient, number=number, issued_on=self.as_of, due_on=document.due_on,
            language=document.language, amount_due=draft.amount, ledger_sequence=self.last, pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(), content=msgspec.to_builtins(document) | {"held_visits": held},
        )  # fmt: skip

    def _flags(self, patient: Patient) -> list[str]:
        """The patient's, and the guarantor's: an estate, a bankruptcy or a bad address is of whoever pays."""
        flags: set[str] = set()
        for person in filter(None, (patient, patient.guarantor)):
            flags |= {FLAG_WORDS.get(flag, flag) for flag in person.flags}
            if person.content.get("death_date"):
                flags.add("deceased")
        return sorted(flags)

    def suppressed(self, draft: _Draft, together: Decimal) -> str:
        """Why nothing goes out now; `together` is what the guarantor's patients owe in all."""
        visits, due = draft.visits, draft.due
        posted = [self.posted[visit.encounter_id] for visit in due if visit.owed and visit.encounter_id in self.posted]
        return rules.statement_suppressed(
            balance=together if draft.amount > 0 else draft.amount, flags=(),
            last_statement=self.statements.get(draft.addressee.key), last_posted=max(posted, default=None),
            on=self.as_of, policies=policies_of(draft.patient.practice),
            payer_balance_open=draft.amount <= 0 and any(visit.payer_open and visit.owed > 0 for visit in visits),
        )  # fmt: skip

    def _visit(self, encounter: Encounter, language: str) -> Visit | None:
        """The visit's lines as one; None when nothing was ever charged."""
        lines: list[ChargeLine] = sorted(encounter.lines.all(), key=lambda line: line.number)
        told = [
            rules.statement_line(
                line.line_id, self.transfers[line.line_id], self.records[encounter.pk], language=language
            )
            for line in lines
        ]
        if not any(self.transfers[line.line_id] for line in lines):
            return None
        total = {
            name: sum((getattr(line, name) for line in told), ZERO)
            for name in ("charge", "insurance_paid", "discount", "patient_paid", "pending", "owed")
        }
        payer_open = any(line.pending > 0 for line in told)
        # Nothing of a visit is due while a payer has it. What a payer overpaid is between it and us: the patient is
        # told what it should have paid.
        later = total["pending"] + total["owed"] if payer_open else ZERO
        over = ZERO if payer_open else total["pending"]
        code_words = [self.words.get((encounter.practice_id, line.code), "") for line in lines if line.charge]
        service = "; ".join(dict.fromkeys(filter(None, code_words))) or WORDS[language]["service"]
        provider = next(
            (self.providers[line.rendering_npi] for line in lines if line.rendering_npi in self.providers), ""
        )
        served = encounter.date_from or lines[0].date_of_service
        return Visit(
            printed=StatementVisit(
                date_of_service=served, provider=provider, service=service, charge=total["charge"],
                insurer_paid=total["insurance_paid"] + over, discount=total["discount"],
                already_paid=total["patient_paid"], insurance_pending=later,
                amount_owed=ZERO if payer_open else total["owed"],
                reasons=() if payer_open else tuple(dict.fromkeys(words for line in told for words in line.reasons)),
            ),
            owed=total["owed"], since=self._since([line.line_id for line in lines], served), payer_open=payer_open,
            hold=encounter.statement_hold, encounter_id=encounter.pk,
        )  # fmt: skip

    def _since(self, line_ids: Iterable[str], otherwise: date) -> date:
        """The day something of the visit first became the patient's."""
        days = [
            entry.effective_date
            for line_id in line_ids
            for entry in self.transfers[line_id]
            if entry.debit.kind is Kind.RECEIVABLE and entry.debit.bucket == rules.PAT
        ]
        return min(days, default=otherwise)

    def _account_line(self, patient: Patient, language: str) -> list[Visit]:
        """Fees on the account, which are of no visit."""
        line_id = ACCOUNT + str(patient.pk)
        entries = self.transfers[line_id]
        if not entries:
            return []
        told = rules.statement_line(line_id, entries, (), language=language)
        since = self._since([line_id], entries[0].effective_date)
        printed = StatementVisit(
            date_of_service=since, service=WORDS[language]["fee"], charge=told.charge,
            insurer_paid=told.insurance_paid, discount=told.discount, already_paid=told.patient_paid,
            amount_owed=told.owed,
        )  # fmt: skip
        return [Visit(printed, told.owed, since, False, "", line_id)]

    def _document(
        self, draft: _Draft, number: str, shown: Sequence[Visit], policies: Policies
    ) -> StatementDocument:  # fmt: skip
        patient, addressee, language = draft.patient, draft.addressee, _language(draft.addressee)
        practice = patient.practice
        biller = msgspec.convert(practice.content, ProviderNoun)
        person = msgspec.convert(patient.content, PatientNoun)
        ages: dict[str, Decimal] = dict.fromkeys((label for label, _, _ in AGE_BUCKETS), ZERO)
        for visit in draft.due:
            ages[age_label((self.as_of - visit.since).days)] += visit.owed
        url, code = self.terms.online(number) if self.terms.online else ("", "")
        return StatementDocument(
            number=number,
            issued_on=self.as_of,
            due_on=self.as_of + timedelta(days=policies.statement_cycle_days),
            language=language,
            practice_name=practice.statement_name or practice.name,
            practice_address=biller.address,
            practice_phone=practice.statement_phone or biller.phone,
            pay_to_address=msgspec.convert(practice.pay_to_address, Address) if practice.pay_to_address else None,
            account=patient.record_number,
            patient_name=" ".join(
                filter(None, (person.first_name or patient.first_name, person.last_name or patient.last_name))
            ),
            guarantor_name=addressee.name,
            guarantor_address=addressee.address,
            visits=tuple(visit.printed for visit in shown),
            total_due=draft.amount,
            aging=tuple(ages.items()),
            plan_note=self.terms.plan_notes.get(str(patient.pk), {}).get(language, ""),
            payment_url=url,
            statement_code=code,
            tone=self.terms.tones.get(addressee.key, 0),
            spanish_tagline=addressee.language[:2].lower() not in LANGUAGES,
        )
