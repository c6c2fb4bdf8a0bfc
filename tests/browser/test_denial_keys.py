"""From the list of denials to a corrected claim on its way, by keyboard: every key that is pressed is counted."""

from __future__ import annotations

import pytest

from tests.lib.web_data import PASSWORD

pytestmark = pytest.mark.browser
MOST_KEYS = 12  # beyond the data typed


class Keys:
    """A keyboard that counts. A chord counts each of its keys; what is typed as data is not counted."""

    def __init__(self, page):
        self.page, self.pressed = page, []

    def press(self, *chord):
        self.pressed += chord
        self.page.keyboard.press("+".join(chord))

    def type(self, data):
        self.page.keyboard.type(data)


@pytest.fixture(scope="module")
def on_file(office):
    """What the edits ask of the practice: its numbers in force on the day, and a price for the code. Made before the
    browser: in a thread where Playwright's loop runs Django refuses to work."""
    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import put_on_file

    with tenant_scope(office.tenant):
        put_on_file(office.practice)


@pytest.fixture
def signed_in(on_file, page):
    page.set_default_timeout(60_000)
    page.goto("/")
    page.get_by_label("User name").fill("biller")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def test_a_denial_is_a_corrected_claim_on_its_way_in_twelve_keys(signed_in):
    page, keys = signed_in, Keys(signed_in)
    keys.press("g")
    keys.press("d")
    page.wait_for_url("**/denials/")
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/denials/*-*/")
    keys.press("c")
    page.wait_for_url("**/correct/**")
    assert page.evaluate("document.activeElement.id") == "rendering"  # the field that N290 speaks of
    keys.type("ING")  # the provider's name: data
    keys.press("Control", "Enter")
    page.wait_for_url("**/claims/*-*/**")
    assert "Version 2 is made" in page.inner_text("main")
    assert "Ready to send" in page.inner_text(".heading"), page.inner_text("main")
    keys.press("s")
    page.get_by_text("Queued since").wait_for()  # the worker of no test takes it: see tests/web/operations
    assert len(keys.pressed) <= MOST_KEYS, keys.pressed
    page.keyboard.press("?")
    assert "Note" in page.inner_text("#keys-help") and "Hold" in page.inner_text("#keys-help")
    page.get_by_role("button", name="Close").click()


def test_raw_and_the_next_claim_are_a_key_away(signed_in):
    page = signed_in
    page.goto("/claims/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*-*/**")
    first = page.url
    page.keyboard.press("]")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("[")
    page.wait_for_url(first)
    page.goto(page.url)
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.name") == "text"
    page.keyboard.type("asked the payer")
    page.keyboard.press("Control+Enter")
    page.get_by_text("The note stands on the timeline").wait_for()
    page.goto("/search/?q=CW1001")
    page.wait_for_url("**/claims/*-*/**")
    page.keyboard.press("z")
    page.get_by_text("CLM*CW1001*").or_(page.get_by_text("CLP*CW1001*")).first.wait_for()


def test_a_wrong_code_is_put_right_with_its_price(signed_in):
    from playwright.sync_api import expect

    page = signed_in
    page.goto("/search/?q=CW1004")
    page.wait_for_url("**/claims/*-*/**")
    page.keyboard.press("e")
    page.wait_for_url("**/change/")
    code, charge = page.locator("#line1-code"), page.locator("#line1-charge")
    before = charge.input_value()
    code.fill("99204")
    page.keyboard.press("Tab")
    expect(charge).to_have_value("280.00")
    assert before != "280.00" and page.inner_text("#total") == "280.00"
    charge.fill("275.00")  # what a person types is not priced over
    page.locator("#line1-units").fill("2")
    page.keyboard.press("Tab")
    page.locator("#reason").fill("the note says a new patient")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/claims/*-*/**")
    assert "275.00" in page.inner_text("main") and "99204" in page.inner_text("main")
    assert "charges corrected" in page.inner_text("main")
