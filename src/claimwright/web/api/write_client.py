"""Writes `claimwright.client` and `docs/api/openapi.json` from what the API declares. A test holds both to it.

DJANGO_SETTINGS_MODULE=claimwright.web.settings python -m claimwright.web.api.write_client
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2] / "client"
ROOT = Path(__file__).parents[4]
# Of subjects that share a struct, the earlier has it and the later imports it.
SUBJECTS = (
    "ledger", "patients", "claims", "payments", "visits", "eligibility", "files", "remittances", "denials", "worklists",
    "bank", "statements", "reports", "setup", "office", "documents", "edi", "following", "webhooks", "registration",
    "duplicates", "before_visit", "queries", "claim_desk", "posting", "counter", "credits", "recoveries", "takebacks",
    "arrangements", "estimates", "mailing", "prevention", "disclosures", "interfaces", "closing", "clients", "takeover",
    "codes", "terms", "settings", "payer_rules", "onboarding",
)  # fmt: skip
TYPES = {
    ("string", "uuid"): "UUID", ("string", "date"): "date", ("string", "date-time"): "datetime",
    ("string", "money"): "Decimal", ("string", "decimal"): "Decimal", ("string", ""): "str",
    ("integer", ""): "int", ("boolean", ""): "bool", ("number", ""): "float", ("null", ""): "None",
}  # fmt: skip
HEAD = '"""{about}. Written by claimwright.web.api.write_client from the description of the API: change it there."""\n\n# fmt: off\nfrom __future__ import annotations\n\n'
_WORD = re.compile(r"(?<=[ \[\](),|:\n=])\w+(?=[ \[\](),|:\n=])")
IMPORTS = (
    ("from datetime import ", ("date", "datetime")), ("from decimal import ", ("Decimal",)),
    ("from typing import ", ("Any", "Literal")), ("from uuid import ", ("UUID",)),
)  # fmt: skip


def described() -> dict[str, Any]:
    """The description as it is served, in the order in which it is committed."""
    from claimwright.web.api.framework import api
    from claimwright.web.api.urls import api_urls  # noqa: F401 - importing it declares the operations

    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return schema


def type_of(schema: dict[str, Any]) -> str:
    """The annotation of a schema: names of structs as they are."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(one) for one in schema['enum'])}]"
    if "const" in schema:
        return f"Literal[{json.dumps(schema['const'])}]"
    kind = schema.get("type", "")
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {type_of(inner) if isinstance(inner, dict) else 'Any'}]"
    named = str(schema.get("format", ""))
    return TYPES.get((kind, named)) or TYPES.get((kind, ""), "Any")


def names_in(schema: Any) -> Iterator[str]:
    """Structs that a schema refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield str(schema["$ref"]).rpartition("/")[2]
        for value in schema.values():
            yield from names_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from names_in(value)


def homes(schema: dict[str, Any]) -> dict[str, str]:
    """The subject that each struct is written with."""
    structs = schema["components"]["schemas"]
    used: dict[str, set[str]] = {subject: set() for subject in SUBJECTS}
    for operation in operations(schema):
        waiting = set(names_in([operation.get("requestBody", {}), _good(operation)])) - {"Problem"}
        waiting |= set(names_in([one["schema"] for one in operation.get("parameters", ())]))
        subject = operation["tags"][0]
        while waiting:
            name = waiting.pop()
            if name not in used[subject]:
                used[subject].add(name)
                waiting |= set(names_in(structs[name]))
    found: dict[str, str] = {}
    for subject in SUBJECTS:
        for name in used[subject]:
            found.setdefault(name, subject)
    return found


def operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield operation | {"path": path.removeprefix("/api/v1"), "method": method.upper()}


def _good(operation: dict[str, Any]) -> dict[str, Any]:
    """What it answers when it is done: type of bytes, or schema."""
    found = next(one for status, one in operation["responses"].items() if status.startswith("2"))
    return dict(found.get("content", {}))


def _imports(text: str, *, always: str = "") -> str:
    lines = []
    for head, names in IMPORTS:
        used = [name for name in names if name in _names(text)]
        lines += [head + ", ".join(used)] if used else []
    return "\n".join([*lines, *([always] if always else [])])


def _names(text: str) -> set[str]:
    """Words that stand alone: what a text may use."""
    return set(_WORD.findall(f" {text} "))


# Structs -------------------------------------------------------------------------------------------------------------


def structs_of(schema: dict[str, Any], home: dict[str, str], subject: str) -> str:
    """The text of client/structs/<subject>.py."""
    every = schema["components"]["schemas"]
    own = sorted(name for name, place in home.items() if place == subject)
    text = "\n\n\n".join(_struct(name, every[name]) for name in _in_order(own, every))
    others: dict[str, set[str]] = {}
    for name in own:
        for other in names_in(every[name]):
            if home[other] != subject:
                others.setdefault(home[other], set()).add(other)
    base = "from claimwright.client.core import Answer\n" if "(Answer" in text else ""
    ours = "".join(
        f"from claimwright.client.structs.{place} import {', '.join(sorted(names))}\n"
        for place, names in sorted(others.items())
    )
    plain = "import msgspec\n" if "msgspec." in text else ""
    foreign = f"{plain}\n" if plain else ""
    imports = _imports(text)
    return HEAD.format(
        about=f"What the API says and takes of {subject}"
    ) + f"{imports}\n\n{foreign}{base}{ours}\n\n{text}\n".replace("\n\n\n\n", "\n\n\n").lstrip("\n")


def _in_order(names: list[str], every: dict[str, Any]) -> list[str]:
    """Each after those it refers to."""
    done: list[str] = []

    def put(name: str) -> None:
        if name in done or name not in names:
            return
        for other in sorted(set(names_in(every[name]))):
            put(other)
        done.append(name)

    for name in names:
        put(name)
    return done


def _struct(name: str, schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"{name} = {type_of(schema)}"
    taken = schema.get("additionalProperties") is False
    required = set(schema.get("required", ()))
    lines = []
    for field, described_as in schema.get("properties", {}).items():
        kind = type_of(described_as)
        if taken and field not in required:
            kind += " | msgspec.UnsetType = msgspec.UNSET"
        lines.append(f"    {field}: {kind}" + _words(described_as))
    base = "msgspec.Struct, kw_only=True, omit_defaults=True" if taken else "Answer, kw_only=True"
    about = " ".join(str(schema.get("description", "")).split())
    head = f'class {name}({base}):\n    """{about or ("What is asked" if taken else "Part of an answer")}"""\n'
    return head + ("\n" + "\n".join(lines) if lines else "")


def _words(schema: dict[str, Any]) -> str:
    return f"  # {schema['description']}" if schema.get("description") else ""


# Calls ---------------------------------------------------------------------------------------------------------------


def calls_of(schema: dict[str, Any], home: dict[str, str], subject: str) -> str:
    """The text of client/calls/<subject>.py."""
    own = [one for one in operations(schema) if one["tags"][0] == subject]
    text = "\n\n".join(_call(one) for one in own)
    words = _names(text)
    used: dict[str, set[str]] = {}
    for name, place in home.items():
        if name in words:
            used.setdefault(place, set()).add(name)
    ours = "".join(
        f"from claimwright.client.structs.{place} import {', '.join(sorted(names))}\n"
        for place, names in sorted(used.items())
    )
    core = "from claimwright.client.core import Asking" + (", place" if "place(" in text else "") + "\n"
    name = _class(subject)
    body = f"class {name}:\n    def __init__(self, asking: Asking) -> None:\n        self._ask = asking.ask\n\n{text}\n"
    return HEAD.format(about=f"Calls about {subject}") + f"{_imports(text)}\n\n{core}{ours}\n\n{body}".lstrip("\n")


def _class(subject: str) -> str:
    return "".join(word.capitalize() for word in subject.split("_"))


def _call(operation: dict[str, Any]) -> str:
    path, method = operation["path"], operation["method"]
    named = operation.get("parameters", [])
    inside = [one for one in named if one["in"] == "path"]
    query = [one for one in named if one["in"] == "query"]
    headers = {one["name"] for one in named if one["in"] == "header"}
    good = _good(operation)
    answers = type_of(good["application/json"]["schema"]) if "application/json" in good else "bytes"
    takes = [f"{one['name']}: {type_of(one['schema'])}" for one in inside]
    sends = []
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        takes.append(f"body: {type_of(content['application/json']['schema'])}")
        sends.append("body=body")
    elif content:
        takes.append("content: bytes")
        sends.append("content=content")
    for one in sorted(query, key=lambda one: not one.get("required", False)):
        takes.append(
            f"{one['name']}: {type_of(one['schema'])}"
            + ("" if one.get("required") else f" = {_default(one['schema'])}")
        )
    if query:
        sends.append("query={" + ", ".join(f'"{one["name"]}": {one["name"]}' for one in query) + "}")
    if "If-Match" in headers:
        takes.append("if_match: str")
        sends.append("if_match=if_match")
    if "Idempotency-Key" in headers:
        takes.append('key: str = ""')
        sends.append("key=key")
    takes.sort(key=lambda one: " = " in one)
    for one in inside:
        path = path.replace("{" + one["name"] + "}", "{place(" + one["name"] + ")}")
    address = ("f" if inside else "") + json.dumps(path)
    star = ", *, " + ", ".join(takes) if takes else ""
    given = ", ".join([json.dumps(method), address, answers, *sends])
    return (
        f"    def {operation['operationId']}(self{star}) -> {answers}:\n"
        f'        """{operation["summary"]}."""\n'
        f"        found: {answers} = self._ask({given})\n"
        f"        return found"
    )


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    return repr(value) if isinstance(value, bool | int) or value is None else json.dumps(value)


def client_text() -> str:
    """The text of client/client.py: one attribute a subject."""
    imports = "".join(f"from claimwright.client.calls.{one} import {_class(one)}\n" for one in sorted(SUBJECTS))
    lines = "\n".join(f"        self.{one} = {_class(one)}(self._asking)" for one in SUBJECTS)
    return HEAD.format(about="The client, with its calls by subject").replace("# fmt: off\n", "# fmt: off\n") + (
        "from collections.abc import Callable, Iterator\nfrom types import TracebackType\nfrom typing import Any, TypeVar\n\n"
        f"import httpx\n\n{imports}from claimwright.client.core import Asking, Page, every\n\n"
        'T = TypeVar("T")\n\n\n'
        "class Client:\n"
        '    """A program at the API: `Client("https://billing.example", token)`. Use it in a `with`, or close it."""\n\n'
        "    def __init__(self, address: str, token: str, *, timeout: float = 30.0, transport: httpx.BaseTransport | None = None) -> None:\n"
        "        self._asking = Asking(address, token, timeout=timeout, transport=transport)\n"
        f"{lines}\n\n"
        "    def every(self, ask: Callable[..., Page[T]], **wanted: Any) -> Iterator[T]:\n"
        '        """Every row of a list, page by page: `client.every(client.claims.list_claims, state="READY")`."""\n'
        "        return every(ask, **wanted)\n\n"
        "    def close(self) -> None:\n        self._asking.http.close()\n\n"
        "    def __enter__(self) -> Client:\n        return self\n\n"
        "    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:\n"
        "        self.close()\n"
    )


def texts() -> dict[Path, str]:
    """Every file that is written, by its place."""
    schema = described()
    home = homes(schema)
    found = {ROOT / "docs/api/openapi.json": json.dumps(schema, indent=1) + "\n", PACKAGE / "client.py": client_text()}
    for subject in SUBJECTS:
        found[PACKAGE / "structs" / f"{subject}.py"] = structs_of(schema, home, subject)
        found[PACKAGE / "calls" / f"{subject}.py"] = calls_of(schema, home, subject)
    for folder in ("structs", "calls"):
        found[PACKAGE / folder / "__init__.py"] = ""
    return found


def main() -> None:
    import django

    django.setup()
    for path, text in texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
