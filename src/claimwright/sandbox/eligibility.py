"""The payers' eligibility desk: 270s read by a walk of its own, answered by 271 from the members, benefits and plan.

An answer agrees with how the same payer will pay: the same benefits, the same deductible met so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby

import msgspec

from claimwright.sandbox.adjudicate import Desk, benefit_of, deductible_met
from claimwright.sandbox.answers import envelope
from claimwright.sandbox.behaviour import fraction, happens, nth, pick
from claimwright.sandbox.books import Books, Delivery
from claimwright.sandbox.front_end import npi_is_valid
from claimwright.sandbox.plan import Benefit, Member, Payer, Plan
from claimwright.sandbox.records import Claim, Record
from claimwright.sandbox.submitted import date_of
from claimwright.sandbox.wire import Answer
from claimwright.x12 import InterchangeBuilder, Segment, Transaction
from claimwright.x12.writer import Raw

GUIDE_270 = GUIDE_271 = "005010X279A1"
MONTHS_BACK = 24
# AAA03 by the level that the guide lists it at; the rest is told of the patient.
SOURCE_REASONS = frozenset(("04", "41", "42", "79", "80", "T4"))
RECEIVER_REASONS = frozenset(("44", "46", "50", "97"))
DEPENDENT_ONLY = frozenset(("64", "65", "66", "67", "68", "77"))
FOLLOW_UP = {"42": "R", "80": "R", "79": "C", "41": "N"}
NOT_FOUND, BIRTH_DATE, BAD_NAME, BAD_ID, SEVERAL = "75", "71", "73", "72", "76"
BAD_PROVIDER, NO_SUCH_PAYER, TOO_EARLY, TOO_LATE = "43", "79", "62", "63"
INSURANCE_TYPES = {"MB": "MB", "MA": "MA", "MC": "MC", "HM": "HM"}  # EB04 by the filing indicator
DOCTORS = ("ADAMS", "BRIGGS", "CARVER", "DALTON", "ELLERY")
PLAN_WIDE = "30"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """2100C or 2100D as sent."""

    last: str = ""
    first: str = ""
    birth_date: str = ""
    sex: str = ""
    member_id: str = ""
    relationship: str = ""  # INS02


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One patient asked about. `traces` are (TRN02, TRN03, TRN04)."""

    payer_id: str = ""
    payer_name: str = ""
    receiver: Segment | None = None
    subscriber: Person = Person()
    dependent: Person | None = None
    traces: tuple[tuple[str, str, str], ...] = ()
    on: date | None = None
    service_types: tuple[str, ...] = ()

    @property
    def patient(self) -> Person:
        return self.dependent or self.subscriber


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Either `reason` (AAA03) or what is covered."""

    asked: Asked
    reason: str = ""
    active: bool = True
    insurance_type: str = ""  # EB04
    member_id: str = ""
    start: date | None = None
    end: date | None = None  # the first day without
    benefit: Benefit = Benefit(name="")
    left: Decimal = Decimal(0)
    other_payer: Payer | None = None
    doctor: str = ""


# Reading -------------------------------------------------------------------------------------------------------------


def read_inquiries(transaction: Transaction) -> list[Asked]:
    """Every patient of a 270 about whom something is asked, in file order."""
    walk = _Walk(transaction.interchange.isa[11] if transaction.interchange.isa else "^")
    for segment in transaction.segments:
        walk.take(segment)
    walk.close()
    return walk.found


def batch_of(transaction: Transaction) -> str:
    return next((segment[3] for segment in transaction.segments if segment.id == "BHT"), "")


class _Walk:
    def __init__(self, repetition: str) -> None:
        self.repetition = repetition
        self.found: list[Asked] = []
        self.level = self.payer_id = self.payer_name = ""
        self.receiver: Segment | None = None
        self.subscriber: dict[str, str] = {}
        self.person: dict[str, str] = {}
        self.traces: list[tuple[str, str, str]] = []
        self.types: list[str] = []
        self.on: date | None = None
        self.asks = False

    def take(self, segment: Segment) -> None:
        name = segment.id
        if name == "HL":
            self.close()
            self.level = segment[3]
            self.person = {}
            if self.level == "22":
                self.subscriber = self.person
        elif name == "NM1" and segment[1] in ("PR", "2B", "36", "GP", "P5") and self.level == "20":
            self.payer_name, self.payer_id = segment[3], segment[9]
        elif name == "NM1" and self.level == "21":
            self.receiver = segment
        elif name == "NM1":
            self.person.update(last=segment[3], first=segment[4], member_id=segment[9])
        elif name == "TRN":
            self.traces.append((segment[2], segment[3], segment[4]))
        elif name == "DMG":
            self.person.update(birth_date=segment[2], sex=segment[3])
        elif name == "INS":
            self.person.update(relationship=segment[2])
        elif name == "DTP" and segment[1] == "291":
            self.on = date_of(segment[3][:8])
        elif name == "EQ":
            self.asks = True
            self.types += segment[1].split(self.repetition)

    def close(self) -> None:
        if self.asks:
            own = Person(**self.subscriber)
            self.found.append(
                Asked(
                    payer_id=self.payer_id, payer_name=self.payer_name, receiver=self.receiver, subscriber=own,
                    dependent=Person(**self.person) if self.level == "23" else None, traces=tuple(self.traces),
                    on=self.on, service_types=tuple(dict.fromkeys(filter(None, self.types))),
                )
            )  # fmt: skip
        if self.asks or self.level != "22":
            self.traces = []
        self.types, self.on, self.asks = [], None, False


# Deciding ------------------------------------------------------------------------------------------------------------


class EligibilityDesk:
    """All payers' answers of one day."""

    def __init__(self, plan: Plan, books: Books, members: dict[tuple[str, str], Member], today: date) -> None:
        self.plan, self.books, self.members, self.today = plan, books, members, today

    def decide(self, asked: Asked) -> Verdict:
        payer, manners = self.plan.payer(asked.payer_id), self.plan.eligibility
        if payer is None:
            return Verdict(asked=asked, reason=NO_SUCH_PAYER)
        number = self.books.count("eligibility inquiries")
        if nth(number, manners.unavailable.every, manners.unavailable.offset):
            return Verdict(asked=asked, reason="42")
        if asked.receiver is None or asked.receiver[8] != "XX" or not npi_is_valid(asked.receiver[9]):
            return Verdict(asked=asked, reason=BAD_PROVIDER)
        on = asked.on or self.today
        if (on.year, on.month) > (self.today.year, self.today.month):
            return Verdict(asked=asked, reason=TOO_LATE)
        if (self.today.year - on.year) * 12 + self.today.month - on.month > MONTHS_BACK:
            return Verdict(asked=asked, reason=TOO_EARLY)
        member_id, reason = self._find(payer, asked)
        fate = manners.fates.get(asked.subscriber.member_id) or manners.fates.get(member_id, "")
        if not fate and not reason:
            fate = pick(manners.refusals, self.plan.seed, "271", payer.id, member_id)
        if reason or re.fullmatch(r"\d\d|T4", fate):
            return Verdict(asked=asked, reason=self._at_level(asked, reason or fate))
        return self._covered(payer, asked, member_id, on, fate)

    def _at_level(self, asked: Asked, reason: str) -> str:
        """Reasons that the guide keeps for a dependent, told of a subscriber, are told as its own ones."""
        own = {"64": BAD_ID, "65": BAD_NAME, "66": "74", "67": NOT_FOUND, "68": SEVERAL, "77": NOT_FOUND}
        dependents = {BAD_ID: "64", BAD_NAME: "65", "74": "66", NOT_FOUND: "67", SEVERAL: "68"}
        return dependents.get(reason, reason) if asked.dependent is not None else own.get(reason, reason)

    def _find(self, payer: Payer, asked: Asked) -> tuple[str, str]:
        """(member id, "") or ("", AAA03). A payer without members listed knows every well-formed id."""
        known = [row for (owner, _), row in self.members.items() if owner == payer.id]
        told, patient = asked.subscriber.member_id, asked.patient
        if not known:
            if told:
                return (told, "") if re.fullmatch(payer.member_id_pattern, told) else ("", BAD_ID)
            found = happens(self.plan.eligibility.search_share, self.plan.seed, "search", payer.id, _key(patient))
            at = int(fraction(self.plan.seed, "searched", payer.id, _key(patient)) * 10**8)
            return (f"S{at:08d}", "") if found else ("", NOT_FOUND)
        if told:
            member = self.members.get((payer.id, told))
            if member is None:
                return "", NOT_FOUND
            return (told, "") if asked.dependent is not None else (told, _mismatch(member, patient))
        alike = [row for row in known if not _mismatch(row, patient) and row.birth_date and patient.birth_date]
        if len(alike) > 1:
            return "", SEVERAL
        return (alike[0].member_id, "") if alike else ("", NOT_FOUND)

    def _covered(self, payer: Payer, asked: Asked, member_id: str, on: date, fate: str) -> Verdict:
        plan, manners, member = self.plan, self.plan.eligibility, self.members.get((payer.id, member_id))
        parts = (plan.seed, "cover", payer.id, member_id)
        start = member.start if member else date(self.today.year, 1, 1)
        end = member.end if member else None
        if end is None and (fate == "ended" or (not fate and happens(manners.ended_share, *parts, "ended"))):
            end = date(self.today.year, self.today.month, 1)  # since the first of this month, told from then on
        active = (start is None or start <= on) and (end is None or on < end)
        if fate == "inactive" or (not fate and happens(manners.inactive_share, *parts, "inactive")):
            active = False
        named = fate == "other_payer" or (not fate and happens(manners.other_payer_share, *parts, "other"))
        others = [one for one in plan.payers if one.id != payer.id]
        quarter = f"{self.today.year}Q{(self.today.month - 1) // 3}"
        moved = fate == "new_doctor" or happens(manners.new_doctor_share, *parts, "doctor", quarter)
        doctor = DOCTORS[int(fraction(*parts, "doctor", quarter if moved else "") * len(DOCTORS))]
        record = Record(
            key=0, payer=payer.id, claim=Claim(control_number=""), chain="", received=self.today, arrives=self.today,
            member_id=member_id,
        )  # fmt: skip
        desk = Desk(plan=plan, payer=payer, members=self.members, books=self.books, today=self.today)
        benefit = benefit_of(desk, record)
        met = deductible_met(desk, record, benefit, on.year)
        return Verdict(
            asked=asked, active=active, insurance_type=INSURANCE_TYPES.get(payer.filing_indicator, ""),
            member_id=member_id, start=start, end=end, benefit=benefit,
            left=max(benefit.deductible - met, Decimal(0)), doctor=doctor if payer.filing_indicator == "HM" or moved else "",
            other_payer=others[int(fraction(*parts, "which") * len(others))] if named and others else None,
        )  # fmt: skip


def _key(person: Person) -> str:
    return "|".join((person.last.upper(), person.first.upper(), person.birth_date))


def _mismatch(member: Member, person: Person) -> str:
    """ "" where the member's row and what was sent agree, as far as both tell; else the AAA03."""
    born = member.birth_date.replace("-", "")
    if born and person.birth_date and born != person.birth_date:
        return BIRTH_DATE
    if member.last_name and person.last and member.last_name.upper() != person.last.upper():
        return BAD_NAME
    if member.first_name and person.first and member.first_name.upper() != person.first.upper():
        return BAD_NAME
    return ""


# Answering -----------------------------------------------------------------------------------------------------------


def answer_inquiries(
    transaction: Transaction, plan: Plan, books: Books, members: dict[tuple[str, str], Member], day: date
) -> tuple[int, int]:
    """Put the 271 for one 270 among the deliveries; (patients asked about, of them refused)."""
    due = day + timedelta(days=plan.eligibility.answer_days)
    verdicts, content = answer_at_once(transaction, plan, books, members, day, due)
    if not verdicts:
        return 0, 0
    payer = plan.payer(verdicts[0].asked.payer_id)
    stem = f"271_{payer.id if payer else plan.clearinghouse.id}"
    books.deliveries.append(Delivery(due=due, stem=stem, content=content.decode("ascii")))
    return len(verdicts), sum(1 for one in verdicts if one.reason)


def answer_at_once(
    transaction: Transaction, plan: Plan, books: Books, members: dict[tuple[str, str], Member], day: date, due: date
) -> tuple[list[Verdict], bytes]:
    """The verdicts on one 270 as of `day`, and the interchange with its 271, dated `due`; b"" where nothing is asked."""
    desk = EligibilityDesk(plan, books, members, day)
    verdicts = [desk.decide(asked) for asked in read_inquiries(transaction)]
    if not verdicts:
        return [], b""
    out = Answer("271", "0001", GUIDE_271)
    out.add("BHT", "0022", "11", batch_of(transaction), due, "0500")
    Writer(out).levels(verdicts)
    isa = transaction.interchange.isa
    number = books.count("interchange")
    builder = InterchangeBuilder(
        envelope(plan.clearinghouse, isa[6] if isa else ""), number, datetime.combine(due, time(5)), line_break="\n"
    )
    builder.add_group("271", number, GUIDE_271, [out.build()])
    return verdicts, builder.build()


class Writer:
    """The levels of a 271 in their order."""

    def __init__(self, out: Answer) -> None:
        self.out, self.number = out, 0

    def levels(self, verdicts: Sequence[Verdict]) -> None:
        def source(verdict: Verdict) -> tuple[str, str, str]:
            asked = verdict.asked
            refused = verdict.reason if verdict.reason in SOURCE_REASONS else ""
            return asked.payer_id, asked.receiver[9] if asked.receiver else "", refused

        for (_, _, refused), found in groupby(sorted(verdicts, key=source), key=source):
            rows = list(found)
            first = rows[0].asked
            whole = bool(refused) and len(rows) == len(verdicts)
            top = self._level("", "20", children=not whole)
            self.out.add("NM1", "PR", "2", first.payer_name, "", "", "", "", "PI", first.payer_id)
            if refused:
                self._refuse(refused)
            if whole:  # the payer stops above the patients: all of the transaction is refused
                continue
            receiver = self._level(top, "21", children=True)
            assert first.receiver is not None
            self.out.add("NM1", *(first.receiver[at] for at in range(1, 10)))
            if rows[0].reason == BAD_PROVIDER:
                self._refuse(BAD_PROVIDER)
            for row in rows:
                self._patient(row, receiver)

    def _level(self, parent: str, code: str, *, children: bool) -> str:
        self.number += 1
        self.out.add("HL", str(self.number), parent, code, "1" if children else "0")
        return str(self.number)

    def _refuse(self, reason: str) -> None:
        self.out.add("AAA", "Y" if reason in ("42", "80") else "N", "", reason, FOLLOW_UP.get(reason, "C"))

    def _patient(self, verdict: Verdict, receiver: str) -> None:
        asked = verdict.asked
        level = self._level(receiver, "22", children=asked.dependent is not None)
        if asked.dependent is None:
            self._traces(asked)
        own = msgspec.structs.replace(asked.subscriber, member_id=verdict.member_id or asked.subscriber.member_id)
        self._name("IL", own)
        if asked.dependent is None:
            self._told(verdict, own)
            return
        self._level(level, "23", children=False)
        self._traces(asked)
        self._name("03", asked.dependent)
        self._told(verdict, asked.dependent)

    def _traces(self, asked: Asked) -> None:
        for number, originator, division in asked.traces:
            self.out.add("TRN", "2", number, originator, division)

    def _name(self, role: str, person: Person) -> None:
        number = ("MI", person.member_id) if person.member_id and role == "IL" else ()
        self.out.add("NM1", role, "1", person.last, person.first, "", "", "", *number)

    def _told(self, verdict: Verdict, person: Person) -> None:
        reason = verdict.reason
        if reason and reason not in SOURCE_REASONS and reason != BAD_PROVIDER:
            self._refuse(reason)
        if person.birth_date:
            self.out.add("DMG", "D8", person.birth_date, person.sex)
        if person.relationship:
            self.out.add("INS", "N", person.relationship)
        if not reason:
            self._benefits(verdict)

    def _benefits(self, verdict: Verdict) -> None:
        out, terms = self.out, verdict.benefit
        if verdict.start:
            out.add("DTP", "346", "D8", verdict.start)
        if verdict.end:
            out.add("DTP", "347", "D8", verdict.end - timedelta(days=1))
        kind = verdict.insurance_type
        if not verdict.active:
            out.add("EB", "6", "", PLAN_WIDE, kind)
            return
        types = [one for one in verdict.asked.service_types if one != PLAN_WIDE]
        out.add("EB", "1", "", Raw(out.repeated("EB", 3, [PLAN_WIDE, *types])), kind, terms.name.upper())
        for period, amount in (("23", terms.deductible), ("29", verdict.left)):
            out.add("EB", "C", "IND", PLAN_WIDE, "", "", period, amount, "", "", "", "", "Y")
        for one in types or [PLAN_WIDE]:
            rate = format(terms.coinsurance.normalize(), "f")
            out.add("EB", "A", "IND", one, "", "", "", "", rate, "", "", "", "Y")
            out.add("EB", "B", "IND", one, "", "", "27", terms.copay, "", "", "", "N", "Y")
        for code, entity in self._others(verdict):
            out.add("EB", code, "", PLAN_WIDE)
            out.add("LS", "2120")
            out.add("NM1", *entity)
            out.add("LE", "2120")

    def _others(self, verdict: Verdict) -> Iterator[tuple[str, tuple[str, ...]]]:
        if verdict.doctor:
            yield "L", ("P3", "1", verdict.doctor, "TEST")
        if verdict.other_payer is not None:
            other = verdict.other_payer
            yield "R", ("PR", "2", other.name, "", "", "", "", "PI", other.id)
