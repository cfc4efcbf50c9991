"""Compares recipes of the head, on validation reviews only: `python -m tools.tune_head --help`.

The reviews that judge a recipe are taken out of the training part of the dataset before anything is drawn; test reviews are never
looked at. Each column is a training size and each number the mean accuracy over the trials, so that a row is comparable with the
rows above it: same draws, same judges. The first row is a yardstick without any head, logistic regression on the mean vector.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from core.arrays import HalfArray
from core.classifier.trial import run_trial
from core.data.datasets import load_pool
from core.data.review_pool import ReviewPool
from core.embedders.loading import arm_vectors, load_embedders
from core.experiment.arms import ARMS
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.draw import Draw, draw_trial
from core.experiment.results import Examples, TrialResult
from core.settings import Settings
from core.tokens import token_texts

# What differs from the defaults of HeadConfig, one or two options at a time.
RECIPES: dict[str, dict[str, object]] = {
    "default": {},
    "max pooling": {"pooling": "max"},
    "raw vectors": {"standardise": False},
    "no spatial dropout": {"spatial_dropout": 0.0},
    "spatial dropout 0.4": {"spatial_dropout": 0.4},
    "dropout 0.3": {"dropout": 0.3},
    "learning rate 1e-3": {"learning_rate": 1e-3},
    "learning rate 4e-3": {"learning_rate": 4e-3},
    "batches of 16": {"batch_size": 16},
    "batches of 64": {"batch_size": 64},
    "weight decay 1": {"weight_decay": 1.0},
    "last weights": {"averaging": 0.0},
    "25 epochs": {"epochs": 25},
    "60 epochs": {"epochs": 60},
    "tolerance 2": {"tolerance": 2.0},
    "lowest validation loss": {"tolerance": 0.0},
    "lowest loss, last weights": {"tolerance": 0.0, "averaging": 0.0},
}


def main() -> None:
    args = _parse_arguments()
    settings, config = (
        Settings(),
        ExperimentConfig(
            dataset=args.dataset, test_size=args.num_judges, arms=(args.arm,), elmo=args.elmo, layer_mix=args.layer_mix
        ),
    )
    pool = _without_test(load_pool(config.dataset, settings), num_judges=args.num_judges)
    sizes = [size for size in args.sizes if size <= len(pool.train)]
    draws = {
        (size, trial): draw_trial(pool, config.model_copy(update={"train_size": size}), trial)
        for size in sizes
        for trial in range(args.trials)
    }
    features = _embed(pool, config, settings, list(draws.values()))

    print(
        f"| {args.dataset}, {args.arm}, layers: {args.layer_mix}, {args.trials} trials | "
        + " | ".join(f"{size:,}" for size in sizes)
        + " | minutes |"
    )
    print("| --- |" + " --: |" * (len(sizes) + 1))
    fits = {"mean vectors, logistic regression": _fit_means} | {name: _fit_head(RECIPES[name], args.arm) for name in args.recipes}
    for name, fit in fits.items():
        started_s = time.perf_counter()
        cells = []
        for size in sizes:
            accuracies = [
                fit(trial, *(_examples(pool, features, part) for part in (draw.train, draw.validation, draw.test)))
                for (drawn, trial), draw in draws.items()
                if drawn == size
            ]
            cells.append(f"{np.mean(accuracies):.3f}")
        print(f"| {name} | {' | '.join(cells)} | {(time.perf_counter() - started_s) / 60:.1f} |", flush=True)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.tune_head", description="Compare recipes of the head.")
    parser.add_argument("--dataset", default="imdb")
    parser.add_argument("--arm", default="basic", choices=ARMS)
    parser.add_argument("--elmo", default=ExperimentConfig().elmo)
    parser.add_argument("--layer-mix", default=ExperimentConfig().layer_mix, choices=["mean", "0", "1", "2"])
    parser.add_argument("--sizes", default=[100, 500, 1000, 2000, 5000], type=_numbers, help="such as 100,500")
    parser.add_argument("--trials", default=3, type=int)
    parser.add_argument("--num-judges", default=2000, type=int, help="reviews to test on, outside of every draw")
    parser.add_argument("--recipes", default=list(RECIPES), nargs="+", choices=RECIPES, metavar="RECIPE", help=", ".join(RECIPES))
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _without_test(pool: ReviewPool, *, num_judges: int) -> ReviewPool:
    """The pool with training reviews in place of its test reviews."""
    order = np.random.default_rng(2018).permutation(pool.train)
    return replace(pool, train=np.sort(order[num_judges:]), test=np.sort(order[:num_judges]))


def _embed(pool: ReviewPool, config: ExperimentConfig, settings: Settings, draws: Sequence[Draw]) -> dict[int, HalfArray]:
    """Vectors of every drawn review, float16 (T_i, dim), by its index in the pool."""
    drawn = np.unique(np.concatenate([part for draw in draws for part in (draw.train, draw.validation, draw.test)])).tolist()
    tokens = [token_texts(pool.texts[index], config.max_tokens) for index in drawn]
    rows = arm_vectors(config.reads(config.arms[0]), tokens, load_embedders(config, settings), settings)
    return dict(zip(drawn, rows, strict=True))


def _examples(pool: ReviewPool, features: dict[int, HalfArray], indices: npt.NDArray[np.int64]) -> Examples:
    return Examples([features[index] for index in indices.tolist()], pool.labels[indices])


Fit = Callable[[int, Examples, Examples, Examples], float]


def _fit_head(options: dict[str, object], arm: str) -> Fit:
    config = ExperimentConfig(head=HeadConfig.model_validate(options))

    def fit(trial: int, train: Examples, validation: Examples, judges: Examples) -> float:
        *_, result = run_trial(config=config, trial=trial, arm=arm, train=train, validation=validation, test=judges)
        assert isinstance(result, TrialResult)
        return result.accuracy

    return fit


def _fit_means(_trial: int, train: Examples, validation: Examples, judges: Examples) -> float:
    """Accuracy of logistic regression on mean vectors, fitted on training and validation reviews: it needs no early stopping."""
    inputs = np.array([vectors.mean(axis=0, dtype=np.float32) for vectors in [*train.features, *validation.features]])
    model = LogisticRegression(max_iter=1000).fit(inputs, np.concatenate([train.labels, validation.labels]))
    judged = model.predict(np.array([vectors.mean(axis=0, dtype=np.float32) for vectors in judges.features]))
    return float(np.mean(judged == judges.labels))


if __name__ == "__main__":
    main()
