"""The office's verbs: serve the pages, submit, receive, post, send statements. They need the database."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.words import Refused, console, dollars, plural, print_json, table

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from claimwright.web.core.models import Tenant
    from claimwright.web.practice.models import Practice

Home = Annotated[Path | None, typer.Option("--home", help="The installation's folder; its database lies in it.")]
TenantName = Annotated[str, typer.Option("--tenant", help="The tenant's short name; needed where there are several.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]

HOME_VARIABLE = "CLAIMWRIGHT_HOME"
DEMO_HOME = Path("var/demo")
DEFAULT_HOME = Path("var")
DEMO_TENANT = "demo"
MOST_AT_ONCE = 48  # of the 60 connections that our own database allows; the worker and backups need some


def choose_home(home: Path | None = None) -> Path:
    """The folder given, else that of the environment, else the demonstration's where it is the only one."""
    if home is not None:
        return home
    if os.environ.get(HOME_VARIABLE):
        return Path(os.environ[HOME_VARIABLE])
    only_demo = (DEMO_HOME / "postgres").exists() and not (DEFAULT_HOME / "postgres").exists()
    return DEMO_HOME if only_demo else DEFAULT_HOME


@contextmanager
def open_office(home: Path | None = None, *, migrate: bool = True, create: bool = False) -> Iterator[Path]:
    """Database up, tables up to date, Django ready. Raises Refused where that cannot be.

    Only `create` makes an installation where there is none: a slip in --home must not leave a database behind.
    """
    chosen = choose_home(home).resolve()
    if chosen.exists() and not chosen.is_dir():
        raise Refused(f"{chosen} is a file: --home is the installation's folder")
    if not create and not os.environ.get("DATABASE_URL") and not (chosen / "postgres").exists():
        raise Refused(
            f"there is no installation in {chosen}; `claimwright demo` makes one to look at under {DEMO_HOME}"
        )
    os.environ[HOME_VARIABLE] = str(chosen)
    try:
        from claimwright.web import bootstrap
        from claimwright.web.database import DatabaseUnavailable
    except ImportError as missing:
        raise Refused(f"{missing.name} is not installed: pip install 'claimwright[web]'") from None
    try:
        bootstrap.setup(migrate=migrate)
    except DatabaseUnavailable as problem:
        raise Refused(str(problem)) from None
    from django.db import connections

    try:
        yield chosen
    finally:
        connections.close_all()


def choose_tenant(slug: str = "") -> Tenant:
    """The tenant of that short name; without one the only one, or the demonstration. Raises Refused."""
    from claimwright.web.core.models import Tenant

    tenants = {tenant.slug: tenant for tenant in Tenant.objects.order_by("slug")}
    if slug and slug not in tenants:
        known = ", ".join(tenants) or "none yet: `claimwright demo` makes one"
        raise Refused(f"no tenant {slug}; there are: {known}")
    if not tenants:
        raise Refused(
            'this installation has no practice yet; `claimwright user add NAME --role owner --new-practice "NAME"` begins '
            "one, `claimwright demo` makes one to look at"
        )
    if not slug and len(tenants) > 1 and DEMO_TENANT not in tenants:
        raise Refused(f"there are several tenants, name one with --tenant: {', '.join(tenants)}")
    return tenants[slug or (DEMO_TENANT if DEMO_TENANT in tenants else next(iter(tenants)))]


def choose_practice(npi: str = "") -> Practice:
    """The practice of that NPI in the open tenant; without one the only practice. Raises Refused."""
    from claimwright.web.practice.models import Practice

    rows = list(Practice.objects.filter(npi=npi) if npi else Practice.objects.all())
    if len(rows) != 1:
        known = ", ".join(sorted(Practice.objects.values_list("npi", flat=True))) or "none"
        raise Refused(f"name the practice by --practice NPI; there are: {known}")
    return rows[0]


# Serving -------------------------------------------------------------------------------------------------------------


def serve(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    threads: Annotated[int, typer.Option(help="Requests served at once by each process.", min=1)] = 8,
    processes: Annotated[int, typer.Option(help="Processes that serve; about one a core.", min=1)] = 1,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run the office's jobs beside the pages.")
    ] = True,
) -> None:
    """Serve the workbench until stopped, and run the office's jobs beside it."""
    require_free(host, port)
    if not os.environ.get("DATABASE_URL") and processes * threads > MOST_AT_ONCE:
        raise Refused(
            f"{processes} processes of {threads} threads are more than the built-in database takes ({MOST_AT_ONCE} at "
            "once): fewer threads, or a PostgreSQL of your own in DATABASE_URL"
        )
    with open_office(home, create=True) as chosen:
        from contextlib import nullcontext

        from django.conf import settings
        from django.db import connections

        from claimwright.cli.jobs import worker_beside
        from claimwright.web.core.isolation import NotIsolated, assert_isolated
        from claimwright.web.database import kept_running

        try:
            assert_isolated()
        except NotIsolated as problem:
            raise Refused(str(problem)) from None
        console.print(f"Claimwright at http://{host}:{port}/", markup=False)
        for line in demo_login():
            console.print(line, markup=False)
        connections.close_all()  # the server forks: each process opens its own
        database = kept_running(chosen / "postgres") if settings.EMBEDDED else nullcontext()
        with database, worker_beside(chosen) if with_worker else nullcontext():
            run_server(host, port, threads, processes)


def require_free(host: str, port: int) -> None:
    """Raises Refused where the server could not listen; the reason is one sentence, not a server's log."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or "that is no address"
            raise Refused(f"cannot listen on {host} port {port}: {reason}; choose another with --port") from None


def demo_login() -> list[str]:
    """How to sign in to the demonstration, where its users still have the password it gave them."""
    from claimwright.web.core.models import User

    try:
        from claimwright.simulation.office import PASSWORD
    except ImportError:
        return []
    names = [
        user.get_username()
        for user in User.objects.filter(tenant__slug=DEMO_TENANT).order_by("pk")
        if user.check_password(PASSWORD)
    ]
    return [f"Sign in as {', '.join(names)}; password: {PASSWORD}"] if names else []


def run_server(host: str, port: int, threads: int, processes: int = 1) -> None:
    """Gunicorn in this process; where it is not installed, or on a system without fork, the standard library's."""
    from claimwright.web.wsgi import application

    try:
        from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
        from gunicorn.glogging import Logger  # type: ignore[import-untyped]
    except ImportError:
        _serve_simply(application, host, port)
        return
    from django.conf import settings as office

    from claimwright.web.core.logs import JsonLines

    class Log(Logger):  # type: ignore[misc]
        """The server's own records: they too must not print an address or the words of a fault."""

        def setup(self, cfg: object) -> None:
            super().setup(cfg)
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonLines())

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings = {
                "bind": f"{host}:{port}", "worker_class": "gthread", "workers": processes, "threads": threads,
                "timeout": 120, "loglevel": "warning", "proc_name": "claimwright", "control_socket_disable": True,
                "logger_class": Log, "forwarded_allow_ips": "*" if office.PROXIES else "",
            }  # fmt: skip
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> object:
            return application

    Server().run()


def _serve_simply(application: WSGIApplication, host: str, port: int) -> None:
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIServer, make_server

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    with make_server(host, port, application, server_class=Threaded) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


# The day's work ------------------------------------------------------------------------------------------------------


def submit(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Run the edits over what is not sent yet, put the ready claims into 837P files and send them.

    Exit status 1 when a file could not be sent.
    """
    with open_office(home):
        from claimwright.web.submissions.scrubbing import scrub
        from claimwright.web.submissions.sending import submit_ready

        chosen = choose_tenant(tenant)
        with _scope(chosen):
            edits = scrub()
        files = submit_ready(tenant=chosen)
        with _scope(chosen):
            rows = [
                {
                    "file": file.name,
                    "claims": file.submissions.count(),
                    "state": str(file.state),
                    "problem": file.problem,
                }
                for file in files
            ]
    if as_json:
        print_json({"files": rows, "claims": sum(row["claims"] for row in rows), "held_by_edits": edits.held})
        raise typer.Exit(1 if any(row["problem"] for row in rows) else 0)
    if edits.held:
        console.print(f"{plural(edits.held, 'claim')} held by edits: see the worklist.")
    if not rows:
        console.print("No claim is ready to go.")
    else:
        columns = [("File", "left"), ("Claims", "right"), ("State", "left"), ("Problem", "left")]
        console.print(table("Files", columns, [[str(value) for value in row.values()] for row in rows]))
    if any(row["problem"] for row in rows):
        console.print("What could not be sent stays prepared and goes with the next `claimwright submit`.")
        raise typer.Exit(1)


def receive(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Fetch what has arrived, keep it, and take the acknowledgements in.

    Exit status 1 when a connection does not work.
    """
    with open_office(home):
        from claimwright.web.operations.receive import receive as run

        _show(run(tenant=choose_tenant(tenant)), "Received", as_json)


def post(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Post every remittance that waits, then do what follows: credits, small balances, closed claims, late deposits."""
    with open_office(home):
        from claimwright.web.operations.day import end_day
        from claimwright.web.operations.post import post as run

        chosen = choose_tenant(tenant)
        report = run(tenant=chosen)
        end_day(tenant=chosen)
        _show(report, "Posted", as_json)


def statements(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Issue the statements that are due: once in a cycle to each patient, never what a payer still decides."""
    with open_office(home):
        from claimwright.web.statements.services import issue_due_statements

        with _scope(choose_tenant(tenant)):
            run = issue_due_statements()
    if as_json:
        print_json(
            {
                "statements": [{"number": number, "amount_due": due} for number, due in run.issued],
                "amount_due": run.amount_due,
                "not_sent": run.not_sent,
                "problems": run.problems,
            }
        )
        return
    console.print(f"{plural(len(run.issued), 'statement')}, {dollars(run.amount_due)} asked for.")
    for reason, count in sorted(run.not_sent.items()):
        console.print(f"  {count} not sent: {reason}", markup=False)
    for problem in run.problems:
        console.print(f"  not made: {problem}", style="red", markup=False, soft_wrap=True)


@contextmanager
def _scope(tenant: Tenant) -> Iterator[None]:
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant), acting_as("command line"):
        yield


def _show(report: object, title: str, as_json: bool) -> None:
    """A run's counts, as the service names them; ends the verb."""
    import msgspec

    plain = msgspec.to_builtins(report)
    problems = plain.get("problems", ())
    if as_json:
        print_json(plain)
        raise typer.Exit(1 if problems else 0)
    console.print(title)
    for name, value in plain.items():
        if name != "problems" and (shown := _count(name, value)):
            console.print(f"  {name.replace('_', ' ')}: {shown}", markup=False)
    for problem in problems:
        console.print(f"  problem: {problem}", style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1 if problems else 0)


def _count(name: str, value: object) -> str:
    """A count of a run as people read it; "" where there is nothing to say."""
    if name == "amount" and isinstance(value, str | Decimal):
        return dollars(value)
    if isinstance(value, dict):
        return ", ".join(f"{count} {kind}" for kind, count in sorted(value.items()))
    return f"{len(value):,}" if isinstance(value, list | tuple) else str(value)
