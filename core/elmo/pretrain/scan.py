"""One LSTM layer over a window of time steps, with its gradient written out.

Automatic differentiation keeps nine arrays of every step and adds up the weights' gradients step by step. Here a step keeps
its inputs and is computed again on the way back, all that surrounds its two products is one compiled kernel, and the gradient
of each weight is one product over the whole window.
"""

from __future__ import annotations

import tensorflow as tf

from core.elmo.layers import FORGET_BIAS, ProjectedLSTM

# Of a time step: the inputs' part of the gates and the state's, (2, batch, 4 * cell_dim); c; whether the state is kept.
CellInputs = tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]


def read_window(
    lstm: ProjectedLSTM, inputs: tf.Tensor, keep: tf.Tensor, state: tuple[tf.Tensor, tf.Tensor], dtype: tf.DType
) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
    """Runs a layer over a window; gradients flow to its inputs and weights and stop at the states.

    Args:
        lstm: The layer.
        inputs: float32 (2, window, batch, projection_dim).
        keep: float32 (2, window, batch, 1), 0 where the state is forgotten before the step and 1 elsewhere.
        state: c float32 (2, batch, cell_dim) and h float32 (2, batch, projection_dim) to begin with.
        dtype: Of the products' operands.

    Returns:
        float32 (2, window, batch, projection_dim) without the skip connection, and the state at the end.
    """
    kept = tf.unstack(keep, axis=1)  # window x (2, batch, 1)
    proj_clip = lstm.proj_clip

    @tf.custom_gradient
    def scan(gates: tf.Tensor, w_h: tf.Tensor, w_p: tf.Tensor) -> tuple[tuple[tf.Tensor, ...], object]:
        c, h = state
        states, cells, mixed, hidden, projected = [], [], [], [], []
        for gate, is_kept in zip(tf.unstack(gates, axis=1), kept, strict=True):
            states.append(tf.cast(h * is_kept, dtype))
            cells.append((gate, states[-1] @ w_h, c, is_kept))
            c, m = _cell(cells[-1], lstm.cell_clip)
            mixed.append(m)
            projected.append(tf.cast(m @ w_p, tf.float32))
            h = tf.clip_by_value(projected[-1], -proj_clip, proj_clip)
            hidden.append(h)

        def gradient(d_hidden: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            d_c, d_h = tf.zeros_like(c), tf.zeros_like(h)
            d_gates, d_projected = [], []
            steps = zip(cells, projected, tf.unstack(d_hidden, axis=1), strict=True)
            for cell, unclipped, d_output in reversed(list(steps)):
                d_projected.append(tf.cast(tf.where(tf.abs(unclipped) <= proj_clip, d_output + d_h, 0.0), dtype))
                d_mixed = tf.matmul(d_projected[-1], w_p, transpose_b=True)
                d_gate, d_c = _cell_gradient(cell, d_c, d_mixed, lstm.cell_clip)
                d_gates.append(d_gate)
                d_h = tf.cast(tf.matmul(d_gate, w_h, transpose_b=True), tf.float32) * cell[-1]
            d_z = tf.stack(d_gates[::-1], axis=1)
            return d_z, _weight_gradient(states, d_z), _weight_gradient(mixed, tf.stack(d_projected[::-1], axis=1))

        return (tf.stack(hidden, axis=1), c, h), gradient

    hidden, c, h = scan(lstm.input_gates(inputs, dtype), tf.cast(lstm.w_h, dtype), tf.cast(lstm.w_p, dtype))
    return hidden, (c, h)


@tf.function(jit_compile=True)
def _cell(inputs: CellInputs, clip: float) -> tuple[tf.Tensor, tf.Tensor]:
    """`ProjectedLSTM.step` between its two products: the next c, float32, and what is projected, in the dtype of the products."""
    gates, recurrent, c, keep = inputs
    i, j, f, o = _opened(gates, recurrent)
    c = tf.clip_by_value(f * c * keep + i * j, -clip, clip)
    return c, tf.cast(o * tf.tanh(c), gates.dtype)


@tf.function(jit_compile=True)
def _cell_gradient(inputs: CellInputs, d_c: tf.Tensor, d_mixed: tf.Tensor, clip: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Gradients of `_cell` for the gates and for c, from those of its two results."""
    gates, recurrent, c, keep = inputs
    i, j, f, o = _opened(gates, recurrent)
    unclipped = f * c * keep + i * j
    t = tf.tanh(tf.clip_by_value(unclipped, -clip, clip))
    d_mixed = tf.cast(d_mixed, tf.float32)
    d_c = tf.where(tf.abs(unclipped) <= clip, d_c + d_mixed * o * (1.0 - t * t), 0.0)
    d_z = [d_c * j * i * (1.0 - i), d_c * i * (1.0 - j * j), d_c * c * keep * f * (1.0 - f), d_mixed * t * o * (1.0 - o)]
    return tf.cast(tf.concat(d_z, axis=-1), gates.dtype), d_c * f * keep


def _opened(gates: tf.Tensor, recurrent: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """σ(i), tanh(j), σ(f + 1) and σ(o), float32 (2, batch, cell_dim) each."""
    i, j, f, o = tf.split(tf.cast(gates, tf.float32) + tf.cast(recurrent, tf.float32), 4, axis=-1)
    return tf.sigmoid(i), tf.tanh(j), tf.sigmoid(f + FORGET_BIAS), tf.sigmoid(o)


def _weight_gradient(inputs: list[tf.Tensor], d_outputs: tf.Tensor) -> tf.Tensor:
    """Of the weights of one product per time step, (2, width of the inputs, width of the outputs)."""
    both = [tf.reshape(each, [2, -1, each.shape[-1]]) for each in (tf.stack(inputs, axis=1), d_outputs)]
    return tf.matmul(*both, transpose_a=True)
