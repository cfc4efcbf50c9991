"""One vector for a whole text, from a TF-Hub module such as nnlm-en-dim128 or universal-sentence-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from core.access.addresses import is_address, shown_address
from core.arrays import FloatArray
from core.embedders.elmo import load_hub_module
from core.errors import UserError
from core.settings import Settings

# Changes when this file computes other vectors with the same module.
_VERSION = 1
_NUM_TEXTS = 32  # in a call
_OUTPUTS = ("default", "outputs", "embeddings")  # of a module that gives several, the first that it has
_PROBE = "a film"


class TextModuleEmbedder:
    """Vectors of whole texts, one each: the module reads the words of a text with blanks between them.

    That is how text looks that was split by the Penn Treebank's rules, and it lets every model of a run read the same words.

    Args:
        call: Texts, string (N,) → vectors, float (N, dim).
        name: Name shown to people.
        digest: Digest of the module's files.
        dim: Width of a vector.
    """

    def __init__(self, call: Callable[[tf.Tensor], tf.Tensor], *, name: str, digest: str, dim: int) -> None:
        self.name = name
        self.fingerprint = f"{digest}-text-{_VERSION}"
        self.module_digest = digest
        self.dim = dim
        self._call = call

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        """The vector of each text, float32 (1, dim), in the order given; no tokens give (0, dim)."""
        vectors: list[FloatArray] = [np.zeros((0, self.dim), np.float32) for _ in sentences]
        rows = [row for row, tokens in enumerate(sentences) if len(tokens)]
        for start in range(0, len(rows), _NUM_TEXTS):
            part = rows[start : start + _NUM_TEXTS]
            texts = tf.constant([" ".join(sentences[row]) for row in part])
            for row, vector in zip(part, self._call(texts).numpy(), strict=True):
                vectors[row] = np.asarray(vector, np.float32)[np.newaxis]
        return vectors


def load_text_module(source: str, settings: Settings) -> TextModuleEmbedder:
    """Loads a module of either format of TF-Hub: a SavedModel that can be called, or one with signatures.

    Args:
        source: Folder or handle.
        settings: Where the data folder is, which keeps downloads.

    Raises:
        UserError: There is no such module, it cannot be loaded, needs operations that TensorFlow does not have, or does not make
            one vector of a text.
    """
    digest, module = load_hub_module(source, settings, what="text module")
    shown = shown_address(source) if is_address(source) else source
    try:
        call = _caller(module)
        vectors = call(tf.constant([_PROBE, _PROBE]))
    except (tf.errors.OpError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise _unfit(shown) from error
    if vectors.shape.rank != 2 or vectors.shape[0] != 2 or not vectors.dtype.is_floating:
        raise _unfit(shown)
    return TextModuleEmbedder(call, name=source.rstrip("/"), digest=digest, dim=int(vectors.shape[1]))


def _caller(module: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """What turns texts into vectors."""
    if callable(module):
        return lambda texts: _vectors(module(texts))
    signatures = module.signatures
    signature = signatures["default"] if "default" in signatures else signatures["serving_default"]
    [name] = signature.structured_input_signature[1]
    return lambda texts: _vectors(signature(**{name: texts}))


def _vectors(output: Any) -> tf.Tensor:
    if isinstance(output, dict):
        name = next((name for name in _OUTPUTS if name in output), None)
        output = output[name] if name else next(iter(output.values()))
    return tf.convert_to_tensor(output)


def _unfit(shown: str) -> UserError:
    return UserError(
        f"The module {shown!r} does not make one vector of a text, as nnlm-en-dim128 and universal-sentence-encoder do; choose "
        "one that does.",
        code="text-module-unfit",
    )
