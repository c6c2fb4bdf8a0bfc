"""What people are asked about visits whose claims exist: those that did not leave yet are held, and go on when it is told.

Beside provider queries, the Medicare questions to the patient, and when anesthesia began and ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from claimwright.billing.questionnaires import MedicareAnswers
from claimwright.coding.advice import Evidence
from claimwright.web.charges import anesthesia, queries
from claimwright.web.charges.models import Encounter, ProviderQuery
from claimwright.web.patients import questionnaires
from claimwright.web.patients.models import MedicareQuestionnaire, Patient
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import SCRUBBED, scrub


def ask_provider(
    *, encounter: Encounter, question: str, options: Sequence[str], evidence: Sequence[Evidence], provider_npi: str = "",
    place: str = "",
) -> ProviderQuery:  # fmt: skip
    """As `charges.queries.ask_provider`, and every unsent claim of the visit is held for the answer."""
    query = queries.ask_provider(
        encounter=encounter, question=question, options=options, evidence=evidence, provider_npi=provider_npi,
        place=place,
    )  # fmt: skip
    _run_edits(claim__encounter=encounter)
    return query


def answer_query(*, query: ProviderQuery, outcome: str, words: str = "", answered_by: str = "") -> ProviderQuery:
    """As `charges.queries.answer_query`, and the claims that waited are judged again."""
    settled = queries.answer_query(query=query, outcome=outcome, words=words, answered_by=answered_by)
    _run_edits(claim__encounter=settled.encounter)
    return settled


def withdraw_query(*, query: ProviderQuery, because: str) -> ProviderQuery:
    """As `charges.queries.withdraw_query`, and the claims that waited are judged again."""
    settled = queries.withdraw_query(query=query, because=because)
    _run_edits(claim__encounter=settled.encounter)
    return settled


def record_medicare_answers(*, patient: Patient, answers: MedicareAnswers, answered_on: date) -> MedicareQuestionnaire:
    """As `patients.questionnaires.record_medicare_answers`, and the patient's claims that did not leave are judged again."""
    row = questionnaires.record_medicare_answers(patient=patient, answers=answers, answered_on=answered_on)
    _run_edits(claim__patient=patient)
    return row


def document_anesthesia(*, encounter: Encounter, stretches: Iterable[anesthesia.Stretch]) -> int:
    """As `charges.anesthesia.document_anesthesia`; unsent claims of the visit and of all beside it are judged again."""
    beside = {case.case for case in anesthesia.cases_beside([encounter.pk])}
    minutes = anesthesia.document_anesthesia(encounter=encounter, stretches=stretches)
    beside |= {case.case for case in anesthesia.cases_beside([encounter.pk])}
    _run_edits(claim__encounter_id__in=beside | {str(encounter.pk)})
    return minutes


def _run_edits(**which: object) -> None:
    unsent = ClaimVersion.objects.filter(state__in=SCRUBBED, **which)
    ids = list(unsent.values_list("pk", flat=True))
    if ids:
        scrub(version_ids=ids)
