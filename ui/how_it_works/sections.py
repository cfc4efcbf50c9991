"""What stands on the page at once: the text of each step with a place for its picture, a run's pair plot, and tables."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.elmo.options import BiLMOptions
from core.experiment.arms import ARM_TITLES, PAIR
from core.experiment.config import ExperimentConfig
from core.files import ROOT
from core.predict.transplant import EXAMPLES
from core.store.run import Run
from ui.app import server
from ui.app.navigation import transplant_parameters
from ui.how_it_works import wording
from ui.how_it_works.live import Places
from ui.widgets import tables
from ui.widgets.tables import Kind, Table

BUNDLED_OPTIONS = ROOT / "assets" / "elmo-mini" / "options.json"
_PUBLISHED_SIZES = (2048, 2, 4096, 1024)  # of the original ELMo: Peters et al. 2018, options.json of the released weights


def show_steps(config: ExperimentConfig) -> Places:
    """What happens to a sentence, step by step; the places are for its pictures."""
    st.header(wording.WORDS_TITLE, anchor=False)
    st.markdown(wording.words(config))
    words = st.container(key="how_words")
    st.header(wording.VECTORS_TITLE, anchor=False)
    left, right = st.columns([1, 1.7])
    with left.container(border=True, height="stretch", key="explain_basic"):
        st.markdown(f"### {wording.BASIC_TITLE}")
        st.markdown(wording.BASIC)
        basic = st.container()
    with right.container(border=True, height="stretch", key="explain_elmo"):
        st.markdown(f"### {wording.ELMO_TITLE}")
        st.markdown(wording.ELMO)
        elmo = st.container()
        st.page_link("pages/senses.py", label=wording.SENSES_LINK, icon=":material/scatter_plot:")
        parameters = transplant_parameters(EXAMPLES[0].text, EXAMPLES[0].donor)
        st.page_link("pages/probe.py", label=wording.TRANSPLANT_LINK, icon=":material/chat:", query_params=parameters)
    st.header(wording.HEAD_TITLE, anchor=False)
    st.markdown(wording.head(config))
    head = st.container()
    st.header(wording.ANSWER_TITLE, anchor=False)
    st.markdown(wording.ANSWER)
    answer = st.container()
    return Places(words, basic, elmo, head, answer)


def show_pairs(run: Run | None) -> None:
    """The pair plot of a run with its table and what it says; nothing before a whole pair."""
    if run is None:
        return
    accuracies = server.store().trials.accuracies(run)
    if not set(PAIR) <= set(accuracies) or (pairs := accuracies[list(PAIR)].dropna()).empty:
        return
    from ui.widgets import charts  # noqa: PLC0415  # half a second to import: the first lines of the page need not wait for it

    picture, table = st.columns([1.6, 1], gap="large", vertical_alignment="center")
    with picture:
        st.altair_chart(charts.pair_plot(pairs, title=wording.PAIR_PLOT_TITLE), key="how_pairs")
    with table:
        st.markdown(wording.pair_plot(run.name, {arm: pairs[arm].to_numpy() for arm in PAIR}))
        frame = pairs.set_axis(pairs.index + 1).rename_axis("trial")
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
