"""Prior authorization: what is asked and what is decided, of the event and of each service."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.claims.authorization import PriorAuthRequest, PriorAuthResponse
from claimwright.claims.from_x12.authorization import prior_auth_request, prior_auth_response
from claimwright.claims.parties import CoveredPerson, Rejection
from claimwright.claims.to_x12 import authorization as writing
from claimwright.x12 import ValueRefused, read
from tests.lib.golden_nouns import golden_noun, wrapped

HEAD = """HL*1**20*1~NM1*X3*2*CAPITAL REVIEW*****46*789312~HL*2*1*21*1~NM1*1P*1*WATSON*SUSAN****XX*1234567893~
HL*3*2*22*1~NM1*IL*1*TESTER*JOE****MI*W1~"""
ADMISSION = f"""ST*278*0001*005010X217~BHT*0007*13*B56*20260502*1430~{HEAD}HL*4*3*EV*1~TRN*1*97021*9012345678~
UM*AR*I*2*21:B**03***Y~DTP*435*D8*20260516~HI*ABK:I214:D8:20260425*ABF:E119~HSD*DY*7~CL1*2~
NM1*FA*2*MONTGOMERY HOSPITAL*****24*000012121~N3*475 MAIN STREET~N4*ANYTOWN*PA*19087~
HL*5*4*SS*0~UM*HS*I*2~DTP*472*D8*20260516~SV2**HC:33510**UN*1~
NM1*SJ*1*WATSON*SUSAN****XX*1234567893~PRV*PE*PXC*203BS0133X~SE*26*0001~"""
ANSWER = f"""ST*278*0001*005010X217~BHT*0007*11*B56*20260502*1431*18~{HEAD}HL*4*3*EV*1~TRN*2*97021*9012345678~
UM*AR*I*2*21:B~HCR*A6*AUTH2~DTP*435*D8*20260516~DTP*007*RD8*20260516-20260616~HSD*DY*5~
HL*5*4*SS*0~UM*HS*I*2~HCR*A3**0U^1A~DTP*472*D8*20260516~SV2**HC:33510~
HL*6*4*SS*0~SV1*HC:99221**UN*1~SE*22*0001~"""


def noun(body: str, answer: bool) -> PriorAuthRequest | PriorAuthResponse:
    (transaction,) = read(wrapped("HI", "005010X217", body)).transactions()
    found = prior_auth_response(transaction) if answer else prior_auth_request(transaction)
    assert found.faults == ()
    return found.noun


def test_an_admission_is_asked_for() -> None:
    request = noun(ADMISSION, False)
    event = request.event
    assert (event.review.category, event.review.certification_type, event.review.facility_code) == ("AR", "I", "21")
    assert [(one.code, one.date) for one in event.diagnoses] == [("I214", date(2026, 4, 25)), ("E119", None)]
    assert event.deliveries[0].quantity == Decimal(7)
    assert (event.providers[0].last_name, event.providers[0].address.postal_code) == ("MONTGOMERY HOSPITAL", "19087")
    (service,) = event.services
    assert service.procedure is not None
    assert (service.kind, service.procedure.code, service.units) == ("I", "33510", Decimal(1))
    assert service.parties[0].taxonomy == "203BS0133X"


def test_decisions_of_the_event_and_of_each_service() -> None:
    event = noun(ANSWER, True).event
    assert event.decision is not None and event.decision.is_certified
    assert event.certification_number == "AUTH2"
    assert event.effective is not None and event.effective.end == date(2026, 6, 16)
    surgery, visit = event.services
    denied = event.decision_of(surgery)
    assert denied is not None and (denied.action, denied.reasons) == ("A3", ("0U", "1A"))
    assert event.decision_of(visit) == event.decision


def test_pending_and_refused_answers() -> None:
    pended = golden_noun("278_response/pass/own-pended-for-records", prior_auth_response)
    assert pended.event.decision.is_pending
    refused = golden_noun("278_response/pass/own-subscriber-not-found", prior_auth_response)
    assert refused.rejections[0].level == "subscriber"
    away = golden_noun("278_response/pass/own-system-not-available", prior_auth_response)
    assert away.rejections[0].level in ("source", "payer")
    assert away.events == ()


def test_a_transport_keeps_its_stops_and_figures() -> None:
    event = golden_noun("278_request/pass/own-ambulance-transport", prior_auth_request).event
    assert event.certifications[0].kind == "CR1"
    assert len(event.stops) >= 2


def test_an_answer_may_end_at_any_level() -> None:
    refused = PriorAuthResponse(
        requesters=(), source_rejections=(Rejection(level="source", valid="Y", reason="42", follow_up="R"),)
    )
    assert [segment.id for segment in writing.prior_auth_response(refused)][2:4] == ["HL", "AAA"]
    with pytest.raises(ValueRefused):
        writing.prior_auth_response(PriorAuthResponse(subscriber=CoveredPerson(last_name="X")))
