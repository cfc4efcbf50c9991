"""A class without browsers: clients that speak Streamlit's protocol type, open pages and start runs.

    python -m benchmarks load [--clients 30] [--minutes 10] [--every 5] [--cores 2]

Trains a small run in a temporary data folder and starts the dashboard on it under the rules of a class, on so many cores. Every
client connects as a browser of its own, types a sentence on Try it every so many seconds, opens another page after ten sentences
and comes back; one client in twenty starts a run. An answer takes from the message with the sentence to the script's end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from benchmarks.dashboard import dashboard, train_run
from benchmarks.measure import Figure, at_most, report
from benchmarks.probe import pick_sentences
from core.settings import Settings

_PAGES = ("", "compare", "senses", "reviews", "how_it_works")
_PER_PAGE = 10  # sentences between two other pages
_PER_RUN = 20  # clients, one of which starts a run
_ANSWER, _NO_ANSWER = "elmo_lens_duel", "a sentence got no answer"  # the component of `ui.probe.duel`
_ANSWER_S = 120.0  # after which an answer counts as an error
_SAMPLE_S = 5.0
_ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Load:
    """What was measured.

    Attributes:
        answer_ms: From each sentence to the end of the script.
        page_ms: The same of pages that were opened.
        errors: What went wrong, in words.
        memory_mb: Of the server, every five seconds.
    """

    answer_ms: list[float] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What clients do.

    Attributes:
        address: Of the stream of messages of a dashboard.
        run_id: The run whose models they ask.
        sentences: What they type, in turn.
        num_clients: How many there are; they come one after the other within one pause.
        duration_s: How long they stay.
        every_s: From one sentence of a client to its next.
        num_starting: How many of them start a run when they come.
    """

    address: str
    run_id: str
    sentences: Sequence[str]
    num_clients: int
    duration_s: float
    every_s: float
    num_starting: int


class Visitor:
    """One browser, as far as the server can tell.

    Args:
        connection: Its WebSocket.
        run_id: The run whose models it asks.
    """

    def __init__(self, connection: ClientConnection, run_id: str) -> None:
        self._connection = connection
        self._query_of_run = self._query = urlencode({"run": run_id})
        self._has_answer = False
        self._page_hash = ""
        self._widgets: dict[str, tuple[str, str]] = {}  # id and fragment by label

    async def open(self, page: str) -> None:
        """Open a page and wait until it is there.

        Args:
            page: Its path; empty for Train.
        """
        self._widgets.clear()
        self._query = self._query_of_run
        await self._run(ClientState(query_string=self._query, page_name=page))

    async def type(self, sentence: str) -> None:
        """Type a sentence on Try it and wait for the answers; raises `RuntimeError` if there are none."""
        self._has_answer = False
        its_id, fragment = self._widgets["Sentence"]
        await self._run(self._change(fragment, WidgetState(id=its_id, string_value=sentence)))
        if not self._has_answer:
            raise RuntimeError(_NO_ANSWER)

    async def press(self, label: str) -> None:
        """Press a button of the page and wait until it has done its work."""
        its_id, fragment = self._widgets[label]
        await self._run(self._change(fragment, WidgetState(id=its_id, trigger_value=True)))

    def _change(self, fragment: str, widget: WidgetState) -> ClientState:
        state = ClientState(query_string=self._query, page_script_hash=self._page_hash, fragment_id=fragment)
        state.widget_states.widgets.append(widget)
        return state

    async def _run(self, state: ClientState) -> None:
        """Raises `RuntimeError` if the script shows an error, or does not end."""
        await self._connection.send(BackMsg(rerun_script=state).SerializeToString())
        async with asyncio.timeout(_ANSWER_S):
            while True:
                message = ForwardMsg.FromString(bytes(await self._connection.recv(decode=False)))
                self._read(message)
                if message.WhichOneof("type") == "script_finished" and message.script_finished in _ENDED:
                    return

    def _read(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            match element.WhichOneof("type"):
                case "exception":
                    raise RuntimeError(element.exception.message)
                case "alert" if element.alert.format == element.alert.ERROR:
                    raise RuntimeError(element.alert.body)
                case "bidi_component" if element.bidi_component.component_name == _ANSWER:
                    self._has_answer = True
                case "text_input":
                    self._widgets[element.text_input.label] = element.text_input.id, message.delta.fragment_id
                case "button":
                    self._widgets[element.button.label] = element.button.id, message.delta.fragment_id


def main() -> None:
    parser = argparse.ArgumentParser(description="How many clients one server bears.")
    parser.add_argument("--clients", type=int, default=30, metavar="N")
    parser.add_argument("--minutes", type=float, default=10.0, metavar="M")
    parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="between two sentences of a client")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="of the server")
    arguments = parser.parse_args()
    cores = set(sorted(os.sched_getaffinity(0))[: arguments.cores])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        run = train_run(settings)
        sentences = pick_sentences(run, settings, 200)
        with dashboard(settings, cores, {"ELMO_LENS_CLASS_RULES": "1"}) as url:
            address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
            starting = max(1, arguments.clients // _PER_RUN)
            plan = Plan(address, run.id, sentences, arguments.clients, 60 * arguments.minutes, arguments.every, starting)
            load = asyncio.run(put_load(plan))
    for error in sorted(set(load.errors)):
        print(f"{load.errors.count(error):,} x {error}")
    what = f"{arguments.clients} clients for {arguments.minutes:g} minutes, a server on {len(cores)} cores"
    report(f"load_{arguments.clients}", what, figures(load))


def figures(load: Load) -> list[Figure]:
    """The table; memory is compared between the first and the last quarter of the time."""
    quarter = max(1, len(load.memory_mb) // 4)
    first, last = (float(np.median(part)) for part in (load.memory_mb[:quarter], load.memory_mb[-quarter:]))
    return [
        at_most(0, "errors", (float(len(load.errors)),), ""),
        Figure("answers", (float(len(load.answer_ms)),), ""),
        Figure("from a sentence to its answer", tuple(load.answer_ms), "ms"),
        at_most(1500, "the same, 95th percentile", (float(np.percentile(load.answer_ms, 95)),), "ms"),
        Figure("opening a page", tuple(load.page_ms), "ms"),
        Figure("memory of the server, first quarter of the time", (first,), "MB"),
        Figure("the same, last quarter", (last,), "MB"),
    ]


async def put_load(plan: Plan) -> Load:
    """Has clients visit a dashboard, which this process has started, until the time is over."""
    load, until_s = Load(), time.monotonic() + plan.duration_s
    watching = asyncio.create_task(_watch_memory(load))
    await asyncio.gather(*(_visit(load, plan, number, until_s) for number in range(plan.num_clients)))
    watching.cancel()
    return load


async def _visit(load: Load, plan: Plan, number: int, until_s: float) -> None:
    """One client: comes in its turn, types, opens pages; some start a run."""
    await asyncio.sleep(number * plan.every_s / plan.num_clients)
    try:
        async with connect(plan.address, subprotocols=[Subprotocol("streamlit")], max_size=None) as connection:
            visitor, typed = Visitor(connection, plan.run_id), 0
            await _timed(load.page_ms, visitor.open(""))
            if number < plan.num_starting:
                await visitor.press("Train both")
            await _timed(load.page_ms, visitor.open("probe"))
            while not typed or time.monotonic() < until_s:
                began_s = time.monotonic()
                if typed % _PER_PAGE == _PER_PAGE - 1:
                    await _timed(load.page_ms, visitor.open(_PAGES[number % len(_PAGES)]))
                    await _timed(load.page_ms, visitor.open("probe"))
                await _timed(load.answer_ms, visitor.type(plan.sentences[(number * 7 + typed) % len(plan.sentences)]))
                typed += 1
                await asyncio.sleep(max(0.0, plan.every_s - (time.monotonic() - began_s)))
    except (RuntimeError, KeyError, OSError, TimeoutError, WebSocketException) as error:
        load.errors.append(f"{type(error).__name__}: {error}")


async def _timed(times_ms: list[float], work: Awaitable[None]) -> None:
    began_s = time.perf_counter()
    await work
    times_ms.append((time.perf_counter() - began_s) * 1000)


async def _watch_memory(load: Load) -> None:
    [server] = [child for child in psutil.Process().children() if "streamlit" in child.cmdline()]
    while True:
        load.memory_mb.append(server.memory_info().rss / 2**20)
        await asyncio.sleep(_SAMPLE_S)


if __name__ == "__main__":
    main()
