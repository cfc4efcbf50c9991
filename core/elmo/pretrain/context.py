"""Stage three: the LSTMs learn to predict the next and the previous word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.arrays import IdArray
from core.elmo.layers import ProjectedLSTM
from core.elmo.options import BiLMOptions
from core.elmo.pretrain.corpus import BEGIN, END, NUM_SPECIALS, UNKNOWN
from core.elmo.pretrain.scan import read_window

State = list[tuple[tf.Tensor, tf.Tensor]]

# A review is cut in two with this chance, at a length drawn from this range, because a dashboard cuts reviews too: the
# backward direction must know what to make of a text that ends in the middle.
_CUT_SHARE, _CUT_RANGE = 0.5, (16, 256)

# Every so many time steps a bag of so many words, drawn from the whole piece of review, is predicted as well.
_BAG_EVERY, _BAG_WORDS = 8, 8

# Words above this share of the corpus are drawn less often into bags: word2vec's subsampling (Mikolov et al. 2013, section 2.3).
_BAG_SHARE = 1e-4


@dataclass(frozen=True)
class ContextRecipe:
    """How the LSTMs are trained.

    Attributes:
        vocabulary_size: Words that are predicted, the unknown one and the two marks included.
        batch_size: Texts read side by side.
        window: Time steps through which gradients flow; the state is carried on to the next window.
        num_samples: Negatives of the sampled softmax, shared by the batch and both directions.
        learning_rate: Of Adam at its highest; warmed up, then falling along a cosine to a hundredth.
        dropout: Before each LSTM layer and before the softmax.
        num_tokens: To train on, in all.
        carry_state: Whether a window begins with the state that the last one left; otherwise every window begins with zeros.
        bag_weight: Of the second loss, which asks each state for words from anywhere in the review; 0 leaves it out.
        seed: Of order, cuts and dropout.
    """

    vocabulary_size: int = 30_000
    batch_size: int = 208
    window: int = 40
    num_samples: int = 2048
    learning_rate: float = 4e-3
    dropout: float = 0.1
    num_tokens: int = 40_000_000
    carry_state: bool = True
    bag_weight: float = 1.0
    seed: int = 0

    @property
    def num_steps(self) -> int:
        """Windows in all."""
        return max(1, self.num_tokens // (self.batch_size * self.window))


@dataclass(frozen=True)
class Window:
    """Time steps of a batch for both directions, time-major.

    Attributes:
        inputs: int32 (2, window, batch), words read.
        targets: int32 (2, window, batch), the words that follow.
        begins: bool (2, window, batch), where the state is reset.
        bags: int32 (2, window // _BAG_EVERY, batch, _BAG_WORDS), words drawn from the piece of review that is being read.
    """

    inputs: IdArray
    targets: IdArray
    begins: npt.NDArray[np.bool_]
    bags: IdArray


def windows(reviews: list[IdArray], recipe: ContextRecipe) -> Iterator[Window]:
    """Windows without end: each epoch is the reviews in a new order, laid out as `batch_size` streams per direction."""
    chances = _bag_chances(reviews, recipe.vocabulary_size)
    epoch = 0
    while True:
        rng = np.random.default_rng([recipe.seed, epoch])
        pieces = list(_pieces(reviews, rng))
        streams = []
        for marks in ((BEGIN, END), (END, BEGIN)):
            rng.shuffle(pieces)
            ordered = pieces if marks[0] == BEGIN else [piece[::-1] for piece in pieces]
            streams.append(_Stream.of(ordered, marks, recipe.batch_size, chances))
        for start in range(0, len(streams[0].inputs) - recipe.window + 1, recipe.window):
            parts = [stream.window(start, recipe, rng) for stream in streams]
            yield Window(*(np.stack(each) for each in zip(*parts, strict=True)))
        epoch += 1


def _bag_chances(reviews: list[IdArray], vocabulary_size: int) -> npt.NDArray[np.float64]:
    """Weight of each id when words are drawn into a bag, (num_ids,); marks and words that are not predicted weigh nothing."""
    counts = np.bincount(np.concatenate(reviews), minlength=NUM_SPECIALS).astype(np.float64)
    chances: npt.NDArray[np.float64] = np.minimum(1.0, np.sqrt(_BAG_SHARE * counts.sum() / np.maximum(counts, 1.0)))
    chances[:NUM_SPECIALS] = chances[vocabulary_size:] = 0.0
    return chances


def _pieces(reviews: list[IdArray], rng: np.random.Generator) -> Iterator[IdArray]:
    """The reviews, some of them cut in two."""
    cuts = rng.integers(*_CUT_RANGE, len(reviews))
    whole = rng.random(len(reviews)) >= _CUT_SHARE
    for review, cut, uncut in zip(reviews, cuts, whole, strict=True):
        if uncut or cut >= len(review):
            yield review
        else:
            yield review[:cut]
            yield review[cut:]


@dataclass(frozen=True)
class _Stream:
    """One direction of an epoch: its pieces one after another, cut into `batch_size` rows.

    Attributes:
        text: int32 (num_steps,), every piece with its first mark.
        bounds: int64 (num_pieces + 1,), where each piece begins in `text`.
        weights: float64 (num_steps + 1,), cumulative chances of the words to be drawn into a bag.
        inputs, targets: int32 (steps, batch_size).
        pieces: int32 (steps, batch_size), the piece that is being read.
        begins: bool (steps, batch_size), whether a piece begins.
    """

    text: IdArray
    bounds: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    inputs: IdArray
    targets: IdArray
    pieces: IdArray
    begins: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, pieces: list[IdArray], marks: tuple[int, int], batch_size: int, chances: npt.NDArray[np.float64]) -> _Stream:
        """Lays the pieces out, each between the two marks."""
        begin, end = (np.asarray([mark], np.int32) for mark in marks)
        text = np.concatenate([part for piece in pieces for part in (begin, piece)])
        targets = np.concatenate([part for piece in pieces for part in (piece, end)])
        lengths = np.asarray([len(piece) + 1 for piece in pieces])
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        begins = np.zeros(len(text), bool)
        begins[bounds[:-1]] = True
        which = np.repeat(np.arange(len(pieces), dtype=np.int32), lengths)
        steps = len(text) // batch_size
        rows = [np.reshape(each[: steps * batch_size], (batch_size, steps)).T.copy() for each in (text, targets, which, begins)]
        rows[3][0] = True  # a row may begin in the middle of a piece
        return cls(text, bounds, np.concatenate([[0.0], np.cumsum(chances[text])]), *rows)

    def window(self, start: int, recipe: ContextRecipe, rng: np.random.Generator) -> tuple[npt.NDArray[np.generic], ...]:
        """This direction of a `Window`: its inputs, targets, begins and bags."""
        part = slice(start, start + recipe.window)
        begins = self.begins[part].copy()
        begins[0] |= not recipe.carry_state
        pieces = self.pieces[part][_BAG_EVERY - 1 :: _BAG_EVERY, :, None]  # (window // _BAG_EVERY, batch_size, 1)
        low, high = self.weights[self.bounds[pieces]], self.weights[self.bounds[pieces + 1]]
        drawn = low + (high - low) * rng.random((*pieces.shape[:2], _BAG_WORDS))
        places = np.minimum(np.searchsorted(self.weights, drawn, side="right") - 1, len(self.text) - 1)
        bags = np.where(high > low, self.text[places], UNKNOWN)
        return self.inputs[part], self.targets[part], begins, bags.astype(np.int32)


class ContextTrainer(tf.Module):
    """Trains the LSTM layers on fixed word vectors.

    Args:
        lstms: Trained in place.
        options: Their sizes.
        vectors: float32 (num_ids, projection_dim), the input vector of each id.
        output_vectors: float32 (vocabulary_size, projection_dim), where the softmax starts; shared by the directions.
        output_bias: float32 (vocabulary_size,), where its bias starts.
        recipe: How to train.
        softmax_steps: Windows at first in which the softmax learns alone. LSTMs that have been trained need them: the errors of
            a new softmax would spoil them.
    """

    def __init__(
        self,
        lstms: list[ProjectedLSTM],
        options: BiLMOptions,
        *,
        vectors: npt.NDArray[np.float32],
        output_vectors: npt.NDArray[np.float32],
        output_bias: npt.NDArray[np.float32],
        recipe: ContextRecipe,
        softmax_steps: int = 0,
    ) -> None:
        super().__init__()
        self.lstms, self.options, self.recipe = lstms, options, recipe
        self.vectors = tf.Variable(vectors, trainable=False)
        self.output_vectors = tf.Variable(output_vectors)
        self.output_bias = tf.Variable(output_bias)
        predicts_bags = recipe.bag_weight > 0
        self.bag_map = tf.Variable(np.eye(options.projection_dim, dtype=np.float32), trainable=predicts_bags)
        self.bag_bias = tf.Variable(output_bias / 2, trainable=predicts_bags)  # frequent words are drawn less often
        self.state = [
            tuple(
                tf.Variable(tf.zeros([2, recipe.batch_size, width]), trainable=False)
                for width in (options.cell_dim, options.projection_dim)
            )
            for _ in lstms
        ]
        self.softmax_optimizer = _adam(self._softmax_variables(), recipe.learning_rate, softmax_steps)
        self.optimizer = _adam(self.trainable_variables, recipe.learning_rate, recipe.num_steps - softmax_steps)

    def checkpoint_variables(self) -> list[tf.Variable]:
        """All that a resumed training needs, in a fixed order."""
        state = [variable for pair in self.state for variable in pair]
        optimised = [*self.optimizer.variables, *self.softmax_optimizer.variables]
        return [*self.trainable_variables, *state, *(each.value for each in optimised)]

    def _softmax_variables(self) -> list[tf.Variable]:
        """What is trained beside the LSTMs."""
        return [each for each in (self.output_vectors, self.output_bias, self.bag_map, self.bag_bias) if each.trainable]

    def _read(self, inputs: tf.Tensor, begins: tf.Tensor, *, dropout: float, dtype: tf.DType) -> tf.Tensor:
        """Hidden vectors of a window, float32 (2, window, batch, projection_dim); carries the state on."""
        x = tf.gather(self.vectors, inputs)  # (2, window, batch, projection_dim)
        keep = tf.where(begins, 0.0, 1.0)[..., None]  # (2, window, batch, 1)
        for i, (lstm, (c_state, h_state)) in enumerate(zip(self.lstms, self.state, strict=True)):
            x = tf.nn.dropout(x, dropout)
            state = tf.convert_to_tensor(c_state), tf.convert_to_tensor(h_state)
            hidden, (c, h) = read_window(lstm, x, keep, state, dtype)
            c_state.assign(c)
            h_state.assign(h)
            x = hidden + x if i > 0 and self.options.use_skip_connections else hidden
        return tf.nn.dropout(x, dropout)

    def _loss(self, hidden: tf.Tensor, targets: tf.Tensor, bias: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
        """Mean sampled softmax loss, with one set of negatives for all positions.

        Args:
            hidden: float32 (n, projection_dim).
            targets: int32 (n, k), below the vocabulary size; one that is unknown counts only where k is 1.
            bias: float32 (vocabulary_size,), of the softmax.
            dtype: Of the large product.

        Reference: Jean et al. 2015; the sampler is TensorFlow's, log-uniform over ids sorted by frequency.
        """
        size, k = self.recipe.vocabulary_size, targets.shape[1]
        samples, true_expected, sample_expected = tf.random.log_uniform_candidate_sampler(
            tf.cast(targets, tf.int64), k, self.recipe.num_samples, True, size
        )
        samples = tf.cast(samples, tf.int32)
        true_logits = tf.reduce_sum(hidden[:, None] * tf.gather(self.output_vectors, targets), axis=-1)  # (n, k)
        true_logits += tf.gather(bias, targets) - tf.math.log(true_expected)
        weights = tf.cast(tf.gather(self.output_vectors, samples), dtype)  # (num_samples, projection_dim)
        logits = tf.matmul(tf.cast(hidden, dtype), weights, transpose_b=True)  # (n, num_samples)
        offsets = tf.gather(bias, samples) - tf.math.log(sample_expected)
        negatives = _log_partition(logits, offsets, samples, targets if k == 1 else tf.constant([[-1]]))  # (n, 1)
        losses = tf.nn.softplus(negatives - true_logits)  # (n, k)
        counts = tf.ones_like(losses) if k == 1 else tf.cast(targets != UNKNOWN, tf.float32)
        return tf.math.divide_no_nan(tf.reduce_sum(losses * counts), tf.reduce_sum(counts))

    @tf.function
    def train_window(
        self, inputs: tf.Tensor, targets: tf.Tensor, begins: tf.Tensor, bags: tf.Tensor, *, softmax_only: bool = False
    ) -> tf.Tensor:
        """One optimiser step on a `Window`, of everything or of the softmax; returns the sampled loss, which is no perplexity."""
        dtype = tf.bfloat16
        targets = tf.where(targets < self.recipe.vocabulary_size, targets, UNKNOWN)
        with tf.GradientTape() as tape:
            hidden = self._read(inputs, begins, dropout=self.recipe.dropout, dtype=dtype)
            flat = tf.reshape(hidden, [-1, self.options.projection_dim])
            loss = self._loss(flat, tf.reshape(targets, [-1, 1]), self.output_bias, dtype)
            total = loss
            if self.recipe.bag_weight:
                reading = tf.reshape(hidden[:, _BAG_EVERY - 1 :: _BAG_EVERY], [-1, self.options.projection_dim]) @ self.bag_map
                total += self.recipe.bag_weight * self._loss(reading, tf.reshape(bags, [-1, _BAG_WORDS]), self.bag_bias, dtype)
        variables = self._softmax_variables() if softmax_only else self.trainable_variables
        gradients = [tf.convert_to_tensor(each) for each in tape.gradient(total, variables, unconnected_gradients="zero")]
        (self.softmax_optimizer if softmax_only else self.optimizer).apply(gradients, variables)
        return loss

    def perplexity(self, reviews: list[IdArray]) -> float:
        """Held-out perplexity with the full softmax, of both directions together.

        Args:
            reviews: Ids of each review, read from their first and last word with a state of zeros.
        """
        total, count = 0.0, 0
        for batch in _by_length(reviews, batch_size=32):
            lengths = np.asarray([len(review) + 1 for review in batch])
            inputs = np.zeros((2, lengths.max(), len(batch)), np.int32)
            targets = np.zeros_like(inputs)
            for column, review in enumerate(batch):
                for direction, (begin, end) in enumerate(((BEGIN, END), (END, BEGIN))):
                    ids = review if begin == BEGIN else review[::-1]
                    inputs[direction, : len(ids) + 1, column] = [begin, *ids]
                    targets[direction, : len(ids) + 1, column] = [*ids, end]
            total += float(self._full_loss(tf.constant(inputs), tf.constant(targets), tf.constant(lengths, tf.int32)))
            count += 2 * int(lengths.sum())
        return float(np.exp(total / count))

    @tf.function(reduce_retracing=True)
    def _full_loss(self, inputs: tf.Tensor, targets: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """Summed loss over the real positions of a batch of whole reviews."""
        x = self.layers(inputs, lengths)[-1]
        real = tf.transpose(tf.sequence_mask(lengths, tf.shape(inputs)[1]))  # (time, batch)
        real = tf.stack([real, real])
        known = tf.where(targets < self.recipe.vocabulary_size, targets, UNKNOWN)[real]  # (n,)
        hidden = x[real]  # (n, projection_dim)
        total = tf.constant(0.0)
        for start in tf.range(0, tf.shape(known)[0], 4096):
            logits = tf.matmul(hidden[start : start + 4096], self.output_vectors, transpose_b=True) + self.output_bias
            total += tf.reduce_sum(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=known[start : start + 4096], logits=logits)
            )
        return total

    def layers(self, inputs: tf.Tensor, lengths: tf.Tensor) -> list[tf.Tensor]:
        """Vectors of whole texts, read from a state of zeros.

        Args:
            inputs: int32 (2, time, batch), ids of both directions, each with its first mark.
            lengths: int32 (batch,), real time steps.

        Returns:
            float32 (2, time, batch, projection_dim) of the word vectors and of each LSTM layer.
        """
        vectors = [tf.gather(self.vectors, inputs)]
        batch = tf.shape(inputs)[2]
        for i, lstm in enumerate(self.lstms):
            zeros = tuple(tf.zeros([2, batch, width]) for width in (self.options.cell_dim, self.options.projection_dim))
            hidden, _ = lstm(vectors[-1], lengths, zeros)
            vectors.append(hidden + vectors[-1] if i > 0 and self.options.use_skip_connections else hidden)
        return vectors


@tf.function(jit_compile=True)
def _log_partition(logits: tf.Tensor, offsets: tf.Tensor, samples: tf.Tensor, excluded: tf.Tensor) -> tf.Tensor:
    """log Σ exp(logits + offsets) of each row without the sample that is excluded there, float32 (n, 1).

    One kernel, because the array is too large to go over often.
    """
    logits = tf.where(samples[None] == excluded, -1e9, tf.cast(logits, tf.float32) + offsets)  # (n, num_samples)
    return tf.reduce_logsumexp(logits, axis=-1, keepdims=True)


def _adam(variables: Sequence[tf.Variable], learning_rate: float, num_steps: int) -> keras.optimizers.Adam:
    """Adam whose rate is warmed up to `learning_rate` and falls along a cosine to a hundredth."""
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20,
        max(1, num_steps),
        alpha=0.01,
        warmup_target=learning_rate,
        warmup_steps=min(300, num_steps // 10),
    )
    optimizer = keras.optimizers.Adam(schedule, beta_2=0.99, global_clipnorm=1.0)
    optimizer.build(variables)
    return optimizer


def _by_length(reviews: list[IdArray], batch_size: int) -> Iterator[list[IdArray]]:
    """Batches of reviews of about one length."""
    ordered = sorted(reviews, key=len)
    for start in range(0, len(ordered), batch_size):
        yield ordered[start : start + batch_size]
