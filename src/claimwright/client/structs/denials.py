"""What the API says and takes of denials. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AppealOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    denial_id: UUID
    level: int
    level_name: str
    state: str
    amount: Decimal | None
    last_day: date | None
    argument: str
    for_patient: bool
    method: str
    sent_on: date | None
    tracking: str
    response_due: date | None
    promised_amount: Decimal | None
    promised_on: date | None
    decided_on: date | None
    allowed_amount: Decimal | None


class AskRecords(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    requested_on: date | None | msgspec.UnsetType = msgspec.UNSET
    due_on: date | None | msgspec.UnsetType = msgspec.UNSET
    what: str | msgspec.UnsetType = msgspec.UNSET


class AssignDenial(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    owner: str


class ChaseAppeal(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    contact: str


class CloseAppeal(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    state: Literal["UPHELD", "DISMISSED", "WITHDRAWN"]
    note: str | msgspec.UnsetType = msgspec.UNSET
    on: date | None | msgspec.UnsetType = msgspec.UNSET


class RecordsOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    state: str
    requested_on: date
    due_on: date
    what: str
    method: str
    tracking: str
    sent_on: date | None


class DenialOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    version_id: UUID
    payer_id: UUID
    line_id: str
    group: str
    carc: str
    rarcs: list[str]
    amount: Decimal
    category: str
    state: str
    appealable: bool
    root_cause: str
    preventable: bool
    received_on: date
    corrected_deadline: date | None
    appeal_deadline: date | None
    act_by: date | None
    snoozed_until: date | None
    owner: str
    priority: Decimal
    actions: list[Any]
    appeals: list[AppealOut]
    records_requests: list[RecordsOut]


class DenialRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    version_id: UUID
    payer_id: UUID
    line_id: str
    group: str
    carc: str
    rarcs: list[str]
    amount: Decimal
    category: str
    state: str
    appealable: bool
    root_cause: str
    preventable: bool
    received_on: date
    corrected_deadline: date | None
    appeal_deadline: date | None
    act_by: date | None
    snoozed_until: date | None
    owner: str
    priority: Decimal


class DenialRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DenialRow]
    next: str | None


class DraftAppeal(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    argument: str | msgspec.UnsetType = msgspec.UNSET
    for_patient: bool | msgspec.UnsetType = msgspec.UNSET
    good_cause: str | msgspec.UnsetType = msgspec.UNSET
    decision_received: date | None | msgspec.UnsetType = msgspec.UNSET


class NameCause(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    cause: str
    preventable: bool | msgspec.UnsetType = msgspec.UNSET


class PromisedAppeal(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    amount: Decimal
    on: date | None | msgspec.UnsetType = msgspec.UNSET


class RewriteAppeal(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    argument: str
    for_patient: bool | msgspec.UnsetType = msgspec.UNSET


class SendPack(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    signer: str  # Who signs: a person of the office
    title: str | msgspec.UnsetType = msgspec.UNSET
    telephone: str | msgspec.UnsetType = msgspec.UNSET
    method: str
    tracking: str | msgspec.UnsetType = msgspec.UNSET


class SnoozeDenial(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    until: date
    reason: str  # Why; it stands on the record
