"""`python -m core` as people call it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import __version__
from core.analysis.outcomes import load_outcomes
from core.analysis.paired_tests import compare
from core.analysis.verdicts import chance_to_win, clear_differences, holds_for, verdict
from core.cli.experiment_options import flag_of
from core.cli.main import execute, main, parse
from core.data.datasets import import_record, load_pool
from core.errors import UserError
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.lesson_file import lessons_csv
from core.experiment.lessons import Lesson
from core.exports.run_json import VERSION
from core.formatting import percent
from core.settings import Settings
from core.store.run_store import RunStore
from tests.core.tiny_runs import PATIENCE_S, export_tiny_elmo, reviews_csv, wait_until

SMALL = ["--train-size", "60", "--trials", "2", "--test-size", "40", "--epochs", "4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder, reviews and ELMo of this file's runs."""
    folder = tmp_path_factory.mktemp("command line")
    (folder / "my reviews.csv").write_bytes(reviews_csv())
    export_tiny_elmo(folder)
    return folder


@pytest.fixture(scope="module", autouse=True)
def settings(folder: Path) -> Any:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(folder / "data"))
        monkeypatch.setenv("ELMO_LENS_NUM_WORKERS", "2")
        yield Settings()


@pytest.fixture(scope="module")
def temporary(folder: Path) -> Path:
    """The folder for temporary files of the run from the shell."""
    (folder / "temporary").mkdir()
    return folder / "temporary"


@pytest.fixture(scope="module")
def finished(folder: Path, temporary: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """A run from the shell: what it printed and what it wrote."""
    command = [*python_core("run"), "--dataset", str(folder / "my reviews.csv"), "--elmo", str(folder / "module"), *SMALL]
    process = subprocess.run(
        [*command, "--json", str(folder / "out.json")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": ""},
    )
    assert process.returncode == 0, process.stderr
    return process, json.loads((folder / "out.json").read_text())


def python_core(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "core", *arguments]


def python_core_that_listens(*arguments: str) -> list[str]:
    """A shell that runs the tests in the background makes its children deaf to Ctrl-C; this one is not."""
    listen = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    return [sys.executable, "-c", f"{listen}; runpy.run_module('core', run_name='__main__', alter_sys=True)", *arguments]


def config_of(*arguments: str) -> ExperimentConfig:
    command = parse(["run", *arguments]).run
    assert command
    with command.importing(Settings()) as config:
        return config


def test_a_run_prints_the_table_and_the_sentence(
    finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]], settings: Settings
) -> None:
    process, written = finished
    store = RunStore(settings.store_url)
    accuracies = store.trials.accuracies(store.get_run(written["run"]))

    outcomes = load_outcomes(store.get_run(written["run"]), store, settings)
    comparison = compare(outcomes.correct_of("basic"), outcomes.correct_of("elmo"), overlap=outcomes.shared)
    hold_for = holds_for([(written["config"]["train_size"], outcomes)])
    assert process.stdout.splitlines()[-3:] == [verdict(comparison), chance_to_win(comparison), hold_for]
    assert written["intervals"]["hold_for"] == hold_for
    for trial, row in enumerate(accuracies.to_dict("records"), start=1):
        assert f"│     {trial} │ {row['basic']:.4f} │ {row['elmo']:.4f} │" in process.stdout
    assert written["run"] in process.stdout


def test_a_run_prints_nothing_that_nobody_asked_for(finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]]) -> None:
    assert finished[0].stderr.splitlines()[1:] == import_record("my-reviews", Settings()).sentences()


@pytest.mark.usefixtures("finished")
def test_a_run_leaves_no_temporary_file(temporary: Path) -> None:
    assert list(temporary.iterdir()) == []


def test_the_list_of_runs_has_the_id_and_the_means_of_each(
    finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, written = finished
    assert main(["runs", "--json", str(folder / "runs.json")]) == 0
    [row] = [line for line in capsys.readouterr().out.splitlines() if written["run"] in line]
    [listed] = [each for each in json.loads((folder / "runs.json").read_text()) if each["id"] == written["run"]]
    for arm in ("basic", "elmo"):
        mean = np.mean([trial["accuracy"] for trial in written["trials"] if trial["arm"] == arm])
        assert percent(float(mean)) in row
        assert listed[f"mean_{arm}"] == pytest.approx(mean)


def test_an_empty_store_says_how_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(tmp_path))
    assert main(["runs"]) == 0
    assert "python -m core run" in capsys.readouterr().out


def test_the_json_has_config_accuracies_and_seconds(
    finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]], settings: Settings
) -> None:
    _, written = finished
    store = RunStore(settings.store_url)

    assert (written["version"], written["status"]) == (VERSION, "finished")
    config = ExperimentConfig.model_validate(written["config"])
    assert (config.dataset, config.train_size, config.num_trials, config.head.epochs) == ("my-reviews", 60, 2, 4)
    assert config == store.get_run(written["run"]).config
    assert [(each["trial"], each["arm"]) for each in written["trials"]] == [(1, "basic"), (1, "elmo"), (2, "basic"), (2, "elmo")]
    assert [each["accuracy"] for each in written["trials"]] == store.trials.table(store.get_run(written["run"]))[
        "accuracy"
    ].to_list()
    assert set(written["phase_s"]) == {"starting workers", "loading reviews", "loading vectors", "embedding", "training"}
    assert 0 < sum(written["phase_s"].values()) <= written["wall_s"]


def test_a_sentence_can_be_predicted_with_every_head(
    finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", "--run", finished[1]["run"], "A lovely film with Xyzzyx, great fun."]) == 0

    out, err = capfd.readouterr()
    assert "basic" in out
    assert "elmo" in out
    assert "Unknown to glove-6b-50d: Xyzzyx" in out
    assert "cut" not in out
    assert err == ""


def test_a_text_longer_than_the_model_reads_is_cut_and_says_so(
    finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", "--run", finished[1]["run"], "fun " * 10_000]) == 0

    assert "Read the first 512 tokens; 9488 were cut." in capsys.readouterr().out


def test_predicting_with_a_run_without_heads_is_a_user_error(settings: Settings) -> None:
    run = RunStore(settings.store_url).create_run(ExperimentConfig())

    with pytest.raises(UserError):
        execute(["predict", "--run", run.id, "Good."])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_says_how_to_finish_it(folder: Path, settings: Settings, how: signal.Signals) -> None:
    store = RunStore(settings.store_url)
    known = {run.id for run in store.list_runs()}
    options = ["--arms", "basic", "--dataset", str(folder / "my reviews.csv"), "--seed", str(int(how)), *SMALL]
    with subprocess.Popen(
        python_core_that_listens("run", *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until(lambda: any(run.status == "running" for run in store.list_runs() if run.id not in known))
        process.send_signal(how)
        out, err = process.communicate(timeout=20)

    [run] = [run for run in store.list_runs() if run.id not in known]
    assert process.returncode == 130
    assert (out, err.splitlines()[-1]) == ("", f"Cancelled; finish it with: python -m core run --resume {run.id}")
    assert run.status == "cancelled"


def test_every_option_of_an_experiment_can_be_given(tmp_path: Path) -> None:
    lesson = Lesson(text="Not bad at all.", label=1)
    (tmp_path / "lessons.csv").write_text(lessons_csv([lesson]))
    values: dict[str, Any] = {"dataset": "rotten-tomatoes", "train_size": 77, "num_trials": 7, "test_size": 70, "max_tokens": 17}
    values |= {"static": "vectors.txt", "elmo": "https://tfhub.dev/google/elmo/3", "layer_mix": "learned"}
    values |= {"validation": "separate", "seed": 7, "arms": ("elmo",), "allow_low_coverage": True, "bag_of_words": False}
    head: dict[str, Any] = {}
    for name, field in HeadConfig.model_fields.items():
        default = field.default
        if isinstance(default, bool):
            head[name] = not default
        elif name == "pooling":
            head[name] = "max"
        else:
            head[name] = default + 1 if isinstance(default, int) else default * 0.5 + 0.0625
    assert {*values, "head", "lessons", "own_arms"} == set(ExperimentConfig.model_fields)  # --arm has a test of its own

    arguments = ["--lessons", str(tmp_path / "lessons.csv")]
    for name, value in {**values, **head}.items():
        flag = "trials" if name == "num_trials" else name.replace("_", "-")
        if isinstance(value, bool):
            arguments.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            arguments += [f"--{flag}", ",".join(value) if isinstance(value, tuple) else str(value)]

    assert config_of(*arguments) == ExperimentConfig.model_validate({**values, "head": head, "lessons": (lesson,)})


def test_without_options_a_run_is_the_default_one() -> None:
    assert config_of() == ExperimentConfig()


def test_the_preset_is_the_published_experiment_and_options_change_it() -> None:
    assert config_of("--preset", "original") == ExperimentConfig.original()
    changed = config_of("--preset", "original", "--train-size", "200", "--epochs", "3")
    original = ExperimentConfig.original()
    assert changed == original.model_copy(update={"train_size": 200, "head": original.head.model_copy(update={"epochs": 3})})


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])

    explained = " ".join(capsys.readouterr().out.split()).replace("- ", "-")  # as it was before it was wrapped
    for name, field in {**ExperimentConfig.model_fields, **HeadConfig.model_fields}.items():
        assert field.description
        assert name == "own_arms" or field.description.replace("- ", "-") in explained
        assert name == "head" or flag_of(name) in explained
    assert "--pooling {average,max}" in explained


@pytest.mark.parametrize(
    "command", ["run", "sweep", "runs", "predict", "export-model", "challenge", "dashboard", "doctor", "pretrain"]
)
def test_help_speaks_no_python(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])

    words = set(re.findall(r"\S+", capsys.readouterr().out))
    assert not words & {"None)", "null)", "[])", "str", "int", "float", "Path"}
    assert not any("tuple" in word or "<" in word for word in words)


@pytest.mark.parametrize("option", [["--train-size", "100"], ["--lessons", "lessons.csv"]])
def test_a_sweep_has_no_option_for_one_size_or_for_lessons(option: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["sweep", *option])


def test_labels_may_have_spaces_and_be_numbers() -> None:
    command = parse(["run", "--negative", "very bad", "1", "--positive", "5"]).run
    assert command
    assert (command.reviews.negative, command.reviews.positive) == (("very bad", "1"), ("5",))


def test_an_environment_variable_is_no_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RUN", "1")
    monkeypatch.setenv("VERSION", "no")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ELMo Lens {__version__}\n"


def test_columns_that_cannot_be_guessed_can_be_named(folder: Path) -> None:
    path = folder / "stars.csv"
    renamed = {b"text,label": b"stars,what", b",negative": b",one", b",positive": b",five"}
    data = reviews_csv()
    for old, new in renamed.items():
        data = data.replace(old, new)
    path.write_bytes(data)

    arguments = ["--dataset", str(path), "--text-column", "stars", "--label-column", "what", "--negative", "one", "two"]
    assert config_of(*arguments, "--positive", "five").dataset == "stars"


WRONG = [
    (["run", "--dataset", "nowhere.csv"], "reviews-unreadable"),
    (["run", "--test-size", "0"], "value-refused"),
    (["run", "--train-size", "many"], "value-refused"),
    (["run", "--arms", "basic,advanced"], "value-refused"),
    (["run", "--arms", '"basic'], "option-unreadable"),
    (["run", "--pooling", "median"], "value-refused"),
    (["run", "--preset", "mine"], "value-refused"),
    (["run", "--lessons", "nowhere.csv"], "lessons-unreadable"),
    (["run", "--json", "nowhere/out.json"], "file-not-writable"),
    (["sweep", "--json", "nowhere/out.json"], "file-not-writable"),
    (["sweep", "--train-sizes", "100;200"], "train-sizes-no-numbers"),
    (["export", "nowhere", "--checkpoints", "nowhere"], "checkpoints-missing"),
    ([], "command-missing"),
]
WRONG_ELSEWHERE = [
    ["run", "--dataset", "nowhere"],
    ["run", "--train-size", "50000"],
    ["run", "--resume", "nowhere"],
    ["sweep", "--train-sizes", "100"],
    ["sweep", "--train-sizes", "5,100"],
    ["sweep", "--resume", "nowhere"],
    ["convert", "nowhere.json", "nowhere.hdf5", "nowhere"],
    ["predict", "--run", "nowhere", "Good."],
]


@pytest.mark.parametrize(("arguments", "code"), WRONG)
def test_what_a_person_typed_wrong_has_a_code(arguments: list[str], code: str) -> None:
    with pytest.raises(UserError) as error:
        execute(arguments)
    assert error.value.code == code


@pytest.mark.parametrize("arguments", [*(arguments for arguments, _ in WRONG), *WRONG_ELSEWHERE])
def test_what_a_person_can_mend_is_one_line_and_exit_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def test_lessons_in_a_file_make_a_run_of_their_own(folder: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "lessons.csv").write_text("text,label\nNot dull at all.,positive\nNot fun at all.,negative\n")
    arguments = ["run", "--dataset", str(folder / "my reviews.csv"), "--arms", "basic", *SMALL]
    assert main([*arguments, "--lessons", str(folder / "lessons.csv")]) == 0

    assert "2 lessons)" in capsys.readouterr().out
    run = RunStore(settings.store_url).list_runs()[0]
    assert [lesson.text for lesson in run.config.lessons] == ["Not dull at all.", "Not fun at all."]
    assert run.is_finished


def test_a_lesson_that_is_a_test_review_starts_nothing(folder: Path, settings: Settings) -> None:
    pool = load_pool("my-reviews", settings)
    (folder / "cheat.csv").write_text(f"text,label\n{pool.texts[pool.test[0]]},positive\n")
    known = len(RunStore(settings.store_url).list_runs())
    with pytest.raises(UserError) as error:
        execute(["run", "--dataset", "my-reviews", *SMALL, "--lessons", str(folder / "cheat.csv")])
    assert error.value.code == "lesson-tests"
    assert len(RunStore(settings.store_url).list_runs()) == known


def test_a_wrong_value_is_named_as_it_was_typed() -> None:
    with pytest.raises(UserError, match=r"^--learning-rate is 'fast', but must be a number;"):
        execute(["run", "--learning-rate", "fast"])


@pytest.mark.parametrize("command", ["run", "sweep"])
@pytest.mark.parametrize("option", ["--static", "--elmo"])
def test_a_source_that_is_not_there_starts_nothing(command: str, option: str, settings: Settings) -> None:
    known = [run.id for run in RunStore(settings.store_url).list_runs()]

    with pytest.raises(UserError):
        execute([command, option, "nowhere"])
    assert [run.id for run in RunStore(settings.store_url).list_runs()] == known  # an older one may just have lost its driver


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [("NUM_WORKERS", "many", "be a whole number"), ("CACHE_SIZE_BYTES", "-1", "be greater than 0")],
)
def test_a_setting_that_cannot_be_is_a_user_error(
    variable: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ELMO_LENS_{variable}", value)

    with pytest.raises(UserError, match=f"ELMO_LENS_{variable} is '{value}', but must {problem};") as error:
        execute(["doctor"])
    assert error.value.code == "setting-refused"


@pytest.mark.parametrize(
    "content",
    [b"", os.urandom(3000) + b"\0", "text,label\nSchön.,positive\nSchlecht.,negative\n".encode("cp1252")],
    ids=["empty", "no text", "too few"],
)
def test_a_csv_that_cannot_be_used_is_a_user_error(folder: Path, content: bytes) -> None:
    path = folder / "bad.csv"
    path.write_bytes(content)

    with pytest.raises(UserError):
        execute(["run", "--dataset", str(path)])


def test_columns_that_cannot_be_guessed_are_asked_for_by_their_options(folder: Path) -> None:
    (folder / "one label.csv").write_bytes(b"text,label\n" + b"Good.,pos\n" * 30)

    with pytest.raises(UserError, match=r"--label-column, --negative, --positive.*label \(pos\)") as error:
        execute(["run", "--dataset", str(folder / "one label.csv")])
    assert error.value.code == "columns-unclear"


def test_a_data_folder_that_cannot_be_written_is_a_user_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_text("in the way")
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(folder / "file"))

    with pytest.raises(UserError) as error:
        execute(["run", *SMALL])
    assert error.value.code == "data-folder-unusable"


def test_a_failed_run_is_a_user_error_that_says_how_to_go_on(folder: Path, settings: Settings) -> None:
    command = [*python_core("run"), "--dataset", str(folder / "my reviews.csv"), "--arms", "basic", *SMALL]
    (folder / "broken vectors.txt").write_text("film 1 2\nbad 1\n")
    process = subprocess.run(
        [*command, "--static", str(folder / "broken vectors.txt")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    run = RunStore(settings.store_url).list_runs()[0]
    assert process.returncode == 2
    assert "Line 2 of broken vectors.txt is broken" in process.stderr
    assert process.stderr.strip().endswith(f"(python -m core run --resume {run.id})")
    assert (run.status, process.stdout) == ("failed", "")


def test_a_finished_run_can_be_shown_again(
    finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--resume", finished[1]["run"], "--json", str(folder / "again.json")]) == 0

    assert finished[1]["sentence"] in capsys.readouterr().out.splitlines()
    assert json.loads((folder / "again.json").read_text())["trials"] == finished[1]["trials"]


def test_the_doctor_finds_a_working_installation_well(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--elmo", str(folder / "module")]) == 0

    out, err = capfd.readouterr()
    for what in (
        "python",
        "packages",
        "cores",
        "data folder",
        "free space",
        "run store",
        "imdb: ",
        "static vectors",
        "ELMo",
    ):
        assert f"ok   {what}" in out
    assert "BAD" not in out
    assert err == ""


def test_the_doctor_says_how_to_mend_what_is_broken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken").mkdir()
    (folder / "broken" / "runs.sqlite").write_bytes(b"this is no database at all " * 100)
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(folder / "broken"))

    assert main(["doctor", "--elmo", str(folder / "no module"), "--static", str(folder / "no vectors.txt")]) == 1

    lines = {line[5:].split(":")[0]: line for line in capsys.readouterr().out.splitlines()}
    broken = {what for what, line in lines.items() if line.startswith("BAD")}
    assert broken == {"run store", "static vectors", "ELMo"}
    assert "move it away" in lines["run store"]
    assert "There is no ELMo module" in lines["ELMo"]


@pytest.mark.parametrize(
    ("options", "code"), [(["nowhere"], "elmo-missing"), (["elmo-mini", "--stage", "characters"], "start-from-characters")]
)
def test_pretraining_goes_on_only_from_a_module_and_only_with_its_context(options: list[str], code: str, tmp_path: Path) -> None:
    command = parse(["pretrain", "--checkpoints", str(tmp_path / "new"), "--start-from", *options]).pretrain
    assert command
    with pytest.raises(UserError) as error:
        command.execute(Settings(data_dir=tmp_path))
    assert error.value.code == code
    assert not (tmp_path / "new").exists()


def test_the_other_commands_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("pretrain", "export", "convert"):
        with pytest.raises(SystemExit) as exit_status:
            main([command, "--help"])
        assert exit_status.value.code == 0
        assert f"python -m core {command}" in capsys.readouterr().out


@pytest.fixture(scope="module")
def swept(folder: Path, finished: tuple[subprocess.CompletedProcess[str], dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A sweep from the shell over the size of an earlier run and a smaller one: what it printed and what it wrote."""
    assert finished[0].returncode == 0
    options = ["--dataset", "my-reviews", "--elmo", str(folder / "module"), *SMALL[2:], "--train-sizes", "60,30"]
    process = subprocess.run(
        [*python_core("sweep"), *options, "--json", str(folder / "sweep.json")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr.strip() == ""
    return process.stdout, json.loads((folder / "sweep.json").read_text())


def test_a_sweep_prints_the_curve_the_saving_and_how_much_it_reused(swept: tuple[str, dict[str, Any]]) -> None:
    out, written = swept

    for point in written["curve"]:
        assert f"│ {point['train_size']:>7} │" in out
        assert f"{point['means']['elmo'] * 100:.1f} (" in out
    assert written["sentence"] in out
    assert written["intervals"] in out.splitlines()
    differences = {f"{point['train_size']:,}": (point["difference"], point["difference_p"]) for point in written["curve"]}
    assert all(sentence in out.splitlines() for sentence in clear_differences(differences, "sizes"))
    assert "Reused 4 of 8 heads from earlier runs" in out


def test_the_json_of_a_sweep_has_its_runs_and_its_curve(swept: tuple[str, dict[str, Any]], settings: Settings) -> None:
    _, written = swept
    store = RunStore(settings.store_url)

    assert [point["train_size"] for point in written["curve"]] == [30, 60]
    for point, run_id in zip(written["curve"], written["runs"].values(), strict=True):
        assert store.get_run(run_id).config.train_size == point["train_size"]
        assert point["means"]["basic"] == pytest.approx(store.trials.accuracies(store.get_run(run_id))["basic"].mean())
    assert (written["num_reused"], written["num_pairs"]) == (4, 8)


def test_a_finished_sweep_can_be_printed_again(swept: tuple[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--resume", swept[1]["sweep"]]) == 0

    assert swept[1]["sentence"] in capsys.readouterr().out


def test_a_sweep_that_is_interrupted_says_how_to_finish_it(folder: Path, settings: Settings) -> None:
    options = ["--dataset", "my-reviews", "--elmo", str(folder / "module"), "--train-sizes", "40,80", "--seed", "5"]
    command = python_core_that_listens("sweep", *options, "--test-size", "40", "--epochs", "1000", "--patience", "1000")
    store = RunStore(settings.store_url)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: any(run.status == "running" for run in store.list_runs()))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 130
    sweep = store.sweeps.all()[0]
    assert f"heads are trained and kept. Finish it with: python -m core sweep --resume {sweep.id}" in err
    assert "Traceback" not in err
    assert {store.get_run(run_id).status for run_id in sweep.run_ids} == {"cancelled"}


def test_a_model_of_ones_own_is_trained_beside_the_others_or_where_it_is_named() -> None:
    assert config_of("--arm", "mine=letters+static").arms == ("basic", "elmo", "mine")
    config = config_of("--arm", "mine=letters+static", "--arms", "mine,elmo")
    assert (config.arms, config.reads("mine")) == (("mine", "elmo"), ("letters", "static"))
    assert config_of("--arms", "staircase", "--arm", "mine=elmo:1").arms[-1] == "mine"
    with pytest.raises(UserError, match="--arms is 'mine,elmo'"):
        config_of("--arms", "mine,elmo")
    with pytest.raises(UserError, match="--arm is 'bert'"):
        config_of("--arm", "mine=bert")
