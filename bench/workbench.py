"""The workbench over a practice of a million claims: server time of its pages while 25 people work and a remittance posts.

    python -m bench workbench --seed var/demo --home /tmp/million     copies of the seed's largest office, once
    python -m bench workbench --home /tmp/million                     measures, as often as wanted

The seed is the home of any installation that stands still (`make demo` leaves one). It is copied, never changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

CLAIMS = 1_000_000
PEOPLE, SECONDS, THINK = 25, 120, (2.0, 6.0)
MEDIAN_MS, P95_MS = 300, 800
PORT = 8047


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench workbench")
    parser.add_argument("--seed", type=Path, help="home of the installation whose largest office is copied")
    parser.add_argument("--home", type=Path, required=True, help="home of the large installation")
    parser.add_argument("--claims", type=int, default=CLAIMS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    given = parser.parse_args(arguments)
    if given.seed is not None and not (given.home / "postgres").exists():
        subprocess.run(
            ["cp", "-a", str(given.seed), str(given.home)], check=True
        )  # as it is: PostgreSQL has its own user
        for left in given.home.glob("socket*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        for left in (given.home / "postgres").glob("postmaster.*"):
            left.unlink()
    os.environ |= {"CLAIMWRIGHT_HOME": str(given.home), "CLAIMWRIGHT_SECOND_FACTOR": "off"}
    os.environ.pop("DATABASE_URL", None)
    from claimwright.web.bootstrap import setup

    setup()
    tenant = _largest()
    if given.seed is not None:
        _make(tenant, given.claims)
    return _measure(tenant, given.people, given.seconds)


def _owner() -> Any:
    import psycopg
    from django.conf import settings

    database = settings.DATABASES["owner"]
    return psycopg.connect(host=database["HOST"], user="postgres", dbname=database["NAME"], autocommit=True)


def _largest() -> Any:
    from claimwright.web.core.models import Tenant

    with _owner() as connection:
        row = connection.execute(
            "SELECT tenant_id FROM submissions_claim GROUP BY tenant_id ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    return Tenant.objects.get(pk=row[0])


def _make(tenant: Any, wanted: int) -> None:
    from bench.many_rows import multiply

    with _owner() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM submissions_claim WHERE tenant_id = %s", [tenant.pk])
        there = cursor.fetchone()[0]
        if there >= wanted:
            return
        start = time.perf_counter()
        claims = multiply(cursor, tenant.pk, -(-wanted // there) - 1)
        cursor.execute("SELECT count(*) FROM accounts_ledgertransfer WHERE tenant_id = %s", [tenant.pk])
        print(
            f"{claims:,} claims and {cursor.fetchone()[0]:,} ledger rows, made in {time.perf_counter() - start:.0f} s"
        )
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


# Pages ---------------------------------------------------------------------------------------------------------------


def _pages(tenant: Any) -> list[str]:
    """Addresses as 25 people would open them: the lists, the queues, and single claims, patients and remittances."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.models import Denial
    from claimwright.web.patients.models import Patient
    from claimwright.web.payments.models import Remittance
    from claimwright.web.submissions.models import ClaimVersion

    chance = random.Random(20260101)

    def some(model: Any, prefix: str, count: int = 40, **known: object) -> list[str]:
        rows = list(model.objects.filter(**known).order_by("id").values_list("pk", flat=True)[: count * 50])
        return [f"/{prefix}/{pk}/" for pk in chance.sample(rows, min(count, len(rows)))]

    with tenant_scope(tenant):
        lists = sorted(set(WorkItem.objects.filter(state="open").values_list("worklist", flat=True)))
        version = ClaimVersion.objects.order_by("-id").first()
        patient = Patient.objects.order_by("-id").first()
        assert version is not None and patient is not None
        found = [
            "/", "/claims/", "/claims/?state=PAYER_ACCEPTED", "/claims/?outcome=DENIED", "/denials/", "/denials/trends/",
            "/patients/", "/remittances/", "/visits/", "/following/", "/following/?list=norms", "/statements/",
            "/statements/due/", "/statements/dunning/", "/bank/", "/refunds/", "/write-offs/", "/underpayments/",
            "/takebacks/", "/agency/", "/plans/", "/estimates/", "/eligibility/", "/counter/",
            f"/search/?q={version.control_number}", f"/search/?q={patient.last_name}", f"/patients/?q={patient.last_name[:5]}",
            *(f"/worklists/{name}/" for name in lists),
            *some(Patient, "patients"), *some(Remittance, "remittances", 20), *some(Denial, "denials", 20),
        ]  # fmt: skip
        claims = list(ClaimVersion.objects.order_by("id").values_list("claim_id", flat=True)[:2000])
        found += [f"/claims/{pk}/" for pk in chance.sample(claims, min(60, len(claims)))]
    return found


def _sessions(tenant: Any, people: int) -> list[str]:
    """Cookies of people who are signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from claimwright.web.core.models import User

    cookies = []
    for number in range(people):
        user, _ = User.objects.get_or_create(
            username=f"bench-{number}", defaults={"tenant": tenant, "role": User.Role.SUPERVISOR}
        )
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        cookies.append(session.session_key)
    return cookies


def _measure(tenant: Any, people: int, seconds: int) -> int:
    pages, cookies = _pages(tenant), _sessions(tenant, people)
    content = _remittance(tenant)
    log = Path(os.environ["CLAIMWRIGHT_HOME"]) / "bench-requests.jsonl"
    with log.open("w") as out:
        served = subprocess.Popen(
            [sys.executable, "-m", "claimwright.cli", "serve", "--port", str(PORT), "--processes", "3"],
            stdout=out, stderr=out, env=os.environ | {"CLAIMWRIGHT_LOG_LEVEL": "INFO"}, start_new_session=True,
        )  # fmt: skip
        try:
            _wait()
            _alone(pages, cookies[0])
            alone = _times(log)
            posted = threading.Thread(target=_post, args=(tenant, content))
            posted.start()
            _crowd(pages, cookies, seconds)
            posted.join()
        finally:
            os.killpg(served.pid, signal.SIGTERM)
            served.wait(30)
    return _report(alone, {route: times[len(alone.get(route, ())) :] for route, times in _times(log).items()})


def _wait() -> None:
    import httpx

    for _ in range(240):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise SystemExit("the workbench did not start: see bench-requests.jsonl in its home")


def _get(client: Any, page: str) -> None:
    try:
        response = client.get(page)
    except Exception as fault:
        print(f"  no answer: {page.split('?')[0]} ({type(fault).__name__})")
        return
    if response.status_code != 200:
        print(f"  {response.status_code}: {page.split('?')[0]}")


def _client(cookie: str) -> Any:
    import httpx

    return httpx.Client(base_url=f"http://127.0.0.1:{PORT}", cookies={"sessionid": cookie}, timeout=120)


def _alone(pages: list[str], cookie: str) -> None:
    with _client(cookie) as client:
        for page in pages:
            _get(client, page)


def _crowd(pages: list[str], cookies: list[str], seconds: int) -> None:
    until = time.monotonic() + seconds

    def person(number: int) -> None:
        chance = random.Random(number)
        with _client(cookies[number]) as client:
            while time.monotonic() < until:
                time.sleep(chance.uniform(*THINK))
                _get(client, chance.choice(pages))

    threads = [threading.Thread(target=person, args=(number,)) for number in range(len(cookies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _times(log: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for line in log.read_text().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row.get("event") == "request" and row.get("route") not in ("healthz", ""):
            found[row["route"]].append(row["ms"])
    return found


def _report(alone: dict[str, list[float]], crowd: dict[str, list[float]]) -> int:
    print(f"\n{'page':<24}{'alone, median ms':>18}{'people: requests':>18}{'median ms':>12}{'p95 ms':>10}")
    for route in sorted(crowd, key=lambda name: -statistics.median(crowd[name] or [0])):
        times = sorted(crowd[route])
        if times:
            one = statistics.median(alone.get(route) or [0])
            print(f"{route:<24}{one:>18.0f}{len(times):>18}{statistics.median(times):>12.0f}{_p95(times):>10.0f}")
    every = sorted(ms for times in crowd.values() for ms in times)
    median, p95 = statistics.median(every), _p95(every)
    print(f"\nall: {len(every)} requests, median {median:.0f} ms (aim {MEDIAN_MS}), p95 {p95:.0f} ms (aim {P95_MS})")
    return 0 if median <= MEDIAN_MS and p95 <= P95_MS else 1


def _p95(times: list[float]) -> float:
    return times[min(len(times) - 1, int(len(times) * 0.95))]


# The remittance ------------------------------------------------------------------------------------------------------


def _remittance(tenant: Any, size: int = 5_000) -> bytes:
    """A file that pays `size` of the claims that await their payers, a payment for each payer and practice."""
    from django.db.models import Count
    from tests.lib import world

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(tenant):
        waiting = ClaimVersion.objects.filter(
            claim__sequence="P", state__in=["PAYER_ACCEPTED", "CLEARINGHOUSE_ACCEPTED", "SENT", "FILE_ACKNOWLEDGED"]
        ).exclude(content__lines__1__isnull=False)  # fmt: skip
        common = waiting.values_list("claim__payer").annotate(count=Count("id")).order_by("-count")
        of_both: dict[Any, list[Any]] = defaultdict(list)
        for payer_id, _ in common:
            left = size - sum(map(len, of_both.values()))
            rows = waiting.filter(claim__payer=payer_id).order_by("claim__practice", "id")
            for version in rows.select_related("claim__patient", "claim__payer", "claim__practice")[:left]:
                of_both[version.claim.payer, version.claim.practice].append(version)
        made = []
        for number, ((payer, practice), versions) in enumerate(of_both.items()):
            aliases = [alias for alias in payer.aliases if alias.isdigit()]
            made.append(
                world.remittance(
                    [_paid(world, version) for version in versions], trace=f"BENCH{int(time.time())}{number}",
                    payee_npi=practice.npi, payee_tax_id=practice.tax_id,
                    trace_payer_id=aliases[0] if aliases else payer.payer_id,
                )
            )  # fmt: skip
        print(f"  a file that pays {sum(map(len, of_both.values())):,} claims in {len(made)} payments")
        return world.as_file(made, control_number=int(time.time()) % 1_000_000_000)


def _paid(world: Any, version: Any) -> Any:
    """A quarter of the charge, for the patient and the day that the claim names."""
    import msgspec

    from claimwright.claims.nouns import Person

    line, patient = version.content["lines"][0], version.content["patient"]
    cents = (Decimal(line["charge"]) / 4).quantize(Decimal("0.01"))
    made = world.paid(version, paid=str(cents), patient="0.00")
    person = Person(last_name=patient["last_name"], first_name=patient["first_name"])
    on = date.fromisoformat(line.get("date_from") or version.content["date_from"])
    lines = (msgspec.structs.replace(made.lines[0], date_from=on),)
    return msgspec.structs.replace(made, patient=person, lines=lines)


def _post(tenant: Any, content: bytes) -> None:
    """It arrives, and the job that posts is asked for: the worker beside the pages does it while people work."""
    from tests.lib import world

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.job_runs import run_now
    from claimwright.web.operations.models import JobRun

    time.sleep(10)
    start = time.perf_counter()
    with tenant_scope(tenant):
        world.deliver(content, name=f"bench-{time.time()}.835")
        asked = run_now(tenant=tenant, job="post")
    while True:
        time.sleep(0.5)
        with tenant_scope(tenant):
            run = JobRun.objects.get(pk=asked.pk)
        if run.state in (JobRun.State.DONE, JobRun.State.FAILED):
            break
    took = time.perf_counter() - start
    print(f"  a remittance of {len(content) / 1e6:.1f} MB: {run.state} in {took:.1f} s: {run.counts} {run.problem}")
