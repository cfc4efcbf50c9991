"""The tasks of one attempt at a run, submitted in the order in which they are needed, and their results."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from distributed import Client, Future, KilledWorker
from distributed import Event as DaskEvent

from core.arrays import IndexArray
from core.data.review_pool import ReviewPool
from core.embedders.loading import ELMO_BATCH_SIZE
from core.engine import worker_tasks
from core.errors import UserError
from core.experiment.draw import Draw
from core.experiment.events import EmbeddingProgress, Pair
from core.experiment.results import ReferenceResult, TrialResult

_MAX_CHUNK_LEN = 128
_SORTED_LEN = 768  # reviews that are sorted by length together, unless the first pair needs more
_COUNT_LEN = 1024  # reviews whose words are counted at once; a second of work
_CHUNKS_PER_WORKER = 8  # small enough that all workers finish at about the same time
_LATER = -1  # the priority of what nothing waits for: the first pair comes before the first bag of words
_POLL_S = 0.25
_NO_WORKER_TIMEOUT_S = 180.0  # a killed worker is back within seconds, on a busy machine within a minute or two

Key = tuple[str | int, ...]  # of a task
Result = TrialResult | ReferenceResult | worker_tasks.WordCount


@dataclass
class EmbeddingTally:
    """Adds up the reports of the chunks; a chunk that runs again after a worker's death counts once."""

    chunk_lens: Sequence[int]
    _words: list[worker_tasks.WordCount] = field(default_factory=list)
    _latest: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, report: Mapping[str, Any], num_workers: int) -> EmbeddingProgress:
        """Add a report; the sum of all."""
        before = self._latest.get(report["chunk"], {"done": -1})
        if report["done"] >= before["done"]:
            self._latest[report["chunk"]] = report
        return EmbeddingProgress(
            done=self._sum("done"),
            total=sum(self.chunk_lens),
            reviews_per_s=self.reviews_per_s(num_workers),
            reused=self._sum("reused"),
        )

    def add_words(self, words: worker_tasks.WordCount) -> None:
        """Add reviews that need no embedding, because an earlier attempt has finished their pairs."""
        self._words.append(words)

    @property
    def is_complete(self) -> bool:
        """Whether all reviews are embedded."""
        return bool(self._sum("done") == sum(self.chunk_lens))

    def reviews_per_s(self, num_workers: int) -> float:
        """Speed of all workers together while they embed; 0 before anything was computed."""
        embed_s = self.embed_s(num_workers)
        return self.num_computed / embed_s if embed_s else 0.0

    @property
    def num_computed(self) -> int:
        """Reviews embedded so far, without those from the cache."""
        return int(self._sum("computed"))

    def embed_s(self, num_workers: int) -> float:
        """Seconds that all workers together have embedded for."""
        return float(self._sum("compute_s")) / num_workers

    @property
    def num_tokens(self) -> int:
        """Tokens that were looked up so far."""
        return int(self._sum("num_tokens")) + sum(words.num_tokens for words in self._words)

    @property
    def coverage(self) -> float | None:
        """Share of all tokens that have a static vector; None before any was looked up."""
        num_known = self._sum("num_known") + sum(words.num_known for words in self._words)
        return num_known / self.num_tokens if self.num_tokens else None

    def _sum(self, name: str) -> Any:
        return sum(report[name] for report in self._latest.values())


class TaskGraph:
    """The tasks of one attempt: chunks in the order in which they are needed, and pairs that depend on their chunks only.

    Bags of words depend on the texts of their reviews only.

    The words of all other reviews of the run are counted, so that a resumed run knows the coverage of all.

    Args:
        client: Of the cluster.
        attempt: What all tasks have in common.
        pool: Reviews.
        draws: Of every trial.
        pairs: Those that are not in the store yet.
        references: Trials whose bag of words is not in the store yet.
        num_workers: Determines the size of chunks.
    """

    def __init__(
        self,
        client: Client,
        attempt: worker_tasks.Attempt,
        *,
        pool: ReviewPool,
        draws: Sequence[Draw],
        pairs: Sequence[Pair],
        references: Collection[int],
        num_workers: int,
    ) -> None:
        self._client = client
        self._attempt = attempt
        self._pool = pool
        self._draws = draws
        self._pairs = pairs
        self._references = references
        self._inbox: queue.SimpleQueue[Future | Mapping[str, Any]] = queue.SimpleQueue()
        self._futures: set[Future] = set()
        needed_draws = [draws[trial] for trial in dict.fromkeys(trial for trial, _ in pairs)]
        needed = _reviews_needed(needed_draws)
        even = len(needed) // (num_workers * _CHUNKS_PER_WORKER * ELMO_BATCH_SIZE)
        chunk_len = min(_MAX_CHUNK_LEN, max(1, even) * ELMO_BATCH_SIZE)
        self._embedded = _Chunks(pool, chunks_by_length(pool, needed_draws, chunk_len))
        whole = _reviews_needed([draws[trial] for trial in references])
        self._whole = _Chunks(pool, [whole[i : i + _MAX_CHUNK_LEN] for i in range(0, len(whole), _MAX_CHUNK_LEN)])
        rest = np.setdiff1d(_reviews_needed(draws), needed)
        self._counted = [rest[i : i + _COUNT_LEN] for i in range(0, len(rest), _COUNT_LEN)]

    @property
    def chunk_lens(self) -> list[int]:
        """Reviews in each chunk that is embedded."""
        return [len(chunk) for chunk in self._embedded.reviews]

    def __enter__(self) -> TaskGraph:
        token = self._attempt.token
        self._client.subscribe_topic(token, lambda event: self._inbox.put(event[1]))
        embedded: list[Future] = []
        whole: list[Future] = []
        for trial, draw in enumerate(self._draws):
            for arm in (arm for its_trial, arm in self._pairs if its_trial == trial):
                locations, used = self._embedded.locate(draw)
                for index in range(len(embedded), used[-1] + 1):
                    key: Key = (f"embed-{token}", index)
                    embedded.append(self._submit(key, worker_tasks.embed_chunk, index, self._embedded.texts(index)))
                chunks = [embedded[i] for i in used]
                key = (f"train-{token}", trial, arm)
                self._follow(self._submit(key, worker_tasks.train_pair, trial, arm, locations, chunks))
            if trial in self._references:
                locations, used = self._whole.locate(draw)
                for index in range(len(whole), used[-1] + 1):
                    key = (f"texts-{token}", index)
                    whole.append(self._submit(key, worker_tasks.keep_texts, self._whole.texts(index), priority=_LATER))
                texts = [whole[i] for i in used]
                key = (f"reference-{token}", trial)
                self._follow(self._submit(key, worker_tasks.train_reference, trial, locations, texts, priority=_LATER))
        for index, positions in enumerate(self._counted):
            counted = [self._pool.texts[i] for i in positions]
            self._follow(self._submit((f"count-{token}", index), worker_tasks.count_words, counted))
        return self

    def _submit(self, key: Key, task: Callable[..., Any], *args: Any, priority: int = 0) -> Future:
        return self._client.submit(task, self._attempt, *args, key=key, pure=False, priority=priority)

    def _follow(self, future: Future) -> None:
        self._futures.add(future)
        future.add_done_callback(self._inbox.put)

    def __exit__(self, *_: object) -> None:
        """Stop all tasks of the attempt."""
        with suppress(OSError):  # the cluster is closed at this moment, which stops them, too
            if self._futures and self._client.status == "running":
                DaskEvent(self._attempt.token, client=self._client).set()
                self._client.cancel(list(self._futures))
            if self._client.status == "running":
                self._client.unsubscribe_topic(self._attempt.token)
        self._futures.clear()

    def results(self, *checks: Callable[[], None]) -> Iterator[Result | Mapping[str, Any]]:
        """Results and reports of tasks as they arrive, until there is a result for everything and every review is counted.

        Args:
            *checks: Called a few times a second; what they raise ends the work.

        Raises:
            UserError: A task killed its worker several times, or the cluster is gone.
            Exception: Raised by a check or a task.
        """
        worker_seen_s = time.monotonic()
        while self._futures:
            for check in checks:
                check()
            try:
                item = self._inbox.get(timeout=_POLL_S)
            except queue.Empty:
                worker_seen_s = self._check_cluster(worker_seen_s)
                continue
            if isinstance(item, Future):
                yield self._result(item)
                self._futures.discard(item)
            else:
                yield item

    def _result(self, future: Future) -> Result:
        if future.status == "cancelled":
            raise UserError("The connection to the workers broke; resume the run to finish it.", code="workers-lost")
        try:
            result: Result | None = future.result()
        except KilledWorker as error:
            raise UserError(
                "The worker processes died several times on the same task, most likely for lack of memory; "
                "use fewer workers (ELMO_LENS_NUM_WORKERS) or a smaller training size, then resume the run.",
                code="workers-died",
            ) from error
        if result is None:
            raise UserError("The workers were told to stop; resume the run to finish it.", code="workers-stopped")
        return result

    def _check_cluster(self, worker_seen_s: float) -> float:
        """When a worker was last seen; raises `UserError` if that is too long ago."""
        if self._client.status != "running":
            raise UserError("The connection to the workers broke; resume the run to finish it.", code="workers-lost")
        now = time.monotonic()
        if self._client.scheduler_info()["workers"]:
            return now
        if now - worker_seen_s > _NO_WORKER_TIMEOUT_S:
            raise UserError(
                f"There has been no worker for {_NO_WORKER_TIMEOUT_S:.0f} seconds; start one, then resume the run.",
                code="no-workers",
            )
        return worker_seen_s


class _Chunks:
    """Reviews of a pool in chunks.

    Args:
        pool: All reviews.
        reviews: Pool indices by chunk, the chunks in the order in which they are needed.

    Attributes:
        reviews: The same.
    """

    def __init__(self, pool: ReviewPool, reviews: Sequence[IndexArray]) -> None:
        self._pool, self.reviews = pool, reviews
        self._chunk, self._row = np.full((2, len(pool.texts)), -1, np.int64)  # of each review of the pool
        for index, chunk in enumerate(reviews):
            self._chunk[chunk], self._row[chunk] = index, np.arange(len(chunk))

    def texts(self, index: int) -> list[str]:
        """The texts of a chunk."""
        return [self._pool.texts[i] for i in self.reviews[index]]

    def locate(self, draw: Draw) -> tuple[dict[worker_tasks.Part, worker_tasks.ReviewLocations], list[int]]:
        """Where the reviews of a draw are, and the chunks that hold them, in ascending order."""
        used = np.unique(self._chunk[np.concatenate(list(_parts(draw).values()))])
        locations = {
            part: worker_tasks.ReviewLocations(
                chunks=np.searchsorted(used, self._chunk[indices]),
                rows=self._row[indices],
                labels=self._pool.labels[indices],
            )
            for part, indices in _parts(draw).items()
        }
        return locations, used.tolist()


def chunks_by_length(pool: ReviewPool, draws: Sequence[Draw], chunk_len: int) -> list[IndexArray]:
    """Pool indices of the reviews of draws, in chunks of similar length, so that little of a batch is padding.

    What the first draw needs comes first; later draws join until there are enough reviews to find many of a similar length. Long
    and short chunks take turns, so that the reviews per second do not change much on the way.

    Args:
        pool: Reviews.
        draws: In the order in which they are needed.
        chunk_len: Most reviews in a chunk.
    """
    lengths = np.array([len(text) for text in pool.texts])
    chunks: list[IndexArray] = []
    waiting: IndexArray = np.empty(0, np.int64)
    for index, draw in enumerate(draws):
        seen = np.concatenate([waiting, *chunks])
        waiting = np.concatenate([waiting, np.setdiff1d(_reviews_needed([draw]), seen)])
        if len(waiting) and (len(waiting) >= _SORTED_LEN or index in (0, len(draws) - 1)):
            longest_first = waiting[np.argsort(-lengths[waiting], kind="stable")]
            sorted_chunks = deque(longest_first[i : i + chunk_len] for i in range(0, len(waiting), chunk_len))
            while sorted_chunks:
                chunks.append(sorted_chunks.popleft())
                sorted_chunks.reverse()
            waiting = waiting[:0]
    return chunks


def _reviews_needed(draws: Sequence[Draw]) -> IndexArray:
    """Pool indices of all reviews in the order in which they are needed: test reviews, then trial by trial, each once."""
    parts = [draws[0].test, *(part for draw in draws for part in (draw.train, draw.validation))] if draws else []
    return np.array(list(dict.fromkeys(np.concatenate(parts).tolist())), np.int64) if parts else np.empty(0, np.int64)


def _parts(draw: Draw) -> dict[worker_tasks.Part, IndexArray]:
    return {"train": draw.train, "validation": draw.validation, "test": draw.test}
