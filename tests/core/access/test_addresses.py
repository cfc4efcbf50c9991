"""Which addresses are refused before anything is fetched, and how much of one is shown."""

from __future__ import annotations

import pytest

from core.access.addresses import require_fetchable, require_without_credentials, shown_address
from core.errors import UserError
from core.experiment.config import parse_config

WITH_CREDENTIALS = (
    "https://user:hunter2@example.org/a.vec",
    "https://hunter2@example.org/a.vec",
    "HTTPS://user:hunter2@example.org",
    " https://user:hunter2@example.org/a.vec",
    "https:/user:hunter2@example.org/a.vec",
    "https:user:hunter2@example.org/a.vec",
    "https://user:hun/ter2@example.org/a.vec",
    "https://user:hunter2@[example.org/a.vec",
    "https://user:hunter2@example.org:port/a.vec",
    "https://user:hunter2 @exa mple.org",
    "https://example.org/a.vec?token=hunter2",
    "https://example.org/a.vec?x=1&X-Amz-Signature=hunter2",
    "https://example.org/a.vec?api_key=hunter2",
    "https://account.blob.core.windows.net/a.vec?sv=2024&sig=hunter2",
)


@pytest.mark.parametrize("address", WITH_CREDENTIALS)
@pytest.mark.parametrize("field", ["static", "elmo"])
def test_a_config_has_no_address_with_a_password(field: str, address: str) -> None:
    with pytest.raises(UserError) as error:
        parse_config({field: address})
    assert error.value.code == "address-credentials"
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("address", WITH_CREDENTIALS)
def test_no_password_is_shown(address: str) -> None:
    assert "hunter2" not in shown_address(address)
    assert "ter2" not in shown_address(address)


@pytest.mark.parametrize(
    "source",
    [
        "glove-6b-50d",
        "/data/me@work/a.vec",
        "C:\\data\\me@work.vec",
        "https://cdn.example.org/npm/@scope/pkg@1.2/a.vec",
        "https://example.org/a.vec?download=1&version=2",
        "https://example.org:8443/a.vec#part",
    ],
)
def test_what_has_no_password_is_accepted(source: str) -> None:
    require_without_credentials(source)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://example.org/a.vec", "address-scheme"),
        ("file:///etc/passwd", "address-malformed"),
        ("file://localhost/etc/passwd", "address-scheme"),
        ("gs://bucket/elmo", "address-scheme"),
        ("http://", "address-malformed"),
        ("http://[", "address-malformed"),
        ("https://127.0.0.1:port/x", "address-malformed"),
        ("https://example.org/a b", "address-malformed"),
        ("https://example.org/a\nHost: other", "address-malformed"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str, code: str) -> None:
    with pytest.raises(UserError) as error:
        require_fetchable(address)
    assert error.value.code == code
