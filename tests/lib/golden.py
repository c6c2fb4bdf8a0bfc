"""What is expected of each golden file: its loops and its faults, as JSON. `python -m tests.lib.golden` rewrites."""

from __future__ import annotations

import json
from pathlib import Path

from claimwright.x12 import read
from claimwright.x12.check import check
from claimwright.x12.loops import Loop, parse

GOLDEN = Path(__file__).parents[1] / "golden"
KINDS = (
    *("837P", "837I", "837D", "835", "834", "820", "270", "271", "276", "277", "277CA"),
    *("278_request", "278_response", "275", "999", "997"),
)


def files() -> list[Path]:
    return sorted(path for kind in KINDS for path in (GOLDEN / kind).glob("*/*.edi"))


def expected(path: Path) -> Path:
    """Where the expectation of a golden file stands."""
    return path.parents[1] / "out" / f"{path.parent.name}-{path.stem}.json"


def render(data: bytes) -> str:
    document = read(data)
    found = {
        "transactions": [
            {"set": one.set_id, "guide": one.guide, "loops": _outline(parse(one))} for one in document.transactions()
        ],
        "faults": [
            {
                "id": fault.id,
                "severity": str(fault.severity),
                "snip": fault.snip,
                "segment": f"{fault.segment} {fault.segment_id}".strip(),
                "loop": fault.loop,
                "element": f"{fault.element}-{fault.component}" if fault.component else str(fault.element or ""),
                "codes": " ".join(code for code in (fault.segment_code, fault.element_code, fault.ta1) if code),
            }
            for fault in check(document)
        ],
    }
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _outline(loop: Loop) -> str:
    inner = " ".join(_outline(one) for one in loop.loops)
    own = f"{loop.id}:{len(loop.segments)}"
    return f"{own}({inner})" if inner else own


def rewrite() -> None:
    for path in files():
        target = expected(path)
        target.parent.mkdir(exist_ok=True)
        target.write_text(render(path.read_bytes()))


if __name__ == "__main__":
    rewrite()
