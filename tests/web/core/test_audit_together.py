"""Long work writes its audit rows at its end, in its own transaction: nobody waits for the log meanwhile."""

from __future__ import annotations

import threading

import pytest


def rows():
    from claimwright.web.core.models import AuditEvent

    return list(AuditEvent.objects.order_by("sequence").values_list("actor", "action", "detail"))


def test_rows_stand_at_the_end_in_their_order_and_what_is_rolled_back_leaves_none(tenant):
    from django.db import transaction

    from claimwright.web.core.services import acting_as, audit_together, record_audit
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant), audit_together():
        with acting_as("first"):
            record_audit(action="one", detail="1")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            record_audit(action="never")
            raise ZeroDivisionError
        with tenant_scope(tenant), acting_as("second"):  # an inner scope ends nothing
            record_audit(action="two", detail="2")
        assert rows() == []
    with tenant_scope(tenant):
        record_audit(action="three", detail="3")
        wanted = [("first", "one", "1"), ("second", "two", "2"), ("system", "three", "3")]
        assert rows() == wanted
    with pytest.raises(ZeroDivisionError), tenant_scope(tenant), audit_together():
        record_audit(action="never")
        raise ZeroDivisionError
    with tenant_scope(tenant):
        assert rows() == wanted


def test_another_writes_to_the_log_while_long_work_goes_on(tenant):
    from django.db import connection

    from claimwright.web.core.services import audit_together, record_audit
    from claimwright.web.core.tenancy import tenant_scope

    def read_a_page():
        with tenant_scope(tenant):
            record_audit(action="page.read")
        connection.close()

    with audit_together(), tenant_scope(tenant):
        record_audit(action="long.work")
        reader = threading.Thread(target=read_a_page)
        reader.start()
        reader.join(timeout=60)
        assert not reader.is_alive(), "it waits for the long work"
        assert [action for _, action, _ in rows()] == ["page.read"]
    with tenant_scope(tenant):
        assert [action for _, action, _ in rows()] == ["page.read", "long.work"]
