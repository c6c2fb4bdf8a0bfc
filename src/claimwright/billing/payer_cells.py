"""Cells about what a payer asks, read and spelled: code ranges, modifiers, places, patterns, periods, days.

`99202-99215, 70551 26 TC` is two ranges, the second for lines with modifier 26 or TC only. Every fault names the field and
the fix; what is spelled reads back as the same value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.billing.form_cells import Cells
from claimwright.billing.paper_remittance import amount_of
from claimwright.codes.dates import Period
from claimwright.edits.payer_profile import CodeRange

UNITS = {"days": "days", "business_days": "business days", "months": "months", "years": "years"}
MOST_IN_A_CELL = 400
YES = frozenset(("on", "yes", "true"))
NO = frozenset(("", "no", "off", "false"))
# CPT, category II and III, HCPCS and CDT codes: five characters, a letter first or last or none.
_CODE = re.compile(r"[0-9]{5}\Z|[0-9]{4}[A-Z]\Z|[A-Z][0-9]{4}\Z")
_REPEATED_REPETITION = re.compile(
    r"\([^()]*(?:[+*]|\{\d*,\})[^()]*\)(?:[+*]|\{\d*,)"
)  # takes longer with each character it reads


class ListOf:
    """What a list may hold: its form, what one is called, and an example for the fix."""

    def __init__(self, form: str, one: str, example: str) -> None:
        self.form, self.one, self.example = re.compile(form), one, example


MODIFIERS = ListOf(r"[0-9A-Z]{2}\Z", "modifier", "95, GT")
PLACES = ListOf(r"[0-9]{2}\Z", "place of service", "21, 23")
TAXONOMIES = ListOf(r"[0-9A-Z]{9}X\Z|[0-9]{3}[0-9A-Z]{0,6}\Z", "taxonomy code or beginning of one", "207Q00000X, 207R")
FILING_INDICATORS = ListOf(r"[0-9A-Z]{2}\Z", "filing indicator", "CI, HM")
BILL_TYPES = ListOf(r"[1-9][0-9]?\Z", "beginning of a type of bill after the 0", "11, 21")
FREQUENCIES = ListOf(r"[0-9A-Z]\Z", "claim frequency code", "1, 7, 8")
STATUSES = ListOf(r"[A-Z]\Z", "status of the fee schedule", "B, N, P")


class PayerCells(Cells):
    """With what only a payer's rules hold."""

    def texts(self, field: str, label: str, longest: int, *, between: str = ";") -> tuple[str, ...]:
        """Texts with `between` or line ends between them, each once."""
        parts = (" ".join(one.split()) for one in self.cells.get(field, "").replace(between, "\n").splitlines())
        found = tuple(dict.fromkeys(one for one in parts if one))
        if any(len(one) > longest or not one.isprintable() for one in found):
            self.fault(
                field, f"{label}: one has more than {longest} characters", f"Shorten it, or put {between} between two"
            )
        return found

    def yes(self, field: str) -> bool:
        value = self.written(field).lower()
        if value not in YES | NO:
            self.fault(field, "It is neither yes nor no", "Write yes or no")
        return value in YES

    def days(self) -> tuple[date | None, date | None]:
        """The first day, and the first day without; blank is open."""
        start, end = self.day("start", "The first day"), self.day("end", "The day of the end")
        if start is not None and end is not None and end <= start:
            self.fault("end", "It ends before it begins", "Enter the first day without it, after the first with it")
        return start, end

    def whole(self, field: str, label: str, *, least: int, most: int, optional: bool = False) -> int | None:
        text = self.cells.get(field, "").strip()
        if optional and not text:
            return None
        if not (text.isascii() and text.isdecimal()) or not least <= int(text[:9]) <= most:
            self.fault(field, f"{label} is no whole number from {least} to {most}", f"Enter {least} to {most}")
            return least
        return int(text)

    def period(self, field: str, label: str, *, needed: bool = False) -> Period | None:
        """Of the cells `<field>_count` and `<field>_unit`; None where no count stands and none is needed."""
        count = self.whole(f"{field}_count", label, least=1, most=3650, optional=not needed)
        unit = self.cells.get(f"{field}_unit", "") or "days"
        if unit not in UNITS:
            self.fault(f"{field}_unit", "The unit is none of the choices", "Choose one of the list")
        return Period(count, unit if unit in UNITS else "days") if count is not None else None

    def amount(self, field: str, label: str) -> Decimal | None:
        text = self.cells.get(field, "").strip()
        found = amount_of(text) if text else None
        if text and (found is None or found <= 0):
            self.fault(field, f"{label} is no amount", "Enter dollars, such as 180.00, or leave it blank")
            return None
        return found

    def listed(self, field: str, kind: ListOf, *, needed: bool = False) -> tuple[str, ...]:
        """Short codes with commas or spaces between them, upper case, each once, in their order."""
        found = tuple(dict.fromkeys(re.split(r"[\s,;]+", self.cells.get(field, "").strip().upper())))
        found = tuple(one for one in found if one)
        if wrong := [one for one in found if not kind.form.match(one)]:
            self.fault(field, f"{_shown(wrong[0])} is no {kind.one}", f"Write them as {kind.example}")
        elif needed and not found:
            self.fault(field, f"No {kind.one} is named", f"Write them as {kind.example}")
        elif len(found) > MOST_IN_A_CELL:
            self.fault(field, f"More than {MOST_IN_A_CELL} are named", "Write the rest as a second rule")
        return found

    def names(self, field: str, label: str, longest: int) -> tuple[str, ...]:
        """Texts with commas or semicolons between them, such as group numbers, as they are written."""
        parts = (" ".join(one.split()) for one in re.split(r"[,;\n]", self.cells.get(field, "")))
        found = tuple(dict.fromkeys(one for one in parts if one))
        if any(len(one) > longest or not one.isprintable() for one in found):
            self.fault(field, f"{label}: one has more than {longest} characters", "Put a comma between two")
        return found

    def pattern(self, field: str, label: str) -> str:
        """A regular expression that the whole text must match; blank: any."""
        value = self.cells.get(field, "").strip()
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError):
            self.fault(field, f"{label} is no regular expression", "Write it as [A-Z]{3}[0-9]{9}")
            return value
        if len(value) > 200 or not value.isprintable():
            self.fault(field, f"{label} is too long", "Write it in up to 200 characters")
        elif _REPEATED_REPETITION.search(value):
            self.fault(field, f"{label} repeats a repetition: it may never end", "Take out one of the two + or *")
        return value

    def codes(self, field: str, *, needed: bool = False) -> tuple[CodeRange, ...]:
        """Ranges of procedure codes, such as `99202-99215, 70551 26`."""
        found: list[CodeRange] = []
        parts = [" ".join(one.split()).upper() for one in re.split(r"[,;\n]", self.cells.get(field, ""))]
        for part in parts:
            if part and (one := self._range(field, part)) is not None and one not in found:
                found.append(one)
        if needed and not any(parts):
            self.fault(field, "No code is named", "Write codes as 99202-99215, 70551")
        elif len(found) > MOST_IN_A_CELL:
            self.fault(field, f"More than {MOST_IN_A_CELL} ranges are named", "Write the rest as a second rule")
        return tuple(found)

    def one_range(self, field: str) -> CodeRange:
        """The one range of a rule that has one."""
        found = self.codes(field, needed=True)
        if len(found) > 1:
            self.fault(
                field, "A rule of this kind is for one code or one range", "Write the others as rules of their own"
            )
        return found[0] if found else CodeRange(first="")

    def _range(self, field: str, part: str) -> CodeRange | None:
        span, *modifiers = re.sub(r"\s*[-–]\s*", "-", part).split(" ")
        first, dash, last = span.partition("-")
        if wrong := [one for one in ((first, last) if dash else (first,)) if not _CODE.match(one)]:
            self.fault(field, f"{_shown(wrong[0])} is no procedure code", "Write codes as 99202-99215, 70551")
        elif dash and _letter(first) != _letter(last):
            self.fault(field, f"{span} goes from one kind of code to another", "Write a range for each kind")
        elif dash and last < first:
            self.fault(field, f"{span} ends before it begins", f"Write it as {last}-{first}")
        elif strange := [one for one in modifiers if not MODIFIERS.form.match(one)]:
            fix = "Put commas between ranges; what follows a range are modifiers of two characters, such as 70551 26"
            self.fault(field, f"{_shown(strange[0])} is no modifier", fix)
        else:
            return CodeRange(first=first, last=last if last != first else "", modifiers=tuple(dict.fromkeys(modifiers)))
        return None


def _letter(code: str) -> int:
    """Where the code's letter stands: ranges run within one kind."""
    return next((at for at, one in enumerate(code) if one.isalpha()), -1)


def _shown(text: str) -> str:
    """The beginning of what was typed, blank as such."""
    return text[:20] if text else "A blank"


# Spelled ------------------------------------------------------------------------------------------------------------


def range_cell(one: CodeRange) -> str:
    span = f"{one.first}-{one.last}" if one.last and one.last != one.first else one.first
    return " ".join((span, *one.modifiers))


def codes_cell(codes: Iterable[CodeRange]) -> str:
    return ", ".join(range_cell(one) for one in codes)


def day_cell(day: date | None) -> str:
    return f"{day:%m/%d/%Y}" if day is not None else ""
