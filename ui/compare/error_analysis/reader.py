"""Reading the reviews of a group: the click that opens one, and the list with what every trained model said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.experiment.arms import arm_title
from core.files import to_csv
from core.formatting import percent, rounded
from core.store.run import Run
from core.tokens import tokenise
from ui.app.navigation import show_probe_link
from ui.app.url_state import GROUP_PARAMETER
from ui.compare import wording
from ui.compare.chart_specs import to_spec
from ui.compare.error_analysis import cached, groups, review_list
from ui.compare.error_analysis.groups import Group
from ui.compare.once import once
from ui.text import count
from ui.widgets import charts, downloads
from ui.widgets.pickers import choices

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes

PER_PAGE = 5
_MOST_TRIALS_LISTED = 10
_LIST_KEY = "reviews_list"
_SEARCH_KEY = "reviews_search"


def group_in_url() -> str:
    """Key of the group that the URL asks for; empty if it asks for none."""
    return st.query_params.get(GROUP_PARAMETER, "")


def open_group(group_key: str | None) -> None:
    """Show the reviews of a group, or of none."""
    _first_page()
    st.session_state[_SEARCH_KEY] = ""  # or the new group might seem to be empty
    if group_key:
        st.query_params[GROUP_PARAMETER] = group_key
    else:
        st.query_params.pop(GROUP_PARAMETER, None)


def choose(label: str, options: Sequence[Group], *, key: str) -> Group | None:
    """A list of the groups, for those who would rather choose than click.

    Args:
        label: Above the list.
        options: Groups to choose from.
        key: Of the widget.
    """
    by_key = {group.key: group for group in options}
    wanted = group_in_url()
    st.session_state[key] = wanted if wanted in by_key else None
    choices.selectbox(
        label,
        {group.key: group.title for group in options},
        index=None,
        key=key,
        placeholder="Choose here, or click in the chart",
        on_change=open_group,
    )
    return by_key.get(wanted)


def show_reviews(run: Run, outcomes: Outcomes, group: Group) -> None:
    """The reviews of a group with search and order, a page at a time.

    Raises:
        UserError: The dataset of the run is gone or has other reviews now.
    """
    texts = cached.texts(run)
    orders = review_list.orders(outcomes.arms)
    with st.container(horizontal=True, vertical_alignment="bottom", key="reviews_tools"):
        wanted = st.text_input("Search in these reviews", key=_SEARCH_KEY, type="search", on_change=_first_page)
        order = choices.selectbox("Order", orders, key="reviews_order", on_change=lambda _: _first_page())
        rows = review_list.rank(review_list.search(group.rows, texts, wanted or ""), order, outcomes)
        downloads.button(
            "CSV",
            lambda: to_csv(review_list.table(rows, outcomes, texts)),
            f"elmo-lens-{run.id}-reviews.csv",
            key="reviews_csv",
            help="These reviews with what the models said about each, as a CSV file",
            disabled=not len(rows),
        )
    if not len(rows):
        st.info(wording.NO_MATCH if len(group.rows) else wording.EMPTY_GROUP, icon=":material/search_off:")
        return
    st.caption(wording.found_reviews(len(rows), len(group.rows), is_search=bool(wanted)))
    num_pages = -(-len(rows) // PER_PAGE)
    page_key = f"reviews_page_{run.id}_{st.session_state.get(_LIST_KEY, 0)}"
    page = st.session_state.get(page_key, 1)
    for row in rows[(page - 1) * PER_PAGE : page * PER_PAGE].tolist():
        _show_review(run, outcomes, row, texts[row])
    if num_pages > 1:
        st.pagination(num_pages, key=page_key)


def _show_review(run: Run, outcomes: Outcomes, row: int, text: str) -> None:
    review_id = outcomes.ids[row]
    probs = {arm: outcomes.probs[index, :, row] for index, arm in enumerate(outcomes.arms)}
    correct = {arm: outcomes.correct[index, :, row] for index, arm in enumerate(outcomes.arms)}
    with st.container(border=True, key=f"review_{review_id}"):
        st.markdown(" · ".join([f"**{groups.ANSWERS[outcomes.labels[row]].capitalize()} review**", *_verdicts(correct)]))
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _show_text(text, run.config.max_tokens)
            show_probe_link(text, run.id)
        with right:
            # Its description is the alt text.
            spec = once(("probs", run.id, outcomes.trials, review_id), lambda: to_spec(charts.probability_plot(probs)))
            st.vega_lite_chart(spec, key=f"probs_{review_id}")
            st.caption("  \n".join(f"{arm_title(arm)}: {_numbers(values)}" for arm, values in probs.items()))


def _show_text(text: str, max_tokens: int) -> None:
    """The part that the models read, and behind a click the rest. Never Markdown: people wrote it."""
    tokens = tokenise(text, max_tokens + 1)
    if len(tokens) <= max_tokens:
        st.text(text)
        return
    end = tokens[max_tokens - 1].end
    st.text(f"{text[:end]} …")
    with st.expander(f"The rest, which the models did not read: they stop after {max_tokens} words and signs"):
        st.text(text[end:].strip())


def _verdicts(correct: dict[str, npt.NDArray[np.bool_]]) -> list[str]:
    said = []
    for arm, right in correct.items():
        num_right, num_trials = int(right.sum()), len(right)
        sign = ":material/check:" if num_right > num_trials / 2 else ":material/close:"
        said.append(f"{sign} {arm_title(arm)} right in {num_right} of {count(num_trials, 'trial')}")
    return said


def _numbers(values: npt.NDArray[np.float32]) -> str:
    """The mean and what it is the mean of: "81.2 % positive (79, 85, 80)"."""
    mean = percent(float(values.mean()))
    if len(values) == 1:
        return f"{mean} positive"
    if len(values) <= _MOST_TRIALS_LISTED:
        return f"{mean} positive ({', '.join(f'{value:.0f}' for value in rounded(values, 0))})"
    lowest, highest = percent(float(values.min())), percent(float(values.max()))
    return f"{mean} positive, {len(values)} trials from {lowest} to {highest}"


def _first_page() -> None:
    """Another list begins on its first page: its widget has another key."""
    st.session_state[_LIST_KEY] = st.session_state.get(_LIST_KEY, 0) + 1
