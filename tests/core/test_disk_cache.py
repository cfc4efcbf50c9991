"""Results that are kept on disk: what is read back, what is computed again, what makes room."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core import disk_cache
from core.analysis import review_traits
from core.disk_cache import DiskCache, cached_table, remove_leftovers
from core.files import ROOT
from core.settings import Settings

TABLE = pd.DataFrame({"word": ["naïve", "", "a b"], "count": [3, 2, 1], "share": [0.5, 0.25, 0.0]})


class Counted:
    """A count that knows how often it was made."""

    def __init__(self, settings: Settings, table: pd.DataFrame = TABLE) -> None:
        self.times = 0
        self._settings, self._table = settings, table

    def table(self, *of: str) -> pd.DataFrame:
        return cached_table("words", self._count, parts=of, code=[review_traits], settings=self._settings)

    def _count(self) -> pd.DataFrame:
        self.times += 1
        return self._table


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def cache(settings: Settings) -> DiskCache:
    return DiskCache("cache/counts", settings)


def test_what_was_saved_is_loaded_and_what_was_not_is_missing(cache: DiskCache) -> None:
    cache.save("empty", b"")
    cache.save("full", bytes(range(256)))
    assert (cache.load("empty"), cache.load("full"), cache.load("other")) == (b"", bytes(range(256)), None)


@pytest.mark.parametrize("damage", [lambda data: data[:0], lambda data: data[:-1], lambda data: data[:40] + b"x" + data[41:]])
def test_a_damaged_result_is_missing(cache: DiskCache, damage: Callable[[bytes], bytes]) -> None:
    cache.save("name", bytes(100))
    path = cache.folder() / "name"
    path.write_bytes(damage(path.read_bytes()))
    assert cache.load("name") is None


def test_a_folder_that_cannot_be_used_keeps_nothing(cache: DiskCache, settings: Settings) -> None:
    (settings.data_dir / "cache").write_text("a file where the folder should be")
    cache.save("name", b"data")
    assert cache.load("name") is None


def test_what_was_not_used_for_longest_makes_room(cache: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    for age_s, name in enumerate(("newest", "older", "oldest")):
        cache.save(name, bytes(100))
        set_age(cache.folder() / name, 1 + age_s)
    cache.load("oldest")  # now it is the one used last
    monkeypatch.setitem(disk_cache.MAX_BYTES, "cache/counts", 300)
    cache.save("new", bytes(100))
    assert sorted(path.name for path in cache.folder().iterdir()) == ["new", "oldest"]


def test_folders_make_room_as_files_do_and_nothing_that_is_being_written(
    cache: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age_s, name in enumerate(("new", "old", ".being-written")):
        (cache.folder() / name).mkdir()
        (cache.folder() / name / "array").write_bytes(bytes(200))
        set_age(cache.folder() / name, age_s)
    monkeypatch.setitem(disk_cache.MAX_BYTES, "cache/counts", 300)
    cache.make_room()
    assert sorted(path.name for path in cache.folder().iterdir()) == [".being-written", "new"]


def test_a_result_larger_than_the_limit_is_kept_alone(cache: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.save("old", bytes(10))
    set_age(cache.folder() / "old", 5)
    monkeypatch.setitem(disk_cache.MAX_BYTES, "cache/counts", 50)
    cache.save("large", bytes(100))
    assert [path.name for path in cache.folder().iterdir()] == ["large"]


HOLDS = """
import sys
from core.disk_cache import DiskCache
from core.settings import Settings
DiskCache("hub", Settings(data_dir=sys.argv[1])).hold("used")
print("holds", flush=True)
sys.stdin.read()
"""


def test_what_a_program_uses_stays_until_that_program_ends(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DiskCache("hub", settings)
    for age_s, name in enumerate(("newest", "free", "used", "used.123.tmp")):
        (cache.folder() / name / "variables").mkdir(parents=True)
        (cache.folder() / name / "variables" / "data").write_bytes(bytes(200))
        set_age(cache.folder() / name, age_s)
    monkeypatch.setitem(disk_cache.MAX_BYTES, "hub", 300)
    command = [sys.executable, "-c", HOLDS, str(settings.data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout
        assert program.stdout.readline() == b"holds\n"
        cache.make_room()
        assert visible(cache) == ["newest", "used", "used.123.tmp"]
        cache.clear()
        assert visible(cache) == ["used", "used.123.tmp"]
        program.communicate()
    cache.clear()
    assert visible(cache) == []


def test_what_this_program_uses_stays(settings: Settings) -> None:
    cache = DiskCache("hub", settings)
    cache.save("used", b"data")
    cache.save("free", b"data")
    cache.hold("used")
    cache.clear()
    assert visible(cache) == ["used"]


def visible(cache: DiskCache) -> list[str]:
    return sorted(path.name for path in cache.folder().glob("[!.]*"))


def test_what_killed_programs_left_goes_after_a_day(settings: Settings) -> None:
    names = ("vectors/.parsing-a", "vectors/.b.part", "datasets/.c.part", "cache/embeddings.1.thrown-away", "hub/d.e.tmp")
    old, young, growing = ([settings.data_dir / f"{name}{kind}" for name in names[:1]] for kind in ("", "young", "growing"))
    old += [settings.data_dir / name for name in names[1:]]
    kept = [settings.data_dir / name for name in ("datasets/mine.csv", "vectors/static-1", "runs.sqlite")]
    for path in (*old, *young, *growing, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        if ".p" in path.name and ".part" not in path.name:
            path.mkdir()
            (path / "vectors.npy").write_bytes(b"half")
            set_age(path / "vectors.npy", 0 if path in growing else 90_000)
        else:
            path.write_bytes(b"half")
        set_age(path, 3600 if path in young else 90_000)

    remove_leftovers(settings)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in (*young, *growing, *kept))


def test_a_data_folder_that_is_not_there_has_no_leftovers_and_is_not_made(tmp_path: Path) -> None:
    remove_leftovers(Settings(data_dir=tmp_path / "later"))
    assert not (tmp_path / "later").exists()


def set_age(path: Path, age_s: float) -> None:
    os.utime(path, (time.time() - age_s,) * 2)


def test_a_table_is_counted_once_and_read_as_it_was(settings: Settings) -> None:
    counted = Counted(settings)
    first, second = counted.table("one", "two"), counted.table("one", "two")
    assert counted.times == 1
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(second, TABLE)


def test_what_is_said_about_a_table_is_kept_with_it(settings: Settings) -> None:
    table = TABLE.copy()
    table.attrs = {"num_skipped": 3}
    counted = Counted(settings, table)
    assert [counted.table("one").attrs for _ in range(2)] == [{"num_skipped": 3}] * 2


def test_a_table_without_rows_is_kept_too(settings: Settings) -> None:
    counted = Counted(settings, TABLE.head(0))
    counted.table("one")
    assert counted.table("one").columns.to_list() == ["word", "count", "share"]
    assert len(counted.table("one")) == 0


@pytest.mark.parametrize("other", [("onetwo",), ("one", "tw"), ("two", "one"), ("one", "two", "")])
def test_other_content_is_counted_anew(settings: Settings, other: tuple[str, ...]) -> None:
    counted = Counted(settings)
    counted.table("one", "two")
    counted.table(*other)
    assert counted.times == 2


def test_another_version_of_the_code_counts_anew(settings: Settings) -> None:
    counted = Counted(settings)
    counted.table("one")
    cached_table("words", counted._count, parts=["one"], code=[disk_cache], settings=settings)
    assert counted.times == 2


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and no more", b"nothing like it"])
def test_a_damaged_file_is_counted_anew(settings: Settings, damage: bytes) -> None:
    counted = Counted(settings)
    counted.table("one")
    [path] = (settings.data_dir / "cache" / "counts").iterdir()
    path.write_bytes(damage)
    pd.testing.assert_frame_equal(counted.table("one"), TABLE)
    counted.table("one")
    assert counted.times == 2


def test_a_folder_that_cannot_be_made_keeps_nothing_and_counts(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    counted = Counted(Settings(data_dir=tmp_path))
    pd.testing.assert_frame_equal(counted.table("one"), TABLE)
    counted.table("one")
    assert counted.times == 2
