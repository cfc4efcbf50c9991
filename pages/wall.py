"""Class: the runs of everybody on one picture; only on a server for a class."""

import streamlit as st

from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.classroom import wording

stay_in_dashboard()

st.title(wording.WALL_TITLE, anchor=False)
with errors_shown():
    from ui.classroom import wall  # charts take half a second to import

    wall.follow()
