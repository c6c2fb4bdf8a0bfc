"""Who is covered and who asks: the 834 and 820 of the sponsor, the 270 and 271 of the practices."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from claimwright.claims.eligibility import EligibilityInquiry, EligibilityResponse, PatientEligibility, PatientInquiry
from claimwright.claims.synthetic import memberships, messages
from claimwright.claims.synthetic.claims import Episode
from claimwright.claims.synthetic.people import Cover, Family, Plan
from claimwright.claims.synthetic.streams import OpenTransaction
from claimwright.claims.to_x12 import eligibility, enrollment, premium
from claimwright.x12.writer import Envelope

if TYPE_CHECKING:
    from claimwright.claims.synthetic.sets import SyntheticSet

ENROLLED, PREMIUM_PAID, ASKED = -60, -50, -31  # days from the day the claims are sent
PATIENTS_PER_TRANSACTION = 50  # of a 270; its guide, section 1.4.2, ends at 99
SPONSORED = Envelope(sender_id="SYNSPONSOR", receiver_id="SYNPLANS")
OUTBOUND = Envelope(sender_id="SYNSUBMIT", receiver_id="SYNPLANS")
INBOUND = Envelope(sender_id="SYNPLANS", receiver_id="SYNSUBMIT")


class _PlanStreams:
    """One plan's open 834 and 820."""

    def __init__(self, plan: Plan, enrolled: OpenTransaction, paid: OpenTransaction, reference: str, on: date) -> None:
        self.plan, self.enrolled, self.paid, self.reference = plan, enrolled, paid, reference
        self.members = enrollment.EnrollmentWriter(enrolled.builder)
        self.remitters = premium.PremiumWriter(paid.builder)
        self.members.header(memberships.enrollment(plan, f"ENR{reference}", on))
        self.count = self.subscribers = self.total = 0


class Enrolments:
    """Enrols each family in each of its plans, pays a month's premium for it, and asks whether it is covered."""

    def __init__(self, owner: SyntheticSet) -> None:
        self.owner = owner
        self.totals: Counter[str] = Counter()
        self._plans: dict[str, _PlanStreams] = {}
        self._opened = 0
        self._inquiries: list[PatientInquiry] = []
        self._answers: list[PatientEligibility] = []
        self._asked: set[tuple[str, int]] = set()  # of the family at hand

    def add(self, episode: Episode) -> None:
        """An episode before its claim is made: nothing is taken from its deductible yet."""
        family = episode.family
        if episode.first_of_family:
            self._asked.clear()
            for cover in family.covers:
                self._enrol(family, cover)
        for at, cover in enumerate(family.covers):
            if (cover.member_id, episode.patient) in self._asked:
                continue
            self._asked.add((cover.member_id, episode.patient))
            left = family.deductible_left[episode.patient] if at == 0 else 0
            self._inquiries.append(messages.eligibility_inquiry(episode, at))
            self._answers.append(messages.eligibility_answer(episode, at, left))
            if len(self._inquiries) >= PATIENTS_PER_TRANSACTION:
                self._ask()

    def _enrol(self, family: Family, cover: Cover) -> None:
        stream = self._plans.get(cover.plan.payer.payer_id) or self._open(cover.plan)
        for member in memberships.members(family, cover, self._begin()):
            self.owner.tell("834.edi", member)
            stream.members.member(member)
            stream.count += 1
        stream.subscribers += 1
        stream.total += cover.plan.premium
        month = self.owner.options.date + timedelta(PREMIUM_PAID)
        remitter = memberships.premium_remitter(family, cover, stream.subscribers, month)
        self.owner.tell("820.edi", remitter)
        stream.remitters.remitter(remitter)
        stream.enrolled.drain()
        stream.paid.drain()

    def _begin(self) -> date:
        """Cover begins with the year the services are in, and no later than they do."""
        day = self.owner.options.date + timedelta(ENROLLED)
        return date(day.year, 1, 1)

    def _open(self, plan: Plan) -> _PlanStreams:
        owner = self.owner
        self._opened += 1
        reference = f"{owner.options.seed % 10_000:04d}{self._opened:06d}"
        enrolled = owner.file("834.edi", "834", enrollment.GUIDE, SPONSORED, ENROLLED)
        paid = owner.file("820.edi", "820", premium.GUIDE, SPONSORED, PREMIUM_PAID)
        day = enrolled.when.date()
        stream = _PlanStreams(plan, enrolled.transaction(), paid.transaction(), reference, day)
        self._plans[plan.payer.payer_id] = stream
        return stream

    def _ask(self) -> None:
        if not self._inquiries:
            return
        owner = self.owner
        asked = owner.file("270.edi", "270", eligibility.GUIDE, OUTBOUND, ASKED)
        told = owner.file("271.edi", "271", eligibility.GUIDE, INBOUND, ASKED)
        reference = f"ELG{owner.options.seed % 10_000:04d}{asked.opened + 1:06d}"
        day = asked.when.date()
        inquiry = EligibilityInquiry(
            reference=reference, created=day, created_time="0930", inquiries=tuple(self._inquiries)
        )
        answer = EligibilityResponse(
            reference=reference, created=day, created_time="0931", patients=tuple(self._answers)
        )
        count = len(self._inquiries)
        owner.tell("270.edi", inquiry)
        owner.tell("271.edi", answer)
        asked.add(partial(eligibility.eligibility_inquiry, inquiry), patients=count)
        told.add(partial(eligibility.eligibility_response, answer), patients=count)
        self.totals["eligibility_inquiries"] += count
        self._inquiries, self._answers = [], []

    def close(self) -> None:
        """End what is open; later families begin new transactions."""
        self._ask()
        for stream in self._plans.values():
            payer = stream.plan.payer.payer_id
            stream.enrolled.close(payer=payer, members=stream.count, subscribers=stream.subscribers)
            trace = f"PRM{stream.reference}"
            day = self.owner.options.date + timedelta(PREMIUM_PAID)
            stream.remitters.header(memberships.premium_payment(stream.plan, trace, stream.total, day))
            stream.paid.close(
                stream.paid.take(), payer=payer, trace=trace, subscribers=stream.subscribers, payment_cents=stream.total
            )
            self.totals["members"] += stream.count
            self.totals["subscribers"] += stream.subscribers
            self.totals["premium"] += stream.total
        self._plans = {}
