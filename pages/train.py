"""Train: choose an experiment or a learning curve, follow it, read its results."""

import streamlit as st

from ui import forms, menu, picker, session
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
    order = forms.experiment_form()
    if order and order.train_sizes:
        session.start_sweep(order.config, order.train_sizes)
    elif order:
        session.start_run(order.config)
with run_column, errors_shown():
    if restored := menu.take_restored():
        session.open_run(restored)
        session.close_sweep()
    if restored := menu.take_restored("sweep"):
        session.open_sweep(restored)
    picker.show_earlier()
    menu.show_undo()
    if sweep := session.current_sweep():
        from ui import sweep_progress  # the charts in there take half a second to import, which the first page need not wait for

        forms.show_way_to_form()
        sweep_progress.follow(sweep)
    elif run := session.current_run():
        from ui import progress

        forms.show_way_to_form()
        progress.follow(run)
    else:
        st.info("Press **Train both models**: pairs of accuracies appear here as trials finish.", icon=":material/play_arrow:")
session.warm_up()
