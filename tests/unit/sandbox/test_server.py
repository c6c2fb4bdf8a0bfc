"""The SFTP door: a pinned host key, one user, uploads renamed when whole, and answers fetched."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest

from claimwright.sandbox.day import advance
from claimwright.sandbox.plan import load_plan
from claimwright.sandbox.server import host_key, listen, prepare
from tests.unit.sandbox.made import Sent, file_of, statuses
from tests.unit.sandbox.test_front_end import DAY


def client_options(root: Path, port: int, **more: object) -> dict[str, object]:
    pinned = asyncssh.import_known_hosts(f"[127.0.0.1]:{port} {(root / 'host_key.pub').read_text()}")
    return {
        "host": "127.0.0.1", "port": port, "username": "practice", "known_hosts": pinned, "config": None,
        "client_keys": None, "agent_path": None, **more,
    }  # fmt: skip


def test_round_trip_with_a_pinned_host_key(tmp_path: Path) -> None:
    asyncio.run(_round_trip(tmp_path))


async def _round_trip(root: Path) -> None:
    prepare(root)
    acceptor = await listen(root, 0, "practice", "open sesame")
    port = acceptor.get_port()
    try:
        async with (
            asyncssh.connect(**client_options(root, port, password="open sesame")) as connection,
            connection.start_sftp_client() as files,
        ):
            async with files.open("inbound/claims.edi.part", "wb") as handle:
                await handle.write(file_of([Sent(number="A1")], 1))
            assert advance(root, DAY, load_plan("clean")).files_received == 0
            await files.rename("inbound/claims.edi.part", "inbound/claims.edi")
            assert advance(root, DAY, load_plan("clean")).claims_received == 1
            advance(root, DAY + timedelta(days=1), load_plan("clean"))
            names = [name for name in await files.listdir("outbound") if name not in (".", "..")]
            assert len(names) == 3
            for name in names:
                await files.get(f"outbound/{name}", str(root / name))
                assert (root / name).read_bytes() == (root / "sftp" / "outbound" / name).read_bytes()
                await files.remove(f"outbound/{name}")
            assert not await files.exists("../host_key")  # the partner sees its two folders and no more
        assert advance(root, DAY + timedelta(days=2), load_plan("clean")).released
        assert set(statuses(root, "277CA_COMM1")) == {"A1"}
    finally:
        acceptor.close()
        await acceptor.wait_closed()


def test_strangers_stay_outside(tmp_path: Path) -> None:
    asyncio.run(_strangers(tmp_path))


async def _strangers(root: Path) -> None:
    prepare(root)
    acceptor = await listen(root, 0, "practice", "open sesame")
    port = acceptor.get_port()
    own, other = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    (root / "authorized_keys").write_bytes(own.export_public_key())
    try:
        for wrong in (
            {"password": "open barley"},
            {"username": "root", "password": "open sesame"},
            {"client_keys": [other]},
        ):
            with pytest.raises(asyncssh.PermissionDenied):
                await asyncssh.connect(**client_options(root, port, **wrong))
        async with (
            asyncssh.connect(**client_options(root, port, client_keys=[own])) as connection,
            connection.start_sftp_client() as files,
        ):
            assert "inbound" in await files.listdir(".")
        options = client_options(root, port, password="open sesame")
        options["known_hosts"] = asyncssh.import_known_hosts(f"[127.0.0.1]:{port} {other.export_public_key().decode()}")
        with pytest.raises(asyncssh.HostKeyNotVerifiable):
            await asyncssh.connect(**options)
    finally:
        acceptor.close()
        await acceptor.wait_closed()


def test_as_a_process_it_says_where_it_listens_and_keeps_its_key(tmp_path: Path) -> None:
    prepare(tmp_path)
    public = (tmp_path / "host_key.pub").read_bytes()
    command = [sys.executable, "-m", "claimwright.sandbox", "--root", str(tmp_path), "--plan", "clean"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            assert ready["ready"] and ready["port"] > 0 and ready["username"] == "practice"
            password = (tmp_path / "password").read_text()
            assert asyncio.run(_folders(tmp_path, ready["port"], password)) >= {"inbound", "outbound"}
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert (tmp_path / "host_key.pub").read_bytes() == public
    assert host_key(tmp_path).export_public_key().split()[:2] == public.split()[:2]
    day = subprocess.run([*command, "day", "2026-08-10"], capture_output=True, text=True, check=True)
    assert json.loads(day.stdout)["day"] == "2026-08-10"
    assert all(payer["denials"] == [] for payer in json.loads((tmp_path / "plan.json").read_text())["payers"])
    late = subprocess.run([*command, "day", "2026-08-09"], capture_output=True, text=True)
    assert late.returncode == 2 and "forward only" in late.stderr


async def _folders(root: Path, port: int, password: str) -> set[str]:
    async with (
        asyncssh.connect(**client_options(root, port, password=password)) as connection,
        connection.start_sftp_client() as files,
    ):
        return set(await files.listdir("."))
