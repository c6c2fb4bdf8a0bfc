"""Passkeys in a real browser, and a session that ends without losing a word."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lib.signing_in import APP_KEY, give_app
from tests.lib.web_data import PASSWORD, a_user

pytestmark = pytest.mark.browser

NEW = "a newcomer's own passphrase"
IDLE = 15 * 60  # seconds, as in the settings: they pass on the server's clock and in the browser's, not on ours
HOME = re.compile(r"^http://localhost:\d+/$")
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def people(office):
    """A newcomer's link, and a colleague with an app; made before the browser starts."""
    from claimwright.web.core.people import add_person

    colleague = a_user(office.tenant, "colleague", "biller")
    give_app(colleague)
    return add_person(by=None, tenant=office.tenant, username="newcomer", role="biller")


@pytest.fixture(autouse=True)
def two_proofs(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "SECOND_FACTOR", "required")


@pytest.fixture(scope="module")
def pass_time(tab) -> Any:
    """Let so many seconds pass for the server's sessions and in the browser."""
    from datetime import timedelta

    from django.utils import timezone

    from claimwright.web.core import sessions

    passed = timedelta()

    def wait(seconds: float) -> None:
        nonlocal passed
        passed += timedelta(seconds=seconds)
        tab.clock.fast_forward(int(seconds * 1000))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "timezone", SimpleNamespace(now=lambda: timezone.now() + passed))
        tab.clock.install()
        yield wait


@pytest.fixture(scope="module")
def context(chromium: Any, address: str, people: Any) -> Any:
    """One browser for the whole story: passkeys and cookies stay. By name, since numbers have no passkeys."""
    made = chromium.new_context(base_url=address.replace("127.0.0.1", "localhost"))
    wrong: list[str] = []
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield made
    made.close()
    assert not wrong, wrong


@pytest.fixture(scope="module")
def tab(context: Any) -> Any:
    window = context.new_page()
    device = context.new_cdp_session(window)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return window


def test_a_newcomer_comes_in_by_her_link_and_a_passkey(tab, people):
    tab.goto(f"/welcome/{people.token}/")
    tab.get_by_label("New password").fill(NEW)
    tab.get_by_label("The same again").fill(NEW)
    tab.get_by_role("button", name="Save and go on").click()
    tab.wait_for_url("**/login/enrol/")
    tab.get_by_label("Name it").fill("This computer")
    tab.get_by_role("button", name="Add a passkey").click()
    tab.get_by_role("heading", name="Keep these codes").wait_for()
    assert len(re.findall(r"\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b", tab.inner_text("main"))) == 10
    tab.get_by_role("link", name="I have kept them").click()
    tab.wait_for_url(HOME)
    assert "newcomer" in tab.inner_text("header")
    assert "switched off" not in tab.inner_text("body")
    tab.goto(f"/welcome/{people.token}/")
    assert "You are signed in" in tab.inner_text("main")


def test_a_passkey_alone_signs_in(tab):
    tab.goto("/")
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/login/")
    tab.get_by_role("button", name="Use a passkey").click()
    tab.wait_for_url(HOME)
    tab.goto("/account/")
    assert "This computer" in tab.inner_text("main") and "passkey" in tab.inner_text("main")


def test_what_was_typed_is_kept_while_the_session_ends(tab, pass_time):
    tab.goto("/worklists/payer_rejections/")
    field = tab.get_by_label("What was done").first
    field.fill("Called the payer, corrected the member number")
    pass_time(IDLE - 30)
    tab.locator("#session-warning").wait_for()
    pass_time(31)
    tab.locator("#signed-out").wait_for()
    assert not tab.locator("main").is_visible() and tab.title() == "Signed out"
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0
    assert "/login/" in tab.request.get("/account/").url  # on the server, too
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    tab.locator("#signed-out").wait_for()  # the second Escape closes it for a moment
    assert not tab.locator("main").is_visible()

    tab.get_by_label("Password").fill("not hers")
    tab.get_by_role("button", name="Sign in again").click()
    tab.get_by_text("The password or the code is not right").wait_for()
    assert not tab.locator("main").is_visible()
    tab.locator("#signed-out").get_by_role("button", name="Use a passkey").click()
    tab.locator("#signed-out").wait_for(state="hidden")
    assert field.input_value() == "Called the payer, corrected the member number"
    assert tab.title() != "Signed out" and field.evaluate("field => field === document.activeElement")
    tab.get_by_role("button", name="Done").first.click()
    tab.wait_for_url("**/worklists/payer_rejections/")
    tab.get_by_text("Closed.").wait_for()


def test_working_keeps_the_session_and_a_page_left_alone_does_not(tab, pass_time):
    tab.goto("/account/")
    field = tab.get_by_label("New password", exact=False).first
    for _ in range(4):  # longer than the session may idle, with no page asked for
        pass_time(IDLE / 3)
        with tab.expect_response("**/session/alive/"):
            field.press("a")
    assert tab.locator("main").is_visible()
    pass_time(IDLE + 1)
    tab.locator("#signed-out").wait_for()
    tab.get_by_label("Password", exact=True).last.fill(NEW)
    tab.locator("#signed-out").get_by_role("button", name="Use a passkey").click()
    tab.locator("#signed-out").wait_for(state="hidden")
    assert field.input_value() == "a" * 4


def test_another_person_gets_a_fresh_page(tab, context):
    from claimwright.web.core.second_factors import code_at, step_now

    tab.goto("/account/")
    field = tab.get_by_label("New password", exact=False).first
    field.fill("typed by the newcomer")
    other = context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()
    other.get_by_label("User name").fill("colleague")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_label("Code from your app").fill(code_at(APP_KEY, step_now()))
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url(HOME)
    tab.evaluate("window.dispatchEvent(new Event('focus'))")
    tab.wait_for_url(HOME)
    assert "colleague" in tab.inner_text("header") and field.count() == 0
    other.close()
