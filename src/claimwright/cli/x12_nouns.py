"""Which reader and writer a transaction has, and the JSON line that stands between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from claimwright.cli.words import Refused
from claimwright.cli.x12_sources import kind_of

if TYPE_CHECKING:
    from claimwright.claims.nouns import Claim
    from claimwright.claims.to_x12.parties import Receiver, Submitter
    from claimwright.x12.faults import Fault
    from claimwright.x12.passing import Record
    from claimwright.x12.segments import Interchange, Segment, Transaction

READERS = "claimwright.claims.from_x12"
WRITERS = "claimwright.claims.to_x12"
NOUNS = "claimwright.claims"


class Kind(msgspec.Struct, frozen=True):
    """One transaction set as nouns: where its reader, its writer and its noun are found."""

    set_id: str
    guide: str
    module: str
    function: str
    noun: str
    field: str = "noun"  # of what the reader answers
    writer: str = ""  # where it is called otherwise


KINDS = {
    "835": Kind("835", "005010X221A1", "remittance", "remittance", "nouns:Remittance", "remittance", "build_transaction"),
    "270": Kind("270", "005010X279A1", "eligibility", "eligibility_inquiry", "eligibility:EligibilityInquiry"),
    "271": Kind("271", "005010X279A1", "eligibility", "eligibility_response", "eligibility:EligibilityResponse"),
    "276": Kind("276", "005010X212", "status", "status_inquiry", "status:StatusInquiry"),
    "277": Kind("277", "005010X212", "status", "status_response", "status:StatusResponse"),
    "278 request": Kind("278", "005010X217", "authorization", "prior_auth_request", "authorization:PriorAuthRequest"),
    "278 response": Kind("278", "005010X217", "authorization", "prior_auth_response", "authorization:PriorAuthResponse"),
    "275": Kind("275", "005010X210", "attachment", "attachment", "attachment:Attachment"),
    "834": Kind("834", "005010X220A1", "enrollment", "enrollment", "enrollment:Enrollment"),
    "820": Kind("820", "005010X218", "premium", "premium_payment", "premium:PremiumPayment"),
    "277CA": Kind(
        "277", "005010X214", "acknowledgements", "claim_acknowledgement_report", "nouns:ClaimAcknowledgementReport", ""
    ),
}  # fmt: skip
CLAIM_GUIDES = {"837P": "005010X222A1", "837I": "005010X223A2", "837D": "005010X224A2"}
GROUPS = {"999": "005010X231A1", "997": ""}  # 997s are read, not written: 999 took their place
TA1 = "TA1"
ALL_KINDS = (*CLAIM_GUIDES, *KINDS, *GROUPS, TA1)


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ISA and GS said of who sent the transaction to whom, and when."""

    sender: str = ""
    receiver: str = ""
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    application_sender: str = ""
    application_receiver: str = ""
    usage: str = "P"
    control_number: str = ""
    group_control_number: str = ""
    date: str = ""  # YYMMDD
    time: str = ""  # HHMM


class ClaimBatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """An 837 transaction: its claims, and who sent them to whom."""

    submitter: Any
    receiver: Any
    claims: Any
    reference: str = ""  # BHT03
    created: str = ""  # BHT04-05 as YYYY-MM-DDTHH:MM


def envelope_of(interchange: Interchange, gs: Segment | None) -> Envelope:
    isa = interchange.isa
    if isa is None:
        return Envelope()
    return Envelope(
        isa[6].strip(), isa[8].strip(), isa[5], isa[7], gs[2].strip() if gs else "", gs[3].strip() if gs else "",
        isa[15], isa[13], gs[6] if gs else "", isa[9], isa[10],
    )  # fmt: skip


def reading_of(kind: str, transaction: Transaction) -> Iterator[tuple[Any, tuple[Fault, ...]]]:
    """The nouns of a transaction, each with what could not be read of it: one, but for a 997 of several groups."""
    if kind in CLAIM_GUIDES:
        from claimwright.claims.from_x12.claims import read_claims

        found = read_claims(transaction)
        faults = (*found.faults, *(fault for read in found.reads for fault in read.faults))
        submitter, receiver, created = _ends(transaction)
        yield ClaimBatch(submitter, receiver, found.claims, found.reference, created), faults
    elif kind in GROUPS:
        from claimwright.claims.from_x12.acknowledgements import group_acknowledgements

        for group in group_acknowledgements(transaction):
            yield group, ()
    elif kind in KINDS:
        one = KINDS[kind]
        answer = getattr(import_module(f"{READERS}.{one.module}"), one.function)(transaction)
        yield (getattr(answer, one.field), answer.faults) if one.field else (answer, ())


def _ends(transaction: Transaction) -> tuple[Submitter, Receiver, str]:
    """Loops 1000A and 1000B of an 837, and when it was made."""
    from claimwright.claims.to_x12.parties import Receiver, Submitter

    submitter: dict[str, str] = {}
    receiver, created = Receiver(name="", identifier=""), ""
    for segment in transaction.segments:
        name, role = segment.elements[0], segment[1]
        if name == "HL":
            break
        if name == "BHT" and len(segment[4]) == 8:
            day, time = segment[4], f"{segment[5]}0000"
            created = f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}"
        elif name == "NM1" and role == "41":
            full = " ".join(part for part in (segment.text_of(4), segment.text_of(3)) if part)
            submitter = {"name": full, "identifier": segment[9].strip()}
        elif name == "NM1" and role == "40":
            receiver = Receiver(name=segment.text_of(3), identifier=segment[9].strip())
        elif name == "PER" and submitter and "contact_name" not in submitter:
            numbers = dict(zip(segment.elements[3::2], segment.elements[4::2], strict=False))
            submitter |= {
                "contact_name": segment.text_of(2), "phone": numbers.get("TE", ""), "email": numbers.get("EM", ""),
            }  # fmt: skip
    return Submitter(**{"name": "", "identifier": "", **submitter}), receiver, created


def claims_of(records: Iterator[Record]) -> Iterator[tuple[str, Record, Any, tuple[Fault, ...]]]:
    """The claims of 837s and claim payments of 835s as they come, one in memory at a time, with their kind."""
    from claimwright.claims.from_x12.kinds import reader_for
    from claimwright.claims.from_x12.remittance import RemittanceReader

    reader: Any = None
    last: object = None
    for record in records:
        kind = kind_of(record.guide)
        if kind not in CLAIM_GUIDES and kind != "835":
            continue
        if record.transaction is not last:
            last = record.transaction
            if kind == "835":
                reader = RemittanceReader(record.root)
            else:
                reader = reader_for(kind[3])
                header = record.root.first("BHT")
                reader.transaction_type = header[6].strip() if header and header[6].strip() else "CH"
        noun = reader.claim(record.loop)
        if kind != "835":
            reader.not_kept(record.loop)
        faults = tuple(reader.faults)
        reader.faults.clear()
        yield kind, record, noun, faults


# Writing ---------------------------------------------------------------------------------------------------------------


def noun_of(kind: str, data: msgspec.Raw) -> Any:
    """The noun of a JSON line. Raises Refused for what is none."""
    if kind in CLAIM_GUIDES:
        type_: Any = _claim_batch()
    elif kind in ("999", TA1):
        module = import_module(f"{NOUNS}.nouns")
        type_ = module.GroupAcknowledgement if kind == "999" else module.InterchangeAcknowledgement
    elif kind in KINDS:
        module_name, _, name = KINDS[kind].noun.partition(":")
        type_ = getattr(import_module(f"{NOUNS}.{module_name}"), name)
    else:
        raise Refused(f"a {kind or 'line without a kind'} cannot be written")
    try:
        return msgspec.json.decode(data, type=type_)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Refused(f"the noun is none of a {kind}: {error}") from None


def _claim_batch() -> Any:
    from claimwright.claims.nouns import Claim
    from claimwright.claims.to_x12.parties import Receiver, Submitter

    return msgspec.defstruct(
        "ClaimBatch",
        [("submitter", Submitter), ("receiver", Receiver), ("claims", tuple[Claim, ...]), ("reference", str, ""),
         ("created", str, "")],
        frozen=True,
    )  # fmt: skip


def transactions_of(kind: str, noun: Any, when: datetime, number: Callable[[], str]) -> list[list[Segment]]:
    """The noun as transactions; `number` gives the next ST02. Raises ValueRefused."""
    if kind in CLAIM_GUIDES:
        return _claims(noun, when, number)
    if kind == "999":
        from claimwright.claims.to_x12.acknowledgements import group_acknowledgement

        return [group_acknowledgement(noun, number())]
    one = KINDS[kind]
    write = getattr(import_module(f"{WRITERS}.{one.module}"), one.writer or one.function)
    return [write(noun, control_number=number())]


def _claims(batch: Any, when: datetime, number: Callable[[], str]) -> list[list[Segment]]:
    from claimwright.claims.to_x12.claims import build_transaction, shares

    claims: tuple[Claim, ...] = batch.claims
    made = datetime.fromisoformat(batch.created) if batch.created else when
    return [
        build_transaction(
            share,
            submitter=batch.submitter,
            receiver=batch.receiver,
            reference=(batch.reference or "1") if at == 1 else f"{batch.reference or '1'}-{at}",
            when=made,
            control_number=number(),
        )
        for at, share in enumerate(shares(claims), 1)
    ]


def guide_of_kind(kind: str) -> tuple[str, str]:
    """ST01 and GS08."""
    if kind in CLAIM_GUIDES:
        return "837", CLAIM_GUIDES[kind]
    if kind in GROUPS:
        return kind, GROUPS[kind]
    return KINDS[kind].set_id, KINDS[kind].guide


def interchange_acknowledgements(file: BinaryIO) -> Iterator[tuple[Envelope, Any]]:
    """The TA1 segments of a source as nouns."""
    from claimwright.claims.from_x12.acknowledgements import interchange_acknowledgement
    from claimwright.x12.flow import Flow
    from claimwright.x12.segments import Interchange

    envelope = Envelope()
    for segment in Flow(file):
        if segment.elements[0] == "ISA":
            envelope = envelope_of(Interchange(segment), None)
        elif segment.elements[0] == TA1:
            yield envelope, interchange_acknowledgement(segment)
