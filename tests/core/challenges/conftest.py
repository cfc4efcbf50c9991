"""Fixtures for tests of challenges."""

from __future__ import annotations

import pytest

from core.challenges.scoring import Report
from core.settings import Settings
from tests.core.challenges.small_reports import make_report, pair, result_of


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture
def report() -> Report:
    right, wrong = (0.9, 0.1), (0.9, 0.8)
    return make_report(
        [
            result_of(pair(name="1"), "not", basic=right, elmo=right),
            result_of(pair(name="2"), "not", basic=wrong, elmo=right),
            result_of(pair(name="3"), "but", basic=wrong, elmo=wrong),
            result_of(pair("positive", "positive", name="4"), "names", basic=wrong, elmo=right),
        ]
    )
