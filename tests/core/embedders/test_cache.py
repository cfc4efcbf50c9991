from __future__ import annotations

import multiprocessing
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.arrays import FloatArray, HalfArray
from core.embedders.cache import CachedEmbedder, EmbeddingCache, open_cache
from core.errors import UserError
from core.settings import Settings

DIM = 8
SENTENCES = [["a", "film"], ["not", "a", "film", "."], []]


class HashingEmbedder:
    """Vectors from the letters of words; counts what it computes."""

    name = "hashing"
    fingerprint = "hashing-1"
    dim = DIM

    def __init__(self) -> None:
        self.num_computed = 0

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[FloatArray]:
        self.num_computed += len(sentences)
        vectors = []
        for tokens in sentences:
            rows = [np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIM) for word in tokens]
            vectors.append(np.array(rows, np.float32).reshape(len(tokens), DIM))
        return vectors


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[EmbeddingCache]:
    cache = EmbeddingCache(tmp_path, 2**24)
    yield cache
    cache.close()


def half_vectors(sentences: Sequence[Sequence[str]]) -> list[HalfArray]:
    return [vectors.astype(np.float16) for vectors in HashingEmbedder().embed(sentences)]


def fill(cache: EmbeddingCache, num_sentences: int = 200, num_tokens: int = 100) -> list[list[str]]:
    sentences = [[f"word{i}"] * num_tokens for i in range(num_sentences)]
    assert cache.put_many("f", sentences, half_vectors(sentences))
    return sentences


def test_vectors_come_back_bit_by_bit(cache: EmbeddingCache) -> None:
    assert cache.put_many("f", SENTENCES, half_vectors(SENTENCES))

    for known, expected in zip(cache.get_many("f", SENTENCES), half_vectors(SENTENCES), strict=True):
        assert known is not None
        np.testing.assert_array_equal(known, expected, strict=True)


def test_what_was_not_stored_is_missing(cache: EmbeddingCache) -> None:
    cache.put_many("f", SENTENCES[:1], half_vectors(SENTENCES[:1]))

    assert cache.missing("f", SENTENCES) == [1, 2]
    assert [vectors is None for vectors in cache.get_many("f", SENTENCES)] == [False, True, True]


def test_another_embedder_does_not_get_the_vectors(cache: EmbeddingCache) -> None:
    cache.put_many("f", SENTENCES, half_vectors(SENTENCES))

    assert cache.missing("g", SENTENCES) == [0, 1, 2]


def test_order_and_borders_of_tokens_matter(cache: EmbeddingCache) -> None:
    cache.put_many("f", [["no", "body"]], half_vectors([["no", "body"]]))

    assert cache.missing("f", [["body", "no"], ["nobody"], ["no body"]]) == [0, 1, 2]


def test_any_text_can_be_a_token(cache: EmbeddingCache) -> None:
    sentences = [["🎬", "naïve", "\ud800"], ["x" * 200_000]]

    assert cache.put_many("f", sentences, [np.ones((3, DIM), np.float16), np.ones((1, DIM), np.float16)])
    assert cache.missing("f", sentences) == []


def test_vectors_are_there_for_the_next_process(cache: EmbeddingCache, tmp_path: Path) -> None:
    cache.put_many("f", SENTENCES, half_vectors(SENTENCES))
    cache.close()

    assert EmbeddingCache(tmp_path, 2**24).missing("f", SENTENCES) == []


def _store_and_look(folder: Path, own: str, turn: Sequence[multiprocessing.synchronize.Event]) -> bool:
    cache = EmbeddingCache(folder, 2**24)
    sentences = [[own, str(i)] for i in range(100)]
    for sentence in sentences:
        cache.put_many("f", [sentence], half_vectors([sentence]))
    turn[0].set()
    turn[1].wait(20)
    return cache.missing("f", sentences) == []


def _store_and_exit(folder: Path, own: str, turn: Sequence[multiprocessing.synchronize.Event]) -> None:
    os._exit(0 if _store_and_look(folder, own, turn) else 1)


def test_two_processes_can_use_it_at_once(cache: EmbeddingCache, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    turn = [context.Event(), context.Event()]
    other = context.Process(target=_store_and_exit, args=(tmp_path, "other", turn))
    other.start()

    assert _store_and_look(tmp_path, "own", [turn[1], turn[0]])
    other.join()
    assert other.exitcode == 0
    assert cache.missing("f", [[own, str(i)] for own in ("own", "other") for i in range(100)]) == []


@pytest.mark.parametrize("damage", ["garbage", "zeros", "truncated", "empty"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, damage: str) -> None:
    cache = EmbeddingCache(tmp_path, 2**24)
    sentences = fill(cache)
    cache.close()
    [path] = tmp_path.rglob("data.mdb")
    size = path.stat().st_size
    path.write_bytes(
        {"garbage": os.urandom(size), "zeros": bytes(size), "truncated": path.read_bytes()[: size // 2], "empty": b""}[damage]
    )

    assert cache.get_many("f", sentences) == [None] * len(sentences)
    assert fill(cache) == sentences
    assert cache.missing("f", sentences) == []
    assert [path.name for path in tmp_path.iterdir()] == ["embeddings.lmdb"]


def test_damaged_pages_give_no_wrong_vector(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, 2**24)
    sentences = fill(cache)
    cache.close()
    [path] = tmp_path.rglob("data.mdb")
    data = bytearray(path.read_bytes())
    for place in range(3 * 4096 + 1000, len(data), 10_000):
        data[place] ^= 0xFF
    path.write_bytes(data)

    found = [(vectors, i) for i, vectors in enumerate(cache.get_many("f", sentences)) if vectors is not None]
    assert len(found) < len(sentences)
    for vectors, i in found:
        np.testing.assert_array_equal(vectors, half_vectors([sentences[i]])[0])


def test_a_folder_deleted_while_open_is_made_again(cache: EmbeddingCache, tmp_path: Path) -> None:
    sentences = fill(cache)
    shutil.rmtree(tmp_path)

    assert cache.missing("f", sentences) == list(range(len(sentences)))
    fill(cache)
    cache.close()
    assert EmbeddingCache(tmp_path, 2**24).missing("f", sentences) == []


def test_a_full_cache_begins_anew_and_stays_within_its_bound(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, 2**20)
    for i in range(40):
        sentences = [[f"word{i}", str(k)] * 20 for k in range(100)]
        assert cache.put_many("f", sentences, half_vectors(sentences))
        assert cache.missing("f", sentences) == []
        assert cache.size_bytes() <= 2**20

    assert cache.missing("f", [["word0", "0"] * 20]) == [0]


def test_vectors_larger_than_the_whole_cache_are_not_stored(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, 2**16)

    assert cache.put_many("f", [["word"] * 10_000], [np.ones((10_000, DIM), np.float16)]) is False
    assert cache.get_many("f", [["word"] * 10_000]) == [None]


def test_a_folder_that_cannot_be_used_means_that_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / "embeddings.lmdb").write_text("in the way")
    cache = EmbeddingCache(tmp_path, 2**24)

    assert cache.put_many("f", SENTENCES, half_vectors(SENTENCES)) is False
    assert cache.missing("f", SENTENCES) == [0, 1, 2]
    assert cache.size_bytes() == 0


def test_a_data_folder_that_cannot_be_made_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UserError) as error:
        open_cache(Settings(data_dir=tmp_path / "file"))
    assert error.value.code == "data-folder-unusable"


def test_a_process_has_one_cache_for_the_same_settings(tmp_path: Path) -> None:
    assert open_cache(Settings(data_dir=tmp_path)) is open_cache(Settings(data_dir=tmp_path))


def test_a_cold_and_a_warm_cache_give_the_same_vectors(cache: EmbeddingCache) -> None:
    embedder = HashingEmbedder()
    cached = CachedEmbedder(embedder, cache)

    cold, warm = cached.embed(SENTENCES), cached.embed(SENTENCES)

    assert embedder.num_computed == len(SENTENCES)
    for one, other, true in zip(cold, warm, embedder.embed(SENTENCES), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, other, strict=True)
        np.testing.assert_allclose(one, true, rtol=1e-3, atol=1e-6)


def test_only_missing_sentences_are_computed_and_the_order_is_kept(cache: EmbeddingCache) -> None:
    embedder = HashingEmbedder()
    cached = CachedEmbedder(embedder, cache)
    cached.embed([SENTENCES[1]])

    assert cached.missing(SENTENCES) == [0, 2]
    vectors = cached.embed_half(SENTENCES)
    assert embedder.num_computed == 3
    for found, expected in zip(vectors, half_vectors(SENTENCES), strict=True):
        np.testing.assert_array_equal(found, expected, strict=True)


def test_an_embedder_whose_cache_does_not_work_computes_every_time(tmp_path: Path) -> None:
    (tmp_path / "embeddings.lmdb").write_text("in the way")
    embedder = HashingEmbedder()
    cached = CachedEmbedder(embedder, EmbeddingCache(tmp_path, 2**24))

    cached.embed(SENTENCES)
    np.testing.assert_array_equal(cached.embed(SENTENCES)[1], half_vectors(SENTENCES)[1].astype(np.float32))
    assert embedder.num_computed == 2 * len(SENTENCES)
