"""CAQH CORE envelopes: what we write another reader reads, and what comes from outside is bounded and safe."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest

from claimwright.sandbox.core_wire import read_request, write_answer
from claimwright.web.exchange.core_envelope import (
    CoreEnvelope,
    EnvelopeProblem,
    Operation,
    is_set_up_fault,
    mime_request,
    read_answer,
    soap_request,
)

PAYLOAD = b"ISA*00*X~GS*HS*A&B<C~ST*270*0001~\r\nSE*1*0001~\n"
BUILDERS = {"mime": mime_request, "soap": soap_request}


def envelope(operation: Operation = Operation.REAL_TIME, payload: bytes = PAYLOAD) -> CoreEnvelope:
    return CoreEnvelope(
        operation=operation, payload_type="X12_270_Request_005010X279A1",
        payload_id=UUID("e51d4fae-7dec-11d0-a765-00a0d91e6fa6"), sent_at=datetime(2026, 9, 30, 10, 20, 34, tzinfo=UTC),
        sender_id="LAKESIDE01", receiver_id="PAYER", payload=payload,
    )  # fmt: skip


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize("operation", [Operation.REAL_TIME, Operation.SUBMIT])
def test_another_reader_finds_every_field_and_the_very_bytes(kind, operation):
    message = BUILDERS[kind](envelope(operation), "practice", "a<b&c")
    asked = read_request(message.content_type, message.body)
    assert asked is not None and asked.is_soap == (kind == "soap")
    assert (asked.payload, asked.username, asked.password) == (PAYLOAD, "practice", "a<b&c")
    told = {name: asked.fields[name] for name in ("PayloadType", "PayloadID", "TimeStamp", "SenderID", "ReceiverID")}
    assert told == {
        "PayloadType": "X12_270_Request_005010X279A1", "PayloadID": "e51d4fae-7dec-11d0-a765-00a0d91e6fa6",
        "TimeStamp": "2026-09-30T10:20:34Z", "SenderID": "LAKESIDE01", "ReceiverID": "PAYER",
    }  # fmt: skip
    assert asked.fields["CORERuleVersion"] == "2.2.0"
    real_time = operation is Operation.REAL_TIME
    assert asked.fields["ProcessingMode"] == ("RealTime" if real_time else "Batch")
    checksum = None if real_time else hashlib.sha1(PAYLOAD, usedforsecurity=False).hexdigest()
    assert asked.fields.get("CheckSum") == checksum
    assert asked.fault("practice", "a<b&c") == ("", "") and asked.fault("practice", "")[0] == "UnAuthorized"


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize("operation", [Operation.REAL_TIME, Operation.PICK_UP_RESULTS])
def test_an_answer_is_read_byte_for_byte(kind, operation):
    message = BUILDERS[kind](envelope(operation, b""), "u", "p")
    asked = read_request(message.content_type, message.body)
    content = b"ISA*00*Y~\nGS*HB~\n" if kind == "soap" else PAYLOAD
    answer = read_answer(*write_answer(asked, "X12_271_Response_005010X279A1", content))
    assert answer.succeeded and answer.payload == content
    assert (answer.payload_type, answer.payload_id) == (
        "X12_271_Response_005010X279A1", "e51d4fae-7dec-11d0-a765-00a0d91e6fa6",
    )  # fmt: skip
    refused = read_answer(*write_answer(asked, "CoreEnvelopeError", code="VersionMismatch", message="2.2.0 only"))
    assert not refused.succeeded and (refused.error_code, refused.error_message) == ("VersionMismatch", "2.2.0 only")


def soap(body: str, head: str = "") -> tuple[str, bytes]:
    return "application/soap+xml", (
        f'{head}<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{body}</e:Body></e:Envelope>'
    ).encode()


def test_an_attached_answer_and_a_fault_are_read():
    xml = soap(
        "<r><PayloadType>T</PayloadType><ErrorCode>Success</ErrorCode><Payload>"
        '<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:a%40b"/></Payload></r>'
    )[1]
    body = b"--x\r\nContent-ID: <root>\r\n\r\n" + xml + b"\r\n--x\r\nContent-ID: <a@b>\r\n\r\n" + PAYLOAD + b"\r\n--x--"
    answer = read_answer('multipart/related; boundary=x; start="<root>"; type="application/xop+xml"', body)
    assert answer.payload == PAYLOAD
    fault = read_answer(*soap(
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>"
    ))  # fmt: skip
    assert (fault.error_code, fault.error_message, fault.succeeded) == ("e:Sender", "no", False)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
INSIDE = "<r><PayloadType>T</PayloadType><ErrorMessage>&{0};</ErrorMessage></r>"
BAD = {
    "entities that grow": soap(INSIDE.format("b"), BOMB),
    "an entity from a file": soap(INSIDE.format("a"), OUTSIDE),
    "a document type alone": soap("<r><PayloadType>T</PayloadType></r>", "<!DOCTYPE x>"),
    "no XML": ("text/xml", b"<html>sign in"),
    "a web page": ("text/html", b"<html></html>"),
    "an empty body": soap(""),
    "no end": ("multipart/form-data; boundary=x", b"--x\r\n\r\n1"),
    "no boundary": ("multipart/form-data", b"--x--"),
    "too many parts": ("multipart/form-data; boundary=x", b"--x\r\n\r\n1\r\n" * 80 + b"--x--"),
    "no field of the rule": (
        "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
    ),
    "a payload that is elsewhere": soap(
        '<r><PayloadType>T</PayloadType><Payload><Include href="http://10.0.0.1/secret"/></Payload></r>'
    ),
    "a wrong check sum": soap("<r><PayloadType>T</PayloadType><CheckSum>00</CheckSum><Payload>ISA</Payload></r>"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_safe_envelope_is_refused(what):
    with pytest.raises(EnvelopeProblem):
        read_answer(*BAD[what])


def test_what_xml_cannot_carry_goes_by_mime_only():
    separated = envelope(payload=b"ISA\x1d00\x1c")
    with pytest.raises(EnvelopeProblem, match="MIME"):
        soap_request(separated, "", "")
    assert b"ISA\x1d00\x1c" in mime_request(separated, "", "").body


def test_which_errors_are_our_set_up():
    ours = ("UnAuthorized", "SenderIDIllegal", "PayloadIDRequired", "VersionMismatch")
    assert all(map(is_set_up_fault, ours))
    assert not any(map(is_set_up_fault, ("Success", "ReceiverUnavailable", "ChecksumMismatched")))
