"""276, 005010X212: the claim status request.

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.

The subscriber's loops and the dependent's are the same; the 277 that answers (`status_response`) takes from here what
it says in the same words. E1 and E2 are errata of the text: the tables did not change.

Facts were read against the typed models of x12sdk 2.2 (Apache-2.0), the definitions of stupidedi (BSD) and, for the
shared parts, pyx12's map of the 277 (BSD). Where they differ: a subscriber may be an organization, as in stupidedi
and pyx12; SVC07 is required, as in x12sdk and pyx12's 277, while stupidedi lets a request leave it out.
"""

# fmt: off
from claimwright.x12.guides import shapes
from claimwright.x12.guides.control import SE
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

BHT_HEADER = segment("BHT", "",
    ("01", R, "1005", "0010"),
    ("02", R, "353", "13"),
    ("03", R, "127"),
    ("04", R, "373"),
    ("05", R, "337"),
)
NM1_41 = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "41"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("08", R, "66", "46"),
    ("09", R, "67"),
)
NM1_1P = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "1P"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "FI SV XX"),
    ("09", R, "67"),
)
DMG_D8 = segment("DMG", "P0102 P1011 C1105",
    ("01", R, "1250", "D8"),
    ("02", R, "1251"),
    ("03", S, "1068", "F M"),
)
NM1_IL = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "IL"),
    ("02", R, "1065", "1 2"),
    ("03", R, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "24 II MI"),
    ("09", R, "67"),
)
REF_1K = segment("REF", "R0203",
    ("01", R, "128", "1K"),
    ("02", R, "127"),
)
REF_6P = segment("REF", "R0203",
    ("01", R, "128", "6P"),
    ("02", R, "127"),
)
REF_XZ = segment("REF", "R0203",
    ("01", R, "128", "XZ"),
    ("02", R, "127"),
)
AMT_T3 = segment("AMT", "",
    ("01", R, "522", "T3"),
    ("02", R, "782"),
)
SVC = segment("SVC", "",
    ("01", R, "C003"),
    ("01-1", R, "235", "AD ER HC HP IV N4 NU WK"),
    ("01-2", R, "234"),
    ("01-3", S, "1339"),
    ("01-4", S, "1339"),
    ("01-5", S, "1339"),
    ("01-6", S, "1339"),
    ("02", R, "782"),
    ("04", S, "234"),
    ("07", R, "380"),
)
REF_FJ = segment("REF", "R0203",
    ("01", R, "128", "FJ"),
    ("02", R, "127"),
)
HL_23 = segment("HL", "",
    ("01", R, "628"),
    ("02", R, "734"),
    ("03", R, "735", "23"),
)

LOOP_2100A = loop("2100A", "payer",
    use(500, shapes.NM1_PR, R, 1),
)
LOOP_2100B = loop("2100B", "information receiver",
    use(500, NM1_41, R, 1),
)
LOOP_2100C = loop("2100C", "provider",
    use(500, NM1_1P, R, 1),
)
LOOP_2100D = loop("2100D", "subscriber",
    use(500, NM1_IL, R, 1),
)
LOOP_2210D = loop("2210D", "subscriber service line",
    use(1300, SVC, R, 1),
    use(1400, REF_FJ, S, 1),
    use(1500, shapes.DTP_472, R, 1),
)
LOOP_2200D = loop("2200D", "subscriber claim",
    use(900, shapes.TRN_1_2200A, R, 1),
    use(1000, REF_1K, S, 1),
    use(1000, shapes.REF_BLT, S, 1),
    use(1000, shapes.REF_LU, S, 1),
    use(1000, REF_6P, S, 1),
    use(1000, shapes.REF_EJ, S, 1),
    use(1000, REF_XZ, S, 1),
    use(1000, shapes.REF_D9, S, 1),
    use(1100, AMT_T3, S, 1),
    use(1200, shapes.DTP_472, S, 1),
    nest(1300, LOOP_2210D, S, 0),
)
LOOP_2100E = loop("2100E", "dependent",
    use(500, shapes.NM1_QC, R, 1),
)
LOOP_2210E = loop("2210E", "dependent service line",
    use(1300, SVC, R, 1),
    use(1400, REF_FJ, S, 1),
    use(1500, shapes.DTP_472, R, 1),
)
LOOP_2200E = loop("2200E", "dependent claim",
    use(900, shapes.TRN_1_2200A, R, 1),
    use(1000, REF_1K, S, 1),
    use(1000, shapes.REF_BLT, S, 1),
    use(1000, shapes.REF_LU, S, 1),
    use(1000, REF_6P, S, 1),
    use(1000, shapes.REF_EJ, S, 1),
    use(1000, REF_XZ, S, 1),
    use(1000, shapes.REF_D9, S, 1),
    use(1100, AMT_T3, S, 1),
    use(1200, shapes.DTP_472, S, 1),
    nest(1300, LOOP_2210E, S, 0),
)
LOOP_2000E = loop("2000E", "dependent level",
    use(100, HL_23, R, 1),
    use(400, DMG_D8, R, 1),
    nest(500, LOOP_2100E, R, 1),
    nest(900, LOOP_2200E, R, 0),
)
LOOP_2000D = loop("2000D", "subscriber level",
    use(100, shapes.HL_22, R, 1),
    use(400, DMG_D8, S, 1),
    nest(500, LOOP_2100D, R, 1),
    nest(900, LOOP_2200D, S, 0),
    nest(3000, LOOP_2000E, S, 0),
)
LOOP_2000C = loop("2000C", "service provider level",
    use(100, shapes.HL_19, R, 1),
    nest(500, LOOP_2100C, R, 2),
    nest(3000, LOOP_2000D, R, 0),
)
LOOP_2000B = loop("2000B", "information receiver level",
    use(100, shapes.HL_21_2, R, 1),
    nest(500, LOOP_2100B, R, 1),
    nest(3000, LOOP_2000C, R, 0),
)
LOOP_2000A = loop("2000A", "information source level",
    use(100, shapes.HL_20, R, 1),
    nest(500, LOOP_2100A, R, 1),
    nest(3000, LOOP_2000B, R, 0),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, shapes.ST, R, 1),
    use(100200, BHT_HEADER, R, 1),
    nest(200100, LOOP_2000A, R, 0),
    use(999999, SE, R, 1),
)
GUIDE = Guide(
    id="005010X212",
    set_id="276",
    functional_id="HR",
    aliases=("005010X212E1", "005010X212E2"),
    records=("2200D", "2200E"),
    root=TRANSACTION,
)
