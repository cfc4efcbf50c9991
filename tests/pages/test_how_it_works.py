"""The page that explains."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from tests.pages.conftest import OpenPage
from tests.pages.html_tables import tables
from ui.how_it_works import wording
from ui.how_it_works.sections import BUNDLED_OPTIONS


def test_the_page_shows_the_sizes_of_the_elmo_that_is_really_there(open_page: OpenPage) -> None:
    app = open_page("how_it_works")
    assert not app.error
    sizes = tables(app)[wording.SIZES_TABLE].set_index("Part")["ELMo mini"]
    options = json.loads(BUNDLED_OPTIONS.read_text(encoding="utf-8"))
    assert sizes[wording.CELLS] == f"{options['lstm']['dim']:,}"
    assert sizes[wording.FILTERS] == f"{sum(num for _, num in options['char_cnn']['filters']):,}"


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
    example = tables(app)[wording.PAIRS_TABLE]
    assert (example["ELMo"] > example["Basic"]).sum() == 3  # as the text beside it says
