"""Which elements tell who somebody is: by segment, by the party they speak of, and by qualifier.

A party is the person or organization whose NM1 or N1 opens the loop, or the member whose INS does. Elements that
speak of a patient or of somebody near are masked, those of providers when asked for; payers and senders stay.
"""

from __future__ import annotations

from claimwright.x12.flow import Placed
from claimwright.x12.loops import Loop

# What an element holds, and so how it is masked.
NAME, IDENTIFIER, CLAIM, STREET, CITY, POSTAL, BIRTH, CONTACT, TEXT, BYTES = (
    "name", "identifier", "claim number", "street", "city", "postal code", "birth date", "contact", "free text",
    "attached bytes",
)  # fmt: skip

# Whom a segment speaks of.
PERSON, PROVIDER, ORGANIZATION, NOBODY = "person", "provider", "organization", ""

# NM101 and N101. Patients and those around them: insured, dependents, guardians, other insured, employers, schools,
# places where a patient is fetched or brought.
PERSONS = frozenset("IL QC 03 74 GB DO EY QE 70 31 6Y 9K E1 EI EXS GD J6 LR QD S1 TZ X4 S3 M8 45 PW R3 ND FS".split())  # noqa: SIM905
PROVIDERS = frozenset(
    "1P 1T 1X 3D 71 72 73 77 80 82 85 87 AAJ DD DK DN DQ FA G3 OD P3 QA QB QN QV SJ Y2 ZZ".split()  # noqa: SIM905
)
EMPLOYER = "36"  # of the member in an 834; an organization that asks elsewhere
SUBMITTER = "41"  # a provider's office in what providers send
SENT_BY_PROVIDERS = ("837", "270", "276", "275", "277")
PAYEE = "PE"  # of an 835, by N1; of an 837 it is a plan, by NM1
PERSON_LOOPS = {"834": ("2000",), "820": ("2000B",)}  # they open with INS and ENT
PROVIDER_LOOPS = {"835": ("2110", "1000B"), "277": ("2200C",)}  # their REF speak of a provider

# Elements of segments that speak of the party of their loop.
PARTY_ELEMENTS: dict[str, tuple[tuple[int, str], ...]] = {
    "NM1": ((3, NAME), (4, NAME), (5, NAME), (7, NAME), (9, IDENTIFIER), (12, NAME)),
    "N1": ((2, NAME), (4, IDENTIFIER)),
    "N2": ((1, NAME), (2, NAME)),
    "N3": ((1, STREET), (2, STREET)),
    "N4": ((1, CITY), (3, POSTAL)),
    "PER": ((2, NAME), (4, CONTACT), (6, CONTACT), (8, CONTACT)),
    "DMG": ((2, BIRTH),),
}
# Elements that tell of a patient wherever they stand.
ELEMENTS: dict[str, tuple[tuple[int, str], ...]] = {
    "NTE": ((2, TEXT),),
    "K3": ((1, TEXT),),
    "MSG": ((1, TEXT),),
    "CR1": ((9, TEXT), (10, TEXT)),
    "III": ((4, TEXT),),
    "CLM": ((1, CLAIM),),
    "CLP": ((1, CLAIM), (7, CLAIM)),
    "PWK": ((6, CLAIM),),
    "HCR": ((2, CLAIM),),
    "ENT": ((4, IDENTIFIER), (8, IDENTIFIER)),
    "IK4": ((4, IDENTIFIER),),  # copies of values that were found wrong
    "AK4": ((4, IDENTIFIER),),
    "BIN": ((2, BYTES),),
    "BDS": ((3, BYTES),),
}
TRACED_CLAIMS = {"277": ("2200D", "2200E"), "275": ("2000A",)}  # loops whose TRN02 is a claim's or patient's number
ADJUSTED = range(3, 14, 2)  # PLB: identifiers whose second component may be a claim's number
# CTX01-1, and what CTX01-2 then is; one that is not here is taken for a person's number.
COPIED = {"CLM01": CLAIM, "CLP01": CLAIM, "TRN02": "", "ENT01": "", "SITUATIONAL TRIGGER": ""}

# REF01. Numbers of a person, wherever they stand: social security, member, medical record, Medicaid, card, old ones.
PERSON_REFERENCES = frozenset("SY 1W EA F6 HJ GH NQ IG 0F 3H 4A 23 6O ABB Q4 28".split())  # noqa: SIM905
CLAIM_REFERENCES = frozenset("D9 F8 1K EJ Y4 9A 9C G1 9F BB G3 G4 NT XZ".split())  # noqa: SIM905
# In the loop of a person all others are masked too, but for those of groups, plans, contracts and categories.
KEPT_REFERENCES = frozenset(
    "1L 6P 18 N6 CE CT M7 MRC CLI FO ALS 17 DX D3 P5 49 38 14 LU E8 E9 XX1 XX2 PID RB ZX X9 XM 9V 2U EI".split()  # noqa: SIM905
)
PROVIDER_REFERENCES = frozenset("EI SY 0B 1A 1B 1C 1D 1G 1H 1J D3 G2 HPI LU TJ PQ N5 N7 G5 ZH EL EO JD 4A".split())  # noqa: SIM905

# What stays and may still tell something of a person, or of who sent the file: it is counted and said.
KEPT_GROUP, KEPT_DATE, KEPT_PROVIDER, KEPT_ORGANIZATION, KEPT_DESCRIPTION, KEPT_NUMBER, KEPT_SENDER = (
    "group numbers and names", "dates of service, admission, discharge, death and coverage",
    "providers' names, numbers and addresses", "payers', submitters' and other organizations' names and addresses",
    "descriptions of procedures and drugs", "other reference and trace numbers", "senders and receivers of the envelope",
)  # fmt: skip
DATES = frozenset("DTP DTM".split())  # noqa: SIM905
GROUP_REFERENCES = ("1L", "6P", "18")
DESCRIPTIONS = {"SV1": (1, 7), "SV2": (2, 7), "SV3": (1, 7), "SVC": (1, 7), "SVD": (3, 7)}


def party_of(one: Placed) -> str:
    """Whom a segment of `PARTY_ELEMENTS`, or a REF, speaks of."""
    segment, loop = one.segment, one.loop
    name = segment.elements[0]
    set_id = one.transaction.set_id if one.transaction is not None else ""
    if name in ("NM1", "N1"):
        return role_of(name, segment[1], set_id)
    if loop is None or not loop.segments:
        return NOBODY
    head = loop.segments[0]
    if head.elements[0] in ("NM1", "N1"):
        return role_of(head.elements[0], head[1], set_id)
    if loop.id in PERSON_LOOPS.get(set_id, ()):
        return PERSON
    if loop.id in PROVIDER_LOOPS.get(set_id, ()):
        return PROVIDER
    return NOBODY


def role_of(segment_id: str, code: str, set_id: str) -> str:
    """What an NM101 or N101 makes of a party."""
    if code in PERSONS or (code == EMPLOYER and set_id == "834"):
        return PERSON
    if code in PROVIDERS or (code == SUBMITTER and set_id in SENT_BY_PROVIDERS):
        return PROVIDER
    if code == PAYEE and segment_id == "N1" and set_id == "835":
        return PROVIDER
    return ORGANIZATION


def traces_a_claim(loop: Loop | None, set_id: str) -> bool:
    return loop is not None and loop.id in TRACED_CLAIMS.get(set_id, ())
