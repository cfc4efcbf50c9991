"""Start, follow, cancel and resume runs and sweeps. The process that drives a run only submits tasks and collects results."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress

from core.data.datasets import load_pool
from core.data.review_pool import ReviewPool
from core.embedders.loading import expected_provenance
from core.engine.cluster import Cluster
from core.engine.estimate import COLD_START_S, WARM_START_S, Missing, SweepEstimate, estimate_s, num_to_read
from core.engine.heartbeat import Heartbeat, StoppedError
from core.engine.run_driver import drive
from core.engine.run_queue import QueuePlace, RunQueue
from core.engine.sweep_plan import create_runs, find_sweep, plan_sweep, replace_deleted_runs, stored_runs
from core.engine.sweep_progress import SweepProgress, sweep_progress
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.draw import require_enough_reviews
from core.experiment.events import Event, Progress, RunCancelled, RunFailed, RunFinished
from core.experiment.lessons import require_untested
from core.experiment.provenance import Provenance
from core.settings import Settings
from core.store.claims import Claim
from core.store.run import Run, Status
from core.store.run_store import RunStore

logger = logging.getLogger(__name__)

_CANCELLED_BY_OTHERS = "Somebody who had not started this run has cancelled it; resume it to finish it."


class Engine:
    """Drives runs on local worker processes, or on the Dask cluster of `Settings.scheduler`.

    One run computes at a time; the others wait, and people take turns. Methods may be called from any thread.

    Args:
        settings: Where files are and what computes.
        store: Where runs and their results are stored.

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
        self._claims: dict[str, Claim] = {}  # the last one of each run whose progress stands here
        self._heartbeats: dict[Claim, Heartbeat] = {}
        self._people: dict[str, str] = {}  # who started each of these runs last
        self._cancelled_by_others: set[str] = set()
        self._expected_s: dict[str, float | None] = {}  # of runs that others wait for
        self._threads: list[threading.Thread] = []
        self._is_closed = False
        self._cluster = Cluster(settings)
        self._queue = RunQueue()
        atexit.register(self.close)

    # Starting and following runs

    def submit(self, config: ExperimentConfig, *, person: str = "") -> str:
        """Start a run in the background, unless one of exactly this config is waiting or running.

        Args:
            config: Of the run.
            person: Who starts it, if several people share this engine: they take turns, see `RunQueue`.

        Returns:
            The id of the new run, or of that one.

        Raises:
            UserError: The dataset is missing or too small, a lesson is one of its test reviews, or the store cannot be written.
        """
        pool = load_pool(config.dataset, self._settings)
        require_enough_reviews(config, pool)
        require_untested(config.lessons, pool)
        provenance = self._expected_provenance(config, pool)
        with self._lock:
            if (active := self._store.find_active(config, provenance)) is not None:
                return active.id
            run = self._store.create_run(config, provenance)
            self._start(run, person)
        return run.id

    def resume(self, run_id: str, *, person: str = "") -> None:
        """Resume a run that ended early, for a person as in `submit`; nothing happens if it is waiting, running or finished.

        Raises:
            UserError: There is no such run, or its reviews, its vectors or the code are gone or have changed since.
        """
        with self._lock:
            run = self._store.get_run(run_id)
            if run.can_resume:
                self._require_resumable(run)
                self._start(run, person)

    def cancel(self, run_id: str, *, person: str = "") -> None:
        """Cancel a run, whichever process drives it; finished trials stay. Takes effect within two seconds.

        Args:
            run_id: The run.
            person: Who cancels it. If somebody else has started it, the run says so.
        """
        with self._lock:
            if person and self._people.get(run_id) not in ("", None, person):
                self._cancelled_by_others.add(run_id)
        self._store.request_cancel(run_id)
        with self._lock:
            for heartbeat in self._heartbeats.values():
                if heartbeat.run_id == run_id:
                    heartbeat.stop("cancelled")

    def progress(self, run_id: str) -> Progress | None:
        """The progress of a run that this process drives or drove; None for others."""
        with self._lock:
            return self._progress.get(run_id)

    def queue_place(self, run_id: str) -> QueuePlace | None:
        """Where a run stands that waits in this process; None for any other."""
        with self._lock:
            claim = self._claims.get(run_id)
            runs: dict[str, str] = {claim: its_id for its_id, claim in self._claims.items()}
        if claim is None or not (ahead := self._queue.ahead(claim)):
            return None
        seconds = [self._time_left_s(runs[each]) if each in runs else None for each in ahead]
        known = [each for each in seconds if each is not None]
        return QueuePlace(len(ahead), sum(known) if len(known) == len(ahead) else None)

    def run_events(self, run_id: str) -> Generator[Event, None, None]:
        """Drive a run in this thread.

        Yields:
            Events up to `RunFinished`, `RunCancelled` or `RunFailed`. Closing the generator cancels the run.

        Raises:
            UserError: There is no such run, it has a driver already, or its reviews, its vectors or the code are gone or have
                changed since.
        """
        run = self._store.get_run(run_id)
        self._require_resumable(run)
        if (claim := self._store.claim(run_id)) is None:
            raise UserError(f"The run {run_id} is waiting or running already; wait for it or cancel it first.", code="run-driven")
        yield from self._drive(run, claim)

    def warm(self, config: ExperimentConfig | None = None) -> None:
        """Start the workers and let each load TensorFlow and the vectors of `config`, in the background."""
        self._cluster.warm(config or ExperimentConfig())

    def close(self) -> None:
        """End all worker processes; runs that are waiting or running can be resumed later."""
        with self._lock:
            self._is_closed = True
            for heartbeat in self._heartbeats.values():
                heartbeat.stop("closed")
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout=5)
        self._cluster.close()
        atexit.unregister(self.close)

    def estimate(self, config: ExperimentConfig) -> float:
        """Seconds that a run will take, from what earlier runs on this machine have read and from their speeds.

        Raises:
            UserError: The dataset is missing or too small, or there is no such vectors file.
        """
        pool = load_pool(config.dataset, self._settings)
        require_enough_reviews(config, pool)
        return self._start_s + self._estimate([(config, config.pairs)], pool)

    # Sweeps

    def submit_sweep(self, config: ExperimentConfig, train_sizes: Sequence[int], *, person: str = "") -> str:
        """Start one run per training size in the background, the smallest first.

        Finished trials of earlier runs are reused, see `core.engine.sweep_plan`. If exactly this sweep was started before, it is
        resumed instead.

        Args:
            config: Of all runs; its `train_size` does not matter.
            train_sizes: At least two.
            person: As in `submit`; every size takes a turn.

        Returns:
            The id of the sweep.

        Raises:
            UserError: The dataset is missing, a size does not fit it, or the store cannot be written.
        """
        pool = load_pool(config.dataset, self._settings)
        with self._lock:
            plan = plan_sweep(config, train_sizes, pool, self._store, self._expected_provenance(config, pool))
            if sweep := find_sweep(plan, self._store):
                runs = replace_deleted_runs(sweep, plan, self._store)
            else:
                runs = create_runs(plan, self._store)
                reused = [planned.num_reused for planned in plan.runs]
                sweep = self._store.sweeps.create(config, plan.train_sizes, [run.id for run in runs], reused=reused)
            self._start_unfinished(runs, person)
        return sweep.id

    def resume_sweep(self, sweep_id: str, *, person: str = "") -> None:
        """Resume every run of a sweep that is not finished, for a person as in `submit`; a deleted run is trained again.

        Nothing happens if all are finished, as those of the example are.

        Raises:
            UserError: There is no such sweep, or its dataset is gone.
        """
        sweep = self._store.sweeps.get(sweep_id)
        if all(run is not None and run.is_finished for run in stored_runs(sweep, self._store)):
            return
        pool = load_pool(sweep.config.dataset, self._settings)
        provenance = self._expected_provenance(sweep.config, pool)
        with self._lock:
            for run in stored_runs(sweep, self._store):
                if run is not None and self._store.trials.num_finished(run):
                    run.require_resumable(provenance)
            plan = plan_sweep(sweep.config, sweep.train_sizes, pool, self._store, provenance)
            self._start_unfinished(replace_deleted_runs(sweep, plan, self._store), person)

    def cancel_sweep(self, sweep_id: str, *, person: str = "") -> None:
        """Cancel every run of a sweep, whichever process drives it, for a person as in `cancel`; finished trials stay.

        Raises:
            UserError: There is no such sweep.
        """
        for run in reversed(
            stored_runs(self._store.sweeps.get(sweep_id), self._store)
        ):  # the last first, so that none begins meanwhile
            if run is not None and run.is_active:
                self.cancel(run.id, person=person)

    def sweep_progress(self, sweep_id: str) -> SweepProgress:
        """The progress of a sweep, whichever process drives its runs.

        Raises:
            UserError: There is no such sweep.
        """
        sweep = self._store.sweeps.get(sweep_id)
        runs = stored_runs(sweep, self._store)
        with self._lock:
            driven = {run_id: self._progress[run_id] for run_id in sweep.run_ids if run_id in self._progress}
        live = {run_id: progress for run_id, progress in driven.items() if progress.outcome == "running"}
        return sweep_progress(sweep, runs, self._store.trials.finished_pairs(sweep.run_ids), live, estimate=self._estimate_rest)

    def estimate_sweep(self, config: ExperimentConfig, train_sizes: Sequence[int]) -> SweepEstimate:
        """How long a sweep will take, and how many of its pairs earlier runs have finished.

        Raises:
            UserError: The dataset is missing, or a size does not fit it.
        """
        pool = load_pool(config.dataset, self._settings)
        plan = plan_sweep(config, train_sizes, pool, self._store, self._expected_provenance(config, pool))
        missing = [(planned.config, planned.missing) for planned in plan.runs]
        seconds = self._estimate(missing, pool)
        num_pairs = len(plan.runs) * config.num_trials * len(config.arms)
        return SweepEstimate(self._start_s + seconds if seconds else 0.0, plan.num_reused, num_pairs)

    def _estimate_rest(self, missing: Missing, embedded: ExperimentConfig | None) -> float:
        """The same for what is left of a sweep while a run embeds its reviews; 0 if the dataset was deleted meanwhile."""
        with suppress(UserError):
            return self._estimate(missing, load_pool(missing[0][0].dataset, self._settings), embedded=embedded)
        return 0.0

    def _estimate(self, missing: Missing, pool: ReviewPool, *, embedded: ExperimentConfig | None = None) -> float:
        """Seconds for the missing pairs of some runs, with workers up."""
        if not any(pairs for _, pairs in missing):
            return 0.0
        past = self._store.trials.speeds()
        provenance = self._expected_provenance(missing[0][0], pool)
        num_new = num_to_read(missing, pool, past, provenance, self._settings, embedded=embedded)
        return estimate_s(missing, num_new, self._settings.worker_count, past)

    @property
    def _start_s(self) -> float:
        """Seconds until there are workers; where they get ready beforehand, they do so before anybody has made a choice."""
        return WARM_START_S if self._settings.warm_up or self._cluster.is_started else COLD_START_S

    def _expected_provenance(self, config: ExperimentConfig, pool: ReviewPool) -> Provenance:
        return expected_provenance(config, self._settings).with_known(Provenance(reviews=pool.digest))

    def _require_resumable(self, run: Run) -> None:
        """The workers will look again, at what they have loaded; this says it before the run is claimed and loses its status."""
        pool = load_pool(run.config.dataset, self._settings)
        require_enough_reviews(run.config, pool)
        if self._store.trials.num_finished(run):
            if run.provenance.changes(Provenance(reviews=pool.digest)):
                raise run.dataset_changed()
            run.require_resumable(self._expected_provenance(run.config, pool))

    def _start_unfinished(self, runs: Sequence[Run], person: str) -> None:
        """The caller holds the lock."""
        for run in runs:
            if not run.is_finished:
                self._start(run, person)

    def _time_left_s(self, run_id: str) -> float | None:
        """Seconds that a run needs which is computing or waiting, as far as anybody can tell."""
        progress = self.progress(run_id)
        if progress is not None and progress.remaining_s:
            return progress.remaining_s
        if run_id not in self._expected_s:
            try:
                self._expected_s[run_id] = self.estimate(self._store.get_run(run_id).config)
            except UserError:  # its dataset or itself is gone, which it will say in its turn
                self._expected_s[run_id] = None
        return self._expected_s[run_id]

    # Driving a run

    def _start(self, run: Run, person: str) -> None:
        """Claim the run and drive it in a thread of its own. The caller holds the lock."""
        if (claim := self._store.claim(run.id)) is None:
            return
        self._claims[run.id] = claim
        self._people[run.id] = person
        self._cancelled_by_others.discard(run.id)
        self._progress[run.id] = Progress(
            run_id=run.id, num_trials=run.config.num_trials, arms=run.config.arms, num_workers=self._settings.worker_count
        )
        self._queue.join(claim, person)  # here and not in the thread, so that their order is that in which they were submitted
        thread = threading.Thread(target=self._run_in_thread, args=(run, claim), name=f"run {run.id}", daemon=True)
        self._threads = [*(thread for thread in self._threads if thread.is_alive()), thread]
        thread.start()

    def _run_in_thread(self, run: Run, claim: Claim) -> None:
        try:
            for event in self._drive(run, claim):
                self._take(event, run, claim)
        except Exception as error:
            logger.exception("Run %s failed", run.id)
            self._take(RunFailed(_bug_message(error)), run, claim)

    def _take(self, event: Event, run: Run, claim: Claim) -> None:
        """Add an event to the progress of a run, unless another thread has resumed it."""
        with self._lock:
            if self._claims[run.id] == claim:
                self._progress[run.id] = self._progress[run.id].after(event)

    def _drive(self, run: Run, claim: Claim) -> Iterator[Event]:
        """Drive a claimed run and record in the store how it ended."""
        heartbeat = Heartbeat(self._store, run.id, claim)
        with self._lock:
            self._heartbeats[claim] = heartbeat
            if self._is_closed:
                heartbeat.stop("closed")
        status: Status = "failed"
        message, code = "", ""
        try:
            yield from drive(
                run,
                claim,
                store=self._store,
                settings=self._settings,
                cluster=self._cluster,
                queue=self._queue,
                check=heartbeat.check,
            )
            status = "finished"
        except StoppedError as stopped:
            status = "cancelled" if stopped.reason == "cancelled" else "interrupted"
            if status == "cancelled" and run.id in self._cancelled_by_others:
                message = _CANCELLED_BY_OTHERS
        except UserError as error:
            message, code = str(error), error.code
        except (GeneratorExit, KeyboardInterrupt):
            status = "cancelled"
            raise
        except BaseException as error:
            message = _bug_message(error)
            raise
        finally:
            with self._lock:
                self._heartbeats.pop(claim, None)
            self._queue.leave(claim)
            heartbeat.end()
            try:
                self._store.set_status(run.id, status, message, claim=claim)
            except UserError as error:  # somebody has resumed or deleted it, or the store fails
                status, message, code = "interrupted", str(error), error.code
        if status == "finished":
            yield RunFinished(self._store.get_run(run.id).phase_s)
        elif status == "cancelled":
            yield RunCancelled()
        else:
            yield RunFailed(message or "The program was closed before the run was finished; resume it to finish it.", code)


def _bug_message(error: BaseException) -> str:
    return f"The run failed because of an error in the program ({type(error).__name__}: {error}); see the log for details."
