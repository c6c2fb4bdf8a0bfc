"""Verbs over files: no database, no Django."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from claimwright.claims.nouns import Adjustment, ClaimPayment, Remittance
from claimwright.cli.words import Refused, console, dollars, print_json, read_bytes
from claimwright.x12 import Severity, read

Json = Annotated[bool, typer.Option("--json", help="One JSON line a file instead of tables.")]
Files = Annotated[list[Path], typer.Argument(help="X12 files.")]

BLOCKING = ("R", "H")


def scrub(
    files: Files,
    as_json: Json = False,
    today: Annotated[str, typer.Option(help="The day to scrub as of, YYYY-MM-DD; today when not given.")] = "",
) -> None:
    """Check 837P files: the wire's rules and the claim edits. Exit 1 when a claim may not go out."""
    from claimwright.claims.from_x12.professional import read_file
    from claimwright.codes.code_sets import shipped
    from claimwright.codes.vocabulary import CodeVocabulary
    from claimwright.edits import engine
    from claimwright.edits.facts import Facts
    from claimwright.x12.check import check

    facts = Facts(today=_day(today), code_sets=shipped())
    blocked = False
    for path in files:
        data = read_bytes(path)
        faults = check(data, CodeVocabulary(shipped()))
        claims = [claim for transaction in read_file(data) for claim in transaction.claims]
        found = engine.run_batch(claims, lambda claim: facts)
        answer = {
            "file": str(path),
            "claims": [
                {
                    "control_number": claim.control_number,
                    "lines": len(claim.lines),
                    "charge": str(claim.total_charge),
                    "findings": [_finding(finding) for finding in findings],
                }
                for claim, findings in zip(claims, found.claims, strict=True)
            ],
            "faults": [_fault(fault) for fault in faults],
            "not_armed": [finding.edit_id for finding in found.not_armed],
        }
        rejecting = [fault for fault in faults if fault.severity is Severity.REJECT]
        stopped = [f for findings in found.claims for f in findings if f.severity in BLOCKING]
        blocked = blocked or bool(rejecting or stopped)
        if as_json:
            print_json(answer)
        else:
            _print_scrub(path, answer)
    raise typer.Exit(1 if blocked else 0)


def _day(text: str) -> date:
    if not text:
        return date.today()  # noqa: DTZ011 - a verb for people: their own calendar day
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("--today is a date such as 2026-09-30") from None


def _finding(finding) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {
        "id": finding.edit_id, "severity": str(finding.severity.value), "path": finding.path,
        "message": finding.message, "fix": finding.fix,
    }  # fmt: skip


def _fault(fault) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {
        "id": fault.id, "snip": fault.snip, "severity": fault.severity.value, "segment_id": fault.segment_id,
        "segment": fault.segment, "byte": fault.byte, "line": fault.line, "loop": fault.loop,
        "element": fault.element, "claim": fault.control_number, "message": fault.message, "fix": fault.fix,
    }  # fmt: skip


def _print_scrub(path: Path, answer: dict) -> None:  # type: ignore[type-arg]
    console.rule(str(path), align="left")
    if not answer["claims"]:
        console.print("No professional claim in this file.")
    for claim in answer["claims"]:
        stops = [f for f in claim["findings"] if f["severity"] in BLOCKING]
        verdict = "[red]stays here[/red]" if stops else "[green]may go[/green]"
        console.print(f"Claim {claim['control_number']}: {claim['lines']} lines, {dollars(claim['charge'])}: {verdict}")
        for finding in claim["findings"]:
            console.print(f"  {finding['severity']} {finding['id']}  {finding['message']}", markup=False)
            if finding["fix"]:
                console.print(f"      fix: {finding['fix']}", markup=False)
    for fault in answer["faults"]:
        where = f"{fault['segment_id']}{fault['element'] or ''} segment {fault['segment']}, line {fault['line']}"
        console.print(f"  {fault['severity']} {fault['id']}  {where}: {fault['message']}", markup=False)
        if fault["fix"]:
            console.print(f"      fix: {fault['fix']}", markup=False)
    if answer["not_armed"]:
        console.print(f"Not armed without practice data: {', '.join(answer['not_armed'])}", style="dim")


def explain(files: Files, as_json: Json = False) -> None:
    """Say in plain words what each claim of an 835 was paid, what was adjusted and why, and what to do."""
    from claimwright.billing.posting.balance import imbalances
    from claimwright.claims.from_x12.remittance import remittance

    for path in files:
        document = read(read_bytes(path))
        sets = [transaction for transaction in document.transactions() if transaction.set_id == "835"]
        if not sets:
            raise Refused(f"{path}: no 835 transaction in this file")
        for transaction in sets:
            reading = remittance(transaction)
            problems = [f"{fault.message} ({fault.place()})" for fault in reading.faults]
            problems += [fault.says for fault in imbalances(reading.remittance)]
            answer = explanation(reading.remittance, problems)
            if as_json:
                print_json({"file": str(path), **answer})
            else:
                _print_explanation(path, answer)


def explanation(remittance: Remittance, problems: list[str]) -> dict[str, object]:
    """The payment and each of its claims, in words."""
    return {
        "payer": remittance.payer.name,
        "payee": remittance.payee_name,
        "trace_number": remittance.trace_number,
        "payment_date": remittance.payment_date.isoformat() if remittance.payment_date else "",
        "method": remittance.method,
        "amount": str(remittance.amount),
        "balanced": not problems,
        "problems": problems,
        "claims": [_explain_claim(claim) for claim in remittance.claims],
        "provider_adjustments": [
            {"code": entry.code, "reference": entry.reference, "amount": str(entry.amount),
             "says": _provider_adjustment(entry.code, entry.amount)}
            for entry in remittance.provider_adjustments
        ],
    }  # fmt: skip


STATUS_WORDS = {
    "1": "processed as primary", "2": "processed as secondary", "3": "processed as tertiary",
    "4": "denied: the payer does not know the patient", "19": "processed as primary and forwarded",
    "20": "processed as secondary and forwarded", "21": "processed as tertiary and forwarded",
    "22": "an earlier payment taken back", "23": "not this payer's claim: forwarded",
    "25": "a predetermination: no payment",
}  # fmt: skip

GROUP_WORDS = {
    "CO": "not billable to the patient", "PR": "the patient's or the next payer's part",
    "OA": "no one's liability stated", "PI": "taken by the payer: review", "CR": "correction of an earlier one",
}  # fmt: skip

PROVIDER_ADJUSTMENT_WORDS = {
    "FB": "balance forwarded between payments", "WO": "overpayment recovered", "L6": "interest",
    "72": "your refund check acknowledged", "CT": "capitation", "CS": "adjustment", "J1": "not reimbursable",
    "AP": "advance taken back", "IR": "tax withheld",
}  # fmt: skip


def _provider_adjustment(code: str, amount: Decimal) -> str:
    word = PROVIDER_ADJUSTMENT_WORDS.get(code, "not in our table: ask the payer")
    return f"{word}; {'adds' if amount < 0 else 'takes'} {dollars(abs(amount))} {'to' if amount < 0 else 'from'} this payment"


def _explain_claim(claim: ClaimPayment) -> dict[str, object]:
    lines = [
        {
            "code": " ".join((line.procedure_code, *line.modifiers)),
            "date": line.date_from.isoformat() if line.date_from else "",
            "charge": str(line.charge),
            "paid": str(line.paid),
            "adjustments": [_explain_adjustment(a, line.remarks) for a in line.adjustments],
        }
        for line in claim.lines
    ]
    return {
        "control_number": claim.control_number,
        "payer_claim_number": claim.payer_claim_number,
        "status": STATUS_WORDS.get(claim.status, f"status {claim.status}, which the current guide does not know"),
        "charge": str(claim.charge),
        "paid": str(claim.paid),
        "patient_responsibility": str(claim.patient_responsibility or Decimal("0.00")),
        "forwarded_to": claim.forwarded_to.name if claim.forwarded_to else "",
        "adjustments": [_explain_adjustment(a, claim.remarks) for a in claim.adjustments],
        "lines": lines,
    }


def _explain_adjustment(adjustment: Adjustment, remarks: tuple[str, ...]) -> dict[str, object]:
    from claimwright.billing.denials import refine
    from claimwright.codes.denials import carc_rule, plain_words

    rule = carc_rule(adjustment.reason)
    refined = refine(adjustment.group, adjustment.reason, remarks)
    words = plain_words(adjustment.reason) if rule else "a reason our tables do not know: ask the payer, post nothing"
    return {
        "group": adjustment.group,
        "reason": adjustment.reason,
        "amount": str(adjustment.amount),
        "remarks": list(remarks),
        "says": f"{words} ({GROUP_WORDS.get(adjustment.group, 'unknown group')})",
        "category": refined.category,
        "to_do": rule.advice if rule else "",
    }


def _print_explanation(path: Path, answer: dict) -> None:  # type: ignore[type-arg]
    console.rule(f"{path}: {answer['payer']} pays {dollars(answer['amount'])}", align="left")
    console.print(
        f"{answer['method']} {answer['trace_number']} dated {answer['payment_date']} to {answer['payee']}", markup=False
    )
    for problem in answer["problems"]:
        console.print(f"  does not balance or cannot be read: {problem}", style="red", markup=False)
    for claim in answer["claims"]:
        forwarded = f" to {claim['forwarded_to']}" if claim["forwarded_to"] else ""
        console.print(
            f"\nClaim {claim['control_number']} ({claim['payer_claim_number']}): {claim['status']}{forwarded}. "
            f"Charged {dollars(claim['charge'])}, paid {dollars(claim['paid'])}, "
            f"patient's part {dollars(claim['patient_responsibility'])}.",
            markup=False,
        )
        for adjustment in claim["adjustments"]:
            _print_adjustment(adjustment)
        for line in claim["lines"]:
            console.print(
                f"  {line['code']} {line['date']}: charged {dollars(line['charge'])}, paid {dollars(line['paid'])}",
                markup=False,
            )
            for adjustment in line["adjustments"]:
                _print_adjustment(adjustment)
    for entry in answer["provider_adjustments"]:
        console.print(f"\nProvider adjustment {entry['code']} {entry['reference']}: {entry['says']}", markup=False)


def _print_adjustment(adjustment: dict) -> None:  # type: ignore[type-arg]
    remarks = f" [{', '.join(adjustment['remarks'])}]" if adjustment["remarks"] else ""
    console.print(
        f"    {adjustment['group']}-{adjustment['reason']} {dollars(adjustment['amount'])}{remarks}: {adjustment['says']}",
        markup=False,
    )
    if adjustment["to_do"] and adjustment["category"] not in ("NONDENIAL", "PATRESP"):
        console.print(f"      to do: {adjustment['to_do']}", markup=False)
