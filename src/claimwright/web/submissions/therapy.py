"""How much of the year's outpatient therapy a patient has used with us, as PX30 asks it. Of other practices nothing is known.

So the amount is the least that Medicare can have allowed: where it is above the year's, KX is missing without a doubt. What
is decided counts by the ledger; what is on its way, or goes before, by what it should be allowed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.billing.allowed import allowed_by_line
from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import ZERO, Line
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.codes.modifiers import modifier_group
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.records import ExpectedPrice, TherapyUse
from claimwright.edits.tables import DECIDED_STATES, OPEN_STATES
from claimwright.web.accounts.selectors import transfers
from claimwright.web.contracts.selectors import expected_prices
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.models import ClaimVersion

PLANS = modifier_group("therapy")
OCCUPATIONAL = "GO"
UNSENT = (State.DRAFT, State.EDIT_HOLD, State.READY)
COUNTED = tuple(OPEN_STATES | DECIDED_STATES | set(UNSENT))
Prices = Mapping[str, ExpectedPrice]


class _Line(msgspec.Struct, frozen=True):
    """One line of therapy: of which claim, when, under which plan, and what it comes to."""

    chain: UUID
    order: tuple[date, str]
    sent: bool
    occupational: bool
    amount: Decimal


class TherapyBook:
    """Loads for `versions`; `used(version)` answers from memory. Asks nothing where there is no therapy."""

    def __init__(
        self, versions: Sequence[ClaimVersion], contents: Sequence[ClaimNoun], prices: Mapping[UUID, Prices | None]
    ) -> None:
        self._lines: dict[UUID, list[_Line]] = defaultdict(list)
        asked = {
            version.claim.patient_id
            for version, content in zip(versions, contents, strict=True)
            if any(map(is_therapy, content.lines))
        }
        payers = _payers_that_count() if asked else []
        if not payers:
            return
        rows = list(
            ClaimVersion.objects.filter(
                claim__patient_id__in=asked, claim__payer__in=payers, state__in=COUNTED, date_of_service__isnull=False
            )
            .select_related("claim")
            .order_by("claim_id", "number")
        )
        newest = {row.claim_id: row for row in rows}
        held = {row.pk: msgspec.convert(row.content, ClaimNoun) for row in newest.values()}
        therapy = {row.pk: [line for line in held[row.pk].lines if is_therapy(line)] for row in newest.values()}
        stored = expected_prices([pk for pk, lines in therapy.items() if lines])
        allowed = _decided(newest.values(), therapy)
        for row in newest.values():
            expected = prices.get(row.pk) or stored.get(row.pk) or {}
            for line in therapy[row.pk]:
                self._lines[row.claim.patient_id].append(_counted(row, line, expected, allowed))

    def used(self, version: ClaimVersion) -> tuple[TherapyUse, ...]:
        """By year what went before the claim: all that was sent, and of the rest what is earlier."""
        place = (version.date_of_service or date.max, version.control_number)
        sums: dict[int, dict[bool, Decimal]] = defaultdict(lambda: {True: ZERO, False: ZERO})
        for line in self._lines.get(version.claim.patient_id, ()):
            if line.chain != version.claim_id and (line.sent or line.order < place):
                sums[line.order[0].year][line.occupational] += line.amount
        return tuple(
            TherapyUse(year=year, physical_and_speech=amounts[False], occupational=amounts[True])
            for year, amounts in sorted(sums.items())
        )


def is_therapy(line: Line) -> bool:
    return not PLANS.isdisjoint(line.modifiers)


def _payers_that_count() -> list[UUID]:
    """Those of Medicare, whose limit it is."""
    rows = Payer.objects.values_list("pk", "profile")
    return [pk for pk, profile in rows if msgspec.convert(profile, PayerProfile).requires_therapy_modifiers]


def _decided(rows: Iterable[ClaimVersion], therapy: Mapping[UUID, Sequence[Line]]) -> dict[tuple[str, str], Decimal]:
    """By receivable and line what the ledger says was allowed, of the versions that a payer has decided."""
    lines_of: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.state in DECIDED_STATES:
            lines_of[row.claim.bucket].update(line.control_number for line in therapy[row.pk])
    wanted = sorted({line for lines in lines_of.values() for line in lines})
    entries = transfers(line_ids=wanted) if wanted else []
    return {
        (bucket, line): amount
        for bucket, lines in lines_of.items()
        for line, amount in allowed_by_line(entries, bucket).items()
        if line in lines
    }


def _counted(row: ClaimVersion, line: Line, expected: Prices, allowed: Mapping[tuple[str, str], Decimal]) -> _Line:
    if row.state in DECIDED_STATES:
        amount = allowed.get((row.claim.bucket, line.control_number), ZERO)
    else:
        price = expected.get(line.control_number)
        amount = price.allowed if price is not None and price.allowed is not None else ZERO
    on = line.date_from or row.date_of_service or date.max
    return _Line(
        row.claim_id, (on, row.control_number), row.state not in UNSENT, OCCUPATIONAL in line.modifiers, amount
    )
