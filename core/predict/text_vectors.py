"""All vectors of one text, layer by layer, and the vectors that heads make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import FloatArray, HalfArray

Part = Literal["static", "0", "1", "2"]  # of a word's vectors: the static one and ELMo's layers
NUM_LAYERS = 3


@dataclass(frozen=True, eq=False)
class TextVectors:
    """The vectors of the tokens of a text.

    Attributes:
        words: The tokens, as models read them.
        static: float16 (num_tokens, static_dim); zeros for a word that is unknown.
        layers: ELMo's layers, float32 (3, num_tokens, width); None where no model of the run reads ELMo.
        layer_mix: What the heads read of the layers, as in the config.
    """

    words: tuple[str, ...]
    static: HalfArray
    layers: FloatArray | None
    layer_mix: str

    def of(self, part: Part) -> HalfArray | FloatArray:
        """One vector per token, (num_tokens, dim)."""
        if part == "static":
            return self.static
        if self.layers is None:
            raise ValueError(f"these are vectors without ELMo, so without the layer {part}")
        layer: FloatArray = self.layers[int(part)]
        return layer

    def parts_read(self) -> list[Part]:
        """The static vector and the layers that play a role in what the heads read."""
        return ["static", *parts_of_elmo(self.layer_mix)] if self.layers is not None else ["static"]

    def as_read(self) -> dict[str, HalfArray]:
        """By embedder, what the heads read: float16 (num_tokens, dim)."""
        read = {"static": self.static}
        return read if self.layers is None else read | {"elmo": _mix(self.layers, self.layer_mix).astype(np.float16)}


def parts_of_elmo(layer_mix: str) -> list[Part]:
    """The layers that a mix, as in the config, takes."""
    layers: Sequence[Part] = ("0", "1", "2")
    return [layer for layer in layers if layer_mix in (layer, "mean", "learned")]


def split_layers(side_by_side: FloatArray) -> FloatArray:
    """ELMo's layers as they come with the mix "learned", (num_tokens, 3 * width) → (3, num_tokens, width)."""
    num_tokens = len(side_by_side)
    return side_by_side.reshape(num_tokens, NUM_LAYERS, side_by_side.shape[1] // NUM_LAYERS).swapaxes(0, 1)


def _mix(layers: FloatArray, layer_mix: str) -> FloatArray:
    """(3, num_tokens, width) → (num_tokens, dim), to the last digit as `ElmoEmbedder` does it, whose file identifies runs."""
    if layer_mix == "mean":
        return np.asarray((layers[0] + layers[1] + layers[2]) / NUM_LAYERS, np.float32)
    if layer_mix == "learned":
        return np.concatenate(list(layers), axis=-1)
    layer: FloatArray = layers[int(layer_mix)]
    return layer
