"""The front desk: registrations and the superbill in, the payers' own member lists, copays, a damaged file now and then."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from claimwright.simulation.clearinghouse import Member
from claimwright.simulation.year.desks import cashier
from claimwright.simulation.year.offices import PAYERS
from claimwright.simulation.year.people import Person
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.charges.entry import entered_visit, save_visit
from claimwright.web.charges.models import Encounter
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.services import store_received
from claimwright.web.operations import intake
from claimwright.web.operations.entry import bill_visit
from claimwright.web.payments import services as money
from claimwright.web.practice.models import Location
from claimwright.web.submissions.models import ClaimVersion

UNKNOWN_TO_THE_PAYER = Decimal("0.006")
CROSSED_OVER = Decimal("0.5")  # of Medicare's members with a second payer
COPAY, COPAY_SHARE = Decimal("25.00"), Decimal("0.30")


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    superbill, registrations, fresh = place.front_desk.day(day)
    _enrol(place, fresh)
    with tenant_scope(place.tenant), acting_as("front desk"):
        if registrations:
            file = store_received(source="front desk", name=f"registration-{day}.csv", content=registrations)
            intake.load_registration_csv(file=file, practice=place.practice)
        file = store_received(source="csv", name=f"superbill-{day}.csv", content=superbill)
        report = intake.take_in_csv(file=file, practice=place.practice, partial=True)
        # The same file by a second hand: it must change nothing.
        again = store_received(source="csv", name=f"superbill-{day}.csv", content=superbill)
        repeated = intake.take_in_csv(file=again, practice=place.practice, partial=True)
    counts["encounters"], counts["claims"] = report.encounters, report.claims
    counts["repeated encounters"] = repeated.encounters
    counts["self-pay visits"] = _bill_patients(place)
    counts["copays"] = _copays(place, day)
    return counts


def _enrol(place: Workplace, fresh: list[Person]) -> None:
    """The payers know their members, all but a few."""
    members = place.front_desk.members
    for person in fresh:
        crossed = (
            len(person.covers) > 1
            and person.covers[0]["payer"] == "medicare"
            and place.chance("crossover", person.record_number) < CROSSED_OVER
        )
        for at, cover in enumerate(person.covers):
            if place.chance("unknown member", cover["member_id"]) < UNKNOWN_TO_THE_PAYER:
                continue
            second = person.covers[1] if crossed and at == 0 else None
            members.append(
                Member(
                    member_id=cover["member_id"], payer=PAYERS[cover["payer"]].sandbox_id,
                    crossover_to=PAYERS[second["payer"]].sandbox_id if second else "",
                    crossover_member_id=second["member_id"] if second else "",
                )
            )  # fmt: skip
    if fresh:
        place.clearinghouse.enrol(members)


def _bill_patients(place: Workplace) -> int:
    """Visits held because no insurance is known: the patient pays, and the visit is billed so."""
    done = 0
    with tenant_scope(place.tenant), acting_as("front desk"):
        location = Location.objects.get(practice=place.practice, code="main")
        held = Encounter.objects.filter(state=Encounter.State.HELD, reason__startswith="NO_COVERAGE")
        for row in held.select_related("patient").order_by("external_id"):
            key = f"self-pay:{row.external_id}"
            saved = save_visit(
                patient=row.patient, visit=entered_visit(row), location=location, finished=True, key=key,
                reason="no insurance: the patient pays", self_pay=True, encounter=row,
            )  # fmt: skip
            bill_visit(encounter=saved)
            done += saved.state != Encounter.State.HELD
    return done


def _copays(place: Workplace, day: date) -> int:
    """Taken at the visit: money that waits as credit until the payer has decided."""
    done = 0
    with tenant_scope(place.tenant), acting_as("front desk"):
        rows = ClaimVersion.objects.filter(
            created_on=day, number=1, claim__sequence="P", claim__payer__kind="commercial"
        )
        for version in rows.select_related("claim__patient", "claim__encounter").order_by("control_number"):
            if place.chance("copay", version.control_number) < COPAY_SHARE:
                receipt = money.receive_patient_payment(
                    patient=version.claim.patient, practice=place.practice, amount=COPAY, method="card",
                    key=f"copay:{version.claim.encounter_id}", encounter=version.claim.encounter, apply=False,
                )  # fmt: skip
                cashier.in_batch(receipt, day)
                done += 1
    return done
