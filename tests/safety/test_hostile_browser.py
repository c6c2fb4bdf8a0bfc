"""Row 21 in a real browser: pages full of hostile text open no dialog, make no element and report nothing.

Our content policy runs no script of a page, whatever stands in it: so the text itself must never become an element. One
that did would be reported by the browser, as the canary shows.
"""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.browser.conftest import address, chromium  # noqa: F401  fixtures
from tests.safety import attacked as attacked_offices
from tests.safety.attacked import person

pytestmark = pytest.mark.browser
HOSTILE = "'\"><svg onload=alert(1)>"
ESCAPED = "&lt;svg onload"
PAGES = 15


@pytest.fixture(scope="module")
def office(module_database: str) -> Any:
    """Pages that show the text, and a session of the owner. All of the database before the browser starts."""
    from tests.safety.test_hostile_text import html_of, read_addresses

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attacked_offices, "CANARY", HOSTILE)
        full = attacked_offices.attacked_office()
    owner = person(full.tenant, "owner", [], "looking")
    pages: list[str] = []
    places = read_addresses(full)
    random.Random(1).shuffle(places)
    for _, place in places:
        answer = owner.get(place)
        if answer.status_code == 200 and ESCAPED in html_of(answer):
            pages.append(place)
        if len(pages) == PAGES:
            break
    return SimpleNamespace(pages=pages, session=owner.cookies["sessionid"].value)


@pytest.fixture
def window(chromium: Any, address: str, office: Any) -> Any:  # noqa: F811
    """A window of the owner's, and what happened in it that should not."""
    context = chromium.new_context(base_url=address)
    context.add_cookies([{"name": "sessionid", "value": office.session, "url": address}])
    opened = context.new_page()
    opened.wrong = []
    opened.on("dialog", lambda dialog: (opened.wrong.append("dialog"), dialog.dismiss()))
    opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
    opened.on("console", lambda message: opened.wrong.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()


def made(window: Any) -> int:
    return int(window.evaluate("document.querySelectorAll('[onload], [onerror]').length"))


def test_row21_hostile_text_does_nothing_in_a_browser(window: Any, office: Any) -> None:
    assert len(office.pages) == PAGES
    for place in office.pages:
        answer = window.goto(place)
        assert (answer.status, made(window), window.wrong) == (200, 0, []), place
        assert "<svg onload" in window.evaluate("document.documentElement.textContent + [...document.querySelectorAll('input, textarea, option, [title], [aria-label]')].map(one => [one.value, one.title, one.ariaLabel].join(' ')).join(' ')"), place  # fmt: skip


def test_canary_an_element_of_such_text_is_seen(window: Any, office: Any) -> None:
    window.goto(office.pages[0])
    window.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", HOSTILE)
    window.wait_for_timeout(200)
    assert made(window) == 1 and any("Content Security Policy" in one for one in window.wrong)
    assert "dialog" not in window.wrong
