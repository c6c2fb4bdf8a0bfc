"""SNIP level 4: what one part of a transaction demands of another.

Rules hang on a loop of a guide and run once when that loop is complete. A rule looks at its loop, at all below it, at
the own segments of the loops above and at their loops that do not repeat and came before. It never looks at siblings:
a checker that streams has let them go. What needs memory over a whole transaction is kept by the caller
(`ClaimNumbers`). The words, severities, fixes and sources of all situations are in `tables.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from claimwright.x12.findings import Findings
from claimwright.x12.guides import Guide
from claimwright.x12.guides.rows import LoopRows
from claimwright.x12.loops import Loop
from claimwright.x12.situations import claims, dental, institutional, loop_headers, professional, providers, remittance
from claimwright.x12.situations.facts import tell
from claimwright.x12.situations.numbers import ClaimNumbers
from claimwright.x12.situations.tables import SITUATIONS, Situation

Rule = Callable[[Loop, Findings], None]
CLAIM_LOOPS = ("2300", "2100")


def check_child_levels(loop: Loop, findings: Findings) -> None:
    """HL04 against the levels below. The last level below must still be in `loop.loops`; earlier ones may be gone."""
    hl = loop.segments[0] if loop.segments else None
    if hl is None or hl.elements[0] != "HL" or hl[4] not in ("0", "1"):
        return
    if hl[4] == "1" and _is_rejected(loop):
        return
    below = any(inner.segments and inner.segments[0].elements[0] == "HL" for inner in loop.loops)
    if below != (hl[4] == "1"):
        says = "a level is promised and none comes" if hl[4] == "1" else "the level below is denied"
        tell(findings, "SNIP4-HL-CHILD", hl, loop, 4, value=hl[4], detail=says)


def _is_rejected(loop: Loop) -> bool:
    """A 271 that answers with AAA ends at the level it refuses, and says HL04 1 all the same."""
    return any(segment.elements[0] == "AAA" for part in (loop, *loop.loops) for segment in part.segments)


_BILLING: dict[str, tuple[Rule, ...]] = {
    "2010AA": (providers.check_billing_provider,),
    "2010AB": (providers.check_pay_to,),
    "2010BB": (providers.check_payer_numbers,),
    "2000B": (claims.check_subscriber,),
    "2000C": (claims.check_patient,),
}
# By transaction set and the guide's number without its errata.
HEADER_RULES: dict[str, dict[str, tuple[Rule, ...]]] = {
    "271 005010X279": dict.fromkeys(("2110C", "2110D"), (loop_headers.check_loop_header,)),
    "834 005010X220": {"2000": (loop_headers.check_loop_header,)},
}
RULES: dict[str, dict[str, tuple[Rule, ...]]] = {
    "837 005010X222": {
        **_BILLING,
        "2000B": (claims.check_subscriber, claims.check_medicare_secondary),
        "2300": (professional.check_claim,),
        "2310B": (providers.check_rendering,),
        "2310C": (providers.check_facility,),
        "2410": (professional.check_drug,),
        "2420C": (providers.check_facility_of_line,),
    },
    "837 005010X223": {
        **_BILLING,
        "2300": (institutional.check_claim,),
        "2310D": (providers.check_rendering,),
        "2310E": (providers.check_facility,),
        "2410": (professional.check_drug,),
    },
    "837 005010X224": {
        **_BILLING,
        "2300": (dental.check_claim,),
        "2310B": (providers.check_rendering,),
        "2310C": (providers.check_facility,),
        "2420D": (providers.check_facility_of_line,),
    },
    "835 005010X221": {
        "ST_LOOP": (remittance.check_transaction,),
        "1000B": (remittance.check_payee,),
        "2100": (remittance.check_payment,),
    },
    **HEADER_RULES,
}
_NUMBER = 10  # length of 005010X222

_COMPILED: dict[int, tuple[Guide, dict[str, tuple[Rule, ...]]]] = {}


def rules_for(guide: Guide) -> dict[str, tuple[Rule, ...]]:
    """The rules of a guide by loop id: its own, and HL04's for every loop that an HL opens. Built once."""
    found = _COMPILED.get(id(guide))  # by identity: hashing a guide would hash its thousand rows
    if found is None:
        rules = dict(RULES.get(f"{guide.set_id} {guide.id[:_NUMBER]}", {}))
        for loop_id in _levels(guide.root):
            rules[loop_id] = (check_child_levels, *rules.get(loop_id, ()))
        found = _COMPILED[id(guide)] = (guide, rules)
    return found[1]


def header_rules_for(guide: Guide) -> dict[str, tuple[Rule, ...]]:
    """Those of the rules that are of level 2: LS and LE around the loops that they open and close."""
    return HEADER_RULES.get(f"{guide.set_id} {guide.id[:_NUMBER]}", {})


def _levels(rows: LoopRows) -> set[str]:
    found = {rows.id} if rows.segments and rows.segments[0].shape.id == "HL" else set()
    for inner in rows.loops:
        found |= _levels(inner.loop)
    return found


def check_loop(loop: Loop, findings: Findings) -> None:
    """Run the rules of one complete loop."""
    state = loop.state
    if state is None:
        return
    for rule in rules_for(state.compiled.guide).get(loop.id, ()):
        rule(loop, findings)


def check_claim_number(loop: Loop, numbers: ClaimNumbers, findings: Findings) -> None:
    """Whether the claim (2300) or claim payment (2100) came before in its transaction; `numbers` is the caller's.

    A claim is known by CLM01. A payment is the same when status, amounts and the payer's number are the same too: a
    reversal and its correction share CLP01, and so do the parts of a claim with very many lines.
    """
    first = loop.segments[0] if loop.segments else None
    if first is None or not first[1]:
        return
    elements = first.elements
    if elements[0] == "CLM":
        if numbers.seen(elements[1]):
            tell(findings, "SNIP4-CLAIM-DUPLICATE", first, loop, 1, value=elements[1])
    elif elements[0] == "CLP" and numbers.seen("\x1f".join(elements[1:8])):
        tell(findings, "SNIP4-PAYMENT-DUPLICATE", first, loop, 1, value=elements[1])


__all__ = [
    "RULES",
    "SITUATIONS",
    "ClaimNumbers",
    "Rule",
    "Situation",
    "check_child_levels",
    "check_claim_number",
    "check_loop",
    "header_rules_for",
    "rules_for",
]
