"""Whether an 837 is professional, institutional or dental: by the guide it names, else by its services."""

from __future__ import annotations

from importlib import import_module

from claimwright.claims.from_x12.claim_levels import ClaimReader
from claimwright.x12.segments import Transaction

# Marks of the implementation guides in ST03 or GS08: 5010, 4010, and the 5010 predeterminations.
KIND_GUIDES = {
    "X222": "P", "X098": "P", "X291": "P", "X298": "P",
    "X223": "I", "X096": "I", "X292": "I", "X299": "I",
    "X224": "D", "X097": "D", "X300": "D",
}  # fmt: skip
KIND_SERVICES = {"SV1": "P", "SV2": "I", "SV3": "D"}
READERS = {"P": ("professional", "ProfessionalReader"), "I": ("institutional", "InstitutionalReader"), "D": ("dental", "DentalReader")}  # fmt: skip


def reader_for(kind: str) -> ClaimReader:
    """A reader of claims of the kind P, I or D, whose module is read when first asked for."""
    module, name = READERS[kind]
    reader: ClaimReader = getattr(import_module(f"claimwright.claims.from_x12.{module}"), name)()
    return reader


def kind_of(transaction: Transaction) -> str:
    """P, I or D; P where neither guide nor services tell. A guide that none of the services fits is a slip."""
    services = {KIND_SERVICES[segment.id] for segment in transaction.segments if segment.id in KIND_SERVICES}
    for mark, kind in KIND_GUIDES.items():
        if mark in transaction.guide and (kind == "P" or kind in services or not services):
            return kind
    return next((kind for kind in "PID" if kind in services), "P")
