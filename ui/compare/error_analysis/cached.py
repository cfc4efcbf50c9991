"""What the views of single reviews and of quality need of a run: computed once per server and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.store.run import Run
from ui.app import models, server

if TYPE_CHECKING:
    from core.analysis.error_report import AccuracyByTrait, ErrorReport
    from core.analysis.outcomes import Outcomes
    from core.analysis.review_traits import ReviewTraits


def quality(run: Run) -> ErrorReport:
    """Everything beyond accuracy that needs no texts.

    Raises:
        UserError: As `ui.app.models.outcomes`.
    """
    outcomes = models.outcomes(run)
    return _quality(run.id, outcomes.trials, outcomes)


def quality_by_trait(run: Run) -> AccuracyByTrait:
    """Accuracy by length and by share of unknown words.

    Raises:
        UserError: As `ui.app.models.outcomes` and `texts`, or the static vectors cannot be loaded.
    """
    outcomes = models.outcomes(run)
    return _quality_by_trait(run.id, outcomes.trials, outcomes, run)


@st.cache_resource(show_spinner=False, max_entries=16)
def texts(run_id: str) -> tuple[str, ...]:
    """The test reviews of a run, in the order of its outcomes.

    Raises:
        UserError: Its dataset is gone or has other reviews now.
    """
    from core.analysis.outcomes import load_test_reviews  # noqa: PLC0415  # the first rendering of charts need not wait for it

    found, _ = load_test_reviews(server.store().get_run(run_id), server.settings())
    return tuple(found)


@st.cache_resource(show_spinner=False, max_entries=16)
def _quality(run_id: str, trials: tuple[int, ...], _outcomes: Outcomes) -> ErrorReport:  # noqa: ARG001  # the first two are the key
    from core.analysis.error_report import measure  # noqa: PLC0415  # scikit-learn takes a second to import

    return measure(_outcomes)


@st.cache_resource(show_spinner=False, max_entries=16)
def _quality_by_trait(
    run_id: str,
    trials: tuple[int, ...],  # noqa: ARG001  # part of the key
    _outcomes: Outcomes,
    _run: Run,
) -> AccuracyByTrait:
    from core.analysis.error_report import measure_by_trait  # noqa: PLC0415  # see above

    return measure_by_trait(_outcomes, _traits(run_id, _run))


@st.cache_resource(show_spinner=False, max_entries=16)
def _traits(run_id: str, _run: Run) -> ReviewTraits:
    from core import tokens  # noqa: PLC0415
    from core.analysis import review_traits  # noqa: PLC0415
    from core.disk_cache import cached_table  # noqa: PLC0415
    from core.embedders.static import load_static  # noqa: PLC0415  # the vectors are opened only for this

    config, found = _run.config, texts(run_id)
    static = load_static(config.static, server.settings())

    def measure() -> pd.DataFrame:
        measured = review_traits.measure_review_traits(found, static, max_tokens=config.max_tokens)
        return pd.DataFrame({"num_tokens": measured.num_tokens, "unknown_share": measured.unknown_share})

    kept = cached_table(
        "traits",
        measure,
        parts=[static.fingerprint, str(config.max_tokens), *found],
        code=[review_traits, tokens],
        settings=server.settings(),
    )
    return review_traits.ReviewTraits(kept["num_tokens"].to_numpy(), kept["unknown_share"].to_numpy())
