"""What a person decided about open money, taken back: a balance moved to the patient, a write-off approved or asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from claimwright.billing.patient import RefusedPayment
from claimwright.billing.write_offs import WriteOffRefused
from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.ledger.reversal import reverse
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import record_audit, resolve_work_items
from claimwright.web.denials.models import Denial
from claimwright.web.payments.credits import list_credits
from claimwright.web.payments.models import WriteOff
from claimwright.web.payments.posting import list_denial

MOVED = "to-patient/"  # the keys of `services.transfer_to_patient`


def moved_to_patient(*, line_ids: Iterable[str], bucket: str) -> list[LedgerTransfer]:
    """The entries by which a person made this payer's balance the patient's, and that nobody took back."""
    rows = LedgerTransfer.objects.filter(
        ~Exists(LedgerTransfer.objects.filter(reverses=OuterRef("key"))), key__startswith=MOVED, reverses="",
        credit_kind=Kind.RECEIVABLE.value, credit_bucket=bucket, credit_subject__in=list(line_ids), debit_bucket="PAT",
    )  # fmt: skip
    return list(rows.order_by("sequence"))


def take_back_from_patient(*, encounter: Encounter, bucket: str, reason: str) -> None:
    """The balance is this payer's again, and the denials that the move closed are on their list.

    Raises RefusedPayment where nothing was moved, or the patient paid some of it since.
    """
    if not reason.strip():
        raise RefusedPayment("say why it is not the patient's")
    Encounter.objects.select_for_update().get(pk=encounter.pk)
    lines = ChargeLine.objects.filter(encounter=encounter).values_list("line_id", flat=True)
    moved = moved_to_patient(line_ids=lines, bucket=bucket)
    if not moved:
        raise RefusedPayment("nothing of this payer was made the patient's by hand")
    _check_open(moved)
    today = clock.today()
    post_transfers(
        transfers=[
            reverse(as_transfer(row), key=f"{row.key}/back", effective_date=today, note=reason[:200]) for row in moved
        ]
    )
    _reopen(
        Denial.objects.filter(version__claim__encounter=encounter, version__claim__bucket=bucket, state="TRANSFERRED")
    )
    list_credits(encounter_ids=[encounter.pk])
    record_audit(action="balance.from_patient", subject_type="encounter", subject_id=encounter.pk, detail=reason)


def _check_open(moved: Sequence[LedgerTransfer]) -> None:
    """By line: what is still open of the patient's covers what goes back."""
    wanted: dict[str, object] = {}
    balances = line_balances({row.debit_subject for row in moved})
    for line_id in {row.debit_subject for row in moved}:
        amount = sum((row.amount for row in moved if row.debit_subject == line_id), ZERO)
        if balances.get(line_id, {}).get("PAT", ZERO) < amount:
            wanted[line_id] = amount
    if wanted:
        raise RefusedPayment(
            "the patient paid some of it, or it was written off: take that off the lines first, then move the balance"
        )


def _reopen(denials: QuerySet[Denial]) -> None:
    for denial in denials.select_related("version"):
        denial.state = "ANALYZED"
        denial.save(update_fields=["state"])
        list_denial(denial, denial.version)


def withdraw_write_off(*, write_off: WriteOff, reason: str) -> WriteOff:
    """A request that nobody decided is taken off the approvals; an approved one is reversed: the money is open again.

    Raises WriteOffRefused where it was refused or taken back already.
    """
    if not reason.strip():
        raise WriteOffRefused("say why it is taken back")
    write_off.refresh_from_db(from_queryset=WriteOff.objects.select_for_update())
    if write_off.state not in ("REQUESTED", "APPROVED"):
        raise WriteOffRefused("it was refused or taken back already")
    if write_off.state == "APPROVED":
        line = ChargeLine.objects.get(line_id=write_off.line_id)
        Encounter.objects.select_for_update().get(pk=line.encounter_id)
        entry = as_transfer(LedgerTransfer.objects.get(key=write_off.key))
        post_transfers(
            transfers=[reverse(entry, key=f"{entry.key}/back", effective_date=clock.today(), note=reason[:200])]
        )
        _reopen(
            Denial.objects.filter(
                line_id=line.line_id, version__claim__bucket=write_off.bucket, state="WRITTEN_OFF"
            )
        )  # fmt: skip
        list_credits(encounter_ids=[line.encounter_id])
    else:
        resolve_work_items(keys=[write_off.key], resolution="Withdrawn")
    write_off.state = "REVERSED" if write_off.state == "APPROVED" else "WITHDRAWN"
    write_off.save(update_fields=["state"])
    record_audit(action="write_off.taken_back", subject_type="write_off", subject_id=write_off.pk, detail=reason)
    return write_off
