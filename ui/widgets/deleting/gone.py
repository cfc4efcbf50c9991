"""What a page says where the run or learning curve in its link was deleted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.deleted import Deleted
from ui.app import access
from ui.app.errors import errors_shown
from ui.app.url_state import Kind
from ui.text import escape


def show_gone(kind: Kind[Any], deleted: Deleted) -> None:
    """Which one is gone, with a button that restores it; it stays in the link.

    Args:
        kind: Run or learning curve.
        deleted: The one in the link.
    """
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{kind.name}_gone_{deleted.id}"):
        st.markdown(
            f":material/delete: The {kind.noun} **{escape(deleted.title)}** was deleted. Restore it, or choose another.",
            width="stretch",
        )
        if access.may_change(deleted.id):
            st.button(
                "Restore",
                key=f"restore_{kind.name}_{deleted.id}",
                icon=":material/undo:",
                type="primary",
                on_click=errors_shown()(kind.store().restore),
                args=(deleted.id,),
            )
