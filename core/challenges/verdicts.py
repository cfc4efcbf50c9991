"""What a report on challenges says, in plain English. Plain text: whoever shows it escapes it."""

from __future__ import annotations

from collections.abc import Sequence

from core.analysis.paired_tests import sign_test
from core.analysis.verdicts import clear_differences
from core.challenges.scoring import Rate, Report
from core.experiment.arms import arm_title, pair_of
from core.formatting import percent

_NUM_NAMED = 5  # families in a sentence


def verdict(report: Report) -> str:
    """Who passes how many pairs, in one sentence."""
    passed = {arm: [result.has_passed(arm) for result in report.results] for arm in report.arms}
    num_pairs = f"{len(report.results):,} pair{'' if len(report.results) == 1 else 's'}"
    nums = {arm: sum(its_own) for arm, its_own in passed.items()}
    if len(nums) == 2 and len(set(nums.values())) == 1:
        text = f"Of {num_pairs}, both models pass equally many: {nums[report.arms[0]]:,}"
    else:
        text = f"Of {num_pairs}, {' and '.join(f'{arm_title(arm)} passes {num:,}' for arm, num in nums.items())}"
    if len(passed) == 2:
        pairs = list(zip(*passed.values(), strict=True))
        only = [sum(first > second for first, second in pairs), sum(second > first for first, second in pairs)]
        text += f"; {' and '.join(f'{num:,} pass only with {arm_title(arm)}' for num, arm in zip(only, passed, strict=True))}"
    return f"{text}."


def clear_families(report: Report) -> list[str]:
    """In which families one model passes clearly more pairs; no sentence without both arms or with one family."""
    pair = pair_of(report.arms)
    if pair is None:
        return []
    differences = {}
    for family in report.suite.families:
        passed = [[result.has_passed(arm) for arm in pair] for result in report.of(family.title)]
        losses, wins = (sum(own > other for own, other in pairs) for pairs in (passed, [both[::-1] for both in passed]))
        differences[family.title] = ((wins - losses) / len(passed), sign_test(wins, losses))  # McNemar's test
    return clear_differences(differences, "families", pair)


def shortfall(report: Report, threshold: float, arms: Sequence[str]) -> str:
    """Which arms pass too few pairs, in one sentence with the families where they are weakest; empty if none does.

    Args:
        report: On a suite.
        threshold: The smallest share of all pairs of the suite (0-1) that is enough.
        arms: Those to look at.
    """
    parts = []
    for arm in arms:
        passed = Rate(sum(result.has_passed(arm) for result in report.results), len(report.results))
        if passed.fraction >= threshold:
            continue
        of_family = {score.family: score.passed.fraction for score in report.scores if score.arm == arm}
        below = sorted((fraction, str(family)) for family, fraction in of_family.items() if fraction < threshold)
        named = ", ".join(f"{family} {percent(fraction, 0)}" for fraction, family in below[:_NUM_NAMED])
        more = f" and {len(below) - _NUM_NAMED:,} more" if len(below) > _NUM_NAMED else ""
        share = f"{percent(passed.fraction)}, {passed.num:,} of {passed.total:,} pairs"
        parts.append(f"{arm_title(arm)} passes {share} (families below: {named}{more})")
    return f"Below {percent(threshold)}: {'; '.join(parts)}." if parts else ""
