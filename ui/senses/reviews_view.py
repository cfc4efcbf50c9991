"""Reviews that use a word as the chosen sentence does: its nearest neighbours among their words."""

from __future__ import annotations

import streamlit as st

from core.arrays import FloatArray
from core.data import datasets
from core.data.review_pool import ReviewPool
from core.experiment.config import dataset_title
from core.senses.neighbour_index import NUM_SENTENCES, Neighbour, index_name
from core.senses.word_uses import READING_LAYERS, Layer, WordUses
from ui.app import server
from ui.app.errors import errors_shown
from ui.app.navigation import show_probe_link
from ui.senses import wording
from ui.senses.embedders import Embedders
from ui.senses.index_job import IndexJob, index_job
from ui.widgets.background_job import follow
from ui.widgets.highlight import marked_html
from ui.widgets.pickers import choices

DATASET, SCOPE = "senses_data", "senses_scope"
SAME_WORD, OTHER_WORDS = "The same word", "Other words"
NUM_SHOWN = 8
_LABELS = ("negative", "positive")


@st.fragment
@errors_shown()
def show(uses: WordUses, vector: FloatArray, chosen: int, layer: Layer, embedders: Embedders) -> None:
    """Widgets for the reviews and the words to search; then the button, the progress or the sentences found.

    Args:
        uses: The word with its sentences.
        vector: The word's vector in the chosen sentence, (width,).
        chosen: Index of that sentence.
        layer: The layer of the vector.
        embedders: Their ELMo reads the reviews.
    """
    st.header(wording.REVIEWS_TITLE, anchor=False)
    if layer not in READING_LAYERS:
        st.info(wording.not_in_this_layer(uses.word), icon=":material/info:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="senses_reviews_tools"):
        dataset = choices.selectbox(
            "Reviews",
            {name: dataset_title(name) for name in datasets.list_datasets(server.settings())},
            key=DATASET,
            persist_state="session",
            width=240,
        )
        scope = st.segmented_control(
            "Search for", (SAME_WORD, OTHER_WORDS), default=SAME_WORD, required=True, key=SCOPE, bind="query-params", wrap=True
        )
    pool = datasets.load_pool(dataset, server.settings())
    word = uses.word if scope == SAME_WORD else ""
    job = index_job(index_name(pool, embedders.elmo, word))
    if job.is_running:
        follow(job, lambda: wording.READING, waiting=wording.CHOOSING, key="senses")
    elif job.result:
        found = job.result.nearest(vector, layer, num=NUM_SHOWN, without="" if word else uses.word)
        _show_found(uses, chosen, layer, pool, found, num_words=len(job.result))
    else:
        job.show_error()
        _offer(job, pool, embedders, word)


def _offer(job: IndexJob, pool: ReviewPool, embedders: Embedders, word: str) -> None:
    st.caption(wording.how_much_is_read(word, min(NUM_SENTENCES, 3 * len(pool.ids))))
    st.button(
        "Search the reviews",
        key="senses_build",
        type="primary",
        icon=":material/search:",
        on_click=job.start,
        args=(pool, embedders.elmo, word),
    )


def _show_found(uses: WordUses, chosen: int, layer: Layer, pool: ReviewPool, found: list[Neighbour], *, num_words: int) -> None:
    if not found:
        st.info(wording.no_such_reviews(uses.word), icon=":material/search_off:")
        return
    st.markdown(wording.describe_found(chosen + 1, uses.uses[chosen].text, layer, num_words))
    positions = {review_id: position for position, review_id in enumerate(pool.ids)}
    for number, neighbour in enumerate(found):
        position = positions[neighbour.review_id]
        text, label = pool.texts[position], _LABELS[int(pool.labels[position])]
        start, end = neighbour.sentence
        with st.container(border=True, key=f"senses_found_{number}"):
            st.html(marked_html(text[start:end], [(neighbour.span[0] - start, neighbour.span[1] - start)]))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(f"Similarity {neighbour.similarity:.3f} · from a {label} review", width="stretch")
                show_probe_link(text[start:end])
