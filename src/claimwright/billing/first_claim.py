"""What is left before a practice's first claim can be sent: what the edits and the sending would stop on, told before.

Pure: a `Standing` is what is known of the practice on a day; `what_is_left` decides. Nothing is filed by hand: what was
put right is no longer missing. A need that `stops` keeps the claims in; any other costs money or time later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from claimwright.claims.nouns import Noun, Provider
from claimwright.codes.identifiers import Npi, PostalCode, TaxId, Taxonomy
from claimwright.edits.families.bil import names_a_post_box
from claimwright.edits.records import RegistryEntry

NAMES_TOLD = 3


class PayerStanding(Noun, frozen=True, kw_only=True):
    """A payer as this practice would bill it. Enrolments are statuses, "" where no row is kept; approved: in force today.

    `asked_for`: the practice keeps an enrolment of any kind with it. `way`: the connection's id, "" on paper.
    """

    id: str
    name: str
    way: str = ""
    has_filing_limit: bool = False
    requires_enrolment: bool = False
    requires_taxonomy: bool = False
    claims: str = ""
    remittances: str = ""
    asked_for: bool = False
    has_contract: bool = True


class WayStanding(Noun, frozen=True, kw_only=True):
    """A connection. `proves_server`: its host key is pinned, or it needs none. `says_who`: submitter, contact, telephone."""

    id: str
    name: str
    active: bool = True
    production: bool = True
    proves_server: bool = True
    says_who: bool = True
    tried: bool = True


class RegisteredStanding(Noun, frozen=True, kw_only=True):
    """Who bills (`provider_id` "") or renders, beside what the loaded lists of providers say of the NPI."""

    provider: Provider
    entry: RegistryEntry
    provider_id: str = ""


class Standing(Noun, frozen=True, kw_only=True):
    """What is known of the practice today. `numbers` are the kinds in force (NPI, EI, SY); `uncovered` titles of code sets
    whose loaded editions do not reach today; `unseen_by` counts workers limited to other practices where no other sees it."""

    provider: Provider
    numbers: frozenset[str]
    locations: int = 0
    renders: tuple[str, ...] = ()  # names of its own providers; of an office with one practice, all
    shared: int = 0  # providers of any practice, where there are several: they may render, or only refer
    without_taxonomy: tuple[str, ...] = ()  # of these
    payers: tuple[PayerStanding, ...] = ()
    ways: tuple[WayStanding, ...] = ()
    prices: int = 0
    uncovered: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()  # titles of code sets never loaded, without which codes are judged by form alone
    registered: tuple[RegisteredStanding, ...] = ()  # none where no list of providers is loaded
    today: date = date.min
    unseen_by: int = 0
    lacks_terms: bool = False  # other clients have terms, this one has none


class Need(Noun, frozen=True, kw_only=True):
    """`page` names where it is put right; `subject` the id of the one row it is about, "" where there are several."""

    key: str
    says: str
    fix: str
    page: str
    subject: str = ""
    stops: bool = True


def named(names: Sequence[str]) -> str:
    """ "A, B, C and 4 more"."""
    more = len(names) - NAMES_TOLD
    return ", ".join(names[:NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def what_is_left(standing: Standing) -> tuple[Need, ...]:
    """In the order in which an office is set up; what stops claims first."""
    found = [
        *_of_practice(standing), *_of_people(standing), *_of_registry(standing), *_of_payers(standing), *_of_ways(standing),
        *_of_enrolments(standing), *_of_codes(standing), *_of_money(standing),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda need: not need.stops))


def billed(standing: Standing) -> tuple[PayerStanding, ...]:
    """The payers that this practice bills: those with whom it keeps an enrolment, and while there are none, all."""
    return tuple(payer for payer in standing.payers if payer.asked_for) or standing.payers


def _of_practice(standing: Standing) -> list[Need]:
    provider, found = standing.provider, list[Need]()

    def need(key: str, says: str, fix: str, *, stops: bool = True) -> None:
        found.append(Need(key=key, says=says, fix=fix, page="practice", stops=stops))

    if not Npi(provider.npi).is_valid or "NPI" not in standing.numbers:
        need("npi", "No NPI is in force today", "Add it with its first day")
    if not TaxId(provider.tax_id).is_valid or standing.numbers.isdisjoint(("EI", "SY")):
        need("tax_id", "No tax id is in force today", "Add it with its first day")
    address = provider.address
    if not (address.line1 and address.city and address.state):
        need("address", "The billing address is not complete", "Enter street, city and state")
    elif names_a_post_box(address.line1) or names_a_post_box(address.line2):
        need("address", "The billing address is a post box", "Give a street; the box goes to the pay-to address")
    if not PostalCode(address.postal_code).has_plus_four:
        need("zip", "The billing ZIP lacks its last four digits", "Look up the ZIP+4")
    if not Taxonomy(provider.taxonomy).is_valid:
        asking = [payer.name for payer in billed(standing) if payer.requires_taxonomy]
        says = f"No taxonomy, and {named(asking)} asks for it" if asking else "No taxonomy: many payers ask for it"
        need("taxonomy", says, "Take it from NPPES", stops=bool(asking))
    if not (provider.contact_name and provider.phone):
        need("contact", "No contact with a telephone", "Enter whom a payer may call", stops=False)
    return found


def _of_people(standing: Standing) -> list[Need]:
    found = []
    if not standing.renders:
        says = "Nobody renders care here yet"
        if standing.shared:
            says = f"None of its own renders care: {standing.shared} are of any practice"
        found.append(
            Need(key="providers", says=says, fix="Add the providers", page="new_provider", stops=not standing.shared)
        )
    if standing.without_taxonomy:
        says = f"No taxonomy for {named(standing.without_taxonomy)}"
        found.append(Need(key="provider_taxonomy", says=says, fix="Take it from NPPES", page="providers", stops=False))
    if not standing.locations:
        says = "No location: visits are then at the billing address, and other systems' places are not known"
        found.append(Need(key="locations", says=says, fix="Add the places of care", page="new_location", stops=False))
    if standing.unseen_by:
        says = f"No coder or biller sees it: {standing.unseen_by} are limited to other practices"
        found.append(Need(key="people", says=says, fix="Give them this practice", page="people", stops=False))
    return found


def _of_registry(standing: Standing) -> list[Need]:
    """What NPPES, the deactivated NPIs and the OIG's exclusions say, where they are loaded: BIL02, PRV10."""
    found = []
    for one in standing.registered:
        provider, entry = one.provider, one.entry
        listed = (entry.taxonomy, *entry.other_taxonomies)
        kind = "2" if provider.is_organization else "1"
        if entry.is_excluded(standing.today, provider.address.state):
            said = ("is excluded from federal programs (OIG)", "Stop, and tell compliance", True)
        elif entry.is_deactivated(standing.today):
            said = ("has a deactivated NPI", "Correct the NPI, or have it reactivated in NPPES", True)
        elif entry.entity_type not in ("", kind):
            registered = "an organization" if entry.entity_type == "2" else "a person"
            said = (f"has the NPI of {registered}", "Compare it with NPPES", True)
        elif provider.taxonomy and any(listed) and provider.taxonomy not in listed:
            said = (
                "has a taxonomy that NPPES does not list for the NPI",
                "Take one that is listed, or add it in NPPES",
                False,
            )
        else:
            continue
        says, fix, stops = said
        page = "provider" if one.provider_id else "practice"
        found.append(
            Need(key=f"registry_{provider.npi}", says=f"{provider.name} {says}", fix=fix, page=page,
                 subject=one.provider_id, stops=stops)
        )  # fmt: skip
    return found


def _of_payers(standing: Standing) -> list[Need]:
    if not standing.payers:
        return [Need(key="payers", says="There is no payer", fix="Add whom it bills", page="new_payer")]
    found, chosen = [], billed(standing)
    on_paper = [payer for payer in chosen if not payer.way]
    if on_paper and standing.ways:
        none_goes = len(on_paper) == len(chosen)
        says = f"No connection for {named([payer.name for payer in on_paper])}: those claims go on paper only"
        one = on_paper[0].id if len(on_paper) == 1 else ""
        found.append(
            Need(key="ways", says=says, fix="Choose it at the payer", page="payer" if one else "payers", subject=one,
                 stops=none_goes)
        )  # fmt: skip
    unknown = [payer for payer in chosen if not payer.has_filing_limit]
    if unknown:
        says = f"No filing limit for {named([payer.name for payer in unknown])}: nobody is warned of it"
        one = unknown[0].id if len(unknown) == 1 else ""
        found.append(
            Need(key="filing_limits", says=says, fix="Take it from the contract or the manual",
                 page="payer" if one else "payers", subject=one, stops=False)
        )  # fmt: skip
    return found


def _of_ways(standing: Standing) -> list[Need]:
    used = {payer.way for payer in billed(standing)}
    if not standing.ways:
        if standing.payers:
            says = "There is no connection to a clearinghouse or payer"
            return [Need(key="connections", says=says, fix="Set it up from the partner's sheet", page="new_connection")]
        return []
    found = []
    for way in standing.ways:
        if way.id not in used:
            continue
        if not way.active:
            said = ("is not in use", "Tick that files go by it", True)
        elif not way.proves_server:
            said = ("trusts no host key yet", "Compare the key with the partner's word, then trust it", True)
        elif not way.says_who:
            said = ("does not say who submits", "Enter the submitter's name, contact and telephone", True)
        elif not way.tried:
            said = ("was never tried with success", "Press Test connection", False)
        elif not way.production:
            said = ("sends test files: no payer pays their claims", "Set production once the partner says so", False)
        else:
            continue
        says, fix, stops = said
        found.append(
            Need(key="connection", says=f"{way.name} {says}", fix=fix, page="connection", subject=way.id, stops=stops)
        )
    return found


def _of_enrolments(standing: Standing) -> list[Need]:
    """BIL08 asks for an approved 837 only where the payer requires it; whoever waits for one elsewhere is told too."""
    found = []
    electronic = [payer for payer in billed(standing) if payer.way]
    open_claims = [payer for payer in electronic if payer.claims != "approved" and (payer.requires_enrolment or payer.claims)]  # fmt: skip
    for status, words in (
        ("", "not begun"),
        ("not_started", "not begun"),
        ("submitted", "under way"),
        ("termed", "ended"),
    ):
        names = [payer.name for payer in open_claims if payer.claims == status]
        if names:
            stops = any(payer.requires_enrolment for payer in open_claims if payer.claims == status)
            says = f"Enrolment for claims is {words}: {named(names)}"
            found.append(
                Need(key=f"enrolment_{status or 'none'}", says=says, fix="Enrol, and enter the approval with its day",
                     page="enrolments", stops=stops)
            )  # fmt: skip
    on_paper = [payer.name for payer in electronic if payer.asked_for and payer.remittances != "approved"]
    if on_paper:
        says = f"No approved enrolment for remittances (835): {named(on_paper)}"
        fix = "Enrol, or their payments come on paper and are keyed"
        found.append(Need(key="enrolment_835", says=says, fix=fix, page="enrolments", stops=False))
    return found


def _of_codes(standing: Standing) -> list[Need]:
    found = []
    if standing.uncovered:
        says = f"Nothing is loaded for visits of today: {named(standing.uncovered)}"
        found.append(Need(key="code_sets", says=says, fix="Import the edition in force", page="code_sets"))
    if standing.unlisted:
        says = f"Never loaded: {named(standing.unlisted)}; such codes are judged by their form alone"
        found.append(Need(key="code_lists", says=says, fix="Import your licensed list", page="code_sets", stops=False))
    return found


def _of_money(standing: Standing) -> list[Need]:
    found = []
    if not standing.prices:
        says = "No price is in force: each charge would be typed by hand"
        found.append(Need(key="prices", says=says, fix="Upload the practice's price list", page="prices", stops=False))
    without = [payer.name for payer in billed(standing) if not payer.has_contract]
    if without:
        says = f"No contract with {named(without)}: underpayments are not seen"
        found.append(Need(key="contracts", says=says, fix="Enter its rates", page="contracts", stops=False))
    if standing.lacks_terms:
        says = "No terms with this client: it is not invoiced"
        found.append(Need(key="terms", says=says, fix="Enter what it pays", page="clients", stops=False))
    return found
