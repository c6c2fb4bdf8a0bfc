"""The pictures of the README, taken anew from the pages: `make shots`, after `make demo`.

    python tools/pictures.py [--address http://127.0.0.1:8000] [--home var/demo]

Without an address it serves the demonstration's books itself. Each picture is the window of a biller at 1280 by 800,
in 160 colours, and under 150 KB. Nothing but synthetic people is on them: they are of the demonstration.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/pictures"
PORT, START_SECONDS = 8974, 180
WIDTH, HEIGHT, COLOURS, MOST_BYTES = 1280, 800, 160, 150_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PERSON, PASSWORD = "owner", "practice-makes-paid"  # of the demonstration

# name, address, and what leads on from there: the link of the first row that is opened, or nothing; light or dark
SHOTS: tuple[tuple[str, str, str, str], ...] = (
    ("home", "/", "", "light"),
    ("claims", "/claims/", "", "light"),
    ("claim", "/claims/?state=ADJUDICATED", "table[data-rows] tbody a[href^='/claims/']", "light"),
    ("denials", "/denials/", "", "light"),
    ("denial", "/denials/", "table[data-rows] tbody a[href^='/denials/']", "dark"),
    ("remittance", "/remittances/?state=partial", "table[data-rows] tbody a[href^='/remittances/']", "light"),
    ("bank", "/bank/", "", "light"),
    ("close", "/close/", "", "dark"),
)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The books of a home, served until the end."""
    command = [
        sys.executable,
        "-m",
        "claimwright.cli",
        "serve",
        "--home",
        str(home),
        "--port",
        str(PORT),
        "--no-worker",
    ]
    process = subprocess.Popen(command, env={**os.environ, "CLAIMWRIGHT_HOME": str(home)})
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(START_SECONDS):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
                break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None:
                    sys.exit("the server ended before it answered: is there a demonstration? `make demo` makes it")
                time.sleep(1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def sign_in(page: Any, person: str = PERSON, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.get_by_label("User name").fill(person)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()


def small(png: bytes) -> bytes:
    """The same picture in few colours: text and flat grounds lose nothing that is seen."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        kept, "PNG", optimize=True
    )
    return kept.getvalue()


def take(page: Any, name: str, path: str, link: str, scheme: str, folder: Path = PICTURES) -> Path:
    """One picture into the folder. Exits where the page is not there or the picture is too large."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme)
    answer = page.goto(path)
    if link and page.locator(link).count():
        answer = page.goto(page.locator(link).first.get_attribute("href"))
    if not answer or answer.status != 200:
        sys.exit(f"{name}: {path} answers {answer.status if answer else 'nothing'}")
    content = small(page.screenshot())
    if len(content) > MOST_BYTES:
        sys.exit(f"{name}: {len(content)} bytes are more than {MOST_BYTES}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(content)
    return folder / f"{name}.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of a server that shows the demonstration")
    parser.add_argument("--home", type=Path, default=ROOT / "var/demo")
    parser.add_argument("names", nargs="*", help="only these")
    asked = parser.parse_args()
    if not asked.address:
        with served(asked.home) as address:
            shoot(address, asked.names)
    else:
        shoot(asked.address, asked.names)


def shoot(address: str, names: list[str]) -> None:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit("Chromium is missing. Install it: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--hide-scrollbars"])
        context = browser.new_context(base_url=address, reduced_motion="reduce")
        context.set_default_timeout(120_000)
        page = context.new_page()
        sign_in(page)
        for shot in SHOTS:
            if not names or shot[0] in names:
                print(take(page, *shot).relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main()
