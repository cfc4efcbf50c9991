"""Trained models as a folder that any installation can predict with: weights, settings, digests and a card, and no vectors.

Nothing in it can execute code. That goes for the names of its vectors, too: a folder from somebody else may name an ELMo whose
SavedModel does anything, so only packaged vectors are loaded by the name that stands in the folder.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from core.arrays import FloatArray, pack_arrays, unpack_arrays
from core.embedders.hub_modules import BUNDLED
from core.embedders.static import PACKAGED
from core.errors import UserError
from core.experiment.arms import is_of_elmo, source_of
from core.experiment.config import ExperimentConfig, parse_config
from core.experiment.provenance import Provenance, listed, require_predictable
from core.files import make_folder, require_new_file, write_whole
from core.predict.predictor import Predictor, build_predictor

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store.run import Run

_MODEL, _HEADS, _CARD = "model.json", "heads.npz", "README.md"

_Heads = Mapping[str, Sequence[Mapping[str, FloatArray]]]  # by arm, one per trial


class ExportedModel(BaseModel):
    """What a folder says about its models.

    Attributes:
        version: Of the form of the folder.
        run: Id of the run that trained them.
        name: Of the run.
        config: Of the run.
        provenance: Of the run.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1
    run: str
    name: str
    config: ExperimentConfig
    provenance: Provenance


def model_files(run: Run, heads: _Heads, card: str) -> dict[str, bytes]:
    """The files of a folder, by name.

    Args:
        run: Whose models they are.
        heads: As from `TrialStore.heads`.
        card: As from `model_card`.
    """
    model = ExportedModel(run=run.id, name=run.name, config=run.config, provenance=run.provenance)
    weights = {
        f"{arm}/{number}/{name}": values
        for arm, its_heads in heads.items()
        for number, head in enumerate(its_heads, start=1)
        for name, values in head.items()
    }
    return {_MODEL: model.model_dump_json(indent=2).encode(), _HEADS: pack_arrays(weights), _CARD: card.encode()}


def to_zip(files: Mapping[str, bytes], folder: str) -> bytes:
    """The files in a folder of that name, packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{folder}/{name}", data)
    return buffer.getvalue()


def write_model(files: Mapping[str, bytes], folder: Path, *, replace: bool = False) -> None:
    """Writes the files into a folder, which is made if it is not there.

    Raises:
        UserError: A file is there already and is not to be replaced, or cannot be written.
    """
    make_folder(folder)
    for name in files:
        require_new_file(folder / name, replace=replace)
    for name, data in files.items():
        write_whole(folder / name, data)


def load_model(
    folder: Path, settings: Settings, *, static: str | None = None, elmo: str | None = None, trust_sources: bool = False
) -> tuple[ExportedModel, Predictor]:
    """Loads exported models and the vectors they read.

    Args:
        folder: As `write_model` has written it.
        settings: Where the data folder is.
        static: Where their static vectors are; needed unless they are the packaged ones.
        elmo: Where their ELMo is; needed unless it is the packaged one.
        trust_sources: Whether the files and modules that models of somebody's own read are loaded from where the folder says.

    Raises:
        UserError: The folder has no models or damaged ones, it is not said where vectors are, or they have changed since.
    """
    model, heads = _read(folder)
    config = _with_sources(model.config, folder, static=static, elmo=elmo, trust_sources=trust_sources)

    def check(now: Provenance) -> None:
        require_predictable(model.provenance, now, f"The models in {folder}")

    try:
        return model, build_predictor(config, heads, settings, check)
    except ValueError as error:
        raise _damaged(folder, f"{_HEADS}: {error}") from error


def _with_sources(
    config: ExperimentConfig, folder: Path, *, static: str | None, elmo: str | None, trust_sources: bool
) -> ExperimentConfig:
    sources = {"static": ("static vectors", PACKAGED, static), "elmo": ("ELMo vectors", BUNDLED, elmo)}
    own = [source for reader in config.readers if not is_of_elmo(reader) and (source := source_of(reader))]
    if own and not trust_sources:
        raise UserError(
            f"The models in {folder} read {listed(own)}; say --trust-sources to load that, if you trust where it is from.",
            code="vectors-unsaid",
        )
    chosen = {}
    for field in ("static", "elmo") if config.elmo_readers else ("static",):
        title, packaged, said = sources[field]
        if said is None and getattr(config, field) != packaged:
            raise UserError(
                f"The models in {folder} read {title} that do not come with ELMo Lens; {_MODEL} names them as its {field}. Say "
                f"with --{field} where they are, if you trust where they are from.",
                code="vectors-unsaid",
            )
        chosen[field] = said or packaged
    return parse_config({**config.model_dump(), **chosen})


def _read(folder: Path) -> tuple[ExportedModel, dict[str, list[dict[str, FloatArray]]]]:
    try:
        model = ExportedModel.model_validate_json((folder / _MODEL).read_bytes())
        weights = unpack_arrays((folder / _HEADS).read_bytes())
    except OSError as error:
        raise UserError(
            f"{folder} holds no exported models that can be read ({error.strerror}); give the folder that export-model has "
            "written, unpacked if it is a ZIP file.",
            code="model-unreadable",
        ) from error
    except ValidationError as error:
        raise _damaged(folder, f"{_MODEL} does not have what this version writes") from error
    except ValueError as error:
        raise _damaged(folder, f"{_HEADS}: {error}") from error
    heads: dict[str, dict[str, dict[str, FloatArray]]] = {}
    for key, values in weights.items():
        arm, _, rest = key.partition("/")
        number, _, name = rest.partition("/")
        if arm not in model.config.arms or values.dtype != np.float32 or not np.isfinite(values).all():
            raise _damaged(folder, f"{_HEADS} has other weights than those of its models")
        heads.setdefault(arm, {}).setdefault(number, {})[name] = values
    if not heads:
        raise _damaged(folder, f"{_HEADS} is empty")
    return model, {arm: list(heads[arm].values()) for arm in model.config.arms if arm in heads}


def _damaged(folder: Path, reason: str) -> UserError:
    return UserError(f"The models in {folder} are damaged ({reason}); export them again.", code="model-damaged")
