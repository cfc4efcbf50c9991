"""Operator: sign in to rename, delete and cancel what others have started; only on a server for a class."""

import streamlit as st

from ui.app.navigation import stay_in_dashboard
from ui.classroom import rules_view, sign_in, wording

stay_in_dashboard()

st.title(wording.TITLE, anchor=False)
sign_in.show()
rules_view.show()
