"""The words of a text with a row of effects per model below them: what is drawn, and the component that draws it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.experiment.arms import arm_title
from core.formatting import percent, signed_number
from core.predict.occlusion import Attribution
from core.predict.predictor import Prediction
from ui.arm_style import look_of

KEY = "word_rows"
TITLE = "What each word does"
_LEAST_FULL_COLOUR = 0.2  # log-odds that have the full colour where no word has more
_FOLDER = Path(__file__).parent
_LEGEND = {
    "positive": "the word makes it more positive",
    "negative": "the word makes it more negative",
    "unknown": "unknown to the static vectors",
}
_HINT = "Point at a word, or move to it with Tab and the arrow keys, to see the exact numbers. Click it to try changes."


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    """Registered once per server."""
    html, css, js = ((_FOLDER / f"word_rows.{suffix}").read_text() for suffix in ("html", "css", "js"))
    return st.components.v2.component("elmo_lens_word_rows", html=html, css=css, js=js)


def show(
    prediction: Prediction,
    attribution: Attribution | None,
    *,
    chosen: int | None,
    on_choose: Callable[[int], None],
    is_large: bool = False,
) -> None:
    """Draw the words.

    Args:
        prediction: Whose words.
        attribution: Of that prediction; None draws the words without their effects.
        chosen: The word that is marked.
        on_choose: Called with the position of a word that somebody clicks, before the page runs again.
        is_large: Whether the type is made for a projector.
    """

    def take() -> None:
        position = st.session_state[KEY].chosen
        if isinstance(position, int | float) and 0 <= position < len(prediction.tokens):  # it comes from the browser
            on_choose(int(position))

    data = drawing(prediction, attribution, chosen) | {"isLarge": is_large}
    _component()(key=KEY, data=data, on_chosen_change=take)


def drawing(prediction: Prediction, attribution: Attribution | None, chosen: int | None) -> dict[str, Any]:
    """What `word_rows.js` draws, as it goes to the browser."""
    arms = list(prediction.probs)
    effects = {arm: attribution.effects(arm).tolist() for arm in arms} if attribution else {}
    largest = max([_LEAST_FULL_COLOUR, *(abs(effect) for values in effects.values() for effect in values)])
    tokens = [
        {
            "text": token.text,
            "about": _about(prediction, attribution, position),
            "chips": [
                _chip(
                    effects[arm][position] if effects else None,
                    is_unknown=is_blind(prediction, arm, position),
                )
                for arm in arms
            ],
        }
        for position, token in enumerate(prediction.tokens)
    ]
    return {
        "title": TITLE,
        "heading": "Why",
        "arms": [
            {"name": arm, "title": arm_title(arm), "colour": look_of(arm).colour, "shape": look_of(arm).shape} for arm in arms
        ],
        "tokens": tokens,
        "hasEffects": bool(effects),
        "largest": largest,
        "chosen": chosen,
        "hint": _HINT,
        "legend": _LEGEND,
    }


def is_blind(prediction: Prediction, arm: str, position: int) -> bool:
    """Whether an arm sees nothing of a word, because it has static vectors only and none for this word."""
    return arm == "basic" and not prediction.known[position]


def _chip(effect: float | None, *, is_unknown: bool) -> dict[str, Any]:
    """The field below a word: the effect, and a question mark where the word is unknown."""
    text = "" if effect is None else signed_number(effect)
    return {"effect": effect, "text": f"? {text}".strip() if is_unknown else text, "isUnknown": is_unknown}


def _about(prediction: Prediction, attribution: Attribution | None, position: int) -> str:
    """The exact numbers of a word, which follow it in the line below the words and in the name of its button."""
    if not attribution:
        return "" if prediction.known[position] else ", unknown to the static vectors"
    parts = []
    for arm, probs in prediction.probs.items():
        heads = attribution.head_effects(arm)[:, position]
        unknown = " (unknown word)" if is_blind(prediction, arm, position) else ""
        spread = f"; single models {signed_number(heads.min())} to {signed_number(heads.max())}" if len(heads) > 1 else ""
        parts.append(
            f"{arm_title(arm)}{unknown} {percent(float(probs.mean()))} with it, "
            f"{percent(float(attribution.probs_without(arm)[:, position].mean()))} without, log-odds "
            f"{signed_number(float(heads.mean()))}{spread}"
        )
    return f": {'. '.join(parts)}."
