"""Every worklist lies on a desk; an item goes to a person and back, and only where somebody can take it."""

from __future__ import annotations

from collections import Counter

import pytest


def test_every_list_is_on_one_desk():
    from claimwright.web.core.desks import _ROWS, DESKS, desk_of
    from claimwright.web.core.worklists import TITLES

    named = Counter(name for _, names in _ROWS for name in names.split())
    assert [name for name, times in named.items() if times > 1] == []
    assert sorted(set(TITLES) - set(DESKS)) == [] and sorted(set(DESKS) - set(TITLES)) == []
    with pytest.raises(KeyError):
        desk_of("no such list")


def test_an_item_goes_to_a_person_and_back(tenant, other_tenant):
    from claimwright.web.core.desks import NotAssigned, assign_work_items, owner_of
    from claimwright.web.core.models import AuditEvent, WorkItem
    from claimwright.web.core.services import raise_work_item, resolve_work_items
    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_user

    pat = a_user(tenant, "pat")
    gone = a_user(tenant, "gone", is_active=False)
    with tenant_scope(tenant):
        for key in ("a", "b"):
            raise_work_item(worklist="bank_lines", key=key, reason_code="X", reason="r", what_to_do="w")
        resolve_work_items(keys=["b"], resolution="done")
        one, done = (WorkItem.objects.get(key=key) for key in ("a", "b"))
        assert owner_of(one) == "Poster"
        assert assign_work_items(item_ids=[one.pk, done.pk], to=pat) == 1
        assert assign_work_items(item_ids=[one.pk], to=pat) == 0
        one.refresh_from_db()
        assert owner_of(one) == "pat"
        with pytest.raises(NotAssigned):
            assign_work_items(item_ids=[one.pk], to=gone)
    with tenant_scope(other_tenant):
        assert assign_work_items(item_ids=[one.pk], to=None) == 0
    with tenant_scope(tenant):
        assert assign_work_items(item_ids=[one.pk], to=None) == 1
        assert AuditEvent.objects.filter(action="worklist.assigned").count() == 2
