"""What golden claims are made of: payers, fees, and small reference tables. People, payers and fees are made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import msgspec

from claimwright.claims.nouns import Payer, Provider
from claimwright.claims.synthetic.people import PRACTICES, npi, tax_id
from claimwright.codes.add_ons import AddOnRow, AddOnTable
from claimwright.codes.code_sets import procedure_set, shipped
from claimwright.codes.coverage_policies import CoveragePolicy, PolicyTable
from claimwright.codes.dates import Period
from claimwright.codes.drugs import DrugCrosswalk, DrugRow
from claimwright.codes.identifiers import Ndc
from claimwright.codes.procedure_pairs import PairEdit, PairTable
from claimwright.codes.relative_values import RelativeValue, RelativeValues
from claimwright.codes.releases import CodeSet, CodeSets, Entry, Release
from claimwright.codes.unit_limits import LimitTable, UnitLimit
from claimwright.edits.payer_profile import FilingLimit, PayerProfile, TimelyFiling
from claimwright.edits.payers.blue import BLUE
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.commercial_hmo import COMMERCIAL_HMO
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B

TODAY = date(2026, 9, 8)
FIRST_DAY, LAST_DAY = date(2026, 7, 6), date(2026, 8, 14)  # of service: the shipped HCPCS list speaks for July on

# Payers ---------------------------------------------------------------------------------------------------------------


class GoldenPayer(NamedTuple):
    key: str
    profile: PayerProfile
    filing: str
    member_id: str  # 9 a digit, A a letter of an MBI, X any letter


_CASES = TimelyFiling(original=FilingLimit(period=Period(1, "years")))
MEDICARE_A = msgspec.structs.replace(
    MEDICARE_B, payer_id="MEDICAREA", name="Medicare Part A", filing_indicators=("MA",),
    frequency_codes=("1", "7", "8"), requires_person_rendering=False,
)  # fmt: skip
WORKERS_COMPENSATION = PayerProfile(
    payer_id="WCFUND", name="State workers compensation fund", kind="workers_compensation", filing_indicators=("WC",),
    covers_injuries_of_others=True, timely_filing=_CASES,
)  # fmt: skip
AUTO = PayerProfile(
    payer_id="AUTOCO", name="Example auto insurer", kind="auto", filing_indicators=("AM",),
    covers_injuries_of_others=True, timely_filing=_CASES,
)  # fmt: skip
SECOND = msgspec.structs.replace(COMMERCIAL, payer_id="SECONDPLAN", name="Specimen Mutual")
THIRD = msgspec.structs.replace(COMMERCIAL, payer_id="THIRDPLAN", name="Example Exclusive Plan")

PAYERS = {
    one.key: one
    for one in (
        GoldenPayer("medicare", MEDICARE_B, "MB", "1AA9AA9AA99"),
        GoldenPayer("medicare_a", MEDICARE_A, "MA", "1AA9AA9AA99"),
        GoldenPayer("medicaid", MEDICAID, "MC", "9999999999"),
        GoldenPayer("blue", BLUE, "BL", "XXX999999999"),
        GoldenPayer("commercial", COMMERCIAL, "CI", "X99999999"),
        GoldenPayer("hmo", COMMERCIAL_HMO, "HM", "XX9999999"),
        GoldenPayer("wc", WORKERS_COMPENSATION, "WC", "999999999"),
        GoldenPayer("auto", AUTO, "AM", "X9999999"),
        GoldenPayer("second", SECOND, "CI", "X99999999"),
        GoldenPayer("third", THIRD, "12", "X99999999"),
    )
}


def payer_noun(payer: GoldenPayer) -> Payer:
    return Payer(payer_id=payer.profile.payer_id, name=payer.profile.name.upper(), filing_indicator=payer.filing)


# Who bills ------------------------------------------------------------------------------------------------------------


def _supplier(number: int, name: str, taxonomy: str) -> Provider:
    base = PRACTICES["P"][0].billing
    return msgspec.structs.replace(
        base, npi=npi(9000 + number), last_name=name, taxonomy=taxonomy, tax_id=tax_id(9000 + number)
    )


LABORATORY_SUPPLIER = _supplier(1, "SYNTHETIC REFERENCE LABORATORY", "291U00000X")
EQUIPMENT_SUPPLIER = _supplier(2, "MOCKFORD MEDICAL EQUIPMENT", "332B00000X")
AMBULANCE_SUPPLIER = _supplier(3, "EXAMPLE AMBULANCE SERVICE", "341600000X")
CLIA = "52D0000001"

# Fees -----------------------------------------------------------------------------------------------------------------

# Of one unit, in cents. These are also the codes of the test's own CPT and CDT list, numbers only.
FEES = {
    "99202": 14500, "99203": 21000, "99204": 31000, "99212": 9800, "99213": 15800, "99214": 22400, "99215": 31500,
    "99222": 26500, "99232": 16200, "99238": 15900, "99283": 28000, "99284": 42000, "99291": 52000, "99292": 24000,
    "99395": 20500, "99396": 21500, "99391": 17500, "99417": 6200, "99381": 18500, "99460": 19800, "99243": 24500,
    "10060": 22500, "11056": 9800, "11721": 8700, "17000": 12400, "17003": 2500, "20610": 18700, "27447": 420000,
    "29870": 160000, "29881": 280000, "31231": 41000, "33208": 180000, "36415": 1800, "47562": 310000, "49505": 240000, "59400": 420000,
    "00790": 3900, "01402": 4100, "00142": 3600, "64483": 64000, "64484": 28000, "69990": 88000, "69210": 9500,
    "70553": 210000, "71046": 11850, "72148": 120000, "73030": 9800, "73721": 98500, "74177": 145000, "76641": 24500,
    "77063": 9800, "77067": 28900, "78452": 160000,
    "80048": 5200, "80053": 7200, "80061": 7350, "81001": 2275, "81003": 1600, "82947": 2550, "83036": 4200, "84443": 6900, "84520": 2640,
    "85025": 3600, "87426": 5600, "87804": 4900, "87880": 5100, "88305": 21000, "80503": 8000, "0034U": 45000, "81105": 30000, "0010U": 42000, "0022U": 81000,
    "90471": 4200, "90472": 2600, "90480": 5200, "90656": 3900, "90686": 4100, "90714": 5800, "90715": 7300, "90732": 16000,
    "91320": 18000, "90837": 21000, "90834": 16500,
    "92507": 13200, "93000": 6200, "93005": 4100, "93010": 2900, "93306": 88000, "94640": 7425, "96365": 24500, "96372": 6100, "96413": 58000,
    "97110": 6400, "97140": 5900, "97161": 16500, "97165": 16500, "97530": 6600, "98940": 6000, "98941": 7400, "95251": 9800,
    "A0425": 1850, "A0427": 98000, "A0428": 54000, "A0429": 68000,
    "E0114": 6500, "E0143": 14500, "E0260": 18500, "E0601": 12500, "K0001": 8200, "E0570": 2400, "L1832": 82000, "A7030": 21000,
    "G0008": 3800, "G0009": 3800, "G0010": 3800, "G0283": 3100, "G0378": 12800, "G0463": 31500, "G2212": 6800, "G0101": 8700, "G0438": 32000, "G0439": 24000,
    "J0696": 1860, "J1100": 95, "J1885": 2450, "J2405": 190, "J3301": 475, "J7613": 115, "J9035": 9800, "J3490": 15000, "J1569": 6500, "J0585": 900,
    "Q2037": 3900, "P9603": 900,
    "D0120": 6200, "D0140": 8800, "D0150": 9900, "D0210": 16500, "D0220": 3400, "D0230": 2900, "D0274": 8100, "D1110": 11800,
    "D1120": 8600, "D1206": 5200, "D1351": 6800, "D2140": 15600, "D2150": 19800, "D2391": 21400, "D2392": 27800, "D2740": 139500, "D2950": 32500,
    "D2999": 12000, "D3330": 128000, "D4341": 29700, "D5110": 190000, "D6010": 230000, "D7140": 23900, "D7210": 34500,
    "D7953": 61000, "D8080": 580000, "D8670": 22000, "D9222": 24000,
}  # fmt: skip

# Reference tables -----------------------------------------------------------------------------------------------------

_MINOR, _MAJOR = {"global_days": "000"}, {"global_days": "090"}
_INDICATORS: dict[str, dict[str, str]] = {
    "10060": {"global_days": "010"}, "11056": _MINOR, "11721": _MINOR, "17000": {"global_days": "010"},
    "17003": {"global_days": "ZZZ"}, "20610": _MINOR | {"bilateral": "1", "assistant": "1"},
    "27447": _MAJOR | {"bilateral": "1", "assistant": "2", "co_surgeon": "1"},
    "29870": _MAJOR | {"bilateral": "1", "assistant": "1"}, "29881": _MAJOR | {"bilateral": "1", "assistant": "1"},
    "31231": _MINOR | {"bilateral": "2", "assistant": "1"}, "33208": _MAJOR | {"assistant": "1", "co_surgeon": "2"},
    "47562": _MAJOR | {"assistant": "2", "co_surgeon": "1"}, "49505": _MAJOR | {"bilateral": "1", "assistant": "2"},
    "59400": {"global_days": "MMM"}, "64483": _MINOR | {"bilateral": "1"}, "64484": {"global_days": "ZZZ"}, "69990": {"global_days": "ZZZ"},
    "69210": _MINOR | {"bilateral": "2"}, "98940": _MINOR, "98941": _MINOR,
    **{code: {"pc_tc": "1"} for code in ("70553", "71046", "72148", "73030", "73721", "74177", "76641", "77063", "77067", "78452", "88305", "93306")},
    "73030": {"pc_tc": "1", "bilateral": "3"}, "73721": {"pc_tc": "1", "bilateral": "3"},
    "93000": {"pc_tc": "4"}, "93005": {"pc_tc": "3"}, "93010": {"pc_tc": "2"},
    **{code: {"status": "N", "pc_tc": "9"} for code in ("99391", "99395", "99396", "99381")},
    "99417": {"status": "I"}, "99243": {"status": "I"},
    **{code: {"status": "X", "pc_tc": "9", "bilateral": "9"} for code in FEES if code.startswith("8") and code != "88305"},
    **{code: {"status": "E", "pc_tc": "9"} for code in FEES if code[0] in "JAEKLQP"},
    **{code: {"status": "J", "pc_tc": "9"} for code in ("00790", "01402", "00142")},
    "99292": {"global_days": "ZZZ"}, "90472": {"global_days": "ZZZ"},
}  # fmt: skip
PAIRS = (
    ("29881", "29870", "0"), ("20610", "99213", "1"), ("20610", "99214", "1"), ("80053", "80048", "1"),
    ("93000", "93005", "0"), ("93000", "93010", "0"), ("97140", "97530", "1"), ("80053", "82947", "1"),
    ("17000", "99213", "1"), ("0010U", "0022U", "0"), ("99284", "36415", "9"), ("96365", "96372", "1"),
)  # fmt: skip
# Units and adjudication indicator (1 line, 2 day by policy, 3 day clinical); all other codes: 200 units, indicator 3.
LIMITS = {
    "99213": (1, 2), "99214": (1, 2), "99284": (1, 2), "27447": (1, 2), "36415": (2, 3), "20610": (2, 3), "80053": (1, 3), "87880": (1, 3),
    "93000": (3, 3), "71046": (4, 3), "17003": (13, 2), "97110": (8, 1), "97140": (6, 1), "29881": (2, 1), "82947": (2, 1), "85025": (2, 1),
}  # fmt: skip
ADD_ONS = (
    ("17003", 1, "17000"), ("64484", 1, "64483"), ("90472", 1, "90471"), ("99292", 1, "99291"), ("69990", 2, ""),
    ("99417", 1, "99205"), ("99417", 1, "99215"), ("G2212", 1, "99215"),
)  # fmt: skip
_YEARS = {"start": date(2025, 1, 1), "end": date(2027, 1, 1)}


@lru_cache(maxsize=1)
def relative_values() -> RelativeValues:
    rows = [
        RelativeValue(code=code, work=Decimal("1.00"), **_INDICATORS.get(code, {}))
        for code in FEES
        if procedure_set(code) in ("cpt", "hcpcs")
    ]
    return RelativeValues.of(rows, **_YEARS)


@lru_cache(maxsize=1)
def procedure_pairs() -> PairTable:
    return PairTable(
        [PairEdit(column1=a, column2=b, indicator=how, start=date(2018, 1, 1)) for a, b, how in PAIRS], **_YEARS
    )


@lru_cache(maxsize=1)
def unit_limits() -> LimitTable:
    held = {code: LIMITS.get(code, (200, 3)) for code in FEES if not code.startswith("D")}
    return LimitTable([UnitLimit(code=code, units=n, indicator=how) for code, (n, how) in held.items()], **_YEARS)


@lru_cache(maxsize=1)
def add_ons() -> AddOnTable:
    return AddOnTable([AddOnRow(code=code, kind=kind, primary=primary) for code, kind, primary in ADD_ONS], **_YEARS)


@lru_cache(maxsize=1)
def coverage_policies() -> PolicyTable:
    policy = CoveragePolicy(
        id="L33333", title="Glycated hemoglobin", source="example", procedures=frozenset(("83036",)),
        diagnoses=frozenset(("E119", "E1165", "R7303")),
    )  # fmt: skip
    return PolicyTable((policy,), **_YEARS)


# HCPCS, NDC, unit, quantity of a package, HCPCS units in it, single dose.
DRUGS = (
    ("J3301", "00003029305", "ML", 1, 4, True), ("J9035", "50242006001", "ML", 4, 10, True),
    ("J0696", "00409733201", "UN", 1, 4, False), ("J1885", "00409379501", "ML", 1, 2, False),
    ("J1569", "00944270002", "ML", 10, 2, True), ("J2405", "00409475503", "ML", 2, 4, False),
)  # fmt: skip


@lru_cache(maxsize=1)
def drugs() -> DrugCrosswalk:
    return DrugCrosswalk(
        [
            DrugRow(
                hcpcs=hcpcs, ndc=Ndc(ndc), unit=unit, package_quantity=Decimal(quantity), units_per_package=Decimal(units),
                single_dose=single,
            )
            for hcpcs, ndc, unit, quantity, units, single in DRUGS
        ],
        **_YEARS,
    )  # fmt: skip


DELETED = {"99241": "2026-07-01", "D1354": "2026-07-01"}  # of the test's own lists: the days are invented


def _entry(code: str, end: str, release: Release) -> Entry:
    return Entry(code=code, end=date.fromisoformat(end) if end else None)


@lru_cache(maxsize=1)
def code_sets() -> CodeSets:
    """The shipped sets, and as CPT and CDT list the codes of this module."""
    held = shipped()
    for name in ("cpt", "cdt"):
        codes = {code: "" for code in FEES if procedure_set(code) == name}
        codes |= {code: end for code, end in DELETED.items() if procedure_set(code) == name}
        release = Release(
            label="golden", source="tests", start=date(2025, 1, 1), end=date(2027, 1, 1),
            read=lambda codes=codes: codes, make=_entry,
        )  # fmt: skip
        held = held.with_set(CodeSet(name=name, releases=(release,)))
    return held
