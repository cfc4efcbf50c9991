"""What the documents say is what was measured last."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
COMMANDS = {"runs": "runs --parts run ", "run_sizes": "runs --parts sizes "}  # of results that are not named like their command
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
TOLERANCE = 0.02  # of the value, for what was rounded
OTHERWISE_WRITTEN = ("millionths",)  # as powers of ten


def below(command: str) -> str:
    """What the document says between a command and the next one."""
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    _, *parts = re.split("`python -m benchmarks ", text)
    [part] = [part for part in parts if part.startswith(command)]
    return part


def numbers_in(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_every_figure_with_a_goal_stands_below_its_command(path: Path) -> None:
    written = numbers_in(below(COMMANDS.get(path.stem, f"{path.stem}`")))
    figures = [figure for figure in json.loads(path.read_text(encoding="utf-8"))["figures"] if figure["goal"]]
    values = {
        figure["name"]: statistics.median(figure["values"]) for figure in figures if figure["unit"] not in OTHERWISE_WRITTEN
    }
    missing = [name for name, value in values.items() if not any(abs(value - each) <= TOLERANCE * value for each in written)]
    assert not missing


def test_every_test_that_the_page_on_formats_names_is_there() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }
    assert len(named) > 30
    assert named - written == set()
