"""Levels 3, 4 and 5 by hand: sound transactions with one planted mistake each, and where it must be told.

A row: name, transaction of `tests.lib.x12_rules.SOUND`, its changes (see `changed`), the fault, how the line begins at
which it must be told ("+" behind it: what is missing belongs behind that line), the element, and what comes along.
"""

# fmt: off
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.lib.x12_rules import changed
from tests.mutations.files import Mutant

P, S, I, O, D, R, A = (  # noqa: E741
    "837P", "837P secondary", "837I inpatient", "837I outpatient", "837D", "835", "277CA",
)
PATIENT = (
    "22*0 => 22*1",
    "SBR*P*18* => SBR*P**",
    "+NM1*PR*2*FIRST => HL*3*2*23*0|PAT*19|NM1*QC*1*ABLE*TIM|N3*5 OAK STREET|N4*SPRINGFIELD*IL*62701|DMG*D8*20120203*M",
)
AMBULANCE = (
    "SV1*HC:99213*100 => SV1*HC:A0429*100",
    "+REF*G1 => CR1*LB*140**A*DH*12",
    "+CR1*LB => CRC*07*Y*01",
    "+N4*SPRINGFIELD*IL*627014321 => NM1*PW*2|N3*1 A ROAD|N4*SPRINGFIELD*IL*62701|NM1*45*2|N3*2 B ROAD|N4*SPRINGFIELD*IL*62701",
)


@dataclass(frozen=True)
class Planted:
    name: str
    base: str
    changes: tuple[str, ...]
    id: str
    at: str
    element: int = 0
    also: dict[str, str] = field(default_factory=dict)


def row(
    name: str, base: str, changes: tuple[str, ...] | str, fault_id: str, at: str, element: int = 0, *also: str
) -> Planted:
    """`also` are further ids, each with its reason behind a colon."""
    listed = (changes,) if isinstance(changes, str) else changes
    return Planted(name, base, listed, fault_id, at, element, dict(one.split(": ", 1) for one in also))


SITUATIONAL: tuple[Planted, ...] = (
    # --- levels, subscriber, patient
    row("level-without-its-child", P, "22*0 => 22*1", "SNIP4-HL-CHILD", "HL*2*", 4),
    row("level-with-a-child-denied", P, "20*1 => 20*0", "SNIP4-HL-CHILD", "HL*1*", 4, "SNIP2-CODE: this guide's first level always has a child"),
    row("subscriber-is-patient-without-street", P, "-N3*5 OAK", "SNIP4-SUBSCRIBER-DEMOGRAPHICS", "NM1*IL+"),
    row("subscriber-is-patient-without-birth-date", P, "-DMG", "SNIP4-SUBSCRIBER-DEMOGRAPHICS", "NM1*IL+"),
    row("subscriber-not-patient-without-patient", P, "SBR*P*18* => SBR*P**", "SNIP4-PATIENT-LEVEL", "SBR*", 2),
    row("patient-level-below-a-patient", P, (*PATIENT, "SBR*P** => SBR*P*18*"), "SNIP4-PATIENT-LEVEL", "SBR*", 2),
    row("born-after-the-file", P, "DMG*D8*19700102 => DMG*D8*20260804", "SNIP4-BIRTH-AFTER-FILE", "DMG", 2,
        "SNIP4-SERVICE-BEFORE-BIRTH: the service is before such a birth too"),
    row("service-before-birth", P, "DMG*D8*19700102 => DMG*D8*20260802", "SNIP4-SERVICE-BEFORE-BIRTH", "DTP*472*D8*20260801", 3),
    row("service-before-birth-of-the-patient", P, (*PATIENT, "DMG*D8*20120203 => DMG*D8*20260802"),
        "SNIP4-SERVICE-BEFORE-BIRTH", "DTP*472*D8*20260801", 3),
    row("service-after-death", P, "+SBR => PAT*****D8*20260731", "SNIP4-SERVICE-AFTER-DEATH", "DTP*472*D8*20260801", 3),
    row("death-before-birth", P, "+SBR => PAT*****D8*19690731", "SNIP4-DEATH-BEFORE-BIRTH", "PAT", 6,
        "SNIP4-SERVICE-AFTER-DEATH: the services are after such a death too"),
    row("pregnant-man", P, ("+SBR => PAT*********Y", "19700102*F => 19700102*M"), "SNIP4-PATIENT-PREGNANT", "PAT", 9),
    row("medicare-second-without-type", S, "SBR*S*18*GRP01******CI => SBR*S*18*GRP01******MB", "SNIP4-MEDICARE-SECONDARY-TYPE", "SBR*S", 5),
    row("medicare-first-with-type", P, "SBR*P*18*GRP01******CI => SBR*P*18*GRP01**12****MB", "SNIP4-MEDICARE-SECONDARY-UNEXPECTED", "SBR*P", 5),
    # --- providers
    row("billing-provider-without-number", P, "****XX*1234567893 => ", "SNIP4-BILLING-NPI", "NM1*85", 9,
        "SNIP1-TRAILING-SEPARATOR: what is left of the element"),
    row("tax-number-with-dash", P, "REF*EI*123456789 => REF*EI*12-3456789", "SNIP4-TAX-ID", "REF*EI", 2),
    row("tax-number-twice", P, "+REF*EI => REF*SY*123456789", "SNIP4-TAX-ID-TWICE", "REF*SY", 0, "SNIP2-SEGMENT-TOO-MANY: the same"),
    row("billing-zip-of-five", P, "627011234 => 62701", "SNIP4-BILLING-ZIP", "N4*SPRINGFIELD", 3),
    row("billing-zip-filled-with-zeros", P, "627011234 => 627010000", "SNIP4-ZIP-FILLER", "N4*SPRINGFIELD", 3),
    row("billing-address-is-a-box", P, "N3*12 HILL ROAD => N3*PO BOX 12", "SNIP4-BILLING-STREET", "N3*PO BOX"),
    row("facility-zip-of-five", P, "627014321 => 62701", "SNIP4-FACILITY-ZIP", "N4*SPRINGFIELD*IL*62701~3", 3),
    row("pay-to-same-address", P, "+REF*EI => NM1*87*2|N3*12 HILL ROAD|N4*SPRINGFIELD*IL*627011234", "SNIP4-PAY-TO-SAME", "NM1*87"),
    row("facility-is-billing-provider", P,
        ("1245319599 => 1234567893", "N3*9 SIDE STREET => N3*12 HILL ROAD", "627014321 => 627011234"), "SNIP4-FACILITY-SAME", "NM1*77"),
    row("rendering-is-billing-provider", P, "BEN****XX*1999999984 => BEN****XX*1234567893", "SNIP4-RENDERING-SAME", "NM1*82", 9),
    row("single-referral-as-primary-care", P, "+HI*ABK => NM1*P3*1*FAMILY*DOC****XX*1245319599", "SNIP4-PRIMARY-CARE-ALONE", "NM1*P3", 1),
    # --- the claim
    row("claim-number-of-24", P, "CLAIM-1 => CLAIM-123456789012345678", "SNIP4-CLAIM-NUMBER-LENGTH", "CLM*", 1),
    row("claim-charge-negative", P, ("CLAIM-1*150 => CLAIM-1*-150",), "SNIP4-CHARGE-NEGATIVE", "CLM*", 2,
        "SNIP3-CLAIM-CHARGE: the lines are positive"),
    row("line-charge-negative", P, ("99213*100 => 99213*-100",), "SNIP4-CHARGE-NEGATIVE", "SV1*HC:99213", 2,
        "SNIP3-CLAIM-CHARGE: the claim is not"),
    row("replacement-without-earlier-claim", P, "11:B:1 => 11:B:7", "SNIP4-REPLACEMENT-REFERENCE", "CLM*", 5),
    row("void-without-earlier-claim", P, "11:B:1 => 11:B:8", "SNIP4-REPLACEMENT-REFERENCE", "CLM*", 5),
    row("original-with-earlier-claim", P, "+CLM => REF*F8*PAYERCLAIM", "SNIP4-REPLACEMENT-UNEXPECTED", "REF*F8", 1),
    row("authorization-is-a-placeholder", P, "AUTH77 => N/A", "SNIP4-REFERENCE-PLACEHOLDER", "REF*G1", 2),
    row("attachment-without-number", P, "+CLM => PWK*OZ*BM", "SNIP4-ATTACHMENT-CONTROL", "PWK", 6),
    row("attachment-of-a-line-without-number", P, "+SV1*HC:99213 => PWK*OZ*FX", "SNIP4-ATTACHMENT-CONTROL", "PWK", 6),
    row("workers-compensation-without-cause", P, "*CI => *WC", "SNIP4-LIABILITY-CAUSE", "CLM*", 11),
    row("accident-without-date", P, "A*Y*Y => A*Y*Y**OA", "SNIP4-ACCIDENT-DATE", "CLM*", 11),
    row("automobile-accident-without-state", P, ("A*Y*Y => A*Y*Y**AA", "+CLM => DTP*439*D8*20260730"), "SNIP4-ACCIDENT-STATE", "CLM*", 11),
    row("one-cause-twice", P, "A*Y*Y => A*Y*Y**EM:EM", "SNIP4-ACCIDENT-REPEATED", "CLM*", 11),
    row("accident-date-without-cause", P, "+CLM => DTP*439*D8*20260730", "SNIP4-ACCIDENT-CAUSE", "DTP*439", 1),
    row("epsdt-refused-with-condition", P, "+REF*G1 => CRC*ZZ*N*AV", "SNIP4-EPSDT-CONDITION", "CRC", 3),
    row("claim-number-twice", P, (
        "+DTP*472*D8*20260802 => CLM*CLAIM-1*20***11:B:1*Y*A*Y*Y|HI*ABK:J069|LX*1|SV1*HC:99213*20*UN*1***1|DTP*472*D8*20260801",
    ), "SNIP4-CLAIM-DUPLICATE", "CLM*CLAIM-1*20*", 1),
    # --- diagnoses
    row("pointer-to-absent-diagnosis", P, "UN*1***1:2 => UN*1***1:3", "SNIP4-DIAGNOSIS-POINTER", "SV1*HC:99213", 7),
    row("pointer-zero", P, "UN*1***1:2 => UN*1***0", "SNIP4-DIAGNOSIS-POINTER", "SV1*HC:99213", 7, "SNIP2-CODE: pointers are 1 to 12"),
    row("pointer-thirteen", P, "UN*1***1:2 => UN*1***13", "SNIP4-DIAGNOSIS-POINTER", "SV1*HC:99213", 7, "SNIP2-CODE: pointers are 1 to 12"),
    row("pointer-a-letter", P, "UN*1***1:2 => UN*1***A", "SNIP4-DIAGNOSIS-POINTER", "SV1*HC:99213", 7, "SNIP2-CODE: pointers are 1 to 12"),
    row("pointer-twice", P, "UN*1***1:2 => UN*1***1:1", "SNIP4-DIAGNOSIS-POINTER-REPEATED", "SV1*HC:99213", 7),
    row("pointer-behind-a-gap", P, "UN*1***1:2 => UN*1***1::2", "SNIP4-DIAGNOSIS-POINTER-GAP", "SV1*HC:99213", 7),
    row("diagnosis-twice", P, "ABF:R051 => ABF:J069", "SNIP4-DIAGNOSIS-DUPLICATE", "HI*", 2),
    row("two-principal-diagnoses", P, "ABF:R051 => ABK:R051", "SNIP4-DIAGNOSIS-PRINCIPAL", "HI*", 2,
        "SNIP2-CODE: the guide allows ABK in the first place alone"),
    row("icd-9-beside-icd-10", P, "ABF:R051 => BF:7862", "SNIP4-DIAGNOSIS-VERSION", "HI*", 2),
    row("icd-9-today", P, "ABK:J069*ABF:R051 => BK:4659*BF:7862", "SNIP4-DIAGNOSIS-DATE", "HI*", 1),
    row("icd-10-before-its-day", P, ("20260801 => 20150901", "20260802 => 20150901"), "SNIP4-DIAGNOSIS-DATE", "HI*", 1,
        "SNIP5-HCPCS-NOT-EFFECTIVE: the code is younger", "SNIP5-ICD10CM-NOT-EFFECTIVE: the code is younger",
        "SNIP5-POS-NOT-EFFECTIVE: the place is younger"),
    # --- dates
    row("inpatient-without-admission", P, "11:B:1 => 21:B:1", "SNIP4-ADMISSION-DATE", "CLM*+"),
    row("discharge-before-admission", P, "+CLM => DTP*435*D8*20260801|DTP*096*TM*1100|DTP*096*D8*20260731", "SNIP4-DISCHARGE-BEFORE-ADMISSION", "DTP*096*D8", 3,
        "SNIP2-SEGMENT-TOO-MANY: DTP*096 is doubled to carry it", "SNIP2-CODE: DTP*096 is a date in this guide"),
    row("onset-after-service", P, "+CLM => DTP*431*D8*20260803", "SNIP4-DATE-ORDER", "DTP*431", 3),
    row("back-to-work-before-it-ended", P, "+CLM => DTP*297*D8*20260802|DTP*296*D8*20260701", "SNIP4-DATE-ORDER", "DTP*297", 3),
    row("service-after-the-file", P, "20260802 => 20260804", "SNIP4-SERVICE-AFTER-FILE", "DTP*472*D8*20260804", 3),
    # --- lines
    row("line-numbers-with-a-gap", P, "LX*2 => LX*3", "SNIP2-LX-SEQUENCE", "LX*3", 1),
    row("quantity-zero", P, "99213*100*UN*1 => 99213*100*UN*0", "SNIP4-QUANTITY", "SV1*HC:99213", 4),
    row("quantity-negative", P, "99213*100*UN*1 => 99213*100*UN*-1", "SNIP4-QUANTITY", "SV1*HC:99213", 4),
    row("ambulance-without-transport", P, AMBULANCE[:1], "SNIP4-AMBULANCE-TRANSPORT", "SV1*HC:A0429", 1,
        "SNIP4-AMBULANCE-CONDITION: of the same line", "SNIP4-AMBULANCE-ADDRESS: of the same line"),
    row("ambulance-without-condition", P, AMBULANCE[:2] + AMBULANCE[3:], "SNIP4-AMBULANCE-CONDITION", "SV1*HC:A0429"),
    row("ambulance-without-addresses", P, AMBULANCE[:3], "SNIP4-AMBULANCE-ADDRESS", "SV1*HC:A0429"),
    row("anesthesia-in-units", P, "HC:99213*100*UN*1 => HC:00170*100*UN*1", "SNIP4-ANESTHESIA-MINUTES", "SV1*HC:00170", 3),
    row("visit-in-minutes", P, "99213*100*UN*1 => 99213*100*MJ*15", "SNIP4-MINUTES-UNEXPECTED", "SV1*HC:99213", 3),
    row("laboratory-number-misshaped", P, "+CLM => REF*X4*12C1234567", "SNIP4-CLIA-FORMAT", "REF*X4", 2),
    row("mammography-without-certificate", P, "HC:99213 => HC:77067", "SNIP4-MAMMOGRAPHY", "SV1*HC:77067"),
    row("unlisted-drug-without-words", P, "HC:99213 => HC:J3490", "SNIP4-DESCRIPTION-MISSING", "SV1*HC:J3490", 1),
    row("purchased-service-of-nobody", P, "+SV1*HC:99213 => PS1*77*40", "SNIP4-PURCHASED-SERVICE", "PS1", 0,
        "SNIP2-SEGMENT-MISPLACED: the date stands before PS1"),
    row("drug-quantity-zero", P, "+DTP*472*D8*20260801 => LIN**N4*12345678901|CTP****0*UN", "SNIP4-QUANTITY", "CTP", 4),
    # --- payers
    row("second-payer-alone", P, "SBR*P*18 => SBR*S*18", "SNIP4-PAYER-SEQUENCE-MISSING", "CLM*"),
    row("two-first-payers", S, "SBR*S*18 => SBR*P*18", "SNIP4-PAYER-SEQUENCE", "SBR*P*18*GRP00", 1),
    row("line-judged-by-a-stranger", S, "SVD*PAYER01 => SVD*PAYER03", "SNIP4-LINE-PAYER", "SVD*PAYER03", 1,
        "SNIP3-PAYER-PAID: its adjustments are nobody's"),
    row("what-the-payer-paid-left-out", S, "-AMT*D", "SNIP4-PAYER-PAID-MISSING", "SBR*P*18*GRP00"),
    row("date-of-judgement-left-out", S, "-DTP*573", "SNIP4-ADJUDICATION-DATE", "NM1*PR*2*FIRST PAYER*****PI*PAYER01", 0,
        "SNIP2-SEGMENT-MISSING: a line's judgement is dated"),
    row("date-of-judgement-twice", S, "+NM1*PR*2*FIRST PAYER*****PI*PAYER01 => DTP*573*D8*20260802", "SNIP4-ADJUDICATION-DATE-TWICE", "DTP*573"),
    row("reason-twice", S, "CAS*PR*2*24 => CAS*CO*45*24", "SNIP4-ADJUSTMENT-REPEATED", "CAS*CO*45*24", 2),
    row("adjustment-of-zero", S, "CAS*PR*2*24 => CAS*PR*2*24**3*0", "SNIP4-ADJUSTMENT-ZERO", "CAS*PR", 6),
    row("adjustment-behind-a-gap", S, "**253*1 => *****253*1", "SNIP4-ADJUSTMENT-GAP", "CAS*CO"),
    # --- institutional
    row("stay-without-admission", I, "-DTP*435", "SNIP4-ADMISSION-DATE", "CLM*+"),
    row("admission-after-statement", I, "DTP*435*DT*202607011430 => DTP*435*DT*202607061430", "SNIP4-ADMISSION-AFTER-STATEMENT", "DTP*435", 3),
    row("stay-without-admitting-diagnosis", I, "-HI*ABJ", "SNIP4-ADMITTING-DIAGNOSIS", "CLM*+"),
    row("stay-with-visit-reason", I, "+HI*ABJ => HI*APR:R0602", "SNIP4-VISIT-REASON-UNEXPECTED", "HI*APR"),
    row("stay-without-discharge-hour", I, "-DTP*096", "SNIP4-DISCHARGE-HOUR", "CLM*+"),
    row("still-a-patient-and-over", I, "CL1*1*7*01 => CL1*1*7*30", "SNIP4-PATIENT-STATUS", "CL1", 3),
    row("claim-without-attending", I, "-NM1*71", "SNIP4-ATTENDING", "CLM*+"),
    row("surgery-without-surgeon", I, "-NM1*72", "SNIP4-OPERATING", "HI*BBR"),
    row("procedure-after-statement", I, "BBR:0BJ08ZZ:D8:20260702 => BBR:0BJ08ZZ:D8:20260706", "SNIP4-PROCEDURE-DATE", "HI*BBR", 1),
    row("other-procedure-alone", I, "-HI*BBR", "SNIP4-OTHER-PROCEDURE", "HI*BBQ", 1),
    row("occurrence-date-impossible", I, "BH:11:D8:20260630 => BH:11:D8:20260631", "SNIP4-OCCURRENCE-DATE", "HI*BH", 1,
        "SNIP1-DATE: no such day"),
    row("span-reversed", I, "RD8:20260101-20260105 => RD8:20260105-20260101", "SNIP4-OCCURRENCE-DATE", "HI*BI", 1,
        "SNIP1-DATE: no such range"),
    row("condition-twice", I, "HI*BG:01 => HI*BG:01*BG:01", "SNIP4-CODE-REPEATED", "HI*BG", 2),
    row("value-code-twice", I, "HI*BE:80:::4 => HI*BE:80:::4*BE:80:::5", "SNIP4-CODE-REPEATED", "HI*BE", 2),
    row("noncovered-over-charge", I, "1000*UN*1**0 => 1000*UN*1**1000.01", "SNIP4-NONCOVERED", "SV2*0450", 7),
    row("total-as-a-line", I, "SV2*0450 => SV2*0001", "SNIP4-REVENUE-TOTAL", "SV2*0001", 1),
    row("room-in-units", I, "2000*DA*4 => 2000*UN*4", "SNIP4-ACCOMMODATION-DAYS", "SV2*0120", 4),
    row("room-of-no-days", I, "2000*DA*4 => 2000*DA*0", "SNIP4-QUANTITY-ZERO", "SV2*0120", 5),
    row("visit-without-reason", O, "-HI*APR", "SNIP4-VISIT-REASON", "CLM*+"),
    row("visit-with-admitting-diagnosis", O, "+HI*ABK => HI*ABJ:R0602", "SNIP4-ADMITTING-UNEXPECTED", "HI*ABJ"),
    row("visit-with-icd-procedure", O, "+HI*APR => HI*BBR:3E0F3GC:D8:20260701", "SNIP4-PROCEDURE-UNEXPECTED", "HI*BBR", 1),
    row("visit-with-drg", O, "+HI*APR => HI*DR:470", "SNIP4-DRG-UNEXPECTED", "HI*DR", 1),
    row("visit-with-present-on-admission", O, "ABK:J189 => ABK:J189:::::::Y", "SNIP4-POA-UNEXPECTED", "HI*ABK", 1),
    row("line-without-date", O, "-DTP*472", "SNIP4-LINE-DATE", "SV2*0450"),
    row("line-date-outside-statement", O, "DTP*472*D8*20260701 => DTP*472*D8*20260630", "SNIP4-LINE-DATE-OUTSIDE", "DTP*472*D8*20260630", 3),
    # --- dental
    row("dental-without-date", D, "-DTP*472", "SNIP4-DENTAL-DATE", "SV3*AD:D2392"),
    row("predetermination-with-date", D, "A*Y*Y => A*Y*Y**********PB", "SNIP4-PREDETERMINATION-DATE", "DTP*472", 1),
    row("replacement-without-prior-placement", D, "-DTP*441", "SNIP4-PRIOR-PLACEMENT", "SV3*AD:D5110", 5),
    row("orthodontics-without-months", D, ("AD:D2392 => AD:D8080", "-DN1"), "SNIP4-ORTHODONTICS", "SV3*AD:D8080", 1),
    row("more-months-remain-than-planned", D, "DN1*24*12 => DN1*24*25", "SNIP4-ORTHODONTIC-MONTHS", "DN1", 2),
    row("tooth-status-twice", D, "+DN2 => DN2*2*E", "SNIP4-TOOTH-REPEATED", "DN2*2*E", 1),
    row("tooth-twice", D, "+TOO => TOO*JP*14", "SNIP4-TOOTH-REPEATED", "TOO*JP*14~2", 2),
    row("surface-twice", D, "M:O => M:M", "SNIP4-SURFACE-REPEATED", "TOO", 3),
    row("incisal-back-tooth", D, "M:O => M:I", "SNIP4-SURFACE", "TOO", 3),
    row("dental-pointer-to-absent-diagnosis", D, "*****1 => *****2", "SNIP4-DIAGNOSIS-POINTER", "SV3*AD:D2392", 11),
    row("dental-line-without-diagnosis", D, "*****1 => ", "SNIP4-DIAGNOSIS-POINTER-MISSING", "SV3*AD:D2392"),
    # --- remittance
    row("payer-identifier-differs", R, "TRN*1*CHECK01*1512345678 => TRN*1*CHECK01*1512345679", "SNIP4-PAYER-IDENTIFIER", "TRN", 3),
    row("payment-twice", R, (
        "+LQ => CLP*CLAIM-1*1*150*100*20*12*PAYERCLAIM1*11*1|CAS*CO*45*30|CAS*PR*2*20|NM1*QC*1*ABLE*ANNA****MI*MEMBER01|DTM*232*20260801",
        "BPR*I*180 => BPR*I*280",
    ), "SNIP4-PAYMENT-DUPLICATE", "CLP*CLAIM-1*1*150*100*20*12*PAYERCLAIM1*11*1~2", 1),
    row("correction-of-nothing", R, "+NM1*QC*1*ABLE => NM1*74*1", "SNIP4-CORRECTED-NAME-EMPTY", "NM1*74"),
    row("reversal-with-the-sign-of-payment", R, "CLAIM-1*1*150*100*20 => CLAIM-1*22*150*100*", "SNIP4-REVERSAL-SIGN", "CLP*CLAIM-1", 3),
    row("reversal-that-asks-the-patient", R, "CLAIM-1*1*150*100*20 => CLAIM-1*22*-150*-100*20", "SNIP4-REVERSAL-RESPONSIBILITY", "CLP*CLAIM-1", 5,
        "SNIP3-CLAIM-BALANCE: the adjustments are not turned", "SNIP3-CLAIM-LINES: the lines are not turned",
        "SNIP3-PAYMENT-BALANCE: the payment is not turned"),
    row("forwarded-to-nobody", R, "-NM1*TT", "SNIP4-CROSSOVER-CARRIER", "CLP*CLAIM-2+"),
    row("carrier-of-a-claim-not-forwarded", R, "CLAIM-2*19 => CLAIM-2*1", "SNIP4-CROSSOVER-UNEXPECTED", "NM1*TT"),
    row("denied-and-paid", R, "CLAIM-1*1* => CLAIM-1*4*", "SNIP4-DENIED-PAID", "CLP*CLAIM-1", 4),
    row("predetermined-and-paid", R, "CLAIM-1*1* => CLAIM-1*25*", "SNIP4-PREDETERMINATION-PAID", "CLP*CLAIM-1", 4),
    row("patient-responsibility-off", R, "*150*100*20* => *150*100*21*", "SNIP4-PATIENT-RESPONSIBILITY", "CLP*CLAIM-1", 5),
    row("units-sent-twice", R, "99213*100*60**1 => 99213*100*60**1**1", "SNIP4-UNITS-UNCHANGED", "SVC*HC:99213", 7),
    row("period-without-end", R, "-DTM*151", "SNIP4-SERVICE-DATE-PAIR", "DTM*150"),
    row("period-reversed", R, "DTM*151*20260802 => DTM*151*20260731", "SNIP4-SERVICE-DATE-PAIR", "DTM*150", 1),
    row("line-and-claim-without-date", R, "-DTM*472", "SNIP4-SERVICE-DATE-MISSING", "SVC*HC:99213+"),
    row("statement-end-without-start", R, "-DTM*232", "SNIP4-STATEMENT-DATE-PAIR", "DTM*233", 0,
        "SNIP4-SERVICE-DATE-MISSING: the claim has no lines"),
    row("received-before-service", R, "DTM*050*20260803 => DTM*050*20260731", "SNIP4-DATE-ORDER", "DTM*050", 2),
    row("paid-before-service", R, "DTM*472*20260801 => DTM*472*20260806", "SNIP4-SERVICE-AFTER-FILE", "DTM*472*20260806", 2),
    row("inpatient-and-outpatient", R, "+NM1*QC*1*ABLE => MIA*0", "SNIP4-INPATIENT-AND-OUTPATIENT", "MOA"),
    row("payment-adjustment-of-zero", R, "+CAS*PR => CAS*OA*23*0.00", "SNIP4-ADJUSTMENT-ZERO", "CAS*OA", 3),
    row("ach-without-format", R, "ACH*CCP => ACH*", "SNIP4-PAYMENT-FORMAT", "BPR", 5),
    row("ach-without-account", R, "*DA*222* => *DA**", "SNIP4-PAYMENT-ACCOUNT", "BPR", 15, "SNIP1-SYNTAX: BPR14 needs BPR15"),
    row("notice-with-money-moved", R, "BPR*I => BPR*H", "SNIP4-PAYMENT-METHOD", "BPR", 4, "SNIP3-PAYMENT-NONE: the same"),
    row("routing-number-off", R, "021000021 => 021000022", "SNIP4-ROUTING-NUMBER", "BPR", 7),
    row("withholding-without-reference", R, "WO:OLD1 => WO", "SNIP4-PROVIDER-ADJUSTMENT-REFERENCE", "PLB", 3),
    row("provider-adjustment-of-zero", R, ("L6*-10 => L6*-10*CS:A*0",), "SNIP4-PROVIDER-ADJUSTMENT-ZERO", "PLB", 8),
    row("provider-adjustment-twice", R, ("L6*-10 => WO:OLD1*10", "BPR*I*180 => BPR*I*160"), "SNIP4-PROVIDER-ADJUSTMENT-REPEATED", "PLB", 5),
    row("provider-adjustment-behind-a-gap", R, "L6*-10 => **L6*-10", "SNIP4-PROVIDER-ADJUSTMENT-GAP", "PLB"),
    row("payee-without-tax-number", R, "-REF*TJ", "SNIP4-PAYEE-TAX-ID", "N1*PE"),
    row("acknowledged-level-denied", A, "HL*3*2*19*1 => HL*3*2*19*0", "SNIP4-HL-CHILD", "HL*3", 4, "SNIP2-CODE: a provider level has a child"),
)

BALANCES: tuple[Planted, ...] = (
    row("payment-negative", R, ("BPR*I*180 => BPR*I*-180",), "SNIP3-PAYMENT-NEGATIVE", "BPR", 2, "SNIP3-PAYMENT-BALANCE: the same amount"),
    row("notice-with-money", R, "BPR*I*180*C*ACH*CCP => BPR*H*180*C*NON*", "SNIP3-PAYMENT-NONE", "BPR", 2,
        "SNIP4-PAYMENT-METHOD: the same", "SNIP4-PAYMENT-ACCOUNT: accounts are not for it"),
)

WORDS: tuple[Planted, ...] = (
    row("npi-check-digit", P, "1234567893 => 1234567894", "SNIP5-NPI-UNKNOWN", "NM1*85", 9),
    row("npi-of-eight-digits", P, "BEN****XX*1999999984 => BEN****XX*19999999", "SNIP5-NPI-UNKNOWN", "NM1*82", 9),
    row("npi-with-letter", P, "BEN****XX*1999999984 => BEN****XX*19999A9984", "SNIP5-NPI-UNKNOWN", "NM1*82", 9),
    row("npi-of-the-facility", P, "1245319599 => 1245319590", "SNIP5-NPI-UNKNOWN", "NM1*77", 9),
    row("diagnosis-with-point", P, "ABK:J069 => ABK:J06.9", "SNIP5-ICD10CM-FORMAT", "HI*", 1),
    row("diagnosis-unknown", P, "ABK:J069 => ABK:J0699", "SNIP5-ICD10CM-UNKNOWN", "HI*", 1),
    row("diagnosis-a-category", P, "ABF:R051 => ABF:R05", "SNIP5-ICD10CM-NOT-BILLABLE", "HI*", 2),
    row("diagnosis-in-lower-case", P, "ABK:J069 => ABK:j069", "SNIP5-ICD10CM-FORMAT", "HI*", 1),
    row("procedure-of-four-digits", P, "HC:99213 => HC:9921", "SNIP5-HCPCS-FORMAT", "SV1*", 1),
    row("procedure-unknown", P, "HC:99213 => HC:A0000", "SNIP5-HCPCS-UNKNOWN", "SV1*", 1),
    row("modifier-of-one-letter", P, "HC:99213 => HC:99213:2", "SNIP5-MODIFIER-FORMAT", "SV1*", 1, "SNIP1-ELEMENT-SHORT: modifiers have two"),
    row("modifier-of-marks", P, "HC:99213 => HC:99213:25:??", "SNIP5-MODIFIER-FORMAT", "SV1*", 1),
    row("state-unknown", P, "N4*SPRINGFIELD*IL*627011234 => N4*SPRINGFIELD*XX*627011234", "SNIP5-STATE-UNKNOWN", "N4*", 2),
    row("state-of-the-subscriber", P, "N4*SPRINGFIELD*IL*62701 => N4*SPRINGFIELD*ZZ*62701", "SNIP5-STATE-UNKNOWN", "N4*SPRINGFIELD*ZZ", 2),
    row("taxonomy-unknown", P, "207Q00000X => 207Q000000", "SNIP5-TAXONOMY-UNKNOWN", "PRV*", 3),
    row("zip-with-dash", P, "IL*627011234 => IL*62701-1234", "SNIP5-POSTAL-CODE-FORMAT", "N4*SPRINGFIELD*IL*62701-1234", 3,
        "SNIP4-BILLING-ZIP: of the billing provider"),
    row("country-unknown", P, "IL*627011234 => *627011234*QQ", "SNIP5-COUNTRY-UNKNOWN", "N4*SPRINGFIELD**", 4),
    row("place-of-service-unknown", P, "11:B:1 => 98:B:1", "SNIP5-POS-UNKNOWN", "CLM*", 5),
    row("place-of-service-of-a-line-unknown", P, "UN*1***1:2 => UN*1*98**1:2", "SNIP5-POS-UNKNOWN", "SV1*HC:99213", 5),
    row("accident-state-unknown", P, ("A*Y*Y => A*Y*Y**AA:::QQ", "+CLM => DTP*439*D8*20260730"), "SNIP5-STATE-UNKNOWN", "CLM*", 11),
    row("drug-code-with-dashes", P, "+DTP*472*D8*20260801 => LIN**N4*1234-5678-90|CTP****1*UN", "SNIP5-NDC-FORMAT", "LIN", 3),
    row("adjustment-reason-unknown", S, "CAS*CO*45*45**253*1 => CAS*CO*45*45**999*1", "SNIP5-CARC-UNKNOWN", "CAS*CO", 5),
    row("judged-procedure-misshaped", S, "SVD*PAYER01*80*HC:99213 => SVD*PAYER01*80*HC:9921X3", "SNIP5-HCPCS-FORMAT", "SVD", 3),
    row("bill-type-misshaped", I, "11:A:1 => XX:A:1", "SNIP5-TYPE-OF-BILL-FORMAT", "CLM*", 5,
        "SNIP4-*: the kind of bill is no longer known"),
    row("admitting-diagnosis-a-category", I, "ABJ:R0602 => ABJ:R06", "SNIP5-ICD10CM-NOT-BILLABLE", "HI*ABJ", 1),
    row("other-diagnosis-unknown", I, "ABF:I10 => ABF:I1X0X", "SNIP5-ICD10CM-UNKNOWN", "HI*ABF", 2),
    row("icd-procedure-with-the-letter-o", I, "BBR:0BJ08ZZ => BBR:0BJO8ZZ", "SNIP5-ICD10PCS-FORMAT", "HI*BBR", 1),
    row("revenue-of-three-digits", I, "SV2*0120 => SV2*120", "SNIP5-REVENUE-FORMAT", "SV2*120", 1,
        "SNIP4-ACCOMMODATION-DAYS: the room is no longer known"),
    row("value-code-of-three", I, "BE:80: => BE:801:", "SNIP5-VALUE-CODE-FORMAT", "HI*BE", 1),
    row("condition-of-one", I, "BG:01 => BG:1", "SNIP5-CONDITION-CODE-FORMAT", "HI*BG", 1),
    row("occurrence-of-one", I, "BH:11: => BH:1:", "SNIP5-OCCURRENCE-CODE-FORMAT", "HI*BH", 1),
    row("span-of-one", I, "BI:71: => BI:7:", "SNIP5-OCCURRENCE-SPAN-CODE-FORMAT", "HI*BI", 1),
    row("drg-of-letters", I, "HI*BG:01 => HI*DR:ABC", "SNIP5-DRG-FORMAT", "HI*DR", 1),
    row("rate-code-of-two", I, "HC:99283 => HP:AB", "SNIP5-HIPPS-FORMAT", "SV2*0450", 2),
    row("icd-9-misshaped", P, "ABK:J069 => BK:4659X", "SNIP5-ICD9CM-FORMAT", "HI*", 1, "SNIP4-*: two code sets"),
    row("dental-procedure-misshaped", D, "AD:D2392 => AD:2392", "SNIP5-CDT-FORMAT", "SV3*", 1),
    row("tooth-unknown", D, "TOO*JP*14 => TOO*JP*33", "SNIP5-TOOTH-FORMAT", "TOO", 2, "SNIP4-SURFACE: of an unknown tooth"),
    row("tooth-status-of-an-unknown-tooth", D, "DN2*2*M => DN2*U*M", "SNIP5-TOOTH-FORMAT", "DN2", 1),
    row("payment-reason-unknown", R, "CAS*CO*45*20 => CAS*CO*999*20", "SNIP5-CARC-UNKNOWN", "CAS*CO*999", 2),
    row("remark-unknown", R, "LQ*HE*N19 => LQ*HE*N99999", "SNIP5-RARC-UNKNOWN", "LQ", 2),
    row("claim-remark-unknown", R, "MOA***MA01 => MOA***MA999", "SNIP5-RARC-UNKNOWN", "MOA", 3),
    row("payee-npi-check-digit", R, "XX*1234567893 => XX*1234567890", "SNIP5-NPI-UNKNOWN", "N1*PE", 4,
        "SNIP5-NPI-UNKNOWN: PLB01 repeats it"),
    row("payer-state-unknown", R, "N4*CHICAGO*IL => N4*CHICAGO*QQ", "SNIP5-STATE-UNKNOWN", "N4*CHICAGO", 2),
    row("paid-revenue-misshaped", R, "HC:99213*100*60**1 => HC:99213*100*60*30*1", "SNIP5-REVENUE-FORMAT", "SVC*HC:99213", 4),
    row("sent-procedure-misshaped", R, "HC:99213*100*60**1 => HC:99213*100*60**1*HC:1", "SNIP5-HCPCS-FORMAT", "SVC*HC:99213", 6),
    row("line-npi-check-digit", R, "+DTM*472 => REF*HPI*1234567890", "SNIP5-NPI-UNKNOWN", "REF*HPI", 2,
        "SNIP2-*: REF stands before CAS there"),
    row("status-category-unknown", A, "STC*A2:20:PR => STC*Z9:20:PR", "SNIP5-CLAIM-STATUS-CATEGORY-UNKNOWN", "STC*Z9", 1),
    row("status-unknown", A, "STC*A2:20:PR => STC*A2:9999:PR", "SNIP5-CLAIM-STATUS-UNKNOWN", "STC*A2", 1),
    row("status-entity-unknown", A, "STC*A2:20:PR => STC*A2:20:??", "SNIP5-ENTITY-UNKNOWN", "STC*A2", 1, "SNIP2-CODE: the guide lists entities too"),
)
PLANTED = (*BALANCES, *SITUATIONAL, *WORDS)


def planted_mutants() -> Iterator[Mutant]:
    for one in PLANTED:
        data = changed(one.base, *one.changes)
        number = number_of(data, one.at)
        snip = int(one.id[4])
        yield Mutant(
            one.name, snip, data, frozenset((one.id,)), number, one.element, also=one.also,
            sample=f"{one.base.split()[0]}/sound-{one.base}".replace(" ", "-"), place=f"{one.at} @{number}",
        )


def number_of(data: bytes, at: str) -> int:
    """The number in its ST of the line that begins so; "~n" = the n-th of them, "+" = the place behind it."""
    prefix, _, nth = at.rstrip("+").partition("~")
    lines = data.decode("latin-1").split("~\n")
    found = [index for index, line in enumerate(lines) if line.startswith(prefix)]
    assert found, at
    return found[int(nth or 1) - 1] - 1 + at.endswith("+")
