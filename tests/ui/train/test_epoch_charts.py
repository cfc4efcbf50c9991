"""Loss and accuracy per epoch."""

from __future__ import annotations

import pytest

from core.experiment.events import EpochFinished
from ui.train import epoch_charts
from ui.train.epoch_charts import Quantity

EPOCHS = [
    EpochFinished(0, "basic", 1, 25, 0.7, 0.5),
    EpochFinished(0, "basic", 2, 25, 0.6, 0.6),
    EpochFinished(0, "elmo", 1, 25, 0.5, 0.7),
]


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        ("loss", "Training loss by epoch: Basic 0.600 in epoch 2 of trial 1; ELMo 0.500 in epoch 1 of trial 1."),
        (
            "validation_accuracy",
            "Accuracy on validation reviews by epoch: Basic 60.0 % in epoch 2 of trial 1; ELMo 70.0 % in epoch 1 of trial 1.",
        ),
    ],
)
def test_the_chart_says_where_each_model_stands(quantity: Quantity, said: str) -> None:
    chart = epoch_charts.epoch_plot(EPOCHS, quantity, height=200).to_dict()
    assert chart["description"] == said
    assert {row["epoch"] for rows in chart["datasets"].values() for row in rows} == {1, 2}
