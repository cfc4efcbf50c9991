"""Train: choose an experiment or a learning curve, follow it, read its results."""

import streamlit as st

from core.store.run import Sweep
from ui.app import server, url_state
from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.train import form, wording
from ui.widgets import run_menu
from ui.widgets.deleting.gone import show_gone
from ui.widgets.pickers import run_picker

stay_in_dashboard()

st.title(wording.TITLE, anchor=False)
st.markdown(wording.INTRO)

form_column, run_column = st.columns([1, 2.2], gap="large")
with form_column, errors_shown():
    order = form.experiment_form()
    if order and order.train_sizes:
        url_state.start_sweep(order.config, order.train_sizes)
    elif order:
        url_state.start_run(order.config)
with run_column, errors_shown():
    url_state.open_latest()
    run_picker.show_earlier()
    run_menu.show_undo(url_state.show)
    run_menu.show_deleted(url_state.show)
    if gone := url_state.shown_kind().deleted():
        show_gone(url_state.shown_kind(), gone)
    elif shown := url_state.shown_kind().current():
        from ui.train import run_panel, sweep_panel  # charts take half a second to import: the first page need not wait for them

        form.show_way_to_form()
        if isinstance(shown, Sweep):
            sweep_panel.follow(shown)
        else:
            run_panel.follow(shown)
    else:
        st.info(wording.EMPTY, icon=":material/play_arrow:")
server.warm_up()
