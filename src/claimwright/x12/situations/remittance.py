"""835, 005010X221A1: rules of a claim payment and of the payment as a whole."""

from __future__ import annotations

from claimwright.x12.amounts import amount
from claimwright.x12.elements import is_date
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations.facts import root_of, tell, tell_missing
from claimwright.x12.situations.payers import REASONS, check_adjustments
from claimwright.x12.situations.tables import (
    DENIED,
    ELECTRONIC,
    FORWARDED,
    PREDETERMINED,
    REFERENCED,
    REVERSAL,
)

RESPONSIBILITY = "PR"
NOTICE, NO_PAYMENT = "H", "NON"
ROUTING = "01"  # BPR06, BPR12: an ABA routing number of nine digits
ADJUSTMENTS = (3, 5, 7, 9, 11, 13)
_ZERO = frozenset(("", "0", "0.00", "0.0"))


def check_payment(loop: Loop, findings: Findings) -> None:
    """2100: one claim payment with its lines."""
    clp = loop.segments[0] if loop.segments else None
    if clp is None or clp.elements[0] != "CLP":
        return
    names: dict[str, Segment] = {}
    dates: dict[str, Segment] = {}
    adjusted: list[Segment] = []
    inpatient = outpatient = None
    for segment in loop.segments:
        elements = segment.elements
        name = elements[0]
        if name == "CAS":
            adjusted.append(segment)
        elif name == "NM1":
            names[segment[1]] = segment
        elif name == "DTM":
            dates[segment[1]] = segment
        elif name == "MIA":
            inpatient = segment
        elif name == "MOA":
            outpatient = segment
    if adjusted:
        check_adjustments(loop, findings)
    if inpatient is not None and outpatient is not None:
        tell(findings, "SNIP4-INPATIENT-AND-OUTPATIENT", outpatient, loop)
    _check_status(clp, names, loop, findings)
    last = _check_lines(loop, dates, clp[2], adjusted, findings)
    if dates:
        _check_dates(dates, last, loop, findings)
    if last:
        _check_after_payment(loop, last, clp[2], findings)
    if adjusted or (len(clp.elements) > 5 and clp.elements[5] not in _ZERO):
        _check_responsibility(clp, adjusted, loop, findings)


def _check_status(clp: Segment, names: dict[str, Segment], loop: Loop, findings: Findings) -> None:
    """What CLP02 says against amounts and names."""
    elements = clp.elements
    status = elements[2] if len(elements) > 2 else ""
    charge, paid = clp[3], clp[4]
    if status == REVERSAL:
        if charge[:1] != "-" and charge not in _ZERO:
            tell(findings, "SNIP4-REVERSAL-SIGN", clp, loop, 3, value=charge)
        if clp[5] not in _ZERO and clp[5][:1] != "-":
            tell(findings, "SNIP4-REVERSAL-RESPONSIBILITY", clp, loop, 5, value=clp[5])
    elif status == DENIED and paid not in _ZERO and paid[:1] != "-":
        tell(findings, "SNIP4-DENIED-PAID", clp, loop, 4, value=paid)
    elif status == PREDETERMINED and paid not in _ZERO:
        tell(findings, "SNIP4-PREDETERMINATION-PAID", clp, loop, 4, value=paid)
    if status in FORWARDED:
        if "TT" not in names:
            tell_missing(findings, "SNIP4-CROSSOVER-CARRIER", "NM1", loop, "NM1*TT")
    elif "TT" in names and status != REVERSAL:
        tell(findings, "SNIP4-CROSSOVER-UNEXPECTED", names["TT"], loop, 1, value="TT")
    corrected = names.get("74")
    if corrected is not None and not any(corrected[position] for position in (3, 4, 5, 7, 9)):
        tell(findings, "SNIP4-CORRECTED-NAME-EMPTY", corrected, loop)


def _check_lines(
    loop: Loop, dates: dict[str, Segment], status: str, adjusted: list[Segment], findings: Findings
) -> str:
    """Each 2110: its dates, units, adjustments (added to `adjusted`). The last date of service, "" for none."""
    last = ""
    undated: Loop | None = None
    for line in loop.loops:
        if line.id != "2110":
            continue
        date, end, units = "", "", None
        kinds = 0
        has_adjustments = False
        for segment in line.segments:
            elements = segment.elements
            name = elements[0]
            if name == "DTM" and len(elements) > 2:
                qualifier = elements[1]
                if qualifier == "472":
                    date, kinds = elements[2], kinds | 1
                elif qualifier == "150":
                    date, kinds = elements[2], kinds | 2
                elif qualifier == "151":
                    end, kinds = elements[2], kinds | 4
            elif name == "CAS":
                adjusted.append(segment)
                has_adjustments = True
            elif name == "SVC" and len(elements) > 7 and elements[7]:
                units = segment
        if kinds not in (0, 1, 6) or (kinds == 6 and end < date):
            _tell_pair(line, findings)
        if not kinds:
            undated = undated or line
        last = max(last, end, date)
        if units is not None and units[5] and amount(units[5]) == amount(units[7]):
            tell(findings, "SNIP4-UNITS-UNCHANGED", units, line, 7, value=units[7])
        if has_adjustments:
            check_adjustments(line, findings)
    if "232" not in dates and status != PREDETERMINED and (undated is not None or not _has_lines(loop)):
        tell_missing(findings, "SNIP4-SERVICE-DATE-MISSING", "DTM", undated or loop)
    return last


def _has_lines(loop: Loop) -> bool:
    return any(inner.id == "2110" for inner in loop.loops)


def _tell_pair(line: Loop, findings: Findings) -> None:
    at = next(segment for segment in line.segments if segment.elements[0] == "DTM")
    tell(findings, "SNIP4-SERVICE-DATE-PAIR", at, line, 1, value=at[1])


def _check_dates(dates: dict[str, Segment], last: str, loop: Loop, findings: Findings) -> None:
    begins, ends, received = dates.get("232"), dates.get("233"), dates.get("050")
    if ends is not None:
        if begins is None:
            tell(findings, "SNIP4-STATEMENT-DATE-PAIR", ends, loop, 1, value="233")
        elif is_date(begins[2]) and is_date(ends[2]) and ends[2] < begins[2]:
            tell(findings, "SNIP4-DATE-ORDER", ends, loop, 2, value=ends[2], detail="233 before 232")
    served = begins[2] if begins is not None else last
    if received is not None and is_date(served) and is_date(received[2]) and received[2] < served:
        tell(findings, "SNIP4-DATE-ORDER", received, loop, 2, value=received[2], detail="050 before the service")


def _check_responsibility(clp: Segment, adjusted: list[Segment], loop: Loop, findings: Findings) -> None:
    """CLP05 against the PR amounts of the claim and its lines. The usual single amount costs no arithmetic."""
    if clp[2] == REVERSAL:
        return
    amounts = [
        segment[position + 1]
        for segment in adjusted
        if segment[1] == RESPONSIBILITY
        for position in REASONS
        if position + 1 < len(segment.elements) and segment[position + 1]
    ]
    if len(amounts) == 1 and amounts[0] == clp[5]:
        return
    stated, whole = amount(clp[5]), amount("0")
    for text in amounts:
        value = amount(text)
        if value is None or whole is None:
            return
        whole += value
    if stated is not None and whole is not None and stated != whole:
        tell(
            findings, "SNIP4-PATIENT-RESPONSIBILITY", clp, loop, 5, value=clp[5], detail=f"off by {stated - whole:.2f}"
        )


def _check_after_payment(loop: Loop, last: str, status: str, findings: Findings) -> None:
    """No service later than the payment itself, unless it is only predetermined."""
    paid = _payment_date(loop)
    if not paid or last <= paid or status == PREDETERMINED:
        return
    for line in loop.loops:
        for segment in line.segments:
            if segment.elements[0] == "DTM" and segment[1] in ("472", "150", "151") and segment[2] > paid:
                if is_date(segment[2]):
                    tell(findings, "SNIP4-SERVICE-AFTER-FILE", segment, line, 2, value=segment[2])


def _payment_date(loop: Loop) -> str:
    bpr = root_of(loop).first("BPR")
    return bpr[16] if bpr is not None and is_date(bpr[16]) else ""


# --- the payment as a whole


def check_transaction(root: Loop, findings: Findings) -> None:
    """ST_LOOP: BPR and PLB. The claims may be gone by then and are not looked at."""
    bpr = root.first("BPR")
    if bpr is not None:
        _check_payment_order(bpr, root, findings)
    seen: set[tuple[str, str, str, str]] = set()
    for segment in root.segments:
        if segment.elements[0] == "PLB":
            _check_provider_adjustments(segment, root, seen, findings)


def _check_payment_order(bpr: Segment, root: Loop, findings: Findings) -> None:
    method = bpr[4]
    if method in ELECTRONIC:
        for position in (6, 7, 8, 9, 10, 12, 13, 14, 15):
            if not bpr[position]:
                tell(findings, "SNIP4-PAYMENT-ACCOUNT", bpr, root, position, detail=f"BPR{position:02d}")
                break
    if method == "ACH" and not bpr[5]:
        tell(findings, "SNIP4-PAYMENT-FORMAT", bpr, root, 5)
    if (bpr[1] == NOTICE) != (method == NO_PAYMENT) and bpr[1] and method:
        tell(findings, "SNIP4-PAYMENT-METHOD", bpr, root, 4, value=method)
    for kind, position in ((6, 7), (12, 13)):
        if bpr[kind] == ROUTING and bpr[position] and not is_routing_number(bpr[position]):
            tell(findings, "SNIP4-ROUTING-NUMBER", bpr, root, position, value=bpr[position])


def is_routing_number(text: str) -> bool:
    """Nine digits, weighted 3 7 1 to a multiple of ten (ABA routing number policy)."""
    if len(text) != 9 or not text.isdecimal():
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True)) % 10 == 0


def _check_provider_adjustments(
    plb: Segment, root: Loop, seen: set[tuple[str, str, str, str]], findings: Findings
) -> None:
    gap = False
    for position in ADJUSTMENTS:
        parts = plb.components(position)
        value = plb[position + 1]
        if not parts:
            gap = gap or not value
            continue
        if gap:
            tell(findings, "SNIP4-PROVIDER-ADJUSTMENT-GAP", plb, root, position)
            gap = False
        reference = parts[1] if len(parts) > 1 else ""
        if parts[0] in REFERENCED and not reference:
            tell(findings, "SNIP4-PROVIDER-ADJUSTMENT-REFERENCE", plb, root, position, 2)
        found = amount(value)
        if value and found == 0:
            tell(findings, "SNIP4-PROVIDER-ADJUSTMENT-ZERO", plb, root, position + 1, value=value)
        key = (plb[1], parts[0], reference, value)
        if key in seen:
            tell(findings, "SNIP4-PROVIDER-ADJUSTMENT-REPEATED", plb, root, position)
        seen.add(key)


def check_payee(loop: Loop, findings: Findings) -> None:
    """1000B: who is named by NPI is named by tax number too."""
    payee = loop.segments[0] if loop.segments else None
    if payee is not None and payee[3] == "XX" and loop.first("REF", "TJ") is None:
        tell(findings, "SNIP4-PAYEE-TAX-ID", payee, loop, 3, value="XX")
