"""What the tab *Transplant* says. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

from core.experiment.config import ARM_TITLES
from core.formatting import percent, signed_number
from core.predict.text_vectors import Part, parts_of_elmo

INTRODUCTION = (
    "Take the vectors of a word out of one sentence and put them into another. The same word brings nothing new but what "
    "ELMo has read around it: context."
)
DONOR, HOST = "Take a word out of", "Put it into"
DONOR_WORD, HOST_WORD = "Word that gives its vectors", "Word that gets them"
DONOR_EXAMPLE, HOST_EXAMPLE = "not good at all", "a good film"
TYPE_BOTH = "Type both sentences."
WHAT_MOVES = "What moves"
WHOLE = "All vectors"
PART_TITLES: Mapping[Part, str] = {
    "static": "Static vector",
    "0": "ELMo, layer 0 (letters)",
    "1": "ELMo, layer 1",
    "2": "ELMo, layer 2",
}
EVERY_WORD = "All vectors of every word"
LAYERS_TABLE = "Layer by layer: change of the log-odds of positive"
SIMILARITY = "Similarity"
LAYERS_HELP = (
    "Similarity is the cosine of the two vectors: 1.000 for the same vector. Changes are of the log-odds, mean of all trials; "
    "0.00 means exactly nothing, or less than 0.005."
)
MATRIX_HELP = "Each row is a word that gives its vectors, each column a word that gets them. Choose a cell to see it above."


def layers_read(layer_mix: str) -> str:
    """Which layers of ELMo play a role in the models of a run."""
    if layer_mix in {"mean", "learned"}:
        mix = "the mean of ELMo's three layers" if layer_mix == "mean" else "a learned mix of ELMo's three layers"
        return f"The models of this run read {mix}. Layer 0 knows letters only, so it moves nothing where the word is the same."
    [layer] = parts_of_elmo(layer_mix)
    others = " and ".join(other for other in ("0", "1", "2") if other != layer)
    control = (
        "" if layer == "0" else " Layer 0, which knows letters only, is the control: the same word has the same vector there."
    )
    return f"The models of this run read ELMo's layer {layer} only; layers {others} cannot move them.{control}"


def move(before: float, after: float) -> str:
    """Two chances of a model with an arrow between them."""
    return f"{percent(before)} → {percent(after)}"


def log_odds(change: float) -> str:
    """A change of the log-odds of a model, with the unit."""
    return f"{signed_number(change, 2)} log-odds"


def matrix_title(arm: str, part_title: str) -> str:
    """Above the changes that every word makes in the place of every other."""
    return f"{ARM_TITLES[arm]}: every word into every word ({part_title.lower() if part_title == WHOLE else part_title})"


def only_first(num_words: int) -> str:
    """Where a sentence has more words than can be chosen."""
    return f"Only the first {num_words} words of a sentence can be chosen."
