"""Models of one's own on the Compare page: from the file to the view."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.predictions.prediction_store import PredictionRecord, PredictionStore
from core.predictions.prediction_table import PredictionColumns
from core.settings import Settings
from tests.core.predictions.made_up import as_csv, as_table, predictions_frame
from tests.pages.conftest import OpenPage, errors
from ui.compare.predictions import wording

COLUMNS = PredictionColumns(text="text", label="label", models=("careful", "hasty"))


@pytest.fixture
def stored(data_dir: Path) -> PredictionRecord:
    frame = predictions_frame(240).assign(third=["0", "1"] * 120)
    columns = COLUMNS.model_copy(update={"models": ("careful", "hasty", "third")})
    return PredictionStore(Settings(data_dir=data_dir)).add(as_table(frame), columns, name="My *models*")


def told(app: AppTest) -> str:
    return "\n".join(each.value.replace("\\", "") for each in (*app.markdown, *app.caption))


def run_with_dialog(app: AppTest) -> AppTest:
    """A browser keeps a dialog open; AppTest opens it anew with every run."""
    app.button(key="open_predictions").click()
    return app.run()


def test_a_file_is_compared_without_any_training_and_its_link_opens_it_again(open_page: OpenPage, data_dir: Path) -> None:
    app = open_page("compare", predictions="")
    assert [info.value for info in app.info] == [wording.NOTHING_YET]
    run_with_dialog(app)
    app.file_uploader(key="predictions_file").set_value(("models.csv", as_csv(predictions_frame(240)), "text/csv"))
    run_with_dialog(app)
    assert app.multiselect(key="predictions_model_columns").value == ["careful", "hasty"]
    app.button(key="predictions_add").click()
    run_with_dialog(app)
    assert errors(app) == []
    [record] = PredictionStore(Settings(data_dir=data_dir)).all()
    assert app.query_params["predictions"] == record.id
    again = open_page("compare", predictions=record.id)
    assert "careful is 13.3 points more accurate than hasty" in told(again)
    assert "one training of each model" in told(again)


def test_what_cannot_be_compared_is_a_sentence_and_is_not_kept(open_page: OpenPage, data_dir: Path) -> None:
    app = run_with_dialog(open_page("compare", predictions=""))
    broken = predictions_frame().assign(careful="1.5")
    app.file_uploader(key="predictions_file").set_value(("models.csv", as_csv(broken), "text/csv"))
    run_with_dialog(app)
    app.multiselect(key="predictions_model_columns").set_value(["careful", "hasty"])
    run_with_dialog(app)
    app.button(key="predictions_add").click()
    run_with_dialog(app)
    [sentence] = errors(app)
    assert "outside 0 to 1" in sentence
    assert PredictionStore(Settings(data_dir=data_dir)).all() == []


def test_a_group_of_the_matrix_lists_its_reviews_with_what_both_said(open_page: OpenPage, stored: PredictionRecord) -> None:
    app = open_page("compare", predictions=stored.id, group="agreement.1.0")
    assert app.selectbox(key="predictions_group").value == "agreement.1.0"
    assert "Only careful is right: 64 reviews." in told(app)
    assert "hasty: negative" in told(app)
    app.text_input(key="predictions_search").set_value("Film 201").run()
    assert "Only careful is right: 1 review." in told(app)


def test_any_two_of_three_models_can_be_compared_and_the_link_says_which(open_page: OpenPage, stored: PredictionRecord) -> None:
    app = open_page("compare", predictions=stored.id)
    app.selectbox(key="predictions_second").set_value("third").run()
    assert (app.query_params["first"], app.query_params["second"]) == ("careful", "third")
    app.selectbox(key="predictions_first").set_value("third").run()  # both change places
    assert (app.query_params["first"], app.query_params["second"]) == ("third", "careful")
    assert errors(app) == []


def test_slices_of_ones_own_columns_are_offered_and_their_reviews_listed(open_page: OpenPage, stored: PredictionRecord) -> None:
    app = open_page("compare", predictions=stored.id)
    app.selectbox(key="slice_by").set_value("genre").run()
    app.selectbox(key="predictions_group").set_value("slice.0.genre").run()
    assert "genre: drama: 80 reviews." in told(app)


def test_predictions_are_renamed_deleted_and_restored(open_page: OpenPage, stored: PredictionRecord, data_dir: Path) -> None:
    store = PredictionStore(Settings(data_dir=data_dir))
    app = open_page("compare", predictions=stored.id)
    app.text_input(key=f"predictions_name_{stored.id}").set_value("Ours")
    app.button(key="predictions_rename").click().run()
    assert store.get(stored.id).name == "Ours"
    app.button(key="predictions_delete").click().run()
    assert store.all() == []
    app.button(key="predictions_undo").click().run()
    assert [record.id for record in store.all()] == [stored.id]
    assert "careful is 13.3 points" in told(app)


def test_a_link_to_deleted_predictions_offers_to_restore_them(
    open_page: OpenPage, stored: PredictionRecord, data_dir: Path
) -> None:
    PredictionStore(Settings(data_dir=data_dir)).delete(stored.id)
    app = open_page("compare", predictions=stored.id)
    app.button(key="predictions_gone_restore").click().run()
    assert "careful is 13.3 points" in told(app)


def test_the_switch_leads_to_predictions_and_back(open_page: OpenPage, stored: PredictionRecord) -> None:
    app = open_page("compare")
    app.segmented_control(key="compare_source").set_value("predictions").run()
    assert app.query_params["predictions"] == stored.id
    app.segmented_control(key="compare_source").set_value("runs").run()
    assert "predictions" not in app.query_params
    assert not app.selectbox  # neither of predictions nor, in this store, of runs


@pytest.mark.parametrize("linked", ["00000000", "../x"])
def test_a_link_to_nothing_is_a_sentence(linked: str, open_page: OpenPage) -> None:
    assert len(errors(open_page("compare", predictions=linked))) == 1
