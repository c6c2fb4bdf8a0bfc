"""Bank statements: `claimwright bank import FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.office import Home, Json, TenantName, _scope, choose_tenant, open_office
from claimwright.cli.words import Refused, console, plural, print_json, read_bytes

app = typer.Typer(name="bank", help="Statements of the bank.", no_args_is_help=True)
FAULTS_SHOWN = 50


@app.callback()
def bank() -> None:
    """Statements of the bank."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A statement as CSV, OFX or BAI2.")],
    account: Annotated[
        str, typer.Option(help="The account's name, where the file does not say its number; a new name opens it.")
    ] = "",
    profile: Annotated[str, typer.Option(help="Column profile of a new account's CSV files.")] = "",
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Keep the statement, take its new lines, and match those that are proved. The rest is on the bank page.

    Exit status 1 when the file has faults: it is kept, and none of its lines is taken. Again with the same file
    nothing changes.
    """
    from claimwright.billing.bank_files import BY_NAME

    if profile and profile not in BY_NAME:
        raise Refused(f"no profile {profile}; there are: {', '.join(BY_NAME)}")
    if profile and not account:
        raise Refused("--profile is of an account: name it with --account")
    content = read_bytes(file)
    with open_office(home):
        import msgspec

        from claimwright.web.bank.services import BankRefused, import_bank_file, open_account

        with _scope(choose_tenant(tenant)):
            try:
                owner = open_account(name=account, profile=BY_NAME.get(profile)) if account else None
                done = import_bank_file(name=file.name, content=content, account=owner)
            except BankRefused as refused:
                raise Refused(str(refused)) from None
    if as_json:
        print_json(msgspec.to_builtins(done))
        raise typer.Exit(1 if done.faults else 0)
    for fault in done.faults[:FAULTS_SHOWN]:
        console.print(f"line {fault['place']}: {fault['message']}. {fault['fix']}.", markup=False, soft_wrap=True)
    if done.faults:
        console.print(f"{plural(len(done.faults), 'fault')}: the file is kept, and none of its lines was taken.")
        raise typer.Exit(1)
    if done.seen_before:
        console.print("This file was imported before; nothing changed.")
        return
    console.print(
        f"{plural(done.new_lines, 'new line')}, {done.repeated_lines} known already: {done.matched} matched,"
        f" {done.open} of this file to look at."
    )
