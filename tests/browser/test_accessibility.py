"""Every page of the table of policies, asked by axe for WCAG 2.2 A and AA, light and dark, and at 200 % of zoom.

At commit scale each page is asked once, light and dark in turn, at 1280 px; every third also at 640 px, which is what
1280 px at 200 % leaves. `make prove ROW=accessibility` asks every page in both schemes and both widths.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pytest

from tests.lib.web_data import PASSWORD

pytestmark = pytest.mark.browser

WIDE, ZOOMED = 1280, 640
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASK = """async (standards) => (await axe.run(document, {runOnly: standards, resultTypes: ["violations"],
  preload: false})).violations
  .map(one => one.id + ": " + one.nodes.length + " × " + one.nodes[0].html.slice(0, 160))"""
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Keys that two things of a page want, rows of lists left out: there a key acts on the row one is on.
TWICE = """() => {
  const words = {};
  for (const one of document.querySelectorAll("main [data-key], header [data-key]")) {
    if (one.closest("tbody tr")) { continue; }
    (words[one.dataset.key] = words[one.dataset.key] || []).push(claimwright.labelOf(one));
  }
  return Object.entries(words).filter(([, all]) => all.length > 1).map(([key, all]) => "key " + key + ": " + all.join(", "));
}"""
FIXED = {
    "worklist": "edit_holds", "report": "aging", "name": "days_in_ar", "slug": "first", "edit_id": "BIL05", "like": "medicare",
    "page_name": "bank",
}  # fmt: skip
ALIASES = {
    "claim_payment": "claimpayment", "coverage": "patientcoverage", "adjustment": "provideradjustment",
    "receipt": "patientreceipt", "finding": "editfinding", "item": "workitem", "line": "bankline", "version": "claimversion",
    "import": "chargeimport",
}  # fmt: skip
PAGES_AT_LEAST = 60  # fewer: the walk itself is broken


def _rows(office: Any) -> dict[str, str]:
    """An id of the office by the name of the part of an address that takes it."""
    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.tenancy import tenant_scope

    found: dict[str, str] = {}
    with tenant_scope(office.tenant):
        for model in tenant_models():
            row = model.objects.order_by("pk").values_list("pk", flat=True).first()
            if row is not None:
                found[str(model._meta.model_name)] = str(row)
    found |= {short: found[name] for short, name in ALIASES.items() if name in found}
    found |= {
        "version": str(office.held.pk), "claim": str(office.paid.claim_id), "outboxfile": str(office.outgoing.pk),
        "received_file": str(office.remittance.part.file_id), "sent_file": str(office.outgoing.pk),
    }  # fmt: skip
    return found


@pytest.fixture(scope="module")
def addresses(office: Any) -> list[str]:
    """What the owner may look at, with ids of the office; what has no row in this office is left out.

    Asked, and the owner made, before the browser: in a thread where Playwright's loop runs Django refuses to work.
    """
    from claimwright.web.workbench.policies import PUBLIC
    from tests.house.test_policies import addresses as declared
    from tests.lib.web_data import a_user

    a_user(office.tenant, "owner", "owner")

    rows, found = _rows(office), []
    for name, pattern in declared():
        if name in PUBLIC:
            continue
        path = pattern
        for kind, part in re.findall(r"<(\w+):(\w+)>", pattern):
            path = path.replace(f"<{kind}:{part}>", FIXED.get(part) or rows.get(part.removesuffix("_id"), "<none>"))
        if "<none>" not in path:
            found.append("/" + path)
    return found


@pytest.fixture(scope="module")
def browser_page(addresses: list[str], chromium: Any, address: str) -> Any:
    """One signed-in window for all pages. Axe is our own script beside the page's: the page's policy does not hold it."""
    context = chromium.new_context(
        base_url=address, viewport={"width": WIDE, "height": 900}, bypass_csp=True, reduced_motion="reduce"
    )
    context.add_init_script(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto("/login/")
    assert not wrong_of(page, "light"), "the door"
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    yield page
    context.close()


def wrong_of(page: Any, scheme: str, width: int = WIDE) -> list[str]:
    """What axe finds on the page, and how far its body goes beyond the window."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    beyond = page.evaluate(BEYOND)
    found: list[str] = page.evaluate(ASK, STANDARDS)
    return found + ([f"{beyond} px beyond the window"] if beyond > 0 else [])


def open_page(page: Any, path: str) -> bool:
    """Whether there is a page of ours at the address: acts refuse a GET, files are downloads, some have no row here, and
    a part of a page that a script asks for is not a page."""
    answer = page.context.request.get(path, max_redirects=0)
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("text/html"):
        return False
    if "<html" not in answer.text():
        return False
    page.goto(path, wait_until="domcontentloaded")
    return True


def walk(page: Any, addresses: list[str], asked: Any) -> tuple[int, dict[str, list[str]]]:
    """How many pages there were, and what is wrong with which; `asked` gives the (scheme, width) of the n-th page."""
    seen, wrong = 0, {}
    for path in addresses:
        if not open_page(page, path):
            continue
        seen += 1
        if twice := page.evaluate(TWICE):
            wrong[f"{path} keys"] = twice
        for scheme, width in asked(seen):
            if found := wrong_of(page, scheme, width):
                wrong[f"{path} {scheme} {width}"] = found
    return seen, wrong


def test_every_page_passes_axe_in_turn_light_and_dark(browser_page, addresses):
    def in_turn(number: int) -> list[tuple[str, int]]:
        scheme = "dark" if number % 2 else "light"
        return [(scheme, WIDE), *([(scheme, ZOOMED)] if number % 3 == 0 else [])]

    seen, wrong = walk(browser_page, addresses, in_turn)
    assert not wrong, "\n".join(f"{path}: {found}" for path, found in wrong.items())
    assert seen >= PAGES_AT_LEAST


@pytest.mark.prove
def test_rowaccessibility_every_page_in_both_schemes_and_widths(browser_page, addresses):
    every = [(scheme, width) for scheme in ("light", "dark") for width in (WIDE, ZOOMED)]
    seen, wrong = walk(browser_page, addresses, lambda _: every)
    assert not wrong, "\n".join(f"{path}: {found}" for path, found in wrong.items())
    assert seen >= PAGES_AT_LEAST


def test_axe_and_the_measure_of_width_are_awake(browser_page):
    """A page made wrong on purpose: a picture without words, pale text, a box wider than the window."""
    browser_page.goto("/claims/")
    browser_page.evaluate(
        "() => { const p = document.createElement('p'); p.textContent = 'pale'; p.style.color = '#ddd';"
        " p.style.background = '#fff'; p.style.width = '3000px';"
        " const i = document.createElement('img'); i.src = '/static/favicon.svg';"
        " const b = document.createElement('button'); b.dataset.key = 'f'; b.textContent = 'Another';"
        " document.querySelector('main').append(p, i, b); }"
    )
    assert browser_page.evaluate(TWICE)[0].startswith("key f: ")
    found = " ".join(wrong_of(browser_page, "light"))
    assert "image-alt" in found and "color-contrast" in found and "beyond the window" in found
