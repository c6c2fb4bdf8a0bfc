"""The sandbox's HTTP door: CAQH CORE envelopes (MIME and SOAP), questions answered at once, batches taken and handed out.

No wall clock: the payers' today is the day that the question itself carries (BHT04), or the books' where it has none.
"""

from __future__ import annotations

import fcntl
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from claimwright.sandbox.answers import functional_acknowledgement, interchange_acknowledgement, interchange_note
from claimwright.sandbox.behaviour import nth
from claimwright.sandbox.books import Books, Delivery, load_books, save_books, write_whole
from claimwright.sandbox.core_wire import Request, read_request, write_answer
from claimwright.sandbox.day import folders, plan_of
from claimwright.sandbox.eligibility import answer_at_once
from claimwright.sandbox.plan import Every, Plan, load_members
from claimwright.sandbox.status import answer_status
from claimwright.sandbox.submitted import date_of
from claimwright.sandbox.syntax import envelope_faults, forced_fault, guide_faults
from claimwright.x12 import Interchange, Transaction, read

MOST_BYTES = 50 * 1024 * 1024
TRIES, PAUSE_SECONDS = 200, 0.05  # for a day of the folders that is at work
TA1_TYPE, TYPE_999 = "X12_TA1_Response_00501X231A1", "X12_999_Response_005010X231A1"
TYPE_271, TYPE_277 = "X12_271_Response_005010X279A1", "X12_277_Response_005010X212"
# What is handed out, by the PayloadType that asks for it.
PICK_UPS = {
    "X12_TA1_RetrievalRequest_00501X231A1": ("TA1", TA1_TYPE, "X12_Response_NoBatchAckFile"),
    "X12_999_RetrievalRequest_005010X231A1": ("999", TYPE_999, "X12_Response_NoBatchAckFile"),
    "X12_005010_Request_Batch_Results_271": ("271", TYPE_271, "X12_005010_Response_NoBatchResultsFile"),
    "X12_005010_Request_Batch_Results_277": (
        "277_", TYPE_277, "X12_005010_Response_NoBatchResultsFile",
    ),
}  # fmt: skip
SUBMITTED = re.compile(r"X12_(270|276|278|837)_Request_[0-9A-Z_]+")

Told = tuple[str, bytes]


class Desk:
    """Answers one request after the other, over the same books as the folders."""

    def __init__(self, root: Path, plan: Plan | None = None, *, username: str = "", password: str = "") -> None:
        self.root, self.plan = root, plan or plan_of(root)
        self.username, self.password = username, password
        self.turn = threading.Lock()
        folders(root)

    def answer(self, content_type: str, body: bytes) -> tuple[float, bool, Told]:
        """(seconds to wait, whether to stay silent, content type and body)."""
        asked = read_request(content_type, body)
        if asked is None:
            return 0, False, write_answer(None, "CoreEnvelopeError", code="PayloadTypeRequired", message="no envelope")
        code, message = asked.fault(self.username, self.password)
        if code:
            return 0, False, write_answer(asked, "CoreEnvelopeError", code=code, message=message)
        with self.turn, self._books() as books:
            if asked.fields["ProcessingMode"] == "Batch":
                return 0, False, self._batch(asked)
            return self._real_time(asked, books)

    @contextmanager
    def _books(self) -> Iterator[Books]:
        """The books alone, also from `day` in another process; written back at the end."""
        with (self.root / "state" / "lock").open("w") as handle:
            for left in range(TRIES, -1, -1):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if not left:
                        raise
                    threading.Event().wait(PAUSE_SECONDS)
            books = load_books(self.root)
            yield books
            save_books(self.root, books)

    # At once --------------------------------------------------------------------------------------------------------

    def _real_time(self, asked: Request, books: Books) -> tuple[float, bool, Told]:
        manners, number = self.plan.real_time, books.count("real-time questions")

        def now(every: Every) -> bool:
            return nth(number, every.every, every.offset)

        if now(manners.envelope_error):
            code = manners.envelope_error_code
            return 0, False, write_answer(asked, "CoreEnvelopeError", code=code, message="by plan")
        payload_type, content = self._x12(
            asked, books, ta1=now(manners.refuse_interchange), refuse=now(manners.refuse_transaction)
        )
        if not content:
            return 0, False, write_answer(asked, "CoreEnvelopeError", code=payload_type, message="not answered here")
        if now(manners.silent):
            day = books.day or date.min
            books.deliveries.append(Delivery(due=day, stem="271_LATE", content=content.decode("ascii")))
            return manners.silent_seconds, True, ("", b"")
        return (manners.slow_seconds if now(manners.slow) else 0), False, write_answer(asked, payload_type, content)

    def _x12(self, asked: Request, books: Books, *, ta1: bool, refuse: bool) -> tuple[str, bytes]:
        """(PayloadType, interchange), or (ErrorCode, b"") for what no payer here answers."""
        document = read(asked.payload)
        whole = [one for one in document.interchanges if one.isa is not None]
        if not whole:
            return "PayloadIllegal", b""
        interchange, middle = whole[0], self.plan.clearinghouse
        transactions = [one for group in interchange.groups for one in group.transactions]
        day = _day_of(transactions, books)
        note = "024" if ta1 else interchange_note(interchange)
        if note != "000":
            content = interchange_acknowledgement(interchange, note, middle, books.count("interchange"), day)
            return TA1_TYPE, content
        if len(transactions) != 1 or transactions[0].set_id not in ("270", "276"):
            return "PayloadTypeIllegal", b""
        faults = envelope_faults(transactions[0]) or guide_faults(transactions[0])
        if faults or refuse:
            return TYPE_999, self._refused(interchange, refuse, books, day)
        if transactions[0].set_id == "276":
            return TYPE_277, self._status(transactions[0], books, day)
        members = load_members(self.root / self.plan.members)
        _, content = answer_at_once(transactions[0], self.plan, books, members, day, day)
        return (TYPE_271, content) if content else ("PayloadIllegal", b"")

    def _status(self, transaction: Transaction, books: Books, day: date) -> bytes:
        """The 277 that would have come with the files, taken out of them and given at once."""
        before = len(books.deliveries)
        answer_status(transaction, self.plan, books, day)
        made = books.deliveries[before:]
        del books.deliveries[before:]
        return made[0].content.encode("ascii") if made else b""

    def _refused(self, interchange: Interchange, by_plan: bool, books: Books, day: date) -> bytes:
        isa = interchange.isa
        assert isa is not None
        groups = [
            (
                group,
                [
                    envelope_faults(one) or guide_faults(one) or ([forced_fault(one)] if by_plan else [])
                    for one in group.transactions
                ],
            )
            for group in interchange.groups
        ]
        return functional_acknowledgement(groups, self.plan.clearinghouse, isa[6], books.count("interchange"), day)

    # Batches --------------------------------------------------------------------------------------------------------

    def _batch(self, asked: Request) -> Told:
        inbound, outbound = folders(self.root)
        kind = asked.fields["PayloadType"]
        if kind in PICK_UPS:
            return self._hand_out(asked, outbound)
        if not SUBMITTED.fullmatch(kind) or not asked.payload.startswith(b"ISA"):
            return write_answer(asked, "CoreEnvelopeError", code="PayloadTypeIllegal", message="not taken here")
        name = re.sub(r"[^0-9A-Za-z-]", "", asked.fields["PayloadID"])[:60]
        write_whole(
            inbound / f"core_{name}.edi", asked.payload, self.root / "state"
        )  # the same id again is the same file
        return write_answer(asked, "X12_BatchReceiptConfirmation")

    def _hand_out(self, asked: Request, outbound: Path) -> Told:
        stem, payload_type, nothing = PICK_UPS[asked.fields["PayloadType"]]
        waiting = sorted(path for path in outbound.iterdir() if path.is_file() and path.name.startswith(stem))
        if not waiting:
            return write_answer(asked, nothing)
        content = waiting[0].read_bytes()
        (outbound / "archive").mkdir(exist_ok=True)
        waiting[0].replace(outbound / "archive" / waiting[0].name)
        return write_answer(asked, payload_type, content)


def _day_of(transactions: list[Transaction], books: Books) -> date:
    for transaction in transactions:
        for segment in transaction.segments:
            if segment.id == "BHT":
                asked = date_of(segment[4])
                if asked is not None:
                    return max(asked, books.day) if books.day else asked
    return books.day or date(2026, 1, 1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    desk: Desk
    closing: threading.Event


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        seconds, silent, (content_type, answer) = self.server.desk.answer(self.headers.get("Content-Type", ""), body)
        if seconds:
            self.server.closing.wait(seconds)
        if silent:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            self.wfile.write(answer)
        except OSError:
            pass  # who asked has hung up

    def log_message(self, *_: Any) -> None:
        """Nothing about patients goes to a log."""


@contextmanager
def real_time_door(
    desk: Desk, *, host: str = "127.0.0.1", port: int = 0, certificate: Path | None = None, key: Path | None = None
) -> Iterator[str]:
    """Serve in a thread; gives the address. With a certificate and its key over TLS."""
    server = _Server((host, port), _Door)
    server.desk, server.closing = desk, threading.Event()
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"{scheme}://{host}:{server.server_address[1]}/core"
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def serve_real_time(root: Path, plan: Plan | None, port: int, username: str, password: str) -> None:
    """Serve until interrupted. Prints one JSON line (address, username) when ready."""
    with real_time_door(Desk(root, plan, username=username, password=password), port=port) as address:
        print(json.dumps({"ready": True, "address": address, "username": username}), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
