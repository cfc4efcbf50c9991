"""Pages where a screen has room for one column only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from core.store.run_store import RunStore
from tests.e2e.conftest import Server
from tests.e2e.stored_runs import add_run, verdict_of


@pytest.fixture(scope="module")
def run_id(store: RunStore) -> str:
    return add_run(store, 100).id


@pytest.fixture(scope="module")
def result(store: RunStore, run_id: str) -> str:
    """The heading of the run."""
    return verdict_of(store, run_id)


def way_to_form(page: Page) -> Locator:
    return page.get_by_role("link", name="New experiment")


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Train both models")


def test_an_open_run_stands_above_the_form_and_a_link_leads_there(phone: Page, server: Server, run_id: str, result: str) -> None:
    phone.goto(f"{server.url}/?run={run_id}")
    expect(phone.get_by_role("heading", name=result)).to_be_in_viewport()
    expect(button(phone)).to_be_visible()
    expect(button(phone)).not_to_be_in_viewport()
    way_to_form(phone).tap()
    expect(phone.get_by_role("heading", name="New experiment")).to_be_in_viewport()


def test_without_an_open_run_the_form_comes_first(phone: Page, server: Server) -> None:
    phone.goto(server.url)
    expect(phone.get_by_text("Earlier runs")).not_to_be_in_viewport()
    expect(phone.get_by_role("heading", name="New experiment")).to_be_in_viewport()
    expect(way_to_form(phone)).to_have_count(0)


def test_on_a_wide_screen_both_are_beside_each_other(page: Page, server: Server, run_id: str, result: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 844})
    page.goto(f"{server.url}/?run={run_id}")
    expect(page.get_by_role("heading", name=result)).to_be_in_viewport()
    expect(button(page)).to_be_in_viewport()
    expect(way_to_form(page)).to_be_hidden()


def test_a_table_that_is_wider_than_the_screen_fades_out_until_its_end(phone: Page, server: Server, run_id: str) -> None:
    phone.goto(f"{server.url}/compare?run={run_id}&view=quality")
    table = phone.locator(".numbers", has_text="Brier score").first
    expect(table).to_have_css("mask-size", "100% 100%")
    table.evaluate("table => { table.scrollLeft = table.scrollWidth }")
    expect(table).not_to_have_css("mask-size", "100% 100%")
