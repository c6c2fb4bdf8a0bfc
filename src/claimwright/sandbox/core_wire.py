"""The sandbox's own reading and writing of CAQH CORE envelopes, by the standard library's MIME and a safe XML parser."""

from __future__ import annotations

import base64
import hashlib
from email import message_from_bytes, policy
from email.message import EmailMessage
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import msgspec
from defusedxml.ElementTree import fromstring

CORE = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
REQUIRED = ("PayloadType", "ProcessingMode", "PayloadID", "TimeStamp", "SenderID", "ReceiverID", "CORERuleVersion")
BOUNDARY = "sandbox-part"
ANSWERS = {
    "COREEnvelopeRealTimeRequest": "COREEnvelopeRealTimeResponse",
    "COREEnvelopeBatchSubmission": "COREEnvelopeBatchSubmissionResponse",
    "COREEnvelopeBatchSubmissionAckRetrievalRequest": "COREEnvelopeBatchSubmissionAckRetrievalResponse",
    "COREEnvelopeBatchResultsRetrievalRequest": "COREEnvelopeBatchResultsRetrievalResponse",
}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One CORE request. `element` is the SOAP body's; empty for MIME."""

    fields: dict[str, str]
    payload: bytes = b""
    username: str = ""
    password: str = ""
    element: str = ""

    @property
    def is_soap(self) -> bool:
        return bool(self.element)

    def fault(self, username: str, password: str) -> tuple[str, str]:
        """(ErrorCode, ErrorMessage) of the rule, ("", "") where the envelope is in order."""
        for name in REQUIRED:
            if not self.fields.get(name):
                return f"{name}Required", f"{name} is missing"
        if self.fields["CORERuleVersion"] != "2.2.0":
            return "VersionMismatch", "2.2.0 is spoken here"
        if self.fields["ProcessingMode"] not in ("RealTime", "Batch"):
            return "ProcessingModeIllegal", "RealTime or Batch"
        if (self.username, self.password) != (username, password):
            return "UnAuthorized", "user name or password is wrong"
        checksum = self.fields.get("CheckSum", "")
        if checksum and checksum != hashlib.sha1(self.payload, usedforsecurity=False).hexdigest():
            return "ChecksumMismatched", "the payload broke on the way"
        if self.fields.get("PayloadLength", str(len(self.payload))) != str(len(self.payload)):
            return "PayloadLengthIllegal", "PayloadLength is not the payload's"
        return "", ""


def read_request(content_type: str, body: bytes) -> Request | None:
    """None for what is no CORE envelope."""
    try:
        if content_type.startswith("multipart/form-data"):
            return _from_mime(content_type, body)
        if content_type.startswith("multipart/related"):
            root, beside = _related(content_type, body)
            return _from_soap(root, beside)
        return _from_soap(body, {})
    except Exception:  # whatever somebody sends to the door is answered with a refusal
        return None


def _message(content_type: str, body: bytes) -> EmailMessage:
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    found = message_from_bytes(head + body, policy=policy.HTTP)
    assert isinstance(found, EmailMessage)
    return found


def _content(part: object) -> bytes:
    assert isinstance(part, EmailMessage)
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _from_mime(content_type: str, body: bytes) -> Request:
    fields: dict[str, bytes] = {}
    for part in _message(content_type, body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        fields[str(name)] = _content(part)
    texts = {name: value.decode() for name, value in fields.items() if name != "Payload"}
    return Request(
        fields=texts, payload=fields.get("Payload", b""), username=texts.get("UserName", ""),
        password=texts.get("Password", ""),
    )  # fmt: skip


def _related(content_type: str, body: bytes) -> tuple[bytes, dict[str, bytes]]:
    parts = list(_message(content_type, body).iter_parts())
    named = {str(part["Content-ID"]).strip("<>"): _content(part) for part in parts}
    return _content(parts[0]), named


def _from_soap(document: bytes, beside: dict[str, bytes]) -> Request:
    root = fromstring(document, forbid_dtd=True)
    token = {_name(one): one.text or "" for one in root.iter() if _name(one) in ("Username", "Password")}
    inner = next(iter(root.find(f"{{{SOAP}}}Body") or ()))
    assert inner.tag == f"{{{CORE}}}{_name(inner)}"
    fields = {_name(one): one.text or "" for one in inner if _name(one) != "Payload"}
    payload = b""
    for one in inner.findall("Payload"):
        include = next(iter(one), None)
        if include is not None:
            payload = beside[str(include.get("href")).removeprefix("cid:")]
        else:
            payload = (one.text or "").encode()
    return Request(
        fields=fields, payload=payload, username=token.get("Username", ""), password=token.get("Password", ""),
        element=_name(inner),
    )  # fmt: skip


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def write_answer(
    asked: Request | None, payload_type: str, payload: bytes = b"", code: str = "Success", message: str = ""
) -> tuple[str, bytes]:
    """(Content-Type, body) in the envelope of the question."""
    told = asked.fields if asked is not None else {}
    rows = [
        ("PayloadType", payload_type), ("ProcessingMode", told.get("ProcessingMode", "RealTime")),
        ("PayloadID", told.get("PayloadID", "")), ("TimeStamp", told.get("TimeStamp", "")),
        ("SenderID", told.get("ReceiverID", "")), ("ReceiverID", told.get("SenderID", "")),
        ("CORERuleVersion", "2.2.0"), ("ErrorCode", code), ("ErrorMessage", message),
    ]  # fmt: skip
    if asked is not None and asked.is_soap:
        return _soap(asked.element, rows, payload)
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in rows
    ]
    if payload:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="Payload"\r\nContent-Type: application/EDI-X12\r\n\r\n'
        parts.append(head.encode() + payload + b"\r\n")
    return f"multipart/form-data; boundary={BOUNDARY}", b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _soap(element: str, rows: list[tuple[str, str]], payload: bytes) -> tuple[str, bytes]:
    answer = ANSWERS.get(element, "COREEnvelopeRealTimeResponse")
    inline = escape(payload.decode()) if answer == ANSWERS["COREEnvelopeRealTimeRequest"] else ""
    if payload and not inline:
        inline = base64.b64encode(payload).decode()
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in rows[:-2])
    inner += f"<Payload>{inline}</Payload>" if payload else ""
    inner += "".join(f"<{name}>{escape(value)}</{name}>" for name, value in rows[-2:])
    document = (
        f'<env:Envelope xmlns:env="{SOAP}"><env:Body><c:{answer} xmlns:c="{CORE}">{inner}</c:{answer}>'
        "</env:Body></env:Envelope>"
    )
    return "application/soap+xml; charset=UTF-8", document.encode()
