"""The list of what was deleted in the last thirty days, by anybody, to be restored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.deleted import Deleted
from core.settings import KEEP_DELETED_S
from ui.app.errors import errors_shown
from ui.text import DAY_S, escape, local_time
from ui.widgets.deleting.deletable import Deletable

_MAX_SHOWN = 50
_MAX_TITLE_LEN = 100
NOTE = f"Anybody can restore these for {KEEP_DELETED_S / DAY_S:.0f} days after they were deleted."
PURGE_HELP = "It cannot be restored then."


@errors_shown()
def show(key: str, kinds: Sequence[Deletable]) -> None:
    """A popover with what can be restored; nothing if there is nothing.

    Args:
        key: Prefix of the keys.
        kinds: What the list holds.
    """
    found = [(deleted, kind) for kind in kinds for deleted in kind.find()]
    if not found:
        return
    found.sort(key=lambda each: each[0].deleted_at, reverse=True)
    panel = st.popover("Deleted", icon=":material/restore_from_trash:", key=f"{key}_deleted", on_change="rerun")
    if not panel.open:  # else neither made nor sent
        return
    with panel:
        st.caption(NOTE)
        for deleted, kind in found[:_MAX_SHOWN]:
            _show_row(key, deleted, kind)
        if len(found) > _MAX_SHOWN:
            st.caption(f"Only the last {_MAX_SHOWN} of {len(found):,} are listed.")


def _show_row(key: str, deleted: Deleted, kind: Deletable) -> None:
    title = deleted.title if len(deleted.title) <= _MAX_TITLE_LEN else f"{deleted.title[:_MAX_TITLE_LEN]}…"
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_deleted_{deleted.id.replace('.', '_')}"):
        facts = filter(None, (kind.noun, deleted.detail, f"deleted {local_time(deleted.deleted_at)}"))
        st.markdown(f"{escape(title)}  \n:small[{escape(', '.join(facts))}]", width="stretch")
        _button("Restore", f"{key}_restore_{deleted.id}", kind.restore, deleted, icon=":material/undo:")
        if kind.purge:
            help_text = PURGE_HELP
            _button("Delete for good", f"{key}_purge_{deleted.id}", kind.purge, deleted, type="tertiary", help=help_text)


def _button(label: str, key: str, act: Callable[[Sequence[str]], None], deleted: Deleted, **options: Any) -> None:
    st.button(label, key=key, on_click=errors_shown()(act), args=([deleted.id],), **options)
