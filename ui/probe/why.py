"""Why: what each word of the text does to the answers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.experiment.arms import arm_title
from core.predict.occlusion import Attribution, occlude
from core.predict.predictor import Prediction, Predictor
from ui.probe import what_if, word_rows, wording
from ui.text import count

MAX_UNASKED = 128  # tokens; words of longer texts are left out one by one only on request
_KEPT_KEY = "attribution"
_ASKED_KEY = "explained_text"


def show(predictor: Predictor, prediction: Prediction, *, is_large: bool) -> Attribution | None:
    """The words with their effects; returns these, or None while nobody has asked for those of a long text."""
    words_place = st.container()
    attribution = _attribution(predictor, prediction)
    with words_place:
        word_rows.show(
            prediction,
            attribution,
            chosen=what_if.chosen_word(prediction),
            on_choose=what_if.choose_word,
            is_large=is_large,
        )
    notes = wording.notes(prediction)
    st.caption(f"{notes} {wording.EFFECTS_EXPLAINED}" if attribution else notes)
    return attribution


def show_numbers(attribution: Attribution) -> None:
    """The same numbers as a table."""
    table = effects_table(attribution)
    st.dataframe(
        table,
        key="effects_table",
        hide_index=True,
        alt="For each word and model, by how much it raises the log-odds, on average and by single models",
        column_config={column: st.column_config.NumberColumn(format="%+.2f") for column in table.columns[2:]},
    )


def effects_table(attribution: Attribution) -> pd.DataFrame:
    """A row per token: by how much it raises the log-odds, mean, lowest and highest of the heads, for each arm."""
    prediction = attribution.prediction
    columns: dict[str, object] = {
        "Word": [token.text for token in prediction.tokens],
        "In the static vectors": prediction.known,
    }
    for arm in prediction.probs:
        heads = attribution.head_effects(arm)  # (num_heads, num_tokens)
        for label, values in (("", heads.mean(axis=0)), (", lowest", heads.min(axis=0)), (", highest", heads.max(axis=0))):
            columns[f"{arm_title(arm)}{label}"] = values.round(4)
    return pd.DataFrame(columns)


def _attribution(predictor: Predictor, prediction: Prediction) -> Attribution | None:
    """The last attribution if the text is the same, else a new one; None for a long text until somebody asks for it."""
    words = [token.text for token in prediction.tokens]
    kept: tuple[Predictor, Attribution] | None = st.session_state.get(_KEPT_KEY)
    if kept and kept[0] is predictor and [token.text for token in kept[1].prediction.tokens] == words:
        return kept[1]
    if len(words) > MAX_UNASKED and st.session_state.get(_ASKED_KEY) != words:
        if not st.button(f"Leave out each of the {len(words)} words once", key="explain", icon=":material/play_arrow:"):
            return None
        st.session_state[_ASKED_KEY] = words
    progress = st.empty()
    for step in occlude(predictor, prediction):
        # Drawing the progress is also where Streamlit starts over when somebody types on.
        if step.attribution:
            progress.empty()
            st.session_state[_KEPT_KEY] = (predictor, step.attribution)
            return step.attribution
        progress.progress(step.num_done / step.num_tokens, text=f"{step.num_done} of {count(step.num_tokens, 'word')} left out")
    return None
