"""Compare: what the trials of runs say, from pairs of accuracies down to single reviews; or two models of one's own."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.compare import selection, wording
from ui.compare.predictions import source

stay_in_dashboard()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="compare_title"):
    st.title(wording.PAGE_TITLE, anchor=False, width="content")
    are_predictions = source.choose()

with errors_shown():
    if are_predictions:
        from ui.compare.predictions import view

        view.show()
    elif choice := selection.choose():
        from ui.compare import views  # charts take half a second to import
        from ui.compare.report import export

        views.follow(choice)
        export.show(choice.runs, choice.focus)
