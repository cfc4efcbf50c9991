"""What a visitor can do before any run exists, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server


def test_a_reviews_file_becomes_a_dataset_to_train_on(page: Page, server: Server, tmp_path: Path) -> None:
    reviews = tmp_path / "cinema.csv"
    rows = [f"Evening {i} was {word},{label}" for i in range(40) for word, label in (("lovely", "good"), ("dreadful", "bad"))]
    reviews.write_text("\n".join(["review,verdict", *rows]), encoding="cp1252")
    page.goto(server.url)
    page.get_by_role("button", name="Use your own reviews").click()
    page.locator("input[type=file]").set_input_files(reviews)
    page.get_by_role("button", name="Add the reviews").click()
    expect(page.get_by_role("combobox", name="Reviews", exact=True)).to_have_value("cinema")
