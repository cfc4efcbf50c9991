"""What lies beyond accuracy as Altair charts, whose cells, points and columns can be clicked. Nothing in here knows Streamlit.

Every mark that can be clicked carries the key of its group (see `ui.compare.groups`) in the field that `SELECTION` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from core.quality import AccuracyBin, Agreement, Confusion, ReliabilityBin, Roc
from ui.charts import ARM_COLOURS, ARM_SHAPES, ARM_TITLES, PAIR_LINE, percent
from ui.compare import groups
from ui.words import count

SELECTION = "group"  # name of the selection in every chart here, and of the field that it selects by

_CELL_HEIGHT = 270
_PLOT_HEIGHT = 400
_MAP_HEIGHT = 480
_ARM_DASHES = {"basic": [1, 0], "elmo": [7, 3], "elmo-alone": [2, 2]}
_AGREED = "#6B7280"  # a grey for what both arms share
_FAINTEST, _STRONGEST = 0.12, 0.6  # how much of its colour a cell has; the rest is white, in the dark theme too
CELL_TEXT = "#14161A"  # dark on the palest and on the strongest cell: Streamlit's themes give text in charts no colour
_LABEL_COLOURS = {"negative": "#CC79A7", "positive": "#009E73"}  # Okabe and Ito's, away from those of the arms
_LABEL_SHAPES = {"negative": "triangle-down", "positive": "triangle-up"}
_CHOSEN_WIDTH = 3


def confusion_chart(confusion: Confusion, arm: str, *, num_reviews: Mapping[str, int], chosen: str = "") -> alt.LayerChart:
    """Two rows of truth and two columns of answers, with the number of reviews in each cell.

    Args:
        confusion: Of the arm.
        arm: Whose colour the cells have.
        num_reviews: By key of a group, the reviews that a click on its cell brings.
        chosen: Key of the group that is read now; its cell has a frame.
    """
    cells = []
    for label in (0, 1):
        total = confusion.counts[label].sum()
        for prediction in (0, 1):
            number = float(confusion.counts[label, prediction])
            key = groups.confusion_key(arm, label, prediction)
            cells.append(
                {
                    "truth": groups.ANSWERS[label],
                    "answer": groups.ANSWERS[prediction],
                    "number": _number(number),
                    "verdict": f"{'right' if label == prediction else 'wrong'}, {percent(number / total if total else 0.0)}",
                    "share": number / total if total else 0.0,
                    "reviews": num_reviews[key],
                    "colour": ARM_COLOURS[arm],
                    SELECTION: key,
                    "chosen": key == chosen,
                }
            )
    wrong = [f"{cell['number']} of the {cell['truth']} ones" for cell in cells if cell["truth"] != cell["answer"]]
    return _cells(
        pd.DataFrame(cells),
        x=alt.X("answer:N", sort=list(groups.ANSWERS), title=f"{ARM_TITLES[arm]} says"),
        y=alt.Y("truth:N", sort=list(groups.ANSWERS), title="The review is"),
        tooltip=[
            alt.Tooltip("truth:N", title="The review is"),
            alt.Tooltip("answer:N", title=f"{ARM_TITLES[arm]} says"),
            alt.Tooltip("number:N", title="Reviews, mean of the trials"),
            alt.Tooltip("share:Q", format=".1%", title="Share of these reviews"),
            alt.Tooltip("reviews:Q", format=",", title="Reviews here in most trials"),
        ],
    ).properties(
        title=alt.Title(f"{ARM_TITLES[arm]}: who is taken for what", anchor="start"),
        description=f"Confusion matrix of {ARM_TITLES[arm]}, mean of the trials. Wrong: {' and '.join(wrong)}.",
    )


def agreement_chart(agreement: Agreement, *, chosen: str = "") -> alt.LayerChart:
    """Reviews by whether each arm gets them right in most trials."""
    counts = agreement.counts
    total = int(counts.sum())
    words = ("is wrong", "is right")
    cells = []
    for basic in (0, 1):
        for elmo in (0, 1):
            key = groups.agreement_key(basic, elmo)
            colour = _AGREED if basic == elmo else ARM_COLOURS["basic" if basic else "elmo"]
            cells.append(
                {
                    "basic": f"Basic {words[basic]}",
                    "elmo": f"ELMo {words[elmo]}",
                    "number": f"{int(counts[basic, elmo]):,}",
                    "verdict": groups.agreement_title(basic, elmo),
                    "share": int(counts[basic, elmo]) / total,
                    "reviews": int(counts[basic, elmo]),
                    "colour": colour,
                    SELECTION: key,
                    "chosen": key == chosen,
                }
            )
    said = "; ".join(f"{str(cell['verdict']).lower()} {cell['number']}" for cell in reversed(cells))
    return _cells(
        pd.DataFrame(cells),
        x=alt.X("elmo:N", sort=[f"ELMo {word}" for word in words], title=None),
        y=alt.Y("basic:N", sort=[f"Basic {word}" for word in words], title=None),
        tooltip=[
            alt.Tooltip("verdict:N", title="Who"),
            alt.Tooltip("reviews:Q", format=",", title="Reviews"),
            alt.Tooltip("share:Q", format=".1%", title="Share of all"),
        ],
    ).properties(
        title=alt.Title("Who gets which review right", anchor="start"),
        description=f"Agreement of Basic and ELMo on {count(total, 'test review')}, each counted as in most trials: {said}.",
    )


def roc_chart(rocs: Mapping[str, Roc]) -> alt.LayerChart:
    """A curve per arm, the mean of the trials, with a band from the lowest to the highest trial."""
    curves = pd.concat(
        [
            pd.DataFrame(
                {
                    "arm": arm,
                    "false": roc.false_positive_rates,
                    "true": roc.true_positive_rates,
                    "low": roc.lowest,
                    "high": roc.highest,
                }
            )
            for arm, roc in rocs.items()
        ]
    )
    share = alt.Scale(domain=[0, 1])
    x = alt.X("false:Q", scale=share, axis=alt.Axis(format=".0%", title="Negative reviews taken for positive"))
    y = alt.Y("true:Q", scale=share, axis=alt.Axis(format=".0%", title="Positive reviews found"))
    base = alt.Chart(curves)
    # Bands have no channel for their colour: with one, the legend would show it as faint as they are, and not the lines.
    bands = [
        base.transform_filter(f"datum.arm == '{arm}'")
        .mark_area(opacity=0.15, color=ARM_COLOURS[arm])
        .encode(x=x, y=alt.Y("low:Q", scale=share), y2="high:Q")
        for arm in rocs
    ]
    lines = base.mark_line(strokeWidth=2.5).encode(
        x=x,
        y=y,
        color=_colour(list(rocs)),
        strokeDash=_dash(list(rocs)),
        tooltip=[
            alt.Tooltip("arm:N", title="Model"),
            alt.Tooltip("false:Q", format=".1%", title="Negative taken for positive"),
            alt.Tooltip("true:Q", format=".1%", title="Positive found"),
        ],
    )
    areas = "; ".join(f"{ARM_TITLES[arm]} {roc.aucs.mean():.3f}" for arm, roc in rocs.items())
    return alt.LayerChart(layer=[_diagonal("false", "true"), *bands, lines]).properties(
        title=alt.Title("ROC: reviews found against false alarms", anchor="start"),
        description=f"ROC curves, mean of the trials. Area under the curve: {areas}. Guessing has 0.5.",
        height=_PLOT_HEIGHT,
    )


def reliability_chart(reliabilities: Mapping[str, Sequence[ReliabilityBin]], *, chosen: str = "") -> alt.LayerChart:
    """A point per bin of probabilities: what was said against what came true, with the 95 % interval."""
    points = pd.DataFrame(
        [
            {
                "arm": arm,
                "said": each.mean_prob,
                "true": each.share_positive,
                "low": each.interval[0],
                "high": each.interval[1],
                "predictions": each.num_predictions,
                SELECTION: groups.reliability_key(arm, each.low),
                "chosen": groups.reliability_key(arm, each.low) == chosen,
            }
            for arm, bins in reliabilities.items()
            for each in bins
        ]
    )
    arms = list(reliabilities)
    share = alt.Scale(domain=[0, 1])
    x = alt.X("said:Q", scale=share, axis=alt.Axis(format=".0%", title="Said: chance that it is positive"))
    y = alt.Y("true:Q", scale=share, axis=alt.Axis(format=".0%", title="True: share that is positive"))
    base = alt.Chart(points)
    drawn = []
    for arm in arms:  # no channel for the colour, as in `roc_chart`
        of_arm = base.transform_filter(f"datum.arm == '{arm}'")
        span = of_arm.mark_rule(strokeWidth=1.5, color=ARM_COLOURS[arm])
        line = of_arm.mark_line(strokeWidth=1.5, color=ARM_COLOURS[arm], strokeDash=_ARM_DASHES[arm])
        drawn += [span.encode(x=x, y=alt.Y("low:Q", scale=share), y2="high:Q"), line.encode(x=x, y=y)]
    marks = (
        base.mark_point(filled=True, opacity=1, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=_colour(arms),
            shape=_shape(arms),
            size=alt.condition("datum.chosen", alt.value(260), alt.value(90)),
            tooltip=[
                alt.Tooltip("arm:N", title="Model"),
                alt.Tooltip("said:Q", format=".1%", title="Said"),
                alt.Tooltip("true:Q", format=".1%", title="True"),
                alt.Tooltip("low:Q", format=".1%", title="Interval from"),
                alt.Tooltip("high:Q", format=".1%", title="to"),
                alt.Tooltip("predictions:Q", format=",", title="Predictions, all trials"),
            ],
        )
        .add_params(_selection())
    )
    return alt.LayerChart(layer=[_diagonal("said", "true"), *drawn, marks]).properties(
        title=alt.Title("Reliability: what is said against what is true", anchor="start"),
        description=f"Reliability diagram. {_describe_reliability(reliabilities)}",
        height=_PLOT_HEIGHT,
    )


def accuracy_by_chart(trait: str, bins: Sequence[AccuracyBin], *, chosen: str = "") -> alt.LayerChart:
    """Accuracy of each arm on reviews of a kind, with the 95 % interval; a column can be clicked.

    Args:
        trait: "length" or "unknown".
        bins: From the lowest values to the highest.
        chosen: Key of the group that is read now; its column is tinted.
    """
    titles = {"length": "Accuracy by length", "unknown": "Accuracy by share of unknown words"}
    axes = {"length": "Tokens of the review", "unknown": "Share of words unknown to the static vectors"}
    labels = [groups.bin_label(trait, each) for each in bins]
    arms = list(bins[0].accuracies)
    columns = pd.DataFrame(
        [
            {
                "label": label,
                "reviews": len(each.reviews),
                **{ARM_TITLES[arm]: percent(accuracy.mean) for arm, accuracy in each.accuracies.items()},
                SELECTION: groups.bin_key(trait, number),
                "chosen": groups.bin_key(trait, number) == chosen,
            }
            for number, (label, each) in enumerate(zip(labels, bins, strict=True))
        ]
    )
    points = pd.DataFrame(
        [
            {
                "label": label,
                "arm": arm,
                "accuracy": accuracy.mean,
                "low": accuracy.interval[0],
                "high": min(1.0, accuracy.interval[1]),
            }
            for label, each in zip(labels, bins, strict=True)
            for arm, accuracy in each.accuracies.items()
        ]
    )
    domain = [max(0.0, points["low"].min() - 0.02), min(1.0, points["high"].max() + 0.02)]
    scale = alt.Scale(domain=domain, nice=False)
    x = alt.X(
        "label:N",
        sort=labels,
        axis=alt.Axis(title=axes[trait], labelAngle=0, labelFlush=False, labelLimit=90),
        scale=alt.Scale(paddingInner=0.08, paddingOuter=0),
    )
    y_axis = alt.Axis(format=".0%", title="Test accuracy")
    backs = (
        alt.Chart(columns)
        .mark_rect(color=_AGREED, cursor="pointer")
        .encode(
            x=x,
            opacity=alt.condition("datum.chosen", alt.value(0.35), alt.value(0.08)),
            tooltip=[
                alt.Tooltip("label:N", title=axes[trait]),
                alt.Tooltip("reviews:Q", format=",", title="Reviews"),
                *(alt.Tooltip(f"{ARM_TITLES[arm]}:N", title=ARM_TITLES[arm]) for arm in arms),
            ],
        )
        .add_params(_selection())
    )
    base = alt.Chart(points)
    offset = alt.XOffset("arm:N", sort=arms, scale=alt.Scale(paddingOuter=0.8))
    spans = base.mark_rule(strokeWidth=2).encode(
        x=x, xOffset=offset, y=alt.Y("low:Q", scale=scale, axis=y_axis), y2="high:Q", color=_colour(arms)
    )
    marks = base.mark_point(filled=True, size=100, opacity=1).encode(
        x=x, xOffset=offset, y=alt.Y("accuracy:Q", scale=scale, axis=y_axis), color=_colour(arms), shape=_shape(arms)
    )
    said = "; ".join(
        f"{label}: " + ", ".join(f"{ARM_TITLES[arm]} {percent(accuracy.mean)}" for arm, accuracy in each.accuracies.items())
        for label, each in zip(labels, bins, strict=True)
    )
    return alt.LayerChart(layer=[backs, spans, marks]).properties(
        title=alt.Title(titles[trait], anchor="start"),
        description=f"{titles[trait]}, mean of the trials with 95 % intervals. {said}.",
        height=_PLOT_HEIGHT,
    )


def probability_map(
    basic: npt.NDArray[np.float64],
    elmo: npt.NDArray[np.float64],
    *,
    labels: npt.NDArray[np.int8],
    ids: Sequence[str],
    chosen: str = "",
) -> alt.LayerChart:
    """A point per review: what Basic says from left to right, what ELMo says from bottom to top.

    Args:
        basic: Probability of "positive" averaged over the trials, (num_tests,).
        elmo: The same of the elmo arm.
        labels: 0 negative, 1 positive, (num_tests,).
        ids: Of the reviews.
        chosen: Key of the group that is read now; if it is one review, its point is big.
    """
    points = pd.DataFrame(
        {
            "basic": basic.round(4),
            "elmo": elmo.round(4),
            "truth": [groups.ANSWERS[label] for label in labels],
            SELECTION: [groups.review_key(review_id) for review_id in ids],
        }
    )
    points["chosen"] = points[SELECTION] == chosen
    points = points.sort_values("chosen", kind="stable")  # the big one on top
    share = alt.Scale(domain=[0, 1])
    ticks = [0, 0.25, 0.5, 0.75, 1]
    x = alt.X("basic:Q", scale=share, axis=alt.Axis(format=".0%", values=ticks, title="Basic: chance that it is positive"))
    y = alt.Y("elmo:Q", scale=share, axis=alt.Axis(format=".0%", values=ticks, title="ELMo: chance that it is positive"))
    middle = pd.DataFrame({"middle": [0.5]})
    across = alt.Chart(middle).mark_rule(strokeDash=[4, 4], color=PAIR_LINE).encode(x=alt.X("middle:Q", scale=share))
    along = alt.Chart(middle).mark_rule(strokeDash=[4, 4], color=PAIR_LINE).encode(y=alt.Y("middle:Q", scale=share))
    domain = list(groups.ANSWERS)
    legend = alt.Legend(title="The review is", orient="top")
    marks = (
        alt.Chart(points)
        .mark_point(filled=True, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color("truth:N", scale=alt.Scale(domain=domain, range=list(_LABEL_COLOURS.values())), legend=legend),
            shape=alt.Shape("truth:N", scale=alt.Scale(domain=domain, range=list(_LABEL_SHAPES.values())), legend=legend),
            size=alt.condition("datum.chosen", alt.value(300), alt.value(45)),
            opacity=alt.condition("datum.chosen", alt.value(1), alt.value(0.65)),
            tooltip=[
                alt.Tooltip("truth:N", title="The review is"),
                alt.Tooltip("basic:Q", format=".1%", title="Basic says positive"),
                alt.Tooltip("elmo:Q", format=".1%", title="ELMo says positive"),
            ],
        )
        .add_params(_selection())
    )
    num_apart = int(((basic > 0.5) != (elmo > 0.5)).sum())
    return alt.LayerChart(layer=[across, along, marks]).properties(
        title=alt.Title("Every review: what both say", anchor="start"),
        description=f"Scatter plot of {count(len(ids), 'test review')}: averaged over the trials, Basic and ELMo give different "
        f"answers to {num_apart:,} of them.",
        height=_MAP_HEIGHT,
    )


def _cells(cells: pd.DataFrame, *, x: alt.X, y: alt.Y, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """Rectangles as strong as their share, with a number and a word in each."""
    axis = alt.Axis(labelAngle=0, labelFlush=False, ticks=False, domain=False, labelFontSize=13, labelLimit=110)
    tints = [tint(colour, share) for colour, share in zip(cells["colour"], cells["share"], strict=True)]
    base = alt.Chart(cells.assign(tint=tints)).encode(x=x.axis(axis), y=y.axis(axis))
    rects = (
        base.mark_rect(cursor="pointer", cornerRadius=4)
        .encode(
            fill=alt.Fill("tint:N", scale=None),
            stroke=alt.Stroke("colour:N", scale=None),
            strokeWidth=alt.condition("datum.chosen", alt.value(_CHOSEN_WIDTH), alt.value(0.5)),
            tooltip=tooltip,
        )
        .add_params(_selection())
    )
    numbers = base.mark_text(color=CELL_TEXT, fontSize=24, fontWeight="bold", dy=-8).encode(text="number:N")
    verdicts = base.mark_text(color=CELL_TEXT, fontSize=13, dy=16).encode(text="verdict:N")
    return alt.LayerChart(layer=[rects, numbers, verdicts]).properties(height=_CELL_HEIGHT)


def tint(colour: str, share: float) -> str:
    """A colour such as "#0072B2" mixed with white, the stronger the larger the share (0-1)."""
    strength = _FAINTEST + (_STRONGEST - _FAINTEST) * share
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * strength):02X}" for channel in channels)


def _selection() -> alt.Parameter:
    """A click selects the group of the mark; a click beside all marks does nothing."""
    return alt.selection_point(name=SELECTION, fields=[SELECTION], toggle=False, clear=False)


def _diagonal(x: str, y: str) -> alt.Chart:
    ends = pd.DataFrame({x: [0.0, 1.0], y: [0.0, 1.0]})
    line: alt.Chart = (
        alt.Chart(ends).mark_line(color=PAIR_LINE, strokeDash=[4, 4], strokeWidth=1.5).encode(x=f"{x}:Q", y=f"{y}:Q")
    )
    return line


def _arm_legend() -> alt.Legend:
    names = " : ".join(f"datum.value == '{arm}' ? '{title}'" for arm, title in ARM_TITLES.items())
    return alt.Legend(title=None, orient="top", labelExpr=f"{names} : datum.value", symbolStrokeWidth=2.5)


def _arm_colours(arms: Sequence[str]) -> alt.Scale:
    return alt.Scale(domain=list(arms), range=[ARM_COLOURS[arm] for arm in arms])


def _colour(arms: Sequence[str]) -> alt.Color:
    return alt.Color("arm:N", scale=_arm_colours(arms), legend=_arm_legend())


def _shape(arms: Sequence[str]) -> alt.Shape:
    scale = alt.Scale(domain=list(arms), range=[ARM_SHAPES[arm] for arm in arms])
    return alt.Shape("arm:N", scale=scale, legend=_arm_legend())


def _dash(arms: Sequence[str]) -> alt.StrokeDash:
    scale = alt.Scale(domain=list(arms), range=[_ARM_DASHES[arm] for arm in arms])
    return alt.StrokeDash("arm:N", scale=scale, legend=_arm_legend())


def _describe_reliability(reliabilities: Mapping[str, Sequence[ReliabilityBin]]) -> str:
    """The surest bin of each arm in words."""
    said = [
        f"Where {ARM_TITLES[arm]} says {percent(bins[-1].mean_prob)} positive on average, "
        f"{percent(bins[-1].share_positive)} are positive."
        for arm, bins in reliabilities.items()
    ]
    return " ".join(said)


def _number(mean: float) -> str:
    """A mean of counts: with a decimal only where it is no whole number."""
    return f"{mean:,.0f}" if float(mean).is_integer() else f"{mean:,.1f}"
