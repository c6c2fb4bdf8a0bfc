"""Run every bench module that has a `run()`, or those named: `python -m bench x12 posting`.

Options after one name go to that module's `main`: `python -m bench scrub --slowest`.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def main(names: list[str]) -> int:
    if len(names) > 1 and names[1].startswith("-"):
        return int(importlib.import_module(f"bench.{names[0]}").main(names[1:]))
    found = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    unknown = [name for name in names if name not in found]
    if unknown:
        print(f"no bench named {', '.join(unknown)}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    for name in names or found:
        run = getattr(importlib.import_module(f"bench.{name}"), "run", None)
        if run is not None:
            print(f"== {name}")
            run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
