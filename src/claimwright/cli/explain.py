"""`claimwright explain`: an 835 in plain words. No database, no Django."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from claimwright.cli.files import Answer, Files, Json, document_of, each_file
from claimwright.cli.words import console, dollars, print_json
from claimwright.codes.payment_words import GROUPS, METHODS, PROVIDER_ADJUSTMENTS, STATUSES

if TYPE_CHECKING:
    from claimwright.claims.nouns import Adjustment, ClaimPayment, Remittance

NOTHING_TO_DO = ("NONDENIAL", "PATRESP")


def explain(files: Files, as_json: Json = False) -> None:
    """Say in plain words what each claim of an 835 was paid, what was adjusted and why, and what to do.

    Exit status 2 when a file is not there, not X12 or holds no 835.
    """
    from claimwright.billing.posting.balance import imbalances
    from claimwright.claims.from_x12.remittance import remittance

    def one(path: Path, data: bytes) -> None:
        document = document_of(path, data, "835", {"837": "try `claimwright scrub`"})
        for transaction in document.transactions():
            if transaction.set_id != "835":
                continue
            reading = remittance(transaction)
            unread = [f"{fault.message} ({fault.place()})" for fault in reading.faults]
            unbalanced = [fault.says for fault in imbalances(reading.remittance)]
            answer = explanation(reading.remittance, unread, unbalanced)
            if as_json:
                print_json({"file": str(path), **answer})
            else:
                _print(path, answer)

    if not each_file(files, as_json, one):
        raise typer.Exit(2)


def explanation(remittance: Remittance, unread: list[str], unbalanced: list[str]) -> Answer:
    """The payment and each of its claims, in words."""
    return {
        "payer": remittance.payer.name,
        "payee": remittance.payee_name,
        "trace_number": remittance.trace_number,
        "payment_date": remittance.payment_date.isoformat() if remittance.payment_date else "",
        "method": remittance.method,
        "amount": str(remittance.amount),
        "balanced": not unbalanced,
        "unbalanced": unbalanced,
        "unread": unread,
        "claims": [_claim(claim) for claim in remittance.claims],
        "provider_adjustments": [
            {"code": entry.code, "reference": entry.reference, "amount": str(entry.amount),
             "says": _provider_adjustment(entry.code, entry.amount)}
            for entry in remittance.provider_adjustments
        ],
    }  # fmt: skip


def _provider_adjustment(code: str, amount: Decimal) -> str:
    word = PROVIDER_ADJUSTMENTS.get(code, "not in our table: ask the payer")
    verb, side = ("adds", "to") if amount < 0 else ("takes", "from")
    return f"{word}; {verb} {dollars(abs(amount))} {side} this payment"


def _claim(claim: ClaimPayment) -> Answer:
    lines = [
        {
            "code": " ".join((line.procedure_code, *line.modifiers)),
            "date": line.date_from.isoformat() if line.date_from else "",
            "charge": str(line.charge),
            "paid": str(line.paid),
            "adjustments": [_adjustment(a, line.remarks) for a in line.adjustments],
            "remarks": _remarks(line.remarks),
        }
        for line in claim.lines
    ]
    return {
        "control_number": claim.control_number,
        "payer_claim_number": claim.payer_claim_number,
        "status": STATUSES.get(claim.status, f"status {claim.status}, which the current guide does not know"),
        "charge": str(claim.charge),
        "paid": str(claim.paid),
        "patient_responsibility": str(claim.patient_responsibility or Decimal("0.00")),
        "forwarded_to": claim.forwarded_to.name if claim.forwarded_to else "",
        "adjustments": [_adjustment(a, claim.remarks) for a in claim.adjustments],
        "remarks": _remarks(claim.remarks),
        "lines": lines,
    }


def _remarks(codes: tuple[str, ...]) -> list[dict[str, str]]:
    from claimwright.codes.denials import rarc_rule

    found = [(code, rarc_rule(code)) for code in dict.fromkeys(codes) if code]
    return [{"code": code, "says": rule.words if rule else "No words of ours yet."} for code, rule in found]


def _adjustment(adjustment: Adjustment, remarks: tuple[str, ...]) -> Answer:
    from claimwright.billing.denials import refine
    from claimwright.codes.denials import advice_words, plain_words

    category = refine(adjustment.group, adjustment.reason, remarks).category
    return {
        "group": adjustment.group,
        "reason": adjustment.reason,
        "amount": str(adjustment.amount),
        "says": plain_words(adjustment.reason),
        "whose": GROUPS.get(adjustment.group, "a group the guide does not know"),
        "category": category,
        "to_do": "" if category in NOTHING_TO_DO else advice_words(adjustment.reason, remarks),
    }


# Printing ------------------------------------------------------------------------------------------------------------


def _line(text: str, style: str = "") -> None:
    console.print(text, style=style or None, markup=False, soft_wrap=True)


def _print(path: Path, answer: Answer) -> None:
    payer, payee = answer["payer"] or "A payer without a name", answer["payee"] or "a payee without a name"
    method = METHODS.get(answer["method"], answer["method"])
    dated = f" dated {answer['payment_date']}" if answer["payment_date"] else " without a date"
    _line(str(path), "bold")
    _line(f"{payer} pays {payee} {dollars(answer['amount'])}. {method} {answer['trace_number']}{dated}.")
    for problem in answer["unread"]:
        _line(f"  cannot be read: {problem}", "red")
    for problem in answer["unbalanced"]:
        _line(f"  does not balance: {problem}", "red")
    for claim in answer["claims"]:
        _print_claim(claim)
    for entry in answer["provider_adjustments"]:
        _line(f"\nNot tied to a claim: {entry['code']} {entry['reference']}: {entry['says']}")
    _line("")


def _print_claim(claim: Answer) -> None:
    forwarded = f" to {claim['forwarded_to']}" if claim["forwarded_to"] else ""
    theirs = f" (payer's number {claim['payer_claim_number']})" if claim["payer_claim_number"] else ""
    share = Decimal(claim["patient_responsibility"])
    _line(
        f"\nClaim {claim['control_number']}{theirs}: {claim['status']}{forwarded}. Charged {dollars(claim['charge'])}, "
        f"paid {dollars(claim['paid'])}{f', patient part {dollars(share)}' if share else ''}."
    )
    _print_adjustments(claim, "  ")
    for line in claim["lines"]:
        _line(
            f"  {' '.join(filter(None, (line['code'], line['date'])))}: charged {dollars(line['charge'])}, paid {dollars(line['paid'])}"
        )
        _print_adjustments(line, "    ")


def _print_adjustments(part: dict[str, Any], indent: str) -> None:
    for found in part["adjustments"]:
        code = f"{found['group']}-{found['reason']}"
        _line(f"{indent}{code} {dollars(found['amount'])}: {found['says'].rstrip('.')} ({found['whose']})")
        if found["to_do"]:
            _line(f"{indent}  to do: {found['to_do']}")
    for remark in part["remarks"]:
        _line(f"{indent}remark {remark['code']}: {remark['says']}")
