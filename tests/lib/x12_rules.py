"""Valid transactions to be spoiled, and what levels 4 and 5 say of them."""

from __future__ import annotations

from claimwright.x12 import Fault, read
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop, Walk, guide_of, parse
from claimwright.x12.passing import watch_for
from claimwright.x12.vocabulary import Vocabulary

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260803*0905*^*00501*000000101*0*T*:~"
GUIDES = {
    "837P": ("837", "HC", "005010X222A1"),
    "837I": ("837", "HC", "005010X223A2"),
    "837D": ("837", "HC", "005010X224A2"),
    "835": ("835", "HP", "005010X221A1"),
    "277CA": ("277", "HN", "005010X214"),
    "271": ("271", "HB", "005010X279A1"),
}

_HEAD = """BHT*0019*00*REF101*20260803*0905*CH
NM1*41*2*HILLSIDE CLINIC*****46*SUBM01
PER*IC*BILLING OFFICE*TE*5555550100
NM1*40*2*CLEARING HOUSE*****46*RECV01
HL*1**20*1
NM1*85*2*HILLSIDE CLINIC*****XX*1234567893
N3*12 HILL ROAD
N4*SPRINGFIELD*IL*627011234
REF*EI*123456789
HL*2*1*22*0
"""
_SUBSCRIBER = """SBR*P*18*GRP01******CI
NM1*IL*1*ABLE*ANNA****MI*MEMBER01
N3*5 OAK STREET
N4*SPRINGFIELD*IL*62701
DMG*D8*19700102*F
NM1*PR*2*FIRST PAYER*****PI*PAYER01
"""
PROFESSIONAL = (
    _HEAD
    + _SUBSCRIBER
    + """CLM*CLAIM-1*150***11:B:1*Y*A*Y*Y
REF*G1*AUTH77
HI*ABK:J069*ABF:R051
NM1*82*1*BAKER*BEN****XX*1999999984
PRV*PE*PXC*207Q00000X
NM1*77*2*OTHER HOUSE*****XX*1245319599
N3*9 SIDE STREET
N4*SPRINGFIELD*IL*627014321
LX*1
SV1*HC:99213*100*UN*1***1:2
DTP*472*D8*20260801
LX*2
SV1*HC:87880*50*UN*1***2
DTP*472*D8*20260802"""
)
SECONDARY = (
    _HEAD
    + _SUBSCRIBER.replace("SBR*P*", "SBR*S*").replace("PAYER01", "PAYER02")
    + """CLM*CLAIM-1*150***11:B:1*Y*A*Y*Y
HI*ABK:J069*ABF:R051
SBR*P*18*GRP00******CI
AMT*D*80
OI***Y***Y
NM1*IL*1*ABLE*ANNA****MI*MEMBER00
NM1*PR*2*FIRST PAYER*****PI*PAYER01
LX*1
SV1*HC:99213*150*UN*1***1:2
DTP*472*D8*20260801
SVD*PAYER01*80*HC:99213**1
CAS*CO*45*45**253*1
CAS*PR*2*24
DTP*573*D8*20260802"""
)
INPATIENT = (
    _HEAD
    + _SUBSCRIBER
    + """CLM*STAY-1*3000***11:A:1**A*Y*Y
DTP*096*TM*1100
DTP*434*RD8*20260701-20260705
DTP*435*DT*202607011430
CL1*1*7*01
HI*ABK:J189:::::::Y
HI*ABJ:R0602
HI*ABF:E119:::::::Y*ABF:I10:::::::Y
HI*BBR:0BJ08ZZ:D8:20260702
HI*BBQ:3E0F3GC:D8:20260703
HI*BI:71:RD8:20260101-20260105
HI*BH:11:D8:20260630
HI*BE:80:::4
HI*BG:01
NM1*71*1*CHARLES*CARL****XX*1999999984
NM1*72*1*DELTA*DORA****XX*1245319599
LX*1
SV2*0120**2000*DA*4
LX*2
SV2*0450*HC:99283*1000*UN*1**0"""
)
OUTPATIENT = (
    _HEAD
    + _SUBSCRIBER
    + """CLM*VISIT-1*300***13:A:1**A*Y*Y
DTP*434*RD8*20260701-20260702
CL1*1*7*01
HI*ABK:J189
HI*APR:R0602
NM1*71*1*CHARLES*CARL****XX*1999999984
LX*1
SV2*0450*HC:99283*200*UN*1
DTP*472*D8*20260701
LX*2
SV2*0300*HC:85025*100*UN*1
DTP*472*D8*20260702"""
)
DENTAL = (
    _HEAD
    + _SUBSCRIBER
    + """CLM*DENT-1*1200***11:B:1*Y*A*Y*Y
DN1*24*12
DN2*2*M
HI*ABK:K0261
NM1*82*1*BAKER*BEN****XX*1999999984
LX*1
SV3*AD:D2392*200****1*****1
TOO*JP*14*M:O
DTP*472*D8*20260801
LX*2
SV3*AD:D5110*1000**01*R*1*****1
DTP*441*D8*20150101
DTP*472*D8*20260801"""
)
REMITTANCE = """BPR*I*180*C*ACH*CCP*01*021000021*DA*111*1512345678**01*011000015*DA*222*20260805
TRN*1*CHECK01*1512345678
DTM*405*20260804
N1*PR*FIRST PAYER
N3*1 PAYER PLAZA
N4*CHICAGO*IL*60601
PER*BL*PROVIDER LINE*TE*5555550199
N1*PE*HILLSIDE CLINIC*XX*1234567893
REF*TJ*123456789
LX*1
CLP*CLAIM-1*1*150*100*20*12*PAYERCLAIM1*11*1
NM1*QC*1*ABLE*ANNA****MI*MEMBER01
MOA***MA01
SVC*HC:99213*100*60**1
DTM*472*20260801
CAS*CO*45*20
CAS*PR*2*20
SVC*HC:87880*50*40**1
DTM*150*20260801
DTM*151*20260802
CAS*CO*45*10
LQ*HE*N19
CLP*CLAIM-2*19*100*80*0*12*PAYERCLAIM2*11*1
CAS*CO*45*20
NM1*QC*1*CHARLES*CARL****MI*MEMBER02
NM1*TT*2*SECOND PAYER*****PI*PAYER02
DTM*232*20260801
DTM*233*20260802
DTM*050*20260803
PLB*1234567893*20261231*WO:OLD1*10*L6*-10"""
ACKNOWLEDGEMENT = """BHT*0085*08*ACK101*20260804*0905*TH
HL*1**20*1
NM1*AY*2*CLEARING HOUSE*****46*RECV01
TRN*1*TRACE1
DTP*050*D8*20260804
DTP*009*D8*20260804
HL*2*1*21*1
NM1*41*2*HILLSIDE CLINIC*****46*SUBM01
TRN*2*REF101
STC*A1:19:PR*20260804*WQ*150
HL*3*2*19*1
NM1*85*2*HILLSIDE CLINIC*****XX*1234567893
TRN*1*0
STC*A1:19:PR**WQ*150
HL*4*3*PT
NM1*QC*1*ABLE*ANNA****MI*MEMBER01
TRN*2*CLAIM-1
STC*A2:20:PR*20260804*WQ*150
DTP*472*D8*20260801"""
SOUND = {
    "837P": PROFESSIONAL,
    "837P secondary": SECONDARY,
    "837I inpatient": INPATIENT,
    "837I outpatient": OUTPATIENT,
    "837D": DENTAL,
    "835": REMITTANCE,
    "277CA": ACKNOWLEDGEMENT,
}


def changed(kind: str, *changes: str) -> bytes:
    """The sound transaction with changes, each "-PREFIX" (delete the first such line), "+PREFIX => NEW|NEW" (insert
    after the first such line) or "OLD => NEW" (replace the first occurrence)."""
    lines = SOUND[kind].split("\n")
    for change in changes:
        old, _, new = change.lstrip("+-").partition(" => ")
        if change[0] in "+-":
            at = next(index for index, line in enumerate(lines) if line.startswith(old))
            if change[0] == "-":
                del lines[at]
            else:
                lines[at + 1 : at + 1] = new.split("|")
        else:
            at = next(index for index, line in enumerate(lines) if old in line)
            lines[at] = lines[at].replace(old, new, 1)
    return envelope(kind.split()[0], lines)


def envelope(kind: str, lines: list[str]) -> bytes:
    set_id, functional, guide = GUIDES[kind]
    st = "ST*835*0001" if set_id == "835" else f"ST*{set_id}*0001*{guide}"
    body = [ISA[:-1], f"GS*{functional}*SENDER*RECEIVER*20260803*0905*1*X*{guide}", st, *lines]
    body += [f"SE*{len(lines) + 2}*0001", "GE*1*1", "IEA*1*000000101"]
    return ("~\n".join(body) + "~\n").encode("latin-1")


def root_of(data: bytes) -> Loop:
    return parse(next(iter(read(data).transactions())))


def situations(data: bytes) -> list[Fault]:
    """What level 4 says of the first transaction, and the order of its lines, which is told beside it."""
    return _judged(data, 4, None)


def words(data: bytes, vocabulary: Vocabulary) -> list[Fault]:
    """What level 5 says of the first transaction."""
    return _judged(data, 5, vocabulary)


def _judged(data: bytes, level: int, vocabulary: Vocabulary | None) -> list[Fault]:
    transaction = next(iter(read(data).transactions()))
    guide = guide_of(transaction)
    assert guide is not None
    findings = Findings()
    delimiters = transaction.st.delimiters
    walk = Walk(guide, delimiters, watch_for(guide, delimiters, findings, level, vocabulary))
    walk.take(transaction.segments)
    walk.end()
    return [fault for fault in findings.faults if fault.snip == level or fault.id == "SNIP2-LX-SEQUENCE"]
