"""Insurance cards, front and back: checked by content, scanned, encrypted, kept once; what cannot be read is listed."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.utils.module_loading import import_string

from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.card_files import look_at
from claimwright.web.patients.models import CardImage, PatientCoverage
from claimwright.web.patients.sealing import seal, unseal

MOST_BYTES = 10 * 1024 * 1024
SIDES = {"front": "Front", "back": "Back"}


class CardRefused(ValueError):
    """A file that is not taken; the text says why and what to do. Nothing was kept."""


def scan_for_viruses(content: bytes) -> str:
    """The name of the scan that found nothing, "" where none is set up. Raises CardRefused for what it finds.

    CLAIMWRIGHT_VIRUS_SCAN names a function, as package.module.function, that takes the bytes and gives what it found,
    "" for nothing. A scan that fails is no pass.
    """
    name = getattr(settings, "VIRUS_SCAN", "")
    if not name:
        return ""
    try:
        found = import_string(name)(content)
    except Exception:
        raise CardRefused("The virus scan did not run: try again, or ask whoever looks after the system") from None
    if found:
        raise CardRefused("The virus scan found something: the file was not kept. Photograph the card anew")
    return str(name)


def add_card(*, coverage: PatientCoverage, side: str, name: str, content: bytes) -> CardImage:
    """Keep one side of a card. The same bytes again are the same image. Raises CardRefused.

    A picture or PDF that cannot be read is kept with its link and listed; what is neither is refused.
    """
    if side not in SIDES:
        raise CardRefused("Say whether it is the front or the back")
    if not content:
        raise CardRefused("The file is empty: choose it again")
    if len(content) > MOST_BYTES:
        raise CardRefused("The file is larger than 10 MB: photograph the card with a lower resolution")
    seen = look_at(content)
    if not seen.content_type:
        raise CardRefused("This is no picture (JPEG, PNG, WebP) and no PDF: photograph or scan the card")
    scanned_by = scan_for_viruses(content)
    card, made = CardImage.objects.get_or_create(
        coverage=coverage, side=side, sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "name": name[:120], "content_type": seen.content_type, "size": len(content), "sealed": seal(content),
            "state": CardImage.State.UNREADABLE if seen.problem else CardImage.State.READABLE,
            "reason": seen.problem, "scanned_by": scanned_by[:120], "received_on": clock.today(),
            "received_by": actor(),
        },
    )  # fmt: skip
    if not made:
        return card
    record_audit(
        action="card.add", subject_type="patient", subject_id=coverage.patient_id, detail=f"{card.pk} {card.sha256}"
    )
    if seen.problem:
        raise_work_item(
            worklist=Worklist.UNREADABLE_CARDS, key=f"card:{card.pk}", reason_code="UNREADABLE_CARD",
            reason=f"The {SIDES[side].lower()} of a card cannot be read: {seen.problem}",
            what_to_do="Ask for the card again and upload it; the file stays linked to the coverage",
            subject_type="patient", subject_id=coverage.patient_id, practice_id=coverage.patient.practice_id,
        )  # fmt: skip
    else:
        older = CardImage.objects.filter(coverage=coverage, side=side, state=CardImage.State.UNREADABLE)
        resolve_work_items(keys=[f"card:{one.pk}" for one in older], resolution="A readable one came")
    return card


def open_card(*, card: CardImage) -> bytes:
    """The bytes as they came, with a line in the audit log. Raises sealing.Unreadable."""
    record_audit(action="card.read", subject_type="patient", subject_id=card.coverage.patient_id, detail=str(card.pk))
    return unseal(card.sealed)
