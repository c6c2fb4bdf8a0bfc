"""More professional scenarios of golden claims: injuries, newborns, hospital and surgery, services with rules of their own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import (
    AttachmentReference,
    Drug,
    Person,
    Provider,
)
from claimwright.claims.professional import Professional, ProfessionalLine, Spine
from claimwright.edits.records import Document, LocumPeriod, Stay
from tests.lib.golden_claims import HEALTH, WITH_DEPENDENTS, Scenario, Scene
from tests.lib.golden_claims_data import CLIA, TODAY
from tests.lib.golden_claims_professional import specialty, visit, without_taxonomy


def anesthesia(scene: Scene) -> None:
    scene.sees("M1711")
    scene.at_place("22")
    scene.claim["professional"] = Professional(anesthesia_procedures=("27447",))
    specialty(scene, "207L00000X")
    scene.line("01402", "AA", "P2", units=95, unit_basis="MJ")


def work_injury(scene: Scene) -> None:
    scene.sees("S83241A")
    employer = Person(last_name="FICTIVE MANUFACTURING")
    scene.coverage |= {
        "relationship": "20", "subscriber": employer, "subscriber_is_organization": True, "group_number": "",
        "property_claim_number": f"WC{scene.random.randrange(10**7):07d}",
    }  # fmt: skip
    scene.claim |= {"causes": ("EM",), "accident_date": scene.day - timedelta(9)}


def work_visit(scene: Scene) -> None:
    work_injury(scene)
    scene.line("99203")


def work_therapy(scene: Scene) -> None:
    work_injury(scene)
    scene.line("97110", "GP", units=2)
    scene.line("97140", "GP")


def work_surgery(scene: Scene) -> None:
    work_injury(scene)
    scene.at_place("24")
    scene.line("29881", "RT")


def work_report(scene: Scene) -> None:
    work_visit(scene)
    number = f"ACN{scene.random.randrange(10**6):06d}"
    scene.claim["attachments"] = (AttachmentReference(report_type="OZ", transmission="FX", control_number=number),)
    scene.facts["documents"] = (Document(kind="medical_record", report_type="OZ", control_number=number),)


def road_injury(scene: Scene) -> None:
    scene.sees("S134XXA")
    scene.coverage |= {"group_number": "", "property_claim_number": f"AU{scene.random.randrange(10**7):07d}"}
    scene.claim |= {"causes": ("AA",), "accident_state": "WI", "accident_date": scene.day - timedelta(6)}


def road_visit(scene: Scene) -> None:
    road_injury(scene)
    scene.line("99204")
    scene.line("73030", "LT", ordering=without_taxonomy(scene.people[0]))


def road_therapy(scene: Scene) -> None:
    road_injury(scene)
    scene.line("97110", "GP", units=2)


def road_chiropractic(scene: Scene) -> None:
    road_injury(scene)
    specialty(scene, "111N00000X")
    scene.line("98940")


def other_accident(scene: Scene) -> None:
    scene.sees("S52501A")
    scene.claim |= {"causes": ("OA",), "accident_date": scene.day - timedelta(2)}
    scene.encounter["injury_answered"] = False  # the claim itself says that it was an accident
    scene.line("99213")


def mammography(scene: Scene) -> None:
    scene.patient = scene.person("F", 55)
    scene.payer_asks(edits_sex=True)
    scene.sees("Z1231")
    scene.claim["professional"] = Professional(mammography_certification=f"{scene.random.randrange(100_000, 999_999)}")
    scene.claim["referring"] = scene.other(2)
    scene.line("77067", ordering=scene.claim["referring"])
    scene.line("77063", ordering=scene.claim["referring"])


def vaccine(scene: Scene) -> None:
    scene.sees("Z23")
    if scene.payer.key == "medicare":
        scene.line("G0008")
    else:
        scene.line("90471")
    scene.line("90686")


def newborn(scene: Scene) -> None:
    scene.patient = scene.person(scene.random.choice("FM"), 0, days=(TODAY - scene.day).days + 6)
    scene.sees("Z00110")
    scene.line("99391")
    if scene.payer.key != "medicaid":
        scene.dependent("19")


def newborn_in_hospital(scene: Scene) -> None:
    scene.patient = msgspec.structs.replace(
        scene.person("M", 0, days=(TODAY - scene.day).days), first_name="BABY BOY", middle_name=""
    )
    scene.sees("Z3800")
    scene.at_place("21")
    scene.claim["admission_date"] = scene.day
    scene.facts["stays"] = (Stay(admitted_on=scene.day, discharged_on=scene.day + timedelta(2)),)
    scene.line("99460")
    if scene.payer.key != "medicaid":
        scene.dependent("19")


def hospital_visits(scene: Scene) -> None:
    scene.sees("J189", "I10")
    scene.at_place("21")
    scene.claim |= {"admission_date": scene.day, "discharge_date": scene.day + timedelta(3)}
    scene.facts["stays"] = (Stay(admitted_on=scene.day, discharged_on=scene.day + timedelta(3)),)
    scene.line("99222")
    scene.line("99232", units=2, date_from=scene.day + timedelta(1), date_to=scene.day + timedelta(2))
    if scene.payer.key == "medicaid" and scene.day.month != (scene.day + timedelta(3)).month:
        scene.lines.pop()  # it takes no claim across two months
    else:
        scene.line("99238", date_from=scene.day + timedelta(3))


def emergency(scene: Scene) -> None:
    scene.sees("R079")
    scene.at_place("23")
    scene.line("99284", "25", emergency=True)
    scene.line("93010")


def critical_care(scene: Scene) -> None:
    scene.sees("I509")
    scene.at_place("23")
    scene.line("99291", emergency=True)
    scene.line("99292", emergency=True, units=2)


def surgery(scene: Scene) -> None:
    scene.sees("M1711")
    scene.at_place("22")
    scene.authorize("blue")
    scene.line("27447", "RT")


def assistant(scene: Scene) -> None:
    scene.sees("M1711")
    scene.at_place("22")
    scene.authorize("blue")
    scene.claim["supervising"] = without_taxonomy(scene.people[3])
    scene.encounter["supervised"] = True
    scene.line("27447", "AS", "RT")


def both_sides(scene: Scene) -> None:
    scene.sees("M170")
    scene.line("99213", "25")
    scene.line("20610", "50")


def minor_procedure(scene: Scene) -> None:
    scene.sees("L570")
    scene.line("17000")
    scene.line("17003", units=3)


def new_patient(scene: Scene) -> None:
    scene.sees("I10")
    scene.line("99203")


def preventive(scene: Scene) -> None:
    scene.sees("Z0000", "I10")
    scene.patient = scene.person("F", 48)
    if scene.payer.key == "medicare":
        scene.line("G0439")
    else:
        scene.line("99396")
    scene.line("99213", "25", at=(2,))


def chiropractic(scene: Scene) -> None:
    specialty(scene, "111N00000X")
    scene.sees("M9903", "M5450")
    scene.claim |= {
        "initial_treatment_date": scene.day - timedelta(12), "professional": Professional(spine=Spine(condition="A")),
    }  # fmt: skip
    scene.line("98941", "AT", at=(1, 2))


def foot_care(scene: Scene) -> None:
    scene.sees("B351", "E1142")
    scene.claim |= {"last_seen_date": scene.day - timedelta(40), "supervising": without_taxonomy(scene.people[3])}
    scene.line("11721", "Q8")


def distinct(scene: Scene) -> None:
    scene.sees("M5450")
    scene.authorize("hmo")
    scene.claim["referring"] = scene.other(1)
    scene.line("97140", "GP")
    scene.line("97530", "XS" if scene.payer.key == "medicare" else "59", "GP")


def substitute(scene: Scene) -> None:
    """A locum tenens within sixty days."""
    visit(scene)
    scene.lines = [msgspec.structs.replace(line, modifiers=(*line.modifiers, "Q6")) for line in scene.lines[:1]]
    scene.facts["locum_periods"] = (
        LocumPeriod(rendering_npi=scene.people[0].npi, first_day=scene.day - timedelta(12)),
    )


def purchased(scene: Scene) -> None:
    """The technical part of a test that another laboratory did for the practice."""
    scene.sees("R0602")
    scene.claim["referring"] = scene.other(2)
    maker = Provider(npi=scene.other(7, organization=True).npi, is_organization=True)
    bought = ProfessionalLine(
        purchased_service_provider=maker, purchased_service_id=maker.npi, purchased_service_amount=Decimal("41.00")
    )
    scene.line("93306", "TC", ordering=scene.claim["referring"], professional=bought)


def notice(scene: Scene) -> None:
    """A test that the policy does not cover, with a signed notice."""
    scene.sees("I10")
    scene.line("83036", "GA")
    scene.claim["clia"] = CLIA
    scene.facts["documents"] = (Document(kind="abn", signed_on=scene.day),)


def unlisted(scene: Scene) -> None:
    scene.sees("E119")
    described = Drug(ndc="00409123401", quantity=Decimal(2), unit="ML")
    scene.line("96372")
    scene.line("J3490", "JZ", description="SPECIMEN DRUG 10 MG PER ML, 2 ML", drug=described)


def other_site(scene: Scene) -> None:
    """A visit in another office of the practice."""
    scene.sees("I10")
    scene.at_place("19")
    scene.line("99213")


def two_places(scene: Scene) -> None:
    """A visit in the office, and blood drawn at home on the same day."""
    scene.sees("I10")
    scene.line("99213")
    scene.line("36415", place_of_service="12")


def unsided(scene: Scene) -> None:
    """A diagnosis whose side the note does not tell, which this plan takes."""
    scene.sees("M25569")
    scene.payer_asks(unspecified_diagnoses="")
    scene.line("99213")


def referred(scene: Scene) -> None:
    """A specialist's visit on referral."""
    scene.sees("M25561")
    specialty(scene, "207X00000X")
    scene.claim["referring"] = scene.other(1)
    scene.authorize("hmo", kind="referral")
    scene.line("99203")


SCENARIOS = tuple(
    Scenario("P", name, payers, make)
    for name, payers, make in (
        ("anesthesia", HEALTH, anesthesia),
        ("work_visit", ("wc",), work_visit),
        ("work_therapy", ("wc",), work_therapy),
        ("work_surgery", ("wc",), work_surgery),
        ("work_report", ("wc",), work_report),
        ("road_visit", ("auto",), road_visit),
        ("road_therapy", ("auto",), road_therapy),
        ("road_chiropractic", ("auto",), road_chiropractic),
        ("other_accident", HEALTH, other_accident),
        ("mammography", HEALTH, mammography),
        ("vaccine", HEALTH, vaccine),
        ("newborn", ("medicaid", *WITH_DEPENDENTS), newborn),
        ("newborn_in_hospital", ("medicaid", *WITH_DEPENDENTS), newborn_in_hospital),
        ("hospital_visits", HEALTH, hospital_visits),
        ("emergency", HEALTH, emergency),
        ("critical_care", HEALTH, critical_care),
        ("surgery", HEALTH, surgery),
        ("assistant", HEALTH, assistant),
        ("both_sides", HEALTH, both_sides),
        ("minor_procedure", HEALTH, minor_procedure),
        ("new_patient", HEALTH, new_patient),
        ("preventive", HEALTH, preventive),
        ("chiropractic", HEALTH, chiropractic),
        ("foot_care", HEALTH, foot_care),
        ("distinct", HEALTH, distinct),
        ("substitute", ("medicare", "medicaid"), substitute),
        ("purchased", ("medicare", "commercial"), purchased),
        ("notice", ("medicare",), notice),
        ("unlisted", HEALTH, unlisted),
        ("other_site", HEALTH, other_site),
        ("referred", HEALTH, referred),
        ("two_places", HEALTH, two_places),
        ("unsided", HEALTH, unsided),
    )
)
