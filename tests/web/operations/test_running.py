"""What machines ask and read of a running office: health, readiness, figures, and log lines without a patient in them."""

from __future__ import annotations

import io
import json
import logging
import os
import re
from datetime import UTC, datetime

import pytest
from django.test import Client, override_settings
from typer.testing import CliRunner

from claimwright.web.core import logs
from claimwright.web.core.logs import JsonLines
from tests.lib import practices

CANARY = "ZZCANARYZZ"
SAMPLE = re.compile(r'claimwright_[a-z_]+(\{([a-z_]+="[^"\\]*",?)+\})? [0-9.]+(e[+-]\d+)?')


@pytest.fixture
def lines():
    """Every record of every logger as it would be printed, at the noisiest level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    names = ("", "claimwright", "django", "django.request", "procrastinate")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def office(tenant, tmp_path):
    from claimwright.web.core.models import User
    from claimwright.web.core.services import raise_work_item
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.core.worklists import Worklist

    with tenant_scope(tenant):
        clinic = practices.set_up(tmp_path)
        practices.take_in(clinic, *practices.visits(2))
        raise_work_item(worklist=Worklist.DEPOSITS, key="k", reason_code="X", reason=CANARY, what_to_do=CANARY)
    User.objects.create_user(username="ann", password="practice-makes-paid", tenant=tenant, role=User.Role.OWNER)
    return clinic


def signed_in():
    from claimwright.web.core.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="ann"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_health_and_readiness(database, monkeypatch):
    from claimwright.web.operations import health

    client = Client()
    assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json() == {
        "ready": True,
        "database": "ok",
        "migrations": "ok",
        "isolation": "ok",
    }
    assert ready["Cache-Control"].count("no-store") == 1 and client.post("/readyz").status_code == 405
    monkeypatch.setattr(health, "pending_migrations", lambda: ["core.9999_new"])
    late = client.get("/readyz")
    assert late.status_code == 503 and late.json()["migrations"] == "failed" and "9999" not in late.content.decode()
    monkeypatch.undo()
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE patients_patient NO FORCE ROW LEVEL SECURITY")
    assert client.get("/readyz").json()["isolation"] == "failed"
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE patients_patient FORCE ROW LEVEL SECURITY")
    name = connections["default"].settings_dict["NAME"]
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = "no_such_database"
    away = client.get("/readyz")
    figures = client.get("/metrics")
    connections["default"].settings_dict["NAME"] = name
    assert away.status_code == 503 and away.json()["database"] == "failed"
    assert client.get("/healthz").status_code == 200
    assert "claimwright_database_up 0" in figures.content.decode()


def test_figures_count_and_name_nobody(office, tenant):
    client = Client()
    client.get("/healthz")
    client.get(f"/no/such/{CANARY}/")
    text = client.get("/metrics").content.decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert samples and not [line for line in samples if not SAMPLE.fullmatch(line)]
    assert 'claimwright_worklist_open_items{worklist="deposits"} 1' in text
    assert "claimwright_tenants 2" in text and "claimwright_database_up 1" in text
    assert re.search(r'claimwright_requests_total\{route="healthz",status="2xx"\} [1-9]', text)
    assert re.search(r'claimwright_requests_total\{route="none",status="4xx"\} [1-9]', text)
    assert re.search(r'claimwright_request_seconds_bucket\{route="healthz",le="\+Inf"\} [1-9]', text)
    said = text.lower()
    assert CANARY.lower() not in said and tenant.name.lower() not in said and str(tenant.pk) not in said
    # Who may see them: a machine with the token, or this machine itself, and not whom a proxy here speaks for.
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "10.0.0.7"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
    right, wrong = "Bearer a-token-of-the-test", "Bearer a-token-of-the-tesT"
    with override_settings(METRICS_TOKEN="a-token-of-the-test"):
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"authorization": wrong}).status_code == 404
        assert client.get("/metrics", headers={"authorization": right}, REMOTE_ADDR="10.0.0.7").status_code == 200


def test_no_patient_in_any_log_line_figure_or_error(office, tenant, lines, monkeypatch):
    """Row 25 at commit scale for logs, figures and errors: 50 canaries through pages that answer, refuse and break."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations import job_runs, job_table
    from claimwright.web.patients.models import Patient
    from claimwright.web.workbench import search

    client = signed_in()
    with tenant_scope(tenant):
        Patient.objects.update(last_name=CANARY, first_name=CANARY)
        patient = Patient.objects.first()
    bodies = []
    for number in range(50):
        word = f"{CANARY}{number}"
        address = (f"/search/?q={word}", f"/{word}/", f"/patients/{patient.pk}/", f"/worklists/{word.lower()}/")[
            number % 4
        ]
        response = client.get(address) if number % 5 else client.post(address, {"note": word, "last_name": word})
        if response.status_code >= 400:
            bodies.append(response.content.decode())

    def break_down(*args, **kwargs):
        raise ValueError(f"the patient {CANARY} has no plan")

    for name in [name for name in vars(search) if name in ("find", "show", "page_of", "redirect", "render")]:
        monkeypatch.setattr(search, name, break_down)
    broken = client.get(f"/search/?q={CANARY}")
    logging.getLogger("some.library").warning("cannot read %s", CANARY)
    logging.getLogger("some.library").error(f"cannot read {CANARY}")
    try:
        break_down()
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", f"/patients/{CANARY}/")
    monkeypatch.setitem(job_table.BY_NAME, "post", job_table.Job("post", "x", "* * * * *", break_down))
    with tenant_scope(tenant):
        run = job_runs.run_now(tenant=tenant, job="post")
    with pytest.raises(ValueError):
        job_runs.carry_out_run(tenant=tenant, run_id=run.pk)

    found = lines()
    requests = [line for line in found if line["logger"] == "claimwright.requests"]
    assert len(requests) >= 51
    assert {"method", "route", "status", "ms", "user_id", "tenant_id", "request_id"} <= requests[0].keys()
    assert {line["route"] for line in requests} >= {"", "search", "worklist"}
    assert [line for line in requests if line["tenant_id"] == str(tenant.pk) and line["user_id"]]
    (job,) = [line for line in found if line["logger"] == "claimwright.jobs"]
    assert job["job"] == "post" and job["state"] == "failed" and job["fault"].startswith("ValueError in ")
    assert [line for line in found if line.get("fault") == "ValueError" and line["places"]]
    assert "cannot read %s" in [line["event"] for line in found]
    assert client.get("/metrics").status_code == 404  # a person sees no figures of all tenants
    text = Client().get("/metrics").content.decode()
    assert 'claimwright_job_runs_last_day{job="post",state="failed"} 1' in text
    assert 'claimwright_job_newest_failed{job="post"} 1' in text and 'claimwright_queue_jobs{status="todo"} 1' in text
    said = json.dumps(found) + text + broken.headers.get("X-Request-Id", "")
    assert CANARY not in said.upper()
    if broken.status_code >= 500:
        assert CANARY not in broken.content.decode()
    assert len(bodies) >= 10


def test_a_plain_formatter_would_have_told(lines):
    """The canary: what the lines are kept from is really in the records."""
    record = logging.LogRecord("some.library", logging.ERROR, __file__, 1, "cannot read %s", (CANARY,), None)
    assert CANARY in logging.Formatter().format(record)
    assert CANARY not in JsonLines().format(record)
    logs.say(logs.requests, "request", route="x")
    assert lines()[-1]["route"] == "x"


def test_check_and_upgrade_check_name_what_is_missing(database, monkeypatch):
    from claimwright.cli import app
    from claimwright.web.operations import backup_making, health

    monkeypatch.setattr(backup_making, "newest_backup", lambda home: None)

    def told(*words):
        done = CliRunner().invoke(app, [*words, "--home", os.environ["CLAIMWRIGHT_HOME"], "--json"])
        return done.exit_code, json.loads(done.output)

    from claimwright.web.core.models import User

    assert not User.objects.exists(), "a database comes with nobody in it"
    code, found = told("check")
    states = {one["name"]: one["state"] for one in found}
    assert code == 1
    assert states["the database answers"] == states["its tables are of this version"] == "holds"
    assert states["the serving role is bound by row-level security"] == "holds"
    assert states["what is committed outlives a power cut"] == "fails"  # the tests' server runs without fsync
    assert states["no other account may enter the home"] == "holds"
    assert states["pages go over TLS only"] == states["a backup was made within a day"] == "fails"
    assert states["nobody pays with a pretend card"] == states["no page shows the inside of a fault"] == "holds"
    with override_settings(DEBUG=True):
        shown = {one["name"]: one["state"] for one in told("check")[1]}
    assert shown["no page shows the inside of a fault"] == "fails"
    for wrong in ("sandbox", "no.such.Processor"):
        monkeypatch.setenv("CLAIMWRIGHT_CARD_PROCESSOR", wrong)
        states = {one["name"]: one["state"] for one in told("check")[1]}
        assert states["nobody pays with a pretend card"] == "fails"
    assert all(one["fix"] for one in found if one["state"] != "holds")
    assert "pages go over TLS only" not in {one["name"] for one in told("check", "--this-machine-only")[1]}

    assert told("upgrade", "check")[1]["migrations"] == []
    monkeypatch.setattr(health, "known_migrations", lambda: (("core", "9999_next"),))
    code, waiting = told("upgrade", "check")
    assert code == 1 and waiting["migrations"] == ["core.9999_next"] and waiting["backup"] is None
    monkeypatch.setattr(backup_making, "newest_backup", lambda home: datetime.now(UTC))
    assert told("upgrade", "check")[0] == 0


BEGINNING = """
import json, os
from django.conf import settings
from claimwright.cli.checks import _files
from claimwright.web.core.keys import key_file, keys_in

keys_in(key_file("patients.key"))
home = settings.HOME
kept = [home / "secret_key", home / "keys", *(home / "keys").iterdir()]
modes = sorted(oct(path.stat().st_mode & 0o777) for path in kept)
first = next(_files(home)).state
os.chmod(home / "keys/patients.key", 0o640)
named = "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SECURE_HSTS_SECONDS DEBUG SECOND_FACTOR"
print(json.dumps([{name: getattr(settings, name) for name in named.split()}, modes, first, next(_files(home)).state]))
"""


def test_an_office_begins_behind_tls_with_keys_of_its_owner_and_no_debugging(tmp_path):
    """As a new home stands with the example's settings, in a process of its own."""
    import subprocess
    import sys

    told = {"CLAIMWRIGHT_HOME": str(tmp_path / "home"), "CLAIMWRIGHT_HTTPS": "true",
            "DJANGO_SETTINGS_MODULE": "claimwright.web.settings", "PATH": os.environ["PATH"]}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", BEGINNING], env=told, capture_output=True, text=True, check=True)
    settings, modes, first, opened = json.loads(done.stdout)
    assert settings == {
        "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 60 * 60, "DEBUG": False, "SECOND_FACTOR": "required",
    }  # fmt: skip
    assert modes == ["0o600", "0o600", "0o700"] and (first, opened) == ("holds", "fails")


def test_headers_of_proxies_are_believed_only_where_it_is_said():
    from django.conf import settings
    from django.http import HttpResponse
    from django.test import RequestFactory

    from claimwright.web.core.request_log import BehindProxies

    seen = []
    door = BehindProxies(lambda request: seen.append(request.META["REMOTE_ADDR"]) or HttpResponse())
    with override_settings(PROXIES=1):
        for forwarded in ("203.0.113.9", "6.6.6.6, 203.0.113.9", "", "not an address", "203.0.113.9, nonsense"):
            door(RequestFactory().get("/", headers={"x-forwarded-for": forwarded} if forwarded else {}))
    assert seen == ["203.0.113.9", "203.0.113.9", "127.0.0.1", "127.0.0.1", "127.0.0.1"]
    assert "BehindProxies" not in str(settings.MIDDLEWARE)
    assert settings.SECURE_PROXY_SSL_HEADER is None
