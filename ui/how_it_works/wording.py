"""All sentences of the How it works page. Nothing in here knows Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.architecture import FILTER_WIDTH, HIDDEN_DIM, NUM_FILTERS
from core.experiment.arms import arm_title
from core.experiment.config import ExperimentConfig
from core.predict.walkthrough import Walkthrough
from ui.text import count, escape

TITLE = "How it works"
INTRODUCTION = (
    "A computer cannot read; it can only calculate. So every word must first become a list of numbers, a **vector**. "
    "There are two ways to do that, and this dashboard lets them compete. Type a sentence and follow it through both models."
)
FIELD = "Your sentence"
TOUR = "Take the tour of this dashboard, in six steps"
EMPTY = "Type a sentence to see what becomes of it."
NO_RUN = "There is no trained model yet, so nothing can be drawn. Train on 100 reviews, then come back."

# 1. Words
WORDS_TITLE = "1. Words"
WORDS_ALT = "The words of the sentence"
KNOWN, UNKNOWN = "in the list of vectors", "not in the list: blank"

# 2. Vectors
VECTORS_TITLE = "2. Vectors"
BASIC_TITLE = ":material/circle: Basic: a dictionary"
BASIC = (
    "Each word has one fixed vector, looked up in a long list. The same word has the same numbers in every sentence, and a word "
    "that is not on the list stays blank."
)
ELMO_TITLE = ":material/square: ELMo: a reader"
ELMO = (
    "ELMo begins with the letters of a word, so even a misspelt one gets a vector. Then two layers read the sentence, once "
    "forwards and once backwards: what they make of a word depends on its neighbours. ELMo learned this by guessing the next "
    "word of a text, and the previous one when reading backwards, over and over."
)
DIRECTIONS = ("forwards: knows the words before", "backwards: knows the words after")
NUMBERS = "All numbers"
NUMBERS_ALT = "The vectors of every word: one row for each word and source, one column for each number"
STATIC = "Static vectors"
NOT_REPEATED = "Use a word twice to see whether its vectors differ."
TRANSPLANT_LINK = "Put a word’s vectors into another sentence: Try it"
SENSES_LINK = "More words in more sentences: Senses"

# 3. The head
HEAD_TITLE = "3. A small network"
POOLED = {"average": "average", "max": "maximum"}
CANNOT_READ = "No model knows a word of this sentence."

# 4. The answer
ANSWER_TITLE = "4. An answer"
ANSWER = (
    "One number from 0 % (negative) to 100 % (positive). Every trial has trained its own small network, so there are several "
    "answers; the big mark is their mean."
)
ANSWERS_TABLE = "Chance that the sentence is positive"

# A fair competition
COMPETITION_TITLE = "A fair competition"
PAIR_PLOT_TITLE = "How to read a pair plot"
PAIRS_TABLE = "The accuracies in the picture"

# The bundled ELMo
ELMO_MINI_TITLE = "The ELMo in this package"
ELMO_MINI = (
    "The published ELMo learned from a text of a billion words. Ours, ELMo mini, is its little sister: the same kind of network, "
    "but smaller, and it has read far fewer words, all of them in film reviews, on an ordinary computer."
)
SIZES_TABLE = "Sizes of ELMo mini and of the published ELMo"
FILTERS, LAYERS, CELLS, WIDTH = (
    "Letter patterns it looks for in a word",
    "Reading layers in each direction",
    "Memory cells in each layer and direction",
    "Numbers in a word's vector",
)

WARNINGS_TITLE = "What not to believe"
WARNINGS = """
- “ELMo won, so it was the context.” ELMo mini has read film reviews and GloVe has not. A fixed dictionary made from the same film
  reviews closes most of the gap; only the rest is context. The file `docs/finding.md` has the measurements.
- The models learned from film reviews. What they say about the weather or about people means nothing.
- “80 % positive” is how sure a model is, not how often it is right. It can be very sure and still be wrong.
- Neither model understands irony, and a single strong word can fool both. Put it to them on the page **Try it**.
- With few trials and few reviews, results vary a lot. Look at the spread before you announce a winner.
"""
SOURCES = (
    "ELMo: Peters and others, *Deep contextualized word representations*, 2018 (arXiv 1802.05365). "
    "GloVe: Pennington, Socher and Manning, *GloVe: Global Vectors for Word Representation*, 2014."
)

_READ = {"0": "layer 0", "1": "layer 1", "2": "layer 2"}
_MIXES = {
    "mean": "The models of this run read the mean of the three layers.",
    "learned": "The models of this run read a mix of the three layers, which each of them has learned along with its answers.",
}


def words(config: ExperimentConfig) -> str:
    """What happens first."""
    return f"The text is split into words and signs. The first {config.max_tokens} are read."


def head(config: ExperimentConfig) -> str:
    """What reads the vectors."""
    pooled = "averages" if config.head.pooling == "average" else "highest values"
    return (
        f"{NUM_FILTERS} detectors look at {FILTER_WIDTH} words at a time; their {pooled} pass through {HIDDEN_DIM} switches. "
        "Only this part learns here, and it is built the same way for both. The strips show how strongly each detector responds "
        "around each word, in the first trial."
    )


def drawn_by(run_name: str, num_words: int, most: int) -> str:
    """Whose vectors and answers the pictures show, and how much of the sentence; Markdown."""
    drawn = f"Drawn by the models of the run “{escape(run_name)}”."
    return f"{drawn} The first {most} of {num_words} words and signs are shown." if num_words > most else drawn


def static_title(dim: int) -> str:
    """Above the static vectors."""
    return f"{dim} numbers for each word"


def layer_title(number: int, width: int, layer_mix: str) -> str:
    """Above a layer of ELMo: how many numbers it has, what they come from, and whether the models read it."""
    source = "from the letters alone" if number == 0 else f"after reading {'once' if number == 1 else 'twice'}"
    read = ", which the models read" if str(number) == layer_mix else ""
    return f"Layer {number}{read}: {width} numbers {source}"


def which_layers(layer_mix: str) -> str:
    """What of ELMo's layers the models of the run read."""
    return _MIXES.get(layer_mix) or f"The models of this run read **{_READ[layer_mix]}**, and the static vectors beside it."


def legend(positive: tuple[int, int, int], negative: tuple[int, int, int]) -> str:
    """What the colours mean, as HTML."""
    swatches = [
        f'<i style="background:rgb{colour}"></i>{told}' for colour, told in ((positive, "above zero"), (negative, "below zero"))
    ]
    return f'<p class="legend">{", ".join(swatches)}; the stronger, the further from it</p>'


def strips_alt(title: str, num_words: int, values: npt.NDArray[np.floating[Any]]) -> str:
    """What the strips of a layer show, in words."""
    if not values.size:
        return f"{title}: nothing"
    return f"{title}. {count(num_words, 'row')}; the numbers go from {values.min():.2f} to {values.max():.2f}".replace("-", "−")


def repeated(walkthrough: Walkthrough) -> str:
    """What the vectors of a word that comes twice have in common; Markdown."""
    pair = walkthrough.repeated()
    if pair is None:
        return NOT_REPEATED
    similarities = walkthrough.similarities(*pair)
    layers = ", ".join(f"{value:.2f} in layer {number}" for number, value in enumerate(similarities))
    return (
        f"**“{escape(walkthrough.words[pair[0]])}”** stands here twice. Its static vectors are the same; the similarity of its "
        f"ELMo vectors is {layers} (1 is the same)."
    ).replace("-", "−")


def head_title(arm: str) -> str:
    """Above what the detectors of an arm find."""
    return f"{arm_title(arm)}: {NUM_FILTERS} detectors"


def head_alt(arm: str, num_words: int, num_filters: int) -> str:
    """What these strips show, in words."""
    responses = f"how strongly {num_filters} detectors respond around {count(num_words, 'word')}"
    return f"{arm_title(arm)}: {responses}; the lowest row has what is left of all of them"


def competition(config: ExperimentConfig) -> str:
    """What makes the comparison fair, as a list."""
    return f"""
- For every **trial** we draw film reviews at random, {config.train_size:,} unless you choose otherwise. Both models learn from
  exactly these, so neither has the easier task.
- A fifth of them is held back. It shows when to stop, before a model learns the reviews by heart.
- Then both models are tested on the same {config.test_size:,} reviews, from which no part of the program has ever learned:
  what is a copy of a training review, or nearly one, is not among them.
  **Accuracy** is the share that a model gets right. Guessing gets 50 %.
- Luck plays a part: an easy draw helps. So we repeat the trial and join each pair of accuracies with a line.
  If all lines go up, ELMo won every time.
- A **bag of words**, in grey, takes part as a reference. It has no vectors: it only counts words and pairs of words, but in whole
  reviews, and it wins and loses nothing. If it is as accurate as ELMo, neither vectors nor context were needed.
- The **95 % interval** says how far you can trust the average difference. Other reviews, to train and to test on, would have
  given a slightly different one; the true difference, over all of them, probably lies in it. If the interval includes zero, there
  is no clear difference.
"""


def pair_plot(run_name: str, accuracies: Mapping[str, npt.NDArray[np.floating[Any]]]) -> str:
    """What the lines of the pair plot say; Markdown.

    Args:
        run_name: Whose accuracies they are.
        accuracies: Of whole pairs, by arm.
    """
    rises = accuracies["elmo"] - accuracies["basic"]
    parts = []
    for number, does, means in (
        (int((rises > 0).sum()), "up", "ELMo was right more often"),
        (int((rises < 0).sum()), "down", "Basic was right more often"),
        (int((rises == 0).sum()), "neither up nor down", "both were right equally often"),
    ):
        if number:
            parts.append(f"{number} of {count(len(rises), 'line')} {'goes' if number == 1 else 'go'} {does}: there {means}.")
    return f"The run “{escape(run_name)}”: {' '.join(parts)} The short thick lines are the averages."
