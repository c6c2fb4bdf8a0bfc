"""The agreement of a plan as a paper, from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from claimwright.billing import payment_plans as rules
from claimwright.claims.nouns import ZERO
from claimwright.documents.patient_paper import language_of
from claimwright.documents.plan_agreement import (
    AgreementDisclosures,
    AgreementVisit,
    PlanAgreement,
    render_agreement,
)
from claimwright.web.arrangements.letters import letterhead_of, name_of
from claimwright.web.arrangements.models import PaymentPlan, PlanLine
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.practice.models import Charge
from claimwright.web.practice.selectors import policies_of

SERVICE = {"en": "Medical service", "es": "Servicio médico"}
FEE = {"en": "Fee on the account", "es": "Cargo en la cuenta"}


def agreement_of(plan: PaymentPlan, terms: rules.Plan, lines: Sequence[PlanLine]) -> bytes:
    """The PDF of these terms over these lines."""
    language = language_of(plan.language)
    policies = policies_of(plan.practice)
    told = rules.disclosures(terms) if rules.needs_disclosures(terms, policies) else None
    return render_agreement(
        PlanAgreement(
            letterhead=letterhead_of(plan.patient), number=plan.number, written_on=clock.today(), language=language,
            patient_name=name_of(plan.patient), visits=_visits(plan, lines, language), method=plan.method,
            schedule=tuple((row.number, row.due_on, row.amount) for row in rules.schedule(terms)),
            is_autopay=plan.autopay_consent_on is not None or (
                plan.accepted_on is None and plan.method in rules.AUTOPAY_METHODS
            ),
            disclosures=None if told is None else AgreementDisclosures(
                annual_percentage_rate=told.annual_percentage_rate, finance_charge=told.finance_charge,
                amount_financed=told.amount_financed, total_of_payments=told.total_of_payments,
                payments=told.payments,
            ),
            finance_charge=plan.finance_charge, grace_days=policies.plan_grace_days,
            default_after_missed_count=policies.plan_default_after_missed_count,
        )
    )  # fmt: skip


def _visits(plan: PaymentPlan, lines: Sequence[PlanLine], language: str) -> tuple[AgreementVisit, ...]:
    """One row a visit, with the practice's own words for what was done."""
    codes = dict(ChargeLine.objects.filter(line_id__in=[line.line_id for line in lines]).values_list("line_id", "code"))
    own = Charge.objects.filter(practice=plan.practice, code__in=set(codes.values()), modifier="")
    words = dict(own.exclude(description="").order_by("start").values_list("code", "description"))
    visits: dict[object, list[PlanLine]] = {}
    for line in sorted(lines, key=lambda line: (line.date_of_service, line.line_id)):
        visits.setdefault(line.encounter_id, []).append(line)
    made = []
    for encounter, found in visits.items():
        named = dict.fromkeys(words.get(codes.get(line.line_id, ""), "") for line in found)
        service = "; ".join(word for word in named if word) or (SERVICE if encounter else FEE)[language]
        amount = sum((line.amount for line in found), Decimal(ZERO))
        if encounter is None and any(line.ledger_sequence is not None for line in found):
            amount -= plan.finance_charge  # booked on the account line by now, and told apart
        if not amount:
            continue
        made.append(AgreementVisit(date_of_service=found[0].date_of_service, service=service, amount=amount))
    return tuple(made)
