"""The tour: a banner above the pages, whose links lead from step to step."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.files import ROOT
from tests.pages.conftest import OpenPage, errors, page_links
from ui.app import tour
from ui.probe import live

LAST = len(tour.STEPS)


def banner(app: AppTest) -> str:
    """The text of the step that is shown; empty without a tour."""
    return next((each.value for each in app.markdown if f" of {LAST} · " in each.value), "")


def ways(app: AppTest) -> dict[str, dict[str, list[str]]]:
    """The links of the banner with the parameters of where they lead."""
    protos = [link.proto for link in page_links(app)]
    return {link.label: parse_qs(link.query_string) for link in protos if link.label in ("Back", "Next") and not link.disabled}


def test_nobody_is_shown_a_tour_that_they_have_not_asked_for(open_page: OpenPage) -> None:
    app = open_page()
    assert banner(app) == ""
    [link] = [link.proto for link in app.get("page_link") if link.proto.label == tour.TOUR]
    assert parse_qs(link.query_string) == {"tour": ["1"]}


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_every_step_leads_to_its_neighbours(open_page: OpenPage, number: int) -> None:
    step = tour.STEPS[number - 1]
    assert (ROOT / step.page).is_file()
    app = open_page("how_it_works", tour=str(number))  # a quick page: the banner stands above all of them
    assert banner(app) == f"**{number} of {LAST} · {step.title}.** {step.text}"
    leads = {label: int(parameters["tour"][0]) for label, parameters in ways(app).items()}
    assert leads == {
        label: neighbour for label, neighbour in (("Back", number - 1), ("Next", number + 1)) if 1 <= neighbour <= LAST
    }
    assert errors(app) == []


def test_another_page_and_a_link_without_the_step_go_on_with_the_tour_until_its_end(open_page: OpenPage) -> None:
    app = open_page(tour="3")
    app.query_params.clear()
    app.switch_page("pages/how_it_works.py").run()
    assert banner(app).startswith(f"**3 of {LAST}")
    assert app.query_params["tour"] in ("3", ["3"])
    app.button(key="tour_end").click().run()
    assert banner(app) == ""
    assert "tour" not in app.query_params
    assert banner(app.run()) == ""


@pytest.mark.parametrize("written", ["0", str(LAST + 1), "-1", "two", ""])
def test_a_step_that_is_not_there_shows_no_tour(open_page: OpenPage, written: str) -> None:
    app = open_page("how_it_works", tour=written)
    assert banner(app) == ""
    assert errors(app) == []


def test_the_step_about_teaching_opens_its_tab() -> None:
    [parameters] = [step.parameters for step in tour.STEPS if step.parameters]
    assert parameters == {live.TAB: live.TEACH}


def test_how_it_works_begins_the_tour(open_page: OpenPage) -> None:
    leads = [parse_qs(link.proto.query_string) for link in page_links(open_page("how_it_works"))]
    assert leads.count({"tour": ["1"]}) == 1
