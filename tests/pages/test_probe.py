"""The Probe page, from `dashboard.py`, with the packaged vectors and heads in a real store."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import AddRun, OpenPage
from ui import session

SENTENCE = "This was not a blorptastic film."


def type_in(app: AppTest, sentence: str) -> AppTest:
    return app.text_input(key="sentence").set_value(sentence).run()


def tokens(app: AppTest) -> ET.Element:
    return ET.fromstring(app.html[0].value)


def test_without_any_run_the_page_says_so_and_offers_one_click(open_page: OpenPage) -> None:
    app = open_page("probe")
    assert "no trained model yet" in app.info[0].value
    assert app.button(key="quick_train").label == "Train on 100 reviews"
    assert not app.text_input


def test_a_sentence_has_a_chance_a_word_and_the_spread_of_the_heads(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(arms=("basic",))
    app = type_in(open_page("probe", run=run.id), SENTENCE)
    probs = session.predictor(run).result().predict(SENTENCE).probs["basic"]
    assert app.metric[0].value == f"{probs.mean() * 100:.1f} %"
    assert f"3 trained models, from {probs.min() * 100:.1f} % to {probs.max() * 100:.1f} %" in [c.value for c in app.caption]
    assert len(app.get("vega_lite_chart")) == 1


def test_tokens_unknown_to_the_static_vectors_are_marked(open_page: OpenPage, add_run: AddRun) -> None:
    app = type_in(open_page("probe", run=add_run(arms=("basic",)).id), SENTENCE)
    assert [token.text for token in tokens(app)] == ["This", "was", "not", "a", "blorptastic", "film", "."]
    assert [token.text for token in tokens(app).findall("mark")] == ["blorptastic"]


def test_what_is_typed_stays_text(open_page: OpenPage, add_run: AddRun) -> None:
    app = type_in(open_page("probe", run=add_run(arms=("basic",)).id), "<img src=x onerror=alert(1)> **bold** :smile:")
    assert {token.tag for token in tokens(app)} <= {"span", "mark"}
    assert not tokens(app).findall("*/*")
    assert not any("onerror" in element.value for element in [*app.markdown, *app.caption])


def test_every_sentence_is_kept_with_the_newest_first(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(arms=("basic",)).id)
    type_in(app, "A dull film.")
    type_in(app, "What a film!")
    history = app.dataframe[0].value
    assert history["Sentence"].to_list() == ["What a film!", "A dull film."]
    app.button(key="clear_history").click().run()
    assert not app.dataframe
    assert app.text_input(key="sentence").value == ""


def test_an_example_is_one_click_away(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(arms=("basic",)).id)
    app.pills(key="example").set_value("Anything but boring.").run()
    assert app.text_input(key="sentence").value == "Anything but boring."
    assert app.metric


def test_texts_without_words_are_not_predicted(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(arms=("basic",)).id)
    for text in ("", "   ", "\t"):
        type_in(app, text)
        assert not app.metric
        assert not app.error


def test_emoji_are_tokens_like_others(open_page: OpenPage, add_run: AddRun) -> None:
    app = type_in(open_page("probe", run=add_run(arms=("basic",)).id), "🎬 👍🏽")
    assert app.metric
    assert not app.error


def test_ten_thousand_words_are_cut_and_the_page_says_so(open_page: OpenPage, add_run: AddRun) -> None:
    app = type_in(open_page("probe", run=add_run(arms=("basic",), max_tokens=16).id), "good film " * 5000)
    assert any("16 tokens read; 9,984 tokens at the end not read" in caption.value for caption in app.caption)


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
    assert any(caption.value.startswith("2 trained models") for caption in app.caption)


def test_a_run_without_finished_trials_shows_how_it_stands(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(num_finished=0, status="cancelled").id)
    assert app.button(key="resume")
    assert not app.text_input(key="sentence") if "sentence" in {field.key for field in app.text_input} else True


def test_vectors_that_are_gone_are_one_sentence_and_can_be_tried_again(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(arms=("basic",), static="/nowhere/vectors.txt")
    app = open_page("probe", run=run.id)
    assert "/nowhere/vectors" in app.error[0].value.replace("\\", "")
    app.button(key="load_again").click().run()
    assert app.error
    assert not app.exception
