"""Two people choose and rename runs at the same time, in real browsers; the runs are written to the store."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.store.run import Run
from core.store.run_store import RunStore
from tests.e2e.conftest import Server, query, settle
from tests.e2e.stored_runs import add_run


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    """Two runs, with 100 and 200 training reviews."""
    return [add_run(store, train_size) for train_size in (100, 200)]


class SlowLine:
    """Between a page and its server: messages of the page wait here until they are sent.

    Args:
        page: Not yet opened.
    """

    def __init__(self, page: Page) -> None:
        self.is_open = True
        self._page = page
        self._waiting: list[str | bytes] = []
        self._num_finished = 0
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        def take(message: str | bytes) -> None:
            if isinstance(message, bytes):
                self._num_finished += ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"
            browser.send(message)

        self._server = browser.connect_to_server()
        self._server.on_message(take)
        browser.on_message(lambda message: self._server.send(message) if self.is_open else self._waiting.append(message))

    def send_first(self) -> None:
        """Let the message through that has waited for longest, and wait until the page has been run."""
        num_finished = self._num_finished
        self._server.send(self._waiting.pop(0))
        while self._num_finished == num_finished:
            self._page.wait_for_timeout(50)


def test_a_choice_that_is_on_its_way_while_the_run_is_renamed_opens_nothing(
    page: Page, server: Server, store: RunStore, runs: list[Run]
) -> None:
    shown, other = runs
    line = SlowLine(page)
    page.goto(f"{server.url}/?run={shown.id}")
    settle(page)
    line.is_open = False
    page.get_by_test_id("stNumberInput").filter(has_text="Trials").get_by_role("button").last.click()
    page.get_by_role("combobox", name="Earlier runs").click()
    page.get_by_role("option", name=re.compile("200 reviews")).first.click()
    store.rename(other.id, "Class 9b")
    line.send_first()  # the server draws the list with the new name
    line.send_first()
    settle(page)
    assert query(page, "run") == shown.id
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_enter_renames_a_run_and_closes_the_menu(page: Page, server: Server, store: RunStore, runs: list[Run]) -> None:
    page.goto(f"{server.url}/compare?run={runs[0].id}")
    page.get_by_role("button", name="Rename or delete").click()
    field = page.get_by_role("textbox", name="Name", exact=True)
    field.fill("Class 9b")
    field.press("Enter")
    expect(field).to_be_hidden()
    expect(page.get_by_test_id("stMultiSelect").get_by_text("Class 9b")).to_be_visible()
    assert store.get_run(runs[0].id).name == "Class 9b"
