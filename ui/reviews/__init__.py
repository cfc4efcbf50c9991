"""The Reviews page: what the models read."""
