"""277, 005010X212: the answer to a claim status request. The claim acknowledgement (277CA) is another guide, X214.

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.

Facts were read against pyx12's map of this guide (BSD; its loops are broken, its elements are sound), the definitions
of stupidedi (BSD) in their later state and the typed models of x12sdk 2.2 (Apache-2.0). Where they differ: SVC01 has
N4, which stupidedi leaves out; 2100B comes once. The guide lists some 230 entity codes of STC01-3 by itself; they are
a part of the code maintenance list that the 277CA shares, and a vocabulary judges them. STC01-4 RX says that STC01-2
is a reject code of the pharmacies' standard and no claim status code.
"""

# fmt: off
from claimwright.x12.guides import shapes
from claimwright.x12.guides.control import SE
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use
from claimwright.x12.guides.status_inquiry import (
    HL_23,
    NM1_1P,
    NM1_41,
    NM1_IL,
    REF_1K,
    REF_FJ,
    REF_XZ,
)

BHT_HEADER = segment("BHT", "",
    ("01", R, "1005", "0010"),
    ("02", R, "353", "08"),
    ("03", R, "127"),
    ("04", R, "373"),
    ("05", R, "337"),
    ("06", R, "640", "DG"),
)
STC_41_AY_PR = segment("STC", "",
    ("01", R, "C043"),
    ("01-1", R, "1271", "@claim_status_cat"),
    ("01-2", R, "1271", "@claim_status"),
    ("01-3", S, "98", "41 AY PR"),
    ("02", R, "373"),
    ("10", S, "C043"),
    ("10-1", R, "1271", "@claim_status_cat"),
    ("10-2", R, "1271", "@claim_status"),
    ("10-3", S, "98", "41 AY PR"),
    ("11", S, "C043"),
    ("11-1", R, "1271", "@claim_status_cat"),
    ("11-2", R, "1271", "@claim_status"),
    ("11-3", S, "98", "41 AY PR"),
)
HL_19 = segment("HL", "",
    ("01", R, "628"),
    ("02", R, "734"),
    ("03", R, "735", "19"),
    ("04", R, "736", "0 1"),
)
STC_1P = segment("STC", "",
    ("01", R, "C043"),
    ("01-1", R, "1271", "@claim_status_cat"),
    ("01-2", R, "1271", "@claim_status"),
    ("01-3", S, "98", "1P"),
    ("02", R, "373"),
    ("10", S, "C043"),
    ("10-1", R, "1271", "@claim_status_cat"),
    ("10-2", R, "1271", "@claim_status"),
    ("10-3", S, "98", "1P"),
    ("11", S, "C043"),
    ("11-1", R, "1271", "@claim_status_cat"),
    ("11-2", R, "1271", "@claim_status"),
    ("11-3", S, "98", "1P"),
)
STC_2200D = segment("STC", "",
    ("01", R, "C043"),
    ("01-1", R, "1271", "@claim_status_cat"),
    ("01-2", R, "1271", "@claim_status"),
    ("01-3", S, "98", "@entity_id"),
    ("01-4", S, "1270", "RX"),
    ("02", R, "373"),
    ("04", S, "782"),
    ("05", S, "782"),
    ("06", S, "373"),
    ("08", S, "373"),
    ("09", S, "429"),
    ("10", S, "C043"),
    ("10-1", R, "1271", "@claim_status_cat"),
    ("10-2", R, "1271", "@claim_status"),
    ("10-3", S, "98", "@entity_id"),
    ("10-4", S, "1270", "RX"),
    ("11", S, "C043"),
    ("11-1", R, "1271", "@claim_status_cat"),
    ("11-2", R, "1271", "@claim_status"),
    ("11-3", S, "98", "@entity_id"),
    ("11-4", S, "1270", "RX"),
)
REF_VV = segment("REF", "R0203",
    ("01", R, "128", "VV"),
    ("02", R, "127"),
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
    ("03", R, "782"),
    ("04", S, "234"),
    ("07", R, "380"),
)
STC_2220D = segment("STC", "",
    ("01", R, "C043"),
    ("01-1", R, "1271", "@claim_status_cat"),
    ("01-2", R, "1271", "@claim_status"),
    ("01-3", S, "98", "@entity_id"),
    ("01-4", S, "1270", "RX"),
    ("02", R, "373"),
    ("10", S, "C043"),
    ("10-1", R, "1271", "@claim_status_cat"),
    ("10-2", R, "1271", "@claim_status"),
    ("10-3", S, "98", "@entity_id"),
    ("10-4", S, "1270", "RX"),
    ("11", S, "C043"),
    ("11-1", R, "1271", "@claim_status_cat"),
    ("11-2", R, "1271", "@claim_status"),
    ("11-3", S, "98", "@entity_id"),
    ("11-4", S, "1270", "RX"),
)

LOOP_2100A = loop("2100A", "payer",
    use(500, shapes.NM1_PR, R, 1),
    use(800, shapes.PER_IC_2, S, 1),
)
LOOP_2100B = loop("2100B", "information receiver",
    use(500, NM1_41, R, 1),
)
LOOP_2200B = loop("2200B", "information receiver trace",
    use(900, shapes.TRN_2, R, 1),
    use(1000, STC_41_AY_PR, R, 0),
)
LOOP_2100C = loop("2100C", "provider",
    use(500, NM1_1P, R, 1),
)
LOOP_2200C = loop("2200C", "provider trace",
    use(900, shapes.TRN_1_2200A, R, 1),
    use(1000, STC_1P, R, 0),
)
LOOP_2100D = loop("2100D", "subscriber",
    use(500, NM1_IL, R, 1),
)
LOOP_2220D = loop("2220D", "subscriber service line",
    use(1800, SVC, R, 1),
    use(1900, STC_2220D, R, 0),
    use(2000, REF_FJ, S, 1),
    use(2100, shapes.DTP_472, R, 1),
)
LOOP_2200D = loop("2200D", "subscriber claim",
    use(900, shapes.TRN_2, R, 1),
    use(1000, STC_2200D, R, 0),
    use(1100, REF_1K, S, 1),
    use(1100, shapes.REF_BLT, S, 1),
    use(1100, shapes.REF_EJ, S, 1),
    use(1100, REF_XZ, S, 1),
    use(1100, REF_VV, S, 1),
    use(1100, shapes.REF_D9, S, 1),
    use(1200, shapes.DTP_472, S, 1),
    nest(1800, LOOP_2220D, S, 0),
)
LOOP_2100E = loop("2100E", "dependent",
    use(500, shapes.NM1_QC, R, 1),
)
LOOP_2220E = loop("2220E", "dependent service line",
    use(1800, SVC, R, 1),
    use(1900, STC_2220D, R, 0),
    use(2000, REF_FJ, S, 1),
    use(2100, shapes.DTP_472, R, 1),
)
LOOP_2200E = loop("2200E", "dependent claim",
    use(900, shapes.TRN_2, R, 1),
    use(1000, STC_2200D, R, 0),
    use(1100, REF_1K, S, 1),
    use(1100, shapes.REF_BLT, S, 1),
    use(1100, shapes.REF_EJ, S, 1),
    use(1100, REF_XZ, S, 1),
    use(1100, REF_VV, S, 1),
    use(1100, shapes.REF_D9, S, 1),
    use(1200, shapes.DTP_472, S, 1),
    nest(1800, LOOP_2220E, S, 0),
)
LOOP_2000E = loop("2000E", "dependent level",
    use(100, HL_23, R, 1),
    nest(500, LOOP_2100E, R, 1),
    nest(900, LOOP_2200E, R, 0),
)
LOOP_2000D = loop("2000D", "subscriber level",
    use(100, shapes.HL_22, R, 1),
    nest(500, LOOP_2100D, R, 1),
    nest(900, LOOP_2200D, S, 0),
    nest(3000, LOOP_2000E, S, 0),
)
LOOP_2000C = loop("2000C", "service provider level",
    use(100, HL_19, R, 1),
    nest(500, LOOP_2100C, R, 2),
    nest(900, LOOP_2200C, S, 1),
    nest(3000, LOOP_2000D, S, 0),
)
LOOP_2000B = loop("2000B", "information receiver level",
    use(100, shapes.HL_21, R, 1),
    nest(500, LOOP_2100B, R, 1),
    nest(900, LOOP_2200B, S, 1),
    nest(3000, LOOP_2000C, S, 0),
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
    set_id="277",
    functional_id="HN",
    aliases=("005010X212E1", "005010X212E2"),
    records=("2200D", "2200E"),
    root=TRANSACTION,
)
