"""Colours and shapes of the arms, and their titles in Vega."""

from __future__ import annotations

from core.experiment.config import ARM_TITLES

# Okabe and Ito's palette tells apart under every common colour blindness; the shapes tell the arms apart without any colour.
ARM_COLOURS = {"basic": "#0072B2", "elmo": "#D55E00", "elmo-alone": "#009E73"}
ARM_SHAPES = {"basic": "circle", "elmo": "square", "elmo-alone": "diamond"}
ARM_LABELS = " : ".join(f"datum.value == '{arm}' ? '{title}'" for arm, title in ARM_TITLES.items()) + " : datum.value"
