"""Level 4 of institutional and dental claims and of the remittance."""

from __future__ import annotations

import pytest

from tests.lib.x12_rules import changed, situations

INPATIENT = [
    (("-DTP*435",), {"SNIP4-ADMISSION-DATE"}),
    (("DTP*435*DT*202607011430 => DTP*435*DT*202607061430",), {"SNIP4-ADMISSION-AFTER-STATEMENT"}),
    (("DTP*435*DT*202607011430 => DTP*435*D8*20260628",), set()),
    (("-HI*ABJ",), {"SNIP4-ADMITTING-DIAGNOSIS"}),
    (("-HI*ABJ", "11:A:1 => 21:A:1"), set()),
    (("+HI*ABJ => HI*APR:R0602",), {"SNIP4-VISIT-REASON-UNEXPECTED"}),
    (("-DTP*096",), {"SNIP4-DISCHARGE-HOUR"}),
    (("-DTP*096", "11:A:1 => 11:A:2", "CL1*1*7*01 => CL1*1*7*30"), set()),
    (("CL1*1*7*01 => CL1*1*7*30",), {"SNIP4-PATIENT-STATUS"}),
    (("11:A:1 => 11:A:3",), {"SNIP4-PATIENT-STATUS"}),
    (("11:A:1 => 11:A:4",), set()),
    (("11:A:1 => 11:A:7",), {"SNIP4-REPLACEMENT-REFERENCE"}),
    (("11:A:1 => 11:A:7", "+CL1 => REF*F8*PAYERCLAIM"), set()),
    (("-NM1*71",), {"SNIP4-ATTENDING"}),
    (("-NM1*72",), {"SNIP4-OPERATING"}),
    (("-NM1*72", "0BJ08ZZ => 3E0F3GC"), set()),
    (("BBR:0BJ08ZZ:D8:20260702 => BBR:0BJ08ZZ:D8:20260706",), {"SNIP4-PROCEDURE-DATE"}),
    (("-HI*BBR",), {"SNIP4-OTHER-PROCEDURE"}),
    (("BBR:0BJ08ZZ:D8:20260702 => BBR:0BJ08ZZ:D8:20260732",), {"SNIP4-OCCURRENCE-DATE"}),
    (("BH:11:D8:20260630 => BH:11:D8:20260631",), {"SNIP4-OCCURRENCE-DATE"}),
    (("RD8:20260101-20260105 => RD8:20260105-20260101",), {"SNIP4-OCCURRENCE-DATE"}),
    (("RD8:20260101-20260105 => RD8:20260105",), {"SNIP4-OCCURRENCE-DATE"}),
    (("HI*BG:01 => HI*BG:01*BG:01",), {"SNIP4-CODE-REPEATED"}),
    (("HI*BH:11:D8:20260630 => HI*BH:11:D8:20260630*BH:11:D8:20260629",), set()),
    (("HI*BE:80:::4 => HI*BE:80:::4*BE:80:::5",), {"SNIP4-CODE-REPEATED"}),
    (("ABF:E119 => ABF:I10",), {"SNIP4-DIAGNOSIS-DUPLICATE"}),
    (("ABJ:R0602 => ABJ:J189",), set()),
    (("1000*UN*1**0 => 1000*UN*1**1000.01",), {"SNIP4-NONCOVERED"}),
    (("SV2*0450 => SV2*0001",), {"SNIP4-REVENUE-TOTAL"}),
    (("2000*DA*4 => 2000*UN*4",), {"SNIP4-ACCOMMODATION-DAYS"}),
    (("2000*DA*4 => 2000*DA*0",), {"SNIP4-QUANTITY-ZERO"}),
    (("2000*DA*4 => 2000*DA*-4",), {"SNIP4-QUANTITY"}),
    (("HC:99283 => HC:J3490",), {"SNIP4-DESCRIPTION-MISSING"}),
    (("DMG*D8*19700102 => DMG*D8*20260702",), {"SNIP4-SERVICE-BEFORE-BIRTH"}),
    (("20260701-20260705 => 20260701-20260804",), {"SNIP4-SERVICE-AFTER-FILE"}),
    (("ABK:J189 => BK:486", "HI*ABF:E119:::::::Y*ABF:I10:::::::Y => HI*BF:25000"), {"SNIP4-DIAGNOSIS-DATE"}),
    (
        ("+NM1*72 => NM1*82*1*SAME*SAM****XX*1234567893",),
        {"SNIP4-RENDERING-SAME"},
    ),
    (
        ("+NM1*72 => NM1*77*2*HILLSIDE CLINIC*****XX*1234567893|N3*12 HILL ROAD|N4*SPRINGFIELD*IL*627011234",),
        {"SNIP4-FACILITY-SAME"},
    ),
    (("+NM1*72 => NM1*77*2*ELSEWHERE*****XX*1245319599|N3*1 A ROAD|N4*SPRINGFIELD*IL*62701",), {"SNIP4-FACILITY-ZIP"}),
    (("SBR*P* => SBR*S*",), {"SNIP4-PAYER-SEQUENCE-MISSING"}),
]  # fmt: skip
OUTPATIENT = [
    (("-HI*APR",), {"SNIP4-VISIT-REASON"}),
    (("-HI*APR", "CL1*1 => CL1*3"), set()),
    (("-HI*APR", "SV2*0450 => SV2*0510"), set()),
    (("+HI*ABK => HI*ABJ:R0602",), {"SNIP4-ADMITTING-UNEXPECTED"}),
    (("+HI*ABK => HI*ABJ:R0602", "13:A:1 => 12:A:1"), set()),
    (("+HI*APR => HI*BBR:3E0F3GC:D8:20260701",), {"SNIP4-PROCEDURE-UNEXPECTED"}),
    (("+HI*APR => HI*DR:470",), {"SNIP4-DRG-UNEXPECTED"}),
    (("ABK:J189 => ABK:J189:::::::Y",), {"SNIP4-POA-UNEXPECTED"}),
    (("-DTP*472",), {"SNIP4-LINE-DATE"}),
    (("-DTP*472", "20260701-20260702 => 20260702-20260702"), set()),
    (("-DTP*472", "13:A:1 => 81:A:1"), set()),
    (("DTP*472*D8*20260701 => DTP*472*D8*20260630",), {"SNIP4-LINE-DATE-OUTSIDE"}),
    (("SV2*0450 => SV2*0540", "SV2*0300 => SV2*0549", "-NM1*71"), set()),
    (("-NM1*71",), {"SNIP4-ATTENDING"}),
]  # fmt: skip
DENTAL = [
    (("-DTP*472",), {"SNIP4-DENTAL-DATE"}),
    (("-DTP*472", "+CLM => DTP*472*D8*20260801"), set()),
    (("-DTP*472", "+CLM => DTP*452*D8*20260801"), set()),
    (("A*Y*Y => A*Y*Y**********PB",), {"SNIP4-PREDETERMINATION-DATE"}),
    (("A*Y*Y => A*Y*Y**********PB", "-DTP*472", "-DTP*472"), set()),
    (("-DTP*441",), {"SNIP4-PRIOR-PLACEMENT"}),
    (("-DTP*441", "-DTP*472", "-DTP*472", "+CLM => DTP*472*D8*20260801"), {"SNIP4-PRIOR-PLACEMENT"}),
    (("-DTP*441", "*R*1 => *I*1"), set()),
    (("AD:D2392 => AD:D8080",), set()),
    (("AD:D2392 => AD:D8080", "-DN1"), {"SNIP4-ORTHODONTICS"}),
    (("DN1*24*12 => DN1*24*25",), {"SNIP4-ORTHODONTIC-MONTHS"}),
    (("+DN2 => DN2*2*E",), {"SNIP4-TOOTH-REPEATED"}),
    (("+TOO => TOO*JP*14",), {"SNIP4-TOOTH-REPEATED"}),
    (("+TOO => TOO*JP*15",), set()),
    (("M:O => M:M",), {"SNIP4-SURFACE-REPEATED"}),
    (("M:O => M:I",), {"SNIP4-SURFACE"}),
    (("TOO*JP*14*M:O => TOO*JP*8*M:O",), {"SNIP4-SURFACE"}),
    (("TOO*JP*14*M:O => TOO*JP*8*M:I",), set()),
    (("*****1 => *****2",), {"SNIP4-DIAGNOSIS-POINTER"}),
    (("*****1 => ",), {"SNIP4-DIAGNOSIS-POINTER-MISSING"}),
    (("*****1 => ", "*****1 => ", "-HI"), set()),
    (("R*1 => R*0",), {"SNIP4-QUANTITY"}),
    (("D2392*200 => D2392*-200",), {"SNIP4-CHARGE-NEGATIVE"}),
    (("AD:D2392 => AD:D2999",), {"SNIP4-DESCRIPTION-MISSING"}),
    (("LX*2 => LX*5",), {"SNIP2-LX-SEQUENCE"}),
    (("A*Y*Y => A*Y*Y**AA:::IL",), {"SNIP4-ACCIDENT-DATE"}),
    (("11:B:1 => 11:B:7",), {"SNIP4-REPLACEMENT-REFERENCE"}),
    (("1999999984 => 1234567893",), {"SNIP4-RENDERING-SAME"}),
]  # fmt: skip
REMITTANCE = [
    (
        ("+NM1*QC*1*ABLE => NM1*74*1",),
        {"SNIP4-CORRECTED-NAME-EMPTY"},
    ),
    (("+NM1*QC*1*ABLE => NM1*74*1*ABEL",), set()),
    (("CLAIM-1*1*150*100*20 => CLAIM-1*22*150*100*",), {"SNIP4-REVERSAL-SIGN"}),
    (("CLAIM-1*1*150*100*20 => CLAIM-1*22*-150*-100*20",), {"SNIP4-REVERSAL-RESPONSIBILITY"}),
    (("CLAIM-1*1*150*100*20 => CLAIM-1*22*-150*-100*",), set()),
    (("-NM1*TT",), {"SNIP4-CROSSOVER-CARRIER"}),
    (("CLAIM-2*19 => CLAIM-2*1",), {"SNIP4-CROSSOVER-UNEXPECTED"}),
    (("CLAIM-2*19 => CLAIM-2*23",), set()),
    (("CLAIM-1*1* => CLAIM-1*4*",), {"SNIP4-DENIED-PAID"}),
    (("CLAIM-1*1*150*100 => CLAIM-1*4*150*0",), set()),
    (("CLAIM-1*1* => CLAIM-1*25*",), {"SNIP4-PREDETERMINATION-PAID"}),
    (("*150*100*20* => *150*100*21*",), {"SNIP4-PATIENT-RESPONSIBILITY"}),
    (("*150*100*20* => *150*100**",), {"SNIP4-PATIENT-RESPONSIBILITY"}),
    (("*150*100*20* => *150*100*20.00*",), set()),
    (("CAS*PR*2*20 => CAS*PR*2*10**3*10",), set()),
    (("99213*100*60**1 => 99213*100*60**1**1",), {"SNIP4-UNITS-UNCHANGED"}),
    (("99213*100*60**1 => 99213*100*60**1**2",), set()),
    (("-DTM*151",), {"SNIP4-SERVICE-DATE-PAIR"}),
    (("-DTM*150",), {"SNIP4-SERVICE-DATE-PAIR"}),
    (("DTM*151*20260802 => DTM*151*20260731",), {"SNIP4-SERVICE-DATE-PAIR"}),
    (("+DTM*150 => DTM*472*20260801",), {"SNIP4-SERVICE-DATE-PAIR"}),
    (("-DTM*472",), {"SNIP4-SERVICE-DATE-MISSING"}),
    (("-DTM*472", "+MOA => DTM*232*20260801"), set()),
    (("-DTM*232", "-DTM*233"), {"SNIP4-SERVICE-DATE-MISSING"}),
    (("-DTM*232",), {"SNIP4-SERVICE-DATE-MISSING", "SNIP4-STATEMENT-DATE-PAIR"}),
    (("DTM*233*20260802 => DTM*233*20260731",), {"SNIP4-DATE-ORDER"}),
    (("DTM*050*20260803 => DTM*050*20260731",), {"SNIP4-DATE-ORDER"}),
    (("DTM*472*20260801 => DTM*472*20260806",), {"SNIP4-SERVICE-AFTER-FILE"}),
    (("DTM*472*20260801 => DTM*472*20260805",), set()),
    (("+NM1*QC*1*ABLE => MIA*0",), {"SNIP4-INPATIENT-AND-OUTPATIENT"}),
    (("CAS*PR*2*20 => CAS*CO*45*20", "*150*100*20* => *150*100*0*"), {"SNIP4-ADJUSTMENT-REPEATED"}),
    (("+CAS*PR => CAS*OA*23*0.00",), {"SNIP4-ADJUSTMENT-ZERO"}),
    (("CAS*CO*45*10 => CAS*CO*45*10*****97*1",), {"SNIP4-ADJUSTMENT-GAP"}),
    (("ACH*CCP => ACH*",), {"SNIP4-PAYMENT-FORMAT"}),
    (("*DA*222* => *DA**",), {"SNIP4-PAYMENT-ACCOUNT"}),
    (("ACH*CCP*01*021000021*DA*111*1512345678**01*011000015*DA*222 => CHK***********",), set()),
    (("BPR*I => BPR*H",), {"SNIP4-PAYMENT-METHOD"}),
    (("021000021 => 021000022",), {"SNIP4-ROUTING-NUMBER"}),
    (("WO:OLD1 => WO",), {"SNIP4-PROVIDER-ADJUSTMENT-REFERENCE"}),
    (("L6*-10 => L6*0",), {"SNIP4-PROVIDER-ADJUSTMENT-ZERO"}),
    (("L6*-10 => WO:OLD1*10",), {"SNIP4-PROVIDER-ADJUSTMENT-REPEATED"}),
    (("L6*-10 => **L6*-10",), {"SNIP4-PROVIDER-ADJUSTMENT-GAP"}),
    (("-REF*TJ",), {"SNIP4-PAYEE-TAX-ID"}),
    (("-REF*TJ", "XX*1234567893 => FI*123456789"), set()),
]  # fmt: skip
ACKNOWLEDGEMENT = [
    (("HL*3*2*19*1 => HL*3*2*19*0",), {"SNIP4-HL-CHILD"}),
]


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (kind, *row)
        for kind, rows in (
            ("837I inpatient", INPATIENT),
            ("837I outpatient", OUTPATIENT),
            ("837D", DENTAL),
            ("835", REMITTANCE),
            ("277CA", ACKNOWLEDGEMENT),
        )
        for row in rows
    ],
    ids=lambda value: (
        value
        if isinstance(value, str)
        else " & ".join(value if isinstance(value, tuple) else sorted(value)) or "nothing"
    ),
)
def test_situation(kind: str, changes: tuple[str, ...], expected: set[str]) -> None:
    assert {fault.id for fault in situations(changed(kind, *changes))} == expected
