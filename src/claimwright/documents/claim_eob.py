"""A printable explanation of benefits of single claims, from a remittance: one claim a page, the same bytes each time.

For a file, a patient's question, or the next payer, who wants the first payer's decision on paper. A page holds one
claim only and never the others of the payment: what goes to a second payer must not show other patients (45 CFR
164.502(b), minimum necessary). The words of adjustments are our own (`codes.denials`); the layout is `claim_eob.typ`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import typst

from claimwright.claims.nouns import Adjustment, ClaimPayment, Remittance, RemittanceLine
from claimwright.codes.denials import is_alert, plain_words
from claimwright.codes.money import ZERO
from claimwright.codes.payment_words import GROUPS, METHODS, STATUSES
from claimwright.documents.statement import TEMPLATES, amount_text, date_text, short_date

DEDUCTIBLE, COINSURANCE, COPAY = "1", "2", "3"  # CARCs of group PR
PATIENT = "PR"
_turn = threading.Lock()  # one compiler, one document at a time


class ClaimNotInRemittance(ValueError):
    """No claim of that number is in the remittance; the message names those that are."""


def claims_of(remittance: Remittance, control_number: str = "") -> tuple[ClaimPayment, ...]:
    """The claims of that CLP01 or CLP07, in order: a reversal and its correction are two. Blank: all.

    Raises ClaimNotInRemittance.
    """
    wanted = control_number.strip().upper()
    if not wanted:
        found = remittance.claims
    else:
        found = tuple(
            claim
            for claim in remittance.claims
            if wanted in (claim.control_number.strip().upper(), claim.payer_claim_number.strip().upper())
        )
    if not found:
        raise ClaimNotInRemittance("no claim of that number is in the remittance")
    return found


def render_claim_eobs(remittance: Remittance, claims: Sequence[ClaimPayment] | None = None) -> bytes:
    """One page or more a claim, as PDF; all claims of the remittance unless some are given.

    Raises ClaimNotInRemittance when there is none, such as in a payment of provider adjustments only.
    """
    chosen = tuple(claims) if claims is not None else claims_of(remittance)
    if not chosen:
        raise ClaimNotInRemittance("the remittance has no claim to print")
    data = json.dumps(
        {"claims": [_page(remittance, claim) for claim in chosen]}, ensure_ascii=False, sort_keys=True
    )  # fmt: skip
    paid_on = remittance.payment_date or remittance.production_date or date(2000, 1, 1)
    moment = datetime(paid_on.year, paid_on.month, paid_on.day, tzinfo=UTC)  # same figures, same bytes
    with _turn:
        pdf = _compiler().compile(format="pdf", sys_inputs={"data": data}, timestamp=moment)
    assert isinstance(pdf, bytes)  # one file: a list would be one image a page
    return pdf


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(str(TEMPLATES / "claim_eob.typ"), root=str(TEMPLATES), ignore_system_fonts=True)


def sums(claim: ClaimPayment) -> dict[str, Decimal]:
    """Of one CLP: `contractual`, `deductible`, `coinsurance`, `copay`, `patient` (all of PR), `other`."""
    found = dict.fromkeys(("contractual", "deductible", "coinsurance", "copay", "patient", "other"), ZERO)
    for one in (*claim.adjustments, *(each for line in claim.lines for each in line.adjustments)):
        for column in _columns(one):
            found[column] += one.amount
    return found


def _columns(adjustment: Adjustment) -> Iterator[str]:
    if adjustment.group == PATIENT:
        yield "patient"
        shares = {DEDUCTIBLE: "deductible", COINSURANCE: "coinsurance", COPAY: "copay"}
        if adjustment.reason in shares:
            yield shares[adjustment.reason]
    else:
        yield "contractual" if adjustment.group == "CO" else "other"


def _line(line: RemittanceLine) -> dict[str, object]:
    found = sums(ClaimPayment(lines=(line,)))
    units = line.units_paid if line.units_paid is not None else line.units_billed
    return {
        "date": short_date(line.date_from, "en") if line.date_from else "",
        "service": " ".join((line.procedure_code, *line.modifiers)).strip(),
        "units": f"{units.normalize():f}" if units is not None else "",
        "charge": amount_text(line.charge),
        "allowed": amount_text(line.allowed) if line.allowed is not None else "",
        "shares": [amount_text(found[name]) if found[name] else "" for name in ("deductible", "coinsurance", "copay")],
        "other": amount_text(_unshared(found)) if _unshared(found) else "",
        "paid": amount_text(line.paid),
        "codes": ", ".join([*(f"{one.group}-{one.reason}" for one in line.adjustments), *line.remarks]),
    }


def _unshared(found: dict[str, Decimal]) -> Decimal:
    shares = found["deductible"] + found["coinsurance"] + found["copay"]
    return found["contractual"] + found["other"] + found["patient"] - shares


def _reasons(claim: ClaimPayment) -> list[list[str]]:
    """Each group and reason once with its sum, in order of appearance, then the remarks."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for one in (*claim.adjustments, *(each for line in claim.lines for each in line.adjustments)):
        amounts[one.group, one.reason] = amounts.get((one.group, one.reason), ZERO) + one.amount
    rows = [
        [f"{group}-{reason}", amount_text(amount), _sentence(plain_words(reason), GROUPS.get(group, ""))]
        for (group, reason), amount in amounts.items()
    ]
    remarks = dict.fromkeys((*claim.remarks, *(code for line in claim.lines for code in line.remarks)))
    return rows + [
        [code, "", _sentence(plain_words(code), "for information" if is_alert(code) else "")] for code in remarks
    ]


def _sentence(words: str, more: str) -> str:
    return f"{words.rstrip('.')} ({more})" if more and words else words or more


def _page(remittance: Remittance, claim: ClaimPayment) -> dict[str, object]:
    found = sums(claim)
    first = min((line.date_from for line in claim.lines if line.date_from), default=None)
    day = claim.date_from or first
    person = claim.patient
    name = " ".join(filter(None, (person.first_name, person.middle_name, person.last_name, person.suffix)))
    method = METHODS.get(remittance.method, remittance.method)
    paid_on = remittance.payment_date
    facts = [
        ("Patient", name), ("Member id", claim.patient_id or claim.subscriber_id),
        ("Our claim number", claim.control_number), ("Payer's claim number", claim.payer_claim_number),
        ("Date of service", short_date(day, "en") if day else ""),
        ("Decision", STATUSES.get(claim.status, claim.status).capitalize()),
        ("Provider", remittance.payee_name), ("Provider NPI", remittance.payee_npi),
        ("Payment", " ".join(filter(None, (method, remittance.trace_number)))),
        ("Paid on", date_text(paid_on, "en") if paid_on else ""),
        ("Forwarded to", claim.forwarded_to.name if claim.forwarded_to else ""),
    ]  # fmt: skip
    return {
        "payer": remittance.payer.name or remittance.payer.payer_id or remittance.trace_payer_id,
        "facts": [[label, value] for label, value in facts if value],
        "lines": [_line(line) for line in claim.lines],
        "claim_level": [[f"{one.group}-{one.reason}", amount_text(one.amount)] for one in claim.adjustments],
        "totals": [
            ["Charged", amount_text(claim.charge)], ["Contractual", amount_text(found["contractual"])],
            ["Other adjustments", amount_text(found["other"])], ["Patient's part", amount_text(found["patient"])],
            ["Paid", amount_text(claim.paid)],
        ],
        "reasons": _reasons(claim),
        "source": f"Made from the electronic remittance (835) of payment {remittance.trace_number}."
        " It shows this claim only.",
    }  # fmt: skip
