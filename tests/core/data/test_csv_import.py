"""Reading people's own CSV files."""

from __future__ import annotations

import pytest

from core.data.csv_import import CsvMapping, guess_mapping, preview_csv
from core.data.datasets import add_csv, load_pool
from core.errors import UserError
from core.settings import Settings
from tests.core.data.small_csv import MAPPING, csv_rows, same, to_csv


def test_empty_texts_and_other_labels_are_skipped_and_counted(settings: Settings) -> None:
    rows = [*csv_rows(), ("", "pos"), (" <br /> ", "neg"), ("so-so", "neutral"), ("no label", "")]
    pool = add_csv("films", to_csv(rows), MAPPING, settings)
    assert (len(pool.texts), pool.num_skipped) == (50, 4)


def test_words_that_mean_missing_to_pandas_are_texts(settings: Settings) -> None:
    pool = add_csv("films", to_csv([*csv_rows(), ("NA", "pos"), ("null", "neg")]), MAPPING, settings)
    assert {"NA", "null"} <= set(pool.texts)
    assert {"NA", "null"} <= set(load_pool("films", settings).texts)


def test_several_labels_may_mean_the_same_in_any_case(settings: Settings) -> None:
    rows = [(text, {"neg": "1 star", "pos": " FIVE"}[label]) for text, label in csv_rows()]
    rows[0] = (rows[0][0], "2 STARS")
    pool = add_csv("films", to_csv(rows), CsvMapping("text", "label", ("1 star", "2 stars"), ("five",)), settings)
    assert (len(pool.texts), pool.num_skipped) == (50, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_utf_8_utf_16_and_windows_1252_are_read(encoding: str, settings: Settings) -> None:
    rows = [(f"“Amélie” – {text}", label) for text, label in csv_rows()]
    pool = add_csv("films", to_csv(rows, encoding), MAPPING, settings)
    assert all(text.startswith('"Amélie" – ') for text in pool.texts)
    assert same(load_pool("films", settings), pool)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_usual_separators_and_line_ends_are_recognised(separator: str, line_end: str) -> None:
    data = line_end.join(f"{text}{separator}{label}" for text, label in [("text", "label"), *csv_rows(2)]).encode()
    assert list(map(tuple, preview_csv(data, rows=None).to_numpy())) == csv_rows(2)


def test_reviews_of_200_000_characters_are_kept_whole(settings: Settings) -> None:
    rows = [("word, " * 33_333 + text, label) for text, label in csv_rows()]
    pool = add_csv("long", to_csv(rows), MAPPING, settings)
    assert min(map(len, pool.texts)) > 199_000
    assert same(load_pool("long", settings), pool)


def test_texts_with_commas_quotes_and_new_lines_are_read() -> None:
    frame = preview_csv(b'text,label\n"One, ""two""\nthree",pos\n')
    assert frame.to_dict("records") == [{"text": 'One, "two"\nthree', "label": "pos"}]


def test_a_preview_has_the_first_rows_as_strings() -> None:
    frame = preview_csv(b",text,label\n0,NA,1\n" + b"1,good,0\n" * 9)
    assert frame.shape == (5, 3)
    assert frame.iloc[0].to_dict() == {"column 1": "0", "text": "NA", "label": "1"}


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf"], ids=["nothing", "blank lines", "byte order mark"])
def test_an_empty_csv_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as error:
        preview_csv(data)
    assert error.value.code == "csv-empty"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n\x81\x8d",
        "text,label".encode("utf-16-le"),
        b"text,label\nA\0B,1",
        b"\xff\xfe\0\0",
        b"\xff\xfeodd",
    ],
    ids=["bytes", "image", "UTF-16 without its mark", "a NUL", "UTF-32", "half a character"],
)
def test_a_binary_file_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as error:
        preview_csv(data)
    assert error.value.code == "csv-not-text"


def test_a_csv_without_rows_is_refused() -> None:
    with pytest.raises(UserError) as error:
        preview_csv(b"text,label\n")
    assert error.value.code == "csv-no-rows"


def test_a_row_with_too_many_columns_is_refused_with_its_line() -> None:
    with pytest.raises(UserError, match="line 3 has 3 columns instead of 2") as error:
        preview_csv(b"text,label\ngood,pos\nwell, bad,neg\n")
    assert error.value.code == "csv-broken"


def test_a_surplus_column_in_every_row_is_refused_too() -> None:
    with pytest.raises(UserError, match="line 2 has 3 columns instead of 2") as error:
        preview_csv(b"text,label\nwell, bad,neg\nso, good,pos\n")
    assert error.value.code == "csv-broken"


def test_an_unclosed_quotation_mark_is_refused() -> None:
    with pytest.raises(UserError) as error:
        preview_csv(b'text,label\n"good,pos\nbad,neg\n')
    assert error.value.code == "csv-broken"


def test_a_column_name_used_twice_is_refused() -> None:
    with pytest.raises(UserError) as error:
        preview_csv(b"text,text\na,b\n")
    assert error.value.code == "csv-column-twice"


@pytest.mark.parametrize(
    "mapping", [CsvMapping("review", "label", ("neg",), ("pos",)), CsvMapping("text", "review", ("neg",), ("pos",))]
)
def test_a_csv_without_the_column_is_refused(mapping: CsvMapping, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), mapping, settings)
    assert error.value.code == "csv-no-column"


def test_one_column_cannot_be_text_and_label(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), CsvMapping("text", "text", ("neg",), ("pos",)), settings)
    assert error.value.code == "csv-same-column"


def test_a_label_cannot_mean_both(settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        add_csv("films", to_csv(csv_rows()), CsvMapping("text", "label", ("neg",), ("pos", " NEG")), settings)
    assert error.value.code == "csv-label-twice"


@pytest.mark.parametrize(
    ("text_heading", "label_heading", "negative", "positive"),
    [
        ("review", "sentiment", "negative", "positive"),
        ("Text", "Label", "0", "1"),
        ("x", "y", "NEG", "POS"),
        ("body", "polarity", "-1", "1"),
    ],
)
def test_usual_tables_are_understood(text_heading: str, label_heading: str, negative: str, positive: str) -> None:
    rows = "".join(f"{n},a long enough text,{label}\n" for n, label in enumerate([negative, positive] * 3))
    frame = preview_csv(f"id,{text_heading},{label_heading}\n{rows}".encode(), rows=None)
    assert guess_mapping(frame) == CsvMapping(text_heading, label_heading, (negative,), (positive,))


def test_without_usual_headings_the_longest_texts_are_the_reviews() -> None:
    frame = preview_csv(b"a,b,c\n0,short,quite a lot longer\n1,brief,and so is this\n")
    assert guess_mapping(frame) == CsvMapping("c", "a", ("0",), ("1",))


def test_a_table_without_two_known_labels_is_not_guessed() -> None:
    assert guess_mapping(preview_csv(b"text,label\ngood,7\nbad,3\nsoso,5\n")) is None
    assert guess_mapping(preview_csv(b"text,label\ngood,1\nfine,1\n")) is None
    assert guess_mapping(preview_csv(b"label\n0\n1\n")) is None


def test_a_guess_is_accepted_as_it_is(settings: Settings) -> None:
    data = to_csv(csv_rows())
    mapping = guess_mapping(preview_csv(data, rows=None))
    assert mapping is not None
    assert len(add_csv("films", data, mapping, settings).texts) == 50
