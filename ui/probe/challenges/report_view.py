"""The answers to a suite: what each model passes, the pairs to read, the files to download."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.challenges.export import pairs_table, scores_table, to_json
from core.challenges.scoring import Report
from core.challenges.verdicts import clear_families, verdict
from core.experiment.arms import arm_title
from core.files import to_csv
from core.formatting import percent, rounded
from core.store.run import Run
from ui.probe import sentence
from ui.probe.challenges import wording
from ui.text import escape
from ui.widgets import downloads
from ui.widgets.pickers import choices, row_picker

if TYPE_CHECKING:
    from ui.probe.challenges.charts import Measure

MEASURES: dict[Measure, str] = {"pass": "Passed", "flip": "Flipped"}
_TWO_LINES = 66  # height of a row; from 65 pixels on Streamlit wraps long texts
_ONE_LINE_LEN = 44  # characters that fit into a line of the table of pairs
_READ_HEIGHT = 520


def show(run: Run, report: Report) -> None:
    """The sentence, the scores of each family, its pairs, the downloads."""
    st.markdown(f"## {escape(verdict(report))}")
    if clear := clear_families(report):
        st.markdown(escape(" ".join(clear)))
    measure = _choose_measure()
    _show_scores(report, measure)
    num_heads = len(report.scores[0].head_pass_rates)
    st.caption(wording.legend(num_heads))
    _show_pairs(report)
    _show_downloads(run, report)


def _choose_measure() -> Measure:
    return st.segmented_control(
        "Show", list(MEASURES), format_func=MEASURES.__getitem__, default="pass", required=True, key="challenge_measure"
    )


def _show_scores(report: Report, measure: Measure) -> None:
    """For each demand a chart of its families and the same numbers as a table."""
    from ui.probe.challenges import charts  # noqa: PLC0415 - Altair, only where there is something to draw

    table = scores_table(report)
    for demand in dict.fromkeys(score.demand for score in report.scores):
        rows = table[table["demand"] == demand]
        families = rows[rows["family"].notna()]
        left, right = st.columns([1.1, 1], gap="large")
        title = wording.DEMANDS[demand]
        left.altair_chart(
            charts.rate_plot(families, measure, title=title), key=f"challenge_chart_{demand}"
        )  # its description is the alt text
        right.dataframe(
            _rates(rows, measure),
            key=f"challenge_scores_{demand}",
            hide_index=True,
            height="content",
            alt=f"{title}: {MEASURES[measure].lower()} pairs of each family, with 95 % intervals",
        )


def _rates(scores: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """A row per family and one for all of them: the pairs, and for each arm the rate with its interval."""
    by_arm = {str(arm): rows for arm, rows in scores.groupby("arm", sort=False)}  # each in the order of the families
    first = next(iter(by_arm.values()))
    columns: dict[str, list[str] | list[int]] = {
        "Family": first["family"].fillna("All of these").to_list(),
        "Pairs": first["num_pairs"].to_list(),
    }
    for arm, rows in by_arm.items():
        columns[arm_title(arm)] = rows[f"{measure}_rate"].map(partial(percent, decimals=0)).to_list()
        columns[f"{arm_title(arm)}, interval"] = [
            f"{rounded(low, 0):.0f} to {percent(high, 0)}"
            for low, high in zip(rows[f"{measure}_low"], rows[f"{measure}_high"], strict=True)
        ]
    return pd.DataFrame(columns)


def _show_pairs(report: Report) -> None:
    """The pairs of a family, all or only those that a model fails, to read and to try."""
    st.markdown("**Read the pairs**")
    left, right = st.columns([1, 2])
    titles = {family.title: family.title for family in report.suite.families}
    family = choices.selectbox("Family", titles, key="challenge_family", place=left)
    which = choices.segmented_control(
        "Which",
        {name: name for name in _filters(report)},
        default="All",
        required=True,
        key="challenge_filter",
        place=right,
        wrap=True,
    )
    chosen = next(each for each in report.suite.families if each.title == family)
    if chosen.explanation:
        st.caption(chosen.explanation)
    table = pairs_table(report, family)
    shown = table[_filters(report)[which](table)].reset_index(drop=True)
    if shown.empty:
        st.info(wording.NO_SUCH_PAIR, icon=":material/check:")
        return
    is_long = any(len(text) > _ONE_LINE_LEN for text in [*shown["first"], *shown["second"]])
    picked = row_picker.choose(
        _readable(shown, report),
        list(zip(shown["first"], shown["second"], strict=True)),
        key="challenge_pairs",
        hide_index=True,
        height=_READ_HEIGHT if len(shown) > (7 if is_long else 14) else "content",
        row_height=_TWO_LINES if is_long else None,
        alt="Pairs of the family with the chance that they are positive by each model",
        column_config={
            "First": st.column_config.TextColumn(width=310),
            "Second": st.column_config.TextColumn(width=310),
        },
    )
    if picked:
        _offer_to_try(*picked[0])
    else:
        st.caption(wording.CHOOSE_ROW)


def _filters(report: Report) -> dict[str, Callable[[pd.DataFrame], pd.Series[bool]]]:
    """Filters of the table of pairs, by their labels."""
    filters: dict[str, Callable[[pd.DataFrame], pd.Series[bool]]] = {"All": lambda table: table["first"].notna()}
    for arm in report.arms:
        filters[f"Not passed by {arm_title(arm)}"] = partial(_has_failed, arm)
    if len(report.arms) > 1:
        filters["Passed by one only"] = lambda table: table[[f"{arm}_passed" for arm in report.arms]].sum(axis=1) == 1
    return filters


def _has_failed(arm: str, table: pd.DataFrame) -> pd.Series[bool]:
    return ~table[f"{arm}_passed"]


def _readable(table: pd.DataFrame, report: Report) -> pd.DataFrame:
    columns: dict[str, object] = {
        "First": table["first"],
        "Second": table["second"],
        "Expected": table["first_expected"] + " → " + table["second_expected"],
    }
    for arm in report.arms:
        columns[arm_title(arm)] = [
            f"{'✓' if passed else '✗'}  {percent(first)} → {percent(second)}"
            for first, second, passed in zip(table[f"{arm}_first"], table[f"{arm}_second"], table[f"{arm}_passed"], strict=True)
        ]
    return pd.DataFrame(columns)


def _offer_to_try(first: str, second: str) -> None:
    for place, text in (("first", first), ("second", second)):
        label = f"Try “{escape(text)}”"
        if st.button(label, key=f"challenge_try_{place}", icon=":material/chat:", type="tertiary", on_click=_try, args=(text,)):
            st.rerun()  # the text field is outside of this fragment


def _try(text: str) -> None:
    sentence.put(text)


def _show_downloads(run: Run, report: Report) -> None:
    files: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("Scores as CSV", "scores.csv", lambda: to_csv(scores_table(report))),
        ("Pairs as CSV", "pairs.csv", lambda: to_csv(pairs_table(report))),
        ("Everything as JSON", "everything.json", partial(to_json, report, run)),
    )
    with st.container(horizontal=True, gap="small"):
        for label, name, make in files:
            key = f"challenge_download_{name.partition('.')[0]}"
            downloads.button(label, make, f"elmo-lens-{run.id}-challenges-{name}", key=key)
