"""Messages of other systems when the process dies: nothing lost, nothing taken twice, and the sender's next try is answered.

Killed after the bytes are stored, after the work and before its commit, and after the commit and before the answer: over
MLLP by a real socket, through the API, and in the middle of files that `receive` reads.
"""

from __future__ import annotations

import json
import re

from tests.lib.killing import KILLED, run_and_die_at_each
from tests.unit.claims.test_hl7_messages import DG1, PID, PV1, ft1, header, message
from tests.web.operations.test_interfaces import messages_by_state, own_cover, see, visits

# The listener, and a sender who waits for an answer: with one this process ends by itself.
LISTENING = """
import asyncio
from claimwright.claims.from_hl7.mllp import frame
from claimwright.web.core.models import Tenant
from claimwright.web.operations.interfaces import answer_message
from claimwright.web.operations.mllp_server import MllpServer

tenant = Tenant.objects.get(slug="first")

async def talk(content):
    server = MllpServer(lambda one: answer_message(tenant=tenant, content=one, source="mllp"))
    reader, writer = await asyncio.open_connection("127.0.0.1", await server.start("127.0.0.1", 0))
    writer.write(frame(content))
    await reader.read(65536)

asyncio.run(talk({messages!r}[POINT]))
"""
RECEIVING = """
from claimwright.web.core.models import Tenant
from claimwright.web.operations.receive import receive
receive(tenant=Tenant.objects.get(slug="first"))
"""
ASKING = """
from django.test.utils import setup_test_environment
setup_test_environment()
from tests.web.api.conftest import Caller
Caller({token!r})("POST", "/fhir", {content!r}, key="first try")
"""


def charges(number: int) -> bytes:
    """A visit's charges: each of another patient and day's visit, under ids of its own."""
    pid = PID.replace("MRN1^", f"MRN{number}^").replace("ANNA", f"ANNA{'ABCDEFGHIJ'[number]}")
    visit = PV1.replace("V77", f"V{number}")
    line = ft1(_2=f"T{number}", _7="99213^^C4")
    return message(header("DFT^P03", f"M{number}"), pid, visit, line, DG1, own_cover())


def ask(tenant, content: bytes) -> str:
    """The answer, without the time it was given at."""
    from claimwright.web.operations.interfaces import answer_message

    answer = answer_message(tenant=tenant, content=content, source="mllp").decode()
    return re.sub(r"\A((?:[^|]*\|){6})[^|]*", r"\1", answer)


def states(tenant) -> list[str]:
    return sorted(row[1] for row in see(tenant, messages_by_state))


def test_a_listener_that_dies_loses_nothing_and_does_nothing_twice(tenant, clinic):
    from claimwright.web.operations.receive import receive

    points = [
        *(f"interfaces.after_store{nth}" for nth in ("", ":1", ":01")),
        "interfaces.before_commit",
        "interfaces.before_answer",
    ]
    sent = {point: charges(number) for number, point in enumerate(points)}
    sent[points[2]] = b"GET / HTTP/1.1\r\n\r\n"
    assert run_and_die_at_each(LISTENING.format(messages=sent), points) == [KILLED] * 5  # none was answered
    assert states(tenant) == ["done"] + ["received"] * 4  # all are stored, and what was done is done whole
    assert see(tenant, visits) == ([("hl7", "CLAIMED")], ["99213"])
    same, other, noise, silent, done = (sent[point] for point in points)
    resent = other.replace(b"20260826101500", b"20260826101700")  # some senders give a message another time (MSH-7)
    answers = [ask(tenant, content) for content in (same, resent, done)]
    assert [re.findall(r"MSA[^\r]*", answer) for answer in answers] == [["MSA|AA|M0"], ["MSA|AA|M1"], ["MSA|AA|M4"]]
    receive(tenant=tenant)  # who did not send again has not lost it either
    whole = ([("hl7", "CLAIMED")] * 4, ["99213"] * 4)
    assert see(tenant, visits) == whole
    assert "MSA|AA|M3" in ask(tenant, silent) and "MSA|AR" in ask(tenant, noise)
    assert [ask(tenant, content) for content in (same, resent, done)] == answers
    assert see(tenant, visits) == whole
    assert states(tenant) == ["done"] * 4 + ["duplicate", "failed"]
    assert ("failed", "quarantined", "NOT_HL7") in {row[1:] for row in see(tenant, messages_by_state)}


def test_files_of_messages_are_gone_on_with_wherever_the_run_died(tenant, clinic):
    from claimwright.web.exchange.models import InboxDelivery
    from claimwright.web.operations.receive import receive

    (clinic.incoming / "day.hl7").write_bytes(charges(1) + charges(2))
    (clinic.incoming / "visit.json").write_bytes(a_bundle())
    deaths = ["exchange.after_store", "interfaces.after_store", "interfaces.before_commit:2", "intake.after_encounter"]
    assert run_and_die_at_each(RECEIVING, deaths) == [KILLED] * 4
    assert states(tenant) == ["done", "done", "received"]
    receive(tenant=tenant)
    assert states(tenant) == ["done"] * 3
    rows, codes = see(tenant, visits)
    assert (sorted(rows), sorted(codes)) == (
        [("fhir", "CLAIMED"), *[("hl7", "CLAIMED")] * 2],
        ["87880", *["99213"] * 2],
    )
    assert see(tenant, lambda: InboxDelivery.objects.filter(repeat=True).count()) == 0


def a_bundle() -> bytes:
    """A visit with one line, as FHIR says it."""
    resources = [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1980-05-17", "gender": "female",
         "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "MRN9"}],
         "name": [{"use": "official", "family": "Tester", "given": ["Nina"]}]},
        {"resourceType": "Practitioner", "id": "d1",
         "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]},
        {"resourceType": "Claim", "id": "c1", "status": "active", "use": "claim", "patient": {"reference": "Patient/p1"},
         "careTeam": [{"sequence": 1, "provider": {"reference": "Practitioner/d1"}}],
         "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": {"coding": [
             {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"}]}}],
         "item": [{"sequence": 1, "servicedDate": "2026-08-25", "diagnosisSequence": [1],
                   "locationCodeableConcept": {"coding": [{"code": "11"}]},
                   "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "87880"}]}}]},
        {"resourceType": "Coverage", "id": "v1", "status": "active", "subscriberId": "W1",
         "beneficiary": {"reference": "Patient/p1"}, "relationship": {"coding": [{"code": "self"}]},
         "payor": [{"display": "NORTHERN MUTUAL"}]},
    ]  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}).encode()


def test_a_bundle_handed_in_is_all_or_nothing_and_answered_as_the_first_time(tenant, clinic):
    from claimwright.web.api.tokens import issue_token
    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_user
    from tests.web.api.conftest import Caller

    owner = a_user(tenant, "owner", "owner")
    with tenant_scope(tenant):
        token = issue_token(name="ehr", scopes=["files.hand_in"], by=owner)[1]
    points = ["intake.after_encounter", "interfaces.before_commit"]
    assert run_and_die_at_each(ASKING.format(token=token, content=a_bundle()), points) == [KILLED] * 2
    assert (states(tenant), see(tenant, visits)) == ([], ([], []))  # no answer was given, and nothing is half done
    first, again = (Caller(token)("POST", "/fhir", a_bundle(), key="first try") for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Caller(token)("POST", "/fhir", a_bundle(), key="second try").status_code == 201
    assert (states(tenant), see(tenant, visits)) == (["done"], ([("fhir", "CLAIMED")], ["87880"]))
