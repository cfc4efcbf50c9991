"""The command line's `predict`: any text, judged by every head of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.table import Table

from core.cli.console import quiet_stderr

if TYPE_CHECKING:
    from core.predict.predictor import Predictor
    from core.settings import Settings
    from core.store.run import Run


class PredictCommand(BaseModel):
    """Predict a text with every head of a run."""

    run: str = Field(description="id of the run whose heads predict")
    text: CliPositionalArg[str] = Field(description="any text, between quotation marks")

    def execute(self, settings: Settings) -> int:
        """Prints the chance that the text is positive, by model.

        Raises:
            UserError: There is no such run, or its heads cannot be used.
        """
        from core.predict.predictor import CANNOT_READ, describe_prob

        run, predictor = load_run(self.run, settings)
        prediction = predictor.predict(self.text)
        print(f"{run.name} (run {run.id})")
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
            print(f"Unknown to {run.config.static}: {' '.join(unknown)}")
        if prediction.num_cut:
            print(f"Read the first {len(prediction.tokens)} tokens; {prediction.num_cut} were cut.")
        return 0


def load_run(run_id: str, settings: Settings) -> tuple[Run, Predictor]:
    """A run and the predictor of its heads.

    Raises:
        UserError: There is no such run, no trial of it is finished, or its ELMo has changed since.
    """
    from core.example import open_store
    from core.predict.predictor import load_predictor

    store = open_store(settings)
    run = store.get_run(run_id)
    with quiet_stderr():
        return run, load_predictor(run, store, settings)
