"""CAQH CORE connectivity envelopes (rule 270, vC2.2.0): HTTP MIME multipart and SOAP 1.2, batch payloads by MTOM.

Pure: an envelope and the credentials in, the HTTP message out; the partner's HTTP message in, its answer out. What the
partner sent is never trusted: no document type, no entity, nothing looked up outside the message, sizes bounded by the
caller.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from email.message import Message
from enum import StrEnum
from urllib.parse import unquote
from uuid import UUID, uuid4
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

RULE_VERSION = "2.2.0"
SUCCESS = "Success"
CORE_NAMESPACE = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
SOAP_NAMESPACE = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
_XOP = "http://www.w3.org/2004/08/xop/include"
MAXIMUM_PARTS = 50
MAXIMUM_FIELD_CHARACTERS = 4000
# Field faults of the rule's table, and what it says of who we are: asked again they come again.
SET_UP_CODES = frozenset(("UnAuthorized", "Unauthorized", "VersionMismatch"))
_SET_UP_ENDINGS = ("Required", "Illegal")


class EnvelopeProblem(ValueError):
    """What came is no CORE envelope, or what shall go does not fit one. Holds nothing of the content."""


class Operation(StrEnum):
    """The rule's message exchanges; the value is the SOAP action."""

    REAL_TIME = "RealTimeTransaction"
    SUBMIT = "BatchSubmitTransaction"
    PICK_UP_ACKNOWLEDGEMENT = "BatchSubmitAckRetrievalTransaction"
    PICK_UP_RESULTS = "BatchResultsRetrievalTransaction"


_ELEMENTS = {
    Operation.REAL_TIME: "COREEnvelopeRealTimeRequest",
    Operation.SUBMIT: "COREEnvelopeBatchSubmission",
    Operation.PICK_UP_ACKNOWLEDGEMENT: "COREEnvelopeBatchSubmissionAckRetrievalRequest",
    Operation.PICK_UP_RESULTS: "COREEnvelopeBatchResultsRetrievalRequest",
}


class CoreEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `sent_at` is UTC; `payload` is empty where something is picked up."""

    operation: Operation
    payload_type: str
    payload_id: UUID
    sent_at: datetime
    sender_id: str
    receiver_id: str
    payload: bytes = b""

    def fields(self) -> list[tuple[str, str]]:
        """Name and value of every field but the payload, in the order of the rule's schema."""
        real_time = self.operation is Operation.REAL_TIME
        submits = self.operation is Operation.SUBMIT
        rows = [
            ("PayloadType", self.payload_type),
            ("ProcessingMode", "RealTime" if real_time else "Batch"),
            ("PayloadID", str(self.payload_id)),
            ("PayloadLength", str(len(self.payload)) if submits else ""),
            ("TimeStamp", self.sent_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("SenderID", self.sender_id),
            ("ReceiverID", self.receiver_id),
            ("CORERuleVersion", RULE_VERSION),
            # The rule's own algorithm; it guards against a broken transfer, TLS against a person.
            ("CheckSum", hashlib.sha1(self.payload, usedforsecurity=False).hexdigest() if submits else ""),
        ]
        return [(name, value) for name, value in rows if value]


class CoreAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the partner answered. `error_code` is "Success", a code of the rule, or the partner's own."""

    payload_type: str = ""
    payload_id: str = ""
    payload: bytes = b""
    error_code: str = ""
    error_message: str = ""

    @property
    def succeeded(self) -> bool:
        return self.error_code.casefold() in (SUCCESS.casefold(), "none")


class HttpMessage(msgspec.Struct, frozen=True, kw_only=True):
    content_type: str
    body: bytes
    headers: dict[str, str] = {}


def is_set_up_fault(code: str) -> bool:
    """Whether an ErrorCode speaks of our set-up (who we are, what we put in a field), not of the partner's state."""
    return code in SET_UP_CODES or code.endswith(_SET_UP_ENDINGS)


# Asking --------------------------------------------------------------------------------------------------------------


def mime_request(envelope: CoreEnvelope, username: str, password: str) -> HttpMessage:
    """multipart/form-data; UserName and Password are fields of the body."""
    rows = envelope.fields()
    if username:
        rows[4:4] = [("UserName", username), ("Password", password)]
    boundary = f"core-{uuid4().hex}"
    parts = [_form_field(boundary, name, "text/plain; charset=UTF-8", value.encode()) for name, value in rows]
    if envelope.payload:
        parts.append(_form_field(boundary, "Payload", "application/EDI-X12", envelope.payload))
    return HttpMessage(
        content_type=f"multipart/form-data; boundary={boundary}",
        body=b"".join(parts) + f"--{boundary}--\r\n".encode(),
    )


def _form_field(boundary: str, name: str, kind: str, value: bytes) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def soap_request(envelope: CoreEnvelope, username: str, password: str) -> HttpMessage:
    """SOAP 1.2 with a UsernameToken. A real-time payload goes inline, a batch as an MTOM attachment beside it.

    Raises EnvelopeProblem where an inline payload has characters that XML cannot carry.
    """
    action = envelope.operation.value
    attached = envelope.operation is Operation.SUBMIT
    document = _soap_document(envelope, username, password, attached)
    if not attached:
        return HttpMessage(content_type=f'application/soap+xml; charset=UTF-8; action="{action}"', body=document)
    boundary = f"core-{uuid4().hex}"
    head = (
        f'--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\n'
        "Content-Transfer-Encoding: binary\r\nContent-ID: <envelope>\r\n\r\n"
    )
    beside = (
        f"\r\n--{boundary}\r\nContent-Type: application/EDI-X12\r\nContent-Transfer-Encoding: binary\r\n"
        "Content-ID: <payload>\r\n\r\n"
    )
    return HttpMessage(
        content_type=(
            f'multipart/related; boundary={boundary}; type="application/xop+xml"; start="<envelope>"; '
            f'start-info="application/soap+xml"; action="{action}"'
        ),
        body=head.encode() + document + beside.encode() + envelope.payload + f"\r\n--{boundary}--\r\n".encode(),
    )


def _soap_document(envelope: CoreEnvelope, username: str, password: str, attached: bool) -> bytes:
    inner = "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in envelope.fields())
    if attached:
        inner += f'<Payload><xop:Include xmlns:xop="{_XOP}" href="cid:payload"/></Payload>'
    elif envelope.payload:
        inner += f"<Payload>{_xml(_text(envelope.payload))}</Payload>"
    token = ""
    if username:
        token = (
            f'<wsse:Security xmlns:wsse="{_SECURITY}" soap:mustUnderstand="true"><wsse:UsernameToken>'
            f'<wsse:Username>{_xml(username)}</wsse:Username><wsse:Password Type="{_PASSWORD_TEXT}">{_xml(password)}'
            "</wsse:Password></wsse:UsernameToken></wsse:Security>"
        )
    element = _ELEMENTS[envelope.operation]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{SOAP_NAMESPACE}">'
        f'<soap:Header>{token}</soap:Header><soap:Body><core:{element} xmlns:core="{CORE_NAMESPACE}">{inner}'
        f"</core:{element}></soap:Body></soap:Envelope>"
    ).encode()


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    if _NOT_XML.search(text):
        raise EnvelopeProblem("the content has control characters that XML cannot carry: use the MIME envelope")
    return escape(text, {"\r": "&#13;"})  # a bare carriage return would be read as a line feed


def _text(payload: bytes) -> str:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        raise EnvelopeProblem("the content is not UTF-8 and cannot go inside XML: use the MIME envelope") from None


# Answered ------------------------------------------------------------------------------------------------------------


def read_answer(content_type: str, body: bytes) -> CoreAnswer:
    """The CORE answer in an HTTP message, whichever envelope it has. Raises EnvelopeProblem."""
    head = _content_type(content_type)
    kind = head.get_content_type()
    if kind in ("multipart/form-data", "multipart/mixed"):
        return _from_fields(_fields_of(_parts(head, body)))
    if kind == "multipart/related":
        parts = _parts(head, body)
        root = next((part for part in parts if _identifier(part[0]) == _bare(str(head.get_param("start") or ""))), None)
        if root is None:
            root = parts[0] if parts else (Message(), b"")
        return _from_soap(root[1], {_identifier(part): content for part, content in parts})
    if kind in ("application/soap+xml", "text/xml", "application/xml"):
        return _from_soap(body, {})
    raise EnvelopeProblem("the answer is neither MIME multipart nor SOAP: check the address with the partner")


def _content_type(text: str) -> Message:
    head = Message()
    head["Content-Type"] = text.replace("\r", " ").replace("\n", " ")[:2000]
    return head


Part = tuple[Message, bytes]


def _parts(head: Message, body: bytes) -> list[Part]:
    """The parts of a multipart body, byte for byte."""
    boundary = head.get_boundary()
    if not boundary:
        raise EnvelopeProblem("the answer's multipart names no boundary")
    mark = b"--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not any(piece.startswith(b"--") for piece in pieces[1:]):
        raise EnvelopeProblem("the answer's multipart breaks off before its end")
    if len(pieces) > MAXIMUM_PARTS + 2:
        raise EnvelopeProblem("the answer's multipart has too many parts")
    found: list[Part] = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        lines, _, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        part = Message()
        for line in lines.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            if colon:
                part[name.decode("latin-1").strip()] = value.decode("latin-1").strip()[:2000]
        found.append((part, _decoded(part, content)))
    return found


def _decoded(part: Message, content: bytes) -> bytes:
    coding = str(part.get("Content-Transfer-Encoding", "")).casefold()
    if coding == "base64":
        return _from_base64(content)
    if coding in ("", "7bit", "8bit", "binary"):
        return content
    raise EnvelopeProblem("a part of the answer is encoded in a way that is not read")


def _from_base64(content: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except ValueError:
        raise EnvelopeProblem("the answer's base64 is damaged") from None


def _fields_of(parts: list[Part]) -> dict[str, bytes]:
    names = ((str(part.get_param("name", "", "content-disposition")), content) for part, content in parts)
    return {name: content for name, content in names if name}


def _bare(identifier: str) -> str:
    return unquote(identifier.strip().removeprefix("<").removesuffix(">"))


def _identifier(part: Message) -> str:
    return _bare(str(part.get("Content-ID", "")))


def _from_soap(document: bytes, beside: dict[str, bytes]) -> CoreAnswer:
    try:
        root: Element = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise EnvelopeProblem("the answer's SOAP envelope cannot be read") from None
    body = next((one for one in root if _local(one) == "Body"), None)
    inner = next(iter(body), None) if body is not None else None
    if inner is None:
        raise EnvelopeProblem("the answer's SOAP envelope has no content")
    if _local(inner) == "Fault":
        code = " ".join(text.strip() for one in inner.iter() if _local(one) == "Value" for text in [one.text or ""])
        reason = next(((one.text or "").strip() for one in inner.iter() if _local(one) in ("Text", "faultstring")), "")
        return CoreAnswer(error_code=_short(code or "SOAP-Fault", 80), error_message=_short(reason, 200))
    fields: dict[str, bytes] = {}
    for one in inner:
        include = next((deep for deep in one if _local(deep) == "Include"), None)
        if include is None:
            fields[_local(one)] = (one.text or "").encode()
            continue
        name = _bare(str(include.get("href", "")).removeprefix("cid:"))
        if name not in beside:
            raise EnvelopeProblem("the answer's payload is not in the message")
        fields[_local(one)] = beside[name]
    answer = _from_fields(fields)
    inline = answer.payload.strip()
    if inline and not inline.startswith(b"ISA") and _local(inner) != "COREEnvelopeRealTimeResponse":
        # Batch payloads are base64Binary of the schema where they do not lie beside.
        return msgspec.structs.replace(answer, payload=_from_base64(inline))
    return answer


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _from_fields(fields: dict[str, bytes]) -> CoreAnswer:
    def text(name: str, most: int) -> str:
        return _short(fields.get(name, b"")[:MAXIMUM_FIELD_CHARACTERS].decode("utf-8", "replace").strip(), most)

    answer = CoreAnswer(
        payload_type=text("PayloadType", 80), payload_id=text("PayloadID", 80), payload=fields.get("Payload", b""),
        error_code=text("ErrorCode", 80), error_message=text("ErrorMessage", 200),
    )  # fmt: skip
    if not (answer.payload_type or answer.error_code):
        raise EnvelopeProblem("the answer has neither PayloadType nor ErrorCode: it is no CORE envelope")
    checksum = text("CheckSum", 80).casefold()
    if checksum and answer.payload and checksum != hashlib.sha1(answer.payload, usedforsecurity=False).hexdigest():
        raise EnvelopeProblem("the payload's check sum is not the one the partner states: it broke on the way")
    # An answer without ErrorCode but with a payload is what older servers send for success.
    return answer if answer.error_code else msgspec.structs.replace(answer, error_code=SUCCESS)


def _short(text: str, most: int) -> str:
    return "".join(character if character.isprintable() else " " for character in text)[:most]
