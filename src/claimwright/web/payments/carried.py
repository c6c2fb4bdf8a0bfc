"""Money in accounts of a patient's own, when two records become one: moved by entries, never by changing any.

Charge lines keep their accounts whoever the patient is. Only unapplied credit and the account of fees are a patient's
own; they are carried to the survivor and, where the merge is undone, carried back.
"""

from __future__ import annotations

from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.reversal import reverse
from claimwright.ledger.transfers import EntryType, transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import balances
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.core import clock
from claimwright.web.core.services import next_number
from claimwright.web.patients.models import PatientMerge
from claimwright.web.patients.selectors import merged_ids

OWN_KINDS = (Kind.CREDIT, Kind.RECEIVABLE, Kind.BAD_DEBT)


def own_subjects(patient_id: object) -> tuple[str, str]:
    return str(patient_id), f"account-{patient_id}"


def carry_over(*, merge: PatientMerge) -> int:
    """What stands in the absorbed record's own accounts goes to the survivor's; says how many entries."""
    twins = dict(
        zip(own_subjects(merge.absorbed_id), own_subjects(merge.survivor_id), strict=True)
    )  # absorbed subject to survivor's
    held = balances(kinds=OWN_KINDS, subjects=list(twins))
    entries = []
    for account, amount in sorted(held.items()):
        entry = transfer(
            debit=Account(account.kind, twins[account.subject], account.bucket), credit=account, amount=amount,
            entry_type=EntryType.XFER, key=f"{_prefix(merge)}{next_number(name='carried')}",
            effective_date=clock.today(), reason="MERGED",
        )  # fmt: skip
        if entry is not None:
            entries.append(entry)
    return post_transfers(transfers=entries)


def carry_over_merged(*, patient_id: object) -> None:
    """A receipt of a record that was merged since was undone in that record's account: carry it on, deepest first."""
    ids = merged_ids([patient_id])[patient_id]  # type: ignore[list-item,index]
    merges = PatientMerge.objects.filter(survivor__in=ids, undone_at__isnull=True)
    for merge in merges.order_by("merged_at"):
        carry_over(merge=merge)


def carry_back(*, merge: PatientMerge) -> int:
    """Undo what was carried. Credit that was used meanwhile is taken off the lines it went to, the last use first."""
    from claimwright.web.payments.services import unapply_credit

    rows = LedgerTransfer.objects.filter(key__startswith=_prefix(merge), reverses="").order_by("-sequence")
    entries = [
        reverse(as_transfer(row), key=f"un{row.key}", effective_date=clock.today(), note="merge undone") for row in rows
    ]
    posted = post_transfers(transfers=entries)
    unapply_credit(merge.survivor_id, key=f"un{_prefix(merge)}unapplied")
    return posted


def _prefix(merge: PatientMerge) -> str:
    return f"merge/{merge.pk}/"
