"""Visits of hospitals and dentists typed on the same page, their claims changed; an authorization asked for by 278."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse

from tests.unit.billing.test_claim_kinds import STAY, TEETH
from tests.web.workbench.test_charge_entry import covered, enter  # noqa: F401
from tests.web.workbench.test_front_desk import desk, text, within  # noqa: F401

OWN = ("rendering", "date_from", "date_to", "operating", "admission_date")


def typed(cells):
    """The kind's own cells on the days and with the provider of the form's visit."""
    return {name: value for name, value in cells.items() if name not in OWN}


def versions(client):
    from claimwright.web.submissions.models import ClaimVersion

    with within(client):
        return list(ClaimVersion.objects.order_by("created_on", "control_number"))


def test_a_stay_becomes_an_institutional_claim_that_is_changed(covered):  # noqa: F811
    body = text(covered.get(reverse("new_visit"), {"kind": "I"}))
    assert "4 Facility type" in body and 'name="line1-revenue_code"' in body and "Attending provider (76)" in body
    assert enter(covered, **typed(STAY), **{"line1-code": "", "line1-pointers": ""}).status_code == 302
    (version,) = versions(covered)
    content = version.content
    assert content["kind"] == "I" and content["institutional"]["facility_type"] == "11"
    assert content["institutional"]["attending"]["npi"] == "1234567893" and "rendering" not in content
    assert [line["revenue_code"] for line in content["lines"]] == ["0120", "0450"]
    assert version.total_charge == Decimal("3300.00")
    body = text(covered.get(reverse("claim", args=[version.claim_id])))
    assert "Numbers are those of the UB-04" in body and "Type of bill" in body and ">0111<" in body
    change = reverse("change_claim", args=[version.pk])
    body = text(covered.get(change))
    assert "17 Patient&#x27;s status" in body or "17 Patient's status" in body
    cells = typed(STAY) | {
        "rendering": "1234567893",
        "patient_status": "03",
        "line1-revenue_code": "0120",
        "reason": "SNF",
    }
    assert covered.post(reverse("save_claim", args=[version.pk]), cells).status_code == 302
    (after,) = versions(covered)
    assert after.content["institutional"]["patient_status"] == "03"
    assert after.content["institutional"]["attending"] == content["institutional"]["attending"]
    assert after.content["lines"][0]["units"] == content["lines"][0]["units"]


def test_a_dental_visit_becomes_a_dental_claim(covered):  # noqa: F811
    cells = typed(TEETH) | {"line1-pointers": "", "dx1": ""}
    assert enter(covered, **cells).status_code == 302
    (version,) = versions(covered)
    assert version.content["kind"] == "D" and version.content["lines"][0]["procedure_qualifier"] == "AD"
    body = text(covered.get(reverse("claim", args=[version.claim_id])))
    assert "Numbers are those of the ADA form" in body and "3 MO" in body and "area 10" in body


def test_an_authorization_is_asked_for_by_278(covered):  # noqa: F811
    from claimwright.web.authorizations.models import AuthorizationRequest
    from claimwright.web.operations.models import JobRun

    address, send = reverse("ask_authorization"), reverse("send_authorization_request")
    body = text(covered.get(address, {"patient": str(covered.patient.pk)}))
    assert covered.patient.record_number in body and "selected" in body
    with within(covered):
        payer = str(covered.patient.coverages.get().payer_id)
    cells = {
        "patient_text": covered.patient.record_number, "payer": payer, "kind": "authorization", "services": "97110 12",
        "diagnoses": "M54.50", "on": "10/05/2026", "through": "12/31/2026", "rendering": "1234567893", "place": "11",
    }  # fmt: skip
    refused = text(
        covered.post(send, cells | {"services": "9711", "diagnoses": "X", "on": "13/01/2026", "visits": "x"})
    )
    for says in ("no code with its units", "no diagnosis code", "no day of the calendar", "no number of visits"):
        assert says in refused
    told = text(covered.post(send, cells, follow=True))
    assert "on its way" in told and "Requests (278)" in told
    with within(covered):
        made = AuthorizationRequest.objects.select_related("authorization", "file").get()
        assert made.authorization.status == "requested" and made.authorization.units_requested == 12
        assert b"SV1*HC:97110" in bytes(made.file.content) or b"97110" in bytes(made.file.content)
        assert JobRun.objects.get(job="send_waiting").about == {"file": str(made.file_id)}
        AuthorizationRequest.objects.update(state="rejected")
    again = text(covered.post(reverse("ask_authorization_again", args=[made.pk]), follow=True))
    assert "on its way" in again
    with within(covered):
        assert set(AuthorizationRequest.objects.values_list("state", flat=True)) == {"superseded", "prepared"}
