"""The command line's `compare`: two models that were trained elsewhere, by what each said of the same texts."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.errors import UserError
from core.files import require_writable, write_result

if TYPE_CHECKING:
    from core.data.review_table import ReviewTable
    from core.predictions.comparison import PredictionComparison
    from core.predictions.prediction_table import PredictionColumns
    from core.settings import Settings


class CompareCommand(BaseModel):
    """Compare two models of your own by what each said of the same texts; nothing is trained.

    The table has a column of texts, one of labels, and one for each model: probabilities of "positive", or labels. All other
    columns are sliced by. Columns that are not named are guessed.
    """

    file: CliPositionalArg[Path] = Field(description="a table (CSV, Excel, JSON and more)")
    text_column: str | None = Field(default=None, description="column of the texts")
    label_column: str | None = Field(default=None, description="column of the labels")
    models: tuple[str, ...] | None = Field(
        default=None, description="columns of the two models, joined by a comma; differences are the second minus the first"
    )
    encoding: str | None = Field(default=None, description="encoding of the table, such as utf-8 or cp1251")
    json_path: Path | None = Field(default=None, alias="json", description="file for all numbers")

    def execute(self, settings: Settings) -> int:  # noqa: ARG002  # every command takes them
        """Prints who is more accurate, the tests, the slices, and what predictions cannot show.

        Raises:
            UserError: The table cannot be read or compared, or the file cannot be written.
        """
        from core.data.review_file import read_path
        from core.predictions import verdicts
        from core.predictions.comparison import compare_predictions
        from core.predictions.prediction_table import read_predictions

        if self.json_path:
            require_writable(self.json_path)
        table = read_path(self.file, self.encoding)
        for note in table.notes:
            print(note, file=sys.stderr)
        columns, others = self._columns(table)
        table = dataclasses.replace(table, frame=table.frame.drop(columns=others, errors="ignore"))
        predictions = read_predictions(table, columns)
        found = compare_predictions(predictions, *columns.models)
        sentences = [verdicts.verdict(found), *verdicts.facts(found, predictions)]
        of_slices = verdicts.slice_sentences(found)
        if self.json_path:  # first: printing may fail
            values = _values(found, columns, [*sentences, *of_slices, verdicts.ONE_TRIAL])
            write_result(self.json_path, json.dumps(values, indent=2))
        print(f'{self.file}: texts from "{columns.text}", labels from "{columns.label}".')
        print("\n".join(sentences))
        Console().print(_slice_table(found))
        print("\n".join([*of_slices, verdicts.ONE_TRIAL]))
        if others:
            print(f"Not compared: {', '.join(others)}; name two with --models.")
        return 0

    def _columns(self, table: ReviewTable) -> tuple[PredictionColumns, list[str]]:
        """The columns that were named, the others guessed; and those of further models, which nothing is sliced by."""
        from core.predictions.prediction_table import PredictionColumns, guess_prediction_columns

        guess = guess_prediction_columns(table)
        text = self.text_column or (guess.text if guess else None)
        label = self.label_column or (guess.label if guess else None)
        models = self.models or tuple(model for model in (guess.models if guess else ()) if model not in (text, label))
        if text is None or label is None:
            raise UserError(
                "Which columns hold the texts, the labels and the predictions? Name them with --text-column, --label-column and "
                f"--models; the table has {', '.join(map(str, table.frame.columns[:20]))}.",
                code="predictions-columns-unknown",
            )
        used = (text, label, *models[:2])
        others = [model for model in (*models, *(guess.models if guess else ())) if model not in used]
        return PredictionColumns(text=text, label=label, models=models[:2]), list(dict.fromkeys(others))


def _slice_table(found: PredictionComparison) -> Table:
    """A row per slice, below the name of what it is sliced by."""
    from core.formatting import percent, signed

    table = Table()
    for heading in ("slice", "reviews", *found.names, "difference", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "slice" else "right", no_wrap=heading == "95 % interval")
    for name, slices in found.slices.items():
        table.add_row(Text(name, style="bold"))
        for each in slices:
            accuracies = [percent(each.accuracies[model].mean) for model in found.names]
            gain = [signed(each.difference.mean), " to ".join(map(signed, each.difference.interval))] if each.difference else []
            table.add_row(Text(f"  {each.title}"), f"{len(each.reviews):,}", *accuracies, *gain)
        table.add_section()
    return table


def _values(found: PredictionComparison, columns: PredictionColumns, sentences: list[str]) -> dict[str, Any]:
    """All numbers, ready for `json.dumps`."""
    first, second = found.names
    comparison = found.comparison
    return {
        "columns": columns.model_dump(mode="json"),
        "first": first,
        "second": second,
        "num_tests": comparison.num_tests,
        "sentences": sentences,
        "accuracies": {name: dataclasses.asdict(each) for name, each in found.accuracies.items()},
        "difference": comparison.mean_difference,
        "interval": comparison.interval,
        "mcnemar": {
            "num_only_first": comparison.mcnemar.num_only_basic,
            "num_only_second": comparison.mcnemar.num_only_elmo,
            "num_both": len(found.agreement.both),
            "num_neither": len(found.agreement.none),
            "p": comparison.mcnemar.p,
        },
        "uneven_classes": dataclasses.asdict(found.uneven) if found.uneven else None,
        "calibration": {
            name: {"brier": dataclasses.asdict(each.brier), "calibration_error": each.error}
            for name, each in found.calibrations.items()
        },
        "slices": {
            name: [
                {
                    "slice": each.title,
                    "num_reviews": len(each.reviews),
                    "accuracies": {model: dataclasses.asdict(accuracy) for model, accuracy in each.accuracies.items()},
                    "difference": dataclasses.asdict(each.difference) if each.difference else None,
                    "p": each.difference_p,
                }
                for each in slices
            ]
            for name, slices in found.slices.items()
        },
    }
