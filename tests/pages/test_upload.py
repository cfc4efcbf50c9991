"""The dialog that adds somebody's own reviews."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.review_file import read_table
from core.errors import UserError
from tests.core.data.small_csv import to_zip
from tests.pages.conftest import OpenPage, errors
from ui.app import visitors

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


def captions(app: AppTest) -> list[str]:
    return [caption.value.replace("\\", "") for caption in app.caption]


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
    assert app.selectbox(key="csv_label_column").value is None
    app.selectbox(key="csv_label_column").set_value("stars")
    run_with_dialog(app)
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
    [b"", b"\x89PNG\x00\x01\x02", csv([]), csv(balanced(), header="review,review"), b"review,stars\nwell, well,good\n"],
    ids=["empty", "no text", "no rows", "the same column twice", "a surplus column"],
)
def test_a_file_that_is_no_table_is_the_sentence_of_whoever_reads_it(open_page: OpenPage, data: bytes) -> None:
    with pytest.raises(UserError) as error:
        read_table(data)
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
        ([(f"Film {number}.", str(31 + number % 5)) for number in range(100)], '"stars"'),
        ([(f"Film {number}.", "5") for number in range(100)], '"5"'),
        ([(f"Film {number}.", "") for number in range(100)], '"stars"'),
    ],
    ids=["five values", "one value", "no value"],
)
def test_labels_that_nobody_chose_are_asked_for_and_nothing_is_kept(
    open_page: OpenPage, data_dir: Path, rows: Rows, sentence: str
) -> None:
    app = upload(open_page(), csv(rows))
    app.selectbox(key="csv_label_column").set_value("stars")
    add(run_with_dialog(app))
    assert [sentence in error for error in errors(app)] == [True]
    assert not list((data_dir / "datasets").glob("*.csv"))


def test_a_column_with_too_many_values_says_how_many_are_listed(open_page: OpenPage) -> None:
    app = upload(open_page(), csv([(f"Film {number}.", str(number)) for number in range(2000)]))
    app.selectbox(key="csv_label_column").set_value("stars")
    run_with_dialog(app)
    assert len(app.multiselect(key="csv_negative").options) == 100
    assert any("2,000" in caption.value for caption in app.caption)


def test_a_column_cannot_be_text_and_label_at_once(open_page: OpenPage) -> None:
    app = upload(open_page(), csv(balanced()))
    app.selectbox(key="csv_label_column").set_value("review")
    add(app)
    assert len(errors(app)) == 1


def test_three_reviews_of_each_class_are_shown_before_anything_is_added(open_page: OpenPage, data_dir: Path) -> None:
    app = upload(open_page(), csv(balanced()))
    shown = [text for text in captions(app) if text.startswith("Film number")]
    assert [("bad" in text, "good" in text) for text in shown] == [(True, False)] * 3 + [(False, True)] * 3
    assert not (data_dir / "datasets").exists()


def test_the_encoding_is_shown_and_can_be_changed(open_page: OpenPage, data_dir: Path) -> None:
    rows = [(f"Фильм номер {number} был {label}", label) for number in range(25) for label in ("bad", "good")]
    app = upload(open_page(), csv(rows).decode().encode("cp1251"), name="отзывы.csv")
    assert app.selectbox(key="csv_encoding").value == "cp1251"
    assert any("Windows-1251" in caption for caption in captions(app))
    app.selectbox(key="csv_encoding").set_value("koi8_r")
    run_with_dialog(app)
    assert "Фильм" not in app.dataframe[0].value["review"][0]
    app.selectbox(key="csv_encoding").set_value("cp1251")
    add(run_with_dialog(app))
    assert "Фильм" in (data_dir / "datasets" / "отзывы.csv").read_text(encoding="utf-8")


def test_a_file_in_ascii_has_no_encoding_to_choose(open_page: OpenPage) -> None:
    app = upload(open_page(), csv(balanced()))
    assert "csv_encoding" not in {box.key for box in app.selectbox}


def test_what_was_noticed_about_a_file_is_said(open_page: OpenPage) -> None:
    data = "\n".join(f"{4 * (number % 2)}\tThis is text number {number}" for number in range(60)).encode()
    app = upload(open_page(), data, name="training.any")
    assert (app.multiselect(key="csv_negative").value, app.multiselect(key="csv_positive").value) == (["0"], ["4"])
    assert any(note in caption for note in read_table(data).notes for caption in captions(app))


def test_a_corrected_file_replaces_a_dataset_after_a_question(open_page: OpenPage, data_dir: Path) -> None:
    add(upload(open_page(), csv(balanced())))
    path = data_dir / "datasets" / "my-films.csv"
    before = path.read_bytes()
    app = upload(open_page(), csv(balanced(num_per_class=30)))
    assert path.read_bytes() == before
    assert len(app.warning) == 1
    assert "csv_add" not in {button.key for button in app.button}
    app.button(key="csv_replace").click()
    run_with_dialog(app)
    assert len(path.read_text().splitlines()) == 61


def test_an_archive_of_labelled_files_becomes_a_dataset(open_page: OpenPage, data_dir: Path) -> None:
    files = {f"set/{label}/{n}.txt": f"A {label} film, number {n}".encode() for n in range(25) for label in ("neg", "pos")}
    add(upload(open_page(), to_zip(files), name="imdb.zip"))
    assert len((data_dir / "datasets" / "my-imdb.csv").read_text().splitlines()) == 51


def test_nothing_of_a_file_is_kept_once_its_reviews_are_added(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go: list[str] = []
    monkeypatch.setattr(visitors, "let_go_of", lambda file: let_go.append(file.name))
    app = upload(open_page(), csv(balanced()))
    assert let_go == []
    add(app)
    assert let_go == ["My films.csv"]
