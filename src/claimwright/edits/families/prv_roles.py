"""PRV: those who refer, order, supervise and perform beside the one who renders."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from claimwright.claims.nouns import ZERO, Claim, Line, Provider
from claimwright.codes.identifiers import Npi
from claimwright.codes.service_rules import may_order, service
from claimwright.edits.compiled import ByIdentity, CodeIndex
from claimwright.edits.facts import Facts
from claimwright.edits.payer_profile import PayerProfile, ReferringRule
from claimwright.edits.records import RegistryEntry
from claimwright.edits.shapes import CMS, FRONT_END, REJECT, TR3, WARN, Finding, Hits, Unanswered, edit
from claimwright.edits.tables import WORKS_ON_ORDERS

GUIDE = "005010X222A1"
ORDERING = CMS("42 CFR 424.507", "ordering and certifying practitioners are enrolled and eligible")
LAST_NAME_COMPARED, FIRST_NAME_COMPARED = 4, 1  # letters that Medicare itself compares


def _referring_of(claim: Claim) -> Iterator[tuple[str, Provider]]:
    """Who referred or ordered, of the claim and of its lines."""
    if claim.referring is not None:
        yield "referring", claim.referring
    for index, line in enumerate(claim.lines):
        if line.ordering is not None:
            yield f"lines[{index}].ordering", line.ordering
        if line.referring is not None:
            yield f"lines[{index}].referring", line.referring


def _index(rules: tuple[ReferringRule, ...]) -> CodeIndex[ReferringRule]:
    return CodeIndex((rule.codes, rule) for rule in rules)


_rules: ByIdentity[ReferringRule, CodeIndex[ReferringRule]] = ByIdentity(_index)


def _asks(rule: ReferringRule, claim: Claim, line: Line) -> bool:
    on = line.date_from or claim.date_of_service
    if on is None or not rule.holds(on):
        return False
    if rule.codes and not any(codes.holds(line.procedure_code, line.modifiers) for codes in rule.codes):
        return False
    if rule.groups and claim.coverage.group_number not in rule.groups:
        return False
    if rule.filing_indicators and claim.coverage.payer.filing_indicator not in rule.filing_indicators:
        return False
    if (line.place_of_service or claim.place_of_service) in rule.except_places:
        return False
    rendering = line.rendering or claim.rendering or claim.billing_provider
    return not rule.except_specialties or not rendering.taxonomy.startswith(rule.except_specialties)


@edit(
    "PRV04",
    REJECT,
    says="{0} needs the referring provider: {1}",
    fix="Add the referring provider, name and NPI",
    cites=[
        CMS("Medicare Claims Processing Manual 100-04", "chapter 26, 10.4 items 17 and 17b"),
        TR3(GUIDE, "2310A DN"),
    ],
    needs=("payer",),
)
def referring_is_named(claim: Claim, facts: Facts) -> Hits:
    rules = facts.payer.referring_rules if facts.payer is not None else ()
    if not rules or claim.kind == "I":  # there the attending provider answers for the care: PRV01
        return
    named = claim.referring is not None and bool(claim.referring.npi.strip())
    if named:
        return
    index = _rules(rules)
    for line in claim.lines:
        if line.referring is not None and line.referring.npi.strip():
            continue
        for rule in index.at(line.procedure_code):
            if _asks(rule, claim, line):
                yield "referring" if claim.referring is None else "referring.npi", line.procedure_code, rule.source
                return  # one referring provider speaks for all lines


def _works_on_orders(claim: Claim, line: Line, facts: Facts) -> bool:
    """Whether whoever did it had it ordered by another: a supplier, or a specialty that sees no patients of its own."""
    if facts.practice is not None and facts.practice.bills_as_supplier:
        return True
    doer = line.rendering or claim.rendering
    return doer is not None and doer.taxonomy.startswith(WORKS_ON_ORDERS)


@edit(
    "PRV05",
    REJECT,
    says="{0} is done on an order ({1}), and nobody is named who ordered it",
    fix="Add the ordering provider, name and NPI, on the line",
    cites=[ORDERING, TR3(GUIDE, "2420E DK, 2310A DN"), CMS("42 CFR 410.32(a), 410.38(d)", "orders")],
    needs=("payer",),
    uses=("practice",),
)
def ordering_is_named(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.requires_ordering or claim.kind != "P":
        return
    if claim.referring is not None and claim.referring.npi:
        return
    for index, line in enumerate(claim.lines):
        on = line.date_from
        kinds = service(line.procedure_code)
        if not kinds.orders or on is None or "26" in line.modifiers:
            continue  # a reading alone is the reader's own service
        who = line.ordering or line.referring
        kind = kinds.ordered_on(on)
        if kind and (who is None or not who.npi.strip()) and _works_on_orders(claim, line, facts):
            yield f"lines[{index}].ordering", line.procedure_code, kind


# Services done on an order, and what the list of those who may order calls them.
LISTED_AS = {"equipment": "DME", "laboratory": "PARTB", "imaging": "PARTB"}


def _ordered_of(claim: Claim) -> Iterator[tuple[str, Provider, str]]:
    """Who referred or ordered, with the kind of service where it is one that is done on an order."""
    if claim.referring is not None:
        yield "referring", claim.referring, ""
    for index, line in enumerate(claim.lines):
        if line.ordering is not None:
            on = line.date_from or claim.date_of_service
            kind = service(line.procedure_code).ordered_on(on) if on is not None else ""
            yield f"lines[{index}].ordering", line.ordering, kind
        if line.referring is not None:
            yield f"lines[{index}].referring", line.referring, ""


def _fault_in_ordering(provider: Provider, entry: RegistryEntry | None, kind: str, listed: bool) -> str:
    """`listed`: the payer goes by Medicare's list, which then has the last word on who may."""
    if provider.is_organization:
        return "an organization, and only a person may order"
    if entry is not None and entry.may_order:
        category = LISTED_AS.get(kind, "")
        if listed and category and entry.ordering and category not in entry.ordering:
            return f"on the list of those who may order and refer (PECOS), but not for {kind}"
        return ""
    taxonomies = (provider.taxonomy,) if provider.taxonomy else _registered(entry)
    if taxonomies and not any(may_order(taxonomy) for taxonomy in taxonomies):
        return f"of a specialty that may not order ({taxonomies[0]})"
    if listed and entry is not None and entry.may_order is False:
        return "not on the list of those who may order and refer (PECOS)"
    return ""


def _registered(entry: RegistryEntry | None) -> tuple[str, ...]:
    return (entry.taxonomy, *entry.other_taxonomies) if entry is not None and entry.taxonomy else ()


@edit(
    "PRV06",
    REJECT,
    says="{0} (NPI {1}) orders or refers and is {2}",
    fix="Not eligible to order: replace by who may, or have them enrol",
    cites=[ORDERING, CMS("42 CFR 410.32(a), 455.410(b)", "who may order")],
    needs=("payer",),
    uses=("registry",),
)
def ordering_is_eligible(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.checks_ordering:
        return
    registry, on = facts.registry or {}, claim.date_of_service
    listed = facts.payer.kind != "medicaid"  # each state has a list of its own, and Medicare's says nothing of it
    for path, provider, kind in _ordered_of(claim):
        entry = registry.get(provider.npi)
        fault = _fault_in_ordering(provider, entry, kind, listed)
        if fault:
            yield f"{path}.npi", provider.name, provider.npi, fault
        elif listed and entry is not None and entry.may_order is None and entry.list_of is not None:
            yield Unanswered(f"{path}.npi", f"the list of who may order is of {entry.list_of}, too far from {on}")


def _letters(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum())


def to_registry_spelling(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The registry's spelling of a name that begins alike. Another name altogether may be another person."""
    registry = facts.registry or {}
    for path, provider in _referring_of(claim):
        entry = registry.get(provider.npi)
        if finding.path != f"{path}.last_name" or entry is None:
            continue
        last = _letters(provider.last_name)[:LAST_NAME_COMPARED] == _letters(entry.last_name)[:LAST_NAME_COMPARED]
        first = _letters(provider.first_name)[:FIRST_NAME_COMPARED] == _letters(entry.first_name)[:FIRST_NAME_COMPARED]
        if not (last and first):
            return None
        spelled = msgspec.structs.replace(provider, last_name=entry.last_name, first_name=entry.first_name)
        return _with_provider(claim, path, spelled)
    return None


def _with_provider(claim: Claim, path: str, provider: Provider) -> Claim:
    if path == "referring":
        return msgspec.structs.replace(claim, referring=provider)
    index = int(path.partition("[")[2].partition("]")[0])
    role = path.rpartition(".")[2]
    lines = list(claim.lines)
    lines[index] = msgspec.structs.replace(lines[index], **{role: provider})
    return msgspec.structs.replace(claim, lines=tuple(lines))


@edit(
    "PRV07",
    WARN,
    says="The name {0} differs from the registry's for NPI {1}: {2}",
    fix="Name mismatch: match the registry's spelling, or correct the NPI",
    cites=[ORDERING, TR3(GUIDE, "2310A and 2420E NM103, NM104")],
    needs=("registry",),
    mends=to_registry_spelling,
)
def names_are_the_registrys(claim: Claim, facts: Facts) -> Hits:
    registry = facts.registry or {}
    for path, provider in _referring_of(claim):
        entry = registry.get(provider.npi)
        if entry is None or not entry.last_name or provider.is_organization:
            continue
        same = provider.last_name == entry.last_name and provider.first_name == entry.first_name
        if same or (
            _letters(provider.last_name) == _letters(entry.last_name)
            and _letters(provider.first_name) == _letters(entry.first_name)
        ):
            continue
        yield f"{path}.last_name", provider.name, provider.npi, f"{entry.first_name} {entry.last_name}".strip()


@edit(
    "PRV08",
    REJECT,
    says="{0} was done under a supervisor, and none is named",
    fix="Add the supervising provider, name and NPI",
    cites=[CMS("42 CFR 410.26(b)(5)", "incident-to services"), TR3(GUIDE, "2310D DQ, 2420D")],
    uses=("encounter", "payer"),
)
def supervisor_is_named(claim: Claim, facts: Facts) -> Hits:
    if (claim.supervising is not None and claim.supervising.npi) or claim.kind == "I":  # 837I names none
        return
    supervised = facts.encounter is not None and facts.encounter.supervised
    marks = facts.payer.supervised_modifiers if facts.payer is not None else ()
    if not supervised and not marks:
        return
    for line in claim.lines:
        if line.supervising is not None and line.supervising.npi:
            continue
        if supervised or not set(marks).isdisjoint(line.modifiers):
            yield "supervising", line.procedure_code
            return  # the claim's supervisor speaks for every line


def lift_referring(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The one referring provider of the lines as the claim's. Not where the lines have several."""
    found = {line.referring for line in claim.lines if line.referring is not None}
    if claim.referring is not None or len(found) != 1:
        return None
    lines = tuple(msgspec.structs.replace(line, referring=None) for line in claim.lines)
    return msgspec.structs.replace(claim, referring=found.pop(), lines=lines)


@edit(
    "PRV09",
    REJECT,
    says="The line names a referring provider ({0}) and the claim names none",
    fix="Move it to the claim level too; a line names one only where it differs",
    cites=[FRONT_END("CMS 5010 837P edits", "2420F without 2310A"), TR3(GUIDE, "2310A, 2420F")],
    mends=lift_referring,
)
def referring_stands_at_the_claim(claim: Claim, facts: Facts) -> Hits:
    if claim.referring is None:
        for index, line in enumerate(claim.lines):
            if line.referring is not None:
                yield f"lines[{index}].referring", line.referring.npi


def _wants_purchase(payer: PayerProfile | None, line: Line) -> bool:
    return payer is not None and not set(payer.purchased_modifiers).isdisjoint(line.modifiers)


@edit(
    "PRV13",
    REJECT,
    says="{0} was bought from another provider: {1}",
    fix="Add the purchase data: the performing provider's NPI and the price paid",
    cites=[TR3(GUIDE, "2400 PS1, 2420B"), CMS("42 CFR 414.50", "anti-markup payment limitation")],
    uses=("payer",),
)
def purchase_is_whole(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P":  # PS1 is professional
        return
    for index, line in enumerate(claim.lines):
        own = line.professional
        seller = own.purchased_service_provider if own is not None else None
        price = own.purchased_service_amount if own is not None else None
        number = own.purchased_service_id if own is not None else ""
        if (
            seller is None
            and price is None
            and not number
            and not (line.modifiers and _wants_purchase(facts.payer, line))
        ):
            continue
        path = f"lines[{index}].professional"
        if seller is None:
            yield f"{path}.purchased_service_provider", line.procedure_code, "who did it is missing"
        elif not Npi(seller.npi).is_valid:
            yield (
                f"{path}.purchased_service_provider.npi",
                line.procedure_code,
                "the NPI of who did it is missing or wrong",
            )
        if price is None or price <= ZERO:
            yield f"{path}.purchased_service_amount", line.procedure_code, "the price that was paid is missing"


EDITS = (
    referring_is_named,
    ordering_is_named,
    ordering_is_eligible,
    names_are_the_registrys,
    supervisor_is_named,
    referring_stands_at_the_claim,
    purchase_is_whole,
)
