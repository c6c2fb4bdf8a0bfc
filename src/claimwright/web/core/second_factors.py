"""The second proof of who a person is: an app's time-based code (RFC 6238) or a code kept on paper.

Passkeys are in `core.passkeys`. An app's key is sealed at rest; recovery codes are kept as digests. A code is good once:
the step it belongs to is remembered, so one read over a shoulder opens nothing. After `MOST_WRONG` wrong codes in a row
from anywhere the app's codes are refused until a manager unlocks the person: a guesser has a million tries to make, and
more than one address to make them from.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.db import transaction
from django.utils import timezone

from claimwright.web.core.keys import box
from claimwright.web.core.models import User
from claimwright.web.core.sign_in_models import AuthenticatorApp, Passkey, RecoveryCode

KEY_FILE = "sign-in.key"
KEY_BYTES = 20  # RFC 4226 section 4, R6: 160 bits
DIGITS, STEP_SECONDS = 6, 30
STEPS_ASIDE = 1  # RFC 6238 section 5.2: a phone's clock may be a step off
MOST_WRONG = 20
RECOVERY_CODES, RECOVERY_BYTES = 10, 10


@dataclass(frozen=True)
class Factors:
    """What a person can prove herself with, beside a password."""

    app: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Codes on paper alone are no second factor: they are for the day the phone is lost."""
        return self.app or self.passkeys > 0


def factors_of(user: User) -> Factors:
    return Factors(
        app=AuthenticatorApp.objects.filter(user=user).exists(),
        passkeys=Passkey.objects.filter(user=user).count(),
        recovery_codes=RecoveryCode.objects.filter(user=user, used_at=None).count(),
    )


# The app -------------------------------------------------------------------------------------------------------------


def new_app_key() -> str:
    """A key for an app, in base 32 as people type it where they cannot scan."""
    return base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode()


def app_address(key: str, *, username: str, issuer: str = "Claimwright") -> str:
    """What the QR code says: the key URI that authenticator apps read."""
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?secret={key}&issuer={quote(issuer)}"


def code_at(key: str, step: int) -> str:
    """The six digits of a 30-second step since 1970."""
    hotp = HOTP(base64.b32decode(key), DIGITS, SHA1())  # RFC 6238: what every app has
    return hotp.generate(step).decode()


def step_now() -> int:
    return int(timezone.now().timestamp()) // STEP_SECONDS


def step_of(key: str, code: str, *, after: int = 0) -> int:
    """The step whose code this is, of those near now and later than `after`; 0 for none."""
    now = step_now()
    for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
        if step > after and hmac.compare_digest(code_at(key, step).encode(), code.encode()):
            return step
    return 0


def keep_app(*, user: User, key: str, code: str) -> bool:
    """Keep the app of that key in place of any before it, if the code is one of its; says whether."""
    step = step_of(key, digits_of(code))
    if not step:
        return False
    AuthenticatorApp.objects.update_or_create(
        user=user,
        defaults={
            "sealed_key": box(KEY_FILE).encrypt(key.encode()), "last_step": step, "wrong_in_a_row": 0,
            "added_at": timezone.now(),
        },
    )  # fmt: skip
    return True


def remove_app(*, user: User) -> None:
    AuthenticatorApp.objects.filter(user=user).delete()


# Codes ---------------------------------------------------------------------------------------------------------------


def digits_of(code: str) -> str:
    return "".join(mark for mark in code if mark.isascii() and mark.isalnum()).upper()


def check_code(*, user: User, code: str) -> str:
    """What the code is of, "app" or "recovery code", or "" where it is of none; a code that was good is used up."""
    text = digits_of(code)
    if len(text) == DIGITS:
        return "app" if _is_of_app(user, text) else ""
    if not text:
        return ""
    used = RecoveryCode.objects.filter(user=user, digest=_digest(text), used_at=None).update(used_at=timezone.now())
    return "recovery code" if used else ""


def _is_of_app(user: User, text: str) -> bool:
    with transaction.atomic():  # two requests with one code: the second waits and finds its step taken
        row = AuthenticatorApp.objects.select_for_update().filter(user=user).first()
        if row is None or row.wrong_in_a_row >= MOST_WRONG:
            return False
        key = box(KEY_FILE).decrypt(bytes(row.sealed_key)).decode()
        step = step_of(key, text, after=row.last_step)
        row.last_step, row.wrong_in_a_row = step or row.last_step, 0 if step else row.wrong_in_a_row + 1
        row.save(update_fields=["last_step", "wrong_in_a_row"])
        return step > 0


def new_recovery_codes(*, user: User) -> list[str]:
    """Ten new codes in place of all before them. They are shown now and never again."""
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()  # 80 random bits: nothing to try out


def forget_factors(*, user: User) -> None:
    """App, passkeys and codes of a person are gone: the next sign-in leads to setting up anew."""
    AuthenticatorApp.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
