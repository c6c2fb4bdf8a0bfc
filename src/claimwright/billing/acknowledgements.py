"""TA1, 999 and 277CA into claim events: what came back, for which versions, and what nobody waits for.

Acknowledgements come late, twice, out of order and for others: the lifecycle decides whether the state moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from claimwright.billing.lifecycle import Outcome, State, Transition, Trigger, apply
from claimwright.claims.nouns import (
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    Noun,
    TransactionAcknowledgement,
)

CLEARINGHOUSE = "AY"
PAYER = "PR"
ACCEPTED_CODES = ("A", "E")  # E: accepted, errors noted
REJECTED_CODES = ("R", "M", "W", "X")
PARTIAL = "P"  # AK901 only: some sets
# 277CA categories that reject. A3 too: it says unprocessable, whatever some web pages hold. Source: domain section 6.
REJECTING_CATEGORIES = ("A3", "A4", "A6", "A7", "A8")
CLAIM_LEVEL = "claim"


class SentVersion(Noun, frozen=True, kw_only=True):
    """A claim version in a file that went out, with the numbers of the envelope it travelled in."""

    version_id: str
    control_number: str  # CLM01
    state: State
    interchange: str = ""  # ISA13
    group: str = ""  # GS06
    transaction: str = ""  # ST02
    batch_reference: str = ""  # BHT03
    provider_npi: str = ""  # billing provider, for a verdict on all of one provider's claims


class AcknowledgementEvent(Noun, frozen=True, kw_only=True):
    """What one acknowledgement says about one version."""

    version_id: str
    trigger: Trigger
    outcome: Outcome
    confirmed_first: bool = False  # the file counted as BATCHED: our own confirmation of sending is repaired
    statuses: tuple[ClaimStatus, ...] = ()
    payer_claim_number: str = ""  # REF*1K
    clearinghouse_trace: str = ""  # REF*D9
    message: str = ""
    proof_of_filing: date | None = None  # a payer's acceptance: proof for timely filing


class Orphan(Noun, frozen=True, kw_only=True):
    """An acknowledgement for nothing we sent, or one that contradicts itself: the orphan queue."""

    code: str
    place: str
    says: str
    fix: str


class Acknowledged(Noun, frozen=True, kw_only=True):
    events: tuple[AcknowledgementEvent, ...] = ()
    orphans: tuple[Orphan, ...] = ()


def _event(version: SentVersion, trigger: Trigger, item: ClaimAcknowledgement | None = None) -> AcknowledgementEvent:
    """One event; a BATCHED version is first taken as sent, for its answer came before our own confirmation."""
    state, confirmed = version.state, False
    if state is State.BATCHED:
        repaired = apply(state, Trigger.ACKNOWLEDGED_BEFORE_CONFIRMED)
        if isinstance(repaired, Transition):
            state, confirmed = repaired.target, True
    accepted_by_payer = trigger is Trigger.PAYER_ACCEPT
    return AcknowledgementEvent(
        version_id=version.version_id,
        trigger=trigger,
        outcome=apply(state, trigger),
        confirmed_first=confirmed,
        statuses=item.statuses if item else (),
        payer_claim_number=item.payer_claim_number if item else "",
        clearinghouse_trace=item.clearinghouse_trace if item else "",
        message=item.message if item else "",
        proof_of_filing=item.effective_date if item and accepted_by_payer else None,
    )


def interchange(ack: InterchangeAcknowledgement, sent: Iterable[SentVersion]) -> Acknowledged:
    """TA1: R rejects every claim of the interchange; A and E say only that the envelope was read."""
    mine = [version for version in sent if version.interchange.lstrip("0") == ack.control_number.lstrip("0")]
    if not mine:
        return _orphan("TA1", f"TA1 for interchange {ack.control_number}", "no interchange of ours has this number")
    if ack.code != "R":
        return Acknowledged()
    return Acknowledged(events=tuple(_event(version, Trigger.FILE_REJECT) for version in mine))


def group(ack: GroupAcknowledgement, sent: Iterable[SentVersion]) -> Acknowledged:
    """999: each set's verdict goes to its claims; a group's verdict to those whose set is not named."""
    mine = [version for version in sent if version.group.lstrip("0") == ack.control_number.lstrip("0")]
    place = f"999 for group {ack.control_number}"
    if not mine:
        return _orphan("999", place, "no group of ours has this number")
    events: list[AcknowledgementEvent] = []
    orphans: list[Orphan] = []
    sets = {version.transaction for version in mine}
    named: Mapping[str, TransactionAcknowledgement] = {t.control_number: t for t in ack.transactions}
    for version in mine:
        answered = named.get(version.transaction)
        code = answered.code if answered else ack.code
        if code in ACCEPTED_CODES:
            events.append(_event(version, Trigger.FILE_ACCEPT))
        elif code in REJECTED_CODES:
            events.append(_event(version, Trigger.FILE_REJECT))
        elif code == PARTIAL:
            orphans.append(_one("PARTIAL", place, f"set {version.transaction} is not named in a partial verdict"))
    orphans.extend(
        _one("UNKNOWN_SET", place, f"it answers set {number}, which we did not send") for number in named.keys() - sets
    )
    if ack.included and ack.included != len(sets):
        orphans.append(_one("COUNT", place, f"it counts {ack.included} sets, we sent {len(sets)}"))
    return Acknowledged(events=tuple(events), orphans=tuple(orphans))


def claims(report: ClaimAcknowledgementReport, sent: Iterable[SentVersion]) -> Acknowledged:
    """277CA of a clearinghouse or a payer, told apart by 2100A. A verdict on a batch or provider goes to all beneath."""
    everything = list(sent)
    by_number: dict[str, SentVersion] = {version.control_number: version for version in everything}
    payer = report.source_qualifier == PAYER
    accept = Trigger.PAYER_ACCEPT if payer else Trigger.CH_ACCEPT
    reject = Trigger.PAYER_REJECT if payer else Trigger.CH_REJECT
    events: list[AcknowledgementEvent] = []
    orphans: list[Orphan] = []
    place = f"277CA {report.reference}"
    spoken: set[str] = set()
    for item in report.items:
        if item.level != CLAIM_LEVEL:
            continue
        version = by_number.get(item.control_number)
        if version is None:
            orphans.append(_one("UNKNOWN_CLAIM", f"{place} segment {item.segment}", "no claim of ours has this number"))
            continue
        spoken.add(version.version_id)
        events.append(_event(version, accept if is_accepted(item) else reject, item))
    for item in report.items:
        if item.level == CLAIM_LEVEL or is_accepted(item):
            continue
        beneath = [v for v in everything if v.version_id not in spoken and _is_beneath(v, item, report)]
        if not beneath and not spoken:
            orphans.append(_one("UNKNOWN_BATCH", f"{place} segment {item.segment}", "it rejects no batch of ours"))
        events.extend(_event(version, reject, item) for version in beneath)
        spoken.update(version.version_id for version in beneath)
    return Acknowledged(events=tuple(events), orphans=tuple(orphans))


def is_accepted(item: ClaimAcknowledgement) -> bool:
    """STC03 decides; a category that rejects overrules an accept, for the claim goes nowhere."""
    return item.accepted and not any(status.category in REJECTING_CATEGORIES for status in item.statuses)


def _is_beneath(version: SentVersion, item: ClaimAcknowledgement, report: ClaimAcknowledgementReport) -> bool:
    """Whether a batch-level verdict covers the version: its batch, and its provider when the verdict names one."""
    if version.batch_reference != report.trace_number:
        return False
    return item.level != "provider" or not item.control_number or item.control_number in ("0", version.provider_npi)


def _one(code: str, place: str, says: str) -> Orphan:
    return Orphan(code=code, place=place, says=says, fix="Ask the sender what it answers; nothing changes until then")


def _orphan(code: str, place: str, says: str) -> Acknowledged:
    return Acknowledged(orphans=(_one(f"UNKNOWN_{code}", place, says),))
