"""What a page shows when something goes wrong: one sentence, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import UserError
from ui.text import escape

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong that is not your doing; the log of the server says what. "
    "Finished trials are stored: reload the page and carry on."
)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what goes wrong inside as one sentence. Also a decorator; a fragment needs its own, as it reruns without its page."""
    try:
        yield
    except UserError as error:
        show_error(error)
    except Exception:
        logger.exception("unexpected error on a page")
        st.error(UNEXPECTED, icon=":material/error:")


def show_error(error: UserError) -> None:
    """The error's sentence, with nothing in it read as Markdown."""
    st.error(escape(str(error)), icon=":material/error:")
