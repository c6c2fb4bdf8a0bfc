"""The maps of an interface as the readers take them, and its held charges read again with the maps of today."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from claimwright.claims.from_hl7.hearing import DFT, header_of, hear, parse
from claimwright.claims.from_hl7.reading import pieces
from claimwright.claims.interface_maps import InterfaceMaps, Place
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import IntakeProblem, IntakeResult
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.services import code_map_of
from claimwright.web.exchange.models import InboxFile
from claimwright.web.operations.interface_models import Interface, InterfaceCharge, InterfaceCode
from claimwright.web.practice.models import Location, Practice
from claimwright.web.practice.selectors import payer_nouns, provider_nouns

LATER = "+"  # between the id of a visit and the number of a further lot of its charges


def maps_of(interface: Interface) -> InterfaceMaps:
    """Ids that this interface's table knows, and under them what the practice calls its own records everywhere."""
    rows: dict[str, dict[str, str]] = {kind: {} for kind in InterfaceCode.Kind.values}
    for row in interface.codes.all():
        rows[row.kind][row.theirs.upper()] = row.ours
    known, payers, places = provider_nouns(), payer_nouns(), _places(interface.practice)
    theirs = rows["provider"]
    providers = {name.upper(): noun for name, noun in known.items()}
    providers |= {name: known[npi] for name, npi in theirs.items() if npi in known}
    return InterfaceMaps(
        name=interface.name, code_map=code_map_of(interface.name), providers=providers,
        places={code.upper(): place for code, place in places.items()}
        | {name: places[code] for name, code in rows["location"].items() if code in places},
        payers={name: payers[key] for name, key in rows["payer"].items() if key in payers},
        visit_types=rows["visit_type"], billing_npi=interface.practice.npi if interface.practice else "",
        takes_test=interface.takes_test,
    )  # fmt: skip


def maps_named(name: str) -> InterfaceMaps | None:
    """The maps of the interface of that name; None where no interface has it (files brought by hand)."""
    found = Interface.objects.select_related("practice").filter(name=name).first()
    return maps_of(found) if found is not None else None


def _places(practice: Practice | None) -> dict[str, Place]:
    rows = Location.objects.filter(practice=practice) if practice is not None else ()
    return {
        row.code: Place(
            code=row.code, place_of_service=row.place_of_service,
            facility=msgspec.convert(row.content, ProviderNoun) if row.content else None,
        )
        for row in rows
    }  # fmt: skip


def read_charges_again(file: InboxFile, rows: Iterable[Encounter], name: str) -> IntakeResult:
    """The held encounters of an HL7 file from its bytes, without charges that have become lines of another visit."""
    maps = maps_named(name)
    if maps is None:
        return IntakeResult()
    content = bytes(file.content)
    held = {row.external_id: row for row in rows}
    encounters: list[EncounterNoun] = []
    problems: list[IntakeProblem] = []
    for start, end in pieces(content):
        message = parse(content[start:end], file.name)
        if isinstance(message, IntakeProblem) or header_of(message).kind != DFT:
            continue
        heard = hear(message, maps)
        if heard.encounter is None:
            continue
        noun = heard.encounter
        row = next((one for key, one in held.items() if key.split(LATER)[0] == noun.external_id[:200]), None)
        if row is None:
            continue
        named = msgspec.structs.replace(noun, external_id=row.external_id)
        encounters.append(without_charged(named, heard.charge_ids, name, row))
        problems += [msgspec.structs.replace(one, encounter=row.external_id) for one in heard.problems if one.encounter]
        if LATER in row.external_id:
            problems.append(late_charges(row.external_id, file.name))
    return IntakeResult(encounters=tuple(encounters), problems=tuple(problems))


def without_charged(
    noun: EncounterNoun, charge_ids: tuple[str, ...], name: str, own: Encounter | None = None
) -> EncounterNoun:
    """The encounter without lines whose charge id has become a line of another visit."""
    rows = InterfaceCharge.objects.filter(interface__name=name, charge_id__in=[one[:199] for one in charge_ids if one])
    taken = set((rows.exclude(encounter=own) if own is not None else rows).values_list("charge_id", flat=True))
    kept = [line for line, one in zip(noun.lines, charge_ids, strict=False) if not one or one[:199] not in taken]
    return msgspec.structs.replace(
        noun, lines=tuple(msgspec.structs.replace(line, number=number) for number, line in enumerate(kept, 1))
    )


def late_charges(external_id: str, place: str) -> IntakeProblem:
    """Further charges of a visit that is charged: a second claim for it would be refused as a duplicate."""
    return IntakeProblem(
        code="LATE_CHARGE", place=place, message="More charges came for a visit that has been charged",
        fix="Add them to the claim by a correction, or finish this visit by hand to bill them by themselves",
        encounter=external_id,
    )  # fmt: skip
