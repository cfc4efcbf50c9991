"""Where reviews use a word as the chosen sentence does: its nearest neighbours among their words."""

from __future__ import annotations

import streamlit as st

from core.arrays import FloatArray
from core.data import datasets
from core.data.review_pool import ReviewPool
from core.experiment.config import DATASET_TITLES
from core.senses.neighbour_index import NUM_SENTENCES, NUM_WORD_SENTENCES, Neighbour, index_name
from core.senses.word_uses import READING_LAYERS, Layer
from ui.app import server
from ui.app.errors import errors_shown
from ui.app.url_state import RUN_PARAMETER, RUNS
from ui.senses import jobs
from ui.senses.charts import LAYER_TITLES
from ui.senses.embedders import Embedders
from ui.senses.jobs import IndexJob
from ui.senses.question import Question
from ui.text import count, escape
from ui.widgets.background_job import follow
from ui.widgets.highlight import marked_html

DATASET, SCOPE = "senses_data", "senses_scope"
SAME_WORD, OTHER_WORDS = "The same word", "Other words"
NUM_SHOWN = 8
_ANSWERS = ("negative", "positive")


@st.fragment
@errors_shown()
def show(question: Question, vector: FloatArray, chosen: int, layer: Layer, embedders: Embedders) -> None:
    """Widgets for the reviews and the words to look among; the button, the progress or what was found.

    Args:
        question: The word and its uses.
        vector: Of the chosen use in the layer, (width,).
        chosen: Position of that use.
        layer: In which to compare.
        embedders: Their ELMo reads the reviews.
    """
    st.subheader("Who uses it like that in the reviews?", anchor=False)
    if layer not in READING_LAYERS:
        st.info(
            f"In this layer every “{escape(question.word)}” in the reviews is equally near. Choose layer 1 or 2 above.",
            icon=":material/info:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="senses_reviews_tools"):
        dataset = st.selectbox(
            "Reviews",
            datasets.list_datasets(server.settings()),
            format_func=lambda name: DATASET_TITLES.get(name, name),
            key=DATASET,
            persist_state="session",
            width=240,
        )
        scope = st.segmented_control(
            "Look for", (SAME_WORD, OTHER_WORDS), default=SAME_WORD, required=True, key=SCOPE, bind="query-params", wrap=True
        )
    pool = datasets.load_pool(str(dataset), server.settings())
    word = question.word if scope == SAME_WORD else ""
    build = jobs.build(index_name(pool, embedders.elmo, word))
    if build.is_running:
        follow(build, lambda: "ELMo reads sentences of the reviews", waiting="choosing the sentences", key="senses")
    elif build.index:
        found = build.index.nearest(vector, layer, num=NUM_SHOWN, without="" if word else question.word)
        _show_found(question, chosen, layer, pool, found, num_words=len(build.index))
    else:
        build.show_error()
        _offer(build, pool, embedders, word)


def _offer(build: IndexJob, pool: ReviewPool, embedders: Embedders, word: str) -> None:
    if word:
        st.caption(f"ELMo reads up to {NUM_WORD_SENTENCES} sentences of the reviews with “{escape(word)}”, once: a few seconds.")
    else:
        st.caption(
            f"ELMo reads {min(NUM_SENTENCES, 3 * len(pool.ids)):,} sentences drawn from the reviews, once for all words: "
            "a minute or two."
        )
    st.button(
        "Look in the reviews",
        key="senses_build",
        type="primary",
        icon=":material/search:",
        on_click=build.start,
        args=(pool, embedders.elmo, word),
    )


def _show_found(
    question: Question, chosen: int, layer: Layer, pool: ReviewPool, found: list[Neighbour], *, num_words: int
) -> None:
    if not found:
        st.info(f"These reviews have no sentence with “{escape(question.word)}”.", icon=":material/search_off:")
        return
    st.markdown(
        f"Nearest to sentence {chosen + 1}, “{escape(question.uses[chosen].text)}”, in {LAYER_TITLES[layer]}, "
        f"of {count(num_words, 'place')} that were read:"
    )
    positions = {review_id: position for position, review_id in enumerate(pool.ids)}
    for number, neighbour in enumerate(found):
        position = positions[neighbour.review_id]
        text, label = pool.texts[position], _ANSWERS[int(pool.labels[position])]
        start, end = neighbour.sentence
        with st.container(border=True, key=f"senses_found_{number}"):
            st.html(marked_html(text[start:end], [(neighbour.span[0] - start, neighbour.span[1] - start)]))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(f"Similarity {neighbour.similarity:.3f} · from a {label} review", width="stretch")
                # A link and no button with `st.switch_page`: that leaves a step in the browser's history that leads nowhere.
                st.page_link(
                    "pages/probe.py",
                    label="Open in Probe",
                    icon=":material/chat:",
                    query_params={"text": text[start:end]} | _run_parameter(),
                )


def _run_parameter() -> dict[str, str]:
    run_id = RUNS.current_id()
    return {RUN_PARAMETER: run_id} if run_id else {}
