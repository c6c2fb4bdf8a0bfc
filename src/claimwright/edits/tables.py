"""Short lists the edits look things up in, each with its source. Numbers and codes only, in our own words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from claimwright.codes.modifiers import modifier_group
from claimwright.codes.service_rules import service
from claimwright.edits.payer_profile import CodeRange

# SBR09 of 005010X222A1, loop 2000B.
FILING_INDICATORS = frozenset(
    ["11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ"]
)  # fmt: skip
MEDICAID_INDICATOR = "MC"
INJURY_INDICATORS = frozenset(("WC", "AM", "LM"))  # the carriers of section 111 no-fault, liability, workers comp

# SBR05 of 005010X222A1: why Medicare pays second.
INSURANCE_TYPES = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])

# PAT01/SBR02 of 005010X222A1 that say who a patient is who is not the subscriber.
DEPENDENT_RELATIONSHIPS = frozenset(["01", "19", "20", "21", "39", "40", "53", "G8"])

# CAS01 of 005010X222A1: CR was dropped from the 835 and is legal in a secondary claim.
ADJUSTMENT_GROUPS = frozenset(["CO", "PR", "OA", "PI", "CR"])

# Text a registrar types where an id is not known. Not from a guide: practices' own lists of rejected ids.
PLACEHOLDER_IDS = frozenset(
    [
        "NONE",
        "NA",
        "N/A",
        "NULL",
        "UNKNOWN",
        "UNK",
        "PENDING",
        "TBD",
        "TEST",
        "SELF",
        "SELFPAY",
        "SAME",
        "SEECARD",
        "NOTONFILE",
        "XXX",
        "XXXX",
        "XXXXX",
        "123456789",
    ]
)

NAME_SUFFIXES = frozenset(["JR", "SR", "II", "III", "IV"])

# Place of service codes of CMS; inpatient as of the CMS 5010 edits X222.156.2300.DTP (21, 51, 61).
INPATIENT_PLACES = frozenset(("21", "51", "61"))
HOME_PLACES = frozenset(("12",))
EMERGENCY_ROOM = "23"

# Type of bill, second and third digit, by what CMS publishes of it (100-04 chapter 1, 50 and chapter 25, 75.1; chapters
# 3 to 11 for each kind of facility). Those of a stay; those that carry an admission or start of care; the setting of
# each as the nearest place of service, for rules that payers write by place.
INPATIENT_BILLS = frozenset(("11", "18", "21", "41", "65", "66", "86"))
ADMITTED_BILLS = INPATIENT_BILLS | {"12", "22", "32", "81", "82"}
BILL_PLACES = {
    "11": "21", "12": "21", "13": "22", "14": "22", "18": "31", "21": "31", "22": "31", "23": "31", "28": "31",
    "32": "12", "33": "12", "34": "12", "41": "21", "43": "22", "65": "54", "66": "54", "71": "72", "72": "65",
    "73": "50", "74": "62", "75": "62", "76": "53", "77": "50", "79": "22", "81": "34", "82": "34", "83": "24",
    "84": "25", "85": "22", "86": "54", "87": "50", "89": "22",
}  # fmt: skip
# Bills of an unfinished stay, and what else has no original to replace: 0 no payment, 2 first, 3 next, 4 last, 9 final.
STATEMENT_FREQUENCIES = frozenset("02349")
# Lines that are counted and not charged: HIPPS rate codes 0022-0024, leave of absence 018x (100-04 chapter 25, 75.4).
FREE_REVENUE = ("0022", "0023", "0024", "018")
# Value codes that say why Medicare pays second, where a professional claim has SBR05 (100-05 chapter 5).
MSP_VALUES = frozenset(("12", "13", "14", "15", "16", "41", "42", "43", "47"))
# Occurrence codes of an accident or of work: the date that a professional claim has in DTP*439 (100-04 chapter 25).
ACCIDENT_OCCURRENCES = frozenset(("01", "02", "03", "04", "05", "06"))
ONSET_OCCURRENCE = "11"
SEX_CONFLICT_BYPASSED = "45"  # condition code of NUBC: the sex on file and the service are both right
TWO_VISITS_CONDITION = "G0"  # distinct medical visits of one day to one revenue centre (100-04 chapter 4, 180.4)

# Who bills as an organization without a person who renders, by NUCC taxonomy: agencies, laboratories, suppliers,
# transport, ambulatory surgical centres.
BILLS_WITHOUT_PERSON = ("25", "29", "33", "34", "261QA1903X")

# Telehealth and ambulance have no building a service facility loop could name.
PLACES_WITHOUT_FACILITY = HOME_PLACES | {"02", "10", "41", "42"}

# Most claims that may go in one ST (recommended) and lines in one claim: 005010X222A1 1.3.2, 2400 LX; X223A2, X224A2.
LINES_PER_CLAIM = {"P": 50, "I": 999, "D": 50}
CLAIMS_PER_TRANSACTION = 5_000
GUIDES = {"P": "005010X222A1", "I": "005010X223A2", "D": "005010X224A2"}

# Longest value of fields of a claim, by the element they are written to: 005010X222A1.
CLAIM_LENGTHS = (
    ("control_number", 20),
    ("note", 80),
    ("payer_claim_number", 50),
    ("prior_authorization", 50),
    ("referral", 50),
    ("clia", 50),
    ("clearinghouse_trace", 50),
)
LINE_LENGTHS = (
    ("modifiers", 4),
    ("control_number", 30),
    ("description", 80),
    ("note", 80),
    ("prior_authorization", 50),
    ("referral", 50),
    ("clia", 50),
)
PERSON_LENGTHS = (("last_name", 60), ("first_name", 35), ("middle_name", 25), ("suffix", 10))
ADDRESS_LENGTHS = (("line1", 55), ("line2", 55), ("city", 30), ("state", 2), ("postal_code", 15))
COVERAGE_LENGTHS = (
    ("member_id", 80),
    ("group_number", 50),
    ("group_name", 60),
    ("payer.name", 60),
    ("payer.payer_id", 80),
)

# Fewest and most diagnoses by kind of claim: HI of 2300 in 005010X222A1, X223A2 (principal and 24 others), X224A2.
DIAGNOSES_PER_CLAIM = {"P": (1, 12), "I": (1, 25), "D": (0, 4)}
MOST_POINTERS = 4  # SV107, SV311
OLDEST_AGE_YEARS = 120

# ICD-10-CM Official Guidelines FY2026: I.C.1.b and B95-B97 note (organisms), I.C.18.g (R65.1), I.C.1.d.1.b (R65.2), Z16, Z37, Z3A, I.B.14 (BMI).
NEVER_FIRST_LISTED = ("B95", "B96", "B97", "R651", "R652", "Z16", "Z37", "Z3A", "Z68")
EXTERNAL_CAUSES = ("V", "W", "X", "Y")  # chapter 20, I.C.20.a.6
ICD10_START = date(2015, 10, 1)  # 45 CFR 162.1002(c)
INJURIES = ("S", "T")  # chapter 19
# What of chapter 19 no accident did: adverse effects of drugs and underdosing (T36 to T50), allergy and other adverse
# effects (T78), complications of care (T80 to T88).
NO_ACCIDENT = (*(f"T{number}" for number in range(36, 51)), "T78", *(f"T{number}" for number in range(80, 89)))
SEVENTH_CHARACTERS = "ADSBCEFGHJKMNPQR0123459"  # every extension that the tabular list uses
ICD9_QUALIFIERS = frozenset(("BK", "BF", "BJ", "PR", "BN"))

# Which side, finger, toe, lid or vessel: NCCI Policy Manual chapter 1, section E.
ANATOMICAL_MODIFIERS = frozenset(
    ["E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "LT", "RT", "LC", "LD", "RC", "LM", "RI"]
)  # fmt: skip
PART_MODIFIERS = frozenset(
    [
        "26",
        "TC",
        "JW",
        "JZ",
        "KP",
        "KQ",
        "62",
        "66",
        "80",
        "81",
        "82",
        "AS",
        "54",
        "55",
        "56",
        "GP",
        "GO",
        "GN",
        "CQ",
        "CO",
    ]
)  # parts of one service, by design: therapy by discipline, and what an assistant did of it (100-04 chapter 5, 20.1)
# Where a transport starts and ends, one letter each: 100-04 chapter 15, 30 A. X, an intermediate stop, is an end only.
ORIGINS, DESTINATIONS = frozenset("DEGHIJNPRS"), frozenset("DEGHIJNPRSX")

ANESTHESIA = CodeRange(first="00100", last="01999")
# Anesthesia codes counted in units: per area of burn, and daily management.
ANESTHESIA_BY_UNIT = frozenset(("01953", "01996"))
# Codes that report quality and cost nothing, beside category II: CMS quality data codes of HCPCS Level II.
QUALITY_CODES = tuple(
    CodeRange(first=first, last=last)
    for first, last in (
        ("G8395", "G8999"), ("G9188", "G9472"), ("G9498", "G9677"), ("G9687", "G9867"), ("G9892", "G9977"),
        ("M1003", "M1499"),
    )
)  # fmt: skip
FRACTIONAL_UNITS = (CodeRange(first="A0425"), CodeRange(first="A0435", last="A0436"))  # miles: CMS 100-04 chapter 15
UNIT_PLACES = 3

# Claim states by what they mean for a second claim of the same services; names are those of the claim's lifecycle.
OPEN_STATES = frozenset(
    [
        "BATCHED",
        "SENT",
        "FILE_ACCEPTED",
        "CH_ACCEPTED",
        "PAYER_ACCEPTED",
        "PENDED",
        "PAPER_SENT",
        "TRANSFERRED",
        "VOID_PENDING",
    ]
)
DECIDED_STATES = frozenset(["ADJUDICATED", "REVERSED", "CLOSED", "REPLACED"])
SENT_STATES = OPEN_STATES | DECIDED_STATES
VOID = "8"  # frequency: it takes back what was billed
REPLACING_FREQUENCIES = frozenset(("7", VOID))
FORWARDED_STATUSES = frozenset(("19", "20", "21"))  # CLP02: processed and sent on to another payer
# How an unnamed newborn is registered, as the first word or the whole of the first name.
NEWBORN_NAMES = frozenset(("BABY", "BABYBOY", "BABYGIRL", "NEWBORN", "INFANT"))


def is_injury(code: str) -> bool:
    """Whether the diagnosis is of harm from outside, which an accident may have done."""
    return code.startswith(INJURIES) and not code.startswith(NO_ACCIDENT)


@lru_cache(maxsize=1)
def telling_modifiers() -> frozenset[str]:
    """Modifiers that tell two lines of one code, day and provider apart: repeated, elsewhere, or a part of the service."""
    return modifier_group("repeat") | ANATOMICAL_MODIFIERS | PART_MODIFIERS


def telling_of(code: str, modifiers: Iterable[str]) -> frozenset[str]:
    """Those modifiers of a line that tell it from another line of its code; of a transport its way there, or back."""
    present = frozenset(modifiers)
    telling = telling_modifiers() & present
    if not present or not service(code).ambulance:
        return telling
    return telling | {one for one in present if is_route(one)}


def is_route(modifier: str) -> bool:
    """Whether the modifier of a transport says where from and where to."""
    return len(modifier) == 2 and modifier[0] in ORIGINS and modifier[1] in DESTINATIONS


# Who does what another ordered: laboratories, pathologists, radiologists, imaging centres, suppliers of equipment.
WORKS_ON_ORDERS = ("207Z", "2085", "246Q", "247", "261QR02", "291U", "293D", "332B", "335E", "335V")
# Services of a substitute under the absent physician's number: reciprocal (Q5), paid by the day (Q6). 42 USC 1395u(b)(6)(D).
SUBSTITUTES = frozenset(("Q5", "Q6"))
SUBSTITUTE_DAYS = 60
# Places where nobody who lies in a hospital bed is seen. Not 81: the laboratory gets the specimen.
OFFICE_PLACES = frozenset(("02", "10", "11", "12", "13", "14", "17", "20", "49", "50", "71", "72"))
