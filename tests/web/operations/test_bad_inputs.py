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
from tests.lib import answers, world

CLAIMS = 100
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
    (6, "ISA16 missing", lambda desk: swapped(desk.file(), (b"*T*:~", b"*T~")), FILES, "ISA"),
    (6, "ISA16 empty", lambda desk: swapped(desk.file(), (b"*T*:~", b"*T*~")), PAYMENTS, "ISA16"),
    (11, "one character for two separators", lambda desk: separators(desk.file(), b"*", b"*", b"^", b"~"), PAYMENTS, "separators"),
    (12, "version 4010 and no repetition separator", lambda desk: swapped(desk.file(), (b"*^*00501*", b"*U*00401*")), PAYMENTS, "ISA12"),
    (14, "UTF-16", lambda desk: desk.file().decode().encode("utf-16"), FILES, "UTF-16"),
    (14, "EBCDIC", lambda desk: desk.file().decode().encode("cp037"), FILES, "EBCDIC"),
    (14, "a NUL inside a name", lambda desk: swapped(desk.file(), (b"PLAN FIRST", b"PLAN\x00FIRST")), PAYMENTS, "NUL"),
    (16, "IEA02", renumbered(b"IEA"), PAYMENTS, "IEA02"),
    (16, "GE02", renumbered(b"GE"), PAYMENTS, "GE02"),
    (16, "SE02", renumbered(b"SE"), PAYMENTS, "SE02"),
    (17, "IEA01", counted(b"IEA"), PAYMENTS, "IEA01"),
    (17, "GE01", counted(b"GE"), PAYMENTS, "GE01"),
    (17, "SE01", counted(b"SE"), PAYMENTS, "SE01"),
    (20, "production file over a test connection", lambda desk: swapped(desk.file(), (b"*T*:~", b"*P*:~")), PAYMENTS, "production"),
    (21, "ST03 and GS08 differ", lambda desk: swapped(desk.file(), (b"X*005010X221A1", b"X*005010X222A1")), PAYMENTS, "guide"),
    (21, "unknown version", lambda desk: desk.file().replace(b"005010X221A1", b"008020X322"), PAYMENTS, "guide"),
    (21, "4010", lambda desk: desk.file().replace(b"005010X221A1", b"004010X091A1"), PAYMENTS, "guide"),
    (24, "zip", lambda desk: zipped(desk.file()), FILES, "zip"),
    (24, "PGP", lambda desk: b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", FILES, "PGP"),
    (24, "gzip in gzip", lambda desk: gzip.compress(gzip.compress(desk.file())), FILES, "more than once"),
    (24, "bomb", lambda desk: gzip.compress(b"\0" * (200 * 1024 * 1024 + 1), 1), FILES, "too much"),
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
    (32, "TRN02 too long", lambda desk: desk.file(desk.remittance(trace=f"{'9' * 60}{desk.number()}")), PAYMENTS, "longer"),
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


def named(desk: Desk, ending: str = "835") -> str:
    return f"file{desk.number()}.{ending}"


def test_18_of_two_sets_with_one_number_the_second_is_quarantined(desk):
    seen = run(desk, [(named(desk), second_set(desk))])
    assert seen.fates == ["posted", "quarantined"]
    assert [row[3] for row in seen.ledger].count("INS_PAY") == 1
    assert [(item.worklist, "ST02" in item.reason) for item in seen.items] == [(PAYMENTS, True)]


def test_3_cut_at_any_byte_nothing_is_taken_for_whole(desk):
    """Every byte in memory; every twentieth through the inbox."""
    from claimwright.web.exchange.models import InboxFile
    from claimwright.web.operations.post import envelope_problems
    from claimwright.x12 import read

    whole = desk.file()
    length = len(whole.rstrip(b"~\n"))
    for cut in range(length):
        document = read(whole[:cut])
        problems = envelope_problems(document, InboxFile(content=whole[:cut]))
        assert all(transaction.st.offset in problems for transaction in document.transactions()), cut
    cuts = [whole[:cut] for cut in (*range(1, length, 60), length - 1)]
    seen = run(desk, [(named(desk), content) for content in cuts])
    assert seen.ledger == []
    assert set(seen.fates) == {"quarantined"}
    assert {item.file_id for item in seen.items} == {file.pk for file in seen.files}
    assert all(item.reason and item.what_to_do for item in seen.items)
    posted(run(desk, [(named(desk), whole)]))


def test_15_two_interchanges_with_junk_between_both_post(desk):
    seen = run(desk, [(named(desk), desk.file() + b"--- end of file 1 ---\r\n" + desk.file())])
    posted(seen, payments=2)
    assert seen.fates == ["posted", "posted"]


def test_19_a_control_number_again_with_other_content_is_held_and_the_same_bytes_are_one_file(desk):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxDelivery

    number, name = desk.number(), named(desk)
    first = world.as_file([desk.remittance()], control_number=number)
    posted(run(desk, [(name, first)]))
    again = run(desk, [(f"again-{name}", first)])
    assert again.ledger == [] and again.fates == ["posted"] and again.items == []
    with tenant_scope(desk.office.tenant):
        arrivals = InboxDelivery.objects.filter(file=again.files[0]).order_by("at")
        assert [arrival.repeat for arrival in arrivals] == [False, True]
    other = world.as_file([desk.remittance()], control_number=number)
    refused(run(desk, [(named(desk), other)]), CONFLICTS, "control number", "held")


def test_33_a_trace_number_again_with_another_amount_is_held(desk):
    trace, claim = desk.trace(), desk.claim()
    posted(run(desk, [(named(desk), desk.file(world.remittance([office.payment(claim)], trace=trace)))]))
    other = desk.file(world.remittance([office.payment(claim, paid="86.00")], trace=trace))
    refused(run(desk, [(named(desk), other)]), CONFLICTS, "content differs", "held")


def test_34_a_payment_of_nothing_that_comes_again_is_a_duplicate(desk):
    none = world.remittance([office.payment(desk.claim(), paid="0.00", patient="100.00")], trace=desk.trace())
    first = run(desk, [(named(desk), desk.file(none))])
    assert first.fates == ["posted"]
    refused(run(desk, [(named(desk), desk.file(none))]), "duplicate_remittances", "same content", "duplicate")


def test_32_any_sign_in_a_trace_number_is_a_trace_number(desk):
    once = desk.remittance(trace=f"A|B|{desk.number()}")
    posted(run(desk, [(named(desk), desk.file(once))]))
    refused(run(desk, [(named(desk), desk.file(once))]), "duplicate_remittances", "same content", "duplicate")


# Classes 35 and 36: the payment is real, its claim is in doubt. The money stands in Suspense, the claim is untouched.
DOUBTFUL = (
    (35, "unknown", lambda clp, other: {"control_number": "NOSUCH1", "payer_claim_number": "X1"}),
    (35, "of another patient", lambda clp, other: {"control_number": other.control_number}),
    (35, "cut short", lambda clp, other: {"control_number": clp.control_number[:-2], "payer_claim_number": "X2"}),
    (35, "leading signs lost", lambda clp, other: {"control_number": clp.control_number.lstrip("C0"), "payer_claim_number": "X3"}),
    (36, "another patient's name", lambda clp, other: {"patient": msgspec.structs.replace(clp.patient, last_name="ELSEWHERE", first_name="BO")}),
    (36, "another charge", lambda clp, other: other_charge(clp)),
    (36, "another date", lambda clp, other: {"lines": tuple(msgspec.structs.replace(line, date_from=world.DAY.replace(day=3), control_number="") for line in clp.lines)}),
)  # fmt: skip


def other_charge(clp: Any) -> dict[str, Any]:
    from decimal import Decimal

    more = Decimal("7.00")
    (line,) = clp.lines
    first, *rest = line.adjustments
    raised = (msgspec.structs.replace(first, amount=first.amount + more), *rest)
    return {
        "charge": clp.charge + more,
        "lines": (msgspec.structs.replace(line, charge=line.charge + more, adjustments=raised),),
    }


@pytest.mark.parametrize(("number", "what", "change"), DOUBTFUL, ids=[f"{n} {what}" for n, what, _ in DOUBTFUL])
def test_a_payment_whose_claim_is_in_doubt_is_held_in_suspense(desk, number, what, change):
    claim = desk.claim()
    clp = office.payment(claim)
    other = office.payment(desk.claim())
    doubtful = msgspec.structs.replace(clp, **change(clp, other))
    claims = state(desk.office.tenant)[1]
    seen = run(desk, [(named(desk), desk.file(world.remittance([doubtful], trace=desk.trace())))])
    assert seen.fates == ["posted"]
    assert {kind for row in seen.ledger for kind in row[:2]} == HOLDING
    assert [row[2] for row in seen.ledger] == [clp.paid]
    assert state(desk.office.tenant)[1] == claims
    (item,) = [item for item in seen.items if item.subject_type == "claim_payment"]
    assert item.worklist in ("unmatched_payments", "partial_matches", "unmatched_lines")
    assert item.reason and item.what_to_do and item.segment and item.file_name and item.amount == clp.paid


def test_22_a_997_is_read_as_a_999(desk):
    group = desk.office.sent.group_control_number
    content = swapped(
        answers.functional(desk.number(), group, {"0001": "A"}), (b"ST*999*0001*005010X231A1", b"ST*997*0001"),
        (b"*005010X222A1~AK2", b"~AK2"), (b"AK2*837*0001*005010X222A1", b"AK2*837*0001"), (b"~IK5*", b"~AK5*"),
        (b"*00501*", b"*00401*"), (b"X*005010X231A1", b"X*004010"),
    )  # fmt: skip
    seen = run(desk, [(named(desk, "997"), content)])
    assert (seen.fates, seen.items, seen.ledger) == (["acknowledged"], [], [])
    moved = {claim[1] for claim in state(desk.office.tenant)[1]}
    assert moved <= {"FILE_ACCEPTED", "ADJUDICATED"}


# Envelope faults in what answers or claims, not only in what pays.
ANSWERS: tuple[tuple[str, Callable[[Desk], bytes]], ...] = (
    ("999", lambda desk: answers.functional(desk.number(), desk.office.sent.group_control_number, {"0001": "R"})),
    ("277", lambda desk: answers.claims(desk.number(), {desk.office.numbers[-1]: (False, "")})),
    ("ta1", lambda desk: answers.ta1(desk.number(), desk.office.sent.interchange_control_number, "R", "006")),
)


def with_nul(content: bytes) -> bytes:
    place = next(segment for segment in (b"~TA1*", b"~BHT*", b"~AK1*") if segment in content)
    return swapped(content, (place, place + b"\x00"))


SPOILT: tuple[tuple[int, str, Callable[[bytes], bytes], str], ...] = (
    (3, "cut", lambda content: content[: content.index(b"~IEA*") + 1], "cut short"),
    (14, "NUL", lambda content: with_nul(content), "NUL"),
    (16, "IEA02", lambda content: content[:-2] + b"x~", "IEA02"),
    (20, "production", lambda content: content.replace(b"*0*T*:", b"*0*P*:"), "production"),
)  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind, _ in ANSWERS])
@pytest.mark.parametrize(("number", "what", "spoil", "word"), SPOILT, ids=[f"{n} {what}" for n, what, *_ in SPOILT])
def test_a_spoilt_answer_moves_no_claim(desk, kind, number, what, spoil, word):
    claims = state(desk.office.tenant)[1]
    content = spoil(dict(ANSWERS)[kind](desk))
    refused(run(desk, [(named(desk, kind), content)]), FILES, word)
    assert state(desk.office.tenant)[1] == claims


@pytest.mark.parametrize(("number", "what", "spoil", "word"), SPOILT, ids=[f"{n} {what}" for n, what, *_ in SPOILT])
def test_a_spoilt_file_of_claims_charges_nothing(desk, number, what, spoil, word):
    refused(run(desk, [(named(desk, "837"), spoil(claims_file(desk)))]), FILES, word)


def test_a_whole_file_of_claims_is_taken_in(desk):
    """The canary of the test before: it is what was spoilt that was refused."""
    seen = run(desk, [(named(desk, "837"), claims_file(desk))])
    assert set(seen.fates) == {"taken_in"}


def claims_file(desk: Desk) -> bytes:
    """Our own 837P come back as another system's."""
    return bytes(desk.office.sent.content).replace(b"~\n", b"~").strip()


def test_23_very_long_segments_many_elements_and_many_segments_end_in_time(desk):
    import time

    start = time.monotonic()
    long = swapped(desk.file(), (b"PLAN FIRST", b"P" * 1_000_000))
    wide = swapped(desk.file(), (b"~\nLX*1~", b"~\nLX*1" + b"*x" * 10_000 + b"~"))
    many = swapped(desk.file(), (b"~\nLX*1~", b"~\nLX*1~" + b"REF*6R*1~\n" * 30_000))
    seen = run(desk, [(named(desk), content) for content in (long, wide, many)])
    assert time.monotonic() - start < 60
    assert set(seen.fates) <= {"posted", "quarantined"}
    assert seen.fates[2] == "quarantined"
    assert [row[3] for row in seen.ledger].count("INS_PAY") == seen.fates.count("posted")


def test_26_an_unfinished_file_waits(desk):
    content, name = desk.file(), named(desk)
    path = desk.office.clinic.incoming / f"{name}.filepart"
    path.write_bytes(content[:200])
    office.run(desk.office)
    assert path.exists()
    path.unlink()
    posted(run(desk, [(name, content)]))


@pytest.mark.parametrize("name", ["a\r\nSet-Cookie: x.835", "\u202e538.exe", "名前.835", "-rf ~.835", "x" * 250 + ".835"[:4], "'; DROP TABLE.835"])  # fmt: skip
def test_27_hostile_file_names_are_names_and_no_more(desk, name):
    seen = run(desk, [(name, desk.file())])
    posted(seen)
    (file,) = seen.files
    assert len(file.name) <= 200
    assert not any(sign in file.name for sign in "\r\n/\\\u202e<>\"'`;")


def test_27_a_name_with_folders_stays_in_its_folder(desk):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import store_received

    with tenant_scope(desk.office.tenant):
        names = [
            store_received(source="upload", name=name, content=name.encode()).name
            for name in ("../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "a" * 300 + ".835")
        ]
    assert names[:3] == ["passwd", "boot.ini", "shadow"]
    assert len(names[3]) == 200
    assert names[3].endswith(".835")
    office.run(desk.office)


def test_28_nothing_reaches_the_other_tenant(desk):
    from claimwright.web.core.models import Tenant, WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxFile
    from claimwright.web.payments.models import Remittance

    content = desk.file(desk.remittance(payee_npi="1999999984", payee_tax_id=""))
    refused(run(desk, [(named(desk), content)]), PAYMENTS, "payee")
    with tenant_scope(Tenant.objects.get(slug="other")):
        assert not InboxFile.objects.exists()
        assert not Remittance.objects.exists()
        assert not WorkItem.objects.exists()


def test_content_that_no_field_takes_is_quarantined_and_the_others_post(desk, monkeypatch):
    """Once, one such value kept every later remittance of the practice from posting."""
    from django.db import DataError

    from claimwright.web.operations import post as module

    first, second = desk.file(), desk.file()
    read = module.read_remittance

    def unfit(transaction):
        if transaction.interchange.isa[13].encode() in first:
            raise DataError("value too long")
        return read(transaction)

    monkeypatch.setattr(module, "read_remittance", unfit)
    seen = run(desk, [("a" + named(desk), first), ("b" + named(desk), second)])
    assert seen.fates == ["quarantined", "posted"]
    assert [(item.worklist, item.reason_code) for item in seen.items] == [(PAYMENTS, "DataError")]


def test_a_fault_of_ours_leaves_the_part_waiting_and_the_others_post(desk, monkeypatch):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations import post as module

    first, second = desk.file(), desk.file()
    read = module.read_remittance
    monkeypatch.setattr(
        module, "read_remittance",
        lambda transaction: 1 // 0 if transaction.interchange.isa[13].encode() in first else read(transaction),
    )  # fmt: skip
    names = named(desk), named(desk)
    for name, content in zip(names, (first, second), strict=True):
        desk.office.put(name, content)
    office.run(desk.office)
    assert module.post(tenant=desk.office.tenant).failed == 1
    with tenant_scope(desk.office.tenant):
        item = WorkItem.objects.get(reason_code="ZeroDivisionError")
        assert (item.worklist, item.state, item.file_name) == (PAYMENTS, "open", names[0])
    monkeypatch.undo()
    assert module.post(tenant=desk.office.tenant).remittances_posted == 1
    with tenant_scope(desk.office.tenant):
        assert WorkItem.objects.get(pk=item.pk).state == "done"


def test_every_class_from_1_to_36_has_its_case():
    import inspect
    import re
    import sys

    tabled = {number for table in (BAD, LAWFUL, DOUBTFUL, SPOILT) for number, *_ in table}
    named_ones = {
        int(found[1])
        for name, _ in inspect.getmembers(sys.modules[__name__], inspect.isfunction)
        if (found := re.match(r"test_(\d+)_", name))
    }
    assert tabled | named_ones >= set(range(1, 37))
