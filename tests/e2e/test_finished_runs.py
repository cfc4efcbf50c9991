"""What is there of a finished run for whoever opens its link, in a real browser; the run is written to the store."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.store.run_store import RunStore
from tests.e2e.conftest import Server, settle
from tests.e2e.stored_runs import add_run

LOAD_MS = 120_000  # of the first visit to a new server, beside another that trains


@pytest.fixture(scope="module")
def run_id(store: RunStore) -> str:
    return add_run(store, 100).id


@pytest.fixture
def run_url(server: Server, run_id: str) -> str:
    return f"{server.url}/?run={run_id}"


def expect_three_joined_pairs(page: Page) -> None:
    plot = page.get_by_label("Pair plot of accuracy")
    expect(plot.locator("[aria-roledescription='point']")).to_have_count(6, timeout=LOAD_MS)
    expect(plot.locator("[aria-roledescription='line mark']")).to_have_count(3)


def test_the_run_is_still_there_after_a_reload(page: Page, run_url: str) -> None:
    page.goto(run_url)
    expect_three_joined_pairs(page)
    page.reload()
    expect_three_joined_pairs(page)


@pytest.mark.parametrize(
    ("button", "begins"),
    [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("Table as CSV", b"trial,basic,elmo"), ("Everything as JSON", b"{")],
)
def test_results_can_be_downloaded(page: Page, run_url: str, button: str, begins: bytes) -> None:
    page.goto(run_url)
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name=button, exact=True).first.click()
    assert download.value.path().read_bytes().startswith(begins)


def test_no_page_asks_another_server_for_anything(page: Page, server: Server, run_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for url in (run_url, run_url.replace("/?", "/probe?"), f"{server.url}/how_it_works"):
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
    foreign = [url for url in asked if not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))]
    assert foreign == []


def test_the_link_works_in_another_browser_after_the_server_was_started_again(page: Page, server: Server, run_url: str) -> None:
    server.stop()
    server.start()
    page.goto(run_url.replace("/?", "/probe?"))  # the first page that this server ever shows
    expect(page.get_by_role("link", name="How it works")).to_be_visible()
    expect(page.get_by_role("textbox", name="Sentence", exact=True)).to_be_visible()
    page.goto(run_url)
    expect_three_joined_pairs(page)
