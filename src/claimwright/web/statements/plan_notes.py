"""What a statement says of a running payment plan, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from claimwright.billing.payment_plans import Cadence
from claimwright.documents.statement import amount_text, date_text
from claimwright.web.arrangements.plan_state import standings
from claimwright.web.arrangements.selectors import running_plans

CADENCES = {
    Cadence.WEEKLY: ("each week", "cada semana"),
    Cadence.BIWEEKLY: ("every two weeks", "cada dos semanas"),
    Cadence.MONTHLY: ("each month", "cada mes"),
    Cadence.QUARTERLY: ("every three months", "cada tres meses"),
}
NOTES = {
    "en": ("You pay {amount} {cadence}. Left of the plan: {left}.", " Next payment: {next} by {day}.",
           " {due} is overdue."),
    "es": ("Usted paga {amount} {cadence}. Falta del plan: {left}.", " Próximo pago: {next} antes del {day}.",
           " {due} está vencido."),
}  # fmt: skip


def plan_notes(patient_ids: Iterable[UUID]) -> dict[str, dict[str, str]]:
    """By patient id as text and language: instalment, what is left, what comes next, what is overdue."""
    found = running_plans(patient_ids)
    stand = standings([plan for plans in found.values() for plan in plans])
    notes: dict[str, dict[str, str]] = {}
    for patient_id, plans in found.items():
        for place, (language, (first, following, overdue)) in enumerate(NOTES.items()):
            told = []
            for plan in plans:
                at = stand[plan.pk]
                facts = {
                    "amount": amount_text(plan.instalment_amount), "cadence": CADENCES[Cadence(plan.cadence)][place],
                    "left": amount_text(at.left), "next": amount_text(at.next_amount), "due": amount_text(at.due),
                    "day": date_text(at.next_due, language) if at.next_due else "",
                }  # fmt: skip
                words = first + (following if at.next_due else "") + (overdue if at.due > 0 else "")
                told.append(words.format(**facts))
            notes.setdefault(str(patient_id), {})[language] = " ".join(told)
    return notes
