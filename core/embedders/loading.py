"""The embedders of a run, loaded once per process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from core.arrays import HalfArray
from core.embedders.base import Embedder
from core.embedders.cache import CachedEmbedder, open_cache
from core.embedders.hub_modules import module_digest, module_version, require_module
from core.embedders.static import StaticEmbedder, load_static, require_vectors, static_fingerprint, static_key
from core.errors import UserError
from core.experiment.config import ARMS, ExperimentConfig
from core.experiment.provenance import READING_CODE, TRAINING_CODE, Provenance, code_version, package_versions
from core.settings import Settings

if TYPE_CHECKING:
    from core.embedders.elmo import ElmoEmbedder


ELMO_BATCH_SIZE = 32  # reviews per call of ELMo in a run


def embedder_names(arms: Sequence[str]) -> list[str]:
    """The embedders that arms need, each once, and always the static one, which tells unknown words."""
    return list(dict.fromkeys(["static", *(name for arm in arms for name in ARMS[arm])]))


def require_sources(config: ExperimentConfig, settings: Settings) -> None:
    """Checks that the vectors and the ELMo of a run exist, before it starts and without loading them.

    On a cluster nothing is checked, because its workers have their own files.

    Raises:
        UserError: One of them is missing.
    """
    if settings.scheduler:
        return
    require_vectors(config.static)
    if "elmo" in embedder_names(config.arms):
        require_module(config.elmo)


def load_embedder(name: str, config: ExperimentConfig, settings: Settings, *, batch_size: int = ELMO_BATCH_SIZE) -> Embedder:
    """One of the embedders of a run; loaded once per process.

    Args:
        name: As in `ARMS`.
        config: Names the vectors.
        settings: Where the data folder is.
        batch_size: Sentences per call of ELMo; 1 for live predictions.

    Raises:
        UserError: A vectors file or a hub module cannot be loaded.
    """
    if name == "static":
        return _load_static(config.static, settings, static_key(config.static))
    return _load_elmo(config.elmo, settings, module_version(config.elmo), config.layer_mix, batch_size)


def load_embedders(config: ExperimentConfig, settings: Settings, *, batch_size: int = ELMO_BATCH_SIZE) -> dict[str, Embedder]:
    """All embedders that the arms of a run need, by name; see `load_embedder`."""
    return {name: load_embedder(name, config, settings, batch_size=batch_size) for name in embedder_names(config.arms)}


def arm_vectors(
    arm: str, sentences: Sequence[Sequence[str]], embedders: Mapping[str, Embedder], settings: Settings
) -> list[HalfArray]:
    """What an arm reads of some sentences: the vectors of its embedders side by side, those of ELMo through the cache.

    Args:
        arm: Key of `ARMS`.
        sentences: Tokens of each.
        embedders: At least those of the arm.
        settings: Where the cache is.

    Returns:
        float16 (T_i, dim) of each sentence, as the heads of a run are trained on.
    """
    columns = []
    for name in ARMS[arm]:
        embedder = embedders[name]
        is_cached = not isinstance(embedder, StaticEmbedder)  # looking a word up is cheaper than reading its vector
        columns.append((CachedEmbedder(embedder, open_cache(settings)) if is_cached else embedder).embed(sentences))
    rows = (np.concatenate(row, axis=1, dtype=np.float16, casting="same_kind") for row in zip(*columns, strict=True))
    return list(rows)


def with_batch_size(embedders: Mapping[str, Embedder], batch_size: int, *, step: int | None = None) -> dict[str, Embedder]:
    """The same embedders, in the same memory, with another batch size; see `ElmoEmbedder.with_batch_size`."""

    def with_its_own(embedder: Embedder) -> Embedder:
        return cast("ElmoEmbedder", embedder).with_batch_size(batch_size, step=step)

    return {
        name: embedder if isinstance(embedder, StaticEmbedder) else with_its_own(embedder) for name, embedder in embedders.items()
    }


def loaded_provenance(embedders: Mapping[str, Embedder]) -> Provenance:
    """What the embedders of a run were loaded from, and the code and packages of this process; reviews are not known here."""
    elmo = cast("ElmoEmbedder", embedders["elmo"]).module_digest if "elmo" in embedders else ""
    return _here(static=embedders["static"].fingerprint, elmo=elmo)


def expected_provenance(config: ExperimentConfig, settings: Settings) -> Provenance:
    """What the names in a config stand for now, as far as that can be told without loading anything.

    The workers of a cluster have files and code of their own, so nothing is known of them before they work.

    Raises:
        UserError: There is no such vectors file.
    """
    if settings.scheduler:
        return Provenance()
    return provenance_here(config, settings)


def provenance_here(config: ExperimentConfig, settings: Settings | None = None) -> Provenance:
    """What the names in a config stand for on this machine, as far as that can be told without loading anything.

    Args:
        config: With the names.
        settings: By default those of the environment, which workers have.

    Raises:
        UserError: There is no such vectors file.
    """
    settings = settings or Settings()
    elmo = module_digest(config.elmo, settings) if "elmo" in embedder_names(config.arms) else ""
    return _here(static=static_fingerprint(config.static, settings), elmo=elmo)


def provenance_of_driver(config: ExperimentConfig, settings: Settings) -> Provenance:
    """The same in a program whose workers compute elsewhere: of vectors and an ELMo that it lacks it knows nothing."""
    here = _here(static=None, elmo=None)
    with suppress(UserError):
        here = here.model_copy(update={"static": static_fingerprint(config.static, settings)})
    if "elmo" in embedder_names(config.arms):
        here = here.model_copy(update={"elmo": module_digest(config.elmo, settings) or None})
    return here


def _here(*, static: str | None, elmo: str | None) -> Provenance:
    return Provenance(
        static=static,
        elmo=elmo,
        reading=code_version(READING_CODE),
        training=code_version(TRAINING_CODE),
        packages=package_versions(),
    )


@lru_cache(maxsize=2)
def _load_static(source: str, settings: Settings, _key: str) -> Embedder:
    return load_static(source, settings)


@lru_cache(maxsize=2)
def _load_elmo(
    source: str, settings: Settings, _version: str, layer_mix: Literal["mean", "0", "1", "2", "learned"], batch_size: int
) -> Embedder:
    from core.embedders.elmo import load_elmo  # noqa: PLC0415 - imports TensorFlow

    return load_elmo(source, settings, layer_mix=layer_mix, batch_size=batch_size)
