"""A learning curve from the first click to the chart, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.store.run import Sweep
from core.store.run_store import RunStore
from tests.e2e.conftest import Server, query
from tests.e2e.stored_runs import add_run

TRAIN_MS = 180_000


@pytest.fixture(scope="module")
def stored(store: RunStore) -> Sweep:
    """A finished curve."""
    runs = [add_run(store, train_size) for train_size in (100, 200)]
    return store.sweeps.create(runs[0].config, [100, 200], [run.id for run in runs])


def fill(page: Page, label: str, value: int) -> None:
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def choose_sizes(page: Page, sizes: set[str]) -> None:
    """Leave exactly these pressed in the popover, which stays open."""
    page.get_by_role("button", name="Learning curve").click()
    popover = page.get_by_test_id("stPopoverBody")
    for size in {"100", "200", "500", "1,000", "2,000"} ^ sizes:
        popover.get_by_role("button", name=size, exact=True).click()
    expect(page.get_by_text(f"learning curve over {', '.join(sorted(sizes, key=int))} reviews")).to_be_visible()


def test_a_curve_starts_with_one_click_survives_a_reload_and_a_cancel_and_grows_until_it_is_finished(
    page: Page, server: Server, store: RunStore
) -> None:
    page.goto(server.url)
    fill(page, "Trials", 2)
    page.get_by_text("More settings").click()
    fill(page, "Test reviews", 200)
    page.get_by_text("More settings").click()
    choose_sizes(page, {"20", "50", "100"})
    page.get_by_role("button", name="Train over several sizes").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    sweep = store.sweeps.get(query(page, "sweep"))
    page.reload()
    expect(page.get_by_role("heading", name=sweep.name)).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()

    page.get_by_role("link", name="More about this curve").click(timeout=TRAIN_MS)
    points = page.get_by_label("Learning curve: ").locator("[aria-roledescription='point']")
    expect(points.first).to_be_visible(timeout=TRAIN_MS)
    assert query(page, "view") == "curve"
    expect(points).to_have_count(6, timeout=TRAIN_MS)  # both models at three sizes, and nobody has reloaded the page


def test_a_finished_curve_is_there_for_whoever_opens_its_link(page: Page, server: Server, stored: Sweep) -> None:
    page.goto(f"{server.url}/?sweep={stored.id}")
    expect(page.get_by_role("heading", name=stored.name)).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("heading", name="labels")).to_be_in_viewport()
    expect(page.get_by_label("Learning curve: ").locator("[aria-roledescription='point']")).to_have_count(4)
    expect(page.get_by_role("link", name="See the learning curve")).to_be_visible()
