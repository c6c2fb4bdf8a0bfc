"""What kinds of papers a practice keeps, how long each, and which report type (PWK01) it goes with a claim as."""

from __future__ import annotations

from datetime import date

from claimwright.claims.nouns import Noun
from claimwright.codes.dates import Period


class DocumentKind(Noun, frozen=True, kw_only=True):
    """`keep` runs from the day the paper came, or was signed where that is later."""

    name: str
    title: str
    keep: Period
    source: str
    report_type: str = ""  # PWK01 of 005010X222A1 it usually goes as
    signed: bool = False  # worth nothing without a signature


_RECORDS = "42 CFR 424.516(f): seven years from the date of service for orders and certifications"
_PRIVACY = "45 CFR 164.316(b)(2)(i), 164.530(j)(2): six years"
_CLAIMS = "42 CFR 422.504(d), 423.505(d): ten years for records of Medicare Advantage claims"

KINDS: dict[str, DocumentKind] = {
    kind.name: kind
    for kind in (
        DocumentKind(name="card", title="Insurance card", keep=Period(6, "years"), source=_PRIVACY),
        DocumentKind(
            name="abn", title="Advance beneficiary notice", keep=Period(5, "years"), signed=True,
            source="Medicare Claims Processing Manual 100-04, chapter 30, 50: five years",
        ),
        DocumentKind(name="consent", title="Consent or assignment", keep=Period(6, "years"), source=_PRIVACY, signed=True),
        DocumentKind(name="referral", title="Referral", keep=Period(7, "years"), source=_RECORDS, report_type="B4"),
        DocumentKind(name="authorization", title="Authorization letter", keep=Period(10, "years"), source=_CLAIMS),
        DocumentKind(name="note", title="Visit note", keep=Period(10, "years"), source=_CLAIMS, report_type="OZ", signed=True),
        DocumentKind(
            name="medical_record", title="Medical record", keep=Period(10, "years"), source=_CLAIMS, report_type="OZ",
        ),
        DocumentKind(name="operative_note", title="Operative note", keep=Period(10, "years"), source=_CLAIMS, report_type="OB"),
        DocumentKind(name="order", title="Order or prescription", keep=Period(7, "years"), source=_RECORDS, report_type="B3", signed=True),
        DocumentKind(
            name="certificate", title="Certificate of medical necessity", keep=Period(7, "years"), source=_RECORDS,
            report_type="CT", signed=True,
        ),
        DocumentKind(name="eob", title="Explanation of benefits", keep=Period(10, "years"), source=_CLAIMS, report_type="EB"),
        DocumentKind(name="appeal", title="Appeal", keep=Period(10, "years"), source=_CLAIMS),
        DocumentKind(name="accident_report", title="Accident or first report of injury", keep=Period(10, "years"), source=_CLAIMS),
        DocumentKind(
            name="financial_assistance", title="Application for financial assistance", keep=Period(7, "years"),
            source="26 CFR 1.501(r)-4 and 26 U.S.C. 6501: the tax years it bears on",
        ),
        DocumentKind(
            name="good_faith_estimate", title="Good-faith estimate", keep=Period(6, "years"), source="45 CFR 149.610(c)(2)"
        ),
        DocumentKind(name="other", title="Other", keep=Period(10, "years"), source=_CLAIMS),
    )
}  # fmt: skip


def keep_until(kind: str, received_on: date, signed_on: date | None = None) -> date:
    """The last day on which the paper must be kept. A practice's state law may ask for longer: a hold does that."""
    starts = max(received_on, signed_on or received_on)
    return KINDS[kind].keep.after(starts)
