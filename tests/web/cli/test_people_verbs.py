"""The first owner comes from the machine's own command line, and so does the way back for one who locked herself out."""

from __future__ import annotations

import json
import os

from typer.testing import CliRunner


def told(*words):
    from claimwright.cli import app

    done = CliRunner().invoke(app, ["user", *words, "--home", os.environ["CLAIMWRIGHT_HOME"], "--json"])
    return json.loads(done.output) if done.exit_code == 0 else done.exception


def test_the_first_owner_and_her_way_back(database):
    from django.test import Client

    from claimwright.cli.words import Refused
    from claimwright.web.core.models import User
    from tests.lib.signing_in import give_app

    made = told("add", "Lee", "--role", "owner", "--new-practice", "Lakeside Family Medicine")
    assert (made["user_name"], made["hours"]) == ("lee", 72) and made["link"].startswith(
        "http://localhost:8000/welcome/"
    )
    person = User.objects.get(username="lee")
    assert (person.role, person.tenant.slug, person.is_superuser) == ("owner", "lakeside-family-medicine", False)
    assert Client().get(made["link"].removeprefix("http://localhost:8000")).status_code == 200
    assert isinstance(told("add", "pat", "--role", "owner", "--new-practice", "Lakeside Family Medicine"), Refused)
    assert not User.objects.filter(username="pat").exists()

    give_app(person)
    again = told("reset", "lee", "--address", "https://billing.example.org/")
    assert again["link"].startswith("https://billing.example.org/welcome/")
    assert [row["second_step"] for row in told("list")] == [""]
