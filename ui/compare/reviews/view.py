"""The view on single test reviews: where both arms agree, and what every trained model said about each review."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from core.errors import UserError
from core.store.run import Run
from ui.app import models
from ui.compare import wording
from ui.compare.chart_specs import draw
from ui.compare.error_analysis import cached, groups, reader, review_list
from ui.compare.error_analysis.groups import Group
from ui.compare.error_analysis.sections import agreement_section
from ui.compare.once import once
from ui.compare.reviews import map_chart
from ui.compare.section import Section, named
from ui.compare.section_view import show_section
from ui.text import count
from ui.widgets.tables import Kind, Table

if TYPE_CHECKING:
    from core.analysis.error_analysis import Agreement
    from core.analysis.outcomes import Outcomes

NUM_REPORTED = 20


def show(run: Run) -> None:
    """The agreement matrix and a map of all reviews, both to be clicked, and the reviews of the group in the URL."""
    outcomes, report, chosen = models.outcomes(run), cached.errors(run), reader.group_in_url()
    if agreement := report.agreement:
        section = once(("agreement", run.id, outcomes.trials, chosen), lambda: draw(_with_map(agreement, outcomes, chosen)))
        show_section(section, "agreement")
    options = [groups.all_reviews(outcomes), *groups.quality_groups(report), *_asked_for(run, outcomes, chosen)]
    reader.show_reviews(run, outcomes, reader.choose("Reviews to read", options, key="reviews_group") or options[0])


def sections(run: Run) -> list[Section]:
    """Where the arms agree and the reviews that divide them most, for the report and the files.

    Raises:
        UserError: No trial is finished, or nobody knows the labels of the test reviews any more.
    """
    outcomes = models.outcomes(run)
    report = cached.errors(run)
    found = [_with_map(report.agreement, outcomes)] if report.agreement else []
    return [named(run, section) for section in (*found, _first_reviews(run, outcomes))]


def _with_map(agreement: Agreement, outcomes: Outcomes, chosen: str = "") -> Section:
    """Where the arms agree, with every review by what both say."""
    section = agreement_section(agreement, chosen=chosen)
    first, second = (review_list.mean_probs(outcomes)[outcomes.arms.index(arm)] for arm in agreement.models)
    scatter = map_chart.probability_map(
        first, second, models=agreement.models, labels=outcomes.labels, ids=outcomes.ids, chosen=chosen
    )
    return dataclasses.replace(section, charts=(*section.charts, scatter))


def _asked_for(run: Run, outcomes: Outcomes, chosen: str) -> list[Group]:
    """The group in the URL where it is one of those that are only computed if somebody asks for them."""
    if chosen.startswith(("length.", "unknown.")):
        found = groups.find(chosen, groups.trait_groups(cached.errors_by_trait(run)))
        return [found] if found else []
    if chosen.startswith("slice."):
        by_slice = [group for name, slices in cached.slices(run).items() for group in groups.slice_groups(name, slices)]
        found = groups.find(chosen, by_slice)
        return [found] if found else []
    rows = [row for row, review_id in enumerate(outcomes.ids) if groups.key("review", review_id) == chosen]
    return [groups.single_review(outcomes, row) for row in rows]


def _first_reviews(run: Run, outcomes: Outcomes) -> Section:
    order, order_title = next(iter(review_list.orders(outcomes.arms).items()))
    num_shown = min(NUM_REPORTED, len(outcomes.ids))
    title = f"{count(num_shown, 'test review')}, {order_title.lower()}"
    try:
        texts = cached.texts(run)
    except UserError as error:  # they are gone; the rest of the report is not
        return Section(title, notes=(wording.not_in_report(error),))
    rows = review_list.rank(groups.all_reviews(outcomes).rows, order, outcomes)[:num_shown]
    kinds: dict[str, Kind] = dict.fromkeys((*outcomes.arms, "apart"), "percent")
    frame = review_list.table(rows, outcomes, texts)
    return Section(title, tables=(Table("reviews", title, frame, kinds),))
