"""The views of mistakes and of single reviews, from `dashboard.py`, on runs in a real store and the packaged reviews."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from core.analysis.outcomes import load_outcomes
from core.data.datasets import load_pool
from core.settings import Settings
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, page_links
from tests.pages.html_tables import tables
from ui.compare import wording
from ui.compare.error_analysis.reader import PER_PAGE


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.info, *app.header, *app.error]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def group_in_url(app: AppTest) -> str | None:
    if "group" not in app.query_params:
        return None
    value = app.query_params["group"]
    return value if isinstance(value, str) else value[0]


def texts(app: AppTest) -> list[str]:
    return [element.value for element in app.text]


def headers(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown if "review**" in element.value]


def test_the_view_beyond_accuracy_has_its_charts_and_no_reviews_before_a_click(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="quality")
    assert not app.error
    headings = [heading.value.replace("\\", "") for heading in app.header]
    assert headings == [wording.MISTAKES_TITLE, wording.CALIBRATION_TITLE, wording.TRAITS_TITLE, wording.SLICES_TITLE]
    assert len(app.get("vega_lite_chart")) == 7
    assert not headers(app)


def test_the_scores_of_each_arm_are_in_a_table(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="quality")
    scores = tables(app)["Ranking and calibration of each model, with the 95 % interval of the Brier score"]
    assert scores["model"].to_list() == ["Basic", "ELMo"]
    brier = scores[["Brier from", "Brier score", "Brier to"]].astype(float).to_numpy()
    assert (np.diff(brier, axis=1) > 0).all()
    assert brier[1, 1] < brier[0, 1]  # ELMo is better


def test_a_link_to_a_group_shows_its_reviews_below_its_chart(
    open_page: OpenPage, add_run: AddRun, store: RunStore, data_dir: Path
) -> None:
    run = add_run()
    app = open_page("compare", run=run.id, view="quality", group="confusion.elmo.1.0")
    outcomes = load_outcomes(run, store, Settings(data_dir=data_dir))
    num_missed = int(((outcomes.labels == 1) & ~outcomes.mostly_correct[1]).sum())
    assert app.selectbox(key="confusion_group").value == "confusion.elmo.1.0"
    assert wording.found_reviews(num_missed, num_missed, is_search=False) in words(app)
    assert len(headers(app)) == PER_PAGE
    assert all("Positive review" in header for header in headers(app))


def test_choosing_a_group_puts_it_into_the_url_and_choosing_none_takes_it_out(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="reviews")
    app.selectbox(key="reviews_group").set_value("agreement.0.1").run()
    assert group_in_url(app) == "agreement.0.1"
    assert all(":material/close: Basic" in header and ":material/check: ELMo" in header for header in headers(app))
    app.selectbox(key="reviews_group").set_value(None).run()
    assert group_in_url(app) is None
    assert not app.error


def test_reviews_are_read_as_they_were_written_up_to_where_the_models_stop(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run(max_tokens=16).id, view="reviews")
    all_texts = set(load_pool("imdb", Settings()).texts)
    read, rest = texts(app)[:2]
    assert read.removesuffix(" …") + " " + rest in all_texts or read.removesuffix(" …") + rest in all_texts
    assert len(read.split()) <= 16 + 1


def test_without_a_choice_all_test_reviews_are_listed_with_the_most_disputed_first(
    open_page: OpenPage, add_run: AddRun, store: RunStore, data_dir: Path
) -> None:
    run = add_run()
    app = open_page("compare", run=run.id, view="reviews")
    outcomes = load_outcomes(run, store, Settings(data_dir=data_dir))
    basic, elmo = outcomes.probs.mean(axis=1)
    first = int(abs(basic - elmo).argmax())
    pool = load_pool("imdb", Settings())
    assert pool.texts[pool.ids.index(outcomes.ids[first])].startswith(texts(app)[0].removesuffix(" …"))
    assert wording.found_reviews(200, 200, is_search=False) in words(app)


def test_a_search_narrows_the_list_and_says_how_many_it_found(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="reviews")
    app.text_input(key="reviews_search").set_value("boring").run()
    assert re.search(r"\d+ of 200 reviews found", words(app))
    app.text_input(key="reviews_search").set_value("no such word anywhere <b>").run()
    assert wording.NO_MATCH in words(app)
    assert not app.error


def test_each_review_has_a_link_to_the_probe_page_with_its_text(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(max_tokens=1024)
    app = open_page("compare", run=run.id, view="reviews")
    links = [link.proto for link in page_links(app)]
    assert len(links) == PER_PAGE
    assert all(link.label == "Try it" and link.page == "probe" for link in links)
    assert all(f"run={run.id}" in link.query_string and "text=" in link.query_string for link in links)


def test_the_probabilities_of_every_trial_are_written_beside_the_chart(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="reviews")
    numbers = [caption.value for caption in app.caption if caption.value.startswith("Basic: ")]
    assert len(numbers) == PER_PAGE
    assert all(said.count(",") == 4 for said in numbers)  # three trials of each of two arms


def test_one_review_has_a_link_of_its_own(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page("compare", run=run.id, view="reviews", group=f"review.{run.test_ids[7]}")
    assert len(headers(app)) == 1


def test_a_group_of_another_chart_can_be_linked_to_in_the_list_of_reviews(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="reviews", group="length.0")
    assert app.selectbox(key="reviews_group").value == "length.0"
    assert headers(app)


def test_a_group_that_does_not_exist_shows_all_reviews(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="reviews", group="review.<script>")
    assert wording.found_reviews(200, 200, is_search=False) in words(app)
    assert not app.error


def test_a_run_of_one_arm_has_reviews_and_nobody_to_agree_with(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run(arms=("basic",)).id, view="reviews")
    assert not app.header
    assert len(headers(app)) == PER_PAGE
    assert not app.error


def test_reviews_whose_dataset_is_gone_are_one_sentence_and_the_charts_stay(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(dataset="gone")
    app = open_page("compare", run=run.id, view="quality")
    assert len(app.error) == 1
    assert "gone" in words(app)
    assert len(app.get("vega_lite_chart")) == 4
    app = open_page("compare", run=run.id, view="reviews")
    assert len(app.error) == 1
    assert len(app.get("vega_lite_chart")) == 2
