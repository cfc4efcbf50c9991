"""Choices that arrive after somebody else has renamed or deleted what was chosen: nothing wrong gets into the address."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import UserError
from core.store.run import Run
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, errors
from tests.ui.widgets.pickers.late_messages import send


def addressed(app: AppTest) -> dict[str, str]:
    found = {name: app.query_params[name] for name in ("run", "runs") if name in app.query_params}
    return {name: value if isinstance(value, str) else value[0] for name, value in found.items()}


def text_of(app: AppTest, run_id: str, key: str) -> str:
    box = next(element for element in (*app.selectbox, *app.multiselect) if element.key == key)
    return str(box.format_func(run_id))


def test_the_text_of_a_run_stays_the_same_when_the_run_ends(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run()
    store.set_status(run.id, "running")
    app = open_page("train")
    before = app.selectbox(key="train_run").options
    store.set_status(run.id, "finished")
    assert app.run().selectbox(key="train_run").options == before


@pytest.mark.parametrize(("page", "key"), [("train", "train_run"), ("probe", "probe_run"), ("compare", "compare_focus")])
def test_a_run_chosen_by_the_name_that_it_had_before_is_not_opened(
    open_page: OpenPage, add_run: AddRun, store: RunStore, page: str, key: str
) -> None:
    shown, other = add_run(train_size=100), add_run(train_size=200)
    query = {"runs": f"{shown.id},{other.id}", "view": "pairs"} if page == "compare" else {}
    app = open_page(page, run=shown.id, **query)
    late = text_of(app, other.id, key)
    store.rename(other.id, "Class 9b")
    before = addressed(app.run())
    send(app, key, late)
    assert addressed(app) == before
    assert app.selectbox(key=key).value == shown.id
    assert not errors(app)


def test_compare_keeps_its_choice_when_a_chosen_run_is_renamed(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{small.id},{large.id}", view="curve")
    late = [text_of(app, run.id, "compare_runs") for run in (large, small)]
    store.rename(small.id, "Class 9b")
    before = addressed(app.run())
    send(app, "compare_runs", late)
    assert addressed(app) == before
    assert app.multiselect(key="compare_runs").value == [small.id, large.id]
    assert not errors(app)


@pytest.mark.parametrize(("page", "key"), [("train", "train_run"), ("probe", "probe_run")])
def test_a_run_that_was_deleted_since_the_list_was_drawn_is_not_opened(
    open_page: OpenPage, add_run: AddRun, store: RunStore, page: str, key: str
) -> None:
    shown, other = add_run(train_size=100), add_run(train_size=200)
    app = open_page(page, run=shown.id)
    late = text_of(app, other.id, key)
    store.delete(other.id)
    send(app, key, late)
    assert addressed(app) == {"run": shown.id}
    assert len(errors(app)) == 1


def test_compare_takes_no_run_that_was_deleted_since_the_list_was_drawn(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    shown, other = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", run=shown.id)
    late = [text_of(app, run.id, "compare_runs") for run in (shown, other)]
    store.delete(other.id)
    send(app, "compare_runs", late)
    assert addressed(app) == {"run": shown.id}
    assert app.multiselect(key="compare_runs").value == [shown.id]


@pytest.mark.parametrize("page", ["train", "probe"])
def test_a_store_that_is_away_for_a_moment_does_not_change_which_run_is_open(
    open_page: OpenPage, add_run: AddRun, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """No second connection can keep a SQLite store from being read at will, so the store itself says that it is away."""
    shown, _newer = (add_run(arms=("basic",), train_size=size) for size in (100, 200))
    app = open_page(page, run=shown.id)

    def fail(_: RunStore, run_id: str) -> Run:
        raise UserError(f"The store of {run_id} cannot be used (it is away); try again.", code="store-locked")

    with monkeypatch.context() as away:
        away.setattr(RunStore, "get_run", fail)
        app.run()
    assert any("it is away" in told for told in errors(app))
    app.run()
    assert not errors(app)
    assert addressed(app) == {"run": shown.id}
