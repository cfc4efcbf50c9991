"""Training one head our way and as in the original experiment, with ELMo inside the graph and computed again in every epoch.

    python -m benchmarks heads [--reviews 500] [--epochs 40] [--repeats 5]

Both train the head of the ELMo arm on the same IMDB reviews, a fifth of which validate after every epoch, with the same batches,
dropout and number of epochs, on two cores. The original way is a Keras model that takes tokens and calls the module's `tokens`
signature; one epoch of it is measured and multiplied by the number of epochs. It is spared what ours does beside: its text is
tokenised and its static vectors are looked up before the clock starts, nothing is standardised, no weights are averaged, and no
epoch is chosen. Both have loaded ELMo before. Ours with a cold cache has seen no word before either.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Figure, at_least, elapsed, ratios, report, use_cores
from core.classifier.trial import run_trial
from core.data.datasets import load_pool
from core.embedders.base import Embedder
from core.embedders.cache import CachedEmbedder, EmbeddingCache
from core.embedders.hub_modules import module_handle
from core.embedders.loading import load_embedder
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.draw import draw_trial
from core.experiment.results import Examples
from core.settings import Settings
from core.tokens import token_texts

CACHE_BYTES = 2**30


@dataclass(frozen=True, eq=False)
class Part:
    """Reviews as text, with their labels."""

    texts: Sequence[str]
    labels: npt.NDArray[np.int8]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the training of a head with ELMo inside the graph and ours.")
    parser.add_argument("--reviews", type=int, default=500, help="a fifth of them validate")
    parser.add_argument("--epochs", type=int, default=HeadConfig().epochs)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    use_cores(2)
    head = HeadConfig(epochs=arguments.epochs, patience=arguments.epochs)
    config = ExperimentConfig(train_size=arguments.reviews, test_size=1, arms=("elmo",), head=head)
    settings = Settings()
    pool = load_pool(config.dataset, settings)
    draw = draw_trial(pool, config, 0)
    train, validation = (Part([pool.texts[i] for i in rows], pool.labels[rows]) for rows in (draw.train, draw.validation))
    static = load_embedder("static", config, settings)

    train_epoch = original_way(config, train, validation, static=static)
    train_epoch()  # traces the graph
    original_s: list[float] = []
    cold_s: list[float] = []
    warm_s: list[float] = []
    for repeat in range(-1, arguments.repeats):
        with tempfile.TemporaryDirectory() as folder:
            cache = EmbeddingCache(Path(folder), CACHE_BYTES)
            elmo = CachedEmbedder(fresh_elmo(config, settings), cache)

            def train_ours(elmo: CachedEmbedder = elmo) -> None:
                our_way(config, train, validation, embedders=(elmo, static))

            cold, warm = elapsed(train_ours), elapsed(train_ours)
            cache.close()
        if repeat >= 0:
            original_s.append(arguments.epochs * elapsed(train_epoch))
            cold_s.append(cold)
            warm_s.append(warm)
    scaled = f"one epoch x {arguments.epochs}"
    figures = [
        Figure(f"ELMo inside the graph ({scaled})", tuple(original_s), "s"),
        Figure("ours, cold cache, embedding included", tuple(cold_s), "s"),
        Figure("ours, warm cache", tuple(warm_s), "s"),
        at_least(20, f"cold cache against ELMo inside the graph ({scaled})", ratios(original_s, cold_s), "x"),
        at_least(100, f"warm cache against ELMo inside the graph ({scaled})", ratios(original_s, warm_s), "x"),
    ]
    report("heads", f"Training one head on {arguments.reviews:,} reviews, {arguments.epochs} epochs", figures)


def fresh_elmo(config: ExperimentConfig, settings: Settings) -> Embedder:
    """ELMo with no word in memory."""
    from core.embedders.elmo import load_elmo  # noqa: PLC0415 - TensorFlow, and `use_cores` must come first

    return load_elmo(config.elmo, settings)


def our_way(config: ExperimentConfig, train: Part, validation: Part, *, embedders: Sequence[Embedder]) -> None:
    """From text to a trained head, as on a worker; one review stands in for the test."""
    parts = []
    for part in (train, validation):
        tokens = [token_texts(text, config.max_tokens) for text in part.texts]
        columns = [embedder.embed(tokens) for embedder in embedders]
        features = [np.concatenate(row, axis=1, dtype=np.float16, casting="same_kind") for row in zip(*columns, strict=True)]
        parts.append(Examples(features, part.labels))
    test = Examples(parts[1].features[:1], validation.labels[:1])
    *_, result = run_trial(config=config, trial=0, arm="elmo", train=parts[0], validation=parts[1], test=test)
    if getattr(result, "num_epochs", 0) != config.head.epochs:
        raise RuntimeError(f"training ended early: {result}")


def original_way(config: ExperimentConfig, train: Part, validation: Part, *, static: Embedder) -> Callable[[], object]:
    """Builds the Keras model with ELMo inside; returns a function that trains and validates one epoch."""
    import keras  # noqa: PLC0415 - TensorFlow, and `use_cores` must come first
    import tensorflow as tf  # noqa: PLC0415
    import tensorflow_hub as hub  # noqa: PLC0415

    module = hub.load(module_handle(config.elmo))

    class OriginalModel(keras.Model):
        """ELMo, frozen, beside static vectors, and the head of the experiment on top."""

        def __init__(self) -> None:
            super().__init__()
            self.drop_components = keras.layers.SpatialDropout1D(config.head.spatial_dropout)
            self.conv = keras.layers.Conv1D(64, 3, padding="same", activation="relu")
            self.hidden = keras.layers.Dense(250, activation="relu")
            self.answer = keras.layers.Dense(1, activation="sigmoid")

        def call(self, inputs: tuple[Any, Any, Any], *, training: bool = False) -> Any:
            tokens, lengths, static_vectors = inputs
            vectors = module.signatures["tokens"](tokens=tokens, sequence_len=lengths)["elmo"]  # (batch, time, elmo_dim)
            vectors = tf.concat([tf.stop_gradient(vectors), static_vectors], axis=-1)  # (batch, time, dim)
            mask = tf.sequence_mask(lengths, tf.shape(tokens)[1], tf.float32)[:, :, tf.newaxis]  # (batch, time, 1)
            hidden = self.conv(self.drop_components(vectors * mask, training=training)) * mask
            pooled = tf.reduce_sum(hidden, axis=1) / tf.reduce_sum(mask, axis=1)  # (batch, 64)
            return self.answer(self.hidden(pooled))

    def batches(part: Part, *, shuffled: bool) -> Any:
        tokens = [token_texts(text, config.max_tokens) for text in part.texts]
        longest = max(map(len, tokens))
        padded = [[*row, *[""] * (longest - len(row))] for row in tokens]
        vectors = np.zeros((len(tokens), longest, static.dim), np.float32)
        for row, found in zip(vectors, static.embed(tokens), strict=True):
            row[: len(found)] = found
        lengths = np.array([len(row) for row in tokens], np.int32)
        dataset = tf.data.Dataset.from_tensor_slices(((padded, lengths, vectors), part.labels.astype(np.float32)[:, np.newaxis]))
        if shuffled:
            dataset = dataset.shuffle(len(tokens), seed=config.seed)
        return dataset.batch(config.head.batch_size).prefetch(1)

    model = OriginalModel()
    model.compile(keras.optimizers.Adam(config.head.learning_rate), "binary_crossentropy", metrics=["accuracy"])
    training, validating = batches(train, shuffled=True), batches(validation, shuffled=False)
    return lambda: model.fit(training, validation_data=validating, epochs=1, shuffle=False, verbose=0)


if __name__ == "__main__":
    main()
