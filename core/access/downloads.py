"""Downloads whose target, size and time are bounded, and whose errors repeat nothing that a server says."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import string
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote, urljoin, urlsplit

from core.access.addresses import require_fetchable
from core.errors import UserError

_READ_S = 30.0  # without a byte
_ANSWER_S = 60.0  # until the last header, redirects included
_MAX_S = 3600.0
_SLOW_BYTES_PER_S = 1_000  # on average; who is slower keeps the connection open and sends nothing
_PATIENCE_S = 30.0
_PART_BYTES = 2**16
_MAX_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address in its last four bytes

ConnectionT = TypeVar("ConnectionT", bound=http.client.HTTPConnection)


class DownloadError(Exception):
    """A download failed; the message is a phrase for people, with nothing in it that came over the network."""


def download(address: str, path: Path, *, allow_private: bool, max_bytes: int) -> None:
    """Writes what an address has to a file.

    Every host on the way, redirects included, is looked up once and connected to at the address that was found and checked: a
    name that answers differently the second time reaches nothing else.

    Args:
        address: http(s) only.
        path: The file; left incomplete by an error.
        allow_private: Whether hosts of this machine and its network may be fetched from.
        max_bytes: Largest size.

    Raises:
        UserError: The address is malformed, not of the web, or has a password in it.
        DownloadError: It cannot be fetched, or is too large or too slow.
    """
    require_fetchable(address)
    began_s = time.monotonic()
    connections = _Connections(allow_private=allow_private)
    try:
        with connections.closed_after(_ANSWER_S):
            response = _answer(address, connections.opener())
        with response, path.open("wb") as file:
            connections.require_in_time()
            promised = response.headers.get("Content-Length", "")
            for part in iter(lambda: response.read1(_PART_BYTES), b""):
                elapsed_s = time.monotonic() - began_s
                file.write(part)
                if file.tell() > max_bytes:
                    raise DownloadError(f"it is larger than {max_bytes / 2**30:,.1f} GiB")
                if elapsed_s > _MAX_S:
                    raise DownloadError("it takes longer than an hour")
                if elapsed_s > _PATIENCE_S and file.tell() < _SLOW_BYTES_PER_S * (elapsed_s - _PATIENCE_S):
                    raise DownloadError("it arrives too slowly")
            if promised.isdigit() and file.tell() != int(promised):
                raise DownloadError("it was cut short")
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise DownloadError(f"the server answers with the status {error.code:d}") from None
    except urllib.error.URLError as error:
        reason = error.reason
        raise (reason if isinstance(reason, DownloadError) else DownloadError(connections.why(reason))) from None
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise DownloadError(connections.why(error)) from None


def _answer(address: str, opener: urllib.request.OpenerDirector) -> http.client.HTTPResponse:
    """The response at the end of all redirects; urllib's own way reads their bodies, however large they are."""
    for _ in range(_MAX_REDIRECTS):
        try:
            return cast(
                "http.client.HTTPResponse",
                opener.open(urllib.request.Request(address, headers={"User-Agent": "elmo-lens"}), timeout=_READ_S),
            )
        except urllib.error.HTTPError as error:
            target = error.headers.get("Location")
            if error.code not in _REDIRECTS or not target:
                raise
            error.close()
        address = urljoin(address, quote(target, safe=string.punctuation))
        try:
            require_fetchable(address.partition("?")[0])  # where a redirect leads is stored nowhere, so it may be signed
        except UserError:
            raise DownloadError("it leads to something that is no ordinary web address") from None
    raise DownloadError("it leads from one address to the next without end")


class _Connections:
    """The connections of one download."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._open: list[http.client.HTTPConnection] = []
        self._is_late = False

    def opener(self) -> urllib.request.OpenerDirector:
        """Opens http and https and nothing else, whatever redirects name."""
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.UnknownHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Handler(self),
            _SecureHandler(self),
        ):
            opener.add_handler(handler)
        return opener

    def make(self, kind: type[ConnectionT], request: urllib.request.Request, host: str, **options: Any) -> ConnectionT:
        """A connection for a request that connects to checked addresses only."""
        target = urlsplit(request.full_url)
        connection = kind(host, **options)
        if request.host == target.netloc:
            connection._create_connection = self._connect  # type: ignore[attr-defined]  # http.client's own way in
        else:  # a proxy, which looks names up itself
            self._checked(target.hostname or "", target.port or 0, is_proxied=True)
        self._open.append(connection)
        return connection

    @contextmanager
    def closed_after(self, seconds: float) -> Iterator[None]:
        """Ends whatever is open when it takes longer: a server may send a header byte by byte for ever."""
        timer = threading.Timer(seconds, self._close)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def require_in_time(self) -> None:
        """Raises `DownloadError` if an answer was ended: http.client takes that for the end of the headers."""
        if self._is_late:
            raise DownloadError(self.why(None))

    def why(self, error: object) -> str:
        """A phrase for what went wrong."""
        if self._is_late or isinstance(error, TimeoutError):
            return "the server does not answer in time"
        if isinstance(error, ssl.SSLError):
            return "its certificate or encryption is not valid"
        if isinstance(error, socket.gaierror):
            return "no such host is known"
        if isinstance(error, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(error, OSError) and error.errno and error.strerror:
            return error.strerror[:1].lower() + error.strerror[1:]
        return "the server does not answer as a web server does"

    def _connect(self, address: tuple[str, int], timeout: float, source: tuple[str, int] | None = None) -> socket.socket:
        """`socket.create_connection` with every address checked, and no second look-up."""
        failed: OSError | None = None
        for checked in self._checked(*address):
            try:
                return socket.create_connection((checked, address[1]), timeout, source)
            except OSError as error:
                failed = error
        raise failed or OSError("it has no address")

    def _checked(self, host: str, port: int, *, is_proxied: bool = False) -> list[str]:
        """The addresses of a host, none of them private."""
        try:
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError:
            if is_proxied:
                return []
            raise
        if not self._allow_private and not all(map(_is_public, found)):
            raise DownloadError(
                "it is on this machine or in its network; the operator may allow that with ELMO_LENS_ALLOW_PRIVATE_ADDRESSES=1"
            )
        return found

    def _close(self) -> None:
        self._is_late = True
        for connection in self._open:
            if connection.sock:
                with suppress(OSError):  # it has ended meanwhile
                    connection.sock.shutdown(socket.SHUT_RDWR)


class _Handler(urllib.request.HTTPHandler):
    def __init__(self, connections: _Connections) -> None:
        super().__init__()
        self._connections = connections

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        make: Any = partial(self._connections.make, http.client.HTTPConnection, req)
        return self.do_open(make, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, connections: _Connections) -> None:
        super().__init__()
        self._connections = connections

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        make: Any = partial(self._connections.make, http.client.HTTPSConnection, req)
        return self.do_open(make, req, context=ssl.create_default_context())


def _is_public(address: str) -> bool:
    """Whether an address is one of the internet, also inside the forms of IPv6 that carry one of IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (ipaddress.IPv4Address(found.packed[-4:]) if found in _NAT64 else None)
        found = inner or found
    return found.is_global and not found.is_multicast
