"""Which column of a table holds the texts, which one the labels, and what the labels mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import pandas as pd

from core.data.review_table import ReviewTable
from core.errors import UserError

MAX_LABELS = 25  # different ones; a column with more is not a column of labels
_MIN_FILLED = 0.5  # share of the rows that have a label
_MIN_KNOWN = 0.8  # share of the labels that are words for a sentiment
_NUM_SAMPLED = 2000  # rows that show which column holds texts


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEGATIVE = _words(
    "negative neg bad rotten poor terrible awful unfavorable unfavourable dislike disliked hate sad unhappy splat - 👎 "
    "отрицательный негативный negativ négatif negativo 负面 消极 ネガティブ 부정"
)
_POSITIVE = _words(
    "positive pos good fresh great excellent favorable favourable like liked love happy + 👍 положительный позитивный positiv "
    "positif positivo 正面 积极 ポジティブ 긍정"
)
_NEUTRAL = _words("neutral neu mixed none objective irrelevant both average ok okay unclear нейтральный neutre neutro 中性")
_WORDS = dict.fromkeys(_NEGATIVE, -1) | dict.fromkeys(_NEUTRAL, 0) | dict.fromkeys(_POSITIVE, 1)
_WORDS |= {"not recommended": -1, "recommended": 1, "thumbs down": -1, "thumbs up": 1, "not relevant": 0}
_FLAGS = {"false": -1, "true": 1, "no": -1, "yes": 1, "n": -1, "y": 1, "p": 1, "f": -1, "t": 1}
_DEGREE = re.compile(r"(?:very|extremely|strongly|highly|mostly|somewhat|slightly|weakly|mildly|rather)[ _-]+")
_PREFIX = re.compile(r"__label__|label_")
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?) ?(?:stars?|/ ?\d+)?")

# Words in a heading. Those of the first set say sentiment, those of the second a label of any kind, those of the third a rating.
_SENTIMENT = _words(
    "sentiment sentiments polarity valence opinion attitude mood verdict positive тональность stimmung sentimiento"
)
_LABEL = _words("label labels class target y category annotation метка klasse étiquette etiqueta 标签 情感 ラベル")
_RATING = _words("star stars rating ratings score scores overall rate grade оценка рейтинг bewertung note puntuación voto 评分")
_NO_LABEL = _words(  # what else a heading with such a word is about
    "confidence helpful helpfulness spoiler verified critic retweeted season reason gold id count num votes likes subjectivity "
    "negative probability prob index"
)
_TEXTS = ("text", "review", "sentence", "content", "comment", "body", "phrase", "tweet", "message", "document", "post")
_NO_TEXT = _words("id date time url link user author name title summary selected count length")
_HEADING_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDY = re.compile(r"\w\s+\w|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4}")  # scripts without spaces, too


@dataclass(frozen=True)
class ColumnMapping:
    """Which columns hold what; labels are compared without regard to case, surrounding space and ".0".

    Attributes:
        text_column: Heading of the column with the reviews.
        label_column: Heading of the column with the labels.
        negative: Labels that mean negative.
        positive: Labels that mean positive. Rows with other labels are left out and counted.
    """

    text_column: str
    label_column: str
    negative: tuple[str, ...]
    positive: tuple[str, ...]


@dataclass(frozen=True)
class ColumnGuess:
    """What the columns of a table probably mean.

    Attributes:
        text_column: The column with the texts; None if there is none.
        label_column: The column whose heading or words say sentiment; None if there is none.
        negative: Its labels that mean negative.
        positive: Its labels that mean positive.
        is_text_sure: Whether no other column may hold the texts.
        are_labels_sure: Whether nobody needs to be asked what the labels are and mean.
    """

    text_column: str | None
    label_column: str | None = None
    negative: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    is_text_sure: bool = False
    are_labels_sure: bool = False

    @property
    def mapping(self) -> ColumnMapping | None:
        """The guess, if it is whole."""
        if self.text_column is None or self.label_column is None:
            return None
        return ColumnMapping(self.text_column, self.label_column, self.negative, self.positive)


def guess_columns(table: ReviewTable, *, text_column: str | None = None, label_column: str | None = None) -> ColumnGuess:
    """The likely meaning of a table's columns.

    Args:
        table: All rows: the first ones of a sorted file have only one label.
        text_column: The column with the texts, if somebody has said so.
        label_column: The column with the labels, if somebody has said so.

    Raises:
        UserError: There is no such column.
    """
    _require_columns(table.frame, filter(None, (text_column, label_column)))
    headings = [str(heading) for heading in table.frame.columns]
    found = [_labels_in(table, heading, is_chosen=heading == label_column) for heading in headings if heading != text_column]
    labels = sorted((each for each in found if each and label_column in (None, each.column)), key=lambda each: each.evidence)
    besides = label_column or (labels[0].column if labels else None)
    texts = [text_column] if text_column else _text_columns(table.frame, besides=besides)
    text = texts[0] if texts else None
    if not labels:
        return ColumnGuess(text, is_text_sure=len(texts) == 1)
    best = labels[0]
    is_only = len(labels) == 1 or labels[1].evidence > best.evidence
    return ColumnGuess(text, best.column, best.negative, best.positive, len(texts) == 1, best.is_sure and is_only)


def map_labels(frame: pd.DataFrame, mapping: ColumnMapping) -> tuple[list[str], list[int | None]]:
    """The texts of a table and their labels: 0, 1, or None if a label means neither.

    Raises:
        UserError: The mapping does not fit the table, or contradicts itself.
    """
    _require_columns(frame, (mapping.text_column, mapping.label_column))
    if mapping.text_column == mapping.label_column:
        raise UserError(
            f'The column "{mapping.text_column}" was chosen for both text and label; choose two columns.', code="column-twice"
        )
    negative, positive = ({_label_key(label) for label in labels} for labels in (mapping.negative, mapping.positive))
    if both := negative & positive:
        raise UserError(
            f'The label "{min(both)}" was mapped to both negative and positive; keep it in one of them.', code="label-twice"
        )
    meaning = dict.fromkeys(negative, 0) | dict.fromkeys(positive, 1)
    labels = frame[mapping.label_column]
    of_label = {label: meaning.get(_label_key(label)) for label in labels.unique()}
    return frame[mapping.text_column].tolist(), [of_label[label] for label in labels]


def label_values(frame: pd.DataFrame, column: str) -> list[str]:
    """The different values of a column, sorted, without the empty one."""
    return sorted({str(value).strip() for value in frame[column].unique()} - {""})


@dataclass(frozen=True)
class Examples:
    """Rows of one class: how many there are, and the first texts."""

    num_rows: int
    texts: list[str]


def find_examples(frame: pd.DataFrame, mapping: ColumnMapping, *, num_per_class: int) -> tuple[Examples, Examples]:
    """Examples of negative and of positive rows.

    Raises:
        UserError: See `map_labels`.
    """
    texts, labels = map_labels(frame, mapping)
    rows = [[text for text, label in zip(texts, labels, strict=True) if label == wanted and text.strip()] for wanted in (0, 1)]
    negative, positive = (Examples(len(some), some[:num_per_class]) for some in rows)
    return negative, positive


def describe_choices(frame: pd.DataFrame) -> Iterator[str]:
    """Each column as a choice: its heading and, where they are few, its values."""
    for column in frame.columns[:20]:
        values = label_values(frame, column)
        shown = ", ".join(value[:20] for value in values[:8]) + (", …" if len(values) > 8 else "")
        yield f"{column} ({shown if len(values) <= MAX_LABELS else f'{len(values):,} different values'})"


def _require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    for column in columns:
        if column not in frame.columns:
            known = ", ".join(map(str, frame.columns[:20]))
            raise UserError(f'There is no column "{column}"; choose from {known}.', code="column-missing")


class _Evidence(IntEnum):
    """What speaks for a column of labels, the strongest first."""

    CHOSEN = 0
    WORDS_UNDER_SENTIMENT = 1
    WORDS = 2
    SENTIMENT = 3
    LABEL = 4
    RATING = 5
    NO_HEADER = 6
    WORDS_UNDER_ANOTHER_HEADING = 7


# Usual scales: the numbers, the highest negative one, the lowest positive one, and the evidence that makes this certain.
# 0, 1 and 2 may be negative, neutral and positive, or anything else.
_SAID = frozenset({_Evidence.CHOSEN, _Evidence.SENTIMENT})
_PLAIN = _SAID | {_Evidence.LABEL, _Evidence.NO_HEADER}
_SCALES: tuple[tuple[set[float], float, float, frozenset[_Evidence]], ...] = (
    ({0, 1}, 0, 1, _PLAIN),
    ({1, 2}, 1, 2, _PLAIN),
    ({-1, 1}, -1, 1, _PLAIN),
    ({0, 4}, 0, 4, _PLAIN),
    ({-1, 0, 1}, -1, 1, _SAID | {_Evidence.LABEL}),
    ({0, 2, 4}, 0, 4, _SAID | {_Evidence.LABEL}),
    ({0, 1, 2}, 0, 2, frozenset()),
    ({-2, -1, 0, 1, 2}, -1, 1, _SAID),
    ({0, 1, 2, 3, 4}, 1, 3, _SAID),
)


@dataclass(frozen=True)
class _Labels:
    column: str
    evidence: _Evidence
    negative: tuple[str, ...]
    positive: tuple[str, ...]
    is_sure: bool


def _labels_in(table: ReviewTable, column: str, *, is_chosen: bool) -> _Labels | None:
    """What the values of a column mean as labels; None if they or its heading do not say sentiment."""
    counts = table.frame[column].str.strip().value_counts()
    counts = counts[counts.index != ""]
    if not 2 <= len(counts) <= MAX_LABELS or (counts.sum() < _MIN_FILLED * len(table.frame) and not is_chosen):
        return None
    heading = {word.casefold() for word in _HEADING_WORD.findall(_CAMEL.sub(" ", column))}
    says = heading & _SENTIMENT, heading & _LABEL, heading & _RATING
    is_other = bool(heading & _NO_LABEL)
    keys = {str(label): _label_key(label) for label in counts.index}
    signs: dict[str, int | None] = {label: _WORDS.get(_DEGREE.sub("", key)) for label, key in keys.items()}
    known = sum(counts[label] for label, sign in signs.items() if sign is not None) / counts.sum()
    if {-1, 1} <= set(signs.values()) and known >= _MIN_KNOWN:
        evidence = _Evidence.WORDS_UNDER_SENTIMENT if says[0] else _Evidence.WORDS
        if is_other:
            evidence = _Evidence.WORDS_UNDER_ANOTHER_HEADING
        return _labels(column, _Evidence.CHOSEN if is_chosen else evidence, signs, is_sure=known > 0.95 and not is_other)
    by_heading = zip((_Evidence.SENTIMENT, _Evidence.LABEL, _Evidence.RATING), says, strict=True)
    evidence = next((evidence for evidence, words in by_heading if words), _Evidence.NO_HEADER)
    if is_chosen:
        evidence = _Evidence.CHOSEN
    elif is_other or (evidence == _Evidence.NO_HEADER and table.has_header and heading):
        return None
    if (
        evidence in (_Evidence.CHOSEN, _Evidence.SENTIMENT, _Evidence.LABEL)
        and set(keys.values()) <= _FLAGS.keys()
        and {_FLAGS[key] for key in keys.values()} == {-1, 1}
    ):
        return _labels(column, evidence, {label: _FLAGS[key] for label, key in keys.items()}, is_sure=True)
    numbers = {label: float(place[1]) for label, key in keys.items() if (place := _NUMBER.fullmatch(key))}
    scale = _scale(set(numbers.values())) if len(numbers) == len(keys) else None
    if scale is None:
        return None
    lowest, highest, fitting = scale
    signs = {label: -1 if number <= lowest else 1 if number >= highest else 0 for label, number in numbers.items()}
    return _labels(column, evidence, signs, is_sure=evidence in fitting)


def _labels(column: str, evidence: _Evidence, signs: dict[str, int | None], *, is_sure: bool) -> _Labels:
    negative, positive = (tuple(sorted(label for label, each in signs.items() if each == sign)) for sign in (-1, 1))
    return _Labels(column, evidence, negative, positive, is_sure)


def _scale(numbers: set[float]) -> tuple[float, float, frozenset[_Evidence]] | None:
    """What numbers mean as labels.

    Returns:
        The highest one that is negative, the lowest one that is positive, and the evidence with which that is certain; None if
        numbers like these are no labels.
    """
    low, high = min(numbers), max(numbers)
    for scale, lowest, highest, evidence in _SCALES:
        if numbers == scale:
            return lowest, highest, evidence
    if 0 < low <= 2 and 4 <= high <= 5:  # stars
        return 2, 4, _SAID | {_Evidence.RATING}
    if 0 <= low <= 4 and 7 <= high <= 10:  # points, negative and positive as in the IMDB set
        return 4, 7, _SAID | {_Evidence.RATING}
    return None


def _text_columns(frame: pd.DataFrame, *, besides: str | None) -> list[str]:
    """The columns that may hold the texts, the likeliest first; only one if there is no doubt."""
    sample = frame.head(_NUM_SAMPLED)
    usual: list[tuple[int, str]] = []
    others: list[tuple[float, str]] = []
    for column in (str(heading) for heading in frame.columns if heading != besides):
        cells = sample[column][sample[column].str.strip() != ""]
        if cells.empty or cells.str.fullmatch(r"[\d\s.,:/+-]*").mean() > 0.5:
            continue
        name = _CAMEL.sub(" ", column.strip()).casefold()
        words = _HEADING_WORD.findall(name)
        length = float(cells.str.len().mean())
        if name in _TEXTS:
            usual.append((_TEXTS.index(name), column))
        elif cells.str.contains(_WORDY).mean() > 0.5 or len(frame.columns) == 2:
            says_text = bool(set(words) & set(_TEXTS)) and not set(words) & _NO_TEXT
            others.append((-length * (10 if says_text else 1), column))
    if usual:
        return [min(usual)[1]]
    others.sort()
    is_clear = len(others) < 2 or others[1][0] > others[0][0] / 2  # lengths are negative
    return [column for _, column in others][: 1 if is_clear else None]


def _label_key(label: str) -> str:
    key = _PREFIX.sub("", label.strip().casefold(), count=1)
    return key[:-2] if key.endswith(".0") else key
