"""The Senses page, from `dashboard.py`, with the packaged vectors and the bundled ELMo."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset
from core.data.review_file import read_table
from core.senses.lessons import load_lessons
from core.settings import Settings
from tests.pages.conftest import AddRun, OpenPage
from ui.senses import wording

LOADING_S = 120  # TensorFlow and ELMo, on a busy machine
NASTY = "<img src=x onerror=alert(1)> **bold** :smile: [link](http://x)"


@pytest.fixture
def senses_page(open_page: OpenPage) -> OpenPage:
    """The page, waiting as long as ELMo takes."""

    def open_it(page: str = "senses", **query: str) -> AppTest:
        app = open_page(page, senses_lesson="My own", **query)  # this opens at once
        app.default_timeout = LOADING_S
        return app

    return open_it


def ask(app: AppTest, word: str, *sentences: str) -> AppTest:
    app.text_input(key="senses_word").set_value(word)
    return app.text_area(key="senses_sentences").set_value("\n".join(sentences)).run()


def layers(app: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if "Layer" in frame.value)


def nearest(app: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if "Similarity" in frame.value)


def sentences(app: AppTest) -> ET.Element:
    return ET.fromstring(app.main.html[0].value)


def notes(app: AppTest) -> str:
    return " ".join(element.value for element in [*app.caption, *app.info, *app.markdown, *app.error])


def test_a_lesson_has_four_heat_maps_and_a_map_and_only_upper_layers_differ(senses_page: OpenPage) -> None:
    app = senses_page()
    app.pills(key="senses_lesson").set_value(load_lessons()[0].word).run()
    assert not app.error
    assert len(app.get("vega_lite_chart")) == 5
    lowest = layers(app)["Lowest"].astype(float)
    assert lowest.to_list()[:2] == [1, 1]
    assert (lowest[2:] < 1).all()
    assert len(sentences(app).findall(".//mark")) == len(load_lessons()[0].sentences)


def test_the_word_layer_has_no_map_and_says_why(senses_page: OpenPage) -> None:
    app = senses_page()
    app.pills(key="senses_lesson").set_value("bank").run()
    app.segmented_control(key="senses_layer").set_value("0").run()
    assert len(app.get("vega_lite_chart")) == 4
    [bank] = [lesson for lesson in load_lessons() if lesson.word == "bank"]
    assert wording.no_map(len(bank.sentences), "0") in notes(app)
    assert wording.not_in_this_layer("bank") in notes(app)


def test_the_list_follows_the_chosen_sentence(senses_page: OpenPage) -> None:
    app = senses_page()
    app.pills(key="senses_lesson").set_value("cast").run()
    app.selectbox(key="senses_place").set_value(4).run()
    others = nearest(app)
    assert sorted(others["Number"]) == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert others["Similarity"].is_monotonic_decreasing


def test_a_lesson_can_be_taken_over_and_changed(senses_page: OpenPage) -> None:
    app = senses_page()
    app.pills(key="senses_lesson").set_value("fan").run()
    app.button(key="senses_change").click().run()
    assert app.text_input(key="senses_word").value == "fan"
    ask(app, "fan", *str(app.text_area(key="senses_sentences").value).splitlines(), "", "A fan of leaves.")
    numbers = layers(app)
    assert numbers["By guessing"].str.endswith("of 8").all()  # the ninth is the only one of its group
    assert sorted(nearest(app)["Sense"].unique()) == ["group A", "group B", "group C"]


def test_two_sentences_of_ones_own_are_compared(senses_page: OpenPage) -> None:
    app = ask(senses_page(), "spring", "In spring the birds sing.", "A spring broke in the old bed.", "Not a word of it.")
    assert wording.left_out("spring", ["Not a word of it."]) in notes(app)
    assert layers(app)["Lowest"].to_list()[0] == "1.000"
    assert "Same sense" not in layers(app)


def test_a_word_unknown_to_the_static_vectors_says_so_and_elmo_compares_it(senses_page: OpenPage) -> None:
    app = ask(senses_page(), "blorptastic", "What a blorptastic film!", "It was blorptastic.")
    assert wording.unknown_word("blorptastic") in notes(app)
    assert len(app.get("vega_lite_chart")) == 4
    assert layers(app)["Lowest"].to_list()[0] == "–"


def test_spellings_with_and_without_a_capital_are_one_word_and_the_page_names_both(senses_page: OpenPage) -> None:
    app = ask(senses_page(), "plot", "Plot is all.", "The plot is thin.")
    assert wording.spellings(["Plot", "plot"]) in notes(app)


@pytest.mark.parametrize(
    ("word", "lines", "message"),
    [
        ("", ["A film."], wording.NOTHING_TYPED),
        ("film", [], wording.NOTHING_TYPED),
        ("film", ["A film."], wording.missing_word("film", 1)),
        ("film", ["Nothing."], wording.missing_word("film", 0)),
        ("not bad", ["It is not bad."], "is read as 2 words or signs"),
        ("<script>", ["<script>", "<script>"], "is read as 3 words or signs"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(senses_page: OpenPage, word: str, lines: list[str], message: str) -> None:
    app = ask(senses_page(), word, *lines)
    assert message in notes(app).replace("\\", "")
    assert not app.exception
    assert not app.get("vega_lite_chart")


def test_what_is_typed_stays_text(senses_page: OpenPage) -> None:
    app = ask(senses_page(), "bold", f"{NASTY} bold", f"{NASTY} and bold")
    assert {element.tag for element in sentences(app).iter()} <= {"div", "span", "p", "mark", "b"}
    assert "<img" in "".join(sentences(app).itertext())
    assert "onerror=alert(1)" not in notes(app)


def test_emoji_and_right_to_left_words_are_compared(senses_page: OpenPage) -> None:
    app = ask(senses_page(), "🎬", "A 🎬 for you.", "No 🎬 today.")
    assert len(app.get("vega_lite_chart")) == 4
    ask(app, "فيلم", "هذا فيلم جيد", "شاهدت فيلم قديم")
    assert len(app.get("vega_lite_chart")) == 4
    assert not app.error


def test_more_uses_than_fit_are_cut_and_ten_thousand_words_are_read_as_far_as_a_review(senses_page: OpenPage) -> None:
    app = ask(senses_page(), "film", *["A film."] * 30, "very " * 3000 + "long film")
    assert wording.too_many_uses(30) in notes(app)
    assert "1 sentence" in notes(app)
    assert not app.error


def test_the_reviews_are_searched_for_the_same_word(senses_page: OpenPage, data_dir: Path) -> None:
    kinds = ["secret", "silly"] * 30
    rows = ["text,label", *(f"Film {i} has a {kind} plot that I did not see coming.,{i % 2}" for i, kind in enumerate(kinds))]
    mapping = ColumnMapping("text", "label", ("0",), ("1",))
    add_dataset("tiny", read_table("\n".join(rows).encode()), mapping, Settings(data_dir=data_dir))
    app = senses_page()
    app.pills(key="senses_lesson").set_value("plot").run()
    app.selectbox(key="senses_data").set_value("tiny").run()
    app.button(key="senses_build").click().run()
    deadline_s = time.monotonic() + LOADING_S
    while "60 words" not in notes(app) and time.monotonic() < deadline_s:
        time.sleep(0.2)
        app.run()
    assert "60 words" in notes(app)
    found = [ET.fromstring(element.value) for element in app.main.html[1:] if "<script>" not in element.value]
    assert len(found) == 8
    assert {element.find("mark").text for element in found} == {"plot"}  # type: ignore[union-attr]  # None fails as well
    assert notes(app).count("Similarity 0.") == 8
    assert list((data_dir / "neighbours").iterdir())


def test_a_module_that_is_gone_is_one_sentence_and_can_be_tried_again(senses_page: OpenPage, add_run: AddRun) -> None:
    add_run(arms=("basic",), elmo="/nowhere/elmo")
    app = senses_page()
    app.pills(key="senses_lesson").set_value("plot").run()
    app.selectbox(key="senses_vectors").set_value(("glove-6b-50d", "/nowhere/elmo")).run()
    assert "/nowhere/elmo" in app.error[0].value.replace("\\", "")
    app.button(key="senses_load_again").click().run()
    assert app.error
    assert not app.exception


def test_the_vectors_of_a_run_that_failed_are_not_offered(senses_page: OpenPage, add_run: AddRun) -> None:
    add_run(elmo="/nowhere/elmo", status="failed", num_finished=0)
    app = senses_page()
    app.pills(key="senses_lesson").set_value("plot").run()
    assert not [widget for widget in app.selectbox if widget.key == "senses_vectors"]
    assert not app.error


def test_every_number_of_a_layer_stands_in_a_table_with_the_coordinates_on_the_map(senses_page: OpenPage) -> None:
    app = senses_page()
    app.pills(key="senses_lesson").set_value("plot").run()
    numbers = next(frame.value for frame in app.dataframe if "First component" in frame.value)
    columns = [str(number) for number in numbers["No."]]
    assert (np.diag(numbers[columns]) == 1).all()
    assert (numbers[columns].to_numpy() == numbers[columns].to_numpy().T).all()
