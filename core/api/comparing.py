"""Any two classifiers of texts compared as the dashboard compares its two: the same draws, the same test reviews, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from core.analysis.paired_tests import Comparison
from core.analysis.paired_tests import compare as compare_correct
from core.api.lens_classifier import LensClassifier, as_texts, validating
from core.data.datasets import load_pool
from core.data.review_pool import ReviewPool, build_pool, deduplicate, make_plain, split
from core.experiment.config import ExperimentConfig, parse_config
from core.experiment.draw import draw_trial
from core.experiment.overlap import mean_overlap
from core.formatting import number, points
from core.settings import Settings


@dataclass(frozen=True, eq=False)
class Compared:
    """How two classifiers did, at one or several training sizes.

    Attributes:
        names: What they are called.
        comparisons: By training size, the object that the pages show: `elmo` in its fields is the second classifier, `basic` the
            first.
        accuracies: A row for each trial and size; columns `train_size`, `trial` (from 0), and one for each classifier.
    """

    names: tuple[str, str]
    comparisons: dict[int, Comparison]
    accuracies: pd.DataFrame

    def __str__(self) -> str:
        """A sentence for each size, and what the intervals cannot say of a single trial."""
        told = [f"With {size:,} reviews, {self._sentence(each)}" for size, each in self.comparisons.items()]
        if any(each.num_trials == 1 for each in self.comparisons.values()):
            told.append(
                "One trial cannot show what other training reviews would change: the intervals are for other test reviews."
            )
        return "\n".join(told)

    def _sentence(self, comparison: Comparison) -> str:
        first, second = self.names
        mean, (low, high) = comparison.mean_difference, comparison.interval
        if low <= 0 <= high:
            interval = f"95 % interval {number(low)} to {number(high)} points"
            return f"there is no clear difference between {first} and {second} ({interval})."
        leader, other, wins = second, first, comparison.wins
        if mean < 0:
            leader, other, wins = first, second, comparison.losses
            mean, low, high = -mean, -high, -low
        return (
            f"{leader} is {points(mean)} more accurate than {other} (95 % interval {number(low)} to {number(high)}) and won "
            f"{wins} of {comparison.num_trials} trials."
        )


def load_reviews(dataset: str) -> ReviewPool:
    """The reviews of a dataset, with its split: "imdb", "rotten-tomatoes", or one that was added.

    Raises:
        UserError: There is no such dataset, or it is damaged.
    """
    return load_pool(dataset, Settings())


def compare(
    first: Any,
    second: Any,
    texts: Sequence[str] | ReviewPool,
    labels: Sequence[Any] | npt.NDArray[Any] | None = None,
    *,
    train_sizes: Sequence[int] = (100,),
    num_trials: int = 5,
    test_size: int = 1000,
    seed: int = 0,
) -> Compared:
    """Train two classifiers on the same draws, several times at each size, and test both on the same reviews.

    Draws, split and intervals are those of a run with the same settings: duplicates are removed, a fifth of the texts, chosen by
    their content, only tests, and no trial uses it for anything else.

    Args:
        first: A classifier of texts with `fit` and `predict`: a `LensClassifier`, or a pipeline of scikit-learn's. It is cloned
            for each trial, and never fitted itself.
        second: The one that it is compared with; positive differences are in its favour.
        texts: Texts, or the reviews of a dataset from `load_reviews`, which have their labels.
        labels: The label of each text, of two kinds.
        train_sizes: Labelled texts of a trial.
        num_trials: Draws at each size.
        test_size: Texts to test on; all that there are, if they are fewer.
        seed: Of the draws.

    Raises:
        ValueError: The labels are not of two kinds, or not as many as the texts.
        TypeError: The texts are something else.
        UserError: A size is larger than the texts allow, or cannot be.
    """
    pool = texts if isinstance(texts, ReviewPool) else _build_pool(texts, labels)
    names = _name(first), _name(second)
    if names[0] == names[1]:
        names = f"{names[0]} (1)", f"{names[1]} (2)"
    comparisons, rows = {}, []
    for size in train_sizes:
        sizes = {"train_size": size, "num_trials": num_trials, "test_size": min(test_size, len(pool.test))}
        config = parse_config({**sizes, "seed": seed, "dataset": pool.name})
        correct = np.array([_try(model, pool, config) for model in (first, second)])  # (2, num_trials, test_size)
        overlap = mean_overlap(size, len(pool.train), range(num_trials))
        comparisons[size] = compare_correct(*correct, overlap=overlap if num_trials > 1 else None)
        rows += [
            {"train_size": size, "trial": trial, **dict(zip(names, accuracies, strict=True))}
            for trial, accuracies in enumerate(correct.mean(axis=2).T.tolist())
        ]
    return Compared(names, comparisons, pd.DataFrame(rows))


def _build_pool(texts: Sequence[str], labels: Sequence[Any] | npt.NDArray[Any] | None) -> ReviewPool:
    if labels is None or len(labels) != len(texts):
        raise ValueError("Give one label for each text.")
    classes, numbers = np.unique(np.asarray(labels), return_inverse=True)
    if len(classes) != 2:
        raise ValueError(f"The labels are of {len(classes)} kinds; two are needed.")
    return build_pool("texts", split(make_plain(deduplicate(as_texts(texts), numbers.tolist()))))


def _try(model: Any, pool: ReviewPool, config: ExperimentConfig) -> npt.NDArray[np.bool_]:
    """Which test texts the model classifies correctly in each trial, bool (num_trials, test_size)."""
    correct = []
    for trial in range(config.num_trials):
        draw = draw_trial(pool, config, trial)
        drawn = np.empty(config.train_size, np.int64)  # in the order of the draw, in which every fifth validates
        validates = validating(config.train_size)
        drawn[~validates], drawn[validates] = draw.train, draw.validation
        fresh = clone(model)
        if isinstance(fresh, LensClassifier):
            fresh.set_params(trial=trial, random_state=config.seed)
        fresh.fit([pool.texts[row] for row in drawn], pool.labels[drawn])
        correct.append(fresh.predict([pool.texts[row] for row in draw.test]) == pool.labels[draw.test])
    return np.array(correct)


def _name(model: Any) -> str:
    return str(model.arm) if isinstance(model, LensClassifier) else type(model).__name__
