"""People from the machine's own command line: the first owner, and the last one who has locked herself out.

Everybody else is taken in on the page of people. To be run by the account that serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.office import Home, Json, TenantName, choose_tenant, open_office
from claimwright.cli.words import Refused, console, print_json, table

if TYPE_CHECKING:
    from claimwright.web.core.models import User
    from claimwright.web.core.people import NewLink

app = typer.Typer(help="People who sign in: take in, link, reset, list.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The person's user name.")]
Address = Annotated[str, typer.Option("--address", help="How people reach the workbench.")]
HERE = "http://localhost:8000"


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="front_desk, coder, biller, poster, supervisor, manager, owner, auditor.")],
    home: Home = None,
    tenant: TenantName = "",
    new_practice: Annotated[
        str, typer.Option(help="Begin a practice or billing service of this name; with the first owner.")
    ] = "",
    full_name: Annotated[str, typer.Option(help="The person's own name.")] = "",
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Take a person in and print the link, good once, with which she chooses a password and a second step."""
    with open_office(home, create=bool(new_practice)):
        from django.db import transaction
        from django.utils.text import slugify

        from claimwright.web.core.models import Tenant
        from claimwright.web.core.people import NotAllowed, add_person

        with transaction.atomic():
            if new_practice:
                slug = slugify(tenant or new_practice)[:50]
                if not slug or Tenant.objects.filter(slug=slug).exists():
                    raise Refused(f"there is a practice {slug or new_practice} already: leave --new-practice out")
                chosen = Tenant.objects.create(slug=slug, name=new_practice)
            else:
                chosen = choose_tenant(tenant)
            try:
                made = add_person(by=None, tenant=chosen, username=name, role=role, full_name=full_name)
            except NotAllowed as reason:
                raise Refused(str(reason)) from None
        _show(made, address, as_json)


@app.command("link")
def link(name: Name, home: Home = None, address: Address = "", as_json: Json = False) -> None:
    """A link to choose a new password with; the second step stays. Forgets wrong tries."""
    with open_office(home):
        from claimwright.web.core.people import NotAllowed, new_link, unlock_person

        person = _person(name)
        try:
            unlock_person(by=None, person=person)
            _show(new_link(by=None, person=person), address, as_json)
        except NotAllowed as reason:
            raise Refused(str(reason)) from None


@app.command("reset")
def reset(name: Name, home: Home = None, address: Address = "", as_json: Json = False) -> None:
    """Take password, app, passkeys, codes and sessions away, enable the person, and print a link to start anew."""
    with open_office(home):
        from django.db import transaction

        from claimwright.web.core.people import enable_person, reset_second_factor, unlock_person

        person = _person(name)
        with transaction.atomic():
            if not person.is_active:
                enable_person(by=None, person=person)
            unlock_person(by=None, person=person)
            made = reset_second_factor(by=None, person=person)
        _show(made, address, as_json)


@app.command("list")
def list_people(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Everybody of a practice, with role, second step and standing."""
    with open_office(home):
        from claimwright.web.core.people import people_of

        rows = [
            {
                "user_name": row.person.get_username(), "role": row.person.role, "second_step": row.second_factor,
                "standing": row.standing, "locked": row.is_locked,
            }
            for row in people_of(by=None, tenant=choose_tenant(tenant))
        ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    columns = [
        ("User name", "left"),
        ("Role", "left"),
        ("Second step", "left"),
        ("Standing", "left"),
        ("Locked", "left"),
    ]
    console.print(table("People", columns, [[_cell(value) for value in row.values()] for row in rows]))


def _cell(value: object) -> str:
    return ("yes" if value else "") if isinstance(value, bool) else str(value)


def _person(name: str) -> User:
    from claimwright.web.core.models import User

    found = User.objects.filter(username=name.strip().lower()).first()
    if found is None:
        raise Refused(f"there is nobody of the user name {name}")
    return found


def _show(made: NewLink, address: str, as_json: bool) -> None:
    from django.conf import settings
    from django.urls import reverse

    at = (address or settings.PUBLIC_URL or next(iter(settings.CSRF_TRUSTED_ORIGINS), HERE)).rstrip("/")
    hours = int(made.expires_in.total_seconds() // 3600)
    whole = at + reverse("sign_in_link", args=[made.token])
    if as_json:
        print_json({"user_name": made.person.get_username(), "link": whole, "hours": hours})
        return
    console.print(f"Hand this link to {made.person.get_username()}; it works once, for {hours} hours:", markup=False)
    console.print(f"  {whole}", markup=False, soft_wrap=True)
