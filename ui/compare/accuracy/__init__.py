"""The view of accuracies, trial by trial."""
