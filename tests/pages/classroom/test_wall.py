"""What a class sees first, and the wall with everybody's runs."""

from __future__ import annotations

import json

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core.store.people.owner_store import Owner
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, errors
from ui.app import space
from ui.classroom import wording

OWN, OPERATOR = Owner(space.digest("k" * 32)), Owner("the operator", is_operator=True)


@pytest.fixture(autouse=True)
def _class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_RULES", "1")
    monkeypatch.setattr(ContextProxy, "cookies", {space.COOKIE: "k" * 32})


def shown_run(app: AppTest) -> str:
    assert errors(app) == []
    shown: str | list[str] = app.query_params["run"]
    return shown if isinstance(shown, str) else shown[0]


@pytest.mark.parametrize("page", ["train", "probe", "compare"])
def test_the_last_run_of_the_operator_is_what_everybody_sees_first(
    open_page: OpenPage, add_run: AddRun, store: RunStore, page: str
) -> None:
    first, second = add_run(), add_run(train_size=200)
    newest = add_run(train_size=300)
    for run, owner in ((first, OPERATOR), (second, OPERATOR), (newest, OWN)):
        store.owners.take(run.id, owner)
    add_run(train_size=400, status="running")
    assert shown_run(open_page(page)) == second.id


def test_without_a_run_of_the_operator_it_is_the_last_of_all(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    store.owners.take(add_run().id, OWN)
    newest = add_run(train_size=200)
    assert shown_run(open_page()) == newest.id


def test_the_wall_has_every_run_of_the_class_with_its_maker(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    theirs, teachers, own = add_run(status="running", num_finished=2), add_run(train_size=200), add_run(train_size=500)
    store.owners.take(teachers.id, OPERATOR)
    store.owners.take(own.id, OWN)
    app = open_page("wall")
    assert errors(app) == []
    [table] = [frame.value for frame in app.dataframe]
    assert table["By"].to_list() == [wording.BY_YOU, wording.BY_OPERATOR, wording.BY_OTHERS]
    assert table["Status"].to_list() == ["finished", "finished", "running"]
    assert table["Run"].to_list() == [run.name for run in (own, teachers, theirs)]
    [chart] = app.get("vega_lite_chart")
    assert "from 100 to 500 reviews" in json.loads(chart.proto.spec)["description"]
    assert wording.wall(3, 1) in [caption.value for caption in app.caption]


def test_runs_that_have_nothing_to_show_yet_are_in_the_table(open_page: OpenPage, add_run: AddRun) -> None:
    add_run(status="queued", num_finished=0)
    app = open_page("wall")
    assert errors(app) == []
    assert [len(frame.value) for frame in app.dataframe] == [1]
    assert len(app.get("vega_lite_chart")) == 0


def test_a_class_that_has_trained_nothing_is_told_where_to_begin(open_page: OpenPage) -> None:
    app = open_page("wall")
    assert [info.value for info in app.info] == [wording.WALL_EMPTY]
