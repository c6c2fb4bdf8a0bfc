"""New keys: everything opens with them, a lost key is seen, and what runs meanwhile loses nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tests.conftest import _two_tenants

PAPER = b"A note that is long enough to be found.\n"


@pytest.fixture
def home(database, tmp_path, monkeypatch):
    """A home of its own: its keys are nobody else's."""
    from django.conf import settings

    monkeypatch.setattr(settings, "HOME", tmp_path)
    return tmp_path


@pytest.fixture
def sealed(home):
    """Two tenants with a number, a paper and a connection's secret each."""
    from claimwright.web.authorizations.papers import add_document
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.exchange.secrets import encrypt
    from claimwright.web.patients.models import Patient
    from claimwright.web.patients.sealing import seal, ssn_index
    from tests.lib.web_data import a_practice_at_work

    tenants = _two_tenants()
    for tenant in tenants:
        with tenant_scope(tenant):
            a_practice_at_work()
            patient = Patient.objects.order_by("pk").first()
            patient.ssn_sealed, patient.ssn_index = seal(b"987654321").decode(), ssn_index("987654321")
            patient.save()
            add_document(kind="other", name="note.txt", content=PAPER, patient=patient)
            Connection.objects.update(secret=encrypt("a long secret"))
    return tenants


def keys(home, name):
    return (Path(home) / "keys" / name).read_bytes().split()


def opens_all(tenants):
    from claimwright.web.authorizations.models import Document
    from claimwright.web.authorizations.papers import open_document
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.exchange.secrets import decrypt
    from claimwright.web.patients.models import Patient
    from claimwright.web.patients.sealing import ssn_index, unseal

    for tenant in tenants:
        with tenant_scope(tenant):
            patient = Patient.objects.exclude(ssn_sealed="").get()
            assert unseal(patient.ssn_sealed.encode()) == b"987654321" and patient.ssn_index == ssn_index("987654321")
            assert open_document(document=Document.objects.get(name="note.txt")) == PAPER
            assert {decrypt(one) for one in Connection.objects.values_list("secret", flat=True)} == {"a long secret"}


def test_every_sealed_column_gets_the_new_key_and_old_ones_go_after_the_next(home, sealed):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.key_rotation import rotate_keys
    from claimwright.web.patients.models import Patient

    first, index = keys(home, "patients.key"), keys(home, "patient-index.key")
    done = rotate_keys()
    assert done.whole and {"patients.key", "connections.key"} <= set(done.files)
    assert done.sealed["patients_patient.ssn_sealed"] == 2 and done.sealed["authorizations_document.content"] == 2
    assert done.sealed["exchange_connection.secret"] >= 2
    second = keys(home, "patients.key")
    assert len(second) == 2 and second[1:] == first and keys(home, "patient-index.key") == index
    opens_all(sealed)
    with tenant_scope(sealed[0]):
        token = Patient.objects.exclude(ssn_sealed="").get().ssn_sealed.encode()
        assert AuditEvent.objects.filter(action="keys.rotate").count() == 1
    with pytest.raises(InvalidToken):
        Fernet(first[0]).decrypt(token)
    assert Fernet(second[0]).decrypt(token) == b"987654321"
    rotate_keys()
    assert first[0] not in keys(home, "patients.key") and len(keys(home, "patients.key")) == 2
    opens_all(sealed)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (home / "keys").iterdir())
    assert [path.name for path in (home / "keys").iterdir() if path.suffix != ".key"] == []


def test_a_value_sealed_meanwhile_with_the_key_before_still_opens(home, sealed):
    """A process that read the key file before the rotation writes after it."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.key_rotation import rotate_keys
    from claimwright.web.patients.models import Patient

    stale = MultiFernet([Fernet(key) for key in keys(home, "patients.key")])
    rotate_keys()
    with tenant_scope(sealed[0]):
        Patient.objects.exclude(ssn_sealed="").update(ssn_sealed=stale.encrypt(b"987654321").decode())
    opens_all(sealed)
    rotate_keys()
    opens_all(sealed)


def test_what_no_key_opens_is_told_and_then_no_key_is_let_go(home, sealed):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.key_rotation import rotate_keys
    from claimwright.web.patients.models import Patient

    rotate_keys()
    with tenant_scope(sealed[0]):
        Patient.objects.exclude(ssn_sealed="").update(ssn_sealed=Fernet(Fernet.generate_key()).encrypt(b"x").decode())
    before = keys(home, "patients.key")
    done = rotate_keys()
    assert not done.whole and done.unreadable == {"patients_patient.ssn_sealed": 1}
    assert keys(home, "patients.key")[1:] == before


def test_every_column_that_is_sealed_is_known(home):
    """A column that is written by a sealing function has a name by which the rotation finds it."""
    from claimwright.web.operations.key_rotation import columns

    found = {f"{model._meta.db_table}.{name}" for model, name in columns()}
    assert {"patients_patient.ssn_sealed", "patients_cardimage.sealed", "authorizations_document.content",
            "exchange_connection.secret"} <= found  # fmt: skip
    assert os.environ["CLAIMWRIGHT_HOME"] != str(home)
