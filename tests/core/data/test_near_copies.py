"""Near copies of training reviews leave the test side."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import BoolArray
from core.data.datasets import load_pool
from core.data.near_copies import leave_test
from core.data.review_pool import hashed_to_test
from core.settings import Settings


def words(first: int, num: int) -> str:
    return " ".join(f"word{i}" for i in range(first, first + num))


def leaves(test: str, *train: str) -> bool:
    """Whether a test review is left for testing beside some training reviews."""
    in_test = np.array([*(False for _ in train), True])
    return bool(leave_test([*train, test], in_test)[-1])


def test_a_review_that_shares_a_third_of_its_8_grams_with_a_training_review_moves() -> None:
    original = words(0, 200)
    assert not leaves(f"{words(0, 40)} {words(1000, 60)}", original)  # 33 of 93
    assert leaves(f"{words(0, 30)} {words(1000, 70)}", original)  # 23 of 93


def test_what_is_shared_with_several_reviews_does_not_add_up() -> None:
    assert leaves(f"{words(0, 28)} {words(500, 28)} {words(1000, 60)}", words(0, 200), words(500, 200))


def test_case_and_punctuation_make_no_difference() -> None:
    original = words(0, 40)
    assert not leaves(original.upper().replace(" ", ", "), original)


@pytest.mark.parametrize(("num_shared", "stays"), [(10, True), (11, False)])
def test_one_phrase_in_common_makes_no_copy_of_a_short_review(num_shared: int, stays: bool) -> None:
    assert leaves(f"{words(0, num_shared)} {words(1000, 4)}", words(0, 60)) is stays


def test_a_review_of_fewer_than_eleven_words_stays_even_if_it_is_there_again() -> None:
    assert leaves(words(0, 10), f"{words(0, 10)}!")


def test_an_8_gram_of_hundreds_of_reviews_is_the_source_speaking() -> None:
    train = [f"{words(0, 20)} {words(1000 * i, 20)}" for i in range(1, 102)]
    assert leaves(f"{words(0, 20)} {words(999_000, 20)}", *train)
    assert not leaves(f"{words(0, 20)} {words(999_000, 20)}", *train[:100])


def test_a_copy_of_a_review_that_moved_moves_too() -> None:
    texts = [words(0, 60), words(30, 60), words(60, 60), words(5000, 60)]  # each of the first three has half of the next
    assert leave_test(texts, np.array([False, True, True, True])).tolist() == [False, False, False, True]


def test_the_words_of_two_reviews_make_no_8_gram_together() -> None:
    assert leaves(words(0, 40), *(words(start, 7) for start in range(0, 40, 7)))


@pytest.mark.parametrize("texts", [[], ["..."], ["", "!", "a b c"], ["\ud800 " * 20, "\ud800 " * 20]])
def test_texts_without_8_grams_stay(texts: list[str]) -> None:
    everything: BoolArray = np.ones(len(texts), bool)
    assert leave_test(texts, everything).all()


def reference(texts: list[str], in_test: BoolArray) -> BoolArray:
    """The same with sets of strings."""

    def grams(text: str) -> set[str]:
        found = re.findall(r"[^\W_]+", text.lower())
        return {" ".join(found[k : k + 8]) for k in range(len(found) - 7)}

    found = [grams(text) for text in texts]
    in_test = in_test.copy()
    sources = np.flatnonzero(~in_test).tolist()
    while sources:
        is_common = {gram for gram, num in Counter(gram for i in sources for gram in found[i]).items() if num > 100}
        sources = [
            i
            for i in np.flatnonzero(in_test).tolist()
            if any(len(found[i] & found[j] - is_common) >= max(0.3 * len(found[i]), 4) for j in sources)
        ]
        in_test[sources] = False
    return in_test


some_texts = st.lists(st.lists(st.sampled_from(["a", "b", "Ünd"]), max_size=40).map(" ".join), max_size=12)


@given(some_texts, st.data())
def test_hashes_find_what_sets_of_strings_find_in_any_order(texts: list[str], data: st.DataObject) -> None:
    in_test = np.array([data.draw(st.booleans()) for _ in texts], bool)
    left = leave_test(texts, in_test)
    assert left.tolist() == reference(texts, in_test).tolist()
    order = np.array(data.draw(st.permutations(range(len(texts)))), np.int64)
    assert leave_test([texts[i] for i in order], in_test[order]).tolist() == left[order].tolist()


def test_hashes_find_what_sets_of_strings_find_in_packaged_reviews(settings: Settings) -> None:
    pool = load_pool("rotten-tomatoes", settings)
    in_test = hashed_to_test(pool.ids)
    left = np.zeros(len(pool.ids), bool)
    left[pool.test] = True
    assert left.tolist() == reference_by_gram(list(pool.texts), in_test).tolist()


def reference_by_gram(texts: list[str], in_test: BoolArray) -> BoolArray:
    """As `reference`, for texts in which few share anything."""
    first: dict[str, set[int]] = {}
    for i, text in enumerate(texts):
        found = re.findall(r"[^\W_]+", text.lower())
        for k in range(len(found) - 7):
            first.setdefault(" ".join(found[k : k + 8]), set()).add(i)
    related = sorted({i for rows in first.values() if len(rows) > 1 for i in rows})
    left = in_test.copy()
    left[related] = reference([texts[i] for i in related], in_test[related])
    return left
