"""Which column is what."""

from __future__ import annotations

import pandas as pd
import pytest

from core.data.columns import ColumnGuess, ColumnMapping, describe_choices, find_examples, guess_columns, map_labels
from core.data.review_table import ReviewTable
from core.errors import UserError


def table(columns: dict[str, list[str]] | None = None, *, has_header: bool = True, **others: list[str]) -> ReviewTable:
    """Sixty rows; shorter columns are repeated."""
    columns = {**others, **(columns or {})}
    frame = pd.DataFrame({name: (values * 60)[:60] for name, values in columns.items()}, dtype=str)
    return ReviewTable(frame, "CSV", has_header=has_header)


def texts(num: int = 60) -> list[str]:
    return [f"This film, number {number}, is rather long and has words" for number in range(num)]


def labels_of(guess: ColumnGuess) -> tuple[str | None, tuple[str, ...], tuple[str, ...], bool]:
    return guess.label_column, guess.negative, guess.positive, guess.are_labels_sure


@pytest.mark.parametrize(
    ("heading", "values", "negative", "positive"),
    [
        ("sentiment", ["negative", "positive"], ("negative",), ("positive",)),
        ("Label", ["0", "1"], ("0",), ("1",)),
        ("y", ["NEG", "POS"], ("NEG",), ("POS",)),
        ("polarity", ["-1", "1"], ("-1",), ("1",)),
        ("label", ["-1", "0", "1"], ("-1",), ("1",)),
        ("label", ["1.0", "0.0"], ("0.0",), ("1.0",)),
        ("label", ["LABEL_0", "LABEL_1"], ("LABEL_0",), ("LABEL_1",)),
        ("class", ["1", "2"], ("1",), ("2",)),
        ("target", ["0", "2", "4"], ("0",), ("4",)),
        ("airline_sentiment", ["negative", "neutral", "positive"], ("negative",), ("positive",)),
        ("freshness", ["Fresh", "Rotten"], ("Rotten",), ("Fresh",)),
        ("reader_says", ["positive", "neutral", "none", "negative"], ("negative",), ("positive",)),
        ("stars", ["1", "2", "3", "4", "5"], ("1", "2"), ("4", "5")),
        ("overall", ["5.0", "1.0", "3.0"], ("1.0",), ("5.0",)),
        ("Rating", ["1 star", "5 stars", "4 stars"], ("1 star",), ("4 stars", "5 stars")),
        ("userScore", ["0.5", "2.5", "4.5"], ("0.5",), ("4.5",)),
        ("rating", ["1", "4", "6", "7", "10"], ("1", "4"), ("10", "7")),
        ("Sentiment", ["0", "1", "2", "3", "4"], ("0", "1"), ("3", "4")),
        ("Sentiment", ["Extremely Negative", "Neutral", "Extremely Positive"], ("Extremely Negative",), ("Extremely Positive",)),
        ("sentiment", ["True", "False"], ("False",), ("True",)),
        ("тональность", ["негативный", "позитивный"], ("негативный",), ("позитивный",)),
        ("标签", ["负面", "正面"], ("负面",), ("正面",)),
    ],
)
def test_usual_labels_are_understood(
    heading: str, values: list[str], negative: tuple[str, ...], positive: tuple[str, ...]
) -> None:
    guess = guess_columns(table({"id": [str(number) for number in range(60)], "text": texts(), heading: values}))
    assert labels_of(guess) == (heading, negative, positive, True)
    assert (guess.text_column, guess.is_text_sure) == ("text", True)


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("verified", ["0", "1"]),
        ("verified_purchase", ["True", "False"]),
        ("is_spoiler", ["true", "false"]),
        ("retweeted", ["0", "1"]),
        ("top_critic", ["True", "False"]),
        ("season", ["1", "2", "3", "4", "5"]),
        ("helpful_score", ["1", "5"]),
        ("label_confidence", ["0", "1"]),
        ("a", ["0", "1"]),
        ("label", ["7", "33"]),
        ("label", ["1"]),
        ("label", ["sports", "politics"]),
    ],
)
def test_what_does_not_say_sentiment_is_no_label(heading: str, values: list[str]) -> None:
    assert labels_of(guess_columns(table({"text": texts(), heading: values}))) == (None, (), (), False)


def test_flags_and_nearly_empty_columns_never_win() -> None:
    guess = guess_columns(
        table(
            airline_sentiment=["negative", "neutral", "positive"],
            airline_sentiment_gold=["negative", "positive", *[""] * 58],
            retweeted=["0", "1"],
            text=texts(),
        )
    )
    assert labels_of(guess) == ("airline_sentiment", ("negative",), ("positive",), True)


def test_a_full_gold_column_does_not_win_either() -> None:
    words = ["negative", "positive"]
    assert guess_columns(table(sentiment_gold=words, sentiment=words, text=texts())).label_column == "sentiment"


@pytest.mark.parametrize(
    "columns",
    [
        {"label": ["0", "1", "2"]},
        {"label": ["1", "3", "5"]},
        {"rating": ["0", "1"]},
        {"sentiment": ["0", "1"], "polarity": ["1", "0"]},
    ],
)
def test_labels_that_may_mean_something_else_are_proposed_but_not_sure(columns: dict[str, list[str]]) -> None:
    guess = guess_columns(table(columns, text=texts()))
    assert guess.label_column in columns
    assert not guess.are_labels_sure


def test_a_table_without_a_header_is_understood_by_its_values() -> None:
    columns = {
        "column 1": ["0", "4"],
        "column 2": [str(2_000_000 + n) for n in range(60)],
        "column 3": ["NO_QUERY"],
        "column 4": texts(),
    }
    guess = guess_columns(table(columns, has_header=False))
    assert guess.mapping == ColumnMapping("column 4", "column 1", ("0",), ("4",))
    assert guess.are_labels_sure


def test_labels_are_understood_in_a_column_that_somebody_chose() -> None:
    columns = {"verified": ["0", "1"], "what": ["2", "1"], "text": texts()}
    assert labels_of(guess_columns(table(columns), label_column="what")) == ("what", ("1",), ("2",), True)
    with pytest.raises(UserError) as error:
        guess_columns(table(columns), label_column="nowhere")
    assert error.value.code == "column-missing"


@pytest.mark.parametrize(
    ("columns", "text_column"),
    [
        (
            {"id": [f"review_{n}" for n in range(60)], "body": ["short", "brief"], "url": ["http://example.org/a/long/address"]},
            "body",
        ),
        ({"id": ["1234567890123456789012345678901234567890"], "what": texts()}, "what"),
        ({"title": ["A film of mine"], "review_body": texts()}, "review_body"),
        ({"selected_text": ["This film"], "text": texts()}, "text"),
        ({"date": ["Mon Apr 06 22:19:45 2009"], "said": texts()}, "said"),
        ({"user": ["user_1"], "评论": ["这部电影非常好看演员的表演也很精彩"]}, "评论"),
        ({"reviewText": texts(), "summary": ["Quite long, a summary of a text that is as long"]}, "reviewText"),
    ],
)
def test_the_text_is_the_column_with_long_texts(columns: dict[str, list[str]], text_column: str) -> None:
    guess = guess_columns(table(columns, label=["0", "1"]))
    assert (guess.text_column, guess.is_text_sure) == (text_column, True)


def test_two_columns_of_long_texts_are_not_sure() -> None:
    assert not guess_columns(table(label=["0", "1"], one=texts(), two=texts())).is_text_sure


def test_several_labels_may_mean_the_same_in_any_case() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c", "d", "e"], "label": ["1 star", "2 STARS", " Five ", "3", ""]}, dtype=str)
    mapping = ColumnMapping("text", "label", ("1 Star", "2 stars"), ("five",))
    assert map_labels(frame, mapping) == (["a", "b", "c", "d", "e"], [0, 0, 1, None, None])


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        (ColumnMapping("review", "label", ("0",), ("1",)), "column-missing"),
        (ColumnMapping("text", "review", ("0",), ("1",)), "column-missing"),
        (ColumnMapping("text", "text", ("0",), ("1",)), "column-twice"),
        (ColumnMapping("text", "label", ("neg",), ("pos", " NEG")), "label-twice"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping: ColumnMapping, code: str) -> None:
    with pytest.raises(UserError) as error:
        map_labels(table(text=texts(), label=["0", "1"]).frame, mapping)
    assert error.value.code == code


def test_examples_are_the_first_texts_of_each_class() -> None:
    frame = table(text=["", *texts(59)], label=["0", "1"]).frame
    negative, positive = find_examples(frame, ColumnMapping("text", "label", ("0",), ("1",)), num_per_class=3)
    assert (negative.num_rows, positive.num_rows) == (29, 30)
    assert positive.texts == frame["text"].tolist()[1:6:2]


def test_choices_name_columns_and_their_few_values() -> None:
    frame = table(text=texts(), label=["0", "1"]).frame
    assert list(describe_choices(frame)) == ["text (60 different values)", "label (0, 1)"]
