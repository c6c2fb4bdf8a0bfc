"""The way of one kind's claims: sent, acknowledged, asked about, paid, sent on, corrected; by cycles of about two weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from claimwright.claims.nouns import Claim, ClaimPayment, PriorPayment
from claimwright.claims.status import ClaimInquiry, StatusInquiry, StatusReport, StatusResponse
from claimwright.claims.synthetic import messages, payment, stories
from claimwright.claims.synthetic.acknowledgements import ClaimAcknowledgementStream, Verdict
from claimwright.claims.synthetic.claims import Episode, cents, control_number, coverage, money, other_coverage
from claimwright.claims.synthetic.payment import Decision
from claimwright.claims.synthetic.people import Plan
from claimwright.claims.synthetic.remittances import AUTHORIZED_RETURN, PaymentStream
from claimwright.claims.synthetic.streams import OpenTransaction
from claimwright.claims.to_x12 import attachment, authorization, remittance, status
from claimwright.claims.to_x12.claims import WRITERS
from claimwright.claims.to_x12.parties import Receiver, Submitter
from claimwright.x12.writer import Envelope

if TYPE_CHECKING:
    from claimwright.claims.synthetic.sets import SyntheticSet

# Days from the day the first claims are sent.
SENT = {1: 0, 2: 16, 3: 32}
PAID = {1: 14, 2: 30, 3: 45, 4: 60}
REVIEWED, ATTACHED, ASKED = -31, 1, 15
ACKNOWLEDGED = 1  # after the claims
LATE = 3  # the cycle in which late payments come
OUTBOUND = Envelope(sender_id="SYNSUBMIT", receiver_id="SYNCLEAR")
INBOUND = Envelope(sender_id="SYNCLEAR", receiver_id="SYNSUBMIT")
SUBMITTER = Submitter(
    name=messages.SUBMITTER_NAME,
    identifier=messages.SUBMITTER_ID,
    contact_name=messages.SUBMITTER_CONTACT,
    phone=messages.SUBMITTER_PHONE,
)
RECEIVER = Receiver(name=messages.CLEARINGHOUSE_NAME, identifier=messages.CLEARINGHOUSE_ID)


class ClaimStream:
    """One 837 and the 277CA that answers it."""

    def __init__(self, flow: KindFlow, cycle: int) -> None:
        owner, kind = flow.owner, flow.kind
        writer = WRITERS[kind]
        name = f"837{kind}-{cycle}.edi"
        file = owner.file(name, "837", writer.guide, OUTBOUND, SENT[cycle])
        answers = owner.file(f"277ca-{name}", "277", "005010X214", INBOUND, SENT[cycle] + ACKNOWLEDGED)
        self.transaction: OpenTransaction = file.transaction()
        number = self.transaction.control_number
        self.reference = f"B{owner.options.seed % 10_000:04d}{kind}{cycle}{number}"
        self.writer = writer(self.transaction.builder)
        self.writer.header(SUBMITTER, RECEIVER, self.reference, file.when, "CH")
        self.owner, self.answered = owner, answers.path.name
        self.answers = ClaimAcknowledgementStream(answers.transaction(), self.reference, answers.when.date())
        self.waiting: list[Verdict] = []
        self.count = self.charge = 0

    def flush(self) -> None:
        if self.waiting:
            claims = [one.claim for one in self.waiting]
            self.writer.claims(claims)
            self.transaction.drain()
            for noun in self.answers.add(self.waiting):
                self.owner.tell(self.answered, noun)
            self.count += len(claims)
            self.charge += sum(cents(claim.total_charge) for claim in claims)
            self.waiting = []

    def close(self) -> None:
        self.flush()
        self.transaction.close(reference=self.reference, claims=self.count, charge_cents=self.charge)
        self.answers.close()


class KindFlow:
    """All files of one kind of claim."""

    def __init__(self, owner: SyntheticSet, kind: str, totals: Counter[str]) -> None:
        self.owner, self.kind, self.totals = owner, kind, totals
        self._claims: dict[int, ClaimStream] = {}
        self._payments: dict[tuple[int, str, str], PaymentStream] = {}
        self._payments_made = 0
        self._asked: list[ClaimInquiry] = []
        self._answered: list[StatusReport] = []

    def day(self, days: int) -> date:
        return self.owner.options.date + timedelta(days)

    def batch(self, batch: list[Episode]) -> Iterator[dict[str, Any]]:
        """Everything of these claims; yields for each what the links file says of it."""
        for episode in batch:
            yield self.episode(episode)
        for stream in self._claims.values():
            stream.flush()
        self._ask()
        if not self.owner.options.single_st:
            self.end()

    def end(self) -> None:
        """Close what is open, the earlier cycles first: their debts are taken from later payments."""
        for stream in self._claims.values():
            stream.close()
        self._claims = {}
        for key in sorted(self._payments):
            self._payments[key].close(self.owner.debts, self.totals)
        self._payments = {}

    # One claim ------------------------------------------------------------------------------------------------------

    def episode(self, episode: Episode) -> dict[str, Any]:
        claim, story = episode.claim, episode.story
        link = _link(episode)
        self.totals["claims"] += 1
        self.totals["charge"] += cents(claim.total_charge)
        self.totals[f"story_{story.name}"] += 1
        if story is stories.AUTHORIZED:
            self._review(episode)
        refused = story is stories.REJECTED
        number = "" if refused else payer_claim_number(episode, 1)
        self._send(episode, claim, 1, number, link)
        if refused:
            return link
        if claim.attachments:
            self._attach(episode, claim)
        case = Case(self, episode, link)
        case.first(number)
        return link

    def _review(self, episode: Episode) -> None:
        asked = self.owner.file("278-request.edi", "278", authorization.GUIDE, OUTBOUND, REVIEWED)
        told = self.owner.file("278-response.edi", "278", authorization.GUIDE, INBOUND, REVIEWED)
        day = self.day(REVIEWED)
        request, response = messages.review_request(episode, day), messages.review_response(episode, day)
        self.owner.tell(asked.path.name, request)
        self.owner.tell(told.path.name, response)
        asked.add(partial(authorization.prior_auth_request, request))
        told.add(partial(authorization.prior_auth_response, response), certified=episode.claim.prior_authorization)
        self.totals["reviews"] += 1

    def _attach(self, episode: Episode, claim: Claim) -> None:
        file = self.owner.file("275.edi", "275", attachment.GUIDE, OUTBOUND, ATTACHED)
        noun = messages.attachment(episode, claim, self.day(ATTACHED))
        self.owner.tell(file.path.name, noun)
        file.add(partial(attachment.attachment, noun), claim=claim.control_number, attachment=noun.reference)
        self.totals["attachments"] += 1

    def _send(self, episode: Episode, claim: Claim, cycle: int, number: str, link: dict[str, Any]) -> None:
        """Into the cycle's 837 and its 277CA; a blank payer claim number refuses it."""
        stream = self._claims.get(cycle)
        if stream is None:
            stream = self._claims[cycle] = ClaimStream(self, cycle)
        through = episode.served + timedelta(episode.visit.days)
        self.owner.tell(f"837{self.kind}-{cycle}.edi", claim)
        stream.waiting.append(Verdict(claim, bool(number), number, episode.served, through))
        self.totals["claims_sent"] += 1
        self.totals["charge_sent"] += cents(claim.total_charge)
        link["sent"].append(
            {
                "control_number": claim.control_number,
                "file": f"837{self.kind}-{cycle}.edi",
                "transaction": stream.transaction.control_number,
                "frequency": claim.frequency,
                "payer": claim.coverage.payer.payer_id,
                "charge_cents": cents(claim.total_charge),
                "clearinghouse_trace": claim.clearinghouse_trace,
                "payer_claim_number": number,
            }
        )

    def payment_stream(self, cycle: int, plan: Plan, episode: Episode) -> PaymentStream:
        """The 835 of that cycle from that plan to the episode's practice."""
        key = (cycle, plan.payer.payer_id, episode.practice.billing.npi)
        stream = self._payments.get(key)
        if stream is None:
            file = self.owner.file(f"835-{self.kind}-{cycle}.edi", "835", remittance.GUIDE, INBOUND, PAID[cycle])
            self._payments_made += 1
            trace = f"EFT{self.owner.options.seed % 10_000:04d}{self.kind}{self._payments_made:07d}"
            stream = PaymentStream(
                file.transaction(), plan, episode.practice, trace, self.day(PAID[cycle]), self._payments_made, cycle
            )
            self._payments[key] = stream
        return stream

    def pay(
        self, stream: PaymentStream, paid: ClaimPayment, cycle: int, episode: Episode, link: dict[str, Any]
    ) -> None:
        """Into the 835; `stream.plan` is one of the episode's."""
        cover = next(one for one in episode.family.covers if one.plan is stream.plan)
        self.owner.tell(f"835-{self.kind}-{cycle}.edi", paid)
        stream.add(paid, episode.family.people[cover.holder], episode.claim.rendering)
        self.totals["claim_payments"] += 1
        self.totals["paid"] += cents(paid.paid)
        self.totals["interest"] += cents(paid.interest) if paid.interest else 0
        link["payments"].append(
            {
                "control_number": paid.control_number,
                "file": f"835-{self.kind}-{cycle}.edi",
                "transaction": stream.transaction.control_number,
                "trace": stream.trace,
                "payer": stream.plan.payer.payer_id,
                "status": paid.status,
                "charge_cents": cents(paid.charge),
                "paid_cents": cents(paid.paid),
                "patient_cents": cents(paid.patient_responsibility) if paid.patient_responsibility else 0,
                "payer_claim_number": paid.payer_claim_number,
            }
        )

    def ask(self, inquiry: ClaimInquiry, answer: StatusReport) -> None:
        self._asked.append(inquiry)
        self._answered.append(answer)

    def _ask(self) -> None:
        """A 276 and a 277 of the batch's claims."""
        if not self._asked:
            return
        owner = self.owner
        asked = owner.file(f"276-{self.kind}.edi", "276", status.GUIDE, OUTBOUND, ASKED)
        told = owner.file(f"277-{self.kind}.edi", "277", status.GUIDE, INBOUND, ASKED)
        reference = f"STA{owner.options.seed % 10_000:04d}{self.kind}{asked.opened + 1:06d}"
        day = asked.when.date()
        inquiry = StatusInquiry(reference=reference, created=day, created_time="0930", claims=tuple(self._asked))
        answer = StatusResponse(reference=reference, created=day, created_time="0931", reports=tuple(self._answered))
        owner.tell(asked.path.name, inquiry)
        owner.tell(told.path.name, answer)
        asked.add(partial(status.status_inquiry, inquiry), claims=len(self._asked))
        told.add(partial(status.status_response, answer), claims=len(self._asked))
        self.totals["status_inquiries"] += len(self._asked)
        self._asked, self._answered = [], []


class Case:
    """One claim that was taken in, from its first decision on."""

    def __init__(self, flow: KindFlow, episode: Episode, link: dict[str, Any]) -> None:
        self.flow, self.episode, self.link = flow, episode, link

    def first(self, number: str) -> None:
        """The first payer's decision, the question how it stands, and what the story has after it."""
        flow, episode, story = self.flow, self.episode, self.episode.story
        claim = episode.claim
        wrong = story in (stories.CORRECTED, stories.REFUNDED, stories.RECOUPED)
        decision = payment.decide(episode, claim, payment.EARLIER_PERCENT if wrong else 100)
        cycle = LATE if story is stories.INTEREST else 1
        stream = flow.payment_stream(cycle, episode.plan, episode)
        paid = payment.claim_payment(episode, claim, decision, 1, number)
        flow.pay(stream, paid, cycle, episode, self.link)
        self._ask(number, decision if cycle == 1 else None, stream)
        if len(episode.family.covers) > 1:
            self._next_payers(claim, [(decision, number)])
        elif wrong:
            self._correct(paid, number)
        elif story is stories.REPLACED:
            self._replace(paid, number)
        elif story is stories.VOIDED:
            self._void(paid, number)

    def _ask(self, number: str, decision: Decision | None, stream: PaymentStream) -> None:
        episode = self.episode
        inquiry = messages.status_inquiry(episode, episode.claim, number)
        trace = stream.trace if decision is not None and decision.paid else ""
        on = self.flow.day(ASKED)
        self.flow.ask(inquiry, messages.status_report(episode, inquiry, decision, trace, stream.on, on))
        self.link["status_trace"] = inquiry.trace_number

    def _next_payers(self, claim: Claim, before: list[tuple[Decision, str]]) -> None:
        """Each further payer: told by the one before it, or by the practice with another claim."""
        flow, episode = self.flow, self.episode
        for place in range(2, len(episode.family.covers) + 1):
            plan = episode.family.covers[place - 1].plan
            number = payer_claim_number(episode, place)
            if not episode.story.forwards:
                claim = self._claim_for(place, before)
                flow._send(episode, claim, place, number, self.link)
            decision = payment.decide_next(episode, before[-1][0], place)
            stream = flow.payment_stream(place, plan, episode)
            flow.pay(stream, payment.claim_payment(episode, claim, decision, place, number), place, episode, self.link)
            before.append((decision, number))

    def _claim_for(self, place: int, before: list[tuple[Decision, str]]) -> Claim:
        """The claim to the payer at `place`, with what those before it decided."""
        episode = self.episode
        days = [self.flow.day(PAID[at]) for at in range(1, place)]
        told = [
            payment.prior_payment(episode, decision, at, number, day)
            for at, ((decision, number), day) in enumerate(zip(before, days, strict=True), 1)
        ]
        waiting = [
            PriorPayment(coverage=other_coverage(episode, at), adjudicated=False)
            for at in range(place, len(episode.family.covers))
        ]
        lines = tuple(
            msgspec.structs.replace(
                line,
                adjudications=tuple(
                    payment.line_adjudication(
                        line, decision.lines[at], episode.family.covers[payer].plan.payer.payer_id, day
                    )
                    for payer, ((decision, _), day) in enumerate(zip(before, days, strict=True))
                    if decision.lines
                ),
            )
            for at, line in enumerate(episode.claim.lines)
        )
        return msgspec.structs.replace(
            episode.claim,
            control_number=f"{control_number(episode)}-{place}",
            clearinghouse_trace=f"CLR{episode.tag}-{place}",
            coverage=coverage(episode, place - 1),
            prior_payments=(*told, *waiting),
            lines=lines,
        )

    def _correct(self, paid: ClaimPayment, number: str) -> None:
        """The payer takes its payment back and pays by the right contract."""
        flow, episode = self.flow, self.episode
        decision = payment.decide(episode, episode.claim)
        again = payment.claim_payment(episode, episode.claim, decision, 1, f"{number}C")
        again = msgspec.structs.replace(again, original_reference=number)
        stream = flow.payment_stream(2, episode.plan, episode)
        flow.pay(stream, payment.reversal(paid), 2, episode, self.link)
        flow.pay(stream, again, 2, episode, self.link)
        over = cents(paid.paid) - cents(again.paid)
        if over > 0 and episode.story is stories.REFUNDED:
            stream.adjust(AUTHORIZED_RETURN, number, -over)
        elif over > 0 and episode.story is stories.RECOUPED:
            stream.recoup_later(number, over)

    def _replace(self, paid: ClaimPayment, number: str) -> None:
        """The practice bills again without the last line, which was billed in error."""
        flow, episode = self.flow, self.episode
        lines = episode.claim.lines[:-1]
        claim = msgspec.structs.replace(
            episode.claim,
            control_number=f"{control_number(episode)}R",
            clearinghouse_trace=f"CLR{episode.tag}R",
            frequency="7",
            payer_claim_number=number,
            lines=lines,
            total_charge=sum((line.charge for line in lines), money(0)),
        )
        flow._send(episode, claim, 2, f"{number}R", self.link)
        decision = payment.decide(episode, claim)
        again = payment.claim_payment(episode, claim, decision, 1, f"{number}R")
        stream = flow.payment_stream(2, episode.plan, episode)
        flow.pay(stream, payment.reversal(paid), 2, episode, self.link)
        flow.pay(stream, msgspec.structs.replace(again, original_reference=number), 2, episode, self.link)

    def _void(self, paid: ClaimPayment, number: str) -> None:
        claim = msgspec.structs.replace(
            self.episode.claim,
            control_number=f"{control_number(self.episode)}V",
            clearinghouse_trace=f"CLR{self.episode.tag}V",
            frequency="8",
            payer_claim_number=number,
        )
        flow, episode = self.flow, self.episode
        flow._send(episode, claim, 2, f"{number}V", self.link)
        stream = flow.payment_stream(2, episode.plan, episode)
        flow.pay(stream, payment.reversal(paid), 2, episode, self.link)


def payer_claim_number(episode: Episode, place: int) -> str:
    """The number that the payer at `place` (1 = first) gives the claim."""
    return f"ICN{episode.family.covers[place - 1].plan.payer.payer_id[-2:]}{episode.tag}"


def _link(episode: Episode) -> dict[str, Any]:
    claim = episode.claim
    return {
        "control_number": claim.control_number,
        "kind": episode.kind,
        "story": episode.story.name,
        "member_ids": [cover.member_id for cover in episode.family.covers],
        "payers": [cover.plan.payer.payer_id for cover in episode.family.covers],
        "practice_npi": claim.billing_provider.npi,
        "lines": {line.control_number: cents(line.charge) for line in claim.lines},
        "authorization": claim.prior_authorization,
        "attachments": [one.control_number for one in claim.attachments],
        "eligibility_traces": [messages.eligibility_trace(episode, at) for at in range(len(episode.family.covers))],
        "status_trace": "",
        "sent": [],
        "payments": [],
    }
