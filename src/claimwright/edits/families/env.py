"""ENV: the envelope, and what no file may hold. Most look at the rendered file; ENV03, ENV08, ENV10 at each claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle
from operator import attrgetter, gt
from typing import Any

import msgspec

from claimwright.claims.nouns import Claim, Person, Provider
from claimwright.edits.facts import Facts
from claimwright.edits.interchange import Interchange, Level, Partner
from claimwright.edits.places import lines_of, people_of, priors_of, providers_of
from claimwright.edits.shapes import CMS, FRONT_END, REJECT, TR3, WARN, Hits, Scope, edit
from claimwright.edits.tables import (
    ADDRESS_LENGTHS,
    CLAIM_LENGTHS,
    CLAIMS_PER_TRANSACTION,
    COVERAGE_LENGTHS,
    GUIDES,
    LINE_LENGTHS,
    LINES_PER_CLAIM,
    PERSON_LENGTHS,
)

GUIDE = "005010X222A1"
FILE = Scope.INTERCHANGE
RENDERED = ("interchange",)
WITH_PARTNER = ("interchange", "partner")


def _file(facts: Facts) -> Interchange:
    assert facts.interchange is not None  # a need of each edit that calls this
    return facts.interchange


def _partner(facts: Facts) -> Partner:
    assert facts.partner is not None
    return facts.partner


@edit(
    "ENV01",
    REJECT,
    says="The file's {0} is blank or not the trading partner's",
    fix="Complete the trading partner profile",
    cites=[TR3(GUIDE, "Appendix C ISA06, ISA08, GS02, GS03")],
    needs=WITH_PARTNER,
    scope=FILE,
)
def ids_are_the_partners(claim: Claim, facts: Facts) -> Hits:
    file, partner = _file(facts), _partner(facts)
    for field in ("sender_id", "receiver_id", "group_sender_id", "group_receiver_id"):
        came, held = getattr(file, field), getattr(partner, field)
        if not came or not held or came != held:
            yield f"interchange.{field}", field.replace("_", " ")


@edit(
    "ENV02",
    REJECT,
    says="Interchange control number {0} was used before, or its trailer differs",
    fix="Regenerate the file with the next control number",
    cites=[TR3(GUIDE, "Appendix C ISA13, IEA02")],
    needs=WITH_PARTNER,
    scope=FILE,
)
def control_number_is_new(claim: Claim, facts: Facts) -> Hits:
    file = _file(facts)
    reused = file.control_number in _partner(facts).used_control_numbers
    trailers = [count for count in file.counts if count.segment_id == "IEA"]
    if reused or any(count.trailer_control != file.control_number for count in trailers):
        yield "interchange.control_number", file.control_number


# Nearly every claim is clean, and its JSON tells so at once: JSON escapes control characters by a backslash, and 0xC2
# begins those from 0x80 on. Taken out all that is harmless, the quotes of a clean claim stand in pairs, with nothing
# but the colons of JSON between the pairs; a colon in a text leaves a quote without its pair on either side.
_HARMLESS = bytes(set(range(256)) - set(b'*~^\\\x7f\xc2:"'))
_ILLEGAL = re.compile(r"[*~^:\x00-\x1f\x7f\x80-\x9f\ud800-\udfff]")  # half a surrogate pair is no character of a file
_ENCODE = msgspec.json.Encoder().encode


@edit(
    "ENV03",
    REJECT,
    says="A text holds the illegal character {0}",
    fix="Strip or transliterate it: for example {1}",
    cites=[TR3(GUIDE, "Appendix B.1.1.2.2 character set, B.1.1.2.5 delimiters")],
)
def texts_hold_no_delimiter(claim: Claim, facts: Facts) -> Hits:
    try:
        suspicious = _ENCODE(claim).translate(None, _HARMLESS).replace(b'""', b"").strip(b":")
    except UnicodeEncodeError:
        suspicious = b"half a surrogate pair"
    if suspicious:
        for path, text in _texts(claim, ""):
            found = _ILLEGAL.search(text)
            if found:
                yield path, f"U+{ord(found.group()):04X}", " ".join(_ILLEGAL.sub(" ", text).split())


# What a noun keeps for us and no segment carries.
NEVER_SENT = ("external_ids", "preferred_name", "language")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a noun that may be sent, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name not in NEVER_SENT:
                yield from _texts(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")


@edit(
    "ENV04",
    REJECT,
    says="{0} states count {1} and control number {2}, the file has {3} and {4}",
    fix="Regenerate the file",
    cites=[TR3(GUIDE, "SE01, SE02; Appendix C GE01, GE02, IEA01, IEA02")],
    needs=RENDERED,
    scope=FILE,
)
def trailers_agree(claim: Claim, facts: Facts) -> Hits:
    for index, count in enumerate(_file(facts).counts):
        stated = count.stated.lstrip("0") or "0"
        if stated != str(count.counted) or count.trailer_control != count.header_control:
            path = f"interchange.counts[{index}]"
            yield path, count.segment_id, count.stated, count.trailer_control, count.counted, count.header_control


@edit(
    "ENV05",
    REJECT,
    says="Guide version {0} is not {1}",
    fix="Select the claim type that the file is for",
    cites=[TR3(GUIDE, "GS08, ST03"), CMS("45 CFR 162.1102(c)", "adopted versions")],
    needs=RENDERED,
    scope=FILE,
)
def guide_is_the_claim_types(claim: Claim, facts: Facts) -> Hits:
    file = _file(facts)
    wanted = (GUIDES[file.claim_type],) if file.claim_type else tuple(GUIDES.values())
    for index, guide in enumerate(file.guides or ("",)):
        if guide not in wanted:
            yield f"interchange.guides[{index}]", guide or "(none)", " or ".join(wanted)


@edit(
    "ENV06",
    REJECT,
    says="The file is marked {0}, the connection is {1}",
    fix="Switch the profile between test and production",
    cites=[FRONT_END("Trading partner agreement", "ISA15"), TR3(GUIDE, "Appendix C ISA15")],
    needs=WITH_PARTNER,
    scope=FILE,
)
def usage_is_the_connections(claim: Claim, facts: Facts) -> Hits:
    came, held = _file(facts).usage, _partner(facts).usage
    if came != held:
        yield "interchange.usage", came or "(blank)", held or "(blank)"


@edit(
    "ENV07",
    REJECT,
    says="Hierarchy level {0} has no such parent {1}, or its child flag {2} is wrong",
    fix="Rebuild the hierarchy",
    cites=[TR3(GUIDE, "HL02, HL04")],
    needs=RENDERED,
    scope=FILE,
)
def hierarchy_is_whole(claim: Claim, facts: Facts) -> Hits:
    for transaction, levels in enumerate(_file(facts).levels):
        for index, level in _broken(levels):
            yield f"interchange.levels[{transaction}][{index}]", level.id, level.parent or "(none)", level.child


# The level a level hangs from: patient under subscriber under billing provider.
PARENT_LEVEL = {"20": "", "22": "20", "23": "22"}


def _broken(levels: Sequence[Level]) -> Iterator[tuple[int, Level]]:
    seen: dict[str, str] = {}
    parents = {level.parent for level in levels}
    for index, level in enumerate(levels):
        parent = seen.get(level.parent, "") if level.parent else ""
        hangs = parent == PARENT_LEVEL.get(level.code, "?") and bool(level.parent) == bool(parent)
        counted = level.id == str(index + 1)
        if not hangs or not counted or level.child != ("1" if level.id in parents else "0"):
            yield index, level
        seen[level.id] = level.code


@edit(
    "ENV08",
    REJECT,
    says="{0} lines, more than the {1} a claim may have",
    fix="Split the claim",
    cites=[TR3(GUIDE, "2400 LX, repeat 50"), TR3("005010X223A2", "2400 LX, repeat 999")],
)
def lines_fit_a_claim(claim: Claim, facts: Facts) -> Hits:
    limit = LINES_PER_CLAIM.get(claim.kind, LINES_PER_CLAIM["P"])
    if len(claim.lines) > limit:
        yield "lines", len(claim.lines), limit


@edit(
    "ENV09",
    WARN,
    says="{0} claims in one transaction, more than the recommended {1}",
    fix="Split the batch",
    cites=[FRONT_END("ASC X12N 005010X222A1", "1.3.2 business limitations")],
    needs=RENDERED,
    scope=FILE,
)
def claims_fit_a_transaction(claim: Claim, facts: Facts) -> Hits:
    for index, count in enumerate(_file(facts).claims_per_transaction):
        if count > CLAIMS_PER_TRANSACTION:
            yield f"interchange.claims_per_transaction[{index}]", count, CLAIMS_PER_TRANSACTION


@edit(
    "ENV10",
    REJECT,
    says="Length {0}, where {1} fit",
    fix="Shorten it",
    cites=[TR3(GUIDE, "element lengths: CLM01 20, NTE02 80, NM103 60 and the others")],
)
def values_fit_their_elements(claim: Claim, facts: Facts) -> Hits:
    if not _all_fit(claim):
        for path, noun, lengths in _measured(claim):
            for field, limit in lengths:
                length = len(attrgetter(field)(noun))
                if length > limit:
                    yield f"{path}.{field}" if path else field, length, limit


Lengths = tuple[tuple[str, int], ...]


class _Measure:
    """Tells of many nouns at once whether all their fields fit. Which does not, `_measured` finds."""

    def __init__(self, lengths: Lengths) -> None:
        self._values = attrgetter(*(field for field, _ in lengths))
        self._limits = tuple(limit for _, limit in lengths)

    def fits(self, nouns: Iterable[object]) -> bool:
        values = chain.from_iterable(map(self._values, nouns))
        return not any(map(gt, map(len, values), cycle(self._limits)))


_CLAIM, _COVERAGE, _LINE = _Measure(CLAIM_LENGTHS), _Measure(COVERAGE_LENGTHS), _Measure(LINE_LENGTHS)
_PERSON, _ADDRESS = _Measure(PERSON_LENGTHS), _Measure(ADDRESS_LENGTHS)


def _all_fit(claim: Claim) -> bool:
    people = _people(claim)
    return (
        _CLAIM.fits((claim,))
        and _LINE.fits(claim.lines)
        and _COVERAGE.fits((claim.coverage, *[prior.coverage for prior in claim.prior_payments]))
        and _PERSON.fits([person for _, person in people])
        and _ADDRESS.fits([person.address for _, person in people])
    )


def _people(claim: Claim) -> list[tuple[str, Person | Provider]]:
    return [*people_of(claim), *providers_of(claim)]


def _measured(claim: Claim) -> Iterator[tuple[str, object, Lengths]]:
    yield "", claim, CLAIM_LENGTHS
    yield "coverage", claim.coverage, COVERAGE_LENGTHS
    for path, line in lines_of(claim):
        yield path, line, LINE_LENGTHS
    for path, person in _people(claim):
        yield path, person, PERSON_LENGTHS
        yield f"{path}.address", person.address, ADDRESS_LENGTHS
    for path, prior in priors_of(claim):
        yield f"{path}.coverage", prior.coverage, COVERAGE_LENGTHS


@edit(
    "ENV11",
    REJECT,
    says="Loop {0} lacks {1} that it must have",
    fix="Complete the structure: see loop {0}",
    cites=[TR3(GUIDE, "2.3.1 transaction set listing")],
    needs=RENDERED,
    scope=FILE,
)
def structure_is_complete(claim: Claim, facts: Facts) -> Hits:
    for index, missing in enumerate(_file(facts).missing):
        yield f"interchange.missing[{index}]", missing.loop, missing.segment_id, missing.owner


@edit(
    "ENV12",
    REJECT,
    says="The submitter has no phone or email",
    fix="Add the submitter's phone or email",
    cites=[TR3(GUIDE, "1000A PER")],
    needs=RENDERED,
    scope=FILE,
)
def submitter_can_be_reached(claim: Claim, facts: Facts) -> Hits:
    for index, contacts in enumerate(_file(facts).submitter_contacts):
        if not contacts:
            yield f"interchange.submitter_contacts[{index}]", index + 1


EDITS = (
    ids_are_the_partners,
    control_number_is_new,
    texts_hold_no_delimiter,
    trailers_agree,
    guide_is_the_claim_types,
    usage_is_the_connections,
    hierarchy_is_whole,
    lines_fit_a_claim,
    claims_fit_a_transaction,
    values_fit_their_elements,
    structure_is_complete,
    submitter_can_be_reached,
)
