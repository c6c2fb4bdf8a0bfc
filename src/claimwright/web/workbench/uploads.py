"""Files that were uploaded and wait for a person to look at what they would change: kept for a day, for their uploader."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from claimwright.web.core.tenancy import current_tenant

KEPT_SECONDS = 24 * 60 * 60
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")


class UploadRefused(ValueError):
    """Files that are not kept; the text says why."""


class Upload(msgspec.Struct, frozen=True):
    """Files of one upload under their own names, in the order they were chosen."""

    token: str
    paths: tuple[Path, ...]


def _folder() -> Path:
    return Path(settings.HOME) / "uploads" / str(current_tenant().pk)


def keep(request: HttpRequest, files: Sequence[UploadedFile], *, most_bytes: int) -> Upload:
    """On disk until they are used or a day has passed; only this session finds them again. Raises UploadRefused."""
    if not files:
        raise UploadRefused("no file is chosen: choose one")
    if sum(file.size or 0 for file in files) > most_bytes:
        raise UploadRefused(f"the files are larger than {most_bytes // (1024 * 1024)} MB together")
    _sweep()
    token = secrets.token_hex(16)
    place = _folder() / token
    place.mkdir(parents=True, mode=0o700)
    paths = []
    for number, file in enumerate(files, 1):
        name = _SAFE.sub("_", Path(file.name or "file").name).lstrip(".") or "file"
        path = place / (name if not (place / name).exists() else f"{number}-{name}")
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        paths.append(path)
    request.session["uploads"] = [*request.session.get("uploads", [])[-9:], token]
    return Upload(token, tuple(paths))


def find(request: HttpRequest, token: str) -> Upload:
    """What this session uploaded under the token. Raises UploadRefused where it is gone or never was."""
    place = _folder() / token
    if not _TOKEN.match(token) or token not in request.session.get("uploads", []) or not place.is_dir():
        raise UploadRefused("the upload is no longer here: choose the files again")
    return Upload(token, tuple(sorted(place.iterdir(), key=lambda path: path.stat().st_mtime_ns)))


def drop(request: HttpRequest, token: str) -> None:
    if _TOKEN.match(token) and token in request.session.get("uploads", []):
        shutil.rmtree(_folder() / token, ignore_errors=True)
        request.session["uploads"] = [one for one in request.session["uploads"] if one != token]


def drop_refused(request: HttpRequest) -> None:
    """The newest upload of this session was refused: whatever it was, it is not kept for a day."""
    if kept := request.session.get("uploads"):
        drop(request, kept[-1])


def _sweep() -> None:
    """Clears away what nobody came back for."""
    oldest = time.time() - KEPT_SECONDS
    for left in _folder().glob("*"):
        if left.is_dir() and left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)
