"""What is encrypted at rest of patients: social security numbers and card images. The keys lie beside the database.

The index of a number is a keyed hash: it finds the same number again and cannot be turned back, not even by trying all
of them, without the key.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.secrets import key_file, keys_in

PATIENT_KEYS, INDEX_KEYS = "patients.key", "patient-index.key"


class Unreadable(RuntimeError):
    """No key in the key file opens it: restore the key file from its backup."""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(line) for line in keys_in(key_file(PATIENT_KEYS))])


def seal(content: bytes) -> bytes:
    return _keys().encrypt(content)


def unseal(sealed: bytes) -> bytes:
    try:
        return _keys().decrypt(bytes(sealed))
    except InvalidToken:
        raise Unreadable("it cannot be opened with this key file: restore keys/patients.key") from None


def ssn_index(ssn: str) -> str:
    """The same number of the same tenant has the same index; "" for no number. The oldest key makes it, for ever."""
    if not ssn:
        return ""
    key = keys_in(key_file(INDEX_KEYS))[-1]
    return hmac.new(key, f"{current_tenant().pk}|ssn|{ssn}".encode(), hashlib.sha256).hexdigest()
