"""The dental scenarios of golden claims (837D): teeth and quadrants, prostheses, orthodontics, estimates."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from claimwright.claims.dental import Dental, DentalLine, Tooth, ToothStatus
from claimwright.claims.nouns import AttachmentReference
from claimwright.edits.facts import OriginalClaim, PriorLine
from claimwright.edits.records import Document
from tests.lib.golden_claims import DENTAL, WITH_DEPENDENTS, Scenario, Scene


def tooth(number: str, *surfaces: str) -> DentalLine:
    return DentalLine(teeth=(Tooth(number=number, surfaces=surfaces),))


def check_up(scene: Scene) -> None:
    scene.claim["dental"] = Dental()
    scene.line("D0120")
    scene.line("D1110")
    scene.line("D0274", units=1)


def one_date(scene: Scene) -> None:
    """The date of service stands once, for all lines."""
    scene.claim["dental"] = Dental(service_from=scene.day)
    scene.line("D0150", date_from=None)
    scene.line("D0210", date_from=None)


def fillings(scene: Scene) -> None:
    """Two fillings of one code on two teeth, with a diagnosis."""
    scene.claim["dental"] = Dental()
    scene.sees("K0262")
    scene.line("D2391", dental=tooth("19", "O"), diagnosis_pointers=(1,))
    scene.line("D2391", dental=tooth("30", "O"), diagnosis_pointers=(1,))
    scene.line("D0220")


def extraction(scene: Scene) -> None:
    scene.claim["dental"] = Dental()
    scene.sees("K029")
    scene.line("D7140", dental=tooth("14"), diagnosis_pointers=(1,))
    scene.line("D9222", units=2)


def scaling(scene: Scene) -> None:
    """One code in two quadrants."""
    scene.claim["dental"] = Dental()
    scene.sees("K0510")
    scene.line("D4341", dental=DentalLine(oral_cavity_areas=("10",)))
    scene.line("D4341", dental=DentalLine(oral_cavity_areas=("20",)))


def crown(scene: Scene) -> None:
    """A crown that replaces one of seven years ago."""
    scene.claim["dental"] = Dental(tooth_statuses=(ToothStatus(number="1", status="M"),))
    scene.sees("K029")
    placed = DentalLine(
        teeth=(Tooth(number="3"),), prosthesis="R", prior_placement_date=scene.day.replace(year=scene.day.year - 7)
    )
    scene.line("D2740", dental=placed)
    scene.line("D2950", dental=tooth("3"))


def first_denture(scene: Scene) -> None:
    scene.claim["dental"] = Dental()
    scene.line("D5110", dental=DentalLine(oral_cavity_areas=("01",), prosthesis="I"))


def orthodontics(scene: Scene) -> None:
    scene.patient = scene.person("F", 13)
    scene.claim["dental"] = Dental(
        orthodontic_months_total=24, orthodontic_months_remaining=23, appliance_placement_date=scene.day
    )
    scene.line("D8080")
    if scene.payer.key != "medicaid":
        scene.dependent("19")


def child(scene: Scene) -> None:
    scene.patient = scene.person("M", 7)
    scene.claim["dental"] = Dental()
    scene.line("D1120")
    scene.line("D1206")
    scene.line("D1351", dental=tooth("A", "O"))
    scene.dependent("19")


def estimate(scene: Scene) -> None:
    """A predetermination: nothing was done, so there is no date of service."""
    scene.claim["dental"] = Dental(predetermination=True)
    scene.sees("K029")
    scene.line("D2740", dental=DentalLine(teeth=(Tooth(number="14"),), prosthesis="I"), date_from=None)
    scene.line("D3330", dental=tooth("14"), date_from=None)


def after_estimate(scene: Scene) -> None:
    scene.claim["dental"] = Dental(predetermination_number=f"PD{scene.random.randrange(10**7):07d}")
    scene.line("D3330", dental=tooth("14"))


def implant(scene: Scene) -> None:
    """With an assistant surgeon and an authorization number that the plan gave unasked."""
    scene.authorize(scene.payer.key)
    scene.claim["dental"] = Dental(assistant_surgeon=scene.people[2])
    scene.line("D6010", dental=tooth("8"))
    scene.line("D7953", dental=tooth("8"))


def surgery_centre(scene: Scene) -> None:
    scene.claim["dental"] = Dental()
    scene.at_place("24")
    scene.line("D7210", dental=tooth("32"))
    scene.line("D7210", dental=tooth("17"))


def accident(scene: Scene) -> None:
    scene.claim |= {"dental": Dental(), "causes": ("OA",), "accident_date": scene.day - timedelta(1)}
    scene.sees("S025XXA")
    scene.line("D0140")
    scene.line("D2140", dental=tooth("8", "I"))


def road_injury(scene: Scene) -> None:
    scene.claim |= {
        "dental": Dental(),
        "causes": ("AA",),
        "accident_state": "WI",
        "accident_date": scene.day - timedelta(1),
    }
    scene.sees("S025XXA")
    scene.coverage |= {"group_number": "", "property_claim_number": f"AU{scene.random.randrange(10**7):07d}"}
    scene.line("D0140")


def unlisted(scene: Scene) -> None:
    scene.claim["dental"] = Dental()
    scene.line("D2999", description="REPAIR OF A SPECIMEN RESTORATION", dental=tooth("5"))


def secondary(scene: Scene) -> None:
    check_up(scene)
    scene.earlier("second")


def tertiary(scene: Scene) -> None:
    check_up(scene)
    scene.earlier("second", paid_percent=40)
    scene.earlier("third", paid_percent=10)


def corrected(scene: Scene, frequency: str) -> None:
    fillings(scene)
    scene.claim |= {"frequency": frequency, "payer_claim_number": f"PCN{scene.random.randrange(10**8)}"}
    scene.facts["original"] = OriginalClaim(
        state="ADJUDICATED", adjudicated_on=scene.day + timedelta(15), payer_claim_number=scene.claim["payer_claim_number"],
        lines=tuple(
            PriorLine(procedure_code=line.procedure_code, date_from=scene.day, control_number=line.control_number)
            for line in scene.lines
        ),
    )  # fmt: skip


def replacement(scene: Scene) -> None:
    corrected(scene, "7")


def void(scene: Scene) -> None:
    corrected(scene, "8")


def attachment(scene: Scene) -> None:
    crown(scene)
    number = f"ACN{scene.random.randrange(10**6):06d}"
    scene.claim["attachments"] = (AttachmentReference(report_type="RB", transmission="EL", control_number=number),)
    scene.facts["documents"] = (Document(kind="radiograph", report_type="RB", control_number=number),)


def encounter_report(scene: Scene) -> None:
    check_up(scene)
    scene.claim["transaction_type"] = "RP"
    scene.capitated = True


def patient_paid(scene: Scene) -> None:
    check_up(scene)
    scene.claim["patient_paid"] = Decimal("20.00")


SCENARIOS = tuple(
    Scenario("D", name, payers, make)
    for name, payers, make in (
        ("check_up", DENTAL, check_up), ("one_date", DENTAL, one_date), ("fillings", DENTAL, fillings),
        ("extraction", DENTAL, extraction), ("scaling", DENTAL, scaling), ("crown", DENTAL, crown),
        ("first_denture", DENTAL, first_denture), ("orthodontics", DENTAL, orthodontics), ("child", WITH_DEPENDENTS, child),
        ("estimate", DENTAL, estimate), ("after_estimate", DENTAL, after_estimate), ("implant", DENTAL, implant),
        ("surgery_centre", DENTAL, surgery_centre), ("accident", DENTAL, accident), ("road_injury", ("auto",), road_injury),
        ("unlisted", DENTAL, unlisted), ("secondary", DENTAL, secondary), ("tertiary", DENTAL, tertiary),
        ("replacement", DENTAL, replacement), ("void", DENTAL, void), ("attachment", DENTAL, attachment),
        ("encounter_report", DENTAL, encounter_report), ("patient_paid", DENTAL, patient_paid),
    )
)  # fmt: skip
