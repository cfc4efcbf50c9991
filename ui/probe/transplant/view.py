"""The tab Transplant: another sentence, the word that moves, and the answers before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.experiment.arms import arm_title, in_order
from core.predict.predictor import Prediction, Predictor, to_probs
from core.predict.transplant import EXAMPLES, Example, Outcome, Transplant
from core.store.run import Run
from core.tokens import Token
from ui.app import models
from ui.app.navigation import DONOR
from ui.probe import sentence
from ui.probe.transplant import wording
from ui.widgets import tables, waiting
from ui.widgets.pickers import choices
from ui.widgets.tables import Kind, Table

OWN_WORD, DONOR_WORD = "own_word", "donor_word"  # keys of widgets, as is DONOR, and, as Streamlit binds them, of the URL
MOST_WORDS = 16  # that are moved one by one, unasked
EXAMPLE = "transplant_example"
_KEPT_KEY = "transplant"
_WORDS_KEY = "transplant_words"  # that the chosen ones stand among


def show(run: Run, predictor: Predictor, prediction: Prediction | None, text: str) -> None:
    """Both sentences, the words, and what the transplant does.

    Args:
        run: Whose models answer.
        predictor: Of the run.
        prediction: Of the text in the field; None if that is empty.
        text: In the field.
    """
    if "elmo" not in run.config.readers:
        st.info(wording.NO_ELMO, icon=":material/info:")
        return
    st.markdown(wording.INTRO)
    donor_text = _choose_sentences(text)
    if prediction is None or not donor_text.strip():
        st.caption(wording.EMPTY)
        return
    transplant = _transplant(run, predictor, prediction, donor_text)
    if not any(map(transplant.is_layered, transplant.arms)):
        st.info(wording.UNREAD, icon=":material/info:")
        return
    chosen = _choose_words(transplant)
    st.markdown(wording.result(transplant, *chosen))
    _show_answers(transplant, *chosen)
    _show_words(transplant)


def _choose_sentences(text: str) -> str:
    """The other sentence, in a field that examples fill together with the one above."""
    if DONOR not in st.session_state and DONOR not in st.query_params:
        st.session_state[DONOR] = EXAMPLES[0].donor
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        donor = st.text_input(
            wording.DONOR,
            key=DONOR,
            live="300ms",
            bind="query-params",
            persist_state="session",
            placeholder=wording.DONOR_PLACEHOLDER,
            width=360,
        )
        typed = Example(text, donor or "")
        st.session_state[EXAMPLE] = typed if typed in EXAMPLES else None
        titles = {example: f"{example.text} ← {example.donor}" for example in EXAMPLES}
        choices.pills("Examples", titles, key=EXAMPLE, on_change=_take, wrap=True)
    return donor or ""


def _take(example: Example | None) -> None:
    if example:
        sentence.put(example.text)
        st.session_state[DONOR] = example.donor


def _transplant(run: Run, predictor: Predictor, prediction: Prediction, donor_text: str) -> Transplant:
    """The last one if nothing has changed, else a new one."""
    texts = (_words(prediction.tokens), donor_text)
    kept: tuple[Predictor, object, Transplant] | None = st.session_state.get(_KEPT_KEY)
    if kept and kept[0] is predictor and kept[1] == texts:
        return kept[2]
    patcher = waiting.wait_for(models.layer_patcher(run))
    transplant = Transplant(predictor, run.config, prediction, predictor.predict(donor_text), patcher)
    st.session_state[_KEPT_KEY] = (predictor, texts, transplant)
    return transplant


def _choose_words(transplant: Transplant) -> tuple[int, int]:
    """Positions of the word that goes and of the one that comes; those that move most, until somebody chooses others."""
    words = [_words(each.tokens) for each in (transplant.recipient, transplant.donor)]
    before = st.session_state.get(_WORDS_KEY)
    st.session_state[_WORDS_KEY] = words
    chosen = []
    with st.container(horizontal=True, gap="medium"):
        for key, label, its_words, most_moving in zip(
            (OWN_WORD, DONOR_WORD), wording.WORD_FIELDS, words, _most_moving(transplant), strict=True
        ):
            titles = {place: f"{place + 1}: {word}" for place, word in enumerate(its_words)}
            is_of_other_text = before is not None and before != words
            is_given = st.session_state.get(key) in titles or (key not in st.session_state and key in st.query_params)
            if is_of_other_text or not is_given:
                st.session_state[key] = most_moving
            place = choices.selectbox(label, titles, index=None, key=key, bind="query-params", width=240)
            chosen.append(most_moving if place is None else place)
    return chosen[0], chosen[1]


def _most_moving(transplant: Transplant) -> tuple[int, int]:
    """The word in both texts whose vectors move ELMo's answer most; the first ones if they have none in common."""
    arm = next(filter(transplant.is_layered, transplant.arms))
    shared = transplant.shared()
    moved = {place: abs(transplant.put({place: there}, transplant.top).effects(arm).mean()) for place, there in shared.items()}
    most = max(moved, key=lambda place: moved[place], default=0)
    return most, shared.get(most, 0)


def _show_answers(transplant: Transplant, position: int, donor_position: int) -> None:
    moves, shared = {position: donor_position}, transplant.shared()
    outcomes = {wording.level_title(level): transplant.put(moves, level) for level in transplant.levels}
    if len(shared) >= wording.LEAST_SHARED:
        outcomes[wording.SHARED_WORDS] = transplant.put(shared, transplant.top)
    outcomes[wording.ALL_WORDS] = transplant.put_all()
    left, right = st.columns([1, 1.15], gap="large")
    with left:
        from ui.probe.transplant import charts  # noqa: PLC0415  # half a second to import: typing need not wait for it

        st.altair_chart(charts.answer_plot(answer_table(transplant, outcomes), title=wording.CHART_TITLE), key="transplant_chart")
    with right:
        means: dict[str, Kind] = dict.fromkeys((arm_title(arm) for arm in transplant.arms), "percent")
        tables.show(Table("transplant", wording.NUMBERS_TITLE, number_table(transplant, outcomes), means))
        st.caption(wording.CAPTION)
    st.caption(wording.explain(transplant))


def answer_table(transplant: Transplant, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """A row for each transplant and arm, and first for the text as it is: `what`, `arm`, `mean`, `low`, `high`."""
    rows = []
    for arm in in_order(transplant.arms):
        answers = {wording.AS_IT_IS: to_probs(transplant.recipient.logits[arm])}
        answers |= {what: outcome.probs_after(arm) for what, outcome in outcomes.items()}
        rows += [
            {"what": what, "arm": arm, "mean": float(probs.mean()), "low": float(probs.min()), "high": float(probs.max())}
            for what, probs in answers.items()
        ]
    return pd.DataFrame(rows)


def number_table(transplant: Transplant, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """Mean probabilities, and the changes of the log-odds as people read them; a row for each transplant."""
    rows = []
    for what, outcome in outcomes.items():
        row: dict[str, object] = {"What moves": what}
        for arm in in_order(transplant.arms):
            row[arm_title(arm)] = float(outcome.probs_after(arm).mean())
            row[f"{arm_title(arm)}, change"] = wording.effect(outcome, arm)
        rows.append(row)
    return pd.DataFrame(rows)


def _show_words(transplant: Transplant) -> None:
    shared = transplant.shared()
    if len(shared) < wording.LEAST_SHARED:
        return
    tables.show(Table("transplant-words", wording.WORDS_TITLE, word_table(transplant)))
    if len(shared) > MOST_WORDS:
        st.caption(wording.first_words(MOST_WORDS))


def word_table(transplant: Transplant) -> pd.DataFrame:
    """A row for each word that both texts have, and one for all: by how much the log-odds rise, by layer where an arm has any."""
    shared = transplant.shared()
    words = [(transplant.recipient.tokens[place].text, {place: there}) for place, there in list(shared.items())[:MOST_WORDS]]
    rows = []
    for title, moves in [*words, (wording.ALL_OF_THEM, shared)]:
        row = {"Word": title}
        for arm in in_order(transplant.arms):
            levels = transplant.levels if transplant.is_layered(arm) else (transplant.top,)
            for level in levels:
                column = f"{arm_title(arm)}, {wording.level_title(level).lower()}" if len(levels) > 1 else arm_title(arm)
                row[column] = wording.effect(transplant.put(moves, level), arm)
        rows.append(row)
    return pd.DataFrame(rows)


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]
