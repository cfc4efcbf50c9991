"""Results as Altair charts. Nothing in here knows Streamlit: the same charts are drawn on pages and written to files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from core.experiment.arms import BAG_OF_WORDS, arm_title, pair_of
from core.formatting import percent, signed
from ui.arm_style import ARM_LABELS, look_of

# Altair checks a chart when it is sent; checking each of its parts as it is made doubles the time that a page needs for it.
alt.utils.schemapi.disable_debug_mode()

MODEL_TOOLTIP = alt.Tooltip("model:N", title="Model")  # of rows that `told` has made
INTERVAL_TOOLTIP = (alt.Tooltip("low_shown:N", title="Interval from"), alt.Tooltip("high_shown:N", title="to"))

TEXT = "currentColor"  # of the page: charts are drawn as SVG
LABEL_OPACITY = 0.8

PAIR_LINE = "#8A9099"  # a grey with contrast 3:1 on white and on the dark background alike
REFERENCE_LINE: dict[str, Any] = {"color": PAIR_LINE, "strokeDash": [4, 4]}  # equality, or 50 %
PLOT_HEIGHT = 340
_TICK_WIDTH = 56
_COARSE_STEP, _FINE_STEP = 0.05, 0.025  # of the grid on which axes of accuracies end; every coarse step is a fine one, too
_AXIS_MARGIN = 0.005  # so that no point lies on the edge
_ROUNDING = 1e-9
ARM_ROW_HEIGHT = 52


@alt.theme.register("elmo-lens", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    """Labels in the colour of the page's text, a little paler, and "80 %" with its space.

    Streamlit's own grey has a contrast of 3.7:1 on white; WCAG asks for 4.5:1. It draws more than 2,000 marks on a canvas, where
    the colour of the page's text is black in the dark theme too; SVG takes no longer for the reviews of a test.
    """
    labels: Any = {"labelColor": TEXT, "labelOpacity": LABEL_OPACITY, "titleColor": TEXT, "titleOpacity": LABEL_OPACITY}
    return {
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {
            "axis": labels,
            "axisQuantitative": {"labelExpr": "replace(datum.label, '%', ' %')"},
            "legend": labels,
            "title": {"subtitleColor": TEXT},
        },
    }


def pair_plot(
    accuracies: pd.DataFrame,
    reference: pd.Series | None = None,
    *,
    title: str = "Accuracy of each trial, joined in pairs",
    height: int = PLOT_HEIGHT,
) -> alt.LayerChart:
    """Two columns of points, one per arm, and a line for every trial that has both.

    Args:
        accuracies: Index `trial` counting from 0, one column of accuracies (0-1) per arm; NaN where a trial is not finished.
        reference: Accuracy of the bag of words by trial, for a grey column of its own whose points are joined to nothing. An
            empty one keeps the column free; without it there is none.
        title: Above the chart.
        height: In pixels.
    """
    points = _long(accuracies, reference)
    base = alt.Chart(points).encode(x=_arm_axis(accuracies, reference), y=_accuracy_axis(points))
    lines = (
        base.transform_filter("datum.paired")
        .mark_line(color=PAIR_LINE, strokeWidth=1.5, opacity=0.8)
        .encode(detail="trial:N", tooltip=_trial_tooltip(accuracies))
    )
    means = _arm_ticks(base, points.groupby("arm")["accuracy"].mean(), "Mean accuracy")
    chart = alt.LayerChart(layer=[means, lines, _trial_points(base, accuracies, points["arm"], size=80)])
    return titled(chart, title, describe_accuracies(accuracies, "Pair plot", reference), height=height)


def box_plot(
    accuracies: pd.DataFrame,
    reference: pd.Series | None = None,
    *,
    title: str = "Spread of the trials",
    height: int = PLOT_HEIGHT,
) -> alt.LayerChart:
    """A box per arm from the lower to the upper quartile, whiskers to the extremes, every trial as a point.

    Args:
        accuracies: As in `pair_plot`.
        reference: The same.
        title: Above the chart.
        height: In pixels.
    """
    points = _long(accuracies, reference)
    base = alt.Chart(points).encode(x=_arm_axis(accuracies, reference), y=_accuracy_axis(points), color=arm_colour(points["arm"]))
    boxes = base.mark_boxplot(
        extent="min-max",
        size=_TICK_WIDTH,
        box={"fillOpacity": 0.3},
        median=False,  # its colour cannot follow the arm
        rule={"color": PAIR_LINE},
        ticks={"color": PAIR_LINE, "size": 20},
    )
    medians = _arm_ticks(base, points.groupby("arm")["accuracy"].median(), "Median")
    chart = alt.LayerChart(layer=[boxes, medians, _trial_points(base, accuracies, points["arm"], size=45)])
    return titled(chart, title, describe_accuracies(accuracies, "Box plot", reference), height=height)


def probability_plot(probs: Mapping[str, npt.NDArray[np.floating[Any]]]) -> alt.LayerChart:
    """One row per arm from negative (left) to positive (right): a small mark per head, a line over their spread, a big mean.

    Args:
        probs: Arm to the probabilities of its heads that a sentence is positive, (num_heads,).
    """
    heads = pd.DataFrame(
        [
            {"arm": arm, "probability": float(prob), "head": f"trial {number}"}
            for arm, values in probs.items()
            for number, prob in enumerate(values, start=1)
        ]
    )
    spread = told(heads.groupby("arm", as_index=False)["probability"].agg(["mean", "min", "max"]), "mean", "min", "max")
    y = alt.Y("arm:N", sort=list(probs), axis=_arm_labels(title=None, labelBaseline="middle", labelFlush=False))
    middle = alt.Chart(pd.DataFrame({"probability": [0.5]})).mark_rule(**REFERENCE_LINE).encode(x=_probability_axis())
    ranges = (
        alt.Chart(spread)
        .mark_rule(strokeWidth=6, opacity=0.3, strokeCap="round")
        .encode(x=_probability_axis("min"), x2="max:Q", y=y, color=arm_colour(probs))
    )
    ticks = (
        alt.Chart(told(heads, "probability"))
        .mark_tick(thickness=2, size=18, opacity=0.7)
        .encode(
            x=_probability_axis(),
            y=y,
            color=arm_colour(probs),
            tooltip=[
                MODEL_TOOLTIP,
                alt.Tooltip("head:N", title="Head of"),
                alt.Tooltip("probability_shown:N", title="Positive"),
            ],
        )
    )
    means = (
        alt.Chart(spread)
        .mark_point(filled=True, size=220, opacity=1)
        .encode(
            x=_probability_axis("mean"),
            y=y,
            color=arm_colour(probs),
            shape=arm_shape(probs),
            tooltip=[
                MODEL_TOOLTIP,
                alt.Tooltip("mean_shown:N", title="Mean"),
                alt.Tooltip("min_shown:N", title="Lowest head"),
                alt.Tooltip("max_shown:N", title="Highest head"),
            ],
        )
    )
    chart = alt.LayerChart(layer=[middle, ranges, ticks, means]).properties(height=ARM_ROW_HEIGHT * len(probs))
    return chart.properties(
        title=alt.Title("Each trained model (thin) and the mean (big)", anchor="start", fontSize=13),
        description=describe_probabilities(probs),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def describe_accuracies(accuracies: pd.DataFrame, kind: str, reference: pd.Series | None = None) -> str:
    """The alt text of a chart of accuracies: what it shows, in words."""
    arms = [
        f"{arm_title(str(arm))} {percent(values.min())} to {percent(values.max())}, mean {percent(values.mean())}"
        for arm, values in with_reference(accuracies, reference).items()
        if values.notna().any()
    ]
    num_trials = int(accuracies.notna().any(axis="columns").sum())
    return f"{kind} of accuracy in {num_trials} {'trial' if num_trials == 1 else 'trials'}: {'; '.join(arms)}."


def describe_probabilities(probs: Mapping[str, npt.NDArray[np.floating[Any]]]) -> str:
    """The alt text of `probability_plot`."""
    arms = [
        f"{arm_title(arm)} {percent(float(values.mean()))}, heads from {percent(float(values.min()))} to "
        f"{percent(float(values.max()))}"
        for arm, values in probs.items()
    ]
    return f"Probability that the sentence is positive: {'; '.join(arms)}."


def told(rows: pd.DataFrame, *columns: str, write: Callable[[float], str] = percent) -> pd.DataFrame:
    """Rows of a chart with what its tooltips say, rounded here and not by D3, to which 73.55 is less than it is.

    Args:
        rows: With a column `arm` or without.
        columns: Of numbers; each gets its text as `<column>_shown`.
        write: A number as people read it.

    Returns:
        The rows with these columns and, where they have an arm, its title as `model`.
    """
    shown = rows.assign(**{f"{column}_shown": rows[column].map(write) for column in columns})
    return shown.assign(model=shown["arm"].map(arm_title)) if "arm" in shown else shown


def titled(chart: alt.LayerChart, title: str, description: str, *, height: int = PLOT_HEIGHT) -> alt.LayerChart:
    """The chart with its title and its alt text."""
    named: alt.LayerChart = chart.properties(title=alt.Title(title, anchor="start"), description=description, height=height)
    return named


def on_paper(chart: alt.LayerChart) -> alt.LayerChart:
    """The chart on white at a fixed size, as it is written to PNG and SVG files."""
    paper: alt.LayerChart = chart.properties(width=420).configure(background="#ffffff", font="sans-serif")
    return paper


def to_svg(chart: alt.LayerChart) -> bytes:
    """SVG file of a chart; vl-convert draws it without a browser or a network."""
    import vl_convert  # noqa: PLC0415  # starts a JavaScript engine: only when somebody downloads

    return vl_convert.vegalite_to_svg(on_paper(chart).to_json(validate=False)).encode()


def to_png(chart: alt.LayerChart) -> bytes:
    """PNG file of a chart, twice the pixels of the screen so that it prints well."""
    import vl_convert  # noqa: PLC0415  # starts a JavaScript engine: only when somebody downloads

    return bytes(vl_convert.vegalite_to_png(on_paper(chart).to_json(validate=False), scale=2))


def with_reference(accuracies: pd.DataFrame, reference: pd.Series | None) -> pd.DataFrame:
    """The accuracies with those of the bag of words as a last column, if there are any."""
    return accuracies if reference is None or reference.empty else accuracies.assign(**{BAG_OF_WORDS: reference})


def _long(accuracies: pd.DataFrame, reference: pd.Series | None) -> pd.DataFrame:
    """One row per finished (trial, arm): trial counting from 1, arm, accuracy, paired, and the difference of the pair."""
    paired = accuracies.notna().all(axis="columns")
    pair = pair_of(accuracies)
    wide = with_reference(accuracies, reference).assign(
        paired=paired & (accuracies.shape[1] > 1),
        difference=accuracies[pair[1]] - accuracies[pair[0]] if pair else np.nan,
        trial=accuracies.index + 1,
    )
    rows = wide.melt(id_vars=["trial", "paired", "difference"], var_name="arm", value_name="accuracy").dropna(subset="accuracy")
    is_reference = rows["arm"] == BAG_OF_WORDS
    rows = rows.assign(paired=rows["paired"] & ~is_reference, difference=rows["difference"].mask(is_reference))
    rows["difference"] = rows["difference"].map(lambda value: "" if np.isnan(value) else f"{signed(value)} points")
    return told(rows, "accuracy")


def _arm_labels(**options: Any) -> alt.Axis:
    return alt.Axis(labelExpr=ARM_LABELS, labelAngle=0, labelFontSize=14, **options)


def _arm_axis(accuracies: pd.DataFrame, reference: pd.Series | None) -> alt.X:
    """A column for every model, also for those without a finished trial: theirs waits for them."""
    models = [*map(str, accuracies), *([] if reference is None else [BAG_OF_WORDS])]
    return alt.X("arm:N", sort=models, axis=_arm_labels(title=None), scale=alt.Scale(domain=models, padding=0.4))


def accuracy_domain(accuracies: pd.Series) -> tuple[float, float]:
    """The ends of an axis of accuracies: trials differ by a few points, which an axis from 0 would flatten.

    The ends lie on a grid, so that an axis stays as it is while accuracies arrive, and only ever widens.
    """
    low, high = float(accuracies.min()), float(accuracies.max())
    step = _COARSE_STEP if high - low > _COARSE_STEP else _FINE_STEP
    first = math.floor((low - _AXIS_MARGIN) / step + _ROUNDING) * step
    last = math.ceil((high + _AXIS_MARGIN) / step - _ROUNDING) * step
    return max(0.0, round(first, 3)), min(1.0, round(last, 3))


def _accuracy_axis(points: pd.DataFrame) -> alt.Y:
    domain = accuracy_domain(points["accuracy"])
    axis_format = ".0%" if domain[1] - domain[0] > _COARSE_STEP else ".1%"
    scale = alt.Scale(domain=list(domain), nice=False)
    return alt.Y("accuracy:Q", scale=scale, axis=alt.Axis(format=axis_format, title="Test accuracy"))


def _probability_axis(field: str = "probability") -> alt.X:
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title="negative  ←   chance that it is positive   →  positive"
        ),
    )


def arm_colour(arms: Iterable[str]) -> alt.Color:
    """The field `arm` as colour, without a legend: its axis names the arms."""
    colours = {arm: look_of(arm).colour for arm in arms}
    return alt.Color("arm:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None)


def arm_shape(arms: Iterable[str]) -> alt.Shape:
    """The same as the shape of points."""
    shapes = {arm: look_of(arm).shape for arm in arms}
    return alt.Shape("arm:N", scale=alt.Scale(domain=list(shapes), range=list(shapes.values())), legend=None)


def _trial_tooltip(accuracies: pd.DataFrame) -> list[alt.Tooltip]:
    tooltip = [alt.Tooltip("trial:N", title="Trial"), alt.Tooltip("accuracy_shown:N", title="Accuracy")]
    if pair := pair_of(accuracies):
        first, second = map(arm_title, pair)
        tooltip.append(alt.Tooltip("difference:N", title=f"{second} minus {first}"))
    return tooltip


def _arm_ticks(base: alt.Chart, values: pd.Series, title: str) -> alt.Chart:
    """A wide tick per arm at its mean or median."""
    frame = values.reset_index()
    ticks = base.properties(data=told(frame, "accuracy")).mark_tick(thickness=3, size=_TICK_WIDTH)
    tooltip = [MODEL_TOOLTIP, alt.Tooltip("accuracy_shown:N", title=title)]
    drawn: alt.Chart = ticks.encode(color=arm_colour(frame["arm"]), tooltip=tooltip)
    return drawn


def _trial_points(base: alt.Chart, accuracies: pd.DataFrame, arms: Iterable[str], *, size: int) -> alt.Chart:
    """A point per arm and trial."""
    marks = base.mark_point(filled=True, size=size, opacity=1)
    tooltip = [MODEL_TOOLTIP, *_trial_tooltip(accuracies)]
    drawn: alt.Chart = marks.encode(color=arm_colour(arms), shape=arm_shape(arms), tooltip=tooltip)
    return drawn
