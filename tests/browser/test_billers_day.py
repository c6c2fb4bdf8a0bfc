"""A biller's day in Chromium by keyboard alone: from signing in with a passkey to the month that is closed."""

from __future__ import annotations

import re
import threading
from typing import Any

import msgspec
import pytest

from tests.conftest import _two_tenants
from tests.house.source_files import ROOT
from tests.lib import day_office, practices
from tests.lib.core_door import PASSWORD as DOOR_PASSWORD
from tests.lib.core_door import USERNAME as DOOR_USER
from tests.lib.core_door import sandbox_door
from tests.lib.keyboard import Hands

pytestmark = pytest.mark.browser

VISIT, VISIT_TYPED = "Enter a visit of one line", 26
KEYS_A_SECOND, MOST_SECONDS = 5, 30
# Keys pressed beyond the data typed, a chord by each of its keys; docs/how-it-works/keystrokes.md says the same.
MOST_KEYS = {
    "Open the next item": 3,
    VISIT: 13,
    "Check eligibility": 2,
    "Fix an edit": 2,
    "Correct a denied claim and send it": 8,
    "Release a held payment": 3,
    "Match a bank line": 3,
    "Take a patient's payment": 4,
    "Log a call with the next date": 4,
    "Find a claim by its number": 2,
}
SECRET = "a newcomer's own passphrase"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def office(module_database: str, tmp_path_factory: Any) -> Any:
    """September's claims and their answers; two people who come for the first time; a payer that answers at once."""
    from claimwright.web.core.people import add_person
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.exchange.services import create_connection
    from claimwright.web.practice.models import Payer
    from tests.web.eligibility.conftest import plan

    root, (tenant, other) = tmp_path_factory.mktemp("day"), _two_tenants()
    with tenant_scope(other):
        practices.set_up(root / "other")
    made = day_office.open_day(tenant, root / "partner")
    links = {role: add_person(by=None, tenant=tenant, username=role, role=role).token for role in ("biller", "manager")}
    from claimwright.sandbox.plan import EligibilityManners, RealTimeManners

    manners = msgspec.structs.replace(
        plan(), real_time=RealTimeManners(), eligibility=EligibilityManners(answer_days=0)
    )
    with sandbox_door(root / "sandbox", manners) as door:
        with tenant_scope(tenant):
            way = create_connection(
                name="Payer at once", kind="mime", address=door, username=DOOR_USER, secret=DOOR_PASSWORD, batches=False,
                sender_id="LAKESIDE01", receiver_id="NORTHERN",
            )  # fmt: skip
            save_payer_check(payer=Payer.objects.get(key="NMUT"), real_time_connection=way)
        day_office.ask_about_everybody(tenant)
        yield made, links


@pytest.fixture(autouse=True)
def two_proofs(monkeypatch: Any) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "SECOND_FACTOR", "required")


@pytest.fixture
def desk(chromium: Any, address: str) -> Any:
    """Gives `sit_down`: a window of a computer of its own, with a device that holds passkeys, and hands on its keys."""
    contexts, everyone, wrong = [], [], []

    def sit_down() -> Hands:
        context = chromium.new_context(
            base_url=address.replace("127.0.0.1", "localhost"), viewport={"width": 1440, "height": 900}, locale="en-US"
        )
        window = context.new_page()
        window.set_default_timeout(60_000)
        window.on("pageerror", lambda error: wrong.append(str(error)))
        window.on("response", lambda one: wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None)
        device = context.new_cdp_session(window)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        contexts.append(context)
        everyone.append(Hands(window))
        return everyone[-1]

    yield sit_down
    for context in contexts:
        context.close()
    assert not wrong, wrong
    assert [hands.mouse for hands in everyone] == [[]] * len(everyone)


def work_what_is_queued() -> None:
    """The worker of the office, as its process would: in a thread, since here Django is refused."""
    from claimwright.web.operations.tasks import work

    worker = threading.Thread(target=work, kwargs={"until_stopped": False, "clock": False})
    worker.start()
    worker.join(60)


def come_in(hands: Hands, token: str) -> None:
    """By her link: a password, a passkey, the codes kept; then out, and in again by the passkey alone."""
    hands.visit(f"/welcome/{token}/")
    hands.type(SECRET)
    hands.press("Tab")
    hands.type(SECRET)
    hands.go("Enter")
    hands.tab_to("Name it")
    hands.type("This computer")
    hands.go("Enter")
    hands.sees("Keep these codes")
    hands.tab_to("I have kept them")
    hands.go("Enter")
    hands.choose("sign out")
    hands.tab_to("Use a passkey")
    hands.go("Enter")
    hands.sees("What to do next")


def test_the_day(desk: Any, office: Any) -> None:
    made, links = office
    numbers = made.numbers
    hands = desk()
    come_in(hands, links["biller"])
    the_order_of_the_day(hands)
    a_new_patient(hands)
    a_visit(hands)
    a_finding(hands)
    claims_that_are_out(hands, numbers[day_office.WAITING])
    a_rejection(hands, numbers[day_office.REJECTED])
    an_exception(hands)
    a_denial(hands)
    an_appeal(hands, numbers[day_office.NO_AUTHORIZATION])
    the_counter_and_the_statement(hands, made.versions[day_office.PAID].claim.patient.record_number)
    reports_and_the_day(hands)
    manager = desk()
    come_in(manager, links["manager"])
    a_held_payment(manager)
    the_bank(manager)
    the_month(manager)
    measured = {name: one.presses for name, one in (hands.tasks | manager.tasks).items()}
    assert measured.keys() == MOST_KEYS.keys()
    assert {name: count for name, count in measured.items() if count > MOST_KEYS[name]} == {}
    visit = hands.tasks[VISIT]
    assert (visit.presses, visit.typed) == (MOST_KEYS[VISIT], VISIT_TYPED)
    assert (visit.presses + visit.typed) / KEYS_A_SECOND < MOST_SECONDS


def the_order_of_the_day(hands: Hands) -> None:
    hands.page("h")
    assert hands.window.locator("ol.steps li").count() > 2
    hands.page("c")
    with hands.task("Open the next item"):
        hands.page("h")
        hands.go("n")
    hands.sees("Yours now, from")


def a_new_patient(hands: Hands) -> None:
    hands.page("p")
    hands.go("n")
    for field, data in (("Last name", "Sample"), ("First name", "Jane"), ("Date of birth", "05/17/1980"), ("Sex", "F"),
                        ("Street", "12 Birch St"), ("City", "Madison"), ("State", "WI"), ("ZIP", "537034321")):  # fmt: skip
        if not hands.focus_is(field):
            hands.tab_to(field)
        hands.type(data)
    hands.go("Control", "Enter")
    hands.window.wait_for_url("**/coverages/")
    for field, data in (("Payer", "North"), ("Member number", "W12345678"), ("First day", "01/01/2026")):
        if not hands.focus_is(field):
            hands.tab_to(field)
        hands.type(data)
    hands.go("Control", "Enter")
    hands.sees("W12345678")
    if "No place" in hands.window.inner_text("main"):
        hands.tab_to("Confirm this order")
        hands.go("Enter")
    hands.find("sample")
    with hands.task("Check eligibility"):
        hands.go("e")
        hands.go("a")
    hands.window.wait_for_url("**/answers/**")  # the page looks again by itself until the payer has answered
    hands.sees("Active")


def take(hands: Hands, words: str) -> None:
    """Types into a field with a list under it and takes the first of the list."""
    hands.type(words)
    hands.window.locator("#choices li:first-child", has_text=words).wait_for()
    hands.press("Enter")


def a_visit(hands: Hands) -> None:
    with hands.task(VISIT):
        hands.page("v")
        hands.go("n")
        take(hands, "sample")
        hands.type("09/30/2026")  # yesterday: the codes of the year that ends then are shipped
        hands.press("Tab")
        if not hands.window.input_value("#rendering"):
            hands.type("ING")
        hands.press("Tab")
        hands.tab_to("dx1", by="name")
        take(hands, "J06.9")
        hands.tab_to("line1-code", by="name")
        hands.type("99213")
        hands.go("Control", "Enter")
    hands.sees("is made", "Ready to send")
    hands.go("s")
    hands.sees("Queued since")
    work_what_is_queued()
    hands.window.locator(".heading .badge", has_text="Sent").wait_for()
    hands.window.wait_for_load_state()


def a_finding(hands: Hands) -> None:
    """A visit that came by a file has its modifiers in the wrong order."""
    hands.page("c")
    hands.press("f")
    hands.type("TWICE")
    hands.go("Enter")
    hands.press("j")
    hands.go("Enter")
    hands.sees("52 changes the price and is not first")
    with hands.task("Fix an edit"):
        hands.go("x")
        hands.go("Enter")
    hands.sees("the claim is ready", "Ready to send")
    assert hands.window.locator("[data-key=x]").count() == 0


def claims_that_are_out(hands: Hands, number: str) -> None:
    with hands.task("Find a claim by its number"):
        hands.find(number)
    hands.sees(f"Claim {number}")
    hands.press("n")
    hands.type("asked the front desk for the card")
    hands.go("Control", "Enter")
    hands.sees("The note stands on the timeline")
    with hands.task("Log a call with the next date"):
        hands.press("b")
        hands.type("In process, ten more days")
        hands.press("Tab")
        hands.type("10122026")
        hands.go("Control", "Enter")
    hands.sees("In process, ten more days", "10/12/2026")


def a_rejection(hands: Hands, number: str) -> None:
    hands.find(number)
    hands.go("c")
    hands.tab_to("Take patient, member number")
    hands.press("Space")
    hands.tab_to("Why it changes")
    hands.press("Control", "a")
    hands.type("Member number from the card")
    hands.go("Control", "Enter")
    hands.sees("Version 2 is made", "Ready to send")
    hands.go("s")
    hands.sees("Queued since")


def an_exception(hands: Hands) -> None:
    """The biller sees why it waits; whether it posts is for somebody else."""
    hands.find("T1002")
    hands.sees("Held back until a person decides")
    assert hands.window.locator("[data-key=r]").count() == 0


def a_held_payment(hands: Hands) -> None:
    with hands.task("Release a held payment"):
        hands.find("T1002")
        hands.go("r")
    hands.sees("Released and posted")


def a_denial(hands: Hands) -> None:
    with hands.task("Correct a denied claim and send it"):
        hands.page("d")
        hands.press("j")
        assert "CO-16" in hands.window.inner_text("tr.here")
        hands.go("Enter")
        hands.go("c")
        hands.type("ING")  # the provider's name: data
        hands.go("Control", "Enter")
        hands.sees("Version 2 is made", "Ready to send")
        hands.go("s")
    hands.sees("Queued since")


def an_appeal(hands: Hands, number: str) -> None:
    hands.find(number)
    hands.go("l")
    hands.tab_to("Argument")
    hands.type("The authorization was given by telephone on September 1.")
    hands.go("Control", "Enter")
    hands.sees("Drafted the first")
    hands.press("s")  # asks for what is missing: the tracking number
    hands.type("9400 1000 2000")
    hands.go("Enter")
    hands.sees("Sent, and the very pages are kept")


def the_bank(hands: Hands) -> None:
    with hands.task("Match a bank line"):
        hands.page("b")
        hands.go("a")
    hands.sees("Every line is matched or explained")


def the_counter_and_the_statement(hands: Hands, record_number: str) -> None:
    hands.page("t")
    hands.press("Escape")  # the page begins in its search
    hands.press("o")
    hands.type("100.00")
    hands.go("Enter")
    hands.sees("Drawer open since")
    hands.press("Escape")
    hands.page("h")
    with hands.task("Take a patient's payment"):
        hands.find(record_number)
        hands.go("t")
        hands.type("10.00")
        hands.go("Enter")
    hands.sees("Payments of this account")
    hands.choose("statements")
    hands.go("d")
    hands.go("i")
    hands.sees("1 issued")


def reports_and_the_day(hands: Hands) -> None:
    hands.page("m")
    hands.tab_to("Receivables")
    hands.go("Enter")
    hands.sees("Ties to the ledger, to the cent")
    hands.choose("close")
    open_days = hands.window.locator("[data-key=d]")
    assert open_days.count() > 0
    for left in range(open_days.count() - 1, -1, -1):
        hands.press("d")
        hands.type("deposits counted")
        hands.go("Control", "Enter")
        hands.sees("The day sheet of")
        assert open_days.count() == left
    assert "closed by biller: deposits counted" in hands.window.inner_text("main")


def the_month(hands: Hands) -> None:
    hands.choose("close")
    unsigned = hands.window.locator("[data-key=s]")
    assert unsigned.count() > 0 and hands.window.locator("[data-key=l]").is_disabled()
    for left in range(unsigned.count() - 1, -1, -1):
        hands.press("s")
        hands.type("looked at, waits for the payer")
        hands.go("Control", "Enter")
        hands.sees("Signed. It covers")
        assert unsigned.count() == left
    hands.go("l")
    hands.sees("September 2026 is closed")


def test_the_table_of_the_docs_says_what_is_measured() -> None:
    text = (ROOT / "docs/how-it-works/keystrokes.md").read_text(encoding="utf-8")
    told = {task: int(count) for task, count in re.findall(r"^\|([^|]+)\|[^|]+\|(\d+)\|$", text, re.MULTILINE)}
    assert told == MOST_KEYS
    both = MOST_KEYS[VISIT] + VISIT_TYPED
    assert f"{MOST_KEYS[VISIT]} keys and {VISIT_TYPED} typed characters" in text
    assert f"{both / KEYS_A_SECOND:.1f} seconds" in text


def test_the_watch_sees_a_mouse(chromium: Any, address: str) -> None:
    context = chromium.new_context(base_url=address)
    hands = Hands(context.new_page())
    hands.window.goto("/login/")
    hands.press("Tab")
    assert hands.mouse == []
    hands.window.get_by_label("User name").click()
    hands.window.wait_for_function("1")
    assert "mousedown" in hands.mouse
    context.close()
