"""A set kept, its faults read, corrected, loaded and taken back by a person on the page."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.lib import takeover_sets as sets
from tests.lib.web_data import a_user


def lead(mine, username):
    """The browser of a person who may bring balances over: not every biller may."""
    from django.test import Client

    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        user = a_user(mine.tenant, username, role="manager")
    client = Client(raise_request_exception=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def keep(client, mine, balance):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import PatientCoverage

    with tenant_scope(mine.tenant):
        cover = PatientCoverage.objects.select_related("patient", "payer").filter(sequence="P").order_by("pk").first()
    row = sets.line("OLD7", 1, "150.00", balance, mrn=cover.patient.record_number, payer=cover.payer.key)
    (content,) = sets.as_files({"open_lines": [row]}).values()
    posted = client.post(
        "/takeover/save/",
        {"name": "Old office", "practice": str(mine.practice.pk), "as_of": "2026-09-30", "insurance": "150.00",
         "patient": "0", "credits": "0.00", "by_payer": f"{cover.payer.key} 150.00",
         "files": [SimpleUploadedFile("open_lines.csv", content)]},
        follow=True,
    )  # fmt: skip
    return posted, cover


def test_a_person_keeps_corrects_loads_and_takes_back_a_set(mine):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.takeover.models import Takeover

    client = lead(mine, "mara")
    empty = client.get("/takeover/").content.decode()
    assert "No set is saved yet" in empty and "open_lines.csv" in empty
    assert client.get("/takeover/templates/open_lines.csv").content.startswith(b"\xef\xbb\xbfclaim,mrn,dos")
    assert client.get("/takeover/templates/nothing.csv").status_code == 404

    posted, cover = keep(client, mine, "140.00")
    wrong = posted.content.decode()
    assert "open_lines.csv row 2, column balance" in wrong
    assert "Load all of it" not in wrong
    address = posted.request["PATH_INFO"]
    assert b"LINE_DOES_NOT_TIE" in client.get(f"{address}faults.csv").content
    refused = client.post(f"{address}load/", follow=True).content.decode()
    assert "Nothing changed" in refused and "Insurance: stated 150.00, found 140.00" in refused

    good = keep(client, mine, "150.00")[0].content.decode()
    assert "Good to load" in good and "Load all of it" in good
    loaded = client.post(f"{address}load/", follow=True).content.decode()
    assert "Came over, to the cent: claims 1, lines 1" in loaded
    assert "Answer of the payer expected" in loaded and str(cover.patient) in loaded
    assert "Loaded" in client.get("/takeover/").content.decode()
    undone = client.post(f"{address}undo/", {"reason": "the wrong month"}, follow=True).content.decode()
    assert "Taken back, lines: 1" in undone and "the wrong month" in undone
    with tenant_scope(mine.tenant):
        assert Takeover.objects.get().state == "undone"
        done = set(AuditEvent.objects.filter(action__startswith="takeover").values_list("action", flat=True))
    assert done >= {"takeover", "takeover.save", "takeover.load", "takeover.undo", "takeover.load_asked"}


def test_a_set_that_says_too_little_is_not_kept(mine, theirs):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.takeover.models import Takeover

    client = lead(mine, "noel")
    whole = {"name": "X", "practice": str(mine.practice.pk), "as_of": "2026-09-30", "insurance": "1.00", "patient": "0",
             "credits": "0"}  # fmt: skip
    for changed, says in (
        ({"insurance": "one"}, "Insurance A/R: write an amount"), ({"name": " "}, "name: 1 to 60"),
        ({"as_of": ""}, "as of: the day"), ({"as_of": "2026-10-01"}, "the day lies ahead"),
        ({"credits": "-1.00"}, "without a minus"), ({"by_payer": "NOBODY 1.00"}, "no payer NOBODY"),
        ({"by_payer": "NOBODY"}, "by payer, line 1"), ({"practice": str(theirs.practice.pk)}, "practice: choose"),
    ):  # fmt: skip
        assert says in client.post("/takeover/save/", whole | changed, follow=True).content.decode()
    with tenant_scope(mine.tenant):
        assert not Takeover.objects.filter(name="X").exists()
