"""Driving one run, from the queue to the last pair in the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from core.data.datasets import load_pool
from core.data.review_pool import ReviewPool
from core.embedders.loading import provenance_of_driver
from core.engine import worker_tasks
from core.engine.cluster import Cluster
from core.engine.estimate import expected_pair_s
from core.engine.run_queue import RunQueue
from core.engine.task_graph import EmbeddingTally, TaskGraph
from core.engine.worker_check import WorkerCheck, require_worker_same
from core.errors import UserError
from core.experiment.arms import BAG_OF_WORDS
from core.experiment.coverage import require_coverage
from core.experiment.draw import Draw, draw_trial
from core.experiment.events import EpochFinished, Event, Pair, PhaseChanged, ReferenceFinished, RunStarted, TrialFinished
from core.experiment.lessons import with_lessons
from core.experiment.provenance import Provenance, require_same
from core.experiment.results import ReferenceResult, TrialResult
from core.settings import Settings
from core.store.claims import Claim
from core.store.run import Run
from core.store.run_store import RunStore

if TYPE_CHECKING:
    import pandas as pd

_ENOUGH_TOKENS = 5_000  # from which the share of known words is that of all reviews


def drive(
    run: Run, claim: Claim, *, store: RunStore, settings: Settings, cluster: Cluster, queue: RunQueue, check: Callable[[], None]
) -> Iterator[Event]:
    """Wait until the run is first in the queue, then train what it lacks; results are stored before their events are sent.

    Args:
        run: A run that this process has claimed.
        claim: Of this attempt; nothing is written once somebody else has claimed the run.
        store: Where it is.
        settings: Where files are and what computes.
        cluster: What computes.
        queue: Where it waits; the caller removes it.
        check: Called a few times a second; what it raises ends the run.

    Yields:
        Events from the first phase to the last pair; the caller adds how the run ended.

    Raises:
        ResumedElsewhereError: Somebody else has claimed the run.
        UserError: The cluster does not answer, or the reviews, the vectors or the code have changed.
    """
    config = run.config
    with _Effort(store.get_run(run.id), claim, store) as effort:
        queue.join(claim)
        if not queue.is_first(claim):
            yield effort.enter("waiting")
            queue.wait_until_first(claim, check)
        yield effort.enter("starting workers")
        client = cluster.connect()
        cluster.warm(config)  # while the reviews are read here
        check()
        num_workers = cluster.num_workers(client)
        store.set_status(run.id, "running", claim=claim)
        yield RunStarted(
            run.id, config.num_trials, config.arms, num_workers, expected_pair_s(config, store), len(config.reference_trials)
        )
        yield effort.enter("loading reviews")
        pool = load_pool(config.dataset, settings)
        draws = [draw_trial(pool, config, trial) for trial in range(config.num_trials)]
        earlier = store.trials.table(run)
        reviews = Provenance(reviews=pool.digest)
        _record_draws(run, claim, pool, draws[0], store, has_results=len(earlier) > 0)
        pool, draws = with_lessons(pool, draws, config.lessons)
        finished: set[Pair] = set()
        for event in _stored_events(earlier, run, store):
            finished.add(_pair_of(event))
            yield event
        attempt = worker_tasks.Attempt(
            token=f"{run.id}-{claim}",
            config=config,
            settings=None if settings.scheduler else settings,
        )
        yield effort.enter("loading vectors")
        here = provenance_of_driver(config, settings)
        workers = WorkerCheck(client, config, here) if settings.scheduler else None
        provenance = _ProvenanceCheck(
            run, claim, store, reviews=reviews, here=here, workers=workers, has_results=len(earlier) > 0
        )
        with TaskGraph(
            client,
            attempt,
            pool=pool,
            draws=draws,
            pairs=[pair for pair in config.pairs if pair not in finished],
            references=[trial for trial in config.reference_trials if (trial, BAG_OF_WORDS) not in finished],
            num_workers=num_workers,
        ) as graph:
            embedding = effort.measure(EmbeddingTally(graph.chunk_lens), num_workers)
            for item in graph.results(check, cluster.keep_workers, provenance.poll):
                if isinstance(item, TrialResult | ReferenceResult):
                    provenance.look()  # a worker may have come and computed this since the last look
                    event = _save(item, run, claim, store)
                    effort.record()
                    finished.add(_pair_of(event))
                    yield event
                elif isinstance(item, worker_tasks.WordCount):
                    embedding.add_words(item)
                elif item["kind"] == "chunk":
                    provenance.see(Provenance(**item["provenance"]), item["worker"])
                    if effort.phase == "loading vectors":
                        yield effort.enter("embedding")
                    yield embedding.add(item, num_workers)
                    if embedding.num_tokens >= _ENOUGH_TOKENS:  # early; the workers check all that a head is trained on
                        require_coverage(embedding.coverage or 0.0, config)
                    if embedding.is_complete and effort.phase == "embedding":
                        yield effort.enter("training")
                elif (item["epoch"]["trial"], item["epoch"]["arm"]) not in finished:
                    yield EpochFinished(**item["epoch"])


def _record_draws(run: Run, claim: Claim, pool: ReviewPool, first: Draw, store: RunStore, *, has_results: bool) -> None:
    """Store what the run is tested on; raises `UserError` if its finished trials were tested on other reviews."""
    test_ids, test_labels = [pool.ids[i] for i in first.test], pool.labels[first.test].tolist()
    if has_results:
        run.require_tested_on(test_ids, test_labels, Provenance(reviews=pool.digest))
    store.set_draws(run.id, test_ids, test_labels, len(pool.train), claim=claim)


def _stored_events(earlier: pd.DataFrame, run: Run, store: RunStore) -> Iterator[TrialFinished | ReferenceFinished]:
    """What earlier attempts have finished; without pairs, nobody knows which reviews a bag of words was trained on."""
    for row in earlier.to_dict("records"):
        yield TrialFinished(row["trial"], row["arm"], row["accuracy"], row["train_s"])
    for row in store.trials.references(run).to_dict("records") if len(earlier) else []:
        yield ReferenceFinished(row["trial"], row["accuracy"], row["train_s"])


def _save(result: TrialResult | ReferenceResult, run: Run, claim: Claim, store: RunStore) -> TrialFinished | ReferenceFinished:
    """Store a result; its event."""
    if isinstance(result, ReferenceResult):
        store.trials.save_reference(run, result, claim=claim)
        return ReferenceFinished(result.trial, result.accuracy, result.train_s)
    store.trials.save(run, result, claim=claim)
    return TrialFinished(result.trial, result.arm, result.accuracy, result.train_s)


def _pair_of(event: TrialFinished | ReferenceFinished) -> Pair:
    return event.trial, event.arm if isinstance(event, TrialFinished) else BAG_OF_WORDS


class _ProvenanceCheck:
    """Records what the workers of a run have loaded, and raises `UserError` as soon as it is not what its results came from.

    Args:
        run: As it was claimed.
        claim: Of this attempt.
        store: Where the run is.
        reviews: What is known of the reviews.
        here: What this program knows of the rest.
        workers: Asks those of a cluster; None for processes of this machine, which have the files of this program.
        has_results: Whether an earlier attempt has finished pairs.
    """

    def __init__(
        self,
        run: Run,
        claim: Claim,
        store: RunStore,
        *,
        reviews: Provenance,
        here: Provenance,
        workers: WorkerCheck | None,
        has_results: bool,
    ) -> None:
        self._run, self._claim, self._reviews, self._store, self._has_results = run, claim, reviews, store, has_results
        self._here, self._workers = here, workers
        self._first: Provenance | None = None
        self.look()

    def look(self) -> None:
        """Ask the workers that were not asked before."""
        if self._workers is not None:
            self._workers.look()

    def poll(self) -> None:
        """The same as `look`, at most once a second."""
        if self._workers is not None:
            self._workers.poll()

    def see(self, loaded: Provenance, worker: str) -> None:
        """Look at what a worker has loaded; its address is for people."""
        self._require_same(self._here, loaded, worker, than="this program")
        now = loaded.with_known(self._reviews)
        if self._first is None:
            if self._has_results:
                self._run.require_resumable(now)
            self._store.set_provenance(self._run.id, now, claim=self._claim)
            self._first = now
        self._require_same(self._first, now, worker, than="the others")

    def _require_same(self, wanted: Provenance, loaded: Provenance, worker: str, *, than: str) -> None:
        if self._workers is None:  # the files of this machine were changed: its workers have no others
            require_same(wanted, loaded)
        else:
            require_worker_same(wanted, loaded, worker, than=than)


class _Effort:
    """What all attempts at a run have taken together, stored after every pair and at the end, however that comes.

    Args:
        run: As it was claimed.
        claim: Of this attempt.
        store: Where the run is.

    Attributes:
        phase: The current one.
    """

    def __init__(self, run: Run, claim: Claim, store: RunStore) -> None:
        self.phase = ""
        self._run, self._claim, self._store = run, claim, store
        self._phase_s = dict(run.phase_s)
        self._began_s = 0.0
        self._embedding, self._num_workers = EmbeddingTally([]), 1

    def enter(self, phase: str) -> PhaseChanged:
        """Begin the next phase."""
        self._phase_s = self._seconds()
        self.phase, self._began_s = phase, time.perf_counter()
        return PhaseChanged(phase)

    def measure(self, embedding: EmbeddingTally, num_workers: int) -> EmbeddingTally:
        """Count what is embedded from here on, which is returned."""
        self._embedding, self._num_workers = embedding, num_workers
        return embedding

    def record(self, coverage: float | None = None) -> None:
        """Store it; raises as the store does."""
        earlier_s = self._run.num_computed / self._run.reviews_per_s if self._run.reviews_per_s else 0.0
        embed_s = earlier_s + self._embedding.embed_s(self._num_workers)
        num_computed = self._run.num_computed + self._embedding.num_computed
        self._store.set_phases(
            self._run.id,
            self._seconds(),
            num_computed / embed_s if embed_s else self._run.reviews_per_s,
            coverage,
            num_computed=num_computed,
            claim=self._claim,
        )

    def _seconds(self) -> dict[str, float]:
        if not self.phase:
            return self._phase_s
        seconds = self._phase_s.get(self.phase, 0.0) + time.perf_counter() - self._began_s
        return {**self._phase_s, self.phase: round(seconds, 3)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.record(self._embedding.coverage)
            return
        with suppress(UserError):  # how the run ended is stored next, and that reports it
            self.record()
