"""The three practices of the year: who they are, whom they bill, what they do and what they ask for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import Address, Provider
from claimwright.codes.identifiers import npi_check_digit
from claimwright.edits.payer_profile import PayerProfile
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B

ADVANTAGE = msgspec.structs.replace(COMMERCIAL, filing_indicators=("16",))
IDENTIFIED_FROM = date(2015, 1, 1)
STAFF = (("biller", "biller"), ("supervisor", "supervisor"), ("manager", "manager"), ("owner", "owner"))


class PayerSetUp(msgspec.Struct, frozen=True, kw_only=True):
    """A payer as an office registers it. `sandbox_id` is the payer of `manners.json` it stands for."""

    key: str
    profile: PayerProfile
    sandbox_id: str
    name: str
    filing_indicator: str
    trace_id: str  # TRN03, which the bank shows too
    usual_pay_days: int
    appeal_days: int
    presumed_receipt_days: int = 0


PAYERS = {
    row.key: row
    for row in (
        PayerSetUp(
            key="medicare", profile=MEDICARE_B, sandbox_id="MEDB1", name="Sandbox Medicare Part B", filing_indicator="MB",
            trace_id="1900000001", usual_pay_days=21, appeal_days=120, presumed_receipt_days=5,
        ),
        PayerSetUp(
            key="commercial", profile=COMMERCIAL, sandbox_id="COMM1", name="Sandbox Commercial Health",
            filing_indicator="CI", trace_id="1900000002", usual_pay_days=14, appeal_days=180,
        ),
        PayerSetUp(
            key="medicaid", profile=MEDICAID, sandbox_id="MCAID", name="Sandbox State Medicaid", filing_indicator="MC",
            trace_id="1900000003", usual_pay_days=14, appeal_days=90,
        ),
        PayerSetUp(
            key="medigap", profile=COMMERCIAL, sandbox_id="SUPP1", name="Sandbox Medigap", filing_indicator="CI",
            trace_id="1900000004", usual_pay_days=21, appeal_days=180,
        ),
        PayerSetUp(
            key="valley", profile=COMMERCIAL, sandbox_id="COMM2", name="Sandbox Valley Health", filing_indicator="CI",
            trace_id="1900000005", usual_pay_days=21, appeal_days=180,
        ),
        PayerSetUp(
            key="advantage", profile=ADVANTAGE, sandbox_id="MADV1", name="Sandbox Medicare Advantage",
            filing_indicator="16", trace_id="1900000006", usual_pay_days=21, appeal_days=60,
        ),
    )
}  # fmt: skip


class Visit(msgspec.Struct, frozen=True):
    """What is done at an ordinary visit: diagnoses, (code, modifiers, units) of each line, and how often."""

    diagnoses: tuple[str, ...]
    lines: tuple[tuple[str, str, int], ...]
    weight: int


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """One practice of the year. Shares are of patients; `visits_a_day` is the mean of a work day."""

    slug: str
    seed: int
    billing: Provider
    providers: tuple[Provider, ...]
    payers: tuple[tuple[str, float], ...]  # first payer of patients under 65, with its share
    old_payers: tuple[tuple[str, float], ...]  # of patients from 65 on
    visits: tuple[Visit, ...]
    prices: dict[str, str]
    visits_a_day: int
    patients: int
    self_pay_share: float
    ages: tuple[int, int]
    bank_format: str  # bai2, ofx, csv

    @property
    def payer_keys(self) -> tuple[str, ...]:
        keys = {key for key, _ in (*self.payers, *self.old_payers)}
        return tuple(key for key in PAYERS if key in keys or (key == "medigap" and "medicare" in keys))

    def price(self, code: str, units: int) -> Decimal:
        return Decimal(self.prices[code]) * units


def npi(nine_digits: str) -> str:
    return nine_digits + npi_check_digit(nine_digits)


def _person(nine_digits: str, last: str, first: str, taxonomy: str) -> Provider:
    return Provider(npi=npi(nine_digits), last_name=last, first_name=first, taxonomy=taxonomy)


def _practice(nine_digits: str, name: str, taxonomy: str, tax_id: str, street: str, phone: str) -> Provider:
    return Provider(
        npi=npi(nine_digits), is_organization=True, last_name=name, taxonomy=taxonomy, tax_id=tax_id,
        address=Address(line1=street, city="Springfield", state="IL", postal_code="627031234"),
        contact_name="Billing office", phone=phone,
    )  # fmt: skip


FAMILY = Office(
    slug="family", seed=20260101,
    billing=_practice("100000010", "Harbor Family Medicine", "207Q00000X", "371234501", "40 Harbor Street", "2175550101"),
    providers=(
        _person("190000011", "Okafor", "Ngozi", "207Q00000X"), _person("190000012", "Lindqvist", "Maja", "207Q00000X"),
        _person("190000013", "Serrano", "Ines", "363LF0000X"),
    ),
    payers=(("commercial", 0.46), ("valley", 0.26), ("medicaid", 0.28)),
    old_payers=(("medicare", 0.75), ("advantage", 0.25)),
    visits=(
        Visit(("I10",), (("99213", "", 1),), 16), Visit(("I10", "E785"), (("99214", "", 1),), 12),
        Visit(("E119",), (("99214", "", 1), ("82962", "", 1)), 9), Visit(("J0190",), (("99213", "", 1),), 9),
        Visit(("J029",), (("99213", "25", 1), ("87880", "QW", 1)), 8), Visit(("R079",), (("99214", "25", 1), ("93000", "", 1)), 6),
        Visit(("M1711",), (("99213", "25", 1), ("20610", "RT", 1), ("J3301", "", 4)), 5),
        Visit(("N390",), (("99213", "", 1), ("81002", "", 1)), 6), Visit(("F411",), (("99214", "", 1), ("96127", "", 2)), 5),
        Visit(("Z0000",), (("99396", "", 1), ("36415", "", 1)), 6), Visit(("J449",), (("99214", "", 1), ("94010", "", 1)), 4),
        Visit(("M5450",), (("99213", "", 1),), 6), Visit(("E039",), (("99213", "", 1), ("36415", "", 1)), 5),
        Visit(("K219",), (("99213", "", 1),), 4),
    ),
    prices={
        "99213": "150.00", "99214": "220.00", "82962": "9.00", "87880": "40.00", "93000": "45.00", "20610": "180.00",
        "J3301": "14.00", "81002": "10.00", "96127": "15.00", "99395": "215.00", "99396": "225.00", "99397": "240.00", "G0439": "220.00", "36415": "12.00",
        "94010": "85.00",
    },
    visits_a_day=38, patients=2600, self_pay_share=0.04, ages=(19, 91), bank_format="bai2",
)  # fmt: skip

THERAPY = Office(
    slug="therapy", seed=20260102,
    billing=_practice("100000020", "Willow Street Counseling", "101YM0800X", "371234502", "7 Willow Street", "2175550102"),
    providers=(
        _person("190000021", "Abernathy", "Joan", "1041C0700X"), _person("190000022", "Castellan", "Rey", "103TC0700X"),
        _person("190000023", "Moreau", "Lise", "1041C0700X"), _person("190000024", "Tindall", "Amos", "103TC0700X"),
    ),
    payers=(("commercial", 0.48), ("valley", 0.30), ("medicaid", 0.22)),
    old_payers=(("medicare", 0.8), ("advantage", 0.2)),
    visits=(
        Visit(("F411",), (("90834", "", 1),), 18), Visit(("F331",), (("90837", "", 1),), 16),
        Visit(("F4323",), (("90832", "", 1),), 7), Visit(("F411", "F331"), (("90834", "", 1),), 9),
        Visit(("F4310",), (("90837", "", 1),), 6), Visit(("F331",), (("90853", "", 1),), 5),
        Visit(("F411",), (("90791", "", 1),), 4),
    ),
    prices={
        "90791": "245.00", "90832": "110.00", "90834": "150.00", "90837": "205.00", "90853": "70.00",
    },
    visits_a_day=26, patients=430, self_pay_share=0.08, ages=(19, 74), bank_format="csv",
)  # fmt: skip

SURGERY = Office(
    slug="surgery", seed=20260103,
    billing=_practice("100000030", "Prairie Surgical Associates", "208600000X", "371234503", "900 Prairie Road", "2175550103"),
    providers=(
        _person("190000031", "Whitfield", "Owen", "208600000X"), _person("190000032", "Ravenel", "Cora", "208600000X"),
    ),
    payers=(("commercial", 0.5), ("valley", 0.28), ("medicaid", 0.22)),
    old_payers=(("medicare", 0.7), ("advantage", 0.3)),
    visits=(
        Visit(("L720",), (("99213", "25", 1), ("11402", "", 1)), 8), Visit(("K4090",), (("99203", "", 1),), 9),
        Visit(("K8020",), (("99204", "", 1),), 8), Visit(("L0291",), (("10060", "", 1),), 6),
        Visit(("D225",), (("11402", "", 1),), 7), Visit(("G5601",), (("99213", "", 1),), 8),
        Visit(("K648",), (("46221", "", 1),), 4), Visit(("L97521",), (("11042", "", 1),), 5),
        Visit(("N6001",), (("99213", "25", 1), ("19000", "RT", 1)), 4), Visit(("K219",), (("99214", "", 1),), 6),
    ),
    prices={
        "99203": "260.00", "99204": "390.00", "99213": "165.00", "99214": "240.00", "11402": "420.00", "10060": "310.00",
        "46221": "640.00", "11042": "330.00", "19000": "300.00",
    },
    visits_a_day=23, patients=2300, self_pay_share=0.05, ages=(21, 90), bank_format="ofx",
)  # fmt: skip

OFFICES = {office.slug: office for office in (FAMILY, THERAPY, SURGERY)}
