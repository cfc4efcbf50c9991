"""A finished learning curve, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.store.run import Sweep
from core.store.run_store import RunStore
from tests.e2e.conftest import Server
from tests.e2e.stored_runs import add_run


@pytest.fixture(scope="module")
def stored(store: RunStore) -> Sweep:
    """A finished curve."""
    runs = [add_run(store, train_size) for train_size in (100, 200)]
    return store.sweeps.create(runs[0].config, [100, 200], [run.id for run in runs])


def test_a_finished_curve_is_there_for_whoever_opens_its_link(page: Page, server: Server, stored: Sweep) -> None:
    page.goto(f"{server.url}/?sweep={stored.id}")
    expect(page.get_by_role("heading", name=stored.name)).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("heading", name="labels")).to_be_in_viewport()
    expect(page.get_by_label("Learning curve: ").locator("[aria-roledescription='point']")).to_have_count(4)
    expect(page.get_by_role("link", name="More about this curve")).to_be_visible()
