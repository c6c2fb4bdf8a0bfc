"""Uploads cannot hurt: twenty-three hostile files at every door of the workbench and in the partner's folder.

Each is refused or kept aside in words, within a hundred megabytes, and nothing of it is taken; within two seconds of
work too, which the full-scale run measures.
"""

from __future__ import annotations

import gzip
import os
import resource
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import _two_tenants
from tests.lib import practices, proving
from tests.lib.web_data import a_practice_at_work, a_user
from tests.safety.hostile_files import HOSTILE, MEGABYTE

MOST_SECONDS, MOST_GROWTH_KILOBYTES = 2.0, 100 * 1024
CLIMBED = (Path("/tmp/climbed.csv"), Path("/tmp/climbed.txt"))


@pytest.fixture(scope="module")
def office(module_database):
    from claimwright.web.contracts.models import Contract
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import PatientCoverage
    from claimwright.web.practice.models import Payer
    from claimwright.web.recoveries.models import Agency

    tenant = _two_tenants()[0]
    with tenant_scope(tenant):
        made = a_practice_at_work()
        made.coverage = PatientCoverage.objects.order_by("pk").first()
        made.practice_id = made.coverage.patient.practice_id
        made.agency = Agency.objects.create(name="Agency of the test", fee_share="0.3")
        made.contract = Contract.objects.create(payer=Payer.objects.first(), name="One", tax_id="391234567")
    made.tenant, made.user = tenant, a_user(tenant, "owner", "owner")
    return made


@pytest.fixture(scope="module")
def client(office):
    from django.test import Client

    client = Client(raise_request_exception=True)
    client.force_login(office.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def doors(office):
    """(name, address, name of the file's field, what else the form has) of every door by which a file comes in."""
    return [
        ("bank", "/bank/import/", "file", {"new_account": "Main"}),
        ("documents", "/documents/add/", "file", {"kind": "other", "patient": str(office.coverage.patient_id)}),
        ("cards", f"/coverages/{office.coverage.pk}/cards/", "front", {}),
        ("prices", "/prices/upload/", "file", {"start": "2026-01-01", "practice": str(office.practice_id)}),
        ("contracts", f"/contracts/{office.contract.pk}/sheet/", "file", {"start": "2026-01-01"}),
        ("codes", "/codes/check/", "files", {}),
        ("agency", f"/agency/{office.agency.pk}/payments/", "file", {}),
        ("takeover", "/takeover/save/", "files", {"practice": str(office.practice_id), "as_of": "2026-01-01", "name": "Old"}),
    ]  # fmt: skip


def test_every_door_is_walked():
    """A view that takes a file and is not in `doors` fails here."""
    import claimwright

    folder = Path(claimwright.__file__).parent / "web"
    taking = {path for path in folder.rglob("*.py") if "request.FILES" in path.read_text()}
    taking = {path for path in taking if path.stem != "sent_forms"}  # knows a form again by its digest, opens nothing
    filed = {path for path in taking if "add_document(" in path.read_text()}  # one door behind several pages
    assert {path.stem for path in taking - filed} == {
        "bank", "card_images", "charge_master", "contracts", "code_sets", "recoveries", "takeover",
    }  # fmt: skip
    assert "documents" in {path.stem for path in filed}


def _taken(tenant):
    """What a file that was let in would have made: rows of money, prices and coverage; documents that can be read."""
    from claimwright.web.authorizations.models import Document
    from claimwright.web.bank.models import BankLine
    from claimwright.web.contracts.models import ContractVersion
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import CardImage
    from claimwright.web.payments.models import PatientReceipt
    from claimwright.web.practice.models import Charge

    with tenant_scope(tenant):
        return {
            "lines of the bank": BankLine.objects.count(), "prices": Charge.objects.count(),
            "terms": ContractVersion.objects.count(), "receipts": PatientReceipt.objects.count(),
            "cards": CardImage.objects.filter(state="readable").count(),
            "documents": Document.objects.filter(state="readable").exclude(media_type="text/plain").count(),
        }  # fmt: skip


KEPT_AS_PAPER = {("documents", "bomb.pdf"), ("cards", "bomb.pdf"), ("documents", "laughs.xml")}  # opened by nobody here


NATURAL = {".xlsx": ("prices", "contracts", "codes"), ".xlsm": ("prices", "contracts"), ".zip": ("codes", "prices"), ".gz": ("codes", "bank"),
           ".pdf": ("documents", "cards"), ".png": ("documents", "cards"), ".csv": ("takeover", "agency")}  # fmt: skip


def _doors_for(name, every):
    """The doors that would open such a file, and two others in turn."""
    at = list(HOSTILE).index(name)
    also = {every[(at + step) % len(every)][0] for step in (0, 3)}
    return [one for one in every if one[0] in also or one[0] in NATURAL.get(Path(name).suffix, ())]


def _send_all(office, client, doors_for, *, most_seconds=float("inf")):
    """Each file to the doors that `doors_for` chooses; says how many went. Whatever does not hold fails here."""
    before, slow, silent, sent = _taken(office.tenant), [], [], 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, make in HOSTILE.items():
        content = make()
        peak = max(peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # what making it took is not the door's
        for door, address, field, form in doors_for(name, doors(office)):
            began = time.process_time()
            answer = client.post(address, {**form, field: SimpleUploadedFile(name, content)})
            spent = time.process_time() - began
            sent += 1
            if spent > most_seconds:
                slow.append((door, name, round(spent, 1)))
            if not _says_why(client, answer):
                silent.append((door, name, answer.status_code))
        del content
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    after = _taken(office.tenant)
    assert not slow and not silent
    assert grown < MOST_GROWTH_KILOBYTES, f"{grown} kB"
    kept = after.pop("documents") + after.pop("cards") - before.pop("documents") - before.pop("cards")
    assert after == before and kept <= len(KEPT_AS_PAPER)
    assert not any(path.exists() for path in CLIMBED)
    return sent


def _says_why(client, answer):
    words = [str(one) for one in answer.wsgi_request._messages._queued_messages]
    if not words and answer.status_code == 302:  # its faults stand on a page of their own
        answer = client.get(answer.headers["Location"])
    marks = (b"errorlist", b"proof bad", b"refus", b"BLOCKS", b"fault")
    said = words or [mark for mark in marks if mark in answer.content]
    return bool(said) and answer.status_code in (200, 302, 413)


def test_hostile_files_are_refused_small_and_in_words(office, client):
    assert _send_all(office, client, _doors_for) > 60


@pytest.mark.prove
def test_row37_every_hostile_file_at_every_door(office, client):
    with proving.result(37, lambda: f"{sent} hostile uploads, none taken, each refused in {MOST_SECONDS:g} s"):
        sent = _send_all(office, client, lambda _, every: every, most_seconds=MOST_SECONDS)
        assert sent == len(HOSTILE) * len(doors(office))


def test_no_file_is_kept_outside_the_upload_folder_and_names_do_not_climb(office, client):
    from django.conf import settings

    content = SimpleUploadedFile("../../../evil.txt", b"nothing known\n")
    client.post("/codes/check/", {"files": content})
    kept = list(Path(settings.HOME).rglob("*evil*"))
    assert all((Path(settings.HOME) / "uploads") in path.parents for path in kept)


@pytest.mark.parametrize(("address", "told", "status"), [
    ("/documents/add/", 10 * 1024**3, 413),
    ("/documents/add/", 27 * MEGABYTE, 413),
    ("/codes/check/", 10 * 1024**3, 413),
    ("/no/such/page/", 10 * 1024**3, 413),
    ("/login/", 10 * 1024**3, 413),
])  # fmt: skip
def test_what_says_that_it_is_huge_is_refused_before_it_is_read(client, address, told, status):
    class Untouched:
        def read(self, *_):
            raise AssertionError("a byte of it was read")

        readline = read

    answer = client.generic("POST", address, b"", content_type="multipart/form-data; boundary=x",
                            **{"CONTENT_LENGTH": str(told), "wsgi.input": Untouched()})  # fmt: skip
    assert answer.status_code == status and b"Nothing was kept" in answer.content


def test_large_files_are_taken_only_from_whoever_may_send_them(client):
    from django.test import RequestFactory

    from claimwright.web.core.models import User
    from claimwright.web.workbench.upload_limits import LARGER, MOST_BYTES, _most

    assert client
    for address, name in (("/codes/check/", "check_code_files"), ("/takeover/save/", "save_takeover")):
        request = RequestFactory().post(address)
        for role, most in (("owner", LARGER[name]), ("front_desk", MOST_BYTES)):
            request.user = User(role=role)
            assert _most(request) == most


# What a partner puts into the folder ----------------------------------------------------------------------------------


@pytest.fixture
def clinic(tenant, tmp_path):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return practices.set_up(tmp_path / "partner")


def test_a_partners_folder_cannot_hurt_either(tenant, clinic, tmp_path):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import InboxFile, InboxPart
    from claimwright.web.operations.receive import receive
    from claimwright.web.payments.models import Remittance

    secret = tmp_path / "secret.txt"
    secret.write_text("ISA*00*secret")
    names = ("bomb.zip", "bomb.csv.gz", "nested.zip", "laughs.xml", "program.pdf", "noise.csv", "page.svg", "links.zip")
    for name in names:
        (clinic.incoming / name).write_bytes(HOSTILE[name]())
    (clinic.incoming / "twice.835.gz").write_bytes(gzip.compress(gzip.compress(bytes(50 * MEGABYTE))))
    (clinic.incoming / "link.835").symlink_to(secret)
    with (clinic.incoming / "huge.835").open("wb") as huge:
        huge.truncate(10 * 1024**3)  # sparse: 10 GB by its size, nothing on the disk
    peak, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    receive(tenant=tenant)
    assert time.process_time() - began < MOST_SECONDS * (len(names) + 3)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < MOST_GROWTH_KILOBYTES
    with tenant_scope(tenant):
        fates = set(InboxPart.objects.values_list("fate", flat=True))
        told = list(WorkItem.objects.values_list("file_name", "reason"))
        assert fates <= {"quarantined", "duplicate"} and not Remittance.objects.exists()
        assert not InboxFile.objects.filter(name="link.835").exists(), "a link was followed"
        assert any("10737418240 bytes" in reason for _, reason in told), "the huge file is told of and left there"
        assert {name for name, _ in told} >= {"bomb.zip", "bomb.csv.gz", "nested.zip"}
    assert (clinic.incoming / "huge.835").exists() and not any(path.exists() for path in CLIMBED)
    os.unlink(clinic.incoming / "huge.835")


@pytest.mark.parametrize(("name", "says"), [
    ("bomb.xlsx", "unpacks to more than"), ("lying.xlsx", "damaged|unpacks"), ("macros.xlsm", "macros"),
    ("locked.xlsx", "password"), ("parts.xlsx", "parts"),
])  # fmt: skip
def test_a_workbook_is_refused_before_it_is_opened(name, says):
    from claimwright.codes.workbooks import WorkbookRefused, check_workbook

    with pytest.raises(WorkbookRefused, match=says):
        check_workbook(HOSTILE[name]())


def test_a_bomb_in_gzip_is_not_unpacked_and_a_real_file_is():
    from claimwright.x12.reader import unpack

    bomb = gzip.compress(bytes(220 * MEGABYTE), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert unpack(bomb, 200 * MEGABYTE) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < MOST_GROWTH_KILOBYTES
    real = b"".join(b"CLP*%d*1*100*80*20*12*X%d~" % (n, n * 7) for n in range(40_000))
    assert unpack(gzip.compress(real)) == real
    assert unpack(gzip.compress(real)[:-9]) is None
