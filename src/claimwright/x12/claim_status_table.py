"""Which claim status answers a fault: category, status code and entity of a 277CA's STC.

Status codes are those of the claim status code list (X12 external list 508), categories of list 507: A6 = something is
missing, A7 = something is invalid, A8 = two things do not go together, A3 = it cannot be processed as it is.
"""

from __future__ import annotations

from claimwright.x12.faults import Fault

Status = tuple[str, str, str]  # category, status code, entity

MISSING, INVALID, RELATIONAL, UNPROCESSABLE = "A6", "A7", "A8", "A3"
RECEIVED, ACCEPTED = ("A1", "19"), ("A2", "20")
LINE = (INVALID, "247", "")  # line information: the lines tell more
SOMETHING = "21"  # missing or invalid information
FORMAT = (UNPROCESSABLE, "481", "")

# Fault ids by how they begin; the longest that fits wins. Entity "*" = whom the fault's loop is about.
STATUSES: dict[str, Status] = {
    "SNIP3-CLAIM-CHARGE": (RELATIONAL, "178", ""),
    "SNIP3-CLAIM": (RELATIONAL, "400", ""),
    "SNIP3-LINE": (RELATIONAL, "672", ""),
    "SNIP3-PAYER": (RELATIONAL, "672", ""),
    "SNIP3": (RELATIONAL, "400", ""),
    "SNIP4-ACCIDENT": (MISSING, "633", ""),
    "SNIP4-ACCOMMODATION-DAYS": (INVALID, "456", ""),
    "SNIP4-ADJUDICATION-DATE": (MISSING, "516", ""),
    "SNIP4-ADJUSTMENT": (INVALID, "521", ""),
    "SNIP4-ADMISSION": (INVALID, "189", ""),
    "SNIP4-ADMITTING": (INVALID, "232", ""),
    "SNIP4-AMBULANCE": (MISSING, "266", ""),
    "SNIP4-ANESTHESIA-MINUTES": (INVALID, "251", ""),
    "SNIP4-ATTACHMENT-CONTROL": (MISSING, "489", ""),
    "SNIP4-ATTENDING": (MISSING, "125", "71"),
    "SNIP4-BILLING-NPI": (MISSING, "562", "85"),
    "SNIP4-BILLING-STREET": (INVALID, "503", "85"),
    "SNIP4-BILLING-ZIP": (INVALID, "500", "85"),
    "SNIP4-BIRTH": (INVALID, "158", "*"),
    "SNIP4-CHARGE": (INVALID, "178", ""),
    "SNIP4-CLAIM-DUPLICATE": (RELATIONAL, "78", ""),
    "SNIP4-CLAIM-NUMBER": (INVALID, "478", ""),
    "SNIP4-CLIA": (INVALID, "544", ""),
    "SNIP4-DATE-ORDER": (RELATIONAL, "187", ""),
    "SNIP4-DESCRIPTION-MISSING": (MISSING, "306", ""),
    "SNIP4-DEATH": (RELATIONAL, "159", "QC"),
    "SNIP4-DIAGNOSIS-POINTER": (INVALID, "477", ""),
    "SNIP4-DIAGNOSIS-PRINCIPAL": (MISSING, "254", ""),
    "SNIP4-DIAGNOSIS": (INVALID, "255", ""),
    "SNIP4-DISCHARGE-HOUR": (INVALID, "233", ""),
    "SNIP4-DISCHARGE": (RELATIONAL, "190", ""),
    "SNIP4-FACILITY-ZIP": (INVALID, "500", "77"),
    "SNIP4-HL": (UNPROCESSABLE, "481", ""),
    "SNIP4-LINE-DATE-OUTSIDE": (RELATIONAL, "188", ""),
    "SNIP4-LINE-DATE": (MISSING, "187", ""),
    "SNIP4-LINE-PAYER": (RELATIONAL, "479", ""),
    "SNIP4-MEDICARE-SECONDARY": (INVALID, "171", ""),
    "SNIP4-MINUTES": (INVALID, "251", ""),
    "SNIP4-OCCURRENCE": (INVALID, "461", ""),
    "SNIP4-OPERATING": (MISSING, "125", "72"),
    "SNIP4-ORTHODONTIC": (INVALID, "605", ""),
    "SNIP4-OTHER-PROCEDURE": (INVALID, "490", ""),
    "SNIP4-PATIENT-STATUS": (INVALID, "234", ""),
    "SNIP4-PAYER-IDENTIFIER": (MISSING, "153", "PR"),
    "SNIP4-PAYER-PAID": (MISSING, "286", ""),
    "SNIP4-PAYER": (INVALID, "171", ""),
    "SNIP4-POA": (INVALID, "688", ""),
    "SNIP4-PRIOR-PLACEMENT": (MISSING, "201", ""),
    "SNIP4-PROCEDURE-DATE": (INVALID, "486", ""),
    "SNIP4-PROCEDURE": (INVALID, "465", ""),
    "SNIP4-QUANTITY": (INVALID, "476", ""),
    "SNIP4-REFERENCE-PLACEHOLDER": (INVALID, "252", "PR"),
    "SNIP4-REPLACEMENT-REFERENCE": (MISSING, "464", ""),
    "SNIP4-REPLACEMENT": (INVALID, "535", ""),
    "SNIP4-REVENUE-TOTAL": (INVALID, "455", ""),
    "SNIP4-SERVICE-AFTER-FILE": (INVALID, "187", ""),
    "SNIP4-SERVICE": (RELATIONAL, "187", ""),
    "SNIP4-STATEMENT": (RELATIONAL, "188", ""),
    "SNIP4-SUBSCRIBER-DEMOGRAPHICS": (MISSING, "158", "IL"),
    "SNIP4-SURFACE": (INVALID, "240", ""),
    "SNIP4-TAX-ID": (INVALID, "128", "85"),
    "SNIP4-TOOTH": (INVALID, "244", ""),
    "SNIP4-VISIT-REASON": (MISSING, "673", ""),
    "SNIP4-ZIP": (INVALID, "500", "*"),
    "SNIP5-CARC": (INVALID, "521", ""),
    "SNIP5-CDT": (INVALID, "454", ""),
    "SNIP5-CONDITION": (INVALID, "460", ""),
    "SNIP5-COUNTRY": (INVALID, "680", "*"),
    "SNIP5-DRG": (INVALID, "256", ""),
    "SNIP5-HCPCS": (INVALID, "454", ""),
    "SNIP5-HIPPS": (INVALID, "513", ""),
    "SNIP5-ICD10CM": (INVALID, "255", ""),
    "SNIP5-ICD9CM": (INVALID, "255", ""),
    "SNIP5-ICD10PCS": (INVALID, "465", ""),
    "SNIP5-ICD9PCS": (INVALID, "465", ""),
    "SNIP5-MODIFIER": (INVALID, "453", ""),
    "SNIP5-NDC": (INVALID, "218", ""),
    "SNIP5-NPI": (INVALID, "562", "*"),
    "SNIP5-OCCURRENCE-SPAN": (INVALID, "462", ""),
    "SNIP5-OCCURRENCE": (INVALID, "461", ""),
    "SNIP5-ORAL": (INVALID, "245", ""),
    "SNIP5-POS": (INVALID, "249", ""),
    "SNIP5-POSTAL": (INVALID, "500", "*"),
    "SNIP5-PROCEDURE": (INVALID, "454", ""),
    "SNIP5-REVENUE": (INVALID, "455", ""),
    "SNIP5-STATE": (INVALID, "501", "*"),
    "SNIP5-TAXONOMY": (INVALID, "145", "*"),
    "SNIP5-TOOTH": (INVALID, "244", ""),
    "SNIP5-TYPE": (INVALID, "228", ""),
    "SNIP5-VALUE": (INVALID, "463", ""),
    "SNIP1": (INVALID, SOMETHING, ""),
    "SNIP2-ELEMENT-MISSING": (MISSING, SOMETHING, ""),
    "SNIP2-SEGMENT-MISSING": (MISSING, SOMETHING, ""),
    "SNIP2-LOOP-MISSING": (MISSING, SOMETHING, ""),
    "SNIP2-CODE": (INVALID, SOMETHING, ""),
    "SNIP2-HL": (UNPROCESSABLE, "481", ""),
    "SNIP2-SEGMENT": (UNPROCESSABLE, "481", ""),
    "SNIP2-LOOP": (UNPROCESSABLE, "481", ""),
}
# What a fault of level 1 or 2 is about, by its segment and element (0 = any).
ABOUT: dict[tuple[str, int], str] = {
    ("CLM", 2): "178", ("CLM", 5): "249", ("DMG", 0): "158", ("DTP", 0): "187", ("HI", 0): "255", ("N3", 0): "503",
    ("N4", 1): "502", ("N4", 2): "501", ("N4", 3): "500", ("N4", 0): "126", ("NM1", 3): "504", ("NM1", 4): "505", ("NM1", 9): "153", ("NM1", 0): "125",
    ("PRV", 0): "145", ("SBR", 0): "171", ("SV1", 1): "454", ("SV1", 2): "583", ("SV1", 4): "476", ("SV1", 5): "249",
    ("SV1", 7): "477", ("SV1", 0): "454", ("SV2", 1): "455", ("SV2", 2): "454", ("SV2", 3): "583", ("SV2", 5): "476",
    ("SV2", 0): "455", ("SV3", 1): "454", ("SV3", 2): "583", ("SV3", 0): "454", ("TOO", 0): "244", ("CAS", 0): "521",
    ("SVD", 0): "286",
}  # fmt: skip
# Whom a loop is about, as STC01-3 names it.
ENTITIES = {
    "2010AA": "85", "2010AB": "87", "2010BA": "IL", "2010BB": "PR", "2010CA": "QC", "2330A": "GB", "2330B": "PR",
}  # fmt: skip
PARTY_CODES = frozenset(
    ("71", "72", "73", "77", "82", "85", "87", "DK", "DN", "DQ", "FA", "GB", "IL", "PR", "QB", "QC", "QD")
)
NAMED = frozenset(
    ("124", "125", "126", "128", "145", "153", "158", "159", "500", "501", "502", "503", "504", "505", "562", "680")
)


def status_of(fault: Fault, party: str = "") -> Status:
    """The category, code and entity that answer a fault; `party` is the NM101 of the loop it is in, where known."""
    words = fault.id.split("-")
    status = next(
        (STATUSES[start] for size in range(len(words), 0, -1) if (start := "-".join(words[:size])) in STATUSES),
        (INVALID, SOMETHING, ""),
    )
    category, code, entity = status
    if code == SOMETHING:
        code = ABOUT.get((fault.segment_id, fault.element)) or ABOUT.get((fault.segment_id, 0), SOMETHING)
    if entity == "*" or (not entity and code in NAMED):
        entity = party if party in PARTY_CODES else ENTITIES.get(fault.loop, "")
    return category, code, entity
