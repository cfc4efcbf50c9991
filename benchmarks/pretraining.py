"""Speed of pretraining the LSTMs: our step compared with a plain one, and with the matrix products alone.

    python -m benchmarks pretraining [--repeats 5] [--cores 2] [--windows 2]

Reads the packaged training reviews at the sizes of elmo-mini: two LSTM layers per direction with 512 cells and projection 128, a
vocabulary of 30,000, 2,048 negatives. Ours is `ContextTrainer.train_window` as it pretrains, second loss included. The plain one
is written here as one would begin: batches of 32 in windows of 64 that start from zeros, float32, TensorFlow's loop for each
direction and layer, TensorFlow's sampled softmax for each direction. A token counts once, though both directions read it. Word
vectors are random: they are looked up in either, and cost the same whatever they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measure import Figure, at_least, in_turn, ratios, report, use_cores

if TYPE_CHECKING:
    import tensorflow as tf

    from core.elmo.options import BiLMOptions
    from core.elmo.pretrain.context import ContextRecipe, Window

PRODUCT_SIZE, NUM_PRODUCTS = 2048, 8
PLAIN_BATCH, PLAIN_WINDOW = 32, 64


def main() -> None:
    arguments = _parse_arguments()
    use_cores(arguments.cores)
    import tensorflow as tf  # noqa: PLC0415 - `use_cores` must come first

    tf.config.threading.set_intra_op_parallelism_threads(arguments.cores)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from core.elmo.layers import ProjectedLSTM  # noqa: PLC0415
    from core.elmo.pretrain.context import ContextRecipe, ContextTrainer, windows  # noqa: PLC0415
    from core.elmo.pretrain.corpus import build_corpus  # noqa: PLC0415
    from core.elmo.pretrain.recipe import MINI, output_bias  # noqa: PLC0415
    from core.settings import Settings  # noqa: PLC0415

    corpus = build_corpus([], Settings())
    reviews = list(corpus.reviews())
    recipe = ContextRecipe()
    plain_recipe = replace(recipe, batch_size=PLAIN_BATCH, window=PLAIN_WINDOW, carry_state=False)
    vectors = np.random.default_rng(0).normal(0, 0.5, (len(corpus.vocabulary) + 3, MINI.projection_dim)).astype(np.float32)
    ours = ContextTrainer(
        [ProjectedLSTM(MINI, f"lstm_{k}") for k in range(MINI.num_layers)],
        MINI,
        vectors=vectors,
        output_vectors=vectors[: recipe.vocabulary_size],
        output_bias=output_bias(corpus, recipe.vocabulary_size),
        recipe=recipe,
    )
    plain = plain_step(MINI, plain_recipe, vectors)
    num_plain = max(1, arguments.windows * recipe.batch_size * recipe.window // (PLAIN_BATCH * PLAIN_WINDOW) // 2)
    seconds = in_turn(
        {
            "ours": over(
                windows(reviews, recipe), arguments.windows, lambda w: ours.train_window(w.inputs, w.targets, w.begins, w.bags)
            ),
            "plain": over(windows(reviews, plain_recipe), num_plain, lambda w: plain(w.inputs, w.targets)),
            "float32": products(tf.float32),
            "bfloat16": products(tf.bfloat16),
        },
        repeats=arguments.repeats,
    )

    num_tokens = arguments.windows * recipe.batch_size * recipe.window
    per_token = flops_per_token(MINI, recipe)
    speeds = [num_tokens / each for each in seconds["ours"]]
    plain_speeds = [num_plain * PLAIN_BATCH * PLAIN_WINDOW / each for each in seconds["plain"]]
    figures = [
        Figure("our step", tuple(speeds), "tokens/s"),
        Figure("plain step", tuple(plain_speeds), "tokens/s"),
        at_least(2, "our step / plain step", ratios(speeds, plain_speeds), "x"),
    ]
    for name in ("float32", "bfloat16"):
        bounds = [NUM_PRODUCTS * 2 * PRODUCT_SIZE**3 / each / per_token for each in seconds[name]]
        figures.append(Figure(f"bound: the step's products at the {name} peak", tuple(bounds), "tokens/s"))
        figures.append(Figure(f"our step / {name} bound", tuple(ratios(speeds, bounds)), "x"))
    report("pretraining", f"Pretraining step, {per_token / 1e6:.1f} million operations in products per token", figures)


def flops_per_token(options: BiLMOptions, recipe: ContextRecipe) -> float:
    """Operations per token of the matrix products in our training step, both directions, forward and back."""
    width = options.projection_dim
    gates, projection = 2 * width * 4 * options.cell_dim, 2 * options.cell_dim * width
    lstms = 3 * options.num_layers * (2 * gates + projection) - gates  # nothing flows back to the word vectors
    softmax = 3 * 2 * width * recipe.num_samples
    bags = (softmax + 3 * 2 * width * width) / 8 if recipe.bag_weight else 0  # of every eighth position
    return 2 * (lstms + softmax + bags)


def over(source: Iterator[Window], number: int, train: Callable[[Window], tf.Tensor]) -> Callable[[], None]:
    """Trains on the next windows, including their preparation."""

    def work() -> None:
        losses = [train(window) for window in islice(source, number)]
        if not np.isfinite(losses[-1].numpy()):
            raise ValueError(f"the loss is {losses[-1].numpy()}; a step that diverges is no step to measure")

    return work


def products(dtype: tf.DType) -> Callable[[], None]:
    """Large matrix products, one after another."""
    import tensorflow as tf  # noqa: PLC0415

    a = tf.cast(tf.random.normal((PRODUCT_SIZE, PRODUCT_SIZE), stddev=PRODUCT_SIZE**-0.5), dtype)

    @tf.function
    def multiply() -> tf.Tensor:
        b = a
        for _ in range(NUM_PRODUCTS):
            b = a @ b
        return b[0, 0]

    return lambda: multiply().numpy()


def plain_step(options: BiLMOptions, recipe: ContextRecipe, vectors: np.ndarray) -> Callable[[np.ndarray, np.ndarray], tf.Tensor]:
    """A straightforward training step: ids to read and to predict, (2, window, batch) → loss."""
    import keras  # noqa: PLC0415
    import tensorflow as tf  # noqa: PLC0415

    table = tf.constant(vectors)
    width, cell_dim = options.projection_dim, options.cell_dim

    def weights(*shape: int) -> tf.Variable:
        return tf.Variable(tf.random.normal(shape, stddev=shape[0] ** -0.5))

    layers = [
        [(weights(2 * width, 4 * cell_dim), tf.Variable(tf.zeros(4 * cell_dim)), weights(cell_dim, width)) for _ in range(2)]
        for _ in range(options.num_layers)
    ]
    output, bias = weights(recipe.vocabulary_size, width), tf.Variable(tf.zeros(recipe.vocabulary_size))
    variables = [*tf.nest.flatten(layers), output, bias]
    optimizer = keras.optimizers.Adam(recipe.learning_rate, beta_2=0.99, global_clipnorm=1.0)
    optimizer.build(variables)

    def read(x: tf.Tensor, kernel: tf.Tensor, b: tf.Tensor, w_p: tf.Tensor) -> tf.Tensor:
        """One layer of one direction, (window, batch, projection_dim) in and out."""

        def body(t: tf.Tensor, c: tf.Tensor, h: tf.Tensor, outputs: tf.TensorArray) -> tuple[tf.Tensor, ...]:
            i, j, f, o = tf.split(tf.concat([x[t], h], axis=-1) @ kernel + b, 4, axis=-1)
            c = tf.clip_by_value(tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j), -options.cell_clip, options.cell_clip)
            h = tf.clip_by_value((tf.sigmoid(o) * tf.tanh(c)) @ w_p, -options.proj_clip, options.proj_clip)
            return t + 1, c, h, outputs.write(t, h)

        zeros = [tf.zeros([recipe.batch_size, size]) for size in (cell_dim, width)]
        outputs = tf.TensorArray(tf.float32, size=recipe.window)
        return tf.while_loop(lambda t, *_: t < recipe.window, body, (tf.constant(0), *zeros, outputs))[-1].stack()

    def train(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = []
            for direction in range(2):
                x = tf.gather(table, inputs[direction])  # (window, batch, projection_dim)
                for k, layer in enumerate(layers):
                    x = tf.nn.dropout(x, recipe.dropout)
                    hidden = read(x, *layer[direction])
                    x = hidden + x if k else hidden
                x = tf.reshape(tf.nn.dropout(x, recipe.dropout), [-1, width])
                known = tf.where(targets[direction] < recipe.vocabulary_size, targets[direction], 0)
                labels = tf.cast(tf.reshape(known, [-1, 1]), tf.int64)
                losses.append(tf.nn.sampled_softmax_loss(output, bias, labels, x, recipe.num_samples, recipe.vocabulary_size))
            loss = tf.reduce_mean(tf.concat(losses, axis=0))
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(loss, variables)]
        optimizer.apply(gradients, variables)
        return loss

    step: Callable[[np.ndarray, np.ndarray], tf.Tensor] = tf.function(train)
    return step


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks pretraining", description="How quickly the LSTMs are pretrained.")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="measurements of each figure")
    parser.add_argument("--cores", type=int, default=2, metavar="N")
    parser.add_argument("--windows", type=int, default=2, metavar="N", help="training steps in a measurement")
    return parser.parse_args()


if __name__ == "__main__":
    main()
