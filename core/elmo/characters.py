"""Words to character ids, in the graph, so that an exported module takes strings.

A word is its UTF-8 bytes between two marks: `[BOW] bytes [EOW] PAD…`. Ids are those of inference, one above the released
training ids, so that 0 masks; this file alone knows of that shift.

Reference: `UnicodeCharsVocabulary` of bilm-tf, `ELMoCharacterMapper` of AllenNLP.
"""

from __future__ import annotations

import tensorflow as tf

NUM_CHARACTERS = 262
_SHIFT = 1
_BOS, _EOS, _BOW, _EOW, _PAD = (each + _SHIFT for each in (256, 257, 258, 259, 260))


def character_ids(words: tf.Tensor, *, max_characters: int, widest_filter: int) -> tf.Tensor:
    """Character ids of words.

    The character axis is cut to `min(max_characters, longest word + 2 + widest_filter)`: the convolutions are maximised over
    positions, and one window of padding alone must survive for each, so a shorter cut would change the result.

    Args:
        words: string (n,), UTF-8.
        max_characters: Ids per word at most; longer words lose bytes at their end.
        widest_filter: Width of the widest convolution.

    Returns:
        int32 (n, length).
    """
    max_bytes = max_characters - 2
    num_bytes = tf.minimum(tf.strings.length(words), max_bytes)  # (n,)
    longest = tf.reduce_max(tf.concat([num_bytes, [0]], axis=0))
    length = tf.minimum(max_characters, longest + 2 + widest_filter)
    codes = tf.io.decode_raw(words, tf.uint8, fixed_length=max_characters)  # (n, max_characters)
    codes = tf.cast(codes[:, : length - 1], tf.int32) + _SHIFT  # (n, length - 1)
    codes = tf.pad(codes, [[0, 0], [1, 0]], constant_values=_BOW)  # (n, length)
    position = tf.range(length)[None, :]  # (1, length)
    end = num_bytes[:, None] + 1  # (n, 1)
    return tf.where(position < end, codes, tf.where(tf.equal(position, end), _EOW, _PAD))


def boundary_ids(*, max_characters: int) -> tf.Tensor:
    """Character ids of the words that begin and end a sentence, int32 (2, max_characters)."""
    rows = [[_BOW, mark, _EOW] + [_PAD] * (max_characters - 3) for mark in (_BOS, _EOS)]
    return tf.constant(rows, tf.int32)
