"""The page that explains."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.pages.conftest import OpenPage
from ui.explained import BUNDLED_OPTIONS


def test_the_page_shows_the_sizes_of_the_elmo_that_is_really_there(open_page: OpenPage) -> None:
    app = open_page("how_it_works")
    assert not app.error
    table = next(frame.value for frame in app.dataframe if "ELMo mini" in frame.value)
    assert f'"dim": {table["ELMo mini"][2]}' in BUNDLED_OPTIONS.read_text(encoding="utf-8")


def test_the_pictures_show_the_same_numbers_for_basic_other_ones_for_elmo_and_a_pair_plot_with_its_table(
    open_page: OpenPage,
) -> None:
    app = open_page("how_it_works")
    rows = [
        [["".join(cell.itertext()) for cell in row][1:] for row in ET.fromstring(picture.value)] for picture in app.main.html[:2]
    ]
    assert rows[0][0] == rows[0][1]
    assert rows[1][0] != rows[1][1]
    assert len(app.get("vega_lite_chart")) == 1
    assert (app.dataframe[0].value["elmo"] > app.dataframe[0].value["basic"]).sum() == 3  # as the text beside it says
