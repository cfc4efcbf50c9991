"""What the Train page says. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from core.engine.estimate import SweepEstimate
from core.engine.run_queue import QueuePlace
from core.engine.sweep_progress import SweepProgress
from core.experiment.config import MIN_TRAIN_SIZE
from core.experiment.coverage import MIN_COVERAGE
from core.experiment.events import EpochFinished, Progress
from core.experiment.provenance import listed
from core.formatting import number, percent, points, rounded
from core.store.run import Run, Status
from ui.text import count, duration, escape, time_left

if TYPE_CHECKING:
    from core.analysis.paired_tests import Comparison

TITLE = "Train: does context help?"
INTRO = (
    "Two models learn from the same film reviews to tell positive from negative. **Basic** has one fixed vector per word; "
    "**ELMo** also looks at the words around it."
)
EMPTY = "Press **Train both**. Results appear here, trial by trial."

# The form

DATASET_HELP = "Four fifths of a dataset are for training and one fifth is for testing. The split never changes."
TRAIN_SIZE_HELP = f"At least {MIN_TRAIN_SIZE}. The fewer labelled reviews there are, the more the word vectors matter."
TRIALS_HELP = "In each trial, both models train on the same newly drawn reviews, so their accuracies come in pairs."
ELMO_HELP = "You can also type the folder of a TF-Hub module, or an address such as https://tfhub.dev/google/elmo/3."
TRAIN_CURVE_HELP = "One run for each size, one after another. Together they make a learning curve."
CURVE_SIZES_HELP = "Smaller sizes are subsets of larger ones, so the curve shows what more labelled reviews add."
CURVE_TOO_SHORT = "A learning curve needs at least two sizes. Choose them above."


def estimate(seconds: float, *, has_bag_of_words: bool) -> str:
    """How long a run will take, and what is trained beside the two models."""
    return f"about **{duration(seconds)}**{' · a bag of words trains along' if has_bag_of_words else ''}"


def form_coverage(share: float, cut: float) -> str:
    """How many of the words the chosen static vectors know, and how many reviews are longer than what is read of them."""
    return f"The vectors know **{percent(share)}** of the words; **{percent(cut, 0)}** of the reviews are cut."


def curve_estimate(train_sizes: Sequence[int], its_estimate: SweepEstimate) -> str:
    """How long a learning curve will take, and what it can reuse."""
    sizes = ", ".join(f"{size:,}" for size in sorted(train_sizes))
    wait = f"about **{duration(its_estimate.seconds)}**" if its_estimate.seconds else "no training needed"
    return f"A learning curve over {sizes} reviews: {wait}{reusable(its_estimate)}."


def reusable(its_estimate: SweepEstimate) -> str:
    """How many models of a learning curve need no training."""
    if not its_estimate.num_reused:
        return ""
    return f"; {its_estimate.num_reused:,} of {count(its_estimate.num_pairs, 'model')} are trained already"


def unknown_provenance(run: Run) -> str:
    """What an older version did not record about a run."""
    return (
        f"This run is older than the record of {listed(run.provenance.unknown)} with every run, so its trials are not reused. "
        "Train a new run to compare with others."
    )


READING_REVIEWS = "Reading the reviews, which takes a few seconds, once…"
COUNTING_KNOWN = "Counting how many of the words in these reviews the static vectors know…"


def bag_of_words_note(run: Run) -> str:
    """What the grey points of a run's charts are."""
    return (
        "**Bag of words**, in grey, is a reference without vectors: it counts words and pairs of words, in whole reviews. "
        f"Basic and ELMo read the first {run.config.max_tokens:,} words of each."
    )


# Guess first

GUESS_FIRST = "Guess first"
GUESS_FIRST_HELP = (
    "Asks before a run who will win and by how much, and shows the guess beside the result. The link of this page then asks "
    "whoever opens it."
)
GUESS_HELP = "A model wins if the interval of its lead does not contain 0. The guess is part of the link."
GUESSES = {"basic": "Basic", "elmo": "ELMo", "neither": "Neither clearly"}


def guess_and_result(winner: str, guessed: float, comparison: Comparison | None) -> str:
    """What somebody expected and, once there is a result, how near it came.

    Args:
        winner: Key of `GUESSES`.
        guessed: Accuracy of ELMo minus accuracy of basic, a fraction.
        comparison: Of the run.
    """
    said = f"**Your guess**: {_lead(winner, guessed)}."
    if comparison is None:
        return said
    low, high = comparison.interval
    found = "elmo" if low > 0 else "basic" if high < 0 else "neither"
    difference = comparison.mean_difference
    result = _lead(found, difference)
    if found != "neither":
        low, high = (low, high) if found == "elmo" else (-high, -low)
        result += f" (95 % interval {number(low)} to {number(high)})"
    told = f"{said} **The result**: {result}."
    if winner != found:
        return told
    off = abs(difference - guessed)
    if winner == "neither":
        return f"{told} **You were right.**"
    return f"{told} **You were right about the winner**, {f'and {points(off)} off' if rounded(off) else 'and to the point'}."


def _lead(winner: str, difference: float) -> str:
    if winner == "neither":
        return "neither model is clearly better"
    return f"{GUESSES[winner]} wins by {points(abs(difference)) if rounded(difference) else 'less than 0.1 points'}"


# More settings

LAYER_MIXES = {
    "mean": "mean of all three layers, as published",
    "0": "layer 0: characters only, no context",
    "1": "layer 1: the lower LSTM",
    "2": "layer 2: the upper LSTM",
    "learned": "a mix that is learned in training",
}
VALIDATIONS = {"fifth": "one fifth of the training reviews", "separate": "separate reviews, as published"}
PRESETS = {"tuned": "Tuned", "original": "Original"}
PRESET_HELP = (
    "Original, as published: 128 words, mean of ELMo's layers, max pooling, raw vectors, learning rate 1e-4 with decay, separate "
    "validation reviews."
)
VALIDATION_HELP = "Validation reviews decide when training stops."
STATIC_HELP = (
    "You can also type the path or address of a file of vectors: GloVe, fastText, MUSE or word2vec, packed or not, or a NumPy "
    "matrix with its words in a text file beside it."
)
BAG_OF_WORDS = "Also train a bag of words"
BAG_OF_WORDS_HELP = (
    "A reference that wins and loses nothing: it counts single words and pairs of words in the whole reviews (TF-IDF) and weighs "
    "them (logistic regression). It takes about a second per trial."
)
MODELS_HELP = (
    "The first two are compared; *Compare* puts any two side by side. Controls tell where the gain comes from: *ELMo alone* does "
    "without the static vectors, *Letters* is ELMo's first layer, which knows no neighbours of a word, and *Shuffled* is ELMo on "
    "sentences whose words come in random order."
)
OWN_MODELS_HELP = (
    "\n\nType one of your own as `name=reader+reader`, such as `fast=static:/data/wiki.vec` or `sentences=module:/data/nnlm`. "
    "Readers are `static`, `static:FILE`, `elmo`, `elmo:LAYER` (mean, 0, 1 or 2), `letters`, `shuffled`, and `module:FOLDER` for "
    "a TF-Hub module that makes one vector of a whole text. Addresses do, too."
)
ALLOW_LOW_COVERAGE = "Train even with few known words"
ALLOW_LOW_COVERAGE_HELP = f"Otherwise, static vectors that know less than {percent(MIN_COVERAGE, 0)} of the words are refused."
MAX_TOKENS_HELP = "Words and signs that are read of a review; the rest is cut. The form says how many reviews that concerns."
SEED_HELP = "Another seed draws other reviews."
TEST_SIZE_HELP = "The same reviews in every trial."
# Numbers of `HeadConfig`: label, explanation.
HEAD_NUMBERS: dict[str, tuple[str, str | None]] = {
    "epochs": ("Epochs", "The most passes over the training reviews."),
    "patience": ("Patience", "Training stops after this many epochs without progress."),
    "learning_rate": ("Learning rate", None),
    "learning_rate_decay": ("Learning rate decay", None),
    "batch_size": ("Batch size", "Reviews per training step."),
    "weight_decay": ("Weight decay", None),
    "spatial_dropout": ("Vector dropout", "Fraction of each vector that is hidden during training."),
    "dropout": ("Feature dropout", "Fraction of the features of a review that are hidden during training."),
    "averaging": ("Weight averaging", "How much of the old average stays at each step; 0 turns averaging off."),
    "tolerance": ("Tolerance", "How many standard errors worse a later epoch may look and still be kept."),
}

# A run or a learning curve

SAME_AGAIN_HELP = "Fills the form above with the settings of this run, to be changed before you train."
SAME_AGAIN_UNTAUGHT_HELP = f"{SAME_AGAIN_HELP} Its lessons stay behind: Try it teaches them again."
EQUALLY_ACCURATE = "equally accurate"
WAITING_FOR_A_PAIR = "The first chart appears with the first trial that both models have finished."
RIGHT_CHARTS: dict[Literal["boxes", "loss", "validation_accuracy"], str] = {
    "boxes": "Spread",
    "loss": "Loss per epoch",
    "validation_accuracy": "Accuracy per epoch",
}
NO_EPOCHS = "Nothing to draw yet. Epochs are shown of runs that this server has trained since it was started."
CANCELLING = "Cancelling. Finished trials are kept."
DRIVEN_ELSEWHERE = "Another program is training this run. Trials appear here as they finish."
RESUME_NOTE = "Finished trials are kept. The numbers will be the same as without the interruption."


def headline(progress: Progress) -> str:
    """What a run does now, and how long it will take."""
    return f"{(progress.phase or 'waiting').capitalize()} · {time_left(progress.remaining_s)}"


def place(of_run: QueuePlace) -> str:
    """How many runs a waiting run waits for, and how long."""
    ahead = f"{count(of_run.num_ahead, 'run')} before this one"
    return f"Waiting · {ahead}" + (f", about {duration(of_run.wait_s)}" if of_run.wait_s else "")


def news(progress: Progress) -> str:
    """How far a run is, in quarters, for screen readers."""
    quarters = int(progress.fraction * 4) * 25
    return f"{(progress.phase or 'waiting').capitalize()}. {quarters} % done."


def curve_news(progress: SweepProgress) -> str:
    """How far a learning curve is, in quarters, for screen readers."""
    return f"Training. {int(progress.fraction * 4) * 25} % done."


def ended(noun: str, status: Status) -> str:
    """How a run or a learning curve stands that nobody trains any more, for screen readers."""
    return f"This {noun} is {status}." if status != "failed" else f"This {noun} has failed."


def curve_headline(progress: SweepProgress) -> str:
    """Which size of a learning curve is trained now, and how long all of it will take."""
    at = f"{progress.current.config.train_size:,} reviews per trial" if progress.current else "Waiting"
    return f"{at} · {time_left(progress.remaining_s)}"


def embedding(progress: Progress) -> str:
    """How many reviews ELMo has read, and how fast; empty if there are none to read."""
    if not progress.num_reviews:
        return ""
    parts = [f"{progress.num_embedded:,} of {count(progress.num_reviews, 'review')} read by ELMo"]
    if progress.reviews_per_s:
        parts.append(f"{progress.reviews_per_s:.0f} per second")
    if progress.num_reused:
        parts.append(f"{progress.num_reused:,} read before")
    return " · ".join(parts)


def epoch(event: EpochFinished) -> str:
    """How far the training of one model is."""
    accuracy = percent(event.validation_accuracy)
    return f"Trial {event.trial + 1}, epoch {event.epoch} of at most {event.num_epochs}: {accuracy} on validation reviews"


def models_trained(num_finished: int, num_pairs: int, num_reused: int) -> str:
    """How many models of a learning curve are trained, and how many came from earlier runs."""
    reused = f" · {num_reused:,} of them from earlier runs" if num_reused else ""
    return f"{num_finished:,} of {count(num_pairs, 'model')} trained{reused}"


def metric_help(run: Run, arm: str) -> str:
    """What a model of a run is trained and tested on."""
    tested = f"tested on {count(run.config.test_size, 'test review')}"
    vectors = {
        "basic": "Static vectors only",
        "elmo-alone": "ELMo vectors without the static ones",
        "letters": "ELMo's first layer only, which knows no neighbours of a word",
        "shuffled": "ELMo vectors of words in random order",
    }
    return f"{vectors.get(arm, 'ELMo vectors together with the static ones')}, {tested}."


def coverage(static: str, share: float) -> str:
    """How many of the words the static vectors know."""
    return (
        f"The static vectors, {escape(static)}, know {percent(share)} of the words in these reviews. **Basic** sees nothing "
        "of the others; **ELMo** reads them letter by letter."
    )
