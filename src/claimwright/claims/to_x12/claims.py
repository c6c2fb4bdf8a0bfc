"""Claims to 837: professional, institutional and dental ones, one transaction of many or the interchange around them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.claim_writer import ClaimWriter
from claimwright.claims.to_x12.dental import DentalWriter
from claimwright.claims.to_x12.institutional import InstitutionalWriter
from claimwright.claims.to_x12.parties import Receiver, Submitter
from claimwright.claims.to_x12.professional_writer import ProfessionalWriter
from claimwright.claims.to_x12.text import TextNotice
from claimwright.x12.limits import CLAIMS_PER_TRANSACTION
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Envelope, InterchangeBuilder, TransactionBuilder, ValueRefused

WRITERS: dict[str, type[ClaimWriter]] = {"P": ProfessionalWriter, "I": InstitutionalWriter, "D": DentalWriter}


def build_transaction(
    claims: Sequence[Claim],
    *,
    submitter: Submitter,
    receiver: Receiver,
    reference: str,
    when: datetime,
    control_number: str,
    notices: list[TextNotice] | None = None,
) -> list[Segment]:
    """One ST..SE of at most 5,000 claims of one kind (P, I or D; chargeable or reporting). `reference` is BHT03.

    Raises ValueRefused, with segment and element and no value, for text that may not be sent and for claims that may
    not share a transaction. Every text that is sent otherwise than it is held is appended to `notices`.
    """
    if not claims:
        raise ValueRefused("ST", 1, "a transaction has at least one claim")
    if len(claims) > CLAIMS_PER_TRANSACTION:
        raise ValueRefused("ST", 1, f"more than {CLAIMS_PER_TRANSACTION} claims in one transaction")
    types = {claim.transaction_type for claim in claims}
    if len(types) > 1:
        raise ValueRefused("BHT", 6, "chargeable and reporting claims do not mix in one transaction")
    kinds = {claim.kind for claim in claims}
    if len(kinds) > 1 or not kinds <= WRITERS.keys():
        raise ValueRefused("ST", 3, "a transaction has claims of one kind: P, I or D")
    kind = WRITERS[kinds.pop()]
    writer = kind(TransactionBuilder("837", control_number, kind.guide))
    writer.header(submitter, receiver, reference, when, types.pop())
    writer.claims(claims)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


def build_interchange(
    claims: Sequence[Claim],
    *,
    submitter: Submitter,
    receiver: Receiver,
    envelope: Envelope,
    control_number: int,
    group_control_number: int,
    reference: str,
    when: datetime,
    claims_per_transaction: int = CLAIMS_PER_TRANSACTION,
    line_break: str = "",
    notices: list[TextNotice] | None = None,
) -> bytes:
    """One ISA..IEA with one GS for each kind of claim and as many ST as the limit asks for.

    GS06 counts up from `group_control_number`. ST02 counts from 0001 through the interchange. BHT03 is `reference`,
    for the second and later transactions with -2, -3 ... after it.
    """
    groups: dict[str, list[list[Segment]]] = {}
    for number, share in enumerate(shares(claims, claims_per_transaction), 1):
        transaction = build_transaction(
            share,
            submitter=submitter,
            receiver=receiver,
            reference=reference if number == 1 else f"{reference}-{number}",
            when=when,
            control_number=f"{number:04d}",
            notices=notices,
        )
        groups.setdefault(share[0].kind, []).append(transaction)
    interchange = InterchangeBuilder(envelope, control_number, when, line_break=line_break)
    for number, (kind, transactions) in enumerate(groups.items(), group_control_number):
        interchange.add_group("837", number, WRITERS[kind].guide, transactions)
    return interchange.build()


def shares(claims: Sequence[Claim], limit: int = CLAIMS_PER_TRANSACTION) -> list[list[Claim]]:
    """The claims as they go into transactions: by kind and purpose, at most `limit` in each, in order."""
    result: list[list[Claim]] = []
    for key in dict.fromkeys((claim.kind, claim.transaction_type) for claim in claims):
        members = [claim for claim in claims if (claim.kind, claim.transaction_type) == key]
        result.extend(members[at : at + limit] for at in range(0, len(members), limit))
    return result


def text_notices(claim: Claim) -> tuple[TextNotice, ...]:
    """What the text policy would change in this claim. Raises ValueRefused where it could not be sent at all."""
    notices: list[TextNotice] = []
    build_transaction(
        [claim],
        submitter=Submitter(name="X", identifier="X"),
        receiver=Receiver(name="X", identifier="X"),
        reference="X",
        when=datetime(2000, 1, 1),  # noqa: DTZ001  a wire time is local and has no zone
        control_number="0001",
        notices=notices,
    )
    return tuple(notices)
