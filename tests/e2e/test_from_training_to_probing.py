"""What a class does in its first lesson, in a real browser; the tests are steps and run in this order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, query, settle
from ui.probe import wording

TRAIN_MS = 180_000
LOAD_MS = 120_000


@pytest.fixture(scope="module")
def run_url(server: Server) -> dict[str, str]:
    """Filled by the first step: where the others find the run."""
    return {"train": server.url}


def number(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=label, exact=True)


def fill(page: Page, label: str, value: int) -> None:
    number(page, label).fill(str(value))
    number(page, label).press("Enter")


def pair_plot(page: Page) -> Locator:
    return page.get_by_label("Pair plot of accuracy")


def expect_two_joined_pairs(page: Page) -> None:
    plot = pair_plot(page)
    expect(plot.locator("[aria-roledescription='point']")).to_have_count(4, timeout=TRAIN_MS)
    expect(plot.locator("[aria-roledescription='line mark']")).to_have_count(2)


def chances(page: Page) -> list[Locator]:
    metrics = page.get_by_test_id("stMetric").filter(has_text="chance that it is positive")
    expect(metrics).to_have_count(2, timeout=LOAD_MS)
    return [metric.get_by_test_id("stMetricValue") for metric in metrics.all()]


def test_training_ends_with_two_joined_pairs_and_a_sentence(page: Page, server: Server, run_url: dict[str, str]) -> None:
    page.goto(server.url)
    fill(page, "Training reviews per trial", 100)
    fill(page, "Trials", 2)
    page.get_by_text("More settings").click()
    fill(page, "Test reviews", 200)
    page.get_by_role("button", name="Train both models").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_text("finished", exact=False).first).to_be_visible()
    expect_two_joined_pairs(page)
    expect(page.get_by_role("heading", name=re.compile(r"won \d of 2 trials"))).to_be_visible(timeout=TRAIN_MS)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=TRAIN_MS)
    assert query(page, "run")
    run_url["train"] = page.url


def test_the_run_is_still_there_after_a_reload(page: Page, run_url: dict[str, str]) -> None:
    page.goto(run_url["train"])
    expect_two_joined_pairs(page)
    page.reload()
    expect_two_joined_pairs(page)


@pytest.mark.parametrize(
    ("button", "begins"),
    [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("Table as CSV", b"trial,basic,elmo"), ("Everything as JSON", b"{")],
)
def test_results_can_be_downloaded(page: Page, run_url: dict[str, str], button: str, begins: bytes) -> None:
    page.goto(run_url["train"])
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name=button, exact=True).first.click()
    assert download.value.path().read_bytes().startswith(begins)


def test_both_predictions_change_while_a_sentence_is_typed(page: Page, run_url: dict[str, str]) -> None:
    page.goto(run_url["train"])
    page.get_by_role("link", name="Probe").click()
    sentence = page.get_by_role("textbox", name="Sentence", exact=True)
    sentence.press_sequentially("A great film")
    expect(page.get_by_text(wording.read(3))).to_be_visible(timeout=LOAD_MS)
    settle(page)
    first = [chance.inner_text() for chance in chances(page)]
    sentence.press_sequentially(" ruined by dull jokes")  # nobody presses Enter or leaves the field
    expect(page.get_by_text(wording.read(7))).to_be_visible()
    for chance, before in zip(chances(page), first, strict=True):
        expect(chance).not_to_have_text(before)


def test_what_is_typed_never_becomes_part_of_the_page(page: Page, run_url: dict[str, str]) -> None:
    typed = "<img src=x onerror=window.broken_in=1> <b>bad</b> **film** :smile:"
    page.goto(run_url["train"].replace("/?", "/probe?"))
    page.get_by_role("textbox", name="Sentence", exact=True).fill(typed)
    expect(page.get_by_text("words and signs read")).to_be_visible(timeout=LOAD_MS)
    tokens = page.get_by_role("group", name="What each word does")
    expect(tokens).to_contain_text("onerror")
    expect(tokens.locator("img, b, strong")).to_have_count(0)
    expect(tokens.get_by_role("button", name="“**film**”")).to_be_visible()
    expect(tokens.get_by_role("button", name="“smile”")).to_be_visible()
    assert page.evaluate("window.broken_in") is None


def test_no_page_asks_another_server_for_anything(page: Page, server: Server, run_url: dict[str, str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for url in (run_url["train"], run_url["train"].replace("/?", "/probe?"), f"{server.url}/how_it_works"):
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
    foreign = [url for url in asked if not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))]
    assert foreign == []


def test_the_link_works_in_another_browser_after_the_server_was_started_again(
    page: Page, server: Server, run_url: dict[str, str]
) -> None:
    server.stop()
    server.start()
    page.goto(run_url["train"].replace("/?", "/probe?"))  # the first page that this server ever shows
    expect(page.get_by_role("link", name="How it works")).to_be_visible()
    expect(page.get_by_role("textbox", name="Sentence", exact=True)).to_be_visible()
    page.goto(run_url["train"])
    expect_two_joined_pairs(page)


def test_a_run_is_cancelled_at_once_and_goes_on_from_there(page: Page, server: Server) -> None:
    page.goto(server.url)
    fill(page, "Training reviews per trial", 3000)
    page.get_by_role("button", name="Train both models").click()
    expect(page.get_by_text("reviews read by ELMo")).to_be_visible(timeout=LOAD_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=4000)  # 2 s, the poll, and a busy machine
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_nothing_went_wrong_behind_the_scenes(server: Server) -> None:
    assert "Traceback" not in server.log()
