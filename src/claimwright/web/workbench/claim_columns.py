"""The columns of the list of claims: one row each, with its words, its cell, and how the list is sorted by it.

A column with `indexed` is sorted over any number of claims from an index of the database; the others sort what a filter
has brought down to `claim_filters.MOST_COUNTED`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from claimwright.billing.lifecycle import State
from claimwright.documents.sheets import Cell
from claimwright.web.payments.models import LastDecision
from claimwright.web.submissions.models import ClaimMoney, ClaimVersion
from claimwright.web.workbench.queues import ENDED, NOT_FILED


@dataclass(frozen=True)
class Column:
    """`title` heads the file, `head` the page. `kind` says how a cell is written: the template has one way for each."""

    key: str
    title: str
    cell: Callable[[ClaimVersion, date], Cell]
    kind: str = "text"
    head: str = ""
    order: Sequence[str] = ()
    indexed: bool = False
    shown: bool = True  # before a person chooses
    total: str = ""  # name of the sum under it

    @property
    def words(self) -> str:
        return self.head or self.title

    @property
    def is_amount(self) -> bool:
        return self.kind in ("money", "days", "limit")


def _money(version: ClaimVersion) -> ClaimMoney:
    """What the ledger says; nothing where the charges are not in it."""
    return getattr(version.claim, "money", None) or ClaimMoney()


def _said(version: ClaimVersion) -> LastDecision | None:
    return getattr(version, "last_decision", None)


def _days(since: date | None, today: date) -> int | None:
    """Days since a day; none for one that has not come, which an edit stops."""
    return (today - since).days if since is not None and since <= today else None


def _limit(version: ClaimVersion, today: date) -> int | None:
    """Days left to file; none for what a payer has, or has no limit."""
    runs = version.state in NOT_FILED and version.filing_deadline
    return (version.filing_deadline - today).days if runs else None


def responsible(version: ClaimVersion) -> str:
    """Who has to act or to pay next: we ourselves, the payer of the claim, the patient, or nobody."""
    money = _money(version)
    if version.state in NOT_FILED:
        return "Us"
    if version.state not in ENDED and version.state != State.ADJUDICATED:
        return "Payer"
    if money.balance > 0:
        return "Payer"
    return "Patient" if money.patient_balance > 0 else ""


COLUMNS: tuple[Column, ...] = (
    Column("dos", "Date of service", lambda v, _: v.date_of_service, "date", "Visit", ("date_of_service",), True),
    Column("claim", "Claim", lambda v, _: v.control_number, "code", "", ("control_number",), True, shown=False),
    Column(
        "patient", "Patient", lambda v, _: str(v.claim.patient), "patient", "Patient",
        ("claim__patient__last_name_folded", "claim__patient__first_name_folded"),
    ),
    Column(
        "record", "Record number", lambda v, _: v.claim.patient.record_number, "code",
        order=("claim__patient__record_number",), shown=False,
    ),
    Column("payer", "Payer", lambda v, _: v.claim.payer.name, "payer", order=("claim__payer__name", "claim__sequence")),
    Column("sequence", "Sequence", lambda v, _: v.claim.sequence, "text", order=("claim__sequence",), shown=False),
    Column("state", "State", lambda v, _: v.state, "state", "State", ("state",), True),
    Column("outcome", "Outcome", lambda v, _: v.outcome, "words", order=("outcome",), shown=False),
    Column("responsible", "Responsible", lambda v, _: responsible(v), head="Resp.", order=("responsible",)),
    Column("charge", "Charge", lambda v, _: v.total_charge, "money", "", ("total_charge",), True, total="charge"),
    Column(
        "allowed", "Allowed", lambda v, _: _said(v) and _said(v).allowed, "money", "", ("last_decision__allowed",), True,
        total="allowed",
    ),
    Column(
        "paid", "Paid", lambda v, _: _said(v) and _said(v).paid, "money", "", ("last_decision__paid",), True, total="paid"
    ),
    Column(
        "share", "Patient responsibility", lambda v, _: _said(v) and _said(v).patient_responsibility, "money",
        "Patient resp.", ("last_decision__patient_responsibility",), shown=False, total="share",
    ),
    Column(
        "balance", "Payer balance", lambda v, _: _money(v).balance, "money", "Payer owes", ("claim__money__balance",), True,
        total="balance",
    ),
    Column(
        "patient_balance", "Patient balance", lambda v, _: _money(v).patient_balance, "money", "Patient owes",
        ("claim__money__patient_balance",), True, shown=False,
    ),
    Column("age", "Age in days", lambda v, today: _days(v.date_of_service, today), "days", "Age", ("date_of_service",), True),
    Column(
        "sent_age", "Days since last sent", lambda v, today: _days(v.last_sent, today), "days", "Since sent",
        ("last_sent",), True,
    ),
    Column("limit", "Filing days left", lambda v, today: _limit(v, today), "limit", "Limit", ("filing_deadline",), True),
    Column("deadline", "Filing limit", lambda v, _: v.filing_deadline, "date", "", ("filing_deadline",), True, shown=False),
    Column(
        "reason", "Last reason", lambda v, _: getattr(_said(v), "reason", ""), "code", "CARC",
        ("last_decision__reason",), True,
    ),
    Column("owner", "Owner", lambda v, _: v.claim.owner, order=("claim__owner",)),
    Column(
        "follow_up", "Follow-up date", lambda v, _: v.claim.follow_up_on, "due", "Follow up", ("claim__follow_up_on",), True
    ),
    Column("hold", "On hold until", lambda v, _: v.hold_until, "due", "Hold until", ("hold_until",), shown=False),
    Column(
        "hold_reason", "Why it is on hold", lambda v, _: getattr(v, "held_because", ""), head="Why held", order=("held_because",),
        shown=False,
    ),
    Column("provider", "Provider NPI", lambda v, _: v.rendering_npi, "code", order=("rendering_npi",), shown=False),
    Column("place", "Place of service", lambda v, _: v.place_of_service, "code", order=("place_of_service",), shown=False),
    Column("practice", "Practice", lambda v, _: v.claim.practice.name, order=("claim__practice__name",), shown=False),
    Column("sent", "Last sent", lambda v, _: v.last_sent, "date", "", ("last_sent",), True, shown=False),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
DEFAULT = tuple(column.key for column in COLUMNS if column.shown)
ALWAYS = "patient"  # the row's link stands in it
OF_HOLD = ("hold", "hold_reason")  # shown beside one's own wherever the list is of what is on hold


def chosen(keys: Sequence[str], *, also: Sequence[str] = ()) -> list[Column]:
    """The columns of these names in the order of the table, the patient and `also` always; the default for none known."""
    known = set(keys) & set(BY_KEY) or set(DEFAULT)
    return [column for column in COLUMNS if column.key in known | {ALWAYS, *also}]
