"""The lessons that somebody writes: two fields with a sentence per line, which buttons elsewhere on the page fill, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import streamlit as st

from core.challenges.teaching import half_of, teachable
from core.challenges.templates import load_bundled_suite
from core.experiment.lesson_file import lessons_csv
from core.experiment.lessons import Lesson, make_lessons
from core.store.run import Run
from ui.app import url_state
from ui.probe.teaching import wording
from ui.widgets import downloads
from ui.widgets.pickers import choices

Label = Literal[0, 1]

_FIELDS: dict[Label, tuple[str, str]] = {
    1: ("lessons_positive", "Positive, a sentence per line"),
    0: ("lessons_negative", "Negative, a sentence per line"),
}
_FAMILY_KEY = "lessons_family"
_HEIGHT = 150


def add(texts: Iterable[tuple[str, Label]]) -> None:
    """Add sentences to the fields, each once; only in callbacks, before the fields are drawn."""
    for text, label in texts:
        key = _FIELDS[label][0]
        lines: list[str] = (st.session_state.get(key) or "").splitlines()
        if text not in lines:
            st.session_state[key] = "\n".join([*lines, text])


def show(run: Run) -> None:
    """The fields, what fills them, and the button that teaches both models of a run.

    Raises:
        UserError: The lessons cannot be taught.
    """
    for column, label in zip(st.columns(2), _FIELDS, strict=True):
        key, title = _FIELDS[label]
        column.text_area(title, key=key, height=_HEIGHT, persist_state="session")
    _show_families()
    lessons = make_lessons(_written())
    with st.container(horizontal=True, vertical_alignment="center"):
        is_taught = lessons == run.config.lessons
        is_pressed = st.button(
            "Teach both",
            key="teach",
            type="primary",
            icon=":material/school:",
            disabled=not lessons or is_taught,
        )
        if run.config.lessons and not is_taught:
            st.button("Take the lessons of this run", key="lessons_take", on_click=_replace, args=(run.config.lessons,))
        if lessons:
            st.button("Clear", key="lessons_clear", icon=":material/clear_all:", on_click=_replace, args=((),))
            downloads.button("Lessons (CSV)", lambda: lessons_csv(lessons), "elmo-lens-lessons.csv", key="lessons_csv")
    if is_taught and lessons:
        st.caption(wording.ALREADY_TAUGHT)
    else:
        st.caption(wording.number_of_lessons(len(lessons), run.config.train_size) if lessons else wording.NO_LESSONS)
    if is_pressed:
        with st.spinner("Starting"):
            url_state.start_run(run.config.model_copy(update={"lessons": lessons}))


def _show_families() -> None:
    families = {family.title: family for family in teachable(load_bundled_suite())}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choices.selectbox(
            "Family of challenges", {title: title for title in families}, key=_FAMILY_KEY, help=wording.FAMILY_HELP, width=260
        )
        st.button(
            "Add half of its pairs",
            key="lessons_add_half",
            icon=":material/add:",
            on_click=add,
            args=(half_of(families[chosen]),),
        )


def _written() -> list[tuple[str, Label]]:
    """Line by line; the positive ones first."""
    return [(line, label) for label, (key, _) in _FIELDS.items() for line in (st.session_state.get(key) or "").splitlines()]


def _replace(lessons: Sequence[Lesson]) -> None:
    for label, (key, _) in _FIELDS.items():
        st.session_state[key] = "\n".join(lesson.text for lesson in lessons if lesson.label == label)
