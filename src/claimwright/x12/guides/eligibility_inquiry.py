"""270, 005010X279A1: the eligibility and benefit inquiry.

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.

The subscriber's loops and the dependent's are the same in all but a few qualifiers. The 271 (`eligibility_response`)
takes from here what it says in the same words.

Facts were read against the typed models of x12sdk 2.2 (Apache-2.0), the definitions of stupidedi (BSD) and the
4010 maps of pyx12 (BSD). Where they differ: 2110C EQ01 has CC, which stupidedi leaves out; EQ01 is one list for both
levels, though stupidedi's dependent list lacks ON and TC; the spend-down AMT belongs to the subscriber alone, though
x12sdk has it under the dependent too; DMG03 has U as in stupidedi, x12sdk stops at F and M. III02 is the list of
places of service (CMS), which has grown since the guide and is left to a vocabulary.
"""

# fmt: off
from claimwright.x12.guides import shapes
from claimwright.x12.guides.control import SE
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

SERVICE_TYPES = (
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 30 32 33 34 35 36 37 38 39 40 41 42 "
    "43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 "
    "80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF AG "
    "AH AI AJ AK AL AM AN AO AQ AR B1 B2 B3 BA BB BC BD BE BF BG BH BI BJ BK BL BM BN BP BQ BR BS BT BU BV BW BX BY "
    "BZ C1 CA CB CC CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ DG DM DS GF GN GY IC MH NI ON PT PU RN RT TC TN UC"
)
MOST_SERVICE_TYPES = 99

BHT_HEADER = segment("BHT", "",
    ("01", R, "1005", "0022"),
    ("02", R, "353", "01 13"),
    ("03", S, "127"),
    ("04", R, "373"),
    ("05", R, "337"),
    ("06", S, "640", "RT"),
)
NM1_2B_36_GP_P5_PR = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "2B 36 GP P5 PR"),
    ("02", R, "1065", "1 2"),
    ("03", R, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "24 46 FI NI PI XV XX"),
    ("09", R, "67"),
)
NM1_1P_2B_ETC = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "1P 2B 36 80 FA GP P5 PR"),
    ("02", R, "1065", "1 2"),
    ("03", R, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "24 34 FI PI PP SV XV XX"),
    ("09", R, "67"),
)
REF_2100B = segment("REF", "R0203",
    ("01", R, "128", "0B 1C 1D 1J 4A CT EL EO HPI JD N5 N7 Q4 SY TJ"),
    ("02", R, "127"),
    ("03", S, "352"),
)
PRV_2100B = segment("PRV", "P0203",
    ("01", R, "1221", "AD AT BI CO CV H HH LA OT P1 P2 PC PE R RF SB SK SU"),
    ("02", S, "128", "PXC"),
    ("03", S, "127"),
)
NM1_IL_2100C = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "IL"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", S, "66", "II MI"),
    ("09", S, "67"),
)
REF_2100C = segment("REF", "R0203",
    ("01", R, "128", "18 1L 1W 3H 6P CT EA EJ F6 GH HJ IG N6 NQ SY Y4"),
    ("02", R, "127"),
)
PRV_2100C = segment("PRV", "P0203",
    ("01", R, "1221", "AD AT BI CO CV H HH LA OT P1 P2 PC PE R RF SK SU"),
    ("02", S, "128", "9K D3 EI HPI PXC SY TJ"),
    ("03", S, "127"),
)
DMG = segment("DMG", "P0102 P1011 C1105",
    ("01", S, "1250", "D8"),
    ("02", S, "1251"),
    ("03", S, "1068", "F M U"),
)
INS_Y = segment("INS", "P1112",
    ("01", R, "1073", "Y"),
    ("02", R, "1069", "18"),
    ("17", R, "1470"),
)
HI_ABK_BK = segment("HI", "",
    ("01", R, "C022"),
    ("01-1", R, "1270", "ABK BK"),
    ("01-2", R, "1271"),
    ("02", S, "C022"),
    ("02-1", R, "1270", "ABF BF"),
    ("02-2", R, "1271"),
    ("03", S, "C022"),
    ("03-1", R, "1270", "ABF BF"),
    ("03-2", R, "1271"),
    ("04", S, "C022"),
    ("04-1", R, "1270", "ABF BF"),
    ("04-2", R, "1271"),
    ("05", S, "C022"),
    ("05-1", R, "1270", "ABF BF"),
    ("05-2", R, "1271"),
    ("06", S, "C022"),
    ("06-1", R, "1270", "ABF BF"),
    ("06-2", R, "1271"),
    ("07", S, "C022"),
    ("07-1", R, "1270", "ABF BF"),
    ("07-2", R, "1271"),
    ("08", S, "C022"),
    ("08-1", R, "1270", "ABF BF"),
    ("08-2", R, "1271"),
)
DTP_102_291 = segment("DTP", "",
    ("01", R, "374", "102 291"),
    ("02", R, "1250", "D8 RD8"),
    ("03", R, "1251"),
)
EQ_2110C = segment("EQ", "R0102",
    ("01", S, "1365", SERVICE_TYPES, MOST_SERVICE_TYPES),
    ("02", S, "C003"),
    ("02-1", R, "235", "AD CJ HC ID IV N4 ZZ"),
    ("02-2", R, "234"),
    ("02-3", S, "1339"),
    ("02-4", S, "1339"),
    ("02-5", S, "1339"),
    ("02-6", S, "1339"),
    ("03", S, "1207", "FAM"),
    ("05", S, "C004"),
    ("05-1", R, "1328"),
    ("05-2", S, "1328"),
    ("05-3", S, "1328"),
    ("05-4", S, "1328"),
)
AMT_R = segment("AMT", "",
    ("01", R, "522", "R"),
    ("02", R, "782"),
)
AMT_PB = segment("AMT", "",
    ("01", R, "522", "PB"),
    ("02", R, "782"),
)
III_ZZ = segment("III", "P0102 L030405",
    ("01", R, "1270", "ZZ"),
    ("02", R, "1271", "@pos"),
)
REF_9F_G1 = segment("REF", "R0203",
    ("01", R, "128", "9F G1"),
    ("02", R, "127"),
)
DTP_291 = segment("DTP", "",
    ("01", R, "374", "291"),
    ("02", R, "1250", "D8 RD8"),
    ("03", R, "1251"),
)
NM1_03 = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "03"),
    ("02", R, "1065", "1"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
)
REF_2100D = segment("REF", "R0203",
    ("01", R, "128", "18 1L 1W 6P CT EA EJ F6 GH HJ IF IG MRC N6 SY Y4"),
    ("02", R, "127"),
)
INS_N = segment("INS", "P1112",
    ("01", R, "1073", "N"),
    ("02", R, "1069", "01 19 34"),
    ("17", S, "1470"),
)
EQ_2110D = segment("EQ", "R0102",
    ("01", S, "1365", SERVICE_TYPES, MOST_SERVICE_TYPES),
    ("02", S, "C003"),
    ("02-1", R, "235", "AD CJ HC ID IV N4 ZZ"),
    ("02-2", R, "234"),
    ("02-3", S, "1339"),
    ("02-4", S, "1339"),
    ("02-5", S, "1339"),
    ("02-6", S, "1339"),
    ("05", S, "C004"),
    ("05-1", R, "1328"),
    ("05-2", S, "1328"),
    ("05-3", S, "1328"),
    ("05-4", S, "1328"),
)

LOOP_2100A = loop("2100A", "information source",
    use(300, NM1_2B_36_GP_P5_PR, R, 1),
)
LOOP_2100B = loop("2100B", "information receiver",
    use(300, NM1_1P_2B_ETC, R, 1),
    use(400, REF_2100B, S, 9),
    use(600, shapes.N3, S, 1),
    use(700, shapes.N4_2010AB, S, 1),
    use(900, PRV_2100B, S, 1),
)
LOOP_2110C = loop("2110C", "subscriber inquiry",
    use(1300, EQ_2110C, R, 1),
    use(1350, AMT_R, S, 1),
    use(1350, AMT_PB, S, 1),
    use(1700, III_ZZ, S, 1),
    use(1900, REF_9F_G1, S, 1),
    use(2000, DTP_291, S, 1),
)
LOOP_2100C = loop("2100C", "subscriber",
    use(300, NM1_IL_2100C, R, 1),
    use(400, REF_2100C, S, 9),
    use(600, shapes.N3, S, 1),
    use(700, shapes.N4_2010AB, S, 1),
    use(900, PRV_2100C, S, 1),
    use(1000, DMG, S, 1),
    use(1100, INS_Y, S, 1),
    use(1150, HI_ABK_BK, S, 1),
    use(1200, DTP_102_291, S, 2),
    nest(1300, LOOP_2110C, S, 99),
)
LOOP_2110D = loop("2110D", "dependent inquiry",
    use(1300, EQ_2110D, R, 1),
    use(1700, III_ZZ, S, 1),
    use(1900, REF_9F_G1, S, 1),
    use(2000, DTP_291, S, 1),
)
LOOP_2100D = loop("2100D", "dependent",
    use(300, NM1_03, R, 1),
    use(400, REF_2100D, S, 9),
    use(600, shapes.N3, S, 1),
    use(700, shapes.N4_2010AB, S, 1),
    use(900, PRV_2100C, S, 1),
    use(1000, DMG, S, 1),
    use(1100, INS_N, S, 1),
    use(1150, HI_ABK_BK, S, 1),
    use(1200, DTP_102_291, S, 2),
    nest(1300, LOOP_2110D, R, 99),
)
LOOP_2000D = loop("2000D", "dependent level",
    use(100, shapes.HL_23, R, 1),
    use(200, shapes.TRN_1, S, 2),
    nest(300, LOOP_2100D, R, 1),
)
LOOP_2000C = loop("2000C", "subscriber level",
    use(100, shapes.HL_22, R, 1),
    use(200, shapes.TRN_1, S, 2),
    nest(300, LOOP_2100C, R, 1),
    nest(5000, LOOP_2000D, S, 0),
)
LOOP_2000B = loop("2000B", "information receiver level",
    use(100, shapes.HL_21_2, R, 1),
    nest(300, LOOP_2100B, R, 1),
    nest(5000, LOOP_2000C, R, 0),
)
LOOP_2000A = loop("2000A", "information source level",
    use(100, shapes.HL_20, R, 1),
    nest(300, LOOP_2100A, R, 1),
    nest(5000, LOOP_2000B, R, 0),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, shapes.ST, R, 1),
    use(100200, BHT_HEADER, R, 1),
    nest(200100, LOOP_2000A, R, 0),
    use(999999, SE, R, 1),
)
GUIDE = Guide(
    id="005010X279A1",
    set_id="270",
    functional_id="HS",
    aliases=("005010X279",),
    records=("2100C", "2100D"),
    root=TRANSACTION,
)
