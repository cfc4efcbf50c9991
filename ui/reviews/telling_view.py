"""The words that tell negative reviews from positive ones."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import plain_text
from core.data import word_statistics
from core.data.review_pool import ReviewPool
from core.disk_cache import cached_table
from ui.app import server
from ui.reviews import browse_view, charts, wording
from ui.reviews.dataset import content_key
from ui.widgets.pickers import row_picker

NUM_DRAWN = 20  # per class
NUM_LISTED = 200


def show(pool: ReviewPool) -> None:
    """A chart for each class and a table of both; a click on a word leads to its reviews."""
    words = _telling_words(pool)
    drawn = {"negative": words[words["z"] < 0].head(NUM_DRAWN), "positive": words[words["z"] > 0].iloc[::-1].head(NUM_DRAWN)}
    if any(rows.empty for rows in drawn.values()):
        st.info(wording.NO_TELLING_WORDS, icon=":material/info:")
        return
    strongest = float(words["z"].abs().max())
    st.markdown(wording.CLICK_A_WORD)
    for column, (label, rows) in zip(st.columns(2, gap="large"), drawn.items(), strict=True):
        key = f"telling_{label}"
        chart = charts.word_plot(rows, label, strongest=strongest)
        column.altair_chart(chart, key=key, on_select=lambda key=key: _open_bar(key))  # its description is the alt text
    st.caption(wording.explain_telling_words(len(pool.train)))
    _show_table(words)


def _show_table(words: pd.DataFrame) -> None:
    listed = words.sort_values("z", key=abs, ascending=False, kind="stable").head(NUM_LISTED)[
        ["word", "num_negative", "num_positive", "odds_ratio", "z"]
    ]
    row_picker.choose(
        listed,
        listed["word"].tolist(),
        key="telling_table",
        on_change=_open_row,
        hide_index=True,
        alt="The words that tell the classes apart, the most telling first",
        column_config={
            "num_negative": st.column_config.NumberColumn("negative reviews with it", format="localized"),
            "num_positive": st.column_config.NumberColumn("positive reviews with it", format="localized"),
            "odds_ratio": st.column_config.NumberColumn("odds ratio", format="%.2f", help=wording.ODDS_RATIO_HELP),
            "z": st.column_config.NumberColumn("z", format="%+.1f", help=wording.Z_HELP),
        },
    )


def _open_bar(key: str) -> None:
    if chosen := st.session_state[key]["selection"][charts.WORD]:
        browse_view.search_for(chosen[0][charts.WORD], split="Training")


def _open_row(words: list[str]) -> None:
    if words:
        browse_view.search_for(words[0], split="Training")


@st.cache_resource(
    show_spinner=wording.COUNTING,
    max_entries=8,
    hash_funcs={ReviewPool: content_key},
)
def _telling_words(pool: ReviewPool) -> pd.DataFrame:
    texts, labels = [pool.texts[position] for position in pool.train], pool.labels[pool.train]
    return cached_table(
        "telling-words",
        lambda: word_statistics.telling_words(texts, labels),
        parts=[*texts, "".join(map(str, labels))],
        code=[plain_text, word_statistics],
        settings=server.settings(),
    )
