"""Training of heads: what it learns, which epoch it keeps, when it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from core.arrays import FloatArray
from core.classifier import training
from core.classifier.model import TrainingStopped, init_weights
from core.classifier.training import EpochTrained, TrainedHead, build_train_batches, is_clearly_worse, train_head
from core.experiment.config import HeadConfig, Pooling
from core.experiment.results import Examples
from tests.core.classifier.made_up import make_examples, stop_after, train


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("standardise", [True, False])
def test_a_head_learns_what_the_vectors_tell(pooling: Pooling, standardise: bool) -> None:
    config = HeadConfig(epochs=30, patience=30, learning_rate=3e-3, pooling=pooling, standardise=standardise)
    trained = train(config, train=make_examples(1, 200, lean=2.0))
    test = make_examples(9, 200, lean=2.0)
    assert np.mean((trained.head.predict(test.features) > 0.5) == test.labels) > 0.95


def test_a_mix_learns_which_layer_tells() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    features = [rng.normal(size=(6, 3 * 4 + 1)).astype(np.float16) for _ in labels]
    for vectors, label in zip(features, labels, strict=True):
        vectors[:, 8] += 2 * label - 1  # in the third layer of width 4
    trained = train(
        HeadConfig(epochs=30, patience=30, learning_rate=1e-2),
        train=Examples(features, labels),
        validation=Examples(features, labels),
        mix_dim=4,
    )
    assert np.argmax(trained.head.to_arrays()["mix/weights"]) == 2


def test_the_same_seed_gives_the_same_head_to_the_last_bit() -> None:
    config = HeadConfig(epochs=3, dropout=0.3, spatial_dropout=0.3)
    first, second = train(config), train(config)
    for name, weight in first.head.to_arrays().items():
        np.testing.assert_array_equal(weight, second.head.to_arrays()[name], err_msg=name)


def test_another_process_gives_the_same_head() -> None:
    program = (
        "import json, sys; sys.path.insert(0, '.');"
        "from tests.core.classifier.test_model import *;"
        "print(json.dumps(train(HeadConfig(epochs=3)).head.predict(make_examples(5, 20).features).tolist()))"
    )
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, env=environment).stdout
    expected = train(HeadConfig(epochs=3)).head.predict(make_examples(5, 20).features)
    np.testing.assert_array_equal(np.array(json.loads(printed), np.float32), expected)


def test_trials_that_train_at_once_do_not_disturb_each_other() -> None:
    config = HeadConfig(epochs=4)
    alone = [train(config, seed=(0, trial)).head.to_arrays() for trial in range(4)]
    together: dict[int, dict[str, FloatArray]] = {}

    def train_one(trial: int) -> None:
        together[trial] = train(config, seed=(0, trial)).head.to_arrays()

    threads = [threading.Thread(target=train_one, args=(trial,)) for trial in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for trial, weights in enumerate(alone):
        np.testing.assert_array_equal(together[trial]["conv/kernel"], weights["conv/kernel"])


def test_trials_and_sizes_share_one_trace() -> None:
    config = HeadConfig(epochs=2, patience=9)  # a recipe that no other test has
    for trial, num_reviews in enumerate((48, 20, 75)):
        train(config, seed=(0, trial), train=make_examples(1, num_reviews))
    assert build_train_batches(config, 6, 0).experimental_get_tracing_count() == 1


def test_a_head_does_not_depend_on_the_blocks_that_its_batches_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    config = HeadConfig(epochs=3, dropout=0.3, batch_size=8)
    whole = train(config)
    monkeypatch.setattr(training, "MAX_BLOCK_LEN", 2 * 8 * 6 * 7)  # two batches of reviews of seven tokens
    in_blocks = train(config)
    for name, weight in whole.head.to_arrays().items():
        np.testing.assert_allclose(in_blocks.head.to_arrays()[name], weight, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("seed", [(1, 0), (0, 1)])
def test_seed_and_trial_change_the_head(seed: tuple[int, int]) -> None:
    config = HeadConfig(epochs=1)
    first, second = train(config), train(config, seed=seed)
    assert not np.array_equal(first.head.to_arrays()["conv/kernel"], second.head.to_arrays()["conv/kernel"])


@pytest.mark.parametrize("option", ["dropout", "spatial_dropout", "weight_decay", "learning_rate_decay", "averaging"])
def test_every_option_of_the_recipe_takes_part(option: str) -> None:
    plain = HeadConfig(epochs=2, dropout=0, spatial_dropout=0, weight_decay=0, learning_rate_decay=0, averaging=0)
    first, second = train(plain), train(plain.model_copy(update={option: 0.5}))
    assert not np.array_equal(first.head.to_arrays()["conv/kernel"], second.head.to_arrays()["conv/kernel"])


def test_one_step_is_a_step_of_keras_adam() -> None:
    import keras

    config = HeadConfig(
        epochs=1, batch_size=48, averaging=0, dropout=0, spatial_dropout=0, weight_decay=0, learning_rate=1e-2, standardise=False
    )
    examples = Examples([vectors[:1] for vectors in make_examples(1, 48).features], make_examples(1, 48).labels)
    trained = train(config, train=examples).head.to_arrays()

    rng = np.random.default_rng((0, 0, 1))
    first = init_weights(rng, dim=6, mix_dim=0)
    inputs = keras.Input((1, 6))
    hidden = keras.layers.Conv1D(64, 3, padding="same", activation="relu")(inputs)
    hidden = keras.layers.Dense(250, activation="relu")(keras.layers.GlobalAveragePooling1D()(hidden))
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.set_weights(list(first.values()))
    model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy")
    model.train_on_batch(np.array(examples.features, np.float32), examples.labels.astype(np.float32))
    for weight, name in zip(model.get_weights(), first, strict=True):
        np.testing.assert_allclose(trained[name], weight, atol=2e-4, err_msg=name)


def test_standardising_makes_shift_and_scale_of_the_vectors_irrelevant() -> None:
    config = HeadConfig(epochs=3)
    probs = []
    for scale, shift in ((1, 0), (4, 8)):
        examples, validation = (
            Examples([vectors * np.float16(scale) + np.float16(shift) for vectors in part.features], part.labels)
            for part in (make_examples(1, 48), make_examples(2, 16))
        )
        probs.append(train(config, train=examples, validation=validation).head.predict(validation.features))
    np.testing.assert_allclose(probs[0], probs[1], atol=0.02)  # float16 keeps fewer digits around 8


def test_a_constant_component_does_no_harm() -> None:
    examples = make_examples(1, 48)
    for vectors in examples.features:
        vectors[:, 3] = 7
    probs = train(HeadConfig(epochs=2), train=examples).head.predict(examples.features)
    assert np.isfinite(probs).all()


def train_on_noise(config: HeadConfig) -> tuple[list[EpochTrained], TrainedHead, Examples]:
    """Labels that nothing predicts: the more training, the worse on other reviews."""
    validation = make_examples(6, 40, lean=0.0)
    *epochs, trained = train_head(config, train=make_examples(7, 40, lean=0.0), validation=validation, seed=(0, 0))
    assert isinstance(trained, TrainedHead)
    return [event for event in epochs if isinstance(event, EpochTrained)], trained, validation


def test_without_tolerance_the_epoch_with_the_lowest_validation_loss_is_kept() -> None:
    epochs, trained, validation = train_on_noise(HeadConfig(epochs=40, patience=40, learning_rate=1e-2, tolerance=0))
    losses = [event.validation_loss for event in epochs]
    assert trained.best_epoch == int(np.argmin(losses)) + 1
    assert trained.best_epoch < trained.num_epochs == 40
    probs = trained.head.predict(validation.features).astype(np.float64)
    loss = -np.mean(np.log(np.where(validation.labels == 1, probs, 1 - probs)))
    assert loss == pytest.approx(min(losses), rel=1e-4)
    assert trained.validation_accuracy == np.mean((probs > 0.5) == validation.labels)


def test_with_tolerance_a_later_epoch_is_kept_but_not_the_last() -> None:
    recipe = HeadConfig(epochs=40, patience=40, learning_rate=1e-2)
    best_epoch = {
        tolerance: train_on_noise(recipe.model_copy(update={"tolerance": tolerance}))[1].best_epoch for tolerance in (0, 2)
    }
    assert best_epoch[0] < best_epoch[2] < 40


def test_a_loss_is_clearly_worse_only_beyond_its_noise() -> None:
    best = np.array([0.4, 0.6, 0.5, 0.5])
    assert not is_clearly_worse(np.array([0.9, 0.2, 0.8, 0.2]), best, 2.0)
    assert is_clearly_worse(np.array([0.51, 0.69, 0.6, 0.6]), best, 2.0)
    assert not is_clearly_worse(best, best, 0.0)
    assert not is_clearly_worse(best - 0.1, best, 0.0)


def test_training_ends_once_patience_is_spent() -> None:
    _, trained, _ = train_on_noise(HeadConfig(epochs=200, patience=3, learning_rate=1e-2))
    assert trained.num_epochs == trained.best_epoch + 3 < 200


def test_averaged_weights_are_the_average_of_the_weights_of_every_step() -> None:
    # One epoch of one batch is one step, so that the weights after each of two steps are known.
    recipe = HeadConfig(patience=2, batch_size=48, averaging=0.0, tolerance=10.0)
    after = [init_weights(np.random.default_rng((0, 0, 1)), dim=6, mix_dim=0)]
    after += [train(recipe.model_copy(update={"epochs": epochs})).head.to_arrays() for epochs in (1, 2)]
    averaged = train(recipe.model_copy(update={"epochs": 2, "averaging": 0.9})).head.to_arrays()
    for name in after[0]:
        one_step = after[0][name] * (2 / 11) + after[1][name] * (9 / 11)  # (1 + step) / (10 + step), below 0.9
        two_steps = one_step * (3 / 12) + after[2][name] * (9 / 12)
        np.testing.assert_allclose(averaged[name], two_steps, atol=1e-6, err_msg=name)


def test_epochs_are_counted_from_one_to_their_number() -> None:
    events = list(train_head(HeadConfig(epochs=3), train=make_examples(1, 48), validation=make_examples(2, 16), seed=(0, 0)))
    epochs = [(event.epoch, event.num_epochs) for event in events if isinstance(event, EpochTrained)]
    assert epochs == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("num_blocks", "num_epochs"), [(0, 0), (1, 0), (2, 0), (3, 1)])
def test_a_stop_is_noticed_before_the_next_block(num_blocks: int, num_epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MAX_BLOCK_LEN", 1)  # one batch: 48 reviews are two, and 16 are one validation batch
    events = train_head(
        HeadConfig(),
        train=make_examples(1, 48),
        validation=make_examples(2, 16),
        seed=(0, 0),
        should_stop=stop_after(num_blocks),
    )
    epochs: list[EpochTrained | TrainedHead] = []
    with pytest.raises(TrainingStopped):
        epochs.extend(events)
    assert len(epochs) == num_epochs
