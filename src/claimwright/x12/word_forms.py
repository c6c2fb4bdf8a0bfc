"""The form of codes, and which qualifier names which code set. Forms need no table, so they are always judged."""

# fmt: off
from __future__ import annotations

import re

from claimwright.x12.situations.tables import TEETH

# What guides call a set, and the name that ids carry.
CANONICAL = {
    "states": "state",
    "remark_code": "rarc",
    "claim_status_cat": "claim_status_category",
    "entity_id": "entity",
}
NAMES = {
    "npi": "provider's number", "icd10cm": "diagnosis code", "icd9cm": "ICD-9 diagnosis code",
    "icd10pcs": "inpatient procedure code", "icd9pcs": "ICD-9 procedure code", "hcpcs": "HCPCS code",
    "cdt": "dental procedure code", "pos": "place of service", "carc": "adjustment reason code",
    "rarc": "remark code", "ndc": "drug code", "entity": "entity code", "state": "state", "hipps": "rate code",
}
FORMS: dict[str, re.Pattern[str]] = {
    "icd10cm": re.compile(r"[A-Z][0-9A-Z]{2,6}"),  # the second may be a letter since FY2026
    "icd9cm": re.compile(r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}"),
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{7}"),  # no I, no O
    "icd9pcs": re.compile(r"[0-9]{2,4}"),
    "hcpcs": re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}"),  # CPT and HCPCS Level II
    "cdt": re.compile(r"D[0-9]{4}"),
    "hipps": re.compile(r"[0-9A-Z]{5}"),
    "modifier": re.compile(r"[0-9A-Z]{2}"),
    "ndc": re.compile(r"[0-9]{11}"),
    "revenue": re.compile(r"[0-9]{4}"),
    "type_of_bill": re.compile(r"[0-9]{2}[0-9A-Z]?"),
    "condition_code": re.compile(r"[0-9A-Z]{2}"),
    "occurrence_code": re.compile(r"[0-9A-Z]{2}"),
    "occurrence_span_code": re.compile(r"[0-9A-Z]{2}"),
    "value_code": re.compile(r"[0-9A-Z]{2}"),
    "drg": re.compile(r"[0-9]{1,4}"),
    "postal_code": re.compile(r"[0-9]{5}(?:[0-9]{4})?"),
    "oral_area": re.compile(r"0[0-9]|[1-4]0|[LR]"),  # arches, sextants, quadrants, sides
    "tooth": re.compile("|".join(sorted(TEETH))),
}
# HI and III qualifiers.
DIAGNOSES = {
    **dict.fromkeys(("ABK", "ABF", "ABJ", "APR", "ABN"), "icd10cm"),
    **dict.fromkeys(("BK", "BF", "BJ", "PR", "BN"), "icd9cm"),
}
HEALTH_CODES = {
    **DIAGNOSES,
    "BBR": "icd10pcs", "BBQ": "icd10pcs", "BR": "icd9pcs", "BQ": "icd9pcs", "BP": "hcpcs", "BO": "hcpcs",
    "BG": "condition_code", "BH": "occurrence_code", "BI": "occurrence_span_code", "BE": "value_code", "DR": "drg",
}
# C003-1. Without an entry (ER, IV, WK, ZZ) the list is another's and not judged.
PROCEDURES = {"HC": "hcpcs", "CJ": "hcpcs", "AD": "cdt", "HP": "hipps", "N4": "ndc", "NU": "revenue"}
# Entity codes of the 277CA's status segment (005010X214, STC01-3) that the list of NM101 lacks.
ENTITIES = frozenset(("HK", "MSC", "PRP", "SEP", "TL", "TTP"))
PROVINCES = frozenset(
    ("AB", "BC", "MB", "NB", "NF", "NL", "NS", "NT", "NU", "ON", "PE", "PQ", "QC", "SK", "YT")
)
