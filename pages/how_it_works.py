"""How it works: the idea, the comparison and the models, for anybody who can read a film review."""

import streamlit as st

from core.experiment.config import ExperimentConfig
from ui.app.navigation import stay_in_dashboard
from ui.how_it_works import sections, wording

stay_in_dashboard()

config = ExperimentConfig()

st.title(wording.TITLE, anchor=False)
st.markdown(wording.INTRODUCTION)
sections.show_two_ways()

st.subheader(wording.STEPS_TITLE, anchor=False)
sections.show_steps(config)

st.subheader(wording.COMPETITION_TITLE, anchor=False)
st.markdown(wording.competition(config))
sections.show_example_pairs()

st.subheader(wording.ELMO_MINI_TITLE, anchor=False)
sections.show_elmo_mini()

st.subheader(wording.WARNINGS_TITLE, anchor=False)
st.markdown(wording.WARNINGS)
st.caption(wording.SOURCES)
