"""FHIR JSON to plain dictionaries: whole, strict about what would mislead, with limits; never a remote look-up."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claimwright.claims.nouns import IntakeProblem

Resource = dict[str, Any]

MAXIMUM_BYTES = 100 * 1024 * 1024
MAXIMUM_DEPTH = 200

# A string is taken whole and without backtracking, so that a broken one costs one pass.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class BundleRefused(ValueError):
    """JSON that is not taken at all. `problem` says why and what to do."""

    def __init__(self, problem: IntakeProblem) -> None:
        super().__init__(f"{problem.code}: {problem.message}")
        self.problem = problem


class _Bad(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_bundle(data: bytes, name: str = "") -> Resource:
    """The Bundle in `data`. Raises BundleRefused for what is no JSON, no Bundle, too large, too deep or ambiguous.

    A repeated key, NaN or Infinity, a NUL and half a surrogate pair are refused: readers disagree about what they mean.
    """
    if len(data) > MAXIMUM_BYTES:
        raise BundleRefused(_problem("BUNDLE_TOO_LARGE", name, f"The file is larger than {MAXIMUM_BYTES} bytes"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BundleRefused(_problem("NOT_UTF8", name, f"Byte {error.start} is not UTF-8 text")) from None
    _check_depth(text, name)
    try:
        bundle = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant, parse_float=_number)
    except _Bad as bad:
        raise BundleRefused(_problem(bad.code, name, str(bad))) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BundleRefused(_problem("NOT_JSON", name, f"The text stops being JSON at {place}")) from None
    except (RecursionError, ValueError):  # ValueError: an integer of more digits than Python reads
        raise BundleRefused(_problem("NOT_JSON", name, "The JSON is nested too deep or holds a huge number")) from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise BundleRefused(_problem("NOT_A_BUNDLE", name, "The top resource is not a Bundle"))
    return bundle


def archive_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each JSON file of a tar archive (plain or compressed), in order of its name. Nothing is written to disk."""
    with tarfile.open(path) as archive:
        members = [member for member in archive.getmembers() if member.isfile() and member.name.endswith(".json")]
        for member in sorted(members, key=lambda member: member.name):
            if member.size > MAXIMUM_BYTES:
                yield member.name, b""
                continue
            stream = archive.extractfile(member)
            yield member.name, stream.read() if stream else b""


def read_archive(path: Path) -> Iterator[tuple[str, Resource]]:
    """Each bundle of a tar archive as (name, dictionary). Raises BundleRefused at one that cannot be taken."""
    for name, data in archive_members(path):
        yield name, parse_bundle(data, name)


class Index:
    """The resources of one bundle by every name a reference inside it may use."""

    def __init__(self, bundle: Resource) -> None:
        self.resources: list[Resource] = []
        self._by_reference: dict[str, Resource] = {}
        for entry in items(bundle, "entry"):
            resource = entry.get("resource")
            if not isinstance(resource, dict):
                continue
            self.resources.append(resource)
            kind, identity = text(resource, "resourceType"), text(resource, "id")
            for reference in (text(entry, "fullUrl"), f"{kind}/{identity}" if identity else ""):
                if reference:
                    self._by_reference.setdefault(reference, resource)

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.get("resourceType") == kind]

    def resolve(self, holder: Resource, reference: object) -> Resource | None:
        """What a Reference points at inside this bundle or `contained`; None for all else. Follows one step only."""
        if not isinstance(reference, dict):
            return None
        target = text(reference, "reference")
        if target.startswith("#"):
            for contained in items(holder, "contained"):
                if text(contained, "id") == target[1:]:
                    return contained
            return None
        return self._by_reference.get(target)


def text(resource: object, key: str) -> str:
    """A string member, "" when absent or of another kind."""
    value = resource.get(key) if isinstance(resource, dict) else None
    return value if isinstance(value, str) else ""


def child(resource: object, key: str) -> Resource:
    value = resource.get(key) if isinstance(resource, dict) else None
    return value if isinstance(value, dict) else {}


def items(resource: object, key: str) -> list[Resource]:
    """The objects of a list member; a lone object counts as a list of one."""
    value = resource.get(key) if isinstance(resource, dict) else None
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(resource: object, key: str) -> list[str]:
    value = resource.get(key) if isinstance(resource, dict) else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def codings(concept: object) -> list[tuple[str, str]]:
    """(system, code) of each coding of a CodeableConcept."""
    return [(text(coding, "system"), text(coding, "code")) for coding in items(concept, "coding")]


def _problem(code: str, name: str, message: str) -> IntakeProblem:
    fix = "Ask the sender for the bundle again as FHIR R4 JSON; nothing of this file was taken"
    return IntakeProblem(code=code, place=name, message=message, fix=fix)


def _check_depth(document: str, name: str) -> None:
    """Counts brackets outside strings, so that no parser has to be trusted with the depth."""
    depth = 0
    for match in _BRACKETS.finditer(document):
        character = match[0]
        if character in "[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise BundleRefused(
                    _problem("BUNDLE_TOO_DEEP", name, f"The JSON is nested deeper than {MAXIMUM_DEPTH} levels")
                )
        elif character in "]}":
            depth -= 1


def _members(pairs: list[tuple[str, Any]]) -> Resource:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Bad("DUPLICATE_KEY", "An object holds the same key twice")
    for value in members.values():
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str) and "\x00" in one:
                raise _Bad("BAD_TEXT", "A text holds a NUL, which no text of FHIR has")
            if isinstance(one, str) and not one.isascii():
                try:
                    one.encode()
                except UnicodeEncodeError:
                    raise _Bad("BAD_TEXT", "A text holds half a surrogate pair") from None
    return members


def _refuse_constant(name: str) -> None:
    raise _Bad("NOT_A_NUMBER", "The JSON holds NaN or Infinity, which JSON does not have")


def _number(literal: str) -> str:
    """A decimal stays text, exactly as written: amounts are made Decimal where they are read, never float."""
    return literal
