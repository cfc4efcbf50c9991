"""Downloads from real servers on this machine; 127.0.0.2 plays the internet, all other addresses are what they are."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.access import downloads
from core.access.downloads import DownloadError, download
from core.errors import UserError

PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
SECRET = "s3cr3t-t0ken"

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def _internet(monkeypatch: pytest.MonkeyPatch) -> None:
    is_public = downloads._is_public
    monkeypatch.setattr(downloads, "_is_public", lambda address: address == PUBLIC or is_public(address))
    monkeypatch.setenv("no_proxy", "*")


@contextlib.contextmanager
def serving(answer: Answer, address: str = PUBLIC) -> Iterator[str]:
    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):
                answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer((address, 0), Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://{address}:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def saying(data: bytes) -> Iterator[str]:
    """A server that speaks another protocol."""
    with socket.create_server((PUBLIC, 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(data)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://{PUBLIC}:{server.getsockname()[1]}"


def sends(data: bytes, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def leads_to(address: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302, SECRET)
        handler.send_header("Location", address)
        handler.end_headers()

    return answer


def fetch(address: str, tmp_path: Path, *, allow_private: bool = False, max_bytes: int = 1000) -> bytes:
    path = tmp_path / "fetched"
    download(address, path, allow_private=allow_private, max_bytes=max_bytes)
    return path.read_bytes()


def refusal(address: str, tmp_path: Path, *, max_bytes: int = 1000) -> str:
    with pytest.raises((DownloadError, UserError)) as error:
        fetch(address, tmp_path, max_bytes=max_bytes)
    assert SECRET not in str(error.value)
    return str(error.value)


def test_a_file_is_fetched_whatever_redirects_lead_there(tmp_path: Path) -> None:
    with serving(sends(b"vectors")) as target, serving(leads_to(f"{target}/a.vec?X-Amz-Signature=1")) as address:
        assert fetch(address, tmp_path) == b"vectors"


@pytest.mark.parametrize("host", [PRIVATE, "localhost", "127.1", "0x7f.0.0.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_asked(host: str, tmp_path: Path) -> None:
    asked = []
    with serving(lambda handler: asked.append(handler.path), PRIVATE) as address:
        assert "in its network" in refusal(address.replace(PRIVATE, host), tmp_path)
    assert asked == []


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_no_network_but_the_internet_is_asked(host: str, tmp_path: Path) -> None:
    assert "in its network" in refusal(f"http://{host}/latest/meta-data", tmp_path)


def test_this_machine_is_asked_if_that_is_allowed(tmp_path: Path) -> None:
    with serving(sends(b"vectors"), PRIVATE) as address:
        assert fetch(address, tmp_path, allow_private=True) == b"vectors"


def test_a_redirect_to_this_machine_is_not_followed(tmp_path: Path) -> None:
    asked = []
    with serving(lambda handler: asked.append(handler.path), PRIVATE) as target, serving(leads_to(f"{target}/admin")) as address:
        assert "in its network" in refusal(address, tmp_path)
    assert asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.2/x", "data:text/plain,x", "gopher://127.0.0.2/"])
def test_a_redirect_to_anything_but_the_web_is_not_followed(target: str, tmp_path: Path) -> None:
    with serving(leads_to(target)) as address:
        assert "no ordinary web address" in refusal(address, tmp_path)


def test_redirects_end(tmp_path: Path) -> None:
    with serving(leads_to("/again")) as address:
        assert "without end" in refusal(address, tmp_path)


def test_a_name_that_answers_differently_the_second_time_reaches_what_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, answers = socket.getaddrinfo, [PUBLIC, PRIVATE, PRIVATE]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **options: look_up(answers.pop(0) if host == "rebound.example" else host, *args, **options),
    )
    with serving(sends(b"public")) as address:
        assert fetch(address.replace(PUBLIC, "rebound.example"), tmp_path) == b"public"
    assert answers == [PRIVATE, PRIVATE]


def test_a_host_with_one_private_address_among_others_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _, *args, **options: [*look_up(PUBLIC, *args, **options), *look_up(PRIVATE, 80)]
    )
    assert "in its network" in refusal("http://both.example/", tmp_path)


def test_what_a_server_says_is_not_repeated(tmp_path: Path) -> None:
    with serving(lambda handler: handler.send_error(403, SECRET, SECRET)) as address:
        assert "403" in refusal(address, tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        f"-ERR {SECRET}\r\n",
        f"SSH-2.0-{SECRET}\r\n",
        f"HTTP/1.1 {SECRET} {SECRET}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n",
        f"HTTP/1.1 302 Found\r\nLocation: http://{SECRET}:{SECRET}/\r\n\r\n",
        "",
    ],
)
def test_what_another_kind_of_server_says_is_not_repeated(answer: str, tmp_path: Path) -> None:
    with saying(answer.encode()) as address:
        assert refusal(address, tmp_path)


def test_a_file_that_is_too_large_is_not_fetched_to_its_end(tmp_path: Path) -> None:
    sent: list[None] = []

    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        sends(b"")(handler)
        while len(sent) < 10_000:
            handler.wfile.write(bytes(10_000))
            sent.append(None)

    with serving(endless) as address:
        assert "larger than" in refusal(address, tmp_path, max_bytes=100_000)
    assert len(sent) < 10_000


def test_a_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    with serving(sends(b"vec", Content_Length="7")) as address:
        assert "cut short" in refusal(address, tmp_path)


def test_a_drip_of_bytes_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_PATIENCE_S", 0.2)
    ended = threading.Event()

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        sends(b"")(handler)
        while not ended.wait(0.05):
            handler.wfile.write(b".")

    with serving(drip) as address:
        assert "too slowly" in refusal(address, tmp_path)
        ended.set()


def test_a_drip_of_headers_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_ANSWER_S", 0.3)
    ended = threading.Event()

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not ended.wait(0.05):
            handler.wfile.write(b".")

    with serving(drip) as address:
        assert "in time" in refusal(address, tmp_path)
        ended.set()


def test_a_refused_connection_and_an_unknown_host_are_told_apart(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind((PUBLIC, 0))  # bound and not listening
        assert "refused" in refusal(f"http://{PUBLIC}:{unused.getsockname()[1]}/", tmp_path)
    assert "no such host" in refusal("http://nowhere.invalid/", tmp_path)


def test_behind_a_proxy_no_private_target_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(sends(b"by the proxy"), PRIVATE) as proxy:
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("http_proxy", proxy)
        assert fetch("http://unknown-here.invalid/a.vec", tmp_path) == b"by the proxy"
        assert "in its network" in refusal("http://169.254.169.254/", tmp_path)
