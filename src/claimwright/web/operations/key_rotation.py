"""New keys for all that is sealed: every row sealed anew, and a key let go only when two generations stand without it.

Processes that run meanwhile may have read the old file and seal with the key before; so the key before is kept until the
next rotation, which seals those rows again. A backup brings the keys of its own day.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from claimwright.web.core.models import Tenant, TenantModel
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import tenant_scope

KEPT = 2  # keys of a file: the new one and the one before
NEVER_CHANGED = ("patient-index.key",)  # what it made could not be found again
SEALED = re.compile(r"(^|_)(sealed|secret)(_|$)")  # names of columns that hold sealed values
ALSO = (("authorizations_document", "content"),)
ROWS_AT_ONCE = 200


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: key files that got a new key, values sealed anew by column, and those that no key opens."""

    files: tuple[str, ...]
    sealed: dict[str, int]
    unreadable: dict[str, int]

    @property
    def whole(self) -> bool:
        return not self.unreadable


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """Each model and column that holds sealed values."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            named = SEALED.search(field.name) and isinstance(
                field, models.TextField | models.BinaryField | models.CharField
            )
            if named or (model._meta.db_table, field.name) in ALSO:
                yield model, field.attname


def key_files() -> list[Path]:
    """The files whose keys seal, in order; those of indexes are no such."""
    folder = Path(settings.HOME) / "keys"
    return [path for path in sorted(folder.glob("*.key")) if path.name not in NEVER_CHANGED] if folder.is_dir() else []


def rotate_keys() -> Rotation:
    """A new key for each file, every value sealed with it, and keys before the last let go where all opened.

    Safe to run again after it was broken off. Values that no key opens are counted and left, and then no key is let go.
    """
    files = key_files()
    for path in files:
        _write(path, [Fernet.generate_key(), *_keys(path)])
    sealed: dict[str, int] = {}
    unreadable: dict[str, int] = {}
    for tenant in [None, *Tenant.objects.order_by("slug")]:
        _seal_anew(tenant, files, sealed, unreadable)
        if tenant is not None:
            with tenant_scope(tenant):
                record_audit(action="keys.rotate", subject_type="installation", detail=f"{sum(sealed.values())} values")
    if not unreadable:
        for path in files:
            _write(path, _keys(path)[:KEPT])
    return Rotation(files=tuple(path.name for path in files), sealed=sealed, unreadable=unreadable)


def _keys(path: Path) -> list[bytes]:
    return [line for line in path.read_bytes().split() if line]


def _write(path: Path, keys: list[bytes]) -> None:
    """Whole or not at all, readable by its owner only."""
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(b"".join(key + b"\n" for key in keys))
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)


def _seal_anew(tenant: Tenant | None, files: list[Path], sealed: dict[str, int], unreadable: dict[str, int]) -> None:
    """Rows of one tenant, or with None of the tables that belong to no tenant."""
    boxes = [MultiFernet([Fernet(key) for key in _keys(path)]) for path in files]
    for model, name in columns():
        if issubclass(model, TenantModel) is (tenant is None):
            continue
        last: Any = None
        while True:
            with tenant_scope(tenant) if tenant is not None else nullcontext(), transaction.atomic():
                rows = model._default_manager.order_by("pk").select_for_update(of=("self",))
                batch = list((rows.filter(pk__gt=last) if last is not None else rows).only("pk", name)[:ROWS_AT_ONCE])
                for row in batch:
                    _one(row, name, boxes, sealed, unreadable)
            if not batch:
                break
            last = batch[-1].pk


def _one(
    row: models.Model, name: str, boxes: list[MultiFernet], sealed: dict[str, int], unreadable: dict[str, int]
) -> None:
    value = getattr(row, name)
    if not value:
        return
    column = f"{row._meta.db_table}.{name}"
    token = value.encode() if isinstance(value, str) else bytes(value)
    for box in boxes:
        try:
            fresh = box.rotate(token)
        except InvalidToken:
            continue
        type(row)._default_manager.filter(pk=row.pk).update(
            **{name: fresh.decode() if isinstance(value, str) else fresh}
        )
        sealed[column] = sealed.get(column, 0) + 1
        return
    unreadable[column] = unreadable.get(column, 0) + 1
