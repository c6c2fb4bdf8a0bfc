"""The professional scenarios of golden claims (837P), each a clean claim as its payer takes it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import (
    Address,
    AttachmentReference,
    ConditionIndicator,
    Drug,
    Provider,
)
from claimwright.claims.professional import Ambulance, Equipment, Professional, ProfessionalLine
from claimwright.claims.synthetic.people import CITIES
from claimwright.codes.dates import Period
from claimwright.edits.facts import FilingEvidence, MedicareSecondary, OriginalClaim, PriorAdjudication, PriorLine
from claimwright.edits.payer_profile import FilingLimit, TimelyFiling
from claimwright.edits.records import Document
from tests.lib.golden_claims import HEALTH, REPLACED, WITH_DEPENDENTS, Scenario, Scene
from tests.lib.golden_claims_data import AMBULANCE_SUPPLIER, CLIA, EQUIPMENT_SUPPLIER, LABORATORY_SUPPLIER, TODAY


def visit(scene: Scene) -> None:
    scene.sees("E119", "I10")
    scene.line("99214", at=(1, 2))
    scene.line("83036", units=1)
    scene.line("36415")
    scene.claim["clia"] = CLIA


def illness(scene: Scene) -> None:
    scene.sees("J069")
    scene.line("99213")
    scene.line("87880", "QW")
    scene.claim["clia"] = CLIA


def dependent(scene: Scene) -> None:
    scene.patient = scene.person(scene.random.choice("FM"), 9)
    illness(scene)
    scene.dependent("19")


def spouse(scene: Scene) -> None:
    visit(scene)
    scene.dependent("01", scene.person("M", 50))


def secondary(scene: Scene) -> None:
    visit(scene)
    scene.earlier("second")


def secondary_by_claim(scene: Scene) -> None:
    visit(scene)
    scene.earlier("second", by_line=False)


def tertiary(scene: Scene) -> None:
    visit(scene)
    scene.earlier("second", paid_percent=40)
    # what the second payer decided is of the same charges: 835s of later payers name the earlier payment as OA-23
    scene.earlier("third", paid_percent=10)


def medicare_secondary(scene: Scene) -> None:
    visit(scene)
    scene.earlier("second")
    scene.coverage["insurance_type"] = "12"
    total = sum((line.charge for line in scene.lines), Decimal(0))
    scene.claim["obligated_amount"] = (total * 8 / 10).quantize(Decimal("0.01"))
    scene.facts["prior_adjudications"] = (
        PriorAdjudication(
            payer_id=scene.priors[0].coverage.payer.payer_id, decided_on=scene.day + timedelta(14),
            paid_amount=scene.priors[0].paid_amount, obligated_amount=scene.claim["obligated_amount"],
        ),
    )  # fmt: skip
    scene.facts["medicare_secondary"] = MedicareSecondary(
        employer_plan_active=True, reason="12", answered_on=TODAY - timedelta(30)
    )


def corrected(scene: Scene, frequency: str) -> None:
    visit(scene)
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
    visit(scene)
    number = f"ACN{scene.random.randrange(10**6):06d}"
    scene.claim["attachments"] = (AttachmentReference(report_type="OZ", transmission="EL", control_number=number),)
    scene.facts["documents"] = (
        Document(kind="medical_record", report_type="OZ", control_number=number, received_on=TODAY),
    )


def late(scene: Scene) -> None:
    """After the limit, for a reason that the payer knows: the claim says so and brings the proof."""
    attachment(scene)
    limit = FilingLimit(period=Period(5))
    scene.payer_asks(timely_filing=TimelyFiling(original=limit))
    scene.facts["filing"] = FilingEvidence(exception="RETROACTIVE COVERAGE")
    scene.claim["delay_reason"] = "7"


def ambulance(scene: Scene) -> None:
    scene.billing = AMBULANCE_SUPPLIER
    scene.claim.pop("rendering")
    scene.sees("R079")
    city, state, postal = CITIES[0]
    home = Address(line1="14 CEDAR ST", city=city, state=state, postal_code=f"{postal}4321")
    hospital = Address(line1="800 HOSPITAL DRIVE", city=city, state=state, postal_code=f"{postal}0800")
    scene.claim |= {
        "place_of_service": "41",
        "professional": Professional(
            ambulance=Ambulance(
                patient_weight_pounds=Decimal(172), reason="A", miles=Decimal(12), pick_up=home, drop_off=hospital,
                drop_off_name="SPECIMEN HOSPITAL", conditions=(ConditionIndicator(category="07", codes=("01", "09")),),
            )
        ),
    }  # fmt: skip
    scene.line("A0427", "RH")
    scene.line("A0425", "RH", units="12.4")


def consultation(scene: Scene) -> None:
    """Referring provider on the claim, supervising provider of work billed incident-to."""
    scene.sees("M25561")
    scene.claim["referring"] = scene.other(1)
    if scene.payer.key == "medicare":
        scene.line("99203")
    else:
        scene.line("99243")
    scene.claim["supervising"] = without_taxonomy(scene.people[2])
    scene.encounter["supervised"] = True


def without_taxonomy(one: Provider) -> Provider:
    return msgspec.structs.replace(one, taxonomy="")


def imaging(scene: Scene) -> None:
    scene.sees("M25561")
    scene.line("73030", "RT", ordering=scene.other(2))
    scene.line("71046", ordering=scene.lines[0].ordering)
    scene.claim["referring"] = scene.lines[0].ordering


def magnetic_resonance(scene: Scene) -> None:
    scene.sees("M25561")
    scene.authorize("medicaid", "blue", "hmo")
    scene.claim["referring"] = scene.other(2)
    scene.line("73721", "RT", ordering=scene.claim["referring"])


def reading(scene: Scene) -> None:
    """A radiologist reads an image that the hospital made."""
    scene.sees("R0602")
    scene.at_place("22")
    scene.claim["referring"] = scene.other(2)
    scene.line("71046", "26", ordering=scene.claim["referring"])


def telehealth(scene: Scene) -> None:
    scene.sees("F411")
    scene.at_place("10", facility=False)
    scene.line("90837", *(() if scene.payer.key == "medicare" else ("95",)))


def audio_only(scene: Scene) -> None:
    scene.sees("F411")
    scene.at_place("02", facility=False)
    scene.line("90834", "93")


def drug(scene: Scene) -> None:
    """A single-dose vial of which all was used (JZ), one of which a part was thrown away (JW), both with their NDC."""
    scene.sees("M1711")
    scene.line("99214", "25")
    scene.line("20610", "RT")
    used = Drug(ndc="00003029305", quantity=Decimal(1), unit="ML")
    scene.line("J3301", "JZ", units=4, drug=used)


def drug_waste(scene: Scene) -> None:
    scene.sees("C50911")
    scene.line("96413")
    vials = "50242006001"
    scene.line("J9035", units=35, drug=Drug(ndc=vials, quantity=Decimal(14), unit="ML"))
    scene.line("J9035", "JW", units=5, drug=Drug(ndc=vials, quantity=Decimal(2), unit="ML"))


def equipment(scene: Scene) -> None:
    scene.billing = EQUIPMENT_SUPPLIER
    scene.payer_asks(requires_equipment_data=True)
    scene.claim.pop("rendering")
    scene.at_place("12", facility=False)
    scene.sees("G4733")
    scene.authorize("hmo")
    orders = msgspec.structs.replace(scene.other(3), contact_name="ORDERS", phone="5555550143")
    certified = Equipment(
        procedure_code="E0601", days=Decimal(30), rental_price=scene.fee("E0601", Decimal(1)), purchase_price=Decimal("900.00"),
        rental_unit="4", certification_type="I", months=Decimal(12), begin_therapy_date=scene.day,
    )  # fmt: skip
    scene.line("E0601", "RR", "KX", ordering=orders, professional=ProfessionalLine(equipment=certified))


def walker(scene: Scene) -> None:
    scene.billing = EQUIPMENT_SUPPLIER
    scene.payer_asks(requires_equipment_data=True)
    scene.claim.pop("rendering")
    scene.at_place("12", facility=False)
    scene.sees("M1711")
    scene.authorize("hmo")
    orders = msgspec.structs.replace(scene.other(3), contact_name="ORDERS", phone="5555550143")
    bought = Equipment(certification_type="I", months=Decimal(99), begin_therapy_date=scene.day)
    scene.line("E0143", "NU", "KX", ordering=orders, professional=ProfessionalLine(equipment=bought))


def laboratory(scene: Scene) -> None:
    scene.billing = LABORATORY_SUPPLIER
    scene.claim.pop("rendering")
    scene.at_place("81", facility=False)
    scene.claim["facility"] = scene.other(9, organization=True)
    scene.sees("E119", "I10")
    scene.claim |= {"clia": CLIA, "referring": scene.other(2)}
    for code in ("80053", "83036", "85025"):
        scene.line(code, at=(1, 2), ordering=scene.claim["referring"])


def therapy(scene: Scene) -> None:
    specialty(scene, "225100000X")
    scene.sees("M5450")
    scene.authorize("hmo")
    scene.claim["referring"] = scene.other(1)
    scene.line("97110", "GP", units=2)
    scene.line("97140", "GP")


def encounter_report(scene: Scene) -> None:
    """A capitated visit, reported and not charged."""
    illness(scene)
    scene.claim["transaction_type"] = "RP"
    scene.capitated = True


def specialty(scene: Scene, taxonomy: str) -> None:
    scene.claim["rendering"] = msgspec.structs.replace(scene.people[0], taxonomy=taxonomy)


SCENARIOS = tuple(
    Scenario("P", name, payers, make)
    for name, payers, make in (
        ("self", HEALTH, visit),
        ("illness", HEALTH, illness),
        ("dependent", WITH_DEPENDENTS, dependent),
        ("spouse", WITH_DEPENDENTS, spouse),
        ("secondary", ("medicaid", "blue", "commercial", "hmo"), secondary),
        ("secondary_by_claim", ("medicaid", "blue", "commercial", "hmo"), secondary_by_claim),
        ("tertiary", ("medicaid", "blue", "commercial", "hmo"), tertiary),
        ("medicare_secondary", ("medicare",), medicare_secondary),
        ("replacement", REPLACED, replacement),
        ("void", REPLACED, void),
        ("attachment", HEALTH, attachment),
        ("late", REPLACED, late),
        ("ambulance", HEALTH, ambulance),
        ("consultation", HEALTH, consultation),
        ("imaging", HEALTH, imaging),
        ("magnetic_resonance", HEALTH, magnetic_resonance),
        ("reading", HEALTH, reading),
        ("telehealth", HEALTH, telehealth),
        ("audio_only", HEALTH, audio_only),
        ("drug", HEALTH, drug),
        ("drug_waste", HEALTH, drug_waste),
        ("equipment", HEALTH, equipment),
        ("walker", HEALTH, walker),
        ("laboratory", HEALTH, laboratory),
        ("therapy", HEALTH, therapy),
        ("encounter_report", ("medicaid", "commercial", "hmo"), encounter_report),
    )
)
