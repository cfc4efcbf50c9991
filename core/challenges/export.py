"""Results on a suite as tables and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from core.challenges.pair_diff import diff_texts
from core.challenges.scoring import Report, Score
from core.challenges.verdicts import clear_families, verdict
from core.store.run import Run


def scores_table(report: Report) -> pd.DataFrame:
    """A row per family and arm, then one per demand and arm over all families.

    Returns:
        Columns family (None for all), demand, arm, num_pairs, pass_rate, pass_low, pass_high, flip_rate, flip_low, flip_high (the
        rates and the ends of their 95 % intervals, 0-1), lowest_head, highest_head (pass rates of single heads).
    """
    return pd.DataFrame(
        [
            {
                "family": score.family,
                "demand": score.demand,
                "arm": score.arm,
                "num_pairs": score.passed.total,
                "pass_rate": score.passed.fraction,
                "pass_low": score.passed.interval[0],
                "pass_high": score.passed.interval[1],
                "flip_rate": score.flipped.fraction,
                "flip_low": score.flipped.interval[0],
                "flip_high": score.flipped.interval[1],
                "lowest_head": min(score.head_pass_rates),
                "highest_head": max(score.head_pass_rates),
            }
            for score in [*report.scores, *report.totals]
        ]
    )


def pairs_table(report: Report, family: str | None = None) -> pd.DataFrame:
    """A row per pair of a family, or of all.

    Returns:
        Columns family, pair, first, second, first_expected, second_expected, removed, added (the tokens that differ), and for
        each arm ARM_first, ARM_second (mean probabilities of "positive"), ARM_passed, ARM_flipped.
    """
    rows = []
    for result in report.of(family):
        changed = diff_texts(*result.pair.texts)
        row: dict[str, Any] = {
            "family": result.family,
            "pair": result.pair.name,
            "first": result.pair.texts[0],
            "second": result.pair.texts[1],
            "first_expected": result.pair.expected[0],
            "second_expected": result.pair.expected[1],
            "removed": " ".join(changed.removed),
            "added": " ".join(changed.added),
        }
        for arm in report.arms:
            row[f"{arm}_first"], row[f"{arm}_second"] = result.means(arm)
            row[f"{arm}_passed"] = result.has_passed(arm)
            row[f"{arm}_flipped"] = result.has_flipped(arm)
        rows.append(row)
    return pd.DataFrame(rows)


def to_json(report: Report, run: Run) -> str:
    """Scores of every family and arm, and every pair with the probabilities of all heads."""
    content: dict[str, Any] = {
        "run": run.id,
        "name": run.name,
        "config": run.config.model_dump(mode="json"),
        "suite": report.suite.name,
        "suite_fingerprint": report.suite.fingerprint,
        "sentence": verdict(report),
        "families": clear_families(report),
        "scores": [_score_record(score) for score in [*report.scores, *report.totals]],
        "pairs": [
            {
                "family": result.family,
                "pair": result.pair.name,
                "texts": result.pair.texts,
                "expected": result.pair.expected,
                "passed": {arm: result.has_passed(arm) for arm in report.arms},
                "flipped": {arm: result.has_flipped(arm) for arm in report.arms},
                "probs": {arm: probs.astype("float64").round(6).tolist() for arm, probs in result.probs.items()},
            }
            for result in report.results
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _score_record(score: Score) -> dict[str, Any]:
    return {
        "family": score.family,
        "demand": score.demand,
        "arm": score.arm,
        "num_pairs": score.passed.total,
        "pass_rate": score.passed.fraction,
        "pass_interval": score.passed.interval,
        "flip_rate": score.flipped.fraction,
        "flip_interval": score.flipped.interval,
        "head_pass_rates": score.head_pass_rates,
    }
