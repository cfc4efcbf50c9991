"""Compare: what the trials of one or several runs say, from the pairs of accuracies down to single reviews."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.compare import selection, wording

stay_in_dashboard()

st.title(wording.PAGE_TITLE, anchor=False)

with errors_shown():
    if choice := selection.choose():
        from ui.compare import views  # charts take half a second to import
        from ui.compare.report import export

        views.follow(choice)
        export.show(choice.runs, choice.focus)
