"""The Compare page without a browser: which runs it shows, in which view, and what its link says."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.curves.learning_curve import label_saving
from core.analysis.paired_tests import compare_reference
from core.analysis.verdicts import ONE_IN_TWENTY, reference_saving_sentence, reference_sentence
from core.experiment.arms import BAG_OF_WORDS, STAIRCASE, arm_title, in_order
from core.experiment.config import ExperimentConfig
from core.exports.model_card import model_card
from core.store.named_rows import RenamedMeanwhileError
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage
from tests.pages.html_tables import tables
from ui.app import models, url_state
from ui.compare import wording
from ui.compare.error_analysis import reader
from ui.compare.report import export

VIEWS = ("pairs", "curve", "steps", "quality", "reviews", "cost")


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.info, *app.header]
    return "\n".join(element.value for element in shown).replace("\\", "")


def in_url(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def errors(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in [*app.error, *app.exception]]


def charts(app: AppTest) -> int:
    return len(app.get("vega_lite_chart"))


def sizes(app: AppTest) -> list[str]:
    return tables(app)["Accuracy by number of training reviews, with 95 % intervals"]["training reviews"].to_list()


def milliseconds(column: pd.Series) -> float:
    return float(column.item().removesuffix(" ms"))


def test_without_runs_the_page_says_where_to_begin(open_page: OpenPage) -> None:
    app = open_page("compare")
    assert wording.NO_RUNS in words(app)
    assert not errors(app)


def test_the_newest_run_with_results_is_shown_first(open_page: OpenPage, add_run: AddRun) -> None:
    add_run(train_size=200)
    run = add_run(train_size=300)
    add_run(train_size=400, num_finished=0, status="cancelled")
    app = open_page("compare")
    assert in_url(app, "run") == run.id
    assert "ELMo won 3 of 3 trials" in words(app)
    assert charts(app) == 3


@pytest.mark.parametrize("view", VIEWS)
def test_a_link_opens_its_view_of_its_runs(open_page: OpenPage, add_run: AddRun, view: str) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{small.id},{large.id}", run=large.id, view=view)
    assert not errors(app)
    assert app.segmented_control(key="compare_view").value == view
    assert app.multiselect(key="compare_runs").value == [small.id, large.id]
    assert (in_url(app, "runs"), in_url(app, "run"), in_url(app, "view")) == (f"{small.id},{large.id}", large.id, view)


def test_choosing_a_view_puts_it_into_the_url(open_page: OpenPage, add_run: AddRun) -> None:
    add_run()
    app = open_page("compare")
    app.segmented_control(key="compare_view").set_value("cost").run()
    assert in_url(app, "view") == "cost"
    assert not errors(app)


def test_choosing_a_second_run_puts_both_into_the_url(open_page: OpenPage, add_run: AddRun) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare")
    app.multiselect(key="compare_runs").set_value([large.id, small.id]).run()
    assert in_url(app, "runs") == f"{large.id},{small.id}"
    assert in_url(app, "run") == large.id


def test_a_view_of_one_run_lets_choose_which_of_several(open_page: OpenPage, add_run: AddRun) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{small.id},{large.id}")
    app.selectbox(key="compare_focus").set_value(large.id).run()
    assert in_url(app, "run") == large.id
    assert in_url(app, "runs") == f"{small.id},{large.id}"


def test_runs_that_differ_in_nothing_but_their_id_can_be_told_apart(open_page: OpenPage, add_run: AddRun) -> None:
    first, second = add_run(), add_run()
    app = open_page("compare", run=first.id, view="quality")
    app.multiselect(key="compare_runs").set_value([first.id, second.id]).run()
    assert app.multiselect(key="compare_runs").value == [first.id, second.id]
    app.selectbox(key="compare_focus").set_value(second.id).run()
    assert in_url(app, "run") == second.id


def test_choosing_no_run_is_no_error_and_another_can_be_chosen(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page("compare")
    app.multiselect(key="compare_runs").set_value([]).run()
    assert wording.NO_CHOICE in words(app)
    app.multiselect(key="compare_runs").set_value([run.id]).run()
    assert in_url(app, "run") == run.id
    assert not errors(app)


def test_the_choice_is_still_there_after_another_page_was_looked_at(open_page: OpenPage, add_run: AddRun) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{small.id},{large.id}", view="curve")
    app.switch_page("pages/reviews.py").run()
    app.query_params.clear()
    app.switch_page("pages/compare.py").run()
    assert in_url(app, "runs") == f"{small.id},{large.id}"
    assert in_url(app, "view") == "curve"


def test_a_run_opened_on_another_page_replaces_an_older_choice(open_page: OpenPage, add_run: AddRun) -> None:
    small, large, other = add_run(train_size=100), add_run(train_size=200), add_run(train_size=300)
    app = open_page("compare", runs=f"{small.id},{large.id}")
    app.query_params.clear()
    app.query_params["run"] = other.id
    app.switch_page("pages/train.py").run()
    app.query_params.clear()
    app.switch_page("pages/compare.py").run()
    assert app.multiselect(key="compare_runs").value == [other.id]


def test_a_link_to_a_run_that_is_gone_says_so_and_shows_the_others(open_page: OpenPage, add_run: AddRun) -> None:
    run = add_run()
    app = open_page("compare", runs=f"{run.id},nowhere")
    assert errors(app) == [
        "There is no run 'nowhere' in this store: deleted for good, or in another data folder; check the link or the id."
    ]
    assert app.multiselect(key="compare_runs").value == [run.id]
    assert charts(app) == 3


def test_a_run_without_a_finished_trial_is_one_sentence(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run(num_finished=1, status="cancelled").id)
    assert len(errors(app)) == 1
    assert "No trial of the run" in errors(app)[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [("filter_dataset", "rotten-tomatoes"), ("filter_size", 200), ("filter_elmo", "other")],
)
def test_a_filter_leaves_only_runs_that_pass_it(open_page: OpenPage, add_run: AddRun, key: str, value: str | int) -> None:
    chosen = add_run()
    add_run(dataset="rotten-tomatoes", train_size=200, elmo="other")
    app = open_page("compare", run=chosen.id)
    app.selectbox(key=key).set_value(value).run()
    assert "1 of 2 runs in the list" in words(app)
    assert len(app.multiselect(key="compare_runs").options) == 2  # the chosen run stays, or it could not be taken away


def test_a_link_carries_the_filter(open_page: OpenPage, add_run: AddRun) -> None:
    chosen = add_run()
    add_run(dataset="rotten-tomatoes", train_size=2000)
    app = open_page("compare", run=chosen.id, filter_size="2,000", filter_dataset="Rotten Tomatoes", filter_name="2,000 r")
    assert app.selectbox(key="filter_size").value == 2000
    assert app.selectbox(key="filter_dataset").value == "rotten-tomatoes"
    assert "1 of 2 runs in the list" in words(app)
    assert not errors(app)


def test_runs_are_found_by_a_part_of_their_name(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    store.rename(add_run(train_size=200).id, "The second")
    add_run()
    app = open_page("compare")
    app.text_input(key="filter_name").set_value("SECOND").run()
    assert "1 of 2 runs in the list" in words(app)


def test_a_filter_that_nothing_passes_leaves_the_chosen_run_alone(open_page: OpenPage, add_run: AddRun) -> None:
    chosen = add_run()
    add_run(train_size=200)
    app = open_page("compare", run=chosen.id)
    app.text_input(key="filter_name").set_value("no such name").run()
    assert len(app.multiselect(key="compare_runs").options) == 1
    assert app.multiselect(key="compare_runs").value == [chosen.id]


def test_a_run_can_be_renamed_and_its_name_is_no_markdown(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run()
    app = open_page("compare")
    app.text_input(key=f"run_name_{run.id}").set_value("Class **9b**")
    app.button(key="run_rename").click().run()
    assert store.get_run(run.id).name == "Class **9b**"
    assert any(r"Class \*\*9b\*\*" in caption.value for caption in app.caption)


def test_an_empty_name_is_one_sentence(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run()
    app = open_page("compare")
    app.text_input(key=f"run_name_{run.id}").set_value("")
    app.button(key="run_rename").click().run()
    assert len(errors(app)) == 1
    assert store.get_run(run.id).name == run.name


def test_the_menu_closes_after_renaming_and_begins_with_the_new_name(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run()
    app = open_page("compare")
    app.session_state["run_menu"] = True
    app.run()
    app.text_input(key=f"run_name_{run.id}").set_value("Class 9b")
    app.button(key="run_rename").click().run()
    assert app.session_state["run_menu"] is False
    assert app.text_input(key=f"run_name_{run.id}").value == "Class 9b"
    app.text_input(key=f"run_name_{run.id}").set_value("Class 9c")
    app.button(key="run_rename").click().run()
    assert store.get_run(run.id).name == "Class 9c"
    assert not errors(app)


def test_who_renames_a_run_that_somebody_else_has_renamed_meanwhile_is_told_so_and_may_do_it_again(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    run = add_run()
    app = open_page("compare")
    store.rename(run.id, "Monday")
    app.run()  # as polling does
    app.text_input(key=f"run_name_{run.id}").set_value("Tuesday")
    app.button(key="run_rename").click().run()
    assert errors(app) == [str(RenamedMeanwhileError("run", "Monday"))]
    assert store.get_run(run.id).name == "Monday"
    assert app.run().text_input(key=f"run_name_{run.id}").value == "Tuesday"
    app.button(key="run_rename").click().run()
    assert store.get_run(run.id).name == "Tuesday"
    assert not errors(app)


def test_a_deleted_run_comes_back_with_undo(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    kept, deleted = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{kept.id},{deleted.id}", run=deleted.id, view="curve")
    app.button(key="run_delete").click().run()
    assert [run.id for run in store.list_runs()] == [kept.id]
    assert app.multiselect(key="compare_runs").value == [kept.id]
    app.button(key="run_undo").click().run()
    assert {run.id for run in store.list_runs()} == {kept.id, deleted.id}
    assert app.multiselect(key="compare_runs").value == [kept.id, deleted.id]
    assert not errors(app)


def test_the_last_run_can_be_deleted_and_brought_back(open_page: OpenPage, add_run: AddRun, store: RunStore) -> None:
    run = add_run()
    app = open_page("compare")
    app.button(key="run_delete").click().run()
    assert store.list_runs() == []
    assert wording.NO_RUNS in words(app)
    app.button(key="run_undo").click().run()
    assert app.multiselect(key="compare_runs").value == [run.id]
    assert not errors(app)


def test_the_curve_of_two_sizes_has_a_sentence_two_charts_and_a_row_per_size(open_page: OpenPage, add_run: AddRun) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{small.id},{large.id}", view="curve")
    assert "ELMo with 100 reviews" in words(app)
    assert ONE_IN_TWENTY in words(app)
    assert charts(app) == 2
    assert sizes(app) == ["100", "200"]


def test_every_number_of_the_paragraph_stands_in_a_table_from_top_to_bottom(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="pairs")
    shown = tables(app)
    trials, numbers = shown["Accuracy of each trial"], shown["Tests and intervals"]["value"]
    assert trials["trial"].to_list() == ["1", "2", "3"]
    assert trials["difference"].to_list() == ["+6.0 points", "+8.0 points", "+8.0 points"]
    assert numbers["difference"] == "+7.3 points"
    assert (numbers["ELMo won"], numbers["basic won"], numbers["tied"]) == ("3", "0", "0")


def test_the_pairs_say_what_more_trials_and_test_reviews_would_bring(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run().id, view="pairs")
    shown = tables(app)
    enough = shown[wording.ENOUGH_TABLE]
    assert list(zip(enough["trials"], enough["test reviews"], strict=True))[:3] == [("3", "200"), ("6", "200"), ("12", "200")]
    interval = shown["Tests and intervals"]["value"]
    width = points_of(interval["to"]) - points_of(interval["from"])
    assert points_of(enough["reaches to either side"].iloc[0]) == pytest.approx(width / 2, abs=0.1)


def points_of(cell: str) -> float:
    return float(cell.replace("−", "-").split()[0])


def test_one_click_adds_the_other_sizes_of_an_experiment(open_page: OpenPage, add_run: AddRun) -> None:
    runs = [add_run(train_size=size) for size in (100, 200, 400)]
    add_run(train_size=800, elmo="other")
    app = open_page("compare", run=runs[1].id, view="curve")
    app.button(key="add_sizes").click().run()
    assert app.multiselect(key="compare_runs").value == [runs[1].id, runs[0].id, runs[2].id]
    assert sizes(app) == ["100", "200", "400"]
    assert "add_sizes" not in {button.key for button in app.button}


def test_runs_of_two_datasets_get_a_curve_each(open_page: OpenPage, add_run: AddRun) -> None:
    runs = [add_run(dataset=dataset, train_size=size) for dataset in ("imdb", "rotten-tomatoes") for size in (100, 200)]
    app = open_page("compare", runs=",".join(run.id for run in runs), view="curve")
    assert [heading.value for heading in app.header] == [r"Reviews\: IMDB", r"Reviews\: Rotten Tomatoes"]
    assert charts(app) == 4


def test_a_run_without_results_is_named_beside_the_curve(open_page: OpenPage, add_run: AddRun) -> None:
    runs = [add_run(train_size=100), add_run(train_size=200), add_run(train_size=400, num_finished=0, status="cancelled")]
    app = open_page("compare", runs=",".join(run.id for run in runs), view="curve")
    assert sizes(app) == ["100", "200"]
    assert "400 reviews, 3 trials is not in the curve" in words(app)


def test_the_cost_of_every_model_of_every_run_is_in_the_table(open_page: OpenPage, add_run: AddRun) -> None:
    small, large = add_run(train_size=100), add_run(train_size=200)
    app = open_page("compare", runs=f"{small.id},{large.id}", view="cost")
    table = tables(app)["What each model costs"]
    assert table["model"].to_list() == ["Basic", "ELMo", "Basic", "ELMo"]
    assert table["to read"].to_list() == ["0.0 s", "1.0 s", "0.0 s", "2.0 s"]  # at 100 reviews per second


def test_the_time_of_predictions_is_taken_on_request(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("compare", run=add_run(arms=("basic",)).id, view="cost")  # static vectors need no TensorFlow
    app.button(key="time_predictions").click().run(timeout=60)
    assert not errors(app)
    table = tables(app)["Time of one prediction on this computer"]
    assert table["reviews"].to_list() == ["40"]
    assert 0 < milliseconds(table["per review"]) <= milliseconds(table["slowest twentieth"])
    visitor = open_page("compare", run=in_url(app, "run"), view="cost")
    assert tables(visitor)["Time of one prediction on this computer"].equals(table)


def test_runs_of_the_same_name_can_be_told_apart_in_charts_and_tables(
    open_page: OpenPage, add_run: AddRun, store: RunStore
) -> None:
    runs = [add_run(train_size=size) for size in (100, 200)]
    for run in runs:
        store.rename(run.id, "Class 9b")
    app = open_page("compare", runs=",".join(run.id for run in runs), view="cost")
    named = tables(app)["What each model costs"]["run"].to_list()
    assert named == [f"Class 9b · {run.id}" for run in runs for _ in range(2)]


def test_the_report_has_every_chart_of_the_views_and_asks_nobody_to_click(open_page: OpenPage, add_run: AddRun) -> None:
    runs = [add_run(train_size=size, test_size=tests) for size, tests in ((100, 200), (200, 100))]  # a curve for each
    run_ids = ",".join(run.id for run in runs)
    shown = sum(charts(open_page("compare", runs=run_ids, run=runs[0].id, view=view)) for view in VIEWS)
    shown -= reader.PER_PAGE  # one at each review that can be read
    shown += 1  # the page has the slices of one column, the report those of both that these reviews have
    shown += charts(open_page("compare", run=runs[1].id, view="pairs"))  # the report has the pairs of every run
    report = export.to_report(runs, export.collect(runs, runs[0], {}))
    assert report.count("<svg") == shown
    assert "click" not in report.lower()


def test_every_view_can_be_taken_away_as_files(open_page: OpenPage, add_run: AddRun) -> None:
    add_run()
    app = open_page("compare")
    assert {"compare_html", "compare_json", "compare_zip", "compare_models"} <= {button.key for button in app.download_button}


def test_the_models_of_a_run_can_be_taken_away_with_their_card(data_dir: object, add_run: AddRun) -> None:  # noqa: ARG001
    run = add_run()
    packed = export.pack_models(run, model_card(run, models.outcomes(run)))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        folder = f"elmo-lens-{run.id}-models"
        assert sorted(archive.namelist()) == [f"{folder}/{name}" for name in ("README.md", "heads.npz", "model.json")]
        assert run.name in archive.read(f"{folder}/README.md").decode()


def test_a_bag_of_words_stands_beside_both_models_and_in_the_curve(open_page: OpenPage, add_run: AddRun) -> None:
    small, large = add_run(train_size=100, reference=0.7), add_run(train_size=200, reference=0.75)
    app = open_page("compare", runs=f"{small.id},{large.id}", run=large.id, view="pairs")
    assert not errors(app)
    assert tables(app)["Accuracy of each trial"]["Bag of words"].to_list() == ["75.0 %"] * 3
    against = compare_reference(models.outcomes(large))
    assert against
    assert reference_sentence(against) in words(app)

    app = open_page("compare", runs=f"{small.id},{large.id}", view="curve")
    assert not errors(app)
    curve = tables(app)["Accuracy by number of training reviews, with 95 % intervals"]
    assert curve["Bag of words"].to_list() == ["70.0 %", "75.0 %"]
    points = [(run.config.train_size, models.outcomes(run)) for run in (small, large)]
    assert reference_saving_sentence(label_saving(points, BAG_OF_WORDS)) in words(app)


def test_the_steps_of_a_run_with_controls_stand_one_after_the_other(add_run: AddRun, open_page: OpenPage) -> None:
    run = add_run(arms=tuple(in_order(STAIRCASE)))
    app = open_page("compare", run=run.id, view="steps")
    assert not errors(app)
    assert "From basic to ELMo it is +" in words(app)
    table = tables(app)["Accuracy of each model and its step from the one before, with 95 % intervals"]
    assert table["model"].to_list() == [*map(arm_title, STAIRCASE), wording.WHOLE_WAY]
    assert charts(app) == 1
    assert "train_staircase" not in [button.key for button in app.button]


def test_any_two_models_of_a_run_can_be_compared(add_run: AddRun, open_page: OpenPage) -> None:
    run = add_run(arms=("basic", "elmo", "letters"))
    app = open_page("compare", run=run.id)
    assert "ELMo won 3 of 3 trials" in words(app)
    app.selectbox(key="pair").set_value("basic,letters").run()
    assert not errors(app)
    assert "Letters won 3 of 3 trials" in words(app)


def test_the_button_trains_the_steps_between_with_the_settings_of_the_run(
    add_run: AddRun, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run()
    submitted: list[ExperimentConfig] = []

    def start(config: ExperimentConfig, page: str = "") -> None:
        submitted.append(config)
        assert page == "pages/train.py"

    monkeypatch.setattr(url_state, "start_run", start)  # training has tests of its own
    app = open_page("compare", run=run.id, view="steps")
    app.button(key="train_staircase").click().run()
    assert not errors(app)
    [config] = submitted
    assert config == run.config.model_copy(update={"arms": tuple(in_order(STAIRCASE))})
