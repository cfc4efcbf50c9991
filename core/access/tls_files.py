"""The certificates with which the programs of a cluster know each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError

if TYPE_CHECKING:
    from distributed.security import Security

    from core.settings import Settings


@dataclass(frozen=True)
class TlsFiles:
    """PEM files of one program of a cluster.

    Attributes:
        ca: Whose certificates it believes; one of its own, so that nobody else has any.
        cert: Its own certificate.
        key: The private key of that.
    """

    ca: Path
    cert: Path
    key: Path

    @property
    def options(self) -> list[str]:
        """What Dask's commands are given, so that they listen to nobody without a certificate."""
        return ["--tls-ca-file", str(self.ca), "--tls-cert", str(self.cert), "--tls-key", str(self.key)]

    @property
    def security(self) -> Security:
        """What Dask's client is given; it speaks to nobody without encryption."""
        from distributed.security import Security  # noqa: PLC0415 - takes a second

        return Security(
            tls_ca_file=str(self.ca), tls_client_cert=str(self.cert), tls_client_key=str(self.key), require_encryption=True
        )


def read_tls_files(
    settings: Settings, *, ca: Path | None = None, cert: Path | None = None, key: Path | None = None
) -> TlsFiles | None:
    """The files that somebody named, in the settings or, before them, with options; None without any.

    Raises:
        UserError: One of the three is missing.
    """
    named = {"CA": ca or settings.tls_ca, "CERT": cert or settings.tls_cert, "KEY": key or settings.tls_key}
    given = {name: path for name, path in named.items() if path is not None}
    if not given:
        return None
    if lacking := [name for name in named if name not in given]:
        raise UserError(
            f"TLS needs three files; name {' and '.join(f'ELMO_LENS_TLS_{name}' for name in lacking)} as well.",
            code="tls-incomplete",
        )
    for name, path in given.items():
        if not path.is_file():
            raise UserError(f"There is no file {path}; correct ELMO_LENS_TLS_{name}.", code="tls-file-missing")
    return TlsFiles(ca=given["CA"], cert=given["CERT"], key=given["KEY"])


def require_tls_address(address: str, files: TlsFiles | None) -> None:
    """Raise `UserError` for the address of a scheduler that begins with tls:// without certificates, or otherwise with them."""
    if address.startswith("tls://") != (files is not None):
        raise UserError(
            f"The scheduler {address!r} was named "
            + (
                "without certificates; name them by ELMO_LENS_TLS_CA, …_CERT and …_KEY."
                if files is None
                else "with certificates; its address must begin with tls://, or unset ELMO_LENS_TLS_CA, …_CERT and …_KEY."
            ),
            code="tls-mismatch",
        )
