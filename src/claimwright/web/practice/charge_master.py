"""The practice's prices from a file: checked whole, shown, accepted by a person; what was charged stays."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

import msgspec
from django.db import transaction

from claimwright.billing.charge_master import Price, PriceFile, PricePlan, plan_prices, read_prices
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.practice.models import Charge, ChargeMasterImport, Practice

MOST_BYTES = 20 * 1024 * 1024


class ImportRefused(ValueError):
    """A file or a decision that is not taken; the text says why and what to do."""


def held_prices(practice: Practice) -> list[Price]:
    return [
        Price(
            key=str(row.pk), code=row.code, modifier=row.modifier, amount=row.amount, start=row.start, end=row.end,
            description=row.description,
        )
        for row in Charge.objects.filter(practice=practice).order_by("code", "modifier", "start")
    ]  # fmt: skip


def plan_of(*, practice: Practice, file: PriceFile, whole: bool = False, ends_on: date | None = None) -> PricePlan:
    """What the file would do to the prices as they are now."""
    return plan_prices(held_prices(practice), file.prices, whole=whole, ends_on=ends_on)


def apply_plan(*, practice: Practice, plan: PricePlan) -> None:
    for key, end in plan.closed:
        Charge.objects.filter(practice=practice, pk=UUID(key)).update(end=end)
    Charge.objects.bulk_create(
        [
            Charge(
                practice=practice, code=price.code, modifier=price.modifier, amount=price.amount, start=price.start,
                end=price.end, description=price.description,
            )
            for price in plan.made
        ],
        batch_size=2000,
    )  # fmt: skip


def fingerprint(plan: PricePlan) -> str:
    """Changes when anything of the plan does: what a person accepts is what a person saw."""
    return hashlib.sha256(msgspec.json.encode((plan.changes, plan.closed, plan.made))).hexdigest()


@transaction.atomic
def check_file(
    *, practice: Practice, name: str, content: bytes, start: date | None = None, whole: bool = False,
    ends_on: date | None = None,
) -> ChargeMasterImport:  # fmt: skip
    """Keep the file with all that is wrong with it, or ready to be accepted. No price changes.

    Raises ImportRefused for a file too large, or a whole charge master without the day on which the rest ends.
    """
    if len(content) > MOST_BYTES:
        raise ImportRefused("The file is larger than 20 MB: split it")
    if whole and ends_on is None:
        raise ImportRefused("Say from which day the prices that the file lacks end")
    file = read_prices(content, name=name, start=start)
    plan = plan_of(practice=practice, file=file, whole=whole, ends_on=ends_on)
    problems = [*file.problems, *plan.problems]
    blocked = any(problem.blocks for problem in problems)
    made = ChargeMasterImport.objects.create(
        practice=practice, name=name[:255], sha256=hashlib.sha256(content).hexdigest(), content=content, whole=whole,
        ends_on=ends_on, state=ChargeMasterImport.State.REFUSED if blocked else ChargeMasterImport.State.CHECKED,
        problems=msgspec.to_builtins(problems), uploaded_by=actor(), uploaded_on=clock.today(),
        changed={"fingerprint": fingerprint(plan), "start": start.isoformat() if start else ""},
    )  # fmt: skip
    record_audit(
        action="charge_master.check", subject_type="practice", subject_id=practice.pk,
        detail=f"{made.pk} {made.state} {made.sha256}",
    )  # fmt: skip
    return made


def preview(made: ChargeMasterImport) -> tuple[PriceFile, PricePlan]:
    """The file and what it would do now."""
    text = str(made.changed.get("start", ""))
    start = date.fromisoformat(text) if text else None
    file = read_prices(bytes(made.content), name=made.name, start=start)
    plan = plan_of(practice=made.practice, file=file, whole=made.whole, ends_on=made.ends_on)
    return file, plan


@transaction.atomic
def accept_import(*, made: ChargeMasterImport, seen: str) -> ChargeMasterImport:
    """Make the prices so. `seen` is the fingerprint of the preview the person saw. Again is once.

    Raises ImportRefused where prices changed since, or the file was refused or discarded.
    """
    Practice.objects.select_for_update().get(pk=made.practice_id)
    made.refresh_from_db(from_queryset=ChargeMasterImport.objects.select_for_update())
    if made.state == ChargeMasterImport.State.ACCEPTED:
        return made
    if made.state != ChargeMasterImport.State.CHECKED:
        raise ImportRefused("The file was refused or discarded: upload it again")
    _, plan = preview(made)
    if plan.problems or fingerprint(plan) != seen:
        raise ImportRefused("Prices were changed since you looked: look at the preview again, then accept")
    apply_plan(practice=made.practice, plan=plan)
    made.state, made.decided_by, made.decided_on = ChargeMasterImport.State.ACCEPTED, actor(), clock.today()
    made.changed = {
        **made.changed, **{kind: plan.count(kind) for kind in ("added", "changed", "ended")}, "unchanged": plan.unchanged,
    }  # fmt: skip
    made.save(update_fields=["state", "decided_by", "decided_on", "changed"])
    record_audit(
        action="charge_master.accept", subject_type="practice", subject_id=made.practice_id,
        detail=f"{made.pk} {plan.count('added')} added {plan.count('changed')} changed {plan.count('ended')} ended",
    )  # fmt: skip
    return made


def discard_import(*, made: ChargeMasterImport) -> None:
    if made.state in (ChargeMasterImport.State.CHECKED, ChargeMasterImport.State.REFUSED):
        made.state, made.decided_by, made.decided_on = ChargeMasterImport.State.DISCARDED, actor(), clock.today()
        made.save(update_fields=["state", "decided_by", "decided_on"])
        record_audit(action="charge_master.discard", subject_type="practice", subject_id=made.practice_id)
