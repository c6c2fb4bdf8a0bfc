"""Every page of the side bar is explained by a document, and every document can be shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

DOCUMENTS = sorted((Path(__file__).parents[2] / "docs/how-it-works").glob("*.md"))


@pytest.fixture(scope="module", autouse=True)
def django_is_set_up():
    import django

    django.setup()


def test_each_row_names_addresses_and_documents_that_exist_and_the_side_bar_lacks_none():
    from claimwright.web.workbench.help_pages import OF_PAGE
    from claimwright.web.workbench.navigation import NAVIGATION
    from claimwright.web.workbench.open_addresses import OWN
    from claimwright.web.workbench.policies import OF_ADDRESS

    assert not set(OF_PAGE) - set(OF_ADDRESS) - set(OWN)
    assert set(OF_PAGE.values()) <= {path.stem for path in DOCUMENTS}
    shown = {name for _, pages in NAVIGATION for one in pages for name in (one.address, *one.here)}
    assert not sorted(shown - set(OF_PAGE)), "say in web/workbench/help_pages.py which document explains it"


class Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_shown_whole_and_well_formed(path):
    from claimwright.web.workbench.help_pages import as_html

    text = path.read_text(encoding="utf-8")
    shown, parser = as_html(text), Balance()
    parser.feed(shown)
    assert not parser.open
    assert all(re.fullmatch(r"/about/[a-zA-Z-]+/", link) for link in parser.links)
    assert not re.search(r"^\|", shown, re.MULTILINE), "a table that was not read"
    words = set(re.findall(r"[a-z]{6,}", re.sub(r"\]\([^)]*\)|^```.*", "]", text, flags=re.MULTILINE)))
    assert not words - set(re.findall(r"[a-z]{6,}", shown))


def test_what_stands_in_a_document_does_nothing():
    from claimwright.web.workbench.help_pages import as_html

    shown = as_html(
        "# A\n\n<script>x</script> `<b>` **<i>** [<u>](bank.md) [x](javascript:y)\n\n|<s>|\n|---|\n|`a`|\n\n- <hr>\n"
    )
    assert not re.search(r"<(script|b|i|u|s|hr)>", shown) and "javascript" not in shown
    assert '<a href="/about/bank/">&lt;u&gt;</a>' in shown and "<code>&lt;b&gt;</code>" in shown
