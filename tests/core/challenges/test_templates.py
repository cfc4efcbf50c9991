"""The bundled suite: its families, and the templates that they are made from."""

from __future__ import annotations

from collections import Counter

import pytest
from nltk.metrics.distance import edit_distance

from core.challenges import suite as suites
from core.challenges.pair_diff import diff_texts
from core.challenges.suite import Family, MinimalPair
from core.challenges.templates import expand
from core.embedders.static import load_static
from core.settings import Settings
from core.tokens import token_texts
from tests.core.challenges.small_reports import FAMILIES


def families(change: suites.Change) -> list[Family]:
    chosen = [family for family in FAMILIES if family.change == change]
    assert chosen
    return chosen


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


def test_every_combination_of_the_slots_is_a_pair() -> None:
    template = {"first": "{a} is {b}.", "second": "{a} is not {b}.", "a": ["It", "She"], "b": ["fun", "dull"]}
    assert [first for first, _ in expand(template)] == ["It is fun.", "It is dull.", "She is fun.", "She is dull."]


def test_a_row_fills_its_slots_together() -> None:
    template = {"first": "{a}{b}{c}", "second": "{b}", "rows": [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}], "c": ["x", "y"]}
    assert list(expand(template)) == [("12x", "2"), ("12y", "2"), ("34x", "4"), ("34y", "4")]


def test_a_slot_without_words_is_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        list(expand({"first": "{missing}", "second": ""}))
