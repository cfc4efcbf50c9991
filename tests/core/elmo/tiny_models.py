"""Small random biLMs, released weight files and modules for the tests."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from core.elmo.options import BiLMOptions
from tests.core.elmo.reference import elmo_layers

SENTENCES = [["The", "plot", "thickens", "."], ["Good"], ["a" * 60, "👩‍🚀", "é"], []]
TINY = BiLMOptions(filters=((1, 3), (2, 4), (4, 5)), char_dim=4, num_highway=2, cell_dim=7, projection_dim=5)


def released_shapes(options: BiLMOptions) -> dict[str, tuple[int, ...]]:
    """Datasets of a released weight file, as ELMo's documentation lists them."""
    width, cell_dim, projection_dim = options.num_filters, options.cell_dim, options.projection_dim
    shapes: dict[str, tuple[int, ...]] = {"char_embed": (261, options.char_dim)}
    for i, (size, number) in enumerate(options.filters):
        shapes |= {f"CNN/W_cnn_{i}": (1, size, options.char_dim, number), f"CNN/b_cnn_{i}": (number,)}
    for k in range(options.num_highway):
        for part in ("carry", "transform"):
            shapes |= {f"CNN_high_{k}/W_{part}": (width, width), f"CNN_high_{k}/b_{part}": (width,)}
    shapes |= {"CNN_proj/W_proj": (width, projection_dim), "CNN_proj/b_proj": (projection_dim,)}
    for direction in (0, 1):
        for layer in range(options.num_layers):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            shapes |= {
                f"{cell}/W_0": (2 * projection_dim, 4 * cell_dim),
                f"{cell}/B": (4 * cell_dim,),
                f"{cell}/W_P_0": (cell_dim, projection_dim),
            }
    return shapes


def random_weights(options: BiLMOptions, seed: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    """Weights large enough for gates to saturate and clips to bite now and then."""
    rng = np.random.default_rng(seed)
    weights: dict[str, npt.NDArray[np.float32]] = {}
    for name, shape in released_shapes(options).items():
        scale = 1.5 / np.sqrt(np.prod(shape[:-1])) if len(shape) > 1 else 0.3
        weights[name] = rng.normal(0, scale, shape).astype(np.float32)
    return weights


def write_released(folder: Path, options: BiLMOptions, weights: dict[str, npt.NDArray[np.float32]]) -> tuple[Path, Path]:
    """`options.json` and `weights.hdf5` as they are released."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "options.json").write_text(json.dumps(options.to_released()))
    with h5py.File(folder / "weights.hdf5", "w") as file:
        for name, value in weights.items():
            file[name] = value
    return folder / "options.json", folder / "weights.hdf5"


def load_model(folder: Path, options: BiLMOptions = TINY, seed: int = 0) -> Any:
    """A biLM with random weights, read from a released file."""
    from core.elmo.weights import load_weights

    _, weights = write_released(folder, options, random_weights(options, seed))
    return load_weights(weights, options)


def reference_layers(tokens: list[str]) -> npt.NDArray[np.float32]:
    """What the reference makes of tokens with the random weights of the tiny biLM: (3, len(tokens), 10)."""
    return elmo_layers(tokens, random_weights(TINY), TINY)


def write_hub_module(folder: Path, released: Path) -> Path:
    """Our own module, with released weights of the tiny biLM."""
    from core.elmo.export import export_hub_module
    from core.elmo.weights import load_weights

    export_hub_module(load_weights(released, TINY), folder)
    return folder


def without_skips(options: BiLMOptions) -> BiLMOptions:
    return replace(options, use_skip_connections=False)


def write_tf1_hub_module(folder: Path, released: Path, options: BiLMOptions) -> None:
    """A module in TF1-Hub format with google/elmo's signature `tokens` and nothing else, holding released weights."""
    import tensorflow as tf

    from core.elmo.weights import load_weights

    values = [variable.numpy() for variable in load_weights(released, options).trainable_variables]
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        from core.elmo.model import BiLM

        model = BiLM(options)
        tokens = tf.compat.v1.placeholder(tf.string, [None, None], "tokens")
        lengths = tf.compat.v1.placeholder(tf.int32, [None], "sequence_len")
        layers, _ = model.layers(tokens, lengths)
        outputs = {
            "word_emb": layers[0, :, :, : options.projection_dim],
            "lstm_outputs1": layers[1],
            "lstm_outputs2": layers[2],
            "elmo": tf.reduce_mean(layers, axis=0),
            "default": tf.reduce_mean(layers, axis=[0, 2]),
        }
        for variable, value in zip(model.trainable_variables, values, strict=True):
            variable.load(value, session)
        signature = tf.compat.v1.saved_model.predict_signature_def({"tokens": tokens, "sequence_len": lengths}, outputs)
        builder = tf.compat.v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, tags=[], signature_def_map={"tokens": signature})
        builder.save()
    (folder / "tfhub_module.pb").write_bytes(bytes([0x08, 0x03]))  # ModuleDef { format: FORMAT_V3 }
