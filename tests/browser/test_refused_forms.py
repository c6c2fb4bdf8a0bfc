"""Rows ticked together; and a form whose act refused stands there again as it was sent, told why, with the focus in it."""

from __future__ import annotations

import pytest

from tests.lib.web_data import PASSWORD

pytestmark = pytest.mark.browser
LETTER = "Subject: {nobody}\n\nThe two services were separate.\n\nRequest: pay both."


@pytest.fixture
def biller(page):
    page.goto("/login/?next=/denials/letters/?category=BUNDLE")
    page.get_by_label("User name").fill("biller")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    page.wait_for_load_state()
    return page


def test_a_letter_that_is_refused_stands_there_again(biller):
    page = biller
    page.goto("/denials/letters/?category=BUNDLE")
    text = page.locator("#text")
    shipped = text.input_value()
    text.fill(LETTER)
    page.keyboard.press("Control+Enter")
    page.get_by_text("What you typed is here again").wait_for()
    assert text.input_value() == LETTER
    assert page.evaluate("document.activeElement.id") == "text"
    assert text.evaluate("one => document.getElementById(one.getAttribute('aria-describedby')).textContent").startswith("Not kept")  # fmt: skip
    page.goto("/denials/letters/?category=BUNDLE")  # once
    assert text.input_value() == shipped and page.get_by_text("here again").count() == 0


def test_all_rows_are_ticked_by_a_key_and_stay_so_when_the_act_refuses(biller):
    page = biller
    page.goto("/claims/")
    boxes = page.locator("tbody input[name=version]")
    head = page.get_by_role("checkbox", name="Tick all rows of the table")
    page.keyboard.press("Shift+X")
    assert boxes.count() > 3 and boxes.count() == page.locator("tbody input[name=version]:checked").count()
    boxes.first.uncheck()
    assert head.evaluate("one => one.indeterminate")
    page.keyboard.press("t")
    assert f"({boxes.count() - 1})" in page.locator("#together summary").inner_text()
    what, why = page.locator("#act"), page.locator("#act-reason")
    what.select_option("assign")
    assert not why.is_visible() and page.locator("#act-owner").is_visible()
    what.select_option("hold")
    assert why.evaluate("one => one.required")
    page.keyboard.press("Control+Enter")  # the browser asks for the reason
    assert page.url.endswith("/claims/")
    why.fill(" ")
    page.keyboard.press("Control+Enter")
    page.locator("#kept-form-why", has_text="say why").wait_for()
    assert page.locator("tbody input[name=version]:checked").count() == boxes.count() - 1
    assert what.input_value() == "hold" and page.evaluate("document.activeElement.id") == "act-reason"
    page.keyboard.type("The payer's notice is awaited")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Hold").wait_for()
    assert "1 of" in page.locator(".heading .facts").inner_text()
