"""The exact words of verdicts stand here and in no other test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.curves.learning_curve import LabelSaving, label_saving
from core.analysis.intervals import Estimate
from core.analysis.outcomes import Outcomes
from core.analysis.paired_tests import Comparison, ReferenceComparison, compare
from core.analysis.verdicts import (
    ONE_IN_TWENTY,
    chance_to_win,
    clear_differences,
    for_statisticians,
    holds_for,
    label_saving_sentence,
    reference_saving_sentence,
    reference_sentence,
    verdict,
)
from core.arrays import BoolArray
from core.experiment.overlap import Overlap
from tests.core.analysis.crossed import outcomes_from_correct


def right(*numbers: int, num_tests: int = 100) -> BoolArray:
    """A trial for each number, with so many right predictions; the easiest reviews come first."""
    return np.array([np.arange(num_tests) < number for number in numbers])


def told(comparison: Comparison) -> str:
    return " ".join([verdict(comparison), chance_to_win(comparison), *for_statisticians(comparison)])


def saving_of(*sizes: tuple[int, float, float]) -> LabelSaving:
    """What four equal trials with these accuracies of basic and ELMo save."""
    return label_saving([(size, outcomes(basic, elmo)) for size, basic, elmo in sizes])


def outcomes(basic: float, elmo: float, prefix: str = "review") -> Outcomes:
    numbers = {"basic": [round(1000 * basic)] * 4, "elmo": [round(1000 * elmo)] * 4}
    correct = {arm: right(*of_arm, num_tests=1000) for arm, of_arm in numbers.items()}
    return outcomes_from_correct(correct, prefix=prefix)


# Who won


@pytest.mark.parametrize(
    ("basic", "elmo", "words"),
    [
        ((70, 71, 69), (80, 80, 80), "ELMo won 3 of 3 trials, by 10.0 points on average (95 % interval 4.1 to 15.9)."),
        ((80, 80, 80), (70, 71, 69), "Basic won 3 of 3 trials, by 10.0 points on average (95 % interval 4.1 to 15.9)."),
        (
            (70, 70, 70, 70),
            (72, 69, 71, 70),
            "No clear difference: ELMo won 2 of 4 trials, basic won 1, 1 was tied; on average ELMo is 0.5 points ahead "
            "(95 % interval −1.4 to 2.4).",
        ),
        (
            (71, 70, 70),
            (70, 70, 70),
            "No clear difference: basic won 1 of 3 trials, 2 were tied; on average basic is 0.3 points ahead "
            "(95 % interval −1.1 to 1.8).",
        ),
        (
            (70, 71),
            (71, 70),
            "No clear difference: ELMo and basic won 1 of 2 trials each; on average both are equally accurate "
            "(95 % interval −12.7 to 12.7).",
        ),
        (
            (70, 70),
            (70, 70),
            "No clear difference: both trials were tied; on average both are equally accurate (95 % interval −3.7 to 3.7).",
        ),
    ],
)
def test_the_winner_is_named_with_the_lead_and_its_interval(basic: tuple[int, ...], elmo: tuple[int, ...], words: str) -> None:
    assert verdict(compare(right(*basic), right(*elmo))) == words


@pytest.mark.parametrize(
    ("basic", "elmo", "words"),
    [
        (70, 84, "ELMo won the one trial by 14.0 points (95 % interval 7.1 to 20.9"),
        (71, 70, "No clear difference: basic won the one trial by 1.0 point (95 % interval −1.0 to 3.0"),
        (70, 70, "Both models were equally accurate in the one trial (95 % interval −3.7 to 3.7"),
    ],
)
def test_one_trial_is_told_to_speak_of_test_reviews_only(basic: int, elmo: int, words: str) -> None:
    limit = " for other test reviews; one trial cannot show what other training reviews would change)."
    assert verdict(compare(right(basic), right(elmo))) == words + limit


def test_a_lead_too_small_to_be_written_is_not_called_zero() -> None:
    words = verdict(compare(right(1000, num_tests=5000), right(1001, num_tests=5000)))
    assert words.startswith("No clear difference: ELMo won the one trial by less than 0.1 points (95 % interval ")


# How sure that is


@pytest.mark.parametrize(
    ("basic", "elmo", "words"),
    [
        ((70,) * 10, (80,) * 10, "With 10 of 10 trials won, ELMo has a chance of 69 to 100 % to win the next one: "),
        ((80,) * 3, (70,) * 3, "With 3 of 3 trials won, basic has a chance of 29 to 100 % to win the next one: "),
    ],
)
def test_the_next_trial_is_told_apart_from_the_trials_won(basic: tuple[int, ...], elmo: tuple[int, ...], words: str) -> None:
    rest = "another draw of training reviews, tested on these same reviews (95 % interval)."
    assert chance_to_win(compare(right(*basic), right(*elmo))) == words + rest


def test_a_tie_is_told_not_to_count_as_a_win() -> None:
    assert "(95 % interval; a tie does not count as a win)" in chance_to_win(compare(right(70, 70), right(70, 71)))


def test_one_trial_says_nothing_about_the_next() -> None:
    assert chance_to_win(compare(right(70), right(80))) == ""


def test_five_trials_are_told_to_be_too_few_for_the_tests() -> None:
    words = told(compare(right(70, 71, 72, 73, 74), right(80, 82, 84, 86, 88)))
    assert "With 5 trials, neither test can give less than p = 0.0625" in words
    assert "takes at least six trials" in words


def test_six_trials_are_not_told_to_be_too_few() -> None:
    words = told(compare(right(*range(70, 76)), right(*range(80, 92, 2))))
    assert "neither" not in words
    assert "can go down to p = 0.0312" in words


def test_the_more_consistent_model_is_named_when_that_is_clear() -> None:
    steady, shaky = right(80, 81, 80, 81, 80, 81), right(70, 78, 62, 75, 66, 79)
    assert "ELMo is more consistent" in told(compare(shaky, steady))
    assert "basic is more consistent" in told(compare(steady, shaky))


@pytest.mark.parametrize("num_trials", [1, 2])
def test_too_few_trials_say_nothing_about_consistency(num_trials: int) -> None:
    words = told(compare(right(*range(70, 70 + num_trials)), right(*range(80, 80 + num_trials))))
    assert "nothing about how consistent" in words


# Several differences at once


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ({"100": (0.1, 0.001), "500": (0.05, 0.03)}, "ELMo is clearly better for all of them"),
        ({"100": (0.1, 0.001), "500": (0.05, 0.06)}, "ELMo is clearly better for 1 of them (100); no clear difference elsewhere"),
        (
            {"100": (0.1, 0.001), "500": (-0.05, 0.01)},
            "ELMo is clearly better for 1 of them (100); basic is clearly better for 1 of them (500)",
        ),
        ({"100": (0.1, 0.03), "500": (0.05, 0.03)}, "no difference is clear"),  # each alone would be
    ],
)
def test_what_is_clear_allows_for_how_many_differences_there_are(differences: dict[str, tuple[float, float]], words: str) -> None:
    assert clear_differences(differences, "sizes") == [
        f"Judging all 2 sizes together (Holm's method), {words}.",
        ONE_IN_TWENTY,
    ]


def test_one_difference_needs_no_allowance() -> None:
    assert clear_differences({"100": (0.1, 0.001)}, "sizes") == []


# How many labels ELMo saves


def test_the_labels_saved_are_told_with_their_interval() -> None:
    saving = saving_of((100, 0.40, 0.50), (400, 0.45, 0.90), (1600, 0.70, 0.95))
    low, high = saving.interval or (None, None)
    assert label_saving_sentence(saving) == (
        "ELMo with about 200 reviews is as accurate as basic with 1,600: 8.0 times fewer labels "
        f"(95 % interval {low:.1f} to {high:.1f})."
    )


def test_a_bound_is_told_as_at_least() -> None:
    assert label_saving_sentence(saving_of((100, 0.5, 0.9), (2000, 0.7, 0.95))) == (
        "ELMo with 100 reviews is already as accurate as basic with 2,000: at least 20 times fewer labels "
        "(95 % interval 20 or more)."
    )


def test_no_saving_is_told_with_what_was_reached() -> None:
    assert label_saving_sentence(saving_of((100, 0.70, 0.50), (2000, 0.80, 0.751))) == (
        "ELMo saves no labels here: with up to 2,000 reviews it is 75.1 % accurate at best; "
        "basic with 2,000 reviews is 80.0 % accurate."
    )


def test_no_saving_of_models_that_are_equally_accurate_gives_one_number() -> None:
    assert label_saving_sentence(LabelSaving(2000, 0.8001, 0.7999)) == (
        "ELMo saves no labels here: with up to 2,000 reviews both are equally accurate at best, 80.0 %."
    )


def test_a_saving_that_may_be_none_says_so() -> None:
    assert "95 % interval none to" in label_saving_sentence(saving_of((100, 0.5, 0.6), (2000, 0.8, 0.801)))


def test_one_size_is_told_to_be_too_few() -> None:
    assert "at least two numbers of reviews" in label_saving_sentence(saving_of((100, 0.5, 0.9)))


def test_a_missing_interval_is_explained() -> None:
    saving = label_saving([(100, outcomes(0.6, 0.7)), (400, outcomes(0.65, 0.8)), (1600, outcomes(0.75, 0.85, "other"))])
    assert "no trials or no test reviews in common" in label_saving_sentence(saving)


# Against the bag of words


@pytest.mark.parametrize(
    ("leads", "words"),
    [
        (
            {"basic": Estimate(-0.08, (-0.1, -0.06)), "elmo": Estimate(0.021, (0.004, 0.038))},
            "ELMo is 2.1 points ahead of it (95 % interval 0.4 to 3.8) and basic is 8.0 points behind it "
            "(95 % interval 6.0 to 10.0)",
        ),
        ({"elmo": Estimate(-0.01, (-0.04, 0.02))}, "ELMo is 1.0 point behind it (not clear, 95 % interval −2.0 to 4.0)"),
        ({"elmo": Estimate(0.0, (-0.04, 0.04))}, "ELMo is equally accurate (95 % interval −4.0 to +4.0)"),
    ],
)
def test_a_bag_of_words_is_compared_in_one_sentence(leads: dict[str, Estimate], words: str) -> None:
    comparison = ReferenceComparison(Estimate(0.834, (0.8, 0.86)), leads)
    assert reference_sentence(comparison) == f"A bag of words, which reads whole reviews, is 83.4 % accurate: {words}."


@pytest.mark.parametrize(
    ("saving", "words"),
    [
        (LabelSaving(), ""),
        (
            LabelSaving(2000, 0.88, 0.9, 340.0, 5.88, (4.0, 8.0)),
            "A bag of words needs 2,000 labels for the accuracy that ELMo has with about 340: 5.9 times as many "
            "(95 % interval 4.0 to 8.0).",
        ),
        (
            LabelSaving(500, 0.7, 0.9, 100.0, 5.0, (5.0, None), is_bound=True),
            "A bag of words needs at least 500 labels for the accuracy that ELMo has with 100: at least 5.0 times as many "
            "(95 % interval 5.0 or more).",
        ),
        (
            LabelSaving(2000, 0.88, 0.85),
            "With 2,000 reviews, a bag of words is 88.0 % accurate: more than ELMo with up to as many, which is 85.0 % accurate "
            "at best.",
        ),
        (
            LabelSaving(2000, 0.8801, 0.8799),
            "With 2,000 reviews, a bag of words is 88.0 % accurate, as ELMo is at best with up to as many.",
        ),
        (
            LabelSaving(2000, 0.88, 0.88, 2000.0, 1.0, (None, 2.0)),
            "A bag of words with 2,000 labels is as accurate as ELMo with the same number (95 % interval none to 2.0).",
        ),
    ],
)
def test_how_many_labels_a_bag_of_words_needs_is_one_sentence(saving: LabelSaving, words: str) -> None:
    assert reference_saving_sentence(saving) == words


# For what intervals hold


def point(size: int, *, share: float | None, num_trials: int = 3, pool_size: int = 200) -> tuple[int, Outcomes]:
    made = outcomes_from_correct({"basic": right(*[70] * num_trials)})
    return size, replace(made, overlap=None if share is None else Overlap(share, size, pool_size))


THIS_KIND = "The 95 % intervals hold for other reviews of this kind, to train and to test on"
OTHER_DRAWS = "for other draws from these {}training reviews and other test reviews; how other training reviews would do, "


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([point(20, share=0.0)], f"{THIS_KIND}."),
        ([point(60, share=0.12)], f"{THIS_KIND}; they allow for the 12 % of training reviews that two trials have in common."),
        ([point(150, share=0.6)], f"The 95 % intervals hold {OTHER_DRAWS.format('200 ')}this run cannot tell."),
        ([point(20, share=None)], f"The 95 % intervals hold {OTHER_DRAWS.format('')}this run cannot tell."),
        (
            [point(20, share=0.0), point(60, share=0.12)],
            f"{THIS_KIND}; they allow for the up to 12 % of training reviews that two trials have in common.",
        ),
        (
            [point(20, share=0.0), point(150, share=0.7), point(190, share=0.9)],
            f"{THIS_KIND}; with 150 and 190 reviews only {OTHER_DRAWS.format('200 ')}these runs cannot tell.",
        ),
        (
            [point(20, share=None, num_trials=1)],
            "The 95 % intervals hold for other test reviews; one trial cannot show what other training reviews would change.",
        ),
    ],
)
def test_one_sentence_says_for_what_intervals_hold(points: list[tuple[int, Outcomes]], words: str) -> None:
    assert holds_for(points) == words
