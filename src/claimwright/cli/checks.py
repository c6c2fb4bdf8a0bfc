"""Before people work with it, and before an upgrade: what an installation lacks, each with what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from claimwright.cli.office import Home, Json, open_office
from claimwright.cli.words import console, plural, print_json

upgrade = typer.Typer(help="Move an installation to this version.", no_args_is_help=True)

BACKUP_DAYS = 1
FREE_BYTES = 2 * 1024**3
SAFE_SETTINGS = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
HOLDS, LOOK, FAILS = "holds", "look", "fails"


class Found(msgspec.Struct, frozen=True):
    """One thing that was looked at: `state` is holds, look (a person decides) or fails; `fix` says what to do."""

    name: str
    state: str
    fix: str = ""


def check(
    home: Home = None,
    here_only: Annotated[
        bool, typer.Option("--this-machine-only", help="It serves only this machine: nothing is asked of TLS.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check that an installation is fit to hold patients' data. Changes nothing; exit 1 when something fails."""
    with open_office(home, migrate=False) as chosen:
        found = [*_web(here_only), *_cards(), *_files(chosen), *_database(), *_audit_logs(), *_backups(chosen)]
    if as_json:
        print_json(found)
    else:
        marks = {HOLDS: "ok  ", LOOK: "look", FAILS: "BAD "}
        for one in found:
            says = f"  {marks[one.state]}  {one.name}" + (f": {one.fix}" if one.fix else "")
            console.print(says, markup=False, soft_wrap=True)
    raise typer.Exit(1 if any(one.state == FAILS for one in found) else 0)


def _judge(name: str, holds: bool, fix: str, otherwise: str = FAILS) -> Found:
    return Found(name, HOLDS) if holds else Found(name, otherwise, fix)


def _web(here_only: bool) -> Iterator[Found]:
    from django.conf import settings
    from django.core.checks import run_checks

    yield _judge("no page shows the inside of a fault", not settings.DEBUG, "unset CLAIMWRIGHT_DEBUG")
    strong = len(settings.SECRET_KEY) >= 50 and len(set(settings.SECRET_KEY)) >= 5
    yield _judge("the secret key is long and random", strong, "unset CLAIMWRIGHT_SECRET_KEY: one is made in the home")
    yield _judge(
        "nobody signs in with a password alone", settings.SECOND_FACTOR == "required",
        "unset CLAIMWRIGHT_SECOND_FACTOR; a demonstration's home is not for patients' data",
    )  # fmt: skip
    if here_only:
        return
    yield _judge("pages go over TLS only", settings.SECURE_COOKIES, "set CLAIMWRIGHT_HTTPS=true behind a TLS proxy")
    named = [host for host in settings.ALLOWED_HOSTS if host not in ("localhost", "127.0.0.1", "[::1]", "testserver")]
    yield _judge("its own name is set", bool(named) and "*" not in named, "set CLAIMWRIGHT_HOSTS to its name; not to *")
    yield _judge(
        "it is told of the proxy before it", settings.PROXIES > 0, "set CLAIMWRIGHT_PROXIES=1 where one proxy stands "
        "before it: lock-outs and redirects need the caller's address and scheme", LOOK,
    )  # fmt: skip
    yield _judge("figures are for whoever has the token", bool(settings.METRICS_TOKEN),
                 "set CLAIMWRIGHT_METRICS_TOKEN, or ask for them on this machine only", LOOK)  # fmt: skip
    ours = {"security.W005", "security.W021"}  # subdomains and preload lists are the domain's owner's to decide
    told = [one for one in run_checks(include_deployment_checks=True, tags=["security"]) if one.id not in ours]
    for one in told if settings.SECURE_COOKIES else ():
        yield Found(f"the framework's check {one.id}", FAILS, one.msg.split(".")[0])


def _cards() -> Iterator[Found]:
    """Whoever reaches the pretend processor pays a bill with nothing."""
    from django.conf import settings

    from claimwright.web.cashier.processors import SandboxProcessor, named_processor, setting

    pretends, fix = settings.DEMONSTRATION, "a demonstration's home is not for patients' data"
    if name := setting():
        try:
            pretends = isinstance(named_processor(name), SandboxProcessor)
            fix = (
                "name your card processor's module in CLAIMWRIGHT_CARD_PROCESSOR, or unset it: no cards are taken then"
            )
        except Exception as problem:  # of a module that is not ours: whatever it raises, no card can be charged
            pretends, fix = True, f"CLAIMWRIGHT_CARD_PROCESSOR names none: {type(problem).__name__}"
    yield _judge("nobody pays with a pretend card", not pretends, fix)


def _files(home: Path) -> Iterator[Found]:
    private = [home / "secret_key", *(home / "keys").glob("*")]
    open_ones = [path.name for path in private if path.exists() and path.stat().st_mode & 0o077]
    yield _judge("keys are readable by their owner only", not open_ones, f"chmod 600 {' '.join(open_ones)}")
    closed = not home.stat().st_mode & 0o007
    yield _judge("no other account may enter the home", closed, f"chmod o-rwx {home}")
    free = shutil.disk_usage(home).free
    yield _judge("the disk has room", free >= FREE_BYTES, f"{free // 1024**2:,} MiB are left of what {home} lies on")


def _database() -> Iterator[Found]:
    from django.db import Error, connections

    from claimwright.web.core.isolation import NotIsolated, assert_isolated
    from claimwright.web.operations.health import pending_migrations

    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(SAFE_SETTINGS)])
            risky = [name for name, setting in cursor.fetchall() if setting != SAFE_SETTINGS[name]]
    except Error as problem:
        yield Found("the database answers", FAILS, type(problem).__name__)
        return
    yield Found("the database answers", HOLDS)
    yield _judge("what is committed outlives a power cut", not risky, f"switch on in PostgreSQL: {', '.join(risky)}")
    waiting = pending_migrations()
    yield _judge("its tables are of this version", not waiting, "see `claimwright upgrade check`")
    if not waiting:
        try:
            assert_isolated()
            yield Found("the serving role is bound by row-level security", HOLDS)
        except NotIsolated as problem:
            yield Found("the serving role is bound by row-level security", FAILS, str(problem))


def _audit_logs() -> Iterator[Found]:
    """The end of each tenant's audit log, printed with its hash to be kept elsewhere, and held to the head outside."""
    from django.db import Error

    from claimwright.web.core.audit_log import look_at_end
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope

    try:
        for tenant in Tenant.objects.order_by("slug"):
            with tenant_scope(tenant):
                end = look_at_end()
            name = f"the audit log of {tenant.slug} ends where it was written to (row {end.last}, {end.head[:16]})"
            yield _judge(name, end.fault is None, f"{end.fault.problem if end.fault else ''}")
    except Error:
        return  # its tables are not there yet: told above


def _backups(home: Path) -> Iterator[Found]:
    from claimwright.web.operations.backup_making import newest_backup

    made = newest_backup(home)
    fix = "`claimwright backup create`, each night by deploy/systemd/claimwright-backup.timer"
    if made is not None:
        days = (datetime.now(UTC) - made).total_seconds() / 86_400
        fix = f"the newest is {days:.1f} days old: {fix}"
    yield _judge("a backup was made within a day", made is not None and days <= BACKUP_DAYS, fix)
    drilled = sorted((home / "backup-drills").glob("*.json")) if home.is_dir() else []
    yield _judge("a restore was rehearsed", bool(drilled), "`claimwright backup drill`, and once a quarter again", LOOK)
    sealed = bool(os.environ.get("CLAIMWRIGHT_BACKUP_KEY") or os.environ.get("CLAIMWRIGHT_BACKUP_PASSPHRASE"))
    yield _judge("the nightly backup knows its key", sealed, "set CLAIMWRIGHT_BACKUP_KEY to the public key file", LOOK)


@upgrade.command("check")
def upgrade_check(home: Home = None, as_json: Json = False) -> None:
    """What starting this version would change in the database; changes nothing. Exit 1 where a backup should come first."""
    with open_office(home, migrate=False) as chosen:
        import claimwright
        from claimwright.web.operations.backup_making import newest_backup
        from claimwright.web.operations.health import pending_migrations

        waiting = pending_migrations()
        made = newest_backup(chosen)
    fresh = made is not None and (datetime.now(UTC) - made).total_seconds() <= BACKUP_DAYS * 86_400
    if as_json:
        print_json(
            {"version": claimwright.__version__, "migrations": waiting, "backup": made, "backup_is_fresh": fresh}
        )
    elif not waiting:
        console.print(f"The database is of version {claimwright.__version__}: nothing to do.")
    else:
        console.print(
            f"Version {claimwright.__version__} brings {plural(len(waiting), 'migration')}, at its next start:"
        )
        for name in waiting:
            console.print(f"  {name}", markup=False)
        console.print("A backup of today is there." if fresh else "First: `claimwright backup create`.")
    raise typer.Exit(1 if waiting and not fresh else 0)
