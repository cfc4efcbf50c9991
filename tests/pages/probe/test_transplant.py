"""The tab Transplant of the Try it page, with ELMo mini and heads in a real store."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.predict.examples import ExampleGroups
from core.predict.predictor import Predictor
from core.predict.transplant import EXAMPLES
from core.store.run import Run
from tests.pages.conftest import AddRun, OpenPage, errors
from tests.pages.html_tables import tables
from ui.app.navigation import DONOR, TRANSPLANT
from ui.probe import examples
from ui.probe.transplant import view, wording


@pytest.fixture
def run(add_run: AddRun) -> Run:
    return add_run()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that other tabs and later sentences need is computed."""
    monkeypatch.setattr(Predictor, "warm_up", lambda _: None)
    monkeypatch.setattr(examples, "choose_examples", lambda _: ExampleGroups((), ()))


@pytest.mark.usefixtures("loaded_elmo", "quick")
def test_a_link_opens_the_words_that_it_names_and_other_sentences_open_their_own(open_page: OpenPage, run: Run) -> None:
    app = open_page(
        "probe",
        run=run.id,
        probe_tab=TRANSPLANT,
        text="a good film and a good cast",
        donor="not good at all",
        own_word="6: good",
        donor_word="2: good",
    )
    assert errors(app) == []
    assert chosen(app) == (5, 1)
    numbers = tables(app)[wording.NUMBERS_TITLE].set_index("What moves")
    assert list(numbers.index) == ["Layer 0", "Up to layer 1", "Up to layer 2", wording.ALL_WORDS]
    assert numbers.loc["Layer 0", "ELMo, change"] == "0"
    assert set(numbers["Basic, change"][:-1]) == {"0"}
    assert numbers.loc["Up to layer 2", "ELMo, change"] != "0"
    app.text_input(key=DONOR).set_value("a bad film").run()
    assert chosen(app) in {(0, 0), (2, 2), (4, 0)}  # the words that both have: "a" and "film"
    assert list(tables(app)[wording.WORDS_TITLE]["Word"]) == ["a", "film", wording.ALL_OF_THEM]
    app.pills(key=view.EXAMPLE).set_value(EXAMPLES[2]).run()
    assert errors(app) == []
    assert (app.text_input(key="text").value, app.text_input(key=DONOR).value) == EXAMPLES[2]
    assert chosen(app) == (0, 1)  # "kind"


def chosen(app: AppTest) -> tuple[int | None, int | None]:
    return app.selectbox(key=view.OWN_WORD).value, app.selectbox(key=view.DONOR_WORD).value


def test_models_without_elmo_have_nothing_to_transplant(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("probe", run=add_run(arms=("basic",)).id, probe_tab=TRANSPLANT, text="a good film")
    assert errors(app) == []
    assert [info.value for info in app.info] == [wording.NO_ELMO]


@pytest.mark.usefixtures("loaded_elmo", "quick")
def test_models_whose_words_cannot_be_moved_answer_and_are_left_out(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(arms=("basic", "elmo", "letters", "shuffled", "lower"), own_arms=("lower=elmo:1+static",))
    app = open_page("probe", run=run.id, probe_tab=TRANSPLANT, text="a good film", donor="not good at all")
    assert errors(app) == []
    numbers = tables(app)[wording.NUMBERS_TITLE].set_index("What moves")
    assert {"Basic, change", "ELMo, change", "Letters, change"} <= set(numbers)
    assert not {"Shuffled, change", "lower, change"} & set(numbers)
    assert set(numbers["Letters, change"][:-1]) == {"0"}  # the same word, whatever stands around it
