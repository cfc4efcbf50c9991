"""The Train page, from `dashboard.py`, on runs in a real store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.paired_tests import compare_arms
from core.analysis.verdicts import verdict
from core.data.columns import ColumnMapping
from core.data.datasets import BUILT_IN, add_dataset, load_pool
from core.data.review_file import read_table
from core.data.word_statistics import cut_share, known_share
from core.embedders.static import load_static
from core.engine.estimate import SweepEstimate
from core.experiment.config import ExperimentConfig, HeadConfig
from core.experiment.events import EpochFinished, Progress, RunFinished
from core.settings import Settings
from core.store.run import Run, Sweep
from core.store.run_store import RunStore
from tests.core.embedders.small_vectors import write
from tests.core.tiny_runs import reviews_csv, wait_until
from tests.pages.conftest import AddRun, OpenPage, errors, page_links
from tests.pages.html_tables import tables
from ui.app import models, server
from ui.app.navigation import DASHBOARD
from ui.text import escape
from ui.train import advanced_settings, coverage_check, wording


def words(app: AppTest) -> str:
    """Everything that a page says."""
    return "\n".join(str(element.value) for element in [*app.markdown, *app.caption, *app.info, *app.header])


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def headlines(app: AppTest) -> list[str]:
    return [markdown.value.removeprefix("### ") for markdown in app.markdown if markdown.value.startswith("### ")]


def verdict_on(run: Run) -> str:
    comparison = compare_arms(models.outcomes(run))
    assert comparison
    return escape(verdict(comparison))


def run_in_url(app: AppTest) -> str:
    value = app.query_params["run"]
    return value if isinstance(value, str) else value[0]


def type_option(app: AppTest, key: str, text: str) -> AppTest:
    """Type a new option, which `AppTest` cannot do by itself."""
    box = app.selectbox(key=key)
    box.options = [*box.options, text]
    box.set_value(text)
    return app


def test_a_first_visitor_sees_the_form_and_what_will_appear(open_page: OpenPage) -> None:
    app = open_page()
    assert app.title[0].value == wording.TITLE
    assert app.button(key="train").label == "Train both"
    assert app.info[0].value == wording.EMPTY
    assert not app.error


def test_the_form_tells_how_long_the_run_will_take(open_page: OpenPage) -> None:
    assert wording.estimate(server.engine().estimate(ExperimentConfig()), has_bag_of_words=True) in captions(open_page())


@pytest.mark.parametrize("key", ["elmo", "static"])
def test_a_source_that_is_not_there_is_one_sentence_before_anything_is_trained(open_page: OpenPage, key: str) -> None:
    app = open_page()
    type_option(app, key, "/nowhere/elmo").run()
    assert ["/nowhere/elmo" in error for error in errors(app)] == [True]
    assert "fit_sizes" not in [button.key for button in app.button]

    type_option(app, key, "/nowhere/elmo").button(key="train").click().run()
    assert "run" not in app.query_params


def test_a_finished_run_has_its_sentence_both_charts_and_the_table(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page(run=run.id)
    assert headlines(app) == [verdict_on(run)]
    assert {metric.value for metric in app.metric} == {"71.0 %", "78.3 %"}
    assert len(app.get("vega_lite_chart")) == 2
    table = tables(app)["Accuracy of each trial"]
    assert table.columns.to_list() == ["trial", "Basic", "ELMo", "difference"]
    assert table["trial"].to_list() == ["1", "2", "3"]
    assert table["difference"].to_list() == ["+6.0 points", "+8.0 points", "+8.0 points"]


def test_a_bag_of_words_is_a_column_of_the_table_and_changes_no_sentence(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(reference=0.75)
    app = open_page(run=run.id)
    assert headlines(app) == [verdict_on(run)]
    table = tables(app)["Accuracy of each trial"]
    assert table.columns.to_list() == ["trial", "Basic", "ELMo", "difference", "Bag of words"]
    assert table["Bag of words"].to_list() == ["75.0 %"] * 3


def test_the_bag_of_words_can_be_switched_off(open_page: OpenPage) -> None:
    app = open_page()
    assert app.checkbox(key="bag_of_words").value
    assert not app.checkbox(key="bag_of_words").uncheck().run().exception


def test_a_finished_run_can_be_taken_away_as_files(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page(run=add_run().id)
    keys = {button.key for button in app.download_button}
    assert keys == {"download_csv", "download_json", "pairs_png", "pairs_svg", "boxes_png", "boxes_svg"}


def test_a_run_of_one_trial_has_its_sentence(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run(num_trials=1)
    assert headlines(open_page(run=run.id)) == [verdict_on(run)]


def test_a_run_whose_test_reviews_are_gone_still_shows_its_accuracies(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run(dataset="gone")
    store.set_draws(run.id, run.test_ids, ())  # as stored before labels were
    app = open_page(run=run.id)
    assert len(errors(app)) == 1
    assert {metric.value for metric in app.metric} == {"71.0 %", "78.3 %"}


def test_a_half_finished_pair_is_shown_and_not_compared(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page(run=add_run(num_finished=1, status="cancelled").id)
    assert tables(app)["Accuracy of each trial"].to_numpy().tolist() == [["1", "70.0 %", "–", "–"]]
    assert not headlines(app)
    assert not app.error


def test_the_run_in_the_url_is_the_one_shown(open_page: OpenPage, add_run: AddRun) -> None:
    older = add_run(train_size=200)
    add_run(train_size=300)
    app = open_page(run=older.id)
    assert "IMDB\\, 200 reviews" in words(app)
    assert app.selectbox(key="train_run").value == older.id


def test_the_bare_address_shows_the_newest_run_that_is_finished(open_page: OpenPage, add_run: AddRun) -> None:
    add_run(train_size=200)
    finished = add_run(train_size=300)
    add_run(train_size=400, num_finished=2, status="cancelled")
    assert run_in_url(open_page()) == finished.id


def test_the_same_again_fills_the_form_with_the_settings_of_the_run(open_page: OpenPage, add_run: AddRun) -> None:
    original = ExperimentConfig.original()
    run = add_run(train_size=150, dataset="rotten-tomatoes", bag_of_words=False, head=original.head, validation="separate")
    app = open_page(run=run.id)
    app.button(key="same_again").click().run()
    app.run()
    filled = {widget.key: widget.value for widget in [*app.number_input, *app.selectbox, *app.toggle, *app.checkbox]}
    for name in ("dataset", "train_size", "num_trials", "test_size", "bag_of_words", "validation", "static", "elmo", "seed"):
        assert filled[name] == getattr(run.config, name)
    assert {name: filled[f"head_{name}"] for name in HeadConfig.model_fields} == original.head.model_dump()
    assert app.segmented_control(key="preset").value == "original"
    assert errors(app) == []


def test_the_models_of_a_run_come_back_with_its_settings_and_one_of_ones_own_can_be_typed(
    open_page: OpenPage, add_run: AddRun
) -> None:
    run = add_run(arms=("letters", "mine"), own_arms=("mine=elmo:1+static",))
    app = open_page(run=run.id)
    assert "Mine" in words(app) or "mine" in words(app)
    app.button(key="same_again").click().run()
    app.run()
    assert app.multiselect(key="chosen_arms").value == ["letters", "mine=elmo:1+static"]
    app.multiselect(key="chosen_arms").set_value(["basic", "mine=bert"])
    app.run()
    [error] = errors(app)
    assert "must be written as NAME=READER+READER" in error


def test_progress_takes_the_place_of_the_form_until_somebody_asks_for_it(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run(num_finished=2, status="cancelled")
    assert store.claim(run.id)
    app = open_page(run=run.id)
    assert "train" not in {button.key for button in app.button}
    app.button(key="new_experiment").click().run()
    app.run()
    assert {"train", "cancel"} <= {button.key for button in app.button}


def test_a_guess_is_shown_beside_the_result_of_the_run_that_it_was_about(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page(run=run.id, guess=f"{run.config.fingerprint()}:elmo:5")
    said = "**Your guess**: ELMo wins by 5.0 points. **The result**: ELMo wins by 7.3 points (95 % interval "
    assert said in words(app)
    assert "**You were right about the winner**, and 2.3 points off." in words(app)
    app = open_page(run=run.id, guess=f"{run.config.fingerprint()}:basic:2.5")
    assert "**Your guess**: Basic wins by 2.5 points. **The result**: ELMo wins by 7.3 points (95 %" in words(app)


@pytest.mark.parametrize("guess", ["other:elmo:5", "{}:elmo:much", "{}:somebody:5", "{}:elmo:900", ":"])
def test_a_guess_about_another_run_or_a_changed_link_shows_nothing(open_page: OpenPage, add_run: AddRun, guess: str) -> None:
    run = add_run()
    app = open_page(run=run.id, guess=guess.format(run.config.fingerprint()))
    assert "Your guess" not in words(app)
    assert not app.error


def test_a_guess_is_asked_only_if_it_is_switched_on(open_page: OpenPage) -> None:
    app = open_page()
    assert "guess_winner" not in {control.key for control in app.segmented_control}
    app.toggle(key="guess_first").set_value(True).run()
    app.segmented_control(key="guess_winner").set_value("elmo").run()
    assert app.number_input(key="guess_lead").value == 5.0


def test_a_link_has_everybody_guess_first(open_page: OpenPage) -> None:
    app = open_page(guess_first="1")
    assert "guess_winner" in {control.key for control in app.segmented_control}
    app.toggle(key="guess_first").set_value(False).run()
    assert "guess_first" not in app.query_params
    assert "guess_winner" not in {control.key for control in app.segmented_control}


def test_loss_per_epoch_is_drawn_of_a_run_that_this_server_has_trained(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page(run=run.id)
    app.segmented_control(key="right_chart").set_value("loss").run()
    assert wording.NO_EPOCHS in captions(app)
    progress = Progress(run_id=run.id).after(EpochFinished(0, "basic", 1, 25, 0.7, 0.5))
    server.engine()._progress[run.id] = progress.after(RunFinished({}))
    app.run()
    assert wording.NO_EPOCHS not in captions(app)
    assert len(app.get("vega_lite_chart")) == 2


def test_no_chart_is_drawn_before_the_first_whole_pair(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run(num_finished=1, status="cancelled")
    assert store.claim(run.id)
    app = open_page(run=run.id)
    assert len(app.get("vega_lite_chart")) == 0
    assert wording.WAITING_FOR_A_PAIR in words(app)


def test_choosing_an_earlier_run_puts_it_into_the_url(open_page: OpenPage, add_run: AddRun) -> None:
    older = add_run(train_size=200)
    add_run(train_size=300)
    app = open_page()
    app.selectbox(key="train_run").set_value(older.id).run()
    assert run_in_url(app) == older.id
    assert "IMDB\\, 200 reviews" in words(app)


def test_the_run_is_still_there_after_another_page_was_looked_at(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page(run=run.id)
    app.switch_page("pages/reviews.py").run()
    app.query_params.clear()
    app.switch_page("pages/train.py").run()
    assert run_in_url(app) == run.id


def test_an_unknown_run_is_one_sentence_and_the_form_still_works(open_page: OpenPage) -> None:
    app = open_page(run="nowhere")
    assert ["nowhere" in error for error in errors(app)] == [True]
    assert app.button(key="train")


@pytest.mark.parametrize("status", ["cancelled", "failed", "interrupted"])
def test_a_run_that_ended_early_offers_to_go_on(open_page: OpenPage, add_run: AddRun, status: str) -> None:
    app = open_page(run=add_run(num_finished=2, status=status, message="").id)
    assert app.button(key="resume").label == "Resume"


def test_a_failed_run_says_why_and_nothing_in_it_is_markdown(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page(run=add_run(num_finished=0, status="failed", message="The file <b>x</b> *is* missing.").id)
    assert app.warning[0].value == r"The file \<b\>x\<\/b\> \*is\* missing\."


def test_a_run_that_another_program_drives_after_this_one_did_says_so_and_can_be_cancelled(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run(num_finished=2, status="cancelled")
    app = open_page(run=run.id)
    engine = server.engine()
    engine._progress[run.id] = Progress(run_id=run.id, outcome="cancelled")
    claim = store.claim(run.id)  # the other program
    assert claim
    app.run()
    assert wording.DRIVEN_ELSEWHERE in words(app)
    app.button(key="cancel").click().run()
    assert store.heartbeat(run.id, claim)  # what the other program hears


def test_a_finished_run_does_not_offer_to_go_on(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page(run=add_run().id)
    assert "resume" not in {button.key for button in app.button}
    assert "cancel" not in {button.key for button in app.button}


def test_a_run_can_be_renamed(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run()
    app = open_page(run=run.id)
    app.text_input(key=f"run_name_{run.id}").set_value("Class 9b **first**")
    app.button(key="run_rename").click().run()
    assert store.get_run(run.id).name == "Class 9b **first**"
    assert any(heading.value == r"Class 9b \*\*first\*\*" for heading in app.header)


def test_a_deleted_run_is_gone_from_the_page(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    app = open_page(run=add_run().id)
    app.button(key="run_delete").click().run()
    assert store.list_runs() == []
    assert "run" not in app.query_params
    assert not app.error


def test_deleting_a_run_can_be_undone(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run()
    app = open_page(run=run.id)
    app.button(key="run_delete").click().run()
    app.button(key="run_undo").click().run()
    assert store.get_run(run.id) == run
    assert run_in_url(app) == run.id
    assert headlines(app) == [verdict_on(run)]
    assert "run_undo" not in {button.key for button in app.button}


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("train_size", 25_000, "25,000"),
        ("test_size", 25_000, "25,000"),
        ("test_size", 0, "test_size is 0"),
        ("head_epochs", 0, "epochs is 0"),
        ("head_learning_rate", 0.0, "learning_rate is 0.0"),
    ],
)
def test_sizes_that_cannot_be_are_one_sentence_and_start_nothing(
    open_page: OpenPage, store: RunStore, key: str, value: float, told: str
) -> None:
    app = open_page()
    app.number_input(key=key).set_value(value)
    app.button(key="train").click().run()
    assert [told in error for error in errors(app)] == [True]
    assert store.list_runs() == []


def test_a_common_size_fills_the_field(open_page: OpenPage) -> None:
    app = open_page()
    app.pills(key="common_size").set_value(2000).run()
    assert app.number_input(key="train_size").value == 2000


def common_sizes(app: AppTest) -> list[str]:
    """The sizes that the form offers; none while it reads the reviews, which it does in the background."""
    return [option for pills in app.pills if pills.key == "common_size" for option in pills.options]


def test_all_means_every_training_review_of_the_dataset(open_page: OpenPage) -> None:
    app = open_page()
    app.selectbox(key="dataset").set_value("rotten-tomatoes")
    wait_until(lambda: common_sizes(app.run()))
    assert common_sizes(app)[-1].startswith("all 6,")


@pytest.mark.parametrize(("preset", "config"), [("original", ExperimentConfig.original()), ("tuned", ExperimentConfig())])
def test_a_preset_fills_in_every_setting_of_the_head(open_page: OpenPage, preset: str, config: ExperimentConfig) -> None:
    app = open_page()
    app.number_input(key="head_epochs").set_value(3).run()
    app.segmented_control(key="preset").set_value("original").run()
    app.segmented_control(key="preset").set_value(preset).run()
    shown = {widget.key: widget.value for widget in [*app.number_input, *app.selectbox, *app.toggle]}
    assert {name: shown[f"head_{name}"] for name in HeadConfig.model_fields} == config.head.model_dump()
    assert (shown["validation"], shown["max_tokens"]) == (config.validation, config.max_tokens)
    assert not app.error


def test_the_form_remembers_its_values_on_the_way_through_other_pages(open_page: OpenPage) -> None:
    app = open_page()
    app.number_input(key="train_size").set_value(700).run()
    app.switch_page("pages/how_it_works.py").run()
    app.switch_page("pages/train.py").run()
    assert app.number_input(key="train_size").value == 700


def test_a_damaged_store_is_one_sentence(open_page: OpenPage, data_dir: Path) -> None:
    (data_dir / "runs.sqlite").write_bytes(b"this was a database once" * 100)
    app = open_page()
    assert errors(app)


def test_a_data_folder_that_cannot_be_made_is_one_sentence(
    open_page: OpenPage, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "file").touch()
    monkeypatch.setenv("ELMO_LENS_DATA_DIR", str(data_dir / "file" / "folder"))
    app = open_page()
    assert errors(app)
    assert all("ELMO_LENS_DATA_DIR" in error for error in errors(app))


def test_opening_pages_does_not_import_tensorflow(data_dir: Path) -> None:
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(DASHBOARD)!r}, default_timeout=30).run()
for page in ("how_it_works", "probe"):
    app.switch_page(f"pages/{{page}}.py").run()
assert not app.error and not app.exception
assert "tensorflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=DASHBOARD.parent, capture_output=True, timeout=60)
    assert (data_dir / "runs.sqlite").exists()


def test_the_share_of_words_known_to_the_static_vectors_is_shown(add_run: AddRun, open_page: OpenPage) -> None:
    run = add_run()
    assert wording.coverage(run.config.static, 0.991) in captions(open_page(run=run.id))


@pytest.mark.parametrize("dataset", BUILT_IN)
def test_the_share_that_the_packaged_vectors_know_is_the_counted_one(dataset: str, data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    vectors, pool = load_static(ExperimentConfig().static, settings), load_pool(dataset, settings)
    share = known_share(pool.texts, vectors.known, max_tokens=ExperimentConfig().max_tokens, num_texts=2_000)
    assert coverage_check.PACKAGED_SHARES[dataset] == pytest.approx(share, abs=0.003)


@pytest.mark.parametrize("dataset", BUILT_IN)
@pytest.mark.parametrize("max_tokens", advanced_settings.LENGTHS)
def test_the_share_of_packaged_reviews_that_is_cut_is_the_counted_one(dataset: str, max_tokens: int, data_dir: Path) -> None:
    texts = load_pool(dataset, Settings(data_dir=data_dir)).texts
    assert coverage_check.PACKAGED_CUTS[dataset][max_tokens] == pytest.approx(cut_share(texts, max_tokens), abs=0.03)


@pytest.mark.parametrize(("max_tokens", "cut"), [(128, 0.84), (512, 0.11)])
def test_the_form_says_how_many_reviews_are_cut_at_the_chosen_length(open_page: OpenPage, max_tokens: int, cut: float) -> None:
    app = open_page()
    app.selectbox(key="max_tokens").set_value(max_tokens).run()
    assert wording.form_coverage(0.991, cut) in captions(app)


def test_the_share_that_is_cut_is_counted_for_ones_own_reviews(open_page: OpenPage, data_dir: Path) -> None:
    rows = [
        f"{'good' if row % 4 < 2 else 'bad'} film number {row}{' very' * (row % 2 * 200)},{row % 4 < 2:d}" for row in range(80)
    ]
    table = read_table("\n".join(["text,label", *rows]).encode())
    add_dataset("long", table, ColumnMapping("text", "label", ("0",), ("1",)), Settings(data_dir=data_dir))
    app = open_page()
    app.number_input(key="train_size").set_value(20)
    app.number_input(key="test_size").set_value(5)
    app.selectbox(key="dataset").set_value("long").run()
    app.selectbox(key="max_tokens").set_value(128).run()
    wait_until(lambda: any("50 %" in caption for caption in captions(app.run())))


def test_vectors_that_know_no_word_are_refused_on_the_form_unless_that_is_allowed(open_page: OpenPage, tmp_path: Path) -> None:
    static = write(tmp_path, b"".join(b"w%d_NOUN 1 %d\n" % (row, row) for row in range(200)), "tagged.vec")
    app = type_option(open_page(), "static", static).run()
    wait_until(lambda: wording.COUNTING_KNOWN not in captions(type_option(app, "static", static).run()))
    assert len(errors(app)) == 1
    assert wording.form_coverage(0.0, 0.11) in captions(app)

    type_option(app, "static", static).checkbox(key="allow_low_coverage").check().run()
    assert errors(app) == []


def test_what_was_odd_in_a_vectors_file_stands_on_the_form(open_page: OpenPage, tmp_path: Path) -> None:
    rows = [f"{word} 1 2 3\n".encode() for word in ("the", "a", "and", ".", "of")]
    static = write(tmp_path, b"9 3\n" + b"".join(rows), "odd.vec")
    app = type_option(open_page(), "static", static).run()
    wait_until(lambda: wording.COUNTING_KNOWN not in captions(type_option(app, "static", static).run()))
    assert any("odd.vec" in caption and "9" in caption for caption in (told.replace("\\", "") for told in captions(app)))


def add_sweep(store: RunStore, runs: list[Run], *, reused: Sequence[int] = ()) -> Sweep:
    sizes = [run.config.train_size for run in runs]
    return store.sweeps.create(runs[0].config, sizes, [run.id for run in runs], reused=reused)


def sweep_in_url(app: AppTest) -> str | None:
    value = app.query_params.get("sweep")
    return value[0] if isinstance(value, list) else value


def test_a_learning_curve_is_offered_with_its_sizes_and_how_long_it_will_take(open_page: OpenPage) -> None:
    app = open_page()
    assert not app.button(key="train_curve").disabled
    assert any("100, 200, 500, 1,000, 2,000" in caption for caption in captions(app))


def test_what_a_learning_curve_can_reuse_is_counted(
    open_page: OpenPage, add_run: AddRun, record_provenance: Callable[[Run], None]
) -> None:
    record_provenance(add_run(train_size=200, num_trials=5, test_size=1000))
    assert any(wording.reusable(SweepEstimate(1.0, 10, 50)) in caption for caption in captions(open_page()))


def test_the_sizes_of_a_curve_are_those_that_the_dataset_has(open_page: OpenPage) -> None:
    app = open_page()
    app.selectbox(key="dataset").set_value("rotten-tomatoes")

    wait_until(lambda: common_sizes(app.run()))
    [sizes] = [pills for pills in app.pills if str(pills.key).startswith("curve_sizes")]
    assert sizes.options[-2:] == ["5,000", common_sizes(app)[-1]]


def test_a_small_dataset_has_a_curve_of_its_largest_sizes(open_page: OpenPage, data_dir: Path) -> None:
    few = b"\n".join(reviews_csv().splitlines()[:101])
    pool = add_dataset(
        "few", read_table(few), ColumnMapping("text", "label", ("negative",), ("positive",)), Settings(data_dir=data_dir)
    )
    app = open_page()
    app.selectbox(key="dataset").set_value("few")
    app.number_input(key="train_size").set_value(50)
    app.number_input(key="test_size").set_value(10).run()
    sizes = next(pills for pills in app.pills if str(pills.key).startswith("curve_sizes"))
    assert sizes.value == [50, len(pool.train)]
    assert not app.button(key="train_curve").disabled


def test_a_dataset_too_small_for_a_separate_validation_says_what_to_do(open_page: OpenPage, data_dir: Path) -> None:
    few = b"\n".join(reviews_csv().splitlines()[:61])  # 50 validate, and fewer than ten are left
    add_dataset("few", read_table(few), ColumnMapping("text", "label", ("negative",), ("positive",)), Settings(data_dir=data_dir))
    app = open_page()
    app.selectbox(key="dataset").set_value("few")
    app.segmented_control(key="preset").set_value("original").run()
    assert len(errors(app)) == 1
    assert "fit_sizes" not in {button.key for button in app.button}


def test_a_curve_of_one_size_cannot_be_started(open_page: OpenPage) -> None:
    app = open_page()
    sizes = next(pills for pills in app.pills if str(pills.key).startswith("curve_sizes"))
    sizes.set_value([500]).run()
    assert app.button(key="train_curve").disabled
    assert wording.CURVE_TOO_SHORT in captions(app)
    assert not app.error


def test_the_largest_size_of_a_curve_leaves_reviews_for_a_separate_validation(open_page: OpenPage) -> None:
    app = open_page()
    app.segmented_control(key="preset").set_value("original").run()
    sizes = next(pills for pills in app.pills if str(pills.key).startswith("curve_sizes"))
    sizes.set_value([500, 16_664]).run()  # and 3,332 that validate, of 19,997
    assert not app.button(key="train_curve").disabled
    assert not app.error


def test_a_finished_curve_has_its_sentence_its_sizes_and_a_link_to_compare(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    runs = [add_run(train_size=size) for size in (100, 200, 500)]
    app = open_page(sweep=add_sweep(store, runs).id)
    table = app.dataframe[0].value
    assert table["reviews"].to_list() == [100, 200, 500]
    assert table["state"].to_list() == ["finished"] * 3
    assert table["difference"].round(2).to_list() == [7.33] * 3
    assert len(headlines(app)) == 1
    [link] = page_links(app)
    assert link.proto.label == "More about this curve on Compare"
    assert "view=curve" in link.proto.query_string
    assert "cancel" not in {button.key for button in app.button}
    assert not app.error


@pytest.mark.parametrize("status", ["cancelled", "failed", "interrupted"])
def test_a_curve_that_ended_early_offers_to_go_on(open_page: OpenPage, add_run: AddRun, store: RunStore, status: str) -> None:
    runs = [add_run(train_size=100), add_run(train_size=200, num_finished=2, status=status, message="")]
    app = open_page(sweep=add_sweep(store, runs, reused=(2, 0)).id)
    assert app.button(key="resume").label == "Resume"
    assert any(caption.startswith(wording.models_trained(8, 12, num_reused=2)) for caption in captions(app))


def test_a_curve_without_a_single_result_has_no_link(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    runs = [add_run(train_size=size, num_finished=0, status="cancelled") for size in (100, 200)]
    app = open_page(sweep=add_sweep(store, runs).id)
    assert page_links(app) == []
    assert not app.error


def test_a_curve_with_a_deleted_run_shows_the_others(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    runs = [add_run(train_size=size) for size in (100, 200, 500)]
    sweep = add_sweep(store, runs)
    store.delete(runs[1].id)
    app = open_page(sweep=sweep.id)
    assert app.dataframe[0].value["state"].to_list() == ["finished", "deleted", "finished"]
    assert not app.error


def test_a_curve_whose_test_reviews_are_gone_still_shows_its_sizes(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    runs = [add_run(dataset="gone", train_size=size) for size in (100, 200)]
    for run in runs:
        store.set_draws(run.id, run.test_ids, ())  # as stored before labels were
    app = open_page(sweep=add_sweep(store, runs).id)
    assert len(errors(app)) == 1
    assert app.dataframe[0].value["reviews"].to_list() == [100, 200]


def test_an_unknown_curve_is_one_sentence_and_the_form_still_works(open_page: OpenPage) -> None:
    app = open_page(sweep="nowhere")
    assert ["nowhere" in error for error in errors(app)] == [True]
    assert app.button(key="train")


def test_the_curve_is_still_there_after_another_page_was_looked_at(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    sweep = add_sweep(store, [add_run(train_size=size) for size in (100, 200)])
    app = open_page(sweep=sweep.id)
    app.switch_page("pages/reviews.py").run()
    app.query_params.clear()
    app.switch_page("pages/train.py").run()
    assert sweep_in_url(app) == sweep.id
    assert app.selectbox(key="train_sweep").value == sweep.id


def test_choosing_a_run_takes_the_place_of_the_curve_and_the_other_way_round(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    runs = [add_run(train_size=size) for size in (100, 200)]
    sweep = add_sweep(store, runs)
    app = open_page(sweep=sweep.id)
    app.selectbox(key="train_run").set_value(runs[0].id).run()
    assert (sweep_in_url(app), run_in_url(app)) == (None, runs[0].id)
    assert len(app.get("vega_lite_chart")) == 2
    app.selectbox(key="train_sweep").set_value(sweep.id).run()
    assert sweep_in_url(app) == sweep.id
    assert "run" not in app.query_params
    assert len(app.get("vega_lite_chart")) == 1


def test_a_curve_can_be_renamed(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    sweep = add_sweep(store, [add_run(train_size=size) for size in (100, 200)])
    app = open_page(sweep=sweep.id)
    app.text_input(key=f"sweep_name_{sweep.id}").set_value("Class 9b **first**")
    app.button(key="sweep_rename").click().run()
    assert store.sweeps.get(sweep.id).name == "Class 9b **first**"
    assert any(heading.value == r"Class 9b \*\*first\*\*" for heading in app.header)


def test_deleting_a_curve_leaves_its_runs_and_can_be_undone(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    sweep = add_sweep(store, [add_run(train_size=size) for size in (100, 200)])
    app = open_page(sweep=sweep.id)
    app.button(key="sweep_delete").click().run()
    assert (store.sweeps.all(), len(store.list_runs())) == ([], 2)
    assert sweep_in_url(app) is None
    app.button(key="run_undo").click().run()
    assert store.sweeps.all() == [sweep]
    assert sweep_in_url(app) == sweep.id
    assert not app.error


def test_pressing_the_button_again_opens_the_finished_curve(
    open_page: OpenPage, add_run: AddRun, store: RunStore, record_provenance: Callable[[Run], None]
) -> None:
    runs = [add_run(train_size=size, num_trials=5, test_size=1000) for size in (100, 200)]
    for run in runs:
        record_provenance(run)
    sweep = add_sweep(store, runs)
    app = open_page()
    sizes = next(pills for pills in app.pills if str(pills.key).startswith("curve_sizes"))
    sizes.set_value([100, 200]).run()
    app.button(key="train_curve").click().run()
    assert sweep_in_url(app) == sweep.id
    assert store.sweeps.all() == [sweep]
    assert not app.error
