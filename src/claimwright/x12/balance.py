"""SNIP level 3: what must add up. Amounts that cannot be read are level 1 faults and are left out here."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from claimwright.x12.amounts import ZERO, amount
from claimwright.x12.faults import Severity
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment

ADJUSTMENT_AMOUNTS = (3, 6, 9, 12, 15, 18)
PROVIDER_ADJUSTMENT_AMOUNTS = (4, 6, 8, 10, 12, 14)


def check_balance(root: Loop, findings: Findings) -> None:
    """Charges, adjustments and payments of an 837P or 835."""
    set_id = root.state.compiled.guide.set_id if root.state else ""
    if set_id == "837":
        for claim in root.descend("2300"):
            _check_claim_charge(claim, findings)
            _check_prior_payers(claim, findings)
    elif set_id == "835":
        _check_remittance(root, findings)


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


def _check_claim_charge(claim: Loop, findings: Findings) -> None:
    clm = claim.first("CLM")
    lines = [line.first("SV1") for line in claim.loops_of("2400")]
    services = [line for line in lines if line is not None]
    if clm is None or not services:
        return
    charge, lines_total = amount(clm[2]), total(services, (2,))
    if charge is not None and lines_total is not None and charge != lines_total:
        _report(
            findings,
            "SNIP3-CLAIM-CHARGE",
            "CLM02 is not the sum of the lines' SV102",
            charge - lines_total,
            clm,
            claim,
            2,
        )


def _check_prior_payers(claim: Loop, findings: Findings) -> None:
    """Each prior payer's payment: charge less its adjustments, at line level and for the claim."""
    clm = claim.first("CLM")
    if clm is None:
        return
    charge = amount(clm[2])
    judged: dict[str, list[Segment]] = {}
    lined: set[str] = set()
    for line in claim.loops_of("2400"):
        service = line.first("SV1")
        for judgement in line.loops_of("2430"):
            svd = judgement.first("SVD")
            if svd is None:
                continue
            adjustments = judgement.all("CAS")
            judged.setdefault(svd[1], []).extend(adjustments)
            lined.add(svd[1])
            paid, reduced = amount(svd[2]), total(adjustments, ADJUSTMENT_AMOUNTS)
            billed = amount(service[2]) if service else None
            if None not in (paid, reduced, billed) and not svd[6]:
                off = (billed or ZERO) - (reduced or ZERO) - (paid or ZERO)
                if off:
                    _report(
                        findings,
                        "SNIP3-LINE-ADJUDICATION",
                        "SV102 less the CAS amounts is not SVD02",
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


def _check_remittance(root: Loop, findings: Findings) -> None:
    paid = ZERO
    readable = True
    for claim in root.descend("2100"):
        clp = claim.first("CLP")
        if clp is None:
            continue
        value = amount(clp[4])
        readable = readable and value is not None
        paid += value or ZERO
        _check_claim_payment(claim, clp, findings)
    bpr = root.first("BPR")
    provider = total(root.all("PLB"), PROVIDER_ADJUSTMENT_AMOUNTS)
    if bpr is None:
        return
    payment = amount(bpr[2])
    if payment is not None and provider is not None and readable:
        if paid - provider != payment:
            _report(
                findings, "SNIP3-PAYMENT-BALANCE", "The claims' CLP04 less the PLB amounts is not BPR02",
                paid - provider - payment, bpr, root, 2,
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
