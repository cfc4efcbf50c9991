"""Compare: what the trials of one or several runs say, from the pairs of accuracies down to single reviews."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.compare import selection, views, wording
from ui.compare.report import export

stay_in_dashboard()

st.title(wording.PAGE_TITLE, anchor=False)

with errors_shown():
    if choice := selection.choose():
        views.follow(choice)
        export.show(choice.runs, choice.focus)
