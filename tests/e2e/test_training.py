"""What a class does in its first lesson, in a real browser: everything that trains, on one server with a warm worker."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.store.run_store import RunStore
from tests.e2e.conftest import Server, query, settle
from tests.e2e.stored_runs import verdict_of
from ui.probe import wording

TRAIN_MS = 240_000
LOAD_MS = 120_000


@pytest.fixture(scope="module")
def warm_up() -> bool:
    return True


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


def test_one_click_on_the_probe_page_trains_models_that_predict(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/probe")
    expect(page.get_by_text(wording.NO_MODEL)).to_be_visible()
    page.get_by_role("button", name="Train on 100 reviews").click()
    page.get_by_role("textbox", name="Sentence", exact=True).fill("A lovely evening", timeout=TRAIN_MS)
    expect(page.get_by_text(wording.read(3))).to_be_visible(timeout=TRAIN_MS)


def test_a_typed_sentence_is_taught_to_both_models_and_its_effect_is_shown(page: Page, server: Server) -> None:
    """On the run of the test before, whose reviews have been read."""
    page.goto(f"{server.url}/probe?text=Not+bad+at+all.")
    untaught = query(page, "run")
    page.get_by_role("button", name="It is positive").click(timeout=LOAD_MS)
    expect(page.get_by_role("textbox", name="Positive, a sentence per line")).to_have_value("Not bad at all.")
    page.get_by_role("button", name="Teach both").click()
    expect(page.get_by_role("heading", name="What 1 lesson changed")).to_be_visible(timeout=TRAIN_MS)
    expect(page.get_by_text("of the test reviews right before").first).to_be_visible(timeout=LOAD_MS)
    settle(page)
    assert query(page, "run") != untaught
    page.get_by_role("button", name="Back to the untaught models").click()
    page.wait_for_url(lambda url: f"run={untaught}" in url)


def test_training_ends_with_two_joined_pairs_and_a_sentence(page: Page, server: Server, store: RunStore) -> None:
    page.goto(server.url)
    fill(page, "Training reviews", 100)
    fill(page, "Trials", 2)
    page.get_by_text("More settings").click()
    fill(page, "Test reviews", 50)
    page.get_by_role("button", name="Train both").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    plot = page.get_by_label("Pair plot of accuracy")
    expect(plot.locator("[aria-roledescription='point']")).to_have_count(6, timeout=TRAIN_MS)  # two pairs and their bags of words
    expect(plot.locator("[aria-roledescription='line mark']")).to_have_count(2)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=TRAIN_MS)
    expect(page.get_by_role("heading", name=verdict_of(store, query(page, "run")))).to_be_visible()


def test_a_run_is_cancelled_and_goes_on_from_there(page: Page, server: Server) -> None:
    page.goto(server.url)
    fill(page, "Training reviews", 3000)
    page.get_by_role("button", name="Train both").click()
    expect(page.get_by_text("reviews read by ELMo")).to_be_visible(timeout=LOAD_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_a_curve_starts_with_one_click_survives_a_reload_and_a_cancel_and_grows_until_it_is_finished(
    page: Page, server: Server, store: RunStore
) -> None:
    page.goto(server.url)
    fill(page, "Trials", 2)
    page.get_by_text("More settings").click()
    fill(page, "Test reviews", 50)
    page.get_by_text("More settings").click()
    choose_sizes(page, {"20", "50"})
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
    expect(points).to_have_count(6, timeout=TRAIN_MS)  # both models and the bag of words at two sizes, without a reload
