"""The number of reviews by part and label, and their lengths."""

from __future__ import annotations

import streamlit as st

from core.data.review_pool import ReviewPool
from core.formatting import in_percent
from ui.reviews import charts, dataset, wording

PARTS = {"train": "training", "test": "test"}
_TABLE_HEIGHT = 280


def show(pool: ReviewPool) -> None:
    """Two charts, each with its table."""
    index = dataset.review_index(pool)
    sizes = index.sizes().rename(index=PARTS)
    chart, table = st.columns([2, 1], gap="large", vertical_alignment="center")
    chart.altair_chart(charts.balance_plot(sizes), key="balance_chart")  # its description is the alt text
    table.dataframe(
        sizes.assign(positive_share=in_percent(sizes["positive"] / sizes.sum(axis="columns"))),
        key="balance_table",
        alt="Number of reviews by part and label",
        column_config={
            "": st.column_config.TextColumn("part"),
            "negative": st.column_config.NumberColumn(format="localized"),
            "positive": st.column_config.NumberColumn(format="localized"),
            "positive_share": st.column_config.NumberColumn("positive in %", format="%.1f"),
        },
    )
    histogram = index.length_histogram()
    chart, table = st.columns([2, 1], gap="large", vertical_alignment="center")
    chart.altair_chart(charts.length_plot(histogram), key="length_chart")
    table.dataframe(
        histogram,
        key="length_table",
        hide_index=True,
        height=_TABLE_HEIGHT,
        alt="Number of reviews by length",
        column_config={
            "start": st.column_config.NumberColumn("from word", format="localized"),
            "end": st.column_config.NumberColumn("to word", format="localized"),
            "negative": st.column_config.NumberColumn(format="localized"),
            "positive": st.column_config.NumberColumn(format="localized"),
        },
    )
    st.caption(wording.explain_lengths(int(index.num_words.max())))
