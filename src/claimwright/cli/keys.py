"""The keys of sealed fields: renewed, with all that they seal."""

from __future__ import annotations

from typing import Annotated

import typer

from claimwright.cli.office import Home, Json, open_office
from claimwright.cli.words import console, plural, print_json

app = typer.Typer(help="The keys that seal numbers, papers and secrets.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """The keys that seal numbers, papers and secrets."""


@app.command("rotate")
def rotate(
    home: Home = None,
    make: Annotated[
        bool, typer.Option("--make-missing", help="Make key files that no machine has; never on a second machine.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make new keys and seal everything anew; people may go on working. Exit 1 where something opens with no key."""
    with open_office(home, migrate=not make):
        if make:
            from claimwright.web.core.keys import make_missing

            make_missing()
        from claimwright.web.operations.key_rotation import rotate_keys

        done = rotate_keys()
    if as_json:
        print_json({"files": done.files, "sealed": done.sealed, "unreadable": done.unreadable})
    else:
        for column, count in sorted(done.sealed.items()):
            console.print(f"  {column}: {plural(count, 'value')} sealed anew", markup=False)
        for column, count in sorted(done.unreadable.items()):
            console.print(f"  BAD {column}: no key opens {plural(count, 'value')}; old keys are kept", markup=False)
        console.print(f"{plural(len(done.files), 'key file')} renewed. Make a backup: it holds the new keys.")
    raise typer.Exit(0 if done.whole else 1)
