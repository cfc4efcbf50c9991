"""The page that explains."""

from __future__ import annotations

from tests.pages.conftest import OpenPage
from ui.explained import BUNDLED_OPTIONS


def test_the_page_shows_the_sizes_of_the_elmo_that_is_really_there(open_page: OpenPage) -> None:
    app = open_page("how_it_works")
    assert not app.error
    table = app.dataframe[0].value
    assert f'"dim": {table["ELMo mini"][2]}' in BUNDLED_OPTIONS.read_text(encoding="utf-8")
