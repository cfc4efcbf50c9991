"""What the Train page says. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.estimate import SweepEstimate
from core.engine.sweep_progress import SweepProgress
from core.experiment.config import MIN_TRAIN_SIZE
from core.experiment.coverage import MIN_COVERAGE
from core.experiment.events import EpochFinished, Progress
from core.experiment.provenance import listed
from core.formatting import percent
from core.store.run import Run
from ui.text import count, duration, escape, time_left

TITLE = "Train: does context help?"
INTRO = (
    "Two models learn from the same film reviews to tell positive from negative. **Basic** has one fixed vector per word; "
    "**ELMo** also looks at the words around it."
)
EMPTY = "Press **Train both models**. Results appear here, trial by trial."

# The form

DATASET_HELP = "Four fifths of a dataset are for training and one fifth is for testing. The split never changes."
TRAIN_SIZE_HELP = f"At least {MIN_TRAIN_SIZE}. The fewer labelled reviews there are, the more the word vectors matter."
TRIALS_HELP = "In each trial, both models train on the same newly drawn reviews, so their accuracies come in pairs."
ELMO_HELP = "You can also type the folder of a TF-Hub module, or an address such as https://tfhub.dev/google/elmo/3."
TRAIN_CURVE_HELP = "One run for each size, one after another. Together they make a learning curve."
CURVE_SIZES_HELP = "Smaller sizes are subsets of larger ones, so the curve shows what more labelled reviews add."
CURVE_TOO_SHORT = "A learning curve needs at least two sizes. Choose them below."


def estimate(seconds: float) -> str:
    """How long a run will take."""
    return f"About **{duration(seconds)}**, less for reviews read before."


def form_coverage(share: float, cut: float) -> str:
    """How many of the words the chosen static vectors know, and how many reviews are longer than what is read of them."""
    return f"The vectors know **{percent(share)}** of the words; **{percent(cut, 0)}** of the reviews are cut."


def curve_estimate(train_sizes: Sequence[int], its_estimate: SweepEstimate) -> str:
    """How long a learning curve will take, and what it can reuse."""
    sizes = ", ".join(f"{size:,}" for size in sorted(train_sizes))
    wait = f"about **{duration(its_estimate.seconds)}**" if its_estimate.seconds else "no training needed"
    return f"Or a learning curve over {sizes} reviews: {wait}{reusable(its_estimate)}."


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


COUNTING_KNOWN = "Counting how many of the words in these reviews the static vectors know…"


def bag_of_words_note(run: Run) -> str:
    """What the grey points of a run's charts are."""
    return (
        "**Bag of words**, in grey, is a reference without vectors: it counts words and pairs of words, in whole reviews. "
        f"Basic and ELMo read the first {run.config.max_tokens:,} words of each."
    )


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
ALLOW_LOW_COVERAGE = "Train even if the static vectors know almost no word"
ALLOW_LOW_COVERAGE_HELP = f"Otherwise, vectors that know less than {percent(MIN_COVERAGE, 0)} of the words are refused."
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

CANCELLING = "Cancelling. Finished trials are kept."
DRIVEN_ELSEWHERE = "Another program is training this run. Trials appear here as they finish."
RESUME_NOTE = "Finished trials are kept. The numbers will be the same as without the interruption."


def headline(progress: Progress) -> str:
    """What a run does now, and how long it will take."""
    return f"{(progress.phase or 'waiting').capitalize()} · {time_left(progress.remaining_s)}"


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
    vectors = {"basic": "Static vectors only", "elmo-alone": "ELMo vectors without the static ones"}
    return f"{vectors.get(arm, 'ELMo vectors together with the static ones')}, {tested}."


def coverage(static: str, share: float) -> str:
    """How many of the words the static vectors know."""
    return (
        f"The static vectors, {escape(static)}, know {percent(share)} of the words in these reviews. **Basic** sees nothing "
        "of the others; **ELMo** reads them letter by letter."
    )
