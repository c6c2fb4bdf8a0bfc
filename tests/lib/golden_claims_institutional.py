"""The institutional scenarios of golden claims (837I): stays, emergency, outpatient, and what comes after them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.institutional import (
    IcdProcedure,
    Institutional,
    Occurrence,
    OccurrenceSpan,
    ValueAmount,
)
from claimwright.claims.nouns import AttachmentReference, Diagnosis, Drug, Line, Person
from claimwright.edits.facts import MedicareSecondary, OriginalClaim, PriorLine
from claimwright.edits.records import Document, Stay
from tests.lib.golden_claims import HOSPITAL, WITH_DEPENDENTS, Scenario, Scene
from tests.lib.golden_claims_data import TODAY

CORRECTED = ("medicaid", "blue", "commercial", "hmo", "medicare_a")


def bill(scene: Scene, facility_type: str, days: int = 0, **more: Any) -> None:
    """Type of bill, statement and attending; a bill of several days lies within one month, as outpatient bills must."""
    if facility_type not in ("11", "21") and (scene.day + timedelta(days)).month != scene.day.month:
        scene.day -= timedelta(days)
    given = {
        "facility_type": facility_type, "statement_from": scene.day, "statement_through": scene.day + timedelta(days),
        "admission_type": "3", "admission_source": "1", "patient_status": "01", "attending": scene.people[0],
    }  # fmt: skip
    scene.claim["institutional"] = Institutional(**(given | more))


def revenue(scene: Scene, code: str, procedure: str = "", *modifiers: str, units: str | int = 1, **more: Any) -> None:
    scene.line(procedure, *modifiers, units=units, revenue_code=code, **more)


def change(scene: Scene, **more: Any) -> None:
    scene.claim["institutional"] = msgspec.structs.replace(scene.claim["institutional"], **more)


def stay(scene: Scene) -> None:
    """A planned stay with room and board, drugs, tests, and an operation on its second day."""
    days = scene.random.randrange(2, 6)
    scene.authorize("blue", "hmo")
    bill(
        scene, "11", days, admission_time="0830", discharge_time="1415", drg="470",
        admitting_diagnosis=Diagnosis(code="M1711", qualifier="ABJ"), operating=without_taxonomy(scene, 1),
        principal_procedure=IcdProcedure(code="0SRC0J9", qualifier="BBR", performed=scene.day + timedelta(1)),
        values=(ValueAmount(code="80", amount=Decimal(days)),),
    )  # fmt: skip
    scene.claim["admission_date"] = scene.day
    scene.sees("M1711", "I10", present="Y")
    revenue(scene, "0120", units=days, unit_basis="DA", date_from=None)
    revenue(scene, "0250", units=14, date_from=None)
    revenue(scene, "0250", units=3, date_from=None)  # the same revenue code twice is no duplicate
    revenue(scene, "0300", units=5, date_from=None)
    revenue(scene, "0360", date_from=scene.day + timedelta(1))
    scene.facts["stays"] = (Stay(admitted_on=scene.day, discharged_on=scene.day + timedelta(days)),)


def without_taxonomy(scene: Scene, at: int) -> Any:
    return msgspec.structs.replace(scene.people[at], taxonomy="")


def emergency_stay(scene: Scene) -> None:
    """Through the emergency room: no plan may ask for an authorization. Causes and conditions are coded."""
    days = scene.random.randrange(1, 5)
    bill(
        scene, "11", days, admission_type="1", admission_time="2310", discharge_time="1000", drg="193",
        admitting_diagnosis=Diagnosis(code="R0602", qualifier="ABJ"), patient_status="01",
        occurrences=(Occurrence(code="11", on=scene.day - timedelta(2)),),
        values=(ValueAmount(code="80", amount=Decimal(days)),),
    )  # fmt: skip
    scene.claim["admission_date"] = scene.day
    scene.sees("J189", "I509", "E119", present="Y")
    revenue(scene, "0120", units=days, unit_basis="DA", date_from=None)
    revenue(scene, "0450", "99284", "25", date_from=scene.day)
    revenue(
        scene,
        "0636",
        "J0696",
        units=4,
        date_from=scene.day,
        drug=Drug(ndc="00409733201", quantity=Decimal(1), unit="UN"),
    )


def long_stay(scene: Scene) -> None:
    """Many diagnoses, over the end of a month."""
    scene.day = scene.day.replace(month=7, day=27)
    emergency_stay(scene)
    change(scene, statement_through=scene.day + timedelta(9), values=(ValueAmount(code="80", amount=Decimal(9)),))
    scene.lines[0] = msgspec.structs.replace(scene.lines[0], units=Decimal(9), charge=Decimal("21000.00"))
    scene.sees("J189", "I509", "E119", "I10", "E785", "K219", "N390", "F411", "M5450", "D649", "E039", "R0602", "G4733", "L570", present="Y")  # fmt: skip


def interim_bill(scene: Scene) -> None:
    """The first bill of a stay that goes on: the patient is still there."""
    emergency_stay(scene)
    scene.claim["frequency"] = "2"
    change(scene, patient_status="30", discharge_time="")


def skilled_nursing(scene: Scene) -> None:
    """A bill with a rate code: its line has units and no charge."""
    scene.authorize("hmo")
    bill(
        scene, "21", 12, admission_time="1100", discharge_time="", patient_status="30", admission_source="5",
        occurrence_spans=(OccurrenceSpan(code="70", start=scene.day - timedelta(9), end=scene.day - timedelta(1)),),
        values=(ValueAmount(code="80", amount=Decimal(12)),), admitting_diagnosis=Diagnosis(code="M1711", qualifier="ABJ"),
    )  # fmt: skip
    scene.claim |= {"admission_date": scene.day, "frequency": "2"}
    scene.sees("M1711", "I10", present="Y")
    revenue(scene, "0022", "1AA11", units=12, charge=Decimal("0.00"), procedure_qualifier="HP", date_from=None)
    revenue(scene, "0120", units=12, unit_basis="DA", date_from=None)


def emergency_room(scene: Scene) -> None:
    bill(scene, "13", admission_type="1", visit_reasons=(Diagnosis(code="R079", qualifier="APR"),))
    scene.sees("R079")
    revenue(scene, "0450", "99284", "25")
    revenue(scene, "0730", "93005")
    revenue(scene, "0324", "71046")
    revenue(scene, "0636", "J1885", units=2, drug=Drug(ndc="00409379501", quantity=Decimal(1), unit="ML"))


def clinic(scene: Scene) -> None:
    bill(scene, "13")
    scene.sees("I10")
    revenue(scene, "0510", "G0463")
    revenue(scene, "0730", "93005")


def two_clinics(scene: Scene) -> None:
    bill(scene, "13")
    scene.sees("I10", "E119")
    revenue(scene, "0510", "G0463")
    revenue(scene, "0515", "G0463", "27")


def twice_in_the_emergency_room(scene: Scene) -> None:
    """Two visits of one day to one department: condition code G0 says that they are distinct."""
    bill(scene, "13", admission_type="1", visit_reasons=(Diagnosis(code="R079", qualifier="APR"),))
    scene.claim["condition_codes"] = ("G0",)
    scene.sees("R079")
    revenue(scene, "0450", "99284")
    revenue(scene, "0450", "99283")


def laboratory(scene: Scene) -> None:
    bill(scene, "14")
    scene.claim["referring"] = scene.other(2)
    scene.sees("E119", "I10")
    revenue(scene, "0301", "80053")
    revenue(scene, "0301", "83036")
    revenue(scene, "0300", "36415")


def several_days(scene: Scene) -> None:
    """Infusions of a month on one bill, each with its day."""
    bill(scene, "13", 9)
    scene.sees("D649")
    for day in (0, 4, 9):
        on = scene.day + timedelta(day)
        revenue(scene, "0335", "96365", date_from=on)
        revenue(
            scene,
            "0636",
            "J1569",
            "JZ",
            units=2,
            date_from=on,
            drug=Drug(ndc="00944270002", quantity=Decimal(10), unit="ML"),
        )


def surgery(scene: Scene) -> None:
    bill(scene, "13", operating=without_taxonomy(scene, 1))
    scene.sees("M25561")
    revenue(scene, "0360", "29881", "RT")
    revenue(scene, "0710")
    revenue(scene, "0250", units=3)
    revenue(scene, "0636", "J2405", units=4, drug=Drug(ndc="00409475503", quantity=Decimal(2), unit="ML"))


def imaging(scene: Scene) -> None:
    scene.authorize("medicaid", "blue", "hmo")
    bill(scene, "13")
    scene.claim["referring"] = scene.other(2)
    scene.sees("M25561")
    revenue(scene, "0610", "73721", "RT")


def mammography(scene: Scene) -> None:
    scene.patient = scene.person("F", 52)
    bill(scene, "13")
    scene.claim["referring"] = scene.other(2)
    scene.sees("Z1231")
    revenue(scene, "0403", "77067")


def therapy(scene: Scene) -> None:
    scene.authorize("hmo")
    bill(
        scene, "74", 7, occurrences=(
            Occurrence(code="11", on=scene.day - timedelta(20)), Occurrence(code="35", on=scene.day - timedelta(1)),
        )
    )  # fmt: skip
    scene.sees("M5450")
    for day in (0, 3, 7):
        revenue(scene, "0420", "97110", "GP", units=2, date_from=scene.day + timedelta(day))


def vaccine(scene: Scene) -> None:
    bill(scene, "13")
    scene.sees("Z23")
    revenue(scene, "0771", "G0008" if scene.payer.key == "medicare_a" else "90471")
    revenue(scene, "0636", "90686")


def observation(scene: Scene) -> None:
    bill(scene, "13", 1, admission_type="1", visit_reasons=(Diagnosis(code="R079", qualifier="APR"),))
    scene.sees("R079")
    revenue(scene, "0762", "G0378", units=22)
    revenue(scene, "0450", "99284", "25", date_from=scene.day)


def rural_clinic(scene: Scene) -> None:
    bill(scene, "71")
    scene.sees("J069")
    revenue(scene, "0521", "99213")


def dependent(scene: Scene) -> None:
    scene.patient = scene.person(scene.random.choice("FM"), 8)
    emergency_room(scene)
    scene.dependent("19")


def secondary(scene: Scene) -> None:
    clinic(scene)
    scene.earlier("second")


def secondary_stay(scene: Scene) -> None:
    """Of a stay the first payer decides as a whole."""
    emergency_stay(scene)
    scene.earlier("second", by_line=False)


def tertiary(scene: Scene) -> None:
    clinic(scene)
    scene.earlier("second", paid_percent=40)
    scene.earlier("third", paid_percent=10)


def medicare_secondary(scene: Scene) -> None:
    """Why Medicare pays second is a value code with what the first payer paid."""
    clinic(scene)
    scene.earlier("second")
    change(scene, values=(ValueAmount(code="12", amount=scene.priors[0].paid_amount),))
    total = sum((line.charge for line in scene.lines), Decimal(0))
    scene.claim["obligated_amount"] = (total * 8 / 10).quantize(Decimal("0.01"))
    scene.facts["medicare_secondary"] = MedicareSecondary(
        employer_plan_active=True, reason="12", answered_on=TODAY - timedelta(30)
    )


def corrected(scene: Scene, frequency: str) -> None:
    emergency_room(scene)
    scene.claim |= {
        "frequency": frequency, "payer_claim_number": f"PCN{scene.random.randrange(10**8)}",
        "condition_codes": ("D1" if frequency == "7" else "D5",),
    }  # fmt: skip
    scene.facts["original"] = OriginalClaim(
        state="ADJUDICATED", adjudicated_on=scene.day + timedelta(15), payer_claim_number=scene.claim["payer_claim_number"],
        lines=tuple(_prior(line, scene) for line in scene.lines),
    )  # fmt: skip


def _prior(line: Line, scene: Scene) -> PriorLine:
    return PriorLine(
        procedure_code=line.procedure_code, date_from=scene.day, control_number=line.control_number,
        revenue_code=line.revenue_code,
    )  # fmt: skip


def replacement(scene: Scene) -> None:
    corrected(scene, "7")


def void(scene: Scene) -> None:
    corrected(scene, "8")


def attachment(scene: Scene) -> None:
    surgery(scene)
    number = f"ACN{scene.random.randrange(10**6):06d}"
    scene.claim["attachments"] = (AttachmentReference(report_type="OB", transmission="EL", control_number=number),)
    scene.facts["documents"] = (Document(kind="medical_record", report_type="OB", control_number=number),)


def encounter_report(scene: Scene) -> None:
    clinic(scene)
    scene.claim["transaction_type"] = "RP"
    scene.capitated = True


def newborn(scene: Scene) -> None:
    scene.patient = msgspec.structs.replace(
        scene.person("F", 0, days=(TODAY - scene.day).days), first_name="BABY GIRL", middle_name=""
    )
    scene.authorize("blue", "hmo")
    bill(
        scene, "11", 2, admission_type="4", admission_source="5", admission_time="0412", discharge_time="1200", drg="795",
        admitting_diagnosis=Diagnosis(code="Z3800", qualifier="ABJ"), values=(ValueAmount(code="80", amount=Decimal(2)),),
    )  # fmt: skip
    scene.claim["admission_date"] = scene.day
    scene.sees("Z3800", present="Y")
    revenue(scene, "0170", units=2, unit_basis="DA", date_from=None)
    if scene.payer.key != "medicaid":
        scene.dependent("19")


def work_injury(scene: Scene) -> None:
    emergency_room(scene)
    scene.sees("S61411A")
    change(
        scene, occurrences=(Occurrence(code="04", on=scene.day),), visit_reasons=(Diagnosis(code="S61411A", qualifier="APR"),),
        external_causes=(Diagnosis(code="W260XXA", qualifier="ABN"),),
    )  # fmt: skip
    scene.coverage |= {
        "relationship": "20", "subscriber": Person(last_name="FICTIVE MANUFACTURING"), "subscriber_is_organization": True,
        "group_number": "", "property_claim_number": f"WC{scene.random.randrange(10**7):07d}",
    }  # fmt: skip


def road_injury(scene: Scene) -> None:
    emergency_room(scene)
    scene.sees("S134XXA")
    change(
        scene, occurrences=(Occurrence(code="01", on=scene.day),), visit_reasons=(Diagnosis(code="M542", qualifier="APR"),),
        external_causes=(Diagnosis(code="V4352XA", qualifier="ABN"),),
    )  # fmt: skip
    scene.claim["accident_state"] = "WI"
    scene.coverage |= {"group_number": "", "property_claim_number": f"AU{scene.random.randrange(10**7):07d}"}


SCENARIOS = tuple(
    Scenario("I", name, payers, make)
    for name, payers, make in (
        ("stay", HOSPITAL, stay), ("emergency_stay", HOSPITAL, emergency_stay), ("long_stay", HOSPITAL, long_stay),
        ("interim_bill", HOSPITAL, interim_bill), ("skilled_nursing", HOSPITAL, skilled_nursing),
        ("emergency_room", HOSPITAL, emergency_room), ("clinic", HOSPITAL, clinic), ("two_clinics", HOSPITAL, two_clinics),
        ("twice_in_the_emergency_room", HOSPITAL, twice_in_the_emergency_room),
        ("laboratory", HOSPITAL, laboratory), ("several_days", HOSPITAL, several_days), ("surgery", HOSPITAL, surgery),
        ("imaging", HOSPITAL, imaging), ("mammography", HOSPITAL, mammography), ("therapy", HOSPITAL, therapy),
        ("vaccine", HOSPITAL, vaccine), ("observation", HOSPITAL, observation), ("rural_clinic", ("medicare_a", "medicaid"), rural_clinic),
        ("dependent", WITH_DEPENDENTS, dependent), ("secondary", ("medicaid", "blue", "commercial", "hmo"), secondary),
        ("secondary_stay", ("medicaid", "blue", "commercial", "hmo"), secondary_stay),
        ("tertiary", ("medicaid", "blue", "commercial", "hmo"), tertiary), ("medicare_secondary", ("medicare_a",), medicare_secondary),
        ("replacement", CORRECTED, replacement), ("void", CORRECTED, void), ("attachment", HOSPITAL, attachment),
        ("encounter_report", ("medicaid", "commercial", "hmo"), encounter_report),
        ("newborn", ("medicaid", *WITH_DEPENDENTS), newborn), ("work_injury", ("wc",), work_injury), ("road_injury", ("auto",), road_injury),
    )
)  # fmt: skip
