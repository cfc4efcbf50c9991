"""Probe: type a sentence and watch both models make up their minds."""

import streamlit as st

from core.experiment import ExperimentConfig
from ui import picker, predictions, progress, session
from ui.challenges import view as challenges
from ui.errors import errors_shown
from ui.navigation import stay_in_dashboard
from ui.probe import sentence

stay_in_dashboard()

st.title("Type a sentence", anchor=False)

runs = session.runs_with_models()
run = session.current_run() or session.open_newest(runs)
if runs:
    picker.run_picker(runs=runs, label="Models of the run", key="probe_run")
if run is None:
    st.info("There is no trained model yet. 100 reviews are enough to begin with.", icon=":material/info:")
    if st.button("Train on 100 reviews", type="primary", icon=":material/play_arrow:", key="quick_train"):
        session.start_run(ExperimentConfig(train_size=100, num_trials=3, test_size=300))
elif run.id in {run.id for run in runs}:
    sentence.take_from_link()
    predictions.live(run)
    challenges.show(run)
else:
    with errors_shown():
        run.require_installed_vectors()
        progress.follow(run)
