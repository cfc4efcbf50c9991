"""My space: what its link does on this device; only on a server for a class, where links lead to it."""

import streamlit as st

from ui.app.navigation import stay_in_dashboard
from ui.classroom import space_view, wording

stay_in_dashboard()

st.title(wording.SPACE_TITLE, anchor=False)
space_view.show()
