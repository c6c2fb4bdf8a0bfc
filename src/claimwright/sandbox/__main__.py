"""`python -m claimwright.sandbox --root DIR [--port N]` serves; `... day DATE --root DIR` runs a day."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import msgspec

from claimwright.sandbox.day import DayError, advance
from claimwright.sandbox.plan import PlanError
from claimwright.sandbox.server import USERNAME, serve


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="claimwright sandbox")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--plan", default=None)
    parser.add_argument("--username", default=USERNAME)
    parser.add_argument("--password-file", type=Path, default=None)
    parser.add_argument("verb", nargs="?", choices=["serve", "day"], default="serve")
    parser.add_argument("day", nargs="?", type=date.fromisoformat)
    asked = parser.parse_args(arguments)
    try:
        if asked.verb == "serve":
            password = asked.password_file.read_text().strip() if asked.password_file else ""
            serve(asked.root, asked.plan, asked.port, asked.username, password)
        elif asked.day is None:
            parser.error("day needs a date, CCYY-MM-DD")
        else:
            print(msgspec.json.encode(advance(asked.root, asked.day), order="sorted").decode())
    except (DayError, PlanError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
