"""What a practice holds beside the claim and an edit may ask about: authorizations, papers, notes, history. Rows only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.edits.payer_profile import CodeRange


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the rows: frozen data. Periods run from `start` to before `end`."""


class Authorization(Fact, frozen=True):
    """A referral or a prior authorization as the payer gave it. Units and visits left are None where it has no limit.

    `status`: requested, pended, approved, partial, denied, expired, retro_requested.
    """

    kind: str = "authorization"  # authorization (REF*G1), referral (REF*9F)
    number: str = ""
    payer_id: str = ""
    status: str = "approved"
    codes: tuple[CodeRange, ...] = ()  # none: any service
    diagnoses: tuple[str, ...] = ()
    provider_npis: tuple[str, ...] = ()  # none: any provider of the practice
    places: tuple[str, ...] = ()  # none: any place of service
    units_left: Decimal | None = None
    visits_left: int | None = None
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Document(Fact, frozen=True):
    """A paper on file. `control_number` is PWK06 where it goes with a claim; blank `lines` mean the whole visit."""

    kind: str  # abn, card, consent, referral, note, order, eob, certificate, medical_record ...
    report_type: str = ""  # PWK01
    control_number: str = ""
    lines: tuple[str, ...] = ()  # line control numbers
    signed_on: date | None = None
    received_on: date | None = None
    readable: bool = True


class DocumentedService(Fact, frozen=True):
    """A service that the note says was done."""

    code: str
    units: Decimal = Decimal(1)
    source: str = ""


class EncounterRecord(Fact, frozen=True):
    """What is documented of the visit. `diagnoses` None: the note was not read for them.

    `problems`, `data` and `risk` are the levels of medical decision making: straightforward, low, moderate, high.
    `minutes` is the billing clinician's total time on the day.
    """

    note_signed_on: date | None = None
    diagnoses: frozenset[str] | None = None
    services: tuple[DocumentedService, ...] | None = None
    charged: frozenset[str] = frozenset()  # codes that any claim of the visit charges
    problems: str = ""
    data: str = ""
    risk: str = ""
    minutes: int | None = None
    open_queries: int = 0
    injury_answered: bool = False  # the accident questions were asked: no answer makes the visit an accident
    supervised: bool = False  # billed as incident-to, or by an assistant who needs a supervising physician


class Stay(Fact, frozen=True):
    """A known inpatient stay, from the day of admission to the day of discharge, both included."""

    admitted_on: date
    discharged_on: date | None = None
    facility_npi: str = ""


class RegistryEntry(Fact, frozen=True):
    """What the public registries say of an NPI: NPPES, PECOS ordering and referring, exclusions.

    A deactivation ends before `reactivated_on`, an exclusion before `reinstated_on`; None: it lasts. `ordering` are the
    services of the list of those who may order: PARTB (laboratory, imaging), DME, HHA, PMD, HOSPICE; none: not told.
    """

    npi: str
    entity_type: str = ""  # 1 person, 2 organization
    last_name: str = ""
    first_name: str = ""
    taxonomy: str = ""  # the primary one
    other_taxonomies: tuple[str, ...] = ()
    may_order: bool | None = None  # None: not in the list at hand
    ordering: tuple[str, ...] = ()
    list_of: date | None = None  # the day of the list of those who may order; None: there is none at hand
    deactivated_on: date | None = None
    reactivated_on: date | None = None
    excluded_on: date | None = None
    reinstated_on: date | None = None
    waived_in: str = ""  # a state where the exclusion does not hold

    def is_deactivated(self, on: date) -> bool:
        return _runs(self.deactivated_on, self.reactivated_on, on)

    def is_excluded(self, on: date, state: str = "") -> bool:
        """Whether nothing is paid that they furnish or order on the day, billed from the state."""
        return _runs(self.excluded_on, self.reinstated_on, on) and not (state and state == self.waived_in)


def _runs(start: date | None, end: date | None, on: date) -> bool:
    return start is not None and start <= on and (end is None or on < end)


class LocumPeriod(Fact, frozen=True):
    """A substitute physician's run of days under the same absent physician."""

    rendering_npi: str
    first_day: date


class ExpectedPrice(Fact, frozen=True):
    """What a line should be allowed by contract: None with a reason where it cannot be priced.

    `allowed` is before any lesser-of-charge clause, so that a charge below it shows.
    """

    line_control_number: str
    allowed: Decimal | None = None
    capitated: bool = False
    reason: str = ""


class TherapyUse(Fact, frozen=True):
    """What Medicare has allowed for outpatient therapy in a calendar year before this claim, as the payer or we know it."""

    year: int
    physical_and_speech: Decimal = Decimal("0.00")  # dollars
    occupational: Decimal = Decimal("0.00")  # dollars


class LocalRule(Fact, frozen=True):
    """A rule of the practice, or one learned from denials (PAY11). Every condition given must hold; none given holds.

    `severity` is W, H or R. `modifiers_any`: the line has one of them; `modifiers_none`: it has none of them.
    """

    id: str
    text: str
    fix: str = ""
    severity: str = "H"
    payer_ids: tuple[str, ...] = ()
    codes: tuple[CodeRange, ...] = ()
    modifiers_any: tuple[str, ...] = ()
    modifiers_none: tuple[str, ...] = ()
    diagnoses_any: tuple[str, ...] = ()  # codes or their first characters
    diagnoses_none: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()  # taxonomy codes of the rendering provider
    states: tuple[str, ...] = ()
    youngest: int | None = None
    oldest: int | None = None
    units_over: Decimal | None = None
    missing: str = ""  # a field of the claim that must be given: prior_authorization, referral ...
    start: date | None = None
    end: date | None = None
    source: str = ""

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)
