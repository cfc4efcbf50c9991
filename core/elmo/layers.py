"""The two halves of a biLM: the token encoder and the projected LSTM."""

from __future__ import annotations

import tensorflow as tf

from core.elmo.characters import NUM_CHARACTERS
from core.elmo.options import BiLMOptions

# b_carry starts here so that a new highway layer mostly passes its input on (bilm-tf, `training.py`).
_CARRY_BIAS = -2.0
# The forget gate's bias is added at run time and stands in no weight file (TensorFlow's LSTMCell, `forget_bias`).
FORGET_BIAS = 1.0


def _normal(shape: tuple[int, ...], stddev: float) -> tf.Tensor:
    return tf.random.normal(shape, stddev=stddev)


class TokenEncoder(tf.Module):
    """Context-free vectors of words from their characters: convolutions, highway layers, projection.

    Args:
        options: Sizes.

    Call:
        ids: int32 (n, length), character ids.
        Returns float32 (n, projection_dim).

    Reference: Peters et al. 2018, section 3.4; Kim et al. 2016 for the convolutions and highways.
    """

    def __init__(self, options: BiLMOptions) -> None:
        super().__init__()
        width = options.num_filters
        self.char_embed = tf.Variable(_normal((NUM_CHARACTERS, options.char_dim), 0.3), name="char_embed")
        self.kernels = [
            tf.Variable(_normal((size, options.char_dim, number), (size * options.char_dim) ** -0.5), name=f"W_cnn_{i}")
            for i, (size, number) in enumerate(options.filters)
        ]
        self.biases = [tf.Variable(tf.zeros(number), name=f"b_cnn_{i}") for i, (_, number) in enumerate(options.filters)]
        self.carries, self.transforms = [], []
        for k in range(options.num_highway):
            carry_bias = tf.Variable(tf.fill([width], _CARRY_BIAS), name=f"b_carry_{k}")
            self.carries.append((tf.Variable(_normal((width, width), width**-0.5), name=f"W_carry_{k}"), carry_bias))
            transform_bias = tf.Variable(tf.zeros(width), name=f"b_transform_{k}")
            self.transforms.append((tf.Variable(_normal((width, width), width**-0.5), name=f"W_transform_{k}"), transform_bias))
        self.w_proj = tf.Variable(_normal((width, options.projection_dim), width**-0.5), name="W_proj")
        self.b_proj = tf.Variable(tf.zeros(options.projection_dim), name="b_proj")

    def __call__(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102 - in the class docstring, under Call
        characters = tf.gather(self.char_embed, ids)  # (n, length, char_dim)
        pooled = []
        for kernel, bias in zip(self.kernels, self.biases, strict=True):
            windows = tf.nn.conv1d(characters, kernel, stride=1, padding="VALID")  # (n, length - width + 1, filters)
            pooled.append(tf.nn.relu(tf.reduce_max(windows, axis=1) + bias))  # (n, filters)
        x = tf.concat(pooled, axis=-1)  # (n, num_filters)
        for (w_carry, b_carry), (w_transform, b_transform) in zip(self.carries, self.transforms, strict=True):
            gate = tf.sigmoid(x @ w_carry + b_carry)
            x = gate * tf.nn.relu(x @ w_transform + b_transform) + (1.0 - gate) * x
        return x @ self.w_proj + self.b_proj  # (n, projection_dim)


class ProjectedLSTM(tf.Module):
    """One LSTM layer of both directions, each with its own weights, its output projected and clipped.

    Both directions run as one batched product. The leading axis 2 is [forward, backward]; the caller reverses the backward
    sequences.

        z = x W_x + h W_h + B                        columns in gate order i, j, f, o
        c = clip(σ(f + 1) c + σ(i) tanh(j), ±cell_clip)
        h = clip((σ(o) tanh(c)) W_P, ±proj_clip)

    Args:
        options: Sizes and clips.
        name: Prefix of the variables' names.

    Reference: Peters et al. 2018, section 3.2; gate order, clips and forget bias as released in bilm-tf.
    """

    def __init__(self, options: BiLMOptions, name: str) -> None:
        super().__init__(name=name)
        cell_dim, projection_dim = options.cell_dim, options.projection_dim
        self.cell_clip, self.proj_clip = options.cell_clip, options.proj_clip
        self.w_x = tf.Variable(_normal((2, projection_dim, 4 * cell_dim), (2 * projection_dim) ** -0.5), name="W_x")
        self.w_h = tf.Variable(_normal((2, projection_dim, 4 * cell_dim), (2 * projection_dim) ** -0.5), name="W_h")
        self.bias = tf.Variable(tf.zeros((2, 1, 4 * cell_dim)), name="B")
        self.w_p = tf.Variable(_normal((2, cell_dim, projection_dim), cell_dim**-0.5), name="W_P")

    def input_gates(self, inputs: tf.Tensor, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """`x W_x + B` of all time steps in one product.

        Args:
            inputs: float32 (2, time, batch, projection_dim).
            dtype: Of the product's operands; the result has it too.

        Returns:
            (2, time, batch, 4 * cell_dim).
        """
        _, time, batch, width = tf.unstack(tf.shape(inputs))
        flat = tf.cast(tf.reshape(inputs, [2, time * batch, width]), dtype)
        gates = flat @ tf.cast(self.w_x, dtype) + tf.cast(self.bias, dtype)
        return tf.reshape(gates, [2, time, batch, self.w_x.shape[-1]])

    def step(self, gates: tf.Tensor, c: tf.Tensor, h: tf.Tensor, w_h: tf.Tensor, w_p: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """One time step from `input_gates` and the state.

        Args:
            gates: (2, batch, 4 * cell_dim).
            c: float32 (2, batch, cell_dim).
            h: float32 (2, batch, projection_dim).
            w_h: `self.w_h` in the dtype of the products.
            w_p: `self.w_p` in the dtype of the products.

        Returns:
            The next c and h.
        """
        z = tf.cast(gates + tf.cast(h, w_h.dtype) @ w_h, tf.float32)
        i, j, f, o = tf.split(z, 4, axis=-1)
        c = tf.sigmoid(f + FORGET_BIAS) * c + tf.sigmoid(i) * tf.tanh(j)
        c = tf.clip_by_value(c, -self.cell_clip, self.cell_clip)
        out = tf.cast(tf.sigmoid(o) * tf.tanh(c), w_p.dtype) @ w_p
        h = tf.clip_by_value(tf.cast(out, tf.float32), -self.proj_clip, self.proj_clip)
        return c, h

    def __call__(
        self, inputs: tf.Tensor, lengths: tf.Tensor, state: tuple[tf.Tensor, tf.Tensor]
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        """Runs over whole sequences.

        Args:
            inputs: float32 (2, time, batch, projection_dim).
            lengths: int32 (batch,), real time steps; later ones leave the state alone and come out as zeros.
            state: c float32 (2, batch, cell_dim) and h float32 (2, batch, projection_dim) to begin with.

        Returns:
            float32 (2, time, batch, projection_dim) without the skip connection, and the state after each last real step.
        """
        both = [
            self._read(direction, inputs[direction], lengths, (state[0][direction], state[1][direction])) for direction in (0, 1)
        ]
        outputs, c, h = (tf.stack(each) for each in zip(*both, strict=True))
        return outputs, (c, h)  # (2, time, batch, projection_dim)

    def _read(
        self, direction: int, inputs: tf.Tensor, lengths: tf.Tensor, state: tuple[tf.Tensor, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """`__call__` for one direction, without the leading axis.

        Plain products are quicker than batched ones, and the two directions, one beside the other, keep two cores busy.
        """
        time, batch, width = tf.unstack(tf.shape(inputs))
        w_x, w_h, w_p, bias = (tf.convert_to_tensor(each[direction]) for each in (self.w_x, self.w_h, self.w_p, self.bias))

        gates = tf.reshape(inputs, [time * batch, width]) @ w_x + bias
        gates = tf.reshape(gates, [time, batch, w_x.shape[-1]])  # (time, batch, 4 * cell_dim)
        outputs = tf.TensorArray(tf.float32, size=time, element_shape=state[1].shape)

        def body(
            t: tf.Tensor, c: tf.Tensor, h: tf.Tensor, outputs: tf.TensorArray
        ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.TensorArray]:
            next_c, next_h = self.step(gates[t], c, h, w_h, w_p)
            real = (t < lengths)[:, None]  # (batch, 1)
            outputs = outputs.write(t, tf.where(real, next_h, 0.0))
            return t + 1, tf.where(real, next_c, c), tf.where(real, next_h, h), outputs

        _, c, h, outputs = tf.while_loop(lambda t, *_: t < time, body, (tf.constant(0), *state, outputs))
        return outputs.stack(), c, h
