"""271, 005010X279A1: the answer to an eligibility and benefit inquiry.

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.

LS and LE are segments of 2110 that stand around its 2120 loops; both may be left out with them. That neither comes
without the other no row can say.

Facts were read against the typed models of x12sdk 2.2 (Apache-2.0), the definitions of stupidedi (BSD), the 4010
maps of pyx12 (BSD) and the answer's fields as one clearinghouse publishes them. Where they differ the longer list of
codes stands, since a payer's answer that is read as wrong helps nobody: EB09 VS and YY, EB03 GY, PRV02 of the
subscriber's provider as in the 270, WP in PER of 2120, REF*MRC on both levels, M7 in REF of both 2110 loops. MPI comes
once (stupidedi lets the subscriber's come nine times), 2115 ten times, 2120 23 times, on both levels. III02 is not
listed: what it holds hangs on III01.
"""

# fmt: off
from claimwright.x12.guides import shapes
from claimwright.x12.guides.control import SE
from claimwright.x12.guides.eligibility_inquiry import (
    DMG,
    HI_ABK_BK,
    MOST_SERVICE_TYPES,
    NM1_03,
    NM1_2B_36_GP_P5_PR,
    NM1_IL_2100C,
    PRV_2100B,
    PRV_2100C,
    REF_2100B,
    SERVICE_TYPES,
)
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

BHT_HEADER = segment("BHT", "",
    ("01", R, "1005", "0022"),
    ("02", R, "353", "06 11"),
    ("03", S, "127"),
    ("04", R, "373"),
    ("05", R, "337"),
)
AAA_2000A = segment("AAA", "",
    ("01", R, "1073", "N Y"),
    ("03", R, "901", "04 41 42 79"),
    ("04", R, "889", "C N P R S Y"),
)
AAA_2100A = segment("AAA", "",
    ("01", R, "1073", "N Y"),
    ("03", R, "901", "04 41 42 79 80 T4"),
    ("04", R, "889", "C N P R S W X Y"),
)
NM1_1P_2B_ETC = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "1P 2B 36 80 FA GP P5 PR"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "24 34 FI PI PP SV XV XX"),
    ("09", R, "67"),
)
AAA_2100B = segment("AAA", "",
    ("01", R, "1073", "N Y"),
    ("03", R, "901", "15 41 43 44 45 46 47 48 50 51 79 97 T4"),
    ("04", R, "889", "C N R S W X Y"),
)
REF_2100C = segment("REF", "R0203",
    ("01", R, "128", "18 1L 1W 3H 49 6P CE CT EA EJ F6 GH HJ IF IG MRC N6 NQ Q4 SY Y4"),
    ("02", R, "127"),
    ("03", S, "352"),
)
AAA_2100C = segment("AAA", "",
    ("01", R, "1073", "N Y"),
    ("03", R, "901", "15 35 42 43 45 47 48 49 51 52 56 57 58 60 61 62 63 71 72 73 74 75 76 78"),
    ("04", R, "889", "C N R S W X Y"),
)
INS_Y = segment("INS", "P1112",
    ("01", R, "1073", "Y"),
    ("02", R, "1069", "18"),
    ("03", S, "875", "001"),
    ("04", S, "1203", "25"),
    ("17", S, "1470"),
)
DTP_2100C = segment("DTP", "",
    ("01", R, "374", (
        "096 102 152 291 307 318 340 341 342 343 346 347 356 357 382 435 442 458 472 539 540 636 771"
    )),
    ("02", R, "1250", "D8 RD8"),
    ("03", R, "1251"),
)
MPI = segment("MPI", "P0607",
    ("01", R, "1201", "A C L O P S T"),
    ("02", R, "584", "AE AO AS AT AU CC DD HD IR LX PE RE RM RR RU"),
    ("03", R, "1595", "A B C D E F G H I J K L M N O Q R S U W"),
    ("04", S, "352"),
    ("05", S, "1596", (
        "A1 A2 A3 B1 B2 C1 C2 C3 C4 C5 C6 C7 C8 C9 E1 F1 F2 F3 F4 G1 G4 L1 L2 L3 L4 L5 L6 M1 M2 M3 M4 M5 M6 "
        "P1 P2 P3 P4 P5 R1 R2 S1 S2 S3 S4 S5 S6 S7 S8 S9 SA SB SC T1 V1 W1"
    )),
    ("06", S, "1250", "D8 RD8"),
    ("07", S, "1251"),
)
EB_2110C = segment("EB", "P0910",
    ("01", R, "1390", "1 2 3 4 5 6 7 8 A B C CB D E F G H I J K L M MC N O P Q R S T U V W X Y"),
    ("02", S, "1207", "CHD DEP ECH EMP ESP FAM IND SPC SPO"),
    ("03", S, "1365", SERVICE_TYPES, MOST_SERVICE_TYPES),
    ("04", S, "1336", (
        "12 13 14 15 16 41 42 43 47 AP C1 CO CP D DB EP FF GP HM HN HS IN IP LC LD LI LT MA MB MC MH MI MP OT PE PL "
        "PP PR PS QM RP SP TF WC WU"
    )),
    ("05", S, "1204"),
    ("06", S, "615", "6 7 13 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36"),
    ("07", S, "782"),
    ("08", S, "954"),
    ("09", S, "673", "8H 99 CA CE D3 DB DY HS LA LE M2 MN P6 QA S7 S8 VS YY"),
    ("10", S, "380"),
    ("11", S, "1073", "N U Y"),
    ("12", S, "1073", "N U W Y"),
    ("13", S, "C003"),
    ("13-1", R, "235", "AD CJ HC ID IV N4 ZZ"),
    ("13-2", R, "234"),
    ("13-3", S, "1339"),
    ("13-4", S, "1339"),
    ("13-5", S, "1339"),
    ("13-6", S, "1339"),
    ("13-8", S, "234"),
    ("14", S, "C004"),
    ("14-1", R, "1328"),
    ("14-2", S, "1328"),
    ("14-3", S, "1328"),
    ("14-4", S, "1328"),
)
HSD = segment("HSD", "P0102 C0605",
    ("01", S, "673", "DY FL HS MN VS"),
    ("02", S, "380"),
    ("03", S, "355", "DA MO VS WK YR"),
    ("04", S, "1167"),
    ("05", S, "615", "6 7 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35"),
    ("06", S, "616"),
    ("07", S, "678", (
        "1 2 3 4 5 6 7 8 9 A B C D E F G H J K L M N O P Q R S SG SL SP SX SY SZ T U V W X Y"
    )),
    ("08", S, "679", "A B C D E F G Y"),
)
REF_2110C = segment("REF", "R0203",
    ("01", R, "128", "18 1L 1W 49 6P 9F ALS CLI F6 FO G1 IG M7 N6 NQ"),
    ("02", R, "127"),
    ("03", S, "352"),
)
DTP_2110C = segment("DTP", "",
    ("01", R, "374", "096 193 194 198 290 291 292 295 304 307 318 346 348 349 356 357 435 472 636 771"),
    ("02", R, "1250", "D8 RD8"),
    ("03", R, "1251"),
)
AAA_2110C = segment("AAA", "",
    ("01", R, "1073", "N Y"),
    ("03", R, "901", "15 33 52 53 54 55 56 57 60 61 62 63 69 70 98 AA AE AF AG AO CI E8 IA MA"),
    ("04", R, "889", "C N R W X Y"),
)
III = segment("III", "P0102 L030405",
    ("01", S, "1270", "GR NI ZZ"),
    ("02", S, "1271"),
    ("03", S, "1136", "44"),
    ("04", S, "933"),
)
LS = segment("LS", "",
    ("01", R, "447", "2120"),
)
LE = segment("LE", "",
    ("01", R, "447", "2120"),
)
NM1_2120C = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "13 1I 1P 2B 36 73 FA GP GW I3 IL LR OC P3 P4 P5 PR PRP SEP TTP VER VN VY X3 Y2"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", S, "66", "24 34 46 FA FI II MI NI PI PP SV XV XX"),
    ("09", S, "67"),
    ("10", S, "706", "01 02 27 41 48 65 72"),
)
N4_2120C = segment("N4", "E0207 C0605 C0704",
    ("01", R, "19"),
    ("02", S, "156", "@states"),
    ("03", S, "116"),
    ("04", S, "26", "@country"),
    ("05", S, "309", "RJ"),
    ("06", S, "310"),
    ("07", S, "1715"),
)
PER_2120C = segment("PER", "P0304 P0506 P0708",
    ("01", R, "366", "IC"),
    ("02", S, "93"),
    ("03", S, "365", "ED EM FX TE UR WP"),
    ("04", S, "364"),
    ("05", S, "365", "ED EM EX FX TE UR WP"),
    ("06", S, "364"),
    ("07", S, "365", "ED EM EX FX TE UR WP"),
    ("08", S, "364"),
)
REF_2100D = segment("REF", "R0203",
    ("01", R, "128", "18 1L 1W 49 6P CE CT EA EJ F6 GH HJ IF IG MRC N6 NQ Q4 SY Y4"),
    ("02", R, "127"),
    ("03", S, "352"),
)
AAA_2100D = segment("AAA", "",
    ("01", R, "1073", "N Y"),
    ("03", R, "901", "15 35 42 43 45 47 48 49 51 52 56 57 58 60 61 62 63 64 65 66 67 68 71 77"),
    ("04", R, "889", "C N R S W X Y"),
)
INS_N = segment("INS", "P1112",
    ("01", R, "1073", "N"),
    ("02", R, "1069", "01 19 20 21 39 40 53 G8"),
    ("03", S, "875", "001"),
    ("04", S, "1203", "25"),
    ("17", S, "1470"),
)
EB_2110D = segment("EB", "P0910",
    ("01", R, "1390", "1 2 3 4 5 6 7 8 A B C CB D E F G H I J K L M MC N O P Q R S T U V W X Y"),
    ("02", S, "1207", "CHD DEP ECH ESP FAM IND SPC SPO"),
    ("03", S, "1365", SERVICE_TYPES, MOST_SERVICE_TYPES),
    ("04", S, "1336", (
        "12 13 14 15 16 41 42 43 47 AP C1 CO CP D DB EP FF GP HM HN HS IN IP LC LD LI LT MA MB MC MH MI MP OT PE PL "
        "PP PR PS QM RP SP TF WC WU"
    )),
    ("05", S, "1204"),
    ("06", S, "615", "6 7 13 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36"),
    ("07", S, "782"),
    ("08", S, "954"),
    ("09", S, "673", "8H 99 CA CE D3 DB DY HS LA LE M2 MN P6 QA S7 S8 VS YY"),
    ("10", S, "380"),
    ("11", S, "1073", "N U Y"),
    ("12", S, "1073", "N U W Y"),
    ("13", S, "C003"),
    ("13-1", R, "235", "AD CJ HC ID IV N4 ZZ"),
    ("13-2", R, "234"),
    ("13-3", S, "1339"),
    ("13-4", S, "1339"),
    ("13-5", S, "1339"),
    ("13-6", S, "1339"),
    ("13-8", S, "234"),
    ("14", S, "C004"),
    ("14-1", R, "1328"),
    ("14-2", S, "1328"),
    ("14-3", S, "1328"),
    ("14-4", S, "1328"),
)

LOOP_2100A = loop("2100A", "information source",
    use(300, NM1_2B_36_GP_P5_PR, R, 1),
    use(800, shapes.PER_IC, S, 3),
    use(850, AAA_2100A, S, 9),
)
LOOP_2100B = loop("2100B", "information receiver",
    use(300, NM1_1P_2B_ETC, R, 1),
    use(400, REF_2100B, S, 9),
    use(600, shapes.N3, S, 1),
    use(700, shapes.N4_2010AB, S, 1),
    use(850, AAA_2100B, S, 9),
    use(900, PRV_2100B, S, 1),
)
LOOP_2115C = loop("2115C", "subscriber benefit, additional information",
    use(2600, III, R, 1),
)
LOOP_2120C = loop("2120C", "subscriber benefit, related entity",
    use(3400, NM1_2120C, R, 1),
    use(3600, shapes.N3, S, 1),
    use(3700, N4_2120C, S, 1),
    use(3800, PER_2120C, S, 3),
    use(3900, PRV_2100B, S, 1),
)
LOOP_2110C = loop("2110C", "subscriber benefit",
    use(1300, EB_2110C, R, 1),
    use(1350, HSD, S, 9),
    use(1400, REF_2110C, S, 9),
    use(1500, DTP_2110C, S, 20),
    use(1600, AAA_2110C, S, 9),
    use(2500, shapes.MSG, S, 10),
    nest(2600, LOOP_2115C, S, 10),
    use(3300, LS, S, 1),
    nest(3400, LOOP_2120C, S, 23),
    use(4000, LE, S, 1),
)
LOOP_2100C = loop("2100C", "subscriber",
    use(300, NM1_IL_2100C, R, 1),
    use(400, REF_2100C, S, 9),
    use(600, shapes.N3, S, 1),
    use(700, shapes.N4_2010AB, S, 1),
    use(850, AAA_2100C, S, 9),
    use(900, PRV_2100C, S, 1),
    use(1000, DMG, S, 1),
    use(1100, INS_Y, S, 1),
    use(1150, HI_ABK_BK, S, 1),
    use(1200, DTP_2100C, S, 9),
    use(1275, MPI, S, 1),
    nest(1300, LOOP_2110C, S, 0),
)
LOOP_2115D = loop("2115D", "dependent benefit, additional information",
    use(2600, III, R, 1),
)
LOOP_2120D = loop("2120D", "dependent benefit, related entity",
    use(3400, NM1_2120C, R, 1),
    use(3600, shapes.N3, S, 1),
    use(3700, N4_2120C, S, 1),
    use(3800, PER_2120C, S, 3),
    use(3900, PRV_2100B, S, 1),
)
LOOP_2110D = loop("2110D", "dependent benefit",
    use(1300, EB_2110D, R, 1),
    use(1350, HSD, S, 9),
    use(1400, REF_2110C, S, 9),
    use(1500, DTP_2110C, S, 20),
    use(1600, AAA_2110C, S, 9),
    use(2500, shapes.MSG, S, 10),
    nest(2600, LOOP_2115D, S, 10),
    use(3300, LS, S, 1),
    nest(3400, LOOP_2120D, S, 23),
    use(4000, LE, S, 1),
)
LOOP_2100D = loop("2100D", "dependent",
    use(300, NM1_03, R, 1),
    use(400, REF_2100D, S, 9),
    use(600, shapes.N3, S, 1),
    use(700, shapes.N4_2010AB, S, 1),
    use(850, AAA_2100D, S, 9),
    use(900, PRV_2100C, S, 1),
    use(1000, DMG, S, 1),
    use(1100, INS_N, S, 1),
    use(1150, HI_ABK_BK, S, 1),
    use(1200, DTP_2100C, S, 9),
    use(1275, MPI, S, 1),
    nest(1300, LOOP_2110D, S, 0),
)
LOOP_2000D = loop("2000D", "dependent level",
    use(100, shapes.HL_23, R, 1),
    use(200, shapes.TRN, S, 3),
    nest(300, LOOP_2100D, R, 1),
)
LOOP_2000C = loop("2000C", "subscriber level",
    use(100, shapes.HL_22, R, 1),
    use(200, shapes.TRN, S, 3),
    nest(300, LOOP_2100C, R, 1),
    nest(5000, LOOP_2000D, S, 0),
)
LOOP_2000B = loop("2000B", "information receiver level",
    use(100, shapes.HL_21, R, 1),
    nest(300, LOOP_2100B, R, 1),
    nest(5000, LOOP_2000C, S, 0),
)
LOOP_2000A = loop("2000A", "information source level",
    use(100, shapes.HL_20_2, R, 1),
    use(250, AAA_2000A, S, 9),
    nest(300, LOOP_2100A, R, 1),
    nest(5000, LOOP_2000B, S, 0),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, shapes.ST, R, 1),
    use(100200, BHT_HEADER, R, 1),
    nest(200100, LOOP_2000A, R, 0),
    use(999999, SE, R, 1),
)
GUIDE = Guide(
    id="005010X279A1",
    set_id="271",
    functional_id="HB",
    aliases=("005010X279",),
    records=("2100C", "2100D"),
    root=TRANSACTION,
)
