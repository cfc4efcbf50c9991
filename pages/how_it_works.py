"""How it works: a sentence on its way through both models, and what makes the comparison fair."""

from pathlib import Path

import streamlit as st

from core.experiment.config import ExperimentConfig
from ui.app import tour
from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.how_it_works import live, sections, wording

stay_in_dashboard()

st.html(Path(live.__file__).with_name("page.css"))
run = live.shown_run()
config = run.config if run else ExperimentConfig()

st.title(wording.TITLE, anchor=False)
st.markdown(wording.INTRODUCTION)
text = live.sentence_field()
places = sections.show_steps(config)

st.header(wording.COMPETITION_TITLE, anchor=False)
st.markdown(wording.competition(ExperimentConfig()))
with errors_shown():
    sections.show_pairs(run)

st.header(wording.ELMO_MINI_TITLE, anchor=False)
sections.show_elmo_mini()

st.header(wording.WARNINGS_TITLE, anchor=False)
st.markdown(wording.WARNINGS)
tour.start_link(wording.TOUR)
st.caption(wording.SOURCES)

with errors_shown():
    live.fill(places, run, text)  # last: the models take seconds to load, once
