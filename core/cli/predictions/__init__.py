"""The commands about predictions: those of a run or of exported models, and those of models that were trained elsewhere."""
