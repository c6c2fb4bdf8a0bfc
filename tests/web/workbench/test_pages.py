"""Every page: it works, needs a sign-in, shows nothing of another tenant, only reads, and asks few questions."""

from __future__ import annotations

import pytest

# name of the page, what its address is made of, what a biller must see on it, most queries it may take
PAGES = [
    ("home", lambda o: (), ("What to do next", "Claims held by edits", "Payer rejections"), 24),
    ("worklist", lambda o: ("edit_holds",), ("Billing address is a PO box", "Give a street address"), 20),
    ("claims", lambda o: (), ("CW1001", "TESTER, ANNA", "190.00", "CO-16"), 24),
    (
        "claim",
        lambda o: (o.paid.claim_id,),
        ("CW1001", "99213", "85.00", "CO-45", "J06.9", "Numbers are those of the CMS-1500"),
        49,
    ),
    ("patients", lambda o: (), ("RIVERA, Luz", "MRN1007"), 18),
    ("patient", lambda o: (o.patients["MRN1001"].pk,), ("TESTER, ANNA", "37.00", "ST-1001", "ends 4242"), 46),
    ("remittances", lambda o: (), ("EFT0001001", "Posted, some of it held"), 18),
    ("remittance", lambda o: (o.remittance.pk,), ("Adds up", "171.98", "L6", "not matched"), 30),
    ("reports", lambda o: (), ("Aging on", "Northern Mutual", "Opening", "Days in A/R"), 48),
    ("files", lambda o: (), ("EFT0001001.835", "Posted"), 16),
    ("received_file", lambda o: (o.remittance.part.file_id,), ("TRN*1*EFT0001001", "segments"), 16),
    ("sent_file", lambda o: (o.outgoing.pk,), ("CLM*CW1001*", "LAKESIDE01_000000001.837"), 16),
]
DOWNLOADS = [
    ("claims_csv", lambda o: ()),
    ("statement", lambda o: (o.statement.pk,)),
    ("received_download", lambda o: (o.remittance.part.file_id,)),
    ("sent_download", lambda o: (o.outgoing.pk,)),
]
EVERY = [*((name, ids) for name, ids, _, _ in PAGES), *DOWNLOADS, ("search", lambda o: ())]
OF_ONE_THING = [(name, ids) for name, ids in EVERY if name in (
    "claim", "patient", "remittance", "received_file", "sent_file", "statement", "received_download", "sent_download",
)]  # fmt: skip


def address(name, arguments=()):
    from django.urls import reverse

    return reverse(name, args=arguments)


@pytest.mark.parametrize(("name", "ids", "wanted", "most"), PAGES, ids=[page[0] for page in PAGES])
def test_the_page_shows_what_a_biller_needs(client, mine, name, ids, wanted, most):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address(name, ids(mine)))  # so that caches of the process are warm
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address(name, ids(mine)))
    assert response.status_code == 200
    text = response.content.decode()
    for words in (*wanted, "First Practice", "09/30/2026"):
        assert words in text, words
    assert "Other Practice" not in text
    assert "<script>" not in text and "style=" not in text and "onclick" not in text
    assert len(queries) <= most, [query["sql"][:120] for query in queries]


@pytest.mark.parametrize(("name", "ids"), EVERY, ids=[name for name, _ in EVERY])
def test_nobody_reads_without_signing_in(offices, mine, name, ids):
    from django.test import Client

    response = Client().get(address(name, ids(mine)))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize(("name", "ids"), OF_ONE_THING, ids=[name for name, _ in OF_ONE_THING])
def test_another_tenants_page_is_not_found(client, theirs, name, ids):
    assert client.get(address(name, ids(theirs))).status_code == 404


@pytest.mark.parametrize(("name", "ids"), EVERY, ids=[name for name, _ in EVERY])
def test_pages_only_read(client, mine, name, ids):
    assert client.post(address(name, ids(mine))).status_code == 405


@pytest.mark.parametrize(("name", "ids"), DOWNLOADS, ids=[name for name, _ in DOWNLOADS])
def test_downloads_are_not_pages_of_ours(client, mine, name, ids):
    response = client.get(address(name, ids(mine)))
    assert response.status_code == 200
    assert "filename=" in response.headers["Content-Disposition"]
    kind = response.headers["Content-Type"]
    assert not kind.startswith("text/html") and (not kind.startswith("text/") or "charset=utf-8" in kind)
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_statement_comes_back_as_it_was_issued(client, mine):
    response = client.get(address("statement", (mine.statement.pk,)))
    assert response.content == bytes(mine.statement.pdf) and response.content.startswith(b"%PDF-")


def test_lists_grow_and_queries_do_not(client, mine):
    """Ten more claims of ten more patients: the claims list asks no more questions than before."""
    from datetime import date
    from decimal import Decimal

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.builders import a_claim, a_line, a_patient
    from tests.lib.web_data import a_claim_row, a_patient_row

    def asked(name):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(name))
        return len(queries)

    names = ("home", "claims", "patients")
    before = {name: (asked(name), asked(name))[1] for name in names}
    with tenant_scope(mine.tenant):
        for number in range(10):
            noun = a_patient(record_number=f"GROW{number}")
            patient = a_patient_row(mine.practice, mine.payer, noun, f"GROW{number}")
            line = a_line(control_number=f"GROW{number}", charge=Decimal("10.00"), date_from=date(2026, 9, 1))
            a_claim_row(
                mine.practice, mine.payer, patient, a_claim(control_number=f"GROW{number}", patient=noun, lines=(line,))
            )
    assert {name: asked(name) for name in names} == before


def test_a_person_without_a_practice_sees_none(offices):
    from django.test import Client

    from tests.lib.web_data import a_user

    client = Client()
    client.force_login(a_user(None, "nobody"), backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(address("claims"))
    assert response.status_code == 403
    assert "No practice is assigned" in response.content.decode()


def test_pages_carry_a_strict_policy(client, mine):
    response = client.get(address("home"))
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_every_reading_of_patient_data_is_in_the_audit_log(client, mine):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    reads = {
        "claim": ("claim.read", "claim", mine.paid.claim_id),
        "patient": ("patient.read", "patient", mine.patients["MRN1001"].pk),
        "remittance": ("remittance.read", "remittance", mine.remittance.pk),
        "statement": ("statement.read", "statement", mine.statement.pk),
        "received_download": ("file.download", "received_file", mine.remittance.part.file_id),
    }
    for name, (action, subject_type, subject_id) in reads.items():
        client.get(address(name, (subject_id,)))
        with tenant_scope(mine.tenant):
            last = AuditEvent.objects.order_by("-sequence").first()
        assert (last.actor, last.action, last.subject_type, last.subject_id) == (
            "biller", action, subject_type, str(subject_id),
        ), name  # fmt: skip
    for name, action in (("claims", "claim.list"), ("claims_csv", "claim.export"), ("patients", "patient.list")):
        client.get(address(name), {"q": "TESTER"})
        with tenant_scope(mine.tenant):
            last = AuditEvent.objects.order_by("-sequence").first()
        assert last.action == action and "TESTER" not in last.detail + last.subject_id


def test_a_page_not_shown_is_no_reading(client, theirs, mine):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        before = AuditEvent.objects.count()
    client.get(address("claim", (theirs.paid.claim_id,)))
    with tenant_scope(mine.tenant):
        assert AuditEvent.objects.count() == before
