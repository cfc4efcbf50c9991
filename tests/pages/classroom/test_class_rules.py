"""The pages on a server for a class, as members of the class and as the operator see them."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core.access.operator_password import make_password
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.predictions.prediction_store import PredictionStore
from core.predictions.prediction_table import PredictionColumns
from core.settings import Settings
from core.store.people.owner_store import Owner
from core.store.run_store import RunStore
from tests.core.predictions.made_up import as_table, predictions_frame
from tests.pages.conftest import AddRun, OpenPage, errors
from ui.app import access, space, url_state
from ui.classroom import wording


@pytest.fixture(autouse=True)
def _class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_RULES", "1")
    monkeypatch.setenv("ELMO_LENS_CLASS_ELMO", "/srv/elmo")


def keys(app: AppTest) -> set[str]:
    return {str(widget.key) for widget in app.button}


def sign_in(app: AppTest, password: str) -> AppTest:
    app.switch_page("pages/sign_in.py").run()
    app.text_input(key="operator_password").input(password)
    [button] = [button for button in app.button if button.label == "Sign in"]
    return button.click().run()


def test_only_listed_sources_can_be_chosen(open_page: OpenPage) -> None:
    app = open_page()
    assert errors(app) == []
    assert [str(option) for option in app.selectbox(key="elmo").options] == ["ELMo mini, in this package", "/srv/elmo"]


def test_a_source_that_is_not_listed_is_refused_before_it_is_looked_at(store: RunStore) -> None:
    for start in (url_state.start_run, lambda config: url_state.start_sweep(config, (100, 200))):
        with pytest.raises(UserError) as error:
            start(ExperimentConfig(static="/etc/passwd"))
        assert error.value.code == "class-source"
    assert store.list_runs() == []


def test_too_large_an_experiment_is_not_started(open_page: OpenPage, store: RunStore) -> None:
    app = open_page()
    app.number_input(key="num_trials").set_value(50)
    app.button(key="train").click().run()
    [refused] = errors(app)
    assert "may have 10 trials" in refused
    assert store.list_runs() == []


def test_a_run_of_somebody_else_can_be_seen_and_not_changed(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(status="running")
    app = open_page(run=run.id)
    assert errors(app) == []
    assert "run_delete" not in keys(app)
    assert "cancel" not in keys(app)


@pytest.mark.parametrize("change", ["cancel", "delete", "rename", "restore"])
def test_a_change_is_refused_where_it_is_made_too(change: str, add_run: AddRun) -> None:
    run = add_run()
    arguments = (run.id, "another name") if change == "rename" else (run.id,)
    act = url_state.RUNS.cancel if change == "cancel" else getattr(url_state.RUNS.store(), change)
    with pytest.raises(UserError) as error:
        act(*arguments)
    assert error.value.code == "not-yours"


def test_the_operator_may_do_everything(open_page: OpenPage, add_run: AddRun, data_dir: Path, store: RunStore) -> None:
    password = make_password(Settings(data_dir=data_dir))
    run = add_run()
    app = sign_in(open_page(), password)
    assert errors(app) == []
    assert "operator_sign_out" in keys(app)
    assert password not in str(app.session_state._state.filtered_state)

    app.query_params["run"] = run.id
    app.switch_page("pages/train.py").run()
    assert app.selectbox(key="elmo").options == ["ELMo mini, in this package"]  # and any other that is typed
    app.button(key="run_delete").click().run()
    assert errors(app) == []
    assert store.list_runs() == []


def test_whoever_guesses_stays_a_visitor(open_page: OpenPage, data_dir: Path) -> None:
    make_password(Settings(data_dir=data_dir))
    app = sign_in(open_page(), "guessed")
    [refused] = errors(app)
    assert "not the operator's password" in refused
    assert "guessed" not in refused
    assert "operator_sign_out" not in keys(app)


def test_what_a_visitor_starts_is_theirs(open_page: OpenPage, add_run: AddRun, monkeypatch: pytest.MonkeyPatch) -> None:
    other = add_run()
    mine: list[str] = []

    def submit(_: object) -> str:
        mine.append(add_run(train_size=200).id)
        return mine[0]

    monkeypatch.setattr("core.engine.engine.Engine.submit", lambda _, config, **_person: submit(config))
    app = open_page()
    app.button(key="train").click().run()
    assert errors(app) == []
    assert "run_delete" in keys(app)
    app.query_params["run"] = other.id
    app.run()
    assert "run_delete" not in keys(app)


def test_so_many_runs_wait_at_once(open_page: OpenPage, add_run: AddRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_MAX_RUNS", "1")
    add_run(status="running")
    app = open_page()
    app.button(key="train").click().run()
    [refused] = errors(app)
    assert "queue of this server is full" in refused


def test_no_more_datasets_are_added_than_the_rules_allow(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_MAX_UPLOADS_PER_PERSON", "0")
    app = open_page()
    app.button(key="open_upload").click().run()
    [refused] = errors(app)
    assert "No more files can be added" in refused
    assert not app.get("file_uploader")


def test_predictions_count_as_files_and_only_their_owner_changes_them(
    open_page: OpenPage, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = PredictionColumns(text="text", label="label", models=("careful", "hasty"))
    store = PredictionStore(Settings(data_dir=data_dir))
    record = store.add(as_table(predictions_frame()), columns, name="Somebody's")
    monkeypatch.setenv("ELMO_LENS_CLASS_MAX_UPLOADS", "1")
    app = open_page("compare", predictions=record.id)
    assert errors(app) == []
    assert "predictions_delete" not in keys(app)
    app.button(key="open_predictions").click().run()
    [refused] = errors(app)
    assert "No more files can be added" in refused


def test_another_server_has_no_operator(open_page: OpenPage, add_run: AddRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_CLASS_RULES", "0")
    app = open_page(run=add_run().id)
    assert errors(app) == []
    assert "run_delete" in keys(app)


def test_what_somebody_has_made_is_theirs_after_a_restart_of_the_server(
    open_page: OpenPage, add_run: AddRun, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContextProxy, "cookies", {space.COOKIE: "k" * 32})
    run = add_run()
    store.owners.take(run.id, Owner(space.digest("k" * 32)))
    st.cache_resource.clear()
    assert "run_delete" in keys(open_page(run=run.id))
    monkeypatch.setattr(ContextProxy, "cookies", {space.COOKIE: "n" * 32})
    assert "run_delete" not in keys(open_page(run=run.id))


def test_a_typed_text_is_changed_by_the_only_one_who_has_typed_it(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "owner_id", lambda: "ann")
    mine, ours, nobodys = (
        store.sentences.save("run", text, {}, visitor=visitor)[0] for text, visitor in (("A", "ann"), ("B", "ann"), ("C", ""))
    )
    store.sentences.save("run", "B", {}, visitor="bob")
    assert access.changeable_texts([mine, ours, nobodys]) == {mine}
    access.require_may_change_texts([mine])
    with pytest.raises(UserError) as error:
        access.require_may_change_texts([mine, ours])
    assert error.value.code == "not-yours"


def test_a_dataset_that_is_gone_leaves_its_name_to_the_next(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    key = access.dataset_key("Films")
    for owner_id in ("ann", "bob"):
        monkeypatch.setattr(space, "owner_id", lambda owner_id=owner_id: owner_id)
        access.take_ownership(key)
        assert access.dataset_key("films") == key
        assert access.may_change(key)
        access.release_ownership(key)
    assert store.owners.of([key]) == {}


def test_a_run_that_somebody_else_has_started_meanwhile_is_theirs(
    open_page: OpenPage, add_run: AddRun, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def submit(*_: object, **_person: object) -> str:
        made.extend((add_run(train_size=200).id, add_run(train_size=300).id))
        return made[0]

    monkeypatch.setattr("core.engine.engine.Engine.submit", submit)
    open_page().button(key="train").click().run()
    assert list(store.owners.of(made)) == made[:1]


def test_a_link_to_a_space_is_taken_when_somebody_says_so(open_page: OpenPage, store: RunStore) -> None:
    app = open_page("space")
    store.owners.take("a run", Owner(space.digest(app.session_state["space_key"])))
    app.session_state["space_offered"] = "k" * 32
    app.run()
    assert [warning.value for warning in app.warning] == [wording.SPACE_LEFT_BEHIND]
    app.button(key="space_take").click().run()
    assert errors(app) == []
    assert app.session_state["space_key"] == "k" * 32
    assert [success.value for success in app.success] == [wording.SPACE_TAKEN]


def test_a_link_to_a_space_can_be_refused(open_page: OpenPage) -> None:
    app = open_page("space")
    before = app.session_state["space_key"]
    app.session_state["space_offered"] = "k" * 32
    app.run().button(key="space_refuse").click().run()
    assert app.session_state["space_key"] == before
    assert "space_take" not in keys(app)
