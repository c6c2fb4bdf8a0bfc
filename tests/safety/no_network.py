"""A process that dies at its first attempt at a connection, whoever in it makes one: Python, a compiler in Rust, C.

Run as a program it shuts the door, draws every kind of paper and reads every kind of file with addresses in them. The
kernel ends it (SIGSYS) when anything asks for a socket of the internet; `--canary` asks for one, to see that it does.
"""

from __future__ import annotations

import ctypes
import json
import platform
import socket
import struct
import sys

SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
KILL, ALLOW = 0x80000000, 0x7FFF0000
ADDRESSES = (
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "https://example.org/x.png",
    "//10.0.0.1/s",
)
HOSTILE = " ".join(
    [f'<img src="{one}"> #image("{one}") #include "{one}" [x]({one}) url({one})' for one in ADDRESSES]
)  # fmt: skip


def shut_the_door() -> None:
    """From here on socket(AF_INET or AF_INET6) ends the process, in every thread, and cannot be allowed again."""
    machine = platform.machine()
    step = struct.Struct("HBBI").pack
    program = b"".join(
        [
            step(0x20, 0, 0, 4), step(0x15, 0, 6, ARCHITECTURE[machine]),  # load the architecture; another: allow
            step(0x20, 0, 0, 0), step(0x15, 0, 4, SOCKET_CALL[machine]),  # load the call; not socket: allow
            step(0x20, 0, 0, 16), step(0x15, 1, 0, socket.AF_INET), step(0x15, 0, 1, socket.AF_INET6),
            step(0x06, 0, 0, KILL), step(0x06, 0, 0, ALLOW),
        ]
    )  # fmt: skip
    held = ctypes.create_string_buffer(program)
    prog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, FILTER, prog, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def draw() -> int:
    """Every paper, with addresses where names and words stand; says how many bytes came out."""
    from datetime import date

    import msgspec

    from claimwright.claims.from_x12.remittance import remittance
    from claimwright.documents import letters
    from claimwright.documents.claim_eob import render_claim_eobs
    from claimwright.documents.claim_forms import print_claim
    from claimwright.documents.patient_paper import Letterhead, box, bullets, paragraph, render_paper, table
    from claimwright.documents.sheets import Sheet, to_xlsx
    from claimwright.documents.statement import render
    from claimwright.x12 import read
    from tests.unit.documents.paper_claims import a_full_institutional_claim, a_full_professional_claim
    from tests.unit.documents.test_letters import LETTER, VALUES
    from tests.unit.documents.test_statement import VISIT, a_statement

    visit = msgspec.structs.replace(VISIT, reasons=(HOSTILE,), service=HOSTILE[:200])
    made = [render(a_statement(patient_name=HOSTILE[:200], visits=(visit,)))]
    head = Letterhead(
        practice_name=HOSTILE[:90], practice_address=a_statement().practice_address, practice_phone="6085550142",
        mail_to_name=HOSTILE[:90],
    )  # fmt: skip
    blocks = [paragraph(HOSTILE), bullets([HOSTILE]), box(HOSTILE, [HOSTILE]), table([("a", "wide")], [[HOSTILE]])]
    made.append(
        render_paper(
            letterhead=head, title=HOSTILE[:90], number="1", issued_on=date(2026, 1, 1), language="en", blocks=blocks
        )
    )
    template = letters.parse_template(letters.shipped_template(letters.GENERAL))
    made.append(letters.render_letter(msgspec.structs.replace(LETTER, values=VALUES | {"argument": HOSTILE}), template))
    for claim in (a_full_professional_claim(), a_full_institutional_claim()):
        made.append(print_claim(claim, on=date(2026, 1, 1)).pdf)
    from pathlib import Path

    sample = Path("tests/golden/835/pass/covehealth-emedny-sample.edi").read_bytes()
    made.append(render_claim_eobs(remittance(next(iter(read(sample).transactions()))).remittance))
    made.append(to_xlsx([Sheet(title="x", columns=("a",), rows=[[HOSTILE]])]))
    return sum(map(len, made))


def read_files() -> int:
    """Every kind of file that comes in, with addresses in it; says how many were read."""
    from claimwright.claims.from_fhir.bundles import Interface, read_bundles
    from claimwright.claims.from_fhir.code_map import CodeMap
    from claimwright.claims.from_hl7.schedule import read_siu
    from claimwright.web.authorizations.sniffing import sniff
    from claimwright.web.exchange.core_envelope import read_answer
    from claimwright.web.patients.card_files import look_at
    from tests.safety.hostile_files import entities, locked_pdf, pixel_flood

    entries = [
        {"fullUrl": one, "resource": {"resourceType": "Encounter", "id": "e", "subject": {"reference": one},
         "participant": [{"individual": {"reference": one}}], "serviceProvider": {"reference": one}}}
        for one in ADDRESSES
    ] + [{"resource": {"resourceType": "Patient", "id": "p", "text": {"div": HOSTILE}, "photo": [{"url": one}]}}
         for one in ADDRESSES]  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    read_bundles([("b.json", json.dumps(bundle).encode())], Interface(code_map=CodeMap({})))
    read_siu(
        f"MSH|^~\\&|A|B|C|D|20260101||SIU^S12|1|P|2.5\rPID|1||{ADDRESSES[0]}^^^{ADDRESSES[1]}||{HOSTILE}\r".encode()
    )
    xml = f'<!DOCTYPE x SYSTEM "{ADDRESSES[0]}" [<!ENTITY e SYSTEM "{ADDRESSES[1]}">]><x xmlns="{ADDRESSES[2]}">&e;</x>'
    for kind in ("application/soap+xml", "text/xml"):
        try:
            read_answer(kind, xml.encode())
        except Exception as refused:  # refused in words: what is asked here is only that nobody was called
            assert str(refused)
    for content in (
        xml.encode(),
        entities(),
        locked_pdf(),
        pixel_flood(),
        f"%PDF-1.4\n/URI({ADDRESSES[0]})\n%%EOF".encode(),
    ):
        sniff(content)
        look_at(content)
    return len(entries)


if __name__ == "__main__":
    shut_the_door()
    if "--canary" in sys.argv:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sys.exit("a socket was given")
    print(json.dumps({"bytes": draw(), "entries": read_files()}))
