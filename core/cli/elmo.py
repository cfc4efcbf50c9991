"""The command line's `pretrain`, `export` and `convert`."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
from pathlib import Path

from core.cli.console import quiet_stderr
from core.errors import UserError
from core.settings import Settings

_PRETRAIN = "Train an ELMo on the training reviews of both packaged sets and on text of your own. It can be stopped and resumed."
_EXPORT = "Write what pretrain trained as a TF-Hub module, which --elmo takes."
_CONVERT = "Turn released ELMo weights (small, medium, original, 5.5B) into a TF-Hub module, which --elmo takes."


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommands; each sets `run`, a function of the parsed arguments and the settings."""
    pretrain = commands.add_parser("pretrain", help="train an ELMo of our own on review text", description=_PRETRAIN)
    pretrain.add_argument("--corpus", type=Path, action="append", default=[], help="more text: parquet, text file or folder")
    pretrain.add_argument("--checkpoints", type=Path, default=Path("checkpoints/elmo-mini"), help="folder of the checkpoints")
    pretrain.add_argument("--resume", action="store_true", help="go on from the checkpoints in that folder")
    pretrain.add_argument("--tokens", type=int, default=40_000_000, help="tokens to train the LSTMs on (default 40 million)")
    pretrain.add_argument("--spelling-steps", type=int, default=10_000, help="batches to learn spelling in (default 10,000)")
    pretrain.add_argument("--stage", choices=["characters", "context"], help="only this one, so that both can run side by side")
    pretrain.add_argument("--threads", type=int, default=2, help="cores to use (default 2)")
    pretrain.add_argument("--seed", type=int, default=0, help="of everything that is drawn (default 0)")
    pretrain.set_defaults(run=_pretrain)

    export = commands.add_parser("export", help="write pretrained weights as a TF-Hub module", description=_EXPORT)
    export.add_argument("out", type=Path, help="folder of the module")
    export.add_argument("--checkpoints", type=Path, default=Path("checkpoints/elmo-mini"), help="folder of the checkpoints")
    export.set_defaults(run=_export)

    convert = commands.add_parser("convert", help="turn released ELMo weights into a TF-Hub module", description=_CONVERT)
    convert.add_argument("options", type=Path, help="options.json")
    convert.add_argument("weights", type=Path, help="weights.hdf5")
    convert.add_argument("out", type=Path, help="folder of the module")
    convert.set_defaults(run=_convert)


def _pretrain(arguments: argparse.Namespace, settings: Settings) -> None:
    folder: Path = arguments.checkpoints
    if importlib.util.find_spec("gensim") is None:
        raise UserError("Pretraining needs gensim, which is not installed; run pip install -r requirements-dev.txt.")
    if folder.exists() and any(folder.iterdir()) and not arguments.resume:
        raise UserError(
            f"{folder} already holds checkpoints; add --resume to go on from them, or give another --checkpoints folder."
        )
    with quiet_stderr():
        import tensorflow as tf  # noqa: PLC0415 - threads are set before anything computes

        tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        from core.elmo.pretrain.context import ContextRecipe  # noqa: PLC0415
        from core.elmo.pretrain.recipe import STAGES, Recipe, pretrain  # noqa: PLC0415

    context = ContextRecipe(num_tokens=arguments.tokens, seed=arguments.seed)
    recipe = Recipe(spelling_steps=arguments.spelling_steps, context=context, num_threads=arguments.threads)
    stages = [arguments.stage] if arguments.stage else STAGES
    for event in pretrain(recipe, arguments.corpus, folder, settings, stages):
        fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
        print(type(event).__name__, *(f"{name}={_short(value)}" for name, value in fields.items()), flush=True)


def _export(arguments: argparse.Namespace, settings: Settings) -> None:  # noqa: ARG001 - all commands are called alike
    with quiet_stderr():
        from core.elmo.export import export_hub_module  # noqa: PLC0415 - imports TensorFlow
        from core.elmo.options import BiLMOptions  # noqa: PLC0415
        from core.elmo.pretrain.recipe import OPTIONS, WEIGHTS  # noqa: PLC0415
        from core.elmo.weights import load_weights  # noqa: PLC0415

    folder: Path = arguments.checkpoints
    if not (folder / WEIGHTS).is_file():
        raise UserError(
            f"There is no trained ELMo in {folder} (no {WEIGHTS}); make one with python -m core pretrain or give --checkpoints."
        )
    _make(arguments.out)
    export_hub_module(load_weights(folder / WEIGHTS, BiLMOptions.load(folder / OPTIONS)), arguments.out)
    print(f"Wrote {arguments.out}.")


def _convert(arguments: argparse.Namespace, settings: Settings) -> None:  # noqa: ARG001 - all commands are called alike
    with quiet_stderr():
        from core.elmo.export import export_hub_module  # noqa: PLC0415 - imports TensorFlow
        from core.elmo.options import BiLMOptions  # noqa: PLC0415
        from core.elmo.weights import load_weights  # noqa: PLC0415

    model = load_weights(arguments.weights, BiLMOptions.load(arguments.options))
    _make(arguments.out)
    export_hub_module(model, arguments.out)
    print(f"Wrote {arguments.out}; choose this folder as the ELMo source.")


def _make(folder: Path) -> None:
    """Makes the folder of a module before the work that fills it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be made ({error.strerror}); give one that you can write to.") from error


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
