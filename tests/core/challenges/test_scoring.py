"""Pass rates, flip rates and their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from core.challenges.scoring import PairResult, Rate, Report, flips, passes
from core.challenges.suite import Expectation
from core.challenges.verdicts import clear_families, shortfall, verdict
from tests.core.challenges.small_reports import make_report, pair, result_of


@pytest.mark.parametrize(
    ("num", "total", "interval"), [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0, 0.1611))]
)
def test_the_interval_is_that_of_the_textbook(num: int, total: int, interval: tuple[float, float]) -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3."""
    assert Rate(num, total).interval == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "expected", "has_passed", "has_flipped"),
    [
        (0.9, 0.1, ("positive", "negative"), True, True),
        (0.9, 0.6, ("positive", "negative"), False, False),
        (0.1, 0.9, ("positive", "negative"), False, True),
        (0.6, 0.9, ("positive", "positive"), True, False),
        (0.2, 0.1, ("positive", "positive"), False, False),
        (0.5, 0.5, ("positive", "positive"), True, False),
        (0.3, 0.4, ("positive", "more positive"), True, False),
        (0.9, 0.4, ("negative", "more positive"), False, True),
        (0.9, 0.4, ("positive", "more negative"), True, True),
        (0.4, 0.4, ("negative", "more negative"), False, False),
    ],
)
def test_a_pair_is_passed_when_both_answers_are_as_expected(
    first: float, second: float, expected: tuple[Expectation, Expectation], has_passed: bool, has_flipped: bool
) -> None:
    probs = np.array([[first], [second]])
    assert passes(pair(*expected), probs).tolist() == [has_passed]
    assert flips(probs).tolist() == [has_flipped]


def test_the_label_is_that_of_the_mean_and_single_heads_are_told_beside_it() -> None:
    probs = np.array([[0.9, 0.8, 0.4], [0.1, 0.45, 0.7]], np.float32)  # two heads pass, the third does not
    [score] = make_report([PairResult("f", pair(), {"basic": probs})]).scores
    assert (score.passed.num, score.passed.total) == (1, 1)
    assert score.head_pass_rates == (1.0, 1.0, 0.0)


def test_families_are_scored_one_by_one(report: Report) -> None:
    counts = {(score.family, score.arm): (score.passed.num, score.flipped.num, score.passed.total) for score in report.scores}
    assert counts == {
        ("not", "basic"): (1, 1, 2),
        ("not", "elmo"): (2, 2, 2),
        ("but", "basic"): (0, 0, 1),
        ("but", "elmo"): (0, 0, 1),
        ("names", "basic"): (1, 0, 1),
        ("names", "elmo"): (0, 1, 1),
    }


def test_totals_keep_apart_what_must_flip_and_what_must_not(report: Report) -> None:
    totals = {(score.demand, score.arm): (score.passed.num, score.passed.total) for score in report.totals}
    assert totals == {("flip", "basic"): (1, 3), ("flip", "elmo"): (2, 3), ("same", "basic"): (1, 1), ("same", "elmo"): (0, 1)}


def test_the_sentence_counts_the_pairs_that_only_one_passes(report: Report) -> None:
    assert verdict(report) == ("Of 4 pairs, both models pass equally many: 2; 1 pass only with Basic and 1 pass only with ELMo.")


def test_who_passes_more_pairs_is_told_with_both_numbers() -> None:
    results = [result_of(pair(), "not", basic=(0.1, 0.9), elmo=(0.9, 0.1))]
    assert verdict(make_report(results)).startswith("Of 1 pair, Basic passes 0 and ELMo passes 1;")


def test_a_family_is_clear_by_the_pairs_that_only_one_model_passes() -> None:
    right, wrong = (0.9, 0.1), (0.1, 0.9)
    pairs = [pair(name=str(number)) for number in range(20)]
    results = [result_of(each, "not", basic=wrong, elmo=right) for each in pairs]  # p = 2 x 0.5 ** 20
    results += [result_of(each, "but", basic=right, elmo=right) for each in pairs]
    [told, _] = clear_families(make_report(results))
    assert "ELMo is clearly better for 1 of them (not)" in told


def test_one_family_or_one_model_has_nothing_to_judge_together(report: Report) -> None:
    alone = [result_of(each.pair, each.family, basic=each.means("basic")) for each in report.results]
    assert clear_families(make_report(alone)) == []
    assert clear_families(make_report([result for result in report.results if result.family == "not"])) == []


def test_failing_pairs_can_be_read(report: Report) -> None:
    assert [each.pair.name for each in report.failing("not", "basic")] == ["2"]
    assert [each.pair.name for each in report.failing(None, "elmo")] == ["3", "4"]


def test_too_few_passed_pairs_are_told_with_the_families_where_they_are(report: Report) -> None:
    told = shortfall(report, 0.6, ["elmo"])
    assert told == "Below 60.0 %: ELMo passes 50.0 %, 2 of 4 pairs (families below: but 0 %, names 0 %)."
    assert shortfall(report, 0.6, ["basic", "elmo"]).count(" passes 50.0 %") == 2


def test_a_share_that_is_just_enough_is_enough(report: Report) -> None:
    assert shortfall(report, 0.5, ["basic", "elmo"]) == ""


def test_of_many_families_the_weakest_are_named() -> None:
    wrong = (0.1, 0.9)
    families = [result_of(pair(), f"family {letter}", basic=wrong) for letter in "abcdefg"]
    assert "family a 0 %" in (told := shortfall(make_report(families), 0.1, ["basic"]))
    assert told.endswith("family e 0 % and 2 more).")
