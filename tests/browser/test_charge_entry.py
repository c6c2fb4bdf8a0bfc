"""A visit entered without a mouse, from the patient's name to a claim that is ready to send."""

from __future__ import annotations

import os

import pytest

from tests.browser.test_front_desk import focused
from tests.browser.test_workbench import signed_in  # noqa: F401

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("CLAIMWRIGHT_SHOTS", "")
# Half a minute of a person who types three keys a second, about 36 words a minute. Keys are counted and not seconds: how
# long the pages take here is up to what else the machine does.
MOST_KEYS = 30 * 3
COUNT_KEYS = "window.pressed = 0; window.addEventListener('keydown', () => { window.pressed += 1; }, true)"


def shot(page, name):
    """A picture at the width of a small office screen, where a folder is given."""
    if SHOTS:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture(scope="module", autouse=True)
def office_with_prices(office):
    """The practice also has a provider, a place and prices. Made before the browser, whose loop Django does not bear."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice import services
    from tests.lib.builders import a_rendering_provider
    from tests.lib.practices import CHARGES

    with tenant_scope(office.tenant):
        services.save_provider(provider=a_rendering_provider(), practice=office.practice)
        services.save_location(practice=office.practice, code="MAIN", name="Main office")
        services.load_charge_master(practice=office.practice, content=CHARGES)
    return office


def type_and_choose(page, words):
    """Types at a person's pace, then takes the first of the list."""
    page.keyboard.type(words, delay=25)
    page.locator("#choices li").first.wait_for()
    page.keyboard.press("Enter")


def test_a_visit_is_entered_by_keyboard_in_half_a_minute(signed_in):  # noqa: F811
    from playwright.sync_api import expect

    page = signed_in
    page.goto("/visits/new/")
    assert focused(page) == "patient_text"
    page.evaluate(COUNT_KEYS)
    type_and_choose(page, "novak")
    assert "Northern Mutual" in page.inner_text("#patient-facts")
    assert focused(page) == "date_from"
    page.keyboard.type("09/29/2026", delay=25)
    for name in ("rendering", "location", "place", "dx1"):
        page.keyboard.press("Enter" if name == "rendering" else "Tab")
        while focused(page) != name:  # a summary stands between
            page.keyboard.press("Tab")
    page.keyboard.type("hypertension essen", delay=25)
    page.locator("#choices li").first.wait_for()
    shot(page, "entry-choices")
    page.keyboard.press("Enter")
    assert page.input_value("[name=dx1]") == "I10" and "hypertension" in page.inner_text("[data-diagnosis=A] .title")
    assert focused(page) == "dx2"
    type_and_choose(page, "E119")
    page.keyboard.press("Tab")
    assert focused(page) == "line1-code"
    page.keyboard.type("99213", delay=25)
    page.keyboard.press("Tab")
    page.keyboard.type("25", delay=25)
    page.keyboard.press("Enter")
    assert page.input_value("[name=line1-pointers]") == "AB"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[name=line1-charge]")).to_have_value("150.00")
    page.locator("[name=line2-code]").focus()
    type_and_choose(page, "strep")
    assert page.input_value("[name=line2-code]") == "87880"
    expect(page.locator("#total")).to_have_text("190.00")
    shot(page, "entry")
    pressed = page.evaluate("window.pressed")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/claims/*-*/")
    assert "is made" in page.inner_text(".messages") and "190.00" in page.inner_text("main")
    assert 30 < pressed < MOST_KEYS, pressed
    shot(page, "entry-claim")


def test_faults_are_told_and_the_first_has_the_focus(signed_in):  # noqa: F811
    page = signed_in
    page.goto("/visits/new/")
    page.keyboard.type("tester", delay=10)
    page.locator("#choices li").first.wait_for()
    page.keyboard.press("Tab")
    page.locator("[name=dx1]").fill("J06")
    page.locator("[name=line1-code]").fill("99213")
    page.keyboard.press("Control+Enter")
    page.locator("[role=alert]:visible").wait_for()
    assert focused(page) == "dx1" and page.input_value("[name=line1-code]") == "99213"
    shot(page, "entry-faults")


def test_the_form_is_whole_without_a_script(chromium, address):
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login/?next=/visits/new/")
    page.get_by_label("User name").fill("biller")
    page.get_by_label("Password").fill("a long enough passphrase")
    page.get_by_role("button", name="Sign in").click()
    page.locator("[name=patient_text]").fill("MRN1007")
    page.locator("[name=date_from]").fill("09/28/2026")
    page.locator("[name=dx1]").fill("J06.9")
    page.locator("[name=dx12]").wait_for(state="visible")
    page.locator("[name=line1-code]").fill("99213")
    page.locator("[name=line1-code]").press("Enter")
    page.wait_for_url("**/claims/*-*/")
    assert "150.00" in page.inner_text("main")
    context.close()
