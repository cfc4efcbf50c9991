"""Which reviews a trial is trained, validated and tested on."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.review_pool import ReviewPool
from core.errors import UserError
from core.experiment.config import ExperimentConfig, parse_config
from core.experiment.draw import draw_trial, require_enough_reviews
from core.experiment.overlap import earlier_overlap, mean_overlap


def make_pool(num_train: int = 400, num_test: int = 100) -> ReviewPool:
    num_reviews = num_train + num_test
    return ReviewPool(
        name="synthetic",
        texts=tuple(f"review {i}" for i in range(num_reviews)),
        labels=(np.arange(num_reviews) % 2).astype(np.int8),
        ids=tuple(f"{i:08x}{i:08x}" for i in range(num_reviews)),
        train=np.arange(num_train),
        test=np.arange(num_train, num_reviews),
        num_duplicates=0,
        num_skipped=0,
    )


@pytest.mark.parametrize(
    ("config", "part", "numbers"),
    [
        (ExperimentConfig(train_size=401, test_size=10), "training", ("401", "400")),
        (ExperimentConfig(train_size=400, test_size=10, validation="separate"), "training", ("400", "80")),
        (ExperimentConfig(train_size=100, test_size=101), "test", ("101", "100")),
    ],
)
def test_sizes_beyond_the_pool_are_refused_with_the_numbers(
    config: ExperimentConfig, part: str, numbers: tuple[str, str]
) -> None:
    with pytest.raises(UserError) as error:
        require_enough_reviews(config, make_pool())
    assert error.value.code == f"too-few-{part}-reviews"
    assert all(number in str(error.value) for number in (*numbers, "synthetic"))


def test_the_whole_pool_can_be_drawn() -> None:
    draw = draw_trial(make_pool(), ExperimentConfig(train_size=400, test_size=100), 0)
    assert sorted([*draw.train, *draw.validation]) == list(range(400))
    assert sorted(draw.test) == list(range(400, 500))


@given(
    train_size=st.integers(50, 320),
    seed=st.integers(0, 2**32 - 1),
    trial=st.integers(0, 99),
    validation=st.sampled_from(["fifth", "separate"]),
)
def test_a_draw_has_the_sizes_asked_for_and_no_review_twice(train_size: int, seed: int, trial: int, validation: str) -> None:
    pool = make_pool()
    config = parse_config(
        {"train_size": train_size, "seed": seed, "validation": validation, "test_size": 30, "num_trials": trial + 1}
    )
    draw = draw_trial(pool, config, trial)
    labelled = [*draw.train, *draw.validation]
    assert len(labelled) == len(set(labelled)) == config.num_labelled
    assert len(draw.validation) == config.validation_size
    assert set(labelled) <= set(pool.train)
    assert len(set(draw.test)) == 30
    assert set(draw.test) <= set(pool.test)


@given(small=st.integers(50, 320), large=st.integers(50, 320), validation=st.sampled_from(["fifth", "separate"]))
def test_draws_are_nested_across_sizes(small: int, large: int, validation: str) -> None:
    small, large = sorted((small, large))
    draws = [
        draw_trial(make_pool(), parse_config({"train_size": size, "validation": validation, "test_size": size // 10}), 2)
        for size in (small, large)
    ]
    assert set(draws[0].train) <= set(draws[1].train)
    assert set(draws[0].validation) <= set(draws[1].validation)
    assert set(draws[0].test) <= set(draws[1].test)


@given(num_trials=st.integers(2, 100), num_train=st.integers(1_000, 30_000))
def test_trials_have_no_review_in_common_as_long_as_all_together_are_two_fifths_of_the_pool(
    num_trials: int, num_train: int
) -> None:
    assert mean_overlap(int(0.4 * num_train / num_trials), num_train, range(num_trials)) == 0


@pytest.mark.parametrize(("num_trials", "share"), [(3, 0.7), (5, 0.72), (10, 0.55)])
def test_usual_numbers_of_trials_can_draw_more_and_have_none_in_common(num_trials: int, share: float) -> None:
    def overlap(share: float) -> float:
        return mean_overlap(int(share * 20_000 / num_trials), 20_000, range(num_trials))

    assert overlap(share) == 0 < overlap(share + 0.03)


@given(
    train_size=st.integers(10, 400),
    trials=st.sets(st.integers(0, 99), min_size=1, max_size=5).map(sorted),
    validation=st.sampled_from(["fifth", "separate"]),
)
def test_the_overlap_is_that_of_the_reviews_drawn(train_size: int, trials: list[int], validation: str) -> None:
    pool = make_pool(480)
    config = parse_config({"train_size": train_size, "validation": validation, "test_size": 1, "num_trials": 100})
    draws = [draw_trial(pool, config, trial) for trial in trials]
    drawn = [{*draw.train, *(draw.validation if validation == "fifth" else ())} for draw in draws]
    shared = [len(first & second) / train_size for first, second in combinations(drawn, 2)]
    assert mean_overlap(train_size, 480, trials) == pytest.approx(np.mean(shared) if shared else 0)


def test_trials_are_tested_on_the_same_reviews() -> None:
    pool, config = make_pool(), ExperimentConfig(train_size=100, test_size=50)
    first, second = draw_trial(pool, config, 0), draw_trial(pool, config, 1)
    assert set(first.train).isdisjoint(second.train)
    assert first.test.tolist() == second.test.tolist()


def test_the_overlap_of_earlier_versions_is_that_of_a_permutation_per_trial() -> None:
    pool, config = make_pool(), ExperimentConfig(train_size=100, test_size=50, seed=3)
    num_train = sum(int(review_id[:8], 16) % 5 != 0 for review_id in pool.ids)
    drawn = [set(np.random.default_rng((3, trial)).permutation(num_train)[:100].tolist()) for trial in (0, 2, 5)]
    shared = [len(first & second) / 100 for first, second in combinations(drawn, 2)]
    overlap = earlier_overlap(pool, config, (0, 2, 5))
    assert (overlap.train_size, overlap.pool_size) == (100, num_train)
    assert overlap.share == pytest.approx(np.mean(shared))


def test_another_seed_draws_other_training_and_test_reviews() -> None:
    pool = make_pool()
    first, second = (draw_trial(pool, ExperimentConfig(train_size=100, test_size=50, seed=seed), 0) for seed in (0, 1))
    assert set(first.train) != set(second.train)
    assert set(first.test) != set(second.test)


def test_a_draw_never_changes() -> None:
    # Stored runs are resumed by later versions of the program: a change here would break them.
    draw = draw_trial(make_pool(), ExperimentConfig(train_size=50, test_size=3), 0)
    assert draw.train[:4].tolist() == [133, 202, 293, 88]
    assert draw_trial(make_pool(), ExperimentConfig(train_size=50, test_size=3), 1).train[:4].tolist() == [171, 304, 14, 23]
    assert draw.test.tolist() == [482, 436, 420]
