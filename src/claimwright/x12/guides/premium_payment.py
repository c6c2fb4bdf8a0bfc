"""820, 005010X218: premiums of a group plan paid to its insurer.

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.

Read against pyx12 4.0.0 (BSD) alone: no other free software has the guide's tables (stupidedi reads the 820 by the base
standard). So these stay uncertain:
- Both kinds of ENT are told apart by ENT02 (2J a person, all others an organization), which pyx12 requires. An ENT
  with ENT01 only, as bank-made base standard files have it, opens neither.
- The reason codes of ADX02 and the qualifiers of N103, NM108 and ENT03 are those of pyx12, whose lists are old.
- The payer is N1*PR. Files with N1*RM in its place are of another version.
The 820 of the health insurance exchanges is another guide (005010X306) and not this one.
"""

# fmt: off
from claimwright.x12.guides import control, shapes
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

BPR_C_D_ETC = segment("BPR", "P0607 C0809 P1213 C1415 P1819 C2021",
    ("01", R, "305", "C D I P U X"),
    ("02", R, "782"),
    ("03", R, "478", "C"),
    ("04", R, "591", "ACH BOP CHK FWT NON SWT"),
    ("05", S, "812", "CCP CTX"),
    ("06", S, "506", "01 02 04"),
    ("07", S, "507"),
    ("08", S, "569", "ALC DA"),
    ("09", S, "508"),
    ("10", R, "509"),
    ("11", S, "510"),
    ("12", S, "506", "01 02 04"),
    ("13", S, "507"),
    ("14", S, "569", "DA SG"),
    ("15", S, "508"),
    ("16", R, "373"),
)
TRN_1_3 = segment("TRN", "",
    ("01", R, "481", "1 3"),
    ("02", R, "127"),
    ("03", S, "509"),
    ("04", S, "127"),
)
CUR_2B_PR = segment("CUR", (
    "C0807 C0907 L101112 C1110 C1210 L131415 C1413 "
    "C1513 L161718 C1716 C1816 L192021 C2019 C2119"
    ),
    ("01", R, "98", "2B PR"),
    ("02", R, "100", "@currency"),
)
REF_14_17_ETC = segment("REF", "R0203",
    ("01", R, "128", "14 17 18 2F 38 72 LB"),
    ("02", R, "127"),
)
DTM_009 = segment("DTM", "R020305 C0403 P0506",
    ("01", R, "374", "009"),
    ("02", R, "373"),
)
DTM_035 = segment("DTM", "R020305 C0403 P0506",
    ("01", R, "374", "035"),
    ("02", R, "373"),
)
DTM_582 = segment("DTM", "R020305 C0403 P0506",
    ("01", R, "374", "582"),
    ("05", R, "1250", "RD8"),
    ("06", R, "1251"),
)
DTM_097 = segment("DTM", "R020305 C0403 P0506",
    ("01", R, "374", "097"),
    ("02", R, "373"),
)
N1_PE = segment("N1", "R0203 P0304",
    ("01", R, "98", "PE"),
    ("02", S, "93"),
    ("03", S, "66", "1 9 EQ FI XV"),
    ("04", S, "67"),
)
N2 = segment("N2", "",
    ("01", R, "93"),
)
RDM_BM_EM_ETC = segment("RDM", "",
    ("01", R, "756", "BM EM FT FX IA OL"),
    ("02", S, "93"),
    ("03", S, "364"),
)
N1_PR = segment("N1", "R0203 P0304",
    ("01", R, "98", "PR"),
    ("02", S, "93"),
    ("03", S, "66", "1 24 75 9 EQ FI PI"),
    ("04", S, "67"),
)
PER_IC = segment("PER", "P0304 P0506 P0708",
    ("01", R, "366", "IC"),
    ("02", R, "93"),
    ("03", R, "365", "EM FX TE"),
    ("04", R, "364"),
    ("05", S, "365", "EM EX FX TE"),
    ("06", S, "364"),
    ("07", S, "365", "EM EX FX TE"),
    ("08", S, "364"),
)
N1_04_0B_ETC = segment("N1", "R0203 P0304",
    ("01", R, "98", "04 0B 8W AK BE BK C1 C2 IAT MJ RB Z6 ZB ZL"),
    ("02", S, "93"),
    ("03", S, "66", "31 57 94 A3 A4 A6 CF G PA"),
    ("04", S, "67"),
)
ENT_2L_AG_ETC = segment("ENT", "P020304 P050607 P0809",
    ("01", R, "554"),
    ("02", R, "98", "2L AG NH RGA UN"),
    ("03", R, "66", "1 24 9 FI"),
    ("04", R, "67"),
)
ADX_52_53_ETC = segment("ADX", "P0304",
    ("01", R, "782"),
    ("02", R, "426", "52 53 80 81 86 BJ H1 H6 RU WO WW"),
)
RMR_11_1L_CT_IK = segment("RMR", "P0102 P0708",
    ("01", R, "128", "11 1L CT IK"),
    ("02", R, "127"),
    ("03", S, "482", "PA PI PO PP"),
    ("04", R, "782"),
    ("05", S, "782"),
)
REF_14_17_ETC_2300A = segment("REF", "R0203",
    ("01", R, "128", "14 17 18 2F 38 E9 LB LU ZZ"),
    ("02", R, "127"),
)
DTM_582_AAG = segment("DTM", "R020305 C0403 P0506",
    ("01", R, "374", "582 AAG"),
    ("02", S, "373"),
    ("05", S, "1250", "RD8"),
    ("06", S, "1251"),
)
IT1 = segment("IT1", "P020304 P0607 P0809 P1011 P1213 P1415 P1617 P1819 P2021 P2223 P2425",
    ("01", R, "350"),
)
SAC_C = segment("SAC", "R0203 P0304 P0607 P0910 C1110 C1413 C1615",
    ("01", R, "248", "C"),
    ("02", R, "1300", "A172 B680 D940 G740"),
    ("05", R, "610"),
)
SLN = segment("SLN", (
    "P0405 C0706 C0806 P0910 P1112 P1314 "
    "P1516 P1718 P1920 P2122 P2324 P2526 P2728"
    ),
    ("01", R, "350"),
    ("03", R, "662", "O"),
    ("04", R, "380"),
    ("05", R, "C001"),
    ("05-1", R, "355", "10 IE PR"),
)
ADX_20_52_ETC = segment("ADX", "P0304",
    ("01", R, "782"),
    ("02", R, "426", "20 52 53 AA AX H1 H6 IA J3"),
)
ENT_2J = segment("ENT", "P020304 P050607 P0809",
    ("01", R, "554"),
    ("02", R, "98", "2J"),
    ("03", R, "66", "34 EI II"),
    ("04", R, "67"),
)
NM1_DO_EY_IL_QE = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "DO EY IL QE"),
    ("02", R, "1065", "1"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("06", S, "1038"),
    ("07", S, "1039"),
    ("08", S, "66", "34 EI N"),
    ("09", S, "67"),
)
ADX_52_53_ETC_2200B = segment("ADX", "P0304",
    ("01", R, "782"),
    ("02", R, "426", "52 53 80 81 86 BJ H1 H6 RU WO"),
)
RMR_11_9J_ETC = segment("RMR", "P0102 P0708",
    ("01", R, "128", "11 9J AZ B7 CT ID IG IK KW"),
    ("02", R, "127"),
    ("04", R, "782"),
    ("05", S, "782"),
)
REF_14_18_ETC = segment("REF", "R0203",
    ("01", R, "128", "14 18 2F 38 E9 LU ZZ"),
    ("02", R, "127"),
)

LOOP_1000A = loop("1000A", "premium receiver",
    use(700, N1_PE, R, 1),
    use(800, N2, S, 1),
    use(900, shapes.N3, S, 1),
    use(1000, shapes.N4_2010AB, S, 1),
    use(1300, RDM_BM_EM_ETC, S, 1),
)
LOOP_1000B = loop("1000B", "premium payer",
    use(700, N1_PR, R, 1),
    use(800, N2, S, 1),
    use(900, shapes.N3, S, 1),
    use(1000, shapes.N4_2010AB, S, 1),
    use(1200, PER_IC, S, 0),
)
LOOP_1000C = loop("1000C", "intermediary bank",
    use(700, N1_04_0B_ETC, R, 1),
    use(800, N2, S, 1),
    use(900, shapes.N3, S, 1),
    use(1000, shapes.N4_2010AB, S, 1),
    use(1200, PER_IC, S, 0),
)
LOOP_2200A = loop("2200A", "organization earlier adjustment",
    use(800, ADX_52_53_ETC, R, 1),
)
LOOP_2312A = loop("2312A", "charge",
    use(2020, SAC_C, R, 1),
)
LOOP_2315A = loop("2315A", "member count",
    use(2040, SLN, R, 1),
)
LOOP_2310A = loop("2310A", "summary line",
    use(1900, IT1, R, 1),
    nest(2020, LOOP_2312A, S, 4),
    nest(2040, LOOP_2315A, S, 3),
)
LOOP_2320A = loop("2320A", "organization adjustment",
    use(2100, ADX_20_52_ETC, R, 1),
)
LOOP_2300A = loop("2300A", "organization remittance",
    use(1500, RMR_11_1L_CT_IK, R, 1),
    use(1700, REF_14_17_ETC_2300A, S, 0),
    use(1800, DTM_582_AAG, S, 1),
    nest(1900, LOOP_2310A, S, 1),
    nest(2100, LOOP_2320A, S, 0),
)
LOOP_2000A = loop("2000A", "organization",
    use(100, ENT_2L_AG_ETC, R, 1),
    nest(800, LOOP_2200A, S, 0),
    nest(1500, LOOP_2300A, R, 0),
)
LOOP_2100B = loop("2100B", "individual name",
    use(200, NM1_DO_EY_IL_QE, R, 1),
)
LOOP_2200B = loop("2200B", "individual earlier adjustment",
    use(800, ADX_52_53_ETC_2200B, R, 1),
)
LOOP_2320B = loop("2320B", "individual adjustment",
    use(2100, ADX_20_52_ETC, R, 1),
)
LOOP_2300B = loop("2300B", "individual remittance",
    use(1500, RMR_11_9J_ETC, R, 1),
    use(1700, REF_14_18_ETC, S, 0),
    use(1800, DTM_582_AAG, S, 1),
    nest(2100, LOOP_2320B, S, 0),
)
LOOP_2000B = loop("2000B", "individual",
    use(100, ENT_2J, R, 1),
    nest(200, LOOP_2100B, S, 0),
    nest(800, LOOP_2200B, S, 0),
    nest(1500, LOOP_2300B, R, 0),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, control.ST, R, 1),
    use(100200, BPR_C_D_ETC, R, 1),
    use(100350, TRN_1_3, R, 1),
    use(100400, CUR_2B_PR, S, 1),
    use(100500, REF_14_17_ETC, S, 0),
    use(100600, DTM_009, S, 1),
    use(100600, DTM_035, S, 1),
    use(100600, DTM_582, S, 1),
    use(100600, DTM_097, S, 1),
    nest(100700, LOOP_1000A, R, 1),
    nest(101500, LOOP_1000B, R, 1),
    nest(102300, LOOP_1000C, S, 14),
    nest(200100, LOOP_2000A, S, 1),
    nest(300100, LOOP_2000B, S, 0),
    use(999999, control.SE, R, 1),
)
GUIDE = Guide(
    id="005010X218",
    set_id="820",
    functional_id="RA",
    records=("2000A", "2000B"),
    root=TRANSACTION,
)
