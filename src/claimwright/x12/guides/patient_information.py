"""275, 005010X210: additional information to support a claim or encounter (the attachment).

Segments first, then loops from the innermost out. `use(position, segment, usage, most)`; most 0 = no limit.

No free validator carries a table of this guide, and it was never mandated, so senders differ. Loops, their order and
their qualifiers were read against MuleSoft's and Stedi's published lists, the base 275 of EdiFabric and companion
guides; nothing finer could be proven. So, on purpose lenient:

- 1000A to 1000D are required; what identifies them (NM108) takes every qualifier seen, and the provider comes as 1P or,
  as in older files, 85; the provider's REF takes any qualifier;
- BGN04 to BGN09 may be filled, BGN01 is 02 (unsolicited), 11 (an answer to a 277) or 22 (a copy);
- 1000D takes the payer's and the patient's usual numbers beside EJ, BLT, EA and D9;
- the REFs of 2000A (line number, procedure, modifiers, revenue code) take any qualifier and come without limit;
- STC is taken with a date, an action and an amount, and as often as it comes;
- CAT01, CAT02 and EFI01 take any code (in use: AE; HL, IA, MB, TX, UL; 05), the rest of both is situational;
- 2110B may be absent (information sent by other means) and may repeat.

BIN02 is as many bytes as BIN01 says, separators and line ends included: the reader cuts it by its length.
"""

# fmt: off
from claimwright.x12.guides import control, shapes
from claimwright.x12.guides.rows import Guide, R, S, loop, nest, segment, use

BGN = segment("BGN", "C0504",
    ("01", R, "353", "02 11 22"),
    ("02", R, "127"),
    ("03", R, "373"),
    ("04", S, "337"),
    ("05", S, "623"),
    ("06", S, "127"),
    ("07", S, "640"),
    ("08", S, "306"),
    ("09", S, "786"),
)
NM1_PR = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "PR"),
    ("02", R, "1065", "2"),
    ("03", S, "1035"),
    ("08", R, "66", "24 46 FI PI XV"),
    ("09", R, "67"),
)
NM1_41 = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "41"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "24 34 46 FI PI SV XV XX"),
    ("09", R, "67"),
)
NM1_1P = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "1P 85"),
    ("02", R, "1065", "1 2"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("07", S, "1039"),
    ("08", R, "66", "24 34 FI SV XX"),
    ("09", R, "67"),
)
PRV = segment("PRV", "P0203",
    ("01", R, "1221"),
    ("02", S, "128", "PXC"),
    ("03", S, "127"),
)
REF_1000C = segment("REF", "R0203",
    ("01", R, "128"),
    ("02", R, "127"),
)
NX1 = segment("NX1", "",
    ("01", R, "98", "1P 85"),
)
NM1_QC = segment("NM1", "P0809 C1110 C1203",
    ("01", R, "98", "QC"),
    ("02", R, "1065", "1"),
    ("03", S, "1035"),
    ("04", S, "1036"),
    ("05", S, "1037"),
    ("06", S, "1038"),
    ("07", S, "1039"),
    ("08", R, "66", "34 EI HN II MI SY ZZ"),
    ("09", R, "67"),
)
REF_1000D = segment("REF", "R0203",
    ("01", R, "128", "1K 1L 1W 6P F8 G1 IG SY Y4"),
    ("02", R, "127"),
)
TRN = segment("TRN", "",
    ("01", R, "481", "1 2"),
    ("02", R, "127"),
    ("03", S, "509"),
    ("04", S, "127"),
)
STC = segment("STC", "",
    ("01", R, "C043"),
    ("01-1", R, "1271"),
    ("01-2", R, "1271"),
    ("01-3", S, "98", "@entity_id"),
    ("01-4", S, "1270", "LOI"),
    ("02", S, "373"),
    ("03", S, "306"),
    ("04", S, "782"),
    ("10", S, "C043"),
    ("10-1", R, "1271"),
    ("10-2", R, "1271"),
    ("10-3", S, "98", "@entity_id"),
    ("10-4", S, "1270", "LOI"),
    ("11", S, "C043"),
    ("11-1", R, "1271"),
    ("11-2", R, "1271"),
    ("11-3", S, "98", "@entity_id"),
    ("11-4", S, "1270", "LOI"),
    ("12", S, "933"),
)
REF_2000A = segment("REF", "R0203",
    ("01", R, "128"),
    ("02", S, "127"),
    ("03", S, "352"),
    ("04", S, "C040"),
    ("04-1", R, "128"),
    ("04-2", R, "127"),
    ("04-3", S, "128"),
    ("04-4", S, "127"),
    ("04-5", S, "128"),
    ("04-6", S, "127"),
)
DTP_368 = segment("DTP", "",
    ("01", R, "374", "368"),
    ("02", R, "1250", "D8"),
    ("03", R, "1251"),
)
CAT = segment("CAT", "C0302 P0405 C0605 C0704",
    ("01", R, "755"),
    ("02", R, "756"),
    ("03", S, "799"),
    ("04", S, "1270"),
    ("05", S, "1271"),
    ("06", S, "1271"),
    ("07", S, "799"),
)
EFI = segment("EFI", "",
    ("01", R, "786"),
    ("02", S, "933"),
    ("03", S, "797"),
    ("04", S, "799"),
    ("05", S, "802"),
    ("06", S, "799"),
    ("07", S, "800"),
    ("08", S, "799"),
    ("09", S, "801"),
)
BIN = segment("BIN", "",
    ("01", R, "784"),
    ("02", R, "785"),
)

LOOP_1000A = loop("1000A", "payer",
    use(500, NM1_PR, R, 1),
    use(900, shapes.PER_IC, S, 1),
)
LOOP_1000B = loop("1000B", "submitter",
    use(500, NM1_41, R, 1),
)
LOOP_1100C = loop("1100C", "provider address",
    use(1100, NX1, R, 1),
    use(1200, shapes.N3, S, 1),
    use(1300, shapes.N4_2010AB, S, 1),
)
LOOP_1000C = loop("1000C", "provider",
    use(500, NM1_1P, R, 1),
    use(800, PRV, S, 1),
    use(1000, REF_1000C, S, 0),
    nest(1100, LOOP_1100C, S, 1),
)
LOOP_1000D = loop("1000D", "patient",
    use(500, NM1_QC, R, 1),
    use(1000, shapes.REF_EJ, S, 1),
    use(1000, shapes.REF_BLT, S, 1),
    use(1000, shapes.REF_EA, S, 1),
    use(1000, shapes.REF_D9, S, 1),
    use(1000, REF_1000D, S, 0),
    use(1050, shapes.DTP_472, S, 1),
)
LOOP_2100A = loop("2100A", "service date",
    use(800, shapes.DTP_472, R, 1),
)
LOOP_2110B = loop("2110B", "attached document",
    use(1100, EFI, R, 1),
    use(1200, BIN, R, 1),
)
LOOP_2100B = loop("2100B", "submission date",
    use(800, DTP_368, R, 1),
    use(900, CAT, R, 1),
    nest(1100, LOOP_2110B, S, 0),
)
LOOP_2000A = loop("2000A", "attachment",
    use(100, shapes.LX, R, 1),
    use(200, TRN, R, 1),
    use(300, STC, S, 0),
    use(700, REF_2000A, S, 0),
    nest(800, LOOP_2100A, S, 1),
    nest(800, LOOP_2100B, R, 1),
)
TRANSACTION = loop("ST_LOOP", "transaction",
    use(0, control.ST, R, 1),
    use(100200, BGN, R, 1),
    nest(100500, LOOP_1000A, R, 1),
    nest(100500, LOOP_1000B, R, 1),
    nest(100500, LOOP_1000C, R, 1),
    nest(100500, LOOP_1000D, R, 1),
    nest(200100, LOOP_2000A, R, 0),
    use(999999, control.SE, R, 1),
)
GUIDE = Guide(
    id="005010X210",
    set_id="275",
    functional_id="PI",
    aliases=(),
    records=("2000A",),
    root=TRANSACTION,
)
