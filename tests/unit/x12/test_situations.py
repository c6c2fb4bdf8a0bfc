"""Level 4 of claims: each situation is told when it is there, and nothing is told of what is right."""

from __future__ import annotations

import pytest

from claimwright.x12.situations import SITUATIONS
from tests.lib.x12_rules import SOUND, changed, situations


@pytest.mark.parametrize("kind", SOUND)
def test_nothing_is_said_of_a_sound_transaction(kind: str) -> None:
    assert situations(changed(kind)) == []


PATIENT = (
    "22*0 => 22*1",
    "SBR*P*18* => SBR*P**",
    "+NM1*PR*2*FIRST => HL*3*2*23*0|PAT*19|NM1*QC*1*ABLE*TIM|N3*5 OAK STREET|N4*SPRINGFIELD*IL*62701|DMG*D8*20120203*M",
)
AMBULANCE = (
    "SV1*HC:99213*100 => SV1*HC:A0429*100",
    "+HI*ABK => CR1*LB*140**A*DH*12",
    "+CR1*LB => CRC*07*Y*01",
    "+N4*SPRINGFIELD*IL*627014321 => NM1*PW*2|N3*1 A ROAD|N4*SPRINGFIELD*IL*62701|NM1*45*2|N3*2 B ROAD|N4*SPRINGFIELD*IL*62701",
)
PROFESSIONAL = [
    # levels, subscriber, patient
    (("22*0 => 22*1",), {"SNIP4-HL-CHILD"}),
    (("20*1 => 20*0",), {"SNIP4-HL-CHILD"}),
    (("-N3*5 OAK",), {"SNIP4-SUBSCRIBER-DEMOGRAPHICS"}),
    (("-DMG",), {"SNIP4-SUBSCRIBER-DEMOGRAPHICS"}),
    (("-DMG", "NM1*IL*1*ABLE*ANNA => NM1*IL*2*ABLE WORKS*"), set()),
    (PATIENT, set()),
    (("SBR*P*18* => SBR*P**",), {"SNIP4-PATIENT-LEVEL"}),
    ((*PATIENT, "SBR*P** => SBR*P*18*"), {"SNIP4-PATIENT-LEVEL"}),
    (("SBR*P*18* => SBR*P**", "22*0 => 22*1"), {"SNIP4-PATIENT-LEVEL", "SNIP4-HL-CHILD"}),
    (("DMG*D8*19700102 => DMG*D8*20260804",), {"SNIP4-BIRTH-AFTER-FILE", "SNIP4-SERVICE-BEFORE-BIRTH"}),
    (("DMG*D8*19700102 => DMG*D8*20260801",), set()),
    (("DMG*D8*19700102 => DMG*D8*20260802",), {"SNIP4-SERVICE-BEFORE-BIRTH"}),
    (("+SBR => PAT*****D8*20260731",), {"SNIP4-SERVICE-AFTER-DEATH"}),
    (("+SBR => PAT*****D8*20260802",), set()),
    (("+SBR => PAT*****D8*19690731",), {"SNIP4-SERVICE-AFTER-DEATH", "SNIP4-DEATH-BEFORE-BIRTH"}),
    (("+SBR => PAT*********Y",), set()),
    (("+SBR => PAT*********Y", "19700102*F => 19700102*M"), {"SNIP4-PATIENT-PREGNANT"}),
    (("CI => MB",), set()),
    (("SBR*P*18*GRP01******CI => SBR*P*18*GRP01**12****MB",), {"SNIP4-MEDICARE-SECONDARY-UNEXPECTED"}),
    # providers
    (("****XX*1234567893 => ",), {"SNIP4-BILLING-NPI"}),
    (("****XX*1234567893 => ", "+NM1*PR => REF*G2*77"), set()),
    (("REF*EI*123456789 => REF*EI*12-3456789",), {"SNIP4-TAX-ID"}),
    (("REF*EI*123456789 => REF*SY*123456789",), set()),
    (("+REF*EI => REF*SY*123456789",), {"SNIP4-TAX-ID-TWICE"}),
    (("627011234 => 62701",), {"SNIP4-BILLING-ZIP"}),
    (("IL*627011234 => ON*M5V 2T6*CA",), set()),
    (("627011234 => 627010000",), {"SNIP4-ZIP-FILLER"}),
    (("627014321 => 62701",), {"SNIP4-FACILITY-ZIP"}),
    (("N3*12 HILL ROAD => N3*PO BOX 12",), {"SNIP4-BILLING-STREET"}),
    (("N3*12 HILL ROAD => N3*12 POBOXLEY ROAD",), set()),
    (("+REF*EI => NM1*87*2|N3*12 HILL ROAD|N4*SPRINGFIELD*IL*627011234",), {"SNIP4-PAY-TO-SAME"}),
    (("+REF*EI => NM1*87*2|N3*PO BOX 1|N4*SPRINGFIELD*IL*627011234",), set()),
    (
        ("1245319599 => 1234567893", "N3*9 SIDE STREET => N3*12 HILL ROAD", "627014321 => 627011234"),
        {"SNIP4-FACILITY-SAME"},
    ),
    (("1245319599 => 1234567893",), set()),
    (("BEN****XX*1999999984 => BEN****XX*1234567893",), {"SNIP4-RENDERING-SAME"}),
    (("+HI*ABK => NM1*P3*1*FAMILY*DOC****XX*1245319599",), {"SNIP4-PRIMARY-CARE-ALONE"}),
    (("+HI*ABK => NM1*DN*1*REFERS*REX****XX*1245319599|NM1*P3*1*FAMILY*DOC****XX*1245319599",), set()),
    # the claim
    (("CLAIM-1 => CLAIM-1234567890123456",), {"SNIP4-CLAIM-NUMBER-LENGTH"}),
    (("CLAIM-1*150 => CLAIM-1*-150",), {"SNIP4-CHARGE-NEGATIVE"}),
    (("99213*100 => 99213*-100",), {"SNIP4-CHARGE-NEGATIVE"}),
    (("11:B:1 => 11:B:7",), {"SNIP4-REPLACEMENT-REFERENCE"}),
    (("11:B:1 => 11:B:8",), {"SNIP4-REPLACEMENT-REFERENCE"}),
    (("11:B:1 => 11:B:7", "+CLM => REF*F8*PAYERCLAIM"), set()),
    (("+CLM => REF*F8*PAYERCLAIM",), {"SNIP4-REPLACEMENT-UNEXPECTED"}),
    (("AUTH77 => N/A",), {"SNIP4-REFERENCE-PLACEHOLDER"}),
    (("+CLM => PWK*OZ*BM",), {"SNIP4-ATTACHMENT-CONTROL"}),
    (("+CLM => PWK*OZ*AA",), set()),
    (("+CLM => PWK*OZ*BM***AC*CONTROL1",), set()),
    (("+SV1*HC:99213 => PWK*CT*AB",), set()),
    (("+SV1*HC:99213 => PWK*OZ*FX",), {"SNIP4-ATTACHMENT-CONTROL"}),
    (("*CI => *WC",), {"SNIP4-LIABILITY-CAUSE"}),
    (("*CI => *WC", "A*Y*Y => A*Y*Y**EM"), set()),
    (("A*Y*Y => A*Y*Y**OA",), {"SNIP4-ACCIDENT-DATE"}),
    (("A*Y*Y => A*Y*Y**OA", "+CLM => DTP*439*D8*20260730"), set()),
    (("A*Y*Y => A*Y*Y**AA:::IL", "+CLM => DTP*439*D8*20260730"), set()),
    (("A*Y*Y => A*Y*Y**AA", "+CLM => DTP*439*D8*20260730"), {"SNIP4-ACCIDENT-STATE"}),
    (("A*Y*Y => A*Y*Y**EM:OA",), {"SNIP4-ACCIDENT-DATE"}),
    (("A*Y*Y => A*Y*Y**EM:EM",), {"SNIP4-ACCIDENT-REPEATED"}),
    (("+CLM => DTP*439*D8*20260730",), {"SNIP4-ACCIDENT-CAUSE"}),
    (("+REF*G1 => CRC*ZZ*N*AV",), {"SNIP4-EPSDT-CONDITION"}),
    (("+REF*G1 => CRC*ZZ*Y*NU",), {"SNIP4-EPSDT-CONDITION"}),
    (("+REF*G1 => CRC*ZZ*N*NU",), set()),
    # diagnoses
    (("UN*1***1:2 => UN*1***1:3",), {"SNIP4-DIAGNOSIS-POINTER"}),
    (("UN*1***1:2 => UN*1***0",), {"SNIP4-DIAGNOSIS-POINTER"}),
    (("UN*1***1:2 => UN*1***A",), {"SNIP4-DIAGNOSIS-POINTER"}),
    (("UN*1***1:2 => UN*1***\xb2",), {"SNIP4-DIAGNOSIS-POINTER"}),
    (("UN*1***1:2 => UN*1***2:1",), set()),
    (("UN*1***1:2 => UN*1***1:1",), {"SNIP4-DIAGNOSIS-POINTER-REPEATED"}),
    (("UN*1***1:2 => UN*1***1::2",), {"SNIP4-DIAGNOSIS-POINTER-GAP"}),
    (("ABF:R051 => ABF:J069",), {"SNIP4-DIAGNOSIS-DUPLICATE"}),
    (("ABF:R051 => ABK:R051",), {"SNIP4-DIAGNOSIS-PRINCIPAL"}),
    (("ABK:J069 => ABF:J069",), {"SNIP4-DIAGNOSIS-PRINCIPAL"}),
    (("ABF:R051 => BF:7862",), {"SNIP4-DIAGNOSIS-VERSION"}),
    (("ABK:J069*ABF:R051 => BK:4659*BF:7862",), {"SNIP4-DIAGNOSIS-DATE"}),
    (("ABK:J069*ABF:R051 => BK:4659*BF:7862", "20260801 => 20150901", "20260802 => 20150901"), set()),
    (("20260801 => 20150901", "20260802 => 20150901"), {"SNIP4-DIAGNOSIS-DATE"}),
    # dates
    (("11:B:1 => 21:B:1",), {"SNIP4-ADMISSION-DATE"}),
    (("11:B:1 => 21:B:1", "+CLM => DTP*435*D8*20260801"), set()),
    (("UN*1***1:2 => UN*1*51**1:2",), {"SNIP4-ADMISSION-DATE"}),
    (("+CLM => DTP*435*D8*20260801|DTP*096*D8*20260731",), {"SNIP4-DISCHARGE-BEFORE-ADMISSION"}),
    (("+CLM => DTP*435*D8*20260801|DTP*096*D8*20260801",), set()),
    (("+CLM => DTP*431*D8*20260803",), {"SNIP4-DATE-ORDER"}),
    (("+CLM => DTP*431*D8*20260802",), set()),
    (("+CLM => DTP*297*D8*20260802|DTP*296*D8*20260701",), {"SNIP4-DATE-ORDER"}),
    (("20260802 => 20260804",), {"SNIP4-SERVICE-AFTER-FILE"}),
    # lines
    (("LX*2 => LX*3",), {"SNIP2-LX-SEQUENCE"}),
    (("99213*100*UN*1 => 99213*100*UN*0",), {"SNIP4-QUANTITY"}),
    (("99213*100*UN*1 => 99213*100*UN*-1",), {"SNIP4-QUANTITY"}),
    (("99213*100*UN*1 => 99213*100*UN*0.5",), set()),
    (AMBULANCE, set()),
    (AMBULANCE[:1], {"SNIP4-AMBULANCE-TRANSPORT", "SNIP4-AMBULANCE-CONDITION", "SNIP4-AMBULANCE-ADDRESS"}),
    (AMBULANCE[:2] + AMBULANCE[3:], {"SNIP4-AMBULANCE-CONDITION"}),
    (AMBULANCE[:3], {"SNIP4-AMBULANCE-ADDRESS"}),
    (("HC:99213*100*UN*1 => HC:00170*100*UN*1",), {"SNIP4-ANESTHESIA-MINUTES"}),
    (("HC:99213*100*UN*1 => HC:00170*100*MJ*45",), set()),
    (("HC:99213*100*UN*1 => HC:01996*100*UN*1",), set()),
    (("99213*100*UN*1 => 99213*100*MJ*15",), {"SNIP4-MINUTES-UNEXPECTED"}),
    (("+CLM => REF*X4*12C1234567",), {"SNIP4-CLIA-FORMAT"}),
    (("+SV1*HC:99213 => REF*X4*1D12345678",), {"SNIP4-CLIA-FORMAT"}),
    (("+CLM => REF*X4*12D1234567",), set()),
    (("HC:99213 => HC:77067",), {"SNIP4-MAMMOGRAPHY"}),
    (("HC:99213 => HC:77067", "+CLM => REF*EW*123456"), set()),
    (("HC:99213 => HC:J3490",), {"SNIP4-DESCRIPTION-MISSING"}),
    (("HC:99213 => HC:64999",), {"SNIP4-DESCRIPTION-MISSING"}),
    (("HC:99213 => HC:64999:::::NERVE PROCEDURE",), set()),
    (("+SV1*HC:99213 => PS1*77*40",), {"SNIP4-PURCHASED-SERVICE"}),
    (("+DTP*472*D8*20260801 => LIN**N4*12345678901|CTP****0*UN",), {"SNIP4-QUANTITY"}),
    (("+DTP*472*D8*20260801 => LIN**N4*12345678901|CTP****2*UN",), set()),
    # payers
    (("SBR*P*18 => SBR*S*18",), {"SNIP4-PAYER-SEQUENCE-MISSING"}),
]  # fmt: skip
SECONDARY = [
    (("SBR*S*18*GRP01******CI => SBR*S*18*GRP01******MB",), {"SNIP4-MEDICARE-SECONDARY-TYPE"}),
    (("SBR*S*18*GRP01******CI => SBR*S*18*GRP01**12****MB",), set()),
    (("SBR*S*18 => SBR*P*18",), {"SNIP4-PAYER-SEQUENCE"}),
    (("SVD*PAYER01 => SVD*PAYER03",), {"SNIP4-LINE-PAYER"}),
    (("-AMT*D",), {"SNIP4-PAYER-PAID-MISSING"}),
    (("-AMT*D", "-SVD", "-CAS", "-CAS", "-DTP*573"), set()),
    (("-DTP*573",), {"SNIP4-ADJUDICATION-DATE"}),
    (("-DTP*573", "+NM1*PR*2*FIRST PAYER*****PI*PAYER01 => DTP*573*D8*20260802"), set()),
    (("+NM1*PR*2*FIRST PAYER*****PI*PAYER01 => DTP*573*D8*20260802",), {"SNIP4-ADJUDICATION-DATE-TWICE"}),
    (("CAS*PR*2*24 => CAS*CO*45*24",), {"SNIP4-ADJUSTMENT-REPEATED"}),
    (("**253*1 => **45*1",), {"SNIP4-ADJUSTMENT-REPEATED"}),
    (("CAS*PR*2*24 => CAS*PR*2*0",), {"SNIP4-ADJUSTMENT-ZERO"}),
    (("**253*1 => *****253*1",), {"SNIP4-ADJUSTMENT-GAP"}),
    (("CAS*PR*2*24 => CAS*PR*2*20**3*4",), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    PROFESSIONAL,
    ids=lambda value: " & ".join(value if isinstance(value, tuple) else sorted(value)) or "nothing",
)
def test_professional(changes: tuple[str, ...], expected: set[str]) -> None:
    assert {fault.id for fault in situations(changed("837P", *changes))} == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    SECONDARY,
    ids=lambda value: " & ".join(value if isinstance(value, tuple) else sorted(value)) or "nothing",
)
def test_other_payers(changes: tuple[str, ...], expected: set[str]) -> None:
    assert {fault.id for fault in situations(changed("837P secondary", *changes))} == expected


def test_places_and_words() -> None:
    (fault,) = situations(changed("837P", "UN*1***1:2 => UN*1***1:3"))
    row = SITUATIONS[fault.id]
    assert (fault.segment_id, fault.element, fault.component, fault.value) == ("SV1", 7, 2, "3")
    assert (fault.snip, fault.severity, fault.fix, fault.message) == (4, row.severity, row.fix, row.says)
    assert fault.control_number == "CLAIM-1" and fault.loop == "2400"
