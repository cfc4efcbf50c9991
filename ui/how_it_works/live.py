"""The reader's sentence on its way through the models of a run: pictures that come into the places that the text has left."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.arms import arm_title, in_order
from core.predict.walkthrough import SENTENCE, Walkthrough, walk_through
from core.store.run import Run
from ui.app import models, url_state
from ui.app.url_state import RUNS
from ui.how_it_works import heat_strips, wording
from ui.widgets import tables, waiting
from ui.widgets.tables import Kind, Table

KEY = "sentence"  # of the field and, as Streamlit binds it, of the URL
MOST_WORDS = 14  # that are drawn
_MAX_CHARS = 200


class Places(NamedTuple):
    """Where the pictures come: below the text of each step."""

    words: DeltaGenerator
    basic: DeltaGenerator
    elmo: DeltaGenerator
    head: DeltaGenerator
    answer: DeltaGenerator


def sentence_field() -> str:
    """The reader's sentence, with one to begin with."""
    if KEY not in st.session_state and KEY not in st.query_params:
        st.session_state[KEY] = SENTENCE
    typed = st.text_input(
        wording.FIELD, key=KEY, live="300ms", bind="query-params", persist_state="session", max_chars=_MAX_CHARS, width=640
    )
    return typed or ""


def shown_run() -> Run | None:
    """The open run if its models work, else the newest one that was not taught; None before any."""
    runs = url_state.runs_with_models()
    return next((run for run in runs if run.id == RUNS.current_id()), None) or url_state.shown_first(runs)


def fill(places: Places, run: Run | None, text: str) -> None:
    """Draw what becomes of a sentence; the models load first, which the text around the places does not wait for."""
    if run is None:
        places.words.info(wording.NO_RUN, icon=":material/info:")
        return
    with places.words:
        predictor = waiting.wait_for(models.predictor(run))
        elmo = waiting.wait_for(models.elmo_layers(run)) if run.config.elmo_readers else None
    if not text.strip():
        places.words.caption(wording.EMPTY)
        return
    walkthrough = walk_through(predictor, elmo, text)
    with places.words:
        _show_words(walkthrough)
        st.caption(wording.drawn_by(run.name, len(walkthrough.words), MOST_WORDS))
    with places.basic:
        st.html(_strips(walkthrough, wording.static_title(walkthrough.static.shape[1]), walkthrough.static))
        st.html(wording.legend(heat_strips.POSITIVE, heat_strips.NEGATIVE))
    if elmo is not None:
        with places.elmo:
            _show_layers(walkthrough, run.config.layer_mix)
    with places.head:
        _show_head(walkthrough, run)
    with places.answer:
        _show_answer(walkthrough)


def _show_words(walkthrough: Walkthrough) -> None:
    """The words, with their letters and whether the static vectors know them."""
    cards = []
    for word, is_known in zip(walkthrough.words[:MOST_WORDS], walkthrough.prediction.known, strict=False):
        kind, about = ("", wording.KNOWN) if is_known else (' class="unknown"', wording.UNKNOWN)
        spelt = html.escape(" ".join(word))
        letters = f'<span class="letters" aria-hidden="true">{spelt}</span>'
        cards.append(f"<li{kind}><b>{html.escape(word)}</b>{letters}<span>{about}</span></li>")
    st.html(f'<ul class="tokens" aria-label="{wording.WORDS_ALT}">{"".join(cards)}</ul>')


def _show_layers(walkthrough: Walkthrough, layer_mix: str) -> None:
    """ELMo's layers one below the other, which of them the models read, and a word that comes twice."""
    for number, values in enumerate(walkthrough.layers):
        halves = wording.DIRECTIONS if number else None
        width = values.shape[1]
        shown = values if number else values[:, : width // 2]  # both halves of layer 0 are the same
        st.html(_strips(walkthrough, wording.layer_title(number, shown.shape[1], layer_mix), shown, halves=halves))
    st.markdown(wording.which_layers(layer_mix))
    st.markdown(wording.repeated(walkthrough))
    panel = st.expander(wording.NUMBERS, icon=":material/table:", key="how_numbers", on_change="rerun")
    if panel.open:
        panel.dataframe(number_table(walkthrough), key="how_vectors", hide_index=True, alt=wording.NUMBERS_ALT, height="content")


def number_table(walkthrough: Walkthrough) -> pd.DataFrame:
    """All vectors of the words that are drawn: a row for each word and source, a column for each number."""
    sources = {wording.STATIC: walkthrough.static, **{f"Layer {i}": values for i, values in enumerate(walkthrough.layers)}}
    width = max(values.shape[1] for values in sources.values())
    words = walkthrough.words[:MOST_WORDS]
    rows = [
        [word, source, *values[place].astype(np.float64).round(3), *[np.nan] * (width - values.shape[1])]
        for place, word in enumerate(words)
        for source, values in sources.items()
    ]
    return pd.DataFrame(rows, columns=["Word", "Vector", *map(str, range(1, width + 1))])


def _show_head(walkthrough: Walkthrough, run: Run) -> None:
    """What the detectors of the first trial's models find, and what is left of it after pooling."""
    arms = [arm for arm in in_order(walkthrough.detected) if arm in walkthrough.prediction.logits]
    if not arms:
        st.caption(wording.CANNOT_READ)
        return
    for column, arm in zip(st.columns(len(arms)), arms, strict=True):
        found = walkthrough.detected[arm]
        pooled = found.mean(axis=0) if run.config.head.pooling == "average" else found.max(axis=0)
        values = np.vstack([found[:MOST_WORDS], pooled])
        words = [*walkthrough.words[:MOST_WORDS], wording.POOLED[run.config.head.pooling]]
        title = wording.head_title(arm)
        column.html(heat_strips.figure(title, words, values, alt=wording.head_alt(arm, len(words) - 1, values.shape[1])))


def _show_answer(walkthrough: Walkthrough) -> None:
    """The answers of all trials, with their table."""
    from ui.widgets import charts  # noqa: PLC0415  # half a second to import: the first lines of the page need not wait for it

    probs = {arm: walkthrough.prediction.probs[arm] for arm in in_order(walkthrough.prediction.probs)}
    if not probs:
        return
    st.altair_chart(charts.probability_plot(probs), key="how_answer")
    tables.show(_answer_table(probs))


def _answer_table(probs: Mapping[str, np.ndarray]) -> Table:
    frame = pd.DataFrame(
        [
            {"Model": arm_title(arm), "Mean": each.mean(), "Lowest trial": each.min(), "Highest trial": each.max()}
            for arm, each in probs.items()
        ]
    )
    kinds: dict[str, Kind] = {"Mean": "percent", "Lowest trial": "percent", "Highest trial": "percent"}
    return Table("answers", wording.ANSWERS_TABLE, frame, kinds)


def _strips(walkthrough: Walkthrough, title: str, values: np.ndarray, *, halves: tuple[str, str] | None = None) -> str:
    shown = values[:MOST_WORDS]
    alt = wording.strips_alt(title, len(shown), shown)
    twice = walkthrough.repeated() or ()
    return heat_strips.figure(title, walkthrough.words[:MOST_WORDS], shown, alt=alt, halves=halves, marked=twice)
