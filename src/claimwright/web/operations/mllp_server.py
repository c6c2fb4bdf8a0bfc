"""The MLLP door: HL7 v2 messages over TCP, each stored before it is read and answered when it is taken in.

One connection sends many messages and gets their answers in order. The work of a message is done in a thread with a
database connection of its own. What is said to the log are counts and kinds, never what a message holds.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from claimwright.claims.from_hl7.mllp import REFUSED, Framer, TooLong, acknowledgement, frame
from claimwright.web.core.logs import say

logger = logging.getLogger("claimwright.interfaces")
READ_BYTES = 64 * 1024
Answer = Callable[[bytes], bytes]  # stores and takes in one message; gives the ACK


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one sender may use. A connection that is silent for `idle_seconds` is closed: senders connect again."""

    message_bytes: int = 10 * 1024 * 1024
    idle_seconds: float = 300.0
    connections: int = 32
    answer_seconds: float = 120.0


class MllpServer:
    """Serves until `stop`. `answer` is called for each whole message, never twice at once for one connection."""

    def __init__(self, answer: Answer, *, limits: Limits | None = None) -> None:
        self.answer, self.limits = answer, limits or Limits()
        self._open: set[asyncio.Task[None]] = set()  # connections; of these, the ones between two messages:
        self._listening: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._server: asyncio.Server | None = None
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mllp")

    async def start(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> int:
        """Listen; answers with the port, which the system chooses for 0."""
        self._server = await asyncio.start_server(self._serve, host, port, ssl=tls, limit=READ_BYTES)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """No new connections and messages; the ones under way are finished and answered, the others' senders come again."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
        for one in self._listening:
            one.cancel()
        if self._open:
            await asyncio.wait(set(self._open), timeout=self.limits.answer_seconds)
        for one in self._open:  # its sender takes no answer
            one.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)

    async def serve_until(self, stopped: asyncio.Event) -> None:
        await stopped.wait()
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._stopping or task is None or len(self._open) >= self.limits.connections:
            say(logger, "too many connections", logging.WARNING, open=len(self._open))
            writer.close()
            return
        self._open.add(task)
        taken = 0
        try:
            taken = await self._talk(reader, writer)
        except (TimeoutError, ConnectionError, ssl.SSLError):
            pass  # silent too long, or gone: the sender connects again and sends what was not answered
        finally:
            self._open.discard(task)
            say(logger, "connection closed", messages=taken)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        framer, taken = Framer(self.limits.message_bytes), 0
        while data := await self._heard(reader):
            try:
                whole = framer.feed(data)
            except TooLong:
                says = f"A message has more than {self.limits.message_bytes} bytes"
                await self._send(
                    writer,
                    acknowledgement(
                        framer.head, code=REFUSED, at=datetime.now(UTC), number="0", error="207", says=says
                    ),
                )
                say(logger, "message too long", logging.WARNING)
                return taken
            for message in whole:
                answered = await self._answer(message)
                if answered is None:
                    return taken  # not stored: without an answer the sender keeps it and sends it again
                await self._send(writer, answered)
                taken += 1
                if self._stopping:
                    return taken  # what came with it is not stored, and comes again
        return taken

    async def _heard(self, reader: asyncio.StreamReader) -> bytes:
        """What the sender says next; nothing where it is gone. Whoever stops the server may end the waiting."""
        task = asyncio.current_task()
        assert task is not None
        self._listening.add(task)
        try:
            return await asyncio.wait_for(reader.read(READ_BYTES), self.limits.idle_seconds)
        finally:
            self._listening.discard(task)

    async def _answer(self, message: bytes) -> bytes | None:
        work = asyncio.get_running_loop().run_in_executor(self._threads, self.answer, message)
        try:
            return await asyncio.wait_for(asyncio.shield(work), self.limits.answer_seconds)
        except Exception as error:  # the database is away, or a fault of ours: no answer says that nothing is promised
            say(logger, "not answered", logging.ERROR, error=type(error).__name__)
            return None

    async def _send(self, writer: asyncio.StreamWriter, message: bytes) -> None:
        writer.write(frame(message))
        await asyncio.wait_for(writer.drain(), self.limits.idle_seconds)


def tls_of(certificate: Path, key: Path, client_authority: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later with our certificate; with `client_authority` only senders whose certificate it signed.

    Raises OSError or ssl.SSLError for files that cannot be used.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_authority is not None:
        context.load_verify_locations(client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
