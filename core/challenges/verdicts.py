"""What a report on challenges says, in plain English. Plain text: whoever shows it escapes it."""

from __future__ import annotations

from core.analysis.paired_tests import sign_test
from core.analysis.verdicts import clear_differences
from core.challenges.scoring import Report
from core.experiment.config import ARM_TITLES, has_pair


def verdict(report: Report) -> str:
    """Who passes how many pairs, in one sentence."""
    passed = {arm: [result.has_passed(arm) for result in report.results] for arm in report.arms}
    num_pairs = f"{len(report.results):,} pair{'' if len(report.results) == 1 else 's'}"
    shares = [f"{ARM_TITLES[arm]} passes {sum(its_own):,}" for arm, its_own in passed.items()]
    text = f"Of {num_pairs}, {' and '.join(shares)}"
    if len(passed) == 2:
        pairs = list(zip(*passed.values(), strict=True))
        only = [sum(first > second for first, second in pairs), sum(second > first for first, second in pairs)]
        text += f"; {' and '.join(f'{num:,} pass only with {ARM_TITLES[arm]}' for num, arm in zip(only, passed, strict=True))}"
    return f"{text}."


def clear_families(report: Report) -> list[str]:
    """In which families one model passes clearly more pairs; no sentence without both arms or with one family."""
    if not has_pair(report.arms):
        return []
    differences = {}
    for family in report.suite.families:
        passed = [[result.has_passed(arm) for arm in ("basic", "elmo")] for result in report.of(family.title)]
        losses, wins = (sum(own > other for own, other in pairs) for pairs in (passed, [pair[::-1] for pair in passed]))
        differences[family.title] = ((wins - losses) / len(passed), sign_test(wins, losses))  # McNemar's test
    return clear_differences(differences, "families")
