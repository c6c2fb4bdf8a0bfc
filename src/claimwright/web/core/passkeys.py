"""Passkeys (WebAuthn level 2): added, and asked for beside a password or in place of one.

In place of a password only where the authenticator has verified the person (by finger, face or PIN): then it is two
proofs at once, what she has and what she is or knows. Browsers give passkeys to names only, not to numbers: at
http://127.0.0.1 there are none, at http://localhost there are.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from claimwright.web.core.models import User
from claimwright.web.core.sign_in_models import Passkey

ASKED = "passkey_asked"  # of the session: the challenge that waits for its answer
MOST_PASSKEYS = 10
LONGEST_NAME = 60


class NotProved(ValueError):
    """The authenticator's answer proves nothing; the text says what to do."""


def host_of(request: HttpRequest) -> str:
    return request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()


def usable(request: HttpRequest) -> bool:
    """Whether browsers take passkeys for the name that the workbench was opened by."""
    try:
        ipaddress.ip_address(host_of(request).strip("[]"))
    except ValueError:
        return True
    return False


def _server(request: HttpRequest) -> Fido2Server:
    here = f"{request.scheme}://{request.get_host()}"
    party = PublicKeyCredentialRpEntity(name="Claimwright", id=host_of(request))
    return Fido2Server(party, verify_origin=lambda origin: origin == here)


def _credentials(user: User) -> list[AttestedCredentialData]:
    rows = Passkey.objects.filter(user=user).order_by("pk")
    return [AttestedCredentialData(bytes(row.credential)) for row in rows]


def begin_adding(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the browser is asked for, as JSON; its challenge waits in the session."""
    handle = salted_hmac("claimwright.passkeys", str(user.pk), algorithm="sha256").digest()  # says nothing of who it is
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(name=user.get_username(), id=handle, display_name=user.get_username()),
        _credentials(user),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[ASKED] = {"what": "add", "user": user.pk, "state": state}
    return dict(options["publicKey"])


def finish_adding(request: HttpRequest, user: User, answer: str, name: str = "") -> Passkey:
    """Keep the passkey. Raises NotProved."""
    asked = request.session.pop(ASKED, {})
    if asked.get("what") != "add" or asked.get("user") != user.pk:
        raise NotProved("That took too long: ask for the passkey again.")
    if Passkey.objects.filter(user=user).count() >= MOST_PASSKEYS:
        raise NotProved(f"There are {MOST_PASSKEYS} passkeys already: remove one first.")
    try:
        data = _server(request).register_complete(asked["state"], _answer_of(answer))
        credential = data.credential_data
        if credential is None:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotProved("The passkey was not accepted: try again, or use another one.") from None
    if Passkey.objects.filter(credential_id=credential.credential_id).exists():
        raise NotProved("This passkey is here already.")
    return Passkey.objects.create(
        user=user, credential_id=credential.credential_id, credential=bytes(credential), sign_count=data.counter,
        name=name.strip()[:LONGEST_NAME] or f"Passkey of {timezone.now():%m/%d/%Y}", added_at=timezone.now(),
    )  # fmt: skip


def begin_proving(request: HttpRequest, user: User | None) -> dict[str, Any]:
    """What the browser is asked for: any passkey of ours, or one of this person's."""
    need = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options, state = _server(request).authenticate_begin(
        _credentials(user) or None if user else None, user_verification=need
    )
    request.session[ASKED] = {"what": "prove", "user": user.pk if user else None, "state": state}
    return dict(options["publicKey"])


def finish_proving(request: HttpRequest, answer: str) -> tuple[User, bool]:
    """Whose passkey answered, and whether the authenticator verified the person. Raises NotProved.

    A counter that does not rise where it ever rose is a copied key: it is refused.
    """
    refused = NotProved("The passkey was not accepted: try again, or sign in with your password.")
    asked = request.session.pop(ASKED, {})
    if asked.get("what") != "prove":
        raise NotProved("That took too long: ask for the passkey again.")
    try:
        response = AuthenticationResponse.from_dict(_answer_of(answer))
        row = Passkey.objects.select_related("user").get(credential_id=response.raw_id)
        if asked["user"] not in (None, row.user_id):
            raise refused
        credential = AttestedCredentialData(bytes(row.credential))
        _server(request).authenticate_complete(asked["state"], [credential], response)
    except (ValueError, KeyError, TypeError, AttributeError, Passkey.DoesNotExist):
        raise refused from None
    data = response.response.authenticator_data
    if (data.counter or row.sign_count) and data.counter <= row.sign_count:
        raise refused
    row.sign_count, row.used_at = data.counter, timezone.now()
    row.save(update_fields=["sign_count", "used_at"])
    if not row.user.is_active:
        raise refused
    return row.user, data.is_user_verified()


def _answer_of(text: str) -> Mapping[str, Any]:
    answer = json.loads(text)
    if not isinstance(answer, dict):
        raise ValueError("no answer of an authenticator")
    return answer
