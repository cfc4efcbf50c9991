"""Parsed vectors on disk: when they are parsed again, and what happens to damaged ones."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from core.embedders.static import PACKAGED, StaticEmbedder, load_static
from core.errors import UserError
from core.settings import Settings
from tests.core.embedders.small_vectors import GLOVE, MUSE, many, write, zipped


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


def test_a_data_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError) as error:
        load_static(PACKAGED, Settings(data_dir=tmp_path / "file"))
    assert error.value.code == "data-folder-unusable"


def test_the_smallest_numbers_that_a_file_may_have_stay_finite(settings: Settings, tmp_path: Path) -> None:
    vectors = load_static(write(tmp_path, b"the 1e-45 0\nfilm 0 0\n"), settings).embed([["the", "film"]])[0]
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1e-6, 3e5, 1e12, 1e30])
def test_vectors_outside_the_range_of_float16_are_rescaled(scale: float, settings: Settings, tmp_path: Path) -> None:
    plain, scaled = (
        load_static(write(tmp_path, b"".join(many(scale=factor)), f"{factor}.txt"), settings) for factor in (1.0, scale)
    )
    words = [f"w{row}" for row in range(300)]
    before, after = plain.embed([words])[0], scaled.embed([words])[0]
    ratio = after / before
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-6)
    assert np.isfinite(after.astype(np.float16)).all()
    np.testing.assert_allclose(after.astype(np.float16), after, rtol=1e-3, atol=1e-5)
    assert plain.note == ""
    assert "multiplied" in scaled.note
    assert plain.fingerprint != scaled.fingerprint


def test_raw_counts_keep_their_proportions(settings: Settings, tmp_path: Path) -> None:
    embedder = load_static(write(tmp_path, b"the 1000000 250000\nfilm 1000 4000\nrare 1 0\n"), settings)
    vectors = embedder.embed([["the", "film", "rare"]])[0].astype(np.float16).astype(np.float64)
    np.testing.assert_allclose(vectors / vectors[0, 0], np.array([[1e6, 25e4], [1e3, 4e3], [1, 0]]) / 1e6, rtol=1e-3, atol=1e-8)
