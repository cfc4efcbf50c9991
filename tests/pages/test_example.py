"""What a visitor finds before anything was trained, and what becomes of it then."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine.engine import Engine
from core.example import EXAMPLE_ID, open_store
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, errors
from ui.app import models


@pytest.fixture(autouse=True)
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_EXAMPLE", "1")


@pytest.fixture
def store(data_dir: Path) -> RunStore:
    """The store that the pages open, with the example."""
    return open_store(Settings(data_dir=data_dir))


def in_url(app: AppTest, name: str) -> str | None:
    value = app.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def test_the_bare_address_opens_the_example_with_its_plot(open_page: OpenPage) -> None:
    app = open_page()
    assert errors(app) == []
    assert in_url(app, "run") == EXAMPLE_ID
    assert any(element.value.startswith("Example\\: ") for element in app.header)
    assert len(app.get("vega_lite_chart")) >= 2


def test_the_bare_address_opens_the_newest_run_of_ones_own(open_page: OpenPage, add_run: AddRun) -> None:
    add_run()
    own = add_run(train_size=200)
    assert in_url(open_page(), "run") == own.id


def test_the_bare_address_opens_a_learning_curve_that_is_newer_than_any_run(
    open_page: OpenPage, store: RunStore, add_run: AddRun
) -> None:
    runs = [add_run(train_size=size) for size in (100, 200)]
    sweep = store.sweeps.create(runs[0].config, [100, 200], [run.id for run in runs])
    assert in_url(open_page(), "sweep") == sweep.id


def test_the_example_has_no_menu_that_renames_or_deletes_it(open_page: OpenPage) -> None:
    for page in ("train", "compare"):
        assert not [button for button in open_page(page).button if button.key == "run_delete"]


def test_compare_opens_the_example_and_its_learning_curve(open_page: OpenPage, store: RunStore) -> None:
    app = open_page("compare")
    assert errors(app) == []
    assert in_url(app, "run") == EXAMPLE_ID
    curve = ",".join(store.sweeps.get(EXAMPLE_ID).run_ids)
    app = open_page("compare", runs=curve, view="curve")
    assert errors(app) == []
    assert len(app.get("vega_lite_chart")) == 2


def test_train_loads_the_models_that_probe_opens_with(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_WARM_UP", "1")
    monkeypatch.setattr(Engine, "warm", lambda _: None)
    loaded: list[Run] = []
    monkeypatch.setattr(models, "predictor", loaded.append)
    open_page()
    assert [run.id for run in loaded] == [EXAMPLE_ID]


def test_probe_opens_the_models_of_the_example_without_a_click(open_page: OpenPage) -> None:
    app = open_page("probe")
    assert errors(app) == []
    assert in_url(app, "run") == EXAMPLE_ID
    assert len(app.selectbox(key="probe_run").options) == 1  # the other runs of the example have no heads
