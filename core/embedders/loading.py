"""The embedders of a run, loaded once per process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from core.arrays import HalfArray
from core.embedders.base import Embedder
from core.embedders.cache import CachedEmbedder, open_cache
from core.embedders.hub_modules import module_digest, module_version, require_module
from core.embedders.shuffled import ShuffledEmbedder
from core.embedders.static import StaticEmbedder, load_static, require_vectors, static_fingerprint, static_key
from core.errors import UserError
from core.experiment.arms import is_of_elmo, kind_of, source_of
from core.experiment.config import ExperimentConfig
from core.experiment.provenance import READING_CODE, TRAINING_CODE, Provenance, code_version, package_versions
from core.settings import Settings

if TYPE_CHECKING:
    from core.embedders.elmo import ElmoEmbedder, LayerMix
    from core.embedders.texts.text_module import TextModuleEmbedder


ELMO_BATCH_SIZE = 32  # reviews per call of ELMo in a run


def require_sources(config: ExperimentConfig, settings: Settings) -> None:
    """Checks that the vectors and the ELMo of a run exist, before it starts and without loading them.

    On a cluster nothing is checked, because its workers have their own files.

    Raises:
        UserError: One of them is missing.
    """
    if settings.scheduler:
        return
    if config.elmo_readers:
        require_module(config.elmo)
    for reader in config.readers:
        match kind_of(reader):
            case "static":
                require_vectors(source_of(reader) or config.static)
            case "module":
                require_module(source_of(reader), what="text module")


def load_embedder(name: str, config: ExperimentConfig, settings: Settings, *, batch_size: int = ELMO_BATCH_SIZE) -> Embedder:
    """One of the embedders of a run; loaded once per process.

    Args:
        name: One of `ExperimentConfig.readers`.
        config: Names the vectors.
        settings: Where the data folder is.
        batch_size: Sentences per call of ELMo; 1 for live predictions.

    Raises:
        UserError: A vectors file or a hub module cannot be loaded.
    """
    kind, source = kind_of(name), source_of(name)
    if kind == "static":
        source = source or config.static
        return _load_static(source, settings, static_key(source))
    if kind == "module":
        return _load_text_module(source, settings, module_version(source))
    layer_mix = cast("LayerMix", source) if kind == "elmo" and source else config.layer_mix
    elmo = _load_elmo(config.elmo, settings, module_version(config.elmo), layer_mix, batch_size)
    if kind == "letters":
        return elmo.letters()
    return ShuffledEmbedder(elmo) if kind == "shuffled" else elmo


def load_embedders(config: ExperimentConfig, settings: Settings, *, batch_size: int = ELMO_BATCH_SIZE) -> dict[str, Embedder]:
    """All embedders that the arms of a run need, by name; see `load_embedder`."""
    return {name: load_embedder(name, config, settings, batch_size=batch_size) for name in config.readers}


def arm_vectors(
    reads: Sequence[str], sentences: Sequence[Sequence[str]], embedders: Mapping[str, Embedder], settings: Settings
) -> list[HalfArray]:
    """What an arm reads of some sentences: the vectors of its embedders side by side, those of ELMo through the cache.

    Args:
        reads: What the arm reads, as from `ExperimentConfig.reads`.
        sentences: Tokens of each.
        embedders: At least those of the arm.
        settings: Where the cache is.

    Returns:
        float16 (T_i, dim) of each sentence, as the heads of a run are trained on.
    """
    columns = []
    for name in reads:
        embedder = embedders[name]
        is_cached = not isinstance(embedder, StaticEmbedder)  # looking a word up is cheaper than reading its vector
        columns.append((CachedEmbedder(embedder, open_cache(settings)) if is_cached else embedder).embed(sentences))
    rows = (np.concatenate(row, axis=1, dtype=np.float16, casting="same_kind") for row in zip(*columns, strict=True))
    return list(rows)


def with_batch_size(embedders: Mapping[str, Embedder], batch_size: int, *, step: int | None = None) -> dict[str, Embedder]:
    """The same embedders, in the same memory, with another batch size; see `ElmoEmbedder.with_batch_size`."""

    def with_its_own(embedder: Embedder) -> Embedder:
        return cast("ElmoEmbedder | ShuffledEmbedder", embedder).with_batch_size(batch_size, step=step)

    return {name: with_its_own(embedder) if is_of_elmo(name) else embedder for name, embedder in embedders.items()}


def loaded_provenance(embedders: Mapping[str, Embedder]) -> Provenance:
    """What the embedders of a run were loaded from, and the code and packages of this process; reviews are not known here."""
    of_elmo = [embedder for name, embedder in embedders.items() if is_of_elmo(name)]
    elmo = cast("ElmoEmbedder | ShuffledEmbedder", of_elmo[0]).module_digest if of_elmo else ""
    own = {name: _version_of(name, embedder) for name, embedder in embedders.items() if _is_own(name)}
    return _here(static=embedders["static"].fingerprint, elmo=elmo, own=_together(own))


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
    elmo = module_digest(config.elmo, settings) if config.elmo_readers else ""
    own = {reader: _known_version(reader, settings) for reader in config.readers if _is_own(reader)}
    return _here(static=static_fingerprint(config.static, settings), elmo=elmo, own=_together(own))


def provenance_of_driver(config: ExperimentConfig, settings: Settings) -> Provenance:
    """The same in a program whose workers compute elsewhere: of vectors and an ELMo that it lacks it knows nothing."""
    here = _here(static=None, elmo=None, own=None if any(map(_is_own, config.readers)) else "")
    with suppress(UserError):
        here = here.model_copy(update={"static": static_fingerprint(config.static, settings)})
    if config.elmo_readers:
        here = here.model_copy(update={"elmo": module_digest(config.elmo, settings) or None})
    return here


def _is_own(reader: str) -> bool:
    """Whether a reader has a source of its own, which no other field of a provenance tells of."""
    return bool(source_of(reader)) and not is_of_elmo(reader)


def _version_of(reader: str, embedder: Embedder) -> str:
    return cast("TextModuleEmbedder", embedder).module_digest if kind_of(reader) == "module" else embedder.fingerprint


def _known_version(reader: str, settings: Settings) -> str | None:
    """The same without loading anything, where that can be told."""
    source = source_of(reader)
    return module_digest(source, settings) if kind_of(reader) == "module" else static_fingerprint(source, settings)


def _together(versions: Mapping[str, str | None]) -> str | None:
    """One digest of several versions; empty for none, None if one of them is not known."""
    if None in versions.values():
        return None
    return hashlib.sha256(repr(sorted(versions.items())).encode()).hexdigest()[:16] if versions else ""


def _here(*, static: str | None, elmo: str | None, own: str | None) -> Provenance:
    return Provenance(
        static=static,
        elmo=elmo,
        own=own,
        reading=code_version(READING_CODE),
        training=code_version(TRAINING_CODE),
        packages=package_versions(),
    )


@lru_cache(maxsize=2)
def _load_text_module(source: str, settings: Settings, _version: str) -> Embedder:
    from core.embedders.texts.text_module import load_text_module  # noqa: PLC0415 - imports TensorFlow

    return load_text_module(source, settings)


@lru_cache(maxsize=4)
def _load_static(source: str, settings: Settings, _key: str) -> Embedder:
    return load_static(source, settings)


@lru_cache(maxsize=6)
def _load_elmo(source: str, settings: Settings, _version: str, layer_mix: LayerMix, batch_size: int) -> ElmoEmbedder:
    from core.embedders.elmo import load_elmo  # noqa: PLC0415 - imports TensorFlow

    return load_elmo(source, settings, layer_mix=layer_mix, batch_size=batch_size)
