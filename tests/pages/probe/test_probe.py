"""The Probe page, from `dashboard.py`, with the packaged vectors and heads in a real store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.predict.examples import Candidate, ExampleGroups
from core.predict.occlusion import occlude
from core.predict.predictor import CANNOT_READ, Predictor
from core.store.people.sentence_store import SentenceStore
from core.store.run import Run
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, page_links
from ui.app import models, space
from ui.probe import examples, live, wording
from ui.probe import history as history_view
from ui.probe.why import MAX_UNASKED

SENTENCE = "This was not a blorptastic film."
HOSTILE = "<img src=x onerror=alert(1)> **bold** :smile: $x^2$"


@pytest.fixture
def run(add_run: AddRun) -> Run:
    return add_run(arms=("basic",))


@pytest.fixture
def app(open_page: OpenPage, run: Run) -> AppTest:
    return open_page("probe", run=run.id)


@pytest.fixture
def history(store: RunStore) -> SentenceStore:
    return store.sentences


def type_in(app: AppTest, sentence: str) -> AppTest:
    return app.text_input(key="text").set_value(sentence).run()


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def words_drawn(app: AppTest) -> dict[str, Any]:
    """What the page sends to the browser to draw the words and their effects."""
    return drawn(app, "tokens")


def duel_drawn(app: AppTest) -> dict[str, Any]:
    """What it sends to draw the answers of the models."""
    return drawn(app, "models")


def drawn(app: AppTest, part: str) -> dict[str, Any]:
    """What the one component draws that has such a part."""
    sent: list[dict[str, Any]] = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    [found] = [data for data in sent if part in data]
    return found


def is_answered(app: AppTest) -> bool:
    return any(model["mean"] is not None for model in duel_drawn(app)["models"])


def open_tab(app: AppTest, name: str) -> AppTest:
    """As a click on the tab would; AppTest has none."""
    app.session_state[live.TAB] = name
    return app.run()


def predictor(run: Run) -> Predictor:
    return models.predictor(run).result()


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    """The one table that has a column of this name."""
    [table] = [element.value for element in app.dataframe if column in element.value]
    return table


def choose_rows(app: AppTest, prefix: str, rows: Sequence[int]) -> AppTest:
    """Choose rows of the table whose key begins so."""
    [key] = {element.key for element in app.dataframe if element.key and element.key.startswith(prefix)}
    app.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def test_without_any_run_the_page_says_so_and_offers_one_click(open_page: OpenPage) -> None:
    app = open_page("probe")
    assert app.info[0].value == wording.NO_MODEL
    assert app.button(key="quick_train")
    assert not app.text_input


def test_a_sentence_has_a_chance_a_word_and_the_spread_of_the_heads(app: AppTest, run: Run) -> None:
    type_in(app, SENTENCE)
    probs = predictor(run).predict(SENTENCE).probs["basic"]
    [model] = duel_drawn(app)["models"]
    assert model["number"] == f"{probs.mean() * 100:.1f} %"
    assert model["spread"] == wording.spread(3, probs.min(), probs.max())
    assert model["heads"] == pytest.approx((probs * 100).tolist(), abs=0.01)


def test_every_model_of_a_run_answers_under_its_name(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(arms=("basic", "mine"), own_arms=("mine=static:glove-6b-50d",)).id)
    type_in(app, SENTENCE)
    assert [model["title"] for model in duel_drawn(app)["models"]] == ["Basic", "mine"]
    assert is_answered(app)


def test_before_anything_is_typed_the_axis_is_there_without_an_answer(app: AppTest) -> None:
    assert [model["number"] for model in duel_drawn(app)["models"]] == ["–"]
    assert duel_drawn(app)["verdict"] == ""


def test_a_text_in_another_language_is_answered_with_a_hint(app: AppTest) -> None:
    type_in(app, "Dieser Film ist nicht schlecht")
    assert is_answered(app)
    assert "German" in duel_drawn(app)["more"]


def test_every_word_has_its_effect_and_the_exact_numbers(app: AppTest, run: Run) -> None:
    type_in(app, SENTENCE)
    words = words_drawn(app)
    *_, last = occlude(predictor(run), predictor(run).predict(SENTENCE))
    assert last.attribution
    effects = last.attribution.effects("basic")
    assert [token["chips"][0]["effect"] for token in words["tokens"]] == pytest.approx(effects.tolist(), abs=1e-6)
    without = last.attribution.probs_without("basic")[:, 2].mean()
    assert f"{without * 100:.1f} % without" in words["tokens"][2]["about"]


def test_tokens_unknown_to_the_static_vectors_are_marked(app: AppTest) -> None:
    tokens = words_drawn(type_in(app, SENTENCE))["tokens"]
    assert [token["text"] for token in tokens] == ["This", "was", "not", "a", "blorptastic", "film", "."]
    assert [token["text"] for token in tokens if token["chips"][0]["isUnknown"]] == ["blorptastic"]
    assert tokens[4]["chips"][0]["text"].startswith("?")
    assert "unknown word" in tokens[4]["about"]


def test_effects_are_a_table_too(app: AppTest) -> None:
    type_in(app, SENTENCE)
    table = table_with(open_tab(app, live.NUMBERS), "In the static vectors")
    assert table["Word"].to_list() == ["This", "was", "not", "a", "blorptastic", "film", "."]
    assert table["In the static vectors"].to_list() == [True, True, True, True, False, True, True]
    assert (table["Basic, lowest"] <= table["Basic"]).all()


def test_what_is_typed_stays_text(app: AppTest) -> None:
    type_in(app, HOSTILE)
    app.selectbox(key="changed_word").set_value(1).run()
    assert not any("onerror" in element.value for element in [*app.markdown, *app.caption, *app.main.html])
    assert "img" in [token["text"] for token in words_drawn(app)["tokens"]]


def test_changes_of_a_word_show_both_chances_and_the_difference(app: AppTest, run: Run) -> None:
    type_in(app, "A dull film.")
    app.selectbox(key="changed_word").set_value(1).run()
    app.text_input(key="own_words").set_value("great").run()
    table = table_with(app, "Change")
    assert table["Text"].to_list()[:4] == ["A dull film.", "A great film.", "A film.", "A not dull film."]
    expected = [float(predictor(run).predict(text).probs["basic"].mean()) * 100 for text in table["Text"]]
    assert table["Basic"].to_list() == pytest.approx(expected, abs=1e-3)
    assert table["Basic, change"].to_list()[1:] == pytest.approx((np.array(expected) - expected[0])[1:], abs=0.051)
    assert np.isnan(table["Basic, change"][0])


def test_a_change_is_taken_over_and_undone(app: AppTest) -> None:
    type_in(app, "A dull film.")
    app.selectbox(key="changed_word").set_value(1).run()
    choose_rows(app, "variants_", [2])
    app.button(key="use_variant").click().run()
    assert app.text_input(key="text").value == "A not dull film."
    assert app.selectbox(key="changed_word").value is None
    app.button(key="undo_text").click().run()
    assert app.text_input(key="text").value == "A dull film."
    assert app.button(key="undo_text").disabled


def test_every_sentence_is_kept_with_the_newest_first(app: AppTest, history: SentenceStore, run: Run) -> None:
    type_in(app, "A dull film.")
    type_in(app, "What a film!")
    [newest, oldest] = history.find()
    assert (newest.text, oldest.text) == ("What a film!", "A dull film.")
    np.testing.assert_allclose(newest.probs["basic"], predictor(run).predict("What a film!").probs["basic"], atol=1e-5)
    table = table_with(open_tab(app, live.HISTORY), "Tried")
    assert table["Text"].to_list() == ["What a film!", "A dull film."]


def test_the_history_shows_what_one_has_typed_and_what_everybody_has_by_choice(
    app: AppTest, open_page: OpenPage, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "owner_id", lambda: "me")
    type_in(app, "A dull film.")
    again = open_page("probe", run=run.id, probe_tab=live.HISTORY)
    assert [element.value["Text"].to_list() for element in again.dataframe] == [["A dull film."]]
    monkeypatch.setattr(space, "owner_id", lambda: "somebody else")
    other = open_page("probe", run=run.id, probe_tab=live.HISTORY)
    assert [info.value for info in other.info] == [wording.NOTHING_TYPED]
    other.segmented_control(key="history_whose").set_value(history_view.WHOSE[1]).run()
    assert [element.value["Text"].to_list() for element in other.dataframe] == [["A dull film."]]


def test_a_text_of_the_history_is_starred_named_tried_again_and_shared(app: AppTest, history: SentenceStore, run: Run) -> None:
    type_in(app, "A dull & 100 % <b>bad</b> film?")
    type_in(app, "What a film!")
    choose_rows(open_tab(app, live.HISTORY), "history_table", [1])
    app.button(key="history_star").click().run()
    [starred] = history.find(is_starred=True)
    assert starred.text == "A dull & 100 % <b>bad</b> film?"
    app.text_input(key=f"history_name_{starred.id}").set_value("lesson 1").run()
    assert history.find(query="lesson")[0].name == "lesson 1"
    link = f"?run={run.id}&text=A+dull+%26+100+%25+%3Cb%3Ebad%3C%2Fb%3E+film%3F"
    assert any(code.value.endswith(link) for code in app.code)
    app.button(key="history_again").click().run()
    assert app.text_input(key="text").value == starred.text


def test_a_deleted_text_comes_back_with_undo(app: AppTest, history: SentenceStore) -> None:
    type_in(app, "A dull film.")
    type_in(app, "What a film!")
    choose_rows(open_tab(app, live.HISTORY), "history_table", [1])
    app.button(key="history_delete").click().run()
    assert [probe.text for probe in history.find()] == ["What a film!"]
    app.button(key="history_undo").click().run()
    assert [probe.text for probe in history.find()] == ["What a film!", "A dull film."]


def test_a_deleted_text_does_not_come_back_from_the_field_until_it_is_typed_again(
    app: AppTest, history: SentenceStore, add_run: AddRun, run: Run
) -> None:
    other = add_run(arms=("basic",), num_trials=2)
    type_in(app, "A dull film.")
    choose_rows(open_tab(app, live.HISTORY), "history_", [0])
    app.button(key="history_delete").click().run()
    assert app.text_input(key="text").value == "A dull film."
    for run_id in (other.id, run.id):
        app.selectbox(key="probe_run").set_value(run_id).run()
    assert history.find() == []
    type_in(app, "A dull")
    type_in(app, "A dull film.")
    assert [probe.text for probe in history.find()] == ["A dull film."]


def test_the_history_can_be_searched_and_filtered(app: AppTest, add_run: AddRun) -> None:
    type_in(app, "A dull film.")
    type_in(app, "What a film!")
    open_tab(app, live.HISTORY).text_input(key="history_query").set_value("DULL").run()
    assert [element.value["Text"].to_list() for element in app.dataframe] == [["A dull film."]]
    app.text_input(key="history_query").set_value("nowhere").run()
    assert app.info[0].value == wording.NOTHING_FOUND
    app.text_input(key="history_query").set_value("").run()
    app.segmented_control(key="history_filter").set_value("Starred").run()
    assert app.info[0].value == wording.NOTHING_FOUND
    other = add_run(arms=("basic",), num_trials=2)
    app.segmented_control(key="history_filter").set_value("With this run").run()
    app.selectbox(key="probe_run").set_value(other.id).run()
    assert [element.value["Text"].to_list() for element in app.dataframe] == [["What a film!"]]


def test_texts_are_replayed_with_another_run(app: AppTest, add_run: AddRun, history: SentenceStore, run: Run) -> None:
    other = add_run(arms=("basic",), num_trials=2)
    type_in(app, "A dull film.")
    type_in(app, "What a film!")
    app.session_state["replay"] = True
    open_tab(app, live.HISTORY)
    assert app.selectbox(key="replay_run").value == other.id
    app.button(key="replay_start").click().run()
    table = table_with(app, "Basic now")
    assert table["Text"].to_list() == ["What a film!", "A dull film."]
    now = [float(predictor(other).predict(text).probs["basic"].mean()) * 100 for text in table["Text"]]
    before = [float(predictor(run).predict(text).probs["basic"].mean()) * 100 for text in table["Text"]]
    assert table["Basic now"].to_list() == pytest.approx(now, abs=1e-3)
    assert table["Basic before"].to_list() == pytest.approx(before, abs=1e-3)
    assert history.find(run_id=other.id) == []


def test_a_link_carries_the_text(open_page: OpenPage, run: Run) -> None:
    app = open_page("probe", run=run.id, text=SENTENCE)
    assert app.text_input(key="text").value == SENTENCE
    assert is_answered(app)
    assert type_in(app, "A dull film.").text_input(key="text").value == "A dull film."


def test_a_text_that_a_link_replaces_is_one_click_away(app: AppTest) -> None:
    type_in(app, "A dull film.")
    app.switch_page("pages/how_it_works.py").run()
    app.query_params["text"] = SENTENCE
    app.switch_page("pages/probe.py").run()
    assert app.text_input(key="text").value == SENTENCE
    app.button(key="undo_text").click().run()
    assert app.text_input(key="text").value == "A dull film."


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> ExampleGroups:
    """Examples as if models of both arms had been asked."""
    groups = ExampleGroups((Candidate("Loved it", True, ""),), (Candidate("Never boring", True, "never boring"),))
    ready: Future[ExampleGroups] = Future()
    ready.set_result(groups)
    monkeypatch.setattr(examples, "groups", lambda _: ready)
    return groups


@pytest.mark.usefixtures("chosen")
def test_an_example_is_one_click_away_and_undone(app: AppTest) -> None:
    type_in(app, "A dull film.")
    app.pills(key=examples.READS_MORE_KEY).set_value("Loved it").run()
    assert app.text_input(key="text").value == "Loved it"
    assert is_answered(app)
    assert app.pills(key=examples.READS_MORE_KEY).value == "Loved it"
    app.button(key="undo_text").click().run()
    assert app.text_input(key="text").value == "A dull film."
    assert app.pills(key=examples.READS_MORE_KEY).value is None


@pytest.mark.usefixtures("chosen")
def test_an_example_that_fools_both_leads_to_the_reviews_with_its_phrase(app: AppTest) -> None:
    assert page_links(app) == []
    type_in(app, "Never boring")
    [link] = page_links(app)
    assert link.proto.page == "reviews"
    assert parse_qs(link.proto.query_string)["reviews_search"] == ["never boring"]
    type_in(app, "Never boring at all")
    assert page_links(app) == []


def test_models_of_one_arm_have_no_examples(app: AppTest) -> None:
    assert not app.pills


def test_a_link_switches_large_type_on_and_the_toggle_keeps_the_link_true(open_page: OpenPage, run: Run) -> None:
    app = open_page("probe", run=run.id, large="1")
    assert app.toggle(key="large_type").value
    assert duel_drawn(app)["isLarge"]
    app.toggle(key="large_type").set_value(False).run()
    assert not duel_drawn(app)["isLarge"]
    assert "large" not in app.query_params
    app.toggle(key="large_type").set_value(True).run()
    assert app.query_params["large"] in ("1", ["1"])


def test_texts_without_words_are_not_predicted_and_the_page_says_what_to_do(app: AppTest) -> None:
    for text in ("", "   ", "\t"):
        type_in(app, text)
        assert not is_answered(app)
        assert not app.error
        assert wording.EMPTY in captions(app)


@pytest.mark.parametrize("text", ["word", "<script>alert(1)</script>", "# **[x](y)**", "?!"])
def test_texts_of_all_kinds_get_an_answer_and_a_reason(app: AppTest, text: str) -> None:
    type_in(app, text)
    assert is_answered(app)
    assert not app.error
    assert all(token["chips"][0]["effect"] is not None for token in words_drawn(app)["tokens"])


def test_ten_thousand_words_are_cut_and_the_page_says_so(open_page: OpenPage, add_run: AddRun) -> None:
    app = type_in(open_page("probe", run=add_run(arms=("basic",), max_tokens=16).id), "good film " * 5000)
    [told] = [caption for caption in captions(app) if caption.startswith(wording.read(16))]
    assert wording.not_read(9984) in told


def test_the_words_of_a_long_text_are_left_out_on_demand(open_page: OpenPage, add_run: AddRun) -> None:
    app = type_in(open_page("probe", run=add_run(arms=("basic",), max_tokens=MAX_UNASKED + 8).id), "good film " * MAX_UNASKED)
    assert not words_drawn(app)["hasEffects"]
    app.button(key="explain").click().run()
    assert words_drawn(app)["hasEffects"]
    assert len(words_drawn(app)["tokens"]) == MAX_UNASKED + 8


def test_the_newest_run_with_models_is_taken_when_the_url_names_none(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(arms=("basic",))
    add_run(num_finished=0, status="cancelled")
    app = open_page("probe")
    assert app.selectbox(key="probe_run").value == run.id


def test_another_run_can_be_chosen(open_page: OpenPage, add_run: AddRun) -> None:
    older = add_run(arms=("basic",), num_trials=2)
    app = open_page("probe", run=add_run(arms=("basic",)).id)
    app.selectbox(key="probe_run").set_value(older.id).run()
    type_in(app, SENTENCE)
    assert duel_drawn(app)["models"][0]["spread"].startswith("2 trials: ")


def test_a_run_without_finished_trials_shows_how_it_stands(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(num_finished=0, status="cancelled").id)
    assert app.button(key="resume")
    assert "text" not in {field.key for field in app.text_input}


def test_models_of_a_run_whose_elmo_has_changed_since_are_not_used(open_page: OpenPage, add_run: AddRun, tmp_path: Path) -> None:
    module = tmp_path / "saved_model.pb"
    module.write_bytes(b"one version")
    run = add_run(elmo=str(tmp_path))
    module.write_bytes(b"another version")
    app = open_page("probe", run=run.id)
    assert len(app.error) == 1
    assert "text" not in {field.key for field in app.text_input}
    assert open_page("probe").button(key="quick_train")  # and it is not offered either


@pytest.mark.parametrize("fingerprint", [None, "static-1"])
def test_vectors_that_are_gone_are_one_sentence_and_can_be_tried_again(
    open_page: OpenPage, add_run: AddRun, store: RunStore, fingerprint: str | None
) -> None:
    run = add_run(arms=("basic",), static="/nowhere/vectors.txt")
    store.set_provenance(run.id, run.provenance.model_copy(update={"static": fingerprint}))
    app = open_page("probe", run=run.id)
    assert "/nowhere/vectors" in app.error[0].value.replace("\\", "")
    app.button(key="load_again").click().run()
    assert app.error
    assert not app.exception


def test_the_history_shows_a_bounded_number_of_texts(
    app: AppTest, history: SentenceStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "owner_id", lambda: "me")
    for number in range(history_view.MAX_SHOWN + 5):
        history.save(run.id, f"text {number}", {"basic": np.array([0.5])}, visitor="me")
    open_tab(app, live.HISTORY)
    assert [len(element.value) for element in app.dataframe] == [history_view.MAX_SHOWN]
    most = history_view.MAX_SHOWN
    assert wording.history(0, most, most=most) in captions(app)


@pytest.mark.parametrize("text", ["blorptastic zzzxqy.", "🎬 👍🏽", "فيلم رائع جدا"])
def test_a_text_without_a_known_word_gets_no_number_and_no_line_in_the_history(
    app: AppTest, history: SentenceStore, text: str
) -> None:
    type_in(app, text)
    [model] = duel_drawn(app)["models"]
    assert (model["number"], model["stance"]) == ("–", CANNOT_READ)
    assert duel_drawn(app)["verdict"] == "Basic cannot read this"
    assert history.find() == []
    assert not app.exception
