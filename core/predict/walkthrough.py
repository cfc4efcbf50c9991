"""One text on its way through the models of a run, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.arrays import DoubleArray, FloatArray
from core.embedders.base import Embedder
from core.predict.predictor import Prediction, Predictor

# It has a word twice and one that the static vectors do not know; of the shipped models, ELMo reads it right and Basic does not.
SENTENCE = "A good cast is no good with horible dialogue"

NUM_LAYERS = 3


@dataclass(frozen=True, eq=False)
class Walkthrough:
    """What becomes of a text.

    Attributes:
        prediction: Its words, which of them the static vectors know, and the answers.
        static: The static vectors of its words, float32 (num_tokens, dim).
        layers: ELMo's layers, float32 (3, num_tokens, width), the left half read forwards, the right half backwards; empty
            where no model of the run reads ELMo.
        detected: By arm, what the filters of the first trial's head find around each word, float32 (num_tokens, 64).
    """

    prediction: Prediction
    static: FloatArray
    layers: FloatArray
    detected: Mapping[str, FloatArray]

    @property
    def words(self) -> list[str]:
        """The words that are read."""
        return [token.text for token in self.prediction.tokens]

    def repeated(self) -> tuple[int, int] | None:
        """Positions of the longest word that comes twice in the same spelling, before any sign that does; None if none does."""
        words = self.words
        twice = [(words.index(word), place) for place, word in enumerate(words) if words.index(word) < place]
        return max(twice, key=lambda pair: (words[pair[0]].isalnum(), len(words[pair[0]])), default=None)

    def similarities(self, first: int, second: int) -> DoubleArray:
        """Cosine similarity of two words in each of ELMo's layers, float64 (3,)."""
        one, other = self.layers[:, first].astype(np.float64), self.layers[:, second].astype(np.float64)  # (3, width) each
        return np.asarray((one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1)), np.float64)


def walk_through(predictor: Predictor, elmo: Embedder | None, text: str) -> Walkthrough:
    """Takes a text through all steps.

    Args:
        predictor: Of the run.
        elmo: The run's ELMo with its three layers side by side (`layer_mix="learned"`); None without ELMo.
        text: The text.

    Raises:
        UserError: The text has no words.
    """
    prediction = predictor.predict(text)
    words = [token.text for token in prediction.tokens]
    vectors = predictor.vectors(words)
    layers = np.zeros((NUM_LAYERS, len(words), 0), np.float32)
    if elmo is not None:
        [rows] = elmo.embed([words])  # (num_tokens, 3 * width)
        layers = rows.reshape(len(words), NUM_LAYERS, -1).swapaxes(0, 1)
    detected = {arm: found[0] for arm, found in predictor.detections(vectors).items()}
    return Walkthrough(prediction, vectors["static"].astype(np.float32), layers, detected)
