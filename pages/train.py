"""Train: choose an experiment or a learning curve, follow it, read its results."""

import streamlit as st

from ui.app import server, url_state
from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.train import form
from ui.widgets import run_menu, run_picker

stay_in_dashboard()

st.title("Does context help?", anchor=False)
st.markdown(
    "Two models learn from the same film reviews which ones are positive. **Basic** sees a fixed vector per word; "
    "**ELMo** also sees the words around it."
)

form_column, run_column = st.columns([1, 2.2], gap="large")
with form_column, errors_shown():
    order = form.experiment_form()
    if order and order.train_sizes:
        url_state.start_sweep(order.config, order.train_sizes)
    elif order:
        url_state.start_run(order.config)
with run_column, errors_shown():
    if restored := run_menu.take_restored():
        url_state.open_run(restored)
        url_state.close_sweep()
    if restored := run_menu.take_restored("sweep"):
        url_state.open_sweep(restored)
    run_picker.show_earlier()
    run_menu.show_undo()
    if sweep := url_state.current_sweep():
        from ui.train import (
            sweep_panel,  # the charts in there take half a second to import, which the first page need not wait for
        )

        form.show_way_to_form()
        sweep_panel.follow(sweep)
    elif run := url_state.current_run():
        from ui.train import run_panel

        form.show_way_to_form()
        run_panel.follow(run)
    else:
        st.info("Press **Train both models**: pairs of accuracies appear here as trials finish.", icon=":material/play_arrow:")
server.warm_up()
