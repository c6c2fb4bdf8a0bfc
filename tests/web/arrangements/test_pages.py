"""The pages of arrangements: what a biller sees and does, one patient from offer to letter."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client

from tests.lib.web_data import a_user


def test_a_patient_is_offered_a_plan_disputes_applies_and_gets_an_estimate(office: Any):
    from claimwright.web.arrangements import models

    office.visit("A", "650.00", date(2026, 5, 1))
    client = Client()
    client.force_login(a_user(office.tenant, "carla", "supervisor"))
    who = {"patient": str(office.patient.pk)}

    def get(address: str) -> str:
        answer = client.get(address, who)
        assert answer.status_code == 200
        return answer.content.decode()

    def post(address: str, **data: Any) -> str:
        answer = client.post(address, who | data, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    for name in ("plans", "inquiries", "assistance", "estimates"):
        assert "Choose" not in client.get(f"/{name}/").content.decode()
        assert "TESTER" in get(f"/{name}/").upper() or "patient" in get(f"/{name}/")
    assert "650.00" in get("/plans/")
    terms = {
        "amount": "$100.00",
        "down_payment": "50",
        "starts_on": "2026-07-01",
        "method": "card",
        "cadence": "monthly",
    }
    assert "start: today or later" in post("/plans/offer/", **terms | {"starts_on": "2026-05-01"})
    assert "is no day" in post("/plans/offer/", **terms | {"starts_on": "2026-02-31"})
    assert "have it signed" in post("/plans/offer/", **terms)
    assert 'value="OFFERED">Offered' in get("/plans/")
    for state, is_empty in (("OFFERED", False), ("CANCELLED", True)):
        assert ("No plans" in client.get("/plans/", who | {"state": state}).content.decode()) is is_empty
    plan = models.PaymentPlan.objects.get()
    assert (plan.instalment_count, str(plan.instalment_amount)) == (6, "100.00")
    assert client.get(f"/plans/{plan.pk}/agreement.pdf").content[:5] == b"%PDF-"
    assert "The plan runs" in post(f"/plans/{plan.pk}/change/", do="accept", autopay="1")
    assert "stands on the plan" in post(
        f"/plans/{plan.pk}/change/", do="pay", amount="50.00", method="check", check_number="1", key="k1"
    )
    shown = client.get(f"/plans/{plan.pk}/").content.decode()
    assert "$600.00" in shown and "Disclosures" in shown and "No card is kept yet" in shown
    change = f"/plans/{plan.pk}/change/"
    assert "Nothing is due now" in post(change, do="charge")
    assert client.post(change, {"do": "keep"}).headers["Location"].startswith("/pay/")
    assert "charged by itself any more" in post(change, do="stop_autopay", reason="By check from now on")
    assert "PL0000001" in client.get(f"/patients/{office.patient.pk}/").content.decode()

    told = post("/inquiries/open/", channel="phone", topic="amount", words="Too much <b>here</b>")
    assert "to be answered by 06/15/2026" in told and "&lt;b&gt;" in told
    inquiry = models.Inquiry.objects.get()
    assert "say in words" in post(f"/inquiries/{inquiry.pk}/change/", resolution="upheld")
    assert "letter is written" in post(
        f"/inquiries/{inquiry.pk}/change/", resolution="explained", answer="It is right."
    )
    letter = models.PatientLetter.objects.get()
    assert client.get(f"/letters/{letter.pk}.pdf").content[:5] == b"%PDF-"

    assert "100%" in post("/assistance/apply/", household_size="2", annual_income="20,000", residence="WI")
    application = models.AssistanceApplication.objects.get()
    assert "You took it" in get("/assistance/")
    assert "does not decide" in post(f"/assistance/{application.pk}/change/", do="approve", reason="")

    assert "has no price" in post("/estimates/issue/", services="12345", primary_service="A visit")
    given = post(
        "/estimates/issue/", services="99204, 1, J06.9\n87880-QW, 2, J06.9", primary_service="A visit",
        co_providers="Prairie Laboratory, 1234567893, 397654321, 85025, 61.50, Blood count", others="Chest x-ray",
    )  # fmt: skip
    assert "$421.50" in given, given
    estimate = models.GoodFaithEstimate.objects.get()
    assert client.get(f"/estimates/{estimate.pk}.pdf").content[:5] == b"%PDF-"
