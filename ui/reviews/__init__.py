"""The Reviews page: the datasets, as the models read them."""
