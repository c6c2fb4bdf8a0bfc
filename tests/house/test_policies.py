"""Every address has a declared policy, the table is sound, and the page for people says what the table says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-it-works/people.md"
WORKBENCH = ROOT / "src/claimwright/web/workbench"


@pytest.fixture(scope="module", autouse=True)
def django_ready():
    import django

    django.setup()


def addresses():
    """(name, pattern) of every address outside Django's administration."""
    from django.urls import URLResolver, get_resolver

    def walk(patterns, before=""):
        for one in patterns:
            if isinstance(one, URLResolver):
                if one.namespace is None:
                    yield from walk(one.url_patterns, before + str(one.pattern))
            else:
                yield one.name, before + str(one.pattern)

    return list(walk(get_resolver().url_patterns))


def namespaces():
    from django.urls import URLResolver, get_resolver

    return {one.namespace for one in get_resolver().url_patterns if isinstance(one, URLResolver) and one.namespace}


def test_every_address_has_one_policy_and_no_policy_is_of_nothing():
    from claimwright.web.workbench.policies import OPEN_SPACES, OWN, POLICIES, PUBLIC

    names = [name for name, _ in addresses()]
    declared = [name for policy in POLICIES for name in policy.addresses.split()] + [*PUBLIC, *OWN]
    assert not [one for one in addresses() if one[0] not in declared], "give it a row in workbench/policies.py"
    assert not set(declared) - set(names), "this address is gone: take it out of workbench/policies.py"
    assert not [name for name, count in Counter(declared).items() if count > 1]
    assert not [name for name, count in Counter(names).items() if count > 1], "two addresses under one name"
    assert namespaces() == set(OPEN_SPACES)


def test_public_addresses_are_the_way_in_and_the_patients_own():
    from claimwright.web.workbench.policies import PUBLIC

    patterns = dict(addresses())
    assert {name for name in PUBLIC if not patterns[name].startswith(("s/", "bill/", "pay/"))} == {
        "login", "logout", "healthz", "readyz", "metrics", "second_factor", "enrol", "passkey_options",
        "passkey_sign_in", "sign_in_again", "sign_in_link", "session_state", "session_alive", "session_end",
    }  # fmt: skip


def test_the_auditor_reads_everything_and_changes_nothing():
    from claimwright.web.core.models import User
    from claimwright.web.workbench.policies import POLICIES, permissions_of

    assert set(permissions_of(User.Role.AUDITOR)) == {one.permission for one in POLICIES if one.only_reads}


def test_roles_that_lead_may_what_they_lead_and_a_program_opens_no_page():
    from claimwright.web.core.models import User
    from claimwright.web.workbench.policies import POLICIES, permissions_of

    may = {role: set(permissions_of(role)) for role in User.Role}
    everything = {one.permission for one in POLICIES}
    assert may[User.Role.OWNER] == everything
    for role in (User.Role.FRONT_DESK, User.Role.CODER, User.Role.BILLER, User.Role.POSTER):
        assert may[role] < may[User.Role.SUPERVISOR] < may[User.Role.MANAGER] < everything
    assert may[User.Role.API] == set()


def test_what_each_desk_may_not():
    from claimwright.web.workbench.policies import may_open

    for address in ("bank", "import_statement", "save_paper", "release_payment", "remittances", "reports", "files"):
        assert not may_open("front_desk", address), address
    for address in ("counter_payment", "save_paper", "bank", "follow_claim", "refunds"):
        assert not may_open("coder", address), address
    assert may_open("coder", "save_claim") and may_open("coder", "charge_visit")
    assert may_open("poster", "accept_bank_match") and not may_open("poster", "follow_claim")
    assert may_open("biller", "work_denial") and not may_open("biller", "accept_bank_match")
    assert not may_open("", "home") and not may_open("owner", "no_such_address") and not may_open("owner", "")


def test_roles_that_services_hold_are_those_of_the_table():
    from claimwright.billing.financial_assistance import DECIDERS
    from claimwright.web.denials.prevention import MAY_DECIDE
    from claimwright.web.reports.closing import CLOSERS
    from claimwright.web.workbench.policies import OF_ADDRESS, OF_PERMISSION

    assert set(DECIDERS) == set(OF_PERMISSION["assistance.decide"].roles)
    assert set(MAY_DECIDE) == set(OF_ADDRESS["decide_proposal"].roles)
    assert set(CLOSERS) == set(OF_ADDRESS["lock_month"].roles)


def test_no_view_asks_for_a_role_by_hand():
    asked = [
        f"{path.name}: {line.strip()}"
        for path in sorted(WORKBENCH.glob("*.py"))
        if path.name not in ("policies.py", "doorkeeper.py")
        for line in path.read_text().splitlines()
        if re.search(r"\brole (not )?in |\brole ?[!=]= ", line)
    ]
    assert not asked, "ask policies.may(request, address) instead"


def test_the_side_bar_leads_only_to_addresses_that_are_read_first():
    from claimwright.web.workbench.navigation import NAVIGATION
    from claimwright.web.workbench.policies import OF_ADDRESS, OWN

    for _, pages in NAVIGATION:
        for one in pages:
            assert one.address in OWN or OF_ADDRESS[one.address].only_reads, one.address


def test_the_page_for_people_says_what_the_table_says():
    from claimwright.web.workbench.policies import as_table

    text = PAGE.read_text()
    table = text[text.index("|Permission|") : text.index("\n\n", text.index("|Permission|"))]
    assert table == as_table(), "write as_table() of workbench/policies.py into docs/how-it-works/people.md"


def test_worklists_that_are_not_for_everybody_exist_and_hang_on_permissions():
    from claimwright.web.core.worklists import TITLES
    from claimwright.web.workbench.policies import OF_PERMISSION, OF_WORKLIST, may_see_worklist

    assert set(OF_WORKLIST) <= set(TITLES) and set(OF_WORKLIST.values()) <= set(OF_PERMISSION)
    assert not may_see_worklist("front_desk", "bank_lines") and may_see_worklist("front_desk", "returned_mail")
    assert may_see_worklist("auditor", "bank_lines") and not may_see_worklist("biller", "bank_lines")
    assert not may_see_worklist("api", "returned_mail")
