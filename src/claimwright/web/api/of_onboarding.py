"""Setting an office up: practices, payers, providers and places taken on and changed, and what is left before the first claim.

The fields are those of the pages' forms, read by the same readers: a fault names its field and the fix.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Out, Short
from claimwright.web.api.framework import find, operation
from claimwright.web.api.of_patients import as_cells, refuse
from claimwright.web.api.of_settings import ChangeEntry, SettingsOut, changed
from claimwright.web.api.of_setup import LocationOut, PayerOut, PracticeOut, ProviderOut
from claimwright.web.practice import office, taking_on
from claimwright.web.practice.models import Enrolment, Location, Payer, Practice, Provider
from claimwright.web.workbench.code_sets import ending_notices
from claimwright.web.workbench.first_claim import left_for

Transaction = Literal["837", "835", "270", "276", "participation"]
Status = Literal["not_started", "submitted", "approved", "termed"]
Unit = Literal["days", "months", "years"]


class EnrolmentOut(Out):
    id: UUID
    practice_id: UUID
    payer_id: UUID
    transaction: Transaction
    npi: str = Field(description="Blank: any of the practice")
    tax_id: str = Field(description="Blank: any of the practice")
    status: Status
    start: date | None
    end: date | None = Field(description="The first day without it")
    payer_number: str
    note: str


class NeedOut(Out):
    key: str
    says: str
    fix: str
    stops: bool = Field(description="Claims stay in without it; else it costs money or time later")


class CodeSetEndingOut(Out):
    last_day: date
    days_left: int = Field(description="0 is today; below zero it is past")
    resumes: date | None = Field(description="The first day after the gap, where a later edition is loaded")
    holding: list[str] = Field(description="Sets without which claims are held")
    other: list[str] = Field(description="Sets without which prices or checks are missing")
    held: list[str] = Field(description="The edits that hold claims then")


class PracticeAddress(In):
    line1: Short = ""
    line2: Short = ""
    city: Short = ""
    state: Short = ""
    postal_code: Short = Field(default="", description="Nine digits for a billing address")


class NewPractice(PracticeAddress):
    """As on the page New practice."""

    entity: Literal["organization", "person"] = "organization"
    name: Short = Field(default="", description="Of an organization")
    last_name: Short = ""
    first_name: Short = ""
    npi: Short
    tax_id_kind: Literal["EI", "SY"] = "EI"
    tax_id: Short
    taxonomy: Short
    start: date = Field(description="First day of service that it bills: the numbers hold from then on")
    contact_name: Short = ""
    phone: Short = ""
    fax: Short = ""
    email: str = Field(default="", max_length=254)
    pay_to_line1: Short = ""
    pay_to_line2: Short = ""
    pay_to_city: Short = ""
    pay_to_state: Short = ""
    pay_to_postal_code: Short = ""
    statement_name: Short = ""
    statement_phone: Short = ""
    at_billing_address: bool = Field(default=True, description="With a location MAIN at the billing address")


class NewProvider(In):
    practice_id: UUID | None = Field(default=None, description="None: of any practice")
    npi: Short
    last_name: Short
    first_name: Short
    middle_name: Short = ""
    suffix: Short = ""
    taxonomy: Short = ""
    aliases: list[Short] = Field(default=[], description="Ids by which other systems know them")


class NewLocation(PracticeAddress):
    practice_id: UUID
    code: Short = Field(description="What interfaces and files call it")
    name: Short
    place_of_service: Short = "11"
    npi: Short = ""


class NewPayer(In):
    """As on the page New payer: what is not named begins as the kind's rules say. A limit of null is not known."""

    like: Literal[
        "commercial", "blue", "hmo", "medicare", "advantage", "medicaid", "tricare", "supplement", "workers_compensation", "auto",
        "liability",
    ] = Field(description="The kind whose rules it begins with")  # fmt: skip
    key: Short = Field(default="", description="What files call it; blank: the payer id")
    shares_id: bool = Field(default=False, description="Another plan of an insurer that is here under the same id")
    name: Short
    payer_id: Short = Field(description="As the clearinghouse of its connection lists it")
    filing_indicator: Short = Field(default="", description="SBR09")
    usual_pay_days: int = 21
    aliases: list[Short] = []
    connection: UUID | None = Field(
        default=None, description="Not named: the office's only one; null: its claims go on paper"
    )
    requires_enrolment: bool = False
    original_count: int | None = None
    original_unit: Unit = "days"
    corrected_count: int | None = None
    corrected_unit: Unit = "days"
    secondary_count: int | None = None
    secondary_unit: Unit = "days"
    warning_days: int = 14
    appeal_days: int | None = None


class EnrolmentStanding(In):
    status: Status
    start: date | None = None
    end: date | None = None
    payer_number: Short = ""
    note: str = Field(default="", max_length=200)


class NewEnrolment(EnrolmentStanding):
    payer_id: UUID
    transaction: Transaction
    npi: Short = ""
    tax_id: Short = ""


def _cells(fields: dict[str, Any]) -> dict[str, str]:
    listed = {name: "; ".join(value) if isinstance(value, list) else value for name, value in fields.items()}
    return as_cells(listed) | {name: str(value) for name, value in listed.items() if type(value) is int}


@operation("POST", "/practices", permission="settings.work", answers=PracticeOut, status=201, whole_office=True)
def take_on_practice(request: HttpRequest, payload: NewPractice) -> Any:
    """Take on a practice, its numbers from its first day."""
    practice, faults = taking_on.create_practice(cells=_cells(payload.model_dump()))
    refuse(faults)
    return practice


@operation("GET", "/practices/{uuid:practice_id}/first-claim", permission="settings.read", answers=list[NeedOut])
def read_first_claim(request: HttpRequest, practice_id: UUID) -> Any:
    """What is left before its first claim can be sent, looked up now."""
    return list(left_for(find(Practice, practice_id)))


@operation("POST", "/providers", permission="settings.work", answers=ProviderOut, status=201, whole_office=True)
def take_on_provider(request: HttpRequest, payload: NewProvider) -> Any:
    """A person who renders, refers, orders or supervises."""
    practice = find(Practice, payload.practice_id) if payload.practice_id else None
    cells = _cells(payload.model_dump(exclude={"practice_id"}))
    refuse(office.change_provider(provider=None, practice=practice, cells=cells))
    return Provider.objects.get(npi=payload.npi.strip())


@operation("POST", "/locations", permission="settings.work", answers=LocationOut, status=201, whole_office=True)
def take_on_location(request: HttpRequest, payload: NewLocation) -> Any:
    """A place of care; without an address it is the billing address."""
    practice = find(Practice, payload.practice_id)
    refuse(
        office.change_location(
            location=None, practice=practice, cells=_cells(payload.model_dump(exclude={"practice_id"}))
        )
    )
    return Location.objects.get(practice=practice, code=payload.code.strip())


@operation("POST", "/payers", permission="settings.work", answers=PayerOut, status=201, whole_office=True)
def take_on_payer(request: HttpRequest, payload: NewPayer) -> Any:
    """Take on a payer with the rules of its kind."""
    named = _cells(payload.model_dump(exclude={"like"}, exclude_unset=True))
    payer, faults = taking_on.create_payer(like=payload.like, cells=taking_on.new_payer_cells(payload.like) | named)
    refuse(faults)
    return payer


@operation("GET", "/settings/payers/{uuid:payer_id}", permission="settings.read", answers=SettingsOut)
def read_payer_settings(request: HttpRequest, payer_id: UUID) -> Any:
    """Its names, ids, limits and way."""
    return {"id": payer_id, "entry": office.payer_cells(find(Payer, payer_id))}


@operation(
    "POST", "/settings/payers/{uuid:payer_id}", permission="settings.work", answers=SettingsOut, whole_office=True
)
def change_payer_settings(request: HttpRequest, payer_id: UUID, payload: ChangeEntry) -> Any:
    """Change them; every other rule of the payer stays."""
    row = find(Payer, payer_id)
    refuse(office.change_payer(payer=row, cells=changed(office.payer_cells(row), payload.entry)))
    return read_payer_settings(request, payer_id)


@operation("GET", "/practices/{uuid:practice_id}/enrolments", permission="settings.read", answers=list[EnrolmentOut])
def list_enrolments(request: HttpRequest, practice_id: UUID) -> Any:
    """Where the practice and its providers stand with each payer."""
    return list(find(Practice, practice_id).enrolments.order_by("payer__name", "transaction", "npi", "pk"))


@operation(
    "POST", "/practices/{uuid:practice_id}/enrolments", permission="settings.work", answers=EnrolmentOut, status=201,
    whole_office=True,
)  # fmt: skip
def record_enrolment(request: HttpRequest, practice_id: UUID, payload: NewEnrolment) -> Any:
    """A new standing of the practice with a payer."""
    practice, payer = find(Practice, practice_id), find(Payer, payload.payer_id)
    cells = _cells(payload.model_dump(exclude={"payer_id"})) | {"payer": str(payer.pk)}
    row, faults = taking_on.change_enrolment(enrolment=None, practice=practice, cells=cells)
    refuse(faults)
    return row


@operation(
    "PUT", "/enrolments/{uuid:enrolment_id}", permission="settings.work", answers=EnrolmentOut, whole_office=True
)
def change_enrolment_standing(request: HttpRequest, enrolment_id: UUID, payload: EnrolmentStanding) -> Any:
    """How it stands now; whose and with whom it is stays."""
    row = find(Enrolment.objects.select_related("practice"), enrolment_id)
    saved, faults = taking_on.change_enrolment(enrolment=row, practice=row.practice, cells=_cells(payload.model_dump()))
    refuse(faults)
    return saved


@operation("GET", "/code-sets/endings", permission="setup.read", answers=list[CodeSetEndingOut])
def list_code_set_endings(request: HttpRequest) -> Any:
    """Code sets whose loaded editions end within 45 days, or have ended, with nothing loaded after them."""
    return list(ending_notices())
