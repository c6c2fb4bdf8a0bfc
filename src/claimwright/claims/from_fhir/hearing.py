"""A FHIR R4 bundle to all that it says: people with their covers, appointments, visits, proposed charges.

Bundles of type transaction, collection, message, batch, searchset and document are read alike: by what stands in them.
No reference is ever fetched: what is neither contained nor in the bundle is a problem with its JSON path.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from claimwright.claims.appointments import ScheduleRead
from claimwright.claims.from_fhir.appointments import read_appointments
from claimwright.claims.from_fhir.bundles import Interface, read_bundle
from claimwright.claims.from_fhir.claims import both, read_claims
from claimwright.claims.from_fhir.people import coverages_of, patient_of
from claimwright.claims.from_fhir.reading import Index, Resource, child, items, text
from claimwright.claims.interface_maps import InterfaceMaps
from claimwright.claims.nouns import Coverage, Encounter, IntakeProblem, IntakeResult, Patient

READ = ("Patient", "Coverage", "Appointment", "Encounter", "Claim")  # the others only stand beside these
# References that must lead to something inside: resource, members.
NEEDED = {
    "Coverage": ("beneficiary", "payor", "subscriber"),
    "Encounter": ("subject",), "Claim": ("patient",), "ChargeItem": ("subject",),
}  # fmt: skip
WRONG_OPERATIONS = ("DELETE",)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    patient: Patient
    coverages: tuple[Coverage, ...] = ()
    place: str = ""


class HeardBundle(msgspec.Struct, frozen=True, kw_only=True):
    """What one bundle says. `control_id` is its own identifier, "" where it has none."""

    control_id: str = ""
    sender: str = ""
    stamp: str = ""
    people: tuple[Person, ...] = ()
    schedule: ScheduleRead = ScheduleRead()
    visits: IntakeResult = IntakeResult()
    charge_ids: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (encounter's external id, ids of its ChargeItems)
    problems: tuple[IntakeProblem, ...] = ()

    @property
    def says_nothing(self) -> bool:
        return not (self.people or self.schedule.appointments or self.schedule.problems or self.visits.encounters
                    or self.visits.problems)  # fmt: skip


def is_bundle(data: bytes) -> bool:
    """Whether bytes look like a FHIR bundle: JSON with that resource type. Never raises."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and b'"Bundle"' in data and b'"resourceType"' in data


def sender_of(bundle: Resource) -> tuple[str, str, str]:
    """(sender, control id, stamp): the MessageHeader's source and id, else the bundle's identifier or id."""
    header = next(
        (
            one
            for entry in items(bundle, "entry")[:1]
            if text(one := child(entry, "resource"), "resourceType") == "MessageHeader"
        ),
        {},
    )
    source = child(header, "source")
    sender = text(source, "name") or text(source, "endpoint") or text(child(bundle, "meta"), "source")
    control = text(header, "id") or text(child(bundle, "identifier"), "value") or text(bundle, "id")
    return sender[:80], control[:199], text(bundle, "timestamp")[:40]


def hear_bundle(bundle: Resource, interface: Interface, *, on: date, name: str = "") -> HeardBundle:
    """All that a parsed bundle says. `on` is the day on which covers of people without a visit must be in force."""
    index = Index(bundle)
    sender, control, stamp = sender_of(bundle)
    visits = read_visits(bundle, interface)
    schedule = read_appointments(bundle, name=name) if index.of_type("Appointment") else ScheduleRead()
    problems = tuple(_unresolved(index)) + tuple(_wrong(bundle))
    charges = tuple((one.external_id, ids) for one in visits.encounters if (ids := _charge_ids(index, one)))
    return HeardBundle(
        control_id=control, sender=sender, stamp=stamp, people=tuple(_people(index, interface.maps, on)),
        schedule=schedule, visits=visits, charge_ids=charges, problems=problems,
    )  # fmt: skip


def read_visits(bundle: Resource, interface: Interface) -> IntakeResult:
    """Finished Encounters, and Claims that stand for visits of their own, by the interface's maps."""
    found = both(read_bundle(bundle, interface), read_claims(Index(bundle), interface))
    if interface.maps is None:
        return found
    maps = interface.maps
    return msgspec.structs.replace(found, encounters=tuple(_with_payers(one, maps) for one in found.encounters))


def _with_payers(encounter: Encounter, maps: InterfaceMaps) -> Encounter:
    return msgspec.structs.replace(encounter, coverages=mapped_covers(encounter.coverages, maps))


def mapped_covers(coverages: tuple[Coverage, ...], maps: InterfaceMaps) -> tuple[Coverage, ...]:
    """The covers with our payers in place of the sender's."""
    return tuple(
        msgspec.structs.replace(one, payer=known)
        if (known := maps.payer(one.payer.payer_id, one.payer.name)) is not None
        else one
        for one in coverages
    )


def _people(index: Index, maps: InterfaceMaps | None, on: date) -> Iterator[Person]:
    for resource in index.of_type("Patient"):
        if resource.get("active") is False:
            continue
        patient = patient_of(resource)
        covers = tuple(coverages_of(index, resource, patient, on, 0))
        place = f"Patient/{text(resource, 'id')}"
        yield Person(patient=patient, coverages=mapped_covers(covers, maps) if maps else covers, place=place)


def _unresolved(index: Index) -> Iterator[IntakeProblem]:
    """References that lead out of the bundle, where what they lead to is needed."""
    for kind, members in NEEDED.items():
        for resource in index.of_type(kind):
            for member in members:
                for at, reference in enumerate(items(resource, member)):
                    target = text(reference, "reference")
                    if not target or index.resolve(resource, reference) is not None:
                        continue
                    if member == "payor" and text(reference, "display"):
                        continue  # its name is told, and finds the payer
                    where = f"{member}[{at}]" if isinstance(resource.get(member), list) else member
                    yield IntakeProblem(
                        code="UNRESOLVED_REFERENCE", place=f"{kind}/{text(resource, 'id')}.{where}",
                        message="It refers to something that is not in the bundle; nothing outside it is fetched",
                        fix="Ask the sender to put what it refers to into the bundle", blocks=False,
                    )  # fmt: skip


def _wrong(bundle: Resource) -> Iterator[IntakeProblem]:
    """A transaction that would delete: nothing is deleted because an interface says so."""
    for at, entry in enumerate(items(bundle, "entry")):
        if text(child(entry, "request"), "method").upper() in WRONG_OPERATIONS:
            yield IntakeProblem(
                code="DELETE_ASKED", place=f"Bundle.entry[{at}].request", message="The sender asks to delete a resource",
                fix="Find what is meant: correct or void it by hand, then close this", blocks=False,
            )  # fmt: skip


def _charge_ids(index: Index, encounter: Encounter) -> tuple[str, ...]:
    """The ids of the ChargeItems that were read for this encounter: none is charged twice."""
    found = []
    for resource in index.of_type("Encounter"):
        own = {text(one, "value") for one in items(resource, "identifier")} | {text(resource, "id")}
        if not own & set(encounter.external_id.split("|")):
            continue
        for item in index.of_type("ChargeItem"):
            if index.resolve(item, item.get("context") or item.get("encounter")) is resource and text(item, "id"):
                given = next((one for one in items(item, "identifier") if text(one, "value")), {})
                found.append(f"{text(given, 'system')}|{text(given, 'value') or text(item, 'id')}")
    return tuple(dict.fromkeys(found))
