"""Weights in the HDF5 layout released by AllenNLP and bilm-tf."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.elmo.model import BiLM
from core.elmo.options import BiLMOptions
from core.errors import UserError

_Weights = dict[str, npt.NDArray[np.float32]]


def load_weights(path: Path, options: BiLMOptions) -> BiLM:
    """Builds a biLM from released weights.

    Args:
        path: HDF5 file in the released layout.
        options: Sizes the file was written with.

    Raises:
        UserError: The file cannot be read, or a dataset is missing or has another shape than the options say.
    """
    model = BiLM(options)
    try:
        with h5py.File(path, "r", locking=False) as file:  # a process that is being started may hold a lock
            for name, variable, part in _layout(model):
                _assign(file, name, variable, part)
    except OSError as error:
        raise UserError(
            f"The ELMo weights {path} cannot be read as HDF5; use a released weights file.",
            code="elmo-weights-unreadable",
        ) from error
    return model


def save_weights(model: BiLM, path: Path) -> None:
    """Writes a biLM in the released layout; if it is interrupted, an older file stays as it was."""
    datasets: _Weights = {}
    for name, variable, part in _layout(model):
        rows = _released(variable.numpy(), name, part)
        if name in datasets:  # W_0 stacks the input's rows on the hidden state's
            rows = np.concatenate([datasets[name], rows])
        datasets[name] = rows
    partial = path.with_suffix(".partial")
    with h5py.File(partial, "w") as file:
        for name, rows in datasets.items():
            file[name] = rows
    partial.replace(path)


def _layout(model: BiLM) -> Iterator[tuple[str, tf.Variable, int | None]]:
    """Yields (dataset, variable, direction); the direction is None outside the LSTMs. The two halves of W_0 come in order."""
    encoder = model.encoder
    yield "char_embed", encoder.char_embed, None
    for i, (kernel, bias) in enumerate(zip(encoder.kernels, encoder.biases, strict=True)):
        yield f"CNN/W_cnn_{i}", kernel, None
        yield f"CNN/b_cnn_{i}", bias, None
    for k, (carry, transform) in enumerate(zip(encoder.carries, encoder.transforms, strict=True)):
        for part, (weight, bias) in (("carry", carry), ("transform", transform)):
            yield f"CNN_high_{k}/W_{part}", weight, None
            yield f"CNN_high_{k}/b_{part}", bias, None
    yield "CNN_proj/W_proj", encoder.w_proj, None
    yield "CNN_proj/b_proj", encoder.b_proj, None
    for direction in (0, 1):
        for i, lstm in enumerate(model.lstms):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{i}/LSTMCell"
            yield f"{cell}/W_0", lstm.w_x, direction
            yield f"{cell}/W_0", lstm.w_h, direction
            yield f"{cell}/B", lstm.bias, direction
            yield f"{cell}/W_P_0", lstm.w_p, direction


def _released(value: npt.NDArray[np.float32], name: str, direction: int | None) -> npt.NDArray[np.float32]:
    """A variable's value as the file holds it."""
    if direction is not None:
        return np.asarray(value[direction, 0] if name.endswith("/B") else value[direction])
    if name == "char_embed":
        return value[1:]  # the file has no row for the mask
    return value[np.newaxis] if name.startswith("CNN/W") else value


def _assign(file: h5py.File, name: str, variable: tf.Variable, direction: int | None) -> None:
    """Copies a dataset, or the relevant half of it, into a variable."""
    if name not in file:
        raise UserError(
            f"The ELMo weights lack the dataset {name}; use the options.json released with them.", code="elmo-weights-incomplete"
        )
    rows = np.asarray(file[name], np.float32)
    value = variable.numpy()
    want = _released(value, name, direction)
    if name.endswith("/W_0") and rows.shape[0] == 2 * want.shape[0]:
        rows = rows[want.shape[0] :] if "W_h" in variable.name else rows[: want.shape[0]]
    if rows.shape != want.shape:
        raise UserError(
            f"The ELMo weights' {name} has shape {rows.shape}, the options say {want.shape}; use a matching pair of files.",
            code="elmo-weights-mismatch",
        )
    if direction is not None:
        value[direction] = rows
    elif name == "char_embed":
        value = np.concatenate([np.zeros_like(rows[:1]), rows])
    else:
        value = rows.reshape(value.shape)
    variable.assign(value)
