"""Train on a projector of 1280x720: what one has to press and to read is in view, and the keyboard finds its way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.engine.heartbeat import Heartbeat
from core.experiment.config import ExperimentConfig
from core.store.claims import Claim
from core.store.run import Run
from core.store.run_store import RunStore
from tests.e2e.conftest import PAGE_MS, Server, query
from tests.e2e.stored_runs import add_run, verdict_of


@pytest.fixture
def projector(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PAGE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def driven(store: RunStore) -> Iterator[tuple[Run, Claim]]:
    """A run that another program trains."""
    run = store.create_run(ExperimentConfig(train_size=50, num_trials=2))
    claim = store.claim(run.id)
    assert claim
    store.set_status(run.id, "running", claim=claim)
    heartbeat = Heartbeat(store, run.id, claim)
    yield run, claim
    heartbeat.end()


def test_a_first_visitor_sees_everything_to_press(projector: Page, server: Server) -> None:
    projector.goto(server.url)
    for name in ("Training reviews", "Trials"):
        expect(projector.get_by_role("spinbutton", name=name, exact=True)).to_be_in_viewport(ratio=1)
    for name in ("Train both", "Learning curve", "Use your own reviews"):
        expect(projector.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(projector.get_by_role("combobox", name="Reviews")).to_be_in_viewport(ratio=1)
    expect(projector.get_by_text("a bag of words trains along")).to_be_in_viewport(ratio=1)
    expect(projector.get_by_text("More settings")).to_be_in_viewport(ratio=1)


def test_progress_takes_the_place_of_the_strip_and_after_cancel_the_keyboard_stands_at_resume(
    projector: Page, server: Server, store: RunStore, driven: tuple[Run, Claim]
) -> None:
    run, claim = driven
    projector.goto(f"{server.url}/?run={run.id}")
    cancel = projector.get_by_role("button", name="Cancel")
    expect(cancel).to_be_in_viewport(ratio=1)
    expect(projector.get_by_role("button", name="Train both")).to_have_count(0)
    cancel.focus()
    projector.keyboard.press("Enter")
    expect(projector.get_by_text("Finished trials are kept.")).to_be_visible()
    store.set_status(run.id, "cancelled", claim=claim)
    expect(projector.get_by_role("button", name="Resume")).to_be_focused()
    expect(projector.get_by_role("status").filter(has_text="This run is cancelled.")).to_have_count(1)
    expect(projector.get_by_role("button", name="Train both")).to_be_in_viewport(ratio=1)


def test_the_strip_comes_back_beside_a_run_that_is_trained(
    projector: Page, server: Server, store: RunStore, driven: tuple[Run, Claim]
) -> None:
    run, claim = driven
    projector.goto(f"{server.url}/?run={run.id}")
    projector.get_by_role("button", name="New experiment").click()
    expect(projector.get_by_role("button", name="Train both")).to_be_in_viewport(ratio=1)
    expect(projector.get_by_role("button", name="Cancel")).to_be_in_viewport(ratio=1)
    store.set_status(run.id, "cancelled", claim=claim)


def test_the_bare_address_shows_the_newest_finished_run_with_its_sentence_and_most_of_its_pairs_in_view(
    projector: Page, server: Server, store: RunStore
) -> None:
    add_run(store, 100)
    newest = add_run(store, 200)
    projector.goto(server.url)
    assert query(projector, "run") == newest.id
    expect(projector.get_by_role("heading", name=verdict_of(store, newest.id))).to_be_in_viewport(ratio=1)
    expect(projector.get_by_label("Pair plot of accuracy")).to_be_in_viewport(ratio=0.6)
    expect(projector.get_by_role("button", name="Train both")).to_be_in_viewport(ratio=1)


def test_the_tour_is_taken_by_keyboard_and_pushes_nothing_to_press_off_the_screen(projector: Page, server: Server) -> None:
    projector.goto(f"{server.url}/?tour=1")
    expect(projector.get_by_text("1 of 6 · Train.")).to_be_in_viewport(ratio=1)
    for name in ("Train both", "Use your own reviews"):
        expect(projector.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    onward = projector.get_by_role("link", name="Next")
    onward.focus()
    for text in ("2 of 6 · The plot.", "3 of 6 · Compare."):
        projector.keyboard.press("Enter")
        expect(projector.get_by_text(text)).to_be_in_viewport(ratio=1)
        expect(onward).to_be_focused()
    projector.get_by_role("button", name="End").click()
    expect(projector.get_by_text("3 of 6")).to_have_count(0)


def test_the_same_again_fills_the_strip(projector: Page, server: Server, store: RunStore) -> None:
    run = add_run(store, 300)
    projector.goto(f"{server.url}/?run={run.id}")
    projector.get_by_role("button", name="The same again, with").click()
    expect(projector.get_by_role("spinbutton", name="Training reviews", exact=True)).to_have_value("300")
    expect(projector.get_by_role("spinbutton", name="Trials", exact=True)).to_have_value("3")
