"""Telling words against published numbers, token counts against the slow way, coverage by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio

from core import tokens
from core.data.datasets import load_pool
from core.data.word_statistics import count_tokens, measure_coverage, telling_words, weighted_log_odds
from core.settings import Settings


def test_z_is_that_of_an_independent_implementation() -> None:
    # The example in the README of fightin_words (weighted_log_odds_dirichlet), with a prior of 0.05 for every word.
    quick = Counter(["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "pig"])
    purple = Counter(["the", "lazy", "purple", "pig", "jumps", "over", "the", "lazier", "donkey"])
    words = sorted(quick | purple)
    counts, others = (np.array([side[word] for word in words]) for side in (quick, purple))
    _, z = weighted_log_odds(counts, others, prior=np.full(len(words), 0.05))
    assert dict(zip(words, z, strict=True)) == pytest.approx(
        dict.fromkeys(("donkey", "lazier", "purple"), -0.6894227886807968)
        | dict.fromkeys(("brown", "fox", "quick"), 0.6894227886807968)
        | dict.fromkeys(("the", "lazy", "pig", "jumps", "over"), 0.0)
    )


def test_without_a_prior_to_speak_of_the_odds_ratio_is_that_of_scipy() -> None:
    counts, others = np.array([30, 10, 60]), np.array([5, 25, 120])
    log_odds, _ = weighted_log_odds(counts, others, prior=np.full(3, 1e-12))
    table = [[30, 70], [5, 145]]  # the first word and all others, on both sides
    assert np.exp(log_odds[0]) == pytest.approx(odds_ratio(table, kind="sample").statistic)


def test_an_informative_prior_draws_a_rare_word_towards_no_difference() -> None:
    counts, others = np.array([2, 1000]), np.array([0, 1000])
    weak, strong = (weighted_log_odds(counts, others, prior=np.array([1.0, 1000.0]) * k)[0][0] for k in (0.1, 10))
    assert 0 < strong < weak


def test_each_class_has_its_words_at_its_end() -> None:
    words = telling_words(["a dull film", "a lovely film"] * 10, np.array([0, 1] * 10))
    assert words["word"].to_list() == ["dull", "a", "film", "lovely"]
    assert words["z"].is_monotonic_increasing
    assert words.loc[words["word"] == "dull", ["num_negative", "num_positive"]].to_numpy().tolist() == [[10, 0]]
    assert words.loc[words["word"] == "film", "odds_ratio"].item() == pytest.approx(1)


def test_a_review_that_repeats_a_word_counts_once() -> None:
    words = telling_words(["Dull dull DULL film", "fine film"] * 6, np.array([0, 1] * 6))
    assert words.loc[words["word"] == "dull", "num_negative"].item() == 6


def test_words_of_few_reviews_are_not_called_telling() -> None:
    words = telling_words(["gypo film"] * 4 + ["film"] * 6, np.array([0] * 4 + [1] * 6))
    assert words["word"].to_list() == ["film"]


def test_contractions_are_one_word_however_the_apostrophe_is_typed() -> None:
    words = telling_words(["I don't know", "I don’t know"] * 5, np.array([0, 1] * 5))
    assert "don't" in words["word"].to_list()


def test_reviews_without_a_word_have_no_telling_ones() -> None:
    assert telling_words(["...", "!"], np.array([0, 1])).empty


def slow_count(texts: list[str]) -> Counter[str]:
    return Counter(token for text in texts for token in tokens.token_texts(text))


@pytest.mark.parametrize("dataset", ["imdb", "rotten-tomatoes"])
def test_tokens_of_real_reviews_are_counted_as_one_by_one(dataset: str, tmp_path: Path) -> None:
    texts = list(load_pool(dataset, Settings(data_dir=tmp_path)).texts[:400])
    fast, slow = count_tokens(texts), slow_count(texts)
    assert fast.total() == slow.total()
    differing = ((fast - slow) + (slow - fast)).total()
    assert differing <= 2 * slow.total() / 50_000  # an apostrophe or two of so few reviews


WORDS = ["film", "don't", "cannot", "Mr.", "U.S.", "good.", "bad!", "(so", "so)", "it's,", "'The", "10/10", "...", "--", "gonna"]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join), max_size=6))
def test_tokens_are_counted_as_one_by_one_wherever_abbreviations_stand(texts: list[str]) -> None:
    assert count_tokens(texts) == slow_count(texts)


def test_a_chunk_longer_than_any_sentence_does_not_disturb_its_neighbours() -> None:
    counts = count_tokens([f"Mr. {'x' * 3000} Mr. end."])
    assert counts["Mr."] == 2
    assert counts["end"] == counts["."] == 1


def test_coverage_counts_occurrences_and_different_tokens() -> None:
    counts = Counter({"film": 6, "gypo": 3, "zelah": 1})
    coverage = measure_coverage(counts, lambda types: np.array([token == "film" for token in types]))
    assert (coverage.num_known_tokens, coverage.num_tokens) == (6, 10)
    assert (coverage.num_known_types, coverage.num_types) == (1, 3)
    assert coverage.unknown.to_dict("list") == {"token": ["gypo", "zelah"], "count": [3, 1]}
