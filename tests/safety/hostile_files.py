"""Files that hurt whoever opens them, made here: small, with nothing real in them."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib
from functools import cache

import pikepdf

MEGABYTE = 1 << 20


def _zip(members: dict[str, bytes], *, modes: dict[str, int] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (modes or {}).get(name, 0o600) << 16
            archive.writestr(entry, content)
    return out.getvalue()


TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


@cache
def zip_bomb(megabytes: int = 120) -> bytes:
    return _zip({"codes.txt": bytes(megabytes * MEGABYTE)})


def nested_zips(depth: int = 12) -> bytes:
    content = b"code,start,end\n"
    for number in range(depth):
        content = _zip({f"{number}.zip": content})
    return content


@cache
def workbook_bomb(megabytes: int = 120) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return _zip({"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>",
                 "xl/worksheets/sheet1.xml": head + b" " * (megabytes * MEGABYTE)})  # fmt: skip


def lying_bomb() -> bytes:
    """Its directory says that the part is small."""
    made = bytearray(workbook_bomb(80))
    size = struct.pack("<I", 80 * MEGABYTE + 94)
    at = made.find(size)
    while at >= 0:
        made[at : at + 4] = struct.pack("<I", 1_000)
        at = made.find(size, at + 4)
    return bytes(made)


def many_parts() -> bytes:
    return _zip(
        {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>"} | {f"xl/{n}.xml": b"" for n in range(3_000)}
    )


def macros() -> bytes:
    return _zip(
        {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>", "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}
    )


def locked_workbook() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2_000)


def entities() -> bytes:
    """A billion laughs, as a workbook's sheet and by itself."""
    steps = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{steps}]><x>&l9;</x>'.encode()


def entity_workbook() -> bytes:
    return _zip({"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": entities(),
                 "xl/worksheets/sheet1.xml": entities()})  # fmt: skip


def links_and_climbing() -> bytes:
    return _zip({"link": b"/etc/passwd", "../../../../tmp/climbed.txt": b"x", "/tmp/climbed.txt": b"x", "..\\..\\climbed.txt": b"x"},
                modes={"link": stat.S_IFLNK | 0o777})  # fmt: skip


def pixel_flood() -> bytes:
    """A picture of 60,000 by 60,000 points in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(MEGABYTE)))
        + chunk(b"IEND", b"")
    )


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def pdf_bomb() -> bytes:
    """One page whose content unpacks a thousandfold."""
    body = zlib.compress(bytes(30 * MEGABYTE))
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n4 0 obj<</Length "
        + str(len(body)).encode()
        + b"/Filter/FlateDecode>>stream\n" + body + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )  # fmt: skip


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

HOSTILE = {
    "nothing.csv": lambda: b"",
    "bomb.zip": zip_bomb,
    "bomb.csv.gz": lambda: gzip.compress(bytes(120 * MEGABYTE), 6),
    "nested.zip": nested_zips,
    "bomb.xlsx": workbook_bomb,
    "lying.xlsx": lying_bomb,
    "parts.xlsx": many_parts,
    "macros.xlsm": macros,
    "locked.xlsx": locked_workbook,
    "laughs.xml": entities,
    "laughs.xlsx": entity_workbook,
    "links.zip": links_and_climbing,
    "flood.png": pixel_flood,
    "locked.pdf": locked_pdf,
    "bomb.pdf": pdf_bomb,
    "program.pdf": lambda: b"MZ\x90\x00" + bytes(5_000),
    "page.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "both.pdf.html": lambda: b"<!doctype html><script>alert(1)</script>\n%PDF-1.4\n%%EOF",
    "picture.jpg.zip": lambda: b"\xff\xd8\xff\xe0" + zip_bomb(1),
    "eicar.txt": lambda: EICAR,
    "noise.csv": lambda: bytes(range(256)) * 400,
    "nul.csv": lambda: b"code,amount,start\n99213,\x00\x00,2026-01-01\n" * 50,
    "../../../../tmp/climbed.csv": lambda: b"a,b\n1,2\n",
}  # fmt: skip
