"""Compares an arm of one run with an arm of another, for the controls in docs/finding.md.

    python -m tools.between_runs RUN:ARM RUN:ARM      ids as `python -m core runs` prints them

Both runs must have been tested on the same reviews; trials of the same number drew the same training reviews, so they are pairs.
"""

from __future__ import annotations

import argparse

from core.analysis.outcomes import Outcomes, load_outcomes
from core.analysis.paired_tests import compare
from core.analysis.verdicts import holds_for
from core.arrays import BoolArray
from core.errors import UserError
from core.example import open_store_to_read
from core.formatting import number, points
from core.settings import Settings, read_settings
from core.store.run_store import RunStore


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare an arm of one run with an arm of another.")
    for name in ("first", "second"):
        parser.add_argument(name, metavar="RUN:ARM", help="such as ab12cd34:elmo-alone")
    arguments = parser.parse_args()
    try:
        settings = read_settings()
        store = open_store_to_read(settings)
        print(_compared(arguments.first, arguments.second, store, settings))
    except UserError as error:
        parser.error(str(error))
    store.close()


def _compared(first: str, second: str, store: RunStore, settings: Settings) -> str:
    (one, one_correct), (other, other_correct) = _correct(first, store, settings), _correct(second, store, settings)
    if one.ids != other.ids or one.trials != other.trials:
        raise UserError(
            "These runs have different test reviews or trials; choose two with the same ones.", code="runs-not-comparable"
        )
    larger = max(one, other, key=lambda each: 1.0 if each.shared is None else each.shared)
    comparison = compare(one_correct, other_correct, overlap=larger.shared)
    low, high = comparison.interval
    return (
        f"{second} minus {first}: {points(comparison.mean_difference)} (95 % interval {number(low)} to {number(high)}); "
        f"more accurate in {comparison.wins} of {comparison.num_trials} trials. "
        f"{holds_for([(0, larger)])}"
    )


def _correct(name: str, store: RunStore, settings: Settings) -> tuple[Outcomes, BoolArray]:
    run_id, _, arm = name.partition(":")
    outcomes = load_outcomes(store.get_run(run_id), store, settings)
    if arm not in outcomes.arms:
        raise UserError(f"The run {run_id} has no arm {arm!r}; choose one of {', '.join(outcomes.arms)}.", code="arm-missing")
    return outcomes, outcomes.correct_of(arm)


if __name__ == "__main__":
    main()
