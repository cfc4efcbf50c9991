"""What two people who look at the same results do, in real browsers; the runs are written to the store, nothing is trained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.experiment.config import ExperimentConfig
from core.settings import Settings
from core.store.run_store import RunStore
from tests.e2e.conftest import Server, query, settle
from tests.pages.conftest import drawn_test_reviews, trial_result
from ui.compare import wording

DIMS = {"basic": 50, "elmo": 306}  # of the packaged vectors, so that the Probe page can use the heads
LOAD_MS = 120_000


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def runs(data_dir: Path) -> list[str]:
    """Ids of two runs of one experiment, with 100 and 200 training reviews."""
    store = RunStore(Settings(data_dir=data_dir).store_url)
    return [add_run(store, train_size) for train_size in (100, 200)]


@pytest.fixture(scope="module")
def server(data_dir: Path, runs: list[str]) -> Iterator[Server]:  # noqa: ARG001  # the runs come first
    started = Server(data_dir)
    started.start()
    yield started
    started.stop()


def add_run(store: RunStore, train_size: int) -> str:
    config = ExperimentConfig(train_size=train_size, num_trials=3, test_size=200)
    run = store.create_run(config)
    ids, labels = drawn_test_reviews(config)
    store.set_test_ids(run.id, ids, labels)
    for trial in range(config.num_trials):
        for arm in config.arms:
            result = trial_result(trial, arm, labels)
            dim = DIMS[arm]
            inputs = {"input/mean": (dim,), "input/scale": (dim,), "conv/kernel": (3, dim, 64)}
            head = {**result.head, **{name: np.ones(shape, np.float32) for name, shape in inputs.items()}}
            store.trials.save(run, replace(result, head=head))
    store.set_phases(run.id, {"training": 1.5}, 100.0, 0.991)
    store.set_status(run.id, "finished")
    return run.id


def view(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name)


def test_a_link_shows_the_same_view_in_a_new_browser(page: Page, browser: Browser, server: Server, runs: list[str]) -> None:
    page.goto(f"{server.url}/compare")
    page.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option", name=re.compile("100 reviews")).click()
    page.keyboard.press("Escape")
    view(page, "Learning curve").click()
    expect(page.get_by_label("Learning curve: with 100 reviews")).to_be_visible()
    settle(page)
    heading = page.get_by_role("heading", level=4).inner_text()
    assert query(page, "view") == "curve"
    assert set(query(page, "runs").split(",")) == set(runs)

    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_label("Learning curve: with 100 reviews")).to_be_visible()
    expect(other.get_by_role("heading", level=4)).to_have_text(heading)
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
    page.get_by_role("link", name="Open in Probe").first.click()
    sentence = page.get_by_role("textbox", name="Sentence", exact=True)
    expect(sentence).to_have_value(re.compile(re.escape(review[:40])))
    expect(page.get_by_text("words and signs read")).to_be_visible(timeout=LOAD_MS)
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


def test_nothing_went_wrong_behind_the_scenes(server: Server) -> None:
    assert "Traceback" not in server.log()
