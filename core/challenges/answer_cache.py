"""Results on a suite, kept on disk: they are there at once after a reload or a restart of the server."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import pack_arrays, unpack_arrays
from core.challenges.scoring import PairResult, Report
from core.challenges.suite import Suite
from core.disk_cache import DiskCache, cache_key
from core.settings import Settings


@dataclass(frozen=True)
class AnswerCache:
    """The results of a run on a suite, on disk.

    Attributes:
        suite: The suite.
        run_id: Id of the run.
        num_heads: Number of heads of all its arms: another one changes the results.
        vectors: What decides the vectors of a text, see `Provenance.vectors`.
        settings: Where the data folder is.
    """

    suite: Suite
    run_id: str
    num_heads: int
    vectors: str
    settings: Settings

    def load(self) -> Report | None:
        """What `save` wrote; None if it is missing or damaged."""
        data = self._cache.load(self._name)
        if data is None:
            return None
        probs = unpack_arrays(data)  # by arm (num_pairs, 2, num_heads)
        members = [(family.title, pair) for family in self.suite.families for pair in family.pairs]
        return Report(
            self.suite,
            tuple(
                PairResult(family=family, pair=pair, probs={arm: values[row] for arm, values in probs.items()})
                for row, (family, pair) in enumerate(members)
            ),
        )

    def save(self, report: Report) -> None:
        """Stores all results."""
        probs = {arm: np.stack([result.probs[arm] for result in report.results]) for arm in report.arms}
        self._cache.save(self._name, pack_arrays(probs))

    @property
    def _cache(self) -> DiskCache:
        return DiskCache("cache/challenges", self.settings)

    @property
    def _name(self) -> str:
        return f"{self.run_id}-{cache_key(str(self.num_heads), self.suite.fingerprint, self.vectors)}"
