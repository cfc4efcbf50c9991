"""A biLM as a TF-Hub module that answers google/elmo's signatures and two faster ones; and back."""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf

from core.elmo.model import BiLM
from core.elmo.options import BiLMOptions
from core.errors import UserError

_NUM_LAYERS = 2


class _HubModule(tf.Module):
    """The signatures of an exported biLM.

    `default` and `tokens` are those of google/elmo 2 and 3. `word_vectors` and `context` split the work in two, so that each
    word type is encoded only once.
    """

    def __init__(self, model: BiLM) -> None:
        super().__init__()
        self.model = model
        self._boundaries = tf.constant(model.boundary_vectors().numpy())  # once, not in every call

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="strings")])
    def default(self, strings: tf.Tensor) -> dict[str, tf.Tensor]:
        """Outputs for sentences that are split on spaces."""
        tokens = tf.strings.split(strings, " ")
        outputs: dict[str, tf.Tensor] = self.tokens(tokens.to_tensor(""), tf.cast(tokens.row_lengths(), tf.int32))
        return outputs

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None], tf.string, name="tokens"),
            tf.TensorSpec([None], tf.int32, name="sequence_len"),
        ]
    )
    def tokens(self, tokens: tf.Tensor, sequence_len: tf.Tensor) -> dict[str, tf.Tensor]:
        """Outputs for tokenised sentences."""
        layers, _ = self.model.layers(tokens, sequence_len)  # (3, batch, time, 2 * projection_dim)
        elmo = tf.reduce_mean(layers, axis=0)
        num_tokens = tf.cast(tf.maximum(sequence_len, 1), tf.float32)[:, None]
        return {
            "word_emb": layers[0, :, :, : self.model.options.projection_dim],
            "lstm_outputs1": layers[1],
            "lstm_outputs2": layers[2],
            "elmo": elmo,
            "default": tf.reduce_sum(elmo, axis=1) / num_tokens,
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def word_vectors(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        """Context-free vectors of word types."""
        return {"word_emb": self.model.word_vectors(words)}

    def context(self, vectors: tf.Tensor, sequence_len: tf.Tensor) -> dict[str, tf.Tensor]:
        """The two LSTM layers over context-free vectors."""
        layers, _ = self.model.context(vectors, sequence_len, boundaries=self._boundaries)
        return {"lstm_outputs1": layers[1], "lstm_outputs2": layers[2]}


def require_exportable(options: BiLMOptions) -> None:
    """Checks that a biLM has two LSTM layers, because google/elmo's contract has an output for each.

    Raises:
        UserError: It has another number.
    """
    if options.num_layers != _NUM_LAYERS:
        layers = "one layer" if options.num_layers == 1 else f"{options.num_layers} layers"
        raise UserError(
            f"The ELMo options say that each direction has {layers}, but a module needs {_NUM_LAYERS}; use a released ELMo.",
            code="elmo-layers",
        )


def export_hub_module(model: BiLM, folder: Path) -> None:
    """Writes a TF-Hub SavedModel; loading it needs none of our code.

    Args:
        model: With two LSTM layers.
        folder: Made if missing; an `options.json` in the released format stands beside the module.

    Raises:
        UserError: It has another number of layers.
    """
    require_exportable(model.options)
    module = _HubModule(model)
    context = tf.function(
        module.context,
        input_signature=[
            tf.TensorSpec([None, None, model.options.projection_dim], tf.float32, name="vectors"),
            tf.TensorSpec([None], tf.int32, name="sequence_len"),
        ],
    )
    signatures = {
        "default": module.default,
        "tokens": module.tokens,
        "word_vectors": module.word_vectors,
        "context": context,
    }
    tf.saved_model.save(module, str(folder), signatures=signatures)
    (folder / "options.json").write_text(json.dumps(model.options.to_released(), indent=2) + "\n", encoding="utf-8")


def load_exported(folder: Path) -> BiLM:
    """Reads the weights back from a folder that `export_hub_module` wrote.

    Raises:
        UserError: It holds no such module, or one of other sizes than its `options.json` says.
    """
    model = BiLM(BiLMOptions.load(folder / "options.json"))
    try:
        tf.train.Checkpoint(model=model).read(str(folder / "variables" / "variables")).assert_existing_objects_matched()
    except (tf.errors.OpError, AssertionError, ValueError) as error:
        raise UserError(
            f"The weights in {folder} cannot be read; give the folder of a module that export or convert wrote.",
            code="module-weights-unreadable",
        ) from error
    return model
