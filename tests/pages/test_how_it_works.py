"""The page that explains, with the models of a run."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from streamlit.testing.v1 import AppTest

from core.predict.walkthrough import SENTENCE
from tests.pages.conftest import AddRun, OpenPage, errors
from tests.pages.html_tables import tables
from ui.how_it_works import live, wording
from ui.how_it_works.sections import BUNDLED_OPTIONS


def pictures(app: AppTest, kind: str) -> list[ET.Element]:
    """The pictures of one class that the page draws itself."""
    drawn = [ET.fromstring(element.value) for element in app.main.html if not element.value.endswith(".css")]
    return [root for root in drawn if root.get("class") == kind]


def labels(picture: ET.Element) -> list[str]:
    return ["".join(item.itertext()) for item in picture.iter("li")]


def test_the_page_shows_the_sizes_of_the_elmo_that_is_really_there(open_page: OpenPage) -> None:
    app = open_page("how_it_works")
    assert errors(app) == []
    sizes = tables(app)[wording.SIZES_TABLE].set_index("Part")["ELMo mini"]
    options = json.loads(BUNDLED_OPTIONS.read_text(encoding="utf-8"))
    assert sizes[wording.CELLS] == f"{options['lstm']['dim']:,}"
    assert sizes[wording.FILTERS] == f"{sum(num for _, num in options['char_cnn']['filters']):,}"


def test_without_a_model_the_text_is_there_and_says_what_is_missing(open_page: OpenPage) -> None:
    app = open_page("how_it_works")
    assert [info.value for info in app.info] == [wording.NO_RUN]
    assert wording.ELMO in [each.value for each in app.markdown]
    assert not app.get("vega_lite_chart")


def test_the_sentence_of_a_link_is_drawn_by_the_models_and_typing_draws_another(open_page: OpenPage, add_run: AddRun) -> None:
    app = open_page("how_it_works", run=add_run(arms=("basic",)).id, sentence="<b>horible</b> film")
    assert errors(app) == []
    [tokens] = pictures(app, "tokens")
    unknown = [item.findtext("b") for item in tokens.iter("li") if item.get("class") == "unknown"]
    assert "horible" in unknown
    assert "film" not in unknown
    app.text_input(key=live.KEY).set_value("a good film").run()
    static, detectors = pictures(app, "strips")  # no ELMo: no layers
    assert labels(static) == ["a", "good", "film"]
    assert labels(detectors) == ["a", "good", "film", wording.POOLED["average"]]
    assert list(tables(app)[wording.ANSWERS_TABLE]["Model"]) == ["Basic"]
    app.text_input(key=live.KEY).set_value(" ").run()
    assert errors(app) == []
    assert wording.EMPTY in [each.value for each in app.caption]


@pytest.mark.usefixtures("loaded_elmo")
def test_a_run_with_elmo_shows_its_three_layers_and_what_they_make_of_a_word_that_comes_twice(
    open_page: OpenPage, add_run: AddRun
) -> None:
    app = open_page("how_it_works", run=add_run().id)
    assert errors(app) == []
    assert app.text_input(key=live.KEY).value == SENTENCE
    titles = [picture.findtext("figcaption") for picture in pictures(app, "strips")]
    assert titles == [
        wording.static_title(50),
        wording.layer_title(0, 128, "2"),
        wording.layer_title(1, 256, "2"),
        wording.layer_title(2, 256, "2"),
        wording.head_title("basic"),
        wording.head_title("elmo"),
    ]
    assert [each.value for each in app.markdown if "stands here twice" in each.value]
    assert len(app.get("vega_lite_chart")) == 2


def test_the_pair_plot_is_of_the_run_and_the_text_counts_its_lines(
    open_page: OpenPage, add_run: AddRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "fill", lambda *_: None)  # no model is needed
    app = open_page("how_it_works", run=add_run(num_trials=3).id)
    assert errors(app) == []
    assert len(app.get("vega_lite_chart")) == 1
    pairs = tables(app)[wording.PAIRS_TABLE]
    num_up = int((pairs["ELMo"] > pairs["Basic"]).sum())
    assert [each.value for each in app.markdown if f"{num_up} of {len(pairs)} lines go up" in each.value]
