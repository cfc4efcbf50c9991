"""The dashboard for a class behind nginx, with the configuration that is shipped."""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from core.files import ROOT
from tests.certificates import make_certificate, needs_openssl
from tests.e2e.conftest import START_S, settle
from tests.e2e.proxy.nginx_server import NGINX, Nginx, free_port

pytestmark = [pytest.mark.skipif(NGINX is None, reason="nginx is not installed"), needs_openssl]

REPORT_VIOLATIONS = """
    addEventListener("securitypolicyviolation", e => console.error("Security:", e.violatedDirective, e.blockedURI, e.sourceFile))
"""


@dataclass(frozen=True)
class Proxied:
    """A dashboard behind nginx."""

    port: int
    http_port: int
    cert: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @contextmanager
    def connection(self) -> Iterator[http.client.HTTPSConnection]:
        context = ssl.create_default_context(cafile=self.cert)
        with closing(http.client.HTTPSConnection("localhost", self.port, context=context)) as connection:
            yield connection

    def get(self, path: str, *, host: str = "localhost") -> http.client.HTTPResponse:
        """An answer, which was read."""
        with self.connection() as connection:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            answer.read()
            return answer


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    cert, key = make_certificate(folder)
    nginx = Nginx(folder, cert, key, port)
    command = ["-m", "core", "dashboard", "--class", "--address", "127.0.0.1", "--name", "localhost", "--server.port", str(port)]
    variables = {"ELMO_LENS_DATA_DIR": str(folder / "data"), "ELMO_LENS_EXAMPLE": "1", "ELMO_LENS_WARM_UP": "0"}
    with (folder / "dashboard.log").open("wb") as log:
        dashboard = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | variables, stdout=log, stderr=log)
    nginx.start()
    behind = Proxied(nginx.port, nginx.http_port, cert)
    wait_for(behind)
    yield behind
    nginx.stop()
    dashboard.terminate()
    dashboard.wait(timeout=30)


def wait_for(proxied: Proxied) -> None:
    deadline_s = time.monotonic() + START_S
    while proxied.get("/_stcore/health").status != 200:
        assert time.monotonic() < deadline_s, "the dashboard did not start"
        time.sleep(0.2)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[tuple[Page, list[str], list[WebSocket]]]:
    """A page, what the policy has refused it or what has failed in it, and its connections."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.add_init_script(REPORT_VIOLATIONS)
    complaints: list[str] = []
    sockets: list[WebSocket] = []
    page.on("console", lambda message: complaints.append(message.text) if "Security" in message.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - it takes no method of a list
    yield page, complaints, sockets
    context.close()


@pytest.mark.parametrize("path", ["", "compare"])
def test_a_page_is_whole_and_breaks_no_rule(
    visitor: tuple[Page, list[str], list[WebSocket]], proxied: Proxied, path: str
) -> None:
    page, complaints, sockets = visitor
    page.goto(f"{proxied.url}/{path}")
    settle(page)
    expect(page.locator("h1")).to_have_count(1)
    drawn = "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas, [data-testid^=stBidi]"
    expect(page.locator(drawn).first).to_be_attached()  # a chart, which may need eval, or a component, whose script is a blob

    assert complaints == []
    assert [socket.url.split("/")[0] for socket in sockets] == ["wss:"]


def test_headers_keep_other_sites_out(proxied: Proxied) -> None:
    answer = proxied.get("/")
    policy = dict(part.split(maxsplit=1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert answer.status == 200
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'self'"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert not any(char.isdigit() for char in answer.headers["Server"])  # no version


def test_http_leads_to_https(proxied: Proxied) -> None:
    with closing(http.client.HTTPConnection("localhost", proxied.http_port)) as connection:
        connection.request("GET", "/compare?run=abc")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/compare?run=abc")


def test_what_is_larger_than_an_upload_is_refused_by_the_proxy(proxied: Proxied) -> None:
    with proxied.connection() as connection:
        connection.putrequest("PUT", "/_stcore/upload_file/a/b")
        connection.putheader("Content-Length", str(22 * 1024**2))
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_another_name_is_refused(proxied: Proxied) -> None:
    assert proxied.get("/", host="evil.example.org").status == 421
