"""The view on single test reviews: where both arms agree, and what every trained model said about each review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import UserError
from core.store.run import Run
from ui.app import models
from ui.compare.chart_specs import Drawn, Spec, draw, to_spec
from ui.compare.error_analysis import cached, groups, reader, review_list
from ui.compare.error_analysis.groups import Group
from ui.compare.error_analysis.sections import agreement_section, named
from ui.compare.reviews import map_chart
from ui.compare.section import Section
from ui.text import count, escape
from ui.widgets import tables
from ui.widgets.tables import Kind, Table

if TYPE_CHECKING:
    from core.analysis.error_report import ErrorReport
    from core.analysis.outcomes import Outcomes

NUM_REPORTED = 20


def show(run: Run) -> None:
    """The agreement matrix and a map of all reviews, both to be clicked, and the reviews of the group in the URL."""
    outcomes = models.outcomes(run)
    quality = cached.quality(run)
    chosen = reader.group_in_url()
    if drawn := _agreement(run.id, outcomes.trials, chosen, quality):
        _show_agreement(drawn, _map(run.id, outcomes.trials, chosen, outcomes))
    options = [groups.all_reviews(outcomes), *groups.quality_groups(quality), *_asked_for(run, outcomes, chosen)]
    reader.show_reviews(run, outcomes, reader.choose("Reviews to read", options, key="reviews_group") or options[0])


def sections(run: Run) -> list[Section]:
    """Where the arms agree and the reviews that divide them most, for the report and the files.

    Raises:
        UserError: No trial is finished, or nobody knows the labels of the test reviews any more.
    """
    outcomes = models.outcomes(run)
    agreement = agreement_section(cached.quality(run))
    found = [agreement, _first_reviews(run, outcomes)] if agreement else [_first_reviews(run, outcomes)]
    return [named(run, section) for section in found]


def _show_agreement(drawn: Drawn, scatter: Spec) -> None:
    section, specs = drawn
    st.subheader(escape(section.title), anchor=False)
    left, right = st.columns(2)
    with left:
        for spec in specs:
            reader.show_chart(spec, name="agreement")
        for table in section.tables:
            tables.show(table)
    with right:
        reader.show_chart(scatter, name="map")
    for sentence in section.sentences:
        st.caption(escape(sentence))


# Charts are the same until a trial is finished or another mark is chosen.
@st.cache_resource(show_spinner=False, max_entries=32)
def _agreement(
    run_id: str,  # noqa: ARG001  # the first three are the key
    trials: tuple[int, ...],  # noqa: ARG001
    chosen: str,
    _quality: ErrorReport,
) -> Drawn | None:
    section = agreement_section(_quality, chosen=chosen)
    return draw(section) if section else None


@st.cache_resource(show_spinner=False, max_entries=32)
def _map(run_id: str, trials: tuple[int, ...], chosen: str, _outcomes: Outcomes) -> Spec:  # noqa: ARG001  # for the key
    """Every review by what both arms say."""
    basic, elmo = (review_list.mean_probs(_outcomes)[_outcomes.arms.index(arm)] for arm in ("basic", "elmo"))
    return to_spec(map_chart.probability_map(basic, elmo, labels=_outcomes.labels, ids=_outcomes.ids, chosen=chosen))


def _asked_for(run: Run, outcomes: Outcomes, chosen: str) -> list[Group]:
    """The group in the URL where it is one of those that are only computed if somebody asks for them."""
    if chosen.startswith(("length.", "unknown.")):
        found = groups.find(chosen, groups.trait_groups(cached.quality_by_trait(run)))
        return [found] if found else []
    rows = [row for row, review_id in enumerate(outcomes.ids) if groups.review_key(review_id) == chosen]
    return [groups.single_review(outcomes, row) for row in rows]


def _first_reviews(run: Run, outcomes: Outcomes) -> Section:
    order, order_title = next(iter(review_list.orders(outcomes.arms).items()))
    num_shown = min(NUM_REPORTED, len(outcomes.ids))
    title = f"{count(num_shown, 'test review')}, {order_title.lower()}"
    try:
        texts = cached.texts(run.id)
    except UserError as error:  # they are gone; the rest of the report is not
        return Section(title, sentences=(str(error),))
    rows = review_list.rank(groups.all_reviews(outcomes).rows, order, outcomes)[:num_shown]
    kinds: dict[str, Kind] = dict.fromkeys((*outcomes.arms, "apart"), "percent")
    frame = review_list.table(rows, outcomes, texts)
    return Section(title, tables=(Table("reviews", title, frame, kinds),))
