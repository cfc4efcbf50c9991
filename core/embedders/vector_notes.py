"""What was odd in a file of vectors that was read all the same."""

from __future__ import annotations

from collections import defaultdict

from core.errors import UserError

_MAX_BROKEN_SHARE = 0.01
_NUM_NAMED = 3  # line numbers said for each reason
_HOPELESS = 1_000  # broken lines after which a file with more of them than vectors is not read to its end
_ADVICE = "correct the file or get it again (GloVe, fastText, MUSE or word2vec, packed or not)"


class VectorNotes:
    """Collects what is left out of a file of vectors and why, and refuses a file of which too much is broken.

    Args:
        name: The file, as people know it.
        unit: What it consists of: "line" or "row".
    """

    def __init__(self, name: str, unit: str = "line") -> None:
        self._name = name
        self._unit = unit
        self._left_out: dict[str, list[int]] = defaultdict(list)
        self._remarks: list[str] = []
        self._num_broken = 0
        self._first_broken = (0, "")

    def leave_out(self, number: int, reason: str) -> None:
        """Note a line without a usable word."""
        self._left_out[reason].append(number)

    def leave_out_broken(self, number: int, reason: str) -> None:
        """Note a damaged line."""
        if not self._num_broken or number < self._first_broken[0]:
            self._first_broken = (number, reason)
        self._num_broken += 1
        self.leave_out(number, reason)

    def remark(self, sentence: str) -> None:
        """Note something about the whole file."""
        self._remarks.append(sentence)

    def require_few_broken(self, num_vectors: int, *, so_far: bool = False) -> None:
        """Checks that at most one line in a hundred is broken; `so_far` only stops at hopeless files.

        Raises:
            UserError: More are.
        """
        if so_far and self._num_broken <= max(_HOPELESS, num_vectors):
            return
        num_lines = num_vectors + self._num_broken
        if self._num_broken > num_lines * _MAX_BROKEN_SHARE:
            number, reason = self._first_broken
            others = f", and so are {self._num_broken - 1:,} more of {num_lines:,}" if self._num_broken > 1 else ""
            raise UserError(
                f"{self._unit.capitalize()} {number} of {self._name} is broken: {reason}{others}; {_ADVICE}.",
                code="vectors-line-broken",
            )

    @property
    def text(self) -> str:
        """Everything in one note, empty if nothing was odd."""
        sentences = list(self._remarks)
        if self._left_out:
            reasons = "; ".join(f"{self._lines(numbers)} ({reason})" for reason, numbers in self._left_out.items())
            sentences.insert(0, f"Left out of {self._name}: {reasons}.")
        return " ".join(sentences)

    def _lines(self, numbers: list[int]) -> str:
        if len(numbers) == 1:
            return f"{self._unit} {numbers[0]}"
        named = [str(number) for number in numbers[:_NUM_NAMED]]
        if rest := len(numbers) - len(named):
            named.append(f"{rest:,} more")
        return f"{self._unit}s {', '.join(named[:-1])} and {named[-1]}"


def empty_file(name: str) -> UserError:
    """The error for a file without a vector."""
    return UserError(f"The vectors file {name} has no vectors; {_ADVICE}.", code="vectors-empty")
