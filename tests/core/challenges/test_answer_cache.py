"""Results that are kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.challenges.answer_cache import AnswerCache
from core.challenges.export import pairs_table
from core.challenges.scoring import PairResult, Report
from core.challenges.suite import Family, Suite
from core.settings import Settings
from tests.core.challenges.small_reports import pair


@pytest.fixture
def kept(tmp_path: Path) -> AnswerCache:
    """Where answers to three pairs of two families are kept."""
    suite = Suite("s", (Family("f", "", (pair(name="1"), pair(name="2"))), Family("g", "", (pair(name="3"),))))
    return AnswerCache(suite, run_id="a-run", num_heads=4, vectors="v", settings=Settings(data_dir=tmp_path))


@pytest.fixture
def answered(kept: AnswerCache) -> Report:
    """Answers of two heads of each arm."""
    rng = np.random.default_rng(0)
    members = [(family.title, each) for family in kept.suite.families for each in family.pairs]
    return Report(
        kept.suite,
        tuple(
            PairResult(family, each, {arm: rng.random((2, 2), np.float32) for arm in ("basic", "elmo")})
            for family, each in members
        ),
    )


def test_kept_answers_are_the_same_to_the_last_digit(kept: AnswerCache, answered: Report) -> None:
    kept.save(answered)
    loaded = kept.load()
    assert loaded
    pd.testing.assert_frame_equal(pairs_table(loaded), pairs_table(answered))
    assert loaded.scores == answered.scores


def test_answers_of_other_heads_or_to_other_pairs_are_not_taken(kept: AnswerCache, answered: Report) -> None:
    kept.save(answered)
    other = Suite("s", (Family("f", "", (pair(name="1", second="positive"),)),))
    for change in ({"num_heads": 6}, {"run_id": "another-run"}, {"suite": other}):
        assert replace(kept, **change).load() is None


@pytest.mark.parametrize("damage", [lambda data: data[:0], lambda data: data[:-100], lambda data: data[:300] + b"x" + data[301:]])
def test_a_damaged_file_of_answers_counts_as_none(
    kept: AnswerCache, answered: Report, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    kept.save(answered)
    [file] = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(damage(file.read_bytes()))
    assert kept.load() is None


def test_where_answers_cannot_be_kept_nothing_happens(kept: AnswerCache, answered: Report, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    kept.save(answered)
    assert kept.load() is None
