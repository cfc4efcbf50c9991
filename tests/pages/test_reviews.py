"""The Reviews page, from `dashboard.py`, on the packaged reviews and on added ones."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.columns import ColumnMapping
from core.data.datasets import add_dataset, import_record, list_datasets, load_pool
from core.data.review_file import read_table
from core.settings import Settings
from tests.pages.conftest import AddRun, OpenPage
from ui.reviews import browse_view, dataset, wording

MINE = "my-films"
PACKAGED = "Rotten Tomatoes"  # the smaller of the packaged sets


@pytest.fixture
def mine(data_dir: Path) -> str:
    """A dataset of 60 reviews, 30 of each class, one of them 3,000 words long."""
    texts = [f"Film {i} was {('dull', 'lovely')[i % 2]}." for i in range(59)]
    texts.append("A lovely blorptastic film. " + "It went on. " * 998)
    rows = [f'"{text}",{i % 2}' for i, text in enumerate(texts)]
    mapping = ColumnMapping("text", "label", ("0",), ("1",))
    return add_dataset(MINE, read_table("\n".join(["text,label", *rows]).encode()), mapping, Settings(data_dir=data_dir)).name


def cards(app: AppTest) -> list[str]:
    """The text of each review on the page, without what is folded away."""
    folded = {html.value for expander in app.expander for html in expander.html}
    return [
        "".join(ET.fromstring(html.value).itertext())
        for html in app.main.html
        if html.value not in folded and "<script>" not in html.value
    ]


def found(app: AppTest) -> tuple[int, int, int]:
    """Number of reviews found, negative ones, positive ones."""
    [line] = [markdown.value for markdown in app.markdown if re.match(r"\*\*\d", markdown.value)]
    total, _, negative, positive = (int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", line))
    return total, negative, positive


def facts(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def search(app: AppTest, query: str) -> AppTest:
    return app.text_input(key=browse_view.SEARCH).set_value(query).run()


def test_the_page_opens_with_the_first_ten_packaged_reviews(open_page: OpenPage) -> None:
    app = open_page("reviews")
    assert not app.error
    assert facts(app)["Reviews"] == "24,902"
    assert found(app) == (24_902, 12_431, 12_471)
    assert len(cards(app)) == browse_view.PAGE_SIZE


def test_a_link_shows_the_same_dataset_search_and_page(open_page: OpenPage) -> None:
    app = open_page("reviews", reviews_data=PACKAGED, reviews_search="too", reviews_label="Negative", reviews_page="2")
    total, negative, positive = found(app)
    assert (total, positive) == (negative, 0)
    assert app.pagination[0].value == 2
    assert all("too" in text.lower() for text in cards(app))


def test_a_link_to_a_dataset_that_is_gone_says_so(open_page: OpenPage) -> None:
    app = open_page("reviews", reviews_data="gone")
    assert "gone" in app.error[0].value
    assert facts(app)["Reviews"] == "24,902"


def test_search_narrows_to_the_reviews_with_these_words(open_page: OpenPage, mine: str) -> None:
    app = search(open_page("reviews", reviews_data=mine), "film 7 WAS")
    assert cards(app) == ["Film 7 was lovely."]
    assert found(app) == (1, 0, 1)
    assert not app.pagination


def test_a_new_search_starts_on_the_first_page(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_page="3")
    search(app, "film 1")
    assert app.pagination[0].value == 1
    assert len(cards(app)) == browse_view.PAGE_SIZE


def test_label_and_part_narrow_too(open_page: OpenPage, mine: str, data_dir: Path) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_label="Positive", reviews_split="Test")
    pool = load_pool(mine, Settings(data_dir=data_dir))
    assert found(app) == (int(pool.labels[pool.test].sum()), 0, int(pool.labels[pool.test].sum()))


def test_the_longest_review_comes_first_if_asked_for_and_is_cut_until_opened(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_order="Longest first")
    assert cards(app)[0].startswith("A lovely blorptastic film.")
    assert len(cards(app)[0]) < 500
    assert len(app.expander[0].html[0].value) > 10_000


def test_a_review_of_a_megabyte_is_sent_when_somebody_opens_it_with_as_many_marks_as_a_browser_draws(
    open_page: OpenPage, data_dir: Path
) -> None:
    texts = [f"Film {i} was {('dull', 'lovely')[i % 2]}." for i in range(59)] + ["A very long film. " * 60_000]
    rows = ["text,label", *(f"{text},{i % 2}" for i, text in enumerate(texts))]
    add_dataset(
        MINE, read_table("\n".join(rows).encode()), ColumnMapping("text", "label", ("0",), ("1",)), Settings(data_dir=data_dir)
    )
    app = search(open_page("reviews", reviews_data=MINE, reviews_order="Longest first"), "film")
    assert not app.expander[0].html
    pool = load_pool(MINE, Settings(data_dir=data_dir))
    app.session_state[f"all_{pool.ids[max(range(60), key=lambda i: len(pool.texts[i]))]}"] = True
    app.run()
    assert app.expander[0].html[0].value.count("<mark") == browse_view.MAX_MARKED
    assert app.expander[0].caption[0].value == wording.marks_left_out(1000, 60_000)


def test_a_search_without_a_hit_says_so(open_page: OpenPage, mine: str) -> None:
    app = search(open_page("reviews", reviews_data=mine), "no such words")
    assert app.info[0].value == wording.NOTHING_FOUND
    assert not cards(app)


def test_what_is_typed_and_read_stays_text(open_page: OpenPage, data_dir: Path) -> None:
    nasty = "<img src=x onerror=alert(1)> **bold** :red[x]"
    rows = [f"{nasty} number {i};{i % 2}" for i in range(60)]
    data = "\n".join(["text;label", *rows]).encode()
    add_dataset("nasty", read_table(data), ColumnMapping("text", "label", ("0",), ("1",)), Settings(data_dir=data_dir))
    app = search(open_page("reviews", reviews_data="nasty"), "<img src=x")
    assert len(cards(app)) == browse_view.PAGE_SIZE
    assert all(text.startswith(nasty) for text in cards(app))
    assert {element.tag for html in app.main.html for element in ET.fromstring(html.value)} == {"mark"}
    assert not any("onerror" in element.value for element in [*app.markdown, *app.caption])


def test_a_review_is_opened_in_probe_with_the_run_last_looked_at(open_page: OpenPage, add_run: AddRun, mine: str) -> None:
    run = add_run(arms=("basic",))
    app = search(open_page("reviews", reviews_data=mine, run=run.id), "film 7 was")
    next(button for button in app.button if button.label == "Try it").click().run()
    assert app.title[0].value != wording.TITLE
    assert app.query_params["run"] == run.id
    assert app.text_input(key="text").value == "Film 7 was lovely."


def test_balance_and_lengths_have_a_chart_and_a_table_each(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_view=wording.BALANCE)
    assert len(app.get("vega_lite_chart")) == 2
    sizes, lengths = (table.value for table in app.dataframe)
    assert sizes[["negative", "positive"]].sum().to_list() == [30, 30]
    assert lengths[["negative", "positive"]].to_numpy().sum() == 59  # but for the longest
    assert app.caption[-1].value == wording.explain_lengths(2998)


def test_telling_words_are_those_of_the_training_reviews(open_page: OpenPage, mine: str, data_dir: Path) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_view=wording.TELLING)
    pool = load_pool(mine, Settings(data_dir=data_dir))
    table = app.dataframe[0].value.set_index("word")
    assert set(table.index[:2]) == {"dull", "lovely"}
    assert table.loc["dull", "num_negative"] == (pool.labels[pool.train] == 0).sum()
    assert len(app.get("vega_lite_chart")) == 2


def test_another_dataset_starts_on_the_first_page(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews", reviews_page="3")
    app.selectbox(key=dataset.CHOSEN).select(mine).run()
    assert app.pagination[0].value == 1


def test_a_page_that_is_not_there_is_not_asked_for(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_page="99")
    assert not app.exception
    assert cards(app)


def test_a_chosen_word_leads_to_the_reviews_that_use_it(mine: str) -> None:
    def page_with_a_word() -> None:
        import streamlit as st

        from ui.reviews import browse_view, dataset, views

        st.button("dull", key="word", on_click=browse_view.search_for, args=("dull",))
        pool = dataset.choose()
        views.show(views.choose(), pool)

    app = AppTest.from_function(page_with_a_word, default_timeout=30)
    app.query_params.update({"reviews_data": mine, "reviews_label": "Positive"})
    app.run()
    app.segmented_control(key=browse_view.VIEW).set_value(wording.TELLING).run()
    assert not app.text_input
    app.button(key="word").click().run()
    assert found(app) == (30, 30, 0)
    assert app.checkbox(key=browse_view.WHOLE_WORDS).value


def test_unknown_words_are_counted_and_listed(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews", reviews_data=mine, reviews_view=wording.UNKNOWN)
    assert app.dataframe[0].value.to_dict("list") == {"token": ["blorptastic"], "count": [1]}
    num_tokens = 59 * 5 + 5 + 998 * 4
    assert facts(app)["Known words and signs"] == f"{(num_tokens - 1) / num_tokens * 100:.2f} %"


def test_only_added_datasets_can_be_deleted(open_page: OpenPage, mine: str) -> None:
    app = open_page("reviews")
    assert "delete_dataset" not in {button.key for button in app.button}
    app.selectbox(key=dataset.CHOSEN).select(mine).run()
    assert app.button(key="delete_dataset")


def test_a_deleted_dataset_is_gone_and_the_page_goes_on(open_page: OpenPage, mine: str, data_dir: Path) -> None:
    app = open_page("reviews", reviews_data=mine)
    app.button(key="delete_dataset").click().run()
    assert mine not in list_datasets(Settings(data_dir=data_dir))
    assert not app.error
    assert any("Deleted" in line.value for line in app.markdown)
    assert facts(app)["Reviews"] == "24,902"


def test_deleting_a_dataset_can_be_undone(open_page: OpenPage, mine: str, data_dir: Path) -> None:
    app = open_page("reviews", reviews_data=mine)
    before = facts(app)
    app.button(key="delete_dataset").click().run()
    app.button(key="dataset_undo").click().run()
    assert mine in list_datasets(Settings(data_dir=data_dir))
    assert app.selectbox(key=dataset.CHOSEN).value == mine
    assert facts(app) == before
    assert "dataset_undo" not in {button.key for button in app.button}


def test_a_dataset_whose_name_was_taken_meanwhile_is_not_restored(open_page: OpenPage, mine: str, data_dir: Path) -> None:
    app = open_page("reviews", reviews_data=mine)
    kept = (data_dir / "datasets" / f"{mine}.csv").read_bytes()
    app.button(key="delete_dataset").click().run()
    (data_dir / "datasets" / f"{mine}.csv").write_bytes(kept)
    app.button(key="dataset_undo").click().run()
    assert "There is another dataset" in app.error[0].value


def test_reviews_added_here_are_shown_with_what_was_left_out(open_page: OpenPage) -> None:
    rows = [f"Film {i // 2} was {('bad', 'good')[i % 2]},{('bad', 'good')[i % 2]}" for i in range(50)]
    data = "\n".join(["review,stars", *rows, rows[0], "Film 99 was so so,meh"]).encode()
    app = open_page("reviews")
    app.button(key="open_upload").click().run()
    app.file_uploader(key="csv_file").set_value(("Mine.csv", data, "text/csv"))
    app.button(key="open_upload").click().run()  # a browser keeps a dialog open; AppTest opens it anew with every run
    app.multiselect(key="csv_negative").set_value(["bad"])
    app.multiselect(key="csv_positive").set_value(["good"])
    app.button(key="csv_add").click()
    app.button(key="open_upload").click().run()
    assert facts(app)["Reviews"] == "50"
    record = import_record("mine", Settings())
    assert (record.num_duplicates, record.left_out) == (1, {'labelled "meh"': 1})
    assert record.left_out_sentence in app.toast[0].value.replace("\\", "")


def test_another_label_makes_another_dataset_to_the_caches(mine: str, data_dir: Path) -> None:
    pool = load_pool(mine, Settings(data_dir=data_dir))
    assert dataset.content_key(replace(pool, labels=1 - pool.labels)) != dataset.content_key(pool)
