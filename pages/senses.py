"""Senses: one word in many sentences, and what becomes of its vector."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.senses import embedders, question

stay_in_dashboard()

st.title("One word, many senses", anchor=False)
st.markdown(
    "A **static** vector belongs to a word, wherever it stands. **ELMo** makes a new one in every sentence. "
    "Do words that mean the same get similar vectors?"
)

with errors_shown():
    if asked := question.choose():
        loaded = embedders.load(embedders.choose_sources())
        if loaded:
            from ui.senses import (  # charts: half a second to import, which the sentences need not wait for
                layers_view,
                reviews_view,
            )

            vectors = embedders.vectors(asked.uses, loaded)
            layer, chosen = layers_view.show(asked, vectors)
            reviews_view.show(asked, vectors[layer][chosen], chosen, layer, loaded)
