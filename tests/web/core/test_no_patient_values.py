"""Patient values stay where they belong: never in logs, worklist texts, audit rows or exceptions."""

import logging

import msgspec

CANARY = "ZZCANARY"


def test_bad_files_name_places_not_people(tenant, caplog):
    from claimwright.claims.nouns import Adjustment, Person
    from claimwright.web.core.models import AuditEvent, WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxPart
    from claimwright.web.operations.post import post
    from claimwright.web.payments.models import Remittance
    from tests.lib import world

    caplog.set_level(logging.DEBUG)
    person = Person(last_name=CANARY, first_name=CANARY)
    with tenant_scope(tenant):
        made = world.set_up()
        versions = world.sent_claims(made, [world.visit(number) for number in range(4)])
        good = [msgspec.structs.replace(world.paid(version), patient=person) for version in versions]
        unknown_reason = msgspec.structs.replace(
            good[1],
            lines=tuple(
                msgspec.structs.replace(
                    line,
                    adjustments=tuple(
                        Adjustment(group=a.group, reason="999", amount=a.amount) for a in line.adjustments
                    ),
                )
                for line in good[1].lines
            ),
        )
        stranger = msgspec.structs.replace(good[2], control_number=CANARY, payer_claim_number="X1")
        short = world.remittance([good[3]], trace="T2")
        files = (
            [world.remittance([good[0], unknown_reason, stranger], trace="T1")],
            [msgspec.structs.replace(short, amount=short.amount + 1)],
        )
        for number, remittances in enumerate(files, 1):
            world.deliver(world.as_file(remittances, control_number=number), name=f"{number}.835")
    post(tenant=tenant)
    with tenant_scope(tenant):
        said = [f"{item.reason} {item.what_to_do} {item.key}" for item in WorkItem.objects.all()]
        said += [row.detail for row in AuditEvent.objects.all()]
        said += list(InboxPart.objects.values_list("reason", flat=True))
        said += list(Remittance.objects.values_list("reason", flat=True))
        assert WorkItem.objects.count() >= 3  # the test saw something to speak of
    said += [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not [text for text in said if CANARY in text]


def test_a_segment_shows_no_values_when_printed():
    from claimwright.x12 import read

    document = read(
        f"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260901*1200*^*00501*000000001*0*T*:~NM1*IL*1*{CANARY}~".encode()
    )
    assert CANARY not in repr(document.segments)
