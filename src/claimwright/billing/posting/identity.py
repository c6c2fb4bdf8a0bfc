"""Which payment this is, whose it is, and whether it may be posted at all."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.billing.posting.balance import imbalances
from claimwright.billing.posting.plan import Fate, Worklist
from claimwright.billing.posting.state import Lookup, PostingContext, PracticeIdentity
from claimwright.claims.nouns import Noun, Remittance

NO_MONEY = "H"  # BPR01: notification only
POSTABLE_HANDLING = ("I", "C", "D", "H", "U", "X")  # BPR01; P is a prenotification and carries no payment
NON_PAYMENT = "NON"  # BPR04
CURRENCY = "USD"
LONGEST_TRACE_NUMBER = 50  # X12 data element 127, which TRN02 is
INNER_BAR = "\N{LIGHT VERTICAL BAR}"  # for a bar inside a part of the identity: no file is read to hold this one


class Refusal(Noun, frozen=True, kw_only=True):
    """Why a whole ST does not post."""

    fate: Fate
    worklist: Worklist
    code: str
    reason: str
    fix: str
    place: str = ""
    segment: int = 0


def payee_key(remittance: Remittance) -> str:
    return remittance.payee_npi or remittance.payee_tax_id


def payment_identity(remittance: Remittance) -> str:
    """TRN03, TRN02 and the payee's NPI or TIN: unique within a tenant. `identity_parts` takes it apart again."""
    payer = remittance.trace_payer_id or remittance.payer.payer_id
    parts = (payer, remittance.trace_number, payee_key(remittance))
    return "|".join(part.strip().replace("|", INNER_BAR) for part in parts)


def identity_parts(identity: str) -> tuple[str, str, str]:
    """TRN03 or the payer's id, TRN02 and the payee, as they came."""
    payer, trace, payee = (part.replace(INNER_BAR, "|") for part in identity.split("|"))
    return payer, trace, payee


def practices_of(remittance: Remittance, practices: tuple[PracticeIdentity, ...]) -> tuple[PracticeIdentity, ...]:
    """The tenant's practices that the payee may be: by NPI and by TIN, by both when both are known."""
    by_npi = tuple(p for p in practices if remittance.payee_npi and remittance.payee_npi in p.npis)
    by_tax_id = tuple(p for p in practices if remittance.payee_tax_id and remittance.payee_tax_id in p.tax_ids)
    if by_npi and by_tax_id:
        return tuple(p for p in by_npi if p in by_tax_id)
    return by_npi or by_tax_id


def quarantine(code: str, reason: str, fix: str, place: str, segment: int = 0) -> Refusal:
    return Refusal(
        fate=Fate.QUARANTINED,
        worklist=Worklist.QUARANTINE,
        code=code,
        reason=reason,
        fix=fix,
        place=place,
        segment=segment,
    )


def _envelope_faults(remittance: Remittance) -> Iterator[Refusal]:
    if remittance.currency not in ("", CURRENCY):
        yield quarantine(
            "CURRENCY",
            "CUR02 names a currency other than USD",
            "Ask the payer for a payment in US dollars, or post it by hand after exchange",
            "CUR02",
        )
    if not remittance.trace_number.strip():
        yield quarantine("TRACE", "TRN02 is blank: the payment has no identity", "Ask the payer to resend", "TRN02")
    if len(remittance.trace_number) > LONGEST_TRACE_NUMBER:
        yield quarantine(
            "TRACE",
            f"TRN02 is longer than {LONGEST_TRACE_NUMBER} characters: no trace number is",
            "Ask the payer for a corrected remittance",
            "TRN02",
        )
    if not (remittance.trace_payer_id or remittance.payer.payer_id).strip():
        yield quarantine("PAYER", "TRN03 is blank: the payer has no identity", "Ask the payer to resend", "TRN03")
    if remittance.handling not in POSTABLE_HANDLING:
        yield quarantine(
            "HANDLING", "BPR01 says that this is no payment", "Check the handling code with the payer", "BPR01"
        )
    if remittance.credit_debit == "D" and remittance.amount:
        yield quarantine(
            "DEBIT", "BPR03 says that the payer takes the money", "Agree the debit with the payer by hand", "BPR03"
        )
    if (remittance.handling == NO_MONEY or remittance.method == NON_PAYMENT) and remittance.amount:
        yield quarantine(
            "NO_PAYMENT_WITH_AMOUNT",
            f"BPR01 or BPR04 says that no money moves, BPR02 says {remittance.amount}",
            "Ask the payer for a corrected remittance",
            "BPR02",
        )


def _payee_fault(remittance: Remittance, context: PostingContext) -> Refusal | None:
    if practices_of(remittance, context.practices):
        return None
    return quarantine(
        "PAYEE",
        "The payee's NPI and TIN name no one practice of this tenant",
        "Check the payee in N1*PE; add the identifier to the practice if it is its own, else return the file",
        "N1*PE",
    )


def _seen(remittance: Remittance, lookup: Lookup) -> Refusal | None:
    seen = lookup.payment_identity(payment_identity(remittance))
    if seen is None:
        return None
    if seen.fingerprint == remittance.fingerprint:
        return Refusal(
            fate=Fate.DUPLICATE,
            worklist=Worklist.DUPLICATE,
            code="DUPLICATE",
            reason="This payment is already here with the same content",
            fix="Nothing to do: it was posted once",
            place="TRN02",
        )
    return Refusal(
        fate=Fate.HELD,
        worklist=Worklist.REMITTANCE_CONFLICT,
        code="IDENTITY_CONFLICT",
        reason="The payer, trace number and payee are those of a known payment, the content differs",
        fix="Compare both remittances with the bank deposit, then release or reject this one",
        place="TRN02",
    )


def gate(remittance: Remittance, context: PostingContext, lookup: Lookup) -> tuple[Refusal, ...]:
    """Every reason why this ST may not post, the deciding one first; empty when it may.

    A payee that is not ours is said before anything about identity, so that no answer tells what another holds.
    """
    envelope = tuple(_envelope_faults(remittance))
    if envelope:
        return envelope
    payee = _payee_fault(remittance, context)
    if payee is not None:
        return (payee,)
    seen = _seen(remittance, lookup)
    if seen is not None:
        return (seen,)
    return tuple(
        quarantine(
            fault.code,
            fault.says,
            "Ask the payer for a corrected remittance; nothing of this payment is posted",
            fault.says.split(":")[0],
            fault.segment,
        )
        for fault in imbalances(remittance)
        if not fault.warns
    )


def offset_subject(payer_key: str, remittance: Remittance, practice: PracticeIdentity) -> str:
    """The subject of the payer's offset account: the payer and the TIN it pays under."""
    tax_id = remittance.payee_tax_id or (practice.tax_ids[0] if practice.tax_ids else "")
    return f"{payer_key}|{tax_id}"


def normal(text: str) -> str:
    """Letters and digits in upper case, for comparing ids and names."""
    return "".join(character for character in text.upper() if character.isalnum())


def payer_names(remittance: Remittance) -> tuple[str, ...]:
    """Every id and name by which the payment names its payer, compared without case or punctuation."""
    names = (
        remittance.payer.payer_id,
        remittance.trace_payer_id,
        *(value for _, value in remittance.payer.secondary_ids),
        remittance.payer.name,
    )
    return tuple(dict.fromkeys(normal(name) for name in names if normal(name)))


def payer_key(remittance: Remittance, context: PostingContext) -> str:
    """Our key of the payer, through the alias table; the id of TRN03 or N1*PR when it has none."""
    aliases = {normal(name): key for name, key in context.payer_aliases.items()}
    for name in payer_names(remittance):
        if name in aliases:
            return aliases[name]
    return remittance.payer.payer_id or remittance.trace_payer_id
