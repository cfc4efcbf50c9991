"""Transplants: vectors of words taken out of one sentence and put into another, to see what context does to a verdict.

A word takes along its vectors up to one of ELMo's layers; what lies above reads on from them:

    layer 0   its letters only: the other word stands in the sentence, and both LSTM layers read it there
    layer 1   what the lower LSTM layer made of it in its own sentence; the upper layer reads on
    layer 2   the vector that the heads read, which nothing reads on from

Its static vector goes along with every one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

import numpy as np

from core.access.addresses import is_address
from core.arrays import DoubleArray, FloatArray, HalfArray
from core.embedders.hub_modules import module_handle
from core.experiment.arms import kind_of
from core.experiment.config import ExperimentConfig
from core.predict.predictor import Prediction, Predictor, to_probs

if TYPE_CHECKING:
    from core.elmo.patching import LayerPatcher

Level = Literal["0", "1", "2"]
_Rows = TypeVar("_Rows", HalfArray, FloatArray)
_LEVELS: tuple[Level, ...] = ("0", "1", "2")


class Example(NamedTuple):
    """Two sentences with a word in common.

    Attributes:
        text: Gets the word.
        donor: Gives it.
    """

    text: str
    donor: str


# A word that both have, or all of them together, move ELMo's answer of the shipped example to the other side.
EXAMPLES = (
    Example("not good at all", "a good film"),
    Example("The cast is wonderful", "The cast is terrible"),
    Example("kind people", "some kind of bad joke"),
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a transplant does to the answers.

    Attributes:
        before: By arm, float32 (num_heads,): log-odds of "positive" of the sentence as it is.
        after: The same with the other vectors in it.
    """

    before: Mapping[str, FloatArray]
    after: Mapping[str, FloatArray]

    def effects(self, arm: str) -> DoubleArray:
        """By how much the log-odds rise in each head, float64 (num_heads,)."""
        return np.asarray(self.after[arm].astype(np.float64) - self.before[arm], np.float64)

    def probs_before(self, arm: str) -> FloatArray:
        """Probability of "positive" before, float32 (num_heads,)."""
        return to_probs(self.before[arm])

    def probs_after(self, arm: str) -> FloatArray:
        """Probability of "positive" after, float32 (num_heads,)."""
        return to_probs(self.after[arm])


class Transplant:
    """Two texts, and what the heads make of the first with words of the second in it.

    Args:
        predictor: Of the run.
        config: Of the run.
        recipient: Prediction of the text that words are put into.
        donor: Prediction of the text that they are taken from.
        patcher: Of the run's ELMo; without it, no upper layer can read on from a word's vector of the lower one.
    """

    def __init__(
        self,
        predictor: Predictor,
        config: ExperimentConfig,
        recipient: Prediction,
        donor: Prediction,
        patcher: LayerPatcher | None,
    ) -> None:
        self.recipient, self.donor = recipient, donor
        self._predictor, self._config, self._patcher = predictor, config, patcher
        self._words, self._donor_words = ([token.text for token in each.tokens] for each in (recipient, donor))
        self._own, self._other = predictor.vectors(self._words), predictor.vectors(self._donor_words)
        self._arms = [arm for arm in recipient.logits if arm in donor.logits and _can_move(config.reads(arm))]
        self._outcomes: dict[tuple[tuple[tuple[int, int], ...], Level], Outcome] = {}

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that can read both texts."""
        return tuple(self._arms)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The layers up to which a word can take its vectors along; none if no arm reads ELMo."""
        if not any(self.is_layered(arm) for arm in self._predictor.arms):
            return ()
        return tuple(level for level in _LEVELS[: _LEVELS.index(self.top) + 1] if level in ("0", self.top) or self._patcher)

    def is_layered(self, arm: str) -> bool:
        """Whether an arm reads ELMo's vectors in context, of which a word has one in each layer."""
        return "elmo" in self._config.reads(arm)

    @property
    def top(self) -> Level:
        """The uppermost layer that the heads read."""
        mix = self._config.layer_mix
        return mix if mix in ("0", "1") else "2"

    def put(self, moves: Mapping[int, int], level: Level) -> Outcome:
        """What happens if words of the donor take the place of some words.

        Args:
            moves: Indices of the words that are replaced, each with that of the donor's word in its place.
            level: One of `levels`.
        """
        key = (tuple(sorted(moves.items())), level)
        if key not in self._outcomes:
            self._outcomes[key] = self._put(moves, level)
        return self._outcomes[key]

    def put_all(self) -> Outcome:
        """What happens if the vectors of the whole donor take the place of all others: its prediction."""
        return self._outcome(self._own, self._other)

    def shared(self) -> dict[int, int]:
        """Positions of the words that both texts have, each occurrence with one of the donor, in any case and in order."""
        places: dict[str, list[int]] = defaultdict(list)
        for position, word in enumerate(self._donor_words):
            places[word.casefold()].append(position)
        return {place: found.pop(0) for place, word in enumerate(self._words) if (found := places[word.casefold()])}

    def _put(self, moves: Mapping[int, int], level: Level) -> Outcome:
        if level == self.top:
            read = {reader for arm in self._arms for reader in self._config.reads(arm)}
            return self._outcome(self._own, {part: _moved(self._own[part], self._other[part], moves) for part in read})
        if level == "0":
            words = [self._donor_words[moves[place]] if place in moves else word for place, word in enumerate(self._words)]
            return self._outcome(self._own, self._predictor.vectors(words))
        return self._read_on(moves)

    def _read_on(self, moves: Mapping[int, int]) -> Outcome:
        """A transplant of the lower layer's vectors. Before and after come from the same computation, so that they compare."""
        own, other = self._layers
        patched = self._required_patcher.layers(self._words, {place: other[1, there] for place, there in moves.items()})
        patched[0] = _moved(patched[0], other[0], moves)
        readers = {reader for arm in self._arms for reader in self._config.reads(arm)} - {"elmo"}
        before = {reader: self._own[reader] for reader in readers}
        after = {reader: _moved(self._own[reader], self._other[reader], moves) for reader in readers}
        return self._outcome({**before, "elmo": self._mixed(own)}, {**after, "elmo": self._mixed(patched)})

    @cached_property
    def _layers(self) -> tuple[FloatArray, FloatArray]:
        """All layers of both texts, float32 (3, T, width) each."""
        return self._required_patcher.layers(self._words), self._required_patcher.layers(self._donor_words)

    @property
    def _required_patcher(self) -> LayerPatcher:
        if self._patcher is None:
            raise ValueError("this ELMo cannot read on from its lower layer")
        return self._patcher

    def _mixed(self, layers: FloatArray) -> HalfArray:
        """What the heads read of all layers, (3, T, width) → float16 (T, dim); as `ElmoEmbedder` does it."""
        mix = self._config.layer_mix
        if mix == "mean":
            return np.asarray((layers[0] + layers[1] + layers[2]) / len(layers), np.float16)
        if mix == "learned":
            return np.concatenate(list(layers), axis=-1).astype(np.float16)
        return np.asarray(layers[int(mix)], np.float16)

    def _outcome(self, before: Mapping[str, HalfArray], after: Mapping[str, HalfArray]) -> Outcome:
        logits = [self._predictor.logits_of_vectors(vectors) for vectors in (before, after)]
        return Outcome(*({arm: values[arm] for arm in self._arms} for values in logits))


def find_patcher(config: ExperimentConfig) -> LayerPatcher | None:
    """Loads what lets the upper layer of a run's ELMo read on; None where its module does not have it.

    Raises:
        UserError: The module's weights cannot be read.
    """
    handle = module_handle(config.elmo)
    if is_address(handle) or "elmo" not in config.readers:
        return None
    from core.elmo.patching import load_patcher  # noqa: PLC0415 - imports TensorFlow

    return load_patcher(Path(handle))


def _can_move(reads: Sequence[str]) -> bool:
    """Whether a word can take its vectors along: not those of whole texts, nor those of sentences in another order.

    Vectors of another layer of ELMo are left out, too: the layer patcher has the one that the run reads.
    """
    return all(reader in ("elmo", "letters") or kind_of(reader) == "static" for reader in reads)


def _moved(rows: _Rows, others: _Rows, moves: Mapping[int, int]) -> _Rows:
    """A copy of some vectors, (T, dim), with those of other words, (U, dim), in some places."""
    changed = rows.copy()
    changed[list(moves)] = others[list(moves.values())]
    return changed
