"""A payer's decision on a claim: cover, duplicates, denials, price, the member's share, what was paid before."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO, money
from claimwright.sandbox.behaviour import fraction, happens, pick
from claimwright.sandbox.books import Books
from claimwright.sandbox.plan import Benefit, Member, Payer, Plan
from claimwright.sandbox.records import Claim, Cut, Line, LineResult, PriorLine, PriorPayer, Record, Result

VISIT = re.compile(r"992(0[2-5]|1[1-5])|9924[2-5]|9934\d|9935\d")
PREVENTIVE = re.compile(r"993[89]\d|G0438|G0439|G0402")
PROCEDURE = re.compile(r"[1-6]\d{4}")
DRAWN_BLOOD = ("36415", "36416")  # taken at nearly every visit and never bundled into it
STATUS_BY_SEQUENCE = {"P": "1", "S": "2"}


class Denial(msgspec.Struct, frozen=True, kw_only=True):
    """How a denial is told. `whole` = every line, else only the dearest; `unprocessable` = a new claim may follow."""

    group: str
    reason: str
    remark: str = ""
    claim_remark: str = ""
    status: str = ""
    whole: bool = True
    unprocessable: bool = False


DENIALS = {
    "missing_data": Denial(group="CO", reason="16", remark="N290", claim_remark="MA130", unprocessable=True),
    "no_prior_payer": Denial(group="CO", reason="16", remark="MA04", claim_remark="MA130", unprocessable=True),
    "no_sequestration": Denial(group="CO", reason="16", remark="N811", claim_remark="MA130", unprocessable=True),
    "other_payer": Denial(group="CO", reason="22", remark="MA92"),
    "terminated": Denial(group="PR", reason="27", remark="N30"),
    "too_late": Denial(group="CO", reason="29"),
    "unknown_member": Denial(group="CO", reason="31", remark="N382", status="4", unprocessable=True),
    "necessity": Denial(group="CO", reason="50", remark="N115", claim_remark="MA01", whole=False),
    "authorization": Denial(group="CO", reason="197", remark="M62", whole=False),
    "referral": Denial(group="CO", reason="288"),
    "bundled": Denial(group="CO", reason="97", remark="M15"),
    "duplicate": Denial(group="OA", reason="18", remark="N522"),
    "before_cover": Denial(group="PR", reason="26", remark="N30"),
    "non_covered": Denial(group="PR", reason="96", remark="N130"),
    "maximum": Denial(group="PR", reason="119", remark="N362"),
    "frequency": Denial(group="CO", reason="151", remark="N115", whole=False),
    "coding": Denial(group="CO", reason="4", remark="N519", whole=False),
    "provider": Denial(group="CO", reason="B7", remark="N570"),
    "records": Denial(group="CO", reason="252", remark="M127"),
    "contract": Denial(group="CO", reason="147"),
    "late": Denial(group="CO", reason="29"),
    "repeated": Denial(group="OA", reason="18", remark="N522"),
}
# Fates that pass only when the claim brings what was asked for; every other fate strikes a chain once.
CURED_BY = {"authorization": "authorization", "referral": "referral"}


class Desk(msgspec.Struct, kw_only=True):
    """One payer at work on one day."""

    plan: Plan
    payer: Payer
    members: dict[tuple[str, str], Member]
    books: Books
    today: date

    def member(self, record: Record) -> Member | None:
        return self.members.get((self.payer.id, record.member_id))

    @property
    def knows_members(self) -> bool:
        return any(payer == self.payer.id for payer, _ in self.members)


def adjudicate(desk: Desk, record: Record, *, raise_by: Decimal = Decimal(1), fated: bool = True) -> Result:
    """The decision on `record` today; enters deductible and services into the books.

    `raise_by` scales the payer's prices (corrections); `fated` False leaves the seeded denials out.
    """
    claim = record.claim
    name = whole_denial(desk, record, fated=fated)
    dearest = max(range(len(claim.lines)), key=lambda at: claim.lines[at].charge, default=0)
    denials: list[str] = []
    for at, line in enumerate(claim.lines):
        own = line_denial(desk, record, line, at)
        if name and (DENIALS[name].whole or (at == dearest and not own)):
            own = name
        denials.append(own)
    status = DENIALS[name].status if name else ""
    record.unprocessable = bool(name) and DENIALS[name].unprocessable
    pricing = Pricing(desk, record, raise_by)
    lines = tuple(
        denied_line(line, DENIALS[denial]) if denial else pricing.price(line)
        for line, denial in zip(claim.lines, denials, strict=True)
    )
    remark = DENIALS[name].claim_remark if name else ""
    result = Result(
        status=status or STATUS_BY_SEQUENCE.get(claim.sequence, "3"),
        lines=lines,
        remarks=(remark,) if remark else (),
        deductible=pricing.deductible,
    )
    _enter(desk, record, result)
    return _forwarded(desk, record, result)


def service_keys(payer: Payer, record: Record) -> list[str]:
    """What was done, whoever numbers the claim: payer, member, date, code, modifiers."""
    return [
        f"{payer.id}|{record.member_id}|{line.date_from}|{line.code}|{'.'.join(sorted(line.modifiers))}"
        for line in record.claim.lines
    ]


def fate_of(desk: Desk, record: Record, kind: str) -> str:
    """The seeded fate ("" mostly) of this claim chain at this payer; a chain is struck once."""
    claim, payer = record.claim, desk.payer
    chain = f"{kind}|{payer.id}|{record.chain}"
    services = f"{kind}|" + "+".join(sorted(service_keys(payer, record)))
    known = desk.books.fates.get(chain) or desk.books.fates.get(services)
    if known is not None:
        cure = CURED_BY.get(known)
        return known if cure and not _brings(claim, cure) else ""
    fate = _triggered(desk, record, kind)
    if not fate and not record.replaces:
        rates = payer.refusals if kind == "refusal" else payer.denials
        fate = pick(rates, desk.plan.seed, kind, payer.id, record.chain)
    if fate == "other_payer" and (claim.sequence != "P" or claim.priors):
        fate = ""
    if fate in CURED_BY and _brings(claim, CURED_BY[fate]):
        fate = ""
    desk.books.fates[chain] = desk.books.fates[services] = fate or "none"
    return fate


def _triggered(desk: Desk, record: Record, kind: str) -> str:
    refusal_names = ("relation", "missing", "invalid", "unprocessable")
    for trigger in desk.plan.triggers:
        if (trigger.fate in refusal_names) != (kind == "refusal"):
            continue
        if trigger.payer not in ("", desk.payer.id) or trigger.member_id not in ("", record.member_id):
            continue
        if trigger.chain not in ("", record.chain):
            continue
        if trigger.code and all(line.code != trigger.code for line in record.claim.lines):
            continue
        return trigger.fate
    return ""


def _brings(claim: Claim, what: str) -> bool:
    return bool(getattr(claim, what)) or any(getattr(line, what) for line in claim.lines)


def whole_denial(desk: Desk, record: Record, *, fated: bool) -> str:
    """The name of the denial that meets the claim as a whole (or its dearest line), "" for none."""
    claim, payer = record.claim, desk.payer
    if desk.knows_members and desk.member(record) is None:
        return "unknown_member"
    prior_paid = any(prior.paid is not None for prior in claim.priors)
    first = claim.first_date
    if first and not prior_paid and (record.received - first).days > payer.timely_filing_days:
        return "too_late"
    lines_render = bool(claim.lines) and all(line.rendering_npi for line in claim.lines)
    if claim.biller.is_organization and not claim.rendering.member_id and not lines_render:
        return "missing_data"
    if claim.sequence != "P":
        if not prior_paid and not any(line.priors for line in claim.lines):
            return "no_prior_payer"
        if _hides_sequestration(claim):
            return "no_sequestration"
    if not fated:
        return ""
    return fate_of(desk, record, "denial")


def _hides_sequestration(claim: Claim) -> bool:
    """Medicare paid before us, yet its 2% cut is not told: the amounts can then not be true."""
    for prior in claim.priors:
        if prior.filing_indicator == "MB" and prior.paid:
            cuts = [cut for line in claim.lines for row in line.priors for cut in row.cuts] + list(prior.cuts)
            return all(cut.reason != "253" for cut in cuts)
    return False


def line_denial(desk: Desk, record: Record, line: Line, at: int) -> str:
    """Cover on the day, duplicates, bundling, authorization: judged line by line."""
    claim, payer = record.claim, desk.payer
    member = desk.member(record)
    if member and line.date_from:
        if member.end and line.date_from >= member.end:
            return "terminated"
        if member.start and line.date_from < member.start:
            return "before_cover"
    keys = service_keys(payer, record)
    seen = desk.books.services.get(keys[at], 0)
    if keys[at] in keys[:at] or (seen and seen != record.key):
        return "duplicate"
    if VISIT.fullmatch(line.code) and "25" not in line.modifiers and _bundling(claim, line):
        return "bundled"
    if line.code.startswith(payer.authorization_codes or ("\0",)) and not (claim.authorization or line.authorization):
        return "authorization"
    return ""


def _bundling(claim: Claim, visit: Line) -> bool:
    return any(
        PROCEDURE.fullmatch(line.code) and line.code not in DRAWN_BLOOD and line.date_from == visit.date_from
        for line in claim.lines
    )


def denied_line(line: Line, denial: Denial) -> LineResult:
    """The whole charge under one reason."""
    cuts = (Cut(denial.group, denial.reason, line.charge),) if line.charge else ()
    return LineResult(line=line, cuts=cuts, remarks=(denial.remark,) if denial.remark else (), denied=True)


class Pricing:
    """Prices the lines of one claim; the deductible and the visit's copay run on from line to line."""

    def __init__(self, desk: Desk, record: Record, raise_by: Decimal) -> None:
        self.desk, self.record, self.raise_by = desk, record, raise_by
        self.benefit = benefit_of(desk, record)
        self.deductible = ZERO
        self.copay_taken = False
        first = record.claim.first_date
        self.year = first.year if first else desk.today.year
        met = deductible_met(desk, record, self.benefit, self.year)
        self.left = max(self.benefit.deductible - met, ZERO)

    def allowed(self, line: Line) -> Decimal:
        """Fee times units, else a share of the charge; never above the charge, never zero for a charged line."""
        fee = self.desk.payer.fees.get(line.code)
        price = line.charge * self.desk.payer.allowed_share if fee is None else fee * line.units
        return min(line.charge, max(money(price * self.raise_by), Decimal("0.01")))

    def price(self, line: Line) -> LineResult:
        if not line.charge:
            return LineResult(line=line, allowed=ZERO)
        if self.record.claim.sequence == "P":
            return self._first_payer(line)
        return self._later_payer(line)

    def _first_payer(self, line: Line) -> LineResult:
        benefit, allowed = self.benefit, self.allowed(line)
        deductible = coinsurance = copay = ZERO
        visit = bool(VISIT.fullmatch(line.code))
        if PREVENTIVE.fullmatch(line.code):
            pass
        elif visit and benefit.copay:
            copay = ZERO if self.copay_taken else min(benefit.copay, allowed)
            self.copay_taken = True
        else:
            deductible = min(self.left, allowed)
            coinsurance = money((allowed - deductible) * benefit.coinsurance)
            self.left -= deductible
            self.deductible += deductible
        benefit_amount = allowed - deductible - coinsurance - copay
        sequestration = money(benefit_amount * self.desk.payer.sequestration)
        cuts = (
            Cut("CO", "45", line.charge - allowed),
            Cut("CO", "253", sequestration),
            Cut("PR", "1", deductible),
            Cut("PR", "2", coinsurance),
            Cut("PR", "3", copay),
        )
        return LineResult(
            line=line,
            paid=benefit_amount - sequestration,
            allowed=allowed,
            cuts=tuple(cut for cut in cuts if cut.amount),
        )

    def _later_payer(self, line: Line) -> LineResult:
        prior_paid, prior_responsibility = prior_position(self.record.claim, line)
        if self.desk.payer.pays_secondary == "supplement":
            base = prior_responsibility
        else:
            base = min(max(self.allowed(line) - prior_paid, ZERO), prior_responsibility)
        copay = ZERO
        if self.desk.payer.pays_secondary == "coordination" and VISIT.fullmatch(line.code) and not self.copay_taken:
            copay, self.copay_taken = min(self.benefit.copay, base), True
        cuts = (
            Cut("OA", "23", line.charge - prior_responsibility),
            Cut("CO", "45", prior_responsibility - base),
            Cut("PR", "3", copay),
        )
        return LineResult(
            line=line, paid=base - copay, allowed=self.allowed(line), cuts=tuple(cut for cut in cuts if cut.amount)
        )


def prior_position(claim: Claim, line: Line) -> tuple[Decimal, Decimal]:
    """What earlier payers paid on the line and what the last of them left to the patient (0 to the charge).

    Payers that decided only at claim level are spread by charge.
    """
    paid = ZERO
    responsibility: Decimal | None = None
    for row in line.priors:
        paid += row.paid
        responsibility = sum((cut.amount for cut in row.cuts if cut.group == "PR"), ZERO)
    if not line.priors:
        share = line.charge / claim.charge if claim.charge else ZERO
        for prior in claim.priors:
            if prior.paid is not None:
                paid += money(prior.paid * share)
                responsibility = money(sum((c.amount for c in prior.cuts if c.group == "PR"), ZERO) * share)
    left = line.charge if responsibility is None else responsibility
    return paid, min(max(left, ZERO), line.charge)


def benefit_of(desk: Desk, record: Record) -> Benefit:
    """The plan of benefits of the member: the members file's, else a seeded one that stays with the member."""
    member = desk.member(record)
    for benefit in desk.payer.benefits:
        if member and member.benefit == benefit.name:
            return benefit
    at = fraction(desk.plan.seed, "benefit", desk.payer.id, record.member_id)
    return desk.payer.benefits[int(at * len(desk.payer.benefits))]


def deductible_met(desk: Desk, record: Record, benefit: Benefit, year: int) -> Decimal:
    """Met so far in `year`; before our first claim a seeded amount, since members saw others earlier in the year."""
    key = f"{desk.payer.id}|{record.member_id}|{year}"
    if key not in desk.books.deductibles:
        parts = (desk.plan.seed, "met", key)
        if happens(desk.payer.deductible_met_share, *parts):
            met = benefit.deductible
        else:
            met = money(benefit.deductible * fraction(*parts, "part") * Decimal("0.8"))
        desk.books.deductibles[key] = met
    return desk.books.deductibles[key]


def _enter(desk: Desk, record: Record, result: Result) -> None:
    first = record.claim.first_date
    key = f"{desk.payer.id}|{record.member_id}|{first.year if first else desk.today.year}"
    if result.deductible:
        desk.books.deductibles[key] = desk.books.deductibles.get(key, ZERO) + result.deductible
    if record.unprocessable:
        return
    for service, line in zip(service_keys(desk.payer, record), result.lines, strict=True):
        if not (line.denied and line.cuts and line.cuts[0].reason == "18"):
            desk.books.services.setdefault(service, record.key)


def withdraw(desk: Desk, record: Record) -> None:
    """Undo what a decision entered, before it is reversed."""
    result, first = record.result, record.claim.first_date
    if result is None:
        return
    key = f"{desk.payer.id}|{record.member_id}|{first.year if first else desk.today.year}"
    if result.deductible:
        desk.books.deductibles[key] -= result.deductible
    for service in service_keys(desk.payer, record):
        if desk.books.services.get(service) == record.key:
            del desk.books.services[service]


def _forwarded(desk: Desk, record: Record, result: Result) -> Result:
    """Status 19 and the next payer's id, where this payer forwards the claim by itself."""
    if record.claim.sequence != "P" or not desk.payer.crossover_to or not result.patient_responsibility:
        return result
    if any(line.denied for line in result.lines):
        return result
    target = crossover_target(desk, record)
    if not target:
        return result
    next_payer = desk.plan.payer(target)
    remark = "MA07" if next_payer and next_payer.filing_indicator == "MC" else "MA18"
    return msgspec.structs.replace(result, status="19", forwarded_to=target, remarks=(*result.remarks, remark))


def crossover_target(desk: Desk, record: Record) -> str:
    """The id of the payer to forward to, "" for none: the members file decides, else the claim and the plan's share."""
    member = desk.member(record)
    if member is not None:
        return member.crossover_to
    if not happens(desk.payer.crossover_share, desk.plan.seed, "crossover", desk.payer.id, record.member_id):
        return ""
    for prior in record.claim.priors:
        payer = desk.plan.payer(prior.payer_id)
        if payer and payer.id in desk.payer.crossover_to and prior.sequence == "S" and prior.paid is None:
            return payer.id
    return ""


def crossed_over(desk: Desk, record: Record, result: Result, arrives: date) -> Record:
    """The claim as the forwarded-to payer gets it: the same CLM01, and our decision as the prior one."""
    claim, payer = record.claim, desk.payer
    member = desk.member(record)
    told = next((p for p in claim.priors if p.payer_id == result.forwarded_to and p.member_id), None)
    member_id = told.member_id if told else (member.crossover_member_id if member else "")
    lines = tuple(
        msgspec.structs.replace(row.line, priors=(PriorLine(payer_id=payer.id, paid=row.paid, cuts=row.cuts),))
        for row in result.lines
    )
    prior = PriorPayer(
        sequence="P", filing_indicator=payer.filing_indicator, payer_id=payer.id, name=payer.name, paid=result.paid
    )
    forwarded = msgspec.structs.replace(
        claim, sequence="S", frequency="1", payer_id=result.forwarded_to, lines=lines, priors=(prior,)
    )
    return Record(
        key=0,
        payer=result.forwarded_to,
        claim=forwarded,
        chain=record.chain,
        received=arrives,
        arrives=arrives,
        member_id=member_id or record.member_id,
        crossover_from=record.key,
    )
