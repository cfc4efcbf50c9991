"""What a class does in its first lesson, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.store.run_store import RunStore
from tests.e2e.conftest import Server, query
from tests.e2e.stored_runs import verdict_of

TRAIN_MS = 180_000
LOAD_MS = 120_000


@pytest.fixture(scope="module")
def warm_up() -> bool:
    return True


def fill(page: Page, label: str, value: int) -> None:
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def test_training_ends_with_two_joined_pairs_and_a_sentence(page: Page, server: Server, store: RunStore) -> None:
    page.goto(server.url)
    fill(page, "Training reviews", 100)
    fill(page, "Trials", 2)
    page.get_by_text("More settings").click()
    fill(page, "Test reviews", 200)
    page.get_by_role("button", name="Train both").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    plot = page.get_by_label("Pair plot of accuracy")
    expect(plot.locator("[aria-roledescription='point']")).to_have_count(6, timeout=TRAIN_MS)  # two pairs and their bags of words
    expect(plot.locator("[aria-roledescription='line mark']")).to_have_count(2)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=TRAIN_MS)
    expect(page.get_by_role("heading", name=verdict_of(store, query(page, "run")))).to_be_visible()


def test_a_run_is_cancelled_and_goes_on_from_there(page: Page, server: Server) -> None:
    page.goto(server.url)
    fill(page, "Training reviews per trial", 3000)
    page.get_by_role("button", name="Train both models").click()
    expect(page.get_by_text("reviews read by ELMo")).to_be_visible(timeout=LOAD_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
