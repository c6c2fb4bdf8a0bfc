"""The keys of a page, their list, and the command palette: all read from the page itself."""

from __future__ import annotations

import pytest

from tests.lib.web_data import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def biller(page):
    page.goto("/login/?next=/denials/")
    page.get_by_label("User name").fill("biller")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/denials/")
    return page


def test_help_lists_the_keys_of_the_page_and_escape_closes_it(biller):
    page = biller
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    here = help_.locator("section", has=page.get_by_role("heading", name="On this page")).inner_text()
    keyed = page.locator("main [data-key]:visible")
    assert keyed.count() > 0
    for at in range(keyed.count()):
        one = keyed.nth(at)
        assert one.get_attribute("aria-keyshortcuts") == one.get_attribute("data-key")
        assert one.get_attribute("data-key") in here
    assert "Search" in help_.inner_text() and "Home" in help_.inner_text()
    page.keyboard.press("Escape")
    assert help_.count() == 0 or not help_.is_visible()


def test_a_key_presses_its_element_but_never_while_typing(biller):
    page = biller
    page.keyboard.press("/")
    page.keyboard.type("gt")
    assert page.url.endswith("/denials/") and page.locator("#search").input_value() == "gt"
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.wait_for_url("**/denials/trends/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/denials/")
    page.keyboard.press("l")
    page.wait_for_url("**/denials/letters/")


def test_control_enter_sends_the_form_in_focus(biller):
    page = biller
    page.locator("#search").fill("CW1004")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/claims/*-*/**")


def test_the_palette_goes_to_pages_and_does_the_acts_of_the_page(biller):
    page = biller
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to or do")
    box.fill("root cau")
    assert "Root causes" in page.get_by_role("option", selected=True).inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/denials/trends/")
    page.keyboard.press(".")
    page.get_by_role("combobox").fill("rmtncs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/remittances/")


def test_what_the_palette_finds_is_asked_in_the_background(biller):
    page = biller
    page.keyboard.press("Control+k")
    with page.expect_request("**/search/?*") as sent:
        page.keyboard.type("CW1004")
    assert sent.value.headers["x-claimwright-background"] == "1"
    page.get_by_role("option").filter(has_text="CW1004").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*-*/**")
