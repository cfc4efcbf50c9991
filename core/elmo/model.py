"""The biLM at inference: words to three layers of vectors."""

from __future__ import annotations

import tensorflow as tf

from core.elmo.characters import boundary_ids, character_ids
from core.elmo.layers import ProjectedLSTM, TokenEncoder
from core.elmo.options import BiLMOptions

State = list[tuple[tf.Tensor, tf.Tensor]]
# Which words, bool (batch, time, 1), and their vectors, float32 (batch, time, 2 * projection_dim).
Patch = tuple[tf.Tensor, tf.Tensor]


class BiLM(tf.Module):
    """Bidirectional language model over characters.

    Args:
        options: Sizes.

    Reference: Peters et al. 2018, sections 3.1 and 3.2; computation as released in bilm-tf.
    """

    def __init__(self, options: BiLMOptions) -> None:
        super().__init__()
        self.options = options
        self.encoder = TokenEncoder(options)
        self.lstms = [ProjectedLSTM(options, name=f"lstm_{i}") for i in range(options.num_layers)]

    def word_vectors(self, words: tf.Tensor) -> tf.Tensor:
        """Context-free vectors of word types: string (n,) → float32 (n, projection_dim)."""
        options = self.options
        ids = character_ids(words, max_characters=options.max_characters, widest_filter=options.widest_filter)
        return self.encoder(ids)

    def boundary_vectors(self) -> tf.Tensor:
        """Context-free vectors of the sentence's begin and end, float32 (2, projection_dim)."""
        return self.encoder(boundary_ids(max_characters=self.options.max_characters))

    def zero_state(self, batch_size: tf.Tensor) -> State:
        """The state before any text, for each LSTM layer."""
        options = self.options
        shapes = [[2, batch_size, options.cell_dim], [2, batch_size, options.projection_dim]]
        return [tuple(tf.zeros(shape) for shape in shapes) for _ in self.lstms]

    def context(
        self,
        vectors: tf.Tensor,
        lengths: tf.Tensor,
        state: State | None = None,
        boundaries: tf.Tensor | None = None,
        patch: Patch | None = None,
    ) -> tuple[tf.Tensor, State]:
        """All layers of sentences whose words are already vectors.

        Args:
            vectors: float32 (batch, time, projection_dim), context-free, right-padded with anything.
            lengths: int32 (batch,), words of each sentence.
            state: Of each LSTM layer, to begin with; zeros if not given.
            boundaries: What `boundary_vectors` gives, if it is known already.
            patch: Vectors that stand in for what the lowest LSTM layer makes of some words; the layers above read on from them.

        Returns:
            float32 (1 + num_layers, batch, time, 2 * projection_dim), zero beyond each length, and the state at the end.
        """
        batch, time = tf.unstack(tf.shape(vectors)[:2])
        begin, end = tf.unstack(self.boundary_vectors() if boundaries is None else boundaries)
        real = tf.sequence_mask(lengths, time, tf.float32)[:, :, None]  # (batch, time, 1)
        words = tf.pad(vectors * real, [[0, 0], [1, 1], [0, 0]])  # (batch, time + 2, projection_dim)
        steps = tf.range(time + 2)[None, :, None]
        words = tf.where(tf.equal(steps, 0), begin, words)
        words = tf.where(tf.equal(steps, lengths[:, None, None] + 1), end, words)
        backward = tf.reverse_sequence(words, lengths + 2, seq_axis=1)
        x = tf.transpose(tf.stack([words, backward]), [0, 2, 1, 3])  # (2, time + 2, batch, projection_dim)

        layers = [tf.concat([vectors * real] * 2, axis=-1)]  # (batch, time, 2 * projection_dim)
        states: State = []
        for i, (lstm, begin_state) in enumerate(zip(self.lstms, state or self.zero_state(batch), strict=True)):
            outputs, end_state = lstm(x, lengths + 2, begin_state)
            x = outputs + x if i > 0 and self.options.use_skip_connections else outputs
            states.append(end_state)
            forward, backward = tf.unstack(tf.transpose(x, [0, 2, 1, 3]))  # (batch, time + 2, projection_dim) each
            both = tf.concat([forward, tf.reverse_sequence(backward, lengths + 2, seq_axis=1)], axis=-1)
            if patch is not None and i == 0:
                is_patched, values = (tf.pad(each, [[0, 0], [1, 1], [0, 0]]) for each in patch)
                both = tf.where(is_patched, values, both)
                forward, backward = tf.split(both, 2, axis=-1)
                x = tf.transpose(tf.stack([forward, tf.reverse_sequence(backward, lengths + 2, seq_axis=1)]), [0, 2, 1, 3])
            layers.append(both[:, 1:-1] * real)
        return tf.stack(layers), states

    def layers(self, tokens: tf.Tensor, lengths: tf.Tensor, state: State | None = None) -> tuple[tf.Tensor, State]:
        """All layers of tokenised sentences.

        Args:
            tokens: string (batch, time), right-padded with "".
            lengths: int32 (batch,).
            state: As for `context`.

        Returns:
            As `context`.
        """
        batch, time = tf.unstack(tf.shape(tokens))
        vectors = self.word_vectors(tf.reshape(tokens, [-1]))
        return self.context(tf.reshape(vectors, [batch, time, self.options.projection_dim]), lengths, state)
