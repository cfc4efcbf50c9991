"""Challenges on the Probe page, with the packaged vectors and heads in a real store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.challenges.export import pairs_table, scores_table
from core.challenges.templates import load_bundled_suite
from core.challenges.verdicts import verdict
from core.formatting import percent
from core.store.run import Run
from tests.pages.conftest import AddRun, OpenPage
from ui.probe import live
from ui.probe.challenges import jobs, wording

OpenChallenges = Callable[[], AppTest]
PATIENCE_S = 60

MINE = "text,expected,family,pair\nA fine film.,positive,*stars* <b>,1\nA dull film.,negative,*stars* <b>,1\n"


@pytest.fixture
def run(add_run: AddRun) -> Run:
    return add_run(arms=("basic",))


@pytest.fixture
def open_challenges(open_page: OpenPage, run: Run) -> OpenChallenges:
    return lambda: open_page("probe", run=run.id, probe_tab=live.CHALLENGES)


@pytest.fixture
def finished(open_challenges: OpenChallenges) -> AppTest:
    app = open_challenges()
    app.button(key="challenge_start").click().run()
    wait_for_answers()
    return app.run()


@pytest.fixture
def nobodys_turn() -> Iterator[None]:
    """While this lasts, jobs wait."""
    with jobs._turn:
        yield


def wait_for_answers() -> None:
    """Until their threads have ended."""
    for thread in threading.enumerate():
        if thread.name == "challenges":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def headings(app: AppTest) -> list[str]:
    texts = [markdown.value for markdown in app.markdown]
    return [text.removeprefix("## ").replace("\\", "") for text in texts if text.startswith("## ")]


def open_contents(app: AppTest) -> AppTest:
    """As a click on the expander would; AppTest has none."""
    app.session_state["challenge_contents"] = True
    return app.run()


def upload(app: AppTest, data: str) -> AppTest:
    app.segmented_control(key="challenge_suite").set_value("My own (CSV)").run()
    app.file_uploader(key="challenge_file").set_value(("mine.csv", data.encode(), "text/csv"))
    return app.run()


def test_the_pairs_that_ship_are_offered_and_nothing_runs_by_itself(open_challenges: OpenChallenges) -> None:
    app = open_challenges()
    assert app.button(key="challenge_start").label == wording.start(588)
    assert not headings(app)
    assert not app.dataframe


def test_the_answers_are_those_of_the_scores(finished: AppTest, run: Run) -> None:
    report = jobs.challenge_job(run, load_bundled_suite()).result
    assert report
    assert headings(finished) == [verdict(report)]
    shown = finished.dataframe[0].value
    scores = scores_table(report)
    flips = scores[(scores["demand"] == "flip") & scores["family"].notna()]
    assert shown["Family"].to_list() == [*flips["family"], "All of these"]
    assert shown["Basic"].to_list()[:-1] == [percent(rate, 0) for rate in flips["pass_rate"]]
    assert len(finished.get("vega_lite_chart")) == 3


def test_the_answers_outlive_the_server(finished: AppTest, open_challenges: OpenChallenges) -> None:
    st.cache_resource.clear()  # a server that has just started has nothing in memory
    again = open_challenges()
    assert headings(again) == headings(finished)


def test_flip_rates_are_one_click_away(finished: AppTest, run: Run) -> None:
    finished.segmented_control(key="challenge_measure").set_value("flip").run()
    report = jobs.challenge_job(run, load_bundled_suite()).result
    assert report
    assert finished.dataframe[0].value["Basic"].to_list()[0] == percent(report.scores[0].flipped.fraction, 0)


def test_the_pairs_of_a_family_can_be_read_and_filtered(finished: AppTest, run: Run) -> None:
    report = jobs.challenge_job(run, load_bundled_suite()).result
    assert report
    finished.selectbox(key="challenge_family").set_value("Sarcasm").run()
    table = pairs_table(report, "Sarcasm")
    assert finished.dataframe[-1].value["First"].to_list() == table["first"].to_list()
    finished.segmented_control(key="challenge_filter").set_value("Not passed by Basic").run()
    assert finished.dataframe[-1].value["First"].to_list() == table[~table["basic_passed"]]["first"].to_list()


def test_what_is_asked_is_told_with_an_example(open_challenges: OpenChallenges) -> None:
    app = open_challenges()
    assert not any("Negated praise" in markdown.value for markdown in app.markdown)
    open_contents(app)
    [told] = [markdown.value for markdown in app.markdown if "Negated praise" in markdown.value]
    assert "The acting is good\\. → The acting is not good\\." in told


@pytest.mark.usefixtures("nobodys_turn")
def test_an_examination_can_be_cancelled(open_challenges: OpenChallenges, run: Run) -> None:
    app = open_challenges()
    app.button(key="challenge_start").click().run()
    assert wording.WAITING in app.get("progress")[0].proto.text
    app.button(key="challenge_cancel").click().run()
    assert app.button(key="challenge_start")
    assert not jobs.challenge_job(run, load_bundled_suite()).is_running


def test_ones_own_pairs_are_put_to_the_models_and_stay_text(open_challenges: OpenChallenges) -> None:
    app = upload(open_challenges(), MINE)
    assert app.button(key="challenge_start").label == wording.start(1)
    open_contents(app)
    assert any("\\*stars\\* \\<b\\>" in markdown.value for markdown in app.markdown)
    app.button(key="challenge_start").click().run()
    wait_for_answers()
    app.run()
    assert headings(app)[0].startswith("Of 1 pair, Basic passes")
    assert not app.exception


def test_a_file_that_is_no_suite_is_one_sentence(open_challenges: OpenChallenges) -> None:
    app = upload(open_challenges(), "text,label\nGood.,1\n")
    assert "has no column expected" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_a_text_of_a_pair_can_be_tried_in_the_field_above(finished: AppTest) -> None:
    [key] = {table.key for table in finished.dataframe if table.key and table.key.startswith("challenge_pairs")}
    finished.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    finished.run()
    finished.button(key="challenge_try_second").click().run()
    assert finished.text_input(key="text").value == "The acting is not convincing."
