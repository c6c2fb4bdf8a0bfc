"""Bad input by its numbered classes: kept, named with place and fix, nothing posted, nothing lost, the books whole.

One office for all cases: none of them may leave a trace in it, and each takes claims of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from tests.faults import office
from tests.lib import world

CLAIMS = 60
PRIVATE = ("TESTER", "ANNA", "W1000000", "MRN0", "1980-05-17", "19800517", "BIRCH")
HOLDING = {"REMITTANCE", "SUSPENSE"}  # the accounts where money stands that no claim has yet


class Desk:
    """The office, and bytes that no case before has used."""

    def __init__(self, made: office.Office) -> None:
        self.office, self._next = made, 0

    def claim(self) -> Any:
        self._next += 1
        return self.office.versions[self._next - 1]

    def number(self) -> int:
        self._next_number = getattr(self, "_next_number", 100) + 1
        return self._next_number

    def trace(self) -> str:
        return f"B{self.number():06d}"

    def clp(self, **changes: Any) -> Any:
        return msgspec.structs.replace(office.payment(self.claim()), **changes)

    def remittance(self, **changes: Any) -> Any:
        return world.remittance([self.clp()], **({"trace": self.trace()} | changes))

    def file(self, *remittances: Any) -> bytes:
        """A whole and good file with numbers of its own."""
        return world.as_file(remittances or [self.remittance()], control_number=self.number())


@pytest.fixture(scope="module")
def desk(module_database: str, tmp_path_factory: Any) -> Iterator[Desk]:
    from claimwright.web.core.tenancy import tenant_scope
    from tests.conftest import _two_tenants
    from tests.lib import practices

    first, second = _two_tenants()
    with tenant_scope(second):
        practices.set_up(tmp_path_factory.mktemp("other"), npi="1999999984")
    yield Desk(office.open_office(first, tmp_path_factory.mktemp("partner"), claims=CLAIMS))


class Seen(msgspec.Struct):
    """What a case left behind."""

    ledger: list[tuple[str, ...]]
    fates: list[str]
    items: list[Any]
    files: list[Any]


def state(tenant: Any) -> tuple[list[Any], list[Any]]:
    """The ledger and the claims."""
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(tenant):
        ledger = LedgerTransfer.objects.order_by("sequence").values_list(
            "debit_kind", "credit_kind", "amount", "entry_type", "claim"
        )
        claims = ClaimVersion.objects.order_by("control_number").values_list("control_number", "state", "outcome")
        return list(ledger), list(claims)


def run(desk: Desk, files: Sequence[tuple[str, bytes]]) -> Seen:
    """Deliver, receive, post, and again; then what every case must be: bytes kept, one fate a part, books whole."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxFile, InboxPart

    before, _ = state(desk.office.tenant)
    for name, content in files:
        desk.office.put(name, content)
    office.run(desk.office)
    after, _ = state(desk.office.tenant)
    office.run(desk.office)
    assert state(desk.office.tenant)[0] == after, "a second run did more"
    assert after[: len(before)] == before
    with tenant_scope(desk.office.tenant):
        hashes = [hashlib.sha256(content).hexdigest() for _, content in files]
        kept = list(InboxFile.objects.filter(sha256__in=hashes))
        assert {bytes(file.content) for file in kept} == {content for _, content in files}, "bytes were lost"
        assert all(file.state != "received" for file in kept), [file.state for file in kept]
        parts = list(InboxPart.objects.filter(file__in=kept).order_by("file__name", "ordinal"))
        assert {part.file_id for part in parts} == {file.pk for file in kept}
        items = list(WorkItem.objects.filter(file_id__in=[file.pk for file in kept]).order_by("raised_at"))
    for said in (*(item.reason for item in items), *(item.what_to_do for item in items),
                 *(part.reason for part in parts), *(file.reason for file in kept)):  # fmt: skip
        assert not any(value in said.upper() for value in PRIVATE), said
    assert office.audit_faults(desk.office.tenant) == []
    return Seen(after[len(before) :], [part.fate for part in parts], items, kept)


def refused(seen: Seen, worklist: str, word: str = "", fates: str = "quarantined") -> None:
    """Nothing posted; every part has its fate; a person reads what is wrong, where, and what to do."""
    assert seen.ledger == []
    assert set(seen.fates) == set(fates.split())
    named = [item for item in seen.items if item.worklist == worklist]
    assert named, [(item.worklist, item.reason) for item in seen.items]
    for item in named:
        assert item.reason and item.what_to_do and item.reason_code and item.file_name
        assert item.state == "open"
    assert any(word.lower() in item.reason.lower() for item in named), [item.reason for item in named]


def posted(seen: Seen, payments: int = 1) -> None:
    """Odd but lawful: read as it was meant, posted once."""
    assert sorted(seen.fates) == ["posted"] * len(seen.fates)
    assert [row[3] for row in seen.ledger].count("INS_PAY") == payments
    assert not [item for item in seen.items if item.worklist.startswith(("quarantined", "remittance"))]


Case = tuple[int, str, Callable[[Desk], bytes], str]
FILES, PAYMENTS, CONFLICTS = "quarantined_files", "quarantined_remittances", "remittance_conflicts"


def swapped(content: bytes, *pairs: tuple[bytes, bytes]) -> bytes:
    for old, new in pairs:
        assert old in content, f"the sample has no {old!r}"
        content = content.replace(old, new, 1)
    return content


def separators(content: bytes, element: bytes, component: bytes, repetition: bytes, terminator: bytes) -> bytes:
    table = bytes.maketrans(b"*:^~", element + component + repetition + terminator)
    return content.translate(table)


def zipped(content: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("payment.835", content)
    return into.getvalue()


def isa_line(content: bytes) -> bytes:
    return content[: content.index(b"~") + 1]


def resized_isa(content: bytes, *pairs: tuple[bytes, bytes]) -> bytes:
    return swapped(content, *pairs)


def second_set(desk: Desk) -> bytes:
    """Two remittances under one ST02."""
    content = desk.file(desk.remittance(), desk.remittance())
    return content.replace(b"*0002*005010X221A1", b"*0001*005010X221A1").replace(b"*0002~", b"*0001~")


def counted(segment: bytes) -> Callable[[Desk], bytes]:
    """The count in this trailer one too many."""

    def build(desk: Desk) -> bytes:
        content = desk.file()
        start = content.index(b"~\n" + segment + b"*") + 3 + len(segment)
        end = content.index(b"*", start)
        return content[:start] + str(int(content[start:end]) + 1).encode() + content[end:]

    return build


def renumbered(segment: bytes) -> Callable[[Desk], bytes]:
    """Another control number in this trailer."""

    def build(desk: Desk) -> bytes:
        content = desk.file()
        start = content.index(b"*", content.index(b"~\n" + segment + b"*") + 3 + len(segment)) + 1
        end = content.index(b"~", start)
        return content[:start] + b"9" * (end - start) + content[end:]

    return build


def amount_off(segment: bytes, element: int) -> Callable[[Desk], bytes]:
    """One cent more in the first such segment."""

    def build(desk: Desk) -> bytes:
        content = desk.file()
        start = content.index(b"~\n" + segment + b"*") + 2
        end = content.index(b"~", start)
        values = content[start:end].split(b"*")
        whole = values[element].decode() if b"." in values[element] else values[element].decode() + ".00"
        values[element] = whole[:-1].encode() + (b"1" if whole[-1] != "1" else b"2")
        return content[:start] + b"*".join(values) + content[end:]

    return build


# Class, what it is, the bytes, the worklist ("" for lawful: it posts), a word of the reason.
BAD: tuple[tuple[int, str, Callable[[Desk], bytes], str, str], ...] = (
    (1, "empty", lambda desk: b"", FILES, "empty"),
    (1, "blanks", lambda desk: b"\r\n \r\n", FILES, "empty"),
    (2, "only ISA", lambda desk: isa_line(desk.file()), FILES, "no transaction"),
    (2, "ISA and IEA", lambda desk: isa_line(desk.file()) + b"IEA*0*000000102~", FILES, "no transaction"),
    (4, "cut inside a character", lambda desk: swapped(desk.file(), (b"PLAN FIRST", "PLAN É".encode()))[: desk.file().index(b"PLAN FIRST") + 6], PAYMENTS, "cut short"),
    (5, "sender blank and not padded", lambda desk: swapped(desk.file(), (b"*CLEARHOUSE     *", b"**")), PAYMENTS, "ISA06"),
    (6, "ISA16 missing", lambda desk: swapped(desk.file(), (b"*T*:~", b"*T~")), PAYMENTS, "ISA"),
    (6, "ISA16 empty", lambda desk: swapped(desk.file(), (b"*T*:~", b"*T*~")), PAYMENTS, "ISA16"),
    (11, "one character for two separators", lambda desk: separators(desk.file(), b"*", b"*", b"^", b"~"), PAYMENTS, "separators"),
    (12, "version 4010 and no repetition separator", lambda desk: swapped(desk.file(), (b"*^*00501*", b"*U*00401*")), PAYMENTS, "ISA12"),
    (14, "UTF-16", lambda desk: desk.file().decode().encode("utf-16"), FILES, "UTF-16"),
    (14, "EBCDIC", lambda desk: desk.file().decode().encode("cp037"), FILES, "EBCDIC"),
    (14, "a NUL inside a name", lambda desk: swapped(desk.file(), (b"PLAN FIRST", b"PLAN\x00FIRST")), PAYMENTS, "character"),
    (16, "IEA02", renumbered(b"IEA"), PAYMENTS, "IEA02"),
    (16, "GE02", renumbered(b"GE"), PAYMENTS, "GE02"),
    (16, "SE02", renumbered(b"SE"), PAYMENTS, "SE02"),
    (17, "IEA01", counted(b"IEA"), PAYMENTS, "IEA01"),
    (17, "GE01", counted(b"GE"), PAYMENTS, "GE01"),
    (17, "SE01", counted(b"SE"), PAYMENTS, "SE01"),
    (18, "ST02 twice in a group", second_set, PAYMENTS, "ST02"),
    (20, "production file over a test connection", lambda desk: swapped(desk.file(), (b"*T*:~", b"*P*:~")), PAYMENTS, "production"),
    (21, "ST03 and GS08 differ", lambda desk: swapped(desk.file(), (b"X*005010X221A1", b"X*005010X222A1")), PAYMENTS, "guide"),
    (21, "unknown version", lambda desk: desk.file().replace(b"005010X221A1", b"008020X322"), PAYMENTS, "guide"),
    (21, "4010", lambda desk: desk.file().replace(b"005010X221A1", b"004010X091A1"), PAYMENTS, "guide"),
    (24, "zip", lambda desk: zipped(desk.file()), FILES, "zip"),
    (24, "PGP", lambda desk: b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", FILES, "PGP"),
    (24, "gzip of a zip", lambda desk: gzip.compress(zipped(desk.file())), FILES, "zip"),
    (24, "damaged gzip", lambda desk: gzip.compress(desk.file())[:-9], FILES, "gzip"),
    (25, "login page", lambda desk: b"<!DOCTYPE html><html><body>Log in</body></html>", FILES, "web page"),
    (25, "error text", lambda desk: b"503 Service Unavailable\nTry again later\n", FILES, "ISA"),
    (28, "another tenant's payee", lambda desk: desk.file(desk.remittance(payee_npi="1999999984", payee_tax_id="")), PAYMENTS, "payee"),
    (28, "a payee nobody knows", lambda desk: desk.file(desk.remittance(payee_npi="1234567893", payee_tax_id="")), PAYMENTS, "payee"),
    (29, "line off by a cent", amount_off(b"SVC", 3), PAYMENTS, "SVC"),
    (29, "claim off by a cent", amount_off(b"CLP", 4), PAYMENTS, "CLP"),
    (29, "adjustment off by a cent", amount_off(b"CAS", 3), PAYMENTS, "SVC"),
    (29, "payment off by a cent", amount_off(b"BPR", 2), PAYMENTS, "BPR02"),
    (30, "payment below zero", lambda desk: swapped(desk.file(), (b"BPR*I*85*", b"BPR*I*-85*")), PAYMENTS, "BPR02"),
    (31, "H with money", lambda desk: swapped(desk.file(), (b"BPR*I*", b"BPR*H*")), PAYMENTS, "BPR01"),
    (31, "NON with money", lambda desk: swapped(desk.file(), (b"*C*ACH*", b"*C*NON*")), PAYMENTS, "BPR04"),
    (32, "no TRN", lambda desk: without(desk.file(), b"TRN"), PAYMENTS, "trace"),
    (32, "TRN02 blank", lambda desk: desk.file(desk.remittance(trace=" " * 50)), PAYMENTS, "trace"),
)  # fmt: skip


def without(content: bytes, segment: bytes) -> bytes:
    """Without its first such segment; SE01 counts what is left."""
    start = content.index(b"~\n" + segment + b"*") + 2
    content = content[:start] + content[content.index(b"~\n", start) + 2 :]
    at = content.index(b"~\nSE*") + 5
    end = content.index(b"*", at)
    return content[:at] + str(int(content[at:end]) - 1).encode() + content[end:]


@pytest.mark.parametrize(("number", "what", "build", "worklist", "word"), BAD, ids=[f"{n} {what}" for n, what, *_ in BAD])  # fmt: skip
def test_a_bad_file_is_kept_and_named_and_posts_nothing(desk, number, what, build, worklist, word):
    content = build(desk)
    claims = state(desk.office.tenant)[1]
    seen = run(desk, [(f"bad{number}-{desk.number()}.835", content)])
    refused(seen, worklist, word)
    assert state(desk.office.tenant)[1] == claims


LAWFUL: tuple[tuple[int, str, Callable[[Desk], bytes]], ...] = (
    (5, "receiver not padded", lambda desk: swapped(desk.file(), (b"*LAKESIDE01     *", b"*LAKESIDE01*"))),
    (7, "a blank before each terminator", lambda desk: desk.file().replace(b"~", b" ~")),
    (8, "line feed as terminator", lambda desk: desk.file().replace(b"~\n", b"\n")),
    (9, "terminator, carriage return, line feed", lambda desk: desk.file().replace(b"~\n", b"~\r\n")),
    (9, "line ends mixed", lambda desk: desk.file().replace(b"~\n", b"~", 3).replace(b"~\n", b"~\r\n", 3)),
    (10, "unusual separators", lambda desk: separators(desk.file(), b"\x1d", b"|", b"!", b"_")),
    (10, "caret as element separator", lambda desk: separators(desk.file(), b"^", b"|", b"!", b"\x1c")),
    (13, "ISA inside names", lambda desk: swapped(desk.file(), (b"PLAN FIRST", b"ISA-NARCISA ISAAC ISA"))),
    (14, "byte order mark", lambda desk: b"\xef\xbb\xbf" + desk.file()),
    (14, "Latin-1", lambda desk: swapped(desk.file(), (b"PLAN FIRST", "PLAN É".encode("latin-1")))),
    (14, "emoji, direction override, zero width", lambda desk: swapped(desk.file(), (b"PLAN FIRST", "P\U0001f600\u202eL\u200bN".encode()))),
    (14, "NULs between segments", lambda desk: desk.file().replace(b"~\n", b"~\x00\n")),
    (24, "gzip", lambda desk: gzip.compress(desk.file())),
)  # fmt: skip


@pytest.mark.parametrize(("number", "what", "build"), LAWFUL, ids=[f"{n} {what}" for n, what, _ in LAWFUL])
def test_an_odd_but_readable_file_posts_once(desk, number, what, build):
    posted_or_unpacked = run(desk, [(f"odd{number}-{desk.number()}.835", build(desk))])
    if what == "gzip":
        assert posted_or_unpacked.fates == ["taken_in"]
        assert [row[3] for row in posted_or_unpacked.ledger].count("INS_PAY") == 1
    else:
        posted(posted_or_unpacked)
