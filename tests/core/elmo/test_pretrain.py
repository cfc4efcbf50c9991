"""Pretraining on a small language whose rules are known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.datasets import BUILT_IN, load_pool
from core.data.review_pool import near_duplicate_keys
from core.elmo.pretrain.context import ContextRecipe, windows
from core.elmo.pretrain.corpus import BEGIN, END, NUM_SPECIALS, UNKNOWN, Corpus, load_texts, without
from core.errors import UserError
from core.settings import Settings
from tests.core.elmo.tiny_models import TINY

SMALL = ContextRecipe(vocabulary_size=20, batch_size=4, window=5, num_samples=8, num_tokens=4 * 5 * 60, dropout=0.0)

GOING_ON = replace(SMALL, vocabulary_size=15, learning_rate=2e-2, batch_size=16, window=3, num_tokens=16 * 3 * 100)


def _corpus(num_reviews: int = 60) -> Corpus:
    """Reviews that count: each word is followed by the next of a ring of twelve."""
    rng = np.random.default_rng(0)
    reviews = [(np.arange(length) + start) % 12 + NUM_SPECIALS for start, length in rng.integers(5, 30, (num_reviews, 2))]
    ids = np.concatenate(reviews).astype(np.int32)
    return Corpus(
        vocabulary=tuple(f"word{k}" for k in range(12)),
        counts=np.bincount(ids - NUM_SPECIALS, minlength=12),
        token_ids=ids,
        bounds=np.cumsum([0] + [len(review) for review in reviews]),
        held_out=tuple(review.astype(np.int32) for review in reviews[:3]),
    )


@given(st.integers(0, 3), st.integers(1, 4))
def test_windows_read_every_direction_of_the_reviews_and_predict_the_word_that_follows(seed: int, batch_size: int) -> None:
    corpus = _corpus()
    recipe = replace(SMALL, seed=seed, batch_size=batch_size)
    reviews = list(corpus.reviews())
    count = sum(map(len, reviews)) // (batch_size * recipe.window)
    parts = list(islice(windows(reviews, recipe), count))
    for direction, (begin, end, step) in enumerate(((BEGIN, END, 1), (END, BEGIN, -1))):
        for row in range(batch_size):
            inputs, targets, begins = (
                np.concatenate([getattr(part, name)[direction, :, row] for part in parts])
                for name in ("inputs", "targets", "begins")
            )
            follows = ~begins[1:]
            assert np.array_equal(inputs[1:][follows], targets[:-1][follows])
            assert begins[0]
            assert np.all(begins[inputs == begin])
            words = (inputs >= NUM_SPECIALS) & (targets >= NUM_SPECIALS)
            assert np.all((targets[words] - inputs[words]) % 12 == step % 12)
            assert np.any(targets == end)


def test_a_bag_holds_words_of_the_piece_that_is_being_read_and_neither_marks_nor_unpredicted_words() -> None:
    length, vocabulary_size = 12, 40  # each of the five reviews has words of its own; some of the last ones' are not predicted
    reviews = [np.arange(k * length, (k + 1) * length, dtype=np.int32) + NUM_SPECIALS for k in range(5)]
    recipe = replace(SMALL, vocabulary_size=vocabulary_size, batch_size=2, window=8)
    seen = set()
    for window in islice(windows(reviews, recipe), 40):
        assert window.bags.shape == (2, 1, 2, 8)
        for bag, read in zip(window.bags.reshape(-1, 8), window.inputs[:, 7].reshape(-1), strict=True):
            known = bag[bag != UNKNOWN]
            assert np.all((known >= NUM_SPECIALS) & (known < vocabulary_size))
            if read >= NUM_SPECIALS:
                assert {(word - NUM_SPECIALS) // length for word in known.tolist()} <= {(read - NUM_SPECIALS) // length}
                seen |= set(known.tolist())
    assert len(seen) > 30


def test_without_carried_state_every_window_begins_anew() -> None:
    reviews = list(_corpus().reviews())
    assert not all(window.begins[:, 0].all() for window in islice(windows(reviews, SMALL), 20))
    assert all(window.begins[:, 0].all() for window in islice(windows(reviews, replace(SMALL, carry_state=False)), 20))


def test_the_same_seed_gives_the_same_windows_in_every_epoch() -> None:
    reviews = list(_corpus(5).reviews())
    for one, two in islice(zip(windows(reviews, SMALL), windows(reviews, SMALL), strict=True), 40):
        assert np.array_equal(one.inputs, two.inputs)
        assert np.array_equal(one.bags, two.bags)


def test_a_corpus_comes_back_from_its_arrays(tmp_path: Path) -> None:
    corpus = _corpus()
    np.savez(tmp_path / "corpus.npz", **corpus.arrays())  # type: ignore[arg-type]
    again = Corpus.load(tmp_path / "corpus.npz")
    assert again.vocabulary == corpus.vocabulary
    assert all(np.array_equal(one, two) for one, two in zip(again.held_out, corpus.held_out, strict=True))
    assert np.array_equal(again.token_ids, corpus.token_ids)


def test_no_packaged_training_review_that_enters_begins_or_ends_like_a_test_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys_of = cache(near_duplicate_keys)  # most of the seconds go into them
    monkeypatch.setattr("core.elmo.pretrain.corpus.near_duplicate_keys", keys_of)
    pools = [load_pool(name, Settings(data_dir=tmp_path)) for name in BUILT_IN]
    test_texts = [pool.texts[i] for pool in pools for i in pool.test]
    entering = list(without(test_texts, [pool.texts[i] for pool in pools for i in pool.train]))
    test_keys = {key for text in test_texts for key in keys_of(text)}
    assert len(entering) > 25_000
    assert not any(set(keys_of(text)) & test_keys for text in entering)


def test_a_text_that_nearly_equals_a_forbidden_one_or_an_earlier_one_is_left_out() -> None:
    story = "A long and winding story about a small dog that nobody in the whole town wanted to feed or even to look at."
    other = "Quite another film, and one that deserves to be seen in a real cinema by everyone who loves the sea."
    assert list(without([story], [story.upper() + " !!", other, other + "  "])) == [other]


def test_texts_come_from_parquet_text_files_and_folders_without_their_test_part(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["from parquet", None]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.txt").write_text("line one\nline two\n")
    for part in ("train/unsup", "test/pos"):
        (tmp_path / "aclImdb" / part).mkdir(parents=True)
        (tmp_path / "aclImdb" / part / "0_0.txt").write_text(part)
    (tmp_path / "aclImdb" / "imdb.vocab.txt").write_text("no review")
    paths = [tmp_path / "a.parquet", tmp_path / "b.txt", tmp_path / "aclImdb"]
    assert list(load_texts(paths)) == ["from parquet", "line one", "line two", "train/unsup"]


@pytest.mark.parametrize(
    ("name", "code"), [("missing.txt", "corpus-missing"), ("wrong.parquet", "corpus-no-text"), ("empty", "corpus-empty")]
)
def test_a_corpus_that_cannot_be_read_is_refused(name: str, code: str, tmp_path: Path) -> None:
    pd.DataFrame({"review": ["x"]}).to_parquet(tmp_path / "wrong.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=name) as error:
        list(load_texts([tmp_path / name]))
    assert error.value.code == code


def test_pretraining_learns_the_language_resumes_where_it_stopped_and_leaves_released_weights(tmp_path: Path) -> None:
    from core.elmo.options import BiLMOptions
    from core.elmo.pretrain.recipe import (
        OPTIONS,
        CheckpointSaved,
        Evaluated,
        Pretrained,
        Recipe,
        StageProgress,
        StageStarted,
        pretrain,
    )
    from core.elmo.weights import load_weights

    np.savez(tmp_path / "corpus.npz", **_corpus().arrays())  # type: ignore[arg-type]
    context = replace(SMALL, vocabulary_size=15, learning_rate=2e-2, batch_size=16, window=3, num_tokens=16 * 3 * 300)
    options = replace(TINY, cell_dim=32, projection_dim=16)
    recipe = Recipe(options=options, num_threads=1, spelling_steps=60, spelling_batch_size=16, context=context, checkpoint_s=0.1)
    settings = Settings(data_dir=tmp_path)

    events = pretrain(recipe, [], tmp_path, settings)
    for _ in islice((event for event in events if isinstance(event, CheckpointSaved)), 2):
        pass
    del events  # a stop in the middle

    resumed = list(pretrain(recipe, [], tmp_path, settings))
    assert not any(isinstance(event, StageProgress) and event.stage == "characters" for event in resumed)
    (detail,) = (e.detail for e in resumed if isinstance(e, StageStarted) and "windows done" in e.detail)
    assert not detail.startswith("0 of 300")
    (evaluated,) = (event for event in resumed if isinstance(event, Evaluated))
    assert evaluated.perplexity < 2  # chance is 12 words and an end
    assert isinstance(resumed[-1], Pretrained)
    model = load_weights(resumed[-1].weights, BiLMOptions.load(tmp_path / OPTIONS))
    assert np.isfinite(model.word_vectors(["word1"]).numpy()).all()


def test_lstms_may_begin_on_the_words_own_vectors_and_end_on_what_the_characters_give(tmp_path: Path) -> None:
    from core.elmo.pretrain.recipe import CONTEXT, WEIGHTS, Evaluated, Pretrained, Recipe, StageStarted, pretrain

    np.savez(tmp_path / "corpus.npz", **_corpus().arrays())  # type: ignore[arg-type]
    context = replace(SMALL, vocabulary_size=15, window=2, num_tokens=4 * 2 * 20)
    recipe = Recipe(options=TINY, num_threads=1, spelling_steps=20, spelling_batch_size=16, context=context)
    settings = Settings(data_dir=tmp_path)

    first = list(pretrain(recipe, [], tmp_path, settings, ["context"]))
    assert first[-1] == Pretrained(tmp_path / CONTEXT)
    assert not (tmp_path / WEIGHTS).exists()

    assert not any(isinstance(event, Evaluated) for event in pretrain(recipe, [], tmp_path, settings, ["characters"]))
    longer = replace(recipe, context=replace(context, num_tokens=4 * 2 * 30))
    last = list(pretrain(longer, [], tmp_path, settings, ["context"]))
    assert any(isinstance(event, StageStarted) and event.detail.startswith("20 of 30 windows") for event in last)
    assert last[-1] == Pretrained(tmp_path / WEIGHTS)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The module of a short pretraining on the small language, and the perplexity that it began with."""
    from core.elmo.export import export_hub_module
    from core.elmo.options import BiLMOptions
    from core.elmo.pretrain.recipe import OPTIONS, WEIGHTS, Evaluated, Recipe, pretrain
    from core.elmo.weights import load_weights

    folder = tmp_path_factory.mktemp("learned")
    np.savez(folder / "corpus.npz", **_corpus().arrays())  # type: ignore[arg-type]
    options = replace(TINY, cell_dim=32, projection_dim=16)
    recipe = Recipe(options=options, num_threads=1, spelling_steps=60, spelling_batch_size=16, context=GOING_ON)
    first, *_ = (event for event in pretrain(recipe, [], folder, Settings(data_dir=folder)) if isinstance(event, Evaluated))
    export_hub_module(load_weights(folder / WEIGHTS, BiLMOptions.load(folder / OPTIONS)), folder / "module")
    assert first.num_tokens == 0
    return folder / "module", first.perplexity


def test_going_on_from_a_module_begins_better_than_at_random_trains_the_softmax_alone_first_and_resumes(
    learned: tuple[Path, float], tmp_path: Path
) -> None:
    from core.elmo.export import load_exported
    from core.elmo.pretrain.recipe import WEIGHTS, Evaluated, Recipe, StageStarted, pretrain
    from core.elmo.weights import load_weights

    module, random_start = learned
    np.savez(tmp_path / "corpus.npz", **_corpus().arrays())  # type: ignore[arg-type]
    tokens_per_step = GOING_ON.batch_size * GOING_ON.window
    context = replace(GOING_ON, num_tokens=20 * tokens_per_step)
    recipe = Recipe(num_threads=1, context=context, start_from=module, softmax_tokens=20 * tokens_per_step)
    settings = Settings(data_dir=tmp_path)

    start = load_exported(module)
    begun = [event for event in pretrain(recipe, [], tmp_path, settings) if isinstance(event, Evaluated)]
    assert [event.num_tokens for event in begun] == [0, context.num_tokens]
    assert random_start > begun[0].perplexity > begun[1].perplexity
    frozen = load_weights(tmp_path / WEIGHTS, start.options)
    for one, two in zip(start.variables, frozen.variables, strict=True):
        assert np.array_equal(one.numpy(), two.numpy())

    longer = replace(context, num_tokens=60 * tokens_per_step)
    resumed = list(pretrain(replace(recipe, context=longer, evaluate_tokens=20 * tokens_per_step), [], tmp_path, settings))
    assert any(isinstance(event, StageStarted) and event.detail.startswith("20 of 60 windows") for event in resumed)
    evaluated = [event for event in resumed if isinstance(event, Evaluated)]
    assert [event.num_tokens for event in evaluated] == [40 * tokens_per_step, 60 * tokens_per_step]
    assert evaluated[-1].perplexity < begun[1].perplexity
    moved = load_weights(tmp_path / WEIGHTS, start.options)
    assert not np.array_equal(start.lstms[0].w_h.numpy(), moved.lstms[0].w_h.numpy())
    assert np.array_equal(start.encoder.w_proj.numpy(), moved.encoder.w_proj.numpy())

    smaller = replace(recipe, context=replace(longer, batch_size=8))
    with pytest.raises(UserError) as error:
        list(pretrain(smaller, [], tmp_path, settings))
    assert error.value.code == "checkpoint-differs"


def test_a_folder_that_holds_no_exported_weights_is_refused(learned: tuple[Path, float], tmp_path: Path) -> None:
    from core.elmo.export import load_exported

    (tmp_path / "options.json").write_text((learned[0] / "options.json").read_text())
    with pytest.raises(UserError) as error:
        load_exported(tmp_path)
    assert error.value.code == "module-weights-unreadable"


# In bfloat16 a value near a clip may fall on its other side, where no gradient flows.
@pytest.mark.parametrize(("products", "tolerance", "gradient_tolerance"), [("float32", 1e-5, 1e-5), ("bfloat16", 0.01, 0.15)])
def test_a_layer_reads_a_window_as_step_by_step_and_has_the_gradients_of_automatic_differentiation(
    products: str, tolerance: float, gradient_tolerance: float
) -> None:
    import tensorflow as tf

    from core.elmo.layers import ProjectedLSTM
    from core.elmo.pretrain.scan import read_window

    tf.keras.utils.set_random_seed(0)
    options = replace(TINY, cell_dim=24, projection_dim=16, cell_clip=0.8, proj_clip=0.2)
    lstm = ProjectedLSTM(options, "lstm")
    window, batch = 6, 9
    inputs, wanted = tf.Variable(tf.random.normal((2, window, batch, 16), stddev=2.0)), tf.random.normal((2, window, batch, 16))
    state = tf.random.normal((2, batch, 24), stddev=0.5), tf.random.normal((2, batch, 16), stddev=0.5)
    keep = tf.cast(tf.random.uniform((2, window, batch, 1)) > 0.3, tf.float32)

    def step_by_step() -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        c, h = state
        outputs = []
        for gates, kept in zip(tf.unstack(lstm.input_gates(inputs), axis=1), tf.unstack(keep, axis=1), strict=True):
            c, h = lstm.step(gates, c * kept, h * kept, tf.convert_to_tensor(lstm.w_h), tf.convert_to_tensor(lstm.w_p))
            outputs.append(h)
        return tf.stack(outputs, axis=1), (c, h)

    results = []
    for read in (step_by_step, lambda: read_window(lstm, inputs, keep, state, tf.as_dtype(products))):
        with tf.GradientTape() as tape:
            hidden, end = read()
            loss = tf.reduce_sum(hidden * wanted)
        gradients = tape.gradient(loss, [inputs, *lstm.trainable_variables])
        results.append([each.numpy() for each in (hidden, *end, *gradients)])
    hidden, c = results[0][:2]
    assert 0.1 < np.mean(np.abs(hidden) == np.float32(0.2)) < 0.9
    assert np.any(np.abs(c) == np.float32(0.8))
    tolerances = [tolerance] * 3 + [gradient_tolerance] * 5
    for plain, fast, limit in zip(*results, tolerances, strict=True):
        assert np.linalg.norm(fast - plain) < limit * np.linalg.norm(plain)


def test_perplexity_is_that_of_a_plain_softmax_over_the_reference_network(tmp_path: Path) -> None:
    from core.elmo.pretrain.context import ContextTrainer
    from tests.core.elmo.reference import read
    from tests.core.elmo.tiny_models import load_model, random_weights

    rng = np.random.default_rng(1)
    vectors, output = rng.normal(size=(2, 15, TINY.projection_dim)).astype(np.float32)
    bias = rng.normal(size=15).astype(np.float32)
    recipe = replace(SMALL, vocabulary_size=15)
    trainer = ContextTrainer(
        load_model(tmp_path).lstms, TINY, vectors=vectors, output_vectors=output, output_bias=bias, recipe=recipe
    )
    reviews = [np.asarray(ids, np.int32) for ids in ([3, 4, 5, 9], [7], [14, 3])]
    losses = []
    for ids in reviews:
        for direction, sequence in enumerate(([BEGIN, *ids, END], [END, *ids[::-1], BEGIN])):
            (_, top) = read([vectors[k] for k in sequence[:-1]], direction, random_weights(TINY), TINY)
            for hidden, target in zip(top, sequence[1:], strict=True):
                logits = output @ hidden + bias
                losses.append(np.log(np.exp(logits).sum()) - logits[target])
    assert trainer.perplexity(reviews) == pytest.approx(np.exp(np.mean(losses)), rel=1e-4)


@pytest.mark.parametrize("num_targets", [1, 3])
def test_the_full_softmax_of_the_recipes_is_the_plain_cross_entropy_with_its_gradients(num_targets: int) -> None:
    import tensorflow as tf

    from core.elmo.layers import ProjectedLSTM
    from tools.pretraining_recipes import FullSoftmaxTrainer

    rng = np.random.default_rng(2)
    vectors, bias = rng.normal(size=(15, TINY.projection_dim)).astype(np.float32), rng.normal(size=15).astype(np.float32)
    lstms = [ProjectedLSTM(TINY, "lstm")]
    recipe = replace(SMALL, vocabulary_size=15)
    trainer = FullSoftmaxTrainer(lstms, TINY, vectors=vectors, output_vectors=vectors, output_bias=bias, recipe=recipe)
    hidden = tf.Variable(rng.normal(size=(1500, TINY.projection_dim)).astype(np.float32))
    targets = tf.constant(rng.integers(0, 15, (1500, num_targets)), tf.int32)
    counts = np.ones(targets.shape) if num_targets == 1 else targets.numpy() != UNKNOWN

    def plain() -> tf.Tensor:
        logits = tf.matmul(hidden, trainer.output_vectors, transpose_b=True) + trainer.output_bias
        logits = tf.repeat(logits[:, None], num_targets, axis=1)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
        return tf.reduce_sum(losses * counts) / counts.sum()

    results = []
    for loss_of in (plain, lambda: trainer._loss(hidden, targets, trainer.output_bias, tf.float32)):
        with tf.GradientTape() as tape:
            loss = loss_of()
        gradients = tape.gradient(loss, [hidden, trainer.output_vectors, trainer.output_bias])
        results.append([loss.numpy(), *(tf.convert_to_tensor(each).numpy() for each in gradients)])
    for expected, found in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
