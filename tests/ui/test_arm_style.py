"""Looks of arms: everybody's own, and drawn by every part of the interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from ui import arm_style
from ui.arm_style import _OF_ONES_OWN, LOOKS, look_of

UI = Path(__file__).resolve().parents[2] / "ui"


def test_no_two_arms_share_a_shape_or_a_colour() -> None:
    looks = [*LOOKS.values(), *_OF_ONES_OWN]
    for values in ([look.colour for look in looks], [look.shape for look in looks]):
        assert len(set(values)) == len(looks)


def test_arms_of_ones_own_keep_the_looks_that_they_have_and_take_free_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arm_style, "_taken", [])
    arm_style._own_look.cache_clear()
    names = ["wiki", "nnlm", "lower", "other"]
    looks = [look_of(name) for name in names]
    assert len(set(looks)) == len(names)
    assert [look_of(name) for name in names] == looks
    assert look_of("a fifth") in _OF_ONES_OWN


@pytest.mark.parametrize("sheet", ["duel.css", "word_rows.css"])
def test_every_shape_is_drawn_beside_words_too(sheet: str) -> None:
    style = (UI / "probe" / sheet).read_text(encoding="utf-8")
    shapes = {look.shape for look in (*LOOKS.values(), *_OF_ONES_OWN)} - {"square"}  # what a box is by itself
    assert {shape for shape in shapes if f".{shape} {{" not in style} == set()
