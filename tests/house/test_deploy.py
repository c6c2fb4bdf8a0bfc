"""The files under deploy/ fit the product: verbs and options exist, nothing is left open, variables are documented."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.source_files import PACKAGE, ROOT
from tests.house.test_docs import registered_verbs

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
NGINX = DEPLOY / "nginx" / "claimwright.conf"
RUNNING = ROOT / "docs" / "running.md"
HARDENED = {
    "NoNewPrivileges": "true", "ProtectSystem": "strict", "ProtectHome": "true", "PrivateTmp": "true",
    "PrivateDevices": "true", "ProtectKernelTunables": "true", "ProtectControlGroups": "true", "UMask": "0077",
    "CapabilityBoundingSet": "", "User": "claimwright", "EnvironmentFile": "/etc/claimwright/claimwright.env",
    "StateDirectoryMode": "0700",
}  # fmt: skip
MOST_EXPOSED = 2.0  # of 10, by systemd's own count


def section(unit: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(unit.read_text())
    return parser["Service"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_hardened_and_call_verbs_that_exist(unit):
    service = section(unit)
    assert {name: service.get(name) for name in HARDENED} == HARDENED
    program, *words = service["ExecStart"].split()
    assert program == "/opt/claimwright/bin/claimwright"
    verb = next(verb for verb in registered_verbs() if " ".join(words).startswith(verb.removeprefix("claimwright ")))
    options = {word for word in words if word.startswith("--")}
    assert options <= registered_verbs()[verb] | {"--no-worker"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd's own checker")
def test_systemd_finds_little_exposed():
    for unit in UNITS:
        said = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        exposed = re.search(r"exposure level for .*: ([0-9.]+)", said.stdout)
        if exposed:
            assert float(exposed[1]) <= MOST_EXPOSED, unit.name


def test_the_proxy_passes_on_no_claim_of_the_caller_and_logs_no_address():
    text = re.sub(r"#.*", "", NGINX.read_text())
    assert "X-Forwarded-For $remote_addr;" in text and "X-Forwarded-Proto $scheme;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    log_format = re.search(r"log_format claimwright (.*?);", text, re.DOTALL)
    assert log_format and not re.search(r"\$(request|request_uri|uri|args|query_string|http_referer)\b", log_format[1])
    assert re.search(r"client_max_body_size 26m;", text) and "TLSv1.2 TLSv1.3;" in text
    assert text.count("crit;") == 2 and "location = /metrics { return 404; }" in text


def test_the_proxy_lets_through_what_the_application_takes_and_leads_no_token_on():
    import django

    django.setup()
    from django.urls import reverse

    from claimwright.web.workbench.upload_limits import LARGER, MOST_BYTES

    text = re.sub(r"#.*", "", NGINX.read_text())
    larger = re.findall(r"location = (\S+) \{\s+client_max_body_size (\d+)m;", text)
    assert {place: int(most) * 1024**2 for place, most in larger} == {
        reverse(name): most for name, most in LARGER.items()
    }
    assert f"    client_max_body_size {MOST_BYTES // 1024**2}m;" in text
    open_line = text[text.index("listen 80;") : text.index("listen 443")]
    # At the level of the server it would come before every location.
    assert "location /api/ { return 403; }" in open_line and not re.search(r"^    return", open_line, re.MULTILINE)


def test_commands_by_hand_run_as_the_services_do():
    command = (DEPLOY / "claimwright").read_text()
    for unit in UNITS:
        service = section(unit)
        names = (
            "User",
            "Group",
            "EnvironmentFile",
            "StateDirectory",
            "StateDirectoryMode",
            "WorkingDirectory",
            "UMask",
        )
        assert all(f"--property={name}={service[name]}" in command for name in names), unit.name
        assert service["ExecStart"].split()[0] + ' "$@"' in command
    assert (DEPLOY / "claimwright").stat().st_mode & 0o111


def test_every_unit_is_put_in_place_by_some_step_that_names_it():
    text = RUNNING.read_text()
    copied = " ".join(re.findall(r"^    cp (.*) /etc/systemd/system/$", text, re.MULTILINE)).split()
    placed = {path for pattern in copied for path in ROOT.glob(pattern)}
    assert placed == set((DEPLOY / "systemd").iterdir())
    started = " ".join(re.findall(r"^    systemctl enable --now (.*)$", text, re.MULTILINE))
    for unit in placed - {DEPLOY / "systemd" / "claimwright-backup.service"}:  # its timer starts it
        assert unit.name.removesuffix(".service") in re.sub(r"@\d", "@", started), unit.name


def test_every_variable_is_documented_and_every_documented_one_exists():
    read = set()
    for path in PACKAGE.rglob("*.py"):
        read |= set(
            re.findall(r"[\"'](CLAIMWRIGHT_[A-Z_]+|DATABASE_[A-Z_]*URL)[\"']", path.read_text(encoding="utf-8"))
        )
    read -= {
        "CLAIMWRIGHT_DEBUG",
        "CLAIMWRIGHT_DATABASE",
        "CLAIMWRIGHT_MASK_KEY",
    }  # for those who build it; of a file verb
    told = set(re.findall(r"`(CLAIMWRIGHT_[A-Z_]+|DATABASE_[A-Z_]*URL)`", RUNNING.read_text()))
    assert read - told == set() and told - read == set()
    example = (DEPLOY / "claimwright.env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) <= told
