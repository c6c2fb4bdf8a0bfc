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
    page.get_by_role("button", name="Sign out").wait_for()
    page.wait_for_load_state()  # a key pressed before the script is there is lost
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
    page.keyboard.press("?")
    page.get_by_role("link", name="About this page").click()
    page.wait_for_url("**/about/denials/")
    page.get_by_role("heading", level=1, name="Denials").wait_for()


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
    assert "Root causes" in page.locator("#palette [aria-selected=true]").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/denials/trends/")
    page.keyboard.press(".")
    page.get_by_role("combobox", name="Go to or do").fill("rmtncs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/remittances/")


def test_what_the_palette_finds_is_asked_in_the_background(biller):
    page = biller
    page.keyboard.press("Control+k")
    with page.expect_request("**/search/?*") as sent:
        page.keyboard.type("CW1004")
    assert sent.value.headers["x-claimwright-background"] == "1"
    page.locator("#palette [role=option]").filter(has_text="CW1004").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*-*/**")


def test_dark_is_kept_and_drawn_by_the_server(biller):
    page = biller
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.goto("/claims/")
    assert '<html lang="en" data-bs-theme="dark">' in page.request.get("/claims/").text()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground


def test_a_page_prints_without_its_bars_and_light(biller):
    page = biller
    page.get_by_role("button", name="Dark", exact=True).click()
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Pages").is_visible()
    assert not page.get_by_role("search").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    page.emulate_media(media="screen")


def test_our_sheet_wins_over_bootstrap_which_is_there(biller):
    """Bootstrap's own classes work; where both have a rule, ours holds."""
    page = biller
    page.evaluate("() => { const one = document.createElement('span'); one.className = 'd-none'; one.id = 'none';"
                  " document.querySelector('main').append(one); }")  # fmt: skip
    assert page.evaluate("getComputedStyle(document.getElementById('none')).display") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('th')).borderBottomStyle") == "solid"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "15px"


def test_the_pages_are_behind_a_button_where_there_is_no_room(biller):
    page = biller
    page.set_viewport_size({"width": 640, "height": 900})
    bar = page.get_by_role("navigation", name="Pages", exact=True)
    assert not bar.is_visible()
    page.get_by_role("button", name="Pages", exact=True).click()
    assert bar.is_visible()
    page.keyboard.press("Escape")
    assert not bar.is_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")  # its keys work, shown or not
    page.wait_for_url("**/claims/")


def test_days_are_typed_short_and_shown_whole_before_they_are_sent(biller):
    page = biller
    page.goto("/remittances/")
    field, today = page.locator("#from"), page.locator("body").get_attribute("data-today")
    shown = page.evaluate(
        """(days) => new Date(Date.parse(document.body.dataset.today) + days * 86400000).toISOString().slice(0, 10)
             .replace(/(\\d+)-(\\d+)-(\\d+)/, "$2/$3/$1")""",
        30,
    )
    for typed, day in (
        ("t", "/".join((today[5:7], today[8:], today[:4]))), ("t+30", shown), ("+30", shown), ("09152026", "09/15/2026"),
        ("2/28", f"02/28/{today[:4]}"), ("2026-09-15", "09/15/2026"), ("13/45/2026", "13/45/2026"),
    ):  # fmt: skip
        field.fill(typed)
        field.blur()
        assert field.input_value() == day, typed
    field.press("Enter")  # what is no day is not sent
    assert "?" not in page.url and field.evaluate("one => one.validationMessage").startswith("Write the day as")
    field.fill("9/1/2026")
    field.press("Enter")
    page.wait_for_url("**/remittances/?*from=09%2F01%2F2026*")
    assert page.locator("#from").input_value() == "09/01/2026"
