"""Events of a run, and the snapshot that they add up to.

The engine yields them, the command line prints them, the dashboard draws them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

Pair = tuple[int, str]  # (trial, arm)

_REFERENCE_SHARE = 0.25  # of the time that a pair takes: about what a bag of words needs


@dataclass(frozen=True)
class RunStarted:
    """The run has its workers; `TrialFinished` follows at once for every pair that an earlier attempt stored.

    `expected_pair_s` are the seconds to train and test one pair, estimated from earlier runs; `num_references` are the bags of
    words of the whole run, for which `ReferenceFinished` follows in the same way.
    """

    run_id: str
    num_trials: int
    arms: tuple[str, ...]
    num_workers: int
    expected_pair_s: float
    num_references: int = 0


@dataclass(frozen=True)
class PhaseChanged:
    """The run enters a phase: "waiting", "starting workers", "loading reviews", "embedding" or "training"."""

    phase: str


@dataclass(frozen=True)
class EmbeddingProgress:
    """Some more reviews have their vectors.

    Attributes:
        done: Reviews embedded so far, including those from the cache.
        total: Reviews that the run needs.
        reviews_per_s: Speed of all workers together, without reviews from the cache; 0 before it is known.
        reused: Reviews among `done` whose vectors were all in the cache.
    """

    done: int
    total: int
    reviews_per_s: float
    reused: int


@dataclass(frozen=True)
class EpochFinished:
    """A head has finished an epoch.

    Attributes:
        trial: Counts from 0.
        arm: Key of `core.experiment.config.ARMS`.
        epoch: Counts from 1.
        num_epochs: Epochs there will be at most.
        loss: Mean training loss of the epoch, dropout included.
        validation_accuracy: Share of validation reviews that are classified correctly after the epoch.
    """

    trial: int
    arm: str
    epoch: int
    num_epochs: int
    loss: float
    validation_accuracy: float


@dataclass(frozen=True)
class TrialFinished:
    """A (trial, arm) pair is trained, tested and stored."""

    trial: int
    arm: str
    accuracy: float
    train_s: float


@dataclass(frozen=True)
class ReferenceFinished:
    """The bag of words of a trial is trained, tested and stored."""

    trial: int
    accuracy: float
    train_s: float


@dataclass(frozen=True)
class RunFinished:
    """Every pair is stored.

    Attributes:
        phase_s: Seconds per phase, from its beginning to the beginning of the next, all attempts at the run together.
    """

    phase_s: Mapping[str, float]


@dataclass(frozen=True)
class RunCancelled:
    """Somebody cancelled the run; finished trials are stored, and the run can be resumed."""


@dataclass(frozen=True)
class RunFailed:
    """The run failed; finished trials are stored, and most runs can be resumed.

    Attributes:
        message: The reason, in a sentence for people.
        code: What kind of mistake it was, see `UserError`; empty for a bug.
    """

    message: str
    code: str = ""

    @property
    def can_resume(self) -> bool:
        """Whether resuming the run may help: it would end the same way where its vectors or its data do not fit."""
        return self.code not in ("coverage-too-low", "provenance-changed", "provenance-unknown")


Event = (
    RunStarted
    | PhaseChanged
    | EmbeddingProgress
    | EpochFinished
    | TrialFinished
    | ReferenceFinished
    | RunFinished
    | RunCancelled
    | RunFailed
)  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """Snapshot of a run: all its events so far.

    Attributes:
        phase: See `PhaseChanged`; empty before the first.
        num_embedded: Reviews embedded so far, of `num_reviews`; `num_reused` of them came from the cache.
        reviews_per_s: Reviews embedded per second, without those from the cache; 0 before it is known.
        expected_pair_s: See `RunStarted`; used until a pair of this run is finished.
        epochs: The latest epoch of every pair in training.
        history: All epochs of every pair that this attempt has trained or is training.
        num_references: Bags of words of the whole run.
        finished: Finished pairs, in the order in which they finished.
        references: Finished bags of words.
        outcome: "running" until the run ends.
        message: Why the run failed, in one sentence; otherwise empty.

    Example:
        >>> progress = Progress().after(RunStarted("k3v9p2xa", 3, ("basic", "elmo"), 2, 5.0))
        >>> progress = progress.after(TrialFinished(0, "basic", 0.7, 2.0))
        >>> progress.num_pairs, len(progress.finished)
        (6, 1)
    """

    run_id: str = ""
    num_trials: int = 0
    arms: tuple[str, ...] = ()
    num_workers: int = 1
    phase: str = ""
    num_embedded: int = 0
    num_reviews: int = 0
    num_reused: int = 0
    reviews_per_s: float = 0.0
    expected_pair_s: float = 0.0
    num_references: int = 0
    epochs: Mapping[Pair, EpochFinished] = field(default_factory=lambda: MappingProxyType({}))
    history: Mapping[Pair, tuple[EpochFinished, ...]] = field(default_factory=lambda: MappingProxyType({}))
    finished: tuple[TrialFinished, ...] = ()
    references: tuple[ReferenceFinished, ...] = ()
    outcome: Literal["running", "finished", "cancelled", "failed"] = "running"
    message: str = ""

    def after(self, event: Event) -> Progress:  # noqa: PLR0911 - one return per kind of event
        """The snapshot after one more event."""
        match event:
            case RunStarted():
                return replace(
                    self,
                    run_id=event.run_id,
                    num_trials=event.num_trials,
                    arms=event.arms,
                    num_workers=event.num_workers,
                    expected_pair_s=event.expected_pair_s,
                    num_references=event.num_references,
                )
            case PhaseChanged():
                return replace(self, phase=event.phase)
            case EmbeddingProgress():
                return replace(
                    self,
                    num_embedded=event.done,
                    num_reviews=event.total,
                    num_reused=event.reused,
                    reviews_per_s=event.reviews_per_s,
                )
            case EpochFinished():
                pair = event.trial, event.arm  # which begins anew if its worker is lost
                earlier = (epoch for epoch in self.history.get(pair, ()) if epoch.epoch < event.epoch)
                return replace(
                    self,
                    epochs=MappingProxyType({**self.epochs, pair: event}),
                    history=MappingProxyType({**self.history, pair: (*earlier, event)}),
                )
            case TrialFinished():
                training = {pair: epoch for pair, epoch in self.epochs.items() if pair != (event.trial, event.arm)}
                return replace(self, epochs=MappingProxyType(training), finished=(*self.finished, event))
            case ReferenceFinished():
                return replace(self, references=(*self.references, event))
            case RunFinished():
                return replace(self, outcome="finished")
            case RunCancelled():
                return replace(self, outcome="cancelled")
            case RunFailed():
                return replace(self, outcome="failed", message=event.message)

    @property
    def num_pairs(self) -> int:
        """(trial, arm) pairs of the whole run."""
        return self.num_trials * len(self.arms)

    @property
    def embedded_share(self) -> float:
        """Share of the reviews that have their vectors, 0-1; 0 before their number is known."""
        return self.num_embedded / self.num_reviews if self.num_reviews else 0.0

    @property
    def trained_share(self) -> float:
        """Share of the training that is done, 0-1."""
        total = self.num_pairs + _REFERENCE_SHARE * self.num_references
        return 1.0 - (self._num_pairs_left + _REFERENCE_SHARE * self._num_references_left) / total if total else 0.0

    @property
    def fraction(self) -> float:
        """Overall progress, 0-1: embedding is one half, training the other."""
        if self.outcome == "finished":
            return 1.0
        return (self.embedded_share + self.trained_share) / 2

    @property
    def remaining_s(self) -> float | None:
        """Seconds left at the current speeds of this run; None before the speed of embedding is known."""
        if self.outcome != "running":
            return 0.0
        num_left = self.num_reviews - self.num_embedded
        if not self.num_reviews or (num_left and not self.reviews_per_s):
            return None
        embedding_s = num_left / self.reviews_per_s if num_left else 0.0
        times_s = [finished.train_s for finished in self.finished] or [self.expected_pair_s]
        pair_s = sum(times_s) / len(times_s)
        pairs_left = self._num_pairs_left + _REFERENCE_SHARE * self._num_references_left
        return embedding_s + pairs_left * pair_s / self.num_workers

    @property
    def _num_references_left(self) -> int:
        return self.num_references - len(self.references)

    @property
    def _num_pairs_left(self) -> float:
        """Pairs left to train; those in training count by the epochs that they may still need."""
        in_training = sum(epoch.epoch / epoch.num_epochs for epoch in self.epochs.values())
        return self.num_pairs - len(self.finished) - in_training
