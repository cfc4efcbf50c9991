"""Train: choose an experiment, follow it, read its results."""

import streamlit as st

from ui import forms, picker, session
from ui.errors import errors_shown
from ui.navigation import stay_in_dashboard

stay_in_dashboard()

st.title("Does context help?", anchor=False)
st.markdown(
    "Two models learn from the same film reviews which ones are positive. **Basic** sees a fixed vector per word; "
    "**ELMo** also sees the words around it."
)

form_column, run_column = st.columns([1, 2.2], gap="large")
with form_column, errors_shown():
    if config := forms.experiment_form():
        session.start_run(config)
with run_column, errors_shown():
    if runs := session.store().list_runs():
        picker.run_picker(runs=runs, label="Earlier runs", key="train_run")
    if run := session.current_run():
        from ui import progress  # the charts in there take half a second to import, which the first page need not wait for

        progress.follow(run)
    else:
        st.info("Press **Train both models**: pairs of accuracies appear here as trials finish.", icon=":material/arrow_back:")
session.warm_up()
