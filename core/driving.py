"""Driving one run, from its turn to the last pair in the store."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator

from core import tasks
from core.cluster import Cluster
from core.datasets import load_pool
from core.errors import UserError
from core.estimate import expected_pair_s
from core.events import EpochFinished, Event, Pair, PhaseChanged, RunStarted, TrialFinished
from core.experiment import TrialResult, draw_trial
from core.records import Run
from core.runs import RunStore
from core.settings import Settings
from core.turns import Turns
from core.work import EmbeddingTally, Work


def drive(
    run: Run, *, store: RunStore, settings: Settings, cluster: Cluster, turns: Turns, check: Callable[[], None]
) -> Iterator[Event]:
    """Wait for the run's turn, then train what it lacks; its results are in the store before their events.

    Args:
        run: A run that this process has claimed.
        store: Where it is.
        settings: Where files are and what computes.
        cluster: What computes.
        turns: Whose turn it is; leaving is the caller's.
        check: Called a few times a second; what it raises ends the run.

    Yields:
        Events from the first phase to the last pair. How the run ended is for the caller to say.

    Raises:
        UserError: The cluster does not answer, or the dataset is not what it was.
    """
    config = run.config
    phases = _Phases()
    turns.queue_up(run.id)
    if not turns.has_turn(run.id):
        yield phases.enter("waiting")
        turns.wait(run.id, check)
    yield phases.enter("starting workers")
    client = cluster.connect()
    cluster.warm(config)  # while the reviews are read here
    check()
    num_workers = cluster.num_workers(client)
    store.set_status(run.id, "running")
    yield RunStarted(run.id, config.num_trials, config.arms, num_workers, expected_pair_s(config, store))
    yield phases.enter("loading reviews")
    pool = load_pool(config.dataset, settings)
    draws = [draw_trial(pool, config, trial) for trial in range(config.num_trials)]
    test = draws[0].test
    test_ids, test_labels = [pool.ids[i] for i in test], pool.labels[test].tolist()
    earlier = store.results.trials(run.id)
    if len(earlier) and not run.is_tested_on(test_ids, test_labels):
        raise UserError(
            f'The dataset "{config.dataset}" has other reviews than when the run {run.id} was started; '
            "add the former file again under that name, or train anew."
        )
    store.set_test_ids(run.id, test_ids, test_labels)
    finished: set[Pair] = set()
    for row in earlier.to_dict("records"):
        finished.add((row["trial"], row["arm"]))
        yield TrialFinished(row["trial"], row["arm"], row["accuracy"], row["train_s"])
    attempt = tasks.Attempt(
        token=f"{run.id}-{secrets.token_hex(4)}",
        config=config,
        settings=None if settings.scheduler else settings,
    )
    yield phases.enter("loading vectors")
    missing = [pair for pair in config.pairs if pair not in finished]
    with Work(client, attempt, pool=pool, draws=draws, pairs=missing, num_workers=num_workers) as work:
        embedding = EmbeddingTally(work.chunk_lens)
        for item in work.results(check):
            if isinstance(item, TrialResult):
                store.results.save(run.id, item)
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
    store.set_phases(run.id, phases.end(), embedding.reviews_per_s(num_workers) or None, embedding.coverage)


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
