"""The API does everything the screens do: every address of the workbench has its operations, or a reason for none."""

from __future__ import annotations

import pytest

HOW = "give it a row in web/api/screens.py: the operations that do the same, or why a program does not"


@pytest.fixture(scope="module")
def operations():
    """Name to (method, permission, whether it is of the whole office)."""
    import django

    django.setup()
    from claimwright.web.api.door import OPERATIONS
    from claimwright.web.api.urls import api_urls  # noqa: F401 - importing it declares the operations

    return {one.name: (one.method, one.permission, one.whole_office) for one in OPERATIONS.values()}


def test_every_address_has_operations_or_a_reason(operations):
    from claimwright.web.api.screens import IN_PERSON, OPERATIONS_OF, WITHOUT
    from claimwright.web.workbench.policies import OF_ADDRESS

    told = {*OPERATIONS_OF, *WITHOUT}
    assert not sorted(set(OF_ADDRESS) - told), HOW
    assert not sorted(told - set(OF_ADDRESS)), "this address is gone: take it out of web/api/screens.py"
    assert not set(OPERATIONS_OF) & set(WITHOUT)
    assert set(IN_PERSON) <= set(OPERATIONS_OF)
    assert all(len(reason.split()) >= 4 for reason in (*WITHOUT.values(), *IN_PERSON.values()))


def test_an_operation_asks_for_what_its_page_asks_for_and_acts_where_the_page_acts(operations):
    from claimwright.web.api.screens import OPERATIONS_OF
    from claimwright.web.workbench.policies import OF_ADDRESS

    for address, names in OPERATIONS_OF.items():
        policy, told = OF_ADDRESS[address], names.split()
        assert told and not set(told) - set(operations), address
        assert {operations[name][1] for name in told} == {policy.permission}, address
        if policy.only_reads:
            assert {operations[name][0] for name in told} == {"GET"}, address


def test_what_is_of_the_office_as_a_whole_is_closed_to_tokens_of_some_practices(operations):
    from claimwright.web.workbench.policies import WHOLE_OFFICE

    open_ones = [
        name for name, (_, permission, whole) in operations.items() if permission in WHOLE_OFFICE and not whole
    ]
    assert not open_ones, "declare it with whole_office=True: people limited to some practices do not open its page"
