"""What the lessons of a run have changed: its answers beside those of the untaught run with the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.arrays import FloatArray
from core.challenges.scoring import Report
from core.challenges.teaching import FamilyChange, family_changes, review_change
from core.challenges.templates import load_bundled_suite
from core.experiment.arms import arm_title
from core.formatting import percent
from core.predict.predictor import Predictor
from core.store.run import Run
from core.tokens import token_texts
from ui.app import models, server, url_state
from ui.app.url_state import RUNS
from ui.probe.challenges import jobs
from ui.probe.challenges import wording as challenge_wording
from ui.probe.teaching import wording
from ui.widgets import waiting
from ui.widgets.background_job import follow

_MOST_ROWS = 12  # of the table of lessons before it scrolls
_ROW_HEIGHT, _HEADER_HEIGHT = 35, 38


def untaught_run(run: Run) -> Run | None:
    """The newest finished run that differs from a taught one in nothing but its lessons."""
    wanted = run.config.untaught
    candidates = server.store().find_runs(lambda config: config == wanted)
    fitting = (each for each in candidates if each.is_finished and not each.provenance.changes(run.provenance))
    return next((each for each in fitting if each.test_ids == run.test_ids), None)


def show(run: Run) -> None:
    """Before and after: the lessons, the test reviews, and pairs of sentences that nobody has taught.

    Raises:
        UserError: The results of one of the runs cannot be read.
    """
    st.header(wording.taught_title(len(run.config.lessons)), anchor=False)
    untaught = untaught_run(run)
    if untaught is None:
        st.info(wording.NO_UNTAUGHT, icon=":material/info:")
        if st.button("Train the untaught models", key="train_untaught", icon=":material/play_arrow:"):
            url_state.start_run(run.config.untaught)
        return
    before = waiting.wait_or_retry(models.predictor(untaught), key="load_untaught", forget=models.forget_predictors)
    after = waiting.wait_or_retry(models.predictor(run), key="load_taught", forget=models.forget_predictors)
    if before is None or after is None:
        return
    _show_reviews(untaught, run)
    _show_lessons(run, before, after)
    _show_pairs(untaught, run)
    if st.button("Back to the untaught models", key="untaught", icon=":material/undo:"):
        RUNS.open(untaught.id)
        st.rerun()


def _show_reviews(untaught: Run, run: Run) -> None:
    before, after = models.outcomes(untaught), models.outcomes(run)
    st.markdown("  \n".join(wording.on_reviews(arm, review_change(before, after, arm)) for arm in run.config.arms))


def _show_lessons(run: Run, before: Predictor, after: Predictor) -> None:
    """The lessons themselves, which prove nothing but that the models have noticed them."""
    lessons = run.config.lessons
    tokens = [token_texts(lesson.text) for lesson in lessons]
    labels = np.array([lesson.label for lesson in lessons])
    probs = [{arm: values.mean(axis=0) for arm, values in each.predict_many(tokens).items()} for each in (before, after)]
    num_right = [{arm: int(((each[arm] >= 0.5) == (labels > 0)).sum()) for arm in run.config.arms} for each in probs]
    st.markdown(
        "  \n".join(wording.lessons_learned(arm, num_right[0][arm], num_right[1][arm], len(lessons)) for arm in run.config.arms)
    )
    st.dataframe(
        _lesson_table(run, *probs),
        key="lessons_before_after",
        hide_index=True,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * min(len(lessons), _MOST_ROWS),
        alt="The lessons with the chance that they are positive, before and after",
        column_config={"Lesson": st.column_config.TextColumn(width=340)},
    )


def _lesson_table(run: Run, before: Mapping[str, FloatArray], after: Mapping[str, FloatArray]) -> pd.DataFrame:
    columns: dict[str, object] = {
        "Lesson": [lesson.text for lesson in run.config.lessons],
        "Taught as": ["positive" if lesson.label else "negative" for lesson in run.config.lessons],
    }
    for arm in run.config.arms:
        columns[arm_title(arm)] = [
            f"{percent(first, 0)} → {percent(second, 0)}" for first, second in zip(before[arm], after[arm], strict=True)
        ]
    return pd.DataFrame(columns)


def _show_pairs(untaught: Run, run: Run) -> None:
    """Sentences that nobody has taught: a button, the progress, the changes."""
    suite = load_bundled_suite()
    by_run = {each.id: jobs.challenge_job(each, suite) for each in (untaught, run)}
    running = next((job for job in by_run.values() if job.is_running), None)
    if running:
        follow(
            running,
            lambda: challenge_wording.progress(running.num_done, suite.num_pairs),
            waiting=wording.CHALLENGES_WAITING,
            key="teaching_challenges",
        )
        return
    before, after = by_run[untaught.id].result, by_run[run.id].result
    if before and after:
        _show_changes(before, after, run)
        return
    for job in by_run.values():
        job.show_error()
    st.button(
        wording.start_challenges(suite.num_pairs),
        key="teaching_test",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_start_missing,
        args=(by_run, (untaught, run)),
    )


def _start_missing(by_run: Mapping[str, jobs.ChallengeJob], runs: Sequence[Run]) -> None:
    for each in runs:
        if not by_run[each.id].result:
            by_run[each.id].start(models.predictor(each))


def _show_changes(before: Report, after: Report, run: Run) -> None:
    changes = family_changes(before, after, run.config.lessons)
    taught = [change for change in changes if change.is_taught]
    for change in taught:
        st.markdown(f"- {wording.on_family(change)}")
    if not taught and any(_is_of_suite(lesson.text, before) for lesson in run.config.lessons):
        st.caption(wording.NO_UNSEEN)
    st.dataframe(
        _change_table(changes),
        key="teaching_changes",
        hide_index=True,
        height="content",
        alt="Share of pairs passed in each family, before and after the lessons",
        column_config={"Family": st.column_config.TextColumn(width=260)},
    )
    st.caption(wording.INTERVALS)


def _is_of_suite(text: str, report: Report) -> bool:
    return any(text.casefold() == each.casefold() for result in report.results for each in result.pair.texts)


def _change_table(changes: list[FamilyChange]) -> pd.DataFrame:
    rows = []
    for change in changes:
        title = "All families that were not taught" if change.family is None else change.family
        row: dict[str, object] = {"Family": f"{title} (taught)" if change.is_taught else title}
        row["Pairs"] = next(iter(change.by_arm.values())).num_texts
        for arm, its in change.by_arm.items():
            row[arm_title(arm)] = f"{percent(its.before, 0)} → {percent(its.after, 0)}"
            row[f"{arm_title(arm)}, change"] = wording.change_cell(its)
        rows.append(row)
    return pd.DataFrame(rows)
