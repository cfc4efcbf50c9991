"""The dialog that adds somebody's own reviews."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.csv_import import preview_csv
from core.errors import UserError
from tests.pages.conftest import OpenPage, errors

Rows = list[tuple[str, str]]


def csv(rows: Rows, header: str = "review,stars") -> bytes:
    return "\n".join([header, *(f'"{text}",{label}' for text, label in rows)]).encode()


def balanced(num_per_class: int = 25, labels: tuple[str, str] = ("bad", "good")) -> Rows:
    return [(f"Film number {number} was {label}.", label) for number in range(num_per_class) for label in labels]


def upload(app: AppTest, data: bytes, name: str = "My films.csv") -> AppTest:
    run_with_dialog(app)
    app.file_uploader(key="csv_file").set_value((name, data, "text/csv"))
    return run_with_dialog(app)


def run_with_dialog(app: AppTest) -> AppTest:
    """A browser keeps a dialog open; AppTest opens it anew with every run."""
    app.button(key="open_upload").click()
    return app.run()


def add(app: AppTest) -> AppTest:
    app.button(key="csv_add").click()
    return run_with_dialog(app)


def test_reviews_of_ones_own_become_a_dataset_that_is_chosen(open_page: OpenPage, data_dir: Path) -> None:
    app = upload(open_page(), csv(balanced(num_per_class=100)))
    assert app.multiselect(key="csv_negative").value == ["bad"]
    app.text_input(key="csv_name").set_value("my-films")
    add(app)
    assert (data_dir / "datasets" / "my-films.csv").exists()
    assert app.selectbox(key="dataset").value == "my-films"


def test_labels_that_cannot_be_guessed_are_chosen_by_hand(open_page: OpenPage) -> None:
    app = upload(open_page(), csv(balanced(labels=("meh", "wow"))))
    app.multiselect(key="csv_negative").set_value(["meh"])
    app.multiselect(key="csv_positive").set_value(["wow"])
    add(app)
    assert app.selectbox(key="dataset").value == "my-films"
    assert len(errors(app)) == 1  # too few for the training size in the form: a sentence, nothing worse


def test_sizes_are_fitted_to_a_small_dataset_with_one_click(open_page: OpenPage) -> None:
    app = add(upload(open_page(), csv(balanced(num_per_class=100))))
    assert len(app.error) == 1
    app.button(key="fit_sizes").click().run()
    assert not app.error
    train_size, test_size = (app.number_input(key=key).value or 0 for key in ("train_size", "test_size"))
    assert train_size > test_size > 0
    assert train_size + test_size == 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\x00\x01\x02",
        csv([]),
        csv(balanced(), header="review,review"),
        b'review,stars\n"never closed,good\n',
    ],
    ids=["empty", "no text", "no rows", "the same column twice", "an open quotation mark"],
)
def test_a_file_that_is_no_table_is_the_sentence_of_whoever_reads_it(open_page: OpenPage, data: bytes) -> None:
    with pytest.raises(UserError) as error:
        preview_csv(data, rows=None)
    assert errors(upload(open_page(), data)) == [str(error.value)]


def test_a_file_with_one_column_is_one_sentence(open_page: OpenPage) -> None:
    [told] = errors(upload(open_page(), b"review\nA film.\nAnother film.\n"))
    assert '"review"' in told


def test_too_few_reviews_are_one_sentence_and_nothing_is_kept(open_page: OpenPage, data_dir: Path) -> None:
    app = upload(open_page(), csv(balanced(num_per_class=5)))
    add(app)
    assert "20" in errors(app)[0]
    assert not list((data_dir / "datasets").glob("*.csv"))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([(f"Film {number}.", str(1 + number % 5)) for number in range(100)], '"stars"'),
        ([(f"Film {number}.", "5") for number in range(100)], '"5"'),
        ([(f"Film {number}.", "") for number in range(100)], '"stars"'),
    ],
    ids=["five values", "one value", "no value"],
)
def test_labels_that_nobody_chose_are_asked_for_and_nothing_is_kept(
    open_page: OpenPage, data_dir: Path, rows: Rows, sentence: str
) -> None:
    app = upload(open_page(), csv(rows))
    add(app)
    assert [sentence in error for error in errors(app)] == [True]
    assert not list((data_dir / "datasets").glob("*.csv"))


def test_a_column_with_too_many_values_says_how_many_are_listed(open_page: OpenPage) -> None:
    app = upload(open_page(), csv([(f"Film {number}.", str(number)) for number in range(2000)]))
    assert len(app.multiselect(key="csv_negative").options) == 100
    assert any("2,000" in caption.value for caption in app.caption)


def test_a_column_cannot_be_text_and_label_at_once(open_page: OpenPage) -> None:
    app = upload(open_page(), csv(balanced()))
    app.selectbox(key="csv_label_column").set_value("review")
    add(app)
    assert len(errors(app)) == 1
