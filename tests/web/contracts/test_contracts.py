"""Contracts in the database: sheets in versions by date, prices kept with their working, what edits are told."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.pricing.contracts import Terms
from claimwright.billing.pricing.tables import Locality
from claimwright.claims.nouns import Claim, Line, Provider

TIN = "391234567"
START = date(2025, 1, 1)
SHEET = b"code,method,amount,percent\n99213,fixed,95.00,\n99381-99397,capitated,,\n*,charge_percent,,50\n"
NEXT = b"code,method,amount,percent\n99213,fixed,98.00,\n*,charge_percent,,50\n"


@pytest.fixture
def office(clinic, tenant):
    """Services, selectors, a contract with the first payer, in the open scope of the tenant."""
    from claimwright.web.contracts import models, selectors, services
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    class Office:
        pass

    office = Office()
    with tenant_scope(tenant), acting_as("mira"):
        office.models, office.selectors, office.services = models, selectors, services
        office.payer = Payer.objects.get(payer_id="60054")
        office.contract = services.save_contract(payer=office.payer, tax_id="39-1234567", name="Northern Mutual PPO")
        yield office


def a_claim(*charges, code="99213", on=date(2026, 9, 1)):
    lines = tuple(
        Line(number=at, control_number=f"L{at}", procedure_code=code, charge=Decimal(charge), date_from=on)
        for at, charge in enumerate(charges, 1)
    )
    return Claim(
        lines=lines,
        place_of_service="11",
        billing_provider=Provider(npi="1000000004", tax_id=TIN),
        total_charge=Decimal(150),
    )


def priced(office, *claims, payer=None):
    wanted = [
        office.services.ClaimToPrice(claim_version_id=key, payer_id=(payer or office.payer).pk, content=content)
        for key, content in claims
    ]
    return office.services.price_claims(claims=wanted)


class TestVersions:
    def test_a_sheet_makes_a_version_and_again_changes_nothing(self, office):
        first = office.services.import_rate_sheet(
            contract=office.contract, content=SHEET, start=START, sheet_name="2025.csv"
        )
        again = office.services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        assert first.pk == again.pk
        assert office.models.ContractRate.objects.count() == 3
        assert first.created_by == "mira"

    def test_a_later_sheet_ends_the_one_before_and_the_older_again_changes_nothing(self, office):
        services = office.services
        first = services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2026, 1, 1))
        first.refresh_from_db()
        assert first.end == date(2026, 1, 1)
        assert services.import_rate_sheet(contract=office.contract, content=SHEET, start=START).pk == first.pk
        noun = office.selectors.contract_nouns([office.contract])[office.contract.pk]
        assert [version.start for version in noun.versions] == [START, date(2026, 1, 1)]
        assert noun.version_on(date(2025, 12, 31)).rates[0].amount == Decimal("95.00")
        assert noun.version_on(date(2026, 1, 1)).rates[0].amount == Decimal("98.00")

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (date(2024, 6, 1), None),
            (START, None),
            (date(2024, 6, 1), date(2025, 2, 1)),
            (date(2025, 3, 1), date(2025, 4, 1)),
        ],
    )
    def test_days_that_are_taken_are_refused_and_nothing_changes(self, office, start, end):
        office.services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        with pytest.raises(office.services.RateSheetRefused, match="holds on days"):
            office.services.import_rate_sheet(contract=office.contract, content=NEXT, start=start, end=end)
        assert office.models.ContractVersion.objects.count() == 1
        assert office.models.ContractVersion.objects.get().end is None

    def test_days_before_are_free_with_an_end(self, office):
        services = office.services
        services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2024, 1, 1), end=START)
        assert office.models.ContractVersion.objects.count() == 2

    def test_a_faulty_sheet_is_refused_whole(self, office):
        with pytest.raises(office.services.RateSheetRefused) as caught:
            office.services.import_rate_sheet(
                contract=office.contract, content=SHEET + b"9.9E+04,fixed,1,\n99215,fixed,,\n", start=START
            )
        assert [fault.row for fault in caught.value.faults] == [5, 6]
        assert "row 5, code" in str(caught.value)
        assert not office.models.ContractVersion.objects.exists()

    def test_the_dry_run_shows_changes_and_writes_nothing(self, office):
        services = office.services
        services.import_rate_sheet(contract=office.contract, content=SHEET, start=START, label="2025")
        shown = services.preview_rate_sheet(contract=office.contract, content=NEXT, start=date(2026, 1, 1))
        assert (shown.against, shown.ends) == ("2025", "2025")
        assert [change.what for change in shown.changes.changed] == ["99213"]
        assert [change.what for change in shown.changes.removed] == ["99381 to 99397"]
        assert shown.changes.same == 1
        assert office.models.ContractVersion.objects.get().end is None
        assert not services.preview_rate_sheet(contract=office.contract, content=SHEET, start=START).is_new

    def test_terms_are_kept_and_carried_on(self, office):
        services = office.services
        terms = Terms(
            locality=Locality("06302", "00"), lesser_of_charge=False, factors={"26": Decimal("0.4")}, state="WI"
        )
        version = services.import_rate_sheet(contract=office.contract, content=SHEET, start=START, terms=terms)
        version.refresh_from_db()
        assert office.selectors.terms_of(version) == terms
        later = services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2026, 1, 1))
        later.refresh_from_db()
        assert office.selectors.terms_of(later) == terms
        changed = services.new_version(
            contract=office.contract, start=date(2026, 7, 1), terms=Terms(), label="new terms"
        )
        changed.refresh_from_db()
        assert office.selectors.terms_of(changed) == Terms()
        assert changed.rates.count() == 2

    def test_a_withdrawn_version_lets_the_one_before_run_again(self, office):
        services = office.services
        first = services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        wrong = services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2026, 1, 1))
        services.withdraw_version(version=wrong, reason="the payer sent another sheet")
        first.refresh_from_db()
        assert first.end is None
        services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2026, 2, 1))
        with pytest.raises(ValueError, match="already"):
            services.withdraw_version(version=wrong, reason="again")
        with pytest.raises(ValueError, match="say why"):
            services.withdraw_version(version=first, reason=" ")

    def test_withdrawing_the_middle_one_joins_its_neighbours(self, office):
        services = office.services
        first = services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        middle = services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2025, 7, 1))
        last = services.import_rate_sheet(contract=office.contract, content=SHEET, start=date(2026, 1, 1))
        middle.refresh_from_db()
        services.withdraw_version(version=middle, reason="wrong sheet")
        last.refresh_from_db()
        services.withdraw_version(version=last, reason="wrong sheet too")
        first.refresh_from_db()
        assert first.end is None

    def test_a_tax_id_is_nine_digits(self, office):
        with pytest.raises(ValueError, match="nine digits"):
            office.services.save_contract(payer=office.payer, tax_id="1234", name="x")
        assert office.services.save_contract(payer=office.payer, tax_id=TIN, name="Renamed").pk == office.contract.pk


class TestPrices:
    @pytest.fixture(autouse=True)
    def _sheet(self, office):
        office.services.import_rate_sheet(contract=office.contract, content=SHEET, start=START, label="2025")

    def test_a_claim_version_keeps_its_price_with_the_working(self, office):
        key = uuid.uuid4()
        found = priced(office, (key, a_claim("150.00", "80.00")))[key]
        assert [line.allowed for line in found.lines] == [Decimal("95.00"), Decimal("80.00")]
        held = office.selectors.latest_expected(key)
        assert (held.total, held.contract_version, held.priced_by) == (Decimal("175.00"), "2025", "mira")
        second = held.lines.get(number=2)
        assert second.working[-1] == {"says": "The charge 80.00 is less: the lesser is allowed", "amount": "80.00"}
        assert office.selectors.expected_prices([key])[key]["L1"].allowed == Decimal("95.00")

    def test_the_same_price_is_written_once_and_another_beside_it(self, office):
        key = uuid.uuid4()
        for _ in range(2):
            priced(office, (key, a_claim("150.00")))
        assert office.models.ExpectedClaim.objects.count() == 1
        office.services.import_rate_sheet(contract=office.contract, content=NEXT, start=date(2026, 1, 1))
        priced(office, (key, a_claim("150.00")))
        assert [row.ordinal for row in office.models.ExpectedClaim.objects.order_by("ordinal")] == [1, 2]
        assert office.selectors.expected_prices([key])[key]["L1"].allowed == Decimal("98.00")

    def test_what_cannot_be_priced_is_a_reason_and_never_zero(self, office):
        from claimwright.web.practice.models import Payer

        key, other = uuid.uuid4(), uuid.uuid4()
        priced(office, (key, a_claim("150.00", code="99385")))
        told = office.selectors.expected_prices([key])[key]["L1"]
        assert (told.allowed, told.capitated) == (None, True)
        priced(office, (other, a_claim("150.00")), payer=Payer.objects.exclude(pk=office.payer.pk).first())
        told = office.selectors.expected_prices([other])[other]["L1"]
        assert told.allowed is None
        assert "no contract" in told.reason
        assert office.selectors.latest_expected(other).total is None

    def test_many_claims_in_few_queries(self, office, django_assert_max_queries):
        claims = [(uuid.uuid4(), a_claim("150.00")) for _ in range(30)]
        with django_assert_max_queries(12):
            priced(office, *claims)

    def test_a_price_check_tells_the_working(self, office):
        found = office.selectors.price_check(
            office.contract.pk, code="99214", on=date(2026, 9, 1), charge=Decimal("200.00")
        )
        assert found.allowed == Decimal("100.00")
        assert found.working[0].says.startswith("50 % of the charge 200.00")
        before = office.selectors.price_check(office.contract.pk, code="99214", on=date(2024, 9, 1))
        assert before.allowed is None
        assert "no version" in before.reason

    def test_medicare_prices_come_from_the_users_library(self, office, settings_home):
        percent = b"code,method,percent\n*,medicare_percent,100\n"
        terms = Terms(locality=Locality("01112", "05"))
        contract = office.services.save_contract(payer=office.payer, tax_id=TIN, name="Percent", network="HMO")
        office.services.import_rate_sheet(contract=contract, content=percent, start=START, terms=terms)
        found = office.selectors.price_check(contract.pk, code="99213", on=date(2026, 7, 4))
        assert "import the PPRRVU" in found.reason
        settings_home()
        found = office.selectors.price_check(contract.pk, code="99213", on=date(2026, 7, 4))
        assert found.allowed == Decimal("117.58")
        assert office.selectors.price_check(
            contract.pk, code="99213", on=date(2026, 7, 4), place="22"
        ).allowed == Decimal("64.37")


class TestSelectors:
    def test_the_list_and_one_contract(self, office):
        office.services.import_rate_sheet(
            contract=office.contract, content=SHEET, start=START, label="2025", sheet_name="a.csv"
        )
        (row,) = office.selectors.contract_list(date(2026, 9, 1))
        assert (row.payer_name, row.tax_id, row.label, row.rates) == ("NORTHERN MUTUAL", TIN, "2025", 3)
        (before,) = office.selectors.contract_list(date(2024, 1, 1), search="northern")
        assert before.version_id is None
        assert office.selectors.contract_list(date(2026, 9, 1), search="nobody") == []
        page = office.selectors.contract_page(office.contract.pk, date(2026, 9, 1))
        assert page.contract.version_id == row.version_id
        assert [(version.rates, version.sheet_name) for version in page.versions] == [(3, "a.csv")]
        rates, count = office.selectors.rates_of(row.version_id, search="993", limit=10)
        assert (count, rates[0].what) == (1, "99381 to 99397")

    def test_the_contract_of_payer_tax_id_network_and_day(self, office):
        narrow = office.services.save_contract(payer=office.payer, tax_id=TIN, name="Narrow", network="HMO")
        for contract in (office.contract, narrow):
            office.services.import_rate_sheet(contract=contract, content=SHEET, start=START)
        find = office.selectors.contract_for
        assert find(office.payer.pk, TIN, date(2026, 9, 1)) == office.contract
        assert find(office.payer.pk, TIN, date(2026, 9, 1), network="HMO") == narrow
        assert find(office.payer.pk, TIN, date(2026, 9, 1), network="POS") == office.contract
        assert find(office.payer.pk, TIN, date(2024, 12, 31)) is None
        assert find(office.payer.pk, "111111111", date(2026, 9, 1)) is None

    def test_facts_for_the_edits(self, office):
        from claimwright.web.practice.models import Payer

        office.services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        other = Payer.objects.exclude(pk=office.payer.pk).first()
        facts = office.selectors.contract_facts([office.payer.pk, other.pk])
        assert [(fact.payer_id, fact.tax_id, fact.start, fact.end) for fact in facts[office.payer.pk]] == [
            ("60054", TIN, START, None)
        ]
        assert facts[other.pk] == ()
        (codes,) = office.selectors.capitated_codes(office.payer.pk, TIN, date(2026, 9, 1))
        assert codes.holds("99385")
        assert not codes.holds("99213")

    def test_facts_of_claims_that_are_about_to_leave(self, office):
        from claimwright.web.contracts.pricing import facts_of

        key = uuid.uuid4()
        asked = [
            office.services.ClaimToPrice(claim_version_id=key, payer_id=office.payer.pk, content=a_claim("150.00"))
        ]
        office.services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        found = facts_of(asked)[key]
        assert found.contracts[0].tax_id == TIN
        assert found.expected_prices["L1"].allowed == Decimal("95.00")
        assert not office.models.ExpectedClaim.objects.exists()
        nobody = [msgspec.structs.replace(asked[0], payer_id=uuid.uuid4())]
        assert "no contract" in facts_of(nobody)[key].expected_prices["L1"].reason

    def test_another_practice_sees_nothing(self, office, tenant, other_tenant):
        from claimwright.web.contracts.pricing import facts_of

        office.services.import_rate_sheet(contract=office.contract, content=SHEET, start=START)
        key, version = office.contract.pk, office.models.ContractVersion.objects.get().pk

        def looks():
            assert office.selectors.contract_list(date(2026, 9, 1)) == []
            assert office.selectors.rates_of(version) == ([], 0)
            with pytest.raises(office.models.Contract.DoesNotExist):
                office.selectors.contract_page(key, date(2026, 9, 1))
            # A practice without any contract: the edits that ask for one are not armed.
            (facts,) = facts_of(
                [office.services.ClaimToPrice(claim_version_id=key, payer_id=key, content=a_claim("150.00"))]
            ).values()
            assert (facts.contracts, facts.expected_prices) == (None, None)

        other_scope(other_tenant, looks)


def other_scope(other, looks):
    """What another tenant sees, on a connection of its own: scopes of two tenants do not nest."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('claimwright.tenant', true)")
        (mine,) = cursor.fetchone()
        cursor.execute("SELECT set_config('claimwright.tenant', %s, true)", [str(other.pk)])
        try:
            looks()
        finally:
            cursor.execute("SELECT set_config('claimwright.tenant', %s, true)", [mine])


@pytest.fixture
def django_assert_max_queries():
    from contextlib import contextmanager

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def at_most(count):
        with CaptureQueriesContext(connection) as queries:
            yield
        assert len(queries) <= count, [query["sql"][:100] for query in queries]

    return at_most


@pytest.fixture
def settings_home(tmp_path, monkeypatch):
    """A library of the user's own; the call imports the small file of 2026 into it."""
    from datetime import UTC, datetime

    from claimwright.codes.library import Library
    from claimwright.codes.library_sets import CODES_VARIABLE
    from claimwright.codes.library_shapes import Asked
    from tests.lib.fee_files import FOLDER

    monkeypatch.setenv(CODES_VARIABLE, str(tmp_path / "codes"))

    def fill():
        path = FOLDER / "PPRRVU2026_JUL_nonQPP.csv"
        Library(tmp_path / "codes").import_files([path], asked=Asked(), at=datetime(2026, 7, 1, tzinfo=UTC))

    return fill


def test_nouns_survive_the_database(office):
    """Every field of a rate comes back as it was read from the sheet."""
    from claimwright.billing.pricing.rate_sheets import read_rate_sheet
    from tests.unit.billing.pricing.test_rate_sheets import SHEET as EVERY_METHOD

    office.services.import_rate_sheet(contract=office.contract, content=EVERY_METHOD, start=START)
    (version,) = office.selectors.contract_nouns([office.contract])[office.contract.pk].versions
    assert version.rates == read_rate_sheet(EVERY_METHOD).rates
