"""PAY: what this payer and this route take."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from claimwright.claims.nouns import AttachmentReference, Claim, Line
from claimwright.edits.facts import Facts, PriorLine
from claimwright.edits.local_rules import matches
from claimwright.edits.places import first_day_of
from claimwright.edits.shapes import (
    CMS,
    FRONT_END,
    HOLD,
    LOCAL,
    PAYER,
    REJECT,
    TR3,
    WARN,
    Finding,
    Hits,
    Ruled,
    Severity,
    edit,
)
from claimwright.edits.tables import (
    ACCIDENT_OCCURRENCES,
    DECIDED_STATES,
    INJURY_INDICATORS,
    REPLACING_FREQUENCIES,
    STATEMENT_FREQUENCIES,
    VOID,
)

GUIDE = "005010X222A1"
# PWK02 of what is not sent to the payer: kept at the provider's till asked for (AA), or a certificate of medical
# necessity that was sent before (AB), stands in the claim (AD), follows (AF), is left out (AG), or is none (NS).
NOT_SENT = frozenset(("AA", "AB", "AD", "AF", "AG", "NS"))
EMPLOYERS_CARRIER = "WC"
CHARGEABLE, ENCOUNTER = "CH", "RP"  # BHT06
# Payers that pay by law or by public fee schedule: there is no contract to load.
WITHOUT_CONTRACT = frozenset(("medicare", "medicaid", "tricare", "workers_compensation", "auto"))


@edit(
    "PAY01",
    REJECT,
    says="Payer id {0} is not mapped for this route",
    fix="Map the payer to the id that the clearinghouse uses for claims",
    cites=[FRONT_END("Clearinghouse payer list", "837P payer ids"), TR3(GUIDE, "2010BB NM109")],
    uses=("route",),
)
def payer_is_mapped(claim: Claim, facts: Facts) -> Hits:
    payer_id = claim.coverage.payer.payer_id
    if facts.route is not None and facts.route.paper:
        return
    if not payer_id.strip() or (facts.route is not None and payer_id not in facts.route.payer_ids):
        yield "coverage.payer.payer_id", payer_id or "(blank)"


@edit(
    "PAY02",
    REJECT,
    says="{0} takes claims on paper only and this one is routed electronically",
    fix="Print form and send it by mail",
    cites=[PAYER("Payer billing manual", "claims on paper")],
    needs=("payer", "route"),
)
def paper_payer_gets_paper(claim: Claim, facts: Facts) -> Hits:
    payer, route = facts.payer, facts.route
    if payer is not None and route is not None and not payer.electronic and not route.paper:
        yield "coverage.payer", payer.name or payer.payer_id


@edit(
    "PAY03",
    REJECT,
    says="Frequency {0} names no original claim",
    fix="Add the payer's claim number",
    cites=[TR3(GUIDE, "2300 CLM05-3, REF*F8")],
)
def replacement_names_the_original(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency in REPLACING_FREQUENCIES and not claim.payer_claim_number.strip():
        yield "payer_claim_number", claim.frequency


@edit(
    "PAY04",
    REJECT,
    says="The payer takes no claim with frequency {0}",
    fix="Use its reopening or appeal instead",
    cites=[CMS("Medicare Claims Processing Manual 100-04", "chapter 34 reopenings; CMS 5010 837P edits CLM05-3")],
    needs=("payer",),
)
def frequency_is_taken(claim: Claim, facts: Facts) -> Hits:
    if claim.kind == "I" and claim.frequency in STATEMENT_FREQUENCIES:  # they count a stay's bills and correct none
        return
    if facts.payer is not None and claim.frequency not in facts.payer.frequency_codes:
        yield "frequency", claim.frequency or "(blank)"


@edit(
    "PAY05",
    HOLD,
    says="The replacement leaves out {0} of {1} that the original has",
    fix="Send all lines: what is left out is taken back",
    cites=[PAYER("Payer billing manual", "a replacement replaces the whole claim"), TR3(GUIDE, "2300 CLM05-3")],
)
def replacement_has_all_lines(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency != "7" or not facts.demand("original") or facts.original is None:
        return
    kept = {line.control_number: line for line in claim.lines if line.control_number}
    matched = {id(kept[old.control_number]) for old in facts.original.lines if old.control_number in kept}
    left = [line for line in claim.lines if id(line) not in matched]
    for old in facts.original.lines:
        if old.control_number in kept:
            continue
        again = next((line for line in left if _is_line(old, line)), None)
        if again is None:
            yield "lines", old.procedure_code or old.revenue_code, old.date_from
        else:
            left = [line for line in left if line is not again]


def _is_line(old: PriorLine, line: Line) -> bool:
    if old.revenue_code and old.revenue_code != line.revenue_code:
        return False
    return old.procedure_code == line.procedure_code and line.date_from in (old.date_from, None)


@edit(
    "PAY06",
    REJECT,
    says="The original is {0}, not finalized",
    fix="Wait for the remittance of the original",
    cites=[PAYER("Payer billing manual", "replacement of a finalized claim only")],
)
def original_is_finalized(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency not in REPLACING_FREQUENCIES or not facts.demand("original") or facts.original is None:
        return
    if facts.original.state not in DECIDED_STATES:
        yield "frequency", facts.original.state


@edit(
    "PAY07",
    REJECT,
    says="Attachment {0}: {1}",
    fix="Attach the file and give its control number, or take the attachment off the claim",
    cites=[TR3(GUIDE, "2300 and 2400 PWK01, PWK02, PWK06"), PAYER("Payer billing manual", "attachments")],
    uses=("documents",),
)
def attachment_is_there(claim: Claim, facts: Facts) -> Hits:
    for index, one in enumerate(claim.attachments):
        for problem in _attachment_problems(one, facts):
            yield f"attachments[{index}]", one.report_type or "(no type)", problem
    for number, line in enumerate(claim.lines):
        for index, one in enumerate(line.attachments):
            for problem in _attachment_problems(one, facts):
                yield f"lines[{number}].attachments[{index}]", one.report_type or "(no type)", problem


def _attachment_problems(one: AttachmentReference, facts: Facts) -> Iterator[str]:
    if not one.report_type:
        yield "its report type is missing"
    if one.transmission in NOT_SENT:
        return
    number = one.control_number.strip()
    if not number:
        yield "it is to be sent and has no control number"
    elif facts.documents is not None:
        held = [document for document in facts.documents if document.control_number == number]
        if not held:
            yield f"no document with control number {number} is on file"
        elif not any(document.readable for document in held):
            yield f"the document with control number {number} cannot be read"


@edit(
    "PAY08",
    REJECT,
    says="A claim to {0} needs {1}",
    fix="Add the case data from the carrier, the employer or the first report of injury",
    cites=[
        TR3(GUIDE, "2010BA/2010CA REF*Y4, 2300 DTP*439, 2010BA NM1 of the employer"),
        PAYER("State workers compensation and no-fault rules"),
    ],
)
def injury_case_is_complete(claim: Claim, facts: Facts) -> Hits:
    indicator = claim.coverage.payer.filing_indicator
    if indicator not in INJURY_INDICATORS:
        return
    name = claim.coverage.payer.name or indicator
    if not claim.coverage.property_claim_number.strip():
        yield "coverage.property_claim_number", name, "the claim number of the carrier"
    if claim.accident_date is None and not _has_accident_occurrence(claim):
        yield "accident_date", name, "the date of injury"
    if indicator == EMPLOYERS_CARRIER:
        insured = claim.coverage.subscriber
        if not claim.coverage.subscriber_is_organization or not insured.last_name.strip():
            yield "coverage.subscriber", name, "the employer as the insured"


def _has_accident_occurrence(claim: Claim) -> bool:
    """Whether an institutional claim, which has no DTP*439, gives the day as an occurrence."""
    own = claim.institutional
    return own is not None and any(one.code in ACCIDENT_OCCURRENCES and one.on for one in own.occurrences)


@edit(
    "PAY09",
    WARN,
    says="What {0} should pay is not known: {1}",
    fix="Load contract or fee schedule, so that underpayment shows",
    cites=[LOCAL("Contract file", "expected allowed amount of each line")],
    needs=("contracts",),
    uses=("expected_prices",),
)
def expected_amount_is_known(claim: Claim, facts: Facts) -> Hits:
    payer = claim.coverage.payer
    on = first_day_of(claim)
    public = facts.payer is not None and facts.payer.kind in WITHOUT_CONTRACT
    held = [one for one in facts.contracts or () if one.payer_id == payer.payer_id]
    if not public and on is not None and not any(one.holds(on) for one in held):
        yield "coverage.payer", payer.name or payer.payer_id, f"no contract is in force on {on}"
    elif facts.expected_prices is not None:
        for index, line in enumerate(claim.lines):
            price = facts.expected_prices.get(line.control_number)
            if price is not None and price.allowed is None and not price.capitated:
                yield f"lines[{index}]", payer.name or payer.payer_id, f"{line.procedure_code}: {price.reason}"


def send_as_encounter(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The whole claim as an encounter, where every line of it is paid by capitation."""
    prices = facts.expected_prices or {}
    if not all(line.control_number in prices and prices[line.control_number].capitated for line in claim.lines):
        return None
    return msgspec.structs.replace(claim, transaction_type=ENCOUNTER)


@edit(
    "PAY10",
    REJECT,
    says="{0} is paid by capitation and is billed as chargeable",
    fix="Send as encounter (RP), on a claim of its own where other lines are charged",
    cites=[PAYER("Payer contract", "capitated services"), TR3(GUIDE, "BHT06 CH and RP")],
    needs=("expected_prices",),
    mends=send_as_encounter,
)
def capitated_service_is_an_encounter(claim: Claim, facts: Facts) -> Hits:
    prices = facts.expected_prices
    if not prices or claim.transaction_type != CHARGEABLE or claim.frequency == VOID:
        return
    for index, line in enumerate(claim.lines):
        price = prices.get(line.control_number)
        if price is not None and price.capitated:
            yield f"lines[{index}]", line.procedure_code


@edit(
    "PAY11",
    REJECT,
    says="Rule {1}: {0}",
    fix="{2}",
    cites=[LOCAL("Practice's own rules", "its source is named with each rule")],
    needs=("local_rules",),
)
def local_rule_is_kept(claim: Claim, facts: Facts) -> Hits:
    """The severity is the rule's own: it may warn, hold or reject."""
    if not facts.local_rules or claim.frequency == VOID:
        return  # a void says what the original said, and cannot be made right
    for hit in matches(claim, facts.local_rules):
        rule = hit.rule
        yield Ruled(hit.path, Severity(rule.severity), (rule.text, rule.id, rule.fix or "See the rule and its source"))


@edit(
    "PAY12",
    HOLD,
    says="The patient may not be billed ({0}) and {1}",
    fix="Remove patient bill, and give back what was collected",
    cites=[
        CMS("42 U.S.C. 1396a(n)(3)", "Qualified Medicare Beneficiaries"),
        CMS("45 CFR 149.410, 149.420, 149.440", "No Surprises Act"),
    ],
    needs=("patient",),
)
def protected_patient_is_not_billed(claim: Claim, facts: Facts) -> Hits:
    flags = facts.patient
    if flags is None or not flags.balance_billing_ban:
        return
    if flags.patient_charge:
        yield "patient", flags.balance_billing_ban, "an amount of this visit stands open to the patient"
    elif claim.patient_paid:
        yield "patient_paid", flags.balance_billing_ban, "the claim says that the patient has paid"


EDITS = (
    payer_is_mapped,
    paper_payer_gets_paper,
    replacement_names_the_original,
    frequency_is_taken,
    replacement_has_all_lines,
    original_is_finalized,
    attachment_is_there,
    injury_case_is_complete,
    expected_amount_is_known,
    capitated_service_is_an_encounter,
    local_rule_is_kept,
    protected_patient_is_not_billed,
)
