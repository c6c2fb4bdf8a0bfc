"""Bank files of three formats: the same lines out of each, every fault with its place, and junk never raises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claimwright.billing.bank_files import CsvProfile, DepositItem, LineKind, Trace, read_bank_file, read_csv
from claimwright.billing.bank_files.cells import CellError, kind_of, read_amount, traces_of
from tests.lib.bank_lines import Row, as_bai2

DAY = date(2026, 9, 3)
TRN = "TRN*1*EFT0001*1999999991\\"

OFX1 = f"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>021000021<ACCTID>000123456789<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260901<DTEND>20260930
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260903120000[-5:EST]<TRNAMT>85.00<FITID>F1<NAME>PLAN ONE<MEMO>HCCLAIMPMT {TRN}
</STMTTRN>
<STMTTRN><TRNTYPE>CHECK<DTPOSTED>20260904<TRNAMT>-25,10<FITID>F2<CHECKNUM>1007<NAME>Smith &amp; Co</STMTTRN>
</BANKTRANLIST>
<LEDGERBAL><BALAMT>1059.90<DTASOF>20260930</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def ofx2() -> str:
    import re

    body = re.sub(r"<(\w+)>([^<\n]+)", r"<\1>\2</\1>", OFX1.partition("\n\n")[2])
    return '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="220"?>\n' + body


def only(content: bytes | str, **options: object):
    read = read_bank_file(content.encode() if isinstance(content, str) else content, **options)
    assert read.faults == ()
    (statement,) = read.statements
    return statement


@pytest.mark.parametrize("text", [OFX1, ofx2(), OFX1.replace("\n", "\r\n")], ids=["1.x", "2.x", "crlf"])
def test_both_kinds_of_ofx_give_the_same_lines(text):
    statement = only(text)
    first, second = statement.lines
    assert (first.posted_on, first.amount, first.kind) == (DAY, Decimal("85.00"), LineKind.ACH_CREDIT)
    assert first.traces == (Trace(number="EFT0001", payer_id="1999999991"),)
    assert (first.bank_reference, first.payer_name) == ("F1", "PLAN ONE")
    assert (second.amount, second.kind, second.check_number) == (Decimal("-25.10"), LineKind.CHECK_PAID, "1007")
    assert second.description == "Smith & Co"
    assert (statement.account_ending, statement.closing_balance) == ("6789", Decimal("1059.90"))
    assert (statement.start, statement.end) == (date(2026, 9, 1), date(2026, 9, 30))
    assert "123456789" not in repr(statement)


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (("85.00", "85.001"), "CELL", 11),
        (("20260903120000", "20261341"), "CELL", 11),
        (("<CURDEF>USD", "<CURDEF>CAD"), "CURRENCY", 0),
        (("</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>", ""), "TRUNCATED", 8),
        (("</BANKTRANLIST>\n<LEDGERBAL>", "<STMTTRN><TRNTYPE>DEP\n<LEDGERBAL>"), "TRUNCATED", 14),
        (("STMTRS", "ACCTRS"), "NO_STATEMENT", 0),
    ],
)
def test_a_fault_of_an_ofx_file_has_its_line_and_no_text_of_it(change, code, place):
    read = read_bank_file(OFX1.replace(*change).encode())
    fault = next(one for one in read.faults if one.code == code)
    assert fault.place == place and fault.fix
    assert "PLAN" not in repr(read.faults) and "Smith" not in repr(read.faults)


def test_entities_of_a_hostile_file_are_not_expanded():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + "x" * 1000 + '">]>' + ofx2().replace("PLAN ONE", "&a;&a;")
    assert only(bomb).lines[0].payer_name == "&a;&a;"


ROWS = [
    Row(code="142", amount=Decimal("85.00"), text=f"ORIG CO NAME:PLAN ONE CO ENTRY DESCR:HCCLAIMPMT {TRN}", reference="B1"),
    Row(code="115", amount=Decimal("300.00"), text="LOCKBOX, DEPOSIT", reference="B2",
        items=(("1001", Decimal("100.00"), "PLAN A"), ("1002", Decimal("200.00"), "PLAN B"))),
    Row(code="475", amount=Decimal("-25.10"), text="CHECK: 1007", reference="B3"),
    Row(code="555", amount=Decimal("-40.00"), text="CHECK: 88", reference="B4"),
    Row(code="399", amount=Decimal("1.00"), text="SOMETHING NEW", reference="B5"),
]  # fmt: skip


def test_bai2_lines_signs_items_and_words():
    statement = only(as_bai2(DAY, ROWS))
    ach, box, paid, bounced, other = statement.lines
    assert (ach.amount, ach.kind, ach.payer_name, ach.traces) == (
        Decimal("85.00"), LineKind.ACH_CREDIT, "PLAN ONE", (Trace(number="EFT0001", payer_id="1999999991"),)
    )  # fmt: skip
    assert box.kind is LineKind.LOCKBOX and box.description == "LOCKBOX, DEPOSIT"
    assert box.items == (
        DepositItem(check_number="1001", amount=Decimal("100.00"), payer_name="PLAN A"),
        DepositItem(check_number="1002", amount=Decimal("200.00"), payer_name="PLAN B"),
    )
    assert (paid.amount, paid.check_number, paid.kind) == (Decimal("-25.10"), "1007", LineKind.CHECK_PAID)
    assert (bounced.amount, bounced.kind) == (Decimal("-40.00"), LineKind.RETURNED_ITEM)
    assert other.kind is LineKind.OTHER
    assert statement.opening_balance == Decimal("50000.00") and statement.closing_balance == Decimal("50320.90")


def test_bai2_continuations_and_funds_types():
    def text(transactions: list[str], records: int, control: int) -> bytes:
        total = records + 4
        return "\n".join(
            ["01,A,B,260903,0600,1,80,,2/", "02,B,A,1,260903,,USD,2/", "03,4567,USD,015,1000,,/", *transactions,
             f"49,{control},{records}/", f"98,{control},1,{records + 2}/", f"99,{control},1,{total}/"]
        ).encode()  # fmt: skip

    body = ["16,165,500,S,100,200,200,R1,C1,ORIG CO NAME:PLAN ONE", "88,TRN*1*E9*1888\\ HCCLAIMPMT",
            "16,165,600,V,260904,,R2/", "88,C2,TWO", "16,165,700,D,2,0,300,1,400,R3,C3,THREE", "16,165,800,,R4,,FOUR"]  # fmt: skip
    lines = only(text(body, 8, 3600)).lines
    assert [line.bank_reference for line in lines] == ["R1", "R2", "R3", "R4"]
    assert [line.amount for line in lines] == [Decimal(n) for n in (5, 6, 7, 8)]
    assert lines[0].traces == (Trace(number="E9", payer_id="1888"),) and lines[1].description == "TWO"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b"16,142,8500", b"16,142,8501"), "CONTROL_TOTAL"),
        ((b"16,142,8500", b"16,142,85.00"), "RECORD"),
        ((b"16,475,2510,Z,B3,,CHECK: 1007\n", b""), "COUNT"),
        ((b"16,475,2510,Z,B3,,CHECK: 1007\n", b""), "BALANCE"),
        ((b"\n99,", b"\n77,"), "TRUNCATED"),
        ((b",USD,010", b",EUR,010"), "CURRENCY"),
        ((b"16,142", b"88,142"), "CONTROL_TOTAL"),
        ((b"02,OFFICE,BANKROUTE,1,260903", b"02,OFFICE,BANKROUTE,1,269999"), "RECORD"),
    ],
)
def test_each_total_of_a_bai2_file_is_checked(change, code):
    spoilt = as_bai2(DAY, ROWS).replace(*change)
    assert code in {fault.code for fault in read_bank_file(spoilt).faults}


@pytest.mark.parametrize(
    "text",
    [
        "Date,Description,Amount,Running Bal.\n09/03/2026,HCCLAIMPMT {t},85.00,185.00\n09/04/2026,Check 1007,-25.10,159.90\n",
        "Summary,,,\nBeginning,,,100.00\n\nDate,Description,Amount,Running Bal.\n"
        "09/03/2026,HCCLAIMPMT {t},85.00,185.00\n09/04/2026,Check 1007,(25.10),159.90\n",
        "Date,Description,Debit,Credit,Balance\n09/04/2026,Check 1007,25.10,,159.90\n09/03/2026,HCCLAIMPMT {t},,$85.00,185.00\n",
        "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
        "CREDIT,09/03/2026,HCCLAIMPMT {t},85.00,ACH,185.00,\nCHECK,09/04/2026,CHECK,-25.10,CHK,159.90,1007\n",
        '"09/03/2026","85.00","*","","HCCLAIMPMT {t}"\n"09/04/2026","-25.10","*","1007","Check"\n',
        "Posted on;Amount;Trace number;Trace payer id;Kind;Description\n"
        "2026-09-03;85.00;EFT0001;1999999991;ACH_CREDIT;pay\n2026-09-04;-25.10;;;CHECK_PAID;Check\n",
    ],
    ids=["signed", "preamble", "debit-credit-newest-first", "posting-date", "five-columns", "named"],
)
def test_every_profile_reads_the_same_two_lines(text):
    lines = sorted(only(text.format(t=TRN)).lines, key=lambda line: line.posted_on)
    assert [line.amount for line in lines] == [Decimal("85.00"), Decimal("-25.10")]
    assert [line.posted_on for line in lines] == [DAY, date(2026, 9, 4)]
    assert [line.kind for line in lines] == [LineKind.ACH_CREDIT, LineKind.CHECK_PAID]
    assert lines[0].traces == (Trace(number="EFT0001", payer_id="1999999991"),)


def test_a_profile_of_the_account_is_used_and_its_sign():
    profile = CsvProfile(name="odd", date="Tag", amount="Wert", date_format="%d.%m.%Y", outgoing_is_positive=True)
    read = read_csv(b"Tag,Wert\n03.09.2026,25.10\n", profile)
    assert read.faults == () and read.statements[0].lines[0].amount == Decimal("-25.10")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("Date,Description,Amount\n09/03/2026,x,1.234\n", "CELL", 2),
        ("Date,Description,Amount\n13/03/2026,x,1.00\n", "CELL", 2),
        ("Date,Description,Debit,Credit\n09/03/2026,x,1.00,2.00\n", "CELL", 2),
        ("Date,Description,Amount,Running Bal.\n09/03/2026,x,1.00,1.00\n09/03/2026,x,1.00,3.00\n", "BALANCE", 3),
        ("Name,Color\nx,y\n", "NO_HEADER", 0),
        ("Date,Description,Amount\n", "EMPTY", 0),
        ("", "NOT_A_STATEMENT", 0),
        ("%PDF-1.7", "NOT_A_STATEMENT", 0),
        ("Date,Amount\n\0", "NOT_TEXT", 0),
    ],
)
def test_a_fault_of_a_csv_file_has_its_line(text, code, place):
    faults = read_bank_file(text.encode()).faults
    assert [(fault.code, fault.place) for fault in faults] == [(code, place)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1,234.50", "1234.50"), ("$5", "5.00"), ("(5.00)", "-5.00"), ("5.00-", "-5.00"), ("-$5.1", "-5.10"), (".50", "0.50"),
     ("+7.00", "7.00"), ("\u22127.00", "-7.00")],
)  # fmt: skip
def test_amounts_as_banks_write_them(text, amount):
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "-", "1.234", "1,23.00", "1e5", "12 34", "--5", "NaN", "99999999999.00", "1.2.3", "$"]
)
def test_what_is_no_amount_is_refused_without_repeating_it(text):
    with pytest.raises(CellError) as refused:
        read_amount(text)
    assert not text.strip() or f" {text} " not in str(refused.value)


def test_traces_of_a_description():
    two = traces_of("TRN*1*A1*1234567890\\ TRN|1|B2|1234567890~ TRN*1*A1*1234567890\\")
    assert two == (Trace(number="A1", payer_id="1234567890"), Trace(number="B2", payer_id="1234567890"))
    assert traces_of("TRN*1*A1*1234567890*SUB\\") == two[:1]
    assert traces_of("TRN*1*A1\\") == (Trace(number="A1"),)
    assert traces_of("RETURN*1*") == () and traces_of("TRN*2*A1*1\\") == ()


def test_words_agree_with_the_direction_of_the_money():
    assert kind_of("DEPOSIT", Decimal("1")) is LineKind.CHECK_DEPOSIT
    assert kind_of("DEPOSIT", Decimal("-1")) is LineKind.OTHER
    assert kind_of("ACH PAYROLL", Decimal("-1")) is LineKind.ACH_DEBIT
    assert kind_of("NSF FEE RETURNED ITEM", Decimal("-1")) is LineKind.RETURNED_ITEM


@given(st.binary(max_size=300))
def test_junk_never_raises(content):
    for head in (b"", b"01,", b"<OFX><STMTRS>", b"Date,Description,Amount\n"):
        read_bank_file(head + content)


@example(567, 10)  # an account record cut off behind its type
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_spoilt_byte_never_raises(place, value):
    for whole in (as_bai2(DAY, ROWS), OFX1.encode()):
        at = place % len(whole)
        read_bank_file(whole[:at] + bytes([value]) + whole[at + 1 :])
