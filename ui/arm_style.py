"""Colours and shapes of the arms and, in grey, of the bag of words, and their titles in Vega."""

from __future__ import annotations

from core.experiment.config import BAG_OF_WORDS, MODEL_TITLES

# Okabe and Ito's palette tells apart under every common colour blindness; the shapes tell the arms apart without any colour.
ARM_COLOURS = {"basic": "#0072B2", "elmo": "#D55E00", "elmo-alone": "#009E73", BAG_OF_WORDS: "#8A9099"}
ARM_SHAPES = {"basic": "circle", "elmo": "square", "elmo-alone": "diamond", BAG_OF_WORDS: "triangle-up"}
ARM_LABELS = " : ".join(f"datum.value == '{arm}' ? '{title}'" for arm, title in MODEL_TITLES.items()) + " : datum.value"
