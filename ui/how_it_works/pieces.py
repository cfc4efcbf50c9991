"""Pieces of the page that explains."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.classifier.architecture import FILTER_WIDTH, HIDDEN_DIM, NUM_FILTERS
from core.elmo.options import BiLMOptions
from core.experiment.config import ARM_TITLES, ExperimentConfig
from core.files import ROOT
from ui.widgets import tables
from ui.widgets.tables import Kind, Table

BUNDLED_OPTIONS = ROOT / "assets" / "elmo-mini" / "options.json"

EXAMPLE_ACCURACIES = pd.DataFrame({"basic": [0.66, 0.70, 0.68, 0.72], "elmo": [0.74, 0.75, 0.76, 0.71]})

# Two sentences with "bad", as what stands before and after it, and the first numbers of its vectors: made up, as the page says.
_SENTENCES = (("a ", " film"), ("not ", " at all"))
_STATIC_NUMBERS = (("0.3", "−0.8", "0.1", "0.5"),) * len(_SENTENCES)
_ELMO_NUMBERS = (("0.6", "−0.9", "0.2", "0.4"), ("−0.1", "0.7", "0.3", "0.4"))


def show_two_ways() -> None:
    """Static and contextual vectors side by side."""
    basic, elmo = st.columns(2)
    with basic.container(border=True, height="stretch", key="explain_basic"):
        st.markdown("##### :material/circle: Basic: a dictionary")
        st.markdown(
            "Each word has one fixed vector, looked up in a long list called GloVe. **bad** has the same numbers in "
            "“a bad film” and in “not bad at all”. A word that is not in the list is simply empty."
        )
        _draw_vectors(_STATIC_NUMBERS, told="the same numbers in both")
    with elmo.container(border=True, height="stretch", key="explain_elmo"):
        st.markdown("##### :material/square: ELMo: a reader")
        st.markdown(
            "ELMo goes through the sentence letter by letter and word by word, once forwards and once backwards. The vector of "
            "**bad** depends on its neighbours, and even a misspelt word gets a sensible one. "
            "It learned this by guessing the next word, and backwards the one before, again and again."
        )
        _draw_vectors(_ELMO_NUMBERS, told="other numbers in each")
    st.caption("These numbers are made up, and real lists are longer. Real ones, for words of your own, are on the Senses page:")
    st.page_link("pages/senses.py", label="Senses: one word, many meanings", icon=":material/scatter_plot:")


def _draw_vectors(numbers: Sequence[Sequence[str]], *, told: str) -> None:
    """Both sentences with an arrow from "bad" to its numbers; equal numbers have equal frames, others another."""
    rows = []
    for (before, after), row in zip(_SENTENCES, numbers, strict=True):
        frame = "solid" if row == numbers[0] else "dashed"
        style = f"border:1.5px {frame} currentColor;border-radius:.3em;min-width:2.8em;text-align:center"
        cells = "".join(f'<span style="{style}">{number}</span>' for number in row)
        rows.append(
            f'<div style="display:flex;flex-wrap:wrap;align-items:center;gap:.25em;margin:.35em 0;font-size:.9em">'
            f'<span style="min-width:7.6em">{before}<b>bad</b>{after} →</span>{cells}<span>…</span></div>'
        )
    st.html(f'<div role="group" aria-label="The word bad in two sentences: {told}">{"".join(rows)}</div>')


def show_steps(config: ExperimentConfig) -> None:
    """What happens to a review, in four boxes."""
    steps = (
        ("1. Words", f"The review is cut into words and signs. The first {config.max_tokens} are read."),
        (
            "2. Vectors",
            "Each becomes a vector: GloVe's for **Basic**, ELMo's and GloVe's together for **ELMo**. Neither changes any more.",
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
    kinds: dict[str, Kind] = {"ELMo mini": "count", "Published ELMo": "count"}
    tables.show(Table("sizes", "Sizes of our ELMo and of the published one", table, kinds))


def show_example_pairs() -> None:
    """A pair plot to learn to read it by."""
    from ui.widgets import charts  # noqa: PLC0415  # half a second to import, which the first lines of the page need not wait for

    picture, table = st.columns([1.6, 1], gap="large", vertical_alignment="center")
    with picture:
        st.altair_chart(
            charts.pair_plot(EXAMPLE_ACCURACIES, title="How to read a pair plot: made-up numbers"), key="example_pairs"
        )
    with table:
        st.markdown(
            "Three lines go up: there ELMo was right more often. One goes down: there it was not. "
            "The short thick lines are the averages."
        )
        frame = EXAMPLE_ACCURACIES.set_axis(EXAMPLE_ACCURACIES.index + 1).rename_axis("trial")
        kinds: dict[str, Kind] = {"trial": "count", "basic": "percent", "elmo": "percent"}
        tables.show(Table("example", "The made-up accuracies of the picture", frame, kinds, ARM_TITLES))
