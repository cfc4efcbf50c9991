"""Reviews of one's own on the command line: how files are taken, and `datasets`."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.cli.main import execute, main, parse
from core.data.datasets import BUILT_IN, import_record, list_datasets, load_pool
from core.errors import UserError
from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.lessons import Lesson
from core.settings import Settings
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.data.small_csv import csv_rows, to_csv, write_folder


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path / "data"))
    return Settings()


def config_of(*arguments: object) -> ExperimentConfig:
    command = parse(["run", *map(str, arguments)]).run
    assert command
    with command.importing(Settings()) as config:
        return config


def write(path: Path, num_per_class: int = 25) -> Path:
    path.write_bytes(to_csv(csv_rows(num_per_class)))
    return path


@pytest.mark.parametrize(("file", "name"), [("отзывы.csv", "отзывы"), ("films.any", "films-any"), ("films", "films")])
def test_a_file_of_any_name_becomes_a_dataset(file: str, name: str, tmp_path: Path, settings: Settings) -> None:
    assert config_of("--dataset", write(tmp_path / file)).dataset == name
    assert len(load_pool(name, settings).texts) == 50


def test_a_folder_becomes_a_dataset(tmp_path: Path, settings: Settings) -> None:
    files = {f"{label}/{number}.txt": f"A {label} film, number {number}" for number in range(25) for label in ("neg", "pos")}
    assert config_of("--dataset", write_folder(tmp_path / "My set", files)).dataset == "my-set"
    assert import_record("my-set", settings).num_negative == 25


def test_a_file_called_like_a_packaged_set_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert config_of("--dataset", write(tmp_path / "imdb.csv")).dataset == "my-imdb"
    assert config_of("--dataset", "imdb").dataset == "imdb"


def test_what_was_taken_from_a_file_is_printed(tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*csv_rows(), ("so so", "neutral"), csv_rows()[0]]
    (tmp_path / "films.csv").write_bytes(to_csv(rows))
    config_of("--dataset", tmp_path / "films.csv")
    printed = capsys.readouterr().err
    record = import_record("films", settings)
    assert (record.num_duplicates, record.left_out) == (1, {'labelled "neutral"': 1})
    assert all(sentence in printed for sentence in record.sentences())


def test_a_file_that_is_not_certain_stops_with_the_choices(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "flags.csv").write_text("text,verified\n" + "A film of some length,1\nAnother film of some length,0\n" * 30)
    with pytest.raises(UserError, match=r"--label-column, --negative, --positive.*verified \(0, 1\)") as error:
        config_of("--dataset", tmp_path / "flags.csv")
    assert error.value.code == "columns-unclear"
    assert list_datasets(settings) == list(BUILT_IN)


def test_a_proposal_that_is_not_certain_is_told_as_options(tmp_path: Path) -> None:
    rows = "".join(f"A film of some length {n},{n % 3}\n" for n in range(90))
    (tmp_path / "three.csv").write_text(f"text,my label\n{rows}")
    with pytest.raises(UserError, match="--text-column text --label-column 'my label' --negative 0 --positive 2"):
        config_of("--dataset", tmp_path / "three.csv")
    options = ["--label-column", "my label", "--negative", "0", "--positive", "2"]
    assert config_of("--dataset", tmp_path / "three.csv", *options).dataset == "three"


def test_the_encoding_can_be_said(tmp_path: Path, settings: Settings) -> None:
    rows = [(f"Фильм {text}", label) for text, label in csv_rows()]
    (tmp_path / "films.csv").write_bytes(to_csv(rows, "cp866"))
    config_of("--dataset", tmp_path / "films.csv", "--encoding", "cp866")
    assert all(text.startswith("Фильм") for text in load_pool("films", settings).texts)


def test_another_file_replaces_a_dataset_only_when_that_is_said(tmp_path: Path, settings: Settings) -> None:
    config_of("--dataset", write(tmp_path / "films.csv"))
    config_of("--dataset", tmp_path / "films.csv")  # the same again
    write(tmp_path / "films.csv", 30)
    with pytest.raises(UserError, match="--replace") as error:
        config_of("--dataset", tmp_path / "films.csv")
    assert error.value.code == "dataset-name-taken"
    config_of("--dataset", tmp_path / "films.csv", "--replace")
    assert len(load_pool("films", settings).texts) == 60


@pytest.mark.parametrize("options", [["--train-size", "5000"], ["--static", "nowhere"]])
@pytest.mark.parametrize("command", ["run", "sweep"])
def test_nothing_is_kept_of_a_run_that_was_refused(command: str, options: list[str], tmp_path: Path, settings: Settings) -> None:
    if command == "sweep" and options[0] == "--train-size":
        options = ["--train-sizes", "1000,5000"]
    with pytest.raises(UserError):
        execute([command, "--dataset", str(write(tmp_path / "films.csv", 60)), "--test-size", "20", *options])
    assert list_datasets(settings) == list(BUILT_IN)
    assert not list((tmp_path / "data" / "datasets").glob("films*"))
    assert RunStore(settings.store_url).list_runs() == []


def test_datasets_are_listed_renamed_deleted_and_restored(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    config_of("--dataset", write(tmp_path / "films.csv"))
    assert main(["datasets", "rename", "films", "кино"]) == 0
    assert main(["datasets", "--json", str(tmp_path / "out.json")]) == 0
    assert "кино" in capsys.readouterr().out
    listed = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(listed) == [*BUILT_IN, "кино"]
    assert (listed["кино"]["reviews"], listed["кино"]["file"]) == (50, "films.csv")
    assert main(["datasets", "delete", "кино"]) == 0
    assert list_datasets(settings) == list(BUILT_IN)
    assert main(["datasets", "restore", "кино"]) == 0
    assert import_record("кино", settings).file == "films.csv"


@pytest.mark.parametrize(
    "arguments", [["rename", "imdb", "mine"], ["delete", "nowhere"], ["restore", "nowhere"], ["delete", "../x"]]
)
def test_a_dataset_that_cannot_be_changed_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def test_the_split_is_written_as_the_models_read_it(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "films.csv").write_bytes(to_csv([*csv_rows(60), ('=1+1, "so bad"', "negative"), ("- dull", "negative")]))
    config_of("--dataset", tmp_path / "films.csv")
    assert main(["datasets", "split", "films", str(tmp_path / "new" / "folder")]) == 0
    pool = load_pool("films", settings)
    for part, rows in (("train", pool.train), ("test", pool.test)):
        written = pd.read_csv(tmp_path / "new" / "folder" / f"{part}.csv", dtype={"id": str}, keep_default_na=False)
        assert list(written) == ["id", "text", "label"]
        assert written["id"].tolist() == [pool.ids[row] for row in rows]
        assert written["text"].tolist() == [pool.texts[row] for row in rows]
        assert written["label"].tolist() == pool.labels[rows].tolist()


def test_a_split_that_is_there_is_replaced_only_when_that_is_said(tmp_path: Path) -> None:
    config_of("--dataset", write(tmp_path / "films.csv"))
    (tmp_path / "test.csv").write_text("mine")
    with pytest.raises(UserError) as error:
        execute(["datasets", "split", "films", str(tmp_path)])
    assert (error.value.code, (tmp_path / "train.csv").exists()) == ("file-exists", False)
    assert execute(["datasets", "split", "films", str(tmp_path), "--replace"]) == 0
    assert (tmp_path / "test.csv").read_text().startswith("id,text,label")


@pytest.fixture
def drawn(tmp_path: Path, settings: Settings) -> Run:
    """A run that has loaded its reviews."""
    config = config_of("--dataset", write(tmp_path / "films.csv", 60), "--train-size", "30", "--test-size", "10", "--trials", "2")
    pool = load_pool("films", settings)
    store = RunStore(settings.store_url)
    run = store.create_run(config)
    test = draw_trial(pool, config, 0).test
    store.set_draws(run.id, [pool.ids[row] for row in test], pool.labels[test].tolist(), len(pool.train))
    return store.get_run(run.id)


def test_the_draws_of_a_run_are_written_trial_by_trial(drawn: Run, tmp_path: Path, settings: Settings) -> None:
    assert main(["datasets", "draws", drawn.id, str(tmp_path / "draws.csv")]) == 0
    written = pd.read_csv(tmp_path / "draws.csv", dtype={"id": str})
    pool = load_pool("films", settings)
    for trial in range(2):
        draw = draw_trial(pool, drawn.config, trial)
        for part, rows in (("train", draw.train), ("validation", draw.validation), ("test", draw.test)):
            its_own = written[(written["trial"] == trial + 1) & (written["part"] == part)]
            assert its_own["id"].tolist() == [pool.ids[row] for row in rows]
    assert len(written) == 2 * (30 + 10)


def test_lessons_stand_among_the_draws_that_they_joined(drawn: Run, tmp_path: Path, settings: Settings) -> None:
    store = RunStore(settings.store_url)
    taught = store.create_run(drawn.config.model_copy(update={"lessons": (Lesson(text="Not bad.", label=1),)}))
    store.set_draws(taught.id, drawn.test_ids, drawn.test_labels, drawn.train_pool_size)
    assert main(["datasets", "draws", taught.id, str(tmp_path / "draws.csv")]) == 0
    written = pd.read_csv(tmp_path / "draws.csv")
    lessons = written[written["id"] == "lesson-0"]
    assert list(zip(lessons["trial"], lessons["part"], strict=True)) == [(1, "train"), (2, "train")]


def test_draws_that_cannot_be_made_again_are_not_written(drawn: Run, tmp_path: Path, settings: Settings) -> None:
    config_of("--dataset", write(tmp_path / "films.csv", 70), "--replace")
    waiting = RunStore(settings.store_url).create_run(drawn.config)
    for run, code in ((drawn, "dataset-changed"), (waiting, "draws-unknown")):
        with pytest.raises(UserError) as error:
            execute(["datasets", "draws", run.id, str(tmp_path / "draws.csv")])
        assert error.value.code == code
    assert not (tmp_path / "draws.csv").exists()
