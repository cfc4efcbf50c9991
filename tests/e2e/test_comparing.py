"""What two people who look at the same results do, in real browsers; the runs are written to the store, nothing is trained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.store.run_store import RunStore
from tests.e2e.conftest import Server, query, settle
from tests.e2e.stored_runs import add_run
from ui.compare import wording
from ui.probe import wording as probe_wording

LOAD_MS = 120_000


@pytest.fixture(scope="module")
def runs(store: RunStore) -> list[str]:
    """Ids of two runs of one experiment, with 100 and 200 training reviews."""
    return [add_run(store, train_size).id for train_size in (100, 200)]


def view(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name)


def test_a_link_shows_the_same_view_in_a_new_browser(page: Page, browser: Browser, server: Server, runs: list[str]) -> None:
    page.goto(f"{server.url}/compare")
    expect(page.get_by_role("combobox", name="Runs")).to_be_visible()
    settle(page)
    page.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option", name=re.compile("100 reviews")).click()
    page.keyboard.press("Escape")
    view(page, "Learning curve").click()
    expect(page.get_by_label("Learning curve: with 100 reviews")).to_be_visible()
    settle(page)
    heading = page.get_by_role("heading", level=2).inner_text()
    assert query(page, "view") == "curve"
    assert set(query(page, "runs").split(",")) == set(runs)

    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_label("Learning curve: with 100 reviews")).to_be_visible()
    expect(other.get_by_role("heading", level=2)).to_have_text(heading)
    expect(view(other, "Learning curve")).to_be_checked()
    other.context.close()


def test_a_click_on_a_disagreement_leads_to_a_review_and_on_to_the_probe_page(
    page: Page, server: Server, runs: list[str]
) -> None:
    page.goto(f"{server.url}/compare?run={runs[0]}&view=reviews")
    matrix = page.get_by_label("Agreement of Basic and ELMo on 200 test reviews")
    matrix.locator("[aria-roledescription='rect mark'][aria-label*='Who: Only ELMo is right']").click()
    assert query(page, "group") == "agreement.0.1"
    verdict = page.get_by_text(re.compile(r"ELMo right in [23] of 3 trials"))
    expect(verdict.first).to_be_visible()
    expect(page.get_by_text(re.compile(r"Basic right in [23] of 3 trials"))).to_have_count(0)
    settle(page)
    review = page.get_by_test_id("stText").first.inner_text().removesuffix("…").strip()
    page.get_by_test_id("stMain").get_by_role("link", name="Try it").first.click()
    sentence = page.get_by_role("textbox", name="Sentence", exact=True)
    expect(sentence).to_have_value(re.compile(re.escape(review[:40])))
    expect(page.get_by_text(probe_wording.read(2).removeprefix("2 "))).to_be_visible(timeout=LOAD_MS)
    assert query(page, "run") == runs[0]


def test_the_report_opens_without_a_network(
    page: Page, browser: Browser, server: Server, runs: list[str], tmp_path: Path
) -> None:
    page.goto(f"{server.url}/compare?runs={','.join(runs)}")
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Report (HTML)").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    context = browser.new_context(offline=True)
    reader = context.new_page()
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(report.as_uri())
    expect(reader.get_by_role("heading", name="Learning curve")).to_be_visible()
    expect(reader.get_by_role("figure", name=re.compile("^Pair plot of accuracy"))).to_have_count(2)
    assert asked == [report.as_uri()]
    context.close()


def test_a_deleted_run_comes_back(page: Page, server: Server, runs: list[str]) -> None:
    page.goto(f"{server.url}/compare?run={runs[0]}")
    page.get_by_role("button", name="Rename or delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(wording.NO_CHOICE)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Pair plot of accuracy")).to_be_visible()
    assert query(page, "run") == runs[0]
