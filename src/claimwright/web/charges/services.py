"""From an encounter to charges: lines with their ids for ever, prices, and the first entry of each line's account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from claimwright.claims.from_fhir.code_map import CodeMap, Mapping, canonical
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Line
from claimwright.codes.money import ZERO, money
from claimwright.coding.states import EncounterEvent
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.transfers import EntryType, Transfer
from claimwright.web.accounts.services import post_transfers
from claimwright.web.charges.models import ChargeLine, CodeMapping, Encounter
from claimwright.web.charges.moves import Move, record_moves
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import next_number, raise_work_item, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.core.writing import write_rows
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import ChargeMaster, charge_master

LINE_NUMBER_DIGITS = 7
FIRST_BUCKET = "INS1"
PATIENT_BUCKET = "PAT"


def save_code_map(*, interface: str, code_map: CodeMap) -> int:
    """Make this the interface's code map, instead of the one before; says how many rows."""
    CodeMapping.objects.filter(interface=interface).delete()
    rows = [
        CodeMapping(
            interface=interface, system=system, code=code, target_system=row.target_system,
            target_code=row.target_code, modifiers=" ".join(row.modifiers), units=row.units, repeat=row.repeat,
            minimum_age=row.minimum_age, maximum_age=row.maximum_age, sex=row.sex, position=position,
            note=row.note[:200], start=row.start, end=row.end,
        )
        for (system, code), found in code_map.rows().items()
        for position, row in enumerate(found)
    ]  # fmt: skip
    CodeMapping.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def unmapped_key(interface: str, system: str, code: str) -> str:
    return f"unmapped:{interface}:{canonical(system)}:{code}"[:200]


def code_map_of(interface: str) -> CodeMap:
    """The interface's code map as the intake uses it."""
    rows: dict[tuple[str, str], tuple[Mapping, ...]] = {}
    for row in CodeMapping.objects.filter(interface=interface).order_by("system", "code", "position"):
        key = (row.system, row.code)
        mapping = Mapping(
            target_system=row.target_system, target_code=row.target_code, modifiers=tuple(row.modifiers.split()),
            units=row.units, repeat=row.repeat, minimum_age=row.minimum_age, maximum_age=row.maximum_age, sex=row.sex,
            start=row.start, end=row.end, note=row.note,
        )  # fmt: skip
        rows[key] = (*rows.get(key, ()), mapping)
    return CodeMap(rows)


def lock_charges(*, encounters: Sequence[Encounter], self_pay: bool = False) -> list[Encounter]:
    """Charge coded encounters: lines with ids, prices where none came, and CHARGE entries to the first payer's account.

    An encounter with a line that has no price is held on the list of unpriced charges; one without lines is not
    billable. Locked ones are returned. Encounters in another state are left as they are, so doing it twice is one.
    """
    locked: list[Encounter] = []
    lines: list[ChargeLine] = []
    contents: list[tuple[Encounter, EncounterNoun]] = []
    masters: dict[object, ChargeMaster] = {}
    moves: list[Move] = []
    for encounter in encounters:
        if encounter.state != Encounter.State.CODED or encounter.practice is None or encounter.patient_id is None:
            continue
        master = masters.get(encounter.practice_id)
        if master is None:
            master = masters[encounter.practice_id] = charge_master(encounter.practice)
        content = _priced(msgspec.convert(encounter.content, EncounterNoun), master)
        if not content.lines:
            encounter.state, encounter.reason = Encounter.State.NON_BILLABLE, "nothing was done that is billed"
            moves.append(_move(encounter, EncounterEvent.MARK_NON_BILLABLE))
        elif any(line.charge <= ZERO for line in content.lines):
            _hold_unpriced(encounter, content)
            moves.append(_move(encounter, EncounterEvent.HOLD))
        else:
            contents.append((encounter, content))
    first = next_number(name="charge_line", count=sum(len(content.lines) for _, content in contents) or 1)
    for encounter, content in contents:
        numbered = []
        for line in content.lines:
            line_id = f"L{base36(first, LINE_NUMBER_DIGITS)}"
            first += 1
            numbered.append(msgspec.structs.replace(line, control_number=line_id))
            lines.append(charge_row(encounter, content, line, line_id))
        encounter.content = msgspec.to_builtins(msgspec.structs.replace(content, lines=tuple(numbered)))
        encounter.state, encounter.reason = Encounter.State.CHARGES_LOCKED, ""
        moves.append(_move(encounter, EncounterEvent.LOCK))
        locked.append(encounter)
    write_rows(encounters, ["state", "reason", "content"])
    record_moves(moves=moves)
    ChargeLine.objects.bulk_create(lines, batch_size=2000)
    post_transfers(transfers=[_charge(line, PATIENT_BUCKET if self_pay else FIRST_BUCKET) for line in lines])
    resolve_work_items(keys=[f"price:{encounter.pk}" for encounter in locked], resolution="priced")
    return locked


def _move(encounter: Encounter, event: EncounterEvent) -> Move:
    """The step from CODED to where it stands now."""
    return Move(
        encounter_id=encounter.pk, event=event, source=Encounter.State.CODED, target=encounter.state,
        reason=encounter.reason,
    )  # fmt: skip


def _priced(content: EncounterNoun, master: ChargeMaster) -> EncounterNoun:
    lines = []
    for line in content.lines:
        if line.charge <= ZERO and line.date_from is not None:
            price = master.price(line.procedure_code, line.modifiers, line.date_from)
            if price is not None:
                line = msgspec.structs.replace(line, charge=money(price * line.units))
        lines.append(line)
    return msgspec.structs.replace(content, lines=tuple(lines))


def _hold_unpriced(encounter: Encounter, content: EncounterNoun) -> None:
    codes = ", ".join(sorted({line.procedure_code for line in content.lines if line.charge <= ZERO}))
    encounter.state, encounter.reason = Encounter.State.HELD, f"no price on the date of service: {codes}"[:500]
    raise_work_item(
        worklist=Worklist.UNPRICED_CHARGES, key=f"price:{encounter.pk}", reason_code="NO_PRICE",
        reason=f"The charge master has no price on the date of service for {codes}.",
        what_to_do="Add the price with its start, then take the held encounters up again.",
        subject_type="encounter", subject_id=encounter.pk, practice_id=encounter.practice_id,
        file_id=encounter.file_id,
    )  # fmt: skip


def charge_row(
    encounter: Encounter, content: EncounterNoun, line: Line, line_id: str, row: ChargeLine | None = None
) -> ChargeLine:
    """The row of a line of the visit, not yet saved; `row` where it is there and is corrected."""
    if row is None:
        row = ChargeLine(
            encounter=encounter, practice_id=encounter.practice_id, patient_id=encounter.patient_id, line_id=line_id,
            charged_on=clock.today(),
        )  # fmt: skip
    rendering = line.rendering or content.rendering
    row.number, row.code, row.modifiers = line.number, line.procedure_code or line.revenue_code, list(line.modifiers)
    row.units, row.charge = line.units, line.charge
    row.date_of_service = line.date_from or content.date_from or clock.today()
    row.rendering_npi = rendering.npi if rendering else ""
    return row


def _charge(line: ChargeLine, bucket: str) -> Transfer:
    return Transfer(
        debit=receivable(line.line_id, bucket),
        credit=Account(Kind.REVENUE, str(line.practice_id)),
        amount=line.charge,
        entry_type=EntryType.CHARGE,
        key=f"charge:{line.line_id}",
        effective_date=min(line.date_of_service, clock.today()),  # a mistyped day to come is no future income
    )


def total_charge(lines: Iterable[Line]) -> Decimal:
    return sum((line.charge for line in lines), ZERO)


def practice_of(npi: str) -> Practice | None:
    """The tenant's practice that has or had this NPI; None for a stranger."""
    found = Practice.objects.filter(npi=npi).first()
    return found or Practice.objects.filter(identifiers__kind="NPI", identifiers__value=npi).first()
