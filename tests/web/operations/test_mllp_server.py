"""The MLLP door over a real socket: whatever the pieces, one answer a message, and none that was not stored."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from claimwright.claims.from_hl7.mllp import Framer, acknowledgement, frame
from tests.unit.claims.test_hl7_messages import PID, header, message


class Store:
    """Stands for the database: keeps bytes once, counts effects, and fails between keeping and answering when told to."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.effects = 0
        self.dies_before_answer = False

    def answer(self, content: bytes) -> bytes:
        if content not in self.kept:
            self.kept.append(content)
            self.effects += 1
        if self.dies_before_answer:
            self.dies_before_answer = False
            raise OSError("gone")
        code = "AA" if content.startswith(b"MSH") else "AR"
        return acknowledgement(content, code=code, at=datetime(2026, 8, 26, tzinfo=UTC), number="1")


def a_message(number):
    return message(header("ADT^A08", f"M{number}"), PID)


def talk(store, pieces, *, answers, limits=None, pause=0.0):
    """Send the pieces one by one over a connection; the MSA lines that came back until `answers` or the end."""
    from claimwright.web.operations.mllp_server import Limits, MllpServer

    async def run():
        server = MllpServer(store.answer, limits=limits or Limits())
        port = await server.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        framer, found = Framer(100_000), []
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        while len(found) < answers:
            data = await asyncio.wait_for(reader.read(65536), 20)
            if not data:
                break
            found += framer.feed(data)
        writer.close()
        await server.stop()
        return [next(line for line in one.decode().split("\r") if line.startswith("MSA")) for one in found]

    return asyncio.run(run())


def test_one_byte_at_a_time_and_two_messages_in_one_packet():
    store = Store()
    slow = [bytes([one]) for one in frame(a_message(1))]
    assert talk(store, slow, answers=1) == ["MSA|AA|M1"]
    assert talk(store, [frame(a_message(2)) + frame(a_message(3))], answers=2) == ["MSA|AA|M2", "MSA|AA|M3"]
    assert store.effects == 3


def test_garbage_is_dropped_between_messages_and_refused_inside():
    store = Store()
    assert talk(store, [b"GET / HTTP/1.1\r\n", frame(a_message(1)), frame(b"\x00\xff junk")], answers=2) == [
        "MSA|AA|M1", "MSA|AR"
    ]  # fmt: skip
    assert store.effects == 2  # what was inside a frame is kept too


def test_the_same_message_again_is_answered_again_without_a_second_effect():
    store = Store()
    assert talk(store, [frame(a_message(1))] * 3, answers=3) == ["MSA|AA|M1"] * 3
    assert store.effects == 1


def test_what_was_stored_and_not_answered_is_sent_again_and_has_one_effect():
    store = Store()
    store.dies_before_answer = True
    assert talk(store, [frame(a_message(1))], answers=1) == []  # the connection ends without an answer
    assert talk(store, [frame(a_message(1))], answers=1) == ["MSA|AA|M1"]
    assert store.effects == 1


def test_stopping_answers_the_message_under_way_and_closes_who_is_silent():
    from claimwright.web.operations.mllp_server import MllpServer

    begun, goes_on, store = threading.Event(), threading.Event(), Store()

    def slowly(content):
        begun.set()
        goes_on.wait(60)
        return store.answer(content)

    async def run():
        server = MllpServer(slowly)
        port = await server.start("127.0.0.1", 0)
        silent, other = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(a_message(1)) + frame(a_message(2)))
        assert await asyncio.to_thread(begun.wait, 60)
        stopping = asyncio.create_task(server.stop())
        assert await asyncio.wait_for(silent.read(), 60) == b""  # at once: nothing is under way there
        assert not stopping.done()
        goes_on.set()
        said = await asyncio.wait_for(reader.read(), 60)
        await asyncio.wait_for(stopping, 60)
        for one in (other, writer):
            one.close()
        return said

    said = asyncio.run(run())
    assert said.count(b"MSA|") == 1 and b"MSA|AA|M1" in said and store.effects == 1  # the second one comes again


def test_limits_of_size_and_silence():
    from claimwright.web.operations.mllp_server import Limits

    store = Store()
    small = Limits(message_bytes=200, idle_seconds=5)
    assert talk(store, [b"\x0b" + a_message(1) + b"x" * 500], answers=1, limits=small) == [
        "MSA|AR|M1|A message has more than 200 bytes"
    ]
    assert store.effects == 0
    assert talk(store, [b"\x0bhalf"], answers=1, limits=Limits(idle_seconds=0.2)) == []  # closed, nothing answered


def test_only_a_sender_with_a_certificate_is_let_in_over_tls(tmp_path):
    import ssl

    from claimwright.web.operations.mllp_server import tls_of

    with pytest.raises((OSError, ssl.SSLError)):
        tls_of(tmp_path / "none.pem", tmp_path / "none.key", None)
