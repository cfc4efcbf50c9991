from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.trial import run_trial
from core.data.review_pool import ReviewPool
from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig, parse_config
from core.experiment.draw import draw_trial, require_enough_reviews
from core.experiment.events import EpochFinished
from core.experiment.results import Examples, TrialResult


def make_pool(num_train: int = 400, num_test: int = 100) -> ReviewPool:
    num_reviews = num_train + num_test
    return ReviewPool(
        name="synthetic",
        texts=tuple(f"review {i}" for i in range(num_reviews)),
        labels=(np.arange(num_reviews) % 2).astype(np.int8),
        ids=tuple(f"{i:016x}" for i in range(num_reviews)),
        train=np.arange(num_train),
        test=np.arange(num_train, num_reviews),
        num_duplicates=0,
        num_skipped=0,
    )


def make_examples(rng: np.random.Generator, num_reviews: int, dim: int = 6) -> Examples:
    """Reviews of 3 to 12 tokens; the first component leans towards the label."""
    labels = rng.integers(0, 2, num_reviews)
    features = [rng.normal(size=(rng.integers(3, 13), dim)).astype(np.float16) for _ in labels]
    for vectors, label in zip(features, labels, strict=True):
        vectors[:, 0] += 2 * label - 1
    return Examples(features, labels)


# Config


def test_a_config_survives_json() -> None:
    config = ExperimentConfig(dataset="mine", train_size=77, arms=("elmo",), head=HeadConfig(epochs=3))
    assert ExperimentConfig.model_validate_json(config.model_dump_json()) == config


def test_any_changed_setting_changes_the_fingerprint() -> None:
    config = ExperimentConfig()
    changed = [
        config.model_copy(update={name: value})
        for name, value in {"seed": 1, "static": "other", "head": HeadConfig(epochs=7), "arms": ("elmo", "basic")}.items()
    ]
    assert len({config.fingerprint(), *(other.fingerprint() for other in changed)}) == 5
    assert ExperimentConfig().fingerprint() == config.fingerprint()


def test_the_original_preset_keeps_the_published_learning_rate_and_takes_other_options() -> None:
    config = ExperimentConfig.original(train_size=300)
    assert (config.head.learning_rate, config.head.learning_rate_decay, config.head.pooling) == (1e-4, 1e-3, "max")
    assert (config.train_size, config.validation_size, config.num_labelled) == (300, 60, 360)


def test_a_validation_fifth_costs_no_further_labels() -> None:
    assert ExperimentConfig(train_size=300).num_labelled == 300


def test_a_small_separate_validation_set_has_fifty_reviews() -> None:
    assert ExperimentConfig(train_size=100, validation="separate").validation_size == 50


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"train_size": 9}, "train_size is 9, but must be greater than or equal to 10"),
        ({"test_size": 0}, "test_size is 0, but must be greater than or equal to 1"),
        ({"num_trials": 101}, "num_trials is 101, but must be less than or equal to 100"),
        ({"train_size": "many"}, "train_size is 'many', but must be a whole number"),
        ({"layer_mix": "top"}, "layer_mix is 'top', but must be 'mean', '0', '1', '2' or 'learned'"),
        ({"arms": ["basic", "bert"]}, "must name one or more of basic, elmo, elmo-alone, each once"),
        ({"arms": []}, "must name one or more of basic, elmo, elmo-alone, each once"),
        ({"arms": ["elmo", "elmo"]}, "must name one or more of basic, elmo, elmo-alone, each once"),
        ({"static": ""}, "static is '', but must have at least 1 character"),
        ({"head": {"learning_rate": float("nan")}}, "head.learning_rate is nan, but must be a finite number"),
        ({"head": {"epochs": 0}}, "head.epochs is 0"),
        ({"trials": 3}, "There is no setting trials"),
    ],
)
def test_a_bad_setting_is_refused_in_one_sentence_with_its_value(data: dict[str, object], words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_config(data)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_good_settings_are_parsed() -> None:
    config = parse_config({"train_size": 200, "head": {"epochs": 4}, "arms": ["basic"]})
    assert config == ExperimentConfig(train_size=200, head=HeadConfig(epochs=4), arms=("basic",))


# Draws


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


def test_trials_draw_different_training_reviews_and_the_same_test_reviews() -> None:
    pool, config = make_pool(), ExperimentConfig(train_size=100, test_size=50)
    first, second = draw_trial(pool, config, 0), draw_trial(pool, config, 1)
    assert set(first.train) != set(second.train)
    assert first.test.tolist() == second.test.tolist()


def test_another_seed_draws_other_training_and_test_reviews() -> None:
    pool = make_pool()
    first, second = (draw_trial(pool, ExperimentConfig(train_size=100, test_size=50, seed=seed), 0) for seed in (0, 1))
    assert set(first.train) != set(second.train)
    assert set(first.test) != set(second.test)


def test_a_draw_never_changes() -> None:
    # Stored runs are resumed by later versions of the program: a change here would break them.
    draw = draw_trial(make_pool(), ExperimentConfig(train_size=50, test_size=3), 0)
    assert draw.train[:4].tolist() == [133, 202, 293, 88]
    assert draw.test.tolist() == [482, 436, 420]


# Trials


def test_a_trial_reports_every_epoch_and_then_its_result() -> None:
    rng = np.random.default_rng(0)
    config = ExperimentConfig(head=HeadConfig(epochs=3, patience=3))
    train, validation, test = (make_examples(rng, size) for size in (40, 10, 30))
    *epochs, result = run_trial(config=config, trial=4, arm="basic", train=train, validation=validation, test=test)
    assert [(event.trial, event.arm, event.epoch, event.num_epochs) for event in epochs if isinstance(event, EpochFinished)] == [
        (4, "basic", epoch, 3) for epoch in (1, 2, 3)
    ]
    assert isinstance(result, TrialResult)
    assert (result.trial, result.arm, result.num_epochs) == (4, "basic", 3)
    assert result.probs.dtype == np.float32
    assert result.accuracy == np.mean((result.probs > 0.5) == (test.labels == 1))
    assert result.train_s > 0


def test_a_stopped_trial_ends_without_a_result() -> None:
    rng = np.random.default_rng(0)
    examples = make_examples(rng, 64)
    answers = iter([False, True])  # 64 reviews are one block of batches
    events = list(
        run_trial(
            config=ExperimentConfig(),
            trial=0,
            arm="basic",
            train=examples,
            validation=examples,
            test=examples,
            should_stop=lambda: next(answers),
        )
    )
    assert events == []
