"""Addresses that people give: which ones are fetched, and how much of them a sentence shows."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from core.errors import UserError

_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_USER_INFO = re.compile(r"\s*[a-z][a-z0-9+.-]*:(?:/*[^/?#]*:[^/?#]*@|//[^/?#]*@|//[^/?#]*:.*@)", re.IGNORECASE)
# Names of parameters, as Amazon, Azure, Google and others call what opens a private file.
_SECRETS = re.compile(r"token|secret|passw|signature|credential|auth|(?:access|api)_?-?key|^(?:sig|key|pwd|pass)$", re.IGNORECASE)


def is_address(source: str) -> bool:
    """Whether a source is meant as an address and not as a path: it has "://", whatever stands before it."""
    return "://" in source


def require_fetchable(address: str) -> None:
    """Checks that an address can be fetched and may be stored with a run, without looking at the network.

    Raises:
        UserError: It is malformed, is not of the web, or has a password in it.
    """
    require_without_credentials(address)
    parts = _split(address)
    if parts is None:
        raise UserError(
            "The address is not well-formed; give one like https://example.org/vectors.vec.", code="address-malformed"
        )
    if parts.scheme not in ("http", "https"):
        raise UserError(
            f"Addresses that begin with {parts.scheme}:// are not fetched; give an http(s) one.", code="address-scheme"
        )


def require_without_credentials(source: str) -> None:
    """Checks that a source has no password in it, since everybody who sees a run also sees its sources.

    Raises:
        UserError: It has one, or something in its place, even where the rest is malformed.
    """
    if not _SCHEME.match(source):
        return
    names = [name for name, _ in parse_qsl(source.partition("?")[2], keep_blank_values=True)]
    if _USER_INFO.match(source) or any(map(_SECRETS.search, names)):
        raise UserError(
            "The address has a user name, a password or a key in it, which would be stored with the run; download the file "
            "yourself and give its path.",
            code="address-credentials",
        )


def shown_address(address: str) -> str:
    """An address as sentences and logs show it: without whatever may be secret in it."""
    parts = _split(address)
    if parts is None or _USER_INFO.match(address):
        return "the address"
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _split(address: str) -> SplitResult | None:
    """The parts of an address; None if it has no host or is malformed."""
    try:
        parts = urlsplit(address.strip())
        is_whole = bool(parts.scheme and parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # an odd bracket, a port that is no number
        return None
    return parts if is_whole and re.fullmatch(r"[!-~]+", address.strip()) else None
