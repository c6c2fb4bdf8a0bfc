"""Write-offs beside the single request: refused, by the batch for small balances, and financial assistance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.billing import write_offs
from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.selectors import line_balances, open_receivables
from claimwright.web.accounts.services import post_transfers
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.locks import one_at_a_time
from claimwright.web.core.models import User
from claimwright.web.core.services import next_number, record_audit, resolve_work_items
from claimwright.web.denials.models import Denial
from claimwright.web.payments.credits import list_credits, lock_accounts
from claimwright.web.payments.models import WriteOff
from claimwright.web.payments.positions import OPEN_DENIALS
from claimwright.web.payments.services import settle_visits
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.models import ClaimMoney, ClaimVersion

CHARITY = "CHARITY"
GONE = (State.CANCELLED, State.VOIDED, State.REPLACED)  # versions that no decision is waited for


def refuse_write_off(*, write_off: WriteOff, by: User, reason: str) -> WriteOff:
    """The balance stays, with the reason. Raises WriteOffRefused."""
    write_off.refresh_from_db(from_queryset=WriteOff.objects.select_for_update())
    if write_off.state != "REQUESTED":
        raise write_offs.WriteOffRefused("it was decided already")
    if not reason.strip():
        raise write_offs.WriteOffRefused("say why it is refused")
    write_off.state, write_off.decided_by = "REFUSED", by.get_username()
    write_off.note = " · ".join(filter(None, (write_off.note, f"Refused: {reason.strip()}")))
    write_off.save(update_fields=["state", "decided_by", "note"])
    resolve_work_items(keys=[write_off.key], resolution=f"Refused: {reason.strip()}"[:500])
    record_audit(action="write_off.refused", subject_type="write_off", subject_id=write_off.pk)
    return write_off


class SmallBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a visit in one bucket after its payer has decided: dollars by line."""

    encounter_id: str
    bucket: str
    balances: Mapping[str, Decimal]

    @property
    def amount(self) -> Decimal:
        return sum(self.balances.values(), ZERO)


def visits_nearly_paid(practice: Practice) -> list[UUID]:
    """Visits of which a payer left no more than the limit by the open money that is kept of each claim: the only ones
    where `small_balances` can find something, by an index instead of the whole ledger."""
    limit = policies_of(practice).small_balance_limit_amount
    near = ClaimMoney.objects.filter(practice=practice, balance__gt=0, balance__lte=limit)
    return list(near.filter(claim__encounter__isnull=False).values_list("claim__encounter", flat=True).distinct())


def small_balances(*, practice: Practice, visits: Collection[UUID] | None = None) -> list[SmallBalance]:
    """Residuals of payers within the practice's limit: decided finally, with no open denial and nothing disputed.

    Of the `visits` named only, or of all. What is left in the patient's bucket is written off as its visit settles
    (`services.settle_visits`).
    """
    limit = policies_of(practice).small_balance_limit_amount
    held: dict[tuple[str, str], Decimal] = {
        key: amount for key, amount in _open(visits).items() if key[1] in INSURANCE_BUCKETS and ZERO < amount <= limit
    }
    lines = dict(
        ChargeLine.objects.filter(practice=practice, line_id__in={line_id for line_id, _ in held}).values_list(
            "line_id", "encounter_id"
        )
    )
    decided = _decided(set(lines.values()))
    denied = set(
        Denial.objects.filter(version__claim__encounter__in=set(lines.values()), state__in=OPEN_DENIALS).values_list(
            "version__claim__encounter_id", flat=True
        )
    )
    left: dict[tuple[object, str], dict[str, Decimal]] = defaultdict(dict)
    for (line_id, bucket), amount in held.items():
        encounter_id = lines.get(line_id)
        if encounter_id is not None and (encounter_id, bucket) in decided and encounter_id not in denied:
            left[encounter_id, bucket][line_id] = amount
    found = [
        SmallBalance(encounter_id=str(encounter_id), bucket=bucket, balances=balances)
        for (encounter_id, bucket), balances in left.items()
    ]
    open_lines = _open_lines({one.encounter_id for one in found})
    return sorted(
        (
            one
            for one in found
            if one.amount <= limit and open_lines.get((one.encounter_id, one.bucket)) == dict(one.balances)
        ),
        key=lambda one: (one.encounter_id, one.bucket),
    )


def _decided(encounter_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    """(visit, bucket) of which the payer has decided the newest version of every claim: a corrected one that is out, or
    a part of the visit that it has still to decide, makes nothing of it final."""
    newest: dict[tuple[UUID, str], dict[UUID, str]] = defaultdict(dict)
    versions = ClaimVersion.objects.filter(claim__encounter__in=encounter_ids).exclude(state__in=GONE)
    rows = versions.order_by("number").values_list("claim__encounter_id", "claim__bucket", "claim_id", "state")
    for encounter_id, bucket, claim_id, state in rows:
        newest[encounter_id, bucket][claim_id] = state
    return {place for place, states in newest.items() if set(states.values()) <= {State.ADJUDICATED, State.CLOSED}}


def _open_lines(encounter_ids: Collection[str]) -> dict[tuple[str, str], dict[str, Decimal]]:
    """All that is open of these visits, whatever its size and sign: by visit and bucket, then by line."""
    lines = dict(ChargeLine.objects.filter(encounter__in=encounter_ids).values_list("line_id", "encounter_id"))
    found: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for line_id, buckets in line_balances(lines).items():
        for bucket, amount in buckets.items():
            if amount:
                found[str(lines[line_id]), bucket][line_id] = amount
    return found


def _open(visits: Collection[UUID] | None) -> dict[tuple[str, str], Decimal]:
    """(line id, bucket) of what is open: of all the ledger, or of the lines of some visits, which is far less."""
    if visits is None:
        return open_receivables()
    lines = ChargeLine.objects.filter(encounter__in=visits).values_list("line_id", flat=True)
    return {
        (line_id, bucket): amount
        for line_id, buckets in line_balances(lines).items()
        for bucket, amount in buckets.items()
        if amount
    }


def write_off_small_balances(*, practice: Practice, visits: Collection[UUID] | None = None) -> Decimal:
    """Write off every residual that `small_balances` lists, in one act; says how much. Raises nothing for none."""
    wanted = small_balances(practice=practice, visits=visits)
    ids = [one.encounter_id for one in wanted]
    lock_accounts(patient_ids=Encounter.objects.filter(pk__in=ids).values_list("patient_id", flat=True))
    entries: list[Transfer] = []
    for one in small_balances(practice=practice, visits=visits):  # again, now that nobody else moves them
        if one.encounter_id in ids:
            entries += write_offs.payer_residual(
                one.balances, bucket=one.bucket, final=True, practice_id=str(practice.pk),
                key=f"residual/{one.encounter_id}/{next_number(name='small_balance')}", on=clock.today(),
                policies=policies_of(practice),
            )  # fmt: skip
    post_transfers(transfers=entries)
    settle_visits(encounter_ids=ids)
    total = sum((entry.amount for entry in entries), ZERO)
    record_audit(action="write_off.small_balances", subject_type="practice", subject_id=practice.pk, detail=str(total))
    return total


def write_off_charity(
    *, amounts: Mapping[str, Decimal], requested_by: str, approver: User, key: str, note: str = ""
) -> Decimal:
    """Financial assistance off the patient's bucket, line by line, under the reason CHARITY; never bad debt.

    `key` names the decision: the same one again moves nothing. Says how much was written off. Raises WriteOffRefused
    when requester and approver are one, above the approver's limit for the whole decision, above what a line owes, or for
    a key that came with other amounts.
    """
    lines = {line.line_id: line for line in ChargeLine.objects.filter(line_id__in=list(amounts))}
    wanted = {line_id: amount for line_id, amount in amounts.items() if amount > 0}
    if set(wanted) - set(lines):
        raise write_offs.WriteOffRefused("a line is not one of ours")
    one_at_a_time(f"charity:{key}")
    done = dict(WriteOff.objects.filter(key__startswith=f"charity/{key}/").values_list("line_id", "amount"))
    if done and done != wanted:
        raise write_offs.WriteOffRefused("this decision was carried out already, with other amounts")
    if done:
        return ZERO
    encounters = {line.encounter_id for line in lines.values()}
    list(Encounter.objects.select_for_update().filter(pk__in=encounters).order_by("pk").values_list("pk"))
    total = sum(wanted.values(), ZERO)
    balances = line_balances(wanted)
    entries: list[Transfer] = []
    rows: list[WriteOff] = []
    for line_id, amount in sorted(wanted.items()):
        line = lines[line_id]
        policies = policies_of(line.practice)
        if not write_offs.may_approve(approver.role, total, policies):
            raise write_offs.WriteOffRefused(f"{total} needs a {write_offs.approver_role(total, policies)}")
        row = WriteOff(
            practice_id=line.practice_id, line_id=line_id, bucket="PAT", amount=amount, reason=CHARITY, note=note,
            state="APPROVED", requested_by=requested_by, requested_on=clock.today(),
            decided_by=approver.get_username(), key=f"charity/{key}/{line_id}"[:120],
        )  # fmt: skip
        request = write_offs.WriteOffRequest(
            chain_id=str(line.encounter_id), line_id=line_id, bucket="PAT", amount=amount, reason=CHARITY,
            requested_by=requested_by, requested_on=clock.today(), hardship_evidence=True,
        )  # fmt: skip
        entries.append(
            write_offs.approve(
                request, open_balance=balances[line_id].get("PAT", ZERO), approved_by=approver.get_username(),
                role=approver.role, practice_id=str(line.practice_id), key=row.key, on=clock.today(), policies=policies,
            )
        )  # fmt: skip
        rows.append(row)
    WriteOff.objects.bulk_create(rows)
    post_transfers(transfers=entries)
    list_credits(encounter_ids=encounters)
    record_audit(action="write_off.charity", subject_type="write_off", subject_id=key, detail=str(total))
    return total
