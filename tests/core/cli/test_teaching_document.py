"""Every command of docs/teaching.md runs on the shipped example and prints what stands below it; long ones are only parsed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.challenges.suite import load_csv_suite
from core.challenges.teaching import half_of
from core.challenges.templates import load_bundled_suite
from core.cli.main import main, parse
from core.experiment.lesson_file import read_lessons
from core.experiment.lessons import make_lessons
from core.files import ROOT

DOCUMENT = ROOT / "docs" / "teaching.md"
PAGES = ("train", "compare", "probe", "senses", "reviews", "how_it_works")
LONG = "# long"  # after a command that takes half a minute or more
STARTS = "python -m core "
BLOCK = re.compile(r"^ *```(sh|text)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)  # in a list, it is indented
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TOLERANCE = 0.02  # of probabilities, which differ a little between processors; of larger numbers, that share


@dataclass(frozen=True)
class Command:
    """A command of the document.

    Attributes:
        words: After `python -m core`.
        is_long: Whether it is too long for a test.
        printed: Lines below it that it prints.
    """

    words: tuple[str, ...]
    is_long: bool
    printed: tuple[str, ...]


def commands() -> Iterator[Command]:
    found = BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))
    blocks = [(kind, [line.strip() for line in content.splitlines()]) for kind, content in found]
    for (kind, lines), (next_kind, printed) in zip(blocks, [*blocks[1:], ("", [])], strict=True):
        if kind != "sh":
            continue
        for position, line in enumerate(lines):
            if line.startswith(STARTS):
                is_last = position == len(lines) - 1 and next_kind == "text"
                words = shlex.split(line.removeprefix(STARTS), comments=True)
                yield Command(tuple(words), LONG in line, tuple(printed) if is_last else ())


def is_like(line: str, printed: str) -> bool:
    """Whether two lines have the same words, and numbers that are the same but for rounding."""
    if " ".join(NUMBER.sub("0", line).split()) != " ".join(NUMBER.sub("0", printed).split()):
        return False
    pairs = zip(NUMBER.findall(line), NUMBER.findall(printed), strict=True)
    return all(abs(float(one) - float(other)) <= TOLERANCE * max(1.0, float(one)) for one, other in pairs)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ELMO_LENS_EXAMPLE", "1")
    monkeypatch.setenv("ELMO_LENS_NUM_WORKERS", "1")
    monkeypatch.setenv("COLUMNS", "120")  # the tables of a sweep are wider than the usual 80
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("data_folder")
def test_every_short_command_runs_and_prints_what_the_document_says(capsys: pytest.CaptureFixture[str]) -> None:
    taught = ""
    short = [command for command in commands() if not command.is_long]
    assert len(short) > 10
    for command in short:
        assert main([word.replace("TAUGHT", taught) for word in command.words]) == 0, command
        printed = capsys.readouterr().out
        if "--lessons" in command.words:
            taught = re.findall(r"\(run (\w+)\)", printed)[0]
        missing = [line for line in command.printed if not any(is_like(line, each) for each in printed.splitlines())]
        assert missing == [], printed


def test_every_long_command_can_be_typed() -> None:
    long = [command for command in commands() if command.is_long]
    assert long
    for command in long:
        parse(command.words)


def test_numbers_are_printed_by_the_command_above_them() -> None:
    """Text blocks stand right below commands; a figure elsewhere in the answers must be one that a block or a command has."""
    text = DOCUMENT.read_text(encoding="utf-8")
    outside = BLOCK.sub("", text)
    written = set(NUMBER.findall("".join(content for _, content in BLOCK.findall(text)).replace(",", "")))
    answers = "".join(re.findall(r"^### Answers$.*?(?=^## |\Z)", outside, re.MULTILINE | re.DOTALL)).replace(",", "")
    stated = re.findall(r"(\d+(?:\.\d+)?) (?:%|points|of \d+)", answers)
    assert stated
    assert [number for number in stated if number not in written] == []


def test_links_lead_to_pages_that_are_there() -> None:
    linked = re.findall(r"`http://localhost:8501/(\w*)[^`]*`", DOCUMENT.read_text(encoding="utf-8"))
    assert linked
    assert set(linked) <= {"", *PAGES}
    assert all((ROOT / "pages" / f"{page}.py").is_file() for page in PAGES)


def test_the_lessons_are_one_half_of_negated_praise_and_the_other_half_tests() -> None:
    family = load_bundled_suite().families[0]
    folder = ROOT / "docs" / "teaching"
    assert read_lessons(folder / "not-lessons.csv") == make_lessons(half_of(family))
    [unseen] = load_csv_suite("unseen", (folder / "not-unseen.csv").read_bytes()).families
    assert [pair.texts for pair in unseen.pairs] == [pair.texts for pair in family.pairs[1::2]]
