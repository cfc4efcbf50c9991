"""What every head of a run said about every test review, beside the truth: what all statistics start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.arrays import BoolArray, FloatArray, LabelArray
from core.data.datasets import load_pool
from core.errors import UserError
from core.experiment.overlap import Overlap, earlier_overlap, earlier_test_reviews, mean_overlap
from core.experiment.provenance import Provenance
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What every head of a run said about every test review; only trials in which all arms are finished.

    Attributes:
        trials: Which trials, counted from 0, ascending.
        arms: In the order of the config.
        probs: float32 (num_arms, num_trials, num_tests), probability of "positive".
        labels: int8 (num_tests,), 0 negative, 1 positive.
        ids: Ids of the test reviews, in that order.
        overlap: What the trials have in common; None for a single trial and where their draws cannot be made again.
        reference: float32 (num_trials, num_tests), what the bag of words said; None unless it was trained in each of the trials.
    """

    trials: tuple[int, ...]
    arms: tuple[str, ...]
    probs: FloatArray
    labels: LabelArray
    ids: tuple[str, ...]
    overlap: Overlap | None = None
    reference: FloatArray | None = None

    @property
    def shared(self) -> float | None:
        """Mean share of training reviews that two trials have in common; None if it is not known."""
        return self.overlap.share if self.overlap else None

    @cached_property
    def correct(self) -> BoolArray:
        """Which predictions were right, bool (num_arms, num_trials, num_tests)."""
        correct: BoolArray = (self.probs > 0.5) == (self.labels > 0)
        return correct

    @cached_property
    def reference_correct(self) -> BoolArray | None:
        """Which predictions of the bag of words were right, bool (num_trials, num_tests)."""
        return None if self.reference is None else (self.reference > 0.5) == (self.labels > 0)

    @cached_property
    def accuracies(self) -> npt.NDArray[np.float64]:
        """Share of right predictions, float64 (num_arms, num_trials)."""
        accuracies: npt.NDArray[np.float64] = self.correct.mean(axis=2)
        return accuracies

    @cached_property
    def mostly_correct(self) -> BoolArray:
        """Which reviews an arm gets right in more than half of the trials, bool (num_arms, num_tests).

        This is how a review counts wherever it counts once, however many trials there are: in the agreement of two arms, in
        McNemar's test and behind the cells of a confusion matrix.
        """
        mostly: BoolArray = self.correct.mean(axis=1) > 0.5
        return mostly

    def of(self, arm: str) -> FloatArray:
        """Probabilities of one arm, float32 (num_trials, num_tests).

        Raises:
            ValueError: The run has no such arm.
        """
        probs: FloatArray = self.probs[self.arms.index(arm)]
        return probs

    def correct_of(self, arm: str) -> BoolArray:
        """Which predictions of one arm were right, bool (num_trials, num_tests).

        Raises:
            ValueError: The run has no such arm.
        """
        correct: BoolArray = self.correct[self.arms.index(arm)]
        return correct


def load_outcomes(run: Run, store: RunStore, settings: Settings) -> Outcomes:
    """Everything the finished trials of a run said about its test reviews, as it stands now.

    Args:
        run: A run that may have gone on since it was looked up.
        store: Where it is.
        settings: Where to find its dataset, whose labels are needed for a run that was stored without them.

    Raises:
        UserError: No trial has all its arms yet, or the test reviews or the truth about them are not known any more.
    """
    run = store.get_run(run.id)
    by_pair = store.trials.probabilities(run)
    arms = run.config.arms
    trials = tuple(trial for trial in sorted({trial for trial, _ in by_pair}) if all((trial, arm) in by_pair for arm in arms))
    if not trials:
        raise UserError(
            f"No trial of the run {run.id} is finished by all its models yet; wait for the first, or resume the run.",
            code="no-finished-trial",
        )
    if not run.test_ids:
        run = _with_test_reviews(run, store, settings)
    probs = np.stack([[by_pair[trial, arm] for trial in trials] for arm in arms])  # (num_arms, num_trials, num_tests)
    labels = np.asarray(run.test_labels or _load_labels(run, settings), np.int8)
    if not len(run.test_ids) == len(labels) == probs.shape[2]:
        raise UserError(
            f"The stored test reviews of the run {run.id} do not match its predictions; train it again.", code="outcomes-damaged"
        )
    by_trial = store.trials.reference_probabilities(run)
    has_reference = all(len(by_trial.get(trial, ())) == len(labels) for trial in trials)
    reference = np.stack([by_trial[trial] for trial in trials]) if has_reference else None
    return Outcomes(
        trials=trials,
        arms=arms,
        probs=probs,
        labels=labels,
        ids=run.test_ids,
        overlap=_overlap(run, trials, settings) if len(trials) > 1 else None,
        reference=reference,
    )


def load_test_reviews(run: Run, test_ids: Sequence[str], settings: Settings) -> tuple[list[str], list[int]]:
    """Texts and labels of the test reviews of a run, from its dataset.

    Args:
        run: The run.
        test_ids: Ids of its test reviews, which decide the order.
        settings: Where to find its dataset.

    Raises:
        UserError: The dataset is gone, or has other reviews now.
    """
    pool = load_pool(run.config.dataset, settings)
    row_of = {review_id: row for row, review_id in enumerate(pool.ids)}
    if not row_of.keys() >= set(test_ids):
        raise run.dataset_changed()
    rows = [row_of[review_id] for review_id in test_ids]
    return [pool.texts[row] for row in rows], pool.labels[rows].tolist()


def _overlap(run: Run, trials: Sequence[int], settings: Settings) -> Overlap | None:
    """What the trials of a run have in common; of one that was drawn in an earlier way, if its dataset gives its draws again."""
    train_size = run.config.train_size
    if run.train_pool_size is not None:
        return Overlap(mean_overlap(train_size, run.train_pool_size, trials), train_size, run.train_pool_size)
    try:
        pool = load_pool(run.config.dataset, settings)
    except UserError:
        return None
    if run.provenance.changes(Provenance(reviews=pool.digest)):
        return None
    if run.test_ids != tuple(pool.ids[i] for i in earlier_test_reviews(pool, run.config)):
        return None
    return earlier_overlap(pool, run.config, trials)


def _with_test_reviews(run: Run, store: RunStore, settings: Settings) -> Run:
    """A run that has results without test reviews, with them.

    Version 0.1 stored a run so if it was cancelled while it waited, and a learning curve then found all its trials elsewhere.
    They are drawn again, and stored if every accuracy of the run comes out as it was.
    """
    pool = load_pool(run.config.dataset, settings)
    if run.provenance.changes(Provenance(reviews=pool.digest)):
        raise run.dataset_changed()
    test = earlier_test_reviews(pool, run.config)
    labels = pool.labels[test]
    accuracies = store.trials.accuracies(run)
    for (trial, arm), probs in store.trials.probabilities(run).items():
        if len(probs) != len(labels) or np.mean((probs > 0.5) == (labels > 0)) != accuracies.loc[trial, arm]:
            raise run.dataset_changed()
    store.set_draws(run.id, [pool.ids[i] for i in test], labels.tolist())
    return store.get_run(run.id)


def _load_labels(run: Run, settings: Settings) -> list[int]:
    """Labels of the test reviews of a run that was stored without them."""
    try:
        return load_test_reviews(run, run.test_ids, settings)[1]
    except UserError as error:
        sentence = f"The run {run.id} cannot be compared without the labels of its test reviews. {error}"
        raise UserError(sentence, code="labels-missing") from error
