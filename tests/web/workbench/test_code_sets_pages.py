"""Code sets on their page: what is loaded and missing, files looked at before they count, refused whole, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.unit.codes.library_files import anweb_file, anweb_line
from tests.web.workbench.test_front_desk import as_role, clean, desk, text, within  # noqa: F401

PAYERS = b"payer id,payer name\n60054,Example Health\n87726,Another Plan\n"


@pytest.fixture
def owner(desk, tmp_path, monkeypatch):  # noqa: F811
    """An owner's browser, over a library of this test alone."""
    monkeypatch.setenv("CLAIMWRIGHT_CODES", str(tmp_path / "codes"))
    as_role(desk, "owner")
    return desk


def check(client, content=PAYERS, name="payers.csv", **told):
    return text(client.post(reverse("check_code_files"), {"files": SimpleUploadedFile(name, content)} | told))


def accept(client, body):
    def cell(name):
        return body.split(f'name="{name}" value="')[1].split('"')[0]

    told = {name: cell(name) for name in ("token", "start", "end", "label", "set_name", "supersede", "smaller")}
    return text(client.post(reverse("import_codes"), told, follow=True))


def status_page(client):
    return clean(text(client.get(reverse("code_sets"))))


def test_the_page_tells_what_is_judged_and_which_edits_cannot_run(owner):
    body = status_page(owner)
    for words in ("ICD-10-CM diagnoses", "10/01/2025 to 09/30/2026", "Shipped", "NCCI pairs, practitioner",
                  "Nothing was imported yet", "edits cannot run"):  # fmt: skip
        assert words in body, words
    missing = body.split("<h2>Missing</h2>")[1].split("<h2>Loaded</h2>")[0]
    row = next(part for part in missing.split("<tr>") if "ncci_pairs_practitioner" in part)
    assert ">PX14</a>" in row and "Import" in row


def test_files_are_compared_accepted_and_told_in_the_history(owner):
    from claimwright.web.core.models import AuditEvent

    body = clean(check(owner))
    assert "Payer" in body and "60054, 87726" in body and "2 rows" in body
    assert "Nothing was imported yet" in status_page(owner)
    assert "In force: Payer" in accept(owner, body)
    body = status_page(owner)
    assert "Imported" in body and "payers.csv" in body and "biller" in body.split("<h2>History</h2>")[1]
    again = check(owner)
    assert "Loaded already" in again and "Nothing new" in again
    assert "Nothing new" in accept(owner, again)
    with within(owner):
        assert AuditEvent.objects.filter(action="codes.import", detail="payer").count() == 1


def test_an_import_is_taken_back_with_its_reason(owner):
    accept(owner, check(owner))
    undo = reverse("rollback_codes")
    assert "Say which set and why" in text(owner.post(undo, {"set_name": "payer"}, follow=True))
    assert "nothing imported of hcpcs" in text(owner.post(undo, {"set_name": "hcpcs", "reason": "x"}, follow=True))
    assert "taken back" in text(owner.post(undo, {"set_name": "payer", "reason": "wrong list"}, follow=True))
    history = status_page(owner).split("<h2>History</h2>")[1]
    assert "biller: wrong list" in history and history.count("<tr>") == 3


@pytest.mark.parametrize(
    ("content", "name", "told", "words"),
    [
        (anweb_file(anweb_line("99213")), "HCPC2026_OCT_ANWEB.txt", {}, ("line 13", "AMA")),
        (b"a,b\n1,2\n", "strange.csv", {}, ("strange.csv",)),
        (b"PK\x03\x04broken", "broken.zip", {}, ("Nothing was taken",)),
        (PAYERS, "payers.csv", {"start": "soon"}, ("no day of the calendar",)),
        (b"", "payers.csv", {}, ("Nothing was taken",)),
    ],
)
def test_what_is_refused_is_told_with_its_line_and_changes_nothing(owner, content, name, told, words):
    body = clean(check(owner, content, name, **told))
    for one in ("Nothing was taken", *words):
        assert one in body, (one, body[body.find("errorlist"): body.find("errorlist") + 600])  # fmt: skip
    assert "Nothing was imported yet" in status_page(owner)


def test_names_of_files_lead_nowhere(owner):
    from django.conf import settings

    body = check(owner, name="../../../payers.csv")
    assert "60054" in body
    kept = {path.parent.parent for path in Path(settings.HOME).glob("**/payers.csv")}
    assert Path(settings.HOME) / "uploads" / str(owner.tenant.pk) in kept
    assert {place.parent.name for place in kept} == {"uploads"}
    assert "In force" in accept(owner, body)
    assert "no file is chosen" in text(owner.post(reverse("check_code_files")))


@pytest.mark.parametrize("role", ["biller", "supervisor", "manager"])
def test_only_an_owner_changes_what_all_practices_use(owner, role):
    body = check(owner)
    as_role(owner, role)
    assert "Check the files" not in status_page(owner)
    assert owner.post(reverse("check_code_files")).status_code == 403
    assert owner.post(reverse("import_codes"), {"token": body.split('name="token" value="')[1][:32]}).status_code == 403
    assert owner.post(reverse("rollback_codes"), {"set_name": "payer", "reason": "x"}).status_code == 403


def test_doors(owner):
    from django.test import Client

    assert Client().get(reverse("code_sets")).status_code == 302
    assert owner.post(reverse("code_sets")).status_code == 405
    for name in ("check_code_files", "import_codes", "rollback_codes"):
        assert owner.get(reverse(name)).status_code == 405
        assert Client().post(reverse(name)).status_code == 302
