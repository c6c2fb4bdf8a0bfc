"""Loaders of the official file formats: bytes in, rows out; what is wrong with a row names the row and the fix.

`LOADERS` names every `Loader` as "module:NAME" (the contract stands in codes/library_shapes.py). They are imported only
when a file is to be recognised or a prepared file opened, so that looking up a code costs no loader.
"""

from __future__ import annotations

LOADERS: tuple[str, ...] = (
    "claimwright.codes.loaders.ncci_pairs:PAIRS",
    "claimwright.codes.loaders.ncci_limits:LIMITS",
    "claimwright.codes.loaders.ncci_add_ons:ADD_ONS",
)
