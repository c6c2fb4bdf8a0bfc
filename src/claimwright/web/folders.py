"""Folders that only their account may enter, and the way of one more account through them.

PostgreSQL refuses to run as root. Where root starts it, its own account must come through the folders above its data and
its programs: an entry in their access control lists lets that account pass, to read nothing, and nobody else.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from pathlib import Path

_ACL = "system.posix_acl_access"
_HEAD, _ENTRY = (
    struct.Struct("<I"),
    struct.Struct("<HHI"),
)  # version; kind, rights, account: acl(5) as the kernel keeps it
_VERSION, _OWNER, _ACCOUNT, _GROUP, _OTHER_GROUP, _MASK, _OTHERS, _NOBODY = 2, 1, 2, 4, 8, 16, 32, 0xFFFFFFFF
_PASS = 1  # the right to go through


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter; one that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def let_pass(folder: Path, account: int) -> None:
    """Let the account (a uid) go through one folder. Where the file system keeps no such lists, everybody may.

    Raises OSError where the folder is not ours to change.
    """
    about = folder.stat()
    if about.st_mode & stat.S_IXOTH or about.st_uid == account and about.st_mode & stat.S_IXUSR:
        return
    if not hasattr(os, "setxattr"):  # Linux alone has them
        folder.chmod(about.st_mode | stat.S_IXOTH)
        return
    entries = _entries(folder, about.st_mode)
    entries[_ACCOUNT, account] = entries.get((_ACCOUNT, account), 0) | _PASS
    # The mask is the most that anybody but the owner and the others has: it must hold what is granted by name.
    granted = [right for (kind, _), right in entries.items() if kind in (_ACCOUNT, _GROUP, _OTHER_GROUP)]
    entries[_MASK, _NOBODY] = entries[_MASK, _NOBODY] | _PASS if (_MASK, _NOBODY) in entries else _union(granted)
    try:
        os.setxattr(folder, _ACL, _HEAD.pack(_VERSION) + b"".join(
            _ENTRY.pack(kind, right, who) for (kind, who), right in sorted(entries.items())
        ))  # fmt: skip
    except OSError as problem:
        if problem.errno not in (errno.ENOTSUP, errno.ENOSYS):
            raise
        folder.chmod(about.st_mode | stat.S_IXOTH)


def _entries(folder: Path, mode: int) -> dict[tuple[int, int], int]:
    """(kind, account) with its rights: the list of the folder, or what its mode says where it has none."""
    try:
        kept = os.getxattr(folder, _ACL)
    except OSError:
        return {(_OWNER, _NOBODY): mode >> 6 & 7, (_GROUP, _NOBODY): mode >> 3 & 7, (_OTHERS, _NOBODY): mode & 7}
    return {(kind, who): right for kind, right, who in _ENTRY.iter_unpack(kept[_HEAD.size :])}


def _union(rights: list[int]) -> int:
    found = 0
    for right in rights:
        found |= right
    return found
