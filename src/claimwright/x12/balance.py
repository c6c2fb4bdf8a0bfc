"""SNIP level 3: what must add up. Amounts that cannot be read are level 1 faults and are left out here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from claimwright.x12.amounts import ZERO, amount, dollars
from claimwright.x12.faults import Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides import Guide
from claimwright.x12.loops import Loop, row_of
from claimwright.x12.segments import Segment

ADJUSTMENT_AMOUNTS = (3, 6, 9, 12, 15, 18)
PROVIDER_ADJUSTMENT_AMOUNTS = (4, 6, 8, 10, 12, 14)


Rule = Callable[[Loop, Findings], None]
PREMIUM_LOOPS = ("2200A", "2200B", "2300A", "2300B")
PREMIUMS = {"RMR": 4, "ADX": 1}  # the element that counts toward BPR02: what is remitted, and earlier adjustments
ACKNOWLEDGEMENT_GUIDE = "005010X214"
CHARGES = {"SV1": 2, "SV2": 3, "SV3": 2}  # the element of a service line that holds its charge


def balance_rules(guide: Guide) -> dict[str, tuple[Rule, ...]]:
    """The sums of one transaction by the loop whose end completes them; they hold what must be added up on the way."""
    if guide.set_id == "837":
        return {"2300": (check_claim,)}
    if guide.set_id == "835":
        payment = Payment()
        return {"2100": (payment.add,), "ST_LOOP": (payment.check,)}
    if guide.set_id == "820":
        premium = Premium()
        parts = dict.fromkeys(PREMIUM_LOOPS, (premium.add,))
        return {**parts, "ST_LOOP": (premium.check,)}
    if guide.id == ACKNOWLEDGEMENT_GUIDE:
        return {"2200B": (check_acknowledged,), "2200C": (check_acknowledged,)}
    return {}


def total(segments: Iterable[Segment], positions: tuple[int, ...]) -> Decimal | None:
    """Sum of those elements; None when one of them is no number."""
    found = ZERO
    for segment in segments:
        for position in positions:
            if position < len(segment.elements) and segment.elements[position]:
                value = amount(segment.elements[position])
                if value is None:
                    return None
                found += value
    return found


def _report(
    findings: Findings, fault_id: str, says: str, off: Decimal, segment: Segment, loop: Loop, element: int,
    severity: Severity = Severity.REJECT,
) -> None:  # fmt: skip
    findings.add(
        fault_id, f"{says}: off by {off:.2f}", segment, loop, snip=3, element=element, value=segment[element],
        severity=severity,
    )  # fmt: skip


def check_claim(claim: Loop, findings: Findings) -> None:
    """2300: the claim's charge against its lines, and each prior payer's decision against the charge."""
    prior = False
    try:
        row = row_of(claim)
        if row is not None:  # CLM01, then CLM02
            charge = dollars(row[1])  # type: ignore[arg-type]  # required
            claim.sums = (charge,)
        else:
            charge = _amount(claim.rows()[0][2])
        charged, lines, prior = _charged(claim)
        right = not lines or charge == charged
    except (ValueError, TypeError, IndexError):
        right = False
    if not right:
        _check_claim_charge(claim, findings)
    if prior or not right:
        _check_prior_payers(claim, claim.segments[0], findings)


def _charged(claim: Loop) -> tuple[Decimal, int, bool]:
    """What the lines charge, how many there are, and whether there are prior payers. Raises where one is no amount."""
    charged, lines, prior = ZERO, 0, False
    for inner in claim.loops:
        if inner.id == "2400":
            row = row_of(inner)
            if row is not None:  # LX01, then SV101 and SV102
                charge = dollars(row[2])  # type: ignore[arg-type]
                inner.sums = (charge,)
                charged += charge
                lines += 1
                continue
            for elements in inner.rows():
                at = CHARGES.get(elements[0])
                if at:
                    charged += _amount(elements[at])
                    lines += 1
                    break
        elif inner.id == "2320":
            prior = True
    return charged, lines, prior


def _check_claim_charge(claim: Loop, findings: Findings) -> None:
    clm = claim.segments[0]
    if clm.elements[0] != "CLM":
        return
    services = [service for line in claim.loops_of("2400") if (service := _service(line)) is not None]
    charge = amount(clm[2])
    charged: Decimal | None = ZERO
    for service in services:
        value = amount(service[CHARGES[service.elements[0]]])
        charged = None if value is None or charged is None else charged + value
    if services and charge is not None and charged is not None and charge != charged:
        name = services[0].elements[0]
        _report(
            findings, "SNIP3-CLAIM-CHARGE", f"CLM02 is not the sum of the lines' {name}{CHARGES[name]:02d}",
            charge - charged, clm, claim, 2,
        )  # fmt: skip


def _service(line: Loop) -> Segment | None:
    for segment in line.segments:
        if segment.elements[0] in CHARGES:
            return segment
    return None


def _check_prior_payers(claim: Loop, clm: Segment, findings: Findings) -> None:
    """Each prior payer's payment: charge less its adjustments, at line level and for the claim."""
    charge = amount(clm[2])
    judged: dict[str, list[Segment]] = {}
    lined: set[str] = set()
    for line in claim.loops_of("2400"):
        service = _service(line)
        for judgement in line.loops_of("2430"):
            svd = judgement.first("SVD")
            if svd is None:
                continue
            adjustments = judgement.all("CAS")
            judged.setdefault(svd[1], []).extend(adjustments)
            lined.add(svd[1])
            paid, reduced = amount(svd[2]), total(adjustments, ADJUSTMENT_AMOUNTS)
            billed = amount(service[CHARGES[service.elements[0]]]) if service else None
            if None not in (paid, reduced, billed) and not svd[6]:
                off = (billed or ZERO) - (reduced or ZERO) - (paid or ZERO)
                if off:
                    _report(
                        findings,
                        "SNIP3-LINE-ADJUDICATION",
                        "The line's charge less the CAS amounts is not SVD02",
                        off,
                        svd,
                        judgement,
                        2,
                    )
    for other in claim.loops_of("2320"):
        paid_segment = other.first("AMT", "D")
        payer = other.find("2330B")
        name = payer.first("NM1") if payer else None
        key = name[9] if name else ""
        own = other.all("CAS")
        if paid_segment is None or charge is None or not (own or key in lined):
            continue
        paid, reduced = amount(paid_segment[2]), total([*own, *judged.get(key, ())], ADJUSTMENT_AMOUNTS)
        if paid is not None and reduced is not None and charge - reduced != paid:
            _report(
                findings, "SNIP3-PAYER-PAID", "CLM02 less this payer's CAS amounts is not its AMT*D",
                charge - reduced - paid, paid_segment, other, 2,
            )  # fmt: skip


class Payment:
    """The sums of one 835: each claim payment as it ends, and what was paid in all against BPR02 at the end."""

    __slots__ = ("_paid", "_readable")

    def __init__(self) -> None:
        self._paid = ZERO
        self._readable = True

    def add(self, claim: Loop, findings: Findings) -> None:
        """2100. What balances is found to do so in one pass; what does not is gone over again to say where."""
        try:
            paid = _balanced(claim)
        except (ValueError, TypeError, IndexError):
            paid = None
        if paid is not None:
            self._paid += paid
            return
        clp = claim.first("CLP")
        if clp is None:
            return
        value = amount(clp[4])
        self._readable = self._readable and value is not None
        self._paid += value or ZERO
        _check_claim_payment(claim, clp, findings)

    def check(self, root: Loop, findings: Findings) -> None:
        """The whole transaction: the claims' payments less the provider adjustments are the payment."""
        bpr = root.first("BPR")
        if bpr is None:
            return
        provider = total(root.all("PLB"), PROVIDER_ADJUSTMENT_AMOUNTS)
        payment = amount(bpr[2])
        if payment is not None and provider is not None and self._readable:
            if self._paid - provider != payment:
                _report(
                    findings, "SNIP3-PAYMENT-BALANCE", "The claims' CLP04 less the PLB amounts is not BPR02",
                    self._paid - provider - payment, bpr, root, 2,
                )  # fmt: skip
        if payment is not None and payment < 0:
            _report(findings, "SNIP3-PAYMENT-NEGATIVE", "BPR02 is negative", -payment, bpr, root, 2)
        if payment and (bpr[1] == "H" or bpr[4] == "NON"):
            _report(findings, "SNIP3-PAYMENT-NONE", "A notice without payment carries money", payment, bpr, root, 2)
        trn = root.first("TRN")
        if trn is not None and bpr[10] and trn[3] and bpr[10] != trn[3]:
            findings.add(
                "SNIP4-PAYER-IDENTIFIER", "TRN03 is not the payer identifier of BPR10", trn, root, snip=4,
                severity=Severity.WARN, element=3, value=trn[3],
            )  # fmt: skip


def _balanced(claim: Loop) -> Decimal | None:
    """CLP04 where claim and lines balance in every way, else None. ValueError or the like where an amount is none."""
    row = row_of(claim)
    if row is None:
        rows = claim.rows()
        charge, paid, reduced = _amount(rows[0][3]), _amount(rows[0][4]), _reduced(rows)
    else:
        charge, paid = dollars(row[2]), dollars(row[3])  # type: ignore[arg-type]  # both are required
        reduced = ZERO if row[9] is None else _reduced(claim.rows())
        claim.sums = (charge, paid)
    billed = ZERO
    for line in claim.loops:
        row = row_of(line)
        if row is None:
            rows = line.rows()
            charged, left, less = _amount(rows[0][2]), _amount(rows[0][3]), _reduced(rows)
        else:
            charged, left = dollars(row[1]), dollars(row[2])  # type: ignore[arg-type]
            if row[10] is None:
                less = ZERO
                line.sums = (charged, left)
            elif row[13] or row[18] is not None or (row[14] is not None and row[17]):
                less = _reduced(line.rows())
            elif row[14] is None:
                less = dollars(row[12])  # type: ignore[arg-type]
                line.sums = (charged, left, less)
            else:
                first, second = dollars(row[12]), dollars(row[16])  # type: ignore[arg-type]
                less = first + second
                line.sums = (charged, left, first, second)
        if charged - less != left:
            return None
        billed += charged
        reduced += less
    if charge - reduced != paid or (claim.loops and billed != charge):
        return None
    return paid


def _reduced(rows: list[list[str]]) -> Decimal:
    found = ZERO
    for row in rows:
        if row[0] == "CAS":
            for at in range(3, len(row), 3):
                found += _amount(row[at])
    return found


def _amount(text: str) -> Decimal:
    value = amount(text)
    if value is None or not text:
        raise ValueError("no amount")
    return value


def _check_claim_payment(claim: Loop, clp: Segment, findings: Findings) -> None:
    own = claim.all("CAS")
    services: list[Segment] = []
    adjustments = list(own)
    for line in claim.loops_of("2110"):
        svc = line.first("SVC")
        reductions = line.all("CAS")
        adjustments.extend(reductions)
        if svc is None:
            continue
        services.append(svc)
        billed, paid, reduced = amount(svc[2]), amount(svc[3]), total(reductions, ADJUSTMENT_AMOUNTS)
        if billed is not None and paid is not None and reduced is not None and billed - reduced != paid:
            _report(
                findings,
                "SNIP3-LINE-BALANCE",
                "SVC02 less the line's CAS amounts is not SVC03",
                billed - reduced - paid,
                svc,
                line,
                3,
            )
    charge, payment = amount(clp[3]), amount(clp[4])
    reduced = total(adjustments, ADJUSTMENT_AMOUNTS)
    if charge is not None and payment is not None and reduced is not None and charge - reduced != payment:
        _report(
            findings,
            "SNIP3-CLAIM-BALANCE",
            "CLP03 less all CAS amounts of the claim is not CLP04",
            charge - reduced - payment,
            clp,
            claim,
            4,
        )
    if services and charge is not None:
        billed = total(services, (2,))
        if billed is not None and billed != charge:
            _report(
                findings, "SNIP3-CLAIM-LINES", "The lines' SVC02 do not add up to CLP03", charge - billed, clp, claim, 3,
                Severity.WARN,
            )  # fmt: skip


class Premium:
    """The sum of one 820: what is remitted and adjusted, against BPR02."""

    __slots__ = ("_came", "_readable", "_total")

    def __init__(self) -> None:
        self._total = ZERO
        self._came = False
        self._readable = True

    def add(self, part: Loop, findings: Findings) -> None:
        """2200 and 2300 A and B. The ADX of 2320 explains RMR04 and is in it."""
        first = part.segments[0] if part.segments else None
        if first is None or first.elements[0] not in PREMIUMS:
            return
        value = amount(first[PREMIUMS[first.elements[0]]])
        self._came = True
        self._readable = self._readable and value is not None
        self._total += value or ZERO

    def check(self, root: Loop, findings: Findings) -> None:
        """A warning only: payments on account are sent whose remittance tells of a part."""
        bpr = root.first("BPR")
        payment = amount(bpr[2]) if bpr is not None else None
        if bpr is None or payment is None or not self._came or not self._readable or payment == self._total:
            return
        _report(
            findings, "SNIP3-PREMIUM-BALANCE", "RMR04 and the ADX01 before them do not add up to BPR02",
            self._total - payment, bpr, root, 2, Severity.WARN,
        )  # fmt: skip


def check_acknowledged(unit: Loop, findings: Findings) -> None:
    """2200B and 2200C of a 277CA: what was accepted and rejected is what was submitted, where all are told."""
    status = unit.first("STC")
    parts = [*unit.all("AMT", "YU"), *unit.all("AMT", "YY")]
    if status is None or not status[4] or not parts:
        return
    submitted, judged = amount(status[4]), total(parts, (2,))
    if submitted is not None and judged is not None and submitted != judged:
        _report(
            findings, "SNIP3-ACKNOWLEDGED-TOTAL", "AMT*YU and AMT*YY do not add up to STC04", submitted - judged,
            status, unit, 4, Severity.WARN,
        )  # fmt: skip
