"""Cleaning, removing duplicates and the fixed split."""

from __future__ import annotations

import hashlib

import pytest

from core.data.datasets import load_pool
from core.data.review_pool import near_duplicate_keys
from core.settings import Settings
from tests.core.data.small_csv import add_rows, csv_rows, same


def test_the_split_follows_the_content_hash(settings: Settings) -> None:
    pool = load_pool("rotten-tomatoes", settings)
    assert all(int(pool.ids[index][:8], 16) % 5 == 0 for index in pool.test)
    text = next(text for text in pool.texts if text.isascii())
    assert pool.ids[pool.texts.index(text)] == hashlib.sha256(text.casefold().encode()).hexdigest()[:16]


def test_train_and_test_share_no_review_and_leave_none_out(settings: Settings) -> None:
    pool = load_pool("imdb", settings)
    assert sorted([*pool.train, *pool.test]) == list(range(len(pool.texts)))


def test_texts_are_plain_and_ids_those_of_the_texts_as_version_0_1_0_cleaned_them(settings: Settings) -> None:
    written = " It\x92s  <br />a \x93dull\x94 film\x85&amp; long\u200b"
    pool = add_rows("films", [*csv_rows(), (written, "neg")], settings)
    text = 'It\'s a "dull" film…& long'
    earlier = "It\x92s a \x93dull\x94 film &amp; long\u200b"  # to Python, U+0085 is white space
    assert pool.ids[pool.texts.index(text)] == hashlib.sha256(earlier.casefold().encode()).hexdigest()[:16]
    assert same(load_pool("films", settings), pool)


def test_texts_that_become_the_same_are_copies_and_never_both_trained_and_tested_on(settings: Settings) -> None:
    rows = [*csv_rows(), ("It's dull", "neg"), ("It’s dull", "neg"), ("IT&#39;S dull", "neg"), ("\u200b", "neg")]
    pool = add_rows("films", rows, settings)
    assert sum(text.casefold() == "it's dull" for text in pool.texts) == 1
    assert (pool.num_duplicates, pool.num_skipped) == (2, 1)


def test_texts_that_become_the_same_with_both_labels_are_left_out(settings: Settings) -> None:
    pool = add_rows("films", [*csv_rows(), ("It's dull", "neg"), ("It’s dull", "pos")], settings)
    assert (len(pool.texts), pool.num_duplicates) == (50, 2)


@pytest.mark.parametrize(("dataset", "ids"), [("imdb", "e6721ef01b"), ("rotten-tomatoes", "b8e7c14352")])
def test_packaged_reviews_keep_the_ids_and_so_the_split_of_version_0_1_0(dataset: str, ids: str, settings: Settings) -> None:
    assert hashlib.sha256("".join(load_pool(dataset, settings).ids).encode()).hexdigest()[:10] == ids


def test_nearly_equal_texts_share_a_key() -> None:
    review = "A film that I saw, with some reluctance, on a rainy Sunday afternoon: and liked! " * 3
    retyped = review.upper().replace(",", " -").replace(" ", "<br />")
    assert near_duplicate_keys(retyped) == near_duplicate_keys(review)
    assert near_duplicate_keys("Preface. " + review)[1] == near_duplicate_keys(review)[1]


def test_keys_are_sixty_letters_and_digits_of_either_end() -> None:
    assert near_duplicate_keys("a" * 50 + ", " + "b" * 50) == ("a" * 50 + "b" * 10, "a" * 10 + "b" * 50)


def test_the_order_of_rows_changes_nothing(settings: Settings) -> None:
    rows = [*csv_rows(), ("Fine Film NUMBER 3", "pos")]
    forwards = add_rows("forwards", rows, settings)
    backwards = add_rows("backwards", rows[::-1], settings)
    assert same(forwards, backwards)


def test_copies_are_counted_and_left_out(settings: Settings) -> None:
    rows = [*csv_rows(), ("DULL  film number 1", "neg"), ("dull<br />film number 1", "neg")]
    pool = add_rows("films", rows, settings)
    assert (len(pool.texts), pool.num_duplicates) == (50, 2)


def test_a_text_with_both_labels_is_left_out_altogether(settings: Settings) -> None:
    pool = add_rows("films", [*csv_rows(), ("dull film number 1", "pos")], settings)
    assert "dull film number 1" not in pool.texts
    assert (len(pool.texts), pool.num_duplicates) == (49, 2)
