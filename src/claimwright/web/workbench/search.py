"""Search everything: a number goes straight to its page; what is several things is shown in groups, likeliest first.

What was typed says what is looked for: an amount, a date, a number or a name. Each kind is one bounded question of its
own index, and groups that the person's role may not open are not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

import msgspec
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.patients.models import Patient
from claimwright.web.patients.selectors import by_number
from claimwright.web.payments.models import ClaimPayment, Deposit, PatientReceipt, Refund, Remittance
from claimwright.web.statements.models import GuarantorStatement
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.claim_filters import as_amount
from claimwright.web.workbench.pages import page, show, with_query
from claimwright.web.workbench.patients import found_by
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.templatetags.workbench import money, on
from claimwright.web.workbench.words import state_words

MOST_OF_A_KIND = 10
AMOUNT = re.compile(r"\$?\d[\d,]*\.\d{2}|\$\d[\d,]*")
# A statement's number, with or without its zeros, or the code printed beside it, which begins with it.
STATEMENT = re.compile(r"ST(\d{1,9})|(\d{1,9})-?[A-Z2-7]{4}-?[A-Z2-7]{4}")
DATE_FORMATS = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%m-%d-%Y")
CLAIM_PARTS = ("claim__patient", "claim__payer")


class Hit(msgspec.Struct, frozen=True):
    """One thing found: `words` is the link, `more` what tells it from its like."""

    words: str
    more: str
    address: str


class Group(msgspec.Struct, frozen=True):
    title: str
    hits: tuple[Hit, ...]
    all_address: str = ""  # where there are more than are shown


def as_day(text: str) -> date | None:
    """09/30/2026, 9/30/26 or 2026-09-30."""
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a calendar day has no zone
        except ValueError:
            continue
    return None


def groups_for(request: HttpRequest, text: str) -> list[Group]:
    """What the text finds, by kind; a kind without a hit is left out."""
    if AMOUNT.fullmatch(text) and (amount := as_amount(text)) is not None:
        found = _of_amount(amount)
    elif day := as_day(text):
        found = _of_day(day)
    else:
        found = _of_words(text)
    return [group for address, group in found if may(request, address) and group.hits]


Found = Iterable[tuple[str, Group]]


def _group(title: str, rows: Iterable[object], hit: Callable[..., Hit], all_address: str = "") -> Group:
    kept = list(rows)
    more = all_address if len(kept) > MOST_OF_A_KIND else ""
    return Group(title, tuple(hit(row) for row in kept[:MOST_OF_A_KIND]), more)


def _claim(version: ClaimVersion) -> Hit:
    address = with_query(reverse("claim", args=[version.claim_id]), version=version.number)
    what = f"{on(version.date_of_service)} {version.claim.patient}, {version.claim.payer.name}"
    return Hit(version.control_number, f"{what}, ${money(version.total_charge)}, {state_words(version.state)}", address)


def _patient(patient: Patient) -> Hit:
    more = f"{patient.record_number}, born {on(patient.birth_date)}" if patient.birth_date else patient.record_number
    return Hit(str(patient) or "Patient without a name", more, reverse("patient", args=[patient.pk]))


def _remittance(row: Remittance) -> Hit:
    payer = row.payer.name if row.payer else "payer not set up"
    return Hit(
        row.trace_number, f"{on(row.payment_date)} {payer}, ${money(row.amount)}", reverse("remittance", args=[row.pk])
    )


def _payment(row: ClaimPayment) -> Hit:
    more = f"claim {row.control_number}, paid ${money(row.paid)}"
    return Hit(row.remittance.trace_number, more, reverse("remittance", args=[row.remittance_id]))


def _line(line: ChargeLine) -> Hit:
    more = f"{on(line.date_of_service)} {line.patient}, ${money(line.charge)}"
    return Hit(line.code, more, reverse("visit", args=[line.encounter_id]))


def _receipt(row: PatientReceipt) -> Hit:
    more = f"{on(row.received_on)} {row.method} ${money(row.amount)} {row.reference}".strip()
    return Hit(str(row.patient), more, reverse("patient", args=[row.patient_id]))


def _deposit(row: Deposit) -> Hit:
    more = f"{on(row.effective_date)} {row.kind} ${money(row.amount)}, {state_words(row.state)}"
    return Hit(row.trace_number or "Deposit", more, reverse("bank"))


def _refund(row: Refund) -> Hit:
    payee = row.payer.name if row.payer else str(row.patient or "Patient")
    more = f"{on(row.issued_on)} to {payee}, ${money(row.amount)}, {state_words(row.state)}"
    return Hit(row.reference, more, with_query(reverse("refunds"), q=row.reference))


def _statement(row: GuarantorStatement) -> Hit:
    more = f"{on(row.issued_on)} to {row.account.patient}, ${money(row.amount_due)}, {row.get_state_display().lower()}"
    return Hit(row.number, more, with_query(reverse("statements"), q=row.number))


def _visit(row: Encounter) -> Hit:
    return Hit(
        str(row.patient), f"visit of {on(row.date_from)}, {state_words(row.state)}", reverse("visit", args=[row.pk])
    )


def _claims(**match: object) -> Iterable[ClaimVersion]:
    found = ClaimVersion.objects.filter(**match).select_related(*CLAIM_PARTS).defer("content")
    return found.order_by("-date_of_service", "control_number")[: MOST_OF_A_KIND + 1]


def _of_amount(amount: Decimal) -> Found:
    most = MOST_OF_A_KIND + 1
    same = with_query(reverse("claims"), least=amount, most=amount)
    yield "claims", _group(f"Claims of ${amount:,.2f}", _claims(newest=True, total_charge=amount), _claim, same)
    lines = ChargeLine.objects.filter(charge=amount).select_related("patient").order_by("-date_of_service", "line_id")
    yield "visit", _group("Charge lines", lines[:most], _line)
    payments = ClaimPayment.objects.filter(paid=amount).exclude(paid=0).select_related("remittance").defer("content")
    yield (
        "remittance",
        _group("Payers' payments of a claim", payments.order_by("-posted_on", "segment")[:most], _payment),
    )
    remittances = Remittance.objects.filter(amount=amount).select_related("payer").defer("content")
    yield "remittance", _group("Remittances", remittances.order_by("-received_on", "number")[:most], _remittance)
    receipts = PatientReceipt.objects.filter(amount=amount).select_related("patient").order_by("-received_on", "key")
    yield "counter", _group("Patients' payments", receipts[:most], _receipt)
    yield (
        "bank",
        _group("Deposits", Deposit.objects.filter(amount=amount).order_by("-effective_date", "key")[:most], _deposit),
    )


def _of_day(day: date) -> Found:
    most = MOST_OF_A_KIND + 1
    born = Patient.objects.filter(birth_date=day, merged_into__isnull=True).order_by(*Patient.BY_NAME)
    yield "patients", _group(f"Patients born on {on(day)}", born[:most], _patient)
    same = with_query(reverse("claims"), **{"from": day, "to": day})
    yield "claims", _group("Claims of this day", _claims(newest=True, date_of_service=day), _claim, same)
    visits = Encounter.objects.filter(date_from=day).select_related("patient").defer("content", "patient__content")
    yield "visit", _group("Visits", visits.order_by("pk")[:most], _visit)
    remittances = Remittance.objects.filter(payment_date=day).select_related("payer").defer("content")
    yield "remittance", _group("Remittances", remittances.order_by("number")[:most], _remittance)


def _of_words(text: str) -> Found:
    most, spelt = MOST_OF_A_KIND + 1, [text, text.upper()]
    versions = ClaimVersion.objects.filter(Q(control_number__in=spelt) | Q(payer_claim_number__in=spelt))
    versions = versions.select_related(*CLAIM_PARTS).defer("content").order_by("claim", "-number")
    yield "claims", _group("Claims", _one_each(versions[: 2 * most], text), _claim)
    traces = Remittance.objects.filter(trace_number__in=spelt).select_related("payer").defer("content")
    yield "remittance", _group("Checks and traces", traces.order_by("-received_on", "number")[:most], _remittance)
    deposits = Deposit.objects.filter(trace_number__in=spelt, remittance__isnull=True).order_by(
        "-effective_date", "key"
    )
    yield "bank", _group("Deposits", deposits[:most], _deposit)
    receipts = (
        PatientReceipt.objects.filter(reference__in=spelt).select_related("patient").order_by("-received_on", "key")
    )
    yield "counter", _group("Patients' payments", receipts[:most], _receipt)
    refunds = Refund.objects.filter(reference__in=spelt, issued_on__isnull=False).select_related("payer", "patient")
    yield "refunds", _group("Refunds", refunds.order_by("-issued_on", "key")[:most], _refund)
    yield "statements", _group("Statements", _statements(text), _statement)
    named = list(_numbered_patients(text)[:most]) or list(found_by(text).order_by(*Patient.BY_NAME)[:most])
    yield "patients", _group("Patients", named, _patient, with_query(reverse("patients"), q=text))


def _one_each(versions: Iterable[ClaimVersion], text: str) -> list[ClaimVersion]:
    """One version a claim: the one whose own number it is, else the newest."""
    kept: dict[object, ClaimVersion] = {}
    for version in versions:
        if version.claim_id not in kept or version.control_number.upper() == text.upper():
            kept[version.claim_id] = version
    return list(kept.values())


def _statements(text: str) -> Iterable[GuarantorStatement]:
    """By its number, or the code that is printed on it for the patient."""
    said = STATEMENT.fullmatch(text.upper())
    if said is None:
        return ()
    number = f"ST{int(said[1] or said[2]):07d}"
    return GuarantorStatement.objects.filter(number=number).select_related("account__patient").defer("pdf", "content")


def _numbered_patients(text: str) -> Iterable[Patient]:  # type: ignore[type-arg]
    """By record number or member id, of a merged record its survivor: a number is asked for before a name."""
    found = Patient.objects.filter(pk__in=by_number(text), merged_into__isnull=True)
    return found.order_by(*Patient.BY_NAME)


def as_row(group: Group, hit: Hit) -> dict[str, str]:
    return {"kind": group.title, "words": hit.words, "more": hit.more, "address": hit.address}


@page(reads="search.read")
def search(request: HttpRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").split())[:80]
    if not text:
        return redirect("claims")
    groups = groups_for(request, text)
    if request.headers.get("Accept") == "application/json":  # the palette, while one types
        return JsonResponse({"rows": [as_row(group, hit) for group in groups for hit in group.hits]})
    hits = [hit for group in groups for hit in group.hits]
    if len(hits) == 1:
        return redirect(hits[0].address)
    return show(request, "workbench/search.html", {"groups": groups, "text": text, "count": len(hits)})
