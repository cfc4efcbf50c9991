"""The parts of the page that are more than text: pictures, boxes and tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.elmo.options import BiLMOptions
from core.experiment.config import ARM_TITLES, ExperimentConfig
from core.files import ROOT
from ui.how_it_works import wording
from ui.widgets import tables
from ui.widgets.tables import Kind, Table

BUNDLED_OPTIONS = ROOT / "assets" / "elmo-mini" / "options.json"
_PUBLISHED_SIZES = (2048, 2, 4096, 1024)  # of the original ELMo: Peters et al. 2018, options.json of the released weights

EXAMPLE_ACCURACIES = pd.DataFrame({"basic": [0.66, 0.70, 0.68, 0.72], "elmo": [0.74, 0.75, 0.76, 0.71]})

# Two sentences with "bad", as the text before and after it, and the first numbers of its vectors: made up, as the page says.
_SENTENCES = (("a ", " film"), ("not ", " at all"))
_STATIC_NUMBERS = (("0.3", "−0.8", "0.1", "0.5"),) * len(_SENTENCES)
_ELMO_NUMBERS = (("0.6", "−0.9", "0.2", "0.4"), ("−0.1", "0.7", "0.3", "0.4"))


def show_two_ways() -> None:
    """Static and contextual vectors side by side."""
    basic, elmo = st.columns(2)
    with basic.container(border=True, height="stretch", key="explain_basic"):
        st.markdown(f"##### {wording.BASIC_TITLE}")
        st.markdown(wording.BASIC)
        _draw_vectors(_STATIC_NUMBERS, alt=wording.BASIC_PICTURE)
    with elmo.container(border=True, height="stretch", key="explain_elmo"):
        st.markdown(f"##### {wording.ELMO_TITLE}")
        st.markdown(wording.ELMO)
        _draw_vectors(_ELMO_NUMBERS, alt=wording.ELMO_PICTURE)
    st.caption(wording.MADE_UP)
    st.page_link("pages/senses.py", label="Open Senses", icon=":material/scatter_plot:")


def _draw_vectors(numbers: Sequence[Sequence[str]], *, alt: str) -> None:
    """Both sentences with an arrow from "bad" to its numbers; numbers that differ from the first row's have a dashed frame."""
    rows = []
    for (before, after), row in zip(_SENTENCES, numbers, strict=True):
        frame = "solid" if row == numbers[0] else "dashed"
        style = f"border:1.5px {frame} currentColor;border-radius:.3em;min-width:2.8em;text-align:center"
        cells = "".join(f'<span style="{style}">{number}</span>' for number in row)
        rows.append(
            f'<div style="display:flex;flex-wrap:wrap;align-items:center;gap:.25em;margin:.35em 0;font-size:.9em">'
            f'<span style="min-width:7.6em">{before}<b>bad</b>{after} →</span>{cells}<span>…</span></div>'
        )
    st.html(f'<div role="group" aria-label="{alt}">{"".join(rows)}</div>')


def show_steps(config: ExperimentConfig) -> None:
    """What happens to a review, a box for each step."""
    steps = wording.steps(config)
    for column, (title, text) in zip(st.columns(len(steps)), steps, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.markdown(text)


def show_example_pairs() -> None:
    """A pair plot of made-up numbers, with its table."""
    from ui.widgets import charts  # noqa: PLC0415  # half a second to import: the first lines of the page need not wait for it

    picture, table = st.columns([1.6, 1], gap="large", vertical_alignment="center")
    with picture:
        st.altair_chart(charts.pair_plot(EXAMPLE_ACCURACIES, title=wording.PAIR_PLOT_TITLE), key="example_pairs")
    with table:
        st.markdown(wording.PAIR_PLOT)
        frame = EXAMPLE_ACCURACIES.set_axis(EXAMPLE_ACCURACIES.index + 1).rename_axis("trial")
        kinds: dict[str, Kind] = {"trial": "count", "basic": "percent", "elmo": "percent"}
        tables.show(Table("example", wording.PAIRS_TABLE, frame, kinds, ARM_TITLES))


def show_elmo_mini() -> None:
    """The sizes of the bundled ELMo and of the published one."""
    st.markdown(wording.ELMO_MINI)
    mini = BiLMOptions.load(BUNDLED_OPTIONS)
    table = pd.DataFrame(
        {
            "Part": [wording.FILTERS, wording.LAYERS, wording.CELLS, wording.WIDTH],
            "ELMo mini": [mini.num_filters, mini.num_layers, mini.cell_dim, 2 * mini.projection_dim],
            "Published ELMo": _PUBLISHED_SIZES,
        }
    )
    kinds: dict[str, Kind] = {"ELMo mini": "count", "Published ELMo": "count"}
    tables.show(Table("sizes", wording.SIZES_TABLE, table, kinds))
