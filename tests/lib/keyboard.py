"""Hands on a keyboard and on nothing else: they press, type and wait, count each key, and see whether a mouse was used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

MOST_TABS = 120
WATCH = """for (const kind of ["mousedown", "pointerdown", "touchstart", "wheel", "click", "dblclick"]) {
  window.addEventListener(kind, (event) => {
    if (event.isTrusted && !(event.type === "click" && event.detail === 0)) { window.mouseWasUsed(kind); }
  }, true);
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) { return ""; }
  const label = one.getAttribute("aria-label") || (one.labels && one.labels.length ? one.labels[0].textContent : "");
  const text = label || one.textContent || one.placeholder || one.name || "";
  return text.replace(/\\s+/g, " ").trim();
}"""


class Effort(msgspec.Struct):
    """Keys pressed, a chord by each of its keys, and characters typed as data."""

    presses: int = 0
    typed: int = 0


class Hands:
    """One window, by keyboard alone. Make them before its first page: the watch for a mouse goes into every page."""

    def __init__(self, window: Any) -> None:
        self.window, self.effort = window, Effort()
        self.tasks: dict[str, Effort] = {}
        self.mouse: list[str] = []
        window.expose_binding("mouseWasUsed", lambda _source, kind: self.mouse.append(kind))
        window.add_init_script(WATCH)

    def press(self, *chord: str) -> None:
        self.effort.presses += len(chord)
        self.window.keyboard.press("+".join(chord))

    def go(self, *chord: str) -> None:
        """A key that leads to another page, or to the same one anew; back once that page and its scripts are there."""
        with self.window.expect_navigation():
            self.press(*chord)
        self.settle()

    def visit(self, address: str) -> None:
        """A link that came from outside, as one of a letter."""
        self.window.goto(address)
        self.settle()

    def settle(self) -> None:
        """Until the page is drawn: only then has the field the focus that the page gives it."""
        self.window.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def page(self, letter: str) -> None:
        """`g` and the letter of a page of the side bar."""
        self.press("g")
        self.go(letter)

    def choose(self, words: str) -> None:
        """Goes to a page, or does an act of this page, by the palette."""
        self.press("Control", "k")
        self.type(words)
        self.go("Enter")

    def type(self, data: str) -> None:
        self.effort.typed += len(data)
        self.window.keyboard.type(data)

    def tab_to(self, words: str, *, by: str = "label") -> None:
        """Tab, until the label (or the name) of what is in focus begins so."""
        asks = FOCUSED if by == "label" else "document.activeElement.name || ''"
        for _ in range(MOST_TABS):
            self.press("Tab")
            if str(self.window.evaluate(asks)).startswith(words):
                return
        raise AssertionError(f"{words!r} is not reached by Tab on {self.window.url}")

    def focus_is(self, words: str) -> bool:
        return str(self.window.evaluate(FOCUSED)).startswith(words)

    def find(self, data: str) -> None:
        """By the search box; where it is more than one thing, the first of the list."""
        self.press("/")
        self.type(data)
        self.go("Enter")
        if "/search/" in self.window.url:
            self.press("j")
            self.go("Enter")

    def sees(self, *words: str) -> None:
        for one in words:
            self.window.get_by_text(one).locator("visible=true").first.wait_for()

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        """What is pressed and typed inside is the effort of that task."""
        before = Effort(self.effort.presses, self.effort.typed)
        yield
        self.tasks[name] = Effort(self.effort.presses - before.presses, self.effort.typed - before.typed)
