"""What only a dental claim tells (837D, ADA form): teeth, appliances, orthodontics, predetermination."""

from __future__ import annotations

from datetime import date

from claimwright.claims.basis import Noun, Provider


class Tooth(Noun, frozen=True):
    """A tooth treated, and its surfaces B D F I L M O: TOO."""

    number: str = ""  # universal national tooth designation: 1-32, A-T
    surfaces: tuple[str, ...] = ()


class ToothStatus(Noun, frozen=True):
    """A tooth that is missing (M) or is to be extracted (E): DN2."""

    number: str = ""
    status: str = ""


class Dental(Noun, frozen=True):
    """The dental part of a claim."""

    orthodontic: bool = False  # DN104 Y: orthodontic, though the months are not given
    orthodontic_months_total: int | None = None  # DN101
    orthodontic_months_remaining: int | None = None  # DN102
    tooth_statuses: tuple[ToothStatus, ...] = ()
    appliance_placement_date: date | None = None  # DTP*452
    service_from: date | None = None  # DTP*472, where it is the same for all lines
    service_through: date | None = None  # None for a single day
    predetermination: bool = False  # CLM19 PB: a request for an estimate, nothing was done
    predetermination_number: str = ""  # REF*G3
    primary_care: Provider | None = None  # 2310A P3
    assistant_surgeon: Provider | None = None  # 2310D


class DentalLine(Noun, frozen=True):
    """The dental part of a line."""

    teeth: tuple[Tooth, ...] = ()
    oral_cavity_areas: tuple[str, ...] = ()  # SV304: 00 01 02 09 10 20 30 40 L R, at most 5
    prosthesis: str = ""  # SV305: I initial, R replacement
    prior_placement_date: date | None = None  # DTP*441
    prior_placement_is_estimated: bool = False  # DTP*139 in place of 441
    appliance_placement_date: date | None = None  # DTP*452
    replacement_date: date | None = None  # DTP*446
    treatment_start_date: date | None = None  # DTP*196
    treatment_completion_date: date | None = None  # DTP*198
    predetermination_number: str = ""  # REF*G3
    assistant_surgeon: Provider | None = None  # 2420B
