"""What the Probe page says about a text. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from core.experiment.config import ARM_TITLES
from core.formatting import percent
from core.predict.predictor import Prediction
from ui.text import count

TITLE = "Probe: type a sentence"
NO_MODEL = "There is no trained model yet. 100 reviews are enough for a start."
PLACEHOLDER = "Type or paste here; both models answer as you type"
EMPTY = "Type at least one word. What both models think of it, and why, appears here."
UNDO_HELP = "Restore the previous text"


def chance(arm: str) -> str:
    """Above the answer of a model."""
    return f"{ARM_TITLES[arm]}: chance that it is positive"


def spread(num_models: int, lowest: float, highest: float) -> str:
    """Below the answer: how far the trained models are apart."""
    return f"{count(num_models, 'trained model')}, from {percent(lowest)} to {percent(highest)}"


UNREAD = "It knows no word of this text, so any number would be about nothing."

# Why

EFFECTS_EXPLAINED = (
    "A number says by how many percentage points a word raises the chance that the text is positive, compared with the text "
    "without it: the mean of all trained models."
)


def read(num_tokens: int) -> str:
    """How much of a text the models have read."""
    return f"{_tokens(num_tokens)} read"


def not_read(num_tokens: int) -> str:
    """How much of a text is beyond the length that the models were trained on."""
    return f"{_tokens(num_tokens)} at the end not read, as in the reviews of this run"


def notes(prediction: Prediction) -> str:
    """What the models have read of a text and what they have not."""
    parts = [read(len(prediction.tokens))]
    if num_unknown := prediction.known.count(False):
        parts.append(f"{num_unknown} unknown to the static vectors, which see nothing there")
    if prediction.num_cut:
        parts.append(not_read(prediction.num_cut))
    return "; ".join(parts) + "."


def _tokens(number: int) -> str:
    return "1 word or sign" if number == 1 else f"{number:,} words and signs"


# What if

OWN_WORDS = "Your own replacements, separated by commas"
OWN_WORDS_EXAMPLE = "for example: great, dreadful"
CHOOSE_WORD = "Click a word above, or choose one here"
CHOOSE_VARIANT = "Choose a row to use its text. Undo restores the previous text."


def no_neighbours(word: str) -> str:
    """Why no similar words are among the changes; `word` is Markdown."""
    return f"{word} is unknown to the static vectors, so they suggest no similar words."


# History

NOTHING_FOUND = "No text matches."
CHOOSE_ROWS = "Choose rows to try them again, star, name, share or delete them."
LINK_HELP = "Opens the text with the models of its run, for anyone who can reach this server."


def history(num_chosen: int, num_shown: int, *, most: int) -> str:
    """What the buttons below the history are about, and who sees it."""
    number, which = (num_chosen, "chosen") if num_chosen else (num_shown, "shown")
    texts = f"the {which} text" if number == 1 else f"the {number:,} {which} texts"
    told = f"Replay and downloads use {texts}. The history is kept on this server; everyone who uses it sees the same history."
    return f"{told} Only the newest {most} are shown; search finds older ones." if num_shown == most else told
