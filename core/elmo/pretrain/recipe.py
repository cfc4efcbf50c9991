"""The whole pretraining: its stages in order, each resumed from its checkpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.elmo.export import load_exported
from core.elmo.model import BiLM
from core.elmo.options import BiLMOptions
from core.elmo.pretrain.characters import train_encoder
from core.elmo.pretrain.context import ContextRecipe, ContextTrainer, windows
from core.elmo.pretrain.corpus import BEGIN, END, NUM_SPECIALS, UNKNOWN, Corpus, build_corpus
from core.elmo.pretrain.words import train_word_vectors
from core.elmo.weights import load_weights, save_weights
from core.errors import UserError
from core.settings import Settings

MINI = BiLMOptions(
    filters=((1, 32), (2, 64), (3, 192), (4, 256), (5, 256), (6, 224)),
    char_dim=32,
    num_highway=2,
    cell_dim=512,
    projection_dim=128,
)


# Names in the checkpoint folder, as weights are released.
OPTIONS, WEIGHTS, CONTEXT = "options.json", "weights.hdf5", "context.npz"


@dataclass(frozen=True)
class Recipe:
    """How to pretrain.

    Attributes:
        options: Sizes of the biLM.
        word_window: Words to either side that word2vec predicts.
        word_epochs: Passes of word2vec over the corpus.
        min_count: Words seen less often have no word2vec vector and are known by their characters alone.
        spelling_steps: Batches in which the token encoder learns to spell.
        spelling_batch_size: Words in such a batch.
        spelling_rate: Highest learning rate of that stage.
        context: How the LSTMs are trained.
        start_from: Folder of an exported module to go on from: its token encoder stays as it is, in the place of words and
            characters, and its LSTMs learn on. A module has no softmax; a new one starts from the vectors that the encoder gives.
        softmax_tokens: Tokens on which such a new softmax learns alone at first; they count among those of `context`.
        checkpoint_s: Seconds between checkpoints.
        evaluate_tokens: Tokens between measurements of the held-out perplexity; it is also measured at the beginning, when the
            softmax has learned alone, and at the end.
        num_threads: Of TensorFlow and gensim.
    """

    options: BiLMOptions = MINI
    word_window: int = 10
    word_epochs: int = 5
    min_count: int = 3
    spelling_steps: int = 10_000
    spelling_batch_size: int = 1024
    spelling_rate: float = 2e-3
    context: ContextRecipe = field(default_factory=ContextRecipe)
    start_from: Path | None = None
    softmax_tokens: int = 500_000
    checkpoint_s: float = 180.0
    evaluate_tokens: int = 1_000_000
    num_threads: int = 2


@dataclass(frozen=True)
class StageStarted:
    """A stage begins, or goes on from its checkpoint."""

    stage: str
    detail: str


@dataclass(frozen=True)
class StageProgress:
    """Where a stage stands; `remaining_s` is an estimate from the speed so far."""

    stage: str
    step: int
    num_steps: int
    remaining_s: float
    detail: str


@dataclass(frozen=True)
class Evaluated:
    """Held-out perplexity with the full softmax, after `num_tokens` tokens and `seconds` of the context stage."""

    num_tokens: int
    perplexity: float
    seconds: float


@dataclass(frozen=True)
class CheckpointSaved:
    """All that a resumed pretraining needs is on disk."""

    path: Path


@dataclass(frozen=True)
class Pretrained:
    """The end; the weights are in the released layout, with their options beside them."""

    weights: Path


# In this order; corpus and words come first in any case.
STAGES = ("characters", "context")

Event = StageStarted | StageProgress | Evaluated | CheckpointSaved | Pretrained


def pretrain(
    recipe: Recipe, corpora: Sequence[Path], folder: Path, settings: Settings, stages: Sequence[str] = STAGES
) -> Iterator[Event]:
    """Pretrains a biLM from text.

    Args:
        recipe: How.
        corpora: Extra text beside the packaged training reviews.
        folder: Checkpoints; what is there already is not done again, so a pretraining that was stopped goes on.
        settings: Of this installation.
        stages: Of `STAGES`. Once the words are there, two processes may run "characters" and "context" at the same time: without
            characters the LSTMs read the words' own vectors, and weights are written only by a later "context" that finds them.

    Yields:
        What happened, the last being `Pretrained`.

    Raises:
        UserError: A corpus or the module to start from cannot be read, gensim is missing, or the checkpoint is of another recipe.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tf.random.set_seed(recipe.context.seed)
    words_path, characters_path = folder / "words.npz", folder / "characters.hdf5"
    if recipe.start_from and not characters_path.exists():
        model = load_exported(recipe.start_from)
        _write_options(model.options, folder)
        save_weights(model, characters_path)
        yield StageStarted("start", f"from the weights in {recipe.start_from}")
    elif not (folder / OPTIONS).exists():
        _write_options(recipe.options, folder)
    recipe = replace(recipe, options=BiLMOptions.load(folder / OPTIONS))

    corpus_path = folder / "corpus.npz"
    if not corpus_path.exists():
        yield StageStarted("corpus", "tokenising")
        _write(corpus_path, build_corpus(corpora, settings).arrays())
    corpus = Corpus.load(corpus_path)
    yield StageStarted("corpus", f"{len(corpus.token_ids):,} tokens, {len(corpus.vocabulary):,} word types")

    if not words_path.exists() and not characters_path.exists():
        yield StageStarted("words", f"word2vec, {recipe.word_epochs} epochs")
        trained = train_word_vectors(
            corpus,
            dim=recipe.options.projection_dim,
            window=recipe.word_window,
            epochs=recipe.word_epochs,
            min_count=recipe.min_count,
            num_threads=recipe.num_threads,
            seed=recipe.context.seed,
        )
        _write(words_path, {"vectors": trained})
    vectors = _load_vectors(words_path) if words_path.exists() else None

    if "characters" in stages and vectors is not None and not characters_path.exists():
        model = BiLM(recipe.options)
        yield from _spell(model, corpus, vectors, recipe)
        save_weights(model, characters_path)
    if "context" in stages:
        yield from _read_context(corpus, vectors, recipe, folder, characters_path)
        yield Pretrained(folder / (WEIGHTS if characters_path.exists() else CONTEXT))


def _write_options(options: BiLMOptions, folder: Path) -> None:
    (folder / OPTIONS).write_text(json.dumps(options.to_released(), indent=2) + "\n", encoding="utf-8")


def _load_vectors(path: Path) -> npt.NDArray[np.float32]:
    with np.load(path, allow_pickle=False) as file:
        vectors: npt.NDArray[np.float32] = file["vectors"]
        return vectors


def _spell(model: BiLM, corpus: Corpus, vectors: npt.NDArray[np.float32], recipe: Recipe) -> Iterator[Event]:
    """The stage of the characters."""
    yield StageStarted("characters", f"{len(vectors):,} words to spell")
    start = time.monotonic()
    for progress in train_encoder(
        model.encoder,
        recipe.options,
        corpus.vocabulary[: len(vectors)],
        vectors,
        corpus.counts[: len(vectors)],
        num_steps=recipe.spelling_steps,
        batch_size=recipe.spelling_batch_size,
        learning_rate=recipe.spelling_rate,
        seed=recipe.context.seed,
    ):
        remaining_s = (time.monotonic() - start) / progress.step * (progress.num_steps - progress.step)
        detail = f"{progress.explained:.1%} of the variance"
        yield StageProgress("characters", progress.step, progress.num_steps, remaining_s, detail)


def _read_context(
    corpus: Corpus, vectors: npt.NDArray[np.float32] | None, recipe: Recipe, folder: Path, characters: Path
) -> Iterator[Event]:
    """The stage of the LSTMs, on the vectors that the token encoder gives, or on the words' own while there is none.

    Without words, the characters came from a module: its LSTMs learn on, and the softmax starts from what the encoder gives.
    """
    context = recipe.context
    is_spelled = characters.exists()
    model = load_weights(characters, recipe.options) if is_spelled else BiLM(recipe.options)
    yield StageStarted("context", "encoding every word type" if is_spelled else "on the words' own vectors")
    table = encoded_vocabulary(model, corpus.vocabulary) if vectors is None or is_spelled else _own_vectors(corpus, vectors)
    tokens_per_step = context.batch_size * context.window
    softmax_steps = recipe.softmax_tokens // tokens_per_step if vectors is None else 0
    trainer = ContextTrainer(
        model.lstms,
        recipe.options,
        vectors=table,
        output_vectors=output_vectors(table[NUM_SPECIALS:] if vectors is None else vectors, context.vocabulary_size),
        output_bias=output_bias(corpus, context.vocabulary_size),
        recipe=context,
        softmax_steps=softmax_steps,
    )
    path = folder / CONTEXT
    step, spent_before = _restore(trainer, path) if path.exists() else (0, 0.0)
    yield StageStarted("context", f"{step:,} of {context.num_steps:,} windows done in {spent_before:,.0f} s")

    held_out = list(corpus.held_out)
    started = saved = time.monotonic()
    if step == 0:
        yield Evaluated(0, trainer.perplexity(held_out), 0.0)
    first, reading = step, time.monotonic()
    evaluate_every = max(1, recipe.evaluate_tokens // tokens_per_step)
    losses: list[float] = []
    source = windows(list(corpus.reviews()), context)
    for _ in range(step):
        next(source)
    while step < context.num_steps:
        window = next(source)
        arrays = window.inputs, window.targets, window.begins, window.bags
        losses.append(float(trainer.train_window(*arrays, softmax_only=step < softmax_steps)))
        step += 1
        now = time.monotonic()
        spent = spent_before + now - started
        last = step == context.num_steps
        if step % 25 == 0 or last:
            speed = (step - first) / (now - reading)  # windows per second
            detail = f"sampled loss {np.mean(losses[-100:]):.3f}, {speed * tokens_per_step:,.0f} tokens/s"
            yield StageProgress("context", step, context.num_steps, (context.num_steps - step) / speed, detail)
        if step % evaluate_every == 0 or step == softmax_steps or last:
            yield Evaluated(step * tokens_per_step, trainer.perplexity(held_out), spent)
        if now - saved > recipe.checkpoint_s or last:
            state = {f"variable_{i}": each.numpy() for i, each in enumerate(trainer.checkpoint_variables())}
            if is_spelled:
                save_weights(model, folder / WEIGHTS)
            _write(path, {**state, "step": np.asarray(step), "seconds": np.asarray(spent)})
            yield CheckpointSaved(path)
            saved = time.monotonic()


def _restore(trainer: ContextTrainer, path: Path) -> tuple[int, float]:
    """Puts a checkpoint back; returns the step and the seconds spent.

    Raises:
        UserError: It was made with other sizes.
    """
    with np.load(path, allow_pickle=False) as file:
        try:
            for i, variable in enumerate(trainer.checkpoint_variables()):
                variable.assign(file[f"variable_{i}"])
            return int(file["step"]), float(file["seconds"])
        except (KeyError, ValueError) as error:
            raise UserError(
                f"{path} was made with other options; resume with those that the pretraining began with.",
                code="checkpoint-differs",
            ) from error


def encoded_vocabulary(model: BiLM, vocabulary: Sequence[str]) -> npt.NDArray[np.float32]:
    """The token encoder's vector of every id, float32 (num_ids, projection_dim)."""
    vectors = np.zeros((NUM_SPECIALS + len(vocabulary), model.options.projection_dim), np.float32)
    vectors[[BEGIN, END]] = model.boundary_vectors().numpy()
    order = sorted(range(len(vocabulary)), key=lambda k: len(vocabulary[k].encode()))
    encode = tf.function(model.word_vectors, input_signature=[tf.TensorSpec([None], tf.string)])
    for start in range(0, len(order), 2048):
        part = order[start : start + 2048]
        vectors[np.asarray(part) + NUM_SPECIALS] = encode(tf.constant([vocabulary[k] for k in part])).numpy()
    return vectors


def _own_vectors(corpus: Corpus, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each id's own vector, float32 (num_ids, projection_dim); zero for the marks and for words too rare to have one."""
    table = np.zeros((NUM_SPECIALS + len(corpus.vocabulary), vectors.shape[1]), np.float32)
    table[NUM_SPECIALS : NUM_SPECIALS + len(vectors)] = vectors
    return table


def output_vectors(vectors: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """Where the softmax starts: the word vectors at half their length, nothing for the specials."""
    output = np.zeros((size, vectors.shape[1]), np.float32)
    known = vectors[: size - NUM_SPECIALS]
    output[NUM_SPECIALS : NUM_SPECIALS + len(known)] = known / 2
    return output


def output_bias(corpus: Corpus, size: int) -> npt.NDArray[np.float32]:
    """Where the softmax's bias starts: the logarithm of each word's share."""
    counts = np.zeros(size)
    counts[UNKNOWN] = corpus.counts[size - NUM_SPECIALS :].sum()
    counts[[BEGIN, END]] = (len(corpus.bounds) - 1) / 2  # each direction ends in one of them
    known = corpus.counts[: size - NUM_SPECIALS]
    counts[NUM_SPECIALS : NUM_SPECIALS + len(known)] = known
    bias: npt.NDArray[np.float32] = np.log(np.maximum(counts, 0.5) / counts.sum()).astype(np.float32)
    return bias


def _write(path: Path, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
    """Writes arrays so that a stop in the middle leaves the old file."""
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(path)
