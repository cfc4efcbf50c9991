"""The command that predicts, on the models of the shipped example."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.main import execute, main
from core.cli.predictions.predict import load_run
from core.errors import UserError
from core.example import EXAMPLE_ID
from core.settings import Settings

RUN = ["predict", "--run", EXAMPLE_ID]
TABLE = 'id;review;stars\n1;"Ein schöner, guter film";5\n2;Not bad at all.;=1+1\n3;;0\n'


@pytest.fixture(scope="module", autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        monkeypatch.setenv("ELMO_LENS_EXAMPLE", "1")
        yield Settings()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A table as spreadsheets write it in Western Europe."""
    path = tmp_path / "in.csv"
    path.write_bytes(TABLE.encode("cp1252"))
    return path


def test_a_table_keeps_its_columns_and_gets_the_predictions(
    source: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    target = source.with_name("out.csv")
    assert main([*RUN, "--csv", str(source), str(target), "--text-column", "review"]) == 0

    with target.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    columns = ["basic_probability", "basic_label", "elmo_probability", "elmo_label", "words_cut"]
    assert list(written[0]) == ["id", "review", "stars", *columns]
    assert [row["review"] for row in written] == ["Ein schöner, guter film", "Not bad at all.", ""]
    assert [row["stars"] for row in written] == ["5", "'=1+1", "0"]
    assert [written[2][column] for column in columns] == ["", "", "", "", "0"]
    probs = load_run(EXAMPLE_ID, settings)[1].predict("Not bad at all.").probs
    for arm in ("basic", "elmo"):
        assert float(written[1][f"{arm}_probability"]) == pytest.approx(probs[arm].mean(), abs=1e-3)  # another batch size
    assert capsys.readouterr().out.splitlines()[0] == "3 texts."
    assert [path.name for path in source.parent.iterdir()] == ["in.csv", "out.csv"]


def test_a_file_that_is_there_is_replaced_only_when_that_is_said(source: Path) -> None:
    target = source.with_name("out.csv")
    target.write_text("mine")
    command = [*RUN, "--csv", str(source), str(target), "--text-column", "review"]
    with pytest.raises(UserError) as error:
        execute(command)
    assert (error.value.code, target.read_text()) == ("file-exists", "mine")
    assert execute([*command, "--replace"]) == 0
    assert target.read_text().startswith("id,review")


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (TABLE, ["{in}", "{out}"], "column-missing"),
        (TABLE.replace("review", "words_cut"), ["{in}", "{out}", "--text-column", "words_cut"], "column-taken"),
        ("", ["{in}", "{out}"], "file-empty"),
        ("text\n", ["{in}", "{out}"], "table-no-rows"),
        (TABLE, ["{in}.txt", "{out}"], "reviews-unreadable"),
        (TABLE, ["{in}", "{in}/out.csv"], "file-not-writable"),
        (TABLE, ["{in}"], "csv-two-files"),
        (TABLE, ["{in}", "{out}", "more"], "csv-two-files"),
    ],
)
def test_a_table_that_cannot_be_predicted_is_one_sentence(content: str, options: list[str], code: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(content)
    paths = {"{in}": str(tmp_path / "in.csv"), "{out}": str(tmp_path / "out.csv")}
    for name, path in paths.items():
        options = [option.replace(name, path) for option in options]
    with pytest.raises(UserError) as error:
        execute([*RUN, "--csv", *options])
    assert error.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("arguments", [[], ["Good.", "--csv", "in.csv", "out.csv"]])
def test_either_a_text_or_a_table_is_predicted(arguments: list[str]) -> None:
    with pytest.raises(UserError) as error:
        execute([*RUN, *arguments])
    assert error.value.code == "text-or-csv"
