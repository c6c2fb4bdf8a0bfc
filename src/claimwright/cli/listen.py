"""`claimwright listen`: the door for HL7 v2 messages over MLLP; `claimwright interfaces`: what came, and replay."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.office import Home, Json, TenantName, _scope, choose_tenant, open_office
from claimwright.cli.words import Refused, console, plural, print_json, table

if TYPE_CHECKING:
    import ssl

app = typer.Typer(
    name="interfaces", help="Other systems' messages: what came, what waits, replay.", no_args_is_help=True
)


def listen(
    port: Annotated[int, typer.Option("--mllp", help="The port to listen on for HL7 v2 over MLLP.")] = 2575,
    host: Annotated[
        str, typer.Option(help="The address to listen on. Only this machine unless TLS is on.")
    ] = "127.0.0.1",
    certificate: Annotated[Path | None, typer.Option(help="Our certificate (PEM): TLS is on with it.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's private key (PEM).")] = None,
    client_authority: Annotated[
        Path | None, typer.Option(help="Who signs senders' certificates (PEM): no other sender is let in.")
    ] = None,
    without_tls: Annotated[
        bool, typer.Option("--without-tls", help="Listen beyond this machine in the clear: inside a VPN only.")
    ] = False,
    idle_seconds: Annotated[float, typer.Option(help="A connection that is silent for so long is closed.")] = 300.0,
    message_bytes: Annotated[int, typer.Option(help="The longest message that is taken.")] = 10 * 1024 * 1024,
    home: Home = None,
    tenant: TenantName = "",
) -> None:
    """Take in other systems' HL7 v2 messages (ADT, SIU, DFT) over MLLP until stopped.

    Each message is stored before it is read and answered when it is taken in; one sent again has no second effect.
    """
    tls = _tls(certificate, key, client_authority)
    if tls is None and not without_tls and not _is_this_machine(host):
        raise Refused("--host beyond this machine needs --certificate and --key, or --without-tls inside a VPN")
    with open_office(home):
        chosen = choose_tenant(tenant)
        from claimwright.web.operations.mllp_server import Limits

        asyncio.run(_serve(chosen, host, port, tls, Limits(message_bytes=message_bytes, idle_seconds=idle_seconds)))


def _tls(certificate: Path | None, key: Path | None, authority: Path | None) -> ssl.SSLContext | None:
    if certificate is None and key is None and authority is None:
        return None
    if certificate is None or key is None:
        raise Refused("--certificate and --key go together")
    import ssl

    from claimwright.web.operations.mllp_server import tls_of

    try:
        return tls_of(certificate, key, authority)
    except (OSError, ssl.SSLError) as error:
        raise Refused(f"the certificate cannot be used: {error.strerror or type(error).__name__}") from None


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _serve(tenant: Any, host: str, port: int, tls: ssl.SSLContext | None, limits: Any) -> None:
    from claimwright.web.operations.interfaces import answer_message
    from claimwright.web.operations.mllp_server import MllpServer

    def answer(content: bytes) -> bytes:
        from django.db import close_old_connections

        close_old_connections()  # the thread's own, which the database may have closed meanwhile
        return answer_message(tenant=tenant, content=content, source="mllp")

    server, stopped = MllpServer(answer, limits=limits), asyncio.Event()
    found = await server.start(host, port, tls=tls)
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    console.print(f"Listening on {host}:{found} {'with TLS' if tls else 'in the clear'}. Ctrl-C stops.", markup=False)
    await server.serve_until(stopped)


@app.command("list")
def list_interfaces(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Each sender with its practice, its last message and how many wait. Exit 1 when some wait."""
    with open_office(home):
        from claimwright.web.operations.interface_figures import figures

        with _scope(choose_tenant(tenant)):
            rows = [
                {
                    "interface": one.interface.name, "sender": one.interface.application,
                    "practice": one.interface.practice.npi if one.interface.practice else "",
                    "last": one.interface.last_heard_at.isoformat(timespec="seconds"), "today": one.today,
                    "waiting": one.waiting,
                }
                for one in figures()
            ]  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        columns = [("Interface", "left"), ("Sender", "left"), ("Practice", "left"), ("Last message", "left"),
                   ("Today", "right"), ("Waiting", "right")]  # fmt: skip
        console.print(table("Interfaces", columns, [[str(value) for value in row.values()] for row in rows]))
    raise typer.Exit(1 if any(row["waiting"] for row in rows) else 0)


@app.command("replay")
def replay(
    name: Annotated[str, typer.Option("--interface", help="Only messages of this interface.")] = "",
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Take every waiting message again with the maps of today. Nothing is done twice. Exit 1 when some still wait."""
    with open_office(home):
        from claimwright.web.operations.interface_models import Interface
        from claimwright.web.operations.interfaces import replay_waiting

        chosen = choose_tenant(tenant)
        with _scope(chosen):
            interface = Interface.objects.filter(name=name).first()
            if name and interface is None:
                raise Refused(f"no interface {name}; `claimwright interfaces list` names them")
        replayed, waiting = replay_waiting(tenant=chosen, interface=interface)
    if as_json:
        print_json({"replayed": replayed, "waiting": waiting})
    else:
        console.print(f"{plural(replayed, 'message')} replayed, {waiting} still waiting")
    raise typer.Exit(1 if waiting else 0)
