"""Who is who in an inquiry, an answer, an authorization or an enrolment, and the small data they share.

One shape serves every NM1 and N1 of the non-claim transactions: the role says what the party is there. Codes and
identifiers are kept as they came; wire positions stand beside fields.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.basis import Address, Diagnosis, Noun

MEMBER_QUALIFIERS = ("MI", "II", "ZZ")


class Reference(Noun, frozen=True):
    """One REF: 1L group or policy, 6P group, EJ patient account, 1K payer claim number, G1 authorization ..."""

    qualifier: str = ""  # REF01
    value: str = ""  # REF02
    description: str = ""  # REF03
    related: tuple[tuple[str, str], ...] = ()  # REF04: up to three further (qualifier, value)


class ContactPoint(Noun, frozen=True):
    """One PER: whom to ask, and how. `numbers` are (TE telephone, EM e-mail, FX, UR, EX extension ..., number)."""

    function: str = "IC"  # PER01
    name: str = ""  # PER02
    numbers: tuple[tuple[str, str], ...] = ()  # PER03-08, at most three

    def number(self, qualifier: str) -> str:
        """The first number of that kind, "" when there is none."""
        return next((number for kind, number in self.numbers if kind == qualifier), "")


class Trace(Noun, frozen=True):
    """One TRN: the number by which an answer finds its question."""

    kind: str = ""  # TRN01: 1 of this transaction, 2 of the one it answers
    number: str = ""  # TRN02
    originator: str = ""  # TRN03
    division: str = ""  # TRN04


class Period(Noun, frozen=True):
    """One DTP: what the day means, and the day. `end` is None for a single day and inclusive for a range."""

    qualifier: str = ""  # DTP01: 291 plan, 348 benefit begin, 472 service ...
    start: date | None = None
    end: date | None = None
    time: str = ""  # HHMM, of a DT only


class Rejection(Noun, frozen=True):
    """One AAA: why a request was not answered, and what the sender shall do."""

    level: str = ""  # source, payer, receiver, subscriber, dependent, benefit, event, service, provider
    valid: str = ""  # AAA01: Y the request was well formed, N it was not
    reason: str = ""  # AAA03: 72 invalid member id, 75 subscriber not found ...
    follow_up: str = ""  # AAA04: C correct and resubmit, N no resubmission, R resubmission allowed, Y do not resubmit


class Procedure(Noun, frozen=True):
    """A procedure composite: of EB13, EQ02, SVC01, SV101, SV202, SV301."""

    qualifier: str = ""  # HC, AD, N4 ...
    code: str = ""
    modifiers: tuple[str, ...] = ()
    description: str = ""
    through_code: str = ""  # last of a range


class Delivery(Noun, frozen=True):
    """One HSD: how much of a service and in which rhythm, "3 visits a week for 2 months"."""

    quantity_qualifier: str = ""  # HSD01: VS visits, DY days, HS hours, MN months ...
    quantity: Decimal | None = None  # HSD02
    unit: str = ""  # HSD03: DA, WK, MO, YR, VS
    sampling: Decimal | None = None  # HSD04: per so many of the unit
    period: str = ""  # HSD05: 7 day, 34 month, 35 week, 23 calendar year ...
    period_count: int | None = None  # HSD06
    pattern: str = ""  # HSD07: which days
    time_pattern: str = ""  # HSD08: which part of the day


class Party(Noun, frozen=True):
    """One named party. An organization has its name in `last_name`; `rejections` only an answer carries."""

    role: str = ""  # NM101 / N101: PR payer, 1P provider, IL subscriber, X3 review organization ...
    is_organization: bool = False  # NM102 = 2
    last_name: str = ""  # NM103 / N102
    first_name: str = ""
    middle_name: str = ""
    prefix: str = ""
    suffix: str = ""
    additional_name: str = ""  # N201
    id_qualifier: str = ""  # NM108 / N103: PI, XX, MI, SV, FI, 46 ...
    identifier: str = ""  # NM109 / N104
    relationship: str = ""  # NM110, where the guide uses it
    address: Address = Address()
    more_lines: tuple[str, ...] = ()  # of a second N3, which the 834 allows
    location_qualifier: str = ""  # N405: CY county, 60 area, RJ region
    location: str = ""  # N406
    contacts: tuple[ContactPoint, ...] = ()
    references: tuple[Reference, ...] = ()
    provider_code: str = ""  # PRV01
    taxonomy: str = ""  # PRV03
    taxonomy_qualifier: str = ""  # PRV02: PXC
    rejections: tuple[Rejection, ...] = ()

    @property
    def name(self) -> str:
        return self.last_name if self.is_organization else " ".join(filter(None, (self.first_name, self.last_name)))

    @property
    def npi(self) -> str:
        return self.identifier if self.id_qualifier == "XX" else ""

    def reference(self, qualifier: str) -> str:
        """The first REF of that qualifier, "" when there is none."""
        return reference_of(self.references, qualifier)


class MilitaryService(Noun, frozen=True):
    """MPI of a 271: a member's military status."""

    information_status: str = ""  # MPI01
    employment_status: str = ""  # MPI02
    affiliation: str = ""  # MPI03
    description: str = ""  # MPI04
    rank: str = ""  # MPI05
    start: date | None = None  # MPI06-07
    end: date | None = None


class CoveredPerson(Party, frozen=True):
    """A subscriber or a dependent: one shape for both, as the wire has one set of segments for both.

    INS01 is not kept: it says Y for the subscriber and N for the dependent, which the place says as well.
    """

    birth_date: date | None = None  # DMG02
    sex: str = ""  # DMG03
    insured_relationship: str = ""  # INS02: 18 self, 01 spouse, 19 child ...
    maintenance_type: str = ""  # INS03: 001, the answer differs from what was asked
    maintenance_reason: str = ""  # INS04: 25
    employment_status: str = ""  # INS08, of the 278
    birth_sequence: int | None = None  # INS17, of twins and more
    diagnoses: tuple[Diagnosis, ...] = ()  # HI
    dates: tuple[Period, ...] = ()
    military: MilitaryService | None = None

    @property
    def member_id(self) -> str:
        """The payer's number of this person, "" where the identifier is of another kind."""
        return self.identifier if self.id_qualifier in MEMBER_QUALIFIERS else ""

    @property
    def group_number(self) -> str:
        return self.reference("6P") or self.reference("1L")


def reference_of(references: tuple[Reference, ...], qualifier: str) -> str:
    """The value of the first reference of that qualifier, "" when there is none."""
    return next((item.value for item in references if item.qualifier == qualifier), "")


def period_of(dates: tuple[Period, ...], *qualifiers: str) -> Period | None:
    """The first period of any of the qualifiers, tried in their order."""
    for qualifier in qualifiers:
        for period in dates:
            if period.qualifier == qualifier:
                return period
    return None
