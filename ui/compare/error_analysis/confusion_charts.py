"""Right and wrong as cells with a number, as Altair charts whose cells can be clicked. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from core.analysis.error_analysis import Agreement, Confusion
from core.experiment.arms import arm_title
from core.formatting import percent
from ui.arm_style import look_of
from ui.compare.error_analysis import groups
from ui.text import count
from ui.widgets import chart_marks
from ui.widgets.charts import titled, told

_CELL_HEIGHT = 270
_FAINTEST, _STRONGEST = 0.12, 0.6  # how much of its colour a cell has; the rest is white, in the dark theme too
CELL_TEXT = "#14161A"  # dark on the palest and on the strongest cell: Streamlit's themes give text in charts no colour
_CHOSEN_WIDTH = 3
_LONGEST_NAME = 9  # characters, in a cell


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
            key = groups.key("confusion", arm, label, prediction)
            cells.append(
                {
                    "truth": groups.ANSWERS[label],
                    "answer": groups.ANSWERS[prediction],
                    "number": _number(number),
                    "words": f"{'right' if label == prediction else 'wrong'}, {percent(number / total if total else 0.0)}",
                    "share": number / total if total else 0.0,
                    "reviews": num_reviews[key],
                    "colour": look_of(arm).colour,
                    chart_marks.SELECTION: key,
                    "chosen": key == chosen,
                }
            )
    wrong = [f"{cell['number']} of the {cell['truth']} ones" for cell in cells if cell["truth"] != cell["answer"]]
    chart = _cells(
        pd.DataFrame(cells),
        x=alt.X("answer:N", sort=list(groups.ANSWERS), title=f"{arm_title(arm)} says"),
        y=alt.Y("truth:N", sort=list(groups.ANSWERS), title="The review is"),
        tooltip=[
            alt.Tooltip("truth:N", title="The review is"),
            alt.Tooltip("answer:N", title=f"{arm_title(arm)} says"),
            alt.Tooltip("number:N", title="Reviews, mean of the trials"),
            alt.Tooltip("share_shown:N", title="Share of these reviews"),
            alt.Tooltip("reviews:Q", format=",", title="Reviews here in most trials"),
        ],
    )
    description = f"Confusion matrix of {arm_title(arm)}, mean of the trials. Wrong: {' and '.join(wrong)}."
    return titled(chart, f"{arm_title(arm)}: right and wrong", description, height=_CELL_HEIGHT)


def agreement_chart(
    agreement: Agreement,
    *,
    chosen: str = "",
    names: tuple[str, str] | None = None,
    counted: str = ", each as in most trials",
) -> alt.LayerChart:
    """Reviews by whether each of two models gets them right in most trials.

    Args:
        agreement: Of both.
        chosen: Key of the group that is read now; its cell has a frame.
        names: Of the models; the titles of its arms by default.
        counted: How, for the alt text.
    """
    names = names or groups.titles(agreement)
    first, second = names
    counts = agreement.counts
    total = int(counts.sum())
    words = ("is wrong", "is right")
    cells = []
    for basic in (0, 1):
        for elmo in (0, 1):
            key = groups.key("agreement", basic, elmo)
            colour = chart_marks.BOTH_ARMS if basic == elmo else look_of(agreement.models[0 if basic else 1]).colour
            cells.append(
                {
                    "basic": words[basic],
                    "elmo": words[elmo],
                    "number": f"{int(counts[basic, elmo]):,}",
                    "verdict": groups.agreement_title(basic, elmo, names),
                    "words": groups.agreement_title(basic, elmo, (_short(first), _short(second))),
                    "share": int(counts[basic, elmo]) / total,
                    "reviews": int(counts[basic, elmo]),
                    "colour": colour,
                    chart_marks.SELECTION: key,
                    "chosen": key == chosen,
                }
            )
    said = "; ".join(f"{str(cell['verdict']).lower()} {cell['number']}" for cell in reversed(cells))
    chart = _cells(
        pd.DataFrame(cells),
        x=alt.X("elmo:N", sort=list(words), title=second),
        y=alt.Y("basic:N", sort=list(words), title=first),
        tooltip=[
            alt.Tooltip("verdict:N", title="Who"),
            alt.Tooltip("reviews:Q", format=",", title="Reviews"),
            alt.Tooltip("share_shown:N", title="Share of all"),
        ],
    )
    description = f"Agreement of {first} and {second} on {count(total, 'test review')}{counted}: {said}."
    return titled(chart, "Which model gets which review right", description, height=_CELL_HEIGHT)


def tint(colour: str, share: float) -> str:
    """A colour such as "#0072B2" mixed with white, the stronger the larger the share (0-1)."""
    strength = _FAINTEST + (_STRONGEST - _FAINTEST) * share
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * strength):02X}" for channel in channels)


def _cells(cells: pd.DataFrame, *, x: alt.X, y: alt.Y, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """Rectangles as strong as their share, with a number and words in each."""
    axis = alt.Axis(labelAngle=0, labelFlush=False, ticks=False, domain=False, labelFontSize=13, labelLimit=110)
    tints = [tint(colour, share) for colour, share in zip(cells["colour"], cells["share"], strict=True)]
    base = alt.Chart(told(cells, "share").assign(tint=tints)).encode(x=x.axis(axis), y=y.axis(axis))
    rects = (
        base.mark_rect(cursor="pointer", cornerRadius=4)
        .encode(
            fill=alt.Fill("tint:N", scale=None),
            stroke=alt.Stroke("colour:N", scale=None),
            strokeWidth=alt.condition("datum.chosen", alt.value(_CHOSEN_WIDTH), alt.value(0.5)),
            tooltip=tooltip,
        )
        .add_params(chart_marks.selection())
    )
    numbers = base.mark_text(color=CELL_TEXT, fontSize=24, fontWeight="bold", dy=-8).encode(text="number:N")
    words = base.mark_text(color=CELL_TEXT, fontSize=13, dy=16).encode(text="words:N")
    return alt.LayerChart(layer=[rects, numbers, words])


def _short(name: str) -> str:
    """A name that fits into a cell on a phone; people name their models as they like."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _number(mean: float) -> str:
    """A mean of counts: with a decimal only where it is no whole number."""
    return f"{mean:,.0f}" if float(mean).is_integer() else f"{mean:,.1f}"
