"""Files that leave the program: a run as JSON, its models with their card, the split of a dataset and the draws of a run."""
