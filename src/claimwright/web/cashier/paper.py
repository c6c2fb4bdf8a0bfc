"""Paper remittances: typed as drafts, prefilled from the claims, posted as the 835 they stand for.

Posting writes an 835 of the typed check and lets it through the same door as a payer's file: it is kept in the inbox,
read back from those bytes, and posted by `payments.posting`. So the auditor reads the same raw file, and a check that
came as paper and as 835 is one payment with two contents: held for a person, never posted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Count, Q, QuerySet

from claimwright.billing.paper_remittance import (
    GridFault,
    PaperHeader,
    PaperRemittance,
    RunningTotal,
    faults,
    read_grid,
    running_total,
    to_remittance,
)
from claimwright.claims.from_x12.remittance import remittance as read_remittance
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.to_x12.remittance import build_interchange
from claimwright.web.cashier import models
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, record_audit
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.exchange.services import store_received
from claimwright.web.patients.selectors import named
from claimwright.web.payments.models import Remittance
from claimwright.web.payments.next_payer import carry_out, crossovers_answered
from claimwright.web.payments.posting import PartPosted, post_part
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.practice.selectors import payer_noun
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import scrub
from claimwright.x12 import read
from claimwright.x12.writer import Envelope, ValueRefused

SOURCE = "paper"
CLAIMS_SHOWN = 12
STATUS_OF = {"P": "1", "S": "2", "T": "3"}
UNSENT = ("DRAFT", "EDIT_HOLD", "READY", "CANCELLED")


class PaperRefused(ValueError):
    """What was asked of a paper remittance is not done. `faults` are the places of the grid, if it is the grid."""

    def __init__(self, says: str, found: Iterable[GridFault] = ()) -> None:
        super().__init__(says)
        self.faults = tuple(found)


def start_paper(
    *, practice: Practice, payer: Payer, check_number: str, check_date: date, amount: Decimal, method: str = "CHK"
) -> models.PaperRemittance:
    """A draft for one check. The same payer and number again gives the draft that is open. Raises PaperRefused."""
    _check_header(check_number, check_date, amount, method)
    number = check_number.strip()
    known = models.PaperRemittance.objects.filter(
        payer=payer, practice=practice, check_number=number, state=models.PaperRemittance.State.DRAFT
    ).first()
    if known is not None:
        return known
    refuse_known(payer=payer, practice=practice, check_number=number, amount=amount)
    made = models.PaperRemittance.objects.create(
        practice=practice, payer=payer, check_number=number, check_date=check_date, amount=amount, method=method,
        grid={"claims": [], "provider_adjustments": [], "unapplied_reason": ""}, typed_by=actor(), typed_at=clock.now(),
    )  # fmt: skip
    record_audit(action="paper.start", subject_type="paper", subject_id=made.pk, detail=str(amount))
    return made


def _check_header(check_number: str, check_date: date, amount: Decimal, method: str) -> None:
    if not check_number.strip() or len(check_number.strip()) > 50 or not check_number.strip().isascii():
        raise PaperRefused("type the number of the check, or of the notice where no money came")
    if amount < 0 or method not in ("CHK", "ACH", "NON") or (method == "NON" and amount):
        raise PaperRefused("a check is not below zero, and one of no payment is 0.00")
    if check_date > clock.today():
        raise PaperRefused("the check's date lies ahead: correct the date")


def refuse_known(*, payer: Payer, practice: Practice, check_number: str, amount: Decimal) -> None:
    """Raise PaperRefused where the payer's check is here already, by file or by hand, whatever id it was sent under."""
    plain = check_number.strip().lstrip("0").upper()
    rows = Remittance.objects.filter(
        Q(practice=practice) | Q(practice=None), payer=payer, state__in=["posted", "partial", "held"]
    ).exclude(trace_number="")
    near = rows.filter(trace_number__iendswith=plain) if plain else rows.none()
    for row in near.defer("content"):
        if row.trace_number.strip().lstrip("0").upper() == plain:
            says = "posted" if row.state != "held" else "held for a person"
            raise PaperRefused(
                f"this check is {says} already as {row.number} with {row.amount}: open that remittance and compare"
            )


def save_paper(*, paper: models.PaperRemittance, grid: Mapping[str, object]) -> models.PaperRemittance:
    """Keep the grid as typed, whatever is still wrong with it. Raises PaperRefused once it is posted."""
    paper = _locked(paper)
    paper.grid = dict(grid)
    paper.typed_by, paper.typed_at = actor(), clock.now()
    paper.save(update_fields=["grid", "typed_by", "typed_at"])
    return paper


def _locked(paper: models.PaperRemittance) -> models.PaperRemittance:
    held = models.PaperRemittance.objects.select_for_update(of=("self",)).select_related("payer", "practice")
    found = held.get(pk=paper.pk)
    if found.state != models.PaperRemittance.State.DRAFT:
        raise PaperRefused(f"it is {found.get_state_display().lower()} and cannot be changed")
    return found


def discard_paper(*, paper: models.PaperRemittance) -> None:
    """A draft that was begun by mistake. Nothing of it was posted."""
    paper = _locked(paper)
    paper.state = models.PaperRemittance.State.DISCARDED
    paper.save(update_fields=["state"])
    record_audit(action="paper.discard", subject_type="paper", subject_id=paper.pk)


# The claims ----------------------------------------------------------------------------------------------------------


def find_versions(*, payer: Payer, practice: Practice, text: str) -> list[ClaimVersion]:
    """Claims of this payer that went out, by our number, the payer's, the patient's name or a date of service."""
    text = text.strip()
    if not text:
        return []
    rows = ClaimVersion.objects.filter(claim__payer=payer, claim__practice=practice).exclude(state__in=UNSENT)
    spelt, day = (text, text.upper()), _day(text)
    last, _, first = (part.strip() for part in text.partition(","))
    # Each by an index of its own, then together: one question with "or" reads every claim of the payer.
    ways = (
        {"control_number__in": spelt}, {"payer_claim_number__in": spelt},
        {"date_of_service": day} if day else {"claim__patient__in": named(last, first)},
    )  # fmt: skip
    first_way, *others = [rows.filter(**way).values("pk") for way in ways]
    found = ClaimVersion.objects.filter(pk__in=first_way.union(*others, all=True))
    found = found.select_related("claim__patient", "claim__coverage").order_by("-date_of_service", "control_number")
    return list(found[:CLAIMS_SHOWN])


def _day(text: str) -> date | None:
    """2026-09-01 or 9/1/2026."""
    parts = text.replace("/", "-").split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    year, month, day = numbers if len(parts[0]) == 4 else (numbers[2], numbers[0], numbers[1])
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def claim_row(version: ClaimVersion) -> dict[str, object]:
    """A claim as rows of the grid: all that we know, so that only what the payer decided is typed."""
    noun = msgspec.convert(version.content, ClaimNoun, strict=False)
    patient, coverage = version.claim.patient, version.claim.coverage
    return {
        "control_number": version.control_number, "payer_claim_number": version.payer_claim_number,
        "status": STATUS_OF.get(version.claim.sequence, "1"), "last_name": patient.last_name,
        "first_name": patient.first_name, "member_id": coverage.member_id if coverage else "",
        "filing_indicator": version.claim.payer.filing_indicator,
        "lines": [
            {
                "line_id": line.control_number, "code": line.procedure_code, "modifiers": " ".join(line.modifiers),
                "units": f"{line.units.normalize():f}", "charge": str(line.charge), "allowed": "", "paid": "",
                "date": (line.date_from or noun.date_of_service or version.date_of_service).isoformat(),
                "deductible": "", "coinsurance": "", "copay": "", "adjustments": "", "remarks": "",
            }
            for line in noun.lines
        ],
    }  # fmt: skip


def add_claim(*, paper: models.PaperRemittance, version: ClaimVersion) -> models.PaperRemittance:
    """The claim's rows at the end of the grid. Raises PaperRefused for a claim of another payer."""
    paper = _locked(paper)
    if version.claim.payer_id != paper.payer_id or version.claim.practice_id != paper.practice_id:
        raise PaperRefused("the claim was sent to another payer, or for another practice")
    grid = dict(paper.grid)
    grid["claims"] = [*grid.get("claims", []), claim_row(version)]
    return save_paper(paper=paper, grid=grid)


# Judging and posting -------------------------------------------------------------------------------------------------


def header_of(paper: models.PaperRemittance) -> PaperHeader:
    payer = paper.payer
    return PaperHeader(
        payer=payer_noun(payer), trace_payer_id=trace_payer_id(payer), payee_name=paper.practice.name,
        payee_npi=paper.practice.npi, payee_tax_id=paper.practice.tax_id, check_number=paper.check_number,
        check_date=paper.check_date, amount=paper.amount, method=paper.method,
    )  # fmt: skip


def trace_payer_id(payer: Payer) -> str:
    """The id (TRN03) under which this payer's own files come, so that the file of the same check is known again: the
    most frequent of its remittances, else an alias that looks like one (1 and an EIN), else the payer's id."""
    sent: QuerySet[Remittance] = Remittance.objects.filter(payer=payer, state__in=["posted", "partial"])
    usual = (
        sent.exclude(part__file__source=SOURCE).exclude(trace_payer_id="").values("trace_payer_id")
        .annotate(times=Count("pk")).order_by("-times", "trace_payer_id").first()
    )  # fmt: skip
    if usual is not None:
        return str(usual["trace_payer_id"])
    return next((one for one in payer.aliases if len(one) == 10 and one.isdigit()), payer.payer_id)


def judge(paper: models.PaperRemittance) -> tuple[PaperRemittance | None, tuple[GridFault, ...], RunningTotal]:
    """The grid as it stands: as nouns if it can be read, every fault and warning, and the total against the check."""
    made, found = read_grid(header_of(paper), paper.grid)
    if made is not None:
        found = (*faults(made), *_foreign(paper, made))
    return made, found, running_total(paper.grid, paper.amount)


def _foreign(paper: models.PaperRemittance, made: PaperRemittance) -> list[GridFault]:
    """Claims of the grid that are none of this practice's: posting would hold them, here they can still be mended."""
    known = set(
        ClaimVersion.objects.filter(
            control_number__in=[claim.control_number for claim in made.claims], claim__practice=paper.practice
        ).values_list("control_number", flat=True)
    )
    return [
        GridFault(
            place=f"claim {at}, our number", says="it is no claim of ours", fix="Search the claim and add it anew"
        )
        for at, claim in enumerate(made.claims, 1)
        if claim.control_number not in known
    ]


def post_paper(*, paper: models.PaperRemittance) -> PartPosted:
    """Post the check as the 835 it stands for, in the caller's transaction. Raises PaperRefused and posts nothing
    where a line, a claim or the check does not balance, or the check is here already."""
    paper = _locked(paper)
    made, found, total = judge(paper)
    wrong = [fault for fault in found if not fault.warns]
    if made is None or wrong:
        raise PaperRefused(
            f"it does not add up yet: {len(wrong)} place(s) to mend, {total.left} of the check left", wrong
        )
    refuse_known(payer=paper.payer, practice=paper.practice, check_number=paper.check_number, amount=paper.amount)
    number = next_number(name="paper_remittance")
    try:
        content = build_interchange(
            [to_remittance(made)], control_number=number, group_control_number=number, when=clock.now(),
            envelope=Envelope(sender_id="PAPER", receiver_id="CLAIMWRIGHT", usage="P"),
        )  # fmt: skip
    except ValueRefused as refused:
        raise PaperRefused(
            "a name or number holds a character that no 835 holds: type it in plain letters"
        ) from refused
    file = store_received(source=SOURCE, name=f"paper-{number:06d}.835", content=content)
    done = _post(file)
    paper.remittance = Remittance.objects.get(number=done.number)
    paper.state = (
        models.PaperRemittance.State.POSTED if done.fate == "posted" else models.PaperRemittance.State.HELD
    )  # fmt: skip
    paper.save(update_fields=["remittance", "state"])
    record_audit(action="paper.post", subject_type="paper", subject_id=paper.pk, detail=f"{done.number} {done.fate}")
    return done


def _post(file: InboxFile) -> PartPosted:
    """What the day's run does with a received 835: its part, posting, and what follows for the next payers."""
    document = read(bytes(file.content))
    (transaction,) = document.transactions()
    interchange = document.interchanges[0]
    part = InboxPart.objects.create(
        file=file, ordinal=1, kind="835", byte_start=transaction.st.offset, byte_end=file.size,
        interchange_control_number=interchange.control_number.strip()[:20], group_control_number="",
        transaction_control_number=transaction.control_number.strip()[:20],
    )  # fmt: skip
    done = post_part(part=part, read=read_remittance(transaction), looked_at=True)
    ready = carry_out(actions=done.plan.next_payer)
    crossovers_answered(events=done.plan.events)
    scrub(version_ids=ready)
    file.kind, file.state = "x12", InboxFile.State.DONE
    file.save(update_fields=["kind", "state"])
    return done
