"""A fault: one thing wrong with a file, with its place, the rule and the fix. Data, never an exception."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    REJECT = "reject"
    WARN = "warn"
    INFO = "info"


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding about a file.

    `id` is for ever (tests assert it, never the wording). `snip` is the WEDI SNIP level 1-7. `segment` is the ordinal
    within the ST..SE set with ST = 1 (0 for envelope segments); `ordinal` counts in the whole file from 1; `byte` is
    the 0-based offset of the segment in the source; `line` the 1-based text line. `element`, `component` and `repeat`
    are 1-based, 0 where the fault is of the whole segment. `segment_code` and `element_code` are the 999's IK304 and
    IK403; `ta1` the TA105 note. `value` may hold patient data: never log it.
    """

    id: str
    message: str
    fix: str = ""
    snip: int = 1
    severity: Severity = Severity.REJECT
    segment_id: str = ""
    segment: int = 0
    ordinal: int = 0
    byte: int = 0
    line: int = 0
    loop: str = ""
    element: int = 0
    component: int = 0
    repeat: int = 0
    value: str = ""
    segment_code: str = ""
    element_code: str = ""
    ta1: str = ""
    control_number: str = ""

    def place(self) -> str:
        """Where, in words a person can follow: segment, element, loop, byte and line; no value from the file."""
        parts = []
        if self.segment_id:
            at = self.segment_id + (f"{self.element:02d}" if self.element else "")
            at += f"-{self.component}" if self.component else ""
            parts.append(at)
        if self.segment:
            parts.append(f"segment {self.segment} of its transaction")
        if self.loop:
            parts.append(f"loop {self.loop}")
        parts.append(f"byte {self.byte}")
        if self.line:
            parts.append(f"line {self.line}")
        return ", ".join(parts)
