"""The suites to choose from and, for the chosen one, the button, the progress or the answers."""

from __future__ import annotations

import streamlit as st

from core.challenges.suite import Suite, load_csv_suite, to_csv
from core.challenges.templates import load_bundled_suite
from core.store.run import Run
from ui.app import models
from ui.app.errors import errors_shown
from ui.probe.challenges import jobs, report_view, wording
from ui.text import count, escape
from ui.widgets import downloads
from ui.widgets.background_job import follow

SHIPPED, OWN = "Ready-made", "My own (CSV)"


@st.fragment
@errors_shown()
def show(run: Run) -> None:
    """The suites to choose from and, for the chosen one, the button, the progress or the answers of the run's models."""
    st.markdown(wording.INTRO)
    suite = _choose_suite()
    if suite is None:
        return
    job = jobs.challenge_job(run, suite)
    if job.is_running:
        follow(
            job,
            lambda: wording.progress(job.num_done, suite.num_pairs),
            waiting=wording.WAITING,
            key="challenge",
        )
    elif job.result:
        report_view.show(run, job.result)
    else:
        job.show_error()
        st.button(
            wording.start(suite.num_pairs),
            key="challenge_start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=lambda: job.start(models.predictor(run)),
        )
        contents = st.expander("What the pairs test", icon=":material/list:", key="challenge_contents", on_change="rerun")
        if contents.open:  # else neither made nor sent
            with contents:
                _show_contents(suite)


def _choose_suite() -> Suite | None:
    kind = st.segmented_control("Pairs", [SHIPPED, OWN], default=SHIPPED, required=True, key="challenge_suite")
    if kind == SHIPPED:
        return load_bundled_suite()
    st.caption(wording.CSV_HELP)
    downloads.button(
        "Ready-made pairs (CSV)", lambda: to_csv(load_bundled_suite()), "elmo-lens-challenges.csv", key="challenge_example"
    )
    file = st.file_uploader("CSV file", type=["csv", "tsv", "txt"], key="challenge_file")
    return _read(file.name, file.getvalue()) if file else None


@st.cache_data(scope="session", max_entries=1, show_spinner="Reading the file")
def _read(name: str, data: bytes) -> Suite:
    return load_csv_suite(name, data)


def _show_contents(suite: Suite) -> None:
    """What each family tests, with an example."""
    for demand in dict.fromkeys(family.demand for family in suite.families):
        lines = [
            f"- **{escape(family.title)}** ({count(len(family.pairs), 'pair')}): {family.explanation}  \n"
            f"  {escape(family.pairs[0].texts[0])} → {escape(family.pairs[0].texts[1])}"
            for family in suite.families
            if family.demand == demand
        ]
        st.markdown(f"**{wording.DEMANDS[demand]}**\n" + "\n".join(lines))
