"""What the API says and takes of onboarding. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CodeSetEndingOut(Answer, kw_only=True):
    """Part of an answer"""

    last_day: date
    days_left: int  # 0 is today; below zero it is past
    resumes: date | None  # The first day after the gap, where a later edition is loaded
    holding: list[str]  # Sets without which claims are held
    other: list[str]  # Sets without which prices or checks are missing
    held: list[str]  # The edits that hold claims then


class EnrolmentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    payer_id: UUID
    transaction: Literal["837", "835", "270", "276", "participation"]
    npi: str  # Blank: any of the practice
    tax_id: str  # Blank: any of the practice
    status: Literal["not_started", "submitted", "approved", "termed"]
    start: date | None
    end: date | None  # The first day without it
    payer_number: str
    note: str


class EnrolmentStanding(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    status: Literal["not_started", "submitted", "approved", "termed"]
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    end: date | None | msgspec.UnsetType = msgspec.UNSET
    payer_number: str | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


class NeedOut(Answer, kw_only=True):
    """Part of an answer"""

    key: str
    says: str
    fix: str
    stops: bool  # Claims stay in without it; else it costs money or time later


class NewEnrolment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    status: Literal["not_started", "submitted", "approved", "termed"]
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    end: date | None | msgspec.UnsetType = msgspec.UNSET
    payer_number: str | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    payer_id: UUID
    transaction: Literal["837", "835", "270", "276", "participation"]
    npi: str | msgspec.UnsetType = msgspec.UNSET
    tax_id: str | msgspec.UnsetType = msgspec.UNSET


class NewLocation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    line1: str | msgspec.UnsetType = msgspec.UNSET
    line2: str | msgspec.UnsetType = msgspec.UNSET
    city: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    postal_code: str | msgspec.UnsetType = msgspec.UNSET  # Nine digits for a billing address
    practice_id: UUID
    code: str  # What interfaces and files call it
    name: str
    place_of_service: str | msgspec.UnsetType = msgspec.UNSET
    npi: str | msgspec.UnsetType = msgspec.UNSET


class NewPayer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """As on the page New payer: what is not named begins as the kind's rules say. A limit of null is not known."""

    like: Literal["commercial", "blue", "hmo", "medicare", "advantage", "medicaid", "tricare", "supplement", "workers_compensation", "auto", "liability"]  # The kind whose rules it begins with
    key: str | msgspec.UnsetType = msgspec.UNSET  # What files call it; blank: the payer id
    shares_id: bool | msgspec.UnsetType = msgspec.UNSET  # Another plan of an insurer that is here under the same id
    name: str
    payer_id: str  # As the clearinghouse of its connection lists it
    filing_indicator: str | msgspec.UnsetType = msgspec.UNSET  # SBR09
    usual_pay_days: int | msgspec.UnsetType = msgspec.UNSET
    aliases: list[str] | msgspec.UnsetType = msgspec.UNSET
    connection: UUID | None | msgspec.UnsetType = msgspec.UNSET  # Not named: the office's only one; null: its claims go on paper
    requires_enrolment: bool | msgspec.UnsetType = msgspec.UNSET
    original_count: int | None | msgspec.UnsetType = msgspec.UNSET
    original_unit: Literal["days", "months", "years"] | msgspec.UnsetType = msgspec.UNSET
    corrected_count: int | None | msgspec.UnsetType = msgspec.UNSET
    corrected_unit: Literal["days", "months", "years"] | msgspec.UnsetType = msgspec.UNSET
    secondary_count: int | None | msgspec.UnsetType = msgspec.UNSET
    secondary_unit: Literal["days", "months", "years"] | msgspec.UnsetType = msgspec.UNSET
    warning_days: int | msgspec.UnsetType = msgspec.UNSET
    appeal_days: int | None | msgspec.UnsetType = msgspec.UNSET


class NewPractice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """As on the page New practice."""

    line1: str | msgspec.UnsetType = msgspec.UNSET
    line2: str | msgspec.UnsetType = msgspec.UNSET
    city: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    postal_code: str | msgspec.UnsetType = msgspec.UNSET  # Nine digits for a billing address
    entity: Literal["organization", "person"] | msgspec.UnsetType = msgspec.UNSET
    name: str | msgspec.UnsetType = msgspec.UNSET  # Of an organization
    last_name: str | msgspec.UnsetType = msgspec.UNSET
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    npi: str
    tax_id_kind: Literal["EI", "SY"] | msgspec.UnsetType = msgspec.UNSET
    tax_id: str
    taxonomy: str
    start: date  # First day of service that it bills: the numbers hold from then on
    contact_name: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType = msgspec.UNSET
    fax: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    pay_to_line1: str | msgspec.UnsetType = msgspec.UNSET
    pay_to_line2: str | msgspec.UnsetType = msgspec.UNSET
    pay_to_city: str | msgspec.UnsetType = msgspec.UNSET
    pay_to_state: str | msgspec.UnsetType = msgspec.UNSET
    pay_to_postal_code: str | msgspec.UnsetType = msgspec.UNSET
    statement_name: str | msgspec.UnsetType = msgspec.UNSET
    statement_phone: str | msgspec.UnsetType = msgspec.UNSET
    at_billing_address: bool | msgspec.UnsetType = msgspec.UNSET  # With a location MAIN at the billing address


class NewProvider(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID | None | msgspec.UnsetType = msgspec.UNSET  # None: of any practice
    npi: str
    last_name: str
    first_name: str
    middle_name: str | msgspec.UnsetType = msgspec.UNSET
    suffix: str | msgspec.UnsetType = msgspec.UNSET
    taxonomy: str | msgspec.UnsetType = msgspec.UNSET
    aliases: list[str] | msgspec.UnsetType = msgspec.UNSET  # Ids by which other systems know them
