"""Taking on a practice or a payer, and where a practice stands with its payers, by what a form holds.

As in `office`: each answers the faults, and saves nothing while there are any. The records are saved by `services`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from claimwright.billing import office_setup
from claimwright.billing.payer_starts import STARTS
from claimwright.billing.registration import Fault
from claimwright.edits.payer_profile import TimelyFiling
from claimwright.web.core.locks import one_at_a_time
from claimwright.web.core.services import record_audit
from claimwright.web.exchange.models import Connection
from claimwright.web.practice import office, services
from claimwright.web.practice.models import Enrolment, Payer, Practice, PracticeIdentifier

Faults = tuple[Fault, ...]
FIRST_LOCATION = "MAIN"


@transaction.atomic
def create_practice(*, cells: Mapping[str, str]) -> tuple[Practice | None, Faults]:
    """A practice taken on, its numbers from its first day; with `at_billing_address` also the location MAIN there."""
    (record, start), faults = office_setup.read_new_practice(cells)
    one_at_a_time("take on a practice")  # two who take on the same one: the second is told
    known = PracticeIdentifier.objects.filter(kind="NPI", value=record.provider.npi).select_related("practice").first()
    holder = Practice.objects.filter(npi=record.provider.npi).first() or (known.practice if known else None)
    if record.provider.npi and holder is not None:
        fix = "Open that practice, or compare the NPI with NPPES"
        faults = (*faults, Fault(field="npi", says=f"{holder.name} has or had this NPI", fix=fix))
    if faults:
        return None, faults
    practice = services.save_practice(
        provider=record.provider, start=start, pay_to=record.pay_to, statement_name=record.statement_name,
        statement_phone=record.statement_phone,
    )  # fmt: skip
    if cells.get("at_billing_address"):
        location = services.save_location(practice=practice, code=FIRST_LOCATION, name=practice.name[:60])
        record_audit(action="location.save", subject_type="location", subject_id=location.pk)
    return practice, ()


@transaction.atomic
def create_payer(*, like: str, cells: Mapping[str, str]) -> tuple[Payer | None, Faults]:
    """A payer taken on with the rules of its kind (`like`, of `billing.payer_starts`), under a key that stays."""
    if like not in STARTS:
        return None, (
            Fault(field="like", says="The kind of payer is none of the choices", fix="Choose one of the list"),
        )
    profile = STARTS[like].profile
    one_at_a_time("take on a payer")
    connections = {str(one.pk): one for one in Connection.objects.all()}
    (key, record), faults = office_setup.read_new_payer(
        cells, profile.timely_filing, office.names_taken(Payer()), connections
    )
    if faults:
        return None, faults
    row = services.save_payer(
        key=key, profile=office.profile_with(profile, record), filing_indicator=record.filing_indicator,
        aliases=record.aliases, connection=connections.get(record.connection), usual_pay_days=record.usual_pay_days,
    )  # fmt: skip
    record_audit(action="payer.create", subject_type="payer", subject_id=row.pk, detail=like)
    return row, ()


def new_practice_cells() -> dict[str, str]:
    return {"entity": "organization", "tax_id_kind": "EI", "at_billing_address": "on"}


def new_payer_cells(like: str) -> dict[str, str]:
    """What the law or the trade says for all payers of this kind; KeyError for a kind that there is not."""
    profile = STARTS[like].profile
    return {
        "filing_indicator": (profile.filing_indicators or ("CI",))[0], "usual_pay_days": "21",
        **office.limit_cells(profile.timely_filing or TimelyFiling()), "requires_enrolment": "on" if profile.requires_enrolment else "",
        "appeal_days": "" if profile.appeal_days is None else str(profile.appeal_days), "connection": only_connection(),
    }  # fmt: skip


def only_connection() -> str:
    """The id of the connection in use where there is one and no other."""
    active = list(Connection.objects.filter(active=True).values_list("pk", flat=True)[:2])
    return str(active[0]) if len(active) == 1 else ""


@transaction.atomic
def change_enrolment(
    *, enrolment: Enrolment | None, practice: Practice, cells: Mapping[str, str]
) -> tuple[Enrolment | None, Faults]:
    """A new standing of the practice with a payer, or what became of one; whose and with whom a known one is stays."""
    fixed = enrolment_cells(enrolment) if enrolment else {}
    given = {**cells, **{name: fixed[name] for name in ("payer", "transaction", "npi", "tax_id") if name in fixed}}
    record, faults = office_setup.read_enrolment(given)
    payers = {str(one.pk): one for one in Payer.objects.only("pk", "name")}
    payer = payers.get(given.get("payer", ""))
    if payer is None:
        faults = (*faults, Fault(field="payer", says="The payer is none of the choices", fix="Choose one of the list"))
    elif not faults and enrolment is None:
        same = practice.enrolments.filter(
            payer=payer, transaction=record.transaction, npi=record.npi, tax_id=record.tax_id
        ).exclude(status=Enrolment.Status.TERMED)
        if same.exists():
            faults = (Fault(field="transaction", says="It is listed already", fix="Open and change that row"),)
    if faults or payer is None:
        return None, faults
    row = enrolment or Enrolment(practice=practice, payer=payer, transaction=record.transaction, npi=record.npi, tax_id=record.tax_id)  # fmt: skip
    before = row.status
    row.status, row.start, row.end = record.status, record.start, record.end
    row.payer_number, row.note = record.payer_number, record.note
    row.save()
    moved = f"{before} -> {row.status}" if enrolment and before != row.status else row.status
    record_audit(action="enrolment.save", subject_type="enrolment", subject_id=row.pk, detail=moved)
    return row, ()


def enrolment_cells(enrolment: Enrolment) -> dict[str, str]:
    plain: dict[str, Any] = {
        name: getattr(enrolment, name) for name in ("transaction", "npi", "tax_id", "status", "payer_number", "note")
    }
    days = {name: day.strftime("%m/%d/%Y") if (day := getattr(enrolment, name)) else "" for name in ("start", "end")}
    return {**plain, **days, "payer": str(enrolment.payer_id)}
