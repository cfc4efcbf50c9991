"""The word and the sentences that the page is about: a lesson that ships, or a person's own."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from core.senses import word_uses
from core.senses.lessons import LabelledSentence, Lesson, load_lessons
from core.senses.word_uses import Use
from ui.senses.sense_marks import sense_colours, sense_glyphs
from ui.text import count, escape
from ui.widgets.highlight import marked_html

OWN = "My own"
LESSON, OWN_WORD, OWN_SENTENCES = "senses_lesson", "senses_word", "senses_sentences"
MAX_CHARS = 20_000  # of one's own sentences together

_EXAMPLE = "The trailer gave everything away.\nThey lived in a trailer by the beach."


@dataclass(frozen=True)
class Question:
    """What the page compares.

    Attributes:
        word: As it was asked for.
        uses: At least two.
    """

    word: str
    uses: tuple[Use, ...]

    @property
    def senses(self) -> list[str]:
        """Of each use."""
        return [use.sense for use in self.uses]

    @property
    def has_senses(self) -> bool:
        """Whether somebody said which uses belong together."""
        return len(set(self.senses)) > 1


def choose() -> Question | None:
    """Widgets for the word and its sentences; None while there is nothing to compare.

    Raises:
        UserError: What was typed is not one word.
    """
    lessons = {lesson.word: lesson for lesson in load_lessons()}
    chosen = st.pills(
        "Word",
        [*lessons, OWN],
        default=next(iter(lessons)),
        required=True,
        key=LESSON,
        bind="query-params",
    )
    if chosen == OWN:
        return _ask()
    lesson = lessons[str(chosen)]
    question = Question(lesson.word, tuple(word_uses.find_uses(lesson.word, lesson.sentences)))
    _show_uses(question)
    st.button(
        "Change these sentences",
        key="senses_change",
        icon=":material/edit:",
        on_click=_make_own,
        args=(lesson,),
        help="Takes the word and its sentences over to “My own”, where you can add to them.",
    )
    return question


def _make_own(lesson: Lesson) -> None:
    st.session_state.update({LESSON: OWN, OWN_WORD: lesson.word, OWN_SENTENCES: word_uses.write_sentences(lesson.sentences)})


def _ask() -> Question | None:
    left, right = st.columns([1, 3], gap="medium")
    typed = left.text_input("Your word", key=OWN_WORD, bind="query-params", max_chars=60, placeholder="trailer")
    text = right.text_area(
        "Sentences with it, one on each line",
        key=OWN_SENTENCES,
        bind="query-params",
        height=200,
        max_chars=MAX_CHARS,
        placeholder=_EXAMPLE,
        help="Leave an empty line between sentences in which the word means different things, and the page tells you how well "
        "each layer keeps them apart.",
    )
    sentences = word_uses.read_sentences(text or "")
    if not (typed or "").strip() or not sentences:
        st.info("Type a word, and at least two sentences with it.", icon=":material/edit:")
        return None
    word = word_uses.read_word(typed or "")
    uses = word_uses.find_uses(word, sentences)
    _say_what_is_left_out(word, sentences, uses)
    if len(uses) < 2:
        st.info(
            f"“{escape(word)}” stands {'once' if uses else 'nowhere'} in these sentences; it takes two places to compare.",
            icon=":material/edit:",
        )
        return None
    question = Question(word, tuple(uses[: word_uses.MAX_USES]))
    _show_uses(question)
    return question


def _say_what_is_left_out(word: str, sentences: Sequence[LabelledSentence], uses: Sequence[Use]) -> None:
    found = {use.text for use in uses}
    without = [sentence.text for sentence in sentences if sentence.text not in found]
    if uses and without:
        st.caption(
            f"Left out, because “{escape(word)}” is not among the first {word_uses.MAX_TOKENS} words and signs: "
            f"{count(len(without), 'sentence')}, such as “{escape(without[0][:60])}”."
        )
    if len(uses) > word_uses.MAX_USES:
        st.caption(f"The first {word_uses.MAX_USES} of {len(uses)} places are compared.")


def _show_uses(question: Question) -> None:
    """The sentences, numbered as in the charts, those of one sense beside each other."""
    glyphs, colours = sense_glyphs(question.senses), sense_colours(question.senses)
    numbered = list(enumerate(question.uses, start=1))
    parts = []
    for sense, group in groupby(numbered, key=lambda pair: pair[1].sense):
        heading = f'<span style="color:{colours[sense]}">{glyphs[sense]}</span> <b>{html.escape(sense)}</b>' if sense else ""
        rows = [
            f'<div style="display:flex;gap:.6em;margin:.15em 0"><span style="min-width:1.5em;text-align:right;opacity:.75">'
            f'{number}</span><div dir="auto" style="flex:1;min-width:0">{marked_html(use.text, [use.span])}</div></div>'
            for number, use in group
        ]
        parts.append(f'<div style="flex:1 1 19rem;min-width:0">{heading}{"".join(rows)}</div>')
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.8em 2em">{"".join(parts)}</div>')
