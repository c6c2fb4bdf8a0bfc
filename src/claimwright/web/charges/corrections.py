"""Charges put right after they were locked: lines changed, added and taken off, with their money and what they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.billing.charge_corrections import ChargeRefused, recharge, told_change
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Line
from claimwright.codes.money import ZERO, money
from claimwright.ledger.accounts import Kind
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.charges.models import ChargeCorrection, ChargeLine, Encounter
from claimwright.web.charges.services import LINE_NUMBER_DIGITS, charge_row
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number, record_audit
from claimwright.web.practice.selectors import charge_master


def correct_lines(
    *, encounter_id: UUID, lines: Sequence[Line], gone: Collection[str], bucket: str, reason: str
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines as charged from now on, with their ids and prices, and what changed in words.

    `lines` are those of one claim: one without a control number is new, one without a charge is priced on its day.
    `gone` are the ids taken off. `bucket` is where a difference stands open. Raises ChargeRefused; nothing changes then.
    """
    encounter = Encounter.objects.select_for_update(of=("self",)).select_related("practice").get(pk=encounter_id)
    noun = msgspec.convert(encounter.content, EncounterNoun)
    rows = {row.line_id: row for row in ChargeLine.objects.select_for_update().filter(encounter=encounter)}
    lines = _priced(encounter, lines)
    for line_id in (*gone, *(line.control_number for line in lines if line.control_number)):
        if line_id not in rows:
            raise ChargeRefused(f"line {line_id} is of another visit: correct it there")
    lines = _numbered(lines)
    entries = _entries(rows)
    last = max((row.number for row in rows.values()), default=0)
    transfers: list[Transfer] = []
    told: list[str] = []
    changed: list[Line] = []

    def charge(row: ChargeLine, before: dict[str, object]) -> None:
        told.append(_keep(encounter, row, before, reason))
        transfers.extend(
            recharge(
                entries[row.line_id], line_id=row.line_id, practice_id=str(row.practice_id), charge=row.charge,
                bucket=bucket, on=clock.today(), served_on=row.date_of_service,
            )
        )  # fmt: skip
        row.save()

    for line in lines:
        row = rows.get(line.control_number)
        if row is not None and _is_charged(row, line):
            continue
        before = _said(row) if row is not None else {}
        last += row is None
        number = row.number if row is not None else last
        placed = msgspec.structs.replace(line, number=number)
        charge(charge_row(encounter, noun, placed, line.control_number, row), before)
        changed.append(line)
    for line_id in sorted(gone):
        row = rows[line_id]
        before, row.charge = _said(row), ZERO
        charge(row, before)
    post_transfers(transfers=transfers)
    _write_visit(encounter, noun, changed, gone)
    record_audit(
        action="charges.correct",
        subject_type="encounter",
        subject_id=encounter.pk,
        detail=f"{'; '.join(told)}: {reason}",
    )
    return tuple(lines), tuple(told)


def _priced(encounter: Encounter, lines: Sequence[Line]) -> list[Line]:
    """A line without a charge at the price of its day, as when charges are locked."""
    blank = [line for line in lines if line.charge <= ZERO]
    if not blank or encounter.practice is None:
        return list(lines)
    master = charge_master(encounter.practice, [line.procedure_code for line in blank])
    found = []
    for line in lines:
        if line.charge <= ZERO:
            on = line.date_from or encounter.date_from or clock.today()
            price = master.price(line.procedure_code, line.modifiers, on)
            if price is None:
                code = line.procedure_code or line.revenue_code
                raise ChargeRefused(f"the charge master has no price for {code} on that day: type the charge")
            line = msgspec.structs.replace(line, charge=money(price * line.units))
        found.append(line)
    return found


def _numbered(lines: Sequence[Line]) -> list[Line]:
    new = sum(not line.control_number for line in lines)
    first = next_number(name="charge_line", count=new) if new else 0
    found = []
    for line in lines:
        if not line.control_number:
            line = msgspec.structs.replace(line, control_number=f"L{base36(first, LINE_NUMBER_DIGITS)}")
            first += 1
        found.append(line)
    return found


def _entries(rows: Collection[str]) -> dict[str, list[Transfer]]:
    """All entries of the lines' receivables, in order."""
    found: dict[str, list[Transfer]] = defaultdict(list)
    kind = Kind.RECEIVABLE.value
    of_lines = Q(debit_kind=kind, debit_subject__in=list(rows)) | Q(credit_kind=kind, credit_subject__in=list(rows))
    for row in LedgerTransfer.objects.filter(of_lines).order_by("sequence"):
        for line_id in {row.debit_subject, row.credit_subject} & set(rows):
            found[line_id].append(as_transfer(row))
    return found


def _is_charged(row: ChargeLine, line: Line) -> bool:
    """Whether the row charges what the line says. What else a line says is the claim's own."""
    says = (line.procedure_code or line.revenue_code, line.units, line.charge, line.date_from or row.date_of_service)
    return (row.code, row.units, row.charge, row.date_of_service) == says


def _said(row: ChargeLine) -> dict[str, object]:
    """What is charged, as it is kept beside a correction."""
    return {
        "code": row.code, "modifiers": list(row.modifiers), "units": f"{row.units.normalize():f}",
        "charge": f"{row.charge:.2f}", "date_of_service": row.date_of_service.isoformat(),
        "rendering_npi": row.rendering_npi,
    }  # fmt: skip


def _keep(encounter: Encounter, row: ChargeLine, before: dict[str, object], reason: str) -> str:
    """The correction kept beside the ledger's entries, and in words."""
    after = _said(row)
    ChargeCorrection.objects.create(
        encounter=encounter, line_id=row.line_id, before=before, after=after, reason=reason, actor=actor(),
        at=clock.now(),
    )  # fmt: skip
    if before and (before["code"], before["charge"]) == (after["code"], after["charge"]):
        return f"{row.code} of {row.date_of_service:%m/%d/%Y}, {after['units']} units"
    charged = money(str(before.get("charge", "0.00")))
    return told_change(str(before.get("code", "")), charged, row.code, row.charge)


def _write_visit(encounter: Encounter, noun: EncounterNoun, lines: Sequence[Line], gone: Collection[str]) -> None:
    """The visit says what is charged: its lines in their order, the new ones behind them."""
    by_id = {line.control_number: line for line in lines}
    known = {line.control_number for line in noun.lines}
    kept = [by_id.get(line.control_number, line) for line in noun.lines if line.control_number not in gone]
    kept += [line for line in lines if line.control_number not in known]
    numbered = tuple(msgspec.structs.replace(line, number=at) for at, line in enumerate(kept, 1))
    days = [line.date_from for line in numbered if line.date_from is not None]
    ends = [line.date_to or line.date_from for line in numbered if line.date_from is not None]
    changes = {"date_from": min(days), "date_to": max(end for end in ends if end)} if days else {}
    encounter.content = msgspec.to_builtins(msgspec.structs.replace(noun, lines=numbered, **changes))
    if days:
        encounter.date_from, encounter.date_to = changes["date_from"], changes["date_to"]
    encounter.save(update_fields=["content", "date_from", "date_to"])
