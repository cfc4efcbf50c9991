"""One run, trial by trial: three charts of its pairs of accuracies and what they say in plain words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from core.analysis import verdicts
from core.analysis.intervals import is_for_this_kind
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import Comparison, compare_arms, compare_reference
from core.analysis.sample_size import limits, measured_squares, precisions
from core.analysis.uneven_classes import measure_uneven
from core.experiment.arms import arm_title, pair_of
from core.store.run import Run
from ui.app import models
from ui.compare import wording
from ui.compare.accuracy.charts import difference_plot
from ui.compare.accuracy.measures import measures_table
from ui.compare.chart_specs import draw
from ui.compare.once import once
from ui.compare.section import Section, named
from ui.compare.section_view import show_section
from ui.text import count
from ui.widgets import run_accuracy
from ui.widgets.pickers import choices
from ui.widgets.tables import Kind, Table

PAIR_PARAMETER = "pair"  # the two models that are compared, of a run that has more


def show(run: Run) -> None:
    """Who won, the charts, the tests and the tables."""
    outcomes = models.outcomes(run)
    pair = _choose_pair(outcomes.arms)
    section = once(
        ("accuracy", run.id, run.name, outcomes.trials, run.coverage, outcomes.reference is None, pair),
        lambda: draw(build(run, outcomes, pair)),
    )
    show_section(section, "accuracy", help_text=verdicts.INTERVAL_HELP if len(outcomes.trials) > 1 else None)
    if enough := build_enough(outcomes):
        show_section(draw(enough), "enough")


def sections(run: Run) -> list[Section]:
    """The same as data, for the report and the files."""
    outcomes = models.outcomes(run)
    enough = build_enough(outcomes)
    return [build(run, outcomes), *([named(run, enough)] if enough else [])]


def _choose_pair(arms: Sequence[str]) -> tuple[str, str] | None:
    """The two models that are compared; a choice where there are more than two."""
    if len(arms) <= 2:
        return pair_of(arms)
    titles = {f"{first},{second}": wording.pair(first, second) for first, second in combinations(arms, 2)}
    chosen = choices.selectbox("Compare", titles, key=PAIR_PARAMETER, bind="query-params", persist_state="session", width=320)
    first, _, second = chosen.partition(",")
    return first, second


def build(run: Run, outcomes: Outcomes, pair: tuple[str, str] | None = None) -> Section:
    """What the pairs of a run say. A run with one arm alone has accuracies and nothing to compare.

    Args:
        run: Named in the title.
        outcomes: Of the run.
        pair: The two arms that are compared; `pair_of` the run by default.
    """
    accuracies = pd.DataFrame(outcomes.accuracies.T, index=list(outcomes.trials), columns=list(outcomes.arms))
    accuracies.index.name = "trial"
    title = f"{run.name}: accuracy in {count(len(outcomes.trials), 'trial')}"
    correct, against_reference = outcomes.reference_correct, compare_reference(outcomes)
    reference = None if correct is None else pd.Series(correct.mean(axis=1), index=list(outcomes.trials))
    plots = tuple(run_accuracy.accuracy_charts(accuracies, reference).values())
    trials = run_accuracy.trials_table(accuracies, reference)
    beside = [verdicts.reference_sentence(against_reference)] if against_reference else []
    holds_for = verdicts.holds_for([(run.config.train_size, outcomes)])
    uneven = measure_uneven(outcomes)
    beside += verdicts.uneven_sentences(uneven) if uneven else []
    measures = [measures_table("uneven-classes", wording.UNEVEN_TABLE, uneven.measures)] if uneven else []
    tables = (trials, *measures)
    comparison = compare_arms(outcomes, pair)
    if comparison is None:
        names = " and ".join(arm_title(arm) for arm in outcomes.arms)
        nothing = f"This run has {names} only, so there is nothing to compare."
        notes = (holds_for,) if against_reference or uneven else ()
        return Section(title, nothing, tuple(beside), notes, charts=plots, tables=tables)
    first, second = comparison.models
    differences = accuracies[second] - accuracies[first]
    facts = [*filter(None, [verdicts.chance_to_win(comparison)]), *beside]
    if run.coverage is not None:
        facts.append(wording.coverage(run.config.static, run.coverage))
    return Section(
        title,
        verdicts.verdict(comparison, run.coverage),
        tuple(facts),
        tests=tuple(verdicts.for_statisticians(comparison)),
        notes=(holds_for,) if len(outcomes.trials) > 1 or against_reference or uneven else (),
        charts=(*plots, difference_plot(differences, comparison.mean_difference, comparison.interval, models=comparison.models)),
        tables=(*tables, _statistics_table(comparison)),
        values=dataclasses.asdict(comparison),
    )


def build_enough(outcomes: Outcomes) -> Section | None:
    """What more trials and more test reviews would make of the interval; None where that cannot be predicted."""
    squares = measured_squares(outcomes)
    if squares is None:
        return None
    found = precisions(squares, outcomes.overlap)
    facts = [wording.precision(found)]
    if squares.num_trials > 1:
        pool_size = outcomes.overlap.pool_size if outcomes.overlap and is_for_this_kind(outcomes.overlap.share) else None
        facts.append(wording.precision_limits(found[0], *limits(squares, outcomes.overlap), pool_size))
    rows = [
        {"trials": each.num_trials, "test reviews": each.num_tests, "reaches to either side": each.half_width} for each in found
    ]
    kinds: dict[str, Kind] = {"trials": "count", "test reviews": "count", "reaches to either side": "deviation"}
    return Section(
        wording.ENOUGH_TITLE,
        facts=tuple(facts),
        notes=(wording.enough_note(squares.num_trials),),
        tables=(Table("how-much-is-enough", wording.ENOUGH_TABLE, pd.DataFrame(rows), kinds),),
        values=dataclasses.asdict(squares),
    )


def _statistics_table(comparison: Comparison) -> Table:
    """One row with every number of the facts."""
    low, high = comparison.interval
    win_low, win_high = comparison.win_interval
    basic, elmo = comparison.spread_basic, comparison.spread_elmo
    first, second = map(verdicts.in_sentence, comparison.models)
    columns: dict[str, tuple[Kind, float | None]] = {
        f"{second} won": ("count", comparison.wins),
        f"{first} won": ("count", comparison.losses),
        "tied": ("count", comparison.ties),
        "difference": ("points", comparison.mean_difference),
        "from": ("points", low),
        "to": ("points", high),
        f"{second} wins the next trial, from": ("percent", win_low),
        f"{second} wins the next trial, to": ("percent", win_high),
        "sign test p": ("p", comparison.sign_p),
        "Wilcoxon p": ("p", comparison.wilcoxon_p),
        "McNemar p": ("p", comparison.mcnemar.p),
        f"deviation of {first}": ("deviation", basic.deviation if basic else None),
        f"deviation of {second}": ("deviation", elmo.deviation if elmo else None),
        "Pitman–Morgan p": ("p", comparison.spread_p),
    }
    frame = pd.DataFrame([{name: value for name, (_, value) in columns.items()}])
    kinds = {name: kind for name, (kind, _) in columns.items()}
    return Table("statistics", "Tests and intervals", frame, kinds, is_upright=True)
