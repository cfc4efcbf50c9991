"""A real server and a visitor's connection: what the visitor has left behind goes although nobody else comes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.files import ROOT
from tests.core.tiny_runs import wait_until

# Writes a file for all that is gone: a file that was used, what a visitor uploaded, and the state of the session.
APP = """
import threading, time, weakref
from pathlib import Path
import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.proto.Common_pb2 import FileURLs
from ui.app import visitors

visitors.KEEP_S = 0.5
visitors.let_go_after_leaving()
FOLDER = Path({folder!r})

class Held:
    pass

def watch(uploads, session_id):
    while uploads.get_files(session_id, ["file"]):
        time.sleep(0.05)
    (FOLDER / "upload gone").touch()

def leave_something():
    held = st.session_state.held = Held()
    weakref.finalize(held, (FOLDER / "state gone").touch)
    context = get_script_run_ctx()
    uploads = context.uploaded_file_mgr
    uploads.add_file(context.session_id, UploadedFileRec("file", "a.csv", "text/csv", b"text,label"))
    used = UploadedFileRec("used", "b.csv", "text/csv", b"text,label")
    uploads.add_file(context.session_id, used)
    visitors.let_go_of(UploadedFile(used, FileURLs()))
    if not uploads.get_files(context.session_id, ["used"]):
        (FOLDER / "used gone").touch()
    threading.Thread(target=watch, args=(uploads, context.session_id), daemon=True).start()

if "held" not in st.session_state:
    leave_something()
(FOLDER / "here").touch()
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a server with one page, which imports this project."""
    (tmp_path / "app.py").write_text(APP.format(folder=str(tmp_path)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(tmp_path / "app.py"), *flags],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )

    def answers() -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
            return True
        return False

    wait_until(answers)
    yield f"ws://127.0.0.1:{port}/_stcore/stream"
    server.terminate()
    server.wait(timeout=30)


def visit(address: str) -> ClientConnection:
    """Open the page, as a browser does."""
    browser = connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None)
    browser.send(BackMsg(rerun_script=ClientState()).SerializeToString())
    return browser


def test_what_a_visitor_leaves_behind_goes_although_nobody_else_comes(address: str, tmp_path: Path) -> None:
    with visit(address):
        wait_until((tmp_path / "here").exists)
        assert (tmp_path / "used gone").exists()
        time.sleep(1)  # longer than it is kept
        assert not (tmp_path / "upload gone").exists()
        assert not (tmp_path / "state gone").exists()

    wait_until((tmp_path / "upload gone").exists)
    wait_until((tmp_path / "state gone").exists)
