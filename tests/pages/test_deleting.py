"""What was deleted: undo, the lists of everybody, and links to what is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset, list_datasets, load_pool
from core.data.deleted_datasets import delete_dataset, list_deleted
from core.data.review_file import read_table
from core.errors import UserError
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.tiny_runs import reviews_csv
from tests.pages.conftest import AddRun, OpenPage, errors
from ui.compare import wording
from ui.compare.report import export
from ui.probe import live
from ui.reviews import dataset
from ui.widgets import run_menu

MAPPING = ColumnMapping("text", "label", ("negative",), ("positive",))
Query = dict[str, str]


def open_list(app: AppTest, key: str) -> AppTest:
    """Open the list of what was deleted, as a click does."""
    app.session_state[f"{key}_deleted"] = True
    return app.run()


def buttons(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def in_url(app: AppTest, name: str) -> str | None:
    value = app.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def test_undo_takes_back_all_deletions(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    runs = [add_run(train_size=size) for size in (100, 200, 300, 400, 500)]
    app = open_page(run=runs[0].id)
    for run in runs:
        app.selectbox(key="train_run").set_value(run.id).run()
        app.button(key="run_delete").click().run()
    assert store.list_runs() == []
    app.button(key="run_undo").click().run()
    assert {run.id for run in store.list_runs()} == {run.id for run in runs}
    assert not errors(app)
    assert "run_undo" not in buttons(app)


def test_a_deletion_that_was_taken_back_elsewhere_is_not_offered(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    first, second = add_run(), add_run(train_size=200)
    app = open_page(run=first.id)
    app.button(key="run_delete").click().run()
    store.restore(first.id)
    assert "run_undo" not in buttons(app.run())
    assert {run.id for run in store.list_runs()} == {first.id, second.id}


def test_runs_and_curves_are_restored_from_the_list_by_other_visitors(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    runs = [add_run(train_size=size) for size in (100, 200)]
    sweep = store.sweeps.create(runs[0].config, (100, 200), [run.id for run in runs])
    assert "run_deleted" not in open_page().session_state
    store.sweeps.delete(sweep.id)
    for run in runs:
        store.delete(run.id)

    app = open_list(open_page(), "run")
    assert {f"run_restore_{its_id}" for its_id in (sweep.id, *(run.id for run in runs))} <= buttons(app)
    assert not any(key.startswith("run_purge") for key in buttons(app))
    app.button(key=f"run_restore_{runs[1].id}").click().run()
    assert in_url(app, "run") == runs[1].id
    app.button(key=f"run_restore_{sweep.id}").click().run()
    assert in_url(app, "sweep") == sweep.id
    assert [run.id for run in store.list_runs()] == [runs[1].id]
    assert not errors(app)


def test_a_run_that_has_not_ended_is_not_deleted_and_the_page_keeps_saying_why(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run(num_finished=1, status="queued")
    app = open_page(run=run.id)
    for _ in range(2):
        assert app.button(key="run_delete").disabled
        assert run_menu.CANCEL_FIRST in [caption.value for caption in app.caption]
        app.run()
    store.set_status(run.id, "cancelled")
    assert not app.run().button(key="run_delete").disabled
    assert run_menu.CANCEL_FIRST not in [caption.value for caption in app.caption]


@pytest.mark.parametrize(
    ("page", "drawn"),
    [
        ("train", lambda app: "run_delete" in buttons(app)),
        ("probe", lambda app: bool(app.text_input)),
        ("compare", lambda app: app.multiselect(key="compare_runs").value),
    ],
)
def test_a_deleted_run_in_the_link_is_named_and_comes_back(
    open_page: OpenPage, add_run: AddRun, store: RunStore, page: str, drawn: Callable[[AppTest], object]
) -> None:
    other, run = add_run(arms=("basic",)), add_run(arms=("basic",), train_size=200)
    store.rename(run.id, "Class 9b")
    app = open_page(page, run=run.id)
    assert drawn(app)
    store.delete(run.id)  # by somebody else

    for visitor in (app.run(), open_page(page, run=run.id)):
        assert any("**Class 9b**" in line.value for line in visitor.markdown)
        assert not drawn(visitor)
        assert not errors(visitor)
        assert in_url(visitor, "run") == run.id
        choosers = (*visitor.multiselect, *visitor.selectbox)
        assert any(other.name in option for chooser in choosers for option in chooser.options)
    app.button(key=f"restore_run_{run.id}").click().run()
    assert in_url(app, "run") == run.id
    assert drawn(app)
    assert not errors(app)


def test_one_of_several_runs_in_a_link_was_deleted(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    kept, gone = add_run(train_size=100), add_run(train_size=200)
    runs = f"{kept.id},{gone.id}"
    store.delete(gone.id)
    app = open_page("compare", runs=runs, view="curve")
    assert app.multiselect(key="compare_runs").value == [kept.id]
    assert in_url(app, "runs") == runs
    store.restore(gone.id)
    assert app.run().multiselect(key="compare_runs").value == [kept.id, gone.id]
    assert in_url(app, "runs") == runs
    assert not errors(app)


def test_the_right_one_of_two_deleted_datasets_of_one_name_comes_back(open_page: OpenPage, data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    digests, ids = [], []
    for word in (b" film", b" movie"):
        table = read_table(reviews_csv().replace(b" film", word))
        digests.append(add_dataset("mine", table, MAPPING, settings).digest)
        ids.append(delete_dataset("mine", settings))
    app = open_list(open_page("reviews"), "dataset")
    app.button(key=f"dataset_restore_{ids[0]}").click().run()
    assert load_pool("mine", settings).digest == digests[0]
    assert app.selectbox(key=dataset.CHOSEN).value == "mine"
    app.button(key=f"dataset_restore_{ids[1]}").click().run()
    assert len(errors(app)) == 1
    app.button(key=f"dataset_purge_{ids[1]}").click().run()
    assert list_deleted(settings) == []
    assert "mine" in list_datasets(settings)


def test_deleted_texts_are_listed_for_everybody_and_can_be_deleted_for_good(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run(arms=("basic",))
    app = open_page("probe", run=run.id)
    for text in ("Private **text**.", "A dull film."):
        app.text_input(key="text").set_value(text).run()
    dull, private = (sentence.id for sentence in store.sentences.find())
    store.sentences.delete([dull, private])

    other = open_list(open_page("probe", run=run.id, probe_tab=live.HISTORY), "history")
    other.button(key=f"history_purge_{private}").click().run()
    other.button(key=f"history_restore_{dull}").click().run()
    assert [sentence.text for sentence in store.sentences.find()] == ["A dull film."]
    assert store.sentences.deleted() == []


def test_a_report_of_a_run_whose_dataset_is_gone_holds_no_advice_for_a_page(add_run: AddRun, data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    pool = add_dataset("mine", read_table(reviews_csv()), MAPPING, settings)
    run = add_run(dataset="mine", test_size=len(pool.test))
    delete_dataset("mine", settings)
    parts = export.collect([run], run, {})
    said = [note for part in parts for section in part.sections for note in section.notes]
    with pytest.raises(UserError) as error:
        load_pool("mine", settings)
    assert said.count(wording.not_in_report(error.value)) == 2  # accuracy by length, and single reviews
    assert str(error.value) not in export.to_report([run], parts)
    assert wording.not_in_report(error.value) != wording.not_in_report(UserError("", code="never-seen"))
