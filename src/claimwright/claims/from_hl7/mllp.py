"""The minimal lower layer protocol: frames out of a stream of bytes, and the answer to a message (ACK with MSA).

A frame is 0x0B, the message, 0x1C, 0x0D. Bytes outside frames mean nothing and are dropped; a message that begins while
another is open ends that one, which never came whole.
"""

from __future__ import annotations

import re
from datetime import datetime

START, END, RETURN = b"\x0b", b"\x1c", b"\r"
ACCEPTED, ERROR, REFUSED = "AA", "AE", "AR"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class TooLong(ValueError):
    """A message of more bytes than are taken."""


class Framer:
    """Feeds on pieces of a stream of any size and gives whole messages. Raises TooLong; the stream is of no use then."""

    def __init__(self, maximum_bytes: int) -> None:
        self.maximum_bytes = maximum_bytes
        self._held = bytearray()
        self._open = False
        self._searched = 0  # no end stands before this byte: each byte is looked at once

    @property
    def is_open(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._open

    @property
    def head(self) -> bytes:
        """The beginning of the message that is open, for an answer that refuses it."""
        return bytes(self._held[:4000])

    def feed(self, data: bytes) -> list[bytes]:
        self._held += data
        found: list[bytes] = []
        while True:
            if not self._open:
                start = self._held.find(START)
                if start < 0:
                    self._held.clear()
                    return found
                del self._held[: start + 1]
                self._open, self._searched = True, 0
            end = self._held.find(END, self._searched)
            again = self._held.find(START, self._searched, end if end >= 0 else len(self._held))
            if again >= 0:
                del self._held[: again + 1]
                self._searched = 0
                continue
            if end < 0:
                self._searched = len(self._held)
                if len(self._held) > self.maximum_bytes:
                    raise TooLong(f"a message is longer than {self.maximum_bytes} bytes")
                return found
            if end > self.maximum_bytes:
                raise TooLong(f"a message is longer than {self.maximum_bytes} bytes")
            found.append(bytes(self._held[:end]))
            del self._held[: end + 1]  # the carriage return behind it is between frames
            self._open = False


def frame(message: bytes) -> bytes:
    return START + message + END + RETURN


def acknowledgement(
    message: bytes, *, code: str, at: datetime, number: str, error: str = "", place: str = "", says: str = ""
) -> bytes:
    """The ACK of `message`, whatever it is: sender and receiver changed places, MSA with its control id.

    `error` is a code of table 0357, `place` segment and field, `says` our words; none of them holds a patient value.
    """
    header = _header(message)
    separator, encoding = header[0], header[1]
    fields = header[2:]
    safe = _UNSAFE.sub("", says).replace("\\", "").replace(separator, " ")[:200]
    for sign in encoding:
        safe = safe.replace(sign, " ")
    trigger = fields[6].split(encoding[:1])[1:2] if encoding else []
    kind = f"ACK{encoding[:1]}{trigger[0]}" if trigger and trigger[0] else "ACK"
    segments = [
        ["MSH", encoding, fields[2], fields[3], fields[0], fields[1], f"{at:%Y%m%d%H%M%S}", "", kind, number,
         fields[8] or "P", fields[9] or "2.5"],
        ["MSA", code, fields[7], safe],
    ]  # fmt: skip
    if error:
        segments.append(["ERR", "", _UNSAFE.sub("", place).replace(separator, " "), error, "E"])
    return "".join(separator.join(one).rstrip(separator) + "\r" for one in segments).encode("utf-8")


def _header(message: bytes) -> list[str]:
    """Separator, encoding signs, then MSH-3 to MSH-12; the usual signs and blanks where the header is broken."""
    text = message[:4000].lstrip(b"\xef\xbb\xbf\r\n \t").decode("utf-8", "replace")
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    blank = [""] * 10
    if len(line) < 8 or not line.startswith("MSH") or line[3].isalnum():
        return ["|", "^~\\&", *blank]
    separator = line[3]
    parts = [_UNSAFE.sub("", part)[:200] for part in line.split(separator)[1:]]
    return [separator, parts[0][:5] or "^~\\&", *(parts[1:11] + blank)[:10]]
