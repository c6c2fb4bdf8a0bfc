"""Which sets of the library give a fact that edits ask for by name."""

from __future__ import annotations

from claimwright.codes.provider_registry import REGISTRY_SETS

# A fact that edits need, and the sets of the library that give it: the edit cannot run without one of them.
FACT_SETS: dict[str, tuple[str, ...]] = {
    "procedure_pairs": ("ncci_pairs_practitioner", "ncci_pairs_hospital"),
    "unit_limits": ("mue_practitioner", "mue_hospital", "mue_supplier"),
    "add_ons": ("add_ons",),
    "relative_values": ("relative_values",),
    "coverage_policies": ("coverage_policies", "payer_policies"),
    "drugs": ("drugs",),
    "registry": REGISTRY_SETS,
}
# NCCI's sets are each for claims of its own kind, Medicaid's too: none stands in for another (edits/reference.py).
NCCI_MEDICAID_SETS: dict[str, tuple[str, ...]] = {
    "procedure_pairs": ("medicaid_ncci_pairs_practitioner", "medicaid_ncci_pairs_hospital"),
    "unit_limits": ("medicaid_mue_practitioner", "medicaid_mue_hospital", "medicaid_mue_supplier"),
    "add_ons": ("medicaid_add_ons",),
}
