"""What all visitors of a server share: settings, store, engine."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING

import streamlit as st

from core.disk_cache import remove_leftovers
from core.embedders.loading import expected_provenance
from core.errors import UserError
from core.example import open_store
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import Provenance
from core.settings import Settings, read_settings
from core.store.run_store import RunStore
from ui.app.tensorflow_guard import spare_from_garbage_collection

if TYPE_CHECKING:
    from core.engine.engine import Engine


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this installation."""
    found = read_settings()
    remove_leftovers(found)
    return found


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The run store of this server."""
    return open_store(settings())


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine of this server."""
    from core.engine.engine import Engine  # noqa: PLC0415  # Dask takes longer to import than the whole page

    spare_from_garbage_collection()
    return Engine(settings(), store())


def provenance(config: ExperimentConfig) -> Provenance:
    """What the names in a config stand for now; nothing is known where its vectors file is gone, which loading it will say."""
    try:
        return expected_provenance(config, settings())
    except UserError:
        return Provenance()


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Start the workers and import what other pages need, in the background, once per server."""
    if settings().warm_up:
        engine().warm()
        threading.Thread(target=_import_for_other_pages, name="imports", daemon=True).start()


def _import_for_other_pages() -> None:
    """Runs in a thread of its own: what charts, statistics and tokens stand on takes two seconds."""
    for module in (
        "ui.compare.accuracy.view",
        "ui.compare.reviews.view",
        "ui.compare.error_analysis.view",
        "nltk.tokenize.treebank",
    ):
        importlib.import_module(module)
    spare_from_garbage_collection()
