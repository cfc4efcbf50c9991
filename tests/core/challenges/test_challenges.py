"""Families of minimal pairs: what ships, what people bring, and what the answers are worth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nltk.metrics.distance import edit_distance

from core.arrays import FloatArray
from core.challenges import suite as suites
from core.challenges.answer_cache import AnswerCache
from core.challenges.export import pairs_table, scores_table
from core.challenges.pair_diff import PairDiff, diff_texts
from core.challenges.run_suite import run_suite
from core.challenges.scoring import PairResult, Rate, Report, flips, passes
from core.challenges.suite import Expectation, Family, MinimalPair, Suite, load_csv_suite
from core.challenges.templates import expand, load_bundled_suite
from core.challenges.verdicts import verdict
from core.cli.main import main
from core.embedders.static import load_static
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.results import TrialResult
from core.predict.predictor import Predictor
from core.settings import Settings
from core.store.run_store import RunStore
from core.tokens import token_texts

FAMILIES = load_bundled_suite().families
STATIC_DIM = 50  # of the packaged GloVe vectors


def families(change: suites.Change) -> list[Family]:
    chosen = [family for family in FAMILIES if family.change == change]
    assert chosen
    return chosen


def pair(first: Expectation = "positive", second: Expectation = "negative", name: str = "1") -> MinimalPair:
    return MinimalPair(name=name, texts=(f"First {name}.", f"Second {name}."), expected=(first, second))


def result_of(pair: MinimalPair, family: str = "f", **means: tuple[float, float]) -> PairResult:
    """A pair of which one head of each arm said these probabilities."""
    return PairResult(family, pair, {arm: np.array(both, np.float32)[:, np.newaxis] for arm, both in means.items()})


def make_head(seed: int) -> dict[str, FloatArray]:
    """Random weights in the shapes of a head on static vectors."""
    rng = np.random.default_rng(seed)
    dims: dict[str, tuple[int, ...]] = {"input/mean": (STATIC_DIM,), "input/scale": (STATIC_DIM,)}
    dims |= {"conv/kernel": (3, STATIC_DIM, 64), "conv/bias": (64,), "dense/kernel": (64, 250), "dense/bias": (250,)}
    dims |= {"output/kernel": (250, 1), "output/bias": (1,)}
    return {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in dims.items()}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def predictor(settings: Settings) -> Predictor:
    config = ExperimentConfig(arms=("basic",))
    heads = {"basic": [make_head(seed) for seed in range(3)]}
    return Predictor(config, heads, {"static": load_static(config.static, settings)})


# What ships


def test_at_least_twelve_families_of_25_pairs_ship_and_every_ability_of_the_issue_has_one() -> None:
    assert len(FAMILIES) >= 12
    assert min(len(family.pairs) for family in FAMILIES) >= 25
    titles = {family.title for family in FAMILIES}
    assert len(titles) == len(FAMILIES)
    assert titles >= {"Negated praise", "Denied faults", "But", "Intensifiers", "Reducers", "Then and now", "Word order"}
    assert titles >= {"Misspellings", "Unknown names", "Coined words", "Sarcasm", "Names of people", "Film titles"}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.title)
def test_a_family_explains_itself_in_one_sentence_and_demands_one_thing(family: Family) -> None:
    assert family.explanation.endswith(".")
    assert family.explanation.count(". ") == 0
    assert family.demand in ("flip", "same", "shift")


def test_no_pair_occurs_twice_and_no_text_has_two_labels() -> None:
    texts = [pair.texts for family in FAMILIES for pair in family.pairs]
    assert not [both for both, num in Counter(texts).items() if num > 1]
    labels: dict[str, set[str]] = {}
    for each in (pair for family in FAMILIES for pair in family.pairs):
        for text, expected in zip(each.texts, each.expected, strict=True):
            if not expected.startswith("more"):
                labels.setdefault(text, set()).add(expected)
    assert not {text for text, its_labels in labels.items() if len(its_labels) > 1}


def test_every_text_is_a_whole_sentence() -> None:
    for text in (text for family in FAMILIES for pair in family.pairs for text in pair.texts):
        assert text[0].isupper() or text[0] == '"', text
        assert text[-1] in ".!", text
        assert "  " not in text, text
        assert "{" not in text, text


@pytest.mark.parametrize("family", families("insertion"), ids=lambda family: family.title)
def test_an_insertion_takes_nothing_away(family: Family) -> None:
    for each in family.pairs:
        changed = diff_texts(*each.texts)
        assert changed.added, each
        assert not changed.removed, each


@pytest.mark.parametrize("family", families("replacement"), ids=lambda family: family.title)
def test_a_replacement_leaves_the_frame_of_the_sentence(family: Family) -> None:
    for each in family.pairs:
        changed = diff_texts(*each.texts)
        assert changed.added, each
        assert len(token_texts(each.texts[0])) - len(changed.removed) >= 2, each


@pytest.mark.parametrize("family", [family for family in FAMILIES if family.words], ids=lambda family: family.title)
def test_only_the_words_of_the_family_come_in(family: Family) -> None:
    came = {word.lower() for each in family.pairs for word in diff_texts(*each.texts).added}
    assert came == family.words


@pytest.mark.parametrize("family", families("order"), ids=lambda family: family.title)
def test_another_order_has_the_same_words(family: Family) -> None:
    for each in family.pairs:
        first, second = (token_texts(text.lower()) for text in each.texts)
        assert Counter(first) == Counter(second), each
        assert first != second, each


@pytest.mark.parametrize("family", families("spelling"), ids=lambda family: family.title)
def test_a_misspelling_changes_one_word_by_one_or_two_letters(family: Family, settings: Settings) -> None:
    static = load_static("glove-6b-50d", settings)
    for each in family.pairs:
        changed = diff_texts(*each.texts)
        [right], [wrong] = changed.removed, changed.added
        assert 1 <= edit_distance(right, wrong, transpositions=True) <= 2, each
        assert static.known([right]).all(), each
        assert not static.known([wrong]).any(), each


@pytest.mark.parametrize("family", families("capitals"), ids=lambda family: family.title)
def test_capitals_change_nothing_else(family: Family) -> None:
    for each in family.pairs:
        assert each.texts[0] != each.texts[1] == each.texts[0].upper()


def test_coined_words_and_unknown_names_have_no_static_vector(settings: Settings) -> None:
    static = load_static("glove-6b-50d", settings)
    by_title = {family.title: family for family in FAMILIES}
    coined = [word for each in by_title["Coined words"].pairs for side in each_side(each) for word in side]
    names = [word for each in by_title["Unknown names"].pairs for word in diff_texts(*each.texts).added]
    assert len(coined) == 2 * len(by_title["Coined words"].pairs)
    assert len(names) == len(by_title["Unknown names"].pairs)
    assert not static.known([*coined, *names]).any()


def each_side(pair: MinimalPair) -> tuple[tuple[str, ...], tuple[str, ...]]:
    changed = diff_texts(*pair.texts)
    return changed.removed, changed.added


# Templates and differences


def test_every_combination_of_the_slots_is_a_pair() -> None:
    template = {"first": "{a} is {b}.", "second": "{a} is not {b}.", "a": ["It", "She"], "b": ["fun", "dull"]}
    assert [first for first, _ in expand(template)] == ["It is fun.", "It is dull.", "She is fun.", "She is dull."]


def test_a_row_fills_its_slots_together() -> None:
    template = {"first": "{a}{b}{c}", "second": "{b}", "rows": [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}], "c": ["x", "y"]}
    assert list(expand(template)) == [("12x", "2"), ("12y", "2"), ("34x", "4"), ("34y", "4")]


def test_a_slot_without_words_is_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        list(expand({"first": "{missing}", "second": ""}))


def test_the_difference_is_told_in_tokens() -> None:
    assert diff_texts("The film is good.", "The film isn't bad.") == PairDiff(("good",), ("n't", "bad"))
    assert diff_texts("Good.", "Good.") == PairDiff((), ())


# One's own suite


def test_a_suite_survives_its_csv() -> None:
    bundled = load_bundled_suite()
    assert load_csv_suite("copy", suites.to_csv(bundled).encode()).fingerprint == bundled.fingerprint


def test_columns_come_in_any_order_and_labels_as_people_write_them() -> None:
    data = b"Pair;Family;Expected;Text\n7;mine;POS;Nice.\n7;mine;0;Not nice.\n8;mine;neg;Bad.\n8;mine;More negative;Very bad.\n"
    [family] = load_csv_suite("mine.csv", data).families
    assert [(each.name, each.expected) for each in family.pairs] == [
        ("7", ("positive", "negative")),
        ("8", ("negative", "more negative")),
    ]
    assert family.demand == "mixed"


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ("text,expected,family\na,positive,f", "suite-no-column", "pair"),
        ("text,expected,family,pair\na,positive,f,1", "suite-pair-size", 'pair "1" of the family "f" has 1'),
        ("text,expected,family,pair\n" + "a{},positive,f,1\n" * 3, "suite-pair-size", "has 3"),
        ("text,expected,family,pair\na,positive,f,1\na,negative,f,1", "suite-pair-equal", 'pair "1"'),
        ("text,expected,family,pair\na,good,f,1\nb,negative,f,1", "suite-expectation", "Row 2 .*good"),
        ("text,expected,family,pair\na,positive,f,1\n ,negative,f,1", "suite-empty-cell", "Row 3 .*text"),
        ("text,expected,family,pair\na,more positive,f,1\nb,negative,f,1", "suite-pair-first", "more positive"),
    ],
)
def test_a_csv_that_is_not_a_suite_is_refused_with_the_place(rows: str, code: str, place: str) -> None:
    with pytest.raises(UserError, match=place) as error:
        load_csv_suite("mine.csv", rows.encode())
    assert error.value.code == code


def test_more_pairs_than_anybody_waits_for_are_refused() -> None:
    rows = [f"{text} {number},positive,f,{number}" for number in range(suites.MAX_PAIRS + 1) for text in ("a", "b")]
    with pytest.raises(UserError, match="5,001") as error:
        load_csv_suite("mine.csv", "\n".join(["text,expected,family,pair", *rows]).encode())
    assert error.value.code == "suite-too-large"


# Scores


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


def make_report(results: list[PairResult]) -> Report:
    pairs: dict[str, list[MinimalPair]] = {}
    for each in results:
        pairs.setdefault(each.family, []).append(each.pair)
    return Report(Suite("mine", tuple(Family(title, "", tuple(its)) for title, its in pairs.items())), tuple(results))


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
    assert verdict(report) == ("Of 4 pairs, Basic passes 2 and ELMo passes 2; 1 pass only with Basic and 1 pass only with ELMo.")


def test_failing_pairs_can_be_read(report: Report) -> None:
    assert [each.pair.name for each in report.failing("not", "basic")] == ["2"]
    assert [each.pair.name for each in report.failing(None, "elmo")] == ["3", "4"]


def test_tables_have_every_score_and_every_pair(report: Report) -> None:
    scores, pairs = scores_table(report), pairs_table(report)
    assert len(scores) == 3 * 2 + 2 * 2
    assert pairs["elmo_passed"].to_list() == [True, True, False, False]
    assert (pairs["removed"][0], pairs["added"][0]) == ("First", "Second")
    assert pairs_table(report, "but")["pair"].to_list() == ["3"]


# Examining


def test_every_pair_gets_the_answers_of_every_head_and_says_how_far_it_is(predictor: Predictor) -> None:
    bundled = load_bundled_suite()
    small = Suite("small", tuple(Family(each.title, "", each.pairs[:2]) for each in bundled.families[:2]))
    events = list(run_suite(small, predictor))
    assert [(event.num_done, event.num_pairs) for event in events] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for event in events:
        for text, probs in zip(event.result.pair.texts, event.result.probs["basic"], strict=True):
            np.testing.assert_allclose(probs, predictor.predict(text).probs["basic"], atol=1e-6)


# Kept answers


@pytest.fixture
def kept(tmp_path: Path) -> AnswerCache:
    """Where answers to three pairs of two families are kept."""
    suite = Suite("s", (Family("f", "", (pair(name="1"), pair(name="2"))), Family("g", "", (pair(name="3"),))))
    return AnswerCache(suite, run_id="a-run", num_heads=4, settings=Settings(data_dir=tmp_path))


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


# The command line


@pytest.fixture
def run_id(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stored run with random heads."""
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(settings.data_dir))
    store = RunStore(settings.store_url)
    run = store.create_run(ExperimentConfig(arms=("basic",), num_trials=2))
    for trial in range(2):
        store.trials.save(
            run,
            TrialResult(
                trial=trial,
                arm="basic",
                accuracy=0.5,
                validation_accuracy=0.5,
                best_epoch=1,
                num_epochs=1,
                train_s=0.1,
                probs=np.zeros(3, np.float32),
                head=make_head(trial),
            ),
        )
    return run.id


def test_the_command_prints_a_row_for_every_family(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["challenge", "--run", run_id]) == 0
    out = capsys.readouterr().out
    for family in FAMILIES:
        assert f" {family.title} " in out
    assert "588 pairs" in out
    assert "basic pass %" in out
    assert out.count("all families") == 3


def test_the_command_takes_ones_own_suite_and_writes_json(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.csv").write_text("text,expected,family,pair\nGood.,positive,mine,1\nNot good.,negative,mine,1\n")
    command = ["challenge", "--run", run_id, "--suite", str(tmp_path / "mine.csv"), "--json", str(tmp_path / "out.json")]
    assert main([*command, "--failing"]) == 0

    written = json.loads((tmp_path / "out.json").read_text())
    assert written["run"] == run_id
    assert [each["texts"] for each in written["pairs"]] == [["Good.", "Not good."]]
    assert np.shape(written["pairs"][0]["probs"]["basic"]) == (2, 2)
    assert written["scores"][0]["pass_rate"] in (0.0, 1.0)
    failing = "0 of 1" if written["pairs"][0]["passed"]["basic"] else "1 of 1"
    assert f"mine, basic: {failing} pairs not passed" in capsys.readouterr().out


def test_a_suite_that_is_not_there_is_a_user_error(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["challenge", "--run", run_id, "--suite", "/nowhere/mine.csv"]) == 2
    assert "/nowhere/mine.csv cannot be read" in capsys.readouterr().err
