"""What a match moves in the ledger: remittances and patients' cash into the bank, fees out of it, and all of it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing import deposits
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer, transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.bank.models import BankLine, BankMatch, BankMatchPart
from claimwright.web.core.services import resolve_work_items
from claimwright.web.payments.bank import list_announced
from claimwright.web.payments.models import Deposit, PatientReceipt, Refund, Remittance
from claimwright.web.payments.payer_refunds import clear_refund, reopen_refund
from claimwright.web.practice.models import Practice


class BankRefused(ValueError):
    """What was asked is not done; the message says why and what to do. Nothing was changed."""


KINDS = {"CHK": "CHECK", "CARD": "CARD"}


def fill_part(part: BankMatchPart, expected_id: str) -> None:
    """The row that an expected id names, locked."""
    kind, _, pk = expected_id.partition(":")
    models = {"remittance": Remittance, "deposit": Deposit, "receipt": PatientReceipt, "refund": Refund}
    setattr(part, kind, models[kind].objects.select_for_update().get(pk=pk))


def book_match(
    match: BankMatch, parts: Sequence[BankMatchPart], lines: Sequence[BankLine], *, fee: Decimal = Decimal("0.00")
) -> None:
    """Post what the match moves. A deposit booked by its notice and a refund booked when issued move nothing more.

    A check of ours that the bank paid is cleared with it, and is stopped no more. Raises BankRefused where it is stopped.
    `fee` is what a processor keeps; the match's own fee may hold a drawer's difference too, which is booked already.
    """
    practice = lines[0].account.practice or Practice.objects.order_by("name").first()
    entries: list[Transfer] = []
    for number, part in enumerate(parts):
        if part.remittance is not None:
            entries += _remittance(match, part, practice)
        elif part.receipt is not None:
            # Without the receipt as its `payment`: a returned payment undoes all that bears it, and this is the bank's.
            entries += _made(
                Account(Kind.BANK, str(part.receipt.practice_id)),
                Account(Kind.PATIENT_CASH, str(part.receipt.practice_id), part.receipt.method),
                part.amount, match, str(number),
            )  # fmt: skip
        elif part.refund is not None:
            _paid(part.refund, match.effective_on)
    if fee:
        entries += _fee(match, practice, fee, "card")
    if match.category == "bank_fee":
        entries += _fee(match, practice, -sum((line.amount for line in lines), Decimal("0.00")), "bank")
    post_transfers(transfers=entries)
    found = [
        f"deposit:{part.deposit_id}" for part in parts if part.deposit is not None and part.deposit.state == "ANNOUNCED"
    ]
    resolve_work_items(keys=found, resolution="Matched to the bank")


def _paid(refund: Refund, on: date) -> None:
    if refund.state != "ISSUED":  # locked by `fill_part`; the list that was chosen from is older
        raise BankRefused(f"the refund is {refund.state.lower()} by now; look at the list again")
    clear_refund(refund=refund, on=on)


def _made(
    debit: Account, credit: Account, amount: Decimal, match: BankMatch, part: str, *,
    entry_type: EntryType = EntryType.DEPOSIT,
) -> list[Transfer]:  # fmt: skip
    made = transfer(debit=debit, credit=credit, amount=amount, entry_type=entry_type, key=f"bank/{match.pk}/{part}",
                    effective_date=match.effective_on)  # fmt: skip
    return [made] if made is not None else []


def _fee(match: BankMatch, practice: Practice, amount: Decimal, bucket: str) -> list[Transfer]:
    owner = str(practice.pk)
    fee, bank = Account(Kind.FEE, owner, bucket), Account(Kind.BANK, owner)
    return _made(fee, bank, amount, match, "fee", entry_type=EntryType.FEE)


def _remittance(match: BankMatch, part: BankMatchPart, practice: Practice) -> Sequence[Transfer]:
    """A deposit of the remittance's whole amount, as one announced by an EFT notice would be, and its booking."""
    row = part.remittance
    deposit = Deposit.objects.create(
        practice=row.practice or practice, kind=KINDS.get(row.method, "EFT"), trace_number=row.trace_number,
        trace_payer_id=row.trace_payer_id, amount=row.amount, effective_date=match.effective_on, state="MATCHED",
        remittance=row, key=f"bank:{match.pk}:{row.number}",
    )  # fmt: skip
    part.deposit = deposit
    row.bank_state = "MATCHED"
    row.save(update_fields=["bank_state"])
    resolve_work_items(keys=[f"era-without-eft:{row.number}"], resolution="Matched to the bank")
    found = deposits.DepositMatch(
        state=deposits.DepositState.MATCHED, deposit_id=str(deposit.pk), payment_id=row.number
    )
    return deposits.clear(found, amount=row.amount, practice_id=str(deposit.practice_id), on=match.effective_on)


def book_undoing(match: BankMatch, *, on: date) -> None:
    """Everything the match posted the other way round; its remittances wait for money again, its checks are out again."""
    keys = []
    for part in match.parts.filter(remittance__isnull=False).select_related("remittance", "deposit"):
        deposit, remittance = part.deposit, part.remittance
        keys.append(f"deposit/{deposit.pk}")
        deposit.remittance, deposit.state = None, "CLOSED"
        deposit.save(update_fields=["remittance", "state"])
        remittance.bank_state = "AWAITING_FUNDS"
        remittance.save(update_fields=["bank_state"])
    rows = [
        *LedgerTransfer.objects.filter(key__in=keys).order_by("sequence"),
        *LedgerTransfer.objects.filter(key__startswith=f"bank/{match.pk}/").order_by("sequence"),
    ]
    post_transfers(transfers=[_back(as_transfer(row), on) for row in rows])
    for part in match.parts.filter(deposit__state="ANNOUNCED").select_related("deposit"):
        list_announced(deposit=part.deposit)
    for part in match.parts.filter(refund__state="CLEARED").select_related("refund"):
        reopen_refund(refund=part.refund)


def _back(entry: Transfer, on: date) -> Transfer:
    # Not EntryType.REVERSAL: what a remittance received is summed without its DEPOSIT entries, both ways.
    return msgspec.structs.replace(
        entry, debit=entry.credit, credit=entry.debit, key=f"{entry.key}/back", effective_date=on, reverses=entry.key
    )
