"""999, 005010X231A1: the implementation acknowledgement.

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.
"""

# fmt: off
from claimwright.x12.guides import control, shapes
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

AK1_BE_HB_ETC = segment("AK1", "",
    ("01", R, "479", "BE HB HC HI HN HP HR HS PI RA"),
    ("02", R, "28"),
    ("03", R, "480"),
)
AK2_270_271_ETC = segment("AK2", "",
    ("01", R, "143", "270 271 275 276 277 278 820 834 835 837"),
    ("02", R, "329"),
    ("03", S, "1705"),
)
IK3_1_2_ETC = segment("IK3", "",
    ("01", R, "721"),
    ("02", R, "719"),
    ("03", S, "447"),
    ("04", S, "620", "1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9"),
)
CTX_TRN02_NM109_ETC = segment("CTX", "",
    ("01", R, "C998", "", 10),
    ("01-1", R, "9999", ("TRN02", "NM109", "PATIENT NAME NM109", "SUBSCRIBER NAME NM109", "ENT01", "SUBSCRIBER NUMBER REF02", "CLM01",)),
    ("01-2", R, "9998"),
    ("05", S, "C030"),
    ("05-1", R, "722"),
    ("05-2", S, "1528"),
    ("05-3", S, "1686"),
)
IK4_1_2_ETC = segment("IK4", "",
    ("01", R, "C030"),
    ("01-1", R, "722"),
    ("01-2", S, "1528"),
    ("01-3", S, "1686"),
    ("02", S, "725"),
    ("03", R, "621", "1 2 3 4 5 6 7 8 9 10 11 12 13 I10 I11 I12 I13 I6 I9"),
    ("04", S, "724"),
)
IK5_A_E_ETC = segment("IK5", "",
    ("01", R, "717", "A E M R W X"),
    ("02", S, "618", "1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6"),
    ("03", S, "618", "1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6"),
    ("04", S, "618", "1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6"),
    ("05", S, "618", "1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6"),
    ("06", S, "618", "1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6"),
)
AK9_A_E_ETC = segment("AK9", "",
    ("01", R, "715", "A E M P R W X"),
    ("02", R, "97"),
    ("03", R, "123"),
    ("04", R, "2"),
    ("05", S, "716", "1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"),
    ("06", S, "716", "1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"),
    ("07", S, "716", "1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"),
    ("08", S, "716", "1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"),
    ("09", S, "716", "1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"),
)

LOOP_2110 = loop("2110", "element in error",
    use(600, IK4_1_2_ETC, R, 1),
    use(700, shapes.CTX_SITUATIONALTRIGGER, S, 10),
)
LOOP_2100 = loop("2100", "segment in error",
    use(400, IK3_1_2_ETC, R, 1),
    use(500, shapes.CTX_SITUATIONALTRIGGER, S, 9),
    use(500, CTX_TRN02_NM109_ETC, S, 1),
    nest(600, LOOP_2110, S, 0),
)
LOOP_2000 = loop("2000", "transaction set",
    use(300, AK2_270_271_ETC, R, 1),
    nest(400, LOOP_2100, S, 0),
    use(800, IK5_A_E_ETC, R, 1),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, control.ST, R, 1),
    use(100200, AK1_BE_HB_ETC, R, 1),
    nest(100300, LOOP_2000, S, 0),
    use(100900, AK9_A_E_ETC, R, 1),
    use(999999, control.SE, R, 1),
)
GUIDE = Guide(
    id="005010X231A1",
    set_id="999",
    functional_id="FA",
    aliases=("005010X231",),
    records=("2000",),
    root=TRANSACTION,
)
