"""What charts of several pages share: marks that can be clicked, and the colour, shape and dash of each arm.

Every mark that can be clicked carries the key of its group (see `ui.compare.error_analysis.groups`) in the field
that `SELECTION` names.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from core.formatting import signed
from ui.arm_style import ARM_LABELS, look_of

SELECTION = "group"  # name of the selection in every chart, and of the field that it selects by
BOTH_ARMS = "#6B7280"  # a grey for what both arms share
PLOT_HEIGHT = 400
SIGNED = "datum.value > 0 ? '+' + datum.label : datum.label"  # labels of an axis of differences


def selection() -> alt.Parameter:
    """A click selects the group of the mark; a click beside all marks does nothing."""
    return alt.selection_point(name=SELECTION, fields=[SELECTION], toggle=False, clear=False)


def arm_colour(arms: Sequence[str]) -> alt.Color:
    """The field `arm` as colour, with a legend above the chart."""
    scale = alt.Scale(domain=list(arms), range=[look_of(arm).colour for arm in arms])
    return alt.Color("arm:N", scale=scale, legend=_arm_legend())


def arm_shape(arms: Sequence[str]) -> alt.Shape:
    """The same as the shape of points."""
    scale = alt.Scale(domain=list(arms), range=[look_of(arm).shape for arm in arms])
    return alt.Shape("arm:N", scale=scale, legend=_arm_legend())


def arm_dash(arms: Sequence[str]) -> alt.StrokeDash:
    """The same as the dashes of lines."""
    scale = alt.Scale(domain=list(arms), range=[look_of(arm).dash for arm in arms])
    return alt.StrokeDash("arm:N", scale=scale, legend=_arm_legend())


def _arm_legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", labelExpr=ARM_LABELS, symbolStrokeWidth=2.5, symbolOpacity=1)


def signed_points(points: float) -> str:
    """Percentage points in a tooltip, as sentences and tables write them."""
    return signed(points / 100)
