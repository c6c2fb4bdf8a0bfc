"""Bad-input classes 1 to 27: read without raising, a fault that names what is wrong, the same bytes back."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import pytest

from claimwright.x12 import Document, read, stream_transactions, write
from claimwright.x12.check import check
from claimwright.x12.passing import stream_claims
from claimwright.x12.reader import unpack
from tests.lib.x12_samples import CLEAN

GOLDEN = Path(__file__).parents[2] / "golden"
FILES = sorted(GOLDEN.glob("*/*/*.edi"))
CLAIM = CLEAN["837P"]


def ids(document: Document) -> list[str]:
    return [fault.id for fault in document.faults]


def fault_ids(data: bytes) -> set[str]:
    return {fault.id for fault in check(data)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_file_is_written_back_byte_for_byte_and_streams_alike(path: Path) -> None:
    data = path.read_bytes()
    document = read(data)
    assert write(document) == data
    whole = [transaction.text() for transaction in document.transactions()]
    assert [transaction.text() for transaction in stream_transactions(io.BytesIO(data))] == whole


def test_every_golden_file_has_its_manifest_row() -> None:
    rows = list(csv.DictReader((GOLDEN / "MANIFEST.tsv").open(), delimiter="\t"))
    assert {row["file"] for row in rows} == {path.relative_to(GOLDEN).as_posix() for path in FILES}
    assert all(row["source"] and row["licence"].split("-")[0] in ("MIT", "BSD", "Apache", "own") for row in rows)


@pytest.mark.parametrize("data", [b"", b"   \r\n", b"\x00\x00", b"\xef\xbb\xbf"])
def test_01_empty(data: bytes) -> None:
    assert ids(read(data)) == ["ENV-EMPTY"]
    assert write(read(data)) == data


def test_02_only_isa() -> None:
    assert fault_ids(CLAIM.split(b"\n")[0]) == {"ENV-IEA-MISSING"}


def test_03_truncated_at_each_byte() -> None:
    data = CLEAN["999"]
    for size in range(len(data)):
        part = data[:size]
        assert write(read(part)) == part
        if size < len(data) - 2:
            assert fault_ids(part), size


def test_04_truncated_inside_a_character() -> None:
    data = CLAIM.replace(b"BAKER", "BÄKER".encode())
    cut = data[: data.index(b"\xc3") + 1]
    assert write(read(cut)) == cut
    assert "ENV-IEA-MISSING" in fault_ids(cut)


@pytest.mark.parametrize("sender", [b"SENDER", b"SENDER                   ", b""])
def test_05_isa_of_another_length(sender: bytes) -> None:
    data = CLAIM.replace(b"*SENDER         *", b"*" + sender + b"*", 1)
    assert len(list(read(data).transactions())) == 1
    assert "ENV-ISA-LENGTH" in fault_ids(data)


def test_06_missing_isa16() -> None:
    for data in (CLAIM.replace(b"*0*T*:~", b"*0*T*~", 1), CLAIM.replace(b"*0*T*:~\n", b"*0*T*~", 1)):
        assert len(list(read(data).transactions())) == 1
        assert "ENV-ISA-ELEMENTS" in fault_ids(data)
        assert write(read(data)) == data


def test_07_blank_before_the_terminator() -> None:
    data = CLAIM.replace(b"~", b" ~")
    assert check(data) == []
    assert write(read(data)) == data


def test_08_newline_as_terminator() -> None:
    assert check(CLAIM.replace(b"~\n", b"\n")) == []
    assert check(CLAIM.replace(b"~\n", b"\r\n")) == []


@pytest.mark.parametrize("ending", [b"~\r\n", b"~\n\n", b"~", b"~\r"])
def test_09_line_ends(ending: bytes) -> None:
    data = CLAIM.replace(b"~\n", ending)
    assert check(data) == []
    assert write(read(data)) == data


def test_09_mixed_line_ends() -> None:
    data = CLAIM.replace(b"~\n", b"~\r\n", 5)
    assert check(data) == []


def test_09_wrapped_lines() -> None:
    flat = CLAIM.replace(b"\n", b"")
    data = b"\r\n".join(flat[at : at + 80] for at in range(0, len(flat), 80))
    assert fault_ids(data) == {"SNIP1-LINE-BREAK"}
    assert write(read(data)) == data


@pytest.mark.parametrize("separators", ["|>^~", "_!^\x1d", "*^|\x1c", "\x1d\x1f\x1e\x1c"])
def test_10_unusual_separators(separators: str) -> None:
    data = CLAIM.decode().translate(str.maketrans("*:^~", separators)).encode()
    assert check(data) == []
    assert read(data).interchanges[0].delimiters.terminator == separators[3]


def test_11_one_character_for_two_separators() -> None:
    assert "ENV-DELIMITER-CLASH" in fault_ids(CLAIM.replace(b"*0*T*:~", b"*0*T**~", 1))


def test_12_repetition_separator_u_is_a_version_fault() -> None:
    assert "ENV-VERSION" in fault_ids(CLAIM.replace(b"*^*00501*", b"*U*00401*", 1))


@pytest.mark.parametrize("name", [b"ISAAC", b"NARCISA", b"ISA", b"PISA*ISA"])
def test_13_isa_inside_a_name(name: bytes) -> None:
    data = CLAIM.replace(b"ABLE", name)
    document = read(data)
    assert len(document.interchanges) == 1
    assert write(document) == data


@pytest.mark.parametrize("value", ["É", "é", "😀", "\u202e", "\u200b", "\x00", "\x07"])
def test_14_characters_outside_the_set(value: str) -> None:
    data = CLAIM.replace(b"BAKER", value.encode())
    assert "SNIP1-CHARACTER" in fault_ids(data)
    assert write(read(data)) == data


def test_14_byte_order_mark_is_tolerated() -> None:
    data = b"\xef\xbb\xbf" + CLAIM
    assert check(data) == []
    assert write(read(data)) == data


@pytest.mark.parametrize(
    "data", [CLAIM.decode().encode("utf-16"), CLAIM.decode().encode("utf-16-le"), CLAIM.decode().encode("cp037")]
)
def test_14_other_encodings_are_named(data: bytes) -> None:
    assert ids(read(data)) == ["ENV-WRAPPED"]
    assert write(read(data)) == data


def test_15_two_interchanges_with_junk_between() -> None:
    second = CLAIM.decode().replace("000000101", "000000102").translate(str.maketrans("*~", "|\n")).encode()
    data = CLAIM + b"\nsome junk\n" + second.replace(b"\n\n", b"\n")
    document = read(data)
    assert len(document.interchanges) == 2
    assert len(list(document.transactions())) == 2
    assert write(document) == data
    assert fault_ids(data) == {"ENV-JUNK"}
    assert check(CLAIM + CLAIM.replace(b"000000101", b"000000102")) == []


@pytest.mark.parametrize("data", [b"1F8B", b"<html><body>Login</body></html>", b"503 Service Unavailable", b"ISA*"])
def test_25_not_x12_at_all(data: bytes) -> None:
    assert ids(read(data)) and not read(data).segments
    assert write(read(data)) == data


def test_22_a_997_in_place_of_a_999_is_read() -> None:
    path = next(path for path in FILES if path.parent.parent.name == "997" and path.parent.name == "pass")
    assert not [fault for fault in check(path.read_bytes()) if fault.severity == "reject"]


def test_23_ten_thousand_elements_and_a_huge_segment() -> None:
    many = CLAIM.replace(b"BAKER*BEN", b"BAKER" + b"*X" * 10_000)
    assert "SNIP1-ELEMENT-TOO-MANY" in fault_ids(many)
    huge = CLAIM.replace(b"BAKER", b"B" * 5_000_000)
    assert "SNIP1-ELEMENT-LONG" in fault_ids(huge)
    assert write(read(huge)) == huge
    assert sum(1 for _ in stream_transactions(io.BytesIO(huge))) == 1


def test_24_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(CLAIM)
    assert ids(read(packed)) == ["ENV-WRAPPED"]
    assert unpack(packed) == CLAIM
    assert unpack(CLAIM) == CLAIM
    assert unpack(packed[:-20]) is None
    assert unpack(gzip.compress(b"0" * 100_000), most=1_000) is None
    path = tmp_path / "claims.edi.gz"
    path.write_bytes(packed)
    assert [transaction.set_id for transaction in stream_transactions(path)] == ["837"]
    path.write_bytes(packed[: len(packed) // 2])
    list(stream_transactions(path))  # damaged: what can be read is, and nothing is raised


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"-----BEGIN PGP MESSAGE-----", b"%PDF-1.4"])
def test_24_wrappers_are_named(magic: bytes) -> None:
    assert ids(read(magic + b"rest")) == ["ENV-WRAPPED"]


@pytest.mark.parametrize("name", ["a" * 200, "ünïcode", "with space; rm"])
def test_27_odd_file_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.835"
    path.write_bytes(CLEAN["835"])
    assert [transaction.set_id for transaction in stream_transactions(path)] == ["835"]


def many_claims(count: int) -> bytes:
    """One ST with that many claims."""
    lines = CLEAN["835"].decode().splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("CLP*CLAIM-2"))
    end = next(index for index, line in enumerate(lines) if line.startswith("PLB"))
    return "\n".join([*lines[:start], *(lines[start:end] * count), *lines[end:]]).encode()


def test_a_stream_of_claims_holds_one_claim() -> None:
    def peak(count: int) -> int:
        data = io.BytesIO(many_claims(count))
        tracemalloc.start()
        assert sum(1 for _ in stream_claims(data)) == count + 1
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(5_000)  # the first run compiles the guide and learns its loops
    assert peak(48_000) < peak(12_000) * 2


def test_a_stream_of_transactions_holds_one_transaction() -> None:
    body = CLEAN["835"].decode()
    start, end = body.index("ST*"), body.index("GE*")

    def peak(count: int) -> int:
        data = io.BytesIO((body[:start] + body[start:end] * count + body[end:]).encode())
        tracemalloc.start()
        assert sum(1 for _ in stream_transactions(data)) == count
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(800) < peak(400) * 1.3


@pytest.mark.parametrize("payload", [bytes(range(256)) + b"~SE*1~ISA*^:~\n", b"IEA*1*000000101~", b"~" * 9])
def test_bytes_of_an_attachment_are_cut_by_their_length(payload: bytes) -> None:
    """A BIN may hold separators, line ends and whole envelopes."""
    data = (GOLDEN / "275" / "pass" / "own-every-loop.edi").read_bytes()
    start = data.index(b"BIN*")
    end = data.index(b"~", start)
    held = data[:start] + b"BIN*%d*" % len(payload) + payload + data[end:]
    assert write(read(held)) == held
    assert [fault.id for fault in check(held)] == []
    assert [segment[2] for segment in read(held).segments if segment.id == "BIN"][0] == payload.decode("latin-1")
    short = data[:start] + b"BIN*%d*abc" % (len(data) * 2) + data[end:]
    assert write(read(short)) == short
    assert "SNIP1-BINARY-LENGTH" in fault_ids(short)
