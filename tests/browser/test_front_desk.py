"""The front desk without a mouse: a patient is registered, covered and put in order by the keyboard alone."""

from __future__ import annotations

import os

import pytest

from tests.browser.test_workbench import signed_in  # noqa: F401
from tests.lib.web_data import PASSWORD, a_user
from tests.web.patients.test_cards_and_answers import png

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("CLAIMWRIGHT_SHOTS", "")


@pytest.fixture(scope="module", autouse=True)
def manager(office):
    """Somebody who may merge. Made before the browser: Django refuses to work where Playwright's loop runs."""
    return a_user(office.tenant, "manager", role="manager")


@pytest.fixture
def signed_in_manager(page):
    page.goto("/")
    page.get_by_label("User name").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def shot(page, name):
    """A picture for a person to look at, where a folder is given."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def focused(page):
    return page.evaluate("document.activeElement.name")


def fill(page, **cells):
    for name, value in cells.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def test_a_patient_is_registered_covered_and_ordered(signed_in):  # noqa: F811
    page = signed_in
    page.goto("/patients/")
    shot(page, "patients")
    page.get_by_role("link", name="Register a patient").click()
    assert focused(page) == "last_name"
    page.keyboard.type("Sample")
    page.keyboard.press("Tab")
    page.keyboard.type("Jane")
    shot(page, "register")
    page.keyboard.press("Enter")
    page.locator("[role=alert]:visible").wait_for()
    shot(page, "register-faults")
    assert focused(page) == "birth_date"
    page.keyboard.type("05/17/1980")
    fill(page, sex="F", line1="12 Birch St", city="Madison", state="WI", postal_code="53703", phone1="608 555 0142")
    page.locator("[name=postal_code]").press("Enter")
    page.wait_for_url("**/coverages/")
    _cover(page, "Northern Mutual", "W1", relationship="01", subscriber_last_name="Sample", subscriber_first_name="Paul",
           subscriber_birth_date="02/03/1975")  # fmt: skip
    _cover(page, "Medicare Part B Wisconsin", "1EG4TE5MK73")
    shot(page, "coverages-to-order")
    assert "No place" in page.inner_text("main")
    page.get_by_role("button", name="Confirm this order").press("Enter")
    page.locator(".messages").wait_for()
    assert "No place" not in page.inner_text("main")
    page.locator("summary", has_text="Add").first.press("Enter")
    page.locator("input[type=file][name=front]").first.set_input_files(
        {"name": "card.png", "mimeType": "image/png", "buffer": png(320, 200)}
    )
    page.get_by_role("button", name="Upload").first.press("Enter")
    page.get_by_role("link", name="Front").wait_for()
    shot(page, "coverages")


def _cover(page, payer, member, **cells):
    page.locator("[name=payer]").select_option(label=payer)
    fill(page, member_id=member, start="01/01/2026", **cells)
    page.locator("[name=member_id]").press("Enter")
    page.get_by_role("cell", name=member).first.wait_for()


def test_two_records_side_by_side(signed_in_manager):
    page = signed_in_manager
    page.goto("/patients/new/")
    fill(page, last_name="TESTER", first_name="Ann", birth_date="05/17/1980", sex="F", line1="12 BIRCH ST", city="MADISON",
         state="WI", postal_code="537034321")  # fmt: skip
    page.locator("[name=last_name]").press("Enter")
    page.locator("#decided_new").wait_for()
    shot(page, "register-duplicate")
    page.locator("#decided_new").check()
    page.get_by_role("button", name="Save").press("Enter")
    page.wait_for_url("**/coverages/")
    page.goto("/duplicates/")
    shot(page, "duplicates")
    page.locator("table[data-rows] a").first.press("Enter")
    page.get_by_role("heading", name="One person or two?").wait_for()
    shot(page, "duplicate")
    page.get_by_label("MRN1001 stays").check()
    page.get_by_label("Why they are one person").fill("same person")
    page.get_by_label("Why they are one person").press("Enter")
    page.get_by_text("was merged into this record").wait_for()
    shot(page, "patient-merged")
    page.get_by_role("button", name="Undo the merge").press("Enter")
    page.locator(".messages .error").wait_for()  # not without a reason
    page.get_by_label("Why they are two people").fill("cousins")
    page.get_by_label("Why they are two people").press("Enter")
    page.get_by_text("The two records are apart again").wait_for()


def test_prices_are_looked_at_before_they_hold(signed_in):  # noqa: F811
    page = signed_in
    page.goto("/prices/")
    content = b"code,amount,start,description\n99213,165.00,2026-10-01,office visit\n100,5.00,2026-10-01,\n99215,,2026-10-01,\n"
    page.locator("#file").set_input_files({"name": "fees.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check the file").press("Enter")
    page.get_by_text("leading zeros were lost").wait_for()
    shot(page, "prices-refused")
    page.goto("/prices/")
    page.locator("#file").set_input_files(
        {
            "name": "fees2.csv",
            "mimeType": "text/csv",
            "buffer": content.splitlines(True)[0] + content.splitlines(True)[1],
        }
    )
    page.get_by_role("button", name="Check the file").press("Enter")
    page.get_by_role("heading", name="What would change").wait_for()
    shot(page, "prices-preview")
    page.get_by_role("button", name="Discard").press("Enter")
    page.wait_for_url("**/prices/")
    shot(page, "prices")


def test_insurance_found_late_on_the_page(signed_in, office):  # noqa: F811
    page = signed_in
    page.goto(f"/patients/{office.patients['MRN1009'].pk}/coverages/")
    page.locator("[name=payer]").select_option(label="Medicare Part B Wisconsin")
    fill(page, member_id="1EG4TE5MK73", start="01/01/2026")
    page.get_by_role("button", name="Save and bill what the patient still owes").press("Enter")
    page.get_by_role("heading", name="Insurance found late", exact=True).wait_for()
    shot(page, "found")
    assert "Left" in page.inner_text("main") or "Billed" in page.inner_text("main")
