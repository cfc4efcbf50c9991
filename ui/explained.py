"""Pieces of the page that explains."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.elmo.options import BiLMOptions
from core.experiment import ExperimentConfig

BUNDLED_OPTIONS = Path(__file__).parents[1] / "assets" / "elmo-mini" / "options.json"
NUM_FILTERS, FILTER_WIDTH, HIDDEN_DIM = 64, 3, 250  # of the head, as in the original experiment


def show_two_ways() -> None:
    """Static and contextual vectors side by side."""
    basic, elmo = st.columns(2)
    with basic.container(border=True, height="stretch", key="explain_basic"):
        st.markdown("##### :material/circle: Basic: a dictionary")
        st.markdown(
            "Each word has one fixed vector, looked up in a long list called GloVe. **bad** has the same numbers in "
            "“a bad film” and in “not bad at all”. A word that is not in the list is simply empty."
        )
    with elmo.container(border=True, height="stretch", key="explain_elmo"):
        st.markdown("##### :material/square: ELMo: a reader")
        st.markdown(
            "ELMo goes through the sentence letter by letter and word by word, once forwards and once backwards. The vector of "
            "**bad** depends on its neighbours, and even a misspelt word gets a sensible one. "
            "It learned this by guessing the next word, again and again."
        )


def show_steps(config: ExperimentConfig) -> None:
    """What happens to a review, in four boxes."""
    steps = (
        ("1. Words", f"The review is cut into words and signs. The first {config.max_tokens} are read."),
        (
            "2. Vectors",
            "Each becomes a vector: GloVe's for **Basic**, ELMo's and GloVe's together for **ELMo**. Both are frozen.",
        ),
        (
            "3. A small network",
            f"{NUM_FILTERS} detectors look at {FILTER_WIDTH} words at a time; their average goes through {HIDDEN_DIM} switches. "
            "Only this part learns here, and it is the same for both.",
        ),
        ("4. An answer", "One number from 0 % (negative) to 100 % (positive)."),
    )
    for column, (title, text) in zip(st.columns(len(steps)), steps, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.markdown(text)


def show_bundled_elmo() -> None:
    """The sizes of the ELMo that comes with the package, beside those of the published one."""
    mini = BiLMOptions.load(BUNDLED_OPTIONS)
    st.markdown(
        "The published ELMo learned from a text of a billion words. Ours is a small sister: the same kind of network, "
        "but it has read film reviews only, far fewer of them, on an ordinary computer."
    )
    table = pd.DataFrame(
        {
            "Part": [
                "Letter patterns it looks for in a word",
                "Reading layers in each direction",
                "Memory cells in each layer and direction",
                "Numbers per word that come out",
            ],
            "ELMo mini": [mini.num_filters, mini.num_layers, mini.cell_dim, 2 * mini.projection_dim],
            "Published ELMo": [2048, 2, 4096, 1024],
        }
    )
    st.dataframe(table, hide_index=True, key="elmo_sizes", alt="Sizes of our ELMo and of the published one")
