"""A dataset's numbers and words as Altair charts. Nothing in here knows Streamlit."""

from __future__ import annotations

import altair as alt
import pandas as pd

from ui.text import count
from ui.widgets.charts import PAIR_LINE

# Two colours of Okabe and Ito's palette that no arm has; every chart also names the classes in words.
CLASS_COLOURS = {"negative": "#CC79A7", "positive": "#009E73"}
_CLASS_DASHES = {"negative": [6, 3], "positive": [1, 0]}

WORD = "word"  # the name of the selection in `word_plot` and of the field that it selects by
_PLOT_HEIGHT = 280
_PART_HEIGHT = 44
_ROW_HEIGHT = 23


def balance_plot(sizes: pd.DataFrame) -> alt.Chart:
    """A bar for the training reviews and one for the test reviews, each divided by class.

    Args:
        sizes: `ReviewIndex.sizes()`.
    """
    rows = sizes.rename_axis("part").reset_index().melt(id_vars="part", var_name="label", value_name="reviews")
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("reviews:Q", title="Reviews", axis=alt.Axis(format=",d", tickCount=5, tickMinStep=1)),
            y=_row_axis("part", list(sizes.index)),
            color=_class_colour(),
            order=alt.Order("label:N"),
            tooltip=[
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("label:N", title="Label"),
                alt.Tooltip("reviews:Q", format=",d", title="Reviews"),
            ],
        )
    )
    parts = [
        f"{part}: {row['negative']:,} negative, {row['positive']:,} positive" for part, row in sizes.to_dict("index").items()
    ]
    return _described(
        chart,
        title="Negative and positive reviews",
        description=f"Number of reviews by part and label. {'; '.join(parts)}.",
        height=_PART_HEIGHT * len(sizes),
    )


def length_plot(histogram: pd.DataFrame) -> alt.Chart:
    """The number of reviews of each length, a stepped line for each class.

    Args:
        histogram: `ReviewIndex.length_histogram()`.
    """
    last = histogram.iloc[[-1]].assign(start=histogram["end"].iloc[-1] + 1)  # where the last step ends
    rows = pd.concat([histogram, last]).melt(id_vars=["start", "end"], var_name="label", value_name="reviews")
    dashes = alt.Scale(domain=list(_CLASS_DASHES), range=list(_CLASS_DASHES.values()))
    chart = (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("start:Q", title="Words in a review", axis=alt.Axis(format=",d", tickCount=8), scale=alt.Scale(nice=False)),
            y=alt.Y("reviews:Q", title="Reviews", axis=alt.Axis(format=",d", tickCount=5, tickMinStep=1)),
            color=_class_colour(),
            strokeDash=alt.StrokeDash("label:N", scale=dashes),
            tooltip=[
                alt.Tooltip("label:N", title="Label"),
                alt.Tooltip("start:Q", title="From word", format=",d"),
                alt.Tooltip("end:Q", title="To word", format=",d"),
                alt.Tooltip("reviews:Q", title="Reviews", format=",d"),
            ],
        )
    )
    return _described(chart, title="Length of the reviews", description=describe_lengths(histogram), height=_PLOT_HEIGHT)


def word_plot(words: pd.DataFrame, label: str, *, strongest: float) -> alt.Chart:
    """A bar for each telling word of one class, the most telling on top; a click selects the word.

    Args:
        words: Rows of `telling_words` in the order to draw them in.
        label: "negative" or "positive".
        strongest: The largest |z| of both classes, where both axes end, so that bars can be compared.
    """
    selection = alt.selection_point(name=WORD, fields=[WORD])
    chart = (
        alt.Chart(words.assign(strength=words["z"].abs()))
        .mark_bar(color=CLASS_COLOURS[label], cursor="pointer")
        .encode(
            x=alt.X(
                "strength:Q",
                title="How telling (z)",
                axis=alt.Axis(tickCount=6),
                scale=alt.Scale(domain=[0, strongest]),
            ),
            y=_row_axis("word", list(words["word"])),
            opacity=alt.condition(selection, alt.value(1), alt.value(0.5)),
            tooltip=[
                alt.Tooltip("word:N", title="Word"),
                alt.Tooltip("num_negative:Q", format=",d", title="Negative reviews with it"),
                alt.Tooltip("num_positive:Q", format=",d", title="Positive reviews with it"),
                alt.Tooltip("strength:Q", format=".1f", title="How telling (z)"),
            ],
        )
        .add_params(selection)
    )
    return _described(
        chart,
        title=f"Words of {label} reviews",
        description=f"The most telling words of {label} reviews: {', '.join(words['word'])}.",
        height=_ROW_HEIGHT * len(words),
    )


def unknown_plot(unknown: pd.DataFrame) -> alt.Chart:
    """A bar for each of the most frequent tokens without a vector.

    Args:
        unknown: The first rows of `Coverage.unknown`, with printable tokens.
    """
    chart = (
        alt.Chart(unknown)
        .mark_bar(color=PAIR_LINE)
        .encode(
            x=alt.X("count:Q", title="Occurrences", axis=alt.Axis(format=",d", tickCount=6, tickMinStep=1)),
            y=_row_axis("token", list(unknown["token"])),
            tooltip=[alt.Tooltip("token:N", title="Word or sign"), alt.Tooltip("count:Q", format=",d", title="Occurrences")],
        )
    )
    listed = ", ".join(f"{token} {number:,}" for token, number in zip(unknown["token"], unknown["count"], strict=True))
    return _described(
        chart,
        title="The most frequent unknown words and signs",
        description=f"Words and signs without a vector, with the number of occurrences: {listed}.",
        height=_ROW_HEIGHT * len(unknown),
    )


def describe_lengths(histogram: pd.DataFrame) -> str:
    """The alt text of `length_plot`."""
    fullest = {label: histogram.iloc[int(histogram[label].to_numpy().argmax())] for label in CLASS_COLOURS}
    parts = [f"most {label} ones have {row['start']:,} to {count(int(row['end']), 'word')}" for label, row in fullest.items()]
    return f"Number of reviews by length; {' and '.join(parts)}."


def _row_axis(field: str, names: list[str]) -> alt.Y:
    axis = alt.Axis(labelFontSize=13, labelLimit=130, labelOverlap=False, labelBaseline="middle", labelFlush=False)
    return alt.Y(f"{field}:N", sort=names, title=None, axis=axis)


def _class_colour() -> alt.Color:
    scale = alt.Scale(domain=list(CLASS_COLOURS), range=list(CLASS_COLOURS.values()))
    return alt.Color("label:N", scale=scale, legend=alt.Legend(orient="top", title=None))


def _described(chart: alt.Chart, *, title: str, description: str, height: int) -> alt.Chart:
    described: alt.Chart = chart.properties(
        title=alt.Title(title, anchor="start"),
        description=description,
        height=height,
        # The height of the bars alone, whatever titles and axes need.
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return described
