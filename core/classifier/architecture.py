"""Sizes of the head and shapes of its weights; knows no TensorFlow."""

from __future__ import annotations

# The head of the original experiment: filters, their width, and the hidden layer.
NUM_FILTERS = 64
FILTER_WIDTH = 3
HIDDEN_DIM = 250

NUM_LAYERS = 3  # of an ELMo model: the token layer and two LSTM layers


def weight_shapes(dim: int, mix_dim: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the trained weights for vectors of `dim` components, of which 3 * mix_dim are layers to be mixed."""
    mixed_dim = dim - (NUM_LAYERS - 1) * mix_dim
    mix: dict[str, tuple[int, ...]] = {"mix/weights": (NUM_LAYERS,), "mix/gamma": ()} if mix_dim else {}
    return {
        **mix,
        "conv/kernel": (FILTER_WIDTH, mixed_dim, NUM_FILTERS),
        "conv/bias": (NUM_FILTERS,),
        "dense/kernel": (NUM_FILTERS, HIDDEN_DIM),
        "dense/bias": (HIDDEN_DIM,),
        "output/kernel": (HIDDEN_DIM, 1),
        "output/bias": (1,),
    }


def constant_shapes(dim: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the standardiser for vectors of `dim` components."""
    return {"input/mean": (dim,), "input/scale": (dim,)}
