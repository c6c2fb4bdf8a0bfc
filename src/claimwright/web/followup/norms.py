"""How long each payer may take: its own row over the practice's policies."""

from __future__ import annotations

from uuid import UUID

from claimwright.billing.following import Norm, norm_of
from claimwright.web.core.services import record_audit
from claimwright.web.followup.models import PayerNorm
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.practice.selectors import policies_of

DAYS = (
    "file_acknowledgement_days", "clearinghouse_business_days", "payer_business_days", "answer_days",
    "paper_answer_days", "ask_again_days", "remittance_days",
)  # fmt: skip
LONGEST_DAYS = 400


class NormRefused(ValueError):
    """A norm that cannot be kept; the text names the field."""


def save_payer_norm(
    *, payer: Payer, asks_status: bool = False, inquiry_payer_id: str = "", **days: int | None
) -> PayerNorm:
    """What this payer's answers may take from now on; days not given are those of the policies and its usual days.

    Raises NormRefused for days below zero or above 400, a field that is none, and questions without a connection.
    """
    for name, count in days.items():
        if name not in DAYS:
            raise NormRefused(f"{name} is no norm: {', '.join(DAYS)}")
        if count is not None and not 0 <= count <= LONGEST_DAYS:
            raise NormRefused(f"{name}: from 0 to {LONGEST_DAYS} days")
    if asks_status and payer.connection_id is None:
        raise NormRefused(f"{payer.name} has no connection to ask over: choose one at the payer first")
    own = dict.fromkeys(DAYS) | days
    row, _ = PayerNorm.objects.update_or_create(
        payer=payer, defaults={"asks_status": asks_status, "inquiry_payer_id": inquiry_payer_id.strip()[:20]} | own
    )
    record_audit(action="following.norm", subject_type="payer", subject_id=payer.pk)
    return row


class Norms:
    """The norms of one run, each made once. A payer without a row, like one set up for the first time, has the defaults."""

    def __init__(self) -> None:
        self._rows = {row.payer_id: row for row in PayerNorm.objects.all()}
        self._made: dict[tuple[UUID, UUID], Norm] = {}

    def of(self, payer: Payer, practice: Practice) -> Norm:
        key = (payer.pk, practice.pk)
        if key not in self._made:
            row = self._rows.get(payer.pk)
            own = {name: getattr(row, name) for name in DAYS} if row is not None else {}
            self._made[key] = norm_of(
                policies_of(practice), usual_pay_days=payer.usual_pay_days, kind=payer.kind,
                asks_status=bool(row and row.asks_status and payer.connection_id), **own,
            )  # fmt: skip
        return self._made[key]
