"""A form whose act refused stands there again as it was sent, with its reason beside it and the focus in it."""

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
