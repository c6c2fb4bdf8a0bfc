"""The 66 single mutations by which validators are compared: 48 of an 837P, 18 of an 835, one mistake each.

`missed` marks those that, when first tried, none of the four free validators saw.
"""

# fmt: off
from __future__ import annotations

import re
from dataclasses import dataclass

from tests.lib.x12_rules import changed

P, S, R = "837P", "837P secondary", "835"


@dataclass(frozen=True)
class PeerRow:
    """`changes` as in `tests.lib.x12_rules.changed`; `raw` replaces a pattern in the file's text. `ids`: our answer."""

    name: str
    snip: int
    base: str
    ids: str
    changes: tuple[str, ...] = ()
    raw: tuple[str, str] = ("", "")
    missed: bool = False

    def data(self) -> bytes:
        found = changed(self.base, *self.changes)
        if self.raw[0]:
            text, count = re.subn(self.raw[0], self.raw[1], found.decode("latin-1"), count=1)
            assert count, self.name
            if "SE" not in self.raw[0]:
                inside = text[text.index("~\nST*") : text.index("~\nSE*")].count("~") + 1
                text = re.sub(r"~\nSE\*\d+", f"~\nSE*{inside}", text)
            return text.encode("latin-1")
        return found


ROWS: tuple[PeerRow, ...] = (
    # --- 837P: envelope and levels
    PeerRow("SE01 is not the count", 1, P, "ENV-SE-COUNT", raw=(r"SE\*\d+\*", "SE*99*")),
    PeerRow("SE02 is not ST02", 1, P, "ENV-SE-CONTROL", raw=(r"(SE\*\d+\*)0001", r"\g<1>0009")),
    PeerRow("GE01 is not the count", 1, P, "ENV-GE-COUNT", raw=(r"GE\*1\*", "GE*2*")),
    PeerRow("GE02 is not GS06", 1, P, "ENV-GE-CONTROL", raw=(r"GE\*1\*1", "GE*1*9")),
    PeerRow("IEA01 is not the count", 1, P, "ENV-IEA-COUNT", raw=(r"IEA\*1\*", "IEA*2*")),
    PeerRow("IEA02 is not ISA13", 1, P, "ENV-IEA-CONTROL", raw=(r"IEA\*1\*000000101", "IEA*1*000000109")),
    PeerRow("IEA is missing", 1, P, "ENV-IEA-MISSING", raw=(r"IEA\*1\*000000101~\n", "")),
    PeerRow("HL02 names no level", 2, P, "SNIP2-HL-PARENT", ("HL*2*1*22 => HL*2*9*22",)),
    PeerRow("HL01 out of sequence", 2, P, "SNIP2-HL-SEQUENCE", ("HL*2*1*22 => HL*7*1*22",)),
    PeerRow("HL03 unknown", 2, P, "SNIP2-CODE SNIP2-SEGMENT-UNEXPECTED", ("HL*2*1*22 => HL*2*1*99",)),
    PeerRow("HL04 promises a child, none follows", 4, P, "SNIP4-HL-CHILD", ("22*0 => 22*1",)),
    # --- 837P: what the guide asks for
    PeerRow("required loop missing (2010BB)", 2, P, "SNIP2-LOOP-MISSING", ("-NM1*PR",)),
    PeerRow("required segment missing (2400 SV1)", 2, P, "SNIP2-SEGMENT-MISSING", ("-SV1*HC:87880", "CLAIM-1*150 => CLAIM-1*100")),
    PeerRow("required element missing (NM109)", 2, P, "SNIP2-ELEMENT-MISSING", ("NM1*41*2*HILLSIDE CLINIC*****46*SUBM01 => NM1*41*2*HILLSIDE CLINIC*****46",)),
    PeerRow("required composite missing (SV101)", 2, P, "SNIP2-ELEMENT-MISSING", ("SV1*HC:99213*100 => SV1**100",)),
    PeerRow("segment sent too often (2010AA N3)", 2, P, "SNIP2-SEGMENT-TOO-MANY", ("+N3*12 HILL => N3*12 HILL ROAD",)),
    PeerRow("loop sent too often (2310B)", 2, P, "SNIP2-LOOP-TOO-MANY", ("+PRV*PE => NM1*82*1*BAKER*BEN****XX*1999999984",)),
    PeerRow("unknown segment", 2, P, "SNIP2-SEGMENT-UNKNOWN", ("+REF*G1 => ZZZ*1",)),
    PeerRow("segment out of place (N4 before N3)", 2, P, "SNIP2-SEGMENT-MISPLACED", ("-N3*12 HILL", "+N4*SPRINGFIELD*IL*627011234 => N3*12 HILL ROAD")),
    PeerRow("too many elements", 1, P, "SNIP1-ELEMENT-TOO-MANY", ("LX*1 => LX*1*2*3*4*5*6*7*8*9",)),
    PeerRow("element not used is filled", 2, P, "SNIP2-ELEMENT-NOT-USED", ("ABLE*ANNA****MI => ABLE*ANNA**MS**MI",)),
    PeerRow("code not in the guide (CLM06)", 2, P, "SNIP2-CODE", ("11:B:1*Y*A => 11:B:1*X*A",)),
    PeerRow("code not in the guide (SBR09)", 2, P, "SNIP2-CODE", ("*CI => *QQ",)),
    PeerRow("element too long", 1, P, "SNIP1-ELEMENT-LONG", ("SPRINGFIELD*IL => SPRINGFIELDSPRINGFIELDSPRINGFIELD*IL",)),
    PeerRow("letters in an amount", 1, P, "SNIP1-NUMBER", ("99213*100* => 99213*1O0*",)),
    PeerRow("qualifier without its value (NM108)", 1, P, "SNIP1-SYNTAX", ("BEN****XX*1999999984 => BEN****XX",)),
    PeerRow("impossible date in DTP", 1, P, "SNIP1-DATE", ("DTP*472*D8*20260801 => DTP*472*D8*20260231",)),
    PeerRow("LX out of sequence", 2, P, "SNIP2-LX-SEQUENCE", ("LX*2 => LX*5",)),
    PeerRow("separators at the end of a segment", 1, P, "SNIP1-TRAILING-SEPARATOR", ("LX*1 => LX*1**",)),
    PeerRow("character outside the set", 1, P, "SNIP1-CHARACTER", ("ABLE*ANNA => ABLE*ANN\xc4",)),
    PeerRow("money of three decimals", 1, P, "SNIP1-AMOUNT-DECIMALS", ("99213*100* => 99213*100.001*", "CLAIM-1*150 => CLAIM-1*150.001")),
    # --- 837P: sums
    PeerRow("CLM02 is not the sum of SV102", 3, P, "SNIP3-CLAIM-CHARGE", ("CLAIM-1*150 => CLAIM-1*150.01",)),
    # --- 837P: situations
    PeerRow("subscriber is the patient, DMG missing", 4, P, "SNIP4-SUBSCRIBER-DEMOGRAPHICS", ("-DMG",), missed=True),
    PeerRow("subscriber is the patient, N3 and N4 missing", 4, P, "SNIP4-SUBSCRIBER-DEMOGRAPHICS", ("-N3*5 OAK",), (r"N4\*SPRINGFIELD\*IL\*62701~\n", ""), missed=True),
    PeerRow("diagnosis pointer out of range", 4, P, "SNIP4-DIAGNOSIS-POINTER", ("UN*1***1:2 => UN*1***13",)),
    PeerRow("diagnosis pointer at nothing", 4, P, "SNIP4-DIAGNOSIS-POINTER", ("UN*1***1:2 => UN*1***1:4",), missed=True),
    PeerRow("service before birth", 4, P, "SNIP4-SERVICE-BEFORE-BIRTH", ("DMG*D8*19700102 => DMG*D8*20260802",), missed=True),
    PeerRow("frequency 7 without REF*F8", 4, P, "SNIP4-REPLACEMENT-REFERENCE", ("11:B:1 => 11:B:7",), missed=True),
    PeerRow("the same diagnosis twice", 4, P, "SNIP4-DIAGNOSIS-DUPLICATE", ("ABF:R051 => ABF:J069",), missed=True),
    PeerRow("the same CLM01 twice", 4, P, "SNIP4-CLAIM-DUPLICATE", (
        "+DTP*472*D8*20260802 => CLM*CLAIM-1*20***11:B:1*Y*A*Y*Y|HI*ABK:J069|LX*1|SV1*HC:99213*20*UN*1***1|DTP*472*D8*20260801",
    ), missed=True),
    PeerRow("billing ZIP of five digits", 4, P, "SNIP4-BILLING-ZIP", ("627011234 => 62701",), missed=True),
    # --- 837P: words
    PeerRow("place of service unknown", 5, P, "SNIP5-POS-UNKNOWN", ("11:B:1 => 98:B:1",)),
    PeerRow("NPI check digit", 5, P, "SNIP5-NPI-UNKNOWN", ("****XX*1234567893 => ****XX*1234567894",), missed=True),
    PeerRow("ICD-10 code that does not exist", 5, P, "SNIP5-ICD10CM-UNKNOWN", ("ABK:J069 => ABK:J0699",), missed=True),
    PeerRow("ICD-10 code with a point", 5, P, "SNIP5-ICD10CM-FORMAT", ("ABK:J069 => ABK:J06.9",), missed=True),
    PeerRow("HCPCS code that does not exist", 5, P, "SNIP5-HCPCS-UNKNOWN", ("HC:99213 => HC:A0000",), missed=True),
    PeerRow("state that does not exist", 5, P, "SNIP5-STATE-UNKNOWN", ("N4*SPRINGFIELD*IL*627011234 => N4*SPRINGFIELD*XX*627011234",), missed=True),
    PeerRow("taxonomy code that is none", 5, P, "SNIP5-TAXONOMY-UNKNOWN", ("207Q00000X => 207Q000000",), missed=True),
    # --- 835
    PeerRow("835: SE01 is not the count", 1, R, "ENV-SE-COUNT", raw=(r"SE\*\d+\*", "SE*99*")),
    PeerRow("835: required segment missing (TRN)", 2, R, "SNIP2-SEGMENT-MISSING", ("-TRN",)),
    PeerRow("835: required element missing (CLP07)", 2, R, "SNIP2-ELEMENT-MISSING", ("*12*PAYERCLAIM1*11*1 => *12**11*1",)),
    PeerRow("835: unknown segment", 2, R, "SNIP2-SEGMENT-UNKNOWN", ("+MOA => ZZZ*1",)),
    PeerRow("835: code not in the guide (CLP02)", 2, R, "SNIP2-CODE", ("CLAIM-1*1* => CLAIM-1*99*",)),
    PeerRow("835: code not in the guide (CAS01)", 2, R, "SNIP2-CODE", ("CAS*CO*45*20 => CAS*QQ*45*20",)),
    PeerRow("835: code not in the guide (PLB03)", 2, R, "SNIP2-CODE", ("WO:OLD1 => QQ:OLD1",)),
    PeerRow("835: impossible date in BPR16", 1, R, "SNIP1-DATE", ("20260805 => 20260231",)),
    PeerRow("835: money of three decimals", 1, R, "SNIP1-AMOUNT-DECIMALS", ("CAS*CO*45*20 => CAS*CO*45*20.001",)),
    PeerRow("835: BPR02 is not the claims less PLB", 3, R, "SNIP3-PAYMENT-BALANCE", ("BPR*I*180 => BPR*I*180.01",)),
    PeerRow("835: a claim does not balance", 3, R, "SNIP3-CLAIM-BALANCE", ("100*80*0*12 => 100.01*80*0*12",)),
    PeerRow("835: a line does not balance", 3, R, "SNIP3-LINE-BALANCE", ("99213*100*60 => 99213*100*59.99",)),
    PeerRow("835: adjustment of zero", 4, R, "SNIP4-ADJUSTMENT-ZERO", ("+CAS*PR => CAS*OA*23*0",)),
    PeerRow("835: TRN03 is not BPR10", 4, R, "SNIP4-PAYER-IDENTIFIER", ("TRN*1*CHECK01*1512345678 => TRN*1*CHECK01*1512345679",), missed=True),
    PeerRow("835: the same CLP twice", 4, R, "SNIP4-PAYMENT-DUPLICATE", (
        "+LQ => CLP*CLAIM-1*1*150*100*20*12*PAYERCLAIM1*11*1|CAS*CO*45*30|CAS*PR*2*20|NM1*QC*1*ABLE*ANNA****MI*MEMBER01|DTM*232*20260801",
        "BPR*I*180 => BPR*I*280",
    ), missed=True),
    PeerRow("835: reason code 999 (CARC)", 5, R, "SNIP5-CARC-UNKNOWN", ("CAS*CO*45*20 => CAS*CO*999*20",), missed=True),
    PeerRow("835: remark code unknown (RARC)", 5, R, "SNIP5-RARC-UNKNOWN", ("LQ*HE*N19 => LQ*HE*N99999",)),
    PeerRow("835: procedure code that does not exist", 5, R, "SNIP5-HCPCS-UNKNOWN", ("HC:99213*100 => HC:A0000*100",), missed=True),
)
