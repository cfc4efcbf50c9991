"""Train: choose an experiment or a learning curve, follow it, read its results."""

import streamlit as st

from core.store.run import Sweep
from ui.app import live_region, models, server, url_state
from ui.app.errors import errors_shown
from ui.app.navigation import stay_in_dashboard
from ui.train import form, wording
from ui.widgets import run_menu
from ui.widgets.deleting.gone import show_gone
from ui.widgets.pickers import run_picker

stay_in_dashboard()

shown, active = None, None
with st.container(horizontal=True, vertical_alignment="center", key="train_header"):
    st.title(wording.TITLE, anchor=False, width="stretch")
    with errors_shown():
        url_state.open_latest()
        run_picker.show_earlier()
        run_menu.show_deleted(url_state.show)
with st.container(key="intro"):
    st.caption(wording.INTRO)
with st.container(), errors_shown():
    run_menu.show_undo(url_state.show)
    if gone := url_state.shown_kind().deleted():
        show_gone(url_state.shown_kind(), gone)
    elif shown := url_state.shown_kind().current():
        active = shown if url_state.is_active(shown) else None
with st.container(), errors_shown():
    if form.is_wanted(active) and (order := form.experiment_form()):
        order.start()
if shown:
    from ui.train import run_panel, sweep_panel  # charts take half a second to import: the first page need not wait for them

    with errors_shown():
        if isinstance(shown, Sweep):
            sweep_panel.follow(shown)
        else:
            run_panel.follow(shown)
else:
    live_region.show("")
    st.info(wording.EMPTY, icon=":material/play_arrow:")
if not form.is_reading():  # reading the reviews and importing for other pages would take turns in this process
    server.warm_up()
    with errors_shown():
        models.warm_up()
