"""What if: one word of the text changed in many ways, and how the answers change."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.experiment.arms import arm_title
from core.formatting import in_percent, rounded
from core.predict.predictor import Prediction, Predictor
from core.predict.word_edits import NUM_NEIGHBOURS, WordEdit, build_word_edits, parse_replacements
from core.store.run import Run
from core.tokens import token_texts
from ui.app import models
from ui.probe import sentence, wording
from ui.text import escape
from ui.widgets.pickers import choices, row_picker

_WORD_KEY = "changed_word"
_TOKENS_KEY = "changed_tokens"  # that the chosen word stands among
_CONTEXT_LEN = 60  # characters shown on each side of the change in a long text


def chosen_word(prediction: Prediction) -> int | None:
    """Position of the word that was chosen in this very text; None before any."""
    tokens = [token.text for token in prediction.tokens]
    if st.session_state.get(_TOKENS_KEY) != tokens:
        st.session_state[_TOKENS_KEY] = tokens
        st.session_state[_WORD_KEY] = None
    chosen: int | None = st.session_state.get(_WORD_KEY)
    return chosen


def choose_word(position: int) -> None:
    """Choose a word; only in callbacks."""
    st.session_state[_WORD_KEY] = position


def show(run: Run, predictor: Predictor, prediction: Prediction, text: str) -> None:
    """A word to choose, one's own replacements, and the table of all changes."""
    tokens = [token.text for token in prediction.tokens]
    left, right = st.columns(2)
    position = choices.selectbox(
        "Word to change",
        {place: f"{place + 1}: {token}" for place, token in enumerate(tokens)},
        index=None,
        key=_WORD_KEY,
        place=left,
        placeholder=wording.CHOOSE_WORD,
    )
    if position is None:
        return
    own = right.text_input(
        wording.OWN_WORDS,
        key="own_words",
        live=True,
        placeholder=wording.OWN_WORDS_EXAMPLE,
    )
    static = models.static_vectors(run)
    neighbours = [word for word, _ in static.nearest(tokens[position], NUM_NEIGHBOURS)]
    variants = build_word_edits(text, prediction.tokens, position, own=parse_replacements(own or ""), neighbours=neighbours)
    table = variants_table(predictor, run, prediction, [WordEdit("unchanged", text), *variants])
    place = prediction.tokens[position].start
    chosen = row_picker.choose(
        table.assign(Text=[_excerpt(each, place) for each in table["Text"]]),
        [text, *(variant.text for variant in variants)],
        key="variants",
        hide_index=True,
        height="content",
        placeholder="–",
        alt="The text unchanged and with one word changed: the chance that it is positive by each model, and the change",
        column_config={
            column: st.column_config.NumberColumn(column, format="%.1f %%" if "change" not in column else "%+.1f")
            for column in table.columns[1:-1]
        },
    )
    if not prediction.known[position]:
        st.caption(wording.no_neighbours(escape(tokens[position])))
    if chosen and chosen != [text]:
        st.button("Use this text", key="use_variant", icon=":material/check:", on_click=sentence.put, args=chosen)
    else:
        st.caption(wording.CHOOSE_VARIANT)


def variants_table(predictor: Predictor, run: Run, prediction: Prediction, variants: list[WordEdit]) -> pd.DataFrame:
    """A row per variant: what was changed, for each arm the chance in percent and its change in points, and the text.

    Args:
        predictor: Of the run.
        run: Says how many tokens are read.
        prediction: Of the unchanged text.
        variants: Changed texts; one that reads the same has NaN for its changes.
    """
    texts = [token_texts(variant.text, run.config.max_tokens) for variant in variants]
    unchanged = [token.text for token in prediction.tokens]
    is_changed = pd.Series([text != unchanged for text in texts])
    probs = predictor.predict_many(texts)
    chances = {arm: probs[arm].mean(axis=0).astype("float64") for arm in prediction.probs}  # (num_variants,) each
    changes = {arm: rounded(chances[arm] - float(whole.mean())) for arm, whole in prediction.probs.items()}
    return pd.DataFrame(  # on a small screen there is room for the first columns only
        {
            "Change": [each.change for each in variants],
            **{arm_title(arm): in_percent(values) for arm, values in chances.items()},
            **{f"{arm_title(arm)}, change": pd.Series(values).where(is_changed) for arm, values in changes.items()},
            "Text": [each.text for each in variants],
        }
    )


def _excerpt(text: str, place: int) -> str:
    """The text around a place; all of it if it is short."""
    if len(text) <= 2 * _CONTEXT_LEN:
        return text
    start, end = max(0, place - _CONTEXT_LEN), place + _CONTEXT_LEN
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
