"""Word vectors in binary files: word2vec's own form, and a NumPy matrix with a file of words beside it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np

from core.embedders.vector_files import MAX_ROWS, MAX_WIDTH, ArrayWriter, ParsedVectors
from core.embedders.vector_notes import VectorNotes, empty_file
from core.errors import UserError

_HEADER = re.compile(rb"(\d{1,9})[ \t](\d{1,6})[ \t]*\r?\n")
_LONGEST_WORD_BYTES = 1_000
_BATCH_ROWS = 1_000
_LARGEST = float(np.finfo(np.float32).max)
_WORDS_SUFFIXES = (".txt", ".words", ".vocab", ".vocab.txt", "_words.txt", ".words.txt", ".tsv")
_WORDS_NAMES = ("words.txt", "vocab.txt", "vocabulary.txt")
_COUNTED = re.compile(r"\S+\s+\d+")  # GloVe's and word2vec's vocabularies say how often each word occurs


def is_word2vec(start: bytes) -> bool:
    """Whether the first bytes of a file are those of word2vec's binary form."""
    return _HEADER.match(start) is not None


def parse_word2vec(file: io.BufferedReader, name: str, folder: Path) -> ParsedVectors:
    """Turns word2vec's binary form into arrays: a line "count width", then each word, a space and its float32 numbers.

    Args:
        file: At its beginning.
        name: Its name in errors and notes.
        folder: Where to write the arrays.

    Raises:
        UserError: It is truncated, or more than one row in a hundred is broken.

    Reference: `word2vec.c` of Mikolov et al. 2013; some writers put a line break before each word.
    """
    header = _HEADER.match(file.readline(64))
    num_rows, dim = (int(header[1]), int(header[2])) if header else (0, 0)
    if not (0 < num_rows <= MAX_ROWS and 0 < dim <= MAX_WIDTH):
        raise UserError(
            f"The vectors file {name} says that it has more vectors, or longer ones, than word vectors have; give word vectors.",
            code="vectors-too-wide",
        )
    notes = VectorNotes(name, "row")
    with ArrayWriter(folder, dim) as writer:
        for row in range(1, num_rows + 1):
            word = _read_word(file)
            vector = np.frombuffer(data := file.read(4 * dim), "<f4", count=len(data) // 4)
            if word is None or len(vector) != dim:
                raise UserError(
                    f"The vectors file {name} ends in row {row:,}, earlier than its first line says; get it again.",
                    code="vectors-truncated",
                )
            text = word.strip().decode(errors="ignore")
            if not (np.abs(vector) <= _LARGEST).all():
                notes.leave_out_broken(row, "not all of its numbers are finite")
            elif not text or "\n" in text:
                notes.leave_out(row, "it has no word")
            else:
                writer.add([text], vector[np.newaxis])
            if row % _BATCH_ROWS == 0:
                notes.require_few_broken(writer.num_rows, so_far=True)
    notes.require_few_broken(writer.num_rows)
    if not writer.num_rows:
        raise empty_file(name)
    if file.read(_LONGEST_WORD_BYTES).strip():
        notes.remark(
            f"The first line of {name} says {num_rows:,} vectors; the file goes on after them, and the rest was left out."
        )
    return writer.parsed(notes)


def _read_word(file: io.BufferedReader) -> bytes | None:
    """Bytes up to a space; None if there is none within reach."""
    word = bytearray()
    while (byte := file.read(1)) not in (b" ", b""):
        word += byte
        if len(word) > _LONGEST_WORD_BYTES:
            return None
    return bytes(word) if byte else None


def words_beside(matrix: Path) -> Path:
    """The file of words that belongs to a matrix.

    Raises:
        UserError: There is none.
    """
    stem = matrix.name.removesuffix(".npy")
    names = [*(stem + suffix for suffix in _WORDS_SUFFIXES), *_WORDS_NAMES]
    found = next((path for name in names if (path := matrix.with_name(name)).is_file()), None)
    if found is None:
        raise UserError(
            f"The matrix {matrix.name} has no words beside it; put them into {stem}.txt in the same folder, one on each line.",
            code="vectors-words-missing",
        )
    return found


def parse_numpy(matrix: Path, words: Path, folder: Path) -> ParsedVectors:
    """Turns a NumPy matrix and its words, one on each line, into arrays.

    Args:
        matrix: A `.npy` file with numbers (V, dim).
        words: V lines; what a line says after its word, such as a count, is left out where all lines say it.
        folder: Where to write the arrays.

    Raises:
        UserError: It is not a matrix of numbers, the words are another number, or more than one row in a hundred is broken.
    """
    try:
        vectors = np.load(matrix, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise _no_matrix(matrix, "cannot be read as a NumPy array") from error
    if not isinstance(vectors, np.ndarray) or vectors.ndim != 2 or vectors.dtype.kind not in "fiu":
        raise _no_matrix(matrix, "is not a matrix of numbers")
    if not (0 < len(vectors) <= MAX_ROWS and 0 < vectors.shape[1] <= MAX_WIDTH):
        raise _no_matrix(matrix, f"has {len(vectors):,} rows of {vectors.shape[1]:,} numbers")
    lines = words.read_bytes().removeprefix(b"\xef\xbb\xbf").decode(errors="ignore").removesuffix("\n").split("\n")
    if len(lines) != len(vectors):
        raise UserError(
            f"{words.name} has {len(lines):,} words for the {len(vectors):,} rows of {matrix.name}; give a matching pair.",
            code="vectors-words-mismatch",
        )
    if all(map(_COUNTED.fullmatch, map(str.strip, lines))):
        lines = [line.split()[0] for line in lines]
    notes = VectorNotes(matrix.name, "row")
    with ArrayWriter(folder, vectors.shape[1]) as writer:
        for start in range(0, len(lines), _BATCH_ROWS):
            part = vectors[start : start + _BATCH_ROWS].astype(np.float64)  # (n, dim)
            are_finite = np.asarray((np.abs(part) <= _LARGEST).all(axis=1))  # (n,)
            texts = [line.strip() for line in lines[start : start + _BATCH_ROWS]]
            for place, text in enumerate(texts):
                if not are_finite[place]:
                    notes.leave_out_broken(start + place + 1, "not all of its numbers are finite")
                elif not text:
                    notes.leave_out(start + place + 1, "it has no word")
            kept = are_finite & np.array([bool(text) for text in texts])
            writer.add([text for text, is_kept in zip(texts, kept, strict=True) if is_kept], part[kept].astype(np.float32))
    notes.require_few_broken(writer.num_rows)
    if not writer.num_rows:
        raise empty_file(matrix.name)
    return writer.parsed(notes)


def _no_matrix(matrix: Path, what: str) -> UserError:
    return UserError(f"{matrix.name} {what}; give one row of numbers for each word.", code="vectors-no-matrix")
