"""The word that the page compares, with its sentences: a lesson that comes with the package, or a person's own."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core.senses.lessons import LabelledSentence, Lesson, load_lessons
from core.senses.word_uses import MAX_USES, WordUse, WordUses, find_uses, read_sentences, read_word, write_sentences
from ui.senses import wording
from ui.senses.sense_style import sense_colours, sense_glyphs
from ui.widgets.highlight import marked_html
from ui.widgets.pickers import choices

OWN = "My own"
LESSON, OWN_WORD, OWN_SENTENCES = "senses_lesson", "senses_word", "senses_sentences"
MAX_CHARS = 20_000  # of a person's own sentences together

_EXAMPLE = "The trailer gave everything away.\nThey lived in a trailer by the beach."


def choose() -> WordUses | None:
    """Widgets for the word and its sentences; None while there is nothing to compare.

    Raises:
        UserError: What was typed is not one word.
    """
    lessons = {lesson.word: lesson for lesson in load_lessons()}
    chosen = choices.pills(
        "Word",
        {word: word for word in (*lessons, OWN)},
        default=next(iter(lessons)),
        required=True,
        key=LESSON,
        bind="query-params",
    )
    if chosen == OWN:
        return _type_own()
    lesson = lessons[str(chosen)]
    uses = WordUses(lesson.word, tuple(find_uses(lesson.word, lesson.sentences)))
    _show_sentences(uses)
    st.button(
        "Change these sentences",
        key="senses_change",
        icon=":material/edit:",
        on_click=_copy_to_own,
        args=(lesson,),
        help=wording.CHANGE_HELP,
    )
    return uses


def _copy_to_own(lesson: Lesson) -> None:
    st.session_state.update({LESSON: OWN, OWN_WORD: lesson.word, OWN_SENTENCES: write_sentences(lesson.sentences)})


def _type_own() -> WordUses | None:
    left, right = st.columns([1, 3], gap="medium")
    typed = left.text_input("Your word", key=OWN_WORD, bind="query-params", max_chars=60, placeholder="trailer") or ""
    text = right.text_area(
        "Sentences with it, one per line",
        key=OWN_SENTENCES,
        bind="query-params",
        height=200,
        max_chars=MAX_CHARS,
        placeholder=_EXAMPLE,
        help=wording.SENTENCES_HELP,
    )
    sentences = read_sentences(text or "")
    if not typed.strip() or not sentences:
        st.info(wording.NOTHING_TYPED, icon=":material/edit:")
        return None
    word = read_word(typed)
    found = find_uses(word, sentences)
    _show_what_is_left_out(word, sentences, found)
    if len(found) < 2:
        st.info(wording.missing_word(word, len(found)), icon=":material/edit:")
        return None
    uses = WordUses(word, tuple(found[:MAX_USES]))
    _show_sentences(uses)
    return uses


def _show_what_is_left_out(word: str, sentences: Sequence[LabelledSentence], found: Sequence[WordUse]) -> None:
    texts = {use.text for use in found}
    without = [sentence.text for sentence in sentences if sentence.text not in texts]
    if found and without:
        st.caption(wording.left_out(word, without))
    if len(found) > MAX_USES:
        st.caption(wording.too_many_uses(len(found)))


def _show_sentences(uses: WordUses) -> None:
    """The sentences, numbered as in the charts and grouped by sense."""
    glyphs, colours = sense_glyphs(uses.senses), sense_colours(uses.senses)
    numbered = list(enumerate(uses.uses, start=1))
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
