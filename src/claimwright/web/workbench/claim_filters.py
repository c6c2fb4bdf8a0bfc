"""Which claims a list shows and in which order, so that a million of them are no slower than a hundred.

Every question here is bounded: counts and sums go no further than MOST_COUNTED claims, an order that no index gives is
refused above it, and words that are searched for are looked up first, each by an index of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from claimwright.billing.lifecycle import State, Trigger
from claimwright.billing.posting.plan import ClaimOutcome
from claimwright.billing.registration import read_day
from claimwright.codes.money import ZERO
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.work_in_hand import awake
from claimwright.web.patients.models import Patient
from claimwright.web.patients.selectors import by_name, by_number
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion
from claimwright.web.workbench.claim_columns import BY_KEY
from claimwright.web.workbench.pages import MOST_COUNTED
from claimwright.web.workbench.queues import FILING_WARNING_DAYS, LIVE, NOT_FILED

MOST_PATIENTS = 2_000  # that one search by name goes on with
OUTCOMES = tuple(one.value for one in ClaimOutcome if one not in (ClaimOutcome.HELD, ClaimOutcome.REVERSED))
LIMITS = {"near": FILING_WARNING_DAYS, "due": 0}  # days until the filing limit, of what no payer has
FIRST = "-dos"
FIRST_COLUMN = "date_of_service"
DAYS_SINCE = ("age", "sent_age")  # the most days are the earliest date
AGED = (30, 60, 90, 120, 180)
SENT_AGED = (15, 30, 45, 60, 90)
RELATED = (
    "claim__patient",
    "claim__payer",
    "claim__practice",
    "claim__money",
    "last_decision",
)
SUMS = {
    "charge": "total_charge", "allowed": "last_decision__allowed", "paid": "last_decision__paid",
    "share": "last_decision__patient_responsibility", "balance": "claim__money__balance",
}  # fmt: skip


def latest_versions() -> QuerySet[ClaimVersion]:
    return ClaimVersion.objects.filter(newest=True)


def as_date(text: str | None) -> date | None:
    """A date from a form; what is no date filters nothing."""
    return read_day((text or "").strip())


def as_amount(text: str | None) -> Decimal | None:
    """1,250 or $12.50 from a form; what is no amount filters nothing."""
    try:
        found = Decimal(re.sub(r"[$,\s]", "", text)) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found) < Decimal("1e12") else None


def filtered(wanted: Mapping[str, str], *, username: str = "") -> QuerySet[ClaimVersion]:
    """The newest versions that match the form. `username` is who "mine" is."""
    found = latest_versions()
    if wanted.get("state") == "open":
        found = found.filter(state__in=LIVE)
    elif wanted.get("state"):
        found = found.filter(state=wanted["state"])
    if wanted.get("outcome") in OUTCOMES:
        found = found.filter(outcome=wanted["outcome"])
    for name, path in (
        ("payer", "claim__payer__key"), ("practice", "claim__practice_id"), ("provider", "rendering_npi"),
        ("place", "place_of_service"), ("sequence", "claim__sequence"),
    ):  # fmt: skip
        if value := wanted.get(name):
            found = found.none() if name == "practice" and not _is_id(value) else found.filter(**{path: value})
    found = _by_days(_by_money(found, wanted), wanted)
    if carc := wanted.get("carc", "").strip().upper():
        found = found.filter(last_decision__carc=carc.rpartition("-")[2])
    if wanted.get("owner"):
        names = {"mine": username, "nobody": ""}
        found = found.filter(claim__owner=names.get(wanted["owner"], wanted["owner"]))
    if wanted.get("worklist"):
        items = WorkItem.objects.filter(awake(clock.today()), worklist=wanted["worklist"])
        found = found.filter(control_number__in=items.exclude(claim_number="").values("claim_number"))
    return matching(found, wanted.get("q", ""))


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None


def _by_money(found: QuerySet[ClaimVersion], wanted: Mapping[str, str]) -> QuerySet[ClaimVersion]:
    for name, path in (
        ("least", "total_charge__gte"), ("most", "total_charge__lte"), ("owes", "claim__money__balance__gte"),
        ("patient_owes", "claim__money__patient_balance__gte"),
    ):  # fmt: skip
        if (amount := as_amount(wanted.get(name))) is not None:
            found = found.filter(**{path: amount})
    return found


def _by_days(found: QuerySet[ClaimVersion], wanted: Mapping[str, str]) -> QuerySet[ClaimVersion]:
    today = clock.today()
    for name, path in (
        ("from", "date_of_service__gte"), ("to", "date_of_service__lte"), ("sent_from", "last_sent__gte"),
        ("sent_to", "last_sent__lte"),
    ):  # fmt: skip
        if day := as_date(wanted.get(name)):
            found = found.filter(**{path: day})
    for name, path in (("older", "date_of_service__lte"), ("sent_older", "last_sent__lte")):
        if wanted.get(name, "").isdigit() and int(wanted[name]) < 36_500:
            found = found.filter(**{path: today - timedelta(days=int(wanted[name]))})
    if wanted.get("limit") in LIMITS:
        last = today + timedelta(days=LIMITS[wanted["limit"]])
        found = found.filter(state__in=NOT_FILED, filing_deadline__lte=last)
    if wanted.get("hold") == "due":
        found = found.filter(state=State.ON_HOLD, hold_until__lte=today)
    if wanted.get("hold") == "open":
        found = found.filter(state=State.ON_HOLD, hold_until__isnull=True)
    if wanted.get("follow") == "due":
        found = found.filter(claim__follow_up_on__lte=today)
    if wanted.get("follow") == "set":
        found = found.filter(claim__follow_up_on__isnull=False)
    return found


def matching(found: QuerySet[ClaimVersion], text: str) -> QuerySet[ClaimVersion]:
    """A claim's number, ours or the payer's, where the text is one; otherwise the claims of the patients it names."""
    words = text.replace(",", " ").split()[:5]
    if not words:
        return found
    if len(words) == 1:
        spelt = [words[0], words[0].upper()]
        numbered = ClaimVersion.objects.filter(Q(control_number__in=spelt) | Q(payer_claim_number__in=spelt))
        claims = list(numbered.values_list("claim_id", flat=True)[:MOST_PATIENTS])
        if claims:
            return found.filter(claim__in=claims)
    return found.filter(claim__patient__in=patients_named(words))


def patients_named(words: list[str]) -> list[Any]:
    """Ids of patients of whom every word begins a name, or is the record number or a member id."""
    named = Patient.objects.all()
    for word in words:
        named = named.filter(pk__in=by_name(word))
    ids = list(named.values_list("pk", flat=True)[:MOST_PATIENTS])
    if len(words) == 1:
        ids += [row["pk"] for row in by_number(words[0])[:MOST_PATIENTS]]
    return ids


# Order ---------------------------------------------------------------------------------------------------------------


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """By which column, and whether from its end. `refused`: why the list stands in the first order instead."""

    key: str = "dos"
    backward: bool = True
    refused: str = ""

    @property
    def name(self) -> str:
        return f"{'-' if self.backward else ''}{self.key}"


def order_of(wanted: Mapping[str, str], *, many: bool) -> Order:
    """What the form asks for. `many`: there are more claims than an order without an index can be given for."""
    text = wanted.get("order", "") or FIRST
    column = BY_KEY.get(text.removeprefix("-"))
    if column is None or not column.order:
        return Order()
    if many and not column.indexed:
        why = f"More than {MOST_COUNTED:,} claims match: narrow the list to sort it by {column.words.lower()}."
        return Order(refused=why)
    return Order(key=column.key, backward=text.startswith("-"))


def in_order(chosen: QuerySet[ClaimVersion], order: Order, *, many: bool) -> QuerySet[ClaimVersion]:
    """With everything that a row shows, in as many joins and no further question. An age runs against its date.

    Blanks come last. Of `many` claims those without a value in the column are left out, so that its index gives the order.
    """
    column = BY_KEY[order.key]
    backward = order.backward != (column.key in DAYS_SINCE)
    if "responsible" in column.order:
        chosen = chosen.annotate(responsible=_responsible())
    terms: list[Any] = []
    for path in (*column.order, "control_number"):
        if many and path not in (FIRST_COLUMN, "control_number"):
            chosen = chosen.filter(**{f"{path}__isnull": False})
        last = None if many else True
        terms.append(F(path).desc(nulls_last=last) if backward else F(path).asc(nulls_last=last))
    return (
        chosen.annotate(held_because=_held_because())
        .select_related(*RELATED)
        .defer("content", "claim__patient__content", "claim__payer__profile")
        .order_by(*terms)
    )


def _held_because() -> Case:
    """What was said when it was put on hold, of what is on hold; asked for the rows that are shown alone."""
    holds = ClaimEvent.objects.filter(version=OuterRef("pk"), trigger=Trigger.HOLD.value, moved=True)
    said = Subquery(holds.order_by("-ordinal").values("note")[:1])
    return Case(When(state=State.ON_HOLD.value, then=said), default=Value(""), output_field=CharField())


def _responsible() -> Case:
    """As `claim_columns.responsible`, for the database."""
    ours = Q(state__in=NOT_FILED)
    decided = Q(state__in=["ADJUDICATED", "CLOSED", "VOIDED", "REPLACED", "CANCELLED"])
    return Case(
        When(ours, then=Value("Us")),
        When(~decided, then=Value("Payer")),
        When(claim__money__balance__gt=0, then=Value("Payer")),
        When(claim__money__patient_balance__gt=0, then=Value("Patient")),
        default=Value(""),
        output_field=CharField(),
    )


# Counts and sums -----------------------------------------------------------------------------------------------------


def totals(chosen: QuerySet[ClaimVersion]) -> dict[str, Decimal]:
    """Dollars of all the claims, by the names of `SUMS`; ask only for what was counted to the end."""
    found = chosen.order_by().aggregate(**{f"sum_{name}": Coalesce(Sum(path), ZERO) for name, path in SUMS.items()})
    return {name: found[f"sum_{name}"] for name in SUMS}


def balance_of(chosen: QuerySet[ClaimVersion]) -> Decimal:
    """What the payers of the chosen claims still owe, over all pages."""
    return totals(chosen)["balance"]


def lists_of(versions: list[ClaimVersion]) -> list[ClaimVersion]:
    """Give each version the names of the worklists it stands on today."""
    numbers = [version.control_number for version in versions]
    found: dict[str, set[str]] = {number: set() for number in numbers}
    items = WorkItem.objects.filter(awake(clock.today()), claim_number__in=numbers)
    for number, name in items.values_list("claim_number", "worklist"):
        found[number].add(name)
    for version in versions:
        version.worklists = sorted(found[version.control_number])
    return versions
