"""Runs on a scheduler and on workers that the command line has started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from core.embedders.loading import provenance_of_driver
from core.engine.cluster import Cluster
from core.engine.engine import Engine
from core.engine.worker_check import WorkerCheck
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.events import Event, RunFailed, RunFinished
from core.files import ROOT
from core.settings import Settings
from core.store.run_store import RunStore
from tests.certificates import make_certificate, needs_openssl
from tests.core.engine.elsewhere.programs import joined, scheduler, worker
from tests.core.engine.runs import assert_same_results


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scheduler(tmp_path_factory.mktemp("scheduler")) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address, set_as_default=False) as client:
        yield client


@pytest.fixture(scope="module")
def same(address: str, client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a worker with the code of this program."""
    with worker(address, tmp_path_factory.mktemp("worker"), client) as its_address:
        yield its_address


@pytest.fixture
def engine_elsewhere(address: str, settings: Settings, store: RunStore) -> Iterator[Engine]:
    engine = Engine(Settings(data_dir=settings.data_dir, scheduler=address), store)
    yield engine
    engine.close()


@pytest.fixture
def check(client: Client, config: ExperimentConfig, settings: Settings) -> WorkerCheck:
    return WorkerCheck(client, config, provenance_of_driver(config, settings))


@pytest.fixture
def other(address: str, client: Client, tmp_path: Path) -> Iterator[str]:
    """The address of a worker of another copy of this program, with another tokeniser."""
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__"))
    tokens = tmp_path / "core" / "tokens.py"
    tokens.write_text(tokens.read_text() + "\n\nANOTHER = True\n")
    with worker(address, tmp_path, client, root=tmp_path) as its_address:
        yield its_address


def test_a_run_gives_the_numbers_of_a_local_one(
    same: str, reference: tuple[str, list[Event]], store: RunStore, config: ExperimentConfig, engine_elsewhere: Engine
) -> None:
    assert same
    run = store.create_run(config)
    events = list(engine_elsewhere.run_events(run.id))

    assert isinstance(events[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])


def test_a_worker_has_one_thread_whatever_the_shell_says(same: str, client: Client) -> None:
    assert client.nthreads()[same] == 1
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "MALLOC_TRIM_THRESHOLD_")
    found = client.run(lambda: [os.environ.get(name) for name in names], workers=[same])[same]
    assert found == ["1", "1", str(256 * 1024**2)]


def test_a_worker_with_another_tokeniser_ends_a_run_before_it_begins_in_a_sentence_that_names_it(
    same: str, other: str, engine_elsewhere: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run = store.create_run(config.model_copy(update={"seed": 5}))
    last = list(engine_elsewhere.run_events(run.id))[-1]

    assert isinstance(last, RunFailed)
    assert other in last.message
    assert same not in last.message
    assert "the code that reads texts" in last.message
    assert store.trials.num_results(run) == 0


def test_a_worker_without_this_program_is_named_when_it_joins_a_run_that_has_begun(
    address: str, client: Client, check: WorkerCheck, tmp_path: Path
) -> None:
    check.look()
    arguments = ["-m", "distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard"]
    with joined(arguments, tmp_path, tmp_path, client) as other, pytest.raises(UserError, match=other) as error:
        check.look()
    assert error.value.code == "worker-differs"


def test_a_worker_without_the_vectors_is_named(
    same: str, client: Client, config: ExperimentConfig, settings: Settings, tmp_path: Path
) -> None:
    static = tmp_path / "vectors.txt"
    static.write_text("film 0.5 0.25\n")
    config = config.model_copy(update={"static": str(static)})
    here = provenance_of_driver(config, settings)
    static.unlink()
    with pytest.raises(UserError, match=same) as error:
        WorkerCheck(client, config, here).look()
    assert error.value.code == "worker-unfit"


@needs_openssl
def test_a_cluster_with_certificates_speaks_to_nobody_without(config: ExperimentConfig, tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    options = ["--tls-ca", str(cert), "--tls-cert", str(cert), "--tls-key", str(key)]
    with scheduler(tmp_path, *options) as address:
        assert address.startswith("tls://")
        settings = Settings(data_dir=tmp_path, scheduler=address, tls_ca=cert, tls_cert=cert, tls_key=key)
        cluster = Cluster(settings)
        client = cluster.connect()
        with worker(address, tmp_path, client, *options) as its_address:
            assert its_address.startswith("tls://")
            WorkerCheck(client, config, provenance_of_driver(config, settings)).look()
        cluster.close()
        with pytest.raises(UserError) as error:
            Cluster(Settings(data_dir=tmp_path, scheduler=address)).connect()
    assert error.value.code == "tls-mismatch"
