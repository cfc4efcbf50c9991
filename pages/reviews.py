"""Reviews: what the models read, and what is in it."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.reviews import dataset, views, wording

stay_in_dashboard()

st.title(wording.TITLE, anchor=False)

with errors_shown():
    pool = dataset.choose()
    dataset.show_summary(pool)
    views.show(views.choose(), pool)
