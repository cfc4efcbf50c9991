"""What the tab Transplant says. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from core.experiment.arms import arm_title
from core.formatting import percent, signed_number
from core.predict.transplant import Level, Outcome, Transplant
from ui.text import escape

INTRO = (
    "Take a word out of another sentence, with the vectors that it has there, and put it into the sentence above. If ELMo keeps "
    "the context of a word in its vectors, the answer moves although the words stay the same."
)
DONOR = "Another sentence"
DONOR_PLACEHOLDER = "The word comes from here"
EMPTY = "Type a sentence above and another one here, or take an example."
UNREAD = "ELMo cannot read both sentences."
NO_ELMO = "No model of this run reads ELMo: with static vectors alone, a word is the same in every sentence."
WORD_FIELDS = ("Word to replace", "Word from the other sentence")
CHART_TITLE = "The answer before and after"
NUMBERS_TITLE = "Before and after, mean of all trials"
WORDS_TITLE = "Every word that both sentences have"
CAPTION = (
    "In the table: log-odds after minus before, mean of all trials and, in brackets, lowest and highest of a single trial; "
    "0 means that not one digit changes."
)
LEAST_SHARED = 2  # words in common that are more than the one that was chosen
AS_IT_IS, SHARED_WORDS, ALL_WORDS = "As it is", "Words in common", "All words"
ALL_OF_THEM = "all of them"

_LEVELS: dict[Level, str] = {"0": "Layer 0", "1": "Up to layer 1", "2": "Up to layer 2"}
_EXPLAINED: dict[Level, str] = {
    "0": "With layer 0 it brings only its letters, and ELMo reads them in the new place",
    "1": "up to layer 1, the upper layer reads on from what the lower one made of it in the other sentence",
    "2": "up to layer 2, the models get the finished vector",
}


def level_title(level: Level) -> str:
    """How far up a word brings its vectors, in charts and tables."""
    return _LEVELS[level]


def explain(transplant: Transplant) -> str:
    """What the rows of the chart are."""
    told = dict(_EXPLAINED)
    if transplant.top != "2":
        told[transplant.top] = f"up to layer {transplant.top}, which these models read, they get the finished vector"
    steps = "; ".join(told[level] for level in transplant.levels)
    return (
        f"{steps}. Its static vector moves along, but the same word always has the same. "
        "With all words, the answer is that to the other sentence."
    )


def result(transplant: Transplant, position: int, donor_position: int) -> str:
    """What the transplant has done to the answers, in a sentence; Markdown."""
    outcome = transplant.put({position: donor_position}, transplant.top)
    own, other = transplant.recipient.tokens[position].text, transplant.donor.tokens[donor_position].text
    parts = [_change(arm, outcome) for arm in reversed(transplant.arms)]
    which = f"“{escape(other)}” from the other sentence" if own == other else f"“{escape(other)}” in place of “{escape(own)}”"
    said = f"**With {which}, {'; '.join(parts)}.**"
    if len(shared := transplant.shared()) < LEAST_SHARED:
        return said
    together = transplant.put(shared, transplant.top)
    return f"{said} With all words in common, {'; '.join(_change(arm, together) for arm in reversed(transplant.arms))}."


def _change(arm: str, outcome: Outcome) -> str:
    before, after = (percent(float(probs.mean())) for probs in (outcome.probs_before(arm), outcome.probs_after(arm)))
    if not outcome.effects(arm).any():
        return f"{arm_title(arm)} stays at {before} exactly"
    return f"{arm_title(arm)} goes from {before} to {after}"


def effect(outcome: Outcome, arm: str) -> str:
    """By how much the log-odds rise, with the heads that move least and most; "0" if not a digit changes."""
    effects = outcome.effects(arm)
    if not effects.any():
        return "0"
    mean = signed_number(float(effects.mean()), 2)
    return mean if len(effects) == 1 else f"{mean} ({signed_number(effects.min(), 2)} to {signed_number(effects.max(), 2)})"


def first_words(number: int) -> str:
    """Below the words, where there are more of them than are shown."""
    return f"The first {number} words that both sentences have."
