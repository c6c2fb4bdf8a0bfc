"""What an office types about itself, read: practice, providers, locations, payers. A fault names the field and the fix.

Cells are what the forms of the settings hold. Lengths are those of the claim's own elements (N301 55, N401 30, NM103 60,
NM104 35, PER04 ten digits), so that what is saved can be billed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from claimwright.billing.form_cells import Cells
from claimwright.billing.paper_remittance import amount_of
from claimwright.billing.registration import Fault
from claimwright.claims.nouns import Address, Noun, Provider
from claimwright.codes.dates import Period
from claimwright.codes.identifiers import Npi, PostalCode, TaxId
from claimwright.codes.states import STATE_CODES
from claimwright.edits.families.bil import names_a_post_box
from claimwright.edits.payer_profile import FilingLimit, TimelyFiling

TAX_ID_KINDS = {"EI": "Employer (EIN)", "SY": "Social security number"}
UNITS = {"days": "days", "months": "months", "years": "years"}
RUNS_FROM = {"service_from": "first day of service", "service_through": "last day of service"}
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X\Z")
_PLACE = re.compile(r"[0-9]{2}\Z")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}\Z")
LIMITS = ("original", "corrected", "secondary")
ENTITIES = {"organization": "Organization (NPI type 2)", "person": "One person (NPI type 1)"}
STATUSES = {"not_started": "Not started", "submitted": "Submitted", "approved": "Approved", "termed": "Ended"}
TRANSACTIONS = {
    "837": "Claims (837)", "835": "Remittances (835)", "270": "Eligibility (270)", "276": "Claim status (276)",
    "participation": "Provider takes the payer's patients",
}  # fmt: skip


class PracticeRecord(Noun, frozen=True, kw_only=True):
    provider: Provider
    pay_to: Address | None = None
    statement_name: str = ""
    statement_phone: str = ""


class LocationRecord(Noun, frozen=True, kw_only=True):
    """`facility` is None where care is given at the billing address."""

    code: str
    name: str
    place_of_service: str
    facility: Provider | None = None


class PayerRecord(Noun, frozen=True, kw_only=True):
    """`connection` is the id of the way its claims go, "" on paper; `appeal_days` None: the law's for its kind."""

    name: str
    payer_id: str
    aliases: tuple[str, ...] = ()
    filing_indicator: str = "CI"
    usual_pay_days: int = 21
    timely_filing: TimelyFiling | None = None
    appeal_days: int | None = None
    connection: str = ""
    requires_enrolment: bool = False


class EnrolmentRecord(Noun, frozen=True, kw_only=True):
    """`end` is the first day without; blank `npi` and `tax_id`: any of the practice."""

    transaction: str
    status: str
    npi: str = ""
    tax_id: str = ""
    start: date | None = None
    end: date | None = None
    payer_number: str = ""
    note: str = ""


class _Cells(Cells):
    """With what only an office holds."""

    def npi(self, field: str) -> str:
        value = self.text(field, "The NPI", 10, needed=True)
        if value and not Npi(value).is_valid:
            self.fault(field, "This is no NPI", "Compare it with NPPES: ten digits, the last one proves the others")
        return value

    def phone(self, field: str, label: str) -> str:
        digits = "".join(one for one in self.cells.get(field, "") if one.isdigit())
        if len(digits) == 11 and digits[0] == "1":
            digits = digits[1:]
        if digits and len(digits) != 10 or (not digits and self.cells.get(field, "").strip()):
            self.fault(field, f"{label} has not ten digits", "Enter area code and number, such as 608 555 0100")
        return digits

    def taxonomy(self, field: str) -> str:
        value = self.text(field, "The taxonomy", 10).upper()
        if value and not _TAXONOMY.match(value):
            self.fault(field, "The taxonomy code has not ten characters ending in X", "Take it from NPPES")
        return value

    def address(self, prefix: str, label: str, *, needed: bool) -> Address | None:
        parts = {name: self.cells.get(f"{prefix}{name}", "").strip() for name in ("line1", "line2", "city", "state", "postal_code")}  # fmt: skip
        if not needed and not any(parts.values()):
            return None
        line1 = self.text(f"{prefix}line1", f"{label}: street", 55, needed=True)
        line2 = self.text(f"{prefix}line2", f"{label}: second line", 55)
        city = self.text(f"{prefix}city", f"{label}: city", 30, needed=True)
        state = parts["state"].upper()
        if state not in STATE_CODES.values():
            self.fault(f"{prefix}state", f"{label}: no state of the United States", "Choose one of the list")
        postal_code = "".join(one for one in parts["postal_code"] if one.isdigit())
        if len(postal_code) not in (5, 9):
            self.fault(f"{prefix}postal_code", f"{label}: ZIP has not 5 or 9 digits", "Enter it as 53703 or 53703-1234")
        return Address(line1=line1, line2=line2, city=city, state=state, postal_code=postal_code)

    def tax_id(self, field: str, kind: str) -> str:
        value = "".join(self.cells.get(field, "").split()).replace("-", "")
        if not TaxId(value).is_valid_as(kind):
            self.fault(field, "This is no tax id of that kind", "Enter the nine digits of the IRS letter")
        return value

    def names(self, field: str) -> tuple[str, ...]:
        found = names_in(self.cells.get(field, ""))
        if not all(one.isprintable() for one in found):
            self.fault(field, "A name holds control characters", "Type it again")
        return found

    def whole(self, field: str, label: str, *, least: int, most: int) -> int:
        text = self.cells.get(field, "").strip()
        if not (text.isascii() and text.isdecimal()) or not least <= int(text[:9]) <= most:
            self.fault(field, f"{label} is no whole number from {least} to {most}", f"Enter {least} to {most}")
            return least
        return int(text)


def read_practice(cells: Mapping[str, str], before: Provider) -> tuple[PracticeRecord, tuple[Fault, ...]]:
    """The billing provider as it is to be. NPI and tax id stay those of `before`: they change by dated rows."""
    form = _Cells(cells)
    name = form.text("name", "The name", 60, needed=True)
    address = form.address("", "Billing address", needed=True) or Address()
    for field, text in (("line1", address.line1), ("line2", address.line2)):
        if names_a_post_box(text):
            form.fault(field, "The billing address is a post box (BIL05)", "Move the box to the pay-to address")
    if len(address.postal_code) in (5, 9) and not PostalCode(address.postal_code).has_plus_four:
        form.fault("postal_code", "The billing ZIP lacks its last four digits (BIL06)", "Look up the ZIP+4")
    provider = Provider(
        npi=before.npi, is_organization=before.is_organization, last_name=name if before.is_organization else before.last_name,
        first_name=before.first_name, middle_name=before.middle_name, suffix=before.suffix,
        taxonomy=form.taxonomy("taxonomy"), tax_id=before.tax_id, tax_id_qualifier=before.tax_id_qualifier,
        address=address, contact_name=form.text("contact_name", "The contact", 60), phone=form.phone("phone", "The telephone"),
        fax=form.phone("fax", "The fax"), email=form.text("email", "The email", 254), secondary_ids=before.secondary_ids,
    )  # fmt: skip
    return PracticeRecord(
        provider=provider,
        pay_to=form.address("pay_to_", "Pay-to address", needed=False),
        statement_name=form.text("statement_name", "The name on statements", 120),
        statement_phone=form.phone("statement_phone", "The telephone on statements"),
    ), tuple(form.faults)


def read_new_practice(cells: Mapping[str, str]) -> tuple[tuple[PracticeRecord, date], tuple[Fault, ...]]:
    """A practice taken on, and the first day of service that it bills under its NPI and tax id."""
    form = _Cells(cells)
    is_organization = form.choice("entity", ENTITIES) != "person"
    last_name = (
        form.text("name", "The name", 60, needed=True)
        if is_organization
        else form.text("last_name", "The last name", 60, needed=True)
    )
    first_name = "" if is_organization else form.text("first_name", "The first name", 35, needed=True)
    kind = form.choice("tax_id_kind", TAX_ID_KINDS)
    numbered = Provider(
        npi=form.npi("npi"), is_organization=is_organization, last_name=last_name, first_name=first_name,
        tax_id=form.tax_id("tax_id", kind) if kind in TAX_ID_KINDS else "", tax_id_qualifier=kind,
    )  # fmt: skip
    if is_organization and kind == "SY":
        form.fault("tax_id_kind", "An organization has no social security number", "Enter its EIN")
    if not cells.get("taxonomy", "").strip():
        form.fault("taxonomy", "The taxonomy is blank", "Take the primary one from NPPES: ten characters")
    start = form.day("start", "The first day", needed=True)
    record, faults = read_practice({**cells, "name": numbered.name}, numbered)
    own = {fault.field for fault in form.faults}
    rest = tuple(fault for fault in faults if fault.field not in own | {"name"})
    return (record, start or date.min), (*form.faults, *rest)


def read_identifier(cells: Mapping[str, str]) -> tuple[tuple[str, str], tuple[Fault, ...]]:
    """Kind (NPI, EI, SY, CLIA) and value of a practice's identifier that holds from a day on."""
    form = _Cells(cells)
    kind = cells.get("kind", "")
    value = "".join(cells.get("value", "").split()).upper()
    if kind == "NPI":
        form.npi("value")
    elif kind in TAX_ID_KINDS:
        value = form.tax_id("value", kind)
    elif kind == "CLIA":
        if not re.match(r"[0-9]{2}D[0-9]{7}\Z", value):
            form.fault("value", "This is no CLIA number", "Enter ten characters, the third a D, as on the certificate")
    else:
        form.fault("kind", "The kind is none of the choices", "Choose one of the list")
    return (kind, value), tuple(form.faults)


def read_provider(cells: Mapping[str, str]) -> tuple[tuple[Provider, tuple[str, ...]], tuple[Fault, ...]]:
    """A person who renders, refers or supervises, and the ids by which other systems know them."""
    form = _Cells(cells)
    provider = Provider(
        npi=form.npi("npi"), last_name=form.text("last_name", "The last name", 60, needed=True),
        first_name=form.text("first_name", "The first name", 35, needed=True),
        middle_name=form.text("middle_name", "The middle name", 25), suffix=form.text("suffix", "The suffix", 10),
        taxonomy=form.taxonomy("taxonomy"),
    )  # fmt: skip
    aliases = form.names("aliases")
    return (provider, aliases), tuple(form.faults)


def names_in(text: str) -> tuple[str, ...]:
    """Ids and names, one a line or separated by semicolons; each once, in their order."""
    found = (" ".join(one.split()) for one in text.replace(";", "\n").splitlines())
    return tuple(dict.fromkeys(one[:80] for one in found if one))


def read_location(cells: Mapping[str, str]) -> tuple[LocationRecord, tuple[Fault, ...]]:
    """A place of care; without an address it is the billing address itself."""
    form = _Cells(cells)
    code = form.text("code", "The key", 40, needed=True)
    if code and not _KEY.match(code):
        form.fault("code", "The key has other characters than letters, digits, dot and dash", "Take them out")
    place = form.text("place_of_service", "The place of service", 2, needed=True)
    if place and not _PLACE.match(place):
        form.fault("place_of_service", "The place of service has not two digits", "Enter the CMS code, such as 11")
    name = form.text("name", "The name", 60, needed=True)
    address = form.address("", "Address", needed=False)
    npi = form.npi("npi") if cells.get("npi", "").strip() else ""
    facility = None
    if address is not None:
        facility = Provider(npi=npi, is_organization=True, last_name=name, address=address)
    elif npi:
        form.fault(
            "line1", "A facility with an NPI of its own has an address", "Enter the address, or take the NPI out"
        )
    return LocationRecord(code=code, name=name, place_of_service=place, facility=facility), tuple(form.faults)


def read_payer(
    cells: Mapping[str, str], before: TimelyFiling | None, taken: Mapping[str, str], connections: Collection[str] = ()
) -> tuple[PayerRecord, tuple[Fault, ...]]:
    """A payer's ids, limits and way. `taken` are the ids and names of other payers, upper case, with whose they are."""
    form = _Cells(cells)
    name = form.text("name", "The name", 60, needed=True)
    payer_id = form.text("payer_id", "The payer id", 20, needed=True)
    aliases = form.names("aliases")
    for alias in aliases:
        if alias.upper() in taken:
            form.fault("aliases", f"{alias} names {taken[alias.upper()]} already", "Leave it with one of the two")
    indicator = form.text("filing_indicator", "The filing indicator", 2, needed=True).upper()
    if indicator and not re.match(r"[0-9A-Z]{2}\Z", indicator):
        form.fault("filing_indicator", "The filing indicator has not two characters", "Enter SBR09, such as CI or MB")
    days = form.whole("usual_pay_days", "Days until it pays", least=1, most=365)
    warning = form.whole("warning_days", "Days of warning", least=0, most=180)
    limits = {kind: _limit(form, kind, getattr(before, kind) if before else None) for kind in LIMITS}
    known = any(limits.values())
    appeal_days = None
    if cells.get("appeal_days", "").strip():
        appeal_days = form.whole("appeal_days", "The appeal limit", least=1, most=3650)
    connection = form.choice("connection", ("", *connections)) if "connection" in cells else ""
    return PayerRecord(
        name=name, payer_id=payer_id, aliases=aliases, filing_indicator=indicator, usual_pay_days=days,
        timely_filing=TimelyFiling(**limits, warning_days=warning) if known else None, appeal_days=appeal_days,
        connection=connection, requires_enrolment=bool(cells.get("requires_enrolment")),
    ), tuple(form.faults)  # fmt: skip


def read_new_payer(
    cells: Mapping[str, str], before: TimelyFiling | None, taken: Mapping[str, str], connections: Collection[str]
) -> tuple[tuple[str, PayerRecord], tuple[Fault, ...]]:
    """A payer taken on, and its key: what files call it, the payer id where none is typed.

    One payer id may be that of several plans of an insurer, but only where somebody says so (`shares_id`): else the
    same payer would be taken on twice, and each half of its remittances look for the other's claims.
    """
    record, faults = read_payer(cells, before, taken, connections)
    form = _Cells(cells)
    key = form.text("key", "The key", 40) or record.payer_id
    holder = taken.get(record.payer_id.upper(), "")
    if holder and not cells.get("shares_id"):
        fix = "Open and change that payer, or tick that this is another plan under the same id"
        form.fault("payer_id", f"{holder} goes by this id already", fix)
    elif key.upper() in taken:
        form.fault("key", f"The key names {taken[key.upper()]} already", "Enter another, such as the plan's short name")
    elif key and not _KEY.match(key):
        form.fault("key", "The key has other characters than letters, digits, dot and dash", "Take them out")
    return (key, record), (*faults, *form.faults)


def read_enrolment(cells: Mapping[str, str]) -> tuple[EnrolmentRecord, tuple[Fault, ...]]:
    """Where a practice, or one of its providers, stands with a payer. An approval begins on a day: claims go by it."""
    form = _Cells(cells)
    transaction, status = form.choice("transaction", TRANSACTIONS), form.choice("status", STATUSES)
    npi = form.npi("npi") if cells.get("npi", "").strip() else ""
    if transaction == "participation" and not npi:
        form.fault("npi", "Whose participation it is, is not said", "Enter the provider's NPI")
    tax_id = "".join(cells.get("tax_id", "").split()).replace("-", "")
    if tax_id and not TaxId(tax_id).is_valid:
        form.fault("tax_id", "This is no tax id", "Enter nine digits, or leave it blank for any of the practice")
    start = form.day("start", "The first day", needed=status == "approved")
    end = form.day("end", "The day of the end", needed=status == "termed")
    if start is not None and end is not None and end <= start:
        form.fault("end", "It ends before it begins", "Enter the first day without it")
    return EnrolmentRecord(
        transaction=transaction, status=status, npi=npi, tax_id=tax_id, start=start, end=end,
        payer_number=form.text("payer_number", "The payer's number", 50), note=form.text("note", "The note", 200),
    ), tuple(form.faults)  # fmt: skip


def _limit(form: _Cells, kind: str, before: FilingLimit | None) -> FilingLimit | None:
    """Blank: the payer's limit is not known. Which day it runs from stays what it was."""
    if not form.cells.get(f"{kind}_count", "").strip():
        return None
    count = form.whole(f"{kind}_count", "The filing limit", least=1, most=3650)
    unit = form.cells.get(f"{kind}_unit", "days")
    if unit not in UNITS:
        form.fault(f"{kind}_count", "The unit is none of the choices", "Choose days, months or years")
        unit = "days"
    usual = {"original": "service_from", "corrected": "original", "secondary": "prior_payer"}[kind]
    return FilingLimit(period=Period(count, unit), runs_from=before.runs_from if before else usual)


def read_hold_over(cells: Mapping[str, str]) -> tuple[Decimal | None, tuple[Fault, ...]]:
    """Dollars above which a payment waits for a look; None where nothing is typed."""
    text = cells.get("hold_over_amount", "").strip()
    found = amount_of(text) if text else None
    if text and (found is None or found < 0):
        return None, (Fault(field="hold_over_amount", says="This is no amount", fix="Enter dollars, such as 2500.00"),)
    return found, ()
