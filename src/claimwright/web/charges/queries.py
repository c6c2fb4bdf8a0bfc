"""Provider queries: asked, answered, withdrawn, escalated. The rules are `coding.queries`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from claimwright.coding import queries as rules
from claimwright.coding.advice import Evidence
from claimwright.coding.states import EncounterEvent
from claimwright.web.charges.models import Encounter, ProviderQuery
from claimwright.web.charges.moves import move_encounter, open_queries
from claimwright.web.charges.selectors import query_noun
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist

# Who is reminded at each step of escalation, by how often it was escalated before.
STEPS = ("The provider has a new query", "Reminder to the provider", "The supervisor calls the provider",
         "The medical director decides who answers")  # fmt: skip


def _key(row: ProviderQuery) -> str:
    return f"query:{row.pk}"


def ask_provider(
    *, encounter: Encounter, question: str, options: Sequence[str], evidence: Sequence[Evidence], provider_npi: str = "",
    place: str = "",
) -> ProviderQuery:  # fmt: skip
    """Open a query to the provider of the visit; the encounter, or its claim, waits for the answer.

    Raises coding.queries.QueryRefused for a leading or bare query and coding.states.NotAllowed where nothing is coded
    yet; nothing changes then.
    """
    content = rules.ask(
        question=question, options=options, evidence=evidence, provider_npi=provider_npi or encounter.rendering_npi,
        place=place, asked_by=actor(), asked_at=clock.now(), asked_on=clock.today(),
    )  # fmt: skip
    move_encounter(encounter=encounter, event=EncounterEvent.ASK)
    row = ProviderQuery.objects.create(
        encounter=encounter, state=content.state.value, provider_npi=content.provider_npi, asked_on=clock.today(),
        content=msgspec.to_builtins(content),
    )  # fmt: skip
    _list(row, content, 0)
    record_audit(action="query.ask", subject_type="encounter", subject_id=encounter.pk, detail=str(row.pk))
    return row


def answer_query(*, query: ProviderQuery, outcome: str, words: str = "", answered_by: str = "") -> ProviderQuery:
    """Keep the provider's answer. Raises QueryRefused for one that is settled or an answer that is none."""
    row = ProviderQuery.objects.select_for_update().select_related("encounter").get(pk=query.pk)
    content = rules.answer(query_noun(row), outcome=outcome, words=words, by=answered_by or actor(), at=clock.now())
    return _settle(row, content, f"answered: {content.outcome}"[:200])


def withdraw_query(*, query: ProviderQuery, because: str) -> ProviderQuery:
    """Take the query back with a reason."""
    row = ProviderQuery.objects.select_for_update().select_related("encounter").get(pk=query.pk)
    return _settle(row, rules.withdraw(query_noun(row), because=because, at=clock.now()), "withdrawn")


def _settle(row: ProviderQuery, content: rules.ProviderQuery, resolution: str) -> ProviderQuery:
    row.state, row.content = content.state.value, msgspec.to_builtins(content)
    row.save(update_fields=["state", "content"])
    resolve_work_items(keys=[_key(row)], resolution=resolution)
    if not open_queries(row.encounter_id):
        move_encounter(encounter=row.encounter, event=EncounterEvent.SETTLE)
    record_audit(
        action=f"query.{content.state}", subject_type="encounter", subject_id=row.encounter_id, detail=str(row.pk)
    )
    return row


def escalate_queries() -> int:
    """Bring open queries to the step that today asks for; says how many rose. Again on the same day changes nothing."""
    today = clock.today()
    risen = 0
    waiting = ProviderQuery.objects.select_for_update(of=("self",)).filter(state=ProviderQuery.State.OPEN)
    for row in waiting.select_related("encounter").order_by("asked_on", "pk"):
        content = query_noun(row)
        step = rules.escalation(content, today)
        if step > row.escalated:
            row.escalated = step
            row.save(update_fields=["escalated"])
            _list(row, content, step)
            record_audit(
                action="query.escalate", subject_type="encounter", subject_id=row.encounter_id, detail=str(step)
            )
            risen += 1
    return risen


def _list(row: ProviderQuery, content: rules.ProviderQuery, step: int) -> None:
    """One item a query, whose words and due day follow its escalation. It holds no clinical text."""
    days = (clock.today() - row.asked_on).days
    said: dict[str, Any] = {
        "reason_code": f"STEP_{step}",
        "reason": f"{STEPS[step]}: asked {days} days ago",
        "due_date": rules.next_escalation(content, clock.today()),
    }
    raise_work_item(
        worklist=Worklist.PROVIDER_QUERIES, key=_key(row), subject_type="encounter", subject_id=row.encounter_id,
        practice_id=row.encounter.practice_id, what_to_do="Get the answer, or withdraw the query with a reason", **said,
    )  # fmt: skip
    # A snoozed item comes back when the query rises a step.
    WorkItem.objects.filter(key=_key(row)).update(state=WorkItem.State.OPEN, **said)
