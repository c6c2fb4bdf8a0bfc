"""Events: kept with what happened, signed, tried again, given up to a person, and sent to no private place."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.web.api.conftest import Caller

PUBLIC = ["93.184.216.34"]


def find(name, port):
    return PUBLIC


@pytest.fixture
def endpoint(mine, undone, monkeypatch):
    """(row, secret) of an address that is told of everything."""
    from claimwright.web.api import addresses
    from claimwright.web.api.webhooks import register_endpoint
    from claimwright.web.core.events import EventKind
    from claimwright.web.core.tenancy import tenant_scope

    monkeypatch.setattr(addresses.checked_url, "__kwdefaults__", {"find": find})
    with tenant_scope(mine.tenant):
        yield register_endpoint(url="https://hooks.example:8443/in?x=1", kinds=[kind.value for kind in EventKind])


class Receiver:
    """The other side: answers as told, and keeps what came."""

    def __init__(self, *statuses):
        self.statuses, self.came = list(statuses), []

    def __call__(self, request):
        self.came.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        if isinstance(status, Exception):
            raise status
        if status is None:
            raise httpx.ConnectError("down")
        return httpx.Response(status)


def deliver(tenant, receiver, monkeypatch, **terms):
    from claimwright.web.api import delivering

    monkeypatch.setattr(delivering, "outside_transaction", lambda: None)  # the test takes everything back at its end
    return delivering.deliver_due(tenant=tenant, find=find, transport=httpx.MockTransport(receiver), **terms)


def waiting(row):
    return list(row.deliveries.order_by("happened_at").values_list("kind", flat=True))


def test_what_happens_is_told_with_ids_and_states_only(mine, endpoint, call):
    from claimwright.web.submissions.services import hold

    row, _ = endpoint
    hold(version=mine.ready, reason="CANARY words of a person")
    receipt = call(
        "POST",
        f"/patients/{mine.patients['MRN1001'].pk}/payments",
        {"amount": "5.00", "method": "check", "check_number": "9"},
    )
    call("POST", "/files?name=CANARY.835", b"no x12 at all")
    assert receipt.status_code == 201
    kinds = waiting(row)
    assert {"claim.state_changed", "payment.received", "file.received"} <= set(kinds)
    moved = row.deliveries.get(kind="claim.state_changed").content
    assert moved["subject"] == {"type": "claim", "id": str(mine.ready.claim_id)}
    assert moved["says"] == {"version_id": str(mine.ready.pk), "from_state": "READY", "to_state": "ON_HOLD"}
    assert "CANARY" not in str(list(row.deliveries.values_list("content", flat=True)))


def test_what_is_undone_was_never_told(mine, endpoint):
    from django.db import transaction

    from claimwright.web.submissions.services import hold

    row, _ = endpoint
    with transaction.atomic():
        hold(version=mine.ready, reason="x")
        transaction.set_rollback(True)
    assert waiting(row) == []


def test_a_delivery_is_signed_pinned_and_proved_by_the_client(mine, endpoint, monkeypatch):
    from claimwright.client import SignatureRefused, verify
    from claimwright.web.core.services import raise_work_item

    row, secret = endpoint
    terms = {"reason_code": "X1", "reason": "CANARY", "what_to_do": "y", "worklist": "denials"}
    raise_work_item(key="one", **terms)
    raise_work_item(key="one", **terms)  # the same again is no second event
    receiver = Receiver()
    assert deliver(mine.tenant, receiver, monkeypatch) == 1
    (request,) = receiver.came
    assert str(request.url) == "https://93.184.216.34:8443/in?x=1" and request.headers["Host"] == "hooks.example:8443"
    assert request.extensions["sni_hostname"] == "hooks.example" and b"CANARY" not in request.content
    signature = request.headers["Claimwright-Signature"]
    event = verify(secret=secret, signature=signature, body=request.content)
    assert (event.kind, event.says["worklist"], event.id) == (
        "work_item.raised",
        "denials",
        request.headers["Claimwright-Delivery"],
    )
    seconds = int(signature.split(",")[0][2:])
    for wrong in (
        {"secret": secret + "x"}, {"body": request.content + b" "}, {"now": seconds + 301}, {"now": seconds - 301},
        {"signature": "v1=00"}, {"signature": f"t={seconds + 1}," + signature.split(",")[1]},
    ):  # fmt: skip
        with pytest.raises(SignatureRefused):
            verify(**({"secret": secret, "signature": signature, "body": request.content} | wrong))


def test_a_failed_delivery_waits_longer_each_time_and_is_given_up_to_a_person(mine, endpoint, monkeypatch):
    from django.utils import timezone

    from claimwright.web.api.webhooks import WAITS, send_dead_again
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import raise_work_item

    row, _ = endpoint
    raise_work_item(worklist="denials", key="two", reason_code="X1", reason="x", what_to_do="y")
    receiver = Receiver(500, None, 302, *[503] * 5)
    for tries in range(1, len(WAITS) + 2):
        delivery = row.deliveries.get(kind="work_item.raised", content__says__worklist="denials")
        row.deliveries.filter(pk=delivery.pk).update(next_try_at=timezone.now())
        assert deliver(mine.tenant, receiver, monkeypatch) == 0
        delivery.refresh_from_db()
        assert delivery.tries == tries
        if tries <= len(WAITS):
            assert timedelta(0) <= delivery.next_try_at - timezone.now() <= WAITS[tries - 1]
            assert (
                deliver(mine.tenant, receiver, monkeypatch) == 0 and len(receiver.came) == tries
            )  # not before its time
    assert delivery.state == "dead" and len(receiver.came) == len(WAITS) + 1
    item = WorkItem.objects.get(worklist="webhooks_undelivered")
    assert item.state == "open" and "hooks.example" not in item.reason
    assert send_dead_again(endpoint=row) == 1
    assert deliver(mine.tenant, Receiver(), monkeypatch) >= 1
    item.refresh_from_db()
    assert item.state == "done"


def raised(*keys):
    from claimwright.web.core.services import raise_work_item

    for key in keys:
        raise_work_item(worklist="denials", key=key, reason_code="X1", reason="x", what_to_do="y")


@pytest.mark.parametrize("fault", [None, 503, UnicodeError("no such label")])
def test_an_address_that_does_not_answer_is_asked_once_a_run(mine, endpoint, monkeypatch, fault):
    row, _ = endpoint
    raised("five", "six", "seven")
    receiver = Receiver(fault, fault, fault)
    assert deliver(mine.tenant, receiver, monkeypatch) == 0
    assert len(receiver.came) == 1 and sorted(row.deliveries.values_list("tries", flat=True)) == [0, 0, 1]
    assert deliver(mine.tenant, Receiver(404), monkeypatch) == 1  # it answers, only not to this one: the next one goes


def test_an_answer_that_never_ends_is_given_up_and_a_run_ends_in_time(mine, endpoint, monkeypatch):
    import asyncio

    from claimwright.web.api import delivering

    row, _ = endpoint
    raised("eight")
    assert deliver(mine.tenant, Receiver(), monkeypatch, ends=0.0) == 0 and row.deliveries.get().tries == 0

    async def hangs(request):
        await asyncio.Event().wait()

    monkeypatch.setattr(delivering, "SECONDS", 0.05)
    assert deliver(mine.tenant, hangs, monkeypatch) == 0
    assert (row.deliveries.get().tries, row.deliveries.get().problem) == (1, "TimeoutError")


def test_one_tenants_fault_keeps_no_other_from_its_events(mine, theirs, undone, monkeypatch):
    from claimwright.web.api import tasks
    from claimwright.web.core.models import Tenant

    Tenant.objects.update(webhook_events=["denial.opened"])
    asked = []

    def deliver_due(*, tenant, ends):
        asked.append(tenant.slug)
        raise ValueError

    monkeypatch.setattr(tasks, "deliver_due", deliver_due)
    assert tasks.deliver_webhooks(timestamp=0) == tasks.deliver_webhooks(timestamp=60) == 0
    assert asked == ["first", "other", "other", "first"] and tasks.deliver_webhooks.lock


def test_an_ended_endpoint_is_told_nothing_and_costs_nothing(mine, endpoint, monkeypatch):
    from claimwright.web.api.webhooks import end_endpoint
    from claimwright.web.core.services import raise_work_item
    from claimwright.web.core.tenancy import current_tenant

    row, _ = endpoint
    raise_work_item(worklist="denials", key="three", reason_code="X1", reason="x", what_to_do="y")
    end_endpoint(endpoint=row)
    raise_work_item(worklist="denials", key="four", reason_code="X1", reason="x", what_to_do="y")
    assert current_tenant().webhook_events == []
    assert deliver(mine.tenant, Receiver(), monkeypatch) == 0
    assert list(row.deliveries.values_list("state", flat=True)) == ["ended"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://hooks.example/", PUBLIC), ("https://u:p@hooks.example/", PUBLIC), ("ftp://hooks.example/", PUBLIC),
        ("https:///x", PUBLIC), ("https://hooks.example:x/", PUBLIC), ("https://hooks.example/#f", PUBLIC),
        *[
            ("https://hooks.example/", [*PUBLIC, private])  # one private address among public ones is enough
            for private in (
                "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
                "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "224.0.0.1", "2002:7f00:1::", "198.18.0.1",
            )
        ],
        ("https://hooks.example/", []),
    ],
)  # fmt: skip
def test_no_private_place_is_asked(url, found):
    from claimwright.web.api.addresses import AddressRefused, target_of

    with pytest.raises(AddressRefused):
        target_of(url, find=lambda name, port: found)


def test_an_inner_host_is_asked_only_where_the_installation_names_it(settings_of):
    from claimwright.web.api.addresses import target_of

    settings_of.WEBHOOK_PRIVATE_HOSTS = ["bus.inside"]
    target = target_of("http://bus.inside:8080/x", find=lambda name, port: ["10.0.0.5"])
    assert (target.pinned, target.host, target.name) == ("http://10.0.0.5:8080/x", "bus.inside:8080", "bus.inside")


@pytest.fixture
def settings_of(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "WEBHOOK_PRIVATE_HOSTS", [])
    return settings


def test_a_program_of_one_practice_hears_of_no_other(mine, endpoint):
    from claimwright.web.api.webhooks import keep_events
    from claimwright.web.core.events import Event, EventKind

    row, _ = endpoint
    row.practice_ids = [mine.practice.pk]
    row.save()
    told = {"kind": EventKind.DENIAL_OPENED, "subject_type": "denial"}
    keep_events([
        Event(**told, subject_id="ours", practice_id=mine.practice.pk), Event(**told, subject_id="office"),
        Event(**told, subject_id="other", practice_id=mine.payer.pk),
    ])  # fmt: skip
    assert [one["subject"]["id"] for one in row.deliveries.values_list("content", flat=True)] == ["ours"]


def test_endpoints_are_registered_and_ended_over_the_api(mine, endpoint, call):
    row, _ = endpoint
    made = call("POST", "/webhooks", {"url": "https://two.example/", "kinds": ["denial.opened"]})
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    assert {one["url"] for one in call("GET", "/webhooks").json()} >= {"https://two.example/", row.url}
    assert b"secret" not in call("GET", "/webhooks").content
    assert call("POST", f"/webhooks/{row.pk}/end").json()["is_active"] is False
    assert Caller("cw1")("GET", "/webhooks").status_code == 401
