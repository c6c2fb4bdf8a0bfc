"""PX: modifiers. Which may stand on a code, in which order, in the payer's format, and with which paper."""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.claims.nouns import Claim, Line
from claimwright.codes.code_sets import procedure_set
from claimwright.codes.modifiers import modifier_group
from claimwright.codes.procedure_traits import facility_places, modifier_may_stand
from claimwright.edits.facts import Facts
from claimwright.edits.places import lines_of
from claimwright.edits.schedule import SCHEDULE, covers, gap, schedule_row
from claimwright.edits.shapes import CMS, CODE_SET, HOLD, PAYER, REJECT, WARN, Finding, Hits, edit
from claimwright.edits.shared import once_a_claim

MANUAL = "Medicare Claims Processing Manual 100-04"
INDICATORS = "Medicare physician fee schedule relative value file, indicators"
COMPONENTS = frozenset(("26", "TC"))
# PC/TC indicator: 1 has both components, 6 is a laboratory test with a physician's reading; 4 is global by its code alone.
SPLIT = {"26": frozenset(("1", "6")), "TC": frozenset(("1",))}
GLOBAL_COMPONENTS = frozenset(("1", "4"))
SIDES = frozenset(("LT", "RT"))
WITHOUT_SIDES = {
    "0": "the code is not done on two sides",
    "2": "the code counts both sides already",
    "9": "sides do not apply to the code",
}
HELPERS = {
    **{modifier: ("assistant", frozenset("19"), "an assistant") for modifier in ("80", "81", "82", "AS")},
    "62": ("co_surgeon", frozenset("09"), "two surgeons"),
    "66": ("team", frozenset("09"), "a team"),
}
# CQ and CO change the price too, but stand behind the GP or GO they belong to (100-04 chapter 5, 20.1).
PRICING = modifier_group("pricing") - {"CQ", "CO"}


@once_a_claim
def _modified_lines_of(claim: Claim) -> list[tuple[str, Line, date]]:
    return [(path, line, line.date_from) for path, line in lines_of(claim) if line.modifiers and line.date_from]


def line_changed(claim: Claim, path: str, **changes: object) -> Claim:
    """The claim with fields of the line that `path` names changed."""
    index = int(path.partition("[")[2].partition("]")[0])
    lines = list(claim.lines)
    lines[index] = msgspec.structs.replace(lines[index], **changes)
    return msgspec.structs.replace(claim, lines=tuple(lines))


@edit(
    "PX18",
    REJECT,
    says="{0} with {1}: {2}",
    fix="Use the payer's format for both sides: {3}",
    cites=[CMS(MANUAL, "chapter 12, 40.7"), CMS(INDICATORS, "bilateral surgery"), PAYER("Payer companion guide")],
    uses=SCHEDULE,
)
def both_sides_are_in_the_payers_format(claim: Claim, facts: Facts) -> Hits:
    wanted = facts.payer.bilateral_format if facts.payer is not None else "one_line"
    words = {
        "one_line": "one line, 50, 1 unit",
        "two_units": "one line, 50, 2 units",
        "two_lines": "a line with RT and a line with LT",
    }[wanted]
    for path, line, on in _modified_lines_of(claim):
        sides = SIDES.intersection(line.modifiers)
        if "50" not in line.modifiers:
            if len(sides) == 2:
                yield f"{path}.modifiers", line.procedure_code, "LT and RT", "both sides on one line", words
            continue
        row = schedule_row(facts.relative_values, line.procedure_code, on)
        if row is None and not covers(facts.relative_values, on):
            yield gap(f"{path}.modifiers", on)
        if sides:
            yield f"{path}.modifiers", line.procedure_code, "50", f"{' and '.join(sorted(sides))} says one side", words
        elif row is not None and row.bilateral in WITHOUT_SIDES:
            yield f"{path}.modifiers", line.procedure_code, "50", WITHOUT_SIDES[row.bilateral], "without 50"
        elif wanted == "two_lines":
            yield f"{path}.modifiers", line.procedure_code, "50", "this payer takes two lines", words
        elif line.units != (2 if wanted == "two_units" else 1):
            yield f"{path}.units", line.procedure_code, "50", f"{line.units} units", words


@edit(
    "PX20",
    REJECT,
    says="Modifier {0} does not go with {1}: {2}",
    fix="Remove the modifier, or correct the code",
    cites=[
        CODE_SET("CPT and HCPCS Level II modifiers", "use"),
        CMS(INDICATORS, "PC/TC"),
        CMS(MANUAL, "chapters 12, 16, 17, 20"),
    ],
    uses=SCHEDULE,
)
def modifiers_go_with_the_code(claim: Claim, facts: Facts) -> Hits:
    for path, line, on in _modified_lines_of(claim):
        for index, modifier in enumerate(line.modifiers):
            if modifier in COMPONENTS:
                row = schedule_row(facts.relative_values, line.procedure_code, on)
                if row is None and not covers(facts.relative_values, on):
                    yield gap(f"{path}.modifiers[{index}]", on)
                elif row is not None and row.pc_tc not in SPLIT[modifier]:
                    yield f"{path}.modifiers[{index}]", modifier, line.procedure_code, "it has no such component"
            elif not modifier_may_stand(modifier, line.procedure_code, on) and procedure_set(line.procedure_code):
                yield f"{path}.modifiers[{index}]", modifier, line.procedure_code, "it is for other codes"


@edit(
    "PX22",
    HOLD,
    says="{0} is billed whole at place of service {1}, where the facility bills the technical part",
    fix="Use 26, or the code of the reading alone",
    cites=[CMS(MANUAL, "chapter 12, 20.2; chapter 13, 20.1"), CMS(INDICATORS, "PC/TC")],
    needs=SCHEDULE,
)
def component_suits_the_facility(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P":
        return
    facilities = facility_places()
    for index, line in enumerate(claim.lines):
        place, on = line.place_of_service or claim.place_of_service, line.date_from
        if place not in facilities or on is None or not COMPONENTS.isdisjoint(line.modifiers):
            continue
        path = f"lines[{index}]"
        row = schedule_row(facts.relative_values, line.procedure_code, on)
        if row is None and not covers(facts.relative_values, on):
            yield gap(f"{path}.modifiers", on)
        elif row is not None and row.pc_tc in GLOBAL_COMPONENTS:
            yield f"{path}.modifiers", line.procedure_code, place


@edit(
    "PX23",
    WARN,
    says="{0} has 59, and this payer prefers the modifier that says why",
    fix="Use XE (encounter), XS (structure), XP (practitioner) or XU (unusual), as documented",
    cites=[CMS("MLN Matters SE1503 and MLN1783722", "proper use of modifiers 59 and X{EPSU}")],
    needs=("payer",),
)
def distinct_service_says_why(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.prefers_x_modifiers:
        return
    for path, line, _ in _modified_lines_of(claim):
        if "59" in line.modifiers:
            yield f"{path}.modifiers[{line.modifiers.index('59')}]", line.procedure_code


@edit(
    "PX24",
    REJECT,
    says="{0} has {1}, but {2}",
    fix="Attach the notice that was signed before the service, or change the modifier",
    cites=[CMS(MANUAL, "chapter 30, 50; chapter 23, 20.9.1"), CMS("42 CFR 411.404 and 411.408")],
    needs=("documents",),
)
def notice_backs_its_modifier(claim: Claim, facts: Facts) -> Hits:
    for path, line, on in _modified_lines_of(claim):
        if "GA" in line.modifiers:
            fault = _notice_fault(facts, line, on)
            if fault:
                yield f"{path}.modifiers[{line.modifiers.index('GA')}]", line.procedure_code, "GA", fault
        if "GX" in line.modifiers and "GY" not in line.modifiers:
            at = f"{path}.modifiers[{line.modifiers.index('GX')}]"
            yield at, line.procedure_code, "GX", "not GY, which a voluntary notice goes with"


def _notice_fault(facts: Facts, line: Line, on: date) -> str:
    """What is wrong with the advance notice of a line; "" when one was signed no later than the service."""
    notices = [
        paper
        for paper in facts.documents or ()
        if paper.kind == "abn" and (not paper.lines or line.control_number in paper.lines)
    ]
    if not notices:
        return "no advance notice (ABN) is on file"
    signed = [paper.signed_on for paper in notices if paper.readable and paper.signed_on is not None]
    if not signed:
        return "the notice on file is not signed or cannot be read"
    return "" if min(signed) <= on else f"the notice was signed on {min(signed)}, after the service of {on}"


def _pricing_first(modifiers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(modifiers, key=lambda modifier: modifier not in PRICING))


def reorder(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The same modifiers, those that change the price first."""
    index = int(finding.path.partition("[")[2].partition("]")[0])
    return line_changed(claim, finding.path, modifiers=_pricing_first(claim.lines[index].modifiers))


@edit(
    "PX26",
    WARN,
    says="Modifiers {0} of {1}: {2} changes the price and is not first",
    fix="Reorder: {3}",
    cites=[PAYER("Payer companion guide", "modifiers that change the price come first"), CMS(MANUAL, "chapter 23")],
    mends=reorder,
)
def pricing_modifiers_are_first(claim: Claim, facts: Facts) -> Hits:
    for number, line in enumerate(claim.lines):
        if len(line.modifiers) < 2:
            continue
        ordered = _pricing_first(line.modifiers)
        if ordered != line.modifiers:
            late = next(one for one, was in zip(ordered, line.modifiers, strict=True) if one != was)
            yield f"lines[{number}].modifiers", " ".join(line.modifiers), line.procedure_code, late, " ".join(ordered)


@edit(
    "PX27",
    REJECT,
    says="{0} has {1}, but Medicare's schedule does not pay {2} for it",
    fix="Remove the line or the modifier",
    cites=[
        CMS(INDICATORS, "assistant at surgery, co-surgeons, team surgery"),
        CMS(MANUAL, "chapter 12, 20.4.3 and 40.8"),
    ],
    needs=SCHEDULE,
)
def helping_surgeon_is_allowed(claim: Claim, facts: Facts) -> Hits:
    for path, line, on in _modified_lines_of(claim):
        for index, modifier in enumerate(line.modifiers):
            if modifier not in HELPERS:
                continue
            column, refused, who = HELPERS[modifier]
            row = schedule_row(facts.relative_values, line.procedure_code, on)
            if row is None and not covers(facts.relative_values, on):
                yield gap(f"{path}.modifiers[{index}]", on)
            elif row is not None and getattr(row, column) in refused:
                yield f"{path}.modifiers[{index}]", line.procedure_code, modifier, who


def drop_51(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The line without 51: the payer ranks the procedures itself."""
    index = int(finding.path.partition("[")[2].partition("]")[0])
    left = tuple(modifier for modifier in claim.lines[index].modifiers if modifier != "51")
    return line_changed(claim, finding.path, modifiers=left)


@edit(
    "PX32",
    WARN,
    says="{0} has 51, which this payer does not want",
    fix="Remove 51",
    cites=[CMS(MANUAL, "chapter 12, 40.6"), PAYER("Payer companion guide", "multiple procedures")],
    needs=("payer",),
    mends=drop_51,
)
def modifier_51_is_wanted(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or not facts.payer.refuses_modifier_51:
        return
    for path, line, _ in _modified_lines_of(claim):
        if "51" in line.modifiers:
            yield f"{path}.modifiers[{line.modifiers.index('51')}]", line.procedure_code


EDITS = (
    both_sides_are_in_the_payers_format,
    modifiers_go_with_the_code,
    component_suits_the_facility,
    distinct_service_says_why,
    notice_backs_its_modifier,
    pricing_modifiers_are_first,
    helping_surgeon_is_allowed,
    modifier_51_is_wanted,
)
