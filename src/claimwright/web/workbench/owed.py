"""What a patient owes as people speak of it: what was done on which day, line by line or visit by visit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.patient import PatientLine
from claimwright.web.charges.models import ChargeLine
from claimwright.web.practice.models import Charge


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A line, or a visit's lines together; `visit` is empty for fees on the account."""

    line_id: str
    visit: str
    on: date
    service: str
    balance: Decimal


def services_of(line_ids: Iterable[str]) -> dict[str, str]:
    """What each line was: its code and the practice's own words for it, the newest price row's."""
    codes = dict(ChargeLine.objects.filter(line_id__in=set(line_ids)).values_list("line_id", "code"))
    prices = Charge.objects.filter(code__in=set(codes.values()), modifier="").exclude(description="").order_by("start")
    words = dict(prices.values_list("code", "description"))
    return {line: f"{code} {words.get(code, '')}".strip() for line, code in codes.items()}


def owed_lines(lines: Iterable[PatientLine]) -> list[Owed]:
    """Each line with what was done, in the order of their days."""
    wanted = list(lines)
    services = services_of(line.line_id for line in wanted)
    return [
        Owed(
            line_id=line.line_id, visit=str(line.chain_id or ""), on=line.date_of_service, balance=line.balance,
            service=services.get(line.line_id, "") if line.chain_id else "Fees on the account",
        )
        for line in sorted(wanted, key=lambda line: (line.date_of_service, line.line_id))
    ]  # fmt: skip


def owed_visits(lines: Iterable[PatientLine]) -> list[Owed]:
    """One row a visit, in the order of their days: a plan takes a visit whole."""
    visits: dict[str, list[Owed]] = {}
    for one in owed_lines(lines):
        visits.setdefault(one.visit, []).append(one)
    return [_together(parts) for parts in visits.values()]


def _together(parts: Sequence[Owed]) -> Owed:
    services = "; ".join(dict.fromkeys(one.service for one in parts))
    balance = sum((one.balance for one in parts), Decimal("0.00"))
    return msgspec.structs.replace(parts[0], service=services, balance=balance)
