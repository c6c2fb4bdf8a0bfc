"""Claims meet their contract before they leave: capitated, priced below it, or without any."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from tests.lib.practices import superbill_row, take_in


@pytest.fixture
def found(tenant, clinic):
    """Scrubs one visit of a payer with the given rate sheet (none: no contract) and gives the edits that fired."""
    from claimwright.web.contracts import services
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer
    from claimwright.web.submissions.models import ClaimVersion, EditFinding
    from claimwright.web.submissions.services import scrub

    def run(sheet=None):
        take_in(clinic, superbill_row())
        version = ClaimVersion.objects.select_related("claim__payer").get()
        if sheet is not None:
            payer = Payer.objects.get(pk=version.claim.payer_id)
            tax_id = version.content["billing_provider"]["tax_id"]
            contract = services.save_contract(payer=payer, tax_id=tax_id, name="Contract")
            services.import_rate_sheet(contract=contract, content=sheet, start=date(2020, 1, 1))
        scrub()
        return dict(
            EditFinding.objects.filter(edit_id__in=("LIN07", "PAY09", "PAY10")).values_list("edit_id", "message")
        )

    with tenant_scope(tenant):
        yield run


def test_a_capitated_visit_is_stopped(found):
    assert set(found(b"code,method\n*,capitated\n")) == {"PAY10"}


def test_what_the_contract_would_pay_is_told_although_the_charge_is_less(tenant, clinic, found):
    """The lesser of the two is allowed; the edits see what the contract would have given."""
    from claimwright.claims.nouns import Claim
    from claimwright.web.contracts.pricing import facts_of
    from claimwright.web.contracts.services import ClaimToPrice, price_claims
    from claimwright.web.submissions.models import ClaimVersion

    found(b"code,amount\n*,9000.00\n")
    version = ClaimVersion.objects.select_related("claim").get()
    claim = ClaimToPrice(
        claim_version_id=version.pk,
        payer_id=version.claim.payer_id,
        content=msgspec.convert(version.content, Claim),
    )
    (told,) = facts_of([claim])[version.pk].expected_prices.values()
    (line,) = price_claims(claims=[claim])[version.pk].lines
    assert told.allowed == line.contract_amount == Decimal("9000.00")
    assert line.allowed == line.charge < told.allowed


def test_a_code_without_a_rate_is_told_with_the_reason(found):
    told = found(b"code,amount\n00001,10.00\n")
    assert "no rate for 99213" in told["PAY09"]


def test_a_good_price_is_silent(found):
    assert found(b"code,method,percent\n*,charge_percent,60\n") == {}


def test_without_any_contract_nothing_is_judged(found):
    assert found() == {}


def test_a_claim_that_passes_keeps_its_expected_price_once(tenant, clinic, found):
    """For payments to be held against it; a second run with nothing new keeps nothing more."""
    from claimwright.billing.lifecycle import State
    from claimwright.web.contracts.models import ExpectedClaim, ExpectedLine
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import scrub

    found(b"code,amount\n*,90.00\n")
    version = ClaimVersion.objects.get()
    assert version.state == State.READY
    scrub(version_ids=[version.pk])
    (kept,) = ExpectedClaim.objects.filter(claim_version_id=version.pk)
    assert kept.total == sum(line.allowed for line in ExpectedLine.objects.filter(expected=kept)) > 0
