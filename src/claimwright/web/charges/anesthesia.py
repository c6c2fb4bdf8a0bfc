"""When anesthesia began and ended: the minutes of a visit, and the cases that one provider had at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Min

from claimwright.codes.identifiers import Npi
from claimwright.coding import anesthesia
from claimwright.coding.anesthesia import Case
from claimwright.web.charges.models import AnesthesiaTime, Encounter
from claimwright.web.charges.visits import VisitRefused
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_tenant

LONGEST = timedelta(hours=24)
Stretch = tuple[str, datetime, datetime]  # NPI, start, stop; moments with a time zone


def document_anesthesia(*, encounter: Encounter, stretches: Iterable[Stretch]) -> int:
    """The anesthesia times of a visit, instead of those known before; answers with the minutes, overlaps counted once.

    Raises VisitRefused for a stretch that is none, or not of the visit's days; nothing changes then.
    """
    rows = [_row(encounter, *stretch) for stretch in dict.fromkeys(stretches)]
    AnesthesiaTime.objects.filter(encounter=encounter).delete()
    AnesthesiaTime.objects.bulk_create(rows)
    record_audit(
        action="encounter.anesthesia",
        subject_type="encounter",
        subject_id=encounter.pk,
        detail=f"{len(rows)} stretches",
    )
    return anesthesia.minutes((row.started_at, row.stopped_at) for row in rows)


def _row(encounter: Encounter, npi: str, start: datetime, stop: datetime) -> AnesthesiaTime:
    if not Npi(npi).is_valid:
        raise VisitRefused("provider: name who gave or directed the anesthesia by a valid NPI")
    if not start < stop <= start + LONGEST:
        raise VisitRefused("stop: anesthesia ends after it begins and within 24 hours; correct the day or the time")
    on = start.astimezone(ZoneInfo(current_tenant().time_zone)).date()
    first, last = encounter.date_from, encounter.date_to or encounter.date_from
    if first is not None and last is not None and not first <= on <= last:
        raise VisitRefused("start: it is not on a day of the visit; correct the time or the visit")
    return AnesthesiaTime(encounter=encounter, provider_npi=npi, started_at=start, stopped_at=stop)


def stretches_of(encounter: Encounter) -> list[Stretch]:
    rows = AnesthesiaTime.objects.filter(encounter=encounter).order_by("started_at", "provider_npi")
    return list(rows.values_list("provider_npi", "started_at", "stopped_at"))


def cases_beside(encounters: Collection[UUID]) -> tuple[Case, ...]:
    """The stretches of these visits and all others that their providers had in the same span. A case is a visit's id.

    Of all practices of the tenant: a provider is in one place at a time. () where no time was recorded.
    """
    own = AnesthesiaTime.objects.filter(encounter_id__in=encounters)
    npis = set(own.values_list("provider_npi", flat=True))
    if not npis:
        return ()
    span = own.aggregate(first=Min("started_at"), last=Max("stopped_at"))
    rows = AnesthesiaTime.objects.filter(
        provider_npi__in=npis, started_at__lt=span["last"], stopped_at__gt=span["first"]
    ).order_by("started_at", "pk")
    return tuple(
        Case(case=str(encounter), provider_npi=npi, start=start, stop=stop)
        for encounter, npi, start, stop in rows.values_list("encounter_id", "provider_npi", "started_at", "stopped_at")
    )
