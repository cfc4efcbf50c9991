"""The command line's `pretrain`, `export` and `convert`."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg, CliToggleFlag

from core.cli.console import program, quiet_stderr
from core.embedders.hub_modules import BUNDLED, module_handle, require_module
from core.errors import UserError
from core.files import make_folder

if TYPE_CHECKING:
    from core.settings import Settings

_CHECKPOINTS = Path("checkpoints/elmo-mini")


class PretrainCommand(BaseModel):
    """Train an ELMo on the training reviews of both packaged datasets and on text of your own.

    You can stop it at any time; the same command with --resume goes on.
    """

    corpus: list[Path] = Field(default=[], description="more text: parquet, text file or folder; can be given several times")
    checkpoints: Path = Field(default=_CHECKPOINTS, description="folder of the checkpoints")
    resume: CliToggleFlag[bool] = Field(default=False, description="go on from the checkpoints in that folder")
    start_from: str | None = Field(
        default=None, description=f"{BUNDLED} or the folder of a module: go on training its LSTMs instead of starting anew"
    )
    tokens: int = Field(default=40_000_000, gt=0, description="tokens to train the LSTMs on")
    batch_size: int = Field(default=208, gt=0, description="texts that the LSTMs read side by side")
    learning_rate: float = Field(default=4e-3, gt=0, description="learning rate of the LSTMs at its highest")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="share of the LSTMs' inputs that are dropped in training")
    spelling_steps: int = Field(default=10_000, description="batches in which the token encoder learns spelling")
    stage: Literal["characters", "context"] | None = Field(
        default=None, description="only this stage, so that both can run side by side"
    )
    threads: int = Field(default=2, description="cores to use")
    seed: int = Field(default=0, description="seed of everything that is drawn")

    def execute(self, settings: Settings) -> int:
        """Trains, and prints what happens as it happens.

        Raises:
            UserError: gensim is missing, the folder holds checkpoints already, a corpus or the module cannot be read, or the
                characters are asked for, which a module has behind it.
        """
        start_from = Path(module_handle(self.start_from)) if self.start_from else None
        if self.start_from and start_from:
            require_module(self.start_from)
            if self.stage == "characters":
                raise UserError(
                    "A module has learned its characters already; leave out --stage characters or --start-from.",
                    code="start-from-characters",
                )
        elif importlib.util.find_spec("gensim") is None:
            raise UserError(
                "Pretraining needs gensim, which is not installed; run pip install -r requirements-dev.txt.",
                code="gensim-missing",
            )
        if self.checkpoints.exists() and any(self.checkpoints.iterdir()) and not self.resume:
            raise UserError(
                f"{self.checkpoints} already holds checkpoints; add --resume to go on from them, or give another "
                "--checkpoints folder.",
                code="checkpoints-exist",
            )
        with quiet_stderr():
            import tensorflow as tf

            tf.config.threading.set_intra_op_parallelism_threads(self.threads)  # before anything computes
            tf.config.threading.set_inter_op_parallelism_threads(1)
            from core.elmo.pretrain.context import ContextRecipe
            from core.elmo.pretrain.recipe import STAGES, Recipe, pretrain

        context = ContextRecipe(
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            dropout=self.dropout,
            num_tokens=self.tokens,
            seed=self.seed,
        )
        recipe = Recipe(spelling_steps=self.spelling_steps, context=context, start_from=start_from, num_threads=self.threads)
        stages = [self.stage] if self.stage else STAGES
        for event in pretrain(recipe, self.corpus, self.checkpoints, settings, stages):
            fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
            print(type(event).__name__, *(f"{name}={_short(value)}" for name, value in fields.items()), flush=True)
        return 0


class ExportCommand(BaseModel):
    """Write what pretrain trained as a TF-Hub module, which --elmo takes."""

    out: CliPositionalArg[Path] = Field(description="folder of the module")
    checkpoints: Path = Field(default=_CHECKPOINTS, description="folder of the checkpoints")

    def execute(self, settings: Settings) -> int:  # noqa: ARG002 - all commands are called alike
        """Writes the module.

        Raises:
            UserError: There is no trained ELMo, or the folder cannot be made.
        """
        with quiet_stderr():
            from core.elmo.export import export_hub_module
            from core.elmo.options import BiLMOptions
            from core.elmo.pretrain.recipe import OPTIONS, WEIGHTS
            from core.elmo.weights import load_weights

        weights = self.checkpoints / WEIGHTS
        if not weights.is_file():
            raise UserError(
                f"There is no trained ELMo in {self.checkpoints} (no {WEIGHTS}); make one with {program()} pretrain or give "
                "--checkpoints.",
                code="checkpoints-missing",
            )
        make_folder(self.out)
        export_hub_module(load_weights(weights, BiLMOptions.load(self.checkpoints / OPTIONS)), self.out)
        print(f"Wrote {self.out}.")
        return 0


class ConvertCommand(BaseModel):
    """Turn released ELMo weights (small, medium, original, 5.5B) into a TF-Hub module, which --elmo takes."""

    options: CliPositionalArg[Path] = Field(description="options.json")
    weights: CliPositionalArg[Path] = Field(description="weights.hdf5")
    out: CliPositionalArg[Path] = Field(description="folder of the module")

    def execute(self, settings: Settings) -> int:  # noqa: ARG002 - all commands are called alike
        """Writes the module.

        Raises:
            UserError: The files cannot be read, or the folder cannot be made.
        """
        with quiet_stderr():
            from core.elmo.export import export_hub_module, require_exportable
            from core.elmo.options import BiLMOptions
            from core.elmo.weights import load_weights

        options = BiLMOptions.load(self.options)
        require_exportable(options)
        model = load_weights(self.weights, options)
        make_folder(self.out)
        export_hub_module(model, self.out)
        print(f"Wrote {self.out}; choose this folder as the ELMo source.")
        return 0


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
