"""What synthetic practices do: visits of diagnoses and services, with the fee of each in cents.

Numbers of CPT and CDT codes stand here without their descriptors, which are licensed; HCPCS and ICD-10-CM codes are
among those shipped. Fees are invented.
"""

from __future__ import annotations

import msgspec


class Service(msgspec.Struct, frozen=True):
    """One service as it is done: `fee` is of one unit, in cents. `revenue` for institutional lines."""

    code: str
    fee: int
    units: int = 1
    modifiers: tuple[str, ...] = ()
    revenue: str = ""
    unit: str = "UN"
    tooth: str = ""
    surfaces: tuple[str, ...] = ()
    area: str = ""  # SV304
    prosthesis: str = ""  # SV305


class Visit(msgspec.Struct, frozen=True):
    """A visit: its diagnoses, its services and where. `bundle` is the code that payers put the last two services into.

    A stay has `days` and a `drg`; `facility` is CLM05-1 of institutional claims.
    """

    diagnoses: tuple[str, ...]
    services: tuple[Service, ...]
    place: str = "11"
    bundle: str = ""
    facility: str = ""
    emergency: bool = False
    days: int = 0
    drg: str = ""

    @property
    def is_stay(self) -> bool:
        return self.days > 0


OFFICE_3, OFFICE_4, OFFICE_4_25 = Service("99213", 15800), Service("99214", 22400), Service("99214", 22400, 1, ("25",))
DRAW = Service("36415", 1800)

PROFESSIONAL = (
    Visit(("E119", "I10"), (OFFICE_4, Service("83036", 4200), DRAW)),
    Visit(("J069",), (OFFICE_3, Service("87880", 5100))),
    Visit(("I10", "E785"), (OFFICE_3, Service("80061", 7350), Service("93000", 6200))),
    Visit(("M5450",), (Service("97110", 6400, 2, ("GP",)), Service("97140", 5900, 1, ("GP",)))),
    Visit(("M1711",), (OFFICE_4_25, Service("20610", 18700, 1, ("RT",)), Service("J3301", 475, 4))),
    Visit(("R079", "R0602"), (OFFICE_4_25, Service("93000", 6200), Service("71046", 11850))),
    Visit(("F411",), (Service("90837", 21000),)),
    Visit(("J45909",), (OFFICE_4_25, Service("94640", 7425), Service("J7613", 115, 3))),
    Visit(("N390",), (OFFICE_3, Service("81001", 2275), Service("J0696", 1860, 4))),
)
PROFESSIONAL_BUNDLED = Visit(
    ("I10", "E785"), (OFFICE_3, Service("82947", 2550), Service("84520", 2640)), bundle="80048"
)
PROFESSIONAL_AUTHORIZED = Visit(("M25561",), (Service("73721", 98500, 1, ("RT",)),))

EMERGENCY = Visit(
    ("R079",),
    (
        Service("99284", 124000, 1, (), "0450"), Service("93005", 23100, 1, (), "0730"),
        Service("71046", 39800, 1, (), "0324"), Service("J1885", 2450, 2, (), "0636"),
    ),
    facility="13", emergency=True,
)  # fmt: skip
LABORATORY = Visit(
    ("E119", "I10"),
    (Service("80053", 18800, 1, (), "0301"), Service("83036", 9700, 1, (), "0301"), Service("36415", 2900, 1, (), "0300")),
    facility="13",
)  # fmt: skip
CLINIC = Visit(
    ("I10",), (Service("G0463", 31500, 1, (), "0510"), Service("93005", 23100, 1, (), "0730")), facility="13"
)
SURGERY = Visit(
    ("M25561",),
    (
        Service("29881", 642000, 1, ("RT",), "0360"), Service("", 88000, 1, (), "0710"),
        Service("J2405", 1190, 4, (), "0636"),
    ),
    facility="13",
)  # fmt: skip
INSTITUTIONAL_BUNDLED = Visit(
    ("N179",),
    (
        Service("G0463", 31500, 1, (), "0510"), Service("82947", 6100, 1, (), "0301"),
        Service("84520", 6300, 1, (), "0301"),
    ),
    facility="13", bundle="80048",
)  # fmt: skip
INSTITUTIONAL_AUTHORIZED = Visit(("M25561",), (Service("73721", 214000, 1, ("RT",), "0610"),), facility="13")
OUTPATIENT = (EMERGENCY, LABORATORY, CLINIC, SURGERY)
STAYS = (
    Visit(
        ("J189", "I10"),
        (
            Service("", 268000, 3, (), "0120", "DA"), Service("", 141200, 1, (), "0250"),
            Service("", 87650, 1, (), "0300"), Service("", 64400, 1, (), "0324"),
        ),
        facility="11", days=3, drg="194",
    ),
    Visit(
        ("I509", "N179", "E119"),
        (
            Service("", 268000, 4, (), "0120", "DA"), Service("", 203900, 1, (), "0250"),
            Service("", 118825, 1, (), "0300"), Service("", 97200, 1, (), "0730"),
        ),
        facility="11", days=4, drg="291",
    ),
)  # fmt: skip

DENTAL = (
    Visit((), (Service("D0120", 6200), Service("D1110", 11800))),
    Visit((), (Service("D0274", 8100), Service("D0150", 9900))),
    Visit(("K0262",), (Service("D2391", 21400, tooth="19", surfaces=("O",)),)),
    Visit(("K0262",), (Service("D2392", 27800, tooth="30", surfaces=("M", "O")), Service("D0220", 3400))),
    Visit(("K029",), (Service("D7140", 23900, tooth="14"),)),
    Visit(("K0510",), (Service("D4341", 29700, area="10"), Service("D4341", 29700, area="20"))),
)
DENTAL_PLANNED = Visit(("K029",), (Service("D2740", 139500, tooth="3", prosthesis="I"),))
