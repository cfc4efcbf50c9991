"""A learning curve from the first click to the chart, in a real browser; the tests are steps and run in this order."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, query

TRAIN_MS = 180_000


@pytest.fixture(scope="module")
def sweep_url(server: Server) -> dict[str, str]:
    """Filled by the first step: where the others find the learning curve."""
    return {"train": server.url}


def fill(page: Page, label: str, value: int) -> None:
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def choose_sizes(page: Page, sizes: set[str]) -> None:
    """Leave exactly these pressed in the popover, of those offered on top of the default ones."""
    page.get_by_role("button", name="Sizes of the curve").click()
    popover = page.get_by_test_id("stPopoverBody")
    for size in {"100", "200", "500", "1,000", "2,000"} ^ sizes:
        popover.get_by_role("button", name=size, exact=True).click()
    expect(page.get_by_text(f"learning curve over {', '.join(sorted(sizes, key=int))} reviews")).to_be_visible()
    page.keyboard.press("Escape")


def test_a_sweep_starts_with_one_click_and_a_reload_finds_it_again(page: Page, server: Server, sweep_url: dict[str, str]) -> None:
    page.goto(server.url)
    fill(page, "Trials", 2)
    page.get_by_text("More settings").click()
    fill(page, "Test reviews", 200)
    choose_sizes(page, {"20", "50", "100"})
    page.get_by_role("button", name="Train over several sizes").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert query(page, "sweep")
    sweep_url["train"] = page.url
    page.reload()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_role("heading", name="IMDB, 20 to 100 reviews, 2 trials")).to_be_visible()


def test_a_sweep_is_cancelled_and_goes_on_from_there(page: Page, sweep_url: dict[str, str]) -> None:
    page.goto(sweep_url["train"])
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def test_the_curve_grows_while_it_is_looked_at(page: Page, sweep_url: dict[str, str]) -> None:
    page.goto(sweep_url["train"])
    page.get_by_role("link", name="See the learning curve").click(timeout=TRAIN_MS)
    points = page.get_by_label("Learning curve: ").locator("[aria-roledescription='point']")
    expect(points.first).to_be_visible(timeout=TRAIN_MS)
    assert query(page, "view") == "curve"
    expect(points).to_have_count(6, timeout=TRAIN_MS)  # both models at three sizes, and nobody has reloaded the page


def test_the_finished_curve_is_there_for_another_browser(browser: Browser, sweep_url: dict[str, str]) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(sweep_url["train"])
    expect(page.get_by_role("heading", name="IMDB, 20 to 100 reviews, 2 trials")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=TRAIN_MS)
    expect(page.get_by_role("heading", name="labels")).to_be_visible()
    expect(page.get_by_role("link", name="See the learning curve")).to_be_visible()
    context.close()


def test_nothing_went_wrong_behind_the_scenes(server: Server) -> None:
    assert "Traceback" not in server.log()
