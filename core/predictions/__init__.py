"""Predictions of models that were trained elsewhere: a table of texts, labels and what each model said becomes a comparison."""
