"""What both models make of the sentences that a class types, before and after lessons, as a Markdown table.

    python -m tools.class_sentences sentences.csv UNTAUGHT [TAUGHT]      ids as `python -m core runs` prints them

The table has the columns text and reader_says: positive, negative, or anything else where no verdict is right. Numbers are
chances of "positive" in percent, the mean over the trials; bold where the model says what the reader says, a dash where it
cannot read the sentence.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.cli.predictions.predict import load_run
from core.data.review_file import read_path
from core.errors import UserError
from core.experiment.arms import arm_title
from core.formatting import rounded
from core.predict.predictor import Predictor
from core.settings import read_settings
from core.store.run import Run

_COLUMNS = ("text", "reader_says")
_VERDICTS = ("negative", "positive")

Answers = Mapping[str, Sequence[float | None]]  # by arm: the chance of "positive" for each sentence; None where it cannot read it


@dataclass(frozen=True)
class Sentence:
    """A sentence with what a careful reader says of it, "positive", "negative" or something else."""

    text: str
    reader_says: str

    @property
    def has_verdict(self) -> bool:
        return self.reader_says in _VERDICTS

    def is_right(self, prob: float | None) -> bool:
        return self.has_verdict and prob is not None and _VERDICTS[prob >= 0.5] == self.reader_says


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the sentences of a class to the models of one run or two.")
    parser.add_argument("csv", type=Path, metavar="CSV", help=f"table with the columns {' and '.join(_COLUMNS)}")
    parser.add_argument("untaught", help="id of a run without lessons")
    parser.add_argument("taught", nargs="?", help="id of the run with the same settings and lessons")
    arguments = parser.parse_args()
    try:
        sentences = read_sentences(arguments.csv)
        ids = [each for each in (arguments.untaught, arguments.taught) if each is not None]
        runs = [load_run(run_id, read_settings()) for run_id in ids]
        require_same_settings([run for run, _ in runs])
    except UserError as error:
        parser.error(str(error))
    answers = [answers_of(predictor, sentences) for _, predictor in runs]
    print("\n".join([*table(sentences, answers), "", *summary(sentences, answers)]))


def read_sentences(path: Path) -> list[Sentence]:
    """Reads the table.

    Raises:
        UserError: It cannot be read, or a column is missing.
    """
    frame = read_path(path).frame
    if missing := [column for column in _COLUMNS if column not in frame.columns]:
        raise UserError(f"{path} has no column {missing[0]}; it needs {' and '.join(_COLUMNS)}.", code="column-missing")
    return [Sentence(*row) for row in frame[list(_COLUMNS)].itertuples(index=False)]


def require_same_settings(runs: Sequence[Run]) -> None:
    """Checks that runs differ in nothing but their lessons, so that these alone can have changed the answers.

    Raises:
        UserError: They do.
    """
    if len({run.config.untaught for run in runs}) > 1:
        raise UserError(
            "These runs differ in more than their lessons; choose a taught run and the untaught one with its settings.",
            code="runs-not-comparable",
        )


def answers_of(predictor: Predictor, sentences: Sequence[Sentence]) -> Answers:
    """What the models of a run answer."""
    predictions = predictor.predict_texts([sentence.text for sentence in sentences])
    return {
        arm: [None if arm in each.unread else float(each.probs[arm].mean(dtype=np.float64)) for each in predictions]
        for arm in predictor.arms
    }


def table(sentences: Sequence[Sentence], answers: Sequence[Answers]) -> Iterator[str]:
    """Lines of Markdown, a row per sentence.

    Args:
        sentences: Rows.
        answers: Of the untaught run and, if there is one, of the taught run.
    """
    arms = list(answers[0])
    yield f"| sentence | a reader says | {' | '.join(arm_title(arm) for arm in arms)} |"
    yield f"| --- | --- |{' --: |' * len(arms)}"
    for number, sentence in enumerate(sentences):
        cells = [" → ".join(_cell(sentence, each[arm][number]) for each in answers) for arm in arms]
        yield f"| {sentence.text.replace('|', '&#124;')} | {sentence.reader_says} | {' | '.join(cells)} |"


def summary(sentences: Sequence[Sentence], answers: Sequence[Answers]) -> Iterator[str]:
    """A sentence per model: how many answers are right, and how many the lessons have mended and spoilt."""
    judged = [number for number, sentence in enumerate(sentences) if sentence.has_verdict]
    for arm in answers[0]:
        right = [[sentences[number].is_right(each[arm][number]) for number in judged] for each in answers]
        told = f"{arm_title(arm)} is right about {sum(right[0])} of {len(judged)} sentences"
        if len(right) > 1:
            pairs = list(zip(*right, strict=True))
            mended, spoilt = pairs.count((False, True)), pairs.count((True, False))
            told += f" before and {sum(right[1])} after: {mended} mended, {spoilt} spoilt"
        yield f"{told}."


def _cell(sentence: Sentence, prob: float | None) -> str:
    if prob is None:
        return "–"
    number = f"{rounded(prob, 0):.0f}"
    return f"**{number}**" if sentence.is_right(prob) else number


if __name__ == "__main__":
    main()
