"""Strips of colour, read back as pixels."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

from ui.how_it_works.heat_strips import NEGATIVE, POSITIVE, coloured, figure, to_png

VALUES = np.array([[2.0, -2.0, 0.0], [0.0, 0.0, 1.0]], np.float32)


def test_the_sign_is_the_colour_and_the_size_is_how_opaque_it_is() -> None:
    image = coloured(VALUES)
    assert tuple(image[0, 0]) == (*POSITIVE, 255)
    assert tuple(image[0, 1]) == (*NEGATIVE, 255)
    assert image[0, 2, 3] == 0
    assert 0 < image[8, 2, 3] < 255  # the second row
    assert not image[7, :, 3].any()  # a gap below each


def test_an_unknown_word_is_blank() -> None:
    assert not coloured(np.zeros((2, 5), np.float32))[..., 3].any()


def test_other_programs_read_the_same_pixels_from_the_file() -> None:
    image = coloured(VALUES)
    with Image.open(io.BytesIO(to_png(image))) as read:
        np.testing.assert_array_equal(np.asarray(read), image)


def test_words_stay_text_and_marked_ones_stand_out() -> None:
    drawn = ET.fromstring(figure("A & B", ["<b>", "film"], VALUES, alt='two "rows"', halves=("left", "right"), marked=[1]))
    assert [(item.text, item.get("class")) for item in drawn.iter("li")] == [("<b>", None), ("film", "marked")]
    assert drawn.findtext("figcaption") == "A & B"
    picture = next(drawn.iter("img"))
    assert picture.get("alt") == 'two "rows"'
    data = base64.b64decode((picture.get("src") or "").removeprefix("data:image/png;base64,"))
    assert data == to_png(coloured(VALUES))
