from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client

from core.disk_cache import remove_leftovers
from core.engine import cluster
from core.engine.engine import Engine
from core.engine.local_cluster import start_cluster, stop_cluster
from core.experiment.config import ExperimentConfig
from core.experiment.events import Event, RunFailed, RunFinished
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.engine.runs import SLOW_HEAD, assert_same_results, progress_of
from tests.core.tiny_runs import wait_until


@pytest.fixture
def foreign_engine(engine: Engine, settings: Settings, store: RunStore) -> Iterator[Engine]:
    """An engine that is given the address of a scheduler."""
    address = engine._cluster.connect().scheduler.address
    foreign = Engine(Settings(data_dir=settings.data_dir, scheduler=address), store)
    yield foreign
    foreign.close()


def test_another_cluster_gives_the_same_numbers(
    reference: tuple[str, list[Event]], store: RunStore, config: ExperimentConfig, foreign_engine: Engine, foreign_folder: Path
) -> None:
    run = store.create_run(config)
    events = list(foreign_engine.run_events(run.id))

    assert isinstance(events[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])
    assert list((foreign_folder / "cache").rglob("data.mdb"))


def test_a_scheduler_that_does_not_answer_is_a_user_error(
    settings: Settings, store: RunStore, config: ExperimentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_TIMEOUT_S", 1)
    remote = Engine(Settings(data_dir=settings.data_dir, scheduler="tcp://127.0.0.1:9"), store)

    last = list(remote.run_events(store.create_run(config).id))[-1]
    remote.close()
    assert isinstance(last, RunFailed)
    assert "tcp://127.0.0.1:9" in last.message


def test_closing_ends_all_processes_and_the_run_can_be_resumed(
    settings: Settings, store: RunStore, config: ExperimentConfig
) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    engine = Engine(settings, store)
    run_id = engine.submit(config.model_copy(update={"head": SLOW_HEAD, "seed": 8}))
    wait_until(lambda: progress_of(engine, run_id).phase == "loading vectors")

    engine.close()

    wait_until(lambda: {child.pid for child in psutil.Process().children(recursive=True)} <= before)
    assert store.get_run(run_id).status == "interrupted"
    assert progress_of(engine, run_id).outcome == "failed"


def test_workers_keep_freed_memory_whatever_dask_asks_for(engine: Engine) -> None:
    with Client(engine._cluster.connect().scheduler.address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
        kept = client.run(os.getenv, "MALLOC_TRIM_THRESHOLD_")
    assert {int(size) for size in kept.values()} == {256 * 1024**2}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_program(tmp_path: Path, how: signal.Signals) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from core.engine.local_cluster import start_cluster\n"
        "cluster = start_cluster(1, Path(sys.argv[1]), Path(sys.argv[1]).parent)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "workers.log")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        children: list[psutil.Process] = []

        def is_complete() -> bool:
            children[:] = psutil.Process(process.pid).children(recursive=True)
            return any("multiprocessing.spawn" in part for child in children for part in child.cmdline())

        wait_until(is_complete)
        process.send_signal(how)
        process.wait()
        wait_until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))


def test_what_a_killed_program_has_left_of_its_cluster_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    settings = Settings(data_dir=tmp_path / "data", num_workers=1)
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from core.engine.cluster import Cluster\n"
        "from core.settings import Settings\n"
        "cluster = Cluster(Settings(data_dir=Path(sys.argv[1]), num_workers=1))\n"
        "cluster.connect().wait_for_workers(1)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(settings.data_dir)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        children = psutil.Process(process.pid).children(recursive=True)
        [scratch] = temporary.glob("elmo-lens-*")
        assert (scratch / "dask-scratch-space").is_dir()
        remove_leftovers(settings)
        assert (scratch / "dask-scratch-space").is_dir()
        process.kill()
    psutil.wait_procs(children, timeout=30)

    remove_leftovers(settings)
    assert not scratch.exists()


def test_ctrl_c_does_not_reach_processes_that_are_still_starting(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    cluster = start_cluster(1, tmp_path / "workers.log", tmp_path)
    try:
        for child in set(psutil.Process().children(recursive=True)) - before:
            child.send_signal(signal.SIGINT)
        with Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=30)
    finally:
        stop_cluster(cluster)
