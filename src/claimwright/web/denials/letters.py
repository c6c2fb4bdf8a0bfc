"""Letters about denials: the practice's template over the shipped one, merged with what the claim says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec
from django.db import transaction

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.codes.denials import category_defaults, plain_words
from claimwright.documents.letters import (
    GENERAL,
    RECORDS,
    Letter,
    LetterLine,
    Template,
    parse_template,
    shipped_template,
    texts,
)
from claimwright.documents.statement import address_lines, amount_text, phone_text, short_date
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.denials.models import Appeal, Denial, LetterTemplate, RecordsRequest

SENT_BY = {"fax": "By fax", "portal": "By portal upload", "electronic": "Sent electronically", "mail": ""}


def categories() -> list[str]:
    """The kinds of letter there are."""
    from claimwright.documents.letters import shipped_templates

    return sorted(shipped_templates())


def template_text(category: str) -> str:
    """The practice's own words, else the shipped ones."""
    own = LetterTemplate.objects.filter(category=category, active=True).first()
    if own is None and category_defaults(category) is None and category not in (GENERAL, RECORDS):
        own = LetterTemplate.objects.filter(category=GENERAL, active=True).first()
    return own.text if own is not None else shipped_template(category)


@transaction.atomic
def save_template(*, category: str, text: str) -> LetterTemplate | None:
    """Keep the practice's own words of a category; a blank text goes back to the shipped ones.

    Raises TemplateFault naming line and mend; then nothing changes.
    """
    if category not in categories():
        raise ValueError(f"there are letters for {', '.join(categories())}")
    made = None
    if text.strip():
        parse_template(text)
    held = LetterTemplate.objects.select_for_update().filter(category=category)
    last = held.order_by("-number").first()
    held.filter(active=True).update(active=False)
    if text.strip():
        made = LetterTemplate.objects.create(
            category=category, number=last.number + 1 if last else 1, text=text.strip() + "\n",
            written_on=clock.today(), written_by=actor(),
        )  # fmt: skip
    record_audit(action="letter_template.write", subject_type="letter_template", detail=category)
    return made


def for_appeal(appeal: Appeal, *, signer: Sequence[str]) -> tuple[Letter, Template]:
    """The letter of an appeal and its words. `signer` is name, title and telephone."""
    denial = appeal.denial
    authorization = (
        "This appeal is made for the patient, whose signed authorization is enclosed." if appeal.for_patient else ""
    )
    argument = appeal.argument
    if appeal.good_cause:
        argument = f"{argument}\n\nWhy this comes after the time allowed: {appeal.good_cause}"
    letter = _letter(
        denial, argument=argument, level=appeal.level_name, method=appeal.method, signer=signer,
        authorization=authorization, denied_on=appeal.notice_on or denial.received_on, recipient=_recipient(appeal),
    )  # fmt: skip
    return letter, parse_template(template_text(denial.category))


def for_records(request: RecordsRequest, *, signer: Sequence[str]) -> tuple[Letter, Template]:
    denial = request.denial
    letter = _letter(
        denial, argument=request.what or "All records of the services are enclosed.", level="", method="mail",
        signer=signer, authorization="", denied_on=request.requested_on,
        recipient=(denial.payer.name, "Medical records"),
    )  # fmt: skip
    return letter, parse_template(template_text(RECORDS))


def _recipient(appeal: Appeal) -> tuple[str, ...]:
    from claimwright.web.denials.appeals import level_of

    return (appeal.denial.payer.name, *(level_of(appeal).send_to or ("Provider appeals",)))


def _letter(
    denial: Denial, *, argument: str, level: str, method: str, signer: Sequence[str], authorization: str,
    denied_on: date, recipient: tuple[str, ...],
) -> Letter:  # fmt: skip
    version = denial.version
    claim = msgspec.convert(version.content, ClaimNoun)
    practice = msgspec.convert(denial.practice.content, ProviderNoun)
    code = f"{denial.group}-{denial.carc}"
    line = _line(denial, claim)
    patient = " ".join(filter(None, (claim.patient.first_name, claim.patient.middle_name, claim.patient.last_name)))
    number = version.payer_claim_number
    values = {
        "payer": denial.payer.name, "practice": denial.practice.name, "patient": patient,
        "member_id": claim.coverage.member_id, "claim_number": number or version.control_number,
        "control_number": version.control_number, "date_of_service": short_date(line.date_of_service, "en"),
        "codes": line.code, "amount": amount_text(denial.amount), "denial_code": code,
        "denial_words": plain_words(denial.carc).rstrip(".").lower() or "no reason we can read",
        "denial_date": short_date(denied_on, "en"), "level": level or "review", "argument": argument,
        "authorization_sentence": _authorization(claim), "filing_sentence": _filing(denial),
    }  # fmt: skip
    return Letter(
        written_on=clock.today(), practice_name=denial.practice.name,
        practice_lines=texts(
            (*address_lines(practice.address), phone_text(denial.practice.statement_phone or practice.phone),
             f"NPI {denial.practice.npi}   Tax id {denial.practice.tax_id}")
        ),
        recipient=recipient, sent_by=SENT_BY.get(method, ""), patient=patient, member_id=claim.coverage.member_id,
        birth_date=claim.patient.birth_date, claim_number=number, control_number=version.control_number,
        denial_code=code, denial_date=denied_on, level_name=level, lines=(line,), values=values,
        authorization=authorization, signature=texts(signer),
    )  # fmt: skip


def _line(denial: Denial, claim: ClaimNoun) -> LetterLine:
    """The denied line as billed; the whole claim where the payer denied it as one."""
    denied_as = " ".join((f"{denial.group}-{denial.carc}", *denial.rarcs))
    for line in claim.lines:
        if line.control_number == denial.line_id:
            on = line.date_from or claim.date_of_service or denial.received_on
            return LetterLine(
                date_of_service=on, code="-".join((line.procedure_code, *line.modifiers)), denied_as=denied_as,
                charge=line.charge, amount=denial.amount,
            )  # fmt: skip
    row = ChargeLine.objects.filter(line_id=denial.line_id).first()
    if row is not None:
        return LetterLine(
            date_of_service=row.date_of_service, code="-".join((row.code, *row.modifiers)), denied_as=denied_as,
            charge=row.charge, amount=denial.amount,
        )  # fmt: skip
    codes = ", ".join(dict.fromkeys(line.procedure_code for line in claim.lines))
    return LetterLine(
        date_of_service=claim.date_of_service or denial.received_on, code=codes, denied_as=denied_as,
        charge=Decimal(claim.total_charge), amount=denial.amount,
    )  # fmt: skip


def _authorization(claim: ClaimNoun) -> str:
    numbers = [("authorization", claim.prior_authorization), ("referral", claim.referral)]
    held = " and ".join(f"{name} {number}" for name, number in numbers if number)
    return f"The claim carried {held}." if held else ""


def _filing(denial: Denial) -> str:
    """What our records say of when it was filed: of the claim's first version, since that is what the limit asks."""
    first = denial.version.claim.versions.order_by("number").first()
    if first is None or first.first_sent is None:
        return ""
    said = f"The claim was first sent on {short_date(first.first_sent, 'en')}"
    if first.payer_acknowledged is not None:
        return f"{said} and accepted by you on {short_date(first.payer_acknowledged, 'en')}."
    if first.clearinghouse_acknowledged is not None:
        return f"{said} and accepted by the clearinghouse on {short_date(first.clearinghouse_acknowledged, 'en')}."
    return f"{said}."
