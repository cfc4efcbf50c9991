"""nginx with the configuration of `deploy/`, on ports and with a certificate of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from core.files import ROOT

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
_START_S = 20
_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/elmo-lens.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def adapted(text: str, changes: dict[str, str]) -> str:
    """A configuration with other values; each must be there, so that the test is about the file that is shipped."""
    for before, after in changes.items():
        if before not in text:
            raise ValueError(f"the configuration has no {before!r}")
        text = text.replace(before, after)
    return text


class Nginx:
    """A proxy of one dashboard.

    Args:
        folder: For its files.
        cert: PEM file of the certificate.
        key: PEM file of its key.
        dashboard_port: Where the dashboard listens.
    """

    def __init__(self, folder: Path, cert: Path, key: Path, dashboard_port: int) -> None:
        self.port, self.http_port = free_port(), free_port()
        self._folder = folder
        changes = {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{self.http_port};",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "lens.example.org": "localhost",
            "127.0.0.1:8501": f"127.0.0.1:{dashboard_port}",
            "/etc/ssl/elmo-lens/cert.pem": str(cert),
            "/etc/ssl/elmo-lens/key.pem": str(key),
        }
        shipped = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        (folder / "elmo-lens.conf").write_text(adapted(shipped, changes))
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))

    def start(self) -> None:
        """Start it and wait until it listens."""
        files = {"-p": self._folder, "-e": self._folder / "error.log", "-c": self._folder / "nginx.conf"}
        self._process = subprocess.Popen([str(NGINX), *(str(part) for option in files.items() for part in option)])
        deadline_s = time.monotonic() + _START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline_s:
                    raise AssertionError((self._folder / "error.log").read_text()) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """End it with its workers."""
        self._process.terminate()
        self._process.wait(timeout=20)
