"""Compares recipes of pretraining in short runs of equal token budget: `python -m tools.pretraining_recipes --help`.

Every row trains LSTMs from random weights on the checkpoints of an earlier pretraining (corpus, word2vec vectors, token encoder).
It is judged by the held-out perplexity and by what it is for: mean vectors of the first 128 tokens of each layer under a logistic
regression, on training reviews of IMDB that take the place of test reviews. Test reviews are never looked at.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from core.arrays import IdArray
from core.data.datasets import load_pool
from core.elmo.layers import ProjectedLSTM
from core.elmo.options import BiLMOptions
from core.elmo.pretrain.context import ContextRecipe, ContextTrainer, windows
from core.elmo.pretrain.corpus import BEGIN, END, NUM_SPECIALS, UNKNOWN, Corpus
from core.elmo.pretrain.recipe import OPTIONS, WEIGHTS, encoded_vocabulary, output_bias, output_vectors
from core.elmo.pretrain.scan import read_window
from core.elmo.weights import load_weights
from core.embedders.static import load_static
from core.experiment.config import ExperimentConfig
from core.settings import Settings
from core.tokens import token_texts

Array = npt.NDArray[np.float32]

# Words read of a labelled review, as in the dashboard; the batch divides the number of reviews, so that one shape is traced.
NUM_WORDS, _PROBE_BATCH = 128, 200


class WordVectorTrainer(ContextTrainer):
    """Predicts the next word's frozen vector instead of the word.

    Reference: Li et al. 2019, "Efficient Contextual Representation Learning With Continuous Outputs".
    """

    def _loss(self, hidden: tf.Tensor, targets: tf.Tensor, bias: tf.Tensor, dtype: tf.DType) -> tf.Tensor:  # noqa: ARG002
        wanted = tf.math.l2_normalize(tf.stop_gradient(tf.gather(self.output_vectors, targets[:, 0])), axis=-1)
        known = tf.cast(targets[:, 0] >= NUM_SPECIALS, tf.float32)
        distance = 1.0 - tf.reduce_sum(tf.math.l2_normalize(hidden, axis=-1) * wanted, axis=-1)
        return tf.reduce_sum(known * distance) / tf.reduce_sum(known)


class FullSoftmaxTrainer(ContextTrainer):
    """Predicts with the softmax over the whole vocabulary instead of negative samples."""

    def _loss(self, hidden: tf.Tensor, targets: tf.Tensor, bias: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
        logits = tf.reduce_sum(hidden[:, None] * tf.gather(self.output_vectors, targets), axis=-1) + tf.gather(bias, targets)
        counts = tf.cast(targets != UNKNOWN, tf.float32) if targets.shape[1] > 1 else tf.ones_like(logits)  # (n, k)
        weights = tf.convert_to_tensor(self.output_vectors), tf.convert_to_tensor(bias)
        total = _log_partition(hidden, *weights, tf.reduce_sum(counts, axis=1), dtype) - tf.reduce_sum(logits * counts)
        return tf.math.divide_no_nan(total, tf.reduce_sum(counts))


def _log_partition(hidden: tf.Tensor, vectors: tf.Tensor, bias: tf.Tensor, counts: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Σ counts · log Σ exp(hidden · vectors + bias); gradients are computed along the way, as all logits would not fit in memory.

    Args:
        hidden: float32 (n, projection_dim).
        vectors: float32 (vocabulary_size, projection_dim).
        bias: float32 (vocabulary_size,).
        counts: float32 (n,), how often each row counts.
        dtype: Of the products.
    """

    @tf.custom_gradient
    def total(hidden: tf.Tensor, vectors: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, object]:
        found, d_hidden = tf.constant(0.0), []
        d_vectors, d_bias = tf.zeros_like(vectors), tf.zeros_like(bias)
        read, wanted = tf.cast(hidden, dtype), tf.cast(vectors, dtype)
        for start in range(0, hidden.shape[0], 1024):
            with tf.control_dependencies([found]):  # one slice after the other
                part, weight = read[start : start + 1024], counts[start : start + 1024]
            sums, shares = _softmax(tf.matmul(part, wanted, transpose_b=True), bias, weight)
            found += sums
            d_hidden.append(tf.cast(shares @ wanted, tf.float32))
            d_vectors += tf.cast(tf.matmul(shares, part, transpose_a=True), tf.float32)
            d_bias += tf.cast(tf.reduce_sum(shares, axis=0), tf.float32)
        return found, lambda d: (d * tf.concat(d_hidden, axis=0), d * d_vectors, d * d_bias)

    return total(hidden, vectors, bias)


@tf.function(jit_compile=True)
def _softmax(logits: tf.Tensor, bias: tf.Tensor, counts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Weighted sum of the rows' log Σ exp, and the softmax times the row's weight in the dtype of the logits."""
    exact = tf.cast(logits, tf.float32) + bias  # (n, vocabulary_size)
    rows = tf.reduce_logsumexp(exact, axis=-1)
    return tf.reduce_sum(rows * counts), tf.cast(tf.exp(exact - rows[:, None]) * counts[:, None], logits.dtype)


@dataclass(frozen=True)
class Variant:
    """Differences from the default: fields of `ContextRecipe`, sizes, initial values of the two tables of vectors."""

    recipe: dict[str, object] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)
    inputs: str = "encoder"
    outputs: str = "words"
    trainer: type[ContextTrainer] = ContextTrainer


VARIANTS: dict[str, Variant] = {
    "default": Variant(),
    "no bags": Variant({"bag_weight": 0.0}),
    "bags 0.3": Variant({"bag_weight": 0.3}),
    "bags 2": Variant({"bag_weight": 2.0}),
    "state reset every window": Variant({"carry_state": False}),
    "windows of 20, batches of 416": Variant({"window": 20, "batch_size": 416}),
    "windows of 64, batches of 130": Variant({"window": 64, "batch_size": 130}),
    "windows of 40, batches of 104": Variant({"batch_size": 104}),
    "512 negatives": Variant({"num_samples": 512}),
    "8192 negatives": Variant({"num_samples": 8192}),
    "full softmax": Variant(trainer=FullSoftmaxTrainer),
    "predicting word vectors (ELMo-C)": Variant(trainer=WordVectorTrainer),
    "inputs: word2vec table": Variant(inputs="words"),
    "inputs and outputs: GloVe": Variant(inputs="glove", outputs="glove"),
    "inputs and outputs: random": Variant(inputs="random", outputs="random"),
    "outputs: random": Variant(outputs="random"),
    "learning rate 2e-3": Variant({"learning_rate": 2e-3}),
    "learning rate 8e-3": Variant({"learning_rate": 8e-3}),
    "dropout 0": Variant({"dropout": 0.0}),
    "dropout 0.2": Variant({"dropout": 0.2}),
    "cells 256": Variant(options={"cell_dim": 256}),
    "cells 1024": Variant(options={"cell_dim": 1024}),
}


def main() -> None:
    args = _parse_arguments()
    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    corpus = Corpus.load(args.checkpoints / "corpus.npz")
    tables = Tables(args.checkpoints, corpus)
    probe = Probe.of_reviews(corpus)
    rows = Rows(args.rows, probe.sizes)
    if args.as_trained:
        options = BiLMOptions.load(args.checkpoints / OPTIONS)
        lstms = load_weights(args.checkpoints / WEIGHTS, options).lstms
        trainer = _trainer(Variant(outputs="encoder"), lstms, options, ContextRecipe(), tables)
        rows.add("as trained", "-", "-", probe.accuracies(trainer))
        if not tables.has_words:
            return
        trainer.vectors.assign(tables.words)
        rows.add("as trained, layer 0: word2vec table", "-", "-", probe.accuracies(trainer))
        return
    for name in rows.missing(args.recipes):
        variant = VARIANTS[name]
        tf.keras.utils.set_random_seed(0)
        options = replace(BiLMOptions.load(args.checkpoints / OPTIONS), **variant.options)  # type: ignore[arg-type]
        recipe = replace(ContextRecipe(num_tokens=args.tokens), **variant.recipe)  # type: ignore[arg-type]
        lstms = [ProjectedLSTM(options, f"RNN_{k}") for k in range(options.num_layers)]
        trainer = _trainer(variant, lstms, options, recipe, tables)
        started_s = time.perf_counter()
        for window in islice(windows(list(corpus.reviews()), recipe), recipe.num_steps):
            trainer.train_window(window.inputs, window.targets, window.begins, window.bags)
        minutes = (time.perf_counter() - started_s) / 60
        is_model_of_language = variant.trainer is not WordVectorTrainer
        perplexity = f"{trainer.perplexity(list(corpus.held_out)):.1f}" if is_model_of_language else "-"
        rows.add(name, f"{minutes:.1f}", perplexity, probe.accuracies(trainer))


def _trainer(
    variant: Variant, lstms: list[ProjectedLSTM], options: BiLMOptions, recipe: ContextRecipe, tables: Tables
) -> ContextTrainer:
    return variant.trainer(
        lstms,
        options,
        vectors=getattr(tables, variant.inputs),
        output_vectors=output_vectors(getattr(tables, variant.outputs)[NUM_SPECIALS:], recipe.vocabulary_size),
        output_bias=output_bias(tables.corpus, recipe.vocabulary_size),
        recipe=recipe,
    )


class Rows:
    """The table, printed row by row and, with a file, added to it; rows that the file has are not measured again."""

    def __init__(self, path: Path | None, sizes: Sequence[int]) -> None:
        self.path = path
        self.kept = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        names = [f"{size}: {name}" for size in sizes for name in ("layer 0", "layer 1", "layer 2", "mean")]
        head = [f"| recipe | minutes | perplexity | {' | '.join(names)} |", "| --- |" + " --: |" * (2 + len(names))]
        print("\n".join(self.kept or head), flush=True)
        if path and not self.kept:
            path.write_text("\n".join(head) + "\n", encoding="utf-8")

    def missing(self, names: Sequence[str]) -> list[str]:
        """Recipes without a row."""
        return [name for name in names if not any(row.startswith(f"| {name} |") for row in self.kept)]

    def add(self, name: str, minutes: str, perplexity: str, accuracies: Mapping[int, Sequence[float]]) -> None:
        """Prints and stores a row."""
        cells = [f"{accuracy:.3f}" for row in accuracies.values() for accuracy in row]
        row = f"| {name} | {minutes} | {perplexity} | {' | '.join(cells)} |"
        print(row, flush=True)
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(row + "\n")


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.pretraining_recipes", description="Compare recipes of pretraining.")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints/elmo-mini"), help="folder of a pretraining")
    parser.add_argument("--tokens", type=int, default=2_000_000, help="of each run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, metavar="FILE", help="store rows there; those that it has are not measured again")
    parser.add_argument("--as-trained", action="store_true", help="train nothing; measure the weights in that folder")
    parser.add_argument(
        "--recipes", default=list(VARIANTS), nargs="+", choices=VARIANTS, metavar="RECIPE", help=", ".join(VARIANTS)
    )
    return parser.parse_args()


class Tables:
    """Vectors of every id by source, float32 (num_ids, projection_dim); made on first use."""

    def __init__(self, checkpoints: Path, corpus: Corpus) -> None:
        self.checkpoints, self.corpus = checkpoints, corpus

    @cached_property
    def encoder(self) -> Array:
        """Vectors from the token encoder."""
        model = load_weights(self.checkpoints / "characters.hdf5", BiLMOptions.load(self.checkpoints / OPTIONS))
        return encoded_vocabulary(model, self.corpus.vocabulary)

    @property
    def has_words(self) -> bool:
        """Whether there are vectors of word2vec: not where the pretraining went on from a module."""
        return (self.checkpoints / "words.npz").exists()

    @cached_property
    def words(self) -> Array:
        """Vectors of word2vec; words too rare to have one get theirs from the token encoder."""
        with np.load(self.checkpoints / "words.npz", allow_pickle=False) as file:
            trained = file["vectors"]
        table = self.encoder.copy()
        table[NUM_SPECIALS : NUM_SPECIALS + len(trained)] = trained
        return table

    @cached_property
    def glove(self) -> Array:
        """GloVe under a random projection, which keeps angles; zeros for unknown words."""
        glove = load_static(ExperimentConfig().static, Settings())
        dim = self.encoder.shape[1]
        projected = np.concatenate(glove.embed([[word] for word in self.corpus.vocabulary]))
        return self._like_encoder(projected @ np.random.default_rng(0).normal(size=(glove.dim, dim)))

    @cached_property
    def random(self) -> Array:
        """Random vectors."""
        return self._like_encoder(np.random.default_rng(0).normal(size=self.encoder[NUM_SPECIALS:].shape))

    def _like_encoder(self, vectors: npt.NDArray[np.float64]) -> Array:
        table = self.encoder.copy()
        table[NUM_SPECIALS:] = vectors * np.sqrt(np.mean(table[NUM_SPECIALS:] ** 2) / np.mean(vectors**2))
        return table


@dataclass(frozen=True)
class Probe:
    """Labelled reviews as ids, and the draws that a logistic regression is trained on."""

    reviews: Sequence[IdArray]
    labels: npt.NDArray[np.int8]
    num_judges: int = 2_000
    sizes: tuple[int, ...] = (500, 2_000)
    num_draws: int = 3

    @classmethod
    def of_reviews(cls, corpus: Corpus, num_candidates: int = 4_000) -> Probe:
        """Training reviews of IMDB in a fixed order: the first `num_judges` are for testing, the others can be drawn."""
        pool = load_pool("imdb", Settings())
        chosen = np.random.default_rng(2018).permutation(pool.train)[: cls.num_judges + num_candidates]
        ids = {word: k + NUM_SPECIALS for k, word in enumerate(corpus.vocabulary)}
        reviews = [
            np.asarray([ids.get(word, UNKNOWN) for word in token_texts(pool.texts[k], NUM_WORDS)], np.int32) for k in chosen
        ]
        return cls(reviews, pool.labels[chosen])

    def accuracies(self, trainer: ContextTrainer) -> dict[int, list[float]]:
        """Mean test accuracy of each layer and of the mean of all, by number of labels."""
        layers = self._mean_vectors(trainer)
        features = [*layers, np.mean(layers, axis=0)]
        judges = slice(0, self.num_judges)
        found: dict[int, list[list[float]]] = {size: [] for size in self.sizes}
        for draw in range(self.num_draws):
            order = self.num_judges + np.random.default_rng(draw).permutation(len(self.reviews) - self.num_judges)
            for size in self.sizes:
                row = []
                for vectors in features:
                    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
                    with threadpool_limits(1):  # on a busy machine, threads wait for each other longer than they work
                        model.fit(vectors[order[:size]], self.labels[order[:size]])
                        row.append(model.score(vectors[judges], self.labels[judges]))
                found[size].append(row)
        return {size: np.mean(rows, axis=0).tolist() for size, rows in found.items()}

    def _mean_vectors(self, trainer: ContextTrainer) -> list[Array]:
        """Mean over the tokens of each layer, both directions side by side: float32 (num_reviews, 2 * projection_dim)."""
        mean_layers = tf.function(partial(_mean_layers, trainer))
        batches = []
        for start in range(0, len(self.reviews), _PROBE_BATCH):
            part = self.reviews[start : start + _PROBE_BATCH]
            lengths = np.asarray([len(review) for review in part])
            inputs = np.zeros((2, NUM_WORDS + 1, len(part)), np.int32)
            for column, review in enumerate(part):
                inputs[0, : len(review) + 1, column] = [BEGIN, *review]
                inputs[1, : len(review) + 1, column] = [END, *review[::-1]]
            times = np.arange(NUM_WORDS + 1)[:, None]
            shares = ((times > 0) & (times <= lengths)) / np.maximum(lengths, 1)  # (time, batch), of each word in the mean
            batches.append([mean.numpy() for mean in mean_layers(tf.constant(inputs), tf.constant(shares, tf.float32))])
        return [np.concatenate(each) for each in zip(*batches, strict=True)]


def _mean_layers(trainer: ContextTrainer, inputs: tf.Tensor, shares: tf.Tensor) -> list[tf.Tensor]:
    """Weighted sum over time of each layer, float32 (batch, 2 * projection_dim), faster than `ContextTrainer.layers`."""
    layers = [tf.gather(trainer.vectors, inputs)]  # (2, time, batch, projection_dim)
    batch, options = inputs.shape[2], trainer.options
    for i, lstm in enumerate(trainer.lstms):
        state = tf.zeros([2, batch, options.cell_dim]), tf.zeros([2, batch, options.projection_dim])
        hidden, _ = read_window(lstm, layers[-1], tf.ones([2, inputs.shape[1], batch, 1]), state, tf.bfloat16)
        layers.append(hidden + layers[-1] if i > 0 and options.use_skip_connections else hidden)
    return [tf.reshape(tf.einsum("dtbp,tb->bdp", each, shares), [batch, -1]) for each in layers]


if __name__ == "__main__":
    main()
