"""PRV: the standing of those named on the claim. Enrolment, exclusion, substitutes, specialty."""

from __future__ import annotations

from datetime import date

from claimwright.claims.nouns import Claim, Line, Provider
from claimwright.codes.service_rules import service
from claimwright.edits.facts import Enrolment, Facts
from claimwright.edits.places import providers_of, renderings_of
from claimwright.edits.records import RegistryEntry
from claimwright.edits.shapes import CMS, CODE_SET, HOLD, LOCAL, PAYER, REJECT, WARN, Hits, edit
from claimwright.edits.tables import SUBSTITUTE_DAYS, SUBSTITUTES

PARTICIPATION = "participation"  # Enrolment.transaction of a provider with a payer, beside 837 of a practice


def _standing(rows: list[Enrolment], provider: Provider, claim: Claim, on: date) -> str:
    """Why the provider is not known to be enrolled on the day; "" where they are."""
    tax_id = claim.billing_provider.tax_id
    own = [row for row in rows if row.npi == provider.npi and row.tax_id in ("", tax_id)]
    if any(row.approved_on(on) for row in own):
        return ""
    if not own:
        return "no enrolment under this tax id is on file"
    approved = [row for row in own if row.status == "approved"]
    if approved:
        starts = [row.start for row in approved if row.start is not None and row.start > on]
        return f"approved from {min(starts)} only" if starts else "the enrolment has ended"
    return f"the enrolment is {own[-1].status.replace('_', ' ')}"


@edit(
    "PRV03",
    HOLD,
    says="Rendering provider {0} is not enrolled with the payer on {1}: {2}",
    fix="Not credentialed: hold until approval (some payers date it back), or reassign to who did supervise it",
    cites=[PAYER("Payer enrolment of providers", "effective date by tax id"), CMS("42 CFR 424.516, 424.520, 424.521")],
    needs=("payer", "enrolments"),
)
def rendering_is_enrolled(claim: Claim, facts: Facts) -> Hits:
    payer, on = facts.payer, claim.date_of_service
    if payer is None or on is None:
        return
    rows = [
        row for row in facts.enrolments or () if row.transaction == PARTICIPATION and row.payer_id == payer.payer_id
    ]
    if not rows and not payer.requires_provider_enrolment:
        return  # the practice keeps no such list of this payer
    for path, provider in renderings_of(claim):
        why = _standing(rows, provider, claim, on)
        if why:
            yield f"{path}.npi", provider.npi, on, why


Registry = dict[str, RegistryEntry]


class _Flagged:
    """The entries that say anything against their holder, for the registry last asked about: mostly none."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[Registry | None, Registry] = (None, {})

    def __call__(self, registry: Registry | None) -> Registry:
        last = self._last  # one read: another thread may be writing
        if last[0] is registry:
            return last[1]
        entries = (registry or {}).values()
        found = {one.npi: one for one in entries if one.excluded_on is not None or one.deactivated_on is not None}
        self._last = (registry, found)
        return found


_flagged = _Flagged()


@edit(
    "PRV10",
    REJECT,
    says="NPI {0} is {1}",
    fix="Provider excluded or inactive: stop, and tell compliance; replace the NPI if it was mistyped",
    cites=[
        CMS("42 CFR 1001.1901(b)", "no payment for what an excluded person furnishes, orders or prescribes"),
        CMS("NPPES deactivated NPI report; OIG List of Excluded Individuals/Entities"),
    ],
    needs=("registry",),
)
def nobody_is_excluded(claim: Claim, facts: Facts) -> Hits:
    flagged, on = _flagged(facts.registry), claim.date_through
    if not flagged or on is None:
        return
    for path, provider in providers_of(claim):
        entry = flagged.get(provider.npi)
        if entry is None:
            continue
        if entry.is_excluded(on, claim.billing_provider.address.state):
            yield f"{path}.npi", provider.npi, f"excluded from federal programs since {entry.excluded_on}"
        elif entry.is_deactivated(on):
            yield f"{path}.npi", provider.npi, f"deactivated since {entry.deactivated_on}"


@edit(
    "PRV14",
    HOLD,
    says="{0} has {1} on day {2} of the substitution that began on {3}; {4} days are allowed",
    fix="Locum limit exceeded: enrol the substitute and bill under their own NPI; override for active military duty",
    cites=[
        CMS("42 USC 1395u(b)(6)(D)", "reciprocal and fee-for-time arrangements"),
        CMS("Medicare Claims Processing Manual 100-04", "chapter 1, 30.2.10 and 30.2.11"),
    ],
    needs=("locum_periods",),
)
def substitution_is_within_its_days(claim: Claim, facts: Facts) -> Hits:
    for index, line in enumerate(claim.lines):
        if not line.modifiers or line.date_from is None or SUBSTITUTES.isdisjoint(line.modifiers):
            continue
        npi = (line.rendering or claim.rendering or claim.billing_provider).npi
        starts = [
            period.first_day
            for period in facts.locum_periods or ()
            if period.rendering_npi == npi and period.first_day <= line.date_from
        ]
        if starts and (days := (line.date_from - max(starts)).days + 1) > SUBSTITUTE_DAYS:
            modifier = next(one for one in line.modifiers if one in SUBSTITUTES)
            yield f"lines[{index}].modifiers", line.procedure_code, modifier, days, max(starts), SUBSTITUTE_DAYS


def _usual(facts: Facts, line: Line, on: date) -> tuple[str, ...]:
    """The specialties that bill the code: the payer's own rule before the general table."""
    for rule in facts.payer.specialty_rules if facts.payer is not None else ():
        if rule.codes.holds(line.procedure_code, line.modifiers):
            return rule.specialties
    return service(line.procedure_code).specialties_on(on)


@edit(
    "PRV15",
    WARN,
    says="{0} is unusual for the specialty {1} of the rendering provider",
    fix="Specialty mismatch: verify the rendering provider and the taxonomy code",
    cites=[
        PAYER("Payer specialty edits"),
        CODE_SET("NUCC Health Care Provider Taxonomy"),
        LOCAL("Table procedure_specialties"),
    ],
    uses=("payer", "registry"),
)
def specialty_suits_the_service(claim: Claim, facts: Facts) -> Hits:
    own_rules = facts.payer is not None and facts.payer.specialty_rules
    for index, line in enumerate(claim.lines):
        if line.date_from is None or not (own_rules or service(line.procedure_code).specialties):
            continue
        provider = line.rendering or claim.rendering
        if provider is None or provider.is_organization:
            continue
        entry = facts.registry.get(provider.npi) if facts.registry else None
        taxonomy = provider.taxonomy or (entry.taxonomy if entry is not None else "")
        usual = _usual(facts, line, line.date_from)
        if taxonomy and usual and not taxonomy.startswith(usual):
            if (
                not provider.taxonomy
                and entry is not None
                and any(one.startswith(usual) for one in entry.other_taxonomies)
            ):
                continue  # the claim names none, and one of those registered suits
            path = f"lines[{index}].rendering" if line.rendering is not None else "rendering"
            yield f"{path}.taxonomy", line.procedure_code, taxonomy


EDITS = (
    rendering_is_enrolled,
    nobody_is_excluded,
    substitution_is_within_its_days,
    specialty_suits_the_service,
)
