"""The sentences of the view of predictions; short labels stand at their widgets."""

from __future__ import annotations

NOTHING_YET = (
    "Compare two models of your own without training anything here: add a table with a column of texts, one of labels, and one "
    "for what each model said. It stays on this server, and the address of the page opens it again."
)
DIALOG_NOTE = (
    "Columns: the text, the label, and one for each model, with probabilities of “positive” from 0 to 1 or with labels. "
    "All other columns can be sliced by. CSV, TSV, Excel, JSON or Parquet, up to {most_mb} MB."
)
MODELS_HELP = "What each model said. With more than two, any two can be compared."
NO_GUESS = "Say which columns hold the texts, the labels and what the models said."

ACCURACY_TITLE = "Accuracy"
ACCURACY_TABLE = "Accuracy and its 95 % interval"
THRESHOLD_NOTE = "A probability above 50 % counts as “positive”."
AGREEMENT_TITLE = "Where the models agree"
AGREEMENT_HINT = "Click a cell to read its reviews."
CALIBRATION_TITLE = "Calibration"
CALIBRATION_NOTE = (
    "A well-calibrated model is right as often as it says: of the reviews that it calls positive with 80 %, 80 % are positive. "
    "Calibration error: how far the two are apart, on average. Brier score: mean squared distance from the truth; 0 is perfect, "
    "always saying 50 % gives 0.25."
)
LABELS_ONLY = "{models} gave labels, not probabilities, so there is no calibration of it."
LABELS_ONLY_BOTH = "Both models gave labels, not probabilities, so there is no calibration."
REVIEWS_TITLE = "Reviews"
NO_MATCH = "No review contains these words."
EMPTY_GROUP = "There is no review in this group."
REPORT_NOTE = "The report holds every chart and table of this page, with all slices. It opens without a network and prints well."


def without_probabilities(models: list[str]) -> str:
    """Why some models have no calibration; empty if all have one."""
    if not models:
        return ""
    return LABELS_ONLY_BOTH if len(models) > 1 else LABELS_ONLY.format(models=models[0])
