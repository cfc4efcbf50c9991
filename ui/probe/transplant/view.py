"""Two sentences, a word of each, and what the models say once the vectors of the one are in the place of the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.config import ARM_TITLES, in_order
from core.formatting import signed_number
from core.predict.predictor import Predictor, to_probs
from core.predict.text_vectors import Part, TextVectors
from core.predict.transplant import change_all, mean_logits, similarity, transplant
from ui.probe.transplant import wording
from ui.widgets import tables
from ui.widgets.pickers import choices
from ui.widgets.tables import Kind, Table

DONOR, HOST = "donor", "host"  # keys of the fields and, as Streamlit binds them, of the URL
DONOR_WORD, HOST_WORD = "donor_word", "host_word"
MOVES = "moves"
MAX_WORDS = 16  # of a sentence, so that every word can be put in the place of every other
_FULL_COLOUR = 1.0  # log-odds with the full colour where no change is larger
_POSITIVE, _NEGATIVE = (0, 158, 115), (204, 121, 167)  # as the words of "Why" have them


@dataclass(frozen=True, eq=False)
class Operation:
    """What is moved where.

    Attributes:
        donor: Gives vectors.
        host: Gets them.
        out_of: Position of the word in the donor.
        to: Position of the word in the host.
    """

    donor: TextVectors
    host: TextVectors
    out_of: int
    to: int

    @property
    def all_parts(self) -> list[Part]:
        """The static vector, and ELMo's layers where there are any."""
        return ["static"] if self.host.layers is None else ["static", "0", "1", "2"]

    def moved(self, parts: Collection[Part]) -> TextVectors:
        """The host afterwards."""
        return transplant(self.donor, self.host, {self.to: self.out_of}, parts)


def show(predictor: Predictor) -> None:
    """Everything in the tab."""
    st.markdown(wording.INTRODUCTION)
    left, right = st.columns(2)
    donor_text = _field(left, wording.DONOR, DONOR, wording.DONOR_EXAMPLE)
    host_text = _field(right, wording.HOST, HOST, wording.HOST_EXAMPLE)
    if not donor_text.strip() or not host_text.strip():
        st.caption(wording.TYPE_BOTH)
        return
    donor, host = predictor.vectors(donor_text), predictor.vectors(host_text)
    shared = _shared_word(donor.words[:MAX_WORDS], host.words[:MAX_WORDS])
    with left:
        out_of = _word(wording.DONOR_WORD, donor.words, shared[0], key=DONOR_WORD)
    with right:
        to = _word(wording.HOST_WORD, host.words, shared[1], key=HOST_WORD)
    operation = Operation(donor, host, out_of, to)
    title, parts = _parts(operation)
    _show_answers(predictor, operation, parts)
    table = layers_table(predictor, operation)
    kinds: dict[str, Kind] = {wording.SIMILARITY: "score", **dict.fromkeys(table.columns[2:], "log-odds")}
    tables.show(Table("transplant", wording.LAYERS_TABLE, table, kinds))
    if host.layers is not None:
        st.caption(f"{wording.layers_read(host.layer_mix)} {wording.LAYERS_HELP}")
    _show_matrices(predictor, operation, title, parts)


def layers_table(predictor: Predictor, operation: Operation) -> pd.DataFrame:
    """A row for each part of the vectors: how similar it is in both sentences, and what it changes in each model."""
    before = mean_logits(predictor, operation.host)
    rows: list[dict[str, object]] = [
        {
            "What moves": wording.PART_TITLES[part],
            wording.SIMILARITY: _similarity(operation, part),
            **_changes(predictor, before, operation.moved([part])),
        }
        for part in operation.all_parts
    ]
    rows.append({"What moves": wording.WHOLE, **_changes(predictor, before, operation.moved(operation.all_parts))})
    if len(operation.donor.words) == len(operation.host.words):
        places = {place: place for place in range(len(operation.host.words))}
        moved = transplant(operation.donor, operation.host, places, operation.all_parts)
        rows.append({"What moves": wording.EVERY_WORD, **_changes(predictor, before, moved)})
    return pd.DataFrame(rows)


def _changes(predictor: Predictor, before: Mapping[str, float], moved: TextVectors) -> dict[str, float]:
    """By title of the model, the change of its log-odds."""
    after = mean_logits(predictor, moved)
    return {ARM_TITLES[arm]: after[arm] - before[arm] for arm in in_order(after)}


def _similarity(operation: Operation, part: Part) -> float:
    return similarity(operation.donor.of(part)[operation.out_of], operation.host.of(part)[operation.to])


def _field(place: DeltaGenerator, label: str, key: str, example: str) -> str:
    """A sentence that stands in the URL."""
    if key not in st.session_state and key not in st.query_params:
        st.session_state[key] = example
    text = place.text_input(label, key=key, live=True, bind="query-params", persist_state="session")
    return text or ""


def _shared_word(donor: Sequence[str], host: Sequence[str]) -> tuple[int, int]:
    """Where the longest word stands that both have; the first words of both if they have none in common."""
    lower = [word.lower() for word in host]
    shared = [place for place, word in enumerate(donor) if word.lower() in lower]
    if not shared:
        return 0, 0
    longest = max(shared, key=lambda place: len(donor[place]))
    return longest, lower.index(donor[longest].lower())


def _word(label: str, words: Sequence[str], first: int, *, key: str) -> int:
    """The position of the word that is chosen."""
    titles = dict(enumerate(words[:MAX_WORDS]))
    if key in st.session_state:
        if st.session_state[key] not in titles:
            st.session_state[key] = first
    elif key not in st.query_params:
        st.session_state[key] = first
    chosen = choices.segmented_control(
        label, titles, key=key, required=True, wrap=True, bind="query-params", persist_state="session"
    )
    if len(words) > MAX_WORDS:
        st.caption(wording.only_first(MAX_WORDS))
    return chosen


def _parts(operation: Operation) -> tuple[str, list[Part]]:
    """What moves, as people call it, and its parts: only those that play a role."""
    read = operation.host.parts_read()
    titles = {"all": wording.WHOLE, **{str(part): wording.PART_TITLES[part] for part in read}}
    if st.session_state.get(MOVES, "all") not in titles:
        st.session_state[MOVES] = "all"
    chosen = choices.segmented_control(
        wording.WHAT_MOVES, titles, key=MOVES, required=True, wrap=True, bind="query-params", persist_state="session"
    )
    return titles[chosen], operation.all_parts if chosen == "all" else [part for part in read if part == chosen]


def _show_answers(predictor: Predictor, operation: Operation, parts: Collection[Part]) -> None:
    """What each model says before and after."""
    before, after = predictor.logits_of(operation.host), predictor.logits_of(operation.moved(parts))
    arms = in_order(before)
    for column, arm in zip(st.columns(len(arms)), arms, strict=True):
        chances = [float(to_probs(logits[arm]).mean()) for logits in (before, after)]
        change = float(after[arm].mean(dtype=np.float64)) - float(before[arm].mean(dtype=np.float64))
        column.metric(
            ARM_TITLES[arm],
            wording.move(*chances),
            wording.log_odds(change),
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def _show_matrices(predictor: Predictor, operation: Operation, title: str, parts: Collection[Part]) -> None:
    """The changes of every word in the place of every other, model beside model."""
    changes = change_all(predictor, operation.donor, operation.host, parts, most_words=MAX_WORDS)
    largest = max(_FULL_COLOUR, *(float(np.abs(values).max()) for values in changes.values()))
    rows, columns = ([f"{place + 1} {word}" for place, word in enumerate(words[:MAX_WORDS])] for words in _words(operation))
    arms = in_order(changes)
    for column, arm in zip(st.columns(len(arms)), arms, strict=True):
        frame = pd.DataFrame(changes[arm], index=rows, columns=columns)
        key = f"transplant_{arm}_{hash((tuple(rows), tuple(columns))):x}"
        with column:
            st.markdown(f"**{wording.matrix_title(arm, title)}**")
            st.dataframe(
                frame.style.map(partial(_colour, largest=largest)).format(partial(signed_number, decimals=2)),
                key=key,
                alt=f"{wording.matrix_title(arm, title)}: changes of the log-odds of positive",
                on_select=partial(_take_cell, key, columns),
                selection_mode="single-cell",
                height="content",
            )
    st.caption(wording.MATRIX_HELP)


def _words(operation: Operation) -> tuple[Sequence[str], Sequence[str]]:
    return operation.donor.words, operation.host.words


def _take_cell(key: str, columns: Sequence[str]) -> None:
    """Choose the words of a cell; those of a column with row names belong to no word."""
    for row, column in st.session_state[key]["selection"]["cells"]:
        if column in columns:
            st.session_state[DONOR_WORD], st.session_state[HOST_WORD] = int(row), columns.index(column)


def _colour(change: float, *, largest: float) -> str:
    """Green where a change is positive and pink where it is negative, the stronger the larger; CSS."""
    red, green, blue = _POSITIVE if change > 0 else _NEGATIVE
    return f"background-color: rgba({red}, {green}, {blue}, {0.6 * abs(change) / largest:.2f})"
