"""Which desk works each worklist, and which lists a year of these three offices cannot fill."""

from __future__ import annotations

from claimwright.simulation.year.desks import (
    appeals,
    arrangements,
    cashier,
    coverage,
    credits,
    exceptions,
    followup,
    holds,
    patients,
    recoveries,
)
from claimwright.web.core.worklists import Worklist

# Of the first desks: they look at the claims, denials and bank lines themselves.
FIRST_DESKS: dict[str, tuple[Worklist, ...]] = {
    "claims": (
        Worklist.EDIT_HOLDS, Worklist.FILE_REJECTIONS, Worklist.CLEARINGHOUSE_REJECTIONS, Worklist.PAYER_REJECTIONS,
    ),
    "denials": (Worklist.DENIALS, Worklist.WRITE_OFF_APPROVALS),
    "bank": (Worklist.BANK_LINES, Worklist.DEPOSITS, Worklist.EFT_WITHOUT_ERA, Worklist.ERA_WITHOUT_EFT),
    "front": (Worklist.UNPRICED_CHARGES,),
}  # fmt: skip
WORKED: dict[str, tuple[Worklist, ...]] = FIRST_DESKS | {
    "appeals": appeals.LISTS, "arrangements": arrangements.LISTS, "cashier": cashier.LISTS, "coverage": coverage.LISTS,
    "credits": credits.LISTS, "posting": exceptions.LISTS, "followup": followup.LISTS, "supervisor": holds.LISTS,
    "patients": patients.LISTS, "recoveries": recoveries.LISTS,
}  # fmt: skip
_NO_SCHEDULE = "the offices hand in superbills and keep no schedule with the billing service"
_NO_PAPERS = "no authorizations are asked for ahead of a visit, and no cards or documents are scanned"
NOT_RAISED: dict[Worklist, str] = {
    Worklist.INTAKE_UNMAPPED_CODES: "superbills come with codes; only an interface brings codes of its own",
    Worklist.FILE_EDITS: "a file's own edits are the builder's, and the builder makes no such file",
    Worklist.NEXT_PAYER: "the second claim is made by posting itself; the list is for claims it cannot make",
    Worklist.EMERGENCY_ACCESS: "a script opens no page, and has no emergency",
    Worklist.INTERFACE_MESSAGES: "the offices hand in superbills, and no other system sends messages",
    Worklist.WEBHOOKS_UNDELIVERED: "no program asked to be told",
    Worklist.AUTHORIZATION_CHASE: _NO_PAPERS,
    Worklist.AUTHORIZATION_PROBLEMS: _NO_PAPERS,
    Worklist.AUTHORIZATION_ANSWERS: _NO_PAPERS,
    Worklist.DOCUMENT_PROBLEMS: _NO_PAPERS,
    Worklist.UNREADABLE_CARDS: _NO_PAPERS,
    Worklist.SCHEDULE_PROBLEMS: _NO_SCHEDULE,
    Worklist.ARRIVED_WITHOUT_NOTE: _NO_SCHEDULE,
    Worklist.NOTE_WITHOUT_CHARGE: _NO_SCHEDULE,
    Worklist.DOCUMENTED_WITHOUT_LINE: _NO_SCHEDULE,
    Worklist.LINE_WITHOUT_DOCUMENTATION: _NO_SCHEDULE,
    Worklist.LAB_RESULT_WITHOUT_CHARGE: _NO_SCHEDULE,
    Worklist.CHARGE_LAG: _NO_SCHEDULE,
    Worklist.PROVIDER_QUERIES: "coding queries are asked of notes, and the offices send codes",
}
