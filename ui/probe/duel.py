"""The answers of both models on one axis from negative to positive: what is drawn, and the component that draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.experiment.arms import arm_title, in_order
from core.formatting import percent, rounded
from core.predict.duel import stance
from core.predict.predictor import CANNOT_READ, Prediction, describe_prob
from ui.arm_style import look_of
from ui.probe import wording

KEY = "duel"
_FOLDER = Path(__file__).parent


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    """Registered once per server."""
    html, css, js = ((_FOLDER / f"duel.{suffix}").read_text() for suffix in ("html", "css", "js"))
    return st.components.v2.component("elmo_lens_duel", html=html, css=css, js=js)


def show(arms: Sequence[str], prediction: Prediction | None, text: str, *, is_large: bool) -> None:
    """Draw the answers.

    Args:
        arms: Of the run.
        prediction: None draws the axis alone, so that nothing moves when the first answer comes.
        text: Of the prediction.
        is_large: Whether the type is made for a projector.
    """
    _component()(key=KEY, data=drawing(arms, prediction, text) | {"isLarge": is_large})


def drawing(arms: Sequence[str], prediction: Prediction | None, text: str) -> dict[str, Any]:
    """What `duel.js` draws, as it goes to the browser."""
    return {
        "title": wording.DUEL_TITLE,
        "verdict": wording.verdict(prediction) if prediction else "",
        "more": wording.about_verdict(prediction, text) if prediction else "",
        "axis": wording.AXIS,
        "models": [_model(arm, prediction) for arm in in_order(arms)],
    }


def _model(arm: str, prediction: Prediction | None) -> dict[str, Any]:
    style = {"name": arm, "title": arm_title(arm), "colour": look_of(arm).colour, "shape": look_of(arm).shape}
    probs = prediction.probs.get(arm) if prediction else None
    if probs is None:
        told = CANNOT_READ if prediction else ""
        return style | {"mean": None, "heads": [], "number": "–", "stance": told, "spread": ""}
    mean = float(probs.mean())
    return style | {
        "mean": rounded(mean, 2),
        "heads": [rounded(float(prob), 2) for prob in probs],
        "number": percent(mean),
        "stance": "unsure" if stance(probs) == "unsure" else describe_prob(mean),
        "spread": wording.spread(len(probs), float(probs.min()), float(probs.max())),
    }
