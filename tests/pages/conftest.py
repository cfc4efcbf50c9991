"""The dashboard on a data folder of its own, with runs in a real store."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core.data.datasets import BUILT_IN, load_pool
from core.embedders.hub_modules import module_version
from core.embedders.loading import expected_provenance
from core.embedders.static import load_static
from core.errors import UserError
from core.experiment.arms import ARMS
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.provenance import Provenance
from core.experiment.results import ReferenceResult, TrialResult
from core.settings import Settings
from core.store.run import Run, Status
from core.store.run_store import RunStore
from ui.app import server
from ui.app.errors import UNEXPECTED
from ui.app.navigation import DASHBOARD
from ui.app.tour import TOUR

STATIC_DIM = 50  # of the packaged GloVe vectors
ELMO_DIM = 256  # of one layer of elmo-mini
TRAIN_POOL_SIZE = 19_997  # of the packaged IMDB reviews; what else runs here are on is never drawn from

AddRun = Callable[..., Run]
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True, scope="session")
def installed_components() -> Iterator[None]:
    """Streamlit looks through all installed packages for components once; a server does that as well, an `AppTest` each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True, scope="session")
def no_cookies() -> Iterator[None]:
    """Every visitor has a new browser; an `AppTest` has no real connection that could have cookies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ContextProxy, "cookies", {})
        yield


@pytest.fixture(autouse=True, scope="session")
def read_reviews(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A page draws what needs the packaged reviews once they are read; every test but the first would find them read."""
    load_pool("imdb", Settings(data_dir=tmp_path_factory.mktemp("reviews")))


@pytest.fixture(scope="session")
def loaded_elmo(tmp_path_factory: pytest.TempPathFactory) -> None:
    """ELMo mini is in memory: importing TensorFlow on a busy machine takes longer than a page may take."""
    from core.embedders.elmo import load_elmo

    load_elmo("elmo-mini", Settings(data_dir=tmp_path_factory.mktemp("elmo")))


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh data folder; nothing of the last test is left in Streamlit's caches."""
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ELMO_LENS_NUM_WORKERS", "1")
    monkeypatch.setenv("ELMO_LENS_WARM_UP", "0")  # no test here needs workers
    st.cache_resource.clear()
    st.cache_data.clear()
    yield tmp_path
    with contextlib.suppress(UserError):  # some tests leave no store to open
        server.engine().close()
    st.cache_resource.clear()


@pytest.fixture
def store(data_dir: Path) -> Iterator[RunStore]:
    """The store that the pages open, too."""
    opened = RunStore(Settings(data_dir=data_dir).store_url)
    yield opened
    opened.close()


@pytest.fixture
def add_run(store: RunStore) -> AddRun:
    """Writes a run with its trials, as the engine would have."""

    def add(
        *,
        num_finished: int | None = None,
        status: Status = "finished",
        message: str = "",
        reference: float = 0.0,
        **options: Any,
    ) -> Run:
        config = ExperimentConfig(**{"train_size": 100, "num_trials": 3, "test_size": 200, **options})
        elmo = module_version(config.elmo) if config.elmo_readers else ""
        run = store.create_run(config, Provenance(elmo=elmo, own=None if config.own_arms else ""))
        ids, labels = drawn_test_reviews(config)
        store.set_draws(run.id, ids, labels, TRAIN_POOL_SIZE)
        for trial, arm in config.pairs[:num_finished]:
            store.trials.save(run, trial_result(trial, arm, labels, config.reads(arm)))
        for trial in config.reference_trials if reference else []:
            is_right = np.arange(len(labels)) < round(reference * len(labels))
            probs = np.where(is_right == (np.array(labels) > 0), 0.9, 0.1).astype(np.float32)
            store.trials.save_reference(run, ReferenceResult(trial, reference, 10.0, 0.5, probs))
        store.set_phases(run.id, {"training": 1.5}, 100.0, 0.991)
        store.set_status(run.id, status, message)
        return store.get_run(run.id)

    return add


@pytest.fixture
def record_provenance(store: RunStore, data_dir: Path) -> Callable[[Run], None]:
    """Writes what the names of a run stand for now, as its workers would have."""

    def record(run: Run) -> None:
        settings = Settings(data_dir=data_dir)
        load_static(run.config.static, settings)
        reviews = Provenance(reviews=load_pool(run.config.dataset, settings).digest)
        store.set_provenance(run.id, expected_provenance(run.config, settings).with_known(reviews))

    return record


@pytest.fixture
def open_page() -> OpenPage:
    """Opens a page through `dashboard.py`, as a browser would, and runs it."""

    def open_it(page: str = "train", **query: str) -> AppTest:
        app = AppTest.from_file(DASHBOARD, default_timeout=30)
        for name, value in query.items():
            app.query_params[name] = value
        if page != "train":
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return open_it


def page_links(app: AppTest) -> list[Any]:
    """The links of a page to others, without the one to the tour in the header of every page."""
    return [link for link in app.get("page_link") if link.proto.label != TOUR]


def errors(app: AppTest) -> list[str]:
    """The errors on a page, none of which may be a surprise to the program."""
    told = [error.value.replace("\\", "") for error in app.error]
    assert UNEXPECTED not in told
    assert not app.exception
    return told


def drawn_test_reviews(config: ExperimentConfig) -> tuple[list[str], list[int]]:
    """Ids and labels of the test reviews that the engine would draw; made up for a dataset that is not packaged."""
    if config.dataset not in BUILT_IN:
        return [f"{i:016x}" for i in range(config.test_size)], [i % 2 for i in range(config.test_size)]
    pool = load_pool(config.dataset, Settings())
    test = draw_trial(pool, config, 0).test
    return [pool.ids[i] for i in test], pool.labels[test].tolist()


def trial_result(trial: int, arm: str, labels: Sequence[int], reads: Sequence[str] = ()) -> TrialResult:
    """A result whose head has the shapes of a real one; ELMo is 8 points better, 6 in the first trial.

    Every trial is wrong on the same hard reviews, but for two in a hundred that are hard for one arm only.
    """
    rng = np.random.default_rng([trial, len(arm)])
    num_tests = len(labels)
    hardest_first = np.random.default_rng(0).permutation(num_tests)
    num_wrong = round(num_tests * (0.30 - 0.01 * trial - (0.0 if arm == "basic" else 0.06 if trial == 0 else 0.08)))
    spared = 0 if arm == "basic" else num_tests // 50
    said = np.array(labels) > 0  # (num_tests,)
    wrong = hardest_first[spared : spared + num_wrong]
    said[wrong] = ~said[wrong]
    sureness = rng.uniform(0.02, 0.5, num_tests)
    accuracy = 1 - num_wrong / num_tests
    dim = sum((STATIC_DIM if embedder.startswith("static") else ELMO_DIM) for embedder in (reads or ARMS[arm]))
    dims: dict[str, tuple[int, ...]] = {"input/mean": (dim,), "input/scale": (dim,)}
    dims |= {"conv/kernel": (3, dim, 64), "conv/bias": (64,), "dense/kernel": (64, 250), "dense/bias": (250,)}
    dims |= {"output/kernel": (250, 1), "output/bias": (1,)}
    return TrialResult(
        trial=trial,
        arm=arm,
        accuracy=accuracy,
        validation_accuracy=accuracy + 0.01,
        best_epoch=9,
        num_epochs=14,
        train_s=4.2,
        probs=np.where(said, 0.5 + sureness, 0.5 - sureness).astype(np.float32),
        head={name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in dims.items()},
    )
