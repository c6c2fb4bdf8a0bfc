"""A claim on paper: the form its kind goes on, one PDF a claim or one of many.

Professional claims go on a CMS-1500, institutional ones on a UB-04. Dental claims go on no form of ours: the ADA form is
the American Dental Association's, and it licenses its layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from claimwright.claims.nouns import Claim
from claimwright.documents import cms1500, cms1500_sheet, ub04, ub04_sheet
from claimwright.documents.cms1500 import Mapped
from claimwright.documents.paper import FormRefused, PaperWarning, Printed, Sheet, print_pages

__all__ = ["KINDS", "FormRefused", "PaperWarning", "Printed", "form_boxes", "kind_of", "print_claim", "print_claims"]

CMS1500, UB04 = "cms1500", "ub04"
KINDS = (CMS1500, UB04)
BY_CLAIM = {"P": CMS1500, "I": UB04}
SHEETS: dict[str, Sheet] = {CMS1500: cms1500_sheet.SHEET, UB04: ub04_sheet.SHEET}
DENTAL = (
    "a dental claim is not printed: the ADA claim form is copyrighted, its layout needs the ADA's licence; "
    "send the claim as 837D, or key it into the payer's own form"
)


def kind_of(claim: Claim) -> str:
    """The form of the claim's kind. Raises FormRefused for a dental claim."""
    if claim.kind == "D":
        raise FormRefused(DENTAL)
    return BY_CLAIM[claim.kind]


def form_boxes(claim: Claim, *, kind: str = "") -> dict[str, str]:
    """What stands in each box of the form, as plain text. Raises FormRefused."""
    return _mapped(claim, kind, None)[1].boxes


def print_claim(
    claim: Claim, *, kind: str = "", data_only: bool = False, offset: tuple[float, float] = (0, 0),
    on: date | None = None,
) -> Printed:  # fmt: skip
    """One claim as PDF.

    `data_only` prints the values alone, for a printed form in the tray; `offset` moves them right and down in points.
    `on` is the day beside the signature (CMS-1500 box 31) or of the bill (UB-04 locator 45). Raises FormRefused.
    """
    return print_claims((claim,), kind=kind, data_only=data_only, offset=offset, on=on)


def print_claims(
    claims: Iterable[Claim], *, kind: str = "", data_only: bool = False, offset: tuple[float, float] = (0, 0),
    on: date | None = None,
) -> Printed:  # fmt: skip
    """Claims of one form in one PDF, one after the other. Raises FormRefused where a claim goes on another form."""
    sheet: Sheet | None = None
    pages: list[Mapping[str, str]] = []
    warnings: list[PaperWarning] = []
    for claim in claims:
        used, found = _mapped(claim, kind, on)
        if sheet is not None and used is not sheet:
            raise FormRefused("claims of two forms do not go into one file: print them one file a claim")
        sheet = used
        warnings += [msgspec.structs.replace(one, page=len(pages) + 1) for one in found.warnings]
        pages += cms1500.pages(found) if used is SHEETS[CMS1500] else ub04.pages(found)
    if sheet is None:
        raise FormRefused("there is no claim to print")
    printed = print_pages(sheet, pages, data_only=data_only, offset=offset)
    return Printed(printed.pdf, printed.pages, (*warnings, *printed.warnings))


def _mapped(claim: Claim, kind: str, on: date | None) -> tuple[Sheet, Mapped]:
    own = kind_of(claim)
    wanted = kind or own
    if wanted not in SHEETS:
        raise FormRefused(f"there is no form {wanted}: choose {' or '.join(KINDS)}")
    if wanted == CMS1500:
        return SHEETS[CMS1500], cms1500.mapped(claim, signed_on=on.strftime("%m %d %y") if on else "")
    return SHEETS[UB04], ub04.mapped(claim, created_on=on.strftime("%m%d%y") if on else "")
