"""What a page shows when something goes wrong: a sentence, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import UserError
from ui.text import escape

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong, and it is not your fault; the server's log has the details. "
    "Finished trials are stored. Reload the page and carry on."
)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show whatever goes wrong inside as one sentence. Also a decorator: fragments need their own, as they rerun alone."""
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
