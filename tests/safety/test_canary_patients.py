"""Fifty patients whose names, numbers and social security numbers are words found nowhere else, through a small day.

Taken in, claimed, sent, paid, billed, searched, mistyped, broken off and backed up. Then every place is searched that is
not the record itself: log lines, figures, mail, addresses that pages lead to, temporary files, the home's folders,
backups, and tables that must hold ids only. The record's own tables and what goes to the partner are plain; they are the
store, and an encrypted disk is theirs.
"""

from __future__ import annotations

import io
import json
import logging
import re
import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import _two_tenants
from tests.lib import practices, world

COUNT = 50
LETTERS = "BCDFGHJKLM"
LOGGERS = ("", "claimwright", "django", "django.request", "django.security", "procrastinate", "asyncssh", "httpx")


def word(number):
    return f"QZ{LETTERS[number // 10]}{LETTERS[number % 10]}VEXQUO"


def social(number):
    return f"9874{number:02d}{number + 311:03d}"


WORDS = [word(number) for number in range(COUNT)]
SECRETS = [one.encode() for one in WORDS] + [social(number).encode() for number in range(COUNT)]
RECORDS = [f"ZMRN{word(number)}" for number in range(COUNT)]
LOOK = re.compile(b"QZ[B-M]{2}VEXQUO|9874[0-5][0-9]3[0-9][0-9]", re.IGNORECASE)


def found_in(content):
    return sorted({one.decode() for one in LOOK.findall(content if isinstance(content, bytes) else content.encode())})


@pytest.fixture(scope="module")
def day(module_database, tmp_path_factory):
    """Everything that a small day leaves: log text, addresses led to, headers, mail, figures, a backup, the folders."""
    import django.conf
    from django.core import mail
    from django.test import Client

    from claimwright.web.core.logs import JsonLines
    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_user

    root = tmp_path_factory.mktemp("canaries")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG if name != "" else logging.INFO)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # at DEBUG it prints statements: nobody's setting
    logging.getLogger().addHandler(handler)
    keeping, tempfile.tempdir = tempfile.tempdir, str(root / "tmp")
    (root / "tmp").mkdir()
    tenant = _two_tenants()[0]
    user = a_user(tenant, "owner", "owner")
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    mail.outbox = []
    made = SimpleNamespace(
        root=root, tenant=tenant, home=Path(django.conf.settings.HOME), answers=[], database=module_database
    )
    with tenant_scope(tenant):
        clinic = practices.set_up(root / "partner")
    try:
        made.run = _bill(tenant, clinic)
        _press(client, tenant, made.answers)
        made.backup = _back_up(made)
        made.metrics = Client().get("/metrics").content
    finally:
        tempfile.tempdir = keeping
        logging.getLogger().removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    made.log, made.mail = stream.getvalue(), list(mail.outbox)
    return made


def _bill(tenant, clinic):
    """Taken in, numbered, sent, paid, one payment spoiled, statements issued and announced by mail."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from claimwright.web.operations.receive import receive
    from claimwright.web.patients.models import Patient
    from claimwright.web.patients.sealing import seal, ssn_index
    from claimwright.web.practice.models import Payer
    from claimwright.web.statements.delivery import send_emails
    from claimwright.web.statements.services import issue_due_statements
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    rows = [
        practices.superbill_row(
            external_id=f"V{n}",
            mrn=RECORDS[n],
            last=WORDS[n],
            first="ADA",
            member_id=f"W{10_000_000 + n}",
            dos_from="2026-09-01",
        )
        for n in range(COUNT)
    ]
    with tenant_scope(tenant):
        practices.take_in(clinic, *rows)
        Payer.objects.filter(key="NMUT").update(aliases=[world.PAYER_TRACE_ID])
        for number, patient in enumerate(Patient.objects.order_by("record_number")):
            patient.ssn_sealed, patient.ssn_index = seal(social(number).encode()).decode(), ssn_index(social(number))
            patient.content |= {"email": f"{WORDS[number].lower()}@example.org"}
            patient.save()
        scrub()
    files = submit_ready(tenant=tenant)
    assert files and all(file.state == "sent" for file in files)
    with tenant_scope(tenant):
        versions = list(ClaimVersion.objects.select_related("claim__patient").order_by("control_number"))
        assert len(versions) == COUNT
        tin = clinic.practice.tax_id
        good = world.remittance([world.paid(one) for one in versions[:40]], trace="Q1", payee_tax_id=tin)
        short = world.remittance([world.paid(one) for one in versions[40:]], trace="Q2", payee_tax_id=tin)
        spoiled = world.as_file([short], control_number=2).replace(b"BPR*I*850*", b"BPR*I*849*")
    (clinic.incoming / "good.835").write_bytes(world.as_file([good]))
    (clinic.incoming / "spoiled.835").write_bytes(spoiled)
    (clinic.incoming / "scan.pdf").write_bytes(b"%PDF-1.4 " + WORDS[0].encode())
    receive(tenant=tenant)
    post(tenant=tenant)
    with tenant_scope(tenant):
        run = issue_due_statements(as_of=date(2026, 10, 6))
    send_emails(tenant=tenant)
    return run


def _press(client, tenant, answers):
    """Pages that answer, refuse and break, with the words in them; what each led to is kept."""
    from unittest import mock

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient
    from claimwright.web.workbench import pages

    with tenant_scope(tenant):
        patients = list(Patient.objects.order_by("record_number"))
    assert len(patients) == COUNT

    def keep(answer):
        answers.append(answer)
        return answer

    for number, patient in enumerate(patients):
        name, page = WORDS[number], f"/patients/{patient.pk}/"
        keep(client.get(page))
        keep(client.post("/patients/new/save/", {"last_name": name, "ssn": social(number), "birth_date": "no day"}))
        keep(client.get(f"/{name}/"))
        keep(
            client.post(
                f"{page}disclosures/record/", {"recipient": name, "basis": "payment", "disclosed_on": "2026-09-01"}
            )
        )
        if number % 10 == 0:
            for address in ("/prices/upload/", "/documents/add/", "/codes/check/", "/bank/import/"):
                file = SimpleUploadedFile(f"{name}.csv", f"last,ssn\n{name},{social(number)}\n".encode())
                keep(client.post(address, {"file": file, "files": file}))
    large = SimpleUploadedFile(f"{WORDS[1]}.csv", (WORDS[1] + "\n").encode() * 400_000)  # more than memory keeps
    keep(client.post("/bank/import/", {"file": large, "new_account": "Main"}))

    def breaks(*_, **__):
        raise ValueError(f"{WORDS[2]} has the number {social(2)}")

    with mock.patch.object(pages, "record_audit", breaks):
        broken = keep(client.get("/claims/"))
    assert broken.status_code == 500
    for address in ("/", "/audit/", "/files/", "/statements/", "/remittances/", "/worklists/edit_holds/", "/claims/"):
        keep(client.get(address))


def _back_up(made):
    from django.db import connections
    from psycopg.conninfo import make_conninfo

    from claimwright.web.operations.backup_making import make_backup
    from claimwright.web.operations.sealed_files import Passphrase

    given = connections["owner"].get_connection_params()
    conninfo = make_conninfo(dbname=made.database, user="postgres", host=given["host"], port=given.get("port", ""))
    target = made.root / "backup.age"
    make_backup(
        home=made.home, conninfo=conninfo, target=target, key=Passphrase("correct horse battery staple", work_factor=10),
        secret_key="x" * 60, codes=made.home / "codes",
    )  # fmt: skip
    return target


def _everywhere(database, host, words):
    """Table to how many of its rows hold one of the words, whatever the column, for a database owner who reads it all."""
    import psycopg

    found = {}
    with psycopg.connect(host=host, user="postgres", dbname=database) as administrator:
        tables = administrator.execute("SELECT relname FROM pg_stat_user_tables ORDER BY 1").fetchall()
        for (table,) in tables:
            (count,) = administrator.execute(
                f'SELECT count(*) FROM "{table}" r WHERE r::text ~* %s', [words]
            ).fetchone()
            if count:
                found[table] = count
    return found


def test_the_day_was_lived(day):
    """The canary: what is looked for below is really in the record and was really shown."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import ClaimPayment, Statement

    with tenant_scope(day.tenant):
        assert ClaimPayment.objects.filter(state="posted").count() == 40
        assert Statement.objects.count() >= 30, day.run
    shown = [one for answer in day.answers for one in found_in(answer.content)]
    assert len(set(shown)) >= COUNT
    assert {answer.status_code for answer in day.answers} >= {200, 302, 404, 500}


def test_no_line_of_the_log_no_figure_and_no_mail_says_who(day):
    assert len(day.log.splitlines()) > 250 and '"route": "patient"' in day.log
    assert not found_in(day.log)
    assert not found_in(day.metrics)
    for letter in day.mail:
        assert not found_in(letter.subject + letter.body), "a mail holds a link and nothing of the patient"


def test_no_page_leads_to_an_address_with_a_patient_in_it(day):
    """Redirects and links. A search that a person types is in that person's own address bar; routes alone are logged."""
    for answer in day.answers:
        assert not found_in(answer.headers.get("Location", ""))
        if answer.status_code == 200:
            for link in re.findall(rb"(?:href|action|src)=\"([^\"]*)\"", answer.content):
                target = re.sub(rb"[?&]q=[^&\"]*", b"", link)
                assert not found_in(target), target[:60]


def test_errors_say_nothing_and_browsers_keep_nothing(day):
    for answer in day.answers:
        if answer.status_code >= 404:
            body = answer.content.decode(errors="replace")
            assert not found_in(body), answer.status_code
        elif answer.status_code == 200:
            assert "no-store" in answer.headers.get("Cache-Control", ""), answer.request["PATH_INFO"]


STORED = re.compile(r"(?:localStorage|sessionStorage|indexedDB)\.(?:setItem\()?[^\n]*")
MAY_STAY = ("theme", "scheme", "trail")  # colours; and the rows of the last list by their ids, its search left out


def test_scripts_put_no_patient_into_the_browsers_store():
    import claimwright

    seen = 0
    for path in Path(claimwright.__file__).parent.glob("web/static/*.js"):
        text = path.read_text()
        for found in STORED.findall(text):
            seen += 1
            assert any(word in found for word in MAY_STAY) or "getItem" in found, f"{path.name}: {found[:90]}"
            if "trail" in found and "setItem" in found:
                assert 'searchParams.delete("q")' in text, path.name
    assert seen


def test_temporary_files_are_gone_and_the_home_holds_nobody(day):
    left = [path for path in (day.root / "tmp").rglob("*") if path.is_file()]
    assert not left
    kept = {}
    for path in day.home.rglob("*"):
        if path.is_file() and "postgres" not in path.relative_to(day.home).parts[:1]:
            if hits := found_in(path.read_bytes() + path.name.encode()):
                kept[str(path.relative_to(day.home))] = hits[:2]
    assert not kept


def test_a_backup_is_sealed(day):
    content = day.backup.read_bytes()
    assert content.startswith(b"age-encryption.org/v1") and len(content) > 100_000
    assert not found_in(content)


def test_social_security_numbers_are_in_no_table_and_names_only_in_the_record(day, postgres):
    host = str(postgres.socket)
    assert not _everywhere(day.database, host, "9874[0-5][0-9]3[0-9][0-9]")
    where = set(_everywhere(day.database, host, "QZ[B-M]{2}VEXQUO"))
    ids_only = {
        "core_auditevent", "core_workitem", "core_counter", "accounts_ledgertransfer", "operations_jobrun", "axes_accessattempt",
        "axes_accesslog", "django_admin_log", "procrastinate_jobs", "procrastinate_events", "submissions_claimevent",
    }  # fmt: skip
    assert not where & ids_only
    assert {"patients_patient", "submissions_claimversion"} <= where  # the search sees what is there


def test_without_the_keys_nothing_sealed_can_be_read(day, postgres, tmp_path):
    """The database alone, or a copy of it with other keys: numbers, cards and documents stay shut."""
    from unittest import mock

    import psycopg

    from claimwright.web.authorizations.papers import add_document, open_document
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients import sealing
    from claimwright.web.patients.models import Patient

    paper = f"Operative note of {WORDS[3]}: all went well.\n".encode()
    with tenant_scope(day.tenant):
        patient = Patient.objects.order_by("record_number").first()
        document = add_document(kind="other", name="note.txt", content=paper, patient=patient)
    with psycopg.connect(host=str(postgres.socket), user="postgres", dbname=day.database) as administrator:
        (sealed,) = administrator.execute(
            "SELECT content FROM authorizations_document WHERE id = %s", [document.pk]
        ).fetchone()
    assert not found_in(bytes(sealed)) and b"Operative" not in bytes(sealed)
    with tenant_scope(day.tenant):
        document.refresh_from_db()
        assert open_document(document=document) == paper
        with mock.patch.object(sealing, "key_file", lambda name: tmp_path / name):
            with pytest.raises(sealing.Unreadable):
                open_document(document=document)
            with pytest.raises(sealing.Unreadable):
                sealing.unseal(patient.ssn_sealed.encode())
            assert sealing.ssn_index(social(0)) != patient.ssn_index


def test_what_is_looked_for_is_what_was_planted():
    assert all(LOOK.fullmatch(one) for one in SECRETS) and len(set(SECRETS)) == 2 * COUNT
    assert found_in(json.dumps({"x": f"a {WORDS[7].lower()} b"}))
