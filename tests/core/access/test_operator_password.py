"""The operator's password: shown once, stored as a hash."""

from __future__ import annotations

from pathlib import Path

from core.access.operator_password import has_password, is_password, make_password
from core.settings import Settings


def test_the_password_is_right_and_nothing_else_is(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert not has_password(settings)
    assert not is_password("", settings)
    password = make_password(settings)
    assert has_password(settings)
    assert is_password(f" {password.upper()} ", settings)
    assert not is_password(password[:-1], settings)
    assert not is_password("", settings)


def test_the_password_is_stored_nowhere(tmp_path: Path) -> None:
    password = make_password(Settings(data_dir=tmp_path))
    [stored] = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert password.encode() not in stored


def test_a_new_password_replaces_the_old_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    old, new = make_password(settings), make_password(settings)
    assert old != new
    assert is_password(new, settings)
    assert not is_password(old, settings)
