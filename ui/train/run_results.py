"""The results of a run: the sentence, both charts, the table, and all of it as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.analysis.paired_tests import Comparison, compare_arms, compare_reference
from core.analysis.verdicts import holds_for, verdict
from core.embedders.static import vectors_note
from core.errors import UserError
from core.experiment.arms import arm_title, has_pair
from core.experiment.events import EpochFinished
from core.exports.run_json import Reference, run_values
from core.formatting import percent, rounded
from core.store.run import Run
from ui.app import models, server
from ui.app.errors import show_error
from ui.text import count, escape
from ui.train import epoch_charts, guess, wording
from ui.widgets import charts, downloads, run_accuracy, tables

_CHOICE_HEIGHT = 48  # of the buttons above the chart on the right, which ends where the one on the left does
_HEIGHT = 310  # so that the pairs are in view below the strip and the sentence
_RIGHT_HEIGHT = _HEIGHT - _CHOICE_HEIGHT


def show(run: Run, epochs: Sequence[EpochFinished] = ()) -> None:
    """Everything known about a run so far; nothing before its first trial.

    Args:
        run: The run.
        epochs: Of its models, as far as this server has seen them trained.
    """
    accuracies = server.store().trials.accuracies(run)
    if accuracies.empty and not (run.is_active and epochs):
        return
    comparison = None
    try:
        comparison = _compare(run, accuracies)
    except UserError as error:  # what is known without the reviews is shown all the same
        show_error(error)
    if comparison:
        _show_sentence(run, comparison)
    guess.show(run.config, comparison)
    reference = server.store().trials.reference_accuracies(run)
    _show_charts(run, accuracies, reference, epochs)
    if accuracies.empty:
        return
    if comparison and comparison.num_trials > 1:  # the sentence about a single trial says it itself
        st.caption(holds_for([(run.config.train_size, models.outcomes(run))]))
    _show_means(run, accuracies, comparison)
    if not reference.empty:
        st.caption(wording.bag_of_words_note(run))
    _show_table(run, accuracies, comparison, reference)
    if run.coverage is not None:
        st.caption(wording.coverage(run.config.static, run.coverage))
        if note := _vectors_note(run):
            st.caption(escape(note))
    if run.provenance.unknown and not run.is_active:
        st.caption(wording.unknown_provenance(run), width="stretch")
    _show_settings(run)


def to_csv(accuracies: pd.DataFrame) -> str:
    """The table of accuracies; trials count from 1, as on the page."""
    return accuracies.set_axis(accuracies.index + 1).rename_axis("trial").to_csv()


def _compare(run: Run, accuracies: pd.DataFrame) -> Comparison | None:
    """The comparison of the finished pairs, if the run has both arms and at least one whole pair."""
    if not has_pair(accuracies) or accuracies.dropna().empty:
        return None
    return compare_arms(models.outcomes(run))


def _show_sentence(run: Run, comparison: Comparison) -> None:
    num_left = run.config.num_trials - comparison.num_trials
    so_far = f" {count(num_left, 'trial')} to go." if run.is_active and num_left else ""
    with st.container(key="verdict"):
        run_accuracy.show_verdict(verdict(comparison, run.coverage), num_trials=comparison.num_trials, more=so_far, level=3)


def _show_means(run: Run, accuracies: pd.DataFrame, comparison: Comparison | None) -> None:
    columns = st.columns(len(accuracies.columns))
    for column, (arm, values) in zip(columns, accuracies.items(), strict=True):
        finished = values.dropna()
        if finished.empty:
            continue
        column.metric(
            f"{arm_title(str(arm))}, mean of {count(len(finished), 'trial')}",
            percent(finished.mean()),
            delta=_gain(comparison) if comparison and arm == comparison.models[1] else None,
            delta_arrow="auto" if comparison and rounded(comparison.mean_difference) else "off",
            delta_color="normal" if comparison and rounded(comparison.mean_difference) else "off",
            border=True,
            height="stretch",
            help=wording.metric_help(run, str(arm)),
        )


def _gain(comparison: Comparison) -> str:
    """The difference with a plain hyphen for minus, by which Streamlit tells where the arrow points."""
    points = rounded(comparison.mean_difference)
    return f"{points:+.1f} points" if points else wording.EQUALLY_ACCURATE


def _show_charts(run: Run, accuracies: pd.DataFrame, reference: pd.Series, epochs: Sequence[EpochFinished]) -> None:
    """The pairs on the left, from the first whole one on; on the right what was chosen to go with them."""
    plots = {}
    if not run.is_active or not accuracies.reindex(columns=run.config.arms).dropna().empty:
        has_column = not reference.empty or (run.is_active and run.config.bag_of_words)
        plots = run_accuracy.accuracy_charts(accuracies, reference if has_column else None, heights=(_HEIGHT, _RIGHT_HEIGHT))
    left, right = st.columns(2)
    with left:
        if plots:
            _show_chart(run, "pairs", plots["pairs"])
        else:
            st.info(wording.WAITING_FOR_A_PAIR, icon=":material/hourglass:")
    with right:
        chosen = st.segmented_control(
            "Chart on the right",
            list(wording.RIGHT_CHARTS),
            format_func=wording.RIGHT_CHARTS.__getitem__,
            default="boxes",
            required=True,
            key="right_chart",
            persist_state="session",
            label_visibility="collapsed",
        )
        if chosen == "boxes":
            if plots:
                _show_chart(run, "boxes", plots["boxes"])
        elif epochs:
            _show_chart(run, chosen, epoch_charts.epoch_plot(epochs, chosen, height=_RIGHT_HEIGHT))
        else:
            st.caption(wording.NO_EPOCHS)


def _show_chart(run: Run, kind: str, chart: alt.LayerChart) -> None:
    st.altair_chart(chart, key=f"{kind}_chart")  # its description is the alt text
    if run.is_active:
        return
    titled = chart.properties(title=alt.Title(run.name, anchor="start"))
    with st.container(horizontal=True, gap="small"):
        for suffix, draw in (("png", charts.to_png), ("svg", charts.to_svg)):
            downloads.button(
                suffix.upper(),
                partial(draw, titled),
                f"elmo-lens-{run.id}-{kind}.{suffix}",
                key=f"{kind}_{suffix}",
                icon=":material/image:",
                type="tertiary",
                help=f"This chart as {suffix.upper()} file",
            )


def _show_table(run: Run, accuracies: pd.DataFrame, comparison: Comparison | None, reference: pd.Series) -> None:
    tables.show(run_accuracy.trials_table(accuracies, reference))
    if run.is_active:
        return
    with st.container(horizontal=True, gap="small"):
        downloads.button(
            "Table as CSV",
            lambda: to_csv(charts.with_reference(accuracies, reference)),
            f"elmo-lens-{run.id}.csv",
            key="download_csv",
        )
        downloads.button(
            "Everything as JSON",
            lambda: json.dumps(_values(run, comparison), indent=2),
            f"elmo-lens-{run.id}.json",
            key="download_json",
        )


def _values(run: Run, comparison: Comparison | None) -> dict[str, Any]:
    against_reference, outcomes = None, None
    with suppress(UserError):  # no whole trial, or its labels are gone
        outcomes = models.outcomes(run)
        against_reference = compare_reference(outcomes)
    trials = server.store().trials
    reference = Reference(trials.references(run), against_reference)
    return run_values(run, trials.table(run), comparison, server.settings(), reference, outcomes=outcomes)


def _vectors_note(run: Run) -> str:
    """What was odd in the file of static vectors; empty if it is gone, or on a cluster, whose workers have their own."""
    settings = server.settings()
    with suppress(UserError):
        return "" if settings.scheduler else vectors_note(run.config.static, settings)
    return ""


def _show_settings(run: Run) -> None:
    with st.expander("Settings and times of this run", icon=":material/receipt_long:", key="run_settings"):
        st.json(
            {
                "config": run.config.model_dump(mode="json"),
                "provenance": run.provenance.model_dump(mode="json"),
                "seconds per phase": dict(run.phase_s),
            }
        )
