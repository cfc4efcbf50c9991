"""Text files of word vectors as GloVe, fastText and MUSE write them: a word and its numbers on each line."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

import numpy as np

from core.embedders.binary_vectors import is_word2vec, parse_word2vec
from core.embedders.vector_files import MAX_ROWS, MAX_WIDTH, ArrayWriter, ParsedVectors
from core.embedders.vector_notes import VectorNotes, empty_file
from core.embedders.vector_packing import open_unpacked
from core.errors import UserError

_LARGEST = float(np.finfo(np.float32).max)
_UTF_8_MARK, _UTF_16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
# Binary numbers are full of control characters; a word may have one.
_CONTROL_BYTES = [bytes([code]) for code in range(32) if code not in b"\t\n\v\f\r"]
_MAX_CONTROL_SHARE = 0.01
_LONGEST_LINE_BYTES = 2**20  # a line of a broken or hostile file may have gigabytes
_NUM_SAMPLED = 100  # lines that tell the width where no first line does
_BATCH_NUMBERS = 2**18  # turned into an array at once
_MAX_MISSING = 2  # vectors that a first line may promise too many without a sign that the file was cut
# What a phrase may end in, such as "top 10" or "windows 3.1"; numbers of vectors have a sign or more decimals.
_NUMBER_OF_PHRASE = re.compile(rb"\d{1,9}(?:\.\d{1,2})?")
_MAX_PHRASES_SHARE = 0.1  # of lines that end so; more of them are lines with more numbers than the file says


def parse_text(path: Path, name: str, folder: Path) -> ParsedVectors:
    """Turns a file of vectors into arrays: text, or word2vec's binary form, packed or not.

    Args:
        path: The file.
        name: Its name in errors and notes.
        folder: Where to write the arrays.

    Raises:
        UserError: The file is binary, empty, truncated, or more than one line in a hundred is broken; the sentence has the number
            of the first one.
    """
    with open_unpacked(path, name) as file:
        start = file.peek(4096)[:4096]
        if not start.startswith(_UTF_16_MARKS) and _is_binary(start):
            if is_word2vec(start):
                return parse_word2vec(file, name, folder)
            raise UserError(
                f"The vectors file {name} is binary, but not word2vec's; get its text form (.vec or .txt, packed or not).",
                code="vectors-binary",
            )
        with closing(_read_lines(file, start)) as lines:
            return _parse_lines(lines, name, folder)


def _is_binary(start: bytes) -> bool:
    if b"\0" in start:
        return True
    return sum(map(start.count, _CONTROL_BYTES)) > len(start) * _MAX_CONTROL_SHARE and not _has_number_line(start)


def _has_number_line(start: bytes) -> bool:
    """Whether the second line is a word with its numbers in text: a short file may have odd words, too."""
    _, _, rest = start.partition(b"\n")
    line, end, _ = rest.partition(b"\n")
    fields = line.split()[1:]
    whole = fields if end else fields[:-1]
    return bool(whole) and _numbers(whole) is not None


def _read_lines(file: io.BufferedReader, start: bytes) -> Generator[bytes, None, None]:
    """Lines of bytes: in text, words such as a no-break space or a line separator would end a field or a line."""
    if start.startswith(_UTF_16_MARKS):
        text = io.TextIOWrapper(file, encoding="utf-16", errors="replace", newline="\n")
        try:
            yield from (line.encode() for line in iter(lambda: text.readline(_LONGEST_LINE_BYTES), ""))
        finally:
            text.detach()  # whoever opened the file closes it
        return
    if start.startswith(_UTF_8_MARK):
        file.read(len(_UTF_8_MARK))
    yield from iter(lambda: file.readline(_LONGEST_LINE_BYTES), b"")


def _parse_lines(lines: Iterable[bytes], name: str, folder: Path) -> ParsedVectors:
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    sample = list(islice(numbered, _NUM_SAMPLED))
    if not sample:
        raise empty_file(name)
    head = sample[0][1].split()
    has_header = len(head) == 2 and all(field.isdigit() for field in head)  # "count width", as fastText and MUSE write
    dim = _bounded(head[1], name) if has_header else _usual_width([line for _, line in sample])
    if dim < 1:
        raise UserError(
            f"Line {sample[0][0]} of {name} is broken: it has no numbers; give a file with a word and its numbers on each line.",
            code="vectors-line-broken",
        )
    reader = _LineReader(name, dim)
    with ArrayWriter(folder, dim) as writer:
        reader.write(chain(sample[has_header:], numbered), writer)
    reader.check(writer.num_rows, promised=int(head[0]) if has_header else None)
    return writer.parsed(reader.notes)


class _LineReader:
    """Reads lines of one width."""

    def __init__(self, name: str, dim: int) -> None:
        self.notes = VectorNotes(name)
        self._name = name
        self._dim = dim
        self._phrases: list[int] = []
        self._last_line = b""

    def write(self, numbered: Iterator[tuple[int, bytes]], writer: ArrayWriter) -> None:
        """Writes the vectors of all lines that are whole."""
        while batch := list(islice(numbered, max(1, _BATCH_NUMBERS // self._dim))):
            self._last_line = batch[-1][1]
            rows = [row for number, line in batch if (row := self._read(number, line))]
            numbers, words, values = zip(*rows, strict=True) if rows else ((), (), ())
            vectors = np.array(values).reshape(-1, self._dim)  # (n, dim)
            are_finite = (np.abs(vectors) <= _LARGEST).all(axis=1)  # (n,)
            for place in np.flatnonzero(~are_finite).tolist():
                self.notes.leave_out_broken(numbers[place], "not all of its numbers are finite")
            kept = [word for word, is_finite in zip(words, are_finite.tolist(), strict=True) if is_finite]
            writer.add(kept, vectors[are_finite].astype(np.float32))
            self.notes.require_few_broken(writer.num_rows, so_far=True)
            if writer.num_rows > MAX_ROWS:
                raise UserError(
                    f"The vectors file {self._name} has more than {MAX_ROWS:,} lines; keep the most frequent words only.",
                    code="vectors-too-many",
                )

    def check(self, num_rows: int, *, promised: int | None) -> None:
        """Checks the whole, and notes a first line that promises another number of vectors."""
        if self._phrases and len(self._phrases) > num_rows * _MAX_PHRASES_SHARE:
            for number in self._phrases:
                self.notes.leave_out_broken(number, f"it has more than {self._dim} numbers")
        self.notes.require_few_broken(num_rows)
        if not num_rows:
            raise empty_file(self._name)
        if promised in (None, num_rows):
            return
        is_cut = not self._last_line.endswith(b"\n")
        if is_cut and promised > num_rows + max(_MAX_MISSING, num_rows // 100):
            raise UserError(
                f"The vectors file {self._name} has fewer vectors than its first line says, and its last line has no end: it was "
                "cut short; get it again.",
                code="vectors-truncated",
            )
        self.notes.remark(f"The first line of {self._name} says {promised:,} vectors; {num_rows:,} were read.")

    def _read(self, number: int, line: bytes) -> tuple[int, str, Sequence[float]] | None:
        """A line's number, word and numbers; None if it is left out. A word may contain spaces."""
        # The released GloVe 840B has words such as ". . ." and "at name@domain.com": the numbers are the last `dim` fields.
        word, *fields = line.rsplit(None, self._dim)
        if len(fields) == self._dim - 1 and line[:1].isspace():
            word, fields = b"", [word, *fields]
        if len(fields) != self._dim:
            self.notes.leave_out_broken(number, f"it has {len(fields)} numbers instead of {self._dim}")
            return None
        values = _numbers(fields)
        if values is None:
            self.notes.leave_out_broken(number, "one of its fields is not a number")
            return None
        before, _, last = word.rpartition(b" ")
        if before and _numbers([last]):
            if not _NUMBER_OF_PHRASE.fullmatch(last):
                self.notes.leave_out_broken(number, f"it has more than {self._dim} numbers")
                return None
            self._phrases.append(number)
        # A few words in fastText's files end inside a character; fastText's own loader drops the broken bytes, too.
        text = word.strip().decode(errors="ignore")
        if not text:
            self.notes.leave_out(number, "it has no word")
            return None
        return number, text, values


def _bounded(width: bytes, name: str) -> int:
    """The width that a first line says."""
    if len(width) > len(str(MAX_WIDTH)) or int(width) > MAX_WIDTH:
        raise UserError(
            f"The first line of {name} says that its vectors have more than {MAX_WIDTH:,} numbers; give word vectors.",
            code="vectors-too-wide",
        )
    return int(width)


def _usual_width(lines: Sequence[bytes]) -> int:
    """How many numbers most lines end in."""
    widths: Counter[int] = Counter()
    for line in lines:
        fields = line.split()
        width = next((n for n, field in enumerate(reversed(fields)) if _numbers([field]) is None), len(fields))
        widths[width - (width == len(fields) and not line[:1].isspace())] += 1  # the word may be a number
    return min(max(widths, key=lambda width: (widths[width], width)), MAX_WIDTH)


def _numbers(fields: Sequence[bytes]) -> list[float] | None:
    """The fields as numbers; None if one is not. Python's underscores are none."""
    try:
        return None if any(b"_" in field for field in fields) else [float(field) for field in fields]
    except ValueError:
        return None
