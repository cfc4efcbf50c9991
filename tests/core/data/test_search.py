"""Search over all reviews at once, against a loop over them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.datasets import load_pool
from core.data.review_pool import ReviewPool
from core.data.search import ReviewIndex, find_matches
from core.settings import Settings


def pool_of(*texts: str) -> ReviewPool:
    """Negative and positive in turns; the last one is a test review."""
    indices = np.arange(len(texts))
    return ReviewPool(
        name="mine",
        texts=texts,
        labels=(indices % 2).astype(np.int8),
        ids=tuple(str(index) for index in indices),
        train=indices[:-1],
        test=indices[-1:],
        num_duplicates=0,
        num_skipped=0,
    )


POOL = pool_of("Not bad at all", "not  badly made".replace("  ", " "), "a bad film, not a good one", "Café noir")


def test_a_search_finds_words_as_they_stand_in_any_case() -> None:
    assert ReviewIndex(POOL).find("  NOT   bad ").tolist() == [0, 1]


def test_whole_words_are_not_parts_of_words() -> None:
    assert ReviewIndex(POOL).find("not bad", whole_words=True).tolist() == [0]
    assert ReviewIndex(POOL).find("caf", whole_words=True).tolist() == []
    assert ReviewIndex(POOL).find("café", whole_words=True).tolist() == [3]


def test_an_empty_search_finds_everything() -> None:
    assert ReviewIndex(POOL).find("  ").tolist() == [0, 1, 2, 3]


def test_label_and_split_narrow_what_is_found() -> None:
    its = ReviewIndex(POOL)
    assert its.find(label=1).tolist() == [1, 3]
    assert its.find(label=1, split="train").tolist() == [1]
    assert its.find("not", split="test").tolist() == []


def test_reviews_are_sorted_by_length() -> None:
    its = ReviewIndex(POOL)
    assert its.num_words.tolist() == [4, 3, 7, 2]
    assert its.find(order="shortest").tolist() == [3, 1, 0, 2]
    assert its.find(order="longest").tolist() == [2, 0, 1, 3]


TEXTS = st.text(alphabet="abB .*\\(é1_'", min_size=1, max_size=8).map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(TEXTS, min_size=2, max_size=6), TEXTS, st.booleans())
def test_a_review_is_found_exactly_if_it_has_a_place_to_mark(texts: list[str], query: str, whole_words: bool) -> None:
    found = ReviewIndex(pool_of(*texts)).find(query, whole_words=whole_words)
    assert found.tolist() == [i for i, text in enumerate(texts) if find_matches(text, query, whole_words=whole_words)]


def test_nothing_is_marked_without_a_search() -> None:
    assert find_matches("a film", " ") == []


def test_sizes_add_up_to_the_packaged_set(tmp_path: Path) -> None:
    pool = load_pool("rotten-tomatoes", Settings(data_dir=tmp_path))
    sizes = ReviewIndex(pool).sizes()
    assert sizes.loc["train"].sum() == len(pool.train)
    assert sizes.loc["test"].sum() == len(pool.test)
    assert sizes["positive"].sum() == pool.labels.sum()


@pytest.mark.parametrize("dataset", ["imdb", "rotten-tomatoes"])
def test_a_histogram_has_every_review_but_the_longest_hundredth(dataset: str, tmp_path: Path) -> None:
    pool = load_pool(dataset, Settings(data_dir=tmp_path))
    histogram = ReviewIndex(pool).length_histogram()
    assert 0.985 < histogram[["negative", "positive"]].to_numpy().sum() / len(pool.ids) <= 1
    assert (histogram["start"].iloc[1:].to_numpy() == histogram["end"].iloc[:-1] + 1).all()
    assert 25 <= len(histogram) <= 60


def test_the_bins_of_a_histogram_hold_the_lengths_they_say() -> None:
    histogram = ReviewIndex(pool_of("a", "a b", "a b c", "a b c d")).length_histogram()
    assert histogram.iloc[:3].to_dict("list") == {
        "start": [1, 2, 3],
        "end": [1, 2, 3],
        "negative": [1, 0, 1],
        "positive": [0, 1, 0],
    }
