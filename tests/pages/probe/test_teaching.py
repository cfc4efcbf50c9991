"""Teaching on the Try it page: lessons from the field, from a family and from a link, and what they have changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.challenges.teaching import half_of, teachable
from core.challenges.templates import load_bundled_suite
from core.engine.engine import Engine
from core.experiment.config import ExperimentConfig
from core.experiment.lessons import Lesson
from core.store.run import Run
from core.store.run_store import RunStore
from tests.pages.conftest import AddRun, OpenPage, errors
from tests.pages.probe.test_challenges import wait_for_answers
from ui.probe import live
from ui.probe.teaching import wording

LESSON = Lesson(text="Not bad at all.", label=1)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, store: RunStore) -> list[ExperimentConfig]:
    """The experiments that a page starts; no worker trains them."""
    configs: list[ExperimentConfig] = []

    def submit(_: Engine, config: ExperimentConfig, *, person: str = "") -> str:  # noqa: ARG001 - whoever it is
        configs.append(config)
        return store.create_run(config).id

    monkeypatch.setattr(Engine, "submit", submit)
    return configs


@pytest.fixture
def untaught(add_run: AddRun) -> Run:
    return add_run(arms=("basic",))


@pytest.fixture
def taught(add_run: AddRun, untaught: Run) -> Run:
    return add_run(**{**dict(untaught.config), "lessons": (LESSON,)})


@pytest.fixture
def open_teach(open_page: OpenPage) -> Callable[[Run], AppTest]:
    return lambda run: open_page("probe", run=run.id, probe_tab=live.TEACH)


def markdown(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


def test_a_sentence_from_the_field_is_taught_with_one_click_more(
    open_page: OpenPage, untaught: Run, started: list[ExperimentConfig]
) -> None:
    app = open_page("probe", run=untaught.id, text="Not bad at all.")
    app.button(key="teach_1").click().run()
    assert app.text_area(key="lessons_positive").value == "Not bad at all."
    app.button(key="teach").click().run()
    assert started == [untaught.config.model_copy(update={"lessons": (LESSON,)})]
    assert not errors(app)


def test_half_of_a_family_fills_both_fields_and_clear_empties_them(open_teach: Callable[[Run], AppTest], untaught: Run) -> None:
    app = open_teach(untaught)
    assert app.button(key="teach").disabled
    app.button(key="lessons_add_half").click().run()
    wanted = half_of(teachable(load_bundled_suite())[0])
    lines = [(app.text_area(key=key).value or "").splitlines() for key in ("lessons_positive", "lessons_negative")]
    assert sorted(lines[0] + lines[1]) == sorted({text for text, _ in wanted})
    assert not app.button(key="teach").disabled
    app.button(key="lessons_clear").click().run()
    assert app.text_area(key="lessons_positive").value == ""
    assert wording.NO_LESSONS in [caption.value for caption in app.caption]


def test_a_lesson_with_both_labels_is_one_sentence(open_teach: Callable[[Run], AppTest], untaught: Run) -> None:
    app = open_teach(untaught)
    app.text_area(key="lessons_positive").set_value("Fine.")
    app.text_area(key="lessons_negative").set_value("fine.").run()
    assert errors(app) == ["“fine.” is taught as positive and as negative; leave one out."]


def test_a_taught_run_shows_what_its_lessons_have_changed(open_teach: Callable[[Run], AppTest], taught: Run) -> None:
    app = open_teach(taught)
    told = markdown(app)
    assert "**Basic**: 71.0 % of the test reviews right before, 71.0 % after, equally accurate" in told
    assert "of 1 lesson right before" in told
    app.button(key="teaching_test").click().run()
    wait_for_answers()
    app.run()
    assert not errors(app)
    [table] = [frame.value for frame in app.dataframe if "Family" in frame.value]
    assert table["Family"].iloc[0] == "All families that were not taught"
    assert len(table) == 1 + len(load_bundled_suite().families)
    assert all(cell.startswith("0 (") for cell in table["Basic, change"])  # the same heads in both runs


def test_the_lessons_of_a_link_can_be_taken_and_its_untaught_models_are_one_click_away(
    open_teach: Callable[[Run], AppTest], taught: Run, untaught: Run
) -> None:
    app = open_teach(taught)
    app.button(key="lessons_take").click().run()
    assert app.text_area(key="lessons_positive").value == LESSON.text
    assert app.button(key="teach").disabled
    assert wording.ALREADY_TAUGHT in [caption.value for caption in app.caption]
    app.button(key="untaught").click().run()
    assert app.query_params["run"] in (untaught.id, [untaught.id])


def test_without_its_untaught_run_a_taught_one_offers_to_train_it(
    open_teach: Callable[[Run], AppTest], taught: Run, untaught: Run, store: RunStore, started: list[ExperimentConfig]
) -> None:
    store.delete(untaught.id)
    app = open_teach(taught)
    assert wording.NO_UNTAUGHT in [info.value for info in app.info]
    app.button(key="train_untaught").click().run()
    assert started == [untaught.config]


def test_what_somebody_has_taught_does_not_open_by_itself(open_page: OpenPage, taught: Run, untaught: Run) -> None:
    for page in ("probe", "train"):
        app = open_page(page)
        assert app.query_params["run"] in (untaught.id, [untaught.id])
    assert open_page("compare").multiselect(key="compare_runs").value == [untaught.id]
    assert taught.created_at >= untaught.created_at


def test_the_same_again_leaves_the_lessons_behind_and_says_so(
    open_page: OpenPage, taught: Run, started: list[ExperimentConfig]
) -> None:
    app = open_page("train", run=taught.id)
    button = app.button(key="same_again")
    assert "lessons stay behind" in button.help
    button.click().run()
    app.run()
    assert "lessons" not in app.session_state
    app.button(key="train").click().run()
    [config] = started
    assert config.lessons == ()
    assert not errors(app)
