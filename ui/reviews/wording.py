"""All sentences of the Reviews page. Nothing in here knows Streamlit."""

from __future__ import annotations

from core.experiment.config import ExperimentConfig
from ui.text import count, escape

TITLE = "Reviews: what the models read"

# The views, as the page and its links call them
BROWSE, BALANCE, TELLING, UNKNOWN = "Browse", "Balance and length", "Telling words", "Unknown words"

# The dataset
DATASET_HELP = (
    "Every dataset is split once and for all: four fifths for training, one fifth for testing. A test review that is a near copy "
    "of a training review goes to the training side."
)
TRAIN_HELP = "Trials draw their training reviews from these."
TEST_HELP = "No model ever learns from these."
POSITIVE_HELP = "The others are negative."
LENGTH_HELP = "The median number of words: half of the reviews are shorter, half are longer."
FROM_FILE = "How the file was read"
DELETE_HELP = "You can restore them for thirty days."

# Browse
SEARCH_PLACEHOLDER = "Words as they stand in the reviews, such as: not bad"
WHOLE_WORDS_HELP = "If ticked, “bad” does not find “badly”."
NOTHING_FOUND = "No review matches. Search for fewer words, or choose All above."

# Telling words
CLICK_A_WORD = "**Click a word** to read the reviews that use it."
NO_TELLING_WORDS = "No word tells these classes apart: there are too few reviews, or they are too similar."
COUNTING = "Counting the words of all training reviews. This takes a few seconds, but only once."
ODDS_RATIO_HELP = "Above 1, more positive reviews use the word; below 1, more negative reviews do."
Z_HELP = "Distance from chance in standard errors: negative for words of negative reviews."

# Unknown words
UNKNOWN_EXPLANATION = (
    "To **Basic**, an unknown word is empty; **ELMo** reads it letter by letter. Vectors are looked up by the exact spelling, "
    "then in lower case. So a mark that sticks to a word, as in 'The or \\*good\\*, makes a different word."
)
ALL_KNOWN = "The static vectors know every word of these reviews."
CHOOSE_A_ROW = "Choose a row to read the reviews that use the word."
LOOKING_UP = "Looking up every word. This takes a few seconds, but only once."


def deletion(name: str) -> str:
    """What deleting a dataset means."""
    return f"Runs that used **{escape(name)}** keep their results, but cannot be resumed without it."


def describe_found(num_found: int, num_positive: int, num_all: int) -> str:
    """How many reviews match."""
    return f"**{num_found:,}** of {count(num_all, 'review')}: {num_found - num_positive:,} negative, {num_positive:,} positive"


def marks_left_out(num_marked: int, num_hits: int) -> str:
    """What to say when not every hit in a long review is marked."""
    return f"Only the first {num_marked:,} of {num_hits:,} matches are marked."


def explain_lengths(longest: int) -> str:
    """What the chart of lengths leaves out.

    Args:
        longest: Words of the longest review.
    """
    return (
        f"The longest 1 % of the reviews are not drawn; the longest has {longest:,} words. "
        f"By default, models read the first {ExperimentConfig().max_tokens} words and signs of a review."
    )


def explain_telling_words(num_train: int) -> str:
    """How telling words are counted and measured."""
    return (
        f"Counted in the {num_train:,} training reviews; each review counts a word once. Bars are standard errors: among so "
        "many words, z = 3 may be chance, z = 10 is not. The measure is the log-odds ratio with an informative prior "
        "(Monroe, Colaresi and Quinn 2008)."
    )


def explain_known_tokens(num_known: int, num_all: int) -> str:
    """The share of tokens with a vector, in numbers."""
    return f"{num_known:,} of {num_all:,} words and signs in these reviews have a vector."


def explain_known_types(num_known: int, num_all: int) -> str:
    """The share of different tokens with a vector, in numbers."""
    return f"{num_known:,} of {num_all:,} have a vector. Most of the others occur only once or twice."
