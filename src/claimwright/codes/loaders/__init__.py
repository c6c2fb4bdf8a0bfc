"""Loaders of the official file formats: bytes in, rows out; what is wrong with a row names the row and the fix.

`LOADERS` names every `Loader` as "module:NAME" (the contract stands in codes/library_shapes.py). They are imported only
when a file is to be recognised or a prepared file opened, so that looking up a code costs no loader.
"""

from __future__ import annotations

LOADERS: tuple[str, ...] = (
    "claimwright.codes.loaders.icd10:ICD10CM",
    "claimwright.codes.loaders.icd10:ICD10PCS",
    "claimwright.codes.loaders.icd10_text:TABULAR",
    "claimwright.codes.loaders.icd10_text:ALPHABETIC_INDEX",
    "claimwright.codes.loaders.hcpcs_files:HCPCS",
    "claimwright.codes.loaders.hcpcs_files:HCPCS_BARE",
    "claimwright.codes.loaders.code_lists:X12_LIST",
    "claimwright.codes.loaders.code_lists:TAXONOMY",
    "claimwright.codes.loaders.lists:PLAIN_LIST",
    "claimwright.codes.loaders.ncci_pairs:PAIRS",
    "claimwright.codes.loaders.ncci_limits:LIMITS",
    "claimwright.codes.loaders.ncci_add_ons:ADD_ONS",
    "claimwright.codes.loaders.fees_physician:RELATIVE_VALUES",
    "claimwright.codes.loaders.fees_physician:COST_INDICES",
    "claimwright.codes.loaders.fees_physician:COUNTIES",
    "claimwright.codes.loaders.fees_physician:POSTAL",
    "claimwright.codes.loaders.fees_physician:ANESTHESIA",
    "claimwright.codes.loaders.fees_physician:BASE_UNITS",
    "claimwright.codes.loaders.fees_physician:OUTPATIENT_CAPS",
    "claimwright.codes.loaders.fees_physician:CARRIER",
    "claimwright.codes.loaders.fees_other:LABORATORY",
    "claimwright.codes.loaders.fees_other:EQUIPMENT",
    "claimwright.codes.loaders.fees_other:OUTPATIENT",
    "claimwright.codes.loaders.fees_other:SURGERY_CENTER",
    "claimwright.codes.loaders.coverage:COVERAGE",
    "claimwright.codes.loaders.coverage:PAYER_POLICIES",
    "claimwright.codes.loaders.drug_tables:DRUGS",
    "claimwright.codes.loaders.registries:ORDERING",
    "claimwright.codes.loaders.registries:EXCLUSIONS",
    "claimwright.codes.loaders.registries:DEACTIVATED",
    "claimwright.codes.loaders.nppes:NPPES",
)
