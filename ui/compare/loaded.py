"""What the views of single reviews and of quality need of a run: computed once per server and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.records import Run
from ui import session

if TYPE_CHECKING:
    from core.outcomes import Outcomes
    from core.traits import Traits
    from ui.compare.quality import Quality, QualityByTrait


def quality(run: Run) -> Quality:
    """Everything beyond accuracy that needs no texts.

    Raises:
        UserError: As `ui.session.outcomes`.
    """
    outcomes = session.outcomes(run)
    return _quality(run.id, outcomes.trials, outcomes)


def quality_by_trait(run: Run) -> QualityByTrait:
    """Accuracy by length and by share of unknown words.

    Raises:
        UserError: As `ui.session.outcomes` and `texts`, or the static vectors cannot be loaded.
    """
    outcomes = session.outcomes(run)
    return _quality_by_trait(run.id, outcomes.trials, outcomes, run)


@st.cache_resource(show_spinner=False, max_entries=16)
def texts(run_id: str) -> tuple[str, ...]:
    """The test reviews of a run, in the order of its outcomes.

    Raises:
        UserError: Its dataset is gone or has other reviews now.
    """
    from core.datasets import load_pool  # noqa: PLC0415  # the first rendering of charts need not wait for it

    run = session.store().get_run(run_id)
    pool = load_pool(run.config.dataset, session.settings())
    text_of = dict(zip(pool.ids, pool.texts, strict=True))
    if not all(review_id in text_of for review_id in run.test_ids):
        raise UserError(
            f'The dataset "{run.config.dataset}" has other reviews than when this run was trained, so they cannot be shown; '
            "add the former file again."
        )
    return tuple(text_of[review_id] for review_id in run.test_ids)


@st.cache_resource(show_spinner=False, max_entries=16)
def _quality(run_id: str, trials: tuple[int, ...], _outcomes: Outcomes) -> Quality:  # noqa: ARG001  # the first two are the key
    from ui.compare.quality import measure  # noqa: PLC0415  # scikit-learn takes a second to import

    return measure(_outcomes)


@st.cache_resource(show_spinner=False, max_entries=16)
def _quality_by_trait(
    run_id: str,
    trials: tuple[int, ...],  # noqa: ARG001  # part of the key
    _outcomes: Outcomes,
    _run: Run,
) -> QualityByTrait:
    from ui.compare.quality import measure_by_trait  # noqa: PLC0415  # see above

    return measure_by_trait(_outcomes, _traits(run_id, _run))


@st.cache_resource(show_spinner=False, max_entries=16)
def _traits(run_id: str, _run: Run) -> Traits:
    from core import tokens, traits  # noqa: PLC0415
    from core.embedders.static import load_static  # noqa: PLC0415  # the vectors are opened only for this
    from core.kept import kept_table  # noqa: PLC0415

    config, found = _run.config, texts(run_id)
    static = load_static(config.static, session.settings())

    def measure() -> pd.DataFrame:
        measured = traits.measure_traits(found, static, max_tokens=config.max_tokens)
        return pd.DataFrame({"num_tokens": measured.num_tokens, "unknown_share": measured.unknown_share})

    kept = kept_table(
        "traits",
        measure,
        of=[static.fingerprint, str(config.max_tokens), *found],
        code=[traits, tokens],
        settings=session.settings(),
    )
    return traits.Traits(kept["num_tokens"].to_numpy(), kept["unknown_share"].to_numpy())
