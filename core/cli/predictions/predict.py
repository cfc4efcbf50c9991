"""The command line's `predict`, any text or a table of texts judged by every head of a run, and `export-model`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg, CliToggleFlag, CliVariadicArg
from rich.console import Console
from rich.table import Table

from core.cli.console import program, progress_bar, quiet_stderr
from core.errors import UserError
from core.files import require_new_file, to_csv, write_whole

if TYPE_CHECKING:
    import pandas as pd

    from core.predict.predictor import Predictor
    from core.settings import Settings
    from core.store.run import Run

_NUM_NAMED = 20  # columns in an error


class PredictCommand(BaseModel):
    """Predict a text, or every row of a table, with every head of a run."""

    run: str | None = Field(default=None, description="id of the run whose heads predict")
    model: Path | None = Field(default=None, description="instead of a run: folder that export-model has written")
    text: CliPositionalArg[str | None] = Field(default=None, description="any text, between quotation marks")
    csv: CliVariadicArg[tuple[Path, ...] | None] = Field(
        default=None,
        description="two files instead of a text: a table to read (CSV, Excel, JSON and more), and a CSV to write, which gets "
        "all its columns and, by model, mean probability and label, and how many words of a text were cut",
    )
    text_column: str = Field(default="text", description="with --csv: column of the texts")
    encoding: str | None = Field(default=None, description="with --csv: encoding of the table, such as utf-8 or cp1251")
    replace: CliToggleFlag[bool] = Field(default=False, description="with --csv: replace the file to write if it is there")
    static: str | None = Field(default=None, description="with --model: where its static vectors are, unless packaged")
    elmo: str | None = Field(default=None, description="with --model: where its ELMo is, unless packaged")
    trust_sources: CliToggleFlag[bool] = Field(
        default=False, description="with --model: load the files and modules that it names for models of somebody's own"
    )

    def execute(self, settings: Settings) -> int:
        """Prints the chance that the text is positive, by model; or writes a table.

        Raises:
            UserError: There is no such run, its heads cannot be used, or a file cannot be read or written.
        """
        if (self.text is None) == (self.csv is None):
            raise UserError(
                "What is to be predicted? Give either a text between quotation marks or --csv with two files.",
                code="text-or-csv",
            )
        if self.text is not None:
            _print_prediction(self.text, *self._load(settings))
        else:
            self._predict_table(settings)
        return 0

    def _load(self, settings: Settings) -> tuple[str, str, Predictor]:
        """What to call the models, what to call their static vectors, and the predictor."""
        if self.model is None and (self.static is not None or self.elmo is not None):
            raise UserError("--static and --elmo are for --model; a run knows its vectors.", code="option-for-model")
        if self.run is not None and self.model is None:
            run, predictor = load_run(self.run, settings)
            return f"{run.name} (run {run.id})", run.config.static, predictor
        if self.model is None or self.run is not None:
            raise UserError("Which models? Give either --run with an id or --model with a folder.", code="run-or-model")
        with quiet_stderr():
            from core.exports.model_folder import load_model

            model, predictor = load_model(
                self.model, settings, static=self.static, elmo=self.elmo, trust_sources=self.trust_sources
            )
        return f"{model.name} ({self.model})", self.static or model.config.static, predictor

    def _predict_table(self, settings: Settings) -> None:
        import pandas as pd

        from core.data.review_file import read_path
        from core.predict.batch_prediction import require_new_columns

        if self.csv is None or len(self.csv) != 2:
            raise UserError("--csv takes two files: the table to read and the CSV to write.", code="csv-two-files")
        source, target = self.csv
        require_new_file(target, replace=self.replace)
        table = read_path(source, self.encoding)
        for note in table.notes:
            print(note, file=sys.stderr)
        if self.text_column not in table.frame.columns:
            known = ", ".join(map(str, table.frame.columns[:_NUM_NAMED]))
            raise UserError(
                f'{source} has no column "{self.text_column}"; name one of these with --text-column: {known}.',
                code="column-missing",
            )
        *_, predictor = self._load(settings)
        require_new_columns(table.frame, predictor.arms)
        predictions = _predict_all(table.frame[self.text_column].tolist(), predictor)
        write_whole(target, to_csv(pd.concat([table.frame, predictions], axis="columns")))
        for sentence in _about_table(predictions, predictor.arms):
            print(sentence)


class ExportModelCommand(BaseModel):
    """Write the models of a run as a folder, with which `predict --model` works on any machine.

    It has weights, settings and a card, but not the vectors, which are packaged or have to be there too.
    """

    run: CliPositionalArg[str] = Field(description="id of the run")
    folder: CliPositionalArg[Path] = Field(description="folder to write, which is made")
    replace: CliToggleFlag[bool] = Field(default=False, description="replace files that are there")

    def execute(self, settings: Settings) -> int:
        """Writes the folder and says how to use it.

        Raises:
            UserError: There is no such run, no trial of it is finished, or the folder cannot be written.
        """
        from core.analysis.outcomes import load_outcomes
        from core.example import open_store
        from core.exports.model_card import model_card
        from core.exports.model_folder import model_files, write_model
        from core.predict.predictor import trained_heads

        store = open_store(settings)
        run = store.get_run(self.run)
        heads = trained_heads(run, store)
        card = model_card(run, load_outcomes(run, store, settings))
        write_model(model_files(run, heads, card), self.folder, replace=self.replace)
        print(f'Wrote {self.folder}; predict with: {program()} predict --model {shlex.quote(str(self.folder))} "A text."')
        return 0


def _print_prediction(text: str, title: str, static: str, predictor: Predictor) -> None:
    from core.predict.predictor import CANNOT_READ, describe_prob

    prediction = predictor.predict(text)
    print(title)
    table = Table()
    for column in ("model", "positive", "lowest", "highest", "verdict"):
        table.add_column(column, justify="left" if column in ("model", "verdict") else "right")
    for arm, probs in prediction.probs.items():
        mean = float(probs.mean())
        table.add_row(arm, f"{mean:.3f}", f"{probs.min():.3f}", f"{probs.max():.3f}", describe_prob(mean))
    for arm in prediction.unread:
        table.add_row(arm, "", "", "", CANNOT_READ)
    Console().print(table)
    unknown = [token.text for token, is_known in zip(prediction.tokens, prediction.known, strict=True) if not is_known]
    if unknown:
        print(f"Unknown to {static}: {' '.join(unknown)}")
    if prediction.num_cut:
        print(f"Read the first {len(prediction.tokens)} tokens; {prediction.num_cut} were cut.")


def _predict_all(texts: list[str], predictor: Predictor) -> pd.DataFrame:
    """A row of predictions for each text, with a progress bar on stderr."""
    import pandas as pd

    from core.predict.batch_prediction import predict_batches

    tables = []
    with progress_bar() as draw:
        for batch in predict_batches(texts, predictor):
            tables.append(batch.table)
            draw(batch.num_done / batch.num_texts, "predicting", f"{batch.num_done:,} of {batch.num_texts:,} texts")
    return pd.concat(tables, ignore_index=True)


def _about_table(predictions: pd.DataFrame, arms: Sequence[str]) -> Iterator[str]:
    """What a person would look up first in the table, as sentences."""
    from core.predict.batch_prediction import WORDS_CUT

    yield f"{len(predictions):,} {'text' if len(predictions) == 1 else 'texts'}."
    for arm in arms:
        counts = predictions[f"{arm}_label"].value_counts()
        unread = f", {counts['']:,} that it cannot read" if "" in counts else ""
        yield f"{arm}: {counts.get('positive', 0):,} positive, {counts.get('negative', 0):,} negative{unread}."
    if num_cut := int((predictions[WORDS_CUT] > 0).sum()):
        yield f"Longer than the models read: {num_cut:,}; {WORDS_CUT} says by how many words."


def load_run(run_id: str, settings: Settings) -> tuple[Run, Predictor]:
    """A run and the predictor of its heads.

    Raises:
        UserError: There is no such run, no trial of it is finished, or its ELMo has changed since.
    """
    from core.disk_cache import writable_caches
    from core.example import open_store_to_read
    from core.predict.predictor import load_predictor

    store = open_store_to_read(settings)
    run = store.get_run(run_id)
    with quiet_stderr(), writable_caches(settings) as caches:
        return run, load_predictor(run, store, caches)
