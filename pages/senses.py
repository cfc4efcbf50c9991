"""Senses: one word in many sentences, and its vectors there."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.senses import embedders, word_picker, wording

stay_in_dashboard()

st.title(wording.TITLE, anchor=False)
st.markdown(wording.INTRODUCTION)

with errors_shown():
    if uses := word_picker.choose():
        loaded = embedders.load(embedders.choose_sources())
        if loaded:
            from ui.senses import (  # charts take half a second to import: the sentences need not wait for them
                layers_view,
                reviews_view,
            )

            vectors = embedders.vectors(uses.uses, loaded)
            layer, chosen = layers_view.show(uses, vectors)
            reviews_view.show(uses, vectors[layer][chosen], chosen, layer, loaded)
