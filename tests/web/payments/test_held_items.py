"""An item whose money stands in Suspense is not closed by saying so."""

import msgspec


def test_an_item_that_holds_money_stays_until_it_is_released(tenant):
    from django.test import Client
    from django.urls import reverse

    from claimwright.web.core.models import User, WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from tests.lib import world

    with tenant_scope(tenant):
        versions = world.sent_claims(world.set_up(), [world.visit(number) for number in range(2)])
        unknown = msgspec.structs.replace(world.paid(versions[0]), control_number="NOBODY", payer_claim_number="X")
        world.deliver(world.as_file([world.remittance([unknown, world.paid(versions[1])])]))
    post(tenant=tenant)
    user = User.objects.create_user("b", password="a long enough password", tenant=tenant, role="biller")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    with tenant_scope(tenant):
        item = WorkItem.objects.get(worklist="unmatched_payments")
    client.post(reverse("finish", args=[item.pk]), {"resolution": "looked at it"})
    with tenant_scope(tenant):
        assert WorkItem.objects.get(pk=item.pk).state == "open"


def test_the_second_cover_of_one_payer_is_no_duplicate(tenant):
    from claimwright.claims.nouns import Claim
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.facts import FactsGatherer
    from claimwright.web.submissions.models import ClaimVersion
    from tests.lib import world

    with tenant_scope(tenant):
        made = world.set_up(payers=(("first", "60054"), ("second", "87726")))
        world.sent_claims(made, [world.visit(1, second=True)])
        version = ClaimVersion.objects.select_related("claim__payer", "claim__patient", "claim__encounter").get(
            claim__sequence="S"
        )
        facts = FactsGatherer([version]).facts(version, msgspec.convert(version.content, Claim))
    assert facts.prior_claims == ()
