"""A server for a class, in real browsers: what somebody has made stays theirs, and moves to their other device."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.store.people.owner_store import Owner
from core.store.run_store import RunStore
from tests.e2e.conftest import Server, settle
from tests.e2e.stored_runs import add_run
from ui.app import space


@pytest.fixture(scope="module")
def variables() -> Mapping[str, str]:
    return {"ELMO_LENS_CLASS_RULES": "1"}


@pytest.fixture(scope="module")
def run_id(store: RunStore) -> str:
    return add_run(store, 100).id


def key_of(context: BrowserContext) -> str:
    """What the browser keeps."""
    [key] = [cookie["value"] for cookie in context.cookies() if cookie["name"] == space.COOKIE]
    return key


def expect_own(page: Page, *, is_own: bool) -> None:
    """The run can be renamed or cannot."""
    settle(page)
    expect(page.get_by_label("Pair plot of accuracy")).to_be_visible()
    expect(page.get_by_role("button", name="Rename or delete")).to_have_count(int(is_own))


def test_a_space_survives_restarts_and_moves_by_its_link(
    context: BrowserContext, phone: Page, server: Server, store: RunStore, run_id: str
) -> None:
    run_url = f"{server.url}/?run={run_id}"
    page = context.new_page()
    page.goto(run_url)
    expect_own(page, is_own=False)
    page.wait_for_function("name => document.cookie.includes(name)", arg=space.COOKIE)
    key = key_of(context)
    store.owners.take(run_id, Owner(space.digest(key)))

    server.stop()
    server.start()
    assert context.browser
    restarted = context.browser.new_context(storage_state=context.storage_state())  # the browser, too
    again = restarted.new_page()
    again.goto(run_url)
    expect_own(again, is_own=True)
    assert key_of(restarted) == key

    again.get_by_role("button", name="Share").click()
    dialog = again.get_by_label("Share").last
    expect(dialog.get_by_text(key)).to_have_count(0)
    dialog.get_by_text("My space").click()
    link = dialog.get_by_text(f"#{space.FRAGMENT}=").inner_text().strip()
    assert key in link
    restarted.close()

    phone.goto(run_url)
    expect_own(phone, is_own=False)
    phone.goto(link)
    phone.get_by_role("button", name="Use that space").click()
    expect(phone.get_by_text("This browser now has the space of the link.")).to_be_visible()
    assert key not in phone.url
    phone.wait_for_function("key => document.cookie.includes(key)", arg=key)
    phone.goto(run_url)
    expect_own(phone, is_own=True)
    assert key not in server.log()


def test_two_tabs_that_are_opened_at_once_have_one_space(context: BrowserContext, server: Server, run_id: str) -> None:
    tabs = [context.new_page(), context.new_page()]
    for tab in tabs:
        tab.goto(f"{server.url}/?run={run_id}", wait_until="commit")
    for tab in tabs:
        expect_own(tab, is_own=False)
    key = key_of(context)
    for tab in tabs:
        tab.get_by_role("button", name="Share").click()
        tab.get_by_label("Share").last.get_by_text("My space").click()
        expect(tab.get_by_text(f"#{space.FRAGMENT}={key}")).to_be_visible()
