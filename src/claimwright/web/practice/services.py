"""Setting up a practice: who bills, under which identifiers when, who renders, where, whom it bills, for how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Q

from claimwright.billing.charge_master import read_prices
from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.edits.payer_profile import PayerProfile
from claimwright.web.core.services import record_audit
from claimwright.web.exchange.models import Connection
from claimwright.web.practice.models import Charge, Location, Payer, Practice, PracticeIdentifier, Provider


class ChargeMasterRefused(ValueError):
    """A charge master file that is not taken; the text names the row and the column."""


def save_practice(
    *,
    provider: ProviderNoun,
    start: date,
    pay_to: Address | None = None,
    statement_name: str = "",
    statement_phone: str = "",
) -> Practice:
    """The billing entity, found by its NPI, with its identifiers from `start` on. Again with the same changes nothing."""
    practice, made = Practice.objects.update_or_create(
        npi=provider.npi,
        defaults={
            "name": provider.name[:120], "tax_id": provider.tax_id, "content": msgspec.to_builtins(provider),
            "pay_to_address": msgspec.to_builtins(pay_to) if pay_to else None,
            "statement_name": statement_name or provider.name[:120],
            "statement_phone": statement_phone or provider.phone,
        },
    )  # fmt: skip
    for kind, value in (("NPI", provider.npi), (provider.tax_id_qualifier, provider.tax_id)):
        if value:
            PracticeIdentifier.objects.get_or_create(
                practice=practice, kind=kind, value=value, defaults={"start": start}
            )
    if made:
        record_audit(action="practice.create", subject_type="practice", subject_id=practice.pk)
    return practice


def replace_identifier(*, practice: Practice, kind: str, value: str, start: date) -> PracticeIdentifier:
    """The practice has another NPI, TIN or CLIA number from `start` on; the old one stays, closed, for earlier dates."""
    kinds = (kind,) if kind in ("NPI", "CLIA") else ("EI", "SY")
    running = practice.identifiers.filter(Q(end__isnull=True) | Q(end__gt=start), kind__in=kinds, start__lt=start)
    running.update(end=start)
    row = PracticeIdentifier.objects.create(practice=practice, kind=kind, value=value, start=start)
    record_audit(action="practice.identifier", subject_type="practice", subject_id=practice.pk, detail=kind)
    return row


def save_provider(*, provider: ProviderNoun, practice: Practice | None = None, aliases: Sequence[str] = ()) -> Provider:
    """A person who renders, refers or supervises; `aliases` are the ids that interfaces know them by."""
    row, _ = Provider.objects.update_or_create(
        npi=provider.npi,
        defaults={
            "name": provider.name[:120], "content": msgspec.to_builtins(provider), "practice": practice,
            "aliases": list(aliases),
        },
    )  # fmt: skip
    return row


def save_location(
    *, practice: Practice, code: str, name: str, place_of_service: str = "11", facility: ProviderNoun | None = None
) -> Location:
    """A place of care by the key interfaces use. Without `facility` it is the billing address itself."""
    row, _ = Location.objects.update_or_create(
        practice=practice, code=code,
        defaults={
            "name": name, "place_of_service": place_of_service,
            "content": msgspec.to_builtins(facility) if facility else {},
        },
    )  # fmt: skip
    return row


def save_payer(
    *,
    key: str,
    profile: PayerProfile,
    filing_indicator: str = "",
    aliases: Sequence[str] = (),
    connection: Connection | None = None,
    usual_pay_days: int = 21,
) -> Payer:
    """A payer with its rules. `key` is what registration files call it, `aliases` any other id or name it goes by."""
    row, _ = Payer.objects.update_or_create(
        key=key,
        defaults={
            "name": profile.name, "payer_id": profile.payer_id, "kind": profile.kind, "aliases": list(aliases),
            "filing_indicator": filing_indicator or (profile.filing_indicators or ("CI",))[0],
            "profile": msgspec.to_builtins(profile), "connection": connection, "usual_pay_days": usual_pay_days,
        },
    )  # fmt: skip
    return row


def set_price(
    *, practice: Practice, code: str, amount: Decimal, start: date, modifier: str = "", description: str = ""
) -> Charge:
    """What a code costs from `start` on. The price before ends there; what was charged under it stays."""
    same = Charge.objects.filter(practice=practice, code=code, modifier=modifier)
    row = same.filter(start=start).first()
    if row is not None and row.amount == amount:
        return row
    if row is not None:
        raise ChargeMasterRefused("another price of this code begins on the same day: let the new one begin later")
    later = same.filter(start__gt=start).order_by("start").first()
    same.filter(Q(end__isnull=True) | Q(end__gt=start), start__lt=start).update(end=start)
    return Charge.objects.create(
        practice=practice, code=code, modifier=modifier, amount=amount, start=start,
        end=later.start if later else None, description=description[:80],
    )  # fmt: skip


def load_charge_master(*, practice: Practice, content: bytes) -> int:
    """Prices from a CSV or Excel file taken at once, without a look before: for setting a practice up. Says how many rows.

    All or nothing: raises ChargeMasterRefused with row and column of the first wrong cell.
    """
    from claimwright.web.practice.charge_master import apply_plan, plan_of

    file = read_prices(content, name="")
    plan = plan_of(practice=practice, file=file)
    faults = [problem for problem in (*file.problems, *plan.problems) if problem.blocks]
    if faults:
        raise ChargeMasterRefused(f"{faults[0].place}: {faults[0].message}. {faults[0].fix}")
    apply_plan(practice=practice, plan=plan)
    record_audit(
        action="practice.charge_master", subject_type="practice", subject_id=practice.pk,
        detail=f"{len(file.prices)} rows",
    )  # fmt: skip
    return len(file.prices)
