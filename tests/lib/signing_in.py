"""What signs a person in as an office does: a password, then a code of her app."""

from __future__ import annotations

from typing import Any

from tests.lib.web_data import PASSWORD

APP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(user: Any, key: str = APP_KEY) -> None:
    """The person has an authenticator app of that key, none of whose codes was used."""
    from claimwright.web.core.second_factors import code_at, keep_app, step_now
    from claimwright.web.core.sign_in_models import AuthenticatorApp

    assert keep_app(user=user, key=key, code=code_at(key, step_now()))
    AuthenticatorApp.objects.filter(user=user).update(last_step=0)


def code_now(user: Any, key: str = APP_KEY) -> str:
    """A code that is good now; earlier ones of this half minute are forgotten, so tests need not wait."""
    from claimwright.web.core.second_factors import code_at, step_now
    from claimwright.web.core.sign_in_models import AuthenticatorApp

    AuthenticatorApp.objects.filter(user=user).update(last_step=0)
    return code_at(key, step_now())


def sign_in(client: Any, user: Any) -> Any:
    """Both steps; the answer to the second."""
    client.post("/login/", {"username": user.username, "password": PASSWORD})
    return client.post("/login/second/", {"code": code_now(user)})
