from __future__ import annotations

from tests.lib.practices import states, superbill_row, take_in, work_items


def test_a_superbill_becomes_charges_and_ready_claims(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        report = take_in(clinic, superbill_row())
        print(report)
        print(scrub(), work_items(), states())
        from claimwright.web.submissions.models import EditFinding

        print(list(EditFinding.objects.values_list("edit_id", "path", "message")))
        assert states() == {"READY": 1}
