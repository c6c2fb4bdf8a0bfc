"""What every template keeps: no style or script of its own, keys that are free, acts shown only to who may do them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "src/claimwright/web/templates"
FILES = sorted(TEMPLATES.glob("*/*.html"))
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:", re.IGNORECASE)
KEY = re.compile(r"data-key=\"([^\"{]*)\"")
TAKEN = set("gjk/?.")  # of every page: workbench.js
FORM = re.compile(r"<form\s(?:[^>{]|\{[^}]*\}+)*>", re.DOTALL)
ACTION = re.compile(r"action=\"(?:[^\"{]|\{%.*?%\})*?\{% url '(\w+)'")
# Pages that ask in another way: their views pass what may be done, or whoever sees the page may do all of it.
OTHERWISE = {
    "_items.html", "_worked_items.html", "claim.html", "claim_change.html", "claims.html", "home.html",
    "my_sign_in.html", "not_yours.html", "program_endpoint.html", "worklist.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def of_address():
    import django

    django.setup()
    from claimwright.web.workbench.policies import OF_ADDRESS

    return OF_ADDRESS


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_inline(path):
    assert INLINE.search(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_keys_are_one_character_or_two_and_not_taken(path):
    for key in KEY.findall(path.read_text(encoding="utf-8")):
        first, _, second = key.partition(" ")
        assert len(first) == 1 and len(second) <= 1, key
        assert first not in TAKEN, f"{key} is a key of every page"


def unguarded(text, of_address):
    """Names of acts whose form stands outside of a question whether the person may do it."""
    open_blocks, found = [], []
    for part in re.finditer(r"\{% may_do \"(\w+)\" %\}|\{% end_may_do %\}|" + FORM.pattern, text, re.DOTALL):
        if part[0].startswith("{% end_may_do"):
            open_blocks.pop()
        elif part[1]:
            open_blocks.append(part[1])
        elif name := ACTION.search(part[0]):
            policy = of_address.get(name[1])
            if policy and not policy.only_reads and name[1] not in open_blocks and f'{{% may "{name[1]}"' not in text:
                found.append(name[1])
    return found


def test_forms_of_acts_are_shown_to_who_may_do_them(of_address):
    files = [path for path in FILES if path.name not in OTHERWISE]
    found = {path.name: unguarded(path.read_text(encoding="utf-8"), of_address) for path in files}
    assert {name: acts for name, acts in found.items() if acts} == {}


def test_the_canaries_are_caught(of_address):
    form = '<form method="post" action="{% url \'lock_month\' %}">'
    assert unguarded(form, of_address) == ["lock_month"]
    assert unguarded('{% may_do "lock_month" %}' + form + "{% end_may_do %}", of_address) == []
    assert unguarded('{% may "lock_month" as may_lock %}{% if may_lock %}' + form, of_address) == []
    assert INLINE.search('<p style="color:red">') and INLINE.search("<script>") and INLINE.search('<a onclick="x">')
    assert not INLINE.search('<script src="/static/a.js" defer></script>')
