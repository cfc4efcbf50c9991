"""Try it: type a sentence and watch both models make up their minds."""

from pathlib import Path

import streamlit as st

from core.experiment.config import ExperimentConfig
from ui.app import server, url_state
from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.app.url_state import RUNS
from ui.probe import live, wording
from ui.train import run_panel
from ui.widgets.deleting.gone import show_gone
from ui.widgets.pickers import linked_toggle, run_picker

stay_in_dashboard()

st.html(Path(live.__file__).with_name("page.css"))
runs = url_state.runs_with_models()
gone = RUNS.deleted()
run = None if gone else RUNS.current() or url_state.open_newest(runs)
with st.container(key="probe"):
    with st.container(horizontal=True, vertical_alignment="center", key="probe_head"):
        st.title(wording.TITLE, anchor=False)
        if runs:
            run_picker.show(RUNS, runs, label="Models of the run", key="probe_run", label_visibility="collapsed", width=340)
        is_large = linked_toggle.show("Large type", key="large_type", parameter="large", help=wording.LARGE_HELP)
    if gone:
        show_gone(RUNS, gone)
    elif run is None:
        st.info(wording.NO_MODEL, icon=":material/info:")
        if st.button("Train on 100 reviews", type="primary", icon=":material/play_arrow:", key="quick_train"):
            url_state.start_run(ExperimentConfig(train_size=100, num_trials=3, test_size=100, max_tokens=128))
    elif run.id in {run.id for run in runs} and not (run.is_active and run.config.lessons):  # of these, half a result says little
        live.live(run, is_large=is_large)
    else:
        with errors_shown():
            run.require_predictable(server.provenance(run.config))
            run_panel.follow(run)
