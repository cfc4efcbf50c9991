"""What the Probe page says about a text. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from core.experiment.arms import arm_title, in_order
from core.experiment.provenance import listed
from core.formatting import percent
from core.predict import duel
from core.predict.language import ANOTHER_SCRIPT, other_language
from core.predict.predictor import Prediction
from ui.text import count, escape

TITLE = "Try it: do the models agree?"
NO_MODEL = "There is no trained model yet. 100 reviews are enough for a start."
PLACEHOLDER = "Type a sentence; both models answer as you type"
EMPTY = "What each word does appears here."
UNDO_HELP = "Restore the previous text"
LARGE_HELP = "For a projector. The address of the page keeps it, so a link opens the page like this."

# The duel

DUEL_TITLE = "Chance that the text is positive"
AXIS = ((0, "negative 0"), (25, "25"), (50, "50"), (75, "75"), (100, "100 positive"))


def verdict(prediction: Prediction) -> str:
    """Whether the models agree, above their answers."""
    arms = in_order([*prediction.probs, *prediction.unread])
    match duel.verdict(prediction):
        case "unread":
            return _who(prediction.unread, arms, "cannot read this", "Neither model can read this")
        case "unsure":
            unsure = [arm for arm, probs in prediction.probs.items() if duel.stance(probs) == "unsure"]
            return _who(unsure, arms, "is unsure" if len(unsure) == 1 else "are unsure", "Both models are unsure")
        case "disagree":
            return "Models disagree"
    label = duel.stance(next(iter(prediction.probs.values())))
    return f"Models agree: {label}" if len(arms) > 1 else label.capitalize()


def about_verdict(prediction: Prediction, text: str) -> str:
    """What one should know about the verdict: the language comes before everything else."""
    if language := other_language(text):
        seems = "in another script" if language == ANOTHER_SCRIPT else f"to be in {language}"
        return f"This seems {seems}. Both models have learned from English only."
    match duel.verdict(prediction):
        case "unread":
            return "A model that knows no word of a text gives no answer."
        case "unsure":
            return "Unsure: models from different trials are on both sides of 50 %."
    return ""


def _who(some: Sequence[str], arms: Sequence[str], does: str, all_do: str) -> str:
    """A sentence about some of the models, or about both."""
    if len(some) == len(arms) == 2:
        return all_do
    return f"{listed([arm_title(arm) for arm in in_order(some)])} {does}"


def spread(num_models: int, lowest: float, highest: float) -> str:
    """Below an answer: how far the trained models are apart."""
    return f"{count(num_models, 'trial')}: {percent(lowest)} to {percent(highest)}"


# Examples

READS_MORE = "ELMo reads more"
BOTH_FAIL = "Both fail: why?"


def reviews_with(phrase: str) -> str:
    """The link to the reviews that have a phrase; Markdown."""
    return f"Why? Read reviews with “{escape(phrase)}” and their labels"


# Why

EFFECTS_EXPLAINED = (
    "Log-odds with a word minus those without it, mean of all trials: +0.7 doubles the odds of positive, −0.7 halves them."
)
NOTHING_TO_CHANGE = "Type a sentence above and wait for what each word does."


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
NOTHING_TYPED = "You have typed nothing yet. What you type is kept here."
CHOOSE_ROWS = (
    "Choose rows to try them again, star, name, share or delete them: tick their boxes or, with the keyboard, go to the table "
    "with Tab, to a row with the arrow keys, and press Shift and Space."
)
OTHERS_TEXTS = "Only the operator, and whoever is the only one who has typed a text, can star, name or delete it."
REPLAY_HELP = "Texts that are replayed do not enter the history."
LINK_HELP = "Opens the text with the models of its run, for anyone who can reach this server."


def history(num_chosen: int, num_shown: int, *, most: int) -> str:
    """What the buttons below the history are about, and who sees it."""
    number, which = (num_chosen, "chosen") if num_chosen else (num_shown, "shown")
    texts = f"the {which} text" if number == 1 else f"the {number:,} {which} texts"
    told = f"Replay and downloads use {texts}. The history is kept on this server, where everyone can choose to see all of it."
    return f"{told} Only the newest {most} are shown; search finds older ones." if num_shown == most else told
