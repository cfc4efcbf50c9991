"""The dashboard: name, page config and navigation. Run it with `streamlit run dashboard.py`."""

from pathlib import Path

import streamlit as st

from ui.app import access, share, space, tour, visitors
from ui.app.errors import errors_shown

UI = Path(__file__).with_name("ui")

NAME = "ELMo Lens"

st.set_page_config(page_icon=UI / "icon.svg", layout="wide")
st.logo(UI / "logo.svg", size="large")
st.html(UI / "style.css")
visitors.let_go_after_leaving()
space.keep()

pages = [
    st.Page("pages/train.py", title="Train", icon=":material/model_training:", default=True),
    st.Page("pages/compare.py", title="Compare", icon=":material/balance:"),
    st.Page("pages/probe.py", title="Try it", icon=":material/chat:"),
    st.Page("pages/senses.py", title="Senses", icon=":material/scatter_plot:"),
    st.Page("pages/reviews.py", title="Reviews", icon=":material/reviews:"),
    st.Page("pages/how_it_works.py", title="How it works", icon=":material/school:"),
]
with errors_shown():
    if access.class_rules() is not None:
        pages.append(st.Page("pages/wall.py", title="Class", icon=":material/groups:"))
        pages.append(st.Page("pages/sign_in.py", title="Operator", icon=":material/key:"))
        pages.append(st.Page("pages/space.py", title="My space", visibility="hidden"))
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · {NAME}")
    tour.show()
    page.run()
    with st.container(key="in_header", horizontal=True, vertical_alignment="center", gap="small"):
        tour.start_link()
        share.show()
        st.html(UI / "close_menu.html", unsafe_allow_javascript=True)
