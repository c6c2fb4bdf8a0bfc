"""The plan: which payers there are, how they pay, and how often they misbehave. A file, not code."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.codes.money import ZERO

DEFAULT_PLAN = Path(__file__).with_name("plan.json")


class PlanError(ValueError):
    """A plan file that cannot be used; the message names the field."""


class Rate(msgspec.Struct, frozen=True):
    """A named fate and the share (0 to 1) of claims that meet it."""

    name: str
    share: Decimal


class Every(msgspec.Struct, frozen=True):
    """Every so-many-th thing from `offset` on; `every` 0 = only the one at `offset`, `offset` 0 = never."""

    offset: int = 0
    every: int = 0


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """What a member pays: per year, per line and per visit."""

    name: str
    deductible: Decimal = ZERO
    coinsurance: Decimal = ZERO  # fraction of the allowed amount after the deductible
    copay: Decimal = ZERO  # on the first visit line; such a line has no deductible and no coinsurance


class Payer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One payer. `aliases` are further ids it is reached by in 2010BB NM109."""

    id: str
    name: str
    filing_indicator: str  # CLP06
    company_id: str  # TRN03 and BPR10, ten characters
    street: str
    city: str
    state: str
    zip_code: str
    aliases: tuple[str, ...] = ()
    member_id_pattern: str = "[A-Z0-9]{5,20}"
    unknown_member: str = "reject"  # reject (277CA) or deny (835 status 4), where a members file is given
    allowed_share: Decimal = Decimal("0.65")  # of the charge, where `fees` has no row
    fees: dict[str, Decimal] = {}  # per unit, by procedure code
    benefits: tuple[Benefit, ...] = (Benefit(name="standard"),)
    deductible_met_share: Decimal = Decimal("0.6")  # members who had met it before our claims began
    sequestration: Decimal = ZERO
    accepts_replacement: bool = True
    pays_secondary: str = "coordination"  # coordination (within own allowed) or supplement (all of PR)
    timely_filing_days: int = 365
    payment_weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    floor_days: int = 7  # from arrival to the first possible payment
    method: str = "ACH"
    claims_per_payment: int = 200
    interest_rate: Decimal = Decimal("0.10")  # a year, on slow claims
    reversal_shows_responsibility: bool = True
    crossover_to: tuple[str, ...] = ()  # payer ids it forwards to
    crossover_share: Decimal = ZERO  # of the claims that name such a payer as the next one
    refusals: tuple[Rate, ...] = ()  # payer 277CA
    denials: tuple[Rate, ...] = ()
    authorization_codes: tuple[str, ...] = ()  # prefixes that need REF*G1
    slow_share: Decimal = ZERO
    slow_days: int = 35
    correction_share: Decimal = ZERO


class Clearinghouse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clearinghouse in the middle; counts are in order of arrival."""

    id: str = "CWSANDBOX"
    name: str = "CLAIMWRIGHT SANDBOX"
    qualifier: str = "ZZ"
    acknowledgement_days: int = 1
    forward_days: int = 1
    payer_acknowledgement_days: int = 1
    late_share: Decimal = ZERO  # of claims whose 277CA comes late
    late_days: int = 6
    refuse_interchange: Every = Every()
    refuse_transaction: Every = Every()
    refuse_claim_share: Decimal = ZERO
    duplicate_acknowledgement: Every = Every()
    duplicate_remittance: Every = Every()
    unknown_payer: str = "reject"  # or by_filing_indicator


class Takebacks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which paid claims are taken back, how, and when."""

    forwarding_balance: Every = Every()
    withheld: Every = Every()
    after_days: int = 10
    unknown_claim: Every = Every()  # remittances that carry another office's claim
    unknown_adjustment: Every = Every()  # remittances with a PLB code outside the usual table
    unknown_takeback: Every = Every()  # remittances that recoup a claim nobody here has


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fate fixed by hand: for a member, a procedure code or a claim chain (all given ones must match)."""

    fate: str
    member_id: str = ""
    code: str = ""
    chain: str = ""
    payer: str = ""


class EligibilityManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How 270s are answered. Shares are of members; the same member always meets the same.

    `fates` fix it by member id: an AAA reason ("72"), inactive, ended, other_payer, new_doctor, or active.
    """

    answer_days: int = 1
    unavailable: Every = Every()  # inquiries answered with AAA 42
    refusals: tuple[Rate, ...] = ()  # AAA reasons
    inactive_share: Decimal = ZERO
    ended_share: Decimal = ZERO  # cover ended on the first of the month of the answer
    other_payer_share: Decimal = ZERO  # another payer of the plan is named
    new_doctor_share: Decimal = ZERO  # a quarter: the primary care provider changes
    search_share: Decimal = ZERO  # searches without a number that find somebody, where no members are listed
    fates: dict[str, str] = {}


class RealTimeManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the HTTP door behaves. Counts are of real-time questions in their order of arrival."""

    slow: Every = Every()  # answered after `slow_seconds`
    slow_seconds: float = 5
    silent: Every = Every()  # hangs up after `silent_seconds` without a word; the answer comes with the files
    silent_seconds: float = 90
    envelope_error: Every = Every()
    envelope_error_code: str = "ReceiverUnavailable"
    refuse_interchange: Every = Every()  # a TA1 instead of an answer
    refuse_transaction: Every = Every()  # a 999 instead of an answer


class StatusManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How 276s are answered. Shares are of claims; the same claim always meets the same."""

    answer_days: int = 1
    unavailable: Every = Every()  # inquiries answered with E1
    not_found_share: Decimal = ZERO  # claims that are there and not found
    records_share: Decimal = ZERO  # of slow claims: the payer says that it waits for records


class AppealManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How letters of appeal are answered. The share is of appealed claims; the same claim always meets the same."""

    granted_share: Decimal = ZERO
    answer_days: int = 25


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seed: int
    payers: tuple[Payer, ...]
    clearinghouse: Clearinghouse = Clearinghouse()
    takebacks: Takebacks = Takebacks()
    triggers: tuple[Trigger, ...] = ()
    eligibility: EligibilityManners = EligibilityManners()
    status: StatusManners = StatusManners()
    appeals: AppealManners = AppealManners()
    real_time: RealTimeManners = RealTimeManners()
    version_suffix: str = r"[-.Vv]\d{1,3}$"
    members: str = "members.json"  # beside the root; CSV by its ending

    def payer(self, payer_id: str) -> Payer | None:
        for payer in self.payers:
            if payer_id == payer.id or payer_id in payer.aliases:
                return payer
        return None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the members file. Dates of cover: [start, end)."""

    member_id: str
    payer: str
    last_name: str = ""
    first_name: str = ""
    birth_date: str = ""
    sex: str = ""
    benefit: str = ""
    crossover_to: str = ""
    crossover_member_id: str = ""
    start: date | None = None
    end: date | None = None


def load_plan(path: Path | str | None = None) -> Plan:
    """The plan at `path` (JSON or YAML), the shipped one when None, or "clean": the shipped one that never errs."""
    if path is None:
        return _decode(DEFAULT_PLAN)
    if str(path) == "clean":
        return clean(_decode(DEFAULT_PLAN))
    return _decode(Path(path))


def _decode(path: Path) -> Plan:
    data = path.read_bytes()
    try:
        if path.suffix in (".yml", ".yaml"):
            plan = msgspec.yaml.decode(data, type=Plan)
        else:
            plan = msgspec.json.decode(data, type=Plan)
    except msgspec.MsgspecError as error:
        raise PlanError(f"the sandbox plan {path.name} cannot be used: {error}") from error
    ids = [payer_id for payer in plan.payers for payer_id in (payer.id, *payer.aliases)]
    if len(ids) != len(set(ids)) or not ids:
        raise PlanError(f"the sandbox plan {path.name} names a payer id twice, or none")
    for payer in plan.payers:
        if len(payer.company_id) != 10:
            raise PlanError(f"the sandbox plan {path.name}: company_id of {payer.id} must have ten characters")
    return plan


def clean(plan: Plan) -> Plan:
    """The same payers and prices with every seeded misbehaviour off; rules (duplicates, cover, filing) stay."""
    payers = tuple(
        msgspec.structs.replace(payer, refusals=(), denials=(), slow_share=ZERO, correction_share=ZERO)
        for payer in plan.payers
    )
    middle = plan.clearinghouse
    never = Every()
    clearinghouse = msgspec.structs.replace(
        middle,
        late_share=ZERO,
        refuse_interchange=never,
        refuse_transaction=never,
        refuse_claim_share=ZERO,
        duplicate_acknowledgement=never,
        duplicate_remittance=never,
    )
    return msgspec.structs.replace(
        plan,
        payers=payers,
        clearinghouse=clearinghouse,
        takebacks=Takebacks(),
        triggers=(),
        eligibility=EligibilityManners(answer_days=plan.eligibility.answer_days),
        status=StatusManners(answer_days=plan.status.answer_days),
        real_time=RealTimeManners(),
    )


def load_members(path: Path) -> dict[tuple[str, str], Member]:
    """The members file by (payer, member id); empty when there is none, and then any well-formed id is a member."""
    if not path.exists():
        return {}
    data = path.read_bytes()
    try:
        if path.suffix == ".csv":
            rows = msgspec.convert(_csv_rows(data.decode("utf-8-sig")), type=list[Member])
        else:
            rows = msgspec.json.decode(data, type=list[Member])
    except msgspec.MsgspecError as error:
        raise PlanError(f"the members file {path.name} cannot be used: {error}") from error
    return {(row.payer, row.member_id): row for row in rows}


def _csv_rows(text: str) -> list[dict[str, str]]:
    rows = csv.DictReader(text.splitlines())
    return [{key: value for key, value in row.items() if key and value} for row in rows]
