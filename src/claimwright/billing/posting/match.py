"""Which visit, which cover, which claim version and which charge lines a CLP speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.billing.lifecycle import State
from claimwright.billing.posting.identity import normal, payer_names
from claimwright.billing.posting.plan import Worklist
from claimwright.billing.posting.state import (
    ChainPosition,
    ClaimLookup,
    CoveragePosition,
    LinePosition,
    PostingContext,
    PracticeIdentity,
    VersionPosition,
)
from claimwright.claims.nouns import ZERO, ClaimPayment, Noun, Remittance, RemittanceLine

# Points of the scored match. Source: domain specification section 7, pipeline step 3.
POINTS = {"name": 30, "member": 25, "date": 20, "charge": 20, "npi": 5}
LIVE_FIRST = (State.AWAIT_CROSSOVER, State.REVERSED)
SEQUENCE_OF_STATUS = {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}


class Hold(Exception):
    """A CLP or PLB that may not post: on which worklist, why, and what to do. Never carries a patient's values."""

    def __init__(
        self, worklist: Worklist, code: str, reason: str, fix: str, chain: ChainPosition | None = None
    ) -> None:
        super().__init__(code)
        self.worklist, self.code, self.reason, self.fix, self.chain = worklist, code, reason, fix, chain


class ClaimMatch(Noun, frozen=True, kw_only=True):
    chain: ChainPosition
    coverage: CoveragePosition
    version: VersionPosition | None  # None: the payer adjudicated a claim of which we hold no version


class LineMatch(Noun, frozen=True, kw_only=True):
    """One charge line with the SVCs that speak of it; several when the payer split the line."""

    line: LinePosition
    services: tuple[RemittanceLine, ...] = ()


def _dates(claim: ClaimPayment) -> set[date]:
    dates = {line.date_from for line in claim.lines if line.date_from}
    return dates or ({claim.date_from} if claim.date_from else set())


def _dates_agree(claim: ClaimPayment, chain: ChainPosition) -> bool:
    ours = {line.date_of_service for line in chain.lines}
    return _dates(claim) <= ours


def _member_agrees(claim: ClaimPayment, chain: ChainPosition) -> bool:
    ours = {normal(member) for member in chain.member_ids} | {normal(c.member_id) for c in chain.coverages}
    theirs = {normal(claim.patient_id), normal(claim.subscriber_id), normal(claim.corrected_member_id)}
    return bool((ours & theirs) - {""})


def _name_agrees(claim: ClaimPayment, chain: ChainPosition) -> bool:
    """Last names agree, one may be cut short; first names by their first letter. A name not sent does not disagree."""
    ours_last, ours_first = normal(chain.last_name), normal(chain.first_name)
    people = [claim.patient] + ([claim.corrected_insured] if claim.corrected_insured else [])
    for person in people:
        last, first = normal(person.last_name), normal(person.first_name)
        if not last and not first:
            if person is claim.patient:
                return True
            continue
        same_first = not first or not ours_first or first[0] == ours_first[0]
        same_last = not last or last == ours_last
        cut = min(len(last), len(ours_last)) >= 4 and (last.startswith(ours_last) or ours_last.startswith(last))
        if same_first and (same_last or cut):
            return True
    return False


def _charge_agrees(claim: ClaimPayment, chain: ChainPosition, control_number: str = "") -> bool:
    charges = {v.charge for v in chain.versions if not control_number or v.control_number == control_number}
    return abs(claim.charge) in (charges or {sum((line.charge for line in chain.lines), ZERO)})


def disagreements(claim: ClaimPayment, chain: ChainPosition, control_number: str = "") -> tuple[str, ...]:
    """What of patient, charge and date of service does not agree, by name only."""
    checks = (
        ("patient", _name_agrees(claim, chain)),
        ("charge", _charge_agrees(claim, chain, control_number)),
        ("date of service", _dates_agree(claim, chain)),
    )
    return tuple(name for name, agrees in checks if not agrees)


def score(claim: ClaimPayment, chain: ChainPosition) -> int:
    facts = {
        "name": bool(normal(claim.patient.last_name)) and _name_agrees(claim, chain),
        "member": _member_agrees(claim, chain),
        "date": bool(_dates(claim)) and _dates_agree(claim, chain),
        "charge": _charge_agrees(claim, chain),
        "npi": claim.rendering_npi in chain.billing_npis if claim.rendering_npi else False,
    }
    return sum(POINTS[name] for name, agrees in facts.items() if agrees)


def _within(chains: Iterable[ChainPosition], practice_ids: set[str]) -> tuple[ChainPosition, ...]:
    return tuple(chain for chain in chains if chain.practice_id in practice_ids)


def match_chain(
    claim: ClaimPayment, practices: tuple[PracticeIdentity, ...], context: PostingContext, lookup: ClaimLookup
) -> tuple[ChainPosition, str]:
    """The visit and the control number that named it (blank when none did). Raises Hold."""
    ours = {practice.practice_id for practice in practices}
    found = lookup.by_control_number(claim.control_number) if claim.control_number else ()
    chains, named = _within(found, ours), claim.control_number
    if not chains and found:
        raise Hold(
            Worklist.OTHER_PRACTICE,
            "OTHER_PRACTICE",
            "CLP01 is a claim of another practice of this tenant than the payee",
            "Ask the payer whom it meant to pay; move the amount between the practices by hand",
        )
    if not chains:
        numbers = tuple(filter(None, (claim.payer_claim_number, claim.original_reference)))
        found = tuple(chain for number in numbers for chain in lookup.by_payer_claim_number(number))
        chains, named = _within(_unique(found), ours), ""
    if len(chains) == 1:
        wrong = disagreements(claim, chains[0], named)
        if wrong:
            raise Hold(
                Worklist.PARTIAL_MATCH,
                "PARTIAL_MATCH",
                f"The claim is known but {', '.join(wrong)} disagree",
                "Compare the payment with the claim; link it to the right one or return it",
                chains[0],
            )
        return chains[0], named
    if len(chains) > 1:
        raise _unmatched("Several claims carry the number of this payment")
    scored = [(score(claim, chain), chain) for chain in _within(lookup.candidates(claim), ours)]
    enough = [chain for points, chain in scored if points >= context.policies.match_threshold_points]
    if len(enough) != 1:
        raise _unmatched("No claim of this practice fits" if not enough else "Several claims fit equally")
    return enough[0], ""


def _unmatched(reason: str) -> Hold:
    return Hold(Worklist.UNMATCHED, "UNMATCHED", reason, "Find the claim and link the payment, or return the money")


def _unique(chains: Iterable[ChainPosition]) -> tuple[ChainPosition, ...]:
    return tuple({chain.chain_id: chain for chain in chains}.values())


def match_claim(
    claim: ClaimPayment, remittance: Remittance, chain: ChainPosition, named: str, payer: str
) -> ClaimMatch:
    """The cover by the payer, the version by its number, else the last one to that cover. Raises Hold."""
    names = {*payer_names(remittance), normal(payer)}
    covers = [c for c in chain.coverages if names & {normal(key) for key in (*c.payer_keys, c.payer_id)} - {""}]
    if not covers:
        raise Hold(
            Worklist.PAYER,
            "PAYER_NOT_ON_CLAIM",
            "The payer of this payment is on no cover of the visit",
            "Add the payer's id as an alias of the right payer, or add the cover to the visit, then release",
            chain,
        )
    version = next((v for v in chain.versions if named and v.control_number == named), None)
    cover = covers[0]
    if len(covers) > 1:
        wanted = SEQUENCE_OF_STATUS.get(claim.status, version.sequence if version else "")
        cover = next((c for c in covers if c.sequence == wanted), cover)
    if version is None or version.sequence != cover.sequence:
        version = _latest(chain, cover.sequence, claim)
    return ClaimMatch(chain=chain, coverage=cover, version=version)


def _latest(chain: ChainPosition, sequence: str, claim: ClaimPayment) -> VersionPosition | None:
    """The version of a cover that a remittance without its own number means: by the payer's number, else the last."""
    versions = [v for v in chain.versions if v.sequence == sequence and v.state is not State.CANCELLED]
    if len({v.claim_id for v in versions}) > 1:  # the visit was split: the part of this charge, where one has it
        versions = [v for v in versions if v.charge == abs(claim.charge)] or versions
    known = [v for v in versions if v.payer_claim_number and v.payer_claim_number == claim.payer_claim_number]
    waiting = [v for v in versions if v.state in LIVE_FIRST]
    chosen = known or waiting or versions
    return max(chosen, key=lambda v: v.number) if chosen else None


def match_lines(claim: ClaimPayment, chain: ChainPosition) -> tuple[LineMatch, ...]:
    """Charge lines with their SVCs, in charge-line order: REF*6R, then content, then order. Raises Hold."""
    services: dict[str, list[RemittanceLine]] = {line.line_id: [] for line in chain.lines}
    left: list[RemittanceLine] = []
    for service in claim.lines:
        if service.control_number in services:
            services[service.control_number].append(service)
        else:
            left.append(service)
    for service in list(left):
        line = _by_content(service, [line for line in chain.lines if not services[line.line_id]])
        if line is not None:
            services[line.line_id].append(service)
            left.remove(service)
    free = [line for line in chain.lines if not services[line.line_id]]
    if left and len(left) == len(free):
        for service, line in zip(left, free, strict=True):
            services[line.line_id].append(service)
        left = []
    if left:
        raise Hold(
            Worklist.LINE_MATCH,
            "LINE_UNMATCHED",
            f"SVC at segment {left[0].segment} fits no charge line, and the counts differ",
            "Link each service to its charge line by hand",
            chain,
        )
    matched = tuple(
        LineMatch(line=ln, services=tuple(services[ln.line_id])) for ln in chain.lines if services[ln.line_id]
    )
    for match in matched:
        _check_charge(match, chain)
    return matched


def _check_charge(match: LineMatch, chain: ChainPosition) -> None:
    charged = sum((abs(service.charge) for service in match.services), ZERO)
    if charged != match.line.charge:
        raise Hold(
            Worklist.LINE_MATCH,
            "LINE_CHARGE",
            f"SVC at segment {match.services[0].segment}: its charge differs from the line's by "
            f"{charged - match.line.charge}",
            "Check which charge line the payer means and link it by hand",
            chain,
        )


def _by_content(service: RemittanceLine, lines: list[LinePosition]) -> LinePosition | None:
    """The one line with the service's submitted code, modifiers, date, charge and units; None if none or several."""
    code = service.original_procedure_code or service.procedure_code
    modifiers = service.original_modifiers if service.original_procedure_code else service.modifiers

    def agrees(line: LinePosition) -> tuple[bool, ...]:
        units: Decimal | None = service.units_billed if service.units_billed is not None else service.units_paid
        return (
            line.procedure_code == code,
            not modifiers or sorted(modifiers) == sorted(line.modifiers),
            service.date_from is None or service.date_from == line.date_of_service,
            line.charge == abs(service.charge),
            units is None or abs(units) == line.units,
        )

    exact = [line for line in lines if all(agrees(line))]
    return exact[0] if len(exact) == 1 else None
