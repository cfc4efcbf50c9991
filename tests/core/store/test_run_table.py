from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from core.store.run_store import RunStore
from core.store.run_table import OVERVIEW_COLUMNS
from tests.core.store.stored import CONFIG, change, finished_run, make_stale, trial_result


def test_the_overview_has_a_row_per_run_with_the_means_of_its_finished_trials(store: RunStore) -> None:
    older = finished_run(store)
    store.trials.save(older, trial_result(1, "elmo", 0.9))
    newer = store.create_run(CONFIG.model_copy(update={"train_size": 200, "elmo": "/my/elmo"}))
    store.rename(newer.id, "Mine")

    frame = store.overview()
    assert tuple(frame.columns) == OVERVIEW_COLUMNS
    assert frame["id"].to_list() == [newer.id, older.id]
    assert frame["name"].to_list() == ["Mine", older.name]
    assert frame["train_size"].to_list() == [200, 100]
    assert frame["elmo"].to_list() == ["/my/elmo", "elmo-mini"]
    assert frame["status"].to_list() == ["queued", "finished"]
    assert frame["num_pairs"].to_list() == [0, 3]
    assert frame["mean_basic"].to_list() == pytest.approx([np.nan, 0.7], nan_ok=True)
    assert frame["mean_elmo"].to_list() == pytest.approx([np.nan, 0.85], nan_ok=True)
    assert frame["mean_difference"].to_list() == pytest.approx([np.nan, 0.1], nan_ok=True)  # of the one trial with both arms
    assert frame["created_at"].iloc[1] == older.created_at


def test_the_overview_is_one_query_however_many_runs_there_are(store: RunStore) -> None:
    for _ in range(5):
        finished_run(store)
    statements: list[str] = []
    sa.event.listen(
        store._database._engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: statements.append(statement)
    )

    assert len(store.overview()) == 5
    assert len(statements) == 1


def test_the_overview_knows_interrupted_runs_and_leaves_out_those_of_another_version(store: RunStore, url: str) -> None:
    interrupted, foreign = store.create_run(CONFIG), store.create_run(CONFIG)
    make_stale(url, interrupted.id)
    change(url, "UPDATE runs SET config = replace(config, 'train_size', 'size') WHERE id = :id", id=foreign.id)

    assert store.overview()[["id", "status"]].to_numpy().tolist() == [[interrupted.id, "interrupted"]]


def test_an_empty_store_has_an_overview_without_rows(store: RunStore) -> None:
    assert tuple(store.overview().columns) == OVERVIEW_COLUMNS
    assert store.overview().empty
