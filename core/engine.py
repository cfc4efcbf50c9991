"""Runs on Dask: start, follow, cancel, resume. The process that drives a run only sends out tasks and collects results."""

from __future__ import annotations

import atexit
import logging
import secrets
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal

from distributed import Client, Future

from core import tasks
from core.errors import UserError
from core.estimate import START_S, estimate_s, estimate_sweep_s, expected_pair_s
from core.events import (
    EpochFinished,
    Event,
    Pair,
    PhaseChanged,
    Progress,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    TrialFinished,
)
from core.experiment import ExperimentConfig, TrialResult, check_against, draw_trial
from core.records import Run, Status
from core.reviews import load_pool
from core.runs import RunStore
from core.settings import Settings
from core.sweeps import (
    SweepEstimate,
    SweepProgress,
    carry_out,
    plan_sweep,
    same_sweep,
    stored_runs,
    sweep_progress,
    take_up,
)
from core.turns import Turns
from core.work import EmbeddingTally, Work
from core.workers import start_cluster, stop_cluster

StopReason = Literal["cancelled", "closed"]

logger = logging.getLogger(__name__)

_POLL_S = 0.25
_PULSE_S = 1.0
_CONNECT_S = 15


class Engine:
    """Drives runs on local worker processes, or on the Dask cluster of `Settings.scheduler`.

    One run computes at a time; others wait, first come, first served. Methods may be called from any thread.

    Args:
        settings: Where files are and what computes.
        store: Where runs and their results are kept.

    Example:
        >>> engine = Engine(settings, store)
        >>> run_id = engine.submit(ExperimentConfig(train_size=100, num_trials=2))
        >>> engine.progress(run_id).phase
        'starting workers'
    """

    def __init__(self, settings: Settings, store: RunStore) -> None:
        self._settings = settings
        self._store = store
        self._lock = threading.RLock()  # guards what follows
        self._progress: dict[str, Progress] = {}
        self._pulses: dict[str, _Pulse] = {}
        self._threads: list[threading.Thread] = []
        self._client: Client | None = None
        self._cluster: Any = None
        self._warm_ups: list[Future] = []
        self._turns = Turns()
        self._connecting = threading.Lock()
        self._is_closed = False
        atexit.register(self.close)

    # Starting and following runs

    def submit(self, config: ExperimentConfig) -> str:
        """Start a run in the background; if exactly this one is going already, that one is meant.

        Returns:
            The id of the run.

        Raises:
            UserError: The dataset is missing or too small, or the store cannot be written.
        """
        check_against(config, load_pool(config.dataset, self._settings))
        with self._lock:
            if (active := self._store.find_active(config)) is not None:
                return active.id
            run = self._store.create_run(config)
            self._start(run)
        return run.id

    def resume(self, run_id: str) -> None:
        """Go on with a run that ended early; nothing happens if it is going already or finished.

        Raises:
            UserError: There is no such run, or its ELMo has changed since.
        """
        with self._lock:
            run = self._store.get_run(run_id)
            if run.can_resume:
                run.require_installed_vectors()
                self._start(run)

    def cancel(self, run_id: str) -> None:
        """Stop a run, whichever process drives it; finished trials stay. Takes effect within two seconds."""
        self._store.request_cancel(run_id)
        with self._lock:
            if run_id in self._pulses:
                self._pulses[run_id].stop("cancelled")

    def progress(self, run_id: str) -> Progress | None:
        """How a run that this process drives or drove stands; None for others."""
        with self._lock:
            return self._progress.get(run_id)

    def run_events(self, run_id: str) -> Generator[Event, None, None]:
        """Drive a run in this thread.

        Yields:
            Events up to `RunFinished`, `RunCancelled` or `RunFailed`. Closing the generator cancels the run.

        Raises:
            UserError: There is no such run, somebody drives it already, or its ELMo has changed since.
        """
        run = self._store.get_run(run_id)
        run.require_installed_vectors()
        if not self._store.claim(run_id):
            raise UserError(f"The run {run_id} is going already; wait for it or cancel it first.")
        yield from self._events(run)

    def warm(self, config: ExperimentConfig | None = None) -> None:
        """Start the workers and let each load TensorFlow and the vectors of `config`, in the background."""
        threading.Thread(target=self._warm, args=(config or ExperimentConfig(),), name="warm up", daemon=True).start()

    def close(self) -> None:
        """End all worker processes; runs that are going can be resumed later."""
        with self._lock:
            self._is_closed = True
            for pulse in self._pulses.values():
                pulse.stop("closed")
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout=5)
        with self._connecting:
            self._disconnect()
        atexit.unregister(self.close)

    def estimate(self, config: ExperimentConfig) -> float:
        """Seconds that a run will take with nothing in the cache, from the speeds of earlier runs on this machine.

        Raises:
            UserError: The dataset is missing or too small.
        """
        pool = load_pool(config.dataset, self._settings)
        check_against(config, pool)
        return estimate_s(config, len(pool.train), self._settings.worker_count, self._store)

    # Sweeps

    def submit_sweep(self, config: ExperimentConfig, train_sizes: Sequence[int]) -> str:
        """Start one run per training size in the background, the smallest first.

        Finished trials of earlier runs are taken over, see `core.sweeps.plan_sweep`. If exactly this sweep was started before,
        that one is meant: it goes on where it stands.

        Args:
            config: Of all runs; its `train_size` does not matter.
            train_sizes: At least two.

        Returns:
            The id of the sweep.

        Raises:
            UserError: The dataset is missing, a size does not fit it, or the store cannot be written.
        """
        pool = load_pool(config.dataset, self._settings)
        with self._lock:
            plan = plan_sweep(config, train_sizes, pool, self._store)
            if sweep := same_sweep(plan, self._store):
                runs = take_up(sweep, plan, self._store)
            else:
                runs = carry_out(plan, self._store)
                reused = [planned.num_reused for planned in plan.runs]
                sweep = self._store.create_sweep(config, plan.train_sizes, [run.id for run in runs], reused=reused)
            self._start_unfinished(runs)
        return sweep.id

    def resume_sweep(self, sweep_id: str) -> None:
        """Go on with every run of a sweep that is not finished; a run that was deleted is made anew.

        Raises:
            UserError: There is no such sweep, or its dataset is gone.
        """
        sweep = self._store.get_sweep(sweep_id)
        pool = load_pool(sweep.config.dataset, self._settings)
        with self._lock:
            plan = plan_sweep(sweep.config, sweep.train_sizes, pool, self._store)
            self._start_unfinished(take_up(sweep, plan, self._store))

    def cancel_sweep(self, sweep_id: str) -> None:
        """Stop every run of a sweep, whichever process drives it; finished trials stay.

        Raises:
            UserError: There is no such sweep.
        """
        for run in reversed(stored_runs(self._store.get_sweep(sweep_id), self._store)):  # so that none begins meanwhile
            if run is not None and run.is_active:
                self.cancel(run.id)

    def sweep_progress(self, sweep_id: str) -> SweepProgress:
        """How a sweep stands, whichever process drives its runs.

        Raises:
            UserError: There is no such sweep.
        """
        sweep = self._store.get_sweep(sweep_id)
        runs = stored_runs(sweep, self._store)
        with self._lock:
            driven = {run_id: self._progress[run_id] for run_id in sweep.run_ids if run_id in self._progress}
        live = {run_id: progress for run_id, progress in driven.items() if progress.outcome == "running"}
        try:
            pool_size = len(load_pool(sweep.config.dataset, self._settings).train)
        except UserError:  # the dataset was deleted; what is trained can still be looked at
            pool_size = sweep.configs[-1].num_labelled
        return sweep_progress(
            sweep,
            runs,
            self._store.finished_pairs(sweep.run_ids),
            live,
            pool_size=pool_size,
            num_workers=self._settings.worker_count,
            past=self._store.speeds(),
        )

    def estimate_sweep(self, config: ExperimentConfig, train_sizes: Sequence[int]) -> SweepEstimate:
        """How long a sweep will take with nothing in the cache, and what of it earlier runs have finished.

        Raises:
            UserError: The dataset is missing, or a size does not fit it.
        """
        pool = load_pool(config.dataset, self._settings)
        plan = plan_sweep(config, train_sizes, pool, self._store)
        missing = [(planned.config, planned.missing) for planned in plan.runs]
        seconds = estimate_sweep_s(missing, len(pool.train), self._settings.worker_count, self._store.speeds())
        num_pairs = len(plan.runs) * config.num_trials * len(config.arms)
        return SweepEstimate(START_S + seconds if seconds else 0.0, plan.num_reused, num_pairs)

    def _start_unfinished(self, runs: Sequence[Run]) -> None:
        """The caller holds the lock."""
        for run in runs:
            if not run.is_finished:
                self._start(run)

    # Driving a run

    def _start(self, run: Run) -> None:
        """Claim the run and drive it in a thread of its own. The caller holds the lock."""
        if not self._store.claim(run.id):
            return
        self._progress[run.id] = Progress(
            run_id=run.id, num_trials=run.config.num_trials, arms=run.config.arms, num_workers=self._settings.worker_count
        )
        self._turns.queue_up(run.id)  # here, so that runs compute in the order in which they were submitted
        thread = threading.Thread(target=self._follow, args=(run,), name=f"run {run.id}", daemon=True)
        self._threads = [*(thread for thread in self._threads if thread.is_alive()), thread]
        thread.start()

    def _follow(self, run: Run) -> None:
        try:
            for event in self._events(run):
                with self._lock:
                    self._progress[run.id] = self._progress[run.id].after(event)
        except Exception as error:
            logger.exception("Run %s failed", run.id)
            with self._lock:
                self._progress[run.id] = self._progress[run.id].after(RunFailed(_bug_message(error)))

    def _events(self, run: Run) -> Iterator[Event]:
        """All events of a claimed run. However it ends, the store says so."""
        pulse = _Pulse(self._store, run.id)
        with self._lock:
            self._pulses[run.id] = pulse
            if self._is_closed:
                pulse.stop("closed")
        status: Status = "failed"
        message = ""
        try:
            yield from self._drive(run, pulse)
            status = "finished"
        except _StoppedError as stopped:
            status = "cancelled" if stopped.reason == "cancelled" else "interrupted"
        except UserError as error:
            message = str(error)
        except (GeneratorExit, KeyboardInterrupt):
            status = "cancelled"
            raise
        except BaseException as error:
            message = _bug_message(error)
            raise
        finally:
            with self._lock:
                self._pulses.pop(run.id, None)
            self._turns.leave(run.id)
            pulse.end()
            self._store.set_status(run.id, status, message)
        if status == "finished":
            yield RunFinished(self._store.get_run(run.id).phase_s)
        elif status == "cancelled":
            yield RunCancelled()
        else:
            yield RunFailed(message or "The program was closed while the run was going; resume it to finish it.")

    def _drive(self, run: Run, pulse: _Pulse) -> Iterator[Event]:
        """From the workers' start to the last pair in the store."""
        config = run.config
        phases = _Phases()
        self._turns.queue_up(run.id)
        if not self._turns.has_turn(run.id):
            yield phases.enter("waiting")
            self._turns.wait(run.id, pulse.check)
        yield phases.enter("starting workers")
        client = self._connect()
        self.warm(config)  # while the reviews are read here
        pulse.check()
        num_workers = max(1, sum(client.nthreads().values())) if self._settings.scheduler else self._settings.worker_count
        self._store.set_status(run.id, "running")
        yield RunStarted(run.id, config.num_trials, config.arms, num_workers, expected_pair_s(config, self._store))
        yield phases.enter("loading reviews")
        pool = load_pool(config.dataset, self._settings)
        draws = [draw_trial(pool, config, trial) for trial in range(config.num_trials)]
        test = draws[0].test
        test_ids, test_labels = [pool.ids[i] for i in test], pool.labels[test].tolist()
        earlier = self._store.trial_results(run.id)
        if len(earlier) and not run.is_tested_on(test_ids, test_labels):
            raise UserError(
                f'The dataset "{config.dataset}" has other reviews than when the run {run.id} was started; '
                "add the former file again under that name, or train anew."
            )
        self._store.set_test_ids(run.id, test_ids, test_labels)
        finished: set[Pair] = set()
        for row in earlier.to_dict("records"):
            finished.add((row["trial"], row["arm"]))
            yield TrialFinished(row["trial"], row["arm"], row["accuracy"], row["train_s"])
        pairs = [(trial, arm) for trial in range(config.num_trials) for arm in config.arms if (trial, arm) not in finished]
        attempt = tasks.Attempt(
            token=f"{run.id}-{secrets.token_hex(4)}",
            config=config,
            settings=None if self._settings.scheduler else self._settings,
        )
        yield phases.enter("loading vectors")
        with Work(client, attempt, pool=pool, draws=draws, pairs=pairs, num_workers=num_workers) as work:
            embedding = EmbeddingTally(work.chunk_lens)
            for item in work.results(pulse.check):
                if isinstance(item, TrialResult):
                    self._store.save_trial(run.id, item)
                    finished.add((item.trial, item.arm))
                    yield TrialFinished(item.trial, item.arm, item.accuracy, item.train_s)
                elif item["kind"] == "chunk":
                    if phases.current == "loading vectors":
                        yield phases.enter("embedding")
                    yield embedding.add(item, num_workers)
                    if embedding.is_complete and phases.current == "embedding":
                        yield phases.enter("training")
                elif (item["epoch"]["trial"], item["epoch"]["arm"]) not in finished:
                    yield EpochFinished(**item["epoch"])
        self._store.set_phases(run.id, phases.end(), embedding.reviews_per_s(num_workers) or None, embedding.coverage)

    # The cluster

    def _connect(self) -> Client:
        """The client of a living cluster, started if need be."""
        with self._connecting:
            if self._is_closed:
                raise UserError("The engine is closed; start the program again.")
            if self._client is not None and _is_alive(self._client, self._cluster):
                return self._client
            self._disconnect()
            try:
                if not self._settings.scheduler:
                    self._cluster = start_cluster(self._settings.worker_count, self._settings.folder("logs") / "workers.log")
                self._client = Client(self._cluster or self._settings.scheduler, timeout=_CONNECT_S, set_as_default=False)
            except (OSError, TimeoutError, RuntimeError, ValueError) as error:
                self._disconnect()
                if self._settings.scheduler:
                    raise UserError(
                        f"The Dask scheduler {self._settings.scheduler!r} does not answer ({error}); "
                        "start it, or unset ELMO_LENS_SCHEDULER to compute on this machine."
                    ) from error
                raise UserError(
                    f"The worker processes did not start ({error}); try again, or look at `python -m core doctor`."
                ) from error
            return self._client

    def _disconnect(self) -> None:
        """Let go of the cluster, also of one that is dead."""
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        self._warm_ups = []
        if client is not None:
            with suppress(OSError, TimeoutError):  # the scheduler is gone
                client.close(timeout=_POLL_S if cluster is None else None)
        if cluster is not None:
            stop_cluster(cluster)

    def _warm(self, config: ExperimentConfig) -> None:
        try:
            client = self._connect()
            settings = None if self._settings.scheduler else self._settings
            client.wait_for_workers(1 if self._settings.scheduler else self._settings.worker_count, timeout=_CONNECT_S)
            self._warm_ups = [
                client.submit(tasks.warm_up, config, settings, workers=[address], pure=False) for address in client.nthreads()
            ]
        except (UserError, TimeoutError, OSError):
            logger.debug("Warming up failed; a run will say why", exc_info=True)
        except Exception:
            if not self._is_closed:  # Dask raises almost anything while it is being closed
                raise


class _StoppedError(Exception):
    """The run was asked to stop."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason: StopReason = reason


class _Pulse:
    """Shows in the store that a run's driver is alive, and hears of a cancel, until `end`."""

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._reason: StopReason | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse {run_id}", daemon=True)
        self._thread.start()

    def stop(self, reason: StopReason) -> None:
        """Make the next `check` raise."""
        self._reason = self._reason or reason

    def check(self) -> None:
        """Raises `_StoppedError` if the run shall stop."""
        if self._reason is not None:
            raise _StoppedError(self._reason)

    def end(self) -> None:
        """No more signs of life."""
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(_PULSE_S):
            try:
                if self._store.heartbeat(self._run_id):
                    self.stop("cancelled")
            except UserError:
                logger.debug("No heartbeat of run %s", self._run_id, exc_info=True)  # saving the next trial says why


class _Phases:
    """Seconds per phase."""

    def __init__(self) -> None:
        self.current = ""
        self._began_s = 0.0
        self._phase_s: dict[str, float] = {}

    def enter(self, phase: str) -> PhaseChanged:
        """The next phase begins."""
        self.end()
        self.current, self._began_s = phase, time.perf_counter()
        return PhaseChanged(phase)

    def end(self) -> dict[str, float]:
        """No phase is on; the seconds of each so far."""
        if self.current:
            self._phase_s[self.current] = round(time.perf_counter() - self._began_s, 3)
        self.current = ""
        return self._phase_s


def _is_alive(client: Client, cluster: Any) -> bool:
    process = getattr(getattr(cluster, "scheduler", None), "process", None)  # only a cluster of subprocesses has one
    return bool(client.status == "running" and (process is None or process.returncode is None))


def _bug_message(error: BaseException) -> str:
    return f"The run stopped because of an error in the program ({type(error).__name__}: {error}); the log has the details."
