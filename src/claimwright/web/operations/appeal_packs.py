"""What goes to a payer about a denial, as one PDF: the letter, the remittance page, the claim, the papers, proof of filing.

Also the same step for many denials of one payer, reason and code, with a result for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from claimwright.billing.write_offs import WriteOffRefused
from claimwright.claims.nouns import ClaimPayment as ClaimPaymentNoun
from claimwright.codes.denials import plain_words
from claimwright.documents.letters import (
    Column,
    Exhibit,
    Letter,
    LetterEnclosure,
    LetterIncomplete,
    Template,
    render_exhibit,
    render_letter,
)
from claimwright.documents.packs import Enclosure, Pack, PackRefused, make_pack
from claimwright.documents.paper import FormRefused
from claimwright.documents.statement import amount_text, short_date
from claimwright.web.authorizations.models import Document
from claimwright.web.authorizations.papers import add_document, documents_of, open_document
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.denials import appeals, letters, records
from claimwright.web.denials.models import Appeal, Denial, RecordsRequest
from claimwright.web.denials.services import DenialStepRefused, analyzed
from claimwright.web.operations.filing_proof import filing_enclosure
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.payments.services import request_write_off
from claimwright.web.submissions.versions import proof_of_claim

# Papers that speak for a claim, in the order a reviewer wants them.
KINDS_IN_ORDER = (
    "authorization", "referral", "note", "operative_note", "medical_record", "order", "certificate", "abn", "consent",
    "accident_report", "eob",
)  # fmt: skip
AUTHORIZATION_OF_THE_PATIENT = "consent"


class PackIncomplete(ValueError):
    """A pack that lacks what it needs; the text says what and how to get it."""


def papers_for(denial: Denial) -> list[Document]:
    """The readable papers linked to the denial, its claim or its visit, in a reviewer's order."""
    version = denial.version
    linked = documents_of(
        patient_id=version.claim.patient_id,
        subjects={
            "denial": [denial.pk], "claim": [version.claim_id], "encounter": [version.claim.encounter_id],
            "line": [denial.line_id],
        },
    )  # fmt: skip
    found = [one for one in linked if one.state == Document.State.READABLE and one.kind in KINDS_IN_ORDER]
    return sorted(found, key=lambda one: (KINDS_IN_ORDER.index(one.kind), one.received_on, str(one.pk)))


def _remittance_page(denial: Denial) -> Enclosure | None:
    """The payer's decision on this claim, as it came."""
    paid = (
        ClaimPayment.objects.filter(version=denial.version, reversed_by__isnull=True)
        .select_related("remittance__payer")
        .order_by("-posting_order", "-segment")
        .first()
    )
    if paid is None:
        return None
    noun = msgspec.convert(paid.content, ClaimPaymentNoun)
    rows = []
    reasons: dict[str, None] = {}
    for line in noun.lines:
        told = [f"{one.group}-{one.reason} {amount_text(one.amount)}" for one in line.adjustments]
        reasons |= dict.fromkeys(one.reason for one in line.adjustments)
        on = line.date_from or noun.date_from
        rows.append(
            (
                short_date(on, "en") if on else "", "-".join((line.procedure_code, *line.modifiers)),
                amount_text(line.charge), amount_text(line.paid), "; ".join((*told, *line.remarks)),
            )
        )  # fmt: skip
    claim_level = tuple(f"{one.group}-{one.reason} {amount_text(one.amount)}" for one in noun.adjustments)
    reasons |= dict.fromkeys(one.reason for one in noun.adjustments)
    remittance = paid.remittance
    exhibit = Exhibit(
        title="Remittance advice", practice=denial.practice.name, made_on=clock.today(),
        says="The decision as the payer's electronic remittance advice (835) states it. Other patients are left out.",
        facts=tuple(
            row for row in (
                ("Payer", remittance.payer.name if remittance.payer else ""),
                ("Check or EFT number", remittance.trace_number),
                ("Payment date", short_date(remittance.payment_date, "en") if remittance.payment_date else ""),
                ("Payer's claim number", paid.payer_claim_number), ("Our claim number", paid.control_number),
                ("Claim status code", paid.status), ("Charged", amount_text(paid.charge)),
                ("Paid", amount_text(paid.paid)), ("On the whole claim", "; ".join((*claim_level, *noun.remarks))),
            ) if row[1]
        ),
        columns=(
            Column(title="Date"), Column(title="Service"), Column(title="Charge", amount=True),
            Column(title="Paid", amount=True), Column(title="Adjustments and remarks", wide=True),
        ),
        rows=tuple(rows),
        notes=tuple(f"{code}: {plain_words(code)}" for code in reasons if plain_words(code)),
    )  # fmt: skip
    return Enclosure(title="Remittance advice", content=render_exhibit(exhibit))


def enclosures_for(denial: Denial, *, chosen: Sequence[UUID] | None = None) -> list[Enclosure]:
    """The remittance page, the claim, papers (all that fit, or those chosen), and proof of filing for a late denial."""
    found = [one for one in (_remittance_page(denial),) if one is not None]
    try:
        found.append(
            Enclosure(title="Claim, printed from our record", content=proof_of_claim(version=denial.version).pdf)
        )
    except FormRefused:
        pass  # no paper form takes it (a dental claim): the remittance and the letter name its lines
    for paper in papers_for(denial):
        if chosen is None or paper.pk in chosen:
            title = paper.name.rsplit(".", 1)[0][:60]
            found.append(Enclosure(title=title, content=open_document(document=paper), media_type=paper.media_type))
    if denial.category == "TIME" and (proof := filing_enclosure(denial.version)) is not None:
        found.append(proof)
    return found


def appeal_pack(*, appeal: Appeal, signer: Sequence[str], chosen: Sequence[UUID] | None = None) -> Pack:
    """The letter of an appeal with its enclosures. Raises PackIncomplete, naming what is missing. Sends nothing."""
    denial = appeal.denial
    kinds = {one.kind for one in papers_for(denial) if chosen is None or one.pk in chosen}
    if appeal.for_patient and AUTHORIZATION_OF_THE_PATIENT not in kinds:
        raise PackIncomplete(
            "an appeal for the patient needs the signed authorization: add it to the claim's documents"
        )
    letter, template = letters.for_appeal(appeal, signer=signer)
    return _made(denial, letter, template, chosen)


def records_pack(*, request: RecordsRequest, signer: Sequence[str], chosen: Sequence[UUID] | None = None) -> Pack:
    """The records a payer asked for, with a letter. Raises PackIncomplete where there is no record to send."""
    if not [one for one in papers_for(request.denial) if chosen is None or one.pk in chosen]:
        raise PackIncomplete("there is no record to send: add the signed note to the claim's documents")
    letter, template = letters.for_records(request, signer=signer)
    return _made(request.denial, letter, template, chosen)


def _made(denial: Denial, letter: Letter, template: Template, chosen: Sequence[UUID] | None) -> Pack:
    def write(listed: tuple[LetterEnclosure, ...]) -> bytes:
        return render_letter(msgspec.structs.replace(letter, enclosures=listed), template)

    try:
        return make_pack(
            write, enclosures_for(denial, chosen=chosen), reference=letter.claim_number or letter.control_number
        )
    except (LetterIncomplete, PackRefused) as refused:
        raise PackIncomplete(str(refused)) from None


@transaction.atomic
def send_appeal_pack(
    *, appeal: Appeal, signer: Sequence[str], method: str, tracking: str, chosen: Sequence[UUID] | None = None
) -> Appeal:
    """Make the pack, keep the very pages as a document of the denial, and book the appeal as sent."""
    appeal.method = method
    pack = appeal_pack(appeal=appeal, signer=signer, chosen=chosen)
    paper = _kept(appeal.denial, pack, f"Appeal level {appeal.level}, {appeal.denial.version.control_number}.pdf")
    return appeals.send_appeal(appeal=appeal, method=method, tracking=tracking, packet=paper)


@transaction.atomic
def send_records_pack(
    *, request: RecordsRequest, signer: Sequence[str], method: str, tracking: str,
    chosen: Sequence[UUID] | None = None,
) -> RecordsRequest:  # fmt: skip
    pack = records_pack(request=request, signer=signer, chosen=chosen)
    paper = _kept(request.denial, pack, f"Records sent, {request.denial.version.control_number}.pdf")
    return records.send_records(request=request, method=method, tracking=tracking, packet=paper)


def _kept(denial: Denial, pack: Pack, name: str) -> Document:
    return add_document(
        kind="appeal", name=name, content=pack.pdf, patient=denial.version.claim.patient, practice=denial.practice,
        links=[("denial", denial.pk), ("claim", denial.version.claim_id)],
    )  # fmt: skip


# The same step for many ----------------------------------------------------------------------------------------------


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one denial of a batch: `said` is why not, where it was refused."""

    denial_id: UUID
    control_number: str
    done: bool
    said: str = ""


BATCH_ACTIONS = {
    "analyze": "Mark as analyzed", "appeal": "Draft an appeal with one argument", "records": "Open a records request",
    "write_off": "Ask for a write-off",
}  # fmt: skip


def batch(*, denial_ids: Sequence[UUID], action: str, argument: str = "", reason: str = "") -> list[Result]:
    """One step for denials of one payer, CARC and code; each stands or falls alone, and each has its result.

    Raises DenialStepRefused, and does nothing, where they differ in payer, reason or code, or the step is none.
    """
    if action not in BATCH_ACTIONS:
        raise DenialStepRefused(f"a batch does one of {', '.join(BATCH_ACTIONS)}")
    if action == "appeal" and not argument.strip():
        raise DenialStepRefused("write the argument that holds for all of them")
    rows = list(
        Denial.objects.filter(pk__in=denial_ids).select_related("version__claim__encounter", "payer").order_by("pk")
    )
    codes = dict(ChargeLine.objects.filter(line_id__in={row.line_id for row in rows}).values_list("line_id", "code"))
    if not rows or len({(row.payer_id, row.carc, codes.get(row.line_id, "")) for row in rows}) != 1:
        raise DenialStepRefused("a batch is of one payer, one reason code and one procedure code")
    return [_one(row, action, argument, reason) for row in rows]


def _one(row: Denial, action: str, argument: str, reason: str) -> Result:
    number = row.version.control_number
    try:
        with transaction.atomic():
            if action == "analyze":
                analyzed(denial=row)
            elif action == "appeal":
                appeals.draft_appeal(denial=row, argument=argument)
            elif action == "records":
                records.open_request(denial=row, requested_on=row.received_on, what=argument)
            else:
                claim = row.version.claim
                request_write_off(
                    encounter=claim.encounter,
                    line_id=row.line_id,
                    bucket=claim.bucket,
                    amount=row.amount,
                    reason=reason,
                )
    except (DenialStepRefused, WriteOffRefused) as refused:
        return Result(denial_id=row.pk, control_number=number, done=False, said=str(refused))
    return Result(denial_id=row.pk, control_number=number, done=True)
