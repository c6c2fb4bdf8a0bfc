"""A biller signs in, works a list and opens a claim, with the mouse and without it."""

from __future__ import annotations

import pytest

from tests.lib.web_data import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(page):
    page.goto("/")
    page.get_by_label("User name").fill("biller")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def test_signing_in_and_out(page):
    page.goto("/claims/")
    assert "/login/" in page.url
    page.get_by_label("User name").fill("biller")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/")
    page.goto("/claims/")
    assert "/login/" in page.url


def test_a_wrong_password_says_so(page):
    page.goto("/login/")
    page.get_by_label("User name").fill("stranger")
    assert page.get_by_label("Password").get_attribute("type") == "password"
    page.get_by_label("Password").fill("not the passphrase")
    page.get_by_role("button", name="Sign in").click()
    assert page.locator(".errorlist").inner_text().startswith("User name or password is not right")


def test_home_leads_to_the_claim(signed_in):
    page = signed_in
    assert "What to do next" in page.inner_text("main")
    page.get_by_role("link", name="Claims held by edits", exact=True).click()
    page.wait_for_url("**/worklists/edit_holds/")
    page.get_by_role("link", name="Claim CW1004").click()
    page.wait_for_url("**/claims/*-*/")
    text = page.inner_text("main")
    assert "Claim CW1004" in text and "Give a street address, then release" in text and "BIL05" in text


def test_the_keyboard_is_enough(signed_in):
    page = signed_in
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/claims/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    second = page.locator("table[data-rows] > tbody > tr").nth(1)
    assert "here" in (second.get_attribute("class") or "")
    row = second.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*-*/")
    assert page.inner_text("h1").removeprefix("Claim ") in row
    page.keyboard.press("/")
    page.keyboard.type("EFT0001001")
    page.keyboard.press("Enter")
    page.wait_for_url("**/remittances/*-*/")
    assert "Adds up" in page.inner_text("main")


def test_money_stands_in_columns(signed_in):
    """Amounts end at one edge, whatever their length."""
    page = signed_in
    page.goto("/claims/")
    cells = page.locator("table[data-rows] tbody td.amount")
    assert cells.count() >= 6
    assert {cells.nth(row).evaluate("cell => getComputedStyle(cell).textAlign") for row in range(cells.count())} == {
        "right"
    }


def test_an_exception_leads_to_its_segment(signed_in):
    page = signed_in
    page.goto("/worklists/unmatched_payments/")
    page.get_by_role("link", name="EFT0001001.835").click()
    page.wait_for_url("**/files/received/**")
    assert "CLP*ZZ404" in page.locator("tr.found").inner_text()


def test_closing_an_item_takes_it_off_the_list(signed_in):
    page = signed_in
    page.goto("/worklists/payer_rejections/")
    page.get_by_label("What was done").fill("Coverage corrected, sent again")
    page.get_by_role("button", name="Done").click()
    page.wait_for_url("**/worklists/payer_rejections/")
    assert "Nothing here" in page.inner_text("main")
    page.goto("/worklists/payer_rejections/?show=all")
    assert "Coverage corrected, sent again" in page.inner_text("main")


def test_focus_is_seen(signed_in):
    page = signed_in
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
