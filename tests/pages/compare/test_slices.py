"""Slices of the test reviews of a run, by what they are like and by the columns of one's own file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset, further_columns
from core.data.review_file import read_table
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, errors
from ui.compare import wording

MAPPING = ColumnMapping("text", "label", negative=("bad",), positive=("good",))


@pytest.fixture
def run(add_run: AddRun, store: RunStore, data_dir: Path) -> Run:
    """A run on reviews that came with a genre; its test reviews are the first forty."""
    rows = range(200)
    frame = pd.DataFrame(
        {
            "text": [f"Film {row} was {'not ' * (row % 2)}a *good* one." for row in rows],
            "label": [("bad", "good")[row % 3 > 0] for row in rows],
            "genre": [("drama", "western")[row % 5 > 2] for row in rows],
        }
    )
    pool = add_dataset("films", read_table(frame.to_csv(index=False).encode()), MAPPING, Settings(data_dir=data_dir))
    added = add_run(dataset="films", num_trials=2, test_size=40)
    store.set_draws(added.id, pool.ids[:40], pool.labels[:40].tolist(), 160)
    return store.get_run(added.id)


def captions(app: AppTest) -> list[str]:
    return [caption.value.replace("\\", "") for caption in app.caption]


def test_a_column_of_ones_own_file_is_offered_beside_the_built_in_slices(open_page: OpenPage, run: Run, data_dir: Path) -> None:
    app = open_page("compare", run=run.id, view="quality")
    assert app.selectbox(key="slice_by").options == ["negations", "label", "genre"]
    app.selectbox(key="slice_by").set_value("genre").run()
    app.selectbox(key="slices_group").set_value("slice.1.genre").run()
    assert errors(app) == []
    num_western = (further_columns("films", run.test_ids, Settings(data_dir=data_dir))["genre"] == "western").sum()
    assert wording.found_reviews(num_western, num_western, is_search=False) in captions(app)


def test_a_link_to_a_slice_lists_its_reviews_review_by_review(open_page: OpenPage, run: Run) -> None:
    app = open_page("compare", run=run.id, view="reviews", group="slice.0.genre")
    assert errors(app) == []
    [title] = [option for option in app.selectbox(key="reviews_group").options if option.startswith("genre")]
    assert title == "genre: drama"


def test_a_link_to_a_column_that_another_run_has_is_no_error(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="quality", slice_by="genre")
    assert errors(app) == []
    assert app.selectbox(key="slice_by").options == ["negations", "label"]
