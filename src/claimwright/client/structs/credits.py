"""What the API says and takes of credits. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class ChooseRecoupment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    recoup: bool  # The payer takes it from a later payment; false: by check after all


class Escheat(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reference: str  # Of the report to the state


class IssueRefund(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    method: Literal["CHK", "CARD", "ACH"] | msgspec.UnsetType = msgspec.UNSET
    reference: str | msgspec.UnsetType = msgspec.UNSET  # The number of the check or of the processor


class IssueTogether(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    method: Literal["CHK", "CARD", "ACH"] | msgspec.UnsetType = msgspec.UNSET
    reference: str | msgspec.UnsetType = msgspec.UNSET  # The number of the check or of the processor
    refund_ids: list[UUID]  # Approved credits of one payer, one practice


class Moved(Answer, kw_only=True):
    """Part of an answer"""

    amount: Decimal


class NameRefundCause(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    cause: Literal["payer_overpaid", "payer_duplicate", "both_primary", "retroactive_termination", "posting_error", "payer_request", "not_ours", "patient_overpaid", "unapplied"]
    note: str | msgspec.UnsetType = msgspec.UNSET


class PayAgain(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reference: str | msgspec.UnsetType = msgspec.UNSET


class PayerRequestIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    line_id: str
    bucket: Literal["INS1", "INS2", "INS3"]
    amount: Decimal
    note: str | msgspec.UnsetType = msgspec.UNSET


class RefundBecause(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class SmallBalanceOut(Answer, kw_only=True):
    """Part of an answer"""

    encounter_id: UUID
    bucket: str
    amount: Decimal


class ToPatient(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class WrittenOff(Answer, kw_only=True):
    """Part of an answer"""

    amount: Decimal
