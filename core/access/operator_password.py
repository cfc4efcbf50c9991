"""The password with which the operator of a server for a class signs in; only a salted hash of it is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from pathlib import Path

from core.errors import UserError
from core.files import write_atomically
from core.settings import Settings

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is easily mistaken for another
_NUM_GROUPS, _GROUP_LEN = 4, 5
_SALT_BYTES = 16
_FILE = "operator-password"


def has_password(settings: Settings) -> bool:
    """Whether this installation has a password."""
    return _file(settings).is_file()


def make_password(settings: Settings) -> str:
    """A new password, which replaces the one before; it can be read nowhere but in what is returned here.

    Raises:
        UserError: The data folder cannot be written.
    """
    settings.folder()
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LEN)) for _ in range(_NUM_GROUPS))
    password = "-".join(groups)  # 98 bits
    salt = secrets.token_bytes(_SALT_BYTES)
    try:
        write_atomically(_file(settings), salt + _hash(password, salt))
    except OSError as error:
        raise UserError(
            f"{_file(settings)} cannot be written ({error.strerror}); check the permissions of its folder.",
            code="file-not-writable",
        ) from error
    return password


def is_password(typed: str, settings: Settings) -> bool:
    """Whether somebody has typed the password; False where there is none."""
    stored = b""
    with suppress(OSError):
        stored = _file(settings).read_bytes()
    salt, expected = stored[:_SALT_BYTES], stored[_SALT_BYTES:]
    return bool(expected) and hmac.compare_digest(_hash(typed.strip().lower(), salt), expected)


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def _file(settings: Settings) -> Path:
    return settings.data_dir / _FILE
