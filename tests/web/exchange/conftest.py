from __future__ import annotations

import pytest

from tests.lib.sftp import sftp_server


@pytest.fixture
def server(tmp_path):
    with sftp_server(tmp_path / "partner") as running:
        yield running


@pytest.fixture
def sftp(tenant, server):
    """A connection of `tenant` to the running server."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import create_connection

    with tenant_scope(tenant):
        return create_connection(
            name="Pretend clearinghouse", kind="sftp", host="127.0.0.1", port=server.port, username="practice",
            secret="a long secret", host_key=server.host_key, outgoing="/inbound", incoming="/outbound",
            sender_id="LAKESIDE01", receiver_id="CLEARHOUSE",
        )  # fmt: skip


@pytest.fixture
def folder(tenant, tmp_path):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import create_connection

    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    with tenant_scope(tenant):
        return create_connection(
            name="Folders", kind="folder", outgoing=str(tmp_path / "out"), incoming=str(tmp_path / "in"),
            sender_id="LAKESIDE01", receiver_id="CLEARHOUSE",
        )  # fmt: skip
