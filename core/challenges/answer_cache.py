"""Answers to a suite, kept in the cache folder: whoever comes back, or starts the server anew, need not ask again."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import tokens
from core.challenges.scoring import JudgedPair, Report
from core.challenges.suite import Suite
from core.errors import UserError
from core.files import write_whole
from core.settings import Settings

_DIGEST_LEN = hashlib.sha256().digest_size


@dataclass(frozen=True)
class AnswerCache:
    """What the heads of a run said about a suite; in one file, safe to delete at any time.

    Attributes:
        suite: The suite.
        run_id: Of the run.
        num_heads: That it had, of all arms together: with one more the answers are others.
        settings: Where the cache folder is. Where it cannot be used, nothing is kept.
    """

    suite: Suite
    run_id: str
    num_heads: int
    settings: Settings

    def load(self) -> Report | None:
        """What `save` wrote; None if it is missing or damaged."""
        try:
            content = self._path().read_bytes()
        except (UserError, OSError):
            return None
        digest, data = content[:_DIGEST_LEN], content[_DIGEST_LEN:]
        if hashlib.sha256(data).digest() != digest:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            probs = dict(arrays)  # by arm (num_pairs, 2, num_heads)
        members = [(family.title, pair) for family in self.suite.families for pair in family.pairs]
        return Report(
            self.suite,
            tuple(
                JudgedPair(family=family, pair=pair, probs={arm: values[row] for arm, values in probs.items()})
                for row, (family, pair) in enumerate(members)
            ),
        )

    def save(self, report: Report) -> None:
        """Keep all answers, so that others see the whole file or none."""
        data = io.BytesIO()
        probs = {arm: np.stack([judged.probs[arm] for judged in report.judged]) for arm in report.arms}
        np.savez(data, allow_pickle=False, **probs)
        with suppress(UserError, OSError):
            write_whole(self._path(), hashlib.sha256(data.getvalue()).digest() + data.getvalue())

    def _path(self) -> Path:
        tokeniser = hashlib.sha256(Path(tokens.__file__).read_bytes()).hexdigest()[:8]  # another version reads other tokens
        name = f"{self.run_id}-{self.num_heads}-{self.suite.fingerprint}-{tokeniser}"
        return self.settings.folder("cache/challenges") / name
