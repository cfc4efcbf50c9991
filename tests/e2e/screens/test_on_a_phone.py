"""Pages where a screen has room for one column only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.store.run_store import RunStore
from tests.e2e.conftest import Server, settle
from tests.e2e.stored_runs import add_run, verdict_of
from ui.app import share
from ui.reviews import wording as reviews


@pytest.fixture(scope="module")
def run_id(store: RunStore) -> str:
    return add_run(store, 100).id


def test_what_to_press_and_the_result_of_the_open_run_are_in_view(
    phone: Page, server: Server, store: RunStore, run_id: str
) -> None:
    phone.goto(f"{server.url}/?run={run_id}")
    expect(phone.get_by_role("heading", name=verdict_of(store, run_id))).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("button", name="Train both")).to_be_in_viewport(ratio=1)


def test_a_table_that_is_wider_than_the_screen_fades_out_until_its_end(phone: Page, server: Server, run_id: str) -> None:
    phone.goto(f"{server.url}/compare?run={run_id}&view=quality")
    table = phone.locator(".numbers", has_text="Brier score").first
    expect(table).to_have_css("mask-size", "100% 100%")
    table.evaluate("table => { table.scrollLeft = table.scrollWidth }")
    expect(table).not_to_have_css("mask-size", "100% 100%")


def test_the_tour_stands_above_the_page_and_covers_nothing(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/how_it_works?tour=2")
    settle(phone)
    for name in ("Back", "Next"):
        expect(phone.get_by_role("link", name=name)).to_be_in_viewport(ratio=1)
    banner, title = phone.locator(".st-key-tour").bounding_box(), phone.get_by_role("heading", level=1).bounding_box()
    assert banner
    assert title
    assert banner["y"] + banner["height"] <= title["y"]


def test_a_choice_in_the_menu_closes_it(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/how_it_works")
    settle(phone)
    phone.get_by_test_id("stExpandSidebarButton").tap()
    phone.get_by_test_id("stSidebar").get_by_role("link", name="Reviews").tap()
    expect(phone.get_by_role("heading", name=reviews.TITLE)).to_be_in_viewport()
    expect(phone.get_by_test_id("stExpandSidebarButton")).to_have_attribute("aria-expanded", "false")


def test_the_link_and_its_qr_code_fit_the_screen(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/how_it_works")
    settle(phone)
    phone.get_by_role("button", name="Share").tap()
    expect(phone.get_by_role("img", name=share.ALT)).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("dialog", name="Share").get_by_text("/how_it_works")).to_be_visible()
