"""The plan of the house: rooms with few files, imports that point one way, no circles."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.files import ROOT

MAX_FILES = 12  # of a folder; a thirteenth file opens a room

# From the ground up: a room uses what stands before it and never what stands behind it.
FLOORS = {
    "core": [
        ["errors", "settings", "deleted", "files", "arrays", "formatting", "plain_text", "tokens", "scratch", "disk_cache"],
        ["access"],
        ["data"],
        ["experiment"],
        ["elmo"],
        ["embedders"],
        ["classifier"],
        ["store"],
        ["example"],
        ["senses"],
        ["predict"],
        ["engine"],
        ["analysis"],
        ["predictions"],
        ["challenges"],
        ["exports"],
        ["api"],
        ["cli"],
        ["__main__"],
    ],
    "ui": [
        ["text", "arm_style"],
        ["app"],
        ["widgets"],
        ["train", "compare", "probe", "senses", "reviews", "how_it_works", "classroom"],
    ],
}
SERVES_PAGES = {"tensorflow", "keras", "tensorflow_hub"}  # seconds to import, which no page may wait for
FORBIDDEN = {
    "core": {"streamlit", "ui", "pages", "dashboard", "benchmarks", "tools", "tests"},
    "ui": {"pages", "dashboard", "benchmarks", "tools", "tests"} | SERVES_PAGES,
    "pages": {"pages", "dashboard", "benchmarks", "tools", "tests"} | SERVES_PAGES,
    "elmo_lens": {"streamlit", "ui", "pages", "dashboard", "benchmarks", "tools", "tests"},
    "benchmarks": {"tools", "tests"},
    "tools": {"tests"},
}


def files_of(house: str, root: Path = ROOT) -> list[Path]:
    return sorted((root / house).rglob("*.py"))


def imports(path: Path, *, is_for_types: bool = True) -> Iterator[str]:
    """Modules that a file imports anywhere, inside functions too.

    `from a import b` gives a.b where that is a module, else a. What is imported for type checkers only can be left out: it
    never runs, so it closes no circle.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out: set[ast.AST] = set()
    if not is_for_types:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                left_out |= {inner for statement in node.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (inner if _is_module(inner := f"{node.module}.{alias.name}") else node.module for alias in node.names)


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> int:
    """Height of the room or file that a module belongs to."""
    house, room = module.split(".")[:2]
    [floor] = [height for height, rooms in enumerate(FLOORS[house]) if room in rooms]
    return floor


@pytest.mark.parametrize("house", FORBIDDEN)
def test_houses_import_one_way(house: str) -> None:
    assert files_of(house)
    offending = {
        module_of(path): sorted({name.split(".")[0] for name in imports(path)} & FORBIDDEN[house]) for path in files_of(house)
    }
    assert {module: names for module, names in offending.items() if names} == {}


@pytest.mark.parametrize("house", FLOORS)
def test_rooms_use_only_what_stands_below_them(house: str) -> None:
    upward = [
        f"{module_of(path)} imports {name}"
        for path in files_of(house)
        for name in imports(path)
        if name.startswith(f"{house}.") and path != ROOT / house / "__init__.py"
        if floor_of(name) > floor_of(module_of(path))
    ]
    assert upward == []


@pytest.mark.parametrize("house", FLOORS)
def test_every_room_is_on_the_plan(house: str) -> None:
    built = {path.stem for path in (ROOT / house).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert built - {"__init__"} == {room for floor in FLOORS[house] for room in floor}


def test_modules_import_each_other_in_no_circle() -> None:
    graph = {
        module_of(path): set(imports(path, is_for_types=False)) for house in ("core", "ui", "pages") for path in files_of(house)
    }
    order = graphlib.TopologicalSorter({module: used & graph.keys() for module, used in graph.items()})
    order.prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("house", ["core", "ui", "pages", "tests", "benchmarks", "tools"])
def test_no_folder_has_too_many_files(house: str) -> None:
    folders = {path.parent for path in files_of(house)}
    crowded = {
        str(folder.relative_to(ROOT)): len(names)
        for folder in folders
        if len(
            names := [
                path.name for path in folder.iterdir() if path.suffix == ".py" and path.name not in ("__init__.py", "conftest.py")
            ]
        )
        > MAX_FILES
    }
    assert crowded == {}


@pytest.mark.parametrize("house", ["core", "ui"])
def test_every_room_says_what_lives_in_it(house: str) -> None:
    silent = [
        module_of(path)
        for path in files_of(house)
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_files_that_say_they_know_no_streamlit_import_none() -> None:
    saying = [path for path in files_of("ui") if "Nothing in here knows Streamlit" in path.read_text(encoding="utf-8")]
    assert ROOT / "ui" / "widgets" / "charts.py" in saying
    assert [path for path in saying if any(name.split(".")[0] == "streamlit" for name in imports(path))] == []


def test_the_walk_finds_imports_inside_functions(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "def f():\n    import streamlit.web\n    from ui.widgets import charts\n    from ui.text import count\n"
    )
    assert set(imports(tmp_path / "late.py")) == {"streamlit.web", "ui.widgets.charts", "ui.text"}


def test_the_walk_leaves_out_what_only_type_checkers_import(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text("if TYPE_CHECKING:\n    from core.store.run import Run\nimport core.files\n")
    assert set(imports(tmp_path / "typed.py", is_for_types=False)) == {"core.files"}
