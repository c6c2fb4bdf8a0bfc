"""The papers of arrangements: what they must say, in both languages; figures that contradict each other are refused."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing import payment_plans as plans
from claimwright.claims.nouns import Address
from claimwright.documents import good_faith_estimate as estimates
from claimwright.documents import plan_agreement as agreements
from claimwright.documents.patient_notices import NOTICES, Notice, render_notice
from claimwright.documents.patient_paper import Letterhead


def d(value: str | int) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


HEAD = Letterhead(
    practice_name="Lakeside Family Medicine",
    practice_address=Address(line1="500 HEALTH WAY", city="MADISON", state="WI", postal_code="537034321"),
    practice_phone="6085550142", mail_to_name="Lou Sample", tax_id="391234567", npi="1000000004",
    mail_to_address=Address(line1="12 BIRCH ST", city="MADISON", state="WI", postal_code="53703"),
)  # fmt: skip
ON = date(2026, 6, 1)


def text_of(pdf: bytes) -> str:
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext is missing: apt-get install poppler-utils"
    done = subprocess.run([tool, "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def an_agreement(language: str = "en", count: int = 6, charge: str = "18.00") -> agreements.PlanAgreement:
    total = d("650.00") + d(charge)
    amount = plans.amount_of(total, count, d(50))
    plan = plans.Plan(
        balance=total, amount=amount, start=date(2026, 7, 1), count=count, down_payment=d(50), agreed_on=ON,
        finance_charge=d(charge),
    )  # fmt: skip
    told = plans.disclosures(plan) if plans.needs_disclosures(plan) else None
    return agreements.PlanAgreement(
        letterhead=HEAD, number="PL0000001", written_on=ON, language=language, patient_name="Lou Sample", method="card",
        is_autopay=True, grace_days=10, default_after_missed_count=2, finance_charge=d(charge),
        visits=(agreements.AgreementVisit(date_of_service=date(2026, 5, 4), service="New patient visit", amount=d(650)),),
        schedule=tuple((row.number, row.due_on, row.amount) for row in plans.schedule(plan)),
        disclosures=agreements.AgreementDisclosures(
            annual_percentage_rate=told.annual_percentage_rate, finance_charge=told.finance_charge,
            amount_financed=told.amount_financed, total_of_payments=told.total_of_payments, payments=told.payments,
        ) if told else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Payment plan agreement", "Annual percentage rate", "July 1, 2026", "10 days of grace"]),
        ("es", ["Acuerdo de plan de pagos", "Tasa porcentual anual", "1 de julio de 2026", "10 días de gracia"]),
    ],
)
def test_an_agreement_shows_the_schedule_and_the_disclosures(language: str, words: list[str]):
    pdf = agreements.render_agreement(an_agreement(language))
    text = text_of(pdf).lower()
    rate = plans.annual_percentage_rate(d(600), [d(103)] * 6, 12)
    figures = ["$618.00", "$600.00", "$18.00", "$103.00", "$50.00", f"{rate}%", "$668.00"]
    assert [word for word in (*words, *figures) if word.lower() not in text] == []
    assert pdf == agreements.render_agreement(an_agreement(language))


def test_a_short_plan_without_charge_has_no_disclosures():
    text = text_of(agreements.render_agreement(an_agreement(count=4, charge="0"))).lower()
    assert "annual percentage rate" not in text and "$150.00" in text


def test_an_agreement_that_does_not_add_is_refused():
    with pytest.raises(agreements.AgreementDoesNotAdd):
        agreements.render_agreement(msgspec.structs.replace(an_agreement(), finance_charge=d("17.99")))


def an_estimate(language: str = "en") -> estimates.EstimateDocument:
    ours = estimates.EstimateProvider(
        name="Lakeside Family Medicine", npi="1000000004", tax_id="391234567", place="Main office, WI",
        lines=(
            estimates.EstimateLine(code="99204", description="New patient visit", diagnosis_codes=("J06.9",), charge=d(280)),
            estimates.EstimateLine(code="87880", description="Strep test", diagnosis_codes=("J06.9",), charge=d(40)),
        ),
    )  # fmt: skip
    other = estimates.EstimateProvider(
        name="Prairie Laboratory", npi="1234567893", tax_id="397654321",
        lines=(estimates.EstimateLine(code="85025", description="Blood count", units="2", charge=d("61.50")),),
    )  # fmt: skip
    return estimates.EstimateDocument(
        letterhead=HEAD, number="GFE0000001", version=2, replaces_issued_on=date(2026, 5, 20), issued_on=ON,
        language=language, patient_name="Lou Sample", birth_date=date(1977, 8, 8), primary_service="New patient visit",
        service_on=date(2026, 6, 15), diagnosis_codes=("J06.9",), providers=(ours, other), others=("Chest x-ray",),
        total=d("381.50"), dispute_amount=d(400), dispute_days=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Good-faith estimate", "2, replaces the one of May 20, 2026", "120 calendar days", "no contract"]),
        ("es", ["Estimación de buena fe", "2, reemplaza la del 20 de mayo de 2026", "120 días calendario", "No es un contrato"]),
    ],
)  # fmt: skip
def test_an_estimate_says_all_that_the_rule_asks_for(language: str, words: list[str]):
    text = text_of(estimates.render_estimate(an_estimate(language)))
    content = [
        "Lou Sample", "J06.9", "99204", "87880", "$320.00", "$61.50", "$381.50", "NPI 1000000004 · TIN 391234567",
        "NPI 1234567893", "Chest x-ray", "$400", "1-800-985-3059", "Lakeside Family Medicine", "08",
    ]  # fmt: skip
    assert [word for word in (*words, *content) if word not in text] == []


def test_an_estimate_that_does_not_add_is_refused():
    with pytest.raises(estimates.EstimateDoesNotAdd):
        estimates.render_estimate(msgspec.structs.replace(an_estimate(), total=d(381)))


def test_every_notice_can_be_printed_in_both_languages_and_never_with_a_hole():
    names = ("plan", "due", "due_on", "left", "phone", "missed_limit", "answer_by", "received", "answer", "percent", "first",
             "last", "reason")  # fmt: skip
    values = {name: f"<{name}>" for name in names}
    for name in NOTICES:
        pages = {}
        for language in ("en", "es"):
            notice = Notice(letterhead=HEAD, name=name, number="", written_on=ON, language=language, values=values)
            pages[language] = text_of(render_notice(notice))
        assert pages["en"] != pages["es"]
    with pytest.raises(KeyError):
        render_notice(Notice(letterhead=HEAD, name="REMIND", number="", written_on=ON, language="en", values={}))
