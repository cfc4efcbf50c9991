"""ELMo vectors from any TF-Hub module with the signatures of google/elmo, including ours."""

from __future__ import annotations

import copy
import os
import shutil
import threading
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy as np
import tensorflow as tf

from core.access.addresses import is_address, shown_address
from core.access.downloads import DownloadError
from core.arrays import FloatArray
from core.disk_cache import DiskCache
from core.embedders.hub_modules import (
    BUNDLED,
    break_stale_lock,
    digest_module,
    download_folder,
    fetch_module,
    module_handle,
    require_module,
)
from core.errors import UserError
from core.settings import Settings

LayerMix = Literal["mean", "0", "1", "2", "learned"]

# Changes when this file computes other vectors from the same outputs of a module.
_VERSION = 1
_NUM_LAYERS = 3
_OUTPUTS = ("word_emb", "lstm_outputs1", "lstm_outputs2")
# The only word of the sentences that fill up a batch.
_FILLER = "."
# The time axis is padded to a multiple of this, so that there are few shapes.
_TIME_STEP = 16
# Words are encoded in batches by length in bytes; each batch ends with a word of the greatest length in its range.
_WORD_BYTES = (-1, 8, 16, 48)
_WORDS_PER_ROW = 4  # words in such a batch, for each row of a batch of sentences
# Context-free vectors in memory at most; beyond that they are dropped.
_MAX_WORDS = 200_000
_MISSING_OP = "Op type not registered"  # TensorFlow's words for an operation that another package brings


class ElmoEmbedder:
    """Contextual vectors of one module.

    Every call of the module has the same number of rows, filled up with one-word sentences, and a time axis in steps of 16, so
    that the vectors of a sentence do not depend on the other sentences (`with_batch_size` can give that up). Thread-safe.

    Args:
        module: Loaded SavedModel.
        name: Name shown to people.
        fingerprint: Fingerprint of the module's files.
        layer_mix: "mean" of the three layers, one layer, or "learned": all three side by side, for a mix learned with the head.
        batch_size: Rows per call of the module.

    Reference: Peters et al. 2018, equation 1; https://tfhub.dev/google/elmo/3 for the contract.
    """

    def __init__(self, module: Any, *, name: str, fingerprint: str, layer_mix: LayerMix, batch_size: int) -> None:
        self.name = name
        self.fingerprint = f"{fingerprint}-{layer_mix}-{_VERSION}"
        self.module_digest = fingerprint
        self._module = module  # the signatures stop working once the module is collected
        self._layer_mix = layer_mix
        self._batch_size = self._row_step = batch_size
        self._time_step = _TIME_STEP
        self._words: dict[str, FloatArray] = {}
        self._lock = threading.Lock()
        signatures = module.signatures
        self._is_split = "word_vectors" in signatures and "context" in signatures
        width = _output_width(signatures["context" if self._is_split else "tokens"])
        self.dim = width * (_NUM_LAYERS if layer_mix == "learned" else 1)

    def with_batch_size(self, batch_size: int, *, step: int | None = None) -> ElmoEmbedder:
        """The same module in memory with another number of rows per call; vectors differ within rounding.

        Args:
            batch_size: Maximum number of rows per call.
            step: Fill up calls only to multiples of this many rows and tokens. That is faster if calls are not full, but then
                vectors depend, within rounding, on the number of sentences.
        """
        twin = copy.copy(self)  # shares the encoded words and the lock that guards them
        twin._batch_size, twin._row_step, twin._time_step = batch_size, step or batch_size, step or _TIME_STEP
        return twin

    def letters(self) -> ElmoEmbedder:
        """The same module in memory, giving layer 0: what it makes of the letters of each word, whatever stands around it."""
        twin = copy.copy(self)
        width = self.dim // _NUM_LAYERS if self._layer_mix == "learned" else self.dim
        twin._layer_mix, twin.dim, twin.fingerprint = "0", width, f"{self.module_digest}-0-{_VERSION}"
        return twin

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        """Vectors of each sentence, float32 (T_i, dim), in the order given; no tokens give (0, dim)."""
        vectors: list[FloatArray] = [np.zeros((0, self.dim), np.float32) for _ in sentences]
        with self._lock:
            self._embed_into(vectors, sentences)
        return vectors

    def _embed_into(self, vectors: list[FloatArray], sentences: Sequence[Sequence[str]]) -> None:
        if self._is_split:
            self._encode({_FILLER, *(word for tokens in sentences for word in tokens)})
            if self._layer_mix == "0":
                for row, tokens in enumerate(sentences):
                    if len(tokens):
                        word_emb = np.array([self._words[word] for word in tokens], np.float32)  # (T, width / 2)
                        vectors[row] = np.concatenate([word_emb, word_emb], axis=-1)
                return
        order = sorted((i for i, tokens in enumerate(sentences) if len(tokens)), key=lambda i: len(sentences[i]))
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            batch = [list(sentences[i]) for i in rows] + [[_FILLER]] * (-len(rows) % self._row_step)
            outputs = self._run_split(batch) if self._is_split else self._run_tokens(batch)
            for i, *layers in zip(rows, *outputs, strict=False):  # layers: (time, width) each
                vectors[i] = self._mix(*(layer[: len(sentences[i])] for layer in layers))

    def _mix(self, word_emb: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
        """One sentence's three layers, (T, width / 2) and twice (T, width) → (T, dim)."""
        layers = (np.concatenate([word_emb, word_emb], axis=-1), lower, upper)
        if self._layer_mix == "mean":
            return np.asarray((layers[0] + lower + upper) / _NUM_LAYERS, np.float32)
        if self._layer_mix == "learned":
            return np.concatenate(layers, axis=-1)
        return layers[int(self._layer_mix)].copy()  # otherwise the whole batch would stay in memory

    def _run_tokens(self, batch: list[list[str]]) -> list[FloatArray]:
        """Layers from the signature that every module has, float32 (batch, time, width); the first one is half as wide."""
        time = _padded(max(map(len, batch)), self._time_step)
        outputs = self._module.signatures["tokens"](
            tokens=tf.constant([tokens + [""] * (time - len(tokens)) for tokens in batch]),
            sequence_len=tf.constant([len(tokens) for tokens in batch], tf.int32),
        )
        return [outputs[name].numpy() for name in _OUTPUTS]

    def _run_split(self, batch: list[list[str]]) -> list[FloatArray]:
        """The same from our signature that takes word vectors."""
        lengths = [len(tokens) for tokens in batch]
        width = len(next(iter(self._words.values())))
        word_emb = np.zeros((len(batch), _padded(max(lengths), self._time_step), width), np.float32)
        for row, tokens in zip(word_emb, batch, strict=True):
            row[: len(tokens)] = [self._words[word] for word in tokens]
        outputs = self._module.signatures["context"](vectors=tf.constant(word_emb), sequence_len=tf.constant(lengths, tf.int32))
        return [word_emb, *(outputs[name].numpy() for name in _OUTPUTS[1:])]

    def _encode(self, words: set[str]) -> None:
        """Computes the context-free vectors of new words; these calls have fixed shapes, too."""
        if len(self._words) > _MAX_WORDS:
            self._words.clear()
        new = [(min(len(word.encode()), _WORD_BYTES[-1]), word) for word in sorted(words - self._words.keys())]
        num_rows = self._batch_size * _WORDS_PER_ROW
        for shortest, longest in pairwise(_WORD_BYTES):
            bucket = [word for num_bytes, word in new if shortest < num_bytes <= longest]
            for start in range(0, len(bucket), num_rows):
                part = bucket[start : start + num_rows]
                padded = tf.constant(part + ["x" * longest] * (num_rows - len(part) + 1))
                vectors = self._module.signatures["word_vectors"](words=padded)["word_emb"].numpy()
                self._words.update(zip(part, vectors, strict=False))


def load_elmo(source: str, settings: Settings, *, layer_mix: LayerMix = "mean", batch_size: int = 32) -> ElmoEmbedder:
    """Loads ELMo.

    Args:
        source: "elmo-mini" for the bundled module, the folder of a module, or a handle such as https://tfhub.dev/google/elmo/3.
        settings: Where the data folder is, which keeps downloads unless TFHUB_CACHE_DIR says otherwise.
        layer_mix: As for `ElmoEmbedder`.
        batch_size: Rows per call; small for live predictions.

    Raises:
        UserError: There is no such module, it cannot be reached, or it lacks google/elmo's signature `tokens`.
    """
    fingerprint, module = load_hub_module(source, settings)
    _check_contract(module, module_handle(source))
    return ElmoEmbedder(module, name=source.rstrip("/"), fingerprint=fingerprint, layer_mix=layer_mix, batch_size=batch_size)


def load_hub_module(source: str, settings: Settings, *, what: str = "ELMo module") -> tuple[str, Any]:
    """Loads any module of TF-Hub, with its download if it has a handle.

    Args:
        source: As for `load_elmo`.
        settings: Where the data folder is.
        what: What it is called in errors.

    Returns:
        The digest of its files, and the module.

    Raises:
        UserError: There is no such module, or it cannot be reached or loaded.
    """
    os.environ.setdefault("TFHUB_CACHE_DIR", str(settings.folder("hub")))  # TensorFlow Hub reads it
    handle = module_handle(source)
    require_module(source, what=what)
    kept = download_folder(handle, settings) if is_address(handle) else None
    downloads = DiskCache("hub", settings)
    if kept is not None:
        downloads.hold(kept.name)  # before it is looked for, so that no other process deletes it meanwhile
        break_stale_lock(kept)
    was_kept = kept is not None and kept.exists()
    # Loaders raise almost anything: urllib's, TensorFlow's and protobuf's own errors, ValueError, UnicodeDecodeError.
    try:
        fingerprint, module = _resolve_and_load(handle, settings)
    except ImportError:  # nothing is wrong with the module
        raise
    except Exception as error:
        if kept is None or not was_kept:
            raise _cannot_be_loaded(handle, error, what=what) from error
        try:
            fingerprint, module = _fetch_again(handle, kept, settings)
        except Exception as again:  # noqa: BLE001 - as above
            raise _cannot_be_loaded(handle, again, what=what, folder=kept) from error
    if kept is not None:
        downloads.mark_used(kept.name)
        downloads.make_room()
    return fingerprint, module


def _resolve_and_load(handle: str, settings: Settings) -> tuple[str, Any]:
    """Fingerprint and module of a handle, which is downloaded if it is not there."""
    from tensorflow_hub import resolver  # noqa: PLC0415 - takes seconds

    folder = Path(handle)
    if is_address(handle):
        fetch = partial(fetch_module, allow_private=settings.allow_private_addresses)
        kept = download_folder(handle, settings)
        kept.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(resolver.atomic_download(handle, fetch, str(kept)))
    fingerprint = digest_module(folder)
    return fingerprint, _load_module(folder, fingerprint)


def _fetch_again(handle: str, damaged: Path, settings: Settings) -> tuple[str, Any]:
    """The same with a download that cannot be loaded moved out of the way; it comes back if no other can be had."""
    aside = damaged.with_name(f"{damaged.name}.{uuid4().hex}.damaged")
    damaged.rename(aside)
    try:
        found = _resolve_and_load(handle, settings)
    except Exception:
        shutil.rmtree(damaged, ignore_errors=True)
        aside.rename(damaged)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    return found


def _cannot_be_loaded(handle: str, error: Exception, *, what: str, folder: Path | None = None) -> UserError:
    """The error for a module; `folder` has its download, where that is damaged."""
    if _MISSING_OP in str(error):  # TensorFlow says no more than a name of its own
        return UserError(
            f"The {what} {_shown(handle)!r} needs operations that TensorFlow does not have by itself, such as those of "
            "tensorflow-text, and loading them would run foreign code; choose a module without them.",
            code="module-needs-ops",
        )
    # TensorFlow's messages quote what is in files.
    reason = str(error) if isinstance(error, DownloadError | UserError) else f"TensorFlow reports {type(error).__name__}"
    if folder is not None:
        advice = f"its download in {folder} is damaged: delete that folder, check the network and try again"
    elif is_address(handle):
        advice = "check the network, or download the module and give its folder"
    else:
        advice = "download the module again"
    return UserError(
        f"The {what} {_shown(handle)!r} cannot be loaded ({reason}); {advice}, or choose "
        f"{BUNDLED if what == 'ELMo module' else 'another'}.",
        code="elmo-unloadable",
    )


@lru_cache(maxsize=2)
def _load_module(folder: Path, _fingerprint: str) -> Any:
    """The module in a folder; loaded once per process for all layer mixes and batch sizes, and again if its files change."""
    import tensorflow_hub as hub  # noqa: PLC0415 - takes seconds

    return hub.load(str(folder))


def _check_contract(module: Any, handle: str) -> None:
    """Checks that a module has the signature and outputs of google/elmo."""
    signatures = getattr(module, "signatures", {})
    if "tokens" not in signatures:
        raise UserError(
            f"The module {_shown(handle)!r} is not an ELMo: it has no signature tokens; choose a module like google/elmo.",
            code="elmo-no-signature",
        )
    missing = [name for name in _OUTPUTS if name not in signatures["tokens"].structured_outputs]
    if missing:
        raise UserError(
            f"The module {_shown(handle)!r} is not an ELMo: its outputs lack {', '.join(missing)}; choose one like google/elmo.",
            code="elmo-no-output",
        )


def _shown(handle: str) -> str:
    return shown_address(handle) if is_address(handle) else handle


def _output_width(signature: Any) -> int:
    """Width of an LSTM layer's output; if the module does not declare it (TF1 Hub), one word is embedded to find out."""
    declared = signature.structured_outputs["lstm_outputs1"].shape
    if declared.rank == 3 and declared[-1] is not None:
        return int(declared[-1])
    outputs = signature(tokens=tf.constant([[_FILLER]]), sequence_len=tf.constant([1], tf.int32))
    return int(outputs["lstm_outputs1"].shape[-1])


def _padded(time: int, step: int) -> int:
    return -(-time // step) * step
