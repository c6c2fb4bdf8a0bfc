"""Each first payer's decision held against its contract; variances listed, decided on, and followed in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Count, Max, QuerySet, Sum

from claimwright.billing import underpayments as rules
from claimwright.billing.allowed import allowed_by_line
from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.billing.posting.state import AdjudicationRecord
from claimwright.claims.nouns import ZERO
from claimwright.web.accounts.selectors import transfers
from claimwright.web.charges.models import ChargeLine
from claimwright.web.contracts.models import ExpectedClaim, ExpectedLine
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries.models import LineComparison, Underpayment

FIRST = "P"
REVERSAL = "22"
STANDING = ("posted", "released")
AT_ONCE = 500


class RecoveryRefused(ValueError):
    """What the state of the case does not allow; the text says why. Nothing was changed."""


def compare_posted() -> int:
    """Compare every standing decision of a first payer that nobody compared yet; says how many lines are flagged.

    Doing it again changes nothing. Where the practice keeps no contract the lines say that they cannot be evaluated.
    """
    found = _compare_waiting(_waiting())
    follow_recoveries()
    return found


def open_variances(version_ids: Collection[UUID]) -> Counter[UUID]:
    """Unsettled cases of these versions, those included that no run has looked for yet: a claim does not close on them."""
    _compare_waiting(_waiting().filter(version__in=version_ids))
    unsettled = Underpayment.objects.filter(version__in=version_ids, state__in=rules.UNSETTLED)
    return Counter(unsettled.values_list("version_id", flat=True))


def _waiting() -> QuerySet[ClaimPayment]:
    """Standing decisions of first payers that nobody compared yet."""
    return ClaimPayment.objects.filter(
        state__in=STANDING, reversed_by__isnull=True, version__isnull=False, version__claim__sequence=FIRST,
        comparisons__isnull=True,
    ).exclude(status=REVERSAL)  # fmt: skip


def _compare_waiting(decisions: QuerySet[ClaimPayment]) -> int:
    found, waiting = 0, list(decisions.order_by("posting_order").values_list("pk", flat=True))
    for at in range(0, len(waiting), AT_ONCE):
        rows = ClaimPayment.objects.filter(pk__in=waiting[at : at + AT_ONCE]).order_by("posting_order")
        found += _compare(list(rows.select_related("version__claim__payer", "practice", "version__claim__practice")))
    return found


def _compare(rows: Sequence[ClaimPayment]) -> int:
    prices, contracts = _prices({row.version_id for row in rows})
    records = {row.pk: msgspec.convert(row.working, AdjudicationRecord) for row in rows if row.working}
    line_ids = {line.line_id for record in records.values() for line in record.lines}
    charges = {line.line_id: line for line in ChargeLine.objects.filter(line_id__in=line_ids)}
    made: list[LineComparison] = []
    for row in rows:
        claim = row.version.claim
        policies = policies_of(claim.practice)
        contract = contracts.get(row.version_id)
        for line in records[row.pk].lines if row.pk in records else ():
            charge = charges.get(line.line_id)
            if charge is None:
                continue
            price = prices.get(row.version_id, {}).get(line.line_id)
            billed = rules.Billed(
                line_id=line.line_id, code=charge.code, modifiers=tuple(charge.modifiers), units=charge.units,
                expected=price.allowed if price else None, capitated=bool(price and price.capitated),
            )  # fmt: skip
            said = rules.compare(line, billed, policies)
            made.append(
                LineComparison(
                    claim_payment=row, practice=claim.practice, payer=claim.payer, line_id=line.line_id, code=charge.code,
                    verdict=said.verdict.value, cause=said.cause, expected=said.expected, allowed=said.allowed,
                    variance=said.variance, contract_id=contract.contract_id if contract else None,
                    contract_version=contract.contract_version if contract else "", compared_on=clock.today(),
                )
            )  # fmt: skip
    LineComparison.objects.bulk_create(made, batch_size=1000)
    flagged = [one for one in made if one.verdict in rules.FLAGGED]
    _open_cases(flagged, {row.pk: row for row in rows})
    return len(flagged)


def _prices(version_ids: Iterable[UUID]) -> tuple[dict[UUID, dict[str, ExpectedLine]], dict[UUID, ExpectedClaim]]:
    """The newest pricing of each version: by line control number, and the contract it went by."""
    newest = dict(
        ExpectedClaim.objects.filter(claim_version_id__in=list(version_ids))
        .values_list("claim_version_id")
        .annotate(Max("ordinal"))
    )
    claims = {
        row.claim_version_id: row
        for row in ExpectedClaim.objects.filter(claim_version_id__in=newest)
        if row.ordinal == newest[row.claim_version_id]
    }
    prices: dict[UUID, dict[str, ExpectedLine]] = {version: {} for version in claims}
    owners = {row.pk: version for version, row in claims.items()}
    for line in ExpectedLine.objects.filter(expected__in=owners):
        prices[owners[line.expected_id]][line.line_control_number] = line
    return prices, claims


def _open_cases(flagged: Sequence[LineComparison], rows: dict[UUID, ClaimPayment]) -> None:
    """A case for each flagged line; one that is there, and unsettled, is followed by `follow_recoveries`."""
    known = {
        (case.line_id, case.bucket): case
        for case in Underpayment.objects.filter(line_id__in=[one.line_id for one in flagged])
    }
    now = allowed_now([one.line_id for one in flagged])
    for one in flagged:
        version = rows[one.claim_payment_id].version
        bucket = version.claim.bucket
        case = known.get((one.line_id, bucket))
        if case is not None and case.state in rules.UNSETTLED:
            continue
        case = case or Underpayment(line_id=one.line_id, bucket=bucket)
        case.comparison, case.version, case.practice, case.payer = one, version, one.practice, one.payer
        case.code, case.cause, case.contract_version = one.code, one.cause, one.contract_version
        case.expected, case.allowed, case.variance = one.expected, one.allowed, one.variance
        case.ledger_allowed, case.recovered = now.get((one.line_id, bucket), ZERO), ZERO
        case.state, case.found_on, case.dispute, case.decided_by = "OPEN", clock.today(), None, ""
        case.save()
        less = case.variance > 0
        raise_work_item(
            worklist="underpayments", key=_key(case), reason_code=case.cause, amount=abs(case.variance),
            reason=f"Allowed {case.allowed}, the contract says {case.expected}: {rules.CAUSES.get(case.cause, case.cause)}",
            what_to_do="Dispute it with the others of its group, or say why it is right" if less
            else "Check the contract; a payer that allowed too much will take it back",
            subject_type="underpayment", subject_id=case.pk, practice_id=version.claim.practice_id,
            claim_number=version.control_number, reopen=True,
        )  # fmt: skip


def _key(case: Underpayment) -> str:
    return f"underpayment:{case.pk}"


def allowed_now(line_ids: Sequence[str]) -> dict[tuple[str, str], Decimal]:
    """(line, INS1) to what its first payer allows by the ledger as it stands."""
    bucket = "INS1"
    entries = transfers(line_ids=list(line_ids)) if line_ids else []
    return {(line_id, bucket): amount for line_id, amount in allowed_by_line(entries, bucket).items()}


def follow_recoveries() -> int:
    """Unsettled cases against the ledger as it stands: what came since is recovered; says how many were settled."""
    cases = list(Underpayment.objects.filter(state__in=rules.UNSETTLED).select_related("practice"))
    now = allowed_now([case.line_id for case in cases])
    settled = 0
    for case in cases:
        # By the change in the ledger since: what the payer called allowed may differ from its own money and shares.
        found = rules.recovery(
            expected=case.ledger_allowed + case.variance, allowed_then=case.ledger_allowed,
            allowed_now=now.get((case.line_id, case.bucket), ZERO),
            policies=policies_of(case.practice) if case.practice else DEFAULT_POLICIES,
        )  # fmt: skip
        if found.recovered == case.recovered and not found.settled:
            continue
        case.recovered = found.recovered
        if found.settled:
            case.state = rules.State.RECOVERED.value
            settled += 1
            resolve_work_items(keys=[_key(case)], resolution=f"Recovered {case.recovered}")
        case.save(update_fields=["recovered", "state"])
        close_answered(case)
    return settled


def close_answered(case: Underpayment) -> None:
    """A dispute of which no case is unsettled any more is closed."""
    dispute = case.dispute
    if dispute is not None and not dispute.cases.filter(state__in=rules.UNSETTLED).exists():
        dispute.state = "CLOSED"
        dispute.save(update_fields=["state"])
        resolve_work_items(keys=[f"dispute:{dispute.pk}"], resolution="Settled")


def decide_underpayment(*, case: Underpayment, state: str, note: str) -> Underpayment:
    """ACCEPTED or CONTRACT_DATA_ERROR, with the reason. Raises RecoveryRefused."""
    case.refresh_from_db(from_queryset=Underpayment.objects.select_for_update())
    if state not in {one.value for one in rules.DECISIONS} or not note.strip():
        raise RecoveryRefused("say whether it is right as paid or our contract is wrong, and why")
    if case.state not in rules.UNSETTLED:
        raise RecoveryRefused("it was decided already")
    case.state, case.note, case.decided_by = state, note.strip(), actor()
    case.save(update_fields=["state", "note", "decided_by"])
    resolve_work_items(keys=[_key(case)], resolution=f"{state}: {note.strip()}"[:500])
    close_answered(case)
    record_audit(action="underpayment.decided", subject_type="underpayment", subject_id=case.pk, detail=state)
    return case


def open_groups() -> list[rules.Group]:
    """Open cases as one letter each may dispute them: too little allowed only, the most money first."""
    rows = Underpayment.objects.filter(state="OPEN", variance__gt=0)
    return rules.group(
        rules.Case(
            case_id=str(row.pk), payer=str(row.payer_id), code=row.code, cause=row.cause,
            contract_version=row.contract_version, variance=row.variance,
        )
        for row in rows
    )  # fmt: skip


LETTER = ("practice_id", "practice__name", "payer_id", "payer__name", "code", "cause", "contract_version")


def open_letters() -> QuerySet[Underpayment, dict[str, Any]]:
    """As `open_groups`, summed by the database and by practice as well, for one letter is from one: `count` lines and
    `missing` dollars of each, the most money first."""
    rows = Underpayment.objects.filter(state="OPEN", variance__gt=0).values(*LETTER)
    return rows.annotate(count=Count("pk"), missing=Sum("variance")).order_by(
        "-missing", "payer__name", "code", "cause"
    )


def cases_of_letter(
    *, practice_id: UUID | None, payer_id: UUID | None, code: str, cause: str, contract_version: str
) -> list[Underpayment]:
    """The open cases of one row of `open_letters`."""
    rows = Underpayment.objects.filter(state="OPEN", variance__gt=0, practice=practice_id, payer=payer_id, code=code)
    return list(rows.filter(cause=cause, contract_version=contract_version))


def underpayment_rate(*, practice: Practice | None = None) -> tuple[int, int]:
    """(lines underpaid, lines that could be evaluated)."""
    rows: QuerySet[LineComparison] = LineComparison.objects.all()
    if practice is not None:
        rows = rows.filter(practice=practice)
    counted = rows.values_list("verdict").annotate(Count("pk"))
    return rules.rate({rules.Verdict(verdict): count for verdict, count in counted})
