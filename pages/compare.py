"""Compare: what the trials of one or several runs say, from the pairs of accuracies down to single reviews."""

import streamlit as st

from ui.compare import export, selection, views
from ui.errors import errors_shown
from ui.navigation import stay_in_dashboard

stay_in_dashboard()

st.title("Who is better, and how sure is that?", anchor=False)

with errors_shown():
    if choice := selection.choose():
        views.follow(choice)
        export.show(choice.runs, choice.focus)
