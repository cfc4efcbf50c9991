"""The embedder on our own modules and on others with the signatures of google/elmo."""

from __future__ import annotations

import contextlib
import http.server
import io
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import disk_cache
from core.embedders.elmo import load_elmo
from core.embedders.hub_modules import download_folder
from core.errors import UserError
from core.settings import Settings
from tests.core.elmo.tiny_models import (
    SENTENCES,
    TINY,
    reference_layers,
    write_tf1_hub_module,
)


@pytest.fixture(scope="module")
def tf1_folder(released: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tf1") / "module"
    write_tf1_hub_module(folder, released[1], TINY)
    return folder


@pytest.mark.parametrize("kind", ["split", "tf1"])
def test_the_embedder_gives_the_reference_values(kind: str, module_folder: Path, tf1_folder: Path, settings: Settings) -> None:
    folder = str(module_folder if kind == "split" else tf1_folder)
    mean, top, learned = (load_elmo(folder, settings, layer_mix=mix, batch_size=2) for mix in ("mean", "2", "learned"))
    assert (mean.dim, top.dim, learned.dim) == (10, 10, 30)
    for tokens, *got in zip(SENTENCES, *(each.embed(SENTENCES) for each in (mean, top, learned)), strict=True):
        if not tokens:
            assert [each.shape for each in got] == [(0, 10), (0, 10), (0, 30)]
            continue
        want = reference_layers(tokens)
        np.testing.assert_allclose(got[0], want.mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(got[1], want[2], atol=1e-5)
        np.testing.assert_allclose(got[2], np.concatenate(list(want), axis=-1), atol=1e-5)
        assert all(each.dtype == np.float32 for each in got)


def test_the_sentences_beside_it_never_change_the_stored_vectors_of_a_sentence(module_folder: Path, settings: Settings) -> None:
    embedder = load_elmo(str(module_folder), settings)
    together = embedder.embed(SENTENCES)
    for tokens, vectors in zip(SENTENCES, together, strict=True):
        (alone,) = embedder.embed([tokens])
        assert np.array_equal(vectors.astype(np.float16), alone.astype(np.float16))


@pytest.mark.parametrize(("num_sentences", "num_rows"), [(3, [8]), (16, [16]), (70, [64, 8])])
def test_calls_that_are_filled_up_to_steps_have_few_rows_and_the_same_vectors_within_rounding(
    module_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, num_sentences: int, num_rows: list[int]
) -> None:
    whole = load_elmo(str(module_folder), settings, batch_size=32)
    fitted = whole.with_batch_size(64, step=8)
    sentences = [["film", *(["very"] * (i % 12)), "good"] for i in range(num_sentences)]
    rows: list[int] = []
    run_split = fitted._run_split

    def count_rows(batch: list[list[str]]) -> Any:
        rows.append(len(batch))
        return run_split(batch)

    monkeypatch.setattr(fitted, "_run_split", count_rows)
    for vectors, expected in zip(fitted.embed(sentences), whole.embed(sentences), strict=True):
        np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert rows == num_rows


def test_layer_mixes_have_different_fingerprints_and_the_same_files_the_same_one(module_folder: Path, settings: Settings) -> None:
    prints = [load_elmo(str(module_folder), settings, layer_mix=mix).fingerprint for mix in ("mean", "0", "mean")]
    assert prints[0] == prints[2] != prints[1]


def test_a_module_is_loaded_once_for_all_mixes_and_anew_once_its_files_change(
    module_folder: Path, tmp_path: Path, settings: Settings
) -> None:
    folder = shutil.copytree(module_folder, tmp_path / "module")
    mean, top = (load_elmo(str(folder), settings, layer_mix=mix) for mix in ("mean", "2"))
    assert mean._module is top._module
    (folder / "variables" / "one-more").write_text("a file that was not there")
    assert load_elmo(str(folder), settings)._module is not mean._module


@pytest.mark.parametrize(
    ("source", "code"), [("/nowhere/elmo", "elmo-missing"), ("https://localhost:9/elmo/3", "elmo-unloadable")]
)
def test_a_module_that_cannot_be_reached_is_refused_with_its_name(source: str, code: str, settings: Settings) -> None:
    with pytest.raises(UserError, match=source) as error:
        load_elmo(source, settings)
    assert error.value.code == code


def test_a_module_that_is_no_elmo_is_refused(tmp_path: Path, settings: Settings) -> None:
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(UserError) as error:
        load_elmo(str(tmp_path / "other"), settings)
    assert error.value.code == "elmo-no-signature"


def test_a_damaged_module_is_refused(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"not a protobuf")
    with pytest.raises(UserError) as error:
        load_elmo(str(tmp_path), settings)
    assert error.value.code == "elmo-unloadable"


@pytest.fixture
def served(module_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """The address of the tiny module on a server, and the folder to which it is downloaded."""
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "hub"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    shutil.make_archive(str(tmp_path / "web" / "elmo"), "gztar", module_folder)
    with serving_folder(tmp_path / "web") as address:
        handle = f"{address}/elmo.tar.gz"
        yield handle, download_folder(handle, Settings(data_dir=tmp_path))


@pytest.mark.parametrize("damage", ["cut graph", "cut weights", "no graph", "no weights"])
def test_a_damaged_download_is_fetched_again(damage: str, served: tuple[str, Path], settings: Settings) -> None:
    handle, folder = served
    expected = load_elmo(handle, settings).embed([["Good"]])[0]
    how, what = damage.split()
    [path] = [folder / "saved_model.pb"] if what == "graph" else (folder / "variables").glob("*.data*")
    path.write_bytes(path.read_bytes()[:100]) if how == "cut" else path.unlink()

    np.testing.assert_array_equal(load_elmo(handle, settings).embed([["Good"]])[0], expected)
    assert [found.name for found in folder.parent.iterdir() if found.is_dir()] == [folder.name]


def test_a_damaged_download_that_cannot_be_had_again_is_kept_and_named(
    served: tuple[str, Path], tmp_path: Path, settings: Settings
) -> None:
    handle, folder = served
    load_elmo(handle, settings)
    (folder / "saved_model.pb").write_bytes(b"not a protobuf")
    (tmp_path / "web" / "elmo.tar.gz").unlink()
    with pytest.raises(UserError, match=str(folder)) as error:
        load_elmo(handle, settings)
    assert error.value.code == "elmo-unloadable"
    assert (folder / "saved_model.pb").exists()


def test_a_module_that_leaves_its_folder_is_refused(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "hub"))
    (tmp_path / "web").mkdir()
    with tarfile.open(tmp_path / "web" / "elmo.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../../outside"))
    with serving_folder(tmp_path / "web") as address, pytest.raises(UserError) as error:
        load_elmo(f"{address}/elmo.tar.gz", settings)
    assert error.value.code == "elmo-unloadable"
    assert [path.name for path in tmp_path.rglob("outside")] == []


def test_a_module_that_unpacks_to_very_much_is_refused(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "hub"))
    (tmp_path / "web").mkdir()
    member = tarfile.TarInfo("saved_model.pb")
    member.size = 2**26
    with tarfile.open(tmp_path / "web" / "elmo.tar.gz", "w:gz") as archive:
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    with serving_folder(tmp_path / "web") as address, pytest.raises(UserError, match="unpacks to far more") as error:
        load_elmo(f"{address}/elmo.tar.gz", settings)
    assert error.value.code == "elmo-unloadable"
    assert not any((tmp_path / "hub").iterdir())


def test_downloads_make_room_for_each_other_and_one_in_use_stays(
    served: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path, allow_private_addresses=True)
    monkeypatch.setitem(disk_cache.MAX_BYTES, "hub", 1)
    handle, folder = served
    shutil.copy(tmp_path / "web" / "elmo.tar.gz", tmp_path / "web" / "other.tar.gz")
    left = folder.with_name("0123456789")  # by a program that has ended
    left.mkdir(parents=True)
    (left / "saved_model.pb").write_bytes(bytes(100))

    load_elmo(handle, settings)
    second = handle.replace("elmo.tar.gz", "other.tar.gz")
    load_elmo(second, settings)
    assert {path for path in folder.parent.iterdir() if path.is_dir()} == {folder, download_folder(second, settings)}


@contextlib.contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
