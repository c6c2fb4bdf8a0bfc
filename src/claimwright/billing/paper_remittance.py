"""A paper explanation of benefits keyed by hand: one grid a check, judged by the balances of an 835, and then an 835.

A grid is text as it was typed, so that a draft keeps what its person wrote. `read_grid` makes it a `PaperRemittance`
or says each place that cannot be read; `faults` holds it to the balances of `billing.posting.balance`; `to_remittance`
makes the noun that posting takes, the same as from a payer's file. Source: the domain specification, section 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from claimwright.billing.posting.balance import imbalances
from claimwright.claims.nouns import (
    ZERO,
    Adjustment,
    ClaimPayment,
    Noun,
    Payer,
    Person,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
)
from claimwright.codes.denials import carc_rule, rarc_rule
from claimwright.codes.money import AmountError, parse_amount

UNAPPLIED = "ZZ"  # our own code of a PLB pair, mapped to no account: its money stands in Suspense for a person
STATUSES = ("1", "2", "3", "4", "19", "20", "21", "22")
SHARES = (("deductible", "1"), ("coinsurance", "2"), ("copay", "3"))  # CARCs of group PR
GROUPS = ("CO", "PR", "OA", "PI", "CR")
AMOUNTS = ("paid", "deductible", "coinsurance", "copay")
_ADJUSTMENT = re.compile(rf"({'|'.join(GROUPS)})[ -]?([A-Z]?\d{{1,3}})(?:[ =]+(-?[\d,]*\.?\d+))?", re.IGNORECASE)


class GridFault(Noun, frozen=True, kw_only=True):
    """One thing wrong with the grid: where ("claim 2 line 1, paid"), what, and how to mend it. No patient value."""

    place: str
    says: str
    fix: str
    warns: bool = False


class PaperHeader(Noun, frozen=True, kw_only=True):
    """The check: who pays, under which of its ids, whom, how much. `method` CHK, ACH or NON where no money moves."""

    payer: Payer
    trace_payer_id: str
    payee_name: str
    payee_npi: str
    payee_tax_id: str = ""
    check_number: str
    check_date: date
    amount: Decimal
    method: str = "CHK"


class PaperRemittance(Noun, frozen=True, kw_only=True):
    """A grid that could be read. `unapplied` is what the check has over its claims, and why it may post so."""

    header: PaperHeader
    claims: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    unapplied: Decimal = ZERO
    unapplied_reason: str = ""


class RunningTotal(Noun, frozen=True, kw_only=True):
    """Against the check: what the claims are paid, what provider adjustments take off, and what is still to key."""

    claims: Decimal
    provider_adjustments: Decimal
    check: Decimal

    @property
    def left(self) -> Decimal:
        return self.check - self.claims + self.provider_adjustments


# Reading what was typed ----------------------------------------------------------------------------------------------


def amount_of(text: str) -> Decimal | None:
    """Dollars as typed, blank is zero; None when it is no amount of at most two places."""
    cleaned = text.strip().replace("$", "").replace(",", "")
    if not cleaned:
        return ZERO
    try:
        return parse_amount(cleaned)
    except AmountError:
        return None


def running_total(grid: Mapping[str, object], check: Decimal) -> RunningTotal:
    """What is typed so far; what cannot be read counts as nothing."""
    paid = sum((amount_of(str(row.get("paid", ""))) or ZERO for claim in _rows(grid, "claims") for row in _rows(claim, "lines")), ZERO)  # fmt: skip
    taken = sum((amount_of(str(row.get("amount", ""))) or ZERO for row in _rows(grid, "provider_adjustments")), ZERO)
    return RunningTotal(claims=paid, provider_adjustments=taken, check=check)


def read_grid(header: PaperHeader, grid: Mapping[str, object]) -> tuple[PaperRemittance | None, tuple[GridFault, ...]]:
    """The typed grid as nouns, or None with every fault. Keys of `grid`: `claims`, each with `control_number`,
    `payer_claim_number`, `status`, `last_name`, `first_name`, `member_id` and `lines` (`line_id`, `code`, `modifiers`,
    `units`, `date`, `charge`, `allowed`, `paid`, `deductible`, `coinsurance`, `copay`, `adjustments`, `remarks`);
    `provider_adjustments` (`code`, `reference`, `amount`); `unapplied_reason`. All values are text.
    """
    found: list[GridFault] = []
    claims = [_claim(one, f"claim {at}", at, found) for at, one in enumerate(_rows(grid, "claims"), 1)]
    adjusted: list[ProviderAdjustment] = []
    for at, row in enumerate(_rows(grid, "provider_adjustments"), 1):
        if one := _provider_adjustment(row, f"provider adjustment {at}", header, found):
            adjusted.append(one)
    if not claims and not adjusted:
        found.append(GridFault(place="grid", says="nothing is keyed", fix="Add a claim of this check"))
    if found:
        return None, tuple(found)
    left = running_total(grid, header.amount).left
    reason = " ".join(str(grid.get("unapplied_reason", "")).split())
    return (
        PaperRemittance(
            header=header, claims=tuple(claims), provider_adjustments=tuple(adjusted),
            unapplied=left if left > 0 and reason else ZERO, unapplied_reason=reason,
        ),
        (),
    )  # fmt: skip


def _rows(holder: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    found = holder.get(name)
    return found if isinstance(found, list | tuple) else ()


def _text(row: Mapping[str, object], name: str) -> str:
    return str(row.get(name, "")).strip()


def _claim(row: Mapping[str, object], place: str, number: int, found: list[GridFault]) -> ClaimPayment:
    status = _text(row, "status") or "1"
    control_number = _text(row, "control_number")
    if not control_number:
        found.append(GridFault(place=f"{place}, our number", says="it is blank", fix="Choose the claim by searching"))
    if status not in STATUSES:
        found.append(GridFault(place=f"{place}, status", says="it is none", fix=f"Type one of {', '.join(STATUSES)}"))
    lines = tuple(
        _line(one, f"{place} line {at}", number * 1000 + at, found) for at, one in enumerate(_rows(row, "lines"), 1)
    )
    if not lines:
        found.append(GridFault(place=place, says="it has no line", fix="Take the claim out, or add it again"))
    shares = [one.amount for line in lines for one in line.adjustments if one.group == "PR"]
    dates = [line.date_from for line in lines if line.date_from]
    return ClaimPayment(
        control_number=control_number, status=status, charge=sum((line.charge for line in lines), ZERO),
        paid=sum((line.paid for line in lines), ZERO), patient_responsibility=sum(shares, ZERO),
        filing_indicator=_text(row, "filing_indicator"), payer_claim_number=_text(row, "payer_claim_number"),
        patient=Person(last_name=_text(row, "last_name"), first_name=_text(row, "first_name")),
        patient_id=_text(row, "member_id"), lines=lines, date_from=min(dates, default=None), segment=number * 1000,
    )  # fmt: skip


def _line(row: Mapping[str, object], place: str, segment: int, found: list[GridFault]) -> RemittanceLine:
    def money(name: str) -> Decimal:
        amount = amount_of(_text(row, name))
        if amount is None:
            found.append(
                GridFault(place=f"{place}, {name}", says="it is no amount", fix="Type dollars and cents, such as 85.00")
            )
        return amount if amount is not None else ZERO

    charge = money("charge")
    amounts = {name: money(name) for name in AMOUNTS}
    shares = [Adjustment("PR", reason, amounts[name]) for name, reason in SHARES if amounts[name]]
    left = charge - amounts["paid"] - sum((one.amount for one in shares), ZERO)
    others = _adjustments(_text(row, "adjustments"), left, f"{place}, adjustments", found)
    units = amount_of(_text(row, "units") or "1")
    return RemittanceLine(
        procedure_code=_text(row, "code"), modifiers=tuple(_text(row, "modifiers").split()), charge=charge,
        paid=amounts["paid"], units_paid=units or Decimal(1), date_from=_date(_text(row, "date")),
        control_number=_text(row, "line_id"), allowed=money("allowed") if _text(row, "allowed") else None,
        adjustments=(*shares, *others), remarks=_remarks(_text(row, "remarks"), f"{place}, remarks", found),
        segment=segment,
    )  # fmt: skip


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _adjustments(text: str, left: Decimal, place: str, found: list[GridFault]) -> tuple[Adjustment, ...]:
    """`CO45 40.00; OA23 125`: one without an amount takes what is left of the line, so CO45 is enough by itself."""
    made: list[Adjustment] = []
    open_at = -1
    for part in filter(None, (one.strip() for one in re.split(r"[;\n]|,\s+", text))):
        match = _ADJUSTMENT.fullmatch(part)
        if match is None:
            says, fix = (
                "it is no group and reason",
                "Type the group, the reason and the amount: CO45 40.00; OA23 125.00",
            )
            found.append(GridFault(place=place, says=says, fix=fix))
            continue
        group, reason, typed = match[1].upper(), match[2].upper(), match[3]
        if carc_rule(reason) is None:
            fix = "Look the code up on the paper; one the payer made up is keyed as the code it stands for"
            found.append(GridFault(place=place, says=f"the reason {reason} is in no list we know", fix=fix))
        if typed is None and open_at >= 0:
            found.append(
                GridFault(place=place, says="two adjustments have no amount", fix="Type the amount of all but one")
            )
        amount = amount_of(typed or "")
        if amount is None:
            found.append(GridFault(place=place, says="it is no amount", fix="Type dollars and cents, such as 40.00"))
            continue
        open_at = len(made) if typed is None else open_at
        made.append(Adjustment(group, reason, amount))
    if open_at >= 0:
        rest = left - sum((one.amount for one in made), ZERO)
        made[open_at] = Adjustment(made[open_at].group, made[open_at].reason, rest)
    return tuple(one for one in made if one.amount)


def _remarks(text: str, place: str, found: list[GridFault]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(re.split(r"[\s,;]+", text.upper().strip()))) if text.strip() else ()
    for code in codes:
        if rarc_rule(code) is None and not re.fullmatch(r"(M|N|MA)\d{1,3}", code):
            found.append(GridFault(place=place, says="it is no remark code", fix="Type codes such as N290 MA130"))
    return codes


def _provider_adjustment(
    row: Mapping[str, object], place: str, header: PaperHeader, found: list[GridFault]
) -> ProviderAdjustment | None:
    code, amount = _text(row, "code").upper(), amount_of(_text(row, "amount"))
    if not code and not amount:
        return None
    if not re.fullmatch(r"[A-Z0-9]{2}", code) or code == UNAPPLIED:
        found.append(GridFault(place=f"{place}, code", says="it is none", fix="Type two letters or digits, such as L6, WO or FB"))  # fmt: skip
    if not amount:
        found.append(
            GridFault(place=f"{place}, amount", says="it is no amount", fix="Type what it takes off the check; below zero adds")
        )  # fmt: skip
    return ProviderAdjustment(
        code=code, reference=_text(row, "reference"), amount=amount or ZERO,
        provider_id=header.payee_npi or header.payee_tax_id,
    )  # fmt: skip


# Judging -------------------------------------------------------------------------------------------------------------


def faults(paper: PaperRemittance) -> tuple[GridFault, ...]:
    """Why the grid may not post: each line, each claim and the check must balance to the cent. Warnings may."""
    made = to_remittance(paper)
    found = [
        GridFault(
            place=_place(fault.segment), says=f"it does not balance by {fault.difference}",
            fix=_FIXES.get(fault.code, "Compare the row with the paper"), warns=fault.warns,
        )
        for fault in imbalances(made)
    ]  # fmt: skip
    found += [fault for claim in paper.claims for fault in _allowed(claim)]
    return tuple(found)


_FIXES = {
    "LINE_BALANCE": "Charge less paid less every adjustment is nothing: compare the row with the paper",
    "PAYMENT_BALANCE": "Key what is missing of the check, or say why the rest stays unapplied",
    "PAYMENT_NEGATIVE": "A payer that takes more than it pays sends no check: key what it carries forward as FB",
}


def _place(segment: int) -> str:
    claim, line = divmod(segment, 1000)
    if not claim:
        return "check"
    return f"claim {claim} line {line}" if line else f"claim {claim}"


def _allowed(claim: ClaimPayment) -> Iterable[GridFault]:
    """A typed allowed amount is paid plus the patient's part; a later payer's may differ, so it only warns."""
    for line in claim.lines:
        shares = sum((one.amount for one in line.adjustments if one.group == "PR"), ZERO)
        if line.allowed is not None and claim.status == "1" and line.allowed != line.paid + shares:
            yield GridFault(
                place=f"{_place(line.segment)}, allowed",
                says=f"it differs from paid and patient's part by {line.allowed - line.paid - shares}",
                fix="Compare with the paper; sequestration explains two percent", warns=True,
            )  # fmt: skip


# The noun that posting takes -----------------------------------------------------------------------------------------


def to_remittance(paper: PaperRemittance) -> Remittance:
    """The check as posting takes it, balanced or not. What is unapplied is a provider adjustment of our own code."""
    header = paper.header
    rest: tuple[ProviderAdjustment, ...] = ()
    if paper.unapplied:
        rest = (
            ProviderAdjustment(
                code=UNAPPLIED, reference=_reference(paper.unapplied_reason), amount=-paper.unapplied,
                provider_id=header.payee_npi or header.payee_tax_id,
            ),
        )  # fmt: skip
    return Remittance(
        handling="I" if header.amount else "H", amount=header.amount,
        method=header.method if header.amount else "NON", payment_date=header.check_date,
        trace_number=header.check_number, trace_payer_id=header.trace_payer_id, production_date=header.check_date,
        payer=header.payer, payee_name=header.payee_name, payee_npi=header.payee_npi,
        payee_tax_id=header.payee_tax_id, claims=paper.claims,
        provider_adjustments=(*paper.provider_adjustments, *rest),
    )  # fmt: skip


def _reference(reason: str) -> str:
    """A reason as a PLB reference holds it: 50 characters without what X12 uses to divide."""
    return " ".join(re.sub(r"[^A-Za-z0-9 .,/-]", " ", reason).upper().split())[:50]
