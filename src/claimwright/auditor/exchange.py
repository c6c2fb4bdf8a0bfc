"""I9 and I10: every file sent, and every step of a claim."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import msgspec

from claimwright.auditor.file_facts import ReadOnce
from claimwright.auditor.report import Check, Cursor, rows
from claimwright.x12 import Interchange, read

SENT_FILES = """
SELECT o.id, o.sha256, o.content, o.sender, o.receiver, o.interchange_control_number, o.group_control_number,
  ARRAY(SELECT v.control_number FROM submissions_submission s JOIN submissions_claimversion v ON v.id = s.version_id
        WHERE s.file_id = o.id) FROM exchange_outboxfile o ORDER BY o.prepared_at, o.id"""


class Sent(msgspec.Struct, frozen=True):
    """What a file's bytes say: its first ISA's and GS's elements, its claims, its interchanges' marks, what repeats."""

    isa: tuple[str, ...]
    gs: tuple[str, ...]
    claims: dict[str, int]
    marks: tuple[tuple[str, str, str], ...]
    repeats: str


def _read(content: bytes) -> Sent:
    document = read(content)
    segments = document.segments
    isa = next((s for s in segments if s.id == "ISA"), None)
    gs = next((s for s in segments if s.id == "GS"), None)
    marks, repeats = [], ""
    for interchange in document.interchanges:
        of = interchange.isa
        marks.append((of[6].strip(), of[8].strip(), of[13].strip()) if of else ("", "", ""))
        repeats = repeats or _repeats(interchange)
    return Sent(
        isa=tuple(isa[at] for at in range(17)) if isa else (), gs=tuple(gs[at] for at in range(9)) if gs else (),
        claims=dict(Counter(s[1] for s in segments if s.id == "CLM")), marks=tuple(marks), repeats=repeats,
    )  # fmt: skip


def _repeats(interchange: Interchange) -> str:
    groups = Counter(group.gs[6].strip() if group.gs else "" for group in interchange.groups)
    sets = Counter(
        (at, transaction.control_number.strip())
        for at, group in enumerate(interchange.groups)
        for transaction in group.transactions
    )
    if any(count > 1 for count in groups.values()):
        return "two groups of an interchange have one control number"
    if any(count > 1 for count in sets.values()):
        return "two transactions of a group have one control number"
    return ""


sent = ReadOnce(_read)


def sent_bytes_are_frozen(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for file, digest, content, sender, receiver, number, group, versions in rows(cursor, SENT_FILES):
        content = bytes(content)
        problem = ""
        if hashlib.sha256(content).hexdigest() != digest:
            problem = "the stored bytes are not those prepared"
        else:
            says = sent(content)
            isa, gs = says.isa, says.gs
            if not isa or not gs or (isa[13].lstrip("0"), gs[6].lstrip("0")) != (str(number), str(group)):
                problem = "the control numbers in the file are not those recorded"
            elif (isa[6].strip(), isa[8].strip()) != (sender.strip(), receiver.strip()):
                problem = "sender or receiver in the file are not those recorded"
            elif says.claims != Counter(versions):
                problem = "the claims in the file are not those recorded"
        yield f"outbox {file}", problem


def control_numbers_are_used_once(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """From the raw bytes: ISA13 by sender and receiver, GS06 within the interchange, ST02 within the group."""
    seen: set[tuple[str, str, str]] = set()
    for file, _, content, *_ in rows(cursor, SENT_FILES):
        says = sent(bytes(content))
        problem = says.repeats
        for mark in says.marks:
            if mark in seen:
                problem = f"its interchange control number {mark[2]} was used before"
            seen.add(mark)
        yield f"outbox {file}", problem


def versions_went_out_once(cursor: Cursor) -> Iterator[tuple[str, str]]:
    query = """SELECT v.control_number, count(s.id), count(s.resend_of_id),
                 coalesce(bool_or(s.resend_of_id IS NOT NULL AND (f.id IS NULL OR f.version_id <> s.version_id
                   OR f.resend_of_id IS NOT NULL)), false)
               FROM submissions_claimversion v JOIN submissions_submission s ON s.version_id = v.id
               LEFT JOIN submissions_submission f ON f.id = s.resend_of_id GROUP BY v.control_number"""
    for control_number, times, resends, strange in rows(cursor, query):
        problem = "" if times - resends == 1 else f"in {times} files, {resends} of them resends"
        if strange:
            problem = "a resend names no first sending of this claim"
        yield f"claim {control_number}", problem


# The claim states of domain.md section 6, written out here on purpose: the table under audit is not asked.
UNSENT = ["DRAFT", "AWAIT_PRIOR", "AWAIT_CROSSOVER", "EDIT_HOLD", "READY"]
SENT = ["SENT", "FILE_ACCEPTED", "CH_ACCEPTED", "PAYER_ACCEPTED", "PENDED", "PAPER_SENT", "TRANSFERRED"]
STEPS = {
    *((a, b) for a in ("DRAFT", "EDIT_HOLD", "READY") for b in ("EDIT_HOLD", "READY", "CANCELLED") if (a, b) != ("READY", "READY")),
    *(("", b) for b in ("DRAFT", "AWAIT_PRIOR")),
    *(("AWAIT_PRIOR", b) for b in ("DRAFT", "AWAIT_CROSSOVER", "CANCELLED")),
    *(("AWAIT_CROSSOVER", b) for b in ("ADJUDICATED", "DRAFT", "CANCELLED")),
    *((a, "ON_HOLD") for a in UNSENT),
    *(("ON_HOLD", a) for a in UNSENT),
    *(("READY", b) for b in ("BATCHED", "PAPER_SENT", "DRAFT")),
    *(("BATCHED", b) for b in ("READY", "SENT")),
    *(("SENT", b) for b in ("FILE_REJECTED", "FILE_ACCEPTED")),
    ("FILE_REJECTED", "READY"),
    *((a, b) for a in ("SENT", "FILE_ACCEPTED") for b in ("CH_REJECTED", "CH_ACCEPTED")),
    *((a, b) for a in ("SENT", "FILE_ACCEPTED", "CH_ACCEPTED") for b in ("PAYER_REJECTED", "PAYER_ACCEPTED")),
    *((a, "PENDED") for a in ("PAYER_ACCEPTED", "PAPER_SENT")),
    *((a, b) for a in SENT for b in ("ADJUDICATED", "TRANSFERRED")),
    *(("ADJUDICATED", b) for b in ("REVERSED", "VOID_PENDING", "CLOSED", "REPLACED", "ADJUDICATED")),
    *(("REVERSED", b) for b in ("ADJUDICATED", "CLOSED")),
    *(("VOID_PENDING", b) for b in ("VOIDED", "ADJUDICATED")),
    ("CLOSED", "ADJUDICATED"),
}  # fmt: skip
# Steps of a claim that another system sent or had decided. They need no answer received here, and only claims of a
# takeover take them.
TAKEOVER_STEPS = {
    ("taken_over", "DRAFT", "SENT"),
    ("taken_over", "SENT", "ADJUDICATED"),
    *(("takeover_undone", a, "CANCELLED") for a in ("SENT", "ADJUDICATED", "CLOSED", "AWAIT_PRIOR")),
}


# What only a partner can say: the step must name the received part that says so.
FROM_OUTSIDE = frozenset(
    ("file_reject", "file_accept", "ch_reject", "ch_accept", "payer_reject", "payer_accept", "pending", "remittance",
     "further_remittance", "transfer", "reversal", "prior_forwarded", "acknowledged_before_confirmed")
)  # fmt: skip
EVENTS = """
SELECT v.control_number, v.state, array_agg(e.ordinal ORDER BY e.ordinal), array_agg(e.from_state ORDER BY e.ordinal),
  array_agg(e.to_state ORDER BY e.ordinal), array_agg(e.moved ORDER BY e.ordinal),
  array_agg(e.trigger ORDER BY e.ordinal), array_agg(e.actor <> '' AND e.at IS NOT NULL ORDER BY e.ordinal),
  array_agg(e.evidence_id IS NOT NULL ORDER BY e.ordinal),
  array_agg(x.source = 'takeover' ORDER BY e.ordinal)
FROM submissions_claimversion v LEFT JOIN submissions_claimevent e ON e.version_id = v.id
JOIN submissions_claim c ON c.id = v.claim_id JOIN charges_encounter x ON x.id = c.encounter_id
GROUP BY v.id, v.control_number, v.state"""


def claims_moved_along_the_table(cursor: Cursor) -> Iterator[tuple[str, str]]:
    for control_number, final, *columns in rows(cursor, EVENTS):
        yield f"claim {control_number}", _step_problem(final, list(zip(*columns, strict=True)))


def _step_problem(final: str, events: list[tuple]) -> str:  # type: ignore[type-arg]
    """What is wrong with the steps of one version, replayed from nothing."""
    if events[0][0] is None:
        return "no event tells how it came to be"
    state = ""
    for expected, (ordinal, source, target, moved, trigger, signed, evidence, brought) in enumerate(events, 1):
        if ordinal != expected:
            return f"event {expected} is missing"
        if not signed:
            return f"event {ordinal} has no actor or time"
        if trigger in FROM_OUTSIDE and not evidence:
            return f"event {ordinal} ({trigger}) names nothing received"
        if moved:
            listed = (source, target) in STEPS
            if trigger in ("taken_over", "takeover_undone"):
                listed = brought and (trigger, source, target) in TAKEOVER_STEPS
            if source != state or not listed:
                return f"event {ordinal} moves {source or 'nothing'} to {target}, which no row allows"
            state = target
    return "" if state == final else f"events end at {state}, the claim is {final}"


CHECKS = (
    Check("I9", "Files sent are as prepared, each control number used once", sent_bytes_are_frozen),
    Check("I9", "Each control number in the files was used once", control_numbers_are_used_once),
    Check("I9", "Each claim version went out once, or a resend names the first", versions_went_out_once),
    Check("I10", "Claims moved only along the table, each step with actor and time", claims_moved_along_the_table),
)
