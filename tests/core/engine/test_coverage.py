"""Static vectors that know almost no word of the reviews: nothing is trained on them unless somebody asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.outcomes import load_outcomes
from core.analysis.paired_tests import compare_arms
from core.analysis.verdicts import caution, verdict
from core.embedders.static import load_static
from core.engine.engine import Engine
from core.experiment.config import ExperimentConfig
from core.experiment.events import RunFailed, TrialFinished
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.embedders.small_vectors import write
from tests.shared_cases import case_path

_KNOWN = ["film", "dull", "lovely"]


@pytest.fixture
def tagged(tmp_path: Path, settings: Settings) -> str:
    """Vectors of words with tags, none of which is in any review."""
    file = write(tmp_path, b"".join(b"w%d_NOUN 1 %d\n" % (row, row) for row in range(200)), "tagged.txt")
    load_static(file, settings)
    return file


def test_a_run_on_vectors_that_know_no_word_ends_before_anything_is_trained(
    engine: Engine, store: RunStore, config: ExperimentConfig, tagged: str
) -> None:
    run = store.create_run(config.model_copy(update={"static": tagged}))
    *events, last = list(engine.run_events(run.id))
    assert isinstance(last, RunFailed)
    assert "--allow-low-coverage" in last.message
    assert not any(isinstance(event, TrialFinished) for event in events)
    assert store.trials.num_finished(run) == 0


def test_the_file_of_tagged_words_is_refused(engine: Engine, store: RunStore, config: ExperimentConfig) -> None:
    run = store.create_run(config.model_copy(update={"static": str(case_path("words-with-tags.txt"))}))
    assert isinstance(list(engine.run_events(run.id))[-1], RunFailed)
    assert store.trials.num_finished(run) == 0


def test_who_asks_for_it_gets_a_result_that_begins_with_a_caution(
    engine: Engine, store: RunStore, config: ExperimentConfig, settings: Settings, tagged: str
) -> None:
    asked = config.model_copy(update={"static": tagged, "num_trials": 1, "allow_low_coverage": True})
    run_id = store.create_run(asked).id
    list(engine.run_events(run_id))
    run = store.get_run(run_id)
    assert (run.status, run.coverage) == ("finished", 0)
    comparison = compare_arms(load_outcomes(run, store, settings))
    assert comparison is not None
    assert verdict(comparison, run.coverage).startswith(caution(0))


def test_vectors_that_know_some_words_train_and_say_how_many(
    engine: Engine, store: RunStore, config: ExperimentConfig, tmp_path: Path
) -> None:
    file = write(tmp_path, b"".join(f"{word} 1 {row}\n".encode() for row, word in enumerate(_KNOWN)))
    run = store.create_run(config.model_copy(update={"static": file, "num_trials": 1, "arms": ("basic",)}))
    list(engine.run_events(run.id))
    coverage = store.get_run(run.id).coverage
    assert coverage is not None
    assert 0.05 < coverage < 0.5
    assert caution(coverage) != ""


@pytest.mark.parametrize("coverage", [None, 0.5, 1.0])
def test_there_is_no_caution_where_most_words_are_known(coverage: float | None) -> None:
    assert caution(coverage) == ""
