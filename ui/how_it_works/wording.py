"""All sentences of the How it works page. Nothing in here knows Streamlit."""

from __future__ import annotations

from core.classifier.architecture import FILTER_WIDTH, HIDDEN_DIM, NUM_FILTERS
from core.experiment.config import ExperimentConfig

TITLE = "How it works"
INTRODUCTION = (
    "A computer cannot read; it can only calculate. So every word must first become a list of numbers, a **vector**. "
    "There are two ways to do that, and this dashboard lets them compete."
)

# Two ways
BASIC_TITLE = ":material/circle: Basic: a dictionary"
BASIC = (
    "Each word has one fixed vector, looked up in a long list called GloVe. **bad** has the same numbers in “a bad film” and in "
    "“not bad at all”. A word that is not on the list stays blank."
)
BASIC_PICTURE = "The word bad in two sentences: the same numbers in both"
ELMO_TITLE = ":material/square: ELMo: a reader"
ELMO = (
    "ELMo reads the sentence letter by letter and word by word, once forwards and once backwards. So the vector of **bad** "
    "depends on its neighbours, and even a misspelt word gets a sensible one. ELMo learned this by guessing the next word of a "
    "text, and the previous one when reading backwards, over and over."
)
ELMO_PICTURE = "The word bad in two sentences: different numbers in each"
MADE_UP = "These numbers are made up, and real vectors are longer. To see real ones, for any word you like:"

STEPS_TITLE = "From a review to an answer"

# A fair competition
COMPETITION_TITLE = "A fair competition"
PAIR_PLOT_TITLE = "How to read a pair plot (made-up numbers)"
PAIR_PLOT = (
    "Three lines go up: in these trials ELMo was right more often. One goes down: there it was not. "
    "The short thick lines are the averages."
)
PAIRS_TABLE = "The made-up accuracies in the picture"

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


def steps(config: ExperimentConfig) -> tuple[tuple[str, str], ...]:
    """What happens to a review: title and text of each step."""
    return (
        ("1. Words", f"The review is split into words and signs. The first {config.max_tokens} are read."),
        (
            "2. Vectors",
            "Each becomes a vector: from GloVe for **Basic**, from ELMo and GloVe together for **ELMo**. "
            "These vectors no longer change.",
        ),
        (
            "3. A small network",
            f"{NUM_FILTERS} detectors look at {FILTER_WIDTH} words at a time; their averages pass through {HIDDEN_DIM} switches. "
            "Only this part learns here, and it is built the same way for both.",
        ),
        ("4. An answer", "One number from 0 % (negative) to 100 % (positive)."),
    )


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
