from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.analysis.outcomes import load_outcomes
from core.analysis.paired_tests import compare_arms
from core.analysis.staircase import staircase
from core.data.datasets import load_pool
from core.data.review_pool import ReviewPool
from core.embedders.static import load_static
from core.engine.engine import Engine
from core.errors import UserError
from core.experiment.config import ExperimentConfig, parse_config
from core.experiment.draw import draw_trial
from core.experiment.events import (
    EmbeddingProgress,
    EpochFinished,
    Event,
    PhaseChanged,
    ReferenceFinished,
    RunFailed,
    RunFinished,
    RunStarted,
    TrialFinished,
)
from core.experiment.lessons import Lesson, make_lessons
from core.predict.predictor import load_predictor
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from core.tokens import token_texts
from elmo_lens import LensClassifier, compare, load_reviews
from tests.core.embedders.texts.modules import write_tf2_module
from tests.core.engine.runs import assert_same_results


def test_a_run_tells_its_story_from_start_to_finish(reference: tuple[str, list[Event]], config: ExperimentConfig) -> None:
    run_id, events = reference

    [started] = [event for event in events if isinstance(event, RunStarted)]
    assert (started.run_id, started.num_trials, started.arms, started.num_workers) == (run_id, 3, ("basic", "elmo"), 2)
    assert started.expected_pair_s > 0
    phases = [event.phase for event in events if isinstance(event, PhaseChanged)]
    assert phases == ["starting workers", "loading reviews", "loading vectors", "embedding", "training"]
    embedding = [event for event in events if isinstance(event, EmbeddingProgress)]
    assert embedding[-1].done == embedding[-1].total
    assert [event.done for event in embedding] == sorted(event.done for event in embedding)
    pairs = {(trial, arm) for trial in range(3) for arm in config.arms}
    assert {(event.trial, event.arm) for event in events if isinstance(event, TrialFinished)} == pairs
    assert {(event.trial, event.arm) for event in events if isinstance(event, EpochFinished)} == pairs
    assert isinstance(events[-1], RunFinished)
    assert set(events[-1].phase_s) == set(phases)


def used_reviews(pool: ReviewPool, run: Run) -> set[int]:
    draws = [draw_trial(pool, run.config, trial) for trial in range(run.config.num_trials)]
    return {i for draw in draws for part in (draw.train, draw.validation, draw.test) for i in part.tolist()}


def known_share(pool: ReviewPool, run: Run, settings: Settings) -> float:
    """Share of tokens with a static vector, counted review by review."""
    static = load_static(run.config.static, settings)
    known = [static.known(token_texts(pool.texts[i], run.config.max_tokens)) for i in used_reviews(pool, run)]
    return float(np.concatenate(known).mean())


def test_everything_about_a_finished_run_is_in_the_store(
    reference: tuple[str, list[Event]], store: RunStore, settings: Settings
) -> None:
    run = store.get_run(reference[0])
    pool = load_pool("tiny", settings)
    labels = {pool.ids[i]: pool.labels[i] for i in pool.test}

    assert run.status == "finished"
    assert run.reviews_per_s is not None
    assert run.coverage == pytest.approx(known_share(pool, run, settings))
    accuracies = store.trials.accuracies(run)
    assert accuracies.shape == (3, 2)
    for (trial, arm), probs in store.trials.probabilities(run).items():
        is_right = (probs > 0.5) == [labels[review_id] == 1 for review_id in run.test_ids]
        assert np.mean(is_right) == accuracies.loc[trial, arm]
    assert {arm: len(heads) for arm, heads in store.trials.heads(run).items()} == {"basic": 3, "elmo": 3}


def test_the_labels_of_the_test_reviews_are_kept(reference: tuple[str, list[Event]], store: RunStore, settings: Settings) -> None:
    run = store.get_run(reference[0])
    pool = load_pool("tiny", settings)
    labels = dict(zip(pool.ids, pool.labels.tolist(), strict=True))

    assert run.test_labels == tuple(labels[review_id] for review_id in run.test_ids)


def test_a_warm_cache_computes_nothing_and_gives_the_same_numbers(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run = store.create_run(config)
    events = list(engine.run_events(run.id))

    last = [event for event in events if isinstance(event, EmbeddingProgress)][-1]
    assert last.reused == last.total
    assert_same_results(store, run.id, reference[0])


def test_a_cold_cache_gives_the_same_numbers_again(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    shutil.rmtree(settings.folder("cache"))
    run = store.create_run(config)
    events = list(engine.run_events(run.id))

    assert [event for event in events if isinstance(event, EmbeddingProgress)][-1].reused == 0
    assert_same_results(store, run.id, reference[0])


def test_a_damaged_cache_does_no_harm(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    [path] = settings.folder("cache").rglob("data.mdb")
    damaged = bytearray(path.read_bytes())
    damaged[8192:] = os.urandom(len(damaged) - 8192)
    path.write_bytes(damaged)
    run = store.create_run(config)

    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])


def test_without_a_cache_vectors_travel_with_the_tasks(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    shutil.rmtree(settings.folder("cache"))
    settings.folder("cache").joinpath("embeddings.lmdb").write_text("in the way")
    run = store.create_run(config)
    events = list(engine.run_events(run.id))
    shutil.rmtree(settings.folder("cache"))

    assert isinstance(events[-1], RunFinished)
    assert_same_results(store, run.id, reference[0])


@pytest.mark.parametrize("layer_mix", ["0", "learned"])
def test_other_layers_make_other_heads(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig, layer_mix: str
) -> None:
    run = store.create_run(config.model_copy(update={"layer_mix": layer_mix, "num_trials": 1}))

    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    mean, other = store.trials.probabilities(store.get_run(reference[0])), store.trials.probabilities(run)
    np.testing.assert_array_equal(other[0, "basic"], mean[0, "basic"])
    assert not np.array_equal(other[0, "elmo"], mean[0, "elmo"])


def test_a_finished_run_is_not_resumed(reference: tuple[str, list[Event]], engine: Engine, store: RunStore) -> None:
    engine.resume(reference[0])

    assert store.get_run(reference[0]).status == "finished"


def test_coverage_phases_and_speed_of_a_resumed_run_are_those_of_the_whole_run(
    engine: Engine, store: RunStore, settings: Settings, config: ExperimentConfig
) -> None:
    run = store.create_run(config.model_copy(update={"layer_mix": "1", "seed": 3}))  # of which no vector is in the cache
    events = engine.run_events(run.id)
    for event in events:
        if isinstance(event, TrialFinished) and event.trial == 1:
            break
    events.close()
    half = store.get_run(run.id)
    assert (half.status, half.coverage) == ("cancelled", None)
    assert half.num_computed > 0
    assert "embedding" in half.phase_s  # the last chunk may still be missing, and training begin later

    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    whole, pool = store.get_run(run.id), load_pool("tiny", settings)
    assert whole.coverage == pytest.approx(known_share(pool, run, settings), abs=1e-12)
    assert half.num_computed <= whole.num_computed <= len(used_reviews(pool, run))
    assert whole.reviews_per_s
    assert half.reviews_per_s
    assert whole.num_computed / whole.reviews_per_s >= half.num_computed / half.reviews_per_s - 1e-9  # seconds of embedding
    assert all(whole.phase_s[phase] > half.phase_s[phase] for phase in ("starting workers", "loading reviews"))
    assert all(whole.phase_s[phase] >= seconds for phase, seconds in half.phase_s.items())


def test_a_run_with_nothing_left_to_train_has_the_coverage_of_all_its_reviews(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    whole = store.get_run(reference[0])
    run = store.create_run(config, whole.provenance)
    store.set_draws(run.id, whole.test_ids, whole.test_labels)
    store.trials.copy_pairs(run, dict.fromkeys(config.pairs, whole.id), dict.fromkeys(range(3), whole.id))

    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)
    assert store.get_run(run.id).coverage == whole.coverage


def test_a_bag_of_words_is_trained_in_each_trial_and_disturbs_no_pair(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    run = store.get_run(reference[0])
    accuracies = store.trials.reference_accuracies(run)
    labels = np.array(run.test_labels)
    assert {event.trial for event in reference[1] if isinstance(event, ReferenceFinished)} == {0, 1, 2}
    for trial, probs in store.trials.reference_probabilities(run).items():
        assert np.mean((probs > 0.5) == (labels > 0)) == accuracies[trial]

    without = store.create_run(config.model_copy(update={"bag_of_words": False}))
    events = list(engine.run_events(without.id))
    assert not any(isinstance(event, ReferenceFinished) for event in events)
    assert store.trials.references(without).empty
    assert_same_results(store, without.id, run.id)


def test_a_resumed_run_trains_the_bags_of_words_that_it_lacks_to_the_same_numbers(
    reference: tuple[str, list[Event]], engine: Engine, store: RunStore, config: ExperimentConfig
) -> None:
    source, run = store.get_run(reference[0]), store.create_run(config)
    store.trials.copy_pairs(run, dict.fromkeys(config.pairs, source.id), {1: source.id})
    store.set_provenance(run.id, source.provenance)
    events = list(engine.run_events(run.id))

    assert not any(isinstance(event, EmbeddingProgress | EpochFinished) for event in events)
    theirs, found = (store.trials.reference_probabilities(each) for each in (source, run))
    for trial in range(3):
        np.testing.assert_array_equal(found[trial], theirs[trial], strict=True)
    assert store.get_run(run.id).coverage == source.coverage


def test_lessons_change_what_is_learned_and_nothing_that_is_tested(
    engine: Engine, store: RunStore, config: ExperimentConfig, reference: tuple[str, list[Event]]
) -> None:
    """Lessons that say the opposite of the reviews, and are as many as these, leave the models worse than before."""
    texts = [f"a {word} film number {i}" for i in range(15) for word in ("lovely", "great", "fun", "dull", "awful", "weak")]
    upside_down = make_lessons([(text, 0 if text.split()[1] in ("lovely", "great", "fun") else 1) for text in texts])
    taught = store.create_run(config.model_copy(update={"lessons": upside_down, "arms": ("basic",)}))
    *_, last = engine.run_events(taught.id)
    assert isinstance(last, RunFinished)
    taught, untaught = store.get_run(taught.id), store.get_run(reference[0])
    assert (taught.test_ids, taught.test_labels) == (untaught.test_ids, untaught.test_labels)
    before, after = (store.trials.probabilities(run) for run in (untaught, taught))
    labels = np.array(taught.test_labels)
    for trial in range(config.num_trials):
        right_before, right_after = (
            np.where(labels, probs, 1 - probs).mean() for probs in (before[trial, "basic"], after[trial, "basic"])
        )
        assert right_after < right_before  # the same numbers, if the lessons were lost


def test_nobody_teaches_what_is_tested(engine: Engine, store: RunStore, config: ExperimentConfig, settings: Settings) -> None:
    pool = load_pool(config.dataset, settings)
    lesson = Lesson(text=pool.texts[pool.test[0]], label=1)
    num_runs = len(store.list_runs())
    with pytest.raises(UserError, match="one of the reviews that test"):
        engine.submit(config.model_copy(update={"lessons": (lesson,)}))
    assert len(store.list_runs()) == num_runs


def test_python_gives_the_same_comparison(
    reference: tuple[str, list[Event]],
    store: RunStore,
    settings: Settings,
    config: ExperimentConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(settings.data_dir))
    basic, elmo = (LensClassifier(arm, elmo=config.elmo, head=config.head) for arm in ("basic", "elmo"))
    compared = compare(
        basic,
        elmo,
        load_reviews("tiny"),
        train_sizes=[config.train_size],
        num_trials=config.num_trials,
        test_size=config.test_size,
    )

    run = store.get_run(reference[0])
    assert compared.comparisons[config.train_size] == compare_arms(load_outcomes(run, store, settings))
    np.testing.assert_array_equal(compared.accuracies[["basic", "elmo"]], store.trials.accuracies(run))


def test_controls_and_arms_of_ones_own_train_beside_the_pair_and_change_nothing_of_it(
    *,
    reference: tuple[str, list[Event]],
    engine: Engine,
    store: RunStore,
    settings: Settings,
    config: ExperimentConfig,
    tmp_path: Path,
) -> None:
    module = write_tf2_module(tmp_path / "module")
    own = (f"texts=module:{module}", "lower=elmo:1+static")
    names = ("letters", "shuffled", "texts", "lower")
    wanted = parse_config({**config.model_dump(), "num_trials": 1, "own_arms": own, "arms": (*config.arms, *names)})
    run = store.create_run(wanted)
    assert isinstance(list(engine.run_events(run.id))[-1], RunFinished)

    before, probs = store.trials.probabilities(store.get_run(reference[0])), store.trials.probabilities(run)
    for arm in config.arms:
        np.testing.assert_array_equal(probs[0, arm], before[0, arm])
    assert len({probs[0, arm].tobytes() for arm in wanted.arms}) == len(wanted.arms)
    stairs = staircase(load_outcomes(store.get_run(run.id), store, settings))
    assert stairs
    assert [each.end for each in stairs.steps] == ["letters", "shuffled", "elmo"]

    shutil.rmtree(settings.folder("cache"))
    again = store.create_run(wanted)
    assert isinstance(list(engine.run_events(again.id))[-1], RunFinished)
    for pair, values in store.trials.probabilities(again).items():
        np.testing.assert_array_equal(values, probs[pair])

    pool = load_pool("tiny", settings)
    predictor = load_predictor(store.get_run(run.id), store, settings)
    row = pool.ids.index(store.get_run(run.id).test_ids[0])
    prediction = predictor.predict(pool.texts[row])
    assert set(prediction.probs) == set(wanted.arms)
    for arm in wanted.arms:
        assert float(prediction.probs[arm][0]) == pytest.approx(float(probs[0, arm][0]), abs=2e-3)


def test_a_module_that_is_gone_ends_the_run_in_one_sentence(
    engine: Engine, store: RunStore, config: ExperimentConfig, tmp_path: Path
) -> None:
    wanted = parse_config({**config.model_dump(), "own_arms": (f"gone=module:{tmp_path}",), "arms": ("basic", "gone")})
    last = list(engine.run_events(store.create_run(wanted).id))[-1]
    assert isinstance(last, RunFailed)
    assert "There is no text module at" in last.message
