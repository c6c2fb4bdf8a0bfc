"""HL7 v2 messages to nouns, by dialect: what usual systems send otherwise than the standard's examples."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.claims.from_fhir.code_map import CodeMap, Mapping
from claimwright.claims.from_hl7 import mllp
from claimwright.claims.from_hl7.hearing import hear, parse
from claimwright.claims.from_hl7.reading import Message, pieces
from claimwright.claims.interface_maps import InterfaceMaps, Place
from claimwright.claims.nouns import IntakeProblem, Payer, Provider

DOCTOR = Provider(npi="1234567893", last_name="DOCTOR", first_name="DORA")
MAPS = InterfaceMaps(
    name="EHR",
    providers={"1234567893": DOCTOR, "D77": DOCTOR},
    places={"MAIN": Place(code="MAIN", place_of_service="11")},
    payers={"BCBSX": Payer(payer_id="00932", name="PRAIRIE")},
    code_map=CodeMap({("charge", "OV3"): (Mapping(target_system="cpt", target_code="99213"),)}),
)


def segment(name, **fields):
    """A segment by field numbers: segment("FT1", _1="1", _25="99213")."""
    numbers = {int(key[1:]): value for key, value in fields.items()}
    return "|".join([name, *(numbers.get(number, "") for number in range(1, max(numbers, default=0) + 1))])


def header(kind, control="M1", **fields):
    values = {"_2": "EHR", "_3": "CLINIC", "_4": "CW", "_5": "OFFICE", "_6": "20260826101500", "_8": kind, "_9": control,
              "_10": "P", "_11": "2.5.1"} | fields  # fmt: skip
    return segment("MSH|^~\\&", **values).replace("MSH|^~\\&|", "MSH|^~\\&|", 1).replace("|^~\\&||", "|^~\\&|", 1)


PID = segment(
    "PID", _3="MRN1^^^LAKE^MR", _5="TESTER^ANNA^M^^^^L", _7="19800517", _8="F", _11="12 BIRCH ST^^MADISON^WI^53703-4321",
    _13="(608)555-0142", _18="ACC9",
)  # fmt: skip
PV1 = segment("PV1", _2="O", _3="MAIN", _7="1234567893^DOCTOR^DORA", _19="V77", _44="20260826")
IN1 = segment("IN1", _1="1", _3="BCBSX", _4="Prairie", _8="G1", _12="20260101", _13="20261231", _17="SEL", _36="W123")
DG1 = segment("DG1", _1="1", _3="E11.9^DM^I10", _6="F", _15="1")


def ft1(**fields):
    return segment("FT1", **({"_1": "1", "_2": "T1", "_4": "20260826", "_6": "CG", "_7": "OV3", "_10": "1"} | fields))


def message(*segments, end="\r"):
    return (end.join(segments) + end).encode()


def heard(*segments, maps=MAPS, end="\r"):
    found = parse(message(*segments, end=end), "x.hl7")
    assert isinstance(found, Message)
    return hear(found, maps)


def dft(*more, **changes):
    return heard(header("DFT^P03"), PID, PV1, *(more or (ft1(**changes),)), DG1, IN1)


def codes(found):
    return [problem.code for problem in found.problems]


def test_charges_become_a_visit_with_lines_covers_and_diagnoses():
    found = dft(_11="150.00", _26="25")
    assert codes(found) == []
    visit = found.encounter
    (line,) = visit.lines
    assert (line.procedure_code, line.modifiers, line.charge, line.units) == ("99213", ("25",), Decimal("150.00"), 1)
    assert [one.code for one in visit.diagnoses] == ["E119"]
    assert line.diagnosis_pointers == (1,)
    assert (visit.rendering, visit.place_of_service, visit.location, visit.date_from) == (
        DOCTOR, "11", "MAIN", date(2026, 8, 26)
    )  # fmt: skip
    (cover,) = visit.coverages
    assert (cover.payer.payer_id, cover.member_id, cover.group_number, cover.relationship) == (
        "00932",
        "W123",
        "G1",
        "18",
    )
    assert (cover.start, cover.end) == (
        date(2026, 1, 1),
        date(2027, 1, 1),
    )  # theirs is the last day, ours the first without
    assert visit.external_id == "EHR|V77|2026-08-26"


CHARGE_DIALECTS = [
    # what is sent; code, modifiers, units, charge
    ({"_7": "X1", "_25": "99214^LONG^C4"}, ("99214", (), 1, "0.00")),
    ({"_7": "99213^VISIT^CPT", "_12": "75.00", "_10": "2"}, ("99213", (), 2, "150.00")),
    ({"_7": "99213-25"}, ("99213", ("25",), 1, "0.00")),
    ({"_7": "G0439", "_26": "25^59"}, ("G0439", ("25", "59"), 1, "0.00")),  # modifiers as components
    ({"_7": "X", "_25": "87880", "_26": "QW~59"}, ("87880", ("QW", "59"), 1, "0.00")),  # as repetitions
    ({"_7": "X", "_25": "J1100", "_26": "JW,59", "_10": "2.5"}, ("J1100", ("JW", "59"), Decimal("2.5"), "0.00")),
    ({"_11": "$1,150.00&USD"}, ("99213", (), 1, "1150.00")),
    ({"_6": "", "_10": ""}, ("99213", (), 1, "0.00")),
    ({"_6": "Charge"}, ("99213", (), 1, "0.00")),
]


@pytest.mark.parametrize(("fields", "expected"), CHARGE_DIALECTS)
def test_dialects_of_charges(fields, expected):
    found = dft(**fields)
    assert codes(found) == []
    (line,) = found.encounter.lines
    assert (line.procedure_code, line.modifiers, line.units, str(line.charge)) == expected


@pytest.mark.parametrize(
    ("fields", "code", "place", "blocks"),
    [
        ({"_7": "LAB9"}, "UNMAPPED_CODE", "FT1[1]-7", True),
        ({"_7": "", "_25": "123"}, "UNMAPPED_CODE", "FT1[1]-25", True),
        ({"_6": "CR"}, "CREDIT", "FT1[1]-6", False),
        ({"_10": "-1"}, "CREDIT", "FT1[1]-6", False),
        ({"_6": "PY"}, "NOT_A_CHARGE", "FT1[1]-6", False),
        ({"_10": "two"}, "BAD_NUMBER", "FT1[1]-10", True),
        ({"_11": "free"}, "BAD_NUMBER", "FT1[1]-11", True),
        ({"_20": "STRANGER"}, "UNKNOWN_PROVIDER", "FT1[1]-20", True),
        ({"_16": "MOON"}, None, "", False),  # PV1-3 still says where
        ({"_19": "250.00^^I9"}, "UNMAPPED_CODE", "FT1[1]-19", True),
    ],
)
def test_what_cannot_be_charged_says_where(fields, code, place, blocks):
    found = dft(**fields)
    assert codes(found) == ([code] if code else [])
    for problem in found.problems:
        assert problem.place.endswith(place)
        assert problem.blocks is blocks
        assert problem.fix
        assert "TESTER" not in f"{problem.place}{problem.message}{problem.fix}"


def test_lines_point_at_the_diagnoses_they_name():
    second = segment("DG1", _1="2", _3="M54.5^BACK^I10", _6="F")
    admitting = segment("DG1", _1="3", _3="R07.9^^I10", _6="A")
    one, two = ft1(_19="M54.5^^I10~E11.9^^I10"), ft1(_2="T2", _7="87880", _19="2")
    found = heard(header("DFT^P03"), PID, PV1, one, two, DG1, second, admitting, IN1)
    assert [line.diagnosis_pointers for line in found.encounter.lines] == [(2, 1), (2,)]
    assert [diagnosis.code for diagnosis in found.encounter.diagnoses] == ["E119", "M545"]
    assert found.charge_ids == ("T1", "T2")


def test_a_code_beside_the_charge_and_a_place_for_all_others():
    anywhere = InterfaceMaps(
        name="EHR", providers=MAPS.providers, places={"*": Place(code="MAIN", place_of_service="22")}
    )
    procedure = segment("PR1", _1="1", _3="93000^ECG^C4", _16="26")
    visit = segment("PV1", _2="O", _3="EXAM3^2^1", _7="D77", _19="V1")
    found = heard(header("DFT^P11"), PID, visit, ft1(_7="LOCAL"), procedure, DG1, IN1, maps=anywhere)
    assert codes(found) == []
    assert [(line.procedure_code, line.modifiers) for line in found.encounter.lines] == [("93000", ("26",))]
    assert (found.encounter.place_of_service, found.encounter.rendering) == ("22", DOCTOR)


def test_other_signs_line_ends_escapes_and_letters():
    text = header("ADT^A08").replace("|", "#").replace("^~\\&", "@*\\&").replace("ADT^A08", "ADT@A08")
    pid = "PID###MRN1@@@L@MR##O\\T\\NEIL@MAR\\XCD\\A##19800517#F"
    found = heard(text, pid, "ZPI#1#Mine", end="\r\n")
    assert (found.patient.last_name, found.patient.first_name) == ("O&NEIL", "MARÍA")
    declared = message(header("ADT^A08", _17="8859/1"), PID.replace("ANNA", "MARÍA")).decode().encode("latin-1")
    read = parse(declared, "x")
    assert hear(read, MAPS).patient.first_name == "MARÍA"
    wide = message(header("ADT^A08"), PID).decode().encode("utf-16")
    assert hear(parse(wide, "x"), MAPS).patient.last_name == "TESTER"


def test_absent_is_no_change_and_two_quotes_delete():
    found = heard(header("ADT^A08"), segment("PID", _3="MRN1", _5='TESTER^ANNA^""', _7="19800517", _13='""'))
    assert found.cleared == ("middle_name", "phone")
    assert found.patient.middle_name == ""
    assert heard(header("ADT^A08"), segment("PID", _3="MRN1", _5="TESTER^ANNA", _7="19800517")).cleared == ()


def test_which_number_name_and_address_count():
    pid = segment(
        "PID", _3="111-22-3333^^^SSA^SS~9^^^X^PI~MRN1^^^LAKE^MR", _5="MAIDEN^ANNA^^^^^M~TESTER^ANNA^^^^^L",
        _7="198005171200-0500", _8="Female", _11="OLD^^X^WI^1^^BA~12 BIRCH^^MADISON^Wisconsin^53703^USA^H",
        _13="^NET^Internet^a@b.example~^PRN^PH^^^608^5550142", _15="SPA", _19="111223333", _29="20260801",
    )  # fmt: skip
    patient = heard(header("ADT^A31"), pid).patient
    assert (patient.record_number, patient.last_name, patient.sex, patient.birth_date) == (
        "MRN1", "TESTER", "F", date(1980, 5, 17)
    )  # fmt: skip
    assert (patient.address.line1, patient.address.state, patient.address.country) == ("12 BIRCH", "WI", "")
    assert (patient.phone, patient.language, patient.death_date) == ("6085550142", "es", date(2026, 8, 1))
    assert not any("111" in one for one in patient.external_ids)  # social security numbers are not taken in


def test_covers_in_their_places():
    first = IN1.replace("IN1|1", "IN1|2")
    spouse = segment(
        "IN1", _1="1", _2="PPO", _4="Acme", _16="HUSBAND^BEN", _17="SPO", _18="19790101", _22="1", _49="Z9"
    )
    nothing = segment("IN1", _1="3", _3="LOST")
    found = heard(header("ADT^A28"), PID, first, segment("IN2", _61="ignored"), spouse, nothing)
    assert [(one.sequence, one.member_id, one.relationship) for one in found.coverages] == [
        ("P", "Z9", "01"), ("S", "W123", "18")
    ]  # fmt: skip
    husband = found.coverages[0]
    assert (husband.subscriber.last_name, husband.subscriber.birth_date) == ("HUSBAND", date(1979, 1, 1))
    assert codes(found) == ["COVER_INCOMPLETE"]


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("ORU^R01", {}, "OTHER_MESSAGE"), ("ADT^A99", {}, "OTHER_MESSAGE"), ("ADT^A08", {"_10": "T"}, "TEST_MESSAGE"),
        ("ADT^A08", {"_9": ""}, "NO_CONTROL_ID"), ("ADT^A40", {}, "NO_MERGED_NUMBER"),
    ],
)  # fmt: skip
def test_what_is_not_taken(kind, changes, code):
    found = heard(header(kind, **changes), PID)
    assert found.blocks.code == code
    assert "MSH-" in found.blocks.place or "MRG-1" in found.blocks.place


def test_arrivals_cancellations_and_merges():
    came = heard(header("ADT^A04"), PID, PV1).arrival
    assert (came.number, came.npi, came.location, came.starts_at.date()) == (
        "V77",
        DOCTOR.npi,
        "MAIN",
        date(2026, 8, 26),
    )
    assert (
        heard(header("ADT^A01"), PID, PV1.replace("PV1||O", "PV1||I")).arrival is None
    )  # a stay is billed by its charges
    assert heard(header("ADT^A11"), PID, PV1).cancelled_visit == "V77"
    merged = heard(header("ADT^A40"), PID, segment("MRG", _1="MRN2^^^LAKE^MR"))
    assert (merged.patient.record_number, merged.merged_number) == ("MRN1", "MRN2")


def test_a_batch_file_is_cut_into_its_messages():
    one, two = message(header("ADT^A08", "A"), PID), message(header("ADT^A08", "B"), PID)
    batch = b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + one + two + b"BTS|2\rFTS|1\r"
    found = [batch[start:end] for start, end in pieces(batch)]
    assert found == [one, two]
    framed = b"\x0b" + one + b"\x1c\r\x0b" + two + b"\x1c\r"
    assert [parse(framed[start:end]).value("MSH", 10) for start, end in pieces(framed)] == ["A", "B"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_junk_gives_problems_and_never_raises(data):
    whole = message(header("DFT^P03"), PID, PV1, ft1(), DG1, IN1)
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    junk = data.draw(st.binary(max_size=30) | st.text('|^~\\&\r"0A\x0b', max_size=30).map(str.encode))
    content = whole[:at] + junk + whole[at + length :]
    for start, end in pieces(content):
        found = parse(content[start:end], "x")
        if isinstance(found, IntakeProblem):
            assert found.code
            continue
        said = hear(found, MAPS)
        assert said.problems or said.patient is not None
    answer = mllp.acknowledgement(content, code="AE", at=datetime(2026, 8, 26, tzinfo=UTC), number="1", says="a|b\rc")
    assert answer.count(b"\rMSA") == 1


@given(st.lists(st.binary(max_size=20).filter(lambda one: not set(one) & {0x0B, 0x1C})), st.integers(1, 9))
def test_frames_come_out_as_they_went_in_however_they_are_cut(contents, size):
    stream = b"noise".join(mllp.frame(one) for one in contents)
    framer, found = mllp.Framer(1000), []
    for start in range(0, len(stream), size):
        found += framer.feed(stream[start : start + size])
    assert found == contents
    assert not framer.is_open


def test_a_message_without_end_is_refused():
    framer = mllp.Framer(10)
    with pytest.raises(mllp.TooLong):
        framer.feed(b"\x0b" + b"x" * 11)
    assert mllp.Framer(10).feed(b"\x0bhalf\x0bwhole\x1c\r") == [b"whole"]


def test_the_answer_goes_back_to_the_sender():
    answer = mllp.acknowledgement(
        message(header("ADT^A08", "M9"), PID), code="AE", at=datetime(2026, 8, 26, 9, tzinfo=UTC), number="N1", error="101",
        place="PID-7", says="The date | is ^ missing",
    ).decode()  # fmt: skip
    assert answer.split("\r")[0].startswith("MSH|^~\\&|CW|OFFICE|EHR|CLINIC|20260826090000||ACK^A08|N1|P|2.5.1")
    assert "MSA|AE|M9|The date   is   missing" in answer
    assert "ERR||PID-7|101|E" in answer
    assert "TESTER" not in answer
