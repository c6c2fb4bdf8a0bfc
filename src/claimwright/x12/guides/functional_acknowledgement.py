"""997: the functional acknowledgement of the base standard, as payers still send it in place of a 999."""

# fmt: off
from claimwright.x12.guides import control
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

AK1 = segment("AK1", "",
    ("01", R, "479"),
    ("02", R, "28"),
    ("03", S, "480"),
)
AK2 = segment("AK2", "",
    ("01", R, "143"),
    ("02", R, "329"),
    ("03", S, "1705"),
)
AK3 = segment("AK3", "",
    ("01", R, "721"),
    ("02", R, "719"),
    ("03", S, "447"),
    ("04", S, "720", "1 2 3 4 5 6 7 8"),
)
AK4 = segment("AK4", "",
    ("01", R, "C030"),
    ("01-1", R, "722"),
    ("01-2", S, "1528"),
    ("01-3", S, "1686"),
    ("02", S, "725"),
    ("03", R, "723", "1 2 3 4 5 6 7 8 9 10 12 13"),
    ("04", S, "724"),
)
AK5 = segment("AK5", "",
    ("01", R, "717", "A E M R W X"),
    ("02", S, "718"),
    ("03", S, "718"),
    ("04", S, "718"),
    ("05", S, "718"),
    ("06", S, "718"),
)
AK9 = segment("AK9", "",
    ("01", R, "715", "A E M P R W X"),
    ("02", R, "97"),
    ("03", R, "123"),
    ("04", R, "2"),
    ("05", S, "716"),
    ("06", S, "716"),
    ("07", S, "716"),
    ("08", S, "716"),
    ("09", S, "716"),
)

LOOP_2110 = loop("2110", "element in error",
    use(10, AK4, R, 1),
)
LOOP_2100 = loop("2100", "segment in error",
    use(10, AK3, R, 1),
    nest(20, LOOP_2110, S, 99),
)
LOOP_2000 = loop("2000", "transaction set",
    use(10, AK2, R, 1),
    nest(20, LOOP_2100, S, 0),
    use(30, AK5, R, 1),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, control.ST, R, 1),
    use(10, AK1, R, 1),
    nest(20, LOOP_2000, S, 0),
    use(30, AK9, R, 1),
    use(999999, control.SE, R, 1),
)
GUIDE = Guide(
    id="997",
    set_id="997",
    functional_id="FA",
    root=TRANSACTION,
)
