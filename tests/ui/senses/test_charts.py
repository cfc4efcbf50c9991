"""Charts of the Senses page: what is in them, and what stands in their alt texts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np

from core.senses.lessons import load_lessons
from core.senses.similarity import Projection
from core.senses.word_uses import find_uses
from ui.senses import charts
from ui.senses.sense_style import sense_colours, sense_shapes
from ui.widgets.charts import to_svg

LESSON = load_lessons()[0]
USES = find_uses(LESSON.word, LESSON.sentences)
NUM_USES = len(USES)


def rows(data: Any) -> list[dict[str, Any]]:
    """The rows of a chart's data."""
    found: list[dict[str, Any]] = data.to_dict("records")
    return found


def test_a_heat_map_has_a_cell_for_every_two_places_and_says_which_sentences_they_are() -> None:
    similarities = np.full((NUM_USES, NUM_USES), 0.6)
    similarities[0, 1], similarities[0, 2], similarities[0, 3] = 0.4567, 0.9968, 1
    cells = rows(charts.heat_map(similarities, USES, "1", lowest=0.4).layer[0].data)
    assert len(cells) == NUM_USES**2
    [cell] = [cell for cell in cells if (cell["y"], cell["x"]) == (1, 2)]
    assert cell["shown"] == ".46"
    assert [cell["shown"] for cell in cells if cell["y"] == 1 and cell["x"] in {3, 4}] == [">.99", "1"]  # 1 is for equal vectors
    assert cell["first"] == f"1, {USES[0].sense}: {USES[0].text}"
    assert cell["second"].startswith("2, ")


def test_cells_of_a_zero_vector_are_left_out() -> None:
    similarities = np.ones((NUM_USES, NUM_USES))
    similarities[2] = similarities[:, 2] = np.nan
    chart = charts.heat_map(similarities, USES, "static", lowest=0.4)
    assert len(rows(chart.layer[0].data)) == (NUM_USES - 1) ** 2
    assert "from 1.00 to 1.00" in chart.to_dict()["description"]


def test_the_colours_begin_at_the_lowest_similarity_of_any_layer_and_never_at_one() -> None:
    known, unknown = np.array([[1, 0.47], [0.47, 1]]), np.full((2, 2), np.nan)
    assert charts.lowest_similarity({"static": unknown, "1": known}) == 0.4
    assert charts.lowest_similarity({"static": np.ones((2, 2))}) == 0.9
    assert charts.lowest_similarity({"1": np.array([[1, -0.23], [-0.23, 1]])}) == -0.3


def test_the_map_names_the_variance_of_its_axes_and_rings_the_chosen_place() -> None:
    points = np.random.default_rng(0).normal(size=(NUM_USES, 2))
    chart = charts.sense_map(Projection(points, (0.51, 0.22)), USES, "2", chosen=3)
    axes = chart.to_dict()["layer"][0]["encoding"]
    assert "51 % of the variance" in axes["x"]["axis"]["title"]
    assert "22 % of the variance" in axes["y"]["axis"]["title"]
    assert axes["x"]["scale"]["domain"] == axes["y"]["scale"]["domain"]
    assert [point["number"] for point in rows(chart.data) if point["chosen"]] == [4]


def test_numbers_stand_beside_their_points_where_there_is_room() -> None:
    heap = np.array([(0.0, 0.0)] * (NUM_USES - 1) + [(1.0, 1.0)])
    svg = ET.fromstring(to_svg(charts.sense_map(Projection(heap, (0.5, 0.5)), USES, "2", chosen=3)))
    numbers = [
        each for each in svg.iter() if each.tag.endswith("text") and each.get("font-weight") == "bold" and each.get("opacity")
    ]
    told = {"".join(number.itertext()) for number in numbers}
    assert {"4", str(NUM_USES)} <= told
    assert len(told) < NUM_USES


def test_no_two_senses_of_a_lesson_look_the_same_even_without_colours() -> None:
    for lesson in load_lessons():
        senses = [sentence.sense for sentence in lesson.sentences]
        assert len(set(sense_shapes(senses).values())) == len(set(sense_colours(senses).values())) == len(set(senses))
